//! Which assumption matters to an outcome, a difference or a claim.

mod factors;
mod prepared;
mod results;

pub use prepared::Prepared;
pub use results::{Found, Sensitivities};

use super::{Error, Scenario};
use crate::claims::Linear;
use crate::experiment::{self, Memory, Progress, Space, Unwatched};
use crate::model::limits::Limit;
use crate::output::CommandLine;
use crate::plan::PlanError;
use crate::rng::Seed;

/// What to explain, and with how many rows. Checked when it is used. Without [`Sensitivity::vary`]
/// or an experiment everything varies that is declared uncertain; without outcomes or claims all
/// outcomes are explained.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Sensitivity {
    experiment: Option<String>,
    vary: Vec<String>,
    uncertain: bool,
    outcomes: Vec<String>,
    differences: Vec<String>,
    variant: Option<String>,
    claims: Option<Vec<String>>,
    groups: Vec<String>,
    pairs: bool,
    rows: Option<u64>,
    runs: Option<u64>,
    until: Option<f64>,
    budget: Option<u64>,
    seed: Seed,
    rounds: Option<u32>,
    set: Vec<(String, String)>,
    threads: Option<usize>,
    memory: Memory,
}

notes! { Sensitivity: variant seed rounds set threads memory;
    /// What varies is taken from an experiment of the scenario.
    experiment(name: impl Into<String>) { experiment = Some(name.into()) }

    /// Varies everything that is declared uncertain, besides what is named.
    uncertain() { uncertain = true }

    /// Explains claims: those of these names, or all if there are none.
    claims(names: Vec<String>) { claims = Some(names) }

    /// Pairs instead of walks: first-order and total indices instead of Shapley effects and total
    /// indices.
    pairs() { pairs = true }

    /// So many rows instead of [`Sensitivity::ROWS`].
    rows(rows: u64) { rows = Some(rows) }

    /// So many runs of each arm at each point instead of [`Sensitivity::RUNS`].
    runs(runs: u64) { runs = Some(runs) }

    /// Doubles the rows, from a power of two on, until the widest interval of the first ten shares
    /// of everything that is explained is below this, or the budget is spent.
    until(width: f64) { until = Some(width) }

    /// With [`Sensitivity::until`], at most so many runs in all instead of
    /// [`Sensitivity::BUDGET`].
    budget(runs: u64) { budget = Some(runs) }
}

impl Sensitivity {
    /// Rows where no number is given.
    pub const ROWS: u64 = 256;
    /// The most rows.
    pub const MOST_ROWS: u64 = 1 << 24;
    /// Runs at each point where no number is given: the best at a fixed number of runs in all.
    pub const RUNS: u64 = 8;
    /// The most runs at a point.
    pub const MOST_RUNS: u64 = 100_000;
    /// The most runs in all where a width is asked for and no number is given.
    pub const BUDGET: u64 = 10_000_000;
    /// How many of these can be asked for.
    pub const MOST_BUDGET: u64 = 1 << 50;

    /// All outcomes of the scenario as it is, over everything that is declared uncertain.
    pub fn new() -> Sensitivity {
        Sensitivity::default()
    }

    /// Varies something, as [`super::Sweep::vary`] does.
    #[must_use]
    pub fn vary(mut self, text: impl Into<String>) -> Sensitivity {
        self.vary.push(text.into());
        self
    }

    /// Explains this outcome.
    #[must_use]
    pub fn outcome(mut self, name: impl Into<String>) -> Sensitivity {
        self.outcomes.push(name.into());
        self
    }

    /// Explains how outcomes differ between this variant and the scenario as it is, run by run,
    /// instead of the outcomes.
    #[must_use]
    pub fn difference(mut self, variant: impl Into<String>) -> Sensitivity {
        self.differences.push(variant.into());
        self
    }

    /// Moves several axes together, with one index: `parameter` all cells of each parameter,
    /// `NAME=PATTERN` all axes whose name fits, `*` standing for anything.
    #[must_use]
    pub fn group(mut self, text: impl Into<String>) -> Sensitivity {
        self.groups.push(text.into());
        self
    }

    /// The command of the program that makes the same again.
    fn command(&self, scenario: &str) -> String {
        let mut command = CommandLine::new("sensitivity", scenario);
        self.experiment.iter().for_each(|name| command.word("--experiment", name));
        self.vary.iter().for_each(|text| command.word("--vary", text));
        command.flag("--uncertain", self.uncertain);
        if !self.outcomes.is_empty() {
            command.word("--outcomes", &self.outcomes.join(","));
        }
        self.differences.iter().for_each(|name| command.word("--difference", name));
        self.variant.iter().for_each(|name| command.word("--variant", name));
        match &self.claims {
            Some(names) if names.is_empty() => command.flag("--claims", true),
            Some(names) => command.word("--claims", &names.join(",")),
            None => {}
        }
        self.groups.iter().for_each(|text| command.word("--group", text));
        command.flag("--pairs", self.pairs);
        command.word("--rows", &self.rows.unwrap_or(Sensitivity::ROWS).to_string());
        command.word("--runs", &self.runs.unwrap_or(Sensitivity::RUNS).to_string());
        if let Some(width) = self.until {
            command.word("--until", &width.to_string());
            let budget = self.budget.unwrap_or(Sensitivity::BUDGET);
            command.word("--budget", &budget.to_string());
        }
        command.word("--seed", &self.seed.0.to_string());
        self.rounds.iter().for_each(|rounds| command.word("--rounds", &rounds.to_string()));
        self.set.iter().for_each(|(key, value)| command.word("--set", &format!("{key}={value}")));
        command.text()
    }
}

