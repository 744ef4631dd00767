//! What follows from a history: particles at its end play on.

use super::filter::{Filter, Look, evenly};
use super::population::Population;
use super::recorder::Recorder;
use super::{Error, Likelihood, Record, Settings, Weigh};
use crate::experiment::explained;
use crate::history::Case;
use crate::model::{Arm, Model, Simulation};
use crate::record::{Beginning, Block, Layout, Snapshot};
use crate::rng::{Address, Purpose, Stream};

/// How far to look, and from where.
#[derive(Debug, Clone)]
pub struct Ahead {
    /// The last round that is known, at most those of the record.
    pub after: u32,
    /// The scenario from then on: with series that hold the values of that round, unless they are
    /// known beyond.
    pub model: Model,
}

impl Ahead {
    /// From a round on; `known` series go on as the file has them, others hold their last value.
    pub fn new(model: &Model, after: u32, known: bool) -> Ahead {
        let mut model = model.clone();
        if !known {
            for values in &mut model.names.series_values {
                let end = values.len().min(after.max(1) as usize);
                *values = values[..end].into();
            }
        }
        Ahead { after, model }
    }
}

/// What was foreseen in one arm.
#[derive(Debug)]
pub struct Foreseen {
    /// How likely the history is.
    pub likelihood: Likelihood,
    /// Particles as runs, in parts that follow on each other.
    pub blocks: Vec<Block>,
    /// By run, the filter that it comes from: runs of one filter share what they come from. Empty
    /// where all runs are independent.
    pub filters: Vec<usize>,
}

/// Filters an arm by a case of a history up to a round and plays on, as `then` from there on if
/// that is another arm. All particles weigh the same in the end, filters in proportion to their
/// likelihoods; without a record they are the runs of the scenario.
///
/// Rounds of the record show particles given the records up to each; outcomes are those of whole
/// runs.
///
/// # Errors
/// As [`Weigh::likelihoods`]. Where a record is impossible there are no blocks.
pub fn forecast(
    weigh: &Weigh,
    (case, layout): (&Case, &Layout),
    ahead: &Ahead,
    (arm, then): (&Arm, &Arm),
) -> Result<Foreseen, Error> {
    let model = weigh.model;
    let record = Record::new(model, case, weigh.history.miscoding).until(ahead.after);
    let (arm, then) = (Record::arm(case, arm), Record::arm(case, then));
    let arms = [arm];
    let filter = Filter { sampled: true, ..weigh.filter(&arms, &record) };
    let mut recorder: Option<Recorder> = None;
    let settings = weigh.settings;
    let count = settings.particles * settings.filters;
    let mut watch = |look: &Look| {
        weigh.watch.advanced(look.after.len() as u64);
        let recorder = recorder.get_or_insert_with(|| Recorder::new(model, layout, count));
        let from = match record.empty {
            true => (0..count).collect(),
            false => evenly(look.after, count, uniform(settings, look.round, 1)),
        };
        recorder.round(look.round, look.population, &from);
    };
    let mut kept: Option<Vec<Snapshot>> = None;
    let mut of: Vec<usize> = Vec::new();
    let mut end = |population: &mut dyn Population, shares: &[f64]| {
        let all = population.snapshots();
        let from = match record.empty {
            true => (0..count).collect(),
            false => evenly(shares, count, uniform(settings, ahead.after, 2)),
        };
        if !record.empty {
            // particles stand filter by filter, as many in each
            of = from.iter().map(|n| n * settings.filters / shares.len()).collect();
        }
        kept = Some(from.iter().map(|n| all[*n].clone()).collect());
    };
    let likelihood = filter.run(&mut watch, &mut end)?.remove(0);
    if likelihood.blame.is_some() {
        return Ok(Foreseen { likelihood, blocks: Vec::new(), filters: Vec::new() });
    }
    let begun = record.observations.is_empty();
    let kept = kept.filter(|_| !begun).unwrap_or_default();
    let recorder = recorder.unwrap_or_else(|| Recorder::new(model, layout, count));
    let beginnings: Vec<Beginning> = match begun {
        true => (0..count as u64).map(|run| Beginning { run, ..Beginning::default() }).collect(),
        false => kept.iter().zip(0..).map(|(kept, run)| kept.beginning(run)).collect(),
    };
    let later = Later { weigh, model: &ahead.model, arm: &then, beginnings, kept, recorder };
    let mut blocks = later.play(ahead.after)?;
    if record.empty {
        let game = Simulation { model, arm: &arms[0], seed: settings.seed };
        let stop = || weigh.watch.stop();
        let told = blocks.into_iter().map(|block| explained(&game, layout, block, &stop));
        blocks = told.collect::<Option<Vec<Block>>>().ok_or(Error::Stopped)?;
    }
    let filters = if begun { Vec::new() } else { of };
    Ok(Foreseen { likelihood, blocks, filters })
}

/// The uniform number of a resampling that has no filter of its own.
pub(super) fn uniform(settings: &Settings, round: u32, ordinal: u32) -> f64 {
    let at = Address { round, purpose: Purpose::Resample, ordinal, slot: 0 };
    Stream::new(settings.seed, 0).uniform(at)
}

/// Particles that play on after the record.
struct Later<'a> {
    weigh: &'a Weigh<'a>,
    model: &'a Model,
    arm: &'a Arm,
    beginnings: Vec<Beginning>,
    /// Their states; nothing: from the first round.
    kept: Vec<Snapshot>,
    recorder: Recorder<'a>,
}

impl Later<'_> {
    fn play(self, after: u32) -> Result<Vec<Block>, Error> {
        let beginnings = self.beginnings.clone();
        let (weigh, model, arms) = (self.weigh, self.model, std::slice::from_ref(self.arm));
        weigh.particles(model, arms, &beginnings, |particles| self.go_on(particles, after))
    }

    fn go_on(mut self, population: &mut dyn Population, after: u32) -> Result<Vec<Block>, Error> {
        if !self.kept.is_empty() {
            population.restore(&self.kept);
        }
        let count = self.beginnings.len();
        let all: Vec<usize> = (0..count).collect();
        for round in after + 1..=self.arm.rounds {
            if !population.advance(round, None) || self.weigh.watch.stop() {
                return Err(Error::Stopped);
            }
            self.weigh.watch.advanced(count as u64);
            self.recorder.round(round, population, &all);
        }
        self.recorder.conclude(population);
        Ok(self.recorder.blocks)
    }
}
