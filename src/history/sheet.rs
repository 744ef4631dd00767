//! A table of a history: its rows, each of a history and a round.

use std::sync::Arc;

use super::{Draft, Place, Reader};
use crate::calendar::{Date, FORMS};
use crate::diagnostic::{Code, Diagnostic, Span, nearest_name, short};
use crate::expr::{Source, Word};
use crate::scenario::{Csv, Row};

/// A table with the columns that all tables have.
pub(super) struct Sheet {
    pub csv: Csv,
    name: Arc<str>,
    /// By line, the place of its first byte.
    lines: Vec<usize>,
    history: Option<usize>,
    round: usize,
    date: Option<usize>,
}

impl Sheet {
    /// A cell of a row, `None` where it is empty or there is no such column.
    pub fn cell(&self, row: &Row, column: Option<usize>) -> Option<Word> {
        let column = column.filter(|column| !self.csv.text(row, *column).is_empty())?;
        Some(self.csv.word(row, column))
    }

    /// Where some cells of a row stand.
    pub fn place(&self, span: Span) -> Place {
        let line = self.lines.partition_point(|start| *start <= span.start);
        Place { file: Arc::clone(&self.name), line, span }
    }
}

impl Reader<'_> {
    /// The table of a name, with the columns that it must have and those that it may have; `None`
    /// after a report.
    pub(super) fn sheet(&mut self, name: &Source, need: &[&str], may: &[&str]) -> Option<Sheet> {
        let csv = Csv::read(name, self.desk)?;
        let sound = csv.distinct(self.desk);
        let needed: Vec<Option<usize>> =
            ["round"].iter().chain(need).map(|name| csv.need(&[name], self.desk)).collect();
        let absent = |name: &&&str| csv.column(&[name]).is_none();
        let absent: Vec<&str> =
            ["history", "date"].iter().chain(may).filter(absent).copied().collect();
        for (number, column) in csv.columns().enumerate() {
            let own = ["round", "history", "date"].iter().chain(need).chain(may);
            let near = nearest_name(column, absent.iter().copied());
            if let (Some(near), false) = (near, own.into_iter().any(|own| *own == column)) {
                let text = format!("the column `{}` is not read", short(column));
                let odd = Diagnostic::new(Code::Unread, csv.head_span(number), text);
                self.desk.report.push(odd.help(format!("did you mean `{near}`?")));
            }
        }
        let history = csv.column(&["history"]);
        self.same_kind(&csv, history);
        let round = needed.into_iter().collect::<Option<Vec<usize>>>()?.first().copied()?;
        let (date, lines) = (csv.column(&["date"]), csv.lines());
        let name = Arc::from(csv.name());
        sound.then_some(Sheet { csv, name, lines, history, round, date })
    }

    /// Whether files name several histories: all of them, or none.
    fn same_kind(&mut self, csv: &Csv, history: Option<usize>) {
        let wanted =
            self.named.unwrap_or_else(|| history.is_some() || !self.heading.cases.is_empty());
        if wanted != history.is_some() {
            let text = match wanted {
                true => format!("`{}` has no column `history`", csv.name()),
                false => {
                    format!("`{}` has a column `history`, a file before it has none", csv.name())
                }
            };
            let help = "where there are several histories, every file has a column `history`";
            self.desk.report.push(Diagnostic::new(Code::Data, csv.header(), text).help(help));
        }
        self.named = Some(wanted);
    }

    /// The history, by number, and the round of a row; `None` after a report.
    pub(super) fn at(&mut self, sheet: &Sheet, row: &Row) -> Option<(usize, u32)> {
        let case = match sheet.history {
            None => self.case(""),
            Some(column) if sheet.csv.text(row, column).is_empty() => {
                let span = sheet.csv.whole(row, &[column, sheet.round]);
                self.desk.error(Code::Data, span, "this row names no history");
                return None;
            }
            Some(column) => self.case(sheet.csv.text(row, column)),
        };
        let word = sheet.csv.word(row, sheet.round);
        let round = self.round(case, &word);
        let Some(date) = sheet.cell(row, sheet.date) else { return Some((case, round?)) };
        let dated = self.dated(case, &date);
        let (round, dated) = (round?, dated?);
        if round != dated {
            let text = format!("`{}` is in round {dated}, not in round {round}", date.text);
            let wrong = Diagnostic::new(Code::Contradiction, date.span, text);
            self.desk.report.push(wrong.label(word.span, "the round of the row"));
            return None;
        }
        Some((case, round))
    }

    /// The number of the history of a name.
    pub(super) fn case(&mut self, name: &str) -> usize {
        if let Some(case) = self.by_name.get(name) {
            return *case;
        }
        let own = self.heading.cases.iter().find(|(known, _, _)| known == name);
        let frame = own.map_or(&self.heading.frame, |(_, frame, _)| frame).clone();
        self.cases.push(Draft { name: name.to_string(), frame });
        self.by_name.insert(name.to_string(), self.cases.len() - 1);
        self.cases.len() - 1
    }

    /// The round that a word names: a whole number that is one, or a date in it.
    fn round(&mut self, case: usize, word: &Word) -> Option<u32> {
        let rounds = self.cases[case].frame.rounds;
        if word.text.is_empty() {
            self.desk.error(Code::Data, word.span, "this row names no round");
            return None;
        }
        let plain = word.text.bytes().all(|b| b.is_ascii_digit());
        let number = word.text.parse::<u32>().ok().filter(|_| plain);
        if let Some(round) = number.filter(|round| (1..=rounds).contains(round)) {
            return Some(round);
        }
        let dates = self.calendar(case).is_some();
        if plain && !(dates && word.text.len() == 4) {
            let text = format!("there is no round {}: the history has {rounds}", short(&word.text));
            let wrong = Diagnostic::new(Code::Record, word.span, text);
            self.desk.report.push(wrong.help("rounds are counted from 1; `rounds` says how many"));
            return None;
        }
        self.dated(case, word)
    }

    /// The round that holds a date.
    fn dated(&mut self, case: usize, word: &Word) -> Option<u32> {
        let rounds = self.cases[case].frame.rounds;
        let shown = short(&word.text);
        let (text, help) = match (Date::parse(&word.text), self.calendar(case)) {
            (Ok(Some(day)), Some(calendar)) => match calendar.round(day) {
                Some(round) if round <= rounds => return Some(round),
                Some(round) => (
                    format!("`{shown}` is in round {round}, and the history has {rounds}"),
                    format!("its last round is {}", calendar.label(rounds)),
                ),
                None => (
                    format!("`{shown}` lies before round 1"),
                    format!("round 1 is {}; `start` under [history] sets it", calendar.label(1)),
                ),
            },
            (Ok(Some(_)), None) => (
                format!("`{shown}` is a date, and rounds have none"),
                "number the rounds from 1, or give the scenario a `start` and a `round` with dates"
                    .to_string(),
            ),
            (Ok(None), Some(_)) => (
                format!("`{shown}` is neither a round nor a date"),
                format!("rounds are counted from 1; dates are written {FORMS}"),
            ),
            (Ok(None), None) => {
                (format!("`{shown}` is not a round"), "rounds are counted from 1".to_string())
            }
            (Err(reason), _) => (reason, format!("dates are written {FORMS}")),
        };
        self.desk.report.push(Diagnostic::new(Code::Date, word.span, text).help(help));
        None
    }
}
