//! [`WIDTH`] runs side by side from their first round to their last.

mod particles;

use std::collections::BTreeMap;
use std::ops::Range;

use super::lanes::{Column, Draws, Registers, Vectors, WIDTH};
use super::machine::{Machine, Stop, select};
use crate::expr::in_round;
use crate::ids::{ActorId, CellId, HazardId, Id, IndexVec, OptionId};
use crate::math;
use crate::plan::{Draw, Input, Measure, Operand, Plan, Point, RoundTape, Tape, Within};
use crate::record::{Block, Failure, Layout, NONE};
use crate::rng::{Address, Purpose, Seed};

pub use particles::Particles;

/// Draws that share an address but for their slots.
struct DrawBatch {
    within: Within,
    ordinal: u32,
    draws: Draws,
}

/// The draws of a tape, gathered.
fn batches(tape: &Tape) -> Vec<DrawBatch> {
    let mut draws: Vec<_> = tape
        .inputs
        .iter()
        .filter_map(|(input, operand)| match input {
            Input::Uniform(draw) => Some((*draw, operand.at() as u32)),
            _ => None,
        })
        .collect();
    draws.sort_by_key(|(draw, _)| *draw);
    let mut found: Vec<DrawBatch> = Vec::new();
    for (Draw { within, ordinal, slot }, column) in draws {
        match found.last_mut() {
            Some(batch) if (batch.within, batch.ordinal) == (within, ordinal) => {
                batch.draws.push(slot, column);
            }
            _ => {
                let (slots, into) = (vec![slot], vec![column]);
                found.push(DrawBatch { within, ordinal, draws: Draws { slots, into } });
            }
        }
    }
    found
}

/// The draws of choices: one for each seat.
fn choices(plan: &Plan) -> Draws {
    let mut seats: Vec<(u32, u32)> = plan.seats.iter().map(|seat| seat.slot).zip(0..).collect();
    seats.sort_unstable();
    let (slots, into) = seats.into_iter().unzip();
    Draws { slots, into }
}

fn purpose(within: Within) -> Purpose {
    match within {
        Within::Initial => Purpose::Initial,
        Within::Effects => Purpose::Effects,
        Within::Dynamics => Purpose::Dynamics,
        Within::Events => Purpose::Events,
        Within::EventEffects => Purpose::EventEffects,
    }
}

/// A run that a chunk plays.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lane {
    /// Its block, and its column there.
    pub block: usize,
    pub column: usize,
    /// Its number.
    pub run: u64,
    /// Its point, where the plan leaves numbers open.
    pub point: usize,
}

/// The points of the runs of a chunk.
struct Points<'a> {
    all: &'a [Point],
    lanes: &'a [Lane],
}

impl Points<'_> {
    fn first(&self) -> Option<&Point> {
        self.lanes.first().and_then(|lane| self.all.get(lane.point))
    }

    /// A number of each run's point; without points, the same for all.
    fn column(&self, otherwise: f64, of: impl Fn(&Point) -> f64) -> Column {
        let mut column = Column([otherwise; WIDTH]);
        for (value, lane) in column.0.iter_mut().zip(self.lanes) {
            *value = self.all.get(lane.point).map_or(otherwise, &of);
        }
        column
    }
}

/// Lanes that follow on each other and fill columns of one block that do.
#[derive(Clone)]
struct Stretch {
    block: usize,
    column: usize,
    lanes: Range<usize>,
}

/// The stretches of some lanes.
fn stretches(lanes: &[Lane]) -> Vec<Stretch> {
    let mut found: Vec<Stretch> = Vec::new();
    for (at, lane) in lanes.iter().enumerate() {
        match found.last_mut() {
            Some(last)
                if last.block == lane.block && last.column + last.lanes.len() == lane.column =>
            {
                last.lanes.end += 1;
            }
            _ => {
                let Lane { block, column, .. } = *lane;
                found.push(Stretch { block, column, lanes: at..at + 1 });
            }
        }
    }
    found
}

/// So many columns of zeros.
fn zeros<I: Id>(count: usize) -> IndexVec<I, Column> {
    IndexVec::filled(Column::ZERO, count)
}

