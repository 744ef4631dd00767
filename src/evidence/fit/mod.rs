//! Which numbers a record supports: maximum likelihood, profiles, and what a fit can recover.
//!
//! - `bfgs`, `cmaes`, `profile`, `linear`: searches and intervals, of functions from anywhere;
//! - `objective`: the log likelihood at points of the space of free numbers;
//! - `exact`, `noisy`: the maximum and the profiles of a likelihood that is exact, or is not;
//! - `identified`: whether free numbers can be told apart;
//! - `recover`: what is found again in histories that the scenario itself has made.

mod bfgs;
mod cmaes;
mod exact;
mod identified;
mod linear;
mod noisy;
mod objective;
mod prior;
mod profile;
mod recover;
mod tables;

use super::{Error, Likelihood, Question, Settings, Weigh};
use crate::design::Design;
use crate::experiment::{Free, Space, Value};
use crate::math;
use crate::model::Arm;
use crate::rng::{Seed, Sequence};
use crate::stats::Sum;

use exact::Exact;
use identified::Check;
use noisy::Noisy;
use objective::{Objective, Weighed};
pub use profile::CUT;
pub use recover::{Recovered, Recovery, recover};
pub use tables::tables;

/// Searches begin from so many points where nothing else is asked for.
pub const STARTS: usize = 8;
/// The most starts and evaluations.
pub const MOST_STARTS: usize = 10_000;
/// The most evaluations.
pub const MOST_EVALUATIONS: usize = 100_000_000;
/// The most histories that are simulated.
pub const MOST_REPLICATES: u64 = 100_000;
/// Pairs of numbers whose estimates correlate by more than this are named.
pub const CORRELATED: f64 = 0.9;
/// A fit is confirmed by so many times the filters of the search.
const CONFIRM: usize = 4;
/// Starts are this far from the ends of ranges, as a share.
const MARGIN: f64 = 0.02;

/// What is asked for.
#[derive(Clone, Copy)]
pub struct Task<'a> {
    /// Of what, by what, and how.
    pub weigh: Weigh<'a>,
    /// What is free.
    pub space: &'a Space<'a>,
    /// The same with ranges, by axis.
    pub free: &'a [Free],
    /// The variant that is fitted.
    pub variant: Option<&'a str>,
    /// The variant as the file has it.
    pub file: &'a Arm,
    /// Whether the declared distributions count.
    pub map: bool,
    /// From how many points searches begin, at least 1.
    pub starts: usize,
    /// About how many points are weighed before the maximum has to be found.
    pub evaluations: Option<usize>,
    /// The first and the last round that are fitted; the others are scored.
    pub train: Option<(u32, u32)>,
    /// Whether the history is a simulated one, so that only estimates and intervals count.
    pub simulated: bool,
}

/// How a point is weighed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Effort {
    /// Where random numbers come from.
    pub seed: Seed,
    /// Particles of a filter.
    pub particles: usize,
    /// Filters.
    pub filters: usize,
}

/// Where what was found is kept in case a fit is broken off: lists of numbers, by unit.
pub trait Keep: Sync {
    /// What was kept of a unit; `None` if nothing was, or not whole.
    fn load(&self, unit: u64) -> Option<Vec<f64>>;
    /// Keeps a unit.
    ///
    /// # Errors
    /// Why it cannot be kept.
    fn save(&self, unit: u64, numbers: &[f64]) -> Result<(), String>;
}

/// Keeps nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Discard;

impl Keep for Discard {
    fn load(&self, _: u64) -> Option<Vec<f64>> {
        None
    }

    fn save(&self, _: u64, _: &[f64]) -> Result<(), String> {
        Ok(())
    }
}

/// Why there is no fit.
#[derive(Debug)]
pub enum Failed {
    /// The record cannot be weighed.
    Evidence(Error),
    /// What is asked for cannot be answered; the message says why.
    Refused(String),
    /// What was found cannot be kept.
    Kept(String),
}

impl From<Error> for Failed {
    fn from(error: Error) -> Failed {
        Failed::Evidence(error)
    }
}

