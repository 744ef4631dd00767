//! Whether a record can tell free numbers apart at all.

use super::linear::{Matrix, dot, eigen};
use super::{Effort, Failed, Objective};
use crate::math;

/// A direction in which information is less than this share of the most says nothing.
const SINGULAR: f64 = 1e-9;
/// Steps along such a direction, and how long each is, in logits.
const STEPS: usize = 8;
const LENGTH: f64 = 0.1;
/// The log likelihood that a direction may cost over all steps if it says nothing.
const FLAT: f64 = 1e-3;

/// What differences are made with.
#[derive(Clone, Copy)]
pub struct Check {
    /// How points are weighed.
    pub effort: Effort,
    /// Whether that is exact. Else differences are so small that hardly a particle changes its way.
    pub exact: bool,
}

impl Check {
    fn width(self) -> f64 {
        if self.exact { 1.0 / 256.0 } else { 1e-6 }
    }

    /// The direction, in logits, in which no round's probability changes, if there is one: the
    /// null vector of the sum over rounds of outer products of gradients. Numbers that change
    /// nothing by themselves are left out: their profiles say so.
    fn silent(self, objective: &Objective, z: &[f64]) -> Result<Option<Vec<f64>>, Failed> {
        let width = self.width();
        let mut points = Vec::new();
        for i in 0..z.len() {
            for step in [-2.0, -1.0, 1.0, 2.0] {
                let mut moved = z.to_vec();
                moved[i] += step * width;
                points.push(moved.iter().map(|z| math::logistic(*z)).collect());
            }
        }
        let found = objective.increments(&points, self.effort)?;
        let rounds = found.first().map_or(0, Vec::len);
        let sound = |row: &Vec<f64>| row.len() == rounds && row.iter().all(|x| x.is_finite());
        if rounds <= z.len() || found.len() != points.len() || !found.iter().all(sound) {
            return Ok(None);
        }
        let slope = |f: &[Vec<f64>]| -> Vec<f64> {
            let at = |t: usize| (8.0 * (f[2][t] - f[1][t]) - (f[3][t] - f[0][t])) / (12.0 * width);
            (0..rounds).map(at).collect()
        };
        let slopes: Vec<Vec<f64>> = found.chunks(4).map(slope).collect();
        let sizes: Vec<f64> = slopes.iter().map(|s| dot(s, s).sqrt()).collect();
        let heard: Vec<usize> = (0..z.len()).filter(|i| sizes[*i] > 1e-7).collect();
        let cell = |i: &usize, j: &usize| dot(&slopes[*i], &slopes[*j]) / (sizes[*i] * sizes[*j]);
        let row = |i: &usize| heard.iter().map(|j| cell(i, j)).collect();
        let matrix: Matrix = heard.iter().map(row).collect();
        if heard.len() < 2 {
            return Ok(None);
        }
        let (values, vectors) = eigen(&matrix);
        if values[0] > SINGULAR * values[heard.len() - 1] {
            return Ok(None);
        }
        let mut way = vec![0.0; z.len()];
        heard.iter().zip(&vectors[0]).for_each(|(i, v)| way[*i] = v / sizes[*i]);
        let length = dot(&way, &way).sqrt();
        way.iter_mut().for_each(|x| *x /= length);
        Ok(Some(way))
    }

    /// Free numbers that can move together from a point without changing how likely any round is,
    /// if there are such: a path along the silent direction is followed (midpoint rule).
    ///
    /// # Errors
    /// Those of [`Objective::increments`].
    pub fn together(
        self,
        objective: &Objective,
        start: &[f64],
    ) -> Result<Option<Vec<usize>>, Failed> {
        let mut z: Vec<f64> = start.iter().map(|u| math::log(u / (1.0 - u))).collect();
        let begin = z.clone();
        let Some(mut way) = self.silent(objective, &z)? else { return Ok(None) };
        let involved: Vec<usize> = (0..z.len()).filter(|i| way[*i].abs() > 0.05).collect();
        for _ in 0..STEPS {
            let step = |z: &[f64], way: &[f64], length: f64| -> Vec<f64> {
                z.iter().zip(way).map(|(z, w)| z + length * w).collect()
            };
            let turned = |found: Vec<f64>, way: &[f64]| -> Vec<f64> {
                let sign = if dot(&found, way) < 0.0 { -1.0 } else { 1.0 };
                found.into_iter().map(|x| sign * x).collect()
            };
            let Some(first) = self.silent(objective, &z)? else { return Ok(None) };
            let first = turned(first, &way);
            let middle = step(&z, &first, LENGTH / 2.0);
            let Some(second) = self.silent(objective, &middle)? else { return Ok(None) };
            way = turned(second, &first);
            z = step(&z, &way, LENGTH);
        }
        let point = |z: &[f64]| z.iter().map(|z| math::logistic(*z)).collect::<Vec<f64>>();
        let found = objective.increments(&[point(&begin), point(&z)], self.effort)?;
        let sums: Vec<f64> = found.iter().map(|rounds| rounds.iter().sum()).collect();
        let same = sums.len() == 2 && (sums[0] - sums[1]).abs() < FLAT;
        Ok((same && involved.len() > 1).then_some(involved))
    }
}
