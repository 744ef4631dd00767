//! Steps 1 and 2 as nodes: what a seat can do, and how a decision rule turns values into a mix.

use super::formula::value;
use super::graph::{Builder, Id};
use super::moment::Start;
use crate::expr::Operation;
use crate::model::{Decision, Level0, Line, Rule};

/// Step 1: the availability of each option of a seat at the start of a round.
pub(super) fn availability(start: &Start, seat: usize) -> Vec<Id> {
    let (index, b) = (start.index, start.b);
    let seat = &index.model.seats[seat];
    let mut found: Vec<Id> = seat
        .options()
        .map(|id| {
            let option = &index.model.options[id];
            match &option.when {
                _ if option.action.is_none() || index.arm.disabled_options[id] => b.number(0.0),
                None => b.number(1.0),
                Some(condition) => value(condition, start),
            }
        })
        .collect();
    let hold = if index.arm.decisions[seat.actor].hold {
        b.number(1.0)
    } else {
        b.complement(any(b, found.iter().map(|p| b.not_zero(*p))))
    };
    if let Some(last) = found.last_mut() {
        *last = hold;
    }
    found
}

/// Whether any of some truth values holds.
fn any(b: &Builder, truths: impl Iterator<Item = Id>) -> Id {
    truths.fold(b.number(0.0), |found, truth| b.maximum(found, truth))
}

fn all(b: &Builder, truths: impl Iterator<Item = Id>) -> Id {
    truths.fold(b.number(1.0), |found, truth| b.multiply(found, truth))
}

fn count(b: &Builder, truths: &[Id]) -> Id {
    truths.iter().fold(b.number(0.0), |sum, truth| b.add2(sum, *truth))
}

/// A mix over options of which some are only more or less available; see the interpreter.
pub(super) fn soften(b: &Builder, available: &[Id], rule: impl Fn(&[Id]) -> Vec<Id>) -> Vec<Id> {
    if available.iter().all(|p| b.is_binary(*p)) {
        return rule(available);
    }
    let (zero, one) = (b.number(0.0), b.number(1.0));
    let possible: Vec<Id> =
        available.iter().map(|p| b.operation(Operation::Less, &[zero, *p])).collect();
    let sure: Vec<Id> =
        available.iter().map(|p| b.operation(Operation::Equal, &[*p, one])).collect();
    let pairs = possible.iter().zip(&sure);
    let same = all(b, pairs.map(|(p, s)| b.operation(Operation::Equal, &[*p, *s])));
    let full = rule(&possible);
    let mut kept = zero;
    let shares: Vec<Id> = full
        .iter()
        .zip(available)
        .map(|(share, p)| {
            let share = b.multiply(*share, *p);
            kept = b.add2(kept, share);
            share
        })
        .collect();
    let lost = b.complement(kept);
    let some = any(b, sure.iter().copied());
    let rest = rule(&sure);
    let last = shares.len() - 1;
    (0..shares.len())
        .map(|at| {
            let share = shares[at];
            let spread = b.add2(share, b.multiply(lost, rest[at]));
            let held = if at == last { b.add2(share, lost) } else { share };
            b.select(same, full[at], b.select(some, spread, held))
        })
        .collect()
}

/// Equal shares of what is allowed.
fn uniform(b: &Builder, allowed: &[Id]) -> Vec<Id> {
    let share = b.divide(b.number(1.0), count(b, allowed));
    allowed.iter().map(|a| b.select(*a, share, b.number(0.0))).collect()
}

/// The greatest utility among what is allowed.
fn greatest(b: &Builder, utilities: &[Id], allowed: &[Id]) -> Id {
    let lowest = b.number(f64::NEG_INFINITY);
    let among = utilities.iter().zip(allowed).map(|(u, a)| b.select(*a, *u, lowest));
    among.fold(lowest, |best, u| b.maximum(best, u))
}

/// Logit choice.
fn logit(b: &Builder, utilities: &[Id], precision: Id, allowed: &[Id]) -> Vec<Id> {
    let best = greatest(b, utilities, allowed);
    let terms = utilities.iter().zip(allowed);
    let terms: Vec<Id> = terms
        .map(|(u, a)| {
            if b.known(*a) == Some(0.0) {
                return b.number(0.0);
            }
            let term = b.operation(Operation::Exp, &[b.multiply(precision, b.subtract(*u, best))]);
            b.select(*a, term, b.number(0.0))
        })
        .collect();
    let sum = terms.iter().fold(b.number(0.0), |sum, term| b.add2(sum, *term));
    let none = Some(0.0);
    let share = |term| if b.known(term) == none { term } else { b.divide(term, sum) };
    terms.into_iter().map(share).collect()
}

/// Equal shares of the options of greatest utility.
fn best(b: &Builder, utilities: &[Id], allowed: &[Id]) -> Vec<Id> {
    let best = greatest(b, utilities, allowed);
    let size = b.maximum(b.number(1.0), b.operation(Operation::Abs, &[best]));
    let bar = b.subtract(best, b.multiply(b.number(1e-12), size));
    let ties: Vec<Id> = utilities
        .iter()
        .zip(allowed)
        .map(|(u, a)| b.multiply(*a, b.operation(Operation::AtMost, &[bar, *u])))
        .collect();
    uniform(b, &ties)
}

