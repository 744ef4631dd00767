//! Latin hypercubes whose prefixes are Latin hypercubes.

use super::node;
use crate::rng::{Scatter, Scattered, Seed, unit};

/// A nested Latin hypercube, each coordinate by itself.
///
/// Points come in generations: point 0; then 1; then 2 and 3; then 4 to 7, and so on. When a
/// generation begins, each of 2^k cells of the coordinate has one point. Cells are halved, and the
/// new points, in random order, enter the halves without one (Qian 2009 calls such designs nested).
/// The last generation halves cells of two strata only, as many as there are points left, so that
/// at the end every one of the N strata has its point. Which half of a cell is entered first is a
/// bit of the cell, so a point is found without knowing the others.
#[derive(Clone, Debug)]
pub(super) struct Latin {
    points: u64,
    /// How often cells can be halved before some have less than one stratum.
    depth: u32,
    coordinates: Vec<Coordinate>,
}

#[derive(Clone, Copy, Debug)]
struct Coordinate {
    halves: Scatter,
    places: Scatter,
    within: Scatter,
}

impl Latin {
    pub(super) fn new(dimensions: usize, points: u64, seed: Seed) -> Latin {
        let key = |purpose, k| Scatter::new(seed, purpose, k);
        let coordinates = (0..dimensions as u64).map(|k| Coordinate {
            halves: key(Scattered::Halves, k),
            places: key(Scattered::Places, k),
            within: key(Scattered::Within, k),
        });
        let depth = points.checked_ilog2().unwrap_or(0);
        Latin { points, depth, coordinates: coordinates.collect() }
    }

    pub(super) fn point(&self, index: u64) -> Vec<f64> {
        let one = |key: &Coordinate| {
            let place = self.stratum(key, index) as f64 + unit(key.within.at(index));
            // Rounding must not lead into the next stratum, least of all to 1.
            (place / self.points as f64).min(1.0 - f64::EPSILON)
        };
        self.coordinates.iter().map(one).collect()
    }

    /// The stratum of a point, from 0 to one less than there are points.
    fn stratum(&self, key: &Coordinate, index: u64) -> u64 {
        let first = |level: u32, cell: u64| key.halves.at(node(level, cell)) & 1;
        let cells = 1_u64 << self.depth;
        if index >= cells {
            let (rest, order) = (self.points - cells, index - cells);
            let order = shuffled(key.places, self.depth, order, rest);
            // The cell with two strata that comes at this place among those with two.
            let cell = times(order + 1, cells).div_ceil(u128::from(rest)) as u64 - 1;
            return self.strata(cell) + 1 - first(self.depth, cell);
        }
        let (mut level, mut cell) = (0, 0);
        if let Some(generation) = index.checked_ilog2() {
            let size = 1 << generation;
            let parent = shuffled(key.places, generation, index - size, size);
            level = generation + 1;
            cell = 2 * parent + 1 - first(generation, parent);
        }
        while level < self.depth {
            cell = 2 * cell + first(level, cell);
            level += 1;
        }
        let (start, end) = (self.strata(cell), self.strata(cell + 1));
        if end - start == 2 { start + first(level, cell) } else { start }
    }

    /// How many strata lie below a cell of the last level.
    fn strata(&self, cell: u64) -> u64 {
        (times(cell, self.points) >> self.depth) as u64
    }
}

fn times(a: u64, b: u64) -> u128 {
    u128::from(a) * u128::from(b)
}

/// The place of `index` in a random order of `0..size`: swap-or-not (Hoang, Morris and Rogaway
/// 2012). In each round an element may change places with its mirror image about a random point.
fn shuffled(key: Scatter, generation: u32, index: u64, size: u64) -> u64 {
    let rounds = u64::from(8 + 4 * size.checked_ilog2().unwrap_or(0));
    let mut at = index;
    for round in 0..rounds {
        let tag = u64::from(generation) << 56 | round << 48;
        let about = (times(key.at(tag | (1 << 47)), size) >> 64) as u64;
        let mirrored = if about >= at { about - at } else { about + (size - at) };
        if key.at(tag | at.max(mirrored)) >> 63 == 1 {
            at = mirrored;
        }
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_orders_are_equally_likely() {
        // 24 orders of four, 48,000 keys: each count has mean 2,000 and deviation 44.
        let mut counts = std::collections::BTreeMap::new();
        for seed in 0..48_000 {
            let key = Scatter::new(Seed(seed), Scattered::Places, 0);
            let order: Vec<u64> = (0..4).map(|k| shuffled(key, 2, k, 4)).collect();
            *counts.entry(order).or_insert(0_u32) += 1;
        }
        assert_eq!(counts.len(), 24);
        assert!(counts.values().all(|n| (1_780..2_220).contains(n)), "{counts:?}");
    }

    #[test]
    fn an_order_has_every_place_once() {
        for size in [1, 2, 3, 5, 64, 100, 1000] {
            let key = Scatter::new(Seed(size), Scattered::Places, 3);
            let mut order: Vec<u64> = (0..size).map(|k| shuffled(key, 7, k, size)).collect();
            order.sort_unstable();
            assert!(order.into_iter().eq(0..size), "{size}");
        }
    }
}
