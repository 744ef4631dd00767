//! What a person wants to know about a finished experiment.

use super::RunSpec;
use crate::diagnostic::place;
use crate::summary::{Quantity, Results, Summary, Taken};
use serde::Serialize;

/// How many failures a report shows whole.
const SHOWN: usize = 5;

/// A failed run.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FailureReport {
    /// The arm's name.
    pub arm: String,
    /// The run, from 0.
    pub run: u64,
    /// The round, from 1; 0 while initial values are drawn.
    pub round: u32,
    /// What was not finite.
    pub cell: String,
    /// Where its formula begins in the scenario, in bytes.
    pub byte: usize,
    /// The same as `line:column`.
    pub place: String,
    /// What happened.
    pub reason: String,
}

/// What a person wants to know about a finished experiment.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report {
    /// All estimates.
    pub results: Results,
    /// Titles in the order of `results.outcomes`; may be empty.
    pub titles: Vec<String>,
    /// Runs of each arm that were asked for.
    pub requested: u64,
    /// Runs of each arm that were played.
    pub runs: u64,
    /// Whether it was stopped before all runs were played.
    pub interrupted: bool,
    /// How many runs failed, over all arms.
    pub failed: u64,
    /// The first failures, by arm, then run.
    pub failures: Vec<FailureReport>,
    /// How many probabilities of events were moved into \[0, 1\], over all arms, runs and rounds.
    pub clamped: u64,
    /// How many rounds' equilibria were played before they converged.
    pub unconverged: u64,
    /// The greatest residual among them.
    pub residual: f64,
    /// Remarks for `datapackage.json`.
    pub notes: Vec<(String, String)>,
}

/// What an outcome, or what is made of one, means.
fn title(spec: &RunSpec, summary: &Summary, quantity: &Quantity) -> String {
    match quantity.taken {
        Taken::AsItIs(outcome) => {
            let named = summary.layout.outcomes.get(outcome);
            let found = spec.model.outcomes.iter().find(|o| Some(&o.name) == named);
            found.map_or_else(String::new, |o| o.title.clone())
        }
        Taken::Ever(_) => "Whether it happened at all".to_string(),
        Taken::Restricted(_) => {
            let last = summary.layout.rounds;
            format!("The round in which it first happened; {last}, the last, if it never did")
        }
    }
}

pub(super) fn report(
    spec: &RunSpec,
    summary: &Summary,
    results: Results,
    interrupted: bool,
) -> Report {
    let arms = &summary.arms;
    let mut notes = summary.notes();
    if interrupted {
        let text = format!("stopped after {} of {} runs per arm", summary.runs, spec.runs);
        notes.push(("interrupted".to_string(), text));
    }
    let found = spec.arms.iter().filter_map(|arm| Some((arm, arm.markov.get()?.as_ref().ok()?)));
    let found = found.map(|(arm, markov)| {
        format!("{} ({} states, residual {:.1e})", arm.name, markov.numbers.len(), markov.residual)
    });
    let found: Vec<String> = found.collect();
    if !found.is_empty() {
        let text = format!("stationary: one equilibrium, found from 0, in {}", found.join(", "));
        notes.push(("stationary".to_string(), text));
    }
    let failures = arms.iter().flat_map(|arm| arm.failures.iter().map(move |f| (arm, f)));
    let failures = failures.take(SHOWN).map(|(arm, failure)| FailureReport {
        arm: arm.name.clone(),
        run: failure.run,
        round: failure.round,
        cell: failure.cell.clone(),
        byte: failure.offset,
        place: place(spec.source, &spec.model.files, failure.offset),
        reason: failure.reason.clone(),
    });
    Report {
        titles: summary.quantities.iter().map(|quantity| title(spec, summary, quantity)).collect(),
        requested: spec.runs,
        runs: summary.runs,
        interrupted,
        failed: arms.iter().map(|arm| arm.failed).sum(),
        failures: failures.collect(),
        clamped: arms.iter().map(|arm| arm.clamped).sum(),
        unconverged: arms.iter().map(|arm| arm.unconverged).sum(),
        residual: arms.iter().map(|arm| arm.residual).fold(0.0, crate::math::maximum),
        notes,
        results,
    }
}
