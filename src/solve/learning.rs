//! Play that learns: regret matching and fictitious play.
//!
//! Both are played out in expectation, without chance: every round each player knows the mixes that
//! the others play and what each of its own strategies earns against them. Ties go to the strategy
//! that stands first. They need little memory and many rounds, so they answer for games that are
//! too large for exact methods, and say how far from equilibrium they are.

use super::correlated::{Obedience, residual};
use super::{Equilibrium, Game, Halt, Mixed, Stop};

/// What play has come to.
#[derive(Debug, Clone, PartialEq)]
pub struct Learned {
    /// How often each player has played each strategy, as a profile of independent mixes: the one
    /// with the least regret that was met on the way.
    pub best: Equilibrium,
    /// The joint distribution of what was played, profiles in their order; empty for fictitious
    /// play.
    pub distribution: Vec<f64>,
    /// The most that a player could have gained by playing one strategy always, as a share of the
    /// range of its own payoffs: 0 in a coarse correlated equilibrium (Moulin and Vial 1978). For
    /// fictitious play the regret of `best`.
    pub gap: f64,
    /// Rounds that were played.
    pub rounds: usize,
    /// [`Stop::Converged`] when the gap is as small as asked for.
    pub stop: Stop,
}

/// When to stop.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Patience {
    /// The most rounds, at least 1.
    pub rounds: usize,
    /// Stop when the gap is at most this.
    pub gap: f64,
}

/// Regret matching (Hart and Mas-Colell 2000, in its unconditional form): strategies are played in
/// proportion to what having always played them would have gained, all alike where nothing would.
/// The joint distribution of play approaches the coarse correlated equilibria; in a zero-sum game
/// of two players the mixes approach equilibrium.
pub fn regret_matching(game: &Game, patience: Patience, halt: &Halt) -> Learned {
    let normal = game.normal();
    let mut regrets: Mixed = game.sizes().iter().map(|n| vec![0.0; *n]).collect();
    let mut sums = regrets.clone();
    let mut joint = vec![0.0; game.profiles()];
    let mut best = Best::new(&normal, game.uniform());
    let mut rounds = 0;
    let (stop, distribution, gap) = loop {
        let mixes: Mixed = regrets.iter().map(|r| matched(r)).collect();
        let payoffs = normal.deviations(&mixes);
        for player in 0..mixes.len() {
            let of = payoffs[player].iter().zip(&mixes[player]);
            let mean: f64 = of.map(|(u, p)| u * p).sum();
            for (strategy, u) in payoffs[player].iter().enumerate() {
                regrets[player][strategy] += u - mean;
                sums[player][strategy] += mixes[player][strategy];
            }
        }
        add_product(&mut joint, &mixes);
        rounds += 1;
        let ended = ended(rounds, patience, halt);
        if ended.is_some() || rounds.is_power_of_two() {
            best.keep(&normal, shares(&sums, rounds));
        }
        let reached = largest(&normal, &regrets) <= patience.gap * rounds as f64;
        if reached || ended.is_some() {
            let distribution: Vec<f64> = joint.iter().map(|x| x / rounds as f64).collect();
            let gap = residual(game, Obedience::Coarse, &distribution);
            let stop = if reached { Stop::Converged } else { ended.unwrap_or(Stop::Limit) };
            break (stop, distribution, gap);
        }
    };
    best.keep(&normal, shares(&sums, rounds));
    let best = Equilibrium::new(game, best.profile);
    Learned { best, distribution, gap, rounds, stop }
}

/// Fictitious play (Brown 1951): everyone replies best to how often the others have played what,
/// first to all strategies alike. In two-player zero-sum games, games that are strictly dominated
/// down to one profile, and potential games, these shares approach equilibrium (Robinson 1951;
/// Monderer and Shapley 1996); in others they may circle for ever (Shapley 1964).
pub fn fictitious_play(game: &Game, patience: Patience, halt: &Halt) -> Learned {
    let mut counts: Mixed = game.sizes().iter().map(|n| vec![0.0; *n]).collect();
    let mut beliefs = game.uniform();
    let normal = game.normal();
    let mut best = Best::new(&normal, beliefs.clone());
    let mut payoffs = normal.deviations(&beliefs);
    let (mut rounds, mut fresh) = (0, true);
    let stop = loop {
        for (counts, payoffs) in counts.iter_mut().zip(&payoffs) {
            counts[first_best(payoffs)] += 1.0;
        }
        rounds += 1;
        for (belief, counts) in beliefs.iter_mut().flatten().zip(counts.iter().flatten()) {
            *belief = counts / rounds as f64;
        }
        payoffs = normal.deviations(&beliefs);
        let regret = regret_of(&normal, &payoffs, &beliefs);
        if regret < best.regret {
            best = Best { profile: beliefs.clone(), regret };
            fresh = true;
        }
        if std::mem::take(&mut fresh)
            && best.regret <= patience.gap
            && game.regret(&best.profile) <= patience.gap
        {
            break Stop::Converged;
        }
        if let Some(stop) = ended(rounds, patience, halt) {
            break stop;
        }
    };
    let best = Equilibrium::new(game, best.profile);
    let gap = best.regret;
    Learned { best, distribution: Vec::new(), gap, rounds, stop }
}

