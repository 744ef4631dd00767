//! How often 95 % intervals hold the truth: summed over all samples where that can be done, else
//! counted over seeds. `benches/coverage.rs` prints all of it, `tests/it/coverage.rs` holds a
//! bounded part of it to what the methods promise.

use detente::claims::{Spec, judge};
use detente::experiment::Unwatched;
use detente::math::{exp, ln_gamma, log, normal_quantile};
use detente::rng::{Seed, Sequence};
use detente::stats::{ALPHA, Interval, Series, bundle};
use detente::summary::resamples;
use rayon::prelude::*;

use crate::support::{spec, tests, understood};

/// What an interval that promises 0.95 has to hold at least.
pub const LEAST: f64 = 0.93;

/// Samples rarer than this are left out of sums: together they are below 1e-6.
const NEGLIGIBLE: f64 = 1e-13;

/// How often the intervals of one estimate hold the truth.
#[derive(Debug, Clone)]
pub struct Row {
    /// What is estimated.
    pub measure: &'static str,
    /// Of what.
    pub law: String,
    /// Over so many runs.
    pub n: u64,
    /// How the intervals are made.
    pub method: &'static str,
    /// The share of samples whose interval does not leave out the truth.
    pub coverage: f64,
    /// The share of samples without an interval; they count as holding it, since nothing is said.
    pub none: f64,
    /// The mean width of the intervals.
    pub width: f64,
    /// Seeds that were counted; 0 where all samples were summed.
    pub seeds: u64,
    /// Whether the method promises at least [`LEAST`].
    pub promised: bool,
}

impl Row {
    /// What a sound method falls short of in about one row of a thousand: [`LEAST`] less three
    /// Monte Carlo errors sqrt(c (1 − c) / seeds) at c = [`LEAST`]; [`LEAST`] itself for sums.
    pub fn bound(&self) -> f64 {
        match self.seeds {
            0 => LEAST,
            seeds => LEAST - 3.0 * (LEAST * (1.0 - LEAST) / seeds as f64).sqrt(),
        }
    }
}

/// Adds up samples with their weights.
#[derive(Default)]
struct Count {
    all: f64,
    holding: f64,
    none: f64,
    width: f64,
}

impl Count {
    fn add(&mut self, weight: f64, lo: f64, hi: f64, truth: f64) {
        self.all += weight;
        if lo.is_nan() || hi.is_nan() {
            self.none += weight;
        } else {
            self.width += weight * (hi - lo);
        }
        // no interval leaves nothing out
        if !(truth < lo || truth > hi) {
            self.holding += weight;
        }
    }

    fn row(&self, measure: &'static str, law: String, n: u64, method: &'static str) -> Row {
        Row {
            measure,
            law,
            n,
            method,
            coverage: self.holding / self.all,
            none: self.none / self.all,
            width: self.width / (self.all - self.none),
            seeds: 0,
            promised: true,
        }
    }
}

/// log of n! / (k! (n − k)!).
fn ln_choose(n: u64, k: u64) -> f64 {
    let of = |k: u64| ln_gamma(k as f64 + 1.0);
    of(n) - of(k) - of(n - k)
}

/// k log p, 0 for k = 0.
fn times_log(k: u64, p: f64) -> f64 {
    if k == 0 { 0.0 } else { k as f64 * log(p) }
}

/// The probability of k of n.
fn binomial(k: u64, n: u64, p: f64) -> f64 {
    exp(ln_choose(n, k) + times_log(k, p) + times_log(n - k, 1.0 - p))
}

/// Wilson's interval of a share, summed over all samples.
fn share(n: u64, p: f64) -> Row {
    let mut count = Count::default();
    for k in 0..=n {
        let Interval { lo, hi, .. } = Interval::share(k, n, ALPHA);
        count.add(binomial(k, n, p), lo, hi, p);
    }
    count.row("share", format!("{p}"), n, "wilson")
}

/// The probability that `first` of `n` runs have only the first property and `second` only the
/// second.
fn trinomial(first: u64, second: u64, n: u64, p: (f64, f64)) -> f64 {
    let rest = n - first - second;
    let ways = ln_choose(n, first) + ln_choose(n - first, second);
    exp(ways + times_log(first, p.0) + times_log(second, p.1) + times_log(rest, 1.0 - p.0 - p.1))
}

