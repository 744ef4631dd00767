//! Boxes in which a condition holds: the patient rule induction method (Friedman and Fisher 1999).

use super::given::order;
use crate::math::floor;

/// By which a peel or a paste is chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Objective {
    /// The gain in density by point that goes.
    #[default]
    Lenient1,
    /// The same times the points that stay (Friedman and Fisher 1999, section 14.6).
    Lenient2,
    /// The density.
    Original,
}

impl Objective {
    /// All of them with their words.
    pub const ALL: [(&'static str, Objective); 3] = [
        ("lenient1", Objective::Lenient1),
        ("lenient2", Objective::Lenient2),
        ("original", Objective::Original),
    ];

    fn of(self, old: Count, new: Count) -> f64 {
        let (before, after) = (old.density(), if new.n > 0 { new.density() } else { 0.0 });
        let moved = old.n.abs_diff(new.n) as f64;
        match self {
            Objective::Original if new.n == 0 => -1.0,
            Objective::Original => after,
            _ if before == after || moved == 0.0 => 0.0,
            Objective::Lenient1 => (after - before) / moved,
            Objective::Lenient2 => new.n as f64 * (after - before) / moved,
        }
    }
}

/// Points of a box, and how many of them are cases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Count {
    /// Points.
    pub n: usize,
    /// Those in which the condition holds.
    pub cases: usize,
}

impl Count {
    /// The share of cases.
    pub fn density(self) -> f64 {
        self.cases as f64 / self.n as f64
    }
}

/// How boxes are searched for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Search {
    /// By which steps are chosen.
    pub objective: Objective,
    /// The share of points that a peel takes off, and a paste puts back; between 0 and 1/2.
    pub alpha: f64,
    /// The least share of all points that a box may hold.
    pub mass_min: f64,
}

impl Default for Search {
    fn default() -> Search {
        Search { objective: Objective::default(), alpha: 0.05, mass_min: 0.05 }
    }
}

/// Points: by factor, then point.
#[derive(Debug, Clone, Copy)]
pub struct Data<'a> {
    /// By factor, then point.
    pub factors: &'a [Vec<f64>],
    /// By factor: whether its values are whole numbers, which are peeled one by one.
    pub whole: &'a [bool],
    /// By point: whether the condition holds.
    pub holds: &'a [bool],
}

impl Data<'_> {
    /// How many of these points there are, and how many are cases.
    pub fn count(&self, points: &[usize]) -> Count {
        let cases = points.iter().filter(|k| self.holds[**k]).count();
        Count { n: points.len(), cases }
    }

    /// Whether a point lies in a box.
    pub fn is_in(&self, limits: &[(f64, f64)], point: usize) -> bool {
        let sides = self.factors.iter().zip(limits);
        sides.into_iter().all(|(x, (lo, hi))| *lo <= x[point] && x[point] <= *hi)
    }
}

/// A box on the way.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// Its points and cases.
    pub count: Count,
    /// By factor: its ends, both inside.
    pub limits: Vec<(f64, f64)>,
    /// By factor: whether it is restricted.
    pub restricted: Vec<bool>,
}

/// A box that is being made: its points by factor in ascending order of its values.
struct Cut {
    points: Vec<usize>,
    limits: Vec<(f64, f64)>,
}

/// A candidate: the objective, how many factors are free, the box.
type Candidate = (f64, usize, Vec<(f64, f64)>, Vec<usize>);

/// The trajectory of a box `among` some of `all` points, from all of these to the last paste, with
/// objectives, quantiles and ties as in the EMA Workbench. Masses are shares of `all`.
pub fn trajectory(data: &Data, all: &[usize], among: &[usize], search: Search) -> Vec<Step> {
    let ends = |x: &Vec<f64>| {
        let all = || all.iter().map(|k| x[*k]);
        (all().reduce(f64::min).unwrap_or(0.0), all().reduce(f64::max).unwrap_or(0.0))
    };
    let whole: Vec<(f64, f64)> = data.factors.iter().map(ends).collect();
    let mut cut = Cut { points: among.to_vec(), limits: whole.clone() };
    let mut orders: Vec<Vec<usize>> = data.factors.iter().map(|x| sorted(x, among)).collect();
    let mut steps = vec![step(data, &cut, &whole)];
    let mass = |points: &Vec<usize>| points.len() as f64 / all.len() as f64;
    while let Some((score, _, limits, points)) = peel(data, &cut, &orders, &whole, search) {
        if mass(&points) < search.mass_min || points.len() >= cut.points.len() || score <= 0.0 {
            break;
        }
        cut = Cut { points, limits };
        let mut kept = vec![false; data.holds.len()];
        cut.points.iter().for_each(|k| kept[*k] = true);
        orders.iter_mut().for_each(|order| order.retain(|k| kept[*k]));
        steps.push(step(data, &cut, &whole));
    }
    while let Some((score, _, limits, points)) = paste(data, &cut, among, &whole, search) {
        let better = data.count(&points).density() > data.count(&cut.points).density();
        if mass(&points) < search.mass_min
            || points.len() <= cut.points.len()
            || score <= 0.0
            || !better
        {
            break;
        }
        cut = Cut { points, limits };
        steps.push(step(data, &cut, &whole));
    }
    steps
}

fn sorted(x: &[f64], among: &[usize]) -> Vec<usize> {
    let own: Vec<f64> = among.iter().map(|k| x[*k]).collect();
    order(&own).into_iter().map(|place| among[place]).collect()
}

fn step(data: &Data, cut: &Cut, whole: &[(f64, f64)]) -> Step {
    let restricted = cut.limits.iter().zip(whole).map(|(a, b)| a != b).collect();
    Step { count: data.count(&cut.points), limits: cut.limits.clone(), restricted }
}

