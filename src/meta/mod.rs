//! Strategies against strategies: the game between the postures of a scenario.
//!
//! Actors have postures (`[postures.A]`): ways to go about a whole run. Every joint posture is
//! simulated with the same random numbers, the utilities of a run are added up, and their means
//! make a game in normal form, an *empirical game* (Wellman 2006). It is solved like any other, and
//! because its payoffs are estimates, it is solved again for resampled runs: an equilibrium is
//! worth as much as the share of resamples in which it stands. Runs are added where that share is
//! in doubt.
//!
//! 1. [`sample::Sample`] holds utilities by joint posture, actor and run;
//! 2. [`explore`] fills it, run by run, until equilibria are settled or the budget is spent;
//! 3. [`verdict`] solves the game of means and says how far each answer can be trusted;
//! 4. [`tables`] are what is written.

mod sample;
mod tables;
mod verdict;

#[cfg(test)]
mod tests;

pub use sample::Sample;
pub use tables::tables;
pub use verdict::{Candidate, PRECISIONS, RESAMPLES, Standing, Verdict, verdict};

use std::fmt;
use std::ops::Range;

use crate::diagnostic::{Diagnostic, Span};
use crate::experiment::{self, BLOCK, Budget, Memory, Need, Progress, RunSpec, play_from};
use crate::expr::{Expr, Node};
use crate::model::{ActorId, Arm, Measure, Model, Outcome, Override};
use crate::record::Block;
use crate::rng::Seed;
use crate::scenario::unaffordable;
use crate::solve::alpharank;
use crate::solve::{Game, GameError, Player};

/// What to play.
#[derive(Debug, Clone)]
pub struct MetaSpec<'a> {
    /// The scenario.
    pub model: &'a Model,
    /// Its text, for the places of failures.
    pub source: &'a str,
    /// The variant in which everything is played.
    pub variant: Option<&'a str>,
    /// What is changed beside.
    pub changes: Vec<Override>,
    /// The rounds of a run, if not those of the file.
    pub rounds: Option<u32>,
    /// Runs of every joint posture to begin with; rounded up to whole blocks.
    pub runs: u64,
    /// The most runs of all joint postures together.
    pub budget: u64,
    /// Where random numbers come from.
    pub seed: Seed,
    /// How many threads; all cores if absent.
    pub threads: Option<usize>,
    /// How much memory may be taken. Results do not depend on it.
    pub memory: Memory,
}

/// Why no more runs were added.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StopReason {
    /// Of every joint posture it is settled whether it is an equilibrium.
    Settled,
    /// The next runs would have exceeded the budget.
    Budget,
    /// Somebody asked to stop.
    Stopped,
}

impl StopReason {
    /// The word for it in results.
    pub fn as_str(self) -> &'static str {
        match self {
            StopReason::Settled => "settled",
            StopReason::Budget => "budget",
            StopReason::Stopped => "stopped",
        }
    }
}

/// Why there is no empirical game.
#[derive(Debug)]
pub enum MetaError {
    /// The scenario has no postures.
    NoPostures,
    /// The game of postures is too large, for the solvers or for the budget.
    TooLarge {
        /// Joint postures.
        profiles: usize,
        /// How many are possible.
        most: usize,
    },
    /// Postures do not go together, or a setting is at fault.
    Arm(Vec<Diagnostic>),
    /// Runs could not be played.
    Play(experiment::Error),
    /// Somebody asked to stop before every joint posture was played, which a game takes.
    Stopped {
        /// Joint postures that were.
        played: usize,
        /// All of them.
        profiles: usize,
    },
    /// Utilities do not make a game: in some joint posture all runs failed.
    Game(GameError),
}

impl fmt::Display for MetaError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            MetaError::NoPostures => f.write_str(
                "the scenario has no postures; give `[postures.A]` for at least one actor",
            ),
            MetaError::TooLarge { profiles, most } => {
                write!(f, "{profiles} joint postures; at most {most} can be played with these runs")
            }
            MetaError::Arm(list) => {
                let messages: Vec<&str> = list.iter().map(|d| d.message.as_str()).collect();
                f.write_str(&messages.join("; "))
            }
            MetaError::Play(error) => error.fmt(f),
            MetaError::Stopped { played, profiles } => write!(
                f,
                "stopped after {played} of {profiles} joint postures; the game between them takes \
                 all"
            ),
            MetaError::Game(error) => {
                write!(f, "the utilities do not make a game: {error}; did all its runs fail?")
            }
        }
    }
}

