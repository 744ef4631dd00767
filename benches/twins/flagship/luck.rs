//! Random numbers: fast ones, and for comparison those of the program.

use super::numbers::PAIRS;
use super::world::log;
use detente::math;
use detente::model::Model;
use detente::plan::{Draw, Input, Plan, Within};
use detente::rng::{Address, Purpose, Stream};

/// Where random numbers come from.
pub trait Luck {
    /// For the type of China.
    fn kind(&mut self) -> f64;
    /// For the choice of a seat.
    fn choice(&mut self, round: u32, seat: usize) -> f64;
    /// For an event, by its number.
    fn event(&mut self, round: u32, event: usize) -> f64;
    /// Standard normal numbers for the tensions of all pairs, and for Ukraine.
    fn noise(&mut self, round: u32) -> [f64; PAIRS + 1];
}

/// Rows and columns of pairs.
const EAST: [&str; 3] = ["CHN", "RUS", "PRK"];
const ALLIES: [&str; 3] = ["ROK", "JPN", "USA"];

// Events by number: crises of all pairs, wars of all pairs, then these.
pub const WAR: usize = PAIRS;
pub const INTERVENTION: usize = 2 * PAIRS;
pub const SHOCK: usize = INTERVENTION + 1;
pub const COLLAPSE: usize = INTERVENTION + 2;
pub const HANDOVER: usize = INTERVENTION + 3;
pub const OFFER: usize = HANDOVER + 3;
const ALONE: [&str; 7] = [
    "intervention",
    "taiwan_shock",
    "collapse",
    "handover_usa",
    "handover_rok",
    "handover_jpn",
    "offer",
];

/// Which draws of the plan decide what: found by the names of events and cells.
pub struct Slots {
    kind: u32,
    /// By seat.
    choices: Vec<u32>,
    events: [Draw; OFFER + 1],
    noise: [Draw; PAIRS + 1],
}

impl Slots {
    /// The draws that a plan of the scenario reads.
    pub fn of(model: &Model, plan: &Plan) -> Slots {
        let inputs = plan.round.tape.inputs.iter();
        let draws: Vec<Draw> = inputs
            .filter_map(|(input, _)| match input {
                Input::Uniform(draw) => Some(*draw),
                _ => None,
            })
            .collect();
        let find = |within: Within, labels: Vec<&str>, slots: &[u32], name: &str| -> Draw {
            let slot = labels.iter().position(|label| *label == name).map(|unit| slots[unit]);
            let fits = |d: &&Draw| d.within == within && Some(d.slot) == slot;
            *draws.iter().find(fits).unwrap_or_else(|| panic!("no draw for {name}"))
        };
        let pair = |what: &str, pair: usize| {
            format!("{what}[{},{}]", EAST[pair / ALLIES.len()], ALLIES[pair % ALLIES.len()])
        };
        let event = |number: usize| -> Draw {
            let name = match number {
                INTERVENTION.. => ALONE[number - INTERVENTION].to_string(),
                WAR.. => pair("war", number - WAR),
                _ => pair("crisis", number),
            };
            let labels = model.hazards.iter().map(|hazard| hazard.label.as_str());
            find(Within::Events, labels.collect(), &model.slots.hazards, &name)
        };
        let noise = |number: usize| -> Draw {
            let name = if number < PAIRS { pair("tension", number) } else { "ukraine".to_string() };
            let labels = model.cells.iter().map(|cell| cell.label.as_str());
            find(Within::Dynamics, labels.collect(), &model.slots.cells, &name)
        };
        Slots {
            kind: model.slots.types[0],
            choices: model.slots.seats.to_vec(),
            events: std::array::from_fn(event),
            noise: std::array::from_fn(noise),
        }
    }
}

/// The numbers of the program, at the addresses at which it reads them.
pub struct Addressed<'a>(pub Stream, pub &'a Slots);

impl Addressed<'_> {
    fn at(&mut self, round: u32, purpose: Purpose, ordinal: u32, slot: u32) -> f64 {
        self.0.uniform(Address { round, purpose, ordinal, slot })
    }
}

impl Luck for Addressed<'_> {
    fn kind(&mut self) -> f64 {
        self.at(0, Purpose::Types, 0, self.1.kind)
    }
    fn choice(&mut self, round: u32, seat: usize) -> f64 {
        self.at(round, Purpose::Choice, 0, self.1.choices[seat])
    }
    fn event(&mut self, round: u32, event: usize) -> f64 {
        let Draw { ordinal, slot, .. } = self.1.events[event];
        self.at(round, Purpose::Events, ordinal, slot)
    }
    fn noise(&mut self, round: u32) -> [f64; PAIRS + 1] {
        self.1.noise.map(|Draw { ordinal, slot, .. }| {
            math::normal_quantile(self.at(round, Purpose::Dynamics, ordinal, slot))
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