/// What the runs remember from round to round.
struct World {
    cells: IndexVec<CellId, Column>,
    played: IndexVec<OptionId, Column>,
    mixed: IndexVec<OptionId, Column>,
    happened: IndexVec<HazardId, Column>,
    spent: IndexVec<HazardId, Column>,
    /// By private id, observer and type.
    beliefs: Vec<IndexVec<ActorId, Vec<Column>>>,
    true_types: Vec<Vec<Column>>,
    levels: IndexVec<ActorId, Vec<Column>>,
    /// The numbers that the plan leaves open, and what rounds read of them.
    open: Vec<Column>,
    hoisted: Vec<Column>,
}

impl World {
    fn new(plan: &Plan, points: &Points) -> World {
        let options = plan.seats.last().map_or(0, |s| s.options.end.index());
        let beliefs = plan.private.iter().enumerate().map(|(private_id, private)| {
            let rows = private.priors.enumerate();
            let row = |(observer, row): (ActorId, &Vec<f64>)| {
                let types = row.iter().enumerate();
                let each = |(number, p): (usize, &f64)| {
                    points.column(*p, |point| point.prior(private_id, observer, number))
                };
                types.map(each).collect()
            };
            rows.map(row).collect()
        });
        let open = points.first().map_or(0, |point| point.numbers.len());
        World {
            cells: zeros(plan.cells),
            played: zeros(options),
            mixed: zeros(options),
            happened: zeros(plan.hazards),
            spent: zeros(plan.hazards),
            beliefs: beliefs.collect(),
            true_types: plan.private.iter().map(|s| vec![Column::ZERO; s.chances.len()]).collect(),
            levels: plan.levels.iter().map(|l| vec![Column::ZERO; l.len()]).collect(),
            open: (0..open).map(|n| points.column(0.0, |point| point.number(n))).collect(),
            hoisted: Vec::new(),
        }
    }

    /// The column of an input; `None` for the round, and for draws.
    fn find(&self, input: Input) -> Option<&Column> {
        Some(match input {
            Input::Cell(n) => &self.cells[n],
            Input::Played(n) => &self.played[n],
            Input::Mixed(n) => &self.mixed[n],
            Input::Happened(n) => &self.happened[n],
            Input::Spent(n) => &self.spent[n],
            Input::Belief(p, o, k) => &self.beliefs[p as usize][o][k as usize],
            Input::Truth(p, k) => &self.true_types[p as usize][k as usize],
            Input::Level(a, l) => &self.levels[a][l as usize],
            Input::Parameter(n) => self.open.get(n as usize)?,
            Input::Steady(n) => self.hoisted.get(n as usize)?,
            Input::Round | Input::Series(..) | Input::Uniform(_) => return None,
            // of rounds that are imagined
            Input::Chosen(_) | Input::Drawn(_) => return None,
        })
    }
}

/// What a round takes at least beside its tape, in operations.
const ROUND: usize = 64;

/// Plays [`WIDTH`] runs after another.
pub(super) struct BatchRunner<'p> {
    plan: &'p Plan,
    vectors: Vectors,
    seed: Seed,
    machine: Machine<'p>,
    begin: Registers,
    round: Registers,
    hoisted: Registers,
    first_draws: Vec<DrawBatch>,
    draws: Vec<DrawBatch>,
    /// How the world goes on: outputs of a round and the inputs of the next that take them.
    next: Vec<(Operand, Operand)>,
    /// What is on the way from outputs to inputs.
    kept: Vec<Column>,
    /// The uniform numbers of choices, each into the column of its seat.
    choices: Draws,
}

/// How far the runs of a chunk have come.
#[derive(Clone)]
struct Progress {
    /// By lane, the number of the run; lanes beyond the last run repeat it.
    runs: [u64; WIDTH],
    /// Where they are recorded.
    stretches: Vec<Stretch>,
    /// Outcomes so far.
    measured: Vec<Column>,
    rounds: [u32; WIDTH],
    /// The rounds in which runs failed.
    failed: [Option<u32>; WIDTH],
}

