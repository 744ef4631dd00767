//! Carrying out tapes: frames of columns, calls, and the two kinds of loops.

use super::chain::Picks;
use super::lanes::{Column, Registers, Vectors, WIDTH, prologue};
use crate::ids::{IndexVec, SeatId};
use crate::kept::Kept;
use crate::math;
use crate::plan::{
    Branching, CONVERGED, Call, Choosing, Equilibrium, HALVING, Operand, Plan, STEPS, Step, Tape,
};
use crate::record::Observation;

/// Whether to stop.
pub(super) type Stop<'a> = dyn Fn() -> bool + 'a;

impl Registers {
    /// Those of a tape.
    pub fn new(tape: &Tape) -> Registers {
        Registers { columns: vec![Column::ZERO; tape.columns], shared: tape.shared.clone() }
    }

    /// All columns.
    pub fn columns(&mut self) -> &mut [Column] {
        &mut self.columns
    }

    /// Sets an input of the tape to one number for all runs or one number a run.
    pub fn set(&mut self, operand: Operand, column: &Column) {
        match operand.is_shared() {
            true => self.shared[operand.at()] = column.0[0],
            false => self.columns[operand.at()] = *column,
        }
    }

    /// Sets a number that is the same for all runs.
    pub fn set_shared(&mut self, operand: Operand, value: f64) {
        match operand.is_shared() {
            true => self.shared[operand.at()] = value,
            false => self.columns[operand.at()] = Column([value; WIDTH]),
        }
    }

    /// The value of an operand in every run.
    pub fn column(&self, operand: Operand) -> Column {
        match operand.is_shared() {
            true => Column([self.shared[operand.at()]; WIDTH]),
            false => self.columns[operand.at()],
        }
    }

    /// The column of an operand; `None` if it is the same for all runs.
    pub fn borrow(&self, operand: Operand) -> Option<&Column> {
        (!operand.is_shared()).then(|| &self.columns[operand.at()])
    }

    /// The value of an operand in one run.
    fn at(&self, operand: Operand, lane: usize) -> f64 {
        match operand.is_shared() {
            true => self.shared[operand.at()],
            false => self.columns[operand.at()].0[lane],
        }
    }

    /// Whether two runs have the same of everything, to the last bit.
    fn alike(&self, given: &[Operand], one: usize, other: usize) -> bool {
        let columns = given.iter().filter(|given| !given.is_shared());
        let mut columns = columns.map(|given| &self.columns[given.at()].0);
        columns.all(|column| column[one].to_bits() == column[other].to_bits())
    }

    /// Sets the results of a call in one run.
    fn put(&mut self, call: &Call, lane: usize, found: impl Iterator<Item = f64>) {
        for (into, value) in call.into.iter().zip(found) {
            if let Some(into) = into {
                self.columns[*into as usize].0[lane] = value;
            }
        }
    }

    fn set_leaf(&mut self, leaf: Option<u32>, value: f64) {
        if let Some(at) = leaf {
            self.columns[at as usize] = Column([value; WIDTH]);
        }
    }
}

/// Carries out the tapes of a plan.
pub(super) struct Machine<'p> {
    plan: &'p Plan,
    vectors: Vectors,
    /// By procedure, frames that are not in use.
    spare: Vec<Vec<Registers>>,
    /// Which runs still matter: loops do not wait for the others.
    pub alive: [bool; WIDTH],
    /// By seat, the uniform numbers of its choices.
    pub uniforms: IndexVec<SeatId, Column>,
    /// What is known of the round that is played, if anything.
    pub known: Option<Observation>,
    /// By seat, the uniform numbers that say whether its record is right.
    pub records: IndexVec<SeatId, Column>,
    /// By seat, what it has chosen.
    picks: IndexVec<SeatId, Picks>,
    /// Results of procedures by what they were given, after the number of the procedure.
    kept: Kept<Box<[f64]>>,
    stop: &'p Stop<'p>,
    /// Operations since it was last asked.
    work: usize,
    /// Whether it said so: then nothing more is carried out, and nothing is to be used.
    pub stopped: bool,
}

