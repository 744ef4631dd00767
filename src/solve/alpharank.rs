//! alpha-rank: which profiles last when populations revise their strategies.
//!
//! Each player is a population of `m` that plays one strategy; now and then a mutant with another
//! appears and either dies out or takes over, more likely when it earns more (Omidshafiei et al.
//! 2019). That makes a Markov chain over pure profiles, and its stationary distribution ranks them.
//! In a symmetric game of two players one population may play against itself; the chain then runs
//! over strategies.
//!
//! With a mutant that earns `d` more than the residents and `u = alpha d`, it takes over with
//! probability `(1 - exp(-u)) / (1 - exp(-m u))`, `1 / m` at `u = 0`. That is never 0, so the chain
//! is irreducible and has exactly one stationary distribution; it is worked out in numbers that do
//! not become 0 either (`Wide`), by the elimination of Grassmann, Taksar and Heyman (1985), which
//! subtracts nothing. Chains that fall apart in floating-point numbers are no special case.
//!
//! In the limit of strong selection a better mutant takes over with probability `1 - e`, one that
//! earns the same with 1/2 and a worse one with probability `e` (Rowland et al. 2019). With `e = 0`
//! the limit of small `e` is meant: where the chain has several recurrent classes they are weighted
//! by how many mistakes it takes to leave each.

use super::wide::Wide;
use super::{Game, Halt, Stop, TIE};
use crate::math;

/// How strongly payoffs matter.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Selection {
    /// Finite intensity.
    Finite {
        /// Intensity per unit of payoff, above 0.
        alpha: f64,
        /// Size of each population, at least 2.
        population: u32,
    },
    /// Strong selection.
    Limit {
        /// The probability that a worse mutant takes over, in [0, 1/2); 0 for the limit of small
        /// ones.
        mistakes: f64,
    },
}

/// Who revises strategies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Populations {
    /// Every player is a population of its own.
    PerPlayer,
    /// One population plays a symmetric game of two players against itself.
    Single,
}

/// A stationary distribution.
#[derive(Debug, Clone, PartialEq)]
pub struct Ranking {
    /// By profile, first player fastest; by strategy for a single population.
    pub distribution: Vec<f64>,
    /// A bound on the largest difference between what flows into a state and out of it, per step of
    /// the chain; rounding is allowed for.
    pub residual: f64,
    /// [`Stop::Complete`] unless time ran out; the distribution is empty then.
    pub stop: Stop,
}

/// What cannot be ranked.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum RankError {
    /// More states than [`MAX_STATES`].
    TooLarge(usize),
    /// A single population needs a symmetric game of two players.
    NotSymmetric,
    /// Intensity, population size or share of mistakes out of bounds.
    Selection(Selection),
}

impl std::fmt::Display for RankError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            RankError::TooLarge(states) => {
                write!(f, "alpha-rank of {states} profiles; at most {MAX_STATES} are possible")
            }
            RankError::NotSymmetric => {
                write!(f, "a single population needs a symmetric game of two players")
            }
            RankError::Selection(Selection::Finite { alpha, population }) => write!(
                f,
                "alpha {alpha} with populations of {population}: alpha has to be above 0, \
                 populations at least 2, and alpha times population times the range of payoffs at \
                 most {MAX_EXPONENT:e}"
            ),
            RankError::Selection(Selection::Limit { mistakes }) => {
                write!(f, "a share of mistakes of {mistakes} is not in [0, 0.5)")
            }
        }
    }
}

impl std::error::Error for RankError {}

/// The most states of a chain: its matrix takes 64 MB, and time grows with the cube.
pub const MAX_STATES: usize = 2000;
/// The largest alpha times population times range of payoffs.
const MAX_EXPONENT: f64 = 1e9;

