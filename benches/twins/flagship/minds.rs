//! What options are worth: for every seat, the utility of each option up to what they share.
//!
//! An option is worth what a round would come to in which everyone else, and the actor's other
//! seats, play as predicted. That round is worked out once ([`Mean`]); a seat is then taken out of
//! it and each of its options put in its place. Only what the options of the seat differ in is
//! worked out again: what they have in common does not change a choice.

use super::drift::*;
use super::numbers::*;
use super::options::*;
use super::world::*;

/// What is the same for everybody who thinks in this round.
pub struct Eyes<'a> {
    pub known: &'a Known,
    pub world: &'a World,
    pub news: News,
    pub factors: Factors,
    /// What options cost, in utility.
    pub cost: [f64; OPTIONS],
    /// The pairs with a recent crisis, and how recent: wars grow from them.
    hot: [(usize, f64); PAIRS],
    count: usize,
    /// Whether North Korea is in one of them.
    pub korea: bool,
}

impl<'a> Eyes<'a> {
    pub fn new(known: &'a Known, world: &'a World) -> Eyes<'a> {
        let x = &world.cells;
        let mut eyes = Eyes {
            known,
            world,
            news: News::expected(known, world),
            factors: factors(x),
            cost: [0.0; OPTIONS],
            hot: [(0, 0.0); PAIRS],
            count: 0,
            korea: false,
        };
        for option in 0..OPTIONS {
            let (cost, relief) = COST[option];
            eyes.cost[option] = cost * (1.0 - relief * x[TREATY]);
        }
        for pair in 0..PAIRS {
            let aftermath = world.aftermath[pair];
            if aftermath > 0.0 {
                eyes.hot[eyes.count] = (pair, CRISIS_KEEP * aftermath);
                eyes.count += 1;
                eyes.korea |= pair >= PRK;
            }
        }
        eyes
    }

    /// Adds what an option does, with a weight, to sums that are not yet moved into range.
    #[inline(always)]
    pub fn act(&self, raw: &mut Cells, option: usize, weight: f64) {
        for &(cell, step, factor) in EFFECTS[option] {
            raw[cell] += weight * (step * self.factors[factor]);
        }
    }

    /// The crises of some pairs and the hazards of war at tensions, where they differ from those
    /// of another climate.
    #[inline(always)]
    pub fn climate<const N: usize>(
        &self,
        tension: [f64; PAIRS],
        pairs: [usize; N],
        from: &Climate,
    ) -> Climate {
        let mut climate = Climate { tension, crisis: [0.0; PAIRS], hazard: [0.0; PAIRS] };
        for pair in pairs {
            climate.crisis[pair] = match tension[pair] == from.tension[pair] {
                true => from.crisis[pair],
                false => crisis_chance(self.known, pair, tension[pair]),
            };
        }
        for &(pair, aftermath) in &self.hot[..self.count] {
            climate.hazard[pair] = match tension[pair] == from.tension[pair] {
                true => from.hazard[pair],
                false => war_hazard(pair, aftermath, tension[pair]),
            };
        }
        climate
    }

    /// The chance that there is a war at all.
    #[inline(always)]
    pub fn war(&self, climate: &Climate, brake: f64) -> f64 {
        if self.count == 0 {
            return 0.0;
        }
        let mut sum = 0.0;
        for &(pair, _) in &self.hot[..self.count] {
            sum += if pair >= PRK { brake * climate.hazard[pair] } else { climate.hazard[pair] };
        }
        1.0 - exp(-sum)
    }

    /// The brake, where there is something to hold.
    #[inline(always)]
    pub fn brake(&self, deterrent: f64, treaty: f64) -> f64 {
        if self.korea { brake(deterrent, treaty) } else { 1.0 }
    }

    /// The chance of a war of a pair, and its tension in the end.
    #[inline(always)]
    pub fn end(&self, pair: usize, climate: &Climate, brake: f64) -> (f64, f64) {
        let hazard = climate.hazard[pair] * if pair >= PRK { brake } else { 1.0 };
        let war = if hazard > 0.0 { 1.0 - exp(-hazard) } else { 0.0 };
        let news = self.news.tension(pair);
        (war, struck(climate.tension[pair], war, climate.crisis[pair], news))
    }

    pub fn suspicion(&self, association: f64) -> f64 {
        suspicion(self.world.belief, association)
    }
}

