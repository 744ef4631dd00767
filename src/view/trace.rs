//! One run as a transcript.
//!
//! The text shows, round by round, what every seat could do, what each option was worth to it by
//! payoff component (weighted payoff less cost, and in brackets how much better or worse than
//! `hold`), what it chose, and what came of it. JSON holds the same in full precision:
//!
//! ```text
//! { scenario, arm, seed, run, types: { ACTOR: type }, components: [..],
//!   choosing: [ { actor, rule, precision, reasoning, foresight } ],
//!   rounds: [ { round, label,
//!     seats: [ { actor, track, type, options: [ { actor, track, move, target, available, utility,
//!       parts: { COMPONENT: x }, relative: { COMPONENT: x }, later, probability, chosen } ] } ],
//!     cells: [ { name, before, after } ], events: [ { name, probability, happened } ],
//!     beliefs: [ { name, before, after } ],
//!     payoffs: [ { actor, payoffs: { COMPONENT: x }, utility } ] } ],
//!   outcomes: { NAME: x }, failure: { round, what, reason, line, column } or null }
//! ```
//!
//! `parts`, `relative` are empty and `utility` is `null` where a seat does not weigh payoffs or an
//! option is not available; cells and beliefs are those that moved by more than 10⁻¹². With
//! `--round` the list of rounds holds that one only; with `--actor` the seats and payoffs are those
//! of the actors that are named, and other quantities those that belong to them or to nobody.

use std::collections::BTreeMap;

use crate::api::{Error, Scenario, Trace};
use crate::diagnostic::line_column;
use crate::expr::{Facts, value};
use crate::model::{Arm, Decision, Model, Reasoning, Rule, Simulation};
use crate::reference::{RoundTrace, RunTrace};

pub use crate::reference::{HazardTrace, Moved, OptionTrace, SeatTrace};

/// Steps smaller than this do not count as movement.
const STILL: f64 = 1e-12;

/// What a transcript is narrowed to.
#[derive(Debug, Default)]
pub struct Only<'a> {
    /// One round; all where absent.
    pub round: Option<u32>,
    /// Keys of actors; all where empty.
    pub actors: &'a [String],
}

/// A run as it is shown.
#[derive(Debug)]
pub struct Transcript {
    /// The scenario's name.
    pub scenario: String,
    /// Its title.
    pub title: String,
    /// The arm.
    pub arm: String,
    /// The greatest number of rounds.
    pub most_rounds: u32,
    /// How many tracks there are, on each of which an actor may choose.
    pub tracks: usize,
    /// The seed.
    pub seed: u64,
    /// The number of the run.
    pub run: u64,
    /// The real types: actor and type.
    pub true_types: Vec<(String, String)>,
    /// The names of the payoff components.
    pub components: Vec<String>,
    /// How actors choose.
    pub choosing: Vec<Manner>,
    /// The rounds that are shown.
    pub rounds: Vec<Round>,
    /// Whether it was narrowed to one round.
    pub one_round: bool,
    /// Outcomes: name and value, not-a-number where empty.
    pub outcomes: Vec<(String, f64)>,
    /// Why the run stopped early, if it failed.
    pub failure: Option<Failed>,
}

/// Why a run failed.
#[derive(Debug)]
pub struct Failed {
    /// The round, from 1; 0 while initial values are drawn.
    pub round: u32,
    /// What was not finite.
    pub what: String,
    /// What happened.
    pub reason: String,
    /// What the scenario file is called in messages.
    pub file: String,
    /// Where the formula begins in it, from 1.
    pub line: usize,
    /// The column, from 1.
    pub column: usize,
}

/// A round as it is shown.
#[derive(Debug)]
pub struct Round {
    /// Its number, from 1.
    pub number: u32,
    /// What it is called: a month, or its number.
    pub label: String,
    /// Who chose.
    pub seats: Vec<Seat>,
    /// State cells that moved.
    pub cells: Vec<Step>,
    /// Events that could happen.
    pub hazards: Vec<HazardTrace>,
    /// Beliefs that moved.
    pub beliefs: Vec<Moved>,
    /// By actor: payoffs by component, then utility.
    pub payoffs: Vec<(String, Vec<f64>, f64)>,
}

