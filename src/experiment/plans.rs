//! Plans of many arms within one budget, made for one call or kept for later ones.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rayon::ThreadPool;
use rayon::prelude::*;

use crate::engine::{self, Job, Vectors};
use crate::model::{Arm, Model, Simulation};
use crate::plan::{self, Budget, Plan, PlanError, Point, Reach};
use crate::record::{Block, Layout};
use crate::rng::Seed;

/// A plan that plays an arm.
#[derive(Debug)]
pub(super) struct Ready {
    pub plan: Arc<Plan>,
    /// The numbers of the arm that the plan leaves open; none if it is for this arm alone.
    point: Option<Point>,
}

impl Ready {
    /// By outcome, what can reach it.
    pub fn reach(&self) -> Vec<Reach> {
        match &self.point {
            None => self.plan.reach(),
            Some(point) => self.plan.reach_at(point),
        }
    }

    /// Plays consecutive runs, given by the number of the first and how many; nothing if told to
    /// stop.
    pub fn play(
        &self,
        vectors: Vectors,
        seed: Seed,
        layout: &Layout,
        (first, runs): (u64, usize),
        stop: &dyn Fn() -> bool,
    ) -> Option<Block> {
        match &self.point {
            None => engine::play_until(&self.plan, vectors, seed, layout, (first, runs), stop),
            Some(point) => {
                let jobs = [Job { point: 0, first, runs }];
                let points = (std::slice::from_ref(point), jobs.as_slice());
                let all =
                    engine::play_points_until(&self.plan, vectors, seed, layout, points, stop);
                all?.pop()
            }
        }
    }
}

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
) -> Result<Vec<Ready>, PlanError> {
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
        None => {
            Ok(all.into_iter().map(|plan| Ready { plan: Arc::new(plan), point: None }).collect())
        }
    }
}

/// A plan that is kept, and arms that differ in all that it leaves open.
#[derive(Debug)]
struct Kept {
    arms: Vec<Arm>,
    plan: Arc<Plan>,
}

/// Plans of the arms of one model that are kept from one call to the next, so that an arm that
/// differs in numbers from those played before is played at once: a number that differs is left
/// open from then on.
#[derive(Debug, Default)]
pub struct KeptPlans {
    list: Mutex<Vec<Kept>>,
    made: AtomicU64,
}

/// So many plans are kept at most, and so much of a budget.
const MOST: usize = 128;
const SHARE: u64 = 4;
/// Arms that differ in more numbers have plans of their own: a plan folds what is the same in all
/// of its arms.
const APART: usize = 64;
/// A plan remembers so many arms; then it begins anew with the last of them.
const ARMS: usize = 256;

impl KeptPlans {
    /// How many plans are kept, and how many were made.
    pub fn count(&self) -> (usize, u64) {
        (self.list().len(), self.made.load(Ordering::Relaxed))
    }

    fn list(&self) -> MutexGuard<'_, Vec<Kept>> {
        self.list.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The plans of games of the model, in order; what is missing is made on all threads of a pool.
    ///
    /// # Errors
    /// If they do not fit into the budget, or it says to stop.
    pub(super) fn of(
        &self,
        games: &[Simulation],
        pool: &ThreadPool,
        budget: Budget,
    ) -> Result<Vec<Ready>, PlanError> {
        let mut missing: Vec<Vec<Arm>> = Vec::new();
        for arm in games.iter().map(|game| game.arm).filter(|arm| self.find(arm).is_none()) {
            let alike = |group: &&mut Vec<Arm>| near(&group[0], arm).is_some();
            match missing.iter_mut().find(alike) {
                Some(group) => group.push(arm.clone()),
                None => missing.push(vec![arm.clone()]),
            }
        }
        let Some(model) = games.first().map(|game| game.model) else { return Ok(Vec::new()) };
        let each = budget.of(budget.bytes / SHARE / missing.len().max(1) as u64);
        let missing = missing.into_iter().map(|group| self.joined(group));
        let missing: Vec<Vec<Arm>> = missing.collect();
        let made: Result<Vec<Kept>, PlanError> = pool.install(|| {
            missing.into_par_iter().with_max_len(1).map(|arms| made(model, arms, each)).collect()
        });
        match made {
            Ok(made) => self.keep(made, budget.bytes / SHARE),
            // each in its turn, with the machine for itself
            Err(PlanError::Memory { .. }) => return plans(games, pool, budget),
            Err(error) => return Err(error),
        }
        let all: Option<Vec<Ready>> = games.iter().map(|game| self.find(game.arm)).collect();
        match all {
            Some(all) => Ok(all),
            // too much to be kept
            None => plans(games, pool, budget),
        }
    }

    /// The newest plan that plays an arm.
    fn find(&self, arm: &Arm) -> Option<Ready> {
        let list = self.list();
        list.iter().rev().find_map(|kept| {
            let point = kept.plan.point(arm)?;
            Some(Ready { plan: Arc::clone(&kept.plan), point: Some(point) })
        })
    }

    /// Arms with those of the plan that they widen, if there is one.
    fn joined(&self, mut arms: Vec<Arm>) -> Vec<Arm> {
        let list = self.list();
        let apart = |kept: &&Kept| near(&kept.arms[0], &arms[0]);
        let wider = list.iter().filter_map(|kept| Some((apart(&kept)?, kept)));
        let wider = wider.min_by_key(|(apart, _)| *apart).map(|(_, kept)| kept);
        if let Some(kept) = wider.filter(|kept| kept.arms.len() + arms.len() <= ARMS) {
            arms.extend(kept.arms.iter().cloned());
        }
        arms
    }

    /// Keeps plans; those that they widen go, and the oldest where there are too many.
    fn keep(&self, made: Vec<Kept>, bytes: u64) {
        let mut list = self.list();
        self.made.fetch_add(made.len() as u64, Ordering::Relaxed);
        for kept in made {
            list.retain(|old| old.arms.iter().any(|arm| kept.plan.point(arm).is_none()));
            list.push(kept);
        }
        let taken = |list: &[Kept]| list.iter().map(Kept::bytes).sum::<u64>();
        while list.len() > MOST || taken(&list) > bytes && !list.is_empty() {
            list.remove(0);
        }
    }
}

impl Kept {
    fn bytes(&self) -> u64 {
        let arms: usize = self.arms.iter().map(Arm::bytes).sum();
        self.plan.bytes + arms as u64
    }
}

/// In how many numbers two arms differ, if one plan is to serve both.
fn near(a: &Arm, b: &Arm) -> Option<usize> {
    plan::numbers_apart(a, b).filter(|apart| *apart <= APART)
}

/// A plan for arms that differ in numbers.
fn made(model: &Model, arms: Vec<Arm>, budget: Budget) -> Result<Kept, PlanError> {
    // arms that were grouped differ in numbers alone, so that there is a plan
    let plan = Plan::varying_with_reach(model, &arms, budget)?.unwrap_or_default();
    Ok(Kept { arms, plan: Arc::new(plan) })
}
