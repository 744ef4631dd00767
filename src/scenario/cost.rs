//! How much imagining costs: an estimate before anything is played.

use crate::model::{
    ActorId, Anticipation, Arm, IndexVec, Model, OptionId, Reasoning, Seat, SeatId,
};

/// Branches of exact anticipation that one option may have.
pub const MAX_BRANCHES: f64 = 1e6;

/// Imagined rounds that one real round may need.
pub const MAX_IMAGINED: f64 = 1e7;

/// The branches of one imagined round in which a seat's option is fixed and everything else is
/// played out: joint options of all other seats, times types of others, times joint events.
pub fn branches(model: &Model, arm: &Arm, seat: SeatId) -> f64 {
    let mut product = 1.0;
    for (id, other) in model.seats.enumerate() {
        if id != seat && other.stage >= model.seats[seat].stage {
            product *= playable(model, arm, other);
        }
    }
    let own = model.seats[seat].actor;
    for private in model.private.iter().filter(|p| p.actor != own) {
        product *= private.types.len().max(1) as f64;
    }
    for (id, hazard) in model.hazards.enumerate() {
        let certain = hazard.when.is_none()
            && hazard.probability.as_ref().and_then(|p| p.decided()) == Some(1.0);
        if hazard.probability.is_some() && !certain && !arm.disabled_hazards[id] {
            product *= 2.0;
        }
    }
    product
}

/// Options of a seat that are not ruled out.
fn playable(model: &Model, arm: &Arm, seat: &Seat) -> f64 {
    let open = |o: &OptionId| {
        let never = model.options[*o].when.as_ref().and_then(|w| w.decided()) == Some(0.0);
        !never && !arm.disabled_options[*o]
    };
    seat.options().filter(open).count().max(1) as f64
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

/// Imagined rounds for one round in which a seat forms its mix with at most this foresight; `memo`
/// holds those of all seats for shorter foresight, `later` is that of seats in later stages.
fn mix(model: &Model, arm: &Arm, id: SeatId, depth: u32, (memo, later): (&[f64], f64)) -> f64 {
    let seat = &model.seats[id];
    let decision = &arm.decisions[seat.actor];
    if !decision.deliberates() {
        return 0.0;
    }
    let reach = decision.foresight.min(depth);
    let types = model.private_of(seat.actor).map_or(1.0, |p| model.private[p].types.len() as f64);
    let width = match decision.anticipation {
        Anticipation::Mean => 1.0,
        Anticipation::Exact => branches(model, arm, id),
    };
    let each = playable(model, arm, seat) * types * replies(decision.reasoning);
    let below = memo.get(reach as usize - 1).copied().unwrap_or(0.0);
    // each branch needs the mixes of the round after it, and that round itself
    let ahead = if reach > 1 { 1.0 + below + width } else { 1.0 };
    // and those of later stages of this round
    each * width * (ahead + later)
}

/// By seat the imagined rounds (branches counted singly) that one real round needs.
fn by_seat(model: &Model, arm: &Arm) -> IndexVec<SeatId, f64> {
    let depth = arm.decisions.iter().map(|d| d.foresight).max().unwrap_or(1).min(arm.rounds);
    let mut memo = vec![0.0];
    let mut last = IndexVec::filled(0.0, model.seats.len());
    for shorter in 1..=depth {
        let mut later = 0.0;
        for stage in (0..model.stages()).rev() {
            let here = model.seats.ids().filter(|seat| model.seats[*seat].stage == stage);
            let mut sum = 0.0;
            for seat in here {
                last[seat] = mix(model, arm, seat, shorter, (&memo, later));
                sum += last[seat];
            }
            later += sum;
        }
        let total: f64 = last.iter().sum();
        memo.push(total);
        if total > 1e300 {
            break;
        }
    }
    last
}

/// An estimate of the imagined rounds (branches counted singly) that one real round needs.
pub fn imagined_rounds(model: &Model, arm: &Arm) -> f64 {
    by_seat(model, arm).iter().sum()
}

/// What is too much, in words, with the setting that makes it so.
pub(super) struct TooMuch {
    pub actor: ActorId,
    pub key: &'static str,
    pub text: String,
    pub help: &'static str,
}

/// The actor that imagines most, if all together imagine too much.
pub(super) fn too_costly(model: &Model, arm: &Arm) -> Option<TooMuch> {
    for (id, seat) in model.seats.enumerate() {
        let decision = &arm.decisions[seat.actor];
        if !decision.deliberates() || decision.anticipation != Anticipation::Exact {
            continue;
        }
        let found = branches(model, arm, id);
        if found > MAX_BRANCHES {
            let name = &model.names.actors[seat.actor];
            let text = format!(
                "exact anticipation gives each option of {name} about {found:.1e} branches, at \
                 most {MAX_BRANCHES:.0e} are allowed"
            );
            let help = "use `anticipation = \"mean\"`, or fewer options and events";
            return Some(TooMuch { actor: seat.actor, key: "anticipation", text, help });
        }
    }
    let seats = by_seat(model, arm);
    let total: f64 = seats.iter().sum();
    if total <= MAX_IMAGINED {
        return None;
    }
    // who has nothing to choose is to blame only if nobody has
    let choice = |seat: SeatId| playable(model, arm, &model.seats[seat]) > 1.0;
    let weight = |seat: &SeatId| (choice(*seat), seats[*seat]);
    let most = seats.ids().rev().max_by(|a, b| {
        let (a, b) = (weight(a), weight(b));
        a.0.cmp(&b.0).then(a.1.total_cmp(&b.1))
    })?;
    Some(blame(model, arm, model.seats[most].actor, total))
}

/// The setting of an actor that makes imagination long.
fn blame(model: &Model, arm: &Arm, actor: ActorId, total: f64) -> TooMuch {
    let decision = &arm.decisions[actor];
    let name = &model.names.actors[actor];
    let (key, setting, help) = if decision.foresight > 1 {
        let text = format!("foresight of {name}, {} rounds,", decision.foresight);
        ("foresight", text, "use a shorter foresight, `anticipation = \"mean\"` or fewer options")
    } else if decision.anticipation == Anticipation::Exact {
        let text = format!("exact anticipation of {name}");
        ("anticipation", text, "use `anticipation = \"mean\"`, or fewer options and events")
    } else {
        ("reasoning", format!("reasoning of {name}"), "use fewer options or a lower level")
    };
    let text = format!(
        "{setting} brings one real round to about {total:.1e} imagined ones, at most \
         {MAX_IMAGINED:.0e} are allowed"
    );
    TooMuch { actor, key, text, help }
}
