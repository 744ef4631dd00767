//! Solvers beside the answers of other programs (`tests/reference/games/solutions.json`): whether a
//! profile is an equilibrium, and whether all are found, are different questions.

use std::fs;

use detente::solve::correlated::{Obedience, Objective, correlated};
use detente::solve::dominance::{Dominance, dominance};
use detente::solve::{Found, Game, Mixed, Stop, bimatrix, many, never, nfg, pure_nash};
use serde_json::Value;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/reference/games");

/// Every game with what other programs found.
fn games() -> Vec<(String, Game, Value)> {
    let text = fs::read_to_string(format!("{FOLDER}/solutions.json")).expect("the file is there");
    let all: Value = serde_json::from_str(&text).expect("a JSON document");
    let all = all.as_object().expect("games by name").clone();
    let read = |(name, solution): (String, Value)| {
        let path = format!("{FOLDER}/{name}.nfg");
        let game = nfg::read(&fs::read_to_string(path).expect("the game is there"));
        (name, game.expect("a game"), solution)
    };
    all.into_iter().map(read).collect()
}

fn mixed(value: &Value) -> Mixed {
    serde_json::from_value(value.clone()).expect("a profile")
}

fn near(a: &Mixed, b: &Mixed) -> bool {
    a.iter().flatten().zip(b.iter().flatten()).all(|(x, y)| (x - y).abs() < 1e-6)
}

fn has(found: &Found, profile: &Mixed) -> bool {
    found.equilibria.iter().any(|e| near(&e.profile, profile))
}

fn listed(solution: &Value) -> Vec<Mixed> {
    let list = solution["equilibria"].as_array().expect("a list");
    list.iter().map(|e| mixed(&e["profile"])).collect()
}

/// The worst regret of a list, worked out once more by summing over profiles.
fn regret(game: &Game, found: &Found) -> f64 {
    let share = |profile: usize, mixed: &Mixed, but: usize| -> f64 {
        let played = game.strategies(profile).into_iter().enumerate();
        played.filter(|(p, _)| *p != but).map(|(p, s)| mixed[p][s]).product()
    };
    let of = |mixed: &Mixed| {
        let mut worst: f64 = 0.0;
        for player in 0..game.players().len() {
            let mut values = vec![0.0; game.sizes()[player]];
            for profile in 0..game.profiles() {
                let own = game.strategies(profile)[player];
                values[own] += share(profile, mixed, player) * game.payoff(profile, player);
            }
            let payoff: f64 = values.iter().zip(&mixed[player]).map(|(v, p)| v * p).sum();
            let best = values.iter().fold(f64::NEG_INFINITY, |a, b| a.max(*b));
            worst = worst.max((best - payoff) / game.range_of(player).max(1e-300));
        }
        worst
    };
    found.equilibria.iter().map(|e| of(&e.profile)).fold(0.0, f64::max)
}

#[test]
fn pure_equilibria_are_those_of_the_reference() {
    for (name, game, solution) in games() {
        let found = pure_nash(&game, &never);
        let expected: Vec<Vec<usize>> =
            serde_json::from_value(solution["pure"].clone()).expect("profiles");
        assert_eq!(found.stop, Stop::Complete);
        assert_eq!(found.equilibria.len(), expected.len(), "{name}");
        for strategies in expected {
            assert!(has(&found, &game.pure(&strategies)), "{name} {strategies:?}");
        }
    }
}

#[test]
fn survivors_of_dominance_are_those_of_the_reference() {
    for (name, game, solution) in games() {
        let keys = ["strict_dominance_survivors", "strict_dominance_survivors_mixed_dominators"];
        for (mixed, key) in [false, true].into_iter().zip(keys) {
            let found = dominance(&game, Dominance::Strict, mixed, &never);
            let expected: Vec<Vec<usize>> =
                serde_json::from_value(solution[key].clone()).expect("strategies");
            assert_eq!(found.strategies, expected, "{name} {key}");
        }
    }
}

