//! The precision that fits observed choices best.

use super::super::{Game, Halt, Mixed, Stop};
use super::curve::{Knot, Stretch};
use super::system::System;
use super::{Landmark, Response, Scale, Unit, Walk};
use crate::math;

/// Precision by maximum likelihood, along the principal branch.
#[derive(Debug, Clone, PartialEq)]
pub struct Fit {
    /// The equilibrium at the estimate.
    pub estimate: Response,
    /// The logarithm of the likelihood there: counts times logarithms of probabilities, summed.
    pub log_likelihood: f64,
    /// The same at precision 0, where all strategies are played alike.
    pub log_likelihood_of_chance: f64,
    /// The same for the observed frequencies themselves: no model does better.
    pub log_likelihood_of_frequencies: f64,
    /// Lower end of the 95 % interval by likelihood ratio.
    pub lower: f64,
    /// Its upper end; `None` where the likelihood does not fall far enough at any precision.
    pub upper: Option<f64>,
    /// Special points of the branch.
    pub landmarks: Vec<Landmark>,
    /// [`Stop::Converged`] when there is a best precision; [`Stop::Limit`] when the likelihood
    /// still rises at the highest precision looked at.
    pub stop: Stop,
    /// What a reader has to know beside.
    pub notes: Vec<String>,
}

/// Counts that cannot be fitted.
#[derive(Debug, Clone, PartialEq)]
pub enum FitError {
    /// Not one number for every strategy of every player.
    Shape {
        /// Numbers of strategies by player.
        expected: Vec<usize>,
        /// Numbers of counts by player.
        found: Vec<usize>,
    },
    /// A count that is negative or not finite.
    Count(f64),
    /// Nothing was observed.
    Empty,
}

impl std::fmt::Display for FitError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let list = |sizes: &[usize]| {
            let words: Vec<String> = sizes.iter().map(usize::to_string).collect();
            words.join(", ")
        };
        match self {
            FitError::Shape { expected, found } => write!(
                f,
                "counts by player are {} in number where strategies are {}",
                list(found),
                list(expected)
            ),
            FitError::Count(count) => write!(f, "{count} is not a count"),
            FitError::Empty => write!(f, "all counts are 0: there is nothing to fit"),
        }
    }
}

impl std::error::Error for FitError {}

/// The branch is followed up to this precision, times the range of payoffs.
const TO: f64 = 1e6;
/// How far twice the log-likelihood falls from its maximum to the ends of the interval: the 95 %
/// quantile of the chi-squared distribution with one degree of freedom.
const FALL: f64 = 3.841_458_820_694_124;
/// The most numbers that are kept of the branch.
const KEPT: usize = 10_000_000;
/// How much better a later maximum has to be to replace an earlier one.
const BETTER: f64 = 1e-9;

/// The precision at which logit equilibrium on the principal branch makes `counts` (by player and
/// strategy) most likely, with the interval in which a likelihood-ratio test would not reject it.
///
/// Players' choices count as independent draws from their mixes. Where the likelihood has several
/// maxima along the branch, the highest is taken; where the branch turns back, its points are
/// compared wherever they lie.
///
/// # Errors
/// When counts do not fit the game.
pub fn fit(game: &Game, counts: &Mixed, unit: Unit, halt: &Halt) -> Result<Fit, FitError> {
    let total = checked(game, counts)?;
    let scale = Scale::of(game, unit);
    let system = System::new(game);
    let data = Data { system: &system, counts };
    let mut walk = Walk::new(&system, halt);
    let mut path: Vec<Stretch> = Vec::new();
    let most = KEPT / (2 * system.odds() + 2);
    let ended = loop {
        match walk.here() {
            Some(here) if here.precision() < TO => {}
            Some(_) => break None,
            None => break Some(Stop::Stalled),
        }
        if path.len() >= most {
            break Some(Stop::Limit);
        }
        match walk.advance() {
            Some(stretches) => path.extend(stretches),
            None => break Some(walk.stop),
        }
    };
    let (at, best) = data.best(&path, &walk);
    let mut notes = Vec::new();
    let rises = path.len() == at && at > 0;
    if rises {
        notes.push("the likelihood still rises at the highest precision looked at".to_owned());
    }
    let level = data.log_likelihood(&best) - 0.5 * FALL;
    let (lower, upper) = data.interval(&path, at, &best, level);
    let precision = scale.outer(best.precision());
    Ok(Fit {
        estimate: scale.response(game, precision, system.mixed(&best.point)),
        log_likelihood: data.log_likelihood(&best),
        log_likelihood_of_chance: uniform(counts),
        log_likelihood_of_frequencies: total,
        lower: scale.outer(lower),
        upper: upper.map(|upper| scale.outer(upper)),
        landmarks: walk.landmarks_in(scale),
        stop: ended.unwrap_or(if rises { Stop::Limit } else { Stop::Converged }),
        notes,
    })
}

