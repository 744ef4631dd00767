//! `[claims]` and `[experiments]`: what is tested and what is swept.

use super::build::Build;
use super::desk::{Desk, Fields, clip};
use super::draft::{Draft, texts};
use super::limits::{MAX_ENTRIES, section};
use super::settings::paths;
use super::tree::{Entry, Item, Table, Value};
use super::vary::{self, Values};
use crate::diagnostic::{Code, Diagnostic, nearest};
use crate::expr::{Ast, Function, Kind, Operator, Source, Word, parse};
use crate::model::{Claim, Experiment, Test};

/// The statistics of a test, with the number of their arguments.
const STATISTICS: &[(&str, usize)] =
    &[("mean", 1), ("sd", 1), ("median", 1), ("quantile", 2), ("probability", 1), ("corr", 2)];

/// The designs of an experiment.
const DESIGNS: &[(&str, &str)] =
    &[("grid", "grid"), ("lhs", "lhs"), ("sobol", "sobol"), ("random", "random")];

/// All claims.
pub(super) fn claims(root: &Table, draft: &Draft, desk: &mut Desk) -> Vec<Claim> {
    let mut all = Vec::new();
    for entry in section(root, "claims", MAX_ENTRIES, desk) {
        desk.identifier(&entry.key, "a claim", true);
        let Some(table) = desk.table(entry) else { continue };
        let mut fields = Fields::new(table, entry.place(), format!("the claim `{}`", entry.name()));
        let says = fields.need("says", desk);
        let mut claim = Claim {
            name: entry.name().to_string(),
            says: desk.text(says),
            source: desk.citation(fields.take("source"), &draft.citable),
            place: desk.text(fields.take("where")),
            test: None,
            written: String::new(),
            span: entry.place(),
        };
        desk.text(fields.take("note"));
        if let Some(source) = fields.take("test").and_then(|e| desk.source(&e.item, "test")) {
            claim.written = source.text().to_string();
            claim.test = test(source, draft, desk);
        }
        fields.finish(desk);
        all.push(claim);
    }
    all
}

fn test(source: &Source, draft: &Draft, desk: &mut Desk) -> Option<Test> {
    let ast = match parse(source) {
        Ok(ast) => ast,
        Err(diagnostic) => {
            desk.report.push(diagnostic);
            return None;
        }
    };
    let Kind::Binary(Operator::Compare(how), left, right) = ast.kind else {
        desk.report.push(
            Diagnostic::new(Code::Claim, ast.span, "a test compares two statistics")
                .help("for instance `mean(x - x@variant) > 0`"),
        );
        return None;
    };
    let mut counted = 0;
    statistic(&left, draft, desk, &mut counted);
    statistic(&right, draft, desk, &mut counted);
    if counted == 0 && !desk.report.has_errors() {
        desk.report.push(
            Diagnostic::new(Code::Claim, source.whole(), "the test has no statistic")
                .help("for instance `mean(x) > 0`"),
        );
    }
    Some(Test { left: *left, how, right: *right })
}

/// Arithmetic of numbers and statistics.
fn statistic(ast: &Ast, draft: &Draft, desk: &mut Desk, counted: &mut usize) {
    let names = || STATISTICS.iter().map(|(n, _)| *n);
    match &ast.kind {
        Kind::Number(_) => {}
        Kind::Negate(a) => statistic(a, draft, desk, counted),
        Kind::Binary(
            Operator::Add
            | Operator::Subtract
            | Operator::Multiply
            | Operator::Divide
            | Operator::Power,
            a,
            b,
        ) => {
            statistic(a, draft, desk, counted);
            statistic(b, draft, desk, counted);
        }
        Kind::Call(word, list) => {
            *counted += 1;
            let Some((_, needed)) = STATISTICS.iter().find(|(n, _)| *n == word.text) else {
                let text = format!("there is no statistic `{}`", word.text);
                let help = nearest(&word.text, names()).unwrap_or_else(|| {
                    format!("the statistics are {}", names().collect::<Vec<_>>().join(", "))
                });
                desk.report.push(Diagnostic::new(Code::Claim, word.span, text).help(help));
                return;
            };
            if list.len() != *needed {
                let text =
                    format!("`{}` takes {needed} arguments, found {}", word.text, list.len());
                desk.error(Code::Claim, word.span, text);
                return;
            }
            arguments(word, list, draft, desk);
        }
        Kind::Name(word, _) | Kind::At(word, _) if draft.outcomes.contains(&word.text) => {
            *counted += 1;
            let text = format!("`{}` has a value in every run", word.text);
            desk.report.push(
                Diagnostic::new(Code::Claim, ast.span, text)
                    .help(format!("take a statistic of it: `mean({})`", word.text)),
            );
        }
        Kind::Name(word, _) | Kind::At(word, _) => {
            *counted += 1;
            outcome(word, draft, desk);
        }
        _ => {
            let text = "a side of a test is arithmetic of numbers and statistics";
            desk.error(Code::Claim, ast.span, text);
        }
    }
}

