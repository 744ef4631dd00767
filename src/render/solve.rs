//! Answers to games as text and JSON.

mod text;

use serde_json::{Map, Value, json};

use crate::number::short;
use crate::view::solve::{Feature, Page};

/// For a terminal.
pub fn text(page: &Page) -> String {
    text::page(page)
}

/// For programs: one object.
///
/// ```text
/// { game: { title, players: [ { name, strategies: [..] } ] }, concept, method, stop, seconds,
///   notes: [..],
///   equilibria: [ { profile: [ [p, ..], .. ], payoffs: [..], regret, gain } ], nash, pure
///   checked: { profile, payoffs, regret, gain },                              nash --check
///   survivors: [ [strategy from 0, ..], .. ], rounds                          dominance
///   value, payoffs, distribution: [..], residual,                             correlated
///   points: [ { precision, profile, residual } ], landmarks: [..],            qre
///   fit: { precision, lower, upper, log_likelihood, .. },                     qre --fit
///   equilibria (the best mixes), gap, rounds, distribution,                   learning
///   distribution, residual,                                                   alpharank
///   state, average, time, residual }                                          replicator
/// ```
///
/// A `distribution` is over profiles, the strategy of the first player changing fastest, as in
/// `.nfg` files; of one population over strategies. `gain` is the regret in a player's payoffs.
///
/// Regret, gain, residual and gap are bounds from above, exactly 0 where they say 0; regret, the
/// gap and the residual of correlated equilibria are shares of the range of the player's own
/// payoffs.
///
/// `stop` says why the method ended: `complete` (there is nothing else), `converged`, `finished`
/// (the method did its work and may have missed something), `limit`, `time-limit`, `stalled`.
pub fn json(page: &Page) -> String {
    let Page { game, answer, seconds } = page;
    let mut object = Map::new();
    object.insert("game".into(), json!({ "title": game.title, "players": game.players() }));
    // invariant: an answer is an object
    let Value::Object(fields) = json!(answer) else { return String::new() };
    for (name, value) in fields {
        if name == "notes" {
            object.insert("seconds".into(), json!(seconds));
            object.insert(name, json!(notes(page)));
        } else {
            object.insert(name, value);
        }
    }
    format!("{}\n", Value::Object(object))
}

/// What else there is to know, landmarks of a logit branch among it.
fn notes(page: &Page) -> Vec<String> {
    let landmarks = page.answer.found.landmarks().iter().map(|l| {
        let what = match l.feature {
            Feature::Turning => "the branch turns",
            Feature::Bifurcation => "another branch crosses, which was not followed,",
        };
        format!("{what} at precision {}", short(l.precision))
    });
    page.answer.notes.iter().cloned().chain(landmarks).collect()
}
