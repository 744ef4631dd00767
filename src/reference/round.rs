//! Steps 4 to 8 of a round, for weights in \[0, 1\]: reality has weights of 0 and 1.

use super::Game;
use super::scene::{Draws, Scene};
use crate::expr::{Change, truth, value};
use crate::math;
use crate::model::Effect;

/// A stored value that is not a finite number: what it is, and where its formula begins.
#[derive(Debug, Clone)]
pub(super) struct NotFinite {
    pub what: String,
    pub place: usize,
    pub value: f64,
}

/// What the sources of one simultaneous change do to one cell.
#[derive(Debug, Clone, Copy)]
struct Tally {
    /// Sum of increments.
    add: f64,
    /// Sum of weight times assigned value.
    assigned: f64,
    /// Sum of the weights of assignments.
    weight: f64,
    /// Probability that no seat assigns the cell.
    spared: f64,
    /// Where the first change of the cell stands in the file, or the first that is not finite.
    place: Option<(usize, bool)>,
}

/// Effects with the weight of the option or event they belong to.
pub(super) type Source<'a> = (f64, &'a [Effect]);

/// Applies effects simultaneously: `seats` are groups of sources of which at most one is real.
///
/// Effects are evaluated at `scene`. Per cell, increments are summed in order; assignments move it
/// towards the weighted mean of what is assigned, with the probability that some seat assigns it;
/// the sum of both is clamped to the cell's range.
pub(super) fn apply<'e>(
    scene: &Scene,
    seats: impl Iterator<Item = Vec<Source<'e>>>,
) -> (Vec<f64>, Option<NotFinite>) {
    let model = scene.game.model;
    let untouched = Tally { add: 0.0, assigned: 0.0, weight: 0.0, spared: 1.0, place: None };
    let mut tallies = vec![untouched; model.cells.len()];
    for seat in seats {
        // per cell, the summed weight of the seat's options that assign it
        let mut assigning: Vec<(usize, f64)> = Vec::new();
        for (weight, effects) in seat.into_iter().filter(|(weight, _)| *weight != 0.0) {
            for (cell, share) in one_source(scene, weight, effects, &mut tallies) {
                match assigning.iter_mut().find(|(c, _)| *c == cell) {
                    Some((_, sum)) => *sum += share,
                    None => assigning.push((cell, share)),
                }
            }
        }
        for (cell, share) in assigning {
            tallies[cell].spared *= 1.0 - share;
        }
    }
    let mut cells = scene.cells.to_vec();
    let mut trouble = None;
    for (number, (cell, tally)) in cells.iter_mut().zip(&tallies).enumerate() {
        let moved = if tally.weight == 0.0 {
            *cell
        } else {
            let share = 1.0 - tally.spared;
            (1.0 - share) * *cell + share * (tally.assigned / tally.weight)
        };
        let (lo, hi) = model.cells[number].range;
        *cell = math::clamp(moved + tally.add, lo, hi);
        if let (None, false, Some((place, _))) = (&trouble, cell.is_finite(), tally.place) {
            let what = model.cells[number].label.clone();
            trouble = Some(NotFinite { what, place, value: *cell });
        }
    }
    (cells, trouble)
}

/// Tallies the effects of one option or event; returns, per cell it assigns, the largest weight of
/// its assignments.
fn one_source(
    scene: &Scene,
    weight: f64,
    effects: &[Effect],
    tallies: &mut [Tally],
) -> Vec<(usize, f64)> {
    let mut assigns: Vec<(usize, f64)> = Vec::new();
    for effect in effects {
        let share = match &effect.filter {
            None => weight,
            Some(filter) => weight * value(filter, scene),
        };
        if share == 0.0 {
            continue;
        }
        let amount = value(&effect.value, scene);
        let tally = &mut tallies[effect.cell];
        if tally.place.is_none_or(|(_, finite)| finite && !amount.is_finite()) {
            tally.place = Some((effect.value.span.start, amount.is_finite()));
        }
        match effect.change {
            Change::Add => tally.add += share * amount,
            Change::Subtract => tally.add -= share * amount,
            Change::Assign => {
                tally.assigned += share * amount;
                tally.weight += share;
                match assigns.iter_mut().find(|(c, _)| *c == effect.cell) {
                    Some((_, largest)) => *largest = math::maximum(*largest, share),
                    None => assigns.push((effect.cell, share)),
                }
            }
        }
    }
    assigns
}

/// Step 4: the effects of what is chosen.
pub(super) fn act(scene: &Scene) -> (Vec<f64>, Option<NotFinite>) {
    let model = scene.game.model;
    let seats = model.seats.iter().map(|seat| {
        seat.options().map(|o| (scene.chosen[o], model.options[o].effects.as_slice())).collect()
    });
    apply(scene, seats)
}

/// Step 5: what happens by itself.
pub(super) fn drift(scene: &Scene) -> (Vec<f64>, Option<NotFinite>) {
    let mut cells = scene.cells.to_vec();
    let mut trouble = None;
    for (number, cell) in scene.game.model.cells.iter().enumerate() {
        let Some(rule) = &cell.next else { continue };
        let (lo, hi) = cell.range;
        cells[number] = math::clamp(value(rule, scene), lo, hi);
        if trouble.is_none() && !cells[number].is_finite() {
            let what = cell.label.clone();
            trouble = Some(NotFinite { what, place: rule.span.start, value: cells[number] });
        }
    }
    (cells, trouble)
}

