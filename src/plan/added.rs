//! What is added to a cell: weights times amounts, in order.

use super::graph::{Builder, Id};
use super::tape::LOOKED_UP;

/// A sum that begins with 0. Of the options of a seat exactly one is chosen in the round that is
/// played; amounts that are known are looked up by its number. The others would have added zeros,
/// which change nothing in a sum that is never −0.
pub(super) struct Added<'b> {
    b: &'b Builder<'b>,
    sum: Id,
    /// The seat whose options were added last, and the node of the number of the option chosen.
    seat: Option<(usize, Id)>,
    /// What its options add and is not in the sum yet.
    waiting: Vec<Part>,
}

struct Part {
    option: usize,
    share: Id,
    amount: Id,
    minus: bool,
}

impl<'b> Added<'b> {
    pub fn new(b: &'b Builder<'b>) -> Self {
        Added { b, sum: b.number(0.0), seat: None, waiting: Vec::new() }
    }

    /// Adds (or takes away) the share of an amount.
    pub fn add(&mut self, share: Id, amount: Id, minus: bool) {
        let known = self.b.known(amount).and_then(|_| self.b.choice_of(share));
        if self.seat != known.map(|(seat, _)| seat) {
            self.settle();
            self.seat = known.map(|(seat, _)| seat);
        }
        match known {
            Some((_, option)) => self.waiting.push(Part { option, share, amount, minus }),
            None => self.put(share, amount, minus),
        }
    }

    fn put(&mut self, share: Id, amount: Id, minus: bool) {
        let part = self.b.weigh(share, amount);
        self.sum = match minus {
            true => self.b.subtract(self.sum, part),
            false => self.b.add2(self.sum, part),
        };
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
            let amount = self.b.known(part.amount).unwrap_or_default();
            tables[number][part.option] = if part.minus { -amount } else { amount };
        }
        if waiting.len() > tables.len() {
            let mut sum = Some(self.sum);
            for table in tables {
                sum = sum.and_then(|sum| self.b.lookup(sum, seat, table));
            }
            if let Some(sum) = sum {
                self.sum = sum;
                return;
            }
        }
        for Part { share, amount, minus, .. } in waiting {
            self.put(share, amount, minus);
        }
    }

    /// The sum.
    pub fn finish(mut self) -> Id {
        self.settle();
        self.sum
    }
}
