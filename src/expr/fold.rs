//! Compiling what is repeated over actors: sets, bindings, aggregates.

use super::ast::*;
use super::compile::{Compiler, MAX_OPERATIONS, Scope, Typed};
use super::names::{Axis, RESERVED, Symbol};
use super::node::*;
use crate::diagnostic::{Code, Diagnostic, Span, nearest};
use crate::ids::ElementId;

impl Compiler<'_> {
    /// The elements of `actors`, `others`, a group or a set.
    pub fn set(&mut self, word: &Word, scope: &Scope) -> Option<Vec<ElementId>> {
        let names = self.names;
        let axis = match (word.text.as_str(), names.symbols.get(&word.text)) {
            ("actors", _) => Axis::Actors,
            ("others", _) => match scope.lookup("self") {
                Some(own) => {
                    let all = Axis::Actors.elements(names).into_iter();
                    return Some(all.filter(|k| *k != own).collect());
                }
                None => {
                    let text = "`others` means all but `self`, and `self` is not bound here";
                    self.report.push(
                        Diagnostic::new(Code::UnboundIndex, word.span, text)
                            .help("use `actors if k != i`"),
                    );
                    return None;
                }
            },
            (_, Some(Symbol::Group(group))) => Axis::Group(*group),
            (_, Some(Symbol::Set(set))) => Axis::Set(*set),
            _ => {
                let sets = names.sets.iter().map(|set| set.name.as_str());
                let known = names.groups.iter().map(|(g, _)| g.as_str()).chain(sets);
                let help = nearest(&word.text, known.chain(["actors", "others"]));
                let text = format!("there is no group or set `{}`", word.text);
                let diagnostic = Diagnostic::new(Code::UnknownName, word.span, text);
                self.report.push(diagnostic.help_if(help));
                return None;
            }
        };
        Some(axis.elements(names))
    }

    /// Whether an index may have this name; if not, says why.
    fn bindable(&mut self, word: &Word, scope: &Scope) -> bool {
        let taken = RESERVED.contains(&word.text.as_str())
            || self.names.symbols.contains_key(&word.text)
            || scope.lookup(&word.text).is_some();
        if taken {
            let text = format!("the index `{}` has a name that is taken", word.text);
            self.report.push(Diagnostic::new(Code::DuplicateName, word.span, text));
        }
        !taken
    }

    /// Calls `body` for every combination of the bindings, nested left to right, with the product
    /// of the filters that are not decided; combinations that a filter rules out do not exist.
    pub fn for_each(
        &mut self,
        bindings: &[Binding],
        scope: &mut Scope,
        filter: Option<Typed>,
        body: &mut dyn FnMut(&mut Self, &mut Scope, Option<Typed>),
    ) -> Option<()> {
        let Some((first, rest)) = bindings.split_first() else {
            body(self, scope, filter);
            return Some(());
        };
        if !self.bindable(&first.name, scope) {
            return None;
        }
        let mut clean = Some(());
        for element in self.set(&first.set, scope)? {
            if self.operations > MAX_OPERATIONS {
                return None;
            }
            self.operations += 1;
            scope.bound.push((first.name.text.clone(), element));
            clean = clean.and(self.one_of(first, rest, scope, filter.clone(), body));
            scope.bound.pop();
        }
        clean
    }

    fn one_of(
        &mut self,
        first: &Binding,
        rest: &[Binding],
        scope: &mut Scope,
        filter: Option<Typed>,
        body: &mut dyn FnMut(&mut Self, &mut Scope, Option<Typed>),
    ) -> Option<()> {
        let Some(ast) = &first.filter else {
            return self.for_each(rest, scope, filter, body);
        };
        let own = self.truth_typed(ast, scope)?;
        match own.expr.decided() {
            Some(0.0) => Some(()),
            Some(_) => self.for_each(rest, scope, filter, body),
            None => {
                let both = match filter {
                    None => own,
                    Some(outer) => {
                        let (x, y) = (Box::new(outer.expr.clone()), Box::new(own.expr.clone()));
                        self.over(own.expr.span, true, &[&outer, &own], Node::And(x, y))
                    }
                };
                self.for_each(rest, scope, Some(both), body)
            }
        }
    }

    /// An aggregate; `first` with its key.
    pub(super) fn aggregate(
        &mut self,
        how: Aggregate,
        bindings: &[Binding],
        key: Option<&Ast>,
        body: &Ast,
        span: Span,
        scope: &mut Scope,
    ) -> Option<Typed> {
        let wants_truth = matches!(how, Aggregate::Any | Aggregate::All | Aggregate::Count);
        let mut parts: Vec<Option<Element>> = Vec::new();
        let clean = self.for_each(bindings, scope, None, &mut |compiler, scope, filter| {
            let key = key.map(|key| compiler.compile(key, scope));
            let value = if wants_truth {
                compiler.truth_typed(body, scope)
            } else {
                compiler.compile(body, scope)
            };
            parts.push(element(filter, key, value));
        });
        clean?;
        self.folded(how, parts, span)
    }

    fn folded(&self, how: Aggregate, parts: Vec<Option<Element>>, span: Span) -> Option<Typed> {
        let mut terms = Vec::with_capacity(parts.len());
        let (mut free, mut height, mut all_truth) = (true, 0, !parts.is_empty());
        for part in parts {
            let Element { filter, key, value } = part?;
            all_truth &= value.truth;
            for typed in filter.iter().chain(&key).chain([&value]) {
                free &= typed.free;
                height = height.max(typed.height);
            }
            let (filter, key) = (filter.map(|f| f.expr), key.map(|k| k.expr));
            terms.push(Term { filter, key, value: value.expr });
        }
        let truth = match how {
            Aggregate::Any | Aggregate::All => true,
            Aggregate::First => all_truth,
            _ => false,
        };
        let expr = Expr { node: Node::Fold(how, terms), span };
        Some(Typed { expr, truth, free, height: height + 1 })
    }

    /// `x[argmax(j in S: f), B]`: of all x[j, B] the one with the greatest key.
    pub(super) fn indexed_by_chosen(
        &mut self,
        word: &Word,
        list: &[Index],
        at: usize,
        span: Span,
        scope: &mut Scope,
    ) -> Option<Typed> {
        let chosen = list[at].chosen.as_ref()?;
        self.chosen(chosen, span, scope, &mut |name| {
            let mut list = list.to_vec();
            list[at] = Index { word: name, tag: false, chosen: None };
            Ast { kind: Kind::Name(word.clone(), Some(list)), span }
        })
    }

    /// A comparison of a chosen element with an index; `None` if neither side is one.
    pub(super) fn compare_chosen(
        &mut self,
        how: Comparison,
        left: &Ast,
        right: &Ast,
        span: Span,
        scope: &mut Scope,
    ) -> Option<Option<Typed>> {
        let compared = |a: Ast, b: Ast| {
            let kind = Kind::Binary(Operator::Compare(how), Box::new(a), Box::new(b));
            Ast { kind, span }
        };
        let named = |name: Word| Ast { span: name.span, kind: Kind::Name(name, None) };
        Some(match (&left.kind, &right.kind) {
            (Kind::Chosen(chosen), _) => {
                self.chosen(chosen, span, scope, &mut |name| compared(named(name), right.clone()))
            }
            (_, Kind::Chosen(chosen)) => {
                self.chosen(chosen, span, scope, &mut |name| compared(left.clone(), named(name)))
            }
            _ => return None,
        })
    }

    /// What `body` makes of a chosen element: `first` over what it makes of each. The body sees
    /// the element by a name of its own, so that the index bound inside stays inside.
    pub(super) fn chosen(
        &mut self,
        chosen: &Chosen,
        span: Span,
        scope: &mut Scope,
        body: &mut dyn FnMut(Word) -> Ast,
    ) -> Option<Typed> {
        let name = Word { text: format!(" {}", chosen.span.start), span: chosen.span };
        let ast = body(name.clone());
        let bindings = std::slice::from_ref(&chosen.binding);
        let mut parts: Vec<Option<Element>> = Vec::new();
        let clean = self.for_each(bindings, scope, None, &mut |compiler, scope, filter| {
            let mut key = compiler.compile(&chosen.key, scope);
            if chosen.greatest {
                let negated = |k: Typed| {
                    let node = Node::Negate(Box::new(k.expr.clone()));
                    compiler.over(chosen.key.span, false, &[&k], node)
                };
                key = key.map(negated);
            }
            let Some((inner, element_of_set)) = scope.bound.pop() else { return };
            scope.bound.push((name.text.clone(), element_of_set));
            let value = compiler.compile(&ast, scope);
            scope.bound.pop();
            scope.bound.push((inner, element_of_set));
            parts.push(element(filter, Some(key), value));
        });
        clean?;
        self.folded(Aggregate::First, parts, span)
    }
}

/// A compiled element of an aggregate.
struct Element {
    filter: Option<Typed>,
    key: Option<Typed>,
    value: Typed,
}

/// An element, if its key, where it has one, and its value could be compiled.
fn element(
    filter: Option<Typed>,
    key: Option<Option<Typed>>,
    value: Option<Typed>,
) -> Option<Element> {
    let key = match key {
        Some(key) => Some(key?),
        None => None,
    };
    Some(Element { filter, key, value: value? })
}
