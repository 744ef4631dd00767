//! Where imagining a round of weights and means gives the expectation, and where it approximates.
//!
//! One imagined round in which everyone plays its mix and every draw is its mean
//! ([`Anticipation::Mean`]) equals the expected round if, through steps 4 to 8 of a round, every
//! quantity is affine in each of the independent random things behind it (*multi-affine*): sums,
//! and products of parts that share none. The random things are the choice of each seat but the one
//! that deliberates, each event, each draw and the type of each other actor. Ranges that clamp a
//! value break the rule only where they bind, and are reported apart.
//!
//! The analysis is conservative: what it calls exact is exact; what it calls an approximation may
//! still be exact for reasons it does not see, such as parts that cancel.

mod form;
mod onward;
mod part;

use std::cell::{Cell, OnceCell};
use std::collections::BTreeMap;

use super::{
    ActorId, Anticipation, Arm, CellId, Effect, HazardId, IndexVec, Model, OptionId, SeatId,
};
use crate::diagnostic::Span;
use crate::expr::{Bounds, Change, Expr, Interval, Node, bounds};
pub use onward::Gate;
use part::Part;

/// An operation that a mean does not pass through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Obstacle {
    /// What it does, to be read after "the formula".
    pub reason: String,
    /// Where it stands in the scenario file, in bytes.
    pub span: Span,
    /// A formula that has to do with it, to be read after the reason.
    pub second: Option<Span>,
}

/// What an imagined round says of the expectation of a payoff.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Exactness {
    /// It is the expectation.
    Exact,
    /// It is the expectation unless one of these quantities (cells, or `probability of event`) is
    /// held at the end of its range.
    ExactUnlessClamped(Vec<String>),
    /// It approximates the expectation.
    Approximate(Obstacle),
}

/// Whether the one imagined round in which an actor values its options gives the expectation of
/// its weighted payoffs less costs, by actor and payoff component.
///
/// With [`Anticipation::Exact`] choices, events and types are branches and only draws count as
/// random. Rounds beyond the first of a longer foresight are not judged, but for what decides
/// whether there are any, and where later stages reply to earlier ones.
pub fn anticipated(model: &Model, arm: &Arm) -> IndexVec<ActorId, Vec<Exactness>> {
    model.actors().map(|actor| of_actor(model, arm, actor)).collect()
}

fn of_actor(model: &Model, arm: &Arm, actor: ActorId) -> Vec<Exactness> {
    let components = model.names.components.len();
    let mut worst = vec![Part::default(); components];
    for seat in model.seats_of(actor) {
        let round = Round::new(model, arm, actor, Some(seat));
        for (sum, part) in worst.iter_mut().zip(round.utilities()) {
            sum.join(&part);
        }
    }
    if model.stages() > 1 && onward::looks_on(arm, actor) {
        // later rounds are of mixes, its own too, to which later stages reply
        let round = Round::new(model, arm, actor, None);
        for (sum, part) in worst.iter_mut().zip(round.utilities()) {
            sum.join(&part);
        }
    }
    if let Some(obstacle) = onward::carried(model, arm, actor) {
        for part in &mut worst {
            part.trouble.get_or_insert_with(|| obstacle.clone());
        }
    }
    let names = |clamp: Clamp| match clamp {
        Clamp::Cell(cell) => model.cells[cell].label.clone(),
        Clamp::Chance(hazard) => format!("probability of {}", model.hazards[hazard].label),
    };
    let verdict = |part: Part| match part.trouble {
        Some(obstacle) => Exactness::Approximate(obstacle),
        None if part.clamps.is_empty() => Exactness::Exact,
        None => Exactness::ExactUnlessClamped(part.clamps.into_iter().map(names).collect()),
    };
    worst.into_iter().map(verdict).collect()
}

/// A range that may hold a value at its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Clamp {
    /// That of a state cell.
    Cell(CellId),
    /// That of the probability of an event, from 0 to 1.
    Chance(HazardId),
}

/// An imagined round in which an actor decides what to play in one of its seats.
struct Round<'a> {
    model: &'a Model,
    arm: &'a Arm,
    actor: ActorId,
    /// By seat: on what the weights of its options depend.
    seats: IndexVec<SeatId, Part>,
    /// By private id: on what the type depends.
    types: Vec<Part>,
    /// The number of the round, where it is one in particular.
    number: Option<u32>,
    /// The number of the next draw among all sources.
    next: Cell<usize>,
    /// Formulas that stand for derived quantities while intervals are computed: a state cell
    /// beyond the last.
    stubs: Vec<Expr>,
}

