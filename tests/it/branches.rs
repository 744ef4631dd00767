//! Logit equilibrium, alpha-rank and replicator dynamics beside the results of other programs
//! (`tests/reference/games`, `tests/reference/alpharank`).

use std::fs;

use detente::solve::alpharank::{Populations, Selection, rank};
use detente::solve::logit::{self, Feature, Unit};
use detente::solve::replicator::replicate;
use detente::solve::{Game, Mixed, Player, Stop, never, nfg};
use serde_json::Value;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/reference");

fn json(path: &str) -> Value {
    let text = fs::read_to_string(format!("{FOLDER}/{path}")).expect("the file is there");
    serde_json::from_str(&text).expect("a JSON document")
}

fn game(name: &str) -> Game {
    let text = fs::read_to_string(format!("{FOLDER}/games/{name}.nfg")).expect("the game is there");
    nfg::read(&text).expect("a game")
}

fn number(value: &Value) -> f64 {
    value.as_f64().expect("a number")
}

fn array(value: &Value) -> &[Value] {
    value.as_array().expect("an array")
}

fn rows(value: &Value) -> Mixed {
    array(value).iter().map(|row| array(row).iter().map(number).collect()).collect()
}

fn distance(a: &Mixed, b: &Mixed) -> f64 {
    let pairs = a.iter().flatten().zip(b.iter().flatten());
    pairs.map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
}

/// The program whose branches these are leaves the symmetric branch of two games where others cross
/// it. From there on it is another branch, still of equilibria.
const LEAVES_THE_SYMMETRIC_BRANCH: [&str; 2] = ["battle_of_sexes", "threshold_4p"];

