//! Views as text, Markdown and JSON.
//!
//! Every page is made from a structure of [`view`](mod@crate::view) and from nothing else; numbers
//! get their digits in [`number`](mod@crate::number).

pub mod claims;
pub mod condition;
pub mod describe;
pub mod discover;
pub mod fit;
pub mod markov;
pub mod meta;
mod page;
pub mod plan;
pub mod run;
pub mod score;
pub mod sensitivity;
pub mod solve;
pub mod stability;
pub mod sweep;
pub mod trace;

use serde::Serialize;

/// A view as JSON, its fields in their order.
pub fn json(view: &impl Serialize) -> String {
    // invariant: views have text as keys, and numbers that are not finite are `null`
    serde_json::to_string_pretty(view).unwrap_or_default() + "\n"
}
