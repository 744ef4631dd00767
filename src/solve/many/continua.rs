//! Points of continua, from the boxes that a search could not decide.
//!
//! Where the system is singular, Newton's method moves only as many unknowns as it has independent
//! equations, and leaves the others where they are. It comes to a point of the continuum there, if
//! there is one; how many unknowns are left is its dimension. A curve is followed to its ends.

use super::system::{Box, Range, System};
use crate::solve::{Continuum, Equilibrium, Found, Game};

/// A point of a continuum has at most this regret.
const REGRET: f64 = 1e-12;
/// Equations that differ by less, at a point where they are solved, are one.
const RANK: f64 = 1e-7;
/// How far a solution may lie from the box it was looked for from.
const REACH: f64 = 0.1;
/// A point with all probabilities above this does not lie at the edge of its support.
const INSIDE: f64 = 1e-3;
/// Steps along a curve, and how many at most.
const STEP: f64 = 1.0 / 128.0;
const MAX_STEPS: usize = 4096;
/// A gain above this is one.
const GAIN: f64 = 1e-11;
/// And this, where a curve ends.
const EDGE: f64 = 1e-14;
/// Ends that are nearer to a listed equilibrium are it.
const SAME: f64 = 1e-6;

/// A solution of the equations where they are singular.
struct Solution {
    point: Vec<f64>,
    /// The unknowns that can be moved freely, one for each dimension.
    free: Vec<usize>,
    /// For each of these how all unknowns move with it.
    tangents: Vec<Vec<f64>>,
}

/// Adds one point of each set of boxes that touch, if there is one, with what is known of the
/// continuum it lies in.
pub fn add(game: &Game, system: &System, boxes: Vec<Vec<Range>>, found: &mut Found) {
    for group in groups(&boxes) {
        let width = group.iter().flat_map(|k| boxes[*k].iter().map(|r| r.width()));
        let width = width.fold(0.0, f64::max);
        let solutions = group.iter().filter_map(|k| {
            let middle: Vec<f64> = boxes[*k].iter().map(|r| r.middle()).collect();
            let found = solve(system, &middle)?;
            (moved(&middle, &found.point) <= REACH).then_some(found)
        });
        let good = |s: &Solution| gain(system, &s.point) <= GAIN;
        let inside = |a: &Solution, b: &Solution| {
            least(system, &a.point).total_cmp(&least(system, &b.point))
        };
        let Some(best) = solutions.filter(good).max_by(inside) else { continue };
        let new = Equilibrium::new(game, system.profile(&best.point));
        let near = |f: &Equilibrium| apart(f, &new) <= 2.0 * width + INSIDE;
        let edge = least(system, &best.point) <= INSIDE || best.free.is_empty();
        if !new.good(REGRET) || edge && found.equilibria.iter().any(near) {
            continue;
        }
        let dimension = best.free.len();
        let mut points = vec![found.equilibria.len()];
        found.equilibria.push(new);
        let mut closed = false;
        if dimension == 1 {
            let ends = [1.0, -1.0].map(|sign| follow(system, &best, sign));
            closed = ends.iter().all(|end| matches!(end, End::Closed));
            let places = ends.into_iter().filter_map(|end| match end {
                End::At(point) => place(game, system, &point, &mut found.equilibria),
                End::Closed | End::Lost => None,
            });
            points.extend(places);
        }
        found.continua.push(Continuum { points, dimension: Some(dimension), closed });
    }
}

/// The number of an end in the list, to which it is added if need be.
fn place(
    game: &Game,
    system: &System,
    point: &[f64],
    list: &mut Vec<Equilibrium>,
) -> Option<usize> {
    let rounded: Vec<Vec<f64>> = system.profile(point).into_iter().map(rounded).collect();
    let new = [rounded, system.profile(point)].map(|profile| Equilibrium::new(game, profile));
    let known = |f: &Equilibrium| apart(f, &new[0]) <= SAME;
    if let Some(at) = list.iter().position(known) {
        return Some(at);
    }
    let good = new.into_iter().find(|e| e.good(super::REGRET))?;
    list.push(good);
    Some(list.len() - 1)
}

/// A mix without the traces of strategies that stop being played.
fn rounded(mix: Vec<f64>) -> Vec<f64> {
    let kept: Vec<f64> = mix.into_iter().map(|p| if p < 1e-9 { 0.0 } else { p }).collect();
    let sum: f64 = kept.iter().sum();
    kept.iter().map(|p| p / sum).collect()
}

enum End {
    /// Here somebody stops playing a strategy, or begins to gain by another.
    At(Vec<f64>),
    /// The curve comes back to where it began.
    Closed,
    /// It could not be followed.
    Lost,
}

/// Follows a curve in one direction.
fn follow(system: &System, from: &Solution, sign: f64) -> End {
    let inside = |point: &[f64]| least(system, point) >= 0.0 && gain(system, point) <= EDGE;
    let unit = |s: &Solution| -> Option<Vec<f64>> {
        let tangent = s.tangents.first().filter(|_| s.free.len() == 1)?;
        let size = tangent.iter().map(|x| x * x).sum::<f64>().sqrt();
        Some(tangent.iter().map(|x| x / size).collect())
    };
    let Some(first) = unit(from) else { return End::Lost };
    let mut direction: Vec<f64> = first.iter().map(|x| sign * x).collect();
    let mut here = from.point.clone();
    for step in 0..MAX_STEPS {
        let ahead = |size: f64| {
            let next: Vec<f64> = here.iter().zip(&direction).map(|(x, d)| x + size * d).collect();
            solve(system, &next).filter(|s| moved(&here, &s.point) <= 2.0 * STEP)
        };
        let Some(next) = ahead(STEP) else { return End::Lost };
        if !inside(&next.point) {
            let (mut low, mut high) = (0.0, STEP);
            let mut end = here.clone();
            while high - low > 1e-15 {
                let middle: f64 = (low + high) / 2.0;
                match ahead(middle).filter(|s| inside(&s.point)) {
                    Some(good) => (low, end) = (middle, good.point),
                    None => high = middle,
                }
            }
            return End::At(end);
        }
        if step > 2 && moved(&from.point, &next.point) < STEP {
            return End::Closed;
        }
        let Some(mut turned) = unit(&next) else { return End::Lost };
        if turned.iter().zip(&direction).map(|(a, b)| a * b).sum::<f64>() < 0.0 {
            turned.iter_mut().for_each(|x| *x = -*x);
        }
        (here, direction) = (next.point, turned);
    }
    End::Lost
}