/// The stationary distribution of the chain.
///
/// # Errors
/// When the game is too large, or not symmetric for a single population, or `selection` is out of
/// bounds.
pub fn rank(
    game: &Game,
    populations: Populations,
    selection: Selection,
    halt: &Halt,
) -> Result<Ranking, RankError> {
    let single = populations == Populations::Single;
    if single && !symmetric(game) {
        return Err(RankError::NotSymmetric);
    }
    let states = if single { game.sizes()[0] } else { game.profiles() };
    if states > MAX_STATES {
        return Err(RankError::TooLarge(states));
    }
    let inside = match selection {
        Selection::Finite { alpha, population } => {
            let exponent = alpha * f64::from(population) * game.range();
            alpha > 0.0 && alpha.is_finite() && population >= 2 && exponent <= MAX_EXPONENT
        }
        Selection::Limit { mistakes } => (0.0..0.5).contains(&mistakes),
    };
    if !inside {
        return Err(RankError::Selection(selection));
    }
    // In the limit only the order of payoffs counts, which a normal game keeps.
    let normal = matches!(selection, Selection::Limit { .. }).then(|| game.normal());
    let game = normal.as_ref().unwrap_or(game);
    let flow = if single { single_flow(game, selection) } else { flow(game, selection) };
    let Some(mut distribution) = stationary(flow.clone(), halt) else {
        return Ok(Ranking { distribution: Vec::new(), residual: 0.0, stop: Stop::TimeLimit });
    };
    if selection == (Selection::Limit { mistakes: 0.0 }) {
        // What is left of the mistakes that stand in for vanishing ones.
        distribution.iter_mut().filter(|p| **p < 1e-30).for_each(|p| *p = 0.0);
    }
    let residual = imbalance(&flow, &distribution);
    Ok(Ranking { distribution, residual, stop: Stop::Complete })
}

/// Whether two players with the same strategies earn the same in each other's place.
pub fn symmetric(game: &Game) -> bool {
    let [own, others] = game.sizes()[..] else { return false };
    // Quarters, since the range of the largest numbers is not finite.
    let quarter = |player: usize| {
        let payoffs = game.payoffs_of(player).iter().map(|x| x / 4.0);
        payoffs.clone().fold(f64::NEG_INFINITY, f64::max) - payoffs.fold(f64::INFINITY, f64::min)
    };
    let close = 1e-12 * quarter(0).max(quarter(1));
    let same = |a: usize, b: usize| {
        let (mine, mirrored) =
            (game.payoff(game.index(&[a, b]), 0), game.payoff(game.index(&[b, a]), 1));
        mine == mirrored || (mine / 4.0 - mirrored / 4.0).abs() <= close
    };
    own == others && (0..own).all(|a| (0..own).all(|b| same(a, b)))
}

/// The probabilities of going from a state (row) to another (column); nothing on the diagonal.
fn flow(game: &Game, selection: Selection) -> Vec<Vec<Wide>> {
    let sizes = game.sizes();
    let neighbours: usize = sizes.iter().map(|n| n - 1).sum();
    let chance = 1.0 / neighbours.max(1) as f64;
    let of = |profile: usize| {
        let mut row = vec![Wide::ZERO; game.profiles()];
        let played = game.strategies(profile);
        for (player, size) in sizes.iter().enumerate() {
            for strategy in (0..*size).filter(|s| *s != played[player]) {
                let mut other = played.clone();
                other[player] = strategy;
                let other = game.index(&other);
                let gain = game.payoff(other, player) - game.payoff(profile, player);
                let equal = gain.abs() <= TIE * game.range_of(player);
                let gain = if equal { 0.0 } else { gain };
                row[other] = takeover(gain, selection).times(Wide::new(chance));
            }
        }
        row
    };
    (0..game.profiles()).map(of).collect()
}

/// The same between the strategies of one population, whose mutants and residents compare what they
/// earn when they meet.
fn single_flow(game: &Game, selection: Selection) -> Vec<Vec<Wide>> {
    let size = game.sizes()[0];
    let chance = 1.0 / (size - 1).max(1) as f64;
    let close = TIE * game.range_of(0);
    let earns = |own: usize, other: usize| game.payoff(game.index(&[own, other]), 0);
    let of = |resident: usize| {
        let to = |mutant: usize| {
            if mutant == resident {
                return Wide::ZERO;
            }
            let gain = earns(mutant, resident) - earns(resident, mutant);
            let gain = if gain.abs() <= close { 0.0 } else { gain };
            takeover(gain, selection).times(Wide::new(chance))
        };
        (0..size).map(to).collect()
    };
    (0..size).map(of).collect()
}

