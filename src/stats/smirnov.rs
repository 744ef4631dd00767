//! The Kolmogorov-Smirnov test.

use crate::math::{log, maximum};

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
    fn ks_values() {
        assert_eq!(ks_statistic(&[0.5]), 0.5);
        assert_eq!(ks_statistic(&[0.25, 0.75]), 0.25);
        assert_eq!(ks_statistic(&[0.0, 0.0, 0.0, 0.0]), 1.0);
        assert!(ks_statistic(&[]).is_nan() && ks_statistic(&[f64::NAN]).is_nan());
        // Tabulated 5 % point for large n: 1.3581 / sqrt(n).
        assert!((ks_critical(1_000_000, 0.05) * 1000.0 - 1.3581).abs() < 1e-3);
    }
}
