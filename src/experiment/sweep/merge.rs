//! Parts to files.

use std::collections::BTreeSet;
use std::ops::Range;
use std::path::PathBuf;

use super::units::Rest;
use super::{Sweep, SweepError, Unit};
use crate::experiment::BLOCK;
use crate::output::{Folder, Found, Head, Part, Parts, TableWriter};
use crate::record::{Block, Failure};
use crate::table::{Cells, Table};

/// So many means are kept of an outcome, to see what moves it.
pub const KEPT: usize = 1024;
/// Points are put into `points.csv` so many at a time.
const CHUNK: u64 = 1024;

/// What has become of a sweep so far.
#[derive(Clone, Debug, Default)]
pub struct State {
    /// Units without a part.
    pub missing: Rest,
    /// Parts that are there and damaged; their units are among the missing.
    pub damaged: Vec<PathBuf>,
    /// Parts of another sweep, or of one that was cut differently; their units are missing unless
    /// another folder has them.
    pub foreign: Vec<PathBuf>,
    /// Runs of all arms in the units that are there.
    pub runs: u64,
}

/// Where an outcome's mean is least and greatest.
#[derive(Clone, Debug, PartialEq)]
pub struct Extreme {
    /// The arm.
    pub arm: String,
    /// The outcome.
    pub outcome: String,
    /// The least mean and the number of its point, then the greatest; absent without values.
    pub ends: Option<[(f64, u64); 2]>,
    /// The means and their standard errors at the first points that have one, by number, at most
    /// `KEPT` of them: every prefix of a design is spread evenly.
    pub means: Vec<(u64, f64, f64)>,
}

/// What a person wants to know about merged results.
#[derive(Clone, Debug, Default)]
pub struct Merged {
    /// Points that are in the files.
    pub points: u64,
    /// Failed runs.
    pub failed_runs: u64,
    /// Points at which an arm could not be made.
    pub failed_points: u64,
    /// Probabilities of events that were moved into \[0, 1\].
    pub clamped: u64,
    /// Rounds whose equilibria were played before they converged.
    pub unconverged: u64,
    /// The greatest residual among them.
    pub residual: f64,
    /// By arm and outcome, in the order of the first point.
    pub extremes: Vec<Extreme>,
}

impl Merged {
    /// Remarks for `datapackage.json`.
    pub fn notes(&self) -> Vec<(String, String)> {
        let mut notes = vec![("points".to_string(), self.points.to_string())];
        let mut note = |name: &str, n: u64, text: String| {
            if n > 0 {
                notes.push((name.to_string(), text));
            }
        };
        note("failed_runs", self.failed_runs, self.failed_runs.to_string());
        note("failed_points", self.failed_points, self.failed_points.to_string());
        note("clamped_probabilities", self.clamped, self.clamped.to_string());
        let text = format!("{}, residual at most {:e}", self.unconverged, self.residual);
        note("unconverged_rounds", self.unconverged, text);
        notes
    }

    fn add(&mut self, part: &Part) {
        let count = |name: &str| part.notes[name].as_u64().unwrap_or(0);
        self.failed_runs += count("failed_runs");
        self.failed_points += count("failed_points");
        self.clamped += count("clamped");
        self.unconverged += count("unconverged");
        self.residual = self.residual.max(part.notes["residual"].as_f64().unwrap_or(0.0));
    }

    /// Looks for the extremes among rows of `summary`.
    fn look(&mut self, summary: &Table) {
        let (Some(Cells::Text(arms)), Some(Cells::Integer(points))) =
            (summary.column("arm"), summary.column("point"))
        else {
            return;
        };
        let (Some(Cells::Text(outcomes)), Some(Cells::Number(means)), Some(Cells::Number(errors))) =
            (summary.column("outcome"), summary.column("mean"), summary.column("se"))
        else {
            return;
        };
        let mut guess = 0;
        for row in 0..summary.rows() {
            let same = |e: &Extreme| e.arm == arms[row] && e.outcome == outcomes[row];
            // Points have the same rows in the same order, unless the variant varies.
            let found = match self.extremes.get(guess) {
                Some(extreme) if same(extreme) => Some(guess),
                _ => self.extremes.iter().position(same),
            };
            let at = found.unwrap_or_else(|| {
                let (arm, outcome) = (arms[row].clone(), outcomes[row].clone());
                self.extremes.push(Extreme { arm, outcome, ends: None, means: Vec::new() });
                self.extremes.len() - 1
            });
            guess = (at + 1) % self.extremes.len();
            let (mean, point) = (means[row], points[row].unsigned_abs());
            if mean.is_nan() {
                continue;
            }
            if self.extremes[at].means.len() < KEPT {
                self.extremes[at].means.push((point, mean, errors[row]));
            }
            let [least, most] = self.extremes[at].ends.get_or_insert([(mean, point); 2]);
            if mean < least.0 {
                *least = (mean, point);
            }
            if mean > most.0 {
                *most = (mean, point);
            }
        }
    }
}

