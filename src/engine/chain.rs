//! Chains of operations that keep their number in registers from step to step.
//!
//! Sums, products and comparisons are those of IEEE 754 whatever the width, so writing them as
//! vectors gives them no second definition; what is more than that is left to
//! [`crate::expr::Operation`].

use fearless_simd::{Select, Simd, SimdBase, SimdFrom, f64x8, mask64x8, u8x64};

use super::lanes::{Column, Registers, WIDTH};
use crate::plan::{LOOKED_UP, Link, Operand, Term};

/// Numbers that are handled at once.
const GROUP: usize = 8;

/// The option that a seat has chosen in each run, as the bytes of its number in a table of
/// numbers of eight bytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Picks([[u8; 64]; WIDTH / GROUP]);

impl Picks {
    pub const NONE: Picks = Picks([[0; 64]; WIDTH / GROUP]);

    /// From the number of the option.
    #[inline(always)]
    pub fn new(numbers: &Column) -> Picks {
        let mut picks = Picks::NONE;
        for (group, numbers) in picks.0.iter_mut().zip(numbers.0.as_chunks::<GROUP>().0) {
            for (bytes, number) in group.as_chunks_mut::<8>().0.iter_mut().zip(numbers) {
                let first = (*number as u64 % LOOKED_UP as u64) * 8;
                // eight bytes that follow on each other, as one number
                *bytes = (first * 0x0101_0101_0101_0101 + 0x0706_0504_0302_0100).to_le_bytes();
            }
        }
        picks
    }
}

/// The steps of a chain, and what they read besides columns.
pub(super) struct Chain<'a, S> {
    pub simd: S,
    pub terms: &'a [Term],
    pub tables: &'a [[f64; LOOKED_UP]],
    /// By seat.
    pub picks: &'a [Picks],
}

/// A vector of an operand: one number for all runs, or part of a column.
macro_rules! step {
    ($self:ident, $registers:ident, $held:ident, $first:ident, $operand:expr, $f:expr) => {{
        let operand = $operand;
        let f = $f;
        match operand.is_shared() {
            true => {
                let x = $self.splat($registers.shared[operand.at()]);
                for held in &mut $held {
                    *held = f(*held, x);
                }
            }
            false => {
                let column = $self.part($registers, operand, $first);
                for (held, x) in $held.iter_mut().zip(column) {
                    *held = f(*held, f64x8::simd_from($self.simd, *x));
                }
            }
        }
    }};
}

/// The same for a column and another operand.
macro_rules! product {
    ($self:ident, $registers:ident, $held:ident, $first:ident, $factors:expr, $f:expr) => {{
        let [a, b] = $factors;
        let f = $f;
        let column = $self.part($registers, a, $first);
        match b.is_shared() {
            true => {
                let y = $self.splat($registers.shared[b.at()]);
                for (held, x) in $held.iter_mut().zip(column) {
                    *held = f(*held, f64x8::simd_from($self.simd, *x), y);
                }
            }
            false => {
                let other = $self.part($registers, b, $first);
                for ((held, x), y) in $held.iter_mut().zip(column).zip(other) {
                    let x = f64x8::simd_from($self.simd, *x);
                    *held = f(*held, x, f64x8::simd_from($self.simd, *y));
                }
            }
        }
    }};
}

