//! What the names of a scenario stand for.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::ast::Ast;
use crate::calendar::Calendar;
use crate::diagnostic::Span;
use crate::ids::{ActorId, ElementId, EventId, HazardId, IndexVec, OptionId, SeatId};

/// Over how many indices a quantity can run.
pub const MAX_AXES: usize = 4;

/// What an index runs over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Axis {
    /// All actors.
    Actors,
    /// The members of a group.
    Group(usize),
    /// The elements of a set.
    Set(usize),
}

impl Axis {
    /// The set that its elements are of; `None`: they are actors.
    pub fn set(self) -> Option<usize> {
        match self {
            Axis::Actors | Axis::Group(_) => None,
            Axis::Set(set) => Some(set),
        }
    }

    /// How many elements it has.
    pub fn len(self, names: &Names) -> usize {
        match self {
            Axis::Actors => names.actors.len(),
            Axis::Group(group) => names.groups[group].1.len(),
            Axis::Set(set) => names.sets[set].elements.len(),
        }
    }

    /// The place of an element, from 0; `None` if it is not one of them.
    pub fn place(self, names: &Names, element: ElementId) -> Option<usize> {
        let actor = names.as_actor(element);
        match self {
            Axis::Actors => actor.map(ActorId::index),
            Axis::Group(group) => names.groups[group].1.iter().position(|m| Some(*m) == actor),
            Axis::Set(set) => {
                let set = &names.sets[set];
                let at = element.index().checked_sub(set.first);
                at.filter(|at| *at < set.elements.len())
            }
        }
    }

    /// Its elements in order.
    pub fn elements(self, names: &Names) -> Vec<ElementId> {
        match self {
            Axis::Actors => names.actors.ids().map(ElementId::from).collect(),
            Axis::Group(group) => {
                names.groups[group].1.iter().copied().map(ElementId::from).collect()
            }
            Axis::Set(set) => {
                let set = &names.sets[set];
                (set.first..set.first + set.elements.len()).map(ElementId::new).collect()
            }
        }
    }

    /// As it is written.
    pub fn word(self, names: &Names) -> &str {
        match self {
            Axis::Actors => "actor",
            Axis::Group(group) => &names.groups[group].0,
            Axis::Set(set) => &names.sets[set].name,
        }
    }
}

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
    /// One cell for every combination of elements.
    Grid([Option<Axis>; MAX_AXES]),
}

impl Shape {
    /// What its indices run over, in order.
    pub fn axes(self) -> Vec<Axis> {
        match self {
            Shape::One => Vec::new(),
            Shape::Actor => vec![Axis::Actors],
            Shape::Dyad | Shape::Directed => vec![Axis::Actors; 2],
            Shape::Grid(axes) => axes.into_iter().flatten().collect(),
        }
    }

    /// How many indices a quantity of this shape takes.
    pub fn arity(self) -> usize {
        match self {
            Shape::One => 0,
            Shape::Actor => 1,
            Shape::Dyad | Shape::Directed => 2,
            Shape::Grid(axes) => axes.iter().flatten().count(),
        }
    }

    /// Whether it is of pairs of different actors.
    pub fn is_pair(self) -> bool {
        matches!(self, Shape::Dyad | Shape::Directed)
    }

    /// How many cells it has.
    pub fn cells(self, names: &Names) -> usize {
        let actors = names.actors.len();
        match self {
            Shape::One => 1,
            Shape::Actor => actors,
            Shape::Dyad => actors * actors.saturating_sub(1) / 2,
            Shape::Directed => actors * actors.saturating_sub(1),
            Shape::Grid(_) => {
                self.axes().iter().fold(1, |cells, axis| cells.saturating_mul(axis.len(names)))
            }
        }
    }