impl Sweep<'_> {
    /// What is there in these folders and what is not. Every part is read and checked.
    ///
    /// # Errors
    /// [`SweepError::Output`] if a file that is there cannot be read.
    pub fn state(&self, folders: &[Parts]) -> Result<State, SweepError> {
        let mut state = State::default();
        let count = self.units.count();
        let mut found = BTreeSet::new();
        for parts in folders {
            for unit in parts.units()? {
                match unit < count {
                    true => drop(found.insert(unit)),
                    // a unit that this sweep does not have
                    false => state.foreign.push(parts.path(unit)),
                }
            }
        }
        let mut there = Vec::new();
        for unit in found {
            if self.find(folders, unit, &mut state)?.is_some() {
                state.runs = state.runs.saturating_add(self.runs_of(unit));
                there.push(unit);
            }
        }
        state.missing = Rest::of(count, there);
        Ok(state)
    }

    /// What of a shard is there in a folder.
    ///
    /// # Errors
    /// [`SweepError::Output`] if a file that is there cannot be read.
    pub fn state_of(&self, shard: u64, parts: &Parts) -> Result<State, SweepError> {
        let (mut state, count) = (State::default(), self.units.count());
        let mut there = Vec::new();
        for unit in parts.units()? {
            let own = unit < count && self.units.shard_of(unit) == shard;
            if own && self.find(std::slice::from_ref(parts), unit, &mut state)?.is_some() {
                state.runs = state.runs.saturating_add(self.runs_of(unit));
                there.push(unit);
            }
        }
        state.missing = self.units.rest(shard, there);
        Ok(state)
    }

    /// The shards of missing units, ascending.
    pub fn shards_of(&self, missing: &Rest) -> Vec<u64> {
        let mut shards = BTreeSet::new();
        for unit in missing.iter() {
            shards.insert(self.units.shard_of(unit));
            if shards.len() as u64 == self.units.shards() {
                break;
            }
        }
        shards.into_iter().collect()
    }

    /// The part of a unit, from the first folder that has it whole.
    fn find(
        &self,
        folders: &[Parts],
        unit: u64,
        state: &mut State,
    ) -> Result<Option<Part>, SweepError> {
        let head: Head = self.head(unit);
        for parts in folders {
            match parts.read(&head)? {
                Found::Whole(part) => return Ok(Some(part)),
                Found::Missing => {}
                Found::Damaged => state.damaged.push(parts.path(unit)),
                Found::Foreign(_) => state.foreign.push(parts.path(unit)),
            }
        }
        Ok(None)
    }

    /// Puts parts together into the tables of a folder, which the caller finishes. With `partial`
    /// the points that are complete are enough.
    ///
    /// # Errors
    /// [`SweepError::Foreign`] and [`SweepError::Missing`] by name, before anything is written;
    /// [`SweepError::Output`].
    pub fn merge(
        &self,
        folders: &[Parts],
        folder: &mut Folder,
        partial: bool,
    ) -> Result<Merged, SweepError> {
        let state = self.state(folders)?;
        if !state.foreign.is_empty() {
            return Err(SweepError::Foreign(state.foreign));
        }
        if !state.missing.is_empty() && (!partial || state.runs == 0) {
            let shards = self.shards_of(&state.missing);
            let units = state.missing.len();
            return Err(SweepError::Missing { shards, units, damaged: state.damaged });
        }
        let mut files = Files::begin(self, folder)?;
        let mut merged = Merged::default();
        let slices = self.units.slices();
        let mut rest = state.missing.there();
        // those of a point, or of several whole ones, follow on each other
        while let Some(unit) = rest.first() {
            let first = unit - unit % slices;
            let own = rest.iter().take_while(|unit| **unit - first < slices).count();
            if own as u64 == slices {
                self.merge_points(folders, first, &mut files, &mut merged)?;
            }
            rest = &rest[own..];
        }
        files.finish()?;
        Ok(merged)
    }

    /// Puts whole points into the files: those of one unit, or one from the units of its runs, one
    /// unit after the other.
    fn merge_points(
        &self,
        folders: &[Parts],
        first: u64,
        files: &mut Files,
        merged: &mut Merged,
    ) -> Result<(), SweepError> {
        let Unit { points, .. } = self.units.unit(first);
        let mut summary = self.units.cut().then(|| self.summary(points.start));
        let names = self.arm_names(points.start);
        let playable = summary.is_some() && self.playable(points.start);
        for unit in first..first + self.units.slices() {
            let part = self.find(folders, unit, &mut State::default())?;
            let tables = part.as_ref().and_then(|part| part.tables(&self.part_schemas()));
            let (Some(part), Some(tables)) = (part, tables) else {
                // A part was there when all were checked and is not any more.
                let shards = vec![self.units.shard_of(unit)];
                return Err(SweepError::Missing { shards, units: 1, damaged: Vec::new() });
            };
            merged.add(&part);
            drop(part);
            // the tables of a unit of runs: outcomes and failures
            let two = tables.first().zip(tables.last());
            if let (Some(summary), Some((outcomes, failures))) = (&mut summary, two) {
                let failed = playable.then(|| failed_runs(failures));
                summary.add(&self.blocks_of(&names, outcomes, failed.as_deref()));
            }
            files.write(self, &tables, merged)?;
        }
        if let Some(mut summary) = summary {
            let (summary, differences) = self.estimates(points.start, &mut summary)?;
            let tables: Vec<Table> = [Some(summary), differences].into_iter().flatten().collect();
            files.write(self, &tables, merged)?;
        }
        files.points(self, points, merged)
    }
}

