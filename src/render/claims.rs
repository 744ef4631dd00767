//! Claims as text, Markdown and JSON.

mod json;
mod markdown;
mod text;

use crate::number::{Scale, about, count, signed};
use crate::view::claims::{Estimate, Page, Robust, Tally, Verdict};

/// For a terminal.
pub fn text(page: &Page) -> String {
    text::page(page)
}

/// As Markdown.
pub fn markdown(page: &Page) -> String {
    markdown::page(page)
}

/// As one object; rows have the columns of the files.
pub fn json(page: &Page) -> String {
    json::page(page)
}

/// The tally in a sentence or two.
fn sentence(tally: &Tally) -> String {
    let mut text = format!(
        "{}, {} tested: {} supported, {} contradicted, {} inconclusive; {} unchecked.",
        count(tally.claims as u64, "claim"),
        tally.tested(),
        tally.supported,
        tally.contradicted,
        tally.inconclusive,
        tally.unchecked,
    );
    if tally.tested() == 0 {
        return text;
    }
    text += &match tally.decided() {
        0 => " Choices".to_string(),
        1 => format!(
            " With players who choose at random the one verdict is {}; choices",
            if tally.shared == 1 { "the same" } else { "another" }
        ),
        all => format!(
            " With players who choose at random {} of the {all} verdicts are the same; choices",
            tally.shared
        ),
    };
    text += &format!(
        " change the statistic (interval leaves out 0) in {} of {}.",
        tally.strategic,
        tally.tested()
    );
    text
}

/// What intervals are good for.
fn intervals(tally: &Tally, family_wise: bool) -> String {
    match family_wise {
        true => format!(
            "Intervals and verdicts are adjusted for {} tests (Holm); those of the placebo \
             and of its difference are not.",
            tally.tested()
        ),
        false => format!(
            "Intervals are 95 %, each for its claim alone: of {} tests without any effect \
             about {} would be decided by luck; --family-wise adjusts.",
            tally.tested(),
            about(0.05 * tally.tested() as f64)
        ),
    }
}

/// The parameters that separate, as far as their intervals leave out 0.
fn carriers(claim: &Robust) -> String {
    let sure = claim.carriers.iter().filter(|carrier| carrier.correlation.is_not_zero());
    let one = sure.map(|c| {
        let found = &c.correlation;
        format!("{} {}", c.parameter, signed(scale(found).show(found.value)))
    });
    let all: Vec<String> = one.collect();
    if all.is_empty() { "no parameter stands out".to_string() } else { all.join(", ") }
}

/// A verdict, or how it changed.
fn change(before: Verdict, after: Verdict) -> String {
    match before == after {
        true => before.word().to_string(),
        false => format!("{} to {}", before.word(), after.word()),
    }
}

/// How a statistic is shown: to the digits that its interval leaves.
fn scale(found: &Estimate) -> Scale {
    if found.is_bounded() { Scale::of(found.value, found.reach()) } else { Scale::Value }
}

/// An interval in brackets; nothing where there is none.
fn interval(found: &Estimate) -> String {
    if found.is_bounded() { scale(found).interval(found.lo, found.hi) } else { String::new() }
}
