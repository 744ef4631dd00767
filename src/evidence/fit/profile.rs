//! Intervals from profiles of a log likelihood.

use super::linear::{Matrix, inverse};

/// Half the 0.95 quantile of chi squared with one degree of freedom: so far does a profile fall
/// within a 95 % interval (Wilks 1938).
pub const CUT: f64 = 1.920_729_410_347_062;
/// The share of points that a local fit takes in (Ionides et al. 2017, λ).
const SPAN: f64 = 0.75;
/// Steps of the grid on which a smooth profile is looked at.
const GRID: usize = 2000;

/// Where a function that is above 0 at one end of a bracket and below at the other is 0: the
/// Illinois method (Dowell and Jarratt 1971).
///
/// # Errors
/// Those of `value`.
pub fn root<E>(
    (mut a, mut fa): (f64, f64),
    (mut b, mut fb): (f64, f64),
    mut value: impl FnMut(f64) -> Result<f64, E>,
) -> Result<f64, E> {
    for round in 0..100 {
        if (b - a).abs() <= 1e-14 * f64::max(a.abs(), b.abs()) {
            break;
        }
        let chord = (a * fb - b * fa) / (fb - fa);
        let between = (chord - a) * (chord - b) < 0.0;
        let c = if between && round % 8 != 7 { chord } else { 0.5 * (a + b) };
        let fc = value(c)?;
        if fc.abs() < 1e-13 {
            return Ok(c);
        }
        if (fc > 0.0) == (fb > 0.0) {
            fa *= 0.5;
        } else {
            (a, fa) = (b, fb);
        }
        (b, fb) = (c, fc);
    }
    Ok(b)
}

/// What a noisy profile says.
#[derive(Debug, Clone, PartialEq)]
pub struct Adjusted {
    /// Where the smooth profile is greatest.
    pub peak: f64,
    /// How high it is there.
    pub top: f64,
    /// How far it falls within the interval.
    pub cut: f64,
    /// The ends of the interval; `None` where it does not fall so far before the last point.
    pub interval: (Option<f64>, Option<f64>),
}

/// Weights of points by their distance from one (Cleveland 1979).
fn weights(points: &[(f64, f64)], at: f64) -> Vec<f64> {
    let mut distances: Vec<f64> = points.iter().map(|(x, _)| (x - at).abs()).collect();
    let all = distances.clone();
    distances.sort_by(f64::total_cmp);
    let near = ((SPAN * points.len() as f64) as usize).clamp(4, points.len());
    let most = distances[near - 1] * (1.0 + 1e-9);
    let weight = |distance: f64| {
        let share = distance / most;
        let left = 1.0 - share * share * share;
        if share < 1.0 { left * left * left } else { 0.0 }
    };
    all.into_iter().map(weight).collect()
}

/// The weighted least squares fit of c + b x + a x² with x counted from `at`: coefficients c, b, a
/// and their covariance.
fn quadratic(points: &[(f64, f64)], at: f64) -> Option<([f64; 3], Matrix)> {
    let weights = weights(points, at);
    let scale = points.iter().fold(0.0, |most: f64, (x, _)| f64::max(most, (x - at).abs()));
    let terms = |x: f64| [1.0, (x - at) / scale, (x - at) * (x - at) / (scale * scale)];
    let mut normal: Matrix = vec![vec![0.0; 3]; 3];
    let mut right = [0.0; 3];
    for ((x, y), weight) in points.iter().zip(&weights) {
        let row = terms(*x);
        for ((sum, line), own) in right.iter_mut().zip(&mut normal).zip(row) {
            *sum += weight * own * y;
            line.iter_mut().zip(row).for_each(|(cell, x)| *cell += weight * own * x);
        }
    }
    let mut inverse = inverse(&normal)?;
    let solve = |i: usize| (0..3).map(|j| inverse[i][j] * right[j]).sum::<f64>();
    let mut found = [solve(0), solve(1), solve(2)];
    let used = weights.iter().filter(|w| **w > 0.0).count() as f64;
    let residual = |((x, y), weight): (&(f64, f64), &f64)| {
        let row = terms(*x);
        let off = y - (0..3).map(|i| found[i] * row[i]).sum::<f64>();
        weight * off * off
    };
    let rest: f64 = points.iter().zip(&weights).map(residual).sum();
    let variance = if used > 3.0 { rest / (used - 3.0) } else { 0.0 };
    let units = [1.0, scale, scale * scale];
    for ((value, line), own) in found.iter_mut().zip(&mut inverse).zip(units) {
        *value /= own;
        line.iter_mut().zip(units).for_each(|(cell, unit)| *cell *= variance / (own * unit));
    }
    Some((found, inverse))
}

