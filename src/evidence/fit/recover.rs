//! Histories that a scenario itself has made, and what a fit recovers from them.

use rayon::prelude::*;

use super::{Discard, Failed, Fit, Keep, Task};
use crate::evidence::{Record, Weigh};
use crate::experiment::Progress;
use crate::history::{History, Measurement, Seen};
use crate::math;
use crate::model::{Arm, Model, SeatId, Simulation};
use crate::record::{Block, Layout, happened_label};
use crate::reference;
use crate::rng::{Seed, Sequence};

/// Keeps the seeds of simulated histories apart from those of arms that are played; any number
/// would do.
const TRUTH: u64 = 0x7275_7468;
/// How often a run that fails is played anew with other random numbers.
const ATTEMPTS: u64 = 100;

/// What fits of simulated histories say of a fit.
#[derive(Debug, Clone, PartialEq)]
pub struct Recovery {
    /// By replicate, then free number: the estimate and the ends of its interval; not a number
    /// where it is not identified on that side, or where the replicate could not be fitted.
    pub replicates: Vec<Vec<[f64; 3]>>,
    /// By free number.
    pub totals: Vec<Recovered>,
    /// How many replicates could not be fitted.
    pub failed: usize,
}

/// How well a number was recovered.
#[derive(Debug, Clone, PartialEq)]
pub struct Recovered {
    /// Its value in the simulations.
    pub truth: f64,
    /// The mean of estimates, minus the truth.
    pub bias: f64,
    /// The root of the mean squared difference from the truth.
    pub rmse: f64,
    /// The share of intervals that hold the truth; sides that are not identified are infinite.
    pub coverage: f64,
    /// The share of intervals with a side that is not identified.
    pub open: f64,
}

/// Simulates histories at the values of an arm and fits each; `kept` is asked first, by replicate.
///
/// # Errors
/// [`Failed::Refused`] if a number has no single value or runs fail; what fits cannot do.
pub fn recover(
    task: &Task,
    truths: &[Option<f64>],
    replicates: u64,
    keep: &dyn Keep,
) -> Result<Recovery, Failed> {
    let truths = truths.iter().zip(task.free).map(|(truth, free)| {
        truth.ok_or_else(|| {
            let text = format!("`{}` has no single value in the file to recover", free.name);
            Failed::Refused(format!("{text}; give it one with --set, or leave --recover away"))
        })
    });
    let truths: Vec<f64> = truths.collect::<Result<_, _>>()?;
    let all: Vec<Result<Vec<[f64; 3]>, Failed>> =
        (0..replicates).into_par_iter().map(|number| replicate(task, number, keep)).collect();
    let replicates = all.into_iter().collect::<Result<Vec<_>, _>>()?;
    let total = |(i, truth): (usize, &f64)| {
        let sound = replicates.iter().map(|own| own[i]).filter(|own| own[0].is_finite());
        let own: Vec<[f64; 3]> = sound.collect();
        let n = own.len() as f64;
        let mean = |of: &dyn Fn(&[f64; 3]) -> f64| own.iter().map(of).sum::<f64>() / n;
        let off = |own: &[f64; 3]| own[0] - truth;
        // sides that are not identified are not numbers
        let misses = |[_, lo, hi]: &[f64; 3]| lo > truth || hi < truth;
        let holds = |own: &[f64; 3]| !misses(own);
        Recovered {
            truth: *truth,
            bias: mean(&off),
            rmse: mean(&|own| off(own) * off(own)).sqrt(),
            coverage: mean(&|own| f64::from(u8::from(holds(own)))),
            open: mean(&|own| f64::from(u8::from(own[1].is_nan() || own[2].is_nan()))),
        }
    };
    let totals = truths.iter().enumerate().map(total).collect();
    let failed = |own: &&Vec<[f64; 3]>| own.iter().any(|own| own[0].is_nan());
    let failed = replicates.iter().filter(failed).count();
    Ok(Recovery { replicates, totals, failed })
}

/// One history and its fit, for somebody who is not told how far it is.
fn replicate(task: &Task, number: u64, keep: &dyn Keep) -> Result<Vec<[f64; 3]>, Failed> {
    let three = |found: &[f64]| found.chunks(3).map(|c| [c[0], c[1], c[2]]).collect();
    if let Some(found) = keep.load(number).filter(|found| found.len() == 3 * task.free.len()) {
        return Ok(three(&found));
    }
    let history = simulated(task, number)?;
    let quiet = Quiet(task.weigh.watch);
    let weigh = Weigh { history: &history, watch: &quiet, ..task.weigh };
    let own = Task { weigh, simulated: true, ..*task };
    let found: Vec<f64> = match super::fit(&own, &Discard, 0) {
        Ok((fit, _)) => numbers(&fit),
        Err(Failed::Refused(_)) => vec![f64::NAN; 3 * task.free.len()],
        Err(other) => return Err(other),
    };
    keep.save(number, &found).map_err(Failed::Kept)?;
    Ok(three(&found))
}

