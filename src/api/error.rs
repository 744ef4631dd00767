//! Why a verb has no result.

use std::fmt;

use crate::catalog::CatalogError;
use crate::diagnostic::Diagnostics;
use crate::experiment;
use crate::output::OutputError;

/// Why a verb has no result.
#[derive(Debug)]
pub enum Error {
    /// There is no such scenario, or its file cannot be read.
    Catalog(CatalogError),
    /// The scenario, or a setting, is wrong.
    Diagnostics(Diagnostics),
    /// The scenario has no variant, outcome, variable, claim or actor of that name; the message
    /// says which are near.
    Unknown(String),
    /// What is asked for makes no sense: no rounds, an arm that is not played.
    Request(String),
    /// It cannot be played: too much memory or work, a file that cannot be written.
    Play(experiment::Error),
    /// Claims cannot be judged.
    Claims(crate::claims::Error),
    /// A folder cannot be written.
    Output(OutputError),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Catalog(error) => error.fmt(f),
            Error::Diagnostics(error) => error.fmt(f),
            Error::Unknown(text) | Error::Request(text) => f.write_str(text),
            Error::Play(error) => error.fmt(f),
            Error::Claims(error) => error.fmt(f),
            Error::Output(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Error::Catalog(error) => Some(error),
            Error::Diagnostics(error) => Some(error),
            Error::Unknown(_) | Error::Request(_) => None,
            Error::Play(error) => Some(error),
            Error::Claims(error) => Some(error),
            Error::Output(error) => Some(error),
        }
    }
}

impl From<CatalogError> for Error {
    fn from(error: CatalogError) -> Error {
        Error::Catalog(error)
    }
}

impl From<Diagnostics> for Error {
    fn from(error: Diagnostics) -> Error {
        Error::Diagnostics(error)
    }
}

impl From<experiment::Error> for Error {
    fn from(error: experiment::Error) -> Error {
        Error::Play(error)
    }
}

impl From<crate::claims::Error> for Error {
    fn from(error: crate::claims::Error) -> Error {
        Error::Claims(error)
    }
}

impl From<OutputError> for Error {
    fn from(error: OutputError) -> Error {
        Error::Output(error)
    }
}
