//! What playing takes: blocks on their way, summaries of arms, and everything beside.

use super::memory::{Excess, Memory, Need};
use super::plans::Ready;
use super::play::{self, threads};
use super::{BLOCK, RunSpec};
use crate::record::Layout;
use crate::summary::{Detail, Quantity, size};

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
    let (rounds, outcomes) = (layout.rounds as u64, layout.outcomes.len() as u64);
    let each = 8 * layout.variables.len() as u64 + 2 * layout.seats as u64;
    let drawn = 2 * (layout.types.len() + layout.levels.len()) as u64;
    let per_run = rounds.saturating_mul(each).saturating_add(8 * outcomes + drawn + 4);
    let parts = runs.div_ceil(play::PART as u64);
    let open = rounds.saturating_mul(4 * layout.options.len() as u64).saturating_mul(parts);
    runs.saturating_mul(per_run).saturating_add(open)
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
        let quantities = Quantity::all(&layout);
        let detail = Detail::of(quantities.len().saturating_mul(self.arms.len()), runs);
        let samples: u64 = quantities.iter().map(|q| size::sample(detail, runs, q.zero_one)).sum();
        let number = quantities.len() as u64;
        let first = layout.first.iter().filter(|first| **first).count() as u64;
        let differences = arms.saturating_sub(1).saturating_mul(number);
        let rounds = layout.rounds as u64;
        let points: u64 = layout.binary.iter().map(|few| size::point(runs, *few)).sum();
        let threads = threads(self.threads) as u64;
        let need = self
            .playing(&layout)
            .with("trajectories", arms * rounds, points)
            .with("moves", arms * rounds, 16 * layout.options.len() as u64 + 8)
            .with("survival", arms * first, size::survival(rounds))
            .with("outcomes", arms, samples)
            .with("differences", differences, size::series(detail, runs))
            .with("resamples", 1, size::bootstrap(detail, runs, threads))
            .with("results", arms * number, size::result());
        match &self.panel {
            None => need,
            Some(variables) => {
                let rows = arms.saturating_mul(runs).saturating_mul(rounds);
                let row = size::panel_row(layout.seats as u64, variables.len() as u64);
                need.with("panel", rows.min(size::PANEL_ROWS), row)
            }
        }
    }

    /// Whether there is memory to [`super::run`] this.
    ///
    /// # Errors
    /// [`Excess`] if there is not.
    pub fn admit(&self) -> Result<(), Excess> {
        self.need().check(self.budget.memory, HELP)
    }
}

/// What is needed beside, with plans that are carried out on so many threads.
pub(super) fn carried_out(need: &Need, plans: &[Ready], threads: usize) -> Need {
    let bytes = plans.iter().map(|ready| ready.plan.bytes).sum();
    let frames = plans.iter().map(|ready| ready.plan.frames()).max().unwrap_or(0);
    need.clone().with("plans", 1, bytes).with(
        "numbers of runs being played",
        threads as u64,
        frames,
    )
}
