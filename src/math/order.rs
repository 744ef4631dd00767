//! Comparisons as values: the smaller, the larger, the sign.

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
