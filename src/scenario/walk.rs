//! What may happen in each round, as far as that is decided by the round, by parameters and by what
//! can have happened before: options that cannot be had there do not count.

use std::collections::BTreeSet;

use crate::expr::{Bounds, Change, Expr, Interval, Node, Played, bounds};
use crate::model::{
    Anticipation, Arm, CellId, Effect, HazardId, IndexVec, Known, Model, OptionId, SeatId,
};

/// So many rounds are followed; those after them are taken to allow everything.
const FOLLOWED: u32 = 32;

/// What may happen in a round.
pub(super) struct Ways {
    /// By seat, how many options it may have, at least 1.
    pub open: IndexVec<SeatId, f64>,
    /// In how many ways events may come out.
    pub events: f64,
}

/// What may happen from round 1 on; the last stands for all rounds after it too. Conditions are
/// followed where somebody branches or looks ahead.
pub(super) fn ways(model: &Model, arm: &Arm) -> Vec<Ways> {
    let mut facts = Facts::new(model, arm);
    let far = |d: &crate::model::Decision| d.foresight > 1 || d.anticipation == Anticipation::Exact;
    let mut found = Vec::new();
    if arm.decisions.iter().any(|d| d.deliberates() && far(d)) {
        facts.follow();
        for round in 1..=arm.rounds.min(FOLLOWED) {
            facts.enter(round);
            found.push(facts.ways());
            facts.leave();
        }
        if arm.rounds <= FOLLOWED {
            return found;
        }
    }
    let mut all = Facts::new(model, arm);
    all.everything();
    found.push(all.ways());
    found
}

/// Bounds of all that is followed at a moment of a round.
struct Facts<'a> {
    model: &'a Model,
    arm: &'a Arm,
    known: Known<'a>,
    /// The round, where it is one in particular.
    round: Option<u32>,
    /// The cells that conditions depend on.
    followed: BTreeSet<CellId>,
    cells: IndexVec<CellId, Interval>,
    /// By option, whether it may be played this round, and whether in the round before.
    open: [IndexVec<OptionId, bool>; 2],
    /// By instance of an event, whether it may happen this round, and whether in the one before.
    events: [IndexVec<HazardId, bool>; 2],
}

impl<'a> Facts<'a> {
    fn new(model: &'a Model, arm: &'a Arm) -> Self {
        let known = Known::new(model, arm);
        let cells = model.cells.ids().map(|cell| known.state(cell)).collect();
        let none = || IndexVec::filled(false, model.options.len());
        let quiet = || IndexVec::filled(false, model.hazards.len());
        Facts {
            model,
            arm,
            known,
            round: None,
            followed: BTreeSet::new(),
            cells,
            open: [none(), none()],
            events: [quiet(), quiet()],
        }
    }

    /// Whatever is not ruled out by its form may happen.
    fn everything(&mut self) {
        let model = self.model;
        for (id, option) in model.options.enumerate() {
            let never = option.when.as_ref().and_then(Expr::decided) == Some(0.0);
            self.open[0][id] = !never && !self.arm.disabled_options[id];
        }
        self.events[0] = model.hazards.ids().map(|hazard| self.exists(hazard)).collect();
    }

    /// Whether an instance of an event is not ruled out by its form.
    fn exists(&self, hazard: HazardId) -> bool {
        self.model.hazards[hazard].probability.is_some() && !self.arm.disabled_hazards[hazard]
    }

    /// Finds the cells that conditions depend on, and where they begin.
    fn follow(&mut self) {
        let model = self.model;
        let mut open: Vec<&Expr> = model.options.iter().filter_map(|o| o.when.as_ref()).collect();
        let chances = model.hazards.iter().flat_map(|h| [h.when.as_ref(), h.probability.as_ref()]);
        open.extend(chances.flatten());
        let effects = || {
            let acts = model.options.iter().flat_map(|o| &o.effects);
            acts.chain(model.hazards.iter().flat_map(|h| &h.effects))
        };
        let mut derived = BTreeSet::new();
        while let Some(formula) = open.pop() {
            let mut cells = Vec::new();
            formula.walk(&mut |part| match &part.node {
                Node::State(cell) => cells.push(*cell),
                Node::Derived(instance) if derived.insert(*instance) => {
                    open.extend(model.derived.get(*instance).map(|d| &d.value));
                }
                _ => {}
            });
            for cell in cells.into_iter().filter(|cell| self.followed.insert(*cell)) {
                open.extend(&model.cells[cell].next);
                for effect in effects().filter(|effect| effect.cell == cell) {
                    open.push(&effect.value);
                    open.extend(&effect.filter);
                }
            }
        }
        for cell in self.followed.clone() {
            let range = self.known.state(cell);
            self.cells[cell] = within(bounds(&self.arm.initial[cell], self), range);
        }
    }

