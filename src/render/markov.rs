//! Stationary equilibria as text and JSON.

use std::fmt::Write as _;

use serde::Serialize;

use crate::number::{at_most, short};
use crate::view::markov::{StationaryEquilibrium, StationaryState};

/// States that are shown.
const SHOWN: usize = 50;
/// Less than this is nothing.
const NOTHING: f64 = 1e-9;

/// For a terminal: the states in which most rounds are spent.
pub fn text(found: &StationaryEquilibrium) -> String {
    let StationaryEquilibrium { scenario, arm, steps, ended, drift, states, .. } = found;
    let mut text = format!(
        "{scenario}, {arm}: stationary logit Markov equilibrium of {} states\n\
         one equilibrium, found from 0 in {steps} steps; residual {}\n",
        states.len(),
        at_most(found.residual)
    );
    if *ended > NOTHING {
        let _ = writeln!(text, "in the long run {} of all runs end", short(*ended));
    }
    if *drift > NOTHING {
        let _ = writeln!(text, "the long run is not reached: shares still change by {drift:.1e}");
    }
    let mut order: Vec<&StationaryState> = states.iter().collect();
    order.sort_by(|a, b| b.share.total_cmp(&a.share));
    for state in order.iter().take(SHOWN) {
        let at = state.at.iter().map(|(name, x)| format!("{name} = {}", short(*x)));
        let at: Vec<String> = at.collect();
        let at = if at.is_empty() { "the only state".to_string() } else { at.join(", ") };
        let _ = writeln!(text, "\n{at}: {} of rounds in the long run", short(state.share));
        for mix in &state.mixes {
            let _ = writeln!(text, "   {} ({}): {}", mix.actor, mix.track, numbers(&mix.options));
        }
        let _ = writeln!(text, "   worth {}", numbers(&state.values));
    }
    if order.len() > SHOWN {
        let _ = writeln!(text, "\n{} more states; --format json shows all", order.len() - SHOWN);
    }
    text
}

/// Names and numbers in a line.
fn numbers(list: &[(String, f64)]) -> String {
    let all = list.iter().map(|(name, number)| format!("{name} {}", short(*number)));
    all.collect::<Vec<String>>().join(", ")
}

/// For programs: one object.
///
/// ```text
/// { concept, scenario, arm, residual, steps, ended, drift,
///   states: [ { at: { name: number, .. }, share, values: { actor: number, .. },
///               mixes: [ { actor, track, options: { option: p, .. } } ] } ] }
/// ```
pub fn json(found: &StationaryEquilibrium) -> String {
    #[derive(Serialize)]
    struct Told<'a> {
        concept: &'static str,
        #[serde(flatten)]
        found: &'a StationaryEquilibrium,
    }
    // invariant: names and finite numbers alone
    let text = serde_json::to_string_pretty(&Told { concept: "markov", found });
    text.unwrap_or_default() + "\n"
}
