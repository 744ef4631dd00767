//! A scenario weighed by a history: totals, calibration, surprises.

use crate::api::Scored;
use crate::evidence::{self, Likelihood, Sum, What};
use crate::evidence::{Total, total};

pub use crate::evidence::Reach;
pub use crate::reference::{OptionTrace, SeatTrace};

/// What is shown of a history's scores.
#[derive(Debug)]
pub struct Page {
    /// The scenario's name and title.
    pub name: String,
    /// May be empty.
    pub title: String,
    /// The history's title; may be empty.
    pub history: String,
    /// How many histories there are, and rounds of all.
    pub cases: usize,
    /// How many rounds all have together.
    pub rounds: u64,
    /// Where random numbers came from.
    pub seed: u64,
    /// By arm.
    pub arms: Vec<Arm>,
    /// The names of payoff components.
    pub components: Vec<String>,
}

/// An arm.
#[derive(Debug)]
pub struct Arm {
    /// `base` or the name of the variant.
    pub name: String,
    /// All histories together.
    pub sum: Sum,
    /// Minus that of the first arm, and its standard error if there is one; for the others.
    pub ratio: Option<(f64, Option<f64>)>,
    /// The greatest number of particles of a filter, and how many filters.
    pub particles: usize,
    /// How many filters.
    pub filters: usize,
    /// The least effective number of particles, and in which round of which history.
    pub tired: Option<(f64, u32)>,
    /// Whether a record is impossible.
    pub impossible: bool,
    /// All seats, then each actor, then each seat where an actor has several: name and score.
    pub lines: Vec<(String, Total)>,
    /// By tenth: how many, mean probability, share played.
    pub bins: Vec<(u64, f64, f64)>,
    /// The Brier score; not a number without known moves.
    pub brier: f64,
    /// The least likely records.
    pub surprises: Vec<Surprise>,
    /// Forecasts from earlier rounds, by how far they reach.
    pub reaches: Vec<Reach>,
    /// Private types at the end of the last history.
    pub types: Vec<TypeLine>,
}

/// A private type.
#[derive(Debug)]
pub struct TypeLine {
    /// Whose it is.
    pub actor: String,
    /// The type.
    pub kind: String,
    /// How likely the record makes it.
    pub probability: f64,
    /// What observers believe.
    pub beliefs: Vec<(String, f64)>,
}

/// A record that was not expected.
#[derive(Debug)]
pub struct Surprise {
    /// Which history; empty where there is one.
    pub history: String,
    /// The round.
    pub round: u32,
    /// Its date; empty without dates.
    pub date: String,
    /// What was seen.
    pub what: String,
    /// How likely it was.
    pub probability: f64,
    /// Of a seat: what was expected instead, and the option seen if it is one.
    pub why: Option<Why>,
}

/// Why something else was expected.
#[derive(Debug)]
pub struct Why {
    /// What was expected most.
    pub likeliest: OptionTrace,
    /// What was seen, the likeliest option of a set.
    pub seen: Option<OptionTrace>,
}

impl Page {
    /// What is shown of it.
    pub fn of(scored: &Scored) -> Page {
        let (scenario, history) = (scored.scenario(), scored.history());
        let about = &scenario.model().about;
        let first = scored.scores().first().map(|score| Sum::of(&score.cases));
        let arms = scored.scores().iter().enumerate().map(|(number, score)| {
            let base = first.filter(|_| number > 0);
            arm(scored, score, base)
        });
        Page {
            name: about.name.clone(),
            title: about.title.clone(),
            history: history.title.clone(),
            cases: history.cases.len(),
            rounds: history.cases.iter().map(|case| u64::from(case.rounds)).sum(),
            seed: scored.seed().0,
            arms: arms.collect(),
            components: scenario.model().names.components.clone(),
        }
    }
}

fn arm(scored: &Scored, score: &evidence::Score, base: Option<Sum>) -> Arm {
    let sum = Sum::of(&score.cases);
    let ratio = base.map(|base| {
        let both = sum.error.zip(base.error);
        (sum.loglik - base.loglik, both.map(|(a, b)| (a * a + b * b).sqrt()))
    });
    let rounds = score.cases.iter().filter(|found| !found.exact);
    let rounds = rounds.flat_map(|found| found.rounds.iter().zip(1u32..));
    let tired = rounds.map(|(turn, round)| (turn.effective, round));
    let bins = score.calibration.iter().map(|bin| {
        let n = bin.count as f64;
        (bin.count, bin.predicted / n, bin.played as f64 / n)
    });
    let most = |of: fn(&Likelihood) -> usize| score.cases.iter().map(of).max().unwrap_or(0);
    Arm {
        name: score.arm.clone(),
        sum,
        ratio,
        particles: most(|found| found.particles),
        filters: most(|found| found.filters),
        tired: tired.min_by(|a, b| a.0.total_cmp(&b.0)),
        impossible: score.cases.iter().any(|found| found.blame.is_some()),
        lines: lines(scored, score),
        bins: bins.collect(),
        brier: score.brier,
        surprises: score.surprises.iter().map(|s| surprise(scored, s)).collect(),
        reaches: evidence::reaches(&score.foresight),
        types: types(scored, score),
    }
}

