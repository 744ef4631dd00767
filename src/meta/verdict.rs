//! The game of means solved, and how far the answers can be trusted.

use std::cell::Cell;

use serde::Serialize;

use super::{Explored, MetaError};
use crate::rng::Seed;
use crate::solve::alpharank::{MAX_STATES, Populations, Selection, rank};
use crate::solve::dominance::{Dominance, dominance};
use crate::solve::logit::{self, Response, Unit};
use crate::solve::{Equilibrium, Game, Halt, Stop, bimatrix, many, pure_nash, same};
use crate::stats::sorted_quantile;

/// How many resamples stability rests on.
pub const RESAMPLES: usize = 400;
/// The precisions of logit equilibria, times 1 / the largest range of an actor's payoffs.
pub const PRECISIONS: [f64; 5] = [1.0, 3.0, 10.0, 30.0, 100.0];
/// So many choices of supports are searched for mixed equilibria.
const SUPPORTS: f64 = 1e5;
/// And for so long: how often the search asks whether to go on. A count, not a clock, so that the
/// answer is the same on every machine.
const PATIENCE: u64 = 200_000;
/// Joint postures that are equilibria in at least this share of resamples are named.
const NAMED: f64 = 0.05;

/// An equilibrium and how it fares.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Standing {
    /// In the game of means.
    #[serde(flatten)]
    pub equilibrium: Equilibrium,
    /// The share of resamples that have an equilibrium in which the same postures are played; not a
    /// number where none was looked at.
    pub share: f64,
    /// The regret of this profile in resamples: the value that 95 of 100 do not exceed; not a
    /// number where none was looked at.
    #[serde(rename = "regret_95")]
    pub regret: f64,
}

/// A joint posture that is an equilibrium in some resamples.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Candidate {
    /// The joint posture.
    pub profile: usize,
    /// In what share of resamples.
    pub share: f64,
}

/// The solved game.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    /// Mean utilities.
    pub game: Game,
    /// Standard errors, by joint posture, then actor.
    pub errors: Vec<f64>,
    /// Nash equilibria of the game of means.
    pub equilibria: Vec<Standing>,
    /// Whether these are all, and if not, why.
    pub stop: Stop,
    /// What a reader has to know about them.
    pub notes: Vec<String>,
    /// How many resamples were looked at: [`RESAMPLES`] unless it was stopped.
    pub resamples: usize,
    /// Joint postures by how often they are equilibria, most often first.
    pub candidates: Vec<Candidate>,
    /// Logit equilibria at [`PRECISIONS`].
    pub responses: Vec<Response>,
    /// Where the logit branch leads.
    pub limit: Standing,
    /// By joint posture, the stationary distribution of alpha-rank in the limit of strong
    /// selection; empty where the game is too large.
    pub ranking: Vec<f64>,
}

/// Solves the game of means, and resamples it. If `halt` says so, which may not change its mind,
/// what is known by then is kept: the game itself in any case.
///
/// # Errors
/// When means do not make a game.
pub fn verdict(
    explored: &Explored,
    title: &str,
    seed: Seed,
    halt: &Halt,
) -> Result<Verdict, MetaError> {
    let game = explored.game(title).map_err(MetaError::Game)?;
    let resampled = explored.sample.all_resampled(seed, halt);
    let resamples = resampled.len();
    let shares = explored.sample.shares(&resampled);
    let another = |means: Vec<f64>| Game::new(title, explored.players.clone(), means);
    // A resample without any run of a joint posture is no game; it is left out.
    let games: Vec<Game> = resampled.into_iter().filter_map(|means| another(means).ok()).collect();
    let (found, stop, mut notes) = equilibria(&game, halt);
    let mut candidates: Vec<Candidate> = (0..shares.len())
        .map(|profile| Candidate { profile, share: shares[profile] })
        .filter(|candidate| candidate.share >= NAMED)
        .collect();
    candidates.sort_by(|a, b| b.share.total_cmp(&a.share));
    let limit = logit::limit(&game, halt).equilibrium;
    let selection = Selection::Limit { mistakes: 0.0 };
    let ranking = match game.profiles() {
        ..=MAX_STATES => rank(&game, Populations::PerPlayer, selection, halt),
        _ => Err(crate::solve::alpharank::RankError::TooLarge(game.profiles())),
    };
    let responses = logit::branch(&game, &PRECISIONS, Unit::Range, halt);
    let equilibria = found.into_iter().map(|found| standing(found, &games, halt)).collect();
    let limit = standing(limit, &games, halt);
    if halt() {
        notes.push(format!(
            "stopped: {resamples} of {RESAMPLES} resamples were looked at, and equilibria may be \
             missing"
        ));
    }
    Ok(Verdict {
        errors: explored.sample.standard_errors(),
        equilibria,
        stop,
        notes,
        resamples,
        candidates,
        responses: responses.map(|branch| branch.points).unwrap_or_default(),
        limit,
        ranking: ranking.map(|r| r.distribution).unwrap_or_default(),
        game,
    })
}

/// The equilibria of a game: all, where they can be found; else the pure ones.
fn equilibria(game: &Game, halt: &Halt) -> (Vec<Equilibrium>, Stop, Vec<String>) {
    let left = dominance(game, Dominance::Strict, false, halt).strategies;
    let small = game.restrict(&left);
    let asked = Cell::new(0_u64);
    let enough = || {
        asked.set(asked.get() + 1);
        asked.get() > PATIENCE || halt()
    };
    let found = if small.players().len() == 2 {
        bimatrix::vertex_enumeration(&small, &enough).ok()
    } else if many::supports(&small) <= SUPPORTS {
        Some(many::all_nash(&small, &enough))
    } else {
        None
    };
    let extended = |list: Vec<Equilibrium>| {
        let whole = |e: Equilibrium| Equilibrium::new(game, game.extend(&e.profile, &left));
        list.into_iter().map(whole).collect::<Vec<_>>()
    };
    let complete = |stop: Stop| matches!(stop, Stop::Complete);
    match found {
        Some(found) if complete(found.stop) => {
            (extended(found.equilibria), found.stop, found.notes)
        }
        partial => {
            let mut all = pure_nash(game, halt).equilibria;
            let mut notes =
                vec!["the search for mixed equilibria was not complete; the pure are".to_string()];
            if let Some(partial) = partial {
                let new = |e: &Equilibrium| !all.iter().any(|p| same(&p.profile, &e.profile));
                let mixed: Vec<Equilibrium> =
                    extended(partial.equilibria).into_iter().filter(new).collect();
                all.extend(mixed);
                notes.extend(partial.notes);
            }
            (all, Stop::Limit, notes)
        }
    }
}

/// How an equilibrium fares in resampled games, those before it was stopped.
fn standing(equilibrium: Equilibrium, games: &[Game], halt: &Halt) -> Standing {
    let profile = &equilibrium.profile;
    let mut stands = 0;
    let mut regrets = Vec::with_capacity(games.len());
    for game in games.iter().take_while(|_| !halt()) {
        stands += usize::from(logit::same_support(game, profile).is_some());
        regrets.push(game.regret(profile));
    }
    regrets.sort_by(f64::total_cmp);
    Standing {
        share: stands as f64 / regrets.len() as f64,
        regret: sorted_quantile(&regrets, 0.95),
        equilibrium,
    }
}
