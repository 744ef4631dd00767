//! Moves that leave a tempered posterior as it is.

use super::draws::shares;
use super::{MOST_MOVES, RENEWED, Sampler, State, logit};
use crate::evidence::Error;
use crate::math;
use crate::rng::Sequence;
use crate::stats::{Sum, spearman};

/// The share of accepted moves that is aimed at (Roberts, Gelman and Gilks 1997; a little less is
/// best where likelihoods are estimated).
const ACCEPTED: f64 = 0.25;
/// The bounds of the size of moves, in units of the draws' own spread.
const SIZES: (f64, f64) = (0.02, 4.0);

impl Sampler<'_> {
    /// Moves every draw once: a normal step in the logits of its coordinates, taken with the
    /// probability of Metropolis and Hastings for the density prior × likelihood^t.
    pub(super) fn move_all(&self, state: &mut State) -> Result<(), Error> {
        let made: u64 = state.stages.iter().map(|stage| u64::from(stage.moves)).sum();
        let seed = self.seed(state.particles).for_point(4).for_point(made);
        let seeds = |n: usize| seed.for_point(n as u64);
        let factor = cholesky(covariance(state));
        let living = |n: usize| state.groups[state.group(n)] > f64::NEG_INFINITY;
        let alive: Vec<bool> = (0..state.draws.len()).map(living).collect();
        let proposals: Vec<Option<(Vec<f64>, f64)>> = (0..state.draws.len())
            .map(|n| {
                let mut random = Sequence::new(seeds(n), Sequence::DRAWS);
                let threshold = math::log(random.uniform());
                let place = proposal(&state.draws[n].place, &factor, state.scale, &mut random);
                place.filter(|_| alive[n]).map(|place| (place, threshold))
            })
            .collect();
        let places: Vec<Option<&[f64]>> =
            proposals.iter().map(|one| one.as_ref().map(|(place, _)| place.as_slice())).collect();
        let found = self.estimates(&places, state.particles, &seeds)?;
        let temperature = state.temperature();
        let (mut moved, mut all) = (0_usize, 0_usize);
        for n in 0..state.draws.len() {
            all += usize::from(alive[n]);
            let (Some((place, threshold)), Some(found)) = (&proposals[n], &found[n]) else {
                continue;
            };
            let draw = &mut state.draws[n];
            // the prior in logits is a product of logistic densities u (1 − u)
            let ratio =
                temperature * (found.loglik - draw.loglik) + density(place) - density(&draw.place);
            if found.loglik > f64::NEG_INFINITY && *threshold < ratio {
                moved += 1;
                draw.place.clone_from(place);
                (draw.loglik, draw.types) = (found.loglik, found.types.clone());
            }
        }
        let accepted = moved as f64 / all.max(1) as f64;
        let wanted = state.scale * math::exp(2.0 * (accepted - ACCEPTED));
        state.scale = math::clamp(wanted, SIZES.0, SIZES.1);
        let correlation = correlation(state);
        if let Some(stage) = state.stages.last_mut() {
            let before = if stage.moves == 0 { 0.0 } else { stage.accepted };
            let moves = f64::from(stage.moves);
            stage.accepted = (before * moves + accepted) / (moves + 1.0);
            stage.moves += 1;
            stage.correlation = correlation;
            state.settled = correlation < RENEWED || stage.moves >= MOST_MOVES;
        }
        Ok(())
    }
}

/// A normal step in logits; nothing where it leaves the numbers between 0 and 1.
fn proposal(
    place: &[f64],
    factor: &[Vec<f64>],
    scale: f64,
    random: &mut Sequence,
) -> Option<Vec<f64>> {
    let normal: Vec<f64> = place.iter().map(|_| math::normal_quantile(random.uniform())).collect();
    let along = |(row, u): (&Vec<f64>, &f64)| {
        let step: Sum = row.iter().zip(&normal).map(|(a, b)| a * b).collect();
        math::logistic(logit(*u) + scale * step.value())
    };
    let moved: Vec<f64> = factor.iter().zip(place).map(along).collect();
    moved.iter().all(|u| *u > 0.0 && *u < 1.0).then_some(moved)
}