impl std::error::Error for MetaError {}

/// The most utilities that are kept: joint postures times actors times runs (256 MB).
const KEPT: u64 = 1 << 25;
/// So many joint postures are played together, fewer where memory is short.
const TOGETHER: usize = 256;
/// The most joint postures.
const PROFILES: usize = 4096;

/// What was played.
#[derive(Debug, Clone)]
pub struct Explored {
    /// The players: actors with postures, in file order; strategies are their postures.
    pub players: Vec<Player>,
    /// Utilities of all runs.
    pub sample: Sample,
    /// Why no more runs were added.
    pub enough: StopReason,
    /// Runs that failed and are left out.
    pub failed: u64,
}

impl Explored {
    /// The game of mean utilities.
    ///
    /// # Errors
    /// When a mean is not finite.
    pub fn game(&self, title: &str) -> Result<Game, GameError> {
        Game::new(title, self.players.clone(), self.sample.means(&[]))
    }
}

/// Plays joint postures until it is settled which are equilibria, or the budget is spent.
///
/// All start with [`MetaSpec::runs`]. Then, as long as some joint posture is an equilibrium in more
/// than 5 and less than 95 of 100 resamples, it and everything that one actor can make of it get
/// twice the runs they have.
///
/// # Errors
/// When there is nothing to play, or it cannot be played.
pub fn explore(spec: &MetaSpec, watch: &dyn Progress) -> Result<Explored, MetaError> {
    let by_actor = spec.model.postures_by_actor();
    if by_actor.is_empty() {
        return Err(MetaError::NoPostures);
    }
    let sizes: Vec<usize> = by_actor.iter().map(|(_, list)| list.len()).collect();
    let first = spec.runs.max(1).next_multiple_of(BLOCK as u64);
    let most = (spec.budget / first).min(KEPT / first / sizes.len() as u64);
    let most = usize::try_from(most).unwrap_or(usize::MAX).min(PROFILES);
    let profiles = sizes.iter().try_fold(1_usize, |n, s| n.checked_mul(*s)).unwrap_or(usize::MAX);
    if profiles > most {
        return Err(MetaError::TooLarge { profiles, most });
    }
    let arms = arms(spec, &by_actor, profiles)?;
    let actors: Vec<ActorId> = by_actor.iter().map(|(actor, _)| *actor).collect();
    let measured = measured(spec.model, &actors);
    let player = |(actor, list): &(ActorId, Vec<usize>)| Player {
        name: spec.model.names.actors[*actor].clone(),
        strategies: list.iter().map(|p| spec.model.postures[*p].name.clone()).collect(),
    };
    let mut explored = Explored {
        players: by_actor.iter().map(player).collect(),
        sample: Sample::new(sizes, profiles),
        enough: StopReason::Settled,
        failed: 0,
    };
    let mut wanted: Vec<usize> = (0..profiles).collect();
    let mut to = first;
    loop {
        let stopped = add(spec, &measured, &arms, &wanted, to, &mut explored, watch)?;
        if stopped {
            explored.enough = StopReason::Stopped;
            return Ok(explored);
        }
        let Some(doubtful) = explored.sample.doubtful(spec.seed, &|| watch.stop()) else {
            explored.enough = StopReason::Stopped;
            return Ok(explored);
        };
        wanted = doubtful;
        let Some(most) = wanted.iter().map(|p| explored.sample.runs(*p)).max() else {
            return Ok(explored);
        };
        to = 2 * most;
        let more: u64 = wanted.iter().map(|p| to - explored.sample.runs(*p)).sum();
        let kept = explored.sample.total().saturating_add(more);
        if kept > spec.budget || kept.saturating_mul(actors.len() as u64) > KEPT {
            explored.enough = StopReason::Budget;
            return Ok(explored);
        }
    }
}

/// An arm for every joint posture, the first actor's postures changing fastest.
fn arms(
    spec: &MetaSpec,
    by_actor: &[(ActorId, Vec<usize>)],
    profiles: usize,
) -> Result<Vec<Arm>, MetaError> {
    let of = |profile: usize| {
        let mut rest = profile;
        let mut changes = spec.changes.clone();
        let mut names = Vec::new();
        for (_, list) in by_actor {
            let posture = &spec.model.postures[list[rest % list.len()]];
            rest /= list.len();
            changes.extend(posture.set.iter().cloned());
            names.push(posture.name.as_str());
        }
        let mut arm = Arm::new(spec.model, spec.variant, &changes).map_err(MetaError::Arm)?;
        let decides = changes.iter().any(|change| matches!(change, Override::Decision(_)));
        if let Some(found) = decides.then(|| unaffordable(spec.model, &arm)).flatten() {
            return Err(MetaError::Arm(vec![found]));
        }
        arm.rounds = spec.rounds.unwrap_or(arm.rounds);
        arm.name = names.join("/");
        Ok(arm)
    };
    (0..profiles).map(of).collect()
}

