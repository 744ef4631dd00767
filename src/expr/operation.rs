//! The operations that formulas and rules come down to, on plain numbers: what plans are made of.
//!
//! [`Operation::apply_with`] is the one list of their definitions. Whoever applies an operation to
//! one number or to columns of numbers is a [`Visit`], so all of them get the same last bits.

use super::eval;
use crate::math;

/// An operation on one to four numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Operation {
    /// −a
    Negate,
    /// |a|
    Abs,
    /// Square root.
    Sqrt,
    /// Exponential.
    Exp,
    /// Natural logarithm.
    Log,
    /// Sine of radians.
    Sin,
    /// Cosine of radians.
    Cos,
    /// Hyperbolic tangent.
    Tanh,
    /// 1 / (1 + exp(−a)).
    Logistic,
    /// Greatest whole number not above.
    Floor,
    /// −1, 0 or 1.
    Sign,
    /// Standard normal quantile.
    NormalQuantile,
    /// a + b
    Add,
    /// a − b
    Subtract,
    /// a b
    Multiply,
    /// a / b
    Divide,
    /// a to the power b
    Power,
    /// What is left of a after a whole number of b, with the sign of b.
    Modulo,
    /// The multiple of b nearest to a.
    RoundTo,
    /// The smaller.
    Minimum,
    /// The larger.
    Maximum,
    /// 1 where a = b, else 0.
    Equal,
    /// 1 where a ≠ b, else 0.
    NotEqual,
    /// 1 where a < b, else 0.
    Less,
    /// 1 where a ≤ b, else 0.
    AtMost,
    /// 0 where the weight a is 0, else a b: what has no weight is not evaluated.
    Weigh,
    /// b where a is not 0, else c.
    Select,
    /// a b + (1 − a) c; exactly b or c where a is 1 or 0.
    Branch,
    /// a moved into \[b, c\].
    Clamp,
    /// a + b c, rounded twice.
    MultiplyAdd,
    /// a − b c, rounded twice.
    MultiplySubtract,
    /// a + weigh(b, c)
    WeighAdd,
    /// a − weigh(b, c)
    WeighSubtract,
    /// 1 where a is 1 already, or where b is not 0 and c is not finite; else 0.
    Flaw,
    /// Quantile a of the beta distribution with parameters b and c.
    BetaQuantile,
    /// Quantile a of the triangular distribution on \[b, d\] with mode c.
    TriangularQuantile,
}

/// Something that applies an operation of its own choice of operands.
pub trait Visit {
    /// What comes of it.
    type Result;
    /// Applies a function of one number.
    fn one(self, f: impl Fn(f64) -> f64) -> Self::Result;
    /// Applies a function of two numbers.
    fn two(self, f: impl Fn(f64, f64) -> f64) -> Self::Result;
    /// Applies a function of three numbers.
    fn three(self, f: impl Fn(f64, f64, f64) -> f64) -> Self::Result;
    /// Applies a function of four numbers.
    fn four(self, f: impl Fn(f64, f64, f64, f64) -> f64) -> Self::Result;
}

/// a b, but 0 where the weight a is 0, whatever b is.
#[inline(always)]
pub fn weigh(a: f64, b: f64) -> f64 {
    let product = a * b;
    if a == 0.0 { 0.0 } else { product }
}

#[inline(always)]
fn branch(p: f64, a: f64, b: f64) -> f64 {
    let mixed = p * a + (1.0 - p) * b;
    let not_one = if p == 0.0 { b } else { mixed };
    if p == 1.0 { a } else { not_one }
}

