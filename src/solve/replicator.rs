//! Replicator dynamics.
//!
//! Shares of strategies grow at the rate by which they earn more than the average of their
//! population (Taylor and Jonker 1978; Taylor 1979 for several populations):
//! `dx[i][s]/dt = x[i][s] (u[i][s] - sum over t of x[i][t] u[i][t])`. Time is in units of 1 /
//! payoff. Integrated are the logarithms of shares, which cannot become negative, by the pair of
//! Dormand and Prince (1980) of orders 5 and 4 with steps that adapt.

use super::alpharank::{Populations, symmetric};
use super::{Equilibrium, Game, Halt, Mixed, Stop, exact};
use crate::math;

/// Where the dynamics have led.
#[derive(Debug, Clone, PartialEq)]
pub struct Replicated {
    /// The state at the end, with its payoffs and regret: a state of rest need not be an
    /// equilibrium, since a strategy that nobody plays does not come back.
    pub state: Equilibrium,
    /// The mean of the states over time: in games where the state circles, this may settle.
    pub average: Equilibrium,
    /// The time that has passed.
    pub time: f64,
    /// A bound on the largest rate of change of a share in the state at the end, times 1 / range of
    /// payoffs. What strategies gain is worked out without rounding, the few operations that follow
    /// are allowed for.
    pub residual: f64,
    /// [`Stop::Converged`] at rest, [`Stop::Limit`] when time or steps ran out before.
    pub stop: Stop,
}

/// The start is not a profile of the game, or the game not one for a single population.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReplicatorError {
    /// Not probabilities of every strategy of every player.
    Start,
    /// The time to stop is negative or not finite.
    Until,
    /// The range of payoffs is larger than any number, so that there is no unit of time.
    Range,
    /// A single population needs a symmetric game of two players that start alike.
    NotSymmetric,
}

impl std::fmt::Display for ReplicatorError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            ReplicatorError::Start => "the start has to be probabilities for every player",
            ReplicatorError::Until => "the time to stop has to be a number from 0 on",
            ReplicatorError::Range => {
                "time is in units of 1 / payoff, and the range of payoffs is no finite number; \
                 divide all payoffs by a common number"
            }
            ReplicatorError::NotSymmetric => {
                "a single population needs a symmetric game of two players that start alike"
            }
        })
    }
}

impl std::error::Error for ReplicatorError {}

/// At rest nothing changes faster than this, per unit of payoff range.
const REST: f64 = 1e-12;
/// The error allowed in a step: absolute for logarithms below 1, else as a share of them.
const TOLERANCE: f64 = 1e-11;
/// The most steps.
const STEPS: usize = 1_000_000;

/// Stages of Dormand and Prince: where in the step, and the weights of the stages before.
const STAGES: [&[f64]; 6] = [
    &[1.0 / 5.0],
    &[3.0 / 40.0, 9.0 / 40.0],
    &[44.0 / 45.0, -56.0 / 15.0, 32.0 / 9.0],
    &[19372.0 / 6561.0, -25360.0 / 2187.0, 64448.0 / 6561.0, -212.0 / 729.0],
    &[9017.0 / 3168.0, -355.0 / 33.0, 46732.0 / 5247.0, 49.0 / 176.0, -5103.0 / 18656.0],
    &[35.0 / 384.0, 0.0, 500.0 / 1113.0, 125.0 / 192.0, -2187.0 / 6784.0, 11.0 / 84.0],
];
/// Differences between the results of orders 5 and 4.
const ERROR: [f64; 7] = [
    71.0 / 57600.0,
    0.0,
    -71.0 / 16695.0,
    71.0 / 1920.0,
    -17253.0 / 339_200.0,
    22.0 / 525.0,
    -1.0 / 40.0,
];

