//! Deliberation as nodes: from worlds to mixes, and what an option is worth.

use std::cell::{Cell, RefCell};
use std::convert::Infallible;

use super::budget::{Ahead, Meter};
use super::context::{PlanIndex, Writing};
use super::graph::{Branches, Builder, Call, Id, Loop, ROOT};
use super::input::Input;
use super::number::{Num, ids};
use super::procedures::{Key, Procedures};
use crate::expr::{Expr, Number, Operation, value};
use crate::model::{
    ActorId, Anticipation, HazardId, IndexVec, Model, OptionId, STATIONARY, SeatId,
};
use crate::rules::{
    self, Answer, Perspective, Replies, Round, Start, Table, View, World, expected, observed,
    one_hot, total,
};

type Play<'a> = rules::Play<Num<'a>>;

/// The weight of every option.
type Weights<'a> = IndexVec<OptionId, Num<'a>>;

/// What deliberation needs wherever it happens.
#[derive(Clone, Copy)]
pub(super) struct PlanContext<'a> {
    pub writing: Writing<'a>,
    pub world: &'a World<Num<'a>>,
    /// Where procedures that look further ahead are kept.
    pub procedures: &'a RefCell<Procedures>,
    /// No seat looks further ahead than this.
    pub horizon: u32,
}

/// What deliberation comes to.
pub(super) struct Strategies<'a> {
    /// The mix that others expect and learn from.
    pub expected: Play<'a>,
    /// The mix at the level its actor reasons at in this run.
    pub realised: Play<'a>,
    /// By seat and type, how far each option is available.
    pub open: Play<'a>,
    /// 1 where a utility of an available option was not finite.
    pub flaw: Num<'a>,
    /// The residual of an equilibrium that did not converge, else 0.
    pub residual: Num<'a>,
}

impl<'a> Strategies<'a> {
    /// Takes over what the seats of a later stage come to.
    pub fn add(&mut self, other: Strategies<'a>, model: &Model, stage: usize) {
        for seat in model.seats.ids().filter(|seat| model.seats[*seat].stage == stage) {
            self.expected[seat].clone_from(&other.expected[seat]);
            self.realised[seat].clone_from(&other.realised[seat]);
            self.open[seat].clone_from(&other.open[seat]);
        }
        self.flaw = self.flaw.maximum(other.flaw);
        self.residual = self.residual.maximum(other.residual);
    }
}

struct Deliberation<'a> {
    context: PlanContext<'a>,
    real: bool,
    table: Table<'a, Num<'a>>,
    /// Where replies are worked out.
    region: Cell<u32>,
    /// 1 where a utility of an available option was not finite so far.
    flaw: Cell<Num<'a>>,
    residual: Cell<Num<'a>>,
}

/// The mixes of all seats at a world. In reality conditions are read at the true types of others.
pub(super) fn settle<'a>(context: PlanContext<'a>, real: bool) -> Strategies<'a> {
    let PlanContext { writing, world, .. } = context;
    let model = writing.index.model;
    // actors are of their true types, with one actor's own type replaced
    let true_start = |perspective: &Perspective<'a, Num<'a>>| {
        let weights = model.private.iter().enumerate().map(|(id, private)| {
            match private.actor == perspective.actor {
                true => one_hot(writing.b, private.types.len(), perspective.actor_type),
                false => writing.true_type(id),
            }
        });
        let view = View::of(writing.index, &writing, weights.collect());
        Start::new(writing.index, writing.b, world, view)
    };
    let table = match real {
        true => Table::new(writing.index, &writing, world, Some(&true_start)),
        false => Table::new(writing.index, &writing, world, None),
    };
    let none = || Cell::new(writing.number(0.0));
    let (region, flaw, residual) = (Cell::new(ROOT), none(), none());
    let deliberation = Deliberation { context, real, table, region, flaw, residual };
    let Ok(rules::Strategies { expected, realised, .. }) = deliberation.settle();
    let Deliberation { table, flaw, residual, .. } = deliberation;
    let (flaw, residual) = (flaw.get(), residual.get());
    Strategies { expected, realised, open: table.open, flaw, residual }
}

/// A formula over parameters alone, or its slot among the open numbers that it has.
fn of_parameters<'a>(start: &Start<Num<'a>>, formula: Option<&Expr>, open: Option<u32>) -> Num<'a> {
    match open {
        Some(slot) => Num::new(start.home, start.home.input(Input::Parameter(slot))),
        None => formula.map_or(start.number(1.0), |f| value(f, start)),
    }
}

