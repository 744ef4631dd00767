//! `detente trace`: one run as a transcript.

use super::args::{Format, Trace};
use super::check::plans;
use super::run::overrides;
use super::{Failed, print_stdout};

use detente::model::Simulation;
use detente::reference::{self, RunTrace};
use detente::rng::Seed;
use detente::view::trace::{Only, Transcript};
use detente::{Scenario, render};

/// Plays one run and prints it round by round. A run that fails is told up to its failure.
///
/// # Errors
/// Status 1 if the scenario or an override is at fault; 2 if a variant or actor is unknown, or the
/// run has no such round.
pub fn trace(options: &Trace) -> Result<(), Failed> {
    let loaded = Scenario::find(&options.scenario)?;
    let model = loaded.model();
    let variant = options.variant.as_deref().filter(|name| *name != "base");
    if let Some(name) = variant {
        loaded.known_variant(name)?;
    }
    for name in &options.actors {
        loaded.actor(name)?;
    }
    let changes = overrides(model, &options.play.set)?;
    let mut arm = loaded.arm(variant, &changes)?;
    arm.rounds = options.play.rounds.unwrap_or(arm.rounds);
    // the interpreter takes about as long for a round as planning does
    plans(&loaded, &arm, options.room.memory)?;
    let game = Simulation { model, arm: &arm, seed: Seed(options.play.seed) };
    let told = reference::trace(&game, options.run);
    known_round(&told, options)?;
    let only = Only { round: options.round, actors: &options.actors };
    let transcript = Transcript::of(&loaded, &game, told, &only);
    print_stdout(&match options.format {
        Format::Text if options.brief => render::trace::brief(&transcript),
        Format::Text => render::trace::text(&transcript),
        Format::Json => render::trace::json(&transcript),
    })
}

/// Whether the run has the round that was asked for.
///
/// # Errors
/// Status 2 if it has none, 1 if it failed before.
fn known_round(told: &RunTrace, options: &Trace) -> Result<(), Failed> {
    let Some(round) = options.round.filter(|n| told.rounds.iter().all(|r| r.round != *n)) else {
        return Ok(());
    };
    let last = told.rounds.last().map_or(0, |r| r.round);
    let text = format!("run {} has no round {round}; the last one played is {last}", told.run);
    Err(match &told.failure {
        None => Failed::usage(text),
        Some(f) => Failed::scenario(format!(
            "{text}, since `{}` failed in round {}: {}",
            f.cell, f.round, f.reason
        )),
    })
}
