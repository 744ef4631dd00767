//! The sides of a test: arithmetic of statistics, each compiled to formulas over outcomes.

use crate::diagnostic::{Code, Diagnostic, nearest};
use crate::expr::{
    Arithmetic, Ast, Compiler, Expr, Function, Kind, Names, Operator, Quantity, Role, Scope, Shape,
    Source, Symbol, Word, parse,
};
use crate::model::{Input, Measure, Measured, Outcome, Side, Statistic, Test};
use crate::scenario::draft::Draft;
use crate::scenario::ranges::literal;
use crate::scenario::read_context::ReadContext;

/// The statistics, with the number of their arguments.
const STATISTICS: &[(&str, usize)] =
    &[("mean", 1), ("sd", 1), ("median", 1), ("quantile", 2), ("probability", 1), ("corr", 2)];

/// What statistics are taken of.
#[derive(Clone, Copy)]
pub(super) struct Sides<'a> {
    pub draft: &'a Draft,
    pub outcomes: &'a [Outcome],
}

impl Sides<'_> {
    /// A comparison of two sides, at least one of them with a statistic.
    pub fn test(&self, source: &Source, desk: &mut ReadContext) -> Option<Test> {
        let ast = read(source, desk)?;
        let Kind::Binary(Operator::Compare(how), left, right) = ast.kind else {
            desk.report.push(
                Diagnostic::new(Code::Claim, ast.span, "a test compares two statistics")
                    .help("for instance `mean(x - x@variant) > 0`"),
            );
            return None;
        };
        let (left, right) = (self.side(&left, source, desk), self.side(&right, source, desk));
        let test = Test { left: left?, how, right: right?, within: None };
        if test.left.statistics().is_empty() && test.right.statistics().is_empty() {
            desk.report.push(
                Diagnostic::new(Code::Claim, source.whole(), "the test has no statistic")
                    .help("for instance `mean(x) > 0`"),
            );
            return None;
        }
        Some(test)
    }

    /// One side with at least one statistic.
    pub fn statistic(&self, source: &Source, desk: &mut ReadContext) -> Option<Side> {
        let ast = read(source, desk)?;
        let side = self.side(&ast, source, desk)?;
        if side.statistics().is_empty() {
            desk.report.push(
                Diagnostic::new(Code::Claim, source.whole(), "there is no statistic here")
                    .help("for instance `mean(x)`"),
            );
            return None;
        }
        Some(side)
    }

    /// Arithmetic of numbers and statistics.
    fn side(&self, ast: &Ast, source: &Source, desk: &mut ReadContext) -> Option<Side> {
        match &ast.kind {
            Kind::Number(number) => Some(Side::Number(*number)),
            Kind::Moment(_) => {
                let mut compiler = Compiler::new(&self.draft.names);
                let round = compiler.number(ast, &mut Scope::new(Role::Parameter));
                compiler.report.finish().into_iter().for_each(|d| desk.report.push(d));
                round?.decided().map(Side::Number)
            }
            Kind::Negate(a) => Some(Side::Negate(Box::new(self.side(a, source, desk)?))),
            Kind::Binary(operator, a, b) if arithmetic(*operator).is_some() => {
                let (a, b) = (self.side(a, source, desk), self.side(b, source, desk));
                Some(Side::Binary(arithmetic(*operator)?, Box::new(a?), Box::new(b?)))
            }
            Kind::Call(word, list) => self.call(word, list, None, ast, source, desk),
            Kind::Where(call, condition) => match &call.kind {
                Kind::Call(word, list) => self.call(word, list, Some(condition), ast, source, desk),
                _ => None,
            },
            Kind::Name(word, _) | Kind::At(word, _) => {
                if self.outcome(word, desk).is_some() {
                    let text = format!("`{}` has a value in every run", word.text);
                    desk.report.push(
                        Diagnostic::new(Code::Claim, ast.span, text)
                            .help(format!("take a statistic of it: `mean({})`", word.text)),
                    );
                }
                None
            }
            _ => {
                let text = "a side of a test is arithmetic of numbers and statistics";
                desk.error(Code::Claim, ast.span, text);
                None
            }
        }
    }

    fn call(
        &self,
        word: &Word,
        list: &[Ast],
        condition: Option<&Ast>,
        ast: &Ast,
        source: &Source,
        desk: &mut ReadContext,
    ) -> Option<Side> {
        let names = || STATISTICS.iter().map(|(n, _)| *n);
        let Some((_, needed)) = STATISTICS.iter().find(|(n, _)| *n == word.text) else {
            let text = format!("there is no statistic `{}`", word.text);
            let help = nearest(&word.text, names()).unwrap_or_else(|| {
                format!("the statistics are {}", names().collect::<Vec<_>>().join(", "))
            });
            desk.report.push(Diagnostic::new(Code::Claim, word.span, text).help(help));
            return None;
        };
        if list.len() != *needed {
            let text = format!("`{}` takes {needed} arguments, found {}", word.text, list.len());
            desk.error(Code::Claim, word.span, text);
            return None;
        }
        let (measured, values) = match (word.text.as_str(), list) {
            ("sd", _) => (Measured::Sd, list),
            ("median", _) => (Measured::Quantile(0.5), list),
            ("quantile", [value, level]) => {
                let Some(q) = literal(level).filter(|q| (0.0..=1.0).contains(q)) else {
                    let text = "the second argument of `quantile` is a number from 0 to 1";
                    desk.error(Code::Claim, level.span, text);
                    return None;
                };
                (Measured::Quantile(q), std::slice::from_ref(value))
            }
            ("probability", _) => (Measured::Probability, list),
            ("corr", _) => (Measured::Correlation, list),
            _ => (Measured::Mean, list),
        };
        let unknown = values.iter().chain(condition).filter(|f| !self.formula(f, desk)).count();
        if unknown > 0 {
            return None;
        }
        let mut inputs = Inputs::default();
        inputs.names.calendar = self.draft.names.calendar;
        let values: Vec<Ast> = values.iter().map(|f| inputs.renamed(f, self)).collect();
        let condition = condition.map(|c| inputs.renamed(c, self));
        let truth = measured == Measured::Probability;
        let compiled = inputs.compiled(&values, truth, condition.as_ref(), self.outcomes, desk);
        let (values, condition) = compiled?;
        let written = text_of(source, ast);
        let inputs = inputs.list;
        let statistic = Statistic { measured, values, condition, inputs, written };
        Some(Side::Statistic(Box::new(statistic)))
    }

    /// Whether a formula reads outcomes, numbers and functions only.
    fn formula(&self, ast: &Ast, desk: &mut ReadContext) -> bool {
        match &ast.kind {
            Kind::Number(_) | Kind::Moment(_) => true,
            Kind::Name(word, None) if word.text == "pi" => true,
            Kind::Name(word, None) => self.outcome(word, desk).is_some(),
            Kind::At(word, variant) => {
                let found = self.outcome(word, desk).is_some();
                let known = self.draft.variants.iter().map(String::as_str).chain(["base"]);
                let arm = known.clone().any(|v| v == variant.text);
                if !arm {
                    desk.unknown("variant", &variant.text, variant.span, known);
                }
                found && arm
            }
            Kind::Call(word, list) => {
                let fits = match Function::named(&word.text) {
                    _ if word.text == "if" => list.len() == 3,
                    Some((_, least, most)) => (least..=most).contains(&list.len()),
                    None => {
                        let known = Function::NAMES.iter().copied();
                        desk.unknown("function", &word.text, word.span, known);
                        return false;
                    }
                };
                if !fits {
                    let text = format!("`{}` has the wrong number of arguments", word.text);
                    desk.error(Code::Claim, word.span, text);
                }
                list.iter().fold(fits, |all, a| self.formula(a, desk) && all)
            }
            Kind::Negate(a) | Kind::Not(a) => self.formula(a, desk),
            Kind::Binary(_, a, b) => {
                let first = self.formula(a, desk);
                self.formula(b, desk) && first
            }
            Kind::Where(_, condition) => {
                let text = "`where` is the last thing in the brackets of a statistic";
                desk.report.push(
                    Diagnostic::new(Code::Claim, condition.span, text)
                        .help("for instance `mean(x where y > 0)`"),
                );
                false
            }
            Kind::Name(_, Some(_))
            | Kind::Member(..)
            | Kind::Aggregate(..)
            | Kind::First(..)
            | Kind::Chosen(_) => {
                let text = "a statistic is taken of outcomes, numbers and functions";
                desk.report.push(
                    Diagnostic::new(Code::Claim, ast.span, text)
                        .help("define an outcome for it and name that"),
                );
                false
            }
        }
    }

    fn outcome(&self, word: &Word, desk: &mut ReadContext) -> Option<()> {
        if self.draft.outcomes.contains(&word.text) {
            return Some(());
        }
        let known = self.draft.outcomes.iter().map(String::as_str);
        desk.unknown("outcome", &word.text, word.span, known);
        None
    }

    /// The outcome in its arm; an unknown one is reported elsewhere.
    fn input(&self, outcome: &str, variant: Option<&str>) -> Input {
        let variant = variant.and_then(|v| self.draft.variants.iter().position(|d| d == v));
        let outcome = self.outcomes.iter().position(|o| o.name == outcome).unwrap_or(0);
        Input { variant, outcome }
    }
}

