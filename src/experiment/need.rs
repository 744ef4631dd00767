//! What playing takes: blocks on their way, summaries of arms, and everything beside.

use super::memory::{Excess, Memory, Need};
use super::play::{self, threads};
use super::{BLOCK, Error, RunSpec};
use crate::model::Arm;
use crate::plan::Plan;
use crate::record::Layout;
use crate::summary::{Detail, size};

/// What may be taken while runs are played, and what the caller takes beside.
#[derive(Clone, Debug, Default)]
pub struct Budget {
    /// All that may be taken.
    pub memory: Memory,
    /// What is taken by the caller.
    pub beside: Need,
}

impl From<Memory> for Budget {
    fn from(memory: Memory) -> Budget {
        Budget { memory, beside: Need::default() }
    }
}

/// What would take less, where arms are played.
pub(super) const HELP: &str = "play fewer variants or rounds at a time, or a scenario with fewer \
                               variables and outcomes";

/// Bytes of a block of this many runs.
pub(super) fn block(layout: &Layout, runs: u64) -> u64 {
    let rounds = layout.rounds.saturating_mul(layout.variables.len() * 8 + layout.seats * 2);
    let per_run = rounds.saturating_add(layout.outcomes.len() * 8 + 4);
    runs.saturating_mul(per_run as u64)
}

impl RunSpec<'_> {
    /// What [`super::play`] takes to play this, its plans aside, whose size is not known before
    /// they are made.
    pub(super) fn playing(&self, layout: &Layout) -> Need {
        let (arms, threads) = (self.arms.len() as u64, threads(self.threads));
        let runs = self.runs.min(BLOCK as u64);
        let outcomes = Layout { rounds: 0, ..layout.clone() };
        let ahead = play::ahead(layout, threads) as u64 + 1;
        let own: u64 = self.arms.iter().map(|arm| arm.bytes() as u64).sum();
        Need::program(self.source, threads)
            .with("runs on their way", ahead + ahead / 4, block(layout, runs))
            .with("outcomes of a block", 2 * arms, block(&outcomes, runs))
            .with("arms", 1, own)
            .and(&self.budget.beside)
    }

    /// Whether there is memory to play this for its outcomes alone, plans aside; `help` says what
    /// would take less.
    ///
    /// # Errors
    /// [`Excess`] if there is not.
    pub fn admit_outcomes(&self, help: &'static str) -> Result<(), Excess> {
        self.playing(&self.layout().outcomes_only()).check(self.budget.memory, help)
    }

    /// What [`super::run`] takes: an upper bound where outcomes have a usual spread, the plans of
    /// arms aside.
    pub fn need(&self) -> Need {
        let layout = self.layout();
        let (arms, runs) = (self.arms.len() as u64, self.runs);
        let outcomes = layout.outcomes.len() as u64;
        let detail = Detail::of(layout.outcomes.len().saturating_mul(self.arms.len()), runs);
        let few = layout.zero_one.iter().filter(|zero_one| **zero_one).count() as u64;
        let (wide, flag) = (size::sample(detail, runs, false), size::sample(detail, runs, true));
        let differences = arms.saturating_sub(1).saturating_mul(outcomes);
        let rounds = layout.rounds as u64;
        // what happened is 0 or 1
        let events = self.model.hazards.len() as u64;
        let variables = layout.variables.len() as u64;
        let each = variables.saturating_sub(events) * size::point(runs, false)
            + variables.min(events) * size::point(runs, true);
        self.playing(&layout)
            .with("trajectories", arms * rounds, each)
            .with("moves", arms * rounds, 8 * layout.options.len() as u64 + 8)
            .with("outcomes", arms, (outcomes - few) * wide + few * flag)
            .with("differences", differences, size::paired(detail, runs))
            .with("resamples", 1, size::bootstrap(differences, detail, runs))
            .with("results", arms * outcomes, size::result())
    }

    /// Whether there is memory to [`super::run`] this.
    ///
    /// # Errors
    /// [`Excess`] if there is not.
    pub fn admit(&self) -> Result<(), Excess> {
        self.need().check(self.budget.memory, HELP)
    }
}

/// The plans of arms, made some at a time, as long as there is memory for all of them.
///
/// # Errors
/// [`Error::Memory`] if there is not.
pub(super) fn plans<'a>(
    arms: &[&'a Arm],
    need: &Need,
    (memory, threads): (Memory, usize),
    make: impl Fn(&[&'a Arm]) -> Vec<Plan>,
) -> Result<Vec<Plan>, Error> {
    let mut plans: Vec<Plan> = Vec::with_capacity(arms.len());
    let (mut bytes, mut frames) = (0_u64, 0);
    for some in arms.chunks(threads.max(1)) {
        let made = make(some);
        bytes += made.iter().map(|plan| plan.bytes() as u64).sum::<u64>();
        frames = made.iter().map(|plan| plan.frames() as u64).fold(frames, u64::max);
        plans.extend(made);
        let each = bytes / plans.len().max(1) as u64;
        need.clone()
            .with("plans", arms.len() as u64, each)
            .with("numbers of runs being played", threads as u64, frames)
            .check(memory, HELP)?;
    }
    Ok(plans)
}
