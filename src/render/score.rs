//! A scenario weighed by a history, as text.

use super::page::grid;
use crate::number::{Scale, change, count, percent, rate, short, signed};
use crate::view::score::{Arm, OptionTrace, Page, Reach, Surprise, TypeLine, Why};

/// The width of a page, in columns.
const WIDTH: usize = 100;

/// For a terminal.
pub fn text(page: &Page) -> String {
    let colon = if page.title.is_empty() { "" } else { ": " };
    let mut text = format!("{}{colon}{}\n", page.name, page.title);
    let histories = match page.cases {
        1 => String::new(),
        cases => format!("{cases} histories, "),
    };
    let colon = if page.history.is_empty() { "" } else { ": " };
    text.push_str(&format!(
        "scored by a history{colon}{}; {histories}{}, seed {}; brackets are 95 % intervals\n",
        page.history,
        count(page.rounds, "round"),
        page.seed
    ));
    for arm in &page.arms {
        text.push_str(&format!("\n{}\n", arm.name));
        text.push_str(&of_arm(page, arm));
    }
    text
}

fn of_arm(page: &Page, arm: &Arm) -> String {
    let mut text = likelihood(arm);
    if arm.impossible {
        text.push_str("  a record is impossible: nothing after it is scored\n");
    }
    if let Some(line) = arm.lines.first().filter(|(_, total)| total.n > 0) {
        text.push_str(&format!("\n  mean log score of {}, in bits\n", count(line.1.n, "record")));
        text.push_str(&scores(arm));
        text.push_str(
            "  gain over: uniform = a draw from what could be played; frequency = the seat's own \
             past counts\n  from 1/2 (frequency_1: from 1 over the number of options); persistence \
             = what it did last\n",
        );
    }
    text.push_str(&calibration(arm));
    text.push_str(&foresight(&arm.reaches));
    if !arm.surprises.is_empty() {
        text.push_str("\n  least expected\n");
        arm.surprises.iter().for_each(|s| text.push_str(&surprise(s, &page.components)));
    }
    if !arm.types.is_empty() {
        text.push_str("\n  private types at the end\n");
        for TypeLine { actor, kind, probability: p, beliefs } in &arm.types {
            let believed = beliefs.iter().map(|(o, p)| format!("{o} believes {}", rate(*p)));
            let believed = believed.collect::<Vec<_>>().join(", ");
            text.push_str(&format!("    {actor} {kind}: {}; {believed}\n", rate(*p)));
        }
    }
    text
}

/// The line of the likelihood.
fn likelihood(arm: &Arm) -> String {
    let sum = &arm.sum;
    let how = match sum.exact {
        true => "exact".to_string(),
        false => {
            let filters = count(arm.filters as u64, "filter");
            let particles = count(arm.particles as u64, "particle");
            format!("{filters} of {particles}")
        }
    };
    let number = match sum.interval(0.95) {
        _ if !sum.loglik.is_finite() => "-inf".to_string(),
        Some((lo, hi)) if hi > lo => {
            let scale = Scale::of(sum.loglik, (hi - lo) / 2.0);
            format!("{} {}", scale.show(sum.loglik), scale.interval(lo, hi))
        }
        Some(_) => short(sum.loglik),
        None => format!("{} (one filter cannot tell its error)", short(sum.loglik)),
    };
    let mut text = format!("  log likelihood {number} ({how})\n");
    if let Some((ratio, error)) = arm.ratio.filter(|(ratio, _)| ratio.is_finite()) {
        let error = error.filter(|e| *e > 0.0).map_or(String::new(), |e| {
            let scale = Scale::of(ratio, e);
            format!(" ± {}", scale.show(e))
        });
        text.push_str(&format!("  minus base {}{error}\n", change(ratio)));
    }
    if let Some((least, round)) = arm.tired
        && least < 20.0
        && arm.particles > 40
    {
        text.push_str(&format!(
            "  in round {round} only {} particles count: more --particles make this surer\n",
            short(least)
        ));
    }
    text
}

