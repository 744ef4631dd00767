//! The value of a compiled formula: the one definition of every operator.

use super::aggregate::fold;
use super::node::*;
use super::number::Number;
use super::operation::Operation;
use crate::ids::{ActorId, CellId, HazardId, OptionId};

/// What a formula reads: parameters, state and the facts of a round, real or imagined. What a
/// reader does not know is not a number; draws it does not know enter by their means.
pub trait Facts<N: Number = f64> {
    /// Where numbers are made.
    fn home(&self) -> N::Home;
    /// The value of a parameter cell.
    fn parameter(&self, cell: usize) -> N;
    /// The value of a state cell.
    fn state(&self, _cell: CellId) -> N {
        self.nothing()
    }
    /// The value of a derived quantity.
    fn derived(&self, _instance: usize) -> N {
        self.nothing()
    }
    /// The round, from 1.
    fn round(&self) -> N {
        self.nothing()
    }
    /// The number of rounds.
    fn rounds(&self) -> N {
        self.nothing()
    }
    /// The weight of an option, this round or the round before.
    fn option(&self, _option: OptionId, _last: bool) -> N {
        self.nothing()
    }
    /// The weight of an event instance, this round or the round before.
    fn event(&self, _instance: HazardId, _last: bool) -> N {
        self.nothing()
    }
    /// An observer's belief that an actor is of a type.
    fn belief(&self, _observer: ActorId, _actor: ActorId, _actor_type: usize) -> N {
        self.nothing()
    }
    /// The utility of an actor this round.
    fn utility(&self, _actor: ActorId) -> N {
        self.nothing()
    }
    /// A payoff component of an actor this round.
    fn payoff(&self, _actor: ActorId, _component: usize) -> N {
        self.nothing()
    }
    /// The uniform number of a draw, or `None` where draws enter by their means.
    fn uniform(&self, _site: Site) -> Option<N> {
        None
    }
    /// What is not known.
    fn nothing(&self) -> N {
        N::constant(self.home(), f64::NAN)
    }
}

/// Parameters by cell, for formulas that read nothing else.
#[derive(Debug, Clone, Copy)]
pub struct Parameters<'a, N = f64>(pub &'a [N]);

impl Facts for Parameters<'_> {
    fn home(&self) {}
    fn parameter(&self, cell: usize) -> f64 {
        self.0[cell]
    }
}

/// The value of a formula.
///
/// Truth values are weights p in \[0, 1\]: not p = 1 − p, p and q = pq, p or q = p + q − pq,
/// p == q = pq + (1 − p)(1 − q), if(p, a, b) = pa + (1 − p)b, and exactly a or b where p is 1 or 0.
/// At 0 and 1 this is ordinary logic. Operations are carried out in the order written, never
/// re-associated.
pub fn value<N: Number, F: Facts<N> + ?Sized>(expr: &Expr, facts: &F) -> N {
    let home = facts.home();
    let before = N::stand_at(home, expr.span.start);
    let found = match &expr.node {
        Node::Number(number) => N::constant(home, *number),
        Node::Parameter(cell) => facts.parameter(*cell),
        Node::State(cell) => facts.state(*cell),
        Node::Derived(instance) => facts.derived(*instance),
        Node::Binary(how, a, b) => {
            let a = value(a, facts);
            let b = value(b, facts);
            apply(how.operation(), [a, b])
        }
        Node::Negate(a) => -value(a, facts),
        Node::Not(p) => value(p, facts).complement(),
        Node::And(p, q) => {
            let p = value(p, facts);
            p * value(q, facts)
        }
        Node::Or(p, q) => {
            let p = value(p, facts);
            p.or(value(q, facts))
        }
        Node::Same(p, q) => {
            let p = value(p, facts);
            let q: N = value(q, facts);
            p * q + p.complement() * q.complement()
        }
        Node::Compare(how, a, b) => {
            let a = value(a, facts);
            a.compare(*how, value(b, facts))
        }
        Node::If(parts) => branch(parts, facts),
        Node::Call(function, list) => called(*function, list, facts),
        Node::Fold(how, terms) => fold(*how, terms, facts),
        _ => fact(expr, facts),
    };
    N::stand_at(home, before);
    found
}

/// An operation that is not known where the program is compiled.
#[inline(never)]
fn apply<N: Number, const COUNT: usize>(operation: Operation, given: [N; COUNT]) -> N {
    N::operation(operation, given)
}

/// pa + (1 − p)b; exactly a or b, the other not evaluated, where p is known to be 1 or 0.
fn branch<N: Number, F: Facts<N> + ?Sized>(parts: &[Expr; 3], facts: &F) -> N {
    let p = value(&parts[0], facts);
    match p.known() {
        Some(1.0) => value(&parts[1], facts),
        Some(0.0) => value(&parts[2], facts),
        _ => {
            let x = value(&parts[1], facts);
            p.branch(x, value(&parts[2], facts))
        }
    }
}

