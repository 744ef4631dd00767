//! Equilibria in pure strategies.

use super::{Equilibrium, Found, Game, Halt, Stop};

/// All equilibria in which every player plays one strategy, in the order of profiles: every profile
/// is examined, and payoffs are compared as they are.
pub fn pure_nash(game: &Game, halt: &Halt) -> Found {
    let mut found = Found::none();
    let sizes = game.sizes();
    let mut stays = vec![true; game.profiles()];
    let mut stride = 1;
    for (player, size) in sizes.iter().enumerate() {
        if halt() {
            found.stop = Stop::TimeLimit;
            found.notes.push("profiles of pure strategies were not all looked at".into());
            return found;
        }
        let payoffs = game.payoffs_of(player);
        for start in (0..game.profiles()).filter(|k| k / stride % size == 0) {
            let own = (0..*size).map(|s| start + s * stride);
            let best = own.clone().fold(f64::NEG_INFINITY, |best, k| best.max(payoffs[k]));
            own.for_each(|k| stays[k] &= payoffs[k] == best);
        }
        stride *= size;
    }
    for profile in (0..game.profiles()).filter(|k| stays[*k]) {
        if found.equilibria.len() == MAX_FOUND {
            found.stop = Stop::Limit;
            found.notes.push(format!("only the first {MAX_FOUND} equilibria are listed"));
            break;
        }
        if halt() {
            found.stop = Stop::TimeLimit;
            let count = found.equilibria.len();
            found.notes.push(format!("only the first {count} equilibria are listed"));
            break;
        }
        let profile = game.pure(&game.strategies(profile));
        found.equilibria.push(Equilibrium::new(game, profile));
    }
    found
}

/// The most equilibria that are listed.
const MAX_FOUND: usize = 10_000;
