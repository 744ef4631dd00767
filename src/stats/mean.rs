//! The interval of a mean by Student's t.

use super::{ALPHA, Moments};
use crate::math::student_quantile;

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
            *self = MeanIntervals { n, t: student_quantile(1.0 - ALPHA / 2.0, (n - 1) as f64) };
        }
        let (mean, reach) = (values.mean(), self.t * values.standard_error());
        let ends = (mean - reach, mean + reach);
        (ends.0.is_finite() && ends.1.is_finite()).then_some(ends)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
