//! `detente solve`: equilibria of a game.
//!
//! The game is a file or the stage game of a scenario. JSON is one object:
//!
//! ```text
//! { game: { title, players: [ { name, strategies: [..] } ] }, concept, method, stop, seconds,
//!   notes: [..],
//!   equilibria: [ { profile: [ [p, ..], .. ], payoffs: [..], regret } ],       nash, pure
//!   survivors: [ [strategy from 0, ..], .. ], rounds                          dominance
//!   value, payoffs, distribution: [..], residual,                             correlated
//!   points: [ { precision, profile, residual } ], landmarks: [..],            qre
//!   fit: { precision, lower, upper, log_likelihood, .. },                     qre --fit
//!   equilibria (the best mixes), gap, rounds, distribution,                   learning
//!   distribution, residual,                                                   alpharank
//!   state, average, time, residual }                                          replicator
//! ```
//!
//! Regret, residual and gap are bounds from above, exactly 0 where they say 0; regret, the gap and
//! the residual of correlated equilibria are shares of the range of the player's own payoffs.
//!
//! `stop` says why the method ended: `complete` (there is nothing else), `converged`, `finished`
//! (the method did its work and may have missed something), `limit`, `time-limit`, `stalled`.

mod concepts;
mod dynamics;
mod input;
mod need;
pub mod options;
mod stage;

use std::time::{Duration, Instant};

use serde_json::{Map, Value, json};

use super::{Failed, guard, say};
use detente::number::{at_most, six_places};
use detente::solve::{Equilibrium, Game, Stop};
pub use input::title;
use options::{Solve, SolveFormat, word};

/// What a concept answers.
struct Answer {
    /// The method that found it.
    method: String,
    stop: Stop,
    notes: Vec<String>,
    /// Fields of the JSON object beside those that all concepts have.
    fields: Vec<(&'static str, Value)>,
    /// The same for people.
    text: String,
}

/// Reads the game, solves it and prints what was found.
///
/// # Errors
/// Status 1 if the file or scenario is at fault, 2 if the method does not suit the game or a file
/// cannot be read or written.
pub fn solve(options: &Solve) -> Result<(), Failed> {
    let clock = Clock::start(options.time_limit);
    let game = input::game(options, &|| clock.over())?;
    need::game(&game, options)?;
    if let Some(path) = &options.write {
        input::write(&game, path, options.force)?;
    }
    let started = clock.seconds();
    let answer = concepts::answer(&game, options, &|| clock.over())?;
    let seconds = clock.seconds() - started;
    match options.format {
        SolveFormat::Text => say(&text(&game, options, &answer, seconds)),
        SolveFormat::Json => say(&format!("{}\n", json(&game, options, answer, seconds))),
    }
}

/// How long solving takes and may take.
struct Clock {
    start: Instant,
    limit: Duration,
}

#[expect(clippy::disallowed_methods, reason = "a limit of time needs a clock")]
impl Clock {
    fn start(limit: Option<f64>) -> Clock {
        let limit = limit.map_or(Duration::MAX, Duration::from_secs_f64);
        Clock { start: Instant::now(), limit }
    }

    fn over(&self) -> bool {
        self.start.elapsed() >= self.limit || guard::over()
    }

    fn seconds(&self) -> f64 {
        self.start.elapsed().as_secs_f64()
    }
}

fn json(game: &Game, options: &Solve, answer: Answer, seconds: f64) -> Value {
    let players = game.players().iter();
    let players = players.map(|p| json!({ "name": p.name, "strategies": p.strategies }));
    let mut object = Map::new();
    object.insert(
        "game".into(),
        json!({ "title": game.title, "players": players.collect::<Vec<_>>() }),
    );
    object.insert("concept".into(), json!(word(options.concept)));
    object.insert("method".into(), json!(answer.method));
    object.insert("stop".into(), json!(answer.stop.as_str()));
    object.insert("seconds".into(), json!(seconds));
    object.insert("notes".into(), json!(answer.notes));
    object.extend(answer.fields.into_iter().map(|(name, value)| (name.to_string(), value)));
    Value::Object(object)
}

fn text(game: &Game, options: &Solve, answer: &Answer, seconds: f64) -> String {
    let sizes: Vec<String> = game.sizes().iter().map(usize::to_string).collect();
    let names: Vec<&str> = game.players().iter().map(|p| p.name.as_str()).collect();
    let mut text = format!(
        "{}: {} ({} strategies)\n{} by {}, {} in {:.3} s\n\n{}",
        game.title,
        names.join(", "),
        sizes.join(" x "),
        word(options.concept),
        answer.method,
        answer.stop.as_str(),
        seconds,
        answer.text
    );
    for note in &answer.notes {
        text.push_str(&format!("note: {note}\n"));
    }
    text
}

/// Equilibria as JSON.
fn equilibria_json(list: &[Equilibrium]) -> Value {
    let one =
        |e: &Equilibrium| json!({ "profile": e.profile, "payoffs": e.payoffs, "regret": e.regret });
    list.iter().map(one).collect()
}

/// Equilibria for people: what is played with positive probability.
fn equilibria_text(game: &Game, list: &[Equilibrium]) -> String {
    let mut text = match list.len() {
        0 => "no equilibrium was found\n".to_string(),
        1 => "1 equilibrium\n".to_string(),
        count => format!("{count} equilibria\n"),
    };
    if !list.is_empty() {
        text.push_str(
            "regret: what a player could gain by deviating, as a share of its payoffs' range\n",
        );
    }
    for (number, equilibrium) in list.iter().enumerate() {
        text.push_str(&format!("\n{}. regret {}\n", number + 1, at_most(equilibrium.regret)));
        for (at, player) in game.players().iter().enumerate() {
            let mix = mix_text(&player.strategies, &equilibrium.profile[at]);
            let payoff = equilibrium.payoffs[at];
            text.push_str(&format!("   {}: {mix}; payoff {}\n", player.name, six_places(payoff)));
        }
    }
    text.push('\n');
    text
}

/// `stag 0.25, hare 0.75`, or the name alone where it is played for sure.
fn mix_text(names: &[String], mix: &[f64]) -> String {
    let played = names.iter().zip(mix).filter(|(_, p)| **p > 0.0);
    let one = |(name, p): (&String, &f64)| {
        if *p == 1.0 { name.clone() } else { format!("{name} {}", six_places(*p)) }
    };
    played.map(one).collect::<Vec<_>>().join(", ")
}
