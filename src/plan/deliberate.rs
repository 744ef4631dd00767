//! Deliberation as nodes: from worlds to mixes, and what an option is worth.

use std::cell::RefCell;

use super::budget::{Ahead, Meter};
use super::context::Writing;
use super::graph::{Branches, Builder, Call, Id, Loop, ROOT};
use super::input::Input;
use super::number::{Num, ids};
use super::procedures::Procedures;
use crate::expr::{Expr, Number, Operation, value};
use crate::model::{Anticipation, Decision, Reasoning, poisson_levels};
use crate::rules::{
    self, Perspective, Round, Start, View, World, expected, observed, one_hot, open_options, reply,
    total, without_thought,
};

type Play<'a> = rules::Play<Num<'a>>;

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
    pub open: Vec<Vec<Vec<Num<'a>>>>,
    /// 1 where a utility of an available option was not finite.
    pub flaw: Num<'a>,
    /// The residual of an equilibrium that did not converge, else 0.
    pub residual: Num<'a>,
}

struct Deliberation<'a> {
    context: PlanContext<'a>,
    /// By actor and type.
    perspectives: Vec<Vec<Perspective<'a, Num<'a>>>>,
    /// By seat and type of its actor: how far each option is available.
    open: Vec<Vec<Vec<Num<'a>>>>,
}

/// The mixes of all seats at a world. In reality conditions are read at the true types of others.
pub(super) fn settle<'a>(context: PlanContext<'a>, real: bool) -> Strategies<'a> {
    let PlanContext { writing, world, .. } = context;
    let model = writing.index.model;
    let perspectives = Perspective::all(writing.index, &writing, world);
    // actors are of their true types, with one actor's own type replaced
    let true_start = |perspective: &Perspective<'a, Num<'a>>| {
        let weights = model.private.iter().enumerate().map(|(id, private)| {
            match private.actor == perspective.actor {
                true => one_hot(writing.b, private.kinds.len(), perspective.kind),
                false => writing.true_type(id),
            }
        });
        let view = View::of(writing.index, &writing, weights.collect());
        Start::new(writing.index, writing.b, world, view)
    };
    let open = match real {
        true => open_options(&perspectives, Some(&true_start), model),
        false => open_options(&perspectives, None, model),
    };
    let deliberation = Deliberation { context, perspectives, open };
    let start = deliberation.level_zero();
    let zero = writing.number(0.0);
    let (expected, realised) = (start.clone(), start.clone());
    let mut strategies =
        Strategies { expected, realised, open: Vec::new(), flaw: zero, residual: zero };
    deliberation.fixed_levels(&start, &mut strategies);
    deliberation.poisson_levels(&start, real, &mut strategies);
    deliberation.equilibrium(&start, &mut strategies);
    strategies.open = deliberation.open;
    strategies
}

/// A formula over parameters alone, or its slot among the open numbers that it has.
fn of_parameters<'a>(start: &Start<Num<'a>>, formula: Option<&Expr>, open: Option<u32>) -> Num<'a> {
    match open {
        Some(slot) => Num::new(start.home, start.home.input(Input::Parameter(slot))),
        None => formula.map_or(start.number(1.0), |f| value(f, start)),
    }
}

impl<'a> Deliberation<'a> {
    fn decision(&self, seat: usize) -> &Decision {
        &self.context.writing.index.arm.decisions
            [self.context.writing.index.model.seats[seat].actor]
    }

