//! From an arm of a scenario to a plan: everything a run computes, as operations on columns.
//!
//! A round is followed once with numbers that are not known yet: the rules of `docs/method.md` are
//! carried out on the nodes of a graph, option by option and level by level, exactly in the order
//! of the plain interpreter. What is known is computed at once, what is equal exists once (an
//! option's imagined round shares with all others whatever the option cannot change), and what is
//! not needed is left out. The graph is then written out as a [`Tape`]: operations in order, with
//! columns for their results that are used again as soon as nothing reads them.
//!
//! **Invariant.** Nothing is re-associated: a plan gives the interpreter's numbers to the last bit.

mod board;
mod choose;
mod deliberate;
mod formula;
mod graph;
mod input;
mod learn;
mod lower;
mod moment;
mod procedures;
mod tape;

use std::cell::RefCell;
use std::ops::Range;

use crate::expr::Operation;
use crate::model::{Arm, Model, Reasoning, poisson_levels};
use board::Board;
use deliberate::{Scene, settle};
use formula::value;
use graph::{Builder, Id};
use learn::observed;
use lower::lower;
use moment::{Round, Start, View, When, World, total};
use procedures::Procedures;

pub use crate::model::{CONVERGED, HALVING, Measure, STEPS};
pub use input::{Draw, Input, Within};
pub use tape::{Branching, Call, Equilibrium, Instruction, Operand, Step, Tape};

/// The mixes of all seats from the world at the start of a round.
#[derive(Debug, Clone, Default)]
pub struct Deliberate {
    /// Outputs: see the fields.
    pub tape: Tape,
    /// Where the mixes of all options are among the outputs.
    pub mixes: Range<usize>,
    /// What others expect of actors with private information: input of the round, output.
    pub expected: Vec<(Input, usize)>,
    /// The output that is 1 where a utility of an available option was not finite.
    pub flaw: usize,
    /// The output that is the residual of an equilibrium that did not converge, else 0.
    pub residual: usize,
}

/// Steps 4 to 8 from the options chosen.
#[derive(Debug, Clone, Default)]
pub struct Transition {
    /// Outputs: see the fields.
    pub tape: Tape,
    /// What is recorded, in the order of [`crate::model::Model`]: state cells, recorded derived
    /// quantities, utilities, payoffs by actor and component, beliefs, hazards.
    pub variables: Range<usize>,
    /// Per state cell its output, and so on: how the world goes on.
    pub next: Vec<(Input, usize)>,
    /// The formulas of outcomes.
    pub measured: Range<usize>,
    /// The output that is 1 where a stored value was not finite.
    pub flaw: usize,
    /// The output that counts probabilities moved into \[0, 1\].
    pub clamped: usize,
    /// The output that is the weight with which the run goes on.
    pub goes_on: usize,
}

/// A seat as the engine sees it.
#[derive(Debug, Clone)]
pub struct Chooser {
    /// Its options among all options.
    pub options: Range<usize>,
}

/// An actor with private information as the engine sees it.
#[derive(Debug, Clone)]
pub struct Secret {
    /// The type that is real in every run, if that is fixed.
    pub truth: Option<usize>,
    /// How likely nature makes each type real.
    pub chances: Vec<f64>,
    /// By observer and type: what is believed before the first round.
    pub priors: Vec<Vec<f64>>,
}

/// Everything that playing an arm needs.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    /// The greatest number of rounds.
    pub rounds: u32,
    /// How many state cells there are; initial values are the first outputs of `begin`.
    pub cells: usize,
    /// How many hazards there are.
    pub hazards: usize,
    /// Seats in order.
    pub seats: Vec<Chooser>,
    /// By place in `Model::private`.
    pub secrets: Vec<Secret>,
    /// By actor: how likely each Poisson level is; empty where it reasons otherwise.
    pub levels: Vec<Vec<f64>>,
    /// How outcomes are taken over rounds.
    pub measures: Vec<Measure>,
    /// Initial values; the last output is 1 where one is not finite.
    pub begin: Tape,
    /// Steps 1 and 2.
    pub deliberate: Deliberate,
    /// Steps 4 to 8.
    pub transition: Transition,
    /// What calls refer to.
    pub procedures: Vec<Tape>,
}