impl<'a> Replies<'a, Num<'a>> for Deliberation<'a> {
    type Kept = ();
    type Error = Infallible;

    fn table(&self) -> &Table<'a, Num<'a>> {
        &self.table
    }

    fn reply(
        &self,
        (seat, actor_type): (SeatId, usize),
        play: &Play<'a>,
    ) -> Result<(Vec<Num<'a>>, ()), Infallible> {
        let PlanContext { writing, horizon, .. } = self.context;
        let decision = self.table.decision(seat);
        let perspective = self.table.perspective(seat, actor_type);
        let open = &self.table.open[seat][actor_type];
        let region = self.region.get();
        let imagination = Imagination { context: self.context, perspective, play, region };
        let horizon = decision.foresight.min(horizon);
        let utilities: Vec<Num> = (0..open.len())
            .map(|option| match open[option].is_zero() {
                true => writing.number(f64::NAN),
                false => imagination.worth(Some((seat, option)), open[option], horizon),
            })
            .collect();
        for (open, utility) in open.iter().zip(&utilities) {
            self.flaw.set(Num::operation(Operation::Flaw, [self.flaw.get(), *open, *utility]));
        }
        let slot = writing.index.open_inputs.precision(perspective.actor);
        let precision = of_parameters(&perspective.start, decision.precision.as_ref(), slot);
        Ok((self.table.mix((seat, actor_type), precision, &utilities), ()))
    }

    /// In a game without a last round the mixes of its equilibrium.
    fn start(&self) -> Play<'a> {
        let PlanContext { writing: Writing { index, b }, world, procedures, .. } = self.context;
        let mut play = self.table.level_zero();
        if index.arm.is_stationary() {
            let given = (b, world, Num::constant(b, 1.0));
            let found = called(procedures, Key::Markov, index, given);
            for (id, seat) in index.model.seats.enumerate() {
                if self.table.decision(id).deliberates() {
                    let range = seat.first.index()..seat.end.index();
                    let own = found.get(range).unwrap_or_default();
                    play[id].iter_mut().for_each(|mix| *mix = own.to_vec());
                }
            }
        }
        play
    }

    fn is_real(&self) -> bool {
        self.real
    }

    fn level(&self, actor: ActorId, level: usize) -> Num<'a> {
        self.context.writing.input(Input::Level(actor, level as u32))
    }

    fn begin(&self, levels: usize) -> Box<dyn FnMut() + '_> {
        let mut prospect = Prospect::new(self.context.writing.b, levels as u64);
        Box::new(move || prospect.done())
    }

    /// A loop of the graph: its body is one turn.
    fn equilibrium(
        &self,
        start: &Play<'a>,
        answer: &mut Answer<Num<'a>, ()>,
    ) -> Result<(), Infallible> {
        let b = self.context.writing.b;
        let region = b.region(ROOT);
        let replies = |play: &Play<'a>| -> Vec<Num<'a>> {
            let seats = self.table.seats().filter(|s| self.table.decision(*s).deliberates());
            seats.flat_map(|seat| play[seat].iter().flatten().copied()).collect()
        };
        let set = |play: &mut Play<'a>, found: &mut dyn FnMut() -> Num<'a>| {
            for seat in self.table.seats().filter(|s| self.table.decision(*s).deliberates()) {
                play[seat].iter_mut().flatten().for_each(|share| *share = found());
            }
        };
        let mut play = start.clone();
        set(&mut play, &mut || Num::new(b, b.leaf(region, false)));
        let (before, flawed) = (self.flaw.get(), Num::new(b, b.leaf(region, true)));
        self.region.set(region);
        self.flaw.set(flawed);
        answer.0.clone_from(&play);
        self.replies(&play, |_| true, answer)?;
        let leaves = ids(&replies(&play));
        let count = leaves.len();
        let body = Loop::Equilibrium {
            region,
            play: leaves,
            start: ids(&replies(start)),
            answer: ids(&replies(&answer.0)),
            flaw: [before.id, flawed.id, self.flaw.get().id],
        };
        let mut results = b.looped(body, count + 2).into_iter().map(|id| Num::new(b, id));
        set(&mut play, &mut || results.next().unwrap_or(before));
        answer.0 = play;
        self.region.set(ROOT);
        self.residual.set(results.next().unwrap_or(before));
        self.flaw.set(results.next().unwrap_or(before));
        Ok(())
    }
}

