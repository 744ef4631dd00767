//! A scenario as a reader would want it: everything a description says, in the order it is said.
//! The JSON form is this, field by field.
//!
//! Formulas are text as in the file; numbers are doubles, `null` where there is none. Lists follow
//! the file.

mod gather;
mod sharpness;
mod written;

use serde::{Serialize, Serializer};

use crate::api::{Error, Scenario};
use crate::model::{Measure, Rule};

pub use gather::anticipation;
pub use sharpness::{Reading, SeatSharp, Sharpness};

fn rule<S: Serializer>(rule: &Rule, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(rule.word())
}

fn measure<S: Serializer>(measure: &Measure, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(measure.word())
}

/// Rounds as a number, `stationary` as it is.
fn foresight<S: Serializer>(ahead: &str, to: S) -> Result<S::Ok, S::Error> {
    match ahead.parse() {
        Ok(rounds) => to.serialize_u32(rounds),
        Err(_) => to.serialize_str(ahead),
    }
}

/// A scenario in full.
#[derive(Debug, Serialize)]
pub struct Description {
    /// Its name.
    pub name: String,
    /// Its title; empty without one.
    pub title: String,
    /// What it is about.
    pub summary: String,
    /// The greatest number of rounds of a run.
    pub rounds: u32,
    /// What a round is called.
    pub round: String,
    /// The label of round 1.
    pub start: String,
    /// The files that it names.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<File>,
    /// Quantities by round from files.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub series: Vec<Series>,
    /// The condition that ends a run.
    pub stop_when: Option<String>,
    /// The players.
    pub actors: Vec<Actor>,
    /// Their groups.
    pub groups: Vec<Group>,
    /// Sets of other things.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sets: Vec<Set>,
    /// Who chooses on which track.
    pub seats: Vec<Seat>,
    /// What can be done.
    pub moves: Vec<Move>,
    /// What is gained.
    pub payoffs: Vec<Payoff>,
    /// What has memory.
    pub state: Vec<State>,
    /// How cells move by themselves.
    pub dynamics: Vec<Definition>,
    /// Quantities without memory.
    pub derived: Vec<Definition>,
    /// What chance does.
    pub events: Vec<Event>,
    /// Private information.
    pub types: Vec<Private>,
    /// How actors choose.
    pub decisions: Vec<Choosing>,
    /// Lists of moves that a rule follows.
    pub policies: Vec<Policy>,
    /// What joint options must obey.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub constraints: Vec<Constraint>,
    /// What is measured.
    pub outcomes: Vec<Outcome>,
    /// Counterfactual arms.
    pub variants: Vec<Variant>,
    /// Grand strategies.
    pub postures: Vec<Posture>,
    /// Statements under test.
    pub claims: Vec<Claim>,
    /// Named sweeps.
    pub experiments: Vec<Experiment>,
    /// The assumption register.
    pub parameters: Vec<Parameter>,
    /// Works.
    pub sources: Vec<Work>,
    /// How sharp choices are.
    pub sharpness: Sharpness,
    /// Whether imagined rounds give expectations.
    pub anticipation: Vec<Anticipated>,
}

impl Event {
    /// Whether it is one hazard.
    pub fn is_single(&self) -> bool {
        self.each == "none"
    }
}

impl Choosing {
    /// The policy that its rule follows.
    pub fn followed(&self) -> Option<&str> {
        self.policy.as_deref().filter(|_| self.rule == Rule::Policy)
    }
}

impl Scenario {
    /// Describes the scenario with every assumption. Its first rounds are played, to see how sharp
    /// choices are.
    ///
    /// # Errors
    /// [`Error::Diagnostics`] if the scenario as it is cannot be played: a parameter or a prior is
    /// no number, a decision is left open.
    pub fn describe(&self) -> Result<Description, Error> {
        Ok(gather::gather(self)?)
    }
}

/// A player.
#[derive(Debug, Serialize)]
pub struct Actor {
    /// Its key.
    pub key: String,
    /// Its name.
    pub name: String,
}

/// A set of things that are not actors.
#[derive(Debug, Clone, Serialize)]
pub struct Set {
    /// Its name.
    pub name: String,
    /// Its elements, in order.
    pub elements: Vec<String>,
}

/// A named list of actors.
#[derive(Debug, Serialize)]
pub struct Group {
    /// Its name.
    pub name: String,
    /// Keys of its actors.
    pub members: Vec<String>,
}

/// An actor on a track.
#[derive(Debug, Serialize)]
pub struct Seat {
    /// The actor's key.
    pub actor: String,
    /// The track.
    pub track: String,
    /// Options in words, `hold` last.
    pub options: Vec<String>,
}

