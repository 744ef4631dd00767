//! A round, real or imagined, for any weights: steps 4 to 8.
//!
//! A round passes four moments: its start; after what was chosen has acted; after what happens by
//! itself; after nature has struck. A value is worked out when it is first asked for and kept, so
//! that an imagined round costs no more than what the payoff in question depends on; a real round
//! asks for everything.

use std::cell::{OnceCell, RefCell};

use super::World;
use super::effect_index::{CellEffect, EffectIndex, OptionCost};
use super::memo::Memo;
use crate::expr::{Change, Facts, Site, value};
use crate::math;
use crate::model::Payoff;
use crate::rng::{Address, Purpose, Stream};

/// How likely each type of each actor is to whoever looks, and the parameters that follow.
///
/// In reality every weight is 0 or 1. An actor that deliberates knows its own type and weighs the
/// types of others by its beliefs. A branch of exact anticipation has weights of 0 and 1 again.
#[derive(Debug, Clone)]
pub(super) struct View {
    /// By private id, then type.
    pub weights: Vec<Vec<f64>>,
    /// The value of every parameter cell.
    pub parameters: Vec<f64>,
}

impl View {
    /// The view in which each actor with private information is of one type for sure.
    pub fn of_types(index: &EffectIndex, kinds: &[usize]) -> View {
        let private = index.model.private.iter().zip(kinds);
        View::from(index, private.map(|(p, kind)| one_hot(p.kinds.len(), *kind)).collect())
    }

    /// The view of an actor of a type: itself known, others weighed by its beliefs.
    pub fn of_actor(index: &EffectIndex, world: &World, actor: usize, kind: usize) -> View {
        let places = index.model.private.iter().enumerate();
        let weights = places.map(|(place, private)| match private.actor == actor {
            true => one_hot(private.kinds.len(), kind),
            false => world.beliefs[place][actor].clone(),
        });
        View::from(index, weights.collect())
    }

    fn from(index: &EffectIndex, weights: Vec<Vec<f64>>) -> View {
        let parameters = index.arm.parameters_for(&weights);
        View { weights, parameters }
    }
}

/// All weight on one of `count`.
pub(super) fn one_hot(count: usize, at: usize) -> Vec<f64> {
    (0..count).map(|k| if k == at { 1.0 } else { 0.0 }).collect()
}

/// The start of a round in somebody's view: what does not depend on this round's choices.
pub(super) struct Start<'a> {
    pub index: &'a EffectIndex<'a>,
    pub world: &'a World,
    pub view: View,
    /// Real draws, or `None`: draws enter by their means.
    pub stream: Option<&'a RefCell<Stream>>,
    derived: Memo,
    /// By effect of an option: weight of its filter, and amount.
    filters: Memo,
    amounts: Memo,
    costs: Memo,
}

impl<'a> Start<'a> {
    /// The start of an imagined round.
    pub fn new(index: &'a EffectIndex<'a>, world: &'a World, view: View) -> Self {
        Start {
            index,
            world,
            view,
            stream: None,
            derived: Memo::new(index.model.derived.len()),
            filters: Memo::new(index.effects),
            amounts: Memo::new(index.effects),
            costs: Memo::new(index.costs),
        }
    }

    fn cost(&self, option_cost: &OptionCost) -> f64 {
        self.costs.kept(option_cost.number, || value(option_cost.cost, self))
    }

    fn uniform(&self, round: u32, purpose: Purpose, site: Site) -> Option<f64> {
        let at = Address { round, purpose, ordinal: site.ordinal, slot: site.slot };
        self.stream.map(|stream| stream.borrow_mut().uniform(at))
    }
}

