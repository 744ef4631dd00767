//! Procedures that look further ahead, each written once however often it is called.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::budget::PlanError;
use super::cone::Name;
use super::context::{PlanIndex, Writing};
use super::deliberate::{PlanContext, Strategies, remaining, settle};
use super::graph::Builder;
use super::input::Input;
use super::lower::lower;
use super::reach;
use super::tape::{Operand, Tape};
use crate::model::{ActorId, Anticipation, Markov};
use crate::rules::markov;

/// What a procedure works out at the world that it is given, at the start of a stage of a round,
/// where nobody looks further ahead than so many rounds, this one included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Key {
    /// What is left to an actor of a type over so many rounds, this one included.
    Remaining { actor: ActorId, actor_type: usize, rounds: u32, horizon: u32, stage: usize },
    /// By seat, type and option, the mixes that others expect; then whether some utility is not
    /// finite.
    Mixes { horizon: u32, stage: usize },
    /// In a game without a last round, by option the mixes of its equilibrium, then by actor what
    /// is left to it: looked up, not worked out.
    Markov,
}

/// All procedures of a plan.
#[derive(Debug, Default)]
pub(super) struct Procedures {
    pub tapes: Vec<Tape>,
    /// What each is and the order of what it is given, as a hash.
    pub names: Vec<Name>,
    /// By procedure and result, its value where that is known.
    results: Vec<Vec<Option<f64>>>,
    /// Whether the same worlds are met again, so that results are worth keeping.
    pub kept: Vec<bool>,
    /// The procedure that looks up what was found in a game without a last round, and that.
    pub markov: Option<(usize, Arc<Markov>)>,
    known: BTreeMap<Key, usize>,
}

impl Procedures {
    /// The number of a procedure, which is written if it does not exist yet.
    pub fn of(all: &RefCell<Procedures>, key: Key, index: &PlanIndex) -> usize {
        if let Some(known) = all.borrow().known.get(&key) {
            return *known;
        }
        let (Key::Remaining { horizon, stage, .. } | Key::Mixes { horizon, stage }) = key else {
            return Procedures::table(all, index);
        };
        let b = Builder::new(index.meter);
        let writing = Writing { index, b: &b };
        let world = writing.given(stage);
        let context = PlanContext { writing, world: &world, procedures: all, horizon };
        let (values, kept) = match key {
            Key::Remaining { actor, actor_type, rounds, .. } => {
                let exact = index.arm.decisions[actor].anticipation == Anticipation::Exact;
                (vec![remaining(context, (actor, actor_type), rounds).id], exact)
            }
            Key::Mixes { .. } | Key::Markov => {
                let Strategies { expected, flaw, .. } = settle(context, false);
                let all = expected.iter().flatten().flatten().chain([&flaw]);
                (all.map(|share| share.id).collect(), true)
            }
        };
        let results = values.iter().map(|id| b.known(*id)).collect();
        let graph = b.finish();
        let tape = lower(&graph, &values, index.meter);
        let name = reach::procedure(&graph, &values, &tape, index, &all.borrow());
        index.meter.take(tape.bytes());
        let mut all = all.borrow_mut();
        all.tapes.push(tape);
        all.names.push(name);
        all.results.push(results);
        all.kept.push(kept);
        let number = all.tapes.len() - 1;
        all.known.insert(key, number);
        number
    }

    /// The procedure that looks up what was found in a game without a last round.
    fn table(all: &RefCell<Procedures>, index: &PlanIndex) -> usize {
        let found = markov(index, &|| {
            index.meter.look();
            index.meter.ended()
        });
        let found = found.unwrap_or_else(|error| {
            index.meter.stop(PlanError::Markov(error));
            Arc::default()
        });
        let inputs = reach::state_inputs(&found.carried);
        let count = index.model.options.len() + index.model.actor_count();
        let tape = Tape {
            inputs: inputs.into_iter().zip((0..).map(Operand::column)).collect(),
            outputs: vec![Operand::column(0); count],
            ..Tape::default()
        };
        let name = reach::table(&found, index);
        let mut all = all.borrow_mut();
        all.tapes.push(tape);
        all.names.push(name);
        all.results.push(vec![None; count]);
        all.kept.push(false);
        let number = all.tapes.len() - 1;
        all.markov = Some((number, found));
        all.known.insert(Key::Markov, number);
        number
    }

    /// What a procedure reads, and its results where they are known.
    pub fn signature(&self, procedure: usize) -> (Vec<Input>, Vec<Option<f64>>) {
        let inputs = self.tapes[procedure].inputs.iter().map(|(input, _)| *input);
        (inputs.collect(), self.results[procedure].clone())
    }
}
