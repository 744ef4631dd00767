//! What a history says of a scenario.
//!
//! A scenario says what each actor would do with which probability in every state; a history says
//! what was done. [`Weigh`] weighs one by the other with a particle filter, [`score()`] says how
//! surprised the scenario was and by what. `docs/method.md` has every formula.
//!
//! - `lanes`: what is hidden, and what of it is enumerated;
//! - `population`: particles, whoever plays them;
//! - `weigh`: how likely each record of a round is at every particle;
//! - `filter`: rounds one after the other, weights, resampling;
//! - `baselines`: what the history alone would have let expect;
//! - [`condition`]: parameters and types given the record.

mod baselines;
pub mod condition;
mod filter;
pub mod fit;
mod forecast;
mod lanes;
mod likelihood;
mod origins;
mod population;
mod record;
mod recorder;
mod score;
mod tables;
mod weigh;

use std::fmt;

use crate::engine::Vectors;
use crate::experiment::Progress;
use crate::history::{Case, History};
use crate::model::{Arm, HazardId, Model, SeatId};
use crate::plan::PlanError;
use crate::rng::Seed;
use filter::Filter;

pub use baselines::{Baselines, Expected};
pub use forecast::{Ahead, Foreseen, forecast};
pub use likelihood::{Likelihood, Sum, Turn};
pub use origins::{Foresight, Origins, Reach, origins, reaches};
pub use record::Record;
pub use score::{Bin, Filtered, Question, Row, Score, Surprise, Total, TypeRow, score, total};
pub use tables::{bits, loglik, set_label, tables};
pub use weigh::Blame;

/// The most particles of a filter.
pub const MOST_PARTICLES: usize = 10_000_000;
/// The most filters.
pub const MOST_FILTERS: usize = 1000;

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
    /// Particles take more memory than there is: so many bytes, and how many there are.
    Memory {
        /// What they would take.
        need: u64,
        /// What there is.
        room: u64,
    },
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
            Error::Memory { need, room } => write!(
                f,
                "the particles would take {} MB of memory and {} MB are left; ask for fewer \
                 particles or filters, or allow more with --memory",
                need / 1_000_000,
                room / 1_000_000
            ),
            Error::Unlike => f.write_str(
                "these settings change more than numbers (rounds, rules, what is enabled; anything \
                 with `foresight = \"stationary\"`), so they cannot be weighed together",
            ),
            Error::Stopped => f.write_str("it was stopped"),
        }
    }
}

impl std::error::Error for Error {}

/// What is weighed by what, and how.
#[derive(Clone, Copy)]
pub struct Weigh<'a> {
    /// The scenario.
    pub model: &'a Model,
    /// What is known of it.
    pub history: &'a History,
    /// How filters work.
    pub settings: &'a Settings,
    /// What plans and particles may take, in bytes.
    pub room: u64,
    /// Who looks on: particles count as runs, once a round.
    pub watch: &'a dyn Progress,
}

impl Weigh<'_> {
    /// A filter of some arms by one record.
    fn filter<'a>(&'a self, arms: &'a [Arm], record: &'a Record) -> Filter<'a> {
        Filter { weigh: self, arms, record, sampled: false }
    }

    /// How many particles an arm has by a record, all filters together.
    fn each(&self, record: &Record, arm: &Arm) -> u64 {
        match !record.empty && lanes::is_exact(self.model, std::slice::from_ref(arm), record) {
            true => lanes::combinations(self.model, arm).0.len() as u64,
            false => (self.settings.particles * self.settings.filters) as u64,
        }
    }

    /// How much a watch will be told to have advanced for an arm.
    pub fn work(&self, arm: &Arm) -> u64 {
        let case = |case: &Case| {
            let record = Record::new(self.model, case, self.history.miscoding);
            self.each(&record, &Record::arm(case, arm)) * u64::from(case.rounds)
        };
        self.history.cases.iter().map(case).sum()
    }

    /// By arm, then case of the history, how likely it is, on the current rayon pool. Arms may
    /// differ in numbers.
    ///
    /// # Errors
    /// [`Error::Plan`], [`Error::Memory`], [`Error::Unlike`]; [`Error::Stopped`] if the watch says
    /// so.
    pub fn likelihoods(&self, arms: &[Arm]) -> Result<Vec<Vec<Likelihood>>, Error> {
        let mut found: Vec<Vec<Likelihood>> = arms.iter().map(|_| Vec::new()).collect();
        for case in &self.history.cases {
            let record = Record::new(self.model, case, self.history.miscoding);
            let own: Vec<Arm> = arms.iter().map(|arm| Record::arm(case, arm)).collect();
            let all = self.filter(&own, &record).run(&mut |_| {}, &mut |_, _| ())?;
            found.iter_mut().zip(all).for_each(|(found, one)| found.push(one));
        }
        Ok(found)
    }
}
