//! Ranges and distributions: what a number may be and how uncertain it is.

use super::keys::Cells;
use super::read_context::ReadContext;
use super::tree::{Entry, Value};
use crate::diagnostic::{Code, Diagnostic, Span, nearest};
use crate::expr::{Ast, Distribution, Kind, parse};
use crate::model::Uncertainty;

/// `[lo, hi]` with lo < hi; with `exact` also lo = hi, a number that is known.
pub(super) fn range(entry: &Entry, exact: bool, desk: &mut ReadContext) -> Option<(f64, f64)> {
    let span = entry.item.span;
    let Value::List(list) = &entry.item.value else {
        desk.wrong_kind(&entry.item, "range", "a list of two numbers, `[lo, hi]`");
        return None;
    };
    let [lo, hi] = list.as_slice() else {
        let text = format!("a range is two numbers, `[lo, hi]`, found {}", list.len());
        desk.error(Code::BadRange, span, text);
        return None;
    };
    let (lo, hi) = (desk.number(lo, "range"), desk.number(hi, "range"));
    let (lo, hi) = (lo?, hi?);
    if lo < hi || (exact && lo == hi) {
        return Some((lo, hi));
    }
    let text = format!("the range from {lo} to {hi} is empty");
    desk.report
        .push(Diagnostic::new(Code::BadRange, span, text).help("the smaller number stands first"));
    None
}

/// `range` or `distribution` of a parameter.
pub(super) fn uncertainty(
    range_entry: Option<&Entry>,
    given: Option<&Entry>,
    desk: &mut ReadContext,
) -> Option<Uncertainty> {
    if let (Some(first), Some(second)) = (range_entry, given) {
        let text = "a parameter has a `range` or a `distribution`, not both";
        desk.report.push(
            Diagnostic::new(Code::BadRange, second.place(), text)
                .label(first.place(), "the range")
                .help("distributions are not cut to a range: remove one of the two"),
        );
    }
    let uniform = range_entry
        .and_then(|e| range(e, true, desk))
        .map(|(lo, hi)| Uncertainty { distribution: Distribution::Uniform, given: [lo, hi, 0.0] });
    uniform.or_else(|| given.and_then(|e| distribution(e, desk)))
}

fn distribution(entry: &Entry, desk: &mut ReadContext) -> Option<Uncertainty> {
    let source = desk.source(&entry.item, "distribution")?;
    let ast = match parse(source) {
        Ok(ast) => ast,
        Err(diagnostic) => {
            desk.report.push(diagnostic);
            return None;
        }
    };
    let words = ["normal", "lognormal", "uniform", "beta", "triangular"];
    let Kind::Call(word, list) = &ast.kind else {
        let text = "a distribution is written like `normal(0.5, 0.1)`";
        desk.error(Code::BadRange, ast.span, text);
        return None;
    };
    let Some((distribution, needed)) =
        Distribution::named(&word.text).filter(|(d, _)| *d != Distribution::Bernoulli)
    else {
        let text = format!("there is no distribution `{}` for a parameter", word.text);
        let help = nearest(&word.text, words)
            .unwrap_or_else(|| format!("the distributions are {}", words.join(", ")));
        desk.report.push(Diagnostic::new(Code::BadRange, word.span, text).help(help));
        return None;
    };
    let numbers: Option<Vec<f64>> = list.iter().map(literal).collect();
    let Some(numbers) = numbers.filter(|n| n.len() == needed) else {
        let text = format!("`{}` takes {needed} numbers here", word.text);
        desk.error(Code::BadRange, ast.span, text);
        return None;
    };
    let mut given = [0.0; 3];
    for (place, number) in given.iter_mut().zip(&numbers) {
        *place = *number;
    }
    if let Some(text) = fault(distribution, given) {
        desk.error(Code::BadRange, ast.span, text);
        return None;
    }
    Some(Uncertainty { distribution, given })
}

/// A number, with its sign.
pub(super) fn literal(ast: &Ast) -> Option<f64> {
    match &ast.kind {
        Kind::Number(number) => Some(*number),
        Kind::Negate(inner) => literal(inner).map(|n| -n),
        _ => None,
    }
}

/// What is wrong with the parameters of a distribution.
fn fault(distribution: Distribution, [a, b, c]: [f64; 3]) -> Option<&'static str> {
    let (fine, text) = match distribution {
        Distribution::Normal => {
            (b > 0.0, "`normal` needs a standard deviation, its second number, above 0")
        }
        Distribution::LogNormal => {
            (b > 0.0, "`lognormal` needs a sigma, its second number, above 0")
        }
        Distribution::Uniform => (a < b, "`uniform` needs a first number below its second"),
        Distribution::Beta => (a > 0.0 && b > 0.0, "`beta` needs two numbers above 0"),
        Distribution::Triangular => (
            a <= b && b <= c && a < c,
            "`triangular` needs the least, the likeliest and the greatest number, in this order",
        ),
        Distribution::Bernoulli => {
            ((0.0..=1.0).contains(&a), "`bernoulli` needs a number from 0 to 1")
        }
    };
    (!fine).then_some(text)
}

/// Numbers of a parameter that its range or distribution cannot give.
pub(super) fn within(cells: &Cells, known: &Uncertainty, name: &str, desk: &mut ReadContext) {
    let (lo, hi) = known.support();
    for written in cells.all() {
        check(written.number, written.span, (lo, hi), name, desk);
    }
}

/// Numbers of an initial value outside the range of the state.
pub(super) fn initial(
    cells: &Cells,
    range: Option<(f64, f64)>,
    name: &str,
    desk: &mut ReadContext,
) {
    let Some(range) = range else { return };
    for written in cells.all() {
        check(written.number, written.span, range, name, desk);
    }
}

/// Reports a number outside its range.
pub(super) fn check(
    number: Option<f64>,
    span: Span,
    (lo, hi): (f64, f64),
    name: &str,
    desk: &mut ReadContext,
) {
    let Some(number) = number else { return };
    if number < lo || number > hi {
        let text = format!("{number} lies outside the range of `{name}`, {lo} to {hi}");
        desk.error(Code::OutOfRange, span, text);
    }
}
