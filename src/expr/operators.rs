//! Compiling functions, draws, branches and operators.

use super::ast::*;
use super::compile::{Compiler, MAX_DRAWS, MAX_UNITS, Scope, Typed, plural};
use super::facts_of::FactWord;
use super::node::*;
use crate::calendar::{Calendar, Date, FORMS};
use crate::diagnostic::{Code, Diagnostic, Span, clip, nearest};

impl Compiler<'_> {
    pub(super) fn call(
        &mut self,
        word: &Word,
        list: &[Ast],
        span: Span,
        scope: &mut Scope,
    ) -> Option<Typed> {
        if word.text == "if" {
            return self.branch(word, list, span, scope);
        }
        if let Some((distribution, needed)) = Distribution::named(&word.text) {
            return self.draw(distribution, needed, word, list, span, scope);
        }
        let Some((function, least, most)) = Function::named(&word.text) else {
            let help = if word.text == "at" {
                Some("a date stands between single quotes: `at('2025-01')`".to_string())
            } else if self.names.symbols.contains_key(&word.text)
                || FactWord::named(&word.text).is_some()
            {
                Some(format!("indices stand in square brackets: `{}[...]`", word.text))
            } else {
                let others = ["sum", "any", "all", "count", "normal", "uniform", "bernoulli"];
                nearest(&word.text, Function::NAMES.iter().copied().chain(others))
            };
            let text = format!("there is no function `{}`", word.text);
            self.report.push(Diagnostic::new(Code::UnknownName, word.span, text).help_if(help));
            return None;
        };
        if list.len() < least || list.len() > most {
            return self.wrong_count(word, list.len(), least);
        }
        let parts: Vec<Option<Typed>> = list.iter().map(|a| self.compile(a, scope)).collect();
        let parts: Vec<Typed> = parts.into_iter().collect::<Option<_>>()?;
        let seen: Vec<&Typed> = parts.iter().collect();
        let node = Node::Call(function, parts.iter().map(|p| p.expr.clone()).collect());
        Some(self.over(span, false, &seen, node))
    }

    /// `at('2025-01')`: the number of the round that holds the date.
    pub(super) fn moment(&mut self, text: &Word, span: Span) -> Option<Typed> {
        let found = dated(self.names.calendar, text).and_then(|(calendar, date)| {
            calendar.round(date).ok_or_else(|| {
                let message = format!("`{}` lies before the first round", text.text);
                let help = format!("round 1 begins on {}", calendar.date(1));
                Box::new(Diagnostic::new(Code::Date, text.span, message).help(help))
            })
        });
        match found {
            Ok(round) => Some(self.leaf(Node::Number(f64::from(round)), span, false, true)),
            Err(diagnostic) => {
                self.report.push(*diagnostic);
                None
            }
        }
    }

    fn wrong_count(&mut self, word: &Word, found: usize, needed: usize) -> Option<Typed> {
        let needed = plural(needed, "argument", "arguments");
        let text = format!("`{}` takes {needed}, found {found}", word.text);
        self.error(Code::WrongIndices, word.span, text)
    }

    /// `if(c, a, b)`: where c is decided, only the branch that is taken is read.
    fn branch(
        &mut self,
        word: &Word,
        list: &[Ast],
        span: Span,
        scope: &mut Scope,
    ) -> Option<Typed> {
        let [condition, yes, no] = list else {
            return self.wrong_count(word, list.len(), 3);
        };
        let p = self.truth_typed(condition, scope);
        if let Some(value) = p.as_ref().and_then(|p| p.expr.decided()) {
            return self.compile(if value == 1.0 { yes } else { no }, scope);
        }
        let (a, b) = (self.compile(yes, scope), self.compile(no, scope));
        let (p, a, b) = (p?, a?, b?);
        let node = Node::If(Box::new([p.expr.clone(), a.expr.clone(), b.expr.clone()]));
        Some(self.over(span, a.truth && b.truth, &[&p, &a, &b], node))
    }

    fn draw(
        &mut self,
        distribution: Distribution,
        needed: usize,
        word: &Word,
        list: &[Ast],
        span: Span,
        scope: &mut Scope,
    ) -> Option<Typed> {
        if !scope.role.draws() {
            let text = format!("a draw cannot stand in {}", scope.role.words());
            self.report.push(
                Diagnostic::new(Code::IllegalPlace, word.span, text)
                    .help("draws stand in effects, dynamics and initial values"),
            );
            return None;
        }
        if list.len() != needed {
            return self.wrong_count(word, list.len(), needed);
        }
        let parts: Vec<Option<Typed>> = list.iter().map(|a| self.compile(a, scope)).collect();
        let site = Site { ordinal: scope.ordinal, unit: scope.unit };
        if site.ordinal >= MAX_DRAWS || site.unit >= MAX_UNITS {
            let text = format!(
                "one option, cell or event may have {MAX_DRAWS} draws, and this is one too many"
            );
            self.report.push(
                Diagnostic::new(Code::Limit, word.span, text)
                    .help("draw fewer: an aggregate draws once for each of its elements"),
            );
            return None;
        }
        scope.ordinal += 1;
        let parts: Vec<Typed> = parts.into_iter().collect::<Option<_>>()?;
        let seen: Vec<&Typed> = parts.iter().collect();
        let list = parts.iter().map(|p| p.expr.clone()).collect();
        let node = Node::Draw(distribution, list, site);
        let truth = distribution == Distribution::Bernoulli;
        Some(Typed { free: false, ..self.over(span, truth, &seen, node) })
    }

    pub(super) fn binary(
        &mut self,
        operator: Operator,
        left: &Ast,
        right: &Ast,
        scope: &mut Scope,
    ) -> Option<Typed> {
        let span = left.span.to(right.span);
        match operator {
            Operator::And | Operator::Or => self.logic(operator, left, right, span, scope),
            Operator::Compare(how) => self.compare(how, left, right, span, scope),
            _ => {
                let (a, b) = (self.compile(left, scope), self.compile(right, scope));
                let (a, b) = (a?, b?);
                let how = match operator {
                    Operator::Subtract => Arithmetic::Subtract,
                    Operator::Multiply => Arithmetic::Multiply,
                    Operator::Divide => Arithmetic::Divide,
                    Operator::Power => Arithmetic::Power,
                    _ => Arithmetic::Add,
                };
                let (x, y) = (Box::new(a.expr.clone()), Box::new(b.expr.clone()));
                Some(self.over(span, false, &[&a, &b], Node::Binary(how, x, y)))
            }
        }
    }

    /// `and`, `or`: a side that is decided either settles the value or drops out.
    fn logic(
        &mut self,
        operator: Operator,
        left: &Ast,
        right: &Ast,
        span: Span,
        scope: &mut Scope,
    ) -> Option<Typed> {
        let settles = if operator == Operator::And { 0.0 } else { 1.0 };
        let a = self.truth_typed(left, scope);
        if a.as_ref().and_then(|a| a.expr.decided()) == Some(settles) {
            return a;
        }
        let b = self.truth_typed(right, scope);
        let (a, b) = (a?, b?);
        match (a.expr.decided(), b.expr.decided()) {
            (Some(_), _) => Some(b),
            (_, Some(value)) if value == settles => Some(b),
            (_, Some(_)) => Some(a),
            _ => {
                let (x, y) = (Box::new(a.expr.clone()), Box::new(b.expr.clone()));
                let node = if operator == Operator::And { Node::And(x, y) } else { Node::Or(x, y) };
                Some(self.over(span, true, &[&a, &b], node))
            }
        }
    }

    fn is_actor(&self, ast: &Ast, scope: &Scope) -> bool {
        match &ast.kind {
            Kind::Name(word, None) => {
                scope.lookup(&word.text).is_some()
                    || self.names.actor(&word.text).is_some()
                    || matches!(word.text.as_str(), "self" | "target")
            }
            _ => false,
        }
    }

    fn compare(
        &mut self,
        how: Comparison,
        left: &Ast,
        right: &Ast,
        span: Span,
        scope: &mut Scope,
    ) -> Option<Typed> {
        if self.is_actor(left, scope) || self.is_actor(right, scope) {
            return self.compare_actors(how, left, right, span, scope);
        }
        let (a, b) = (self.compile(left, scope), self.compile(right, scope));
        let (a, b) = (a?, b?);
        if a.truth && b.truth {
            let text = "two truth values are not compared with each other";
            self.report.push(
                Diagnostic::new(Code::ComparesTruths, span, text).help("use `and`, `or`, `not`"),
            );
            return None;
        }
        if let (Some(x), Some(y)) = (a.expr.decided(), b.expr.decided()) {
            let value = f64::from(u8::from(how.holds(x, y)));
            return Some(self.leaf(Node::Number(value), span, true, true));
        }
        let (x, y) = (Box::new(a.expr.clone()), Box::new(b.expr.clone()));
        let node = if a.truth && b.free {
            Node::CompareTruth(how, x, y)
        } else if b.truth && a.free {
            Node::CompareTruth(how.mirrored(), y, x)
        } else {
            Node::Compare(how, x, y)
        };
        Some(self.over(span, true, &[&a, &b], node))
    }

    fn compare_actors(
        &mut self,
        how: Comparison,
        left: &Ast,
        right: &Ast,
        span: Span,
        scope: &mut Scope,
    ) -> Option<Typed> {
        let side = |c: &mut Self, ast: &Ast| match &ast.kind {
            Kind::Name(word, None) => c.actor(word, scope),
            _ => {
                let text = "an actor can only be compared with an actor";
                c.report.push(Diagnostic::new(Code::WrongIndices, ast.span, text));
                None
            }
        };
        let (a, b) = (side(self, left), side(self, right));
        let (a, b) = (a?, b?);
        let value = match how {
            Comparison::Equal => a == b,
            Comparison::NotEqual => a != b,
            _ => {
                let text = format!("actors have no order: `{}` has no meaning here", how.sign());
                return self.error(Code::WrongIndices, span, text);
            }
        };
        Some(self.leaf(Node::Number(f64::from(u8::from(value))), span, true, true))
    }

    pub(super) fn member(
        &mut self,
        index: &Word,
        group: &Word,
        span: Span,
        scope: &Scope,
    ) -> Option<Typed> {
        let actor = self.actor(index, scope);
        let members = self.set(group, scope);
        let value = members?.contains(&actor?);
        Some(self.leaf(Node::Number(f64::from(u8::from(value))), span, true, true))
    }
}

/// A date where rounds have dates, and their calendar.
///
/// # Errors
/// Where rounds have none, or what is written is no date.
pub fn dated(calendar: Option<Calendar>, text: &Word) -> Result<(Calendar, Date), Box<Diagnostic>> {
    let wrong = |message: String, help: String| {
        Err(Box::new(Diagnostic::new(Code::Date, text.span, message).help(help)))
    };
    match (calendar, Date::parse(&text.text)) {
        (None, _) => wrong(
            "the rounds of this scenario have no dates".to_string(),
            "under [scenario] write `round = \"month\"` and `start = \"2024-07\"`".to_string(),
        ),
        (_, Err(impossible)) => wrong(impossible, format!("the forms are {FORMS}")),
        (_, Ok(None)) => {
            let message = format!("`{}` is not a date", clip(&text.text));
            wrong(message, format!("the forms are {FORMS}"))
        }
        (Some(calendar), Ok(Some(date))) => Ok((calendar, date)),
    }
}
