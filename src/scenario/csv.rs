//! Tables in files that a scenario names: comma-separated, with a header.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use csv::{ReaderBuilder, StringRecord, Trim};

use super::read_context::{ReadContext, short};
use crate::diagnostic::{Code, Diagnostic, Span, nearest};
use crate::expr::{Axis, MAX_AXES, Names, Shape, Source, Word};
use crate::model::ElementId;

/// The names of the columns that hold the indices of a cell.
pub(crate) const INDICES: [&str; MAX_AXES] = ["i", "j", "k", "l"];

/// A table whose rows have as many cells as its header.
pub(crate) struct Csv {
    name: String,
    text: Arc<str>,
    /// The place of the first byte of the text.
    start: usize,
    head: Row,
    pub rows: Vec<Row>,
    /// Whether rows were left out.
    pub broken: bool,
}

/// A row, or the header.
pub(crate) struct Row {
    /// The byte of the text at which it begins, breaks of lines before it included.
    byte: usize,
    cells: StringRecord,
}

impl Csv {
    /// The table in a file; `None` after a report. Rows of another length are reported and left
    /// out.
    pub fn read(name: &Source, desk: &mut ReadContext) -> Option<Csv> {
        let (text, start) = desk.file(name)?;
        let mut reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .trim(Trim::All)
            .from_reader(text.as_bytes());
        let mut all = Vec::new();
        let mut cells = StringRecord::new();
        loop {
            match reader.read_record(&mut cells) {
                Ok(true) => {
                    let byte = cells.position().map_or(0, |at| at.byte() as usize);
                    all.push(Row { byte, cells: std::mem::take(&mut cells) });
                }
                Ok(false) => break,
                Err(error) => {
                    let text = format!("`{}` is no table: {error}", name.text());
                    desk.error(Code::Data, name.whole(), text);
                    return None;
                }
            }
        }
        if all.is_empty() {
            let text =
                format!("`{}` is empty: it begins with the names of its columns", name.text());
            desk.error(Code::Data, name.whole(), text);
            return None;
        }
        let head = all.remove(0);
        let mut table = Csv {
            name: name.text().to_string(),
            text: text.clone(),
            start,
            head,
            rows: all,
            broken: false,
        };
        let columns = table.head.cells.len();
        let rows = std::mem::take(&mut table.rows);
        for row in rows {
            if row.cells.len() == columns {
                table.rows.push(row);
                continue;
            }
            table.broken = true;
            let found = row.cells.len();
            let message = format!("this row has {found} cells, the header of the table {columns}");
            let span = table.span(&row, 0).to(table.span(&row, found.saturating_sub(1)));
            let help = "a cell with a comma stands between double quotes";
            desk.report.push(Diagnostic::new(Code::Data, span, message).help(help));
        }
        Some(table)
    }

    /// The place of the header.
    pub fn header(&self) -> Span {
        self.span(&self.head, 0).to(self.span(&self.head, self.head.cells.len().saturating_sub(1)))
    }

    /// The place of the name of a column.
    pub fn head_span(&self, column: usize) -> Span {
        self.span(&self.head, column)
    }

    /// The place of a cell.
    pub fn span(&self, row: &Row, column: usize) -> Span {
        let bytes = self.text.as_bytes();
        let sees = |at: usize, what: &[u8]| bytes.get(at).is_some_and(|b| what.contains(b));
        let mut at = row.byte;
        if at == 0 && bytes.starts_with("\u{feff}".as_bytes()) {
            at = 3;
        }
        while sees(at, b"\r\n") {
            at += 1;
        }
        for number in 0.. {
            let first = at;
            if sees(at, b"\"") {
                at += 1;
                while at < bytes.len() && (!sees(at, b"\"") || sees(at + 1, b"\"")) {
                    at += if sees(at, b"\"") { 2 } else { 1 };
                }
                at += 1;
            }
            while at < bytes.len() && !sees(at, b",\r\n") {
                at += 1;
            }
            if number == column || !sees(at, b",") {
                let cell = self.text.get(first..at.min(bytes.len())).unwrap_or_default();
                let first = first + (cell.len() - cell.trim_start().len());
                let end = first + cell.trim().len();
                return Span::new(self.start + first, self.start + end);
            }
            at += 1;
        }
        Span::default()
    }

