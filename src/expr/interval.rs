//! Bounds of a formula when what it reads lies within bounds: interval arithmetic.

use super::ast::{Aggregate, Comparison};
use super::eval;
use super::node::*;
use crate::ids::CellId;
use crate::math;

/// A closed interval; the ends may be infinite.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// Least value.
    pub lo: f64,
    /// Greatest value.
    pub hi: f64,
}

/// What is known about what a formula reads.
pub trait Bounds {
    /// Bounds of a parameter cell.
    fn parameter(&self, cell: usize) -> Interval;
    /// Bounds of a state cell.
    fn state(&self, cell: CellId) -> Interval;
    /// The formula of a derived quantity.
    fn derived(&self, instance: usize) -> Option<&Expr>;
    /// The number of rounds.
    fn rounds(&self) -> f64;
}

impl Interval {
    /// Everything.
    pub const ALL: Interval = Interval { lo: f64::NEG_INFINITY, hi: f64::INFINITY };
    /// A weight.
    pub const UNIT: Interval = Interval { lo: 0.0, hi: 1.0 };

    /// One number.
    pub fn point(value: f64) -> Self {
        if value.is_nan() { Interval::ALL } else { Interval { lo: value, hi: value } }
    }

    /// From the least to the greatest of these numbers; everything if one is not a number.
    fn hull(list: &[f64]) -> Self {
        if list.iter().any(|x| x.is_nan()) {
            return Interval::ALL;
        }
        let lo = list.iter().copied().fold(f64::INFINITY, math::minimum);
        let hi = list.iter().copied().fold(f64::NEG_INFINITY, math::maximum);
        Interval { lo, hi }
    }

    fn map(self, f: impl Fn(f64) -> f64) -> Self {
        Interval::hull(&[f(self.lo), f(self.hi)])
    }

    fn corners(self, other: Interval, f: impl Fn(f64, f64) -> f64) -> Self {
        let f = |a: f64, b: f64| {
            let value = f(a, b);
            // 0 · ∞ at the corner of an open interval: the product near it is 0
            if value.is_nan() && (a == 0.0 || b == 0.0) { 0.0 } else { value }
        };
        Interval::hull(&[
            f(self.lo, other.lo),
            f(self.lo, other.hi),
            f(self.hi, other.lo),
            f(self.hi, other.hi),
        ])
    }

    pub(super) fn join(self, other: Interval) -> Self {
        Interval::hull(&[self.lo, self.hi, other.lo, other.hi])
    }

    fn add(self, other: Interval) -> Self {
        Interval::hull(&[self.lo + other.lo, self.hi + other.hi])
    }

    fn has(self, value: f64) -> bool {
        self.lo <= value && value <= self.hi
    }
}

/// Bounds of a formula: every value it can take lies within, though not every value within need
/// be taken when a quantity is read more than once.
pub fn bounds<B: Bounds + ?Sized>(expr: &Expr, known: &B) -> Interval {
    let of = |e: &Expr| bounds(e, known);
    match &expr.node {
        Node::Number(value) => Interval::point(*value),
        Node::Parameter(cell) => known.parameter(*cell),
        Node::State(cell) => known.state(*cell),
        Node::Derived(instance) => known.derived(*instance).map_or(Interval::ALL, of),
        Node::Round => Interval { lo: 1.0, hi: known.rounds().max(1.0) },
        Node::Rounds => Interval::point(known.rounds()),
        Node::Series(series) => series.range(known.rounds().max(1.0)),
        Node::Chose(_) | Node::Happened(..) | Node::Belief(..) => Interval::UNIT,
        Node::Utility(_) | Node::Payoff(..) => Interval::ALL,
        Node::Negate(a) => of(a).map(|x| -x),
        Node::Not(p) => of(p).map(|x| 1.0 - x),
        Node::And(p, q) => of(p).corners(of(q), |x, y| x * y),
        Node::Or(p, q) => of(p).corners(of(q), |x, y| x + y - x * y),
        Node::Same(p, q) => of(p).corners(of(q), |x, y| x * y + (1.0 - x) * (1.0 - y)),
        Node::Binary(how, a, b) => arithmetic(*how, a, b, of(a), of(b)),
        Node::Compare(how, a, b) => compare(*how, of(a), of(b)),
        Node::CompareTruth(how, f, c) => {
            let c = of(c);
            let at = |x: f64| compare(*how, Interval::point(x), c);
            match of(f) {
                Interval { hi: 0.0, .. } => at(0.0),
                Interval { lo: 1.0, .. } => at(1.0),
                _ => at(0.0).join(at(1.0)),
            }
        }
        Node::If(parts) => match of(&parts[0]) {
            Interval { hi: 0.0, .. } => of(&parts[2]),
            Interval { lo: 1.0, .. } => of(&parts[1]),
            _ => of(&parts[1]).join(of(&parts[2])),
        },
        Node::Call(function, list) => call(*function, &list.iter().map(of).collect::<Vec<_>>()),
        Node::Fold(how, terms) => fold(*how, terms, known),
        Node::Draw(distribution, list, _) => {
            draw(*distribution, &list.iter().map(of).collect::<Vec<_>>())
        }
    }
}