/// What can be done.
#[derive(Debug, Serialize)]
pub struct Move {
    /// Its name.
    pub name: String,
    /// Its title; empty without one.
    pub title: String,
    /// The track.
    pub track: String,
    /// The stage of a round in which it is chosen, if that is not the first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stage: Option<u64>,
    /// Its tags.
    pub tags: Vec<String>,
    /// Who can do it.
    pub by: Vec<String>,
    /// Targets; empty for a move without.
    pub toward: Vec<String>,
    /// Second targets.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub and_toward: Vec<String>,
    /// Its condition.
    pub when: Option<String>,
    /// By payoff component, in its units.
    pub cost: Vec<Definition>,
    /// What follows.
    pub effects: Vec<String>,
    /// Where it is from; empty if unsaid.
    pub source: String,
}

/// What an actor gains from a component, and how it counts.
#[derive(Debug, Serialize)]
pub struct Payoff {
    /// The payoff component.
    pub component: String,
    /// The actor's key.
    pub actor: String,
    /// The formula of the payoff.
    pub payoff: String,
    /// The formula of its weight.
    pub weight: String,
}

/// What has memory.
#[derive(Debug, Serialize)]
pub struct State {
    /// Its name.
    pub name: String,
    /// What it is indexed by.
    pub of: String,
    /// Whether it is a truth value.
    pub flag: bool,
    /// Its bounds.
    pub range: Option<(f64, f64)>,
    /// Its unit; empty if unsaid.
    pub unit: String,
    /// A remark; empty without one.
    pub note: String,
    /// Initial values: cells that share a formula, and the formula.
    pub initial: Vec<Shared>,
}

/// Cells that share a text.
#[derive(Debug, Serialize)]
pub struct Shared {
    /// Labels of cells.
    pub cells: Vec<String>,
    /// The text.
    pub text: String,
}

/// A name and its formula.
#[derive(Debug, Serialize)]
pub struct Definition {
    /// Its name.
    pub name: String,
    /// The formula as it is written.
    pub formula: String,
}

/// What chance does.
#[derive(Debug, Serialize)]
pub struct Event {
    /// Its name.
    pub name: String,
    /// Its title; empty without one.
    pub title: String,
    /// For whom it can happen.
    pub each: String,
    /// How many hazards are possible at all.
    pub hazards: usize,
    /// The formula of its probability.
    pub probability: String,
    /// Its condition.
    pub when: Option<String>,
    /// What follows.
    pub effects: Vec<String>,
    /// Whether it happens at most once.
    pub once: bool,
    /// Whether it ends the run.
    pub ends: bool,
}

/// What only an actor knows about itself.
#[derive(Debug, Serialize)]
pub struct Private {
    /// The actor's key.
    pub actor: String,
    /// The real type, where the file fixes it.
    pub truth: Option<String>,
    /// Private information.
    pub types: Vec<Kind>,
}

/// A type.
#[derive(Debug, Serialize)]
pub struct Kind {
    /// Its name.
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
    /// Who thinks it.
    pub observer: String,
    /// How likely it thinks the type.
    pub prior: f64,
}

/// How an actor chooses.
#[derive(Debug, Serialize)]
pub struct Choosing {
    /// The actor's key.
    pub actor: String,
    /// The rule.
    #[serde(serialize_with = "rule")]
    pub rule: Rule,
    /// As it is written.
    pub precision: Option<String>,
    /// In the base arm; `null` also where it depends on a type.
    pub precision_value: Option<f64>,
    /// By what options are alike and how unlike they are, for nested logit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nests: Option<String>,
    /// How deep it thinks.
    pub reasoning: String,
    /// What level 0 does.
    pub level0: &'static str,
    /// How many rounds it looks ahead.
    #[serde(serialize_with = "foresight")]
    pub foresight: String,
    /// What later rounds count.
    pub discount: Option<String>,
    /// Whether imagined rounds give expectations.
    pub anticipation: &'static str,
    /// Whether it may hold.
    pub hold: bool,
    /// The policy it follows.
    pub policy: Option<String>,
}

/// What joint options must obey.
#[derive(Debug, Serialize)]
pub struct Constraint {
    /// Its name.
    pub name: String,
    /// Its title; empty without one.
    pub title: String,
    /// Whose options.
    pub by: Vec<String>,
    /// The condition as it is written.
    pub require: String,
}

/// A guarded list of moves.
#[derive(Debug, Serialize)]
pub struct Policy {
    /// Its name.
    pub name: String,
    /// Its lines as they are written.
    pub lines: Vec<String>,
}

/// What is measured.
#[derive(Debug, Serialize)]
pub struct Outcome {
    /// Its name.
    pub name: String,
    /// Its title; empty without one.
    pub title: String,
    /// How it is taken over a run.
    #[serde(serialize_with = "measure")]
    pub measure: Measure,
    /// The formula as it is written.
    pub formula: String,
}

