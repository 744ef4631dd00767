//! Monte Carlo runs of a scenario and its variants, side by side.

use std::ops::Deref;
use std::path::Path;

use serde::{Serialize, Serializer};

use super::{Error, Scenario, settings};
use crate::diagnostic::{clip, nearest};
use crate::experiment::{self, Memory, Progress, Report, RunSpec, Unwatched};
use crate::output::{CommandLine, Folder};
use crate::rng::Seed;
use crate::summary::{ArmResult, Difference, OutcomeResult, Results, Schemas};
use crate::table::{Table, TableError};

/// What to play: so many runs of the scenario as it is, `base`, and of variants beside it. Checked
/// when it is played.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Run {
    runs: u64,
    seed: Seed,
    variants: Vec<String>,
    all_variants: bool,
    versus: Option<String>,
    rounds: Option<u32>,
    set: Vec<(String, String)>,
    independent: bool,
    no_per_run: bool,
    panel: Option<Vec<String>>,
    threads: Option<usize>,
    plain: bool,
    memory: Memory,
    uncertain: bool,
    points: Option<u64>,
    weights: Option<String>,
}

notes! { Run: variants seed rounds set independent threads memory;
    /// Compares the others with this arm instead of `base`.
    versus(arm: impl Into<String>) { versus = Some(arm.into()) }

    /// Leaves out `outcomes.csv`, which has a row for each run.
    no_per_run() { no_per_run = true }

    /// Writes `panel.csv` too, a row for each run and round, with these recorded variables, several
    /// in one text separated by commas; a name without indices stands for all its cells.
    panel(variables: impl IntoIterator<Item = impl Into<String>>) {
        panel = Some(variables.into_iter().map(Into::into).collect())
    }

    /// Lets the interpreter play instead of the engine: the same bytes, slowly.
    plain() { plain = true }

    /// Plays as many runs again at points of the declared ranges: what follows from assumptions,
    /// what from luck.
    uncertain() { uncertain = true }

    /// The same at draws from a file of points with a column `weight`: a posterior.
    weights(path: impl Into<String>) { weights = Some(path.into()) }

    /// At so many points, instead of [`super::Sweep::POINTS`].
    points(points: u64) { points = Some(points) }
}

impl Run {
    /// So many runs of each arm.
    pub fn new(runs: u64) -> Run {
        Run { runs, ..Run::default() }
    }

    /// That it plays one arm and nothing is compared within it.
    ///
    /// # Errors
    /// [`Error::Request`] saying what does not go together with another scenario.
    pub(super) fn one_arm(&self) -> Result<(), Error> {
        let wrong = [
            (self.all_variants, "all variants"),
            (self.variants.len() > 1, "several variants"),
            (self.versus.is_some(), "an arm to compare with"),
            (self.independent, "independent random numbers"),
            (self.panel.is_some(), "a panel"),
            (self.is_mixture(), "points of other numbers"),
        ];
        match wrong.iter().find(|(wrong, _)| *wrong) {
            None => Ok(()),
            Some((_, what)) => Err(Error::Request(format!(
                "another scenario is compared with one arm, the file as it is or one variant: \
                 {what} cannot be asked for with it"
            ))),
        }
    }

    /// The command of the program that plays the same again: threads, memory and folders leave no
    /// trace in results, nor here.
    pub fn command(&self, scenario: &str) -> String {
        let mut command = CommandLine::new("run", scenario);
        command.flag("--all-variants", self.all_variants);
        self.variants.iter().for_each(|name| command.word("--variant", name));
        self.versus.iter().for_each(|arm| command.word("--versus", arm));
        command.word("--runs", &self.runs.to_string());
        self.rounds.iter().for_each(|rounds| command.word("--rounds", &rounds.to_string()));
        command.word("--seed", &self.seed.0.to_string());
        self.set.iter().for_each(|(key, value)| command.word("--set", &format!("{key}={value}")));
        command.flag("--no-per-run", self.no_per_run);
        command.flag("--independent", self.independent);
        command.flag("--uncertain", self.uncertain);
        self.weights.iter().for_each(|_| command.word("--weights", super::mixture::KEPT));
        self.points.iter().for_each(|points| command.word("--points", &points.to_string()));
        command.flag("--panel", self.panel.is_some());
        if let Some(names) = self.panel.as_ref().filter(|names| !names.is_empty()) {
            command.word("--variables", &names.join(","));
        }
        command.text()
    }
}

