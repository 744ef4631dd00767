//! Why a sweep cannot be begun, go on, or be put together.

use std::fmt;
use std::path::PathBuf;

use rayon::ThreadPoolBuildError;

use crate::design::DesignError;
use crate::diagnostic::Diagnostic;
use crate::experiment::Fault;
use crate::output::OutputError;
use crate::plan::PlanError;
use crate::table::TableError;

/// Why a sweep cannot be begun, go on, or be put together.
#[derive(Debug)]
pub enum SweepError {
    /// The manifest asks for what cannot be.
    Manifest(String),
    /// These cannot be varied.
    Faults(Vec<Fault>),
    /// What is set in every arm is wrong.
    Settings(Vec<Diagnostic>),
    /// Nothing varies.
    Empty,
    /// A grid needs to know how many values this has.
    NoLevels(String),
    /// There is no variant of this name.
    NoVariant(String),
    /// The variant varies, and arms are asked for too.
    TwoVariants,
    /// A list has rows only.
    ListAndMore,
    /// There is no such design.
    Design(DesignError),
    /// Planning a point takes more than it may.
    Plan(PlanError),
    /// The results do not make a table.
    Table(TableError),
    /// The threads could not be started.
    Threads(ThreadPoolBuildError),
    /// A file could not be read or written.
    Output(OutputError),
    /// These parts belong to another sweep, or to one that was cut differently.
    Foreign(Vec<PathBuf>),
    /// These shards, and so many units of theirs, are missing.
    Missing {
        /// The shards, ascending.
        shards: Vec<u64>,
        /// How many units are missing.
        units: u64,
        /// Parts that are there and damaged.
        damaged: Vec<PathBuf>,
    },
}

/// Shard numbers as job schedulers write them: `0,3-5`.
pub fn ranges(numbers: &[u64]) -> String {
    let mut words: Vec<String> = Vec::new();
    let mut rest = numbers;
    while let Some(first) = rest.first() {
        let length = rest.iter().zip(*first..).take_while(|(n, k)| *n == k).count();
        let last = first + length as u64 - 1;
        words.push(if length == 1 { first.to_string() } else { format!("{first}-{last}") });
        rest = &rest[length..];
    }
    words.join(",")
}

fn paths(list: &[PathBuf]) -> String {
    const SHOWN: usize = 5;
    let shown: Vec<String> = list.iter().take(SHOWN).map(|p| p.display().to_string()).collect();
    match list.len().saturating_sub(SHOWN) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

impl fmt::Display for SweepError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SweepError::Manifest(why) => f.write_str(why),
            SweepError::Faults(_) => f.write_str("this cannot be varied"),
            SweepError::Settings(list) => {
                let all: Vec<&str> = list.iter().map(|d| d.message.as_str()).collect();
                write!(f, "this cannot be set: {}", all.join("; "))
            }
            SweepError::Empty => f.write_str(
                "nothing varies; write --vary \"name=lo:hi:n\", or --uncertain for everything that \
                 the scenario declares uncertain, or name one of its experiments",
            ),
            SweepError::NoLevels(axis) => write!(
                f,
                "a grid needs to know how many values `{axis}` has; write `lo:hi:n`, or take the \
                 design sobol, lhs or random"
            ),
            SweepError::NoVariant(name) => write!(f, "the scenario has no variant `{name}`"),
            SweepError::TwoVariants => f.write_str(
                "the variant is varied already; leave --variant and --all-variants away",
            ),
            SweepError::ListAndMore => f.write_str(
                "a list holds all values of its points; leave --vary and --uncertain away, or add \
                 columns to the list",
            ),
            SweepError::Design(error) => error.fmt(f),
            SweepError::Plan(error) => error.fmt(f),
            SweepError::Table(error) => error.fmt(f),
            SweepError::Threads(reason) => write!(f, "threads cannot be started: {reason}"),
            SweepError::Output(error) => error.fmt(f),
            SweepError::Foreign(list) => {
                write!(
                    f,
                    "of another sweep, or of one cut differently: {}; move them away, or choose \
                     another folder",
                    paths(list)
                )
            }
            SweepError::Missing { shards, units, damaged } => {
                let words = if shards.len() == 1 { "shard" } else { "shards" };
                let (parts, are) = if *units == 1 { ("part", "is") } else { ("parts", "are") };
                write!(f, "{units} {parts} of {words} {} {are} missing", ranges(shards))?;
                match damaged.is_empty() {
                    true => Ok(()),
                    false => write!(f, "; of these, damaged: {}", paths(damaged)),
                }
            }
        }
    }
}

impl std::error::Error for SweepError {}

impl From<ThreadPoolBuildError> for SweepError {
    fn from(error: ThreadPoolBuildError) -> SweepError {
        SweepError::Threads(error)
    }
}

impl From<OutputError> for SweepError {
    fn from(error: OutputError) -> SweepError {
        SweepError::Output(error)
    }
}

impl From<PlanError> for SweepError {
    fn from(error: PlanError) -> SweepError {
        SweepError::Plan(error)
    }
}

impl From<TableError> for SweepError {
    fn from(error: TableError) -> SweepError {
        SweepError::Table(error)
    }
}

impl From<DesignError> for SweepError {
    fn from(error: DesignError) -> SweepError {
        SweepError::Design(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shards_are_named_as_schedulers_do() {
        assert_eq!(ranges(&[0, 3, 4, 5, 9]), "0,3-5,9");
        assert_eq!(ranges(&[]), "");
    }
}
