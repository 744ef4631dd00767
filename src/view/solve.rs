//! A game and what was found in it.

pub use crate::solve::alpharank::Ranking;
pub use crate::solve::correlated::Correlated;
pub use crate::solve::learning::Learned;
pub use crate::solve::logit::{Branch, Feature, Fit, Landmark, Response};
pub use crate::solve::replicator::Replicated;
pub use crate::solve::{Equilibrium, Game, Mixed, Stop};

/// An answer to a game as it is shown.
#[derive(Debug)]
pub struct Page<'g> {
    /// The game.
    pub game: &'g Game,
    /// What was asked for.
    pub concept: String,
    /// How it was found.
    pub method: String,
    /// Why the method ended.
    pub stop: Stop,
    /// How long it took.
    pub seconds: f64,
    /// What else there is to know.
    pub notes: Vec<String>,
    /// What was found.
    pub found: Found,
}

/// What was found, by what was asked for.
#[derive(Debug)]
pub enum Found {
    /// Nash equilibria.
    Equilibria(Vec<Equilibrium>),
    /// What elimination leaves.
    Survivors {
        /// By player: strategies that are left, from 0.
        strategies: Vec<Vec<usize>>,
        /// After how many rounds.
        rounds: usize,
    },
    /// A correlated equilibrium.
    Correlated {
        /// Whose value is greatest or least: a player, or welfare.
        of: String,
        /// The equilibrium.
        found: Correlated,
    },
    /// Logit equilibria.
    Responses(Branch),
    /// A precision that fits choices.
    Fit(Fit),
    /// Shares of play.
    Learned(Learned),
    /// A stationary distribution over profiles.
    Ranking {
        /// The distribution.
        found: Ranking,
        /// Whether there is one population, so that states are strategies.
        single: bool,
    },
    /// Where replicator dynamics lead.
    Replicated(Replicated),
}

impl Found {
    /// Where a branch of logit equilibria turns, or another crosses it.
    pub fn landmarks(&self) -> &[Landmark] {
        match self {
            Found::Responses(branch) => &branch.landmarks,
            Found::Fit(fit) => &fit.landmarks,
            _ => &[],
        }
    }
}
