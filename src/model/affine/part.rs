//! What is known of a quantity of an imagined round: the random things it depends on, and whether
//! it is a sum of products of independent ones.

use super::Clamp;
use std::collections::BTreeSet;

use super::Obstacle;
use crate::diagnostic::Span;

/// A set of random sources, one bit each.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Sources(Vec<u64>);

impl Sources {
    /// The set of one source.
    pub fn one(source: usize) -> Self {
        let mut words = vec![0; source / 64 + 1];
        words[source / 64] = 1 << (source % 64);
        Sources(words)
    }

    pub fn is_empty(&self) -> bool {
        self.0.iter().all(|w| *w == 0)
    }

    pub fn has(&self, source: usize) -> bool {
        self.0.get(source / 64).is_some_and(|word| word >> (source % 64) & 1 == 1)
    }

    /// Its members in order.
    pub fn list(&self) -> impl Iterator<Item = usize> {
        (0..64 * self.0.len()).filter(|source| self.has(*source))
    }

    pub fn meets(&self, other: &Sources) -> bool {
        self.0.iter().zip(&other.0).any(|(a, b)| a & b != 0)
    }

    pub fn add(&mut self, other: &Sources) {
        if self.0.len() < other.0.len() {
            self.0.resize(other.0.len(), 0);
        }
        for (a, b) in self.0.iter_mut().zip(&other.0) {
            *a |= b;
        }
    }
}

/// A quantity: its sources, the clamps on the way to it that may bind, and the first operation
/// that is not affine in them.
#[derive(Debug, Clone, Default)]
pub(super) struct Part {
    pub on: Sources,
    pub clamps: BTreeSet<Clamp>,
    pub trouble: Option<Obstacle>,
}

impl Part {
    pub fn of(source: usize) -> Self {
        Part { on: Sources::one(source), ..Part::default() }
    }

    pub fn is_random(&self) -> bool {
        !self.on.is_empty()
    }

    /// The sum with another: affine where both are.
    pub fn join(&mut self, other: &Part) {
        self.on.add(&other.on);
        self.clamps.extend(&other.clamps);
        if self.trouble.is_none() {
            self.trouble.clone_from(&other.trouble);
        }
    }

    /// The product with another: affine in each source if no source is shared.
    pub fn multiply(&mut self, other: &Part, span: Span) {
        let shared = self.on.meets(&other.on);
        self.join(other);
        if shared {
            self.spoil("multiplies quantities that depend on the same chance or choice", span);
        }
    }

    /// Notes an operation that is not affine, unless one was found before.
    pub fn spoil(&mut self, reason: impl Into<String>, span: Span) {
        if self.trouble.is_none() {
            self.trouble = Some(Obstacle { reason: reason.into(), span, second: None });
        }
    }
}