/// What the record says of one number.
#[derive(Debug, Clone, PartialEq)]
pub struct Estimate {
    /// Where the likelihood is greatest.
    pub estimate: f64,
    /// The 95 % interval by profile likelihood; `None`: not identified on that side, because the
    /// profile does not fall far enough within the range.
    pub interval: (Option<f64>, Option<f64>),
    /// By how much a profile falls at the ends of the interval.
    pub cut: f64,
    /// The standard error from the curvature at the maximum, where it is exact and not at an end.
    pub error: Option<f64>,
    /// The file's value; `None` where it has no single one.
    pub file: Option<f64>,
    /// Whether the estimate is at an end of its range.
    pub at_end: bool,
}

/// A point of a profile.
#[derive(Debug, Clone, PartialEq)]
pub struct ProfilePoint {
    /// The position of the number in its range.
    pub position: f64,
    /// The positions of all numbers.
    pub at: Vec<f64>,
    /// What is maximised: the log likelihood, with the log density where that counts.
    pub value: f64,
}

/// Log likelihoods of the records of seats, in nats.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Moves {
    /// How many records.
    pub records: u64,
    /// At the estimate, one round ahead.
    pub estimate: f64,
    /// At the file's values.
    pub file: f64,
    /// A uniform draw, `frequency`, `frequency_1`, `persistence`.
    pub baselines: [f64; 4],
}

/// Rounds that were not fitted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Held {
    /// The log likelihood of all their records at the estimate, given all earlier rounds.
    pub loglik: f64,
    /// The same at the file's values.
    pub file: f64,
    /// Their records of seats.
    pub moves: Moves,
}

/// What a record supports.
#[derive(Debug, Clone, PartialEq)]
pub struct Fit {
    /// `base` or the name of the variant.
    pub arm: String,
    /// Whether the likelihood is exact.
    pub exact: bool,
    /// By free number.
    pub estimates: Vec<Estimate>,
    /// The log likelihood at the estimate, and its standard error; 0 where it is exact, not a
    /// number where there is none.
    pub loglik: (f64, f64),
    /// The same at the file's values.
    pub file: (f64, f64),
    /// With declared distributions: their log density at the estimate.
    pub prior: Option<f64>,
    /// 2 k − 2 log L for k free numbers (Akaike 1974); `None` where declared distributions count.
    pub aic: Option<f64>,
    /// Records of seats that were fitted; `None` where a record is impossible at one of the two.
    pub moves: Option<Moves>,
    /// What was not fitted, if anything; `None` too where it is impossible.
    pub held: Option<Held>,
    /// Pairs of numbers whose estimates go together, with their correlation.
    pub correlated: Vec<(usize, usize, f64)>,
    /// By free number, in the order of positions.
    pub profiles: Vec<Vec<ProfilePoint>>,
    /// How many points were weighed.
    pub evaluations: usize,
}

/// What a search has found, before it is told.
struct Best {
    at: Vec<f64>,
    known: Weighed,
    intervals: Vec<(Option<f64>, Option<f64>, f64)>,
    errors: Vec<Option<f64>>,
    correlated: Vec<(usize, usize, f64)>,
    profiles: Vec<Vec<ProfilePoint>>,
}

/// Finds the numbers that make a record most likely, with intervals. Batches of points are kept
/// under numbers from `unit` on; the number of the next comes back.
///
/// # Errors
/// [`Failed::Refused`] if numbers cannot be told apart or the record is impossible, and those of
/// [`Weigh::likelihoods`].
pub fn fit(task: &Task, keep: &dyn Keep, unit: u64) -> Result<(Fit, u64), Failed> {
    let Settings { seed, particles, filters, .. } = *task.weigh.settings;
    let effort = Effort { seed, particles, filters };
    let surer = Effort { seed: seed.for_point(0), particles, filters: filters * CONFIRM };
    let mut objective = Objective::new(task, keep, unit);
    let file = task.space.held(task.file);
    let found = objective.likelihoods(std::slice::from_ref(task.file), surer)?;
    let of_file = objective.fitted(&found[0]);
    let exact = found[0].iter().all(|case| case.exact);
    let starts = starts(task, &file);
    if !task.map && !task.simulated {
        told_apart(task, &objective, &starts[0], exact)?;
    }
    let best = match exact {
        true => exactly(&mut objective, effort, &starts)?,
        false => noisily(&mut objective, (effort, surer), &starts)?,
    };
    if best.known.loglik == f64::NEG_INFINITY {
        let text = "the history is impossible wherever it was tried; `detente score` says which \
                    record, and `miscoding` in [history] allows for wrong ones";
        return Err(Failed::Refused(text.to_string()));
    }
    let (evaluations, unit) = (objective.evaluations, objective.unit());
    let (moves, held) = match task.simulated {
        true => (None, None),
        false => yardsticks(task, &objective, &best.at, surer)?,
    };
    let estimates = (0..task.free.len()).map(|i| estimate(task, &best, i, file[i])).collect();
    let fit = Fit {
        arm: task.file.name.clone(),
        exact,
        estimates,
        loglik: (best.known.loglik, best.known.error),
        file: of_file,
        prior: task.map.then_some(best.known.prior),
        aic: (!task.map).then(|| 2.0 * task.free.len() as f64 - 2.0 * best.known.loglik),
        moves,
        held,
        correlated: best.correlated,
        profiles: best.profiles,
        evaluations,
    };
    Ok((fit, unit))
}

