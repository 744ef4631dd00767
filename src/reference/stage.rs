//! The game within a round: what every joint option is worth to those who play it.

use super::Run;
use super::imagine::Thought;
use super::known::with_parameters;
use super::reason::{Play, open_options, settle};
use crate::model::{ActorId, OptionId, Simulation};
use crate::record::Failure;
use crate::rules::{EffectIndex, Halt, Perspective};

/// A player of a stage game.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StagePlayer {
    /// The actor.
    pub actor: ActorId,
    /// Its strategies: an option for each of its seats.
    pub strategies: Vec<Vec<OptionId>>,
}

/// The game of one round at the state that a run has reached.
#[derive(Debug, Clone, PartialEq)]
pub struct StageGame {
    /// Who plays, and what each can do.
    pub players: Vec<StagePlayer>,
    /// Profile by profile, the first player's strategy fastest, what each player expects: utility
    /// of the round and, with foresight, the discounted value of those after it.
    pub payoffs: Vec<f64>,
    /// The real types of the run, by private id.
    pub true_types: Vec<usize>,
}

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// Which run.
    pub run: u64,
    /// Which round, from 1.
    pub round: u32,
    /// Who plays; empty for all who have a choice.
    pub actors: &'a [ActorId],
    /// The most payoffs, profiles times players.
    pub limit: usize,
}

/// Why there is no stage game.
#[derive(Debug, Clone, PartialEq)]
pub enum StageError {
    /// The run ended after so many rounds.
    Ended(u32),
    /// The run failed on its way, or an option has no finite value.
    Failed(Failure),
    /// The actor has no seat in the first stage.
    NoSeat(ActorId),
    /// Nobody has a choice.
    NoChoice,
    /// The number of payoffs, if it can be counted, is beyond the limit; numbers of strategies.
    TooLarge(Option<usize>, Vec<usize>),
    /// Told to stop.
    Stopped,
}

/// The stage game of a round.
///
/// The run is played up to that round. There, each player weighs each joint option as it does when
/// it deliberates: in its own view, as its real type with its beliefs about those of others, by its
/// own way to anticipate (nature in expectation) and with its own foresight. Actors that do not
/// play keep to the mixes that deliberation gives them, and so do all in later stages of the
/// round. `halt` is asked now and then whether to stop.
///
/// # Errors
/// When the run does not come so far, or the game is too large.
pub fn stage(
    game: &Simulation,
    wanted: &Wanted,
    halt: &dyn Fn() -> bool,
) -> Result<StageGame, StageError> {
    let model = with_parameters(game.model, game.arm);
    let mut index = EffectIndex::new(&model, game.arm).with_reach();
    index.halt = Halt::new(halt);
    let failed = |failure| match index.halt.heard() {
        true => StageError::Stopped,
        false => StageError::Failed(failure),
    };
    let mut run = Run::begin(&index, game.seed, wanted.run).map_err(failed)?;
    while run.played() + 1 < wanted.round {
        let played = run.round(None).map_err(failed)?;
        if played.over {
            return Err(StageError::Ended(run.played()));
        }
    }
    let strategies = settle(&index, &run.world, u32::MAX, Some(run.real())).map_err(failed)?;
    let players = players(&index, &run, wanted.actors)?;
    let sizes: Vec<usize> = players.iter().map(|p| p.strategies.len()).collect();
    let count = sizes.iter().try_fold(players.len(), |product, s| product.checked_mul(*s));
    if count.is_none_or(|count| count > wanted.limit) {
        return Err(StageError::TooLarge(count, sizes));
    }
    let perspectives: Vec<Perspective<f64>> =
        players.iter().map(|p| perspective(&index, &run, p.actor)).collect();
    let mut play = strategies.mixes.expected;
    let mut at = vec![0; players.len()];
    let mut payoffs = Vec::new();
    loop {
        if index.halt.look() {
            return Err(StageError::Stopped);
        }
        for (player, strategy) in players.iter().zip(&at) {
            commit(&index, &mut play, &player.strategies[*strategy]);
        }
        for perspective in &perspectives {
            let horizon = index.arm.decisions[perspective.actor].foresight;
            let worth = Thought(perspective, u32::MAX).mixing(&play, horizon).utility;
            if !worth.is_finite() {
                return Err(failed(unfit(&index, &run, perspective.actor, worth)));
            }
            payoffs.push(worth);
        }
        if !advance(&mut at, &sizes) {
            return Ok(StageGame { players, payoffs, true_types: run.true_types.clone() });
        }
    }
}

/// An actor as its real type.
fn perspective<'a>(
    index: &'a EffectIndex<'a>,
    run: &'a Run,
    actor: ActorId,
) -> Perspective<'a, f64> {
    Perspective::new(index, &(), &run.world, (actor, run.true_type(actor)))
}

/// The actors that play, with every combination of what their seats can do.
fn players(
    index: &EffectIndex,
    run: &Run,
    actors: &[ActorId],
) -> Result<Vec<StagePlayer>, StageError> {
    let open = open_options(index, &run.world, run.real());
    let of = |actor: ActorId| {
        let mut strategies: Vec<Vec<OptionId>> = vec![Vec::new()];
        for seat in index.seats_in(actor, 0) {
            let options = index.model.seats[seat].options();
            let can = options.zip(&open[seat][run.true_type(actor)]).filter(|(_, p)| **p > 0.0);
            let options: Vec<OptionId> = can.map(|(option, _)| option).collect();
            let with = |option: &OptionId| {
                let longer = |s: &Vec<OptionId>| s.iter().copied().chain([*option]).collect();
                strategies.iter().map(longer).collect::<Vec<Vec<OptionId>>>()
            };
            strategies = options.iter().flat_map(with).collect();
        }
        StagePlayer { actor, strategies }
    };
    if let Some(idle) = actors.iter().find(|actor| index.seats_in(**actor, 0).is_empty()) {
        return Err(StageError::NoSeat(*idle));
    }
    let players: Vec<StagePlayer> = match actors {
        [] => {
            let all = index.model.actors().filter(|a| !index.seats_in(*a, 0).is_empty());
            all.map(of).filter(|player| player.strategies.len() > 1).collect()
        }
        some => some.iter().map(|actor| of(*actor)).collect(),
    };
    if players.is_empty() { Err(StageError::NoChoice) } else { Ok(players) }
}

/// Lets seats play these options for sure, whatever the type of their actor.
fn commit(index: &EffectIndex, play: &mut Play, options: &[OptionId]) {
    for option in options {
        let seat = index.model.options[*option].seat;
        let position = index.model.seats[seat].position(*option);
        for mix in &mut play[seat] {
            mix.fill(0.0);
            mix[position] = 1.0;
        }
    }
}

fn unfit(index: &EffectIndex, run: &Run, actor: ActorId, worth: f64) -> Failure {
    let name = &index.model.names.actors[actor];
    Failure {
        run: 0,
        round: run.played() + 1,
        cell: format!("utility[{name}]"),
        offset: index.model.payoffs[actor].first().map_or(0, |p| p.value.span.start),
        reason: format!("the utility of a joint option to {name} is {worth}"),
    }
}

/// The next profile, the first player fastest; false after the last.
fn advance(at: &mut [usize], sizes: &[usize]) -> bool {
    for (number, size) in at.iter_mut().zip(sizes) {
        *number += 1;
        if *number < *size {
            return true;
        }
        *number = 0;
    }
    false
}
