//! The value of a question with its interval, and what it says.

use super::LEAST_RUNS;
use super::bootstrap::Taken;
use super::program::{Form, Question, STEPS, Tree};
use super::verdict::{ALPHA, Verdict};
use crate::expr::{Arithmetic, Comparison};
use crate::stats::{Interval, Method, Moments, Resamples, Tally, bca};

/// A value with its interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// The value over all runs; not a number where there is none.
    pub value: f64,
    /// The lower end of its interval; not a number without one.
    pub lo: f64,
    /// The upper end.
    pub hi: f64,
    /// Its standard error; not a number below two runs.
    pub se: f64,
    /// How the interval was made.
    pub method: Method,
    /// Whether few values differ from the commonest: see [`Interval::sparse`].
    pub sparse: bool,
}

/// The values from which the interval of a question is made.
struct Values {
    value: f64,
    resampled: Vec<f64>,
    without: Vec<f64>,
    /// By bundle, if the question is a sum of multiples of means.
    means: Vec<f64>,
    /// How many runs it rests on, and how many make a bundle.
    n: u64,
    /// Between which ends it lies, where that is known.
    range: Option<(f64, f64)>,
    /// Whether no draw can reach it.
    exact: bool,
    /// Whether a statistic in it is sparse.
    sparse: bool,
}

impl Values {
    fn of(question: &Question, taken: &[Taken]) -> Values {
        let used = question.statistics();
        let along = |of: fn(&Taken) -> &[f64]| -> Vec<f64> {
            let count = used.iter().map(|k| of(&taken[*k]).len()).min().unwrap_or(0);
            (0..count).map(|r| question.value(&|k| of(&taken[k])[r])).collect()
        };
        let linear =
            question.multiples().filter(|_| used.iter().all(|k| taken[*k].column.is_mean()));
        let range = linear.as_ref().and_then(|(list, number)| {
            list.iter().try_fold((*number, *number), |(lo, hi), (k, times)| {
                let (a, b) = taken[*k].column.range?;
                let (a, b) = (a * times, b * times);
                Some((lo + a.min(b), hi + a.max(b)))
            })
        });
        let cancels = linear.as_ref().is_some_and(|(list, _)| cancels(list, taken));
        Values {
            value: question.value(&|k| taken[k].value),
            resampled: along(|t| &t.resampled),
            without: along(|t| &t.without),
            means: if linear.is_some() { along(|t| &t.means) } else { Vec::new() },
            n: used.iter().map(|k| taken[*k].column.n).min().unwrap_or(0),
            range,
            exact: !used.is_empty() && (cancels || used.iter().all(|k| taken[*k].column.exact)),
            sparse: used.iter().any(|k| taken[*k].column.is_sparse()),
        }
    }

    /// The same less others, paired.
    fn less(self, other: &Values) -> Values {
        let minus = |a: Vec<f64>, b: &[f64]| a.into_iter().zip(b).map(|(x, y)| x - y).collect();
        Values {
            value: self.value - other.value,
            resampled: minus(self.resampled, &other.resampled),
            without: minus(self.without, &other.without),
            means: minus(self.means, &other.means),
            n: self.n.min(other.n),
            range: self.range.zip(other.range).map(|(a, b)| (a.0 - b.1, a.1 - b.0)),
            exact: self.exact && other.exact,
            sparse: self.sparse || other.sparse,
        }
    }

    /// The standard deviation of the resamples.
    fn se(&self) -> f64 {
        let mut moments = Moments::new();
        self.resampled.iter().filter(|x| x.is_finite()).for_each(|x| moments.add(*x));
        if moments.min() == moments.max() { 0.0 } else { moments.sd() }
    }

