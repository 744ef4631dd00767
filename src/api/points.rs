//! Files of points: a CSV file with a column for each thing that varies and a row for each point.

use std::mem;
use std::path::Path;

use super::Error;
use crate::catalog::files;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Span, clip, nearest};
use crate::experiment::{DesignKind, Fault};

/// Larger files are not read.
const LARGEST: u64 = 64 << 20;
/// Nor those with more cells.
const CELLS: usize = 10_000_000;
/// So many problems are shown of one file.
const SHOWN: usize = 10;

/// A file of points, with what it takes to show where a cell stands.
#[derive(Debug)]
pub struct PointsFile {
    label: String,
    text: String,
    columns: Vec<(String, Vec<String>)>,
    /// Where the header and each row begin.
    starts: Vec<usize>,
}

impl PointsFile {
    /// Reads a file, which may be named where a design may.
    ///
    /// # Errors
    /// [`Error::Request`] if it cannot be read, [`Error::Fault`] or [`Error::Diagnostics`] with the
    /// places if it is no table of points.
    pub fn read(word: &str) -> Result<PointsFile, Error> {
        PointsFile::of(word, bytes(word, &help(word))?)
    }

    /// Reads a file of weighted points.
    ///
    /// # Errors
    /// Those of [`PointsFile::read`].
    pub fn weighted(word: &str) -> Result<PointsFile, Error> {
        PointsFile::of(word, bytes(word, "; `detente condition --out DIR` writes posterior.csv")?)
    }

    fn of(word: &str, bytes: Vec<u8>) -> Result<PointsFile, Error> {
        let text = decoded(word, bytes)?;
        let label = word.to_string();
        let mut file = PointsFile { label, text, columns: Vec::new(), starts: Vec::new() };
        let rows = file.records()?;
        let mut rows = rows.into_iter();
        let Some(header) = rows.next().filter(|_| rows.len() > 0) else {
            let text = format!("`{}` has no points: a header and a row for each", clip(word));
            return Err(Error::Fault(text));
        };
        let mut wrong = file.header(&header);
        if wrong.is_empty() {
            wrong = file.body(&header, rows);
        }
        if wrong.is_empty() { Ok(file) } else { Err(file.failed(wrong)) }
    }

    /// Its text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Keys and values by row, which are given away.
    pub fn take(&mut self) -> Vec<(String, Vec<String>)> {
        let keys = self.columns.iter().map(|(key, _)| (key.clone(), Vec::new())).collect();
        mem::replace(&mut self.columns, keys)
    }

    /// What a sweep finds wrong with the points, each at its cell.
    pub fn faults(&self, list: &[Fault]) -> Error {
        let placed = |fault: &Fault| {
            let column = self.columns.iter().position(|(key, _)| *key == fault.key);
            let row = fault.row.and_then(|row| usize::try_from(row).ok());
            let mut diagnostic = fault.diagnostic.clone();
            diagnostic.labels.clear();
            diagnostic.span = self.cell(row.map_or(0, |row| row + 1), column.unwrap_or(0));
            diagnostic
        };
        self.failed(list.iter().map(placed).collect())
    }

    fn failed(&self, list: Vec<Diagnostic>) -> Error {
        Diagnostics::default().and_first(SHOWN, &self.label, &self.text, list).into()
    }

    /// All rows, the header first, and where each begins.
    fn records(&mut self) -> Result<Vec<csv::StringRecord>, Error> {
        let mut reader = csv::ReaderBuilder::new();
        reader.trim(csv::Trim::All).has_headers(false).flexible(true);
        let mut reader = reader.from_reader(self.text.as_bytes());
        let (mut rows, mut cells) = (Vec::new(), 0);
        for record in reader.records() {
            let record = record.map_err(|error| {
                Error::Fault(format!("`{}` is no CSV file: {error}", clip(&self.label)))
            })?;
            let start = record.position().map_or(0, |at| at.byte());
            let start = usize::try_from(start).unwrap_or(0).min(self.text.len());
            let rest = &self.text[start..];
            self.starts.push(start + rest.len() - rest.trim_start_matches(['\r', '\n']).len());
            cells += record.len();
            if cells > CELLS {
                let text = format!("`{}` has more than {CELLS} cells", clip(&self.label));
                return Err(Error::Fault(text));
            }
            rows.push(record);
        }
        Ok(rows)
    }

