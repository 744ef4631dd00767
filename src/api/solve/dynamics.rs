//! Concepts with errors, learning or evolution: logit equilibrium, regret matching, fictitious
//! play, alpha-rank, replicator dynamics.

use std::fmt;

use super::{Answer, Concept, Error, Found, Solve};
use crate::model::limits::Limit;
use crate::solve::alpharank::{self, Populations, Selection};
use crate::solve::learning::{Patience, fictitious_play, regret_matching};
use crate::solve::logit::{self, Unit};
use crate::solve::replicator::replicate;
use crate::solve::{Game, Halt};

/// Rounds of learning.
const STEPS: Limit = Limit { what: "steps", least: 1, most: 1_000_000_000 };
/// Rounds of learning where nobody says how many.
const SOME_STEPS: u64 = 100_000;
/// Learning ends where nobody could gain more than this share of the range of its payoffs.
const GAP: f64 = 1e-4;
/// The size of a population where nobody says it.
const POPULATION: u32 = 50;

fn wrong(error: impl fmt::Display) -> Error {
    Error::Request(error.to_string())
}

impl Solve {
    /// The answer to what is asked for.
    ///
    /// # Errors
    /// [`Error::Request`] if an option does not suit the game.
    pub(super) fn dynamics(&self, game: &Game, halt: &Halt) -> Result<Answer, Error> {
        match (self.concept, &self.fit) {
            (Concept::RegretMatching | Concept::FictitiousPlay, _) => self.learned(game, halt),
            (Concept::Alpharank, _) => self.ranked(game, halt),
            (Concept::Replicator, _) => self.replicated(game, halt),
            (_, Some(counts)) => {
                let found = logit::fit(game, counts, self.unit(), halt).map_err(wrong)?;
                let (stop, notes) = (found.stop, found.notes.clone());
                Ok(self.answered("maximum-likelihood", stop, notes, Found::Fit(found)))
            }
            (_, None) => self.responses(game, halt),
        }
    }

    fn unit(&self) -> Unit {
        if self.scaled { Unit::Range } else { Unit::Payoff }
    }

    fn responses(&self, game: &Game, halt: &Halt) -> Result<Answer, Error> {
        if self.precision.is_empty() {
            return Err(wrong(
                "say at which precisions with --precision, for instance --precision 0.5,1,2, or \
                 fit one to choices with --fit",
            ));
        }
        let found = logit::branch(game, &self.precision, self.unit(), halt).map_err(wrong)?;
        let stop = found.stop;
        Ok(self.answered("predictor-corrector", stop, Vec::new(), Found::Responses(found)))
    }

    fn learned(&self, game: &Game, halt: &Halt) -> Result<Answer, Error> {
        let steps = STEPS.check(self.steps.unwrap_or(SOME_STEPS)).map_err(wrong)?;
        let gap = self.gap.unwrap_or(GAP);
        if !(gap >= 0.0 && gap.is_finite()) {
            return Err(wrong(format_args!("`gap` is a number from 0 on, found {gap}")));
        }
        let patience = Patience { rounds: usize::try_from(steps).unwrap_or(usize::MAX), gap };
        let (found, note) = match self.concept {
            Concept::RegretMatching => (
                regret_matching(game, patience, halt),
                "the gap is that of the joint distribution of play, a coarse correlated \
                 equilibrium where it is 0; the profile is the best product of shares that was met",
            ),
            _ => (
                fictitious_play(game, patience, halt),
                "the gap is the regret of the best profile of shares that was met",
            ),
        };
        let (stop, notes) = (found.stop, vec![note.to_string()]);
        Ok(self.answered("iteration", stop, notes, Found::Learned(found)))
    }

    fn populations(&self) -> Populations {
        if self.single_population { Populations::Single } else { Populations::PerPlayer }
    }

    fn ranked(&self, game: &Game, halt: &Halt) -> Result<Answer, Error> {
        let population = self.population.unwrap_or(POPULATION);
        let (selection, method) = match self.alpha {
            Some(alpha) => (
                Selection::Finite { alpha, population },
                format!("alpha {alpha}, populations of {population}"),
            ),
            None => (
                Selection::Limit { mistakes: self.mistakes.unwrap_or(0.0) },
                "strong-selection".to_string(),
            ),
        };
        let found = alpharank::rank(game, self.populations(), selection, halt).map_err(wrong)?;
        let (stop, single) = (found.stop, self.single_population);
        Ok(self.answered(&method, stop, Vec::new(), Found::Ranking { found, single }))
    }

    fn replicated(&self, game: &Game, halt: &Halt) -> Result<Answer, Error> {
        let range = game.range();
        let until = self.until.unwrap_or(10_000.0 / if range > 0.0 { range } else { 1.0 });
        let start = match &self.start {
            None => game.uniform(),
            Some(shares) => shares.iter().map(|row| proportions(row)).collect(),
        };
        let found = replicate(game, self.populations(), &start, until, halt).map_err(wrong)?;
        let note = "a state of rest need not be an equilibrium: what nobody plays does not come \
                    back";
        let stop = found.stop;
        Ok(self.answered("dormand-prince", stop, vec![note.into()], Found::Replicated(found)))
    }
}

fn proportions(row: &[f64]) -> Vec<f64> {
    let sum: f64 = row.iter().sum();
    row.iter().map(|x| x / sum).collect()
}
