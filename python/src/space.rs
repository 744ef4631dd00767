//! Requests over spaces of assumptions.

use std::path::PathBuf;

use detente::experiment::DesignKind;
use detente::output::{Folder, number};
use detente::{Error, render};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::ask::{Ask, Setting, armed, common};
use crate::errors::refused;
use crate::scenario::Told;
use crate::work::carry;

/// A sweep as it is asked for.
///
/// # Errors
/// An exception for what is of another type or no design.
pub fn sweep(ask: &Ask) -> PyResult<detente::Sweep> {
    let request = ask.with(detente::Sweep::new(), "seed", |r, seed: u64| r.seed(seed))?;
    let request = ask.each(request, "set", |r, (key, value): Setting| r.set(key, value))?;
    let request = armed!(ask, request);
    let request = ask.each(request, "vary", |r, text: String| r.vary(text))?;
    let request = ask.with(request, "experiment", |r, name: String| r.experiment(name))?;
    let request = ask.with(request, "points", |r, points: u64| r.points(points))?;
    let request = ask.with(request, "runs", |r, runs: u64| r.runs(runs))?;
    let request = ask.with(request, "rounds", |r, rounds: u32| r.rounds(rounds))?;
    let request = ask.flag(request, "uncertain", |r| r.uncertain())?;
    let request = ask.flag(request, "independent", |r| r.independent())?;
    let request = ask.flag(request, "per_run", |r| r.per_run())?;
    let Some(word) = ask.get::<String>("design")? else { return Ok(request) };
    match DesignKind::named(&word) {
        Some(design) => Ok(request.design(design)),
        None => Err(refused(format!(
            "there is no design {word:?}; there are grid, sobol, lhs and random"
        ))),
    }
}

/// Numbers by point, then key, as columns of a list; `variant`, if there is one, is that of all
/// points.
pub fn columns(
    keys: Vec<String>,
    points: &[f64],
    variant: Option<String>,
) -> Vec<(String, Vec<String>)> {
    let width = keys.len().max(1);
    let count = points.len() / width;
    let of = |column: usize| points.iter().skip(column).step_by(width).map(|x| number(*x));
    let numbered = keys.into_iter().enumerate();
    let mut all: Vec<_> = numbered.map(|(k, key)| (key, of(k).collect())).collect();
    all.extend(variant.map(|name| ("variant".to_string(), vec![name; count])));
    all
}

/// The numbers of outcomes; of all where none is named.
///
/// # Errors
/// [`Error::Unknown`] if there is none of a name.
pub fn outcomes(scenario: &detente::Scenario, names: &[String]) -> Result<Vec<usize>, Error> {
    let all = &scenario.model().outcomes;
    if names.is_empty() {
        return Ok((0..all.len()).collect());
    }
    let find = |name: &String| {
        let known = all.iter().map(|outcome| outcome.name.as_str());
        all.iter().position(|outcome| outcome.name == *name).ok_or_else(|| {
            let help = detente::diagnostic::nearest(name, known.clone());
            let all = || format!("its outcomes are {}", known.collect::<Vec<_>>().join(", "));
            let help = help.unwrap_or_else(all);
            Error::Unknown(format!("`{}` has no outcome `{name}`; {help}", scenario.name()))
        })
    };
    names.iter().map(find).collect()
}

/// What is to be explained.
///
/// # Errors
/// An exception for what is of another type.
pub fn sensitivity(ask: &Ask) -> PyResult<detente::Sensitivity> {
    let request = common!(ask, detente::Sensitivity::new());
    let request = ask.each(request, "outcomes", |r, name: String| r.outcome(name))?;
    let request = ask.each(request, "differences", |r, name: String| r.difference(name))?;
    let request = ask.each(request, "vary", |r, text: String| r.vary(text))?;
    let request = ask.each(request, "groups", |r, text: String| r.group(text))?;
    let request = ask.with(request, "claims", |r, names: Vec<String>| r.claims(names))?;
    let request = ask.with(request, "experiment", |r, name: String| r.experiment(name))?;
    let request = ask.with(request, "variant", |r, name: String| r.variant(name))?;
    let request = ask.with(request, "rows", |r, rows: u64| r.rows(rows))?;
    let request = ask.with(request, "runs", |r, runs: u64| r.runs(runs))?;
    let request = ask.with(request, "rounds", |r, rounds: u32| r.rounds(rounds))?;
    let request = ask.flag(request, "uncertain", |r| r.uncertain())?;
    ask.flag(request, "pairs", |r| r.pairs())
}

/// Looks for boxes in which a condition holds among points of a folder or a CSV file, into a
/// folder.
///
/// # Errors
/// `ScenarioError` as the library refuses; `KeyboardInterrupt`.
#[pyfunction]
pub fn discover(
    py: Python<'_>,
    paths: (PathBuf, PathBuf),
    when: String,
    ask: &Bound<'_, PyDict>,
) -> PyResult<Told> {
    let ask = Ask(ask);
    let request = ask.with(detente::Discover::new(when), "seed", |r, seed: u64| r.seed(seed))?;
    let request = ask.with(request, "arm", |r, name: String| r.arm(name))?;
    let request = ask.with(request, "difference", |r, name: String| r.difference(name))?;
    let request = ask.with(request, "step", |r, step: usize| r.step(step))?;
    let request = ask.with(request, "boxes", |r, boxes: usize| r.boxes(boxes))?;
    carry(py, None, move |_| {
        let found = request.look(&paths.0)?;
        let told = (render::discover::text(&found, None), render::json(&found));
        found.write_into(Folder::scratch(paths.1)?)?;
        Ok(told)
    })
}
