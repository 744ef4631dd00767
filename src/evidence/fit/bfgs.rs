//! Quasi-Newton search for a maximum (Broyden, Fletcher, Goldfarb and Shanno 1970), within a box.

use super::linear::{Matrix, dot, identity, times};

/// The step of differences. Their error is of fourth order in it.
const STEP: f64 = 1.0 / 256.0;
/// The longest step of the search in any coordinate.
const LONGEST: f64 = 2.0;
/// So many steps at most, and so many halvings of one.
const STEPS: usize = 100;
const HALVINGS: usize = 30;

/// Gives the values at some points, all at once.
pub type Values<'a, E> = dyn FnMut(&[Vec<f64>]) -> Result<Vec<f64>, E> + 'a;

/// Where a search has come to.
#[derive(Debug, Clone, PartialEq)]
pub struct Peak {
    /// The point.
    pub at: Vec<f64>,
    /// The value there.
    pub value: f64,
}

/// A point with its value and gradient.
struct Look {
    at: Vec<f64>,
    value: f64,
    gradient: Vec<f64>,
}

/// The value at a point and the gradient there by central differences of two widths (Richardson),
/// whose error is of fourth order.
fn look<E>(at: Vec<f64>, values: &mut Values<E>) -> Result<Look, E> {
    let mut points = vec![at.clone()];
    for i in 0..at.len() {
        for step in [-2.0, -1.0, 1.0, 2.0] {
            let mut point = at.clone();
            point[i] += step * STEP;
            points.push(point);
        }
    }
    let found = values(&points)?;
    let slope = |f: &[f64]| (8.0 * (f[2] - f[1]) - (f[3] - f[0])) / (12.0 * STEP);
    let gradient = found[1..].chunks(4).map(slope).collect();
    Ok(Look { at, value: found[0], gradient })
}

impl Look {
    /// The gradient without what would leave the box.
    fn inward(&self, bound: f64) -> Vec<f64> {
        let each = self.at.iter().zip(&self.gradient);
        let out = |x: f64, g: f64| (x >= bound && g > 0.0) || (x <= -bound && g < 0.0);
        each.map(|(x, g)| if out(*x, *g) || g.is_nan() { 0.0 } else { *g }).collect()
    }

    /// Whether the value is as good as flat here.
    fn is_flat(&self, bound: f64) -> bool {
        let most = self.inward(bound).iter().fold(0.0, |most: f64, g| f64::max(most, g.abs()));
        most <= 1e-11 * (1.0 + self.value.abs())
    }
}

/// Climbs from a point to a maximum with all coordinates within ± `bound`.
///
/// # Errors
/// Those of `values`.
pub fn maximise<E>(start: Vec<f64>, bound: f64, values: &mut Values<E>) -> Result<Peak, E> {
    let mut here = look(start, values)?;
    let mut shape: Option<Matrix> = None;
    for _ in 0..STEPS {
        if !here.value.is_finite() || here.is_flat(bound) {
            break;
        }
        let gradient = here.inward(bound);
        let mut way = match &shape {
            Some(shape) => times(shape, &gradient),
            None => gradient.clone(),
        };
        let climbs = dot(&way, &gradient) > 0.0;
        if !climbs {
            shape = None;
            way.clone_from(&gradient);
        }
        let Some(next) = step(&here, &way, bound, values)? else {
            if shape.is_none() {
                break;
            }
            shape = None;
            continue;
        };
        learn(&mut shape, &here, &next);
        here = next;
    }
    Ok(Peak { at: here.at, value: here.value })
}

/// The first of ever shorter steps that is good enough: the value grows in proportion to what the
/// gradient promises (Armijo 1966) or, where rounding hides that, it stays and the gradient
/// shrinks.
fn step<E>(
    here: &Look,
    way: &[f64],
    bound: f64,
    values: &mut Values<E>,
) -> Result<Option<Look>, E> {
    let longest = way.iter().fold(0.0, |most: f64, x| f64::max(most, x.abs()));
    let mut length = if longest > LONGEST { LONGEST / longest } else { 1.0 };
    let size = |of: &Look| dot(&of.inward(bound), &of.inward(bound));
    let noise = 1e-13 * (1.0 + here.value.abs());
    for _ in 0..HALVINGS {
        let clip = |(x, d): (&f64, &f64)| (x + length * d).clamp(-bound, bound);
        let at: Vec<f64> = here.at.iter().zip(way).map(clip).collect();
        let moved: Vec<f64> = at.iter().zip(&here.at).map(|(a, b)| a - b).collect();
        if moved.iter().all(|x| *x == 0.0) {
            return Ok(None);
        }
        let next = look(at, values)?;
        let promised = dot(&moved, &here.gradient);
        let grown = next.value - here.value;
        let quiet = grown.abs() <= noise && size(&next) < 0.25 * size(here);
        if grown > f64::max(1e-4 * promised, noise) || quiet {
            return Ok(Some(next));
        }
        if promised.abs() < 0.01 * noise {
            return Ok(None);
        }
        length *= 0.5;
    }
    Ok(None)
}

/// Learns the curvature from a step: the inverse of the Hessian of the negated values.
fn learn(shape: &mut Option<Matrix>, here: &Look, next: &Look) {
    let moved: Vec<f64> = next.at.iter().zip(&here.at).map(|(a, b)| a - b).collect();
    let change: Vec<f64> = here.gradient.iter().zip(&next.gradient).map(|(a, b)| a - b).collect();
    let along = dot(&moved, &change);
    let bends = along > 1e-12 * (dot(&moved, &moved) * dot(&change, &change)).sqrt();
    if !bends {
        return;
    }
    let size = moved.len();
    let shape = shape.get_or_insert_with(|| {
        let scale = along / dot(&change, &change);
        identity(size).into_iter().map(|row| row.iter().map(|x| x * scale).collect()).collect()
    });
    let turned = times(shape, &change);
    let factor = (1.0 + dot(&change, &turned) / along) / along;
    for (i, row) in shape.iter_mut().enumerate() {
        for (j, cell) in row.iter_mut().enumerate() {
            let crossed = (turned[i] * moved[j] + moved[i] * turned[j]) / along;
            *cell += factor * moved[i] * moved[j] - crossed;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Never = std::convert::Infallible;

    fn climb(start: &[f64], bound: f64, f: fn(&[f64]) -> f64) -> Peak {
        let mut values = |points: &[Vec<f64>]| Ok(points.iter().map(|p| f(p)).collect());
        let Ok(peak) = maximise::<Never>(start.to_vec(), bound, &mut values);
        peak
    }

    #[test]
    fn the_maximum_of_a_bent_valley_is_found() {
        // Rosenbrock 1960
        let f = |p: &[f64]| {
            let (a, b) = (1.0 - p[0], p[1] - p[0] * p[0]);
            -a * a - 100.0 * b * b
        };
        let peak = climb(&[-1.2, 1.0], 10.0, f);
        assert!((peak.at[0] - 1.0).abs() < 1e-8 && (peak.at[1] - 1.0).abs() < 1e-8, "{peak:?}");
    }

    #[test]
    fn a_search_stops_at_the_box() {
        let peak = climb(&[0.0, 0.0], 3.0, |p| p[0] - (p[1] - 0.5) * (p[1] - 0.5));
        assert_eq!(peak.at[0], 3.0);
        assert!((peak.at[1] - 0.5).abs() < 1e-8);
    }

    #[test]
    fn nothing_moves_where_all_is_flat() {
        let peak = climb(&[0.25, -1.0], 3.0, |_| -7.0);
        assert_eq!(peak, Peak { at: vec![0.25, -1.0], value: -7.0 });
    }
}
