//! The stationary equilibrium of a scenario without a last round.

use crate::model::{Arm, Markov, Model};
use serde::Serialize;

/// What was found, as it is shown.
#[derive(Debug, Serialize)]
pub struct Page {
    /// The scenario's name.
    pub scenario: String,
    /// The arm's.
    pub arm: String,
    /// The greatest change of a mix or a value in another step.
    pub residual: f64,
    /// Steps that were taken from 0.
    pub steps: u32,
    /// The share of runs that ends in the long run.
    pub ended: f64,
    /// The states that can be reached, the first round's first.
    pub states: Vec<State>,
}

/// A state.
#[derive(Debug, Serialize)]
pub struct State {
    /// What tells it apart: names and values.
    pub at: Vec<(String, f64)>,
    /// The share of rounds spent there in the long run.
    pub share: f64,
    /// By seat, what is played.
    pub mixes: Vec<Mix>,
    /// By actor that looks ahead, the discounted utility from there on.
    pub values: Vec<(String, f64)>,
}

/// What a seat plays at a state.
#[derive(Debug, Serialize)]
pub struct Mix {
    /// The actor.
    pub actor: String,
    /// The track.
    pub track: String,
    /// Options that can be had, with their probabilities.
    pub options: Vec<(String, f64)>,
}

impl Page {
    /// What was found in an arm of a model.
    pub fn of(model: &Model, arm: &Arm, found: &Markov) -> Page {
        let (shares, ended) = found.long_run();
        let state = |number: usize| State {
            at: names(model, found).into_iter().zip(found.numbers[number].clone()).collect(),
            share: shares[number],
            mixes: mixes(model, &found.mixes[number]),
            values: model
                .actors()
                .filter(|actor| arm.decisions[*actor].deliberates())
                .map(|a| (model.names.actors[a].clone(), found.values[number][a.index()]))
                .collect(),
        };
        Page {
            scenario: model.about.name.clone(),
            arm: arm.name.clone(),
            residual: found.residual,
            steps: found.steps,
            ended,
            states: (0..found.numbers.len()).map(state).collect(),
        }
    }
}

/// The names of the numbers of a state.
fn names(model: &Model, found: &Markov) -> Vec<String> {
    let carried = &found.carried;
    let cells = carried.cells.iter().map(|cell| model.cells[*cell].label.clone());
    let played = carried.played.iter().map(|option| {
        let seat = &model.seats[model.options[*option].seat];
        format!("last {} {}", model.names.actors[seat.actor], model.option_label(*option))
    });
    let hazard = |word: &str, h| format!("{word} {}", model.hazards[h].label);
    let happened = carried.happened.iter().map(|h| hazard("last", *h));
    let spent = carried.spent.iter().map(|h| hazard("happened", *h));
    cells.chain(played).chain(happened).chain(spent).collect()
}

fn mixes(model: &Model, mix: &[f64]) -> Vec<Mix> {
    let seats = model.seats.iter().filter(|seat| seat.options().len() > 1);
    let mixes = seats.map(|seat| Mix {
        actor: model.names.actors[seat.actor].clone(),
        track: model.tracks[seat.track].clone(),
        options: seat
            .options()
            .map(|option| (model.option_label(option), mix[option.index()]))
            .filter(|(_, p)| *p > 0.0)
            .collect(),
    });
    mixes.collect()
}
