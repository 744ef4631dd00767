//! Statistical tests of the variates and the intervals, at fixed seeds.
//!
//! The level of every test is written down: 1e-6, so that a correct change of the draws (another
//! seed, another generator) fails one of them about once in a hundred thousand times, while a wrong
//! transformation fails always.

use detente::math;
use detente::rng::{Address, Purpose, Seed, Sequence, Stream};
use detente::stats::{Groups, RESAMPLES, Resamples, Z95, ks_critical, ks_statistic, wilson};

/// The probability with which a sound variate fails a test here.
const LEVEL: f64 = 1e-6;
/// The normal quantile at `1 - LEVEL / 2`.
const Z_LEVEL: f64 = 4.891_638_475_698_591;

/// `n` uniform numbers of one run.
fn uniforms(seed: u64, n: usize) -> Vec<f64> {
    let first = Address { round: 1, purpose: Purpose::Effects, ordinal: 0, slot: 0 };
    let mut stream = Stream::new(Seed(seed), 0);
    (0..n as u32).map(|slot| stream.uniform(Address { slot, ..first })).collect()
}

/// The standard normal distribution function from the crate `libm`, not from what is tested.
fn normal_cdf(z: f64) -> f64 {
    0.5 * libm::erfc(-z * std::f64::consts::FRAC_1_SQRT_2)
}

/// Draws `n` variates by `quantile` and returns their distance from the distribution function, over
/// the critical distance.
fn distance(seed: u64, n: usize, quantile: impl Fn(f64) -> f64, cdf: impl Fn(f64) -> f64) -> f64 {
    let mut shares: Vec<f64> = uniforms(seed, n).into_iter().map(|p| cdf(quantile(p))).collect();
    shares.sort_unstable_by(f64::total_cmp);
    ks_statistic(&shares) / ks_critical(n as u64, LEVEL)
}

#[test]
fn uniform_numbers() {
    let d = distance(11, 100_000, |p| p, |x| x);
    assert!(d < 1.0, "{d}");
    // Across runs, at one address.
    let at = Address { round: 3, purpose: Purpose::Choice, ordinal: 0, slot: 2 };
    let mut across: Vec<f64> =
        (0..20_000).map(|run| Stream::new(Seed(12), run).uniform(at)).collect();
    let pairs = across.windows(2).map(|w| (w[0] - 0.5) * (w[1] - 0.5));
    // A product of two centred uniforms has standard deviation 1/12.
    let correlation = pairs.sum::<f64>() * 12.0 / (19_999_f64).sqrt();
    assert!(correlation.abs() < Z_LEVEL, "{correlation}");
    across.sort_unstable_by(f64::total_cmp);
    assert!(ks_statistic(&across) < ks_critical(20_000, LEVEL));
}

#[test]
fn normal_variates() {
    let d = distance(21, 100_000, math::normal_quantile, normal_cdf);
    assert!(d < 1.0, "{d}");
    // The test can tell: a spread 5 % too wide is found.
    let d = distance(21, 100_000, |p| 1.05 * math::normal_quantile(p), normal_cdf);
    assert!(d > 1.0, "{d}");
}

#[test]
fn lognormal_variates() {
    let (mu, sigma) = (0.3, 0.8);
    let quantile = |p| math::exp(mu + sigma * math::normal_quantile(p));
    let d = distance(22, 50_000, quantile, |x| normal_cdf((libm::log(x) - mu) / sigma));
    assert!(d < 1.0, "{d}");
}

#[test]
fn beta_variates() {
    // Distribution functions in closed form.
    let d = distance(23, 5_000, |p| math::beta_quantile(p, 3.0, 1.0), |x| x * x * x);
    assert!(d < 1.0, "beta(3, 1): {d}");
    let d = distance(
        24,
        5_000,
        |p| math::beta_quantile(p, 0.5, 0.5),
        |x| libm::asin(x.sqrt()) * std::f64::consts::FRAC_2_PI,
    );
    assert!(d < 1.0, "beta(1/2, 1/2): {d}");
    // Whole parameters: the chance of at least a successes in a + b - 1 trials.
    let d = distance(
        25,
        5_000,
        |p| math::beta_quantile(p, 4.0, 4.0),
        |x| {
            let y = 1.0 - x;
            x * x * x * x * (35.0 * y * y * y + 21.0 * x * y * y + 7.0 * x * x * y + x * x * x)
        },
    );
    assert!(d < 1.0, "beta(4, 4): {d}");
}

