//! Games in normal form.

use std::path::PathBuf;
use std::sync::Arc;

use detente::experiment::Memory;
use detente::solve::nfg;
use detente::view::solve::Page;
use detente::{Concept, Method, Solve, render};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};

use crate::ask::Ask;
use crate::scenario::Told;
use crate::work::carry;

/// A game in normal form.
#[pyclass(frozen, module = "detente._detente")]
pub struct Game {
    inner: Arc<detente::Game>,
}

impl Game {
    /// One of the library.
    pub fn of(game: detente::Game) -> Game {
        Game { inner: Arc::new(game) }
    }
}

#[pymethods]
impl Game {
    /// By path or by name, as the program finds it.
    #[staticmethod]
    fn find(py: Python<'_>, name: PathBuf) -> PyResult<Game> {
        let name = name.to_string_lossy().into_owned();
        carry(py, None, move |_| detente::Game::find(&name, Memory::default())).map(Game::of)
    }

    /// From a text in Gambit's format `.nfg`.
    #[staticmethod]
    fn parse(py: Python<'_>, text: String) -> PyResult<Game> {
        carry(py, None, move |_| detente::Game::parse(&text)).map(Game::of)
    }

    #[getter]
    fn title(&self) -> &str {
        &self.inner.title
    }

    /// By player: its name and its strategies.
    #[getter]
    fn players(&self) -> Vec<(String, Vec<String>)> {
        let players = self.inner.players().iter();
        players.map(|player| (player.name.clone(), player.strategies.clone())).collect()
    }

    /// Doubles by player, then profile, the strategy of the first player changing fastest.
    #[getter]
    fn payoffs<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        let players = 0..self.inner.players().len();
        let all = players.flat_map(|player| self.inner.payoffs_of(player));
        PyBytes::new(py, &all.flat_map(|x| x.to_ne_bytes()).collect::<Vec<u8>>())
    }

    /// In Gambit's format `.nfg`.
    fn to_nfg(&self) -> String {
        nfg::write(&self.inner)
    }

    /// Looks for what is asked for.
    fn solve(&self, py: Python<'_>, ask: &Bound<'_, PyDict>) -> PyResult<Told> {
        type Profile = Vec<Vec<f64>>;
        let (ask, game) = (Ask(ask), Arc::clone(&self.inner));
        let request = Solve::new(ask.word::<Concept>("concept")?.unwrap_or_default());
        let method = ask.word::<Method>("method")?;
        let request = method.into_iter().fold(request, Solve::method).memory(ask.memory()?);
        let request = ask.with(request, "maximise", |r, whose: String| r.maximise(whose))?;
        let request = ask.with(request, "minimise", |r, whose: String| r.minimise(whose))?;
        let request = ask.with(request, "precision", |r, list: Vec<f64>| r.precision(list))?;
        let request = ask.with(request, "fit", |r, counts: Profile| r.fit(counts))?;
        let request = ask.with(request, "alpha", |r, alpha: f64| r.alpha(alpha))?;
        let request = ask.with(request, "population", |r, size: u32| r.population(size))?;
        let request = ask.with(request, "mistakes", |r, share: f64| r.mistakes(share))?;
        let request = ask.with(request, "until", |r, time: f64| r.until(time))?;
        let request = ask.with(request, "start", |r, shares: Profile| r.start(shares))?;
        let request = ask.with(request, "steps", |r, rounds: u64| r.steps(rounds))?;
        let request = ask.with(request, "gap", |r, share: f64| r.gap(share))?;
        let request = ask.with(request, "check", |r, profile: Profile| r.check(profile))?;
        let request = ask.flag(request, "scaled", |r| r.scaled())?;
        let request = ask.flag(request, "single_population", |r| r.single_population())?;
        carry(py, None, move |watch| {
            let answer = game.solve_until(&request, &|| watch.over())?;
            // how long it took is no result
            let page = Page { game: &game, answer: &answer, seconds: 0.0 };
            Ok((render::solve::text(&page), render::solve::json(&page)))
        })
    }
}
