//! A game in normal form: players, strategies, payoffs.

use std::fmt;

use serde::Serialize;

use super::exact::{self, scaled_by};

/// Probabilities by player and strategy; those of a player sum to 1.
pub type Mixed = Vec<Vec<f64>>;

/// Who plays, and what there is to choose from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Player {
    /// Name.
    pub name: String,
    /// Names of strategies, at least one.
    pub strategies: Vec<String>,
}

/// A finite game in normal form.
///
/// A profile is one strategy of each player. Profiles are numbered as in Gambit's `.nfg` files: the
/// strategy of the first player changes fastest. Payoffs are finite.
#[derive(Debug, Clone, PartialEq)]
pub struct Game {
    /// What the game is called.
    pub title: String,
    players: Vec<Player>,
    /// By player, then profile.
    payoffs: Vec<f64>,
    profiles: usize,
}

/// Why there is no such game.
#[derive(Debug, Clone, PartialEq)]
pub enum GameError {
    /// No players, or more than [`Game::MAX_PLAYERS`].
    Players(usize),
    /// A player without strategies.
    NoStrategies {
        /// Which player, from 0.
        player: usize,
    },
    /// Profiles times players exceed [`Game::MAX_PAYOFFS`]; the product, where it can be counted.
    TooLarge(Option<usize>),
    /// The number of payoffs is not that of profiles times players.
    Count {
        /// Profiles times players.
        expected: usize,
        /// What was given.
        found: usize,
    },
    /// A payoff that is infinite or not a number.
    NotFinite {
        /// Which profile, in the order of profiles.
        profile: usize,
        /// Which player, from 0.
        player: usize,
    },
}

impl fmt::Display for GameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            GameError::Players(0) => write!(f, "a game needs players"),
            GameError::Players(n) => {
                write!(f, "{n} players are too many, the limit is {}", Game::MAX_PLAYERS)
            }
            GameError::NoStrategies { player } => {
                write!(f, "player {} has no strategies", player + 1)
            }
            GameError::TooLarge(found) => {
                match found {
                    Some(found) => write!(f, "{found} payoffs are too many")?,
                    None => write!(f, "too many payoffs to count")?,
                }
                write!(f, "; profiles times players may be at most {}", Game::MAX_PAYOFFS)
            }
            GameError::Count { expected, found } => {
                write!(f, "{found} payoffs where profiles times players are {expected}")
            }
            GameError::NotFinite { profile, player } => {
                let (player, profile) = (player + 1, profile + 1);
                write!(f, "the payoff of player {player} in profile {profile} is not finite")
            }
        }
    }
}

impl std::error::Error for GameError {}

impl Game {
    /// The most players of a game.
    pub const MAX_PLAYERS: usize = 64;
    /// The most payoffs of a game, profiles times players (32 MB).
    pub const MAX_PAYOFFS: usize = 1 << 22;

    /// A game from its payoffs, profile by profile in the order of `.nfg` files, each profile the
    /// payoffs of all players in their order.
    ///
    /// # Errors
    /// When sizes are out of bounds or do not agree, or a payoff is not finite.
    pub fn new(
        title: impl Into<String>,
        players: Vec<Player>,
        payoffs: Vec<f64>,
    ) -> Result<Game, GameError> {
        let sizes: Vec<usize> = players.iter().map(|p| p.strategies.len()).collect();
        let expected = Game::size(&sizes)?;
        if payoffs.len() != expected {
            return Err(GameError::Count { expected, found: payoffs.len() });
        }
        let count = players.len();
        if let Some(at) = payoffs.iter().position(|p| !p.is_finite()) {
            return Err(GameError::NotFinite { profile: at / count, player: at % count });
        }
        let of = |player: usize| payoffs.iter().skip(player).step_by(count).copied();
        let by_player = (0..count).flat_map(of).collect();
        let profiles = expected / count;
        Ok(Game { title: title.into(), players, payoffs: by_player, profiles })
    }

