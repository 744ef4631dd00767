//! What all rounds of a game share: the model, the arm, and which effects touch which cell.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::rc::Rc;

use super::learn::Play;
use super::memo::MemoLayout;
use super::reach::Reach;
use crate::expr::{Expr, Node};
use crate::kept::Kept;
use crate::model::{
    ActorId, Arm, CellId, Effect, Gate, HazardId, IndexVec, Model, OptionId, SeatId,
};

/// An arm with its effects sorted by the cell they change.
#[derive(Debug)]
pub struct EffectIndex<'a> {
    pub model: &'a Model,
    pub arm: &'a Arm,
    /// By cell, the effects of options that change it, in (seat, option, statement) order.
    pub by_options: IndexVec<CellId, Vec<CellEffect<'a, OptionId>>>,
    /// By cell, the effects of hazards that change it, in (hazard, statement) order.
    pub by_hazards: IndexVec<CellId, Vec<CellEffect<'a, HazardId>>>,
    /// How many effects of options there are.
    pub effects: usize,
    /// By actor, its seats.
    pub seats_of: IndexVec<ActorId, Vec<SeatId>>,
    /// By option, the number of its first cost among all.
    pub first_cost: IndexVec<OptionId, usize>,
    /// How many costs there are.
    pub costs: usize,
    /// By derived quantity, whether it reads what is chosen this round.
    pub derived_of_choices: Vec<bool>,
    /// By number of a cost, whether it reads what is chosen this round.
    pub cost_reads: Vec<bool>,
    /// How many stages a round has.
    pub stages: usize,
    /// The numbers of the values of a round.
    pub(super) layout: MemoLayout,
    /// By option, what it can reach within a round, for rounds [beside](super::Round::beside)
    /// another.
    pub(super) reaches: IndexVec<OptionId, Reach>,
    /// What may decide whether the run goes on.
    pub gate: Gate,
    /// What was imagined at plain numbers and is met again.
    pub met: Met,
    /// Whether to stop.
    pub halt: Halt<'a>,
}

/// What exact anticipation has found at worlds of later rounds, by all that it depends on.
#[derive(Debug, Default)]
pub struct Met {
    /// What is left to an actor of a type.
    pub values: RefCell<Kept<f64>>,
    /// The mixes that others expect; nothing where some utility is not finite.
    pub mixes: RefCell<Kept<Option<Rc<Play<f64>>>>>,
}

/// Whether somebody asked to stop. Once that was heard it stays so, and whatever was being worked
/// out is not to be used.
pub struct Halt<'a> {
    asked: &'a dyn Fn() -> bool,
    heard: Cell<bool>,
}

impl<'a> Halt<'a> {
    /// `asked` says whether to stop; it is called many times a second.
    pub fn new(asked: &'a dyn Fn() -> bool) -> Halt<'a> {
        Halt { asked, heard: Cell::new(false) }
    }

    /// Looks whether to stop.
    pub fn look(&self) -> bool {
        if !self.heard() {
            self.heard.set((self.asked)());
        }
        self.heard()
    }

    /// Whether that was heard.
    pub fn heard(&self) -> bool {
        self.heard.get()
    }
}

impl fmt::Debug for Halt<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Halt").field("heard", &self.heard).finish_non_exhaustive()
    }
}

/// One effect as the cell it changes sees it.
#[derive(Debug)]
pub struct CellEffect<'a, S> {
    /// The number of the seat, or of the hazard: of the sources of one group at most one is real.
    pub group: usize,
    /// The option, or the hazard.
    pub source: S,
    /// What it does.
    pub effect: &'a Effect,
    /// Its number among all effects of its kind.
    pub number: usize,
    /// Whether it reads what is chosen this round.
    pub reads_choices: bool,
}

fn reads_choices(expr: &Expr, derived: &[bool]) -> bool {
    let mut found = false;
    expr.walk(&mut |e| {
        found |= match &e.node {
            Node::Chose(played) => !played.last,
            Node::Derived(instance) => derived[*instance],
            _ => false,
        }
    });
    found
}

/// By derived quantity, whether it reads what is chosen, itself or through others. They stand in
/// the order of first use: what one reads stands before or behind it.
fn derived_of_choices(model: &Model) -> Vec<bool> {
    let mut known = vec![false; model.derived.len()];
    loop {
        let next: Vec<bool> =
            model.derived.iter().map(|derived| reads_choices(&derived.value, &known)).collect();
        if next == known {
            return known;
        }
        known = next;
    }
}

/// Effects by cell; a source is its group, its number, and its effects in order.
fn sorted<'a, S: Copy>(
    model: &Model,
    derived: &[bool],
    sources: impl Iterator<Item = (usize, S, &'a [Effect])>,
) -> (IndexVec<CellId, Vec<CellEffect<'a, S>>>, usize) {
    let mut by_cell: IndexVec<CellId, Vec<CellEffect<S>>> =
        model.cells.iter().map(|_| Vec::new()).collect();
    let mut number = 0;
    for (group, source, effects) in sources {
        for effect in effects {
            let mut formulas = effect.filter.iter().chain([&effect.value]);
            let reads_choices = formulas.any(|formula| reads_choices(formula, derived));
            by_cell[effect.cell].push(CellEffect { group, source, effect, number, reads_choices });
            number += 1;
        }
    }
    (by_cell, number)
}

impl<'a> EffectIndex<'a> {
    pub fn new(model: &'a Model, arm: &'a Arm) -> Self {
        let derived = derived_of_choices(model);
        let options = model.options.enumerate();
        let options = options.map(|(id, o)| (o.seat.index(), id, o.effects.as_slice()));
        let (by_options, effects) = sorted(model, &derived, options);
        let hazards = model.hazards.enumerate();
        let hazards = hazards.map(|(id, h)| (id.index(), id, h.effects.as_slice()));
        let (by_hazards, _) = sorted(model, &derived, hazards);
        let mut costs = 0;
        let first_cost = model.options.iter().map(|option| {
            let first = costs;
            costs += option.costs.len();
            first
        });
        let first_cost = first_cost.collect();
        let each_cost = model.options.iter().flat_map(|option| &option.costs);
        let cost_reads = each_cost.map(|(_, cost)| reads_choices(cost, &derived)).collect();
        EffectIndex {
            model,
            arm,
            by_options,
            by_hazards,
            effects,
            seats_of: model.actors().map(|actor| model.seats_of(actor).collect()).collect(),
            first_cost,
            costs,
            derived_of_choices: derived,
            cost_reads,
            stages: model.stages(),
            layout: MemoLayout::of(model),
            reaches: IndexVec::new(),
            gate: Gate::of(model, arm),
            met: Met::default(),
            halt: Halt::new(&|| false),
        }
    }

    /// The same, knowing what each option can reach.
    pub fn with_reach(mut self) -> Self {
        self.reaches = Reach::all(&self);
        self
    }

    /// The same, with every option taken as one that may change every value.
    #[cfg(test)]
    pub fn reaching_everything(mut self) -> Self {
        let all = || Reach::new(vec![true; self.layout.count()]);
        self.reaches = self.model.options.iter().map(|_| all()).collect();
        self
    }

    /// The seats of an actor that are filled in a stage.
    pub fn seats_in(&self, actor: ActorId, stage: usize) -> Vec<SeatId> {
        let here = |seat: &&SeatId| self.model.seats[**seat].stage == stage;
        self.seats_of[actor].iter().filter(here).copied().collect()
    }

    /// How many beliefs about the types of somebody there are: by private id and observer.
    pub fn beliefs(&self) -> usize {
        self.model.private.len() * self.model.actor_count()
    }
}