/// Totals over all seats, by actor, and by seat of actors that have several.
fn lines(scored: &Scored, score: &evidence::Score) -> Vec<(String, Total)> {
    let (model, seed) = (scored.scenario().model(), scored.seed());
    let mut found = vec![("all".to_string(), total(score.rows.iter(), seed))];
    for actor in model.actors() {
        let name = &model.names.actors[actor];
        let own = score.rows.iter().filter(|row| model.seats[row.seat].actor == actor);
        if own.clone().next().is_some() {
            found.push((name.clone(), total(own, seed)));
        }
        let seats = model.seats.enumerate().filter(|(_, seat)| seat.actor == actor);
        if seats.clone().count() < 2 {
            continue;
        }
        for (id, seat) in seats {
            let own = score.rows.iter().filter(|row| row.seat == id);
            if own.clone().next().is_some() {
                let name = format!("{name} {}", model.tracks[seat.track]);
                found.push((name, total(own, seed)));
            }
        }
    }
    found
}

fn surprise(scored: &Scored, found: &evidence::Surprise) -> Surprise {
    let (model, history) = (scored.scenario().model(), scored.history());
    let case = &history.cases[found.case];
    let seen = &case.seen[found.round as usize - 1];
    let set = match found.what {
        What::Seat(seat) => seen.seats[seat].clone(),
        _ => None,
    };
    let what = match found.what {
        What::Seat(seat) => {
            let of = &model.seats[seat];
            let label = evidence::set_label(model, seat, set.as_deref().unwrap_or(&[]));
            format!("{} {label}", model.names.actors[of.actor])
        }
        What::Hazard(hazard, happened) => {
            let not = if happened { "" } else { "no " };
            format!("{not}{}", model.hazards[hazard].label)
        }
        What::Any(number) => {
            let group = seen.any.get(number);
            let labels = group.iter().flat_map(|g| g.iter().map(|h| &*model.hazards[*h].label));
            format!("any of {}", labels.collect::<Vec<_>>().join(", "))
        }
        What::Measurement(number) => {
            let measured = seen.series.get(number);
            let name = measured.map(|m| scored.layout().variables[m.variable].as_str());
            format!("measured {}", name.unwrap_or(""))
        }
    };
    let calendar = case.start.or(model.names.calendar);
    Surprise {
        history: if history.cases.len() > 1 { case.name.clone() } else { String::new() },
        round: found.round,
        date: calendar.map_or(String::new(), |calendar| calendar.label(found.round)),
        what,
        probability: found.probability,
        why: found.why.as_ref().map(|told| why(told, set.as_deref().unwrap_or(&[]))),
    }
}

fn why(told: &SeatTrace, set: &[bool]) -> Why {
    let likelier = |a: &&OptionTrace, b: &&OptionTrace| a.probability.total_cmp(&b.probability);
    let none = OptionTrace {
        label: String::new(),
        action: String::new(),
        target: String::new(),
        available: false,
        parts: Vec::new(),
        later: 0.0,
        utility: f64::NAN,
        probability: 0.0,
    };
    let within = told.options.iter().zip(set).filter(|(_, of)| **of).map(|(option, _)| option);
    Why {
        likeliest: told.options.iter().max_by(likelier).cloned().unwrap_or(none),
        seen: within.max_by(likelier).cloned(),
    }
}

/// Types at the end of the last history.
fn types(scored: &Scored, score: &evidence::Score) -> Vec<TypeLine> {
    let model = scored.scenario().model();
    let Some(last) = score.types.last() else { return Vec::new() };
    let rows = score.types.iter().filter(|row| (row.case, row.round) == (last.case, last.round));
    let named = rows.map(|row| {
        let actors = &model.names.actors;
        let beliefs = row.beliefs.iter().map(|(o, p)| (actors[*o].clone(), *p));
        let kind = model.names.types[row.actor][row.kind].clone();
        TypeLine {
            actor: actors[row.actor].clone(),
            kind,
            probability: row.probability,
            beliefs: beliefs.collect(),
        }
    });
    named.collect()
}
