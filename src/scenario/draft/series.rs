//! `[series.NAME]`: quantities by round that come from files.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Draft;
use crate::diagnostic::{Code, Diagnostic, Span};
use crate::expr::{Quantity, Symbol};
use crate::model::{Missing, Series};
use crate::scenario::csv::{Csv, Row, index_names};
use crate::scenario::limits::{MAX_ENTRIES, MAX_ROUNDS, MAX_SERIES, exceeded, section};
use crate::scenario::read_context::{Fields, ReadContext};
use crate::scenario::tree::Table;

/// By cell and round, which may lie before the first, what a file gives.
type Given = Vec<BTreeMap<i64, f64>>;

/// The columns of a table of values by round.
struct Columns {
    indices: Vec<usize>,
    value: usize,
    /// The column of rounds or dates, and whether it holds dates.
    time: (usize, bool),
}

impl Draft {
    /// Reads `[series]`. A series that cannot be read poisons its name.
    pub(super) fn series(&mut self, root: &Table, desk: &mut ReadContext) {
        let mut values = 0;
        for entry in section(root, "series", MAX_ENTRIES, desk) {
            let name = entry.name();
            self.register(&entry.key, "a series", Symbol::Series(self.names.series.len()), desk);
            let first = self.names.series_values.len();
            let mut about = Series { span: entry.place(), ..Series::default() };
            let mut shape = crate::expr::Shape::One;
            let mut found = None;
            if let Some(table) = desk.table(entry) {
                let mut fields = Fields::new(table, entry.place(), format!("the series `{name}`"));
                shape = self.shape(fields.take("of"), name, desk);
                let file = fields.need("file", desk);
                about.unit = desk.text(fields.take("unit"));
                about.source = desk.citation(fields.take("source"), &self.citable);
                about.note = desk.text(fields.take("note"));
                about.title = desk.text(fields.take("title"));
                let missing = fields.take("missing");
                let missing = missing.map(|e| desk.word(&e.item, e.name(), Missing::ALL));
                about.missing = missing.flatten().unwrap_or_default();
                fields.finish(desk);
                let file = file.and_then(|e| desk.source(&e.item, "file"));
                about.file = file.map_or_else(String::new, |file| file.text().to_string());
                found =
                    file.filter(|_| !desk.halt && !desk.poison.contains(name)).and_then(|file| {
                        let given = self.given(&Csv::read(file, desk)?, (shape, name), desk)?;
                        self.filled(given, (shape, name, about.missing), file.whole(), desk)
                    });
            }
            let cells = shape.cells(&self.names);
            let found = found.unwrap_or_else(|| {
                desk.poison.insert(name.to_string());
                vec![Vec::new(); cells]
            });
            values += found.iter().map(Vec::len).sum::<usize>();
            if values > MAX_SERIES {
                let what = "numbers in series, all cells and rounds together";
                exceeded(desk, entry.place(), values, MAX_SERIES, what);
                return;
            }
            self.names.series_values.extend(found.into_iter().map(Arc::from));
            let name = name.to_string();
            self.names.series.push(Quantity { name, shape, first, flag: false });
            self.all_series.push(about);
        }
    }

    /// What a table gives; `None` after a report.
    fn given(
        &self,
        table: &Csv,
        (shape, name): (crate::expr::Shape, &str),
        desk: &mut ReadContext,
    ) -> Option<Given> {
        let mut known: Vec<&str> = index_names(shape, &self.names).concat();
        known.extend(["round", "date", "value", "note"]);
        table.known(&known, desk);
        let dated = table.column(&["date"]).map(|column| (column, true));
        let time = match dated {
            None => table.need(&["round", "date"], desk).map(|column| (column, false)),
            dated => dated,
        };
        if let (Some((column, _)), None) = (dated, self.names.calendar) {
            let text = "the rounds of this scenario have no dates";
            let help =
                "give rounds instead, or a calendar: `round = \"month\"`, `start = \"2024-07\"`";
            let wrong = Diagnostic::new(Code::Date, table.head_span(column), text);
            desk.report.push(wrong.help(help));
            return None;
        }
        let (indices, value) =
            (table.indices(shape, &self.names, desk), table.need(&["value"], desk));
        let columns = Columns { indices: indices?, value: value?, time: time? };
        let mut given: Given = vec![BTreeMap::new(); shape.cells(&self.names)];
        let mut seen = BTreeMap::new();
        let before = desk.report.len();
        for row in &table.rows {
            let at = table.cell(row, &columns.indices, (shape, &self.names), desk);
            let round = self.round(table, row, columns.time, desk);
            let value = table.number(row, columns.value, desk);
            let (Some((cell, at)), Some(round), Some(value)) = (at, round, value) else { continue };
            let label = format!("`{}` in round {round}", self.names.label(name, &at));
            let span = table.whole(row, &[columns.time.0]);
            if table.first(&mut seen, ((cell, round), &label), span, desk) {
                given[cell].insert(round, value);
            }
        }
        (desk.report.len() == before).then_some(given)
    }