impl Plan {
    /// Plans an arm of a model.
    pub fn new(model: &Model, arm: &Arm) -> Plan {
        let board = Board::new(model, arm);
        let procedures = RefCell::new(Procedures::default());
        let levels = arm.decisions.iter().map(|decision| match decision.reasoning {
            Reasoning::Poisson(mean) => poisson_levels(mean),
            _ => Vec::new(),
        });
        let secrets = (0..model.private.len()).map(|place| Secret {
            truth: arm.truth[place],
            chances: arm.chances[place].clone(),
            priors: arm.priors[place].clone(),
        });
        let mut plan = Plan {
            rounds: arm.rounds,
            cells: model.cells.len(),
            hazards: model.hazards.len(),
            seats: model.seats.iter().map(|s| Chooser { options: s.options() }).collect(),
            secrets: secrets.collect(),
            levels: levels.collect(),
            measures: model.outcomes.iter().map(|o| o.measure).collect(),
            begin: begin(&board),
            deliberate: deliberate(&board, &procedures),
            transition: transition(&board),
            procedures: Vec::new(),
        };
        plan.procedures = procedures.into_inner().tapes;
        plan
    }
}

/// The view of reality: every actor of its true type.
fn reality(board: &Board, b: &Builder) -> View {
    let truth = (0u32..).zip(&board.model.private).map(|(place, private)| {
        let kinds = 0..private.kinds.len() as u32;
        kinds.map(|kind| b.input(Input::Truth(place, kind))).collect()
    });
    View::of(board, b, truth.collect())
}

fn begin(board: &Board) -> Tape {
    let b = Builder::new();
    let world = World::given(board, &b);
    let start = Start::new(board, &b, &world, reality(board, &b), true);
    let mut flaw = b.number(0.0);
    let mut outputs = Vec::new();
    for (cell, formula) in board.model.cells.iter().zip(&board.arm.initial) {
        let (lo, hi) = cell.range;
        let given = [value(formula, &start), b.number(lo), b.number(hi)];
        let found = b.operation(Operation::Clamp, &given);
        flaw = b.operation(Operation::Flaw, &[flaw, b.number(1.0), found]);
        outputs.push(found);
    }
    outputs.push(flaw);
    lower(&b.finish(), &outputs)
}

fn deliberate(board: &Board, procedures: &RefCell<Procedures>) -> Deliberate {
    let model = board.model;
    let b = Builder::new();
    let world = World::given(board, &b);
    let scene = Scene { board, b: &b, world: &world, procedures, horizon: u32::MAX };
    let settled = settle(scene, true);
    let mut outputs = Vec::new();
    for (seat, kinds) in model.seats.iter().zip(&settled.own) {
        let mut mix = kinds[0].clone();
        if let Some(place) = model.private_of(seat.actor) {
            for (kind, other) in (0u32..).zip(kinds).skip(1) {
                let real = b.input(Input::Truth(place as u32, kind));
                let pairs = mix.iter_mut().zip(other);
                pairs.for_each(|(share, p)| *share = b.select(real, *p, *share));
            }
        }
        outputs.extend(mix);
    }
    let mixes = 0..outputs.len();
    let mut expected = Vec::new();
    for (number, seat) in (0u32..).zip(&model.seats) {
        if model.private_of(seat.actor).is_none() {
            continue;
        }
        for (kind, mix) in (0u32..).zip(&settled.play[number as usize]) {
            for (option, share) in (0u32..).zip(mix) {
                expected.push((Input::Expected(number, kind, option), outputs.len()));
                outputs.push(*share);
            }
        }
    }
    let flaw = outputs.len();
    outputs.extend([settled.flaw, settled.residual]);
    let tape = lower(&b.finish(), &outputs);
    Deliberate { tape, mixes, expected, flaw, residual: flaw + 1 }
}

/// Whether anything that a real round stores is not finite.
fn flaw(round: &Round, b: &Builder) -> Id {
    let model = round.start.board.model;
    let one = b.number(1.0);
    let mut flaw = b.number(0.0);
    let mut check = |gate: Id, id: Id| flaw = b.operation(Operation::Flaw, &[flaw, gate, id]);
    for when in [When::Acted, When::Drifted, When::End] {
        round.all_cells(when).into_iter().for_each(|cell| check(one, cell));
    }
    for hazard in 0..model.hazards.len() {
        if let Some((possible, chance, _)) = round.raw_chance(hazard) {
            check(possible, chance);
        }
    }
    for belief in learned(round) {
        check(one, belief);
    }
    flaw
}

/// What observers believe about others after a round.
fn learned(round: &Round) -> Vec<Id> {
    let private = &round.start.board.model.private;
    let rows = private.iter().zip(round.beliefs()).flat_map(|(private, rows)| {
        let others = rows.into_iter().enumerate().filter(|(o, _)| *o != private.actor);
        others.flat_map(|(_, row)| row).collect::<Vec<_>>()
    });
    rows.collect()
}

