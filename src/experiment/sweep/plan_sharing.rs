//! Points to runs: points of few runs are played side by side, by a plan that leaves open the
//! numbers in which they differ.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::unit::{Job, Point};
use super::{Sweep, Unit};
use crate::engine;
use crate::experiment::play::explained;
use crate::experiment::{BLOCK, Progress, Value};
use crate::model::{Arm, Simulation};
use crate::plan::{self, Budget, Plan, PlanError};
use crate::record::{Block, Failure};

/// So many plans of an arm are kept for later points.
const KEPT: usize = 32;
/// So many further points are looked at, to find out which numbers vary.
const PROBES: u64 = 3;
/// About so many runs are played between two looks at whether to stop.
const RUNS: usize = 2048;

/// Plans made so far, by arm. Results do not depend on which plan plays a point.
#[derive(Debug, Default)]
pub(super) struct Plans {
    /// What they may take together, in bytes.
    bytes: AtomicU64,
    kept: Mutex<Vec<(usize, Arc<Plan>)>>,
    /// Whose turn it is among the large ones.
    large: Mutex<()>,
}

/// The turn of a large plan, for as long as it is made and played.
type Turn<'a> = Option<MutexGuard<'a, ()>>;

impl Plans {
    /// From now on they may take so many bytes together.
    pub(super) fn within(&self, bytes: u64) {
        self.bytes.store(bytes, Ordering::Relaxed);
    }

    fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    fn all(&self, arm: usize) -> Vec<Arc<Plan>> {
        let list = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        list.iter().filter(|(own, _)| *own == arm).map(|(_, plan)| Arc::clone(plan)).collect()
    }

    fn keep(&self, arm: usize, plan: Arc<Plan>) {
        let most = self.bytes() / 4;
        if plan.bytes > most {
            return;
        }
        let mut list = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        while list.iter().map(|(_, plan)| plan.bytes).sum::<u64>() + plan.bytes > most {
            list.remove(0);
        }
        if list.iter().filter(|(own, _)| *own == arm).count() >= KEPT {
            let oldest = list.iter().position(|(own, _)| *own == arm);
            oldest.map(|place| list.remove(place));
        }
        list.push((arm, plan));
    }

    /// Makes a plan. A quarter of the memory is for those that are kept, a quarter for what all
    /// threads plan and play at the same time, and a half for a large one; so whether a plan is
    /// too large does not depend on threads.
    fn make<T>(
        &self,
        watch: &dyn Progress,
        plan: impl Fn(Budget) -> Result<T, PlanError>,
    ) -> Result<(T, Turn<'_>), PlanError> {
        let all = Budget { bytes: self.bytes(), stop: &|| watch.stop() };
        let threads = rayon::current_num_threads().max(1) as u64;
        match plan(all.of(all.bytes / 4 / threads)) {
            Err(PlanError::Memory { .. }) => {
                let turn = self.large.lock().unwrap_or_else(PoisonError::into_inner);
                Ok((plan(all.of(all.bytes / 2))?, Some(turn)))
            }
            small => Ok((small?, None)),
        }
    }
}

/// Which values are admitted beside those of a point.
type Admitted<'a> = &'a dyn Fn(&[Value]) -> bool;

/// A point that a plan plays: its place in the unit, and its numbers.
type Fitting = Vec<(usize, plan::Point)>;

