//! One run, one round at a time, straight from the model: the semantics to read.
//!
//! What a round is stands in `rules`, for weights of any kind; here the rules are carried out at
//! plain numbers:
//!
//! - [`play`]: a run, round after round (steps 1 to 9 of `docs/method.md`);
//! - `reason`: levels, Poisson levels, equilibrium;
//! - `imagine`: what an option is worth;
//! - `stage`: what every joint option of a round is worth, as a game;
//! - `graph`: the states that moves of one actor at a time lead to;
//! - `transcript`: a run traced in full;
//! - `particles`: runs that are held to what is known of their rounds.
//!
//! This is the definition of a run, bit by bit. It saves work in three ways only, none of which can
//! change a number: what parameters decide is worked out once (`known`), a value of a round is
//! kept, and what an option cannot reach is worked out once for all options of its seat.

mod culprit;
mod explain;
mod graph;
mod imagine;
mod known;
mod particles;
mod reason;
mod stage;
mod transcript;

use std::cell::RefCell;
use std::sync::Arc;

use crate::expr::{Facts, Site, truth, value};
use crate::math;
use crate::model::{
    ActorId, Arm, CellId, HazardId, IndexVec, Markov, MarkovError, Measure, Model, OptionId,
    Reasoning, SeatId, Simulation, Slots, poisson_levels,
};
use crate::record::{Block, Failure, Layout, NONE, Observation, happened_label};
use crate::rng::{Address, Purpose, Seed, Stream};
use crate::rules::{
    self, EffectIndex, Halt, Paid, Phase, Round, Start, View, Within, World, expected, total,
};
use culprit::culprit;
use known::with_parameters;
use reason::{Real, Strategies, settle};

pub use explain::{State, explain};
pub use graph::{StateGraph, StateGraphError, state_graph};
pub use particles::{Particles, with_particles};
pub use stage::{StageError, StageGame, StagePlayer, Wanted, stage};
pub use transcript::{HazardTrace, Moved, OptionTrace, RoundTrace, RunTrace, SeatTrace, trace};

/// A stored value that is not a finite number: what it is, and where its formula begins.
#[derive(Debug, Clone)]
struct NotFinite {
    what: String,
    offset: usize,
    value: f64,
}

/// Whether a condition holds in reality, where truth values are 0 or 1 (or a flag between).
fn holds(weight: f64) -> bool {
    weight >= 0.5
}

/// Everything one real round leaves behind.
struct Played {
    /// The mixes it was chosen from.
    strategies: Strategies,
    /// By seat, the option chosen.
    choices: IndexVec<SeatId, OptionId>,
    /// Payoffs and utilities.
    paid: Paid<f64>,
    /// By outcome, the value of its formula this round.
    measured: Vec<f64>,
    /// By entry of `Model::recorded`.
    derived: Vec<f64>,
    /// By hazard, how likely it was.
    chances: IndexVec<HazardId, f64>,
    /// Probabilities that had to be moved into \[0, 1\].
    clamped: u64,
    /// Whether the run ends here.
    over: bool,
}

/// What is chosen in a round.
struct Chosen {
    choices: IndexVec<SeatId, OptionId>,
    /// The weight of every option.
    weights: IndexVec<OptionId, f64>,
    /// The mixes they were drawn from.
    mixed: IndexVec<OptionId, f64>,
}

/// By hazard: its probability as its formula gives it, if it can happen.
type Raw = IndexVec<HazardId, Option<f64>>;

/// What nature draws before anything else.
struct Drawn {
    /// The real type by private id.
    types: Vec<usize>,
    /// The Poisson level of each actor; `None` where it reasons otherwise.
    levels: IndexVec<ActorId, Option<usize>>,
}

impl Drawn {
    /// The first part of round 0: types, then levels.
    fn new(index: &EffectIndex, stream: &RefCell<Stream>) -> Drawn {
        let (model, arm) = (index.model, index.arm);
        let slots = &model.slots;
        let draw = |purpose, slot| stream.borrow_mut().uniform(address(0, purpose, slot));
        let types = (0..model.private.len()).map(|private_id| match arm.true_types[private_id] {
            Some(number) => number,
            None => pick(&arm.chances[private_id], draw(Purpose::Types, slots.types[private_id])),
        });
        let types = types.collect();
        let levels = model.actors().map(|actor| match arm.decisions[actor].reasoning {
            Reasoning::Poisson(mean) => {
                Some(pick(&poisson_levels(mean), draw(Purpose::Levels, slots.levels[actor])))
            }
            _ => None,
        });
        Drawn { types, levels: levels.collect() }
    }
}

