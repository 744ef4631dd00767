//! Steps 1 to 3: what a seat can do, and how a decision rule turns utilities into a mix.
//!
//! Truth values are numbers here: 1 for an option that is allowed, 0 for one that is not.

use super::Start;
use super::nested::{Nested, nested_logit};
use crate::expr::{Number, Operation, value};
use crate::model::{Decision, ElementId, Guard, Level0, Line, OptionId, Rule, SeatId};

/// Step 1: the availability of each option of a seat at the start of a round. `hold` comes last;
/// without `hold` among the decision's settings it is available only when nothing else is.
pub fn availability<N: Number>(start: &Start<N>, seat: SeatId) -> Vec<N> {
    let index = start.index;
    let seat = &index.model.seats[seat];
    let mut found: Vec<N> = seat
        .options()
        .map(|id| {
            let option = &index.model.options[id];
            match &option.when {
                _ if option.holds() || index.arm.disabled_options[id] => start.number(0.0),
                None => start.number(1.0),
                Some(condition) => value(condition, start),
            }
        })
        .collect();
    let hold = if index.arm.decisions[seat.actor].hold {
        start.number(1.0)
    } else {
        any(start.home, found.iter().map(|p| p.not_zero())).complement()
    };
    if let Some(last) = found.last_mut() {
        *last = hold;
    }
    found
}

/// Whether any of some truth values holds.
pub(super) fn any<N: Number>(home: N::Home, truths: impl Iterator<Item = N>) -> N {
    truths.fold(N::constant(home, 0.0), N::maximum)
}

pub(super) fn sum<N: Number>(home: N::Home, list: &[N]) -> N {
    list.iter().fold(N::constant(home, 0.0), |sum, x| sum + *x)
}

/// A mix over options of which some are only more or less available.
///
/// The mix is formed over all that are possible; each keeps the share of its probability with
/// which it is available, and what is lost is played as the rule would play with only the options
/// that are surely available (`hold` where there are none).
fn soften<N: Number>(home: N::Home, available: &[N], rule: impl Fn(&[N]) -> Vec<N>) -> Vec<N> {
    if available.iter().all(|p| p.is_binary()) {
        return rule(available);
    }
    let (zero, one) = (N::constant(home, 0.0), N::constant(home, 1.0));
    let possible: Vec<N> = available.iter().map(|p| zero.less(*p)).collect();
    let sure: Vec<N> = available.iter().map(|p| p.equal(one)).collect();
    let pairs = possible.iter().zip(&sure);
    let same = pairs.fold(one, |all, (p, s)| all * p.equal(*s));
    let full = rule(&possible);
    let mut kept = zero;
    let shares: Vec<N> = full
        .iter()
        .zip(available)
        .map(|(share, p)| {
            let share = *share * *p;
            kept = kept + share;
            share
        })
        .collect();
    let lost = kept.complement();
    let some = any(home, sure.iter().copied());
    let rest = rule(&sure);
    let last = shares.len() - 1;
    (0..shares.len())
        .map(|at| {
            let share = shares[at];
            let spread = share + lost * rest[at];
            let held = if at == last { share + lost } else { share };
            same.select(full[at], some.select(spread, held))
        })
        .collect()
}

/// Equal shares of what is allowed.
fn uniform<N: Number>(home: N::Home, allowed: &[N]) -> Vec<N> {
    let share = N::constant(home, 1.0) / sum(home, allowed);
    allowed.iter().map(|a| a.select(share, N::constant(home, 0.0))).collect()
}

/// The greatest utility among what is allowed.
pub(super) fn greatest<N: Number>(home: N::Home, utilities: &[N], allowed: &[N]) -> N {
    let lowest = N::constant(home, f64::NEG_INFINITY);
    let among = utilities.iter().zip(allowed).map(|(u, a)| a.select(*u, lowest));
    among.fold(lowest, N::maximum)
}

/// Logit choice: probability proportional to exp(λU) (McKelvey and Palfrey 1995). Utilities are
/// taken relative to the greatest, which changes nothing but keeps exp within range.
pub(super) fn logit<N: Number>(
    home: N::Home,
    utilities: &[N],
    precision: N,
    allowed: &[N],
) -> Vec<N> {
    let best = greatest(home, utilities, allowed);
    let terms = utilities.iter().zip(allowed);
    let terms: Vec<N> = terms
        .map(|(u, a)| {
            if a.is_zero() {
                return N::constant(home, 0.0);
            }
            let term = N::operation(Operation::Exp, [precision * (*u - best)]);
            a.select(term, N::constant(home, 0.0))
        })
        .collect();
    let sum = sum(home, &terms);
    terms.into_iter().map(|term| if term.is_zero() { term } else { term / sum }).collect()
}

/// Equal shares of the options of greatest utility, ties within 10⁻¹² times max(1, |U|).
fn best<N: Number>(home: N::Home, utilities: &[N], allowed: &[N]) -> Vec<N> {
    let best = greatest(home, utilities, allowed);
    let size = N::constant(home, 1.0).maximum(N::operation(Operation::Abs, [best]));
    let bar = best - N::constant(home, 1e-12) * size;
    let pairs = utilities.iter().zip(allowed);
    let ties: Vec<N> =
        pairs.map(|(u, a)| *a * N::operation(Operation::AtMost, [bar, *u])).collect();
    uniform(home, &ties)
}

/// How closely choices follow utilities.
pub struct Sharpness<'n, N> {
    /// 1 / utility.
    pub precision: N,
    /// What resembles each other, for nested logit.
    pub nests: &'n [Nested<N>],
}