/// The inputs of one statistic, while its formulas are compiled: each is a state of a set of names
/// of its own, so that formulas over outcomes are formulas like all others.
#[derive(Default)]
struct Inputs {
    list: Vec<Input>,
    names: Names,
}

impl Inputs {
    /// The formula with a plain name in the place of `outcome@variant`.
    fn renamed(&mut self, ast: &Ast, sides: &Sides) -> Ast {
        let kind = match &ast.kind {
            Kind::Name(word, None) if word.text != "pi" => {
                self.note(&word.text, sides.input(&word.text, None), sides);
                ast.kind.clone()
            }
            Kind::At(word, variant) => {
                let text = format!("{}@{}", word.text, variant.text);
                self.note(&text, sides.input(&word.text, Some(&variant.text)), sides);
                Kind::Name(Word { text, span: ast.span }, None)
            }
            Kind::Call(word, list) => {
                let list = list.iter().map(|a| self.renamed(a, sides)).collect();
                Kind::Call(word.clone(), list)
            }
            Kind::Negate(a) => Kind::Negate(Box::new(self.renamed(a, sides))),
            Kind::Not(a) => Kind::Not(Box::new(self.renamed(a, sides))),
            Kind::Binary(operator, a, b) => {
                let (a, b) = (self.renamed(a, sides), self.renamed(b, sides));
                Kind::Binary(*operator, Box::new(a), Box::new(b))
            }
            other => other.clone(),
        };
        Ast { kind, span: ast.span }
    }

