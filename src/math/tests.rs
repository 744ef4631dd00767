//! Accuracy against 60-digit tables (tests/data) and against the crate `libm`; edges.

use super::*;

const TABLE: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/math.txt"));
const BETA: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/beta.txt"));

fn number(hex: &str) -> f64 {
    f64::from_bits(u64::from_str_radix(hex, 16).expect("hex digits"))
}

fn rows(text: &str) -> impl Iterator<Item = (&str, Vec<f64>)> {
    text.lines().filter(|line| !line.starts_with('#')).map(|line| {
        let mut words = line.split(' ');
        (words.next().expect("a name"), words.map(number).collect())
    })
}

/// The distance from `x` to the next double away from zero.
fn ulp(x: f64) -> f64 {
    let x = x.abs();
    f64::from_bits(x.to_bits() + 1) - x
}

/// The largest error of `f` over its rows of the table, in ulp of the nearest double.
fn worst_in_table(name: &str, f: fn(f64) -> f64) -> f64 {
    let mut worst = 0.0_f64;
    for (_, row) in rows(TABLE).filter(|(n, _)| *n == name) {
        let (x, nearest, rest) = (row[0], row[1], row[2]);
        let error = ((f(x) - nearest) - rest).abs() / ulp(nearest);
        assert!(error < 1e6, "{name}({x}) = {} not {nearest}", f(x));
        worst = worst.max(error);
    }
    println!("{name}: {worst:.3} ulp");
    worst
}

/// A small fixed generator for test points.
struct Points(u64);

impl Points {
    fn unit(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / 9_007_199_254_740_992.0
    }

    fn between(&mut self, lo: f64, hi: f64) -> f64 {
        lo + (hi - lo) * self.unit()
    }
}

fn worst_in_sweep(f: fn(f64) -> f64, g: fn(f64) -> f64, points: impl Iterator<Item = f64>) -> f64 {
    points.map(|x| (f(x) - g(x)).abs() / ulp(g(x))).fold(0.0, f64::max)
}

#[test]
fn tables() {
    for (name, f, bound) in [
        ("exp", exp as fn(f64) -> f64, 1.0),
        ("log", log, 1.0),
        ("tanh", tanh, 2.0),
        ("logistic", logistic, 2.0),
        ("normal_quantile", normal_quantile, 8.0),
    ] {
        let worst = worst_in_table(name, f);
        assert!(worst <= bound, "{name}: {worst} ulp");
    }
}

#[test]
fn sweeps_against_libm() {
    let mut points = Points(1);
    let some = (0..60_000).map(|i| match i % 3 {
        0 => points.between(-1.0, 1.0),
        1 => points.between(-50.0, 50.0),
        _ => points.between(-745.0, 709.7),
    });
    assert!(worst_in_sweep(exp, libm::exp, some) <= 2.0);
    let mut points = Points(2);
    let some = (0..60_000).map(|i| match i % 3 {
        0 => points.between(0.5, 2.0),
        1 => points.between(0.0, 1e6),
        _ => f64::from_bits((points.unit() * 9.218_868e18) as u64),
    });
    assert!(worst_in_sweep(log, libm::log, some) <= 2.0);
    let mut points = Points(3);
    let some = (0..60_000).map(|i| points.between(-1.0, 1.0) * if i % 2 == 0 { 1.0 } else { 20.0 });
    assert!(worst_in_sweep(tanh, libm::tanh, some) <= 3.0);
}

#[test]
fn exp_edges() {
    assert_eq!(exp(0.0), 1.0);
    assert_eq!(exp(-0.0), 1.0);
    assert_eq!(exp(f64::INFINITY), f64::INFINITY);
    assert_eq!(exp(f64::NEG_INFINITY), 0.0);
    assert_eq!(exp(710.0), f64::INFINITY);
    assert!(exp(709.782_712_893_384).is_finite());
    assert_eq!(exp(-745.2), 0.0);
    assert_eq!(exp(-745.0), 5e-324);
    assert!(exp(f64::NAN).is_nan());
    for n in -1000..700 {
        let x = f64::from(n);
        assert!(exp(x) <= exp(x.next_up()) && exp(x.next_down()) <= exp(x));
    }
}