/// Why play ends after this many rounds, if it does.
fn ended(rounds: usize, patience: Patience, halt: &Halt) -> Option<Stop> {
    if rounds >= patience.rounds { Some(Stop::Limit) } else { halt().then_some(Stop::TimeLimit) }
}

/// Proportions of what is above 0; all alike where nothing is.
fn matched(regrets: &[f64]) -> Vec<f64> {
    let sum: f64 = regrets.iter().map(|r| r.max(0.0)).sum();
    if sum > 0.0 {
        regrets.iter().map(|r| r.max(0.0) / sum).collect()
    } else {
        vec![1.0 / regrets.len() as f64; regrets.len()]
    }
}

/// The largest regret as a share of the range of the player's payoffs.
fn largest(game: &Game, regrets: &Mixed) -> f64 {
    let of = |(player, regrets): (usize, &Vec<f64>)| {
        let most = regrets.iter().fold(0.0_f64, |a, b| a.max(*b));
        let range = game.range_of(player);
        if range > 0.0 { most / range } else { 0.0 }
    };
    regrets.iter().enumerate().map(of).fold(0.0, f64::max)
}

/// [`Game::regret_near`] from payoffs that are known already.
fn regret_of(game: &Game, payoffs: &Mixed, mixed: &Mixed) -> f64 {
    let of = |player: usize| {
        let best = payoffs[player].iter().fold(f64::NEG_INFINITY, |a, b| a.max(*b));
        let pairs = payoffs[player].iter().zip(&mixed[player]);
        let gain: f64 = pairs.map(|(u, p)| p * (best - u)).sum();
        let range = game.range_of(player);
        if range > 0.0 { gain / range } else { 0.0 }
    };
    (0..mixed.len()).map(of).fold(0.0, f64::max)
}

/// The first of the largest.
fn first_best(payoffs: &[f64]) -> usize {
    let better = |best: usize, s: usize| if payoffs[s] > payoffs[best] { s } else { best };
    (1..payoffs.len()).fold(0, better)
}

/// The profile with the least regret so far, and that regret in ordinary rounding.
struct Best {
    profile: Mixed,
    regret: f64,
}

impl Best {
    fn new(normal: &Game, profile: Mixed) -> Best {
        let regret = normal.regret_near(&profile);
        Best { profile, regret }
    }

    fn keep(&mut self, normal: &Game, profile: Mixed) {
        let found = Best::new(normal, profile);
        if found.regret < self.regret {
            *self = found;
        }
    }
}

/// How often what was played.
fn shares(sums: &Mixed, rounds: usize) -> Mixed {
    let of = |played: &Vec<f64>| played.iter().map(|x| x / rounds as f64).collect();
    sums.iter().map(of).collect()
}

/// Add the probabilities of profiles when players mix independently.
fn add_product(joint: &mut [f64], mixes: &Mixed) {
    let mut products = vec![1.0];
    for mix in mixes {
        products = mix.iter().flat_map(|p| products.iter().map(move |x| x * p)).collect();
    }
    joint.iter_mut().zip(products).for_each(|(sum, p)| *sum += p);
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

    /// Matching pennies with payoffs that make the mixes (1/2, 1/2) and (1/6, 5/6).
    fn pennies() -> Game {
        square(2, &[9.0, -1.0, -1.0, 1.0, -1.0, 1.0, 1.0, -1.0])
    }

    #[test]
    fn regret_matching_approaches_coarse_correlated_equilibrium() {
        let patience = Patience { rounds: 20_000, gap: 0.01 };
        let found = regret_matching(&pennies(), patience, &never);
        assert_eq!(found.stop, Stop::Converged);
        assert!(found.gap <= 0.01, "{found:?}");
        assert!((found.distribution.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        let few = regret_matching(&pennies(), Patience { rounds: 3, gap: 0.0 }, &never);
        assert_eq!((few.rounds, few.stop), (3, Stop::Limit));
    }

    #[test]
    fn fictitious_play_approaches_the_equilibrium_of_zero_sum_games() {
        let zero_sum = square(2, &[1.0, -1.0, -1.0, 1.0, -1.0, 1.0, 1.0, -1.0]);
        let patience = Patience { rounds: 20_000, gap: 0.02 };
        let found = fictitious_play(&zero_sum, patience, &never);
        assert_eq!(found.stop, Stop::Converged);
        assert!(found.gap <= 0.02);
        // Without an end in sight the best that was met is kept: better than the last.
        let found = fictitious_play(&pennies(), Patience { rounds: 100, gap: 0.0 }, &never);
        assert!(found.gap < 0.05 && found.gap == pennies().regret(&found.best.profile));
        assert_eq!(found.stop, Stop::Limit);
    }

    #[test]
    fn halting_keeps_the_best_so_far() {
        let patience = Patience { rounds: 1000, gap: 0.0 };
        for learned in [regret_matching, fictitious_play] {
            let found = learned(&pennies(), patience, &|| true);
            assert_eq!((found.rounds, found.stop), (1, Stop::TimeLimit));
            assert!(found.best.regret <= 1.0);
        }
    }
}
