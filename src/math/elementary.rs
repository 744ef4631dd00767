//! Exponential, logarithm and the two squashing functions made of them.

/// Adding and subtracting this rounds a small number to the nearest integer, which meanwhile sits
/// in the low bits of the sum.
const ROUNDER: f64 = 6_755_399_441_055_744.0; // 1.5 * 2^52
const LOG2_E: f64 = std::f64::consts::LOG2_E;
/// The leading 32 bits of ln 2: their product with an exponent (11 bits) is exact.
const LN_2_HIGH: f64 = 0.693_147_180_369_123_8;
/// ln 2 less its leading bits.
const LN_2_LOW: f64 = 1.908_214_929_270_587_7e-10;

/// `(exp(r) - 1 - r) / r^2` for `|r| <= ln 2 / 2`, constant term first; interpolated at Chebyshev
/// nodes in 60 digits. Truncation is below 0.004 ulp of `exp(r)`.
const EXP: [f64; 11] = [
    0.5,
    0.166_666_666_666_666_7,
    0.041_666_666_666_666_67,
    0.008_333_333_333_326_129,
    0.001_388_888_888_888_374_4,
    0.000_198_412_698_748_448_94,
    2.480_158_732_556_507_3e-5,
    2.755_725_536_942_771_4e-6,
    2.755_727_362_113_095e-7,
    2.510_522_981_321_569e-8,
    2.091_469_611_472_244_3e-9,
];

/// `(2 artanh(s) / s - 2) / z` with `z = s^2`, for `m = (1 + s) / (1 - s)` in `[sqrt(1/2),
/// sqrt(2)]`; made as [`EXP`]. Truncation is below 0.01 ulp of the smallest results.
const LOG: [f64; 8] = [
    0.666_666_666_666_666_6,
    0.400_000_000_000_008_8,
    0.285_714_285_708_032_3,
    0.222_222_223_918_004_7,
    0.181_817_956_308_847_53,
    0.153_862_402_058_134_78,
    0.132_687_596_685_606_12,
    0.130_867_670_099_481_75,
];

/// `c[0] + c[1] x + ...` by Horner's rule.
#[inline(always)]
pub(super) fn polynomial<const N: usize>(c: &[f64; N], x: f64) -> f64 {
    let mut sum = 0.0;
    for &coefficient in c.iter().rev() {
        sum = sum * x + coefficient;
    }
    sum
}

/// The exponential function, within 1 ulp.
///
/// `x = n ln 2 + r` with `|r| <= ln 2 / 2`; `exp(r)` by a polynomial of degree 12; the power of two
/// is applied in two halves, so that results run smoothly into the subnormals and to 0 below,
/// and to infinity above.
#[inline(always)]
pub fn exp(x: f64) -> f64 {
    // Beyond these bounds the result is 0 or infinity anyway, and n fits its bit field. NaN passes.
    let x = if x < -746.0 { -746.0 } else { x };
    let x = if x > 710.0 { 710.0 } else { x };
    let (y, shifted) = reduced([x]);
    // n + 2046 is positive, so halving it needs no arithmetic shift; each half is biased by 1023.
    let biased = shifted[0].to_bits().wrapping_sub(ROUNDER.to_bits()).wrapping_add(2046);
    let half = biased >> 1;
    let first = f64::from_bits(half << 52);
    let second = f64::from_bits(biased.wrapping_sub(half) << 52);
    y[0] * first * second
}

/// [`exp`] of several numbers side by side: every step is taken for all of them before the next,
/// so that none waits for the step before. Where no result is subnormal or infinite, the power of
/// two is added to the exponent.
#[inline(always)]
pub fn exps<const N: usize>(mut x: [f64; N]) -> [f64; N] {
    let mut moderate = true;
    for x in &x {
        moderate &= x.abs() <= 700.0;
    }
    if !moderate {
        for x in &mut x {
            *x = exp(*x);
        }
        return x;
    }
    let (mut y, shifted) = reduced(x);
    for (y, shifted) in y.iter_mut().zip(shifted) {
        // the low bits of the rounder are 0
        *y = f64::from_bits(y.to_bits().wrapping_add(shifted.to_bits() << 52));
    }
    y
}

