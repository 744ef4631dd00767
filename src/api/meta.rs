//! Postures of actors against each other.

use std::path::Path;

use serde::{Serialize, Serializer};
use serde_json::json;

use super::{Error, Scenario, settings};
use crate::experiment::{self, Memory, Progress, Unwatched};
use crate::meta::{self, Explored, MetaError, MetaSpec, Verdict};
use crate::model::limits::Limit;
use crate::output::{CommandLine, Folder};
use crate::rng::Seed;
use crate::solve::{Halt, never, nfg};
use crate::table::Table;

/// How to play the postures of actors against each other. Checked when they are played.
#[derive(Debug, Clone, PartialEq)]
pub struct Meta {
    runs: u64,
    budget: u64,
    variant: Option<String>,
    seed: Seed,
    rounds: Option<u32>,
    set: Vec<(String, String)>,
    threads: Option<usize>,
    memory: Memory,
}

notes! { Meta: variant seed rounds set threads memory;
    /// Runs of every joint posture to begin with, in whole blocks of 256, instead of
    /// [`Meta::RUNS`].
    runs(runs: u64) { runs = runs }

    /// The most runs of all joint postures together, instead of [`Meta::BUDGET`].
    budget(runs: u64) { budget = runs }
}

impl Default for Meta {
    fn default() -> Meta {
        Meta {
            runs: Meta::RUNS,
            budget: Meta::BUDGET,
            variant: None,
            seed: Seed::DEFAULT,
            rounds: None,
            set: Vec::new(),
            threads: None,
            memory: Memory::default(),
        }
    }
}

impl Meta {
    /// Runs of every joint posture to begin with where no number is given.
    pub const RUNS: u64 = 256;
    /// The most runs of all joint postures together where no number is given.
    pub const BUDGET: u64 = 100_000;
    /// How many of the former can be asked for.
    pub const MOST_RUNS: u64 = 1_000_000;
    /// How many of the latter.
    pub const MOST_BUDGET: u64 = 1_000_000_000;

    /// The scenario as it is.
    pub fn new() -> Meta {
        Meta::default()
    }

    /// The command of the program that plays the same again.
    fn command(&self, scenario: &str) -> String {
        let mut command = CommandLine::new("meta", scenario);
        self.variant.iter().for_each(|variant| command.word("--variant", variant));
        command.word("--runs", &self.runs.to_string());
        command.word("--budget", &self.budget.to_string());
        command.word("--seed", &self.seed.0.to_string());
        self.rounds.iter().for_each(|rounds| command.word("--rounds", &rounds.to_string()));
        self.set.iter().for_each(|(key, value)| command.word("--set", &format!("{key}={value}")));
        command.text()
    }
}

impl Scenario {
    /// Plays all joint postures and solves the game of their mean utilities.
    ///
    /// # Errors
    /// Those of [`Scenario::meta_spec`]; [`Error::Meta`] if the scenario has no postures, or there
    /// are too many of them.
    pub fn meta(&self, request: &Meta) -> Result<Postures, Error> {
        let explored = self.explore(&self.meta_spec(request)?, &Unwatched)?;
        self.postures(request, explored, &never)
    }

    /// What a request means for this scenario.
    ///
    /// # Errors
    /// [`Error::Unknown`], [`Error::Request`] or [`Error::Diagnostics`] if what is asked for does
    /// not fit the scenario.
    pub fn meta_spec<'a>(&'a self, request: &'a Meta) -> Result<MetaSpec<'a>, Error> {
        let limits = [
            (Limit { what: "runs", least: 1, most: Meta::MOST_RUNS }, request.runs),
            (Limit { what: "budget", least: 1, most: Meta::MOST_BUDGET }, request.budget),
        ];
        for (limit, number) in limits {
            limit.check(number).map_err(Error::Request)?;
        }
        let variant = request.variant.as_deref().filter(|name| *name != "base");
        let changes = settings(self.model(), &request.set)?;
        self.arm(variant, &changes)?;
        Ok(MetaSpec {
            model: self.model(),
            source: self.text(),
            variant,
            changes,
            rounds: request.rounds,
            runs: request.runs,
            budget: request.budget,
            seed: request.seed,
            threads: request.threads,
            memory: request.memory,
        })
    }

