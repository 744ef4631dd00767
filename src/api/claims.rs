//! The claims of a scenario, put to the test.

use serde::{Serialize, Serializer};

use super::{Error, Scenario, settings};
use crate::claims::{self, Judged, Report, Spec};
use crate::diagnostic::nearest;
use crate::experiment::{self, Memory, Unwatched};
use crate::rng::Seed;
use crate::table::Table;

/// Which claims to judge, and with how many runs of each arm.
#[derive(Debug, Clone, PartialEq)]
pub struct Claims {
    runs: u64,
    seed: u64,
    names: Vec<String>,
    rounds: Option<u32>,
    set: Vec<(String, String)>,
    independent: bool,
    family_wise: bool,
    precision: Option<f64>,
    threads: Option<usize>,
    memory: Memory,
}

impl Claims {
    /// All claims, with so many runs of each arm.
    pub fn new(runs: u64) -> Claims {
        Claims {
            runs,
            seed: Seed::DEFAULT.0,
            names: Vec::new(),
            rounds: None,
            set: Vec::new(),
            independent: false,
            family_wise: false,
            precision: None,
            threads: None,
            memory: Memory::default(),
        }
    }

    /// This claim, and others that are named; all where none is.
    #[must_use]
    pub fn only(mut self, name: impl Into<String>) -> Claims {
        self.names.push(name.into());
        self
    }

    /// Where all random numbers come from, instead of [`Seed::DEFAULT`].
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Claims {
        self.seed = seed;
        self
    }

    /// So many rounds a run, instead of those of the scenario.
    #[must_use]
    pub fn rounds(mut self, rounds: u32) -> Claims {
        self.rounds = Some(rounds);
        self
    }

    /// Sets something in every arm.
    #[must_use]
    pub fn set(mut self, key: impl Into<String>, value: impl Into<String>) -> Claims {
        self.set.push((key.into(), value.into()));
        self
    }

    /// Gives every arm random numbers of its own instead of sharing them.
    #[must_use]
    pub fn independent(mut self) -> Claims {
        self.independent = true;
        self
    }

    /// Adjusts verdicts for the number of claims (Holm 1979).
    #[must_use]
    pub fn family_wise(mut self) -> Claims {
        self.family_wise = true;
        self
    }

    /// Doubles runs until every interval is decided or narrower than this.
    #[must_use]
    pub fn precision(mut self, width: f64) -> Claims {
        self.precision = Some(width);
        self
    }

    /// On so many threads instead of all cores. Results do not depend on it.
    #[must_use]
    pub fn threads(mut self, threads: usize) -> Claims {
        self.threads = Some(threads);
        self
    }

    /// So much memory may be taken, instead of 2 GB. Results do not depend on it.
    #[must_use]
    pub fn memory(mut self, memory: Memory) -> Claims {
        self.memory = memory;
        self
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
            seed: Seed(request.seed),
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
