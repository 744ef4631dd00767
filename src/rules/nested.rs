//! Nested logit: options that resemble each other share what they stand for.

use super::choose::{any, greatest, logit, sum};
use crate::expr::{Number, Operation};

/// Options of a seat that resemble each other.
pub struct Nested<N> {
    /// Their numbers in the seat.
    pub options: Vec<usize>,
    /// How unlike they are, in (0, 1].
    pub dissimilarity: N,
}

/// Nested logit (McFadden 1978): within a nest a logit of λU / μ; among nests in proportion to
/// exp(μ I) with I = log Σ exp(λU / μ). Where every μ is 1 this is [`logit`], to the last bit.
pub fn nested_logit<N: Number>(
    home: N::Home,
    utilities: &[N],
    precision: N,
    nests: &[Nested<N>],
    allowed: &[N],
) -> Vec<N> {
    let one = N::constant(home, 1.0);
    let plain = nests.iter().fold(one, |all, nest| all * nest.dissimilarity.equal(one));
    let simple = || logit(home, utilities, precision, allowed);
    if plain.known() == Some(1.0) {
        return simple();
    }
    let found = by_nest(home, utilities, precision, nests, allowed);
    if plain.is_zero() {
        return found;
    }
    simple().into_iter().zip(found).map(|(plainly, nested)| plain.select(plainly, nested)).collect()
}

/// Sums are taken relative to the greatest utility, of the nest and of all, which changes nothing
/// but keeps exp within range.
fn by_nest<N: Number>(
    home: N::Home,
    utilities: &[N],
    precision: N,
    nests: &[Nested<N>],
    allowed: &[N],
) -> Vec<N> {
    let zero = N::constant(home, 0.0);
    let best = greatest(home, utilities, allowed);
    let mut shares = vec![zero; utilities.len()];
    let weights: Vec<N> = nests
        .iter()
        .map(|Nested { options, dissimilarity }| {
            let of = |all: &[N]| -> Vec<N> { options.iter().map(|at| all[*at]).collect() };
            let (utilities, allowed) = (of(utilities), of(allowed));
            let some = any(home, allowed.iter().copied());
            if some.is_zero() {
                return zero;
            }
            let top = greatest(home, &utilities, &allowed);
            let term = |(u, a): (&N, &N)| {
                if a.is_zero() {
                    return zero;
                }
                let exponent = precision * (*u - top) / *dissimilarity;
                a.select(N::operation(Operation::Exp, [exponent]), zero)
            };
            let terms: Vec<N> = utilities.iter().zip(&allowed).map(term).collect();
            let total = sum(home, &terms);
            for (at, term) in options.iter().zip(terms) {
                shares[*at] = if term.is_zero() { term } else { term / total };
            }
            let inclusive = *dissimilarity * N::operation(Operation::Log, [total]);
            let exponent = precision * (top - best) + inclusive;
            some.select(N::operation(Operation::Exp, [exponent]), zero)
        })
        .collect();
    let total = sum(home, &weights);
    for (nest, weight) in nests.iter().zip(weights) {
        for at in &nest.options {
            if !shares[*at].is_zero() {
                shares[*at] = allowed[*at].select(weight / total * shares[*at], zero);
            }
        }
    }
    shares
}
