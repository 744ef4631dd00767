//! The log likelihood of a record at points of the space of free numbers.

use super::{Effort, Failed, Keep, Task};
use crate::evidence::filter::log_sum;
use crate::evidence::{Error, Likelihood, Settings, Weigh};
use crate::history::History;
use crate::math;
use crate::model::Arm;
use crate::stats::Moments;

/// What is known at a point.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Weighed {
    /// The log likelihood of the rounds that are fitted.
    pub loglik: f64,
    /// Its standard error; not a number where there is none.
    pub error: f64,
    /// The log density of what the file declares, where that counts, else 0.
    pub prior: f64,
}

impl Weighed {
    /// What is maximised.
    pub fn value(&self) -> f64 {
        let value = self.loglik + self.prior;
        if value.is_nan() { f64::NEG_INFINITY } else { value }
    }
}

/// A record, cut to the rounds that are fitted, and what was found of it so far.
pub struct Objective<'a> {
    /// What is asked for.
    pub task: &'a Task<'a>,
    history: History,
    keep: &'a dyn Keep,
    unit: u64,
    /// How many points were weighed.
    pub evaluations: usize,
}

impl<'a> Objective<'a> {
    /// Nothing is known yet; batches are kept under numbers from `unit` on.
    pub fn new(task: &'a Task<'a>, keep: &'a dyn Keep, unit: u64) -> Objective<'a> {
        let mut history = task.weigh.history.clone();
        if let Some((_, last)) = task.train {
            for case in &mut history.cases {
                case.rounds = case.rounds.min(last);
                case.seen.truncate(last as usize);
            }
        }
        Objective { task, history, keep, unit, evaluations: 0 }
    }

    /// The number of the next batch.
    pub fn unit(&self) -> u64 {
        self.unit
    }

    /// The point at positions of the ranges, as an arm; `None` if it cannot be.
    pub fn arm(&self, point: &[f64]) -> Option<Arm> {
        let Task { space, free, variant, .. } = self.task;
        let values = free.iter().zip(point).map(|(f, u)| super::Value::Number(f.value(*u)));
        space.arm(&values.collect::<Vec<_>>(), *variant).ok()
    }

    /// The likelihoods of some arms by the rounds that are fitted; as many at once as memory holds.
    ///
    /// # Errors
    /// Those of [`Weigh::likelihoods`].
    pub fn likelihoods(
        &self,
        arms: &[Arm],
        effort: Effort,
    ) -> Result<Vec<Vec<Likelihood>>, Failed> {
        likelihoods(&self.task.weigh, &self.history, arms, effort)
    }

    /// The log likelihood of rounds that are fitted, over all cases, and its standard error.
    pub fn fitted(&self, cases: &[Likelihood]) -> (f64, f64) {
        let from = self.task.train.map_or(1, |(first, _)| first);
        let each = cases.iter().map(|found| between(found, from));
        let (sum, squares) = each.fold((0.0, 0.0), |(sum, squares), (loglik, error)| {
            (sum + loglik, squares + error * error)
        });
        (sum, squares.sqrt())
    }

    /// What is known at some points.
    ///
    /// # Errors
    /// Those of [`Weigh::likelihoods`], and if batches cannot be kept.
    pub fn weigh(&mut self, points: &[Vec<f64>], effort: Effort) -> Result<Vec<Weighed>, Failed> {
        let unit = self.unit;
        self.unit += 1;
        self.evaluations += points.len();
        let priors = points.iter().map(|point| self.prior(point));
        let joined = |found: &[f64]| -> Vec<Weighed> {
            let pairs = found.chunks(2).zip(priors.clone());
            pairs.map(|(f, prior)| Weighed { loglik: f[0], error: f[1], prior }).collect()
        };
        let mut key: Vec<f64> = points.concat();
        let run = effort.seed.0;
        key.extend([(run >> 32) as f64, (run & 0xffff_ffff) as f64]);
        key.extend([effort.particles as f64, effort.filters as f64]);
        if let Some(kept) = self.keep.load(unit)
            && kept.len() == key.len() + 2 * points.len()
            && kept.iter().zip(&key).all(|(a, b)| a.to_bits() == b.to_bits())
        {
            return Ok(joined(&kept[key.len()..]));
        }
        let arms: Vec<Option<Arm>> = points.iter().map(|point| self.arm(point)).collect();
        let sound: Vec<Arm> = arms.iter().flatten().cloned().collect();
        let mut found = self.likelihoods(&sound, effort)?.into_iter();
        let numbers = arms.iter().flat_map(|arm| {
            let cases = arm.as_ref().and_then(|_| found.next());
            let (loglik, error) = match cases {
                Some(cases) => self.fitted(&cases),
                None => (f64::NEG_INFINITY, f64::NAN),
            };
            [loglik, error]
        });
        let numbers: Vec<f64> = numbers.collect();
        let all: Vec<f64> = key.into_iter().chain(numbers.iter().copied()).collect();
        self.keep.save(unit, &all).map_err(Failed::Kept)?;
        let work = sound.first().map_or(0, |arm| self.task.weigh.work(arm));
        self.task.weigh.watch.advanced(work * points.len() as u64);
        Ok(joined(&numbers))
    }

    /// By point, what each round of each case adds to the log likelihood.
    ///
    /// # Errors
    /// Those of [`Weigh::likelihoods`].
    pub fn increments(&self, points: &[Vec<f64>], effort: Effort) -> Result<Vec<Vec<f64>>, Failed> {
        let arms: Vec<Arm> = points.iter().filter_map(|point| self.arm(point)).collect();
        let found = self.likelihoods(&arms, effort)?;
        let all = |cases: &Vec<Likelihood>| cases.iter().flat_map(Likelihood::increments).collect();
        Ok(found.iter().map(all).collect())
    }

    fn prior(&self, point: &[f64]) -> f64 {
        let free = self.task.free.iter().zip(point);
        match self.task.map {
            true => free.map(|(free, u)| super::prior::log_density(free, *u)).sum(),
            false => 0.0,
        }
    }
}

/// Likelihoods of some arms by a history; as many at once as memory holds.
///
/// # Errors
/// Those of [`Weigh::likelihoods`].
pub fn likelihoods(
    weigh: &Weigh,
    history: &History,
    arms: &[Arm],
    Effort { seed, particles, filters }: Effort,
) -> Result<Vec<Vec<Likelihood>>, Failed> {
    if arms.is_empty() {
        return Ok(Vec::new());
    }
    let settings = Settings { seed, particles, filters, ..*weigh.settings };
    let weighed = Weigh { history, settings: &settings, ..*weigh }.likelihoods(arms);
    match weighed {
        Err(Error::Memory { .. } | Error::Unlike) if arms.len() > 1 => {
            let (first, rest) = arms.split_at(arms.len() / 2);
            let effort = Effort { seed, particles, filters };
            let mut found = likelihoods(weigh, history, first, effort)?;
            found.extend(likelihoods(weigh, history, rest, effort)?);
            Ok(found)
        }
        other => Ok(other?),
    }
}

/// The log likelihood of rounds from one on, given those before, and its standard error by the
/// jackknife over filters.
fn between(found: &Likelihood, from: u32) -> (f64, f64) {
    if from <= 1 {
        let error = found.standard_error().unwrap_or(f64::NAN);
        return (found.loglik(), error);
    }
    let Some(last) = found.rounds.last() else { return (0.0, 0.0) };
    let before = found.rounds.get(from as usize - 2);
    let count = last.filters.len();
    let without = |left: Option<usize>| {
        let mean = |filters: &[f64]| {
            let others = filters.iter().enumerate().filter(move |(n, _)| Some(*n) != left);
            let divisor = count as f64 - f64::from(u8::from(left.is_some()));
            log_sum(others.map(|(_, log)| *log)) - math::log(divisor)
        };
        match before {
            Some(before) => mean(&last.filters) - mean(&before.filters),
            // the case does not reach so far
            None => 0.0,
        }
    };
    let error = match count {
        _ if found.exact => 0.0,
        1 => f64::NAN,
        _ => {
            let mut all = Moments::new();
            (0..count).for_each(|n| all.add(without(Some(n))));
            let factor = count as f64 - 1.0;
            (all.variance() * factor * factor / count as f64).sqrt()
        }
    };
    (without(None), error)
}