    /// The text of a cell.
    pub fn text<'r>(&self, row: &'r Row, column: usize) -> &'r str {
        row.cells.get(column).unwrap_or_default()
    }

    /// A cell with its place.
    pub fn word(&self, row: &Row, column: usize) -> Word {
        Word { text: self.text(row, column).to_string(), span: self.span(row, column) }
    }

    /// The number of the column of one of these names.
    pub fn column(&self, names: &[&str]) -> Option<usize> {
        self.head.cells.iter().position(|cell| names.contains(&cell))
    }

    /// The same; it is an error if there is none.
    pub fn need(&self, names: &[&str], desk: &mut ReadContext) -> Option<usize> {
        let found = self.column(names);
        if found.is_none() {
            let list: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
            let text = format!("`{}` has no column {}", self.name, list.join(" or "));
            let columns: Vec<&str> = self.head.cells.iter().collect();
            let help = format!("its columns are {}", short(&columns.join(", ")));
            desk.report.push(Diagnostic::new(Code::Data, self.header(), text).help(help));
        }
        found
    }

    /// The name of the file.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The names of all columns.
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        self.head.cells.iter()
    }

    /// By line of the file, the place of its first byte.
    pub fn lines(&self) -> Vec<usize> {
        let breaks = self.text.match_indices('\n').map(|(at, _)| at + 1);
        std::iter::once(0).chain(breaks).map(|at| self.start + at).collect()
    }

    /// Reports columns that are there twice; whether none is.
    pub fn distinct(&self, desk: &mut ReadContext) -> bool {
        let mut fine = true;
        for (number, cell) in self.columns().enumerate() {
            if let Some(first) = self.columns().take(number).position(|c| c == cell) {
                let text = format!("the column `{}` is there twice", short(cell));
                let (first, span) = (self.head_span(first), self.head_span(number));
                desk.report.push(Diagnostic::new(Code::Data, span, text).label(first, "the first"));
                fine = false;
            }
        }
        fine
    }

    /// Reports columns that have no meaning here, and such as are there twice.
    pub fn known(&self, names: &[&str], desk: &mut ReadContext) {
        self.distinct(desk);
        for (number, cell) in self.columns().enumerate() {
            let span = self.head_span(number);
            if self.columns().take(number).all(|c| c != cell) && !names.contains(&cell) {
                let text = format!("the column `{}` has no meaning here", short(cell));
                let list: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
                let help = nearest(cell, names.iter().copied())
                    .unwrap_or_else(|| format!("columns here are {}", list.join(", ")));
                desk.report.push(Diagnostic::new(Code::Data, span, text).help(help));
            }
        }
    }

    /// The finite number in a cell; `None` after a report.
    pub fn number(&self, row: &Row, column: usize, desk: &mut ReadContext) -> Option<f64> {
        let text = self.text(row, column);
        match text.parse::<f64>() {
            Ok(number) if number.is_finite() => return Some(number),
            _ => {}
        }
        let (said, help) = match text {
            "" => ("there is no number here".to_string(), "leave the row away"),
            _ if text.contains(',') => {
                (format!("`{}` is not a number", short(text)), "decimals follow a point: `1234.5`")
            }
            _ => (
                format!("`{}` is not a finite number", short(text)),
                "numbers are written `1234.5`",
            ),
        };
        let span = self.span(row, column);
        desk.report.push(Diagnostic::new(Code::Data, span, said).help(help));
        None
    }

    /// The columns of the indices of a quantity; `None` after a report.
    pub fn indices(
        &self,
        (shape, names): (Shape, &Names),
        desk: &mut ReadContext,
    ) -> Option<Vec<usize>> {
        let columns = index_names(shape, names).into_iter().map(|known| self.need(&known, desk));
        columns.collect::<Vec<_>>().into_iter().collect()
    }

    /// The elements in the index columns of a row and the number of their cell; `None` after a
    /// report.
    pub fn cell(
        &self,
        row: &Row,
        columns: &[usize],
        (shape, names): (Shape, &Names),
        desk: &mut ReadContext,
    ) -> Option<(usize, Vec<ElementId>)> {
        let element = |(column, axis): (&usize, Axis), desk: &mut ReadContext| {
            let word = self.word(row, *column);
            let found = names.find(axis.set(), &word.text);
            if found.is_none() && !desk.halt {
                let what = match axis {
                    Axis::Actors => "actor".to_string(),
                    _ => format!("element of `{}`", axis.word(names)),
                };
                let known = axis.elements(names).into_iter().map(|e| names.element(e));
                desk.unknown(&what, &short(&word.text), word.span, known);
            }
            found
        };
        let at: Vec<Option<ElementId>> =
            columns.iter().zip(shape.axes()).map(|pair| element(pair, desk)).collect();
        let at: Vec<ElementId> = at.into_iter().collect::<Option<_>>()?;
        let found = shape.cell(names, &at);
        if found.is_none() {
            let span = self.whole(row, columns);
            let (code, text, help) = if shape.is_pair() {
                let text = "this pair has the same actor twice";
                (Code::Diagonal, text, "a pair has two different actors")
            } else {
                let text = "this actor is not in the group that the quantity is of";
                (Code::WrongIndices, text, "leave the row away")
            };
            desk.report.push(Diagnostic::new(code, span, text).help(help));
        }
        found.map(|cell| (cell, at))
    }

    /// The place of some cells of a row, or of its first where there are none.
    pub fn whole(&self, row: &Row, columns: &[usize]) -> Span {
        let spans = columns.iter().map(|column| self.span(row, *column));
        spans.reduce(Span::to).unwrap_or_else(|| self.span(row, 0))
    }

    /// Notes what a row is about; `false` after a report if a row before it was about the same.
    pub fn first<K: Ord>(
        &self,
        seen: &mut BTreeMap<K, Span>,
        (key, label): (K, &str),
        span: Span,
        desk: &mut ReadContext,
    ) -> bool {
        if let Some(first) = seen.get(&key) {
            let text = format!("`{}` has two rows for {label}", self.name);
            let twice = Diagnostic::new(Code::Data, span, text).label(*first, "the first");
            desk.report.push(twice.help("a cell has one row"));
            return false;
        }
        seen.insert(key, span);
        true
    }
}

