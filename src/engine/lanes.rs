//! Operations on columns, in vectors as wide as the machine has them.
//!
//! The loops are plain; the compiler turns them into vector code once for each set of vector
//! instructions, and the best one is picked when the program runs. No operation is fused or
//! reordered, so all of them give the same bits.

use fearless_simd::{Level, Simd};

use crate::expr::{Operation, Visit, weigh};
use crate::plan::{Instruction, Operand, Term};
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
/// every machine of this kind has.
macro_rules! vectorize {
    ($level:expr, $call:expr) => {{
        #[cfg(target_arch = "x86_64")]
        {
            if let Some(avx512) = $level.as_avx512() {
                return avx512.vectorize(
                    #[inline(always)]
                    || $call,
                );
            }
            if let Some(avx2) = $level.as_avx2() {
                return avx2.vectorize(
                    #[inline(always)]
                    || $call,
                );
            }
        }
        $call
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
        list: &[Instruction],
        terms: &[Term],
        columns: &mut [Column],
        shared: &[f64],
    ) {
        vectorize!(self.0, all(list, terms, columns, shared));
    }

    /// Fills columns with the uniform numbers of consecutive slots, for consecutive runs.
    pub(super) fn draw(self, seed: Seed, first_run: u64, first: Address, out: &mut [Column]) {
        vectorize!(self.0, drawn(seed, first_run, first, out));
    }
}

#[inline(always)]
fn drawn(seed: Seed, first_run: u64, first: Address, out: &mut [Column]) {
    for lane in (0..WIDTH).step_by(LANES) {
        let run = first_run.wrapping_add(lane as u64);
        seed.columns(
            run,
            first,
            out.len(),
            #[inline(always)]
            |slot, values| {
                out[slot].0[lane..lane + LANES].copy_from_slice(&values);
            },
        );
    }
}

#[inline(always)]
fn all(list: &[Instruction], terms: &[Term], columns: &mut [Column], shared: &[f64]) {
    for instruction in list {
        let lanes = Lanes { instruction, columns, shared };
        match instruction.terms {
            (_, 0) => instruction.operation.apply_with(lanes),
            (first, count) => lanes.sum(&terms[first as usize..(first + count) as usize]),
        }
    }
}

/// How many lanes of a sum are held at once: few enough for the registers of the machine.
const HELD: usize = 32;

/// Lanes that fit one register of the widest kind.
type Group = [f64; 8];

/// Adds terms to some lanes of a sum, one after the other. Four groups are named one by one, so
/// that they stay in registers from term to term.
#[inline(always)]
fn accumulate<'t>(
    sum: &mut [f64; HELD],
    terms: &'t [Term],
    term: impl Fn(&'t Term) -> (&'t [f64; HELD], &'t [f64; HELD]),
    f: impl Fn(f64, f64, f64) -> f64,
) {
    let groups = |x: &'t [f64; HELD]| x.as_chunks::<8>().0;
    let step = |sum: Group, x: &Group, y: &Group| -> Group {
        std::array::from_fn(|i| f(sum[i], x[i], y[i]))
    };
    let start: [Group; 4] = std::array::from_fn(|g| std::array::from_fn(|i| sum[8 * g + i]));
    let [mut a, mut b, mut c, mut d] = start;
    for one in terms {
        let (x, y) = term(one);
        let (x, y) = (groups(x), groups(y));
        a = step(a, &x[0], &y[0]);
        b = step(b, &x[1], &y[1]);
        c = step(c, &x[2], &y[2]);
        d = step(d, &x[3], &y[3]);
    }
    for (g, group) in [a, b, c, d].iter().enumerate() {
        sum[8 * g..8 * g + 8].copy_from_slice(group);
    }
}

/// The same where one factor is the same for all runs.
#[inline(always)]
fn accumulate_shared<'t>(
    sum: &mut [f64; HELD],
    terms: &'t [Term],
    term: impl Fn(&'t Term) -> (&'t [f64; HELD], f64),
    f: impl Fn(f64, f64, f64) -> f64,
) {
    let step =
        |sum: Group, x: &Group, y: f64| -> Group { std::array::from_fn(|i| f(sum[i], x[i], y)) };
    let start: [Group; 4] = std::array::from_fn(|g| std::array::from_fn(|i| sum[8 * g + i]));
    let [mut a, mut b, mut c, mut d] = start;
    for one in terms {
        let (x, y) = term(one);
        let (x, _) = x.as_chunks::<8>();
        a = step(a, &x[0], y);
        b = step(b, &x[1], y);
        c = step(c, &x[2], y);
        d = step(d, &x[3], y);
    }
    for (g, group) in [a, b, c, d].iter().enumerate() {
        sum[8 * g..8 * g + 8].copy_from_slice(group);
    }
}