    /// What may be chosen in a round, stage by stage.
    fn enter(&mut self, round: u32) {
        self.round = Some(round);
        let model = self.model;
        let none = IndexVec::filled(false, model.options.len());
        self.open[1] = std::mem::replace(&mut self.open[0], none);
        let quiet = IndexVec::filled(false, model.hazards.len());
        self.events[1] = std::mem::replace(&mut self.events[0], quiet);
        for stage in 0..model.stages() {
            let mut open = self.open[0].clone();
            for seat in model.seats.iter().filter(|seat| seat.stage == stage) {
                let mut sure = false;
                for id in seat.options() {
                    let option = &model.options[id];
                    if option.holds() || self.arm.disabled_options[id] {
                        continue;
                    }
                    let always = Interval::point(1.0);
                    let when = option.when.as_ref().map_or(always, |w| bounds(w, self));
                    open[id] = when.hi > 0.0;
                    sure |= when.lo > 0.0;
                }
                if let Some(hold) = seat.options().next_back() {
                    open[hold] = self.arm.decisions[seat.actor].hold || !sure;
                }
            }
            self.open[0] = open;
        }
    }

    /// How much may happen.
    fn ways(&mut self) -> Ways {
        if self.round.is_some() {
            let possible = |hazard: HazardId| {
                let known = &self.model.hazards[hazard];
                let some = |e: &Option<Expr>| e.as_ref().is_none_or(|e| bounds(e, self).hi > 0.0);
                self.exists(hazard) && some(&known.when) && some(&known.probability)
            };
            self.events[0] = self.model.hazards.ids().map(possible).collect();
        }
        let open = |seat: &crate::model::Seat| {
            seat.options().filter(|o| self.open[0][*o]).count().max(1) as f64
        };
        let mut events = 1.0;
        for (id, hazard) in self.model.hazards.enumerate().filter(|(id, _)| self.events[0][*id]) {
            let probability = hazard.probability.as_ref().map(|p| match self.round {
                Some(_) => bounds(p, self).lo,
                None => p.decided().unwrap_or(0.0),
            });
            let once = self.model.events[hazard.event].once && self.round.is_some();
            let certain = hazard.when.is_none() && !once && probability.is_some_and(|p| p >= 1.0);
            if !certain && self.events[0][id] {
                events *= 2.0;
            }
        }
        Ways { open: self.model.seats.iter().map(open).collect(), events }
    }

    /// What the cells may be at the end of the round.
    fn leave(&mut self) {
        let model = self.model;
        let mut acts: IndexVec<CellId, Vec<(usize, usize, &Effect)>> =
            model.cells.iter().map(|_| Vec::new()).collect();
        let mut happen = acts.clone();
        for (id, option) in model.options.enumerate().filter(|(id, _)| self.open[0][*id]) {
            for effect in &option.effects {
                acts[effect.cell].push((option.seat.index(), id.index(), effect));
            }
        }
        for (id, hazard) in model.hazards.enumerate().filter(|(id, _)| self.events[0][*id]) {
            for effect in &hazard.effects {
                happen[effect.cell].push((id.index(), id.index(), effect));
            }
        }
        let followed: Vec<CellId> = self.followed.iter().copied().collect();
        let moved = |facts: &Self, acts: &IndexVec<CellId, Vec<_>>, surely: bool| {
            let each = followed.iter().map(|c| facts.after(*c, &acts[*c], surely));
            each.collect::<Vec<Interval>>()
        };
        let set = |facts: &mut Self, values: Vec<Interval>| {
            followed.iter().zip(values).for_each(|(cell, value)| facts.cells[*cell] = value);
        };
        let after = moved(self, &acts, true);
        set(self, after);
        let rules = followed.iter().map(|cell| match &model.cells[*cell].next {
            Some(rule) => within(bounds(rule, self), self.known.state(*cell)),
            None => self.cells[*cell],
        });
        let rules = rules.collect();
        set(self, rules);
        let after = moved(self, &happen, false);
        set(self, after);
    }

