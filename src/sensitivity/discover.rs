//! Which box says where a condition holds, and what it is worth on points that were not looked at.
//!
//! Boxes are found, and one of a trajectory chosen, in the first half of the points; the second
//! half chooses nothing and says what the choice is worth.

use super::prim::{Count, Data, Search, Step, trajectory};
use crate::math::beta_cdf;
use crate::rng::{Seed, Sequence};
use crate::stats::{Z95, wilson};

/// Folds of the cross-validation that chooses a box.
const FOLDS: usize = 5;
/// Resamples of half of the points that say how often a factor is restricted.
const RESAMPLES: usize = 20;
/// The most boxes.
pub const BOXES: usize = 3;
/// Limits that do so little are taken off the box that cross-validation chose.
const USELESS: f64 = 0.05;
/// Of fewer points nothing is said.
pub const FEWEST: usize = 40;

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Task {
    /// How boxes are searched for.
    pub search: Search,
    /// The step of the trajectory that is taken for the first box, instead of the one that
    /// cross-validation chooses.
    pub step: Option<usize>,
    /// How many boxes at most.
    pub boxes: usize,
    /// Where resamples come from.
    pub seed: Seed,
}

/// A limit of a box.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limit {
    /// The factor.
    pub factor: usize,
    /// Whether it is the upper end.
    pub upper: bool,
    /// The end, which is inside.
    pub value: f64,
    /// How likely so many cases were in the box if the limit did nothing: a one-sided binomial test
    /// over points, against the box without the limit (Bryant and Lempert 2010).
    pub quasi_p: f64,
    /// In which share of resamples of half of the points the factor is restricted, at the step
    /// nearest in coverage and density.
    pub frequency: f64,
}

/// A box that was chosen.
#[derive(Debug, Clone, PartialEq)]
pub struct Chosen {
    /// The step of its trajectory.
    pub step: usize,
    /// Its trajectory in the first half, each step with its count in the second.
    pub trajectory: Vec<(Step, Count)>,
    /// What it holds of the first half, points of earlier boxes aside.
    pub found: Count,
    /// What it holds of the second half, points of earlier boxes aside.
    pub held: Count,
    /// The lower end of the 95 % Wilson interval of the density in the second half.
    pub lower: f64,
    /// Whether that exceeds the share of cases among all points: else the box is not reported.
    pub stands: bool,
    /// By factor: its ends, both inside.
    pub ends: Vec<(f64, f64)>,
    /// Its limits: those of the step, without those of a quasi-p-value above 0.05, the greatest
    /// first, unless the step was asked for.
    pub limits: Vec<Limit>,
}

/// What was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Discovery {
    /// All points.
    pub all: Count,
    /// The first half.
    pub first: Count,
    /// The second half.
    pub second: Count,
    /// The trajectory among all points, for comparison with programs that hold nothing back.
    pub steps: Vec<Step>,
    /// Boxes one after the other; the last one may not stand.
    pub boxes: Vec<Chosen>,
}

impl Discovery {
    /// The boxes that stand.
    pub fn standing(&self) -> impl Iterator<Item = &Chosen> {
        self.boxes.iter().filter(|chosen| chosen.stands)
    }
}

