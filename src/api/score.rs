//! How surprised a scenario is by a history.

use std::path::Path;

use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use super::evidence::{command_of, with_arms};
use super::{Error, Scenario};
use crate::diagnostic::Diagnostics;
use crate::evidence::{self, Origins, Question, Settings};
use crate::experiment::{self, Memory, Progress, Unwatched};
use crate::history::History;
use crate::output::{CommandLine, Folder};
use crate::record::Layout;
use crate::table::Table;

/// How to score a scenario by a history. Checked when it is used.
#[derive(Debug, Clone, Default)]
pub struct Score {
    filter: Settings,
    variants: Vec<String>,
    all_variants: bool,
    set: Vec<(String, String)>,
    threads: Option<usize>,
    memory: Memory,
    surprises: Option<usize>,
    origins: Option<Origins>,
}

notes! { Score: variants particles set threads memory;
    /// So many of the least likely records are explained, instead of 10.
    surprises(count: usize) { surprises = Some(count) }

    /// Forecasts from each of these rounds too, and scores whether each move was made within so
    /// many rounds, wherever the history says.
    origins(origins: Origins) { origins = Some(origins) }
}

impl Score {
    /// How many of the least likely records are explained where no number is given.
    pub const SURPRISES: usize = 10;

    /// The scenario as it is, 4 filters of 1,000 particles.
    pub fn new() -> Score {
        Score::default()
    }

    fn command(&self, scenario: &str, history: &History) -> String {
        let mut command = CommandLine::new("score", scenario);
        command_of(&mut command, history, &self.filter);
        if let Some(Origins { origins, ahead }) = &self.origins {
            command.word("--origins", &format!("{}:{}", origins.start(), origins.end()));
            let ahead: Vec<String> = ahead.iter().map(u32::to_string).collect();
            command.word("--ahead", &ahead.join(","));
        }
        command.flag("--all-variants", self.all_variants);
        self.variants.iter().for_each(|name| command.word("--variant", name));
        self.set.iter().for_each(|(key, value)| command.word("--set", &format!("{key}={value}")));
        command.text()
    }
}

impl Scenario {
    /// Weighs the scenario and its variants by a history.
    ///
    /// # Errors
    /// Those of [`Scenario::score_watched`].
    pub fn score(&self, history: &History, request: &Score) -> Result<Scored, Error> {
        self.score_watched((history, None), request, &Unwatched)
    }

    /// The same while somebody looks on; baselines start from the counts of a second history, if
    /// there is one.
    ///
    /// # Errors
    /// [`Error::Unknown`], [`Error::Request`] or [`Error::Diagnostics`] if what is asked for does
    /// not fit the scenario, [`Error::Evidence`] if it takes too much or was stopped.
    pub fn score_watched(
        &self,
        (history, before): (&History, Option<&History>),
        request: &Score,
        watch: &dyn Progress,
    ) -> Result<Scored, Error> {
        let dated = self.dated(history)?;
        let rounds = history.cases.iter().map(|case| case.rounds).max().unwrap_or(0);
        if let Some(Origins { origins, ahead }) = &request.origins
            && origins.start() + ahead.first().copied().unwrap_or(1) > rounds
        {
            return Err(Error::Request(format!(
                "`{}` reaches round {rounds}: no forecast from round {} on can be scored; begin \
                 earlier or look less far ahead",
                history.label,
                origins.start()
            )));
        }
        let (arms, _) = dated.arms((&request.variants, request.all_variants), &request.set)?;
        let around = (&request.filter, request.threads, request.memory);
        let scores = dated.weighed(history, around, watch, |weigh| {
            let surprises = request.surprises.unwrap_or(Score::SURPRISES);
            let question =
                Question { weigh: *weigh, before, surprises, origins: request.origins.as_ref() };
            let scores = arms.iter().map(|arm| evidence::score(&question, arm));
            Ok(scores.collect::<Result<Vec<_>, _>>()?)
        })?;
        let layout = Layout::of(self.model(), &arms);
        let (scenario, request, history) = (self.clone(), request.clone(), history.clone());
        Ok(Scored { scenario, request, history, layout, scores })
    }

    /// How much a watch is told to have advanced over a whole [`Scenario::score_watched`].
    ///
    /// # Errors
    /// Those of [`Scenario::score_watched`].
    pub fn score_work(&self, history: &History, request: &Score) -> Result<u64, Error> {
        let (arms, _) = self.arms((&request.variants, request.all_variants), &request.set)?;
        let around = (&request.filter, request.threads, request.memory);
        self.weighed(history, around, &Unwatched, |weigh| {
            Ok(arms.iter().map(|arm| weigh.work(arm)).sum())
        })
    }
}

/// A scenario weighed by a history.
#[derive(Debug, Clone)]
pub struct Scored {
    scenario: Scenario,
    request: Score,
    history: History,
    layout: Layout,
    scores: Vec<evidence::Score>,
}

impl Scored {
    /// The scenario.
    pub fn scenario(&self) -> &Scenario {
        &self.scenario
    }

    /// The history.
    pub fn history(&self) -> &History {
        &self.history
    }

    /// By arm, the scenario as it is first.
    pub fn scores(&self) -> &[evidence::Score] {
        &self.scores
    }

    /// The names of variables.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// Where all random numbers came from.
    pub fn seed(&self) -> crate::rng::Seed {
        self.request.filter.seed
    }

