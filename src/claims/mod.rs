//! Claims put to the test: verdicts with intervals, beside those of the placebo.
//!
//! [`judge`] plays every arm that the tests of a scenario name, all with the same random numbers,
//! takes the statistics of its claims run by run, and bootstraps them: one set of resamples for all
//! claims, so that whatever is compared is paired. It does the same in the *placebo*, where every
//! seat plays at random and everything else is left as it is. [`switches`] asks which claims move
//! when a setting changes, [`robust()`] in which share of the declared ranges each claim holds.
//!
//! Files are made by [`tables`]; `docs/method.md` has the formulas and their sources.

mod bootstrap;
mod column;
mod linear;
mod matter;
mod need;
mod program;
mod reading;
mod robust;
mod switches;
pub mod tables;
mod verdict;
mod worlds;

use serde::Serialize;
use std::fmt;

pub use crate::experiment::Audience;
pub use linear::{ArmMaker, Linear};
pub use need::admit;
pub use program::STEPS;
pub use reading::{Estimate, Reading};
pub use robust::{
    BUDGET, Carried, Carrier, NAMED, PointReading, Region, RegionLimit, Robust, RobustReport,
    robust, robust_runs,
};
pub use switches::{Moved, Switch, SwitchReport, switches};
pub use verdict::{ALPHA, Member, Verdict, holm};

use crate::design::DesignError;
use crate::diagnostic::Diagnostic;
use crate::experiment::{self, Budget, FailureReport, Memory, Need, RunSpec};
use crate::expr::Comparison;
use crate::model::limits::RUNS;
use crate::model::{Arm, ClaimTest, Model, Override};
use crate::rng::Seed;
use crate::stats::bundle;
use crate::summary::resamples;
use bootstrap::{Taken, taken};
use program::{Program, Question};
use worlds::{FailureLog, Worlds};

/// A verdict rests on at least so many runs: a bootstrap of fewer is no interval.
pub const LEAST_RUNS: u64 = 20;

/// A search for precision doubles the runs at most so many times.
pub const MAX_DOUBLINGS: u32 = 6;

/// What to judge, and with how many runs.
#[derive(Debug, Clone)]
pub struct Spec<'a> {
    /// The scenario.
    pub model: &'a Model,
    /// Its text, for the places of failures.
    pub source: &'a str,
    /// The claims, by number in the model.
    pub claims: Vec<usize>,
    /// What is set in every arm.
    pub set: Vec<Override>,
    /// Rounds of a run, instead of those of the file.
    pub rounds: Option<u32>,
    /// How many runs of each arm.
    pub runs: u64,
    /// Where random numbers come from.
    pub seed: Seed,
    /// Whether arms have random numbers of their own instead of sharing them run by run; placebo
    /// and switches share those of their arm in any case.
    pub independent: bool,
    /// How many threads; all cores if absent.
    pub threads: Option<usize>,
    /// Whether verdicts are adjusted for the number of claims: see [`holm`].
    pub family_wise: bool,
    /// Runs are doubled until every interval is decided or narrower.
    pub precision: Option<f64>,
    /// How much memory may be taken. Results do not depend on it.
    pub memory: Memory,
}

impl<'a> Spec<'a> {
    /// These arms played for their outcomes, where so much is taken beside.
    fn playing(&self, arms: Vec<Arm>, beside: Need) -> RunSpec<'a> {
        RunSpec {
            model: self.model,
            source: self.source,
            arms,
            runs: self.runs,
            seed: self.seed,
            independent: self.independent,
            per_run: false,
            panel: None,
            threads: self.threads,
            versus: 0,
            plain: false,
            budget: Budget { memory: self.memory, beside },
        }
    }
}

