//! What all rounds of a game share: the model, the arm, and which effects touch which cell.

use super::memo::MemoLayout;
use super::reach::Reach;
use crate::expr::{Expr, Node};
use crate::model::{Arm, Effect, Model, Simulation};

/// A game with its effects sorted by the cell they change.
#[derive(Debug)]
pub(super) struct EffectIndex<'a> {
    pub model: &'a Model,
    pub arm: &'a Arm,
    /// By cell, the effects of options that change it, in (seat, option, statement) order.
    pub by_options: Vec<Vec<CellEffect<'a>>>,
    /// By cell, the effects of hazards that change it, in (hazard, statement) order.
    pub by_hazards: Vec<Vec<CellEffect<'a>>>,
    /// How many effects of options there are.
    pub effects: usize,
    /// By actor, its seats.
    pub seats_of: Vec<Vec<usize>>,
    /// By seat and payoff component, what its options cost, in (option, statement) order.
    pub option_costs: Vec<Vec<Vec<OptionCost<'a>>>>,
    /// How many costs there are.
    pub costs: usize,
    /// The numbers of the values of a round.
    pub layout: MemoLayout,
    /// By option, what it can reach within a round.
    pub reaches: Vec<Reach>,
}

/// One effect as the cell it changes sees it.
#[derive(Debug)]
pub(super) struct CellEffect<'a> {
    /// The seat, or the hazard: of the sources of one group at most one is real.
    pub group: usize,
    /// The option, or the hazard.
    pub source: usize,
    /// What it does.
    pub effect: &'a Effect,
    /// Its number among all effects of its kind.
    pub number: usize,
    /// Whether it reads what is chosen this round.
    pub reads_choices: bool,
}

/// One cost of an option.
#[derive(Debug)]
pub(super) struct OptionCost<'a> {
    pub option: usize,
    pub cost: &'a Expr,
    /// Its number among all costs.
    pub number: usize,
}

/// Costs by seat and component, and how many there are.
fn option_costs(model: &Model) -> (Vec<Vec<Vec<OptionCost<'_>>>>, usize) {
    let none = || (0..model.names.components.len()).map(|_| Vec::new()).collect();
    let mut all: Vec<Vec<Vec<OptionCost>>> = model.seats.iter().map(|_| none()).collect();
    let mut number = 0;
    for (option, choice) in model.options.iter().enumerate() {
        for (component, cost) in &choice.costs {
            all[choice.seat][*component].push(OptionCost { option, cost, number });
            number += 1;
        }
    }
    (all, number)
}

fn reads_choices(expr: &Expr) -> bool {
    let mut found = false;
    expr.walk(&mut |e| found |= matches!(&e.node, Node::Chose(played) if !played.last));
    found
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

impl<'a> EffectIndex<'a> {
    pub fn new(game: &Simulation<'a>) -> Self {
        let model = game.model;
        let options = model.options.iter().enumerate();
        let (by_options, effects) = sorted(
            model.cells.len(),
            options.map(|(number, o)| (o.seat, number, o.effects.as_slice())),
        );
        let hazards = model.hazards.iter().enumerate();
        let (by_hazards, _) = sorted(
            model.cells.len(),
            hazards.map(|(number, h)| (number, number, h.effects.as_slice())),
        );
        let (option_costs, costs) = option_costs(model);
        let actors = 0..model.actor_count();
        let mut index = EffectIndex {
            model,
            arm: game.arm,
            by_options,
            by_hazards,
            effects,
            seats_of: actors.map(|actor| model.seats_of(actor).collect()).collect(),
            option_costs,
            costs,
            layout: MemoLayout::of(model),
            reaches: Vec::new(),
        };
        index.reaches = Reach::all(&index);
        index
    }

    /// Takes every option as one that may change every value.
    #[cfg(test)]
    pub fn reach_everything(&mut self) {
        let count = self.layout.count();
        self.reaches.iter_mut().for_each(|reach| *reach = Reach::new(vec![true; count]));
    }

    /// How many beliefs about the types of somebody there are: by place and observer.
    pub fn beliefs(&self) -> usize {
        self.model.private.len() * self.model.actor_count()
    }
}