/// Newton's method with as many unknowns as there are independent equations.
fn solve(system: &System, from: &[f64]) -> Option<Solution> {
    let unknowns = system.unknowns();
    let mut point = from.to_vec();
    for _ in 0..60 {
        let at = boxed(system, &point);
        let row = |u: &(usize, usize)| {
            let slopes = unknowns.iter().map(|v| system.slope(*u, *v, &at).middle());
            slopes.chain([-system.value(*u, &at)]).collect()
        };
        let (step, free, tangents) = eliminated(unknowns.iter().map(row).collect());
        let size = step.iter().fold(0.0, |a: f64, x| a.max(x.abs()));
        if size.is_nan() || size >= 1.0 {
            return None;
        }
        point.iter_mut().zip(&step).for_each(|(x, d)| *x += d);
        if size < 1e-15 {
            let at = boxed(system, &point);
            let worst = unknowns.iter().map(|u| system.value(*u, &at).abs()).fold(0.0, f64::max);
            return (worst < 1e-12).then_some(Solution { point, free, tangents });
        }
    }
    let at = boxed(system, &point);
    let worst = unknowns.iter().map(|u| system.value(*u, &at).abs()).fold(0.0, f64::max);
    (worst < 1e-14).then_some(Solution { point, free: Vec::new(), tangents: Vec::new() })
}

/// Gauss-Jordan elimination with the largest pivots; the right-hand side is the last column. A
/// solution in which unknowns without a pivot are 0, which ones these are, and how all move with
/// each of them.
fn eliminated(mut a: Vec<Vec<f64>>) -> (Vec<f64>, Vec<usize>, Vec<Vec<f64>>) {
    let n = a.len();
    let mut pivots: Vec<usize> = Vec::new();
    for r in 0..n {
        let mut best = (RANK, r, n);
        for (i, row) in a.iter().enumerate().skip(r) {
            for c in (0..n).filter(|c| !pivots.contains(c)) {
                if row[c].abs() > best.0 {
                    best = (row[c].abs(), i, c);
                }
            }
        }
        let (_, i, c) = best;
        if c == n {
            break;
        }
        a.swap(r, i);
        let row = std::mem::take(&mut a[r]);
        let row: Vec<f64> = row.iter().map(|x| x / row[c]).collect();
        for other in a.iter_mut().filter(|other| !other.is_empty()) {
            let factor = other[c];
            other.iter_mut().zip(&row).for_each(|(x, y)| *x -= factor * y);
        }
        a[r] = row;
        pivots.push(c);
    }
    let mut step = vec![0.0; n];
    pivots.iter().zip(&a).for_each(|(c, row)| step[*c] = row[n]);
    let free: Vec<usize> = (0..n).filter(|c| !pivots.contains(c)).collect();
    let tangent = |f: &usize| {
        let mut tangent = vec![0.0; n];
        tangent[*f] = 1.0;
        pivots.iter().zip(&a).for_each(|(c, row)| tangent[*c] = -row[*f]);
        tangent
    };
    let tangents = free.iter().map(tangent).collect();
    (step, free, tangents)
}

/// A point as a box of all probabilities.
fn boxed(system: &System, point: &[f64]) -> Box {
    let mut rest = point;
    let of = |size: usize| {
        let (own, after) = rest.split_at(size - 1);
        rest = after;
        let last = 1.0 - own.iter().sum::<f64>();
        own.iter().copied().chain([last]).map(|p| Range { lo: p, hi: p }).collect()
    };
    system.shape().map(of).collect()
}

fn gain(system: &System, point: &[f64]) -> f64 {
    system.gain(&boxed(system, point))
}

/// The smallest probability of a strategy of a support.
fn least(system: &System, point: &[f64]) -> f64 {
    boxed(system, point).iter().flatten().fold(1.0, |least: f64, r| least.min(r.lo))
}

fn moved(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| (x - y).abs()).fold(0.0, f64::max)
}

fn apart(a: &Equilibrium, b: &Equilibrium) -> f64 {
    moved(&a.profile.concat(), &b.profile.concat())
}

/// Boxes that touch, directly or through others, by their numbers.
fn groups(boxes: &[Vec<Range>]) -> Vec<Vec<usize>> {
    let touch = |a: &[Range], b: &[Range]| {
        a.iter().zip(b).all(|(a, b)| a.lo <= b.hi + 1e-9 && b.lo <= a.hi + 1e-9)
    };
    let mut rest: Vec<usize> = (0..boxes.len()).collect();
    let mut groups = Vec::new();
    while let Some(first) = rest.pop() {
        let (mut group, mut at) = (vec![first], 0);
        while at < group.len() {
            let here = &boxes[group[at]];
            let (near, far) = rest.iter().partition(|k| touch(here, &boxes[**k]));
            let near: Vec<usize> = near;
            rest = far;
            group.extend(near);
            at += 1;
        }
        groups.push(group);
    }
    groups.reverse();
    groups
}