    /// What a cell may be after effects, each with its seat and its option. Where every option that
    /// a seat may have assigns the cell, its old value is gone.
    fn after(&self, cell: CellId, effects: &[(usize, usize, &Effect)], surely: bool) -> Interval {
        let (mut assigned, mut lo, mut hi) = (None::<Interval>, 0.0, 0.0);
        let mut sure: BTreeSet<usize> = BTreeSet::new();
        for (_, option, effect) in effects {
            let filter = effect.filter.as_ref().map_or(Interval::point(1.0), |f| bounds(f, self));
            if filter.hi <= 0.0 {
                continue;
            }
            let value = bounds(&effect.value, self);
            match effect.change {
                Change::Assign => {
                    assigned = Some(assigned.map_or(value, |known| join(known, value)));
                    if filter.lo >= 1.0 {
                        sure.insert(*option);
                    }
                }
                Change::Add => (lo, hi) = (lo + value.lo.min(0.0), hi + value.hi.max(0.0)),
                Change::Subtract => (lo, hi) = (lo - value.hi.max(0.0), hi - value.lo.min(0.0)),
            }
        }
        let replaced = surely
            && effects.iter().any(|(seat, _, _)| {
                let options = self.model.seats[SeatId::new(*seat)].options();
                let mut open = options.filter(|option| self.open[0][*option]);
                open.all(|option| sure.contains(&option.index()))
            });
        let base = match assigned {
            Some(values) if replaced => values,
            Some(values) => join(self.cells[cell], values),
            None => self.cells[cell],
        };
        let moved = Interval { lo: base.lo + lo, hi: base.hi + hi };
        within(moved, self.known.state(cell))
    }
}

fn join(a: Interval, b: Interval) -> Interval {
    Interval { lo: a.lo.min(b.lo), hi: a.hi.max(b.hi) }
}

fn within(x: Interval, range: Interval) -> Interval {
    let clamp = |v: f64| if v.is_nan() { v } else { v.max(range.lo).min(range.hi) };
    let (lo, hi) = (clamp(x.lo), clamp(x.hi));
    if lo.is_nan() || hi.is_nan() { range } else { Interval { lo, hi } }
}

impl Bounds for Facts<'_> {
    fn parameter(&self, cell: usize) -> Interval {
        self.known.parameter(cell)
    }

    fn state(&self, cell: CellId) -> Interval {
        self.cells[cell]
    }

    fn derived(&self, instance: usize) -> Option<&Expr> {
        self.known.derived(instance)
    }

    fn rounds(&self) -> f64 {
        self.known.rounds()
    }

    fn round(&self) -> Interval {
        match self.round {
            Some(round) => Interval::point(f64::from(round)),
            None => Interval { lo: 1.0, hi: self.rounds().max(1.0) },
        }
    }

    fn chose(&self, played: &Played) -> Interval {
        let open = &self.open[usize::from(played.last)];
        let some = |seat: &Vec<OptionId>| seat.iter().any(|option| open[*option]);
        // in the round before the first nobody chose anything
        let sure = |seat: &Vec<OptionId>| {
            let Some(first) = seat.first() else { return false };
            let all = self.model.seats[self.model.options[*first].seat].options();
            let mut all = all.filter(|option| open[*option]).peekable();
            all.peek().is_some() && all.all(|option| seat.contains(&option))
        };
        let (lo, hi) = match played.every {
            true => (played.seats.iter().all(sure), played.seats.iter().all(some)),
            false => (played.seats.iter().any(sure), played.seats.iter().any(some)),
        };
        Interval { lo: f64::from(u8::from(lo && hi)), hi: f64::from(u8::from(hi)) }
    }

    fn happened(&self, instances: &[HazardId], last: bool) -> Interval {
        let may = instances.iter().any(|hazard| self.events[usize::from(last)][*hazard]);
        Interval { lo: 0.0, hi: f64::from(u8::from(may)) }
    }
}
