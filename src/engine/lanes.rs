//! Operations on columns, in vectors as wide as the machine has them.
//!
//! The loops are plain; the compiler turns them into vector code once for each set of vector
//! instructions, and the best one is picked when the program runs. No operation is fused or
//! reordered, so all of them give the same bits.

use fearless_simd::{Level, Simd};

use super::chain::{Chain, Picks};
use crate::expr::{Operation, Visit};
use crate::math;
use crate::plan::{Choosing, Instruction, Link, Operand, Tape, Term};
use crate::rng::{Address, LANES, Seed};

/// How many runs are played side by side. Measured: see `benches/README.md`.
pub const WIDTH: usize = 64;

/// One number for each of [`WIDTH`] runs.
#[derive(Debug, Clone, Copy)]
#[repr(align(64))]
pub(super) struct Column(pub [f64; WIDTH]);

impl Column {
    pub const ZERO: Column = Column([0.0; WIDTH]);
    pub const ONE: Column = Column([1.0; WIDTH]);
}

/// A call compiled for the vector instructions of a level, where they are wider than those that
/// every machine of this kind has. The function is told the level and how many vectors of 8
/// numbers fit half of its registers.
macro_rules! vectorize {
    ($level:expr, $function:ident($($given:expr),*)) => {{
        #[cfg(target_arch = "x86_64")]
        {
            if let Some(avx512) = $level.as_avx512() {
                return avx512.vectorize(
                    #[inline(always)]
                    || $function::<_, 8>(avx512, $($given),*),
                );
            }
            if let Some(avx2) = $level.as_avx2() {
                return avx2.vectorize(
                    #[inline(always)]
                    || $function::<_, 4>(avx2, $($given),*),
                );
            }
            let Some(sse2) = $level.as_sse2() else {
                // invariant: every machine of this kind has it
                unreachable!("x86-64 without SSE2")
            };
            $function::<_, 2>(sse2, $($given),*)
        }
        #[cfg(not(target_arch = "x86_64"))]
        fearless_simd::dispatch!($level, simd => $function::<_, 2>(simd, $($given),*))
    }};
}

/// A set of vector instructions.
#[derive(Debug, Clone, Copy)]
pub struct Vectors(Level);

impl Vectors {
    /// The widest that this machine has.
    pub fn best() -> Vectors {
        Vectors(Level::new())
    }

    /// All that this machine has, with their names, narrowest first.
    pub fn all() -> Vec<(&'static str, Vectors)> {
        let best = Level::new();
        let mut found = Vec::new();
        #[cfg(target_arch = "x86_64")]
        {
            let sse2 = best.as_sse2().map(|t| ("SSE2", Level::Sse2(t)));
            let avx2 = best.as_avx2().map(|t| ("AVX2", Level::Avx2(t)));
            let avx512 = best.as_avx512().map(|t| ("AVX-512", Level::Avx512(t)));
            let known = [sse2, avx2, avx512];
            found.extend(known.into_iter().flatten().map(|(name, l)| (name, Vectors(l))));
        }
        if found.is_empty() {
            found.push(("native", Vectors(best)));
        }
        found
    }

    /// Carries out operations on columns.
    pub(super) fn run(
        self,
        tape: &Tape,
        list: &[Instruction],
        registers: &mut Registers,
        picks: &[Picks],
    ) {
        vectorize!(self.0, all(tape, list, registers, picks));
    }

    /// Draws an option of a seat: see [`Choosing`].
    pub(super) fn choose(
        self,
        step: &Choosing,
        uniform: &Column,
        registers: &mut Registers,
    ) -> Picks {
        vectorize!(self.0, chosen(step, uniform, registers))
    }

    /// Fills columns with the uniform numbers of runs at slots in ascending order, each given with
    /// the number of the column that takes it.
    pub(super) fn draw(
        self,
        seed: Seed,
        runs: &[u64; WIDTH],
        first: Address,
        draws: &Draws,
        columns: &mut [Column],
    ) {
        vectorize!(self.0, drawn(seed, runs, first, draws, columns));
    }
}

/// Draws of one purpose and ordinal in ascending order of their slots, with the numbers of the
/// columns that take them.
#[derive(Debug, Default)]
pub(super) struct Draws {
    pub slots: Vec<u32>,
    pub into: Vec<u32>,
}

impl Draws {
    pub fn push(&mut self, slot: u32, column: u32) {
        self.slots.push(slot);
        self.into.push(column);
    }
}

/// The numbers of a tape while it is carried out.
#[derive(Debug, Default)]
pub(super) struct Registers {
    pub columns: Vec<Column>,
    pub shared: Vec<f64>,
}

impl Registers {
    fn read(&self, operand: Operand, lane: usize) -> f64 {
        match operand.is_shared() {
            true => self.shared[operand.at()],
            false => self.columns[operand.at()].0[lane],
        }
    }
}

