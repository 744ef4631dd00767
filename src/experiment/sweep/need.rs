//! What a sweep takes: with how many threads it is played, and whether it is at all.

use super::units::Size;
use super::{Manifest, Sweep};
use crate::experiment::memory::{Excess, Memory, Need};
use crate::experiment::need::block;
use crate::model::Arm;
use crate::plan::Plan;
use crate::record::Layout;
use crate::summary::{Detail, size};

/// What would take less.
const HELP: &str = "sweep fewer variants at a time, or fewer outcomes or points of a list";
/// A row of results: texts with their heap, numbers; and of outcomes without its numbers.
const ROW: u64 = 1_000;
const RUN_ROW: u64 = 120;
/// Plans that are kept for later points take at most about so much, those in use aside.
pub(super) const PLANS: u64 = 128 << 20;

/// How large runs and points of a sweep are.
pub(super) fn sizes(arm: &Arm, arms: usize, layout: &Layout, per_run: bool) -> Size {
    let (arms, outcomes) = (arms as u64, layout.outcomes.len() as u64);
    Size {
        run: arms * (8 * outcomes + RUN_ROW),
        point: arms * (2 * arm.bytes() as u64 + outcomes * ROW),
        per_run,
    }
}

/// What a list of points takes, which is kept as it was read.
fn list(manifest: &Manifest) -> u64 {
    const WORD: u64 = 56;
    let columns = manifest.list.iter().flatten();
    3 * columns.map(|(_, values)| WORD * values.len() as u64).sum::<u64>()
}

impl Sweep<'_> {
    /// What it takes beside what each thread takes.
    fn fixed(&self) -> Need {
        Need::program(&self.manifest.text, 0).with("list of points", 1, list(self.manifest))
    }

    /// What the estimates of a point take while they are made.
    fn point(&self) -> u64 {
        let (arms, outcomes) = (self.arms.len() as u64, self.layout.outcomes.len() as u64);
        let runs = self.manifest.runs;
        let detail = Detail::of(self.arms.len() * self.layout.outcomes.len(), runs);
        let few = self.layout.zero_one.iter().filter(|zero_one| **zero_one).count() as u64;
        let wide = (outcomes - few) * size::sample(detail, runs, false);
        let pairs = (arms - 1) * outcomes;
        arms * (wide + few * size::sample(detail, runs, true) + outcomes * ROW)
            + pairs * size::paired(detail, runs)
            + size::bootstrap(pairs, detail, runs)
    }

    /// What is held of a unit at a time, by component: its points, its runs, rows of runs.
    fn held(&self) -> [u64; 3] {
        let (points, runs) = self.units.held();
        let kept = self.units.cut() || self.manifest.per_run;
        let all = block(&self.layout, runs) * self.arms.len() as u64 * points;
        // rows are made, joined with others and written
        let rows = if kept { 3 * (all + runs * points * self.arms() * RUN_ROW) } else { 0 };
        [points * self.size.point + self.point(), 2 * all, rows]
    }

    /// How many of so many threads there is memory for; each works on a unit of its own. Results
    /// do not depend on it.
    ///
    /// # Errors
    /// [`Excess`] if there is none for a single one.
    pub(super) fn threads(&self, memory: Memory, most: usize) -> Result<usize, Excess> {
        let first = self.space.arm(&self.values(0), self.arms.first().copied().flatten());
        let plan = first.map(|arm| Plan::new(self.model, &arm)).unwrap_or_default();
        let (own, frames) = (plan.bytes() as u64, plan.frames() as u64);
        let kept = (own * (super::lanes::KEPT * self.arms.len()) as u64).min(PLANS + own);
        let [points, runs, rows] = self.held();
        let need = |threads: u64| {
            self.fixed()
                .with("plans kept", 1, kept)
                .with("plans being carried out", threads, own + frames)
                .with("points", threads, points)
                .with("runs", threads, runs)
                .with("rows", threads, rows)
        };
        need(1).check(memory, HELP)?;
        let fits = |threads: &usize| need(*threads as u64).total() <= memory.bytes();
        Ok((1..=most).rev().find(fits).unwrap_or(1))
    }

    /// Whether there is memory to play this and to put it together.
    ///
    /// # Errors
    /// [`Excess`] if there is not.
    pub fn admit(&self, memory: Memory) -> Result<(), Excess> {
        self.threads(memory, 1)?;
        self.admit_merge(memory)
    }

    /// Whether there is memory to put its parts together.
    ///
    /// # Errors
    /// [`Excess`] if there is not.
    pub fn admit_merge(&self, memory: Memory) -> Result<(), Excess> {
        let [points, runs, rows] = self.held();
        let need = self.fixed().with("points", 2, points).with("runs", 1, runs);
        need.with("parts", 1, rows).check(memory, HELP)
    }
}