#[test]
fn points_of_the_principal_branch_are_those_of_the_reference() {
    let solutions = json("games/solutions.json");
    let mut compared = 0;
    for (name, solution) in solutions.as_object().expect("games by name") {
        let game = game(name);
        let expected = array(&solution["qre"]);
        // In this file a precision multiplies payoffs as they stand, whatever it was made from.
        let precisions: Vec<f64> = expected.iter().map(|q| number(&q["precision"])).collect();
        let branch = logit::branch(&game, &precisions, Unit::Payoff, &never).expect("precisions");
        assert_eq!(branch.stop, Stop::Converged, "{name}");
        let crossing = branch.landmarks.iter().find(|l| l.feature == Feature::Bifurcation);
        for (point, expected) in branch.points.iter().zip(expected) {
            let reference = rows(&expected["profile"]);
            let at = point.precision;
            assert_eq!(at, number(&expected["precision"]));
            assert!(point.residual < 1e-11, "{name} at {at}: {}", point.residual);
            let off = distance(&point.profile, &reference);
            let left = LEAVES_THE_SYMMETRIC_BRANCH.contains(&name.as_str())
                && crossing.is_some_and(|crossing| crossing.precision < at);
            if left {
                assert!(
                    logit::residual(&game, &reference, at, Unit::Payoff) < 1e-8,
                    "{name} at {at}"
                );
                assert!(off > 0.1);
            } else {
                assert!(off < 1e-6, "{name} at {at}: off by {off}");
                compared += 1;
            }
        }
        for profile in branch.points.iter().flat_map(|point| &point.profile) {
            assert!((profile.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        }
    }
    assert!(compared > 290, "{compared}");
}

#[test]
fn precision_by_range_is_precision_over_range() {
    let game = game("rand_3x3x3_0");
    let of = |precision, unit| logit::branch(&game, &[precision], unit, &never).expect("valid");
    let [by_range, as_it_stands] = [of(20.0, Unit::Range), of(0.5, Unit::Payoff)];
    assert_eq!(game.range(), 40.0);
    assert_eq!(by_range.points[0].profile, as_it_stands.points[0].profile);
    assert!(logit::branch(&game, &[-1.0], Unit::Payoff, &never).is_err());
    assert!(logit::branch(&game, &[f64::NAN], Unit::Payoff, &never).is_err());
    let none = logit::branch(&game, &[1.0], Unit::Payoff, &|| true).expect("valid");
    assert_eq!((none.points.len(), none.stop), (0, Stop::TimeLimit));
}

#[test]
fn every_branch_ends_in_an_equilibrium() {
    for name in json("games/solutions.json").as_object().expect("games by name").keys() {
        let game = game(name);
        let found = logit::limit(&game, &never);
        assert_eq!(found.stop, Stop::Converged, "{name}: {found:?}");
        assert!(found.equilibrium.regret <= 1e-9, "{name}: {}", found.equilibrium.regret);
    }
}

#[test]
fn distributions_of_alpha_rank_are_those_of_the_reference() {
    let mut compared = 0;
    for (name, case) in json("alpharank/alpharank.json")["alpharank"].as_object().expect("games") {
        let (game, populations) = ranked(name, case);
        for run in array(&case["runs"]) {
            let selection = if run.get("inf_alpha").is_some() {
                Selection::Limit { mistakes: number(&run["inf_alpha_eps"]) }
            } else {
                let population = run["m"].as_u64().expect("a size") as u32;
                Selection::Finite { alpha: number(&run["alpha"]), population }
            };
            let found = rank(&game, populations, selection, &never).expect("within bounds");
            assert!(found.residual < 1e-14, "{name}: {}", found.residual);
            // Where the reference finds no single distribution, ours is still one.
            let Some(pi) = run.get("pi") else {
                assert!((found.distribution.iter().sum::<f64>() - 1.0).abs() < 1e-12);
                continue;
            };
            for (profile, pi) in array(&case["profile_order"]).iter().zip(array(pi)) {
                let strategies: Vec<usize> =
                    array(profile).iter().map(|s| number(s) as usize).collect();
                let state = match populations {
                    Populations::Single => strategies[0],
                    Populations::PerPlayer => game.index(&strategies),
                };
                let off = (found.distribution[state] - number(pi)).abs();
                assert!(off < 1e-8, "{name} {selection:?} {strategies:?}: off by {off}");
                compared += 1;
            }
        }
    }
    assert!(compared > 100, "{compared}");
}

/// A game from nested payoffs, in which the last player's strategy changes fastest.
fn ranked(name: &str, case: &Value) -> (Game, Populations) {
    let tables = array(&case["payoffs"]);
    let shape: Vec<usize> = array(&case["shape"]).iter().map(|n| number(n) as usize).collect();
    let single = tables.len() == 1;
    let mut payoffs = Vec::new();
    for profile in 0..shape.iter().product() {
        let mut rest: usize = profile;
        let of = |size: &usize| {
            let strategy = rest % size;
            rest /= size;
            strategy
        };
        let strategies: Vec<usize> = shape.iter().map(of).collect();
        for player in 0..shape.len() {
            let mut own = strategies.clone();
            if single && player == 1 {
                own.reverse();
            }
            let table = &tables[if single { 0 } else { player }];
            payoffs.push(number(own.iter().fold(table, |table, strategy| &table[*strategy])));
        }
    }
    let player = |n: &usize| Player {
        name: format!("of {n}"),
        strategies: (0..*n).map(|s| format!("{s}")).collect(),
    };
    let game = Game::new(name, shape.iter().map(player).collect(), payoffs).expect("a valid game");
    (game, if single { Populations::Single } else { Populations::PerPlayer })
}

#[test]
fn replicator_dynamics_are_those_of_the_reference() {
    let document = json("alpharank/alpharank.json");
    let case = &document["replicator"]["battle_of_sexes_2pop"];
    let game = game("battle_of_sexes");
    assert_eq!(rows(&case["A"]), [[3.0, 0.0], [0.0, 2.0]]);
    assert_eq!(game.payoffs_of(0), [3.0, 0.0, 0.0, 2.0]);
    let start: Vec<f64> = array(&case["x0"]).iter().map(number).collect();
    let start = vec![start[..2].to_vec(), start[2..].to_vec()];
    for (time, expected) in array(&case["t"]).iter().zip(rows(&case["x"])) {
        let time = number(time);
        let found = replicate(&game, Populations::PerPlayer, &start, time, &never).expect("valid");
        let shares = found.state.profile.concat();
        for (share, expected) in shares.iter().zip(expected) {
            assert!((share - expected).abs() < 1e-7, "at {time}: {share} and {expected}");
        }
    }
}