/// A moment of that round: what holds of state cells, events and definitions.
struct Moment<'a> {
    round: &'a Round<'a>,
    cells: IndexVec<CellId, Part>,
    ranges: IndexVec<CellId, Interval>,
    /// By hazard; parts without anything random before nature has moved.
    hazards: IndexVec<HazardId, Part>,
    /// Whether beliefs have been updated.
    learned: bool,
    derived: Vec<OnceCell<Part>>,
    derived_ranges: Vec<OnceCell<Interval>>,
}

/// Effects that come with one weight.
struct Source<'a> {
    weight: Part,
    effects: &'a [Effect],
}

impl<'a> Round<'a> {
    fn new(model: &'a Model, arm: &'a Arm, actor: ActorId, own: Option<SeatId>) -> Self {
        let branches = arm.decisions[actor].anticipation == Anticipation::Exact;
        let count = model.seats.len();
        let types: Vec<Part> = (0..model.private.len())
            .map(|id| {
                let known = branches || model.private[id].actor == actor;
                let single = model.private[id].types.len() < 2;
                if known || single { Part::default() } else { Part::of(count + id) }
            })
            .collect();
        let mut round = Round {
            model,
            arm,
            actor,
            seats: IndexVec::new(),
            types,
            number: None,
            next: Cell::new(count + model.private.len() + model.hazards.len()),
            stubs: (0..model.derived.len())
                .map(|k| Node::State(CellId::new(model.cells.len() + k)))
                .map(|node| Expr { node, span: Span::default() })
                .collect(),
        };
        round.seats = model
            .seats
            .ids()
            .map(|seat| {
                let options = model.seats[seat].options().filter(|o| round.playable(*o)).count();
                let stage = model.seats[seat].stage;
                // what was chosen in earlier stages is known
                let known = own.is_some_and(|own| stage < model.seats[own].stage);
                if branches || Some(seat) == own || options < 2 || known {
                    return Part::default();
                }
                let mut part = Part::of(seat.index());
                if let Some(earlier) = round.uncertain_before(seat, own) {
                    part.spoil("is chosen in reply to what is uncertain", earlier);
                }
                if let Some(id) = model.private_of(model.seats[seat].actor) {
                    part.join(&round.types[id]);
                }
                part
            })
            .collect();
        round
    }

    /// Whether choices, events and types are branches.
    fn branches(&self) -> bool {
        self.arm.decisions[self.actor].anticipation == Anticipation::Exact
    }

    /// A move of an earlier stage that somebody may play beside the seat that deliberates, to which
    /// a seat of a later one replies; of the first stage on where all seats play mixes.
    fn uncertain_before(&self, seat: SeatId, own: Option<SeatId>) -> Option<Span> {
        let model = self.model;
        let from = own.map_or(0, |own| model.seats[own].stage);
        let stages = from..model.seats[seat].stage;
        let others = model.seats.ids().filter(|id| Some(*id) != own);
        let mut others = others.filter(|id| stages.contains(&model.seats[*id].stage));
        let first = |id: SeatId| model.seats[id].options().find(|o| self.playable(*o));
        let act = |option: OptionId| model.options[option].acts.first();
        let found = others.find_map(|id| act(first(id)?));
        found.map(|act| model.moves[act.action].span)
    }

    fn playable(&self, option: OptionId) -> bool {
        let when = self.model.options[option].when.as_ref();
        !self.arm.disabled_options[option] && when.and_then(Expr::decided) != Some(0.0)
    }

    /// A draw of its own.
    fn draw(&self) -> Part {
        let source = self.next.get();
        self.next.set(source + 1);
        Part::of(source)
    }

