//! The system of equations of one choice of supports, and bounds of its functions over boxes.

use crate::solve::{Game, Mixed};

/// An interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Range {
    /// Lower end.
    pub lo: f64,
    /// Upper end.
    pub hi: f64,
}

impl Range {
    pub fn width(self) -> f64 {
        self.hi - self.lo
    }

    pub fn middle(self) -> f64 {
        self.lo / 2.0 + self.hi / 2.0
    }
}

/// Probabilities by player and strategy of its support, as intervals. Those of a player are meant
/// together with the condition that they sum to 1.
pub type Box = Vec<Vec<Range>>;

/// The game, restricted to supports.
pub struct System {
    supports: Vec<Vec<usize>>,
    sizes: Vec<usize>,
    /// By player and any of its strategies: scaled payoffs over the supports of the others, first
    /// of them fastest.
    tables: Vec<Vec<Vec<f64>>>,
    /// By player and place in its support: payoffs less those of the last strategy of the support.
    differences: Vec<Vec<Vec<f64>>>,
}

impl System {
    /// The system of these supports; payoffs of a player are divided by its `scale`.
    pub fn new(game: &Game, scale: &[f64], supports: &[Vec<usize>]) -> System {
        let sizes = game.sizes();
        let table = |player: usize, own: usize| {
            let mut profiles: Vec<usize> = vec![0];
            let mut stride = 1;
            for (other, support) in supports.iter().enumerate() {
                let fixed = [own];
                let played = if other == player { &fixed[..] } else { &support[..] };
                let add = |s: &usize| profiles.iter().map(|k| k + s * stride).collect::<Vec<_>>();
                profiles = played.iter().flat_map(add).collect();
                stride *= sizes[other];
            }
            let unit = if scale[player] > 0.0 { scale[player] } else { 1.0 };
            let payoffs = game.payoffs_of(player);
            profiles.iter().map(|k| payoffs[*k] / unit).collect()
        };
        let tables: Vec<Vec<Vec<f64>>> = (0..sizes.len())
            .map(|player| (0..sizes[player]).map(|own| table(player, own)).collect())
            .collect();
        let difference = |player: usize| {
            let support = &supports[player];
            let last = support[support.len() - 1];
            let less = |s: &usize| subtract(&tables[player][*s], &tables[player][last]);
            support.iter().map(less).collect()
        };
        let differences = (0..sizes.len()).map(difference).collect();
        System { supports: supports.to_vec(), sizes, tables, differences }
    }

    /// Numbers of strategies in supports.
    pub fn shape(&self) -> impl Iterator<Item = usize> {
        self.supports.iter().map(Vec::len)
    }

    /// A player who has to be indifferent between more strategies than the others have unknowns:
    /// the others can only bring that about in a degenerate game (McKelvey and McLennan, "The
    /// maximal number of regular totally mixed Nash equilibria", *Journal of Economic Theory* 72,
    /// 1997).
    pub fn overdetermined(&self) -> Option<usize> {
        let all: usize = self.shape().map(|size| size - 1).sum();
        self.shape().position(|size| size - 1 > all - (size - 1))
    }

    /// Unknowns: the probabilities of all strategies of a support but its last, as (player, place).
    pub fn unknowns(&self) -> Vec<(usize, usize)> {
        let of = |(player, size): (usize, usize)| (0..size - 1).map(move |s| (player, s));
        self.shape().enumerate().flat_map(of).collect()
    }

    /// The profile in which these probabilities, in the order of unknowns, are played; what is
    /// negative by rounding is 0.
    pub fn profile(&self, point: &[f64]) -> Mixed {
        let mut rest = point;
        let of = |(support, size): (&Vec<usize>, &usize)| {
            let (own, after) = rest.split_at(support.len() - 1);
            rest = after;
            let mut mix = vec![0.0; *size];
            let last = 1.0 - own.iter().sum::<f64>();
            for (s, p) in support.iter().zip(own.iter().chain([&last])) {
                mix[*s] = p.max(0.0);
            }
            let sum: f64 = mix.iter().sum();
            mix.iter().map(|p| p / sum).collect()
        };
        self.supports.iter().zip(&self.sizes).map(of).collect()
    }

    /// Whether some strategy of a support is never better than another one of the player, and worse
    /// somewhere, while the others play all of their supports: then no equilibrium has them.
    pub fn dominated(&self) -> bool {
        let worse =
            |own: &[f64], other: &[f64]| own.iter().zip(other).all(|(a, b)| a <= b) && own != other;
        (0..self.sizes.len()).any(|player| {
            let tables = &self.tables[player];
            self.supports[player].iter().any(|s| tables.iter().any(|t| worse(&tables[*s], t)))
        })
    }

