use super::*;
use crate::solve::{Found, Player, Stop, never};

/// A game with whole payoffs below 1000 from a linear congruential sequence.
fn random(rows: usize, columns: usize, seed: u64) -> Game {
    let mut state = seed;
    let mut draw = || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((state >> 33) % 1000) as f64
    };
    let player = |n: usize| Player {
        name: String::new(),
        strategies: (0..n).map(|s| s.to_string()).collect(),
    };
    let payoffs = (0..2 * rows * columns).map(|_| draw()).collect();
    Game::new("random", vec![player(rows), player(columns)], payoffs).expect("a valid game")
}

fn contains(all: &Found, one: &Mixed) -> bool {
    all.equilibria.iter().any(|e| same(&e.profile, one))
}

#[test]
fn two_ways_to_find_all_equilibria_agree() {
    let sizes = [(2, 2), (3, 3), (4, 2), (3, 6), (5, 5), (6, 6), (7, 7)];
    for (seed, (rows, columns)) in sizes.into_iter().cycle().take(70).enumerate() {
        let game = random(rows, columns, seed as u64);
        let vertices = vertex_enumeration(&game, &never).expect("two players");
        let supports = support_enumeration(&game, &never).expect("two players");
        let paths = lemke_howson(&game, None, &never).expect("two players");
        assert_eq!((vertices.stop, supports.stop), (Stop::Complete, Stop::Complete));
        assert_eq!(vertices.equilibria.len() % 2, 1, "seed {seed}");
        assert_eq!(vertices.equilibria.len(), supports.equilibria.len(), "seed {seed}");
        assert!(supports.equilibria.iter().all(|e| contains(&vertices, &e.profile)));
        assert!(!paths.equilibria.is_empty());
        assert!(paths.equilibria.iter().all(|e| contains(&vertices, &e.profile)));
        assert!(vertices.equilibria.iter().all(|e| e.regret < 1e-12));
    }
}
