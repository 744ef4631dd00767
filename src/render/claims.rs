//! Claims as text, Markdown and JSON.

mod json;
mod markdown;
mod text;

use crate::number::{Scale, about, count, percent, short};
use crate::view::claims::{Carrier, Estimate, Page, Region, Robust, Tally, Verdict};

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

/// What carries a claim: luck, and the parameters with their shares.
fn carriers(claim: &Robust) -> String {
    if claim.carriers.is_empty() {
        return claim.no_carrier.clone();
    }
    let one = |c: &Carrier| format!("{} {}", c.parameter, share(&c.share));
    claim.carriers.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// `34 % (28 to 41)`.
fn share(found: &Estimate) -> String {
    let bare = |x: f64| percent(x).trim_end_matches('%').trim().to_string();
    match found.is_bounded() {
        true => format!("{} ({} to {})", percent(found.value), bare(found.lo), bare(found.hi)),
        false => percent(found.value),
    }
}

/// The box in which a claim is contradicted, in a clause.
fn region(region: &Region) -> String {
    let limit = |(parameter, upper, value): &(String, bool, f64)| {
        format!("`{parameter}` {} {}", if *upper { "<=" } else { ">=" }, short(*value))
    };
    let limits: Vec<String> = region.limits.iter().map(limit).collect();
    format!(
        "{}: {} of such points ({} of those held out), and {} of its points are such ({} of those \
         held out, at least {})",
        limits.join(" and "),
        percent(region.coverage),
        percent(region.held_coverage),
        percent(region.density),
        percent(region.held_density),
        percent(region.held_lower)
    )
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