/// A run while it is played.
struct Run<'a> {
    index: &'a EffectIndex<'a>,
    stream: RefCell<Stream>,
    /// The real type by private id, and the view of whoever knows them.
    true_types: Vec<usize>,
    truth: View<f64>,
    /// The Poisson level of each actor; 0 where it reasons otherwise.
    levels: IndexVec<ActorId, usize>,
    world: World<f64>,
}

impl<'a> Run<'a> {
    /// Round 0: types, levels, initial values.
    fn begin(index: &'a EffectIndex<'a>, seed: Seed, number: u64) -> Result<Self, Failure> {
        let stream = RefCell::new(Stream::new(seed, number));
        let drawn = Drawn::new(index, &stream);
        Run::start(index, stream, drawn)
    }

    /// The rest of round 0: initial values.
    fn start(
        index: &'a EffectIndex<'a>,
        stream: RefCell<Stream>,
        drawn: Drawn,
    ) -> Result<Self, Failure> {
        let (model, arm) = (index.model, index.arm);
        let Drawn { types, levels } = drawn;
        let levels = levels.into_iter().map(|level| level.unwrap_or(0)).collect();
        let mut world = World::first(model, arm.priors.clone());
        let truth = View::of_types(index, &(), &types);
        world.cells = initial(index, &world, &truth, &stream)?;
        Ok(Run { index, stream, true_types: types, truth, levels, world })
    }

    /// How many rounds have been played.
    fn played(&self) -> u32 {
        self.world.round as u32 - 1
    }

    /// The real type of an actor; 0 without private information.
    fn true_type(&self, actor: ActorId) -> usize {
        self.index.model.private_of(actor).map_or(0, |id| self.true_types[id])
    }