#[inline(always)]
fn drawn<S: Simd, const G: usize>(
    _: S,
    seed: Seed,
    runs: &[u64; WIDTH],
    first: Address,
    draws: &Draws,
    columns: &mut [Column],
) {
    for (group, runs) in runs.as_chunks::<LANES>().0.iter().enumerate() {
        let lane = group * LANES;
        seed.columns(
            runs,
            first,
            &draws.slots,
            #[inline(always)]
            |number, values| {
                let out = &mut columns[draws.into[number] as usize].0;
                out[lane..lane + LANES].copy_from_slice(&values);
            },
        );
    }
}

#[inline(always)]
fn chosen<S: Simd, const G: usize>(
    _: S,
    step: &Choosing,
    uniform: &Column,
    registers: &mut Registers,
) -> Picks {
    let mut sum = Column::ZERO;
    let mut open = Column::ONE;
    let mut picked = Column::ZERO;
    for (number, (share, into)) in step.mix.iter().zip(&step.chosen).enumerate() {
        let mut here = Column::ZERO;
        match share.is_shared() {
            true => here.0.fill(registers.shared[share.at()]),
            false => here = registers.columns[share.at()],
        }
        for lane in 0..WIDTH {
            sum.0[lane] += here.0[lane];
            let taken = if sum.0[lane] > uniform.0[lane] { open.0[lane] } else { 0.0 };
            here.0[lane] = taken;
            open.0[lane] -= taken;
            picked.0[lane] += taken * number as f64;
        }
        registers.columns[*into as usize] = here;
    }
    // rounding left none: the last of positive weight
    for lane in (0..WIDTH).filter(|lane| open.0[*lane] == 1.0) {
        let last =
            step.mix.iter().rposition(|share| registers.read(*share, lane) > 0.0).unwrap_or(0);
        registers.columns[step.chosen[last] as usize].0[lane] = 1.0;
        picked.0[lane] = last as f64;
    }
    registers.columns[step.picked as usize] = picked;
    Picks::new(&picked)
}

/// [`math::normal_quantile`] of a column. Most numbers are near the centre; the others are
/// gathered, so that what tails need is not worked out for everyone.
#[inline(always)]
fn normal_quantiles(numbers: &Column) -> Column {
    let mut found = Column::ZERO;
    let (mut tails, mut count) = ([0_u8; WIDTH], 0);
    for lane in 0..WIDTH {
        found.0[lane] = math::normal_centre(numbers.0[lane]);
    }
    for lane in 0..WIDTH {
        tails[count % WIDTH] = lane as u8;
        count += usize::from(!math::is_central(numbers.0[lane]));
    }
    for tails in tails[..count].chunks(LANES) {
        let mut part = [0.5; LANES];
        for (p, lane) in part.iter_mut().zip(tails) {
            *p = numbers.0[usize::from(*lane)];
        }
        for p in &mut part {
            *p = math::normal_tail(*p);
        }
        for (z, lane) in part.iter().zip(tails) {
            found.0[usize::from(*lane)] = *z;
        }
    }
    found
}

/// [`math::exp`] of a column, half of it at a time.
#[inline(always)]
fn exponentials(numbers: &[f64; WIDTH], into: &mut [f64; WIDTH]) {
    const HALF: usize = WIDTH / 2;
    let parts = numbers.as_chunks::<HALF>().0.iter();
    for (x, out) in parts.zip(into.as_chunks_mut::<HALF>().0) {
        *out = math::exps(*x);
    }
}

#[inline(always)]
fn all<S: Simd, const G: usize>(
    simd: S,
    tape: &Tape,
    list: &[Instruction],
    registers: &mut Registers,
    picks: &[Picks],
) {
    for instruction in list {
        match instruction.terms {
            (_, 0) if instruction.operation == Operation::NormalQuantile => {
                let [from, ..] = instruction.from;
                let found = normal_quantiles(&registers.columns[from.at()]);
                registers.columns[instruction.into as usize] = found;
            }
            (_, 0) if instruction.operation == Operation::Exp => {
                let Registers { columns, shared } = registers;
                let (into, others, [from, ..], _) = Lanes { instruction, columns, shared }.split();
                exponentials(others.column(from), into);
            }
            (_, 0) => {
                let Registers { columns, shared } = registers;
                instruction.operation.apply_with(Lanes { instruction, columns, shared });
            }
            (first, count) => {
                let terms = &tape.terms[first as usize..(first + count) as usize];
                let chain = Chain { simd, terms, tables: &tape.tables, picks };
                chain.carry_out::<G>(instruction.from[0], instruction.into, registers);
            }
        }
    }
}

/// Applies one operation to columns.
struct Lanes<'a> {
    instruction: &'a Instruction,
    columns: &'a mut [Column],
    shared: &'a [f64],
}

/// The columns of a frame apart from the one that is written.
struct Others<'a> {
    before: &'a [Column],
    after: &'a [Column],
}

impl<'a> Others<'a> {
    #[inline(always)]
    fn column(&self, operand: Operand) -> &'a [f64; WIDTH] {
        let at = operand.at();
        match at.checked_sub(self.before.len() + 1) {
            None => &self.before[at].0,
            Some(at) => &self.after[at].0,
        }
    }
}

