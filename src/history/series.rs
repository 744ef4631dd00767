//! `series.csv`: what was measured.

use std::collections::BTreeMap;

use super::sheet::Sheet;
use super::{Measurement, Reader};
use crate::diagnostic::{Code, Diagnostic, short};
use crate::expr::{Shape, Source, Symbol};
use crate::record::Layout;
use crate::scenario::Row;

/// Measurements by history and round, in the order of rows.
pub(super) type Series = BTreeMap<(usize, u32), Vec<Measurement>>;

impl Reader<'_> {
    /// Reads the table of measurements.
    pub(super) fn read_series(&mut self) {
        let patterns = std::mem::take(&mut self.heading.ignore);
        let mut used = vec![false; patterns.len()];
        if let Some(name) = self.heading.series.take()
            && let Some(sheet) = self.sheet(&name, &["variable", "value", "sd"], &[])
        {
            let variables = Layout::of(self.model, &[]).variables;
            let numbers =
                variables.iter().enumerate().map(|(number, name)| (name.as_str(), number));
            let known: BTreeMap<&str, usize> = numbers.collect();
            let mut ignored: Vec<usize> = Vec::new();
            let mut number: BTreeMap<String, usize> = BTreeMap::new();
            for row in &sheet.csv.rows {
                if self.is_lost() {
                    break;
                }
                let Some(column) = sheet.csv.column(&["variable"]) else { continue };
                let name = sheet.csv.text(row, column);
                let fits = |pattern: &Source| matches(pattern.text(), name);
                if let Some(pattern) = patterns.iter().position(fits) {
                    used[pattern] = true;
                    let next = ignored.len();
                    let at = *number.entry(name.to_string()).or_insert(next);
                    if at == next {
                        ignored.push(0);
                        self.counts.ignored.push((name.to_string(), 0));
                    }
                    self.counts.ignored[at].1 += 1;
                    continue;
                }
                self.counts.series += 1;
                self.series_row(&sheet, row, &known);
            }
        }
        for (pattern, _) in patterns.iter().zip(used).filter(|(_, used)| !used) {
            let text = format!("no variable of the history is `{}`", short(pattern.text()));
            let odd = Diagnostic::new(Code::Unread, pattern.whole(), text);
            self.desk.report.push(odd.help("leave it away; `*` stands for any characters"));
        }
    }

    fn series_row(&mut self, sheet: &Sheet, row: &Row, known: &BTreeMap<&str, usize>) {
        let at = self.at(sheet, row);
        let column = |name| sheet.csv.column(&[name]).unwrap_or_default();
        let word = sheet.csv.word(row, column("variable"));
        let variable = self.variable(&word.text, known);
        if variable.is_none() && self.first_time("variable", &word.text) {
            let all = known.keys().copied();
            self.desk.unknown("variable", &short(&word.text), word.span, all);
        }
        let value = sheet.csv.number(row, column("value"), self.desk);
        let sd = sheet.csv.number(row, column("sd"), self.desk);
        if let Some(sd) = sd.filter(|sd| *sd <= 0.0) {
            let text = format!("`sd` is above 0, found {sd}");
            let wrong = Diagnostic::new(Code::BadValue, sheet.csv.span(row, column("sd")), text);
            let help = "it is the standard deviation of the error of the measurement";
            self.desk.report.push(wrong.help(help));
            return;
        }
        if let (Some(at), Some(variable), Some(value), Some(sd)) = (at, variable, value, sd) {
            let span = word.span.to(sheet.csv.span(row, column("sd")));
            let measured = Measurement { variable, value, sd, place: sheet.place(span) };
            self.measured.entry(at).or_default().push(measured);
        }
    }

    /// The number of a variable. Spaces do not matter, nor does the order of an undirected pair.
    fn variable(&self, name: &str, known: &BTreeMap<&str, usize>) -> Option<usize> {
        if let Some(found) = known.get(name) {
            return Some(*found);
        }
        let (head, rest) = name.split_once('[')?;
        let mut indices: Vec<&str> = rest.strip_suffix(']')?.split(',').map(str::trim).collect();
        let head = head.trim();
        let find = |indices: &[&str]| known.get(format!("{head}[{}]", indices.join(",")).as_str());
        if let Some(found) = find(&indices) {
            return Some(*found);
        }
        let names = &self.model.names;
        let pair = |shape: Shape| shape == Shape::Dyad;
        let undirected = match (head, names.symbols.get(head)) {
            ("happened", _) => names
                .events
                .iter()
                .any(|e| Some(&e.name.as_str()) == indices.first() && pair(e.each)),
            (_, Some(Symbol::State(state))) => pair(names.states[*state].shape),
            _ => false,
        };
        let from = indices.len().checked_sub(2).filter(|_| undirected)?;
        indices[from..].reverse();
        find(&indices).copied()
    }
}

/// Whether a name is what a pattern stands for: `*` is any characters, or none.
fn matches(pattern: &str, name: &str) -> bool {
    let mut pieces = pattern.split('*');
    let first = pieces.next().unwrap_or_default();
    let Some(mut rest) = name.strip_prefix(first) else { return false };
    let mut pieces: Vec<&str> = pieces.collect();
    let Some(last) = pieces.pop() else { return rest.is_empty() };
    for piece in pieces {
        let Some(at) = rest.find(piece) else { return false };
        rest = &rest[at + piece.len()..];
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn patterns_stand_for_names() {
        for (pattern, name) in
            [("raw.*", "raw.x"), ("*", ""), ("a*b*c", "a-b--c"), ("x", "x"), ("*[A]", "tie[A]")]
        {
            assert!(matches(pattern, name), "{pattern} {name}");
        }
        for (pattern, name) in
            [("raw.*", "rax.x"), ("x", "xy"), ("a*b*c", "a-c"), ("ab*ba", "aba"), ("", "x")]
        {
            assert!(!matches(pattern, name), "{pattern} {name}");
        }
    }
}