#[test]
fn log_edges() {
    assert_eq!(log(1.0).to_bits(), 0);
    assert_eq!(log(0.0), f64::NEG_INFINITY);
    assert_eq!(log(-0.0), f64::NEG_INFINITY);
    assert_eq!(log(f64::INFINITY), f64::INFINITY);
    for x in [-1e-320, -1.0, f64::NEG_INFINITY, f64::NAN] {
        assert!(log(x).is_nan());
    }
    for k in -1074..1024 {
        let x = libm::exp2(f64::from(k));
        assert!(log(x) <= log(x.next_up()) && log(x.next_down()) <= log(x));
    }
}

#[test]
fn squashing_edges() {
    assert_eq!(logistic(0.0), 0.5);
    assert_eq!((logistic(f64::INFINITY), logistic(f64::NEG_INFINITY)), (1.0, 0.0));
    assert!(logistic(-740.0) > 0.0 && logistic(f64::NAN).is_nan());
    assert_eq!(tanh(-0.0).to_bits(), (-0.0_f64).to_bits());
    assert_eq!((tanh(f64::INFINITY), tanh(f64::NEG_INFINITY)), (1.0, -1.0));
    assert!(tanh(f64::NAN).is_nan());
    assert!(tanh(0.625_f64.next_down()) <= tanh(0.625));
    assert_eq!(tanh(1e-200), 1e-200);
}

#[test]
fn comparisons() {
    assert!(minimum(f64::NAN, 1.0).is_nan() && minimum(1.0, f64::NAN).is_nan());
    assert!(maximum(f64::NAN, 1.0).is_nan() && maximum(1.0, f64::NAN).is_nan());
    assert_eq!((minimum(1.0, 2.0), maximum(1.0, 2.0)), (1.0, 2.0));
    assert_eq!(
        (clamp(3.0, 0.0, 1.0), clamp(-3.0, 0.0, 1.0), clamp(0.5, 0.0, 1.0)),
        (1.0, 0.0, 0.5)
    );
    assert_eq!((sign(-0.0), sign(-2.0), sign(f64::INFINITY)), (0.0, -1.0, 1.0));
    assert!(sign(f64::NAN).is_nan());
    assert_eq!((floor(-0.5), floor(2.0)), (-1.0, 2.0));
}

#[test]
fn powers() {
    for x in [0.3, -1.7, 12.5] {
        assert_eq!(pow(x, 2.0).to_bits(), (x * x).to_bits());
        assert_eq!(pow(x, 3.0).to_bits(), (x * (x * x)).to_bits());
        assert_eq!(pow(x, -1.0).to_bits(), (1.0 / x).to_bits());
    }
    assert_eq!(pow(f64::NAN, 0.0), 1.0);
    assert_eq!(pow(2.0, 0.5), std::f64::consts::SQRT_2);
    assert_eq!(pow(-8.0, -3.0), -1.0 / 512.0);
    assert_eq!((pow(0.0, -1.0), pow(-0.0, -3.0)), (f64::INFINITY, f64::NEG_INFINITY));
    assert!((pow(1e160, -2.0) - 1e-320).abs() <= 5e-324);
    assert!(pow(-2.0, 0.5).is_nan() && pow(2.0, f64::NAN).is_nan());
    assert!((pow(1.01, 64.0) / libm::pow(1.01, 64.0) - 1.0).abs() < 64.0 * 1.2e-16);
    assert_eq!(sin(0.0), 0.0);
    assert_eq!(cos(0.0), 1.0);
    assert!(sin(f64::INFINITY).is_nan() && cos(f64::NEG_INFINITY).is_nan());
}

