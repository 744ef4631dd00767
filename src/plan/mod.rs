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

mod budget;
mod cone;
mod context;
mod deliberate;
mod graph;
mod hoisted;
mod input;
mod listing;
mod lower;
mod number;
mod open_inputs;
mod procedures;
mod reach;
mod reads;
mod tape;
mod whole;

use std::cell::RefCell;
use std::ops::Range;
use std::sync::Arc;

use crate::expr::{Facts, Number, Operation, value};
use crate::kept::{self, Kept, Shelf};
use crate::model::{
    ActorId, Arm, HazardId, Id as Typed, IndexVec, Markov, Model, OptionId, Prior, SeatId,
};
use crate::rules::{Paid, Phase, Round, Start, World, observed, total};
use budget::Meter;
use context::{PlanIndex, Writing};
use deliberate::{PlanContext, Strategies, settle};
use graph::{Builder, Id};
use lower::lower;
use number::{Num, ids};
use open_inputs::OpenInputs;
use procedures::Procedures;
use reach::{Beginnings, Reached};

pub use crate::model::{CONVERGED, HALVING, Measure, STEPS};
pub use budget::{Budget, MAX_STEPS, PlanError};
pub use input::{Draw, Input, Within};
pub use listing::ListedTape;
pub use open_inputs::{Point, numbers_apart};
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
    /// By hazard, how likely it is; empty unless the plan was made with
    /// [`Plan::under_observation`].
    pub chances: Range<usize>,
}

/// A seat as the engine sees it.
#[derive(Debug, Clone)]
pub struct Chooser {
    /// Its options among all options.
    pub options: Range<OptionId>,
    /// Where the random numbers of its choices lie.
    pub slot: u32,
}

/// An actor with private information as the engine sees it.
#[derive(Debug, Clone)]
pub struct PrivateInformation {
    /// The type that is real in every run, if that is fixed.
    pub true_type: Option<usize>,
    /// Where the random number of its type lies.
    pub slot: u32,
    /// How likely nature makes each type real.
    pub chances: Vec<f64>,
    /// By observer and type: what is believed before the first round.
    pub priors: Prior,
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
    pub seats: IndexVec<SeatId, Chooser>,
    /// By private id.
    pub private: Vec<PrivateInformation>,
    /// By actor: how likely each Poisson level is; empty where it reasons otherwise.
    pub levels: IndexVec<ActorId, Vec<f64>>,
    /// By actor: where the random number of its level lies.
    pub level_slots: IndexVec<ActorId, u32>,
    /// By hazard: where the random numbers lie that say whether it happens.
    pub hazard_slots: IndexVec<HazardId, u32>,
    /// By cell of all series, its values from round 1 on.
    pub series: Vec<Arc<[f64]>>,
    /// How outcomes are taken over rounds.
    pub measures: Vec<Measure>,
    /// Initial values; the last output is 1 where one is not finite.
    pub begin: Tape,
    /// Steps 1 to 8.
    pub round: RoundTape,
    /// What calls refer to.
    pub procedures: Vec<Tape>,
    /// By procedure, whether it is given the same again, so that its results are worth keeping.
    pub kept: Vec<bool>,
    /// The procedure that looks up what was found in a game without a last round, and that.
    pub markov: Option<(usize, Arc<Markov>)>,
    /// Results that were kept, for whoever plays next.
    pub(crate) shelf: Shelf<Kept<Box<[f64]>>>,
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