    /// What is only known in reality.
    fn real(&self) -> Real<'_> {
        Real { levels: &self.levels, true_types: &self.true_types }
    }

    /// What is recorded after a round, in the order of [`Layout::variables`].
    fn recorded<'r>(&'r self, played: &'r Played) -> impl Iterator<Item = f64> + 'r {
        let (model, world) = (self.index.model, &self.world);
        let beliefs = model.private.iter().zip(&world.beliefs).flat_map(|(private, rows)| {
            let others = rows.enumerate().filter(|(o, _)| *o != private.actor);
            others.flat_map(|(_, row)| row)
        });
        let cells = world.cells.iter().chain(&played.derived).chain(&played.paid.utilities);
        let payoffs = played.paid.payoffs.iter().flatten();
        cells.chain(payoffs).chain(beliefs).chain(&world.happened).copied()
    }

    /// A uniform number of this round.
    fn uniform(&self, purpose: Purpose, slot: u32) -> f64 {
        self.stream.borrow_mut().uniform(address(self.played() + 1, purpose, slot))
    }

    /// Steps 1 to 3, stage by stage: deliberation, then one option for every seat; and the world
    /// in which the last stage found itself, where that is not the first.
    ///
    /// # Errors
    /// A utility of an available option that is not finite.
    fn deliberate(
        &self,
        known: Option<&Observation>,
    ) -> Result<(Strategies, Chosen, Option<World<f64>>), Failure> {
        let (index, model) = (self.index, self.index.model);
        let none = || IndexVec::filled(0.0, model.options.len());
        let choices = model.seats.iter().map(|seat| seat.first).collect();
        let mut chosen = Chosen { choices, weights: none(), mixed: none() };
        let mut strategies = settle(index, &self.world, u32::MAX, Some(self.real()))?;
        self.choose(&strategies, 0, known, &mut chosen);
        let mut after: Option<World<f64>> = None;
        for stage in 1..index.stages {
            let before = after.as_ref().unwrap_or(&self.world);
            let learn = |chosen: &IndexVec<_, f64>, id: usize, observer| {
                let prior = &before.beliefs[id][observer];
                let play = &strategies.mixes.expected;
                expected(index, (), prior, play, chosen, (id, stage - 1))
            };
            let world = before.after_stage(index, (), (&chosen.weights, &chosen.mixed), &learn);
            let next = settle(index, &world, u32::MAX, Some(self.real()))?;
            strategies.add(next, model, stage);
            self.choose(&strategies, stage, known, &mut chosen);
            after = Some(world);
        }
        Ok((strategies, chosen, after))
    }

    /// Step 3 for the seats of a stage.
    fn choose(
        &self,
        strategies: &Strategies,
        stage: usize,
        known: Option<&Observation>,
        chosen: &mut Chosen,
    ) {
        let model = self.index.model;
        for (id, seat) in model.seats.enumerate().filter(|(_, seat)| seat.stage == stage) {
            let mix = &strategies.mixes.realised[id][self.true_type(seat.actor)];
            let option = seat.option(self.pick(id, mix, known));
            chosen.mixed.slice_mut(seat.range()).copy_from_slice(mix);
            chosen.weights[option] = 1.0;
            chosen.choices[id] = option;
        }
    }

    /// The option that a seat chooses, within the seat.
    fn pick(&self, seat: SeatId, mix: &[f64], known: Option<&Observation>) -> usize {
        let slot = self.index.model.slots.seats[seat];
        let uniform = self.uniform(Purpose::Choice, slot);
        let record = known.and_then(|known| Some((known, known.of_seat(seat)?)));
        let Some((known, set)) = record else { return pick(mix, uniform) };
        let share = Observation::share(set, mix.iter().copied());
        match self.uniform(Purpose::Record, slot) < known.right(set, share) {
            true => Observation::pick(set, mix.iter().copied(), share, uniform),
            false => pick(mix, uniform),
        }
    }

    /// Step 6: which events happen.
    fn decide(
        &self,
        chances: &IndexVec<HazardId, f64>,
        known: Option<&Observation>,
    ) -> IndexVec<HazardId, f64> {
        let slots = &self.index.model.slots.hazards;
        let uniform = |hazard: HazardId| self.uniform(Purpose::Events, slots[hazard]);
        let mut imposed: IndexVec<HazardId, Option<f64>> = IndexVec::filled(None, chances.len());
        if let Some(known) = known {
            let numbers = known.hazards.iter().map(|known| known.map(|yes| truth(!yes)));
            imposed = numbers.collect();
            for group in &known.any {
                let own: Vec<f64> = group.iter().map(|hazard| chances[*hazard]).collect();
                let mut uniforms: Vec<f64> = group.iter().map(|hazard| uniform(*hazard)).collect();
                Observation::settle(&own, &mut uniforms);
                let pairs = group.iter().zip(uniforms);
                pairs.for_each(|(hazard, number)| imposed[*hazard] = Some(number));
            }
        }
        let decide = |(hazard, p): (HazardId, &f64)| {
            let below = || imposed[hazard].unwrap_or_else(|| uniform(hazard)) < *p;
            truth(*p > 0.0 && below())
        };
        chances.enumerate().map(decide).collect()
    }

    /// The first stored value of a round that is not a number, if there is one: cells after each
    /// step, chances, beliefs.
    fn trouble(&self, round: &Round<f64>, raw: &Raw) -> Option<NotFinite> {
        let model = self.index.model;
        let at = |phase: Phase| {
            let cells = round.all_cells(phase);
            let mut bad = cells.enumerate().filter(|(_, value)| !value.is_finite());
            bad.next().map(|(cell, value)| {
                let what = model.cells[cell].label.clone();
                NotFinite { what, offset: culprit(round, phase, cell), value: *value }
            })
        };
        let chance = || {
            model.hazards.iter().zip(raw).find_map(|(hazard, raw)| {
                let value = (*raw)?;
                let offset = hazard.probability.as_ref().map_or(0, |p| p.span.start);
                let what = happened_label(&hazard.label);
                (!value.is_finite()).then_some(NotFinite { what, offset, value })
            })
        };
        let belief = || {
            let rows = model.private.iter().zip(round.beliefs());
            rows.into_iter().find_map(|(private, rows)| {
                let value = *rows.iter().flatten().find(|b| !b.is_finite())?;
                let what = format!("belief about {}", model.names.actors[private.actor]);
                Some(NotFinite { what, offset: private.span.start, value })
            })
        };
        at(Phase::AfterMoves)
            .or_else(|| at(Phase::AfterDynamics))
            .or_else(chance)
            .or_else(|| at(Phase::End))
            .or_else(belief)
    }

    /// One real round; the world moves on.
    fn round(&mut self, known: Option<&Observation>) -> Result<Played, Failure> {
        let (index, model) = (self.index, self.index.model);
        let (strategies, chosen, after) = self.deliberate(known)?;
        let Chosen { choices, weights, mixed } = chosen;
        let world = after.as_ref().unwrap_or(&self.world);
        let draws = drawn(&model.slots, &self.stream, self.played() + 1);
        let mut start = Start::new(index, (), world, self.truth.clone());
        start.draws = Some(&draws);
        let learn = |chosen: &IndexVec<_, f64>, id: usize, observer| {
            let prior = &world.beliefs[id][observer];
            expected(index, (), prior, &strategies.mixes.expected, chosen, (id, world.stage))
        };
        let mut round = Round::new(&start, weights, &learn);
        let hazards = model.hazards.ids();
        let raw = hazards.clone().map(|h| round.raw_chance(h).map(|(_, chance, _)| chance));
        let raw: Raw = raw.collect();
        let chances: IndexVec<HazardId, f64> = hazards.map(|hazard| round.chance(hazard)).collect();
        let moved = |chance: &&f64| **chance < 0.0 || **chance > 1.0;
        let clamped = raw.iter().flatten().filter(moved).count() as u64;
        round.decided = Some(self.decide(&chances, known));
        if let Some(trouble) = self.trouble(&round, &raw) {
            return Err(fail(self.played() + 1, trouble));
        }
        let paid = model.actors().map(|actor| round.pay(actor));
        let (payoffs, utilities): (Vec<Vec<f64>>, Vec<f64>) =
            paid.map(|(gained, parts)| (gained, total((), &parts))).unzip();
        let paid = Paid { utilities: utilities.into(), payoffs: payoffs.into() };
        round.paid = Some(paid.clone());
        let end = round.at(Phase::End);
        let measured = model.outcomes.iter().map(|o| value(&o.value, &end)).collect();
        let derived = model.recorded.iter().map(|d| end.derived(*d)).collect();
        let over = holds(1.0 - round.goes_on());
        let next = round.next(&mixed);
        drop(round);
        drop(start);
        self.world = next;
        Ok(Played { strategies, choices, paid, measured, derived, chances, clamped, over })
    }
}

