//! Randomness with addresses.
//!
//! Every run has a keyed stream of its own, and every draw a fixed place in it, so no result
//! depends on threads, batch size or the order of evaluation, and a draw added in one place shifts
//! no other. The generator is ChaCha with 8 rounds: key from the seed, stream number = run index,
//! position from the [`Address`]. Runs of different arms with the same seed and index share their
//! numbers, which makes comparisons between arms paired.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// The largest round an address can hold.
pub const MAX_ROUND: u32 = (1 << ROUND_BITS) - 1;
/// The largest ordinal an address can hold.
pub const MAX_ORDINAL: u32 = (1 << ORDINAL_BITS) - 1;
/// The largest slot an address can hold.
pub const MAX_SLOT: u32 = (1 << SLOT_BITS) - 1;
/// The largest run index; the stream numbers above are kept for [`Sequence`].
pub const MAX_RUN: u64 = u64::MAX - 256;

const ROUND_BITS: u32 = 16;
const PURPOSE_BITS: u32 = 4;
const ORDINAL_BITS: u32 = 12;
const SLOT_BITS: u32 = 28;

/// What a draw is for, and with it what the units are that a slot counts: a draw's slot says whose
/// it is, its ordinal which of that unit's draws. The numbers are part of every result: never
/// renumber, only append (to 15).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Purpose {
    /// An actor's true type, in round 0; a unit is an actor.
    Types = 0,
    /// An actor's level of reasoning where it is drawn, in round 0; a unit is an actor.
    Levels = 1,
    /// The draws of initial values, in round 0; a unit is a state cell.
    Initial = 2,
    /// The choice among a seat's options; a unit is a seat.
    Choice = 3,
    /// The draws inside effects of moves; a unit is an option.
    Effects = 4,
    /// The draws inside dynamics; a unit is a state cell.
    Dynamics = 5,
    /// Whether an event happens; a unit is a hazard.
    Events = 6,
    /// The draws inside effects of events; a unit is a hazard.
    EventEffects = 7,
    /// Whether the record of a seat is right, for particles; a unit is a seat.
    Record = 8,
    /// Which particles go on; slot 0.
    Resample = 9,
}

/// The master seed of a study.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Seed(pub u64);

impl Seed {
    /// The seed where none is given; results always name the seed they were made with.
    pub const DEFAULT: Seed = Seed(20_240_619);
}

impl Default for Seed {
    fn default() -> Seed {
        Seed::DEFAULT
    }
}

/// The increment of SplitMix64: 2^64 over the golden ratio, made odd.
const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;
/// Keeps seeds of arms apart from expanded keys; any constant would do.
const ARM_DOMAIN: u64 = 0x6172_6d73_2d61_7061;

/// The output function of SplitMix64 (Steele, Lea and Flood 2014), a bijection of 64-bit numbers.
fn mix(x: u64) -> u64 {
    let x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

impl Seed {
    /// The key of the generator: the first four outputs of SplitMix64 started at the seed, each in
    /// little-endian order. Different seeds have different keys.
    pub fn key(self) -> [u8; 32] {
        let mut key = [0; 32];
        let mut state = self.0;
        for chunk in key.chunks_exact_mut(8) {
            state = state.wrapping_add(GOLDEN);
            chunk.copy_from_slice(&mix(state).to_le_bytes());
        }
        key
    }

    /// The seed of an arm that shall not share random numbers with the others.
    ///
    /// Seed and arm are mixed one after the other, never added, so that neighbouring seeds do not
    /// meet each other's arms. Different arms of a seed have different seeds.
    pub fn for_arm(self, arm: u64) -> Seed {
        Seed(mix(mix(mix(self.0 ^ ARM_DOMAIN).wrapping_add(GOLDEN)) ^ arm))
    }
}

/// Keeps seeds of points apart from those of arms; any constant would do.
const POINT_DOMAIN: u64 = 0x706f_696e_7473_2121;

impl Seed {
    /// The seed of a point of a sweep that shall not share random numbers with the others.
    pub fn for_point(self, point: u64) -> Seed {
        Seed(mix(mix(mix(self.0 ^ POINT_DOMAIN).wrapping_add(GOLDEN)) ^ point))
    }
}

/// Where in a run a draw belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Address {
    /// The round, from 1; 0 for what is drawn before the first. At most [`MAX_ROUND`].
    pub round: u32,
    /// What the draw is for.
    pub purpose: Purpose,
    /// Which draw of its unit, from 0 in the order of the formulas; 0 for a unit that draws once.
    /// At most [`MAX_ORDINAL`].
    pub ordinal: u32,
    /// Which unit of this purpose: a hash of its name. At most [`MAX_SLOT`].
    pub slot: u32,
}

