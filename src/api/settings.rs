//! Settings as they are typed.

use crate::diagnostic::{Diagnostic, Diagnostics, Span};
use crate::model::{Model, Override};
use crate::scenario;

/// What a diagnostic calls a setting.
const LABEL: &str = "--set";

/// Reads settings: pairs of a key and a value, the keys that a variant can set.
///
/// # Errors
/// Everything that is wrong with them, each pointing into its setting as `key=value`.
pub fn settings(model: &Model, set: &[(String, String)]) -> Result<Vec<Override>, Diagnostics> {
    let mut wrong = Diagnostics::default();
    for (place, pair) in set.iter().enumerate() {
        // each alone, then together with those before, which it may contradict
        let alone = scenario::settings(model, std::slice::from_ref(pair));
        let mut list = alone.err().unwrap_or_default();
        if wrong.is_empty() && list.is_empty() {
            list = scenario::settings(model, &set[..=place]).err().unwrap_or_default();
        }
        if !list.is_empty() {
            let (key, value) = pair;
            let moved = list.into_iter().map(|diagnostic| within(diagnostic, key.len()));
            wrong = wrong.and_typed(LABEL, &format!("{key}={value}"), moved.collect());
        }
    }
    if !wrong.is_empty() {
        return Err(wrong);
    }
    scenario::settings(model, set).map_err(|list| Diagnostics::default().and_typed(LABEL, "", list))
}

/// A diagnostic of a value, as one of `key=value`; those without a place are about the key.
fn within(mut diagnostic: Diagnostic, key: usize) -> Diagnostic {
    let Span { start, end } = diagnostic.span;
    diagnostic.span = match end {
        0 => Span::new(0, key),
        _ => Span::new(start + key + 1, end + key + 1),
    };
    diagnostic.labels.clear();
    diagnostic
}