/// Initial values: every formula over parameters and draws, clamped.
fn initial(
    index: &EffectIndex,
    world: &World<f64>,
    truth: &View<f64>,
    stream: &RefCell<Stream>,
) -> Result<IndexVec<CellId, f64>, Failure> {
    let draws = drawn(&index.model.slots, stream, 0);
    let mut start = Start::new(index, (), world, truth.clone());
    start.draws = Some(&draws);
    let cells = index.model.cells.iter().zip(&index.arm.initial);
    cells
        .map(|(cell, formula)| {
            let (lo, hi) = cell.range;
            let found = math::clamp(value(formula, &start), lo, hi);
            if found.is_finite() {
                return Ok(found);
            }
            let what = cell.label.clone();
            Err(fail(0, NotFinite { what, offset: formula.span.start, value: found }))
        })
        .collect()
}

/// The draws of formulas in a round.
fn drawn(slots: &Slots, stream: &RefCell<Stream>, round: u32) -> impl Fn(Within, Site) -> f64 {
    move |within, Site { ordinal, unit }| {
        let purpose = match within {
            Within::Initial => Purpose::Initial,
            Within::Effects => Purpose::Effects,
            Within::Dynamics => Purpose::Dynamics,
            Within::Events => Purpose::Events,
            Within::EventEffects => Purpose::EventEffects,
        };
        let slot = within.slot(slots, unit);
        stream.borrow_mut().uniform(Address { round, purpose, ordinal, slot })
    }
}

