//! All equilibria from the vertices of both polytopes.

use std::collections::BTreeSet;

use super::polytope::{Basis, Labels, Polytope};
use super::{Pair, ones};
use crate::solve::{Equilibrium, Found, Game, Halt, Stop, Unsuited, same};

/// The most vertices of a polytope that are visited.
const MAX_VERTICES: usize = 2_000_000;

/// All equilibria of a game of two players that are pairs of vertices: all there are if the game is
/// not degenerate, otherwise the extreme ones, of which all others are mixtures.
///
/// The vertices of each polytope are found by walking along all edges from the origin (Avis,
/// Rosenberg, Savani and von Stengel, "Enumeration of Nash equilibria for two-player games",
/// *Economic Theory* 42, 2010, compare ways to do this), each from a fresh inverse, so that
/// rounding errors do not add up. Pairs are matched by their labels.
///
/// # Errors
/// When the game has not two players or too many strategies.
pub fn vertex_enumeration(game: &Game, halt: &Halt) -> Result<Found, Unsuited> {
    let pair = Pair::new(game)?;
    let mut stop = Stop::Complete;
    let mut walks = [&pair.p, &pair.q].map(|polytope| {
        let walk = walk(polytope, halt);
        if walk.stop != Stop::Complete {
            stop = walk.stop;
        }
        walk
    });
    let swapped = walks[1].vertices.iter().map(|v| Vertex { labels: pair.swap(v.labels), ..*v });
    walks[1].vertices = swapped.collect();
    walks[1].vertices.sort_unstable_by_key(|v| v.labels);
    let [first, second] = &walks;
    let mut matching = Matching { pair: &pair, game, found: Vec::new(), doubtful: 0 };
    if !matching.all(&first.vertices, &second.vertices, halt) {
        stop = Stop::TimeLimit;
    }
    let Matching { found, doubtful, .. } = matching;
    let mut notes = Vec::new();
    let lost = first.lost + second.lost + doubtful;
    if lost > 0 {
        notes.push(format!(
            "{lost} vertices or pairs could not be told apart within rounding: some equilibria \
             may be missing"
        ));
        stop = if stop == Stop::Complete { Stop::Finished } else { stop };
    }
    let wide = |vertex: &Vertex, least: usize| vertex.labels.count_ones() as usize > least;
    let degenerate = first.vertices.iter().any(|v| wide(v, pair.p.own()))
        || second.vertices.iter().any(|v| wide(v, pair.q.own()));
    if degenerate {
        notes.push(components(&found));
    }
    let mut equilibria: Vec<Equilibrium> = found.into_iter().map(|f| f.2).collect();
    equilibria.sort_by(|a, b| descending(a).total_cmp_by(&descending(b)));
    Ok(Found { equilibria, stop, notes })
}

/// Probabilities in the order of strategies, by which equilibria are listed.
fn descending(found: &Equilibrium) -> Listing {
    Listing(found.profile.iter().flatten().copied().collect())
}

struct Listing(Vec<f64>);

impl Listing {
    /// Those that play earlier strategies with more probability come first.
    fn total_cmp_by(&self, other: &Listing) -> std::cmp::Ordering {
        let pairs = self.0.iter().zip(&other.0).map(|(a, b)| b.total_cmp(a));
        pairs.fold(std::cmp::Ordering::Equal, std::cmp::Ordering::then)
    }
}

/// A vertex by all its labels and one of its bases.
#[derive(Debug, Clone, Copy)]
struct Vertex {
    labels: Labels,
    basis: Labels,
}

struct Walk {
    vertices: Vec<Vertex>,
    stop: Stop,
    /// Bases that rounding made unusable.
    lost: usize,
}