#[test]
fn normal_quantile_edges() {
    assert_eq!(normal_quantile(0.5), 0.0);
    assert_eq!(normal_quantile(0.0), f64::NEG_INFINITY);
    assert_eq!(normal_quantile(1.0), f64::INFINITY);
    for p in [-1e-9, 1.000_000_1, f64::NAN] {
        assert!(normal_quantile(p).is_nan());
    }
    // The values Wichura gives for checking.
    assert!((normal_quantile(0.25) + 0.674_489_750_196_081_7).abs() < 1e-15);
    assert!((normal_quantile(0.001) + 3.090_232_306_167_813_5).abs() < 1e-15);
    assert!((normal_quantile(1e-20) + 9.262_340_089_798_408).abs() < 4e-15);
}

#[test]
fn ln_gamma_values() {
    for (_, row) in rows(TABLE).filter(|(n, _)| *n == "ln_gamma") {
        let error = (ln_gamma(row[0]) - row[1]).abs() / row[1].abs().max(1.0);
        assert!(error < 1e-14, "{}: {error}", row[0]);
    }
    assert_eq!((ln_gamma(0.0), ln_gamma(f64::INFINITY)), (f64::INFINITY, f64::INFINITY));
    assert!(ln_gamma(-1.5).is_nan() && ln_gamma(f64::NAN).is_nan());
}

#[test]
fn beta_quantiles() {
    let mut worst = (0.0, String::new());
    for (_, row) in rows(BETA) {
        let (p, a, b, x) = (row[0], row[1], row[2], row[3]);
        // x goes as p^(1/a): below a = 0.01 the last bit of p alone moves x by more than this.
        let error = (beta_quantile(p, a, b) / x - 1.0).abs() * minimum(1.0, 100.0 * a);
        if error.is_nan() || error > worst.0 {
            worst = (error, format!("beta_quantile({p}, {a}, {b}) = {}", beta_quantile(p, a, b)));
        }
    }
    println!("beta quantile: {:.2e} at {}", worst.0, worst.1);
    assert!(worst.0 < 1e-12, "{worst:?}");
}

#[test]
fn beta_edges() {
    assert_eq!((beta_quantile(0.0, 2.0, 3.0), beta_quantile(1.0, 2.0, 3.0)), (0.0, 1.0));
    assert!((beta_quantile(0.5, 3.0, 3.0) - 0.5).abs() < 5e-15);
    assert_eq!((beta_cdf(-1.0, 2.0, 3.0), beta_cdf(2.0, 2.0, 3.0)), (0.0, 1.0));
    for odd in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert!(beta_quantile(0.3, odd, 1.0).is_nan() && beta_cdf(0.3, 1.0, odd).is_nan());
    }
    assert!(beta_quantile(-0.1, 1.0, 1.0).is_nan() && beta_quantile(f64::NAN, 1.0, 1.0).is_nan());
    // Extreme shapes must end, inside the unit interval, in order of p.
    for a in [1e-310, 1e-3, 1.0, 50.0, 1e100] {
        for b in [1e-310, 1e-3, 1.0, 50.0, 1e100] {
            let mut last = 0.0;
            for p in [5e-324, 0.1, 0.9, 1.0 - 1e-16] {
                let x = beta_quantile(p, a, b);
                assert!((0.0..=1.0).contains(&x), "{p} {a} {b}: {x}");
                assert!(x >= last - 1e-9, "{p} {a} {b}: {x} after {last}");
                last = x;
            }
        }
    }
}

#[test]
fn triangular_values() {
    assert_eq!(triangular_quantile(0.0, 1.0, 2.0, 4.0), 1.0);
    assert_eq!(triangular_quantile(1.0, 1.0, 2.0, 4.0), 4.0);
    assert!((triangular_quantile(1.0 / 3.0, 1.0, 2.0, 4.0) - 2.0).abs() < 1e-15);
    assert_eq!(triangular_quantile(0.7, 2.0, 2.0, 2.0), 2.0);
    assert_eq!(triangular_quantile(0.25, 0.0, 1.0, 1.0), 0.5);
    assert!(triangular_quantile(0.5, 2.0, 1.0, 3.0).is_nan());
    assert!(triangular_quantile(f64::NAN, 0.0, 1.0, 2.0).is_nan());
}