    /// The number of the cell with these indices, from 0; `None` on the diagonal and beside a
    /// group. Cells are ordered by first index, then second and so on; an undirected dyad by its
    /// earlier actor first.
    pub fn cell(self, names: &Names, at: &[ElementId]) -> Option<usize> {
        let actors = names.actors.len();
        if let Shape::Grid(_) = self {
            let axes = self.axes();
            let fits = axes.len() == at.len();
            return axes.iter().zip(at).filter(|_| fits).try_fold(0, |cell, (axis, element)| {
                Some(cell * axis.len(names) + axis.place(names, *element)?)
            });
        }
        let at: Option<Vec<usize>> =
            at.iter().map(|element| names.as_actor(*element).map(ActorId::index)).collect();
        match (self, at?.as_slice()) {
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
    pub fn indices(self, names: &Names) -> Vec<Vec<ElementId>> {
        let lists = self.axes().into_iter().map(|axis| axis.elements(names));
        let mut all = combinations(lists);
        match self {
            Shape::Dyad => all.retain(|at| at[0] < at[1]),
            Shape::Directed => all.retain(|at| at[0] != at[1]),
            _ => {}
        }
        all
    }

    /// As it is written after `of =` or `each =`.
    pub fn word(self, names: &Names) -> String {
        match self {
            Shape::One => "none".to_string(),
            Shape::Dyad => "dyad".to_string(),
            Shape::Directed => "directed dyad".to_string(),
            _ => {
                let words: Vec<&str> = self.axes().iter().map(|axis| axis.word(names)).collect();
                words.join(", ")
            }
        }
    }
}

/// All combinations of one element of each list, the last varying fastest.
pub fn combinations(lists: impl Iterator<Item = Vec<ElementId>>) -> Vec<Vec<ElementId>> {
    let mut all: Vec<Vec<ElementId>> = vec![Vec::new()];
    for list in lists {
        let longer = |head: Vec<ElementId>| {
            let each = list.iter().map(move |last| {
                let mut next = head.clone();
                next.push(*last);
                next
            });
            each.collect::<Vec<_>>()
        };
        all = all.into_iter().flat_map(longer).collect();
    }
    all
}

/// A set of things that are not actors.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Set {
    /// Its name.
    pub name: String,
    /// The number of its first element among all that indices stand for, actors before.
    pub first: usize,
    /// The names of its elements: those of numbers as they are written.
    pub elements: Vec<String>,
    /// What its elements are as numbers, if they are.
    pub values: Option<Vec<f64>>,
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
    /// The indices it binds, each with what it runs over.
    pub indices: Vec<(String, Axis)>,
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
    /// A set, by number.
    Set(usize),
    /// A parameter, by number.
    Parameter(usize),
    /// A state, by number.
    State(usize),
    /// A derived quantity, by number.
    Derived(usize),
    /// A series, by number.
    Series(usize),
}

/// A move with its targets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Act {
    /// The move.
    pub action: usize,
    /// Its targets: none, one or two.
    pub targets: Vec<ElementId>,
}

/// An option of a seat: what is played together; `hold` is nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OptionName {
    /// The seat it belongs to.
    pub seat: SeatId,
    /// The actor of that seat.
    pub actor: ActorId,
    /// The stage of a round in which that seat is filled, from 0.
    pub stage: usize,
    /// The moves, one at most of each track.
    pub acts: Vec<Act>,
}

