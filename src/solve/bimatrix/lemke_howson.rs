//! Equilibria by complementary pivoting.

use super::polytope::{Basis, Labels};
use super::{Pair, ones};
use crate::solve::{Equilibrium, Found, Game, Halt, Stop, Unsuited, same};

/// The most pivots of a path; paths can be exponentially long.
const MAX_PIVOTS: usize = 1_000_000;

/// The equilibria at the ends of the Lemke-Howson paths that begin at the artificial equilibrium,
/// one for each label that may be dropped first (Lemke and Howson, "Equilibrium points of bimatrix
/// games", *Journal of SIAM* 12, 1964), or that of one label only.
///
/// Ties are broken by the lexicographic rule, so that paths end in degenerate games too. There is
/// always one equilibrium, and there may be others on no path.
///
/// # Errors
/// When the game has not two players or too many strategies.
pub fn lemke_howson(game: &Game, only: Option<usize>, halt: &Halt) -> Result<Found, Unsuited> {
    let labels = game.sizes().iter().sum::<usize>();
    let first: Vec<usize> = match only {
        Some(label) if label < labels => vec![label],
        Some(label) => {
            return Err(Unsuited(format!("there are {labels} labels, not {}", label + 1)));
        }
        None => (0..labels).collect(),
    };
    paths(game, first, halt)
}

/// The same from at most so many labels, evenly spread.
pub(in crate::solve) fn lemke_howson_some(
    game: &Game,
    most: usize,
    halt: &Halt,
) -> Result<Found, Unsuited> {
    let labels = game.sizes().iter().sum::<usize>();
    let count = labels.min(most);
    paths(game, (0..count).map(|k| k * labels / count).collect(), halt)
}

fn paths(game: &Game, first: Vec<usize>, halt: &Halt) -> Result<Found, Unsuited> {
    let pair = Pair::new(game)?;
    let mut found = Found { stop: Stop::Finished, ..Found::none() };
    let mut broken = 0;
    let paths = first.len();
    for (followed, label) in first.into_iter().enumerate() {
        match path(&pair, label, halt) {
            Ok([p, q]) => match pair.equilibrium(game, p, q) {
                Some(new) => add(&mut found.equilibria, new),
                None => broken += 1,
            },
            Err(Stop::TimeLimit) => {
                found.stop = Stop::TimeLimit;
                found.notes.push(format!("{followed} of {paths} paths were followed"));
                break;
            }
            Err(_) => broken += 1,
        }
    }
    if broken > 0 {
        found.notes.push(format!("{broken} paths were not followed to their end"));
        found.stop = if found.equilibria.is_empty() { Stop::Stalled } else { found.stop };
    }
    Ok(found)
}

fn add(found: &mut Vec<Equilibrium>, new: Equilibrium) {
    if !found.iter().any(|f| same(&f.profile, &new.profile)) {
        found.push(new);
    }
}

/// The end of the path of one label: what is tight in P and Q.
fn path(pair: &Pair, label: usize, halt: &Halt) -> Result<[Labels; 2], Stop> {
    let polytopes = [&pair.p, &pair.q];
    let mut tight: [Labels; 2] = polytopes.map(|polytope| ones(polytope.own()));
    let mut basis = Basis::default();
    // Labels of P number the strategies of player 1 first, those of Q the strategies of player 2.
    let (rows, columns) = (pair.p.own(), pair.q.own());
    let across = |side: usize, label: usize| match side {
        0 if label < rows => label + columns,
        0 => label - rows,
        _ if label < columns => label + rows,
        _ => label - columns,
    };
    let (mut side, mut dropped) = if label < rows { (0, label) } else { (1, label - rows) };
    let wanted = (side, dropped);
    for step in 0..MAX_PIVOTS {
        if step % 64 == 0 && halt() {
            return Err(Stop::TimeLimit);
        }
        if !polytopes[side].basis(tight[side], &mut basis) {
            return Err(Stop::Stalled);
        }
        let (taken, next) = basis.drop(dropped).ok_or(Stop::Stalled)?;
        tight[side] = next;
        let other = across(side, taken);
        if (side, taken) == wanted || (1 - side, other) == wanted {
            return Ok(tight);
        }
        (side, dropped) = (1 - side, other);
    }
    Err(Stop::Limit)
}