impl Drop for Machine<'_> {
    fn drop(&mut self) {
        self.plan.shelf.put(std::mem::take(&mut self.kept));
    }
}

/// So many operations are carried out between two looks at whether to stop.
const PATIENCE: usize = 1 << 12;

/// The weight of a branch in every run, and whether the run takes it.
#[derive(Clone, Copy)]
struct Branch {
    weight: Column,
    taken: [bool; WIDTH],
}

impl Branch {
    /// The part of the branch in which something of this weight happens; `None` if it does in no
    /// run.
    fn part(&self, weight: &Column) -> Option<Branch> {
        let mut part = *self;
        let mut some = false;
        for lane in 0..WIDTH {
            part.weight.0[lane] *= weight.0[lane];
            part.taken[lane] &= weight.0[lane] != 0.0;
            some |= part.taken[lane];
        }
        some.then_some(part)
    }
}

impl<'p> Machine<'p> {
    pub fn new(plan: &'p Plan, vectors: Vectors, stop: &'p Stop<'p>) -> Self {
        let spare = plan.procedures.iter().map(|_| Vec::new()).collect();
        let uniforms = IndexVec::filled(Column::ZERO, plan.seats.len());
        let picks = IndexVec::filled(Picks::NONE, plan.seats.len());
        let (alive, work, stopped) = ([true; WIDTH], 0, false);
        let kept = plan.shelf.take();
        let (known, records) = (None, IndexVec::filled(Column::ZERO, plan.seats.len()));
        Machine {
            plan,
            vectors,
            spare,
            alive,
            uniforms,
            known,
            records,
            picks,
            kept,
            stop,
            work,
            stopped,
        }
    }

    /// So many more operations were carried out; now and then looks at whether to stop.
    pub fn worked(&mut self, operations: usize) {
        self.work += operations;
        if self.work >= PATIENCE {
            self.work = 0;
            self.stopped |= (self.stop)();
        }
    }

    /// Carries out a tape whose inputs are set.
    pub fn run(&mut self, tape: &Tape, registers: &mut Registers) {
        prologue(&tape.prologue, &mut registers.shared);
        self.steps(tape, &tape.steps, registers);
    }

    fn steps(&mut self, tape: &Tape, steps: &[Step], registers: &mut Registers) {
        for step in steps {
            if self.stopped {
                return;
            }
            match step {
                Step::Run(range) => {
                    for list in tape.instructions[range.clone()].chunks(PATIENCE) {
                        self.vectors.run(tape, list, registers, &self.picks);
                        self.worked(list.len());
                        if self.stopped {
                            return;
                        }
                    }
                }
                Step::Equilibrium(step) => self.equilibrium(tape, step, registers),
                Step::Branches(step) => self.branches(tape, step, registers),
                Step::Call(call) => self.call(call, registers),
                Step::Choose(step) => self.choose(step, registers),
            }
        }
    }

    fn choose(&mut self, step: &Choosing, registers: &mut Registers) {
        let uniform = &self.uniforms[step.seat];
        self.picks[step.seat] = self.vectors.choose(step, uniform, registers);
        let Some(known) = &self.known else { return };
        let Some(set) = known.of_seat(step.seat) else { return };
        let mut picked = registers.columns[step.picked as usize];
        for lane in 0..WIDTH {
            let mix = || step.mix.iter().map(|share| registers.at(*share, lane));
            let share = Observation::share(set, mix());
            if self.records[step.seat].0[lane] >= known.right(set, share) {
                continue;
            }
            let option = Observation::pick(set, mix(), share, uniform.0[lane]);
            for (number, into) in step.chosen.iter().enumerate() {
                let chosen = f64::from(u8::from(number == option));
                registers.columns[*into as usize].0[lane] = chosen;
            }
            picked.0[lane] = option as f64;
        }
        registers.columns[step.picked as usize] = picked;
        self.picks[step.seat] = Picks::new(&picked);
    }

