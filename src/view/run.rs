//! Finished runs: what `run` prints of them, arm by arm.

use serde::{Serialize, Serializer};

use crate::experiment::{Mixed, Mixture, Report};
use crate::model::Model;
use crate::summary::{ArmResult, OutcomeScale, Taken};

pub use crate::experiment::Shared;
pub use crate::stats::{Interval, Method};
pub use crate::summary::Difference;

/// What is to be shown.
#[derive(Debug)]
pub struct Shown {
    /// Outcomes by number among those of the results, in this order.
    pub outcomes: Vec<usize>,
    /// The seed.
    pub seed: u64,
    /// The greatest number of rounds of any arm.
    pub rounds: u32,
    /// What is written.
    pub files: Files,
}

/// Which files hold what is not shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Files {
    /// None.
    Nothing,
    /// The estimates.
    Estimates,
    /// The estimates and every run.
    EveryRun,
}

/// Finished runs as they are shown.
#[derive(Debug, Serialize)]
pub struct Page {
    /// The scenario's name.
    pub name: String,
    /// Its title; may be empty.
    pub title: String,
    /// What a round is called.
    pub round: String,
    /// The greatest number of rounds of any arm.
    pub rounds: u32,
    /// Runs of each arm.
    pub runs: u64,
    /// The seed.
    pub seed: u64,
    /// The arm that others are compared with.
    pub versus: String,
    /// The arms, each with the same lines.
    pub arms: Vec<Arm>,
    /// How many outcomes of the scenario are not among the lines.
    pub unseen: usize,
    /// Which files hold them.
    #[serde(skip)]
    pub files: Files,
    /// Lines whose outcomes have titles: name and title.
    #[serde(serialize_with = "pairs")]
    pub legend: Vec<(String, String)>,
    /// What a reader has to know.
    pub notes: Vec<Note>,
    /// The same outcomes over other numbers, where that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uncertain: Option<Uncertain>,
}

/// Outcomes at these numbers beside those over others.
#[derive(Debug, Serialize)]
pub struct Uncertain {
    /// How many points of other numbers there are.
    pub points: u64,
    /// How many runs of each arm at each.
    pub runs: u64,
    /// How many runs failed or could not be played.
    pub failed: u64,
    /// Whether the points are draws from a file instead of the declared ranges.
    pub drawn: bool,
    /// By arm: its name and its outcomes.
    #[serde(serialize_with = "pairs")]
    pub arms: Vec<(String, Vec<Side>)>,
}

/// An outcome at these numbers and over others.
#[derive(Debug, Serialize)]
pub struct Side {
    /// Its name.
    pub name: String,
    /// At these numbers: the mean, its interval, the standard deviation.
    pub here: (f64, (f64, f64), f64),
    /// Over other numbers: the mean and its interval.
    pub mean: f64,
    /// The 95 % interval of the mean.
    pub interval: (f64, f64),
    /// The standard deviation over assumptions and luck.
    pub sd: f64,
    /// The quantiles 0.05, 0.25, 0.5, 0.75, 0.95.
    pub quantiles: [f64; 5],
    /// The share of the variance that assumptions make; none where nothing varies.
    pub assumptions: Option<f64>,
}

/// An arm.
#[derive(Debug, Serialize)]
pub struct Arm {
    /// `base` or the name of the variant.
    pub name: String,
    /// The variant's title; may be empty.
    pub title: String,
    /// Whether it is compared with another.
    pub compared: bool,
    /// What was measured.
    pub lines: Vec<Line>,
}

/// An outcome of an arm.
#[derive(Debug, Serialize)]
pub struct Line {
    /// Its name.
    pub name: String,
    /// Its estimates; none if no run has a value.
    pub estimates: Option<Estimates>,
}