    /// How many payoffs a game with these numbers of strategies has.
    ///
    /// # Errors
    /// When sizes are out of bounds.
    pub fn size(sizes: &[usize]) -> Result<usize, GameError> {
        if sizes.is_empty() || sizes.len() > Game::MAX_PLAYERS {
            return Err(GameError::Players(sizes.len()));
        }
        if let Some(player) = sizes.iter().position(|s| *s == 0) {
            return Err(GameError::NoStrategies { player });
        }
        let all = sizes.iter().try_fold(sizes.len(), |product, s| product.checked_mul(*s));
        all.filter(|all| *all <= Game::MAX_PAYOFFS).ok_or(GameError::TooLarge(all))
    }

    /// Who plays.
    pub fn players(&self) -> &[Player] {
        &self.players
    }

    /// Numbers of strategies by player.
    pub fn sizes(&self) -> Vec<usize> {
        self.players.iter().map(|p| p.strategies.len()).collect()
    }

    /// The number of profiles.
    pub fn profiles(&self) -> usize {
        self.profiles
    }

    /// The payoff of a player in a profile, both numbered from 0.
    pub fn payoff(&self, profile: usize, player: usize) -> f64 {
        self.payoffs[player * self.profiles + profile]
    }

    /// The payoffs of a player by profile.
    pub fn payoffs_of(&self, player: usize) -> &[f64] {
        &self.payoffs[player * self.profiles..(player + 1) * self.profiles]
    }

    /// The number of a profile from the strategies that are played.
    pub fn index(&self, strategies: &[usize]) -> usize {
        let sizes = self.players.iter().map(|p| p.strategies.len());
        let pairs: Vec<(usize, usize)> = sizes.zip(strategies.iter().copied()).collect();
        pairs.iter().rev().fold(0, |index, (size, strategy)| index * size + strategy)
    }

    /// The strategies of a profile by its number; inverse of [`Game::index`].
    pub fn strategies(&self, mut profile: usize) -> Vec<usize> {
        let of = |player: &Player| {
            let size = player.strategies.len();
            let strategy = profile % size;
            profile /= size;
            strategy
        };
        self.players.iter().map(of).collect()
    }

    /// A profile of pure strategies as probabilities.
    pub fn pure(&self, strategies: &[usize]) -> Mixed {
        let of = |(player, played): (&Player, &usize)| {
            let size = player.strategies.len();
            (0..size).map(|s| f64::from(u8::from(s == *played))).collect()
        };
        self.players.iter().zip(strategies).map(of).collect()
    }

    /// The game in which players have only some of their strategies, given by number in ascending
    /// order, at least one each.
    pub fn restrict(&self, left: &[Vec<usize>]) -> Game {
        let of = |(player, left): (&Player, &Vec<usize>)| Player {
            name: player.name.clone(),
            strategies: left.iter().map(|s| player.strategies[*s].clone()).collect(),
        };
        let players: Vec<Player> = self.players.iter().zip(left).map(of).collect();
        let numbers = self.profiles_within(left);
        let of = |player: usize| numbers.iter().map(move |k| self.payoffs_of(player)[*k]);
        let payoffs = (0..players.len()).flat_map(of).collect();
        Game { title: self.title.clone(), players, payoffs, profiles: numbers.len() }
    }

    /// The game among some players, ascending and at least one, while the others play their first
    /// strategy.
    pub fn only(&self, players: &[usize]) -> Game {
        let of = |(player, size): (usize, usize)| {
            if players.contains(&player) { (0..size).collect() } else { vec![0] }
        };
        let left: Vec<Vec<usize>> = self.sizes().into_iter().enumerate().map(of).collect();
        let numbers = self.profiles_within(&left);
        let payoffs = players.iter().flat_map(|p| numbers.iter().map(|k| self.payoffs_of(*p)[*k]));
        let payoffs = payoffs.collect();
        let players = players.iter().map(|p| self.players[*p].clone()).collect();
        Game { title: self.title.clone(), players, payoffs, profiles: numbers.len() }
    }