    fn call(&mut self, call: &Call, registers: &mut Registers) {
        let guard = registers.column(call.guard);
        let mut wanted = self.alive;
        wanted.iter_mut().zip(&guard.0).for_each(|(wanted, guard)| *wanted &= *guard != 0.0);
        for into in call.into.iter().flatten() {
            registers.columns[*into as usize] = Column::ZERO;
        }
        if !wanted.contains(&true) {
            return;
        }
        if let Some((_, table)) = self.plan.markov.as_ref().filter(|m| m.0 == call.procedure) {
            let nothing = vec![f64::NAN; call.into.len()];
            for lane in (0..WIDTH).filter(|lane| wanted[*lane]) {
                let given = call.given.iter().map(|given| registers.at(*given, lane).to_bits());
                let at = table.states.get(given.collect::<Vec<u64>>().as_slice());
                let found = at.map(|at| table.mixes[*at].iter().chain(&table.values[*at]));
                let found = found.map_or(nothing.clone(), |found| found.copied().collect());
                registers.put(call, lane, found.into_iter());
            }
            return;
        }
        if self.plan.kept[call.procedure] {
            return self.recall(call, &wanted, registers);
        }
        let plan = self.plan;
        let inner = self.carry_out(call, wanted, registers);
        let outputs = &plan.procedures[call.procedure].outputs;
        for (into, output) in call.into.iter().zip(outputs) {
            if let Some(into) = into {
                registers.columns[*into as usize] = inner.column(*output);
            }
        }
        self.spare[call.procedure].push(inner);
    }

    /// Carries out a procedure for the runs that want it; results are those of its tape.
    fn carry_out(
        &mut self,
        call: &Call,
        wanted: [bool; WIDTH],
        registers: &Registers,
    ) -> Registers {
        let plan = self.plan;
        let tape = &plan.procedures[call.procedure];
        let mut inner = self.spare[call.procedure].pop().unwrap_or_else(|| Registers::new(tape));
        for ((_, operand), given) in tape.inputs.iter().zip(&call.given) {
            let column = registers.column(*given);
            inner.set(*operand, &column);
        }
        let alive = std::mem::replace(&mut self.alive, wanted);
        self.run(tape, &mut inner);
        self.alive = alive;
        inner
    }

    /// The results of a procedure that is given the same again: what was found before, and else
    /// worked out once for all runs that give it the same.
    fn recall(&mut self, call: &Call, wanted: &[bool; WIDTH], registers: &mut Registers) {
        let plan = self.plan;
        let outputs = &plan.procedures[call.procedure].outputs;
        let mut from: [usize; WIDTH] = std::array::from_fn(|lane| lane);
        let mut open: Vec<(usize, Vec<u64>)> = Vec::new();
        let mut before: Option<usize> = None;
        for lane in (0..WIDTH).filter(|lane| wanted[*lane]) {
            if let Some(before) =
                before.filter(|before| registers.alike(&call.given, *before, lane))
            {
                from[lane] = from[before];
                continue;
            }
            before = Some(lane);
            let mut key = vec![call.procedure as u64];
            key.extend(call.given.iter().map(|given| registers.at(*given, lane).to_bits()));
            if let Some(found) = self.kept.get(&key) {
                registers.put(call, lane, found.iter().copied());
            } else if let Some((first, _)) = open.iter().find(|(_, other)| *other == key) {
                from[lane] = *first;
            } else {
                open.push((lane, key));
            }
        }
        if !open.is_empty() {
            let mut asked = [false; WIDTH];
            open.iter().for_each(|(lane, _)| asked[*lane] = true);
            let inner = self.carry_out(call, asked, registers);
            for (lane, key) in open {
                let found: Box<[f64]> = outputs.iter().map(|o| inner.at(*o, lane)).collect();
                registers.put(call, lane, found.iter().copied());
                if !self.stopped {
                    let bytes = size_of_val(&*found);
                    self.kept.put(&key, found, bytes);
                }
            }
            self.spare[call.procedure].push(inner);
        }
        for lane in (0..WIDTH).filter(|lane| wanted[*lane] && from[*lane] != *lane) {
            for into in call.into.iter().flatten() {
                let column = &mut registers.columns[*into as usize];
                column.0[lane] = column.0[from[lane]];
            }
        }
    }

