//! A scenario, validated and immutable: actors, state, payoffs, moves, events, types, decisions.
//!
//! A [`Model`] is what a file says; an [`Arm`] is the model with the overrides of one variant (and
//! of `--set` or a sweep's point) applied and every parameter evaluated. Everything is indexed
//! densely in file order, and file order is meaning: sums and ties follow it, draws do not
//! ([`Slots`]).

mod affine;
mod arm;
mod binary;
mod claim;
mod decision;
mod graph;
mod known;
pub mod limits;
mod markov;
mod nests;
mod seats;
mod slots;

pub use crate::ids::{
    ActorId, CellId, ElementId, EventId, HazardId, Id, Ids, IndexVec, OptionId, SeatId,
};
pub use affine::{Exactness, Gate, Obstacle, anticipated};
pub use arm::{Arm, Override, Prior, TypedCell};
pub use binary::Binary;
pub use claim::{Claim, ClaimTest, Input, Measured, Side, Statics, Statistic, Test};
pub use decision::{
    Anticipation, ByActor, CONVERGED, Decision, DecisionItem, HALVING, LIKELIHOOD_FLOOR, Level0,
    Reasoning, Rule, STATIONARY, STEPS, Setting, poisson_levels,
};
pub use graph::{deciders, unfit_for_graph};
pub use known::{Known, is_truth};
pub use markov::{
    Carried, LongRun, MARKOV_STATES, MARKOV_STEPS, MARKOV_WAYS, Markov, MarkovError, carried,
};
pub use nests::{Dissimilarity, Nest, Nests, dissimilarity};
pub use seats::{Choice, Constraint, Seat};
pub use slots::{Moved, Slots};

use crate::diagnostic::{Attached, Span};
use crate::expr::{Change, Distribution, Expr, Names, Shape};
use crate::rng::Seed;

/// What a scenario says about itself.
#[derive(Debug, Clone, Default)]
pub struct About {
    /// Its name, equal to the stem of its file.
    pub name: String,
    /// A line for lists and headings.
    pub title: String,
    /// A paragraph for readers.
    pub summary: String,
    /// The greatest number of rounds of a run.
    pub rounds: u32,
    /// What a round is called in reports ("month").
    pub round: String,
    /// The label of round 1 ("2024-07").
    pub start: String,
}

/// A work that numbers and claims come from.
#[derive(Debug, Clone, Default)]
pub struct Work {
    /// The key by which it is cited.
    pub key: String,
    /// Title.
    pub title: String,
    /// Author or publisher.
    pub author: String,
    /// Year, as text.
    pub year: String,
    /// Where to find it.
    pub find: String,
}

/// How uncertain a parameter is: used by sweeps and robustness, never by a plain run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Uncertainty {
    /// The distribution; `range = [lo, hi]` is uniform.
    pub distribution: Distribution,
    /// Its parameters, unused ones 0.
    pub given: [f64; 3],
}

impl Uncertainty {
    /// The least and greatest value that the distribution gives.
    pub fn support(&self) -> (f64, f64) {
        let [a, b, c] = self.given;
        match self.distribution {
            Distribution::Normal => (f64::NEG_INFINITY, f64::INFINITY),
            Distribution::LogNormal => (0.0, f64::INFINITY),
            Distribution::Uniform => (a, b),
            Distribution::Beta | Distribution::Bernoulli => (0.0, 1.0),
            Distribution::Triangular => (a, c),
        }
    }
}

/// A parameter as a reader wants to know it.
#[derive(Debug, Clone, Default)]
pub struct Parameter {
    /// Unit of measurement.
    pub unit: String,
    /// A key of `[sources]`, or `assumed`; empty when the file does not say.
    pub source: String,
    /// A remark.
    pub note: String,
    /// Whether its cells vary together in sweeps.
    pub together: bool,
    /// How uncertain it is.
    pub uncertainty: Option<Uncertainty>,
    /// Where it is defined.
    pub span: Span,
}

/// One cell of a parameter.
#[derive(Debug, Clone)]
pub struct ParameterCell {
    /// The parameter.
    pub parameter: usize,
    /// What its indices stand for.
    pub at: Vec<ElementId>,
    /// Its name in results: `w[CHN]`.
    pub label: String,
    /// Its value: a formula over other parameters.
    pub value: Expr,
    /// How uncertain it is: as its row in a file says, or else as its parameter.
    pub uncertainty: Option<Uncertainty>,
    /// Where it is from, likewise.
    pub source: String,
}

