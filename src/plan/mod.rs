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
mod budget;
mod choose;
mod cone;
mod deliberate;
mod effect_index;
mod formula;
mod graph;
mod hoisted;
mod input;
mod learn;
mod listing;
mod lower;
mod moment;
mod open_inputs;
mod procedures;
mod reach;
mod reads;
mod tape;
mod whole;

use std::cell::RefCell;
use std::ops::Range;

use crate::expr::Operation;
use crate::model::{Arm, Model};
use budget::Meter;
use deliberate::{PlanContext, Strategies, settle};
use effect_index::EffectIndex;
use formula::value;
use graph::{Builder, Id};
use learn::observed;
use lower::lower;
use moment::{Phase, Round, Start, View, World, total};
use open_inputs::OpenInputs;
use procedures::Procedures;
use reach::{Beginning, Reached};

pub use crate::model::{CONVERGED, HALVING, Measure, STEPS};
pub use budget::{Budget, MAX_STEPS, PlanError};
pub use input::{Draw, Input, Within};
pub use listing::ListedTape;
pub use open_inputs::Point;
pub use reach::Reach;
pub use tape::{
    Branching, Call, Choosing, Equilibrium, Instruction, LOOKED_UP, Link, Operand, Step, Tape, Term,
};

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
pub struct PrivateInformation {
    /// The type that is real in every run, if that is fixed.
    pub true_type: Option<usize>,
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
    /// By private id.
    pub private: Vec<PrivateInformation>,
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
    pub hoisted: Tape,
    /// About how many bytes its tapes take.
    pub bytes: u64,
    /// The most bytes that planning it took at any time.
    pub most: u64,
    /// The first of the arms that the plan serves and the numbers that it leaves open; for
    /// [`Plan::varying`].
    open: Option<Box<(Arm, OpenInputs)>>,
    /// By outcome, what can reach it, where somebody asks.
    reached: Vec<Reached>,
}

impl Plan {
    /// Plans an arm of a model.
    ///
    /// # Errors
    /// Where that takes more than the budget, or somebody asks to stop.
    pub fn new(model: &Model, arm: &Arm, budget: Budget) -> Result<Plan, PlanError> {
        Plan::leaving_open(model, arm, &OpenInputs::default(), budget)
    }

    /// The same, with what can reach its outcomes: see [`Plan::reach`].
    ///
    /// # Errors
    /// As [`Plan::new`].
    pub fn with_reach(model: &Model, arm: &Arm, budget: Budget) -> Result<Plan, PlanError> {
        Plan::leaving_open(model, arm, &OpenInputs::default().asked(true), budget)
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
        let (Some(open_inputs), Some(base)) = (OpenInputs::between(arms), arms.first()) else {
            return Ok(None);
        };
        let open_inputs = open_inputs.asked(reach);
        let mut plan = Plan::leaving_open(model, base, &open_inputs, budget)?;
        plan.open = Some(Box::new((base.clone(), open_inputs)));
        Ok(Some(plan))
    }

