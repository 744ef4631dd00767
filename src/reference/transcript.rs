//! One run told in full: what everyone could do, what it was worth to them, and what came of it.

use super::known::with_parameters;
use super::reason::Strategies;
use super::{Run, play_outcomes};
use crate::model::{SeatId, Simulation};
use crate::record::Failure;
use crate::rules::{EffectIndex, World};

/// An option as a seat saw it.
#[derive(Debug, Clone, PartialEq)]
pub struct OptionTrace {
    /// The option in words: `court CHN`, `hold`.
    pub label: String,
    /// The move, or `hold`.
    pub action: String,
    /// The target's key; empty without one.
    pub target: String,
    /// Whether it could be played.
    pub available: bool,
    /// What it was worth by payoff component; empty where the seat does not deliberate.
    pub parts: Vec<f64>,
    /// The discounted value of later rounds.
    pub later: f64,
    /// What it was worth in all; not-a-number where the seat does not deliberate.
    pub utility: f64,
    /// The probability with which it was played.
    pub probability: f64,
}

/// A seat in a round.
#[derive(Debug, Clone, PartialEq)]
pub struct SeatTrace {
    /// The actor's key.
    pub actor: String,
    /// The track.
    pub track: String,
    /// The actor's real type; empty without private information.
    pub actor_type: String,
    /// Its options, `hold` last.
    pub options: Vec<OptionTrace>,
    /// Which of them was chosen.
    pub chosen: usize,
}

/// A quantity before and after a round.
#[derive(Debug, Clone, PartialEq)]
pub struct Moved {
    /// Its name in results.
    pub label: String,
    /// Before the round.
    pub before: f64,
    /// After it.
    pub after: f64,
}

/// An event that could happen in a round.
#[derive(Debug, Clone, PartialEq)]
pub struct HazardTrace {
    /// Its name in results.
    pub label: String,
    /// How likely it was.
    pub probability: f64,
    /// Whether it happened.
    pub happened: bool,
}

/// A round in full.
#[derive(Debug, Clone, PartialEq)]
pub struct RoundTrace {
    /// Its number, from 1.
    pub round: u32,
    /// Every seat.
    pub seats: Vec<SeatTrace>,
    /// Every state cell.
    pub cells: Vec<Moved>,
    /// Every event of positive probability.
    pub hazards: Vec<HazardTrace>,
    /// Every belief.
    pub beliefs: Vec<Moved>,
    /// By actor: payoffs by component, then utility.
    pub payoffs: Vec<(String, Vec<f64>, f64)>,
}

/// A run in full.
#[derive(Debug, Clone, PartialEq)]
pub struct RunTrace {
    /// Its number.
    pub run: u64,
    /// The names of the payoff components.
    pub components: Vec<String>,
    /// The real types: actor and type.
    pub true_types: Vec<(String, String)>,
    /// Its rounds.
    pub rounds: Vec<RoundTrace>,
    /// Its outcomes: name and value, not-a-number where empty.
    pub outcomes: Vec<(String, f64)>,
    /// Why it stopped early, if it failed.
    pub failure: Option<Failure>,
}

/// Plays one run and tells it in full.
pub fn trace(game: &Simulation, number: u64) -> RunTrace {
    let model = game.model;
    let names = &model.names;
    let mut trace = RunTrace {
        run: number,
        components: names.components.clone(),
        true_types: Vec::new(),
        rounds: Vec::new(),
        outcomes: Vec::new(),
        failure: None,
    };
    let known = with_parameters(model, game.arm);
    let index = EffectIndex::new(&known, game.arm).with_reach();
    match Run::begin(&index, game.seed, number) {
        Err(failure) => trace.failure = Some(Failure { run: number, ..failure }),
        Ok(mut run) => {
            for (private, number) in model.private.iter().zip(&run.true_types) {
                let name = names.types[private.actor][*number].clone();
                trace.true_types.push((names.actors[private.actor].clone(), name));
            }
            let result = play_outcomes(&mut run, |before, run, played| {
                trace.rounds.push(trace_round(game, before, run, played));
            });
            match result {
                Err(failure) => trace.failure = Some(Failure { run: number, ..failure }),
                Ok(found) => {
                    let list = model.outcomes.iter().map(|o| o.name.clone());
                    trace.outcomes = list.zip(found).collect();
                }
            }
        }
    }
    trace
}

