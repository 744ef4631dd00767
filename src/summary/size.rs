//! How much memory summaries take, in bytes: upper bounds for numbers of usual spread.

use super::digest::CAPACITY;
use super::results::TOGETHER;
use super::sample::Detail;

/// What an allocation takes beyond what was asked for.
const HEAP: u64 = 16;
/// A vector may have room for twice what is in it.
fn grown(count: u64, each: u64) -> u64 {
    count.next_power_of_two().saturating_mul(each) + HEAP
}

/// A [`super::Point`]: a variable of a round over so many runs; `few` where it takes a handful of
/// values, as events and flags do.
pub fn point(runs: u64, few: bool) -> u64 {
    const OWN: u64 = 88;
    const BIN: u64 = 24;
    const FEW: u64 = 8 * BIN + HEAP;
    match runs {
        _ if few => OWN + FEW,
        ..=8 => OWN + FEW,
        _ => OWN + FEW + CAPACITY as u64 * BIN + HEAP,
    }
}

/// A [`super::Sample`]: an outcome of an arm over so many runs; `few` where it is 0 or 1.
pub fn sample(detail: Detail, runs: u64, few: bool) -> u64 {
    const OWN: u64 = 300;
    // a page of counts for each power of two that occurs, and there are more among more runs
    const PAGE: u64 = 2048 + HEAP + 8;
    const PAGES: u64 = 8;
    let exact = detail.exact as u64;
    let pages = match few {
        _ if runs <= exact => 0,
        true => 1,
        false => PAGES + u64::from(runs.max(1).ilog2()),
    };
    OWN + grown(runs.min(exact), 8) + pages * PAGE
}

/// A [`super::Paired`]: a difference between arms over so many runs.
pub fn paired(detail: Detail, runs: u64) -> u64 {
    const OWN: u64 = 150;
    OWN + grown(runs.div_ceil(detail.group), 16)
}

/// The estimates of an outcome in an arm, and their rows in tables.
pub fn result() -> u64 {
    const OWN: u64 = 300 + 8 * 40;
    const ROWS: u64 = 40 * 160 + 300;
    OWN + ROWS
}

/// What the bootstrap of so many differences takes on top, while some of them are worked on.
pub fn bootstrap(differences: u64, detail: Detail, runs: u64) -> u64 {
    let groups = runs.div_ceil(detail.group);
    let each = 2 * (16 * groups + HEAP) + 8 * crate::stats::RESAMPLES as u64 + HEAP;
    differences.min(TOGETHER as u64) * each
}