/// The reply of a deliberating rule to the utilities of a seat's options.
pub(super) fn reply(
    b: &Builder,
    decision: &Decision,
    precision: Id,
    utilities: &[Id],
    available: &[Id],
) -> Vec<Id> {
    soften(b, available, |allowed| match decision.rule {
        Rule::BestResponse => best(b, utilities, allowed),
        _ => logit(b, utilities, precision, allowed),
    })
}

/// The mix of a rule that does not deliberate, or that of level 0.
pub(super) fn without_thought(start: &Start, seat: usize, available: &[Id]) -> Vec<Id> {
    let (index, b) = (start.index, start.b);
    let decision = &index.arm.decisions[index.model.seats[seat].actor];
    let evenly = |allowed: &[Id]| uniform(b, allowed);
    match decision.rule {
        Rule::Random => soften(b, available, evenly),
        Rule::Policy => follow(start, seat, available),
        Rule::Logit | Rule::BestResponse => match decision.level0 {
            Level0::Uniform => soften(b, available, evenly),
            Level0::Moves => soften(b, available, |allowed| by_move(start, seat, allowed)),
            Level0::Last => soften(b, available, |allowed| as_before(start, seat, allowed)),
        },
    }
}

/// Equal shares of the moves that are allowed, each divided equally among its allowed targets.
fn by_move(start: &Start, seat: usize, allowed: &[Id]) -> Vec<Id> {
    let (model, b) = (start.index.model, start.b);
    let actions: Vec<_> = model.seats[seat].options().map(|o| model.options[o].action).collect();
    let of = |action: &Option<usize>| -> Vec<Id> {
        let pairs = actions.iter().zip(allowed);
        pairs.filter(|(other, _)| *other == action).map(|(_, a)| *a).collect()
    };
    let mut moves = Vec::new();
    for action in &actions {
        if !moves.contains(action) {
            moves.push(*action);
        }
    }
    let open: Vec<Id> = moves.iter().map(|m| any(b, of(m).into_iter())).collect();
    let share = b.divide(b.number(1.0), count(b, &open));
    let shares = actions.iter().zip(allowed);
    shares
        .map(|(action, a)| {
            let own = b.divide(share, count(b, &of(action)));
            b.select(*a, own, b.number(0.0))
        })
        .collect()
}

/// The mix last played, renormalised over what is allowed; equal shares where nothing is left.
fn as_before(start: &Start, seat: usize, allowed: &[Id]) -> Vec<Id> {
    let b = start.b;
    let zero = b.number(0.0);
    let options = start.index.model.seats[seat].options();
    let last: Vec<Id> =
        options.zip(allowed).map(|(o, a)| b.select(*a, start.world.mixed[o], zero)).collect();
    let sum = last.iter().fold(zero, |sum, share| b.add2(sum, *share));
    let some = b.operation(Operation::Less, &[zero, sum]);
    let otherwise = uniform(b, allowed);
    let shares = last.into_iter().zip(otherwise);
    shares.map(|(share, even)| b.select(some, b.divide(share, sum), even)).collect()
}

/// A policy's mix; see the function of the same name of the interpreter.
fn follow(start: &Start, seat: usize, available: &[Id]) -> Vec<Id> {
    let (index, b) = (start.index, start.b);
    let actor = index.model.seats[seat].actor;
    let even = soften(b, available, |allowed| uniform(b, allowed));
    let Some(policy) = index.arm.decisions[actor].policy.map(|p| &index.model.policies[p]) else {
        return even;
    };
    let (zero, one) = (b.number(0.0), b.number(1.0));
    let mut mix = vec![zero; available.len()];
    let mut left = one;
    for line in &policy.lines {
        let Some(guard) = &line.guard[actor] else { continue };
        let guard = guard.as_ref().map_or(one, |g| value(g, start));
        let mut share = b.multiply(left, guard);
        for at in line_options(start, seat, line) {
            let taken = b.multiply(share, available[at]);
            mix[at] = b.add2(mix[at], taken);
            share = b.subtract(share, taken);
            left = b.subtract(left, taken);
        }
    }
    let remains = b.operation(Operation::Less, &[zero, left]);
    let last = mix.len() - 1;
    let can_hold = b.operation(Operation::Equal, &[available[last], one]);
    for (at, share) in mix.iter_mut().enumerate() {
        let held = if at == last { b.add2(*share, left) } else { *share };
        let spread = b.add2(*share, b.multiply(left, even[at]));
        *share = b.select(remains, b.select(can_hold, held, spread), *share);
    }
    let error = policy.error[actor].as_ref().map_or(zero, |e| value(e, start));
    let errs = b.not_zero(error);
    for (share, rest) in mix.iter_mut().zip(even) {
        let mixed = b.add2(b.multiply(b.complement(error), *share), b.multiply(error, rest));
        *share = b.select(errs, mixed, *share);
    }
    mix
}

/// The options of a seat that a line of a policy speaks of, in the order they are tried.
fn line_options(start: &Start, seat: usize, line: &Line) -> Vec<usize> {
    let model = start.index.model;
    let options = model.seats[seat].options();
    let matching = |target: Option<usize>| {
        options.clone().enumerate().filter(move |(_, o)| {
            let option = &model.options[*o];
            option.action == line.action && (target.is_none() || option.target == target)
        })
    };
    if line.toward.is_empty() {
        return matching(None).map(|(at, _)| at).collect();
    }
    let each = line.toward.iter().flat_map(|t| matching(Some(*t)).map(|(at, _)| at));
    each.collect()
}
