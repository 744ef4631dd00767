//! Particles: runs that are held, round after round, to what is known of each, and that go on from
//! each other's states.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::{BatchRunner, Lane, Points, Progress, World, of_round};
use crate::engine::lanes::{Column, Draws, Vectors, WIDTH};
use crate::ids::{ActorId, CellId, HazardId, Id, IndexVec, OptionId};
use crate::plan::{Draw, Input, Measure, Operand, Plan, Point, Within};
use crate::record::{Beginning, NONE, Observation, Quantity, Snapshot};
use crate::rng::{Address, Purpose, Seed};

/// Some particles side by side.
#[derive(Clone)]
struct Chunk {
    /// How many; lanes beyond repeat the last.
    count: usize,
    progress: Progress,
    alive: [bool; WIDTH],
    /// What the next round reads, in the order of the inputs of its tape; draws have no meaning.
    state: Vec<Column>,
    /// What the last round came to, in the order of its tape.
    outputs: Vec<Column>,
    /// By private id, the number of the real type; by actor, the Poisson level. [`NONE`] where
    /// there is none.
    types: Vec<[u16; WIDTH]>,
    levels: IndexVec<ActorId, [u16; WIDTH]>,
}

/// Particles of a plan made with [`Plan::under_observation`].
///
/// Every particle has the random numbers of its own run, whatever state it goes on from; played
/// without observations and never reordered they are those runs, to the last bit.
pub struct Particles<'p> {
    plan: &'p Plan,
    vectors: Vectors,
    seed: Seed,
    stop: &'p (dyn Fn() -> bool + Sync),
    chunks: Vec<Chunk>,
    paths: Paths,
    count: usize,
    stopped: bool,
}

/// Where things stand in the round of a plan.
struct Paths {
    /// By input, the output of the round before that it takes.
    taken: Vec<Option<usize>>,
    /// By option, the output that is how likely it was.
    mixed: IndexVec<OptionId, Option<usize>>,
    /// By hazard, where the number stands that says whether it happens.
    decided: IndexVec<HazardId, Option<Operand>>,
}

impl Paths {
    fn new(plan: &Plan) -> Paths {
        let next: BTreeMap<Input, usize> = plan.round.next.iter().copied().collect();
        let inputs: BTreeMap<Input, Operand> = plan.round.tape.inputs.iter().copied().collect();
        let options = plan.seats.last().map_or(0, |seat| seat.options.end.index());
        let mixed = (0..options).map(|n| next.get(&Input::Mixed(OptionId::new(n))).copied());
        let decided = plan.hazard_slots.iter().map(|slot| {
            let draw = Draw { within: Within::Events, ordinal: 0, slot: *slot };
            inputs.get(&Input::Uniform(draw)).copied()
        });
        Paths {
            taken: plan.round.tape.inputs.iter().map(|(i, _)| next.get(i).copied()).collect(),
            mixed: mixed.collect(),
            decided: decided.collect(),
        }
    }
}

/// So many numbers with one kind of index.
fn numbered<I: Id>(count: usize, of: &dyn Fn(I) -> f64) -> IndexVec<I, f64> {
    (0..count).map(I::new).map(of).collect()
}

/// By lane, the number of the column that is 1.
fn numbers(columns: &[Column]) -> [u16; WIDTH] {
    let of = |lane: usize| columns.iter().position(|column| column.0[lane] == 1.0);
    std::array::from_fn(|lane| of(lane).and_then(|one| u16::try_from(one).ok()).unwrap_or(NONE))
}

