//! What of a game decides its equilibria.
//!
//! Strategies that strict dominance eliminates are in no equilibrium. A player with one strategy
//! left plays it. A player whose choice changes nobody else's differences of payoffs is needed by
//! nobody: the others are in equilibrium without it, and it answers them with what is best.

use super::dominance::{Dominance, dominance};
use super::{Continuum, Equilibrium, Found, Game, Halt, Mixed, Stop};

/// A game with less in it, and how its equilibria become those of the whole.
pub struct Reduced<'g> {
    whole: &'g Game,
    /// By player the strategies that are not dominated.
    left: Vec<Vec<usize>>,
    /// Who stays, ascending; at least one.
    core: Vec<usize>,
    /// Who is needed by nobody, in the order in which they were taken out.
    needless: Vec<usize>,
    /// What the players that stay play.
    pub game: Game,
}

/// Answers that are this much worse than the best, as a share of the range, are as good.
const TIED: f64 = 1e-9;
/// The most equilibria of the whole that are made of those of the core.
const MOST: usize = 10_000;

impl<'g> Reduced<'g> {
    /// The game without what strict dominance eliminates, also by mixtures; and with `players`,
    /// without those of more than two that nobody needs.
    pub fn new(whole: &'g Game, players: bool, halt: &Halt) -> Reduced<'g> {
        let left = dominance(whole, Dominance::Strict, false, halt).strategies;
        let left = match players && whole.players().len() > 2 {
            true => mixed(whole, left, halt),
            false => left,
        };
        let small = whole.restrict(&left);
        let mut core: Vec<usize> = (0..left.len()).collect();
        let mut needless = Vec::new();
        if players && core.len() > 2 {
            core.retain(|player| left[*player].len() > 1);
            while core.len() > 2
                && let Some(at) = (0..core.len()).find(|at| !needed(&small, core[*at], &core))
            {
                needless.push(core.remove(at));
            }
            if core.is_empty() {
                core.push(0);
            }
        }
        let game = small.only(&core);
        Reduced { whole, left, core, needless, game }
    }

    /// How many strategies were left out.
    pub fn dominated(&self) -> usize {
        self.whole.sizes().iter().zip(&self.left).map(|(n, left)| n - left.len()).sum()
    }

    /// What was found in the small game as what it is in the whole, and what is to be said of that.
    pub fn lifted(&self, found: Found, regret: f64) -> Found {
        let normal = self.whole.normal();
        let mut all = Found { stop: found.stop, notes: found.notes, ..Found::none() };
        let mut places: Vec<Vec<usize>> = Vec::new();
        for equilibrium in &found.equilibria {
            let profiles = self.whole_profiles(&normal, &equilibrium.profile);
            let mut place = Vec::new();
            for profile in profiles {
                let new = Equilibrium::new(self.whole, profile);
                if new.good(regret) && all.equilibria.len() < MOST {
                    place.push(all.equilibria.len());
                    all.equilibria.push(new);
                }
            }
            places.push(place);
        }
        for Continuum { points, dimension, closed } in found.continua {
            let points = points.iter().flat_map(|point| places[*point].clone()).collect();
            all.continua.push(Continuum { points, dimension, closed });
        }
        self.tell(&mut all, &places);
        all
    }

    fn tell(&self, all: &mut Found, places: &[Vec<usize>]) {
        let dominated = self.dominated();
        if dominated > 0 {
            all.notes.push(format!(
                "{dominated} strictly dominated strategies, which no equilibrium plays, were left \
                 out first"
            ));
        }
        if self.needless.is_empty() {
            return;
        }
        let names = self.needless.iter().map(|p| format!("`{}`", self.whole.players()[*p].name));
        let names: Vec<String> = names.collect();
        let mut note = format!("nobody's choice depends on that of {}", names.join(", "));
        if !all.continua.is_empty() && all.stop == Stop::Complete {
            all.stop = Stop::Finished;
            note.push_str("; what is best within a continuum of the others may be missing");
        }
        let several = places.iter().filter(|place| place.len() > 1);
        let several: Vec<&Vec<usize>> = several.collect();
        if !several.is_empty() {
            note.push_str(
                "; where they have several best answers to an equilibrium of the others, each is \
                 listed and every mixture is one too",
            );
            let one = |points: &&Vec<usize>| Continuum {
                points: (*points).clone(),
                dimension: None,
                closed: true,
            };
            all.continua.extend(several.iter().map(one));
        }
        all.notes.push(note);
    }

    /// Profiles of the whole in which the core plays this, one for each combination of best answers
    /// of those who are not needed.
    fn whole_profiles(&self, normal: &Game, core: &Mixed) -> Vec<Mixed> {
        let of = |left: &Vec<usize>| left.iter().map(|_| 0.0).collect();
        let mut small: Mixed = self.left.iter().map(of).collect();
        small.iter_mut().for_each(|mix| mix[0] = 1.0);
        self.core.iter().zip(core).for_each(|(player, mix)| small[*player].clone_from(mix));
        let mut all = vec![self.whole.extend(&small, &self.left)];
        // Whoever was taken out later may matter to those before.
        for player in self.needless.iter().rev() {
            let size = normal.sizes()[*player];
            let margin = TIED * normal.range_of(*player);
            let answers = |mixed: &Mixed| -> Vec<Mixed> {
                let values = &normal.deviations(mixed)[*player];
                let best = values.iter().fold(f64::NEG_INFINITY, |a, b| a.max(*b));
                let good = (0..size).filter(|s| values[*s] >= best - margin);
                let with = |s: usize| {
                    let mut mixed = mixed.clone();
                    mixed[*player] = (0..size).map(|t| f64::from(u8::from(t == s))).collect();
                    mixed
                };
                good.map(with).collect()
            };
            all = all.iter().flat_map(answers).take(MOST).collect();
        }
        all
    }
}

/// Whom strict dominance by mixtures leaves, where pure strategies have left these.
fn mixed(whole: &Game, left: Vec<Vec<usize>>, halt: &Halt) -> Vec<Vec<usize>> {
    let small = whole.restrict(&left);
    let further = dominance(&small, Dominance::Strict, true, halt).strategies;
    let of =
        |(left, further): (&Vec<usize>, &Vec<usize>)| further.iter().map(|s| left[*s]).collect();
    left.iter().zip(&further).map(of).collect()
}

/// Whether the difference of what two strategies of another player of `among` earn ever depends on
/// what `player` does.
fn needed(game: &Game, player: usize, among: &[usize]) -> bool {
    let sizes = game.sizes();
    let stride = |of: usize| sizes[..of].iter().product::<usize>();
    let own = stride(player);
    among.iter().filter(|other| **other != player).any(|other| {
        let (payoffs, step) = (game.payoffs_of(*other), stride(*other));
        (0..game.profiles()).any(|k| {
            let [mine, theirs] = [(own, player), (step, *other)].map(|(s, p)| k / s % sizes[p]);
            let gain = |base: usize| difference(payoffs[base], payoffs[base - theirs * step]);
            mine > 0 && theirs > 0 && gain(k) != gain(k - mine * own)
        })
    })
}

/// `a - b` as the nearest number and what that leaves out, which together are exact (Knuth).
fn difference(a: f64, b: f64) -> (f64, f64) {
    let sum = a - b;
    let back = sum - a;
    (sum, (a - (sum - back)) - (b + back))
}

#[cfg(test)]
mod tests {
    use super::super::bimatrix::random;
    use super::super::{Player, never};
    use super::*;

