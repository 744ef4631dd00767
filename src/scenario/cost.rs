//! How much imagining costs: an estimate before anything is played.

use crate::model::{Anticipation, Arm, Model, Reasoning};

/// Branches of exact anticipation that one option may have.
pub const MAX_BRANCHES: f64 = 1e6;

/// Imagined rounds that one real round may need.
pub const MAX_IMAGINED: f64 = 1e7;

/// The branches of one imagined round in which a seat's option is fixed and everything else is
/// played out: joint options of all other seats, times types of others, times joint events.
pub fn branches(model: &Model, arm: &Arm, seat: usize) -> f64 {
    let mut product = 1.0;
    for (number, other) in model.seats.iter().enumerate() {
        if number != seat {
            product *= playable(model, arm, other.options());
        }
    }
    let own = model.seats[seat].actor;
    for private in model.private.iter().filter(|p| p.actor != own) {
        product *= private.kinds.len().max(1) as f64;
    }
    for (number, hazard) in model.hazards.iter().enumerate() {
        let certain = hazard.when.is_none()
            && hazard.probability.as_ref().and_then(|p| p.decided()) == Some(1.0);
        if hazard.probability.is_some() && !certain && !arm.disabled_hazards[number] {
            product *= 2.0;
        }
    }
    product
}

/// Options of a seat that are not ruled out.
fn playable(model: &Model, arm: &Arm, options: std::ops::Range<usize>) -> f64 {
    let open = |o: &usize| {
        let never = model.options[*o].when.as_ref().and_then(|w| w.decided()) == Some(0.0);
        !never && !arm.disabled_options[*o]
    };
    options.filter(open).count().max(1) as f64
}

/// Replies that one mix takes: levels, or steps towards an equilibrium (a typical number).
fn replies(reasoning: Reasoning) -> f64 {
    match reasoning {
        Reasoning::Level(k) => f64::from(k.max(1)),
        // levels are counted until the tail is negligible
        Reasoning::Poisson(mean) => (mean + 6.0 * mean.sqrt() + 3.0).min(20.0),
        Reasoning::Equilibrium => 40.0,
    }
}

/// Imagined rounds for one round in which every seat forms its mix with at most this foresight,
/// plus one more for the value of the round itself.
fn mixes(model: &Model, arm: &Arm, depth: u32, memo: &mut Vec<f64>) -> f64 {
    if let Some(known) = memo.get(depth as usize) {
        return *known;
    }
    let mut total = 0.0;
    for (number, seat) in model.seats.iter().enumerate() {
        let decision = &arm.decisions[seat.actor];
        if !decision.deliberates() {
            continue;
        }
        let reach = decision.foresight.min(depth);
        let types =
            model.private_of(seat.actor).map_or(1.0, |p| model.private[p].kinds.len() as f64);
        let width = match decision.anticipation {
            Anticipation::Mean => 1.0,
            Anticipation::Exact => branches(model, arm, number),
        };
        let each = playable(model, arm, seat.options()) * types * replies(decision.reasoning);
        let below = if reach > 1 { mixes(model, arm, reach - 1, memo) + width } else { 0.0 };
        total += each * width * (1.0 + below);
    }
    if memo.len() == depth as usize {
        memo.push(total);
    }
    total
}

/// An estimate of the imagined rounds (branches counted singly) that one real round needs.
pub fn imagined_rounds(model: &Model, arm: &Arm) -> f64 {
    let depth = arm.decisions.iter().map(|d| d.foresight).max().unwrap_or(1);
    let mut memo = vec![0.0];
    for shorter in 1..=depth.min(arm.rounds) {
        let found = mixes(model, arm, shorter, &mut memo);
        if found > 1e300 {
            return found;
        }
    }
    memo.last().copied().unwrap_or(0.0)
}

/// What is too much, in words.
pub(super) fn too_costly(model: &Model, arm: &Arm) -> Option<String> {
    for (number, seat) in model.seats.iter().enumerate() {
        let decision = &arm.decisions[seat.actor];
        if !decision.deliberates() || decision.anticipation != Anticipation::Exact {
            continue;
        }
        let found = branches(model, arm, number);
        if found > MAX_BRANCHES {
            let name = &model.names.actors[seat.actor];
            return Some(format!(
                "exact anticipation of {name} has {found:.3e} branches per option, at most \
                 {MAX_BRANCHES:.0e} are allowed"
            ));
        }
    }
    let found = imagined_rounds(model, arm);
    (found > MAX_IMAGINED).then(|| {
        format!(
            "{}: about {found:.1e} imagined rounds per real round, at most {MAX_IMAGINED:.0e} are \
             allowed",
            if arm.name == "base" { "the file" } else { arm.name.as_str() }
        )
    })
}
