//! Formulas that can give no finite number, whatever happens.

use crate::diagnostic::{Code, Diagnostic};
use crate::expr::{Aggregate, Arithmetic, Expr, Node};
use crate::model::{Arm, Effect, Model};

/// Formulas of an arm that are never finite: `0/0`, `x / 0`, `1 / gift` where the gift is 0. What
/// stands behind a condition or is carried out only if it is chosen is judged without parameters,
/// since the condition may be about them.
pub(super) fn never_finite(model: &Model, arm: &Arm) -> Vec<Diagnostic> {
    let known = |cell: usize| {
        let typed = arm.typed.iter().any(|typed| typed.cell == cell);
        (!typed).then(|| arm.parameters[cell])
    };
    let mut found = Vec::new();
    let mut judge = |what: &dyn Fn() -> String, expr: &Expr, always: bool| {
        let own = if always { expr.with(&known) } else { expr.with(&|_| None) };
        if never(&own) {
            let text = format!("{} gives no finite number, whatever happens", what());
            let help = "look for a division by zero, or the logarithm or root of a number below it";
            found.push(Diagnostic::new(Code::NotFinite, expr.span, text).help(help));
        }
    };
    for (cell, initial) in model.cells.iter().zip(&arm.initial) {
        judge(&|| format!("the initial value of `{}`", cell.label), initial, true);
        if let Some(next) = &cell.next {
            judge(&|| format!("the rule for `{}`", cell.label), next, true);
        }
    }
    for (actor, payoffs) in model.payoffs.enumerate() {
        for payoff in payoffs {
            let name = &model.names.actors[actor];
            judge(&|| format!("a payoff of {name}"), &payoff.value, true);
            judge(&|| format!("the weight of a payoff of {name}"), &payoff.weight, true);
        }
    }
    for derived in &model.derived {
        judge(&|| format!("`{}`", derived.label), &derived.value, false);
    }
    for outcome in &model.outcomes {
        judge(&|| format!("the outcome `{}`", outcome.name), &outcome.value, true);
    }
    let effect = |effect: &Effect| format!("an effect on `{}`", model.cells[effect.cell].label);
    for (id, option) in model.options.enumerate() {
        for (_, cost) in &option.costs {
            let what = || format!("a cost of `{}`", model.option_label(id));
            judge(&what, cost, option.when.is_none());
        }
        option.effects.iter().for_each(|e| judge(&|| effect(e), &e.value, false));
    }
    for hazard in &model.hazards {
        if let Some(probability) = &hazard.probability {
            let what = || format!("the probability of `{}`", hazard.label);
            judge(&what, probability, hazard.when.is_none());
        }
        hazard.effects.iter().for_each(|e| judge(&|| effect(e), &e.value, false));
    }
    found
}

/// Whether a formula is infinite or not a number for all values of what it reads.
fn never(expr: &Expr) -> bool {
    match &expr.node {
        Node::Number(value) => !value.is_finite(),
        Node::Negate(a) => never(a),
        Node::Binary(Arithmetic::Divide, a, b) => never(a) || b.decided() == Some(0.0),
        Node::Binary(Arithmetic::Power, _, _) => false,
        Node::Binary(_, a, b) => never(a) || never(b),
        Node::If(parts) => never(&parts[1]) && never(&parts[2]),
        Node::Draw(_, list, _) => list.iter().any(never),
        Node::Fold(Aggregate::Sum | Aggregate::Mean | Aggregate::Product, terms) => {
            terms.iter().any(|term| term.filter.is_none() && never(&term.value))
        }
        _ => false,
    }
}
