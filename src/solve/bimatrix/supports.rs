//! All equilibria of a game of two players by their supports.

use super::polytope::{Basis, Labels, ZERO};
use super::{Pair, ones};
use crate::solve::{Found, Game, Halt, Stop, Unsuited, same};

/// Equilibria in which both players mix over equally many strategies: all there are if the game is
/// not degenerate.
///
/// Pairs of supports are tried from small to large. Those in which a strategy is dominated once the
/// other player keeps to its support are left out before any system of equations is solved (Porter,
/// Nudelman and Shoham, "Simple search methods for finding a Nash equilibrium", *Games and Economic
/// Behavior* 63, 2008).
///
/// # Errors
/// When the game has not two players or too many strategies.
pub fn support_enumeration(game: &Game, halt: &Halt) -> Result<Found, Unsuited> {
    let pair = Pair::new(game)?;
    let normal = game.normal();
    let mut search = Search {
        dominance: [Dominance::new(&normal, 0), Dominance::new(&normal, 1)],
        pair: &pair,
        game,
        bases: Default::default(),
        found: Found::none(),
        degenerate: false,
        tried: 0,
    };
    let (rows, columns) = (pair.p.own(), pair.q.own());
    'sizes: for size in 1..=rows.min(columns) {
        for support in Subsets::new(ones(rows), size) {
            if !search.row(support, size, halt) {
                search.found.stop = Stop::TimeLimit;
                search.found.notes.push(format!(
                    "not all pairs of supports of {size} strategies and none of more were tried: \
                     equilibria may be missing"
                ));
                break 'sizes;
            }
        }
    }
    let mut found = search.found;
    if search.degenerate {
        found.notes.push(
            "the game is degenerate: equilibria in which one player mixes over more strategies \
             than the other may be missing; vertex enumeration finds them"
                .into(),
        );
        found.stop = if found.stop == Stop::Complete { Stop::Finished } else { found.stop };
    }
    Ok(found)
}

struct Search<'a> {
    pair: &'a Pair,
    game: &'a Game,
    dominance: [Dominance; 2],
    bases: [Basis; 2],
    found: Found,
    degenerate: bool,
    tried: u64,
}

impl Search<'_> {
    /// All supports of player 2 that go with one of player 1; false if told to stop.
    fn row(&mut self, first: Labels, size: usize, halt: &Halt) -> bool {
        if halt() {
            return false;
        }
        let columns = self.pair.q.own();
        let useful = self.dominance[1].undominated(ones(columns), first);
        if (useful.count_ones() as usize) < size || self.dominance[0].any(first, useful) {
            return true;
        }
        for second in Subsets::new(useful, size) {
            self.tried += 1;
            if self.tried.is_multiple_of(4096) && halt() {
                return false;
            }
            if !self.dominance[0].any(first, second) {
                self.attempt(first, second);
            }
        }
        true
    }

    fn attempt(&mut self, first: Labels, second: Labels) {
        let (rows, columns) = (self.pair.p.own(), self.pair.q.own());
        let [p, q] = &mut self.bases;
        let good = self.pair.p.point(ones(rows) & !first | second << rows, p)
            && self.pair.q.point(ones(columns) & !second | first << columns, q);
        if !good {
            // Dependent rows are no proof of degeneracy, as they may belong to no best reply.
            return;
        }
        if !p.feasible() || !q.feasible() {
            return;
        }
        self.degenerate |= p.labels() != p.tight || q.labels() != q.tight;
        if let Some(new) = self.pair.equilibrium(self.game, p.tight, q.tight) {
            let known = |f: &crate::solve::Equilibrium| same(&f.profile, &new.profile);
            if !self.found.equilibria.iter().any(known) {
                self.found.equilibria.push(new);
            }
        }
    }
}

/// For each pair of strategies of a player the strategies of the other at which the first is better
/// than the second.
struct Dominance {
    better: Vec<Vec<Labels>>,
}

impl Dominance {
    fn new(game: &Game, player: usize) -> Dominance {
        let sizes = game.sizes();
        let payoffs = game.payoffs_of(player);
        let margin = ZERO * game.range_of(player);
        let payoff = |own: usize, other: usize| {
            payoffs[if player == 0 { other * sizes[0] + own } else { own * sizes[0] + other }]
        };
        let better = |a: usize, b: usize| {
            let at = |t: &usize| payoff(a, *t) > payoff(b, *t) + margin;
            (0..sizes[1 - player]).filter(at).fold(0, |set: Labels, t| set | 1 << t)
        };
        let row = |a: usize| (0..sizes[player]).map(|b| better(a, b)).collect();
        Dominance { better: (0..sizes[player]).map(row).collect() }
    }

    /// Whether some strategy is better than `b` at all of the other's in `against`.
    fn dominated(&self, b: usize, against: Labels) -> bool {
        self.better.iter().any(|row| against & !row[b] == 0)
    }

    fn undominated(&self, among: Labels, against: Labels) -> Labels {
        let keep = |b: &usize| among >> b & 1 == 1 && !self.dominated(*b, against);
        (0..self.better.len()).filter(keep).fold(0, |set, b| set | 1 << b)
    }

    /// Whether any of a set of strategies is dominated.
    fn any(&self, among: Labels, against: Labels) -> bool {
        (0..self.better.len()).any(|b| among >> b & 1 == 1 && self.dominated(b, against))
    }
}

/// The subsets of a set that have a given size.
pub(super) struct Subsets {
    elements: Vec<usize>,
    chosen: Option<Vec<usize>>,
}

impl Subsets {
    pub fn new(set: Labels, size: usize) -> Subsets {
        let elements: Vec<usize> =
            (0..Labels::BITS as usize).filter(|b| set >> b & 1 == 1).collect();
        let chosen = (size <= elements.len()).then(|| (0..size).collect());
        Subsets { elements, chosen }
    }
}

impl Iterator for Subsets {
    type Item = Labels;

    fn next(&mut self) -> Option<Labels> {
        let chosen = self.chosen.as_mut()?;
        let set = chosen.iter().fold(0, |set: Labels, at| set | 1 << self.elements[*at]);
        let (count, size) = (self.elements.len(), chosen.len());
        match (0..size).rev().find(|at| chosen[*at] < count - size + at) {
            Some(at) => {
                chosen[at] += 1;
                for later in at + 1..size {
                    chosen[later] = chosen[later - 1] + 1;
                }
            }
            None => self.chosen = None,
        }
        Some(set)
    }
}
