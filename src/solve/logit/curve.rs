//! Following the curve of solutions.

use nalgebra::DVector;

use super::system::System;

/// A point of the curve.
#[derive(Debug, Clone)]
pub(super) struct Knot {
    /// Log-odds, then precision in units of the range.
    pub point: DVector<f64>,
    /// Direction of the curve, of length 1.
    pub tangent: DVector<f64>,
    /// See [`System::index`].
    pub index: Option<usize>,
}

/// What is special about a point of the curve.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Feature {
    /// Precision stops growing and falls from here on, or the other way round.
    Turning,
    /// Another curve of equilibria crosses; the branch is followed straight through.
    Bifurcation,
}

/// A stretch of the curve from one knot to the next.
#[derive(Debug, Clone)]
pub(super) struct Stretch {
    pub from: Knot,
    pub to: Knot,
    /// What is special about `to`, where it lies on a singular point.
    pub feature: Option<Feature>,
}

/// Walks along the curve from precision 0.
#[derive(Debug)]
pub(super) struct Tracer<'a> {
    system: &'a System,
    /// The last knots, oldest first: one or two.
    knots: Vec<Knot>,
    step: f64,
}

/// The curve cannot be followed any further.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Lost;

/// Corrected points of the curve are this exact; see [`System::correct`]. Convergence is quadratic,
/// so the last step leaves about the square of it.
const TOLERANCE: f64 = 1e-6;

impl Knot {
    /// The precision, in units of the range.
    pub fn precision(&self) -> f64 {
        self.point[self.point.len() - 1]
    }

    /// By how much precision grows along the curve, per unit of length.
    pub fn growth(&self) -> f64 {
        self.tangent[self.tangent.len() - 1]
    }
}

impl Stretch {
    /// The cubic through both ends in their directions, at `t` between 0 and 1; beyond 1 its
    /// continuation.
    pub fn at(&self, t: f64) -> DVector<f64> {
        hermite(&self.from, &self.to, t)
    }

    /// Where the cubic reaches a precision between those of its ends.
    pub fn at_precision(&self, precision: f64) -> DVector<f64> {
        let (mut low, mut high) = (0.0, 1.0);
        let last = self.from.point.len() - 1;
        for _ in 0..60 {
            let middle = 0.5 * (low + high);
            if self.at(middle)[last] < precision { low = middle } else { high = middle }
        }
        let mut point = self.at(high);
        point[last] = precision;
        point
    }

    /// The knot on the curve near the cubic at `t`.
    pub fn knot(&self, system: &System, t: f64) -> Option<Knot> {
        let chord = &self.to.point - &self.from.point;
        let length = chord.norm();
        let chord = if length > 0.0 { chord / length } else { self.from.tangent.clone() };
        let found = system.correct(&self.at(t), &chord, TOLERANCE)?;
        knot(system, found.point, &chord)
    }
}

