//! A scenario and its verbs.

use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;

use detente::catalog::{Found, shipped as inside};
use detente::claims::{self, Audience};
use detente::diagnostic::{Attached, Diagnostics};
use detente::experiment::{Manifest, Sweep};
use detente::model::Simulation;
use detente::output::{CommandLine, Folder};
use detente::reference;
use detente::render;
use detente::rng::Seed;
use detente::view::claims::MadeBy;
use detente::view::run::{Files, Page, Shown};
use detente::view::trace::{Only, Transcript};
use detente::view::{claims as judged, sweep as swept};
use detente::{Error, Ranges, Stage};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};

use crate::ask::{Ask, Setting, armed, common};
use crate::errors::{parsed, raised};
use crate::game::Game;
use crate::table::texts;
use crate::work::{Watch, carry};

/// A result as it is shown, and for programs.
pub type Told = (String, String);

/// A sound scenario.
#[pyclass(frozen, module = "detente._detente")]
pub struct Scenario {
    pub(crate) inner: Arc<detente::Scenario>,
}

/// The names of the scenarios inside the library.
#[pyfunction]
pub fn shipped() -> Vec<&'static str> {
    inside::ALL.iter().map(|(name, _)| *name).collect()
}

/// A list as bytes of doubles, and back.
fn doubles(bytes: &[u8]) -> Vec<f64> {
    bytes.as_chunks().0.iter().map(|eight| f64::from_ne_bytes(*eight)).collect()
}

#[pymethods]
impl Scenario {
    /// By path or by name, as the program finds it.
    #[staticmethod]
    fn find(py: Python<'_>, name: String) -> PyResult<Scenario> {
        carry(py, None, move |_| detente::Scenario::find(&name)).map(Scenario::of)
    }

    /// From its text and the files that the text names, by name. `called` is how diagnostics call
    /// it, and what it is called where it gives itself no name.
    #[staticmethod]
    fn read(
        py: Python<'_>,
        text: String,
        files: Vec<(String, String)>,
        called: (String, String),
    ) -> PyResult<Scenario> {
        let read = move |_: &Watch| {
            let file = |(name, text): (String, String)| Attached { name, text: text.into() };
            let beside: Vec<Attached> = files.into_iter().map(file).collect();
            let (bytes, beside) = (text.into_bytes(), Rc::new(beside));
            let (label, stem) = called;
            let (scenario, told) = detente::Scenario::examine(Found { label, stem, bytes, beside });
            scenario.ok_or(Error::Diagnostics(told))
        };
        carry(py, None, read).map(Scenario::of)
    }

    #[getter]
    fn name(&self) -> &str {
        self.inner.name()
    }

    #[getter]
    fn title(&self) -> &str {
        &self.inner.model().about.title
    }

    #[getter]
    fn label(&self) -> &str {
        self.inner.label()
    }

    #[getter]
    fn text(&self) -> &str {
        self.inner.text()
    }

    #[getter]
    fn hash(&self) -> String {
        self.inner.hash()
    }

