//! Compiled formulas as nodes of a graph: [`crate::expr::value`] with numbers not known yet.

use super::graph::{Builder, Id};
use crate::expr::{
    Aggregate, Arithmetic, Comparison, Distribution, Expr, Function, Node, Operation, Played, Site,
    Term,
};

/// What a formula reads, as nodes: the counterpart of [`crate::expr::Facts`].
pub(super) trait Reads {
    /// Where nodes are made.
    fn builder(&self) -> &Builder<'_>;
    fn parameter(&self, cell: usize) -> Id;
    fn state(&self, cell: usize) -> Id;
    fn derived(&self, instance: usize) -> Id;
    fn round(&self) -> Id;
    fn rounds(&self) -> Id;
    fn option(&self, option: usize, last: bool) -> Id;
    fn event(&self, hazard: usize, last: bool) -> Id;
    fn belief(&self, observer: usize, actor: usize, kind: usize) -> Id;
    fn utility(&self, actor: usize) -> Id;
    fn payoff(&self, actor: usize, component: usize) -> Id;
    /// The uniform number of a draw, or `None` where draws enter by their means.
    fn uniform(&self, site: Site) -> Option<Id>;
}

/// The value of a formula.
pub(super) fn value(expr: &Expr, facts: &dyn Reads) -> Id {
    let b = facts.builder();
    let before = b.stand_at(expr.span.start);
    let found = inside(expr, facts);
    b.stand_at(before);
    found
}

fn inside(expr: &Expr, facts: &dyn Reads) -> Id {
    let b = facts.builder();
    match &expr.node {
        Node::Number(number) => b.number(*number),
        Node::Parameter(cell) => facts.parameter(*cell),
        Node::State(cell) => facts.state(*cell),
        Node::Derived(instance) => facts.derived(*instance),
        Node::Round => facts.round(),
        Node::Rounds => facts.rounds(),
        Node::Chose(played) => weight_played(played, facts),
        Node::Happened(hazards, last) => match hazards.as_slice() {
            [one] => facts.event(*one, *last),
            many => at_least_one(b, many.iter().map(|h| facts.event(*h, *last))),
        },
        Node::Belief(observer, actor, kind) => facts.belief(*observer, *actor, *kind),
        Node::Utility(actor) => facts.utility(*actor),
        Node::Payoff(actor, component) => facts.payoff(*actor, *component),
        Node::Negate(a) => b.operation(Operation::Negate, &[value(a, facts)]),
        Node::Not(p) => b.complement(value(p, facts)),
        Node::And(p, q) => {
            let p = value(p, facts);
            b.multiply(p, value(q, facts))
        }
        Node::Or(p, q) => {
            let p = value(p, facts);
            let q = value(q, facts);
            if b.is_binary(p) && b.is_binary(q) {
                return b.maximum(p, q);
            }
            b.subtract(b.add2(p, q), b.multiply(p, q))
        }
        Node::Binary(how, x, y) => {
            let x = value(x, facts);
            b.operation(arithmetic(*how), &[x, value(y, facts)])
        }
        Node::Compare(how, x, y) => {
            let x = value(x, facts);
            compare(b, *how, x, value(y, facts))
        }
        Node::CompareTruth(how, f, c) => {
            let f = value(f, facts);
            let c = value(c, facts);
            let at = |truth: f64| compare(b, *how, b.number(truth), c);
            b.add2(b.multiply(b.complement(f), at(0.0)), b.multiply(f, at(1.0)))
        }
        Node::If(parts) => {
            let p = value(&parts[0], facts);
            // a branch that is known not to be taken is not written out
            match b.known(p) {
                Some(1.0) => value(&parts[1], facts),
                Some(0.0) => value(&parts[2], facts),
                _ => {
                    let x = value(&parts[1], facts);
                    let y = value(&parts[2], facts);
                    let how = if b.is_binary(p) { Operation::Select } else { Operation::Branch };
                    b.operation(how, &[p, x, y])
                }
            }
        }
        Node::Call(function, list) => {
            let list: Vec<Id> = list.iter().map(|a| value(a, facts)).collect();
            call(b, *function, &list)
        }
        Node::Fold(how, terms) => fold(*how, terms, facts),
        Node::Draw(distribution, list, site) => draw(*distribution, list, *site, facts),
    }
}

fn arithmetic(how: Arithmetic) -> Operation {
    match how {
        Arithmetic::Add => Operation::Add,
        Arithmetic::Subtract => Operation::Subtract,
        Arithmetic::Multiply => Operation::Multiply,
        Arithmetic::Divide => Operation::Divide,
        Arithmetic::Power => Operation::Power,
    }
}

/// 1 where a comparison holds, else 0.
pub(super) fn compare(b: &Builder, how: Comparison, x: Id, y: Id) -> Id {
    let (operation, given) = match how {
        Comparison::Equal => (Operation::Equal, [x, y]),
        Comparison::NotEqual => (Operation::NotEqual, [x, y]),
        Comparison::Less => (Operation::Less, [x, y]),
        Comparison::AtMost => (Operation::AtMost, [x, y]),
        Comparison::Greater => (Operation::Less, [y, x]),
        Comparison::AtLeast => (Operation::AtMost, [y, x]),
    };
    b.operation(operation, &given)
}

