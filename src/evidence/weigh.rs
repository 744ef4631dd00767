//! How likely each record of a round is at every particle.

use super::population::Population;
use super::{Record, What};
use crate::math;
use crate::model::{HazardId, Model, SeatId};
use crate::record::{Observation, Quantity};

/// One record of a round.
#[derive(Debug, Clone)]
pub(super) struct Factor {
    pub what: What,
    /// By particle: how likely it is; a logarithm where [`Factor::is_log`].
    pub values: Vec<f64>,
    /// By particle, how far any option of a seat's set could be chosen; empty for others.
    pub open: Vec<f64>,
}

impl Factor {
    /// Whether values are logarithms: densities may be too small for numbers.
    pub fn is_log(&self) -> bool {
        matches!(self.what, What::Measurement(_))
    }

    /// The logarithm of a value.
    pub fn logarithm(&self, value: f64) -> f64 {
        match self.is_log() {
            true => value,
            false if value > 0.0 => math::log(value),
            false => f64::NEG_INFINITY,
        }
    }
}

/// The factors of a round that particles have just played: seats, hazards, groups of hazards,
/// measurements, each in order.
pub(super) fn factors(
    model: &Model,
    record: &Record,
    round: u32,
    population: &dyn Population,
) -> Vec<Factor> {
    let number = round as usize - 1;
    let known = &record.observations[number];
    let seats = model.seats.ids().filter_map(|seat| {
        let set = known.of_seat(seat)?;
        Some(of_seat(model, known, (seat, set), population))
    });
    let hazards = known.hazards.enumerate().filter_map(|(hazard, happened)| {
        let happened = (*happened)?;
        let mut values = population.read(Quantity::Chance(hazard));
        if !happened {
            values.iter_mut().for_each(|chance| *chance = 1.0 - *chance);
        }
        Some(Factor { what: What::Hazard(hazard, happened), values, open: Vec::new() })
    });
    let groups = known.any.iter().enumerate().map(|(number, group)| {
        let read = |hazard: &HazardId| population.read(Quantity::Chance(*hazard));
        let chances: Vec<Vec<f64>> = group.iter().map(read).collect();
        let count = chances.first().map_or(0, Vec::len);
        let any = |n: usize| Observation::any_of(chances.iter().map(|of| of[n]));
        let values = (0..count).map(any).collect();
        Factor { what: What::Any(number), values, open: Vec::new() }
    });
    let series = record.series[number].iter().enumerate().map(|(number, measured)| {
        let mut values = population.read(Quantity::Variable(measured.variable));
        values.iter_mut().for_each(|v| *v = log_normal_density(measured.value, *v, measured.sd));
        Factor { what: What::Measurement(number), values, open: Vec::new() }
    });
    seats.chain(hazards).chain(groups).chain(series).collect()
}

fn of_seat(
    model: &Model,
    known: &Observation,
    (seat, set): (SeatId, &[bool]),
    population: &dyn Population,
) -> Factor {
    let options = model.seats[seat].options();
    let mut open: Vec<f64> = Vec::new();
    let mut values: Vec<f64> = Vec::new();
    for (option, _) in options.zip(set).filter(|(_, of)| **of) {
        let share = population.read(Quantity::Mix(option));
        let can = population.read(Quantity::Open(option));
        if values.is_empty() {
            (values, open) = (vec![0.0; share.len()], vec![0.0; can.len()]);
        }
        values.iter_mut().zip(share).for_each(|(sum, p)| *sum += p);
        open.iter_mut().zip(can).for_each(|(most, can)| *most = math::maximum(*most, can));
    }
    values.iter_mut().for_each(|share| *share = known.likelihood(set, *share));
    Factor { what: What::Seat(seat), values, open }
}

/// The logarithm of a normal density.
fn log_normal_density(at: f64, mean: f64, sd: f64) -> f64 {
    /// ½ log 2π
    const HALF: f64 = 0.918_938_533_204_672_8;
    let z = (at - mean) / sd;
    -0.5 * z * z - math::log(sd) - HALF
}

/// Which record of a round no particle can explain, and how.
#[derive(Debug, Clone, PartialEq)]
pub struct Blame {
    /// The round, from 1.
    pub round: u32,
    /// The record; `None` if each can be explained, but not all together, or if every run had
    /// ended or failed.
    pub what: Option<What>,
    /// Whether conditions of moves forbid it everywhere; else its probability is 0.
    pub closed: bool,
}

/// Finds the record that makes a round impossible: the first that has no chance at any particle
/// that was possible before.
pub(super) fn blame(round: u32, factors: &[Factor], before: &[f64]) -> Blame {
    let possible = |n: &usize| before[*n] > 0.0;
    let none = |values: &[f64], log: bool| {
        let zero = |value: f64| if log { value == f64::NEG_INFINITY } else { value <= 0.0 };
        (0..values.len()).filter(possible).all(|n| zero(values[n]) || values[n].is_nan())
    };
    let guilty = factors.iter().find(|factor| none(&factor.values, factor.is_log()));
    Blame {
        round,
        what: guilty.map(|factor| factor.what),
        closed: guilty.is_some_and(|factor| !factor.open.is_empty() && none(&factor.open, false)),
    }
}