impl Operation {
    /// Hands the definition of the operation to whoever applies it.
    #[expect(clippy::redundant_closure, reason = "a closure can be told to be inlined, a path not")]
    #[inline(always)]
    pub fn apply_with<V: Visit>(self, visit: V) -> V::Result {
        use Operation::*;
        match self {
            Negate => visit.one(|a| -a),
            Abs => visit.one(f64::abs),
            Sqrt => visit.one(f64::sqrt),
            Exp => visit.one(math::exp),
            Log => visit.one(math::log),
            Sin => visit.one(math::sin),
            Cos => visit.one(math::cos),
            Tanh => visit.one(math::tanh),
            Logistic => visit.one(math::logistic),
            Floor => visit.one(math::floor),
            Sign => visit.one(math::sign),
            NormalQuantile => visit.one(
                #[inline(always)]
                |a| math::normal_quantile(a),
            ),
            Add => visit.two(|a, b| a + b),
            Subtract => visit.two(|a, b| a - b),
            Multiply => visit.two(|a, b| a * b),
            Divide => visit.two(|a, b| a / b),
            Power => visit.two(math::pow),
            Modulo => visit.two(math::modulo),
            RoundTo => visit.two(math::round_to),
            Minimum => visit.two(math::minimum),
            Maximum => visit.two(math::maximum),
            Equal => visit.two(|a, b| eval::truth(a == b)),
            NotEqual => visit.two(|a, b| eval::truth(a != b)),
            Less => visit.two(|a, b| eval::truth(a < b)),
            AtMost => visit.two(|a, b| eval::truth(a <= b)),
            Weigh => visit.two(weigh),
            Select => visit.three(|a, b, c| if a != 0.0 { b } else { c }),
            Branch => visit.three(branch),
            Clamp => visit.three(math::clamp),
            MultiplyAdd => visit.three(|a, b, c| a + b * c),
            MultiplySubtract => visit.three(|a, b, c| a - b * c),
            WeighAdd => visit.three(|a, b, c| a + weigh(b, c)),
            WeighSubtract => visit.three(|a, b, c| a - weigh(b, c)),
            Flaw => visit.three(|a, b, c| {
                let bad = if c.is_finite() { a } else { 1.0 };
                if b != 0.0 { bad } else { a }
            }),
            BetaQuantile => visit.three(math::beta_quantile),
            TriangularQuantile => visit.four(math::triangular_quantile),
        }
    }

    /// Its value for some numbers; those it does not take are not read.
    #[inline(always)]
    pub fn apply(self, given: [f64; 4]) -> f64 {
        self.apply_with(Scalar(given))
    }

    /// How many numbers it takes.
    pub fn arity(self) -> usize {
        use Operation::*;
        match self {
            Negate | Abs | Sqrt | Exp | Log | Sin | Cos | Tanh | Logistic | Floor | Sign
            | NormalQuantile => 1,
            Add | Subtract | Multiply | Divide | Power | Modulo | RoundTo | Minimum | Maximum
            | Equal | NotEqual | Less | AtMost | Weigh => 2,
            TriangularQuantile => 4,
            _ => 3,
        }
    }
}

/// Applies an operation to single numbers.
struct Scalar([f64; 4]);

impl Visit for Scalar {
    type Result = f64;

    fn one(self, f: impl Fn(f64) -> f64) -> f64 {
        f(self.0[0])
    }

    fn two(self, f: impl Fn(f64, f64) -> f64) -> f64 {
        f(self.0[0], self.0[1])
    }

    fn three(self, f: impl Fn(f64, f64, f64) -> f64) -> f64 {
        f(self.0[0], self.0[1], self.0[2])
    }

    fn four(self, f: impl Fn(f64, f64, f64, f64) -> f64) -> f64 {
        f(self.0[0], self.0[1], self.0[2], self.0[3])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_of_zero_silence() {
        assert_eq!(Operation::Weigh.apply([0.0, f64::NAN, 0.0, 0.0]), 0.0);
        assert_eq!(Operation::WeighAdd.apply([2.0, 0.0, f64::INFINITY, 0.0]), 2.0);
        assert_eq!(Operation::WeighSubtract.apply([2.0, 0.5, 3.0, 0.0]), 0.5);
        assert_eq!(Operation::Branch.apply([1.0, 3.0, f64::NAN, 0.0]), 3.0);
        assert_eq!(Operation::Branch.apply([0.0, f64::NAN, 4.0, 0.0]), 4.0);
        assert_eq!(Operation::Branch.apply([0.25, 4.0, 8.0, 0.0]), 7.0);
    }

    #[test]
    fn flaws_stay() {
        assert_eq!(Operation::Flaw.apply([0.0, 1.0, 2.0, 0.0]), 0.0);
        assert_eq!(Operation::Flaw.apply([0.0, 0.0, f64::NAN, 0.0]), 0.0);
        assert_eq!(Operation::Flaw.apply([0.0, 0.5, f64::INFINITY, 0.0]), 1.0);
        assert_eq!(Operation::Flaw.apply([1.0, 1.0, 2.0, 0.0]), 1.0);
    }
}
