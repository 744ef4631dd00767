//! A scenario: its text, what it says, and what is odd about it.

use std::path::Path;
use std::rc::Rc;

use super::Error;
use crate::calendar::Calendar;
use crate::catalog::{self, Found};
use crate::diagnostic::{Attached, Code, Diagnostic, Diagnostics, Severity, clip, locate, nearest};
use crate::experiment::{self, Memory, Need};
use crate::history::{self, History};
use crate::model::{ActorId, Arm, Model, Override};
use crate::output::{Provenance, scenario_hash};
use crate::plan::{Budget, Plan};
use crate::scenario::{self, Loaded};

/// Files that are given by name and text.
fn attached(files: &[(&str, &str)]) -> Vec<Attached> {
    let file =
        |(name, text): &(&str, &str)| Attached { name: (*name).to_string(), text: (*text).into() };
    files.iter().map(file).collect()
}

/// Whether something is wrong that other settings mend.
fn too_costly(diagnostic: &Diagnostic) -> bool {
    diagnostic.code == Code::TooCostly
}

/// A scenario that is sound: its text, what it says, and what is odd about it. Immutable; every
/// verb takes it by reference.
#[derive(Debug, Clone)]
pub struct Scenario {
    label: String,
    text: String,
    model: Model,
    warnings: Vec<Diagnostic>,
    /// Why it cannot be imagined as it is; settings may mend that.
    costly: Vec<Diagnostic>,
}

impl Scenario {
    /// Reads a file. A scenario that gives itself no name has that of the file without the ending.
    ///
    /// # Errors
    /// [`Error::Catalog`] if there is no such file or it cannot be read, [`Error::Diagnostics`]
    /// with everything that is wrong with it.
    pub fn open(path: impl AsRef<Path>) -> Result<Scenario, Error> {
        Scenario::of(catalog::read(path.as_ref())?)
    }

    /// One of the scenarios inside the library, by name.
    ///
    /// # Errors
    /// [`Error::Catalog`] if there is none of that name.
    pub fn shipped(name: &str) -> Result<Scenario, Error> {
        Scenario::of(catalog::inside(name)?)
    }

    /// A scenario by path or by bare name, as the program finds it: `NAME.toml` in this folder,
    /// then below `scenarios/`, then inside the library.
    ///
    /// # Errors
    /// As [`Scenario::open`].
    pub fn find(name: &str) -> Result<Scenario, Error> {
        Scenario::of(catalog::find(name)?)
    }

