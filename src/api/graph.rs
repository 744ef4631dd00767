//! A scenario as a graph model: its states, who can move from which to which, and who prefers what.

use super::Error;
use super::scenario::Scenario;
use crate::model::{Arm, CellId, IndexVec, Simulation, unfit_for_graph};
use crate::reference::{StateGraph, StateGraphError, state_graph};
use crate::rng::Seed;
use crate::solve::Halt;
use crate::solve::stability::{Graph, Stability};

/// A scenario as a graph model (Fang, Hipel and Kilgour 1993): the states that moves lead to, one
/// player at a time, and what they are worth. States are numbered from 0; what people see counts
/// from 1.
#[derive(Debug, Clone, PartialEq)]
pub struct GraphModel {
    /// Scenario and variant.
    pub title: String,
    /// The actors that have moves.
    pub players: Vec<String>,
    /// The cells of the scenario's state in which its states differ.
    pub cells: Vec<StateCell>,
    /// By state: the values of these cells.
    pub states: Vec<Vec<f64>>,
    /// The state before round 1.
    pub start: usize,
    /// Moves and preferences by player and state, players in their order.
    pub graph: Graph,
}

/// A cell of the scenario's state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateCell {
    /// Its name, `tie[CHN,PRK]`.
    pub label: String,
    /// Whether it is a flag, which holds or does not.
    pub flag: bool,
}

impl GraphModel {
    /// Where each state is stable, by state and player.
    ///
    /// # Errors
    /// [`Error::Request`] if `halt` said to stop.
    pub fn stability(&self, halt: &Halt) -> Result<Vec<Vec<Stability>>, Error> {
        self.graph.stability(halt).ok_or_else(stopped)
    }
}

impl Scenario {
    /// An arm of the scenario as a graph model: its states are those that moves lead to from the
    /// state before round 1, of one actor at a time while all others hold; preferences are
    /// utilities of a round in which nobody moves. Stops once `halt` says so.
    ///
    /// # Errors
    /// [`Error::Diagnostics`] with everything that cannot stand in a graph model,
    /// [`Error::Request`] if a state does not stay as it is, an option is half available, nobody
    /// has a move or there are too many states, [`Error::Fault`] if something is not a finite
    /// number.
    pub fn graph_model(&self, arm: &Arm, halt: &Halt) -> Result<GraphModel, Error> {
        let model = self.model();
        let unfit = unfit_for_graph(model, arm);
        if !unfit.is_empty() {
            return Err(Error::Diagnostics(self.diagnostics(unfit)));
        }
        let game = Simulation { model, arm, seed: Seed::default() };
        let found = state_graph(&game, &|| halt()).map_err(|error| self.no_graph(error))?;
        let StateGraph { actors, states, start, moves, payoffs } = found;
        let differ = |cell: &CellId| states.iter().any(|cells| cells[*cell] != states[0][*cell]);
        let ids: Vec<CellId> = model.cells.ids().filter(differ).collect();
        let cell = |id: &CellId| {
            let cell = &model.cells[*id];
            StateCell { label: cell.label.clone(), flag: model.names.states[cell.state].flag }
        };
        let shown = |cells: &IndexVec<CellId, f64>| ids.iter().map(|id| cells[*id]).collect();
        let variant = if arm.name == "base" { String::new() } else { format!(", {}", arm.name) };
        Ok(GraphModel {
            title: format!("{}{variant}", self.name()),
            players: actors.iter().map(|actor| model.names.actors[*actor].clone()).collect(),
            cells: ids.iter().map(cell).collect(),
            states: states.iter().map(shown).collect(),
            start,
            graph: Graph::new(moves, payoffs).map_err(|error| Error::Fault(error.to_string()))?,
        })
    }

    fn no_graph(&self, error: StateGraphError) -> Error {
        let model = self.model();
        Error::Request(match error {
            StateGraphError::NoMove => "nobody has a move, so there is no graph of states".into(),
            StateGraphError::Partly(option, weight) => {
                let seat = &model.seats[model.options[option].seat];
                let (actor, label) = (&model.names.actors[seat.actor], model.option_label(option));
                format!(
                    "`{label}` of {actor} is available with weight {weight} in some state; in a \
                     graph model a move can be made or not: let its `when` be 0 or 1"
                )
            }
            StateGraphError::Restless(cell, from, to) => {
                let label = &model.cells[cell].label;
                format!(
                    "`{label}` goes from {from} to {to} though nobody moves; the states of a graph \
                     model stay as they are until somebody does: leave such dynamics out, or let \
                     them come to rest in the round of a move"
                )
            }
            StateGraphError::States(most) => format!(
                "moves lead to more than {most} states, the limit of a graph model; leave out \
                 moves or state, or let amounts have ends"
            ),
            StateGraphError::Moves(most) => format!(
                "there are more than {most} moves between states, the limit of a graph model; \
                 leave out moves, targets or tracks"
            ),
            StateGraphError::Failed(failure) => return Error::Fault(failure.reason),
            StateGraphError::Stopped => return stopped(),
        })
    }
}

fn stopped() -> Error {
    Error::Request("the time was over before the graph of states was known".to_string())
}
