//! A round, real or imagined, for any weights: steps 4 to 8.
//!
//! A round passes four moments: its start; after what was chosen has acted; after what happens by
//! itself; after events. A value is worked out when it is first asked for and kept, so that an
//! imagined round costs no more than what the payoff in question depends on; a real round asks for
//! everything.

use std::cell::OnceCell;

use super::effect_index::CellEffect;
use super::memo::Memo;
use super::{Beliefs, Moment, Paid, Start, World};
use crate::expr::{Change, Facts, Number, Operation, Sum, value};
use crate::model::{ActorId, CellId, HazardId, IndexVec, OptionId};

/// How an observer's belief about the types of an actor comes out: by what is chosen, private id
/// and observer.
pub type Learn<'a, N> = &'a dyn Fn(&IndexVec<OptionId, N>, usize, ActorId) -> Vec<N>;

/// One round with the weights of what is chosen.
pub struct Round<'a, N: Number> {
    pub start: &'a Start<'a, N>,
    /// The weight of every option.
    pub chosen: IndexVec<OptionId, N>,
    /// The weight of every hazard once nature has decided; `None`: their chances.
    pub decided: Option<IndexVec<HazardId, N>>,
    /// What everybody got, once that is known: outcomes read it.
    pub paid: Option<Paid<N>>,
    /// The same round with a seat that plays nothing, if this one is [`Round::beside`] it, and the
    /// option that the seat plays here.
    basis: Option<&'a Round<'a, N>>,
    option: Option<OptionId>,
    pub(super) learn: Learn<'a, N>,
    /// By private id and observer.
    learned: Vec<OnceCell<Vec<N>>>,
    /// By number in `MemoLayout`.
    known: Memo<N>,
    /// The bytes of all this.
    _held: N::Held,
}

/// The moments of a round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Before anything has happened.
    Start,
    /// After step 4.
    AfterMoves,
    /// After step 5.
    AfterDynamics,
    /// After step 6, with what was learned in step 7.
    End,
}

impl Phase {
    /// Its number among the moments at which values are worked out. What is read at the start was
    /// there before; derived quantities of the start are kept by `Start`.
    #[inline]
    pub fn number(self) -> usize {
        match self {
            Phase::Start | Phase::AfterMoves => 0,
            Phase::AfterDynamics => 1,
            Phase::End => 2,
        }
    }
}

impl<'a, N: Number> Round<'a, N> {
    pub fn new(
        start: &'a Start<'a, N>,
        chosen: IndexVec<OptionId, N>,
        learn: Learn<'a, N>,
    ) -> Self {
        let count = start.index.layout.count();
        Round {
            _held: N::hold(start.home, size_of::<Option<N>>() * count),
            start,
            chosen,
            decided: None,
            paid: None,
            basis: None,
            option: None,
            learn,
            learned: vec![OnceCell::new(); start.index.beliefs()],
            known: Memo::new(count),
        }
    }

    /// A round in which a seat that plays nothing in this one is going to [`Round::turn_to`] one
    /// option after the other.
    pub fn beside(&'a self) -> Self {
        let mut round = Round::new(self.start, self.chosen.clone(), self.learn);
        round.basis = Some(self);
        round
    }

    /// The seat plays this option instead of the one before: what either of them can reach is
    /// forgotten, all else stays as it is.
    pub fn turn_to(&mut self, option: OptionId) {
        let reaches = &self.start.index.reaches;
        if let Some(before) = self.option.replace(option) {
            self.chosen[before] = self.start.number(0.0);
            self.known.forget(reaches[before].slots());
        }
        self.chosen[option] = self.start.number(1.0);
        self.known.forget(reaches[option].slots());
        self.learned.fill(OnceCell::new());
    }

    /// A value of this round: what is known of it, what the basis has, or what is worked out.
    #[inline]
    pub(super) fn kept(&self, slot: usize, work_out: impl FnOnce(&Self) -> N) -> N {
        self.known.kept(slot, || match (self.basis, self.option) {
            (Some(basis), Some(option)) if !self.start.index.reaches[option].has(slot) => {
                basis.known.kept(slot, || work_out(basis))
            }
            _ => work_out(self),
        })
    }

