//! Numbers that are not known yet: handles to the nodes of a graph, with operators.

use std::ops::{Add, Div, Mul, Neg, Sub};

use super::budget::Held;
use super::graph::{Builder, Id};
use super::tape::LOOKED_UP;
use crate::expr::{Number, Operation, Sum};
use crate::model::SeatId;

/// A node of a graph under construction.
#[derive(Clone, Copy)]
pub(super) struct Num<'b> {
    b: &'b Builder<'b>,
    pub id: Id,
}

impl<'b> Num<'b> {
    pub fn new(b: &'b Builder<'b>, id: Id) -> Self {
        Num { b, id }
    }

    fn binary(self, operation: Operation, other: Self) -> Self {
        Num::operation(operation, [self, other])
    }
}

/// The nodes of some numbers.
pub(super) fn ids(list: &[Num]) -> Vec<Id> {
    list.iter().map(|x| x.id).collect()
}

impl Add for Num<'_> {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        self.binary(Operation::Add, other)
    }
}

impl Sub for Num<'_> {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        self.binary(Operation::Subtract, other)
    }
}

impl Mul for Num<'_> {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        self.binary(Operation::Multiply, other)
    }
}

impl Div for Num<'_> {
    type Output = Self;
    fn div(self, other: Self) -> Self {
        self.binary(Operation::Divide, other)
    }
}

impl Neg for Num<'_> {
    type Output = Self;
    fn neg(self) -> Self {
        Num::operation(Operation::Negate, [self])
    }
}

impl<'b> Number for Num<'b> {
    type Home = &'b Builder<'b>;
    type Held = Held<'b>;
    type Sum = Added<'b>;

    fn constant(b: &'b Builder<'b>, value: f64) -> Self {
        Num { b, id: b.number(value) }
    }
    fn home(self) -> &'b Builder<'b> {
        self.b
    }
    fn known(self) -> Option<f64> {
        self.b.known(self.id)
    }
    fn is_binary(self) -> bool {
        self.b.is_binary(self.id)
    }
    fn operation<const COUNT: usize>(operation: Operation, given: [Self; COUNT]) -> Self {
        let b = given[0].b;
        Num { b, id: b.operation(operation, &given.map(|x| x.id)) }
    }
    fn series(self, cell: usize, _values: &[f64]) -> Self {
        Num { b: self.b, id: self.b.series(self.id, cell as u32, 0) }
    }
    fn stand_at(b: &'b Builder<'b>, offset: usize) -> usize {
        b.stand_at(offset)
    }
    fn ended(b: &'b Builder<'b>) -> bool {
        b.ended()
    }
    fn hold(b: &'b Builder<'b>, bytes: usize) -> Held<'b> {
        b.meter().hold(bytes as u64)
    }
}

/// What is added to a cell. Of the options of a seat exactly one is chosen in the round that is
/// played; amounts that are known are looked up by its number. The others would have added zeros,
/// which change nothing in a sum that is never −0.
pub(super) struct Added<'b> {
    sum: Num<'b>,
    /// The seat whose options were added last, and the node of the number of the option chosen.
    seat: Option<(SeatId, Id)>,
    /// What its options add and is not in the sum yet.
    waiting: Vec<Part<'b>>,
}

struct Part<'b> {
    option: usize,
    share: Num<'b>,
    amount: Num<'b>,
    minus: bool,
}

impl<'b> Sum<Num<'b>> for Added<'b> {
    fn new(b: &'b Builder<'b>) -> Self {
        Added { sum: Num::constant(b, 0.0), seat: None, waiting: Vec::new() }
    }

    fn add(&mut self, share: Num<'b>, amount: Num<'b>, minus: bool) {
        let known = amount.known().and_then(|_| share.b.choice_of(share.id));
        if self.seat != known.map(|(seat, _)| seat) {
            self.settle();
            self.seat = known.map(|(seat, _)| seat);
        }
        match known {
            Some((_, option)) => self.waiting.push(Part { option, share, amount, minus }),
            None => self.put(share, amount, minus),
        }
    }

    fn finish(mut self) -> Num<'b> {
        self.settle();
        self.sum
    }
}

impl<'b> Added<'b> {
    fn put(&mut self, share: Num<'b>, amount: Num<'b>, minus: bool) {
        let part = share.weigh(amount);
        self.sum = if minus { self.sum - part } else { self.sum + part };
    }

    /// Puts into the sum what waits.
    fn settle(&mut self) {
        let waiting = std::mem::take(&mut self.waiting);
        let Some(seat) = self.seat else { return };
        // an option that adds several times takes a table for each
        let mut tables: Vec<[f64; LOOKED_UP]> = Vec::new();
        let mut counts = [0; LOOKED_UP];
        for part in &waiting {
            let number = counts[part.option];
            counts[part.option] += 1;
            if number == tables.len() {
                tables.push([0.0; LOOKED_UP]);
            }
            let amount = part.amount.known().unwrap_or_default();
            tables[number][part.option] = if part.minus { -amount } else { amount };
        }
        if waiting.len() > tables.len() {
            let b = self.sum.b;
            let mut sum = Some(self.sum.id);
            for table in tables {
                sum = sum.and_then(|sum| b.lookup(sum, seat, table));
            }
            if let Some(id) = sum {
                self.sum = Num { b, id };
                return;
            }
        }
        for Part { share, amount, minus, .. } in waiting {
            self.put(share, amount, minus);
        }
    }
}
