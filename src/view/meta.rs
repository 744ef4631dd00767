//! Postures against postures: how many runs were played, and what the game between them is.

use crate::meta::Explored;
pub use crate::meta::{Standing, StopReason, Verdict};
pub use crate::solve::{Game, Player};

/// The game between postures as it is shown.
#[derive(Debug)]
pub struct Page<'a> {
    /// The game of mean utilities, solved.
    pub verdict: &'a Verdict,
    /// Why no more runs were added.
    pub enough: StopReason,
    /// Runs of each joint posture.
    pub runs: Vec<u64>,
    /// Runs of all joint postures.
    pub total: u64,
    /// Runs that failed and are left out.
    pub failed: u64,
}

impl<'a> Page<'a> {
    /// What is shown of what was played and solved.
    pub fn of(explored: &Explored, verdict: &'a Verdict) -> Page<'a> {
        Page {
            verdict,
            enough: explored.enough,
            runs: (0..verdict.game.profiles()).map(|p| explored.sample.runs(p)).collect(),
            total: explored.sample.total(),
            failed: explored.failed,
        }
    }
}
