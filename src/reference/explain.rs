//! What a seat's options would be worth in a given state.

use std::cell::RefCell;

use super::known::with_parameters;
use super::reason::settle;
use super::transcript::seat_trace;
use super::{Drawn, Run, SeatTrace};
use crate::model::{ActorId, CellId, HazardId, IndexVec, OptionId, SeatId, Simulation};
use crate::record::Failure;
use crate::rng::Stream;
use crate::rules::EffectIndex;

/// A state before a round: of one run, or the mean over many.
#[derive(Debug, Clone, PartialEq)]
pub struct State {
    /// The round, from 1.
    pub round: u32,
    /// State cells; `None`: initial values, draws at their means.
    pub cells: Option<IndexVec<CellId, f64>>,
    /// How much of each option was played in the round before, and how likely it was.
    pub played: IndexVec<OptionId, f64>,
    /// How likely each option was in the round before.
    pub mixed: IndexVec<OptionId, f64>,
    /// Which events happened in the round before.
    pub happened: IndexVec<HazardId, f64>,
    /// Which events that happen once have happened.
    pub spent: IndexVec<HazardId, f64>,
    /// By private id, observer and type: what is believed; `None`: the priors.
    pub beliefs: Option<Vec<IndexVec<ActorId, Vec<f64>>>>,
    /// By private id, the real type.
    pub true_types: Vec<usize>,
}

/// What the options of a seat are worth in a state, and how likely each is. `None` for a seat of a
/// later stage, whose state is not that before the round.
///
/// # Errors
/// A value that is not finite.
pub fn explain(
    game: &Simulation,
    state: &State,
    seat: SeatId,
) -> Result<Option<SeatTrace>, Failure> {
    if game.model.seats[seat].stage > 0 {
        return Ok(None);
    }
    let model = with_parameters(game.model, game.arm);
    let index = EffectIndex::new(&model, game.arm).with_reach();
    let stream = RefCell::new(Stream::new(game.seed, 0));
    let levels = Drawn::new(&index, &stream).levels;
    let drawn = Drawn { types: state.true_types.clone(), levels };
    let mut run = Run::start(&index, stream, drawn)?;
    let world = &mut run.world;
    world.round = f64::from(state.round);
    if let Some(cells) = &state.cells {
        world.cells.clone_from(cells);
    }
    world.played.clone_from(&state.played);
    world.mixed.clone_from(&state.mixed);
    world.happened.clone_from(&state.happened);
    world.spent.clone_from(&state.spent);
    if let Some(beliefs) = &state.beliefs {
        world.beliefs.clone_from(beliefs);
    }
    let strategies = settle(&index, &run.world, u32::MAX, Some(run.real()))?;
    Ok(Some(seat_trace(game, &run, &strategies, seat)))
}
