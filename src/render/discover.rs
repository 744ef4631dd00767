//! Where a condition holds, and what given points say, as text.

use super::page::{WIDTH, grid, wrap};
use crate::number::{count, percent, rate, short};
use crate::view::discover::{Chosen, Count, Discovered, GivenIndices, GivenMethod};

/// So many steps of a trajectory are shown.
const SHOWN: usize = 12;
/// So many factors are shown of given points.
const FACTORS: usize = 20;

/// For a terminal; the first box that stands also as an experiment of the name, if there is one.
pub fn text(page: &Discovered, freeze: Option<&str>) -> String {
    let found = page.found();
    let mut text = format!(
        "{}: {} of {} have {} ({}); boxes are found in the first {}, held against the others\n",
        page.label(),
        found.all.cases,
        count(found.all.n as u64, "point"),
        page.when(),
        percent(found.all.density()),
        found.first.n
    );
    let standing: Vec<&Chosen> = found.standing().collect();
    for chosen in &standing {
        text.push('\n');
        text.push_str(&wrap(&words(page, chosen), "", "", WIDTH));
        limits(page, chosen, &mut text);
        trajectory(page, chosen, &mut text);
    }
    if standing.is_empty() {
        let why = match found.boxes.first() {
            None => "no box is denser than all points".to_string(),
            Some(chosen) if chosen.held.n == 0 => format!(
                "the best box has a density of {} where it was found, and holds none of the points \
                 held out",
                percent(chosen.found.density())
            ),
            Some(chosen) => format!(
                "the best box has a density of {} where it was found and {} of the {} held out, \
                 no more than chance would give",
                percent(chosen.found.density()),
                dense(chosen.held),
                count(chosen.held.n as u64, "point")
            ),
        };
        text.push('\n');
        text.push_str(&wrap(&format!("Nothing found: {why}."), "", "", WIDTH));
    }
    if !page.words().is_empty() {
        text.push_str(&format!("\nnote: words are left out: {}\n", page.words().join(", ")));
    }
    if let Some((name, chosen)) = freeze.zip(standing.first()) {
        text.push_str(&format!("\n{}", page.experiment(chosen, name)));
    }
    text
}

fn dense(count: Count) -> String {
    if count.n == 0 { "none".to_string() } else { percent(count.density()) }
}

/// The box in a sentence.
fn words(page: &Discovered, chosen: &Chosen) -> String {
    let limit = |limit: &crate::view::discover::Limit| {
        let sign = if limit.upper { "<=" } else { ">=" };
        format!("`{}` {sign} {}", page.names()[limit.factor], short(limit.value))
    };
    let limits: Vec<String> = chosen.limits.iter().map(limit).collect();
    let (found, all) = (page.found(), page.found().all);
    let share = |part: usize, whole: usize| percent(part as f64 / whole.max(1) as f64);
    format!(
        "{} mostly where {}: that box holds {} of such points ({} of those held out), and {} of \
         its points are such ({} of those held out, at least {} with 95 % confidence); of all \
         points {} are.",
        page.when(),
        limits.join(" and "),
        share(chosen.found.cases, found.first.cases),
        share(chosen.held.cases, found.second.cases),
        dense(chosen.found),
        dense(chosen.held),
        percent(chosen.lower),
        percent(all.density())
    )
}

fn limits(page: &Discovered, chosen: &Chosen, text: &mut String) {
    let row = |limit: &crate::view::discover::Limit| {
        vec![
            page.names()[limit.factor].clone(),
            format!("{} {}", if limit.upper { "<=" } else { ">=" }, short(limit.value)),
            rate(limit.quasi_p),
            percent(limit.frequency),
        ]
    };
    let rows: Vec<Vec<String>> = chosen.limits.iter().map(row).collect();
    text.push_str(&grid(&["limit of", "", "quasi-p", "in resamples"], &rows, 1, "  ", WIDTH));
}

fn trajectory(page: &Discovered, chosen: &Chosen, text: &mut String) {
    let (first, second) = (page.found().first, page.found().second);
    let last = chosen.trajectory.len() - 1;
    let step = last.div_ceil(SHOWN).max(1);
    let shown = (0..=last).filter(|k| k % step == 0 || *k == chosen.step || *k == last);
    let row = |k: usize| {
        let (step, held) = &chosen.trajectory[k];
        let share = |part: usize, whole: usize| percent(part as f64 / whole.max(1) as f64);
        vec![
            format!("{k}{}", if k == chosen.step { " *" } else { "" }),
            share(step.count.n, first.n),
            share(step.count.cases, first.cases),
            percent(step.count.density()),
            share(held.cases, second.cases),
            dense(*held),
            step.restricted.iter().filter(|r| **r).count().to_string(),
        ]
    };
    let rows: Vec<Vec<String>> = shown.map(row).collect();
    let head = ["step", "mass", "coverage", "density", "held coverage", "held density", "limited"];
    text.push_str(&grid(&head, &rows, 1, "  ", WIDTH));
}

/// What given points say of their factors.
pub fn given(all: &[GivenIndices]) -> String {
    let mut text = String::new();
    for found in all {
        let points = count(found.points as u64, "point");
        text.push_str(&format!("\n{}: {points}, {}\n", found.name, found.method.word()));
        let Some((_, first)) = found.factors.first() else { continue };
        let key = |row: &(String, Vec<(&'static str, f64)>)| row.1.first().map_or(0.0, |n| n.1);
        let mut order: Vec<&(String, Vec<(&'static str, f64)>)> = found.factors.iter().collect();
        let strength = |x: f64| if found.method == GivenMethod::Morris { x.abs() } else { x };
        order.sort_by(|a, b| strength(key(b)).total_cmp(&strength(key(a))));
        let cells = |row: &&(String, Vec<(&'static str, f64)>)| {
            let mut cells = vec![row.0.clone()];
            cells.extend(row.1.iter().map(|(_, x)| short(*x)));
            cells
        };
        let rows: Vec<Vec<String>> = order.iter().take(FACTORS).map(cells).collect();
        let mut head = vec!["factor"];
        head.extend(first.iter().map(|(name, _)| *name));
        text.push_str(&grid(&head, &rows, 1, "  ", WIDTH));
        if order.len() > FACTORS {
            text.push_str(&format!("  and {} more\n", order.len() - FACTORS));
        }
        if !found.pairs.is_empty() {
            let mut pairs: Vec<_> = found.pairs.iter().collect();
            pairs.sort_by(|a, b| b.2.abs().total_cmp(&a.2.abs()));
            let row = |p: &&(String, String, f64, f64)| {
                vec![p.0.clone(), p.1.clone(), short(p.2), short(p.3)]
            };
            let rows: Vec<Vec<String>> = pairs.iter().take(FACTORS).map(row).collect();
            text.push_str(&grid(&["pair", "", "S2", "+-"], &rows, 2, "  ", WIDTH));
        }
    }
    text.trim_start().to_string()
}
