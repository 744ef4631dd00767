//! What an option can reach within a round: the rest is as if its seat did nothing.
//!
//! Most options touch a few cells. A value that depends on none of them, directly or through rules,
//! events and definitions, is the same whichever option the seat plays, so an imagined round takes
//! it from the round in which the seat plays nothing. This changes no number, only how often it is
//! worked out.

use super::effect_index::{CellEffect, EffectIndex};
use crate::expr::{Expr, Node};
use crate::model::{ActorId, CellId, Hazard, HazardId, IndexVec, OptionId, Payoff, Seat};

/// What may differ, by number in `MemoLayout`.
#[derive(Debug)]
pub struct Reach {
    differs: Vec<bool>,
    /// The slots of the memo at which it does.
    slots: Vec<usize>,
}

/// What is known to differ at a moment, while a formula is searched for it.
struct Search<'a> {
    index: &'a EffectIndex<'a>,
    /// The options of the seat, and its actor.
    options: std::ops::Range<OptionId>,
    actor: ActorId,
    cells: &'a IndexVec<CellId, bool>,
    derived: Vec<Option<bool>>,
    /// At the end, chances and beliefs may differ as well.
    chances: Option<&'a IndexVec<HazardId, bool>>,
}

impl<'a> Search<'a> {
    fn new(
        index: &'a EffectIndex<'a>,
        seat: &Seat,
        cells: &'a IndexVec<CellId, bool>,
        chances: Option<&'a IndexVec<HazardId, bool>>,
    ) -> Self {
        let derived = vec![None; index.model.derived.len()];
        Search { index, options: seat.range(), actor: seat.actor, cells, derived, chances }
    }

    fn finds(&mut self, expr: &Expr) -> bool {
        match &expr.node {
            Node::State(cell) => self.cells[*cell],
            Node::Derived(instance) => self.finds_derived(*instance),
            Node::Chose(played) if !played.last => {
                played.seats.iter().flatten().any(|option| self.options.contains(option))
            }
            Node::Happened(hazards, false) => {
                self.chances.is_none_or(|chances| hazards.iter().any(|h| chances[*h]))
            }
            Node::Belief(_, about, _) => self.chances.is_some() && *about == self.actor,
            _ => expr.children().into_iter().any(|child| self.finds(child)),
        }
    }

    fn finds_derived(&mut self, instance: usize) -> bool {
        if let Some(known) = self.derived[instance] {
            return known;
        }
        let index = self.index;
        let found = self.finds(&index.model.derived[instance].value);
        self.derived[instance] = Some(found);
        found
    }

    fn finds_effect<S>(&mut self, entry: &CellEffect<S>) -> bool {
        let filter = entry.effect.filter.as_ref();
        self.finds(&entry.effect.value) || filter.is_some_and(|filter| self.finds(filter))
    }

    fn all_derived(&mut self) -> Vec<bool> {
        (0..self.derived.len()).map(|instance| self.finds_derived(instance)).collect()
    }
}

impl Reach {
    #[inline]
    pub fn has(&self, slot: usize) -> bool {
        self.differs[slot]
    }

    /// All slots that are reached.
    pub fn slots(&self) -> &[usize] {
        &self.slots
    }

    pub fn new(differs: Vec<bool>) -> Self {
        let slots = (0..differs.len()).filter(|slot| differs[*slot]).collect();
        Reach { differs, slots }
    }

    /// What each option can reach, by the definitions of the model, in the order of options.
    pub fn all(index: &EffectIndex) -> IndexVec<OptionId, Reach> {
        let seats = index.model.seats.iter();
        let reaches = seats.flat_map(|seat| {
            let untouched = IndexVec::filled(false, index.model.cells.len());
            // effects that read what the seat chooses differ with each of its options
            let mut start = Search::new(index, seat, &untouched, None);
            let by_cell = index.by_options.iter();
            let read: IndexVec<CellId, bool> =
                by_cell.map(|all| all.iter().any(|t| start.finds_effect(t))).collect();
            let derived = start.all_derived();
            seat.options().map(move |option| Reach::of(index, option, &read, &derived))
        });
        reaches.collect()
    }

    /// What an option can reach; `read`: the cells with effects that read what its seat chooses,
    /// `derived`: the definitions that do.
    fn of(
        index: &EffectIndex,
        option: OptionId,
        read: &IndexVec<CellId, bool>,
        derived: &[bool],
    ) -> Reach {
        let model = index.model;
        let seat = &model.seats[model.options[option].seat];
        let search = |cells, chances| Search::new(index, seat, cells, chances);
        let by_cell = index.by_options.iter().zip(read);
        let after_moves: IndexVec<CellId, bool> =
            by_cell.map(|(all, read)| *read || all.iter().any(|t| t.source == option)).collect();
        let mut after_acting = search(&after_moves, None);
        let after_dynamics: IndexVec<CellId, bool> = model
            .cells
            .iter()
            .zip(&after_moves)
            .map(|(cell, after_moves)| {
                cell.next.as_ref().map_or(*after_moves, |r| after_acting.finds(r))
            })
            .collect();
        let mut nature = search(&after_dynamics, None);
        let chances: IndexVec<HazardId, bool> = model
            .hazards
            .iter()
            .map(|h| h.probability.iter().chain(&h.when).any(|formula| nature.finds(formula)))
            .collect();
        let after_events: IndexVec<CellId, bool> = index
            .by_hazards
            .iter()
            .zip(&after_dynamics)
            .map(|(all, after_dynamics)| {
                *after_dynamics || all.iter().any(|t| chances[t.source] || nature.finds_effect(t))
            })
            .collect();
        let mut end = search(&after_events, Some(&chances));
        let later = [after_acting.all_derived(), nature.all_derived(), end.all_derived()];
        let mut paid = |formula: fn(&Payoff) -> &Expr| -> Vec<bool> {
            model.payoffs.iter().flatten().map(|payoff| end.finds(formula(payoff))).collect()
        };
        let (payoffs, weights) = (paid(|p| &p.value), paid(|p| &p.weight));
        let fatal = |h: &Hazard| model.events[h.event].ends;
        let stops = model.stop_when.as_ref().is_some_and(|condition| end.finds(condition));
        let over =
            stops || model.hazards.iter().zip(&chances).any(|(h, differs)| *differs && fatal(h));
        drop((after_acting, nature, end));
        // in the order of `MemoLayout`
        let [acting, drifting, ending] = later;
        let all = [
            after_moves.into(),
            after_dynamics.into(),
            after_events.into(),
            acting,
            drifting,
            ending,
            derived.to_vec(),
            chances.into(),
            payoffs,
            weights,
            vec![over],
        ];
        Reach::new(all.concat())
    }
}