    /// The interval by bootstrap. Of a sum of multiples of means it is widened where few bundles
    /// differ from the commonest; what else is made of sparse statistics has none, since its
    /// resamples show too little of what was not seen.
    fn interval(&self, alpha: f64) -> Interval {
        if self.exact {
            return Interval::exact(self.value);
        }
        if self.means.is_empty() {
            if self.sparse {
                return Interval { sparse: true, ..Interval::NONE };
            }
            let ends = bca(self.value, self.resampled.clone(), &self.without, alpha);
            return Interval::bootstrapped(ends, &Tally::default(), self.n, ends, None, alpha);
        }
        let (mut tally, mut moments) = (Tally::default(), Moments::new());
        self.means.iter().filter(|x| x.is_finite()).for_each(|x| {
            tally.add(*x);
            moments.add(*x);
        });
        let size = (self.n as f64 / moments.n() as f64).ceil();
        let ends = if moments.min() == moments.max() {
            (self.value, self.value)
        } else {
            bca(self.value, self.resampled.clone(), &self.without, alpha)
        };
        // one run that differs moves the mean of its bundle by so much less
        let middle = tally.commonest().unwrap_or(self.value);
        let seen =
            (middle + (moments.min() - middle) * size, middle + (moments.max() - middle) * size);
        Interval::bootstrapped(ends, &tally, self.n, seen, self.range, alpha)
    }
}

/// Whether what draws can reach cancels out of a sum of multiples of statistics, since columns that
/// are the same in every run count 0 together.
fn cancels(list: &[(usize, f64)], taken: &[Taken]) -> bool {
    let drawn = || list.iter().filter(|(k, _)| !taken[*k].column.exact);
    drawn().all(|(k, _)| {
        let own = &taken[*k].column.identity;
        let same = || drawn().filter(|(other, _)| taken[*other].column.identity == *own);
        let sum: f64 = same().map(|(_, times)| times).sum();
        let size: f64 = same().map(|(_, times)| times.abs()).sum();
        !own.is_empty() && sum.abs() <= 1e-12 * size
    })
}

impl Estimate {
    fn from(value: f64, se: f64, interval: Interval) -> Estimate {
        let Interval { lo, hi, method, sparse } = interval;
        Estimate { value, lo, hi, se, method, sparse }
    }

    /// The value of a question with its interval at level 1 − α: of one statistic that of the
    /// statistic, moved and stretched where the question is; of several by bootstrap.
    pub(super) fn of(
        question: &Question,
        taken: &[Taken],
        resamples: &Resamples,
        alpha: f64,
    ) -> Estimate {
        let values = Values::of(question, taken);
        if let Some((list, number)) = question.multiples()
            && let [(k, times)] = list[..]
            && let Some(own) = taken[k].column.interval(resamples, alpha)
        {
            let (a, b) = (own.lo * times + number, own.hi * times + number);
            let interval = Interval { lo: a.min(b), hi: a.max(b), ..own };
            let se = match taken[k].column.is_mean() {
                true => taken[k].column.standard_error() * times.abs(),
                false => values.se(),
            };
            return Estimate::from(values.value, se, interval);
        }
        let zero = |tree: &&Tree| {
            let form = Form::Value((*tree).clone());
            let below = Question { form, ..question.clone() };
            !below.statistics().is_empty() && {
                let found = Estimate::of(&below, taken, resamples, alpha);
                !(found.lo > 0.0 || found.hi < 0.0)
            }
        };
        let interval = match question.denominators().iter().any(zero) {
            true => Interval::NONE,
            false => values.interval(alpha),
        };
        Estimate::from(values.value, values.se(), interval)
    }

    /// The value of a question less its value among other runs, paired.
    pub(super) fn difference(question: &Question, these: &[Taken], others: &[Taken]) -> Estimate {
        let mut values = Values::of(question, these).less(&Values::of(question, others));
        values.exact |= question.statistics().iter().all(|k| {
            let identity = &these[*k].column.identity;
            !identity.is_empty() && *identity == others[*k].column.identity
        });
        Estimate::from(values.value, values.se(), values.interval(ALPHA))
    }

    /// Whether the interval leaves out 0.
    pub fn leaves_out_zero(&self) -> bool {
        self.lo > 0.0 || self.hi < 0.0
    }

