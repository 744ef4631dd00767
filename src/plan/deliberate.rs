//! Deliberation as nodes: from worlds to mixes, and what an option is worth.

use std::cell::RefCell;

use super::budget::{Ahead, Meter};
use super::choose::{availability, reply, without_thought};
use super::effect_index::EffectIndex;
use super::formula::value;
use super::graph::{Branches, Builder, Call, Id, Loop, ROOT};
use super::input::Input;
use super::learn::{Play, expected, observed};
use super::moment::{Round, Start, View, World, one_hot, total};
use super::procedures::Procedures;
use crate::expr::{Expr, Operation};
use crate::model::{Anticipation, Decision, Reasoning, poisson_levels};

/// What deliberation needs wherever it happens.
#[derive(Clone, Copy)]
pub(super) struct PlanContext<'a> {
    pub index: &'a EffectIndex<'a>,
    pub b: &'a Builder<'a>,
    pub world: &'a World,
    /// Where procedures that look further ahead are kept.
    pub procedures: &'a RefCell<Procedures>,
    /// No seat looks further ahead than this.
    pub horizon: u32,
}

/// What deliberation comes to.
pub(super) struct Strategies {
    /// The mix that others expect and learn from.
    pub expected: Play,
    /// The mix at the level its actor reasons at in this run.
    pub realised: Play,
    /// By seat and type, how far each option is available.
    pub open: Vec<Vec<Vec<Id>>>,
    /// 1 where a utility of an available option was not finite.
    pub flaw: Id,
    /// The residual of an equilibrium that did not converge, else 0.
    pub residual: Id,
}

/// Who imagines: an actor as one of its types.
struct Perspective<'a> {
    actor: usize,
    kind: usize,
    start: Start<'a>,
}

struct Deliberation<'a> {
    context: PlanContext<'a>,
    /// By actor and type.
    perspectives: Vec<Vec<Perspective<'a>>>,
    /// By seat and type of its actor: how far each option is available.
    open: Vec<Vec<Vec<Id>>>,
}

/// The mixes of all seats at a world. In reality conditions are read at the true types of others.
pub(super) fn settle(context: PlanContext, real: bool) -> Strategies {
    let model = context.index.model;
    let perspectives: Vec<Vec<Perspective>> = (0..model.actor_count())
        .map(|actor| {
            let kinds = model.private_of(actor).map_or(1, |p| model.private[p].kinds.len());
            (0..kinds).map(|kind| Perspective::new(context, actor, kind)).collect()
        })
        .collect();
    let seats = model.seats.iter().enumerate();
    let open = seats
        .map(|(number, seat)| {
            let all = perspectives[seat.actor].iter();
            all.map(|perspective| match real && !model.private.is_empty() {
                true => availability(&true_start(context, perspective), number),
                false => availability(&perspective.start, number),
            })
            .collect()
        })
        .collect();
    let deliberation = Deliberation { context, perspectives, open };
    let start = deliberation.level_zero();
    let zero = context.b.number(0.0);
    let (expected, realised) = (start.clone(), start.clone());
    let mut strategies =
        Strategies { expected, realised, open: Vec::new(), flaw: zero, residual: zero };
    deliberation.fixed_levels(&start, &mut strategies);
    deliberation.poisson_levels(&start, real, &mut strategies);
    deliberation.equilibrium(&start, &mut strategies);
    strategies.open = deliberation.open;
    strategies
}

/// Whether actors are of their types, with one actor's own type replaced.
fn true_start<'a>(context: PlanContext<'a>, perspective: &Perspective) -> Start<'a> {
    let weights = (0u32..).zip(&context.index.model.private).map(|(private_id, private)| {
        let count = private.kinds.len();
        match private.actor == perspective.actor {
            true => one_hot(context.b, count, perspective.kind),
            false => {
                (0..count as u32).map(|k| context.b.input(Input::Truth(private_id, k))).collect()
            }
        }
    });
    let view = View::of(context.index, context.b, weights.collect());
    Start::new(context.index, context.b, context.world, view, false)
}

