//! The stage game of a scenario: a round at the state that a run has reached.

use super::options::Solve;
use crate::cli::Failed;
use crate::cli::run::overrides;
use crate::cli::trace::known_actor;
use detente::Scenario;
use detente::diagnostic::clip;
use detente::model::{Model, OptionId, Private, Simulation};
use detente::reference::{self, StageError, StageGame, Wanted, stage};
use detente::rng::Seed;
use detente::solve::{Game, Halt, Player};

/// The most payoffs of a stage game: each is an imagined round.
const MOST: usize = 1_000_000;

/// The game of the round that the options name.
///
/// # Errors
/// Status 1 if the scenario or the run is at fault, 2 if the options are.
pub fn game(options: &Solve, halt: &Halt) -> Result<Game, Failed> {
    let Some(round) = options.round else {
        return Err(Failed::usage(format_args!(
            "`{}` is no game file (`.nfg`); of a scenario say which round with --round",
            clip(&options.game)
        )));
    };
    let loaded = Scenario::find(&options.game)?;
    let model = loaded.model();
    let variant = options.variant.as_deref().filter(|name| *name != "base");
    if let Some(name) = variant {
        loaded.known_variant(name)?;
    }
    let mut actors = Vec::new();
    for name in &options.actors {
        known_actor(model, name)?;
        let id = model.names.actor(name);
        if id.is_some_and(|id| actors.contains(&id)) {
            return Err(Failed::usage(format_args!("`{name}` is named twice in --actors")));
        }
        actors.extend(id);
    }
    let changes = overrides(model, &options.set)?;
    let arm = loaded.arm(variant, &changes)?;
    if round > arm.rounds {
        let (name, rounds) = (&model.about.name, arm.rounds);
        return Err(Failed::usage(format_args!("`{name}` has {rounds} rounds, not {round}")));
    }
    let played = Simulation { model, arm: &arm, seed: Seed(options.seed) };
    let wanted = Wanted { run: options.at, round, actors: &actors, limit: MOST };
    match stage(&played, &wanted, &|| halt()) {
        Ok(found) => convert(model, options, round, found),
        Err(error) => Err(refused(&loaded, options, error)),
    }
}

fn convert(model: &Model, options: &Solve, round: u32, found: StageGame) -> Result<Game, Failed> {
    let player = |player: &reference::StagePlayer| {
        let tracks = model.tracks.len() > 1;
        let option = |option: &OptionId| {
            let label = model.option_label(*option);
            let seat = &model.seats[model.options[*option].seat];
            if tracks { format!("{}: {label}", model.tracks[seat.track]) } else { label }
        };
        let name = |s: &Vec<OptionId>| s.iter().map(option).collect::<Vec<_>>().join(", ");
        Player {
            name: model.names.actors[player.actor].clone(),
            strategies: player.strategies.iter().map(name).collect(),
        }
    };
    let players = found.players.iter().map(player).collect();
    let arm = options.variant.as_ref().map_or(String::new(), |arm| format!(", {arm}"));
    let told = |(private, number): (&Private, &usize)| {
        let name = &model.names.types[private.actor][*number];
        format!(", {} {name}", model.names.actors[private.actor])
    };
    let types: String = model.private.iter().zip(&found.true_types).map(told).collect();
    let title = format!("{}{arm}, round {round} of run {}{types}", model.about.name, options.at);
    Game::new(title, players, found.payoffs).map_err(Failed::usage)
}

fn refused(loaded: &Scenario, options: &Solve, error: StageError) -> Failed {
    let model = loaded.model();
    let run = options.at;
    match error {
        StageError::Ended(rounds) => {
            Failed::usage(format_args!("run {run} ended after {rounds} rounds"))
        }
        StageError::Failed(failure) => {
            let (cell, round, reason) = (failure.cell, failure.round, failure.reason);
            Failed::scenario(format_args!("`{cell}` failed in round {round}: {reason}"))
        }
        StageError::NoSeat(actor) => {
            let name = &model.names.actors[actor];
            let why = "has no moves in the first stage of a round, so it cannot be a player";
            Failed::usage(format_args!("`{name}` {why}"))
        }
        StageError::NoChoice => Failed::usage("nobody has a choice in this round"),
        StageError::TooLarge(count, sizes) => {
            let sizes: Vec<String> = sizes.iter().map(usize::to_string).collect();
            let sizes = sizes.join(" x ");
            let count = count.map_or("more than can be counted".into(), |c| c.to_string());
            Failed::usage(format_args!(
                "the game has {sizes} joint options, {count} payoffs where {MOST} are the limit; \
                 name fewer players with --actors"
            ))
        }
        StageError::Stopped => {
            Failed::usage("the time was over before the game of the round was known")
        }
    }
}
