//! Values along an axis: inverse distribution functions.

use std::fmt;

use crate::expr::{Distribution, quantile};
use crate::math;
use crate::model::Uncertainty;
use crate::scenario::Values;

/// A value of something that varies.
#[derive(Clone, Debug, PartialEq)]
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
                        let x = between(lo, hi, log, k as f64 / (n - 1) as f64);
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

    /// Values to try out: levels, all of them or the first and the last and words, or the ends of
    /// a range and one in between that is hardly whole.
    pub(super) fn samples(&self, most: usize) -> Vec<Value> {
        match self {
            Along::Levels(all) => {
                let last = all.len().saturating_sub(1);
                let tried = |k: usize, value: &Value| {
                    k < most || k == last || matches!(value, Value::Text(_))
                };
                let tried = all.iter().enumerate().filter(|(k, value)| tried(*k, value));
                tried.map(|(_, value)| value.clone()).collect()
            }
            Along::Range { lo, hi, .. } => {
                let inside = self.at(0.381_966_011_250_105);
                vec![Value::Number(*lo), Value::Number(*hi), inside]
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
        let log = numbers(&along("x=1:16:5 log"));
        let error = log.iter().zip([1.0, 2.0, 4.0, 8.0, 16.0]).map(|(a, b)| (a - b).abs());
        assert!(error.fold(0.0, f64::max) < 1e-14, "{log:?}");
        assert_eq!(numbers(&along("x=1:100:9 log integer"))[..3], [1.0, 2.0, 3.0]);
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