/// What runs say of an outcome.
#[derive(Debug, Serialize)]
pub struct Estimates {
    /// The mean.
    pub mean: f64,
    /// Its 95 % interval.
    pub interval: Interval,
    /// Compared with the other arm, run by run.
    pub difference: Option<Difference>,
    /// The quantiles at 0.25, 0.5 and 0.75.
    pub quartiles: [f64; 3],
    /// Counts in the bins that all arms share.
    pub histogram: Vec<u64>,
}

/// What a reader of the tables has to know.
#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Note {
    /// An outcome has no value in some runs.
    Empty {
        /// The outcome.
        outcome: String,
        /// By arm: its name and in how many runs.
        #[serde(serialize_with = "pairs")]
        arms: Vec<(String, u64)>,
    },
    /// Some differences compare only runs in which both arms have a value.
    Pairs {
        /// The outcomes that are empty in some runs.
        conditional: Vec<String>,
        /// Whether some runs failed.
        failed: bool,
    },
    /// So many times a probability of an event was moved into \[0, 1\].
    Clamped(u64),
    /// Another scenario is one of the arms.
    Against {
        /// Its name.
        scenario: String,
        /// What both have and what one has alone.
        shared: Shared,
    },
    /// What was found of equilibria without a last round.
    Stationary(String),
    /// Equilibrium play did not converge.
    Unconverged {
        /// In how many rounds.
        rounds: u64,
        /// The greatest residual.
        residual: f64,
    },
}

/// Pairs as an object.
fn pairs<V: Serialize, S: Serializer>(list: &[(String, V)], to: S) -> Result<S::Ok, S::Error> {
    to.collect_map(list.iter().map(|(name, value)| (name, value)))
}

impl Page {
    /// What is shown of finished runs.
    pub fn of(model: &Model, report: &Report, shown: &Shown) -> Page {
        let about = &model.about;
        let lines = lines(report, shown);
        let results = &report.results;
        let versus = results.arms.get(results.versus).map_or("base", |arm| arm.name.as_str());
        let arms = results.arms.iter().enumerate().map(|(number, arm)| Arm {
            name: arm.name.clone(),
            title: model.variant(&arm.name).map_or(String::new(), |v| v.title.clone()),
            compared: number != results.versus,
            lines: lines.iter().filter_map(|number| line(report, arm, *number)).collect(),
        });
        let scales = results.outcomes.iter().enumerate();
        let own = scales.filter(|(_, scale)| matches!(scale.taken, Taken::AsItIs(_)));
        let titled = lines.iter().filter_map(|number| {
            let (scale, title) = (results.outcomes.get(*number)?, report.titles.get(*number)?);
            (!title.is_empty()).then(|| (scale.name.clone(), title.clone()))
        });
        Page {
            name: about.name.clone(),
            title: about.title.clone(),
            round: if about.round.is_empty() { "round".to_string() } else { about.round.clone() },
            rounds: shown.rounds,
            runs: report.runs,
            seed: shown.seed,
            versus: versus.to_string(),
            arms: arms.collect(),
            unseen: own.filter(|(number, _)| !shown.outcomes.contains(number)).count(),
            files: shown.files,
            legend: titled.collect(),
            notes: notes(report, &lines),
            uncertain: None,
        }
    }
}

impl Page {
    /// The same where one arm is another scenario of this name.
    #[must_use]
    pub fn against(mut self, scenario: &str, shared: Shared) -> Page {
        self.notes.insert(0, Note::Against { scenario: scenario.to_string(), shared });
        self
    }
}

