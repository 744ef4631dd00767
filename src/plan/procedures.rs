//! Procedures that look further ahead, each written once however often it is called.

use std::cell::RefCell;
use std::collections::BTreeMap;

use super::cone::Name;
use super::context::{PlanIndex, Writing};
use super::deliberate::{PlanContext, remaining};
use super::graph::Builder;
use super::input::Input;
use super::lower::lower;
use super::reach;
use super::tape::Tape;
use crate::model::ActorId;

/// What is left to an actor of a type from a stage of a round on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    pub actor: ActorId,
    pub actor_type: usize,
    /// Over how many rounds, this one included.
    pub rounds: u32,
    /// Nobody looks further ahead than this.
    pub horizon: u32,
    pub stage: usize,
}

/// All procedures of a plan.
#[derive(Debug, Default)]
pub(super) struct Procedures {
    pub tapes: Vec<Tape>,
    /// What each is and the order of what it is given, as a hash.
    pub names: Vec<Name>,
    known: BTreeMap<Key, usize>,
}

impl Procedures {
    /// The number of a procedure, which is written if it does not exist yet.
    pub fn of(all: &RefCell<Procedures>, key: Key, index: &PlanIndex) -> usize {
        if let Some(known) = all.borrow().known.get(&key) {
            return *known;
        }
        let b = Builder::new(index.meter);
        let writing = Writing { index, b: &b };
        let world = writing.given(key.stage);
        let context = PlanContext { writing, world: &world, procedures: all, horizon: key.horizon };
        let value = remaining(context, key).id;
        let graph = b.finish();
        let tape = lower(&graph, &[value], index.meter);
        let name = reach::procedure(&graph, value, &tape, index, &all.borrow());
        index.meter.take(tape.bytes());
        let mut all = all.borrow_mut();
        all.tapes.push(tape);
        all.names.push(name);
        let number = all.tapes.len() - 1;
        all.known.insert(key, number);
        number
    }

    /// What a procedure reads.
    pub fn inputs(&self, procedure: usize) -> Vec<Input> {
        self.tapes[procedure].inputs.iter().map(|(input, _)| *input).collect()
    }
}