/// Searches for boxes.
pub fn discover(data: &Data, task: Task) -> Discovery {
    let all: Vec<usize> = (0..data.holds.len()).collect();
    let (first, second) = all.split_at(all.len() / 2);
    let steps = trajectory(data, &all, &all, task.search);
    let base = data.count(&all).density();
    // Without a limit a box reaches to the ends of all points, so that it holds the second half
    // too; masses are shares of the first.
    let mass_min = task.search.mass_min * first.len() as f64 / all.len().max(1) as f64;
    let task = Task { search: Search { mass_min, ..task.search }, ..task };
    let (mut train, mut test) = (first.to_vec(), second.to_vec());
    let mut boxes: Vec<Chosen> = Vec::new();
    let enough = |points: &[usize]| points.len() >= FEWEST / 2 && data.count(points).cases > 0;
    while boxes.len() < task.boxes && enough(&train) && !test.is_empty() {
        let path = trajectory(data, &all, &train, task.search);
        let asked = task.step.filter(|_| boxes.is_empty());
        let at = asked.unwrap_or_else(|| choose(data, &all, &train, &path, task.search));
        let at = at.min(path.len() - 1);
        if path[at].restricted.iter().all(|restricted| !restricted) {
            break;
        }
        let chosen = judge(data, (&all, &train, &test), path, at, base, task);
        let limits = chosen.ends.clone();
        let stands = chosen.stands;
        boxes.push(chosen);
        if !stands {
            break;
        }
        train.retain(|k| !data.is_in(&limits, *k));
        test.retain(|k| !data.is_in(&limits, *k));
    }
    let count = |points: &[usize]| data.count(points);
    Discovery { all: count(&all), first: count(first), second: count(second), steps, boxes }
}

/// The step that cross-validation chooses: in each of five folds the step of nearest mass of a
/// trajectory made without the fold is held against the fold. Among the steps within a standard
/// error of the best density it is one with the fewest restricted factors, and of these the
/// largest.
fn choose(data: &Data, all: &[usize], train: &[usize], path: &[Step], search: Search) -> usize {
    let mut counts = vec![Count::default(); path.len()];
    for fold in 0..FOLDS {
        let apart = |inside: bool| -> Vec<usize> {
            let own = train.iter().enumerate().filter(|(k, _)| (k % FOLDS == fold) == inside);
            own.map(|(_, point)| *point).collect()
        };
        let (left_out, rest) = (apart(true), apart(false));
        if rest.is_empty() {
            continue;
        }
        let scale = rest.len() as f64 / train.len() as f64;
        let search = Search { mass_min: search.mass_min * scale, ..search };
        let other = trajectory(data, all, &rest, search);
        for (step, count) in path.iter().zip(&mut counts) {
            let wanted = step.count.n as f64 * scale;
            let near = |s: &&Step| (s.count.n as f64 - wanted).abs();
            let Some(nearest) = other.iter().min_by(|a, b| near(a).total_cmp(&near(b))) else {
                continue;
            };
            let inside: Vec<usize> =
                left_out.iter().copied().filter(|k| data.is_in(&nearest.limits, *k)).collect();
            let found = data.count(&inside);
            *count = Count { n: count.n + found.n, cases: count.cases + found.cases };
        }
    }
    let known = || counts.iter().enumerate().filter(|(_, count)| count.n > 0);
    let Some((_, best)) = known().max_by(|a, b| a.1.density().total_cmp(&b.1.density())) else {
        return 0;
    };
    // by the counts plus two of each kind, so that a pure box has an error too (Agresti and Coull)
    let (n, cases) = (best.n as f64 + 4.0, best.cases as f64 + 2.0);
    let error = (cases / n * (1.0 - cases / n) / n).sqrt();
    let near = known().filter(|(_, count)| count.density() >= best.density() - error);
    let key = |at: usize| {
        let restricted = path[at].restricted.iter().filter(|restricted| **restricted).count();
        (restricted, usize::MAX - path[at].count.n, at)
    };
    near.map(|(at, _)| key(at)).min().map_or(0, |(_, _, at)| at)
}

