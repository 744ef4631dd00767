//! A sweep that is done: where the means of outcomes are least and greatest.

use serde::Serialize;

use crate::experiment::{Manifest, Merged, Sweep};
use crate::sensitivity::given::first_order;
use crate::stats::ALPHA;

pub use crate::experiment::{DesignKind, Value};

/// A sweep as it is shown.
#[derive(Debug, Serialize)]
pub struct Page {
    /// The scenario's name.
    pub scenario: String,
    /// How many points are in the files.
    pub points: u64,
    /// What varies.
    pub axes: Vec<String>,
    /// How points were chosen.
    pub design: DesignKind,
    /// Runs at each point.
    pub runs: u64,
    /// The seed.
    pub seed: u64,
    /// The arms.
    pub arms: Vec<Arm>,
}

/// An arm.
#[derive(Debug, Serialize)]
pub struct Arm {
    /// `base` or the name of the variant.
    pub name: String,
    /// Its outcomes.
    pub lines: Vec<Line>,
}

/// An outcome of an arm.
#[derive(Debug, Serialize)]
pub struct Line {
    /// Its name.
    pub outcome: String,
    /// Where its mean is least, and where greatest; none without values.
    pub ends: Option<[End; 2]>,
    /// The axes that move it most, by first-order indices, the greatest first: those that no luck
    /// explains.
    pub moved_by: Vec<Influence>,
}

/// An axis that moves an outcome.
#[derive(Debug, Serialize)]
pub struct Influence {
    /// The axis.
    pub axis: String,
    /// Its first-order index: the share of the variance of the mean.
    pub share: f64,
}

/// So many axes are named of an outcome.
const NAMED: usize = 5;
/// Of fewer points nothing is said.
const FEWEST: usize = 24;

/// A mean at a point.
#[derive(Debug, Serialize)]
pub struct End {
    /// The mean.
    pub mean: f64,
    /// The number of the point.
    pub point: u64,
    /// What is set there, in the order of the axes.
    pub values: Vec<Value>,
}

impl Page {
    /// What is shown of a sweep whose results were merged.
    pub fn of(sweep: &Sweep, manifest: &Manifest, merged: &Merged) -> Page {
        let end = |(mean, point)| End { mean, point, values: sweep.values(sweep.point(point)) };
        let mut arms: Vec<Arm> = Vec::new();
        for extreme in &merged.extremes {
            let line = Line {
                outcome: extreme.outcome.clone(),
                ends: extreme.ends.map(|e| e.map(end)),
                moved_by: influences(sweep, &extreme.means),
            };
            match arms.last_mut() {
                Some(arm) if arm.name == extreme.arm => arm.lines.push(line),
                _ => arms.push(Arm { name: extreme.arm.clone(), lines: vec![line] }),
            }
        }
        Page {
            scenario: manifest.scenario.clone(),
            points: merged.points,
            axes: sweep.space().axes().iter().map(|axis| axis.name.clone()).collect(),
            design: manifest.design,
            runs: manifest.runs,
            seed: manifest.seed,
            arms,
        }
    }
}

/// The axes whose bins differ by more than luck explains, at a level shared among all axes
/// (Bonferroni).
fn influences(sweep: &Sweep, means: &[(u64, f64, f64)]) -> Vec<Influence> {
    let axes = sweep.space().axes();
    if means.len() < FEWEST {
        return Vec::new();
    }
    let points: Vec<Vec<Value>> =
        means.iter().map(|(point, ..)| sweep.values(sweep.point(*point))).collect();
    let y: Vec<f64> = means.iter().map(|(_, mean, _)| *mean).collect();
    let squares = means.iter().map(|(_, _, error)| error * error).filter(|e| e.is_finite());
    let error = squares.sum::<f64>() / y.len() as f64;
    let mut all = Vec::new();
    for (k, axis) in axes.iter().enumerate().filter(|(_, axis)| axis.is_number()) {
        let x: Vec<f64> = points.iter().map(|values| values[k].number()).collect();
        let found = first_order(&x, &y, error);
        if found.p < ALPHA / axes.len() as f64 && found.share > 0.0 {
            // more than all is luck
            let share = if found.share > 1.0 { 1.0 } else { found.share };
            all.push(Influence { axis: axis.name.clone(), share });
        }
    }
    all.sort_by(|a, b| b.share.total_cmp(&a.share));
    all.truncate(NAMED);
    all
}