    #[test]
    fn differences_are_exact() {
        assert_eq!(difference(1e16, 1.0), (1e16, -1.0));
        assert_eq!(difference(1e16, -1.0), (1e16, 1.0));
        assert_eq!(difference(3.0, 1.0), (2.0, 0.0));
    }

    /// A third player that reacts to the others and bothers them, whatever they do.
    #[test]
    fn bystanders_are_taken_out_and_come_back() {
        let two = random(&[3, 3], 5);
        let mut payoffs = Vec::new();
        for (third, profile) in (0..2).flat_map(|t| (0..9).map(move |k| (t, k))) {
            let bother = 100.0 * f64::from(third);
            payoffs.extend([0, 1].map(|p| two.payoff(profile, p) - bother));
            payoffs.push(if third == 0 { 1.0 } else { profile as f64 - 3.5 });
        }
        let player = |n: usize| Player {
            name: n.to_string(),
            strategies: (0..n).map(|s| s.to_string()).collect(),
        };
        let game = Game::new("three", vec![player(3), player(3), player(2)], payoffs);
        let game = game.expect("a valid game");
        let reduced = Reduced::new(&game, true, &never);
        assert!(reduced.game.players().len() <= 2);
        let core = super::super::bimatrix::vertex_enumeration(&reduced.game, &never);
        let core = core.expect("two players");
        let all = reduced.lifted(core.clone(), 1e-9);
        assert_eq!(all.equilibria.len(), core.equilibria.len());
        assert!(all.equilibria.iter().all(|e| e.regret <= 1e-12));
    }
}