fn arithmetic(how: Arithmetic, left: &Expr, right: &Expr, a: Interval, b: Interval) -> Interval {
    match how {
        Arithmetic::Add => a.add(b),
        Arithmetic::Subtract => a.add(b.map(|x| -x)),
        Arithmetic::Multiply if left == right => {
            let ends = a.map(|x| x * x);
            if a.has(0.0) { ends.join(Interval::point(0.0)) } else { ends }
        }
        Arithmetic::Multiply => a.corners(b, |x, y| x * y),
        Arithmetic::Divide if b.has(0.0) => Interval::ALL,
        Arithmetic::Divide => a.corners(b, |x, y| x / y),
        Arithmetic::Power => match right.decided() {
            Some(n) if n == 2.0 && a.has(0.0) => a.map(|x| x * x).join(Interval::point(0.0)),
            _ if a.lo >= 0.0 && b.lo >= 0.0 => a.corners(b, math::pow),
            Some(_) if a.lo > 0.0 => a.corners(b, math::pow),
            _ => Interval::ALL,
        },
    }
}

fn compare(how: Comparison, a: Interval, b: Interval) -> Interval {
    let (never, always) = match how {
        Comparison::Less => (a.lo >= b.hi, a.hi < b.lo),
        Comparison::AtMost => (a.lo > b.hi, a.hi <= b.lo),
        Comparison::Greater => (a.hi <= b.lo, a.lo > b.hi),
        Comparison::AtLeast => (a.hi < b.lo, a.lo >= b.hi),
        Comparison::Equal => (a.hi < b.lo || a.lo > b.hi, a.lo == a.hi && a == b),
        Comparison::NotEqual => (a.lo == a.hi && a == b, a.hi < b.lo || a.lo > b.hi),
    };
    match (never, always) {
        (true, _) => Interval::point(0.0),
        (_, true) => Interval::point(1.0),
        _ => Interval::UNIT,
    }
}

fn call(function: Function, list: &[Interval]) -> Interval {
    let Some(&x) = list.first() else {
        return Interval::ALL;
    };
    match function {
        Function::Abs => {
            let ends = x.map(f64::abs);
            if x.has(0.0) { ends.join(Interval::point(0.0)) } else { ends }
        }
        Function::Min | Function::Max | Function::Clamp => {
            let lo = eval::call(function, list.iter().map(|i| i.lo));
            let hi = eval::call(function, list.iter().map(|i| i.hi));
            Interval::hull(&[lo, hi])
        }
        Function::Sin | Function::Cos => Interval { lo: -1.0, hi: 1.0 },
        Function::Modulo => {
            let b = list.get(1).copied().unwrap_or(Interval::ALL);
            if b.has(0.0) { Interval::ALL } else { b.join(Interval::point(0.0)) }
        }
        Function::RoundTo => {
            let step = list.get(1).copied().unwrap_or(Interval::ALL);
            let rounded = |x: f64| eval::call(function, [x, step.lo].into_iter());
            if step.lo == step.hi { x.map(rounded) } else { Interval::ALL }
        }
        Function::Sqrt | Function::Log if x.lo < 0.0 => Interval::ALL,
        _ => x.map(|v| eval::call(function, [v].into_iter())),
    }
}

fn fold<B: Bounds + ?Sized>(how: Aggregate, terms: &[Term], known: &B) -> Interval {
    let (filtered, empty) = (terms.iter().any(|t| t.filter.is_some()), terms.is_empty());
    let parts = terms.iter().map(|t| {
        let value = bounds(&t.value, known);
        let without = if how == Aggregate::Product { 1.0 } else { 0.0 };
        if t.filter.is_some() { value.join(Interval::point(without)) } else { value }
    });
    let values = || terms.iter().map(|t| bounds(&t.value, known));
    match how {
        Aggregate::Any | Aggregate::All => Interval::UNIT,
        Aggregate::Product => parts.fold(Interval::point(1.0), |a, b| a.corners(b, |x, y| x * y)),
        // a mixture of values, or one of them, or the mean of two
        Aggregate::First | Aggregate::Median => {
            values().reduce(Interval::join).unwrap_or(Interval::ALL)
        }
        Aggregate::Sum | Aggregate::Count => parts.fold(Interval::point(0.0), Interval::add),
        _ if empty || filtered => Interval::ALL,
        Aggregate::Mean => {
            let n = terms.len() as f64;
            parts.fold(Interval::point(0.0), Interval::add).map(|x| x / n)
        }
        _ => {
            let function = if how == Aggregate::Min { Function::Min } else { Function::Max };
            call(function, &parts.collect::<Vec<_>>())
        }
    }
}

fn draw(distribution: Distribution, list: &[Interval]) -> Interval {
    match (distribution, list) {
        (Distribution::Beta | Distribution::Bernoulli, _) => Interval::UNIT,
        (Distribution::LogNormal, _) => Interval { lo: 0.0, hi: f64::INFINITY },
        (Distribution::Uniform, [a, b]) => a.join(*b),
        (Distribution::Triangular, [a, _, c]) => a.join(*c),
        _ => Interval::ALL,
    }
}
