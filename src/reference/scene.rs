//! Whose eyes a round is seen through, and what formulas read there.

use std::cell::{Cell, RefCell};

use super::{Game, World};
use crate::expr::{Facts, Site, value};
use crate::rng::{Address, Purpose, Stream};

/// How likely each type of each actor is to whoever looks, and the parameters that follow.
///
/// In reality every weight is 0 or 1. An actor that deliberates knows its own type and weighs the
/// types of others by its beliefs. A branch of exact anticipation has weights of 0 and 1 again.
#[derive(Debug, Clone)]
pub(super) struct View {
    /// By place in `Model::private`, then type.
    pub weights: Vec<Vec<f64>>,
    /// The value of every parameter cell.
    pub parameters: Vec<f64>,
}

impl View {
    /// The view in which each actor with private information is of one type for sure.
    pub fn of_types(game: &Game, kinds: &[usize]) -> View {
        let weights = game
            .model
            .private
            .iter()
            .zip(kinds)
            .map(|(private, kind)| one_hot(private.kinds.len(), *kind))
            .collect();
        View::from(game, weights)
    }

    /// The view of an actor of a type: itself known, others weighed by its beliefs.
    pub fn of_actor(game: &Game, world: &World, actor: usize, kind: usize) -> View {
        let places = game.model.private.iter().enumerate();
        let weights = places
            .map(|(place, private)| {
                if private.actor == actor {
                    one_hot(private.kinds.len(), kind)
                } else {
                    world.beliefs[place][actor].clone()
                }
            })
            .collect();
        View::from(game, weights)
    }

    fn from(game: &Game, weights: Vec<Vec<f64>>) -> View {
        let parameters = game.arm.parameters_for(&weights);
        View { weights, parameters }
    }
}

/// All weight on one of `count`.
pub(super) fn one_hot(count: usize, at: usize) -> Vec<f64> {
    (0..count).map(|k| if k == at { 1.0 } else { 0.0 }).collect()
}

/// The draws of a real round.
pub(super) struct Draws<'a> {
    pub stream: &'a RefCell<Stream>,
    pub round: u32,
    pub purpose: Purpose,
}

/// A moment of a round, real or imagined, as formulas read it.
pub(super) struct Scene<'a> {
    pub game: &'a Game<'a>,
    pub view: &'a View,
    /// What was played and happened the round before, and the round's number less one.
    pub before: &'a World,
    /// State at this moment.
    pub cells: &'a [f64],
    /// The weight of every option this round.
    pub chosen: &'a [f64],
    /// The weight of every hazard this round; empty before nature has moved.
    pub happened: &'a [f64],
    /// Beliefs at this moment: place, observer, type.
    pub beliefs: &'a [Vec<Vec<f64>>],
    /// By actor; known to outcomes only.
    pub utilities: &'a [f64],
    /// By actor and component; known to outcomes only.
    pub payoffs: &'a [Vec<f64>],
    /// Real draws, or `None`: draws enter by their means.
    pub draws: Option<Draws<'a>>,
    /// Definitions evaluated so far at this moment.
    pub derived: Vec<Cell<Option<f64>>>,
}

impl<'a> Scene<'a> {
    /// The moment at which a round begins.
    pub fn start(game: &'a Game<'a>, view: &'a View, world: &'a World, chosen: &'a [f64]) -> Self {
        Scene {
            game,
            view,
            before: world,
            cells: &world.cells,
            chosen,
            happened: &[],
            beliefs: &world.beliefs,
            utilities: &[],
            payoffs: &[],
            draws: None,
            derived: vec![Cell::new(None); game.model.derived.len()],
        }
    }

    /// A later moment of the same round, with other values of state.
    pub fn at<'b>(&'b self, cells: &'b [f64]) -> Scene<'b> {
        Scene {
            game: self.game,
            view: self.view,
            before: self.before,
            cells,
            chosen: self.chosen,
            happened: self.happened,
            beliefs: self.beliefs,
            utilities: self.utilities,
            payoffs: self.payoffs,
            draws: None,
            derived: vec![Cell::new(None); self.game.model.derived.len()],
        }
    }

    /// The same moment with draws from a run's stream.
    pub fn drawing(self, draws: Option<Draws<'a>>) -> Self {
        Scene { draws, ..self }
    }
}

impl Facts for Scene<'_> {
    fn parameter(&self, cell: usize) -> f64 {
        self.view.parameters[cell]
    }

    fn state(&self, cell: usize) -> f64 {
        self.cells[cell]
    }

    /// A definition is evaluated once per moment.
    fn derived(&self, instance: usize) -> f64 {
        if let Some(known) = self.derived[instance].get() {
            return known;
        }
        let found = value(&self.game.model.derived[instance].value, self);
        self.derived[instance].set(Some(found));
        found
    }

    fn round(&self) -> f64 {
        f64::from(self.before.round + 1)
    }

    fn rounds(&self) -> f64 {
        f64::from(self.game.arm.rounds)
    }

    fn option(&self, option: usize, last: bool) -> f64 {
        if last { self.before.played[option] } else { self.chosen[option] }
    }

    fn event(&self, hazard: usize, last: bool) -> f64 {
        if last { self.before.happened[hazard] } else { self.happened[hazard] }
    }

    /// What an actor believes about itself is its type, as far as whoever looks knows it.
    fn belief(&self, observer: usize, actor: usize, kind: usize) -> f64 {
        match self.game.model.private_of(actor) {
            Some(place) if observer == actor => self.view.weights[place][kind],
            Some(place) => self.beliefs[place][observer][kind],
            None => f64::NAN,
        }
    }

    fn utility(&self, actor: usize) -> f64 {
        self.utilities[actor]
    }

    fn payoff(&self, actor: usize, component: usize) -> f64 {
        self.payoffs[actor][component]
    }

    fn uniform(&self, site: Site) -> Option<f64> {
        let draws = self.draws.as_ref()?;
        let at = Address {
            round: draws.round,
            purpose: draws.purpose,
            ordinal: site.ordinal,
            slot: site.slot,
        };
        Some(draws.stream.borrow_mut().uniform(at))
    }
}
