//! A report: one HTML file that can be mailed and opened without anything else.
//!
//! ```text
//! Study (a folder of results) ─┐
//! Description of the scenario ─┼──▶ page ──▶ HTML
//! Transcript of one run ───────┘
//! ```
//!
//! The page loads nothing and sends nothing: style and script are in it, and a policy (CSP) names
//! their hashes, so that nothing else may run. Every text of a scenario is escaped by
//! [`markup`](mod@crate::markup).

mod claims;
mod register;
mod run;
#[doc(hidden)]
pub mod sha256;
mod text;
mod words;

use crate::figure::{self, Cell, Figure, STYLE, Source, Wanted};
use crate::markup::{Element, el, plain};
use crate::number::count;
use crate::output::Provenance;
use crate::view::describe::Description;
use crate::view::trace::Transcript;

const PAGE_STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");
/// Tables with more rows are given as lines of text.
const ROWS: usize = 150;

/// Results of one command: what made them, and their tables.
#[derive(Debug)]
pub struct Study {
    /// What made them.
    pub made_by: Provenance,
    /// Their tables.
    pub source: Source,
}

/// What a report is made of.
#[derive(Debug, Default)]
pub struct Contents<'a> {
    /// Results, in this order.
    pub studies: Vec<Study>,
    /// The scenario and its text, if it is at hand.
    pub scenario: Option<(&'a Description, &'a str)>,
    /// One run, told in full.
    pub run: Option<&'a Transcript>,
    /// What is drawn.
    pub wanted: Wanted,
}

/// The report as HTML.
pub fn page(contents: &Contents<'_>) -> String {
    let studies = &contents.studies;
    let first = studies.first().map(|study| &study.made_by);
    let told = contents.scenario.map(|(told, _)| told);
    let title = told.map_or("", |told| told.title.as_str());
    let title = match (title, first) {
        ("", Some(made)) if !made.title.is_empty() => made.title.as_str(),
        ("", Some(made)) => made.scenario.as_str(),
        (title, _) => title,
    };
    let title = plain(title).replace('\n', " ");
    let mut body = el("body");
    body = body.children(words::first_screen(contents, &title));
    body = body.children(figures(contents));
    body = body.children(claims::section(contents));
    body = body.children(contents.run.map(run::section).into_iter().flatten());
    body = body.children(contents.scenario.map(|(told, _)| register::section(told, studies)));
    body = body.children(contents.scenario.map(|(_, text)| text::section(text)));
    body = body.child(provenance(studies));
    let body = body.child(el("script").own(SCRIPT));
    let head = el("head")
        .child(el("meta").with("charset", "utf-8"))
        .child(policy())
        .child(
            el("meta")
                .with("name", "viewport")
                .with("content", "width=device-width, initial-scale=1"),
        )
        .child(el("title").text(title))
        .child(el("style").own(PAGE_STYLE))
        .child(el("style").own(STYLE));
    format!("<!DOCTYPE html>\n{}\n", el("html").with("lang", "en").child(head).child(body))
}

/// What the page may do: use its own style and script, and nothing else.
fn policy() -> Element {
    let sources = |texts: &[&str]| {
        texts.iter().map(|text| format!("'{}'", sha256::source(text))).collect::<Vec<_>>().join(" ")
    };
    let rules = format!(
        "default-src 'none'; style-src {}; script-src {}; base-uri 'none'; form-action 'none'",
        sources(&[PAGE_STYLE, STYLE]),
        sources(&[SCRIPT])
    );
    let meta = el("meta").with("http-equiv", "Content-Security-Policy");
    meta.with("content", rules)
}

/// A heading with an address.
fn heading(id: &'static str, text: &str) -> Element {
    el("h2").with("id", id).text(text)
}

/// A paragraph.
fn paragraph(text: impl Into<String>) -> Element {
    el("p").text(text)
}

