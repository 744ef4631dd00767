//! From intervals to verdicts.

use crate::expr::Comparison;
use crate::stats::{Interval, Method};
use serde::Serialize;

pub use crate::stats::ALPHA;

/// What the runs say about a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Every value in the interval satisfies the comparison.
    Supported,
    /// No value in the interval satisfies it.
    Contradicted,
    /// Neither.
    Inconclusive,
    /// Nothing was tested.
    Unchecked,
}

impl Verdict {
    /// All verdicts with their words.
    pub const ALL: &'static [(&'static str, Verdict)] = &[
        ("supported", Verdict::Supported),
        ("contradicted", Verdict::Contradicted),
        ("inconclusive", Verdict::Inconclusive),
        ("unchecked", Verdict::Unchecked),
    ];

    /// As it stands in files.
    pub fn word(self) -> &'static str {
        Verdict::ALL.iter().find(|(_, v)| *v == self).map_or("unchecked", |(w, _)| w)
    }

    /// The verdict of that word.
    pub fn named(word: &str) -> Option<Verdict> {
        Verdict::ALL.iter().find(|(w, _)| *w == word).map(|(_, v)| *v)
    }

    /// Whether the runs decide.
    pub fn decided(self) -> bool {
        matches!(self, Verdict::Supported | Verdict::Contradicted)
    }

    /// What an interval says about `value how threshold`: supported if all of its values satisfy
    /// the comparison, contradicted if none does, else (or without an interval) inconclusive.
    ///
    /// So `<` is supported if `hi < threshold` and contradicted if `lo >= threshold`, `<=` if
    /// `hi <= threshold` and `lo > threshold`. With `within` a distance up to it counts as
    /// equality: `==` is supported if all values lie that close to the threshold and contradicted
    /// if none does, `!=` the other way round, and `<=` and `>=` have a threshold so much further
    /// out. Without it runs can contradict equality and never show it: `==` is not supported, and
    /// `!=` not contradicted, unless the interval is [exact](Method::Exact).
    pub fn of(
        how: Comparison,
        threshold: f64,
        within: Option<f64>,
        interval: &Interval,
    ) -> Verdict {
        let Interval { lo, hi, .. } = *interval;
        if lo.is_nan() || hi.is_nan() || threshold.is_nan() {
            return Verdict::Inconclusive;
        }
        let near = within.unwrap_or(0.0);
        let (below, above) = (threshold - near, threshold + near);
        let may_equal = within.is_some() || interval.method == Method::Exact;
        let equal = may_equal && below <= lo && hi <= above;
        let outside = above < lo || hi < below;
        let (all, none) = match how {
            Comparison::Less => (hi < threshold, lo >= threshold),
            Comparison::AtMost => (hi <= above, lo > above),
            Comparison::Greater => (lo > threshold, hi <= threshold),
            Comparison::AtLeast => (lo >= below, hi < below),
            Comparison::Equal => (equal, outside),
            Comparison::NotEqual => (outside, equal),
        };
        match (all, none) {
            (true, _) => Verdict::Supported,
            (_, true) => Verdict::Contradicted,
            _ => Verdict::Inconclusive,
        }
    }
}

/// A claim as Holm's procedure needs it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Member {
    /// The comparison.
    pub how: Comparison,
    /// With what.
    pub threshold: f64,
    /// How far from it counts as equal.
    pub within: Option<f64>,
    /// The estimate.
    pub value: f64,
    /// Its interval at level 1 − [`ALPHA`].
    pub interval: Interval,
}

