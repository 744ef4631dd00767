//! What a sweep takes: with how many threads it is played, and whether it is at all.

use super::units::Size;
use super::{Manifest, Sweep};
use crate::experiment::memory::{Excess, Memory, Need};
use crate::experiment::need::block;
use crate::model::Arm;
use crate::record::Layout;
use crate::summary::{Detail, Quantity, size};

/// What would take less.
const HELP: &str = "sweep fewer variants at a time, or fewer outcomes or points of a list";
/// A row of results: texts with their heap, numbers; and of outcomes without its numbers.
const ROW: u64 = 1_000;
const RUN_ROW: u64 = 120;
/// What plans get at least.
const PLANS: u64 = 16 << 20;

/// How large runs and points of a sweep are.
pub(super) fn sizes(arm: &Arm, arms: usize, layout: &Layout, per_run: bool) -> Size {
    let (arms, outcomes) = (arms as u64, layout.outcomes.len() as u64);
    let quantities = Quantity::all(layout).len() as u64;
    Size {
        run: arms * (8 * outcomes + RUN_ROW),
        point: arms * (2 * arm.bytes() as u64 + quantities * ROW),
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
    fn one_point(&self) -> u64 {
        let arms = self.arms.len() as u64;
        let (quantities, runs) = (Quantity::all(&self.layout), self.manifest.runs);
        let detail = Detail::of(self.arms.len() * quantities.len(), runs);
        let samples: u64 = quantities.iter().map(|q| size::sample(detail, runs, q.zero_one)).sum();
        let number = quantities.len() as u64;
        let survival = self.layout.first.iter().filter(|first| **first).count() as u64;
        arms * (samples + survival * size::survival(self.layout.rounds as u64) + number * ROW)
            + (arms - 1) * number * size::series(detail, runs)
            + size::bootstrap(detail, runs, 1)
    }

    /// What is held of a unit at a time, by component: its points, its runs, rows of runs.
    fn held(&self) -> [u64; 3] {
        let (points, runs) = self.units.held();
        let kept = self.units.cut() || self.manifest.per_run;
        let all = block(&self.layout, runs) * self.arms.len() as u64 * points;
        // rows are made, joined with others and written
        let rows = if kept { 3 * (all + runs * points * self.arms() * RUN_ROW) } else { 0 };
        [points * self.size.point + self.one_point(), 2 * all, rows]
    }

    /// How many of so many threads there is memory for, each of which works on a unit of its own,
    /// and how many bytes plans may take; the latter does not depend on threads.
    ///
    /// # Errors
    /// [`Excess`] if there is not enough for a single one.
    pub(super) fn threads(&self, memory: Memory, most: usize) -> Result<(usize, u64), Excess> {
        let [points, runs, rows] = self.held();
        let need = |threads: u64| {
            let own = Need::program("", usize::try_from(threads).unwrap_or(usize::MAX));
            let fixed = self.fixed().with("plans", 1, PLANS);
            let held = fixed.with("points", threads, points).with("runs", threads, runs);
            held.with("rows", threads, rows).with("threads", 1, own.total())
        };
        need(1).check(memory, HELP)?;
        // threads get a quarter of what is left, plans the rest
        let left = self.fixed().left(memory);
        let of_threads = |threads: usize| need(threads as u64).total() - need(0).total();
        let fits = |threads: &usize| of_threads(*threads) <= left / 4;
        let plans = (left - left / 4).min(left.saturating_sub(of_threads(1)));
        Ok(((1..=most).rev().find(fits).unwrap_or(1), plans))
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