/// The values of a column of a file, each once, in the order of their first rows and with their
/// places: what a set is made of. `None` after a report.
pub(crate) fn distinct(
    file: &Source,
    column: &Source,
    desk: &mut ReadContext,
) -> Option<Vec<Source>> {
    let table = Csv::read(file, desk)?;
    let Some(at) = table.column(&[column.text()]) else {
        let text = format!("`{}` has no column `{}`", table.name, short(column.text()));
        let help = nearest(column.text(), table.head.cells.iter());
        desk.report.push(Diagnostic::new(Code::Data, column.whole(), text).help_if(help));
        return None;
    };
    let mut all: Vec<Source> = Vec::new();
    let mut seen = BTreeSet::new();
    for row in &table.rows {
        if seen.insert(table.text(row, at)) {
            let start = table.span(row, at).start;
            all.push(Source::verbatim(table.text(row, at), start));
        }
    }
    Some(all)
}

/// By index of a shape, how its column may be called: `i` and so on, or what the index runs over
/// where no other runs over the same.
pub(crate) fn index_names(shape: Shape, names: &Names) -> Vec<Vec<&str>> {
    let axes = shape.axes();
    let alone = |axis: &Axis| axes.iter().filter(|other| *other == axis).count() == 1;
    let columns = axes.iter().zip(INDICES);
    let known = |(axis, index): (&Axis, &'static str)| {
        let own = alone(axis).then(|| axis.word(names));
        std::iter::once(index).chain(own).collect()
    };
    columns.map(known).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Attached;
    use crate::scenario::files::Shelf;

    fn table(text: &str) -> (Option<Csv>, ReadContext) {
        let file = Attached { name: "t.csv".into(), text: text.into() };
        let shelf = Shelf::new(Some(std::rc::Rc::new(vec![file])), 9);
        let mut desk = ReadContext { shelf, ..ReadContext::default() };
        let found = Csv::read(&Source::verbatim("t.csv", 0), &mut desk);
        (found, desk)
    }

    /// What stands at the place of every cell.
    fn cells(text: &str) -> Vec<Vec<String>> {
        let (Some(table), _) = table(text) else { return Vec::new() };
        let cell = |row: &Row, column: usize| {
            let span = table.span(row, column);
            text[span.start - 10..span.end - 10].to_string()
        };
        let all = std::iter::once(&table.head).chain(&table.rows);
        all.map(|row| (0..row.cells.len()).map(|column| cell(row, column)).collect()).collect()
    }

    #[test]
    fn places_of_cells_are_found_however_they_are_written() {
        let wanted = [["i", "value"], ["A", "1"], ["B", "2.5"]];
        for text in [
            "i,value\nA,1\nB,2.5\n",
            "i,value\r\nA,1\r\nB,2.5",
            "\u{feff}i , value\n\n  A,1\n\nB ,  2.5  \n\n",
            "i,value\rA,1\rB,2.5\r",
        ] {
            assert_eq!(cells(text), wanted, "{text:?}");
        }
        let quoted = "i,value\n\"A, \"\"x\"\"\",\"1\n2\"\nB,3";
        assert_eq!(cells(quoted)[1], ["\"A, \"\"x\"\"\"", "\"1\n2\""]);
        assert_eq!(cells(quoted)[2], ["B", "3"]);
        assert_eq!(cells("i,value\nA,\n")[1], ["A", ""]);
    }

    #[test]
    fn the_values_of_a_column_come_once_each() {
        let (_, mut desk) = table("year,x\n2024,1\n2025,2\n2024,3\n");
        let file = Source::verbatim("t.csv", 0);
        let found = distinct(&file, &Source::verbatim("year", 6), &mut desk).expect("a column");
        let said: Vec<(&str, usize)> = found.iter().map(|s| (s.text(), s.whole().start)).collect();
        assert_eq!(said, [("2024", 17), ("2025", 24)]);
        assert!(distinct(&file, &Source::verbatim("yaer", 6), &mut desk).is_none());
        assert_eq!(desk.report.finish()[0].help.as_deref(), Some("did you mean `year`?"));
    }

    #[test]
    fn tables_that_are_none_are_said_to_be_none() {
        for text in ["", "\n\n", "\u{feff}"] {
            let (found, desk) = table(text);
            assert!(found.is_none_or(|t| t.rows.is_empty()), "{text:?}");
            assert!(desk.report.len() <= 1, "{text:?}");
        }
        let (found, desk) = table("i,value\nA\nB,1,2\nC,3\n\"D,4\n");
        assert_eq!(found.map(|t| t.rows.len()), Some(1));
        assert_eq!(desk.report.len(), 3);
    }
}
