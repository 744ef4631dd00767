//! All equilibria from the vertices of both polytopes.

use std::collections::{BTreeMap, BTreeSet};

use super::polytope::{Basis, Labels, Polytope};
use super::rational::Point;
use super::supports::Subsets;
use super::{Pair, ones};
use crate::solve::{Continuum, Equilibrium, Found, Game, Halt, Stop, Unsuited, same};

/// The most vertices of a polytope that are visited.
const MAX_VERTICES: usize = 2_000_000;

/// The most choices of tight inequalities that are tried one by one.
const MAX_CHOICES: f64 = 4000.0;

/// All equilibria of a game of two players that are pairs of vertices: all there are if the game is
/// not degenerate, otherwise the extreme ones, of which all others are mixtures.
///
/// The vertices of each polytope are found by walking along all edges from the origin (Avis,
/// Rosenberg, Savani and von Stengel, "Enumeration of Nash equilibria for two-player games",
/// *Economic Theory* 42, 2010, compare ways to do this), each from a fresh inverse, so that
/// rounding errors do not add up. Pairs are matched by their labels, and what is listed is an
/// equilibrium in exact arithmetic. Where rounding leaves a doubt, a small game is searched once
/// more without any.
///
/// # Errors
/// When the game has not two players or too many strategies.
pub fn vertex_enumeration(game: &Game, halt: &Halt) -> Result<Found, Unsuited> {
    let pair = Pair::new(game)?;
    let mut walks = [&pair.p, &pair.q].map(|polytope| walk(polytope, halt));
    let swapped = walks[1].vertices.iter().map(|v| Vertex { labels: pair.swap(v.labels), ..*v });
    walks[1].vertices = swapped.collect();
    walks[1].vertices.sort_unstable_by_key(|v| v.labels);
    let mut matching = Matching::new(&pair, game);
    let [first, second] = &walks;
    let matched = matching.all(&first.vertices, &second.vertices, halt);
    let mut lost = first.lost + second.lost + matching.doubtful;
    let mut stop = if first.stop == Stop::Complete { second.stop } else { first.stop };
    stop = if matched { stop } else { Stop::TimeLimit };
    let doubt = lost > 0 || walks.iter().any(|walk| walk.doubt);
    if doubt && stop == Stop::Complete && choices(&pair) <= MAX_CHOICES {
        matching = Matching::new(&pair, game);
        let all = walks.each_mut().map(|walk| &mut walk.vertices);
        lost = 0;
        if !(one_by_one(&pair, all, halt)
            && matching.all(&walks[0].vertices, &walks[1].vertices, halt))
        {
            stop = Stop::TimeLimit;
        }
    }
    let [first, second] = &walks;
    let mut found = Found { stop, ..Found::none() };
    if stop != Stop::Complete {
        found.notes.push(unfinished([first, second], stop));
    }
    if lost > 0 {
        found.notes.push(format!(
            "{lost} vertices or pairs could not be told apart within rounding: some equilibria \
             may be missing"
        ));
        found.stop = if stop == Stop::Complete { Stop::Finished } else { stop };
    }
    let mut listed = matching.found;
    listed.sort_by(|a, b| descending(&a.2).total_cmp_by(&descending(&b.2)));
    let wide = |vertex: &Vertex, least: usize| vertex.labels.count_ones() as usize > least;
    let degenerate = first.vertices.iter().any(|v| wide(v, pair.p.own()))
        || second.vertices.iter().any(|v| wide(v, pair.q.own()));
    if degenerate {
        found.continua = components(&listed);
        found.notes.push(degeneracy(listed.len(), &found.continua, found.stop));
    }
    found.equilibria = listed.into_iter().map(|f| f.2).collect();
    Ok(found)
}

/// What a search that was stopped has not looked at.
fn unfinished(walks: [&Walk; 2], stop: Stop) -> String {
    let [p, q] = walks.map(|walk| walk.vertices.len());
    let why = match stop {
        Stop::Limit => format!(" (at most {MAX_VERTICES} are visited)"),
        _ => String::new(),
    };
    format!(
        "the search ended before its end{why}: {p} and {q} vertices of the two polytopes were \
         seen, others or their pairs were not: equilibria may be missing"
    )
}

/// In how many ways the tight inequalities of a vertex can be chosen.
fn choices(pair: &Pair) -> f64 {
    let (own, all) = (pair.p.own(), pair.p.labels());
    (0..own).fold(1.0, |product, k| product * (all - k) as f64 / (k + 1) as f64)
}

