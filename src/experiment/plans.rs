//! Plans of many arms within one budget.

use rayon::ThreadPool;
use rayon::prelude::*;

use crate::model::Simulation;
use crate::plan::{Budget, Plan, PlanError};

/// The plans of games, in order, made on all threads of a pool.
///
/// Whether they fit does not depend on threads: they do if each can be planned, one at a time, in
/// what the tapes of all others leave of the budget.
///
/// # Errors
/// If they do not fit, or the budget says to stop.
pub(super) fn plans(
    games: &[Simulation],
    pool: &ThreadPool,
    budget: Budget,
) -> Result<Vec<Plan>, PlanError> {
    let threads = pool.current_num_threads().max(1);
    let mut all: Vec<Option<Plan>> = Vec::with_capacity(games.len());
    let mut kept = 0_u64;
    for some in games.chunks(threads) {
        let each = budget.of(budget.bytes.saturating_sub(kept) / some.len() as u64);
        let made: Vec<Result<Plan, PlanError>> = pool.install(|| {
            let plans = some.par_iter().with_max_len(1);
            plans.map(|game| Plan::with_reach(game.model, game.arm, each)).collect()
        });
        for plan in made {
            all.push(match plan {
                // it takes its turn when it has the machine for itself
                Err(PlanError::Memory { .. }) if some.len() > 1 => None,
                other => Some(other?),
            });
            kept = all.last().and_then(Option::as_ref).map_or(kept, |plan| kept + plan.bytes);
        }
    }
    for (plan, game) in all.iter_mut().zip(games) {
        if plan.is_none() {
            let rest = budget.of(budget.bytes.saturating_sub(kept));
            let made = pool.install(|| Plan::with_reach(game.model, game.arm, rest))?;
            kept += made.bytes;
            *plan = Some(made);
        }
    }
    let all: Vec<Plan> = all.into_iter().flatten().collect();
    let most = all.iter().map(|plan| (kept - plan.bytes).saturating_add(plan.most)).max();
    match most.filter(|most| *most > budget.bytes) {
        Some(about) => Err(PlanError::Memory { bytes: budget.bytes, about }),
        None => Ok(all),
    }
}
