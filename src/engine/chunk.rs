//! [`WIDTH`] runs side by side from their first round to their last.

use super::lanes::{Column, Vectors, WIDTH};
use super::machine::{Frame, Machine, select};
use crate::math;
use crate::plan::{Draw, Input, Measure, Operand, Plan, RoundTape, Tape, Within};
use crate::record::{Block, Failure, Layout};
use crate::rng::{Address, Purpose, Seed};

/// Draws of consecutive slots, with the places where a frame wants them.
struct Batch {
    within: Within,
    ordinal: u32,
    slot: u32,
    /// By slot, the column of the frame.
    places: Vec<u32>,
}

/// The draws of a tape, gathered.
fn batches(tape: &Tape) -> Vec<Batch> {
    let mut draws: Vec<_> = tape
        .inputs
        .iter()
        .filter_map(|(input, place)| match input {
            Input::Uniform(draw) => Some((*draw, place.at() as u32)),
            _ => None,
        })
        .collect();
    draws.sort_by_key(|(draw, _)| *draw);
    let mut found: Vec<Batch> = Vec::new();
    for (Draw { within, ordinal, slot }, place) in draws {
        match found.last_mut() {
            Some(batch)
                if (batch.within, batch.ordinal) == (within, ordinal)
                    && batch.slot + batch.places.len() as u32 == slot =>
            {
                batch.places.push(place);
            }
            _ => found.push(Batch { within, ordinal, slot, places: vec![place] }),
        }
    }
    found
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

/// What the runs remember from round to round.
struct World {
    cells: Vec<Column>,
    played: Vec<Column>,
    mixed: Vec<Column>,
    happened: Vec<Column>,
    spent: Vec<Column>,
    /// By place in `Model::private`, observer and type.
    beliefs: Vec<Vec<Vec<Column>>>,
    truth: Vec<Vec<Column>>,
    levels: Vec<Vec<Column>>,
}

impl World {
    fn new(plan: &Plan) -> World {
        let zeros = |count: usize| vec![Column::ZERO; count];
        let options = plan.seats.last().map_or(0, |s| s.options.end);
        let beliefs = plan.secrets.iter().map(|secret| {
            let row = |row: &Vec<f64>| row.iter().map(|p| Column([*p; WIDTH])).collect();
            secret.priors.iter().map(row).collect()
        });
        World {
            cells: zeros(plan.cells),
            played: zeros(options),
            mixed: zeros(options),
            happened: zeros(plan.hazards),
            spent: zeros(plan.hazards),
            beliefs: beliefs.collect(),
            truth: plan.secrets.iter().map(|s| zeros(s.chances.len())).collect(),
            levels: plan.levels.iter().map(|l| zeros(l.len())).collect(),
        }
    }

    /// The column of an input; `None` for what is the same for all runs, and for draws.
    fn find(&self, input: Input) -> Option<&Column> {
        Some(match input {
            Input::Cell(n) => &self.cells[n as usize],
            Input::Played(n) => &self.played[n as usize],
            Input::Mixed(n) => &self.mixed[n as usize],
            Input::Happened(n) => &self.happened[n as usize],
            Input::Spent(n) => &self.spent[n as usize],
            Input::Belief(p, o, k) => &self.beliefs[p as usize][o as usize][k as usize],
            Input::Truth(p, k) => &self.truth[p as usize][k as usize],
            Input::Level(a, l) => &self.levels[a as usize][l as usize],
            Input::Round | Input::Parameter(_) | Input::Uniform(_) => return None,
        })
    }
}

/// Plays [`WIDTH`] runs after another.
pub(super) struct Chunk<'p> {
    plan: &'p Plan,
    vectors: Vectors,
    seed: Seed,
    machine: Machine<'p>,
    begin: Frame,
    round: Frame,
    first_draws: Vec<Batch>,
    draws: Vec<Batch>,
    /// How the world goes on: outputs of a round and the inputs of the next that take them.
    next: Vec<(Operand, Operand)>,
    /// Inputs that are the same in all rounds.
    stays: Vec<(Input, Operand)>,
    /// What is on the way from outputs to inputs.
    kept: Vec<Column>,
    /// By seat, the place of the uniform number of its choice.
    seats: Vec<u32>,
}

/// How far the runs of a chunk have come.
struct Progress {
    /// The first run, and its column in the block.
    first: u64,
    from: usize,
    /// How many of the columns are runs.
    count: usize,
    /// Outcomes so far.
    measured: Vec<Column>,
    rounds: [u32; WIDTH],
}

impl<'p> Chunk<'p> {
    pub fn new(plan: &'p Plan, vectors: Vectors, seed: Seed) -> Self {
        Chunk {
            plan,
            vectors,
            seed,
            machine: Machine::new(plan, vectors),
            begin: Frame::new(&plan.begin),
            round: Frame::new(&plan.round.tape),
            first_draws: batches(&plan.begin),
            draws: batches(&plan.round.tape),
            next: next(&plan.round),
            stays: stays(&plan.round),
            kept: Vec::new(),
            seats: (0..plan.seats.len() as u32).collect(),
        }
    }