/// A seat in a round.
#[derive(Debug)]
pub struct Seat {
    /// The name of its actor.
    pub name: String,
    /// What it could do, and what it did.
    pub told: SeatTrace,
    /// What its options are compared with; nothing where none was weighed.
    pub yardstick: Option<Yardstick>,
}

/// A state cell that moved.
#[derive(Debug)]
pub struct Step {
    /// From where to where.
    pub moved: Moved,
    /// How far: as a share of its range where that is finite, else the distance.
    pub size: f64,
}

impl Transcript {
    /// A run of a scenario, played and told in full.
    ///
    /// # Errors
    /// Those of [`Scenario::trace`].
    pub fn played(scenario: &Scenario, request: &Trace) -> Result<Transcript, Error> {
        scenario
            .traced(request, |game, told| Transcript::of(scenario, game, told, &Only::default()))
    }

    /// What is shown of a run.
    pub fn of(scenario: &Scenario, game: &Simulation, told: RunTrace, only: &Only) -> Transcript {
        let about = &game.model.about;
        let choosing = manners(game, &told, only.actors);
        let RunTrace { run, components, true_types, rounds, outcomes, failure } = told;
        let widths = game.model.cells.iter().map(|c| (c.label.as_str(), c.range.1 - c.range.0));
        let widths = widths.collect();
        let shown = rounds.into_iter().filter(|r| only.round.is_none_or(|n| n == r.round));
        let failure = failure.map(|f| {
            let (file, text, byte) = scenario.page(f.offset);
            let (line, column) = line_column(text, byte);
            let file = file.unwrap_or(scenario.label()).to_string();
            Failed { round: f.round, what: f.cell, reason: f.reason, file, line, column }
        });
        Transcript {
            scenario: about.name.clone(),
            title: about.title.clone(),
            arm: game.arm.name.clone(),
            most_rounds: game.arm.rounds,
            tracks: game.model.tracks.len(),
            seed: game.seed.0,
            run,
            true_types,
            components,
            choosing,
            rounds: shown.map(|r| round(game.model, r, only.actors, &widths)).collect(),
            one_round: only.round.is_some(),
            outcomes,
            failure,
        }
    }
}

fn round(
    model: &Model,
    told: RoundTrace,
    actors: &[String],
    widths: &BTreeMap<&str, f64>,
) -> Round {
    let all = actors.is_empty();
    let about = |label: &str| all || concerns(label, actors);
    let moved = |m: &Moved| (m.after - m.before).abs() > STILL && about(&m.label);
    let step = |moved: Moved| {
        let width = widths.get(moved.label.as_str()).copied().unwrap_or(f64::INFINITY);
        let distance = (moved.after - moved.before).abs();
        let size = if width.is_finite() && width > 0.0 { distance / width } else { distance };
        Step { moved, size }
    };
    let seat = |told: SeatTrace| {
        let id = model.names.actors.find_id(|a| *a == told.actor);
        let name = id.and_then(|id| model.actors.get(id)).unwrap_or(&told.actor);
        Seat { name: name.clone(), yardstick: yardstick(&told), told }
    };
    let seats = told.seats.into_iter().filter(|s| all || actors.contains(&s.actor));
    Round {
        number: told.round,
        label: label(model, told.round),
        seats: seats.map(seat).collect(),
        cells: told.cells.into_iter().filter(moved).map(step).collect(),
        hazards: told.hazards.into_iter().filter(|h| about(&h.label)).collect(),
        beliefs: told.beliefs.into_iter().filter(moved).collect(),
        payoffs: told.payoffs.into_iter().filter(|p| all || actors.contains(&p.0)).collect(),
    }
}

/// Whether a quantity belongs to one of the actors, or to none: `tie[CHN,PRK]` concerns both, and
/// `tension` everybody.
fn concerns(label: &str, actors: &[String]) -> bool {
    let Some((_, indices)) = label.trim_end_matches(']').split_once('[') else { return true };
    indices.split(',').any(|index| actors.iter().any(|actor| actor == index))
}

/// How an actor chooses, as far as it helps to read its choices.
#[derive(Debug)]
pub struct Manner {
    /// The actor's key.
    pub actor: String,
    /// Its rule.
    pub rule: Rule,
    /// At its real type; none where the rule needs none.
    pub precision: Option<f64>,
    /// How deep it thinks.
    pub reasoning: Reasoning,
    /// How many rounds it looks ahead.
    pub foresight: String,
}