/// A move as far as formulas can name it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct MoveName {
    /// Its name.
    pub name: String,
    /// Its tags.
    pub tags: Vec<String>,
    /// Of what its targets are, the first and the second as far as it has them: a set by number, or
    /// `None` for actors.
    pub targets: Vec<Option<usize>>,
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
    /// Sets, in file order.
    pub sets: Vec<Set>,
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

    /// The actor that an index stands for, if it is one.
    pub fn as_actor(&self, element: ElementId) -> Option<ActorId> {
        (element.index() < self.actors.len()).then(|| ActorId::new(element.index()))
    }

    /// The set an element is of; `None` for an actor.
    pub fn set_of(&self, element: ElementId) -> Option<usize> {
        let holds =
            |set: &Set| (set.first..set.first + set.elements.len()).contains(&element.index());
        self.sets.iter().position(holds)
    }

    /// The actor, or the element of a set, of that name.
    pub fn find(&self, set: Option<usize>, name: &str) -> Option<ElementId> {
        let Some(set) = set else { return self.actor(name).map(ElementId::from) };
        let set = self.sets.get(set)?;
        let at = match (&set.values, name.parse::<f64>()) {
            (Some(values), Ok(number)) => values.iter().position(|value| *value == number),
            (Some(_), Err(_)) => None,
            (None, _) => set.elements.iter().position(|element| element == name),
        };
        at.map(|at| ElementId::new(set.first + at))
    }

    /// The name of what an index stands for.
    pub fn element(&self, element: ElementId) -> &str {
        match (self.as_actor(element), self.set_of(element)) {
            (Some(actor), _) => &self.actors[actor],
            (None, Some(set)) => &self.sets[set].elements[element.index() - self.sets[set].first],
            (None, None) => "",
        }
    }

    /// What an index stands for as a number: the value of an element of a set of numbers.
    pub fn value(&self, element: ElementId) -> Option<f64> {
        let set = &self.sets[self.set_of(element)?];
        set.values.as_ref().map(|values| values[element.index() - set.first])
    }

    /// All names of the first namespace, for suggestions.
    pub fn known(&self) -> impl Iterator<Item = &str> {
        self.symbols.keys().map(String::as_str)
    }

    /// An option in words: `court CHN`, `ally[B,C]`, `hold`.
    pub fn acts_label(&self, acts: &[Act]) -> String {
        let one = |act: &Act| {
            let name = &self.moves[act.action].name;
            match act.targets.as_slice() {
                [] => name.clone(),
                [target] => format!("{name} {}", self.element(*target)),
                targets => self.label(name, targets),
            }
        };
        let all: Vec<String> = acts.iter().map(one).collect();
        if all.is_empty() { "hold".to_string() } else { all.join(" + ") }
    }

    /// The same in two columns: moves, and targets if there is one move.
    pub fn acts_row(&self, acts: &[Act]) -> (String, String) {
        match acts {
            [act] => {
                let targets: Vec<&str> = act.targets.iter().map(|t| self.element(*t)).collect();
                (self.moves[act.action].name.clone(), targets.join(","))
            }
            acts => (self.acts_label(acts), String::new()),
        }
    }

    /// `name[A,B]`: a cell as files of results name it.
    pub fn label(&self, name: &str, at: &[ElementId]) -> String {
        let list: Vec<&str> = at.iter().map(|element| self.element(*element)).collect();
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

    /// Some actors, a group of the last and the first, and a set of three.
    fn names(actors: usize) -> Names {
        let mut names = Names::default();
        (0..actors).for_each(|actor| names.actors.push(format!("A{actor}")));
        names.groups.push(("ends".into(), vec![ActorId::new(actors - 1), ActorId::new(0)]));
        let elements = ["low", "middle", "high"].map(String::from).to_vec();
        names.sets.push(Set { name: "level".into(), first: actors, elements, values: None });
        names
    }

    #[test]
    fn cells_are_dense_and_without_a_diagonal() {
        let level = Some(Axis::Set(0));
        let grid = Shape::Grid([Some(Axis::Group(0)), level, Some(Axis::Actors), level]);
        let one = Shape::Grid([level, None, None, None]);
        for shape in [Shape::One, Shape::Actor, Shape::Dyad, Shape::Directed, one, grid] {
            for actors in 2..6 {
                let names = names(actors);
                let all = shape.indices(&names);
                assert_eq!(all.len(), shape.cells(&names));
                for (number, at) in all.iter().enumerate() {
                    assert_eq!(shape.cell(&names, at), Some(number));
                }
            }
        }
        let four = names(4);
        let [b, c, d] = [1, 2, 3].map(ElementId::new);
        assert_eq!(Shape::Dyad.cell(&four, &[d, b]), Shape::Dyad.cell(&four, &[b, d]));
        assert_eq!(Shape::Dyad.cell(&four, &[c, c]), None);
        assert_eq!(Shape::Directed.cell(&four, &[c, c]), None);
        let ends = Shape::Grid([Some(Axis::Group(0)), None, None, None]);
        assert_eq!(ends.cell(&four, &[c]), None);
        assert_eq!(ends.cell(&four, &[d]), Some(0));
        assert_eq!(grid.word(&four), "ends, level, actor, level");
    }

    #[test]
    fn elements_are_found_in_their_set() {
        let names = names(2);
        let high = names.find(Some(0), "high");
        assert_eq!(high.map(|element| names.element(element)), Some("high"));
        assert_eq!(names.find(None, "high"), None);
        assert_eq!(names.find(None, "A1"), Some(ElementId::new(1)));
    }
}