impl Scenario {
    /// Finds out which assumption matters.
    ///
    /// # Errors
    /// Those of [`Scenario::sensitivity_of`] and [`Prepared::play`].
    pub fn sensitivity(&self, request: &Sensitivity) -> Result<Sensitivities, Error> {
        self.sensitivity_of(request, &Unwatched)?.play(&Unwatched)
    }

    /// What a request means for this scenario, ready to be played.
    ///
    /// # Errors
    /// [`Error::Unknown`], [`Error::Request`] or [`Error::Diagnostics`] if what is asked for does
    /// not fit the scenario, [`Error::Play`] if it takes too much memory.
    pub fn sensitivity_of(
        &self,
        request: &Sensitivity,
        watch: &dyn Progress,
    ) -> Result<Prepared<'_>, Error> {
        let rows = request.rows.unwrap_or(Sensitivity::ROWS);
        let runs = request.runs.unwrap_or(Sensitivity::RUNS);
        let budget = request.budget.unwrap_or(Sensitivity::BUDGET);
        let limits = [
            (Limit { what: "budget", least: 1, most: Sensitivity::MOST_BUDGET }, budget),
            (Limit { what: "rows", least: 2, most: Sensitivity::MOST_ROWS }, rows),
            (Limit { what: "runs", least: 2, most: Sensitivity::MOST_RUNS }, runs),
        ];
        for (limit, number) in limits {
            limit.check(number).map_err(Error::Request)?;
        }
        if let Some(width) = request.until.filter(|width| !(*width > 0.0 && *width < 1.0)) {
            let text =
                format!("the width of an interval of a share is above 0 and below 1, not {width}");
            return Err(Error::Request(text));
        }
        prepared::prepare(self, request, (rows, runs), watch)
    }

    /// The space of a request, and what holds in all of it.
    fn space_of(&self, request: &Sensitivity) -> Result<Space<'_>, Error> {
        let model = self.model();
        let fixed = super::settings(model, &request.set)?;
        let (mut vary, mut uncertain) = (request.vary.clone(), request.uncertain);
        if let Some(name) = &request.experiment {
            let experiment = self.experiment(name)?;
            vary.splice(0..0, experiment.vary.iter().cloned());
            uncertain |= experiment.uncertain;
        } else if vary.is_empty() {
            uncertain = true;
        }
        let space = Space::new(model, &vary, uncertain, &fixed).map_err(|faults| {
            let list: Vec<String> =
                faults.iter().map(|f| format!("`{}`: {}", f.text, f.diagnostic.message)).collect();
            Error::Fault(format!("this cannot be varied: {}", list.join("; ")))
        })?;
        match space.axes().is_empty() {
            true => Err(Error::Request(format!(
                "nothing of `{}` varies: give numbers a range (`range = [0, 1]`) or name something \
                 with --vary",
                self.name()
            ))),
            false => Ok(space),
        }
    }

    /// The claims of a request.
    fn claims_of(&self, request: &Sensitivity) -> Result<Linear<'_>, Error> {
        let model = self.model();
        let numbers: Vec<usize> = match &request.claims {
            None => Vec::new(),
            Some(names) if names.is_empty() => (0..model.claims.len()).collect(),
            Some(names) => {
                let known = || model.claims.iter().map(|claim| claim.name.as_str());
                let number =
                    |name: &String| self.number(("claim", "its claims are"), name, known());
                names.iter().map(number).collect::<Result<_, _>>()?
            }
        };
        if request.claims.is_some() && numbers.is_empty() {
            return Err(Error::Request(format!("`{}` makes no claims", self.name())));
        }
        let linear = Linear::new(model, &numbers);
        let named = request.claims.as_ref().is_some_and(|names| !names.is_empty());
        match linear.refused().first() {
            Some((claim, why)) if named => {
                let name = &model.claims[*claim].name;
                Err(Error::Request(format!("claim `{name}` cannot be shared out: {why}")))
            }
            _ => Ok(linear),
        }
    }
}

/// Why playing ended.
fn play_error(error: PlanError) -> Error {
    match error {
        PlanError::Stopped => {
            Error::Stopped("stopped before two rows were finished; nothing is known yet".into())
        }
        error => Error::Play(experiment::Error::Plan(error)),
    }
}
