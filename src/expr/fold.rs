//! Compiling what is repeated over actors: sets, bindings, aggregates.

use super::ast::*;
use super::compile::{Compiler, MAX_OPERATIONS, Scope, Typed};
use super::names::RESERVED;
use super::node::*;
use crate::diagnostic::{Code, Diagnostic, Span, nearest};
use crate::ids::ActorId;

impl Compiler<'_> {
    /// The actors of `actors`, `others` or a group.
    pub fn set(&mut self, word: &Word, scope: &Scope) -> Option<Vec<ActorId>> {
        let names = self.names;
        match word.text.as_str() {
            "actors" => return Some(names.actors.ids().collect()),
            "others" => match scope.lookup("self") {
                Some(own) => return Some(names.actors.ids().filter(|k| *k != own).collect()),
                None => {
                    let text = "`others` means all but `self`, and `self` is not bound here";
                    self.report.push(
                        Diagnostic::new(Code::UnboundIndex, word.span, text)
                            .help("use `actors if k != i`"),
                    );
                    return None;
                }
            },
            _ => {}
        }
        if let Some(group) = names.group(&word.text) {
            return Some(names.groups[group].1.clone());
        }
        let known = names.groups.iter().map(|(g, _)| g.as_str()).chain(["actors", "others"]);
        let text = format!("there is no group `{}`", word.text);
        let help = nearest(&word.text, known);
        self.report.push(Diagnostic::new(Code::UnknownName, word.span, text).help_if(help));
        None
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
        for actor in self.set(&first.set, scope)? {
            if self.operations > MAX_OPERATIONS {
                return None;
            }
            self.operations += 1;
            scope.bound.push((first.name.text.clone(), actor));
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

    pub(super) fn aggregate(
        &mut self,
        how: Aggregate,
        bindings: &[Binding],
        body: &Ast,
        span: Span,
        scope: &mut Scope,
    ) -> Option<Typed> {
        let wants_truth = matches!(how, Aggregate::Any | Aggregate::All | Aggregate::Count);
        let mut parts: Vec<(Option<Typed>, Option<Typed>)> = Vec::new();
        let clean = self.for_each(bindings, scope, None, &mut |compiler, scope, filter| {
            let value = if wants_truth {
                compiler.truth_typed(body, scope)
            } else {
                compiler.compile(body, scope)
            };
            parts.push((filter, value));
        });
        clean?;
        let mut terms = Vec::with_capacity(parts.len());
        let (mut free, mut height) = (true, 0);
        for (filter, value) in parts {
            let value = value?;
            free &= value.free && filter.as_ref().is_none_or(|f| f.free);
            height = height.max(value.height).max(filter.as_ref().map_or(0, |f| f.height));
            terms.push(Term { filter: filter.map(|f| f.expr), value: value.expr });
        }
        let truth = matches!(how, Aggregate::Any | Aggregate::All);
        let expr = Expr { node: Node::Fold(how, terms), span };
        Some(Typed { expr, truth, free, height: height + 1 })
    }
}