    /// The first half of [`Scenario::meta`]: plays joint postures until `watch` asks to stop.
    ///
    /// # Errors
    /// Those of [`Scenario::meta`]; [`MetaError::Stopped`] if it was stopped before each of them
    /// was played.
    pub fn explore(&self, spec: &MetaSpec, watch: &dyn Progress) -> Result<Explored, Error> {
        let explored = meta::explore(spec, watch).map_err(|error| self.unplayed(error))?;
        let profiles = explored.sample.profiles();
        let played = (0..profiles).filter(|profile| explored.sample.runs(*profile) > 0).count();
        match played < profiles {
            true => Err(Error::Meta(MetaError::Stopped { played, profiles })),
            false => Ok(explored),
        }
    }

    /// The second half: solves the game, as far as it comes until `halt` says to stop.
    ///
    /// # Errors
    /// [`Error::Meta`] if utilities make no game.
    pub fn postures(
        &self,
        request: &Meta,
        explored: Explored,
        halt: &Halt,
    ) -> Result<Postures, Error> {
        let variant = request.variant.as_ref().map_or(String::new(), |name| format!(", {name}"));
        let title = format!("postures of {}{variant}", self.name());
        let verdict = meta::verdict(&explored, &title, request.seed, halt);
        let verdict = verdict.map_err(|error| self.unplayed(error))?;
        Ok(Postures { scenario: self.clone(), request: request.clone(), explored, verdict })
    }

    fn unplayed(&self, error: MetaError) -> Error {
        match error {
            MetaError::Arm(list) => Error::Diagnostics(self.diagnostics(list)),
            other => Error::Meta(other),
        }
    }
}

/// The game between the postures of a scenario, played and solved.
#[derive(Debug, Clone)]
pub struct Postures {
    scenario: Scenario,
    request: Meta,
    explored: Explored,
    verdict: Verdict,
}

impl Postures {
    /// What was played: utilities of all runs, and why no more were added.
    pub fn explored(&self) -> &Explored {
        &self.explored
    }

    /// The game of mean utilities, its equilibria, and how far they can be trusted.
    pub fn verdict(&self) -> &Verdict {
        &self.verdict
    }

    /// The tables `payoffs`, `equilibria` and `standings`.
    ///
    /// # Errors
    /// [`Error::Play`] if an actor has the name of a key column.
    pub fn tables(&self) -> Result<Vec<Table>, Error> {
        let tables = meta::tables(&self.explored, &self.verdict);
        Ok(tables.map_err(experiment::Error::from)?)
    }

    /// Everything that `detente meta --out` writes, into a new folder.
    ///
    /// # Errors
    /// [`Error::Output`] if results or something else is in the way or a file cannot be written;
    /// those of [`Postures::tables`].
    pub fn write(&self, folder: impl AsRef<Path>) -> Result<(), Error> {
        self.write_into(Folder::create(folder.as_ref(), false)?)
    }

    /// The same, into a folder that is open.
    ///
    /// # Errors
    /// Those of [`Postures::write`].
    pub fn write_into(&self, mut folder: Folder) -> Result<(), Error> {
        self.tables()?.iter().try_for_each(|table| folder.whole(table))?;
        let (what, game) = ("the game between the postures", nfg::write(&self.verdict.game));
        folder.file("game.nfg", what, game.as_bytes())?;
        self.scenario.keep_text(&mut folder)?;
        let notes = vec![
            ("runs_of_all".to_string(), self.explored.sample.total().to_string()),
            ("enough".to_string(), self.explored.enough.as_str().to_string()),
        ];
        let command = self.request.command(self.scenario.name());
        let played = (self.request.seed.0, self.request.runs);
        Ok(folder.finish(&self.scenario.provenance(played, command, notes))?)
    }
}

impl Serialize for Postures {
    /// As `detente meta --format json` prints it.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Postures { explored, verdict, .. } = self;
        let game = &verdict.game;
        let payoffs: Vec<&[f64]> = (0..game.players().len()).map(|p| game.payoffs_of(p)).collect();
        let runs: Vec<u64> = (0..game.profiles()).map(|p| explored.sample.runs(p)).collect();
        let object = json!({
            "game": {
                "title": game.title,
                "players": game.players(),
                "payoffs": payoffs,
                "standard_errors": verdict.errors,
                "runs": runs,
            },
            "enough": explored.enough.as_str(),
            "failed": explored.failed,
            "stop": verdict.stop.as_str(),
            "equilibria": verdict.equilibria,
            "limit": verdict.limit,
            "points": verdict.responses,
            "candidates": verdict.candidates.iter().map(|c| json!({
                "profile": game.strategies(c.profile),
                "share": c.share,
            })).collect::<Vec<_>>(),
            "alpharank": verdict.ranking,
            "notes": verdict.notes,
        });
        object.serialize(serializer)
    }
}