    /// The round of a row; dates before the start have rounds below 1.
    fn round(
        &self,
        table: &Csv,
        row: &Row,
        (column, dated): (usize, bool),
        desk: &mut ReadContext,
    ) -> Option<i64> {
        let word = table.word(row, column);
        if dated {
            return match crate::expr::dated(self.names.calendar, &word) {
                Ok((calendar, date)) => Some(calendar.rounds_on(date)),
                Err(diagnostic) => {
                    desk.report.push(*diagnostic);
                    None
                }
            };
        }
        let found = word.text.parse().ok().filter(|round| (1..=MAX_ROUNDS as i64).contains(round));
        if found.is_none() {
            let text = format!("`{}` is not a round: a whole number from 1", word.text);
            desk.error(Code::Data, word.span, text);
        }
        found
    }

    /// By cell the values of rounds 1 to the last that the scenario or the file has; `None` after a
    /// report.
    fn filled(
        &self,
        given: Given,
        (shape, name, how): (crate::expr::Shape, &str, Missing),
        span: Span,
        desk: &mut ReadContext,
    ) -> Option<Vec<Vec<f64>>> {
        let rounds = i64::from(self.about.rounds.max(1));
        let room = MAX_SERIES / given.len().max(1);
        if rounds as usize > room {
            let found = given.len().saturating_mul(rounds as usize);
            let what = "numbers in series, all cells and rounds together";
            exceeded(desk, span, found, MAX_SERIES, what);
            return None;
        }
        let mut all = Vec::with_capacity(given.len());
        for (cell, at) in given.iter().zip(shape.indices(&self.names)) {
            let last = cell.keys().next_back().copied().unwrap_or(0).clamp(0, MAX_ROUNDS as i64);
            let last = last.min(room as i64).max(rounds);
            let known: Vec<f64> = (1..=last).map_while(|round| between(cell, round, how)).collect();
            if (known.len() as i64) < rounds {
                let round = known.len() as u32 + 1;
                let label = self.names.label(name, &at);
                let text = match cell.is_empty() {
                    true => format!("there is no row for `{label}`"),
                    false => {
                        let date = self.names.calendar.map(|c| format!(" ({})", c.label(round)));
                        let date = date.unwrap_or_default();
                        format!("`{label}` has no value in round {round}{date}")
                    }
                };
                let help = match how {
                    Missing::Error => "add the row, or fill gaps with `missing = \"hold\"`",
                    Missing::Hold => "a value is held from its row on: add one at or before it",
                    Missing::Interpolate => "values lie between rows: add one on either side",
                };
                desk.report.push(Diagnostic::new(Code::MissingValue, span, text).help(help));
                return None;
            }
            all.push(known);
        }
        Some(all)
    }
}

/// The value of a round: its own, or what is made of those around it.
fn between(given: &BTreeMap<i64, f64>, round: i64, how: Missing) -> Option<f64> {
    let before = given.range(..=round).next_back();
    if let Some((at, value)) = before
        && (*at == round || how == Missing::Hold)
    {
        return Some(*value);
    }
    match (how, before, given.range(round..).next()) {
        (Missing::Interpolate, Some((p, a)), Some((q, b))) => {
            let share = (round - p) as f64 / (q - p) as f64;
            Some(a + (b - a) * share)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_are_filled_as_they_should_be() {
        let given = BTreeMap::from([(-1, 1.0), (2, 4.0), (6, 2.0)]);
        let all = |how| (1..=8).map(|round| between(&given, round, how)).collect::<Vec<_>>();
        assert_eq!(all(Missing::Hold), [1.0, 4.0, 4.0, 4.0, 4.0, 2.0, 2.0, 2.0].map(Some));
        assert_eq!(
            all(Missing::Interpolate),
            [Some(3.0), Some(4.0), Some(3.5), Some(3.0), Some(2.5), Some(2.0), None, None]
        );
        assert_eq!(all(Missing::Error), [None, Some(4.0), None, None, None, Some(2.0), None, None]);
    }
}