/// Why claims could not be judged.
#[derive(Debug)]
pub enum Error {
    /// An arm cannot be played as it is set.
    Arm(Vec<Diagnostic>),
    /// There is no such design of points.
    Design(DesignError),
    /// Nothing is declared uncertain.
    Certain,
    /// Playing failed.
    Play(experiment::Error),
    /// Somebody asked to stop.
    Stopped,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Arm(list) => match list.first() {
                Some(first) => f.write_str(&first.message),
                None => f.write_str("an arm cannot be played"),
            },
            Error::Design(error) => error.fmt(f),
            Error::Certain => f.write_str(
                "no parameter declares a `range` or a `distribution`, so there is nothing to vary",
            ),
            Error::Play(error) => error.fmt(f),
            Error::Stopped => f.write_str("stopped before all runs were played"),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Error::Play(error) => Some(error),
            Error::Design(error) => Some(error),
            Error::Arm(_) | Error::Certain | Error::Stopped => None,
        }
    }
}

impl From<experiment::Error> for Error {
    fn from(error: experiment::Error) -> Error {
        Error::Play(error)
    }
}

/// How a claim was tested.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// A comparison of statistics.
    Test,
    /// The direction in which a statistic moves with a parameter.
    Statics,
    /// Not at all.
    Unchecked,
}

impl Method {
    /// As it stands in files.
    pub fn word(self) -> &'static str {
        match self {
            Method::Test => "test",
            Method::Statics => "statics",
            Method::Unchecked => "unchecked",
        }
    }
}

/// A claim that was tested.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Tested {
    /// How the statistic is compared.
    pub how: Comparison,
    /// With what.
    pub threshold: f64,
    /// How far from it counts as equal, in units of the statistic.
    pub within: Option<f64>,
    /// As the actors choose.
    pub real: Reading,
    /// As they would if all of them played at random.
    pub placebo: Reading,
    /// The statistic less that of the placebo, paired run by run.
    pub strategic: Estimate,
}

/// A claim and what came of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Judged {
    /// The claim, by number in the model.
    pub claim: usize,
    /// How it was tested.
    pub method: Method,
    /// The results of a test.
    pub tested: Option<Tested>,
    /// Why it was not tested.
    pub reason: String,
}

impl Judged {
    /// The verdict.
    pub fn verdict(&self) -> Verdict {
        self.tested.as_ref().map_or(Verdict::Unchecked, |t| t.real.verdict)
    }
}

/// What came of all claims.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// The claims in the order asked for.
    pub claims: Vec<Judged>,
    /// Runs of each arm.
    pub runs: u64,
    /// Arms that were played, those of the placebo included.
    pub arms: usize,
    /// Whether verdicts are adjusted for the number of claims.
    pub family_wise: bool,
    /// How many runs failed, over all arms.
    pub failed: u64,
    /// The first of them.
    pub failures: Vec<FailureReport>,
    /// What else a reader has to know.
    pub notes: Vec<String>,
}

/// Plays what the tests read and judges every claim.
///
/// # Errors
/// [`Error::Arm`] where `set` does not fit an arm, [`Error::Stopped`] if `watch` asks to stop, and
/// those of [`experiment::play`].
pub fn judge(spec: &Spec, watch: &dyn Audience) -> Result<Report, Error> {
    let mut report = judge_once(spec, watch)?;
    let Some(width) = spec.precision else { return Ok(report) };
    let mut runs = spec.runs;
    let mut most = spec.runs.saturating_mul(1 << MAX_DOUBLINGS).min(RUNS.most);
    while runs < most && wanting(&report, width).iter().any(|(_, needed)| *needed <= most as f64) {
        let next = Spec { runs: runs.saturating_mul(2).min(most), ..spec.clone() };
        if admit(&next, 0, None).is_err() {
            most = runs;
            break;
        }
        runs = next.runs;
        report = judge_once(&next, watch)?;
    }
    let wanting = wanting(&report, width);
    let needed = wanting.iter().map(|(_, needed)| *needed).fold(0.0, f64::max);
    let rest: Vec<&str> =
        wanting.iter().map(|(claim, _)| spec.model.claims[*claim].name.as_str()).collect();
    report.notes.push(match rest.len() {
        0 => format!("{runs} runs decide every interval or make it narrower than {width}"),
        n => format!(
            "after {runs} runs {n} intervals are neither decided nor narrower than {width}: {}; \
             that would take about {needed:.1e} runs, {most} are the most that are tried",
            rest.join(", ")
        ),
    });
    Ok(report)
}