    fn moment(
        &self,
        cells: IndexVec<CellId, Part>,
        ranges: IndexVec<CellId, Interval>,
    ) -> Moment<'_> {
        let derived = self.model.derived.len();
        Moment {
            round: self,
            cells,
            ranges,
            hazards: IndexVec::filled(Part::default(), self.model.hazards.len()),
            learned: false,
            derived: vec![OnceCell::new(); derived],
            derived_ranges: vec![OnceCell::new(); derived],
        }
    }

    /// The start of the round, at which nothing is uncertain.
    fn start(&self) -> Moment<'_> {
        let cells = &self.model.cells;
        let ranges = cells.iter().map(|c| Interval { lo: c.range.0, hi: c.range.1 }).collect();
        self.moment(IndexVec::filled(Part::default(), cells.len()), ranges)
    }

    /// Steps 4 to 7: its end.
    fn end(&self) -> Moment<'_> {
        let model = self.model;
        let start = self.start();
        let seats = model.seats.iter().zip(&self.seats).map(|(seat, weight)| {
            let options = seat.options().filter(|o| self.playable(*o));
            let effects = options.map(|o| model.options[o].effects.as_slice());
            effects.map(|effects| Source { weight: weight.clone(), effects }).collect()
        });
        let acted = self.apply(&start, seats);
        let after_dynamics = self.drift(&acted);
        let hazards = self.hazards(&after_dynamics);
        let events = model.hazards.enumerate().zip(&hazards).map(|((number, h), weight)| {
            let possible = h.probability.is_some() && !self.arm.disabled_hazards[number];
            let effects = if possible { h.effects.as_slice() } else { &[] };
            vec![Source { weight: weight.clone(), effects }]
        });
        let after_events = self.apply(&after_dynamics, events);
        Moment { hazards, learned: true, ..after_events }
    }

    /// Step 8: what the utility depends on, by component.
    fn utilities(&self) -> Vec<Part> {
        let (model, end) = (self.model, self.end());
        let costs = self.costs(&self.start());
        let payoffs = model.payoffs[self.actor].iter().zip(costs);
        payoffs
            .map(|(payoff, cost)| {
                let mut gain = end.part(&payoff.value);
                gain.join(&cost);
                end.product(
                    vec![(end.part(&payoff.weight), &payoff.weight)],
                    gain,
                    payoff.weight.span,
                )
            })
            .collect()
    }

    /// What the actor's own choices cost it, by component.
    fn costs(&self, start: &Moment) -> Vec<Part> {
        let model = self.model;
        let mut costs = vec![Part::default(); model.names.components.len()];
        for seat in model.seats_of(self.actor) {
            for option in model.seats[seat].options().filter(|o| self.playable(*o)) {
                for (component, cost) in &model.options[option].costs {
                    let mut part = start.part(cost);
                    part.multiply(&self.seats[seat], cost.span);
                    costs[*component].join(&part);
                }
            }
        }
        costs
    }

    /// Effects of groups of sources, of each group at most one, combined per cell and clamped.
    fn apply<'e>(&self, at: &Moment, groups: impl Iterator<Item = Vec<Source<'e>>>) -> Moment<'_> {
        let (mut cells, mut ranges) = (at.cells.clone(), at.ranges.clone());
        let mut moved = IndexVec::<CellId, _>::filled(Interval::point(0.0), cells.len());
        let mut assigned: BTreeMap<CellId, usize> = BTreeMap::new();
        let mut touched = IndexVec::<CellId, _>::filled(false, cells.len());
        for (number, group) in groups.enumerate() {
            let mut steps: BTreeMap<CellId, Interval> = BTreeMap::new();
            for source in &group {
                let mut own: BTreeMap<CellId, Interval> = BTreeMap::new();
                for effect in source.effects {
                    let part = self.effect(at, source, effect);
                    touched[effect.cell] = true;
                    cells[effect.cell].join(&part);
                    let size = bounds(&effect.value, at);
                    if effect.change == Change::Assign {
                        ranges[effect.cell] = hull(ranges[effect.cell], size);
                        let first = *assigned.entry(effect.cell).or_insert(number);
                        if first != number && !self.branches() {
                            let text = "is assigned to a cell that others may assign as well";
                            cells[effect.cell].spoil(text, effect.value.span);
                        }
                    } else {
                        let step = own.entry(effect.cell).or_insert(Interval::point(0.0));
                        *step = sum(*step, size, effect.change == Change::Subtract);
                        if effect.filter.is_some() {
                            *step = hull(*step, Interval::point(0.0));
                        }
                    }
                }
                for (cell, step) in own {
                    let whole = steps.entry(cell).or_insert(Interval::point(0.0));
                    *whole = hull(*whole, step);
                }
            }
            for (cell, step) in steps {
                moved[cell] = sum(moved[cell], step, false);
            }
        }
        for (number, cell) in cells.enumerate_mut().filter(|(n, _)| touched[*n]) {
            let range = sum(ranges[number], moved[number], false);
            ranges[number] = self.clamp(number, cell, range);
        }
        self.moment(cells, ranges)
    }

    /// On what one effect depends when its option or event has a weight.
    fn effect(&self, at: &Moment, source: &Source, effect: &Effect) -> Part {
        let span = effect.value.span;
        let mut part = at.part(&effect.value);
        if effect.change == Change::Assign {
            part.join(&at.cells[effect.cell]);
        }
        let Some(filter) = &effect.filter else {
            part.multiply(&source.weight, span);
            return part;
        };
        let weight = at.part(filter);
        if weight.is_random() && effect.change == Change::Assign {
            part.spoil("is assigned where a filter is uncertain", span);
        }
        part.multiply(&weight, span);
        part.multiply(&source.weight, span);
        part
    }

    /// Step 5.
    fn drift(&self, at: &Moment) -> Moment<'_> {
        let (mut cells, mut ranges) = (at.cells.clone(), at.ranges.clone());
        for (number, cell) in self.model.cells.enumerate() {
            let Some(rule) = &cell.next else { continue };
            cells[number] = at.part(rule);
            ranges[number] = self.clamp(number, &mut cells[number], bounds(rule, at));
        }
        self.moment(cells, ranges)
    }

    /// Notes that the range of a cell may bind, and returns what is left of its interval.
    fn clamp(&self, number: CellId, cell: &mut Part, found: Interval) -> Interval {
        let (lo, hi) = self.model.cells[number].range;
        let inside = found.lo >= lo && found.hi <= hi;
        if !inside && cell.is_random() {
            cell.clamps.insert(Clamp::Cell(number));
        }
        let within = |x: f64, other: f64| if x >= lo && x <= hi { x } else { other };
        Interval { lo: within(found.lo, lo), hi: within(found.hi, hi) }
    }

    /// Step 6, first half: on what each event depends, itself among it.
    fn hazards(&self, at: &Moment) -> IndexVec<HazardId, Part> {
        let model = self.model;
        let own = model.seats.len() + model.private.len();
        let each = model.hazards.enumerate().map(|(number, hazard)| {
            let Some(chance) = &hazard.probability else { return Part::default() };
            let size = bounds(chance, at);
            let never = size.lo == 0.0 && size.hi == 0.0;
            if self.arm.disabled_hazards[number] || never {
                return Part::default();
            }
            let mut part = at.part(chance);
            if part.is_random() && !(size.lo >= 0.0 && size.hi <= 1.0) {
                part.clamps.insert(Clamp::Chance(number));
            }
            if let Some(when) = &hazard.when {
                part = at.product(vec![(at.part(when), when)], part, when.span);
            }
            if !self.branches() {
                part.join(&Part::of(own + number.index()));
            }
            part
        });
        each.collect()
    }
}