/// A counterfactual arm.
#[derive(Debug, Serialize)]
pub struct Variant {
    /// Its name.
    pub name: String,
    /// Its title; empty without one.
    pub title: String,
    /// What it sets.
    pub set: Vec<Definition>,
    /// Moves and events that it takes away.
    pub disable: Vec<String>,
}

/// A grand strategy of an actor.
#[derive(Debug, Serialize)]
pub struct Posture {
    /// The actor's key.
    pub actor: String,
    /// Its name.
    pub name: String,
    /// Its title; empty without one.
    pub title: String,
    /// What it sets.
    pub set: Vec<Definition>,
}

/// A statement under test.
#[derive(Debug, Serialize)]
pub struct Claim {
    /// Its name.
    pub name: String,
    /// The statement in plain words.
    pub says: String,
    /// Where it is from; empty if unsaid.
    pub source: String,
    /// The place in the source.
    #[serde(rename = "where")]
    pub place: String,
    /// A remark; empty without one.
    pub note: String,
    /// The statement of a list that it is one test of.
    pub ledger: String,
    /// Parts of the scenario that stand for it.
    pub represented_by: Vec<String>,
    /// Parameters it rests on.
    pub rests_on: Vec<String>,
    /// Empty: unchecked.
    pub test: Option<String>,
    /// Why it is unchecked, if the file says so.
    pub unchecked: Option<String>,
}

/// A named sweep.
#[derive(Debug, Serialize)]
pub struct Experiment {
    /// Its name.
    pub name: String,
    /// What it varies.
    pub vary: Vec<String>,
    /// Whether every uncertain parameter varies.
    pub uncertain: bool,
    /// The design.
    pub design: String,
    /// How many points.
    pub points: Option<u64>,
    /// Runs at each.
    pub runs: Option<u64>,
}

/// A file that a scenario names.
#[derive(Debug, Serialize)]
pub struct File {
    /// Its name.
    pub name: String,
    /// Its size in bytes.
    pub bytes: usize,
}

/// A quantity by round from a file.
#[derive(Debug, Serialize)]
pub struct Series {
    /// Its name.
    pub name: String,
    /// A line in plain words; empty without one.
    pub title: String,
    /// What it is indexed by, as it is written.
    pub of: String,
    /// The file that its values are from.
    pub file: String,
    /// What stands for rounds without a row: `error`, `hold` or `interpolate`.
    pub missing: &'static str,
    /// Its unit; empty if unsaid.
    pub unit: String,
    /// Where it is from; empty if unsaid.
    pub source: String,
    /// A remark; empty without one.
    pub note: String,
}

/// An entry of the assumption register.
#[derive(Debug, Serialize)]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// What it is indexed by.
    pub of: String,
    /// Its unit; empty if unsaid.
    pub unit: String,
    /// Where it is from; empty if unsaid.
    pub source: String,
    /// A remark; empty without one.
    pub note: String,
    /// `[lo, hi]` or a distribution; empty: certain.
    pub uncertainty: Option<String>,
    /// Whether cells vary together.
    pub together: bool,
    /// Labels of cells.
    pub cells: Vec<ParameterCell>,
}

/// A cell of a parameter.
#[derive(Debug, Serialize)]
pub struct ParameterCell {
    /// Its name in results.
    pub label: String,
    /// In the base arm; `null` where it depends on a type.
    pub value: Option<f64>,
    /// As it is written, where it is not a number.
    pub formula: Option<String>,
    /// `[lo, hi]` where a file gives it a range of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uncertainty: Option<String>,
    /// Where it is from, where a file says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

/// A work.
#[derive(Debug, Serialize)]
pub struct Work {
    /// Its key.
    pub key: String,
    /// Its title; empty without one.
    pub title: String,
    /// Who wrote it.
    pub author: String,
    /// When.
    pub year: String,
    /// The place in the source.
    #[serde(rename = "where")]
    pub place: String,
}

/// Whether the one imagined round in which an option is valued gives the expectation of a payoff.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Expectation {
    /// It does.
    #[serde(rename = "exact")]
    Exact,
    /// It does where no range binds.
    #[serde(rename = "exact unless clamped")]
    ExactUnlessClamped,
    /// It comes close.
    #[serde(rename = "approximate")]
    Approximate,
    /// The actor's rule does not look at payoffs.
    #[serde(rename = "not anticipated")]
    NotAnticipated,
}

/// What an imagined round says of the expectation of a payoff.
#[derive(Debug, Serialize)]
pub struct Anticipated {
    /// The actor's key.
    pub actor: String,
    /// The payoff component.
    pub component: String,
    /// Whether it is the expectation.
    pub verdict: Expectation,
    /// Quantities whose range may bind.
    pub clamps: Vec<String>,
    /// What the first operation that is not affine does.
    pub reason: Option<String>,
    /// That operation.
    pub formula: Option<String>,
    /// Where it stands: line and column, from 1.
    pub line: Option<usize>,
    /// Its column.
    pub column: Option<usize>,
}