impl<'a> Lanes<'a> {
    #[inline(always)]
    fn split(self) -> (&'a mut [f64; WIDTH], Others<'a>, [Operand; 4], &'a [f64]) {
        let (before, rest) = self.columns.split_at_mut(self.instruction.into as usize);
        let (into, after) = rest.split_at_mut(1);
        (&mut into[0].0, Others { before, after }, self.instruction.from, self.shared)
    }
}

#[inline(always)]
fn fill(into: &mut [f64; WIDTH], f: impl Fn(usize) -> f64) {
    for (lane, value) in into.iter_mut().enumerate() {
        *value = f(lane);
    }
}

impl Visit for Lanes<'_> {
    type Result = ();

    #[inline(always)]
    fn one(self, f: impl Fn(f64) -> f64) {
        let (into, others, from, _) = self.split();
        let x = others.column(from[0]);
        // told to, since larger functions would else be called number by number
        fill(
            into,
            #[inline(always)]
            |i| f(x[i]),
        );
    }

    #[inline(always)]
    fn two(self, f: impl Fn(f64, f64) -> f64) {
        let (into, others, [a, b, ..], shared) = self.split();
        match (a.is_shared(), b.is_shared()) {
            (false, false) => {
                let (x, y) = (others.column(a), others.column(b));
                fill(into, |i| f(x[i], y[i]));
            }
            (false, true) => {
                let (x, y) = (others.column(a), shared[b.at()]);
                fill(into, |i| f(x[i], y));
            }
            (true, false) => {
                let (x, y) = (shared[a.at()], others.column(b));
                fill(into, |i| f(x, y[i]));
            }
            (true, true) => fill(into, |_| f(shared[a.at()], shared[b.at()])),
        }
    }

    #[inline(always)]
    fn three(self, f: impl Fn(f64, f64, f64) -> f64) {
        let (into, others, [a, b, c, _], shared) = self.split();
        match (a.is_shared(), b.is_shared(), c.is_shared()) {
            (false, false, false) => {
                let (x, y, z) = (others.column(a), others.column(b), others.column(c));
                fill(into, |i| f(x[i], y[i], z[i]));
            }
            (false, false, true) => {
                let (x, y, z) = (others.column(a), others.column(b), shared[c.at()]);
                fill(into, |i| f(x[i], y[i], z));
            }
            (false, true, false) => {
                let (x, y, z) = (others.column(a), shared[b.at()], others.column(c));
                fill(into, |i| f(x[i], y, z[i]));
            }
            (false, true, true) => {
                let (x, y, z) = (others.column(a), shared[b.at()], shared[c.at()]);
                fill(into, |i| f(x[i], y, z));
            }
            (true, false, false) => {
                let (x, y, z) = (shared[a.at()], others.column(b), others.column(c));
                fill(into, |i| f(x, y[i], z[i]));
            }
            (true, false, true) => {
                let (x, y, z) = (shared[a.at()], others.column(b), shared[c.at()]);
                fill(into, |i| f(x, y[i], z));
            }
            (true, true, _) => {
                let (x, y) = (shared[a.at()], shared[b.at()]);
                match c.is_shared() {
                    true => fill(into, |_| f(x, y, shared[c.at()])),
                    false => {
                        let z = others.column(c);
                        fill(into, |i| f(x, y, z[i]));
                    }
                }
            }
        }
    }

    #[inline(always)]
    fn four(self, f: impl Fn(f64, f64, f64, f64) -> f64) {
        let (into, others, from, shared) = self.split();
        let read = |operand: Operand, i: usize| match operand.is_shared() {
            true => shared[operand.at()],
            false => others.column(operand)[i],
        };
        let [a, b, c, d] = from;
        fill(into, |i| f(read(a, i), read(b, i), read(c, i), read(d, i)));
    }
}

/// Carries out a prologue: operations on numbers that are the same for all runs.
pub(super) fn prologue(list: &[Instruction], shared: &mut [f64]) {
    for instruction in list {
        let mut given = [0.0; 4];
        let count = Operation::arity(instruction.operation);
        for (number, operand) in given.iter_mut().zip(&instruction.from[..count]) {
            *number = shared[operand.at()];
        }
        shared[instruction.into as usize] = instruction.operation.apply(given);
    }
}

/// See [`super::exercise`]: chains of products of 16 columns with numbers that all runs share.
pub(super) fn exercise(vectors: Vectors, count: usize) -> usize {
    const TERMS: u32 = 64;
    let registers = Registers { columns: vec![Column([0.5; WIDTH]); 16], shared: vec![0.25; 16] };
    let term = |n: u32| Term {
        link: Link::AddProduct,
        factors: [Operand::column(n % 16), Operand::shared(n % 16)],
    };
    let instruction = |n: u32| Instruction {
        operation: Operation::MultiplyAdd,
        into: n % 16,
        from: [Operand::shared(0); 4],
        terms: (0, TERMS),
    };
    let tape = Tape { terms: (0..TERMS).map(term).collect(), ..Tape::default() };
    let list: Vec<Instruction> = (0..16).map(instruction).collect();
    let mut registers = registers;
    let turns = count.div_ceil(list.len() * TERMS as usize);
    for _ in 0..turns {
        vectors.run(&tape, &list, &mut registers, &[]);
    }
    turns * list.len() * TERMS as usize
}
