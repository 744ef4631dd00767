//! The game within a round: what every joint option is worth to those who play it.

use super::board::Board;
use super::imagine::Mind;
use super::known::with_parameters;
use super::reason::{Play, open_options, settle};
use super::{Game, Run};
use crate::record::Failure;

/// A player of a stage game.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StagePlayer {
    /// The actor, by its number in the model.
    pub actor: usize,
    /// Its strategies: an option, by its number among all options, for each of its seats.
    pub strategies: Vec<Vec<usize>>,
}

/// The game of one round at the state that a run has reached.
#[derive(Debug, Clone, PartialEq)]
pub struct Stage {
    /// Who plays, and what each can do.
    pub players: Vec<StagePlayer>,
    /// Profile by profile, the first player's strategy fastest, what each player expects: utility
    /// of the round and, with foresight, the discounted value of those after it.
    pub payoffs: Vec<f64>,
    /// The real types of the run, by the place of the actor among those that have some.
    pub truth: Vec<usize>,
}

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// Which run.
    pub run: u64,
    /// Which round, from 1.
    pub round: u32,
    /// Who plays, by number; empty for all who have a choice.
    pub actors: &'a [usize],
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
    /// The actor has no seat.
    NoSeat(usize),
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
/// play keep to the mixes that deliberation gives them. `halt` is asked now and then whether to
/// stop.
///
/// # Errors
/// When the run does not come so far, or the game is too large.
pub fn stage(game: &Game, wanted: &Wanted, halt: &dyn Fn() -> bool) -> Result<Stage, StageError> {
    let model = with_parameters(game.model, game.arm);
    let board = Board::new(&Game { model: &model, ..*game });
    let mut run = Run::begin(&board, game.seed, wanted.run).map_err(StageError::Failed)?;
    while run.world.round + 1 < wanted.round {
        if halt() {
            return Err(StageError::Stopped);
        }
        let played = run.round().map_err(StageError::Failed)?;
        if played.over {
            return Err(StageError::Ended(run.world.round));
        }
    }
    let settled = settle(&board, &run.world, u32::MAX, &run.levels).map_err(StageError::Failed)?;
    let players = players(&board, &run, wanted.actors)?;
    let sizes: Vec<usize> = players.iter().map(|p| p.strategies.len()).collect();
    let count = sizes.iter().try_fold(players.len(), |product, s| product.checked_mul(*s));
    if count.is_none_or(|count| count > wanted.limit) {
        return Err(StageError::TooLarge(count, sizes));
    }
    let minds: Vec<Mind> = players.iter().map(|p| mind(&board, &run, p.actor)).collect();
    let mut play = settled.play;
    let mut at = vec![0; players.len()];
    let mut payoffs = Vec::new();
    loop {
        if halt() {
            return Err(StageError::Stopped);
        }
        for (player, strategy) in players.iter().zip(&at) {
            commit(&board, &mut play, &player.strategies[*strategy]);
        }
        for mind in &minds {
            let horizon = board.arm.decisions[mind.actor].foresight;
            let worth = mind.mixing(&play, horizon).utility;
            if !worth.is_finite() {
                return Err(StageError::Failed(unfit(&board, &run, mind.actor, worth)));
            }
            payoffs.push(worth);
        }
        if !advance(&mut at, &sizes) {
            return Ok(Stage { players, payoffs, truth: run.world.truth.clone() });
        }
    }
}

/// An actor as its real type.
fn mind<'a>(board: &'a Board<'a>, run: &'a Run, actor: usize) -> Mind<'a> {
    let kind = board.model.private_of(actor).map_or(0, |place| run.world.truth[place]);
    Mind::new(board, &run.world, actor, kind)
}

/// The actors that play, with every combination of what their seats can do.
fn players(board: &Board, run: &Run, actors: &[usize]) -> Result<Vec<StagePlayer>, StageError> {
    let open = open_options(board, &run.world);
    let of = |actor: usize| {
        let mut strategies: Vec<Vec<usize>> = vec![Vec::new()];
        for seat in board.seats_of[actor].iter().copied() {
            let first = board.model.seats[seat].first;
            let kind = board.model.private_of(actor).map_or(0, |p| run.world.truth[p]);
            let can = open[seat][kind].iter().enumerate().filter(|(_, p)| **p > 0.0);
            let options: Vec<usize> = can.map(|(at, _)| first + at).collect();
            let with = |option: &usize| {
                let longer = |s: &Vec<usize>| s.iter().copied().chain([*option]).collect();
                strategies.iter().map(longer).collect::<Vec<Vec<usize>>>()
            };
            strategies = options.iter().flat_map(with).collect();
        }
        StagePlayer { actor, strategies }
    };
    if let Some(idle) = actors.iter().find(|actor| board.seats_of[**actor].is_empty()) {
        return Err(StageError::NoSeat(*idle));
    }
    let players: Vec<StagePlayer> = match actors {
        [] => {
            let all = (0..board.model.actor_count()).filter(|a| !board.seats_of[*a].is_empty());
            all.map(of).filter(|player| player.strategies.len() > 1).collect()
        }
        some => some.iter().map(|actor| of(*actor)).collect(),
    };
    if players.is_empty() { Err(StageError::NoChoice) } else { Ok(players) }
}

/// Lets seats play these options for sure, whatever the type of their actor.
fn commit(board: &Board, play: &mut Play, options: &[usize]) {
    for option in options {
        let number = board.model.options[*option].seat;
        let first = board.model.seats[number].first;
        for mix in &mut play[number] {
            mix.fill(0.0);
            mix[*option - first] = 1.0;
        }
    }
}

fn unfit(board: &Board, run: &Run, actor: usize, worth: f64) -> Failure {
    let name = &board.model.names.actors[actor];
    Failure {
        run: 0,
        round: run.world.round + 1,
        cell: format!("utility[{name}]"),
        place: board.model.payoffs[actor].first().map_or(0, |p| p.value.span.start),
        reason: format!("the utility of a joint option to {name} is {worth}"),
    }
}

/// The next profile, the first player fastest; false after the last.
fn advance(at: &mut [usize], sizes: &[usize]) -> bool {
    for (place, size) in at.iter_mut().zip(sizes) {
        *place += 1;
        if *place < *size {
            return true;
        }
        *place = 0;
    }
    false
}
