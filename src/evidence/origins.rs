//! Forecasts from every round of a history, scored by what followed.

use std::ops::RangeInclusive;

use super::baselines::{Baselines, Expected};
use super::filter::{Filter, Look, evenly};
use super::forecast::uniform;
use super::population::Population;
use super::{Ahead, Error, Record, Weigh};
use crate::history::Case;
use crate::math;
use crate::model::{Arm, Model, SeatId};
use crate::record::{Beginning, Quantity, Snapshot};
use crate::stats::Sum;

/// Whether an actor makes a move at least once within some rounds after an origin.
#[derive(Debug, Clone, PartialEq)]
pub struct Foresight {
    /// The case, by number.
    pub case: usize,
    /// The last round that was known.
    pub origin: u32,
    /// Within how many rounds.
    pub ahead: u32,
    /// Whose move.
    pub seat: SeatId,
    /// Which move, by number.
    pub action: usize,
    /// How likely it was by the scenario, (k + ½) / (n + 1) of n particles.
    pub probability: f64,
    /// The same if every round were a uniform draw from what can be played at the origin.
    pub uniform: f64,
    /// The same by baselines of the history up to the origin.
    pub baseline: Expected,
    /// Whether it happened.
    pub happened: bool,
}

/// From which rounds to forecast, and how far.
#[derive(Debug, Clone)]
pub struct Origins {
    /// The last rounds that are known, as far as the history goes beyond them.
    pub origins: RangeInclusive<u32>,
    /// Within how many rounds, in ascending order.
    pub ahead: Vec<u32>,
}

/// The moves of a seat: the number of each, and which options of the seat make it.
fn moves(model: &Model, seat: SeatId) -> Vec<(usize, Vec<bool>)> {
    let options: Vec<_> = model.seats[seat].options().collect();
    let makes = |option, action: usize| {
        let acts: &[_] = &model.options[option].acts;
        acts.iter().any(|act| act.action == action)
    };
    let of = |action: usize| options.iter().map(|option| makes(*option, action)).collect();
    let all = (0..model.moves.len()).map(|action| (action, of(action)));
    all.filter(|(_, set): &(usize, Vec<bool>)| set.contains(&true)).collect()
}

/// Whether a move was made within some rounds; `None` where the record does not say.
fn happened(case: &Case, seat: SeatId, of: &[bool], window: RangeInclusive<u32>) -> Option<bool> {
    let mut sure = true;
    for round in window {
        let seen = case.seen.get(round as usize - 1)?;
        let Some(set) = &seen.seats[seat] else {
            sure = false;
            continue;
        };
        let within = set.iter().zip(of).filter(|(may, _)| **may);
        let (mut all, mut none) = (true, true);
        within.for_each(|(_, of)| {
            all &= *of;
            none &= !*of;
        });
        if all {
            return Some(true);
        }
        sure &= none;
    }
    sure.then_some(false)
}

/// What is kept of an origin.
struct Origin {
    round: u32,
    kept: Vec<Snapshot>,
    baselines: Baselines,
    /// By seat, then option: how likely a uniform draw from what can be played is.
    uniform: Vec<Vec<f64>>,
}

