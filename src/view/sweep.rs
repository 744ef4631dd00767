//! A sweep that is done: where the means of outcomes are least and greatest.

use serde::Serialize;

use crate::experiment::{Manifest, Merged, Sweep};

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
}

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
            let line =
                Line { outcome: extreme.outcome.clone(), ends: extreme.ends.map(|e| e.map(end)) };
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