/// The logarithm of the prior's density in logits.
fn density(place: &[f64]) -> f64 {
    place.iter().map(|u| math::log(*u) + math::log(1.0 - u)).collect::<Sum>().value()
}

/// The covariance of draws in logits, shrunk towards its diagonal as far as there are few draws for
/// so many axes.
fn covariance(state: &State) -> Vec<Vec<f64>> {
    let weights =
        shares(&(0..state.draws.len()).map(|n| state.groups[state.group(n)]).collect::<Vec<f64>>());
    let places: Vec<Vec<f64>> =
        state.draws.iter().map(|draw| draw.place.iter().map(|u| logit(*u)).collect()).collect();
    let axes = places.first().map_or(0, Vec::len);
    let mean = |of: &dyn Fn(&[f64]) -> f64| {
        let terms = places.iter().zip(&weights).filter(|(_, w)| **w > 0.0);
        terms.map(|(place, w)| of(place) * w).collect::<Sum>().value()
    };
    let centre: Vec<f64> = (0..axes).map(|k| mean(&|place| place[k])).collect();
    let kept = 1.0 - math::minimum(1.0, axes as f64 / state.draws.len() as f64);
    let mut all = vec![vec![0.0; axes]; axes];
    for a in 0..axes {
        for b in 0..=a {
            let found = mean(&|place| (place[a] - centre[a]) * (place[b] - centre[b]));
            let shrunk = if a == b { found } else { found * kept };
            (all[a][b], all[b][a]) = (shrunk, shrunk);
        }
    }
    all
}

/// The lower triangular factor of a covariance (Cholesky); pivots that rounding leaves without size
/// are kept small and positive.
fn cholesky(all: Vec<Vec<f64>>) -> Vec<Vec<f64>> {
    let mut factor: Vec<Vec<f64>> = Vec::with_capacity(all.len());
    for (a, row) in all.iter().enumerate() {
        let mut own = vec![0.0; all.len()];
        for b in 0..=a {
            let other = if b < a { &factor[b] } else { &own };
            let dot: Sum = own[..b].iter().zip(&other[..b]).map(|(x, y)| x * y).collect();
            let rest = row[b] - dot.value();
            own[b] = match b < a {
                true => rest / factor[b][b],
                false => math::maximum(rest, 1e-9 * row[a] + 1e-12).sqrt(),
            };
        }
        factor.push(own);
    }
    factor
}

/// The mean over axes of the rank correlation with where the stage began.
fn correlation(state: &State) -> f64 {
    let axes = state.draws.first().map_or(0, |draw| draw.place.len());
    let living: Vec<usize> = (0..state.draws.len())
        .filter(|n| state.groups[state.group(*n)] > f64::NEG_INFINITY)
        .collect();
    let mut sum = Sum::new();
    for axis in 0..axes {
        let now: Vec<f64> = living.iter().map(|n| state.draws[*n].place[axis]).collect();
        let then: Vec<f64> = living.iter().map(|n| state.draws[*n].start[axis]).collect();
        let found = spearman(&now, &then);
        sum.add(if found.is_nan() { 1.0 } else { found });
    }
    if axes == 0 { 0.0 } else { sum.value() / axes as f64 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn factors_give_covariances_back() {
        let all = vec![vec![4.0, 2.0, 0.4], vec![2.0, 3.0, -0.5], vec![0.4, -0.5, 1.0]];
        let factor = cholesky(all.clone());
        for a in 0..3 {
            for b in 0..3 {
                let product: f64 = (0..3).map(|k| factor[a][k] * factor[b][k]).sum();
                assert!((product - all[a][b]).abs() < 1e-12, "{a} {b}");
            }
        }
        let flat = cholesky(vec![vec![1.0, 1.0], vec![1.0, 1.0]]);
        assert!(flat[1][1] > 0.0 && flat[1][1] < 1e-4);
    }
}
