//! `detente meta` as its users meet it.

use std::fs;

use serde_json::Value;

use super::{detente, folder};

/// A prisoners' dilemma of two rounds between postures that play one move for sure.
const DILEMMA: &str = r#"format = 1
[scenario]
name = "dilemma"
title = "Postures in a prisoners' dilemma"
rounds = 2
[actors]
A = { name = "Ana" }
B = { name = "Ben" }
[payoffs.gain]
A = "3 * chose[B, give] - chose[A, give]"
B = "3 * chose[A, give] - chose[B, give]"
[weights]
gain = 1
[moves.give]
by = "actors"
[policies.kind]
play = [{ move = "give" }]
[policies.cold]
play = [{ move = "hold" }]
[decision]
precision = 1
[outcomes]
given = { total = "chose[A, give]" }
[postures.A]
kind = { policy = "kind" }
cold = { policy = "cold" }
[postures.B]
kind = { policy = "kind" }
cold = { policy = "cold" }
"#;

#[test]
fn postures_are_played_solved_and_written() {
    let folder = folder("meta");
    fs::write(folder.join("dilemma.toml"), DILEMMA).expect("the scenario can be written");
    let all = ["meta", "dilemma.toml", "--out", "found", "--format", "json"];
    let found = detente(&folder, &all);
    assert_eq!(found.status, Some(0), "{}", found.err);
    let object: Value = serde_json::from_str(&found.out).expect("one JSON object");
    assert_eq!(object["enough"], "settled");
    assert_eq!(object["equilibria"][0]["payoffs"], serde_json::json!([0.0, 0.0]));
    assert_eq!(object["equilibria"][0]["share"], 1.0);
    assert_eq!(object["game"]["payoffs"][0], serde_json::json!([4.0, 6.0, -2.0, 0.0]));
    let payoffs = fs::read_to_string(folder.join("found/payoffs.csv")).expect("a table");
    assert_eq!(payoffs.lines().next(), Some("A,B,runs,utility_A,se_A,utility_B,se_B"));
    assert_eq!(payoffs.lines().count(), 5);
    // The game that was written is the game that was solved.
    let solved = detente(&folder, &["solve", "found/game.nfg", "--format", "json"]);
    assert_eq!(solved.status, Some(0), "{}", solved.err);
    let solved: Value = serde_json::from_str(&solved.out).expect("one JSON object");
    assert_eq!(solved["equilibria"][0]["profile"], object["equilibria"][0]["profile"]);
    // Again without --force: what is there is left alone.
    assert_eq!(detente(&folder, &all).status, Some(2));
}

#[test]
fn a_scenario_without_postures_is_told_what_is_missing() {
    let folder = folder("meta-none");
    let found = detente(&folder, &["meta", "stag-hunt"]);
    assert_eq!(found.status, Some(1));
    assert!(found.err.contains("[postures.A]"), "{}", found.err);
    let text = DILEMMA.replace("kind = { policy", "kind = { polcy");
    fs::write(folder.join("dilemma.toml"), text).expect("the scenario can be written");
    let found = detente(&folder, &["meta", "dilemma.toml"]);
    assert_eq!(found.status, Some(1));
    assert!(found.err.contains("policy"), "{}", found.err);
}
