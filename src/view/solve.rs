//! A game and what was found in it.

pub use crate::api::{Answer, Found};
pub use crate::solve::alpharank::Ranking;
pub use crate::solve::correlated::Correlated;
pub use crate::solve::learning::Learned;
pub use crate::solve::logit::{Feature, Fit, Response};
pub use crate::solve::replicator::Replicated;
pub use crate::solve::{Equilibrium, Game, Mixed};

/// An answer to a game as it is shown.
#[derive(Debug)]
pub struct Page<'g> {
    /// The game.
    pub game: &'g Game,
    /// What was found in it.
    pub answer: &'g Answer,
    /// How long it took, in seconds.
    pub seconds: f64,
}