    /// Plans arms together as [`Plan::varying`] does, to be played by `engine::Particles`: the
    /// rounds of such a plan say how likely events are.
    ///
    /// # Errors
    /// As [`Plan::new`].
    pub fn under_observation(
        model: &Model,
        arms: &[Arm],
        budget: Budget,
    ) -> Result<Option<Plan>, PlanError> {
        let (Some(open_inputs), Some(base)) = (OpenInputs::between(arms), arms.first()) else {
            return Ok(None);
        };
        let open_inputs = open_inputs.with_chances();
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
        let index = PlanIndex::new(model, arm, open_inputs, &meter);
        let procedures = RefCell::new(Procedures::default());
        let private = (0..model.private.len()).map(|private_id| PrivateInformation {
            true_type: arm.true_types[private_id],
            slot: model.slots.types[private_id],
            chances: arm.chances[private_id].clone(),
            priors: arm.priors[private_id].clone(),
        });
        let seats = model.seats.iter().zip(&model.slots.seats);
        let (begin, beginnings) = begin(&index);
        let (round, hoisted, reached) = round(&index, &procedures, &beginnings);
        let mut plan = Plan {
            rounds: arm.rounds,
            cells: model.cells.len(),
            hazards: model.hazards.len(),
            seats: seats.map(|(s, slot)| Chooser { options: s.range(), slot: *slot }).collect(),
            private: private.collect(),
            levels: model.actors().map(|actor| index.levels(actor)).collect(),
            level_slots: model.slots.levels.clone(),
            hazard_slots: model.slots.hazards.clone(),
            series: model.names.series_values.clone(),
            measures: model.outcomes.iter().map(|o| o.measure).collect(),
            begin,
            round,
            procedures: Vec::new(),
            kept: Vec::new(),
            markov: None,
            shelf: Shelf::default(),
            hoisted,
            bytes: 0,
            most: 0,
            open: None,
            reached,
        };
        let found = procedures.into_inner();
        (plan.procedures, plan.kept, plan.markov) = (found.tapes, found.kept, found.markov);
        if let Some(error) = meter.error() {
            return Err(error);
        }
        let tapes = [&plan.begin, &plan.round.tape, &plan.hoisted].into_iter();
        plan.bytes = tapes.chain(&plan.procedures).map(Tape::bytes).sum();
        plan.most = meter.most();
        Ok(plan)
    }

    /// What a thread takes to carry it out, in bytes: a frame for each tape, and results that are
    /// kept. Procedures that call each other are given one more frame.
    pub fn frames(&self) -> u64 {
        const COLUMN: usize = 64;
        let tapes = [&self.begin, &self.round.tape, &self.hoisted].into_iter();
        let frames = tapes.chain(&self.procedures).map(|t| t.columns * COLUMN + t.shared.len() * 8);
        let kept = if self.kept.contains(&true) { kept::MOST } else { 0 };
        (2 * frames.sum::<usize>() + self.cells * COLUMN + kept) as u64
    }
}

fn begin(index: &PlanIndex) -> (Tape, Beginnings) {
    let b = Builder::new(index.meter);
    let writing = Writing { index, b: &b };
    let world = writing.given(0);
    let draws = writing.draws();
    let mut start = Start::new(index, &b, &world, writing.reality());
    start.draws = Some(&draws);
    let mut flaw = writing.number(0.0);
    let mut initial = IndexVec::new();
    for ((id, cell), formula) in index.model.cells.enumerate().zip(&index.arm.initial) {
        let first = match index.open_inputs.initial(id) {
            Some(slot) => writing.input(Input::Parameter(slot)),
            None => value(formula, &start),
        };
        let found = first.clamp_to(cell.range);
        flaw = Num::operation(Operation::Flaw, [flaw, writing.number(1.0), found]);
        initial.push(found.id);
    }
    let flaw = flaw.id;
    drop(start);
    let graph = b.finish();
    let beginnings = reach::beginnings(&graph, &initial, index);
    let mut outputs = Vec::from(initial);
    outputs.push(flaw);
    let tape = lower(&graph, &outputs, index.meter);
    index.meter.take(tape.bytes());
    (tape, beginnings)
}

/// Steps 1 to 3: by option, how far it is available, how likely it is and whether it is chosen; by
/// seat the number of the option chosen.
struct Chosen<'a> {
    open: IndexVec<OptionId, Num<'a>>,
    mixes: IndexVec<OptionId, Num<'a>>,
    chosen: IndexVec<OptionId, Num<'a>>,
    choices: IndexVec<SeatId, Num<'a>>,
}

impl<'a> Chosen<'a> {
    fn nothing(writing: Writing<'a>) -> Self {
        let (model, zero) = (writing.index.model, writing.number(0.0));
        let none = || IndexVec::filled(zero, model.options.len());
        let choices = IndexVec::filled(zero, model.seats.len());
        Chosen { open: none(), mixes: none(), chosen: none(), choices }
    }
}

/// What the seats of a stage choose.
fn choose<'a>(
    writing: Writing<'a>,
    strategies: &Strategies<'a>,
    stage: usize,
    made: &mut Chosen<'a>,
) {
    let seats = writing.index.model.seats.enumerate();
    for (id, seat) in seats.filter(|(_, seat)| seat.stage == stage) {
        let mix = of_real_type(writing, id, &strategies.realised[id]);
        let open = of_real_type(writing, id, &strategies.open[id]);
        made.open.slice_mut(seat.range()).copy_from_slice(&open);
        let (chosen, picked) = writing.b.choice(id, ids(&mix));
        made.mixes.slice_mut(seat.range()).copy_from_slice(&mix);
        let chosen = chosen.into_iter().map(|id| Num::new(writing.b, id));
        for (known, chosen) in made.chosen.slice_mut(seat.range()).iter_mut().zip(chosen) {
            *known = chosen;
        }
        made.choices[id] = Num::new(writing.b, picked);
    }
}

