//! The interval of a mean by Student's t.

use super::{Moments, Z95};
use crate::math::beta_quantile;

/// From so many degrees of freedom on the expansion around the normal quantile is used.
const MANY: f64 = 400.0;

/// 95 % intervals of many means; keeps the quantile for as many values as the last mean had.
#[derive(Clone, Copy, Debug)]
pub struct MeanIntervals {
    n: u64,
    t: f64,
}

impl Default for MeanIntervals {
    fn default() -> MeanIntervals {
        MeanIntervals { n: 0, t: f64::NAN }
    }
}

impl MeanIntervals {
    /// `(lower, upper)`: mean plus and minus the 0.975 quantile of Student's t with n - 1 degrees
    /// of freedom times the standard error. `None` below two values, and where an end is not
    /// finite.
    pub fn of(&mut self, values: &Moments) -> Option<(f64, f64)> {
        let n = values.n();
        if n < 2 {
            return None;
        }
        if n != self.n {
            *self = MeanIntervals { n, t: t95((n - 1) as f64) };
        }
        let (mean, reach) = (values.mean(), self.t * values.standard_error());
        let ends = (mean - reach, mean + reach);
        (ends.0.is_finite() && ends.1.is_finite()).then_some(ends)
    }
}

/// The 0.975 quantile of Student's t, from the beta quantile (Abramowitz and Stegun 26.5.27); for
/// many degrees of freedom by the expansion of Fisher (26.7.5), relative error below 1e-9.
fn t95(freedom: f64) -> f64 {
    if freedom < MANY {
        // the share of t² / (ν + t²) below is that of |t| below
        let below = beta_quantile(0.95, 0.5, 0.5 * freedom);
        return (freedom * below / (1.0 - below)).sqrt();
    }
    let (z, s) = (Z95, Z95 * Z95);
    let terms = [
        z * (s + 1.0) / 4.0,
        z * ((5.0 * s + 16.0) * s + 3.0) / 96.0,
        z * (((3.0 * s + 19.0) * s + 17.0) * s - 15.0) / 384.0,
    ];
    z + terms.iter().rev().fold(0.0, |sum, term| (sum + term) / freedom)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_of_tables() {
        // scipy.stats.t.ppf(0.975, df)
        for (freedom, t) in [
            (1.0, 12.706_204_736_174_694),
            (2.0, 4.302_652_729_749_462),
            (19.0, 2.093_024_054_408_308_7),
            (399.0, 1.965_927_295_920_882),
            (400.0, 1.965_912_343_229_462_7),
            (9_999.0, 1.960_201_263_621_357),
        ] {
            assert!((t95(freedom) / t - 1.0).abs() < 1e-9, "{freedom}: {}", t95(freedom));
        }
    }

    #[test]
    fn means_of_few_values() {
        let (mut values, mut intervals) = (Moments::new(), MeanIntervals::default());
        assert_eq!(intervals.of(&values), None);
        values.add(1.0);
        assert_eq!(intervals.of(&values), None);
        // mean 2, standard error 1, one degree of freedom
        values.add(3.0);
        let (lo, hi) = intervals.of(&values).expect("an interval");
        assert!((lo + 10.706_204_736).abs() < 1e-8 && (hi - 14.706_204_736).abs() < 1e-8);
        values.add(f64::MAX);
        assert_eq!(intervals.of(&values), None);
    }
}
