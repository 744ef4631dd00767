//! A sweep cut into units: what is played in one go and kept in one part.

use std::ops::Range;

use crate::experiment::BLOCK;

/// A sweep has about so many units, or so many for each shard, if it is large enough.
const UNITS: u64 = 256;
const UNITS_PER_SHARD: u64 = 4;
/// A unit has at least so many runs, if the sweep has, and not many more than this at most.
const LEAST: u64 = 1024;
const MOST: u64 = 8192;

/// How a sweep is cut. Results do not depend on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Units {
    points: u64,
    runs: u64,
    shards: u64,
    /// Whole points of a unit; 1 where points are cut.
    together: u64,
    /// Runs of a unit at a point: all, or a multiple of [`BLOCK`] where points are cut.
    slice: u64,
}

/// What is played in one go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unit {
    /// The number of the unit.
    pub number: u64,
    /// Its points.
    pub points: Range<u64>,
    /// Its runs at each point.
    pub runs: Range<u64>,
}

impl Units {
    /// Units of a sweep of so many points, with so many runs at each, counting all arms as one.
    ///
    /// Points are whole wherever there are many. Few points with many runs are cut, so that there
    /// is work for all cores and shards; their parts keep the outcomes of every run.
    pub fn new(points: u64, runs: u64, shards: u64) -> Units {
        let (points, runs, shards) = (points.max(1), runs.max(1), shards.max(1));
        let wanted = UNITS.max(shards.saturating_mul(UNITS_PER_SHARD));
        let slices = wanted.div_ceil(points).min(runs.div_ceil(MOST)).max(1);
        if points < wanted && slices > 1 {
            let slice = runs.div_ceil(slices).next_multiple_of(BLOCK as u64);
            return Units { points, runs, shards, together: 1, slice };
        }
        let (least, most) = (LEAST.div_ceil(runs), (MOST / runs).max(1));
        let together = (points / wanted).max(least).min(most);
        Units { points, runs, shards, together, slice: runs }
    }

    /// Whether points are cut.
    pub fn cut(&self) -> bool {
        self.slice < self.runs
    }

    /// How many units a point has where points are cut; else 1.
    pub fn slices(&self) -> u64 {
        self.runs.div_ceil(self.slice)
    }

    /// How many units there are.
    pub fn count(&self) -> u64 {
        self.points.div_ceil(self.together) * self.slices()
    }

    /// A unit by its number, below [`Units::count`].
    pub fn unit(&self, number: u64) -> Unit {
        let slices = self.slices();
        let first = number / slices * self.together;
        let run = number % slices * self.slice;
        Unit {
            number,
            points: first..(first + self.together).min(self.points),
            runs: run..(run + self.slice).min(self.runs),
        }
    }

    /// How many shards there are.
    pub fn shards(&self) -> u64 {
        self.shards
    }

    /// The units of a shard: every so-manieth, so that each shard is a sample of the whole.
    pub fn of_shard(&self, shard: u64) -> impl Iterator<Item = u64> {
        (shard..self.count()).step_by(usize::try_from(self.shards).unwrap_or(usize::MAX))
    }

    /// The shard that has a unit.
    pub fn shard_of(&self, unit: u64) -> u64 {
        unit % self.shards
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every run of every point is in one unit, in order.
    fn covers(units: &Units) -> bool {
        let mut all = Vec::new();
        for unit in (0..units.count()).map(|number| units.unit(number)) {
            for point in unit.points {
                all.extend(unit.runs.clone().map(|run| (point, run)));
            }
        }
        let wanted = (0..units.points).flat_map(|p| (0..units.runs).map(move |r| (p, r)));
        all.into_iter().eq(wanted)
    }

    #[test]
    fn units_cover_a_sweep() {
        let sizes =
            [(1, 1), (25, 100), (300, 10), (1000, 7), (3, 40_000), (1, 20_000), (257, 9000)];
        for (points, runs) in sizes {
            for shards in [1, 7, 64, 1000] {
                let units = Units::new(points, runs, shards);
                assert!(covers(&units), "{units:?}");
                let mut sharded: Vec<u64> = (0..shards).flat_map(|s| units.of_shard(s)).collect();
                sharded.sort_unstable();
                assert!(sharded.into_iter().eq(0..units.count()), "{units:?}");
            }
        }
    }

    #[test]
    fn units_have_a_fair_size() {
        assert_eq!(Units::new(10_000, 100, 1).together, 39);
        assert_eq!(Units::new(25, 100, 1).together, 11);
        assert_eq!(Units::new(1_000_000, 10, 1).together, 819);
        let few = Units::new(4, 1_000_000, 1);
        assert_eq!((few.cut(), few.slices(), few.slice % BLOCK as u64), (true, 64, 0));
        assert!(Units::new(10_000, 100, 1000).count() >= 900);
        assert!(!Units::new(300, 9000, 1).cut());
    }
}