/// How many probabilities of events lie outside \[0, 1\].
fn clamped(round: &Round, b: &Builder) -> Id {
    let (zero, one) = (b.number(0.0), b.number(1.0));
    let mut count = zero;
    for hazard in 0..round.start.board.model.hazards.len() {
        if let Some((possible, chance, _)) = round.raw_chance(hazard) {
            let below = b.operation(Operation::Less, &[chance, zero]);
            let above = b.operation(Operation::Less, &[one, chance]);
            count = b.add2(count, b.multiply(possible, b.maximum(below, above)));
        }
    }
    count
}

/// Which events happen: those whose uniform number is below their chance.
fn decide(round: &Round, b: &Builder) -> Vec<Id> {
    let hazards = 0..round.start.board.model.hazards.len();
    hazards
        .map(|hazard| {
            let slot = hazard as u32;
            let draw = Draw { within: Within::Events, ordinal: 0, slot };
            let chance = round.chance(hazard);
            match b.known(chance) {
                Some(0.0) => chance,
                _ => b.operation(Operation::Less, &[b.input(Input::Uniform(draw)), chance]),
            }
        })
        .collect()
}

fn transition(board: &Board) -> Transition {
    let model = board.model;
    let b = Builder::new();
    let world = World::given(board, &b);
    let start = Start::new(board, &b, &world, reality(board, &b), true);
    let options = 0..model.options.len() as u32;
    let chosen: Vec<Id> = options.map(|o| b.input(Input::Chosen(o))).collect();
    let learn = |place: usize, observer: usize| {
        let kinds = 0..model.private[place].kinds.len() as u32;
        let play = (0u32..).zip(&model.seats).map(|(number, seat)| {
            let mix = |kind: u32| -> Vec<Id> {
                let count = seat.options().len() as u32;
                (0..count).map(|o| b.input(Input::Expected(number, kind, o))).collect()
            };
            match model.private_of(seat.actor) == Some(place) {
                true => kinds.clone().map(mix).collect(),
                false => Vec::new(),
            }
        });
        let prior = &world.beliefs[place][observer];
        observed(board, &b, prior, &play.collect(), &chosen, place)
    };
    let mut round = Round::new(&start, &chosen, &learn);
    round.decided = Some(decide(&round, &b));
    let (mut payoffs, mut utilities) = (Vec::new(), Vec::new());
    for actor in 0..model.actor_count() {
        let (gained, parts) = round.pay(actor);
        payoffs.push(gained);
        utilities.push(total(&b, &parts));
    }
    let mut end = round.at(When::End);
    (end.utilities, end.payoffs) = (&utilities, &payoffs);
    let cells = round.all_cells(When::End);
    let beliefs = learned(&round);
    let happened: Vec<Id> = (0..model.hazards.len()).map(|h| round.happened(h)).collect();
    let mut outputs = cells.clone();
    let number = |input: fn(u32) -> Input, count: usize, first: usize| {
        (0..count).map(move |n| (input(n as u32), first + n))
    };
    let mut next: Vec<(Input, usize)> = number(Input::Cell, cells.len(), 0).collect();
    outputs.extend(model.recorded.iter().map(|d| formula::Reads::derived(&end, *d)));
    outputs.extend(&utilities);
    outputs.extend(payoffs.iter().flatten());
    let mut at = outputs.len();
    for (place, private) in (0u32..).zip(&model.private) {
        for observer in (0..model.actor_count()).filter(|o| *o != private.actor) {
            for kind in 0..private.kinds.len() as u32 {
                next.push((Input::Belief(place, observer as u32, kind), at));
                at += 1;
            }
        }
    }
    outputs.extend(beliefs);
    next.extend(number(Input::Happened, happened.len(), outputs.len()));
    outputs.extend(&happened);
    let variables = 0..outputs.len();
    let measured = outputs.len()..outputs.len() + model.outcomes.len();
    outputs.extend(model.outcomes.iter().map(|o| value(&o.value, &end)));
    let spent = round.next(&chosen).spent;
    next.extend(number(Input::Spent, spent.len(), outputs.len()));
    outputs.extend(spent);
    let first = outputs.len();
    outputs.extend([flaw(&round, &b), clamped(&round, &b), round.goes_on()]);
    drop(round);
    drop(start);
    let tape = lower(&b.finish(), &outputs);
    let (flaw, clamped, goes_on) = (first, first + 1, first + 2);
    Transition { tape, variables, next, measured, flaw, clamped, goes_on }
}
