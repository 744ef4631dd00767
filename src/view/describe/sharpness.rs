//! How sharp choices are: what the first round looks like to those who choose in it.

use serde::Serialize;

use crate::expr::{Expr, Node};
use crate::math;
use crate::model::{Anticipation, Arm, Guard, Model, Reasoning, Simulation};
use crate::reference::{self, SeatTrace};
use crate::rng::Seed;

/// Runs whose first rounds are averaged where they can differ.
const RUNS: u64 = 200;
/// The same where deliberation is long: branches, several rounds ahead, equilibria.
const LONG_RUNS: u64 = 20;

/// Sharpness of all seats.
#[derive(Debug, Serialize)]
pub struct Sharpness {
    /// Over how many runs it is averaged; 1 where first rounds are all alike.
    pub runs: u64,
    /// How many of them failed and are left out.
    pub failed: u64,
    /// By seat.
    pub seats: Vec<SeatSharp>,
}

/// Sharpness of a seat in the first round.
#[derive(Debug, Clone, Serialize)]
pub struct SeatSharp {
    /// The actor's key.
    pub actor: String,
    /// The track.
    pub track: String,
    /// How many options are available.
    pub options: f64,
    /// Greatest less least utility among them; empty where the seat does not deliberate.
    pub spread: Option<f64>,
    /// Standard deviation of utility among them.
    pub sd: Option<f64>,
    /// The probability of the likeliest option.
    pub best: f64,
    /// exp of the entropy of the mix: how many equally likely options are as uncertain.
    pub effective: f64,
    /// What the numbers say.
    pub reading: Reading,
}

/// What the numbers of a seat say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Reading {
    /// Every run failed before its first round was over.
    #[serde(rename = "not played")]
    NotPlayed,
    /// There is one option.
    #[serde(rename = "no choice")]
    NoChoice,
    /// The likeliest option is played in more than nine rounds of ten.
    #[serde(rename = "near-certain")]
    NearCertain,
    /// No option is much likelier than the others.
    #[serde(rename = "near-uniform")]
    NearUniform,
    /// Neither.
    #[serde(rename = "choices matter")]
    ChoicesMatter,
}

impl Reading {
    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Reading::NotPlayed => "not played",
            Reading::NoChoice => "no choice",
            Reading::NearCertain => "near-certain",
            Reading::NearUniform => "near-uniform",
            Reading::ChoicesMatter => "choices matter",
        }
    }
}

/// Sharpness in the first round of an arm.
pub fn sharpness(model: &Model, arm: &Arm) -> Sharpness {
    let short = shortened(model, arm);
    let game = Simulation { model, arm: &short, seed: Seed::DEFAULT };
    let long = arm.decisions.iter().any(|d| {
        let branches = d.anticipation == Anticipation::Exact;
        branches || d.foresight > 1 || d.reasoning == Reasoning::Equilibrium
    });
    let runs = match (varies(model, arm), long) {
        (false, _) => 1,
        (true, false) => RUNS,
        (true, true) => LONG_RUNS,
    };
    let mut sums: Vec<Sum> = vec![Sum::default(); model.seats.len()];
    let mut failed = 0;
    for run in 0..runs {
        match reference::trace(&game, run).rounds.first() {
            None => failed += 1,
            Some(round) => {
                for (sum, seat) in sums.iter_mut().zip(&round.seats) {
                    sum.add(seat);
                }
            }
        }
    }
    let seats = model.seats.iter().zip(&sums).map(|(seat, sum)| {
        let actor = model.names.actors[seat.actor].clone();
        sum.mean(actor, model.tracks[seat.track].clone())
    });
    Sharpness { runs, failed, seats: seats.collect() }
}

/// The arm cut to as many rounds as its first round looks ahead, so that no more are played.
fn shortened(model: &Model, arm: &Arm) -> Arm {
    let mut short = arm.clone();
    if !reads_rounds(model) {
        let ahead = arm.decisions.iter().map(|d| d.foresight).max().unwrap_or(1);
        short.rounds = arm.rounds.min(ahead.max(1));
    }
    short
}

