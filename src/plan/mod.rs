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
mod budget;
mod choose;
mod cone;
mod deliberate;
mod formula;
mod graph;
mod input;
mod learn;
mod listing;
mod lower;
mod moment;
mod procedures;
mod reach;
mod reads;
mod steady;
mod tape;
mod varied;
mod whole;

use std::cell::RefCell;
use std::ops::Range;

use crate::expr::Operation;
use crate::model::{Arm, Model};
use board::Board;
use budget::Meter;
use deliberate::{Scene, Settled, settle};
use formula::value;
use graph::{Builder, Id};
use learn::observed;
use lower::lower;
use moment::{Round, Start, View, When, World, total};
use procedures::Procedures;
use reach::{Beginning, Reached};
use varied::Varied;

pub use crate::model::{CONVERGED, HALVING, Measure, STEPS};
pub use budget::{Budget, MAX_STEPS, PlanError};
pub use input::{Draw, Input, Within};
pub use listing::Phase;
pub use reach::Reach;
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
    /// By option, how far it is available; it can be chosen where that is above 0.
    pub open: Range<usize>,
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
    /// About how many bytes its tapes take.
    pub bytes: u64,
    /// The most bytes that planning it took at any time.
    pub most: u64,
    /// The first of the arms that the plan serves and the numbers that it leaves open; for
    /// [`Plan::varying`].
    open: Option<Box<(Arm, Varied)>>,
    /// By outcome, what can reach it, where somebody asks.
    reached: Vec<Reached>,
}

impl Plan {
    /// Plans an arm of a model.
    ///
    /// # Errors
    /// Where that takes more than the budget, or somebody asks to stop.
    pub fn new(model: &Model, arm: &Arm, budget: Budget) -> Result<Plan, PlanError> {
        Plan::leaving_open(model, arm, &Varied::default(), budget)
    }

    /// The same, with what can reach its outcomes: see [`Plan::reach`].
    ///
    /// # Errors
    /// As [`Plan::new`].
    pub fn with_reach(model: &Model, arm: &Arm, budget: Budget) -> Result<Plan, PlanError> {
        Plan::leaving_open(model, arm, &Varied::default().asked(true), budget)
    }

    /// Plans arms together that differ in numbers only: parameters (also where types set them),
    /// priors, and precision, discount factors or initial values that are plain numbers. Those that
    /// differ are inputs of the plan; what is equal in all arms is folded as in [`Plan::new`]. To
    /// be played with `engine::play_points`, with the bits of a plan for each arm alone.
    ///
    /// `None` if the arms differ in more (rounds, rules, reasoning, foresight, disabled moves and
    /// events, real types, formulas of other shape), or if there are none: then each kind of arm
    /// needs a plan of its own.
    ///
    /// # Errors
    /// As [`Plan::new`].
    pub fn varying(model: &Model, arms: &[Arm], budget: Budget) -> Result<Option<Plan>, PlanError> {
        Plan::for_all(model, arms, false, budget)
    }

    /// The same, with what can reach its outcomes: see [`Plan::reach_at`].
    ///
    /// # Errors
    /// As [`Plan::new`].
    pub fn varying_with_reach(
        model: &Model,
        arms: &[Arm],
        budget: Budget,
    ) -> Result<Option<Plan>, PlanError> {
        Plan::for_all(model, arms, true, budget)
    }

    fn for_all(
        model: &Model,
        arms: &[Arm],
        reach: bool,
        budget: Budget,
    ) -> Result<Option<Plan>, PlanError> {
        let (Some(varied), Some(base)) = (Varied::between(arms), arms.first()) else {
            return Ok(None);
        };
        let varied = varied.asked(reach);
        let mut plan = Plan::leaving_open(model, base, &varied, budget)?;
        plan.open = Some(Box::new((base.clone(), varied)));
        Ok(Some(plan))
    }