fn judge(
    data: &Data,
    (all, train, test): (&[usize], &[usize], &[usize]),
    path: Vec<Step>,
    at: usize,
    base: f64,
    task: Task,
) -> Chosen {
    let count = |points: &[usize], limits: &[(f64, f64)]| {
        let inside = points.iter().copied().filter(|k| data.is_in(limits, *k));
        data.count(&inside.collect::<Vec<usize>>())
    };
    let whole = path[0].limits.clone();
    let frequency = frequencies(data, all, train, &path[at], task);
    let mut limits = path[at].limits.clone();
    let tests = loop {
        let tests = tested(data, train, &limits, &whole);
        let useless = tests.iter().filter(|limit| limit.quasi_p > USELESS && task.step.is_none());
        let Some(worst) = useless.max_by(|a, b| a.quasi_p.total_cmp(&b.quasi_p)) else {
            break tests;
        };
        let side = &mut limits[worst.factor];
        match worst.upper {
            true => side.1 = whole[worst.factor].1,
            false => side.0 = whole[worst.factor].0,
        }
    };
    let limits_of = |limit: Limit| Limit { frequency: frequency[limit.factor], ..limit };
    let (found, held) = (count(train, &limits), count(test, &limits));
    let (lower, _) = match held.n {
        0 => (0.0, 1.0),
        n => wilson(held.cases as u64, n as u64, Z95),
    };
    let trajectory = path.into_iter().map(|step| (count(test, &step.limits), step));
    Chosen {
        step: at,
        trajectory: trajectory.map(|(n, step)| (step, n)).collect(),
        found,
        held,
        lower,
        stands: lower > base && !tests.is_empty(),
        ends: limits,
        limits: tests.into_iter().map(limits_of).collect(),
    }
}

/// The limits of a box, each with its test.
fn tested(data: &Data, train: &[usize], limits: &[(f64, f64)], whole: &[(f64, f64)]) -> Vec<Limit> {
    let inside: Vec<usize> = train.iter().copied().filter(|k| data.is_in(limits, *k)).collect();
    let inside = data.count(&inside);
    let mut all = Vec::new();
    for (factor, ((lo, hi), (least, most))) in limits.iter().zip(whole).enumerate() {
        for (upper, value, end) in [(false, *lo, *least), (true, *hi, *most)] {
            if value != end {
                let mut without = limits.to_vec();
                let side = &mut without[factor];
                if upper {
                    side.1 = end
                } else {
                    side.0 = end
                }
                let quasi_p = quasi_p(data, train, &without, inside);
                all.push(Limit { factor, upper, value, quasi_p, frequency: 0.0 });
            }
        }
    }
    all
}

/// P(X ≥ cases) of a binomial variable with the box's points and the density without the limit.
fn quasi_p(data: &Data, train: &[usize], without: &[(f64, f64)], inside: Count) -> f64 {
    let wider: Vec<usize> = train.iter().copied().filter(|k| data.is_in(without, *k)).collect();
    let density = data.count(&wider).density();
    let (cases, others) = (inside.cases as f64, (inside.n - inside.cases) as f64);
    if inside.cases == 0 { 1.0 } else { beta_cdf(density, cases, others + 1.0) }
}

/// By factor, in which share of resamples of half of the points it is restricted at the step
/// nearest in coverage and density.
fn frequencies(data: &Data, all: &[usize], train: &[usize], step: &Step, task: Task) -> Vec<f64> {
    let mut random = Sequence::new(task.seed, Sequence::BOOTSTRAP);
    let mut times = vec![0.0; data.factors.len()];
    let wanted = step.count.cases as f64 / data.count(train).cases.max(1) as f64;
    for _ in 0..RESAMPLES {
        let mut pool = train.to_vec();
        let half = pool.len() / 2;
        for at in 0..half {
            let other = at + random.below((pool.len() - at) as u64) as usize;
            pool.swap(at, other);
        }
        pool.truncate(half);
        pool.sort_unstable();
        let search = Search { mass_min: task.search.mass_min / 2.0, ..task.search };
        let path = trajectory(data, all, &pool, search);
        let cases = data.count(&pool).cases.max(1) as f64;
        let off = |s: &&Step| {
            let coverage = (s.count.cases as f64 / cases - wanted).abs();
            // many steps hold all cases
            coverage + (s.count.density() - step.count.density()).abs()
        };
        if let Some(near) = path.iter().min_by(|a, b| off(a).total_cmp(&off(b))) {
            let restricted = times.iter_mut().zip(&near.restricted);
            restricted.for_each(|(n, restricted)| *n += f64::from(u8::from(*restricted)));
        }
    }
    times.into_iter().map(|n| n / RESAMPLES as f64).collect()
}