fn trace_round(
    game: &Simulation,
    before: &World<f64>,
    run: &Run,
    played: &super::Played,
) -> RoundTrace {
    let model = game.model;
    let names = &model.names;
    let moved =
        |label: &str, before: f64, after: f64| Moved { label: label.to_string(), before, after };
    let cells = model.cells.iter().zip(before.cells.iter().zip(&run.world.cells));
    let mut beliefs = Vec::new();
    for (id, private) in model.private.iter().enumerate() {
        for observer in names.actors.ids().filter(|o| *o != private.actor) {
            for (number, name) in names.types[private.actor].iter().enumerate() {
                let (o, a) = (&names.actors[observer], &names.actors[private.actor]);
                let then = before.beliefs[id][observer][number];
                let now = run.world.beliefs[id][observer][number];
                beliefs.push(moved(&format!("belief[{o},{a},{name}]"), then, now));
            }
        }
    }
    let hazards = model.hazards.iter().zip(played.chances.iter().zip(&run.world.happened));
    let payoffs = names.actors.iter().zip(played.paid.payoffs.iter().zip(&played.paid.utilities));
    RoundTrace {
        round: run.played(),
        seats: model.seats.ids().map(|s| trace_seat(game, run, played, s)).collect(),
        cells: cells.map(|(c, (then, now))| moved(&c.label, *then, *now)).collect(),
        hazards: hazards
            .filter(|(_, (p, _))| **p > 0.0)
            .map(|(h, (p, w))| HazardTrace {
                label: h.label.clone(),
                probability: *p,
                happened: *w == 1.0,
            })
            .collect(),
        beliefs,
        payoffs: payoffs.map(|(a, (p, u))| (a.clone(), p.clone(), *u)).collect(),
    }
}

fn trace_seat(game: &Simulation, run: &Run, played: &super::Played, id: SeatId) -> SeatTrace {
    let told = seat_trace(game, run, &played.strategies, id);
    SeatTrace { chosen: game.model.seats[id].position(played.choices[id]), ..told }
}

/// A seat as it deliberates; what it chooses is not told.
pub(super) fn seat_trace(
    game: &Simulation,
    run: &Run,
    strategies: &Strategies,
    id: SeatId,
) -> SeatTrace {
    let model = game.model;
    let names = &model.names;
    let seat = &model.seats[id];
    let private_id = model.private_of(seat.actor);
    let actor_type = private_id.map_or(0, |p| run.true_types[p]);
    let mix = &strategies.mixes.realised[id][actor_type];
    let values = &strategies.mixes.kept[id][actor_type];
    let options = seat.options().enumerate().map(|(at, option)| {
        let (action, target) = names.acts_row(&model.options[option].acts);
        let worth = values.get(at).filter(|w| !w.utility.is_nan());
        OptionTrace {
            label: model.option_label(option),
            action,
            target,
            available: values.get(at).map_or(mix[at] > 0.0, |w| !w.utility.is_nan()),
            parts: worth.map_or(Vec::new(), |w| w.parts.clone()),
            later: worth.map_or(0.0, |w| w.later),
            utility: worth.map_or(f64::NAN, |w| w.utility),
            probability: mix[at],
        }
    });
    SeatTrace {
        actor: names.actors[seat.actor].clone(),
        track: model.tracks[seat.track].clone(),
        actor_type: private_id
            .map_or(String::new(), |_| names.types[seat.actor][actor_type].clone()),
        options: options.collect(),
        chosen: 0,
    }
}
