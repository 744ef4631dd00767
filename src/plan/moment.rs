//! A round for any weights, as nodes: steps 4 to 8 of `docs/method.md`, in the order of operations
//! of the plain interpreter.

use std::cell::{OnceCell, RefCell};

use super::added::Added;
use super::budget::Held;
use super::effect_index::{CellEffect, EffectIndex};
use super::formula::{Reads, value};
use super::graph::{Builder, Id};
use super::input::{Draw, Input, Within};
use crate::expr::{Change, Operation, Site};

/// Everything that has memory, at the start of a round.
#[derive(Debug, Clone)]
pub(super) struct World {
    /// The number of the round to be played.
    pub round: Id,
    pub cells: Vec<Id>,
    pub played: Vec<Id>,
    pub mixed: Vec<Id>,
    pub happened: Vec<Id>,
    pub spent: Vec<Id>,
    /// By private id, observer and type.
    pub beliefs: Vec<Vec<Vec<Id>>>,
}

impl World {
    /// The world that a procedure is given.
    pub fn given(index: &EffectIndex, b: &Builder) -> World {
        let model = index.model;
        let list = |count: usize, input: fn(u32) -> Input| -> Vec<Id> {
            (0..count as u32).map(|n| b.input(input(n))).collect()
        };
        let beliefs = (0u32..).zip(&model.private).map(|(place, private)| {
            let row = |observer: u32| -> Vec<Id> {
                let kinds = 0..private.kinds.len() as u32;
                kinds.map(|kind| b.input(Input::Belief(place, observer, kind))).collect()
            };
            (0..model.actor_count() as u32).map(row).collect()
        });
        World {
            round: b.input(Input::Round),
            cells: list(model.cells.len(), Input::Cell),
            played: list(model.options.len(), Input::Played),
            mixed: list(model.options.len(), Input::Mixed),
            happened: list(model.hazards.len(), Input::Happened),
            spent: list(model.hazards.len(), Input::Spent),
            beliefs: beliefs.collect(),
        }
    }
}

/// How likely each type of each actor is to whoever looks, and the parameters that follow.
#[derive(Debug, Clone)]
pub(super) struct View {
    /// By private id, then type.
    pub weights: Vec<Vec<Id>>,
    /// The value of every parameter cell.
    pub parameters: Vec<Id>,
}

impl View {
    /// The view of whoever gives the types these weights.
    pub fn of(index: &EffectIndex, b: &Builder, weights: Vec<Vec<Id>>) -> View {
        let arm = index.arm;
        let open = |place, value: &f64| index.open(b, place, *value);
        let cells = arm.parameters.iter().enumerate();
        let mut parameters: Vec<Id> =
            cells.map(|(cell, p)| open(index.open_inputs.parameter(cell), p)).collect();
        for (place, typed) in arm.typed.iter().enumerate() {
            let mut sum = b.number(0.0);
            for (number, value) in typed.values.iter().enumerate() {
                let mut rest = number;
                let mut weight = b.number(1.0);
                for on in typed.on.iter().rev() {
                    let kinds = weights[*on].len();
                    weight = b.multiply(weight, weights[*on][rest % kinds]);
                    rest /= kinds;
                }
                if b.known(weight) != Some(0.0) {
                    let value = open(index.open_inputs.typed(place, number), value);
                    sum = b.add2(sum, b.weigh(weight, value));
                }
            }
            parameters[typed.cell] = sum;
        }
        View { weights, parameters }
    }

    /// The view of an actor of a type: itself known, others weighed by its beliefs.
    pub fn of_actor(
        index: &EffectIndex,
        b: &Builder,
        world: &World,
        actor: usize,
        kind: usize,
    ) -> View {
        let places = index.model.private.iter().enumerate();
        let weights = places.map(|(place, private)| match private.actor == actor {
            true => one_hot(b, private.kinds.len(), kind),
            false => world.beliefs[place][actor].clone(),
        });
        View::of(index, b, weights.collect())
    }
}

/// All weight on one of `count`.
pub(super) fn one_hot(b: &Builder, count: usize, at: usize) -> Vec<Id> {
    (0..count).map(|k| b.number(f64::from(u8::from(k == at)))).collect()
}

/// Nodes kept once they are made.
type Memo = RefCell<Vec<Option<Id>>>;

fn kept(memo: &Memo, at: usize, make: impl FnOnce() -> Id) -> Id {
    if let Some(known) = memo.borrow()[at] {
        return known;
    }
    let made = make();
    memo.borrow_mut()[at] = Some(made);
    made
}

