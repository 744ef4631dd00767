//! The maximum and the profiles of a likelihood that is known with Monte Carlo error.

use super::cmaes::Cmaes;
use super::linear::Matrix;
use super::profile::{Adjusted, adjusted};
use super::{Effort, Failed, Objective, ProfilePoint};
use crate::math;
use crate::rng::Sequence;

/// Positions whose logits are beyond ± this count as ends.
const BOUND: f64 = 8.0;
/// A distribution that is narrower than this, in logits, has found its maximum.
const NARROW: f64 = 0.01;
/// How many points a profile has when it is looked for, and when it is drawn.
const COARSE: usize = 17;
const FINE: usize = 25;
/// How many generations other numbers take to follow.
const GENERATIONS: usize = 10;
/// What is drawn of a profile lies within this of its top.
const HEIGHT: f64 = 4.0;
/// How often a window may be narrowed.
const ZOOMS: usize = 4;

fn logit(u: f64) -> f64 {
    math::clamp(math::log(u / (1.0 - u)), -BOUND, BOUND)
}

/// A position from its logit: an end beyond the bounds.
fn position(z: f64) -> f64 {
    match z {
        z if z <= -BOUND => 0.0,
        z if z >= BOUND => 1.0,
        z => math::logistic(z),
    }
}

/// Looks for maxima of a noisy likelihood.
pub struct Noisy<'o, 'a> {
    /// Where values come from.
    pub objective: &'o mut Objective<'a>,
    /// How points are weighed while a maximum is looked for: all with the same random numbers.
    pub effort: Effort,
    /// What the search draws.
    pub draws: Sequence,
}

/// What the search has found.
pub struct Found {
    /// The mean of the last distribution, as positions.
    pub at: Vec<f64>,
    /// The covariance of the last distribution, in logits.
    pub covariance: Matrix,
}

impl Noisy<'_, '_> {
    fn values(&mut self, points: &[Vec<f64>]) -> Result<Vec<f64>, Failed> {
        let found = self.objective.weigh(points, self.effort)?;
        Ok(found.iter().map(super::Weighed::value).collect())
    }

    /// One generation of several searches at once. `whole` makes a point of what a search moves.
    fn generation(
        &mut self,
        searches: &mut [Cmaes],
        whole: &dyn Fn(usize, &[f64]) -> Vec<f64>,
    ) -> Result<(), Failed> {
        let asked: Vec<Vec<Vec<f64>>> = searches.iter().map(|s| s.ask(&mut self.draws)).collect();
        let each = asked.iter().enumerate();
        let points: Vec<Vec<f64>> =
            each.flat_map(|(n, own)| own.iter().map(move |z| whole(n, z))).collect();
        let mut found = self.values(&points)?.into_iter();
        for (search, own) in searches.iter_mut().zip(&asked) {
            // what lies outside the box counts as its nearest point, less the distance
            let out = |z: &f64| f64::max(0.0, z.abs() - BOUND);
            let lost = |z: &Vec<f64>| z.iter().map(|z| out(z) * out(z)).sum::<f64>();
            let values = own.iter().zip(&mut found).map(|(z, value)| value - lost(z));
            let values: Vec<f64> = values.collect();
            search.tell(own, &values);
        }
        Ok(())
    }

    /// The maximum, from the best of some points; at most about so many points are weighed.
    ///
    /// # Errors
    /// Those of [`Objective::weigh`].
    pub fn search(&mut self, starts: &[Vec<f64>], most: usize) -> Result<Found, Failed> {
        let values = self.values(starts)?;
        let higher = |best: usize, k: usize| if values[k] > values[best] { k } else { best };
        let best = (1..values.len()).fold(0, higher);
        let mean: Vec<f64> = starts[best].iter().map(|u| logit(*u)).collect();
        let mut search = [Cmaes::round(mean, 1.0)];
        let mut weighed = starts.len();
        while weighed + search[0].size <= most && search[0].width() > NARROW {
            let whole = |_: usize, z: &[f64]| z.iter().map(|z| position(*z)).collect();
            self.generation(&mut search, &whole)?;
            weighed += search[0].size;
        }
        let [search] = search;
        let at = search.mean.iter().map(|z| position(*z)).collect();
        Ok(Found { at, covariance: search.covariance() })
    }

