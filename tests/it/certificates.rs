//! Regret and residuals are true to the last digit, however payoffs are counted.

use std::fs;

use serde_json::Value;

use detente::solve::alpharank::{Populations, Selection, rank};
use detente::solve::correlated::{Obedience, Objective, correlated, residual};
use detente::solve::dominance::{Dominance, dominance};
use detente::solve::learning::{Patience, fictitious_play, regret_matching};
use detente::solve::logit::{self, Unit};
use detente::solve::replicator::{ReplicatorError, replicate};
use detente::solve::{
    Equilibrium, Game, Mixed, Player, Stop, bimatrix, many, never, nfg, pure_nash,
};

use crate::support::root;

fn game(sizes: &[usize], payoffs: Vec<f64>) -> Game {
    let of = |n: &usize| Player {
        name: format!("of {n}"),
        strategies: (0..*n).map(|s| s.to_string()).collect(),
    };
    Game::new("test", sizes.iter().map(of).collect(), payoffs).expect("a valid game")
}

fn numbers(value: &Value) -> Vec<f64> {
    serde_json::from_value(value.clone()).expect("numbers")
}

/// Numbers that `tests/textbook/regret.py` worked out in fractions.
#[test]
fn regret_is_that_of_exact_fractions() {
    let text = fs::read_to_string(root().join("tests/textbook/regret.json")).expect("the numbers");
    let cases: Vec<Value> = serde_json::from_str(&text).expect("a list");
    assert!(cases.len() >= 100);
    for case in cases {
        let name = format!("{} {}", case["name"], case["sizes"]);
        let sizes: Vec<usize> = serde_json::from_value(case["sizes"].clone()).expect("sizes");
        let game = game(&sizes, numbers(&case["game"]));
        let mixed: Mixed = serde_json::from_value(case["mixed"].clone()).expect("a profile");
        let found = Equilibrium::new(&game, mixed.clone());
        assert_eq!(Some(found.regret), case["regret"].as_f64(), "{name}");
        assert_eq!(found.regret, game.regret(&mixed), "{name}");
        for (payoff, exact) in found.payoffs.iter().zip(numbers(&case["payoffs"])) {
            let near = [exact.next_down(), exact, exact.next_up()];
            assert!(near.contains(payoff), "{name}: {payoff:e} instead of {exact:e}");
        }
        let likely = numbers(&case["distribution"]);
        for (kind, key) in [(Obedience::Correlated, "correlated"), (Obedience::Coarse, "coarse")] {
            let found = residual(&game, kind, &likely);
            assert_eq!(Some(found), case[key].as_f64(), "{name} {key}");
        }
    }
}

#[test]
fn what_is_no_profile_has_no_finite_regret() {
    let game = game(&[2, 2], vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0]);
    for bad in [f64::NAN, f64::INFINITY, -0.5] {
        assert_eq!(game.regret(&vec![vec![bad, 1.0], vec![0.5, 0.5]]), f64::INFINITY);
        assert_eq!(residual(&game, Obedience::Coarse, &[bad, 0.5, 0.5, 0.0]), f64::INFINITY);
    }
    assert_eq!(game.regret(&vec![vec![0.0, 0.0], vec![0.5, 0.5]]), f64::INFINITY);
    assert_eq!(residual(&game, Obedience::Correlated, &[0.0; 4]), f64::INFINITY);
}

/// Games of whole payoffs from 0 to 6, the same every time.
fn games(sizes: &[usize], count: u64) -> impl Iterator<Item = Vec<f64>> {
    let payoffs = sizes.len() * sizes.iter().product::<usize>();
    (0..count).map(move |seed| {
        let mut state = seed;
        let mut draw = |_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_041);
            f64::from((state >> 33) as u32 % 7)
        };
        (0..payoffs).map(&mut draw).collect()
    })
}

/// The same payoffs counted otherwise, without rounding: so large that no difference is a number,
/// so small that they have hardly digits, behind large numbers, for one player only.
fn counted(players: usize) -> Vec<(&'static str, impl Fn(usize, f64) -> f64)> {
    let power = |exponent: i64| f64::from_bits(((1023 + exponent) as u64) << 52);
    let of = |kind: usize| {
        move |at: usize, x: f64| match kind {
            0 => (x - 3.0) * power(1022),
            1 => x * f64::from_bits(1),
            2 => x + power(50),
            3 => (x - 2.0) * power(-900),
            _ if at.is_multiple_of(players) => x + power(49),
            _ => x,
        }
    };
    ["largest", "denormal", "offset", "small", "one behind"]
        .into_iter()
        .enumerate()
        .map(|(kind, name)| (name, of(kind)))
        .collect()
}

/// All profiles that methods find which do not depend on how payoffs are counted.
fn answers(game: &Game) -> Vec<(String, Vec<Equilibrium>, Stop)> {
    let mut all = vec![("pure".to_string(), pure_nash(game, &never))];
    if game.players().len() == 2 {
        let two = [
            ("vertices", bimatrix::vertex_enumeration(game, &never)),
            ("supports", bimatrix::support_enumeration(game, &never)),
            ("paths", bimatrix::lemke_howson(game, None, &never)),
        ];
        all.extend(two.map(|(name, found)| (name.to_string(), found.expect("two players"))));
    }
    all.push(("boxes".to_string(), many::all_nash(game, &never)));
    let mut all: Vec<(String, Vec<Equilibrium>, Stop)> =
        all.into_iter().map(|(name, found)| (name, found.equilibria, found.stop)).collect();
    let limit = logit::limit(game, &never);
    all.push(("limit".to_string(), vec![limit.equilibrium], limit.stop));
    let patience = Patience { rounds: 200, gap: 1e-3 };
    for (name, found) in [
        ("fictitious play", fictitious_play(game, patience, &never)),
        ("regret matching", regret_matching(game, patience, &never)),
    ] {
        all.push((name.to_string(), vec![found.best], found.stop));
    }
    all
}

