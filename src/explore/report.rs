//! What was explored, as a report.

use super::replay::{Quiet, Watch};
use super::{Ask, Explorer};
use crate::api::Error;
use crate::claims;
use crate::experiment::{self, Progress};
use crate::figure::{Source, Wanted};
use crate::output::CommandLine;
use crate::report::{self, Contents, Study};
use crate::view::claims::{ARMS, FAMILY_WISE};

impl Explorer {
    /// One page of what is asked for, as `detente report` makes it of folders: outcomes of all arms
    /// and claims with as many runs as the last tier has. Nothing if `stop` says so.
    ///
    /// # Errors
    /// Those of [`Explorer::replay`].
    pub fn report(
        &self,
        ask: &Ask,
        stop: &(dyn Fn() -> bool + Sync),
    ) -> Result<Option<String>, Error> {
        let opened = self.open(ask)?;
        let (scenario, [.., runs]) = (&opened.scenario, self.tiers);
        let quiet = Quiet(stop);
        let watch = Watch::new(&quiet, [&opened, &self.loaded]);
        let (spec, about) = (ask.spec(scenario, runs, self.means())?, self.about(scenario, runs));
        let (found, tables) = experiment::run_tables(&spec, &watch)?;
        let run = ask.run(runs, self.means()).command(&self.name_in_commands());
        let study = |command: &str, notes, tables| Study {
            made_by: scenario.provenance((self.seed.0, runs), command.to_string(), notes),
            source: Source { about: about.clone(), tables },
        };
        let mut studies = vec![study(&run, found.notes, tables)];
        if !scenario.model().claims.is_empty() && !watch.stop() {
            let spec = ask.claims(scenario, runs, self.means())?;
            let judged = match claims::judge(&spec, &watch) {
                Err(claims::Error::Stopped) => return Ok(None),
                judged => judged?,
            };
            let table = claims::tables::claims(scenario.model(), &judged);
            let tables = vec![table.map_err(experiment::Error::from)?];
            let mut command = CommandLine::new("claims", &self.name_in_commands());
            command.word("--runs", &runs.to_string());
            command.word("--seed", &self.seed.0.to_string());
            let set = ask.set.iter();
            set.for_each(|(key, value)| command.word("--set", &format!("{key}={value}")));
            let notes = vec![
                (ARMS.to_string(), judged.arms.to_string()),
                (FAMILY_WISE.to_string(), judged.family_wise.to_string()),
            ];
            studies.push(study(&command.text(), notes, tables));
        }
        if found.interrupted || watch.stop() {
            return Ok(None);
        }
        let described = scenario.describe()?;
        let wanted = Wanted { outcomes: ask.outcomes.clone(), ..Wanted::default() };
        let told = Some((&described, scenario.text()));
        Ok(Some(report::page(&Contents { studies, scenario: told, run: None, wanted })))
    }
}