    /// The numbers of an arm that this plan leaves open, for `engine::play_points`; `None` if the
    /// arm differs from those the plan was made for in anything else, so that it needs another plan
    /// (one made with it among the arms, if [`Plan::varying`] allows it). An arm need not be one of
    /// those the plan was made for.
    pub fn point(&self, arm: &Arm) -> Option<Point> {
        let (base, varied) = &**self.open.as_ref()?;
        varied.point(base, arm)
    }

    /// By outcome, what can reach it, for a plan made with [`Plan::with_reach`]; empty for one that
    /// was not asked. [`Plan::varying_with_reach`] answers for the first of its arms.
    pub fn reach(&self) -> Vec<Reach> {
        let point = self.open.as_ref().and_then(|open| open.1.point(&open.0, &open.0));
        self.reach_at(&point.unwrap_or_default())
    }

    /// By outcome, what can reach it at a point of a plan made with [`Plan::varying_with_reach`].
    /// Signatures may be compared between points and between such plans; with those of plans of an
    /// arm alone too, but there they are rarely equal.
    pub fn reach_at(&self, point: &Point) -> Vec<Reach> {
        let numbers = self.open.as_ref().map_or(0, |open| open.1.count());
        self.reached.iter().map(|reached| reached.at(numbers, point)).collect()
    }

    fn leaving_open(
        model: &Model,
        arm: &Arm,
        varied: &Varied,
        budget: Budget,
    ) -> Result<Plan, PlanError> {
        let meter = Meter::new(budget);
        let board = Board::new(model, arm, varied, &meter);
        let procedures = RefCell::new(Procedures::default());
        let secrets = (0..model.private.len()).map(|place| Secret {
            truth: arm.truth[place],
            chances: arm.chances[place].clone(),
            priors: arm.priors[place].clone(),
        });
        let (begin, beginnings) = begin(&board);
        let (round, steady, reached) = round(&board, &procedures, &beginnings);
        let mut plan = Plan {
            rounds: arm.rounds,
            cells: model.cells.len(),
            hazards: model.hazards.len(),
            seats: model.seats.iter().map(|s| Chooser { options: s.options() }).collect(),
            secrets: secrets.collect(),
            levels: (0..arm.decisions.len()).map(|actor| board.levels(actor)).collect(),
            measures: model.outcomes.iter().map(|o| o.measure).collect(),
            begin,
            round,
            procedures: Vec::new(),
            steady,
            bytes: 0,
            most: 0,
            open: None,
            reached,
        };
        plan.procedures = procedures.into_inner().tapes;
        if let Some(error) = meter.error() {
            return Err(error);
        }
        let tapes = [&plan.begin, &plan.round.tape, &plan.steady].into_iter();
        plan.bytes = tapes.chain(&plan.procedures).map(Tape::bytes).sum();
        plan.most = meter.most();
        Ok(plan)
    }

