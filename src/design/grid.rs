//! Full factorial grids in an order whose prefixes are balanced.

use crate::rng::{Scatter, Scattered, Seed};

/// All combinations of levels.
///
/// The combination of the first k factors repeats after P points, the product of their levels. The
/// level of the next factor advances by one from point to point, and by one more after each lcm(P,
/// n) points, so that every pair of a combination and a level occurs once. Hence every run of n
/// points has each of the n levels of a factor once or nearly: a prefix has all levels equally
/// often to within one.
///
/// Which level comes first, second and so on is the order in which a scrambled van der Corput
/// sequence enters the n cells: it jumps about evenly, and differently for each factor.
#[derive(Clone, Debug)]
pub(super) struct Grid {
    factors: Vec<Factor>,
}

#[derive(Clone, Debug)]
struct Factor {
    /// How many combinations this factor and those before it have.
    period: u64,
    /// After so many points the levels are shifted by one.
    shift: u64,
    /// Levels in their order.
    order: Vec<u64>,
}

impl Grid {
    /// The product of `levels` fits into 64 bits, and none is 0.
    pub(super) fn new(levels: &[u64], seed: Seed) -> Grid {
        let mut before = 1;
        let factors = (0..).zip(levels).map(|(number, n)| {
            let shift = before / divisor(before, *n) * n;
            before *= n;
            let key = Scatter::new(seed, Scattered::Levels, number);
            Factor { period: before, shift, order: order(*n, key) }
        });
        Grid { factors: factors.collect() }
    }

    pub(super) fn point(&self, index: u64) -> Vec<f64> {
        let one = |factor: &Factor| {
            let index = index % factor.period;
            let n = factor.order.len() as u64;
            let place = (index + index / factor.shift) % n;
            (factor.order[place as usize] as f64 + 0.5) / n as f64
        };
        self.factors.iter().map(one).collect()
    }
}

/// The greatest common divisor.
fn divisor(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { divisor(b, a % b) }
}

/// In which order the scrambled van der Corput sequence enters `n` cells.
fn order(n: u64, key: Scatter) -> Vec<u64> {
    // An interval of 1/n holds a whole one of 2^-bits, which the sequence enters.
    let bits = n.next_power_of_two().trailing_zeros() + 1;
    let mut entered = vec![false; n as usize];
    let mut order = Vec::with_capacity(n as usize);
    for index in 0..1_u64 << bits {
        let mut cell = 0;
        for level in 0..bits {
            let exchange = key.at(super::node(level, cell)) & 1;
            cell = cell << 1 | ((index >> level & 1) ^ exchange);
        }
        let level = (u128::from(cell) * u128::from(n)) >> bits;
        if !std::mem::replace(&mut entered[level as usize], true) {
            order.push(level as u64);
        }
    }
    order
}