impl Address {
    /// The number of the draw within its stream: round (16 bits), purpose (4), ordinal (12), slot
    /// (28), from the top. Draw `i` takes the 32-bit words `2 i` and `2 i + 1`.
    ///
    /// The limits are checked in debug builds only: what loads a scenario has to refuse one that
    /// exceeds them. Beyond them distinct addresses may share a number.
    #[inline]
    pub fn index(self) -> u64 {
        debug_assert!(self.round <= MAX_ROUND, "round {} has no address", self.round);
        debug_assert!(self.ordinal <= MAX_ORDINAL, "ordinal {} has no address", self.ordinal);
        debug_assert!(self.slot <= MAX_SLOT, "slot {} has no address", self.slot);
        let mut index = u64::from(self.round);
        index = index << PURPOSE_BITS | self.purpose as u64;
        index = index << ORDINAL_BITS | u64::from(self.ordinal);
        index << SLOT_BITS | u64::from(self.slot)
    }
}

/// A uniform number from 64 random bits: `((bits >> 12) + 1/2) * 2^-52`, never 0 or 1, symmetric
/// about 1/2, exact.
#[inline]
pub fn unit(bits: u64) -> f64 {
    ((bits >> 12) as f64 + 0.5) * (1.0 / 4_503_599_627_370_496.0)
}

/// The random numbers of one run.
///
/// A value is a function of seed, run and address alone.
#[derive(Clone, Debug)]
pub struct Stream {
    inner: ChaCha8Rng,
    /// The number of the draw that `inner` would give next.
    next: u64,
}

impl Stream {
    /// The stream of a run. `run` is at most [`MAX_RUN`] (checked in debug builds).
    pub fn new(seed: Seed, run: u64) -> Stream {
        debug_assert!(run <= MAX_RUN, "run {run} has no stream");
        Stream::numbered(seed, run)
    }

    fn numbered(seed: Seed, stream: u64) -> Stream {
        let mut inner = ChaCha8Rng::from_seed(seed.key());
        inner.set_stream(stream);
        Stream { inner, next: 0 }
    }

    #[inline]
    fn seek(&mut self, index: u64) {
        if index != self.next {
            self.inner.set_word_pos(u128::from(index) * 2);
        }
    }

    /// The uniform number in (0, 1) at an address.
    #[inline]
    pub fn uniform(&mut self, at: Address) -> f64 {
        let index = at.index();
        self.seek(index);
        self.next = index + 1;
        unit(self.inner.next_u64())
    }
}

/// How many runs [`Seed::columns`] draws for at once.
pub const LANES: usize = 8;

/// One word of the generator's state for several runs.
type Words = [u32; LANES];

/// A quarter round of ChaCha (Bernstein 2008) on four words of the state.
#[inline(always)]
fn quarter(state: &mut [Words; 16], [a, b, c, d]: [usize; 4]) {
    for (sum, other, turned, by) in [(a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)] {
        for lane in 0..LANES {
            state[sum][lane] = state[sum][lane].wrapping_add(state[other][lane]);
            state[turned][lane] = (state[turned][lane] ^ state[sum][lane]).rotate_left(by);
        }
    }
}

