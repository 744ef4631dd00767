//! Numbers of parameters from files: `value = { file = "gdp.csv" }`.

use std::collections::BTreeMap;

use super::csv::{Csv, Row, index_names};
use super::keys::{Cells, Line, Part};
use super::ranges;
use super::read_context::{Fields, ReadContext, Written};
use super::tree::{Item, Value};
use crate::diagnostic::{Code, Diagnostic};
use crate::expr::{Ast, Distribution, Kind, Names, Shape, Source};
use crate::model::Uncertainty;

/// What a file says of one cell besides its value.
#[derive(Debug, Clone, Default)]
pub(super) struct Own {
    pub uncertainty: Option<Uncertainty>,
    /// Empty: that of the parameter.
    pub source: String,
}

/// The file that a value is read from, if it is; an actor or a group may have the name `file`.
pub(super) fn file<'t>(item: &'t Item, names: &Names) -> Option<&'t Item> {
    let Value::Table(table) = &item.value else { return None };
    let free = Part::of("file", None, names).is_none();
    table.get("file").filter(|_| free).map(|entry| &entry.item)
}

/// The name of a file, where a table holds nothing else.
pub(super) fn only_file<'t>(item: &'t Item, desk: &mut ReadContext) -> Option<&'t Source> {
    let Value::Table(table) = &item.value else { return None };
    let mut fields = Fields::new(table, item.span, "a value from a file");
    let name = fields.take("file").and_then(|entry| desk.source(&entry.item, "file"));
    fields.finish(desk);
    name
}

/// The values of a parameter and, by cell, what else its file says of it.
pub(super) fn parameter(
    item: &Item,
    (shape, what): (Shape, &str),
    (names, works): (&Names, &[String]),
    desk: &mut ReadContext,
) -> (Cells, BTreeMap<usize, Own>) {
    let mut own = BTreeMap::new();
    let mut lines = Vec::new();
    if shape == Shape::One {
        desk.gaps.insert(what.to_string());
        let text = format!("`{what}` has no index, so `value` is one number or formula");
        desk.report.push(
            Diagnostic::new(Code::WrongKind, item.span, text)
                .help("add `of = \"actor\"` or `of = \"dyad\"`, or write the number"),
        );
    } else if let Some(table) = only_file(item, desk).and_then(|name| Csv::read(name, desk)) {
        let mut known: Vec<&str> = index_names(shape, names).concat();
        known.extend(["value", "lo", "hi", "source", "note"]);
        table.known(&known, desk);
        if let Some(columns) = Columns::of(&table, (shape, names), desk) {
            for row in &table.rows {
                let found = columns.line(&table, row, (shape, what), (names, works), desk);
                if let Some((cell, line, said)) = found {
                    lines.push(line);
                    own.insert(cell, said);
                } else {
                    desk.gaps.insert(what.to_string());
                }
            }
        } else {
            desk.gaps.insert(what.to_string());
        }
    } else {
        desk.gaps.insert(what.to_string());
    }
    (Cells::Table(lines, item.span), own)
}

/// The columns of a table of values.
struct Columns {
    indices: Vec<usize>,
    value: usize,
    range: Option<(usize, usize)>,
    source: Option<usize>,
    seen: std::cell::RefCell<BTreeMap<usize, crate::diagnostic::Span>>,
}

impl Columns {
    fn of(table: &Csv, (shape, names): (Shape, &Names), desk: &mut ReadContext) -> Option<Columns> {
        let indices = table.indices(shape, names, desk);
        let value = table.need(&["value"], desk);
        let range = match (table.column(&["lo"]), table.column(&["hi"])) {
            (None, None) => None,
            _ => Some((table.need(&["lo"], desk)?, table.need(&["hi"], desk)?)),
        };
        let source = table.column(&["source"]);
        Some(Columns { indices: indices?, value: value?, range, source, seen: Default::default() })
    }

    /// A row as a line of a table by index, with what it says of its cell.
    fn line(
        &self,
        table: &Csv,
        row: &Row,
        (shape, what): (Shape, &str),
        (names, works): (&Names, &[String]),
        desk: &mut ReadContext,
    ) -> Option<(usize, Line, Own)> {
        let cell = table.cell(row, &self.indices, (shape, names), desk);
        let value = table.number(row, self.value, desk);
        let uncertainty = self.uncertainty(table, row, desk);
        let source = self.source(table, row, works, desk);
        let ((cell, at), value) = (cell?, value?);
        let span = table.whole(row, &self.indices);
        let label = names.label(what, &at);
        let key = (cell, format!("`{label}`"));
        if !table.first(&mut self.seen.borrow_mut(), (key.0, &key.1), span, desk) {
            return None;
        }
        let place = table.span(row, self.value);
        if let Some(own) = &uncertainty {
            ranges::check(Some(value), place, own.support(), &label, desk);
        }
        let written = Written {
            text: table.text(row, self.value).to_string(),
            span: place,
            ast: Some(Ast { kind: Kind::Number(value), span: place }),
            // what has a range of its own is not held to that of the parameter
            number: Some(value).filter(|_| uncertainty.is_none()),
        };
        let parts = at.iter().map(|element| Part::Element(*element)).collect();
        let line = Line { parts, key: label, span, value: written };
        Some((cell, line, Own { uncertainty, source }))
    }

    /// `lo` and `hi` of a row, where they are not empty.
    fn uncertainty(&self, table: &Csv, row: &Row, desk: &mut ReadContext) -> Option<Uncertainty> {
        let (lo, hi) = self.range?;
        if table.text(row, lo).is_empty() && table.text(row, hi).is_empty() {
            return None;
        }
        let (a, b) = (table.number(row, lo, desk), table.number(row, hi, desk));
        let (a, b) = (a?, b?);
        if a > b {
            let text = format!("the range from {a} to {b} is empty");
            let span = table.span(row, lo).to(table.span(row, hi));
            let help = "the smaller number stands under `lo`";
            desk.report.push(Diagnostic::new(Code::BadRange, span, text).help(help));
            return None;
        }
        Some(Uncertainty { distribution: Distribution::Uniform, given: [a, b, 0.0] })
    }

    fn source(&self, table: &Csv, row: &Row, works: &[String], desk: &mut ReadContext) -> String {
        let Some(column) = self.source.filter(|column| !table.text(row, *column).is_empty()) else {
            return String::new();
        };
        let key = table.word(row, column);
        desk.cite(&key, works);
        key.text
    }
}