/// `exp(r)`, and `n` in the low bits of numbers like [`ROUNDER`].
#[inline(always)]
fn reduced<const N: usize>(x: [f64; N]) -> ([f64; N], [f64; N]) {
    let (mut shifted, mut r, mut lost) = ([0.0; N], [0.0; N], [0.0; N]);
    for i in 0..N {
        shifted[i] = x[i] * LOG2_E + ROUNDER;
        let n = shifted[i] - ROUNDER;
        let high = x[i] - n * LN_2_HIGH;
        let low = n * LN_2_LOW;
        r[i] = high - low;
        // What rounding took from r, given back with the small terms.
        lost[i] = (high - r[i]) - low;
    }
    let mut y = [EXP[EXP.len() - 1]; N];
    for coefficient in EXP.iter().rev().skip(1) {
        for i in 0..N {
            y[i] = y[i] * r[i] + coefficient;
        }
    }
    for i in 0..N {
        y[i] = 1.0 + (r[i] + (r[i] * r[i] * y[i] + lost[i]));
    }
    (y, shifted)
}

/// The natural logarithm, within 1 ulp: -infinity at zero of either sign, NaN below.
///
/// `x = 2^k m` with `m` in `[sqrt(1/2), sqrt(2)]`; with `f = m - 1` and `s = f / (2 + f)`,
/// `log m = f - f^2/2 + s (f^2/2 + R(s^2))`, an arrangement that keeps the rounding error in terms
/// smaller than `f`. Subnormal numbers are scaled up first.
#[inline(always)]
pub fn log(x: f64) -> f64 {
    const SQRT_HALF: u64 = 0x3fe6_a09e_667f_3bcd;
    const ONE: u64 = 0x3ff0_0000_0000_0000;
    const MANTISSA: u64 = 0x000f_ffff_ffff_ffff;
    const TWO_52: u64 = 0x4330_0000_0000_0000;
    let tiny = x < f64::MIN_POSITIVE;
    let scaled = if tiny { x * 18_014_398_509_481_984.0 } else { x };
    let offset = if tiny { 54.0 } else { 0.0 };
    let bits = scaled.to_bits().wrapping_add(ONE - SQRT_HALF);
    // The exponent becomes a float by planting it in the low bits of 2^52.
    let k = f64::from_bits(((bits >> 52) & 0xfff) | TWO_52) - (4_503_599_627_370_496.0 + 1023.0);
    let k = k - offset;
    let m = f64::from_bits((bits & MANTISSA).wrapping_add(SQRT_HALF));
    let f = m - 1.0;
    let s = f / (2.0 + f);
    let z = s * s;
    let half_square = 0.5 * f * f;
    let rest = s * (half_square + z * polynomial(&LOG, z)) + k * LN_2_LOW;
    let y = k * LN_2_HIGH - ((half_square - rest) - f);
    let y = if x == 0.0 { f64::NEG_INFINITY } else { y };
    let y = if x < 0.0 { f64::NAN } else { y };
    // Infinity and NaN are their own logarithms.
    if x < f64::INFINITY { y } else { x }
}

/// `log(1 + x)` without losing small `x`: the rounding of `1 + x` is corrected to first order.
#[inline(always)]
pub(super) fn log_1p(x: f64) -> f64 {
    let u = 1.0 + x;
    let lost = x - (u - 1.0);
    let y = log(u) + lost / u;
    if u > 0.0 && u < f64::INFINITY { y } else { log(u) }
}

/// The logistic function `1 / (1 + exp(-x))`, within 2 ulp on both sides (far below zero it is
/// `exp(x)`, subnormals included).
#[inline(always)]
pub fn logistic(x: f64) -> f64 {
    let e = exp(-x.abs());
    let numerator = if x < 0.0 { e } else { 1.0 };
    numerator / (1.0 + e)
}

/// The hyperbolic tangent, within 2 ulp.
///
/// Below 0.625 the ninth convergent of Lambert's continued fraction `x / (1 + x^2 / (3 + x^2 / (5 +
/// ...)))`, written as `x` less a correction; above, `1 - 2 / (exp(2 |x|) + 1)`.
#[inline(always)]
pub fn tanh(x: f64) -> f64 {
    const ABOVE: [f64; 4] = [11_486_475.0, 810_810.0, 12_870.0, 44.0];
    const BELOW: [f64; 5] = [34_459_425.0, 16_216_200.0, 945_945.0, 13_860.0, 45.0];
    let a = x.abs();
    let small = a < 0.625;
    let z = a * a;
    let e = exp(-2.0 * a);
    let numerator = if small { a * z * polynomial(&ABOVE, z) } else { 2.0 * e };
    let denominator = if small { polynomial(&BELOW, z) } else { 1.0 + e };
    let whole = if small { a } else { 1.0 };
    (whole - numerator / denominator).copysign(x)
}
