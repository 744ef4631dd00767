//! Why a verb has no result.

use std::fmt;

use crate::catalog::CatalogError;
use crate::diagnostic::{Diagnostics, clip, nearest};
use crate::experiment::{self, SweepError};
use crate::meta::MetaError;
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
    /// A file that was named or the run that leads to a game is at fault; the message says where.
    Fault(String),
    /// It cannot be played: too much memory or work, a file that cannot be written.
    Play(experiment::Error),
    /// Claims cannot be judged.
    Claims(crate::claims::Error),
    /// There is no game between postures.
    Meta(MetaError),
    /// A sweep cannot be begun.
    Sweep(SweepError),
    /// A folder cannot be written.
    Output(OutputError),
    /// A history cannot be weighed.
    Evidence(crate::evidence::Error),
    /// Somebody asked to stop before anything could be said.
    Stopped(String),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Catalog(error) => error.fmt(f),
            Error::Diagnostics(error) => error.fmt(f),
            Error::Unknown(text)
            | Error::Request(text)
            | Error::Fault(text)
            | Error::Stopped(text) => f.write_str(text),
            Error::Play(error) => error.fmt(f),
            Error::Claims(error) => error.fmt(f),
            Error::Meta(error) => error.fmt(f),
            Error::Sweep(error) => error.fmt(f),
            Error::Output(error) => error.fmt(f),
            Error::Evidence(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Error::Catalog(error) => Some(error),
            Error::Diagnostics(error) => Some(error),
            Error::Unknown(_) | Error::Request(_) | Error::Fault(_) | Error::Stopped(_) => None,
            Error::Play(error) => Some(error),
            Error::Claims(error) => Some(error),
            Error::Meta(error) => Some(error),
            Error::Sweep(error) => Some(error),
            Error::Output(error) => Some(error),
            Error::Evidence(error) => Some(error),
        }
    }
}

/// An error that is one of the causes above.
macro_rules! causes {
    ($($cause:ty = $variant:ident,)*) => {$(
        impl From<$cause> for Error {
            fn from(error: $cause) -> Error {
                Error::$variant(error)
            }
        }
    )*};
}

causes! {
    CatalogError = Catalog,
    Diagnostics = Diagnostics,
    experiment::Error = Play,
    crate::claims::Error = Claims,
    MetaError = Meta,
    SweepError = Sweep,
    OutputError = Output,
    crate::evidence::Error = Evidence,
}

impl Error {
    /// That there is no such thing among those that are known.
    pub(crate) fn no<'a>(
        kind: &str,
        name: &str,
        known: impl Iterator<Item = &'a str> + Clone,
    ) -> Error {
        let all = || format!("there are {}", known.clone().collect::<Vec<_>>().join(", "));
        let help = nearest(name, known.clone()).unwrap_or_else(all);
        Error::Unknown(format!("there is no {kind} `{}`; {help}", clip(name)))
    }
}
