//! What the names of a scenario stand for.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::ast::Ast;
use crate::calendar::Calendar;
use crate::diagnostic::Span;
use crate::ids::{ActorId, EventId, HazardId, IndexVec, OptionId, SeatId, ids};

/// Over what a quantity is indexed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Shape {
    /// One cell, no index.
    One,
    /// One cell per actor.
    Actor,
    /// One cell per unordered pair of different actors: `x[A, B]` and `x[B, A]` are the same.
    Dyad,
    /// One cell per ordered pair of different actors.
    Directed,
}

impl Shape {
    /// How many indices a quantity of this shape takes.
    pub fn arity(self) -> usize {
        match self {
            Shape::One => 0,
            Shape::Actor => 1,
            Shape::Dyad | Shape::Directed => 2,
        }
    }

    /// How many cells it has among `actors` actors.
    pub fn cells(self, actors: usize) -> usize {
        match self {
            Shape::One => 1,
            Shape::Actor => actors,
            Shape::Dyad => actors * actors.saturating_sub(1) / 2,
            Shape::Directed => actors * actors.saturating_sub(1),
        }
    }

    /// The number of the cell with these indices, from 0; `None` on the diagonal. Cells are
    /// ordered by first index, then second; an undirected dyad by its earlier actor first.
    pub fn cell(self, actors: usize, at: &[ActorId]) -> Option<usize> {
        let at: Vec<usize> = at.iter().map(|actor| actor.index()).collect();
        match (self, at.as_slice()) {
            (Shape::One, []) => Some(0),
            (Shape::Actor, [i]) => Some(*i),
            (Shape::Dyad, [i, j]) if i != j => {
                let (a, b) = if i < j { (*i, *j) } else { (*j, *i) };
                // the rows before a hold (n-1) + (n-2) + ... + (n-a) cells
                Some(a * (2 * actors - a - 1) / 2 + (b - a - 1))
            }
            (Shape::Directed, [i, j]) if i != j => {
                Some(i * (actors - 1) + if j < i { *j } else { j - 1 })
            }
            _ => None,
        }
    }

    /// The indices of all cells, in the order of their numbers.
    pub fn indices(self, actors: usize) -> Vec<Vec<ActorId>> {
        let all = || ids(ActorId::new(0)..ActorId::new(actors));
        let pairs = |keep: fn(ActorId, ActorId) -> bool| {
            all()
                .flat_map(|i| all().map(move |j| (i, j)))
                .filter(|&(i, j)| keep(i, j))
                .map(|(i, j)| vec![i, j])
                .collect()
        };
        match self {
            Shape::One => vec![Vec::new()],
            Shape::Actor => all().map(|i| vec![i]).collect(),
            Shape::Dyad => pairs(|i, j| i < j),
            Shape::Directed => pairs(|i, j| i != j),
        }
    }

    /// As it is written after `of =` or `each =`.
    pub fn word(self) -> &'static str {
        match self {
            Shape::One => "none",
            Shape::Actor => "actor",
            Shape::Dyad => "dyad",
            Shape::Directed => "directed dyad",
        }
    }
}

/// A parameter or a state: a name, its shape, and where its cells begin among all of its kind.
#[derive(Debug, Clone, PartialEq)]
pub struct Quantity {
    /// Its name.
    pub name: String,
    /// Over what it is indexed.
    pub shape: Shape,
    /// The number of its first cell among all cells of parameters, or of states.
    pub first: usize,
    /// Whether its cells are truth values (`kind = "flag"`).
    pub flag: bool,
}

/// A definition without memory: a name, the indices it binds, and its formula.
#[derive(Debug, Clone, PartialEq)]
pub struct Definition {
    /// Its name.
    pub name: String,
    /// The indices it binds, each with the group it is restricted to.
    pub indices: Vec<(String, Option<usize>)>,
    /// Its formula, not yet compiled; absent when it could not be read.
    pub ast: Option<Ast>,
    /// Where it is defined.
    pub span: Span,
}

/// What a name of the first namespace stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Symbol {
    /// An actor, by number.
    Actor(ActorId),
    /// A group, by number.
    Group(usize),
    /// A parameter, by number.
    Parameter(usize),
    /// A state, by number.
    State(usize),
    /// A derived quantity, by number.
    Derived(usize),
    /// A series, by number.
    Series(usize),
}

/// An option of a seat: a move with its target if it has one, or `hold`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OptionName {
    /// The seat it belongs to.
    pub seat: SeatId,
    /// The actor of that seat.
    pub actor: ActorId,
    /// The move; `None` is `hold`.
    pub action: Option<usize>,
    /// Its target.
    pub target: Option<ActorId>,
}

/// A move as far as formulas can name it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct MoveName {
    /// Its name.
    pub name: String,
    /// Its tags.
    pub tags: Vec<String>,
}

