//! What follows from a history.

use super::evidence::command_of;
use super::{Error, Scenario};
use crate::diagnostic::Diagnostics;
use crate::evidence::{self, Ahead, Foreseen, Likelihood, Settings};
use crate::experiment::{self, BlockSink, Memory, Progress, Report, RunSpec, Unwatched};
use crate::history::{Case, History};
use crate::model::Arm;
use crate::output::{CommandLine, Folder};
use crate::plan::{Budget, Plan, Reach};
use crate::record::Block;
use crate::summary::{Clusters, Results};

/// How to forecast from a history. Checked when it is used.
#[derive(Debug, Clone, Default)]
pub struct Forecast {
    filter: Settings,
    variants: Vec<String>,
    all_variants: bool,
    then: Vec<String>,
    after: Option<u32>,
    known_series: bool,
    no_per_run: bool,
    set: Vec<(String, String)>,
    threads: Option<usize>,
    memory: Memory,
}

notes! { Forecast: variants particles set threads memory;
    /// The last round that is known, instead of that of the history.
    after(round: u32) { after = Some(round) }

    /// Uses what series say of rounds that are not known yet, instead of their last value.
    known_series() { known_series = true }

    /// Leaves out `outcomes.csv`, which has a row for each particle.
    no_per_run() { no_per_run = true }
}

impl Forecast {
    /// The scenario as it is, 4 filters of 1,000 particles, from the end of the history.
    pub fn new() -> Forecast {
        Forecast::default()
    }

    /// Forecasts with this variant too, in force from the next round on. Its arm is called
    /// `then:VARIANT`.
    #[must_use]
    pub fn then(mut self, variant: impl Into<String>) -> Self {
        self.then.push(variant.into());
        self
    }

    fn command(&self, scenario: &str, history: &History) -> String {
        let mut command = CommandLine::new("forecast", scenario);
        command_of(&mut command, history, &self.filter);
        self.after.iter().for_each(|round| command.word("--after", &round.to_string()));
        command.flag("--all-variants", self.all_variants);
        self.variants.iter().for_each(|name| command.word("--variant", name));
        self.then.iter().for_each(|name| command.word("--then", name));
        command.flag("--known-series", self.known_series);
        command.flag("--no-per-run", self.no_per_run);
        self.set.iter().for_each(|(key, value)| command.word("--set", &format!("{key}={value}")));
        command.text()
    }
}

/// A forecast.
#[derive(Debug)]
pub struct Forecasts {
    /// Estimates as of runs: particles are runs.
    pub report: Report,
    /// By arm, how likely the history up to there is.
    pub likelihoods: Vec<Likelihood>,
    /// The last round that was known.
    pub after: u32,
    /// The greatest number of rounds of any arm.
    pub rounds: u32,
}

/// Which arms are filtered and played on.
struct Arms {
    /// Filtered as the first, played on as the second.
    pairs: Vec<(Arm, Arm)>,
    after: u32,
}

impl Scenario {
    /// Forecasts from a history of one case.
    ///
    /// # Errors
    /// Those of [`Scenario::forecast_into`].
    pub fn forecast(&self, history: &History, request: &Forecast) -> Result<Forecasts, Error> {
        self.forecast_into(history, request, None, &Unwatched)
    }

    /// The same while somebody looks on, with the files of `detente run` written into a folder.
    ///
    /// # Errors
    /// [`Error::Unknown`], [`Error::Request`] or [`Error::Diagnostics`] if what is asked for does
    /// not fit the scenario, or a record is impossible; [`Error::Evidence`] if it takes too much or
    /// was stopped; [`Error::Output`] if a file cannot be written.
    pub fn forecast_into(
        &self,
        history: &History,
        request: &Forecast,
        folder: Option<Folder>,
        watch: &dyn Progress,
    ) -> Result<Forecasts, Error> {
        let case = only(history)?;
        let dated = self.dated(history)?;
        let Arms { pairs, after } = dated.forecast_arms(case, history, request)?;
        let rounds = |arm: &Arm| arm.rounds.max(case.rounds);
        let arms = pairs.iter().map(|(_, then)| Arm { rounds: rounds(then), ..then.clone() });
        let arms: Vec<Arm> = arms.collect();
        let runs = (request.filter.particles * request.filter.filters) as u64;
        let spec = dated.forecast_spec(arms, runs, request);
        spec.admit().map_err(experiment::Error::from)?;
        let layout = spec.layout();
        let ahead = Ahead::new(dated.model(), after, request.known_series);
        let around = (&request.filter, request.threads, request.memory);
        let (foreseen, reach) = dated.weighed(history, around, watch, |weigh| {
            let each = pairs
                .iter()
                .map(|(arm, then)| evidence::forecast(weigh, (case, &layout), &ahead, (arm, then)));
            let foreseen = each.collect::<Result<Vec<Foreseen>, _>>()?;
            let empty = history.cases[0].seen.iter().all(|seen| seen.is_empty());
            let reach = if empty { dated.reaches(&spec, weigh.room)? } else { Vec::new() };
            Ok((foreseen, reach))
        })?;
        if let Some(wrong) = self.not_foreseen(history, &foreseen) {
            return Err(Error::Diagnostics(wrong));
        }
        let of: Vec<Vec<usize>> = foreseen.iter().map(|one| one.filters.clone()).collect();
        let (likelihoods, mut blocks): (Vec<Likelihood>, Vec<Vec<Block>>) =
            foreseen.into_iter().map(|one| (one.likelihood, one.blocks)).unzip();
        // particles of one filter are no independent runs
        let shared = of.iter().all(|of| !of.is_empty());
        let around = (request.filter.filters, spec.versus);
        let clusters = shared.then(|| Clusters::new(&layout, &blocks, &of, around));
        let amend = |results: &mut Results| {
            clusters.iter().for_each(|clusters| clusters.amend(results));
        };
        let mut folder = folder;
        let report = experiment::run_with(&spec, folder.as_mut(), &amend, |_, _, mut keep| {
            if !reach.is_empty() {
                keep.planned(&reach);
            }
            let mut together: Vec<Vec<Block>> = Vec::new();
            for (arm, blocks) in blocks.iter_mut().enumerate() {
                keep.rounds(arm, &blocks.iter().collect::<Vec<_>>())?;
                together.resize_with(blocks.len(), Vec::new);
                for (arms, mut block) in together.iter_mut().zip(blocks.drain(..)) {
                    block.forget_rounds();
                    arms.push(block);
                }
            }
            keep.runs(&together)?;
            Ok(false)
        })?;
        if let Some(mut folder) = folder {
            self.keep_evidence(&mut folder, history)?;
            let command = request.command(self.name(), history);
            let mut notes = report.notes.clone();
            notes.push(("history".to_string(), history.title.clone()));
            notes.push(("after".to_string(), after.to_string()));
            folder.finish(&self.provenance((request.filter.seed.0, runs), command, notes))?;
        }
        let rounds = spec.arms.iter().map(|arm| arm.rounds).max().unwrap_or(0);
        Ok(Forecasts { report, likelihoods, after, rounds })
    }

