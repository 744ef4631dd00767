//! What can be 0 or 1 only in real rounds, known from formulas alone.

use std::cell::RefCell;

use super::{Arm, CellId, Effect, IndexVec, Model};
use crate::expr::{Aggregate, Arithmetic, Change, Distribution, Expr, Function, Node};

/// So often it is asked what follows from a cell that is not 0 or 1; then nothing counts as known.
const PASSES: usize = 64;

/// The cells and formulas of some arms that are 0 or 1 in every real round. A flag need not be: an
/// effect may give it a fraction. What is not known to be 0 or 1 may be so all the same.
#[derive(Debug)]
pub struct Binary<'a> {
    model: &'a Model,
    parameters: Vec<bool>,
    cells: IndexVec<CellId, bool>,
    /// By derived quantity, what was found out.
    derived: RefCell<Vec<Option<bool>>>,
}

/// An effect, with the seat or event it comes from and which of its options.
type CellEffect<'a> = (usize, usize, &'a Effect);

fn is_binary(value: f64) -> bool {
    value == 0.0 || value == 1.0
}

impl<'a> Binary<'a> {
    /// What is known in all of these arms: the largest set of cells that begin at 0 or 1 and that
    /// no rule or effect takes elsewhere as long as all of them are there.
    pub fn of(model: &'a Model, arms: &[Arm]) -> Binary<'a> {
        let mut parameters = vec![!arms.is_empty(); model.parameter_cells.len()];
        for arm in arms {
            let plain = parameters.iter_mut().zip(&arm.parameters);
            plain.for_each(|(known, value)| *known &= is_binary(*value));
            for typed in &arm.typed {
                parameters[typed.cell] &= typed.values.iter().all(|value| is_binary(*value));
            }
        }
        let cells = IndexVec::filled(true, model.cells.len());
        let derived = RefCell::new(vec![None; model.derived.len()]);
        let mut found = Binary { model, parameters, cells, derived };
        let acts = effects(model, model.options.iter().map(|o| (o.seat.index(), &o.effects)));
        let events = effects(model, model.hazards.iter().map(|h| &h.effects).enumerate());
        for _ in 0..PASSES {
            let stays = |cell: CellId| {
                let known = &model.cells[cell];
                let (lo, hi) = known.range;
                lo <= 0.0
                    && hi >= 1.0
                    && arms.iter().all(|arm| found.holds(&arm.initial[cell]))
                    && known.next.as_ref().is_none_or(|rule| found.holds(rule))
                    && found.lands((lo, hi), &acts[cell])
                    && found.lands((lo, hi), &events[cell])
            };
            let next: IndexVec<CellId, bool> =
                found.cells.ids().map(|cell| found.cells[cell] && stays(cell)).collect();
            if next == found.cells {
                return found;
            }
            found.cells = next;
            found.derived.borrow_mut().fill(None);
        }
        found.cells.fill(false);
        found.derived.borrow_mut().fill(None);
        found
    }

    /// Whether a state cell is 0 or 1 after every round.
    pub fn cell(&self, cell: CellId) -> bool {
        self.cells[cell]
    }

    /// Whether effects on a cell that is 0 or 1, all of one moment, leave it so. Different values
    /// that two seats assign at once are averaged.
    fn lands(&self, range: (f64, f64), effects: &[CellEffect]) -> bool {
        let filtered = |effect: &Effect| effect.filter.as_ref().is_none_or(|f| self.holds(f));
        let (assigned, added): (Vec<&CellEffect>, Vec<&CellEffect>) =
            effects.iter().partition(|(_, _, effect)| effect.change == Change::Assign);
        let whole = |value: &Expr| {
            self.holds(value) || value.decided().is_some_and(|x| x.is_finite() && x.fract() == 0.0)
        };
        let one_of = |a: &CellEffect, b: &CellEffect| a.0 == b.0 && a.1 != b.1;
        let one_seat = assigned.windows(2).all(|pair| one_of(pair[0], pair[1]));
        let first = assigned.first().and_then(|(_, _, effect)| effect.value.decided());
        let alike = first.is_some()
            && assigned.iter().all(|(_, _, effect)| effect.value.decided() == first);
        effects.iter().all(|(_, _, effect)| filtered(effect))
            && (added.is_empty() || range == (0.0, 1.0))
            && added.iter().all(|(_, _, effect)| whole(&effect.value))
            && assigned.iter().all(|(_, _, effect)| self.holds(&effect.value))
            && (one_seat || alike)
    }

    /// Whether a formula is 0 or 1 in every real round.
    pub fn holds(&self, expr: &Expr) -> bool {
        let all = |list: &[Expr]| list.iter().all(|part| self.holds(part));
        match &expr.node {
            Node::Number(value) => is_binary(*value),
            Node::Parameter(cell) => self.parameters[*cell],
            Node::State(cell) => self.cells[*cell],
            Node::Derived(instance) => {
                let known = self.derived.borrow()[*instance];
                known.unwrap_or_else(|| {
                    let found = self.holds(&self.model.derived[*instance].value);
                    self.derived.borrow_mut()[*instance] = Some(found);
                    found
                })
            }
            Node::Chose(_) | Node::Happened(..) | Node::Compare(..) => true,
            Node::Not(a) | Node::CompareTruth(_, a, _) => self.holds(a),
            Node::And(a, b)
            | Node::Or(a, b)
            | Node::Same(a, b)
            | Node::Binary(Arithmetic::Multiply, a, b) => self.holds(a) && self.holds(b),
            Node::If(parts) => all(parts.as_slice()),
            Node::Call(Function::Min | Function::Max, list) => all(list),
            Node::Fold(
                Aggregate::Any | Aggregate::All | Aggregate::Product | Aggregate::First,
                terms,
            ) => terms.iter().all(|term| {
                term.filter.as_ref().is_none_or(|f| self.holds(f)) && self.holds(&term.value)
            }),
            Node::Draw(Distribution::Bernoulli, ..) => true,
            _ => false,
        }
    }
}

/// By cell, the effects on it, in order.
fn effects<'a>(
    model: &Model,
    sources: impl Iterator<Item = (usize, &'a Vec<Effect>)>,
) -> IndexVec<CellId, Vec<CellEffect<'a>>> {
    let mut found = IndexVec::filled(Vec::new(), model.cells.len());
    for (source, (group, effects)) in sources.enumerate() {
        for effect in effects {
            found[effect.cell].push((group, source, effect));
        }
    }
    found
}
