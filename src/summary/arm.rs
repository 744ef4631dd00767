//! Everything that is kept of one arm while its runs come in.

use fearless_simd::{Level, Simd, dispatch};
use rayon::prelude::*;

use super::digest::{Digest, Room};
use super::sample::{Detail, Sample};
use super::survival::{self, Quantity, Survival};
use crate::model::SeatId;
use crate::record::{Block, Failure, Layout};
use crate::stats::{MeanIntervals, Moments, Z95, wilson};

/// Runs are fed to a [`Point`] in batches of so many; what is added at once holds a multiple of it
/// (the last runs aside), so results do not depend on how large blocks are.
pub const BATCH: usize = 256;
/// Quantiles are taken of so many runs of a round, a multiple of [`BATCH`]: more would err less by
/// chance only, and by no more than bins err anyway (0.2 % of the runs at the median).
pub const FOLLOWED: u64 = 65_536;
/// How many failures are kept whole; the others are counted.
const KEPT_FAILURES: usize = 10;

/// A variable after a round, over the runs that played it.
#[derive(Clone, Debug, Default)]
pub struct Point {
    /// Mean and deviation.
    pub moments: Moments,
    /// Quantiles of the first [`FOLLOWED`] values.
    pub digest: Digest,
}

/// What is known of one arm: its size does not depend on the number of runs.
#[derive(Clone, Debug)]
pub struct ArmSummary {
    /// Its name.
    pub name: String,
    /// By quantity ([`Quantity::all`]): outcomes, then what is made of them.
    pub outcomes: Vec<Sample>,
    /// By `first` outcome: when it happened.
    pub survival: Vec<Survival>,
    /// By round and variable.
    pub trajectory: Vec<Point>,
    /// By round and option: how many runs chose it.
    pub chosen: Vec<u64>,
    /// By round and option: in how many of the runs that played the round it could be chosen.
    pub available: Vec<u64>,
    /// By round: how many runs played it to its end.
    pub played: Vec<u64>,
    /// How many runs failed.
    pub failed: u64,
    /// The first failures.
    pub failures: Vec<Failure>,
    /// How many probabilities of events were moved into \[0, 1\].
    pub clamped: u64,
    /// How many rounds' equilibria were played before they converged.
    pub unconverged: u64,
    /// The greatest residual among them.
    pub residual: f64,
}

impl ArmSummary {
    /// Nothing yet, for so many quantities.
    pub fn new(layout: &Layout, quantities: usize, name: String, detail: Detail) -> ArmSummary {
        ArmSummary {
            name,
            outcomes: vec![Sample::new(detail); quantities],
            survival: Survival::all(layout),
            trajectory: vec![Point::default(); layout.rounds * layout.variables.len()],
            chosen: vec![0; layout.rounds * layout.options.len()],
            available: vec![0; layout.rounds * layout.options.len()],
            played: vec![0; layout.rounds],
            failed: 0,
            failures: Vec::new(),
            clamped: 0,
            unconverged: 0,
            residual: 0.0,
        }
    }

    /// Adds the outcomes of blocks of this arm that follow on each other and on what was added
    /// before; `rounds` is the greatest number of rounds of any arm.
    pub fn count(&mut self, quantities: &[Quantity], rounds: usize, blocks: &[&Block]) {
        for block in blocks {
            let failed = survival::failed(block);
            for (quantity, sample) in quantities.iter().zip(&mut self.outcomes) {
                let values = quantity.values(block, &failed, rounds);
                values.iter().for_each(|x| sample.add(*x));
            }
            self.survival.iter_mut().for_each(|survival| survival.add(block, &failed, rounds));
            self.failed += block.failures.len() as u64;
            let room = KEPT_FAILURES.saturating_sub(self.failures.len());
            self.failures.extend(block.failures.iter().take(room).cloned());
            self.clamped += block.clamped;
            self.unconverged += block.unconverged;
            self.residual = self.residual.max(block.residual);
        }
    }

    /// Adds what the same blocks recorded round by round. Rounds are worked on in parallel, each in
    /// run order.
    pub fn follow(&mut self, layout: &Layout, blocks: &[&Block]) {
        blocks.iter().for_each(|block| self.count_moves(layout, block));
        let variables = layout.variables.len();
        if variables > 0 {
            let rounds = self.trajectory.par_chunks_mut(variables).enumerate();
            rounds.for_each(|(round, points)| follow(layout, blocks, round, points));
        }
    }

