//! What all rounds of an arm share: the model, the arm, and which effects touch which cell.

use super::budget::Meter;
use super::graph::{Builder, Id};
use super::input::Input;
use super::open_inputs::OpenInputs;
use crate::expr::{Expr, Node};
use crate::model::{Arm, Effect, Model, Reasoning, poisson_levels};

/// An arm with its effects sorted by the cell they change.
#[derive(Debug)]
pub(super) struct EffectIndex<'a> {
    pub model: &'a Model,
    pub arm: &'a Arm,
    /// What is left open of the arm.
    pub open_inputs: &'a OpenInputs,
    /// What planning takes.
    pub meter: &'a Meter<'a>,
    /// By cell, the effects of options that change it, in (seat, option, statement) order.
    pub by_options: Vec<Vec<CellEffect<'a>>>,
    /// By cell, the effects of hazards that change it, in (hazard, statement) order.
    pub by_hazards: Vec<Vec<CellEffect<'a>>>,
    /// How many effects of options there are.
    pub effects: usize,
}

/// One effect as the cell it changes sees it.
#[derive(Debug)]
pub(super) struct CellEffect<'a> {
    /// The seat, or the hazard: of the sources of one group at most one is real.
    pub group: usize,
    /// The option, or the hazard.
    pub source: usize,
    pub effect: &'a Effect,
    /// Its number among all effects of its kind.
    pub number: usize,
    /// Whether it reads what is chosen this round.
    pub reads_choices: bool,
}

fn reads_choices(expr: &Expr) -> bool {
    let mut found = false;
    expr.walk(&mut |e| found |= matches!(&e.node, Node::Chose(played) if !played.last));
    found
}

impl<'a> EffectIndex<'a> {
    pub fn new(
        model: &'a Model,
        arm: &'a Arm,
        open_inputs: &'a OpenInputs,
        meter: &'a Meter<'a>,
    ) -> Self {
        let cells = model.cells.len();
        let options = model.options.iter().enumerate();
        let (by_options, effects) =
            sorted(cells, options.map(|(number, o)| (o.seat, number, o.effects.as_slice())));
        let hazards = model.hazards.iter().enumerate();
        let (by_hazards, _) =
            sorted(cells, hazards.map(|(number, h)| (number, number, h.effects.as_slice())));
        EffectIndex { model, arm, open_inputs, meter, by_options, by_hazards, effects }
    }
}

/// Effects by cell; a source is its group, its number, and its effects in order.
fn sorted<'a>(
    cells: usize,
    sources: impl Iterator<Item = (usize, usize, &'a [Effect])>,
) -> (Vec<Vec<CellEffect<'a>>>, usize) {
    let mut by_cell: Vec<Vec<CellEffect>> = (0..cells).map(|_| Vec::new()).collect();
    let mut number = 0;
    for (group, source, effects) in sources {
        for effect in effects {
            let reads_choices =
                reads_choices(&effect.value) || effect.filter.as_ref().is_some_and(reads_choices);
            by_cell[effect.cell].push(CellEffect { group, source, effect, number, reads_choices });
            number += 1;
        }
    }
    (by_cell, number)
}

impl EffectIndex<'_> {
    /// How likely each Poisson level of an actor is; empty where it reasons otherwise.
    pub fn levels(&self, actor: usize) -> Vec<f64> {
        match self.arm.decisions[actor].reasoning {
            Reasoning::Poisson(mean) => poisson_levels(mean),
            _ => Vec::new(),
        }
    }

    /// A number of the arm, or the input that stands for it where it is left open.
    pub fn open(&self, b: &Builder, slot: Option<u32>, value: f64) -> Id {
        slot.map_or_else(|| b.number(value), |slot| b.input(Input::Parameter(slot)))
    }
}
