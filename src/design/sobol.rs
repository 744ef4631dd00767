//! The Sobol' sequence (Sobol' 1967) in any place, and Owen's (1995) scrambling of it.

use super::node;
use crate::rng::{Scatter, Scattered, Seed, unit};

/// How many dimensions the table of direction numbers has.
pub const DIMENSIONS: usize = 1024;
/// Direction numbers of the dimensions after the first.
const TABLE: &str = include_str!("joe-kuo.txt");
/// Binary digits that the sequence decides; an index has as many.
const BITS: u32 = 32;

/// One dimension: its direction numbers, the first for the highest digit.
type Directions = [u32; BITS as usize];

#[derive(Clone, Debug)]
pub(super) struct Sobol {
    directions: Vec<Directions>,
    /// By dimension: what halves are exchanged, and the digits below.
    scramble: Option<Vec<(Scatter, Scatter)>>,
}

impl Sobol {
    /// `dimensions` is at most [`DIMENSIONS`]: others would be missing.
    pub(super) fn new(dimensions: usize, scramble: Option<Seed>) -> Sobol {
        let lines = TABLE.lines().filter(|line| !line.starts_with('#')).map(Some);
        let directions = std::iter::once(None).chain(lines).take(dimensions).map(directions);
        let keys = |seed: Seed| {
            let key = |purpose, k| Scatter::new(seed, purpose, k);
            (0..dimensions as u64)
                .map(|k| (key(Scattered::Scramble, k), key(Scattered::Digits, k)))
                .collect()
        };
        Sobol { directions: directions.collect(), scramble: scramble.map(keys) }
    }

    pub(super) fn point(&self, index: u64) -> Vec<f64> {
        let gray = (index ^ (index >> 1)) as u32;
        let digits = self.directions.iter().map(|directions| {
            let chosen = directions.iter().enumerate().filter(|(k, _)| gray >> k & 1 == 1);
            chosen.fold(0, |digits, (_, direction)| digits ^ direction)
        });
        match &self.scramble {
            None => digits.map(|x| f64::from(x) / 4_294_967_296.0).collect(),
            Some(keys) => digits.zip(keys).map(|(x, key)| scrambled(x, *key)).collect(),
        }
    }
}

/// The direction numbers of a line of the table; `None` is the first dimension, whose numbers are
/// 1 in every digit.
///
/// m_k = 2 a_1 m_{k-1} ⊕ 4 a_2 m_{k-2} ⊕ … ⊕ 2^s m_{k-s} ⊕ m_{k-s}, and the k-th direction is
/// m_k / 2^k (Bratley and Fox 1988, algorithm 659).
fn directions(line: Option<&str>) -> Directions {
    let mut all = [0; BITS as usize];
    let numbers: Vec<u32> =
        line.unwrap_or("").split(' ').filter_map(|word| word.parse().ok()).collect();
    let (Some([degree, inner]), m) = (numbers.first_chunk(), numbers.get(2..).unwrap_or_default())
    else {
        (0..BITS).for_each(|k| all[k as usize] = 1 << (BITS - 1 - k));
        return all;
    };
    let degree = *degree as usize;
    for k in 0..all.len() {
        all[k] = match m.get(k) {
            Some(m) => m << (BITS - 1 - k as u32),
            None => {
                let terms = (1..degree).filter(|j| inner >> (degree - 1 - j) & 1 == 1);
                let last = all[k - degree];
                terms.fold(last ^ (last >> degree), |sum, j| sum ^ all[k - j])
            }
        };
    }
    all
}

/// Nested uniform scrambling: at every node of the tree of halves, a random bit says whether the
/// two halves change places. Below the digits of the sequence all digits are random.
fn scrambled(digits: u32, (exchange, below): (Scatter, Scatter)) -> f64 {
    let mut out = 0;
    for level in 0..BITS {
        let above = u64::from(digits) >> (BITS - level);
        let digit = digits >> (BITS - 1 - level) & 1;
        out = out << 1 | digit ^ (exchange.at(node(level, above)) >> 63) as u32;
    }
    unit(u64::from(out) << 32 | below.at(u64::from(digits)) >> 32)
}