/// What levels of reasoning will come to, judged by the second: the first also writes out what all
/// share. Levels above reply to mixes of which no less is open, so they are no smaller.
struct Prospect<'a> {
    meter: &'a Meter<'a>,
    levels: u64,
    done: u64,
    before: Option<Ahead>,
}

impl<'a> Prospect<'a> {
    fn new(b: &'a Builder<'a>, levels: u64) -> Self {
        let meter = b.meter();
        Prospect { meter, levels, done: 0, before: meter.repeat(1) }
    }

    /// One more level is written out.
    fn done(&mut self) {
        self.done += 1;
        self.meter.repeat(if self.done == 1 { self.levels.saturating_sub(1).max(1) } else { 1 });
    }
}

impl Drop for Prospect<'_> {
    fn drop(&mut self) {
        self.meter.resume(self.before);
    }
}

/// The round that somebody imagines when everyone plays `play`.
struct Imagination<'m, 'a> {
    context: PlanContext<'a>,
    perspective: &'m Perspective<'a, Num<'a>>,
    play: &'m Play<'a>,
    /// The region in which all this happens.
    region: u32,
}

impl<'a> Imagination<'_, 'a> {
    /// What the round is worth, with an option for one of the actor's seats or with every seat
    /// playing its mix; `horizon` − 1 rounds follow. Nobody asks where `guard` is 0.
    fn worth(&self, own: Option<(SeatId, usize)>, guard: Num<'a>, horizon: u32) -> Num<'a> {
        if self.context.writing.b.ended() {
            return self.context.writing.number(0.0);
        }
        let decision = &self.context.writing.index.arm.decisions[self.perspective.actor];
        match decision.anticipation {
            Anticipation::Exact => self.branch_by_branch(own, guard, horizon),
            Anticipation::Mean => {
                let mut chosen = self.perspective.predicted(self.play);
                self.put(own, &mut chosen);
                if !self.is_last() {
                    return self.onward((&chosen, &chosen), guard, horizon, false);
                }
                let learn =
                    |chosen: &Weights<'a>, id, observer| self.seen(chosen, id, observer, false);
                let round = Round::new(&self.perspective.start, chosen, &learn);
                self.finish(&round, &round.chosen, horizon)
            }
        }
    }

    fn put(&self, own: Option<(SeatId, usize)>, weights: &mut Weights<'a>) {
        if let Some((seat, option)) = own {
            let options = weights.slice_mut(self.context.writing.index.model.seats[seat].range());
            options.copy_from_slice(&one_hot(self.context.writing.b, options.len(), option));
        }
    }

    /// What an observer will believe: about this actor the posterior, about others the prior.
    fn seen(
        &self,
        chosen: &Weights<'a>,
        private_id: usize,
        observer: ActorId,
        sure: bool,
    ) -> Vec<Num<'a>> {
        let PlanContext { writing: Writing { index, .. }, world, .. } = self.context;
        if index.model.private[private_id].actor != self.perspective.actor {
            return world.beliefs[private_id][observer].clone();
        }
        self.learned(chosen, private_id, observer, sure)
    }

    /// What an observer believes after a stage in which these options have these weights.
    fn learned(
        &self,
        chosen: &Weights<'a>,
        private_id: usize,
        observer: ActorId,
        sure: bool,
    ) -> Vec<Num<'a>> {
        let PlanContext { writing: Writing { index, b }, world, .. } = self.context;
        let prior = &world.beliefs[private_id][observer];
        let at = (private_id, world.stage);
        match sure {
            true => observed(index, b, prior, self.play, chosen, at),
            false => expected(index, b, prior, self.play, chosen, at),
        }
    }

    /// Whether no stage follows in this round.
    fn is_last(&self) -> bool {
        self.context.world.stage + 1 == self.context.writing.index.stages
    }

    /// What the round is worth once these options were chosen from these mixes in this stage, and
    /// later stages play the mixes that deliberation gives them there; `sure`: each is 0 or 1.
    /// Nobody asks where `guard` is 0.
    fn onward(
        &self,
        (chosen, drawn): (&Weights<'a>, &Weights<'a>),
        guard: Num<'a>,
        horizon: u32,
        sure: bool,
    ) -> Num<'a> {
        let PlanContext { writing: Writing { index, b }, world, .. } = self.context;
        let learn = |chosen: &Weights<'a>, id, observer| self.learned(chosen, id, observer, sure);
        let next = world.after_stage(index, b, (chosen, drawn), &learn);
        self.remaining(&next, guard, (horizon, self.context.horizon))
    }

    /// Utility at the end of an imagined round, and the value of what may follow.
    fn finish(&self, round: &Round<Num<'a>>, mixed: &Weights<'a>, horizon: u32) -> Num<'a> {
        let (_, parts) = round.pay(self.perspective.actor);
        let now = total(self.context.writing.b, &parts);
        if horizon <= 1 {
            return now;
        }
        let endless = horizon == STATIONARY;
        let on = if endless { round.not_ended() } else { round.goes_on() };
        if on.is_zero() {
            return now;
        }
        let value = match endless {
            true => self.endlessly(&round.next(mixed), on),
            false => self.remaining(&round.onward(mixed), on, (horizon - 1, horizon - 1)),
        };
        let decision = &self.context.writing.index.arm.decisions[self.perspective.actor];
        let open = self.context.writing.index.open_inputs.discount(self.perspective.actor);
        let discount = of_parameters(&self.perspective.start, decision.discount.as_ref(), open);
        let later = discount * on * value;
        on.not_zero().select(now + later, now)
    }

    /// What is left to the actor from a world on in a game without a last round.
    fn endlessly(&self, world: &World<Num<'a>>, guard: Num<'a>) -> Num<'a> {
        let PlanContext { writing: Writing { index, b }, procedures, .. } = self.context;
        let found = called(procedures, Key::Markov, index, (b, world, guard));
        let at = index.model.options.len() + self.perspective.actor.index();
        found.get(at).copied().unwrap_or(Num::constant(b, 0.0))
    }

    /// V: the expected utility of so many rounds from a world on, where nobody looks further ahead
    /// than the horizon.
    fn remaining(
        &self,
        world: &World<Num<'a>>,
        guard: Num<'a>,
        (rounds, horizon): (u32, u32),
    ) -> Num<'a> {
        let PlanContext { writing: Writing { index, b }, procedures, .. } = self.context;
        if b.ended() {
            return Num::constant(b, 0.0);
        }
        let Perspective { actor, actor_type, .. } = *self.perspective;
        let key = Key::Remaining { actor, actor_type, rounds, horizon, stage: world.stage };
        called(procedures, key, index, (b, world, guard))[0]
    }

    /// Every joint type and option of the others, every joint option of the actor's own other
    /// seats, and every joint outcome of events, each with its probability.
    fn branch_by_branch(
        &self,
        own: Option<(SeatId, usize)>,
        guard: Num<'a>,
        horizon: u32,
    ) -> Num<'a> {
        let PlanContext { writing: Writing { index, b }, world, .. } = self.context;
        let model = index.model;
        let outer = b.region(self.region);
        let inner = b.region(outer);
        let leaves = |count: usize, region: u32, binary: bool| -> Vec<Num<'a>> {
            (0..count).map(|_| Num::new(b, b.leaf(region, binary))).collect()
        };
        let by_seat = |binary: bool| -> Vec<Vec<Num<'a>>> {
            model.seats.iter().map(|s| leaves(s.options().len(), outer, binary)).collect()
        };
        let types = &self.perspective.start.view.weights;
        let truth: Vec<Vec<Num>> = types.iter().map(|row| leaves(row.len(), outer, true)).collect();
        let (mixed, chosen) = (by_seat(false), by_seat(true));
        let weights = |leaves: &[Vec<Num<'a>>]| Weights::from(leaves.concat());
        let decided: IndexVec<HazardId, Num> = leaves(model.hazards.len(), inner, true).into();
        let mut mixes = self.play.clone();
        for (id, seat) in model.seats.enumerate().filter(|(_, seat)| seat.stage != world.stage) {
            // what was chosen before, and anything for what is chosen later
            let known = match seat.stage < world.stage {
                true => world.chosen.slice(seat.range()).to_vec(),
                false => one_hot(b, seat.options().len(), 0),
            };
            mixes[id].fill(known);
        }
        if let Some((seat, option)) = own {
            for mix in &mut mixes[seat] {
                *mix = one_hot(b, mix.len(), option);
            }
        }
        let view = View::of(index, &self.context.writing, truth.clone());
        let start = Start::new(index, b, world, view);
        let learn = |chosen: &Weights<'a>, id, observer| self.seen(chosen, id, observer, true);
        let round = Round::new(&start, weights(&chosen), &learn);
        let last = self.is_last();
        let hazards = model.hazards.ids().filter(|_| last);
        let chances: Vec<Num> = hazards.map(|h| round.chance(h)).collect();
        let mut known = Round::new(&start, weights(&chosen), &learn);
        known.decided = Some(decided.clone());
        let utility = match last {
            true => self.finish(&known, &weights(&mixed), horizon),
            false => {
                let always = self.context.writing.number(1.0);
                self.onward((&weights(&chosen), &weights(&mixed)), always, horizon, true)
            }
        };
        let private_ids = model.seats.iter().map(|s| model.private_of(s.actor)).collect();
        let regions = [outer, inner];
        let rows = |rows: &[Vec<Num>]| -> Vec<Vec<Id>> { rows.iter().map(|r| ids(r)).collect() };
        let branches = Branches {
            regions,
            guard: guard.id,
            types: rows(types),
            mixes: mixes.iter().map(|types| rows(types)).collect(),
            private_ids,
            truth: rows(&truth),
            mixed: rows(&mixed).into(),
            chosen: rows(&chosen).into(),
            chances: ids(&chances),
            decided: ids(&decided)[..chances.len()].to_vec(),
            utility: utility.id,
        };
        Num::new(b, b.looped(Loop::Branches(Box::new(branches)), 1)[0])
    }
}