impl Manner {
    /// How deep it thinks, as it is written in a file.
    pub fn depth(&self) -> String {
        match self.reasoning {
            Reasoning::Level(level) => level.to_string(),
            Reasoning::Poisson(mean) => format!("poisson({mean})"),
            Reasoning::Equilibrium => "equilibrium".to_string(),
        }
    }
}

/// How the actors that are shown choose in this run.
fn manners(game: &Simulation<'_>, told: &RunTrace, actors: &[String]) -> Vec<Manner> {
    let (model, arm) = (game.model, game.arm);
    let world = Known { model, arm, told };
    let all = model.names.actors.iter().zip(&arm.decisions);
    let shown = all.filter(|(actor, _)| actors.is_empty() || actors.contains(*actor));
    let manner = |(actor, decision): (&String, &Decision)| Manner {
        actor: actor.clone(),
        rule: decision.rule,
        precision: match decision.rule {
            Rule::Logit | Rule::NestedLogit => {
                decision.precision.as_ref().map(|formula| value(formula, &world))
            }
            _ => None,
        },
        reasoning: decision.reasoning,
        foresight: decision.ahead(),
    };
    shown.map(manner).collect()
}

/// Parameters at the real types of a run.
struct Known<'a> {
    model: &'a Model,
    arm: &'a Arm,
    told: &'a RunTrace,
}

impl Facts for Known<'_> {
    fn home(&self) {}

    fn parameter(&self, cell: usize) -> f64 {
        let Some(typed) = self.arm.typed.iter().find(|t| t.cell == cell) else {
            return self.arm.parameters.get(cell).copied().unwrap_or(f64::NAN);
        };
        let mut number = 0;
        for id in &typed.on {
            let actor = self.model.private[*id].actor;
            let types = &self.model.names.types[actor];
            let name = &self.model.names.actors[actor];
            let truth = self.told.true_types.iter().find(|(who, _)| who == name);
            let found = truth.and_then(|(_, name)| types.iter().position(|t| t == name));
            number = number * self.model.private[*id].types.len() + found.unwrap_or(0);
        }
        typed.values.get(number).copied().unwrap_or(f64::NAN)
    }
}

/// What options are compared with: by component, then later rounds, then in all.
#[derive(Debug)]
pub struct Yardstick {
    /// Whether it is `hold`; else the mean of the available options.
    pub hold: bool,
    /// By component.
    pub parts: Vec<f64>,
    /// Later rounds.
    pub later: f64,
    /// In all.
    pub utility: f64,
}

/// The options that were weighed: available, of finite utility.
pub fn weighed(seat: &SeatTrace) -> impl Iterator<Item = &OptionTrace> + Clone {
    seat.options.iter().filter(|o| o.available && o.utility.is_finite())
}

/// `hold` where it was weighed, else the mean of what was; nothing where nothing was.
fn yardstick(seat: &SeatTrace) -> Option<Yardstick> {
    if let Some(hold) = weighed(seat).find(|o| o.action == "hold") {
        let (parts, later, utility) = (hold.parts.clone(), hold.later, hold.utility);
        return Some(Yardstick { hold: true, parts, later, utility });
    }
    let first = weighed(seat).next()?;
    let count = weighed(seat).count() as f64;
    let mean = |of: &dyn Fn(&OptionTrace) -> f64| weighed(seat).map(of).sum::<f64>() / count;
    Some(Yardstick {
        hold: false,
        parts: (0..first.parts.len())
            .map(|k| mean(&|o| o.parts.get(k).copied().unwrap_or(f64::NAN)))
            .collect(),
        later: mean(&|o| o.later),
        utility: mean(&|o| o.utility),
    })
}

/// What a round is called: its date where it has one, else its number.
fn label(model: &Model, round: u32) -> String {
    model.names.calendar.map_or_else(|| round.to_string(), |calendar| calendar.label(round))
}

#[cfg(test)]
mod tests {
    use super::concerns;

    #[test]
    fn quantities_belong_to_those_they_name() {
        let actors = ["CHN".to_string()];
        for label in ["tension", "w[CHN]", "tie[CHN,PRK]", "belief[PRK,CHN,soft]"] {
            assert!(concerns(label, &actors), "{label}");
        }
        for label in ["w[PRK]", "tie[PRK,ROK]", "CHN[PRK]"] {
            assert!(!concerns(label, &actors), "{label}");
        }
    }
}