    /// Which record is impossible in the scenario as it is, if one is.
    pub fn impossible(&self) -> Option<Diagnostics> {
        let cases = self.scores.first()?.cases.iter().enumerate();
        let mut found = cases.filter_map(|(case, found)| Some((case, found.blame.as_ref()?)));
        let (case, blame) = found.next()?;
        Some(self.scenario.impossible(&self.history, case, blame))
    }

    /// The tables `scores`, `filtered`, `types` where there are any, `calibration` and `loglik`.
    ///
    /// # Errors
    /// [`Error::Play`] if an actor has the name of a column.
    pub fn tables(&self) -> Result<Vec<Table>, Error> {
        let model = self.scenario.model();
        let tables = evidence::tables(model, &self.history, &self.layout, &self.scores);
        Ok(tables.map_err(experiment::Error::from)?)
    }

    /// Everything that `detente score --out` writes, into a new folder.
    ///
    /// # Errors
    /// [`Error::Output`] if results or something else is in the way or a file cannot be written.
    pub fn write(&self, folder: impl AsRef<Path>) -> Result<(), Error> {
        self.write_into(Folder::create(folder.as_ref(), false)?)
    }

    /// The same, into a folder that is open.
    ///
    /// # Errors
    /// Those of [`Scored::write`].
    pub fn write_into(&self, mut folder: Folder) -> Result<(), Error> {
        self.tables()?.iter().try_for_each(|table| folder.whole(table))?;
        self.scenario.keep_evidence(&mut folder, &self.history)?;
        let command = self.request.command(self.scenario.name(), &self.history);
        let Settings { seed, particles, filters, .. } = self.request.filter;
        let notes = vec![("history".to_string(), self.history.title.clone())];
        let played = (seed.0, (particles * filters) as u64);
        Ok(folder.finish(&self.scenario.provenance(played, command, notes))?)
    }

    /// Every record of a seat, for programs.
    fn predictive(&self, score: &evidence::Score) -> Vec<Value> {
        let model = self.scenario.model();
        let each = score.rows.iter().map(|row| {
            let seat = &model.seats[row.seat];
            let mut object = json!({
                "round": row.round,
                "actor": model.names.actors[seat.actor],
                "track": model.tracks[seat.track],
                "observed": evidence::set_label(model, row.seat, &row.set),
                "probability": row.probability,
                "uniform": row.uniform,
                "frequency": row.baseline.frequency,
                "frequency_1": row.baseline.frequency_1,
                "persistence": row.baseline.persistence,
            });
            if self.history.cases.len() > 1 {
                object["history"] = json!(self.history.cases[row.case].name);
            }
            object
        });
        each.collect()
    }

    /// Types by round, for programs.
    fn types(&self, score: &evidence::Score) -> Vec<Value> {
        let model = self.scenario.model();
        let each = score.types.iter().map(|row| {
            let actors = &model.names.actors;
            let beliefs = row.beliefs.iter().map(|(o, p)| (actors[*o].clone(), json!(p)));
            let mut object = json!({
                "round": row.round,
                "actor": actors[row.actor],
                "type": model.names.types[row.actor][row.kind],
                "probability": row.probability,
                "beliefs": beliefs.collect::<serde_json::Map<_, _>>(),
            });
            if self.history.cases.len() > 1 {
                object["history"] = json!(self.history.cases[row.case].name);
            }
            object
        });
        each.collect()
    }

    /// One arm for programs.
    fn arm(&self, score: &evidence::Score) -> Value {
        let name = |case: usize| &self.history.cases[case].name;
        let finite = |x: f64| x.is_finite().then_some(x);
        let increments = |found: &evidence::Likelihood| -> Vec<Option<f64>> {
            found.increments().into_iter().map(finite).collect()
        };
        let cases: Vec<Value> = score
            .cases
            .iter()
            .enumerate()
            .map(|(case, found)| {
                json!({
                    "history": name(case),
                    "loglik": finite(found.loglik()),
                    "se": found.standard_error().and_then(finite),
                    "interval": found.interval(0.95).filter(|(lo, _)| lo.is_finite()),
                    "exact": found.exact,
                    "particles": found.particles,
                    "filters": found.filters,
                    "increments": increments(found),
                    "ess": found.rounds.iter().map(|turn| turn.effective).collect::<Vec<_>>(),
                    "impossible_round": found.blame.as_ref().map(|blame| blame.round),
                })
            })
            .collect();
        let all = evidence::Sum::of(&score.cases);
        json!({
            "arm": score.arm,
            "loglik": finite(all.loglik),
            "se": all.error.and_then(finite),
            "interval": all.interval(0.95).filter(|(lo, _)| lo.is_finite()),
            "exact": all.exact,
            "impossible": score.cases.iter().any(|found| found.blame.is_some()),
            "impossible_round": score.cases.iter().find_map(|f| f.blame.as_ref().map(|b| b.round)),
            "particles": score.cases.iter().map(|found| found.particles).max(),
            "filters": score.cases.iter().map(|found| found.filters).max(),
            "increments": score.cases.iter().flat_map(increments).collect::<Vec<_>>(),
            "predictive": self.predictive(score),
            "types": self.types(score),
            "brier": finite(score.brier),
            "cases": cases,
        })
    }
}

impl Serialize for Scored {
    /// As `detente score --format json` prints it: the scenario as it is, and under `arms` all
    /// arms where there are several.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let arms: Vec<Value> = self.scores.iter().map(|score| self.arm(score)).collect();
        with_arms(self.scenario.head(&self.history), arms).serialize(serializer)
    }
}
