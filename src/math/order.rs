//! Comparisons as values: the smaller, the larger, the sign; and what is left of a division.

/// The smaller of two numbers; NaN if either is NaN.
///
/// Of two equal numbers the second is returned, which fixes the sign of a zero.
#[inline]
pub fn minimum(a: f64, b: f64) -> f64 {
    if a < b || a.is_nan() { a } else { b }
}

/// The larger of two numbers; NaN if either is NaN.
///
/// Of two equal numbers the second is returned, which fixes the sign of a zero.
#[inline]
pub fn maximum(a: f64, b: f64) -> f64 {
    if a > b || a.is_nan() { a } else { b }
}

/// `x` moved into `[lo, hi]`: `minimum(maximum(x, lo), hi)`.
///
/// NaN if any argument is NaN; `hi` if the bounds are the wrong way round.
#[inline]
pub fn clamp(x: f64, lo: f64, hi: f64) -> f64 {
    minimum(maximum(x, lo), hi)
}

/// -1, 0 or 1 as `x` is negative, zero (of either sign) or positive; NaN for NaN.
#[inline]
pub fn sign(x: f64) -> f64 {
    let above = if x > 0.0 { 1.0 } else { 0.0 };
    let below = if x < 0.0 { 1.0 } else { 0.0 };
    if x.is_nan() { x } else { above - below }
}

/// The largest integer not above `x`. Exact, hence the same on every platform.
#[inline]
pub fn floor(x: f64) -> f64 {
    x.floor()
}

/// What is left of `a` after a whole number of `b`, with the sign of `b` (Knuth 1972); not a number
/// where `b` is 0. The remainder of two doubles is a double, so it is the same on every platform;
/// the step to the sign of `b` is rounded.
#[inline]
pub fn modulo(a: f64, b: f64) -> f64 {
    let rest = a % b;
    if rest == 0.0 {
        return 0.0;
    }
    if (rest < 0.0) == (b < 0.0) { rest } else { rest + b }
}

/// The multiple of `step` nearest to `x`, the upper of two that are as near: `step` times the
/// greatest whole number not above `x / step + 1/2`.
#[inline]
pub fn round_to(x: f64, step: f64) -> f64 {
    step * floor(x / step + 0.5)
}