    /// The interval.
    pub fn interval(&self) -> Interval {
        Interval { lo: self.lo, hi: self.hi, method: self.method, sparse: self.sparse }
    }
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
    pub(super) fn of(question: &Question, taken: &[Taken], resamples: &Resamples) -> Reading {
        let estimate = Estimate::of(question, taken, resamples, ALPHA);
        let used = question.statistics();
        let n = used.iter().map(|k| taken[*k].column.n).min().unwrap_or(0);
        let left_out = used.iter().map(|k| taken[*k].column.left_out).max().unwrap_or(0);
        let (mut reasons, mut steps) = (Vec::new(), Vec::new());
        let exact = estimate.method == Method::Exact;
        let sound = (n >= LEAST_RUNS || exact) && estimate.interval().is_known();
        let given = forced(question, taken).filter(|_| !exact);
        let verdict = match sound && given.is_none() {
            true => {
                Verdict::of(question.how, question.threshold, question.within, &estimate.interval())
            }
            false => Verdict::Inconclusive,
        };
        if n == 0 {
            reasons.push("no run meets the condition or has a value".to_string());
        } else if n < LEAST_RUNS && !exact {
            reasons.push(format!("it rests on {n} runs, and a verdict needs {LEAST_RUNS}"));
        } else if !estimate.value.is_finite() {
            reasons.push("the statistic has no value: nothing varies, or 0 divides".to_string());
        } else if let Some((lo, hi)) = given {
            reasons.push(format!(
                "no run could say otherwise: the statistic lies from {lo} to {hi} whatever happens"
            ));
        } else if !sound {
            reasons.push(no_interval(question, &estimate));
        } else if verdict == Verdict::Inconclusive {
            reasons.extend(unlimited(question, &estimate));
        }
        if let Form::Steps(trees, rises) = &question.form {
            steps = trees.iter().map(|tree| tree.value(&|k| taken[k].value)).collect();
            reasons.extend(turns(question, trees, *rises, taken, resamples));
        }
        let reason = reasons.join("; ");
        Reading { estimate, n, left_out, verdict, sound, steps, reason }
    }
}

/// The range of a question, if all of it or none of it satisfies the comparison.
fn forced(question: &Question, taken: &[Taken]) -> Option<(f64, f64)> {
    let (lo, hi) = Values::of(question, taken).range?;
    let whole = Interval { lo, hi, method: Method::None, sparse: false };
    Verdict::of(question.how, question.threshold, question.within, &whole)
        .decided()
        .then_some((lo, hi))
}

fn no_interval(question: &Question, estimate: &Estimate) -> String {
    if estimate.sparse {
        return "too few runs differ from the others for an interval".to_string();
    }
    match question.denominators().is_empty() {
        true => "too few runs, or too many resamples without a value, for an interval".to_string(),
        false => "the interval of a denominator holds 0, or a resample has no value".to_string(),
    }
}

/// How close to equality the runs have come, where a claim of equality does not say how close is
/// close enough.
fn unlimited(question: &Question, estimate: &Estimate) -> Option<String> {
    let asked =
        matches!(question.how, Comparison::Equal | Comparison::AtMost | Comparison::AtLeast);
    let (below, above) = (question.threshold - estimate.lo, estimate.hi - question.threshold);
    let reach = match question.how {
        Comparison::AtMost => above,
        Comparison::AtLeast => below,
        _ => below.max(above),
    };
    let unsaid = asked && question.within.is_none() && estimate.value == question.threshold;
    unsaid.then(|| {
        format!(
            "no number of runs shows equality: these leave up to {reach:.2e} either way; \
             `within` says how much counts as none"
        )
    })
}

/// Where the steps go against the direction, if the interval of a step says so by itself.
fn turns(
    question: &Question,
    trees: &[Tree; STEPS],
    rises: bool,
    taken: &[Taken],
    resamples: &Resamples,
) -> Option<String> {
    let mut against = Vec::new();
    for (number, pair) in trees.windows(2).enumerate() {
        let [from, to] = pair else { continue };
        let (to, from) = (Box::new(to.clone()), Box::new(from.clone()));
        let form = Form::Value(Tree::Binary(Arithmetic::Subtract, to, from));
        let step = Question { form, ..question.clone() };
        let found = Estimate::of(&step, taken, resamples, ALPHA);
        if (rises && found.hi < 0.0) || (!rises && found.lo > 0.0) {
            against.push(format!("{} to {}", number + 1, number + 2));
        }
    }
    let verb = if rises { "falls" } else { "rises" };
    (!against.is_empty())
        .then(|| format!("not monotone: it {verb} from value {} of {STEPS}", against.join(" and ")))
}
