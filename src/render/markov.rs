//! Stationary equilibria as text and JSON.

use std::fmt::Write as _;

use crate::number::{at_most, short};
use crate::view::markov::{Page, State};

/// States that are shown.
const SHOWN: usize = 50;

/// For a terminal: the states in which most rounds are spent.
pub fn text(page: &Page) -> String {
    let Page { scenario, arm, steps, .. } = page;
    let mut text = format!(
        "{scenario}, {arm}: stationary logit Markov equilibrium of {} states\n\
         one equilibrium, found from 0 in {steps} steps; residual {}\n",
        page.states.len(),
        at_most(page.residual)
    );
    if page.ended > 1e-9 {
        let _ = writeln!(text, "in the long run {} of all runs end", short(page.ended));
    }
    let mut order: Vec<&State> = page.states.iter().collect();
    order.sort_by(|a, b| b.share.total_cmp(&a.share));
    for state in order.iter().take(SHOWN) {
        let at = state.at.iter().map(|(name, x)| format!("{name} = {}", short(*x)));
        let at: Vec<String> = at.collect();
        let at = if at.is_empty() { "the only state".to_string() } else { at.join(", ") };
        let _ = writeln!(text, "\n{at}: {} of rounds in the long run", short(state.share));
        for mix in &state.mixes {
            let options = mix.options.iter().map(|(name, p)| format!("{name} {}", short(*p)));
            let options: Vec<String> = options.collect();
            let _ = writeln!(text, "   {} ({}): {}", mix.actor, mix.track, options.join(", "));
        }
        let values = state.values.iter().map(|(name, v)| format!("{name} {}", short(*v)));
        let values: Vec<String> = values.collect();
        let _ = writeln!(text, "   worth {}", values.join(", "));
    }
    if order.len() > SHOWN {
        let _ = writeln!(text, "\n{} more states; --format json shows all", order.len() - SHOWN);
    }
    text
}

/// For programs: the page as one object.
pub fn json(page: &Page) -> String {
    let text = serde_json::to_string_pretty(page);
    // invariant: names and numbers alone
    text.map_or_else(|_| String::new(), |text| text + "\n")
}