impl Facts for Start<'_> {
    fn parameter(&self, cell: usize) -> f64 {
        self.view.parameters[cell]
    }
    fn state(&self, cell: usize) -> f64 {
        self.world.cells[cell]
    }
    fn derived(&self, instance: usize) -> f64 {
        let expr = &self.index.model.derived[instance].value;
        self.derived.kept(instance, || value(expr, self))
    }
    fn round(&self) -> f64 {
        f64::from(self.world.round + 1)
    }
    fn rounds(&self) -> f64 {
        f64::from(self.index.arm.rounds)
    }
    fn option(&self, option: usize, last: bool) -> f64 {
        if last { self.world.played[option] } else { f64::NAN }
    }
    fn event(&self, hazard: usize, last: bool) -> f64 {
        if last { self.world.happened[hazard] } else { f64::NAN }
    }
    /// What an actor believes about itself is its type, as far as whoever looks knows it.
    fn belief(&self, observer: usize, actor: usize, kind: usize) -> f64 {
        match self.index.model.private_of(actor) {
            Some(place) if observer == actor => self.view.weights[place][kind],
            Some(place) => self.world.beliefs[place][observer][kind],
            None => f64::NAN,
        }
    }
    /// Initial values are the only draws that a start reads: those of round 0.
    fn uniform(&self, site: Site) -> Option<f64> {
        self.uniform(0, Purpose::Initial, site)
    }
}

/// Beliefs by private id, observer and type.
pub(super) type Beliefs = Vec<Vec<Vec<f64>>>;

/// How an observer's belief about the types of a place comes out: by what is chosen, place and
/// observer.
pub(super) type Learn<'a> = &'a dyn Fn(&[f64], usize, usize) -> Vec<f64>;

/// One round with the weights of what is chosen.
pub(super) struct Round<'a> {
    pub start: &'a Start<'a>,
    /// The weight of every option.
    pub chosen: Vec<f64>,
    /// The weight of every hazard once nature has decided; `None`: their chances.
    pub decided: Option<Vec<f64>>,
    /// The same round with a seat that plays nothing, if this one is [`Round::beside`] it, and the
    /// option that the seat plays here.
    basis: Option<&'a Round<'a>>,
    option: Option<usize>,
    learn: Learn<'a>,
    /// By place and observer.
    learned: Vec<OnceCell<Vec<f64>>>,
    /// By number in `MemoLayout`.
    known: Memo,
}

/// The moments of a round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
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

impl<'a> Round<'a> {
    pub fn new(start: &'a Start<'a>, chosen: Vec<f64>, learn: Learn<'a>) -> Self {
        let known = Memo::new(start.index.layout.count());
        let learned = vec![OnceCell::new(); start.index.beliefs()];
        Round { start, chosen, decided: None, basis: None, option: None, learn, learned, known }
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
    pub fn turn_to(&mut self, option: usize) {
        let reaches = &self.start.index.reaches;
        if let Some(before) = self.option.replace(option) {
            self.chosen[before] = 0.0;
            self.known.forget(reaches[before].slots());
        }
        self.chosen[option] = 1.0;
        self.known.forget(reaches[option].slots());
        self.learned.fill(OnceCell::new());
    }

    /// A value of this round: what is known of it, what the basis has, or what is worked out.
    #[inline]
    fn kept(&self, place: usize, work_out: impl FnOnce(&Self) -> f64) -> f64 {
        self.known.kept(place, || match (self.basis, self.option) {
            (Some(basis), Some(option)) if !self.start.index.reaches[option].has(place) => {
                basis.known.kept(place, || work_out(basis))
            }
            _ => work_out(self),
        })
    }

    /// A moment of this round, for formulas to read.
    pub fn at(&self, phase: Phase) -> Moment<'_> {
        Moment { round: self, phase, utilities: &[], payoffs: &[] }
    }

    /// What an observer believes after the round about the types of a place.
    fn belief(&self, place: usize, observer: usize) -> &[f64] {
        let at = place * self.start.index.model.actor_count() + observer;
        self.learned[at].get_or_init(|| (self.learn)(&self.chosen, place, observer))
    }

    /// What is believed after the round.
    pub fn beliefs(&self) -> Beliefs {
        let model = self.start.index.model;
        let observers = |place: usize| -> Vec<Vec<f64>> {
            let own = model.private[place].actor;
            let before = &self.start.world.beliefs[place];
            (0..model.actor_count())
                .map(|o| if o == own { before[o].clone() } else { self.belief(place, o).to_vec() })
                .collect()
        };
        (0..model.private.len()).map(observers).collect()
    }