/// What stands for the rounds of a series that its file leaves out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Missing {
    /// Nothing: every round has a row.
    #[default]
    Error,
    /// The last value before it.
    Hold,
    /// A value on the line between those on either side.
    Interpolate,
}

impl Missing {
    /// All ways with their words.
    pub const ALL: &'static [(&'static str, Missing)] = &[
        ("error", Missing::Error),
        ("hold", Missing::Hold),
        ("interpolate", Missing::Interpolate),
    ];

    /// As it is written in a file.
    pub fn word(self) -> &'static str {
        Missing::ALL.iter().find(|(_, m)| *m == self).map_or("error", |(w, _)| w)
    }
}

/// A series as a reader wants to know it; its values are in [`Names::series_values`].
#[derive(Debug, Clone, Default)]
pub struct Series {
    /// The file that its values are from.
    pub file: String,
    /// What stands for rounds without a row.
    pub missing: Missing,
    /// A line in plain words; may be empty.
    pub title: String,
    /// Unit of measurement.
    pub unit: String,
    /// A key of `[sources]`, or `assumed`; empty when the file does not say.
    pub source: String,
    /// A remark.
    pub note: String,
    /// Where it is defined.
    pub span: Span,
}

/// A state as a reader wants to know it.
#[derive(Debug, Clone, Default)]
pub struct State {
    /// Values are clamped to it; absent: unbounded.
    pub range: Option<(f64, f64)>,
    /// A line in plain words; may be empty.
    pub title: String,
    /// Unit of measurement.
    pub unit: String,
    /// A remark.
    pub note: String,
    /// Where it is defined.
    pub span: Span,
}

/// One cell of a state.
#[derive(Debug, Clone)]
pub struct Cell {
    /// The state.
    pub state: usize,
    /// What its indices stand for.
    pub at: Vec<ElementId>,
    /// Its name in results: `tie[CHN,PRK]`.
    pub label: String,
    /// Its value before round 1; may draw.
    pub initial: Expr,
    /// Values are clamped to it.
    pub range: (f64, f64),
    /// Its value in the next round when nothing acts on it: a rule of `[dynamics]`, if it has one.
    pub next: Option<Expr>,
}

/// A derived quantity at given actors.
#[derive(Debug, Clone)]
pub struct Derived {
    /// Its name in results: `share[CHN]`.
    pub label: String,
    /// Its formula.
    pub value: Expr,
}

/// One change of one cell.
#[derive(Debug, Clone)]
pub struct Effect {
    /// The cell it changes.
    pub cell: CellId,
    /// Added, subtracted or assigned.
    pub change: Change,
    /// By how much, or to what.
    pub value: Expr,
    /// The weight of its filter; `None` is 1.
    pub filter: Option<Expr>,
}

/// A move as a reader wants to know it.
#[derive(Debug, Clone, Default)]
pub struct Move {
    /// A line in plain words.
    pub title: String,
    /// The track, by number.
    pub track: usize,
    /// The stage of a round in which it is chosen, from 1.
    pub stage: u64,
    /// Where its numbers come from.
    pub source: String,
    /// Its condition, as it is written.
    pub when: String,
    /// Its costs, as they are written: component and formula.
    pub costs: Vec<(String, String)>,
    /// Its effects, as they are written.
    pub effects: Vec<String>,
    /// Where it is defined.
    pub span: Span,
}

/// An event as a reader wants to know it.
#[derive(Debug, Clone, Default)]
pub struct Event {
    /// A line in plain words.
    pub title: String,
    /// Whether it happens at most once per index.
    pub once: bool,
    /// Whether the run ends with it.
    pub ends: bool,
    /// Its probability, as it is written.
    pub probability: String,
    /// Its condition, as it is written.
    pub when: String,
    /// Its effects, as they are written.
    pub effects: Vec<String>,
    /// Where it is defined.
    pub span: Span,
}

/// An event at given actors: one hazard.
#[derive(Debug, Clone)]
pub struct Hazard {
    /// The event.
    pub event: EventId,
    /// What its indices stand for.
    pub at: Vec<ElementId>,
    /// Its name in results: `crisis[ROK,PRK]`.
    pub label: String,
    /// Its probability; `None`: decided to be 0, so it does not exist.
    pub probability: Option<Expr>,
    /// The weight of its condition.
    pub when: Option<Expr>,
    /// What it does.
    pub effects: Vec<Effect>,
}

/// A payoff component of an actor.
#[derive(Debug, Clone)]
pub struct Payoff {
    /// Its value each round.
    pub value: Expr,
    /// Its weight in the actor's utility.
    pub weight: Expr,
    /// The formulas as they are written: value, weight.
    pub written: (String, String),
}

