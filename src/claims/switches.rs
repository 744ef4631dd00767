//! Which claims move when a setting changes.

use super::bootstrap::{Taken, taken};
use super::need::statistics;
use super::program::{Program, Question};
use super::reading::{Estimate, Reading};
use super::worlds::{FailureLog, Worlds};
use super::{Audience, Error, Spec};
use crate::experiment::FailureReport;
use crate::model::{Model, Override};
use crate::stats::bundle;
use crate::summary::resamples;

/// A setting under which every claim is judged again.
#[derive(Debug, Clone)]
pub struct Switch {
    /// As it was typed: `reaction = 0`.
    pub name: String,
    /// What it sets.
    pub set: Vec<Override>,
}

impl Switch {
    /// The parameters that it sets, by number.
    fn parameters(&self, model: &Model) -> Vec<usize> {
        let cells = self.set.iter().flat_map(|change| match change {
            Override::Parameter(list) => list.iter().map(|(cell, _)| *cell).collect(),
            _ => Vec::new(),
        });
        cells.map(|cell| model.parameter_cells[cell].parameter).collect()
    }
}

/// What a switch does to a claim.
#[derive(Debug, Clone, PartialEq)]
pub struct Moved {
    /// The claim, by number in the model.
    pub claim: usize,
    /// Whether the claim is said to rest on what is switched.
    pub rests: bool,
    /// As things are.
    pub before: Reading,
    /// Under the switch.
    pub after: Reading,
    /// The statistic under the switch less the statistic as things are, paired run by run.
    pub change: Estimate,
}

impl Moved {
    /// Whether the interval of the change leaves out 0.
    pub fn moved(&self) -> bool {
        self.change.leaves_out_zero()
    }
}

/// What came of all switches.
#[derive(Debug, Clone, PartialEq)]
pub struct SwitchReport {
    /// By switch, in the order given: every claim that is tested.
    pub switches: Vec<(String, Vec<Moved>)>,
    /// How many runs failed, over all arms.
    pub failed: u64,
    /// The first of them.
    pub failures: Vec<FailureReport>,
}

/// Judges every claim again under each switch, which is set last and so counts more than variants.
///
/// # Errors
/// Those of [`super::judge`].
pub fn switches(
    spec: &Spec,
    switches: &[Switch],
    watch: &dyn Audience,
) -> Result<SwitchReport, Error> {
    let program = Program::new(spec.model, &spec.claims);
    let beside = statistics(&program, spec.runs, 2, 2 + switches.len() as u64);
    let worlds = Worlds { spec, program: &program, beside: &beside };
    let arms = program.arm_specs.len().saturating_mul(1 + switches.len());
    watch.expects(spec.runs.saturating_mul(arms as u64));
    let mut log = FailureLog::default();
    let before = worlds.play(&[], "", &mut log, watch)?;
    let resamples = resamples(spec.runs, bundle(spec.runs), spec.seed);
    let stop = || watch.stop();
    let before = taken(before, &resamples, &stop);
    let mut all = Vec::with_capacity(switches.len());
    for switch in switches {
        let mark = format!(" with {}", switch.name);
        let after = worlds.play(&switch.set, &mark, &mut log, watch)?;
        let after = taken(after, &resamples, &stop);
        let own = switch.parameters(spec.model);
        let claims = program.claims.iter().filter_map(|(claim, question)| {
            let rests = spec.model.claims[*claim].rests_on.iter().any(|p| own.contains(p));
            question.as_ref().map(|question| moved(*claim, question, rests, [&before, &after]))
        });
        all.push((switch.name.clone(), claims.collect()));
        if stop() {
            return Err(Error::Stopped);
        }
    }
    Ok(SwitchReport { switches: all, failed: log.failed, failures: log.failures })
}

fn moved(claim: usize, question: &Question, rests: bool, [before, after]: [&[Taken]; 2]) -> Moved {
    Moved {
        claim,
        rests,
        before: Reading::of(question, before),
        after: Reading::of(question, after),
        change: Estimate::difference(question, after, before),
    }
}
