//! Why an experiment has no results.

use std::fmt;

use rayon::ThreadPoolBuildError;

use super::memory::Excess;
use crate::output::OutputError;
use crate::table::TableError;

/// Why an experiment has no results.
#[derive(Debug)]
pub enum Error {
    /// There is nothing to play.
    NoArms,
    /// The threads could not be started.
    Threads(ThreadPoolBuildError),
    /// The outcomes do not make a table: two share a name, or one is called like a key column.
    Table(TableError),
    /// A file could not be written; the error names the files that were finished before.
    Output(OutputError),
    /// It would take more memory than it may.
    Memory(Excess),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::NoArms => f.write_str("there is no arm to play"),
            Error::Threads(reason) => write!(f, "threads cannot be started: {reason}"),
            Error::Table(error) => error.fmt(f),
            Error::Output(error) => error.fmt(f),
            Error::Memory(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Error::Table(error) => Some(error),
            Error::Output(error) => Some(error),
            Error::Threads(error) => Some(error),
            Error::Memory(error) => Some(error),
            Error::NoArms => None,
        }
    }
}

impl From<ThreadPoolBuildError> for Error {
    fn from(error: ThreadPoolBuildError) -> Error {
        Error::Threads(error)
    }
}

impl From<TableError> for Error {
    fn from(error: TableError) -> Error {
        Error::Table(error)
    }
}

impl From<OutputError> for Error {
    fn from(error: OutputError) -> Error {
        Error::Output(error)
    }
}

impl From<Excess> for Error {
    fn from(error: Excess) -> Error {
        Error::Memory(error)
    }
}
