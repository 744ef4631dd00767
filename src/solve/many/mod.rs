//! All equilibria of small games of any number of players, by supports.
//!
//! For each choice of supports the probabilities solve a square system of polynomials: every
//! strategy of a support is as good as the last one (Porter, Nudelman and Shoham, "Simple search
//! methods for finding a Nash equilibrium", *Games and Economic Behavior* 63, 2008). All roots of a
//! system are isolated by branch and prune (Neumaier, *Interval Methods for Systems of Equations*,
//! 1990): boxes of probabilities are left out when somebody would deviate at every point of them,
//! or when they provably hold no root but those found, and halved otherwise. Bounds are computed in
//! ordinary rounding with a margin far above its errors.

mod boxes;
mod continua;
mod system;

use super::{Equilibrium, Found, Game, Halt, Stop, same};
use boxes::Outcome;
use system::System;

/// The largest regret of a profile that is reported.
const REGRET: f64 = 1e-9;

/// All equilibria of a game, if its systems can be searched to the end: `Complete` says that there
/// are no others, up to rounding. Otherwise a note says where some may be missing: in boxes that
/// could not be decided, as around a continuum, or in supports that were given up. Of a continuum
/// one point is listed, with its dimension; of a curve its ends too.
pub fn all_nash(game: &Game, halt: &Halt) -> Found {
    let mut found = Found::none();
    let (mut undecided, mut given_up, mut seen) = (0, 0, 0);
    let normal = game.normal();
    let scale: Vec<f64> = (0..game.players().len()).map(|p| normal.range_of(p)).collect();
    let mut supports = Supports::new(&game.sizes());
    while let Some(support) = supports.next() {
        if halt() {
            found.stop = Stop::TimeLimit;
            break;
        }
        seen += 1;
        let system = System::new(&normal, &scale, support);
        if system.dominated() {
            continue;
        }
        match boxes::roots(&system, halt) {
            Outcome::Stopped(roots) => {
                add(game, &system, roots, &mut found.equilibria);
                found.stop = Stop::TimeLimit;
                seen -= 1;
                break;
            }
            Outcome::Searched { roots, undecided: boxes, whole } => {
                add(game, &system, roots, &mut found.equilibria);
                undecided += usize::from(!boxes.is_empty());
                given_up += usize::from(!whole);
                continua::add(game, &system, boxes, &mut found);
            }
        }
    }
    if found.stop == Stop::TimeLimit {
        found.notes.push(format!(
            "{seen} of {} choices of supports were searched, the smallest first: equilibria in \
             others may be missing",
            self::supports(game)
        ));
    }
    if undecided > 0 {
        found.notes.push(format!(
            "in {undecided} supports there are profiles at which the system is singular, as in a \
             degenerate game: equilibria near them may be missing"
        ));
    }
    let stand = found.continua.len();
    if stand > 0 {
        found.notes.push(format!(
            "{stand} of the equilibria stand for continua, of which they are one point each"
        ));
    }
    if given_up > 0 {
        found.notes.push(format!(
            "the search of {given_up} supports was given up after {} boxes: equilibria may be \
             missing",
            boxes::MAX_BOXES
        ));
    }
    if undecided + given_up > 0 && found.stop == Stop::Complete {
        found.stop = Stop::Finished;
    }
    found
}

fn add(game: &Game, system: &System, roots: Vec<Vec<f64>>, found: &mut Vec<Equilibrium>) {
    for root in roots {
        let new = Equilibrium::new(game, system.profile(&root));
        let known = |f: &Equilibrium| same(&f.profile, &new.profile);
        if new.good(REGRET) && !found.iter().any(known) {
            found.push(new);
        }
    }
}

/// All choices of supports, from small to large, even ones first.
struct Supports {
    /// Numbers of strategies.
    sizes: Vec<usize>,
    /// Sizes of supports still to come, last first.
    shapes: Vec<Vec<usize>>,
    /// The supports of the present shape that were given last.
    present: Option<Vec<Vec<usize>>>,
}

impl Supports {
    fn new(sizes: &[usize]) -> Supports {
        let mut shapes: Vec<Vec<usize>> = vec![Vec::new()];
        for size in sizes {
            let longer = |shape: &Vec<usize>| {
                let shape = shape.clone();
                (1..=*size).map(move |k| shape.iter().copied().chain([k]).collect())
            };
            shapes = shapes.iter().flat_map(longer).collect();
        }
        let order = |shape: &Vec<usize>| {
            let (most, least) = (shape.iter().max().copied(), shape.iter().min().copied());
            (shape.iter().sum::<usize>(), most.unwrap_or(0) - least.unwrap_or(0))
        };
        shapes.sort_by_key(order);
        shapes.reverse();
        Supports { sizes: sizes.to_vec(), shapes, present: None }
    }

    fn next(&mut self) -> Option<&[Vec<usize>]> {
        let advanced = self.present.as_mut().is_some_and(|present| {
            present.iter_mut().zip(&self.sizes).any(|(support, size)| {
                let more = next_subset(support, *size);
                if !more {
                    *support = (0..support.len()).collect();
                }
                more
            })
        });
        if !advanced {
            let shape = self.shapes.pop()?;
            self.present = Some(shape.into_iter().map(|k| (0..k).collect()).collect());
        }
        self.present.as_deref()
    }
}

/// The next subset of the same size in lexicographic order; false after the last.
fn next_subset(subset: &mut [usize], of: usize) -> bool {
    let size = subset.len();
    let Some(at) = (0..size).rev().find(|at| subset[*at] < of - size + at) else {
        return false;
    };
    subset[at] += 1;
    for later in at + 1..size {
        subset[later] = subset[later - 1] + 1;
    }
    true
}

/// How many choices of supports a game has.
pub fn supports(game: &Game) -> f64 {
    game.sizes().iter().map(|n| (0..*n).fold(1.0, |p: f64, _| p * 2.0) - 1.0).product()
}

#[cfg(test)]
mod tests;
