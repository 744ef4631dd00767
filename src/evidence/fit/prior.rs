//! What the file declares of a number that is free, as a density.

use crate::experiment::Free;
use crate::expr::Distribution;
use crate::math::{ln_gamma, log};

/// ½ log 2π
const HALF: f64 = 0.918_938_533_204_672_8;

/// The logarithm of the density of the declared distribution, in the number itself, at a position
/// of its range; minus infinity outside its support.
pub fn log_density(free: &Free, position: f64) -> f64 {
    let x = free.value(position);
    let [a, b, c] = free.prior.given;
    let normal = |x: f64| -0.5 * ((x - a) / b) * ((x - a) / b) - log(b) - HALF;
    let positive = |x: f64| if x > 0.0 { log(x) } else { f64::NEG_INFINITY };
    match free.prior.distribution {
        Distribution::Normal => normal(x),
        Distribution::LogNormal if x > 0.0 => normal(log(x)) - log(x),
        Distribution::LogNormal | Distribution::Bernoulli => f64::NEG_INFINITY,
        Distribution::Uniform => -log(b - a),
        Distribution::Beta => {
            let power = |x: f64, exponent: f64| match exponent {
                0.0 => 0.0,
                _ => exponent * positive(x),
            };
            let constant = ln_gamma(a + b) - ln_gamma(a) - ln_gamma(b);
            constant + power(x, a - 1.0) + power(1.0 - x, b - 1.0)
        }
        Distribution::Triangular => {
            let rise = (x - a) / ((c - a) * (b - a));
            let fall = (c - x) / ((c - a) * (c - b));
            positive(
                2.0 * if x < b {
                    rise
                } else if c > b {
                    fall
                } else {
                    1.0 / (c - a)
                },
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Uncertainty;

    #[test]
    fn densities_integrate_to_one() {
        let all = [
            (Distribution::Normal, [0.4, 0.05, 0.0], (0.0, 1.0)),
            (Distribution::LogNormal, [0.0, 0.3, 0.0], (0.0, 8.0)),
            (Distribution::Uniform, [0.2, 0.7, 0.0], (0.2, 0.7)),
            (Distribution::Beta, [2.0, 3.0, 0.0], (0.0, 1.0)),
            (Distribution::Triangular, [1.0, 1.5, 3.0], (1.0, 3.0)),
        ];
        for (distribution, given, (lo, hi)) in all {
            let prior = Uncertainty { distribution, given };
            let (name, unit) = (String::new(), String::new());
            let free = Free { name, unit, lo, hi, log: false, prior };
            let steps = 20_000;
            let middle = |k: i32| (f64::from(k) + 0.5) / f64::from(steps);
            let sum: f64 =
                (0..steps).map(|k| crate::math::exp(log_density(&free, middle(k)))).sum();
            let area = sum * (hi - lo) / f64::from(steps);
            assert!((area - 1.0).abs() < 1e-4, "{distribution:?}: {area}");
        }
    }
}
