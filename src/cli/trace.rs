//! `detente trace`: one run as a transcript.
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

mod json;
mod text;

use super::args::Trace;
use super::check::plans;
use super::run::overrides;
use super::{Failed, TraceFormat, say};
use detente::Scenario;
use detente::diagnostic::{clip, nearest};
use detente::expr::{Facts, value};
use detente::model::{Arm, Model, Reasoning, Rule, Simulation};
use detente::reference::{self, Moved, OptionTrace, RunTrace, SeatTrace};
use detente::rng::Seed;

/// Steps smaller than this do not count as movement.
const STILL: f64 = 1e-12;

/// Plays one run and prints it round by round. A run that fails is told up to its failure.
///
/// # Errors
/// Status 1 if the scenario or an override is at fault; 2 if a variant or actor is unknown, or the
/// run has no such round.
pub fn trace(options: &Trace) -> Result<(), Failed> {
    let loaded = Scenario::find(&options.scenario)?;
    let model = loaded.model();
    let variant = options.variant.as_deref().filter(|name| *name != "base");
    if let Some(name) = variant {
        loaded.known_variant(name)?;
    }
    for name in &options.actors {
        known_actor(model, name)?;
    }
    let changes = overrides(model, &options.play.set)?;
    let built = Arm::new(model, variant, &changes);
    let mut arm = built.map_err(|list| Failed::wrong(&loaded.diagnostics(list)))?;
    arm.rounds = options.play.rounds.unwrap_or(arm.rounds);
    // the interpreter takes about as long for a round as planning does
    plans(loaded.label(), (model, loaded.text()), &arm, options.room.memory)?;
    let game = Simulation { model, arm: &arm, seed: Seed(options.play.seed) };
    let mut told = reference::trace(&game, options.run);
    narrow(&mut told, options)?;
    let text = match options.format {
        TraceFormat::Text => text::transcript(&loaded, &game, &told, options),
        TraceFormat::Json => format!("{:#}\n", json::transcript(&loaded, &game, &told, options)),
    };
    say(&text)
}

/// Whether the scenario has an actor of that name.
///
/// # Errors
/// Status 2 if it has none.
pub fn known_actor(model: &Model, name: &str) -> Result<(), Failed> {
    let known = || model.names.actors.iter().map(String::as_str);
    if known().any(|actor| actor == name) {
        return Ok(());
    }
    let help = nearest(name, known())
        .unwrap_or_else(|| format!("its actors are {}", known().collect::<Vec<_>>().join(", ")));
    let scenario = &model.about.name;
    Err(Failed::usage(format_args!("`{scenario}` has no actor `{}`; {help}", clip(name))))
}

/// Leaves only the round and the actors that were asked for.
fn narrow(told: &mut RunTrace, options: &Trace) -> Result<(), Failed> {
    if let Some(round) = options.round {
        let last = told.rounds.last().map_or(0, |r| r.round);
        told.rounds.retain(|r| r.round == round);
        if told.rounds.is_empty() {
            let run = told.run;
            let text = format!("run {run} has no round {round}; the last one played is {last}");
            return Err(match &told.failure {
                None => Failed::usage(text),
                Some(f) => Failed::scenario(format!(
                    "{text}, since `{}` failed in round {}: {}",
                    f.cell, f.round, f.reason
                )),
            });
        }
    }
    let actors = &options.actors;
    if !actors.is_empty() {
        for round in &mut told.rounds {
            round.seats.retain(|seat| actors.contains(&seat.actor));
            round.payoffs.retain(|(actor, _, _)| actors.contains(actor));
            round.cells.retain(|cell| concerns(&cell.label, actors));
            round.hazards.retain(|hazard| concerns(&hazard.label, actors));
            round.beliefs.retain(|belief| concerns(&belief.label, actors));
        }
    }
    Ok(())
}