/// The start of a round in somebody's view.
pub(super) struct Start<'a> {
    pub index: &'a EffectIndex<'a>,
    pub b: &'a Builder<'a>,
    pub world: &'a World,
    pub view: View,
    /// Whether draws are drawn; else they enter by their means.
    pub real: bool,
    derived: Memo,
    filters: Memo,
    amounts: Memo,
    /// The bytes of all this.
    _held: Held<'a>,
}

impl<'a> Start<'a> {
    pub fn new(
        index: &'a EffectIndex<'a>,
        b: &'a Builder<'a>,
        world: &'a World,
        view: View,
        real: bool,
    ) -> Self {
        let memo = |count| RefCell::new(vec![None; count]);
        let entries = index.model.derived.len() + 2 * index.effects;
        let bytes = size_of::<Option<Id>>() * entries + size_of::<Id>() * view.parameters.len();
        Start {
            _held: b.meter().hold(bytes as u64),
            index,
            b,
            world,
            view,
            real,
            derived: memo(index.model.derived.len()),
            filters: memo(index.effects),
            amounts: memo(index.effects),
        }
    }

    fn draw(&self, within: Within, site: Site) -> Option<Id> {
        let draw = Draw { within, ordinal: site.ordinal, slot: site.slot };
        self.real.then(|| self.b.input(Input::Uniform(draw)))
    }
}

impl Reads for Start<'_> {
    fn builder(&self) -> &Builder<'_> {
        self.b
    }
    fn parameter(&self, cell: usize) -> Id {
        self.view.parameters[cell]
    }
    fn state(&self, cell: usize) -> Id {
        self.world.cells[cell]
    }
    fn derived(&self, instance: usize) -> Id {
        let formula = &self.index.model.derived[instance].value;
        kept(&self.derived, instance, || value(formula, self))
    }
    fn round(&self) -> Id {
        self.world.round
    }
    fn rounds(&self) -> Id {
        self.b.number(f64::from(self.index.arm.rounds))
    }
    fn option(&self, option: usize, last: bool) -> Id {
        if last { self.world.played[option] } else { self.b.number(f64::NAN) }
    }
    fn event(&self, hazard: usize, last: bool) -> Id {
        if last { self.world.happened[hazard] } else { self.b.number(f64::NAN) }
    }
    fn belief(&self, observer: usize, actor: usize, kind: usize) -> Id {
        match self.index.model.private_of(actor) {
            Some(place) if observer == actor => self.view.weights[place][kind],
            Some(place) => self.world.beliefs[place][observer][kind],
            None => self.b.number(f64::NAN),
        }
    }
    fn utility(&self, _: usize) -> Id {
        self.b.number(f64::NAN)
    }
    fn payoff(&self, _: usize, _: usize) -> Id {
        self.b.number(f64::NAN)
    }
    fn uniform(&self, site: Site) -> Option<Id> {
        self.draw(Within::Initial, site)
    }
}

/// How an observer's belief about the types of a place comes out: by place and observer.
pub(super) type Learn<'a> = &'a dyn Fn(usize, usize) -> Vec<Id>;

/// One round with the weights of what is chosen.
pub(super) struct Round<'a> {
    pub start: &'a Start<'a>,
    /// The weight of every option.
    pub chosen: &'a [Id],
    /// The weight of every hazard once nature has decided; `None`: their chances.
    pub decided: Option<Vec<Id>>,
    learn: Learn<'a>,
    /// By place and observer.
    learned: Vec<OnceCell<Vec<Id>>>,
    /// Cells at three moments, derived quantities at three moments, chances.
    memo: Memo,
    /// The bytes of all this.
    _held: Held<'a>,
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
    fn number(self) -> usize {
        match self {
            Phase::Start | Phase::AfterMoves => 0,
            Phase::AfterDynamics => 1,
            Phase::End => 2,
        }
    }
}

impl<'a> Round<'a> {
    pub fn new(start: &'a Start<'a>, chosen: &'a [Id], learn: Learn<'a>) -> Self {
        let model = start.index.model;
        let memo = 3 * (model.cells.len() + model.derived.len()) + model.hazards.len();
        Round {
            _held: start.b.meter().hold((size_of::<Option<Id>>() * memo) as u64),
            start,
            chosen,
            decided: None,
            learn,
            learned: vec![OnceCell::new(); model.private.len() * model.actor_count()],
            memo: RefCell::new(vec![None; memo]),
        }
    }