/// Numbers by option of a seat, of the type that its actor really is.
fn of_real_type<'a>(writing: Writing<'a>, seat: SeatId, types: &[Vec<Num<'a>>]) -> Vec<Num<'a>> {
    let mut own = types[0].clone();
    let model = writing.index.model;
    if let Some(private_id) = model.private_of(model.seats[seat].actor) {
        for (number, other) in (0u32..).zip(types).skip(1) {
            let real = writing.input(Input::Truth(private_id as u32, number));
            let pairs = own.iter_mut().zip(other);
            pairs.for_each(|(own, x)| *own = real.select(*x, *own));
        }
    }
    own
}

/// Whether anything that a real round stores is not finite.
fn flaw<'a>(round: &Round<Num<'a>>, before: Num<'a>) -> Num<'a> {
    let model = round.start.index.model;
    let one = round.start.number(1.0);
    let mut flaw = before;
    let mut check = |gate, x| flaw = Num::operation(Operation::Flaw, [flaw, gate, x]);
    for phase in [Phase::AfterMoves, Phase::AfterDynamics, Phase::End] {
        round.all_cells(phase).into_iter().for_each(|cell| check(one, cell));
    }
    for hazard in model.hazards.ids() {
        if let Some((possible, chance, _)) = round.raw_chance(hazard) {
            check(possible, chance);
        }
    }
    for belief in round.learned() {
        check(one, belief);
    }
    flaw
}

/// How many probabilities of events lie outside \[0, 1\].
fn clamped<'a>(round: &Round<Num<'a>>) -> Num<'a> {
    let (zero, one) = (round.start.number(0.0), round.start.number(1.0));
    let mut count = zero;
    for hazard in round.start.index.model.hazards.ids() {
        if let Some((possible, chance, _)) = round.raw_chance(hazard) {
            let below = chance.less(zero);
            let above = one.less(chance);
            count = count + possible * below.maximum(above);
        }
    }
    count
}

/// Which events happen: those whose uniform number is below their chance.
fn decide<'a>(writing: Writing<'a>, round: &Round<Num<'a>>) -> IndexVec<HazardId, Num<'a>> {
    let model = writing.index.model;
    let hazards = model.hazards.ids();
    hazards
        .map(|hazard| {
            let slot = model.slots.hazards[hazard];
            let draw = Draw { within: Within::Events, ordinal: 0, slot };
            let chance = round.chance(hazard);
            if chance.is_zero() { chance } else { writing.input(Input::Uniform(draw)).less(chance) }
        })
        .collect()
}

/// The beliefs of observers about others, in the order of [`learned`].
fn belief_inputs(index: &PlanIndex) -> Vec<Input> {
    let model = index.model;
    let rows = (0u32..).zip(&model.private).flat_map(|(private_id, private)| {
        let others = model.actors().filter(|o| *o != private.actor);
        let types = 0..private.types.len() as u32;
        others.flat_map(move |o| types.clone().map(move |t| Input::Belief(private_id, o, t)))
    });
    rows.collect()
}

/// The inputs of one kind, with the numbers of the outputs that they are in the next round.
fn numbered<I: Typed, T>(
    input: fn(I) -> Input,
    values: &IndexVec<I, T>,
    first: usize,
) -> impl Iterator<Item = (Input, usize)> {
    values.ids().map(input).zip(first..)
}

fn round(
    index: &PlanIndex,
    procedures: &RefCell<Procedures>,
    beginnings: &Beginnings,
) -> (RoundTape, Tape, Vec<Reached>) {
    let b = Builder::new(index.meter);
    let writing = Writing { index, b: &b };
    let world = writing.given(0);
    let (mut round, outputs) = played(writing, &world, procedures, None);
    let mut graph = b.finish();
    let made = (&graph, outputs.as_slice());
    let reached = reach::outcomes(made, &round, beginnings, index, &procedures.borrow());
    let hoisted = hoisted::take_out(&mut graph, &outputs, index.meter);
    round.tape = lower(&graph, &outputs, index.meter);
    (round, hoisted, reached)
}