/// V as a procedure of its own: what is left to an actor of a type, from a stage of a round on,
/// over so many rounds, this one included. Not a number where some utility on the way is not
/// finite.
pub(super) fn remaining<'a>(
    context: PlanContext<'a>,
    who: (ActorId, usize),
    rounds: u32,
) -> Num<'a> {
    let PlanContext { writing, world, .. } = context;
    let (play, flaw) = match writing.index.arm.decisions[who.0].anticipation {
        Anticipation::Exact => mixes(context),
        Anticipation::Mean => {
            let Strategies { expected, flaw, .. } = settle(context, false);
            (expected, flaw)
        }
    };
    let perspective = &Perspective::new(writing.index, &writing, world, who);
    let imagination = Imagination { context, perspective, play: &play, region: ROOT };
    let utility = imagination.worth(None, writing.number(1.0), rounds);
    flaw.select(writing.number(f64::NAN), utility)
}

/// The mixes that others expect at a world and the flaw, by a call of their own procedure, which
/// all who look at the world share.
fn mixes(context: PlanContext<'_>) -> (Play<'_>, Num<'_>) {
    let PlanContext { writing: Writing { index, b }, world, procedures, horizon } = context;
    let given = (b, world, Num::constant(b, 1.0));
    let key = Key::Mixes { horizon, stage: world.stage };
    let mut found = called(procedures, key, index, given).into_iter();
    let nothing = Num::constant(b, 0.0);
    let mut next = || found.next().unwrap_or(nothing);
    let seats = index.model.seats.iter().map(|seat| {
        let types = index.model.private_of(seat.actor);
        let types = types.map_or(1, |id| index.model.private[id].types.len());
        (0..types).map(|_| seat.options().map(|_| next()).collect()).collect()
    });
    (seats.collect(), next())
}

