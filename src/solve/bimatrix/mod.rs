//! Equilibria of games of two players.
//!
//! All methods work on the best-reply polytopes of the game (von Stengel, "Computing equilibria for
//! two-person games", in *Handbook of Game Theory* 3, 2002): with payoffs scaled to lie between 1
//! and 2, P is the set of x ≥ 0 with B'x ≤ 1 and Q the set of y ≥ 0 with Ay ≤ 1. A point of P has
//! the label of a strategy of player 1 that it does not play and of a strategy of player 2 that is
//! a best reply to it; the same for Q. A pair of points with all labels, other than the two
//! origins, is an equilibrium once each is divided by its sum.

mod lemke_howson;
mod polytope;
mod rational;
mod supports;
mod vertices;

pub use lemke_howson::lemke_howson;
pub(super) use lemke_howson::lemke_howson_some;
pub use supports::support_enumeration;
pub use vertices::vertex_enumeration;

use super::{Equilibrium, Game, Unsuited};
use polytope::{Labels, Polytope};
use rational::{Point, Rational};

/// The most strategies of both players together.
pub const MAX_STRATEGIES: usize = 128;

/// The largest regret of a profile that is reported.
const REGRET: f64 = 1e-9;

/// The polytopes P of player 1 and Q of player 2, and both without rounding.
struct Pair {
    p: Polytope,
    q: Polytope,
    exact: [Rational; 2],
}

impl Pair {
    fn new(game: &Game) -> Result<Pair, Unsuited> {
        let sizes = game.sizes();
        let &[rows, columns] = sizes.as_slice() else {
            return Err(Unsuited("this method is for games of two players".into()));
        };
        if rows + columns > MAX_STRATEGIES {
            let text = format!(
                "this method is for at most {MAX_STRATEGIES} strategies of both players, not {}; \
                 --method logit follows one branch to an equilibrium",
                rows + columns
            );
            return Err(Unsuited(text));
        }
        let normal = game.normal();
        let by_column = |of: &[f64]| -> Vec<Vec<f64>> {
            (0..columns).map(|j| (0..rows).map(|i| of[j * rows + i]).collect()).collect()
        };
        let by_row = |of: &[f64]| -> Vec<Vec<f64>> {
            (0..rows).map(|i| (0..columns).map(|j| of[j * rows + i]).collect()).collect()
        };
        Ok(Pair {
            p: Polytope::new(rows, by_column(&scaled(&normal, 1))),
            q: Polytope::new(columns, by_row(&scaled(&normal, 0))),
            exact: [
                Rational::new(rows, &by_column(game.payoffs_of(1))),
                Rational::new(columns, &by_row(game.payoffs_of(0))),
            ],
        })
    }

    /// Labels of a point of Q as those of P are numbered: first the strategies of player 1.
    fn swap(&self, labels: Labels) -> Labels {
        let (rows, columns) = (self.p.own(), self.q.own());
        (labels >> columns) | ((labels & ones(columns)) << rows)
    }

    /// All labels.
    fn all(&self) -> Labels {
        ones(self.p.own() + self.q.own())
    }

    /// The equilibrium at the vertices with these tight inequalities, if they are vertices and it
    /// is one. This is decided without rounding.
    fn equilibrium(&self, game: &Game, p: Labels, q: Labels) -> Option<Equilibrium> {
        let [p, q] = [self.exact[0].vertex(p)?, self.exact[1].vertex(q)?];
        self.pair(game, &p, &q)
    }

    /// The profile of two vertices, if it is an equilibrium.
    fn pair(&self, game: &Game, p: &Point, q: &Point) -> Option<Equilibrium> {
        let whole = p.labels | self.swap(q.labels) == self.all();
        let profile = || vec![p.probabilities(), q.probabilities()];
        whole.then(|| Equilibrium::new(game, profile())).filter(|found| found.good(REGRET))
    }
}

/// The payoffs of a player in a normal game, scaled to lie between 1 and 2.
fn scaled(normal: &Game, player: usize) -> Vec<f64> {
    let range = normal.range_of(player);
    let of = |x: &f64| if range > 0.0 { 1.0 + x / range } else { 1.0 };
    normal.payoffs_of(player).iter().map(of).collect()
}

/// A set of the first labels.
fn ones(count: usize) -> Labels {
    if count >= Labels::BITS as usize { Labels::MAX } else { (1 << count) - 1 }
}

/// A game with whole payoffs below 1000 from a linear congruential sequence.
#[cfg(test)]
pub(super) fn random(sizes: &[usize], seed: u64) -> Game {
    let mut state = seed;
    let mut draw = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(0x1405_7b7e_f767_814f);
        f64::from((state >> 33) as u32 % 1000)
    };
    let player = |n: &usize| super::Player {
        name: String::new(),
        strategies: (0..*n).map(|s| s.to_string()).collect(),
    };
    let count = sizes.len() * sizes.iter().product::<usize>();
    let payoffs = (0..count).map(|_| draw()).collect();
    Game::new("random", sizes.iter().map(player).collect(), payoffs).expect("a valid game")
}

#[cfg(test)]
mod tests;
