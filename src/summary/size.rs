//! How much memory summaries take, in bytes: upper bounds for numbers of usual spread.

use super::digest::CAPACITY;
use super::sample::Detail;
use crate::stats::RESAMPLES;

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

/// A [`crate::stats::Series`] of so many runs: a difference between arms.
pub fn series(detail: Detail, runs: u64) -> u64 {
    const OWN: u64 = 350;
    // a few values with their counts, while there are no more
    const TALLY: u64 = 32 * 16 + HEAP;
    const BUNDLE: u64 = 16;
    OWN + TALLY + grown(runs.div_ceil(detail.group), BUNDLE)
}

/// A [`super::Sample`]: a quantity of an arm over so many runs; `few` where it is 0 or 1.
pub fn sample(detail: Detail, runs: u64, few: bool) -> u64 {
    const OWN: u64 = 100;
    // a page of counts for each power of two that occurs, and there are more among more runs
    const PAGE: u64 = 2048 + HEAP + 8;
    const PAGES: u64 = 8;
    let exact = detail.exact as u64;
    let pages = match few {
        _ if runs <= exact => 0,
        true => 1,
        false => PAGES + u64::from(runs.max(1).ilog2()),
    };
    OWN + series(detail, runs) + grown(runs.min(exact), 8) + pages * PAGE
}

/// A [`super::Survival`] over so many rounds: a counter for each, and its rows in tables.
pub fn survival(rounds: u64) -> u64 {
    const OWN: u64 = 40;
    const ROW: u64 = 200;
    OWN + grown(rounds, 8) + rounds.saturating_mul(ROW)
}

/// The estimates of a quantity in an arm, and their rows in tables.
pub fn result() -> u64 {
    const OWN: u64 = 500 + 8 * 40;
    const ROWS: u64 = 40 * 160 + 400;
    OWN + ROWS
}

/// The resamples that all differences share, and what so many threads take to work with them.
pub fn bootstrap(detail: Detail, runs: u64, threads: u64) -> u64 {
    let (bundles, resamples) = (runs.div_ceil(detail.group), RESAMPLES as u64);
    let each = 8 * (3 * resamples + 6 * bundles);
    8 * resamples * bundles + threads * each
}

/// So many rows of the panel are made or wait to be written at a time.
pub const PANEL_ROWS: u64 = (1 << 16) + (1 << 15);

/// A row of the panel: the arm and choices as text, numbers.
pub fn panel_row(seats: u64, variables: u64) -> u64 {
    const TEXT: u64 = 24 + HEAP + 16;
    TEXT * (seats + 1) + 8 * (variables + 3)
}
