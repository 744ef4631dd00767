//! The states of a scenario and the moves between them, one player at a time: a graph model.

use std::collections::BTreeMap;

use super::known::with_parameters;
use super::reason::open_options;
use super::{Run, holds};
use crate::math;
use crate::model::{ActorId, CellId, IndexVec, OptionId, Simulation, deciders};
use crate::record::Failure;
use crate::rules::{EffectIndex, Halt, Phase, Round, Start, World, total};

/// The values of all cells.
pub type Cells = IndexVec<CellId, f64>;

/// The states that unilateral moves lead to, and what leads where.
#[derive(Debug, Clone, PartialEq)]
pub struct StateGraph {
    /// Who has moves.
    pub actors: Vec<ActorId>,
    /// By state: its cells. States are in order of their last cell, then of the one before it, and
    /// so on, so that the first cell changes fastest.
    pub states: Vec<Cells>,
    /// The state before round 1.
    pub start: usize,
    /// By actor as in `actors`, then state: where a move leads to; a state may stand there twice.
    pub moves: Vec<Vec<Vec<usize>>>,
    /// By actor as in `actors`, then state: its utility in a round in which nobody moves.
    pub payoffs: Vec<Vec<f64>>,
}

/// Why there is no graph.
#[derive(Debug, Clone, PartialEq)]
pub enum StateGraphError {
    /// Nobody has a move.
    NoMove,
    /// An option is available in a state with a weight between 0 and 1.
    Partly(OptionId, f64),
    /// A cell changes though nobody moves: from, to.
    Restless(CellId, f64, f64),
    /// More states than this.
    States(usize),
    /// More moves than this.
    Moves(usize),
    /// A cell or a utility is not a finite number.
    Failed(Failure),
    /// Told to stop.
    Stopped,
}

/// The most states.
const MAX_STATES: usize = 5_000;
/// The most numbers in all states.
const MAX_NUMBERS: usize = 10_000_000;
/// The most moves that are tried, by joint option and state.
const MAX_MOVES: usize = 1_000_000;
/// Cells that differ by less than half of it are the same, up to this size: what is left of adding
/// a tenth and taking it off again is no state of its own.
const GRAIN: f64 = 1e-9;
const GRAINED: f64 = 1e6;

/// Follows all moves from the state before round 1, of one actor at a time while all others hold.
/// `halt` is asked now and then whether to stop.
///
/// The arm is to be one in which [`crate::model::unfit_for_graph`] finds nothing.
///
/// # Errors
/// When a state does not stay as it is, an option is half available, or there is too much of it.
pub fn state_graph(
    game: &Simulation,
    halt: &dyn Fn() -> bool,
) -> Result<StateGraph, StateGraphError> {
    let model = with_parameters(game.model, game.arm);
    let mut index = EffectIndex::new(&model, game.arm);
    index.halt = Halt::new(halt);
    let run = Run::begin(&index, game.seed, 0).map_err(StateGraphError::Failed)?;
    let actors = deciders(game.model, game.arm);
    if actors.is_empty() {
        return Err(StateGraphError::NoMove);
    }
    let mut found = Explorer {
        run: &run,
        actors,
        numbers: BTreeMap::new(),
        states: Vec::new(),
        moves: Vec::new(),
        payoffs: Vec::new(),
        tried: 0,
    };
    found.number(run.world.cells.clone())?;
    while found.moves.len() < found.states.len() {
        found.explore()?;
    }
    Ok(found.in_order())
}

struct Explorer<'a> {
    run: &'a Run<'a>,
    actors: Vec<ActorId>,
    /// By what makes a state itself, its number.
    numbers: BTreeMap<Vec<u64>, usize>,
    states: Vec<Cells>,
    /// By state that was explored, then actor.
    moves: Vec<Vec<Vec<usize>>>,
    payoffs: Vec<Vec<f64>>,
    tried: usize,
}