    fn b(&self) -> &'a Builder<'a> {
        self.start.b
    }

    /// Where derived quantities of a moment are kept; those of "moment 3" are the chances.
    fn derived_at(&self, moment: usize) -> usize {
        let model = self.start.index.model;
        3 * model.cells.len() + moment * model.derived.len()
    }

    /// What formulas read at a moment.
    pub fn at(&'a self, phase: Phase) -> Moment<'a> {
        Moment { round: self, phase, utilities: &[], payoffs: &[] }
    }

    /// What an observer believes after the round about the types of a place.
    fn belief(&self, place: usize, observer: usize) -> &[Id] {
        let at = place * self.start.index.model.actor_count() + observer;
        self.learned[at].get_or_init(|| (self.learn)(place, observer))
    }

    /// What is believed after the round.
    pub fn beliefs(&self) -> Vec<Vec<Vec<Id>>> {
        let model = self.start.index.model;
        let observers = |place: usize| -> Vec<Vec<Id>> {
            let own = model.private[place].actor;
            let before = &self.start.world.beliefs[place];
            (0..model.actor_count())
                .map(|o| if o == own { before[o].clone() } else { self.belief(place, o).to_vec() })
                .collect()
        };
        (0..model.private.len()).map(observers).collect()
    }

    /// The value of a state cell at a moment.
    pub fn cell(&self, phase: Phase, cell: usize) -> Id {
        if phase == Phase::Start {
            return self.start.world.cells[cell];
        }
        let at = phase.number() * self.start.index.model.cells.len() + cell;
        kept(&self.memo, at, || match phase {
            Phase::Start | Phase::AfterMoves => self.after_moves(cell),
            Phase::AfterDynamics => self.after_dynamics(cell),
            Phase::End => self.after_events(cell),
        })
    }

    /// The values of all cells at a moment.
    pub fn all_cells(&self, phase: Phase) -> Vec<Id> {
        (0..self.start.index.model.cells.len()).map(|cell| self.cell(phase, cell)).collect()
    }

    /// Step 4.
    fn after_moves(&self, cell: usize) -> Id {
        let entries = &self.start.index.by_options[cell];
        self.combine(cell, Phase::Start, entries, |option| self.chosen[option], |t| self.amount(t))
    }

    /// Weight of the filter and amount of an effect of an option.
    fn amount(&self, entry: &CellEffect) -> (Id, Id) {
        let start = self.start;
        let here = self.at(Phase::Start);
        let one = |facts: &dyn Reads| {
            entry.effect.filter.as_ref().map_or(self.b().number(1.0), |f| value(f, facts))
        };
        if entry.reads_choices || start.real {
            return (one(&here), value(&entry.effect.value, &here));
        }
        let share = kept(&start.filters, entry.number, || one(start));
        (share, kept(&start.amounts, entry.number, || value(&entry.effect.value, start)))
    }

    /// Step 5.
    fn after_dynamics(&self, cell: usize) -> Id {
        let known = &self.start.index.model.cells[cell];
        match &known.next {
            None => self.cell(Phase::AfterMoves, cell),
            Some(rule) => self.clamped(value(rule, &self.at(Phase::AfterMoves)), known.range),
        }
    }

    fn clamped(&self, id: Id, (lo, hi): (f64, f64)) -> Id {
        let b = self.b();
        b.operation(Operation::Clamp, &[id, b.number(lo), b.number(hi)])
    }

    /// Step 6: the effects of what happens.
    fn after_events(&self, cell: usize) -> Id {
        let entries = &self.start.index.by_hazards[cell];
        if entries.is_empty() {
            return self.cell(Phase::AfterDynamics, cell);
        }
        let amount = |entry: &CellEffect| {
            let here = self.at(Phase::AfterDynamics);
            let one = self.b().number(1.0);
            let filter = entry.effect.filter.as_ref().map_or(one, |f| value(f, &here));
            (filter, value(&entry.effect.value, &here))
        };
        self.combine(cell, Phase::AfterDynamics, entries, |hazard| self.happened(hazard), amount)
    }

    /// A cell after simultaneous effects; see the function of the same name of the interpreter.
    fn combine(
        &self,
        cell: usize,
        before: Phase,
        entries: &[CellEffect],
        weight_of: impl Fn(usize) -> Id,
        amount_of: impl Fn(&CellEffect) -> (Id, Id),
    ) -> Id {
        let b = self.b();
        let zero = b.number(0.0);
        let mut added = Added::new(b);
        let (mut assigned, mut weight, mut spared) = (zero, zero, b.number(1.0));
        let (mut group, mut source) = (usize::MAX, usize::MAX);
        let (mut in_group, mut in_source) = (zero, zero);
        for entry in entries {
            if entry.source != source {
                in_group = b.add2(in_group, in_source);
                (source, in_source) = (entry.source, zero);
            }
            if entry.group != group {
                spared = b.multiply(spared, b.complement(in_group));
                (group, in_group) = (entry.group, zero);
            }
            let own = weight_of(entry.source);
            if b.known(own) == Some(0.0) {
                continue;
            }
            let (filter, amount) = amount_of(entry);
            let share = b.weigh(own, filter);
            if b.known(share) == Some(0.0) {
                continue;
            }
            match entry.effect.change {
                Change::Add => added.add(share, amount, false),
                Change::Subtract => added.add(share, amount, true),
                Change::Assign => {
                    assigned = b.add2(assigned, b.weigh(share, amount));
                    weight = b.add2(weight, share);
                    in_source = b.maximum(in_source, share);
                }
            }
        }
        spared = b.multiply(spared, b.complement(b.add2(in_group, in_source)));
        let was = self.cell(before, cell);
        let moved = if b.known(weight) == Some(0.0) {
            was
        } else {
            let share = b.complement(spared);
            let stays = b.multiply(b.complement(share), was);
            let goes = b.multiply(share, b.divide(assigned, weight));
            b.select(b.not_zero(weight), b.add2(stays, goes), was)
        };
        self.clamped(b.add2(moved, added.finish()), self.start.index.model.cells[cell].range)
    }

    /// Step 6, first half: how likely an event is.
    pub fn chance(&self, hazard: usize) -> Id {
        let b = self.b();
        kept(&self.memo, self.derived_at(3) + hazard, || match self.raw_chance(hazard) {
            Some((possible, chance, share)) => {
                let limited =
                    b.operation(Operation::Clamp, &[chance, b.number(0.0), b.number(1.0)]);
                b.select(possible, b.multiply(limited, share), b.number(0.0))
            }
            None => b.number(0.0),
        })
    }

    /// Whether an event can happen at all, the probability as the formula gives it, and the share
    /// of it that condition and past leave.
    pub fn raw_chance(&self, hazard: usize) -> Option<(Id, Id, Id)> {
        let (index, b) = (self.start.index, self.b());
        let known = &index.model.hazards[hazard];
        let probability = known.probability.as_ref()?;
        if index.arm.disabled_hazards[hazard] {
            return None;
        }
        let once = index.model.events[known.event].once;
        let spent = if once { self.start.world.spent[hazard] } else { b.number(0.0) };
        let here = self.at(Phase::AfterDynamics);
        let when = known.when.as_ref().map_or(b.number(1.0), |condition| value(condition, &here));
        let open = b.operation(Operation::NotEqual, &[spent, b.number(1.0)]);
        let possible = b.multiply(b.not_zero(when), open);
        if b.known(possible) == Some(0.0) {
            return None;
        }
        Some((possible, value(probability, &here), b.multiply(when, b.complement(spent))))
    }

    /// The weight of an event this round.
    pub fn happened(&self, hazard: usize) -> Id {
        match &self.decided {
            Some(weights) => weights[hazard],
            None => self.chance(hazard),
        }
    }

    /// What an actor's own choices cost it, by component.
    fn costs(&self, actor: usize) -> Vec<Id> {
        let (model, b) = (self.start.index.model, self.b());
        let zero = b.number(0.0);
        let mut total = vec![zero; model.names.components.len()];
        for seat in model.seats.iter().filter(|s| s.actor == actor) {
            let mut own = vec![zero; total.len()];
            for option in seat.options() {
                let weight = self.chosen[option];
                if b.known(weight) == Some(0.0) {
                    continue;
                }
                for (component, formula) in &model.options[option].costs {
                    let cost = value(formula, self.start);
                    own[*component] = b.add2(own[*component], b.weigh(weight, cost));
                }
            }
            for (sum, part) in total.iter_mut().zip(own) {
                *sum = b.add2(*sum, part);
            }
        }
        total
    }

    /// Step 8 for one actor: payoffs π by component and, with weights w and costs c, w(π − c).
    pub fn pay(&self, actor: usize) -> (Vec<Id>, Vec<Id>) {
        let end = self.at(Phase::End);
        let b = self.b();
        let mut payoffs = Vec::new();
        let mut parts = Vec::new();
        for (payoff, cost) in self.start.index.model.payoffs[actor].iter().zip(self.costs(actor)) {
            let gained = value(&payoff.value, &end);
            payoffs.push(gained);
            parts.push(b.multiply(value(&payoff.weight, &end), b.subtract(gained, cost)));
        }
        (payoffs, parts)
    }

    /// The weight with which a run goes on after this round.
    pub fn goes_on(&self) -> Id {
        let (index, b) = (self.start.index, self.b());
        let mut weight = b.number(1.0);
        for (number, hazard) in index.model.hazards.iter().enumerate() {
            if index.model.events[hazard.event].ends {
                weight = b.multiply(weight, b.complement(self.happened(number)));
            }
        }
        if let Some(condition) = &index.model.stop_when {
            let stops = value(condition, &self.at(Phase::End));
            weight = b.multiply(weight, b.complement(stops));
        }
        let rounds = b.number(f64::from(index.arm.rounds));
        let last = b.operation(Operation::AtMost, &[rounds, self.start.world.round]);
        b.select(last, b.number(0.0), weight)
    }

    /// The world after the round; `mixed` are the mixes from which was chosen.
    pub fn next(&self, mixed: &[Id]) -> World {
        let (index, world, b) = (self.start.index, self.start.world, self.b());
        let hazards = index.model.hazards.iter().enumerate();
        let happened: Vec<Id> = hazards.clone().map(|(h, _)| self.happened(h)).collect();
        let spent = hazards.map(|(number, hazard)| {
            let once = index.model.events[hazard.event].once;
            if once { b.add2(world.spent[number], happened[number]) } else { b.number(0.0) }
        });
        World {
            round: b.add2(world.round, b.number(1.0)),
            cells: self.all_cells(Phase::End),
            played: self.chosen.to_vec(),
            mixed: mixed.to_vec(),
            spent: spent.collect(),
            happened,
            beliefs: self.beliefs(),
        }
    }
}

/// The sum of the parts of a utility, in order.
pub(super) fn total(b: &Builder, parts: &[Id]) -> Id {
    parts.iter().fold(b.number(0.0), |sum, part| b.add2(sum, *part))
}

/// A moment of a round as formulas read it.
pub(super) struct Moment<'a> {
    round: &'a Round<'a>,
    phase: Phase,
    /// By actor; known to outcomes only.
    pub utilities: &'a [Id],
    /// By actor and component; known to outcomes only.
    pub payoffs: &'a [Vec<Id>],
}

