//! What decides whether a run goes on, and whether later rounds read it once more.
//!
//! In U(a; x, m) = u + δ s V(x', m − 1) of mean anticipation the weight s that the run goes on
//! multiplies what follows at x'. Where x' carries what s is the weight of, and V reads it, it
//! counts twice. Rounds are therefore imagined given that the run goes on, where one choice or one
//! event alone decides that; elsewhere V is an approximation.

use super::{Moment, Obstacle, Round};
use crate::diagnostic::Span;
use crate::expr::{Expr, Node};
use crate::model::{ActorId, Anticipation, Arm, HazardId, Model, SeatId};

/// Of so many choices and events it is found out in each imagined round which of them decides
/// whether the run goes on; where more may, of none.
const TOLD_APART: usize = 8;

/// So many rounds are looked at one by one.
const ROUNDS: u32 = 32;

/// What may decide whether a run goes on after an imagined round of averages.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Gate {
    /// Seats whose choice may.
    pub seats: Vec<SeatId>,
    /// Instances of events that may.
    pub hazards: Vec<HazardId>,
}

/// Whether an actor imagines later rounds by averages.
pub(super) fn looks_on(arm: &Arm, actor: ActorId) -> bool {
    let decision = &arm.decisions[actor];
    let mean = decision.anticipation == Anticipation::Mean;
    decision.deliberates() && mean && decision.foresight > 1 && arm.rounds > 1
}

/// Whether anything but the number of rounds may end a run.
fn may_end(model: &Model) -> bool {
    model.stop_when.is_some() || model.events.iter().any(|event| event.ends)
}

impl Gate {
    /// That of an arm; empty where nobody looks on by averages, and where more than 8 choices and
    /// events may decide.
    pub fn of(model: &Model, arm: &Arm) -> Gate {
        let mut gate = Gate::default();
        for actor in model.actors().filter(|a| may_end(model) && looks_on(arm, *a)) {
            let round = Round::new(model, arm, actor, None);
            let found = deciding(&round.end());
            let seats = model.seats.ids().filter(|s| found.sources.has(s.index()));
            gate.seats.extend(seats);
            let own = model.seats.len() + model.private.len();
            let hazards = model.hazards.ids().filter(|h| found.sources.has(own + h.index()));
            gate.hazards.extend(hazards);
        }
        gate.seats.sort_unstable();
        gate.seats.dedup();
        gate.hazards.sort_unstable();
        gate.hazards.dedup();
        if gate.seats.len() + gate.hazards.len() > TOLD_APART { Gate::default() } else { gate }
    }
}

/// What decides at the end of a round.
struct Deciding {
    sources: super::part::Sources,
    /// Whether s is a sum of products of different independent things.
    affine: bool,
    /// The first formula that does.
    span: Span,
}

fn deciding(end: &Moment) -> Deciding {
    let model = end.round.model;
    let mut whole = super::part::Part::default();
    let mut span = None;
    let mut add = |part: &super::part::Part, at: Span| {
        if part.is_random() {
            span.get_or_insert(at);
        }
        whole.multiply(part, at);
    };
    for (number, hazard) in model.hazards.enumerate() {
        if let Some(chance) = hazard.probability.as_ref()
            && model.events[hazard.event].ends
        {
            add(&end.hazards[number], chance.span);
        }
    }
    if let Some(condition) = &model.stop_when {
        add(&end.part(condition), condition.span);
    }
    let affine = whole.trouble.is_none() && whole.clamps.is_empty();
    Deciding { sources: whole.on, affine, span: span.unwrap_or_default() }
}

/// Why what later rounds are worth to an actor is an approximation: what decides whether the run
/// goes on is carried into them and read there, and cannot be taken as given. `None` if it can, and
/// for whoever does not imagine later rounds by averages.
pub(super) fn carried(model: &Model, arm: &Arm, actor: ActorId) -> Option<Obstacle> {
    if !may_end(model) || !looks_on(arm, actor) {
        return None;
    }
    let gate = Gate::of(model, arm);
    let types = model.seats.len()..model.seats.len() + model.private.len();
    (1..arm.rounds.min(ROUNDS)).find_map(|number| {
        let mut round = Round::new(model, arm, actor, None);
        round.number = Some(number);
        let end = round.end();
        let found = deciding(&end);
        let all = found.sources.list().filter(|source| !types.contains(source));
        let all: Vec<usize> = all.collect();
        let own = |source: usize| {
            let hazard = source.checked_sub(types.end).map(HazardId::new);
            let seat = (source < types.start).then(|| SeatId::new(source));
            seat.is_some_and(|s| gate.seats.contains(&s))
                || hazard.is_some_and(|h| gate.hazards.contains(&h))
        };
        let given = |source: &usize| found.affine && own(*source);
        match all.as_slice() {
            [] => return None,
            [one] if given(one) => return None,
            _ => {}
        }
        let second = reader(&end, &all, types.clone())?;
        let reason = "decides whether the run goes on, and later rounds read what it depends on";
        Some(Obstacle { reason: reason.into(), span: found.span, second: Some(second) })
    })
}

/// The first formula of later rounds that reads what some sources decided in the round before.
fn reader(end: &Moment, sources: &[usize], types: std::ops::Range<usize>) -> Option<Span> {
    let model = end.round.model;
    let seat = |option| model.options[option].seat.index();
    let reads = |part: &Expr| match &part.node {
        Node::State(cell) => sources.iter().any(|source| end.cells[*cell].on.has(*source)),
        Node::Chose(played) if played.last => {
            played.seats.iter().flatten().any(|option| sources.contains(&seat(*option)))
        }
        Node::Happened(list, true) => {
            list.iter().any(|hazard| sources.contains(&(types.end + hazard.index())))
        }
        _ => false,
    };
    let definitions = |formula: &Expr| {
        let mut found = false;
        let mut open = vec![formula];
        let mut seen = vec![false; model.derived.len()];
        while let Some(formula) = open.pop() {
            formula.walk(&mut |part| {
                found |= reads(part);
                if let Node::Derived(instance) = part.node
                    && !std::mem::replace(&mut seen[instance], true)
                {
                    open.push(&model.derived[instance].value);
                }
            });
        }
        found
    };
    let moves = model.options.iter().flat_map(|option| {
        let effects = option.effects.iter().flat_map(|e| [Some(&e.value), e.filter.as_ref()]);
        let costs = option.costs.iter().map(|(_, cost)| Some(cost));
        [option.when.as_ref()].into_iter().chain(costs).chain(effects)
    });
    let events = model.hazards.iter().flat_map(|hazard| {
        let effects = hazard.effects.iter().flat_map(|e| [Some(&e.value), e.filter.as_ref()]);
        [hazard.when.as_ref(), hazard.probability.as_ref()].into_iter().chain(effects)
    });
    let rules = model.cells.iter().map(|cell| cell.next.as_ref());
    let paid = model.payoffs.iter().flatten().flat_map(|p| [Some(&p.value), Some(&p.weight)]);
    let all = moves.chain(events).chain(rules).chain(paid).flatten();
    all.chain(&model.stop_when).find(|formula| definitions(formula)).map(|formula| formula.span)
}
