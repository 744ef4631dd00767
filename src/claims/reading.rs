//! The value of a question with its interval, and what it says.

use super::LEAST_RUNS;
use super::bootstrap::Taken;
use super::program::{Form, Question, STEPS, Tree};
use super::verdict::{ALPHA, Verdict};
use crate::expr::{Arithmetic, Comparison};
use crate::stats::{Interval, Method, Moments, Tally, bca};
use serde::Serialize;

/// A value with its interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
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

/// A question asked of the runs of one world, or its value there less that in another, paired.
#[derive(Clone, Copy)]
struct Asked<'a> {
    question: &'a Question,
    these: &'a [Taken<'a>],
    less: Option<&'a [Taken<'a>]>,
}

impl<'a> Asked<'a> {
    fn worlds(&self) -> impl Iterator<Item = &'a [Taken<'a>]> + use<'a> {
        std::iter::once(self.these).chain(self.less)
    }

    fn value(&self) -> f64 {
        let of = |taken: &[Taken]| self.question.value(&|k| taken[k].value);
        self.less.map_or(of(self.these), |less| of(self.these) - of(less))
    }

    /// The question of lists that belong to its statistics, number after number.
    fn along(&self, of: fn(&'a Taken<'a>) -> &'a [f64]) -> Vec<f64> {
        let used = self.question.statistics();
        let one = |taken: &'a [Taken<'a>]| -> Vec<f64> {
            let lists: Vec<&[f64]> = used.iter().map(|k| of(&taken[*k])).collect();
            let count = lists.iter().map(|list| list.len()).min().unwrap_or(0);
            let place = |k: usize| used.iter().position(|own| *own == k).unwrap_or(0);
            (0..count).map(|r| self.question.value(&|k| lists[place(k)][r])).collect()
        };
        let these = one(self.these);
        match self.less.map(one) {
            None => these,
            Some(less) => these.into_iter().zip(less).map(|(x, y)| x - y).collect(),
        }
    }

    /// How many runs it rests on.
    fn n(&self) -> u64 {
        let used = self.question.statistics();
        let all = self.worlds().flat_map(|taken| used.iter().map(|k| taken[*k].column.n()));
        all.min().unwrap_or(0)
    }

    /// Between which ends it lies, where that is known.
    fn range(&self) -> Option<(f64, f64)> {
        let own = range(self.question, self.these)?;
        match self.less {
            None => Some(own),
            Some(less) => range(self.question, less).map(|less| (own.0 - less.1, own.1 - less.0)),
        }
    }

    /// Whether no draw can reach it.
    fn is_exact(&self) -> bool {
        let same = |(a, b): (&Taken, &Taken)| {
            !a.column.identity.is_empty() && a.column.identity == b.column.identity
        };
        let used = self.question.statistics();
        let cancels = |less: &[Taken]| used.iter().all(|k| same((&self.these[*k], &less[*k])));
        self.worlds().all(|taken| exact(self.question, taken)) || self.less.is_some_and(cancels)
    }

    /// Whether a statistic in it is sparse.
    fn is_sparse(&self) -> bool {
        let used = self.question.statistics();
        self.worlds().any(|taken| used.iter().any(|k| taken[*k].column.is_sparse()))
    }

    /// The estimate that resamples give.
    fn bootstrap(&self, alpha: f64) -> Estimate {
        let resampled = self.along(Taken::resampled);
        let se = deviation(&resampled);
        Estimate::from(self.value(), se, self.interval(resampled, alpha))
    }

    /// The interval by bootstrap. Of a sum of multiples of means it is widened where few bundles
    /// differ from the commonest; what else is made of sparse statistics has none, since its
    /// resamples show too little of what was not seen.
    fn interval(&self, resampled: Vec<f64>, alpha: f64) -> Interval {
        let value = self.value();
        if self.is_exact() {
            return Interval::exact(value);
        }
        let linear = multiples(self.question, self.these).is_some();
        let means = if linear { self.along(Taken::means) } else { Vec::new() };
        if means.is_empty() {
            if self.is_sparse() {
                return Interval { sparse: true, ..Interval::NONE };
            }
            let ends = bca(value, resampled, &self.along(Taken::without), alpha);
            return Interval::bootstrapped(ends);
        }
        let (mut tally, mut moments) = (Tally::default(), Moments::new());
        means.iter().filter(|x| x.is_finite()).for_each(|x| {
            tally.add(*x);
            moments.add(*x);
        });
        let size = (self.n() as f64 / moments.n() as f64).ceil();
        let ends = if moments.min() == moments.max() {
            (value, value)
        } else {
            bca(value, resampled, &self.along(Taken::without), alpha)
        };
        // one run that differs moves the mean of its bundle by so much less
        let middle = tally.commonest().unwrap_or(value);
        let seen =
            (middle + (moments.min() - middle) * size, middle + (moments.max() - middle) * size);
        Interval::bootstrapped_mean(ends, &tally, self.n(), seen, self.range(), alpha)
    }
}

