//! Values along an axis: inverse distribution functions.

use std::collections::BTreeSet;
use std::fmt;

use serde::Serialize;

use crate::expr::{Distribution, quantile};
use crate::math;
use crate::model::Uncertainty;
use crate::scenario::{Values, even_step};

/// A value of something that varies.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Value {
    /// A number.
    Number(f64),
    /// A word or a formula.
    Text(String),
}

impl Value {
    fn read(text: &str) -> Value {
        match text.trim().parse::<f64>() {
            Ok(number) if number.is_finite() => Value::Number(number),
            _ => Value::Text(text.trim().to_string()),
        }
    }

    /// The number; a word is none.
    pub fn number(&self) -> f64 {
        match self {
            Value::Number(number) => *number,
            Value::Text(_) => f64::NAN,
        }
    }

    /// The word, empty for a number.
    pub fn text(&self) -> &str {
        match self {
            Value::Number(_) => "",
            Value::Text(text) => text,
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Number(number) => number.fmt(f),
            Value::Text(text) => f.write_str(text),
        }
    }
}

#[derive(Clone, Debug)]
pub(super) enum Along {
    /// Anything from `lo` to `hi`.
    Range { lo: f64, hi: f64, log: bool, integer: bool },
    /// As the file declares.
    Uncertain(Uncertainty),
    /// One of these.
    Levels(Vec<Value>),
}

impl Along {
    pub(super) fn of(values: Values) -> Along {
        match values {
            Values::List(words) => Along::Levels(words.iter().map(|w| Value::read(w)).collect()),
            Values::Range { lo, hi, count: None, log, integer } => {
                Along::Range { lo, hi, log, integer }
            }
            Values::Range { lo, hi, count: Some(n), log, integer } => {
                let level = |k: u64| match k {
                    0 => lo,
                    k if k + 1 == n => hi,
                    k => {
                        let x = match log {
                            true => ratio_step(lo, hi, k, n - 1),
                            false => even_step(lo, hi, k, n - 1),
                        };
                        if integer { math::floor(x + 0.5) } else { x }
                    }
                };
                let mut all: Vec<f64> = (0..n).map(level).collect();
                // Whole numbers on a log scale may meet near its lower end.
                all.dedup();
                Along::Levels(all.into_iter().map(Value::Number).collect())
            }
        }
    }

    /// The value at a coordinate in (0, 1).
    pub(super) fn at(&self, u: f64) -> Value {
        match self {
            Along::Range { lo, hi, log, integer: false } => {
                Value::Number(math::clamp(between(*lo, *hi, *log, u), *lo, *hi))
            }
            Along::Range { lo, hi, log, integer: true } => {
                // Each whole number has the piece up to the next one.
                let x = math::floor(between(*lo, hi + 1.0, *log, u));
                Value::Number(math::clamp(x, *lo, *hi))
            }
            Along::Uncertain(known) => Value::Number(quantile(known.distribution, known.given, u)),
            Along::Levels(all) => {
                let place = (u * all.len() as f64) as usize;
                all[place.min(all.len().saturating_sub(1))].clone()
            }
        }
    }

    pub(super) fn levels(&self) -> Option<u64> {
        match self {
            Along::Levels(all) => Some(all.len() as u64),
            Along::Range { .. } | Along::Uncertain(_) => None,
        }
    }

    pub(super) fn is_number(&self) -> bool {
        match self {
            Along::Levels(all) => all.iter().all(|value| matches!(value, Value::Number(_))),
            Along::Range { .. } | Along::Uncertain(_) => true,
        }
    }

    /// Whether it has one value only.
    pub(super) fn is_one_value(&self) -> bool {
        match self {
            Along::Uncertain(Uncertainty { distribution: Distribution::Uniform, given }) => {
                given[0] == given[1]
            }
            _ => false,
        }
    }

    /// All levels; none of a range.
    pub(super) fn all(&self) -> Vec<&Value> {
        match self {
            Along::Levels(all) => all.iter().collect(),
            Along::Range { .. } | Along::Uncertain(_) => Vec::new(),
        }
    }

    /// Values to try out, levels with their places: of levels the first `most`, the last, all
    /// words, and of the numbers the least, the greatest and the first that is not whole; of a
    /// range its ends and one in between that is hardly whole. What a setting asks of numbers are
    /// limits and whether they are whole, so that the rest is fine if these are.
    pub(super) fn samples(&self, most: usize) -> Vec<(usize, Value)> {
        match self {
            Along::Levels(all) => {
                let numbers = || all.iter().map(Value::number).enumerate();
                let finite = || numbers().filter(|(_, x)| x.is_finite());
                let least = finite().min_by(|a, b| a.1.total_cmp(&b.1));
                let greatest = finite().max_by(|a, b| a.1.total_cmp(&b.1));
                let broken = finite().find(|(_, x)| x.fract() != 0.0);
                let last = all.len().saturating_sub(1);
                let chosen: BTreeSet<usize> = numbers()
                    .filter(|(k, x)| *k < most || *k == last || x.is_nan())
                    .chain([least, greatest, broken].into_iter().flatten())
                    .map(|(k, _)| k)
                    .collect();
                chosen.into_iter().map(|k| (k, all[k].clone())).collect()
            }
            Along::Range { lo, hi, .. } => {
                let inside = self.at(0.381_966_011_250_105);
                [Value::Number(*lo), Value::Number(*hi), inside].into_iter().enumerate().collect()
            }
            Along::Uncertain(_) => Vec::new(),
        }
    }
}