    /// The profiles of the game that is restricted to `left`, by their numbers in this game.
    pub fn profiles_within(&self, left: &[Vec<usize>]) -> Vec<usize> {
        let mut numbers = vec![0];
        let mut stride = 1;
        for (player, left) in self.players.iter().zip(left) {
            let with = |s: &usize| numbers.iter().map(|k| k + s * stride).collect::<Vec<_>>();
            numbers = left.iter().flat_map(with).collect();
            stride *= player.strategies.len();
        }
        numbers
    }

    /// A profile of a game that was restricted to `left` as one of this game.
    pub fn extend(&self, mixed: &Mixed, left: &[Vec<usize>]) -> Mixed {
        let of = |(player, (mix, left)): (&Player, (&Vec<f64>, &Vec<usize>))| {
            let mut all = vec![0.0; player.strategies.len()];
            left.iter().zip(mix).for_each(|(s, p)| all[*s] = *p);
            all
        };
        self.players.iter().zip(mixed.iter().zip(left)).map(of).collect()
    }

    /// The profile in which every player plays every strategy with the same probability.
    pub fn uniform(&self) -> Mixed {
        let of = |n: usize| vec![1.0 / n as f64; n];
        self.sizes().into_iter().map(of).collect()
    }

    /// The largest range of the payoffs of any player. What one player gets more than another in
    /// every profile does not count.
    pub fn range(&self) -> f64 {
        (0..self.players.len()).map(|player| self.range_of(player)).fold(0.0, f64::max)
    }

    /// The largest payoff of a player less its smallest; infinite where the difference is larger
    /// than any number.
    pub fn range_of(&self, player: usize) -> f64 {
        span(self.payoffs_of(player))
    }

    /// The game in which every player's payoffs begin at 0 and have a range from 1 to below 2: what
    /// a player always gets is taken off, and the rest scaled by a power of two of its own. To
    /// somebody who chooses it is the same game, and sums of its payoffs neither overflow nor hide
    /// small differences behind large numbers.
    pub(super) fn normal(&self) -> Game {
        self.adjusted(|player| self.range_parts(player).1)
    }

    /// The same with one power of two for all players, so that nobody's range is above 2 and ranges
    /// compare as they did.
    pub(super) fn level(&self) -> Game {
        let most = (0..self.players.len()).map(|player| self.range_parts(player));
        let most = most.filter(|(range, _)| *range > 0.0).map(|(_, power)| power).max();
        self.adjusted(|_| most.unwrap_or(0))
    }

    fn adjusted(&self, power: impl Fn(usize) -> i64) -> Game {
        let mut payoffs = Vec::with_capacity(self.payoffs.len());
        for player in 0..self.players.len() {
            let (own, power) = (self.payoffs_of(player), power(player));
            let (least, halves) = (smallest(own), halves(own));
            let less = |x: &f64| x * halves - least * halves;
            // 0.25 is 2^-2
            let power = if halves == 1.0 { power } else { power - 2 };
            payoffs.extend(own.iter().map(|x| scaled_by(less(x), -power)));
        }
        let (title, players) = (self.title.clone(), self.players.clone());
        Game { title, players, payoffs, profiles: self.profiles }
    }

    /// The range of a player as a number in [1, 2) and the power of two that it is multiplied by.
    fn range_parts(&self, player: usize) -> (f64, i64) {
        let own = self.payoffs_of(player);
        let halves = halves(own);
        let most = own.iter().fold(f64::NEG_INFINITY, |a, b| a.max(*b));
        // Above the numbers that lose digits near 0; exact.
        let range = most * halves - smallest(own) * halves;
        if range == 0.0 {
            return (0.0, 0);
        }
        let lifted = if range < f64::MIN_POSITIVE { scaled_by(range, 100) } else { range };
        let power = (lifted.to_bits() >> 52) as i64 - 1023;
        let lift = if range < f64::MIN_POSITIVE { 100 } else { 0 };
        let mantissa = scaled_by(lifted, -power);
        (mantissa, power - lift + if halves == 1.0 { 0 } else { 2 })
    }

    /// The expected payoff by player.
    pub fn expected(&self, mixed: &Mixed) -> Vec<f64> {
        let of = |player| self.contract(player, mixed, |_| false)[0];
        (0..self.players.len()).map(of).collect()
    }

