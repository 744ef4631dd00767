//! Expected payoffs of every pair of strategies at once.
//!
//! Following an equilibrium needs, at every step, the payoff of each strategy of a player against
//! each strategy of each other player while the rest mix. Working these tables out one by one sums
//! over the whole game once per pair of players. Here players are summed out in halves: what is
//! left after half of the others are gone serves all tables of the other half, so the whole costs
//! little more than two passes over the payoffs of each player.

use super::{Game, Mixed};

/// The payoffs of a game, arranged for summing out players.
#[derive(Debug, Clone)]
pub(super) struct Marginals {
    sizes: Vec<usize>,
    /// By player: its payoffs less its smallest, divided by the range of the game; its own strategy
    /// changes fastest, then those of the others in their order.
    payoffs: Vec<Vec<f64>>,
}

/// Expected payoffs against one profile of mixes, in units of the range of the game.
#[derive(Debug, Clone)]
pub(super) struct Expected {
    /// By player and strategy: the payoff of playing it.
    pub deviations: Vec<Vec<f64>>,
    /// By player, then other player: the payoff by strategy of the other and own strategy, the
    /// latter fastest. Empty for the player itself.
    pub pairs: Vec<Vec<Vec<f64>>>,
}

impl Marginals {
    /// The payoffs of `game`.
    pub fn new(game: &Game) -> Marginals {
        let sizes = game.sizes();
        let level = game.level();
        let range = if level.range() > 0.0 { level.range() } else { 1.0 };
        let payoffs = (0..sizes.len()).map(|player| arranged(&level, player, range)).collect();
        Marginals { sizes, payoffs }
    }

    /// Numbers of strategies by player.
    pub fn sizes(&self) -> &[usize] {
        &self.sizes
    }

    /// Expected payoffs against `mixed`.
    pub fn expected(&self, mixed: &Mixed) -> Expected {
        let count = self.sizes.len();
        let mut pairs = Vec::with_capacity(count);
        let mut deviations = Vec::with_capacity(count);
        for (player, payoffs) in self.payoffs.iter().enumerate() {
            let others: Vec<usize> = (0..count).filter(|o| *o != player).collect();
            let mut tables = vec![Vec::new(); count];
            self.halve(payoffs, self.sizes[player], &others, mixed, &mut tables);
            // Any table gives the deviations; without others the payoffs are the deviations.
            deviations.push(match others.first() {
                Some(other) => summed(&tables[*other], self.sizes[player], &mixed[*other], 1),
                None => payoffs.clone(),
            });
            pairs.push(tables);
        }
        Expected { deviations, pairs }
    }

    /// The tables of a player with `own` strategies against each of `others`, from a table over all
    /// of them.
    fn halve(
        &self,
        table: &[f64],
        own: usize,
        others: &[usize],
        mixed: &Mixed,
        tables: &mut [Vec<f64>],
    ) {
        if let [other] = others {
            tables[*other] = table.to_vec();
            return;
        }
        let (first, second) = others.split_at(others.len() / 2);
        if first.is_empty() {
            return;
        }
        // The slow half goes from its end, the fast half from its start.
        let mut left = Vec::new();
        let mut inner = table.len();
        for other in second.iter().rev() {
            inner /= self.sizes[*other];
            left = summed(if left.is_empty() { table } else { &left }, inner, &mixed[*other], 1);
        }
        self.halve(&left, own, first, mixed, tables);
        let mut right = Vec::new();
        let mut outer = table.len() / own;
        for other in first {
            outer /= self.sizes[*other];
            let source = if right.is_empty() { table } else { &right };
            right = summed(source, own, &mixed[*other], outer);
        }
        self.halve(&right, own, second, mixed, tables);
    }
}

/// The payoffs of a player, which begin at 0, with its own strategy fastest and scaled.
fn arranged(game: &Game, player: usize, range: f64) -> Vec<f64> {
    let sizes = game.sizes();
    let payoffs = game.payoffs_of(player);
    let before: usize = sizes[..player].iter().product();
    let own = sizes[player];
    let mut table = Vec::with_capacity(payoffs.len());
    for block in payoffs.chunks_exact(before * own) {
        for start in 0..before {
            let strategies = block.iter().skip(start).step_by(before);
            table.extend(strategies.map(|x| x / range));
        }
    }
    table
}

/// A table over (inner, player, outer), inner fastest, summed over the player's `weights`.
fn summed(table: &[f64], inner: usize, weights: &[f64], outer: usize) -> Vec<f64> {
    let mut sums = vec![0.0; inner * outer];
    let blocks = table.chunks_exact(inner * weights.len());
    for (block, sums) in blocks.zip(sums.chunks_exact_mut(inner)) {
        for (row, weight) in block.chunks_exact(inner).zip(weights) {
            for (sum, x) in sums.iter_mut().zip(row) {
                *sum += weight * x;
            }
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::super::Player;
    use super::*;

    #[test]
    fn tables_in_halves_equal_tables_one_by_one() {
        let sizes = [2, 3, 1, 4, 2];
        let player = |n: usize| Player {
            name: format!("of {n}"),
            strategies: (0..n).map(|s| format!("{s}")).collect(),
        };
        let players = sizes.iter().map(|n| player(*n)).collect();
        let payoffs = (0..48 * 5).map(|k| f64::from((k * 7919) % 101)).collect();
        let game = Game::new("five", players, payoffs).expect("a valid game");
        let mixed: Mixed = vec![
            vec![0.25, 0.75],
            vec![0.5, 0.125, 0.375],
            vec![1.0],
            vec![0.1, 0.2, 0.3, 0.4],
            vec![0.625, 0.375],
        ];
        let found = Marginals::new(&game).expected(&mixed);
        let range = game.range();
        let deviations = game.deviations(&mixed);
        for player in 0..5 {
            let payoffs = game.payoffs_of(player);
            let least = payoffs.iter().fold(f64::INFINITY, |a, b| a.min(*b));
            let close = |scaled: f64, x: f64| (scaled * range + least - x).abs() < 1e-12;
            for s in 0..sizes[player] {
                assert!(close(found.deviations[player][s], deviations[player][s]));
            }
            for other in (0..5).filter(|o| *o != player) {
                let slopes = game.slopes(&mixed, player, other);
                let table = &found.pairs[player][other];
                for (s, row) in slopes.iter().enumerate() {
                    for (t, slope) in row.iter().enumerate() {
                        assert!(close(table[t * sizes[player] + s], *slope));
                    }
                }
            }
        }
    }
}
