//! Inverse distribution functions in closed form.

use super::elementary::{log, polynomial};

/// Numerators of AS 241 by region, constant term first.
const NUMERATOR: [[f64; 8]; 3] = [
    [
        3.387_132_872_796_366_5,
        133.141_667_891_784_38,
        1_971.590_950_306_551_3,
        13_731.693_765_509_46,
        45_921.953_931_549_87,
        67_265.770_927_008_7,
        33_430.575_583_588_13,
        2_509.080_928_730_122_7,
    ],
    [
        1.423_437_110_749_683_5,
        4.630_337_846_156_546,
        5.769_497_221_460_691,
        3.647_848_324_763_204_5,
        1.270_458_252_452_368_4,
        0.241_780_725_177_450_6,
        0.022_723_844_989_269_184,
        0.000_774_545_014_278_341_4,
    ],
    [
        6.657_904_643_501_103,
        5.463_784_911_164_114,
        1.784_826_539_917_291_3,
        0.296_560_571_828_504_87,
        0.026_532_189_526_576_124,
        0.001_242_660_947_388_078_4,
        2.711_555_568_743_487_6e-5,
        2.010_334_399_292_288_1e-7,
    ],
];

/// Denominators of AS 241 by region, constant term first.
const DENOMINATOR: [[f64; 8]; 3] = [
    [
        1.0,
        42.313_330_701_600_91,
        687.187_007_492_057_9,
        5_394.196_021_424_751,
        21_213.794_301_586_597,
        39_307.895_800_092_71,
        28_729.085_735_721_943,
        5_226.495_278_852_854,
    ],
    [
        1.0,
        2.053_191_626_637_759,
        1.676_384_830_183_803_8,
        0.689_767_334_985_1,
        0.148_103_976_427_480_08,
        0.015_198_666_563_616_457,
        0.000_547_593_808_499_534_5,
        1.050_750_071_644_416_9e-9,
    ],
    [
        1.0,
        0.599_832_206_555_888,
        0.136_929_880_922_735_8,
        0.014_875_361_290_850_615,
        0.000_786_869_131_145_613_3,
        1.846_318_317_510_054_8e-5,
        1.421_511_758_316_446e-7,
        2.044_263_103_389_939_7e-15,
    ],
];

/// The standard normal quantile: the `z` below which a share `p` lies.
///
/// Wichura (1988), Algorithm AS 241 (PPND16), Applied Statistics 37(3), 477-484: relative error
/// about 1e-16 in exact arithmetic, a few ulp here. -infinity at 0, infinity at 1, NaN outside.
#[inline(always)]
pub fn normal_quantile(p: f64) -> f64 {
    if is_central(p) { normal_centre(p) } else { normal_tail(p) }
}

/// Whether [`normal_quantile`] is [`normal_centre`]; else it is [`normal_tail`].
#[inline(always)]
pub fn is_central(p: f64) -> bool {
    (p - 0.5).abs() <= 0.425
}

/// [`normal_quantile`] near the centre. Meaningless elsewhere.
#[inline(always)]
pub fn normal_centre(p: f64) -> f64 {
    let q = p - 0.5;
    let r = 0.180625 - q * q;
    q * (polynomial(&NUMERATOR[0], r) / polynomial(&DENOMINATOR[0], r))
}

/// [`normal_quantile`] in the tails. Meaningless elsewhere.
#[inline(always)]
pub fn normal_tail(p: f64) -> f64 {
    let q = p - 0.5;
    let tail = if q < 0.0 { p } else { 1.0 - p };
    let root = (-log(tail)).sqrt();
    let near = root <= 5.0;
    let r = if near { root - 1.6 } else { root - 5.0 };
    // both regions are evaluated and one is kept, which leaves no jump
    let by_region = |table: &[[f64; 8]; 3]| {
        let (tail, far) = (polynomial(&table[1], r), polynomial(&table[2], r));
        if near { tail } else { far }
    };
    let z = (by_region(&NUMERATOR) / by_region(&DENOMINATOR)).copysign(q);
    let z = if tail > 0.0 { z } else { f64::INFINITY.copysign(q) };
    if (0.0..=1.0).contains(&p) { z } else { f64::NAN }
}

/// The quantile of the triangular distribution on `[lo, hi]` with its peak at `mode`.
///
/// `lo + sqrt(p (hi - lo) (mode - lo))` left of the peak, mirrored right of it. NaN unless `0 <= p
/// <= 1` and `lo <= mode <= hi`; `lo` where the two ends coincide.
#[inline(always)]
pub fn triangular_quantile(p: f64, lo: f64, mode: f64, hi: f64) -> f64 {
    let span = hi - lo;
    let left = p * span < mode - lo;
    let share = if left { p } else { 1.0 - p };
    let side = if left { mode - lo } else { hi - mode };
    let reach = (share * side * span).sqrt();
    let x = if left { lo + reach } else { hi - reach };
    let valid = (0.0..=1.0).contains(&p) & (lo <= mode) & (mode <= hi);
    if valid { x } else { f64::NAN }
}