/// The files of a sweep while they are open; absent ones are not written.
struct Files {
    points: TableWriter,
    summary: TableWriter,
    differences: Option<TableWriter>,
    outcomes: Option<TableWriter>,
    failures: TableWriter,
}

impl Files {
    fn begin(sweep: &Sweep, folder: &mut Folder) -> Result<Files, SweepError> {
        let all = &sweep.schemas;
        Ok(Files {
            points: folder.table(&sweep.points)?,
            summary: folder.table(&all.summary)?,
            differences: match sweep.arms.len() {
                1 => None,
                _ => Some(folder.table(&all.differences)?),
            },
            outcomes: match sweep.manifest.per_run {
                false => None,
                true => Some(folder.table(&all.outcomes)?),
            },
            failures: folder.table(&all.failures)?,
        })
    }

    /// Writes points that are whole.
    fn points(
        &mut self,
        sweep: &Sweep,
        points: Range<u64>,
        merged: &mut Merged,
    ) -> Result<(), SweepError> {
        merged.points += points.end - points.start;
        for first in points.clone().step_by(CHUNK as usize) {
            let chunk = first..(first + CHUNK).min(points.end);
            self.points.write(&sweep.points_table(chunk)?)?;
        }
        Ok(())
    }

    /// Writes tables to their files, by name.
    fn write(
        &mut self,
        sweep: &Sweep,
        tables: &[Table],
        merged: &mut Merged,
    ) -> Result<(), SweepError> {
        for table in tables {
            let name = table.schema().name();
            if name == sweep.schemas.summary.name() {
                merged.look(table);
                self.summary.write(table)?;
            } else if name == sweep.schemas.failures.name() {
                self.failures.write(table)?;
            } else if name == sweep.schemas.outcomes.name() {
                if let Some(writer) = &mut self.outcomes {
                    writer.write(table)?;
                }
            } else if let Some(writer) = &mut self.differences {
                writer.write(table)?;
            }
        }
        Ok(())
    }

    fn finish(self) -> Result<(), SweepError> {
        self.points.finish()?;
        self.summary.finish()?;
        for writer in [self.differences, self.outcomes].into_iter().flatten() {
            writer.finish()?;
        }
        Ok(self.failures.finish()?)
    }
}

impl Sweep<'_> {
    /// Blocks of all arms from rows of `outcomes`, which are ordered by run, then arm. `failed`
    /// holds arms and runs that failed, ascending by run; without it all did.
    fn blocks_of(
        &self,
        names: &[String],
        outcomes: &Table,
        failed: Option<&[(String, u64)]>,
    ) -> Vec<Vec<Block>> {
        let arms = self.arms.len();
        let runs = outcomes.rows() / arms;
        let first = match outcomes.column("run") {
            Some(Cells::Integer(all)) => all.first().map_or(0, |run| run.unsigned_abs()),
            _ => 0,
        };
        let mut blocks = Vec::new();
        for from in (0..runs).step_by(BLOCK) {
            let count = (runs - from).min(BLOCK);
            let one = |arm: usize| {
                let mut block = Block::new(&self.layout, first + from as u64, count);
                // The columns before are arm, point, run and what else is told of a run.
                let before = outcomes.columns().count() - self.layout.outcomes.len();
                for (outcome, (_, cells)) in outcomes.columns().skip(before).enumerate() {
                    let Cells::Number(values) = cells else { continue };
                    let rows = (from..from + count).map(|run| values[run * arms + arm]);
                    let own = &mut block.outcomes[outcome * count..(outcome + 1) * count];
                    own.iter_mut().zip(rows).for_each(|(x, value)| *x = value);
                }
                let runs = block.first..block.first + count as u64;
                block.failures = match failed {
                    None => runs.map(Failure::unsaid).collect(),
                    Some(failed) => {
                        let upto = |end: u64| failed.partition_point(|(_, run)| *run < end);
                        let here = &failed[upto(runs.start)..upto(runs.end)];
                        let own = here.iter().filter(|(name, _)| names.get(arm) == Some(name));
                        own.map(|(_, run)| Failure::unsaid(*run)).collect()
                    }
                };
                block
            };
            blocks.push((0..arms).map(one).collect());
        }
        blocks
    }
}

/// Arms and runs in rows of `failures`, ascending by run.
fn failed_runs(failures: &Table) -> Vec<(String, u64)> {
    match (failures.column("arm"), failures.column("run")) {
        (Some(Cells::Text(arms)), Some(Cells::Integer(runs))) => {
            arms.iter().cloned().zip(runs.iter().map(|run| run.unsigned_abs())).collect()
        }
        _ => Vec::new(),
    }
}
