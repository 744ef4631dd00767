use super::super::bimatrix::{random, vertex_enumeration};
use super::*;
use crate::solve::never;

#[test]
fn supports_are_all_different() {
    let mut supports = Supports::new(&[2, 3, 2]);
    let mut all = Vec::new();
    while let Some(support) = supports.next() {
        all.push(support.to_vec());
    }
    assert_eq!(all[0], [vec![0], vec![0], vec![0]]);
    assert_eq!(all[all.len() - 1], [vec![0, 1], vec![0, 1, 2], vec![0, 1]]);
    all.sort();
    all.dedup();
    assert_eq!(all.len(), 3 * 7 * 3);
}

#[test]
fn two_players_are_a_special_case() {
    for seed in 0..20 {
        let game = random(&[4, 4], seed);
        let found = all_nash(&game, &never);
        let all = vertex_enumeration(&game, &never).expect("two players");
        assert_eq!(
            (found.stop, found.equilibria.len()),
            (Stop::Complete, all.equilibria.len()),
            "seed {seed} {:?} {:?}",
            found.notes,
            all.notes
        );
        for equilibrium in &found.equilibria {
            assert!(all.equilibria.iter().any(|e| same(&e.profile, &equilibrium.profile)));
        }
    }
}

#[test]
fn three_players_have_an_odd_number_of_equilibria() {
    for seed in 0..30 {
        let game = random(if seed % 3 == 0 { &[3, 3, 3] } else { &[2, 3, 2] }, seed);
        let found = all_nash(&game, &never);
        assert_eq!(found.stop, Stop::Complete, "seed {seed}: {:?}", found.notes);
        assert_eq!(found.equilibria.len() % 2, 1, "seed {seed}");
    }
}
