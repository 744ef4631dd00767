use super::super::never;
use super::*;

/// The states, from 1, that are stable for everybody: R, GMR, SMR, SEQ.
fn equilibria(graph: &Graph) -> [Vec<usize>; 4] {
    let found = graph.stability(&never).expect("nobody stops it");
    let all = found.iter().map(|of| of.iter().copied().reduce(Stability::and).expect("players"));
    let all: Vec<Stability> = all.collect();
    [0, 1, 2, 3].map(|concept| {
        let stable = |state: &usize| all[state - 1].concepts()[concept].1;
        (1..=all.len()).filter(stable).collect()
    })
}

/// A game of two players with two strategies each: the states are profiles, the first player's
/// strategy fastest, and all moves can be taken back.
fn two_by_two(payoffs: [[f64; 4]; 2]) -> Graph {
    let moves =
        vec![vec![vec![1], vec![0], vec![3], vec![2]], vec![vec![2], vec![3], vec![0], vec![1]]];
    Graph::new(moves, payoffs.map(Vec::from).into()).expect("a valid graph")
}

/// Cooperation is no Nash equilibrium of the prisoner's dilemma, and stable for who looks further.
#[test]
fn the_prisoners_dilemma_has_a_stable_way_out() {
    let graph = two_by_two([[3.0, 4.0, 1.0, 2.0], [3.0, 1.0, 4.0, 2.0]]);
    let [nash, gmr, smr, seq] = equilibria(&graph);
    assert_eq!(nash, [4]);
    assert_eq!((gmr, smr, seq), (vec![1, 4], vec![1, 4], vec![1, 4]));
}

/// In chicken the compromise is metarational: who dares can be met with daring, which is worse.
/// That answer hurts who gives it, so it is not credible.
#[test]
fn the_compromise_in_chicken_rests_on_threats_that_are_not_credible() {
    let graph = two_by_two([[3.0, 4.0, 2.0, 1.0], [3.0, 2.0, 4.0, 1.0]]);
    let [nash, gmr, smr, seq] = equilibria(&graph);
    assert_eq!(nash, [2, 3]);
    assert_eq!((gmr, smr), (vec![1, 2, 3], vec![1, 2, 3]));
    assert_eq!(seq, [2, 3]);
}

/// Fang, Hipel and Kilgour (1993): Ministry, Uniroyal, local government.
#[test]
fn elmira_has_the_equilibria_of_the_book() {
    let to = |list: &[(usize, usize)]| {
        let from = |state: usize| list.iter().filter(move |(from, _)| *from == state);
        (1..=9).map(|state| from(state).map(|(_, to)| to - 1).collect()).collect()
    };
    let uniroyal = [
        (1, 3),
        (1, 9),
        (2, 4),
        (2, 9),
        (3, 9),
        (4, 9),
        (5, 7),
        (5, 9),
        (6, 8),
        (6, 9),
        (7, 9),
        (8, 9),
    ];
    let local = [(1, 5), (2, 6), (3, 7), (4, 8), (5, 1), (6, 2), (7, 3), (8, 4)];
    let moves = vec![to(&[(1, 2), (3, 4), (5, 6), (7, 8)]), to(&uniroyal), to(&local)];
    let payoffs: [[f64; 9]; 3] = [
        [4.0, 3.0, 8.0, 7.0, 5.0, 2.0, 9.0, 6.0, 1.0],
        [9.0, 2.0, 4.0, 8.0, 6.0, 1.0, 3.0, 7.0, 5.0],
        [6.0, 2.0, 8.0, 3.0, 7.0, 4.0, 9.0, 5.0, 1.0],
    ];
    let graph = Graph::new(moves, payoffs.map(Vec::from).into()).expect("a valid graph");
    let [nash, gmr, smr, seq] = equilibria(&graph);
    assert_eq!((nash, seq), (vec![5, 8, 9], vec![5, 8, 9]));
    assert_eq!((gmr, smr), (vec![1, 4, 5, 8, 9], vec![1, 4, 5, 8, 9]));
}

/// Two others can bring a player from its gain to what it fears only if one of them moves twice in
/// a row, which is no legal sequence.
#[test]
fn nobody_moves_twice_in_a_row() {
    let chain = |second: usize| {
        let mut moves = vec![vec![Vec::new(); 4]; 3];
        moves[0][0] = vec![1];
        moves[1][1] = vec![2];
        moves[second][2] = vec![3];
        let payoffs = vec![vec![1.0, 2.0, 2.0, 0.0], vec![0.0; 4], vec![0.0; 4]];
        Graph::new(moves, payoffs).expect("a valid graph").stability(&never).expect("stability")
    };
    assert!(!chain(1)[0][0].gmr);
    assert!(chain(2)[0][0].gmr && chain(2)[0][0].smr && !chain(2)[0][0].seq);
}