/// Whether a formula that matters to choices reads the number of rounds.
fn reads_rounds(model: &Model) -> bool {
    let choices = model.options.iter().flat_map(|o| {
        let effects = o.effects.iter().flat_map(|e| e.filter.iter().chain([&e.value]));
        effects.chain(&o.when).chain(o.costs.iter().map(|c| &c.1))
    });
    let hazards = model.hazards.iter().flat_map(|h| {
        let effects = h.effects.iter().flat_map(|e| e.filter.iter().chain([&e.value]));
        effects.chain(&h.when).chain(&h.probability)
    });
    let payoffs = model.payoffs.iter().flatten().flat_map(|p| [&p.value, &p.weight]);
    let guards = model.policies.iter().flat_map(|p| &p.lines);
    let guards = guards.flat_map(|l| l.guard.iter().filter_map(Guard::condition));
    let rest = model.derived.iter().map(|d| &d.value);
    let rest = rest.chain(model.cells.iter().filter_map(|c| c.next.as_ref()));
    let mut all = choices.chain(hazards).chain(payoffs).chain(guards).chain(rest);
    let stop = model.stop_when.as_ref();
    all.any(|e| mentions(e, &|n| matches!(n, Node::Rounds)))
        || stop.is_some_and(|e| mentions(e, &|n| matches!(n, Node::Rounds)))
}

fn mentions(expr: &Expr, wanted: &dyn Fn(&Node) -> bool) -> bool {
    let mut found = false;
    expr.walk(&mut |e| found |= wanted(&e.node));
    found
}

/// Whether first rounds can differ from run to run.
fn varies(model: &Model, arm: &Arm) -> bool {
    let types = model.private.iter().zip(&arm.true_types);
    arm.initial.iter().any(|e| mentions(e, &|n| matches!(n, Node::Draw(..))))
        || types.into_iter().any(|(p, truth)| truth.is_none() && p.types.len() > 1)
        || arm.decisions.iter().any(|d| matches!(d.reasoning, Reasoning::Poisson(_)))
}

/// Sums over runs.
#[derive(Debug, Clone, Default)]
struct Sum {
    runs: f64,
    options: f64,
    spread: Option<f64>,
    sd: Option<f64>,
    best: f64,
    effective: f64,
}

impl Sum {
    fn add(&mut self, seat: &SeatTrace) {
        let open: Vec<_> = seat.options.iter().filter(|o| o.available).collect();
        let count = open.len() as f64;
        let utilities: Vec<f64> = open.iter().map(|o| o.utility).collect();
        self.runs += 1.0;
        self.options += count;
        if utilities.iter().all(|u| u.is_finite()) && !utilities.is_empty() {
            let most = utilities.iter().copied().fold(f64::NEG_INFINITY, math::maximum);
            let least = utilities.iter().copied().fold(f64::INFINITY, math::minimum);
            let mean = utilities.iter().sum::<f64>() / count;
            let square = utilities.iter().map(|u| (u - mean) * (u - mean)).sum::<f64>() / count;
            self.spread = Some(self.spread.unwrap_or(0.0) + most - least);
            self.sd = Some(self.sd.unwrap_or(0.0) + square.sqrt());
        }
        let mix = open.iter().map(|o| o.probability);
        self.best += mix.clone().fold(0.0, math::maximum);
        let entropy: f64 = mix.filter(|p| *p > 0.0).map(|p| -p * math::log(p)).sum();
        self.effective += math::exp(entropy);
    }

    fn mean(&self, actor: String, track: String) -> SeatSharp {
        let options = self.options / self.runs;
        let best = self.best / self.runs;
        let reading = if options.is_nan() {
            Reading::NotPlayed
        } else if options <= 1.0 {
            Reading::NoChoice
        } else if best > 0.9 {
            Reading::NearCertain
        } else if best < 1.5 / options {
            Reading::NearUniform
        } else {
            Reading::ChoicesMatter
        };
        SeatSharp {
            actor,
            track,
            options,
            spread: self.spread.map(|s| s / self.runs),
            sd: self.sd.map(|s| s / self.runs),
            best,
            effective: self.effective / self.runs,
            reading,
        }
    }
}