/// Holm's (1979) step-down procedure over a family of claims: per member an interval and the
/// verdict it gives. `interval` makes the interval of a member at a level 1 − α.
///
/// Members are taken by how far the threshold lies from the estimate in widths of the interval on
/// its side, greatest first (in the order given among equals). The k-th of m, counted from 0, gets
/// the interval at level 1 − α / (m − k), α = [`ALPHA`]. From the first member on whose interval
/// decides nothing, all have the level of that member, so none of them is decided: with a
/// probability of at least 1 − α no claim is decided wrongly whose value equals its threshold.
pub fn holm(
    family: &[Member],
    interval: impl Fn(usize, f64) -> Interval,
) -> Vec<(Interval, Verdict)> {
    let size = |member: &Member| {
        let Member { threshold, value, interval, .. } = member;
        let up = threshold >= value;
        let width = if up { interval.hi - value } else { value - interval.lo };
        let distance = (value - threshold).abs();
        if width > 0.0 { distance / width } else { f64::INFINITY }
    };
    let mut order: Vec<usize> = (0..family.len()).collect();
    order.sort_by(|a, b| size(&family[*b]).total_cmp(&size(&family[*a])).then(a.cmp(b)));
    let mut results = vec![(Interval::NONE, Verdict::Inconclusive); family.len()];
    let (mut left, mut open) = (family.len(), true);
    for place in order {
        let Member { how, threshold, within, .. } = family[place];
        let found = interval(place, ALPHA / left as f64);
        let verdict = match open {
            true => Verdict::of(how, threshold, within, &found),
            false => Verdict::Inconclusive,
        };
        results[place] = (found, verdict);
        open &= verdict.decided();
        if open {
            left = left.saturating_sub(1).max(1);
        }
    }
    results
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::normal_quantile;

    #[test]
    fn every_comparison() {
        use Comparison::*;
        use Verdict::*;
        // below, touching from below, across, touching from above, above, the point itself
        let intervals =
            [(-2.0, -1.0), (-1.0, 0.0), (-1.0, 1.0), (0.0, 1.0), (1.0, 2.0), (0.0, 0.0)];
        let (s, c, i) = (Supported, Contradicted, Inconclusive);
        for (how, expected) in [
            (Less, [s, i, i, c, c, c]),
            (AtMost, [s, s, i, i, c, s]),
            (Greater, [c, c, i, i, s, c]),
            (AtLeast, [c, i, i, s, s, s]),
            (Equal, [c, i, i, i, c, i]),
            (NotEqual, [s, i, i, i, s, i]),
        ] {
            for ((lo, hi), verdict) in intervals.into_iter().zip(expected) {
                let found = Verdict::of(how, 5.0, None, &interval(lo + 5.0, hi + 5.0));
                assert_eq!(found, verdict, "{how:?} {lo} {hi}");
            }
            assert_eq!(Verdict::of(how, 0.0, None, &interval(f64::NAN, 1.0)), i);
        }
        // what no draw reaches may equal its threshold
        let point = Interval::exact(5.0);
        assert_eq!(Verdict::of(Equal, 5.0, None, &point), s);
        assert_eq!(Verdict::of(NotEqual, 5.0, None, &point), c);
        for (word, verdict) in Verdict::ALL {
            assert_eq!((Verdict::named(word), verdict.word()), (Some(*verdict), *word));
        }
    }

    fn interval(lo: f64, hi: f64) -> Interval {
        Interval { lo, hi, method: Method::Bootstrap, sparse: false }
    }

    #[test]
    fn close_enough_is_equal() {
        use Comparison::*;
        use Verdict::*;
        let of = |how, lo, hi| Verdict::of(how, 1.0, Some(0.1), &interval(lo, hi));
        assert_eq!(of(Equal, 0.95, 1.05), Supported);
        assert_eq!(of(Equal, 1.01, 1.09), Supported);
        assert_eq!(of(Equal, 0.95, 1.2), Inconclusive);
        assert_eq!(of(Equal, 1.05, 1.2), Inconclusive);
        assert_eq!(of(Equal, 1.2, 1.3), Contradicted);
        assert_eq!((of(NotEqual, 1.2, 1.3), of(NotEqual, 0.95, 1.05)), (Supported, Contradicted));
        assert_eq!((of(AtMost, 0.9, 1.05), of(AtMost, 1.2, 1.3)), (Supported, Contradicted));
        assert_eq!((of(AtLeast, 0.95, 1.2), of(AtLeast, 0.5, 0.8)), (Supported, Contradicted));
    }

    #[test]
    fn holm_by_hand() {
        let around = |value: f64, alpha: f64| {
            let reach = normal_quantile(1.0 - alpha / 2.0);
            interval(value - reach, value + reach)
        };
        let member = |how, value: f64| Member {
            how,
            threshold: 0.0,
            within: None,
            value,
            interval: around(value, ALPHA),
        };
        let up = Comparison::Greater;
        // Two-sided levels 5 % / 4, / 3, / 2, / 1: z = 2.4977, 2.3940, 2.2414, 1.9600.
        let of = |values: &[f64]| {
            let family: Vec<Member> = values.iter().map(|v| member(up, *v)).collect();
            let found = holm(&family, |place, alpha| around(values[place], alpha));
            found.into_iter().map(|(i, v)| ((i.hi - i.lo) / 2.0, v)).collect::<Vec<_>>()
        };
        let close = |found: &[(f64, Verdict)], expected: &[(f64, Verdict)]| {
            for ((z, verdict), (wanted, right)) in found.iter().zip(expected) {
                assert!((z - wanted).abs() < 5e-5 && verdict == right, "{found:?}");
            }
        };
        let (s, c, i) = (Verdict::Supported, Verdict::Contradicted, Verdict::Inconclusive);
        // 3 passes 2.4977; 2.3 falls short of 2.3940, and 2.1 with it, though 2.1 > 1.96.
        close(&of(&[2.1, 3.0, -1.0, 2.3]), &[(2.3940, i), (2.4977, s), (2.3940, i), (2.3940, i)]);
        // -2.6 passes 2.4977, 2.4 passes 2.3940, 2.25 passes 2.2414, 1.97 passes 1.9600.
        close(&of(&[2.4, -2.6, 1.97, 2.25]), &[(2.3940, s), (2.4977, c), (1.9600, s), (2.2414, s)]);
        assert!(holm(&[], |_, _| Interval::NONE).is_empty());
        let point = Interval::exact(1.0);
        let exact = Member { threshold: 1.0, interval: point, ..member(Comparison::Equal, 1.0) };
        assert_eq!(holm(&[exact], |_, _| point), [(point, s)]);
    }
}
