//! A history as filters take it.

use super::lanes::ending;
use crate::history::{Case, Measurement};
use crate::model::{Arm, Model};
use crate::record::Observation;

/// What is known of every round of one history.
#[derive(Debug, Clone)]
pub struct Record {
    /// By round, from 1: choices and events. That a run goes on is known of every round but the
    /// last.
    pub observations: Vec<Observation>,
    /// By round, what was measured.
    pub series: Vec<Vec<Measurement>>,
    /// Whether it says nothing at all: then nothing is conditioned on.
    pub empty: bool,
}

impl Record {
    /// The record of a case of a history with this chance of miscoding.
    pub fn new(model: &Model, case: &Case, miscoding: f64) -> Record {
        let ends = ending(model);
        let rounds = case.seen.len();
        let silent = case.seen.iter().all(|seen| {
            let seats = seen.seats.iter().all(Option::is_none);
            let hazards = seen.hazards.iter().all(Option::is_none);
            seats && hazards && seen.any.is_empty() && seen.series.is_empty()
        });
        let of = |(number, seen): (usize, &crate::history::Seen)| {
            let mut hazards = seen.hazards.clone();
            if number + 1 < rounds && !silent {
                for (known, ends) in hazards.iter_mut().zip(&ends) {
                    if *ends && known.is_none() {
                        *known = Some(false);
                    }
                }
            }
            let open = |group: &Vec<_>| {
                group.iter().copied().filter(|hazard| hazards[*hazard].is_none()).collect()
            };
            let any = seen.any.iter().map(open).collect();
            Observation { seats: seen.seats.clone(), any, hazards, miscoding }
        };
        Record {
            observations: case.seen.iter().enumerate().map(of).collect(),
            series: case.seen.iter().map(|seen| seen.series.clone()).collect(),
            empty: silent,
        }
    }

    /// The same, known no further than a round.
    #[must_use]
    pub fn until(mut self, round: u32) -> Record {
        self.observations.truncate(round as usize);
        self.series.truncate(round as usize);
        self
    }

    /// An arm as a case begins it: with its own initial values, and at least as many rounds as it
    /// reaches.
    pub fn arm(case: &Case, arm: &Arm) -> Arm {
        let mut own = arm.clone();
        own.rounds = own.rounds.max(case.rounds);
        for (cell, formula) in &case.initial {
            own.initial[*cell] = formula.clone();
        }
        own
    }
}
