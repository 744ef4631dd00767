//! What runs leave behind: blocks of consecutive runs of one arm, as columns.
//!
//! Whoever plays runs fills a [`Block`]; whoever summarises reads it. Neither knows the other.

mod observation;

pub use observation::{Beginning, Observation, Quantity, Snapshot};

use crate::calendar::Calendar;
use crate::model::{ActorId, Arm, Binary, Measure, Model, Reasoning, SeatId};

/// An option of a seat as results name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OptionRow {
    /// The seat it belongs to.
    pub seat: SeatId,
    /// The actor's key.
    pub actor: String,
    /// The track.
    pub track: String,
    /// The move, or `hold`.
    pub action: String,
    /// The target's key; empty without one.
    pub target: String,
}

/// No type and no level: none is drawn, or the run was never begun.
pub const NONE: u16 = u16::MAX;

/// What a run of a scenario leaves behind: names and sizes, the same for all its arms.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Layout {
    /// Outcomes in file order.
    pub outcomes: Vec<String>,
    /// Per outcome, whether it is 0 or 1 by kind: see `Model::is_share`.
    pub zero_one: Vec<bool>,
    /// Per outcome, whether it is a round, from 1, or empty (`first`).
    pub first: Vec<bool>,
    /// Actors with private information: the actor's key and the names of its types.
    pub types: Vec<(String, Vec<String>)>,
    /// Actors whose level of reasoning is drawn in some arm: the actor and its key.
    pub levels: Vec<(ActorId, String)>,
    /// What is recorded after each round: state and derived cells, utilities, payoffs, beliefs,
    /// events.
    pub variables: Vec<String>,
    /// Per variable, whether formulas can make it 0 or 1 only.
    pub binary: Vec<bool>,
    /// All options, seat by seat.
    pub options: Vec<OptionRow>,
    /// How many seats there are.
    pub seats: usize,
    /// The greatest number of rounds.
    pub rounds: usize,
    /// The dates of rounds, if they have any.
    pub calendar: Option<Calendar>,
}

impl Layout {
    /// The names and sizes of what runs of these arms of a scenario leave behind.
    pub fn of(model: &Model, arms: &[Arm]) -> Layout {
        let names = &model.names;
        let mut variables: Vec<String> = model.cells.iter().map(|c| c.label.clone()).collect();
        variables.extend(model.recorded.iter().map(|d| model.derived[*d].label.clone()));
        variables.extend(names.actors.iter().map(|a| format!("utility[{a}]")));
        for actor in &names.actors {
            variables.extend(names.components.iter().map(|c| format!("payoff[{actor},{c}]")));
        }
        for private in &model.private {
            for (id, observer) in names.actors.enumerate() {
                if id != private.actor {
                    let actor = &names.actors[private.actor];
                    let types = names.types[private.actor].iter();
                    variables.extend(types.map(|k| format!("belief[{observer},{actor},{k}]")));
                }
            }
        }
        variables.extend(model.hazards.iter().map(|h| happened_label(&h.label)));
        let options = model.options.iter().map(|option| {
            let (action, target) = names.acts_row(&option.acts);
            let seat = &model.seats[option.seat];
            let actor = names.actors[seat.actor].clone();
            let track = model.tracks[seat.track].clone();
            OptionRow { seat: option.seat, actor, track, action, target }
        });
        let types = model.private.iter().map(|private| {
            (names.actors[private.actor].clone(), names.types[private.actor].clone())
        });
        let drawn = |arm: &Arm, actor: ActorId| {
            matches!(arm.decisions[actor].reasoning, Reasoning::Poisson(_))
        };
        let levels = model.actors().filter(|actor| arms.iter().any(|arm| drawn(arm, *actor)));
        let known = Binary::of(model, arms);
        let cells = model.cells.ids().map(|cell| known.cell(cell));
        let derived = model.recorded.iter().map(|d| known.holds(&model.derived[*d].value));
        let rest = variables.len() - model.cells.len() - model.recorded.len() - model.hazards.len();
        let events = std::iter::repeat_n(true, model.hazards.len());
        let binary = cells.chain(derived).chain(std::iter::repeat_n(false, rest)).chain(events);
        Layout {
            outcomes: model.outcomes.iter().map(|o| o.name.clone()).collect(),
            zero_one: model.outcomes.iter().map(|o| model.is_share(o)).collect(),
            first: model.outcomes.iter().map(|o| o.measure == Measure::First).collect(),
            types: types.collect(),
            levels: levels.map(|actor| (actor, names.actors[actor].clone())).collect(),
            variables,
            binary: binary.collect(),
            options: options.collect(),
            seats: model.seats.len(),
            rounds: arms.iter().map(|arm| arm.rounds as usize).max().unwrap_or(0),
            calendar: names.calendar,
        }
    }