    fn level_zero(&self) -> Play<'a> {
        let seats = self.open.iter().enumerate();
        seats
            .map(|(seat, kinds)| {
                let actor = self.context.writing.index.model.seats[seat].actor;
                let mixes = kinds.iter().zip(&self.perspectives[actor]);
                mixes
                    .map(|(open, perspective)| without_thought(&perspective.start, seat, open))
                    .collect()
            })
            .collect()
    }

    /// A seat's reply, as one type, to what everyone is predicted to play.
    fn reply(
        &self,
        (seat, kind): (usize, usize),
        play: &Play<'a>,
        region: u32,
        flaw: &mut Num<'a>,
    ) -> Vec<Num<'a>> {
        let b = self.context.writing.b;
        let decision = self.decision(seat);
        let perspective =
            &self.perspectives[self.context.writing.index.model.seats[seat].actor][kind];
        let open = &self.open[seat][kind];
        let imagination = Imagination { context: self.context, perspective, play, region };
        let horizon = decision.foresight.min(self.context.horizon);
        let utilities: Vec<Num> = (0..open.len())
            .map(|option| match open[option].is_zero() {
                true => Num::constant(b, f64::NAN),
                false => imagination.worth(Some((seat, option)), horizon),
            })
            .collect();
        for (open, utility) in open.iter().zip(&utilities) {
            *flaw = Num::operation(Operation::Flaw, [*flaw, *open, *utility]);
        }
        let slot = self.context.writing.index.open_inputs.precision(perspective.actor);
        let precision = of_parameters(&perspective.start, decision.precision.as_ref(), slot);
        reply(b, decision, precision, &utilities, open)
    }

    /// The replies of some seats to a play; the others keep what they have.
    fn replies(
        &self,
        play: &Play<'a>,
        region: u32,
        flaw: &mut Num<'a>,
        wanted: impl Fn(usize) -> bool,
    ) -> Play<'a> {
        let mut next = play.clone();
        for seat in 0..self.open.len() {
            if self.context.writing.b.ended() {
                break;
            }
            if self.decision(seat).deliberates() && wanted(seat) {
                for (kind, mix) in next[seat].iter_mut().enumerate() {
                    *mix = self.reply((seat, kind), play, region, flaw);
                }
            }
        }
        next
    }

    /// Level k replies to level k − 1.
    fn fixed_levels(&self, start: &Play<'a>, strategies: &mut Strategies<'a>) {
        let level_of = |seat: usize| match self.decision(seat).reasoning {
            Reasoning::Level(level) => Some(level),
            _ => None,
        };
        let Some(top) = (0..self.open.len()).filter_map(level_of).max() else { return };
        let mut below = start.clone();
        let mut prospect = Prospect::new(self.context.writing.b, u64::from(top));
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
    fn poisson_levels(&self, start: &Play<'a>, real: bool, strategies: &mut Strategies<'a>) {
        let b = self.context.writing.b;
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
                    let actor = self.context.writing.index.model.seats[seat].actor as u32;
                    strategies.realised[seat] = all[0][seat].clone();
                    for (level, play) in (0u32..).zip(&all).skip(1) {
                        let drawn = self.context.writing.input(Input::Level(actor, level));
                        let pairs = flat_seat(&mut strategies.realised[seat])
                            .zip(play[seat].iter().flatten());
                        pairs.for_each(|(own, p)| *own = drawn.select(*p, *own));
                    }
                }
            }
        }
    }

    /// Levels mixed in proportion to their shares.
    fn mixture(&self, levels: &[Play<'a>], shares: &[f64]) -> Play<'a> {
        let b = self.context.writing.b;
        let mut sum = 0.0;
        for share in shares {
            sum += share;
        }
        let mut mixed = levels[0].clone();
        flat(&mut mixed).for_each(|share| *share = Num::constant(b, 0.0));
        for (play, share) in levels.iter().zip(shares) {
            let share = Num::constant(b, share / sum);
            for (total, p) in flat(&mut mixed).zip(play.iter().flatten().flatten()) {
                *total = *total + share * *p;
            }
        }
        mixed
    }

    /// Mutual replies by damped iteration from level 0.
    fn equilibrium(&self, start: &Play<'a>, strategies: &mut Strategies<'a>) {
        let b = self.context.writing.b;
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
                starts.push(share.id);
                *share = Num::new(b, b.leaf(region, false));
                leaves.push(share.id);
            }
        }
        let flawed = Num::new(b, b.leaf(region, true));
        let mut flaw = flawed;
        let replies = self.replies(&play, region, &mut flaw, |_| true);
        let deliberating = |play: &Play| -> Vec<Id> {
            let seats = (0..self.open.len()).filter(|s| self.decision(*s).deliberates());
            seats.flat_map(|s| play[s].iter().flatten().map(|x| x.id).collect::<Vec<_>>()).collect()
        };
        let answer = deliberating(&replies);
        let count = leaves.len();
        let body = Loop::Equilibrium {
            region,
            play: leaves,
            start: starts,
            answer,
            flaw: [strategies.flaw.id, flawed.id, flaw.id],
        };
        let results = b.looped(body, count + 2);
        strategies.residual = Num::new(b, results[count]);
        strategies.flaw = Num::new(b, results[count + 1]);
        let mut found = results.into_iter();
        for seat in (0..self.open.len()).filter(|s| self.decision(*s).deliberates()) {
            for (share, result) in flat_seat(&mut play[seat]).zip(found.by_ref()) {
                *share = Num::new(b, result);
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

fn flat<'p, 'a>(play: &'p mut Play<'a>) -> impl Iterator<Item = &'p mut Num<'a>> {
    play.iter_mut().flatten().flatten()
}

fn flat_seat<'p, 'a>(kinds: &'p mut [Vec<Num<'a>>]) -> impl Iterator<Item = &'p mut Num<'a>> {
    kinds.iter_mut().flatten()
}

/// A mind that imagines the round when everyone plays `play`.
struct Imagination<'m, 'a> {
    context: PlanContext<'a>,
    perspective: &'m Perspective<'a, Num<'a>>,
    play: &'m Play<'a>,
    /// The region in which all this happens.
    region: u32,
}

impl<'a> Imagination<'_, 'a> {
    /// What the round is worth, with an option for one of the actor's seats or with every seat
    /// playing its mix; `horizon` − 1 rounds follow.
    fn worth(&self, own: Option<(usize, usize)>, horizon: u32) -> Num<'a> {
        if self.context.writing.b.ended() {
            return self.context.writing.number(0.0);
        }
        let decision = &self.context.writing.index.arm.decisions[self.perspective.actor];
        match decision.anticipation {
            Anticipation::Exact => self.branch_by_branch(own, horizon),
            Anticipation::Mean => {
                let mut chosen = self.perspective.predicted(self.play);
                self.put(own, &mut chosen);
                let learn =
                    |chosen: &[Num<'a>], id, observer| self.seen(chosen, id, observer, false);
                let round = Round::new(&self.perspective.start, chosen, &learn);
                self.finish(&round, &round.chosen, horizon)
            }
        }
    }

    fn put(&self, own: Option<(usize, usize)>, weights: &mut [Num<'a>]) {
        if let Some((seat, option)) = own {
            let options = self.context.writing.index.model.seats[seat].options();
            let chosen = one_hot(self.context.writing.b, options.len(), option);
            weights[options].copy_from_slice(&chosen);
        }
    }

    /// What an observer will believe: about this actor the posterior, about others the prior.
    fn seen(
        &self,
        chosen: &[Num<'a>],
        private_id: usize,
        observer: usize,
        sure: bool,
    ) -> Vec<Num<'a>> {
        let PlanContext { writing: Writing { index, b }, world, .. } = self.context;
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
    fn finish(&self, round: &Round<Num<'a>>, mixed: &[Num<'a>], horizon: u32) -> Num<'a> {
        let (_, parts) = round.pay(self.perspective.actor);
        let now = total(self.context.writing.b, &parts);
        if horizon <= 1 {
            return now;
        }
        let on = round.goes_on();
        if on.is_zero() {
            return now;
        }
        let next = round.next(mixed);
        let value = self.continuation(&next, on, horizon - 1);
        let decision = &self.context.writing.index.arm.decisions[self.perspective.actor];
        let open = self.context.writing.index.open_inputs.discount(self.perspective.actor);
        let discount = of_parameters(&self.perspective.start, decision.discount.as_ref(), open);
        let later = discount * on * value;
        on.not_zero().select(now + later, now)
    }

    /// V: the expected utility of the rounds from a world on.
    fn continuation(&self, world: &World<Num<'a>>, guard: Num<'a>, horizon: u32) -> Num<'a> {
        let PlanContext { writing: Writing { index, b }, procedures, .. } = self.context;
        if b.ended() {
            return Num::constant(b, 0.0);
        }
        let key = (self.perspective.actor, self.perspective.kind, horizon);
        let procedure = Procedures::of(procedures, key, index);
        let given = procedures.borrow().inputs(procedure);
        let given = given.into_iter().map(|input| match input {
            Input::Round => world.round.id,
            Input::Cell(n) => world.cells[n as usize].id,
            Input::Played(n) => world.played[n as usize].id,
            Input::Mixed(n) => world.mixed[n as usize].id,
            Input::Happened(n) => world.happened[n as usize].id,
            Input::Spent(n) => world.spent[n as usize].id,
            Input::Belief(p, o, k) => world.beliefs[p as usize][o as usize][k as usize].id,
            other => b.input(other),
        });
        Num::new(b, b.call(Call { procedure, given: given.collect(), guard: guard.id }))
    }

    /// Every joint type and option of the others, every joint option of the actor's own other
    /// seats, and every joint outcome of events, each with its probability.
    fn branch_by_branch(&self, own: Option<(usize, usize)>, horizon: u32) -> Num<'a> {
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
        let decided = leaves(model.hazards.len(), inner, true);
        let mut mixes = self.play.clone();
        if let Some((seat, option)) = own {
            for mix in &mut mixes[seat] {
                *mix = one_hot(b, mix.len(), option);
            }
        }
        let view = View::of(index, &self.context.writing, truth.clone());
        let start = Start::new(index, b, world, view);
        let learn = |chosen: &[Num<'a>], id, observer| self.seen(chosen, id, observer, true);
        let round = Round::new(&start, chosen.concat(), &learn);
        let chances: Vec<Num> = (0..model.hazards.len()).map(|h| round.chance(h)).collect();
        let mut known = Round::new(&start, chosen.concat(), &learn);
        known.decided = Some(decided.clone());
        let utility = self.finish(&known, &mixed.concat(), horizon);
        let private_ids = model.seats.iter().map(|s| model.private_of(s.actor)).collect();
        let regions = [outer, inner];
        let rows = |rows: &[Vec<Num>]| -> Vec<Vec<Id>> { rows.iter().map(|r| ids(r)).collect() };
        let branches = Branches {
            regions,
            types: rows(types),
            mixes: mixes.iter().map(|kinds| rows(kinds)).collect(),
            private_ids,
            truth: rows(&truth),
            mixed: rows(&mixed),
            chosen: rows(&chosen),
            chances: ids(&chances),
            decided: ids(&decided),
            utility: utility.id,
        };
        Num::new(b, b.looped(Loop::Branches(Box::new(branches)), 1)[0])
    }
}

/// V as a procedure of its own: what is left to an actor of a type when `horizon` rounds are
/// looked at from a world on. Not a number where some utility on the way is not finite.
pub(super) fn remaining<'a>(context: PlanContext<'a>, actor: usize, kind: usize) -> Num<'a> {
    let PlanContext { writing, world, .. } = context;
    let strategies = settle(context, false);
    let perspective = &Perspective::new(writing.index, &writing, world, (actor, kind));
    let imagination =
        Imagination { context, perspective, play: &strategies.expected, region: ROOT };
    let utility = imagination.worth(None, context.horizon);
    strategies.flaw.select(writing.number(f64::NAN), utility)
}
