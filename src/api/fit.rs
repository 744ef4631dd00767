//! Which numbers a record supports.

use std::path::Path;

use serde::{Serialize, Serializer};
use serde_json::{Map, Value, json};

use super::evidence::{command_of, with_arms};
use super::{Error, Scenario};
use crate::diagnostic::Diagnostics;
use crate::evidence::fit::{
    self, Discard, Failed, Keep, MOST_EVALUATIONS, MOST_REPLICATES, MOST_STARTS, Moves, Recovery,
    STARTS, Task,
};
use crate::evidence::{Settings, Weigh};
use crate::experiment::{self, Fault, Free, Memory, Progress, Space, Unwatched};
use crate::history::History;
use crate::model::Arm;
use crate::output::{self, CommandLine, Folder, Found, Head, PARTS, Parts};
use crate::table::{Cells, Field, Schema, Table};

/// The file of a folder that says which fit was begun in it.
pub const PLAN: &str = "fit.json";

/// Which numbers to fit to a history, and how. Checked when it is used.
#[derive(Debug, Clone)]
pub struct Fit {
    filter: Settings,
    variants: Vec<String>,
    all_variants: bool,
    set: Vec<(String, String)>,
    threads: Option<usize>,
    memory: Memory,
    free: Vec<String>,
    map: bool,
    starts: usize,
    evaluations: Option<usize>,
    train: Option<(u32, u32)>,
    recover: u64,
}

impl Default for Fit {
    fn default() -> Fit {
        Fit {
            filter: Settings::default(),
            variants: Vec::new(),
            all_variants: false,
            set: Vec::new(),
            threads: None,
            memory: Memory::default(),
            free: Vec::new(),
            map: false,
            starts: STARTS,
            evaluations: None,
            train: None,
            recover: 0,
        }
    }
}

notes! { Fit: variants particles set threads memory;
    /// Adds the log density of the declared distributions: the most probable numbers instead of
    /// those that make the record most likely.
    map() { map = true }
    /// Searches from so many points instead of 8, the file's values first.
    starts(count: usize) { starts = count }
    /// Weighs about so many points before the maximum has to be found, instead of 2,000 for each
    /// number where the likelihood is exact, and 100 and another 100 for each where it is not.
    evaluations(count: usize) { evaluations = Some(count) }
    /// Fits these rounds, from 1, and scores the others.
    train(rounds: (u32, u32)) { train = Some(rounds) }
    /// Simulates so many histories at the file's values and fits each.
    recover(replicates: u64) { recover = replicates }
}

impl Fit {
    /// Nothing is free yet; 4 filters of 1,000 particles.
    pub fn new() -> Fit {
        Fit::default()
    }

    /// Frees a number: a key that `set` takes, by itself where the file declares its range, or
    /// `key = lo:hi`, perhaps with `log` behind it.
    #[must_use]
    pub fn free(mut self, text: impl Into<String>) -> Fit {
        self.free.push(text.into());
        self
    }

    fn command(&self, scenario: &str, history: &History) -> String {
        let mut command = CommandLine::new("fit", scenario);
        command_of(&mut command, history, &self.filter);
        self.free.iter().for_each(|text| command.word("--free", text));
        command.flag("--map", self.map);
        command.word("--starts", &self.starts.to_string());
        let evaluations = self.evaluations.iter();
        evaluations.for_each(|count| command.word("--evaluations", &count.to_string()));
        let train = self.train.iter();
        train.for_each(|(a, b)| command.word("--train", &format!("{a}:{b}")));
        if self.recover > 0 {
            command.word("--recover", &self.recover.to_string());
        }
        command.flag("--all-variants", self.all_variants);
        self.variants.iter().for_each(|name| command.word("--variant", name));
        self.set.iter().for_each(|(key, value)| command.word("--set", &format!("{key}={value}")));
        command.text()
    }