impl<'a> Tracer<'a> {
    /// At precision 0, where all strategies are played alike, looking towards higher precision.
    pub fn new(system: &'a System) -> Option<Tracer<'a>> {
        let point = DVector::zeros(system.odds() + 1);
        let knot = knot(system, point, &system.axis())?;
        Some(Tracer { system, knots: vec![knot], step: 0.5 })
    }

    /// The last knot.
    pub fn here(&self) -> &Knot {
        &self.knots[self.knots.len() - 1]
    }

    /// One step along the curve: the stretches it consists of, split where the curve is singular.
    pub fn advance(&mut self) -> Result<Vec<Stretch>, Lost> {
        let from = self.here().clone();
        let scale = 1.0 + from.point.norm();
        loop {
            let found = self.attempt(&from);
            if let Some((to, error)) = found.filter(|(_, error)| *error <= 1.0) {
                // The error of the cubic grows with the fourth power of the step; with less than
                // that in the exponent the step finds its size without swinging.
                let factor = if error > 0.0 { 1.0 / error.sqrt().sqrt() } else { 2.0 };
                self.step *= (0.9 * factor).clamp(0.5, 2.0);
                let stretch = Stretch { from: from.clone(), to: to.clone(), feature: None };
                self.knots = vec![from, to];
                return Ok(self.split(stretch));
            }
            self.step *= 0.4;
            if self.step < 1e-10 * scale {
                return Err(Lost);
            }
        }
    }

    /// The knot one step further, and how far the step went beyond what is allowed: above 1 it was
    /// too long. `None` where the corrector does not find back to the curve.
    fn attempt(&self, from: &Knot) -> Option<(Knot, f64)> {
        // How far off the prediction may be in probability, how far the direction may turn, and by
        // how much each Newton step has to shorten. Longer steps have been seen to leap from a
        // sharp bend to a branch that is not connected.
        const OFF: f64 = 0.0005;
        const TURN: f64 = 0.1;
        const CONTRACTION: f64 = 0.2;
        let predicted = match &self.knots[..] {
            [before, here] => {
                let length = (&here.point - &before.point).norm();
                hermite(before, here, 1.0 + self.step / length)
            }
            _ => &from.point + &from.tangent * self.step,
        };
        let found = self.system.correct(&predicted, &from.tangent, TOLERANCE)?;
        let to = knot(self.system, found.point, &from.tangent)?;
        let before = self.system.mixed(&predicted);
        let after = self.system.mixed(&to.point);
        let differences = before.iter().flatten().zip(after.iter().flatten()).map(|(a, b)| a - b);
        let off = differences.fold(0.0_f64, |most, d| most.max(d.abs()));
        let turn = (&to.tangent - &from.tangent).norm();
        let error =
            (off / OFF).max(turn * turn / (TURN * TURN)).max(found.contraction / CONTRACTION);
        error.is_finite().then_some((to, error))
    }

    /// The stretch in two parts, where the matrix of derivatives by the odds is singular on the
    /// way.
    fn split(&self, stretch: Stretch) -> Vec<Stretch> {
        let found = if stretch.from.growth() * stretch.to.growth() < 0.0 {
            let growing = stretch.from.growth() > 0.0;
            let (before, after) = self.narrowed(&stretch, |knot| (knot.growth() > 0.0) == growing);
            Some((Feature::Turning, before, after))
        } else {
            match (stretch.from.index, stretch.to.index) {
                (Some(from), Some(to)) if from != to => {
                    let (before, after) = self.narrowed(&stretch, |knot| knot.index == Some(from));
                    // The index may also change where two eigenvalues meet away from 0.
                    let singular = self.singular(&before) || self.singular(&after);
                    singular.then_some((Feature::Bifurcation, before, after))
                }
                _ => None,
            }
        };
        let Some((feature, before, after)) = found else { return vec![stretch] };
        let first = Stretch { from: stretch.from, to: before, feature: Some(feature) };
        let second = Stretch { from: after, to: stretch.to, feature: None };
        vec![first, second]
    }

    /// Two knots, as close as can be told, up to the first of which `same` holds.
    fn narrowed(&self, stretch: &Stretch, same: impl Fn(&Knot) -> bool) -> (Knot, Knot) {
        let (mut low, mut high) = (0.0, 1.0);
        let (mut before, mut after) = (stretch.from.clone(), stretch.to.clone());
        for _ in 0..40 {
            let middle = 0.5 * (low + high);
            let Some(knot) = stretch.knot(self.system, middle) else {
                break; // so close to the singular point that the corrector fails
            };
            if same(&knot) {
                (low, before) = (middle, knot);
            } else {
                (high, after) = (middle, knot);
            }
        }
        (before, after)
    }

    /// Whether the matrix of derivatives by the odds is singular as far as can be told.
    fn singular(&self, knot: &Knot) -> bool {
        let local = self.system.local(&knot.point);
        self.system.distance_to_singular(&local).is_some_and(|distance| distance < 1e-4)
    }
}

/// The knot at a point of the curve, looking to the side of `towards`.
fn knot(system: &System, point: DVector<f64>, towards: &DVector<f64>) -> Option<Knot> {
    let local = system.local(&point);
    let tangent = system.tangent(&local, towards)?;
    let index = system.index(&local);
    Some(Knot { point, tangent, index })
}

/// The cubic with the given ends and directions (Hermite), at `t`.
fn hermite(from: &Knot, to: &Knot, t: f64) -> DVector<f64> {
    let length = (&to.point - &from.point).norm();
    let s = 1.0 - t;
    let start = s * s * (1.0 + 2.0 * t);
    let end = t * t * (3.0 - 2.0 * t);
    let leaving = t * s * s * length;
    let arriving = -t * t * s * length;
    &from.point * start + &to.point * end + &from.tangent * leaving + &to.tangent * arriving
}
