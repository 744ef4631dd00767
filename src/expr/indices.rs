//! What the indices of a formula stand for: actors and elements of sets.

use super::ast::Word;
use super::compile::{Compiler, Scope, Typed};
use super::names::{Axis, Shape, Symbol};
use super::node::Node;
use crate::diagnostic::{Code, Diagnostic, Span, nearest};
use crate::ids::{ActorId, ElementId};

impl Compiler<'_> {
    /// The actor an index stands for.
    pub fn actor(&mut self, word: &Word, scope: &Scope) -> Option<ActorId> {
        let element = self.element(word, None, scope)?;
        self.names.as_actor(element)
    }

    /// What an index stands for where an element of a set, or of the actors, is expected.
    pub fn element(&mut self, word: &Word, set: Option<usize>, scope: &Scope) -> Option<ElementId> {
        let names = self.names;
        let Some(element) = scope.lookup(&word.text) else {
            let found = names.find(set, &word.text);
            if found.is_none() {
                self.unknown_element(word, set, scope);
            }
            return found;
        };
        let own = names.set_of(element);
        if own == set {
            return Some(element);
        }
        let runs = own.map_or("the actors".to_string(), |k| format!("`{}`", names.sets[k].name));
        let wanted = set
            .map_or("an actor".to_string(), |k| format!("an element of `{}`", names.sets[k].name));
        let text = format!("`{}` runs over {runs}, and {wanted} is needed here", word.text.trim());
        self.report.push(Diagnostic::new(Code::WrongIndices, word.span, text));
        None
    }

    fn unknown_element(&mut self, word: &Word, set: Option<usize>, scope: &Scope) {
        let (text, names) = (&word.text, self.names);
        let bound = scope.bound.iter().map(|(n, _)| n.as_str());
        if let Some(set) = set {
            let set = &names.sets[set];
            let message = format!("there is no element or index `{text}` of `{}`", set.name);
            let help = nearest(text, bound.chain(set.elements.iter().map(String::as_str)));
            let diagnostic = Diagnostic::new(Code::UnknownName, word.span, message);
            return self.report.push(diagnostic.help_if(help));
        }
        let diagnostic = match names.symbols.get(text) {
            _ if matches!(text.as_str(), "self" | "target" | "target2" | "i" | "j") => {
                let message = format!("`{text}` is not bound here");
                Diagnostic::new(Code::UnboundIndex, word.span, message)
            }
            Some(Symbol::Group(_)) => {
                let message = format!("`{text}` is a group, not an actor");
                Diagnostic::new(Code::WrongIndices, word.span, message)
                    .help(format!("bind an index: `sum(k in {text}: ...)`"))
            }
            Some(_) => {
                let message = format!("`{text}` is not an actor");
                Diagnostic::new(Code::WrongIndices, word.span, message)
            }
            None => {
                let known = bound.chain(names.actors.iter().map(String::as_str));
                let message = format!("there is no actor or index `{text}`");
                Diagnostic::new(Code::UnknownName, word.span, message).help_if(nearest(text, known))
            }
        };
        self.report.push(diagnostic);
    }

    /// What all indices of a quantity stand for.
    pub fn elements(
        &mut self,
        words: &[Word],
        axes: &[Axis],
        scope: &Scope,
    ) -> Option<Vec<ElementId>> {
        let each = words.iter().zip(axes);
        let found: Vec<Option<ElementId>> =
            each.map(|(word, axis)| self.element(word, axis.set(), scope)).collect();
        found.into_iter().collect()
    }

    /// The cell with these indices; one that does not exist is reported, with what to do about a
    /// pair of an actor with itself.
    pub fn cell(
        &mut self,
        shape: Shape,
        at: &[ElementId],
        name: &str,
        span: Span,
        help: &str,
    ) -> Option<usize> {
        let names = self.names;
        let found = shape.cell(names, at);
        if found.is_some() {
            return found;
        }
        let label = names.label(name, at);
        let outside = shape.axes().into_iter().zip(at);
        let outside = outside.filter(|(axis, element)| axis.place(names, **element).is_none());
        let diagnostic = match outside.map(|(axis, element)| (axis, *element)).next() {
            Some((axis, element)) => {
                let (group, element) = (axis.word(names), names.element(element));
                let text = format!(
                    "`{label}` does not exist: `{name}` is of the group `{group}`, and {element} \
                     is not in it"
                );
                Diagnostic::new(Code::WrongIndices, span, text)
                    .help(format!("leave it out: `k in {group}`, or `if(i in {group}, ...)`"))
            }
            None => {
                let text = format!("`{label}` does not exist: a pair has two different actors");
                Diagnostic::new(Code::Diagonal, span, text).help(help)
            }
        };
        self.report.push(diagnostic);
        None
    }

    /// An index as a number: the value of an element of a set of numbers.
    pub(super) fn as_number(&mut self, word: &Word, element: ElementId) -> Option<Typed> {
        let names = self.names;
        if let Some(value) = names.value(element) {
            return Some(self.leaf(Node::Number(value), word.span, false, true));
        }
        let text = match names.set_of(element) {
            Some(set) => {
                format!("`{}` is an element of `{}`, not a number", word.text, names.sets[set].name)
            }
            None => format!("`{}` is an actor, not a number", word.text),
        };
        self.report.push(
            Diagnostic::new(Code::WrongIndices, word.span, text)
                .help(format!("its number in the file is `place[{}]`", word.text)),
        );
        None
    }

    /// Whether a set is one of numbers.
    pub(super) fn counts(&self, word: &Word) -> bool {
        match self.names.symbols.get(&word.text) {
            Some(Symbol::Set(set)) => self.names.sets[*set].values.is_some(),
            _ => false,
        }
    }

    /// `place[i]`: the number of an actor or element in its set, from 1; `value[d]`: what d is as
    /// a number.
    pub(super) fn of_element(
        &mut self,
        built_in: &Word,
        words: &[Word],
        span: Span,
        scope: &Scope,
    ) -> Option<Typed> {
        let [word] = words else {
            let text = format!("the form is `{}[i]`", built_in.text);
            return self.error(Code::WrongIndices, span, text);
        };
        let set = scope.lookup(&word.text).and_then(|element| self.names.set_of(element));
        let element = self.element(word, set, scope)?;
        if built_in.text == "value" {
            return self.as_number(word, element);
        }
        let first = set.map_or(0, |set| self.names.sets[set].first);
        let number = (element.index() - first + 1) as f64;
        Some(self.leaf(Node::Number(number), span, false, true))
    }
}
