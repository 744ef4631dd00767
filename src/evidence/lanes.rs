//! What is hidden in a history, and what of it can be enumerated instead of sampled.

use super::Record;
use crate::expr::{Expr, Node};
use crate::model::{
    ActorId, Arm, Effect, HazardId, IndexVec, Model, OptionId, Reasoning, poisson_levels,
};
use crate::record::Observation;

/// At most so many combinations of types and levels are enumerated.
const MOST: usize = 64;

/// A combination of types and levels that are not drawn.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Combination {
    /// How likely it is.
    pub prior: f64,
    /// By private id, the type; `None` where it is fixed by the arm or drawn.
    pub types: Vec<Option<usize>>,
    /// By actor, the Poisson level; `None` where it is drawn or there is none.
    pub levels: Vec<Option<usize>>,
}

/// The combinations of an arm: types, then levels, actors in file order, while there are at most
/// 64; and whether that is all there are. What cannot be is left out.
pub(super) fn combinations(model: &Model, arm: &Arm) -> (Vec<Combination>, bool) {
    let whole = Combination {
        prior: 1.0,
        types: vec![None; model.private.len()],
        levels: vec![None; model.actors().count()],
    };
    let mut all = vec![whole];
    for private_id in 0..model.private.len() {
        if arm.true_types[private_id].is_some() {
            continue;
        }
        let set = |combination: &mut Combination, at| combination.types[private_id] = Some(at);
        if !split(&mut all, &arm.chances[private_id], set) {
            return (all, false);
        }
    }
    for actor in model.actors() {
        let Reasoning::Poisson(mean) = arm.decisions[actor].reasoning else { continue };
        let set = |combination: &mut Combination, at| {
            combination.levels[ActorId::index(actor)] = Some(at);
        };
        if !split(&mut all, &poisson_levels(mean), set) {
            return (all, false);
        }
    }
    (all, true)
}

/// Every combination becomes one for each of some chances that is not 0; false, with nothing
/// changed, if these are too many.
fn split(
    all: &mut Vec<Combination>,
    chances: &[f64],
    set: impl Fn(&mut Combination, usize),
) -> bool {
    let open: Vec<(usize, f64)> =
        chances.iter().copied().enumerate().filter(|(_, p)| *p > 0.0).collect();
    if all.len() * open.len() > MOST {
        return false;
    }
    let each = all.iter().flat_map(|combination| {
        let set = &set;
        open.iter().map(move |(at, p)| {
            let mut own = combination.clone();
            own.prior *= p;
            set(&mut own, *at);
            own
        })
    });
    *all = each.collect();
    true
}

/// Whether nothing is hidden before the end of a record but types and levels that are enumerated:
/// then one particle for each combination gives the likelihood.
pub(super) fn is_exact(model: &Model, arms: &[Arm], record: &Record) -> bool {
    let enumerated = |arm: &Arm| combinations(model, arm).1;
    let begins = |arm: &Arm| !arm.initial.iter().any(draws);
    let moves_on = !model.cells.iter().filter_map(|cell| cell.next.as_ref()).any(draws);
    let rounds = record.observations.len();
    let seen = record.observations.iter().enumerate().all(|(number, known)| {
        let last = number + 1 == rounds && record.series[number].is_empty();
        is_seen(model, arms, known, last)
    });
    arms.iter().all(|arm| enumerated(arm) && begins(arm)) && moves_on && seen
}

/// Whether what is known of a round leaves nothing open that a later factor depends on. After the
/// last round there is none but those of events.
fn is_seen(model: &Model, arms: &[Arm], known: &Observation, last: bool) -> bool {
    let stages = model.seats.iter().any(|seat| seat.stage > 0);
    let nothing_of_events = known.any.is_empty() && known.hazards.iter().all(Option::is_none);
    if last && nothing_of_events && !stages {
        return known.miscoding == 0.0;
    }
    let seats = model.seats.enumerate().all(|(id, seat)| {
        let set = known.of_seat(id);
        let count = |set: &[bool]| set.iter().filter(|of| **of).count();
        let options = seat.options().collect::<Vec<OptionId>>();
        let may = |at: usize| set.is_none_or(|set| set[at]);
        let certain = set.map_or(options.len(), count) == 1;
        let draw = options
            .iter()
            .enumerate()
            .any(|(at, option)| may(at) && model.options[*option].effects.iter().any(effect_draws));
        certain && !draw
    });
    let possible = |hazard: HazardId| {
        let exists = model.hazards[hazard].probability.is_some();
        exists && arms.iter().any(|arm| !arm.disabled_hazards[hazard])
    };
    let mut events = model.hazards.enumerate().filter(|(id, _)| possible(*id));
    let events = events.all(|(id, hazard)| match known.hazards[id] {
        Some(true) => !hazard.effects.iter().any(effect_draws),
        Some(false) => true,
        None => false,
    });
    known.miscoding == 0.0 && seats && events
}

fn effect_draws(effect: &Effect) -> bool {
    draws(&effect.value) || effect.filter.as_ref().is_some_and(draws)
}

fn draws(formula: &Expr) -> bool {
    let mut found = false;
    formula.walk(&mut |part| found |= matches!(part.node, Node::Draw(..)));
    found
}

/// The events that must not have happened for a run to go on.
pub(super) fn ending(model: &Model) -> IndexVec<HazardId, bool> {
    model.hazards.iter().map(|hazard| model.events[hazard.event].ends).collect()
}
