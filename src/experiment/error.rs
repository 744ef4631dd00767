//! Why an experiment has no results.

use std::fmt;

use rayon::ThreadPoolBuildError;

use super::memory::Excess;
use crate::output::OutputError;
use crate::plan::PlanError;
use crate::table::TableError;

/// Why an experiment has no results.
#[derive(Debug)]
pub enum Error {
    /// More runs or rounds are asked for than may be, or fewer.
    Limit(String),
    /// There is nothing to play.
    NoArms,
    /// The threads could not be started.
    Threads(ThreadPoolBuildError),
    /// Planning an arm takes more than it may.
    Plan(PlanError),
    /// The outcomes do not make a table: two share a name, or one is called like a key column.
    Table(TableError),
    /// A file could not be written; the error names the files that were finished before.
    Output(OutputError),
    /// It would take more memory than it may.
    Memory(Excess),
}

impl Error {
    /// Whether it would take more memory than it may, to play or to plan.
    pub fn is_memory(&self) -> bool {
        matches!(self, Error::Memory(_) | Error::Plan(PlanError::Memory { .. }))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Limit(why) => f.write_str(why),
            Error::NoArms => f.write_str("there is no arm to play"),
            Error::Plan(error) => error.fmt(f),
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
            Error::Plan(error) => Some(error),
            Error::Threads(error) => Some(error),
            Error::Memory(error) => Some(error),
            Error::NoArms | Error::Limit(_) => None,
        }
    }
}

impl From<ThreadPoolBuildError> for Error {
    fn from(error: ThreadPoolBuildError) -> Error {
        Error::Threads(error)
    }
}

impl From<PlanError> for Error {
    fn from(error: PlanError) -> Error {
        Error::Plan(error)
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
