//! Compiling functions, draws, branches and operators.

use super::ast::*;
use super::compile::{Compiler, MAX_DRAWS, MAX_UNITS, Role, Scope, Typed, plural};
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
            } else if let Some(help) = foreign(&word.text) {
                Some(help.to_string())
            } else {
                let others = ["normal", "uniform", "bernoulli"].into_iter();
                let others = others.chain(Aggregate::NAMES.iter().copied());
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

    /// Whether a side of a comparison is an index, and no number: an element of a set of numbers
    /// is one.
    fn is_index(&self, ast: &Ast, scope: &Scope) -> bool {
        let Kind::Name(word, None) = &ast.kind else { return false };
        match scope.lookup(&word.text) {
            Some(element) => self.names.value(element).is_none(),
            None => {
                self.names.actor(&word.text).is_some()
                    || matches!(word.text.as_str(), "self" | "target")
            }
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
        if let Some(found) = self.compare_chosen(how, left, right, span, scope) {
            return found;
        }
        if self.is_index(left, scope) || self.is_index(right, scope) {
            return self.compare_indices(how, left, right, span, scope);
        }
        let (a, b) = (self.compile(left, scope), self.compile(right, scope));
        let (a, b) = (a?, b?);
        if a.truth && b.truth {
            return self.same(how, a, b, span);
        }
        if let (Some(x), Some(y)) = (a.expr.decided(), b.expr.decided()) {
            let value = f64::from(u8::from(how.holds(x, y)));
            return Some(self.leaf(Node::Number(value), span, true, true));
        }
        if !a.truth && !b.truth {
            self.weights(how, &a.expr, &b.expr, span, scope);
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

    /// Two truth values: p q + (1 − p)(1 − q), or its complement.
    fn same(&mut self, how: Comparison, a: Typed, b: Typed, span: Span) -> Option<Typed> {
        let equal = match how {
            Comparison::Equal => true,
            Comparison::NotEqual => false,
            _ => {
                let text = format!("truth values have no order: `{}`", how.sign());
                self.report.push(
                    Diagnostic::new(Code::ComparesTruths, span, text)
                        .help("compare them by `==` or `!=`, or use `and`, `or`, `not`"),
                );
                return None;
            }
        };
        let complement = |c: &Self, p: Typed| match p.expr.decided() {
            Some(value) => c.leaf(Node::Number(1.0 - value), span, true, true),
            None => c.over(span, true, &[&p], Node::Not(Box::new(p.expr.clone()))),
        };
        let same = match (a.expr.decided(), b.expr.decided()) {
            (Some(1.0), _) => b,
            (_, Some(1.0)) => a,
            (Some(_), _) => complement(self, b),
            (_, Some(_)) => complement(self, a),
            _ => {
                let (x, y) = (Box::new(a.expr.clone()), Box::new(b.expr.clone()));
                self.over(span, true, &[&a, &b], Node::Same(x, y))
            }
        };
        Some(if equal { same } else { complement(self, same) })
    }

    /// Warns of a comparison of a sum of weights: in an imagined round they are fractions.
    fn weights(&mut self, how: Comparison, x: &Expr, y: &Expr, span: Span, scope: &Scope) {
        let played = |e: &Expr| of_weights(e) == Some(true);
        if scope.role == Role::Outcome || !(played(x) || played(y)) {
            return;
        }
        let text = "this compares weights: in an imagined round they lie between 0 and 1";
        let help = match how {
            Comparison::Equal | Comparison::NotEqual => {
                format!("compare the conditions themselves: `a {} b`", how.sign())
            }
            _ => "combine the conditions by `and`, `or`, `not`, `==`, `!=`".to_string(),
        };
        self.report.push(Diagnostic::new(Code::ComparesWeights, span, text).help(help));
    }

    fn compare_indices(
        &mut self,
        how: Comparison,
        left: &Ast,
        right: &Ast,
        span: Span,
        scope: &mut Scope,
    ) -> Option<Typed> {
        let bound = |ast: &Ast| match &ast.kind {
            Kind::Name(word, None) => scope.lookup(&word.text),
            _ => None,
        };
        // a name on the other side is one of the same set
        let set = bound(left).or(bound(right)).and_then(|element| self.names.set_of(element));
        let side = |c: &mut Self, ast: &Ast| match &ast.kind {
            Kind::Name(word, None) => c.element(word, set, scope),
            _ => {
                let text = "an actor or element can only be compared with another";
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
                let text =
                    format!("actors and elements have no order: `{}` has no meaning", how.sign());
                self.report.push(
                    Diagnostic::new(Code::WrongIndices, span, text)
                        .help("`place[i]` is the number of one in the file"),
                );
                return None;
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
        let members = self.set(group, scope)?;
        let set = members.first().and_then(|member| self.names.set_of(*member));
        let value = members.contains(&self.element(index, set, scope)?);
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

/// How something that other languages have is written here.
fn foreign(word: &str) -> Option<&'static str> {
    Some(match word {
        "ln" => "`log` is the natural logarithm",
        "log10" => "write `log(x) / log(10)`",
        "log2" => "write `log(x) / log(2)`",
        "pow" => "a power is written `a ^ b`",
        "round" => "write `round_to(x, 1)`",
        "ceil" => "write `-floor(-x)`",
        "fmod" | "modulo" | "rem" => "write `mod(a, b)`",
        "elif" | "ifelse" | "iif" | "where" => "write `if(c, a, b)`",
        "avg" | "average" => "write `mean(j in S: x)`",
        "prod" => "write `product(j in S: x)`",
        "norm" | "gauss" => "write `normal(mean, sd)`",
        _ => return None,
    })
}

/// Whether a formula is arithmetic of numbers and of what was chosen or happened, and has any of
/// the latter in it.
fn of_weights(expr: &Expr) -> Option<bool> {
    match &expr.node {
        Node::Number(_) => Some(false),
        Node::Chose(_) | Node::Happened(..) => Some(true),
        Node::Negate(a) => of_weights(a),
        Node::Binary(_, a, b) => Some(of_weights(a)? | of_weights(b)?),
        _ => None,
    }
}