    /// A moment of this round, for formulas to read.
    pub fn at(&self, phase: Phase) -> Moment<'_, N> {
        Moment { round: self, phase }
    }

    /// What an observer believes after the round about the types of an actor.
    pub(super) fn belief(&self, private_id: usize, observer: ActorId) -> &[N] {
        let at = private_id * self.start.index.model.actor_count() + observer.index();
        self.learned[at].get_or_init(|| (self.learn)(&self.chosen, private_id, observer))
    }

    /// What is believed after the round.
    pub fn beliefs(&self) -> Beliefs<N> {
        let model = self.start.index.model;
        let observers = |id: usize| -> IndexVec<ActorId, Vec<N>> {
            let own = model.private[id].actor;
            let before = &self.start.world.beliefs[id];
            model
                .actors()
                .map(|o| if o == own { before[o].clone() } else { self.belief(id, o).to_vec() })
                .collect()
        };
        (0..model.private.len()).map(observers).collect()
    }

    /// What observers believe about others after the round, in the order of results.
    pub fn learned(&self) -> Vec<N> {
        let private = &self.start.index.model.private;
        let rows = private.iter().zip(self.beliefs()).flat_map(|(private, rows)| {
            let others = rows.ids().zip(rows.clone()).filter(|(o, _)| *o != private.actor);
            others.flat_map(|(_, row)| row).collect::<Vec<_>>()
        });
        rows.collect()
    }

    /// The value of a state cell at a moment.
    #[inline]
    pub fn cell(&self, phase: Phase, cell: CellId) -> N {
        if phase == Phase::Start {
            return self.start.world.cells[cell];
        }
        let slot = self.start.index.layout.cell(phase, cell);
        self.kept(slot, |round| match phase {
            Phase::Start | Phase::AfterMoves => round.after_moves(cell),
            Phase::AfterDynamics => round.after_dynamics(cell),
            Phase::End => round.after_events(cell),
        })
    }

    /// The values of all cells at a moment.
    pub fn all_cells(&self, phase: Phase) -> IndexVec<CellId, N> {
        self.start.index.model.cells.ids().map(|cell| self.cell(phase, cell)).collect()
    }

    /// Step 4: the effects of what is chosen, evaluated at the start of the round.
    fn after_moves(&self, cell: CellId) -> N {
        let entries = &self.start.index.by_options[cell];
        self.combine(cell, Phase::Start, entries, |option| self.chosen[option], |e| self.amount(e))
    }

    /// Weight of the filter and amount of an effect of an option.
    pub fn amount(&self, entry: &CellEffect<OptionId>) -> (N, N) {
        let start = self.start;
        if entry.reads_choices || start.draws.is_some() {
            return self.amount_at(Phase::Start, entry);
        }
        let share = start.filters.kept(entry.number, || self.filter(entry, start));
        if share.is_zero() {
            return (share, share);
        }
        (share, start.amounts.kept(entry.number, || value(&entry.effect.value, start)))
    }

    fn filter<S>(&self, entry: &CellEffect<S>, facts: &dyn Facts<N>) -> N {
        entry.effect.filter.as_ref().map_or_else(|| self.start.number(1.0), |f| value(f, facts))
    }

    /// Weight of the filter and amount of an effect, read at a moment.
    fn amount_at<S>(&self, phase: Phase, entry: &CellEffect<S>) -> (N, N) {
        let here = self.at(phase);
        let share = self.filter(entry, &here);
        if share.is_zero() {
            return (share, share);
        }
        (share, value(&entry.effect.value, &here))
    }

    /// Step 5: what happens by itself.
    fn after_dynamics(&self, cell: CellId) -> N {
        let known = &self.start.index.model.cells[cell];
        match &known.next {
            None => self.cell(Phase::AfterMoves, cell),
            Some(rule) => value(rule, &self.at(Phase::AfterMoves)).clamp_to(known.range),
        }
    }

    /// Step 6: the effects of what happens, evaluated at the state at which it was decided.
    fn after_events(&self, cell: CellId) -> N {
        let entries = &self.start.index.by_hazards[cell];
        if entries.is_empty() {
            return self.cell(Phase::AfterDynamics, cell);
        }
        let amount = |entry: &CellEffect<HazardId>| self.amount_at(Phase::AfterDynamics, entry);
        self.combine(cell, Phase::AfterDynamics, entries, |hazard| self.happened(hazard), amount)
    }

    /// A cell after simultaneous effects. Increments are summed in order. Assignments move the
    /// cell towards the weighted mean of what is assigned, with the probability that some group
    /// (seat or hazard) assigns it; within a group the weights of its sources add, and a source
    /// that assigns the cell more than once counts with its largest weight. Both are added and
    /// clamped. What has weight 0 is not evaluated.
    fn combine<S: Copy + PartialEq>(
        &self,
        cell: CellId,
        before: Phase,
        entries: &[CellEffect<S>],
        weight_of: impl Fn(S) -> N,
        amount_of: impl Fn(&CellEffect<S>) -> (N, N),
    ) -> N {
        let zero = self.start.number(0.0);
        let mut added = N::Sum::new(self.start.home);
        let (mut assigned, mut weight, mut spared) = (zero, zero, self.start.number(1.0));
        let (mut group, mut source) = (None, None);
        let (mut in_group, mut in_source) = (zero, zero);
        for entry in entries {
            if source != Some(entry.source) {
                in_group = in_group + in_source;
                (source, in_source) = (Some(entry.source), zero);
            }
            if group != Some(entry.group) {
                spared = spared * in_group.complement();
                (group, in_group) = (Some(entry.group), zero);
            }
            let own = weight_of(entry.source);
            if own.is_zero() {
                continue;
            }
            let (filter, amount) = amount_of(entry);
            let share = own.weigh(filter);
            if share.is_zero() {
                continue;
            }
            match entry.effect.change {
                Change::Add => added.add(share, amount, false),
                Change::Subtract => added.add(share, amount, true),
                Change::Assign => {
                    assigned = assigned + share.weigh(amount);
                    weight = weight + share;
                    in_source = in_source.maximum(share);
                }
            }
        }
        spared = spared * (in_group + in_source).complement();
        let was = self.cell(before, cell);
        let moved = if weight.is_zero() {
            was
        } else {
            let share = spared.complement();
            let stays = share.complement() * was;
            let goes = share * (assigned / weight);
            weight.not_zero().select(stays + goes, was)
        };
        (moved + added.finish()).clamp_to(self.start.index.model.cells[cell].range)
    }

    /// Step 6, first half: how likely an event is, at the state after step 5: the probability as
    /// its formula gives it, moved into \[0, 1\], times the share that condition and past leave.
    pub fn chance(&self, hazard: HazardId) -> N {
        let slot = self.start.index.layout.chance(hazard);
        self.kept(slot, |round| match round.raw_chance(hazard) {
            Some((possible, chance, share)) => {
                let limited = chance.clamp_to((0.0, 1.0));
                possible.select(limited * share, round.start.number(0.0))
            }
            None => round.start.number(0.0),
        })
    }

    /// Whether an event can happen at all, the probability as the formula gives it, and the share
    /// of it that condition and past leave. A condition that does not hold at all, and an event
    /// that can no longer happen, are not evaluated further.
    pub fn raw_chance(&self, hazard: HazardId) -> Option<(N, N, N)> {
        let (index, start) = (self.start.index, self.start);
        let known = &index.model.hazards[hazard];
        let probability = known.probability.as_ref()?;
        if index.arm.disabled_hazards[hazard] {
            return None;
        }
        let once = index.model.events[known.event].once;
        let spent = if once { start.world.spent[hazard] } else { start.number(0.0) };
        let here = self.at(Phase::AfterDynamics);
        let always = || start.number(1.0);
        let when = known.when.as_ref().map_or_else(always, |condition| value(condition, &here));
        let open = N::operation(Operation::NotEqual, [spent, start.number(1.0)]);
        let possible = when.not_zero() * open;
        if possible.is_zero() {
            return None;
        }
        let chance = value(probability, &here);
        Some((possible, chance, when * spent.complement()))
    }

    /// The weight of an event this round.
    pub fn happened(&self, hazard: HazardId) -> N {
        match &self.decided {
            Some(weights) => weights[hazard],
            None => self.chance(hazard),
        }
    }

    /// What an actor's own choices cost it by component: formulas at the start of the round,
    /// weights of its options, summed over its seats.
    fn costs(&self, actor: ActorId) -> Vec<N> {
        let index = self.start.index;
        let zero = self.start.number(0.0);
        let mut total = vec![zero; index.model.names.components.len()];
        for seat in &index.seats_of[actor] {
            let mut own = vec![zero; total.len()];
            for option in index.model.seats[*seat].options() {
                let weight = self.chosen[option];
                if weight.is_zero() {
                    continue;
                }
                let costs = (index.first_cost[option]..).zip(&index.model.options[option].costs);
                for (number, (component, formula)) in costs {
                    let cost = match index.cost_reads[number] {
                        true => value(formula, &self.at(Phase::Start)),
                        false => self.start.cost(number, formula),
                    };
                    own[*component] = own[*component] + weight.weigh(cost);
                }
            }
            for (sum, part) in total.iter_mut().zip(own) {
                *sum = *sum + part;
            }
        }
        total
    }

    /// Step 8 for one actor: payoffs π by component and, with weights w and costs c, w(π − c).
    pub fn pay(&self, actor: ActorId) -> (Vec<N>, Vec<N>) {
        let index = self.start.index;
        let payoffs = index.model.payoffs[actor].iter().enumerate().zip(self.costs(actor));
        let each = payoffs.map(|((component, payoff), cost)| {
            let slot = index.layout.payoff(actor, component);
            let gained = self.kept(slot, |round| value(&payoff.value, &round.at(Phase::End)));
            let slot = index.layout.weight(actor, component);
            let weight = self.kept(slot, |round| value(&payoff.weight, &round.at(Phase::End)));
            (gained, weight * (gained - cost))
        });
        each.unzip()
    }

    /// The weight with which a run goes on after this round: no event that ends it, not the last
    /// round, `stop_when` not holding.
    pub fn goes_on(&self) -> N {
        self.kept(self.start.index.layout.goes_on(), Round::not_over)
    }

    fn not_over(&self) -> N {
        let weight = self.not_ended();
        let rounds = self.start.rounds();
        let last = N::operation(Operation::AtMost, [rounds, self.start.world.round]);
        last.select(self.start.number(0.0), weight)
    }

    /// The same whichever round it is.
    pub fn not_ended(&self) -> N {
        let index = self.start.index;
        let mut weight = self.start.number(1.0);
        for (number, hazard) in index.model.hazards.enumerate() {
            if index.model.events[hazard.event].ends {
                weight = weight * self.happened(number).complement();
            }
        }
        if let Some(condition) = &index.model.stop_when {
            let stops = value(condition, &self.at(Phase::End));
            weight = weight * stops.complement();
        }
        weight
    }

    /// The world after the round; `mixed` are the mixes from which was chosen in its last stage.
    pub fn next(&self, mixed: &IndexVec<OptionId, N>) -> World<N> {
        let (index, world) = (self.start.index, self.start.world);
        let hazards = index.model.hazards.enumerate();
        let happened: IndexVec<HazardId, N> =
            hazards.clone().map(|(h, _)| self.happened(h)).collect();
        let spent = hazards.map(|(number, hazard)| {
            let once = index.model.events[hazard.event].once;
            if once { world.spent[number] + happened[number] } else { self.start.number(0.0) }
        });
        let mut mixed = mixed.clone();
        for seat in index.model.seats.iter().filter(|seat| seat.stage < world.stage) {
            mixed.slice_mut(seat.range()).copy_from_slice(world.drawn.slice(seat.range()));
        }
        let none = || IndexVec::filled(self.start.number(0.0), mixed.len());
        World {
            round: world.round + self.start.number(1.0),
            stage: 0,
            chosen: none(),
            drawn: none(),
            cells: self.all_cells(Phase::End),
            played: self.chosen.clone(),
            mixed,
            spent: spent.collect(),
            happened,
            beliefs: self.beliefs(),
        }
    }
}

/// The sum of the parts of a utility, in order.
pub fn total<N: Number>(home: N::Home, parts: &[N]) -> N {
    parts.iter().fold(N::constant(home, 0.0), |sum, part| sum + *part)
}
