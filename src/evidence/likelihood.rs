//! The likelihood of a record, as filters found it.

use super::filter::{Group, log_sum};
use super::{Blame, Settings};
use crate::math;
use crate::stats::Moments;

/// What a round did to the likelihood of a record.
#[derive(Debug, Clone, PartialEq)]
pub struct Turn {
    /// By filter, the natural logarithm of how likely the records up to this round are.
    pub filters: Vec<f64>,
    /// The effective number of particles, 1 / Σ w², as a mean over filters.
    pub effective: f64,
    /// How many filters were resampled after it.
    pub resampled: usize,
}

/// How likely a record is in one arm.
#[derive(Debug, Clone, PartialEq)]
pub struct Likelihood {
    /// Whether nothing was sampled that matters, so that it is exact.
    pub exact: bool,
    /// How many particles each filter had: 1 for each combination of types and levels where that is
    /// exact.
    pub particles: usize,
    /// How many filters there were.
    pub filters: usize,
    /// By round; those after an impossible one are missing.
    pub rounds: Vec<Turn>,
    /// Which record is impossible, if one is.
    pub blame: Option<Blame>,
}

impl Likelihood {
    pub(super) fn new(exact: bool, settings: &Settings) -> Likelihood {
        let (particles, filters) = match exact {
            true => (0, 1),
            false => (0, settings.filters),
        };
        Likelihood { exact, particles, filters, rounds: Vec::new(), blame: None }
    }

    /// Adds a round: the groups of the arm with their effective sizes.
    pub(super) fn add(&mut self, groups: &[(&Group, &f64)], renewed: impl Fn(&Group) -> bool) {
        let own = |filter: usize| groups.iter().filter(move |(group, _)| group.filter == filter);
        let filters: Vec<f64> = (0..self.filters)
            .map(|filter| log_sum(own(filter).map(|(group, _)| group.prior + group.loglik)))
            .collect();
        self.particles = own(0).map(|(group, _)| group.particles.len()).sum();
        let effective = groups.iter().fold(0.0, |sum, (_, size)| sum + **size);
        let resampled = |filter: &usize| own(*filter).any(|(group, _)| renewed(group));
        self.rounds.push(Turn {
            filters,
            effective: effective / self.filters as f64,
            resampled: (0..self.filters).filter(resampled).count(),
        });
    }

    pub(super) fn is_impossible(&self) -> bool {
        self.rounds.last().is_some_and(|turn| turn.total() == f64::NEG_INFINITY)
    }

    /// The natural logarithm of the likelihood: of the mean over filters. Minus infinity where the
    /// record is impossible.
    pub fn loglik(&self) -> f64 {
        self.rounds.last().map_or(0.0, Turn::total)
    }

    /// By round, how much it adds to the logarithm; these add up to [`Likelihood::loglik`].
    pub fn increments(&self) -> Vec<f64> {
        let mut before = 0.0;
        let each = self.rounds.iter().map(|turn| {
            let total = turn.total();
            let increment = total - std::mem::replace(&mut before, total);
            if total == f64::NEG_INFINITY { total } else { increment }
        });
        each.collect()
    }

    /// The standard error of [`Likelihood::loglik`] by the jackknife over filters (Efron 1982): 0
    /// where it is exact; `None` with one filter, which cannot tell.
    pub fn standard_error(&self) -> Option<f64> {
        if self.exact || self.rounds.is_empty() {
            return Some(0.0);
        }
        let filters = &self.rounds.last()?.filters;
        let count = filters.len() as f64;
        if filters.len() < 2 {
            return None;
        }
        let without = |left: usize| {
            let others = filters.iter().enumerate().filter(move |(n, _)| *n != left);
            log_sum(others.map(|(_, log)| *log)) - math::log(count - 1.0)
        };
        let mut moments = Moments::new();
        (0..filters.len()).for_each(|left| moments.add(without(left)));
        // the variance of the values without one, times (n − 1)² / n
        let variance = moments.variance() * (count - 1.0) * (count - 1.0) / count;
        Some(variance.sqrt())
    }

    /// An interval for [`Likelihood::loglik`] by Student's t; both ends are the value where it is
    /// exact, `None` with one filter.
    pub fn interval(&self, level: f64) -> Option<(f64, f64)> {
        let (loglik, error) = (self.loglik(), self.standard_error()?);
        if error == 0.0 {
            return Some((loglik, loglik));
        }
        let freedom = self.filters as f64 - 1.0;
        let t = math::student_quantile(0.5 + level / 2.0, freedom);
        Some((loglik - t * error, loglik + t * error))
    }
}

impl Turn {
    /// The logarithm of the mean over filters.
    pub fn total(&self) -> f64 {
        log_sum(self.filters.iter().copied()) - math::log(self.filters.len() as f64)
    }
}

/// The likelihood of several histories together: logarithms add.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sum {
    /// The natural logarithm; minus infinity where one is impossible.
    pub loglik: f64,
    /// Its standard error; `None` where there is none.
    pub error: Option<f64>,
    /// Whether all of them are exact.
    pub exact: bool,
    /// The degrees of freedom of the error: filters − 1, the same for all of them.
    pub freedom: f64,
}

impl Sum {
    /// All together.
    pub fn of(cases: &[Likelihood]) -> Sum {
        let errors: Option<Vec<f64>> = cases.iter().map(Likelihood::standard_error).collect();
        let squares = errors.map(|all| all.iter().map(|e| e * e).sum::<f64>());
        Sum {
            loglik: cases.iter().map(Likelihood::loglik).collect::<crate::stats::Sum>().value(),
            error: squares.map(f64::sqrt),
            exact: cases.iter().all(|found| found.exact),
            freedom: cases.iter().map(|found| found.filters as f64 - 1.0).fold(0.0, math::maximum),
        }
    }

    /// An interval by Student's t; see [`Likelihood::interval`].
    pub fn interval(&self, level: f64) -> Option<(f64, f64)> {
        let error = self.error?;
        if error == 0.0 || !error.is_finite() {
            return Some((self.loglik, self.loglik));
        }
        let t = math::student_quantile(0.5 + level / 2.0, self.freedom);
        Some((self.loglik - t * error, self.loglik + t * error))
    }
}