impl<'p> Particles<'p> {
    /// Draws initial states on the current rayon pool. Points are those of the plan; `stop` is
    /// asked many times a second and ends everything.
    pub fn begin(
        plan: &'p Plan,
        (vectors, seed): (Vectors, Seed),
        points: &[Point],
        beginnings: &[Beginning],
        stop: &'p (dyn Fn() -> bool + Sync),
    ) -> Particles<'p> {
        let chunks = beginnings
            .par_chunks(WIDTH)
            .map(|beginnings| {
                let heard = || stop();
                BatchRunner::new(plan, vectors, seed, &heard).begin(points, beginnings)
            })
            .collect();
        let count = beginnings.len();
        let paths = Paths::new(plan);
        Particles { plan, vectors, seed, stop, chunks, paths, count, stopped: false }
    }

    /// About how many bytes so many particles take, twice while they are resampled.
    pub fn bytes(plan: &Plan, count: usize) -> u64 {
        let round = &plan.round.tape;
        let numbers = 2 * (round.inputs.len() + plan.measures.len()) + 2 * round.outputs.len();
        (count.next_multiple_of(WIDTH) * 8 * (numbers + 8)) as u64
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.count
    }

    /// Plays a round, from 1, on the current rayon pool. Particles that have failed or ended stay
    /// as they are. False if told to stop: then nothing is to be used.
    pub fn advance(&mut self, round: u32, known: Option<&Observation>) -> bool {
        let Particles { plan, vectors, seed, stop, .. } = *self;
        let (paths, threads) = (&self.paths, rayon::current_num_threads().max(1));
        let each = self.chunks.len().div_ceil(threads).max(1);
        let parts = self.chunks.par_chunks_mut(each).map(|chunks| {
            let heard = || stop();
            let mut runner = BatchRunner::new(plan, vectors, seed, &heard);
            chunks.iter_mut().all(|chunk| runner.hold(round, (known, paths), chunk))
        });
        self.stopped |= !parts.reduce(|| true, |a, b| a && b);
        !self.stopped
    }

    /// Lets every particle go on from the state of another, given by number, keeping its own random
    /// numbers and its point; what the last round came to stays where it is.
    pub fn resample(&mut self, from: &[usize]) {
        // outputs are not handed on: they need no copy
        let copy = |chunk: &mut Chunk| {
            let outputs = std::mem::take(&mut chunk.outputs);
            let copy = chunk.clone();
            chunk.outputs = outputs;
            copy
        };
        let old: Vec<Chunk> = self.chunks.iter_mut().map(copy).collect();
        let source = |n: usize| (&old[n / WIDTH], n % WIDTH);
        self.chunks.par_iter_mut().enumerate().for_each(|(number, chunk)| {
            for lane in 0..chunk.count {
                let (other, at) = source(from[number * WIDTH + lane]);
                let pairs = chunk.state.iter_mut().zip(&other.state);
                pairs.for_each(|(own, other)| own.0[lane] = other.0[at]);
                let pairs = chunk.progress.measured.iter_mut().zip(&other.progress.measured);
                pairs.for_each(|(own, other)| own.0[lane] = other.0[at]);
                chunk.progress.rounds[lane] = other.progress.rounds[at];
                chunk.progress.failed[lane] = other.progress.failed[at];
                chunk.alive[lane] = other.alive[at];
                let pairs = chunk.types.iter_mut().zip(&other.types);
                pairs.for_each(|(own, other)| own[lane] = other[at]);
                let pairs = chunk.levels.iter_mut().zip(&other.levels);
                pairs.for_each(|(own, other)| own[lane] = other[at]);
            }
        });
    }

    fn each<T>(&self, of: impl Fn(&Chunk, usize) -> T) -> Vec<T> {
        let mut all = Vec::with_capacity(self.count);
        for chunk in &self.chunks {
            all.extend((0..chunk.count).map(|lane| of(chunk, lane)));
        }
        all
    }

    /// A quantity of the last round, by particle; without meaning for those that did not play it
    /// to its end.
    pub fn read(&self, quantity: Quantity) -> Vec<f64> {
        let round = &self.plan.round;
        let output = match quantity {
            Quantity::Variable(number) => Some(round.variables.start + number),
            Quantity::Mix(option) => self.paths.mixed.get(option).copied().flatten(),
            Quantity::Open(option) => Some(round.open.start + option.index()),
            Quantity::Choice(seat) => Some(round.choices.start + seat.index()),
            Quantity::Chance(hazard) => Some(round.chances.start + hazard.index()),
            Quantity::Clamped => Some(round.clamped),
            Quantity::Residual => Some(round.residual),
        };
        let Some(output) = output else { return vec![f64::NAN; self.count] };
        let mut all = Vec::with_capacity(self.count);
        let chunks = self.chunks.iter();
        chunks.for_each(|chunk| all.extend_from_slice(&chunk.outputs[output].0[..chunk.count]));
        all
    }

    /// How many rounds each has played to their end.
    pub fn rounds(&self) -> Vec<u32> {
        self.each(|chunk, lane| chunk.progress.rounds[lane])
    }

    /// Which have neither failed nor ended.
    pub fn alive(&self) -> Vec<bool> {
        self.each(|chunk, lane| chunk.alive[lane])
    }

    /// The rounds in which particles failed; 0: while initial values were drawn.
    pub fn failed(&self) -> Vec<Option<u32>> {
        self.each(|chunk, lane| chunk.progress.failed[lane])
    }

    /// By particle, the number of the real type of a private id.
    pub fn types(&self, private_id: usize) -> Vec<u16> {
        self.each(|chunk, lane| chunk.types[private_id][lane])
    }

    /// By particle, the Poisson level of an actor; [`NONE`] where it reasons otherwise.
    pub fn levels(&self, actor: ActorId) -> Vec<u16> {
        self.each(|chunk, lane| chunk.levels[actor][lane])
    }

    /// What each particle takes along.
    pub fn snapshots(&self) -> Vec<Snapshot> {
        let plan = self.plan;
        let outputs: BTreeMap<Input, usize> = plan.round.next.iter().copied().collect();
        let options = plan.seats.last().map_or(0, |seat| seat.options.end.index());
        self.each(|chunk, lane| {
            let read = |input: Input| {
                let output = outputs.get(&input).map(|output| &chunk.outputs[*output]);
                output.map_or(f64::NAN, |column| column.0[lane])
            };
            let belief = |id: usize, observer: ActorId, types: &Vec<f64>| -> Vec<f64> {
                let types = 0..types.len() as u32;
                types.map(|t| read(Input::Belief(id as u32, observer, t))).collect()
            };
            let beliefs = plan.private.iter().enumerate().map(|(id, private)| {
                let rows = private.priors.enumerate();
                rows.map(|(observer, types)| belief(id, observer, types)).collect()
            });
            Snapshot {
                cells: numbered::<CellId>(plan.cells, &|n| read(Input::Cell(n))),
                played: numbered::<OptionId>(options, &|n| read(Input::Played(n))),
                mixed: numbered::<OptionId>(options, &|n| read(Input::Mixed(n))),
                happened: numbered::<HazardId>(plan.hazards, &|n| read(Input::Happened(n))),
                spent: numbered::<HazardId>(plan.hazards, &|n| read(Input::Spent(n))),
                beliefs: beliefs.collect(),
                types: chunk.types.iter().map(|of| of[lane]).collect(),
                levels: chunk.levels.iter().map(|of| of[lane]).collect(),
                measured: chunk.progress.measured.iter().map(|of| of.0[lane]).collect(),
                rounds: chunk.progress.rounds[lane],
                failed: chunk.progress.failed[lane],
                alive: chunk.alive[lane],
            }
        })
    }

    /// Puts every particle into the state of a snapshot, in order; types and levels stay as they
    /// began.
    pub fn restore(&mut self, snapshots: &[Snapshot]) {
        let inputs = &self.plan.round.tape.inputs;
        for (n, kept) in snapshots.iter().enumerate() {
            let (chunk, lane) = (&mut self.chunks[n / WIDTH], n % WIDTH);
            for ((input, _), column) in inputs.iter().zip(&mut chunk.state) {
                column.0[lane] = match *input {
                    Input::Cell(n) => kept.cells[n],
                    Input::Played(n) => kept.played[n],
                    Input::Mixed(n) => kept.mixed[n],
                    Input::Happened(n) => kept.happened[n],
                    Input::Spent(n) => kept.spent[n],
                    Input::Belief(id, observer, t) => {
                        kept.beliefs[id as usize][observer][t as usize]
                    }
                    _ => column.0[lane],
                };
            }
            let measured = chunk.progress.measured.iter_mut().zip(&kept.measured);
            measured.for_each(|(own, kept)| own.0[lane] = *kept);
            chunk.progress.rounds[lane] = kept.rounds;
            chunk.progress.failed[lane] = kept.failed;
            chunk.alive[lane] = kept.alive;
        }
    }

    /// An outcome over the rounds so far; not a number where a particle failed.
    pub fn outcome(&self, outcome: usize) -> Vec<f64> {
        let mean = self.plan.measures[outcome] == Measure::Mean;
        self.each(|chunk, lane| {
            let Progress { measured, rounds, failed, .. } = &chunk.progress;
            let value = measured[outcome].0[lane];
            match failed[lane] {
                Some(_) => f64::NAN,
                None if mean => value / f64::from(rounds[lane]),
                None => value,
            }
        })
    }
}