/// The figures of all results, each with its numbers.
fn figures(contents: &Contents<'_>) -> Vec<Element> {
    let mut all = vec![heading("figures", "Figures")];
    let mut drawn = false;
    for study in &contents.studies {
        for figure in figure::all(&study.source, &contents.wanted) {
            // claims stand beside what settings do to them too
            if figure.name != "claims" || !drawn {
                all.extend(shown(&figure));
            }
            drawn |= figure.name == "claims";
        }
    }
    if all.len() == 1 { Vec::new() } else { all }
}

/// A figure as a part of the page: the page's style has its colours, and nothing in it is picked.
fn picture(figure: &Figure) -> Element {
    let idle = |name: &str, value: &str| {
        let colour = value.starts_with('#') && value != "#ffffff";
        (colour && (name == "fill" || name == "stroke")) || name.starts_with("data-")
    };
    el("figure").child(figure.inline().clone().without(&idle))
}

/// A figure and the numbers behind it.
fn shown(figure: &Figure) -> [Element; 2] {
    let picture = picture(figure);
    let rows = count(figure.rows.len() as u64, "row");
    let numbers = el("details")
        .child(el("summary").text(format!("The numbers behind “{}” ({rows})", figure.title)));
    [picture, numbers.child(behind(figure))]
}

/// The rows behind a figure: a table, or lines where there are many.
fn behind(figure: &Figure) -> Element {
    if figure.rows.len() > ROWS {
        let mut text = figure.columns.join(",");
        for row in &figure.rows {
            let cells: Vec<String> = row.iter().map(Cell::shown).collect();
            text.push('\n');
            text.push_str(&cells.join(","));
        }
        return el("pre").text(text);
    }
    let head = el("tr").children(figure.columns.iter().map(|name| el("th").text(*name)));
    let cell = |cell: &Cell| match cell {
        Cell::Text(text) => el("td").text(text.as_str()),
        Cell::Number(_) => el("td").with("class", "n").text(cell.shown()),
    };
    let rows = figure.rows.iter().map(|row| el("tr").children(row.iter().map(cell)));
    let table = el("table").child(el("thead").child(head));
    el("div").with("class", "scroll").child(table.child(el("tbody").children(rows)))
}

/// What sorts below every number.
const NONE: &str = "-Infinity";

/// A cell with a number that tables are sorted by.
fn number(value: f64, shown: String) -> Element {
    // what has no number comes last where the greatest is first
    let key = if value.is_finite() { format!("{value}") } else { NONE.to_string() };
    el("td").with("class", "n").with("data-value", key).text(shown)
}

/// A filter above a table: a field for words, and lists of values of rows (`data-NAME`).
fn tools(table: &'static str, picks: Vec<(&'static str, &str, Vec<String>)>) -> Element {
    let search = el("input").with("type", "search").with("placeholder", "find words");
    let search = search.with("aria-label", "find words");
    let picks = picks.into_iter().map(|(name, all, values)| {
        let option = |value: &String| el("option").with("value", value.as_str()).text(value);
        let first = el("option").with("value", "").text(all);
        let list = el("select").with("name", name).with("aria-label", all).child(first);
        list.children(values.iter().map(option).collect::<Vec<Element>>())
    });
    let tools = el("div").with("class", "tools").with("data-table", table).with("hidden", "");
    tools.child(search).children(picks.collect::<Vec<Element>>()).child(el("output"))
}

/// What made the results, and how they are made again.
fn provenance(studies: &[Study]) -> Element {
    let mut all = el("section").child(heading("provenance", "How this was made"));
    for Study { made_by, .. } in studies {
        let list = el("ul")
            .child(el("li").text("command: ").child(el("code").text(made_by.command.as_str())))
            .child(el("li").text(format!("detente {}, seed {}", made_by.version, made_by.seed)));
        let list = match made_by.scenario_hash.is_empty() {
            true => list,
            false => list.child(
                el("li")
                    .text("the scenario's text: ")
                    .child(el("code").text(made_by.scenario_hash.as_str())),
            ),
        };
        all = all.child(list);
    }
    all.child(paragraph(
        "The same command with the same version gives the same numbers, on any machine and with \
         any number of threads. Intervals cover the randomness of the runs, not the doubt about \
         the assumptions.",
    ))
}
