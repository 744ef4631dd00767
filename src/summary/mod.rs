//! Blocks of runs to results: estimates per arm, paired differences, trajectories, and the tables
//! that hold them.
//!
//! A [`Summary`] takes the blocks of all arms in run order and keeps what results need, in memory
//! that does not grow with the number of runs. [`Summary::results`] makes the estimates;
//! [`Schemas`] turns everything into tables.
//!
//! **Invariant.** Values are added in run order, those of trajectories in batches of [`BATCH`],
//! so no result depends on the size of blocks, on how many are added at once (a multiple of
//! [`BATCH`] runs), or on threads.

mod arm;
mod digest;
mod results;
mod sample;
pub mod size;
mod tables;

use std::ops::Range;

use rayon::prelude::*;

pub use arm::{ArmSummary, BATCH, FOLLOWED, Point};
pub use digest::{CAPACITY, Digest};
pub use results::{
    ArmResult, Difference, Interval, IntervalKind, OutcomeResult, OutcomeScale, Results,
};
pub use sample::{Detail, Paired, Sample};
pub use tables::{Schemas, place};

use crate::record::{Block, Layout};

/// What is known of all arms so far.
#[derive(Clone, Debug)]
pub struct Summary {
    /// What runs leave behind.
    pub layout: Layout,
    /// By arm; the first is the one that others are compared with.
    pub arms: Vec<ArmSummary>,
    /// By arm after the first, then outcome: the paired difference to the first arm.
    pub differences: Vec<Vec<Paired>>,
    /// How many runs of each arm were added.
    pub runs: u64,
    /// How finely outcomes are kept.
    pub detail: Detail,
}

impl Summary {
    /// Nothing yet, for arms of these names with `runs` runs each, fewer may come. How many
    /// arms, outcomes and runs there are decides on the [`Detail`].
    pub fn new(layout: Layout, arms: &[String], runs: u64) -> Summary {
        let outcomes = layout.outcomes.len();
        let detail = Detail::of(outcomes.saturating_mul(arms.len()), runs);
        Summary {
            differences: vec![vec![Paired::new(detail); outcomes]; arms.len().saturating_sub(1)],
            arms: arms.iter().map(|a| ArmSummary::new(&layout, a.clone(), detail)).collect(),
            layout,
            runs: 0,
            detail,
        }
    }

    /// Adds blocks that follow on each other and on what was added before: `blocks[b][arm]`, all
    /// arms of a `b` holding the same runs.
    pub fn add(&mut self, blocks: &[Vec<Block>]) {
        for arm in 0..self.arms.len() {
            let own: Vec<&Block> = blocks.iter().filter_map(|arms| arms.get(arm)).collect();
            self.follow(arm, &own);
        }
        self.count(blocks);
    }

    /// The part of [`Summary::add`] that reads what an arm recorded round by round; blocks may
    /// forget that afterwards. Rounds are worked on in parallel on the current rayon pool.
    pub fn follow(&mut self, arm: usize, blocks: &[&Block]) {
        if let Some(arm) = self.arms.get_mut(arm) {
            arm.follow(&self.layout, blocks);
        }
    }

    /// The part of [`Summary::add`] that reads outcomes. Arms are worked on in parallel on the
    /// current rayon pool.
    pub fn count(&mut self, blocks: &[Vec<Block>]) {
        self.arms.par_iter_mut().enumerate().for_each(|(number, arm)| {
            let own: Vec<&Block> = blocks.iter().filter_map(|arms| arms.get(number)).collect();
            arm.count(&own);
        });
        for arms in blocks {
            let Some((base, others)) = arms.split_first() else { continue };
            self.runs += base.runs as u64;
            for (other, differences) in others.iter().zip(&mut self.differences) {
                for (outcome, paired) in differences.iter_mut().enumerate() {
                    let pairs = other.outcome(outcome).iter().zip(base.outcome(outcome));
                    pairs.for_each(|(x, b)| paired.add(*x, *b));
                }
            }
        }
    }

    /// All rounds of all arms in stretches, for tables with so many rows a round.
    pub fn stretches(&self, rows: usize) -> impl Iterator<Item = (usize, Range<usize>)> + use<> {
        const ROWS: usize = 1 << 14;
        let (rounds, step) = (self.layout.rounds, (ROWS / rows.max(1)).max(1));
        let starts = move || (0..rounds).step_by(step);
        (0..self.arms.len())
            .flat_map(move |arm| starts().map(move |at| (arm, at..rounds.min(at + step))))
    }

    /// Remarks for `datapackage.json`: how exact quantiles are.
    pub fn notes(&self) -> Vec<(String, String)> {
        let exact = |sample: &Sample| sample.quantiles.is_exact();
        let samples = || self.arms.iter().flat_map(|arm| &arm.outcomes);
        let outcomes = if samples().all(exact) {
            "exact".to_string()
        } else {
            format!(
                "exact for {} of {} (arm, outcome); of the others more than {} \
                 values were counted in bins, and quantiles and histograms err by less than 0.4 % \
                 of the value",
                samples().filter(|s| exact(s)).count(),
                samples().count(),
                self.detail.exact
            )
        };
        let points = || self.arms.iter().flat_map(|arm| &arm.trajectory);
        let good = points().filter(|p| p.digest.is_exact()).count();
        let all = points().count();
        let trajectory = if good == all {
            "exact".to_string()
        } else {
            format!(
                "exact for {good} of {all} (arm, round, variable); the others have more than \
                 {CAPACITY} distinct values, which were counted in bins of about 2 % of the runs"
            )
        };
        let many = points().any(|p| p.moments.n() > p.digest.n());
        let first = format!("of the first {FOLLOWED} runs that played a round; ");
        let trajectory = if many { first + &trajectory } else { trajectory };
        let named = |name: &str, text| (name.to_string(), text);
        vec![named("outcome_quantiles", outcomes), named("trajectory_quantiles", trajectory)]
    }
}
