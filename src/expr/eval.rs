//! The value of a compiled formula: the one definition of every operator.

use super::ast::{Aggregate, Comparison};
use super::node::*;
use crate::math;

/// What a formula reads: parameters, state and the facts of a round, real or imagined. What a
/// reader does not know is not a number; draws it does not know enter by their means.
pub trait Facts {
    /// The value of a parameter cell.
    fn parameter(&self, cell: usize) -> f64;
    /// The value of a state cell.
    fn state(&self, _cell: usize) -> f64 {
        f64::NAN
    }
    /// The value of a derived quantity.
    fn derived(&self, _instance: usize) -> f64 {
        f64::NAN
    }
    /// The round, from 1.
    fn round(&self) -> f64 {
        f64::NAN
    }
    /// The number of rounds.
    fn rounds(&self) -> f64 {
        f64::NAN
    }
    /// The weight of an option, this round or the round before.
    fn option(&self, _option: usize, _last: bool) -> f64 {
        f64::NAN
    }
    /// The weight of an event instance, this round or the round before.
    fn event(&self, _instance: usize, _last: bool) -> f64 {
        f64::NAN
    }
    /// An observer's belief that an actor is of a type.
    fn belief(&self, _observer: usize, _actor: usize, _kind: usize) -> f64 {
        f64::NAN
    }
    /// The utility of an actor this round.
    fn utility(&self, _actor: usize) -> f64 {
        f64::NAN
    }
    /// A payoff component of an actor this round.
    fn payoff(&self, _actor: usize, _component: usize) -> f64 {
        f64::NAN
    }
    /// The uniform number of a draw, or `None` where draws enter by their means.
    fn uniform(&self, _site: Site) -> Option<f64> {
        None
    }
}

/// Parameters by cell, for formulas that read nothing else.
#[derive(Debug, Clone, Copy)]
pub struct Parameters<'a>(pub &'a [f64]);

impl Facts for Parameters<'_> {
    fn parameter(&self, cell: usize) -> f64 {
        self.0[cell]
    }
}

/// The value of a formula.
///
/// Truth values are weights p in \[0, 1\]: not p = 1 − p, p and q = pq, p or q = p + q − pq,
/// if(p, a, b) = pa + (1 − p)b, and exactly a or b where p is 1 or 0. At 0 and 1 this is ordinary
/// logic. Operations are carried out in the order written, never re-associated.
pub fn value<F: Facts + ?Sized>(expr: &Expr, facts: &F) -> f64 {
    match &expr.node {
        Node::Number(number) => *number,
        Node::Parameter(cell) => facts.parameter(*cell),
        Node::State(cell) => facts.state(*cell),
        Node::Derived(instance) => facts.derived(*instance),
        Node::Binary(how, a, b) => {
            let a = operand(a, facts);
            let b = operand(b, facts);
            arithmetic(*how, a, b)
        }
        Node::Negate(a) => -value(a, facts),
        Node::Not(p) => 1.0 - value(p, facts),
        Node::And(p, q) => {
            let p = value(p, facts);
            p * value(q, facts)
        }
        Node::Or(p, q) => {
            let p = value(p, facts);
            let q = value(q, facts);
            p + q - p * q
        }
        Node::Compare(how, a, b) => {
            let a = value(a, facts);
            truth(how.holds(a, value(b, facts)))
        }
        Node::If(parts) => branch(parts, facts),
        Node::Call(function, list) => called(*function, list, facts),
        Node::Fold(how, terms) => fold(*how, terms, facts),
        _ => fact(expr, facts),
    }
}

/// The value of an operand: most are numbers or cells, which need no recursion.
#[inline]
fn operand<F: Facts + ?Sized>(expr: &Expr, facts: &F) -> f64 {
    match &expr.node {
        Node::Number(number) => *number,
        Node::State(cell) => facts.state(*cell),
        _ => value(expr, facts),
    }
}

/// pa + (1 − p)b; exactly a or b, the other not evaluated, where p is 1 or 0.
fn branch<F: Facts + ?Sized>(parts: &[Expr; 3], facts: &F) -> f64 {
    let p = value(&parts[0], facts);
    if p == 1.0 {
        value(&parts[1], facts)
    } else if p == 0.0 {
        value(&parts[2], facts)
    } else {
        p * value(&parts[1], facts) + (1.0 - p) * value(&parts[2], facts)
    }
}

#[inline(never)]
fn called<F: Facts + ?Sized>(function: Function, list: &[Expr], facts: &F) -> f64 {
    match list {
        [x] => call(function, std::iter::once(value(x, facts))),
        _ => call(function, list.iter().map(|a| value(a, facts))),
    }
}

/// The facts of a round, and draws. Kept apart from [`value`] so that its frame stays small: it
/// recurses for every part of every formula.
#[inline(never)]
fn fact<F: Facts + ?Sized>(expr: &Expr, facts: &F) -> f64 {
    match &expr.node {
        Node::Round => facts.round(),
        Node::Rounds => facts.rounds(),
        Node::Chose(played) => weight_played(played, facts),
        Node::Happened(instances, last) => match instances.as_slice() {
            [one] => facts.event(*one, *last),
            many => complement(many.iter().map(|e| facts.event(*e, *last))),
        },
        Node::Belief(observer, actor, kind) => facts.belief(*observer, *actor, *kind),
        Node::Utility(actor) => facts.utility(*actor),
        Node::Payoff(actor, component) => facts.payoff(*actor, *component),
        Node::CompareTruth(how, f, c) => {
            let f = value(f, facts);
            compare_truth(*how, f, value(c, facts))
        }
        Node::Draw(distribution, list, site) => {
            let mut given = [0.0; 3];
            for (place, part) in given.iter_mut().zip(list) {
                *place = value(part, facts);
            }
            match facts.uniform(*site) {
                Some(uniform) => quantile(*distribution, given, uniform),
                None => mean(*distribution, given),
            }
        }
        _ => f64::NAN,
    }
}

