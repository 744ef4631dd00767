//! What is shown, apart from how: one structure per page.
//!
//! A view holds numbers as numbers and verdicts as values. It is made from what was computed, knows
//! no width and no colour, and reads no file; [`render`](mod@crate::render) makes text, Markdown
//! and JSON of it.

pub mod claims;
pub mod condition;
pub mod describe;
pub mod discover;
pub mod fit;
pub mod markov;
pub mod meta;
pub mod plan;
pub mod run;
pub mod score;
pub mod sensitivity;
pub mod solve;
pub mod stability;
pub mod sweep;
pub mod trace;
