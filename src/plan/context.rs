//! What planning knows wherever it is: the arm, what is left open of it, and what it takes.

use std::ops::Deref;

use super::budget::Meter;
use super::graph::Builder;
use super::input::Input;
use super::number::Num;
use super::open_inputs::OpenInputs;
use crate::expr::{Number, Site};
use crate::model::{
    ActorId, Arm, Id, IndexVec, Model, OptionId, Reasoning, SeatId, poisson_levels,
};
use crate::rules::{EffectIndex, Setting, View, Within, World};

/// An arm, as rules see it, with what planning adds.
#[derive(Debug)]
pub(super) struct PlanIndex<'a> {
    effects: EffectIndex<'a>,
    /// What is left open of the arm.
    pub open_inputs: &'a OpenInputs,
    /// What planning takes.
    pub meter: &'a Meter<'a>,
}

impl<'a> Deref for PlanIndex<'a> {
    type Target = EffectIndex<'a>;

    fn deref(&self) -> &EffectIndex<'a> {
        &self.effects
    }
}

impl<'a> PlanIndex<'a> {
    pub fn new(
        model: &'a Model,
        arm: &'a Arm,
        open_inputs: &'a OpenInputs,
        meter: &'a Meter<'a>,
    ) -> Self {
        PlanIndex { effects: EffectIndex::new(model, arm), open_inputs, meter }
    }

    /// How likely each Poisson level of an actor is; empty where it reasons otherwise.
    pub fn levels(&self, actor: ActorId) -> Vec<f64> {
        match self.arm.decisions[actor].reasoning {
            Reasoning::Poisson(mean) => poisson_levels(mean),
            _ => Vec::new(),
        }
    }
}

/// A graph under construction for an arm.
#[derive(Clone, Copy)]
pub(super) struct Writing<'a> {
    pub index: &'a PlanIndex<'a>,
    pub b: &'a Builder<'a>,
}

impl<'a> Writing<'a> {
    pub fn number(self, value: f64) -> Num<'a> {
        Num::constant(self.b, value)
    }

    pub fn input(self, input: Input) -> Num<'a> {
        Num::new(self.b, self.b.input(input))
    }

    /// A number of the arm, or the input that stands for it where it is left open.
    fn open(self, slot: Option<u32>, value: f64) -> Num<'a> {
        slot.map_or_else(|| self.number(value), |slot| self.input(Input::Parameter(slot)))
    }

    /// Whether an actor is of each of its types.
    pub fn true_type(self, private_id: usize) -> Vec<Num<'a>> {
        let types = 0..self.index.model.private[private_id].types.len() as u32;
        types.map(|number| self.input(Input::Truth(private_id as u32, number))).collect()
    }

    /// The view of reality: every actor of its true type.
    pub fn reality(self) -> View<Num<'a>> {
        let private = 0..self.index.model.private.len();
        View::of(self.index, &self, private.map(|id| self.true_type(id)).collect())
    }

    /// The draws of a real round.
    pub fn draws(self) -> impl Fn(Within, Site) -> Num<'a> {
        move |within, Site { ordinal, unit }| {
            let slot = within.slot(&self.index.model.slots, unit);
            self.input(Input::Uniform(super::Draw { within, ordinal, slot }))
        }
    }

    /// An input for each of some parts of the scenario.
    fn inputs<I: Id, T>(
        self,
        parts: &IndexVec<I, T>,
        input: fn(I) -> Input,
    ) -> IndexVec<I, Num<'a>> {
        parts.ids().map(|id| self.input(input(id))).collect()
    }

    /// The world that a procedure is given, at the start of a stage.
    pub fn given(self, stage: usize) -> World<Num<'a>> {
        let model = self.index.model;
        let earlier = |input: fn(OptionId) -> Input| -> IndexVec<OptionId, Num<'a>> {
            let options = model.options.enumerate();
            let over = |seat: SeatId| model.seats[seat].stage < stage;
            let each = options.map(|(option, choice)| match over(choice.seat) {
                true => self.input(input(option)),
                false => self.number(0.0),
            });
            each.collect()
        };
        let beliefs = (0u32..).zip(&model.private).map(|(id, private)| {
            let row = |observer: ActorId| -> Vec<Num<'a>> {
                let types = 0..private.types.len() as u32;
                types.map(|number| self.input(Input::Belief(id, observer, number))).collect()
            };
            model.actors().map(row).collect()
        });
        World {
            round: self.input(Input::Round),
            stage,
            chosen: earlier(Input::Chosen),
            drawn: earlier(Input::Drawn),
            cells: self.inputs(&model.cells, Input::Cell),
            played: self.inputs(&model.options, Input::Played),
            mixed: self.inputs(&model.options, Input::Mixed),
            happened: self.inputs(&model.hazards, Input::Happened),
            spent: self.inputs(&model.hazards, Input::Spent),
            beliefs: beliefs.collect(),
        }
    }
}

impl<'a> Setting<Num<'a>> for Writing<'a> {
    fn home(&self) -> &'a Builder<'a> {
        self.b
    }
    fn parameter(&self, cell: usize, value: f64) -> Num<'a> {
        self.open(self.index.open_inputs.parameter(cell), value)
    }
    fn typed(&self, typed: usize, at: usize, value: f64) -> Num<'a> {
        self.open(self.index.open_inputs.typed(typed, at), value)
    }
}
