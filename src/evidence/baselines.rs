//! What a reader of the history alone would have expected of a seat: three yardsticks, one step
//! ahead.

use super::origins::power;
use crate::model::{IndexVec, SeatId};
use crate::record::Observation;

/// What has been seen of a seat.
#[derive(Debug, Clone, PartialEq)]
struct Seen {
    /// By option: how often, a set of options counting for each of them by its share.
    counts: Vec<f64>,
    /// The last set seen.
    last: Option<Vec<bool>>,
    /// How often one set followed on another, and how far it was the same.
    pairs: f64,
    repeats: f64,
}

/// Counts of what seats did.
#[derive(Debug, Clone, PartialEq)]
pub struct Baselines {
    seats: IndexVec<SeatId, Seen>,
}

/// What the baselines give a set of options.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Expected {
    /// The seat's own past counts, each option starting at 1/2 (Krichevsky and Trofimov 1981).
    pub frequency: f64,
    /// The same starting at 1 over the number of options.
    pub frequency_1: f64,
    /// What was done last with probability ρ, else `frequency`; ρ = (repeats + ½) / (pairs + 1).
    pub persistence: f64,
}

fn size(set: &[bool]) -> f64 {
    set.iter().filter(|of| **of).count() as f64
}

/// How much of one set is also in another.
fn overlap(of: &[bool], other: &[bool]) -> f64 {
    let both = of.iter().zip(other).filter(|(a, b)| **a && **b).count();
    both as f64 / size(of)
}

impl Baselines {
    /// Nothing was seen of seats with so many options each.
    pub fn new(options: impl Iterator<Item = usize>) -> Baselines {
        let seen =
            |count: usize| Seen { counts: vec![0.0; count], last: None, pairs: 0.0, repeats: 0.0 };
        Baselines { seats: options.map(seen).collect() }
    }

    /// Another history begins: counts stay, what was last done is not known.
    pub fn restart(&mut self) {
        self.seats.iter_mut().for_each(|seen| seen.last = None);
    }

    /// What would have been expected of a set of a seat's options, before it is seen.
    pub fn expected(&self, seat: SeatId, set: &[bool]) -> Expected {
        let seen = &self.seats[seat];
        let count = seen.counts.len() as f64;
        let total: f64 = seen.counts.iter().sum();
        let own: f64 = seen.counts.iter().zip(set).filter(|(_, of)| **of).map(|(n, _)| n).sum();
        let from = |start: f64| (own + start * size(set)) / (total + start * count);
        let frequency = from(0.5);
        let persistence = match &seen.last {
            None => frequency,
            Some(last) => {
                let kept = (seen.repeats + 0.5) / (seen.pairs + 1.0);
                kept * overlap(last, set) + (1.0 - kept) * frequency
            }
        };
        Expected { frequency, frequency_1: from(1.0 / count), persistence }
    }

    /// How likely one of a set of options would have been within some rounds, every round as the
    /// next: 1 − (1 − p)^h; of `persistence` by its chain, which leaves the set with what it did
    /// last.
    pub fn within(&self, seat: SeatId, set: &[bool], rounds: u32) -> Expected {
        let Expected { frequency, frequency_1, persistence } = self.expected(seat, set);
        let seen = &self.seats[seat];
        let ever = |once: f64| 1.0 - power(1.0 - once, rounds);
        let again = match &seen.last {
            None => frequency,
            Some(_) => (1.0 - (seen.repeats + 0.5) / (seen.pairs + 1.0)) * frequency,
        };
        Expected {
            frequency: ever(frequency),
            frequency_1: ever(frequency_1),
            persistence: 1.0 - (1.0 - persistence) * power(1.0 - again, rounds.saturating_sub(1)),
        }
    }

    /// Counts what was seen in a round.
    pub fn add(&mut self, known: &Observation) {
        for (seat, seen) in self.seats.enumerate_mut() {
            let Some(set) = known.of_seat(seat) else { continue };
            let share = 1.0 / size(set);
            let counts = seen.counts.iter_mut().zip(set).filter(|(_, of)| **of);
            counts.for_each(|(count, _)| *count += share);
            if let Some(last) = &seen.last {
                seen.pairs += 1.0;
                seen.repeats += overlap(last, set);
            }
            seen.last = Some(set.to_vec());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A seat of four options that plays the first, the second, the second.
    #[test]
    fn counts_start_where_they_should() {
        let mut seen = Baselines::new([4].into_iter());
        let seat = SeatId::new(0);
        let set = |option: usize| (0..4).map(|n| n == option).collect::<Vec<bool>>();
        let known = |option: usize| Observation {
            seats: vec![Some(set(option))].into(),
            hazards: IndexVec::new(),
            any: Vec::new(),
            miscoding: 0.0,
        };
        assert_eq!(seen.expected(seat, &set(0)).persistence, 0.25);
        seen.add(&known(0));
        let next = seen.expected(seat, &set(1));
        assert_eq!(next.frequency, 0.5 / 3.0);
        assert_eq!(next.frequency_1, 0.25 / 2.0);
        assert_eq!(next.persistence, 0.5 * (0.5 / 3.0));
        seen.add(&known(1));
        // one pair, no repeat: kept with 1/4
        let next = seen.expected(seat, &set(1));
        assert_eq!(next.persistence, 0.25 + 0.75 * (1.5 / 4.0));
        seen.restart();
        assert_eq!(seen.expected(seat, &set(1)).persistence, 1.5 / 4.0);
    }
}