fn scores(arm: &Arm) -> String {
    let gain = |(mean, lo, hi): (f64, f64, f64)| match (lo + hi).is_finite() {
        true => {
            let scale = Scale::of(mean, (hi - lo) / 2.0);
            format!("{} {}", signed(scale.show(mean)), scale.interval(lo, hi))
        }
        false => change(mean),
    };
    let rows: Vec<Vec<String>> = arm
        .lines
        .iter()
        .map(|(name, total)| {
            let mut row = vec![name.clone(), total.n.to_string(), rate(total.bits)];
            row.extend(total.gains.iter().map(|found| gain(*found)));
            row
        })
        .collect();
    let head = ["", "n", "score", "uniform", "frequency", "frequency_1", "persistence"];
    grid(&head, &rows, 7, "  ", WIDTH + 20)
}

fn calibration(arm: &Arm) -> String {
    let filled: Vec<(usize, &(u64, f64, f64))> =
        arm.bins.iter().enumerate().filter(|(_, (n, ..))| *n > 0).collect();
    if filled.is_empty() {
        return String::new();
    }
    let rows: Vec<Vec<String>> = filled
        .iter()
        .map(|(at, (n, predicted, happened))| {
            let bin = format!("{}-{} %", at * 10, at * 10 + 10);
            vec![bin, n.to_string(), percent(*predicted), percent(*happened)]
        })
        .collect();
    let mut text = format!(
        "\n  calibration of all options where the move is known; Brier score {}\n",
        rate(arm.brier)
    );
    text.push_str(&grid(&["predicted", "options", "mean", "played"], &rows, 4, "  ", WIDTH));
    text
}

/// How forecasts from earlier rounds did.
fn foresight(reaches: &[Reach]) -> String {
    if reaches.is_empty() {
        return String::new();
    }
    let head = [
        "within",
        "n",
        "happened",
        "",
        "model",
        "uniform",
        "frequency",
        "frequency_1",
        "persistence",
    ];
    let mut rows = Vec::new();
    for reach in reaches {
        let key = [reach.ahead.to_string(), reach.n.to_string(), percent(reach.happened)];
        for (what, values) in [("Brier", &reach.brier), ("bits", &reach.bits)] {
            let mut row = match what {
                "Brier" => Vec::from(key.clone()),
                _ => vec![String::new(); 3],
            };
            row.push(what.to_string());
            row.extend(values.iter().map(|value| rate(*value)));
            rows.push(row);
        }
    }
    let mut text =
        "\n  forecasts from earlier rounds: is the move made at least once within so many rounds?\n"
            .to_string();
    text.push_str(&grid(&head, &rows, 9, "  ", WIDTH + 20));
    text
}

fn surprise(found: &Surprise, components: &[String]) -> String {
    let Surprise { history, round, date, what, probability, why } = found;
    let of = if history.is_empty() { String::new() } else { format!("{history}, ") };
    let when = match date.is_empty() {
        true => format!("round {round}"),
        false => date.clone(),
    };
    let mut text = format!("    {of}{when}: {what}, probability {}\n", rate(*probability));
    if let Some(Why { likeliest, seen }) = why {
        let same = seen.as_ref().is_some_and(|seen| seen.label == likeliest.label);
        if !same && !likeliest.label.is_empty() {
            text.push_str(&format!("      expected {}\n", worth(likeliest, components)));
        }
        if let Some(seen) = seen {
            text.push_str(&format!("      seen {}\n", worth(seen, components)));
        }
    }
    text
}

/// What an option was worth: `hold, 0.31, utility 0.2 = security 0.1 + ...`.
fn worth(option: &OptionTrace, components: &[String]) -> String {
    let mut text = format!("{} ({}", option.label, rate(option.probability));
    if !option.utility.is_nan() {
        let parts = components.iter().zip(&option.parts).filter(|(_, value)| **value != 0.0);
        let mut parts: Vec<String> =
            parts.map(|(name, value)| format!("{name} {}", rate(*value))).collect();
        if option.later != 0.0 {
            parts.push(format!("later {}", rate(option.later)));
        }
        text.push_str(&format!("; utility {}", rate(option.utility)));
        if !parts.is_empty() {
            text.push_str(&format!(" = {}", parts.join(", ")));
        }
    } else if !option.available {
        text.push_str("; not available at the mean state");
    }
    text + ")"
}