/// The probability that a mutant who earns `gain` more takes over.
fn takeover(gain: f64, selection: Selection) -> Wide {
    // Standing in for a probability of mistakes that goes to 0: its square cannot be told from 0
    // beside 1, and it still multiplies in exponents.
    const LIMIT: i64 = -200;
    match selection {
        Selection::Finite { alpha, population } => {
            let size = f64::from(population);
            let u = (alpha * gain).abs();
            if u == 0.0 {
                return Wide::new(1.0 / size);
            }
            let up = risen(u) / risen(size * u);
            if gain > 0.0 { Wide::new(up) } else { falling((size - 1.0) * u).times(Wide::new(up)) }
        }
        Selection::Limit { mistakes } => {
            if gain == 0.0 {
                Wide::new(0.5)
            } else if gain > 0.0 {
                Wide::new(1.0 - mistakes)
            } else if mistakes > 0.0 {
                Wide::new(mistakes)
            } else {
                Wide::scaled(1.0, LIMIT)
            }
        }
    }
}

/// `1 - exp(-u)` for `u > 0`, without losing small `u`.
fn risen(u: f64) -> f64 {
    if u > 0.5 {
        return 1.0 - math::exp(-u);
    }
    let mut sum = 1.0;
    for k in (2..=16).rev() {
        sum = 1.0 - sum * u / f64::from(k);
    }
    u * sum
}

/// `exp(-x)` for `x >= 0`, however small.
fn falling(x: f64) -> Wide {
    let halvings = math::floor(x * std::f64::consts::LOG2_E);
    let rest = x - halvings * std::f64::consts::LN_2;
    Wide::scaled(math::exp(-rest), -(halvings as i64))
}

/// The stationary distribution of an irreducible chain by GTH elimination; `None` if halted.
fn stationary(mut flow: Vec<Vec<Wide>>, halt: &Halt) -> Option<Vec<f64>> {
    let states = flow.len();
    for k in (1..states).rev() {
        if halt() {
            return None;
        }
        let (above, rest) = flow.split_at_mut(k);
        let leaving = &rest[0][..k];
        let out = leaving.iter().fold(Wide::ZERO, |sum, p| sum.plus(*p));
        for row in above {
            if row[k] == Wide::ZERO {
                continue;
            }
            // invariant: every state can be left for an earlier one, possibly by way of later
            // states, which are already folded in: `out` is above 0.
            row[k] = row[k].divided(out);
            let share = row[k];
            for (p, onward) in row[..k].iter_mut().zip(leaving) {
                if *onward != Wide::ZERO {
                    *p = p.plus(share.times(*onward));
                }
            }
        }
    }
    let mut weights = vec![Wide::new(1.0); states];
    for k in 1..states {
        let into = (0..k).map(|i| weights[i].times(flow[i][k]));
        weights[k] = into.fold(Wide::ZERO, Wide::plus);
    }
    let sum = weights.iter().fold(Wide::ZERO, |sum, w| sum.plus(*w));
    Some(weights.iter().map(|w| w.over(sum)).collect())
}

/// The largest difference between inflow and outflow of a state.
fn imbalance(flow: &[Vec<Wide>], distribution: &[f64]) -> f64 {
    let one = Wide::new(1.0);
    let mut net = vec![0.0; distribution.len()];
    let mut moving = vec![0.0; distribution.len()];
    for (from, row) in flow.iter().enumerate() {
        for (to, p) in row.iter().enumerate() {
            let moved = distribution[from] * p.over(one);
            net[to] += moved;
            net[from] -= moved;
            moving[to] += moved;
            moving[from] += moved;
        }
    }
    // Each of the 2n additions to a sum is off by at most half a unit of what has been moved.
    let error = (2 * distribution.len() + 4) as f64 * (f64::EPSILON / 2.0);
    let bound = |(net, moving): (&f64, &f64)| net.abs() + error * moving;
    net.iter().zip(&moving).map(bound).fold(0.0, f64::max)
}