/// A round that is really played, stage by stage from that of a world on; `before` is what the
/// stages before came to.
fn played<'a>(
    writing: Writing<'a>,
    world: &'a World<Num<'a>>,
    procedures: &'a RefCell<Procedures>,
    before: Option<(Strategies<'a>, Chosen<'a>)>,
) -> (RoundTape, Vec<Id>) {
    let Writing { index, b } = writing;
    let context = PlanContext { writing, world, procedures, horizon: u32::MAX };
    let found = settle(context, true);
    let (strategies, mut made) = match before {
        None => (found, Chosen::nothing(writing)),
        Some((mut all, made)) => {
            all.add(found, index.model, world.stage);
            (all, made)
        }
    };
    choose(writing, &strategies, world.stage, &mut made);
    if world.stage + 1 == index.stages {
        return outputs(writing, world, &strategies, made);
    }
    let learn = |chosen: &IndexVec<OptionId, Num<'a>>, id: usize, observer| {
        let prior = &world.beliefs[id][observer];
        observed(index, b, prior, &strategies.expected, chosen, (id, world.stage))
    };
    let next = world.after_stage(index, b, (&made.chosen, &made.mixes), &learn);
    played(writing, &next, procedures, Some((strategies, made)))
}

/// What everybody gets of a round.
fn paid<'a>(b: &'a Builder<'a>, round: &Round<Num<'a>>) -> Paid<Num<'a>> {
    let actors = round.start.index.model.actors();
    let all = actors.map(|actor| round.pay(actor));
    let all = all.map(|(gained, parts)| (gained, total(b, &parts)));
    let (payoffs, utilities): (Vec<Vec<Num>>, Vec<Num>) = all.unzip();
    Paid { utilities: utilities.into(), payoffs: payoffs.into() }
}

/// The last stage of a round that is really played: its outputs, and which of them are what.
fn outputs<'a>(
    writing: Writing<'a>,
    world: &'a World<Num<'a>>,
    strategies: &Strategies<'a>,
    made: Chosen<'a>,
) -> (RoundTape, Vec<Id>) {
    let (Writing { index, b }, model) = (writing, writing.index.model);
    let Chosen { open, mixes, chosen, choices } = made;
    let draws = writing.draws();
    let mut start = Start::new(index, b, world, writing.reality());
    start.draws = Some(&draws);
    let learn = |_: &IndexVec<OptionId, Num>, id: usize, observer| {
        let prior = &world.beliefs[id][observer];
        observed(index, b, prior, &strategies.expected, &chosen, (id, world.stage))
    };
    let mut round = Round::new(&start, chosen.clone(), &learn);
    round.decided = Some(decide(writing, &round));
    let paid = paid(b, &round);
    round.paid = Some(paid.clone());
    let end = round.at(Phase::End);
    let cells = round.all_cells(Phase::End);
    let beliefs = round.learned();
    let happened = model.hazards.ids().map(|h| round.happened(h));
    let happened: IndexVec<HazardId, Num> = happened.collect();
    let mut outputs = Vec::from(cells.clone());
    let mut next: Vec<(Input, usize)> = numbered(Input::Cell, &cells, 0).collect();
    outputs.extend(model.recorded.iter().map(|d| end.derived(*d)));
    outputs.extend(&paid.utilities);
    outputs.extend(paid.payoffs.iter().flatten());
    next.extend(belief_inputs(index).into_iter().zip(outputs.len()..));
    outputs.extend(beliefs);
    next.extend(numbered(Input::Happened, &happened, outputs.len()));
    outputs.extend(&happened);
    let variables = 0..outputs.len();
    let measured = outputs.len()..outputs.len() + model.outcomes.len();
    outputs.extend(model.outcomes.iter().map(|o| value(&o.value, &end)));
    let spent = round.next(&chosen).spent;
    next.extend(numbered(Input::Spent, &spent, outputs.len()));
    outputs.extend(spent);
    next.extend(numbered(Input::Played, &chosen, outputs.len()));
    outputs.extend(&chosen);
    next.extend(numbered(Input::Mixed, &mixes, outputs.len()));
    outputs.extend(mixes);
    let picked = outputs.len()..outputs.len() + choices.len();
    outputs.extend(choices);
    let available = outputs.len()..outputs.len() + open.len();
    outputs.extend(open);
    let last = outputs.len();
    let flaw = flaw(&round, strategies.flaw);
    outputs.extend([flaw, strategies.residual, clamped(&round), round.goes_on()]);
    let first = outputs.len();
    let asked = model.hazards.ids().filter(|_| index.open_inputs.chances);
    outputs.extend(asked.map(|hazard| round.chance(hazard)));
    let round = RoundTape {
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
        chances: first..outputs.len(),
    };
    (round, ids(&outputs))
}
