//! Scenarios played out many times: the arms of one scenario side by side, on all cores.
//!
//! [`run`] cuts the runs into blocks of [`BLOCK`], plays them on as many threads as asked for, and
//! folds them in run order into a [`Summary`] and the files of a run, so that nothing depends on
//! the number of threads.

mod error;
mod memory;
mod need;
mod play;
mod report;
mod space;
mod sweep;
#[cfg(test)]
mod tests;

pub use error::Error;
pub use memory::{Excess, Memory, Need};
pub use need::Budget;
pub use play::{Fold, play, play_from};
pub use report::{FailureReport, Report};
pub use space::{Axis, Fault, SWITCH, Space, Value};
pub use sweep::{
    DesignKind, Extreme, Manifest, Merged, Rest, Size, State, Sweep, SweepError, Unit, Units,
    ranges,
};

use crate::model::{Arm, Model};
use crate::output::{Folder, TableWriter};
use crate::record::{Block, Layout};
use crate::reference::{self, Game};
use crate::rng::Seed;
use crate::summary::{BATCH, Schemas, Summary, place};
use crate::table::{Table, TableError};

/// Runs are played and folded in multiples of so many, the last ones aside.
pub const BLOCK: usize = BATCH;

/// What to play.
#[derive(Clone, Debug)]
pub struct RunSpec<'a> {
    /// The scenario.
    pub model: &'a Model,
    /// Its text, for the places of failures.
    pub source: &'a str,
    /// The arms; others are compared with the first.
    pub arms: Vec<Arm>,
    /// How many runs of each arm.
    pub runs: u64,
    /// Where random numbers come from.
    pub seed: Seed,
    /// Whether arms have random numbers of their own ([`Seed::for_arm`]) instead of sharing them.
    pub independent: bool,
    /// Whether `outcomes.csv`, with one row per run, is written.
    pub per_run: bool,
    /// How many threads; all cores if absent.
    pub threads: Option<usize>,
    /// Whether the plain interpreter plays instead of the engine: the same bytes, slowly.
    pub plain: bool,
    /// How much memory may be taken. Results do not depend on it.
    pub budget: Budget,
}

impl RunSpec<'_> {
    /// The games of all arms, in order.
    pub fn games(&self) -> Vec<Game<'_>> {
        let seed = |number: u64| match number {
            0 => self.seed,
            _ if !self.independent => self.seed,
            _ => self.seed.for_arm(number),
        };
        (0..)
            .zip(&self.arms)
            .map(|(k, arm)| Game { model: self.model, arm, seed: seed(k) })
            .collect()
    }

    /// What the runs of all arms leave behind.
    pub fn layout(&self) -> Layout {
        let rounds = self.arms.iter().map(|arm| arm.rounds).max().unwrap_or(0);
        reference::layout(self.model, rounds)
    }
}

/// Who looks on while runs are played; called from several threads.
pub trait Watch: Sync {
    /// So many more runs of one arm are done; at the end there were runs times arms.
    fn advanced(&self, runs: u64);
    /// Whether to stop early. What is finished is kept.
    fn stop(&self) -> bool;
}

/// Nobody looks on.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unwatched;

impl Watch for Unwatched {
    fn advanced(&self, _: u64) {}

    fn stop(&self) -> bool {
        false
    }
}