/// 1 − Π(1 − p)
pub(super) fn at_least_one(b: &Builder, weights: impl Iterator<Item = Id>) -> Id {
    let mut none = b.number(1.0);
    for weight in weights {
        none = b.multiply(none, b.complement(weight));
    }
    b.complement(none)
}

fn weight_played(played: &Played, facts: &dyn Reads) -> Id {
    let b = facts.builder();
    let seat = |options: &Vec<usize>| {
        let mut sum = b.number(0.0);
        for option in options {
            sum = b.add2(sum, facts.option(*option, played.last));
        }
        sum
    };
    match played.seats.as_slice() {
        [one] => seat(one),
        many if played.every => {
            let mut product = b.number(1.0);
            for options in many {
                product = b.multiply(product, seat(options));
            }
            product
        }
        many => at_least_one(b, many.iter().map(seat)),
    }
}

fn call(b: &Builder, function: Function, list: &[Id]) -> Id {
    let operation = match function {
        Function::Abs => Operation::Abs,
        Function::Min => Operation::Minimum,
        Function::Max => Operation::Maximum,
        Function::Clamp => Operation::Clamp,
        Function::Sqrt => Operation::Sqrt,
        Function::Exp => Operation::Exp,
        Function::Log => Operation::Log,
        Function::Sin => Operation::Sin,
        Function::Cos => Operation::Cos,
        Function::Tanh => Operation::Tanh,
        Function::Logistic => Operation::Logistic,
        Function::Floor => Operation::Floor,
        Function::Sign => Operation::Sign,
    };
    match (function, list) {
        (Function::Min | Function::Max, [first, rest @ ..]) => {
            rest.iter().fold(*first, |most, next| b.operation(operation, &[most, *next]))
        }
        _ => b.operation(operation, list),
    }
}

/// Many values into one; see the function of the same name beside [`crate::expr::value`].
fn fold(how: Aggregate, terms: &[Term], facts: &dyn Reads) -> Id {
    let b = facts.builder();
    let mut kept = b.number(match how {
        Aggregate::Min => f64::INFINITY,
        Aggregate::Max => f64::NEG_INFINITY,
        Aggregate::Any | Aggregate::All => 1.0,
        _ => 0.0,
    });
    let mut total = b.number(0.0);
    for term in terms {
        let q = term.filter.as_ref().map_or(b.number(1.0), |f| value(f, facts));
        if b.known(q) == Some(0.0) {
            continue;
        }
        let x = value(&term.value, facts);
        kept = match how {
            Aggregate::Sum | Aggregate::Count | Aggregate::Mean => b.add2(kept, b.weigh(q, x)),
            Aggregate::Min | Aggregate::Max => {
                let operation =
                    if how == Aggregate::Min { Operation::Minimum } else { Operation::Maximum };
                let with = b.operation(operation, &[kept, x]);
                b.select(b.not_zero(q), with, kept)
            }
            Aggregate::Any => b.multiply(kept, b.complement(b.weigh(q, x))),
            Aggregate::All => {
                let fails = b.complement(x);
                b.multiply(kept, b.complement(b.weigh(q, fails)))
            }
        };
        total = b.add2(total, q);
    }
    match how {
        Aggregate::Mean => b.divide(kept, total),
        Aggregate::Any => b.complement(kept),
        _ => kept,
    }
}

/// A draw: the inverse of its distribution function, or its mean.
fn draw(distribution: Distribution, list: &[Expr], site: Site, facts: &dyn Reads) -> Id {
    let b = facts.builder();
    let given: Vec<Id> = list.iter().map(|part| value(part, facts)).collect();
    let at = |place: usize| given.get(place).copied().unwrap_or_else(|| b.number(0.0));
    let (x, y, z) = (at(0), at(1), at(2));
    let Some(u) = facts.uniform(site) else { return mean(b, distribution, [x, y, z]) };
    let normal = || {
        let standard = b.operation(Operation::NormalQuantile, &[u]);
        b.add2(x, b.multiply(y, standard))
    };
    match distribution {
        Distribution::Normal => normal(),
        Distribution::LogNormal => b.operation(Operation::Exp, &[normal()]),
        Distribution::Uniform => b.add2(x, b.multiply(b.subtract(y, x), u)),
        Distribution::Beta => b.operation(Operation::BetaQuantile, &[u, x, y]),
        Distribution::Triangular => b.operation(Operation::TriangularQuantile, &[u, x, y, z]),
        Distribution::Bernoulli => b.operation(Operation::Less, &[u, x]),
    }
}

fn mean(b: &Builder, distribution: Distribution, [x, y, z]: [Id; 3]) -> Id {
    let two = b.number(2.0);
    match distribution {
        Distribution::Normal | Distribution::Bernoulli => x,
        Distribution::LogNormal => {
            let half = b.divide(b.multiply(y, y), two);
            b.operation(Operation::Exp, &[b.add2(x, half)])
        }
        Distribution::Uniform => b.divide(b.add2(x, y), two),
        Distribution::Beta => b.divide(x, b.add2(x, y)),
        Distribution::Triangular => b.divide(b.add2(b.add2(x, y), z), b.number(3.0)),
    }
}
