//! The value of an aggregate: many values into one, each with the weight of its filter.

use super::ast::{Aggregate, Comparison};
use super::eval::{Facts, value};
use super::node::Term;
use super::number::Number;
use super::operation::Operation;

/// An element: the weight with which it takes part, its key and its value.
type Element<N> = (N, Option<N>, N);

/// Many values into one, each with the weight q of its filter.
///
/// Elements of weight 0 are not evaluated into the result. Sums and counts add q times the value;
/// the mean divides by the sum of q; `any`, `all` and `product` treat q as "takes part"; `min` and
/// `max` range over the elements of positive weight. `median` is the mean of the two values with at
/// most half of all weight above, or below; `first` is the value of the first by key that takes
/// part.
#[inline(never)]
pub(super) fn fold<N: Number, F: Facts<N> + ?Sized>(
    how: Aggregate,
    terms: &[Term],
    facts: &F,
) -> N {
    let home = facts.home();
    let mut kept = N::constant(home, start(how));
    let mut total = N::constant(home, 0.0);
    let mut elements: Vec<Element<N>> = Vec::new();
    for term in terms {
        let q = match &term.filter {
            Some(filter) => value(filter, facts),
            None => N::constant(home, 1.0),
        };
        if q.is_zero() {
            continue;
        }
        let key = term.key.as_ref().map(|key| value(key, facts));
        let x: N = value(&term.value, facts);
        kept = match how {
            Aggregate::Sum | Aggregate::Count | Aggregate::Mean => kept + q.weigh(x),
            Aggregate::Min => extreme(Operation::Minimum, kept, q.not_zero(), x),
            Aggregate::Max => extreme(Operation::Maximum, kept, q.not_zero(), x),
            Aggregate::Any => kept * q.weigh(x).complement(),
            Aggregate::All => kept * q.weigh(x.complement()).complement(),
            Aggregate::Product => kept * q.branch(x, q.number(1.0)),
            Aggregate::Median | Aggregate::First => {
                elements.push((q, key, x));
                kept
            }
        };
        total = total + q;
    }
    match how {
        Aggregate::Mean => kept / total,
        Aggregate::Any => kept.complement(),
        Aggregate::Median => median(&elements, total),
        Aggregate::First => first(&elements, facts.nothing()),
        _ => kept,
    }
}

/// What is there before the first element.
fn start(how: Aggregate) -> f64 {
    match how {
        Aggregate::Min => f64::INFINITY,
        Aggregate::Max => f64::NEG_INFINITY,
        Aggregate::Any | Aggregate::All | Aggregate::Product => 1.0,
        _ => 0.0,
    }
}

/// The smaller or larger of what is kept and an element, if that takes part.
fn extreme<N: Number>(operation: Operation, kept: N, takes_part: N, x: N) -> N {
    takes_part.select(N::operation(operation, [kept, x]), kept)
}

/// The mean of the least value with at most half of all weight above it and the greatest with at
/// most half below: of an odd number of elements both are the one in the middle.
fn median<N: Number>(elements: &[Element<N>], total: N) -> N {
    let nothing = || total.number(0.0);
    let (mut above, mut below): (Vec<N>, Vec<N>) =
        elements.iter().map(|_| (nothing(), nothing())).unzip();
    for (j, (_, _, x)) in elements.iter().enumerate() {
        for (_, (q, _, y)) in elements.iter().enumerate().filter(|(k, _)| *k != j) {
            above[j] = above[j] + q.weigh(x.less(*y));
            below[j] = below[j] + q.weigh(y.less(*x));
        }
    }
    let half = total / total.number(2.0);
    let mut lower = total.number(f64::INFINITY);
    let mut upper = total.number(f64::NEG_INFINITY);
    for (j, (q, _, x)) in elements.iter().enumerate() {
        let counts = |weight: N| q.not_zero() * weight.compare(Comparison::AtMost, half);
        lower = extreme(Operation::Minimum, lower, counts(above[j]), *x);
        upper = extreme(Operation::Maximum, upper, counts(below[j]), *x);
    }
    (lower + upper) / total.number(2.0)
}

/// The value of the element with the least key, of equal keys the earliest. With weights q it is
/// the expected value of the first that takes part, each for itself, given that one does:
/// Σ_j q_j Π_k (1 − q_k) x_j / (1 − Π(1 − q)), k over those ahead of j.
fn first<N: Number>(elements: &[Element<N>], nothing: N) -> N {
    let one = nothing.number(1.0);
    let (mut sum, mut none) = (nothing.number(0.0), one);
    for (j, (q, key, x)) in elements.iter().enumerate() {
        let key = key.unwrap_or(nothing);
        let mut weight = *q;
        for (k, (other, ahead, _)) in elements.iter().enumerate().filter(|(k, _)| *k != j) {
            let how = if k < j { Comparison::AtMost } else { Comparison::Less };
            let ahead = ahead.unwrap_or(nothing).compare(how, key);
            weight = weight * other.weigh(ahead).complement();
        }
        sum = sum + weight.weigh(*x);
        // a key that is not a number has no place in the order
        sum = sum + q.weigh(key.equal(key).select(nothing.number(0.0), nothing));
        none = none * q.complement();
    }
    sum / none.complement()
}