impl Explorer<'_> {
    /// The number of a state, a new one where it is met for the first time.
    fn number(&mut self, cells: Cells) -> Result<usize, StateGraphError> {
        let next = self.states.len();
        let number = *self.numbers.entry(cells.iter().map(grained).collect()).or_insert(next);
        if number == next {
            let most = MAX_STATES.min(MAX_NUMBERS / cells.len().max(1));
            if next >= most {
                return Err(StateGraphError::States(most));
            }
            self.states.push(cells);
        }
        Ok(number)
    }

    /// What is worth what in the first state that was not explored, and where it leads.
    fn explore(&mut self) -> Result<(), StateGraphError> {
        let number = self.moves.len();
        let (run, index) = (self.run, self.run.index);
        let world = World { cells: self.states[number].clone(), ..run.world.clone() };
        let start = Start::new(index, (), &world, run.truth.clone());
        let at_rest = play(&start, &[]);
        let after = self.cells(&at_rest)?;
        let mut moved =
            world.cells.enumerate().filter(|(cell, x)| grained(x) != grained(&after[*cell]));
        if let Some((cell, before)) = moved.next() {
            return Err(StateGraphError::Restless(cell, *before, after[cell]));
        }
        let worth = |actor: &ActorId| total((), &at_rest.pay(*actor).1);
        let payoffs: Vec<f64> = self.actors.iter().map(worth).collect();
        if let Some(at) = payoffs.iter().position(|payoff| !payoff.is_finite()) {
            let actor = self.actors[at];
            let name = &index.model.names.actors[actor];
            let cell = format!("utility[{name}]");
            return Err(failed(cell, payoffs[at]));
        }
        let ends = index.model.stop_when.as_ref();
        let over = ends.is_some_and(|c| holds(crate::expr::value(c, &at_rest.at(Phase::End))));
        let open = open_options(index, &world, run.real());
        let mut moves = vec![Vec::new(); self.actors.len()];
        for (at, own) in moves.iter_mut().enumerate().filter(|_| !over) {
            for options in self.joint(self.actors[at], &open)? {
                let cells = self.cells(&play(&start, &options))?;
                own.push(self.number(cells)?);
            }
        }
        self.moves.push(moves);
        self.payoffs.push(payoffs);
        Ok(())
    }

    /// What an actor can do in a state: its joint options but for holding everywhere, each without
    /// the seats that hold.
    fn joint(
        &mut self,
        actor: ActorId,
        open: &super::reason::Play,
    ) -> Result<Vec<Vec<OptionId>>, StateGraphError> {
        let model = self.run.index.model;
        let mut all = vec![Vec::new()];
        for seat in model.seats_of(actor) {
            let mut longer = all.clone();
            for (option, weight) in model.seats[seat].options().zip(&open[seat][0]) {
                if model.options[option].holds() || *weight == 0.0 {
                    continue;
                }
                if *weight != 1.0 {
                    return Err(StateGraphError::Partly(option, *weight));
                }
                self.tried += all.len();
                if self.tried > MAX_MOVES {
                    return Err(StateGraphError::Moves(MAX_MOVES));
                }
                longer.extend(all.iter().map(|before| [&before[..], &[option]].concat()));
            }
            all = longer;
        }
        Ok(all.split_off(1))
    }

    /// The cells at the end of a round.
    fn cells(&self, round: &Round<f64>) -> Result<Cells, StateGraphError> {
        let index = self.run.index;
        if index.halt.look() {
            return Err(StateGraphError::Stopped);
        }
        let cells = round.all_cells(Phase::End);
        match cells.enumerate().find(|(_, value)| !value.is_finite()) {
            Some((cell, value)) => Err(failed(index.model.cells[cell].label.clone(), *value)),
            None => Ok(cells),
        }
    }

    /// The graph with its states in the order of their cells.
    fn in_order(self) -> StateGraph {
        let mut order: Vec<usize> = (0..self.states.len()).collect();
        let key = |state: usize| self.states[state].iter().rev();
        order.sort_by(|a, b| {
            let mut pairs = key(*a).zip(key(*b)).map(|(x, y)| x.total_cmp(y));
            pairs.find(|order| order.is_ne()).unwrap_or(std::cmp::Ordering::Equal)
        });
        let mut place = vec![0; order.len()];
        for (new, old) in order.iter().enumerate() {
            place[*old] = new;
        }
        let to =
            |old: &usize, at: usize| self.moves[*old][at].iter().map(|to| place[*to]).collect();
        let actors = 0..self.actors.len();
        StateGraph {
            states: order.iter().map(|old| self.states[*old].clone()).collect(),
            start: place[0],
            moves: actors.clone().map(|at| order.iter().map(|old| to(old, at)).collect()).collect(),
            payoffs: actors
                .map(|at| order.iter().map(|old| self.payoffs[*old][at]).collect())
                .collect(),
            actors: self.actors,
        }
    }
}

/// The round in which these options are played and every other seat holds.
fn play<'a>(start: &'a Start<'a, f64>, options: &[OptionId]) -> Round<'a, f64> {
    let model = start.index.model;
    let mut weights = IndexVec::filled(0.0, model.options.len());
    for (id, seat) in model.seats.enumerate() {
        let own = options.iter().find(|option| model.options[**option].seat == id);
        let hold = seat.option(seat.options().len() - 1);
        weights[*own.unwrap_or(&hold)] = 1.0;
    }
    // nobody learns: there are no types
    Round::new(start, weights, &|_, _, _| Vec::new())
}

/// What a number is told by.
fn grained(x: &f64) -> u64 {
    let same = if x.abs() < GRAINED { math::floor(x / GRAIN + 0.5) * GRAIN } else { *x };
    (same + 0.0).to_bits()
}

fn failed(cell: String, value: f64) -> StateGraphError {
    let reason = format!("`{cell}` is {value}");
    StateGraphError::Failed(Failure { run: 0, round: 1, cell, offset: 0, reason })
}