/// Follow the dynamics from `start` until they rest or `until`.
///
/// # Errors
/// When the start or the end is not possible, or the game not symmetric for a single population.
pub fn replicate(
    game: &Game,
    populations: Populations,
    start: &Mixed,
    until: f64,
    halt: &Halt,
) -> Result<Replicated, ReplicatorError> {
    checked(game, populations, start, until)?;
    let single = populations == Populations::Single;
    let range = game.range();
    let unit = if range > 0.0 { range } else { 1.0 };
    let level = game.level();
    let inner = if range > 0.0 { level.range() } else { 1.0 };
    let mut field = Field { game: &level, single, unit: inner };
    let mut at: Mixed = start.iter().map(|p| p.iter().map(|x| math::log(*x)).collect()).collect();
    let mut sums: Mixed = start.iter().map(|p| vec![0.0; p.len()]).collect();
    // Time is measured in 1 / range while integrating.
    let (mut time, end) = (0.0, until * unit);
    let mut step: f64 = 0.1;
    let mut stop = Stop::Limit;
    let mut rates = field.rates(&at);
    for count in 0..STEPS {
        if field.residual(&at, &rates) <= REST {
            stop = Stop::Converged;
            break;
        }
        if count.is_multiple_of(16) && halt() {
            stop = Stop::TimeLimit;
            break;
        }
        if time >= end {
            break;
        }
        let length = step.min(end - time);
        let (next, error) = field.step(&at, &rates, length);
        if error <= 1.0 {
            let (before, after) = (shares(&at), shares(&next));
            for ((sum, a), b) in sums.iter_mut().zip(&before).zip(&after) {
                for ((sum, a), b) in sum.iter_mut().zip(a).zip(b) {
                    *sum += 0.5 * length * (a + b);
                }
            }
            // What is left of the way may be too small to change the time.
            time = if length < step { end } else { time + length };
            at = next;
            rates = field.rates(&at);
        }
        let factor = if error > 0.0 { 0.9 / math::pow(error, 0.2) } else { 5.0 };
        step = length * factor.clamp(0.2, 5.0);
    }
    let state = shares(&at);
    let residual = residual(game, &state);
    let average = if time > 0.0 { normalised(sums) } else { state.clone() };
    Ok(Replicated {
        state: Equilibrium::new(game, state),
        average: Equilibrium::new(game, average),
        time: time / unit,
        residual,
        stop,
    })
}

fn checked(
    game: &Game,
    populations: Populations,
    start: &Mixed,
    until: f64,
) -> Result<(), ReplicatorError> {
    let sizes: Vec<usize> = start.iter().map(Vec::len).collect();
    let sums = |p: &Vec<f64>| (p.iter().sum::<f64>() - 1.0).abs() <= 1e-9;
    let fits = sizes == game.sizes() && start.iter().all(sums);
    if !fits || start.iter().flatten().any(|x| !(0.0..=1.0).contains(x)) {
        return Err(ReplicatorError::Start);
    }
    if !game.range().is_finite() {
        return Err(ReplicatorError::Range);
    }
    if !(until >= 0.0 && until.is_finite()) {
        return Err(ReplicatorError::Until);
    }
    if populations == Populations::Single && !(symmetric(game) && start[0] == start[1]) {
        return Err(ReplicatorError::NotSymmetric);
    }
    Ok(())
}

/// A bound on the largest rate of change of a share.
fn residual(game: &Game, state: &Mixed) -> f64 {
    let Some(gains) = exact::gains(game, state) else { return f64::INFINITY };
    let of = |(gains, shares): (&Vec<f64>, &Vec<f64>)| {
        let mean: f64 = gains.iter().zip(shares).map(|(gain, x)| gain * x).sum();
        let size: f64 = gains.iter().zip(shares).map(|(gain, x)| gain.abs() * x).sum();
        let error = 4.0 * (gains.len() + 4) as f64 * f64::EPSILON;
        // All terms are of one sign, so their sum is off by a share of itself.
        let rate =
            |(gain, x): (&f64, &f64)| x * ((gain - mean).abs() + error * (gain.abs() + size));
        gains.iter().zip(shares).map(rate).fold(0.0, f64::max)
    };
    gains.iter().zip(state).map(of).fold(0.0, f64::max)
}

/// The rates at which logarithms of shares change.
struct Field<'a> {
    game: &'a Game,
    single: bool,
    unit: f64,
}

impl Field<'_> {
    fn rates(&mut self, at: &Mixed) -> Mixed {
        let shares = shares(at);
        let mut payoffs = self.game.deviations(&shares);
        if self.single {
            // One population, not two that rounding would drive apart.
            payoffs[1] = payoffs[0].clone();
        }
        for (payoffs, shares) in payoffs.iter_mut().zip(&shares) {
            let mean: f64 = payoffs.iter().zip(shares).map(|(u, x)| u * x).sum();
            payoffs.iter_mut().for_each(|u| *u = (*u - mean) / self.unit);
        }
        payoffs
    }

    /// The largest rate of change of a share.
    fn residual(&self, at: &Mixed, rates: &Mixed) -> f64 {
        let shares = shares(at);
        let all = shares.iter().flatten().zip(rates.iter().flatten());
        all.map(|(x, rate)| (x * rate).abs()).fold(0.0, f64::max)
    }

    /// The logarithms after a step, and the error as a multiple of what is allowed.
    fn step(&mut self, at: &Mixed, rates: &Mixed, length: f64) -> (Mixed, f64) {
        let mut slopes = vec![rates.clone()];
        let mut next = at.clone();
        for weights in STAGES {
            next = at.clone();
            for (slope, weight) in slopes.iter().zip(weights) {
                add(&mut next, slope, length * weight);
            }
            slopes.push(self.rates(&next));
        }
        let mut error: Mixed = at.iter().map(|p| vec![0.0; p.len()]).collect();
        for (slope, weight) in slopes.iter().zip(ERROR) {
            add(&mut error, slope, length * weight);
        }
        let pairs = error.iter().flatten().zip(at.iter().flatten());
        let shares =
            pairs.map(|(e, y)| if y.is_finite() { e.abs() / y.abs().max(1.0) } else { 0.0 });
        let worst = shares.fold(0.0, f64::max) / TOLERANCE;
        (next, worst)
    }
}