    /// By player and strategy the expected payoff of playing it while the others play `mixed`.
    pub fn deviations(&self, mixed: &Mixed) -> Vec<Vec<f64>> {
        let of = |player| self.contract(player, mixed, |kept| kept == player);
        (0..self.players.len()).map(of).collect()
    }

    /// The expected payoff of `player` for each of its strategies and each of `other`'s, while all
    /// others play `mixed`: by strategy of `player`, then of `other`. These are the derivatives of
    /// [`Game::deviations`] by the probabilities of `other`, who is not `player`.
    pub fn slopes(&self, mixed: &Mixed, player: usize, other: usize) -> Vec<Vec<f64>> {
        let table = self.contract(player, mixed, |kept| kept == player || kept == other);
        let own = self.players[player].strategies.len();
        let others = self.players[other].strategies.len();
        let (step, next) = if player < other { (1, own) } else { (others, 1) };
        let of = |s: usize| (0..others).map(|t| table[s * step + t * next]).collect();
        (0..own).map(of).collect()
    }

    /// How much a player could gain by deviating, as a share of the range of its own payoffs: the
    /// largest such share of any player. At 0 nobody can gain, and `mixed` is a Nash equilibrium.
    ///
    /// It is worked out without rounding, from the payoffs and from probabilities divided by their
    /// sums, and then rounded up to the next number: 0 is exactly 0, and no other value is below
    /// the true one. The share does not change with the scale of anyone's payoffs. A player whose
    /// payoffs are all the same has nothing to gain. Infinite where `mixed` is no profile.
    pub fn regret(&self, mixed: &Mixed) -> f64 {
        exact::certificate(self, mixed).regret
    }

    /// The same in ordinary rounding: quick enough to choose among many profiles by, and near
    /// enough where the game is a [`Game::normal`] one. No certificate.
    pub(super) fn regret_near(&self, mixed: &Mixed) -> f64 {
        let deviations = self.deviations(mixed);
        let of = |(player, values): (usize, &Vec<f64>)| {
            let best = values.iter().fold(f64::NEG_INFINITY, |a, b| a.max(*b));
            // The gain strategy by strategy, so that equal payoffs differ by exactly nothing.
            let gain = values.iter().zip(&mixed[player]).map(|(v, p)| p * (best - v));
            let range = self.range_of(player);
            if range > 0.0 { gain.sum::<f64>() / range } else { 0.0 }
        };
        deviations.iter().enumerate().map(of).fold(0.0, f64::max)
    }

    /// The payoffs of a player summed over the strategies of everyone who is not kept, weighted by
    /// their probabilities: a table over the strategies of those who are, first of them fastest.
    fn contract(&self, player: usize, mixed: &Mixed, keep: impl Fn(usize) -> bool) -> Vec<f64> {
        let mut table: Vec<f64>;
        let mut source: &[f64] = self.payoffs_of(player);
        let mut inner = self.profiles;
        for (other, probabilities) in mixed.iter().enumerate().rev() {
            inner /= probabilities.len();
            if keep(other) {
                continue;
            }
            let mut sums = vec![0.0; source.len() / probabilities.len()];
            let blocks = source.chunks_exact(inner * probabilities.len());
            for (block, sums) in blocks.zip(sums.chunks_exact_mut(inner)) {
                for (row, p) in block.chunks_exact(inner).zip(probabilities) {
                    if *p != 0.0 {
                        sums.iter_mut().zip(row).for_each(|(sum, x)| *sum += p * x);
                    }
                }
            }
            table = sums;
            source = &table;
        }
        source.to_vec()
    }
}

/// What numbers are to be multiplied by for their differences to be finite.
fn halves(numbers: &[f64]) -> f64 {
    let large = numbers.iter().any(|x| x.abs() > f64::MAX / 4.0);
    if large { 0.25 } else { 1.0 }
}

fn smallest(numbers: &[f64]) -> f64 {
    numbers.iter().fold(f64::INFINITY, |a, b| a.min(*b))
}