    fn check(&self, history: &History) -> Result<(), Error> {
        let refuse = |text: String| Err(Error::Request(text));
        if self.free.is_empty() {
            return refuse("nothing is free; name what is to be fitted with --free".to_string());
        }
        let evaluations = self.evaluations.unwrap_or(1);
        let limits = [
            ("starts", self.starts as u64, 1, MOST_STARTS as u64),
            ("evaluations", evaluations as u64, 1, MOST_EVALUATIONS as u64),
            ("replicates", self.recover, 0, MOST_REPLICATES),
        ];
        for (what, number, least, most) in limits {
            if number < least || number > most {
                return refuse(format!(
                    "{number} {what} are asked for; there can be {least} to {most}"
                ));
            }
        }
        let reach = history.cases.iter().map(|case| case.rounds).max().unwrap_or(0);
        match self.train {
            Some((a, b)) if a == 0 || b < a || b > reach => {
                refuse(format!("rounds {a}:{b} are to be fitted; the history has rounds 1:{reach}"))
            }
            _ => Ok(()),
        }
    }
}

/// A fit that was begun in a folder: what is found is kept there until all is.
#[derive(Debug, Clone)]
pub struct Begun {
    parts: Parts,
    work: String,
}

impl Keep for Begun {
    fn load(&self, unit: u64) -> Option<Vec<f64>> {
        let Ok(Found::Whole(part)) = self.parts.read(&self.head(unit)) else { return None };
        let tables = part.tables(&[schema()?])?;
        match tables.first()?.columns().next()?.1 {
            Cells::Number(numbers) => Some(numbers.clone()),
            _ => None,
        }
    }

    fn save(&self, unit: u64, numbers: &[f64]) -> Result<(), String> {
        let table = schema()
            .and_then(|schema| Table::new(&schema, vec![Cells::Number(numbers.to_vec())]).ok());
        let written = self.parts.write(&self.head(unit), &Value::Null, table.as_slice());
        written.map_err(|error| error.to_string())
    }
}

/// What a part holds: numbers.
fn schema() -> Option<std::sync::Arc<Schema>> {
    Schema::new("part", "numbers", vec![Field::number("x", "a number")]).ok()
}

impl Begun {
    fn head(&self, unit: u64) -> Head {
        Head { work: self.work.clone(), unit, units: 0 }
    }

    /// Takes away what was kept, once all results are written.
    pub fn clear(&self) {
        // results are complete: parts that cannot be removed do not spoil them
        let _ = self.parts.clear(Some(&self.work));
    }
}

impl Scenario {
    /// Fits numbers to a history.
    ///
    /// # Errors
    /// Those of [`Scenario::fit_watched`].
    pub fn fit(&self, history: &History, request: &Fit) -> Result<Fitted, Error> {
        self.fit_watched(history, request, None, &Unwatched)
    }

    /// The same while somebody looks on, going on with what was kept of an earlier try.
    ///
    /// # Errors
    /// [`Error::Unknown`], [`Error::Request`] or [`Error::Diagnostics`] if what is asked for does
    /// not fit the scenario or cannot be answered by the history, [`Error::Evidence`] if it takes
    /// too much or was stopped.
    pub fn fit_watched(
        &self,
        history: &History,
        request: &Fit,
        begun: Option<&Begun>,
        watch: &dyn Progress,
    ) -> Result<Fitted, Error> {
        request.check(history)?;
        let (arms, fixed) = self.arms((&request.variants, request.all_variants), &request.set)?;
        let found = Space::free(self.model(), &request.free, &fixed);
        let (space, free) = found.map_err(|list| Error::Diagnostics(placed(list)))?;
        let keep: &dyn Keep = begun.map_or(&Discard, |begun| begun);
        let around = (&request.filter, request.threads, request.memory);
        let (fits, recovery) = self.weighed(history, around, watch, |weigh| {
            let task = |arm| task(request, weigh, (&space, &free), arm);
            let (mut fits, mut unit) = (Vec::new(), request.recover);
            for arm in &arms {
                let (fit, next) = fit::fit(&task(arm), keep, unit).map_err(failed)?;
                fits.push(fit);
                unit = next;
            }
            let recovery = match request.recover {
                0 => None,
                count => {
                    let task = task(&arms[0]);
                    let truths = space.held(&arms[0]);
                    Some(fit::recover(&task, &truths, count, keep).map_err(failed)?)
                }
            };
            Ok((fits, recovery))
        })?;
        let (scenario, request, history) = (self.clone(), request.clone(), history.clone());
        Ok(Fitted { scenario, request, history, free, fits, recovery })
    }