/// What only an actor itself knows about itself.
#[derive(Debug, Clone)]
pub struct Private {
    /// The actor.
    pub actor: ActorId,
    /// Its types in file order; their names are in [`Names::types`].
    pub types: Vec<ActorType>,
    /// The type that is real in every run, if the file fixes it.
    pub true_type: Option<usize>,
    /// Where it is defined.
    pub span: Span,
}

/// A type of an actor.
#[derive(Debug, Clone)]
pub struct ActorType {
    /// How likely nature makes it the real one: the `default` prior; a formula over parameters.
    pub chance: Option<Expr>,
    /// How likely each observer thinks it at the start, by observer.
    pub priors: IndexVec<ActorId, Option<Expr>>,
    /// Parameter cells that hold for this type: cell and value, more specific keys last.
    pub set: Vec<(usize, Expr)>,
}

/// A guarded list of moves.
#[derive(Debug, Clone)]
pub struct Policy {
    /// Its name.
    pub name: String,
    /// The share of uniform play, by actor.
    pub error: IndexVec<ActorId, Option<Expr>>,
    /// Its lines in order.
    pub lines: Vec<Line>,
}

/// When a line of a policy plays for an actor.
#[derive(Debug, Clone)]
pub enum Guard {
    /// Never: its condition could not be compiled for that actor.
    Never,
    /// Always: it has no condition.
    Always,
    /// With the weight of its condition.
    When(Expr),
}

impl Guard {
    /// Its condition, if it has one.
    pub fn condition(&self) -> Option<&Expr> {
        match self {
            Guard::When(condition) => Some(condition),
            Guard::Never | Guard::Always => None,
        }
    }

    /// The same, to be changed.
    pub fn condition_mut(&mut self) -> Option<&mut Expr> {
        match self {
            Guard::When(condition) => Some(condition),
            Guard::Never | Guard::Always => None,
        }
    }
}

/// A line of a policy.
#[derive(Debug, Clone)]
pub struct Line {
    /// When it plays, by actor.
    pub guard: IndexVec<ActorId, Guard>,
    /// The share that it takes of what its guard leaves, by actor; `None`: all of it.
    pub share: IndexVec<ActorId, Option<Expr>>,
    /// The move; `None` is `hold`.
    pub action: Option<usize>,
    /// The targets to try, in order, two for moves with two; empty: those of the move.
    pub toward: Vec<Vec<ElementId>>,
    /// As it is written.
    pub written: String,
}

/// How an outcome is taken over the rounds of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// The value in the last round played.
    Final,
    /// The mean over the rounds played.
    Mean,
    /// The greatest value.
    Max,
    /// The least value.
    Min,
    /// The sum.
    Total,
    /// The first round in which a condition holds; empty if never.
    First,
    /// 1 if a condition ever holds, else 0.
    Ever,
}

impl Measure {
    /// All measures with their words.
    pub const ALL: &'static [(&'static str, Measure)] = &[
        ("final", Measure::Final),
        ("mean", Measure::Mean),
        ("max", Measure::Max),
        ("min", Measure::Min),
        ("total", Measure::Total),
        ("first", Measure::First),
        ("ever", Measure::Ever),
    ];

    /// Whether it adds up over rounds, so that it can overflow where no value of a round does.
    pub fn adds(self) -> bool {
        matches!(self, Measure::Mean | Measure::Total)
    }

    /// As it is written in a file.
    pub fn word(self) -> &'static str {
        Measure::ALL.iter().find(|(_, m)| *m == self).map_or("final", |(w, _)| w)
    }
}

/// What is measured in each run.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// Its name.
    pub name: String,
    /// A line in plain words; may be empty.
    pub title: String,
    /// Unit of measurement; may be empty.
    pub unit: String,
    /// How it is taken over rounds.
    pub measure: Measure,
    /// What is taken.
    pub value: Expr,
    /// The formula as it is written.
    pub written: String,
    /// Where it is defined.
    pub span: Span,
}

/// A counterfactual arm.
#[derive(Debug, Clone)]
pub struct Variant {
    /// Its name.
    pub name: String,
    /// A line in plain words.
    pub title: String,
    /// What it sets, more specific keys last.
    pub set: Vec<Override>,
    /// Moves that nobody can play.
    pub moves: Vec<usize>,
    /// Events that do not happen.
    pub events: Vec<EventId>,
    /// What it sets, as written: key and value.
    pub written: Vec<(String, String)>,
}

