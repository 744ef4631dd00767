//! Scenarios against what was done.

use std::path::{Path, PathBuf};

use detente::experiment::Audience;
use detente::output::Folder;
use detente::view::run::{Files, Page, Shown};
use detente::{Error, Scenario, render, view};
use pyo3::prelude::*;

use crate::ask::{Ask, armed, common};
use crate::scenario::Told;

/// A fit as it is asked for.
///
/// # Errors
/// An exception for what is of another type.
pub fn fit(ask: &Ask) -> PyResult<detente::Fit> {
    let request = armed!(ask, common!(ask, detente::Fit::new()));
    let request = ask.with(request, "particles", |r, n: usize| r.particles(n))?;
    let request = ask.with(request, "filters", |r, n: usize| r.filters(n))?;
    let request = ask.each(request, "free", |r, text: String| r.free(text))?;
    let request = ask.with(request, "starts", |r, n: usize| r.starts(n))?;
    let request = ask.with(request, "evaluations", |r, n: usize| r.evaluations(n))?;
    let request = ask.with(request, "train", |r, rounds: (u32, u32)| r.train(rounds))?;
    let request = ask.with(request, "recover", |r, n: u64| r.recover(n))?;
    ask.flag(request, "map", |r| r.map())
}

/// Fits, and writes what was found.
///
/// # Errors
/// Those of [`Scenario::fit_watched`]; [`Error::Output`] if a file cannot be written.
pub fn fitted(
    scenario: &Scenario,
    history: &Path,
    request: &detente::Fit,
    folder: PathBuf,
    watch: &dyn Audience,
) -> Result<Told, Error> {
    let history = scenario.history(history)?;
    let found = scenario.fit_watched(&history, request, None, watch)?;
    let told = (render::fit::text(&view::fit::Page::of(&found)), render::json(&found));
    found.write_into(Folder::scratch(folder)?)?;
    Ok(told)
}

/// A forecast as it is asked for.
///
/// # Errors
/// An exception for what is of another type.
pub fn forecast(ask: &Ask) -> PyResult<detente::Forecast> {
    let request = armed!(ask, common!(ask, detente::Forecast::new()));
    let request = ask.with(request, "particles", |r, n: usize| r.particles(n))?;
    let request = ask.with(request, "filters", |r, n: usize| r.filters(n))?;
    let request = ask.with(request, "after", |r, round: u32| r.after(round))?;
    let request = ask.each(request, "then", |r, name: String| r.then(name))?;
    ask.flag(request, "known_series", |r| r.known_series())
}

/// Forecasts, and writes what was found.
///
/// # Errors
/// Those of [`Scenario::forecast_into`].
pub fn foreseen(
    scenario: &Scenario,
    history: &Path,
    (request, seed): (&detente::Forecast, u64),
    folder: PathBuf,
    watch: &dyn Audience,
) -> Result<Told, Error> {
    let history = scenario.history(history)?;
    watch.expects(scenario.forecast_work(&history, request)?);
    let folder = Folder::scratch(folder)?;
    let found = scenario.forecast_into(&history, request, Some(folder), watch)?;
    let outcomes = (0..scenario.model().outcomes.len()).collect();
    let shown = Shown { outcomes, seed, rounds: found.rounds, files: Files::EveryRun };
    let page = Page::of(scenario.model(), &found.report, &shown);
    Ok((render::run::text(&page), render::json(&page)))
}
