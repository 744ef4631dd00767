//! Game-theoretic alliance scenarios: write a strategic situation in a text file, play it out many
//! times, and see what follows.
//!
//! The crate is a pipeline of total functions from one immutable value to the next:
//!
//! 1. [`scenario::load`] reads a file and reports every problem in it at once;
//! 2. the result is a [`model::Model`]; [`model::Arm`] is the model under one variant;
//! 3. [`mod@reference`] plays runs of an arm, in code written to be read: it is the definition of
//!    what a round is;
//! 4. [`experiment`] plays the arms of a scenario side by side on all cores, [`summary`] condenses
//!    them, [`output`] writes the files.
//!
//! ```
//! use detente::model::{Arm, Simulation};
//! use detente::{record::Layout, reference, rng::Seed, scenario};
//!
//! let text = r#"
//! format = 1
//! [scenario]
//! name = "coin"
//! title = "One actor, one decision"
//! rounds = 3
//! [actors]
//! A = { name = "Alpha" }
//! [payoffs.gain]
//! A = "chose[A, act]"
//! [weights]
//! gain = 1
//! [moves.act]
//! by = ["A"]
//! [decision]
//! rule = "logit"
//! precision = 2
//! [outcomes]
//! acts = { total = "chose[A, act]" }
//! "#;
//! let model = scenario::load(text.as_bytes()).value.expect("a valid scenario");
//! let arm = Arm::new(&model, None, &[]).expect("a valid arm");
//! let game = Simulation { model: &model, arm: &arm, seed: Seed(1) };
//! let layout = Layout::of(&model, &[arm.clone()]);
//! let block = reference::play(&game, &layout, 0, 100);
//! let mean = block.outcome(0).iter().sum::<f64>() / 100.0;
//! // logit with precision 2 and a gain of 1: 1 / (1 + exp(-2)) = 0.88 a round
//! assert!((mean - 3.0 * 0.88).abs() < 0.2);
//! ```
//!
//! **Invariants.** The library prints nothing and reads no clock, file or environment while it
//! plays. No result depends on threads, block sizes or the machine.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod claims;
pub mod design;
pub mod diagnostic;
pub mod engine;
pub mod experiment;
pub mod expr;
pub mod math;
pub mod meta;
pub mod model;
pub mod output;
pub mod plan;
pub mod record;
pub mod reference;
pub mod rng;
pub mod scenario;
pub mod solve;
pub mod stats;
pub mod summary;
pub mod table;
