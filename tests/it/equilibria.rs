//! Solvers beside the answers of other programs (`tests/reference/games/solutions.json`): whether a
//! profile is an equilibrium, and whether all are found, are different questions.

use std::fs;

use detente::solve::correlated::{Obedience, Objective, correlated};
use detente::solve::dominance::{Dominance, dominance};
use detente::solve::{
    Found, Game, Mixed, Player, Stop, bimatrix, efg, logit, many, nash, never, nfg, pure_nash,
};
use serde_json::Value;

const TREES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/textbook/games");
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

/// A game whose payoffs are given profile by profile.
fn game(sizes: &[usize], payoffs: &[f64]) -> Game {
    let player = |n: &usize| Player {
        name: format!("of {n}"),
        strategies: (0..*n).map(|s| s.to_string()).collect(),
    };
    Game::new("test", sizes.iter().map(player).collect(), payoffs.to_vec()).expect("a valid game")
}

/// Whole payoffs from 0 to below `most`, so few that ties are common; the same every time.
fn tied(sizes: &[usize], most: u32, seed: u64) -> Game {
    let mut state = seed;
    let mut draw = |_| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(0x1405_7b7e_f767_814f);
        f64::from((state >> 33) as u32 % most)
    };
    let count = sizes.len() * sizes.iter().product::<usize>();
    game(sizes, &(0..count).map(&mut draw).collect::<Vec<_>>())
}

/// How many random games: all with `DETENTE_FULL=1`.
fn some(all: u64, few: u64) -> u64 {
    if super::support::full() { all } else { few }
}

#[test]
fn a_search_that_was_stopped_says_what_it_has_not_looked_at() {
    let zeros = game(&[2, 2], &[0.0; 8]);
    let (_, found) = nash(&zeros, &|| true);
    assert_eq!(found.stop, Stop::TimeLimit);
    assert!(found.notes.iter().any(|note| note.contains("equilibria may be missing")));
    assert!(!found.notes.iter().any(|note| note.contains("all are listed")), "{:?}", found.notes);
    let (_, found) = nash(&tied(&[3, 3, 3], 100, 1), &|| true);
    assert!(found.notes.iter().any(|note| note.contains("0 of 343 choices of supports")));
    // what is quickly found comes first: the clock stops in the search
    let large = tied(&[20, 20], 1000, 3);
    let paths = bimatrix::lemke_howson(&large, None, &never).expect("two players");
    let asked = std::cell::Cell::new(0);
    let later = || asked.replace(asked.get() + 1) > 150;
    let (_, found) = nash(&large, &later);
    assert_eq!(found.stop, Stop::TimeLimit);
    assert!(paths.equilibria.iter().all(|e| has(&found, &e.profile)));
    assert!(found.notes.iter().any(|note| note.contains("beside the search")), "{:?}", found.notes);
}

/// Profiles that were once listed though no equilibrium is near them.
#[test]
fn there_are_no_ghosts() {
    let pure =
        |e: &detente::solve::Equilibrium| e.profile.iter().flatten().all(|p| p.fract() == 0.0);
    let first = [1., 0., 0., 1., 1., 0., 1., 0., 0., 0., 1., 0.];
    let found = many::all_nash(&game(&[2, 2, 1], &first), &never);
    assert!(found.equilibria.iter().all(|e| e.regret == 0.0), "{found:?}");
    assert_eq!(found.equilibria.iter().filter(|e| pure(e)).count(), 3);
    let second = [
        2., 0., 0., 2., 2., 0., 2., 2., 1., 1., 2., 2., 2., 1., 0., 2., 0., 1., 2., 0., 0., 2., 0.,
        2.,
    ];
    let (_, found) = nash(&game(&[2, 2, 2], &second), &never);
    assert_eq!(found.equilibria.iter().filter(|e| pure(e)).count(), 4);
    assert_eq!(found.continua.len(), 3);
    for seed in 0..some(2000, 40) {
        let game = tied(&[2, 2, 2], 3, seed);
        let (_, found) = nash(&game, &never);
        assert!(!found.equilibria.is_empty(), "seed {seed}");
        for e in &found.equilibria {
            let traces = e.profile.iter().flatten().any(|p| *p > 0.0 && *p < 1e-4);
            assert!(!traces && e.regret <= 1e-13, "seed {seed}: {e:?}");
        }
    }
}

