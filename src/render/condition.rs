//! What a history teaches, as text.

use super::page::{WIDTH, grid, wrap};
use crate::number::{Scale, count, percent, rate, short, signed};
use crate::view::condition::{Arm, Page, Parameter};

/// For a terminal.
pub fn text(page: &Page) -> String {
    let colon = if page.title.is_empty() { "" } else { ": " };
    let mut text = format!("{}{colon}{}\n", page.name, page.title);
    let colon = if page.history.is_empty() { "" } else { ": " };
    text.push_str(&format!(
        "given a history{colon}{}; {}, seed {}; brackets hold 95 % of a distribution\n",
        page.history,
        count(page.rounds, "round"),
        page.seed
    ));
    for arm in &page.arms {
        text.push_str(&format!("\n{}\n", arm.name));
        text.push_str(&of_arm(arm));
    }
    if page.arms.len() > 1 {
        text.push_str(&factors(page));
    }
    for warning in &page.warnings {
        text.push_str(&wrap(warning, "\nwarning: ", "  ", WIDTH));
    }
    text
}

fn of_arm(arm: &Arm) -> String {
    let how = match arm.particles {
        None => "exact likelihoods".to_string(),
        Some(particles) => format!("filters of {}", count(particles as u64, "particle")),
    };
    let work =
        format!("{}, {}", count(arm.stages as u64, "stage"), count(arm.moves.into(), "move"));
    let mut text = format!(
        "  log evidence {}; {}, {how}, {work}\n",
        with_error(arm.evidence.log, arm.evidence.error),
        count(arm.draws as u64, "draw"),
    );
    if arm.evidence.log == f64::NEG_INFINITY {
        text.push_str("  the history is impossible at every draw from the prior\n");
        return text;
    }
    if !arm.taught.is_empty() {
        let head = ["", "before", "", "given the history", "", "contraction"];
        let rows: Vec<Vec<String>> = arm.taught.iter().map(row).collect();
        text.push('\n');
        text.push_str(&grid(&head, &rows, 6, "  ", WIDTH + 20));
    }
    if !arm.untaught.is_empty() {
        let names = arm.untaught.join(", ");
        let told = format!(
            "the history taught nothing about {names}: the mean stayed within a quarter of the \
             standard deviation, and the variance within a tenth"
        );
        text.push('\n');
        text.push_str(&wrap(&told, "  ", "  ", WIDTH));
    }
    if !arm.types.is_empty() {
        text.push_str("\n  private types at the end\n");
    }
    for of in &arm.types {
        let believed = of.beliefs.iter().map(|(o, p)| format!("{o} believes {}", rate(*p)));
        let believed = believed.collect::<Vec<_>>().join(", ");
        let line = format!("    {} {}: {}; {believed}\n", of.actor, of.kind, rate(of.probability));
        text.push_str(&line);
    }
    text
}

/// A parameter: mean and interval before and after, and contraction.
fn row(of: &Parameter) -> Vec<String> {
    let unit = if of.unit.is_empty() { String::new() } else { format!(" ({})", of.unit) };
    let scale = Scale::of(of.posterior.mean, of.posterior.sd / 10.0);
    vec![
        format!("{}{unit}", of.name),
        scale.show(of.prior.mean),
        scale.interval(of.prior.lo, of.prior.hi),
        scale.show(of.posterior.mean),
        scale.interval(of.posterior.lo, of.posterior.hi),
        percent(of.contraction),
    ]
}

fn factors(page: &Page) -> String {
    let mut text = "\nBayes factors over base, as logarithms\n".to_string();
    for arm in &page.arms {
        if let Some((log, error)) = arm.factor {
            let found = signed(with_error(log, error));
            text.push_str(&format!("  {}: {found}\n", arm.name));
        }
    }
    text
}

/// A number with its standard error.
fn with_error(x: f64, error: f64) -> String {
    match x.is_finite() && error > 0.0 {
        true => {
            let scale = Scale::of(x, error);
            format!("{} ± {}", scale.show(x), scale.show(error))
        }
        false if x == f64::NEG_INFINITY => "-inf".to_string(),
        false => short(x),
    }
}
