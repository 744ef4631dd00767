//! Runs that are held to what is known: particles, in the words of sequential Monte Carlo.
//!
//! Whoever plays particles is told how each begins ([`Beginning`]) and what is known of every round
//! ([`Observation`]); whoever weighs them asks for numbers by [`Quantity`].

use crate::model::{ActorId, CellId, HazardId, IndexVec, Model, OptionId, SeatId};

/// How a particle begins.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Beginning {
    /// The run whose random numbers it has.
    pub run: u64,
    /// Its arm, by number among those that are played.
    pub point: usize,
    /// By private id, the type that is real; `None`: drawn.
    pub types: Vec<Option<usize>>,
    /// By actor, its Poisson level; `None`: drawn, or it reasons otherwise.
    pub levels: Vec<Option<usize>>,
}

/// What is known of a round before it is played.
#[derive(Debug, Clone, PartialEq)]
pub struct Observation {
    /// By seat, then option of the seat: whether it may be the one that was chosen; `None`: any.
    pub seats: IndexVec<SeatId, Option<Vec<bool>>>,
    /// By hazard: whether it is known to have happened; `None`: not known.
    pub hazards: IndexVec<HazardId, Option<bool>>,
    /// Hazards of which at least one has happened, in order. No hazard stands in two groups, nor is
    /// one of a group known.
    pub any: Vec<Vec<HazardId>>,
    /// The chance that the record of a seat is a uniform draw from its options.
    pub miscoding: f64,
}

impl Observation {
    /// Nothing is known.
    pub fn nothing(model: &Model) -> Observation {
        Observation {
            seats: IndexVec::filled(None, model.seats.len()),
            hazards: IndexVec::filled(None, model.hazards.len()),
            any: Vec::new(),
            miscoding: 0.0,
        }
    }

    /// The options that a seat may have chosen, if not all.
    pub fn of_seat(&self, seat: SeatId) -> Option<&[bool]> {
        self.seats.get(seat)?.as_deref()
    }

    /// How likely a seat's record is, given how likely its set of options is:
    /// (1 − ε) q + ε |S| / |A|.
    pub fn likelihood(&self, set: &[bool], share: f64) -> f64 {
        if self.miscoding == 0.0 {
            return share;
        }
        let size = set.iter().filter(|of| **of).count() as f64;
        (1.0 - self.miscoding) * share + self.miscoding * size / set.len() as f64
    }

    /// How likely it is, given the record, that the record is right: (1 − ε) q over its
    /// likelihood; 0 where the record cannot be.
    pub fn right(&self, set: &[bool], share: f64) -> f64 {
        if self.miscoding == 0.0 {
            return f64::from(u8::from(share > 0.0));
        }
        (1.0 - self.miscoding) * share / self.likelihood(set, share)
    }

    /// How likely a set of options is: the sum of a mix over it, in order.
    pub fn share(set: &[bool], mix: impl Iterator<Item = f64>) -> f64 {
        let within = set.iter().zip(mix).filter(|(of, _)| **of);
        within.fold(0.0, |sum, (_, p)| sum + p)
    }

    /// The option that is chosen given that it is one of a set: the first of the set at which the
    /// sum of the mix over it, divided by the share of the set, exceeds a uniform number; if
    /// rounding leaves none, the last of positive probability.
    pub fn pick(set: &[bool], mix: impl Iterator<Item = f64>, share: f64, uniform: f64) -> usize {
        let (mut sum, mut last) = (0.0, 0);
        for (at, (_, p)) in set.iter().zip(mix).enumerate().filter(|(_, (of, _))| **of) {
            sum += p;
            if p > 0.0 {
                last = at;
            }
            if sum / share > uniform {
                return at;
            }
        }
        last
    }

    /// How likely it is that at least one of some hazards happens.
    pub fn any_of(chances: impl Iterator<Item = f64>) -> f64 {
        1.0 - chances.fold(1.0, |none, p| none * (1.0 - p))
    }

    /// What the uniform numbers of a group of hazards become, one of which has happened: 0 for one
    /// that happens, 1 for one that does not. In order, until one has happened, each happens with
    /// its chance given that it or a later one does; the later ones happen as ever.
    pub fn settle(chances: &[f64], uniforms: &mut [f64]) {
        let mut found = false;
        for at in 0..chances.len() {
            let chance = match found {
                true => chances[at],
                false => chances[at] / Observation::any_of(chances[at..].iter().copied()),
            };
            let happens = uniforms[at] < chance;
            found |= happens;
            uniforms[at] = if happens { 0.0 } else { 1.0 };
        }
    }
}

/// All that a particle takes along from one round to the next.
#[derive(Debug, Clone, PartialEq)]
pub struct Snapshot {
    /// State cells.
    pub cells: IndexVec<CellId, f64>,
    /// Which options were played in the round before, and how likely each was.
    pub played: IndexVec<OptionId, f64>,
    /// How likely each option was.
    pub mixed: IndexVec<OptionId, f64>,
    /// Which events happened in it.
    pub happened: IndexVec<HazardId, f64>,
    /// Which events that happen once have happened.
    pub spent: IndexVec<HazardId, f64>,
    /// By private id, observer and type: what is believed. What an actor would believe of itself
    /// has no meaning.
    pub beliefs: Vec<IndexVec<ActorId, Vec<f64>>>,
    /// By private id, the number of the real type.
    pub types: Vec<u16>,
    /// By actor, its Poisson level; [`super::NONE`] where it reasons otherwise.
    pub levels: IndexVec<ActorId, u16>,
    /// By outcome, what it has come to over the rounds so far; not a number: nothing yet.
    pub measured: Vec<f64>,
    /// How many rounds were played to their end.
    pub rounds: u32,
    /// The round in which it failed.
    pub failed: Option<u32>,
    /// Whether it has neither failed nor ended.
    pub alive: bool,
}

impl Snapshot {
    /// How a particle begins that goes on from here with the random numbers of another run.
    pub fn beginning(&self, run: u64) -> Beginning {
        let known = |number: &u16| (*number != super::NONE).then_some(usize::from(*number));
        Beginning {
            run,
            point: 0,
            types: self.types.iter().map(known).collect(),
            levels: self.levels.iter().map(known).collect(),
        }
    }
}

/// A number that every particle has after a round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quantity {
    /// A recorded variable, by its number in [`super::Layout::variables`].
    Variable(usize),
    /// How likely an option was.
    Mix(OptionId),
    /// How far an option was available; it could be chosen where that is above 0.
    Open(OptionId),
    /// The number of the option that a seat has chosen, within the seat.
    Choice(SeatId),
    /// How likely a hazard was.
    Chance(HazardId),
    /// How many probabilities were moved into \[0, 1\].
    Clamped,
    /// The residual of an equilibrium that did not converge, else 0.
    Residual,
}