impl Run {
    /// Whether points of other numbers are played besides.
    pub fn is_mixture(&self) -> bool {
        self.uncertain || self.weights.is_some()
    }

    /// The sweep of these points, without what its design is.
    pub(super) fn sweep(&self, points: u64, runs: u64) -> super::Sweep {
        let sweep = super::Sweep::new().seed(self.seed.0).runs(runs).points(points).independent();
        let sweep = self.rounds.iter().fold(sweep, |sweep, rounds| sweep.rounds(*rounds));
        let set = self.set.iter();
        let sweep = set.fold(sweep, |sweep, (key, value)| sweep.set(key, value));
        let variants = self.variants.iter();
        let sweep = variants.fold(sweep, |sweep, name| sweep.variant(name));
        if self.all_variants { sweep.all_variants() } else { sweep }
    }

    /// What is asked for of points: where they are from, how many of how many runs.
    pub(super) fn asked(&self) -> (Option<&str>, Option<u64>, u64) {
        (self.weights.as_deref(), self.points, self.runs)
    }

    /// Where random numbers come from, on how many threads, in how much memory.
    pub(super) fn around(&self) -> (Seed, Option<usize>, Memory) {
        (self.seed, self.threads, self.memory)
    }
}

impl Scenario {
    /// Plays runs of the scenario and its variants.
    ///
    /// # Errors
    /// [`Error::Unknown`], [`Error::Request`] or [`Error::Diagnostics`] if what is asked for does
    /// not fit the scenario, [`Error::Play`] if it takes too much.
    pub fn run(&self, request: &Run) -> Result<Runs, Error> {
        let spec = self.run_spec(request)?;
        let report = experiment::run(&spec, None, &Unwatched)?;
        Ok(Runs { scenario: self.clone(), request: request.clone(), report })
    }

    /// The same, with all files of `detente run` written into a folder while runs are played, its
    /// package last. If `watch` asks to stop, everything is made of the runs that are done.
    ///
    /// # Errors
    /// Those of [`Scenario::run`]; [`Error::Output`] if a file cannot be written.
    pub fn run_into(
        &self,
        request: &Run,
        mut folder: Folder,
        watch: &dyn Progress,
    ) -> Result<Runs, Error> {
        let spec = self.run_spec(request)?;
        let report = experiment::run(&spec, Some(&mut folder), watch)?;
        self.finish_run(folder, &report, request)?;
        Ok(Runs { scenario: self.clone(), request: request.clone(), report })
    }

    /// Puts text and package into a folder that has everything else of a run.
    ///
    /// # Errors
    /// [`Error::Output`] if they cannot be written.
    pub fn finish_run(
        &self,
        mut folder: Folder,
        report: &Report,
        request: &Run,
    ) -> Result<(), Error> {
        self.keep_text(&mut folder)?;
        let played = (request.seed.0, report.runs);
        let command = request.command(self.name());
        folder.finish(&self.provenance(played, command, report.notes.clone()))?;
        Ok(())
    }

    /// Puts the text and its files beside results, so that they can be made again alone.
    ///
    /// # Errors
    /// [`Error::Output`] if they cannot be written.
    pub fn keep_text(&self, folder: &mut Folder) -> Result<(), Error> {
        let what = "the scenario as it was played";
        folder.file(&self.file_name(), what, self.text().as_bytes())?;
        for file in self.files() {
            folder.attach(&file.name, file.text.as_bytes())?;
        }
        Ok(())
    }

    /// Whether [`Scenario::keep_text`] would find a name taken, to be asked before any work.
    ///
    /// # Errors
    /// [`Error::Output`] if it would.
    pub fn check_folder(&self, folder: &Folder) -> Result<(), Error> {
        folder.check(&self.file_name(), self.text().as_bytes())?;
        for file in self.files() {
            folder.check_attached(&file.name, file.text.as_bytes())?;
        }
        Ok(())
    }

