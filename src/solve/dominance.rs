//! Iterated elimination of dominated strategies.

use super::lp::{Program, Row};
use super::{Game, Halt, Stop};

/// What it takes to be dominated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dominance {
    /// Worse than another strategy against everything the others can play.
    Strict,
    /// Never better than another strategy, and worse against something.
    Weak,
}

/// What survives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Survivors {
    /// By player the strategies that are left, ascending.
    pub strategies: Vec<Vec<usize>>,
    /// Rounds in which something was eliminated.
    pub rounds: usize,
    /// Why elimination ended; `Complete` when nothing was dominated any more.
    pub stop: Stop,
    /// What a reader has to know beside.
    pub notes: Vec<String>,
}

/// Eliminates dominated strategies until there are none. In a round everything that is dominated in
/// the game as it was at the start of the round goes at once.
///
/// With `mixed`, a strategy is dominated also by mixtures of others, which a linear program decides
/// for each strategy that no pure one dominates (Fudenberg and Tirole, *Game Theory*, 1991, chapter
/// 2). What is left by strict dominance does not depend on the order of elimination; what is left
/// by weak dominance does.
pub fn dominance(game: &Game, kind: Dominance, mixed: bool, halt: &Halt) -> Survivors {
    let all = game.sizes().into_iter().map(|n| (0..n).collect()).collect();
    let mut found =
        Survivors { strategies: all, rounds: 0, stop: Stop::Complete, notes: Vec::new() };
    if kind == Dominance::Weak {
        found.notes.push(
            "what weak dominance leaves depends on the order; here each round eliminates all that \
             is dominated"
                .into(),
        );
    }
    let normal = game.normal();
    loop {
        let mut next = found.strategies.clone();
        for player in 0..next.len() {
            let left = &found.strategies[player];
            let table = Table::new(game, &normal, &found.strategies, player);
            let mut keep = Vec::new();
            for s in 0..left.len() {
                if halt() {
                    found.stop = Stop::TimeLimit;
                    found.notes.push("not all strategies were looked at".into());
                    return found;
                }
                let pure = (0..left.len()).any(|t| t != s && table.dominates(t, s, kind));
                let mix = !pure && mixed && table.mixture_dominates(s, kind, halt);
                if !(pure || mix) {
                    keep.push(left[s]);
                }
            }
            next[player] = keep;
        }
        if next == found.strategies {
            return found;
        }
        (found.strategies, found.rounds) = (next, found.rounds + 1);
    }
}

/// Payoffs of a player by own strategy and by what the others play, of what is left.
struct Table {
    rows: Vec<Vec<f64>>,
    /// The same as [`Game::normal`] has them, and their range.
    normal: Vec<Vec<f64>>,
    range: f64,
}

/// A gain below this share of the range of payoffs is none, where a linear program decides.
const GAIN: f64 = 1e-9;

impl Table {
    fn new(game: &Game, normal: &Game, left: &[Vec<usize>], player: usize) -> Table {
        let row = |game: &Game, own: &usize| {
            let payoffs = game.payoffs_of(player);
            let mut at = vec![0; left.len()];
            let mut row = Vec::new();
            loop {
                let of = |(p, list): (usize, &Vec<usize>)| {
                    if p == player { *own } else { list[at[p]] }
                };
                let profile: Vec<usize> = left.iter().enumerate().map(of).collect();
                row.push(payoffs[game.index(&profile)]);
                if !advance(&mut at, left, player) {
                    return row;
                }
            }
        };
        let rows = |game: &Game| left[player].iter().map(|own| row(game, own)).collect();
        Table { rows: rows(game), normal: rows(normal), range: normal.range_of(player) }
    }

    /// Whether strategy `t` dominates `s`.
    fn dominates(&self, t: usize, s: usize, kind: Dominance) -> bool {
        let mut pairs = self.rows[t].iter().zip(&self.rows[s]);
        match kind {
            Dominance::Strict => pairs.all(|(a, b)| a > b),
            Dominance::Weak => pairs.clone().all(|(a, b)| a >= b) && pairs.any(|(a, b)| a > b),
        }
    }

    /// Whether some mixture of the other strategies dominates `s`. Variables: the probabilities,
    /// then what the mixture gains: at least everywhere (strict), or where (weak).
    fn mixture_dominates(&self, s: usize, kind: Dominance, halt: &Halt) -> bool {
        let count = self.rows.len();
        if count < 3 || self.range == 0.0 {
            return false;
        }
        let against = self.rows[s].len();
        let gains = if kind == Dominance::Strict { 1 } else { against };
        let mut objective = vec![0.0; count];
        objective.extend(vec![1.0; gains]);
        let mut program = Program::maximise(&objective);
        program.row(&(0..count).map(|t| (t, 1.0)).collect::<Vec<_>>(), Row::Equal, 1.0);
        program.row(&[(s, 1.0)], Row::Equal, 0.0);
        for at in 0..against {
            // Differences from `s`, so that a shift of payoffs changes nothing.
            let rows = &self.normal;
            let difference = |t: usize| (rows[t][at] - rows[s][at]) / self.range;
            let mut terms: Vec<(usize, f64)> = (0..count).map(|t| (t, difference(t))).collect();
            terms.push((count + if kind == Dominance::Strict { 0 } else { at }, -1.0));
            program.row(&terms, Row::AtLeast, 0.0);
        }
        match program.solve(halt) {
            Ok(values) => values[count..].iter().sum::<f64>() > GAIN,
            // No mixture is at least as good everywhere.
            Err(_) => false,
        }
    }
}

/// The next combination of what the others play; false after the last.
fn advance(at: &mut [usize], left: &[Vec<usize>], skip: usize) -> bool {
    for (player, place) in at.iter_mut().enumerate().filter(|(p, _)| *p != skip) {
        *place += 1;
        if *place < left[player].len() {
            return true;
        }
        *place = 0;
    }
    false
}