    fn equilibrium(&mut self, tape: &Tape, step: &Equilibrium, registers: &mut Registers) {
        for (play, start) in step.play.iter().zip(&step.start) {
            registers.columns[*play as usize] = registers.column(*start);
        }
        let (before, flaw, after) = step.flaw;
        registers.columns[flaw as usize] = registers.column(before);
        registers.columns[step.residual as usize] = Column::ZERO;
        let mut active = self.alive;
        for count in 0..=STEPS {
            let alive = std::mem::replace(&mut self.alive, active);
            self.steps(tape, &step.body, registers);
            self.alive = alive;
            let residual = residual(step, registers);
            let flawed = registers.column(after);
            for lane in 0..WIDTH {
                if !std::mem::replace(&mut active[lane], false) {
                    continue;
                }
                registers.columns[flaw as usize].0[lane] = flawed.0[lane];
                if flawed.0[lane] != 0.0 || residual.0[lane] <= CONVERGED {
                    continue;
                }
                if count == STEPS {
                    registers.columns[step.residual as usize].0[lane] = residual.0[lane];
                    continue;
                }
                active[lane] = true;
            }
            if self.stopped || !active.contains(&true) {
                return;
            }
            let damping = 0.5 / f64::from(1_u32 << (count / HALVING));
            for (play, answer) in step.play.iter().zip(&step.answer) {
                let answer = registers.column(*answer);
                let play = &mut registers.columns[*play as usize];
                for lane in 0..WIDTH {
                    let moved = play.0[lane] + damping * (answer.0[lane] - play.0[lane]);
                    play.0[lane] = if active[lane] { moved } else { play.0[lane] };
                }
            }
        }
    }

    fn branches(&mut self, tape: &Tape, step: &Branching, registers: &mut Registers) {
        registers.columns[step.sum as usize] = Column::ZERO;
        let all = Branch { weight: Column::ONE, taken: self.alive };
        let mut guard = registers.column(step.guard);
        guard.0.iter_mut().for_each(|x| *x = f64::from(u8::from(*x != 0.0)));
        if let Some(all) = all.part(&guard) {
            self.types(tape, step, registers, &all, &mut Vec::new());
        }
    }

    /// Carries out the body of a branch for the runs that take it.
    fn within(&mut self, tape: &Tape, body: &[Step], registers: &mut Registers, branch: &Branch) {
        let alive = std::mem::replace(&mut self.alive, branch.taken);
        self.steps(tape, body, registers);
        self.alive = alive;
    }

    /// Branches over the types of actor after actor.
    fn types(
        &mut self,
        tape: &Tape,
        step: &Branching,
        registers: &mut Registers,
        branch: &Branch,
        types: &mut Vec<usize>,
    ) {
        if self.stopped {
            return;
        }
        let private_id = types.len();
        let Some(row) = step.types.get(private_id) else {
            for ((mixes, leaves), private_id) in
                step.mixes.iter().zip(&step.mixed).zip(&step.private_ids)
            {
                let actor_type = private_id.map_or(0, |id| types[id]);
                for (share, leaf) in mixes[actor_type].iter().zip(leaves) {
                    if let Some(at) = leaf {
                        registers.columns[*at as usize] = registers.column(*share);
                    }
                }
            }
            return self.choices(tape, step, registers, branch, (SeatId::new(0), types));
        };
        for (number, share) in row.iter().enumerate() {
            let Some(part) = branch.part(&registers.column(*share)) else { continue };
            for (other, leaf) in step.truth[private_id].iter().enumerate() {
                registers.set_leaf(*leaf, f64::from(u8::from(other == number)));
            }
            types.push(number);
            self.types(tape, step, registers, &part, types);
            types.pop();
        }
    }

