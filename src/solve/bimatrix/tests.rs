use super::*;
use crate::solve::{Found, Mixed, Stop, never, same};

fn contains(all: &Found, one: &Mixed) -> bool {
    all.equilibria.iter().any(|e| same(&e.profile, one))
}

#[test]
fn two_ways_to_find_all_equilibria_agree() {
    let sizes = [(2, 2), (3, 3), (4, 2), (3, 6), (5, 5), (6, 6), (7, 7)];
    for (seed, (rows, columns)) in sizes.into_iter().cycle().take(70).enumerate() {
        let game = random(&[rows, columns], seed as u64);
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