/// Tango's interval of a paired difference of shares, summed over all samples; `p` are the
/// probabilities that a run has only the first and only the second property.
fn share_difference(law: &str, n: u64, p: (f64, f64)) -> Row {
    let mut count = Count::default();
    for first in 0..=n {
        if binomial(first, n, p.0) < NEGLIGIBLE {
            continue;
        }
        for second in 0..=n - first {
            let weight = trinomial(first, second, n, p);
            if weight >= NEGLIGIBLE {
                let Interval { lo, hi, .. } = Interval::share_difference(first, second, n, ALPHA);
                count.add(weight, lo, hi, p.0 - p.1);
            }
        }
    }
    count.row("paired difference of shares", law.to_string(), n, "tango")
}

/// Pairs of shares, the second first, with the probabilities of only the one and only the other.
const PAIRS: [(&str, (f64, f64)); 8] = [
    ("0.5 and 0.5, correlation 0.6", (0.1, 0.1)),
    ("0.5 and 0.5, independent", (0.25, 0.25)),
    ("0.6 and 0.5, correlation 0.4", (0.2, 0.1)),
    ("0.03 and 0.02, one within the other", (0.01, 0.0)),
    ("0.03 and 0.02, independent", (0.03 * 0.98, 0.02 * 0.97)),
    ("0.02 and 0.02, independent", (0.02 * 0.98, 0.02 * 0.98)),
    ("0.002 and 0.002, independent", (0.002 * 0.998, 0.002 * 0.998)),
    ("0.004 and 0.002, one within the other", (0.002, 0.0)),
];

/// The interval between order statistics, summed over how many of n values of a continuous
/// distribution lie below the quantile. Widths are those of a standard normal distribution, with
/// order statistics at their medians (Blom 1958).
fn quantile(n: u64, q: f64) -> Row {
    let ranks = Interval::quantile(q, n, None, ALPHA, |rank| rank as f64);
    let place = |rank: f64| normal_quantile((rank + 0.625) / (n as f64 + 0.25));
    let mut count = Count::default();
    for below in 0..=n {
        // the value of rank r (from 0) lies below the quantile if more than r values do
        let holds = ranks.lo < below as f64 && below as f64 <= ranks.hi;
        let (lo, hi) = (place(ranks.lo), place(ranks.hi));
        let truth = if holds || !ranks.is_known() { (lo + hi) / 2.0 } else { hi + 1.0 };
        count.add(binomial(below, n, q), lo, hi, truth);
    }
    count.row("quantile", format!("at {q}, any continuous"), n, "order")
}

/// What is summed over all samples, for runs of these numbers.
pub fn summed(sizes: &[u64]) -> Vec<Row> {
    let shares = sizes.iter().flat_map(|n| [0.5, 0.02, 0.002].map(|p| share(*n, p)));
    let pairs = PAIRS
        .par_iter()
        .flat_map_iter(|(law, p)| sizes.iter().map(move |n| share_difference(law, *n, *p)));
    let pairs: Vec<Row> = pairs.collect();
    let quantiles = sizes.iter().flat_map(|n| [0.5, 0.9].map(|q| quantile(*n, q)));
    shares.chain(pairs).chain(quantiles).collect()
}

/// The least coverage of Wilson's interval over all shares between 0 and 1, and the share at which
/// it is had.
///
/// Between two neighbouring ends of the n + 1 intervals the same numbers a..b of successes hold the
/// share, and the probability of a..b first rises and then falls in it: it is least at an end.
pub fn least_share(n: u64) -> (f64, f64) {
    let all: Vec<(f64, f64)> = (0..=n)
        .map(|k| Interval::share(k, n, ALPHA))
        .map(|interval| (interval.lo, interval.hi))
        .collect();
    let mut ends: Vec<f64> = all.iter().flat_map(|(lo, hi)| [*lo, *hi]).collect();
    ends.sort_unstable_by(f64::total_cmp);
    ends.dedup();
    let mut least = (1.0, f64::NAN);
    for between in ends.windows(2) {
        let [from, to] = *between else { continue };
        let middle = 0.5 * (from + to);
        let holding = |k: &u64| all[*k as usize].0 <= middle && middle <= all[*k as usize].1;
        for p in [from, to] {
            let found = (0..=n).filter(holding).map(|k| binomial(k, n, p)).sum::<f64>();
            if p > 0.0 && p < 1.0 && found < least.0 {
                least = (found, p);
            }
        }
    }
    least
}