fn address(round: u32, purpose: Purpose, slot: u32) -> Address {
    Address { round, purpose, ordinal: 0, slot }
}

/// The first whose cumulative probability exceeds a uniform number; if rounding leaves none, the
/// last of positive probability.
fn pick(mix: &[f64], uniform: f64) -> usize {
    let mut sum = 0.0;
    for (at, p) in mix.iter().enumerate() {
        sum += p;
        if sum > uniform {
            return at;
        }
    }
    mix.iter().rposition(|p| *p > 0.0).unwrap_or(0)
}

/// What stands for the failure of a run that is given up.
fn stopped(round: u32) -> Failure {
    Failure { round, reason: "it was stopped".to_string(), ..Failure::unsaid(0) }
}

fn fail(round: u32, trouble: NotFinite) -> Failure {
    let NotFinite { what, offset, value } = trouble;
    Failure { run: 0, round, reason: format!("`{what}` is {value}"), cell: what, offset }
}

/// How an outcome grows over the rounds of a run.
fn measure(measure: Measure, before: Option<f64>, now: f64, round: u32) -> f64 {
    match (measure, before) {
        (Measure::Final, _) => now,
        (Measure::Mean | Measure::Total, before) => before.unwrap_or(0.0) + now,
        (Measure::Max, Some(most)) => math::maximum(most, now),
        (Measure::Min, Some(least)) => math::minimum(least, now),
        (Measure::Max | Measure::Min, None) => now,
        (Measure::First, Some(first)) if !first.is_nan() => first,
        (Measure::First, _) => {
            if holds(now) {
                f64::from(round)
            } else {
                f64::NAN
            }
        }
        (Measure::Ever, before) => {
            math::maximum(before.unwrap_or(0.0), f64::from(u8::from(holds(now))))
        }
    }
}

/// The stationary equilibrium of an arm in which somebody looks ahead without end, found when it is
/// first asked for: one equilibrium, the one that damped steps come to from values of 0.
///
/// # Errors
/// [`MarkovError`]; also if `stop`, which is asked many times, says so.
pub fn markov(
    model: &Model,
    arm: &Arm,
    stop: &dyn Fn() -> bool,
) -> Result<Arc<Markov>, MarkovError> {
    rules::markov(&EffectIndex::new(model, arm), stop)
}

/// Plays `runs` consecutive runs from number `first` on. A run that fails is recorded as such.
pub fn play(game: &Simulation, layout: &Layout, first: u64, runs: usize) -> Block {
    let played = play_until(game, layout, (first, runs), &|| false);
    // nobody stops it
    played.unwrap_or_else(|| Block::new(layout, first, runs))
}

/// [`play`] unless `stop`, which is asked many times a second, says so before the end; the runs are
/// the number of the first and how many.
pub fn play_until(
    game: &Simulation,
    layout: &Layout,
    (first, runs): (u64, usize),
    stop: &dyn Fn() -> bool,
) -> Option<Block> {
    let model = with_parameters(game.model, game.arm);
    let mut index = EffectIndex::new(&model, game.arm).with_reach();
    index.halt = Halt::new(stop);
    let block = play_on(&index, game.seed, layout, first, runs);
    (!index.halt.heard()).then_some(block)
}

/// [`play`] without saving work: formulas as they are, options that may change anything.
#[cfg(test)]
pub(crate) fn play_plainly(game: &Simulation, layout: &Layout, first: u64, runs: usize) -> Block {
    let index = EffectIndex::new(game.model, game.arm).reaching_everything();
    play_on(&index, game.seed, layout, first, runs)
}

fn play_on(index: &EffectIndex, seed: Seed, layout: &Layout, first: u64, runs: usize) -> Block {
    let mut block = Block::new(layout, first, runs);
    for column in 0..runs {
        if index.halt.look() {
            break;
        }
        let number = first + column as u64;
        if let Err(failure) = play_one(index, seed, layout, (number, column), &mut block) {
            for outcome in 0..layout.outcomes.len() {
                block.outcomes[outcome * runs + column] = f64::NAN;
            }
            block.failures.push(Failure { run: number, ..failure });
        }
    }
    block
}

