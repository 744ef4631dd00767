//! Logit equilibrium and its principal branch.
//!
//! In a logit quantal response equilibrium (McKelvey and Palfrey 1995) every player plays each
//! strategy with a probability proportional to `exp(precision * payoff)`, its payoffs being
//! expected against the others doing the same. At precision 0 all strategies are played alike; from
//! there a curve of equilibria, the *principal branch*, leads to Nash equilibrium as precision
//! grows without bound. It is followed by a predictor and a corrector in log-odds (Turocy 2005,
//! 2010): a cubic through the last two points, then Newton's method across the curve, in steps that
//! adapt to how well that works.
//!
//! The curve may turn back in precision; a given precision is then answered by its first crossing.
//! In games with symmetries other curves may cross it. It is followed straight through, which in a
//! symmetric game is the symmetric equilibrium, and the crossing is reported ([`Feature`]).

mod curve;
mod fit;
mod limit;
mod system;

#[cfg(test)]
mod tests;

use serde::Serialize;

use super::{Game, Halt, Mixed, Stop, exact};
use crate::math;
use curve::{Knot, Stretch, Tracer};
use system::System;

pub use curve::Feature;
pub use fit::{Fit, FitError, fit};
pub use limit::{Limit, limit, same_support};

/// What precision multiplies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Payoffs as they stand.
    Payoff,
    /// Payoffs divided by the range of the game ([`Game::range`]), so that precision does not
    /// depend on their scale.
    Range,
}

/// A logit equilibrium.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Response {
    /// Precision, in the unit asked for.
    pub precision: f64,
    /// Probabilities by player and strategy.
    pub profile: Mixed,
    /// See [`residual`].
    pub residual: f64,
}

/// A special point of the branch.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Landmark {
    /// Where it lies, in the unit asked for.
    pub precision: f64,
    /// What it is.
    pub feature: Feature,
}

/// Points of the principal branch.
#[derive(Debug, Clone, PartialEq)]
pub struct Branch {
    /// In the order in which precisions were asked for; those that were not reached are left out.
    pub points: Vec<Response>,
    /// Along the branch, as far as it was followed.
    pub landmarks: Vec<Landmark>,
    /// [`Stop::Converged`] when all precisions were reached.
    pub stop: Stop,
    /// The highest precision that was reached.
    pub reached: f64,
    /// How many points of the curve were computed on the way.
    pub steps: usize,
}

/// Precisions that cannot be asked for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PrecisionError(pub f64);

impl std::fmt::Display for PrecisionError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let most = MAX_PRECISION;
        write!(f, "a precision of {} cannot be used: it has to lie between 0 and ", self.0)?;
        write!(f, "{most:e} divided by the range of payoffs")
    }
}

impl std::error::Error for PrecisionError {}

/// The highest precision, times the range of payoffs: beyond it the rounding of payoffs shows.
pub const MAX_PRECISION: f64 = 1e12;

/// The most points of the curve that are computed before giving up.
const STEPS: usize = 20_000;

/// A bound on how far `profile` is from a logit equilibrium at `precision`: the largest difference
/// of a probability from that of the logit response to the profile. Infinite where that is no
/// profile.
///
/// What strategies gain over the best one is worked out without rounding. What follows in ordinary
/// rounding is off by no more than the bound allows for: with `e` = 2^-53 a gain times precision,
/// `x <= 0`, by `4 e |x|`, hence `exp(x)` by `4 e / exp(1)` and its own error of at most `3 e`, the
/// sum of `n` of them, which is at least 1, by `6 n e`, quotients and differences by the rest.
/// Where all gains are 0 and all probabilities alike, both are the same and the bound is 0.
pub fn residual(game: &Game, profile: &Mixed, precision: f64, unit: Unit) -> f64 {
    let precision = Scale::of(game, unit).inner(precision);
    let of = |(gains, played): (&Vec<f64>, &Vec<f64>)| {
        let alike = played.iter().all(|p| *p == played[0]);
        if alike && gains.iter().all(|gain| precision * gain == 0.0) {
            return 0.0;
        }
        let weights: Vec<f64> = gains.iter().map(|gain| math::exp(precision * gain)).collect();
        let sum: f64 = weights.iter().sum();
        let differences = weights.iter().zip(played).map(|(w, p)| (w / sum - p).abs());
        let error = (8 * gains.len() + 8) as f64 * (f64::EPSILON / 2.0);
        differences.fold(0.0, f64::max) + error
    };
    let Some(gains) = exact::gains(game, profile) else { return f64::INFINITY };
    gains.iter().zip(profile).map(of).fold(0.0, f64::max)
}