    /// The numbers of an arm that this plan leaves open, for `engine::play_points`; `None` if the
    /// arm differs from those the plan was made for in anything else, so that it needs another plan
    /// (one made with it among the arms, if [`Plan::varying`] allows it). An arm need not be one of
    /// those the plan was made for.
    pub fn point(&self, arm: &Arm) -> Option<Point> {
        let (base, open_inputs) = &**self.open.as_ref()?;
        open_inputs.point(base, arm)
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
        open_inputs: &OpenInputs,
        budget: Budget,
    ) -> Result<Plan, PlanError> {
        let meter = Meter::new(budget);
        let index = EffectIndex::new(model, arm, open_inputs, &meter);
        let procedures = RefCell::new(Procedures::default());
        let private = (0..model.private.len()).map(|private_id| PrivateInformation {
            true_type: arm.true_types[private_id],
            chances: arm.chances[private_id].clone(),
            priors: arm.priors[private_id].clone(),
        });
        let (begin, beginnings) = begin(&index);
        let (round, hoisted, reached) = round(&index, &procedures, &beginnings);
        let mut plan = Plan {
            rounds: arm.rounds,
            cells: model.cells.len(),
            hazards: model.hazards.len(),
            seats: model.seats.iter().map(|s| Chooser { options: s.options() }).collect(),
            private: private.collect(),
            levels: (0..arm.decisions.len()).map(|actor| index.levels(actor)).collect(),
            measures: model.outcomes.iter().map(|o| o.measure).collect(),
            begin,
            round,
            procedures: Vec::new(),
            hoisted,
            bytes: 0,
            most: 0,
            open: None,
            reached,
        };
        plan.procedures = procedures.into_inner().tapes;
        if let Some(error) = meter.error() {
            return Err(error);
        }
        let tapes = [&plan.begin, &plan.round.tape, &plan.hoisted].into_iter();
        plan.bytes = tapes.chain(&plan.procedures).map(Tape::bytes).sum();
        plan.most = meter.most();
        Ok(plan)
    }

    /// What a thread takes to carry it out, in bytes: a frame for each tape. Procedures that call
    /// each other are given one more.
    pub fn frames(&self) -> u64 {
        const COLUMN: usize = 64;
        let tapes = [&self.begin, &self.round.tape, &self.hoisted].into_iter();
        let frames = tapes.chain(&self.procedures).map(|t| t.columns * COLUMN + t.shared.len() * 8);
        (2 * frames.sum::<usize>() + self.cells * COLUMN) as u64
    }
}

/// The view of reality: every actor of its true type.
fn reality(index: &EffectIndex, b: &Builder) -> View {
    let truth = (0u32..).zip(&index.model.private).map(|(private_id, private)| {
        let kinds = 0..private.kinds.len() as u32;
        kinds.map(|kind| b.input(Input::Truth(private_id, kind))).collect()
    });
    View::of(index, b, truth.collect())
}