/// How tense it is before nature strikes, and what grows from it.
#[derive(Clone, Copy)]
pub struct Climate {
    pub tension: [f64; PAIRS],
    /// The chance of a crisis, of the pairs that matter.
    pub crisis: [f64; PAIRS],
    /// The hazard of war, but for the brake of North Korea.
    pub hazard: [f64; PAIRS],
}

impl Climate {
    /// Nothing is known yet.
    pub const UNKNOWN: Climate =
        Climate { tension: [f64::NAN; PAIRS], crisis: [0.0; PAIRS], hazard: [0.0; PAIRS] };
}

/// The pairs of North Korea.
pub const NORTH: [usize; 3] = [PK, PJ, PU];
/// Those of China.
pub const CHINESE: [usize; 3] = [CK, CJ, CU];
/// Those of either.
pub const NEAR: [usize; 6] = [CK, CJ, CU, PK, PJ, PU];

/// The round as predicted, with everyone's mixes.
pub struct Mean {
    /// After what is chosen, before it is moved into range.
    raw: Cells,
    pub acted: Cells,
    /// Before nature.
    pub next: Cells,
    /// The weight with which China is in the bloc.
    pub bloc: f64,
}

impl Mean {
    pub fn new(eyes: &Eyes, raw: Cells, joins: f64) -> Mean {
        let acted = in_range(&raw);
        let next = drift(&acted, eyes.world.belief, &[0.0; PAIRS + 1]);
        let bloc = if eyes.world.bloc { 1.0 } else { joins };
        Mean { raw, acted, next, bloc }
    }

    /// The climate in Korea, with everyone's mixes.
    pub fn climate(&self, eyes: &Eyes) -> Climate {
        let mut tension = [0.0; PAIRS];
        tension.copy_from_slice(&self.next[..PAIRS]);
        eyes.climate(tension, NORTH, &Climate::UNKNOWN)
    }

    /// The brake that others expect.
    pub fn brake(&self, eyes: &Eyes) -> f64 {
        eyes.brake(self.next[DETERRENT], self.next[TREATY])
    }
}

/// The predicted round without one seat, whose options take turns.
pub struct Turns<'a> {
    eyes: &'a Eyes<'a>,
    raw: Cells,
    pub acted: Cells,
}

impl<'a> Turns<'a> {
    #[inline(always)]
    pub fn new(eyes: &'a Eyes<'a>, mean: &Mean, first: usize, mix: &[f64]) -> Self {
        let mut turns = Turns { eyes, raw: mean.raw, acted: mean.acted };
        for at in 0..mix.len() {
            eyes.act(&mut turns.raw, first + at, -mix[at]);
        }
        for at in 0..mix.len() {
            for &(cell, ..) in EFFECTS[first + at] {
                turns.acted[cell] = unit(turns.raw[cell]);
            }
        }
        turns
    }

    /// What each option is worth, given what it is worth before its cost.
    #[inline(always)]
    pub fn worths<const N: usize>(
        &mut self,
        first: usize,
        mut gain: impl FnMut(usize, &Cells) -> f64,
    ) -> [f64; N] {
        let mut worths = [0.0; N];
        for at in 0..N {
            let effects = EFFECTS[first + at];
            for &(cell, step, factor) in effects {
                self.acted[cell] = unit(self.raw[cell] + step * self.eyes.factors[factor]);
            }
            worths[at] = gain(at, &self.acted) - self.eyes.cost[first + at];
            for &(cell, ..) in effects {
                self.acted[cell] = unit(self.raw[cell]);
            }
        }
        worths
    }
}

/// Logit choice.
#[inline(always)]
pub fn logit<const N: usize>(worths: [f64; N]) -> [f64; N] {
    let mut best = f64::NEG_INFINITY;
    for worth in worths {
        best = if worth > best { worth } else { best };
    }
    let (mut mix, mut sum) = ([0.0; N], 0.0);
    for at in 0..N {
        mix[at] = exp(SHARPNESS * (worths[at] - best));
        sum += mix[at];
    }
    let share = 1.0 / sum;
    for term in &mut mix {
        *term *= share;
    }
    mix
}

/// What a level of security is worth to North Korea and the allies, by the weight of that.
pub const WS: f64 = STAKE * SECURITY[2];
/// The same for the economy of all but China.
pub const WE: f64 = STAKE * ECONOMY[1];
/// The same for everyone's influence.
pub const WI: f64 = STAKE * INFLUENCE;
