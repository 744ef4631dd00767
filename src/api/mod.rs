//! The front door: a [`Scenario`], a request for each verb, results that are found by name.
//!
//! A request is built from what differs from its defaults and is checked when it is used: unknown
//! names are errors with the nearest known one, and nothing is played before everything is right.

mod claims;
mod error;
mod run;
mod scenario;
mod settings;
mod sweep;
mod trace;

pub use claims::{Claims, Verdicts};
pub use error::Error;
pub use run::{Outcome, Played, Run, Runs};
pub use scenario::Scenario;
pub use settings::settings;
pub use sweep::Sweep;
pub use trace::Trace;
