//! Quantiles of many samples at once, in little memory each.
//!
//! A trajectory has a sample for every arm, round and variable: tens of thousands of them. A
//! [`Digest`] holds each in at most [`CAPACITY`] bins (3 kB), in the spirit of the streaming
//! histograms of Ben-Haim and Tom-Tov (2010): every value has a bin of its own until there are too
//! many, then neighbours are joined so that bins hold about equally many.

use std::hint::select_unpredictable;

/// The greatest number of bins: up to so many distinct values, quantiles are exact.
pub const CAPACITY: usize = 128;
/// Flags and the like have no more bins than this.
const FEW: usize = 8;
/// Joining leaves fewer bins than this, so that splitting has room.
const JOINED: u64 = 96;

/// Values from `lo` to `hi`, both inclusive, taken as evenly spread.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Bin {
    lo: f64,
    hi: f64,
    count: u64,
}

/// A sample to be asked for quantiles.
///
/// Exact up to [`CAPACITY`] distinct values, however often each occurs. Beyond, values lie in
/// disjoint bins: a value between bins opens one, one inside a bin is counted there. When bins run
/// out, neighbours that hold at most a 48th of the sample together are joined, and bins of several
/// values that have come to hold more than twice that are halved. A value that makes up more than a
/// 48th of the sample keeps a bin of its own. What is read depends on the order of batches, which
/// is therefore fixed by whoever feeds them.
#[derive(Clone, Debug, Default)]
pub struct Digest {
    bins: Vec<Bin>,
    n: u64,
}

/// Room to work in, of any content.
#[derive(Debug)]
pub(super) struct Room {
    outside: Vec<f64>,
    bins: Vec<Bin>,
    /// The ends of the bins.
    ends: [f64; CAPACITY],
}

impl Default for Room {
    fn default() -> Room {
        Room { outside: Vec::new(), bins: Vec::new(), ends: [f64::INFINITY; CAPACITY] }
    }
}

impl Digest {
    /// Adds finite values, in any order.
    pub(super) fn add(&mut self, values: &[f64], room: &mut Room) {
        let Room { outside, bins: merged, ends } = room;
        outside.clear();
        ends.fill(f64::INFINITY);
        ends.iter_mut().zip(&self.bins).for_each(|(end, bin)| *end = bin.hi);
        let size = self.bins.len().next_power_of_two();
        for &x in values {
            let at = first_not_below(ends, size, x);
            match self.bins.get_mut(at).filter(|bin| bin.lo <= x) {
                Some(bin) => bin.count += 1,
                None => outside.push(x),
            }
        }
        self.n += values.len() as u64;
        if outside.is_empty() {
            return;
        }
        sort(outside);
        merged.clear();
        let mut at = 0;
        for &x in outside.iter() {
            while let Some(bin) = self.bins.get(at).filter(|bin| bin.hi < x) {
                merged.push(*bin);
                at += 1;
            }
            match merged.last_mut().filter(|last| last.hi == x) {
                Some(last) => last.count += 1,
                None => merged.push(Bin { lo: x, hi: x, count: 1 }),
            }
        }
        merged.extend_from_slice(self.bins.get(at..).unwrap_or_default());
        self.bins.clear();
        if merged.len() <= CAPACITY {
            // what outgrows a few bins gets all its room at once, lest the heap fill with holes
            self.bins.reserve_exact(if merged.len() <= FEW { merged.len() } else { CAPACITY });
            self.bins.extend_from_slice(merged);
        } else {
            self.bins.reserve_exact(CAPACITY);
            self.coarsen(merged);
        }
    }

    /// Takes over bins, joined and split.
    ///
    /// Of the joined bins, every two neighbours hold more than `most`, so there are fewer than
    /// `JOINED`; fewer than a quarter of `JOINED` can hold more than twice `most`.
    fn coarsen(&mut self, from: &[Bin]) {
        let most = (2 * self.n).div_ceil(JOINED);
        let mut take = |bin: Bin| {
            let middle = bin.lo + (bin.hi - bin.lo) * 0.5;
            if bin.count > 2 * most && bin.lo < middle && middle < bin.hi {
                let half = bin.count / 2;
                self.bins.push(Bin { hi: middle, count: bin.count - half, ..bin });
                self.bins.push(Bin { lo: middle, count: half, ..bin });
            } else {
                self.bins.push(bin);
            }
        };
        let mut open: Option<Bin> = None;
        for bin in from {
            open = match open {
                Some(last) if last.count + bin.count <= most => {
                    Some(Bin { hi: bin.hi, count: last.count + bin.count, ..last })
                }
                Some(last) => {
                    take(last);
                    Some(*bin)
                }
                None => Some(*bin),
            };
        }
        open.into_iter().for_each(take);
    }

    /// How many values there are.
    pub fn n(&self) -> u64 {
        self.n
    }