/// A grand strategy: how an actor goes about a whole run.
#[derive(Debug, Clone)]
pub struct Posture {
    /// Whose it is.
    pub actor: ActorId,
    /// Its name, unique among the postures of the actor.
    pub name: String,
    /// A line in plain words; may be empty.
    pub title: String,
    /// What it changes; decisions are those of the actor.
    pub set: Vec<Override>,
    /// What it changes, as written: key and value.
    pub written: Vec<(String, String)>,
    /// Where it is defined.
    pub span: Span,
}

/// A named sweep.
#[derive(Debug, Clone)]
pub struct Experiment {
    /// Its name.
    pub name: String,
    /// What varies, as written: `name = lo:hi:n`.
    pub vary: Vec<String>,
    /// Whether every declared range varies.
    pub uncertain: bool,
    /// The design: grid, lhs, sobol, random.
    pub design: String,
    /// How many points.
    pub points: Option<u64>,
    /// How many runs a point.
    pub runs: Option<u64>,
    /// Where it is defined.
    pub span: Span,
}

/// A number that is set, and that the file does not declare possible.
#[derive(Debug, Clone, PartialEq)]
pub struct Outside {
    /// The parameter cell as results name it.
    pub label: String,
    /// What it is set to.
    pub value: f64,
    /// The least and the greatest that the file declares.
    pub declared: (f64, f64),
}

/// A whole scenario.
#[derive(Debug, Clone, Default)]
pub struct Model {
    /// What it says about itself.
    pub about: About,
    /// The files that it names, in the order in which they are named.
    pub files: Vec<Attached>,
    /// Where its numbers come from.
    pub works: Vec<Work>,
    /// Every name of it.
    pub names: Names,
    /// The actors' full names.
    pub actors: IndexVec<ActorId, String>,
    /// Tracks in order of first appearance; `main` where moves name none.
    pub tracks: Vec<String>,
    /// Series, numbered as in [`Names::series`].
    pub series: Vec<Series>,
    /// Parameters, numbered as in [`Names::parameters`].
    pub parameters: Vec<Parameter>,
    /// Cells of parameters.
    pub parameter_cells: Vec<ParameterCell>,
    /// States, numbered as in [`Names::states`].
    pub states: Vec<State>,
    /// Cells of states.
    pub cells: IndexVec<CellId, Cell>,
    /// Derived quantities as far as they are read or recorded.
    pub derived: Vec<Derived>,
    /// Which derived quantities results record, by number.
    pub recorded: Vec<usize>,
    /// Moves, numbered as in [`Names::moves`].
    pub moves: Vec<Move>,
    /// What joint options must obey; their conditions are part of [`Choice::when`].
    pub constraints: Vec<Constraint>,
    /// Seats, ordered by actor, then track.
    pub seats: IndexVec<SeatId, Seat>,
    /// Options of all seats.
    pub options: IndexVec<OptionId, Choice>,
    /// Events, numbered as in [`Names::events`].
    pub events: IndexVec<EventId, Event>,
    /// Instances of all events.
    pub hazards: IndexVec<HazardId, Hazard>,
    /// Payoffs by actor and component.
    pub payoffs: IndexVec<ActorId, Vec<Payoff>>,
    /// Private information, in file order of `[types]`.
    pub private: Vec<Private>,
    /// Decision settings of the file, common ones and those of an actor.
    pub decisions: Vec<DecisionItem>,
    /// Policies.
    pub policies: Vec<Policy>,
    /// Outcomes.
    pub outcomes: Vec<Outcome>,
    /// The condition that ends a run.
    pub stop_when: Option<Expr>,
    /// Counterfactual arms.
    pub variants: Vec<Variant>,
    /// Postures, those of an actor together, actors in file order of `[postures]`.
    pub postures: Vec<Posture>,
    /// Statements under test.
    pub claims: Vec<Claim>,
    /// Named sweeps.
    pub experiments: Vec<Experiment>,
    /// Where the random numbers of each unit lie.
    pub slots: Slots,
}

/// A scenario, one of its arms, and the seed of its randomness.
#[derive(Debug, Clone, Copy)]
pub struct Simulation<'a> {
    /// The scenario.
    pub model: &'a Model,
    /// One of its arms.
    pub arm: &'a Arm,
    /// Where its random numbers come from.
    pub seed: Seed,
}

impl Model {
    /// How many actors there are.
    pub fn actor_count(&self) -> usize {
        self.names.actors.len()
    }

