//! The model of one arm: its parameters put into its formulas.

use crate::expr::Expr;
use crate::model::{Arm, Effect, Guard, Model};

/// The model with the parameters of an arm in its formulas, but for those that depend on types.
/// What is a number then is worked out once for all rounds and runs.
pub(super) fn with_parameters(model: &Model, arm: &Arm) -> Model {
    let mut open = vec![false; arm.parameters.len()];
    for typed in &arm.typed {
        open[typed.cell] = true;
    }
    let known = |cell: usize| (!open[cell]).then(|| arm.parameters[cell]);
    let mut model = model.clone();
    for formula in formulas(&mut model) {
        *formula = formula.with(&known);
    }
    model
}

/// Every formula that a round reads.
fn formulas(model: &mut Model) -> impl Iterator<Item = &mut Expr> {
    let options = model.options.iter_mut().flat_map(|option| {
        let costs = option.costs.iter_mut().map(|(_, cost)| cost);
        option.when.iter_mut().chain(costs).chain(of_effects(&mut option.effects))
    });
    let hazards = model.hazards.iter_mut().flat_map(|hazard| {
        let chance = hazard.probability.iter_mut().chain(&mut hazard.when);
        chance.chain(of_effects(&mut hazard.effects))
    });
    let policies = model.policies.iter_mut().flat_map(|policy| {
        let lines = policy.lines.iter_mut().flat_map(|line| {
            let guards = line.guard.iter_mut().filter_map(Guard::condition_mut);
            guards.chain(line.share.iter_mut().flatten())
        });
        policy.error.iter_mut().flatten().chain(lines)
    });
    let cells = model.cells.iter_mut().filter_map(|cell| cell.next.as_mut());
    let derived = model.derived.iter_mut().map(|derived| &mut derived.value);
    let payoffs = model.payoffs.iter_mut().flatten().flat_map(|p| [&mut p.value, &mut p.weight]);
    let outcomes = model.outcomes.iter_mut().map(|outcome| &mut outcome.value);
    options
        .chain(hazards)
        .chain(policies)
        .chain(cells)
        .chain(derived)
        .chain(payoffs)
        .chain(outcomes)
        .chain(&mut model.stop_when)
}

fn of_effects(effects: &mut [Effect]) -> impl Iterator<Item = &mut Expr> {
    effects.iter_mut().flat_map(|effect| effect.filter.iter_mut().chain([&mut effect.value]))
}