impl<'p> BatchRunner<'p> {
    /// Asks `stop` many times a second whether to stop.
    pub fn new(plan: &'p Plan, vectors: Vectors, seed: Seed, stop: &'p Stop<'p>) -> Self {
        BatchRunner {
            plan,
            vectors,
            seed,
            machine: Machine::new(plan, vectors, stop),
            begin: Registers::new(&plan.begin),
            round: Registers::new(&plan.round.tape),
            hoisted: Registers::new(&plan.hoisted),
            first_draws: batches(&plan.begin),
            draws: batches(&plan.round.tape),
            next: next(&plan.round),
            kept: Vec::new(),
            choices: choices(plan),
        }
    }

    /// Plays up to [`WIDTH`] runs; false if told to stop before their end, so that blocks are not
    /// to be used.
    pub fn play(
        &mut self,
        layout: &Layout,
        blocks: &mut [Block],
        lanes: &[Lane],
        points: &[Point],
    ) -> bool {
        let Some(last) = lanes.last() else { return true };
        let points = Points { all: points, lanes };
        let mut world = World::new(self.plan, &points);
        let mut progress = Progress {
            runs: std::array::from_fn(|lane| lanes.get(lane).unwrap_or(last).run),
            stretches: stretches(lanes),
            measured: vec![Column([f64::NAN; WIDTH]); self.plan.measures.len()],
            rounds: [0; WIDTH],
            failed: [None; WIDTH],
        };
        self.machine.alive = std::array::from_fn(|lane| lane < lanes.len());
        self.draw_minds(&mut world, &points, &progress.runs);
        let flaw = self.start(&mut world, &progress.runs);
        self.record_drawn(layout, blocks, &world, &progress.stretches);
        self.drop_flawed(&flaw, 0, &mut progress.failed);
        let mut round = 1;
        while self.machine.alive.contains(&true) {
            self.round(&world, round, layout, blocks, &mut progress);
            self.machine.worked(ROUND);
            if self.machine.stopped {
                return false;
            }
            round += 1;
        }
        self.conclude(layout, blocks, &progress);
        true
    }

    /// Runs with a flaw end here.
    fn drop_flawed(&mut self, flaw: &Column, round: u32, failed: &mut [Option<u32>; WIDTH]) {
        for lane in 0..WIDTH {
            if self.machine.alive[lane] && flaw.0[lane] != 0.0 {
                self.machine.alive[lane] = false;
                failed[lane] = Some(round);
            }
        }
    }

    /// The first part of round 0: types, then levels.
    fn draw_minds(&mut self, world: &mut World, points: &Points, runs: &[u64; WIDTH]) {
        for (private_id, private) in self.plan.private.iter().enumerate() {
            match private.true_type {
                Some(real) => world.true_types[private_id][real] = Column::ONE,
                None => {
                    let uniform = self.one_draw(runs, (0, Purpose::Types), private.slot);
                    let types = private.chances.iter().enumerate();
                    let chances: Vec<Column> = types
                        .map(|(at, p)| points.column(*p, |point| point.chance(private_id, at)))
                        .collect();
                    select(&chances, &uniform, &mut world.true_types[private_id]);
                }
            }
        }
        for (actor, levels) in self.plan.levels.enumerate() {
            if !levels.is_empty() {
                let uniform =
                    self.one_draw(runs, (0, Purpose::Levels), self.plan.level_slots[actor]);
                let levels: Vec<Column> = levels.iter().map(|p| Column([*p; WIDTH])).collect();
                select(&levels, &uniform, &mut world.levels[actor]);
            }
        }
    }

    /// The rest of round 0: initial values.
    fn start(&mut self, world: &mut World, runs: &[u64; WIDTH]) -> Column {
        let tape = &self.plan.hoisted;
        set_inputs(self.plan, tape, &mut self.hoisted, world, 0);
        self.machine.run(tape, &mut self.hoisted);
        world.hoisted = tape.outputs.iter().map(|output| self.hoisted.column(*output)).collect();
        let tape = &self.plan.begin;
        draw(self.vectors, self.seed, (runs, 0), &self.first_draws, &mut self.begin);
        set_inputs(self.plan, tape, &mut self.begin, world, 0);
        self.machine.run(tape, &mut self.begin);
        for (cell, operand) in world.cells.iter_mut().zip(&tape.outputs) {
            *cell = self.begin.column(*operand);
        }
        tape.outputs.last().map_or(Column::ZERO, |flaw| self.begin.column(*flaw))
    }