#[test]
fn triangular_variates() {
    let (lo, mode, hi) = (-1.0, 0.5, 3.0);
    let cdf = |x: f64| {
        if x < mode {
            (x - lo) * (x - lo) / ((hi - lo) * (mode - lo))
        } else {
            1.0 - (hi - x) * (hi - x) / ((hi - lo) * (hi - mode))
        }
    };
    let d = distance(26, 50_000, |p| math::triangular_quantile(p, lo, mode, hi), cdf);
    assert!(d < 1.0, "{d}");
}

/// Whether `hits` out of `n` is likely under a probability within `[lo, hi]`, at the level.
fn plausible(hits: u64, n: u64, lo: f64, hi: f64) -> bool {
    let (least, most) = wilson(hits, n, Z_LEVEL);
    most >= lo && least <= hi
}

#[test]
fn wilson_intervals_cover() {
    // The exact coverage, by adding up the binomial distribution. Near the ends it sags below 95 %,
    // as is known of this interval (Brown, Cai and DasGupta 2001); it never falls far.
    for (n, truth, least) in
        [(100, 0.5, 0.94), (100, 0.1, 0.93), (1000, 0.37, 0.945), (20, 0.3, 0.93)]
    {
        let odds: f64 = truth / (1.0 - truth);
        let mut chance = libm::pow(1.0 - truth, f64::from(n));
        let mut covered = 0.0;
        for k in 0..=n {
            let (lo, hi) = wilson(k as u64, n as u64, Z95);
            if (lo..=hi).contains(&truth) {
                covered += chance;
            }
            chance *= odds * f64::from(n - k) / f64::from(k + 1);
        }
        assert!((least..0.985).contains(&covered), "n {n}, p {truth}: {covered}");
    }
    // And by drawing.
    let mut words = Sequence::new(Seed(31), Sequence::TRIALS);
    let trials = 4_000;
    let mut hits = 0;
    for _ in 0..trials {
        let k = (0..100).filter(|_| words.uniform() < 0.5).count() as u64;
        let (lo, hi) = wilson(k, 100, Z95);
        hits += u64::from((lo..=hi).contains(&0.5));
    }
    assert!(plausible(hits, trials, 0.943, 0.943_2), "{hits} of {trials}");
}

#[test]
fn bootstrap_intervals_cover() {
    // Means of 40 groups of 5 exponential values: the accelerated interval covers about 94 %, for
    // the sample is finite and skewed.
    let mut draws = Sequence::new(Seed(41), Sequence::TRIALS);
    let mut resampling = Sequence::new(Seed(41), Sequence::BOOTSTRAP);
    let (trials, mut hits) = (250, 0);
    for _ in 0..trials {
        let values: Vec<f64> = (0..200).map(|_| -math::log(draws.uniform())).collect();
        let groups = Groups::from_values(&values, 5);
        let index = |n: usize| resampling.below(n as u64) as usize;
        let resamples = Resamples::new(groups.len(), 200, index);
        let (lo, hi) = resamples.interval(&groups, groups.mean(), 0.05);
        hits += u64::from((lo..=hi).contains(&1.0));
    }
    assert!(plausible(hits, trials, 0.92, 0.95), "{hits} of {trials}");
}

#[test]
fn bootstrap_agrees_with_the_normal_interval() {
    let normals: Vec<f64> = uniforms(51, 10_000).into_iter().map(math::normal_quantile).collect();
    let groups = Groups::from_values(&normals, 100);
    let mean = groups.mean();
    let mut words = Sequence::new(Seed(51), Sequence::BOOTSTRAP);
    let index = |n: usize| words.below(n as u64) as usize;
    let resamples = Resamples::new(groups.len(), RESAMPLES, index);
    let (lo, hi) = resamples.interval(&groups, mean, 0.05);
    // The standard error is 0.01; 100 groups and 2,000 resamples blur its estimate by about 8 %.
    for reach in [mean - lo, hi - mean] {
        assert!((reach / (Z95 * 0.01) - 1.0).abs() < 0.4, "{lo} {mean} {hi}");
    }
}