impl Lanes<'_> {
    /// A number or column and terms that are added to it one after the other.
    #[inline(always)]
    fn sum(self, terms: &[Term]) {
        let (into, others, from, shared) = self.split();
        for part in (0..WIDTH).step_by(HELD) {
            let mut sum = [0.0; HELD];
            match from[0].is_shared() {
                true => sum.fill(shared[from[0].at()]),
                false => sum.copy_from_slice(&others.column(from[0])[part..part + HELD]),
            }
            let mut rest = terms;
            while let Some(first) = rest.first() {
                let kind = first.kind();
                let count = rest.iter().take_while(|term| term.kind() == kind).count();
                let (alike, more) = rest.split_at(count);
                rest = more;
                let columns =
                    |t: &Term| (others.part(t.factors[0], part), others.part(t.factors[1], part));
                let mixed = |t: &Term| (others.part(t.factors[0], part), shared[t.factors[1].at()]);
                match (first.weighs, first.minus, first.shares()) {
                    (false, false, [false, false]) => {
                        accumulate(&mut sum, alike, columns, |s, x, y| s + x * y);
                    }
                    (false, true, [false, false]) => {
                        accumulate(&mut sum, alike, columns, |s, x, y| s - x * y);
                    }
                    (true, false, [false, false]) => {
                        accumulate(&mut sum, alike, columns, |s, x, y| s + weigh(x, y));
                    }
                    (true, true, [false, false]) => {
                        accumulate(&mut sum, alike, columns, |s, x, y| s - weigh(x, y));
                    }
                    (false, false, [false, true]) => {
                        accumulate_shared(&mut sum, alike, mixed, |s, x, y| s + x * y);
                    }
                    (false, true, [false, true]) => {
                        accumulate_shared(&mut sum, alike, mixed, |s, x, y| s - x * y);
                    }
                    _ => others.rarely(&mut sum, alike, part, shared),
                }
            }
            into[part..part + HELD].copy_from_slice(&sum);
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

impl<'a> Others<'a> {
    /// Adds terms of any kind.
    fn rarely(&self, sum: &mut [f64; HELD], terms: &[Term], part: usize, shared: &[f64]) {
        let read = |operand: Operand, lane: usize| match operand.is_shared() {
            true => shared[operand.at()],
            false => self.part(operand, part)[lane],
        };
        for term in terms {
            for (lane, sum) in sum.iter_mut().enumerate() {
                let [a, b] = term.factors.map(|factor| read(factor, lane));
                let product = if term.weighs { weigh(a, b) } else { a * b };
                *sum = if term.minus { *sum - product } else { *sum + product };
            }
        }
    }

    /// Some lanes of a column.
    #[inline(always)]
    fn part(&self, operand: Operand, from: usize) -> &'a [f64; HELD] {
        let (parts, _) = self.column(operand).as_chunks::<HELD>();
        &parts[from / HELD]
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

/// See [`super::exercise`]: each operation reads three columns of 16 and writes a fourth.
pub(super) fn exercise(vectors: Vectors, count: usize) -> usize {
    let mut columns = vec![Column([0.5; WIDTH]); 16];
    let instruction = |n: u32| Instruction {
        operation: Operation::MultiplyAdd,
        into: n % 16,
        from: [n + 1, n + 2, n + 3, n].map(|at| Operand::column(at % 16)),
        terms: (0, 0),
    };
    let list: Vec<Instruction> = (0..1024).map(instruction).collect();
    for _ in 0..count.div_ceil(list.len()) {
        vectors.run(&list, &[], &mut columns, &[]);
    }
    count.div_ceil(list.len()) * list.len()
}
