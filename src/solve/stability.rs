//! Stability in the graph model for conflict resolution (Fang, Hipel and Kilgour 1993).
//!
//! States, the moves that each player can make from one to another while all others stay where they
//! are, and what each player prefers. A state is stable for a player that gains by no move of its
//! own from it, whatever the solution concept says of how the others answer.

use super::{Halt, TIE};

#[cfg(test)]
mod tests;

/// A graph model: states, unilateral moves, preferences.
#[derive(Debug, Clone, PartialEq)]
pub struct Graph {
    states: usize,
    /// By player and state, where the player can move to.
    moves: Vec<Vec<Vec<usize>>>,
    /// By player and state, what the state is worth to it.
    payoffs: Vec<Vec<f64>>,
    /// By player and state, the place of the payoff among those of the player, equal ones alike.
    ranks: Vec<Vec<u32>>,
}

/// Where a state is stable for a player.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Stability {
    /// Nash stability (R): it has no move to a state that it prefers.
    pub nash: bool,
    /// General metarationality (GMR): the others can answer each such move so that it ends up no
    /// better than where it began.
    pub gmr: bool,
    /// Symmetric metarationality (SMR): the same, and no further move of its own helps it then.
    pub smr: bool,
    /// Sequential stability (SEQ): the others can do so by moves each of which the mover gains by.
    pub seq: bool,
}

impl Stability {
    /// The four concepts with the signs that the literature has for them.
    pub fn concepts(self) -> [(&'static str, bool); 4] {
        [("R", self.nash), ("GMR", self.gmr), ("SMR", self.smr), ("SEQ", self.seq)]
    }

    /// What holds in both.
    #[must_use]
    pub fn and(self, other: Stability) -> Stability {
        Stability {
            nash: self.nash && other.nash,
            gmr: self.gmr && other.gmr,
            smr: self.smr && other.smr,
            seq: self.seq && other.seq,
        }
    }
}

/// Why there is no such graph.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GraphError {
    /// The rows of moves and payoffs do not have one length.
    Shape,
    /// A move leads to no state.
    NoState,
    /// A payoff is not a finite number.
    NotFinite,
}

impl std::fmt::Display for GraphError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            GraphError::Shape => "moves and payoffs are not of the same players and states",
            GraphError::NoState => "a move leads to a state that there is not",
            GraphError::NotFinite => "a payoff is not a finite number",
        })
    }
}

impl std::error::Error for GraphError {}

impl Graph {
    /// A graph of moves by player and state, each to a state by number, and of payoffs by player
    /// and state. Payoffs of a player are equal where they differ by no more than [`TIE`] of their
    /// range; a move to where one is counts for nothing.
    ///
    /// # Errors
    /// When rows are of different lengths, a move leads nowhere or a payoff is not finite.
    pub fn new(
        mut moves: Vec<Vec<Vec<usize>>>,
        payoffs: Vec<Vec<f64>>,
    ) -> Result<Graph, GraphError> {
        let states = payoffs.first().map_or(0, Vec::len);
        let even = moves.iter().all(|own| own.len() == states)
            && payoffs.iter().all(|own| own.len() == states);
        if moves.len() != payoffs.len() || !even {
            return Err(GraphError::Shape);
        }
        if moves.iter().flatten().flatten().any(|to| *to >= states) {
            return Err(GraphError::NoState);
        }
        if !payoffs.iter().flatten().all(|payoff| payoff.is_finite()) {
            return Err(GraphError::NotFinite);
        }
        for (from, to) in moves.iter_mut().flat_map(|own| own.iter_mut().enumerate()) {
            to.retain(|state| *state != from);
            to.sort_unstable();
            to.dedup();
        }
        let ranks = payoffs.iter().map(|own| ranks(own)).collect();
        Ok(Graph { states, moves, payoffs, ranks })
    }

    /// How many players there are.
    pub fn players(&self) -> usize {
        self.moves.len()
    }

    /// How many states there are.
    pub fn states(&self) -> usize {
        self.states
    }

    /// Where a player can move to from a state, in ascending order.
    pub fn moves(&self, player: usize, state: usize) -> &[usize] {
        &self.moves[player][state]
    }

    /// What a state is worth to a player.
    pub fn payoff(&self, player: usize, state: usize) -> f64 {
        self.payoffs[player][state]
    }

    /// Whether a player prefers one state to another.
    fn prefers(&self, player: usize, one: usize, other: usize) -> bool {
        self.ranks[player][one] > self.ranks[player][other]
    }

