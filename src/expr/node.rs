//! A formula with every name resolved and every index bound: what evaluators read.

use std::sync::Arc;

use super::ast::{Aggregate, Comparison};
use super::interval::Interval;
use super::operation::Operation;
use crate::diagnostic::Span;
use crate::ids::{ActorId, CellId, HazardId, OptionId};

/// A compiled formula, or a part of one, with its place in the file.
#[derive(Debug, Clone, PartialEq)]
pub struct Expr {
    /// What it is.
    pub node: Node,
    /// Where it was written.
    pub span: Span,
}

/// The four operations and the power.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arithmetic {
    /// a + b
    Add,
    /// a − b
    Subtract,
    /// a · b
    Multiply,
    /// a / b
    Divide,
    /// a to the power b
    Power,
}

impl Arithmetic {
    /// What it comes down to.
    pub fn operation(self) -> Operation {
        match self {
            Arithmetic::Add => Operation::Add,
            Arithmetic::Subtract => Operation::Subtract,
            Arithmetic::Multiply => Operation::Multiply,
            Arithmetic::Divide => Operation::Divide,
            Arithmetic::Power => Operation::Power,
        }
    }
}

/// Functions of numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Function {
    /// Absolute value.
    Abs,
    /// Least of its arguments.
    Min,
    /// Greatest of its arguments.
    Max,
    /// `clamp(x, lo, hi)`.
    Clamp,
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
    /// 1 / (1 + exp(−x)).
    Logistic,
    /// Greatest whole number not above.
    Floor,
    /// −1, 0 or 1.
    Sign,
    /// `mod(a, b)`: what is left of a, with the sign of b.
    Modulo,
    /// `round_to(x, step)`: the nearest multiple of a step.
    RoundTo,
}

impl Function {
    /// The function of that name, with the least and greatest number of its arguments.
    pub fn named(word: &str) -> Option<(Self, usize, usize)> {
        Some(match word {
            "abs" => (Function::Abs, 1, 1),
            "min" => (Function::Min, 1, usize::MAX),
            "max" => (Function::Max, 1, usize::MAX),
            "clamp" => (Function::Clamp, 3, 3),
            "sqrt" => (Function::Sqrt, 1, 1),
            "exp" => (Function::Exp, 1, 1),
            "log" => (Function::Log, 1, 1),
            "sin" => (Function::Sin, 1, 1),
            "cos" => (Function::Cos, 1, 1),
            "tanh" => (Function::Tanh, 1, 1),
            "logistic" => (Function::Logistic, 1, 1),
            "floor" => (Function::Floor, 1, 1),
            "sign" => (Function::Sign, 1, 1),
            "mod" => (Function::Modulo, 2, 2),
            "round_to" => (Function::RoundTo, 2, 2),
            _ => return None,
        })
    }

    /// What it comes down to, for `min` and `max` of two numbers.
    pub fn operation(self) -> Operation {
        match self {
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
            Function::Modulo => Operation::Modulo,
            Function::RoundTo => Operation::RoundTo,
        }
    }

    /// All names, for suggestions.
    pub const NAMES: &'static [&'static str] = &[
        "abs", "min", "max", "clamp", "sqrt", "exp", "log", "sin", "cos", "tanh", "logistic",
        "floor", "sign", "mod", "round_to", "if",
    ];
}

/// Distributions that can be drawn from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Distribution {
    /// `normal(mean, sd)`
    Normal,
    /// `lognormal(mu, sigma)`: exp of a normal.
    LogNormal,
    /// `uniform(lo, hi)`
    Uniform,
    /// `beta(a, b)`
    Beta,
    /// `triangular(lo, mode, hi)`
    Triangular,
    /// `bernoulli(p)`: a truth value.
    Bernoulli,
}

impl Distribution {
    /// The distribution of that name, with the number of its parameters.
    pub fn named(word: &str) -> Option<(Self, usize)> {
        Some(match word {
            "normal" => (Distribution::Normal, 2),
            "lognormal" => (Distribution::LogNormal, 2),
            "uniform" => (Distribution::Uniform, 2),
            "beta" => (Distribution::Beta, 2),
            "triangular" => (Distribution::Triangular, 3),
            "bernoulli" => (Distribution::Bernoulli, 1),
            _ => return None,
        })
    }
}

/// Where a draw is found in the stream of a run: which of the draws of its unit it is, and which
/// unit (option, cell or event instance). Round and purpose come from where it is evaluated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Site {
    /// Which draw of its unit, from 0.
    pub ordinal: u32,
    /// The unit, by number.
    pub unit: u32,
}

