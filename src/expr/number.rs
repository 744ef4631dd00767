//! What formulas and rules compute with: numbers, or numbers that are not known yet.

use std::ops::{Add, Div, Mul, Neg, Sub};

use super::ast::Comparison;
use super::operation::{self, Operation};

/// A number, or something that stands for one until a run is played.
///
/// Rules are said once for both. Where a number is known, what it settles is left out: at `f64`,
/// where everything is known, `x.is_zero()` is `x == 0.0`. Operations are carried out in the order
/// written, never re-associated, so that both come to the same last bit.
pub trait Number:
    Copy
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
{
    /// Where such numbers are made.
    type Home: Copy;
    /// Bytes that are held as long as this is.
    type Held;
    /// How weighted amounts are summed.
    type Sum: Sum<Self>;

    /// A number that is known.
    fn constant(home: Self::Home, value: f64) -> Self;
    /// Where it was made.
    fn home(self) -> Self::Home;
    /// Its value, if that is known.
    fn known(self) -> Option<f64>;
    /// Whether it is known to be 0 or 1.
    fn is_binary(self) -> bool;
    /// An operation on one to four numbers.
    fn operation<const COUNT: usize>(operation: Operation, given: [Self; COUNT]) -> Self;

    /// What is made from now on stands at this offset of the file; returns the one before.
    fn stand_at(_home: Self::Home, _offset: usize) -> usize {
        0
    }
    /// Whether making has ended early, and what is made now is worth nothing.
    fn ended(_home: Self::Home) -> bool {
        false
    }
    /// Says that so many bytes are in use.
    fn hold(home: Self::Home, bytes: usize) -> Self::Held;

    /// What a cell of a series is in the round that this is; its values from round 1 on.
    fn series(self, cell: usize, values: &[f64]) -> Self;

    /// Another number of the same home.
    #[inline]
    fn number(self, value: f64) -> Self {
        Self::constant(self.home(), value)
    }
    /// Whether it is known to be 0.
    #[inline]
    fn is_zero(self) -> bool {
        self.known() == Some(0.0)
    }
    /// 1 − x
    #[inline]
    fn complement(self) -> Self {
        self.number(1.0) - self
    }
    /// 1 where it is not 0.
    #[inline]
    fn not_zero(self) -> Self {
        if self.is_binary() {
            self
        } else {
            Self::operation(Operation::NotEqual, [self, self.number(0.0)])
        }
    }
    /// x y, but 0 where the weight x is 0, whatever y is. Where y is known to be finite that is the
    /// product (the sign of a zero apart, which sums that begin with 0 do not keep).
    #[inline]
    fn weigh(self, y: Self) -> Self {
        match y.known() {
            Some(value) if value.is_finite() => self * y,
            _ => Self::operation(Operation::Weigh, [self, y]),
        }
    }
    /// x where this is not 0, else y.
    #[inline]
    fn select(self, x: Self, y: Self) -> Self {
        Self::operation(Operation::Select, [self, x, y])
    }
    /// p x + (1 − p) y; exactly x or y where p is 1 or 0.
    #[inline]
    fn branch(self, x: Self, y: Self) -> Self {
        let how = if self.is_binary() { Operation::Select } else { Operation::Branch };
        Self::operation(how, [self, x, y])
    }
    /// p + q − p q
    #[inline]
    fn or(self, q: Self) -> Self {
        if self.is_binary() && q.is_binary() { self.maximum(q) } else { self + q - self * q }
    }
    /// The larger.
    #[inline]
    fn maximum(self, y: Self) -> Self {
        Self::operation(Operation::Maximum, [self, y])
    }
    /// Moved into a range.
    #[inline]
    fn clamp_to(self, (lo, hi): (f64, f64)) -> Self {
        Self::operation(Operation::Clamp, [self, self.number(lo), self.number(hi)])
    }
    /// 1 where a comparison holds, else 0.
    #[inline]
    fn compare(self, how: Comparison, y: Self) -> Self {
        let x = self;
        let (operation, given) = match how {
            Comparison::Equal => (Operation::Equal, [x, y]),
            Comparison::NotEqual => (Operation::NotEqual, [x, y]),
            Comparison::Less => (Operation::Less, [x, y]),
            Comparison::AtMost => (Operation::AtMost, [x, y]),
            Comparison::Greater => (Operation::Less, [y, x]),
            Comparison::AtLeast => (Operation::AtMost, [y, x]),
        };
        Self::operation(operation, given)
    }
    /// 1 where it is less, else 0.
    #[inline]
    fn less(self, y: Self) -> Self {
        Self::operation(Operation::Less, [self, y])
    }
    /// 1 where both are equal, else 0.
    #[inline]
    fn equal(self, y: Self) -> Self {
        Self::operation(Operation::Equal, [self, y])
    }
}

/// The value of a round, from 1; in rounds after the last value that one.
pub fn in_round(values: &[f64], round: f64) -> f64 {
    let last = values.len().saturating_sub(1);
    let at = if round >= 1.0 { (round as usize - 1).min(last) } else { usize::MAX };
    values.get(at).copied().unwrap_or(f64::NAN)
}

/// A sum of weights times amounts, in order, that begins with 0.
pub trait Sum<N: Number> {
    /// Nothing yet.
    fn new(home: N::Home) -> Self;
    /// Adds, or takes away, the share of an amount.
    fn add(&mut self, share: N, amount: N, minus: bool);
    /// What it comes to.
    fn finish(self) -> N;
}

impl Sum<f64> for f64 {
    fn new((): ()) -> f64 {
        0.0
    }
    #[inline]
    fn add(&mut self, share: f64, amount: f64, minus: bool) {
        let part = share.weigh(amount);
        *self = if minus { *self - part } else { *self + part };
    }
    fn finish(self) -> f64 {
        self
    }
}

impl Number for f64 {
    type Home = ();
    type Held = ();
    type Sum = f64;

    #[inline]
    fn constant((): (), value: f64) -> f64 {
        value
    }
    fn home(self) {}
    fn hold((): (), _bytes: usize) {}
    #[inline]
    fn known(self) -> Option<f64> {
        Some(self)
    }
    #[inline]
    fn is_binary(self) -> bool {
        self.to_bits() == 0 || self == 1.0
    }
    #[inline(always)]
    fn operation<const COUNT: usize>(operation: Operation, given: [f64; COUNT]) -> f64 {
        operation.apply(std::array::from_fn(|at| given.get(at).copied().unwrap_or_default()))
    }
    fn series(self, _cell: usize, values: &[f64]) -> f64 {
        in_round(values, self)
    }
    #[inline]
    fn weigh(self, y: f64) -> f64 {
        operation::weigh(self, y)
    }
}
