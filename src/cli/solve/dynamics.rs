//! Concepts with errors, learning or evolution: logit equilibrium, regret matching, fictitious
//! play, alpha-rank, replicator dynamics.

use std::fmt;

use super::Answer;
use super::options::{Concept, Counts, Solve};
use crate::cli::Failed;
use detente::solve::alpharank::{self, Populations, Selection};
use detente::solve::learning::{Patience, fictitious_play, regret_matching};
use detente::solve::logit::{self, Unit};
use detente::solve::replicator::replicate;
use detente::solve::{self, Game, Halt};
use detente::view::solve::Found;

/// Rounds of learning where nobody says how many.
const STEPS: u64 = 100_000;
/// Learning ends where nobody could gain more than this share of the range of its payoffs.
const GAP: f64 = 1e-4;
/// The size of a population where nobody says it.
const POPULATION: u32 = 50;

/// The answer to what was asked for.
///
/// # Errors
/// Status 2 if an option does not suit the game.
pub fn answer(game: &Game, options: &Solve, halt: &Halt) -> Result<Answer, Failed> {
    match (options.concept, &options.fit) {
        (Concept::RegretMatching | Concept::FictitiousPlay, _) => Ok(learned(game, options, halt)),
        (Concept::Alpharank, _) => ranked(game, options, halt),
        (Concept::Replicator, _) => replicated(game, options, halt),
        (_, Some(counts)) => fitted(game, options, counts, halt),
        (_, None) => responses(game, options, halt),
    }
}

fn usage(error: impl fmt::Display) -> Failed {
    Failed::usage(error)
}

/// The Nash equilibrium at the end of the principal branch.
pub fn limit(game: &Game, halt: &Halt) -> solve::Found {
    let found = logit::limit(game, halt);
    let mut notes = found.notes;
    notes.push("the logit branch leads to one equilibrium; there may be others".into());
    solve::Found { equilibria: vec![found.equilibrium], stop: found.stop, notes }
}

fn unit(options: &Solve) -> Unit {
    if options.scaled { Unit::Range } else { Unit::Payoff }
}

fn responses(game: &Game, options: &Solve, halt: &Halt) -> Result<Answer, Failed> {
    if options.precision.is_empty() {
        return Err(Failed::usage(
            "say at which precisions with --precision, for instance --precision 0.5,1,2, or fit \
             one to choices with --fit",
        ));
    }
    let found = logit::branch(game, &options.precision, unit(options), halt).map_err(usage)?;
    Ok(Answer {
        method: "predictor-corrector".into(),
        stop: found.stop,
        notes: Vec::new(),
        found: Found::Responses(found),
    })
}

fn fitted(game: &Game, options: &Solve, counts: &Counts, halt: &Halt) -> Result<Answer, Failed> {
    let found = logit::fit(game, &counts.0, unit(options), halt).map_err(usage)?;
    Ok(Answer {
        method: "maximum-likelihood".into(),
        stop: found.stop,
        notes: found.notes.clone(),
        found: Found::Fit(found),
    })
}

fn learned(game: &Game, options: &Solve, halt: &Halt) -> Answer {
    let rounds = usize::try_from(options.steps.unwrap_or(STEPS)).unwrap_or(usize::MAX);
    let patience = Patience { rounds, gap: options.gap.unwrap_or(GAP) };
    let (found, note) = match options.concept {
        Concept::RegretMatching => (
            regret_matching(game, patience, halt),
            "the gap is that of the joint distribution of play, a coarse correlated equilibrium \
             where it is 0; the profile is the best product of shares that was met",
        ),
        _ => (
            fictitious_play(game, patience, halt),
            "the gap is the regret of the best profile of shares that was met",
        ),
    };
    let notes = vec![note.to_string()];
    Answer { method: "iteration".into(), stop: found.stop, notes, found: Found::Learned(found) }
}

fn populations(options: &Solve) -> Populations {
    if options.single_population { Populations::Single } else { Populations::PerPlayer }
}

fn ranked(game: &Game, options: &Solve, halt: &Halt) -> Result<Answer, Failed> {
    let population = options.population.unwrap_or(POPULATION);
    let (selection, method) = match options.alpha {
        Some(alpha) => (
            Selection::Finite { alpha, population },
            format!("alpha {alpha}, populations of {population}"),
        ),
        None => (
            Selection::Limit { mistakes: options.mistakes.unwrap_or(0.0) },
            "strong-selection".to_string(),
        ),
    };
    let found = alpharank::rank(game, populations(options), selection, halt).map_err(usage)?;
    let single = options.single_population;
    Ok(Answer {
        method,
        stop: found.stop,
        notes: Vec::new(),
        found: Found::Ranking { found, single },
    })
}

fn replicated(game: &Game, options: &Solve, halt: &Halt) -> Result<Answer, Failed> {
    let range = game.range();
    let until = options.until.unwrap_or(10_000.0 / if range > 0.0 { range } else { 1.0 });
    let start = match &options.start {
        None => game.uniform(),
        Some(Counts(shares)) => shares.iter().map(|row| proportions(row)).collect(),
    };
    let found = replicate(game, populations(options), &start, until, halt).map_err(usage)?;
    let notes = vec![
        "a state of rest need not be an equilibrium: what nobody plays does not come back".into(),
    ];
    let method = "dormand-prince".into();
    Ok(Answer { method, stop: found.stop, notes, found: Found::Replicated(found) })
}

fn proportions(row: &[f64]) -> Vec<f64> {
    let sum: f64 = row.iter().sum();
    row.iter().map(|x| x / sum).collect()
}
