//! Named, typed columns: the one shape results take before they are written.
//!
//! A [`Schema`] says what a table is: its name, and for every column a name, a kind, a meaning and
//! a unit. A [`Table`] is a schema with rows. The two are separate because the largest tables (one
//! row per run) never exist as a whole: they pass as a series of tables that share one schema, each
//! a chunk of rows, and the writer joins them into one file.
//!
//! Rows are stored column by column. Every constructor checks its input, so a table that exists has
//! columns of equal length whose kinds are those of its schema.

mod error;

use std::fmt;
use std::sync::Arc;

pub use error::TableError;

/// What the cells of a column hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Unicode text; the empty text means no value.
    Text,
    /// A whole number; every cell has a value.
    Integer,
    /// A double; NaN means no value.
    Number,
    /// True, false or no value.
    Truth,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Kind::Text => "text",
            Kind::Integer => "integer",
            Kind::Number => "number",
            Kind::Truth => "truth",
        })
    }
}

/// The description of one column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// The column's name, as in the header line; unique within its table.
    pub name: String,
    /// What the cells hold.
    pub kind: Kind,
    /// What the column means, in words, for a reader who has only the file.
    pub meaning: String,
    /// What the column is called, for people, if it has a title.
    pub title: Option<String>,
    /// The unit of the numbers, if they have one.
    pub unit: Option<String>,
}

impl Field {
    /// A column of the given kind, without a unit.
    pub fn new(name: impl Into<String>, kind: Kind, meaning: impl Into<String>) -> Field {
        Field { name: name.into(), kind, meaning: meaning.into(), title: None, unit: None }
    }

    /// A column of text.
    pub fn text(name: impl Into<String>, meaning: impl Into<String>) -> Field {
        Field::new(name, Kind::Text, meaning)
    }

    /// A column of whole numbers.
    pub fn integer(name: impl Into<String>, meaning: impl Into<String>) -> Field {
        Field::new(name, Kind::Integer, meaning)
    }

    /// A column of doubles.
    pub fn number(name: impl Into<String>, meaning: impl Into<String>) -> Field {
        Field::new(name, Kind::Number, meaning)
    }

    /// A column of truth values.
    pub fn truth(name: impl Into<String>, meaning: impl Into<String>) -> Field {
        Field::new(name, Kind::Truth, meaning)
    }

    /// The same column with a unit; without one if it is empty.
    #[must_use]
    pub fn with_unit(mut self, unit: impl Into<String>) -> Field {
        self.unit = Some(unit.into()).filter(|unit| !unit.is_empty());
        self
    }

    /// The same column with a title; without one if it is empty.
    #[must_use]
    pub fn with_title(mut self, title: impl Into<String>) -> Field {
        self.title = Some(title.into()).filter(|title| !title.is_empty());
        self
    }
}

/// What a name that stands in cells (an outcome, a variable, an arm) means to people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// The name.
    pub name: String,
    /// A line in plain words; may be empty.
    pub title: String,
    /// The unit of its numbers; may be empty.
    pub unit: String,
}

/// Names that stand in cells: what they are (`outcomes`, `variables`, `arms`), and their labels.
pub type Labels = (&'static str, Vec<Label>);

/// What a table is, apart from its rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schema {
    name: String,
    description: String,
    fields: Vec<Field>,
    labels: Vec<Labels>,
}