impl<'a> Perspective<'a> {
    fn new(context: PlanContext<'a>, actor: usize, kind: usize) -> Self {
        let PlanContext { index, b, world, .. } = context;
        let view = View::of_actor(index, b, world, actor, kind);
        Perspective { actor, kind, start: Start::new(index, b, world, view, false) }
    }

    /// A formula over parameters alone, or its slot among the open numbers that it has.
    fn of_parameters(&self, formula: Option<&Expr>, open: Option<u32>) -> Id {
        let b = self.start.b;
        match open {
            Some(slot) => b.input(Input::Parameter(slot)),
            None => formula.map_or(b.number(1.0), |f| value(f, &self.start)),
        }
    }

    /// The weight of every option as this mind predicts it.
    fn predicted(&self, play: &Play) -> Vec<Id> {
        let (model, b) = (self.start.index.model, self.start.b);
        let mut weights = vec![b.number(0.0); model.options.len()];
        for (number, seat) in model.seats.iter().enumerate() {
            let Some(private_id) = model.private_of(seat.actor) else {
                weights[seat.options()].copy_from_slice(&play[number][0]);
                continue;
            };
            for (share, mix) in self.start.view.weights[private_id].iter().zip(&play[number]) {
                if b.known(*share) == Some(0.0) {
                    continue;
                }
                for (sum, p) in weights[seat.options()].iter_mut().zip(mix) {
                    *sum = b.add2(*sum, b.weigh(*share, *p));
                }
            }
        }
        weights
    }
}

