//! Two scenarios side by side, run by run: what a change of a file changes.
//!
//! Draws are found by the names of units ([`crate::model::Slots`]), so a run of one version of a
//! file meets the luck of the same run of another, and what both measure can be compared in pairs.

use super::report::report;
use super::{BLOCK, BlockSink, Error, Progress, Report, RunSpec, foreknown, play, play_from};
use crate::model::Model;
use crate::output::Folder;
use crate::plan::Reach;
use crate::record::{Block, Layout};
use crate::summary::{Foreknown, Schemas, Summary};

/// The name of the arm of the other scenario.
pub const AGAINST: &str = "against";
/// So many values of outcomes wait for those of the other scenario.
const WAITING: usize = 1 << 23;

/// What two scenarios share, and what they do not.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Shared {
    /// Outcomes that both have and take over rounds in the same way.
    pub outcomes: Vec<String>,
    /// Outcomes that both have and take over rounds in different ways.
    pub differing: Vec<String>,
    /// Outcomes of the first alone.
    pub own: Vec<String>,
    /// Outcomes of the other alone.
    pub other: Vec<String>,
    /// Units that both have and whose random numbers lie elsewhere, since another unit has their
    /// slot: `cell:tension[A,B]`.
    pub moved: Vec<String>,
}

impl Shared {
    /// What two scenarios share.
    pub fn of(own: &Model, other: &Model) -> Shared {
        let mut shared = Shared::default();
        for outcome in &own.outcomes {
            let name = outcome.name.clone();
            match other.outcomes.iter().find(|o| o.name == name) {
                None => shared.own.push(name),
                Some(o) if o.measure == outcome.measure => shared.outcomes.push(name),
                Some(_) => shared.differing.push(name),
            }
        }
        let alone = |name: &String| own.outcomes.iter().all(|o| o.name != *name);
        shared.other = other.outcomes.iter().map(|o| o.name.clone()).filter(alone).collect();
        let slots = other.slots.named(other);
        let moved = own.slots.named(own).into_iter();
        let moved = moved.filter(|(unit, slot)| slots.get(unit).is_some_and(|s| s != slot));
        shared.moved = moved.map(|(unit, _)| unit).collect();
        shared
    }

    /// The numbers of the shared outcomes in a scenario.
    fn numbers(&self, model: &Model) -> Vec<usize> {
        let number = |name: &String| model.outcomes.iter().position(|o| o.name == *name);
        self.outcomes.iter().filter_map(number).collect()
    }
}

/// Plays an arm of a scenario and an arm of another, one each, and takes the differences of shared
/// outcomes run by run: those of `own` minus those of `other`, which is the arm [`AGAINST`] of the
/// report. Writes `summary.csv`, `histogram.csv` and `differences.csv` into `folder`, if there is
/// one; the caller finishes it. Memory does not grow with runs.
///
/// # Errors
/// Those of [`super::run`].
pub fn against(
    own: &RunSpec,
    other: &RunSpec,
    folder: Option<&mut Folder>,
    watch: &dyn Progress,
) -> Result<(Report, Shared), Error> {
    let shared = Shared::of(own.model, other.model);
    let mut sides = [Side::new(other, &shared), Side::new(own, &shared)];
    let names = [AGAINST.to_string(), own.arms.first().ok_or(Error::NoArms)?.name.clone()];
    let layout = common(&sides);
    let schemas = Schemas::new(&layout)?.labelled(own.model, &names)?;
    let mut summary = Summary::new(layout, &names, own.runs);
    let values = shared.outcomes.len().max(1);
    let step = (WAITING / values / BLOCK).max(1) * BLOCK;
    let pool = play::pool(own.threads)?;
    let mut interrupted = false;
    for first in (0..own.runs).step_by(step) {
        for side in &mut sides {
            interrupted |= side.play(first, own.runs.min(first + step as u64), watch)?;
        }
        let [other, own] = &mut sides;
        summary.known = vec![other.known.clone(), own.known.clone()];
        let pairs: Vec<Vec<Block>> =
            other.blocks.drain(..).zip(own.blocks.drain(..)).map(|(a, b)| vec![a, b]).collect();
        pool.install(|| summary.count(&pairs));
        if interrupted {
            break;
        }
    }
    let results = pool.install(|| summary.results(own.seed));
    if let Some(folder) = folder {
        folder.whole(&schemas.summary(&results, 0)?)?;
        folder.whole(&schemas.histogram(&results, 0)?)?;
        folder.whole(&schemas.differences(&results, 0)?)?;
    }
    Ok((report(own, &summary, results, interrupted), shared))
}

/// One of the two scenarios.
struct Side<'a> {
    spec: &'a RunSpec<'a>,
    layout: Layout,
    /// The numbers of the shared outcomes.
    outcomes: Vec<usize>,
    /// What is known of them.
    known: Vec<Foreknown>,
    /// What was played and is not summarised yet, shared outcomes alone.
    blocks: Vec<Block>,
}

impl<'a> Side<'a> {
    fn new(spec: &'a RunSpec<'a>, shared: &Shared) -> Side<'a> {
        let outcomes = shared.numbers(spec.model);
        let known = foreknown(spec.model, &spec.arms).into_iter().next().unwrap_or_default();
        let known = outcomes.iter().map(|number| known[*number]).collect();
        let layout = spec.layout().outcomes_only();
        Side { spec, layout, outcomes, known, blocks: Vec::new() }
    }

    /// Plays some runs; whether it was stopped.
    fn play(&mut self, first: u64, end: u64, watch: &dyn Progress) -> Result<bool, Error> {
        let spec = RunSpec { runs: end, ..self.spec.clone() };
        let layout = self.layout.clone();
        play_from(&spec, &layout, first, watch, self)
    }
}

impl BlockSink for &mut Side<'_> {
    fn planned(&mut self, reach: &[Vec<Reach>]) {
        // signatures of two scenarios say nothing of each other
        let reach = reach.first().map_or(&[][..], Vec::as_slice);
        for (known, outcome) in self.known.iter_mut().zip(&self.outcomes) {
            known.drawn = reach.get(*outcome).is_none_or(|reach| reach.drawn);
        }
    }

    fn rounds(&mut self, _: usize, _: &[&Block]) -> Result<(), Error> {
        Ok(())
    }

    fn runs(&mut self, blocks: &[Vec<Block>]) -> Result<(), Error> {
        for block in blocks.iter().filter_map(|arms| arms.first()) {
            let shared = self.outcomes.iter().flat_map(|number| block.outcome(*number));
            self.blocks.push(Block {
                outcomes: shared.copied().collect(),
                played: block.played.clone(),
                failures: block.failures.clone(),
                types: Vec::new(),
                levels: Vec::new(),
                variables: Vec::new(),
                choices: Vec::new(),
                available: Vec::new(),
                ..*block
            });
        }
        Ok(())
    }
}

/// What both leave behind: the shared outcomes, as long as the longer of the two may take.
fn common(sides: &[Side; 2]) -> Layout {
    let [other, own] = sides;
    let pairs = || own.outcomes.iter().zip(&other.outcomes);
    let rounds = own.layout.rounds.max(other.layout.rounds);
    let zero_one = pairs().map(|(a, b)| own.layout.zero_one[*a] && other.layout.zero_one[*b]);
    Layout {
        outcomes: own.outcomes.iter().map(|n| own.layout.outcomes[*n].clone()).collect(),
        zero_one: zero_one.collect(),
        first: own.outcomes.iter().map(|n| own.layout.first[*n]).collect(),
        types: Vec::new(),
        levels: Vec::new(),
        rounds,
        ..own.layout.clone()
    }
}
