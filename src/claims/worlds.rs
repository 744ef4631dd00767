//! Arms played in one world: as they are, with everybody at random, under a switch.

use super::column::Column;
use super::program::{Bound, Program};
use super::{Audience, Error, Spec};
use crate::diagnostic::place;
use crate::experiment::{self, BlockSink, FailureReport, Need, RunSpec, foreknown, learn, play};
use crate::model::{Arm, DecisionItem, Model, Override, Rule, Setting};
use crate::plan::Reach;
use crate::record::Block;
use crate::stats::bundle;

/// So many failures are kept.
const KEPT: usize = 5;

/// What went wrong on the way.
#[derive(Debug, Clone, Default)]
pub(super) struct FailureLog {
    pub failed: u64,
    pub failures: Vec<FailureReport>,
}

/// What makes every seat play at random, whatever its rule is: the placebo.
pub(super) fn random(model: &Model) -> Vec<Override> {
    let one = |actor| DecisionItem { actor: Some(actor), setting: Setting::Rule(Rule::Random) };
    model.actors().map(|actor| Override::Decision(one(actor))).collect()
}

/// The arms of a program, to be played in different worlds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Worlds<'a, 'm> {
    pub spec: &'a Spec<'m>,
    pub program: &'a Program<'m>,
    /// What is taken beside what playing takes.
    pub beside: &'a Need,
}

impl Worlds<'_, '_> {
    /// Plays all arms with `more` set on top and gives every statistic of the program as a
    /// column. `mark` is added to the names of arms in failures.
    ///
    /// # Errors
    /// See [`super::judge`].
    pub fn play(
        &self,
        more: &[Override],
        mark: &str,
        log: &mut FailureLog,
        watch: &dyn Audience,
    ) -> Result<Vec<Column>, Error> {
        let spec = self.spec;
        let arms = self.program.arms(&|variant, own| {
            let all: Vec<Override> = spec.set.iter().chain(more).chain(own).cloned().collect();
            Arm::new(spec.model, variant, &all)
        });
        self.columns(arms.map_err(Error::Arm)?, mark, log, watch)
    }

    /// The same for arms that are at hand, one for each arm.
    ///
    /// # Errors
    /// See [`super::judge`].
    pub fn columns(
        &self,
        mut arms: Vec<Arm>,
        mark: &str,
        log: &mut FailureLog,
        watch: &dyn Audience,
    ) -> Result<Vec<Column>, Error> {
        let spec = self.spec;
        let size = bundle(spec.runs);
        let statistics = &self.program.statistics;
        let of = |b: &Bound<'_>| Column::new(b.statistic.measured, b.kind, size);
        let mut columns: Vec<Column> = statistics.iter().map(of).collect();
        if arms.is_empty() {
            return Ok(columns);
        }
        for arm in &mut arms {
            arm.rounds = spec.rounds.unwrap_or(arm.rounds);
            arm.name.push_str(mark);
        }
        let run = spec.playing(arms, self.beside.clone());
        let layout = run.layout().outcomes_only();
        let (columns_of, row) = (&mut columns, Vec::new());
        let fold = Keep { run: &run, statistics, columns: columns_of, row, log };
        let stopped = play(&run, &layout, watch, fold)?;
        if stopped {
            return Err(Error::Stopped);
        }
        columns.iter_mut().for_each(Column::settle);
        Ok(columns)
    }
}

/// Runs go into columns.
struct Keep<'a, 'm> {
    run: &'a RunSpec<'a>,
    statistics: &'a [Bound<'m>],
    columns: &'a mut [Column],
    row: Vec<f64>,
    log: &'a mut FailureLog,
}

impl BlockSink for Keep<'_, '_> {
    fn planned(&mut self, reach: &[Vec<Reach>]) {
        let mut known = foreknown(self.run.model, &self.run.arms);
        learn(&mut known, reach, !self.run.independent);
        for (column, bound) in self.columns.iter_mut().zip(self.statistics) {
            column.learn(bound, &known);
        }
    }

    fn rounds(&mut self, _: usize, _: &[&Block]) -> Result<(), experiment::Error> {
        Ok(())
    }

    fn runs(&mut self, blocks: &[Vec<Block>]) -> Result<(), experiment::Error> {
        for blocks in blocks {
            let all: Vec<&Block> = blocks.iter().collect();
            for (column, bound) in self.columns.iter_mut().zip(self.statistics) {
                column.add(bound, &all, &mut self.row);
            }
            note(self.log, self.run, &all);
        }
        Ok(())
    }
}

/// Keeps the first failures of blocks of all arms.
fn note(log: &mut FailureLog, run: &RunSpec, blocks: &[&Block]) {
    for (block, arm) in blocks.iter().zip(&run.arms) {
        log.failed += block.failures.len() as u64;
        for failure in block.failures.iter().take(KEPT.saturating_sub(log.failures.len())) {
            log.failures.push(FailureReport {
                arm: arm.name.clone(),
                run: failure.run,
                round: failure.round,
                cell: failure.cell.clone(),
                byte: failure.offset,
                place: place(run.source, &run.model.files, failure.offset),
                reason: failure.reason.clone(),
            });
        }
    }
}