/// One element of an aggregate.
#[derive(Debug, Clone, PartialEq)]
pub struct Term {
    /// The weight with which it takes part; `None` is 1.
    pub filter: Option<Expr>,
    /// By what [`Aggregate::First`] orders it.
    pub key: Option<Expr>,
    /// Its value.
    pub value: Expr,
}

impl Term {
    /// Its formulas, in the order they are evaluated.
    fn parts(&self) -> impl Iterator<Item = &Expr> {
        self.filter.iter().chain(&self.key).chain([&self.value])
    }
}

/// The weight of options, added within a seat and combined across seats as independent.
#[derive(Debug, Clone, PartialEq)]
pub struct Played {
    /// Per seat the options that count.
    pub seats: Vec<Vec<OptionId>>,
    /// Whether every seat must play one of them (`hold`), or any of them may.
    pub every: bool,
    /// Whether the round before is meant.
    pub last: bool,
}

/// One cell of a series.
#[derive(Debug, Clone, PartialEq)]
pub struct SeriesCell {
    /// Its number among the cells of all series.
    pub cell: usize,
    /// Its values from round 1 on.
    pub values: Arc<[f64]>,
}

impl SeriesCell {
    /// From its least to its greatest value in so many rounds.
    pub fn range(&self, rounds: f64) -> Interval {
        let values = self.values.iter().take(rounds as usize).map(|x| Interval::point(*x));
        values.reduce(Interval::join).unwrap_or(Interval::ALL)
    }
}

/// What a compiled formula can be. Truth values are weights between 0 and 1.
#[derive(Debug, Clone, PartialEq)]
pub enum Node {
    /// A number.
    Number(f64),
    /// A parameter cell.
    Parameter(usize),
    /// A state cell.
    State(CellId),
    /// A derived quantity, by instance.
    Derived(usize),
    /// The round, from 1.
    Round,
    /// What a series is in the round.
    Series(SeriesCell),
    /// The number of rounds of the scenario.
    Rounds,
    /// How much of some options was played.
    Chose(Played),
    /// Whether one of these event instances happened, this round or the round before.
    Happened(Vec<HazardId>, bool),
    /// An observer's belief that an actor is of a type: observer, actor, type.
    Belief(ActorId, ActorId, usize),
    /// The utility of an actor this round.
    Utility(ActorId),
    /// A payoff component of an actor this round: actor, component.
    Payoff(ActorId, usize),
    /// −a
    Negate(Box<Expr>),
    /// 1 − p
    Not(Box<Expr>),
    /// pq
    And(Box<Expr>, Box<Expr>),
    /// p + q − pq
    Or(Box<Expr>, Box<Expr>),
    /// Two numbers and an operation.
    Binary(Arithmetic, Box<Expr>, Box<Expr>),
    /// 0 or 1.
    Compare(Comparison, Box<Expr>, Box<Expr>),
    /// pq + (1 − p)(1 − q): whether two truth values are the same.
    Same(Box<Expr>, Box<Expr>),
    /// (1 − f)·[0 ? c] + f·[1 ? c] for a truth value f and a number c.
    CompareTruth(Comparison, Box<Expr>, Box<Expr>),
    /// pa + (1 − p)b; a or b alone where p is 1 or 0.
    If(Box<[Expr; 3]>),
    /// A function of numbers.
    Call(Function, Vec<Expr>),
    /// Many values folded into one.
    Fold(Aggregate, Vec<Term>),
    /// A draw, or its mean where the round is imagined.
    Draw(Distribution, Vec<Expr>, Site),
}

impl Expr {
    /// A number that stands at a place of the file.
    pub fn number(value: f64, span: Span) -> Self {
        Expr { node: Node::Number(value), span }
    }

    /// The number, if the formula is decided when compiled.
    pub fn decided(&self) -> Option<f64> {
        match self.node {
            Node::Number(value) => Some(value),
            _ => None,
        }
    }

    /// The parts directly below, in the order they are evaluated.
    pub fn children(&self) -> Vec<&Expr> {
        match &self.node {
            Node::Negate(a) | Node::Not(a) => vec![a],
            Node::And(a, b)
            | Node::Or(a, b)
            | Node::Same(a, b)
            | Node::Binary(_, a, b)
            | Node::Compare(_, a, b)
            | Node::CompareTruth(_, a, b) => vec![a, b],
            Node::If(parts) => parts.iter().collect(),
            Node::Call(_, list) | Node::Draw(_, list, _) => list.iter().collect(),
            Node::Fold(_, terms) => terms.iter().flat_map(Term::parts).collect(),
            _ => Vec::new(),
        }
    }

    /// Calls `visit` for this part and all parts below it.
    pub fn walk(&self, visit: &mut impl FnMut(&Expr)) {
        visit(self);
        for child in self.children() {
            child.walk(visit);
        }
    }
}
