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
//! A [`Scenario`] is a text that is sound. [`Run`] says what to play, and is checked when it is
//! played; [`Runs`] are what came of it, found by name: [`Outcome`] reads as its estimates, with
//! their intervals, [`Played`] is one arm. [`Error`] says what is wrong and what would be right;
//! [`Diagnostics`] are the faults of a text, each with its place.
//!
//! Below these names stand the modules that do the work. Each is a function from one immutable
//! value to the next:
//!
//! 1. [`scenario::load`] reads a file and reports every problem in it at once;
//! 2. the result is a [`model::Model`]; [`model::Arm`] is the model under one variant;
//! 3. [`mod@reference`] plays runs of an arm, in code written to be read: it is the definition of
//!    what a round is; [`plan`] and [`engine`] do the same fast;
//! 4. [`experiment`] plays the arms of a scenario side by side on all cores, [`summary`] condenses
//!    them, [`output`] writes the files.
//!
//! **Invariants.** The library prints nothing and reads no clock, file or environment while it
//! plays. No result depends on threads, block sizes or the machine.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod api;
pub mod catalog;
pub mod claims;
pub mod design;
pub mod diagnostic;
pub mod engine;
pub mod experiment;
pub mod expr;
pub mod ids;
mod kept;
pub mod math;
pub mod meta;
pub mod model;
pub mod number;
pub mod output;
pub mod plan;
pub mod record;
pub mod reference;
pub mod render;
pub mod rng;
mod rules;
pub mod scenario;
pub mod schema;
pub mod solve;
pub mod stats;
pub mod summary;
pub mod table;
pub mod view;

pub use api::{
    Claims, Error, Outcome, Played, Run, Runs, Scenario, Sweep, Trace, Verdicts, settings,
};
pub use diagnostic::Diagnostics;
