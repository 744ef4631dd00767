//! Scenarios played out many times: the arms of one scenario side by side, on all cores.
//!
//! [`run`] cuts the runs into blocks of [`BLOCK`], plays them on as many threads as asked for, and
//! folds them in run order into a [`Summary`] and the files of a run, so that nothing depends on
//! the number of threads.

mod against;
mod error;
mod memory;
mod need;
mod plans;
mod play;
mod reading;
mod report;
mod rows;
mod space;
mod sweep;
#[cfg(test)]
mod tests;

pub use against::{AGAINST, Shared, against};
pub use error::Error;
pub use memory::{Excess, Memory, Need};
pub use need::Budget;
pub use plans::KeptPlans;
pub use play::{BlockSink, play, play_from};
pub(crate) use play::{PART, explained, pool, threads};
pub use reading::reads;
pub use report::{FailureReport, Report};
pub use rows::RowPlayer;
pub use space::{Axis, Fault, Free, SWITCH, Space, Value};
pub use sweep::{
    DesignKind, Extreme, Manifest, Merged, Mixed, Mixture, Rest, Size, State, Sweep, SweepError,
    Unit, Units, ranges,
};

use crate::diagnostic::place;
use crate::model::{Arm, Known, Model, Simulation};
use crate::output::{Folder, TableWriter};
use crate::plan::Reach;
use crate::record::{Block, Layout};
use crate::rng::Seed;
use crate::summary::{BATCH, Foreknown, Panel, Results, Schemas, Summary};
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
    /// The arms.
    pub arms: Vec<Arm>,
    /// The arm that others are compared with, by number.
    pub versus: usize,
    /// How many runs of each arm.
    pub runs: u64,
    /// Where random numbers come from.
    pub seed: Seed,
    /// Whether arms have random numbers of their own ([`Seed::for_arm`]) instead of sharing them.
    pub independent: bool,
    /// Whether `outcomes.csv`, with one row per run, is written.
    pub per_run: bool,
    /// The variables of `panel.csv`, with one row per run and round, by their numbers in the
    /// layout; no such file if absent.
    pub panel: Option<Vec<usize>>,
    /// How many threads; all cores if absent.
    pub threads: Option<usize>,
    /// Whether the plain interpreter plays instead of the engine: the same bytes, slowly.
    pub plain: bool,
    /// How much memory may be taken. Results do not depend on it.
    pub budget: Budget,
}

impl RunSpec<'_> {
    /// The games of all arms, in order.
    pub fn games(&self) -> Vec<Simulation<'_>> {
        let seed = |number: u64| match number {
            0 => self.seed,
            _ if !self.independent => self.seed,
            _ => self.seed.for_arm(number),
        };
        (0..)
            .zip(&self.arms)
            .map(|(k, arm)| Simulation { model: self.model, arm, seed: seed(k) })
            .collect()
    }

    /// What the runs of all arms leave behind.
    pub fn layout(&self) -> Layout {
        Layout::of(self.model, &self.arms)
    }
}

/// Who looks on while runs are played; called from several threads.
pub trait Progress: Sync {
    /// So many more runs of one arm are done; at the end there were runs times arms.
    fn advanced(&self, runs: u64);
    /// Whether to stop early; asked many times a second. What is finished is kept.
    fn stop(&self) -> bool;

    /// Where plans of this model wait for the next call, if somebody keeps them. Results do not
    /// depend on it.
    fn plans(&self, _: &Model) -> Option<&KeptPlans> {
        None
    }
}

/// Who looks on while work grows.
pub trait Audience: Progress {
    /// So many more runs of arms are going to be played.
    fn expects(&self, runs: u64);
}

/// Nobody looks on.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unwatched;

impl Progress for Unwatched {
    fn advanced(&self, _: u64) {}

    fn stop(&self) -> bool {
        false
    }
}

impl Audience for Unwatched {
    fn expects(&self, _: u64) {}
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
    watch: &dyn Progress,
) -> Result<Report, Error> {
    let play = |layout: &Layout, need: &Need, fold: Keep<'_>| {
        play::play_within(spec, layout, 0, need, watch, fold)
    };
    run_with(spec, folder, &|_| (), play)
}

/// [`run`] without a folder, with the tables that it would write there but for those with a row for
/// each run: `summary`, `histogram`, `differences` of several arms, `trajectory`, `moves`, and
/// `survival` where there is a `first` outcome.
///
/// # Errors
/// Those of [`run`].
pub fn run_tables(spec: &RunSpec, watch: &dyn Progress) -> Result<(Report, Vec<Table>), Error> {
    let play = |layout: &Layout, need: &Need, fold: Keep<'_>| {
        play::play_within(spec, layout, 0, need, watch, fold)
    };
    let mut made = Vec::new();
    let report = run_in(spec, (None, Some(&mut made)), &|_| (), play)?;
    Ok((report, made))
}