/// An event as far as formulas can name it.
#[derive(Debug, Clone, PartialEq)]
pub struct EventName {
    /// Its name.
    pub name: String,
    /// Over what it is repeated.
    pub each: Shape,
    /// The number of its first instance among the instances of all events.
    pub first: HazardId,
}

/// Every name a formula of a scenario can use.
#[derive(Debug, Clone, Default)]
pub struct Names {
    /// Actors in file order.
    pub actors: IndexVec<ActorId, String>,
    /// Groups with their members, in file order.
    pub groups: Vec<(String, Vec<ActorId>)>,
    /// Parameters.
    pub parameters: Vec<Quantity>,
    /// Series.
    pub series: Vec<Quantity>,
    /// By cell of all series, its values from round 1 on.
    pub series_values: Vec<Arc<[f64]>>,
    /// States.
    pub states: Vec<Quantity>,
    /// Derived quantities.
    pub derived: Vec<Definition>,
    /// The first namespace.
    pub symbols: BTreeMap<String, Symbol>,
    /// Moves.
    pub moves: Vec<MoveName>,
    /// All options, seat by seat.
    pub options: IndexVec<OptionId, OptionName>,
    /// Events.
    pub events: IndexVec<EventId, EventName>,
    /// Per actor the names of its types; empty for an actor without.
    pub types: IndexVec<ActorId, Vec<String>>,
    /// Payoff components.
    pub components: Vec<String>,
    /// The dates of rounds, if they have any.
    pub calendar: Option<Calendar>,
}

impl Names {
    /// The actor of that name.
    pub fn actor(&self, name: &str) -> Option<ActorId> {
        self.actors.find_id(|a| a == name)
    }

    /// The group of that name.
    pub fn group(&self, name: &str) -> Option<usize> {
        self.groups.iter().position(|(g, _)| g == name)
    }

    /// All names of the first namespace, for suggestions.
    pub fn known(&self) -> impl Iterator<Item = &str> {
        self.symbols.keys().map(String::as_str)
    }

    /// `name[A,B]`: a cell as files of results name it.
    pub fn label(&self, name: &str, at: &[ActorId]) -> String {
        let list: Vec<&str> = at.iter().map(|&i| self.actors[i].as_str()).collect();
        if list.is_empty() { name.to_string() } else { format!("{name}[{}]", list.join(",")) }
    }
}

/// Words that no index and no defined name may take.
pub const RESERVED: &[&str] = &[
    "self",
    "target",
    "others",
    "actors",
    "round",
    "rounds",
    "hold",
    "pi",
    "and",
    "or",
    "not",
    "if",
    "in",
    "for",
    "chose",
    "chose_last",
    "happened",
    "happened_last",
    "belief",
    "utility",
    "payoff",
    "default",
    "sum",
    "mean",
    "min",
    "max",
    "any",
    "all",
    "count",
    "abs",
    "clamp",
    "sqrt",
    "exp",
    "log",
    "sin",
    "cos",
    "tanh",
    "logistic",
    "floor",
    "sign",
    "normal",
    "lognormal",
    "uniform",
    "beta",
    "triangular",
    "bernoulli",
];

/// As what such a word is taken, in words.
pub fn taken_as(word: &str) -> &'static str {
    match word {
        "self" | "target" | "others" | "actors" => "a word for actors in formulas",
        "round" => "the number of the present round in formulas",
        "rounds" => "the number of rounds in formulas",
        "hold" => "the option of doing nothing",
        "pi" => "a number in formulas",
        "and" | "or" | "not" | "if" | "in" | "for" => "a word of the grammar of formulas",
        "default" => "the key for all cells that no other key fits",
        "chose" | "chose_last" | "happened" | "happened_last" | "belief" | "utility" | "payoff" => {
            "a fact of a round in formulas"
        }
        "sum" | "mean" | "min" | "max" | "any" | "all" | "count" => "an aggregate of formulas",
        "normal" | "lognormal" | "uniform" | "beta" | "triangular" | "bernoulli" => {
            "a draw of formulas"
        }
        _ => "a function of formulas",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_dense_and_without_a_diagonal() {
        for shape in [Shape::One, Shape::Actor, Shape::Dyad, Shape::Directed] {
            for actors in 1..6 {
                let all = shape.indices(actors);
                assert_eq!(all.len(), shape.cells(actors));
                for (number, at) in all.iter().enumerate() {
                    assert_eq!(shape.cell(actors, at), Some(number));
                }
            }
        }
        let [b, c, d] = [1, 2, 3].map(ActorId::new);
        assert_eq!(Shape::Dyad.cell(4, &[d, b]), Shape::Dyad.cell(4, &[b, d]));
        assert_eq!(Shape::Dyad.cell(4, &[c, c]), None);
        assert_eq!(Shape::Directed.cell(4, &[c, c]), None);
    }
}