/// The claims whose interval is neither decided nor narrower than `width`, and about how many runs
/// would make it so: intervals shrink with the root of runs. One that has no interval at all is not
/// waited for.
fn wanting(report: &Report, width: f64) -> Vec<(usize, f64)> {
    let wide = |tested: &Tested| {
        let estimate = &tested.real.estimate;
        let found = estimate.hi - estimate.lo;
        let open = !tested.real.verdict.decided() && found >= width;
        let times = found / width;
        open.then(|| (report.runs as f64 * times * times).min(f64::MAX))
    };
    let all = report.claims.iter();
    all.filter_map(|c| Some((c.claim, c.tested.as_ref().and_then(wide)?))).collect()
}

fn judge_once(spec: &Spec, watch: &dyn Audience) -> Result<Report, Error> {
    let program = Program::new(spec.model, &spec.claims);
    let beside = need::statistics(&program, spec.runs, 2, 2);
    let worlds = Worlds { spec, program: &program, beside: &beside };
    let arms = 2 * program.arm_specs.len();
    watch.expects(spec.runs.saturating_mul(arms as u64));
    let mut log = FailureLog::default();
    let real = worlds.play(&[], "", &mut log, watch)?;
    let resamples = resamples(spec.runs, bundle(spec.runs), spec.seed);
    let stop = || watch.stop();
    let real = taken(real, &resamples, &stop);
    let placebo = worlds.play(&worlds::random(spec.model), " (placebo)", &mut log, watch)?;
    let placebo = taken(placebo, &resamples, &stop);
    let claims = program.claims.iter().map(|(claim, question)| {
        let (method, reason) = match &spec.model.claims[*claim].way {
            ClaimTest::Untested => (Method::Unchecked, "no test is given".to_string()),
            ClaimTest::Unchecked(reason) => (Method::Unchecked, reason.clone()),
            ClaimTest::Test(_) => (Method::Test, String::new()),
            ClaimTest::Statics(_) => (Method::Statics, String::new()),
        };
        let tested = question.as_ref().map(|question| Tested {
            how: question.how,
            threshold: question.threshold,
            within: question.within,
            real: Reading::of(question, &real),
            placebo: Reading::of(question, &placebo),
            strategic: Estimate::difference(question, &real, &placebo),
        });
        Judged { claim: *claim, method, tested, reason }
    });
    let mut claims: Vec<Judged> = claims.collect();
    if spec.family_wise {
        adjust(&mut claims, &program, &real);
    }
    if stop() {
        return Err(Error::Stopped);
    }
    Ok(Report {
        claims,
        runs: spec.runs,
        arms,
        family_wise: spec.family_wise,
        failed: log.failed,
        failures: log.failures,
        notes: Vec::new(),
    })
}

/// Adjusts the intervals and verdicts of claims for their number; those of the placebo stay.
fn adjust(claims: &mut [Judged], program: &Program, real: &[Taken]) {
    let asked = claims.iter_mut().zip(&program.claims);
    let mut tested: Vec<(&mut Tested, &Question)> = asked
        .filter_map(|(judged, (_, question))| judged.tested.as_mut().zip(question.as_ref()))
        .filter(|(tested, _)| tested.real.sound && tested.real.verdict != Verdict::Unchecked)
        .collect();
    let member = |tested: &Tested| Member {
        how: tested.how,
        threshold: tested.threshold,
        within: tested.within,
        value: tested.real.estimate.value,
        interval: tested.real.estimate.interval(),
    };
    let family: Vec<Member> = tested.iter().map(|(t, _)| member(t)).collect();
    let questions: Vec<&Question> = tested.iter().map(|(_, question)| *question).collect();
    let interval =
        |place: usize, alpha: f64| Estimate::of(questions[place], real, alpha).interval();
    for ((tested, _), (interval, verdict)) in tested.iter_mut().zip(holm(&family, interval)) {
        let Estimate { value, se, .. } = tested.real.estimate;
        tested.real.estimate = Estimate::from(value, se, interval);
        tested.real.verdict = verdict;
    }
}