/// [`run`] of runs that `source` plays, given the layout, what all takes but plans, and where runs
/// go, in order; whether it was stopped before the end. `amend` has the last word on estimates.
///
/// # Errors
/// Those of [`run`] and of `source`.
pub(crate) fn run_with(
    spec: &RunSpec,
    folder: Option<&mut Folder>,
    amend: &(dyn Fn(&mut Results) + Sync),
    source: impl FnOnce(&Layout, &Need, Keep<'_>) -> Result<bool, Error>,
) -> Result<Report, Error> {
    run_in(spec, (folder, None), amend, source)
}

/// [`run_with`], with tables put into a list, if there is one.
fn run_in(
    spec: &RunSpec,
    (folder, made): (Option<&mut Folder>, Option<&mut Vec<Table>>),
    amend: &(dyn Fn(&mut Results) + Sync),
    source: impl FnOnce(&Layout, &Need, Keep<'_>) -> Result<bool, Error>,
) -> Result<Report, Error> {
    if spec.arms.is_empty() {
        return Err(Error::NoArms);
    }
    let need = spec.need();
    need.check(spec.budget.memory, need::HELP)?;
    let layout = spec.layout();
    let names: Vec<String> = spec.arms.iter().map(|arm| arm.name.clone()).collect();
    let schemas = Schemas::new(&layout)?.labelled(spec.model, &names)?;
    let panel = match &spec.panel {
        Some(variables) => Some(Panel::new(&layout, variables)?.labelled(spec.model, &names)?),
        None => None,
    };
    let timed = layout.first.contains(&true);
    let wanted = Wanted { panel: panel.as_ref(), timed };
    let mut files = folder.map(|f| Files::begin(f, &schemas, wanted, spec)).transpose()?;
    let mut summary = Summary::new(layout, &names, spec.runs);
    summary.versus = spec.versus;
    summary.known = foreknown(spec.model, &spec.arms);
    let layout = summary.layout.clone();
    let (summary_of, files_of) = (&mut summary, &mut files);
    let fold = Keep {
        summary: summary_of,
        files: files_of,
        schemas: &schemas,
        panel: panel.as_ref(),
        names: &names,
        spec,
    };
    let interrupted = source(&layout, &need, fold)?;
    let mut results = play::pool(spec.threads)?.install(|| summary.results(spec.seed));
    amend(&mut results);
    if let Some(made) = made {
        *made = tables(&schemas, &summary, &results, timed)?;
    }
    written(spec, (summary, results), (files, &schemas), interrupted)
}

/// What is made of all runs, as tables.
fn tables(
    schemas: &Schemas,
    summary: &Summary,
    results: &Results,
    timed: bool,
) -> Result<Vec<Table>, TableError> {
    let mut all = vec![schemas.summary(results, 0)?, schemas.histogram(results, 0)?];
    if results.arms.len() > 1 {
        all.push(schemas.differences(results, 0)?);
    }
    let moving = summary.moving();
    let rounds = summary.stretches(moving.len());
    let rows = rounds.map(|(arm, rounds)| schemas.trajectory(summary, &moving, arm, rounds, 0));
    all.push(Table::stacked(&schemas.trajectory, &rows.collect::<Result<Vec<_>, _>>()?)?);
    let rounds = summary.stretches(summary.layout.options.len());
    let rows = rounds.map(|(arm, rounds)| schemas.moves(summary, arm, rounds, 0));
    all.push(Table::stacked(&schemas.moves, &rows.collect::<Result<Vec<_>, _>>()?)?);
    if timed {
        all.push(schemas.survival(summary, 0)?);
    }
    Ok(all)
}

/// Writes what is made of all runs.
fn written(
    spec: &RunSpec,
    (summary, results): (Summary, Results),
    (files, schemas): (Option<Files>, &Schemas),
    interrupted: bool,
) -> Result<Report, Error> {
    let layout = &summary.layout;
    if let Some(mut files) = files {
        finish(files.outcomes)?;
        finish(files.panel)?;
        write(&mut files.summary, || schemas.summary(&results, 0))?;
        finish(files.summary)?;
        write(&mut files.histogram, || schemas.histogram(&results, 0))?;
        finish(files.histogram)?;
        write(&mut files.differences, || schemas.differences(&results, 0))?;
        finish(files.differences)?;
        let moving = summary.moving();
        for (arm, rounds) in summary.stretches(moving.len()) {
            let rows = || schemas.trajectory(&summary, &moving, arm, rounds, 0);
            write(&mut files.trajectory, rows)?;
        }
        if let Some(writer) = &mut files.trajectory {
            writer.describe("constant", constants(&summary));
        }
        finish(files.trajectory)?;
        for (arm, rounds) in summary.stretches(layout.options.len()) {
            write(&mut files.moves, || schemas.moves(&summary, arm, rounds, 0))?;
        }
        finish(files.moves)?;
        write(&mut files.survival, || schemas.survival(&summary, 0))?;
        finish(files.survival)?;
        finish(files.failures)?;
    }
    Ok(report::report(spec, &summary, results, interrupted))
}

/// What is known of the outcomes of all arms before they are played, by arm, then outcome.
pub(crate) fn foreknown(model: &Model, arms: &[Arm]) -> Vec<Vec<Foreknown>> {
    let of = |arm: &Arm| {
        let known = Known::new(model, arm);
        let each = model.outcomes.iter();
        each.map(|o| Foreknown { range: known.range(o), ..Foreknown::default() }).collect()
    };
    arms.iter().map(of).collect()
}

/// Adds what plans say; signatures mean something only if arms share their random numbers.
pub(crate) fn learn(known: &mut [Vec<Foreknown>], reach: &[Vec<Reach>], shared: bool) {
    for (known, reach) in known.iter_mut().flatten().zip(reach.iter().flatten()) {
        known.drawn = reach.drawn;
        known.signature = shared.then_some(reach.signature);
    }
}

/// The variables that the trajectory leaves out, with their values.
fn constants(summary: &Summary) -> serde_json::Value {
    let all = summary.constants().into_iter().map(|(variable, value)| {
        serde_json::json!({ "name": summary.layout.variables[variable], "value": value })
    });
    all.collect()
}

/// Runs go into a summary and, one by one, into the files that have a row for each.
pub(crate) struct Keep<'a> {
    summary: &'a mut Summary,
    files: &'a mut Option<Files>,
    schemas: &'a Schemas,
    panel: Option<&'a Panel>,
    names: &'a [String],
    spec: &'a RunSpec<'a>,
}

impl BlockSink for Keep<'_> {
    fn planned(&mut self, reach: &[Vec<Reach>]) {
        learn(&mut self.summary.known, reach, !self.spec.independent);
    }

    fn rounds(&mut self, arm: usize, blocks: &[&Block]) -> Result<(), Error> {
        self.summary.follow(arm, blocks);
        let writer = self.files.as_mut().and_then(|files| files.panel.as_mut());
        let (Some(panel), Some(writer)) = (self.panel, writer) else { return Ok(()) };
        for block in blocks {
            panel
                .rows(&self.names[arm], 0, block)
                .try_for_each(|rows| -> Result<(), Error> { Ok(writer.write(&rows?)?) })?;
        }
        Ok(())
    }

    fn runs(&mut self, blocks: &[Vec<Block>]) -> Result<(), Error> {
        self.summary.count(blocks);
        let Some(files) = self.files else { return Ok(()) };
        let find = |byte: usize| place(self.spec.source, &self.spec.model.files, byte);
        blocks.iter().try_for_each(|arms| {
            write(&mut files.outcomes, || self.schemas.outcomes(self.names, 0, arms))?;
            write(&mut files.failures, || self.schemas.failures(self.names, 0, arms, &find))
        })
    }
}