/// Plays all runs of all arms and writes the files of a run into `folder`, if there is one; the
/// caller finishes the folder, with [`Report::notes`] among its notes.
///
/// The same specification gives the same report and the same bytes for any number of threads. If
/// `watch` asks to stop, everything is made from the runs that are done, a prefix of all runs, the
/// same for every arm, and [`Report::interrupted`] is set.
///
/// # Errors
/// [`Error::Output`] when a file cannot be written; then no more runs are played. [`Error::Table`]
/// if an outcome has the name of a key column. [`Error::NoArms`]; [`Error::Threads`] if threads
/// cannot be started; [`Error::Memory`] before anything is played.
pub fn run(
    spec: &RunSpec,
    folder: Option<&mut Folder>,
    watch: &dyn Watch,
) -> Result<Report, Error> {
    if spec.arms.is_empty() {
        return Err(Error::NoArms);
    }
    let need = spec.need();
    need.check(spec.budget.memory, need::HELP)?;
    let layout = spec.layout();
    let schemas = Schemas::new(&layout)?;
    let names: Vec<String> = spec.arms.iter().map(|arm| arm.name.clone()).collect();
    let mut files = folder.map(|f| Files::begin(f, &schemas, spec)).transpose()?;
    let mut summary = Summary::new(layout, &names, spec.runs);
    let layout = summary.layout.clone();
    let (summary_of, files_of) = (&mut summary, &mut files);
    let fold =
        Keep { summary: summary_of, files: files_of, schemas: &schemas, names: &names, spec };
    let interrupted = play::play_within(spec, &layout, 0, &need, watch, fold)?;
    let results = play::pool(spec.threads)?.install(|| summary.results(spec.seed));
    if let Some(mut files) = files {
        finish(files.outcomes)?;
        write(&mut files.summary, || schemas.summary(&results, 0))?;
        finish(files.summary)?;
        write(&mut files.histogram, || schemas.histogram(&results, 0))?;
        finish(files.histogram)?;
        write(&mut files.differences, || schemas.differences(&results, 0))?;
        finish(files.differences)?;
        for (arm, rounds) in summary.stretches(layout.variables.len()) {
            write(&mut files.trajectory, || schemas.trajectory(&summary, arm, rounds, 0))?;
        }
        finish(files.trajectory)?;
        for (arm, rounds) in summary.stretches(layout.options.len()) {
            write(&mut files.moves, || schemas.moves(&summary, arm, rounds, 0))?;
        }
        finish(files.moves)?;
        finish(files.failures)?;
    }
    Ok(report::report(spec, &summary, results, interrupted))
}

/// Runs go into a summary and, one by one, into the files that have a row for each.
struct Keep<'a> {
    summary: &'a mut Summary,
    files: &'a mut Option<Files>,
    schemas: &'a Schemas,
    names: &'a [String],
    spec: &'a RunSpec<'a>,
}

impl Fold for Keep<'_> {
    fn rounds(&mut self, arm: usize, blocks: &[&Block]) {
        self.summary.follow(arm, blocks);
    }

    fn runs(&mut self, blocks: &[Vec<Block>]) -> Result<(), Error> {
        self.summary.count(blocks);
        let Some(files) = self.files else { return Ok(()) };
        let find = |byte: usize| place(self.spec.source, byte);
        blocks.iter().try_for_each(|arms| {
            write(&mut files.outcomes, || self.schemas.outcomes(self.names, 0, arms))?;
            write(&mut files.failures, || self.schemas.failures(self.names, 0, arms, &find))
        })
    }
}

/// The files of a run while they are open; absent ones are not written.
struct Files {
    outcomes: Option<TableWriter>,
    summary: Option<TableWriter>,
    histogram: Option<TableWriter>,
    differences: Option<TableWriter>,
    trajectory: Option<TableWriter>,
    moves: Option<TableWriter>,
    failures: Option<TableWriter>,
}

impl Files {
    /// Opens all files before anything is played, so that trouble shows at once.
    fn begin(folder: &mut Folder, schemas: &Schemas, spec: &RunSpec) -> Result<Files, Error> {
        let mut open = |schema, wanted: bool| {
            if wanted { folder.table(schema).map(Some) } else { Ok(None) }
        };
        Ok(Files {
            outcomes: open(&schemas.outcomes, spec.per_run)?,
            summary: open(&schemas.summary, true)?,
            histogram: open(&schemas.histogram, true)?,
            differences: open(&schemas.differences, spec.arms.len() > 1)?,
            trajectory: open(&schemas.trajectory, true)?,
            moves: open(&schemas.moves, true)?,
            failures: open(&schemas.failures, true)?,
        })
    }
}

/// Appends rows to a file, if it is written at all.
fn write(
    file: &mut Option<TableWriter>,
    rows: impl FnOnce() -> Result<Table, TableError>,
) -> Result<(), Error> {
    match file {
        Some(writer) => Ok(writer.write(&rows()?)?),
        None => Ok(()),
    }
}

fn finish(file: Option<TableWriter>) -> Result<(), Error> {
    match file {
        Some(writer) => Ok(writer.finish()?),
        None => Ok(()),
    }
}