/// Forecasts an arm from every origin of a case and looks what followed.
///
/// # Errors
/// As [`Weigh::likelihoods`].
pub fn origins(
    weigh: &Weigh,
    number: usize,
    arm: &Arm,
    asked: &Origins,
    mut baselines: Baselines,
) -> Result<Vec<Foresight>, Error> {
    let (model, case) = (weigh.model, &weigh.history.cases[number]);
    let record = Record::new(model, case, weigh.history.miscoding);
    let arms = [Record::arm(case, arm)];
    let filter = Filter { sampled: true, ..weigh.filter(&arms, &record) };
    let count = weigh.settings.particles * weigh.settings.filters;
    let mut all: Vec<Origin> = Vec::new();
    baselines.restart();
    let mut watch = |look: &Look| {
        weigh.watch.advanced(look.after.len() as u64);
        baselines.add(look.known);
        if asked.origins.contains(&look.round) && look.round < case.rounds {
            let from = evenly(look.after, count, uniform(weigh.settings, look.round, 2));
            let states = look.population.snapshots();
            all.push(Origin {
                round: look.round,
                kept: from.iter().map(|n| states[*n].clone()).collect(),
                baselines: baselines.clone(),
                uniform: model.seats.ids().map(|seat| open(model, seat, look)).collect(),
            });
        }
    };
    filter.run(&mut watch, &mut |_, _| ())?;
    let mut found = Vec::new();
    for origin in all {
        found.extend(from(weigh, (number, case), &arms[0], asked, &origin)?);
    }
    Ok(found)
}

/// By option of a seat, how likely a uniform draw from what can be played is.
fn open(model: &Model, seat: SeatId, look: &Look) -> Vec<f64> {
    let options = model.seats[seat].options();
    let open: Vec<Vec<f64>> =
        options.map(|option| look.population.read(Quantity::Open(option))).collect();
    let mut shares = vec![Sum::new(); open.len()];
    for (n, weight) in look.after.iter().enumerate().filter(|(_, weight)| **weight > 0.0) {
        let can = open.iter().filter(|of| of[n] > 0.0).count();
        for (sum, of) in shares.iter_mut().zip(&open) {
            if of[n] > 0.0 {
                sum.add(weight / can as f64);
            }
        }
    }
    shares.iter().map(Sum::value).collect()
}

fn from(
    weigh: &Weigh,
    (number, case): (usize, &Case),
    arm: &Arm,
    asked: &Origins,
    origin: &Origin,
) -> Result<Vec<Foresight>, Error> {
    let ahead = Ahead::new(weigh.model, origin.round, false);
    let model = &ahead.model;
    let run = |(kept, run): (&Snapshot, u64)| kept.beginning(run);
    let beginnings: Vec<Beginning> = origin.kept.iter().zip(0..).map(run).collect();
    let look = Window { weigh, case, number, arm, asked, origin, model };
    weigh.particles(model, std::slice::from_ref(arm), &beginnings, |all| look.play(all))
}

/// The rounds after an origin.
struct Window<'a> {
    weigh: &'a Weigh<'a>,
    case: &'a Case,
    number: usize,
    arm: &'a Arm,
    asked: &'a Origins,
    origin: &'a Origin,
    model: &'a Model,
}

impl Window<'_> {
    fn play(&self, population: &mut dyn Population) -> Result<Vec<Foresight>, Error> {
        population.restore(&self.origin.kept);
        let count = self.origin.kept.len();
        let first = self.origin.round;
        let most = self.asked.ahead.last().copied().unwrap_or(0);
        let last = (first + most).min(self.case.rounds).min(self.arm.rounds);
        let watched: Vec<(SeatId, usize, Vec<bool>)> = self
            .model
            .seats
            .ids()
            .flat_map(|seat| {
                moves(self.model, seat).into_iter().map(move |(action, of)| (seat, action, of))
            })
            .collect();
        let mut ever = vec![vec![false; count]; watched.len()];
        let mut found = Vec::new();
        for round in first + 1..=last {
            if !population.advance(round, None) || self.weigh.watch.stop() {
                return Err(Error::Stopped);
            }
            self.weigh.watch.advanced(count as u64);
            let rounds = population.rounds();
            for (seat, _) in self.model.seats.enumerate() {
                let choices = population.read(Quantity::Choice(seat));
                let own = watched.iter().zip(&mut ever).filter(|((of, ..), _)| *of == seat);
                for ((_, _, of), ever) in own {
                    for (n, ever) in
                        ever.iter_mut().enumerate().filter(|(n, _)| rounds[*n] == round)
                    {
                        *ever |= of[choices[n] as usize];
                    }
                }
            }
            let ahead = round - first;
            if self.asked.ahead.contains(&ahead) {
                let each = watched.iter().zip(&ever);
                found.extend(each.filter_map(|(of, ever)| self.look(of, ahead, ever)));
            }
        }
        Ok(found)
    }

    fn look(
        &self,
        (seat, action, of): &(SeatId, usize, Vec<bool>),
        ahead: u32,
        ever: &[bool],
    ) -> Option<Foresight> {
        let origin = self.origin.round;
        let happened = happened(self.case, *seat, of, origin + 1..=origin + ahead)?;
        let made = ever.iter().filter(|ever| **ever).count() as f64;
        let open = self.origin.uniform[seat.index()].iter().zip(of).filter(|(_, of)| **of);
        let once: f64 = open.map(|(p, _)| p).sum();
        Some(Foresight {
            case: self.number,
            origin,
            ahead,
            seat: *seat,
            action: *action,
            probability: (made + 0.5) / (ever.len() as f64 + 1.0),
            uniform: 1.0 - power(1.0 - once, ahead),
            baseline: self.origin.baselines.within(*seat, of, ahead),
            happened,
        })
    }
}

