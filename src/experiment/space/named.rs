//! Axes that are named, and what is wrong with them.

use std::collections::BTreeSet;

use super::scale::{Along, Value};
use super::{Axis, Fault, Space, TRIED, Target, cells};
use crate::diagnostic::{Code, Diagnostic, Span, nearest};
use crate::model::Override;
use crate::scenario;

/// So many values of one axis are reported at most.
const REPORTED: usize = 10;

/// Something wrong with an axis, of a list perhaps with the place of the value at fault.
struct Wrong {
    level: Option<usize>,
    diagnostic: Diagnostic,
}

impl From<Diagnostic> for Wrong {
    fn from(diagnostic: Diagnostic) -> Wrong {
        Wrong { level: None, diagnostic }
    }
}

impl Space<'_> {
    /// Adds an axis that is named.
    pub(super) fn add(&mut self, text: &str, key: String, along: Along, faults: &mut Vec<Fault>) {
        match self.axis(text, &key, &along) {
            Ok(target) => {
                let unit = self.unit(&target);
                self.axes.push(Axis { name: key, unit, uncertain: false, target, along });
            }
            Err(wrong) => faults.extend(wrong.into_iter().map(|Wrong { level, diagnostic }| {
                let value = level.and_then(|level| along.all().get(level).copied());
                let text = match value.filter(|_| self.listed) {
                    Some(value) => format!("{key} = {value}"),
                    None => text.to_string(),
                };
                let row = level.filter(|_| self.listed).map(|level| level as u64);
                Fault { key: key.clone(), row, text, diagnostic }
            })),
        }
    }

    /// What a key sets, if it can vary so.
    fn axis(&self, text: &str, key: &str, along: &Along) -> Result<Target, Vec<Wrong>> {
        let whole = Span::new(0, text.find('=').unwrap_or(text.len()));
        let wrong = |text: String, help: &str| {
            vec![Wrong::from(Diagnostic::new(Code::Experiment, whole, text).help(help))]
        };
        if self.axes.iter().any(|axis| axis.name == key) {
            return Err(wrong(format!("`{key}` varies twice"), "leave one of the two away"));
        }
        if key == "variant" {
            return match self.unknown_variants(along, text) {
                list if list.is_empty() => Ok(Target::Variant),
                list => Err(list),
            };
        }
        let target = self.target(key, along, text)?;
        let change = target.change();
        if self.fixed.iter().any(|fixed| fixed.meets(&change)) {
            let text = format!("`{key}` is varied and also set to one value");
            return Err(wrong(text, "leave one of the two away"));
        }
        let same = |axis: &&Axis| {
            let other = axis.target.change();
            other.breadth() == change.breadth() && other.meets(&change)
        };
        if let Some(other) = self.axes.iter().find(same) {
            let text = format!("`{}` and `{key}` vary the same number", other.name);
            return Err(wrong(text, "leave one of the two away"));
        }
        if let Some(actor) = self.model.idle(&change) {
            let text = format!(
                "`{key}` varies without effect: every type of {actor} sets it, and types count more"
            );
            let help = format!(
                "let the types of {actor} set it to a formula over another parameter, and vary that"
            );
            return Err(wrong(text, &help));
        }
        Ok(target)
    }

    fn unknown_variants(&self, along: &Along, text: &str) -> Vec<Wrong> {
        let known = self.model.variants.iter().map(|v| v.name.as_str()).chain(["base"]);
        let known: Vec<&str> = known.collect();
        let one = |(level, value): (usize, &Value)| {
            let name = value.to_string();
            if known.contains(&name.as_str()) {
                return None;
            }
            let help = nearest(&name, known.iter().copied())
                .unwrap_or_else(|| format!("the variants are {}", known.join(", ")));
            let message = format!("there is no variant `{name}`");
            let span = Span::new(0, text.len());
            let diagnostic = Diagnostic::new(Code::Experiment, span, message).help(help);
            Some(Wrong { level: Some(level), diagnostic })
        };
        let most = if self.listed { REPORTED } else { 1 };
        along.all().into_iter().enumerate().filter_map(one).take(most).collect()
    }

    /// What a key sets, after its values were tried out.
    fn target(&self, key: &str, along: &Along, text: &str) -> Result<Target, Vec<Wrong>> {
        let start = text.find('=').map_or(0, |at| at + 1);
        let start = start + text[start..].len() - text[start..].trim_start().len();
        let placed = |mut diagnostic: Diagnostic, value: &str| {
            diagnostic.labels.clear();
            // Spans count in the value; a key at fault has none.
            diagnostic.span = match (diagnostic.span, text[start..].find(value)) {
                (Span { end: 0, .. }, _) => Span::new(0, key.len()),
                (Span { start: from, end }, _) if self.listed => {
                    Span::new(start + from, start + end)
                }
                (Span { start: from, end }, Some(at)) => {
                    Span::new(start + at + from, start + at + end)
                }
                (_, None) => Span::new(start, text.len()),
            };
            diagnostic
        };
        let (mut target, mut wrong) = (Target::Variant, Vec::new());
        let mut tried = BTreeSet::new();
        for (level, value) in along.samples(TRIED) {
            let word = value.to_string();
            if wrong.len() >= REPORTED || !tried.insert(word.clone()) {
                continue;
            }
            let found = match &value {
                Value::Text(text) if self.listed && is_number(key) => Err(vec![no_number(text)]),
                _ => scenario::settings(self.model, &[(key.to_string(), word.clone())]),
            };
            match found {
                Ok(list) => target = target_of(&list).unwrap_or(target),
                Err(list) => {
                    let all: Vec<Diagnostic> = list.into_iter().map(|d| placed(d, &word)).collect();
                    let of_key = all.iter().all(|d| d.span.end <= key.len());
                    wrong.extend(all.into_iter().map(|diagnostic| Wrong {
                        level: Some(level).filter(|_| !of_key),
                        diagnostic,
                    }));
                    // A key at fault is at fault with every value; of what is typed the first
                    // value that cannot be set is enough.
                    if of_key || !self.listed {
                        break;
                    }
                }
            }
        }
        if wrong.is_empty() { Ok(target) } else { Err(wrong) }
    }
}