/// The standard deviation of resamples.
fn deviation(resampled: &[f64]) -> f64 {
    let mut moments = Moments::new();
    resampled.iter().filter(|x| x.is_finite()).for_each(|x| moments.add(*x));
    if moments.min() == moments.max() { 0.0 } else { moments.sd() }
}

/// The question as a sum of multiples of means and a number, if it is one.
fn multiples(question: &Question, taken: &[Taken]) -> Option<(Vec<(usize, f64)>, f64)> {
    let means = || question.statistics().iter().all(|k| taken[*k].column.is_mean());
    question.multiples().filter(|_| means())
}

/// Between which ends a question lies, where that is known.
fn range(question: &Question, taken: &[Taken]) -> Option<(f64, f64)> {
    let (list, number) = multiples(question, taken)?;
    list.iter().try_fold((number, number), |(lo, hi), (k, times)| {
        let (a, b) = taken[*k].column.range?;
        let (a, b) = (a * times, b * times);
        Some((lo + a.min(b), hi + a.max(b)))
    })
}

/// Whether no draw can reach a question.
fn exact(question: &Question, taken: &[Taken]) -> bool {
    let used = question.statistics();
    let cancels = || multiples(question, taken).is_some_and(|(list, _)| cancels(&list, taken));
    !used.is_empty() && (used.iter().all(|k| taken[*k].column.exact) || cancels())
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
    pub(super) fn from(value: f64, se: f64, interval: Interval) -> Estimate {
        let Interval { lo, hi, method, sparse } = interval;
        Estimate { value, lo, hi, se, method, sparse }
    }

    /// The value of a question with its interval at level 1 − α: of one statistic that of the
    /// statistic, moved and stretched where the question is; of several by bootstrap.
    pub(super) fn of(question: &Question, taken: &[Taken], alpha: f64) -> Estimate {
        let asked = Asked { question, these: taken, less: None };
        if let Some((list, number)) = question.multiples()
            && let [(k, times)] = list[..]
            && let Some(own) = taken[k].column.interval(taken[k].resamples(), alpha)
        {
            let (a, b) = (own.lo * times + number, own.hi * times + number);
            let interval = Interval { lo: a.min(b), hi: a.max(b), ..own };
            let se = match taken[k].column.is_mean() {
                true => taken[k].column.standard_error() * times.abs(),
                false => deviation(&asked.along(Taken::resampled)),
            };
            return Estimate::from(asked.value(), se, interval);
        }
        let zero = |tree: &&Tree| {
            let form = Form::Value((*tree).clone());
            let below = Question { form, ..question.clone() };
            !below.statistics().is_empty() && {
                let found = Estimate::of(&below, taken, alpha);
                !(found.lo > 0.0 || found.hi < 0.0)
            }
        };
        match question.denominators().iter().any(zero) {
            true => {
                let se = deviation(&asked.along(Taken::resampled));
                Estimate::from(asked.value(), se, Interval::NONE)
            }
            false => asked.bootstrap(alpha),
        }
    }

    /// The value of a question less its value among other runs, paired.
    pub(super) fn difference(question: &Question, these: &[Taken], others: &[Taken]) -> Estimate {
        Asked { question, these, less: Some(others) }.bootstrap(ALPHA)
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
#[derive(Debug, Clone, PartialEq, Serialize)]
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
    /// Whether an interval could be had from enough runs, and could have said otherwise.
    pub sound: bool,
    /// The side at each value of the parameter; of comparative statics only.
    pub steps: Vec<f64>,
    /// What a reader has to know about it; may be empty.
    pub reason: String,
}

impl Reading {
    pub(super) fn of(question: &Question, taken: &[Taken]) -> Reading {
        let estimate = Estimate::of(question, taken, ALPHA);
        let used = question.statistics();
        let n = used.iter().map(|k| taken[*k].column.n()).min().unwrap_or(0);
        let left_out = used.iter().map(|k| taken[*k].column.left_out()).max().unwrap_or(0);
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
            reasons.extend(turns(question, trees, *rises, taken));
        }
        let reason = reasons.join("; ");
        Reading { estimate, n, left_out, verdict, sound: sound && given.is_none(), steps, reason }
    }
}

/// The range of a question, if all of it or none of it satisfies the comparison.
fn forced(question: &Question, taken: &[Taken]) -> Option<(f64, f64)> {
    let (lo, hi) = range(question, taken)?;
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
) -> Option<String> {
    let mut against = Vec::new();
    for (number, pair) in trees.windows(2).enumerate() {
        let [from, to] = pair else { continue };
        let (to, from) = (Box::new(to.clone()), Box::new(from.clone()));
        let form = Form::Value(Tree::Binary(Arithmetic::Subtract, to, from));
        let step = Question { form, ..question.clone() };
        let found = Estimate::of(&step, taken, ALPHA);
        if (rises && found.hi < 0.0) || (!rises && found.lo > 0.0) {
            against.push(format!("{} to {}", number + 1, number + 2));
        }
    }
    let verb = if rises { "falls" } else { "rises" };
    (!against.is_empty())
        .then(|| format!("not monotone: it {verb} from value {} of {STEPS}", against.join(" and ")))
}