    /// Whether quantiles are exact.
    pub fn is_exact(&self) -> bool {
        self.bins.iter().all(|bin| bin.lo == bin.hi)
    }

    /// The quantile at `q`, moved into \[0, 1\], by type 7 of Hyndman and Fan (1996); NaN without
    /// values.
    pub fn quantile(&self, q: f64) -> f64 {
        if self.n == 0 || q.is_nan() {
            return f64::NAN;
        }
        let at = (self.n - 1) as f64 * q.clamp(0.0, 1.0);
        let whole = at.floor();
        let (lower, upper) = self.neighbours(whole as u64);
        let between = lower + (upper - lower) * (at - whole);
        between.max(lower).min(upper)
    }

    /// The values of this rank (from 0) and of the next; the last has itself as neighbour.
    fn neighbours(&self, rank: u64) -> (f64, f64) {
        let mut before = 0;
        let mut lower = None;
        for bin in &self.bins {
            let within = |rank: u64| {
                let share = ((rank - before) as f64 + 0.5) / bin.count as f64;
                (bin.lo + (bin.hi - bin.lo) * share).max(bin.lo).min(bin.hi)
            };
            let after = before + bin.count;
            if lower.is_none() && rank < after {
                lower = Some(within(rank));
            }
            if let Some(lower) = lower
                && rank + 1 < after
            {
                return (lower, within(rank + 1));
            }
            before = after;
        }
        let last = self.bins.last().map_or(f64::NAN, |bin| bin.hi);
        (lower.unwrap_or(last), last)
    }
}

/// The first of `size` ascending numbers, a power of two, that is not below another, found by
/// halving without jumps; `size` if there is none.
#[inline]
fn first_not_below(ends: &[f64; CAPACITY], size: usize, x: f64) -> usize {
    let (mut at, mut half) = (0, size / 2);
    while half > 0 {
        let below = ends[(at + half - 1) % CAPACITY] < x;
        // as good as random, and a jump that is foreseen wrongly costs more than the rest
        at = select_unpredictable(below, at + half, at);
        half /= 2;
    }
    at + usize::from(ends[at % CAPACITY] < x)
}

/// Sorts numbers in ascending order, as whole numbers in the same order: that takes no jumps.
fn sort(numbers: &mut [f64]) {
    // the order of `f64::total_cmp`: negative numbers have their other bits turned
    let turned = |bits: i64| bits ^ (((bits >> 63) as u64) >> 1) as i64;
    numbers.sort_unstable_by_key(|x| turned(x.to_bits() as i64));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::sorted_quantile;

    fn of(values: &[f64]) -> Digest {
        let (mut digest, mut room) = (Digest::default(), Room::default());
        for batch in values.chunks(64) {
            digest.add(batch, &mut room);
            assert!(digest.bins.len() <= CAPACITY);
            assert!(digest.bins.windows(2).all(|pair| pair[0].hi <= pair[1].lo));
            assert_eq!(digest.bins.iter().map(|b| b.count).sum::<u64>(), digest.n);
        }
        digest
    }

    fn unit(i: u32) -> f64 {
        f64::from(i.wrapping_mul(2_654_435_769).rotate_left(7) ^ i) / 4_294_967_296.0
    }

    #[test]
    fn few_distinct_values_are_exact() {
        let mut values: Vec<f64> = (0..5000).map(|i| (unit(i) * 100.0).floor()).collect();
        let digest = of(&values);
        assert!(digest.is_exact() && digest.n() == 5000);
        values.sort_by(f64::total_cmp);
        for q in [0.0, 0.05, 0.25, 0.5, 0.613, 0.95, 1.0] {
            assert_eq!(digest.quantile(q), sorted_quantile(&values, q));
        }
        assert!(of(&[]).quantile(0.5).is_nan());
        assert_eq!(of(&[2.0, 1.0]).quantile(0.25), 1.25);
    }

    #[test]
    fn ranks_are_close_for_many_values() {
        // Even, skewed, and with a third of the values at the bound they were clamped to.
        let shapes: [fn(f64) -> f64; 3] =
            [|u| u, |u| 1.0 / (1.0 - u), |u| (1.5 * u - 0.5).max(0.0)];
        for shape in shapes {
            let mut values: Vec<f64> = (1..20_001).map(|i| shape(unit(i))).collect();
            let digest = of(&values);
            assert!(!digest.is_exact());
            values.sort_by(f64::total_cmp);
            for i in 1..40 {
                let q = f64::from(i) / 40.0;
                let found = digest.quantile(q);
                let below = values.partition_point(|v| *v < found) as f64 / 20_000.0;
                let upto = values.partition_point(|v| *v <= found) as f64 / 20_000.0;
                assert!(below - 0.006 <= q && q <= upto + 0.006, "{q}: {below} to {upto}");
            }
        }
    }
}
