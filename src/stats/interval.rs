//! Intervals for shares, and the Kolmogorov-Smirnov test.

use crate::math::{log, maximum};

/// The normal quantile at 0.975: half the width of a 95 % interval in standard errors.
pub const Z95: f64 = 1.959_963_984_540_054;

/// Wilson's (1927) score interval for a probability, `(lower, upper)`.
///
/// `successes` out of `n` (more than `n` count as `n`), `z` standard errors wide on each side. The
/// ends 0 and 1 are exact where all trials agree. Without trials nothing is known: `(0, 1)`.
pub fn wilson(successes: u64, n: u64, z: f64) -> (f64, f64) {
    if n == 0 {
        return (0.0, 1.0);
    }
    let successes = successes.min(n);
    let trials = n as f64;
    let share = successes as f64 / trials;
    let square = z * z / trials;
    let centre = (share + 0.5 * square) / (1.0 + square);
    let spread = (share * (1.0 - share) / trials + square / (4.0 * trials)).sqrt();
    let reach = z.abs() * spread / (1.0 + square);
    let lower = if successes == 0 { 0.0 } else { (centre - reach).max(0.0) };
    let upper = if successes == n { 1.0 } else { (centre + reach).min(1.0) };
    if z.is_nan() { (z, z) } else { (lower, upper) }
}

/// The Kolmogorov-Smirnov distance between a sample and the uniform distribution on [0, 1].
///
/// `sorted` ascending; a sample of another distribution is first sent through its distribution
/// function. NaN without values or if a value is NaN.
pub fn ks_statistic(sorted: &[f64]) -> f64 {
    if sorted.is_empty() {
        return f64::NAN;
    }
    let n = sorted.len() as f64;
    let mut distance = 0.0;
    for (i, &x) in sorted.iter().enumerate() {
        let before = x - i as f64 / n;
        let after = (i + 1) as f64 / n - x;
        distance = maximum(distance, maximum(before, after));
    }
    distance
}

/// The distance that [`ks_statistic`] of `n` independent uniform numbers exceeds with probability
/// `level` (small, say below 0.1).
///
/// The leading term of Kolmogorov's distribution with the correction for finite `n` of Stephens
/// (1970): `sqrt(-ln(level / 2) / 2) / (sqrt(n) + 0.12 + 0.11 / sqrt(n))`.
pub fn ks_critical(n: u64, level: f64) -> f64 {
    let root = (n as f64).sqrt();
    (-0.5 * log(0.5 * level)).sqrt() / (root + 0.12 + 0.11 / root)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wilson_values() {
        // Reference values from scipy's binomtest(k, n).proportion_ci(method="wilson").
        for (k, n, lower, upper) in [
            (15, 50, 0.191_035_535_008_809_5, 0.437_503_504_644_534_1),
            (3, 10, 0.107_791_267_406_301_02, 0.603_221_852_538_854_6),
        ] {
            let (lo, hi) = wilson(k, n, Z95);
            assert!((lo - lower).abs() < 1e-14 && (hi - upper).abs() < 1e-14, "{lo} {hi}");
        }
        assert_eq!(wilson(0, 10, Z95).0, 0.0);
        assert_eq!(wilson(10, 10, Z95).1, 1.0);
        assert_eq!(wilson(0, 0, Z95), (0.0, 1.0));
        assert_eq!(wilson(12, 10, Z95), wilson(10, 10, Z95));
        let ((a, b), (c, d)) = (wilson(3, 10, Z95), wilson(7, 10, Z95));
        assert!((a + d - 1.0).abs() < 1e-15 && (b + c - 1.0).abs() < 1e-15);
        assert!(wilson(1, 2, f64::NAN).0.is_nan());
    }

    #[test]
    fn ks_values() {
        assert_eq!(ks_statistic(&[0.5]), 0.5);
        assert_eq!(ks_statistic(&[0.25, 0.75]), 0.25);
        assert_eq!(ks_statistic(&[0.0, 0.0, 0.0, 0.0]), 1.0);
        assert!(ks_statistic(&[]).is_nan() && ks_statistic(&[f64::NAN]).is_nan());
        // Tabulated 5 % point for large n: 1.3581 / sqrt(n).
        assert!((ks_critical(1_000_000, 0.05) * 1000.0 - 1.3581).abs() < 1e-3);
    }
}