/// The reply of a deliberating rule to the utilities of a seat's options.
pub fn reply<N: Number>(
    home: N::Home,
    decision: &Decision,
    sharpness: &Sharpness<'_, N>,
    utilities: &[N],
    available: &[N],
) -> Vec<N> {
    let Sharpness { precision, nests } = *sharpness;
    soften(home, available, |allowed| match decision.rule {
        Rule::BestResponse => best(home, utilities, allowed),
        Rule::NestedLogit => nested_logit(home, utilities, precision, nests, allowed),
        _ => logit(home, utilities, precision, allowed),
    })
}

/// The mix of a rule that does not deliberate, or that of level 0.
pub fn without_thought<N: Number>(start: &Start<N>, seat: SeatId, available: &[N]) -> Vec<N> {
    let (index, home) = (start.index, start.home);
    let decision = &index.arm.decisions[index.model.seats[seat].actor];
    let evenly = |allowed: &[N]| uniform(home, allowed);
    match decision.rule {
        Rule::Random => soften(home, available, evenly),
        Rule::Policy => follow(start, seat, available),
        Rule::Logit | Rule::NestedLogit | Rule::BestResponse => match decision.level0 {
            Level0::Uniform => soften(home, available, evenly),
            Level0::Moves => soften(home, available, |allowed| by_move(start, seat, allowed)),
            Level0::Last => soften(home, available, |allowed| as_before(start, seat, allowed)),
        },
    }
}

/// Equal shares of the moves that are allowed, each divided equally among its allowed targets.
fn by_move<N: Number>(start: &Start<N>, seat: SeatId, allowed: &[N]) -> Vec<N> {
    let (model, home) = (start.index.model, start.home);
    let moves_of = |o| model.options[o].acts.iter().map(|act| act.action).collect::<Vec<usize>>();
    let actions: Vec<Vec<usize>> = model.seats[seat].options().map(moves_of).collect();
    let of = |action: &[usize]| -> Vec<N> {
        let pairs = actions.iter().zip(allowed);
        pairs.filter(|(other, _)| *other == action).map(|(_, a)| *a).collect()
    };
    let mut moves = Vec::new();
    for action in &actions {
        if !moves.contains(action) {
            moves.push(action.clone());
        }
    }
    let open: Vec<N> = moves.iter().map(|m| any(home, of(m).into_iter())).collect();
    let share = start.number(1.0) / sum(home, &open);
    let shares = actions.iter().zip(allowed);
    shares
        .map(|(action, a)| {
            let own = share / sum(home, &of(action));
            a.select(own, start.number(0.0))
        })
        .collect()
}

/// The mix last played, renormalised over what is allowed; equal shares where nothing is left.
fn as_before<N: Number>(start: &Start<N>, seat: SeatId, allowed: &[N]) -> Vec<N> {
    let zero = start.number(0.0);
    let options = start.index.model.seats[seat].options();
    let last: Vec<N> =
        options.zip(allowed).map(|(o, a)| a.select(start.world.mixed[o], zero)).collect();
    let sum = sum(start.home, &last);
    let some = zero.less(sum);
    let otherwise = uniform(start.home, allowed);
    let shares = last.into_iter().zip(otherwise);
    shares.map(|(share, even)| some.select(share / sum, even)).collect()
}

/// A policy's mix: lines in order, each taking its guard's share, or its own share of that, of what
/// earlier lines left, as far as its move is available; what no line takes is held, or, where
/// `hold` is not available, spread over what is; then a share `error` of uniform play is mixed in.
fn follow<N: Number>(start: &Start<N>, seat: SeatId, available: &[N]) -> Vec<N> {
    let (index, home) = (start.index, start.home);
    let actor = index.model.seats[seat].actor;
    let even = soften(home, available, |allowed| uniform(home, allowed));
    let Some(policy) = index.arm.decisions[actor].policy.map(|p| &index.model.policies[p]) else {
        return even;
    };
    let (zero, one) = (start.number(0.0), start.number(1.0));
    let mut mix = vec![zero; available.len()];
    let mut left = one;
    for line in &policy.lines {
        let guard = match &line.guard[actor] {
            Guard::Never => continue,
            Guard::Always => one,
            Guard::When(condition) => value(condition, start),
        };
        let taken = left * guard;
        let mut share = match &line.share[actor] {
            None => taken,
            Some(formula) => taken * value(formula, start),
        };
        for at in line_options(start, seat, line) {
            let taken = share * available[at];
            mix[at] = mix[at] + taken;
            share = share - taken;
            left = left - taken;
        }
    }
    let remains = zero.less(left);
    let last = mix.len() - 1;
    let can_hold = available[last].equal(one);
    for (at, share) in mix.iter_mut().enumerate() {
        let held = if at == last { *share + left } else { *share };
        let spread = *share + left * even[at];
        *share = remains.select(can_hold.select(held, spread), *share);
    }
    let error = policy.error[actor].as_ref().map_or(zero, |e| value(e, start));
    let errs = error.not_zero();
    for (share, rest) in mix.iter_mut().zip(even) {
        let mixed = error.complement() * *share + error * rest;
        *share = errs.select(mixed, *share);
    }
    mix
}

/// The options of a seat that a line of a policy speaks of, in the order they are tried.
fn line_options<N: Number>(start: &Start<N>, seat: SeatId, line: &Line) -> Vec<usize> {
    let model = start.index.model;
    let options = model.seats[seat].options();
    let matching = |targets: &[ElementId]| -> Vec<usize> {
        let fits = |option: OptionId| match (model.options[option].acts.as_slice(), line.action) {
            ([], None) => true,
            ([act], Some(action)) => act.action == action && act.targets.starts_with(targets),
            _ => false,
        };
        options.clone().enumerate().filter(|(_, o)| fits(*o)).map(|(at, _)| at).collect()
    };
    if line.toward.is_empty() {
        return matching(&[]);
    }
    line.toward.iter().flat_map(|targets| matching(targets)).collect()
}
