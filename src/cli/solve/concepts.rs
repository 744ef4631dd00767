//! What each concept answers.

use super::options::{Concept, Method, Solve, word};
use super::{Answer, dynamics};
use crate::cli::Failed;
use detente::diagnostic::{clip, nearest};
use detente::solve::correlated::{self, Obedience, Objective};
use detente::solve::dominance::{self, Dominance};
use detente::solve::{self, Equilibrium, Game, Halt, Unsuited, bimatrix, many, pure_nash};
use detente::view::solve::Found;

/// So many choices of supports are searched without being asked for.
const SUPPORTS: f64 = 1e6;

/// The answer to what was asked for.
///
/// # Errors
/// Status 2 if the method does not belong to the concept or does not suit the game.
pub fn answer(game: &Game, options: &Solve, halt: &Halt) -> Result<Answer, Failed> {
    known_use(options)?;
    match options.concept {
        Concept::Nash => nash(game, options, halt),
        Concept::Pure => {
            unneeded(options)?;
            Ok(found("enumeration".into(), pure_nash(game, halt)))
        }
        Concept::StrictDominance => eliminate(game, options, Dominance::Strict, halt),
        Concept::WeakDominance => eliminate(game, options, Dominance::Weak, halt),
        Concept::Correlated => mediated(game, options, Obedience::Correlated, halt),
        Concept::CoarseCorrelated => mediated(game, options, Obedience::Coarse, halt),
        Concept::Qre
        | Concept::RegretMatching
        | Concept::FictitiousPlay
        | Concept::Alpharank
        | Concept::Replicator => {
            unneeded(options)?;
            dynamics::answer(game, options, halt)
        }
    }
}

/// Whether every option that was given is one that the concept reads.
fn known_use(options: &Solve) -> Result<(), Failed> {
    use Concept::{
        Alpharank, CoarseCorrelated, Correlated, FictitiousPlay, Qre, RegretMatching, Replicator,
    };
    const MEDIATED: &[Concept] = &[Correlated, CoarseCorrelated];
    const LEARNING: &[Concept] = &[RegretMatching, FictitiousPlay];
    let given: [(&str, bool, &[Concept]); 13] = [
        ("precision", !options.precision.is_empty(), &[Qre]),
        ("scaled", options.scaled, &[Qre]),
        ("fit", options.fit.is_some(), &[Qre]),
        ("alpha", options.alpha.is_some(), &[Alpharank]),
        ("population", options.population.is_some(), &[Alpharank]),
        ("mistakes", options.mistakes.is_some(), &[Alpharank]),
        ("single-population", options.single_population, &[Alpharank, Replicator]),
        ("until", options.until.is_some(), &[Replicator]),
        ("start", options.start.is_some(), &[Replicator]),
        ("maximise", options.maximise.is_some(), MEDIATED),
        ("minimise", options.minimise.is_some(), MEDIATED),
        ("steps", options.steps.is_some(), LEARNING),
        ("gap", options.gap.is_some(), LEARNING),
    ];
    let idle = given.iter().find(|(_, given, of)| *given && !of.contains(&options.concept));
    let Some((name, _, of)) = idle else { return Ok(()) };
    let of: Vec<String> = of.iter().map(|concept| word(*concept)).collect();
    Err(Failed::usage(format_args!(
        "--{name} is for --concept {}; `{}` does not read it",
        of.join(" and "),
        word(options.concept)
    )))
}

/// There is one method for the concept only.
fn unneeded(options: &Solve) -> Result<(), Failed> {
    match options.method {
        None => Ok(()),
        Some(method) => Err(foreign(options, method)),
    }
}

fn foreign(options: &Solve, method: Method) -> Failed {
    let (method, concept) = (word(method), word(options.concept));
    Failed::usage(format_args!(
        "`{method}` is no method for `{concept}`; leave --method out, or see `detente solve --help`"
    ))
}

fn unsuited(error: Unsuited) -> Failed {
    Failed::usage(error)
}

