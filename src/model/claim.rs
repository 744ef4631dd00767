//! A statement under test: what it says, what stands for it, and how it is tested.

use crate::diagnostic::Span;
use crate::expr::{Arithmetic, Comparison, Expr};

/// A statement under test.
#[derive(Debug, Clone, Default)]
pub struct Claim {
    /// Its name.
    pub name: String,
    /// The statement in plain words.
    pub says: String,
    /// Where it comes from.
    pub source: String,
    /// The place in the source.
    pub place: String,
    /// A remark; may be empty.
    pub note: String,
    /// The statement of a list of statements that it is one test of; may be empty.
    pub ledger: String,
    /// The parts of the scenario that stand for it, as they are written.
    pub represented_by: Vec<String>,
    /// The mechanism switches without which it should move: parameters, by number.
    pub rests_on: Vec<usize>,
    /// How it is tested.
    pub way: ClaimTest,
    /// The test as it is written; empty without one.
    pub written: String,
    /// Where it is defined.
    pub span: Span,
}

/// How a claim is tested.
#[derive(Debug, Clone, Default)]
pub enum ClaimTest {
    /// Nobody has made it testable yet.
    #[default]
    Untested,
    /// It cannot be tested here, and why.
    Unchecked(String),
    /// A comparison of two sides.
    Test(Test),
    /// The direction in which a side moves with a parameter.
    Statics(Statics),
}

/// A comparison of two sides.
#[derive(Debug, Clone)]
pub struct Test {
    /// The left side.
    pub left: Side,
    /// The comparison.
    pub how: Comparison,
    /// The right side.
    pub right: Side,
    /// How far from the right side still counts as equal to it, in units of the statistic.
    pub within: Option<f64>,
}

/// Comparative statics: a side is said to rise or to fall with a parameter over a range.
#[derive(Debug, Clone)]
pub struct Statics {
    /// What moves.
    pub side: Side,
    /// Whether it is said to rise; else it is said to fall.
    pub rises: bool,
    /// The parameter as it is written: `w[CHN]`, or `w` for all its cells together.
    pub key: String,
    /// The cells that are set, all to the same value.
    pub cells: Vec<usize>,
    /// The least and the greatest value.
    pub range: (f64, f64),
}

/// Arithmetic of numbers and statistics.
#[derive(Debug, Clone)]
pub enum Side {
    /// A number.
    Number(f64),
    /// A statistic over runs.
    Statistic(Box<Statistic>),
    /// −a
    Negate(Box<Side>),
    /// Two sides and an operation.
    Binary(Arithmetic, Box<Side>, Box<Side>),
}

impl Side {
    /// Every statistic, from left to right.
    pub fn statistics(&self) -> Vec<&Statistic> {
        match self {
            Side::Number(_) => Vec::new(),
            Side::Statistic(statistic) => vec![statistic],
            Side::Negate(a) => a.statistics(),
            Side::Binary(_, a, b) => {
                let mut all = a.statistics();
                all.extend(b.statistics());
                all
            }
        }
    }
}

/// What is taken of the values of runs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Measured {
    /// The arithmetic mean.
    Mean,
    /// The standard deviation, with divisor n − 1.
    Sd,
    /// The quantile of this level, by Hyndman and Fan's type 7; the median is that of 0.5.
    Quantile(f64),
    /// The share of runs in which a condition holds.
    Probability,
    /// Pearson's correlation of two values.
    Correlation,
}

/// A statistic over runs. Its formulas read [`Statistic::inputs`]: what they call state cell k is
/// the value of input k in a run.
#[derive(Debug, Clone)]
pub struct Statistic {
    /// What is taken.
    pub measured: Measured,
    /// The formulas whose values are taken: two for a correlation, else one.
    pub values: Vec<Expr>,
    /// The condition under which a run takes part.
    pub condition: Option<Expr>,
    /// What the formulas read in each run.
    pub inputs: Vec<Input>,
    /// The statistic as it is written.
    pub written: String,
}

/// An outcome in an arm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Input {
    /// The arm: a variant, or the file itself.
    pub variant: Option<usize>,
    /// The outcome.
    pub outcome: usize,
}