/// A block of 16 words of the streams of several runs.
#[inline(always)]
fn block(key: &[u32; 8], counter: u64, runs: &[u64; LANES]) -> [Words; 16] {
    // "expand 32-byte k"
    let mut start = [[0; LANES]; 16];
    start[0] = [0x6170_7865; LANES];
    start[1] = [0x3320_646e; LANES];
    start[2] = [0x7962_2d32; LANES];
    start[3] = [0x6b20_6574; LANES];
    for word in 0..8 {
        start[4 + word] = [key[word]; LANES];
    }
    start[12] = [counter as u32; LANES];
    start[13] = [(counter >> 32) as u32; LANES];
    for lane in 0..LANES {
        start[14][lane] = runs[lane] as u32;
        start[15][lane] = (runs[lane] >> 32) as u32;
    }
    let mut state = start;
    for _ in 0..4 {
        quarter(&mut state, [0, 4, 8, 12]);
        quarter(&mut state, [1, 5, 9, 13]);
        quarter(&mut state, [2, 6, 10, 14]);
        quarter(&mut state, [3, 7, 11, 15]);
        quarter(&mut state, [0, 5, 10, 15]);
        quarter(&mut state, [1, 6, 11, 12]);
        quarter(&mut state, [2, 7, 8, 13]);
        quarter(&mut state, [3, 4, 9, 14]);
    }
    for word in 0..16 {
        for lane in 0..LANES {
            state[word][lane] = state[word][lane].wrapping_add(start[word][lane]);
        }
    }
    state
}

impl Seed {
    /// The uniform numbers of [`LANES`] runs at slots in ascending order: those of
    /// [`Stream::uniform`] of each run, made side by side. `first` is the address of slot 0. They
    /// are handed to `take` slot by slot, with the place of the slot in the list.
    #[inline(always)]
    pub fn columns(
        self,
        runs: &[u64; LANES],
        first: Address,
        slots: &[u32],
        mut take: impl FnMut(usize, [f64; LANES]),
    ) {
        let mut key = [0; 8];
        let bytes = self.key();
        for word in 0..8 {
            key[word] = u32::from_le_bytes(bytes.as_chunks::<4>().0[word]);
        }
        let index = first.index();
        // no block has this number: addresses have 60 bits
        let (mut number, mut words) = (u64::MAX, [[0; LANES]; 16]);
        for (at, slot) in slots.iter().enumerate() {
            let draw = index + u64::from(*slot);
            if number != draw / 8 {
                number = draw / 8;
                words = block(&key, number, runs);
            }
            let pair = (draw % 8) as usize;
            let mut values = [0.0; LANES];
            for (lane, value) in values.iter_mut().enumerate() {
                let (low, high) = (words[2 * pair][lane], words[2 * pair + 1][lane]);
                *value = unit(u64::from(high) << 32 | u64::from(low));
            }
            take(at, values);
        }
    }
}

/// Random bits by index, for what is not part of a run and must be found at any place without the
/// places before it: the points of a design.
///
/// The numbers are those of SplitMix64 (Steele, Lea and Flood 2014) from a start that depends on
/// seed, purpose and unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scatter(u64);

/// What scattered bits are for. The numbers are part of every result: never renumber.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Scattered {
    /// Coordinates of a random design; unit = dimension, index = point.
    Random = 0,
    /// Which half of a cell a Latin hypercube enters first; unit = dimension, index = cell.
    Halves = 1,
    /// In which order a Latin hypercube enters cells; unit = dimension.
    Places = 2,
    /// Where in its stratum a point of a Latin hypercube lies; unit = dimension, index = point.
    Within = 3,
    /// Which halves a scramble exchanges; unit = dimension, index = node of the tree of halves.
    Scramble = 4,
    /// The digits below those that a scramble exchanges; unit = dimension, index = place.
    Digits = 5,
    /// In which order a grid takes the levels of a factor; unit = factor, index = node.
    Levels = 6,
    /// Points of a row of a design for sensitivity and the order of its factors; unit = row.
    Walk = 7,
}

/// Keeps scattered bits apart from keys and seeds of arms; any constant would do.
const SCATTER_DOMAIN: u64 = 0x7363_6174_7465_7221;

