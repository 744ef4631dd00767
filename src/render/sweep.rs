//! A sweep that is done, as tables for a terminal.

use super::page::{WIDTH, grid};
use crate::number::{count, percent, short};
use crate::view::sweep::{Arm, End, Page, Value};

/// How many outcomes of an arm the tables show.
const SHOWN: usize = 12;
/// How many axes are named.
const NAMED: usize = 4;
/// Up to so many axes the values of a point are shown.
const FEW: usize = 2;

/// Where the means of outcomes are least and greatest, and which axes move them.
pub fn text(page: &Page) -> String {
    let names: Vec<&str> = page.axes.iter().take(NAMED).map(String::as_str).collect();
    let more = match page.axes.len() {
        0..=NAMED => String::new(),
        n => format!(" and {} more", n - NAMED),
    };
    let mut text = format!(
        "{}: {} of {}{more}\n{}, {} at each point, seed {}\n",
        page.scenario,
        count(page.points, "point"),
        names.join(", "),
        page.design.word(),
        count(page.runs, "run"),
        page.seed
    );
    for arm in &page.arms {
        text.push_str(&format!("\n{}\n", arm.name));
        text.push_str(&table(arm, &page.axes));
    }
    let outcomes: usize = page.arms.iter().map(|arm| arm.lines.len()).sum();
    if outcomes > SHOWN {
        text.push_str("\nsummary.csv has all outcomes at all points, points.csv the points\n");
    }
    text.push('\n');
    text
}

fn table(arm: &Arm, axes: &[String]) -> String {
    let mut rows = Vec::new();
    for line in arm.lines.iter().take(SHOWN) {
        let (least, most) = match &line.ends {
            None => ("no value".to_string(), String::new()),
            Some([least, most]) => (end(least, axes), end(most, axes)),
        };
        let moved = line.moved_by.iter().map(|i| format!("{} {}", i.axis, percent(i.share)));
        let mut row = vec![line.outcome.clone(), least, most];
        row.push(moved.collect::<Vec<_>>().join(", "));
        rows.push(row);
    }
    let mut head = vec!["outcome", "least mean", "greatest mean", "moved by"];
    if rows.iter().all(|row| row[3].is_empty()) {
        head.pop();
        rows.iter_mut().for_each(|row| row.truncate(3));
    }
    grid(&head, &rows, 1, "  ", WIDTH)
}

/// A mean, with what is set there where few things vary.
fn end(end: &End, axes: &[String]) -> String {
    let mean = short(end.mean);
    if axes.len() > FEW {
        return mean;
    }
    let one = |(axis, value): (&String, &Value)| match value {
        Value::Number(x) => format!("{axis}={}", short(*x)),
        Value::Text(text) => format!("{axis}={text}"),
    };
    let all: Vec<String> = axes.iter().zip(&end.values).map(one).collect();
    format!("{mean} ({})", all.join(", "))
}