impl BatchRunner<'_> {
    /// Round 0.
    fn begin(&mut self, all: &[Point], beginnings: &[Beginning]) -> Chunk {
        let count = beginnings.len();
        let of = |lane: usize| &beginnings[lane.min(count - 1)];
        let lane = |lane| Lane { block: 0, column: 0, run: of(lane).run, point: of(lane).point };
        let lanes: Vec<Lane> = (0..WIDTH).map(lane).collect();
        let points = Points { all, lanes: &lanes };
        let mut world = World::new(self.plan, &points);
        let mut progress = Progress {
            runs: std::array::from_fn(|lane| of(lane).run),
            stretches: Vec::new(),
            measured: vec![Column([f64::NAN; WIDTH]); self.plan.measures.len()],
            rounds: [0; WIDTH],
            failed: [None; WIDTH],
        };
        self.machine.alive = std::array::from_fn(|lane| lane < count);
        self.draw_minds(&mut world, &points, &progress.runs);
        for lane in 0..WIDTH {
            let given = of(lane).types.iter().zip(&mut world.true_types);
            given.for_each(|(given, columns)| fix(*given, columns, lane));
            let given = of(lane).levels.iter().zip(&mut world.levels);
            given.for_each(|(given, columns)| fix(*given, columns, lane));
        }
        let flaw = self.start(&mut world, &progress.runs);
        self.drop_flawed(&flaw, 0, &mut progress.failed);
        let tape = &self.plan.round.tape;
        let input = |(input, _): &(Input, _)| world.find(*input).copied().unwrap_or(Column::ZERO);
        Chunk {
            count,
            progress,
            alive: self.machine.alive,
            state: tape.inputs.iter().map(input).collect(),
            outputs: vec![Column([f64::NAN; WIDTH]); tape.outputs.len()],
            types: world.true_types.iter().map(|all| numbers(all)).collect(),
            levels: world.levels.iter().map(|all| numbers(all)).collect::<Vec<_>>().into(),
        }
    }

    /// Plays a round of some particles under observation; false if told to stop.
    fn hold(
        &mut self,
        round: u32,
        (known, paths): (Option<&Observation>, &Paths),
        chunk: &mut Chunk,
    ) -> bool {
        if !chunk.alive.contains(&true) {
            return true;
        }
        self.machine.alive = chunk.alive;
        self.prepare(round, (known, paths), chunk);
        let groups = known.map_or(&[][..], |known| &known.any);
        if !groups.is_empty() {
            // how likely events are does not depend on which of them happen
            self.machine.run(&self.plan.round.tape, &mut self.round);
            let settled = self.settled(round, groups, &chunk.progress.runs);
            self.prepare(round, (known, paths), chunk);
            for (hazard, column) in settled {
                self.impose(paths, hazard, &column);
            }
        }
        let plan = self.plan;
        let tape = &plan.round.tape;
        self.machine.run(tape, &mut self.round);
        if self.machine.stopped {
            return false;
        }
        let over = self.judge(round, &mut chunk.progress);
        for (kept, output) in chunk.outputs.iter_mut().zip(&tape.outputs) {
            *kept = self.round.column(*output);
        }
        for (kept, output) in chunk.state.iter_mut().zip(&paths.taken) {
            if let Some(output) = output {
                *kept = chunk.outputs[*output];
            }
        }
        for lane in (0..WIDTH).filter(|lane| self.machine.alive[*lane]) {
            chunk.progress.rounds[lane] = round;
        }
        for (lane, weight) in over.0.iter().enumerate() {
            chunk.alive[lane] = self.machine.alive[lane] && *weight < 0.5;
        }
        true
    }

    /// Sets all that a round reads.
    fn prepare(
        &mut self,
        round: u32,
        (known, paths): (Option<&Observation>, &Paths),
        chunk: &Chunk,
    ) {
        let plan = self.plan;
        for ((input, operand), column) in plan.round.tape.inputs.iter().zip(&chunk.state) {
            match of_round(plan, *input, round) {
                Some(value) => self.round.set_shared(*operand, value),
                None => self.round.set(*operand, column),
            }
        }
        let runs = &chunk.progress.runs;
        self.draw_round(round, runs);
        let Some(known) = known else { return };
        if known.miscoding > 0.0 {
            let at = Address { round, purpose: Purpose::Record, ordinal: 0, slot: 0 };
            self.vectors.draw(self.seed, runs, at, &self.choices, &mut self.machine.records);
        }
        for (hazard, happened) in known.hazards.enumerate() {
            if let Some(happened) = happened {
                let column = if *happened { &Column::ZERO } else { &Column::ONE };
                self.impose(paths, hazard, column);
            }
        }
        if self.machine.known.as_ref() != Some(known) {
            self.machine.known = Some(known.clone());
        }
    }

    /// Puts other numbers in place of those that say whether an event happens: 0 where it does if
    /// it can, 1 where it does not.
    fn impose(&mut self, paths: &Paths, hazard: HazardId, column: &Column) {
        if let Some(operand) = paths.decided.get(hazard).copied().flatten() {
            self.round.set(operand, column);
        }
    }

    /// The numbers to be imposed on groups of events one of which has happened each, once a round
    /// says how likely they are.
    fn settled(
        &self,
        round: u32,
        groups: &[Vec<HazardId>],
        runs: &[u64; WIDTH],
    ) -> Vec<(HazardId, Column)> {
        let (plan, mut found) = (self.plan, Vec::new());
        for group in groups {
            let output = |hazard: &HazardId| {
                let at = plan.round.chances.start + hazard.index();
                self.round.column(plan.round.tape.outputs[at])
            };
            let chances: Vec<Column> = group.iter().map(output).collect();
            let uniform = |hazard: &HazardId| {
                let mut column = [Column::ZERO];
                let at = Address { round, purpose: Purpose::Events, ordinal: 0, slot: 0 };
                let slots = vec![plan.hazard_slots[*hazard]];
                let draws = Draws { slots, into: vec![0] };
                self.vectors.draw(self.seed, runs, at, &draws, &mut column);
                column[0]
            };
            let mut uniforms: Vec<Column> = group.iter().map(uniform).collect();
            for lane in 0..WIDTH {
                let chances: Vec<f64> = chances.iter().map(|column| column.0[lane]).collect();
                let mut own: Vec<f64> = uniforms.iter().map(|column| column.0[lane]).collect();
                Observation::settle(&chances, &mut own);
                uniforms.iter_mut().zip(own).for_each(|(column, own)| column.0[lane] = own);
            }
            found.extend(group.iter().copied().zip(uniforms));
        }
        found
    }
}

/// Makes one of some columns that are 1 for one of them the one, in a lane.
fn fix(given: Option<usize>, columns: &mut [Column], lane: usize) {
    let Some(given) = given else { return };
    for (number, column) in columns.iter_mut().enumerate() {
        column.0[lane] = f64::from(u8::from(number == given));
    }
}