/// Where searches begin: at the file's values, and at points of a scrambled Sobol' sequence.
fn starts(task: &Task, file: &[Option<f64>]) -> Vec<Vec<f64>> {
    let inner = |u: f64| math::clamp(u, MARGIN, 1.0 - MARGIN);
    let position = |(free, value): (&Free, &Option<f64>)| {
        inner(value.map_or(0.5, |value| free.position(value)))
    };
    let mut all: Vec<Vec<f64>> = vec![task.free.iter().zip(file).map(position).collect()];
    let more = task.starts.saturating_sub(1) as u64;
    let seed = task.weigh.settings.seed;
    if let Ok(design) = Design::sobol(task.free.len(), more, Some(seed)) {
        let point = |k: u64| design.point(k).into_iter().map(inner).collect();
        all.extend((0..more).map(point));
    }
    all
}

/// Refuses numbers of which the record knows only a combination.
fn told_apart(
    task: &Task,
    objective: &Objective,
    start: &[f64],
    exact: bool,
) -> Result<(), Failed> {
    if task.free.len() < 2 {
        return Ok(());
    }
    let Settings { seed, particles, .. } = *task.weigh.settings;
    let effort = Effort { seed, particles: particles.min(200), filters: 1 };
    let Some(found) = Check { effort, exact }.together(objective, start)? else { return Ok(()) };
    let names: Vec<String> = found.iter().map(|i| format!("`{}`", task.free[*i].name)).collect();
    Err(Failed::Refused(format!(
        "the record cannot tell {} apart: they can move together without changing the probability \
         of anything in it (of precision and the scale of payoffs only the product is \
         identified); leave one of them out of --free, where --set can fix it",
        names.join(", ")
    )))
}

fn exactly(objective: &mut Objective, effort: Effort, starts: &[Vec<f64>]) -> Result<Best, Failed> {
    let task = objective.task;
    let count = task.free.len();
    let most = task.evaluations.unwrap_or(2000 * count);
    let mut search = Exact { objective, effort };
    let peak = search.search(starts, most)?;
    if peak.value == f64::NEG_INFINITY {
        return Ok(Best::nothing(peak.at));
    }
    let (peak, found) = search.profiles(peak)?;
    let (mut errors, mut correlated) = (vec![None; count], Vec::new());
    if !task.simulated
        && let Some((open, covariance)) = search.covariance(&peak)?
    {
        for (a, i) in open.iter().enumerate() {
            errors[*i] = Some(covariance[a][a].sqrt() * steepness(&task.free[*i], peak.at[*i]));
        }
        let pairs = linear::correlated(&covariance, CORRELATED).into_iter();
        correlated = pairs.map(|(a, b, r)| (open[a], open[b], r)).collect();
    }
    let known = objective.weigh(std::slice::from_ref(&peak.at), effort)?[0];
    let (profiles, intervals): (Vec<_>, Vec<_>) = found.into_iter().unzip();
    let intervals = intervals.into_iter().map(|(lo, hi)| (lo, hi, CUT)).collect();
    Ok(Best { at: peak.at, known, intervals, errors, correlated, profiles })
}

/// How fast a value changes with the logit of its position.
fn steepness(free: &Free, u: f64) -> f64 {
    let along = u * (1.0 - u);
    match free.log {
        false => (free.hi - free.lo) * along,
        true => free.value(u) * math::log(free.hi / free.lo) * along,
    }
}

