//! The maximum and the profiles of a likelihood that is exact.

use super::bfgs::{self, Peak};
use super::linear::{Matrix, inverse};
use super::profile::{CUT, root};
use super::{Effort, Failed, Objective, ProfilePoint};
use crate::math;

/// Positions whose logits are beyond ± this are as good as ends.
const BOUND: f64 = 14.0;
/// How many points a profile has on each side, besides the end of the interval.
const POINTS: u32 = 8;
/// How often a profile may find a better maximum.
const AGAIN: usize = 4;
/// A step of second differences, in logits.
const STEP: f64 = 1.0 / 64.0;

/// The logit of a position, within the bounds of the search.
fn logit(u: f64) -> f64 {
    math::clamp(math::log(u / (1.0 - u)), -BOUND, BOUND)
}

/// One number's interval with the profile that says so.
pub type Profile = (Vec<ProfilePoint>, (Option<f64>, Option<f64>));

/// Looks for maxima of an exact likelihood.
pub struct Exact<'o, 'a> {
    /// Where values come from.
    pub objective: &'o mut Objective<'a>,
    /// How they are weighed.
    pub effort: Effort,
}

impl Exact<'_, '_> {
    fn values(&mut self, points: &[Vec<f64>]) -> Result<Vec<f64>, Failed> {
        let found = self.objective.weigh(points, self.effort)?;
        Ok(found.iter().map(super::Weighed::value).collect())
    }

    /// Climbs from a point to a maximum over the coordinates that are not held; ends of ranges are
    /// tried too.
    fn climb(&mut self, start: &[f64], held: &[bool]) -> Result<Peak, Failed> {
        let open: Vec<usize> = (0..start.len()).filter(|i| !held[*i]).collect();
        if open.is_empty() {
            let value = self.values(&[start.to_vec()])?[0];
            return Ok(Peak { at: start.to_vec(), value });
        }
        let at = |z: &[f64]| {
            let mut point = start.to_vec();
            open.iter().zip(z).for_each(|(i, z)| point[*i] = math::logistic(*z));
            point
        };
        let first: Vec<f64> = open.iter().map(|i| logit(start[*i])).collect();
        let peak = bfgs::maximise(first, BOUND, &mut |z: &[Vec<f64>]| {
            self.values(&z.iter().map(|z| at(z)).collect::<Vec<_>>())
        })?;
        let mut best = Peak { at: at(&peak.at), value: peak.value };
        let ends: Vec<(usize, f64)> = open.iter().flat_map(|i| [(*i, 0.0), (*i, 1.0)]).collect();
        let point = |(i, end): &(usize, f64)| {
            let mut point = best.at.clone();
            point[*i] = *end;
            point
        };
        let points: Vec<Vec<f64>> = ends.iter().map(point).collect();
        let found = self.values(&points)?;
        let higher = |most: usize, k: usize| if found[k] > found[most] { k } else { most };
        let end = (1..found.len()).fold(0, higher);
        // an end that is as good as the slope that leads there
        let (i, u) = ends[end];
        let near = (best.at[i] - u).abs() < 1e-4;
        let noise = if near { 1e-12 * (1.0 + best.value.abs()) } else { 0.0 };
        if found[end] + noise > best.value && found[end] > f64::NEG_INFINITY {
            let mut more = held.to_vec();
            more[i] = true;
            best = self.climb(&points[end], &more)?;
        }
        Ok(best)
    }

    /// The greatest of the maxima that are found from some points; at most so many points are
    /// weighed before the last search begins.
    ///
    /// # Errors
    /// Those of [`Objective::weigh`].
    pub fn search(&mut self, starts: &[Vec<f64>], most: usize) -> Result<Peak, Failed> {
        let before = self.objective.evaluations;
        let mut best: Option<Peak> = None;
        for start in starts {
            if best.is_some() && self.objective.evaluations - before >= most {
                break;
            }
            let found = self.climb(start, &vec![false; start.len()])?;
            // a later start has to be better by more than rounding
            let margin = |best: &Peak| 1e-9 * (1.0 + best.value.abs());
            if best.as_ref().is_none_or(|best| found.value > best.value + margin(best)) {
                best = Some(found);
            }
        }
        Ok(best.unwrap_or(Peak { at: Vec::new(), value: f64::NEG_INFINITY }))
    }

    /// The maximum again, and all profiles; a profile that rises above it moves it.
    ///
    /// # Errors
    /// Those of [`Objective::weigh`].
    pub fn profiles(&mut self, peak: Peak) -> Result<(Peak, Vec<Profile>), Failed> {
        let mut peak = peak;
        for _ in 0..AGAIN {
            let mut better: Option<Peak> = None;
            let mut all = Vec::new();
            for i in 0..peak.at.len() {
                let found = self.profile(&peak, i)?;
                let margin = 1e-7 * (1.0 + peak.value.abs());
                if let Some(higher) = found.1.filter(|point| point.value > peak.value + margin) {
                    better = Some(higher);
                    break;
                }
                all.push(found.0);
            }
            match better {
                None => return Ok((peak, all)),
                Some(start) => peak = self.climb(&start.at, &vec![false; start.at.len()])?,
            }
        }
        let all = (0..peak.at.len()).map(|i| Ok(self.profile(&peak, i)?.0));
        let all = all.collect::<Result<Vec<_>, Failed>>()?;
        Ok((peak, all))
    }

