//! The front door: a [`Scenario`], a request for each verb, results that are found by name.
//!
//! A request is built from what differs from its defaults and is checked when it is used: unknown
//! names are errors with the nearest known one, and nothing is played before everything is right.

#[macro_use]
mod request;

mod against;
mod claims;
mod condition;
mod discover;
mod error;
mod evidence;
mod fit;
mod forecast;
mod game;
mod given;
mod graph;
mod meta;
mod mixture;
mod points;
mod robust;
mod run;
mod sample;
mod scenario;
mod score;
mod sensitivity;
mod settings;
mod solve;
mod stage;
mod stationary;
mod sweep;
mod trace;

pub use against::Against;
pub use claims::{Claims, Verdicts};
pub use condition::{Condition, Conditioned};
pub use discover::{Discover, Discovered};
pub use error::Error;
pub use fit::{Begun, Fit, Fitted};
pub use forecast::{Forecast, Forecasts};
pub use given::{Given, GivenIndices, GivenMethod};
pub use graph::{GraphModel, StateCell};
pub use meta::{Meta, Postures};
pub use robust::Ranges;
pub use run::{Outcome, Played, Run, Runs};
pub use scenario::Scenario;
pub use score::{Score, Scored};
pub use sensitivity::{Found as FoundIndices, Prepared, Sensitivities, Sensitivity};
pub use settings::settings;
pub use solve::{Answer, Concept, Found, Method, Solve};
pub use stage::Stage;
pub use stationary::{Stationary, StationaryEquilibrium, StationaryMix, StationaryState};
pub use sweep::Sweep;
pub use trace::Trace;
