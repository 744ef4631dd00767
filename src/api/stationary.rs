//! The stationary equilibrium of a scenario in which actors look ahead without end.

use serde::{Serialize, Serializer};

use super::{Error, Scenario, settings};
use crate::model::{Arm, Markov, Model};
use crate::reference;
use crate::solve::{Halt, never};

/// Of which arm of a scenario the stationary equilibrium is looked for.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Stationary {
    variant: Option<String>,
    set: Vec<(String, String)>,
}

notes! { Stationary: variant set; }

impl Stationary {
    /// That of the scenario as it is.
    pub fn new() -> Stationary {
        Stationary::default()
    }
}

/// A stationary logit Markov equilibrium, and where play by it spends its time. There may be
/// others: this is the one that damped steps come to from values of 0.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StationaryEquilibrium {
    /// The scenario's name.
    pub scenario: String,
    /// The arm's.
    pub arm: String,
    /// The greatest change of a mix or a value in another step.
    pub residual: f64,
    /// Steps that were taken from 0.
    pub steps: u32,
    /// The share of runs that `stop_when` or an event has ended in the long run.
    pub ended: f64,
    /// The greatest change of a share in another round: about 0 where the long run is reached.
    pub drift: f64,
    /// The states that can be reached, that of the first round first.
    pub states: Vec<StationaryState>,
}

/// A state of a stationary equilibrium.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StationaryState {
    /// What tells it apart: names and values.
    #[serde(serialize_with = "named")]
    pub at: Vec<(String, f64)>,
    /// The share of rounds that begin there in the long run; where all runs end, of the rounds
    /// until then.
    pub share: f64,
    /// By seat, what is played.
    pub mixes: Vec<StationaryMix>,
    /// By actor that values options, its utility from there on, discounted.
    #[serde(serialize_with = "named")]
    pub values: Vec<(String, f64)>,
}

/// What a seat plays at a state.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StationaryMix {
    /// The actor.
    pub actor: String,
    /// The track.
    pub track: String,
    /// Options that are played, with their probabilities.
    #[serde(serialize_with = "named")]
    pub options: Vec<(String, f64)>,
}

/// Names and numbers as one object.
fn named<S: Serializer>(list: &[(String, f64)], to: S) -> Result<S::Ok, S::Error> {
    to.collect_map(list.iter().map(|(name, number)| (name, number)))
}

impl Scenario {
    /// The stationary equilibrium of an arm.
    ///
    /// # Errors
    /// [`Error::Unknown`] or [`Error::Diagnostics`] if variant or settings do not fit,
    /// [`Error::Request`] if nobody looks ahead without end, [`Error::Fault`] if no equilibrium was
    /// found.
    pub fn stationary(&self, request: &Stationary) -> Result<StationaryEquilibrium, Error> {
        self.stationary_until(request, &never)
    }

    /// The same, unless `halt` says to stop.
    ///
    /// # Errors
    /// Those of [`Scenario::stationary`]; [`Error::Fault`] if it was stopped.
    pub fn stationary_until(
        &self,
        request: &Stationary,
        halt: &Halt,
    ) -> Result<StationaryEquilibrium, Error> {
        let changes = settings(self.model(), &request.set)?;
        let arm = self.arm(request.variant.as_deref(), &changes)?;
        if !arm.is_stationary() {
            return Err(Error::Request(format!(
                "nobody in `{}` looks ahead without end; give --set decision.foresight=stationary, \
                 with a discount below 1, exact anticipation and reasoning in equilibrium",
                self.name()
            )));
        }
        let found = reference::markov(self.model(), &arm, &|| halt());
        let found = found.map_err(|error| Error::Fault(error.to_string()))?;
        Ok(told(self.model(), &arm, &found))
    }
}

/// What was found, by name.
fn told(model: &Model, arm: &Arm, found: &Markov) -> StationaryEquilibrium {
    let (run, names) = (found.long_run(), names(model, found));
    let values = |number: usize| {
        let all = model.actors().filter(|actor| arm.decisions[*actor].deliberates());
        all.map(|a| (model.names.actors[a].clone(), found.values[number][a.index()])).collect()
    };
    let state = |number: usize| StationaryState {
        at: names.iter().cloned().zip(found.numbers[number].iter().copied()).collect(),
        share: run.shares[number],
        mixes: mixes(model, &found.mixes[number]),
        values: values(number),
    };
    StationaryEquilibrium {
        scenario: model.about.name.clone(),
        arm: arm.name.clone(),
        residual: found.residual,
        steps: found.steps,
        ended: run.ended,
        drift: run.drift,
        states: (0..found.numbers.len()).map(state).collect(),
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

fn mixes(model: &Model, mix: &[f64]) -> Vec<StationaryMix> {
    let seats = model.seats.iter().filter(|seat| seat.options().len() > 1);
    let mixes = seats.map(|seat| StationaryMix {
        actor: model.names.actors[seat.actor].clone(),
        track: if seat.joint { "joint".to_string() } else { model.tracks[seat.track].clone() },
        options: seat
            .options()
            .map(|option| (model.option_label(option), mix[option.index()]))
            .filter(|(_, p)| *p > 0.0)
            .collect(),
    });
    mixes.collect()
}