    /// Reads a text that names no files. Diagnostics call it `scenario`, which is also its name
    /// where it gives itself none.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn parse(text: &str) -> Result<Scenario, Diagnostics> {
        Scenario::parse_with(text, &[])
    }

    /// Reads a text and the files that it names, each with its name and its text.
    ///
    /// # Errors
    /// Everything that is wrong with them; a file that is named and not given.
    pub fn parse_with(text: &str, files: &[(&str, &str)]) -> Result<Scenario, Diagnostics> {
        let loaded = scenario::load_with(text.as_bytes(), Rc::new(attached(files)));
        Scenario::judged("scenario", text.to_string(), loaded)
    }

    /// The same scenario with other dates of its rounds.
    ///
    /// # Errors
    /// What is wrong then: a date before the first round.
    pub(super) fn with_calendar(&self, calendar: Calendar) -> Result<Scenario, Diagnostics> {
        let files = Rc::new(self.files().to_vec());
        let loaded = scenario::load_dated(self.text.as_bytes(), files, calendar);
        let mut found = Scenario::judged(&self.label, self.text.clone(), loaded)?;
        found.model.about.name.clone_from(&self.model.about.name);
        Ok(found)
    }

    /// What was loaded of a text that diagnostics call `label`.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn loaded(label: &str, text: &str, loaded: Loaded) -> Result<Scenario, Diagnostics> {
        Scenario::judged(label, text.to_string(), loaded)
    }

    fn of(found: Found) -> Result<Scenario, Error> {
        Ok(Scenario::judged(&found.label, found.text(), found.load())?)
    }

    /// What was found, if it is sound, and everything that is wrong or odd about it.
    pub fn examine(found: Found) -> (Option<Scenario>, Diagnostics) {
        let (loaded, label, text) = (found.load(), &found.label, found.text());
        let list = loaded.checked.diagnostics.clone();
        let all = Diagnostics::of_file(label, &text, &loaded.files, list);
        (Scenario::judged(label, text, loaded).ok(), all)
    }

    fn judged(label: &str, text: String, loaded: Loaded) -> Result<Scenario, Diagnostics> {
        let Loaded { checked, files } = loaded;
        let mut diagnostics = checked.diagnostics;
        let costly: Vec<Diagnostic> =
            diagnostics.iter().filter(|d| too_costly(d)).cloned().collect();
        let wrong = |d: &Diagnostic| d.severity() == Severity::Error && !too_costly(d);
        match checked.value {
            Some(mut model) if !diagnostics.iter().any(wrong) => {
                diagnostics.retain(|d| !too_costly(d));
                scenario::name_after(&mut model, "scenario");
                let (label, warnings) = (label.to_string(), diagnostics);
                Ok(Scenario { label, text, model, warnings, costly })
            }
            _ => {
                diagnostics.retain(|d| d.severity() == Severity::Error);
                Err(Diagnostics::of_file(label, &text, &files, diagnostics))
            }
        }
    }

    /// Reads a history of it: a TOML file with the tables beside it, or a folder with
    /// `history.toml`.
    ///
    /// # Errors
    /// [`Error::Catalog`] if there is no such file or it cannot be read, [`Error::Diagnostics`]
    /// with everything that is wrong with it.
    pub fn history(&self, path: impl AsRef<Path>) -> Result<History, Error> {
        let found = catalog::history(path.as_ref())?;
        let loaded = history::load(&self.model, &found.bytes, Rc::clone(&found.beside));
        Ok(self.recorded(&found.label, &found.text(), loaded)?)
    }

    /// Reads a history of it from a text and the tables that it names, each with its name and its
    /// text. Diagnostics call it `history`.
    ///
    /// # Errors
    /// Everything that is wrong with them; a table that is named and not given.
    pub fn history_with(&self, text: &str, files: &[(&str, &str)]) -> Result<History, Diagnostics> {
        let loaded = history::load(&self.model, text.as_bytes(), Rc::new(attached(files)));
        self.recorded("history", text, loaded)
    }

    fn recorded(
        &self,
        label: &str,
        text: &str,
        loaded: history::Loaded,
    ) -> Result<History, Diagnostics> {
        let mut list = loaded.checked.diagnostics;
        match loaded.checked.value {
            Some(history) => Ok(History { label: label.to_string(), ..history }),
            None => {
                list.retain(|d| d.severity() == Severity::Error);
                Err(Diagnostics::of_file(label, text, &loaded.files, list))
            }
        }
    }

    /// The name that it gives itself, or else that of its file.
    pub fn name(&self) -> &str {
        &self.model.about.name
    }

    /// Where it comes from: the path as it was given, or `shipped:NAME`.
    pub fn label(&self) -> &str {
        &self.label
    }

    /// Its text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The files that it names, in the order in which they are named.
    pub fn files(&self) -> &[Attached] {
        &self.model.files
    }

    /// Where a place lies: the name of the file if it is in one, the text that it is in, and the
    /// byte within that.
    pub fn page(&self, byte: usize) -> (Option<&str>, &str, usize) {
        let (file, byte) = locate(&self.text, self.files(), byte);
        match file.map(|file| &self.files()[file]) {
            Some(file) => (Some(&file.name), &file.text, byte),
            None => (None, &self.text, byte),
        }
    }

    /// Its hash, as packages of results hold it: of its text and its files.
    pub fn hash(&self) -> String {
        scenario_hash(&self.text, self.files().iter().map(|file| (file.name.as_str(), &*file.text)))
    }

    /// What it says.
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// What is odd about it, warnings and notes, in the order of the text.
    pub fn warnings(&self) -> &[Diagnostic] {
        &self.warnings
    }

    /// Why it cannot be imagined as it is, if so: settings may mend that, and verbs refuse what
    /// they do not mend.
    pub fn costly(&self) -> &[Diagnostic] {
        &self.costly
    }

    /// The file of its text among results: the name by which it is found there.
    pub fn file_name(&self) -> String {
        format!("{}.toml", self.name())
    }

    /// Diagnostics that point into its text or its files.
    pub fn diagnostics(&self, list: Vec<Diagnostic>) -> Diagnostics {
        Diagnostics::of_file(&self.label, &self.text, self.files(), list)
    }

    /// One arm: `None` and `base` are the scenario as it is.
    ///
    /// # Errors
    /// [`Error::Unknown`] if there is no such variant, [`Error::Diagnostics`] if the settings do
    /// not fit it.
    pub fn arm(&self, variant: Option<&str>, changes: &[Override]) -> Result<Arm, Error> {
        let variant = variant.filter(|name| *name != "base");
        if let Some(name) = variant {
            self.known_variant(name)?;
        }
        let arm = Arm::new(&self.model, variant, changes);
        let arm = arm.map_err(|list| Error::Diagnostics(self.diagnostics(list)))?;
        let decides = |change: &Override| matches!(change, Override::Decision(_));
        if self.costly.is_empty() && !changes.iter().any(decides) {
            return Ok(arm);
        }
        match crate::scenario::unaffordable(&self.model, &arm) {
            None => Ok(arm),
            Some(_) if changes.is_empty() => {
                Err(Error::Diagnostics(self.diagnostics(self.costly.clone())))
            }
            Some(unaffordable) => Err(Error::Diagnostics(self.diagnostics(vec![unaffordable]))),
        }
    }

    /// Whether the scenario as it is and some variants can be imagined with changes.
    ///
    /// # Errors
    /// [`Error::Diagnostics`] if not, or if the settings do not fit it.
    pub(super) fn affordable<'a>(
        &self,
        variants: impl Iterator<Item = &'a String>,
        changes: &[Override],
    ) -> Result<(), Error> {
        let all = [None].into_iter().chain(variants.map(|name| Some(name.as_str())));
        all.map(|variant| self.arm(variant, changes)).try_for_each(|arm| arm.map(|_| ()))
    }

    /// The plan by which the engine plays an arm, made within so much memory unless `stop` says to
    /// stop.
    ///
    /// # Errors
    /// [`Error::Play`] if it takes too much.
    pub fn plan(
        &self,
        arm: &Arm,
        memory: Memory,
        stop: &(dyn Fn() -> bool + Sync),
    ) -> Result<Plan, Error> {
        let budget = Budget { bytes: Need::program(&self.text, 1).left(memory), stop };
        let plan = Plan::new(&self.model, arm, budget);
        Ok(plan.map_err(experiment::Error::Plan)?)
    }

    /// Whether it has a variant.
    ///
    /// # Errors
    /// [`Error::Unknown`] with the nearest names if it has not.
    pub fn known_variant(&self, name: &str) -> Result<(), Error> {
        let known = self.model.variants.iter().map(|v| v.name.as_str());
        self.number(("variant", "its variants are"), name, known).map(drop)
    }

    /// The number of an actor.
    ///
    /// # Errors
    /// [`Error::Unknown`] with the nearest names if there is none.
    pub fn actor(&self, name: &str) -> Result<ActorId, Error> {
        let known = self.model.names.actors.iter().map(String::as_str);
        self.number(("actor", "its actors are"), name, known).map(ActorId::new)
    }

    /// The number of a name among those that are `known` of a kind.
    pub(super) fn number<'a>(
        &self,
        (kind, all): (&str, &str),
        name: &str,
        known: impl Iterator<Item = &'a str> + Clone,
    ) -> Result<usize, Error> {
        known.clone().position(|known| known == name).ok_or_else(|| {
            let all = || match known.clone().collect::<Vec<_>>() {
                known if known.is_empty() => "it has none".to_string(),
                known => format!("{all} {}", known.join(", ")),
            };
            self.unknown(kind, name, nearest(name, known.clone()).unwrap_or_else(all))
        })
    }

    /// That it has no thing of a kind with that name.
    pub(super) fn unknown(&self, kind: &str, name: &str, help: String) -> Error {
        Error::Unknown(format!("`{}` has no {kind} `{}`; {help}", self.name(), clip(name)))
    }

    /// What makes results of this scenario: version, hash of the text, seed, runs, the command that
    /// makes them again, and remarks.
    pub fn provenance(
        &self,
        (seed, runs): (u64, u64),
        command: String,
        notes: Vec<(String, String)>,
    ) -> Provenance {
        Provenance {
            version: env!("CARGO_PKG_VERSION").to_string(),
            scenario: self.name().to_string(),
            title: self.model.about.title.clone(),
            scenario_hash: self.hash(),
            seed,
            runs,
            command,
            notes,
        }
    }
}
