//! The facts of a round that formulas can read: `chose`, `happened`, `belief`, `utility`, `payoff`.

use super::ast::{Index, Word};
use super::compile::{Compiler, Role, Scope, Typed};
use super::names::Shape;
use super::node::{Node, Played};
use crate::diagnostic::{Code, Diagnostic, Span, nearest};
use crate::ids::{ActorId, EventId, HazardId, OptionId, SeatId};

/// Up to how many names a message lists.
const FEW: usize = 20;

/// The words that read facts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FactWord {
    Chose { last: bool },
    Happened { last: bool },
    Belief,
    Utility,
    Payoff,
}

impl FactWord {
    pub(super) fn named(word: &str) -> Option<Self> {
        Some(match word {
            "chose" => FactWord::Chose { last: false },
            "chose_last" => FactWord::Chose { last: true },
            "happened" => FactWord::Happened { last: false },
            "happened_last" => FactWord::Happened { last: true },
            "belief" => FactWord::Belief,
            "utility" => FactWord::Utility,
            "payoff" => FactWord::Payoff,
            _ => return None,
        })
    }

    /// Whether it can be read in a formula of this role.
    fn legal(self, role: Role) -> bool {
        match self {
            FactWord::Chose { last: false } => role.reads_choices(),
            FactWord::Happened { last: false } => role.reads_events(),
            FactWord::Utility | FactWord::Payoff => role == Role::Outcome,
            _ => role.reads_state(),
        }
    }
}

