//! A sweep cut into units: what is played in one go and kept in one part.

use std::ops::Range;

use crate::experiment::BLOCK;

/// A sweep has about so many units, or so many for each shard, if it is large enough.
const UNITS: u64 = 256;
const UNITS_PER_SHARD: u64 = 4;
/// A unit has at least so many runs, if the sweep has, and not many more than this at most.
const LEAST: u64 = 1024;
const MOST: u64 = 8192;
/// What a unit holds at a time is kept below about so many bytes: outcomes of runs, arms and rows.
const BYTES: u64 = 32 << 20;

/// How large runs and points are, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Size {
    /// What a run leaves behind, over all arms.
    pub run: u64,
    /// What a point takes beside its runs: its arms and the rows of its estimates.
    pub point: u64,
    /// Whether parts keep the outcomes of every run.
    pub per_run: bool,
}

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
    /// Runs of a point that are held at a time: a multiple of [`BLOCK`].
    window: u64,
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
    /// is work for all cores and shards; their parts keep the outcomes of every run. However many
    /// runs and points there are, a unit holds about 32 MiB at a time.
    pub fn new(points: u64, runs: u64, shards: u64, size: Size) -> Units {
        let (points, runs, shards) = (points.max(1), runs.max(1), shards.max(1));
        let wanted = UNITS.max(shards.saturating_mul(UNITS_PER_SHARD));
        let block = BLOCK as u64;
        let window = (BYTES / size.run.max(1) / block).max(1) * block;
        let slices = wanted.div_ceil(points).min(runs.div_ceil(MOST)).max(1);
        if (points < wanted && slices > 1) || (size.per_run && runs > window) {
            let slice = runs.div_ceil(slices).next_multiple_of(block).min(window);
            return Units { points, runs, shards, together: 1, slice, window };
        }
        let (least, most) = (LEAST.div_ceil(runs), (MOST / runs).max(1));
        let each = size.point.saturating_add(size.run.saturating_mul(runs)).max(1);
        let together = (points / wanted).max(least).min(most).min(BYTES / each).max(1);
        Units { points, runs, shards, together, slice: runs, window }
    }

    /// A unit in pieces that are held one at a time: some of its runs at all of its points.
    pub(super) fn windows(&self, unit: &Unit) -> Vec<Unit> {
        let Unit { number, points, runs } = unit;
        // several points together are small
        let step = if self.together > 1 { self.slice } else { self.window };
        let starts = runs.clone().step_by(usize::try_from(step).unwrap_or(usize::MAX));
        let piece = |from: u64| from..runs.end.min(from.saturating_add(step));
        starts
            .map(|from| Unit { number: *number, points: points.clone(), runs: piece(from) })
            .collect()
    }

    /// The most points and runs of each that are held at a time.
    pub(super) fn held(&self) -> (u64, u64) {
        let runs = if self.together > 1 { self.slice } else { self.slice.min(self.window) };
        (self.together, runs)
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
        self.rest(shard, Vec::new()).all()
    }

    /// The units of a shard less those that are there, which are given in ascending order.
    pub(super) fn rest(&self, shard: u64, there: Vec<u64>) -> Rest {
        Rest { first: shard, end: self.count(), step: self.shards, there }
    }

    /// The shard that has a unit.
    pub fn shard_of(&self, unit: u64) -> u64 {
        unit % self.shards
    }
}

/// Units in ascending order, without a list of them: every so-manieth less some that are there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rest {
    first: u64,
    end: u64,
    step: u64,
    /// Ascending, each of them among the others.
    there: Vec<u64>,
}

impl Rest {
    /// All units of a work of so many, less those that are there, in ascending order.
    pub(super) fn of(count: u64, there: Vec<u64>) -> Rest {
        Rest { first: 0, end: count, step: 1, there }
    }

    fn all(&self) -> impl Iterator<Item = u64> + use<> {
        let step = usize::try_from(self.step.max(1)).unwrap_or(usize::MAX);
        (self.first..self.end).step_by(step)
    }

    /// The units, one after the other.
    pub fn iter(&self) -> impl Iterator<Item = u64> + Send + '_ {
        let mut there = self.there.iter().peekable();
        self.all().filter(move |unit| {
            while there.next_if(|other| **other < *unit).is_some() {}
            there.peek() != Some(&unit)
        })
    }

    /// How many there are.
    pub fn len(&self) -> u64 {
        let all = self.end.saturating_sub(self.first).div_ceil(self.step.max(1));
        all.saturating_sub(self.there.len() as u64)
    }

    /// Whether nothing is missing.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The units that are there.
    pub(super) fn there(&self) -> &[u64] {
        &self.there
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
                let units = Units::new(points, runs, shards, Size::default());
                assert!(covers(&units), "{units:?}");
                let mut sharded: Vec<u64> = (0..shards).flat_map(|s| units.of_shard(s)).collect();
                sharded.sort_unstable();
                assert!(sharded.into_iter().eq(0..units.count()), "{units:?}");
            }
        }
    }

    #[test]
    fn units_have_a_fair_size() {
        let small = |points, runs, shards| Units::new(points, runs, shards, Size::default());
        assert_eq!(small(10_000, 100, 1).together, 39);
        assert_eq!(small(25, 100, 1).together, 11);
        assert_eq!(small(1_000_000, 10, 1).together, 819);
        let few = small(4, 1_000_000, 1);
        assert_eq!((few.cut(), few.slices(), few.slice % BLOCK as u64), (true, 64, 0));
        assert!(small(10_000, 100, 1000).count() >= 900);
        assert!(!small(300, 9000, 1).cut());
    }

    #[test]
    fn units_do_not_grow_with_runs_arms_or_outcomes() {
        let huge = Size { run: 8 * 1_000 * 20, point: 1 << 20, per_run: false };
        for per_run in [false, true] {
            for points in [1, 4, 300, 1_000_000] {
                for runs in [1, 100, 10_000, 1_000_000_000] {
                    let size = Size { per_run, ..huge };
                    let units = Units::new(points, runs, 1, size);
                    let (together, held) = units.held();
                    let bytes = together * (held * size.run + size.point);
                    assert!(bytes <= 2 * BYTES, "{points} {runs}: {units:?} {bytes}");
                    let whole = units.unit(units.count() - 1);
                    assert_eq!((whole.points.end, whole.runs.end), (points, runs));
                    let kept = units.cut() || per_run;
                    let rows = (whole.runs.end - whole.runs.start) * together * size.run;
                    assert!(!kept || rows <= 2 * BYTES, "{points} {runs}: {units:?}");
                }
            }
        }
        let one = Units::new(300, 1_000_000, 1, huge);
        let windows = one.windows(&one.unit(7));
        assert!(windows.len() > 1 && windows.iter().all(|w| w.points == (7..8)));
        assert_eq!(windows.iter().map(|w| w.runs.end - w.runs.start).sum::<u64>(), 1_000_000);
    }

    #[test]
    fn what_is_there_is_left_out() {
        let rest = Rest { first: 1, end: 20, step: 3, there: vec![4, 13] };
        assert_eq!(rest.iter().collect::<Vec<u64>>(), [1, 7, 10, 16, 19]);
        assert_eq!((rest.len(), rest.is_empty()), (5, false));
        assert!(Rest::of(3, vec![0, 1, 2]).is_empty() && Rest::default().iter().next().is_none());
        // nothing is listed
        assert_eq!(Rest::of(u64::MAX, vec![0]).iter().next(), Some(1));
    }
}
