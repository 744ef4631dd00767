//! Which assumption matters, as text.

use super::page::{WIDTH, grid, wrap};
use crate::number::{count, percent, rate, short};
use crate::view::sensitivity::{Estimate, Factor, Found, Sensitivities};

/// So many factors are shown of an outcome, of those that are told from 0.
const SHOWN: usize = 10;
/// So many names stand in a note.
const NAMED: usize = 8;

/// For a terminal.
pub fn text(page: &Sensitivities) -> String {
    let size = page.size();
    let rows = page.found().first().map_or(0, |found| found.indices.rows);
    let mut text = format!(
        "{}: {} of {}, {} rows of {} points, {}, seed {}\n",
        page.scenario().name(),
        if page.is_pairs() { "pairs" } else { "walks" },
        count(size.factors as u64, "factor"),
        rows,
        size.points,
        count(size.runs, "run"),
        page.seed()
    );
    if let Some((width, widest)) = page.until() {
        let reached = match widest {
            w if w.is_infinite() => "assumptions are not told from luck everywhere".to_string(),
            w => format!("the widest interval of the first ten shares is {}", percent(w)),
        };
        let word = if widest < width { "" } else { "the budget is spent: " };
        let line = format!("{word}{reached}, asked for was below {}", percent(width));
        text.push_str(&wrap(&line, "", "  ", WIDTH));
    }
    for found in page.found() {
        one(page, found, &mut text);
    }
    text.push('\n');
    let (lost, why) = page.lost();
    if lost > 0 {
        let note = format!("note: {lost} rows could not be played: {why}");
        text.push_str(&wrap(&note, "", "  ", WIDTH));
    }
    for (claim, why) in page.refused() {
        let note = format!("note: claim {claim} is left out: {why}");
        text.push_str(&wrap(&note, "", "  ", WIDTH));
    }
    if !page.unread().is_empty() {
        let names: Vec<&str> = page.unread().iter().take(NAMED).map(String::as_str).collect();
        let more = match page.unread().len() {
            0..=NAMED => String::new(),
            n => format!(" and {} more", n - NAMED),
        };
        let note = format!(
            "note: no formula of what is explained reads {}{more}: not varied",
            names.join(", ")
        );
        text.push_str(&wrap(&note, "", "  ", WIDTH));
    }
    text
}

fn one(page: &Sensitivities, found: &Found, text: &mut String) {
    let indices = &found.indices;
    text.push_str(&format!("\n{}\n", found.name));
    if indices.variance.value == 0.0 && indices.chance == 0.0 {
        text.push_str("  does not vary\n");
        return;
    }
    // an unbiased estimate may lie beyond an end
    let luck = indices.luck.value.clamp(0.0, 1.0);
    text.push_str(&wrap(
        &format!(
            "of the variation of {} {} is luck, {} assumptions",
            found.name,
            percent(luck),
            percent(1.0 - luck),
        ),
        "  ",
        "  ",
        WIDTH,
    ));
    if indices.factors.is_empty() {
        text.push_str("  assumptions not told from luck: more rows or runs may\n");
        return;
    }
    let order = found.ranked();
    let share = |factor: &Factor| factor.shapley.or(factor.first);
    let sure = |k: &&usize| indices.factors[**k].is_told();
    let shown: Vec<&usize> = order.iter().filter(sure).take(SHOWN).collect();
    let rows: Vec<Vec<String>> = shown
        .iter()
        .map(|k| {
            let factor = &indices.factors[**k];
            vec![
                page.factors()[**k].clone(),
                share(factor).map_or_else(String::new, |share| shown_share(&share)),
                shown_share(&factor.total),
                factor.slope.map_or_else(|| "-".to_string(), |slope| shown_number(&slope)),
                short(factor.size),
                percent(factor.half),
            ]
        })
        .collect();
    let word = if page.is_pairs() { "first order" } else { "share" };
    let head = ["assumption", word, "total", "slope", "size", "half the rows"];
    text.push_str(&grid(&head, &rows, 1, "  ", WIDTH));
    let rest = order.len() - shown.len();
    if rest > 0 {
        let kind = if shown.len() < SHOWN { ", none of them told from 0" } else { "" };
        text.push_str(&format!("  {}{kind}\n", count(rest as u64, "other assumption")));
    }
    if !found.is_settled() {
        text.push_str("  the ranking has not settled: half of the rows rank otherwise\n");
    }
}

/// `34 % (28 to 41)`.
fn shown_share(estimate: &Estimate) -> String {
    let bare = |x: f64| percent(x).trim_end_matches('%').trim().to_string();
    match estimate.lo.is_finite() && estimate.hi.is_finite() {
        true => {
            format!("{} ({} to {})", percent(estimate.value), bare(estimate.lo), bare(estimate.hi))
        }
        false => rate(estimate.value),
    }
}

fn shown_number(estimate: &Estimate) -> String {
    format!("{} ({} to {})", short(estimate.value), short(estimate.lo), short(estimate.hi))
}