    /// Branches over the options of seat after seat.
    fn choices(
        &mut self,
        tape: &Tape,
        step: &Branching,
        registers: &mut Registers,
        branch: &Branch,
        (seat, types): (SeatId, &[usize]),
    ) {
        if self.stopped {
            return;
        }
        let Some(leaves) = step.chosen.get(seat) else {
            self.within(tape, &step.bodies[0], registers, branch);
            return self.nature(tape, step, registers, branch, 0);
        };
        let actor_type = step.private_ids[seat].map_or(0, |id| types[id]);
        for (option, share) in step.mixes[seat][actor_type].iter().enumerate() {
            let Some(part) = branch.part(&registers.column(*share)) else { continue };
            for (other, leaf) in leaves.iter().enumerate() {
                registers.set_leaf(*leaf, f64::from(u8::from(other == option)));
            }
            self.choices(tape, step, registers, &part, (SeatId::new(seat.index() + 1), types));
        }
    }

    /// Branches over the events that may happen.
    fn nature(
        &mut self,
        tape: &Tape,
        step: &Branching,
        registers: &mut Registers,
        branch: &Branch,
        hazard: usize,
    ) {
        if self.stopped {
            return;
        }
        let Some(chance) = step.chances.get(hazard) else {
            self.worked(1);
            self.within(tape, &step.bodies[1], registers, branch);
            let utility = registers.column(step.utility);
            let sum = &mut registers.columns[step.sum as usize];
            for lane in (0..WIDTH).filter(|lane| branch.taken[*lane]) {
                sum.0[lane] += branch.weight.0[lane] * utility.0[lane];
            }
            return;
        };
        let chance = registers.column(*chance);
        let leaf = step.decided[hazard];
        if let Some(part) = branch.part(&chance) {
            registers.set_leaf(leaf, 1.0);
            self.nature(tape, step, registers, &part, hazard + 1);
        }
        let mut rest = chance;
        rest.0.iter_mut().for_each(|p| *p = 1.0 - *p);
        if let Some(part) = branch.part(&rest) {
            registers.set_leaf(leaf, 0.0);
            self.nature(tape, step, registers, &part, hazard + 1);
        }
    }
}

/// The greatest difference between a play and its replies.
fn residual(step: &Equilibrium, registers: &Registers) -> Column {
    let mut most = Column::ZERO;
    for (play, answer) in step.play.iter().zip(&step.answer) {
        let (play, answer) = (&registers.columns[*play as usize], registers.column(*answer));
        for lane in 0..WIDTH {
            let difference = (answer.0[lane] - play.0[lane]).abs();
            most.0[lane] = math::maximum(most.0[lane], difference);
        }
    }
    most
}

/// The first of some weights whose cumulative sum exceeds a uniform number; if rounding leaves
/// none, the last positive one. Sets `chosen` to 1 there and to 0 elsewhere; returns its number.
pub(super) fn select(weights: &[Column], uniform: &Column, chosen: &mut [Column]) -> Column {
    let mut sum = Column::ZERO;
    let mut open = Column::ONE;
    let mut picked = Column::ZERO;
    for (number, (weight, chosen)) in weights.iter().zip(chosen.iter_mut()).enumerate() {
        for lane in 0..WIDTH {
            sum.0[lane] += weight.0[lane];
            let here = if sum.0[lane] > uniform.0[lane] { open.0[lane] } else { 0.0 };
            chosen.0[lane] = here;
            open.0[lane] -= here;
            picked.0[lane] += here * number as f64;
        }
    }
    for lane in (0..WIDTH).filter(|lane| open.0[*lane] == 1.0) {
        let last = weights.iter().rposition(|weight| weight.0[lane] > 0.0).unwrap_or(0);
        chosen[last].0[lane] = 1.0;
        picked.0[lane] = last as f64;
    }
    picked
}
