//! A transcript in brief: a line for each choice, event and belief.

use crate::number::{percent, rate};
use crate::render::page::{WIDTH, wrap};
use crate::view::trace::{Moved, OptionTrace, Round, Seat, Transcript};

/// Beliefs that move less than this are not told.
const SMALL: f64 = 0.005;

/// The whole run.
pub fn transcript(told: &Transcript) -> String {
    let head = format!("{}: arm {}, seed {}, run {}", told.scenario, told.arm, told.seed, told.run);
    let mut out = wrap(&head, "", "  ", WIDTH);
    for round in &told.rounds {
        let lines = round.seats.iter().map(|seat| choice(told, seat));
        let lines = lines.chain(events(round)).chain(beliefs(round));
        for line in lines {
            out += &wrap(&format!("{}  {line}", round.label), "", "    ", WIDTH);
        }
    }
    if let Some(failure) = &told.failure {
        let text = format!("FAILED in round {}: {}", failure.round, failure.reason);
        out += &wrap(&text, "", "  ", WIDTH);
    }
    out
}

/// `RUS military: court CHN (31.2 %), though hold was likelier (40 %)`.
fn choice(told: &Transcript, seat: &Seat) -> String {
    let name = match told.tracks > 1 {
        true => format!("{} {}", seat.told.actor, seat.told.track),
        false => seat.told.actor.clone(),
    };
    let options = &seat.told.options;
    let Some(chosen) = options.get(seat.told.chosen) else { return name };
    let likelier = |a: &&OptionTrace, b: &&OptionTrace| a.probability.total_cmp(&b.probability);
    let best = options.iter().filter(|option| option.available).max_by(likelier);
    let surprise = best.filter(|best| best.probability > chosen.probability + 1e-9);
    let surprise = surprise.map_or(String::new(), |best| {
        format!(", though {} was likelier ({})", best.label, percent(best.probability))
    });
    format!("{name}: {} ({}){surprise}", chosen.label, percent(chosen.probability))
}

fn events(round: &Round) -> impl Iterator<Item = String> {
    let happened = round.hazards.iter().filter(|hazard| hazard.happened);
    happened.map(|hazard| format!("{} happens ({})", hazard.label, percent(hazard.probability)))
}

/// Beliefs that moved, and what the actor did that they are about.
fn beliefs(round: &Round) -> impl Iterator<Item = String> {
    let moved = |belief: &&Moved| (belief.after - belief.before).abs() > SMALL;
    round.beliefs.iter().filter(moved).map(|belief| {
        let inside = belief.label.split_once('[').map_or("", |(_, rest)| rest);
        let about = inside.split(',').nth(1).unwrap_or_default();
        let seen = round.seats.iter().filter(|seat| seat.told.actor == about);
        let seen = seen.filter_map(|seat| seat.told.options.get(seat.told.chosen));
        let seen: Vec<&str> = seen.map(|option| option.label.as_str()).collect();
        let (before, after) = (rate(belief.before), rate(belief.after));
        let why = match seen.is_empty() {
            true => String::new(),
            false => format!(": {about} was seen to {}", seen.join(" and ")),
        };
        format!("{} {before} to {after}{why}", belief.label)
    })
}