    /// Profiles of one number at some positions: the other numbers follow. Starts are whole points.
    fn follow(&mut self, starts: &[Vec<f64>], i: usize) -> Result<Vec<(Vec<f64>, f64)>, Failed> {
        let others = |point: &Vec<f64>| -> Vec<f64> {
            let rest = point.iter().enumerate().filter(|(k, _)| *k != i);
            rest.map(|(_, u)| logit(*u)).collect()
        };
        let whole = |n: usize, z: &[f64]| {
            let mut point: Vec<f64> = z.iter().map(|z| position(*z)).collect();
            point.insert(i, starts[n][i]);
            point
        };
        let mut points = starts.to_vec();
        if starts.first().is_some_and(|start| start.len() > 1) {
            let begin = |point: &Vec<f64>| Cmaes::round(others(point), 0.5);
            let mut searches: Vec<Cmaes> = starts.iter().map(begin).collect();
            for _ in 0..GENERATIONS {
                self.generation(&mut searches, &whole)?;
            }
            points = searches.iter().enumerate().map(|(n, s)| whole(n, &s.mean)).collect();
        }
        let found = self.values(&points)?;
        Ok(points.into_iter().zip(found).collect())
    }

    /// The adjusted profile of a number: its points, and what they say.
    ///
    /// # Errors
    /// Those of [`Objective::weigh`].
    pub fn profile(
        &mut self,
        peak: &Found,
        i: usize,
    ) -> Result<(Vec<ProfilePoint>, Option<Adjusted>), Failed> {
        let even = |(lo, hi): (f64, f64), count: usize| -> Vec<f64> {
            let last = count - 1;
            let at =
                |k: usize| if k == last { hi } else { lo + (hi - lo) * k as f64 / last as f64 };
            (0..count).map(at).collect()
        };
        let mut window = (0.0, 1.0);
        let mut known: Vec<(Vec<f64>, f64)> = vec![(peak.at.clone(), f64::NEG_INFINITY)];
        for _ in 0..ZOOMS {
            let starts = even(window, COARSE).into_iter().map(|u| nearest(&known, i, u));
            let found = self.follow(&starts.collect::<Vec<_>>(), i)?;
            let top = found.iter().map(|(_, value)| *value).fold(f64::NEG_INFINITY, f64::max);
            let high = |(_, value): &(Vec<f64>, f64)| *value > top - HEIGHT;
            let first = found.iter().position(high).unwrap_or(0);
            let last = found.iter().rposition(high).unwrap_or(COARSE - 1);
            window.0 = found[first.saturating_sub(1)].0[i];
            window.1 = found[(last + 1).min(COARSE - 1)].0[i];
            known = found;
            if last - first >= 5 {
                break;
            }
        }
        let starts = even(window, FINE).into_iter().map(|u| nearest(&known, i, u));
        let found = self.follow(&starts.collect::<Vec<_>>(), i)?;
        let mut points = Vec::new();
        for (n, (at, _)) in found.into_iter().enumerate() {
            // random numbers of its own: what the search has picked is not weighed again
            let number = 1 + (i * FINE + n) as u64;
            let fresh = Effort { seed: self.effort.seed.for_point(number), ..self.effort };
            let value = self.objective.weigh(std::slice::from_ref(&at), fresh)?[0].value();
            points.push(ProfilePoint { position: at[i], at, value });
        }
        let finite = points.iter().filter(|point| point.value.is_finite());
        let pairs: Vec<(f64, f64)> = finite.map(|point| (point.position, point.value)).collect();
        let mut found = adjusted(&pairs);
        if let Some(found) = &mut found {
            // a window's edge within the range bounds nothing that was not looked at
            if pairs.first().is_some_and(|(u, _)| *u > 0.0) && found.interval.0.is_none() {
                found.interval.0 = edge(&points, 0);
            }
            if pairs.last().is_some_and(|(u, _)| *u < 1.0) && found.interval.1.is_none() {
                found.interval.1 = edge(&points, points.len() - 1);
            }
        }
        Ok((points, found))
    }
}

/// Where points next to the window are impossible, the window's edge bounds the interval.
fn edge(points: &[ProfilePoint], at: usize) -> Option<f64> {
    let point = points.get(at)?;
    (point.value == f64::NEG_INFINITY).then_some(point.position)
}

/// The known point nearest to a position of a number, moved there.
fn nearest(known: &[(Vec<f64>, f64)], i: usize, u: f64) -> Vec<f64> {
    let distance = |point: &(Vec<f64>, f64)| (point.0[i] - u).abs();
    let closest = known.iter().min_by(|a, b| distance(a).total_cmp(&distance(b)));
    let mut point = closest.map_or(Vec::new(), |(at, _)| at.clone());
    point[i] = u;
    point
}