fn arguments(word: &Word, list: &[Ast], draft: &Draft, desk: &mut Desk) {
    match (word.text.as_str(), list) {
        ("quantile", [value, share]) => {
            formula(value, draft, desk);
            if !super::ranges::literal(share).is_some_and(|q| (0.0..=1.0).contains(&q)) {
                let text = "the second argument of `quantile` is a number from 0 to 1";
                desk.error(Code::Claim, share.span, text);
            }
        }
        ("probability", [condition]) => {
            formula(condition, draft, desk);
            let truth = matches!(
                condition.kind,
                Kind::Not(_)
                    | Kind::Binary(Operator::Compare(_) | Operator::And | Operator::Or, ..)
                    | Kind::Name(..)
                    | Kind::At(..)
            );
            if !truth {
                desk.report.push(
                    Diagnostic::new(
                        Code::Claim,
                        condition.span,
                        "this is a number, not a condition",
                    )
                    .help("compare it with something: `probability(x > 0)`"),
                );
            }
        }
        _ => list.iter().for_each(|a| formula(a, draft, desk)),
    }
}

/// A formula over outcomes.
fn formula(ast: &Ast, draft: &Draft, desk: &mut Desk) {
    match &ast.kind {
        Kind::Number(_) => {}
        Kind::Name(word, None) if word.text == "pi" => {}
        Kind::Name(word, None) => outcome(word, draft, desk),
        Kind::At(word, variant) => {
            outcome(word, draft, desk);
            let known = draft.variants.iter().map(String::as_str).chain(["base"]);
            if !known.clone().any(|v| v == variant.text) {
                desk.unknown("variant", &variant.text, variant.span, known);
            }
        }
        Kind::Call(word, list) => {
            let fits = match Function::named(&word.text) {
                _ if word.text == "if" => list.len() == 3,
                Some((_, least, most)) => (least..=most).contains(&list.len()),
                None => {
                    let known = Function::NAMES.iter().copied();
                    desk.unknown("function", &word.text, word.span, known);
                    true
                }
            };
            if !fits {
                let text = format!("`{}` has the wrong number of arguments", word.text);
                desk.error(Code::Claim, word.span, text);
            }
            list.iter().for_each(|a| formula(a, draft, desk));
        }
        Kind::Negate(a) | Kind::Not(a) => formula(a, draft, desk),
        Kind::Binary(_, a, b) => {
            formula(a, draft, desk);
            formula(b, draft, desk);
        }
        Kind::Name(_, Some(_)) | Kind::Member(..) | Kind::Aggregate(..) => {
            let text = "a statistic is taken of outcomes, numbers and functions";
            desk.report.push(
                Diagnostic::new(Code::Claim, ast.span, text)
                    .help("define an outcome for it and name that"),
            );
        }
    }
}

fn outcome(word: &Word, draft: &Draft, desk: &mut Desk) {
    if !draft.outcomes.contains(&word.text) {
        let known = draft.outcomes.iter().map(String::as_str);
        desk.unknown("outcome", &word.text, word.span, known);
    }
}