/// The results of a procedure at a world; nobody asks where the guard is 0.
fn called<'a>(
    procedures: &RefCell<Procedures>,
    key: Key,
    index: &PlanIndex,
    (b, world, guard): (&'a Builder<'a>, &World<Num<'a>>, Num<'a>),
) -> Vec<Num<'a>> {
    let procedure = Procedures::of(procedures, key, index);
    let (inputs, known) = procedures.borrow().signature(procedure);
    let given = inputs.into_iter().map(|input| match input {
        Input::Round => world.round.id,
        Input::Series(cell, ahead) => b.series(world.round.id, cell, ahead),
        Input::Cell(n) => world.cells[n].id,
        Input::Played(n) => world.played[n].id,
        Input::Mixed(n) => world.mixed[n].id,
        Input::Chosen(n) => world.chosen[n].id,
        Input::Drawn(n) => world.drawn[n].id,
        Input::Happened(n) => world.happened[n].id,
        Input::Spent(n) => world.spent[n].id,
        Input::Belief(p, o, k) => world.beliefs[p as usize][o][k as usize].id,
        other => b.input(other),
    });
    let call = Call { procedure, given: given.collect(), guard: guard.id };
    let found = b.call(call, known.len()).into_iter().zip(known);
    found.map(|(id, value)| value.map_or(Num::new(b, id), |x| Num::constant(b, x))).collect()
}