fn begin(index: &EffectIndex) -> (Tape, Vec<Beginning>) {
    let b = Builder::new(index.meter);
    let world = World::given(index, &b);
    let start = Start::new(index, &b, &world, reality(index, &b), true);
    let mut flaw = b.number(0.0);
    let mut outputs = Vec::new();
    for (number, (cell, formula)) in index.model.cells.iter().zip(&index.arm.initial).enumerate() {
        let (lo, hi) = cell.range;
        let first = match index.open_inputs.initial(number) {
            Some(slot) => b.input(Input::Parameter(slot)),
            None => value(formula, &start),
        };
        let given = [first, b.number(lo), b.number(hi)];
        let found = b.operation(Operation::Clamp, &given);
        flaw = b.operation(Operation::Flaw, &[flaw, b.number(1.0), found]);
        outputs.push(found);
    }
    drop(start);
    let graph = b.finish();
    let beginnings = reach::beginnings(&graph, &outputs, index);
    outputs.push(flaw);
    let tape = lower(&graph, &outputs, index.meter);
    index.meter.take(tape.bytes());
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

fn choose(index: &EffectIndex, b: &Builder, strategies: &Strategies) -> Chosen {
    let mut found =
        Chosen { open: Vec::new(), mixes: Vec::new(), chosen: Vec::new(), choices: Vec::new() };
    for (number, (own, open)) in strategies.realised.iter().zip(&strategies.open).enumerate() {
        let mix = of_real_type(index, b, number, own);
        found.open.extend(of_real_type(index, b, number, open));
        let (chosen, picked) = b.choice(number, mix.clone());
        found.mixes.extend(mix);
        found.chosen.extend(chosen);
        found.choices.push(picked);
    }
    found
}

/// Numbers by option of a seat, of the type that its actor really is.
fn of_real_type(index: &EffectIndex, b: &Builder, seat: usize, kinds: &[Vec<Id>]) -> Vec<Id> {
    let mut own = kinds[0].clone();
    if let Some(private_id) = index.model.private_of(index.model.seats[seat].actor) {
        for (kind, other) in (0u32..).zip(kinds).skip(1) {
            let real = b.input(Input::Truth(private_id as u32, kind));
            let pairs = own.iter_mut().zip(other);
            pairs.for_each(|(number, x)| *number = b.select(real, *x, *number));
        }
    }
    own
}

/// Whether anything that a real round stores is not finite.
fn flaw(round: &Round, b: &Builder, before: Id) -> Id {
    let model = round.start.index.model;
    let one = b.number(1.0);
    let mut flaw = before;
    let mut check = |gate: Id, id: Id| flaw = b.operation(Operation::Flaw, &[flaw, gate, id]);
    for when in [Phase::AfterMoves, Phase::AfterDynamics, Phase::End] {
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
    let private = &round.start.index.model.private;
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
    for hazard in 0..round.start.index.model.hazards.len() {
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
    let hazards = 0..round.start.index.model.hazards.len();
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
    let paid = (0..round.start.index.model.actor_count()).map(|actor| round.pay(actor));
    paid.map(|(gained, parts)| (gained, total(b, &parts))).unzip()
}

/// The beliefs of observers about others, in the order of [`learned`].
fn belief_inputs(index: &EffectIndex) -> Vec<Input> {
    let model = index.model;
    let rows = (0u32..).zip(&model.private).flat_map(|(private_id, private)| {
        let others = (0..model.actor_count()).filter(|o| *o != private.actor);
        let kinds = 0..private.kinds.len() as u32;
        others.flat_map(move |o| kinds.clone().map(move |k| Input::Belief(private_id, o as u32, k)))
    });
    rows.collect()
}

/// The inputs of one kind, with the numbers of the outputs that they are in the next round.
fn numbered(
    input: fn(u32) -> Input,
    count: usize,
    first: usize,
) -> impl Iterator<Item = (Input, usize)> {
    (0..count).map(move |n| (input(n as u32), first + n))
}

fn round(
    index: &EffectIndex,
    procedures: &RefCell<Procedures>,
    beginnings: &[Beginning],
) -> (RoundTape, Tape, Vec<Reached>) {
    let model = index.model;
    let b = Builder::new(index.meter);
    let world = World::given(index, &b);
    let context = PlanContext { index, b: &b, world: &world, procedures, horizon: u32::MAX };
    let strategies = settle(context, true);
    let Chosen { open, mixes, chosen, choices } = choose(index, &b, &strategies);
    let start = Start::new(index, &b, &world, reality(index, &b), true);
    let learn = |id: usize, observer: usize| {
        observed(index, &b, &world.beliefs[id][observer], &strategies.expected, &chosen, id)
    };
    let mut round = Round::new(&start, &chosen, &learn);
    round.decided = Some(decide(&round, &b));
    let (payoffs, utilities) = pay(&round, &b);
    let mut end = round.at(Phase::End);
    (end.utilities, end.payoffs) = (&utilities, &payoffs);
    let cells = round.all_cells(Phase::End);
    let beliefs = learned(&round);
    let happened: Vec<Id> = (0..model.hazards.len()).map(|h| round.happened(h)).collect();
    let mut outputs = cells.clone();
    let mut next: Vec<(Input, usize)> = numbered(Input::Cell, cells.len(), 0).collect();
    outputs.extend(model.recorded.iter().map(|d| formula::Reads::derived(&end, *d)));
    outputs.extend(&utilities);
    outputs.extend(payoffs.iter().flatten());
    next.extend(belief_inputs(index).into_iter().zip(outputs.len()..));
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
    let flaw = flaw(&round, &b, strategies.flaw);
    outputs.extend([flaw, strategies.residual, clamped(&round, &b), round.goes_on()]);
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
    let reached = reach::outcomes(made, &round, beginnings, index, &procedures.borrow());
    let hoisted = hoisted::take_out(&mut graph, &outputs, index.meter);
    round.tape = lower(&graph, &outputs, index.meter);
    (round, hoisted, reached)
}