    /// The files that it names.
    #[getter]
    fn files<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let files = self.inner.files().iter();
        texts(py, files.map(|file| (file.name.as_str(), &*file.text)))
    }

    /// What is odd about it, as diagnostics.
    #[getter]
    fn warnings<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let list = self.inner.diagnostics(self.inner.warnings().to_vec()).json();
        parsed(py, &serde_json::Value::Array(list).to_string())
    }

    /// The names of outcomes and of variants.
    #[getter]
    fn names(&self) -> (Vec<&str>, Vec<&str>) {
        let model = self.inner.model();
        let outcomes = model.outcomes.iter().map(|outcome| outcome.name.as_str());
        (outcomes.collect(), model.variants.iter().map(|v| v.name.as_str()).collect())
    }

    /// The greatest number of rounds of the file as it is.
    #[getter]
    fn rounds(&self, py: Python<'_>) -> PyResult<u32> {
        self.inner.arm(None, &[]).map(|arm| arm.rounds).map_err(|error| raised(py, &error))
    }

    /// Everything that it says, as text and as JSON.
    fn describe(&self, py: Python<'_>) -> PyResult<Told> {
        let scenario = Arc::clone(&self.inner);
        carry(py, None, move |_| {
            let found = scenario.describe()?;
            Ok((render::describe::text(&found), render::json(&found)))
        })
    }

    /// Holds settings against the scenario; remarks on what may not be meant.
    fn check(&self, py: Python<'_>, set: Vec<Setting>) -> PyResult<Vec<String>> {
        let model = self.inner.model();
        let changes = detente::settings(model, &set).map_err(|list| raised(py, &list.into()))?;
        self.inner.arm(None, &changes).map_err(|error| raised(py, &error))?;
        let outside = model.outside(&changes, &[]);
        Ok(outside
            .iter()
            .map(|found| {
                let (value, (least, most)) = (found.value, found.declared);
                format!("`{}` is set to {value}; the file declares {least} to {most}", found.label)
            })
            .collect())
    }

    /// Plays runs into a folder.
    fn run(
        &self,
        py: Python<'_>,
        folder: PathBuf,
        ask: &Bound<'_, PyDict>,
        look: Option<Py<PyAny>>,
    ) -> PyResult<Told> {
        let (ask, scenario) = (Ask(ask), Arc::clone(&self.inner));
        let seed = ask.get::<u64>("seed")?.unwrap_or(Seed::DEFAULT.0);
        let request = detente::Run::new(ask.get("runs")?.unwrap_or_default());
        let request = armed!(ask, common!(ask, request));
        let request = ask.with(request, "rounds", |r, rounds: u32| r.rounds(rounds))?;
        let request = ask.with(request, "versus", |r, arm: String| r.versus(arm))?;
        let request = ask.with(request, "panel", |r, names: Vec<String>| r.panel(names))?;
        let request = ask.with(request, "points", |r, points: u64| r.points(points))?;
        let request = ask.flag(request, "uncertain", |r| r.uncertain())?;
        let request = ask.flag(request, "independent", |r| r.independent())?;
        let per_run = ask.get("per_run")?.unwrap_or(true);
        let request = if per_run { request } else { request.no_per_run() };
        carry(py, look.as_ref(), move |watch| {
            let spec = scenario.run_spec(&request)?;
            let rounds = spec.arms.iter().map(|arm| arm.rounds).max().unwrap_or(0);
            watch.expects(spec.runs.saturating_mul(spec.arms.len() as u64));
            watch.expects(scenario.mixture_runs(&request)?);
            let shown = Shown {
                outcomes: (0..scenario.model().outcomes.len()).collect(),
                seed,
                rounds,
                files: if per_run { Files::EveryRun } else { Files::Estimates },
            };
            let mut folder = Folder::scratch(folder)?;
            let report = detente::experiment::run(&spec, Some(&mut folder), watch);
            let report = report.map_err(Error::Play)?;
            let mut page = Page::of(scenario.model(), &report, &shown);
            if request.is_mixture()
                && let Some(mixture) = scenario.mixture(&request, watch)?
            {
                scenario.keep_mixture(&mut folder, &request, &mixture)?;
                page = page.beside(&report, &mixture, false);
            }
            scenario.finish_run(folder, &report, &request)?;
            Ok((render::run::text(&page), render::json(&page)))
        })
    }

    /// Judges claims into a folder.
    fn claims(
        &self,
        py: Python<'_>,
        folder: PathBuf,
        ask: &Bound<'_, PyDict>,
        look: Option<Py<PyAny>>,
    ) -> PyResult<Told> {
        let (ask, scenario) = (Ask(ask), Arc::clone(&self.inner));
        let mut command = CommandLine::new("claims", scenario.name());
        let runs: u64 = ask.get("runs")?.unwrap_or_default();
        command.word("--runs", &runs.to_string());
        let seed = ask.get::<u64>("seed")?.unwrap_or(Seed::DEFAULT.0);
        ask.get::<u64>("rounds")?.iter().for_each(|n| command.word("--rounds", &n.to_string()));
        command.word("--seed", &seed.to_string());
        let set: Vec<Setting> = ask.get("set")?.unwrap_or_default();
        set.iter().for_each(|(key, value)| command.word("--set", &format!("{key}={value}")));
        let only: Vec<String> = ask.get("only")?.unwrap_or_default();
        if !only.is_empty() {
            command.word("--claims", &only.join(","));
        }
        let request = common!(ask, detente::Claims::new(runs));
        let request = ask.with(request, "rounds", |r, rounds: u32| r.rounds(rounds))?;
        let request = only.iter().fold(request, |r, name| r.only(name));
        let request = ask.flag(request, "family_wise", |r| r.family_wise())?;
        let rows = ask.get::<u64>("robust_rows")?.unwrap_or(detente::Sensitivity::ROWS);
        let robust = ask.get::<u64>("robust")?.map(|points| (points, rows));
        if let Some((points, rows)) = robust {
            command.word("--robust", &points.to_string());
            command.word("--robust-rows", &rows.to_string());
        }
        command.flag("--family-wise", ask.get("family_wise")?.unwrap_or(false));
        carry(py, look.as_ref(), move |watch| {
            let mut folder = Folder::scratch(folder)?;
            let (report, tables, notes) = judge(&scenario, &request, robust, watch)?;
            tables.iter().try_for_each(|table| folder.whole(table))?;
            scenario.keep_text(&mut folder)?;
            let made = scenario.provenance((seed, report.runs), command.text(), notes);
            let made_by = MadeBy {
                name: made.scenario.clone(),
                title: made.title.clone(),
                seed: made.seed,
                runs: made.runs,
                command: made.command.clone(),
                notes: made.notes.clone(),
            };
            folder.finish(&made)?;
            let page = judged::Page::of(made_by, &tables);
            Ok((render::claims::text(&page), render::claims::json(&page)))
        })
    }

    /// Plays points of a space of assumptions into a folder.
    fn sweep(
        &self,
        py: Python<'_>,
        folder: PathBuf,
        ask: &Bound<'_, PyDict>,
        look: Option<Py<PyAny>>,
    ) -> PyResult<Told> {
        let (ask, scenario) = (Ask(ask), Arc::clone(&self.inner));
        let request = crate::space::sweep(&ask)?;
        let room = (ask.get::<usize>("threads")?, ask.memory()?);
        carry(py, look.as_ref(), move |watch| {
            let manifest = scenario.manifest(&request)?;
            let sweep = Sweep::new(&manifest, scenario.model())?;
            watch.expects(sweep.runs());
            let folder = Folder::scratch(folder)?;
            let merged = scenario.sweep_into((&sweep, &manifest), folder, room, watch)?;
            let merged = merged.ok_or_else(|| Error::Request("it was stopped".to_string()))?;
            let page = swept::Page::of(&sweep, &manifest, &merged);
            Ok((render::sweep::text(&page), render::json(&page)))
        })
    }

    /// The means of outcomes at points: `points` holds doubles, a row for each point and in it a
    /// value for each of the keys; the answer a row for each point and in it the outcomes asked
    /// for.
    fn evaluate<'py>(
        &self,
        py: Python<'py>,
        points: (Vec<String>, Bound<'py, PyBytes>),
        ask: &Bound<'py, PyDict>,
        look: Option<Py<PyAny>>,
    ) -> PyResult<Bound<'py, PyBytes>> {
        let (ask, scenario) = (Ask(ask), Arc::clone(&self.inner));
        let wanted: Vec<String> = ask.get("outcomes")?.unwrap_or_default();
        let wanted = crate::space::outcomes(&scenario, &wanted);
        let wanted = wanted.map_err(|error| raised(py, &error))?;
        let (keys, points) = points;
        let points = doubles(points.as_bytes());
        let columns = crate::space::columns(keys, &points, ask.get("variant")?);
        let request = crate::space::sweep(&ask)?.list(columns);
        let room = (ask.get::<usize>("threads")?, ask.memory()?);
        let means = carry(py, look.as_ref(), move |watch| {
            let manifest: Manifest = scenario.manifest(&request)?;
            let sweep = Sweep::new(&manifest, scenario.model())?;
            watch.expects(sweep.runs());
            sweep.admit(room.1).map_err(detente::experiment::SweepError::from)?;
            Ok(sweep.means(room, watch)?.unwrap_or_default())
        })?;
        let of_all = self.inner.model().outcomes.len().max(1);
        let rows = means.chunks(of_all);
        let kept = rows.flat_map(|row| wanted.iter().filter_map(|outcome| row.get(*outcome)));
        Ok(PyBytes::new(py, &kept.flat_map(|x| x.to_ne_bytes()).collect::<Vec<u8>>()))
    }

    /// Finds out which assumption matters, into a folder.
    fn sensitivity(
        &self,
        py: Python<'_>,
        folder: PathBuf,
        ask: &Bound<'_, PyDict>,
        look: Option<Py<PyAny>>,
    ) -> PyResult<Told> {
        let request = crate::space::sensitivity(&Ask(ask))?;
        let scenario = Arc::clone(&self.inner);
        carry(py, look.as_ref(), move |watch| {
            let prepared = scenario.sensitivity_of(&request, watch)?;
            watch.expects(prepared.size().all());
            let found = prepared.play(watch)?;
            let told = (render::sensitivity::text(&found), render::json(&found));
            found.write_into(Folder::scratch(folder)?)?;
            Ok(told)
        })
    }

    /// Plays one run and tells it.
    fn trace(&self, py: Python<'_>, run: u64, ask: &Bound<'_, PyDict>) -> PyResult<Told> {
        let (ask, scenario) = (Ask(ask), Arc::clone(&self.inner));
        let request = detente::Trace::new(run);
        let request = ask.each(request, "set", |r, (key, value): Setting| r.set(key, value))?;
        let request = ask.with(request, "seed", |r, seed: u64| r.seed(seed))?;
        let request = ask.with(request, "rounds", |r, rounds: u32| r.rounds(rounds))?;
        let request = ask.with(request, "variant", |r, name: String| r.variant(name))?;
        let set: Vec<Setting> = ask.get("set")?.unwrap_or_default();
        let (variant, rounds) = (ask.get::<String>("variant")?, ask.get::<u32>("rounds")?);
        let seed = Seed(ask.get("seed")?.unwrap_or(Seed::DEFAULT.0));
        carry(py, None, move |_| {
            let told: reference::RunTrace = scenario.trace(&request)?;
            let changes = detente::settings(scenario.model(), &set)?;
            let mut arm = scenario.arm(variant.as_deref(), &changes)?;
            arm.rounds = rounds.unwrap_or(arm.rounds);
            let game = Simulation { model: scenario.model(), arm: &arm, seed };
            let only = Only { round: None, actors: &[] };
            let transcript = Transcript::of(&scenario, &game, told, &only);
            Ok((render::trace::text(&transcript), render::trace::json(&transcript)))
        })
    }

    /// A round as a game.
    fn game(&self, py: Python<'_>, round: u32, ask: &Bound<'_, PyDict>) -> PyResult<Game> {
        let (ask, scenario) = (Ask(ask), Arc::clone(&self.inner));
        let request = ask.with(Stage::new(round), "run", |r, run: u64| r.run(run))?;
        let request = ask.with(request, "seed", |r, seed: u64| r.seed(seed))?;
        let request = ask.with(request, "variant", |r, name: String| r.variant(name))?;
        let request = ask.each(request, "actors", |r, name: String| r.actor(name))?;
        let request = ask.each(request, "set", |r, (key, value): Setting| r.set(key, value))?;
        let made = move |watch: &Watch| scenario.stage_game_until(&request, &|| watch.over());
        carry(py, None, made).map(Game::of)
    }

    /// Fits numbers to a history, into a folder.
    fn fit(
        &self,
        py: Python<'_>,
        paths: (PathBuf, PathBuf),
        ask: &Bound<'_, PyDict>,
        look: Option<Py<PyAny>>,
    ) -> PyResult<Told> {
        let request = crate::history::fit(&Ask(ask))?;
        let scenario = Arc::clone(&self.inner);
        carry(py, look.as_ref(), move |watch| {
            crate::history::fitted(&scenario, &paths.0, &request, paths.1, watch)
        })
    }

    /// Says what follows from a history, into a folder.
    fn forecast(
        &self,
        py: Python<'_>,
        paths: (PathBuf, PathBuf),
        ask: &Bound<'_, PyDict>,
        look: Option<Py<PyAny>>,
    ) -> PyResult<Told> {
        let ask = Ask(ask);
        let request = crate::history::forecast(&ask)?;
        let seed = ask.get("seed")?.unwrap_or(Seed::DEFAULT.0);
        let scenario = Arc::clone(&self.inner);
        carry(py, look.as_ref(), move |watch| {
            crate::history::foreseen(&scenario, &paths.0, (&request, seed), paths.1, watch)
        })
    }
}

