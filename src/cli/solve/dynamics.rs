//! Concepts with errors, learning or evolution: logit equilibrium, regret matching, fictitious
//! play, alpha-rank, replicator dynamics.

use std::fmt;

use serde_json::{Value, json};

use super::concepts::named;
use super::options::{Concept, Counts, Solve};
use super::{Answer, equilibria_json, equilibria_text, mix_text};
use crate::cli::Failed;
use detente::number::{at_most, six_places};
use detente::solve::alpharank::{self, Populations, Selection};
use detente::solve::learning::{Patience, fictitious_play, regret_matching};
use detente::solve::logit::{self, Feature, Landmark, Response, Unit};
use detente::solve::replicator::replicate;
use detente::solve::{Equilibrium, Found, Game, Halt, Mixed};

/// Rounds of learning where nobody says how many.
const STEPS: u64 = 100_000;
/// Learning ends where nobody could gain more than this share of the range of its payoffs.
const GAP: f64 = 1e-4;
/// The size of a population where nobody says it.
const POPULATION: u32 = 50;

/// The answer to what was asked for.
///
/// # Errors
/// Status 2 if an option does not suit the game.
pub fn answer(game: &Game, options: &Solve, halt: &Halt) -> Result<Answer, Failed> {
    match (options.concept, &options.fit) {
        (Concept::RegretMatching | Concept::FictitiousPlay, _) => Ok(learned(game, options, halt)),
        (Concept::Alpharank, _) => ranked(game, options, halt),
        (Concept::Replicator, _) => replicated(game, options, halt),
        (_, Some(counts)) => fitted(game, options, counts, halt),
        (_, None) => responses(game, options, halt),
    }
}

fn usage(error: impl fmt::Display) -> Failed {
    Failed::usage(error)
}

/// The Nash equilibrium at the end of the principal branch.
pub fn limit(game: &Game, halt: &Halt) -> Found {
    let found = logit::limit(game, halt);
    let mut notes = found.notes;
    notes.push("the logit branch leads to one equilibrium; there may be others".into());
    Found { equilibria: vec![found.equilibrium], stop: found.stop, notes }
}

fn unit(options: &Solve) -> Unit {
    if options.scaled { Unit::Range } else { Unit::Payoff }
}

fn responses(game: &Game, options: &Solve, halt: &Halt) -> Result<Answer, Failed> {
    if options.precision.is_empty() {
        return Err(Failed::usage(
            "say at which precisions with --precision, for instance --precision 0.5,1,2, or fit \
             one to choices with --fit",
        ));
    }
    let found = logit::branch(game, &options.precision, unit(options), halt).map_err(usage)?;
    let mut text = String::new();
    for point in &found.points {
        text.push_str(&response_text(game, point));
    }
    if text.is_empty() {
        text.push_str("no precision that was asked for was reached\n");
    }
    let fields = vec![
        ("points", found.points.iter().map(response_json).collect()),
        ("landmarks", landmarks_json(&found.landmarks)),
        ("reached", json!(found.reached)),
    ];
    let notes = landmarks_text(&found.landmarks);
    Ok(Answer { method: "predictor-corrector".into(), stop: found.stop, notes, fields, text })
}

fn response_json(point: &Response) -> Value {
    json!({ "precision": point.precision, "profile": point.profile, "residual": point.residual })
}

fn response_text(game: &Game, point: &Response) -> String {
    let mut text = format!("precision {}, residual {}\n", point.precision, at_most(point.residual));
    text.push_str(&mixes_text(game, &point.profile));
    text.push('\n');
    text
}

fn mixes_text(game: &Game, profile: &Mixed) -> String {
    let rows = game.players().iter().zip(profile);
    rows.map(|(p, mix)| format!("   {}: {}\n", p.name, mix_text(&p.strategies, mix))).collect()
}

fn feature(feature: Feature) -> &'static str {
    match feature {
        Feature::Turning => "turning point",
        Feature::Bifurcation => "bifurcation",
    }
}

fn landmarks_json(list: &[Landmark]) -> Value {
    let one = |l: &Landmark| json!({ "precision": l.precision, "feature": feature(l.feature) });
    list.iter().map(one).collect()
}

fn landmarks_text(list: &[Landmark]) -> Vec<String> {
    let one = |l: &Landmark| {
        let what = match l.feature {
            Feature::Turning => "the branch turns",
            Feature::Bifurcation => "another branch crosses, which was not followed,",
        };
        format!("{what} at precision {}", six_places(l.precision))
    };
    list.iter().map(one).collect()
}