    /// What a request means for this scenario: its arms, planned by nobody yet.
    ///
    /// # Errors
    /// Those of [`Scenario::run`].
    pub fn run_spec(&self, request: &Run) -> Result<RunSpec<'_>, Error> {
        let model = self.model();
        let changes = settings(model, &request.set)?;
        let mut names: Vec<Option<&str>> = vec![None];
        if request.all_variants {
            names.extend(model.variants.iter().map(|v| Some(v.name.as_str())));
        }
        for name in request.variants.iter().filter(|name| *name != "base") {
            if !names.contains(&Some(name)) {
                names.push(Some(name));
            }
        }
        let mut arms = Vec::with_capacity(names.len());
        for name in names {
            let mut arm = self.arm(name, &changes)?;
            arm.rounds = request.rounds.unwrap_or(arm.rounds);
            arms.push(arm);
        }
        let versus = match request.versus.as_deref() {
            None => 0,
            Some(name) => arms.iter().position(|arm| arm.name == name).ok_or_else(|| {
                let played: Vec<&str> = arms.iter().map(|arm| arm.name.as_str()).collect();
                let (name, played) = (clip(name), played.join(", "));
                Error::Request(format!(
                    "--versus names an arm that is played, one of {played}, not `{name}`"
                ))
            })?,
        };
        let mut spec = RunSpec {
            model,
            source: self.text(),
            arms,
            versus,
            runs: request.runs,
            seed: request.seed,
            independent: request.independent,
            per_run: !request.no_per_run,
            panel: None,
            threads: request.threads,
            plain: request.plain,
            budget: request.memory.into(),
        };
        if let Some(asked) = &request.panel {
            spec.panel = Some(self.variables(&spec.layout().variables, asked)?);
        }
        spec.admit().map_err(experiment::Error::from)?;
        Ok(spec)
    }

    /// Recorded variables by number: those named, or all cells of what is named without indices.
    fn variables(&self, known: &[String], asked: &[String]) -> Result<Vec<usize>, Error> {
        let base = |name: &str| name.split('[').next().unwrap_or_default().to_string();
        let mut chosen = Vec::new();
        for name in asked.iter().flat_map(|text| names(text)) {
            let plain: String = name.chars().filter(|c| !c.is_whitespace()).collect();
            let of = |variable: &str| variable == plain || base(variable) == plain;
            let before = chosen.len();
            chosen.extend((0..known.len()).filter(|v| of(&known[*v])));
            if chosen.len() == before {
                let all = known.iter().cloned().chain(known.iter().map(|v| base(v)));
                let all: Vec<String> = all.collect();
                let near = nearest(&plain, all.iter().map(String::as_str));
                let help = near.unwrap_or_else(|| {
                    let mut words: Vec<String> = known.iter().map(|v| base(v)).collect();
                    words.dedup();
                    format!("it records {}", words.join(", "))
                });
                return Err(self.unknown("variable", name, help));
            }
        }
        let mut seen = vec![false; known.len()];
        chosen.retain(|v| !std::mem::replace(&mut seen[*v], true));
        Ok(chosen)
    }
}

impl Serialize for Runs {
    /// As its [`Report`].
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.report.serialize(serializer)
    }
}

/// What runs of a scenario and its variants came to. Everything is found by name.
#[derive(Debug, Clone)]
pub struct Runs {
    scenario: Scenario,
    request: Run,
    report: Report,
}

