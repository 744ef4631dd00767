//! From values to places on the page: axes with round numbers.

use crate::number::short;

/// A linear scale: from the least value at one place to the greatest at another.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scale {
    /// The values at the ends.
    pub from: f64,
    /// The greatest value.
    pub to: f64,
    /// Where the ends are.
    pub start: f64,
    /// Where the greatest value is.
    pub end: f64,
    /// Whether values are shares, shown in per cent.
    pub share: bool,
}

impl Scale {
    /// A scale that holds all finite values, with a little room; `[0, 1]` without any.
    pub fn holding(values: impl IntoIterator<Item = f64>) -> Scale {
        let finite = values.into_iter().filter(|v| v.is_finite());
        let (lo, hi) = finite.fold((f64::INFINITY, f64::NEG_INFINITY), |(lo, hi), v| {
            (if v < lo { v } else { lo }, if v > hi { v } else { hi })
        });
        let (lo, hi) = if lo <= hi { (lo, hi) } else { (0.0, 1.0) };
        let room = match hi - lo {
            0.0 if lo == 0.0 => 0.5,
            0.0 => lo.abs() * 0.1,
            width if width.is_finite() => width * 0.04,
            _ => 0.0,
        };
        Scale { from: lo - room, to: hi + room, start: 0.0, end: 1.0, share: false }
    }

    /// A scale of shares: from 0 to 1, or to a round share that holds all of them.
    pub fn shares(values: impl IntoIterator<Item = f64>) -> Scale {
        let most = values.into_iter().filter(|v| v.is_finite());
        let most = most.fold(0.0, |most, v| if v > most { v } else { most });
        let ends = [0.05, 0.1, 0.2, 0.5, 1.0];
        let to = ends.into_iter().find(|end| most <= *end).unwrap_or(1.0);
        Scale { from: 0.0, to, start: 0.0, end: 1.0, share: true }
    }

    /// The same between two places.
    #[must_use]
    pub fn between(mut self, start: f64, end: f64) -> Scale {
        (self.start, self.end) = (start, end);
        self
    }

    /// The same with this value on it.
    #[must_use]
    pub fn with(mut self, value: f64) -> Scale {
        if value < self.from {
            self.from = value;
        }
        if value > self.to {
            self.to = value;
        }
        self
    }

    /// Where a value is; values beyond the ends are at the ends.
    pub fn at(&self, value: f64) -> f64 {
        let width = self.to - self.from;
        let part = if width > 0.0 { (value - self.from) / width } else { 0.5 };
        self.start + (self.end - self.start) * part.clamp(0.0, 1.0)
    }

    /// Round values on the scale, about so many, and how they are written.
    pub fn ticks(&self, about: usize) -> Vec<(f64, String)> {
        let width = self.to - self.from;
        if !(width > 0.0 && width.is_finite()) {
            return vec![(self.from, short(self.from))];
        }
        let step = round_step(width / about.max(1) as f64);
        let first = (self.from / step).ceil();
        let count = ((self.to - first * step) / step * (1.0 + 1e-9)).floor();
        let list = (0..=(count.max(0.0) as usize).min(50)).map(|k| (first + k as f64) * step);
        list.map(|value| (value, self.label(value))).collect()
    }

    /// How a value on the axis is written.
    pub fn label(&self, value: f64) -> String {
        match self.share {
            true => format!("{} %", short(100.0 * value)),
            // what rounding left of a zero is none
            false if value.abs() < (self.to - self.from) * 1e-9 => "0".to_string(),
            false => short(value).replace('-', "−"),
        }
    }
}

/// The least of 1, 2, 5 times a power of ten that is not below.
fn round_step(least: f64) -> f64 {
    let text = format!("{least:e}");
    let power = text.split_once('e').map_or("0", |(_, power)| power);
    let unit: f64 = format!("1e{power}").parse().unwrap_or(1.0);
    let steps = [1.0, 2.0, 5.0, 10.0].map(|step| step * unit);
    steps.into_iter().find(|step| *step >= least * (1.0 - 1e-9)).unwrap_or(unit * 10.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_on_the_scale() {
        for (from, to, told) in [
            (0.0, 1.0, "0 0.2 0.4 0.6 0.8 1"),
            (-3.0, 47.0, "0 10 20 30 40"),
            (0.301, 0.309, "0.302 0.304 0.306 0.308"),
            (-2e-6, 2e-6, "−2e−6 −1e−6 0 1e−6 2e−6"),
            (5.0, 5.0, "5"),
        ] {
            let scale = Scale { from, to, start: 0.0, end: 100.0, share: false };
            let labels: Vec<String> = scale.ticks(5).into_iter().map(|(_, label)| label).collect();
            assert_eq!(labels.join(" "), told);
        }
        let shares = Scale::shares([0.08, 0.12]);
        assert_eq!((shares.to, shares.ticks(4)[1].1.as_str()), (0.2, "5 %"));
    }

    #[test]
    fn values_have_their_places() {
        let scale = Scale::holding([2.0, 4.0, f64::NAN]).between(100.0, 0.0);
        assert!(scale.at(2.0) < 100.0 && scale.at(3.0) == 50.0 && scale.at(4.0) > 0.0);
        assert_eq!(scale.at(9.0), 0.0);
        assert_eq!(Scale::holding([]).at(0.5), Scale::holding([0.0, 1.0]).at(0.5));
    }
}