/// The least coverage of Tango's interval over a grid of the probabilities of only the one and only
/// the other property, and where it is had. From 1 / (20 n) on each grows by a tenth, up to 0.45.
pub fn least_difference(n: u64) -> (f64, (f64, f64)) {
    let mut grid = vec![0.0];
    let mut p = 0.05 / n as f64;
    while p < 0.45 {
        grid.push(p);
        p *= 1.1;
    }
    let intervals: Vec<Vec<(f64, f64)>> = (0..=n)
        .into_par_iter()
        .map(|first| {
            let one = |second| Interval::share_difference(first, second, n, ALPHA);
            (0..=n - first).map(one).map(|i| (i.lo, i.hi)).collect()
        })
        .collect();
    let cover = |p: (f64, f64)| {
        let truth = p.0 - p.1;
        let likely = |p: f64| (0..=n).filter(move |k| binomial(*k, n, p) >= NEGLIGIBLE);
        let second: Vec<u64> = likely(p.1).collect();
        let mut missed = 0.0;
        for first in likely(p.0) {
            for second in second.iter().take_while(|second| **second <= n - first) {
                let (lo, hi) = intervals[first as usize][*second as usize];
                if truth < lo || truth > hi {
                    missed += trinomial(first, *second, n, p);
                }
            }
        }
        1.0 - missed
    };
    let of = |p: (f64, f64)| (cover(p), p);
    let pairs: Vec<(f64, f64)> = grid
        .iter()
        .flat_map(|a| grid.iter().map(move |b| (*a, *b)))
        // the other half is the same by symmetry
        .filter(|(a, b)| a >= b && *a > 0.0)
        .collect();
    let less = |a: (f64, (f64, f64)), b: (f64, (f64, f64))| if b.0 < a.0 { b } else { a };
    pairs.into_par_iter().map(of).reduce(|| (f64::INFINITY, (0.0, 0.0)), less)
}

/// What is drawn in a run.
#[derive(Debug, Clone, Copy)]
enum Law {
    /// normal(0, 1).
    Normal,
    /// exp of normal(0, 1).
    Lognormal,
    /// 10 with this probability, else 0; whether the range is known.
    Ten(f64, bool),
    /// The exponential of a normal variate with this probability, else 0.
    Rare(f64),
}

impl Law {
    const ALL: [Law; 9] = [
        Law::Normal,
        Law::Lognormal,
        Law::Ten(0.5, true),
        Law::Ten(0.02, true),
        Law::Ten(0.02, false),
        Law::Ten(0.01, false),
        Law::Ten(0.002, true),
        Law::Ten(0.002, false),
        Law::Rare(0.01),
    ];

    fn draw(self, numbers: &mut Sequence) -> f64 {
        let (first, second) = (numbers.uniform(), numbers.uniform());
        let happens = |p: f64| if first < p { 1.0 } else { 0.0 };
        match self {
            Law::Normal => normal_quantile(second),
            Law::Lognormal => exp(normal_quantile(second)),
            Law::Ten(p, _) => 10.0 * happens(p),
            Law::Rare(p) => happens(p) * exp(normal_quantile(second)),
        }
    }

    fn mean(self) -> f64 {
        match self {
            Law::Normal => 0.0,
            Law::Lognormal => exp(0.5),
            Law::Ten(p, _) => 10.0 * p,
            Law::Rare(p) => p * exp(0.5),
        }
    }

    /// Between which ends differences lie; values lie between 0 and the second.
    fn range(self) -> Option<(f64, f64)> {
        matches!(self, Law::Ten(_, true)).then_some((-10.0, 10.0))
    }

    fn name(self) -> String {
        match self {
            Law::Normal => "normal(0, 1)".to_string(),
            Law::Lognormal => "lognormal(0, 1)".to_string(),
            Law::Ten(p, true) => format!("10 with probability {p}, range known"),
            Law::Ten(p, false) => format!("10 with probability {p}, range unknown"),
            Law::Rare(p) => format!("lognormal(0, 1) with probability {p}, else 0"),
        }
    }

    /// Whether 0.93 is promised: of what is skewed without a known bound only where the mean of n
    /// runs is close to normal.
    fn promised(self, n: u64) -> bool {
        match self {
            Law::Normal | Law::Ten(..) => true,
            Law::Lognormal => n >= 1_000,
            Law::Rare(_) => false,
        }
    }
}

