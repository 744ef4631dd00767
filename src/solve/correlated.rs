//! Correlated and coarse correlated equilibria by linear programs.

use super::dominance::{Dominance, dominance};
use super::exact;
use super::lp::{Program, Row};
use super::{Game, Halt, Stop, Unsuited};

/// What a player may do with its recommendation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Obedience {
    /// A player that is told what to play may play something else (Aumann, "Subjectivity and
    /// correlation in randomized strategies", *Journal of Mathematical Economics* 1, 1974).
    Correlated,
    /// A player may only refuse to listen at all, and play one strategy whatever it would have been
    /// told (Moulin and Vial, *International Journal of Game Theory* 7, 1978).
    Coarse,
}

/// What is made as large as possible.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Objective {
    /// The sum of all payoffs.
    Welfare,
    /// The payoff of one player.
    Player(usize),
    /// Nothing: any equilibrium will do.
    Nothing,
}

/// A distribution over profiles that nobody wants to leave.
#[derive(Debug, Clone, PartialEq)]
pub struct Correlated {
    /// The probability of each profile; empty if none was found.
    pub distribution: Vec<f64>,
    /// The expectation of what was asked for; of welfare where nothing was.
    pub value: f64,
    /// Expected payoff by player.
    pub payoffs: Vec<f64>,
    /// The most that a player can gain by disobeying, as a share of the range of its own payoffs;
    /// see [`residual`].
    pub residual: f64,
    /// `Complete` when the linear program was solved to its optimum.
    pub stop: Stop,
}

/// The most numbers of the linear program.
const MAX_NUMBERS: usize = 20_000_000;

/// So many numbers of the linear program at most, and mixtures are asked whether they dominate.
const MIXED: usize = 200_000;

/// The equilibrium with the largest objective, or with the least.
///
/// A correlated equilibrium recommends no strategy that iterated strict dominance eliminates. Those
/// are left out first, without which small gains in long chains of them get lost in tolerances.
///
/// # Errors
/// When the linear program would be too large, there is no such player, or what is to be largest
/// is no finite number somewhere.
pub fn correlated(
    game: &Game,
    obedience: Obedience,
    objective: Objective,
    least: bool,
    halt: &Halt,
) -> Result<Correlated, Unsuited> {
    let profiles = game.profiles();
    let sizes = game.sizes();
    // A recommendation concerns only the profiles in which it is made, so that both programs have
    // as many numbers as if every strategy had one full row.
    let rows: usize = sizes.iter().sum();
    if rows.saturating_mul(profiles) > MAX_NUMBERS {
        return Err(Unsuited(format!(
            "the linear program has {profiles} variables in {rows} rows or more, which is too many"
        )));
    }
    if matches!(objective, Objective::Player(player) if player >= sizes.len()) {
        return Err(Unsuited(format!("there are {} players", sizes.len())));
    }
    let worth = |profile: usize| -> f64 {
        let all = || (0..sizes.len()).map(|p| game.payoff(profile, p)).sum();
        match objective {
            Objective::Player(player) => game.payoff(profile, player),
            Objective::Welfare | Objective::Nothing => all(),
        }
    };
    let worths: Vec<f64> = (0..profiles).map(worth).collect();
    if worths.iter().any(|worth| !worth.is_finite()) {
        return Err(Unsuited(
            "the sum of all payoffs is no finite number in some profile; ask for one player with \
             --maximise or --minimise, or divide all payoffs by a common number"
                .into(),
        ));
    }
    let left = match obedience {
        Obedience::Correlated => {
            let mixed = rows.saturating_mul(profiles) <= MIXED;
            dominance(game, Dominance::Strict, mixed, halt).strategies
        }
        // who refuses to listen may play a strategy that is dominated
        Obedience::Coarse => sizes.iter().map(|n| (0..*n).collect()).collect(),
    };
    let within = game.profiles_within(&left);
    let sign = match (objective, least) {
        (Objective::Nothing, _) => 0.0,
        (_, true) => -1.0,
        (_, false) => 1.0,
    };
    let goals: Vec<f64> = within.iter().map(|k| worths[*k]).collect();
    let goals: Vec<f64> = shares(&goals).into_iter().map(|goal| sign * goal).collect();
    let program = program(&game.restrict(&left).normal(), obedience, &goals);
    Ok(match program.solve(halt) {
        Ok(values) => {
            let mut all = vec![0.0; profiles];
            within.iter().zip(values).for_each(|(k, p)| all[*k] = p);
            finish(game, obedience, all, &worths)
        }
        Err(stop) => Correlated {
            distribution: Vec::new(),
            value: f64::NAN,
            payoffs: Vec::new(),
            residual: f64::NAN,
            stop,
        },
    })
}