impl Reads for Moment<'_> {
    fn builder(&self) -> &Builder<'_> {
        self.round.start.b
    }
    fn parameter(&self, cell: usize) -> Id {
        self.round.start.view.parameters[cell]
    }
    fn state(&self, cell: usize) -> Id {
        self.round.cell(self.phase, cell)
    }
    fn derived(&self, instance: usize) -> Id {
        if self.phase == Phase::Start {
            return self.round.start.derived(instance);
        }
        let formula = &self.round.start.index.model.derived[instance].value;
        let at = self.round.derived_at(self.phase.number()) + instance;
        kept(&self.round.memo, at, || value(formula, self))
    }
    fn round(&self) -> Id {
        self.round.start.round()
    }
    fn rounds(&self) -> Id {
        self.round.start.rounds()
    }
    fn option(&self, option: usize, last: bool) -> Id {
        if last { self.round.start.world.played[option] } else { self.round.chosen[option] }
    }
    fn event(&self, hazard: usize, last: bool) -> Id {
        if last { self.round.start.world.happened[hazard] } else { self.round.happened(hazard) }
    }
    fn belief(&self, observer: usize, actor: usize, kind: usize) -> Id {
        let start = self.round.start;
        match start.index.model.private_of(actor) {
            Some(place) if self.phase == Phase::End && observer != actor => {
                self.round.belief(place, observer)[kind]
            }
            _ => start.belief(observer, actor, kind),
        }
    }
    fn utility(&self, actor: usize) -> Id {
        self.utilities[actor]
    }
    fn payoff(&self, actor: usize, component: usize) -> Id {
        self.payoffs[actor][component]
    }
    fn uniform(&self, site: Site) -> Option<Id> {
        let within = match self.phase {
            Phase::Start => Within::Effects,
            Phase::AfterMoves => Within::Dynamics,
            Phase::AfterDynamics | Phase::End => Within::EventEffects,
        };
        self.round.start.draw(within, site)
    }
}