    fn note(&mut self, name: &str, input: Input, sides: &Sides) {
        let number = self.list.iter().position(|i| *i == input).unwrap_or_else(|| {
            let flag =
                sides.outcomes.get(input.outcome).is_some_and(|o| o.measure == Measure::Ever);
            let first = self.list.len();
            self.list.push(input);
            self.names.states.push(Quantity {
                name: name.to_string(),
                shape: Shape::One,
                first,
                flag,
            });
            first
        });
        self.names.symbols.insert(name.to_string(), Symbol::State(number));
    }

    fn compiled(
        &self,
        values: &[Ast],
        truth: bool,
        condition: Option<&Ast>,
        outcomes: &[Outcome],
        desk: &mut ReadContext,
    ) -> Option<(Vec<Expr>, Option<Expr>)> {
        if outcomes.is_empty() {
            return None;
        }
        let mut compiler = Compiler::new(&self.names);
        let mut scope = Scope::new(Role::Ordinary);
        let mut all = Vec::with_capacity(values.len());
        for ast in values {
            let one = match truth {
                true => compiler.truth(ast, &mut scope),
                false => compiler.number(ast, &mut scope),
            };
            all.extend(one);
        }
        let condition = condition.map(|c| compiler.truth(c, &mut scope));
        compiler.report.finish().into_iter().for_each(|d| desk.report.push(d));
        let condition = match condition {
            Some(None) => return None,
            Some(Some(found)) => Some(found),
            None => None,
        };
        (all.len() == values.len()).then_some((all, condition))
    }
}

fn read(source: &Source, desk: &mut ReadContext) -> Option<Ast> {
    match parse(source) {
        Ok(ast) => Some(ast),
        Err(diagnostic) => {
            desk.report.push(diagnostic);
            None
        }
    }
}

fn arithmetic(operator: Operator) -> Option<Arithmetic> {
    Some(match operator {
        Operator::Add => Arithmetic::Add,
        Operator::Subtract => Arithmetic::Subtract,
        Operator::Multiply => Arithmetic::Multiply,
        Operator::Divide => Arithmetic::Divide,
        Operator::Power => Arithmetic::Power,
        Operator::Compare(_) | Operator::And | Operator::Or => return None,
    })
}

/// A part of a formula as it is written.
fn text_of(source: &Source, ast: &Ast) -> String {
    let whole = source.whole();
    let (start, end) = (ast.span.start.max(whole.start), ast.span.end.max(whole.start));
    let (start, end) = (start - whole.start, end - whole.start);
    source.text().get(start..end).unwrap_or(source.text()).to_string()
}
