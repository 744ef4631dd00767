//! What judging claims takes.

use super::Spec;
use super::column::Column;
use super::program::Program;
use super::robust::LEAST;
use crate::experiment::{Excess, Need, RunSpec, Space};
use crate::model::Arm;
use crate::stats::{RESAMPLES, bundle};

/// What would take less.
const HELP: &str = "judge fewer claims at a time, or take fewer runs, switches or points";
/// What is found out about a claim in one world.
const READING: u64 = 1_000;
/// A point: what varies, and each claim with its rows of tables, as it is kept; and as ranks are
/// made of it.
const VALUE: u64 = 80;
const CLAIM: u64 = 400;
const RANKS: u64 = 100;

/// What the statistics of a program take over so many runs, where they are kept of `held` worlds
/// at a time, and what was read in all `worlds`.
pub(super) fn statistics(program: &Program, runs: u64, held: u64, worlds: u64) -> Need {
    let columns = program.statistics.iter().map(|b| Column::bytes(b.statistic.measured, runs));
    let number = program.statistics.len() as u64;
    let (bundles, resamples) = (runs.div_ceil(bundle(runs)), RESAMPLES as u64 * 8);
    Need::default()
        .with("values of claims", held, columns.sum())
        .with("resamples", held * number, resamples + 16 * bundles + 300)
        .with("draws of resamples", bundles, resamples)
        .with("readings", worlds, program.claims.len() as u64 * READING)
}

/// What the points of robustness take.
pub(super) fn points(claims: usize, parameters: usize, points: u64) -> Need {
    let each = claims as u64 * CLAIM + parameters as u64 * VALUE + RANKS;
    Need::default().with("points", points, each)
}

/// Points of robustness and runs at each, at least [`LEAST`] if that is not decided yet.
type Points = Option<(u64, Option<u64>)>;

/// Whether there is memory to judge claims, to do so again under so many switches, and at so many
/// points with so many runs each; plans aside, whose size is not known before they are made.
///
/// # Errors
/// [`Excess`] if there is not.
pub fn admit(spec: &Spec, switches: usize, robust: Points) -> Result<(), Excess> {
    // what cannot be set is reported where it is played
    let Ok(arm) = Arm::new(spec.model, None, &spec.set) else { return Ok(()) };
    let check = |program: &Program, runs: u64, beside: Need| {
        let arms = vec![arm.clone(); program.arm_specs.len()];
        RunSpec { runs, ..spec.playing(arms, beside) }.admit_outcomes(HELP)
    };
    let program = Program::new(spec.model, &spec.claims);
    check(&program, spec.runs, statistics(&program, spec.runs, 2, 2 + switches as u64))?;
    let Some((number, runs)) = robust else { return Ok(()) };
    let runs = runs.unwrap_or(LEAST);
    let ends = Program::at_ends(spec.model, &spec.claims);
    let varied = Space::new(spec.model, &[], true, &spec.set).map_or(0, |s| s.axes().len());
    let beside = statistics(&ends, runs, 1, 1).and(&points(ends.claims.len(), varied, number));
    check(&ends, runs, beside)
}