/// Points inside a continuum are found by other programs and are no vertices.
#[test]
fn all_equilibria_of_two_players_are_found() {
    for (name, game, solution) in games().into_iter().filter(|g| g.1.players().len() == 2) {
        let found = bimatrix::vertex_enumeration(&game, &never).expect("two players");
        assert_eq!(found.stop, Stop::Complete, "{name}");
        assert!(regret(&game, &found) <= 1e-9, "{name}");
        let expected = listed(&solution);
        let pure = |profile: &Mixed| profile.iter().flatten().all(|p| *p == 0.0 || *p == 1.0);
        if name.starts_with("degenerate") {
            assert!(expected.iter().filter(|e| pure(e)).all(|e| has(&found, e)), "{name}");
            assert!(found.notes.iter().any(|note| note.contains("degenerate")), "{name}");
            continue;
        }
        assert!(expected.iter().all(|e| has(&found, e)), "{name}");
        assert_eq!(found.equilibria.len(), expected.len(), "{name}");
        let supports = bimatrix::support_enumeration(&game, &never).expect("two players");
        assert_eq!(supports.equilibria.len(), expected.len(), "{name}");
        let paths = bimatrix::lemke_howson(&game, None, &never).expect("two players");
        assert!(!paths.equilibria.is_empty(), "{name}");
        assert!(paths.equilibria.iter().all(|e| has(&found, &e.profile)), "{name}");
    }
}

/// Other programs may miss equilibria, and list points of continua by chance; where the search says
/// that it is complete, it finds what they find.
#[test]
fn equilibria_of_more_players_are_found() {
    let mut complete = 0;
    for (name, game, solution) in games().into_iter().filter(|g| g.1.players().len() > 2) {
        let found = many::all_nash(&game, &never);
        assert!(regret(&game, &found) <= 1e-9, "{name}");
        let expected = listed(&solution);
        if found.stop == Stop::Complete {
            assert!(expected.iter().all(|e| has(&found, e)), "{name}");
            complete += 1;
        } else {
            assert!(found.notes.iter().any(|note| note.contains("continua")), "{name}");
        }
        assert!(found.equilibria.len() >= solution["pure"].as_array().map_or(0, Vec::len));
    }
    assert!(complete >= 4, "{complete}");
}

#[test]
fn correlated_values_are_those_of_the_reference() {
    let close = |x: f64, y: &Value| (x - y.as_f64().expect("a number")).abs();
    for (name, game, solution) in games() {
        let expected = &solution["correlated"];
        let scale = 1.0 + game.range();
        for (kind, key) in [(Obedience::Correlated, "ce"), (Obedience::Coarse, "cce")] {
            for (least, end) in [(false, "max"), (true, "min")] {
                let solve = |goal| correlated(&game, kind, goal, least, &never).expect("small");
                let found = solve(Objective::Welfare);
                let value = &expected[format!("{key}_{end}_welfare")];
                assert!(close(found.value, value) <= 1e-8 * scale, "{name} {key} {end}");
                assert!(found.residual <= 1e-9, "{name} {key} {end} {}", found.residual);
                let payoffs = expected[format!("{key}_{end}_payoff")].as_array();
                for (player, value) in payoffs.into_iter().flatten().enumerate() {
                    let found = solve(Objective::Player(player));
                    assert!(close(found.value, value) <= 1e-8 * scale, "{name} {key} {player}");
                    assert!(found.residual <= 1e-9, "{name} {key} {player}");
                }
            }
        }
        let any = correlated(&game, Obedience::Correlated, Objective::Nothing, false, &never);
        assert!(any.expect("small").residual <= 1e-9, "{name}");
    }
}

#[test]
fn whoever_is_told_to_stop_stops_with_what_there_is() {
    let (_, game, _) = games().into_iter().find(|g| g.0 == "rand_6x6_s4").expect("the game");
    let now = || true;
    let found = bimatrix::vertex_enumeration(&game, &now).expect("two players");
    assert!(matches!(found.stop, Stop::TimeLimit | Stop::Complete));
    let found = bimatrix::support_enumeration(&game, &now).expect("two players");
    assert_eq!((found.stop, found.equilibria.len()), (Stop::TimeLimit, 0));
    assert_eq!(many::all_nash(&game, &now).stop, Stop::TimeLimit);
    assert_eq!(pure_nash(&game, &now).stop, Stop::TimeLimit);
    assert_eq!(dominance(&game, Dominance::Strict, true, &now).stop, Stop::TimeLimit);
}

#[test]
fn methods_for_two_players_refuse_others() {
    let (_, game, _) = games().into_iter().find(|g| g.0 == "rand_2x2x2_1").expect("the game");
    let refused = bimatrix::vertex_enumeration(&game, &never).expect_err("three players");
    assert_eq!(refused.to_string(), "this method is for games of two players");
}