fn found(method: String, found: solve::Found) -> Answer {
    Answer {
        method,
        stop: found.stop,
        notes: found.notes,
        found: Found::Equilibria(found.equilibria),
    }
}

/// Strictly dominated strategies are played in no equilibrium and are left out first.
fn nash(game: &Game, options: &Solve, halt: &Halt) -> Result<Answer, Failed> {
    let left = dominance::dominance(game, Dominance::Strict, false, halt).strategies;
    let small = game.restrict(&left);
    let two = game.players().len() == 2;
    let method = options.method.unwrap_or(match two {
        true => Method::VertexEnumeration,
        false => Method::BranchAndPrune,
    });
    let mut equilibria = match method {
        Method::VertexEnumeration => bimatrix::vertex_enumeration(&small, halt),
        Method::SupportEnumeration => bimatrix::support_enumeration(&small, halt),
        Method::LemkeHowson => bimatrix::lemke_howson(&small, None, halt),
        Method::BranchAndPrune => {
            let count = many::supports(&small);
            if count > SUPPORTS && options.method.is_none() && options.time_limit.is_none() {
                return Err(Failed::usage(format_args!(
                    "the game has {count:.0} choices of supports, too many to search without end; \
                     give --time-limit, or follow the logit branch to one equilibrium with \
                     --method logit"
                )));
            }
            Ok(many::all_nash(&small, halt))
        }
        Method::Logit => return Ok(found(word(method), dynamics::limit(game, halt))),
        Method::Pure | Method::Mixed => return Err(foreign(options, method)),
    }
    .map_err(unsuited)?;
    for equilibrium in &mut equilibria.equilibria {
        *equilibrium = Equilibrium::new(game, game.extend(&equilibrium.profile, &left));
    }
    let out: usize = game.sizes().iter().zip(&left).map(|(n, left)| n - left.len()).sum();
    if out > 0 {
        equilibria.notes.push(format!(
            "{out} strictly dominated strategies, which no equilibrium plays, were left out first"
        ));
    }
    Ok(found(word(method), equilibria))
}

fn eliminate(game: &Game, options: &Solve, kind: Dominance, halt: &Halt) -> Result<Answer, Failed> {
    let method = options.method.unwrap_or(Method::Mixed);
    let mixed = match method {
        Method::Pure => false,
        Method::Mixed => true,
        _ => return Err(foreign(options, method)),
    };
    let left = dominance::dominance(game, kind, mixed, halt);
    let found = Found::Survivors { strategies: left.strategies, rounds: left.rounds };
    Ok(Answer { method: word(method), stop: left.stop, notes: left.notes, found })
}

fn mediated(
    game: &Game,
    options: &Solve,
    obedience: Obedience,
    halt: &Halt,
) -> Result<Answer, Failed> {
    unneeded(options)?;
    let (whose, least) = match &options.minimise {
        Some(whose) => (whose.as_str(), true),
        None => (options.maximise.as_deref().unwrap_or("welfare"), false),
    };
    let objective = objective(game, whose)?;
    let found = correlated::correlated(game, obedience, objective, least, halt);
    let found = found.map_err(unsuited)?;
    let of = if objective == Objective::Nothing { "welfare" } else { whose };
    Ok(Answer {
        method: "linear-program".into(),
        stop: found.stop,
        notes: Vec::new(),
        found: Found::Correlated { of: of.to_string(), found },
    })
}

fn objective(game: &Game, whose: &str) -> Result<Objective, Failed> {
    let players = game.players();
    if let Some(player) = players.iter().position(|p| p.name == whose) {
        return Ok(Objective::Player(player));
    }
    match whose {
        "welfare" => Ok(Objective::Welfare),
        "none" => Ok(Objective::Nothing),
        _ => {
            let known = players.iter().map(|p| p.name.as_str());
            let help = nearest(whose, known.clone().chain(["welfare", "none"]));
            let help = help.unwrap_or_else(|| {
                format!("its players are {}", known.collect::<Vec<_>>().join(", "))
            });
            Err(Failed::usage(format_args!("the game has no player `{}`; {help}", clip(whose))))
        }
    }
}