/// What a setting sets.
fn target_of(list: &[Override]) -> Option<Target> {
    match list {
        [Override::Parameter(list)] => Some(Target::Parameter(cells(list))),
        [Override::Initial(list)] => Some(Target::Initial(cells(list))),
        [other] => Some(Target::Setting(other.clone())),
        _ => None,
    }
}

/// Whether a key is set to numbers alone, formulas aside.
fn is_number(key: &str) -> bool {
    let words: Vec<&str> = key.split('.').collect();
    match words.as_slice() {
        ["types", ..] => false,
        ["decision", .., last] => matches!(*last, "precision" | "mu" | "discount" | "foresight"),
        _ => true,
    }
}

/// What is wrong with the cell of a list that is no number.
fn no_number(text: &str) -> Diagnostic {
    let short: String = text.chars().take(40).collect();
    let whole = Span::new(0, text.len().max(1));
    let digits = |piece: &&str| !piece.is_empty() && piece.bytes().all(|b| b.is_ascii_digit());
    let day = text.split(['T', ' ']).next().unwrap_or_default();
    let parts: Vec<&str> = day.split(['-', '/', '.']).collect();
    let help = if parts.len() == 3 && parts.iter().all(digits) {
        "it looks like a date; a scenario counts rounds, so write a number"
    } else if text.contains(',') && text.replace(',', ".").parse::<f64>().is_ok() {
        "write a point and no comma, and no separators of thousands"
    } else {
        "a cell is a decimal number such as `0.25` or `1e-3`; formulas belong to --vary and --set"
    };
    Diagnostic::new(Code::BadValue, whole, format!("`{short}` is not a number")).help(help)
}
