//! From intervals to verdicts.

use crate::expr::Comparison;
use crate::math::normal_quantile;

/// Half of what an interval leaves out on both sides together is left out on each.
pub const ALPHA: f64 = 0.05;

/// What the runs say about a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
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

    /// What an interval `[lo, hi]` says about `value how threshold`: supported if all of its values
    /// satisfy the comparison, contradicted if none does, else (or without an interval)
    /// inconclusive.
    ///
    /// So `<` is supported if `hi < threshold` and contradicted if `lo >= threshold`, `<=` if
    /// `hi <= threshold` and `lo > threshold`; an interval satisfies `==` only if it is the point
    /// `threshold`, and `!=` if it leaves `threshold` out.
    pub fn of(how: Comparison, threshold: f64, lo: f64, hi: f64) -> Verdict {
        if lo.is_nan() || hi.is_nan() || threshold.is_nan() {
            return Verdict::Inconclusive;
        }
        let point = lo == threshold && hi == threshold;
        let outside = threshold < lo || hi < threshold;
        let (all, none) = match how {
            Comparison::Less => (hi < threshold, lo >= threshold),
            Comparison::AtMost => (hi <= threshold, lo > threshold),
            Comparison::Greater => (lo > threshold, hi <= threshold),
            Comparison::AtLeast => (lo >= threshold, hi < threshold),
            Comparison::Equal => (point, outside),
            Comparison::NotEqual => (outside, point),
        };
        match (all, none) {
            (true, _) => Verdict::Supported,
            (_, true) => Verdict::Contradicted,
            _ => Verdict::Inconclusive,
        }
    }
}

/// How far on the claim's side of the threshold a value lies; negative on the other side.
pub fn distance(how: Comparison, threshold: f64, value: f64) -> f64 {
    match how {
        Comparison::Less | Comparison::AtMost => threshold - value,
        Comparison::Greater | Comparison::AtLeast => value - threshold,
        Comparison::Equal => -(value - threshold).abs(),
        Comparison::NotEqual => (value - threshold).abs(),
    }
}

/// An estimate as Holm's procedure needs it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Member {
    /// The comparison.
    pub how: Comparison,
    /// With what.
    pub threshold: f64,
    /// The estimate.
    pub value: f64,
    /// Its bootstrap standard error.
    pub se: f64,
}

/// Holm's (1979) step-down procedure over a family of claims: per member an interval and the
/// verdict it gives.
///
/// Members are taken by `|value − threshold| / se`, greatest first (in the order given among
/// equals). The k-th of m, counted from 0, gets the interval value ± z se with z the normal
/// quantile of 1 − α / (2 (m − k)), α = [`ALPHA`]. From the first member on whose interval decides
/// nothing, all have the level of that member, so none of them is decided: with a probability of at
/// least 1 − α no claim is decided wrongly whose value equals its threshold.
pub fn holm(family: &[Member]) -> Vec<(f64, f64, Verdict)> {
    let size = |member: &Member| {
        let distance = (member.value - member.threshold).abs();
        if member.se > 0.0 { distance / member.se } else { f64::INFINITY }
    };
    let mut order: Vec<usize> = (0..family.len()).collect();
    order.sort_by(|a, b| size(&family[*b]).total_cmp(&size(&family[*a])).then(a.cmp(b)));
    let mut results = vec![(f64::NAN, f64::NAN, Verdict::Inconclusive); family.len()];
    let mut left = family.len();
    for place in order {
        let member = &family[place];
        let reach = member.se * normal_quantile(1.0 - ALPHA / (2.0 * left as f64));
        let (lo, hi) = (member.value - reach, member.value + reach);
        let verdict = Verdict::of(member.how, member.threshold, lo, hi);
        results[place] = (lo, hi, verdict);
        if verdict.decided() {
            left = left.saturating_sub(1).max(1);
        }
    }
    results
}

#[cfg(test)]
mod tests {
    use super::*;

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
            (Equal, [c, i, i, i, c, s]),
            (NotEqual, [s, i, i, i, s, c]),
        ] {
            for ((lo, hi), verdict) in intervals.into_iter().zip(expected) {
                assert_eq!(Verdict::of(how, 5.0, lo + 5.0, hi + 5.0), verdict, "{how:?} {lo} {hi}");
            }
            assert_eq!(Verdict::of(how, 0.0, f64::NAN, 1.0), i);
        }
        for (word, verdict) in Verdict::ALL {
            assert_eq!((Verdict::named(word), verdict.word()), (Some(*verdict), *word));
        }
    }

    #[test]
    fn holm_by_hand() {
        let member = |how, value: f64| Member { how, threshold: 0.0, value, se: 1.0 };
        let up = Comparison::Greater;
        // Two-sided levels 5 % / 4, / 3, / 2, / 1: z = 2.4977, 2.3940, 2.2414, 1.9600.
        let of = |values: &[f64]| {
            let family: Vec<Member> = values.iter().map(|v| member(up, *v)).collect();
            holm(&family).into_iter().map(|(lo, hi, v)| ((hi - lo) / 2.0, v)).collect::<Vec<_>>()
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
        assert!(holm(&[]).is_empty());
        let exact = Member { how: Comparison::Equal, threshold: 1.0, value: 1.0, se: 0.0 };
        assert_eq!(holm(&[exact]), [(1.0, 1.0, s)]);
    }

    #[test]
    fn distances_point_to_the_claim() {
        assert_eq!(distance(Comparison::Less, 2.0, 1.5), 0.5);
        assert_eq!(distance(Comparison::AtLeast, 2.0, 1.5), -0.5);
        assert_eq!(distance(Comparison::Equal, 2.0, 1.5), -0.5);
        assert_eq!(distance(Comparison::NotEqual, 2.0, 1.5), 0.5);
    }
}
