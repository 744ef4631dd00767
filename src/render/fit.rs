//! Numbers fitted to a history, as text.

use super::page::grid;
use crate::number::{change, count, percent, rate, short};
use crate::view::fit::{Arm, Line, Moves, Page, Recovered, Recovery};

/// The width of a page, in columns.
const WIDTH: usize = 100;

/// For a terminal.
pub fn text(page: &Page) -> String {
    let colon = if page.title.is_empty() { "" } else { ": " };
    let mut text = format!("{}{colon}{}\n", page.name, page.title);
    let colon = if page.history.is_empty() { "" } else { ": " };
    let rounds = match page.train {
        None => count(page.rounds, "round"),
        Some((first, last)) => format!("rounds {first} to {last} of {}", page.rounds),
    };
    let how = if page.map { "most probable numbers" } else { "maximum likelihood" };
    text.push_str(&format!(
        "fitted to a history{colon}{}; {rounds}, {how}, seed {}; brackets are 95 % intervals by \
         profile\n",
        page.history, page.seed
    ));
    for arm in &page.arms {
        text.push_str(&format!("\n{}\n", arm.name));
        text.push_str(&of_arm(arm));
    }
    if let Some(found) = &page.recovery {
        text.push_str(&recovery(found));
    }
    text.push_str("\nfor the scenario's file:\n\n");
    text.push_str(&page.variants);
    text
}

fn of_arm(arm: &Arm) -> String {
    let row = |line: &Line| {
        let found = &line.found;
        let side = |side: Option<f64>| side.map_or("?".to_string(), short);
        let (lo, hi) = found.interval;
        let mut estimate = short(found.estimate);
        if found.at_end {
            estimate.push_str(" (end)");
        }
        vec![
            line.name.clone(),
            estimate,
            format!("[{}, {}]", side(lo), side(hi)),
            found.file.map_or("-".to_string(), short),
            format!("{} to {}", short(line.range.0), short(line.range.1)),
            line.unit.clone(),
        ]
    };
    let rows: Vec<Vec<String>> = arm.lines.iter().map(row).collect();
    let head = ["", "estimate", "interval", "file", "range", ""];
    let mut text = grid(&head, &rows, 6, "  ", WIDTH + 20);
    text.push_str(&silent(arm));
    text.push_str(&likelihood(arm));
    for (one, other, r) in &arm.correlated {
        text.push_str(&format!(
            "  {one} and {other} go together (correlation {}): the record hardly tells them \
             apart\n",
            rate(*r)
        ));
    }
    if let Some(moves) = arm.moves.as_ref().filter(|moves| moves.records > 0) {
        let of = count(moves.records, "record");
        text.push_str(&format!("\n  log likelihood of {of} of moves, one round ahead\n"));
        text.push_str(&beside(moves));
    }
    if let Some(held) = &arm.held {
        text.push_str(&format!(
            "\n  rounds that were not fitted: log likelihood {}, at the file's values {}\n",
            number(held.loglik),
            number(held.file)
        ));
        if held.moves.records > 0 {
            let of = count(held.moves.records, "record");
            text.push_str(&format!("  of {of} of moves among them\n"));
            text.push_str(&beside(&held.moves));
        }
    }
    text
}

/// Which numbers the record says too little of.
fn silent(arm: &Arm) -> String {
    let mut text = String::new();
    for line in &arm.lines {
        let side = match line.found.interval {
            (None, None) => "at all",
            (None, _) => "from below",
            (_, None) => "from above",
            _ => continue,
        };
        text.push_str(&format!(
            "  {} is not identified {side}: the profile falls by less than {} within the range\n",
            line.name,
            short(line.found.cut)
        ));
    }
    text
}

fn number(x: f64) -> String {
    if x.is_finite() { short(x) } else { "-inf".to_string() }
}

fn likelihood(arm: &Arm) -> String {
    let with = |(loglik, error): (f64, f64)| match error > 0.0 {
        true => format!("{} ± {}", number(loglik), short(error)),
        false => number(loglik),
    };
    let how = if arm.exact { "exact, " } else { "" };
    let aic = arm.aic.map_or(String::new(), |aic| format!(", AIC {}", short(aic)));
    format!(
        "  log likelihood {} ({how}{}), at the file's values {}{aic}\n",
        with(arm.loglik),
        count(arm.evaluations as u64, "evaluation"),
        with(arm.file)
    )
}

fn beside(moves: &Moves) -> String {
    let [uniform, frequency, frequency_1, persistence] = moves.baselines;
    let all = [moves.estimate, moves.file, uniform, frequency, frequency_1, persistence];
    let row: Vec<String> = all.into_iter().map(number).collect();
    let head = ["estimate", "file", "uniform", "frequency", "frequency_1", "persistence"];
    grid(&head, &[row], 6, "  ", WIDTH)
}

fn recovery(found: &Recovery) -> String {
    let Recovery { replicates, failed, totals } = found;
    let (replicates, failed) = (*replicates, *failed);
    let histories = count(replicates as u64, "history");
    let mut text = format!("\nrecovered from {histories} simulated at the file's values");
    if failed > 0 {
        text.push_str(&format!(", {failed} of which could not be fitted"));
    }
    text.push('\n');
    let row = |(name, own): &(String, Recovered)| {
        vec![
            name.clone(),
            short(own.truth),
            change(own.bias),
            short(own.rmse),
            percent(own.coverage),
            percent(own.open),
        ]
    };
    let rows: Vec<Vec<String>> = totals.iter().map(row).collect();
    let head = ["", "truth", "bias", "rms error", "coverage", "not identified"];
    text + &grid(&head, &rows, 6, "  ", WIDTH)
}
