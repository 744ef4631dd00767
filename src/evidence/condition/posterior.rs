//! What draws say of parameters, types, and the scenario as a whole.

use super::{GROUPS, Sampler, State};
use crate::evidence::filter::log_sum;
use crate::math;
use crate::model::ActorId;
use crate::stats::{Moments, Sum};

/// Prior moments are taken over so many even steps through the unit interval.
const STEPS: usize = 4096;

/// The posterior of one arm.
#[derive(Debug, Clone)]
pub struct Posterior {
    /// `base` or the name of the variant.
    pub arm: String,
    /// The draws, and how they came about.
    pub state: State,
    /// By draw, then axis: the values.
    pub values: Vec<Vec<f64>>,
    /// By draw, its weight; they add up to 1, or are all 0 where the history is impossible.
    pub weights: Vec<f64>,
    /// By axis.
    pub parameters: Vec<Parameter>,
    /// How likely the history is on average over the prior.
    pub evidence: Evidence,
    /// Private types at the end of each history.
    pub types: Vec<Standing>,
}

/// A parameter before and after.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// Its unit; may be empty.
    pub unit: String,
    /// As declared.
    pub prior: Spread,
    /// Given the history.
    pub posterior: Spread,
    /// The Monte Carlo standard error of the posterior mean.
    pub error: f64,
    /// 1 − posterior variance / prior variance.
    pub contraction: f64,
}

/// Where a number lies.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spread {
    /// Its mean.
    pub mean: f64,
    /// Its standard deviation.
    pub sd: f64,
    /// Its 2.5 % quantile.
    pub lo: f64,
    /// Its 97.5 % quantile.
    pub hi: f64,
}

/// The logarithm of the evidence: of the mean likelihood over the prior.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Evidence {
    /// The natural logarithm; minus infinity where the history is impossible.
    pub log: f64,
    /// Its Monte Carlo standard error: the jackknife over groups of draws.
    pub error: f64,
}

impl Evidence {
    /// Its 95 % interval by Student's t over groups.
    pub fn interval(&self) -> (f64, f64) {
        let t = math::student_quantile(0.975, GROUPS as f64 - 1.0);
        (self.log - t * self.error, self.log + t * self.error)
    }

    /// The logarithm of a Bayes factor for it over another, with its standard error.
    pub fn over(&self, other: &Evidence) -> (f64, f64) {
        if self == other {
            return (0.0, 0.0);
        }
        let (a, b) = (self.error, other.error);
        (self.log - other.log, (a * a + b * b).sqrt())
    }
}

/// A private type at the end of a history.
#[derive(Debug, Clone, PartialEq)]
pub struct Standing {
    /// The case of the history, by number.
    pub case: usize,
    /// Its private id.
    pub private: usize,
    /// The actor.
    pub actor: ActorId,
    /// The type, by number.
    pub kind: usize,
    /// Who believes so; nobody: what the history says.
    pub observer: Option<ActorId>,
    /// How likely the type is, or what the observer believes, as a mean over draws.
    pub probability: f64,
}

impl Parameter {
    /// Whether the history left it where it was: its variance within a tenth, its mean within a
    /// quarter of the prior standard deviation.
    pub fn is_untaught(&self) -> bool {
        let moved = (self.posterior.mean - self.prior.mean).abs();
        self.contraction < 0.1 && moved < 0.25 * self.prior.sd
    }
}

impl Sampler<'_> {
    /// What finished draws say.
    pub fn posterior(&self, state: State) -> Posterior {
        let weights = state.weights();
        let value = |place: &[f64]| -> Vec<f64> {
            self.space.at(place).iter().map(|value| value.number()).collect()
        };
        let values: Vec<Vec<f64>> = state.draws.iter().map(|draw| value(&draw.place)).collect();
        let axes = self.space.axes();
        let mut priors = vec![Moments::new(); axes.len()];
        for step in 0..STEPS {
            let even = value(&vec![(step as f64 + 0.5) / STEPS as f64; axes.len()]);
            priors.iter_mut().zip(even).for_each(|(moments, x)| moments.add(x));
        }
        let ends = [0.025, 0.975].map(|u| value(&vec![u; axes.len()]));
        let parameters = axes.iter().enumerate().map(|(k, axis)| {
            let prior = Spread {
                mean: priors[k].mean(),
                sd: priors[k].sd(),
                lo: ends[0][k],
                hi: ends[1][k],
            };
            let own: Vec<f64> = values.iter().map(|values| values[k]).collect();
            let posterior = spread(&own, &weights);
            Parameter {
                name: axis.name.clone(),
                unit: axis.unit.clone(),
                prior,
                posterior,
                error: error_of_mean(&own, &weights),
                contraction: 1.0 - (posterior.sd / prior.sd) * (posterior.sd / prior.sd),
            }
        });
        let mut types = self.slots();
        for (at, slot) in types.iter_mut().enumerate() {
            let each = state.draws.iter().map(|draw| draw.types[at]);
            slot.probability = mean(each, &weights);
        }
        Posterior {
            arm: self.variant.unwrap_or("base").to_string(),
            parameters: parameters.collect(),
            evidence: evidence(&state.groups),
            values,
            weights,
            types,
            state,
        }
    }
}