fn hull(a: Interval, b: Interval) -> Interval {
    let lo = if b.lo < a.lo { b.lo } else { a.lo };
    let hi = if b.hi > a.hi { b.hi } else { a.hi };
    Interval { lo, hi }
}

fn sum(a: Interval, b: Interval, minus: bool) -> Interval {
    let (lo, hi) = if minus { (a.lo - b.hi, a.hi - b.lo) } else { (a.lo + b.lo, a.hi + b.hi) };
    if lo.is_nan() || hi.is_nan() { Interval::ALL } else { Interval { lo, hi } }
}

impl Bounds for Moment<'_> {
    /// The value in this arm; where types set it, from the least to the greatest of their values.
    fn parameter(&self, cell: usize) -> Interval {
        let arm = self.round.arm;
        match arm.typed.iter().find(|t| t.cell == cell) {
            None => Interval::point(arm.parameters[cell]),
            Some(typed) => {
                let values = typed.values.iter().map(|v| Interval::point(*v));
                values.reduce(hull).unwrap_or(Interval::ALL)
            }
        }
    }

    fn state(&self, cell: CellId) -> Interval {
        let beyond = cell.index().checked_sub(self.ranges.len());
        let Some(instance) = beyond else { return self.ranges[cell] };
        let formula = &self.round.model.derived[instance].value;
        *self.derived_ranges[instance].get_or_init(|| bounds(formula, self))
    }

    fn derived(&self, instance: usize) -> Option<&Expr> {
        self.round.stubs.get(instance)
    }

    fn rounds(&self) -> f64 {
        f64::from(self.round.arm.rounds)
    }

    fn round(&self) -> Interval {
        match self.round.number {
            Some(number) => Interval::point(f64::from(number)),
            None => Interval { lo: 1.0, hi: self.rounds().max(1.0) },
        }
    }
}