/// Numbers as shares of the way from the smallest to the largest, which leaves an optimum where it
/// is; 0 where all are the same.
fn shares(numbers: &[f64]) -> Vec<f64> {
    let base = numbers.iter().fold(f64::INFINITY, |a, b| a.min(*b));
    let top = numbers.iter().fold(f64::NEG_INFINITY, |a, b| a.max(*b));
    // Halves where the difference of the largest numbers is not finite.
    let half = if (top - base).is_finite() { 1.0 } else { 0.5 };
    let range = top * half - base * half;
    let share = |x: &f64| if range > 0.0 { (x * half - base * half) / range } else { 0.0 };
    numbers.iter().map(share).collect()
}

/// The linear program over distributions that nobody gains by disobeying, of a normal game.
fn program(game: &Game, obedience: Obedience, goals: &[f64]) -> Program {
    let (profiles, sizes) = (game.profiles(), game.sizes());
    let mut program = Program::maximise(goals);
    let everything: Vec<(usize, f64)> = (0..profiles).map(|k| (k, 1.0)).collect();
    program.row(&everything, Row::Equal, 1.0);
    for (player, size) in sizes.iter().enumerate() {
        let range = game.range_of(player);
        if range == 0.0 {
            continue;
        }
        for other in 0..*size {
            let loss = losses(game, player, other, range);
            let mut add = |told: Option<usize>| {
                let told = loss.iter().filter(|(_, s, _)| told.is_none_or(|told| told == *s));
                let terms: Vec<(usize, f64)> = told.map(|(k, _, d)| (*k, *d)).collect();
                program.row(&terms, Row::AtLeast, 0.0);
            };
            match obedience {
                Obedience::Correlated => {
                    (0..*size).filter(|t| *t != other).for_each(|t| add(Some(t)))
                }
                Obedience::Coarse => add(None),
            }
        }
    }
    program
}

/// By profile: its number, what the player is told in it, and what it loses, as a share of its
/// range, by playing `other` instead.
fn losses(game: &Game, player: usize, other: usize, range: f64) -> Vec<(usize, usize, f64)> {
    let sizes = game.sizes();
    let stride: usize = sizes[..player].iter().product();
    let of = |profile: usize| {
        let told = profile / stride % sizes[player];
        let instead = profile - told * stride + other * stride;
        let loss = game.payoff(profile, player) - game.payoff(instead, player);
        (profile, told, loss / range)
    };
    (0..game.profiles()).map(of).collect()
}

fn finish(game: &Game, obedience: Obedience, values: Vec<f64>, worths: &[f64]) -> Correlated {
    let positive: Vec<f64> = values.into_iter().map(|p| p.max(0.0)).collect();
    let sum: f64 = positive.iter().sum();
    let distribution: Vec<f64> = positive.into_iter().map(|p| p / sum).collect();
    let mean = |numbers: &[f64]| exact::mean(numbers, &distribution);
    let value = mean(worths);
    let payoffs = (0..game.players().len()).map(|p| mean(game.payoffs_of(p))).collect();
    let residual = residual(game, obedience, &distribution);
    Correlated { distribution, value, payoffs, residual, stop: Stop::Complete }
}

/// The most that anybody gains by disobeying, as a share of the range of its own payoffs: over all
/// recommendations at once, each answered by the best deviation. Worked out without rounding from
/// the probabilities divided by their sum, then rounded up: 0 is exactly 0. Infinite where these
/// are no probabilities.
pub fn residual(game: &Game, obedience: Obedience, distribution: &[f64]) -> f64 {
    exact::disobedience(game, obedience, distribution)
}

#[cfg(test)]
mod tests {
    use super::super::{Player, never};
    use super::*;

    /// The traveller's dilemma: both are paid the lower of two claims, and who claimed less gets a
    /// bonus from the other.
    #[test]
    fn long_chains_of_dominance_do_not_get_lost_in_tolerances() {
        let claims: Vec<f64> = (2..14).map(f64::from).collect();
        let player = |name: &str| Player {
            name: name.into(),
            strategies: claims.iter().map(f64::to_string).collect(),
        };
        let pay = |own: f64, other: f64| match own.total_cmp(&other) {
            std::cmp::Ordering::Less => own + 1.01,
            std::cmp::Ordering::Equal => own,
            std::cmp::Ordering::Greater => other - 1.01,
        };
        let pairs = || claims.iter().flat_map(|b| claims.iter().map(move |a| (*a, *b)));
        let payoffs = pairs().flat_map(|(a, b)| [pay(a, b), pay(b, a)]);
        let players = vec![player("first"), player("second")];
        let game = Game::new("traveller", players, payoffs.collect()).expect("a valid game");
        for least in [false, true] {
            let found = correlated(&game, Obedience::Correlated, Objective::Welfare, least, &never);
            let found = found.expect("a small game");
            assert_eq!((found.stop, found.value), (Stop::Complete, 4.0));
            assert_eq!(found.distribution[0], 1.0);
        }
    }
}