impl Sweep<'_> {
    /// The blocks of a unit: by point, block, then arm. Nothing if it was stopped.
    pub(super) fn blocks(
        &self,
        points: &[Point],
        unit: &Unit,
        watch: &dyn Progress,
    ) -> Result<Vec<Vec<Vec<Block>>>, PlanError> {
        let count = unit.runs.clone().step_by(BLOCK).count();
        let mut all = vec![vec![Vec::with_capacity(self.arms.len()); count]; points.len()];
        for arm in 0..self.arms.len() {
            let played = self.arm_blocks(arm, points, unit, watch)?;
            for (point, blocks) in all.iter_mut().zip(played) {
                point.iter_mut().zip(blocks).for_each(|(arms, block)| arms.push(block));
            }
        }
        Ok(all)
    }

    /// The blocks of one arm: by point, then block.
    fn arm_blocks(
        &self,
        arm: usize,
        points: &[Point],
        unit: &Unit,
        watch: &dyn Progress,
    ) -> Result<Vec<Vec<Block>>, PlanError> {
        let mut all = vec![Vec::new(); points.len()];
        let mut rest: Vec<(usize, &Job)> = Vec::with_capacity(points.len());
        for (place, point) in points.iter().enumerate() {
            match point {
                Ok(jobs) => rest.extend(jobs.get(arm).map(|job| (place, job))),
                Err(_) => all[place] = self.empty(unit, watch),
            }
        }
        while !rest.is_empty() {
            let (plan, fitting, _turn) = self.plan(arm, unit, &rest, watch)?;
            let chosen = |place: &usize| fitting.iter().any(|(own, _)| own == place);
            let (now, later): (Vec<_>, Vec<_>) = rest.iter().partition(|(place, _)| chosen(place));
            if now.is_empty() {
                // No plan leaves open what is open here: each point has its own.
                let (place, job) = rest.remove(0);
                all[place] = self.alone(job, unit, watch)?;
                continue;
            }
            self.together(&plan, &fitting, &now, unit, watch, &mut all)?;
            rest = later;
        }
        Ok(all)
    }

    /// The blocks of one point, by a plan of its own.
    fn alone(&self, job: &Job, unit: &Unit, watch: &dyn Progress) -> Result<Vec<Block>, PlanError> {
        let make = |budget: Budget| Plan::new(self.model, &job.arm, budget);
        let (plan, _turn) = self.plans.make(watch, make)?;
        let game = Simulation { model: self.model, arm: &job.arm, seed: job.seed };
        let stop = || watch.stop();
        let mut blocks = Vec::new();
        for (first, runs) in pieces(unit) {
            if stop() {
                return Err(PlanError::Stopped);
            }
            let (layout, runs) = (&self.layout, (first, runs));
            let block = engine::play_until(&plan, self.vectors, job.seed, layout, runs, &stop)
                .and_then(|block| explained(&game, layout, block, &stop));
            blocks.push(block.ok_or(PlanError::Stopped)?);
            watch.advanced(runs.1 as u64);
        }
        Ok(blocks)
    }

    /// The blocks of points that one plan plays, side by side, put to their places in `all`.
    fn together(
        &self,
        plan: &Plan,
        fitting: &Fitting,
        now: &[(usize, &Job)],
        unit: &Unit,
        watch: &dyn Progress,
        all: &mut [Vec<Block>],
    ) -> Result<(), PlanError> {
        let numbers: Vec<plan::Point> = fitting.iter().map(|(_, point)| point.clone()).collect();
        let jobs = (0..numbers.len()).flat_map(|point| {
            pieces(unit).map(move |(first, runs)| engine::Job { point, first, runs })
        });
        let jobs: Vec<engine::Job> = jobs.collect();
        let seed = |job: &engine::Job| now[job.point].1.seed;
        let stop = || watch.stop();
        let mut rest = jobs.as_slice();
        while let Some(first) = rest.first() {
            if stop() {
                return Err(PlanError::Stopped);
            }
            let (mut count, mut runs) = (0, 0);
            // Points with random numbers of their own are not played side by side.
            while rest.get(count).is_some_and(|j| runs < RUNS && seed(j) == seed(first)) {
                runs += rest[count].runs;
                count += 1;
            }
            let (these, others) = rest.split_at(count);
            let (layout, points) = (&self.layout, (numbers.as_slice(), these));
            let played =
                engine::play_points_until(plan, self.vectors, seed(first), layout, points, &stop);
            for (job, block) in these.iter().zip(played.ok_or(PlanError::Stopped)?) {
                let (place, own) = now[job.point];
                let game = Simulation { model: self.model, arm: &own.arm, seed: own.seed };
                let block = explained(&game, layout, block, &stop);
                all[place].push(block.ok_or(PlanError::Stopped)?);
            }
            watch.advanced(runs as u64);
            rest = others;
        }
        Ok(())
    }

    /// Blocks of runs that all failed, of an arm that cannot be played.
    fn empty(&self, unit: &Unit, watch: &dyn Progress) -> Vec<Block> {
        let one = |(first, runs): (u64, usize)| {
            watch.advanced(runs as u64);
            let mut block = Block::new(&self.layout, first, runs);
            block.failures = (first..first + runs as u64).map(Failure::unsaid).collect();
            block
        };
        pieces(unit).map(one).collect()
    }

    /// A plan for the first of these points, and all of them that it can play; none of them if
    /// there is no such plan.
    fn plan(
        &self,
        arm: usize,
        unit: &Unit,
        rest: &[(usize, &Job)],
        watch: &dyn Progress,
    ) -> Result<(Arc<Plan>, Fitting, Turn<'_>), PlanError> {
        let fitting = |plan: &Plan| -> Fitting {
            rest.iter().filter_map(|(place, job)| Some((*place, plan.point(&job.arm)?))).collect()
        };
        let first = rest.first().map_or(0, |(place, _)| *place);
        for plan in self.plans.all(arm) {
            let found = fitting(&plan);
            if found.first().is_some_and(|(place, _)| *place == first) {
                return Ok((plan, found, None));
            }
        }
        let own = self.values(unit.points.start + first as u64);
        // Points that differ in numbers only fit together. What else they may share is not known
        // beforehand, so the widest group is tried first: all, those that agree in words, those
        // that agree in all decision settings, the point alone.
        let words = |values: &[Value]| self.alike(&own, values, false);
        let settings = |values: &[Value]| self.alike(&own, values, true);
        let groups: [Admitted; 4] = [&|_| true, &words, &settings, &|_| false];
        for admitted in groups {
            let arms = self.group_arms(arm, unit, rest, &own, admitted);
            let make = |budget: Budget| Plan::varying(self.model, &arms, budget);
            if let (Some(plan), turn) = self.plans.make(watch, make)? {
                let plan = Arc::new(plan);
                self.plans.keep(arm, Arc::clone(&plan));
                let found = fitting(&plan);
                if !found.is_empty() {
                    return Ok((plan, found, turn));
                }
            }
        }
        Ok((Arc::new(Plan::default()), Vec::new(), None))
    }

    /// Whether two points agree in words or, if asked, in all decision settings.
    fn alike(&self, own: &[Value], other: &[Value], settings: bool) -> bool {
        let axes = self.space.axes().iter().zip(own.iter().zip(other));
        axes.into_iter()
            .all(|(axis, (a, b))| a == b || (axis.is_number() && !(settings && axis.is_setting())))
    }

    /// The arm of the first point, then those of others that are admitted by their values: of the
    /// unit, and of points after it with what is not admitted taken from the first.
    fn group_arms(
        &self,
        arm: usize,
        unit: &Unit,
        rest: &[(usize, &Job)],
        own: &[Value],
        admitted: Admitted,
    ) -> Vec<Arm> {
        let value = |place: usize| self.values(unit.points.start + place as u64);
        let (first, others) = match rest.split_first() {
            Some((first, others)) => (first, others),
            None => return Vec::new(),
        };
        let mut arms = vec![first.1.arm.clone()];
        let fitting = others.iter().filter(|(place, _)| admitted(&value(*place)));
        arms.extend(fitting.map(|(_, job)| job.arm.clone()));
        for probe in 1..=PROBES {
            let other = self.values((unit.points.start + first.0 as u64 + probe) % self.points());
            let mut mixed = own.to_vec();
            for (k, value) in other.into_iter().enumerate() {
                let before = std::mem::replace(&mut mixed[k], value);
                if !admitted(&mixed) {
                    mixed[k] = before;
                }
            }
            if let Ok(mut probed) = self.space.arm(&mixed, self.arms[arm]) {
                probed.rounds = self.manifest.rounds.unwrap_or(probed.rounds);
                arms.push(probed);
            }
        }
        arms
    }
}

/// The runs of a unit at a point in pieces: the first run and how many.
fn pieces(unit: &Unit) -> impl Iterator<Item = (u64, usize)> {
    let end = unit.runs.end;
    unit.runs
        .clone()
        .step_by(BLOCK)
        .map(move |first| (first, (end - first).min(BLOCK as u64) as usize))
}