    /// Begins a fit in a folder, or goes on with the same one: notes there what decides its
    /// results. `false` comes with a folder whose results are complete.
    ///
    /// # Errors
    /// [`Error::Request`] if another fit was begun there, [`Error::Output`] if the folder cannot be
    /// written to.
    pub fn begin_fit(
        &self,
        history: &History,
        request: &Fit,
        folder: &Path,
        force: bool,
    ) -> Result<Option<(Folder, Begun)>, Error> {
        request.check(history)?;
        let plan = self.fit_plan(history, request);
        let known = std::fs::read_to_string(folder.join(PLAN)).ok().filter(|_| !force);
        let shown = folder.display();
        if known.as_ref().is_some_and(|known| *known != plan) {
            return Err(Error::Request(format!(
                "another fit was begun in `{shown}`: other numbers, settings, or texts; choose \
                 another folder with --out, or begin anew with --force"
            )));
        }
        let found = output::verify(folder).ok().filter(|_| known.is_some());
        if found.as_ref().is_some_and(|found| found.package.is_some()) {
            return match found.is_some_and(|found| found.flaws().next().is_none()) {
                true => Ok(None),
                false => Err(Error::Request(format!(
                    "the results in `{shown}` are not as they were written; begin anew with --force"
                ))),
            };
        }
        let parts = Parts::new(folder.join(PARTS));
        let mut folder = match known.is_some() {
            true => Folder::resume(folder)?,
            false => Folder::create(folder, force)?,
        };
        self.check_folder(&folder)?;
        parts.own()?;
        if force {
            parts.clear(None)?;
            parts.own()?;
        }
        folder.retire()?;
        folder.file(PLAN, "everything that decides the results of the fit", plan.as_bytes())?;
        Ok(Some((folder, Begun { parts, work: output::text_hash(&plan) })))
    }

    /// What decides the results of a fit, as a text.
    fn fit_plan(&self, history: &History, request: &Fit) -> String {
        let files = history.files.iter();
        let files: Map<String, Value> =
            files.map(|file| (file.name.clone(), json!(output::text_hash(&file.text)))).collect();
        let plan = json!({
            "version": env!("CARGO_PKG_VERSION"),
            "scenario": self.hash(),
            "history": { "text": output::text_hash(&history.text), "files": files },
            "command": request.command(self.name(), history),
        });
        format!("{plan:#}\n")
    }
}

fn task<'a>(
    request: &Fit,
    weigh: &Weigh<'a>,
    (space, free): (&'a Space<'a>, &'a [Free]),
    arm: &'a Arm,
) -> Task<'a> {
    Task {
        weigh: *weigh,
        space,
        free,
        variant: Some(arm.name.as_str()).filter(|name| *name != "base"),
        file: arm,
        map: request.map,
        starts: request.starts,
        evaluations: request.evaluations,
        train: request.train,
        simulated: false,
    }
}

fn failed(failed: Failed) -> Error {
    match failed {
        Failed::Evidence(error) => Error::Evidence(error),
        Failed::Refused(text) | Failed::Kept(text) => Error::Request(text),
    }
}

