//! Two scenarios side by side, run by run.

use serde::Serialize;

use super::{Error, Run, Scenario};
use crate::diagnostic::nearest;
use crate::experiment::{self, AGAINST, Progress, Report, RunSpec, Shared, Unwatched};
use crate::output::Folder;
use crate::summary::{Difference, OutcomeResult};

/// What a scenario changes against another: the outcomes both have, in pairs of runs that met the
/// same luck.
#[derive(Debug, Clone, Serialize)]
pub struct Against {
    /// The estimates, of two arms: the other scenario, called [`AGAINST`], and this one.
    /// Differences are this one minus the other.
    pub report: Report,
    /// What both have and what one of them has alone.
    pub shared: Shared,
}

impl Against {
    /// The estimates of a shared outcome in this scenario, with its paired difference.
    ///
    /// # Errors
    /// [`Error::Unknown`] if it is not shared.
    pub fn outcome(&self, name: &str) -> Result<&OutcomeResult, Error> {
        let results = &self.report.results;
        let number = results.outcomes.iter().position(|outcome| outcome.name == name);
        let own = results.arms.get(1).zip(number);
        own.and_then(|(arm, number)| arm.outcomes.get(number)).ok_or_else(|| {
            let known = || self.shared.outcomes.iter().map(String::as_str);
            let help = nearest(name, known())
                .unwrap_or_else(|| format!("both have {}", known().collect::<Vec<_>>().join(", ")));
            Error::Unknown(format!("the two scenarios share no outcome `{name}`; {help}"))
        })
    }

    /// The mean paired difference of a shared outcome: this scenario minus the other.
    ///
    /// # Errors
    /// [`Error::Unknown`] if it is not shared.
    pub fn difference(&self, name: &str) -> Result<Difference, Error> {
        let found = self.outcome(name)?.difference;
        found.ok_or_else(|| Error::Request(format!("`{name}` has no difference")))
    }
}

impl Scenario {
    /// Plays the same runs of this scenario and of another, under the variant of the request in
    /// both if it names one, and compares the outcomes both have run by run. What one file has more
    /// than the other leaves the luck of everything else alone, so that a difference is what the
    /// change of the file does.
    ///
    /// # Errors
    /// Those of [`Scenario::run`] for either; [`Error::Request`] if the request compares arms
    /// already or no outcome is shared.
    pub fn against(&self, other: &Scenario, request: &Run) -> Result<Against, Error> {
        let (own, theirs) = self.pair(other, request)?;
        let (report, shared) = experiment::against(&own, &theirs, None, &Unwatched)?;
        Ok(Against { report, shared })
    }

    /// The same, with `summary.csv`, `differences.csv` and `histogram.csv` written into a folder,
    /// beside both texts. If `watch` asks to stop, everything is made of the runs that are done.
    ///
    /// # Errors
    /// Those of [`Scenario::against`]; [`Error::Output`] if a file cannot be written.
    pub fn against_into(
        &self,
        other: &Scenario,
        request: &Run,
        mut folder: Option<Folder>,
        watch: &dyn Progress,
    ) -> Result<Against, Error> {
        let (own, theirs) = self.pair(other, request)?;
        let (report, shared) = experiment::against(&own, &theirs, folder.as_mut(), watch)?;
        if let Some(mut folder) = folder {
            self.keep_text(&mut folder)?;
            let name = format!("{AGAINST}-{}", other.file_name());
            folder.file(&name, "the scenario it is compared with", other.text().as_bytes())?;
            let mut notes = report.notes.clone();
            notes.push((AGAINST.to_string(), other.name().to_string()));
            notes.push(("against_hash".to_string(), other.hash()));
            let command = request.command(self.name());
            let command = format!("{command} --against {name}");
            folder.finish(&self.provenance((own.seed.0, report.runs), command, notes))?;
        }
        Ok(Against { report, shared })
    }

    /// What is played of this scenario and of the other: one arm each.
    fn pair<'a>(
        &'a self,
        other: &'a Scenario,
        request: &Run,
    ) -> Result<(RunSpec<'a>, RunSpec<'a>), Error> {
        request.one_arm()?;
        let only = |mut spec: RunSpec<'a>| {
            // the variant, if there is one, stands behind the scenario as it is
            spec.arms.drain(..spec.arms.len().saturating_sub(1));
            RunSpec { versus: 0, ..spec }
        };
        let (own, theirs) = (only(self.run_spec(request)?), only(other.run_spec(request)?));
        if Shared::of(own.model, theirs.model).outcomes.is_empty() {
            let text = format!("`{}` and `{}` share no outcome", self.name(), other.name());
            return Err(Error::Request(text));
        }
        Ok((own, theirs))
    }
}