#[test]
fn solvers_find_the_same_however_payoffs_are_counted() {
    for sizes in [&[2, 2][..], &[3, 3], &[2, 2, 2]] {
        for payoffs in games(sizes, 6) {
            let plain = game(sizes, payoffs.clone());
            let expected = answers(&plain);
            for (name, recounted) in counted(sizes.len()) {
                let of = |(at, x): (usize, &f64)| recounted(at, *x);
                let other = game(sizes, payoffs.iter().enumerate().map(of).collect());
                for (ours, theirs) in answers(&other).into_iter().zip(&expected) {
                    let profiles = |list: &[Equilibrium]| -> Vec<(Mixed, u64)> {
                        list.iter().map(|e| (e.profile.clone(), e.regret.to_bits())).collect()
                    };
                    let what = format!("{name}, {}, {payoffs:?}", ours.0);
                    assert_eq!(profiles(&ours.1), profiles(&theirs.1), "{what}");
                    assert_eq!(ours.2, theirs.2, "{what}");
                }
                others_agree(&plain, &other, name);
            }
        }
    }
}

/// The other concepts: dominance, devices, rankings, logit equilibria, replicators.
fn others_agree(plain: &Game, other: &Game, name: &str) {
    for kind in [Dominance::Strict, Dominance::Weak] {
        let [ours, theirs] = [other, plain].map(|g| dominance(g, kind, true, &never));
        assert_eq!(ours.strategies, theirs.strategies, "{name}");
    }
    let limit = Selection::Limit { mistakes: 0.0 };
    let [ours, theirs] =
        [other, plain].map(|g| rank(g, Populations::PerPlayer, limit, &never).expect("small"));
    assert_eq!(ours, theirs, "{name}");
    for kind in [Obedience::Correlated, Obedience::Coarse] {
        let found = correlated(other, kind, Objective::Player(1), false, &never).expect("small");
        assert!(found.residual <= 1e-9, "{name}: {}", found.residual);
        assert!(found.payoffs.iter().all(|x| x.is_finite()), "{name}: {found:?}");
    }
    let [ours, theirs] = [other, plain]
        .map(|g| logit::branch(g, &[0.0, 1.0, 20.0], Unit::Range, &never).expect("in bounds"));
    assert_eq!(ours.points, theirs.points, "{name}");
    assert!(ours.points.iter().all(|point| point.residual < 1e-12), "{name}");
    let replicated = replicate(other, Populations::PerPlayer, &other.uniform(), 1.0, &never);
    match other.range().is_finite() {
        true => assert!(replicated.expect("a finite range").residual <= 1.0, "{name}"),
        false => assert_eq!(replicated, Err(ReplicatorError::Range), "{name}"),
    }
}

/// Nine profiles of such a game were once called equilibria.
#[test]
fn three_players_with_the_largest_payoffs_get_no_false_equilibria() {
    for payoffs in games(&[2, 2, 2], 20) {
        let signs = |x: &f64| if *x < 3.0 { -1e308 } else { 1e308 };
        let large = game(&[2, 2, 2], payoffs.iter().map(signs).collect());
        let small = game(&[2, 2, 2], payoffs.iter().map(|x| signs(x) / 1e308).collect());
        let [large, small] = [large, small].map(|g| many::all_nash(&g, &never));
        let profiles = |found: &detente::solve::Found| -> Vec<Mixed> {
            found.equilibria.iter().map(|e| e.profile.clone()).collect()
        };
        assert_eq!(profiles(&large), profiles(&small));
        assert!(large.equilibria.iter().all(|e| e.regret <= 1e-9));
    }
}

/// Payoffs 1 + {0, 1} 2e-11: mixing 5e-6 beside the equilibrium costs 5e-6 of the range, which was
/// once printed as 0.
#[test]
fn small_differences_behind_large_numbers_are_seen() {
    let pennies = [[1.0, 0.0], [0.0, 1.0], [0.0, 1.0], [1.0, 0.0]];
    let payoffs = pennies.as_flattened().iter().map(|x| 1.0 + x * 2e-11).collect();
    let close = game(&[2, 2], payoffs);
    assert_eq!(nfg::read(&nfg::write(&close)).expect("its own text"), close);
    for (name, found, _) in answers(&close).into_iter().filter(|a| a.0 != "pure") {
        assert_eq!(found.len(), 1, "{name}");
        assert!(found[0].regret <= 1e-3, "{name}");
        assert!(found[0].profile.iter().flatten().all(|p| (p - 0.5).abs() < 1e-3), "{name}");
    }
    let beside = vec![vec![0.5 + 5e-6, 0.5 - 5e-6], vec![0.5, 0.5]];
    let regret = close.regret(&beside);
    assert!((regret / 5e-6 - 1.0).abs() < 1e-9, "{regret:e}");
    let even = vec![vec![0.5, 0.5]; 2];
    assert_eq!(close.regret(&even), 0.0);
}