fn numbers(fit: &Fit) -> Vec<f64> {
    let open = |side: Option<f64>| side.unwrap_or(f64::NAN);
    let of = fit.estimates.iter();
    of.flat_map(|own| [own.estimate, open(own.interval.0), open(own.interval.1)]).collect()
}

/// Hears a stop and tells nothing.
struct Quiet<'a>(&'a dyn Progress);

impl Progress for Quiet<'_> {
    fn advanced(&self, _: u64) {}

    fn stop(&self) -> bool {
        self.0.stop()
    }
}

/// A history that a run of each case has made, with what the record hides hidden.
fn simulated(task: &Task, replicate: u64) -> Result<History, Failed> {
    let Weigh { model, history, settings, .. } = task.weigh;
    let mut found = history.clone();
    let seed = settings.seed.for_arm(TRUTH).for_point(replicate);
    let mut draws = Sequence::new(seed, Sequence::SEARCH);
    for (number, (case, of)) in found.cases.iter_mut().zip(&history.cases).enumerate() {
        let arm = Record::arm(of, task.file);
        let layout = Layout::of(model, std::slice::from_ref(&arm));
        let block = run(model, &arm, &layout, (seed, number as u64))?;
        let rounds = (block.played[0] as usize).min(of.seen.len());
        case.seen.truncate(rounds);
        case.rounds = rounds as u32;
        let shown = Shown { model, layout: &layout, block: &block, miscoding: history.miscoding };
        for (round, seen) in case.seen.iter_mut().enumerate() {
            *seen = shown.round(round, &of.seen[round], &mut draws);
        }
    }
    Ok(found)
}

/// A run that does not fail.
fn run(
    model: &Model,
    arm: &Arm,
    layout: &Layout,
    (seed, case): (Seed, u64),
) -> Result<Block, Failed> {
    let game = Simulation { model, arm, seed };
    for attempt in 0..ATTEMPTS {
        let block = reference::play(&game, layout, case * ATTEMPTS + attempt, 1);
        if block.failures.is_empty() && block.played[0] > 0 {
            return Ok(block);
        }
    }
    let text = "runs at the file's values fail, so that nothing can be recovered; `detente run` \
                says why";
    Err(Failed::Refused(text.to_string()))
}

/// What a record shows of a run.
struct Shown<'a> {
    model: &'a Model,
    layout: &'a Layout,
    block: &'a Block,
    miscoding: f64,
}

impl Shown<'_> {
    /// Of a round from 0, what a record shows that showed so much of another.
    fn round(&self, round: usize, of: &Seen, draws: &mut Sequence) -> Seen {
        let mut seen = of.clone();
        for (seat, set) in seen.seats.enumerate_mut() {
            let Some(known) = set else { continue };
            let listed = of.places.seats.contains_key(&seat);
            *known = self.seat(round, (seat, known, listed), draws);
        }
        for (hazard, known) in seen.hazards.enumerate_mut() {
            *known = known.map(|_| self.happened(round, &self.model.hazards[hazard].label));
        }
        seen.any.retain(|group| {
            let labels = group.iter().map(|hazard| &self.model.hazards[*hazard].label);
            let any = labels.clone().any(|label| self.happened(round, label));
            if !any {
                group.iter().for_each(|hazard| seen.hazards[*hazard] = Some(false));
            }
            any
        });
        seen.places.any.truncate(seen.any.len());
        for Measurement { variable, value, sd, .. } in &mut seen.series {
            let truth = self.variable(round, *variable);
            *value = truth + *sd * math::normal_quantile(draws.uniform());
        }
        seen
    }

    fn variable(&self, round: usize, variable: usize) -> f64 {
        self.block.variable(self.layout, round, variable)[0]
    }

    fn happened(&self, round: usize, label: &str) -> bool {
        let name = happened_label(label);
        let variable = self.layout.variables.iter().position(|known| *known == name);
        variable.is_some_and(|variable| self.variable(round, variable) > 0.5)
    }

    /// What is shown of a seat: where a row told one option, the option; where rows told more, its
    /// move; without a row the same set if the option is in it, else the option, whose move would
    /// have been listed.
    fn seat(
        &self,
        round: usize,
        (seat, known, listed): (SeatId, &[bool], bool),
        draws: &mut Sequence,
    ) -> Vec<bool> {
        let first = self.model.seats[seat].option(0).index();
        let chosen = usize::from(self.block.choice(self.layout, round, seat)[0]);
        let mut at = chosen.saturating_sub(first).min(known.len() - 1);
        if self.miscoding > 0.0 && draws.uniform() < self.miscoding {
            at = draws.below(known.len() as u64) as usize;
        }
        let alone = |option: usize| option == at;
        let row = |option: usize| &self.layout.options[first + option];
        let several = known.iter().filter(|of| **of).count() > 1;
        (0..known.len())
            .map(|option| match (listed, several) {
                (false, _) if known[at] => known[option],
                (true, true) => row(option).action == row(at).action,
                _ => alone(option),
            })
            .collect()
    }
}