    /// What is wrong with the header.
    fn header(&self, header: &csv::StringRecord) -> Vec<Diagnostic> {
        let wrong = |column: usize, text: &str, help: &str| {
            Diagnostic::new(Code::Experiment, self.cell(0, column), text).help(help)
        };
        for (sign, name) in [(';', "semicolons"), ('\t', "tabs")] {
            if let Some(column) = header.iter().position(|key| key.contains(sign)) {
                let text = format!("the columns are separated by {name}, where commas belong");
                let help = "save it with commas between columns and a point in decimals: in \
                            spreadsheets `CSV UTF-8 (comma delimited)`, in R `write.csv`";
                return vec![wrong(column, &text, help)];
            }
        }
        let mut all = Vec::new();
        for (column, key) in header.iter().enumerate() {
            if key.is_empty() {
                let help = "name what varies; leave out numbers of rows: `index=False` in pandas, \
                            `row.names = FALSE` in R";
                all.push(wrong(column, "this column has no name", help));
            } else if key.contains('[') != key.contains(']') {
                let text = format!("`{}` is a piece of a name", clip(key));
                let help = "put quotes around names with commas: `\"tie[A, B]\"`";
                all.push(wrong(column, &text, help));
            } else if header.iter().take(column).any(|before| before == key) {
                let text = format!("the column `{}` is there twice", clip(key));
                all.push(wrong(column, &text, "leave one of the two away"));
            }
        }
        all
    }

    /// Takes the cells of all rows; what is wrong with them.
    fn body(
        &mut self,
        header: &csv::StringRecord,
        rows: impl Iterator<Item = csv::StringRecord>,
    ) -> Vec<Diagnostic> {
        let mut all = Vec::new();
        self.columns = header.iter().map(|key| (key.to_string(), Vec::new())).collect();
        for (row, record) in rows.enumerate().map(|(row, record)| (row + 1, record)) {
            if all.len() > SHOWN {
                break;
            }
            if record.len() != header.len() {
                let (cells, columns) = (record.len(), header.len());
                let last = self.cell(row, cells.saturating_sub(1));
                let span = Span::new(self.cell(row, 0).start, last.end);
                let text = format!("a row of {cells} cells where the header has {columns}");
                let help = "write a value for every column, and decimals with a point";
                all.push(Diagnostic::new(Code::Experiment, span, text).help(help));
                continue;
            }
            for (column, value) in record.iter().enumerate() {
                if value.is_empty() {
                    let text = format!("`{}` has no value here", clip(&header[column]));
                    let help = "every point has a value for everything that varies";
                    let diagnostic =
                        Diagnostic::new(Code::Experiment, self.cell(row, column), text);
                    all.push(diagnostic.help(help));
                }
                self.columns[column].1.push(value.to_string());
            }
        }
        all
    }

    /// Where a cell stands; row 0 is the header. An empty cell is the sign behind it.
    fn cell(&self, row: usize, column: usize) -> Span {
        let start = self.starts.get(row).copied().unwrap_or(0);
        let (mut first, mut left, mut quoted) = (start, column, false);
        let mut end = self.text.len();
        for (at, sign) in self.text[start..].char_indices() {
            let at = start + at;
            match sign {
                '"' => quoted = !quoted,
                ',' if !quoted && left > 0 => {
                    left -= 1;
                    first = at + 1;
                }
                ',' | '\n' | '\r' if !quoted => {
                    end = at;
                    break;
                }
                _ => {}
            }
        }
        let cell = &self.text[first..end.max(first)];
        let front = cell.len() - cell.trim_start().len();
        let length = cell.trim().len();
        match length {
            0 => Span::new(first, first + 1),
            _ => Span::new(first + front, first + front + length),
        }
    }
}

/// What a design may be, where there is no such file.
fn help(word: &str) -> String {
    let words: Vec<&str> = DesignKind::ALL.iter().map(|(word, _)| *word).collect();
    match nearest(word, words.iter().copied()) {
        Some(help) => format!("; {help}"),
        None => format!("; a design is a CSV file or one of {}", words.join(", ")),
    }
}

/// What a file holds; `help` is for when there is none.
fn bytes(word: &str, help: &str) -> Result<Vec<u8>, Error> {
    let help = if Path::new(word).exists() { "" } else { help };
    let failed = |why: String| {
        Error::Request(format!("cannot read the points of `{}`: {why}{help}", clip(word)))
    };
    files::bytes(Path::new(word), LARGEST).map_err(|error| failed(error.to_string()))
}

/// The text of a file, without a byte order mark.
fn decoded(word: &str, bytes: Vec<u8>) -> Result<String, Error> {
    let text = String::from_utf8(bytes).map_err(|error| {
        let wide = matches!(error.as_bytes(), [0xff, 0xfe, ..] | [0xfe, 0xff, ..]);
        let found = if wide { "UTF-16" } else { "no UTF-8" };
        let shown = clip(word);
        Error::Fault(format!("the text of `{shown}` is {found}; save it as `CSV UTF-8`"))
    })?;
    Ok(text.strip_prefix('\u{feff}').map_or(text.clone(), str::to_string))
}