impl Runs {
    /// An outcome of the first arm, `base`; differences are found from it.
    ///
    /// # Errors
    /// [`Error::Unknown`] if the scenario has no such outcome.
    pub fn outcome(&self, name: &str) -> Result<Outcome<'_>, Error> {
        self.outcome_of(0, name)
    }

    /// An arm: `base` or a variant that was played.
    ///
    /// # Errors
    /// [`Error::Unknown`] if it was not played.
    pub fn arm(&self, name: &str) -> Result<Played<'_>, Error> {
        Ok(Played { runs: self, number: self.number(name)? })
    }

    /// All estimates, by arm, then outcome.
    pub fn results(&self) -> &Results {
        &self.report.results
    }

    /// All estimates, with what happened on the way: failures, notes, whether it was stopped.
    pub fn report(&self) -> &Report {
        &self.report
    }

    /// The estimates as tables: `summary`, `histogram` and, of several arms, `differences`.
    ///
    /// # Errors
    /// [`Error::Play`] if an outcome has the name of a key column.
    pub fn tables(&self) -> Result<Vec<Table>, Error> {
        let spec = self.scenario.run_spec(&self.request)?;
        let names: Vec<String> = spec.arms.iter().map(|arm| arm.name.clone()).collect();
        let (results, several) = (self.results(), names.len() > 1);
        let make = || -> Result<Vec<Table>, TableError> {
            let schemas = Schemas::new(&spec.layout())?.labelled(spec.model, &names)?;
            let mut all = vec![schemas.summary(results, 0)?, schemas.histogram(results, 0)?];
            if several {
                all.push(schemas.differences(results, 0)?);
            }
            Ok(all)
        };
        Ok(make().map_err(experiment::Error::from)?)
    }

    /// Everything that `detente run --out` writes, into a new folder. Rows of single runs are not
    /// kept in memory, so the same runs are played once more; [`Scenario::run_into`] writes on the
    /// way.
    ///
    /// # Errors
    /// [`Error::Output`] if results or something else is in the way or a file cannot be written.
    pub fn write(&self, folder: impl AsRef<Path>) -> Result<(), Error> {
        let folder = Folder::create(folder.as_ref(), false)?;
        self.scenario.run_into(&self.request, folder, &Unwatched).map(|_| ())
    }

    fn number(&self, arm: &str) -> Result<usize, Error> {
        let known = self.report.results.arms.iter().map(|arm| arm.name.as_str());
        self.scenario.number(("played arm", "those played are"), arm, known)
    }

    fn outcome_of(&self, arm: usize, name: &str) -> Result<Outcome<'_>, Error> {
        let known = self.report.results.outcomes.iter().map(|outcome| outcome.name.as_str());
        let number = self.scenario.number(("outcome", "its outcomes are"), name, known)?;
        Ok(Outcome { runs: self, arm, number })
    }
}

/// One arm of [`Runs`].
#[derive(Debug, Clone, Copy)]
pub struct Played<'a> {
    runs: &'a Runs,
    number: usize,
}

impl<'a> Played<'a> {
    /// One of its outcomes.
    ///
    /// # Errors
    /// [`Error::Unknown`] if the scenario has no such outcome.
    pub fn outcome(&self, name: &str) -> Result<Outcome<'a>, Error> {
        self.runs.outcome_of(self.number, name)
    }
}

impl Deref for Played<'_> {
    type Target = ArmResult;

    fn deref(&self) -> &ArmResult {
        &self.runs.report.results.arms[self.number]
    }
}

/// One outcome in one arm of [`Runs`]; it reads as its [`OutcomeResult`]: `outcome.mean`,
/// `outcome.interval`, `outcome.median`.
#[derive(Debug, Clone, Copy)]
pub struct Outcome<'a> {
    runs: &'a Runs,
    arm: usize,
    number: usize,
}

impl Outcome<'_> {
    /// What the outcome is called.
    pub fn name(&self) -> &str {
        &self.runs.report.results.outcomes[self.number].name
    }

    /// What it means; may be empty.
    pub fn title(&self) -> &str {
        self.runs.report.titles.get(self.number).map_or("", String::as_str)
    }

    /// By how much it is greater in another arm than in the one that arms are compared with, run
    /// by run: `base`, or that of [`Run::versus`].
    ///
    /// # Errors
    /// [`Error::Unknown`] if that arm was not played, [`Error::Request`] if it is the one that
    /// others are compared with.
    pub fn difference(&self, arm: &str) -> Result<Difference, Error> {
        let results = &self.runs.report.results;
        let number = self.runs.number(arm)?;
        results.arms[number].outcomes[self.number].difference.ok_or_else(|| {
            Error::Request(format!("`{}` is what other arms are compared with", clip(arm)))
        })
    }
}

impl Deref for Outcome<'_> {
    type Target = OutcomeResult;

    fn deref(&self) -> &OutcomeResult {
        &self.runs.report.results.arms[self.arm].outcomes[self.number]
    }
}

/// Names separated by commas, except commas inside brackets.
fn names(text: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0_usize;
    let parts = text.split(move |c| {
        match c {
            '[' => depth += 1,
            ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        c == ',' && depth == 0
    });
    parts.map(str::trim).filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_told_apart_by_commas_outside_brackets() {
        let found: Vec<&str> = names("tie[A, B],x ,,utility").collect();
        assert_eq!(found, ["tie[A, B]", "x", "utility"]);
    }
}