/// C mixes 1/4, 3/4 while 2 x q = 3 (1 - x)(1 - q): a curve from x = 1 to q = 1.
#[test]
fn a_curve_has_a_point_and_its_ends() {
    let payoffs = [
        0., 0., 2., 3., 0., 0., 0., 3., 0., 0., 0., 0., 1., 1., 0., 0., 0., 0., 0., 0., 0., 0., 0.,
        3.,
    ];
    let (_, found) = nash(&game(&[2, 2, 2], &payoffs), &never);
    let inside = |k: usize| found.equilibria[k].profile.iter().flatten().all(|p| *p > 1e-3);
    let curve = found.continua.iter().find(|c| inside(c.points[0])).expect("the curve");
    assert_eq!((curve.dimension, curve.points.len()), (Some(1), 3));
    let [point, ends @ ..] = curve.points.as_slice() else { panic!("{curve:?}") };
    let profile = &found.equilibria[*point].profile;
    let (x, q) = (profile[0][0], profile[1][0]);
    assert!((2.0 * x * q - 3.0 * (1.0 - x) * (1.0 - q)).abs() < 1e-12, "{profile:?}");
    assert!((profile[2][0] - 0.25).abs() < 1e-12);
    for end in ends {
        let profile = &found.equilibria[*end].profile;
        let corner = [(1.0, 0.0), (0.0, 1.0)].contains(&(profile[0][0], profile[1][0]));
        assert!(corner && (profile[2][0] - 0.25).abs() < 1e-12, "{profile:?}");
    }
}

#[test]
fn what_does_not_matter_is_left_out_first() {
    // the first player has a dominant strategy, the rest is a game of two
    let rest = tied(&[5, 5], 1000, 11);
    let mut payoffs = Vec::new();
    for (own, profile) in (0..25).flat_map(|k| (0..2).map(move |own| (own, k))) {
        let of = |p| if own == 0 { rest.payoff(profile, p) } else { 7.0 * profile as f64 };
        payoffs.extend([f64::from(1 - own), of(0), of(1)]);
    }
    let (method, found) = nash(&game(&[2, 5, 5], &payoffs), &never);
    let alone = bimatrix::vertex_enumeration(&rest, &never).expect("two players");
    assert_eq!((method, found.stop), ("vertex-enumeration", Stop::Complete));
    let ours: Vec<Mixed> = found.equilibria.iter().map(|e| e.profile[1..].to_vec()).collect();
    let theirs: Vec<Mixed> = alone.equilibria.iter().map(|e| e.profile.clone()).collect();
    assert_eq!(ours, theirs);
    let (method, found) = nash(&game(&[4], &[1.0, 3.0, 2.0, 3.0]), &never);
    assert_eq!((method, found.stop, found.equilibria.len()), ("pure", Stop::Complete, 2));
}

/// Exact arithmetic decides what rounding cannot: the second strategy earns 1 more where the range
/// is 10^19.
#[test]
fn small_differences_in_a_large_range_are_decided_without_rounding() {
    let large = game(&[2, 2], &[0., 1., 1., 1., -1e19, 0., -1e19, 0.]);
    let found = bimatrix::vertex_enumeration(&large, &never).expect("two players");
    let profiles: Vec<&Mixed> = found.equilibria.iter().map(|e| &e.profile).collect();
    assert_eq!((found.stop, profiles), (Stop::Complete, vec![&large.pure(&[1, 0])]));
    assert_eq!(found.equilibria[0].regret, 0.0);
}

/// The most that a strategy which is played falls short of the best, in whole payoffs.
fn shortfall(game: &Game, profile: &Mixed) -> f64 {
    let mut worst: f64 = 0.0;
    for player in 0..2 {
        let mut values = vec![0.0; game.sizes()[player]];
        for k in 0..game.profiles() {
            let played = game.strategies(k);
            values[played[player]] +=
                profile[1 - player][played[1 - player]] * game.payoff(k, player);
        }
        let best = values.iter().fold(f64::NEG_INFINITY, |a, b| a.max(*b));
        let played = values.iter().zip(&profile[player]).filter(|(_, p)| **p > 0.0);
        worst = played.fold(worst, |worst, (v, _)| worst.max(best - v));
    }
    worst
}

/// Of two players with tied payoffs: everything that is played is best, and every pure equilibrium
/// is listed. Of three in generic games: an odd number.
#[test]
fn random_games_with_tied_payoffs_are_solved() {
    for seed in 0..some(10_000, 150) {
        let sizes = [2 + (seed % 3) as usize, 2 + (seed / 3 % 3) as usize];
        let game = tied(&sizes, 3, seed);
        let (_, found) = nash(&game, &never);
        assert_eq!(found.stop, Stop::Complete, "seed {seed}");
        assert!(
            found.equilibria.iter().all(|e| shortfall(&game, &e.profile) < 1e-14),
            "seed {seed}"
        );
        assert!(pure_nash(&game, &never).equilibria.iter().all(|e| has(&found, &e.profile)));
    }
    for seed in 0..some(500, 10) {
        let (_, found) = nash(&tied(&[2, 2, 3], 1_000_000, seed), &never);
        let odd = found.equilibria.len() % 2 == 1;
        assert!(odd || found.stop != Stop::Complete, "seed {seed}: {found:?}");
    }
}

fn tree(name: &str) -> detente::solve::tree::Tree {
    let text = fs::read_to_string(format!("{TREES}/{name}.efg")).expect("the tree is there");
    let tree = efg::read(&text).expect("a tree");
    assert_eq!(efg::read(&efg::write(&tree)), Ok(tree.clone()), "{name}");
    tree
}