    /// The profile of a number, its interval, and the highest point of it.
    fn profile(&mut self, peak: &Peak, i: usize) -> Result<(Profile, Option<Peak>), Failed> {
        let mut points = vec![peak.clone()];
        let mut ends = [None, None];
        for (side, end) in [0.0, 1.0].into_iter().enumerate() {
            if peak.at[i] == end {
                continue;
            }
            let walked = self.walk(peak, i, end)?;
            let falls = |point: &Peak| point.value < peak.value - CUT;
            let inside = walked.iter().rposition(|point| !falls(point));
            if walked.last().is_some_and(falls) {
                // the peak itself is inside
                let (inner, outer) = match inside {
                    Some(at) => (walked[at].clone(), walked[at + 1].clone()),
                    None => (peak.clone(), walked[0].clone()),
                };
                let found = self.crossing(peak, i, inner, outer)?;
                ends[side] = Some(found.at[i]);
                points.push(found);
            }
            points.extend(walked);
        }
        points.sort_by(|a, b| a.at[i].total_cmp(&b.at[i]));
        let best = points.iter().max_by(|a, b| a.value.total_cmp(&b.value)).cloned();
        let shown = points.into_iter().map(|Peak { at, value }| ProfilePoint {
            position: at[i],
            at,
            value,
        });
        Ok(((shown.collect(), (ends[0], ends[1])), best))
    }

    /// The profile from the maximum to an end of the range, ever wider apart.
    fn walk(&mut self, peak: &Peak, i: usize, end: f64) -> Result<Vec<Peak>, Failed> {
        let position = |k: u32| match k {
            POINTS => end,
            _ => {
                let share = f64::from(k * k) / f64::from(POINTS * POINTS);
                peak.at[i] + (end - peak.at[i]) * share
            }
        };
        let mut held = vec![false; peak.at.len()];
        held[i] = true;
        let at = |from: &Peak, k: u32| {
            let mut point = from.at.clone();
            point[i] = position(k);
            point
        };
        if peak.at.len() == 1 {
            let points: Vec<Vec<f64>> = (1..=POINTS).map(|k| at(peak, k)).collect();
            let found = self.values(&points)?;
            let pairs = points.into_iter().zip(found);
            return Ok(pairs.map(|(at, value)| Peak { at, value }).collect());
        }
        let mut walked: Vec<Peak> = Vec::new();
        for k in 1..=POINTS {
            let start = at(walked.last().unwrap_or(peak), k);
            walked.push(self.climb(&start, &held)?);
        }
        Ok(walked)
    }

    /// Where a profile has fallen as far as an interval goes, between two of its points.
    fn crossing(
        &mut self,
        peak: &Peak,
        i: usize,
        inner: Peak,
        outer: Peak,
    ) -> Result<Peak, Failed> {
        let mut held = vec![false; peak.at.len()];
        held[i] = true;
        let above = |point: &Peak| {
            let above = point.value - (peak.value - CUT);
            // a chord needs numbers
            if above == f64::NEG_INFINITY { -1e3 } else { above }
        };
        let ends = ((inner.at[i], above(&inner)), (outer.at[i], above(&outer)));
        let mut last = inner;
        root(ends.0, ends.1, |u| {
            let mut start = last.at.clone();
            start[i] = u;
            last = self.climb(&start, &held)?;
            Ok::<f64, Failed>(above(&last))
        })?;
        Ok(last)
    }

    /// The covariance of estimates in logits of their positions, from the curvature at a maximum by
    /// second differences; not a number for those at an end, `None` if it does not bend downwards.
    ///
    /// # Errors
    /// Those of [`Objective::weigh`].
    pub fn covariance(&mut self, peak: &Peak) -> Result<Option<(Vec<usize>, Matrix)>, Failed> {
        let inside = |i: &usize| peak.at[*i] > 1e-5 && peak.at[*i] < 1.0 - 1e-5;
        let open: Vec<usize> = (0..peak.at.len()).filter(inside).collect();
        let moved = |steps: &[(usize, f64)]| {
            let mut point = peak.at.clone();
            for (i, step) in steps {
                point[*i] = math::logistic(logit(point[*i]) + step * STEP);
            }
            point
        };
        let mut points = vec![peak.at.clone()];
        let mut cells = Vec::new();
        for (a, i) in open.iter().enumerate() {
            points.extend([-1.0, 1.0].map(|s| moved(&[(*i, s)])));
            cells.push((a, a));
        }
        for (a, i) in open.iter().enumerate() {
            for (b, j) in open.iter().enumerate().take(a) {
                let corners = [(-1.0, -1.0), (-1.0, 1.0), (1.0, -1.0), (1.0, 1.0)];
                points.extend(corners.map(|(s, t)| moved(&[(*i, s), (*j, t)])));
                cells.push((a, b));
            }
        }
        let found = self.values(&points)?;
        let mut bend = vec![vec![0.0; open.len()]; open.len()];
        let mut rest = &found[1..];
        for (a, b) in cells {
            let second = if a == b {
                rest[0] - 2.0 * found[0] + rest[1]
            } else {
                (rest[0] - rest[1] - rest[2] + rest[3]) / 4.0
            };
            rest = &rest[if a == b { 2 } else { 4 }..];
            bend[a][b] = -second / (STEP * STEP);
            bend[b][a] = bend[a][b];
        }
        Ok(inverse(&bend).map(|covariance| (open, covariance)))
    }
}