/// A truth value as a number.
pub fn truth(holds: bool) -> f64 {
    f64::from(u8::from(holds))
}

/// 1 − Π(1 − p): the weight of "at least one" of independent weights.
pub fn complement(weights: impl Iterator<Item = f64>) -> f64 {
    let mut none = 1.0;
    for weight in weights {
        none *= 1.0 - weight;
    }
    1.0 - none
}

/// (1 − f)·[0 ? c] + f·[1 ? c].
pub fn compare_truth(how: Comparison, f: f64, c: f64) -> f64 {
    (1.0 - f) * truth(how.holds(0.0, c)) + f * truth(how.holds(1.0, c))
}

fn weight_played<F: Facts + ?Sized>(played: &Played, facts: &F) -> f64 {
    let seat = |options: &Vec<usize>| {
        let mut sum = 0.0;
        for option in options {
            sum += facts.option(*option, played.last);
        }
        sum
    };
    match played.seats.as_slice() {
        [one] => seat(one),
        many if played.every => {
            let mut product = 1.0;
            for options in many {
                product *= seat(options);
            }
            product
        }
        many => complement(many.iter().map(seat)),
    }
}

/// One of the four operations, or the power.
#[inline]
pub fn arithmetic(how: Arithmetic, a: f64, b: f64) -> f64 {
    match how {
        Arithmetic::Add => a + b,
        Arithmetic::Subtract => a - b,
        Arithmetic::Multiply => a * b,
        Arithmetic::Divide => a / b,
        Arithmetic::Power => math::pow(a, b),
    }
}

/// A function of numbers; `min` and `max` fold from the left.
pub fn call(function: Function, mut list: impl Iterator<Item = f64>) -> f64 {
    let x = list.next().unwrap_or(f64::NAN);
    match function {
        Function::Abs => x.abs(),
        Function::Min => list.fold(x, math::minimum),
        Function::Max => list.fold(x, math::maximum),
        Function::Clamp => {
            let lo = list.next().unwrap_or(f64::NAN);
            math::clamp(x, lo, list.next().unwrap_or(f64::NAN))
        }
        Function::Sqrt => x.sqrt(),
        Function::Exp => math::exp(x),
        Function::Log => math::log(x),
        Function::Sin => math::sin(x),
        Function::Cos => math::cos(x),
        Function::Tanh => math::tanh(x),
        Function::Logistic => math::logistic(x),
        Function::Floor => math::floor(x),
        Function::Sign => math::sign(x),
    }
}

/// Many values into one, each with the weight q of its filter.
///
/// Elements of weight 0 are not evaluated into the result. Sums and counts add q times the value;
/// the mean divides by the sum of q; `any` and `all` treat q as "takes part"; `min` and `max` range
/// over the elements of positive weight.
#[inline(never)]
fn fold<F: Facts + ?Sized>(how: Aggregate, terms: &[Term], facts: &F) -> f64 {
    let mut kept = match how {
        Aggregate::Min => f64::INFINITY,
        Aggregate::Max => f64::NEG_INFINITY,
        Aggregate::Any | Aggregate::All => 1.0,
        _ => 0.0,
    };
    let mut total = 0.0;
    for term in terms {
        let q = term.filter.as_ref().map_or(1.0, |f| value(f, facts));
        if q == 0.0 {
            continue;
        }
        let x = value(&term.value, facts);
        match how {
            Aggregate::Sum | Aggregate::Count | Aggregate::Mean => kept += q * x,
            Aggregate::Min => kept = math::minimum(kept, x),
            Aggregate::Max => kept = math::maximum(kept, x),
            Aggregate::Any => kept *= 1.0 - q * x,
            Aggregate::All => kept *= 1.0 - q * (1.0 - x),
        }
        total += q;
    }
    match how {
        Aggregate::Mean => kept / total,
        Aggregate::Any => 1.0 - kept,
        _ => kept,
    }
}

/// The value of a draw at a uniform number: the inverse of its distribution function.
pub fn quantile(distribution: Distribution, [a, b, c]: [f64; 3], uniform: f64) -> f64 {
    match distribution {
        Distribution::Normal => a + b * math::normal_quantile(uniform),
        Distribution::LogNormal => math::exp(a + b * math::normal_quantile(uniform)),
        Distribution::Uniform => a + (b - a) * uniform,
        Distribution::Beta => math::beta_quantile(uniform, a, b),
        Distribution::Triangular => math::triangular_quantile(uniform, a, b, c),
        Distribution::Bernoulli => truth(uniform < a),
    }
}

/// The mean of a draw.
pub fn mean(distribution: Distribution, [a, b, c]: [f64; 3]) -> f64 {
    match distribution {
        Distribution::Normal | Distribution::Bernoulli => a,
        Distribution::LogNormal => math::exp(a + b * b / 2.0),
        Distribution::Uniform => (a + b) / 2.0,
        Distribution::Beta => a / (a + b),
        Distribution::Triangular => (a + b + c) / 3.0,
    }
}
