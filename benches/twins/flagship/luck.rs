//! Random numbers: fast ones, and for comparison those of the program.

use super::numbers::PAIRS;
use super::world::log;
use detente::math;
use detente::rng::{Address, Purpose, Stream};

/// Where random numbers come from.
pub trait Luck {
    /// For the type of China.
    fn kind(&mut self) -> f64;
    /// For the choice of a seat.
    fn choice(&mut self, round: u32, seat: usize) -> f64;
    /// For an event, by its number in the program.
    fn event(&mut self, round: u32, hazard: usize) -> f64;
    /// Standard normal numbers for the tensions of all pairs, and for Ukraine.
    fn noise(&mut self, round: u32) -> [f64; PAIRS + 1];
}

/// The numbers of the program, at the addresses at which it reads them.
pub struct Addressed(pub Stream);

impl Addressed {
    fn at(&mut self, round: u32, purpose: Purpose, slot: usize) -> f64 {
        self.0.uniform(Address { round, purpose, ordinal: 0, slot: slot as u32 })
    }
}

/// The number of each pair among all 15 pairs of actors.
pub const DYADS: [usize; PAIRS] = [2, 3, 4, 6, 7, 8, 9, 10, 11];
/// The number of the cell `ukraine`.
const UKRAINE_CELL: usize = 71;

impl Luck for Addressed {
    fn kind(&mut self) -> f64 {
        self.at(0, Purpose::Types, 0)
    }
    fn choice(&mut self, round: u32, seat: usize) -> f64 {
        self.at(round, Purpose::Choice, seat)
    }
    fn event(&mut self, round: u32, hazard: usize) -> f64 {
        self.at(round, Purpose::Events, hazard)
    }
    fn noise(&mut self, round: u32) -> [f64; PAIRS + 1] {
        std::array::from_fn(|at| {
            let cell = DYADS.get(at).copied().unwrap_or(UKRAINE_CELL);
            math::normal_quantile(self.at(round, Purpose::Dynamics, cell))
        })
    }
}

/// xoshiro256++ (Blackman and Vigna 2019), seeded by SplitMix64.
pub struct Quick([u64; 4]);

impl Quick {
    pub fn new(seed: u64, run: u64) -> Quick {
        let mut state = seed.wrapping_mul(0xd134_2543_de82_ef95) ^ run;
        Quick(std::array::from_fn(|_| {
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let x = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            x ^ (x >> 31)
        }))
    }

    #[inline(always)]
    fn uniform(&mut self) -> f64 {
        let s = &mut self.0;
        let found = s[0].wrapping_add(s[3]).rotate_left(23).wrapping_add(s[0]);
        let shifted = s[1] << 17;
        s[2] ^= s[0];
        s[3] ^= s[1];
        s[1] ^= s[2];
        s[0] ^= s[3];
        s[2] ^= shifted;
        s[3] = s[3].rotate_left(45);
        ((found >> 12) as f64 + 0.5) * (1.0 / 4_503_599_627_370_496.0)
    }
}

impl Luck for Quick {
    fn kind(&mut self) -> f64 {
        self.uniform()
    }
    fn choice(&mut self, _: u32, _: usize) -> f64 {
        self.uniform()
    }
    fn event(&mut self, _: u32, _: usize) -> f64 {
        self.uniform()
    }
    /// Marsaglia's polar method, two at a time.
    fn noise(&mut self, _: u32) -> [f64; PAIRS + 1] {
        let mut noise = [0.0; PAIRS + 1];
        for two in noise.as_chunks_mut::<2>().0 {
            loop {
                let (x, y) = (2.0 * self.uniform() - 1.0, 2.0 * self.uniform() - 1.0);
                let square = x * x + y * y;
                if square < 1.0 {
                    let scale = (-2.0 * log(square) / square).sqrt();
                    *two = [x * scale, y * scale];
                    break;
                }
            }
        }
        noise
    }
}