#[cfg(test)]
mod tests {
    use super::super::{Player, never};
    use super::*;

    fn game(sizes: &[usize], payoffs: &[f64]) -> Game {
        let of = |n: &usize| Player {
            name: format!("of {n}"),
            strategies: (0..*n).map(|s| format!("{s}")).collect(),
        };
        Game::new("test", sizes.iter().map(of).collect(), payoffs.to_vec()).expect("a valid game")
    }

    #[test]
    fn two_strict_equilibria_are_weighed_by_what_it_takes_to_leave_them() {
        // Battle of the sexes: both are left for the other by the same two steps, one of them by a
        // mutant who loses 2 and one who loses 3.
        let sexes = game(&[2, 2], &[3.0, 2.0, 0.0, 0.0, 0.0, 0.0, 2.0, 3.0]);
        for alpha in [0.1, 1.0, 10.0, 1000.0] {
            let selection = Selection::Finite { alpha, population: 50 };
            let found = rank(&sexes, Populations::PerPlayer, selection, &never).expect("valid");
            assert!((found.distribution[0] - found.distribution[3]).abs() < 1e-9, "{found:?}");
            assert!(found.residual < 1e-15);
        }
        let limit = Selection::Limit { mistakes: 0.0 };
        let found = rank(&sexes, Populations::PerPlayer, limit, &never).expect("valid");
        assert_eq!(found.distribution, [0.5, 0.0, 0.0, 0.5]);
    }

    #[test]
    fn the_risk_dominant_equilibrium_lasts_under_strong_selection() {
        // Stag hunt: leaving (hare, hare) loses 3, leaving (stag, stag) loses 1. At finite strong
        // selection sizes of losses count; with equal mistakes they do not.
        let hunt = game(&[2, 2], &[4.0, 4.0, 3.0, 0.0, 0.0, 3.0, 3.0, 3.0]);
        let strong = Selection::Finite { alpha: 5.0, population: 100 };
        let found = rank(&hunt, Populations::PerPlayer, strong, &never).expect("valid");
        assert!(found.distribution[3] > 1.0 - 1e-12, "{found:?}");
        let limit = Selection::Limit { mistakes: 0.0 };
        let found = rank(&hunt, Populations::PerPlayer, limit, &never).expect("valid");
        assert!((found.distribution[0] - 0.5).abs() < 1e-12, "{found:?}");
    }

    #[test]
    fn bounds_are_stated() {
        let wide = game(&[50, 50], &vec![0.0; 5000]);
        let limit = Selection::Limit { mistakes: 0.0 };
        let found = rank(&wide, Populations::PerPlayer, limit, &never);
        assert_eq!(found, Err(RankError::TooLarge(2500)));
        let uneven = game(&[2, 2], &[1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
        let found = rank(&uneven, Populations::Single, limit, &never);
        assert_eq!(found, Err(RankError::NotSymmetric));
        for selection in [
            Selection::Limit { mistakes: 0.5 },
            Selection::Finite { alpha: 0.0, population: 5 },
            Selection::Finite { alpha: f64::NAN, population: 5 },
            Selection::Finite { alpha: 1.0, population: 1 },
            Selection::Finite { alpha: 1e9, population: 100 },
        ] {
            let found = rank(&uneven, Populations::PerPlayer, selection, &never);
            assert!(matches!(found, Err(RankError::Selection(_))), "{selection:?}");
        }
    }

    #[test]
    fn halting_leaves_no_half_answer() {
        let sexes = game(&[2, 2], &[3.0, 2.0, 0.0, 0.0, 0.0, 0.0, 2.0, 3.0]);
        let limit = Selection::Limit { mistakes: 0.0 };
        let found = rank(&sexes, Populations::PerPlayer, limit, &|| true).expect("valid");
        assert_eq!((found.stop, found.distribution.len()), (Stop::TimeLimit, 0));
    }
}