impl Compiler<'_> {
    pub(super) fn fact(
        &mut self,
        fact: FactWord,
        word: &Word,
        list: &[Index],
        span: Span,
        scope: &Scope,
    ) -> Option<Typed> {
        if !fact.legal(scope.role) {
            let text = format!("`{}` cannot stand in {}", word.text, scope.role.words());
            let help = match word.text.as_str() {
                "chose" if scope.role.reads_state() => "perhaps `chose_last[...]` is meant",
                "happened" if scope.role.reads_state() => "perhaps `happened_last[...]` is meant",
                _ => "`docs/scenario-format.md` says where each fact can be read",
            };
            self.report.push(Diagnostic::new(Code::IllegalPlace, word.span, text).help(help));
            return None;
        }
        match fact {
            FactWord::Chose { last } => self.chose(list, last, span, scope),
            FactWord::Happened { last } => self.happened(list, last, span, scope),
            FactWord::Belief => self.belief(list, span, scope),
            FactWord::Utility => {
                let [actor] = self.exactly(list, "utility[A]", span)?;
                let actor = self.actor(&actor, scope)?;
                Some(self.leaf(Node::Utility(actor), span, false, false))
            }
            FactWord::Payoff => {
                let [actor, component] = self.exactly(list, "payoff[A, component]", span)?;
                let actor = self.actor(&actor, scope);
                let known = &self.names.components;
                let component = self.position(&component, known, "payoff component");
                Some(self.leaf(Node::Payoff(actor?, component?), span, false, false))
            }
        }
    }

    fn exactly<const N: usize>(
        &mut self,
        list: &[Index],
        form: &str,
        span: Span,
    ) -> Option<[Word; N]> {
        let words: Vec<Word> = list.iter().filter(|i| !i.tag).map(|i| i.word.clone()).collect();
        let found = <[Word; N]>::try_from(words).ok().filter(|_| list.len() == N);
        if found.is_none() {
            self.error(Code::WrongIndices, span, format!("the form is `{form}`"));
        }
        found
    }

    fn position(&mut self, word: &Word, known: &[String], what: &str) -> Option<usize> {
        let found = known.iter().position(|n| *n == word.text);
        if found.is_none() {
            let name = &word.text;
            let text = format!("there is no {what} `{name}`");
            let elsewhere = match what {
                "event" if self.names.moves.iter().any(|m| m.name == *name) => {
                    Some(format!("`{name}` is a move: whether A plays it is `chose[A, {name}]`"))
                }
                "move" if self.names.events.iter().any(|e| e.name == *name) => {
                    Some(format!("`{name}` is an event: `happened[{name}]`"))
                }
                _ => nearest(name, known.iter().map(String::as_str)),
            };
            let list = || format!("known here: `{}`", known.join("`, `"));
            let help = elsewhere.or_else(|| (1..=FEW).contains(&known.len()).then(list));
            self.report.push(Diagnostic::new(Code::UnknownName, word.span, text).help_if(help));
        }
        found
    }

    /// Warns of a choice that its actor does not have, where it is named and no index stands for
    /// it.
    fn never_chosen(&mut self, who: &Word, what: &Index, whom: Option<&Word>, span: Span) {
        let (actor, name) = (&who.text, &what.word.text);
        let (form, help) = if what.tag {
            (format!("a move with the tag `{name}`"), "`tags` of a move, and who plays it: `by`")
        } else {
            (format!("`{name}`"), "`by` and `toward` of a move say who can play it, and at whom")
        };
        let toward = whom.map_or_else(String::new, |t| format!(" toward {}", t.text));
        let text = format!("this never holds: {actor} cannot play {form}{toward}");
        self.report.push(Diagnostic::new(Code::NeverHolds, span, text).help(help));
    }

    /// `chose[A, m]`, `chose[A, m, B]`, `chose[A, #tag]`, `chose[A, hold]`.
    fn chose(&mut self, list: &[Index], last: bool, span: Span, scope: &Scope) -> Option<Typed> {
        let (who, what, whom) = match list {
            [a, m] if !a.tag => (a, m, None),
            [a, m, t] if !a.tag && !m.tag && !t.tag => (a, m, Some(t)),
            _ => {
                let text = "the form is `chose[A, move]`, `chose[A, move, B]` or `chose[A, #tag]`";
                return self.error(Code::WrongIndices, span, text);
            }
        };
        let actor = self.actor(&who.word, scope);
        let target = match whom {
            Some(index) => Some(self.actor(&index.word, scope)?),
            None => None,
        };
        let hold = what.word.text == "hold" && !what.tag;
        let names = self.names;
        let chosen: Vec<bool> = if what.tag {
            let tag = &what.word.text;
            if !names.moves.iter().any(|m| m.tags.contains(tag)) {
                let tags = names.moves.iter().flat_map(|m| m.tags.iter().map(String::as_str));
                let text = format!("no move has the tag `{tag}`");
                let help = nearest(tag, tags);
                let place = what.word.span;
                self.report.push(Diagnostic::new(Code::UnknownName, place, text).help_if(help));
                return None;
            }
            names.moves.iter().map(|m| m.tags.contains(tag)).collect()
        } else if hold {
            Vec::new()
        } else {
            let moves: Vec<String> = names.moves.iter().map(|m| m.name.clone()).collect();
            let found = self.position(&what.word, &moves, "move")?;
            (0..moves.len()).map(|m| m == found).collect()
        };
        let actor = actor?;
        let mut seats: Vec<(SeatId, Vec<OptionId>)> = Vec::new();
        for (id, option) in names.options.enumerate() {
            let counts = match option.action {
                Some(m) => {
                    chosen.get(m) == Some(&true) && target.is_none_or(|t| option.target == Some(t))
                }
                None => hold && target.is_none(),
            };
            if option.actor != actor || !counts {
                continue;
            }
            match seats.last_mut() {
                Some((seat, ids)) if *seat == option.seat => ids.push(id),
                _ => seats.push((option.seat, vec![id])),
            }
        }
        if seats.is_empty() {
            let named = |word: &Word| scope.lookup(&word.text).is_none();
            let whom = whom.map(|index| &index.word);
            if named(&who.word) && whom.is_none_or(named) {
                self.never_chosen(&who.word, what, whom, span);
            }
            return Some(self.leaf(Node::Number(0.0), span, true, true));
        }
        let seats = seats.into_iter().map(|(_, ids)| ids).collect();
        let node = Node::Chose(Played { seats, every: hold, last });
        Some(self.leaf(node, span, true, false))
    }

    /// `happened[e]`, `happened[e, i]`, `happened[e, i, j]`.
    fn happened(&mut self, list: &[Index], last: bool, span: Span, scope: &Scope) -> Option<Typed> {
        let names = self.names;
        let Some((event, rest)) = list.split_first() else {
            return self.error(Code::WrongIndices, span, "the form is `happened[event]`");
        };
        let known: Vec<String> = names.events.iter().map(|e| e.name.clone()).collect();
        let found = self.position(&event.word, &known, "event")?;
        let event = &names.events[EventId::new(found)];
        let at: Vec<Option<ActorId>> = rest.iter().map(|i| self.actor(&i.word, scope)).collect();
        let at: Vec<ActorId> = at.into_iter().collect::<Option<_>>()?;
        let cells = event.each.cells(names.actors.len());
        let instance = |cell: usize| HazardId::new(event.first.index() + cell);
        let instances: Vec<HazardId> = if at.is_empty() {
            (0..cells).map(instance).collect()
        } else if at.len() == event.each.arity() {
            match event.each.cell(names.actors.len(), &at) {
                Some(cell) => vec![instance(cell)],
                None => {
                    let text = format!("`{}` does not happen to an actor and itself", event.name);
                    return self.error(Code::Diagonal, span, text);
                }
            }
        } else {
            let form = match event.each {
                Shape::One => format!("happened[{}]", event.name),
                Shape::Actor => format!("happened[{}, A]", event.name),
                _ => format!("happened[{}, A, B]", event.name),
            };
            return self.error(Code::WrongIndices, span, format!("the form is `{form}`"));
        };
        Some(self.leaf(Node::Happened(instances, last), span, true, false))
    }

    /// `belief[observer, A, type]`.
    fn belief(&mut self, list: &[Index], span: Span, scope: &Scope) -> Option<Typed> {
        let [observer, subject, word] = self.exactly(list, "belief[observer, A, type]", span)?;
        let (observer, about) = (self.actor(&observer, scope), self.actor(&subject, scope));
        let (observer, about) = (observer?, about?);
        let known = &self.names.types[about];
        if known.is_empty() {
            let name = &self.names.actors[about];
            let text = format!("{name} has no types");
            let help = format!("`[types.{name}]` says what only {name} knows about itself");
            let none = Diagnostic::new(Code::UnknownName, subject.span, text).help(help);
            self.report.push(none);
            return None;
        }
        let number = self.position(&word, known, "type")?;
        // a belief is a number: what it is about is a truth value, how likely that is is not
        Some(self.leaf(Node::Belief(observer, about, number), span, false, true))
    }
}