/// The Monte Carlo adjusted profile of Ionides, Breto, Park, Smith and King (2017): points of a
/// profile that are known with error, in order, are smoothed by local quadratics; the drop that
/// bounds the interval grows by the error of the maximum.
///
/// `None` if they do not bend downwards, so that nothing bounds the interval.
pub fn adjusted(points: &[(f64, f64)]) -> Option<Adjusted> {
    let (first, last) = (points.first()?.0, points.last()?.0);
    if points.len() < 6 {
        return None;
    }
    let at = |step: usize| match step {
        GRID => last,
        _ => first + (last - first) * step as f64 / GRID as f64,
    };
    let grid: Vec<f64> = (0..=GRID).map(at).collect();
    let smooth: Option<Vec<f64>> = grid.iter().map(|x| Some(quadratic(points, *x)?.0[0])).collect();
    let smooth = smooth?;
    let higher = |best: usize, step: usize| if smooth[step] > smooth[best] { step } else { best };
    let best = (1..=GRID).fold(0, higher);
    let ([_, b, bend], covariance) = quadratic(points, grid[best])?;
    let a = -bend;
    let bends = a > 0.0;
    if !bends {
        return None;
    }
    // the maximum is at b / 2a: its variance by the delta method, with a = −bend
    let ratio = b / a;
    let error =
        (covariance[1][1] + 2.0 * ratio * covariance[1][2] + ratio * ratio * covariance[2][2])
            / (4.0 * a * a);
    let cut = 2.0 * CUT * (a * error + 0.5);
    let inside: Vec<usize> = (0..=GRID).filter(|k| smooth[best] - smooth[*k] < cut).collect();
    let (low, high) = (*inside.first()?, *inside.last()?);
    let interval = ((low > 0).then(|| grid[low]), (high < GRID).then(|| grid[high]));
    Some(Adjusted { peak: grid[best], top: smooth[best], cut, interval })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roots_are_found() {
        let f = |x: f64| Ok::<f64, ()>(1.0 - x * x * x);
        let found = root((0.0, 1.0), (3.0, -26.0), f).unwrap();
        assert!((found - 1.0).abs() < 1e-13, "{found}");
    }

    #[test]
    fn a_parabola_without_noise_has_the_interval_of_wilks() {
        // standard deviation 0.1 round 0.4
        let point = |k: u32| {
            let x = f64::from(k) / 20.0;
            (x, -3.0 - 50.0 * (x - 0.4) * (x - 0.4))
        };
        let points: Vec<(f64, f64)> = (0..=20).map(point).collect();
        let found = adjusted(&points).unwrap();
        let half = 0.1 * (2.0 * CUT).sqrt();
        assert!((found.peak - 0.4).abs() < 1e-3 && (found.cut - CUT).abs() < 1e-6, "{found:?}");
        assert!((found.interval.0.unwrap() - (0.4 - half)).abs() < 1e-3);
        assert!((found.interval.1.unwrap() - (0.4 + half)).abs() < 1e-3);
    }

    #[test]
    fn noise_widens_the_interval_and_no_bend_bounds_it() {
        let noisy = |k: u32| {
            let x = f64::from(k) / 20.0;
            let noise = if k % 3 == 0 { 0.5 } else { -0.25 };
            (x, -50.0 * (x - 0.4) * (x - 0.4) + noise)
        };
        let found = adjusted(&(0..=20).map(noisy).collect::<Vec<_>>()).unwrap();
        assert!(found.cut > CUT + 0.01, "{found:?}");
        let rising: Vec<(f64, f64)> = (0..=20).map(|k| (f64::from(k), f64::from(k * k))).collect();
        assert_eq!(adjusted(&rising), None);
        let slope: Vec<(f64, f64)> =
            (0..=20).map(|k| (f64::from(k), -0.001 * f64::from(k * k))).collect();
        assert_eq!(adjusted(&slope).unwrap().interval, (None, None));
    }
}
