//! The value of a question with its interval, and what it says.

use super::LEAST_RUNS;
use super::bootstrap::Taken;
use super::program::{Form, Question, STEPS, Tree};
use super::verdict::{ALPHA, Verdict};
use crate::stats::{Moments, sorted_quantile};

/// So large a share of resamples may lack a value before an interval counts as none.
const LACKING: f64 = 0.05;

/// A value with its bootstrap interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// The value over all runs; not a number where there is none.
    pub value: f64,
    /// The lower end of its interval; not a number without one.
    pub lo: f64,
    /// The upper end.
    pub hi: f64,
    /// The standard deviation of its resamples.
    pub se: f64,
}

impl Estimate {
    /// The percentile interval (Efron 1979) of resampled values: their type 7 quantiles at α / 2
    /// and 1 − α / 2. None where more than one resample in twenty lacks a value.
    fn of(value: f64, mut resampled: Vec<f64>) -> Estimate {
        let all = resampled.len() as f64;
        resampled.retain(|x| x.is_finite());
        let lacking = 1.0 - resampled.len() as f64 / all.max(1.0);
        if !value.is_finite() || resampled.is_empty() || lacking > LACKING {
            return Estimate { value, lo: f64::NAN, hi: f64::NAN, se: f64::NAN };
        }
        let mut moments = Moments::new();
        resampled.iter().for_each(|x| moments.add(*x));
        let (least, most) = (moments.min(), moments.max());
        // equal resamples have no deviation, whatever rounding says
        let se = if least == most { 0.0 } else { moments.sd() };
        resampled.sort_unstable_by(f64::total_cmp);
        let at = |q| sorted_quantile(&resampled, q);
        Estimate { value, lo: at(ALPHA / 2.0), hi: at(1.0 - ALPHA / 2.0), se }
    }

    /// The value of a question less its value among other runs, paired.
    pub(super) fn difference(question: &Question, these: &[Taken], others: &[Taken]) -> Estimate {
        let value = |taken: &[Taken]| question.value(&|k| taken[k].value);
        let resampled = |taken: &[Taken]| along(taken, &|get| question.value(get));
        let pairs = resampled(these).into_iter().zip(resampled(others));
        Estimate::of(value(these) - value(others), pairs.map(|(a, b)| a - b).collect())
    }

    /// Whether the interval leaves out 0.
    pub fn leaves_out_zero(&self) -> bool {
        self.lo > 0.0 || self.hi < 0.0
    }
}

/// A value by resample, made from those of the statistics.
fn along(taken: &[Taken], value: &dyn Fn(&dyn Fn(usize) -> f64) -> f64) -> Vec<f64> {
    let resamples = taken.first().map_or(0, |t| t.resampled.len());
    (0..resamples).map(|r| value(&|k| taken[k].resampled[r])).collect()
}

/// What the runs of one world say about a claim.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// The statistic: of a test the side that is not a number, or left less right; of comparative
    /// statics the least-squares change over the range.
    pub estimate: Estimate,
    /// Runs that the statistic rests on; the least of several.
    pub n: u64,
    /// Runs in which an outcome it reads is empty; the most of several.
    pub left_out: u64,
    /// The verdict.
    pub verdict: Verdict,
    /// Whether an interval could be had from enough runs.
    pub sound: bool,
    /// The side at each value of the parameter; of comparative statics only.
    pub steps: Vec<f64>,
    /// What a reader has to know about it; may be empty.
    pub reason: String,
}

impl Reading {
    pub(super) fn of(question: &Question, taken: &[Taken]) -> Reading {
        let resampled = along(taken, &|get| question.value(get));
        let estimate = Estimate::of(question.value(&|k| taken[k].value), resampled);
        let used = question.statistics();
        let n = used.iter().map(|k| taken[*k].n).min().unwrap_or(0);
        let left_out = used.iter().map(|k| taken[*k].left_out).max().unwrap_or(0);
        let (mut reasons, mut steps) = (Vec::new(), Vec::new());
        let sound = n >= LEAST_RUNS && estimate.lo.is_finite() && estimate.hi.is_finite();
        let verdict = match sound {
            true => Verdict::of(question.how, question.threshold, estimate.lo, estimate.hi),
            false => Verdict::Inconclusive,
        };
        if n == 0 {
            reasons.push("no run meets the condition or has a value".to_string());
        } else if n < LEAST_RUNS {
            reasons.push(format!("it rests on {n} runs, and a verdict needs {LEAST_RUNS}"));
        } else if !estimate.value.is_finite() {
            reasons.push("the statistic has no value: nothing varies, or 0 divides".to_string());
        } else if !sound {
            reasons.push("too many resamples have no value for an interval".to_string());
        }
        if sound && used.iter().all(|k| taken[*k].agreed) {
            reasons.push(format!(
                "all {n} runs agree, and an interval from runs alone cannot show what is rarer than \
                 about 3 in {n}"
            ));
        }
        if let Form::Steps(trees, rises) = &question.form {
            steps = trees.iter().map(|tree| tree.value(&|k| taken[k].value)).collect();
            reasons.extend(turns(trees, *rises, taken));
        }
        let reason = reasons.join("; ");
        Reading { estimate, n, left_out, verdict, sound, steps, reason }
    }
}

/// Where the steps go against the direction, if the interval of a step says so by itself.
fn turns(trees: &[Tree; STEPS], rises: bool, taken: &[Taken]) -> Option<String> {
    let mut against = Vec::new();
    for (number, pair) in trees.windows(2).enumerate() {
        let [from, to] = pair else { continue };
        let step = |get: &dyn Fn(usize) -> f64| to.value(get) - from.value(get);
        let found = Estimate::of(step(&|k| taken[k].value), along(taken, &step));
        if (rises && found.hi < 0.0) || (!rises && found.lo > 0.0) {
            against.push(format!("{} to {}", number + 1, number + 2));
        }
    }
    let verb = if rises { "falls" } else { "rises" };
    (!against.is_empty())
        .then(|| format!("not monotone: it {verb} from value {} of {STEPS}", against.join(" and ")))
}