    /// Writes what was drawn before the first round into the columns of blocks.
    fn record_drawn(
        &self,
        layout: &Layout,
        blocks: &mut [Block],
        world: &World,
        stretches: &[Stretch],
    ) {
        for stretch in stretches {
            let Block { runs, types, levels, .. } = &mut blocks[stretch.block];
            for (private_id, all) in world.true_types.iter().enumerate().take(layout.types.len()) {
                let first = private_id * *runs + stretch.column;
                numbers(all, &stretch.lanes, &mut types[first..]);
            }
            for (number, (actor, _)) in layout.levels.iter().enumerate() {
                let first = number * *runs + stretch.column;
                numbers(&world.levels[*actor], &stretch.lanes, &mut levels[first..]);
            }
        }
    }

    fn one_draw(&self, runs: &[u64; WIDTH], (round, purpose): (u32, Purpose), slot: u32) -> Column {
        let mut out = [Column::ZERO];
        let at = Address { round, purpose, ordinal: 0, slot: 0 };
        let draws = Draws { slots: vec![slot], into: vec![0] };
        self.vectors.draw(self.seed, runs, at, &draws, &mut out);
        out[0]
    }

    /// Steps 1 to 9.
    fn round(
        &mut self,
        world: &World,
        round: u32,
        layout: &Layout,
        blocks: &mut [Block],
        progress: &mut Progress,
    ) {
        let plan = self.plan;
        let RoundTape { tape, clamped, residual, .. } = &plan.round;
        match round {
            1 => set_inputs(self.plan, tape, &mut self.round, world, round),
            _ => self.go_on(round),
        }
        self.draw_round(round, &progress.runs);
        self.machine.run(tape, &mut self.round);
        let over = self.judge(round, progress);
        let clamped = self.round.column(tape.outputs[*clamped]);
        let residual = self.round.column(tape.outputs[*residual]);
        for stretch in &progress.stretches {
            let block = &mut blocks[stretch.block];
            for lane in stretch.lanes.clone().filter(|lane| self.machine.alive[*lane]) {
                progress.rounds[lane] = round;
                block.clamped += clamped.0[lane] as u64;
                if residual.0[lane] != 0.0 {
                    block.unconverged += 1;
                    block.residual = math::maximum(block.residual, residual.0[lane]);
                }
            }
            self.record(layout, block, stretch, round);
        }
        for (lane, weight) in over.0.iter().enumerate() {
            self.machine.alive[lane] &= *weight < 0.5;
        }
    }

    /// The draws of a round. Only once its other inputs are set: they may stand where outputs of
    /// the round before were.
    fn draw_round(&mut self, round: u32, runs: &[u64; WIDTH]) {
        draw(self.vectors, self.seed, (runs, round), &self.draws, &mut self.round);
        let at = Address { round, purpose: Purpose::Choice, ordinal: 0, slot: 0 };
        self.vectors.draw(self.seed, runs, at, &self.choices, &mut self.machine.uniforms);
    }

    /// Which runs fail in a round that was carried out, and what it makes of outcomes; the weight
    /// with which each run ends.
    fn judge(&mut self, round: u32, progress: &mut Progress) -> Column {
        let plan = self.plan;
        let output =
            |registers: &Registers, at: usize| registers.column(plan.round.tape.outputs[at]);
        let flaw = output(&self.round, plan.round.flaw);
        self.drop_flawed(&flaw, round, &mut progress.failed);
        let mut over = output(&self.round, plan.round.goes_on);
        over.0.iter_mut().for_each(|weight| *weight = 1.0 - *weight);
        for (number, at) in plan.round.measured.clone().enumerate() {
            let now = output(&self.round, at);
            let measure = plan.measures[number];
            if now.0.iter().any(|x| !x.is_finite()) {
                let flaw = flawed_outcome(measure, &now, &over);
                self.drop_flawed(&flaw, round, &mut progress.failed);
            }
            let grown = measured(measure, progress.measured[number], &now, round);
            if measure.adds() && grown.0.iter().any(|sum| !sum.is_finite()) {
                let flaw = flawed_outcome(measure, &grown, &over);
                self.drop_flawed(&flaw, round, &mut progress.failed);
            }
            let kept = &mut progress.measured[number];
            let lanes = kept.0.iter_mut().zip(grown.0).zip(self.machine.alive);
            lanes.for_each(|((kept, now), alive)| *kept = if alive { now } else { *kept });
        }
        over
    }