/// What is wrong with numbers that were to be free.
fn placed(faults: Vec<Fault>) -> Diagnostics {
    let one = |all: Diagnostics, fault: Fault| {
        all.and_typed("--free", &fault.text, vec![fault.diagnostic])
    };
    faults.into_iter().fold(Diagnostics::default(), one)
}

/// What a history supports.
#[derive(Debug, Clone)]
pub struct Fitted {
    scenario: Scenario,
    request: Fit,
    history: History,
    free: Vec<Free>,
    fits: Vec<fit::Fit>,
    recovery: Option<Recovery>,
}

impl Fitted {
    /// The scenario.
    pub fn scenario(&self) -> &Scenario {
        &self.scenario
    }

    /// The history.
    pub fn history(&self) -> &History {
        &self.history
    }

    /// What was free.
    pub fn free(&self) -> &[Free] {
        &self.free
    }

    /// By arm, the scenario as it is first.
    pub fn fits(&self) -> &[fit::Fit] {
        &self.fits
    }

    /// What was found again in simulated histories, if that was asked for.
    pub fn recovery(&self) -> Option<&Recovery> {
        self.recovery.as_ref()
    }

    /// The rounds that were fitted, if not all.
    pub fn train(&self) -> Option<(u32, u32)> {
        self.request.train
    }

    /// Where all random numbers came from.
    pub fn seed(&self) -> crate::rng::Seed {
        self.request.filter.seed
    }

    /// A section `[variants.fitted]` for the scenario's file, and one for each further arm, with
    /// the numbers that the record limits on one side at least; others are told in a comment.
    pub fn variants(&self) -> String {
        let one = |fit: &fit::Fit| {
            let name = match fit.arm.as_str() {
                "base" => "fitted".to_string(),
                arm => format!("{arm}_fitted"),
            };
            let pairs = || self.free.iter().zip(&fit.estimates);
            let told = |own: &fit::Estimate| own.interval != (None, None);
            let set: Vec<String> = pairs()
                .filter(|(_, own)| told(own))
                .map(|(free, own)| format!("\"{}\" = {}", free.name, own.estimate))
                .collect();
            let open: Vec<&str> =
                pairs().filter(|(_, own)| !told(own)).map(|(free, _)| free.name.as_str()).collect();
            let open = match open.is_empty() {
                true => String::new(),
                false => format!("# not identified, and as the file has it: {}\n", open.join(", ")),
            };
            match set.is_empty() {
                true => open,
                false => format!("{open}[variants.{name}]\nset = {{ {} }}\n", set.join(", ")),
            }
        };
        self.fits.iter().map(one).collect::<Vec<_>>().join("\n")
    }

    /// The tables `estimates`, `profiles` and, where something was recovered, `recovery`.
    ///
    /// # Errors
    /// [`Error::Play`] never.
    pub fn tables(&self) -> Result<Vec<Table>, Error> {
        let tables = fit::tables(&self.free, &self.fits, self.recovery.as_ref());
        Ok(tables.map_err(experiment::Error::from)?)
    }

    /// Everything that `detente fit --out` writes, into a new folder.
    ///
    /// # Errors
    /// [`Error::Output`] if results or something else is in the way or a file cannot be written.
    pub fn write(&self, folder: impl AsRef<Path>) -> Result<(), Error> {
        self.write_into(Folder::create(folder.as_ref(), false)?)
    }

    /// The same, into a folder that is open.
    ///
    /// # Errors
    /// Those of [`Fitted::write`].
    pub fn write_into(&self, mut folder: Folder) -> Result<(), Error> {
        let plan = self.scenario.fit_plan(&self.history, &self.request);
        folder.file(PLAN, "everything that decides the results of the fit", plan.as_bytes())?;
        self.tables()?.iter().try_for_each(|table| folder.whole(table))?;
        let what = "the estimates as sections for the scenario's file";
        folder.file("fitted.variants.toml", what, self.variants().as_bytes())?;
        self.scenario.keep_evidence(&mut folder, &self.history)?;
        let command = self.request.command(self.scenario.name(), &self.history);
        let Settings { seed, particles, filters, .. } = self.request.filter;
        let notes = vec![("history".to_string(), self.history.title.clone())];
        let played = (seed.0, (particles * filters) as u64);
        Ok(folder.finish(&self.scenario.provenance(played, command, notes))?)
    }