fn noisily(
    objective: &mut Objective,
    (effort, surer): (Effort, Effort),
    starts: &[Vec<f64>],
) -> Result<Best, Failed> {
    let task = objective.task;
    let count = task.free.len();
    let most = task.evaluations.unwrap_or(100 + 100 * count);
    let draws = Sequence::new(effort.seed, Sequence::SEARCH);
    let mut search = Noisy { objective, effort, draws };
    let found = search.search(starts, most)?;
    let (mut profiles, mut intervals) = (Vec::new(), Vec::new());
    let mut smooth = found.at.clone();
    for (i, smooth) in smooth.iter_mut().enumerate() {
        let (points, adjusted) = search.profile(&found, i)?;
        profiles.push(points);
        intervals.push(match adjusted {
            None => (None, None, CUT),
            Some(told) => {
                *smooth = told.peak;
                (told.interval.0, told.interval.1, told.cut)
            }
        });
    }
    let correlated = linear::correlated(&found.covariance, CORRELATED);
    // the smooth profiles average over random numbers, the search does not
    let pair = objective.weigh(&[smooth.clone(), found.at.clone()], surer)?;
    let errors = pair.iter().map(|known| known.error).filter(|error| error.is_finite());
    let margin = 2.0 * errors.fold(0.0, |sum, error| (sum * sum + error * error).sqrt());
    let (at, known) = match pair[1].value() > pair[0].value() + margin {
        true => (found.at, pair[1]),
        false => (smooth, pair[0]),
    };
    Ok(Best { at, known, intervals, errors: vec![None; count], correlated, profiles })
}

impl Best {
    /// Nothing was found: all is impossible.
    fn nothing(at: Vec<f64>) -> Best {
        let known = Weighed { loglik: f64::NEG_INFINITY, error: f64::NAN, prior: 0.0 };
        let (intervals, errors, profiles) = (Vec::new(), Vec::new(), Vec::new());
        Best { at, known, intervals, errors, correlated: Vec::new(), profiles }
    }
}

fn estimate(task: &Task, best: &Best, i: usize, file: Option<f64>) -> Estimate {
    let free = &task.free[i];
    let (lo, hi, cut) = best.intervals[i];
    let estimate = free.value(best.at[i]);
    // an interval by smoothing holds the estimate that belongs to it
    let lo = lo.map(|u| math::minimum(free.value(u), estimate));
    let hi = hi.map(|u| math::maximum(free.value(u), estimate));
    let at_end = best.at[i] == 0.0 || best.at[i] == 1.0;
    Estimate { estimate, interval: (lo, hi), cut, error: best.errors[i], file, at_end }
}

/// The records of seats beside baselines, fitted and held out.
fn yardsticks(
    task: &Task,
    objective: &Objective,
    at: &[f64],
    surer: Effort,
) -> Result<(Option<Moves>, Option<Held>), Failed> {
    let Some(arm) = objective.arm(at) else { return Ok((None, None)) };
    let (first, last) = task.train.unwrap_or((1, u32::MAX));
    let question = Question { weigh: task.weigh, before: None, surprises: 0, origins: None };
    let scores = [super::score(&question, &arm)?, super::score(&question, task.file)?];
    let fitted = |round: u32| (first..=last).contains(&round);
    let moves = |inside: bool| {
        let mut found = Moves::default();
        for (row, of_file) in scores[0].rows.iter().zip(&scores[1].rows) {
            if fitted(row.round) != inside {
                continue;
            }
            found.records += 1;
            found.estimate += math::log(row.probability);
            found.file += math::log(of_file.probability);
            let known = &row.baseline;
            let others = [row.uniform, known.frequency, known.frequency_1, known.persistence];
            found.baselines.iter_mut().zip(others).for_each(|(sum, p)| *sum += math::log(p));
        }
        found
    };
    // after an impossible record there are no rows
    if scores[0].rows.len() != scores[1].rows.len() {
        return Ok((None, None));
    }
    if task.train.is_none() {
        return Ok((Some(moves(true)), None));
    }
    let arms = [arm, task.file.clone()];
    let found = objective::likelihoods(&task.weigh, task.weigh.history, &arms, surer)?;
    let outside = |cases: &Vec<Likelihood>| -> f64 {
        let rounds = cases.iter().flat_map(|case| (1u32..).zip(case.increments()));
        rounds.filter(|(round, _)| !fitted(*round)).map(|(_, x)| x).collect::<Sum>().value()
    };
    let (loglik, file) = (outside(&found[0]), outside(&found[1]));
    Ok((Some(moves(true)), Some(Held { loglik, file, moves: moves(false) })))
}
