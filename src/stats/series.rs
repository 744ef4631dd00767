//! One quantity over runs, with what the interval of its mean needs.

use super::bootstrap::Groups;
use super::moments::{Moments, Sum};
use super::tally::Tally;

/// The bootstrap resamples at most so many bundles of consecutive runs.
pub const BUNDLES: u64 = 1024;

/// How many consecutive of `runs` runs make a bundle.
///
/// Runs are independent, so bundles of consecutive ones are too, and resampling bundles estimates
/// the spread of a mean as resampling runs does, in memory that does not grow with the runs.
pub fn bundle(runs: u64) -> u64 {
    runs.div_ceil(BUNDLES).max(1)
}

/// The values of a quantity, run after run.
#[derive(Clone, Debug)]
pub struct Series {
    moments: Moments,
    tally: Tally,
    /// How many values are 1 and −1.
    ones: [u64; 2],
    nonzero: u64,
    left_out: u64,
    done: Groups,
    size: u64,
    runs: u64,
    sum: Sum,
    count: u64,
}

impl Series {
    /// Nothing yet; `size` consecutive runs (at least 1) make a bundle: see [`bundle`].
    pub fn new(size: u64) -> Series {
        Series {
            moments: Moments::new(),
            tally: Tally::default(),
            ones: [0; 2],
            nonzero: 0,
            left_out: 0,
            done: Groups::new(),
            size: size.max(1),
            runs: 0,
            sum: Sum::new(),
            count: 0,
        }
    }

    /// Adds the value of the next run; not finite: it has none.
    pub fn add(&mut self, value: f64) {
        if value.is_finite() {
            self.moments.add(value);
            self.tally.add(value);
            self.ones[0] += u64::from(value == 1.0);
            self.ones[1] += u64::from(value == -1.0);
            self.nonzero += u64::from(value != 0.0);
            self.sum.add(value);
            self.count += 1;
        } else {
            self.left_out += 1;
        }
        self.skip();
    }

    /// Passes over the next run, which takes no part.
    pub fn skip(&mut self) {
        self.runs += 1;
        if self.runs == self.size {
            self.done.push(self.sum.value(), self.count);
            (self.runs, self.sum, self.count) = (0, Sum::new(), 0);
        }
    }

    /// How many values there are.
    pub fn n(&self) -> u64 {
        self.moments.n()
    }

    /// How many runs have none.
    pub fn left_out(&self) -> u64 {
        self.left_out
    }

    /// Mean, deviation and ends of the values.
    pub fn moments(&self) -> &Moments {
        &self.moments
    }

    /// How many values differ from the commonest.
    pub fn tally(&self) -> &Tally {
        &self.tally
    }

    /// How many values are 1.
    pub fn ones(&self) -> u64 {
        self.ones[0]
    }

    /// How many values are −1.
    pub fn minus_ones(&self) -> u64 {
        self.ones[1]
    }

    /// How many values are not 0.
    pub fn nonzero(&self) -> u64 {
        self.nonzero
    }

    /// The values bundled for the bootstrap, the last bundle perhaps smaller.
    pub fn bundles(&self) -> Groups {
        let mut all = self.done.clone();
        if self.runs > 0 {
            all.push(self.sum.value(), self.count);
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_and_gaps() {
        let mut series = Series::new(2);
        [1.0, f64::NAN, -1.0, 1.0, 3.0].into_iter().for_each(|x| series.add(x));
        assert_eq!((series.n(), series.left_out(), series.moments().mean()), (4, 1, 1.0));
        assert_eq!((series.ones(), series.minus_ones(), series.tally().unlike()), (2, 1, 2));
        assert_eq!(
            (series.bundles().len(), series.bundles().mean(), series.nonzero()),
            (3, 1.0, 4)
        );
        assert_eq!([bundle(0), bundle(1024), bundle(1025), bundle(4096)], [1, 1, 2, 4]);
    }
}