/// A function of numbers; `min` and `max` fold from the left.
#[inline(never)]
fn called<N: Number, F: Facts<N> + ?Sized>(function: Function, list: &[Expr], facts: &F) -> N {
    let operation = function.operation();
    let Some((first, rest)) = list.split_first() else { return facts.nothing() };
    let x = value(first, facts);
    match (function, rest) {
        (Function::Min | Function::Max, _) => {
            let list: Vec<N> = rest.iter().map(|next| value(next, facts)).collect();
            list.into_iter().fold(x, |most, next| apply(operation, [most, next]))
        }
        (_, [lo, hi]) => {
            let lo = value(lo, facts);
            apply(operation, [x, lo, value(hi, facts)])
        }
        (_, [y]) => apply(operation, [x, value(y, facts)]),
        _ => apply(operation, [x]),
    }
}

/// The facts of a round, and draws. Kept apart from [`value`] so that its frame stays small: it
/// recurses for every part of every formula.
#[inline(never)]
fn fact<N: Number, F: Facts<N> + ?Sized>(expr: &Expr, facts: &F) -> N {
    match &expr.node {
        Node::Round => facts.round(),
        Node::Rounds => facts.rounds(),
        Node::Series(series) => facts.round().series(series.cell, &series.values),
        Node::Chose(played) => weight_played(played, facts),
        Node::Happened(instances, last) => match instances.as_slice() {
            [one] => facts.event(*one, *last),
            many => at_least_one(facts.home(), many.iter().map(|e| facts.event(*e, *last))),
        },
        Node::Belief(observer, actor, number) => facts.belief(*observer, *actor, *number),
        Node::Utility(actor) => facts.utility(*actor),
        Node::Payoff(actor, component) => facts.payoff(*actor, *component),
        // (1 − f)·[0 ? c] + f·[1 ? c]
        Node::CompareTruth(how, f, c) => {
            let f = value(f, facts);
            let c: N = value(c, facts);
            let at = |truth: f64| c.number(truth).compare(*how, c);
            f.complement() * at(0.0) + f * at(1.0)
        }
        Node::Draw(distribution, list, site) => draw(*distribution, list, *site, facts),
        _ => facts.nothing(),
    }
}

/// A truth value as a number.
pub fn truth(holds: bool) -> f64 {
    f64::from(u8::from(holds))
}

/// 1 − Π(1 − p): the weight of "at least one" of independent weights.
fn at_least_one<N: Number>(home: N::Home, weights: impl Iterator<Item = N>) -> N {
    let mut none = N::constant(home, 1.0);
    for weight in weights {
        none = none * weight.complement();
    }
    none.complement()
}

fn weight_played<N: Number, F: Facts<N> + ?Sized>(played: &Played, facts: &F) -> N {
    let home = facts.home();
    let seat = |options: &Vec<OptionId>| {
        let mut sum = N::constant(home, 0.0);
        for option in options {
            sum = sum + facts.option(*option, played.last);
        }
        sum
    };
    match played.seats.as_slice() {
        [one] => seat(one),
        many if played.every => {
            let mut product = N::constant(home, 1.0);
            for options in many {
                product = product * seat(options);
            }
            product
        }
        many => at_least_one(home, many.iter().map(seat)),
    }
}

/// One of the four operations, or the power.
pub fn arithmetic(how: Arithmetic, a: f64, b: f64) -> f64 {
    apply(how.operation(), [a, b])
}

/// A function of numbers that are known; `min` and `max` fold from the left.
pub fn call(function: Function, mut list: impl Iterator<Item = f64>) -> f64 {
    let operation = function.operation();
    let x = list.next().unwrap_or(f64::NAN);
    match function {
        Function::Min | Function::Max => list.fold(x, |most, next| apply(operation, [most, next])),
        _ => {
            let lo = list.next().unwrap_or(f64::NAN);
            apply(operation, [x, lo, list.next().unwrap_or(f64::NAN)])
        }
    }
}

/// A draw: the inverse of its distribution function, or its mean.
fn draw<N: Number, F: Facts<N> + ?Sized>(
    distribution: Distribution,
    list: &[Expr],
    site: Site,
    facts: &F,
) -> N {
    let mut given = [N::constant(facts.home(), 0.0); 3];
    for (number, part) in given.iter_mut().zip(list) {
        *number = value(part, facts);
    }
    match facts.uniform(site) {
        Some(uniform) => quantile(distribution, given, uniform),
        None => mean(distribution, given),
    }
}

/// The value of a draw at a uniform number: the inverse of its distribution function.
pub fn quantile<N: Number>(distribution: Distribution, [a, b, c]: [N; 3], uniform: N) -> N {
    let normal = || {
        let standard = N::operation(Operation::NormalQuantile, [uniform]);
        a + b * standard
    };
    match distribution {
        Distribution::Normal => normal(),
        Distribution::LogNormal => N::operation(Operation::Exp, [normal()]),
        Distribution::Uniform => a + (b - a) * uniform,
        Distribution::Beta => N::operation(Operation::BetaQuantile, [uniform, a, b]),
        Distribution::Triangular => N::operation(Operation::TriangularQuantile, [uniform, a, b, c]),
        Distribution::Bernoulli => uniform.less(a),
    }
}

/// The mean of a draw.
pub fn mean<N: Number>(distribution: Distribution, [a, b, c]: [N; 3]) -> N {
    let two = a.number(2.0);
    match distribution {
        Distribution::Normal | Distribution::Bernoulli => a,
        Distribution::LogNormal => N::operation(Operation::Exp, [a + b * b / two]),
        Distribution::Uniform => (a + b) / two,
        Distribution::Beta => a / (a + b),
        Distribution::Triangular => (a + b + c) / a.number(3.0),
    }
}
