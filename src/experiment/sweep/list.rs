//! Lists of points: rows that somebody else made.

use std::collections::BTreeSet;

use super::Manifest;
use crate::diagnostic::{Code, Diagnostic, Span};
use crate::experiment::Fault;

/// The column of a list that numbers its rows.
pub(super) const IDS: &str = "point";
/// Columns of a posterior's draws that set nothing.
const PASSED: [&str; 2] = ["weight", "loglik"];

/// Whether a column of a list says something of its rows and sets nothing: their numbers, and in a
/// posterior, where both stand, how much each weighs and how likely it is.
pub(super) fn is_passed(columns: &[(String, Vec<String>)], key: &str) -> bool {
    let has = |name: &str| columns.iter().any(|(key, _)| key == name);
    key == IDS || (PASSED.contains(&key) && PASSED.iter().all(|name| has(name)) && has(IDS))
}
/// The greatest number of a row: the last whole number up to which doubles hold all.
const MOST: u64 = (1 << 53) - 1;

/// The numbers that the rows of a list have, if it has the column `point`.
///
/// # Errors
/// Columns of unequal length; numbers that are not whole, or not unique.
pub(super) fn ids(manifest: &Manifest) -> Result<Option<Vec<u64>>, Vec<Fault>> {
    let columns = manifest.list.as_deref().unwrap_or_default();
    let fault = |key: &str, row: Option<usize>, value: &str, message: String, help: &str| {
        let text = format!("{key} = {value}");
        let span = match row {
            Some(_) => Span::new(key.len() + 3, text.len().max(key.len() + 4)),
            None => Span::new(0, key.len()),
        };
        let diagnostic = Diagnostic::new(Code::Experiment, span, message).help(help);
        let row = row.map(|row| row as u64);
        vec![Fault { key: key.to_string(), row, text, diagnostic }]
    };
    if let [(_, first), rest @ ..] = columns
        && let Some((key, _)) = rest.iter().find(|(_, values)| values.len() != first.len())
    {
        let text = format!("the column `{key}` has more or fewer rows than the first one");
        return Err(fault(key, None, "", text, "every row has a value for every column"));
    }
    let Some((_, values)) = columns.iter().find(|(key, _)| key == IDS) else { return Ok(None) };
    let mut seen = BTreeSet::new();
    let mut all = Vec::with_capacity(values.len());
    for (row, value) in values.iter().enumerate() {
        let Some(id) = value.parse().ok().filter(|id| *id <= MOST) else {
            let text = format!("`{value}` is not the number of a point");
            let help = format!("points are numbered by whole numbers from 0 to {MOST}");
            return Err(fault(IDS, Some(row), value, text, &help));
        };
        if !seen.insert(id) {
            let text = format!("the point {id} stands here twice");
            let help = "every row has a number of its own; without the column `point` rows are \
                        numbered from 0";
            return Err(fault(IDS, Some(row), value, text, help));
        }
        all.push(id);
    }
    Ok(Some(all))
}