/// `sum + scale * slope`, where there is something to grow: what is not played stays so.
fn add(sum: &mut Mixed, slope: &Mixed, scale: f64) {
    for (sum, slope) in sum.iter_mut().flatten().zip(slope.iter().flatten()) {
        if sum.is_finite() {
            *sum += scale * slope;
        }
    }
}

/// Shares from their logarithms.
fn shares(logarithms: &Mixed) -> Mixed {
    let of = |logs: &Vec<f64>| {
        let most = logs.iter().fold(f64::NEG_INFINITY, |a, b| a.max(*b));
        logs.iter().map(|y| math::exp(y - most)).collect()
    };
    normalised(logarithms.iter().map(of).collect())
}

/// Scaled to sums of 1.
fn normalised(mut mixed: Mixed) -> Mixed {
    for played in &mut mixed {
        let sum: f64 = played.iter().sum();
        played.iter_mut().for_each(|x| *x /= sum);
    }
    mixed
}

#[cfg(test)]
mod tests {
    use super::super::{Player, never};
    use super::*;

    fn square(size: usize, payoffs: &[f64]) -> Game {
        let player = |name: &str| Player {
            name: name.into(),
            strategies: (0..size).map(|s| format!("{s}")).collect(),
        };
        let players = vec![player("a"), player("b")];
        Game::new("test", players, payoffs.to_vec()).expect("a valid game")
    }

    #[test]
    fn dominance_is_followed_in_closed_form() {
        // With a constant advantage of 1, log-odds grow by 1 per unit of time.
        let game = square(2, &[0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 1.0, 1.0]);
        let start = vec![vec![0.9, 0.1], vec![0.5, 0.5]];
        for time in [0.0, 0.5, 3.0] {
            let found = replicate(&game, Populations::PerPlayer, &start, time, &never);
            let found = found.expect("valid");
            let share = math::logistic(math::log(0.1 / 0.9) + time);
            assert!((found.state.profile[0][1] - share).abs() < 1e-10, "{found:?}");
            assert_eq!((found.time, found.stop), (time, Stop::Limit));
        }
        let found = replicate(&game, Populations::PerPlayer, &start, 1e3, &never).expect("valid");
        assert_eq!(found.stop, Stop::Converged);
        assert!(found.state.regret < 1e-10);
    }

    #[test]
    fn one_population_of_hawks_and_doves_settles_on_the_mix() {
        // V = 2, C = 6: one third are hawks. Two populations would part from there.
        let game = square(2, &[-2.0, -2.0, 0.0, 2.0, 2.0, 0.0, 1.0, 1.0]);
        let start = vec![vec![0.9, 0.1]; 2];
        let found = replicate(&game, Populations::Single, &start, 1e3, &never).expect("valid");
        assert_eq!(found.stop, Stop::Converged);
        assert!((found.state.profile[0][0] - 1.0 / 3.0).abs() < 1e-9, "{found:?}");
    }

    #[test]
    fn rock_paper_scissors_circles_and_its_average_settles() {
        let game = square(
            3,
            &[
                0.0, 0.0, 1.0, -1.0, -1.0, 1.0, -1.0, 1.0, 0.0, 0.0, 1.0, -1.0, 1.0, -1.0, -1.0,
                1.0, 0.0, 0.0,
            ],
        );
        let start = vec![vec![0.5, 0.3, 0.2]; 2];
        let found = replicate(&game, Populations::Single, &start, 500.0, &never).expect("valid");
        assert_eq!(found.stop, Stop::Limit);
        // The product of shares is a constant of motion.
        let product: f64 = found.state.profile[0].iter().product();
        assert!((product / 0.03 - 1.0).abs() < 1e-6, "{product}");
        let average = &found.average.profile[0];
        assert!(average.iter().all(|x| (x - 1.0 / 3.0).abs() < 0.01), "{average:?}");
    }

    #[test]
    fn what_is_not_possible_is_said() {
        let game = square(2, &[0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 1.0, 5.0]);
        let half = vec![vec![0.5, 0.5]; 2];
        let all = [
            (Populations::PerPlayer, vec![vec![0.5, 0.6]; 2], 1.0, ReplicatorError::Start),
            (Populations::PerPlayer, vec![vec![0.5, 0.5]], 1.0, ReplicatorError::Start),
            (Populations::PerPlayer, half.clone(), f64::NAN, ReplicatorError::Until),
            (Populations::Single, half, 1.0, ReplicatorError::NotSymmetric),
        ];
        for (populations, start, until, error) in all {
            assert_eq!(replicate(&game, populations, &start, until, &never), Err(error));
        }
    }
}