    /// Plays the runs of a block from one of its columns on.
    pub fn play(&mut self, layout: &Layout, block: &mut Block, from: usize) {
        let first = block.first + from as u64;
        let count = (block.runs - from).min(WIDTH);
        let mut world = World::new(self.plan);
        let measured = vec![Column([f64::NAN; WIDTH]); self.plan.measures.len()];
        let mut progress = Progress { first, from, count, measured, rounds: [0; WIDTH] };
        self.machine.alive = std::array::from_fn(|lane| lane < count);
        let mut failed: [Option<u32>; WIDTH] = [None; WIDTH];
        let flaw = self.start(&mut world, first);
        self.drop_flawed(&flaw, 0, &mut failed);
        let mut round = 1;
        while self.machine.alive.contains(&true) {
            self.round(&world, round, layout, block, &mut progress, &mut failed);
            round += 1;
        }
        self.conclude(layout, block, &progress, &failed);
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

    /// Round 0: types, levels, initial values.
    fn start(&mut self, world: &mut World, first: u64) -> Column {
        for (place, secret) in self.plan.secrets.iter().enumerate() {
            match secret.truth {
                Some(kind) => world.truth[place][kind] = Column::ONE,
                None => {
                    let uniform = self.one_draw(first, (0, Purpose::Types), place);
                    pick(&secret.chances, &uniform, &mut world.truth[place]);
                }
            }
        }
        for (actor, levels) in self.plan.levels.iter().enumerate() {
            if !levels.is_empty() {
                let uniform = self.one_draw(first, (0, Purpose::Levels), actor);
                pick(levels, &uniform, &mut world.levels[actor]);
            }
        }
        let tape = &self.plan.begin;
        draw(self.vectors, self.seed, (first, 0), &self.first_draws, &mut self.begin);
        set_inputs(tape, &mut self.begin, world, 0);
        self.machine.run(tape, &mut self.begin);
        for (cell, operand) in tape.outputs[..self.plan.cells].iter().enumerate() {
            world.cells[cell] = self.begin.column(*operand);
        }
        tape.outputs.last().map_or(Column::ZERO, |flaw| self.begin.column(*flaw))
    }

    fn one_draw(&self, first: u64, (round, purpose): (u32, Purpose), slot: usize) -> Column {
        let mut out = [Column::ZERO];
        let at = Address { round, purpose, ordinal: 0, slot: slot as u32 };
        self.vectors.draw(self.seed, first, at, &[0], &mut out);
        out[0]
    }

    /// Steps 1 to 9.
    fn round(
        &mut self,
        world: &World,
        round: u32,
        layout: &Layout,
        block: &mut Block,
        progress: &mut Progress,
        failed: &mut [Option<u32>; WIDTH],
    ) {
        let plan = self.plan;
        let RoundTape { tape, .. } = &plan.round;
        let when = (progress.first, round);
        match round {
            1 => set_inputs(tape, &mut self.round, world, round),
            _ => self.go_on(world, round),
        }
        // only now: inputs may stand where outputs of the round before were
        draw(self.vectors, self.seed, when, &self.draws, &mut self.round);
        let at = Address { round, purpose: Purpose::Choice, ordinal: 0, slot: 0 };
        let uniforms = &mut self.machine.uniforms;
        self.vectors.draw(self.seed, progress.first, at, &self.seats, uniforms);
        self.machine.run(tape, &mut self.round);
        let output = |frame: &Frame, at: usize| frame.column(tape.outputs[at]);
        let flaw = output(&self.round, plan.round.flaw);
        self.drop_flawed(&flaw, round, failed);
        let mut over = output(&self.round, plan.round.goes_on);
        over.0.iter_mut().for_each(|weight| *weight = 1.0 - *weight);
        for (number, at) in plan.round.measured.clone().enumerate() {
            let now = output(&self.round, at);
            let measure = plan.measures[number];
            if now.0.iter().any(|x| !x.is_finite()) {
                let flaw = flawed_outcome(measure, &now, &over);
                self.drop_flawed(&flaw, round, failed);
            }
            let grown = measured(measure, progress.measured[number], &now, round);
            let kept = &mut progress.measured[number];
            let lanes = kept.0.iter_mut().zip(grown.0).zip(self.machine.alive);
            lanes.for_each(|((kept, now), alive)| *kept = if alive { now } else { *kept });
        }
        let clamped = output(&self.round, plan.round.clamped);
        let residual = output(&self.round, plan.round.residual);
        for lane in (0..WIDTH).filter(|lane| self.machine.alive[*lane]) {
            progress.rounds[lane] = round;
            block.clamped += clamped.0[lane] as u64;
            if residual.0[lane] != 0.0 {
                block.unconverged += 1;
                block.residual = math::maximum(block.residual, residual.0[lane]);
            }
        }
        self.record(layout, block, progress, round);
        for (lane, weight) in over.0.iter().enumerate() {
            self.machine.alive[lane] &= *weight < 0.5;
        }
    }

    /// Sets what a round reads to what the round before has left, and to what stays as it was in
    /// the first, draws apart.
    fn go_on(&mut self, world: &World, round: u32) {
        let Chunk { plan, next, stays, kept, round: frame, .. } = self;
        kept.clear();
        kept.extend(next.iter().map(|(from, _)| frame.column(*from)));
        for ((_, into), column) in next.iter().zip(kept) {
            frame.set(*into, column);
        }
        // columns are used again within a round
        for (input, into) in stays {
            if let Some(column) = world.find(*input) {
                frame.set(*into, column);
            }
        }
        for (input, place) in &plan.round.tape.inputs {
            if *input == Input::Round {
                frame.set_shared(*place, f64::from(round));
            }
        }
    }

    /// Writes a round into the columns of a block, as far as the layout records rounds.
    fn record(&self, layout: &Layout, block: &mut Block, progress: &Progress, round: u32) {
        let alive = &self.machine.alive[..progress.count];
        let at = (round - 1) as usize;
        let (from, count) = (progress.from, progress.count);
        let RoundTape { tape, variables, choices, .. } = &self.plan.round;
        let everyone = alive.iter().all(|alive| *alive);
        for (variable, output) in variables.clone().enumerate().take(layout.variables.len()) {
            let first = (at * layout.variables.len() + variable) * block.runs + from;
            let out = &mut block.variables[first..first + count];
            match self.round.borrow(tape.outputs[output]) {
                Some(column) if everyone => out.copy_from_slice(&column.0[..count]),
                _ => {
                    let column = self.round.column(tape.outputs[output]);
                    let lanes = out.iter_mut().zip(column.0).zip(alive);
                    lanes.for_each(|((out, x), alive)| *out = if *alive { x } else { *out });
                }
            }
        }
        for (seat, output) in choices.clone().enumerate().take(layout.seats) {
            let option = self.plan.seats[seat].options.start as f64;
            let choice = self.round.column(tape.outputs[output]);
            let first = (at * layout.seats + seat) * block.runs + from;
            let out = &mut block.choices[first..first + count];
            for ((out, number), alive) in out.iter_mut().zip(&choice.0).zip(alive) {
                *out = if *alive { (option + number) as u16 } else { *out };
            }
        }
    }

    fn conclude(
        &self,
        layout: &Layout,
        block: &mut Block,
        progress: &Progress,
        failed: &[Option<u32>; WIDTH],
    ) {
        for lane in 0..progress.count {
            let column = progress.from + lane;
            block.played[column] = progress.rounds[lane];
            if let Some(round) = failed[lane] {
                let run = progress.first + lane as u64;
                let (cell, reason) = (String::new(), String::new());
                block.failures.push(Failure { run, round, cell, place: 0, reason });
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

/// Sets what a tape reads, draws apart.
fn set_inputs(tape: &Tape, frame: &mut Frame, world: &World, round: u32) {
    for (input, place) in &tape.inputs {
        match input {
            Input::Round => frame.set_shared(*place, f64::from(round)),
            _ => {
                if let Some(column) = world.find(*input) {
                    frame.set(*place, column);
                }
            }
        }
    }
}

/// What a round hands on to the next, as far as the next reads it.
fn next(round: &RoundTape) -> Vec<(Operand, Operand)> {
    let found = round.tape.inputs.iter().filter_map(|(input, place)| {
        let (_, from) = round.next.iter().find(|(known, _)| known == input)?;
        Some((round.tape.outputs[*from], *place))
    });
    found.collect()
}

/// What a round reads and no round hands on.
fn stays(round: &RoundTape) -> Vec<(Input, Operand)> {
    let handed = |input: &Input| round.next.iter().any(|(known, _)| known == input);
    let inputs = round.tape.inputs.iter().copied();
    inputs.filter(|(input, _)| !handed(input)).collect()
}

/// Sets the draws that a tape reads, for runs from `first` on in a round.
fn draw(
    vectors: Vectors,
    seed: Seed,
    (first, round): (u64, u32),
    batches: &[Batch],
    frame: &mut Frame,
) {
    for batch in batches {
        let Batch { within, ordinal, slot, places } = batch;
        let at = Address { round, purpose: purpose(*within), ordinal: *ordinal, slot: *slot };
        vectors.draw(seed, first, at, places, frame.columns());
    }
}

/// The same for weights that are equal in all runs.
fn pick(weights: &[f64], uniform: &Column, chosen: &mut [Column]) {
    let columns: Vec<Column> = weights.iter().map(|p| Column([*p; WIDTH])).collect();
    select(&columns, uniform, chosen);
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