    /// The same without what is recorded round by round: runs leave their outcomes only, which is
    /// all that claims and large sweeps read; with their types and levels.
    #[must_use]
    pub fn outcomes_only(self) -> Layout {
        let (variables, binary) = (Vec::new(), Vec::new());
        Layout { variables, binary, options: Vec::new(), seats: 0, ..self }
    }
}

/// `happened[crisis,ROK,PRK]` of the hazard `crisis[ROK,PRK]`.
pub(crate) fn happened_label(label: &str) -> String {
    format!("happened[{}]", label.replace('[', ",").replace(']', ""))
}

/// Why a run stopped before its end.
#[derive(Debug, Clone, PartialEq)]
pub struct Failure {
    /// The run.
    pub run: u64,
    /// The round, from 1; 0 while initial values are drawn.
    pub round: u32,
    /// What was not finite: a cell, `utility[A]`, an event, a belief, an outcome.
    pub cell: String,
    /// Where its formula begins in the scenario file, in bytes.
    pub offset: usize,
    /// What happened.
    pub reason: String,
}

impl Failure {
    /// The failure of a run whose reason is told elsewhere, or not known.
    pub fn unsaid(run: u64) -> Failure {
        Failure { run, round: 0, cell: String::new(), offset: 0, reason: String::new() }
    }
}

/// Consecutive runs of one arm at one point of a sweep.
#[derive(Debug, Clone, PartialEq)]
pub struct Block {
    /// The number of the first run.
    pub first: u64,
    /// How many runs.
    pub runs: usize,
    /// By run: how many rounds were played to their end.
    pub played: Vec<u32>,
    /// By actor of [`Layout::types`], then run: its real type, or [`NONE`].
    pub types: Vec<u16>,
    /// By actor of [`Layout::levels`], then run: the level it drew, or [`NONE`].
    pub levels: Vec<u16>,
    /// By outcome, then run: its value; not-a-number where it is empty or the run failed.
    pub outcomes: Vec<f64>,
    /// By round, variable, then run: its value; meaningless in rounds that were not played.
    pub variables: Vec<f64>,
    /// By round, seat, then run: the option chosen, by number within the layout.
    pub choices: Vec<u16>,
    /// By round, then option: in how many of the runs that played the round to its end it could be
    /// chosen (its availability was above 0).
    pub available: Vec<u32>,
    /// Runs that failed, in order.
    pub failures: Vec<Failure>,
    /// How many probabilities of events were moved into \[0, 1\], over all runs and rounds.
    pub clamped: u64,
    /// How many real rounds' equilibria were played before they converged.
    pub unconverged: u64,
    /// The greatest residual among them.
    pub residual: f64,
}

impl Block {
    /// An empty block of this size.
    pub fn new(layout: &Layout, first: u64, runs: usize) -> Self {
        Block {
            first,
            runs,
            played: vec![0; runs],
            types: vec![NONE; layout.types.len() * runs],
            levels: vec![NONE; layout.levels.len() * runs],
            outcomes: vec![f64::NAN; layout.outcomes.len() * runs],
            variables: vec![f64::NAN; layout.rounds * layout.variables.len() * runs],
            choices: vec![0; layout.rounds * layout.seats * runs],
            available: vec![0; layout.rounds * layout.options.len()],
            failures: Vec::new(),
            clamped: 0,
            unconverged: 0,
            residual: 0.0,
        }
    }

    /// Gives back the memory of what was recorded round by round; outcomes stay.
    pub fn forget_rounds(&mut self) {
        self.variables = Vec::new();
        self.choices = Vec::new();
        self.available = Vec::new();
    }

    /// The values of an outcome, one per run.
    pub fn outcome(&self, outcome: usize) -> &[f64] {
        &self.outcomes[outcome * self.runs..(outcome + 1) * self.runs]
    }

    /// Whether a run, by its place in the block, failed.
    pub fn failed(&self, run: usize) -> bool {
        self.failures.binary_search_by_key(&(self.first + run as u64), |f| f.run).is_ok()
    }

    /// The values of a variable after a round (from 0), one per run.
    pub fn variable(&self, layout: &Layout, round: usize, variable: usize) -> &[f64] {
        let at = (round * layout.variables.len() + variable) * self.runs;
        &self.variables[at..at + self.runs]
    }

    /// The options chosen by a seat in a round (from 0), one per run.
    pub fn choice(&self, layout: &Layout, round: usize, seat: SeatId) -> &[u16] {
        let at = (round * layout.seats + seat.index()) * self.runs;
        &self.choices[at..at + self.runs]
    }
}
