//! Game-theoretic alliance scenarios: write a strategic situation in a text file, play it out many
//! times, and see what follows.
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = std::env::temp_dir().join(format!("detente-doc-{}", std::process::id()));
//! // or ::open(path), ::parse(text)
//! let scenario = detente::Scenario::shipped("pyongyang-pact")?;
//! let results = scenario.run(&detente::Run::new(200).variant("no_pact"))?;
//! let crises = results.outcome("crises")?;
//! println!("{} {}", crises.mean, crises.difference("no_pact")?);
//! results.write(&folder)?;
//! # assert!(folder.join("datapackage.json").exists() && crises.mean > 0.0);
//! # std::fs::remove_dir_all(&folder)?;
//! # Ok(())
//! # }
//! ```
//!
//! A [`Scenario`] is a text that is sound. What to do with it is said by a request, which is built
//! from what differs from its defaults and checked when it is used; results are found by name, have
//! tables and can be serialised.
//!
//! * [`Run`] plays the scenario and its variants side by side: [`Scenario::run`] gives [`Runs`],
//!   in which an [`Outcome`] reads as its estimates with their intervals, [`Played`] as one arm.
//! * [`Claims`] puts what it claims to the test: [`Scenario::claims`] gives [`Verdicts`].
//! * [`Trace`] shows one run in full: [`Scenario::trace`] gives a [`trace::RunTrace`].
//! * [`Sweep`] plays it at many points of a space of assumptions: [`Scenario::manifest`] gives what
//!   [`experiment::Sweep`] plays.
//! * [`Meta`] plays the postures of its actors against each other: [`Scenario::meta`] gives
//!   [`Postures`].
//! * [`Stage`] takes one of its rounds as a game: [`Scenario::stage_game`] gives a [`Game`].
//! * [`Solve`] looks for a [`Concept`] in a game, of a round or of a file: [`Game::solve`] gives an
//!   [`Answer`].
//! * [`Scenario::graph_model`] takes its states and the moves between them as a [`GraphModel`],
//!   whose states are stable or not.
//! * [`Scenario::describe`] says what is in it, [`Scenario::plan_description`] what the engine
//!   makes of it.
//!
//! [`Error`] says what is wrong and what would be right; [`Diagnostics`] are the faults of a text,
//! each with its place. [`view`] holds what the program shows of results, [`render`] makes text,
//! Markdown and JSON of it, [`output`] writes folders of files.
//!
//! **How it works.** Each stage is a function from one immutable value to the next: a text is read
//! into a [`model::Model`]; [`model::Arm`] is the model under one variant; arms are planned and
//! played side by side on all cores by [`experiment`], condensed by [`summary`], written by
//! [`output`]. `docs/architecture.md` has the whole.
//!
//! **Invariants.** The library prints nothing and reads no clock, file or environment while it
//! plays. No result depends on threads, block sizes or the machine.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod api;
pub mod calendar;
pub mod catalog;
pub mod claims;
mod design;
pub mod diagnostic;
#[doc(hidden)]
pub mod engine;
pub mod evidence;
pub mod experiment;
pub mod explore;
#[doc(hidden)]
pub mod expr;
pub mod figure;
pub mod history;
pub mod ids;
mod kept;
#[doc(hidden)]
pub mod markup;
#[doc(hidden)]
pub mod math;
pub mod meta;
pub mod model;
#[doc(hidden)]
pub mod number;
pub mod output;
#[doc(hidden)]
pub mod plan;
#[doc(hidden)]
pub mod record;
#[doc(hidden)]
pub mod reference;
pub mod render;
pub mod report;
#[doc(hidden)]
pub mod rng;
mod rules;
#[doc(hidden)]
pub mod scenario;
pub mod schema;
pub mod sensitivity;
pub mod solve;
#[doc(hidden)]
pub mod stats;
pub mod summary;
pub mod table;
pub mod view;

/// One run in full: what everyone could do, what that was worth, and what came of it.
pub mod trace {
    pub use crate::reference::{HazardTrace, Moved, OptionTrace, RoundTrace, RunTrace, SeatTrace};
}

pub use api::{
    Against, Answer, Begun, Claims, Concept, Condition, Conditioned, Discover, Discovered, Error,
    Fit, Fitted, Forecast, Forecasts, Found, Given, GivenIndices, GivenMethod, GraphModel, Meta,
    Method, Outcome, Played, Postures, Prepared, Ranges, Run, Runs, Scenario, Score, Scored,
    Sensitivities, Sensitivity, Solve, Stage, StateCell, Stationary, StationaryEquilibrium, Sweep,
    Trace, Verdicts,
};
pub use diagnostic::Diagnostics;
pub use experiment::Memory;
pub use solve::Game;

#[doc(hidden)]
pub use api::settings;