    /// Sets what a round reads to what the round before has left, draws apart. What stays as it was
    /// in the first round has columns of its own.
    fn go_on(&mut self, round: u32) {
        let BatchRunner { plan, next, kept, round: registers, .. } = self;
        kept.clear();
        kept.extend(next.iter().map(|(from, _)| registers.column(*from)));
        for ((_, into), column) in next.iter().zip(kept) {
            registers.set(*into, column);
        }
        for (input, operand) in &plan.round.tape.inputs {
            if let Some(value) = of_round(plan, *input, round) {
                registers.set_shared(*operand, value);
            }
        }
    }

    /// Writes a round into the columns of a block, as far as the layout records rounds.
    fn record(&self, layout: &Layout, block: &mut Block, stretch: &Stretch, round: u32) {
        let lanes = stretch.lanes.clone();
        let alive = &self.machine.alive[lanes.clone()];
        let everyone = alive.iter().all(|alive| *alive);
        let at = (round - 1) as usize;
        let RoundTape { tape, variables, choices, open, .. } = &self.plan.round;
        for (variable, output) in variables.clone().enumerate().take(layout.variables.len()) {
            let first = (at * layout.variables.len() + variable) * block.runs + stretch.column;
            let out = &mut block.variables[first..first + lanes.len()];
            match self.round.borrow(tape.outputs[output]) {
                Some(column) if everyone => out.copy_from_slice(&column.0[lanes.clone()]),
                _ => {
                    let column = self.round.column(tape.outputs[output]);
                    let values = out.iter_mut().zip(&column.0[lanes.clone()]).zip(alive);
                    values.for_each(|((out, x), alive)| *out = if *alive { *x } else { *out });
                }
            }
        }
        for ((seat, chooser), output) in
            self.plan.seats.enumerate().zip(choices.clone()).take(layout.seats)
        {
            let option = chooser.options.start.index() as f64;
            let choice = self.round.column(tape.outputs[output]);
            let first = (at * layout.seats + seat.index()) * block.runs + stretch.column;
            let out = &mut block.choices[first..first + lanes.len()];
            for ((out, number), alive) in out.iter_mut().zip(&choice.0[lanes.clone()]).zip(alive) {
                *out = if *alive { (option + number) as u16 } else { *out };
            }
        }
        let playing = alive.iter().filter(|alive| **alive).count() as u32;
        let available = block.available[at * layout.options.len()..].iter_mut();
        for (count, output) in available.zip(open.clone()).take(layout.options.len()) {
            let operand = tape.outputs[output];
            *count += match self.round.borrow(operand) {
                None if self.round.column(operand).0[0] > 0.0 => playing,
                None => 0,
                Some(column) => {
                    let lanes = column.0[lanes.clone()].iter().zip(alive);
                    lanes.map(|(open, alive)| u32::from(*open > 0.0 && *alive)).sum()
                }
            };
        }
    }

    fn conclude(&self, layout: &Layout, blocks: &mut [Block], progress: &Progress) {
        for stretch in &progress.stretches {
            let block = &mut blocks[stretch.block];
            for (column, lane) in (stretch.column..).zip(stretch.lanes.clone()) {
                block.played[column] = progress.rounds[lane];
                if let Some(round) = progress.failed[lane] {
                    let run = progress.runs[lane];
                    let (cell, reason) = (String::new(), String::new());
                    block.failures.push(Failure { run, round, cell, offset: 0, reason });
                    continue;
                }
                for outcome in 0..layout.outcomes.len() {
                    let value = progress.measured[outcome].0[lane];
                    let mean = self.plan.measures[outcome] == Measure::Mean;
                    let rounds = f64::from(progress.rounds[lane]);
                    block.outcomes[outcome * block.runs + column] =
                        if mean { value / rounds } else { value };
                }
            }
        }
    }
}

