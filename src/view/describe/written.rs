//! Formulas as they are written: the text of the file around a place.

use toml::de::{DeTable, DeValue};

use crate::api::Scenario;
use crate::diagnostic::starts;
use crate::expr::Expr;
use crate::number::short;

/// Every string of a scenario file, by the place where it stands.
pub struct Written {
    /// First byte, one past the last, content; in the order of the file.
    strings: Vec<(usize, usize, String)>,
}

impl Written {
    /// The strings of a scenario and the files that it includes.
    pub fn new(scenario: &Scenario) -> Written {
        let mut all = Vec::new();
        for (start, text) in pages(scenario) {
            let mut strings = Vec::new();
            if let Ok(root) = DeTable::parse(text) {
                for value in root.get_ref().values() {
                    collect(value.span(), value.get_ref(), &mut strings);
                }
            }
            let placed = strings.into_iter();
            all.extend(placed.map(|(first, end, text)| (start + first, start + end, text)));
        }
        all.sort();
        Written { strings: all }
    }

    /// A formula as it was written; a number where it was given or decided as one.
    pub fn formula(&self, expr: &Expr) -> String {
        match (expr.decided(), self.at(expr.span.start)) {
            (Some(number), None) => short(number),
            (Some(number), Some(text)) if text.parse::<f64>().is_ok() => short(number),
            (_, Some(text)) => text,
            (None, None) => "?".to_string(),
        }
    }

    /// The string that stands around a byte, on one line.
    fn at(&self, byte: usize) -> Option<String> {
        let after = self.strings.partition_point(|(start, ..)| *start <= byte);
        let (_, end, text) = self.strings.get(after.checked_sub(1)?)?;
        (byte < *end).then(|| one_line(text))
    }
}

/// A text with every run of white space as one space.
pub fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn collect(
    span: std::ops::Range<usize>,
    value: &DeValue<'_>,
    strings: &mut Vec<(usize, usize, String)>,
) {
    match value {
        DeValue::String(text) => strings.push((span.start, span.end, text.to_string())),
        DeValue::Array(list) => {
            for item in list.iter() {
                collect(item.span(), item.get_ref(), strings);
            }
        }
        DeValue::Table(table) => {
            for item in table.values() {
                collect(item.span(), item.get_ref(), strings);
            }
        }
        _ => {}
    }
}

/// The files that a scenario names and its own text, each with the place of its first byte: what is
/// included stands before the rest.
fn pages(scenario: &Scenario) -> impl Iterator<Item = (usize, &str)> {
    let starts = starts(scenario.text().len(), scenario.files());
    let files = starts.zip(scenario.files()).map(|(start, file)| (start, &*file.text));
    files.chain([(0, scenario.text())])
}

/// The entries of a section whose values are strings or numbers, in order: key and text.
pub fn entries(scenario: &Scenario, section: &str) -> Vec<(String, String)> {
    let plain = |value: &toml::Value| match value {
        toml::Value::String(text) => one_line(text),
        other => other.to_string(),
    };
    let mut all = Vec::new();
    for (_, text) in pages(scenario) {
        let Ok(root) = text.parse::<toml::Table>() else { continue };
        let Some(table) = root.get(section).and_then(toml::Value::as_table) else { continue };
        all.extend(table.iter().map(|(key, value)| (key.clone(), plain(value))));
    }
    all
}