impl Scatter {
    /// The bits of a unit of a purpose under a seed.
    pub fn new(seed: Seed, purpose: Scattered, unit: u64) -> Scatter {
        let start = mix(mix(seed.0 ^ SCATTER_DOMAIN).wrapping_add(GOLDEN));
        Scatter(mix(mix(start ^ purpose as u64).wrapping_add(GOLDEN) ^ unit))
    }

    /// The 64 bits at an index.
    #[inline]
    pub fn at(self, index: u64) -> u64 {
        mix(self.0.wrapping_add(index.wrapping_add(1).wrapping_mul(GOLDEN)))
    }
}

/// Random numbers one after the other, for what is not part of a run: resampling, trials.
///
/// The generator of a purpose is stream number `u64::MAX - purpose` of the seed's key, which no run
/// uses.
#[derive(Clone, Debug)]
pub struct Sequence(ChaCha8Rng);

impl Sequence {
    /// The purpose number of bootstrap resampling.
    pub const BOOTSTRAP: u8 = 0;
    /// The purpose number of random states and parameters that checks and tests try.
    pub const TRIALS: u8 = 2;
    /// The purpose number of searches for a maximum.
    pub const SEARCH: u8 = 3;
    /// The purpose number of what resamples and moves the draws of a posterior.
    pub const DRAWS: u8 = 4;

    /// The sequence of a purpose under a seed, from its start.
    pub fn new(seed: Seed, purpose: u8) -> Sequence {
        Sequence(Stream::numbered(seed, u64::MAX - u64::from(purpose)).inner)
    }

