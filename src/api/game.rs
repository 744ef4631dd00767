//! Games in normal form from files and texts, and answers to them.

use std::path::Path;

use super::Error;
use super::solve::{Answer, Solve};
use crate::catalog::{self, Found};
use crate::experiment::{self, Memory, Need};
use crate::solve::efg;
use crate::solve::nfg::{self, NfgError};
use crate::solve::tree::Tree;
use crate::solve::{Game, Halt, never};

impl Game {
    /// Reads a file in Gambit's format `.nfg`.
    ///
    /// # Errors
    /// [`Error::Catalog`] if there is no such file or it cannot be read, [`Error::Fault`] with the
    /// place if it is no game.
    pub fn open(path: impl AsRef<Path>) -> Result<Game, Error> {
        read(&catalog::game_file(path.as_ref())?)
    }

    /// Reads a text in Gambit's format `.nfg`.
    ///
    /// # Errors
    /// [`Error::Fault`] with the place if it is no game.
    pub fn parse(text: &str) -> Result<Game, Error> {
        nfg::read(text).map_err(|error| Error::Fault(located("game", text, &error)))
    }

    /// A game by path or by name, as the program finds it: `NAME.nfg` in this folder, then below
    /// `scenarios/`, then inside the library. Reading it may take so much memory.
    ///
    /// # Errors
    /// As [`Game::open`]; [`Error::Play`] if it takes more memory.
    pub fn find(name: &str, memory: Memory) -> Result<Game, Error> {
        let found = catalog::game(name)?;
        Need::program("", 1)
            .with("text of the game", 3, found.bytes.len() as u64)
            .check(memory, "solve a smaller game")
            .map_err(experiment::Error::from)?;
        read(&found)
    }

    /// Looks for what is asked for.
    ///
    /// # Errors
    /// [`Error::Unknown`] if the game has no such player, [`Error::Request`] if the method is none
    /// for the concept or does not suit the game, or an option is not for the concept,
    /// [`Error::Play`] if it takes too much memory.
    pub fn solve(&self, request: &Solve) -> Result<Answer, Error> {
        self.solve_until(request, &never)
    }

    /// The same, with the best found so far once `halt` says so.
    ///
    /// # Errors
    /// As [`Game::solve`].
    pub fn solve_until(&self, request: &Solve, halt: &Halt) -> Result<Answer, Error> {
        request.admit(self)?;
        request.answer(self, halt)
    }
}

impl Tree {
    /// Reads a file in Gambit's format `.efg`.
    ///
    /// # Errors
    /// As [`Game::open`].
    pub fn open(path: impl AsRef<Path>) -> Result<Tree, Error> {
        let found = catalog::game_file(path.as_ref())?;
        let text = found.text();
        efg::read(&text).map_err(|error| Error::Fault(located(&found.label, &text, &error)))
    }

    /// Reads a text in Gambit's format `.efg`.
    ///
    /// # Errors
    /// [`Error::Fault`] with the place if it is no tree.
    pub fn parse(text: &str) -> Result<Tree, Error> {
        efg::read(text).map_err(|error| Error::Fault(located("tree", text, &error)))
    }

    /// Looks for what is asked for until `halt` says so, in the game of its agents for
    /// subgame-perfect and logit equilibria, else in its reduced strategic form; that game, and the
    /// answer to it.
    ///
    /// # Errors
    /// As [`Game::solve`]; [`Error::Request`] if the game is too large a table.
    pub fn solve_until(&self, request: &Solve, halt: &Halt) -> Result<(Game, Answer), Error> {
        request.of_tree(self, halt)
    }
}

fn read(found: &Found) -> Result<Game, Error> {
    let text = found.text();
    nfg::read(&text).map_err(|error| Error::Fault(located(&found.label, &text, &error)))
}

/// What is wrong, where, the line with a caret below the place, and a way out.
fn located(label: &str, text: &str, error: &NfgError) -> String {
    let (line, column) = error.position(text);
    let source = text.lines().nth(line - 1).unwrap_or("");
    // Of a long line the surroundings of the place are shown.
    let from = column.saturating_sub(60);
    let shown: String = source.chars().skip(from).take(100).collect();
    let caret = " ".repeat(column - 1 - from);
    let (shown, help) = (shown.replace('\t', " "), &error.help);
    format!(
        "{}\n --> {label}:{line}:{column}\n  | {shown}\n  | {caret}^\n  = help: {help}",
        error.message
    )
}