    /// How much a watch is told to have advanced over a whole [`Scenario::forecast_into`].
    ///
    /// # Errors
    /// Those of [`Scenario::forecast_into`].
    pub fn forecast_work(&self, history: &History, request: &Forecast) -> Result<u64, Error> {
        let case = only(history)?;
        let Arms { pairs, .. } = self.forecast_arms(case, history, request)?;
        let rounds = pairs.iter().map(|(_, then)| u64::from(then.rounds.max(case.rounds)));
        let runs = request.filter.particles.saturating_mul(request.filter.filters) as u64;
        Ok(runs.saturating_mul(rounds.sum()))
    }

    fn forecast_arms(
        &self,
        case: &Case,
        history: &History,
        request: &Forecast,
    ) -> Result<Arms, Error> {
        let after = request.after.unwrap_or(case.rounds);
        if after > case.rounds {
            let (label, rounds) = (&history.label, case.rounds);
            let text = format!("`{label}` reaches round {rounds}; --after can be 0 to {rounds}");
            return Err(Error::Request(text));
        }
        if request.known_series && self.model().series.is_empty() {
            let text = "the scenario has no series: leave --known-series away";
            return Err(Error::Request(text.to_string()));
        }
        let (arms, _) = self.arms((&request.variants, request.all_variants), &request.set)?;
        let (then, _) = self.arms((&request.then, false), &request.set)?;
        let base = arms[0].clone();
        let mut pairs: Vec<(Arm, Arm)> = arms.into_iter().map(|arm| (arm.clone(), arm)).collect();
        pairs.extend(then.into_iter().skip(1).map(|arm| {
            let name = format!("then:{}", arm.name);
            (base.clone(), Arm { name, ..arm })
        }));
        Ok(Arms { pairs, after })
    }

    /// The tables of a run of so many particles.
    fn forecast_spec(&self, arms: Vec<Arm>, runs: u64, request: &Forecast) -> RunSpec<'_> {
        RunSpec {
            model: self.model(),
            source: self.text(),
            arms,
            versus: 0,
            runs,
            seed: request.filter.seed,
            independent: false,
            per_run: !request.no_per_run,
            panel: None,
            threads: request.threads,
            plain: request.filter.plain,
            budget: request.memory.into(),
        }
    }

    /// What can reach outcomes, by arm, where nothing is conditioned on.
    fn reaches(&self, spec: &RunSpec, bytes: u64) -> Result<Vec<Vec<Reach>>, Error> {
        let budget = Budget { bytes, stop: &|| false };
        let plans = spec.arms.iter().map(|arm| Plan::with_reach(self.model(), arm, budget));
        let plans = plans.collect::<Result<Vec<Plan>, _>>().map_err(experiment::Error::Plan)?;
        Ok(plans.iter().map(Plan::reach).collect())
    }

    /// Why an arm has no forecast.
    fn not_foreseen(&self, history: &History, foreseen: &[Foreseen]) -> Option<Diagnostics> {
        let blame = foreseen.iter().find_map(|one| one.likelihood.blame.as_ref())?;
        Some(self.impossible(history, 0, blame))
    }
}

/// The case of a history that has one.
fn only(history: &History) -> Result<&Case, Error> {
    match history.cases.as_slice() {
        [case] => Ok(case),
        cases => {
            let names: Vec<&str> = cases.iter().map(|case| case.name.as_str()).collect();
            let (label, names) = (&history.label, names.join(", "));
            Err(Error::Request(format!(
                "a forecast goes on from one history, and `{label}` holds several: {names}; put \
                 the one that you want into files of its own"
            )))
        }
    }
}
