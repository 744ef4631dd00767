//! What can be said of an arm before a run: within which bounds its numbers lie.

use super::{Arm, CellId, Measure, Model, Outcome};
use crate::expr::{Aggregate, Bounds, Expr, Interval, Node, bounds};

/// The bounds of an arm: parameters have their values (those that types set, from the least to the
/// greatest), states lie within their ranges.
#[derive(Debug)]
pub struct Known<'a> {
    model: &'a Model,
    parameters: Vec<Interval>,
    rounds: f64,
}

impl<'a> Known<'a> {
    /// What is known of an arm of a model.
    pub fn new(model: &'a Model, arm: &Arm) -> Self {
        let mut parameters: Vec<Interval> =
            arm.parameters.iter().map(|p| Interval::point(*p)).collect();
        for typed in &arm.typed {
            let lo = typed.values.iter().copied().fold(f64::INFINITY, f64::min);
            let hi = typed.values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            parameters[typed.cell] = Interval { lo, hi };
        }
        Known { model, parameters, rounds: f64::from(arm.rounds) }
    }

    /// The least and the greatest that an outcome can be in a run, in its unit; `None` unless both
    /// are finite. Interval arithmetic: values within need not all be possible.
    pub fn range(&self, outcome: &Outcome) -> Option<(f64, f64)> {
        let Interval { lo, hi } = bounds(&outcome.value, self);
        let (lo, hi) = match outcome.measure {
            Measure::Ever => (0.0, 1.0),
            Measure::First => (1.0, self.rounds),
            Measure::Total => (lo.min(lo * self.rounds), hi.max(hi * self.rounds)),
            Measure::Final | Measure::Mean | Measure::Max | Measure::Min => (lo, hi),
        };
        (lo.is_finite() && hi.is_finite()).then_some((lo, hi))
    }
}

impl Bounds for Known<'_> {
    fn parameter(&self, cell: usize) -> Interval {
        self.parameters[cell]
    }

    fn state(&self, cell: CellId) -> Interval {
        let (lo, hi) = self.model.cells[cell].range;
        Interval { lo, hi }
    }

    fn derived(&self, instance: usize) -> Option<&Expr> {
        self.model.derived.get(instance).map(|d| &d.value)
    }

    fn rounds(&self) -> f64 {
        self.rounds
    }
}

impl Model {
    /// Whether an outcome is 0 or 1 by kind, so that its mean is a share of runs: `ever`, and
    /// `final`, `max` or `min` of a condition.
    pub fn is_share(&self, outcome: &Outcome) -> bool {
        match outcome.measure {
            Measure::Ever => true,
            Measure::Final | Measure::Max | Measure::Min => self.is_condition(&outcome.value),
            Measure::Mean | Measure::Total | Measure::First => false,
        }
    }

    /// Whether a formula is a truth value, 0 or 1 in a round that is played.
    fn is_condition(&self, formula: &Expr) -> bool {
        is_truth(formula, &|instance| self.derived.get(instance).map(|d| &d.value), &|_| false)
    }
}

/// Whether a formula is 0 or 1 by its form where choices and events are facts. `derived` gives the
/// formula of a derived quantity, `state` says which cells are 0 or 1.
pub fn is_truth<'a>(
    formula: &Expr,
    derived: &dyn Fn(usize) -> Option<&'a Expr>,
    state: &dyn Fn(CellId) -> bool,
) -> bool {
    let of = |e: &Expr| is_truth(e, derived, state);
    match &formula.node {
        Node::Number(value) => *value == 0.0 || *value == 1.0,
        Node::Chose(_) | Node::Happened(..) | Node::Compare(..) => true,
        Node::CompareTruth(_, f, _) | Node::Not(f) => of(f),
        Node::And(p, q) | Node::Or(p, q) | Node::Same(p, q) => of(p) && of(q),
        Node::If(parts) => parts.iter().all(of),
        Node::Fold(Aggregate::Any | Aggregate::All, terms) => terms.iter().all(|t| of(&t.value)),
        Node::Fold(Aggregate::First, terms) => {
            terms.iter().all(|t| of(&t.value) && t.filter.as_ref().is_none_or(of))
        }
        Node::State(cell) => state(*cell),
        Node::Derived(instance) => derived(*instance).is_some_and(of),
        _ => false,
    }
}
