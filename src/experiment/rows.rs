//! Rows of points that share their runs: what the designs of sensitivity play.

use std::sync::{Arc, Mutex, PoisonError};

use crate::engine::{self, Job, Vectors};
use crate::model::{Arm, Model};
use crate::plan::{Budget, Plan, PlanError};
use crate::record::{Block, Layout};
use crate::rng::Seed;

/// So many plans of an arm are kept for later rows.
const KEPT: usize = 4;

/// Who plays rows. All points of a row play the same runs, which no other row plays: runs r R to
/// (r + 1) R − 1 of row r, so that rows are independent of each other and points of a row are not.
///
/// Results do not depend on which plan plays a point, nor on threads.
#[derive(Debug)]
pub struct RowPlayer<'a> {
    model: &'a Model,
    layout: Layout,
    seed: Seed,
    runs: usize,
    /// What plans may take in all, in bytes.
    bytes: u64,
    vectors: Vectors,
    /// By arm.
    plans: Mutex<Vec<(usize, Arc<Plan>)>>,
}

impl<'a> RowPlayer<'a> {
    /// One for arms like these, so many runs at each point, and so much memory for plans.
    pub fn new(
        model: &'a Model,
        arms: &[Arm],
        (seed, runs): (Seed, usize),
        bytes: u64,
    ) -> RowPlayer<'a> {
        let layout = Layout::of(model, arms).outcomes_only();
        let (vectors, plans) = (Vectors::best(), Mutex::default());
        RowPlayer { model, layout, seed, runs, bytes, vectors, plans }
    }

    /// Plays a row. `arms` holds by point, then arm, what is played; so do the blocks.
    ///
    /// # Errors
    /// If an arm is too large to be planned, or `stop` says so.
    pub fn play(
        &self,
        row: u64,
        arms: &[Vec<Arm>],
        stop: &(dyn Fn() -> bool + Sync),
    ) -> Result<Vec<Vec<Block>>, PlanError> {
        let mut all: Vec<Vec<Block>> = vec![Vec::new(); arms.len()];
        for arm in 0..arms.first().map_or(0, Vec::len) {
            let own: Vec<&Arm> = arms.iter().map(|point| &point[arm]).collect();
            let blocks = self.arm(arm, row, &own, stop)?;
            all.iter_mut().zip(blocks).for_each(|(point, block)| point.push(block));
        }
        Ok(all)
    }

    /// The blocks of one arm, by point.
    fn arm(
        &self,
        arm: usize,
        row: u64,
        points: &[&Arm],
        stop: &(dyn Fn() -> bool + Sync),
    ) -> Result<Vec<Block>, PlanError> {
        let mut all: Vec<Option<Block>> = vec![None; points.len()];
        let first = row * self.runs as u64;
        while let Some(next) = all.iter().position(Option::is_none) {
            let rest: Vec<usize> = (next..points.len()).filter(|k| all[*k].is_none()).collect();
            let plan = self.plan(arm, points, &rest, stop)?;
            let fitting: Vec<(usize, _)> =
                rest.iter().filter_map(|k| Some((*k, plan.as_ref()?.point(points[*k])?))).collect();
            let Some(plan) = plan.filter(|_| !fitting.is_empty()) else {
                let budget = Budget { bytes: self.bytes, stop };
                let plan = Plan::new(self.model, points[next], budget)?;
                let runs = (first, self.runs);
                let (vectors, layout) = (self.vectors, &self.layout);
                let block = engine::play_until(&plan, vectors, self.seed, layout, runs, stop);
                all[next] = Some(block.ok_or(PlanError::Stopped)?);
                continue;
            };
            let job = |point: usize| Job { point, first, runs: self.runs };
            let jobs: Vec<Job> = (0..fitting.len()).map(job).collect();
            let (places, numbers): (Vec<usize>, Vec<_>) = fitting.into_iter().unzip();
            let work = (numbers.as_slice(), jobs.as_slice());
            let (vectors, layout) = (self.vectors, &self.layout);
            let blocks = engine::play_points_until(&plan, vectors, self.seed, layout, work, stop);
            for (place, block) in places.into_iter().zip(blocks.ok_or(PlanError::Stopped)?) {
                all[place] = Some(block);
            }
        }
        Ok(all.into_iter().flatten().collect())
    }

    /// A plan that plays the first of some points: one that is kept, or a new one that leaves open
    /// in what the points differ; nothing where they differ in more than numbers.
    fn plan(
        &self,
        arm: usize,
        points: &[&Arm],
        rest: &[usize],
        stop: &(dyn Fn() -> bool + Sync),
    ) -> Result<Option<Arc<Plan>>, PlanError> {
        let next = points[rest[0]];
        let mut kept = self.plans.lock().unwrap_or_else(PoisonError::into_inner);
        let known = kept.iter().find(|(own, plan)| *own == arm && plan.point(next).is_some());
        if let Some((_, plan)) = known {
            return Ok(Some(Arc::clone(plan)));
        }
        // made once, while others wait for it
        let arms: Vec<Arm> = rest.iter().map(|k| points[*k].clone()).collect();
        let budget = Budget { bytes: self.bytes, stop };
        let Some(plan) = Plan::varying(self.model, &arms, budget)? else { return Ok(None) };
        let plan = Arc::new(plan);
        if kept.iter().filter(|(own, _)| *own == arm).count() >= KEPT {
            let oldest = kept.iter().position(|(own, _)| *own == arm);
            oldest.map(|place| kept.remove(place));
        }
        kept.push((arm, Arc::clone(&plan)));
        Ok(Some(plan))
    }
}
