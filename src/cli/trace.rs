//! `detente trace`: one run as a transcript.
//!
//! The text shows, round by round, what every seat could do, what each option was worth to it by
//! payoff component (weighted payoff less cost, and in brackets how much better or worse than
//! `hold`), what it chose, and what came of it. JSON holds the same in full precision:
//!
//! ```text
//! { scenario, arm, seed, run, types: { ACTOR: type }, components: [..],
//!   rounds: [ { round, label,
//!     seats: [ { actor, track, type, options: [ { actor, track, move, target, available, utility,
//!       parts: { COMPONENT: x }, relative: { COMPONENT: x }, later, probability, chosen } ] } ],
//!     cells: [ { name, before, after } ], events: [ { name, probability, happened } ],
//!     beliefs: [ { name, before, after } ],
//!     payoffs: [ { actor, payoffs: { COMPONENT: x }, utility } ] } ],
//!   outcomes: { NAME: x }, failure: { round, what, reason, line, column } or null }
//! ```
//!
//! `parts`, `relative` are empty and `utility` is `null` where a seat does not weigh payoffs or an
//! option is not available; cells and beliefs are those that moved by more than 10⁻¹².

mod json;
mod text;

use super::{Failed, Loaded, TraceFormat};
use detente::reference::{self, Game, Moved, OptionTold, SeatTold};

/// Steps smaller than this do not count as movement.
const STILL: f64 = 1e-12;

/// One run, round by round. A run that fails is told up to its failure.
///
/// # Errors
/// None at present; transcripts are built from what the run left behind.
pub fn trace(
    loaded: &Loaded,
    game: &Game<'_>,
    run: u64,
    format: TraceFormat,
) -> Result<String, Failed> {
    let told = reference::tell(game, run);
    match format {
        TraceFormat::Text => Ok(text::transcript(loaded, game, &told)),
        TraceFormat::Json => Ok(format!("{:#}\n", json::transcript(loaded, game, &told))),
    }
}

/// What options are compared with: by component, then later rounds, then in all.
struct Yardstick {
    /// Whether it is `hold`; else the mean of the available options.
    hold: bool,
    parts: Vec<f64>,
    later: f64,
    utility: f64,
}

/// The options that were weighed: available, of finite utility.
fn weighed(seat: &SeatTold) -> impl Iterator<Item = &OptionTold> + Clone {
    seat.options.iter().filter(|o| o.available && o.utility.is_finite())
}

/// `hold` where it was weighed, else the mean of what was; nothing where nothing was.
fn yardstick(seat: &SeatTold) -> Option<Yardstick> {
    if let Some(hold) = weighed(seat).find(|o| o.action == "hold") {
        let (parts, later, utility) = (hold.parts.clone(), hold.later, hold.utility);
        return Some(Yardstick { hold: true, parts, later, utility });
    }
    let first = weighed(seat).next()?;
    let count = weighed(seat).count() as f64;
    let mean = |of: &dyn Fn(&OptionTold) -> f64| weighed(seat).map(of).sum::<f64>() / count;
    Some(Yardstick {
        hold: false,
        parts: (0..first.parts.len())
            .map(|k| mean(&|o| o.parts.get(k).copied().unwrap_or(f64::NAN)))
            .collect(),
        later: mean(&|o| o.later),
        utility: mean(&|o| o.utility),
    })
}

/// The quantities that moved.
fn moved(all: &[Moved]) -> Vec<&Moved> {
    all.iter().filter(|m| (m.after - m.before).abs() > STILL).collect()
}

/// What a round is called: months are counted from the start, other rounds are numbered.
fn label(start: &str, unit: &str, round: u32) -> String {
    let month = || {
        let (year, month) = start.split_once('-')?;
        let (year, month): (u32, u32) = (year.parse().ok()?, month.parse().ok()?);
        let sound = start.len() == 7 && (1..=12).contains(&month) && unit == "month";
        let months = year.checked_mul(12)?.checked_add(month - 1)?.checked_add(round - 1)?;
        sound.then(|| format!("{:04}-{:02}", months / 12, months % 12 + 1))
    };
    month().unwrap_or_else(|| round.to_string())
}

#[cfg(test)]
mod tests {
    use super::label;

    #[test]
    fn months_are_counted_and_other_rounds_numbered() {
        assert_eq!(label("2024-07", "month", 1), "2024-07");
        assert_eq!(label("2024-07", "month", 7), "2025-01");
        assert_eq!(label("2024-Q3", "quarter", 2), "2");
        assert_eq!(label("", "round", 3), "3");
        assert_eq!(label("2024-00", "month", 3), "3");
    }
}