/// The points of the principal branch at the given precisions.
///
/// # Errors
/// When a precision is negative, not a number, or above [`MAX_PRECISION`] divided by the range.
pub fn branch(
    game: &Game,
    precisions: &[f64],
    unit: Unit,
    halt: &Halt,
) -> Result<Branch, PrecisionError> {
    let scale = Scale::of(game, unit);
    let inside = |p: &&f64| !(0.0..=MAX_PRECISION).contains(&scale.inner(**p));
    if let Some(bad) = precisions.iter().find(inside) {
        return Err(PrecisionError(*bad));
    }
    let mut order: Vec<usize> = (0..precisions.len()).collect();
    order.sort_by(|a, b| precisions[*a].total_cmp(&precisions[*b]));
    let system = System::new(game);
    let mut walk = Walk::new(&system, halt);
    let mut points = vec![None; precisions.len()];
    let mut waiting = order.into_iter().peekable();
    while let Some(at) = waiting.next_if(|at| precisions[*at] == 0.0) {
        points[at] = Some(scale.response(game, 0.0, game.uniform()));
    }
    while waiting.peek().is_some() {
        let Some(stretches) = walk.advance() else { break };
        for stretch in &stretches {
            while let Some(at) =
                waiting.next_if(|at| scale.inner(precisions[*at]) <= stretch.to.precision())
            {
                let profile = exactly(&system, stretch, scale.inner(precisions[at]));
                points[at] = Some(scale.response(game, precisions[at], profile));
            }
        }
    }
    let stop = if waiting.peek().is_none() { Stop::Converged } else { walk.stop };
    Ok(Branch {
        points: points.into_iter().flatten().collect(),
        landmarks: walk.landmarks_in(scale),
        stop,
        reached: scale.outer(walk.reached),
        steps: walk.steps,
    })
}

/// The equilibrium at a precision that a stretch crosses.
fn exactly(system: &System, stretch: &Stretch, precision: f64) -> Mixed {
    // Newton's method must not leave for another equilibrium at the same precision.
    const NEAR: f64 = 0.01;
    const TOLERANCE: f64 = 1e-14;
    let mut stretch = stretch.clone();
    loop {
        let start = stretch.at_precision(precision);
        let guess = system.mixed(&start);
        if let Some(found) = system.correct(&start, &system.axis(), TOLERANCE) {
            let mixed = system.mixed(&found.point);
            let pairs = mixed.iter().flatten().zip(guess.iter().flatten());
            if pairs.map(|(a, b)| (a - b).abs()).fold(0.0, f64::max) <= NEAR {
                return mixed;
            }
        }
        // At a singular point the cubic itself is as good as it gets; the residual tells.
        let length = (&stretch.to.point - &stretch.from.point).norm();
        let middle = stretch.knot(system, 0.5).filter(|_| length > 1e-7);
        let Some(middle) = middle else { return guess };
        if middle.precision() < precision {
            stretch.from = middle;
        } else {
            stretch.to = middle;
        }
    }
}

/// The branch as it is walked along: what every use of it keeps count of.
struct Walk<'a> {
    tracer: Option<Tracer<'a>>,
    halt: &'a Halt<'a>,
    /// Precisions in units of the range.
    landmarks: Vec<(f64, Feature)>,
    reached: f64,
    steps: usize,
    /// Why the walk ended, once it has.
    stop: Stop,
}

impl<'a> Walk<'a> {
    fn new(system: &'a System, halt: &'a Halt<'a>) -> Walk<'a> {
        let tracer = Tracer::new(system);
        Walk { tracer, halt, landmarks: Vec::new(), reached: 0.0, steps: 0, stop: Stop::Stalled }
    }

    /// The last knot.
    fn here(&self) -> Option<&Knot> {
        self.tracer.as_ref().map(Tracer::here)
    }

    /// One step; `None` when the walk has to end.
    fn advance(&mut self) -> Option<Vec<Stretch>> {
        let ended = if (self.halt)() {
            Some(Stop::TimeLimit)
        } else {
            (self.steps == STEPS).then_some(Stop::Limit)
        };
        if let Some(stop) = ended {
            self.stop = stop;
            return None;
        }
        let stretches = self.tracer.as_mut()?.advance().ok()?;
        self.steps += 1;
        for stretch in &stretches {
            self.reached = self.reached.max(stretch.to.precision());
            if let Some(feature) = stretch.feature {
                self.landmarks.push((stretch.to.precision(), feature));
            }
        }
        Some(stretches)
    }

    fn landmarks_in(&self, scale: Scale) -> Vec<Landmark> {
        let of = |(precision, feature): &(f64, Feature)| Landmark {
            precision: scale.outer(*precision),
            feature: *feature,
        };
        self.landmarks.iter().map(of).collect()
    }
}

/// Between precision as asked for and precision in units of the range.
#[derive(Debug, Clone, Copy)]
struct Scale {
    /// The range of the game; 1 where all payoffs are the same.
    range: f64,
    unit: Unit,
}

impl Scale {
    fn of(game: &Game, unit: Unit) -> Scale {
        let range = game.range();
        Scale { range: if range > 0.0 { range } else { 1.0 }, unit }
    }

    fn inner(self, precision: f64) -> f64 {
        match self.unit {
            // 0 times a range that is not finite is 0.
            Unit::Payoff if precision == 0.0 => 0.0,
            Unit::Payoff => precision * self.range,
            Unit::Range => precision,
        }
    }

    fn outer(self, precision: f64) -> f64 {
        match self.unit {
            Unit::Payoff => precision / self.range,
            Unit::Range => precision,
        }
    }

    /// An equilibrium with its residual, worked out from the game as it stands.
    fn response(self, game: &Game, precision: f64, profile: Mixed) -> Response {
        let residual = residual(game, &profile, precision, self.unit);
        Response { precision, profile, residual }
    }
}
