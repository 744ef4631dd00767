//! Everything a description says, in the order it is said; the JSON form is this, field by field.
//!
//! Formulas are text as in the file; numbers are doubles, `null` where there is none. Lists follow
//! the file.

use serde::Serialize;

use super::sharp::Sharpness;

/// A scenario in full.
#[derive(Debug, Serialize)]
pub struct Description {
    pub name: String,
    pub title: String,
    pub summary: String,
    /// The greatest number of rounds of a run.
    pub rounds: u32,
    /// What a round is called.
    pub round: String,
    /// The label of round 1.
    pub start: String,
    /// The condition that ends a run.
    pub stop_when: Option<String>,
    pub actors: Vec<Actor>,
    pub groups: Vec<Group>,
    pub seats: Vec<Seat>,
    pub moves: Vec<Move>,
    pub payoffs: Vec<Payoff>,
    pub state: Vec<State>,
    pub dynamics: Vec<Definition>,
    pub derived: Vec<Definition>,
    pub events: Vec<Event>,
    pub types: Vec<Private>,
    pub decisions: Vec<Choosing>,
    pub policies: Vec<Policy>,
    pub outcomes: Vec<Outcome>,
    pub variants: Vec<Variant>,
    pub postures: Vec<Posture>,
    pub claims: Vec<Claim>,
    pub experiments: Vec<Experiment>,
    /// The assumption register.
    pub parameters: Vec<Parameter>,
    pub sources: Vec<Work>,
    pub sharpness: Sharpness,
    pub anticipation: Vec<Anticipated>,
}

/// A player.
#[derive(Debug, Serialize)]
pub struct Actor {
    pub key: String,
    pub name: String,
}

/// A named list of actors.
#[derive(Debug, Serialize)]
pub struct Group {
    pub name: String,
    pub members: Vec<String>,
}

/// An actor on a track.
#[derive(Debug, Serialize)]
pub struct Seat {
    pub actor: String,
    pub track: String,
    /// Options in words, `hold` last.
    pub options: Vec<String>,
}

/// What can be done.
#[derive(Debug, Serialize)]
pub struct Move {
    pub name: String,
    pub title: String,
    pub track: String,
    pub tags: Vec<String>,
    pub by: Vec<String>,
    /// Targets; empty for a move without.
    pub toward: Vec<String>,
    pub when: Option<String>,
    /// By payoff component, in its units.
    pub cost: Vec<Definition>,
    pub effects: Vec<String>,
    pub source: String,
}

/// What an actor gains from a component, and how it counts.
#[derive(Debug, Serialize)]
pub struct Payoff {
    pub component: String,
    pub actor: String,
    pub payoff: String,
    pub weight: String,
}

/// What has memory.
#[derive(Debug, Serialize)]
pub struct State {
    pub name: String,
    pub of: &'static str,
    pub flag: bool,
    pub range: Option<(f64, f64)>,
    pub unit: String,
    pub note: String,
    /// Initial values: cells that share a formula, and the formula.
    pub initial: Vec<Shared>,
}

/// Cells that share a text.
#[derive(Debug, Serialize)]
pub struct Shared {
    pub cells: Vec<String>,
    pub text: String,
}

/// A name and its formula.
#[derive(Debug, Serialize)]
pub struct Definition {
    pub name: String,
    pub formula: String,
}

/// What chance does.
#[derive(Debug, Serialize)]
pub struct Event {
    pub name: String,
    pub title: String,
    pub each: &'static str,
    /// How many hazards are possible at all.
    pub hazards: usize,
    pub probability: String,
    pub when: Option<String>,
    pub effects: Vec<String>,
    pub once: bool,
    pub ends: bool,
}

/// What only an actor knows about itself.
#[derive(Debug, Serialize)]
pub struct Private {
    pub actor: String,
    /// The real type, where the file fixes it.
    pub truth: Option<String>,
    pub types: Vec<Kind>,
}