/// By lane, the number of the column that is 1; [`NONE`] without columns.
fn numbers(columns: &[Column], lanes: &Range<usize>, out: &mut [u16]) {
    for (out, lane) in out.iter_mut().zip(lanes.clone()) {
        let one = columns.iter().position(|column| column.0[lane] == 1.0);
        *out = one.and_then(|one| u16::try_from(one).ok()).unwrap_or(NONE);
    }
}

/// What is the same for all runs: the round, or what a series is in it or after it.
fn of_round(plan: &Plan, input: Input, round: u32) -> Option<f64> {
    let round = f64::from(round);
    match input {
        Input::Round => Some(round),
        Input::Series(cell, ahead) => {
            Some(in_round(&plan.series[cell as usize], round + f64::from(ahead)))
        }
        _ => None,
    }
}

/// Sets what a tape reads, draws apart.
fn set_inputs(plan: &Plan, tape: &Tape, registers: &mut Registers, world: &World, round: u32) {
    for (input, operand) in &tape.inputs {
        if let Some(value) = of_round(plan, *input, round) {
            registers.set_shared(*operand, value);
        } else if let Some(column) = world.find(*input) {
            registers.set(*operand, column);
        }
    }
}

/// What a round hands on to the next, as far as the next reads it.
fn next(round: &RoundTape) -> Vec<(Operand, Operand)> {
    let outputs: BTreeMap<Input, usize> = round.next.iter().copied().collect();
    let found = round.tape.inputs.iter().filter_map(|(input, operand)| {
        let from = *outputs.get(input)?;
        Some((round.tape.outputs[from], *operand))
    });
    found.collect()
}

/// Sets the draws that a tape reads, for some runs in a round.
fn draw(
    vectors: Vectors,
    seed: Seed,
    (runs, round): (&[u64; WIDTH], u32),
    batches: &[DrawBatch],
    registers: &mut Registers,
) {
    for batch in batches {
        let DrawBatch { within, ordinal, draws } = batch;
        let at = Address { round, purpose: purpose(*within), ordinal: *ordinal, slot: 0 };
        vectors.draw(seed, runs, at, draws, registers.columns());
    }
}

/// 1 where an outcome has to be finite and is not: `final` counts in the last round only.
fn flawed_outcome(measure: Measure, now: &Column, over: &Column) -> Column {
    let mut flaw = Column::ZERO;
    for lane in 0..WIDTH {
        let matters = measure != Measure::Final || over.0[lane] >= 0.5;
        flaw.0[lane] = f64::from(u8::from(matters && !now.0[lane].is_finite()));
    }
    flaw
}

/// How an outcome grows over the rounds of a run.
fn measured(measure: Measure, so_far: Column, now: &Column, round: u32) -> Column {
    let first = round == 1;
    let holds = |x: f64| f64::from(u8::from(x >= 0.5));
    let number = f64::from(round);
    match measure {
        Measure::Final => *now,
        Measure::Mean | Measure::Total if first => each(so_far, now, |_, x| 0.0 + x),
        Measure::Mean | Measure::Total => each(so_far, now, |sum, x| sum + x),
        Measure::Max | Measure::Min if first => *now,
        Measure::Max => each(so_far, now, math::maximum),
        Measure::Min => each(so_far, now, math::minimum),
        Measure::First => each(so_far, now, |kept, x| match kept.is_nan() {
            true if x >= 0.5 => number,
            _ => kept,
        }),
        Measure::Ever if first => each(so_far, now, |_, x| math::maximum(0.0, holds(x))),
        Measure::Ever => each(so_far, now, |kept, x| math::maximum(kept, holds(x))),
    }
}

fn each(mut kept: Column, now: &Column, f: impl Fn(f64, f64) -> f64) -> Column {
    kept.0.iter_mut().zip(now.0).for_each(|(kept, x)| *kept = f(*kept, x));
    kept
}