    /// The next 64 random bits.
    #[inline]
    pub fn next_u64(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// The next uniform number in (0, 1), see [`unit()`].
    #[inline]
    pub fn uniform(&mut self) -> f64 {
        unit(self.next_u64())
    }

    /// A whole number from 0 to `n - 1`, all equally likely; 0 for `n = 0`.
    ///
    /// Lemire (2019): the upper half of a 64 x 64 bit product, drawn again in the rare case that
    /// the lower half falls where the numbers do not divide evenly.
    #[inline]
    pub fn below(&mut self, n: u64) -> u64 {
        let mut product = u128::from(self.next_u64()) * u128::from(n);
        if (product as u64) < n {
            let uneven = n.wrapping_neg() % n;
            while (product as u64) < uneven {
                product = u128::from(self.next_u64()) * u128::from(n);
            }
        }
        (product >> 64) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(round: u32, purpose: Purpose, ordinal: u32, slot: u32) -> Address {
        Address { round, purpose, ordinal, slot }
    }

    #[test]
    fn the_same_words_as_rand() {
        use rand::{Rng as _, SeedableRng as _};
        let mut ours = Stream::new(Seed(7), 123);
        let mut theirs = rand::rngs::ChaCha8Rng::from_seed(Seed(7).key());
        theirs.set_stream(123);
        for slot in 0..200 {
            assert_eq!(ours.uniform(at(0, Purpose::Types, 0, slot)), unit(theirs.next_u64()));
        }
        for address in
            [at(1, Purpose::Choice, 3, 5), at(MAX_ROUND, Purpose::Events, MAX_ORDINAL, 1)]
        {
            theirs.set_word_pos(u128::from(address.index()) * 2);
            assert_eq!(ours.uniform(address), unit(theirs.next_u64()));
        }
        let mut words = Sequence::new(Seed(7), 2);
        theirs.set_stream(u64::MAX - 2);
        theirs.set_word_pos(0);
        assert!((0..200).all(|_| words.next_u64() == theirs.next_u64()));
    }

    #[test]
    fn values_never_change() {
        let mut stream = Stream::new(Seed(1), 0);
        let pinned = [
            (at(0, Purpose::Types, 0, 0), 0x3fed_ee5d_5e89_1517),
            (at(1, Purpose::Choice, 0, 3), 0x3fd3_5038_38a6_c182),
            (at(12, Purpose::Effects, 7, 100_000), 0x3fec_60f3_53eb_9daf),
            (at(MAX_ROUND, Purpose::EventEffects, MAX_ORDINAL, MAX_SLOT), 0x3fd1_9476_5633_55a2),
        ];
        for (address, bits) in pinned {
            assert_eq!(stream.uniform(address).to_bits(), bits, "{address:?}");
        }
        assert_eq!(Seed(1).for_arm(0), Seed(0xf30e_4829_6ba1_90f8));
        assert_eq!(Sequence::new(Seed(1), Sequence::BOOTSTRAP).next_u64(), 0x7fd7_d6bb_c25a_8d0d);
    }

    #[test]
    fn scattered_bits_never_change() {
        // SplitMix64 from 0 begins with this number.
        assert_eq!(Scatter(0).at(0), 0xe220_a839_7b1d_cdaf);
        let one = Scatter::new(Seed(1), Scattered::Scramble, 2);
        assert_eq!(one.at(3), 0x60c9_4b15_cae1_c5d7);
        let others = [
            Scatter::new(Seed(2), Scattered::Scramble, 2),
            Scatter::new(Seed(1), Scattered::Digits, 2),
            Scatter::new(Seed(1), Scattered::Scramble, 3),
        ];
        assert!(others.iter().all(|other| other.at(3) != one.at(3)));
    }

    #[test]
    fn side_by_side_equals_one_by_one() {
        let (seed, first_run) = (Seed(11), u64::from(u32::MAX) - 3);
        let mut runs: [u64; LANES] = std::array::from_fn(|lane| first_run + lane as u64);
        // runs need not follow on each other
        runs.swap(1, 6);
        runs[4] = 7;
        let mut streams: Vec<Stream> = runs.iter().map(|run| Stream::new(seed, *run)).collect();
        let lists: [&[u32]; 4] = [&[0], &[], &[5, 6, 7, 8, 300, 301], &[1, 9, 4_000_000, MAX_SLOT]];
        for slots in lists {
            let mut taken = 0;
            seed.columns(&runs, at(7, Purpose::Events, 2, 0), slots, |number, values| {
                for (stream, value) in streams.iter_mut().zip(values) {
                    let address = at(7, Purpose::Events, 2, slots[number]);
                    assert_eq!(value, stream.uniform(address));
                }
                taken += 1;
            });
            assert_eq!(taken, slots.len());
        }
    }

    #[test]
    fn addresses_are_distinct() {
        let mut seen = std::collections::BTreeSet::new();
        let purposes = [Purpose::Types, Purpose::Choice, Purpose::EventEffects];
        for round in [0, 1, MAX_ROUND] {
            for purpose in purposes {
                for ordinal in [0, 1, MAX_ORDINAL] {
                    for slot in [0, 1, MAX_SLOT] {
                        let index = at(round, purpose, ordinal, slot).index();
                        assert!(index < 1 << 60 && seen.insert(index));
                    }
                }
            }
        }
    }

    #[test]
    fn seeds_and_arms_are_distinct() {
        let mut seen = std::collections::BTreeSet::new();
        for seed in 0..50 {
            assert!(seen.insert(Seed(seed).0));
            for arm in 0..50 {
                assert!(seen.insert(Seed(seed).for_arm(arm).0), "seed {seed}, arm {arm}");
            }
        }
        assert_ne!(Seed(0).key(), Seed(1).key());
    }

    #[test]
    fn below_is_even_and_bounded() {
        let mut words = Sequence::new(Seed(5), Sequence::TRIALS);
        let mut counts = [0_u32; 7];
        for _ in 0..70_000 {
            counts[words.below(7) as usize] += 1;
        }
        // Each count has mean 10,000 and standard deviation 93.
        assert!(counts.iter().all(|&c| (9_500..10_500).contains(&c)), "{counts:?}");
        assert_eq!((words.below(0), words.below(1)), (0, 0));
        assert!((0..100).all(|_| words.below(u64::MAX) < u64::MAX));
    }

    #[test]
    fn unit_is_open() {
        assert!(unit(0) > 0.0 && unit(u64::MAX) < 1.0);
        assert_eq!(unit(0), 1.0 - unit(u64::MAX));
    }
}
