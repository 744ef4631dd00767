//! Runs in tiers, and what came of each.

use serde::Serialize;

use super::ask::Means;
use super::{Ask, Explorer, Opened};
use crate::api::{Error, Scenario};
use crate::claims::{self, Audience};
use crate::experiment::{self, KeptPlans, Progress, RunSpec};
use crate::figure::{self, About, Figure, Source, Wanted};
use crate::model::Model;
use crate::summary::Taken;
use crate::view::claims::{Claim, MadeBy, Page as ClaimsPage};
use crate::view::run::{Files, Page, Shown};

/// Who is told of a replay; asked and told from several threads.
pub trait Listener: Sync {
    /// What came of a tier; frames come in order.
    fn frame(&self, frame: Frame);

    /// Whether nobody wants more; asked many times a second.
    fn stop(&self) -> bool;

    /// So many more runs of an arm are done.
    fn advanced(&self, _: u64) {}
}

/// What came of a tier.
#[derive(Debug, Serialize)]
#[serde(tag = "frame", rename_all = "snake_case")]
pub enum Frame {
    /// Outcomes of all arms.
    Outcomes {
        /// Runs of each arm.
        runs: u64,
        /// Estimates by arm, then outcome.
        page: Page,
        /// What is drawn of them.
        figures: Vec<Drawn>,
        /// The command that gives the same numbers.
        command: String,
    },
    /// What the edit of the text changes: outcomes that both texts have.
    Edited {
        /// Runs of each text.
        runs: u64,
        /// Estimates of the text as loaded, called `against`, and of the edited one.
        page: Page,
    },
    /// Claims of the text under the settings.
    Claims {
        /// Runs of each arm.
        runs: u64,
        /// In the order of the file.
        claims: Vec<Judged>,
        /// What is drawn of them.
        figures: Vec<Drawn>,
    },
    /// Nothing more comes.
    Done,
}

/// A figure.
#[derive(Debug, Serialize)]
pub struct Drawn {
    /// Its name.
    pub name: &'static str,
    /// What it shows.
    pub title: String,
    /// The figure, for a page that has [`crate::figure::STYLE`].
    pub svg: String,
}

impl From<&Figure> for Drawn {
    fn from(figure: &Figure) -> Drawn {
        let svg = figure.inline().to_string();
        Drawn { name: figure.name, title: figure.title.clone(), svg }
    }
}

/// A claim and how it came out.
#[derive(Debug, Serialize)]
pub struct Judged {
    /// Its name.
    pub name: String,
    /// The statement in plain words.
    pub says: String,
    /// The test as it is written; empty without one.
    pub test: String,
    /// How it came out.
    pub verdict: &'static str,
    /// Why it is unchecked or inconclusive, and what else to know; may be empty.
    pub reason: String,
    /// The statistic that is compared, with the ends of its interval.
    pub statistic: [f64; 3],
    /// The sign by which it is compared.
    pub comparison: String,
    /// With what.
    pub threshold: f64,
    /// The statistic if every seat plays at random.
    pub placebo: f64,
    /// The verdict then; none for a claim without a test.
    pub placebo_verdict: Option<&'static str>,
}

/// A model and the plans of its arms.
type Shelf<'a> = (&'a Model, &'a KeptPlans);

/// Hands a listener to those who play, with the plans that are kept.
pub(super) struct Watch<'a> {
    listener: &'a dyn Listener,
    shelves: [Shelf<'a>; 2],
}

impl<'a> Watch<'a> {
    pub fn new(listener: &'a dyn Listener, texts: [&'a Opened; 2]) -> Watch<'a> {
        Watch { listener, shelves: texts.map(|text| (text.scenario.model(), &text.plans)) }
    }
}

/// Nobody is told, and somebody may say stop.
pub(super) struct Quiet<'a>(pub &'a (dyn Fn() -> bool + Sync));

impl Listener for Quiet<'_> {
    fn frame(&self, _: Frame) {}

    fn stop(&self) -> bool {
        (self.0)()
    }
}

impl Progress for Watch<'_> {
    fn advanced(&self, runs: u64) {
        self.listener.advanced(runs);
    }

    fn stop(&self) -> bool {
        self.listener.stop()
    }

    fn plans(&self, model: &Model) -> Option<&KeptPlans> {
        let own = self.shelves.iter().find(|(known, _)| std::ptr::eq(*known, model));
        own.map(|(_, plans)| *plans)
    }
}

impl Audience for Watch<'_> {
    fn expects(&self, _: u64) {}
}