    /// The value of a state cell at a moment.
    #[inline]
    pub fn cell(&self, phase: Phase, cell: usize) -> f64 {
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
    pub fn all_cells(&self, phase: Phase) -> Vec<f64> {
        (0..self.start.index.model.cells.len()).map(|cell| self.cell(phase, cell)).collect()
    }

    /// Step 4: the effects of what is chosen, evaluated at the start of the round.
    fn after_moves(&self, cell: usize) -> f64 {
        let entries = &self.start.index.by_options[cell];
        self.combine(cell, Phase::Start, entries, |option| self.chosen[option], |t| self.amount(t))
    }

    /// Weight of the filter and amount of an effect of an option.
    fn amount(&self, entry: &CellEffect) -> (f64, f64) {
        let start = self.start;
        let filter = |facts: &dyn Facts| {
            entry.effect.filter.as_ref().map_or(1.0, |filter| value(filter, facts))
        };
        if entry.reads_choices || start.stream.is_some() {
            let here = self.at(Phase::Start);
            let share = filter(&here);
            let amount = if share == 0.0 { 0.0 } else { value(&entry.effect.value, &here) };
            return (share, amount);
        }
        let share = start.filters.kept(entry.number, || filter(start));
        if share == 0.0 {
            return (share, 0.0);
        }
        (share, start.amounts.kept(entry.number, || value(&entry.effect.value, start)))
    }

    /// Step 5: what happens by itself.
    fn after_dynamics(&self, cell: usize) -> f64 {
        let known = &self.start.index.model.cells[cell];
        match &known.next {
            None => self.cell(Phase::AfterMoves, cell),
            Some(rule) => {
                let (lo, hi) = known.range;
                math::clamp(value(rule, &self.at(Phase::AfterMoves)), lo, hi)
            }
        }
    }

    /// Step 6: the effects of what happens, evaluated at the state at which it was decided.
    fn after_events(&self, cell: usize) -> f64 {
        let entries = &self.start.index.by_hazards[cell];
        if entries.is_empty() {
            return self.cell(Phase::AfterDynamics, cell);
        }
        self.combine(
            cell,
            Phase::AfterDynamics,
            entries,
            |hazard| self.happened(hazard),
            |entry| {
                let here = self.at(Phase::AfterDynamics);
                let share = entry.effect.filter.as_ref().map_or(1.0, |filter| value(filter, &here));
                let amount = if share == 0.0 { 0.0 } else { value(&entry.effect.value, &here) };
                (share, amount)
            },
        )
    }

    /// A cell after simultaneous effects. Increments are summed in order. Assignments move the
    /// cell towards the weighted mean of what is assigned, with the probability that some group
    /// (seat or hazard) assigns it; within a group the weights of its sources add, and a source
    /// that assigns the cell more than once counts with its largest weight. Both are added and
    /// clamped. What has weight 0 is not evaluated.
    fn combine(
        &self,
        cell: usize,
        before: Phase,
        entries: &[CellEffect],
        weight_of: impl Fn(usize) -> f64,
        amount_of: impl Fn(&CellEffect) -> (f64, f64),
    ) -> f64 {
        let (mut add, mut assigned, mut weight, mut spared) = (0.0, 0.0, 0.0, 1.0);
        let (mut group, mut source) = (usize::MAX, usize::MAX);
        let (mut in_group, mut in_source) = (0.0, 0.0);
        for entry in entries {
            if entry.source != source {
                in_group += in_source;
                (source, in_source) = (entry.source, 0.0);
            }
            if entry.group != group {
                spared *= 1.0 - in_group;
                (group, in_group) = (entry.group, 0.0);
            }
            let own = weight_of(entry.source);
            if own == 0.0 {
                continue;
            }
            let (filter, amount) = amount_of(entry);
            let share = own * filter;
            if share == 0.0 {
                continue;
            }
            match entry.effect.change {
                Change::Add => add += share * amount,
                Change::Subtract => add -= share * amount,
                Change::Assign => {
                    assigned += share * amount;
                    weight += share;
                    in_source = math::maximum(in_source, share);
                }
            }
        }
        spared *= 1.0 - (in_group + in_source);
        let was = self.cell(before, cell);
        let moved = if weight == 0.0 {
            was
        } else {
            let share = 1.0 - spared;
            (1.0 - share) * was + share * (assigned / weight)
        };
        let (lo, hi) = self.start.index.model.cells[cell].range;
        math::clamp(moved + add, lo, hi)
    }

    /// Where the effect, rule or event effect stands that left a cell without a finite value.
    pub fn culprit(&self, phase: Phase, cell: usize) -> usize {
        let index = self.start.index;
        let first = |entries: &[CellEffect]| {
            entries.first().map_or(0, |entry| entry.effect.value.span.start)
        };
        match phase {
            Phase::Start | Phase::AfterMoves => {
                let guilty = index.by_options[cell]
                    .iter()
                    .find(|t| self.chosen[t.source] != 0.0 && !self.amount(t).1.is_finite());
                guilty.map_or(first(&index.by_options[cell]), |t| t.effect.value.span.start)
            }
            Phase::AfterDynamics => {
                index.model.cells[cell].next.as_ref().map_or(0, |rule| rule.span.start)
            }
            Phase::End => {
                let here = self.at(Phase::AfterDynamics);
                let guilty = index.by_hazards[cell].iter().find(|t| {
                    self.happened(t.source) != 0.0 && !value(&t.effect.value, &here).is_finite()
                });
                guilty.map_or(first(&index.by_hazards[cell]), |t| t.effect.value.span.start)
            }
        }
    }

    /// Step 6, first half: how likely an event is, at the state after step 5. A condition that does
    /// not hold at all, and an event that can no longer happen, are not evaluated further.
    pub fn chance(&self, hazard: usize) -> f64 {
        let slot = self.start.index.layout.chance(hazard);
        self.kept(slot, |round| likelihood(round.raw_chance(hazard)))
    }

    /// The probability as the formula gives it, and the share of it that condition and past leave.
    pub fn raw_chance(&self, hazard: usize) -> Option<(f64, f64)> {
        let index = self.start.index;
        let known = &index.model.hazards[hazard];
        let probability = known.probability.as_ref()?;
        if index.arm.disabled_hazards[hazard] {
            return None;
        }
        let once = index.model.events[known.event].once;
        let spent = if once { self.start.world.spent[hazard] } else { 0.0 };
        let here = self.at(Phase::AfterDynamics);
        let when = known.when.as_ref().map_or(1.0, |condition| value(condition, &here));
        if when == 0.0 || spent == 1.0 {
            return None;
        }
        Some((value(probability, &here), when * (1.0 - spent)))
    }

    /// The weight of an event this round.
    pub fn happened(&self, hazard: usize) -> f64 {
        match &self.decided {
            Some(weights) => weights[hazard],
            None => self.chance(hazard),
        }
    }

    /// What an actor's own choices cost it in a component: formulas at the start of the round,
    /// weights of its options, summed over its seats.
    fn cost(&self, actor: usize, component: usize) -> f64 {
        let index = self.start.index;
        let mut total = 0.0;
        for seat in &index.seats_of[actor] {
            let mut own = 0.0;
            for option_cost in &index.option_costs[*seat][component] {
                let weight = self.chosen[option_cost.option];
                if weight != 0.0 {
                    own += weight * self.start.cost(option_cost);
                }
            }
            total += own;
        }
        total
    }

    /// Step 8: a payoff π of an actor.
    pub fn gained(&self, actor: usize, component: usize) -> f64 {
        let index = self.start.index;
        let formula = &index.model.payoffs[actor][component].value;
        let slot = index.layout.payoff(actor, component);
        self.kept(slot, |round| value(formula, &round.at(Phase::End)))
    }

    /// The utility of an actor by component: with weights w and costs c, w(π − c).
    pub fn parts(&self, actor: usize) -> Vec<f64> {
        let index = self.start.index;
        let payoffs = index.model.payoffs[actor].iter().enumerate();
        let part = |(component, payoff): (usize, &Payoff)| {
            let net = self.gained(actor, component) - self.cost(actor, component);
            let slot = index.layout.weight(actor, component);
            self.kept(slot, |round| value(&payoff.weight, &round.at(Phase::End))) * net
        };
        payoffs.map(part).collect()
    }

    /// The weight with which a run goes on after this round: no event that ends it, not the last
    /// round, `stop_when` not holding.
    pub fn goes_on(&self) -> f64 {
        self.kept(self.start.index.layout.goes_on(), Round::not_over)
    }

    fn not_over(&self) -> f64 {
        let (index, world) = (self.start.index, self.start.world);
        if world.round + 1 >= index.arm.rounds {
            return 0.0;
        }
        let mut weight = 1.0;
        for (number, hazard) in index.model.hazards.iter().enumerate() {
            if index.model.events[hazard.event].ends {
                weight *= 1.0 - self.happened(number);
            }
        }
        match &index.model.stop_when {
            Some(condition) => weight * (1.0 - value(condition, &self.at(Phase::End))),
            None => weight,
        }
    }

    /// The world after the round; `mixed` are the mixes from which was chosen.
    pub fn next(&self, mixed: &[f64]) -> World {
        let (index, world) = (self.start.index, self.start.world);
        let hazards = index.model.hazards.iter().enumerate();
        let happened: Vec<f64> = hazards.clone().map(|(h, _)| self.happened(h)).collect();
        let spent = hazards.map(|(number, hazard)| {
            let once = index.model.events[hazard.event].once;
            if once { world.spent[number] + happened[number] } else { 0.0 }
        });
        World {
            round: world.round + 1,
            cells: self.all_cells(Phase::End),
            played: self.chosen.to_vec(),
            mixed: mixed.to_vec(),
            spent: spent.collect(),
            happened,
            beliefs: self.beliefs(),
            true_types: world.true_types.clone(),
        }
    }
}

/// The probability of an event: as the formula gives it, moved into \[0, 1\], times the share
/// that condition and past leave.
pub(super) fn likelihood(raw: Option<(f64, f64)>) -> f64 {
    raw.map_or(0.0, |(chance, share)| math::clamp(chance, 0.0, 1.0) * share)
}

/// The sum of the parts of a utility, in order.
pub(super) fn total(parts: &[f64]) -> f64 {
    let mut sum = 0.0;
    for part in parts {
        sum += part;
    }
    sum
}

/// A moment of a round as formulas read it.
pub(super) struct Moment<'a> {
    round: &'a Round<'a>,
    phase: Phase,
    /// By actor; known to outcomes only.
    pub utilities: &'a [f64],
    /// By actor and component; known to outcomes only.
    pub payoffs: &'a [Vec<f64>],
}

