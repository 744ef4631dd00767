//! Powers and the two circular functions.

/// `x` to the power `y`.
///
/// An integer `y` of magnitude at most 64 is done by repeated multiplication: the product starts as
/// 1 and is multiplied, for every set bit of `|y|` from the lowest, by `x`, `x^2`, `x^4`, ..., each
/// the square of the one before; so `pow(x, 2)` is `x * x` to the bit and `pow(x, 0)` is 1 for
/// every `x`, NaN included. The relative error stays below `|y|` half-ulps. A negative `y` gives
/// the reciprocal, unless the product left the range of normal numbers. That case and every other
/// `y` go to `libm::pow` (below 1 ulp); a negative `x` to a fractional power is NaN.
#[inline]
pub fn pow(x: f64, y: f64) -> f64 {
    if y.abs() <= 64.0 && y == y.floor() {
        let product = integer_power(x, y.abs() as u32);
        if y >= 0.0 {
            return product;
        }
        if product.is_normal() {
            return 1.0 / product;
        }
    }
    libm::pow(x, y)
}

/// `x^n` in the order described at [`pow`].
#[inline]
fn integer_power(x: f64, n: u32) -> f64 {
    let mut product = 1.0;
    let mut square = x;
    let mut left = n;
    while left > 0 {
        if left & 1 == 1 {
            product *= square;
        }
        left >>= 1;
        if left > 0 {
            square *= square;
        }
    }
    product
}

/// The sine of `x` in radians (crate `libm`, below 1 ulp); NaN for the infinities.
#[inline]
pub fn sin(x: f64) -> f64 {
    libm::sin(x)
}

/// The cosine of `x` in radians (crate `libm`, below 1 ulp); NaN for the infinities.
#[inline]
pub fn cos(x: f64) -> f64 {
    libm::cos(x)
}
