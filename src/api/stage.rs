//! The stage game of a scenario: a round at the state that a run has reached.

use super::{Error, Scenario, settings};
use crate::model::{OptionId, Private, Simulation};
use crate::reference::{self, StageError, StageGame, StagePlayer, Wanted, stage};
use crate::rng::Seed;
use crate::solve::{Game, Halt, Player, never};

/// The most payoffs of a stage game: each is an imagined round.
const MOST: usize = 1_000_000;

/// Which round of a scenario is taken as a game, and at the state of which run.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Stage {
    round: u32,
    run: u64,
    variant: Option<String>,
    actors: Vec<String>,
    seed: Seed,
    set: Vec<(String, String)>,
}

notes! { Stage: variant seed set;
    /// At the state that the run of this number has reached, instead of run 0.
    run(run: u64) { run = run }
}

impl Stage {
    /// The game of this round, from 1.
    pub fn new(round: u32) -> Stage {
        Stage { round, ..Stage::default() }
    }

    /// This actor plays, and others that are named, while the rest keep to what they would choose;
    /// all who have a choice play where nobody is named.
    #[must_use]
    pub fn actor(mut self, name: impl Into<String>) -> Stage {
        self.actors.push(name.into());
        self
    }
}

impl Scenario {
    /// The game of a round: what every joint option is worth to those who play.
    ///
    /// # Errors
    /// [`Error::Unknown`], [`Error::Request`] or [`Error::Diagnostics`] if what is asked for does
    /// not fit the scenario or the run has no such round, [`Error::Fault`] if the run fails.
    pub fn stage_game(&self, request: &Stage) -> Result<Game, Error> {
        self.stage_game_until(request, &never)
    }

    /// The same, unless `halt` says to stop.
    ///
    /// # Errors
    /// Those of [`Scenario::stage_game`]; [`Error::Request`] if it was stopped.
    pub fn stage_game_until(&self, request: &Stage, halt: &Halt) -> Result<Game, Error> {
        let variant = request.variant.as_deref().filter(|name| *name != "base");
        variant.map_or(Ok(()), |name| self.known_variant(name))?;
        let mut actors = Vec::new();
        for name in &request.actors {
            let number = self.actor(name)?;
            if actors.contains(&number) {
                let text = format!("`{name}` is named twice in --actors");
                return Err(Error::Request(text));
            }
            actors.push(number);
        }
        let changes = settings(self.model(), &request.set)?;
        let arm = self.arm(variant, &changes)?;
        let (round, rounds) = (request.round, arm.rounds);
        if round == 0 || round > rounds {
            let text = format!("`{}` has {rounds} rounds, not {round}", self.name());
            return Err(Error::Request(text));
        }
        if arm.is_stationary() {
            reference::markov(self.model(), &arm, &|| halt())
                .map_err(|error| Error::Fault(error.to_string()))?;
        }
        let played = Simulation { model: self.model(), arm: &arm, seed: request.seed };
        let wanted = Wanted { run: request.run, round, actors: &actors, limit: MOST };
        match stage(&played, &wanted, &|| halt()) {
            Ok(found) => self.game(request, found),
            Err(error) => Err(self.refused(request, error)),
        }
    }

    fn game(&self, request: &Stage, found: StageGame) -> Result<Game, Error> {
        let model = self.model();
        let player = |player: &StagePlayer| {
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
        let arm = request.variant.as_ref().map_or(String::new(), |arm| format!(", {arm}"));
        let told = |(private, number): (&Private, &usize)| {
            let name = &model.names.types[private.actor][*number];
            format!(", {} {name}", model.names.actors[private.actor])
        };
        let types: String = model.private.iter().zip(&found.true_types).map(told).collect();
        let (round, run) = (request.round, request.run);
        let title = format!("{}{arm}, round {round} of run {run}{types}", self.name());
        let game = Game::new(title, players, found.payoffs);
        game.map_err(|error| Error::Request(error.to_string()))
    }

    fn refused(&self, request: &Stage, error: StageError) -> Error {
        Error::Request(match error {
            StageError::Ended(rounds) => {
                format!("run {} ended after {rounds} rounds", request.run)
            }
            StageError::Failed(failure) => {
                let (cell, round, reason) = (failure.cell, failure.round, failure.reason);
                return Error::Fault(format!("`{cell}` failed in round {round}: {reason}"));
            }
            StageError::NoSeat(actor) => {
                let name = &self.model().names.actors[actor];
                let why = "has no moves in the first stage of a round, so it cannot be a player";
                format!("`{name}` {why}")
            }
            StageError::NoChoice => "nobody has a choice in this round".to_string(),
            StageError::TooLarge(count, sizes) => {
                let sizes: Vec<String> = sizes.iter().map(usize::to_string).collect();
                let sizes = sizes.join(" x ");
                let count = count.map_or("more than can be counted".into(), |c| c.to_string());
                format!(
                    "the game has {sizes} joint options, {count} payoffs where {MOST} are the \
                     limit; name fewer players with --actors"
                )
            }
            StageError::Stopped => {
                "the time was over before the game of the round was known".to_string()
            }
        })
    }
}