    /// By name of what was free.
    fn named(&self, of: impl Fn(usize) -> Value) -> Value {
        let each = self.free.iter().enumerate().map(|(i, free)| (free.name.clone(), of(i)));
        Value::Object(each.collect())
    }

    /// One arm for programs.
    fn arm(&self, fit: &fit::Fit) -> Value {
        let finite = |x: f64| x.is_finite().then_some(x);
        let own = &fit.estimates;
        let at_end = self.free.iter().zip(own).filter(|(_, own)| own.at_end);
        let pairs = fit.correlated.iter().map(|(i, j, r)| {
            json!({ "names": [self.free[*i].name, self.free[*j].name], "correlation": r })
        });
        let mut object = json!({
            "arm": fit.arm,
            "exact": fit.exact,
            "estimate": self.named(|i| json!(own[i].estimate)),
            "interval": self.named(|i| json!([own[i].interval.0, own[i].interval.1])),
            "cut": self.named(|i| json!(own[i].cut)),
            "standard_error": self.named(|i| json!(own[i].error)),
            "file": self.named(|i| json!(own[i].file)),
            "at_end": at_end.map(|(free, _)| &free.name).collect::<Vec<_>>(),
            "loglik": finite(fit.loglik.0),
            "loglik_se": finite(fit.loglik.1),
            "loglik_file": finite(fit.file.0),
            "loglik_file_se": finite(fit.file.1),
            "log_prior": fit.prior,
            "aic": fit.aic,
            "correlated": pairs.collect::<Vec<_>>(),
            "moves": fit.moves.as_ref().map(moves),
            "evaluations": fit.evaluations,
        });
        if let Some((first, last)) = self.request.train {
            object["train"] = json!([first, last]);
            object["held_out"] = json!(fit.held.as_ref().map(|held| json!({
                "loglik": finite(held.loglik),
                "loglik_file": finite(held.file),
                "moves": moves(&held.moves),
            })));
        }
        object
    }
}

fn moves(found: &Moves) -> Value {
    let finite = |x: f64| x.is_finite().then_some(x);
    let [uniform, frequency, frequency_1, persistence] = found.baselines;
    json!({
        "records": found.records,
        "loglik": finite(found.estimate),
        "loglik_file": finite(found.file),
        "uniform": finite(uniform),
        "frequency": finite(frequency),
        "frequency_1": finite(frequency_1),
        "persistence": finite(persistence),
    })
}

impl Serialize for Fitted {
    /// As `detente fit --format json` prints it: the scenario as it is, and under `arms` all arms
    /// where there are several.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let arms: Vec<Value> = self.fits.iter().map(|fit| self.arm(fit)).collect();
        let mut head = self.scenario.head(&self.history);
        head["free"] = json!(self.free.iter().map(|free| &free.name).collect::<Vec<_>>());
        head["range"] = json!(self.named(|i| json!([self.free[i].lo, self.free[i].hi])));
        let mut object = with_arms(head, arms);
        if let Some(recovery) = &self.recovery {
            let total = |i: usize| {
                let own = &recovery.totals[i];
                json!({
                    "truth": own.truth,
                    "bias": own.bias,
                    "rmse": own.rmse,
                    "coverage": own.coverage,
                    "not_identified": own.open,
                })
            };
            let of = self.named(total);
            let (replicates, failed) = (recovery.replicates.len(), recovery.failed);
            object["recovery"] =
                json!({ "replicates": replicates, "failed": failed, "numbers": of });
        }
        object.serialize(serializer)
    }
}
