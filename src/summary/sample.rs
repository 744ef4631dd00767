//! One outcome of one arm, and its paired difference to another, as runs come in.

use crate::stats::{Quantiles, Series, bundle};

/// How finely outcomes are kept: decided by how many there are, so that memory stays bounded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Detail {
    /// An outcome of an arm keeps so many values for exact quantiles; beyond, [`Quantiles`] goes
    /// over to a sketch.
    pub exact: usize,
    /// How many consecutive runs make a bundle of the bootstrap: see [`bundle`].
    pub group: u64,
}

impl Detail {
    /// All samples together keep about so many values (32 MB).
    pub const BUDGET: usize = 4_000_000;
    /// A sample keeps at most so many values.
    const EXACT: usize = 100_000;

    /// The detail of `samples` samples (outcomes times arms) of `runs` runs.
    pub fn of(samples: usize, runs: u64) -> Detail {
        let share = Detail::BUDGET / samples.max(1);
        Detail { exact: share.clamp(1000, Detail::EXACT), group: bundle(runs) }
    }
}

/// The values of one outcome over the runs of one arm, in run order.
#[derive(Clone, Debug)]
pub struct Sample {
    /// The values, for their mean and its interval.
    pub series: Series,
    /// Quantiles and counts of the values.
    pub quantiles: Quantiles,
}

impl Sample {
    /// An empty sample.
    pub fn new(detail: Detail) -> Sample {
        Sample { series: Series::new(detail.group), quantiles: Quantiles::new(detail.exact) }
    }

    /// Adds the value of the next run; not finite: it has none.
    pub fn add(&mut self, value: f64) {
        self.series.add(value);
        if value.is_finite() {
            self.quantiles.insert(value);
        }
    }

    /// How many values there are.
    pub fn n(&self) -> u64 {
        self.series.n()
    }
}
