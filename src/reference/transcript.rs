//! One run told in full: what everyone could do, what it was worth to them, and what came of it.

use super::board::Board;
use super::known::with_parameters;
use super::{Game, Run, play_outcomes};
use crate::record::Failure;

/// An option as a seat saw it.
#[derive(Debug, Clone, PartialEq)]
pub struct OptionTold {
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
pub struct SeatTold {
    /// The actor's key.
    pub actor: String,
    /// The track.
    pub track: String,
    /// The actor's real type; empty without private information.
    pub kind: String,
    /// Its options, `hold` last.
    pub options: Vec<OptionTold>,
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
pub struct HazardTold {
    /// Its name in results.
    pub label: String,
    /// How likely it was.
    pub probability: f64,
    /// Whether it happened.
    pub happened: bool,
}

/// A round in full.
#[derive(Debug, Clone, PartialEq)]
pub struct RoundTold {
    /// Its number, from 1.
    pub round: u32,
    /// Every seat.
    pub seats: Vec<SeatTold>,
    /// Every state cell.
    pub cells: Vec<Moved>,
    /// Every event of positive probability.
    pub hazards: Vec<HazardTold>,
    /// Every belief.
    pub beliefs: Vec<Moved>,
    /// By actor: payoffs by component, then utility.
    pub payoffs: Vec<(String, Vec<f64>, f64)>,
}

/// A run in full.
#[derive(Debug, Clone, PartialEq)]
pub struct RunTold {
    /// Its number.
    pub run: u64,
    /// The names of the payoff components.
    pub components: Vec<String>,
    /// The real types: actor and type.
    pub truth: Vec<(String, String)>,
    /// Its rounds.
    pub rounds: Vec<RoundTold>,
    /// Its outcomes: name and value, not-a-number where empty.
    pub outcomes: Vec<(String, f64)>,
    /// Why it stopped early, if it failed.
    pub failure: Option<Failure>,
}

/// Plays one run and tells it in full.
pub fn tell(game: &Game, number: u64) -> RunTold {
    let model = game.model;
    let names = &model.names;
    let mut told = RunTold {
        run: number,
        components: names.components.clone(),
        truth: Vec::new(),
        rounds: Vec::new(),
        outcomes: Vec::new(),
        failure: None,
    };
    let known = with_parameters(model, game.arm);
    let board = Board::new(&Game { model: &known, ..*game });
    match Run::begin(&board, game.seed, number) {
        Err(failure) => told.failure = Some(Failure { run: number, ..failure }),
        Ok(mut run) => {
            for (private, kind) in model.private.iter().zip(&run.world.truth) {
                let kind = names.types[private.actor][*kind].clone();
                told.truth.push((names.actors[private.actor].clone(), kind));
            }
            let result = play_outcomes(&mut run, |before, run, played| {
                told.rounds.push(tell_round(game, before, run, played));
            });
            match result {
                Err(failure) => told.failure = Some(Failure { run: number, ..failure }),
                Ok(found) => {
                    let list = model.outcomes.iter().map(|o| o.name.clone());
                    told.outcomes = list.zip(found).collect();
                }
            }
        }
    }
    told
}

fn tell_round(game: &Game, before: &super::World, run: &Run, played: &super::Played) -> RoundTold {
    let model = game.model;
    let names = &model.names;
    let moved =
        |label: &str, before: f64, after: f64| Moved { label: label.to_string(), before, after };
    let cells = model.cells.iter().zip(before.cells.iter().zip(&run.world.cells));
    let mut beliefs = Vec::new();
    for (place, private) in model.private.iter().enumerate() {
        for observer in (0..names.actors.len()).filter(|o| *o != private.actor) {
            for (kind, name) in names.types[private.actor].iter().enumerate() {
                let (o, a) = (&names.actors[observer], &names.actors[private.actor]);
                let then = before.beliefs[place][observer][kind];
                let now = run.world.beliefs[place][observer][kind];
                beliefs.push(moved(&format!("belief[{o},{a},{name}]"), then, now));
            }
        }
    }
    let hazards = model.hazards.iter().zip(played.chances.iter().zip(&run.world.happened));
    let payoffs = names.actors.iter().zip(played.payoffs.iter().zip(&played.utilities));
    RoundTold {
        round: run.world.round,
        seats: (0..model.seats.len()).map(|s| tell_seat(game, run, played, s)).collect(),
        cells: cells.map(|(c, (then, now))| moved(&c.label, *then, *now)).collect(),
        hazards: hazards
            .filter(|(_, (p, _))| **p > 0.0)
            .map(|(h, (p, w))| HazardTold {
                label: h.label.clone(),
                probability: *p,
                happened: *w == 1.0,
            })
            .collect(),
        beliefs,
        payoffs: payoffs.map(|(a, (p, u))| (a.clone(), p.clone(), *u)).collect(),
    }
}

fn tell_seat(game: &Game, run: &Run, played: &super::Played, number: usize) -> SeatTold {
    let model = game.model;
    let names = &model.names;
    let seat = &model.seats[number];
    let place = model.private_of(seat.actor);
    let kind = place.map_or(0, |p| run.world.truth[p]);
    let mix = &played.settled.own[number][kind];
    let worths = &played.settled.worths[number][kind];
    let options = seat.options().enumerate().map(|(at, option)| {
        let choice = &model.options[option];
        let worth = worths.get(at).filter(|w| !w.utility.is_nan());
        OptionTold {
            label: model.option_label(option),
            action: choice.action.map_or("hold".to_string(), |m| names.moves[m].name.clone()),
            target: choice.target.map_or(String::new(), |t| names.actors[t].clone()),
            available: worths.get(at).map_or(mix[at] > 0.0, |w| !w.utility.is_nan()),
            parts: worth.map_or(Vec::new(), |w| w.parts.clone()),
            later: worth.map_or(0.0, |w| w.later),
            utility: worth.map_or(f64::NAN, |w| w.utility),
            probability: mix[at],
        }
    });
    SeatTold {
        actor: names.actors[seat.actor].clone(),
        track: model.tracks[seat.track].clone(),
        kind: place.map_or(String::new(), |_| names.types[seat.actor][kind].clone()),
        options: options.collect(),
        chosen: played.choices[number] - seat.first,
    }
}