/// The numbers are those of the sources that the files name.
#[test]
fn textbook_trees_have_the_equilibria_of_their_sources() {
    let entry = tree("entry-deterrence");
    let all = nash(&entry.strategic().expect("small"), &never).1;
    assert!(has(&all, &vec![vec![1.0, 0.0], vec![1.0, 0.0]]), "the threat: {all:?}");
    let perfect = entry.subgame_perfect(&never).expect("small");
    let profiles: Vec<Mixed> = perfect.equilibria.iter().map(|e| e.profile.clone()).collect();
    assert_eq!(profiles, [vec![vec![0.0, 1.0], vec![0.0, 1.0]]]);

    let poker = tree("one-card-poker");
    let game = poker.strategic().expect("small");
    assert_eq!(
        game.players()[0].strategies,
        ["raise/raise", "raise/pass", "pass/raise", "pass/pass"]
    );
    let found = nash(&game, &never).1;
    assert_eq!((found.stop, found.equilibria.len()), (Stop::Complete, 1));
    let expected = vec![vec![1.0 / 3.0, 2.0 / 3.0, 0.0, 0.0], vec![2.0 / 3.0, 1.0 / 3.0]];
    assert!(has(&found, &expected), "{found:?}");
    assert!((found.equilibria[0].payoffs[0] - 1.0 / 3.0).abs() < 1e-12);
    let behaviour = poker.subgame_perfect(&never).expect("small");
    let expected = vec![vec![1.0, 0.0], vec![2.0 / 3.0, 1.0 / 3.0], vec![1.0 / 3.0, 2.0 / 3.0]];
    assert!(has(&behaviour, &expected), "{behaviour:?}");

    let horse = tree("selten-horse");
    let found = nash(&horse.strategic().expect("small"), &never).1;
    for known in [[0, 0, 1], [1, 0, 0]] {
        let pure = horse.strategic().expect("small").pure(&known);
        assert!(has(&found, &pure), "{known:?}: {found:?}");
    }
    // the logit branch of the agents leads to the sequential equilibrium of the horse
    let end = logit::limit(&horse.agents().expect("small"), &never);
    assert!(end.equilibrium.profile[0][0] > 0.999, "{end:?}");

    let deterrence = tree("deterrence").subgame_perfect(&never).expect("small");
    let profiles: Vec<Mixed> = deterrence.equilibria.iter().map(|e| e.profile.clone()).collect();
    assert_eq!(profiles, [vec![vec![1.0, 0.0], vec![0.0, 1.0], vec![0.0, 1.0]]]);
}

/// Selten: in a chain of such markets backward induction lets everybody in.
#[test]
fn what_is_not_reached_is_decided_once() {
    let text = "EFG 2 R \"g\" { \"A\" } p \"\" 1 1 \"x\" { \"go\" \"stop\" } 0 \
                p \"\" 1 2 \"y\" { \"l\" \"r\" } 1 { 1 } t \"\" 2 { 2 } t \"\" 0 t \"\" 3 { 2.5 }";
    let tree = efg::read(text).expect("a tree");
    let game = tree.strategic().expect("small");
    assert_eq!(game.players()[0].strategies, ["go/l", "go/r", "stop/*"]);
    assert_eq!(game.payoffs_of(0), [3.0, 1.0, 2.5]);
    let found = tree.subgame_perfect(&never).expect("small");
    assert_eq!(found.equilibria[0].profile, [[1.0, 0.0], [1.0, 0.0]]);
}

#[test]
fn what_is_no_tree_is_told_with_its_place() {
    let told = |text: &str, message: &str| {
        let error = efg::read(text).expect_err("no tree");
        assert!(error.message.contains(message), "{text}: {error}");
    };
    told("NFG 1 R", "`EFG` is expected here");
    told("EFG 2 R \"g\" { }", "a game needs players");
    let start = "EFG 2 R \"g\" { \"A\" } ";
    told(start, "a node is expected here");
    told(&format!("{start} p \"\" 2 1 \"\" {{ \"a\" }} 0"), "there is no player 2");
    told(&format!("{start} p \"\" 1 1 \"\" 0"), "has no actions yet");
    told(&format!("{start} p \"\" 1 1 \"\" {{ }} 0"), "needs actions");
    told(&format!("{start} p \"\" 1 1 \"\" {{ \"a\" \"b\" }} 0 t \"\" 0"), "a node is expected");
    told(&format!("{start} c \"\" 1 \"\" {{ \"a\" 0.5 }} 0"), "probabilities sum to 0.5");
    told(&format!("{start} t \"\" 1 {{ 1 2 }}"), "2 payoffs for 1 players");
    told(&format!("{start} t \"\" 1"), "outcome 1 has no payoffs");
    told(&format!("{start} t \"\" 0 t \"\" 0"), "the tree is complete before this");
}