impl Deliberation<'_> {
    fn decision(&self, seat: usize) -> &Decision {
        &self.context.index.arm.decisions[self.context.index.model.seats[seat].actor]
    }

    fn level_zero(&self) -> Play {
        let seats = self.open.iter().enumerate();
        seats
            .map(|(seat, kinds)| {
                let actor = self.context.index.model.seats[seat].actor;
                let mixes = kinds.iter().zip(&self.perspectives[actor]);
                mixes
                    .map(|(open, perspective)| without_thought(&perspective.start, seat, open))
                    .collect()
            })
            .collect()
    }

    /// A seat's reply, as one type, to what everyone is predicted to play.
    fn reply(&self, seat: usize, kind: usize, play: &Play, region: u32, flaw: &mut Id) -> Vec<Id> {
        let b = self.context.b;
        let decision = self.decision(seat);
        let perspective = &self.perspectives[self.context.index.model.seats[seat].actor][kind];
        let open = &self.open[seat][kind];
        let imagination = Imagination { context: self.context, perspective, play, region };
        let horizon = decision.foresight.min(self.context.horizon);
        let utilities: Vec<Id> = (0..open.len())
            .map(|option| match b.known(open[option]) {
                Some(0.0) => b.number(f64::NAN),
                _ => imagination.worth(Some((seat, option)), horizon),
            })
            .collect();
        for (open, utility) in open.iter().zip(&utilities) {
            *flaw = b.operation(Operation::Flaw, &[*flaw, *open, *utility]);
        }
        let slot = self.context.index.open_inputs.precision(perspective.actor);
        let precision = perspective.of_parameters(decision.precision.as_ref(), slot);
        reply(b, decision, precision, &utilities, open)
    }

    /// The replies of some seats to a play; the others keep what they have.
    fn replies(
        &self,
        play: &Play,
        region: u32,
        flaw: &mut Id,
        wanted: impl Fn(usize) -> bool,
    ) -> Play {
        let mut next = play.clone();
        for seat in 0..self.open.len() {
            if self.context.b.ended() {
                break;
            }
            if self.decision(seat).deliberates() && wanted(seat) {
                for (kind, mix) in next[seat].iter_mut().enumerate() {
                    *mix = self.reply(seat, kind, play, region, flaw);
                }
            }
        }
        next
    }

    /// Level k replies to level k − 1.
    fn fixed_levels(&self, start: &Play, strategies: &mut Strategies) {
        let level_of = |seat: usize| match self.decision(seat).reasoning {
            Reasoning::Level(level) => Some(level),
            _ => None,
        };
        let Some(top) = (0..self.open.len()).filter_map(level_of).max() else { return };
        let mut below = start.clone();
        let mut prospect = Prospect::new(self.context.b, u64::from(top));
        for level in 1..=top {
            let wanted = |seat| level < top || level_of(seat) == Some(level);
            below = self.replies(&below, ROOT, &mut strategies.flaw, wanted);
            for seat in (0..self.open.len()).filter(|s| level_of(*s) == Some(level)) {
                strategies.realised[seat].clone_from(&below[seat]);
                strategies.expected[seat].clone_from(&below[seat]);
            }
            prospect.done();
        }
    }

    /// Level k replies to the mixture of lower levels in proportion to their probability.
    fn poisson_levels(&self, start: &Play, real: bool, strategies: &mut Strategies) {
        let b = self.context.b;
        let mean_of = |seat: usize| match self.decision(seat).reasoning {
            Reasoning::Poisson(mean) => Some(mean),
            _ => None,
        };
        let mut means: Vec<f64> = Vec::new();
        for mean in (0..self.open.len()).filter_map(mean_of) {
            if !means.contains(&mean) {
                means.push(mean);
            }
        }
        for mean in means {
            let shares = poisson_levels(mean);
            let mut all = vec![start.clone()];
            let mut prospect = Prospect::new(b, shares.len() as u64 - 1);
            for level in 1..shares.len() {
                let mixture = self.mixture(&all, &shares[..level]);
                let replies = self.replies(&mixture, ROOT, &mut strategies.flaw, |_| true);
                // who does not deliberate keeps the mix of level 0, not the mixture
                let next = replies.into_iter().zip(start).enumerate();
                all.push(
                    next.map(|(seat, (reply, own))| match self.decision(seat).deliberates() {
                        true => reply,
                        false => own.clone(),
                    })
                    .collect(),
                );
                prospect.done();
            }
            let average = self.mixture(&all, &shares);
            for seat in (0..self.open.len()).filter(|s| mean_of(*s) == Some(mean)) {
                strategies.expected[seat].clone_from(&average[seat]);
                strategies.realised[seat].clone_from(&average[seat]);
                if real {
                    let actor = self.context.index.model.seats[seat].actor as u32;
                    strategies.realised[seat] = all[0][seat].clone();
                    for (level, play) in (0u32..).zip(&all).skip(1) {
                        let drawn = b.input(Input::Level(actor, level));
                        let pairs = flat_seat(&mut strategies.realised[seat])
                            .zip(play[seat].iter().flatten());
                        pairs.for_each(|(own, p)| *own = b.select(drawn, *p, *own));
                    }
                }
            }
        }
    }

    /// Levels mixed in proportion to their shares.
    fn mixture(&self, levels: &[Play], shares: &[f64]) -> Play {
        let b = self.context.b;
        let mut sum = 0.0;
        for share in shares {
            sum += share;
        }
        let mut mixed = levels[0].clone();
        flat(&mut mixed).for_each(|share| *share = b.number(0.0));
        for (play, share) in levels.iter().zip(shares) {
            let share = b.number(share / sum);
            for (total, p) in flat(&mut mixed).zip(play.iter().flatten().flatten()) {
                *total = b.add2(*total, b.multiply(share, *p));
            }
        }
        mixed
    }

    /// Mutual replies by damped iteration from level 0.
    fn equilibrium(&self, start: &Play, strategies: &mut Strategies) {
        let b = self.context.b;
        let seeks = |seat: usize| self.decision(seat).reasoning == Reasoning::Equilibrium;
        if !(0..self.open.len()).any(seeks) {
            return;
        }
        let region = b.region(ROOT);
        let mut play = start.clone();
        let mut leaves = Vec::new();
        let mut starts = Vec::new();
        for seat in (0..self.open.len()).filter(|s| self.decision(*s).deliberates()) {
            for share in flat_seat(&mut play[seat]) {
                starts.push(*share);
                *share = b.leaf(region, false);
                leaves.push(*share);
            }
        }
        let flawed = b.leaf(region, true);
        let mut flaw = flawed;
        let replies = self.replies(&play, region, &mut flaw, |_| true);
        let deliberating = |play: &Play| -> Vec<Id> {
            let seats = (0..self.open.len()).filter(|s| self.decision(*s).deliberates());
            seats.flat_map(|s| play[s].iter().flatten().copied().collect::<Vec<_>>()).collect()
        };
        let answer = deliberating(&replies);
        let count = leaves.len();
        let body = Loop::Equilibrium {
            region,
            play: leaves,
            start: starts,
            answer,
            flaw: [strategies.flaw, flawed, flaw],
        };
        let results = b.looped(body, count + 2);
        strategies.residual = results[count];
        strategies.flaw = results[count + 1];
        let mut found = results.into_iter();
        for seat in (0..self.open.len()).filter(|s| self.decision(*s).deliberates()) {
            for (share, result) in flat_seat(&mut play[seat]).zip(found.by_ref()) {
                *share = result;
            }
        }
        for seat in (0..self.open.len()).filter(|s| seeks(*s)) {
            strategies.expected[seat].clone_from(&play[seat]);
            strategies.realised[seat].clone_from(&play[seat]);
        }
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

fn flat(play: &mut Play) -> impl Iterator<Item = &mut Id> {
    play.iter_mut().flatten().flatten()
}

fn flat_seat(kinds: &mut [Vec<Id>]) -> impl Iterator<Item = &mut Id> {
    kinds.iter_mut().flatten()
}

/// A mind that imagines the round when everyone plays `play`.
struct Imagination<'m, 'a> {
    context: PlanContext<'a>,
    perspective: &'m Perspective<'a>,
    play: &'m Play,
    /// The region in which all this happens.
    region: u32,
}

impl Imagination<'_, '_> {
    /// What the round is worth, with an option for one of the actor's seats or with every seat
    /// playing its mix; `horizon` − 1 rounds follow.
    fn worth(&self, own: Option<(usize, usize)>, horizon: u32) -> Id {
        if self.context.b.ended() {
            return self.context.b.number(0.0);
        }
        let decision = &self.context.index.arm.decisions[self.perspective.actor];
        match decision.anticipation {
            Anticipation::Exact => self.branch_by_branch(own, horizon),
            Anticipation::Mean => {
                let mut chosen = self.perspective.predicted(self.play);
                self.put(own, &mut chosen);
                let learn = |private_id, observer| self.seen(&chosen, private_id, observer, false);
                let round = Round::new(&self.perspective.start, &chosen, &learn);
                self.finish(&round, &chosen, horizon)
            }
        }
    }

    fn put(&self, own: Option<(usize, usize)>, weights: &mut [Id]) {
        if let Some((seat, option)) = own {
            let options = self.context.index.model.seats[seat].options();
            let chosen = one_hot(self.context.b, options.len(), option);
            weights[options].copy_from_slice(&chosen);
        }
    }

    /// What an observer will believe: about this actor the posterior, about others the prior.
    fn seen(&self, chosen: &[Id], private_id: usize, observer: usize, sure: bool) -> Vec<Id> {
        let PlanContext { index, b, world, .. } = self.context;
        let prior = &world.beliefs[private_id][observer];
        if index.model.private[private_id].actor != self.perspective.actor {
            return prior.clone();
        }
        match sure {
            true => observed(index, b, prior, self.play, chosen, private_id),
            false => expected(index, b, prior, self.play, chosen, private_id),
        }
    }

    /// Utility at the end of an imagined round, and the value of what may follow.
    fn finish(&self, round: &Round, mixed: &[Id], horizon: u32) -> Id {
        let b = self.context.b;
        let (_, parts) = round.pay(self.perspective.actor);
        let now = total(b, &parts);
        if horizon <= 1 {
            return now;
        }
        let on = round.goes_on();
        if b.known(on) == Some(0.0) {
            return now;
        }
        let next = round.next(mixed);
        let value = self.continuation(&next, on, horizon - 1);
        let decision = &self.context.index.arm.decisions[self.perspective.actor];
        let open = self.context.index.open_inputs.discount(self.perspective.actor);
        let discount = self.perspective.of_parameters(decision.discount.as_ref(), open);
        let later = b.multiply(b.multiply(discount, on), value);
        b.select(b.not_zero(on), b.add2(now, later), now)
    }

    /// V: the expected utility of the rounds from a world on.
    fn continuation(&self, world: &World, guard: Id, horizon: u32) -> Id {
        let PlanContext { index, b, procedures, .. } = self.context;
        if b.ended() {
            return b.number(0.0);
        }
        let key = (self.perspective.actor, self.perspective.kind, horizon);
        let procedure = Procedures::of(procedures, key, index);
        let given = procedures.borrow().inputs(procedure);
        let given = given.into_iter().map(|input| match input {
            Input::Round => world.round,
            Input::Cell(n) => world.cells[n as usize],
            Input::Played(n) => world.played[n as usize],
            Input::Mixed(n) => world.mixed[n as usize],
            Input::Happened(n) => world.happened[n as usize],
            Input::Spent(n) => world.spent[n as usize],
            Input::Belief(p, o, k) => world.beliefs[p as usize][o as usize][k as usize],
            other => b.input(other),
        });
        b.call(Call { procedure, given: given.collect(), guard })
    }

    /// Every joint type and option of the others, every joint option of the actor's own other
    /// seats, and every joint outcome of events, each with its probability.
    fn branch_by_branch(&self, own: Option<(usize, usize)>, horizon: u32) -> Id {
        let PlanContext { index, b, world, .. } = self.context;
        let model = index.model;
        let outer = b.region(self.region);
        let inner = b.region(outer);
        let by_seat = |binary: bool| -> Vec<Vec<Id>> {
            let seats = model.seats.iter();
            seats.map(|s| s.options().map(|_| b.leaf(outer, binary)).collect()).collect()
        };
        let types = self.perspective.start.view.weights.clone();
        let truth: Vec<Vec<Id>> =
            types.iter().map(|row| row.iter().map(|_| b.leaf(outer, true)).collect()).collect();
        let (mixed, chosen) = (by_seat(false), by_seat(true));
        let decided: Vec<Id> = model.hazards.iter().map(|_| b.leaf(inner, true)).collect();
        let mut mixes = self.play.clone();
        if let Some((seat, option)) = own {
            for mix in &mut mixes[seat] {
                *mix = one_hot(b, mix.len(), option);
            }
        }
        let view = View::of(index, b, truth.clone());
        let start = Start::new(index, b, world, view, false);
        let weights = chosen.concat();
        let learn = |private_id, observer| self.seen(&weights, private_id, observer, true);
        let round = Round::new(&start, &weights, &learn);
        let chances = (0..model.hazards.len()).map(|h| round.chance(h)).collect();
        let mut known = Round::new(&start, &weights, &learn);
        known.decided = Some(decided.clone());
        let utility = self.finish(&known, &mixed.concat(), horizon);
        let private_ids = model.seats.iter().map(|s| model.private_of(s.actor)).collect();
        let regions = [outer, inner];
        let branches = Branches {
            regions,
            types,
            mixes,
            private_ids,
            truth,
            mixed,
            chosen,
            chances,
            decided,
            utility,
        };
        b.looped(Loop::Branches(Box::new(branches)), 1)[0]
    }
}

/// V as a procedure of its own: what is left to an actor of a type when `horizon` rounds are
/// looked at from a world on. Not a number where some utility on the way is not finite.
pub(super) fn remaining(context: PlanContext, actor: usize, kind: usize) -> Id {
    let b = context.b;
    let strategies = settle(context, false);
    let perspective = Perspective::new(context, actor, kind);
    let imagination = Imagination {
        context,
        perspective: &perspective,
        play: &strategies.expected,
        region: ROOT,
    };
    let utility = imagination.worth(None, context.horizon);
    b.select(strategies.flaw, b.number(f64::NAN), utility)
}
