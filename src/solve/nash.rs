//! All Nash equilibria by the method that suits the game.

use super::bimatrix::{lemke_howson_some, vertex_enumeration};
use super::reduce::Reduced;
use super::{Equilibrium, Found, Game, Halt, Stop, Unsuited, logit, many, pure_nash};

/// The largest regret of a profile that is reported.
const REGRET: f64 = 1e-9;
/// And of one that stands for itself, beside what a search finds.
const SHARP: f64 = 1e-12;
/// Profiles this near to one that is listed are points of the same continuum.
const NEAR: f64 = 1e-4;
/// Paths of Lemke and Howson that come first.
const PATHS: usize = 64;

/// How many choices of supports are left to search for more than two players once the game is
/// reduced; 0 for two, who are searched otherwise.
pub fn core_supports(game: &Game, halt: &Halt) -> f64 {
    let reduced = Reduced::new(game, true, halt);
    if reduced.game.players().len() > 2 { many::supports(&reduced.game) } else { 0.0 }
}

/// All Nash equilibria that there is time for, and the method that looked for them.
///
/// What does not matter is left out of the game first. Then come those that are found quickly: in
/// pure strategies, at the ends of paths of Lemke and Howson, at the end of the logit branch. They
/// are united with what the full search finds, vertex enumeration for two players, branch and prune
/// for more.
pub fn nash(game: &Game, halt: &Halt) -> (&'static str, Found) {
    let reduced = Reduced::new(game, true, halt);
    let small = &reduced.game;
    let mut quick = pure_nash(small, halt);
    let (method, search) = match small.players().len() {
        1 => ("pure", alone(small, quick.clone())),
        2 => {
            if let Ok(found) = lemke_howson_some(small, PATHS, halt) {
                quick.equilibria.extend(found.equilibria);
            }
            let none = |why: Unsuited| Found {
                stop: Stop::Limit,
                notes: vec![format!("all equilibria were not looked for: {why}")],
                ..Found::none()
            };
            let search = vertex_enumeration(small, halt).unwrap_or_else(none);
            ("vertex-enumeration", search)
        }
        _ => {
            let end = logit::limit(small, halt);
            if end.stop == Stop::Converged && end.equilibrium.good(SHARP) {
                quick.equilibria.push(end.equilibrium);
            }
            ("branch-and-prune", many::all_nash(small, halt))
        }
    };
    (method, reduced.lifted(united(search, quick), REGRET))
}

/// What a search finds in the game without what pure strategies strictly dominate, as profiles of
/// the whole game.
///
/// # Errors
/// Those of the search.
pub fn without_dominated<E>(
    game: &Game,
    halt: &Halt,
    search: impl FnOnce(&Game) -> Result<Found, E>,
) -> Result<Found, E> {
    let reduced = Reduced::new(game, false, halt);
    Ok(reduced.lifted(search(&reduced.game)?, REGRET))
}

/// One player: every strategy that is best, and mixtures of these.
fn alone(game: &Game, mut found: Found) -> Found {
    if found.stop == Stop::Complete && found.equilibria.len() > 1 {
        let name = &game.players()[0].name;
        found.notes.push(format!("every mixture of the best strategies of `{name}` is one too"));
    }
    found
}

/// What a search found, with those beside that it has not come to.
fn united(mut search: Found, quick: Found) -> Found {
    if search.stop == Stop::Complete {
        return search;
    }
    let before = search.equilibria.len();
    for new in quick.equilibria {
        let pure = new.profile.iter().flatten().all(|p| *p == 0.0 || *p == 1.0);
        let near = if pure { 0.0 } else { NEAR };
        let known = |f: &Equilibrium| apart(f, &new) <= near;
        if !search.equilibria.iter().any(known) {
            search.equilibria.push(new);
        }
    }
    let more = search.equilibria.len() - before;
    if more > 0 {
        search.notes.push(format!(
            "{more} of the equilibria were found beside the search: in pure strategies, by paths \
             of Lemke and Howson or at the end of the logit branch"
        ));
    }
    search
}

/// The largest difference of a probability.
fn apart(a: &Equilibrium, b: &Equilibrium) -> f64 {
    let pairs = a.profile.iter().flatten().zip(b.profile.iter().flatten());
    pairs.map(|(x, y)| (x - y).abs()).fold(0.0, f64::max)
}