    /// The most that a player gains at a point by a strategy outside its support.
    pub fn gain(&self, boxed: &Box) -> f64 {
        let of = |player: usize| {
            let last = &self.tables[player][self.supports[player][self.supports[player].len() - 1]];
            let gain = |t: &Vec<f64>| self.bounds(subtract(t, last), boxed, |p| p == player);
            self.tables[player].iter().map(|t| gain(t).middle()).fold(0.0, f64::max)
        };
        (0..self.sizes.len()).map(of).fold(0.0, f64::max)
    }

    /// Whether at every point of a box some player has something better than a strategy of its
    /// support.
    pub fn hopeless(&self, boxed: &Box, margin: f64) -> bool {
        (0..self.sizes.len()).any(|player| {
            self.supports[player].iter().any(|s| {
                let own = &self.tables[player][*s];
                let other = |t: usize| {
                    t != *s && {
                        let gain = subtract(&self.tables[player][t], own);
                        self.bounds(gain, boxed, |p| p == player).lo > margin
                    }
                };
                (0..self.sizes[player]).any(other)
            })
        })
    }

    /// What a strategy gains over the last of its support at a point.
    pub fn value(&self, unknown: (usize, usize), boxed: &Box) -> f64 {
        let (player, place) = unknown;
        self.bounds(self.differences[player][place].clone(), boxed, |p| p == player).middle()
    }

    /// Bounds over a box of the derivative of the function of one unknown by another.
    pub fn slope(&self, unknown: (usize, usize), by: (usize, usize), boxed: &Box) -> Range {
        let (player, place) = unknown;
        let (other, moved) = by;
        if player == other {
            return Range { lo: 0.0, hi: 0.0 };
        }
        // The table without the dimension of `other`: what is gained where it moves probability
        // from its last strategy to this one.
        let table = &self.differences[player][place];
        let before = (0..other).filter(|p| *p != player);
        let inner: usize = before.map(|p| self.supports[p].len()).product();
        let size = self.supports[other].len();
        let block = |block: &[f64]| {
            let [to, from] = [moved, size - 1].map(|s| &block[s * inner..(s + 1) * inner]);
            subtract(to, from)
        };
        let moved = table.chunks_exact(inner * size).flat_map(block).collect();
        self.bounds(moved, boxed, |p| p == player || p == other)
    }

    /// Bounds of the expectation of a table over all players that are not left out: one player
    /// after the other takes, within its box, the probabilities that make each entry least or most.
    fn bounds(&self, table: Vec<f64>, boxed: &Box, out: impl Fn(usize) -> bool) -> Range {
        let mut lo = table;
        let mut hi: Option<Vec<f64>> = None;
        for player in (0..boxed.len()).rev().filter(|p| !out(*p)) {
            let mix = &boxed[player];
            if mix.len() == 1 {
                continue;
            }
            let inner = lo.len() / mix.len();
            let extreme = |table: &[f64], sign: f64| -> Vec<f64> {
                (0..inner).map(|at| sign * least(table, at, inner, mix, sign)).collect()
            };
            let exact = mix.iter().all(|range| range.lo == range.hi);
            if exact && hi.is_none() {
                lo = extreme(&lo, 1.0);
                continue;
            }
            let top = extreme(hi.as_deref().unwrap_or(&lo), -1.0);
            lo = extreme(&lo, 1.0);
            hi = Some(top);
        }
        let hi = hi.map_or(lo[0], |hi| hi[0]);
        Range { lo: lo[0], hi }
    }
}

/// The least of the sum of probabilities times `sign` times entries, over probabilities within
/// their ranges that sum to 1: each at its lower end, and what is left goes to the smallest
/// entries.
fn least(table: &[f64], at: usize, inner: usize, mix: &[Range], sign: f64) -> f64 {
    let entry = |s: usize| sign * table[s * inner + at];
    let mut sum: f64 = mix.iter().enumerate().map(|(s, range)| range.lo * entry(s)).sum();
    let mut left = 1.0 - mix.iter().map(|range| range.lo).sum::<f64>();
    if mix.len() == 2 {
        let first = if entry(0) <= entry(1) { 0 } else { 1 };
        let most = mix[first].width().min(left);
        return sum + most * entry(first) + (left - most) * entry(1 - first);
    }
    let mut order: Vec<usize> = (0..mix.len()).collect();
    order.sort_by(|a, b| entry(*a).total_cmp(&entry(*b)));
    for s in order {
        let more = mix[s].width().min(left);
        sum += more * entry(s);
        left -= more;
    }
    sum
}

fn subtract(a: &[f64], b: &[f64]) -> Vec<f64> {
    a.iter().zip(b).map(|(x, y)| x - y).collect()
}
