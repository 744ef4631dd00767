//! What a history says of a scenario.
//!
//! A scenario says what each actor would do with which probability in every state; a history says
//! what was done. [`likelihood`] weighs one by the other with a particle filter, [`score`] says how
//! surprised the scenario was and by what. `docs/method.md` has every formula.
//!
//! - `lanes`: what is hidden, and what of it is enumerated;
//! - `population`: particles, whoever plays them;
//! - `weigh`: how likely each record of a round is at every particle;
//! - `filter`: rounds one after the other, weights, resampling;
//! - `baselines`: what the history alone would have let expect.

mod baselines;
mod filter;
mod lanes;
mod likelihood;
mod population;
mod record;
mod score;
mod weigh;

use std::fmt;

use crate::engine::Vectors;
use crate::model::{Arm, HazardId, Model, SeatId};
use crate::plan::PlanError;
use crate::rng::Seed;
use filter::Filter;

pub use baselines::{Baselines, Expected};
pub use likelihood::{Likelihood, Turn};
pub use record::Record;
pub use score::{Bin, Filtered, Question, Row, Score, Surprise, Total, TypeRow, score, total};
pub use weigh::Blame;

/// How a filter works.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// How many particles a filter has, at least; 1 is used where that is exact.
    pub particles: usize,
    /// How many independent filters.
    pub filters: usize,
    /// Where random numbers come from.
    pub seed: Seed,
    /// Whether the interpreter plays the particles instead of the engine: the same bytes, slowly.
    pub plain: bool,
    /// The vector instructions of the engine; the widest where not said. Results do not depend on
    /// it.
    pub vectors: Option<Vectors>,
}

impl Default for Settings {
    fn default() -> Settings {
        let seed = Seed::DEFAULT;
        Settings { particles: 1000, filters: 4, seed, plain: false, vectors: None }
    }
}

/// One thing that a history says of a round.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum What {
    /// What a seat may have played.
    Seat(SeatId),
    /// Whether an event happened.
    Hazard(HazardId, bool),
    /// One of a group of events happened, by number in [`crate::record::Observation::any`].
    Any(usize),
    /// A measurement, by number in the round.
    Measurement(usize),
}

/// Why evidence could not be weighed.
#[derive(Debug)]
pub enum Error {
    /// An arm is too large to be planned.
    Plan(PlanError),
    /// Arms differ in more than numbers, so that they have no plan together.
    Unlike,
    /// Somebody asked to stop.
    Stopped,
}

impl From<PlanError> for Error {
    fn from(error: PlanError) -> Error {
        match error {
            PlanError::Stopped => Error::Stopped,
            other => Error::Plan(other),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Plan(error) => error.fmt(f),
            Error::Unlike => f.write_str(
                "these settings change more than numbers (rounds, rules, what is enabled), so they \
                 cannot be weighed together",
            ),
            Error::Stopped => f.write_str("it was stopped"),
        }
    }
}

impl std::error::Error for Error {}

/// By arm, how likely a record is, on the current rayon pool. Arms may differ in numbers. Plans
/// take at most so many bytes; `stop` is asked many times a second.
///
/// # Errors
/// [`Error::Plan`], [`Error::Unlike`]; [`Error::Stopped`] if `stop` says so.
pub fn likelihood(
    model: &Model,
    arms: &[Arm],
    record: &Record,
    settings: &Settings,
    (bytes, stop): (u64, &(dyn Fn() -> bool + Sync)),
) -> Result<Vec<Likelihood>, Error> {
    let filter = Filter { model, arms, record, settings, stop, bytes };
    filter.run(&mut |_| {}, &mut |_, _, _| true)
}
