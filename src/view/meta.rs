//! Postures against postures: how many runs were played, and what the game between them is.

pub use crate::api::Postures;
pub use crate::meta::{Standing, StopReason, Verdict};
pub use crate::solve::{Game, Player};