impl Scenario {
    fn of(inner: detente::Scenario) -> Scenario {
        Scenario { inner: Arc::new(inner) }
    }
}

/// Verdicts, their tables, and what those cannot say.
type Judged = (claims::Report, Vec<detente::table::Table>, Vec<(String, String)>);

fn judge(
    scenario: &detente::Scenario,
    request: &detente::Claims,
    robust: Option<(u64, u64)>,
    watch: &dyn Audience,
) -> Result<Judged, Error> {
    let spec = scenario.claims_spec(request)?;
    claims::admit(&spec, 0, robust.map(|(points, _)| (points, None)))
        .map_err(detente::experiment::Error::from)?;
    let failed = |error| match error {
        claims::Error::Arm(list) => Error::Diagnostics(scenario.diagnostics(list)),
        error => Error::Claims(error),
    };
    let report = claims::judge(&spec, watch).map_err(failed)?;
    let table = |table: Result<_, detente::table::TableError>| {
        table.map_err(|error| Error::Play(error.into()))
    };
    let mut tables = vec![table(claims::tables::claims(scenario.model(), &report))?];
    let mut notes = vec![
        (judged::ARMS.to_string(), report.arms.to_string()),
        (judged::FAMILY_WISE.to_string(), report.family_wise.to_string()),
    ];
    if let Some((points, rows)) = robust {
        let (runs, why) = claims::robust_runs(&spec, &report, points);
        let found = scenario.robust(request, Ranges { points, runs, rows }, watch)?;
        tables.push(table(claims::tables::robust(scenario.model(), &found))?);
        tables.push(table(claims::tables::robust_boxes(scenario.model(), &found))?);
        tables.push(table(claims::tables::robust_points(scenario.model(), &found))?);
        let (points, parameters) = (found.points, found.axes.len());
        let mut text = format!(
            "{points} points of {parameters} parameters, {runs} runs of each arm at each: {why}"
        );
        let (lost, fault) = &found.unplayable;
        if *lost > 0 {
            text.push_str(&format!("; {lost} more points could not be played: {fault}"));
        }
        if let (rows @ 1.., runs) = found.walks {
            text.push_str(&format!("; what carries claims by {rows} rows of walks, {runs} runs"));
        }
        notes.push((judged::ROBUST.to_string(), text));
    }
    let numbered = report.notes.iter().enumerate();
    notes.extend(numbered.map(|(k, note)| (format!("{}{}", judged::NOTE, k + 1), note.clone())));
    Ok((report, tables, notes))
}

/// Diagnostics go between threads, and so does a scenario.
const _: () = {
    const fn sent<T: Send + Sync>() {}
    sent::<detente::Scenario>();
    sent::<Diagnostics>();
};