/// All vertices of both polytopes but the origins, without rounding: every choice of tight
/// inequalities is tried. False if told to stop.
fn one_by_one(pair: &Pair, vertices: [&mut Vec<Vertex>; 2], halt: &Halt) -> bool {
    let polytopes = [&pair.p, &pair.q];
    for (side, list) in vertices.into_iter().enumerate() {
        list.clear();
        for basis in Subsets::new(ones(polytopes[side].labels()), polytopes[side].own()) {
            if halt() {
                return false;
            }
            if let Some(point) = pair.exact[side].vertex(basis) {
                let labels = if side == 0 { point.labels } else { pair.swap(point.labels) };
                list.push(Vertex { labels, basis });
            }
        }
        list.sort_unstable_by_key(|v| (v.labels, v.basis));
        list.dedup_by_key(|v| v.labels);
    }
    true
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
    /// Whether some slack may be 0 or not.
    doubt: bool,
}

/// All vertices but the origin, sorted by labels.
fn walk(polytope: &Polytope, halt: &Halt) -> Walk {
    let origin = ones(polytope.own());
    let mut seen = BTreeSet::from([origin]);
    let mut open = vec![origin];
    let mut walk = Walk { vertices: Vec::new(), stop: Stop::Complete, lost: 0, doubt: false };
    let mut basis = Basis::default();
    let mut steps = 0;
    while let Some(tight) = open.pop() {
        if steps % 256 == 0 && halt() {
            walk.stop = Stop::TimeLimit;
            break;
        }
        if seen.len() > MAX_VERTICES {
            walk.stop = Stop::Limit;
            break;
        }
        steps += 1;
        if !polytope.basis(tight, &mut basis) || !basis.feasible() {
            walk.lost += 1;
            continue;
        }
        walk.doubt |= basis.doubtful();
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
    /// Vertices without rounding, by basis; none where it is no vertex.
    points: [BTreeMap<Labels, Option<Point>>; 2],
    doubtful: usize,
}

impl<'a> Matching<'a> {
    fn new(pair: &'a Pair, game: &'a Game) -> Matching<'a> {
        Matching { pair, game, found: Vec::new(), points: Default::default(), doubtful: 0 }
    }

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
        let pair = self.pair;
        for (side, vertex) in [x, y].into_iter().enumerate() {
            let exact = || pair.exact[side].vertex(vertex.basis);
            self.points[side].entry(vertex.basis).or_insert_with(exact);
        }
        let point = |side: usize, basis: Labels| self.points[side].get(&basis)?.as_ref();
        let both = point(0, x.basis).zip(point(1, y.basis));
        match both.and_then(|(p, q)| pair.pair(self.game, p, q)) {
            Some(e) if self.found.iter().any(|f| same(&f.2.profile, &e.profile)) => {}
            Some(equilibrium) => self.found.push((x.labels, y.labels, equilibrium)),
            None => self.doubtful += 1,
        }
    }
}

/// How extreme equilibria hang together, by the first of each: two of them that share a strategy
/// lie in one component (Jansen, "Maximal Nash subsets for bimatrix games", *Naval Research
/// Logistics Quarterly* 28, 1981). Single points are left out.
fn components(found: &[(Labels, Labels, Equilibrium)]) -> Vec<Continuum> {
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
    let points = |name: usize| (0..of.len()).filter(|k| of[*k] == name).collect();
    let one = |name| Continuum { points: points(name), dimension: None, closed: true };
    names.into_iter().map(one).filter(|c| c.points.len() > 1).collect()
}

/// What is to be said of a degenerate game.
fn degeneracy(count: usize, continua: &[Continuum], stop: Stop) -> String {
    let within: usize = continua.iter().map(|c| c.points.len()).sum();
    let (points, parts) = (count - within, count - within + continua.len());
    if stop != Stop::Complete {
        return "the game is degenerate: equilibria may hang together in continua, which mixing \
                between extreme equilibria that share the other's strategy gives"
            .into();
    }
    if continua.is_empty() {
        return "the game is degenerate, but every equilibrium is isolated: all are listed".into();
    }
    format!(
        "the game is degenerate: the extreme equilibria are listed, which form {parts} components, \
         {points} of them single points; whoever mixes its strategies from extreme equilibria that \
         share the other's strategy is in equilibrium too"
    )
}