/// Whether a quantity belongs to one of the actors, or to none: `tie[CHN,PRK]` concerns both, and
/// `tension` everybody.
fn concerns(label: &str, actors: &[String]) -> bool {
    let Some((_, indices)) = label.trim_end_matches(']').split_once('[') else { return true };
    indices.split(',').any(|index| actors.iter().any(|actor| actor == index))
}

/// How an actor chooses, as far as it helps to read its choices.
struct Manner {
    actor: String,
    rule: Rule,
    /// At its real type; none where the rule needs none.
    precision: Option<f64>,
    reasoning: Reasoning,
    foresight: u32,
}

/// How the actors that are shown choose in this run.
fn manners(game: &Simulation<'_>, told: &RunTrace, options: &Trace) -> Vec<Manner> {
    let (model, arm) = (game.model, game.arm);
    let world = Known { model, arm, told };
    let all = model.names.actors.iter().zip(&arm.decisions);
    let shown =
        all.filter(|(actor, _)| options.actors.is_empty() || options.actors.contains(*actor));
    let manner = |(actor, decision): (&String, &detente::model::Decision)| Manner {
        actor: actor.clone(),
        rule: decision.rule,
        precision: match decision.rule {
            Rule::Logit => decision.precision.as_ref().map(|formula| value(formula, &world)),
            _ => None,
        },
        reasoning: decision.reasoning,
        foresight: decision.foresight,
    };
    shown.map(manner).collect()
}

/// How deep an actor thinks, as it is written in a file.
fn reasoning(reasoning: Reasoning) -> String {
    match reasoning {
        Reasoning::Level(level) => level.to_string(),
        Reasoning::Poisson(mean) => format!("poisson({mean})"),
        Reasoning::Equilibrium => "equilibrium".to_string(),
    }
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
        for place in &typed.on {
            let actor = self.model.private[*place].actor;
            let types = &self.model.names.types[actor];
            let name = &self.model.names.actors[actor];
            let truth = self.told.true_types.iter().find(|(who, _)| who == name);
            let kind = truth.and_then(|(_, kind)| types.iter().position(|t| t == kind));
            number = number * self.model.private[*place].kinds.len() + kind.unwrap_or(0);
        }
        typed.values.get(number).copied().unwrap_or(f64::NAN)
    }
}

/// What options are compared with: by component, then later rounds, then in all.
struct Yardstick {
    /// Whether it is `hold`; else the mean of the available options.
    hold: bool,
    parts: Vec<f64>,
    later: f64,
    utility: f64,
}

/// The options that were weighed: available, of finite utility.
fn weighed(seat: &SeatTrace) -> impl Iterator<Item = &OptionTrace> + Clone {
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

/// The quantities that moved.
fn moved(all: &[Moved]) -> Vec<&Moved> {
    all.iter().filter(|m| (m.after - m.before).abs() > STILL).collect()
}

/// What a round is called: months are counted from the start, other rounds are numbered.
fn label(start: &str, unit: &str, round: u32) -> String {
    let month = || {
        let (year, month) = start.split_once('-')?;
        let (year, month): (u32, u32) = (year.parse().ok()?, month.parse().ok()?);
        let sound = start.len() == 7 && (1..=12).contains(&month) && unit == "month";
        let months = year.checked_mul(12)?.checked_add(month - 1)?.checked_add(round - 1)?;
        sound.then(|| format!("{:04}-{:02}", months / 12, months % 12 + 1))
    };
    month().unwrap_or_else(|| round.to_string())
}

#[cfg(test)]
mod tests {
    use super::{concerns, label};

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

    #[test]
    fn months_are_counted_and_other_rounds_numbered() {
        assert_eq!(label("2024-07", "month", 1), "2024-07");
        assert_eq!(label("2024-07", "month", 7), "2025-01");
        assert_eq!(label("2024-Q3", "quarter", 2), "2");
        assert_eq!(label("", "round", 3), "3");
        assert_eq!(label("2024-00", "month", 3), "3");
    }
}