/// Which tables there are besides those of every run.
struct Wanted<'a> {
    /// Every round of every run.
    panel: Option<&'a Panel>,
    /// Times until something happens: there is a `first` outcome.
    timed: bool,
}

/// The files of a run while they are open; absent ones are not written.
struct Files {
    outcomes: Option<TableWriter>,
    panel: Option<TableWriter>,
    summary: Option<TableWriter>,
    histogram: Option<TableWriter>,
    differences: Option<TableWriter>,
    trajectory: Option<TableWriter>,
    moves: Option<TableWriter>,
    survival: Option<TableWriter>,
    failures: Option<TableWriter>,
}

impl Files {
    /// Opens all files before anything is played, so that trouble shows at once.
    fn begin(
        folder: &mut Folder,
        schemas: &Schemas,
        Wanted { panel, timed }: Wanted<'_>,
        spec: &RunSpec,
    ) -> Result<Files, Error> {
        let mut open = |schema, wanted: bool| {
            if wanted { folder.table(schema).map(Some) } else { Ok(None) }
        };
        Ok(Files {
            outcomes: open(&schemas.outcomes, spec.per_run)?,
            panel: match panel {
                Some(panel) => open(panel.schema(), true)?,
                None => None,
            },
            summary: open(&schemas.summary, true)?,
            histogram: open(&schemas.histogram, true)?,
            differences: open(&schemas.differences, spec.arms.len() > 1)?,
            trajectory: open(&schemas.trajectory, true)?,
            moves: open(&schemas.moves, true)?,
            survival: open(&schemas.survival, timed)?,
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
