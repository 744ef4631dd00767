//! `detente describe`: a scenario as a reader would want it.
//!
//! One [`facts::Description`] is gathered from the model and the text of the file; JSON is that
//! description field by field, text and Markdown are pages made from it.

mod facts;
mod gather;
pub mod page;
mod planned;
mod sections;
mod sharp;
mod written;

pub use planned::plan;

use super::{DescribeFormat, Failed};
use detente::Scenario;

/// The scenario as a reader would want it.
///
/// # Errors
/// The base arm is at fault: a parameter or a prior that is no number, a decision left open.
pub fn describe(loaded: &Scenario, format: DescribeFormat) -> Result<String, Failed> {
    let found = gather::gather(loaded).map_err(|list| Failed::wrong(&loaded.diagnostics(list)))?;
    let title = if found.title.is_empty() { &found.name } else { &found.title };
    match format {
        DescribeFormat::Text => Ok(page::text(title, &sections::all(&found))),
        DescribeFormat::Markdown => Ok(page::markdown(title, &sections::all(&found))),
        DescribeFormat::Json => match serde_json::to_string_pretty(&found) {
            Ok(text) => Ok(text + "\n"),
            Err(error) => Err(Failed::scenario(error)),
        },
    }
}

/// Whether imagined rounds give the expectations of payoffs, for `check`.
pub struct Anticipation {
    /// How many payoffs of how many actors fall under each verdict, in one line; empty where there
    /// is none.
    pub summary: String,
    /// One line per verdict with the payoffs it holds for, and one per approximation with its
    /// place.
    pub lines: Vec<String>,
    /// Whether every payoff is exact, so that lines say nothing new.
    pub exact: bool,
}

/// Whether imagined rounds give the expectations of payoffs.
///
/// # Errors
/// As [`describe`].
pub fn anticipation(loaded: &Scenario) -> Result<Anticipation, Failed> {
    let arm = detente::model::Arm::new(loaded.model(), None, &[])
        .map_err(|list| Failed::wrong(&loaded.diagnostics(list)))?;
    let all = gather::anticipation(loaded, &arm);
    let mut parts = Vec::new();
    for (verdict, words) in [
        ("exact", "exact"),
        ("exact unless clamped", "exact unless a range binds"),
        ("approximate", "approximate"),
        ("not anticipated", "not anticipated"),
    ] {
        let count = all.iter().filter(|told| told.verdict == verdict).count();
        if count > 0 {
            parts.push(format!("{count} {words}"));
        }
    }
    let summary = if all.is_empty() {
        String::new()
    } else {
        format!("expected payoffs in imagined rounds: {}", parts.join(", "))
    };
    let exact = all.iter().all(|told| told.verdict == "exact");
    Ok(Anticipation { summary, lines: sections::anticipation_lines(&all), exact })
}