    /// What a thread takes to carry it out, in bytes: a frame for each tape. Procedures that call
    /// each other are given one more.
    pub fn frames(&self) -> u64 {
        const COLUMN: usize = 64;
        let tapes = [&self.begin, &self.round.tape, &self.steady].into_iter();
        let frames = tapes.chain(&self.procedures).map(|t| t.columns * COLUMN + t.shared.len() * 8);
        (2 * frames.sum::<usize>() + self.cells * COLUMN) as u64
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

fn begin(board: &Board) -> (Tape, Vec<Beginning>) {
    let b = Builder::new(board.meter);
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
    drop(start);
    let graph = b.finish();
    let beginnings = reach::beginnings(&graph, &outputs, board);
    outputs.push(flaw);
    let tape = lower(&graph, &outputs, board.meter);
    board.meter.take(tape.bytes());
    (tape, beginnings)
}

/// Steps 1 to 3: by option, how far it is available, how likely it is and whether it is chosen; by
/// seat the number of the option chosen.
struct Chosen {
    open: Vec<Id>,
    mixes: Vec<Id>,
    chosen: Vec<Id>,
    choices: Vec<Id>,
}

fn choose(board: &Board, b: &Builder, settled: &Settled) -> Chosen {
    let mut found =
        Chosen { open: Vec::new(), mixes: Vec::new(), chosen: Vec::new(), choices: Vec::new() };
    for (number, (own, open)) in settled.own.iter().zip(&settled.open).enumerate() {
        let mix = of_real_type(board, b, number, own);
        found.open.extend(of_real_type(board, b, number, open));
        let (chosen, picked) = b.choice(number, mix.clone());
        found.mixes.extend(mix);
        found.chosen.extend(chosen);
        found.choices.push(picked);
    }
    found
}

/// Numbers by option of a seat, of the type that its actor really is.
fn of_real_type(board: &Board, b: &Builder, seat: usize, kinds: &[Vec<Id>]) -> Vec<Id> {
    let mut own = kinds[0].clone();
    if let Some(place) = board.model.private_of(board.model.seats[seat].actor) {
        for (kind, other) in (0u32..).zip(kinds).skip(1) {
            let real = b.input(Input::Truth(place as u32, kind));
            let pairs = own.iter_mut().zip(other);
            pairs.for_each(|(number, x)| *number = b.select(real, *x, *number));
        }
    }
    own
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

/// The inputs of one kind, with the places of the outputs that they are in the next round.
fn numbered(
    input: fn(u32) -> Input,
    count: usize,
    first: usize,
) -> impl Iterator<Item = (Input, usize)> {
    (0..count).map(move |n| (input(n as u32), first + n))
}

fn round(
    board: &Board,
    procedures: &RefCell<Procedures>,
    beginnings: &[Beginning],
) -> (RoundTape, Tape, Vec<Reached>) {
    let model = board.model;
    let b = Builder::new(board.meter);
    let world = World::given(board, &b);
    let scene = Scene { board, b: &b, world: &world, procedures, horizon: u32::MAX };
    let settled = settle(scene, true);
    let Chosen { open, mixes, chosen, choices } = choose(board, &b, &settled);
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
    let mut next: Vec<(Input, usize)> = numbered(Input::Cell, cells.len(), 0).collect();
    outputs.extend(model.recorded.iter().map(|d| formula::Reads::derived(&end, *d)));
    outputs.extend(&utilities);
    outputs.extend(payoffs.iter().flatten());
    next.extend(belief_inputs(board).into_iter().zip(outputs.len()..));
    outputs.extend(beliefs);
    next.extend(numbered(Input::Happened, happened.len(), outputs.len()));
    outputs.extend(&happened);
    let variables = 0..outputs.len();
    let measured = outputs.len()..outputs.len() + model.outcomes.len();
    outputs.extend(model.outcomes.iter().map(|o| value(&o.value, &end)));
    let spent = round.next(&chosen).spent;
    next.extend(numbered(Input::Spent, spent.len(), outputs.len()));
    outputs.extend(spent);
    next.extend(numbered(Input::Played, chosen.len(), outputs.len()));
    outputs.extend(&chosen);
    next.extend(numbered(Input::Mixed, mixes.len(), outputs.len()));
    outputs.extend(mixes);
    let picked = outputs.len()..outputs.len() + choices.len();
    outputs.extend(choices);
    let available = outputs.len()..outputs.len() + open.len();
    outputs.extend(open);
    let last = outputs.len();
    let flaw = flaw(&round, &b, settled.flaw);
    outputs.extend([flaw, settled.residual, clamped(&round, &b), round.goes_on()]);
    drop(round);
    drop(start);
    let mut graph = b.finish();
    let mut round = RoundTape {
        tape: Tape::default(),
        variables,
        measured,
        choices: picked,
        open: available,
        next,
        flaw: last,
        residual: last + 1,
        clamped: last + 2,
        goes_on: last + 3,
    };
    let made = (&graph, outputs.as_slice());
    let reached = reach::outcomes(made, &round, beginnings, board, &procedures.borrow());
    let steady = steady::take_out(&mut graph, &outputs, board.meter);
    round.tape = lower(&graph, &outputs, board.meter);
    (round, steady, reached)
}