impl Build<'_, '_> {
    pub fn experiments(&mut self, root: &Table, draft: &Draft) -> Vec<Experiment> {
        let mut all = Vec::new();
        for entry in section(root, "experiments", MAX_ENTRIES, self.desk) {
            self.desk.identifier(&entry.key, "an experiment", true);
            let Some(table) = self.desk.table(entry) else { continue };
            let what = format!("the experiment `{}`", entry.name());
            let mut fields = Fields::new(table, entry.place(), what);
            self.desk.text(fields.take("title"));
            self.desk.text(fields.take("note"));
            let vary = fields.take("vary");
            let uncertain =
                fields.take("uncertain").and_then(|e| self.desk.flag(e)).unwrap_or(false);
            let design = fields.take("design");
            let design = match design {
                Some(e) => self.experiment_word(&e.item),
                None if uncertain => Some("sobol"),
                None => Some("grid"),
            };
            let points = fields.take("points").and_then(|e| self.desk.whole(e, 1, 100_000_000));
            let runs = fields.take("runs").and_then(|e| self.desk.whole(e, 1, 100_000_000));
            for item in vary.and_then(|e| self.desk.list(e)).unwrap_or_default() {
                if let Some(source) = self.desk.source(item, "vary") {
                    self.varied(source, draft, design == Some("grid"));
                }
            }
            let vary = texts(vary, self.desk);
            if vary.is_empty() && !uncertain {
                let text = format!("the experiment `{}` varies nothing", entry.name());
                self.desk.report.push(
                    Diagnostic::new(Code::Experiment, entry.place(), text)
                        .help("give `vary = [\"name = lo:hi:n\"]` or `uncertain = true`"),
                );
            }
            fields.finish(self.desk);
            all.push(Experiment {
                name: entry.name().to_string(),
                vary,
                uncertain,
                design: design.unwrap_or("grid").to_string(),
                points,
                runs,
                span: entry.place(),
            });
        }
        all
    }

    fn experiment_word(&mut self, item: &Item) -> Option<&'static str> {
        let source = self.desk.source(item, "design")?;
        let found = DESIGNS.iter().find(|(w, _)| *w == source.text()).map(|(_, d)| *d);
        if found.is_none() {
            let text = format!("there is no design `{}`", clip(source.text()));
            let known = DESIGNS.iter().map(|(w, _)| *w);
            let help = nearest(source.text(), known.clone()).unwrap_or_else(|| {
                format!("the designs are {}", known.collect::<Vec<_>>().join(", "))
            });
            let diagnostic = Diagnostic::new(Code::Experiment, source.whole(), text).help(help);
            self.desk.report.push(diagnostic);
        }
        found
    }

    /// One thing that varies: each end of a range and each value of a list can be set.
    fn varied(&mut self, source: &Source, draft: &Draft, grid: bool) {
        let written = match vary::read(source) {
            Ok(written) => written,
            Err(diagnostic) => {
                self.desk.report.push(diagnostic);
                return;
            }
        };
        self.desk.mention(written.key.text());
        if written.key.text() == "variant" {
            for value in &written.words {
                let known = draft.variants.iter().map(String::as_str).chain(["base"]);
                if !known.clone().any(|v| v == value.text) {
                    self.desk.unknown("variant", &clip(&value.text), value.span, known);
                }
            }
            return;
        }
        if let (true, Values::Range { count: None, .. }) = (grid, &written.values) {
            let text = "a grid needs to know how many values a range has";
            let wrong = Diagnostic::new(Code::Experiment, written.place.whole(), text);
            self.desk.report.push(wrong.help("write `lo:hi:n`, or take the design sobol or lhs"));
        }
        for value in &written.words {
            let inner = Source::verbatim(value.text.clone(), value.span.start);
            let place = match written.values {
                Values::Range { .. } => &written.place,
                Values::List(_) => &inner,
            };
            self.varied_key(&written.key, plain(&inner), place);
        }
    }

    /// Checks that a key of `vary` can be set to a value.
    fn varied_key(&mut self, key: &Source, value: Value, place: &Source) {
        let entry = Entry { key: key.clone(), item: Item { value, span: place.whole() } };
        for path in paths(&entry) {
            self.change(&path);
        }
    }
}

/// The value that a text on a command line stands for: a number, a truth value, or a text.
pub(super) fn plain(source: &Source) -> Value {
    match source.text().trim() {
        "true" => Value::Flag(true),
        "false" => Value::Flag(false),
        text => match text.parse::<f64>() {
            Ok(number) if number.is_finite() => Value::Number(number),
            _ => Value::Text(source.clone()),
        },
    }
}
