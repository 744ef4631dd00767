//! The facts of a round that formulas can read: `chose`, `happened`, `belief`, `utility`, `payoff`.

use super::ast::{Index, Word};
use super::compile::{Compiler, Role, Scope, Typed};
use super::names::{Act, Shape};
use super::node::{Node, Played};
use crate::diagnostic::{Code, Diagnostic, Span, nearest};
use crate::ids::{ActorId, EventId, HazardId, OptionId, SeatId};

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
        let chose = fact == FactWord::Chose { last: false };
        let knows = scope.stage > 0 || scope.acts.is_some();
        let earlier = chose && scope.role == Role::Ordinary && knows;
        if !fact.legal(scope.role) && !earlier {
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
            let text = format!("there is no {what} `{}`", word.text);
            let help = nearest(&word.text, known.iter().map(String::as_str));
            self.report.push(Diagnostic::new(Code::UnknownName, word.span, text).help_if(help));
        }
        found
    }

    /// By move, whether it is the one of that name, which takes so many targets, or has that tag.
    fn moves_named(&mut self, what: &Index, targets: usize, span: Span) -> Option<Vec<bool>> {
        let names = self.names;
        let word = &what.word;
        if what.tag {
            if !names.moves.iter().any(|m| m.tags.contains(&word.text)) {
                let tags = names.moves.iter().flat_map(|m| m.tags.iter().map(String::as_str));
                let text = format!("no move has the tag `{}`", word.text);
                let help = nearest(&word.text, tags);
                let wrong = Diagnostic::new(Code::UnknownName, word.span, text).help_if(help);
                self.report.push(wrong);
                return None;
            }
            return Some(names.moves.iter().map(|m| m.tags.contains(&word.text)).collect());
        }
        let moves: Vec<String> = names.moves.iter().map(|m| m.name.clone()).collect();
        let found = self.position(word, &moves, "move")?;
        let mut acts = names.options.iter().flat_map(|o| &o.acts).filter(|a| a.action == found);
        if targets == 2 && !acts.any(|act| act.targets.len() == 2) {
            let text = format!("`{}` has not two targets", word.text);
            self.error(Code::WrongIndices, span, text);
            return None;
        }
        Some((0..moves.len()).map(|m| m == found).collect())
    }

    /// `chose[A, m]`, `chose[A, m, B]`, `chose[A, m, B, C]`, `chose[A, #tag]`, `chose[A, hold]`.
    fn chose(&mut self, list: &[Index], last: bool, span: Span, scope: &Scope) -> Option<Typed> {
        let (who, what, whom) = match list {
            [a, m, whom @ ..]
                if !a.tag
                    && whom.len() <= 2
                    && (whom.is_empty() || !m.tag)
                    && whom.iter().all(|t| !t.tag) =>
            {
                (a, m, whom)
            }
            _ => {
                let text = "the form is `chose[A, move]`, `chose[A, move, B]` or `chose[A, #tag]`";
                return self.error(Code::WrongIndices, span, text);
            }
        };
        let actor = self.actor(&who.word, scope);
        let targets = whom.iter().map(|index| self.actor(&index.word, scope));
        let targets: Vec<ActorId> = targets.collect::<Option<_>>()?;
        let hold = what.word.text == "hold" && !what.tag;
        let names = self.names;
        let chosen = if hold { Vec::new() } else { self.moves_named(what, targets.len(), span)? };
        let actor = actor?;
        let plays = |acts: &[Act]| {
            let counts = |act: &Act| {
                chosen.get(act.action) == Some(&true) && act.targets.starts_with(&targets)
            };
            match acts.is_empty() {
                true => hold && targets.is_empty(),
                false => acts.iter().any(counts),
            }
        };
        if let (false, Some(acts)) = (last, &scope.acts)
            && scope.lookup("self") == Some(actor)
        {
            let known = f64::from(u8::from(plays(acts)));
            return Some(self.leaf(Node::Number(known), span, true, true));
        }
        let mut seats: Vec<(SeatId, Vec<OptionId>)> = Vec::new();
        for (id, option) in names.options.enumerate() {
            if option.actor != actor || !plays(&option.acts) {
                continue;
            }
            if !last && scope.role == Role::Ordinary && option.stage >= scope.stage {
                let text = "this is not chosen yet: only earlier stages of the round are over";
                let help = "give the move that reads it a later `stage`, or read `chose_last[...]`";
                let wrong = Diagnostic::new(Code::IllegalPlace, span, text);
                self.report.push(wrong.help(help));
                return None;
            }
            match seats.last_mut() {
                Some((seat, ids)) if *seat == option.seat => ids.push(id),
                _ => seats.push((option.seat, vec![id])),
            }
        }
        if seats.is_empty() {
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
            let text = format!("{} has no types", self.names.actors[about]);
            return self.error(Code::UnknownName, subject.span, text);
        }
        let number = self.position(&word, known, "type")?;
        // a belief is a number: what it is about is a truth value, how likely that is is not
        Some(self.leaf(Node::Belief(observer, about, number), span, false, true))
    }
}