impl Facts for Moment<'_> {
    fn parameter(&self, cell: usize) -> f64 {
        self.round.start.view.parameters[cell]
    }
    fn state(&self, cell: usize) -> f64 {
        self.round.cell(self.phase, cell)
    }
    fn derived(&self, instance: usize) -> f64 {
        if self.phase == Phase::Start {
            return self.round.start.derived(instance);
        }
        let index = self.round.start.index;
        let formula = &index.model.derived[instance].value;
        let slot = index.layout.derived(self.phase, instance);
        self.round.kept(slot, |round| value(formula, &round.at(self.phase)))
    }
    fn round(&self) -> f64 {
        self.round.start.round()
    }
    fn rounds(&self) -> f64 {
        self.round.start.rounds()
    }
    fn option(&self, option: usize, last: bool) -> f64 {
        if last { self.round.start.world.played[option] } else { self.round.chosen[option] }
    }
    fn event(&self, hazard: usize, last: bool) -> f64 {
        if last { self.round.start.world.happened[hazard] } else { self.round.happened(hazard) }
    }
    fn belief(&self, observer: usize, actor: usize, kind: usize) -> f64 {
        let start = self.round.start;
        match start.index.model.private_of(actor) {
            Some(place) if self.phase == Phase::End && observer != actor => {
                self.round.belief(place, observer)[kind]
            }
            _ => start.belief(observer, actor, kind),
        }
    }
    fn utility(&self, actor: usize) -> f64 {
        self.utilities[actor]
    }
    fn payoff(&self, actor: usize, component: usize) -> f64 {
        self.payoffs[actor][component]
    }
    fn uniform(&self, site: Site) -> Option<f64> {
        let purpose = match self.phase {
            Phase::Start => Purpose::Effects,
            Phase::AfterMoves => Purpose::Dynamics,
            Phase::AfterDynamics | Phase::End => Purpose::EventEffects,
        };
        let start = self.round.start;
        Start::uniform(start, start.world.round + 1, purpose, site)
    }
}
