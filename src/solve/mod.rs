//! Equilibria of games in normal form and of trees, and stability in graph models.
//!
//! A [`Game`] is a table of payoffs. Every solver takes a game and answers with what it found, why
//! it stopped ([`Stop`]), and how good each answer is: profiles come as [`Equilibrium`], whose
//! payoffs and regret are worked out from the table, not by the solver. Solvers know nothing of
//! scenarios, files or clocks; whether time is up they ask a [`Halt`].

pub mod alpharank;
pub mod bimatrix;
pub mod correlated;
pub mod dominance;
pub mod efg;
mod exact;
mod game;
pub mod learning;
pub mod logit;
mod lp;
pub mod many;
mod marginals;
mod nash;
pub mod nfg;
mod pure;
mod reduce;
pub mod replicator;
pub mod stability;
pub mod tree;
mod wide;

use std::fmt;

use serde::Serialize;

pub use game::{Game, GameError, Mixed, Player};
pub use nash::{core_supports, nash, without_dominated};
pub use pure::pure_nash;

/// Asked now and then by a solver whether it has to stop; `true` means stop and return the best
/// found so far.
///
/// The library has no clock: a program passes a function that looks at one, a test passes
/// [`never()`].
pub type Halt<'a> = dyn Fn() -> bool + 'a;

/// A [`Halt`] that never asks to stop.
pub fn never() -> bool {
    false
}

/// Payoffs that differ by less than this share are tied: sums of some thousand numbers may be off
/// by as much where exact ones would be equal. The share is of the range of a player's payoffs
/// where these are given, of the size of the two where they are means: their rounding grows so.
pub const TIE: f64 = 1e-12;

/// Whether two profiles are the same but for rounding.
pub fn same(a: &Mixed, b: &Mixed) -> bool {
    a.iter().flatten().zip(b.iter().flatten()).all(|(x, y)| (x - y).abs() < 1e-9)
}

/// Why a solver stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// Everything there is was examined: what was found is all there is.
    Complete,
    /// An iteration reached its tolerance, or a path its end.
    Converged,
    /// The method did what it does and may have missed something.
    Finished,
    /// A stated limit of steps or of results was reached.
    Limit,
    /// [`Halt`] said so.
    TimeLimit,
    /// The method could not go on: a system was singular, a path did not continue.
    Stalled,
}

impl Stop {
    /// The word for it in results.
    pub fn as_str(self) -> &'static str {
        match self {
            Stop::Complete => "complete",
            Stop::Converged => "converged",
            Stop::Finished => "finished",
            Stop::Limit => "limit",
            Stop::TimeLimit => "time-limit",
            Stop::Stalled => "stalled",
        }
    }
}

/// A profile that was found, with its certificate.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Equilibrium {
    /// Probabilities by player and strategy.
    pub profile: Mixed,
    /// Expected payoff by player.
    pub payoffs: Vec<f64>,
    /// See [`Game::regret`].
    pub regret: f64,
    /// The most that a player could gain by deviating, in units of its own payoffs; a bound like
    /// the regret.
    pub gain: f64,
}

impl Equilibrium {
    /// A profile with payoffs and regret worked out from the game alone.
    pub fn new(game: &Game, profile: Mixed) -> Equilibrium {
        let exact::Certificate { payoffs, regret, gain } = exact::certificate(game, &profile);
        Equilibrium { profile, payoffs, regret, gain }
    }

    /// Whether the regret is small enough; in pure strategies, where nothing is rounded, nothing.
    fn good(&self, regret: f64) -> bool {
        let pure = self.profile.iter().flatten().all(|p| *p == 0.0 || *p == 1.0);
        self.regret <= if pure { 0.0 } else { regret }
    }
}

/// What a solver that looks for equilibria found.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// In the order in which the method finds them, which is the same on every machine.
    pub equilibria: Vec<Equilibrium>,
    /// Why the search ended.
    pub stop: Stop,
    /// What a reader has to know beside: that the game is degenerate, what may be missing.
    pub notes: Vec<String>,
    /// Where equilibria are not isolated: what is known of those continua that have a point in the
    /// list.
    pub continua: Vec<Continuum>,
}

impl Found {
    /// Nothing yet, and nothing left out.
    fn none() -> Found {
        Found {
            equilibria: Vec::new(),
            stop: Stop::Complete,
            notes: Vec::new(),
            continua: Vec::new(),
        }
    }
}

/// Equilibria that hang together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Continuum {
    /// Those of the list that lie in it, from 0.
    pub points: Vec<usize>,
    /// Its dimension at the first of them, where it is known.
    pub dimension: Option<usize>,
    /// Whether the others are its ends: all points of it lie between them.
    pub closed: bool,
}

impl Continuum {
    /// What is to be said of it beside a list of so many, counted from 1; nothing where its points
    /// are all that is listed.
    pub fn told(&self, listed: usize) -> Option<String> {
        let (first, others) = self.points.split_first()?;
        let many = |points: &[usize]| {
            let points: Vec<String> = points.iter().map(|k| (k + 1).to_string()).collect();
            match points.split_last() {
                Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
                _ => points.join(""),
            }
        };
        match self.dimension {
            None if self.points.len() == listed => None,
            None => Some(format!("equilibria {} hang together", many(&self.points))),
            Some(dimension) => {
                let mut text = format!(
                    "equilibrium {} lies in a continuum of dimension {dimension}",
                    first + 1
                );
                if let [from, to] = others {
                    text.push_str(&format!(", a curve from {} to {}", from + 1, to + 1));
                } else if !others.is_empty() {
                    text.push_str(&format!(", with an end at {}", many(others)));
                } else if self.closed {
                    text.push_str(", a closed curve");
                }
                Some(text)
            }
        }
    }
}

/// A method that is not for this game, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsuited(pub String);

impl fmt::Display for Unsuited {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Unsuited {}
