//! The normal distribution function and the quantile of Student's t.

use super::beta::beta_quantile;
use super::quantile::normal_quantile;

/// From so many degrees of freedom on the expansion around the normal quantile is used.
const MANY: f64 = 400.0;

/// The standard normal distribution function: the share below `x`.
///
/// `erfc(-x / sqrt(2)) / 2` by the crate `libm` (below 1 ulp). 0 at −infinity, 1 at infinity.
pub fn normal_cdf(x: f64) -> f64 {
    0.5 * libm::erfc(-x * std::f64::consts::FRAC_1_SQRT_2)
}

/// The quantile of Student's t with `freedom` degrees of freedom: the `t` below which a share `p`
/// lies.
///
/// From the beta quantile (Abramowitz and Stegun 26.5.27), from 400 degrees on by the expansion of
/// Fisher (26.7.5); relative error below 1e-10. The infinities at 0 and 1; NaN for other `p`
/// outside (0, 1) and unless `freedom` is at least 1.
pub fn student_quantile(p: f64, freedom: f64) -> f64 {
    if !(0.0..=1.0).contains(&p) || freedom.is_nan() || freedom < 1.0 {
        return f64::NAN;
    }
    if freedom < MANY {
        let tail = p.min(1.0 - p);
        // the share of t² / (ν + t²) below is that of |t| below
        let below = beta_quantile(1.0 - 2.0 * tail, 0.5, 0.5 * freedom);
        let t = (freedom * below / (1.0 - below)).sqrt();
        return if p < 0.5 { -t } else { t };
    }
    let z = normal_quantile(p);
    if z.is_infinite() {
        return z;
    }
    let s = z * z;
    let terms = [
        z * (s + 1.0) / 4.0,
        z * ((5.0 * s + 16.0) * s + 3.0) / 96.0,
        z * (((3.0 * s + 19.0) * s + 17.0) * s - 15.0) / 384.0,
        z * ((((79.0 * s + 776.0) * s + 1482.0) * s - 1920.0) * s - 945.0) / 92_160.0,
    ];
    let rest = terms.iter().rev().fold(0.0, |sum, term| (sum + term) / freedom);
    z + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_of_tables() {
        // scipy.stats.t.ppf
        for (p, freedom, t) in [
            (0.975, 1.0, 12.706_204_736_174_694),
            (0.975, 2.0, 4.302_652_729_749_462),
            (0.975, 4.0, 2.776_445_105_197_793_4),
            (0.975, 19.0, 2.093_024_054_408_308_7),
            (0.995, 99.0, 2.626_405_457_280_827),
            (0.975, 399.0, 1.965_927_295_920_882),
            (0.975, 400.0, 1.965_912_343_229_462_7),
            (0.975, 9_999.0, 1.960_201_263_621_357),
        ] {
            let found = student_quantile(p, freedom);
            assert!((found / t - 1.0).abs() < 1e-10, "{p} {freedom}: {found}");
            let mirrored = student_quantile(1.0 - p, freedom);
            assert!((found + mirrored).abs() < 1e-11 * found);
        }
        assert_eq!(student_quantile(0.5, 5.0), 0.0);
        assert!(student_quantile(0.9, 0.5).is_nan() && student_quantile(1.5, 5.0).is_nan());
        assert_eq!(student_quantile(1.0, 1e9), f64::INFINITY);
    }

    #[test]
    fn shares_below() {
        assert_eq!((normal_cdf(0.0), normal_cdf(f64::INFINITY)), (0.5, 1.0));
        assert!((normal_cdf(-1.959_963_984_540_054) - 0.025).abs() < 1e-16);
        assert!((normal_cdf(-10.0) / 7.619_853_024_160_47e-24 - 1.0).abs() < 1e-14);
        assert!(normal_cdf(f64::NAN).is_nan());
    }
}
