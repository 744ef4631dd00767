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

mod added;
mod board;
mod choose;
mod deliberate;
mod formula;
mod graph;
mod input;
mod learn;
mod listing;
mod lower;
mod moment;
mod procedures;
mod size;
mod steady;
mod tape;
mod varied;

use std::cell::RefCell;
use std::ops::Range;

use crate::expr::Operation;
use crate::model::{Arm, Model, Reasoning, poisson_levels};
use board::Board;
use deliberate::{Scene, Settled, settle};
use formula::value;
use graph::{Builder, Id};
use learn::observed;
use lower::lower;
use moment::{Round, Start, View, When, World, total};
use procedures::Procedures;
use varied::Varied;

pub use crate::model::{CONVERGED, HALVING, Measure, STEPS};
pub use input::{Draw, Input, Within};
pub use listing::Phase;
pub use tape::{
    Branching, Call, Choosing, Equilibrium, Instruction, LOOKED_UP, Link, Operand, Step, Tape, Term,
};
pub use varied::Point;

/// A round, steps 1 to 8.
#[derive(Debug, Clone, Default)]
pub struct RoundTape {
    /// Outputs: see the fields.
    pub tape: Tape,
    /// What is recorded, in the order of [`crate::model::Model`]: state cells, recorded derived
    /// quantities, utilities, payoffs by actor and component, beliefs, hazards.
    pub variables: Range<usize>,
    /// The formulas of outcomes.
    pub measured: Range<usize>,
    /// By seat, the number of the option chosen within the seat.
    pub choices: Range<usize>,
    /// How the world goes on: inputs of the next round and the outputs that give them.
    pub next: Vec<(Input, usize)>,
    /// The output that is 1 where a utility of an available option, or something stored, was not
    /// finite.
    pub flaw: usize,
    /// The output that is the residual of an equilibrium that did not converge, else 0.
    pub residual: usize,
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
    /// Steps 1 to 8.
    pub round: RoundTape,
    /// What calls refer to.
    pub procedures: Vec<Tape>,
    /// What rounds read of the numbers that are left open: carried out before the first round, its
    /// outputs are their [`Input::Steady`].
    pub steady: Tape,
    /// The first of the arms that the plan serves and the numbers that it leaves open; for
    /// [`Plan::varying`].
    open: Option<Box<(Arm, Varied)>>,
}

impl Plan {
    /// Plans an arm of a model.
    pub fn new(model: &Model, arm: &Arm) -> Plan {
        Plan::leaving_open(model, arm, &Varied::default())
    }

    /// Plans arms together that differ in numbers only: parameters (also where types set them),
    /// priors, and precision, discount factors or initial values that are plain numbers. Those that
    /// differ are inputs of the plan; what is equal in all arms is folded as in [`Plan::new`]. To
    /// be played with `engine::play_points`, with the bits of a plan for each arm alone.
    ///
    /// `None` if the arms differ in more (rounds, rules, reasoning, foresight, disabled moves and
    /// events, real types, formulas of other shape), or if there are none: then each kind of arm
    /// needs a plan of its own.
    pub fn varying(model: &Model, arms: &[Arm]) -> Option<Plan> {
        let varied = Varied::between(arms)?;
        let base = arms.first()?;
        let mut plan = Plan::leaving_open(model, base, &varied);
        plan.open = Some(Box::new((base.clone(), varied)));
        Some(plan)
    }

    /// The numbers of an arm that this plan leaves open, for `engine::play_points`; `None` if the
    /// arm differs from those the plan was made for in anything else, so that it needs another plan
    /// (one made with it among the arms, if [`Plan::varying`] allows it). An arm need not be one of
    /// those the plan was made for.
    pub fn point(&self, arm: &Arm) -> Option<Point> {
        let (base, varied) = &**self.open.as_ref()?;
        varied.point(base, arm)
    }