fn free(limits: &[(f64, f64)], whole: &[(f64, f64)]) -> usize {
    limits.iter().zip(whole).filter(|(a, b)| a == b).count()
}

/// The first of the best: by objective, then by how many factors stay free.
fn better(best: &Option<(f64, usize)>, score: f64, free: usize) -> bool {
    best.is_none_or(|(most, others)| score > most || (score == most && free > others))
}

/// The quantile of sorted values between which a peel is made: the middle between the neighbours,
/// and where these are equal the next one that differs.
fn quantile(sorted: &[f64], q: f64) -> f64 {
    let last = sorted.len() - 1;
    let place = last as f64 * q;
    let (mut below, mut above) = (floor(place) as usize, (-floor(-place)) as usize);
    if q > 0.5 {
        while sorted[below] == sorted[above] && below > 0 {
            below -= 1;
        }
    } else {
        while sorted[below] == sorted[above] && above < last {
            above += 1;
        }
    }
    (sorted[below] + sorted[above]) / 2.0
}

/// The best peel of a box that holds points.
fn peel(
    data: &Data,
    cut: &Cut,
    orders: &[Vec<usize>],
    whole: &[(f64, f64)],
    search: Search,
) -> Option<Candidate> {
    let old = data.count(&cut.points);
    let mut best: Option<(f64, usize)> = None;
    let mut chosen = None;
    // numbers first, then whole numbers
    let factors = || 0..data.factors.len();
    let factors = factors().filter(|k| !data.whole[*k]).chain(factors().filter(|k| data.whole[*k]));
    for factor in factors {
        let order = &orders[factor];
        let values: Vec<f64> = order.iter().map(|k| data.factors[factor][*k]).collect();
        if values.is_empty() {
            return None;
        }
        for upper in [true, false] {
            let at = quantile(&values, if upper { 1.0 - search.alpha } else { search.alpha });
            let limit = cut.limits[factor];
            let (kept, end) = match data.whole[factor] {
                false if upper => (0..values.partition_point(|x| *x <= at), at),
                false => (values.partition_point(|x| *x < at)..values.len(), at),
                true => whole_peel(&values, upper, at, limit),
            };
            let gone = order[..kept.start].iter().chain(&order[kept.end.max(kept.start)..]);
            let lost = gone.filter(|k| data.holds[**k]).count();
            let new = Count { n: kept.len(), cases: old.cases - lost };
            let mut limits = cut.limits.clone();
            if upper {
                limits[factor].1 = end
            } else {
                limits[factor].0 = end
            }
            let (score, free) = (search.objective.of(old, new), free(&limits, whole));
            if better(&best, score, free) {
                best = Some((score, free));
                chosen = Some((score, free, limits, order[kept].to_vec()));
            }
        }
    }
    chosen
}

/// Which whole numbers stay, by their places among the sorted values, and the new end.
fn whole_peel(
    values: &[f64],
    upper: bool,
    at: f64,
    (lo, hi): (f64, f64),
) -> (std::ops::Range<usize>, f64) {
    let at = at.trunc();
    let from = |x: f64| values.partition_point(|v| *v < x);
    let to = |x: f64| values.partition_point(|v| *v <= x);
    let kept = match upper {
        true if at == hi => from(lo)..from(hi),
        true => from(lo)..to(at),
        false if at == lo => to(lo)..to(hi),
        false => from(at)..to(hi),
    };
    let kept = kept.start..kept.end.max(kept.start);
    let inside = &values[kept.clone()];
    let inside = if inside.is_empty() { values } else { inside };
    let end = if upper { inside[inside.len() - 1] } else { inside[0] };
    (kept, end)
}

/// The best paste.
fn paste(
    data: &Data,
    cut: &Cut,
    among: &[usize],
    whole: &[(f64, f64)],
    search: Search,
) -> Option<Candidate> {
    let old = data.count(&cut.points);
    let mut best: Option<(f64, usize)> = None;
    let mut chosen = None;
    let factors = || (0..data.factors.len()).filter(|k| cut.limits[*k] != whole[*k]);
    let factors = factors().filter(|k| !data.whole[*k]).chain(factors().filter(|k| data.whole[*k]));
    for factor in factors {
        let x = &data.factors[factor];
        // those that only this factor keeps outside, or inside
        let mut beside = cut.limits.clone();
        beside[factor] = whole[factor];
        let open: Vec<usize> = among.iter().copied().filter(|k| data.is_in(&beside, *k)).collect();
        for upper in [false, true] {
            let mut limits = cut.limits.clone();
            let (lo, hi) = cut.limits[factor];
            let outside = |v: f64| if upper { v >= hi } else { v <= lo };
            let mut beyond: Vec<f64> = open.iter().map(|k| x[*k]).filter(|v| outside(*v)).collect();
            beyond.sort_unstable_by(f64::total_cmp);
            let q = if upper { search.alpha } else { 1.0 - search.alpha };
            let (least, most) = whole[factor];
            let end = if upper { most } else { least };
            let end = if beyond.is_empty() { end } else { quantile(&beyond, q) };
            if upper {
                limits[factor].1 = end
            } else {
                limits[factor].0 = end
            }
            let (lo, hi) = limits[factor];
            let inside = |k: &usize| lo <= x[*k] && x[*k] <= hi;
            let points: Vec<usize> = open.iter().copied().filter(inside).collect();
            let (score, free) =
                (search.objective.of(old, data.count(&points)), free(&limits, whole));
            if better(&best, score, free) {
                best = Some((score, free));
                chosen = Some((score, free, limits, points));
            }
        }
    }
    chosen
}