/// A weighted mean over draws that have weight; not a number without any.
fn mean(values: impl Iterator<Item = f64>, weights: &[f64]) -> f64 {
    let (mut sum, mut all) = (Sum::new(), Sum::new());
    for (value, weight) in values.zip(weights).filter(|(_, weight)| **weight > 0.0) {
        sum.add(value * weight);
        all.add(*weight);
    }
    sum.value() / all.value()
}

fn spread(values: &[f64], weights: &[f64]) -> Spread {
    let mean = self::mean(values.iter().copied(), weights);
    let square = |x: &f64| (x - mean) * (x - mean);
    let variance = self::mean(values.iter().map(square), weights);
    let mut order: Vec<usize> = (0..values.len()).filter(|n| weights[*n] > 0.0).collect();
    order.sort_by(|a, b| values[*a].total_cmp(&values[*b]));
    let quantile = |wanted: f64| {
        let mut sum = Sum::new();
        let reached = order.iter().find(|n| {
            sum.add(weights[**n]);
            // what rounding takes from the sum of weights
            sum.value() >= wanted - 1e-12
        });
        reached.or(order.last()).map_or(f64::NAN, |n| values[*n])
    };
    Spread { mean, sd: variance.sqrt(), lo: quantile(0.025), hi: quantile(0.975) }
}

/// The standard error of a weighted mean by the jackknife over groups.
fn error_of_mean(values: &[f64], weights: &[f64]) -> f64 {
    let each = (values.len() / GROUPS).max(1);
    let without = |left: usize| {
        let outside = |n: usize| n / each != left;
        let own = weights.iter().enumerate().map(|(n, w)| if outside(n) { *w } else { 0.0 });
        mean(values.iter().copied(), &own.collect::<Vec<f64>>())
    };
    jackknife(without)
}

/// The logarithm of the mean over groups of their estimates.
fn evidence(groups: &[f64]) -> Evidence {
    let log = |left: Option<usize>| {
        let others = groups.iter().enumerate().filter(move |(n, _)| Some(*n) != left);
        log_sum(others.clone().map(|(_, log)| *log)) - math::log(others.count() as f64)
    };
    let alike = groups.iter().all(|group| *group == groups[0]);
    let error = if alike { 0.0 } else { jackknife(|left| log(Some(left))) };
    Evidence { log: log(None), error }
}

/// The standard error from the values without one group each (Efron 1982).
fn jackknife(without: impl Fn(usize) -> f64) -> f64 {
    let mut moments = Moments::new();
    (0..GROUPS).for_each(|left| moments.add(without(left)));
    let count = GROUPS as f64;
    (moments.variance() * (count - 1.0) * (count - 1.0) / count).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_those_of_groups() {
        // of a plain mean the jackknife is the ordinary standard error
        let values: Vec<f64> = (0..GROUPS).map(|n| n as f64).collect();
        let found = error_of_mean(&values, &[1.0 / GROUPS as f64; GROUPS]);
        let moments = values.iter().fold(Moments::new(), |mut m, x| {
            m.add(*x);
            m
        });
        assert!((found - moments.standard_error()).abs() < 1e-12);
        let same = evidence(&[-3.0; GROUPS]);
        assert!((same.log + 3.0).abs() < 1e-12 && same.error == 0.0);
    }

    #[test]
    fn weighted_spreads() {
        let found = spread(&[1.0, 3.0, 9.0], &[0.5, 0.5, 0.0]);
        assert_eq!((found.mean, found.sd, found.lo, found.hi), (2.0, 1.0, 1.0, 3.0));
        assert!(spread(&[1.0], &[0.0]).mean.is_nan());
    }
}