impl<S: Simd> Chain<'_, S> {
    #[inline(always)]
    fn splat(&self, value: f64) -> f64x8<S> {
        f64x8::splat(self.simd, value)
    }

    #[inline(always)]
    fn part<'r, const G: usize>(
        &self,
        registers: &'r Registers,
        operand: Operand,
        first: &Part<G>,
    ) -> &'r [[f64; GROUP]; G] {
        let groups = registers.columns[operand.at()].0.as_chunks::<GROUP>().0;
        &groups.as_chunks::<G>().0[first.0]
    }

    /// Carries out the chain for all runs, `G` vectors at a time.
    #[inline(always)]
    pub fn carry_out<const G: usize>(&self, start: Operand, into: u32, registers: &mut Registers) {
        for part in 0..WIDTH / GROUP / G {
            let found = self.held::<G>(start, registers, &Part(part));
            let groups = registers.columns[into as usize].0.as_chunks_mut::<GROUP>().0;
            for (out, held) in groups.as_chunks_mut::<G>().0[part].iter_mut().zip(found) {
                *out = held.into();
            }
        }
    }

    #[inline(always)]
    fn held<const G: usize>(
        &self,
        start: Operand,
        registers: &Registers,
        first: &Part<G>,
    ) -> [f64x8<S>; G] {
        let mut held = [self.splat(0.0); G];
        step!(self, registers, held, first, start, |_, x| x);
        for Term { link, factors } in self.terms {
            let [x, y] = *factors;
            match link {
                Link::Add => step!(self, registers, held, first, x, |s, x| s + x),
                Link::Subtract => step!(self, registers, held, first, x, |s, x| s - x),
                Link::From => step!(self, registers, held, first, x, |s, x| x - s),
                Link::Multiply => step!(self, registers, held, first, x, |s, x| s * x),
                Link::Divide => step!(self, registers, held, first, x, |s, x| s / x),
                Link::Maximum => step!(self, registers, held, first, x, maximum),
                Link::AddProduct => {
                    product!(self, registers, held, first, [x, y], |s, x, y| s + x * y);
                }
                Link::SubtractProduct => {
                    product!(self, registers, held, first, [x, y], |s, x, y| s - x * y);
                }
                Link::Clamp => {
                    let (lo, hi) = (registers.shared[x.at()], registers.shared[y.at()]);
                    let numbers = !lo.is_nan() && !hi.is_nan();
                    let (lo, hi) = (self.splat(lo), self.splat(hi));
                    for s in &mut held {
                        *s = match numbers {
                            true => within(*s, lo, hi),
                            false => minimum(maximum(*s, lo), hi),
                        };
                    }
                }
                Link::AddWeighed => self.weighed(&mut held, registers, first, [x, y], false),
                Link::SubtractWeighed => self.weighed(&mut held, registers, first, [x, y], true),
                Link::Lookup => self.look_up(&mut held, first, [x, y]),
            }
        }
        held
    }

    #[inline(always)]
    fn weighed<const G: usize>(
        &self,
        held: &mut [f64x8<S>; G],
        registers: &Registers,
        first: &Part<G>,
        [a, b]: [Operand; 2],
        minus: bool,
    ) {
        let zero = self.splat(0.0);
        let read = |operand: Operand, group: usize| match operand.is_shared() {
            true => self.splat(registers.shared[operand.at()]),
            false => f64x8::simd_from(self.simd, self.part(registers, operand, first)[group]),
        };
        for (group, s) in held.iter_mut().enumerate() {
            let (x, y) = (read(a, group), read(b, group));
            let none: mask64x8<S> = self.simd.simd_eq_f64x8(x, zero);
            let product = none.select(zero, x * y);
            *s = if minus { *s - product } else { *s + product };
        }
    }

    /// Adds to each run the number of its option.
    #[inline(always)]
    fn look_up<const G: usize>(
        &self,
        held: &mut [f64x8<S>; G],
        first: &Part<G>,
        [seat, table]: [Operand; 2],
    ) {
        let table = &self.tables[table.at()];
        let picks = &self.picks[seat.at()].0.as_chunks::<G>().0[first.0];
        if G == 8 {
            // two registers of the widest kind hold the table
            let halves = table.as_chunks::<GROUP>().0;
            let low = f64x8::simd_from(self.simd, halves[0]);
            let high = f64x8::simd_from(self.simd, halves[1]);
            for (s, bytes) in held.iter_mut().zip(picks) {
                let bytes = u8x64::simd_from(self.simd, *bytes);
                *s += self.simd.concat_swizzle_dyn_f64x8(low, high, bytes);
            }
            return;
        }
        for (s, bytes) in held.iter_mut().zip(picks) {
            let number = |lane: usize| table[usize::from(bytes[8 * lane] / 8) % LOOKED_UP];
            let found: [f64; GROUP] = std::array::from_fn(number);
            *s += f64x8::simd_from(self.simd, found);
        }
    }
}

/// Which `G` groups of the columns.
struct Part<const G: usize>(usize);

/// [`crate::math::clamp`] between bounds that are numbers: they need no look at what is not.
#[inline(always)]
fn within<S: Simd>(a: f64x8<S>, lo: f64x8<S>, hi: f64x8<S>) -> f64x8<S> {
    let below: mask64x8<S> = a.simd.simd_le_f64x8(a, lo);
    let a: f64x8<S> = below.select(lo, a);
    let above: mask64x8<S> = a.simd.simd_ge_f64x8(a, hi);
    above.select(hi, a)
}

/// [`crate::math::maximum`]
#[inline(always)]
fn maximum<S: Simd>(a: f64x8<S>, b: f64x8<S>) -> f64x8<S> {
    let larger: mask64x8<S> = a.simd.simd_gt_f64x8(a, b);
    let number: mask64x8<S> = a.simd.simd_eq_f64x8(a, a);
    number.select(larger.select(a, b), a)
}

/// [`crate::math::minimum`]
#[inline(always)]
fn minimum<S: Simd>(a: f64x8<S>, b: f64x8<S>) -> f64x8<S> {
    let smaller: mask64x8<S> = a.simd.simd_lt_f64x8(a, b);
    let number: mask64x8<S> = a.simd.simd_eq_f64x8(a, a);
    number.select(smaller.select(a, b), a)
}
