//! The facts of a round that formulas can read: `chose`, `happened`, `belief`, `utility`, `payoff`.

use super::ast::{Index, Word};
use super::compile::{Compiler, Role, Scope, Typed};
use super::names::Act;
use super::node::{Expr, Node, Played};
use crate::diagnostic::{Code, Diagnostic, Span, nearest};
use crate::ids::{ElementId, EventId, HazardId, OptionId, SeatId};

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
            FactWord::Utility | FactWord::Payoff => role.reads_utilities(),
            _ => role.reads_state(),
        }
    }
}

impl<'n> Compiler<'n> {
    /// What a formula reads that is not known all through a round, each word once.
    pub(super) fn later(&self, expr: &Expr) -> Vec<(FactWord, Span)> {
        let mut found: Vec<(FactWord, Span)> = Vec::new();
        let mut note = |word: FactWord, span: Span| {
            if !found.iter().any(|(known, _)| *known == word) {
                found.push((word, span));
            }
        };
        expr.walk(&mut |e| match &e.node {
            Node::Chose(played) if !played.last => note(FactWord::Chose { last: false }, e.span),
            Node::Happened(_, false) => note(FactWord::Happened { last: false }, e.span),
            Node::Utility(_) => note(FactWord::Utility, e.span),
            Node::Payoff(..) => note(FactWord::Payoff, e.span),
            Node::Derived(id) => {
                let below = self.pool.get(*id).map(|instance| &instance.later);
                below.into_iter().flatten().for_each(|(word, span)| note(*word, *span));
            }
            _ => {}
        });
        found
    }

    /// Reports an instance that reads what cannot be read where it is read.
    pub(super) fn readable(&mut self, id: usize, span: Span, scope: &Scope) -> Option<()> {
        let (instance, role) = (&self.pool[id], scope.role);
        let known = |word: FactWord| {
            let chose = word == FactWord::Chose { last: false } && role == Role::Ordinary;
            word.legal(role) || chose && self.chosen_before(id, scope.stage, &mut Vec::new())
        };
        let Some((word, place)) = instance.later.iter().find(|(word, _)| !known(*word)) else {
            return Some(());
        };
        let label = self.names.label(&self.names.derived[instance.definition].name, &instance.at);
        let word = match word {
            FactWord::Chose { .. } => "chose",
            FactWord::Happened { .. } => "happened",
            FactWord::Belief => "belief",
            FactWord::Utility => "utility",
            FactWord::Payoff => "payoff",
        };
        let text = format!("`{label}` reads `{word}`, which cannot stand in {}", role.words());
        let diagnostic = Diagnostic::new(Code::IllegalPlace, span, text)
            .label(*place, format!("`{word}` is read here"))
            .help("`docs/scenario-format.md` says where each fact can be read");
        self.report.push(diagnostic);
        None
    }

    /// Whether an instance reads what is chosen in earlier stages alone, itself and through others;
    /// `seen` are those that were looked at.
    fn chosen_before(&self, id: usize, stage: usize, seen: &mut Vec<usize>) -> bool {
        if seen.contains(&id) {
            return true;
        }
        seen.push(id);
        let Some(compiled) = &self.pool[id].compiled else { return false };
        let (mut before, mut below) = (true, Vec::new());
        compiled.expr.walk(&mut |e| match &e.node {
            Node::Chose(played) if !played.last => {
                let mut options = played.seats.iter().flatten();
                before &= options.all(|option| self.names.options[*option].stage < stage);
            }
            Node::Derived(other) => below.push(*other),
            _ => {}
        });
        before && below.into_iter().all(|other| self.chosen_before(other, stage, seen))
    }

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
    fn never_chosen(&mut self, who: &Word, what: &Index, whom: &[Index], span: Span) {
        let (actor, name) = (&who.text, &what.word.text);
        let (form, help) = if what.tag {
            (format!("a move with the tag `{name}`"), "`tags` of a move, and who plays it: `by`")
        } else {
            (format!("`{name}`"), "`by` and `toward` of a move say who can play it, and at whom")
        };
        let targets: Vec<&str> = whom.iter().map(|t| t.word.text.as_str()).collect();
        let toward = match targets.as_slice() {
            [] => String::new(),
            targets => format!(" toward {}", targets.join(" and ")),
        };
        let text = format!("this never holds: {actor} cannot play {form}{toward}");
        self.report.push(Diagnostic::new(Code::NeverHolds, span, text).help(help));
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
        let hold = what.word.text == "hold" && !what.tag;
        let names = self.names;
        let (chosen, sets) = self.moves_meant(what, whom.len(), span)?;
        let places = whom.iter().enumerate();
        let of = |at: usize| sets.get(at).copied().flatten();
        let targets = places.map(|(at, index)| self.element(&index.word, of(at), scope));
        let targets: Vec<ElementId> = targets.collect::<Option<_>>()?;
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
            && scope.lookup("self") == Some(ElementId::from(actor))
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
            let named = |word: &Word| scope.lookup(&word.text).is_none();
            if named(&who.word) && whom.iter().all(|index| named(&index.word)) {
                self.never_chosen(&who.word, what, whom, span);
            }
            return Some(self.leaf(Node::Number(0.0), span, true, true));
        }
        let seats = seats.into_iter().map(|(_, ids)| ids).collect();
        let node = Node::Chose(Played { seats, every: hold, last });
        Some(self.leaf(node, span, true, false))
    }

    /// By move, whether it is meant, and for one move with how many targets it is named what they
    /// are of; `hold` is none.
    fn moves_meant(
        &mut self,
        what: &Index,
        targets: usize,
        span: Span,
    ) -> Option<(Vec<bool>, &'n [Option<usize>])> {
        let names = self.names;
        let moves = names.moves.iter();
        if what.tag {
            let tag = &what.word.text;
            let chosen: Vec<bool> = moves.map(|m| m.tags.contains(tag)).collect();
            if chosen.contains(&true) {
                return Some((chosen, &[]));
            }
            let tags = names.moves.iter().flat_map(|m| m.tags.iter().map(String::as_str));
            let text = format!("no move has the tag `{tag}`");
            let help = nearest(tag, tags);
            let place = what.word.span;
            self.report.push(Diagnostic::new(Code::UnknownName, place, text).help_if(help));
            return None;
        }
        if what.word.text == "hold" {
            return Some((Vec::new(), &[]));
        }
        let known: Vec<String> = moves.map(|m| m.name.clone()).collect();
        let found = self.position(&what.word, &known, "move")?;
        let sets = &names.moves[found].targets;
        if targets == 2 && sets.len() != 2 {
            let text = format!("`{}` has not two targets", what.word.text);
            self.error(Code::WrongIndices, span, text);
            return None;
        }
        Some(((0..known.len()).map(|m| m == found).collect(), sets))
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
        let words: Vec<Word> = rest.iter().map(|i| i.word.clone()).collect();
        let axes = event.each.axes();
        let cells = event.each.cells(names);
        let instance = |cell: usize| HazardId::new(event.first.index() + cell);
        let instances: Vec<HazardId> = if words.is_empty() {
            (0..cells).map(instance).collect()
        } else if words.len() == axes.len() {
            let at = self.elements(&words, &axes, scope)?;
            let help = "no event happens to an actor and itself";
            vec![instance(self.cell(event.each, &at, &event.name, span, help)?)]
        } else {
            let letters = axes.iter().zip(["A", "B", "C", "D"]);
            let letters: String = letters.map(|(_, letter)| format!(", {letter}")).collect();
            let form = format!("happened[{}{letters}]", event.name);
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
