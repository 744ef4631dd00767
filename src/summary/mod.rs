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
mod clustered;
mod digest;
mod labels;
mod panel;
mod results;
mod sample;
pub mod size;
mod survival;
mod tables;

use std::ops::Range;

use rayon::prelude::*;

pub use crate::stats::{Interval, Method};
pub use arm::{ArmSummary, BATCH, FOLLOWED, Point};
pub use clustered::Clusters;
pub use digest::{CAPACITY, Digest};
pub use panel::Panel;
pub use results::{
    ArmResult, Difference, Foreknown, OutcomeResult, OutcomeScale, Results, resamples,
};
pub use sample::{Detail, Sample};
pub use survival::{Quantity, Standing, Survival, Taken};
pub use tables::Schemas;

use crate::record::{Block, Layout};
use crate::stats::Series;

/// What is known of all arms so far.
#[derive(Clone, Debug)]
pub struct Summary {
    /// What runs leave behind.
    pub layout: Layout,
    /// What is summarised of every run: outcomes, and what is made of them.
    pub quantities: Vec<Quantity>,
    /// By arm.
    pub arms: Vec<ArmSummary>,
    /// The arm that others are compared with, by number; to be set before runs are added.
    pub versus: usize,
    /// By arm but that one, then quantity: the paired difference to the first arm.
    pub differences: Vec<Vec<Series>>,
    /// By arm, then outcome: what was known of it before it was played; missing: nothing.
    pub known: Vec<Vec<Foreknown>>,
    /// How many runs of each arm were added.
    pub runs: u64,
    /// How finely outcomes are kept.
    pub detail: Detail,
}

impl Summary {
    /// Nothing yet, for arms of these names with `runs` runs each, fewer may come. How many
    /// arms, outcomes and runs there are decides on the [`Detail`].
    pub fn new(layout: Layout, arms: &[String], runs: u64) -> Summary {
        let quantities = Quantity::all(&layout);
        let count = quantities.len();
        let detail = Detail::of(count.saturating_mul(arms.len()), runs);
        let arm = |name: &String| ArmSummary::new(&layout, count, name.clone(), detail);
        Summary {
            differences: vec![vec![Series::new(detail.group); count]; arms.len().saturating_sub(1)],
            versus: 0,
            known: Vec::new(),
            arms: arms.iter().map(arm).collect(),
            layout,
            quantities,
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
        let (quantities, rounds) = (&self.quantities, self.layout.rounds);
        self.arms.par_iter_mut().enumerate().for_each(|(number, arm)| {
            let own: Vec<&Block> = blocks.iter().filter_map(|arms| arms.get(number)).collect();
            arm.count(quantities, rounds, &own);
        });
        for arms in blocks {
            let Some(base) = arms.get(self.versus) else { continue };
            let others = arms.iter().enumerate().filter(|(arm, _)| *arm != self.versus);
            self.runs += base.runs as u64;
            let base_failed = survival::failed(base);
            for ((_, other), differences) in others.zip(&mut self.differences) {
                let failed = survival::failed(other);
                for (quantity, paired) in quantities.iter().zip(differences) {
                    let values = quantity.values(other, &failed, rounds);
                    let base = quantity.values(base, &base_failed, rounds);
                    // not a number where a side is empty
                    values.iter().zip(base.iter()).for_each(|(x, b)| paired.add(x - b));
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

    /// The variables that have one and the same finite value in every run and round of every arm,
    /// by number, with that value.
    pub fn constants(&self) -> Vec<(usize, f64)> {
        let variables = self.layout.variables.len();
        let mut found: Vec<Option<f64>> = vec![None; variables];
        let mut varies = vec![false; variables];
        for arm in &self.arms {
            for (round, played) in arm.played.iter().enumerate().filter(|(_, n)| **n > 0) {
                let points = arm.round(&self.layout, round).iter();
                for (at, (known, varies)) in points.zip(found.iter_mut().zip(&mut varies)) {
                    let value = *known.get_or_insert(at.moments.min());
                    let here = (at.moments.min(), at.moments.max());
                    *varies |= at.moments.n() != *played || here != (value, value);
                }
            }
        }
        let all = found.into_iter().zip(varies).enumerate();
        all.filter_map(|(v, (value, varies))| Some((v, value.filter(|_| !varies)?))).collect()
    }

    /// The other variables, by number.
    pub fn moving(&self) -> Vec<usize> {
        let constants = self.constants();
        let constant = |v: &usize| constants.iter().any(|(number, _)| number == v);
        (0..self.layout.variables.len()).filter(|v| !constant(v)).collect()
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