/// The largest number less the smallest; 0 without numbers.
fn span(numbers: &[f64]) -> f64 {
    let most = numbers.iter().fold(f64::NEG_INFINITY, |a, b| a.max(*b));
    if numbers.is_empty() { 0.0 } else { most - smallest(numbers) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn game() -> Game {
        let player = |name: &str, n: usize| Player {
            name: name.into(),
            strategies: (0..n).map(|s| format!("{s}")).collect(),
        };
        let players = vec![player("a", 2), player("b", 3), player("c", 2)];
        let payoffs = (0..36).map(|k| f64::from((k * 7919) % 101)).collect();
        Game::new("three", players, payoffs).expect("a valid game")
    }

    #[test]
    fn profiles_are_numbered_with_the_first_player_fastest() {
        let game = game();
        assert_eq!(game.strategies(1), [1, 0, 0]);
        assert_eq!(game.strategies(2), [0, 1, 0]);
        assert_eq!(game.strategies(11), [1, 2, 1]);
        for profile in 0..game.profiles() {
            let strategies = game.strategies(profile);
            assert_eq!(game.index(&strategies), profile);
            let payoffs: Vec<f64> = (0..3).map(|p| game.payoff(profile, p)).collect();
            assert_eq!(game.expected(&game.pure(&strategies)), payoffs);
        }
    }

    #[test]
    fn expectations_are_sums_over_profiles() {
        let game = game();
        let mixed = vec![vec![0.25, 0.75], vec![0.5, 0.125, 0.375], vec![0.625, 0.375]];
        let share = |profile: usize, skip: &[usize]| -> f64 {
            let strategies = game.strategies(profile);
            let kept = (0..3).filter(|p| !skip.contains(p));
            kept.map(|p| mixed[p][strategies[p]]).product()
        };
        let deviations = game.deviations(&mixed);
        for player in 0..3 {
            let all = (0..game.profiles()).map(|k| share(k, &[]) * game.payoff(k, player));
            assert!((game.expected(&mixed)[player] - all.sum::<f64>()).abs() < 1e-12);
            for other in (0..3).filter(|o| *o != player) {
                let slopes = game.slopes(&mixed, player, other);
                for profile in 0..game.profiles() {
                    let [s, t] = [player, other].map(|p| game.strategies(profile)[p]);
                    let same = (0..game.profiles()).filter(|k| {
                        let found = game.strategies(*k);
                        (found[player], found[other]) == (s, t)
                    });
                    let sum: f64 =
                        same.map(|k| share(k, &[player, other]) * game.payoff(k, player)).sum();
                    assert!((slopes[s][t] - sum).abs() < 1e-12);
                    let total: f64 = slopes[s].iter().zip(&mixed[other]).map(|(a, b)| a * b).sum();
                    assert!((deviations[player][s] - total).abs() < 1e-12);
                }
            }
        }
    }

    #[test]
    fn a_restricted_game_has_the_payoffs_of_what_is_left() {
        let game = game();
        let left = vec![vec![1], vec![0, 2], vec![0, 1]];
        let small = game.restrict(&left);
        assert_eq!(small.sizes(), [1, 2, 2]);
        for profile in 0..small.profiles() {
            let mixed = game.extend(&small.pure(&small.strategies(profile)), &left);
            let payoffs: Vec<f64> = (0..3).map(|p| small.payoff(profile, p)).collect();
            assert_eq!(game.expected(&mixed), payoffs);
        }
    }

    #[test]
    fn sizes_are_bounded_before_anything_is_stored() {
        assert_eq!(Game::size(&[2, 3]), Ok(12));
        assert_eq!(Game::size(&[1000, 1000, 1000]), Err(GameError::TooLarge(Some(3_000_000_000))));
        assert_eq!(Game::size(&[usize::MAX, 3]), Err(GameError::TooLarge(None)));
        assert_eq!(Game::size(&[]), Err(GameError::Players(0)));
        assert_eq!(Game::size(&[2, 0]), Err(GameError::NoStrategies { player: 1 }));
    }
}