/// The log-likelihood of frequencies equal to those observed, once counts are found fit.
fn checked(game: &Game, counts: &Mixed) -> Result<f64, FitError> {
    let expected = game.sizes();
    let found: Vec<usize> = counts.iter().map(Vec::len).collect();
    if found != expected {
        return Err(FitError::Shape { expected, found });
    }
    if let Some(bad) = counts.iter().flatten().find(|n| !(n.is_finite() && **n >= 0.0)) {
        return Err(FitError::Count(*bad));
    }
    let mut total = 0.0;
    for of_player in counts {
        let sum: f64 = of_player.iter().sum();
        let observed = of_player.iter().filter(|n| **n > 0.0);
        total += observed.map(|n| n * math::log(n / sum)).sum::<f64>();
    }
    if counts.iter().flatten().all(|n| *n == 0.0) { Err(FitError::Empty) } else { Ok(total) }
}

/// The log-likelihood of playing all strategies alike.
fn uniform(counts: &Mixed) -> f64 {
    let of = |n: &Vec<f64>| -math::log(n.len() as f64) * n.iter().sum::<f64>();
    counts.iter().map(of).sum()
}

/// Observations, seen along the branch.
struct Data<'a> {
    system: &'a System,
    counts: &'a Mixed,
}

impl Data<'_> {
    fn log_likelihood(&self, knot: &Knot) -> f64 {
        let logarithms = self.system.logarithms(&knot.point);
        let pairs = self.counts.iter().flatten().zip(logarithms.iter().flatten());
        pairs.map(|(n, log)| if *n > 0.0 { n * log } else { 0.0 }).sum()
    }

    /// By how much the log-likelihood grows along the branch per unit of length: its derivative by
    /// the log-odds of a strategy is what was observed less what was to be expected.
    fn slope(&self, knot: &Knot) -> f64 {
        let mixed = self.system.mixed(&knot.point);
        let mut slope = 0.0;
        let mut at = 0;
        for (counts, played) in self.counts.iter().zip(&mixed) {
            let sum: f64 = counts.iter().sum();
            for (n, p) in counts.iter().zip(played).skip(1) {
                slope += (n - sum * p) * knot.tangent[at];
                at += 1;
            }
        }
        slope
    }

    /// The most likely knot and the number of the stretch that it lies in; the number of stretches
    /// for the end of the path, where the likelihood still rises.
    fn best(&self, path: &[Stretch], walk: &Walk) -> (usize, Knot) {
        let Some(first) = path.first() else {
            // invariant: a path without stretches has its start as its only point, or, where not
            // even that could be computed, stands at precision 0.
            let start = walk.here().cloned().unwrap_or_else(|| self.start());
            return (0, start);
        };
        let mut best = (0, first.from.clone());
        let mut most = self.log_likelihood(&best.1);
        let mut consider = |at: usize, knot: Knot| {
            let found = self.log_likelihood(&knot);
            if found > most + BETTER {
                most = found;
                best = (at, knot);
            }
        };
        // Rounding of a likelihood that rises without end is no maximum.
        let flat = 1e-12 * self.counts.iter().flatten().sum::<f64>();
        for (at, stretch) in path.iter().enumerate() {
            if self.slope(&stretch.from) > 0.0 && self.slope(&stretch.to) < -flat {
                consider(at, self.narrowed(stretch, |knot| self.slope(knot) > 0.0));
            }
        }
        consider(path.len(), path[path.len() - 1].to.clone());
        best
    }

    /// Precision 0.
    fn start(&self) -> Knot {
        let axis = self.system.axis();
        Knot { point: &axis * 0.0, tangent: axis, index: None }
    }

    /// The precisions at which the log-likelihood is down at `level`, before and after the best.
    fn interval(&self, path: &[Stretch], at: usize, best: &Knot, level: f64) -> (f64, Option<f64>) {
        let high = |knot: &Knot| self.log_likelihood(knot) > level;
        let mut lower = 0.0;
        for (number, stretch) in path.iter().enumerate().take(at + 1).rev() {
            let to = if number == at { best } else { &stretch.to };
            let part = Stretch { from: stretch.from.clone(), to: to.clone(), feature: None };
            if !high(&part.from) {
                lower = self.narrowed(&part, |knot| !high(knot)).precision();
                break;
            }
        }
        for (number, stretch) in path.iter().enumerate().skip(at) {
            let from = if number == at { best } else { &stretch.from };
            let part = Stretch { from: from.clone(), to: stretch.to.clone(), feature: None };
            if !high(&part.to) {
                return (lower, Some(self.narrowed(&part, high).precision()));
            }
        }
        (lower, None)
    }

    /// The knot of a stretch up to which `before` holds, by halving.
    fn narrowed(&self, stretch: &Stretch, before: impl Fn(&Knot) -> bool) -> Knot {
        let mut part = stretch.clone();
        for _ in 0..50 {
            let length = (&part.to.point - &part.from.point).norm();
            if length <= 1e-13 * (1.0 + part.to.point.norm()) {
                break;
            }
            let Some(middle) = part.knot(self.system, 0.5) else { break };
            if before(&middle) { part.from = middle } else { part.to = middle }
        }
        part.to
    }
}