/// The model with the utilities of actors over a run as its only outcomes.
fn measured(model: &Model, actors: &[ActorId]) -> Model {
    let outcome = |actor: &ActorId| {
        let name = &model.names.actors[*actor];
        Outcome {
            name: format!("utility_{name}"),
            title: format!("Utility of {name}, summed over rounds"),
            unit: String::new(),
            measure: Measure::Total,
            value: Expr { node: Node::Utility(*actor), span: Span::default() },
            written: format!("utility[{name}]"),
            span: Span::default(),
        }
    };
    let mut measured = model.clone();
    measured.outcomes = actors.iter().map(outcome).collect();
    measured
}

/// Plays the `wanted` joint postures up to run `to`; whether it was stopped before the end. Only
/// the runs that a joint posture does not have yet are played.
fn add(
    spec: &MetaSpec,
    measured: &Model,
    arms: &[Arm],
    wanted: &[usize],
    to: u64,
    explored: &mut Explored,
    watch: &dyn Progress,
) -> Result<bool, MetaError> {
    let mut starts: Vec<u64> = wanted.iter().map(|p| explored.sample.runs(*p)).collect();
    starts.sort_unstable();
    starts.dedup();
    for from in starts {
        let these: Vec<usize> =
            wanted.iter().copied().filter(|p| explored.sample.runs(*p) == from).collect();
        let mut rest = these.as_slice();
        let mut together = TOGETHER;
        while !rest.is_empty() {
            let (some, others) = rest.split_at(together.min(rest.len()));
            match add_some(spec, measured, arms, some, from..to, explored, watch) {
                Ok(true) => return Ok(true),
                Ok(false) => rest = others,
                // nothing was played yet: with fewer plans at a time it may be
                Err(error) if some.len() > 1 && error.is_memory() => together = some.len() / 2,
                Err(error) => return Err(MetaError::Play(error)),
            }
        }
    }
    Ok(false)
}

/// Plays these joint postures, which have the runs before `runs` already.
fn add_some(
    spec: &MetaSpec,
    measured: &Model,
    arms: &[Arm],
    these: &[usize],
    runs: Range<u64>,
    explored: &mut Explored,
    watch: &dyn Progress,
) -> Result<bool, experiment::Error> {
    let run = RunSpec {
        model: measured,
        source: spec.source,
        arms: these.iter().map(|p| arms[*p].clone()).collect(),
        runs: runs.end,
        seed: spec.seed,
        independent: false,
        per_run: false,
        panel: None,
        threads: spec.threads,
        versus: 0,
        plain: false,
        budget: Budget { memory: spec.memory, beside: beside(spec, arms, &explored.players) },
    };
    let layout = run.layout().outcomes_only();
    play_from(&run, &layout, runs.start, watch, |blocks: &[Vec<Block>]| {
        for block in blocks {
            for (profile, block) in these.iter().zip(block) {
                explored.failed += block.failures.len() as u64;
                explored.sample.add(*profile, block);
            }
        }
        Ok(())
    })
}

/// What is taken beside what playing takes: arms, utilities, and the games of resamples.
fn beside(spec: &MetaSpec, arms: &[Arm], players: &[Player]) -> Need {
    let (profiles, actors) = (arms.len() as u64, players.len() as u64);
    let own: u64 = arms.iter().map(|arm| arm.bytes() as u64).sum();
    let kept = KEPT.min(spec.budget.saturating_mul(actors));
    let names: usize = players.iter().flat_map(|p| &p.strategies).map(|s| 48 + s.len()).sum();
    let states = (profiles as usize).min(alpharank::MAX_STATES) as u64;
    Need::default()
        .with("joint postures", 1, own)
        .with("utilities", 1, 16 * kept)
        .with("games of resamples", RESAMPLES as u64, 24 * profiles * actors + names as u64)
        .with("alpha-rank", 2, 8 * states * states)
}
