//! Where a condition holds: how boxes trade coverage against density, and their limits.

use super::data::{column, rows_of};
use super::scale::Scale;
use super::sheet::{EDGE, Key, Mark, Panel, SMALL, Sheet, WIDTH};
use super::style::words;
use super::{Cell, Figure, Source, Wanted};
use crate::markup::el;
use crate::number::{count, rate, short};

/// So many boxes are drawn.
const MOST: usize = 3;

/// The figure.
pub fn discover(source: &Source, _: &Wanted) -> Option<Figure> {
    let (table, rows, _) = rows_of(source, "peeling")?;
    let names = ["step", "coverage", "density", "held_coverage", "held_density", "restricted"];
    let of = names.map(|name| column(table, name));
    let number = column(table, "box");
    let says = "Every dot is a smaller box. Coverage is the share of all cases that it holds; \
                density the share of its points that are cases. The dashed line is the same for \
                points held out, which did not choose the box: where it falls below, the box \
                promises too much.";
    let mut sheet = Sheet::new("discover", "Where the condition holds", says);
    sheet.legend(&[
        Key::new(Mark::Line, 0, "points that chose the box"),
        Key::new(Mark::Line, 1, "points held out"),
    ]);
    sheet.columns(&[
        "box",
        "step",
        "coverage",
        "density",
        "held coverage",
        "held density",
        "limits",
    ]);
    let above = sheet.y + 26.0;
    let wide = (WIDTH - 2.0 * EDGE) / MOST as f64;
    for (place, name) in (1..=MOST).map(|k| k as f64).enumerate() {
        let own: Vec<[f64; 6]> = rows
            .iter()
            .filter(|row| number.number(**row) == name)
            .map(|row| of.map(|column| column.number(*row)))
            .collect();
        if own.is_empty() {
            continue;
        }
        let left = EDGE + wide * place as f64 + 46.0;
        let share = Scale { from: 0.0, to: 1.0, start: 0.0, end: 1.0, share: true };
        let frame = (left, above, left + wide - 70.0, above + 180.0);
        let mut panel = Panel::new(frame, share, share);
        panel.title(&format!("Box {name}"), "");
        panel.axis_y(5);
        panel.axis_x(&panel.x.ticks(4), "coverage", true);
        panel.line(own.iter().map(|at| (at[1], at[2])), 0);
        panel.line(own.iter().map(|at| (at[3], at[4])), 1);
        for at in &own {
            let dot = el("circle").at("cx", panel.x.at(at[1])).at("cy", panel.y.at(at[2]));
            let told = format!("{} limits: {} of {}", at[5], rate(at[2]), rate(at[1]));
            let dot = super::style::filled(dot.at("r", 3.0), 0);
            panel.mark(dot.child(el("title").text(told)));
            let numbers = [name].into_iter().chain(at.iter().copied()).map(Cell::from);
            sheet.row(numbers.collect());
        }
        sheet.draw_all(panel.done());
    }
    sheet.y = above + 236.0;
    for line in limits(source) {
        sheet.draw(words(EDGE, sheet.y, SMALL, line));
        sheet.y += 17.0;
    }
    Some(
        sheet.finish(
            &source.about,
            &format!("points with {} each", count(source.about.runs, "run")),
        ),
    )
}

/// The limits of boxes in words, or that none stands.
fn limits(source: &Source) -> Vec<String> {
    let Some((table, rows, _)) = rows_of(source, "boxes") else {
        return vec!["No box stands: none holds more cases than chance would give.".to_string()];
    };
    let [number, value, p] = ["box", "value", "quasi_p"].map(|name| column(table, name));
    let (factor, end) = (column(table, "factor"), column(table, "end"));
    let line = |row: usize| {
        let p = match p.number(row) {
            p if p.is_finite() => format!(" (quasi-p {})", rate(p)),
            _ => String::new(),
        };
        let (number, value) = (number.number(row), short(value.number(row)));
        format!("Box {number}: {} {} {value}{p}", factor.text(row), end.text(row))
    };
    rows.into_iter().map(line).collect()
}