    fn leaving_open(model: &Model, arm: &Arm, varied: &Varied) -> Plan {
        let board = Board::new(model, arm, varied);
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
        let (round, steady) = round(&board, &procedures);
        let mut plan = Plan {
            rounds: arm.rounds,
            cells: model.cells.len(),
            hazards: model.hazards.len(),
            seats: model.seats.iter().map(|s| Chooser { options: s.options() }).collect(),
            secrets: secrets.collect(),
            levels: levels.collect(),
            measures: model.outcomes.iter().map(|o| o.measure).collect(),
            begin: begin(&board),
            round,
            procedures: Vec::new(),
            steady,
            open: None,
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
    for (number, (cell, formula)) in board.model.cells.iter().zip(&board.arm.initial).enumerate() {
        let (lo, hi) = cell.range;
        let first = match board.varied.initial(number) {
            Some(place) => b.input(Input::Parameter(place)),
            None => value(formula, &start),
        };
        let given = [first, b.number(lo), b.number(hi)];
        let found = b.operation(Operation::Clamp, &given);
        flaw = b.operation(Operation::Flaw, &[flaw, b.number(1.0), found]);
        outputs.push(found);
    }
    outputs.push(flaw);
    lower(&b.finish(), &outputs)
}

/// Steps 1 to 3: by option, how likely it is and whether it is chosen; by seat the number of the
/// option chosen.
struct Chosen {
    mixes: Vec<Id>,
    chosen: Vec<Id>,
    choices: Vec<Id>,
}

fn choose(board: &Board, b: &Builder, settled: &Settled) -> Chosen {
    let model = board.model;
    let mut found = Chosen { mixes: Vec::new(), chosen: Vec::new(), choices: Vec::new() };
    for (number, (seat, kinds)) in model.seats.iter().zip(&settled.own).enumerate() {
        let mut mix = kinds[0].clone();
        if let Some(place) = model.private_of(seat.actor) {
            for (kind, other) in (0u32..).zip(kinds).skip(1) {
                let real = b.input(Input::Truth(place as u32, kind));
                let pairs = mix.iter_mut().zip(other);
                pairs.for_each(|(share, p)| *share = b.select(real, *p, *share));
            }
        }
        let (chosen, picked) = b.choice(number, mix.clone());
        found.mixes.extend(mix);
        found.chosen.extend(chosen);
        found.choices.push(picked);
    }
    found
}

/// Whether anything that a real round stores is not finite.
fn flaw(round: &Round, b: &Builder, before: Id) -> Id {
    let model = round.start.board.model;
    let one = b.number(1.0);
    let mut flaw = before;
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

/// Step 8: by actor, payoffs by component; by actor, utilities.
fn pay(round: &Round, b: &Builder) -> (Vec<Vec<Id>>, Vec<Id>) {
    let paid = (0..round.start.board.model.actor_count()).map(|actor| round.pay(actor));
    paid.map(|(gained, parts)| (gained, total(b, &parts))).unzip()
}

/// The beliefs of observers about others, in the order of [`learned`].
fn belief_inputs(board: &Board) -> Vec<Input> {
    let model = board.model;
    let rows = (0u32..).zip(&model.private).flat_map(|(place, private)| {
        let others = (0..model.actor_count()).filter(|o| *o != private.actor);
        let kinds = 0..private.kinds.len() as u32;
        others.flat_map(move |o| kinds.clone().map(move |k| Input::Belief(place, o as u32, k)))
    });
    rows.collect()
}

fn round(board: &Board, procedures: &RefCell<Procedures>) -> (RoundTape, Tape) {
    let model = board.model;
    let b = Builder::new();
    let world = World::given(board, &b);
    let scene = Scene { board, b: &b, world: &world, procedures, horizon: u32::MAX };
    let settled = settle(scene, true);
    let Chosen { mixes, chosen, choices } = choose(board, &b, &settled);
    let start = Start::new(board, &b, &world, reality(board, &b), true);
    let learn = |place: usize, observer: usize| {
        observed(board, &b, &world.beliefs[place][observer], &settled.play, &chosen, place)
    };
    let mut round = Round::new(&start, &chosen, &learn);
    round.decided = Some(decide(&round, &b));
    let (payoffs, utilities) = pay(&round, &b);
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
    next.extend(belief_inputs(board).into_iter().zip(outputs.len()..));
    outputs.extend(beliefs);
    next.extend(number(Input::Happened, happened.len(), outputs.len()));
    outputs.extend(&happened);
    let variables = 0..outputs.len();
    let measured = outputs.len()..outputs.len() + model.outcomes.len();
    outputs.extend(model.outcomes.iter().map(|o| value(&o.value, &end)));
    let spent = round.next(&chosen).spent;
    next.extend(number(Input::Spent, spent.len(), outputs.len()));
    outputs.extend(spent);
    next.extend(number(Input::Played, chosen.len(), outputs.len()));
    outputs.extend(&chosen);
    next.extend(number(Input::Mixed, mixes.len(), outputs.len()));
    outputs.extend(mixes);
    let first = outputs.len();
    let picked = first..first + choices.len();
    outputs.extend(choices);
    let last = outputs.len();
    let flaw = flaw(&round, &b, settled.flaw);
    outputs.extend([flaw, settled.residual, clamped(&round, &b), round.goes_on()]);
    drop(round);
    drop(start);
    let mut graph = b.finish();
    let steady = steady::take_out(&mut graph, &outputs);
    let round = RoundTape {
        tape: lower(&graph, &outputs),
        variables,
        measured,
        choices: picked,
        next,
        flaw: last,
        residual: last + 1,
        clamped: last + 2,
        goes_on: last + 3,
    };
    (round, steady)
}
