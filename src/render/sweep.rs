//! A sweep that is done, as tables for a terminal.

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};

use crate::number::{count, short};
use crate::view::sweep::{Arm, End, Page, Value};

/// How many outcomes of an arm the tables show.
const SHOWN: usize = 12;
/// How many axes are named.
const NAMED: usize = 4;
/// Up to so many axes the values of a point are shown.
const FEW: usize = 2;

/// Where the means of outcomes are least and greatest.
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
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(["outcome", "least mean", "at point", "greatest mean", "at point"]);
    for line in arm.lines.iter().take(SHOWN) {
        let mut row = vec![line.outcome.clone()];
        match &line.ends {
            None => row.push("no value".to_string()),
            Some(ends) => {
                row.extend(ends.iter().flat_map(|end| [short(end.mean), place(end, axes)]));
            }
        }
        row.resize(5, String::new());
        table.add_row(row);
    }
    for (place, column) in table.column_iter_mut().enumerate() {
        column.set_padding((if place == 0 { 2 } else { 0 }, 2));
        column.set_cell_alignment(match place {
            0 => CellAlignment::Left,
            _ => CellAlignment::Right,
        });
    }
    table.lines().map(|line| line.trim_end().to_string() + "\n").collect()
}

/// The number of a point, with its values where few things vary.
fn place(end: &End, axes: &[String]) -> String {
    if axes.len() > FEW {
        return end.point.to_string();
    }
    let one = |(axis, value): (&String, &Value)| match value {
        Value::Number(x) => format!("{axis}={}", short(*x)),
        Value::Text(text) => format!("{axis}={text}"),
    };
    let all: Vec<String> = axes.iter().zip(&end.values).map(one).collect();
    format!("{} ({})", end.point, all.join(", "))
}