impl Schema {
    /// A schema ready to be shared by many chunks of rows.
    ///
    /// `name` becomes a file name and an identifier in `datapackage.json`, hence it is made of
    /// lower-case ASCII letters, digits, `-` and `_`, and starts with a letter.
    ///
    /// # Errors
    ///
    /// [`TableError::BadName`], [`TableError::NoColumns`], [`TableError::NamelessColumn`] or
    /// [`TableError::RepeatedColumn`].
    pub fn new(
        name: impl Into<String>,
        description: impl Into<String>,
        fields: Vec<Field>,
    ) -> Result<Arc<Schema>, TableError> {
        let name = name.into();
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_';
        if !name.starts_with(|c: char| c.is_ascii_lowercase()) || !name.chars().all(plain) {
            return Err(TableError::BadName { table: name });
        }
        if fields.is_empty() {
            return Err(TableError::NoColumns { table: name });
        }
        if let Some(column) = fields.iter().position(|field| field.name.is_empty()) {
            return Err(TableError::NamelessColumn { table: name, column });
        }
        // Sorted, since a table of outcomes by many parameters may have hundreds of columns.
        let mut names: Vec<&str> = fields.iter().map(|field| field.name.as_str()).collect();
        names.sort_unstable();
        let repeated = names.windows(2).find(|pair| pair[0] == pair[1]).map(|pair| pair[0]);
        if let Some(column) = repeated.map(str::to_owned) {
            return Err(TableError::RepeatedColumn { table: name, column });
        }
        Ok(Arc::new(Schema { name, description: description.into(), fields, labels: Vec::new() }))
    }

    /// The same with labels of names that stand in cells; names without title and unit are left
    /// out, and kinds without names.
    #[must_use]
    pub fn labelled(&self, labels: &[Labels]) -> Arc<Schema> {
        let told = |label: &&Label| !(label.title.is_empty() && label.unit.is_empty());
        let kept = labels
            .iter()
            .map(|(kind, all)| (*kind, all.iter().filter(told).cloned().collect::<Vec<Label>>()));
        let labels = kept.filter(|(_, all)| !all.is_empty()).collect();
        Arc::new(Schema { labels, ..self.clone() })
    }

    /// The table's name: `outcomes` is written to `outcomes.csv`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What the table holds and what one row of it stands for.
    pub fn description(&self) -> &str {
        &self.description
    }

    /// Labels of names that stand in cells.
    pub fn labels(&self) -> &[Labels] {
        &self.labels
    }

    /// The columns in the order in which they are written; never empty.
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }
}

/// The cells of one column, top to bottom.
#[derive(Debug, Clone, PartialEq)]
pub enum Cells {
    /// Cells of a [`Kind::Text`] column.
    Text(Vec<String>),
    /// Cells of a [`Kind::Integer`] column.
    Integer(Vec<i64>),
    /// Cells of a [`Kind::Number`] column; NaN means no value.
    Number(Vec<f64>),
    /// Cells of a [`Kind::Truth`] column; `None` means no value.
    Truth(Vec<Option<bool>>),
}

impl Cells {
    /// No cells of the given kind.
    pub fn empty(kind: Kind) -> Cells {
        match kind {
            Kind::Text => Cells::Text(Vec::new()),
            Kind::Integer => Cells::Integer(Vec::new()),
            Kind::Number => Cells::Number(Vec::new()),
            Kind::Truth => Cells::Truth(Vec::new()),
        }
    }

    /// What the cells hold.
    pub fn kind(&self) -> Kind {
        match self {
            Cells::Text(_) => Kind::Text,
            Cells::Integer(_) => Kind::Integer,
            Cells::Number(_) => Kind::Number,
            Cells::Truth(_) => Kind::Truth,
        }
    }

    /// How many cells there are.
    pub fn len(&self) -> usize {
        match self {
            Cells::Text(cells) => cells.len(),
            Cells::Integer(cells) => cells.len(),
            Cells::Number(cells) => cells.len(),
            Cells::Truth(cells) => cells.len(),
        }
    }

    /// Whether there is no cell.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// A column with its description and its cells: how small tables are put together.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// What the column is.
    pub field: Field,
    /// Its cells; their kind must be the field's.
    pub cells: Cells,
}

impl Column {
    /// A column; whether field and cells agree is checked by [`Table::of`].
    pub fn new(field: Field, cells: Cells) -> Column {
        Column { field, cells }
    }
}