/// All vertices but the origin, sorted by labels.
fn walk(polytope: &Polytope, halt: &Halt) -> Walk {
    let origin = ones(polytope.own());
    let mut seen = BTreeSet::from([origin]);
    let mut open = vec![origin];
    let mut walk = Walk { vertices: Vec::new(), stop: Stop::Complete, lost: 0 };
    let mut basis = Basis::default();
    let mut steps = 0;
    while let Some(tight) = open.pop() {
        steps += 1;
        if steps % 256 == 0 && halt() {
            walk.stop = Stop::TimeLimit;
            break;
        }
        if seen.len() > MAX_VERTICES {
            walk.stop = Stop::Limit;
            break;
        }
        if !polytope.basis(tight, &mut basis) || !basis.feasible() {
            walk.lost += 1;
            continue;
        }
        if tight != origin {
            walk.vertices.push(Vertex { labels: basis.labels(), basis: tight });
        }
        for label in basis.tight_labels() {
            match basis.drop(*label) {
                Some((_, next)) if seen.insert(next) => open.push(next),
                Some(_) => {}
                None => walk.lost += 1,
            }
        }
    }
    walk.vertices.sort_unstable_by_key(|v| (v.labels, v.basis));
    walk.vertices.dedup_by_key(|v| v.labels);
    walk
}

struct Matching<'a> {
    pair: &'a Pair,
    game: &'a Game,
    /// The labels of both vertices and what they are.
    found: Vec<(Labels, Labels, Equilibrium)>,
    doubtful: usize,
}

impl Matching<'_> {
    /// All pairs that have all labels; false if told to stop. A vertex without additional labels
    /// has at most one partner without any, which is looked up; the others are tried.
    fn all(&mut self, first: &[Vertex], second: &[Vertex], halt: &Halt) -> bool {
        let all = self.pair.all();
        let own = self.pair.p.own();
        let wide = |v: &&Vertex| v.labels.count_ones() as usize > self.pair.q.own();
        let wide: Vec<&Vertex> = second.iter().filter(wide).collect();
        for (at, x) in first.iter().enumerate() {
            if at % 256 == 0 && halt() {
                return false;
            }
            let missing = all & !x.labels;
            if x.labels.count_ones() as usize > own {
                let partners = second.iter().filter(|y| y.labels & missing == missing);
                partners.for_each(|y| self.add(x, y));
                continue;
            }
            if let Ok(at) = second.binary_search_by_key(&missing, |y| y.labels) {
                self.add(x, &second[at]);
            }
            wide.iter().filter(|y| y.labels & missing == missing).for_each(|y| self.add(x, y));
        }
        true
    }

    fn add(&mut self, x: &Vertex, y: &Vertex) {
        let point = |polytope: &Polytope, vertex: &Vertex| {
            let mut basis = Basis::default();
            polytope.point(vertex.basis, &mut basis);
            basis.coordinates(polytope.own())
        };
        let (p, q) = (point(&self.pair.p, x), point(&self.pair.q, y));
        match self.pair.equilibrium(self.game, p, q) {
            Some(e) if self.found.iter().any(|f| same(&f.2.profile, &e.profile)) => {}
            Some(equilibrium) => self.found.push((x.labels, y.labels, equilibrium)),
            None => self.doubtful += 1,
        }
    }
}

/// What is to be said of a degenerate game: how its extreme equilibria hang together. Two of them
/// that share a strategy lie in one component (Jansen, "Maximal Nash subsets for bimatrix games",
/// *Naval Research Logistics Quarterly* 28, 1981).
fn components(found: &[(Labels, Labels, Equilibrium)]) -> String {
    let mut of: Vec<usize> = (0..found.len()).collect();
    let mut changed = true;
    while changed {
        changed = false;
        for a in 0..found.len() {
            for b in 0..a {
                let touch = found[a].0 == found[b].0 || found[a].1 == found[b].1;
                if touch && of[a] != of[b] {
                    let least = of[a].min(of[b]);
                    (of[a], of[b], changed) = (least, least, true);
                }
            }
        }
    }
    let names: BTreeSet<usize> = of.iter().copied().collect();
    let alone = |name: &&usize| of.iter().filter(|n| n == name).count() == 1;
    let (count, points) = (names.len(), names.iter().filter(alone).count());
    if points == count {
        return "the game is degenerate, but every equilibrium is isolated: all are listed".into();
    }
    format!(
        "the game is degenerate: the extreme equilibria are listed, which form {count} components, \
         {points} of them single points; whoever mixes its strategies from extreme equilibria that \
         share the other's strategy is in equilibrium too"
    )
}
