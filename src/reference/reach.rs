//! What an option can reach within a round: the rest is as if its seat did nothing.
//!
//! Most options touch a few cells. A value that depends on none of them, directly or through rules,
//! events and definitions, is the same whichever option the seat plays, so an imagined round takes
//! it from the round in which the seat plays nothing. This changes no number, only how often it is
//! worked out.

use super::board::{Board, Touch};
use crate::expr::{Expr, Node};
use crate::model::{Hazard, Payoff, Seat};

/// What may differ, by number in `Places`.
#[derive(Debug)]
pub(super) struct Reach {
    differs: Vec<bool>,
    /// The places at which it does.
    places: Vec<usize>,
}

/// What is known to differ at a moment, while a formula is searched for it.
struct Search<'a> {
    board: &'a Board<'a>,
    /// The options of the seat, and its actor.
    options: std::ops::Range<usize>,
    actor: usize,
    cells: &'a [bool],
    derived: Vec<Option<bool>>,
    /// At the end, chances and beliefs may differ as well.
    chances: Option<&'a [bool]>,
}

impl<'a> Search<'a> {
    fn new(
        board: &'a Board<'a>,
        seat: &Seat,
        cells: &'a [bool],
        chances: Option<&'a [bool]>,
    ) -> Self {
        let derived = vec![None; board.model.derived.len()];
        Search { board, options: seat.options(), actor: seat.actor, cells, derived, chances }
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
        let board = self.board;
        let found = self.finds(&board.model.derived[instance].value);
        self.derived[instance] = Some(found);
        found
    }

    fn finds_effect(&mut self, touch: &Touch) -> bool {
        let filter = touch.effect.filter.as_ref();
        self.finds(&touch.effect.value) || filter.is_some_and(|filter| self.finds(filter))
    }

    fn all_derived(&mut self) -> Vec<bool> {
        (0..self.derived.len()).map(|instance| self.finds_derived(instance)).collect()
    }
}

impl Reach {
    #[inline]
    pub fn has(&self, place: usize) -> bool {
        self.differs[place]
    }

    /// All places that are reached.
    pub fn places(&self) -> &[usize] {
        &self.places
    }

    pub fn new(differs: Vec<bool>) -> Self {
        let places = (0..differs.len()).filter(|place| differs[*place]).collect();
        Reach { differs, places }
    }

    /// What each option can reach, by the definitions of the model, in the order of options.
    pub fn all(board: &Board) -> Vec<Reach> {
        let seats = board.model.seats.iter();
        let reaches = seats.flat_map(|seat| {
            let untouched = vec![false; board.model.cells.len()];
            // effects that read what the seat chooses differ with each of its options
            let mut start = Search::new(board, seat, &untouched, None);
            let by_cell = board.by_options.iter();
            let read: Vec<bool> =
                by_cell.map(|all| all.iter().any(|t| start.finds_effect(t))).collect();
            seat.options().map(move |option| Reach::of(board, option, &read))
        });
        reaches.collect()
    }

    /// What an option can reach; `read`: the cells with effects that read what its seat chooses.
    fn of(board: &Board, option: usize, read: &[bool]) -> Reach {
        let model = board.model;
        let seat = &model.seats[model.options[option].seat];
        let search = |cells, chances| Search::new(board, seat, cells, chances);
        let by_cell = board.by_options.iter().zip(read);
        let acted: Vec<bool> =
            by_cell.map(|(all, read)| *read || all.iter().any(|t| t.source == option)).collect();
        let mut after_acting = search(&acted, None);
        let drifted: Vec<bool> = model
            .cells
            .iter()
            .zip(&acted)
            .map(|(cell, acted)| cell.next.as_ref().map_or(*acted, |r| after_acting.finds(r)))
            .collect();
        let mut nature = search(&drifted, None);
        let chances: Vec<bool> = model
            .hazards
            .iter()
            .map(|h| h.probability.iter().chain(&h.when).any(|formula| nature.finds(formula)))
            .collect();
        let struck: Vec<bool> = board
            .by_hazards
            .iter()
            .zip(&drifted)
            .map(|(all, drifted)| {
                *drifted || all.iter().any(|t| chances[t.source] || nature.finds_effect(t))
            })
            .collect();
        let mut end = search(&struck, Some(&chances));
        let derived = [after_acting.all_derived(), nature.all_derived(), end.all_derived()];
        let mut paid = |formula: fn(&Payoff) -> &Expr| -> Vec<bool> {
            model.payoffs.iter().flatten().map(|payoff| end.finds(formula(payoff))).collect()
        };
        let (payoffs, weights) = (paid(|p| &p.value), paid(|p| &p.weight));
        let fatal = |h: &Hazard| model.events[h.event].ends;
        let stops = model.stop_when.as_ref().is_some_and(|condition| end.finds(condition));
        let over =
            stops || model.hazards.iter().zip(&chances).any(|(h, differs)| *differs && fatal(h));
        drop((after_acting, nature, end));
        // in the order of `Places`
        let [acting, drifting, ending] = derived;
        let all = [
            acted,
            drifted,
            struck,
            acting,
            drifting,
            ending,
            chances,
            payoffs,
            weights,
            vec![over],
        ];
        Reach::new(all.concat())
    }
}