/// Intervals of the mean of values, and of the mean of paired differences, counted over seeds.
fn means(n: u64, seeds: u64) -> Vec<Row> {
    let one = |seed: u64| {
        let resamples = resamples(n, bundle(n), Seed(seed));
        let mut numbers = Sequence::new(Seed(seed), Sequence::TRIALS);
        Law::ALL.map(|law| {
            let mut series = Series::new(bundle(n));
            (0..n).for_each(|_| series.add(law.draw(&mut numbers)));
            let range = law.range();
            let values = range.map(|(_, most)| (0.0, most));
            let mean = Interval::mean(&series, values, ALPHA);
            [mean, Interval::difference(&series, range, &resamples, ALPHA)]
        })
    };
    // one after the other: resampling is done on all cores
    let found: Vec<_> = (0..seeds).map(one).collect();
    let row = |place: usize, law: Law| {
        let mut count = Count::default();
        let of = Law::ALL.iter().position(|other| other.name() == law.name()).unwrap_or(0);
        let intervals = found.iter().map(|seed| seed[of][place]);
        intervals.for_each(|i| count.add(1.0, i.lo, i.hi, law.mean()));
        let (measure, method) = [("mean", "t"), ("paired difference", "bca")][place];
        Row { seeds, promised: law.promised(n), ..count.row(measure, law.name(), n, method) }
    };
    (0..2).flat_map(|place| Law::ALL.map(|law| row(place, law))).collect()
}

/// One round in which outcomes with known means are drawn.
const DRAWN: &str = r#"format = 1
[scenario]
name   = "coverage"
title  = "Ratios of known means"
rounds = 1

[actors]
A = { name = "Ana" }
B = { name = "Ben" }

[state.narrow]
initial = "normal(5, 1)"
[state.spread]
initial = "normal(4, 2)"
[state.skewed]
initial = "lognormal(0, 1)"
[state.also]
initial = "lognormal(0, 1)"

[payoffs.gain]
A = 0
B = 0
[weights]
gain = 1
[moves.act]
by = ["A"]
[events.often]
probability = 0.5
[events.also]
probability = 0.5
[events.seldom]
probability = 0.1
[events.rare]
probability = 0.02
[decision]
rule = "random"

[outcomes]
narrow = { final = "narrow" }
spread = { final = "spread" }
skewed = { final = "skewed" }
also   = { final = "also" }
often  = { ever = "happened[often]" }
other  = { ever = "happened[also]" }
seldom = { ever = "happened[seldom]" }
rare   = { ever = "happened[rare]" }

[claims]
"#;

/// A name, a law, and for how many runs coverage is promised.
type Ratio = (&'static str, &'static str, fn(u64) -> bool);

/// Ratios: of what, the test whose threshold is the truth, whether 0.93 is promised.
const RATIOS: [Ratio; 5] = [
    ("normal(5, 1) by normal(4, 2)", "mean(narrow) / mean(spread) > 1.25", |_| true),
    ("two lognormal(0, 1)", "mean(skewed) / mean(also) > 1", |n| n >= 1_000),
    ("shares 0.5 and 0.5", "probability(often) / probability(other) > 1", |n| n >= 100),
    ("shares 0.1 and 0.5", "probability(seldom) / probability(often) > 0.2", |n| n >= 100),
    ("shares 0.02 and 0.5", "probability(rare) / probability(often) > 0.04", |_| true),
];

/// Ratios of means by claims, counted over seeds.
fn ratios(n: u64, seeds: u64) -> Vec<Row> {
    let list: Vec<&str> = RATIOS.iter().map(|(_, test, _)| *test).collect();
    let known = understood(format!("{DRAWN}{}", tests(&list)));
    let one = |seed: u64| {
        let spec = Spec { threads: None, ..spec(&known, n, seed) };
        let report = judge(&spec, &Unwatched).expect("it is played");
        let tested = report.claims.iter().filter_map(|claim| claim.tested.as_ref());
        tested.map(|t| (t.real.estimate.interval(), t.threshold)).collect::<Vec<_>>()
    };
    let found: Vec<_> = (0..seeds).map(one).collect();
    let row = |(place, (law, _, promised)): (usize, &Ratio)| {
        let mut count = Count::default();
        let intervals = found.iter().map(|seed| seed[place]);
        intervals.for_each(|(i, truth)| count.add(1.0, i.lo, i.hi, truth));
        let row = count.row("ratio of means", (*law).to_string(), n, "bca");
        Row { seeds, promised: promised(n), ..row }
    };
    RATIOS.iter().enumerate().map(row).collect()
}

/// What is counted over seeds, for runs of these numbers.
pub fn counted(sizes: &[u64], seeds: u64) -> Vec<Row> {
    let mut rows: Vec<Row> = sizes.iter().flat_map(|n| means(*n, seeds)).collect();
    rows.extend(sizes.iter().flat_map(|n| ratios(*n, seeds)));
    rows.sort_by_key(|row| row.measure);
    rows
}