    /// All actors.
    pub fn actors(&self) -> Ids<ActorId> {
        self.names.actors.ids()
    }

    /// The number of an actor among those with private information.
    pub fn private_of(&self, actor: ActorId) -> Option<usize> {
        self.private.iter().position(|p| p.actor == actor)
    }

    /// The variant of that name.
    pub fn variant(&self, name: &str) -> Option<&Variant> {
        self.variants.iter().find(|v| v.name == name)
    }

    /// The actors that have postures, in file order, each with its postures by number.
    pub fn postures_by_actor(&self) -> Vec<(ActorId, Vec<usize>)> {
        let mut all: Vec<(ActorId, Vec<usize>)> = Vec::new();
        for (number, posture) in self.postures.iter().enumerate() {
            match all.iter_mut().find(|(actor, _)| *actor == posture.actor) {
                Some((_, list)) => list.push(number),
                None => all.push((posture.actor, vec![number])),
            }
        }
        all
    }

    /// The cells of parameters and states that changes set to values which the file does not
    /// declare possible, by its range or distribution. Formulas are worked out where they read
    /// parameters alone, in the arm of the file in which all changes hold, those `beside` included.
    pub fn outside(&self, changes: &[Override], beside: &[Override]) -> Vec<Outside> {
        let open = |value: &Expr| value.decided().is_none();
        let written = |change: &Override| match change {
            Override::Parameter(list) => list.iter().any(|(_, value)| open(value)),
            Override::Initial(list) => list.iter().any(|(_, value)| open(value)),
            _ => false,
        };
        let all = || beside.iter().chain(changes).cloned().collect::<Vec<_>>();
        let formulas = changes.iter().any(written);
        let arm = formulas.then(|| Arm::new(self, None, &all()).ok()).flatten();
        let known = |cell: usize| {
            let arm = arm.as_ref()?;
            let typed = arm.typed.iter().any(|typed| typed.cell == cell);
            (!typed).then(|| arm.parameters[cell])
        };
        let beyond = |label: &str, value: &Expr, declared: (f64, f64)| {
            let value = value.with(&known).decided()?;
            let outside = value < declared.0 || value > declared.1;
            outside.then(|| Outside { label: label.to_string(), value, declared })
        };
        let parameters = parameters_set(changes).filter_map(|(cell, value)| {
            let cell = &self.parameter_cells[*cell];
            let declared = cell.uncertainty?.support();
            beyond(&cell.label, value, declared)
        });
        let states = changes.iter().flat_map(|change| match change {
            Override::Initial(list) => list.as_slice(),
            _ => &[],
        });
        let states = states.filter_map(|(cell, value)| {
            let cell = &self.cells[*cell];
            beyond(&cell.label, value, cell.range)
        });
        parameters.chain(states).collect()
    }

    /// The actor whose types, every one of them, set a parameter cell: whatever else sets it is
    /// without effect.
    pub fn set_by_types(&self, cell: usize) -> Option<ActorId> {
        let sets = |own: &ActorType| own.set.iter().any(|(set, _)| *set == cell);
        let found = self.private.iter().find(|private| private.types.iter().all(sets));
        found.map(|private| private.actor)
    }

    /// The parameter cells that changes set without effect, and the actors whose types set them.
    pub fn overruled(&self, changes: &[Override]) -> Vec<(String, String)> {
        let found = parameters_set(changes).filter_map(|(cell, _)| {
            let actor = self.set_by_types(*cell)?;
            Some((self.parameter_cells[*cell].label.clone(), self.names.actors[actor].clone()))
        });
        found.collect()
    }

    /// The actor whose types set every parameter cell that a change sets, whatever type it is: the
    /// change has no effect at all.
    pub fn idle(&self, change: &Override) -> Option<&str> {
        let Override::Parameter(list) = change else { return None };
        let (first, _) = list.first()?;
        let all = list.iter().all(|(cell, _)| self.set_by_types(*cell).is_some());
        let actor = self.set_by_types(*first).filter(|_| all)?;
        Some(self.names.actors[actor].as_str())
    }

    /// Over what a parameter is indexed.
    pub fn parameter_shape(&self, parameter: usize) -> Shape {
        self.names.parameters[parameter].shape
    }
}

/// The parameter cells that changes set, with their new values.
fn parameters_set(changes: &[Override]) -> impl Iterator<Item = &(usize, Expr)> {
    changes.iter().flat_map(|change| match change {
        Override::Parameter(cells) => cells.as_slice(),
        _ => &[],
    })
}