impl Explorer {
    /// Plays what is asked for and tells the listener what came of each tier: outcomes of all tiers
    /// before claims, which play more arms. If it is told to stop, nothing more
    /// comes.
    ///
    /// # Errors
    /// Those of [`Scenario::run`] and [`Scenario::claims`].
    pub fn replay(&self, ask: &Ask, listener: &dyn Listener) -> Result<(), Error> {
        let opened = self.open(ask)?;
        let watch = Watch::new(listener, [&opened, &self.loaded]);
        for runs in self.tiers {
            self.outcomes(ask, &opened.scenario, runs, &watch)?;
        }
        for runs in self.tiers {
            self.claims(ask, &opened.scenario, runs, &watch)?;
        }
        if !listener.stop() {
            listener.frame(Frame::Done);
        }
        Ok(())
    }

    pub(super) fn means(&self) -> Means {
        Means { threads: self.threads, memory: self.memory, seed: self.seed }
    }

    /// Outcomes of so many runs of all arms, and what an edit changes.
    fn outcomes(
        &self,
        ask: &Ask,
        scenario: &Scenario,
        runs: u64,
        watch: &Watch,
    ) -> Result<(), Error> {
        if watch.stop() {
            return Ok(());
        }
        let spec = ask.spec(scenario, runs, self.means())?;
        let (report, tables) = experiment::run_tables(&spec, watch)?;
        if report.interrupted || watch.stop() {
            return Ok(());
        }
        let page = shown(&report, &spec);
        let about = self.about(scenario, runs);
        let wanted = Wanted { outcomes: ask.outcomes.clone(), ..Wanted::default() };
        let figures = figure::all(&Source { about, tables }, &wanted);
        let figures = figures.iter().map(Drawn::from).collect();
        let command = ask.run(runs, self.means()).command(&self.name_in_commands());
        watch.listener.frame(Frame::Outcomes { runs, page, figures, command });
        if ask.edit.is_none() {
            return Ok(());
        }
        let before = Ask::default().spec(&self.loaded.scenario, runs, self.means())?;
        let mut now = spec;
        now.arms.truncate(1);
        now.versus = 0;
        let (report, shared) = experiment::against(&now, &before, None, watch)?;
        if report.interrupted || watch.stop() || shared.outcomes.is_empty() {
            return Ok(());
        }
        let page = shown(&report, &now).against(self.loaded.scenario.name(), shared);
        watch.listener.frame(Frame::Edited { runs, page });
        Ok(())
    }

    fn claims(
        &self,
        ask: &Ask,
        scenario: &Scenario,
        runs: u64,
        watch: &Watch,
    ) -> Result<(), Error> {
        if scenario.model().claims.is_empty() || watch.stop() {
            return Ok(());
        }
        let spec = ask.claims(scenario, runs, self.means())?;
        let report = match claims::judge(&spec, watch) {
            Err(claims::Error::Stopped) => return Ok(()),
            Err(claims::Error::Arm(list)) => {
                return Err(Error::Diagnostics(scenario.diagnostics(list)));
            }
            found => found?,
        };
        let table = claims::tables::claims(scenario.model(), &report);
        let made_by = MadeBy {
            name: scenario.name().to_string(),
            title: String::new(),
            seed: self.seed.0,
            runs,
            command: String::new(),
            notes: Vec::new(),
        };
        let tables = vec![table.map_err(experiment::Error::from)?];
        let page = ClaimsPage::of(made_by, &tables);
        let claims = page.claims.into_iter().map(judged).collect();
        let source = Source { about: self.about(scenario, runs), tables };
        let figures = figure::all(&source, &Wanted::default());
        let figures = figures.iter().map(Drawn::from).collect();
        watch.listener.frame(Frame::Claims { runs, claims, figures });
        Ok(())
    }

    /// What figures say of where they are from.
    pub(super) fn about(&self, scenario: &Scenario, runs: u64) -> About {
        let title = scenario.model().about.title.clone();
        About { scenario: scenario.name().to_string(), title, seed: self.seed.0, runs }
    }

    /// The scenario as commands name it.
    pub(super) fn name_in_commands(&self) -> String {
        self.label.strip_prefix("shipped:").unwrap_or(&self.label).to_string()
    }
}

/// All outcomes of finished runs.
fn shown(report: &experiment::Report, spec: &RunSpec) -> Page {
    let own = report.results.outcomes.iter().enumerate();
    let own = own.filter(|(_, scale)| matches!(scale.taken, Taken::AsItIs(_)));
    let all = Shown {
        outcomes: own.map(|(number, _)| number).collect(),
        seed: spec.seed.0,
        rounds: spec.arms.iter().map(|arm| arm.rounds).max().unwrap_or(0),
        files: Files::Nothing,
    };
    Page::of(spec.model, report, &all)
}

fn judged(claim: Claim) -> Judged {
    let Claim { statistic, .. } = &claim;
    Judged {
        statistic: [statistic.value, statistic.lo, statistic.hi],
        verdict: claim.verdict.word(),
        placebo_verdict: claim.placebo_verdict.map(|verdict| verdict.word()),
        placebo: claim.placebo,
        threshold: claim.threshold,
        comparison: claim.comparison,
        reason: claim.reason,
        name: claim.name,
        says: claim.says,
        test: claim.test,
    }
}
