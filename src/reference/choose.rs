//! Steps 1 and 2: what a seat can do, and how a decision rule turns values into a mix.

use super::moment::Start;
use crate::expr::value;
use crate::math;
use crate::model::{Decision, Level0, Line, Rule};

/// Step 1: the availability of each option of a seat at the start of a round. `hold` comes last;
/// without `hold` among the decision's settings it is available only when nothing else is.
pub(super) fn availability(start: &Start, seat: usize) -> Vec<f64> {
    let index = start.index;
    let seat = &index.model.seats[seat];
    let mut found: Vec<f64> = seat
        .options()
        .map(|id| {
            let option = &index.model.options[id];
            match &option.when {
                _ if option.action.is_none() || index.arm.disabled_options[id] => 0.0,
                None => 1.0,
                Some(condition) => value(condition, start),
            }
        })
        .collect();
    let idle = found.iter().all(|p| *p == 0.0);
    if let Some(hold) = found.last_mut() {
        *hold = if index.arm.decisions[seat.actor].hold || idle { 1.0 } else { 0.0 };
    }
    found
}

/// A mix over options of which some are only more or less available.
///
/// The mix is formed over all that are possible; each keeps the share of its probability with
/// which it is available, and what is lost is played as the rule would play with only the options
/// that are surely available (`hold` where there are none).
pub(super) fn soften(available: &[f64], rule: impl Fn(&[bool]) -> Vec<f64>) -> Vec<f64> {
    let possible: Vec<bool> = available.iter().map(|p| *p > 0.0).collect();
    let sure: Vec<bool> = available.iter().map(|p| *p == 1.0).collect();
    let mut mix = rule(&possible);
    if possible == sure {
        return mix;
    }
    let mut kept = 0.0;
    for (share, p) in mix.iter_mut().zip(available) {
        *share *= p;
        kept += *share;
    }
    let lost = 1.0 - kept;
    if sure.iter().any(|s| *s) {
        for (share, rest) in mix.iter_mut().zip(rule(&sure)) {
            *share += lost * rest;
        }
    } else if let Some(hold) = mix.last_mut() {
        *hold += lost;
    }
    mix
}

/// Equal shares of what is allowed.
fn uniform(allowed: &[bool]) -> Vec<f64> {
    let count = allowed.iter().filter(|a| **a).count() as f64;
    allowed.iter().map(|a| if *a { 1.0 / count } else { 0.0 }).collect()
}

/// Logit choice: probability proportional to exp(λU) (McKelvey and Palfrey 1995). Utilities are
/// taken relative to the greatest, which changes nothing but keeps exp within range.
fn logit(utilities: &[f64], precision: f64, allowed: &[bool]) -> Vec<f64> {
    let among = utilities.iter().zip(allowed).filter(|(_, a)| **a);
    let best = among.fold(f64::NEG_INFINITY, |best, (u, _)| math::maximum(best, *u));
    let terms = utilities.iter().zip(allowed);
    let mut mix: Vec<f64> =
        terms.map(|(u, a)| if *a { math::exp(precision * (u - best)) } else { 0.0 }).collect();
    let mut sum = 0.0;
    for term in &mix {
        sum += term;
    }
    for term in &mut mix {
        *term /= sum;
    }
    mix
}

/// Equal shares of the options of greatest utility, ties within 10⁻¹² times max(1, |U|).
fn best(utilities: &[f64], allowed: &[bool]) -> Vec<f64> {
    let among = utilities.iter().zip(allowed).filter(|(_, a)| **a);
    let best = among.fold(f64::NEG_INFINITY, |best, (u, _)| math::maximum(best, *u));
    let slack = 1e-12 * math::maximum(1.0, best.abs());
    let ties: Vec<bool> =
        utilities.iter().zip(allowed).map(|(u, a)| *a && *u >= best - slack).collect();
    uniform(&ties)
}