#[test]
fn rounding_is_no_preference() {
    let moves = vec![vec![vec![1], vec![0], Vec::new()]];
    let graph = Graph::new(moves, vec![vec![0.3, 0.1 + 0.2, 1e6]]).expect("a valid graph");
    assert!(graph.stability(&never).expect("stability").iter().all(|of| of[0].nash));
    let huge = Graph::new(vec![vec![vec![1], Vec::new()]], vec![vec![-1.7e308, 1.7e308]]);
    assert!(!huge.expect("a valid graph").stability(&never).expect("stability")[0][0].nash);
}

#[test]
fn what_is_no_graph_is_refused_and_time_ends() {
    let moves = || vec![vec![vec![1], vec![0]]];
    assert_eq!(Graph::new(moves(), vec![vec![0.0]]), Err(GraphError::Shape));
    assert_eq!(Graph::new(moves(), Vec::new()), Err(GraphError::Shape));
    assert_eq!(Graph::new(moves(), vec![vec![0.0, f64::NAN]]), Err(GraphError::NotFinite));
    let nowhere = Graph::new(vec![vec![vec![2], Vec::new()]], vec![vec![0.0, 0.0]]);
    assert_eq!(nowhere, Err(GraphError::NoState));
    let graph = Graph::new(moves(), vec![vec![0.0, 1.0]]).expect("a valid graph");
    assert_eq!(graph.stability(&|| true), None);
}

/// The definitions of the book, word for word, on made-up graphs of two to four players.
#[test]
fn made_up_graphs_agree_with_the_definitions() {
    let mut seed = 7_u64;
    let mut below = |n: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % n
    };
    let mut kinds = [0; 16];
    for _ in 0..400 {
        let (players, states) = (2 + below(3) as usize, 2 + below(7) as usize);
        let density = 1 + below(4);
        let mut row = |from: usize| {
            (0..states).filter(|to| *to != from && below(8) < density).collect::<Vec<_>>()
        };
        let moves: Vec<Vec<Vec<usize>>> =
            (0..players).map(|_| (0..states).map(&mut row).collect()).collect();
        let payoffs: Vec<Vec<f64>> =
            (0..players).map(|_| (0..states).map(|_| below(5) as f64).collect()).collect();
        let graph = Graph::new(moves.clone(), payoffs.clone()).expect("a valid graph");
        let found = graph.stability(&never).expect("nobody stops it");
        let book = Book { moves, payoffs };
        for (state, of_state) in found.iter().enumerate() {
            for (player, stable) in of_state.iter().enumerate() {
                let expected = book.stable(player, state);
                assert_eq!(stable.concepts().map(|(_, holds)| holds), expected, "{graph:?}");
                kinds[expected.iter().fold(0, |sum, holds| 2 * sum + usize::from(*holds))] += 1;
            }
        }
    }
    // none; GMR; GMR and SEQ; GMR and SMR; all but R; all
    assert!([0, 4, 5, 6, 7, 15].iter().all(|kind| kinds[*kind] > 0), "{kinds:?}");
}

/// A graph model as the book has it.
struct Book {
    moves: Vec<Vec<Vec<usize>>>,
    payoffs: Vec<Vec<f64>>,
}

impl Book {
    /// R⁺: where a player can improve to.
    fn improvements(&self, player: usize, state: usize) -> Vec<usize> {
        let better = |to: &usize| self.payoffs[player][*to] > self.payoffs[player][state];
        self.moves[player][state].iter().copied().filter(better).collect()
    }

    /// R of a coalition (R⁺ of it): by state whether it is reached, by way of Ω, the set of those
    /// who can have moved last. Who alone can have moved last does not move next.
    fn reached(&self, coalition: &[usize], state: usize, improving: bool) -> Vec<usize> {
        let to = |player: usize, from: usize| match improving {
            true => self.improvements(player, from),
            false => self.moves[player][from].clone(),
        };
        let states = self.payoffs[0].len();
        let mut last: Vec<Vec<usize>> = vec![Vec::new(); states];
        for player in coalition {
            for next in to(*player, state) {
                last[next].push(*player);
            }
        }
        loop {
            let before = last.clone();
            for from in (0..states).filter(|from| !before[*from].is_empty()) {
                for player in coalition.iter().filter(|player| before[from] != [**player]) {
                    for next in to(*player, from) {
                        if !last[next].contains(player) {
                            last[next].push(*player);
                        }
                    }
                }
            }
            if last == before {
                return (0..states).filter(|at| !last[*at].is_empty()).collect();
            }
        }
    }

    /// R, GMR, SMR, SEQ.
    fn stable(&self, player: usize, state: usize) -> [bool; 4] {
        let own = &self.payoffs[player];
        let others: Vec<usize> = (0..self.moves.len()).filter(|other| *other != player).collect();
        let gains = self.improvements(player, state);
        let no_better = |at: &usize| own[*at] <= own[state];
        let gmr = gains.iter().all(|to| self.reached(&others, *to, false).iter().any(no_better));
        let smr = gains.iter().all(|to| {
            let stuck = |at: &usize| no_better(at) && self.moves[player][*at].iter().all(no_better);
            self.reached(&others, *to, false).iter().any(stuck)
        });
        let seq = gains.iter().all(|to| self.reached(&others, *to, true).iter().any(no_better));
        [gains.is_empty(), gmr, smr, seq]
    }
}