impl Page {
    /// The same beside what follows from other numbers; `drawn` if these are from a file.
    #[must_use]
    pub fn beside(mut self, report: &Report, mixture: &Mixture, drawn: bool) -> Page {
        let of = |(arm, (name, mixed)): (&ArmResult, &(String, Vec<Mixed>))| {
            let shown = mixture.outcomes.iter().enumerate().filter(|(_, outcome)| {
                let mut lines = self.arms.iter().flat_map(|arm| &arm.lines);
                lines.any(|line| line.name == **outcome)
            });
            let side = |(number, outcome): (usize, &String)| {
                let (found, mixed) = (arm.outcomes.get(number)?, mixed.get(number)?);
                Some(Side {
                    name: outcome.clone(),
                    here: (found.mean, (found.interval.lo, found.interval.hi), found.sd),
                    mean: mixed.mean,
                    interval: mixed.interval,
                    sd: mixed.sd,
                    quantiles: mixed.quantiles,
                    assumptions: Some(mixed.assumptions).filter(|share| share.is_finite()),
                })
            };
            (name.clone(), shown.filter_map(side).collect())
        };
        let arms = report.results.arms.iter().zip(&mixture.arms).map(of).collect();
        let Mixture { points, runs, failed, .. } = *mixture;
        self.uncertain = Some(Uncertain { points, runs, failed, drawn, arms });
        self
    }
}

/// The outcomes of the tables' lines by number. Where a `first` has no value in some run of some
/// arm, two lines follow it that lose no run.
fn lines(report: &Report, shown: &Shown) -> Vec<usize> {
    let mut lines = Vec::with_capacity(shown.outcomes.len());
    for number in shown.outcomes.iter().copied() {
        lines.push(number);
        if empty(report, number).next().is_some() {
            let made = |scale: &OutcomeScale| match scale.taken {
                Taken::AsItIs(_) => false,
                Taken::Ever(of) | Taken::Restricted(of) => of == number,
            };
            let scales = report.results.outcomes.iter().enumerate();
            let more = scales.filter(|(_, scale)| made(scale)).map(|(number, _)| number);
            lines.extend(more.filter(|number| !shown.outcomes.contains(number)));
        }
    }
    lines
}

/// The arms in which an outcome has no value in some runs that did not fail, and in how many.
fn empty(report: &Report, number: usize) -> impl Iterator<Item = (&str, u64)> {
    report.results.arms.iter().filter_map(move |arm| {
        // failed runs are reported on their own
        let left = arm.outcomes.get(number)?.left_out.saturating_sub(arm.failed);
        (left > 0).then_some((arm.name.as_str(), left))
    })
}

fn line(report: &Report, arm: &ArmResult, number: usize) -> Option<Line> {
    let (scale, found) = (report.results.outcomes.get(number)?, arm.outcomes.get(number)?);
    let estimates = (found.n > 0).then(|| Estimates {
        mean: found.mean,
        interval: found.interval,
        difference: found.difference,
        quartiles: [found.q25, found.median, found.q75],
        histogram: found.histogram.clone(),
    });
    Some(Line { name: scale.name.clone(), estimates })
}

fn notes(report: &Report, lines: &[usize]) -> Vec<Note> {
    let mut notes = Vec::new();
    let results = &report.results;
    let mut conditional = Vec::new();
    for number in lines.iter().copied() {
        let Some(scale) = results.outcomes.get(number) else { continue };
        let arms = empty(report, number).map(|(arm, left)| (arm.to_string(), left));
        let arms: Vec<(String, u64)> = arms.collect();
        if !arms.is_empty() {
            notes.push(Note::Empty { outcome: scale.name.clone(), arms });
            conditional.push(scale.name.clone());
        }
    }
    let some = |number: &usize| {
        let differences =
            results.arms.iter().filter_map(|arm| arm.outcomes.get(*number)?.difference);
        differences.into_iter().any(|found| found.n > 0 && found.left_out > 0)
    };
    if lines.iter().any(some) {
        notes.push(Note::Pairs { conditional, failed: report.failed > 0 });
    }
    if report.clamped > 0 {
        notes.push(Note::Clamped(report.clamped));
    }
    let found = report.notes.iter().filter(|(name, _)| name == "stationary");
    notes.extend(found.map(|(_, text)| Note::Stationary(text.clone())));
    if report.unconverged > 0 {
        notes.push(Note::Unconverged { rounds: report.unconverged, residual: report.residual });
    }
    notes
}