fn fitted(game: &Game, options: &Solve, counts: &Counts, halt: &Halt) -> Result<Answer, Failed> {
    let found = logit::fit(game, &counts.0, unit(options), halt).map_err(usage)?;
    let estimate = &found.estimate;
    let upper = found.upper.map_or("no upper end".to_string(), six_places);
    let mut text = format!(
        "precision {}, 95 % interval {} to {upper}\nlog-likelihood {}; of chance {}; of the \
         frequencies themselves {}\n\n",
        six_places(estimate.precision),
        six_places(found.lower),
        six_places(found.log_likelihood),
        six_places(found.log_likelihood_of_chance),
        six_places(found.log_likelihood_of_frequencies),
    );
    text.push_str(&response_text(game, estimate));
    let fit = json!({
        "precision": estimate.precision,
        "lower": found.lower,
        "upper": found.upper,
        "log_likelihood": found.log_likelihood,
        "log_likelihood_of_chance": found.log_likelihood_of_chance,
        "log_likelihood_of_frequencies": found.log_likelihood_of_frequencies,
    });
    let fields = vec![
        ("fit", fit),
        ("points", json!([response_json(estimate)])),
        ("landmarks", landmarks_json(&found.landmarks)),
    ];
    let mut notes = found.notes;
    notes.extend(landmarks_text(&found.landmarks));
    Ok(Answer { method: "maximum-likelihood".into(), stop: found.stop, notes, fields, text })
}

fn learned(game: &Game, options: &Solve, halt: &Halt) -> Answer {
    let rounds = usize::try_from(options.steps.unwrap_or(STEPS)).unwrap_or(usize::MAX);
    let patience = Patience { rounds, gap: options.gap.unwrap_or(GAP) };
    let (found, note) = match options.concept {
        Concept::RegretMatching => (
            regret_matching(game, patience, halt),
            "the gap is that of the joint distribution of play, a coarse correlated equilibrium \
             where it is 0; the profile is the best product of shares that was met",
        ),
        _ => (
            fictitious_play(game, patience, halt),
            "the gap is the regret of the best profile of shares that was met",
        ),
    };
    let best = std::slice::from_ref(&found.best);
    let text = format!(
        "gap {} after {} rounds\n\n{}",
        at_most(found.gap),
        found.rounds,
        equilibria_text(game, best).replacen("1 equilibrium", "shares", 1)
    );
    let fields = vec![
        ("equilibria", equilibria_json(best)),
        ("gap", json!(found.gap)),
        ("rounds", json!(found.rounds)),
        ("distribution", json!(found.distribution)),
    ];
    let notes = vec![note.to_string()];
    Answer { method: "iteration".into(), stop: found.stop, notes, fields, text }
}

fn populations(options: &Solve) -> Populations {
    if options.single_population { Populations::Single } else { Populations::PerPlayer }
}

fn ranked(game: &Game, options: &Solve, halt: &Halt) -> Result<Answer, Failed> {
    let population = options.population.unwrap_or(POPULATION);
    let (selection, method) = match options.alpha {
        Some(alpha) => (
            Selection::Finite { alpha, population },
            format!("alpha {alpha}, populations of {population}"),
        ),
        None => (
            Selection::Limit { mistakes: options.mistakes.unwrap_or(0.0) },
            "strong-selection".to_string(),
        ),
    };
    let single = options.single_population;
    let found = alpharank::rank(game, populations(options), selection, halt).map_err(usage)?;
    let mut order: Vec<usize> = (0..found.distribution.len()).collect();
    order.sort_by(|a, b| found.distribution[*b].total_cmp(&found.distribution[*a]));
    let mut text = String::new();
    for state in order.into_iter().take(20) {
        let name = match single {
            true => game.players()[0].strategies[state].clone(),
            false => named(game, state),
        };
        text.push_str(&format!("   {}  {name}\n", six_places(found.distribution[state])));
    }
    text.push_str(&format!("\nresidual {}\n", at_most(found.residual)));
    let fields =
        vec![("distribution", json!(found.distribution)), ("residual", json!(found.residual))];
    Ok(Answer { method, stop: found.stop, notes: Vec::new(), fields, text })
}

fn replicated(game: &Game, options: &Solve, halt: &Halt) -> Result<Answer, Failed> {
    let range = game.range();
    let until = options.until.unwrap_or(10_000.0 / if range > 0.0 { range } else { 1.0 });
    let start = match &options.start {
        None => game.uniform(),
        Some(Counts(shares)) => shares.iter().map(|row| proportions(row)).collect(),
    };
    let found = replicate(game, populations(options), &start, until, halt).map_err(usage)?;
    let part = |name: &str, e: &Equilibrium| {
        format!("{name}, regret {}\n{}", at_most(e.regret), mixes_text(game, &e.profile))
    };
    let text = format!(
        "{}\n{}\nresidual {}\n",
        part(&format!("state at time {}", six_places(found.time)), &found.state),
        part("average over time", &found.average),
        at_most(found.residual)
    );
    let of = |e: &Equilibrium| equilibria_json(std::slice::from_ref(e))[0].take();
    let fields = vec![
        ("state", of(&found.state)),
        ("average", of(&found.average)),
        ("time", json!(found.time)),
        ("residual", json!(found.residual)),
    ];
    let notes = vec![
        "a state of rest need not be an equilibrium: what nobody plays does not come back".into(),
    ];
    Ok(Answer { method: "dormand-prince".into(), stop: found.stop, notes, fields, text })
}

fn proportions(row: &[f64]) -> Vec<f64> {
    let sum: f64 = row.iter().sum();
    row.iter().map(|x| x / sum).collect()
}