/// x to a whole power.
pub(super) fn power(x: f64, n: u32) -> f64 {
    (0..n).fold(1.0, |product, _| product * x)
}

/// How well forecasts of one reach did.
#[derive(Debug, Clone, PartialEq)]
pub struct Reach {
    /// Within how many rounds.
    pub ahead: u32,
    /// How many forecasts.
    pub n: u64,
    /// The share of them that came true.
    pub happened: f64,
    /// The Brier score of the scenario, of `uniform`, `frequency`, `frequency_1`, `persistence`.
    pub brier: [f64; 5],
    /// The mean log score in bits of the same.
    pub bits: [f64; 5],
    /// By tenth of what the scenario said: how many, mean probability, share that came true.
    pub bins: Vec<(u64, f64, f64)>,
}

/// Sums up forecasts by how far they reach.
pub fn reaches(all: &[Foresight]) -> Vec<Reach> {
    let mut ahead: Vec<u32> = all.iter().map(|one| one.ahead).collect();
    ahead.sort_unstable();
    ahead.dedup();
    ahead.into_iter().map(|ahead| reach(ahead, all)).collect()
}

fn reach(ahead: u32, all: &[Foresight]) -> Reach {
    let own: Vec<&Foresight> = all.iter().filter(|one| one.ahead == ahead).collect();
    let n = own.len() as f64;
    let truth = |one: &Foresight| f64::from(u8::from(one.happened));
    let mean =
        |of: &dyn Fn(&Foresight) -> f64| own.iter().map(|one| of(one)).collect::<Sum>().value() / n;
    let said: [fn(&Foresight) -> f64; 5] = [
        |one| one.probability,
        |one| one.uniform,
        |one| one.baseline.frequency,
        |one| one.baseline.frequency_1,
        |one| one.baseline.persistence,
    ];
    let brier = said.map(|said| {
        mean(&|one| {
            let off = said(one) - truth(one);
            off * off
        })
    });
    let bits = said.map(|said| {
        mean(&|one| {
            let p = if one.happened { said(one) } else { 1.0 - said(one) };
            math::log(p) / std::f64::consts::LN_2
        })
    });
    let bin = |at: usize| {
        let inside = own.iter().filter(|one| ((one.probability * 10.0) as usize).min(9) == at);
        let count = inside.clone().count();
        let sum = |of: &dyn Fn(&Foresight) -> f64| {
            inside.clone().map(|one| of(one)).collect::<Sum>().value() / count as f64
        };
        (count as u64, sum(&|one| one.probability), sum(&truth))
    };
    Reach {
        ahead,
        n: own.len() as u64,
        happened: mean(&truth),
        brier,
        bits,
        bins: (0..10).map(bin).collect(),
    }
}
