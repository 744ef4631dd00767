//! One outcome of one arm, and its paired difference to another, as runs come in.

use crate::stats::{Groups, Moments, Quantiles, Sum};

/// How finely outcomes are kept: decided by how many there are, so that memory stays bounded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Detail {
    /// An outcome of an arm keeps so many values for exact quantiles; beyond, [`Quantiles`] goes
    /// over to a sketch.
    pub exact: usize,
    /// How many consecutive runs make a group of the bootstrap.
    ///
    /// Runs are independent, so bundles of consecutive ones are independent too, and resampling
    /// bundles estimates the spread of a mean as resampling runs does, in memory that does not grow
    /// with the number of runs.
    pub group: u64,
}

impl Detail {
    /// All samples together keep about so many values (32 MB), and a quarter of that groups.
    pub const BUDGET: usize = 4_000_000;
    /// A sample keeps at most so many values.
    const EXACT: usize = 100_000;
    /// The bootstrap resamples at least and at most about so many groups of runs.
    const GROUPS: [usize; 2] = [1024, 4096];

    /// The detail of `samples` samples (outcomes times arms) of `runs` runs.
    pub fn of(samples: usize, runs: u64) -> Detail {
        let share = Detail::BUDGET / samples.max(1);
        let [least, most] = Detail::GROUPS;
        let groups = (share / 4).clamp(least, most) as u64;
        Detail { exact: share.clamp(1000, Detail::EXACT), group: runs.div_ceil(groups).max(1) }
    }
}

/// Sums over groups of `size` consecutive runs.
#[derive(Clone, Debug)]
struct Grouped {
    done: Groups,
    size: u64,
    runs: u64,
    sum: Sum,
    count: u64,
}

impl Grouped {
    fn new(size: u64) -> Grouped {
        Grouped { done: Groups::new(), size, runs: 0, sum: Sum::new(), count: 0 }
    }

    /// Adds the value of the next run; not finite: left out.
    fn add(&mut self, value: f64) {
        if value.is_finite() {
            self.sum.add(value);
            self.count += 1;
        }
        self.runs += 1;
        if self.runs == self.size {
            self.done.push(self.sum.value(), self.count);
            (self.runs, self.sum, self.count) = (0, Sum::new(), 0);
        }
    }

    /// All groups, the last one perhaps smaller.
    fn all(&self) -> Groups {
        let mut all = self.done.clone();
        if self.runs > 0 {
            all.push(self.sum.value(), self.count);
        }
        all
    }
}

/// The values of one outcome over the runs of one arm, in run order.
#[derive(Clone, Debug)]
pub struct Sample {
    /// Mean and deviation of the values.
    pub moments: Moments,
    /// Quantiles and counts of the values.
    pub quantiles: Quantiles,
    /// How many values are 1.
    pub ones: u64,
    /// Runs without a value: failed, or the outcome is empty.
    pub left_out: u64,
}

impl Sample {
    /// An empty sample.
    pub fn new(detail: Detail) -> Sample {
        Sample {
            moments: Moments::new(),
            quantiles: Quantiles::new(detail.exact),
            ones: 0,
            left_out: 0,
        }
    }

    /// Adds the value of the next run; not finite: it has none.
    pub fn add(&mut self, value: f64) {
        if value.is_finite() {
            self.moments.add(value);
            self.quantiles.insert(value);
            self.ones += u64::from(value == 1.0);
        } else {
            self.left_out += 1;
        }
    }

    /// How many values there are.
    pub fn n(&self) -> u64 {
        self.moments.n()
    }

    /// Whether all values are 0 or 1 (also without values).
    pub fn is_zero_one(&self) -> bool {
        let (min, max) = (self.quantiles.min(), self.quantiles.max());
        self.n() == 0 || (self.quantiles.is_integral() && min >= 0.0 && max <= 1.0)
    }
}

/// The difference of one outcome between two arms, run by run.
#[derive(Clone, Debug)]
pub struct Paired {
    /// Pairs with a value on both sides.
    pub n: u64,
    /// Pairs with an empty side.
    pub left_out: u64,
    grouped: Grouped,
}

impl Paired {
    /// No pairs yet.
    pub fn new(detail: Detail) -> Paired {
        Paired { n: 0, left_out: 0, grouped: Grouped::new(detail.group) }
    }

    /// Adds the next run: its value in the arm and in the arm it is compared with.
    pub fn add(&mut self, value: f64, base: f64) {
        let both = value.is_finite() && base.is_finite();
        self.grouped.add(if both { value - base } else { f64::NAN });
        *(if both { &mut self.n } else { &mut self.left_out }) += 1;
    }

    /// The differences bundled for the bootstrap: see [`Detail::group`].
    pub fn groups(&self) -> Groups {
        self.grouped.all()
    }
}