/// A type.
#[derive(Debug, Serialize)]
pub struct Kind {
    pub name: String,
    /// How likely nature makes it real.
    pub chance: f64,
    /// What others think at the start, by observer.
    pub priors: Vec<Prior>,
    /// Parameter cells that hold for it.
    pub set: Vec<Definition>,
}

/// What an observer thinks at the start.
#[derive(Debug, Serialize)]
pub struct Prior {
    pub observer: String,
    pub prior: f64,
}

/// How an actor chooses.
#[derive(Debug, Serialize)]
pub struct Choosing {
    pub actor: String,
    pub rule: &'static str,
    /// As it is written.
    pub precision: Option<String>,
    /// In the base arm; `null` also where it depends on a type.
    pub precision_value: Option<f64>,
    pub reasoning: String,
    pub level0: &'static str,
    pub foresight: u32,
    pub discount: Option<String>,
    pub anticipation: &'static str,
    pub hold: bool,
    pub policy: Option<String>,
}

/// A guarded list of moves.
#[derive(Debug, Serialize)]
pub struct Policy {
    pub name: String,
    pub lines: Vec<String>,
}

/// What is measured.
#[derive(Debug, Serialize)]
pub struct Outcome {
    pub name: String,
    pub title: String,
    pub measure: &'static str,
    pub formula: String,
}

/// A counterfactual arm.
#[derive(Debug, Serialize)]
pub struct Variant {
    pub name: String,
    pub title: String,
    pub set: Vec<Definition>,
    /// Moves and events that it takes away.
    pub disable: Vec<String>,
}

/// A grand strategy of an actor.
#[derive(Debug, Serialize)]
pub struct Posture {
    pub actor: String,
    pub name: String,
    pub title: String,
    pub set: Vec<Definition>,
}

/// A statement under test.
#[derive(Debug, Serialize)]
pub struct Claim {
    pub name: String,
    pub says: String,
    pub source: String,
    #[serde(rename = "where")]
    pub place: String,
    pub note: String,
    /// The statement of a list that it is one test of.
    pub ledger: String,
    pub represented_by: Vec<String>,
    pub rests_on: Vec<String>,
    /// Empty: unchecked.
    pub test: Option<String>,
    /// Why it is unchecked, if the file says so.
    pub unchecked: Option<String>,
}

/// A named sweep.
#[derive(Debug, Serialize)]
pub struct Experiment {
    pub name: String,
    pub vary: Vec<String>,
    pub uncertain: bool,
    pub design: String,
    pub points: Option<u64>,
    pub runs: Option<u64>,
}

/// An entry of the assumption register.
#[derive(Debug, Serialize)]
pub struct Parameter {
    pub name: String,
    pub of: &'static str,
    pub unit: String,
    pub source: String,
    pub note: String,
    /// `[lo, hi]` or a distribution; empty: certain.
    pub uncertainty: Option<String>,
    /// Whether cells vary together.
    pub together: bool,
    pub cells: Vec<ParameterCell>,
}

/// A cell of a parameter.
#[derive(Debug, Serialize)]
pub struct ParameterCell {
    pub label: String,
    /// In the base arm; `null` where it depends on a type.
    pub value: Option<f64>,
    /// As it is written, where it is not a number.
    pub formula: Option<String>,
}

/// A work.
#[derive(Debug, Serialize)]
pub struct Work {
    pub key: String,
    pub title: String,
    pub author: String,
    pub year: String,
    #[serde(rename = "where")]
    pub place: String,
}

/// What an imagined round says of the expectation of a payoff.
#[derive(Debug, Serialize)]
pub struct Anticipated {
    pub actor: String,
    pub component: String,
    /// `exact`, `exact unless clamped`, `approximate`, or `not anticipated` for an actor whose rule
    /// does not look at payoffs.
    pub verdict: &'static str,
    /// Quantities whose range may bind.
    pub clamps: Vec<String>,
    /// What the first operation that is not affine does.
    pub reason: Option<String>,
    /// That operation.
    pub formula: Option<String>,
    /// Where it stands: line and column, from 1.
    pub line: Option<usize>,
    pub column: Option<usize>,
}
