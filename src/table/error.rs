//! Why columns do not make a table.

use std::fmt;

use super::Kind;

/// Why columns do not make a table. Each of these is a mistake in the calling program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TableError {
    /// The table's name cannot be a file name everywhere.
    BadName {
        /// The name as given.
        table: String,
    },
    /// A table needs a column.
    NoColumns {
        /// The table's name.
        table: String,
    },
    /// A column has an empty name.
    NamelessColumn {
        /// The table's name.
        table: String,
        /// Its position, from 0.
        column: usize,
    },
    /// Two columns share a name.
    RepeatedColumn {
        /// The table's name.
        table: String,
        /// The shared name.
        column: String,
    },
    /// There are more or fewer columns of cells than the schema has fields.
    ColumnCount {
        /// The table's name.
        table: String,
        /// How many the schema has.
        expected: usize,
        /// How many were given.
        found: usize,
    },
    /// The cells are not of the kind the schema states.
    WrongKind {
        /// The table's name.
        table: String,
        /// The column's name.
        column: String,
        /// The kind in the schema.
        expected: Kind,
        /// The kind of the cells.
        found: Kind,
    },
    /// A column is longer or shorter than the first one.
    UnequalLengths {
        /// The table's name.
        table: String,
        /// The column's name.
        column: String,
        /// The length of the first column.
        expected: usize,
        /// The length of this one.
        found: usize,
    },
}

impl fmt::Display for TableError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TableError::BadName { table } => write!(
                f,
                "`{table}` cannot name a table: use lower-case letters, digits, `-` and `_`, \
                 beginning with a letter"
            ),
            TableError::NoColumns { table } => write!(f, "table `{table}` has no columns"),
            TableError::NamelessColumn { table, column } => {
                write!(f, "column {column} of table `{table}` has no name")
            }
            TableError::RepeatedColumn { table, column } => {
                write!(f, "table `{table}` has two columns called `{column}`")
            }
            TableError::ColumnCount { table, expected, found } => {
                write!(f, "table `{table}` has {expected} columns, but {found} were given")
            }
            TableError::WrongKind { table, column, expected, found } => {
                write!(f, "column `{column}` of table `{table}` holds {expected}, not {found}")
            }
            TableError::UnequalLengths { table, column, expected, found } => write!(
                f,
                "column `{column}` of table `{table}` has {found} rows where the first has \
                 {expected}"
            ),
        }
    }
}

impl std::error::Error for TableError {}