/// A schema with rows: a whole table, or one chunk of a table too large to hold.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    schema: Arc<Schema>,
    columns: Vec<Cells>,
    rows: usize,
}

impl Table {
    /// Rows under a schema; `columns[k]` are the cells of `schema.fields()[k]`.
    ///
    /// # Errors
    ///
    /// [`TableError::ColumnCount`], [`TableError::WrongKind`] or [`TableError::UnequalLengths`].
    pub fn new(schema: &Arc<Schema>, columns: Vec<Cells>) -> Result<Table, TableError> {
        let table = || schema.name.clone();
        if columns.len() != schema.fields.len() {
            let (expected, found) = (schema.fields.len(), columns.len());
            return Err(TableError::ColumnCount { table: table(), expected, found });
        }
        let rows = columns.first().map_or(0, Cells::len);
        for (field, cells) in schema.fields.iter().zip(&columns) {
            let column = || field.name.clone();
            if cells.kind() != field.kind {
                let (expected, found) = (field.kind, cells.kind());
                let (table, column) = (table(), column());
                return Err(TableError::WrongKind { table, column, expected, found });
            }
            if cells.len() != rows {
                let (expected, found) = (rows, cells.len());
                let (table, column) = (table(), column());
                return Err(TableError::UnequalLengths { table, column, expected, found });
            }
        }
        Ok(Table { schema: Arc::clone(schema), columns, rows })
    }

    /// Tables of one schema below each other.
    ///
    /// # Errors
    ///
    /// Those of [`Table::new`], if a table has another schema.
    pub fn stacked(schema: &Arc<Schema>, tables: &[Table]) -> Result<Table, TableError> {
        let mut columns: Vec<Cells> =
            schema.fields.iter().map(|field| Cells::empty(field.kind)).collect();
        for table in tables {
            if table.columns.len() != columns.len() {
                let (expected, found) = (columns.len(), table.columns.len());
                return Err(TableError::ColumnCount {
                    table: schema.name.clone(),
                    expected,
                    found,
                });
            }
            for (column, (more, field)) in
                columns.iter_mut().zip(table.columns.iter().zip(&schema.fields))
            {
                match (column, more) {
                    (Cells::Text(all), Cells::Text(more)) => all.extend(more.iter().cloned()),
                    (Cells::Integer(all), Cells::Integer(more)) => all.extend(more),
                    (Cells::Number(all), Cells::Number(more)) => all.extend(more),
                    (Cells::Truth(all), Cells::Truth(more)) => all.extend(more),
                    (_, more) => {
                        let (table, column) = (schema.name.clone(), field.name.clone());
                        let (expected, found) = (field.kind, more.kind());
                        return Err(TableError::WrongKind { table, column, expected, found });
                    }
                }
            }
        }
        Table::new(schema, columns)
    }

    /// A whole table at once, its schema taken from the columns.
    ///
    /// # Errors
    ///
    /// Those of [`Schema::new`] and [`Table::new`].
    pub fn of(
        name: impl Into<String>,
        description: impl Into<String>,
        columns: Vec<Column>,
    ) -> Result<Table, TableError> {
        let (fields, cells) =
            columns.into_iter().map(|column| (column.field, column.cells)).unzip();
        Table::new(&Schema::new(name, description, fields)?, cells)
    }

    /// What the table is.
    pub fn schema(&self) -> &Arc<Schema> {
        &self.schema
    }

    /// The number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// All columns in order, each of [`Table::rows`] cells.
    pub fn columns(&self) -> impl Iterator<Item = (&Field, &Cells)> {
        self.schema.fields.iter().zip(&self.columns)
    }

    /// The cells of the column called `name`, if there is one.
    pub fn column(&self, name: &str) -> Option<&Cells> {
        self.columns().find(|(field, _)| field.name == name).map(|(_, cells)| cells)
    }
}

#[cfg(test)]
mod tests;
