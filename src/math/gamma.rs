//! The logarithm of the gamma function and what the beta distribution needs of it.

use super::elementary::{log, log_1p, polynomial};

/// ln(2 pi) / 2.
pub(super) const HALF_LN_TWO_PI: f64 = 0.918_938_533_204_672_8;

/// Stirling's series in powers of `1 / x^2`: `B_2k / (2k (2k - 1))`.
const STIRLING: [f64; 9] = [
    1.0 / 12.0,
    -1.0 / 360.0,
    1.0 / 1260.0,
    -1.0 / 1680.0,
    1.0 / 1188.0,
    -691.0 / 360_360.0,
    1.0 / 156.0,
    -3617.0 / 122_400.0,
    43_867.0 / 244_188.0,
];

/// From here on Stirling's series is exact to rounding.
pub(super) const LARGE: f64 = 10.0;

/// `ln Gamma(x) - ((x - 1/2) ln x - x + ln(2 pi) / 2)` for `x >= 10` (Abramowitz and Stegun
/// 6.1.41).
pub(super) fn stirling_rest(x: f64) -> f64 {
    polynomial(&STIRLING, 1.0 / (x * x)) / x
}

/// The natural logarithm of the gamma function for `x > 0`.
///
/// Stirling's series, after moving `x` up to 10 by `Gamma(x + 1) = x Gamma(x)`. The error is about
/// 1e-14, absolute or relative, whichever is larger (so near the zeros at 1 and 2 it is absolute).
/// Infinity at zero and at infinity; NaN for negative `x`.
pub fn ln_gamma(x: f64) -> f64 {
    if x.is_nan() || x < 0.0 {
        return f64::NAN;
    }
    if x == f64::INFINITY {
        return x;
    }
    let mut y = x;
    let mut product = 1.0;
    while y < LARGE {
        product *= y;
        y += 1.0;
    }
    let moved = if x < LARGE { log(product) } else { 0.0 };
    // Grouped so that a huge x does not overflow before its logarithm does.
    y * (log(y) - 1.0) - 0.5 * log(y) + (HALF_LN_TWO_PI + stirling_rest(y)) - moved
}

/// `ln B(a, b)` for positive finite arguments.
///
/// With both large the big terms of Stirling's formula are cancelled on paper; with one large they
/// are too, so that the error does not grow with the arguments' logarithms of gamma.
pub(super) fn ln_beta(a: f64, b: f64) -> f64 {
    let (small, large) = if a < b { (a, b) } else { (b, a) };
    if large < LARGE {
        return ln_gamma(small) + ln_gamma(large) - ln_gamma(small + large);
    }
    let sum = small + large;
    let rests = stirling_rest(large) - stirling_rest(sum);
    // ln Gamma(large) - ln Gamma(sum) = -(large - 1/2) ln(1 + small / large) - small ln(sum)
    //   + small + rests
    let ratio = log_1p(small / large);
    if small < LARGE {
        return ln_gamma(small) - (large - 0.5) * ratio - small * log(sum) + small + rests;
    }
    -(large - 0.5) * ratio + small * (log(small) - log(sum)) - 0.5 * log(small)
        + HALF_LN_TWO_PI
        + (stirling_rest(small) + rests)
}
