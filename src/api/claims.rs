//! The claims of a scenario, put to the test.

use serde::{Serialize, Serializer};

use super::{Error, Scenario, Sensitivity, settings};
use crate::claims::{self, Judged, Report, Spec};
use crate::diagnostic::nearest;
use crate::experiment::{self, Memory, Unwatched};
use crate::rng::Seed;
use crate::table::Table;

/// Which claims to judge, and with how many runs of each arm.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Claims {
    runs: u64,
    seed: Seed,
    names: Vec<String>,
    rounds: Option<u32>,
    set: Vec<(String, String)>,
    independent: bool,
    family_wise: bool,
    precision: Option<f64>,
    threads: Option<usize>,
    memory: Memory,
}

notes! { Claims: seed rounds set independent threads memory;
    /// Adjusts verdicts for the number of claims (Holm 1979).
    family_wise() { family_wise = true }

    /// Doubles runs until every interval is decided or narrower than this.
    precision(width: f64) { precision = Some(width) }
}

impl Claims {
    /// All claims, with so many runs of each arm.
    pub fn new(runs: u64) -> Claims {
        Claims { runs, ..Claims::default() }
    }

    /// This claim, and others that are named; all where none is.
    #[must_use]
    pub fn only(mut self, name: impl Into<String>) -> Claims {
        self.names.push(name.into());
        self
    }

    /// The walks that say what carries these claims: over all that is declared uncertain, with the
    /// settings of this request.
    pub(super) fn walks(&self, names: Vec<String>) -> Sensitivity {
        let walks = Sensitivity::new().claims(names).seed(self.seed.0).memory(self.memory);
        let walks = self.set.iter().fold(walks, |w, (key, value)| w.set(key, value));
        let walks = self.rounds.iter().fold(walks, |w, rounds| w.rounds(*rounds));
        self.threads.iter().fold(walks, |w, threads| w.threads(*threads))
    }
}

impl Scenario {
    /// Judges claims.
    ///
    /// # Errors
    /// Those of [`Scenario::claims_spec`]; [`Error::Play`] and [`Error::Claims`] if they cannot be
    /// judged.
    pub fn claims(&self, request: &Claims) -> Result<Verdicts, Error> {
        let spec = self.claims_spec(request)?;
        claims::admit(&spec, 0, None).map_err(experiment::Error::from)?;
        let report = claims::judge(&spec, &Unwatched)?;
        Ok(Verdicts { scenario: self.clone(), report })
    }

    /// What a request means for this scenario.
    ///
    /// # Errors
    /// [`Error::Unknown`] if there is no such claim, [`Error::Request`] if there is none at all,
    /// [`Error::Diagnostics`] if settings do not fit the scenario.
    pub fn claims_spec(&self, request: &Claims) -> Result<Spec<'_>, Error> {
        let model = self.model();
        let mut claims: Vec<usize> = (0..model.claims.len()).collect();
        if claims.is_empty() {
            return Err(Error::Request(format!("`{}` makes no claims", self.name())));
        }
        if !request.names.is_empty() {
            claims = Vec::new();
            for name in &request.names {
                let number = self.claim_number(name.trim())?;
                if !claims.contains(&number) {
                    claims.push(number);
                }
            }
        }
        let set = settings(model, &request.set)?;
        self.affordable(model.variants.iter().map(|v| &v.name), &set)?;
        Ok(Spec {
            model,
            source: self.text(),
            claims,
            set,
            rounds: request.rounds,
            runs: request.runs,
            seed: request.seed,
            independent: request.independent,
            threads: request.threads,
            family_wise: request.family_wise,
            precision: request.precision,
            memory: request.memory,
        })
    }

    fn claim_number(&self, name: &str) -> Result<usize, Error> {
        let all = &self.model().claims;
        all.iter().position(|claim| claim.name == name).ok_or_else(|| {
            let near = nearest(name, all.iter().map(|claim| claim.name.as_str()));
            let help = near.unwrap_or_else(|| "`detente describe` lists its claims".to_string());
            self.unknown("claim", name, help)
        })
    }
}

impl Serialize for Verdicts {
    /// As its [`Report`].
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.report.serialize(serializer)
    }
}

/// What the runs say of claims, found by name.
#[derive(Debug, Clone)]
pub struct Verdicts {
    scenario: Scenario,
    report: Report,
}

impl Verdicts {
    /// What they say of one claim.
    ///
    /// # Errors
    /// [`Error::Unknown`] if it was not judged.
    pub fn claim(&self, name: &str) -> Result<&Judged, Error> {
        let number = self.scenario.claim_number(name)?;
        let found = self.report.claims.iter().find(|claim| claim.claim == number);
        found.ok_or_else(|| {
            self.scenario.unknown("judged claim", name, "name it in the request".to_string())
        })
    }

    /// The verdicts as a table, that of `claims.csv`.
    ///
    /// # Errors
    /// [`Error::Play`] if it cannot be made.
    pub fn tables(&self) -> Result<Vec<Table>, Error> {
        let table = claims::tables::claims(self.scenario.model(), &self.report);
        Ok(vec![table.map_err(experiment::Error::from)?])
    }

    /// What they say of all of them.
    pub fn report(&self) -> &Report {
        &self.report
    }
}