/// The reply of a deliberating rule to the utilities of a seat's options.
pub(super) fn reply(
    decision: &Decision,
    precision: f64,
    utilities: &[f64],
    available: &[f64],
) -> Vec<f64> {
    soften(available, |allowed| match decision.rule {
        Rule::BestResponse => best(utilities, allowed),
        _ => logit(utilities, precision, allowed),
    })
}

/// The mix of a rule that does not deliberate, or that of level 0.
pub(super) fn without_thought(start: &Start, seat: usize, available: &[f64]) -> Vec<f64> {
    let index = start.index;
    let decision = &index.arm.decisions[index.model.seats[seat].actor];
    match decision.rule {
        Rule::Random => soften(available, uniform),
        Rule::Policy => follow(start, seat, available),
        Rule::Logit | Rule::BestResponse => match decision.level0 {
            Level0::Uniform => soften(available, uniform),
            Level0::Moves => soften(available, |allowed| by_move(start, seat, allowed)),
            Level0::Last => soften(available, |allowed| as_before(start, seat, allowed)),
        },
    }
}

/// Equal shares of the moves that are allowed, each divided equally among its allowed targets.
fn by_move(start: &Start, seat: usize, allowed: &[bool]) -> Vec<f64> {
    let model = start.index.model;
    let seat = &model.seats[seat];
    let actions: Vec<_> = seat.options().map(|o| model.options[o].action).collect();
    let mut moves = Vec::new();
    for (action, allowed) in actions.iter().zip(allowed) {
        if *allowed && !moves.contains(action) {
            moves.push(*action);
        }
    }
    let targets = |action| {
        actions.iter().zip(allowed).filter(|(other, a)| **a && **other == action).count() as f64
    };
    let shares = actions.iter().zip(allowed);
    shares
        .map(|(action, a)| if *a { 1.0 / moves.len() as f64 / targets(*action) } else { 0.0 })
        .collect()
}

/// The mix last played, renormalised over what is allowed; equal shares where nothing is left.
fn as_before(start: &Start, seat: usize, allowed: &[bool]) -> Vec<f64> {
    let options = start.index.model.seats[seat].options();
    let last: Vec<f64> =
        options.zip(allowed).map(|(o, a)| if *a { start.world.mixed[o] } else { 0.0 }).collect();
    let mut sum = 0.0;
    for share in &last {
        sum += share;
    }
    if sum > 0.0 { last.into_iter().map(|share| share / sum).collect() } else { uniform(allowed) }
}

/// A policy's mix: lines in order, each taking its guard's share of what earlier lines left, as
/// far as its move is available; what no line takes is held, or, where `hold` is not available,
/// spread over what is; then a share `error` of uniform play is mixed in.
fn follow(start: &Start, seat: usize, available: &[f64]) -> Vec<f64> {
    let index = start.index;
    let actor = index.model.seats[seat].actor;
    let Some(policy) = index.arm.decisions[actor].policy.map(|p| &index.model.policies[p]) else {
        return soften(available, uniform);
    };
    let mut mix = vec![0.0; available.len()];
    let mut left = 1.0;
    for line in &policy.lines {
        let Some(guard) = &line.guard[actor] else { continue };
        let guard = guard.as_ref().map_or(1.0, |g| value(g, start));
        let mut share = left * guard;
        for at in line_options(start, seat, line) {
            let taken = share * available[at];
            mix[at] += taken;
            share -= taken;
            left -= taken;
        }
    }
    if left > 0.0 {
        if available.last() == Some(&1.0) {
            if let Some(hold) = mix.last_mut() {
                *hold += left;
            }
        } else {
            for (share, rest) in mix.iter_mut().zip(soften(available, uniform)) {
                *share += left * rest;
            }
        }
    }
    let error = policy.error[actor].as_ref().map_or(0.0, |e| value(e, start));
    if error != 0.0 {
        for (share, rest) in mix.iter_mut().zip(soften(available, uniform)) {
            *share = (1.0 - error) * *share + error * rest;
        }
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
