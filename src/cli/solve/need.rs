//! What solving a game takes.

use super::options::{Concept, Solve};
use crate::cli::Failed;
use detente::experiment::{Memory, Need};
use detente::solve::Game;
use detente::solve::alpharank::MAX_STATES;

/// Whether there is memory for the text of a game of so many bytes, and for what is made of it.
///
/// # Errors
/// Status 2 if there is not.
pub fn text(bytes: u64, memory: Memory) -> Result<(), Failed> {
    const HELP: &str = "solve a smaller game";
    Need::program("", 1)
        .with("text of the game", 3, bytes)
        .check(memory, HELP)
        .map_err(Failed::usage)
}

/// Whether there is memory for the method. What grows while it searches is not known beforehand.
///
/// # Errors
/// Status 2 if there is not.
pub fn game(game: &Game, options: &Solve) -> Result<(), Failed> {
    const HELP: &str = "solve a smaller game, or look for another concept";
    let profiles = game.profiles() as u64;
    let players = game.players().len() as u64;
    let strategies: usize = game.sizes().iter().sum();
    let strategies = strategies as u64;
    let square = 8 * strategies * strategies;
    let need = Need::program("", 1).with("payoffs", 4, 8 * profiles * players);
    let need = match options.concept {
        Concept::Correlated | Concept::CoarseCorrelated => {
            need.with("linear program", strategies, 48 * profiles)
        }
        Concept::Qre => need.with("equations", 4, square),
        Concept::Alpharank if profiles <= MAX_STATES as u64 => {
            need.with("chain", 3, 8 * profiles * profiles)
        }
        _ => need,
    };
    need.check(options.room.memory, HELP).map_err(Failed::usage)
}