    fn count_moves(&mut self, layout: &Layout, block: &Block) {
        let counts = self.available.iter_mut().zip(&block.available);
        counts.for_each(|(all, more)| *all += u64::from(*more));
        let options = layout.options.len();
        for round in 0..layout.rounds {
            let there = |run: usize| block.played[run] as usize > round;
            self.played[round] += (0..block.runs).filter(|run| there(*run)).count() as u64;
            let chosen = &mut self.chosen[round * options..(round + 1) * options];
            for seat in (0..layout.seats).map(SeatId::new) {
                let choices = block.choice(layout, round, seat).iter().enumerate();
                for (_, option) in choices.filter(|(run, _)| there(*run)) {
                    if let Some(count) = chosen.get_mut(usize::from(*option)) {
                        *count += 1;
                    }
                }
            }
        }
    }

    /// The variables after a round (from 0).
    pub fn round(&self, layout: &Layout, round: usize) -> &[Point] {
        let variables = layout.variables.len();
        &self.trajectory[round * variables..(round + 1) * variables]
    }
}

/// Adds what runs left behind after one round to its points, in vectors as wide as the machine has
/// them: the loops are plain, and the same in all.
fn follow(layout: &Layout, blocks: &[&Block], round: usize, points: &mut [Point]) {
    dispatch!(Level::new(), simd => follow_with(simd, layout, blocks, round, points));
}

#[inline(always)]
fn follow_with<S: Simd>(
    _: S,
    layout: &Layout,
    blocks: &[&Block],
    round: usize,
    points: &mut [Point],
) {
    let mut batch: Vec<f64> = Vec::with_capacity(BATCH);
    let mut room = Room::default();
    for (variable, point) in points.iter_mut().enumerate() {
        let mut runs = 0;
        for block in blocks {
            let mut values = block.variable(layout, round, variable);
            let mut played = block.played.as_slice();
            while !values.is_empty() {
                let count = values.len().min(BATCH - runs);
                let (now, later) = values.split_at(count);
                let (there, rest) = played.split_at(count);
                (values, played) = (later, rest);
                // adding zero turns minus zero into zero
                let before = batch.len();
                batch.extend(now.iter().map(|x| x + 0.0));
                let counts = |x: f64, played: u32| played as usize > round && x.is_finite();
                if !now.iter().zip(there).fold(true, |all, (x, n)| all & counts(*x, *n)) {
                    batch.truncate(before);
                    let some = now.iter().zip(there).filter(|(x, n)| counts(**x, **n));
                    batch.extend(some.map(|(x, _)| x + 0.0));
                }
                runs += count;
                if runs == BATCH {
                    point.add(&batch, &mut room);
                    batch.clear();
                    runs = 0;
                }
            }
        }
        point.add(&batch, &mut room);
        batch.clear();
    }
}

impl Point {
    /// The 95 % interval of the mean: Wilson's of values that are 0 or 1 by kind, else by Student's
    /// t. NaN where there is none.
    pub fn interval(&self, binary: bool, others: &mut MeanIntervals) -> (f64, f64) {
        let n = self.moments.n();
        match binary {
            _ if n == 0 => (f64::NAN, f64::NAN),
            // the sum of the values, which rounding cannot have moved as far as a half
            true => wilson((self.moments.mean() * n as f64).round() as u64, n, Z95),
            false => others.of(&self.moments).unwrap_or((f64::NAN, f64::NAN)),
        }
    }

    /// Adds the values of a batch of runs.
    #[inline(always)]
    fn add(&mut self, values: &[f64], room: &mut Room) {
        self.moments.add_all(values);
        let room_left = FOLLOWED.saturating_sub(self.digest.n()) as usize;
        if room_left > 0 {
            self.digest.add(&values[..values.len().min(room_left)], room);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn means_are_of_all_runs_and_quantiles_of_the_first() {
        let (mut point, mut room) = (Point::default(), Room::default());
        let batch: Vec<f64> = (0..BATCH as u32).map(|i| f64::from(i % 100)).collect();
        let far = [1000.0; BATCH];
        (0..FOLLOWED / BATCH as u64).for_each(|_| point.add(&batch, &mut room));
        let before = (point.digest.quantile(1.0), point.moments.mean());
        point.add(&far, &mut room);
        assert_eq!((point.digest.n(), point.moments.n()), (FOLLOWED, FOLLOWED + BATCH as u64));
        assert_eq!((before.0, point.digest.quantile(1.0)), (99.0, 99.0));
        assert!(point.moments.mean() > before.1);
    }
}