fn play_one(
    index: &EffectIndex,
    seed: Seed,
    layout: &Layout,
    (number, column): (u64, usize),
    block: &mut Block,
) -> Result<(), Failure> {
    let stream = RefCell::new(Stream::new(seed, number));
    let drawn = Drawn::new(index, &stream);
    for (private_id, number) in drawn.types.iter().enumerate().take(layout.types.len()) {
        block.types[private_id * block.runs + column] = u16::try_from(*number).unwrap_or(NONE);
    }
    for (slot, (actor, _)) in layout.levels.iter().enumerate() {
        let level = drawn.levels[*actor].map(u16::try_from);
        block.levels[slot * block.runs + column] = level.and_then(Result::ok).unwrap_or(NONE);
    }
    let mut run = Run::start(index, stream, drawn)?;
    let found = play_outcomes(&mut run, |_, run, played| {
        block.clamped += played.clamped;
        if let Some(residual) = played.strategies.residual {
            block.unconverged += 1;
            block.residual = math::maximum(block.residual, residual);
        }
        block.played[column] = run.played();
        record(layout, block, column, run, played);
    })?;
    for (outcome, value) in found.into_iter().enumerate() {
        block.outcomes[outcome * block.runs + column] = value;
    }
    Ok(())
}

/// Plays a run to its end, shows every round (the world before it, the run after it, what was
/// played) and returns its outcomes.
fn play_outcomes(
    run: &mut Run,
    mut show: impl FnMut(&World<f64>, &Run, &Played),
) -> Result<Vec<f64>, Failure> {
    let outcomes = &run.index.model.outcomes;
    let mut measured: Vec<Option<f64>> = vec![None; outcomes.len()];
    loop {
        let before = run.world.clone();
        let played = play_round(run, None, &mut measured)?;
        show(&before, run, &played);
        if played.over {
            break;
        }
    }
    let rounds = f64::from(run.played());
    let found = outcomes.iter().zip(measured).map(|(outcome, found)| {
        let found = found.unwrap_or(f64::NAN);
        if outcome.measure == Measure::Mean { found / rounds } else { found }
    });
    Ok(found.collect())
}

/// Plays a round, and outcomes grow by it.
fn play_round(
    run: &mut Run,
    known: Option<&Observation>,
    measured: &mut [Option<f64>],
) -> Result<Played, Failure> {
    let played = run.round(known)?;
    let round = run.played();
    let outcomes = run.index.model.outcomes.iter();
    for (outcome, (so_far, now)) in outcomes.zip(measured.iter_mut().zip(&played.measured)) {
        let matters = outcome.measure != Measure::Final || played.over;
        if matters && !now.is_finite() {
            let what = outcome.name.clone();
            let offset = outcome.value.span.start;
            return Err(fail(round, NotFinite { what, offset, value: *now }));
        }
        let grown = measure(outcome.measure, *so_far, *now, round);
        if outcome.measure.adds() && !grown.is_finite() {
            let what = format!("sum of {} over rounds", outcome.name);
            let offset = outcome.value.span.start;
            let failure = fail(round, NotFinite { what, offset, value: grown });
            return Err(Failure { cell: outcome.name.clone(), ..failure });
        }
        *so_far = Some(grown);
    }
    Ok(played)
}

/// Writes a round into its column of a block, as far as the layout records rounds.
fn record(layout: &Layout, block: &mut Block, column: usize, run: &Run, played: &Played) {
    let model = run.index.model;
    let at = (run.played() - 1) as usize;
    for (variable, value) in run.recorded(played).enumerate().take(layout.variables.len()) {
        block.variables[(at * layout.variables.len() + variable) * block.runs + column] = value;
    }
    for (seat, option) in played.choices.iter().enumerate().take(layout.seats) {
        block.choices[(at * layout.seats + seat) * block.runs + column] =
            u16::try_from(option.index()).unwrap_or(u16::MAX);
    }
    for (seat, types) in model.seats.iter().zip(&played.strategies.open).take(layout.seats) {
        for (option, open) in seat.options().zip(&types[run.true_type(seat.actor)]) {
            block.available[at * layout.options.len() + option.index()] += u32::from(*open > 0.0);
        }
    }
}