    /// Where each state is stable, by state and player; nothing if `halt` said to stop.
    ///
    /// A player's gain at t is undone if the others can bring about something no better than where
    /// it began; whatever that was, the worst that they can bring about decides. So it is enough to
    /// know three ranks for every t: see `Threat`.
    pub fn stability(&self, halt: &Halt) -> Option<Vec<Vec<Stability>>> {
        let mut found = vec![Vec::with_capacity(self.players()); self.states];
        let mut search = Search { met: vec![0; self.states * self.players()], turn: 0 };
        for player in 0..self.players() {
            let mut threats = Vec::with_capacity(self.states);
            for state in 0..self.states {
                if halt() {
                    return None;
                }
                threats.push(search.threat(self, player, state));
            }
            for (state, of_state) in found.iter_mut().enumerate() {
                of_state.push(self.judge(player, state, &threats));
            }
        }
        Some(found)
    }

    /// Where a state is stable for a player, with what threatens it everywhere.
    fn judge(&self, player: usize, state: usize, threats: &[Threat]) -> Stability {
        let own = self.ranks[player][state];
        let gains = self.moves(player, state).iter().filter(|t| self.prefers(player, **t, state));
        let mut stable = Stability { nash: true, gmr: true, smr: true, seq: true };
        for to in gains {
            let Threat { any, lasting, credible } = threats[*to];
            let undone = Stability {
                nash: false,
                gmr: any <= own,
                smr: lasting <= own,
                seq: credible <= own,
            };
            stable = stable.and(undone);
        }
        stable
    }
}

/// The least favourable that the others can do to a player from a state, as ranks of the player;
/// [`u32::MAX`] where they can do nothing.
#[derive(Debug, Clone, Copy)]
struct Threat {
    /// Of the states that they can reach.
    any: u32,
    /// Of these with the best that the player can make of each by one more move.
    lasting: u32,
    /// Of the states that they can reach by moves each of which its mover gains by.
    credible: u32,
}

/// What has been met on the way: by state and player that moved last, the turn in which it was.
struct Search {
    met: Vec<u32>,
    turn: u32,
}

impl Search {
    fn threat(&mut self, graph: &Graph, player: usize, from: usize) -> Threat {
        let ranks = &graph.ranks[player];
        let mut threat = Threat { any: u32::MAX, lasting: u32::MAX, credible: u32::MAX };
        self.reach(graph, player, from, false, |state| {
            let own = graph.moves(player, state).iter().map(|to| ranks[*to]);
            let best = own.fold(ranks[state], u32::max);
            threat.any = threat.any.min(ranks[state]);
            threat.lasting = threat.lasting.min(best);
        });
        self.reach(graph, player, from, true, |state| {
            threat.credible = threat.credible.min(ranks[state]);
        });
        threat
    }

    /// Calls `meet` for every state that the others can reach by a legal sequence of moves: nobody
    /// moves twice in a row, and with `gaining` every mover prefers where it goes to where it is.
    fn reach(
        &mut self,
        graph: &Graph,
        player: usize,
        from: usize,
        gaining: bool,
        mut meet: impl FnMut(usize),
    ) {
        self.turn += 1;
        let mut open = vec![(from, player)];
        while let Some((state, last)) = open.pop() {
            for mover in (0..graph.players()).filter(|mover| *mover != player && *mover != last) {
                for to in graph.moves(mover, state) {
                    let met = &mut self.met[to * graph.players() + mover];
                    if *met != self.turn && (!gaining || graph.prefers(mover, *to, state)) {
                        *met = self.turn;
                        meet(*to);
                        open.push((*to, mover));
                    }
                }
            }
        }
    }
}

/// The place of every payoff among all, from the least; those that follow each other within
/// [`TIE`] of the range have the same.
fn ranks(payoffs: &[f64]) -> Vec<u32> {
    let mut order: Vec<usize> = (0..payoffs.len()).collect();
    order.sort_by(|a, b| payoffs[*a].total_cmp(&payoffs[*b]));
    let ends = order.first().zip(order.last());
    // halves, since the range of the largest numbers is not finite
    let half = ends.map_or(0.0, |(least, most)| payoffs[*most] / 2.0 - payoffs[*least] / 2.0);
    let mut found = vec![0; payoffs.len()];
    for pair in order.windows(2) {
        let apart = payoffs[pair[1]] / 2.0 - payoffs[pair[0]] / 2.0 > TIE * half;
        found[pair[1]] = found[pair[0]] + u32::from(apart);
    }
    found
}