/// The chances of all events after step 5.
pub(super) struct Chances {
    /// By hazard: its probability this round.
    pub weights: Vec<f64>,
    /// How many had to be moved into \[0, 1\].
    pub clamped: u64,
    /// The first that is not a number.
    pub trouble: Option<NotFinite>,
}

/// Step 6, first half: how likely each event is. A condition that does not hold at all, and an
/// event that can no longer happen, are not evaluated further.
pub(super) fn chances(scene: &Scene) -> Chances {
    let game = scene.game;
    let mut found =
        Chances { weights: vec![0.0; game.model.hazards.len()], clamped: 0, trouble: None };
    for (number, hazard) in game.model.hazards.iter().enumerate() {
        let Some(probability) = &hazard.probability else { continue };
        let spent =
            if game.model.events[hazard.event].once { scene.before.spent[number] } else { 0.0 };
        let when = hazard.when.as_ref().map_or(1.0, |w| value(w, scene));
        if game.arm.disabled_hazards[number] || when == 0.0 || spent == 1.0 {
            continue;
        }
        let chance = value(probability, scene);
        if !chance.is_finite() && found.trouble.is_none() {
            let what = format!("happened[{}]", hazard.label);
            let place = probability.span.start;
            found.trouble = Some(NotFinite { what, place, value: chance });
        }
        let bounded = math::clamp(chance, 0.0, 1.0);
        found.clamped += u64::from(chance < 0.0 || chance > 1.0);
        found.weights[number] = bounded * when * (1.0 - spent);
    }
    found
}

/// Step 6, second half: the effects of what happens, at the state at which it was decided.
pub(super) fn strike(scene: &Scene, happened: &[f64]) -> (Vec<f64>, Option<NotFinite>) {
    let hazards = &scene.game.model.hazards;
    apply(scene, hazards.iter().zip(happened).map(|(h, w)| vec![(*w, h.effects.as_slice())]))
}

/// Step 7 for one observer: Bayes' rule. The likelihood of a round is the product over the seats
/// of the probability of what each played, and at least 10⁻¹².
pub(super) fn posterior(prior: &[f64], likelihoods: &[f64]) -> Vec<f64> {
    let joint: Vec<f64> = prior
        .iter()
        .zip(likelihoods)
        .map(|(p, l)| p * math::maximum(*l, LIKELIHOOD_FLOOR))
        .collect();
    let mut sum = 0.0;
    for part in &joint {
        sum += part;
    }
    joint.into_iter().map(|part| part / sum).collect()
}

/// No play is taken as proof: a likelihood is never below this.
pub(super) const LIKELIHOOD_FLOOR: f64 = 1e-12;

/// What an actor's own choices cost it, by component: formulas at the start of the round, weights
/// of its options, summed over its seats.
pub(super) fn costs(start: &Scene, actor: usize) -> Vec<f64> {
    let model = start.game.model;
    let mut total = vec![0.0; model.names.components.len()];
    for seat in model.seats.iter().filter(|s| s.actor == actor) {
        let mut own = vec![0.0; total.len()];
        for option in seat.options().filter(|o| start.chosen[*o] != 0.0) {
            for (component, cost) in &model.options[option].costs {
                own[*component] += start.chosen[option] * value(cost, start);
            }
        }
        for (sum, part) in total.iter_mut().zip(own) {
            *sum += part;
        }
    }
    total
}

/// Step 8 for one actor: payoffs π by component and, with weights w and costs c, w(π − c).
pub(super) fn pay(end: &Scene, costs: &[f64], actor: usize) -> (Vec<f64>, Vec<f64>) {
    let mut payoffs = Vec::with_capacity(costs.len());
    let mut parts = Vec::with_capacity(costs.len());
    for (payoff, cost) in end.game.model.payoffs[actor].iter().zip(costs) {
        let gained = value(&payoff.value, end);
        payoffs.push(gained);
        parts.push(value(&payoff.weight, end) * (gained - cost));
    }
    (payoffs, parts)
}

/// The sum of the parts of a utility, in order.
pub(super) fn total(parts: &[f64]) -> f64 {
    let mut sum = 0.0;
    for part in parts {
        sum += part;
    }
    sum
}

/// The weight with which a run goes on after this round: no event that ends it, not the last
/// round, `stop_when` not holding.
pub(super) fn goes_on(end: &Scene) -> f64 {
    let game = end.game;
    if end.before.round + 1 >= game.arm.rounds {
        return 0.0;
    }
    let mut weight = 1.0;
    for (hazard, happened) in game.model.hazards.iter().zip(end.happened) {
        if game.model.events[hazard.event].ends {
            weight *= 1.0 - happened;
        }
    }
    match &game.model.stop_when {
        Some(condition) => weight * (1.0 - value(condition, end)),
        None => weight,
    }
}

/// Whether a condition holds in reality, where truth values are 0 or 1 (or a flag between).
pub(super) fn holds(weight: f64) -> bool {
    weight >= 0.5
}

/// The weights that hold after chance has decided: 1 for what happens, 0 for the rest.
pub(super) fn decide(weights: &[f64], mut uniform: impl FnMut(usize) -> f64) -> Vec<f64> {
    weights.iter().enumerate().map(|(k, p)| truth(*p > 0.0 && uniform(k) < *p)).collect()
}

/// How often each event has happened so far, for those that happen once.
pub(super) fn spent(game: &Game, before: &[f64], happened: &[f64]) -> Vec<f64> {
    let hazards = game.model.hazards.iter();
    hazards
        .zip(before.iter().zip(happened))
        .map(|(h, (b, w))| if game.model.events[h.event].once { b + w } else { 0.0 })
        .collect()
}
