//! A scenario: its text, what it says, and what is odd about it.

use std::path::Path;

use super::Error;
use crate::catalog::{self, Found};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Severity, clip, nearest};
use crate::model::{Arm, Model, Override};
use crate::output::{Provenance, text_hash};

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
    /// Reads a file. Its name without the ending has to be the name that the scenario gives itself.
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

    /// Reads a text. Diagnostics call it `scenario`.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn parse(text: &str) -> Result<Scenario, Diagnostics> {
        let checked = crate::scenario::load(text.as_bytes());
        Scenario::judged("scenario", text.to_string(), checked.value, checked.diagnostics)
    }

    fn of(found: Found) -> Result<Scenario, Error> {
        let (model, diagnostics) = found.load();
        Ok(Scenario::judged(&found.label, found.text(), model, diagnostics)?)
    }

    /// What was found, if it is sound, and everything that is wrong or odd about it.
    pub fn examine(found: Found) -> (Option<Scenario>, Diagnostics) {
        let (model, diagnostics) = found.load();
        let (label, text) = (&found.label, found.text());
        let all = Diagnostics::of_file(label, &text, diagnostics.clone());
        (Scenario::judged(label, text, model, diagnostics).ok(), all)
    }

    fn judged(
        label: &str,
        text: String,
        model: Option<Model>,
        mut diagnostics: Vec<Diagnostic>,
    ) -> Result<Scenario, Diagnostics> {
        let costly: Vec<Diagnostic> =
            diagnostics.iter().filter(|d| too_costly(d)).cloned().collect();
        let wrong = |d: &Diagnostic| d.severity() == Severity::Error && !too_costly(d);
        match model {
            Some(model) if !diagnostics.iter().any(wrong) => {
                diagnostics.retain(|d| !too_costly(d));
                let (label, warnings) = (label.to_string(), diagnostics);
                Ok(Scenario { label, text, model, warnings, costly })
            }
            _ => {
                diagnostics.retain(|d| d.severity() == Severity::Error);
                Err(Diagnostics::of_file(label, &text, diagnostics))
            }
        }
    }

    /// The name that it gives itself.
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

    /// What it says.
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// What is odd about it, in the order of the text.
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

    /// Diagnostics that point into its text.
    pub fn diagnostics(&self, list: Vec<Diagnostic>) -> Diagnostics {
        Diagnostics::of_file(&self.label, &self.text, list)
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

    /// Whether it has a variant.
    ///
    /// # Errors
    /// [`Error::Unknown`] with the nearest names if it has not.
    pub fn known_variant(&self, name: &str) -> Result<(), Error> {
        if self.model.variant(name).is_some() {
            return Ok(());
        }
        let known = self.model.variants.iter().map(|v| v.name.as_str());
        let all = || match known.len() {
            0 => "it has none".to_string(),
            _ => format!("its variants are {}", known.clone().collect::<Vec<_>>().join(", ")),
        };
        Err(self.unknown("variant", name, nearest(name, known.clone()).unwrap_or_else(all)))
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
            scenario_hash: text_hash(&self.text),
            seed,
            runs,
            command,
            notes,
        }
    }
}