/// The value at a share of the way from `lo` to `hi`, in differences or in ratios.
fn between(lo: f64, hi: f64, log: bool, share: f64) -> f64 {
    match log {
        false => lo + (hi - lo) * share,
        true => math::exp(math::log(lo) + (math::log(hi) - math::log(lo)) * share),
    }
}

/// Step `k` of `n` from `lo` to `hi` in even ratios. Exponentials leave an error of a few units in
/// the last place; a decimal of at most 12 digits that close is taken instead.
fn ratio_step(lo: f64, hi: f64, k: u64, n: u64) -> f64 {
    let x = between(lo, hi, true, k as f64 / n as f64);
    let size = math::maximum(math::log(lo).abs(), math::log(hi).abs());
    // The exponent has an error of this order; for ends beyond about 1e-9 and 1e9 a decimal could
    // be that close by chance.
    let error = f64::min(4.0 * f64::EPSILON * (1.0 + size), 2e-14);
    let short: f64 = format!("{x:.11e}").parse().unwrap_or(x);
    if (short - x).abs() <= error * x { short } else { x }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::vary;

    fn along(text: &str) -> Along {
        Along::of(vary(text).unwrap().values)
    }

    fn numbers(along: &Along) -> Vec<f64> {
        let number = |value: &&Value| match value {
            Value::Number(x) => *x,
            Value::Text(text) => panic!("{text}"),
        };
        along.all().iter().map(number).collect()
    }

    #[test]
    fn levels_are_even() {
        assert_eq!(numbers(&along("x=0:1:5")), [0.0, 0.25, 0.5, 0.75, 1.0]);
        assert_eq!(numbers(&along("x=0.1:0.3:3")), [0.1, 0.2, 0.3]);
        assert_eq!(numbers(&along("x=1:10:4 integer")), [1.0, 4.0, 7.0, 10.0]);
        assert_eq!(numbers(&along("x=1:100:9 log integer"))[..3], [1.0, 2.0, 3.0]);
    }

    #[test]
    fn steps_are_the_numbers_that_one_would_write() {
        let tenths = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9];
        assert_eq!(numbers(&along("x=0.1:0.9:9")), tenths);
        let even = |text: &str, unit: f64, first: i64, count: i64| {
            // Dividing whole numbers is rounded once.
            let all: Vec<f64> = (0..count).map(|k| (first + k) as f64 / unit).collect();
            assert_eq!(numbers(&along(text)), all, "{text}");
        };
        even("x=0:1:101", 100.0, 0, 101);
        even("x=-0.7:0.7:1401", 1000.0, -700, 1401);
        even("x=0:1:4", 3.0, 0, 4);
        even("x=0:1:999983", 999_982.0, 0, 999_983);
        even("x=1e-3:2.5:2500", 1e3, 1, 2500);
        assert_eq!(numbers(&along("x=1e-7:3e-7:3")), [1e-7, 2e-7, 3e-7]);
        assert_eq!(numbers(&along("x=1e20:3e20:3")), [1e20, 2e20, 3e20]);
        // Too far apart for the exact way.
        assert_eq!(numbers(&along("x=1e-300:1e300:3")), [1e-300, 5e299, 1e300]);
    }

    #[test]
    fn steps_in_ratios_are_short_where_they_can_be() {
        let powers = |base: f64, from: i32, to: i32| -> Vec<f64> {
            (from..=to).map(|k| format!("{base}e{k}").parse().unwrap()).collect()
        };
        assert_eq!(numbers(&along("x=1:16:5 log")), [1.0, 2.0, 4.0, 8.0, 16.0]);
        assert_eq!(numbers(&along("x=0.25:8:6 log")), [0.25, 0.5, 1.0, 2.0, 4.0, 8.0]);
        assert_eq!(numbers(&along("x=1e-6:1e6:13 log")), powers(1.0, -6, 6));
        assert_eq!(numbers(&along("x=3e-9:3e9:19 log")), powers(3.0, -9, 9));
        assert_eq!(numbers(&along("x=0.1:0.4:3 log"))[1], 0.2);
        assert_eq!(numbers(&along("x=1:1048576:21 log"))[19], 524_288.0);
        // What has no short decimal keeps all its digits.
        let [_, root, _] = numbers(&along("x=1:2:3 log"))[..] else { panic!("three") };
        assert!((root - std::f64::consts::SQRT_2).abs() < 4e-16, "{root}");
        assert!(root.to_string().len() > 14, "{root}");
    }

    #[test]
    fn coordinates_become_values() {
        let at = |text: &str, u: f64| along(text).at(u);
        assert_eq!(at("x=2:6", 0.25), Value::Number(3.0));
        assert_eq!(at("x=0:3 integer", 0.26), Value::Number(1.0));
        assert_eq!(at("x=0:3 integer", 0.999), Value::Number(3.0));
        assert_eq!(at("x=a,b", 0.49), Value::Text("a".into()));
        assert_eq!(at("x=a,b", 0.5), Value::Text("b".into()));
        let Value::Number(x) = at("x=1:100 log", 0.5) else { panic!("a number") };
        assert!((x - 10.0).abs() < 1e-13);
        let beta = Uncertainty { distribution: Distribution::Beta, given: [2.0, 2.0, 0.0] };
        let Value::Number(x) = Along::Uncertain(beta).at(0.5) else { panic!("a number") };
        assert!((x - 0.5).abs() < 1e-14);
    }
}
