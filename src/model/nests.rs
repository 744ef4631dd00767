//! Nests: which options of a seat resemble each other.

use super::{Model, SeatId};
use crate::expr::Expr;

/// By what options are alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Nests {
    /// The targets of a move are a nest.
    Moves,
    /// What bears a tag is a nest; a move without one is a nest of its own.
    Tags,
}

impl Nests {
    /// All choices with their words.
    pub const ALL: &'static [(&'static str, Nests)] =
        &[("moves", Nests::Moves), ("tags", Nests::Tags)];

    /// As it is written in a file.
    pub fn word(self) -> &'static str {
        Nests::ALL.iter().find(|(_, n)| *n == self).map_or("moves", |(w, _)| w)
    }
}

/// What a nest is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Nest {
    /// `hold` alone.
    Hold,
    /// A move with all its targets, by number.
    Move(usize),
    /// The moves with a tag.
    Tag(String),
}

/// How unlike the options of a nest are: a formula over parameters with a value in (0, 1], where 1
/// is as unlike as options of different nests (McFadden 1978).
#[derive(Debug, Clone, PartialEq)]
pub struct Dissimilarity {
    /// Of which nest; `None`: of all that are not named.
    pub nest: Option<Nest>,
    /// The formula.
    pub value: Expr,
}

/// The formula that holds for a nest, if there is one.
pub fn dissimilarity<'d>(list: &'d [Dissimilarity], nest: &Nest) -> Option<&'d Expr> {
    let named = list.iter().rev().find(|one| one.nest.as_ref() == Some(nest));
    named.or_else(|| list.iter().rev().find(|one| one.nest.is_none())).map(|one| &one.value)
}

impl Model {
    /// The nests of a seat in order of their first options, each with the options that lie in it
    /// by their numbers in the seat. A move with several tags lies in the nest of the first.
    pub fn nests(&self, seat: SeatId, by: Nests) -> Vec<(Nest, Vec<usize>)> {
        let mut all: Vec<(Nest, Vec<usize>)> = Vec::new();
        for (number, option) in self.seats[seat].options().enumerate() {
            let nest = match self.options[option].acts.first().map(|act| act.action) {
                None => Nest::Hold,
                Some(action) => match (by, self.names.moves[action].tags.first()) {
                    (Nests::Tags, Some(tag)) => Nest::Tag(tag.clone()),
                    _ => Nest::Move(action),
                },
            };
            match all.iter_mut().find(|(known, _)| *known == nest) {
                Some((_, list)) => list.push(number),
                None => all.push((nest, vec![number])),
            }
        }
        all
    }

    /// A nest as a file writes it: `court`, `#loud`.
    pub fn nest_label(&self, nest: &Nest) -> String {
        match nest {
            Nest::Hold => "hold".to_string(),
            Nest::Move(action) => self.names.moves[*action].name.clone(),
            Nest::Tag(tag) => format!("#{tag}"),
        }
    }
}
