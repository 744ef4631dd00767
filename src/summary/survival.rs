//! Outcomes that are empty in some runs, and the comparisons that lose none of them.
//!
//! The mean of a `first` is taken over the runs in which its condition came to hold, and a paired
//! difference over the runs in which it did in both arms. Two arms that differ in *whether* it
//! happens are not told apart by such numbers. Three others are: how many runs it happened in,
//! how many rounds passed without it up to the last one (the restricted mean, Royston and Parmar
//! 2013), and the share of runs without it by every round.
//!
//! The last round T is the greatest number of rounds of any arm. A run that ended before it
//! happened can have it no more: it counts as without it up to T. Failed runs are left out.

use serde::Serialize;
use std::borrow::Cow;
use std::sync::Arc;

use super::Summary;
use super::tables::{Schemas, by_round, integer, keyed, round_columns};
use crate::record::{Block, Layout};
use crate::stats::{Z95, wilson};
use crate::table::{Cells, Field, Schema, Table, TableError};

/// How a [`Quantity`] is had from the outcomes of a run; outcomes by number within the layout.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Taken {
    /// The outcome as it is.
    AsItIs(usize),
    /// Of a `first` outcome: 1 if it has a value, 0 if not.
    Ever(usize),
    /// Of a `first` outcome: its value, from 1 to T; the last round T where it has none.
    Restricted(usize),
}

/// What is summarised of every run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quantity {
    /// The name in tables: that of the outcome, and behind a colon, which no name in a scenario
    /// holds, `ever` or `restricted`.
    pub name: String,
    /// Whether it is 0 or 1 by its kind.
    pub zero_one: bool,
    /// How it is had.
    pub taken: Taken,
}

impl Quantity {
    /// All outcomes of a layout in order, then for each that is a `first` whether it ever happened
    /// and the restricted time.
    pub fn all(layout: &Layout) -> Vec<Quantity> {
        let outcomes = || layout.outcomes.iter().enumerate();
        let own = outcomes().map(|(number, name)| Quantity {
            name: name.clone(),
            zero_one: layout.zero_one.get(number).copied().unwrap_or(false),
            taken: Taken::AsItIs(number),
        });
        let first = outcomes().filter(|(number, _)| is_first(layout, *number));
        let more = first.flat_map(|(number, name)| {
            let two = [
                ("ever", true, Taken::Ever(number)),
                ("restricted", false, Taken::Restricted(number)),
            ];
            two.map(|(word, zero_one, taken)| Quantity {
                name: format!("{name}:{word}"),
                zero_one,
                taken,
            })
        });
        own.chain(more).collect()
    }

    /// Its values in the runs of a block; not-a-number where there is none. `failed` says which
    /// runs failed, and `rounds` is T.
    pub(super) fn values<'a>(
        &self,
        block: &'a Block,
        failed: &[bool],
        rounds: usize,
    ) -> Cow<'a, [f64]> {
        let last = rounds as f64;
        let each = |outcome: usize, value: &dyn Fn(f64) -> f64| {
            let runs = block.outcome(outcome).iter().zip(failed);
            runs.map(|(x, failed)| if *failed { f64::NAN } else { value(*x) }).collect()
        };
        match self.taken {
            Taken::AsItIs(outcome) => Cow::Borrowed(block.outcome(outcome)),
            Taken::Ever(outcome) => each(outcome, &|x| f64::from(u8::from(!x.is_nan()))),
            Taken::Restricted(outcome) => each(outcome, &|x| if x.is_nan() { last } else { x }),
        }
    }
}

/// Whether an outcome is a `first`.
fn is_first(layout: &Layout, outcome: usize) -> bool {
    layout.first.get(outcome).copied().unwrap_or(false)
}

/// By run of a block: whether it failed.
pub(super) fn failed(block: &Block) -> Vec<bool> {
    let mut all = vec![false; block.runs];
    for failure in &block.failures {
        let run = failure.run.checked_sub(block.first).and_then(|run| usize::try_from(run).ok());
        if let Some(failed) = run.and_then(|run| all.get_mut(run)) {
            *failed = true;
        }
    }
    all
}

/// When a `first` outcome of an arm happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Survival {
    /// The outcome, by number within the layout.
    pub outcome: usize,
    /// How many runs did not fail.
    pub runs: u64,
    /// By round, up to the last in which it did: in how many of these runs it happened there
    /// first.
    pub events: Vec<u64>,
}

/// How things stand with a `first` outcome in a round.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Standing {
    /// Runs without it at the start of the round, ended ones among them.
    pub at_risk: u64,
    /// Runs in which it happened first in this round.
    pub events: u64,
    /// The share of all runs, failed ones aside, without it at the end of the round; NaN without
    /// runs.
    pub survival: f64,
    /// The lower end of its 95 % interval (Wilson).
    pub lo: f64,
    /// The upper end.
    pub hi: f64,
}

impl Survival {
    /// Nothing yet, for every `first` outcome.
    pub(super) fn all(layout: &Layout) -> Vec<Survival> {
        let first = (0..layout.outcomes.len()).filter(|outcome| is_first(layout, *outcome));
        first.map(|outcome| Survival { outcome, runs: 0, events: Vec::new() }).collect()
    }

    /// Adds the runs of a block; `failed` says which of them failed, and `rounds` is T.
    pub(super) fn add(&mut self, block: &Block, failed: &[bool], rounds: usize) {
        let all = block.outcome(self.outcome).iter().zip(failed);
        for (x, _) in all.filter(|(_, failed)| !**failed) {
            self.runs += 1;
            // rounds count from 1; without a value there is none
            let round = *x as usize;
            if (1..=rounds).contains(&round) {
                self.events.resize(self.events.len().max(round), 0);
                self.events[round - 1] += 1;
            }
        }
    }

    /// By round, from 1 to the last, which is `rounds`.
    pub fn standing(&self, rounds: usize) -> Vec<Standing> {
        let mut at_risk = self.runs;
        let round = |round: usize| {
            let events = self.events.get(round).copied().unwrap_or(0);
            let left = at_risk.saturating_sub(events);
            let (lo, hi) = match self.runs {
                0 => (f64::NAN, f64::NAN),
                runs => wilson(left, runs, Z95),
            };
            let survival = left as f64 / self.runs as f64;
            let found = Standing { at_risk, events, survival, lo, hi };
            at_risk = left;
            found
        };
        (0..rounds).map(round).collect()
    }
}

pub(super) fn survival_schema(layout: &Layout) -> Result<Arc<Schema>, TableError> {
    let fields = vec![
        Field::text("outcome", "the name of an outcome that is a `first`"),
        Field::integer(
            "at_risk",
            "how many runs are without it at the start of the round; a run that ended without it \
             stays among them, a failed run never is",
        )
        .with_unit("runs"),
        Field::integer("events", "in how many runs it happened first in this round")
            .with_unit("runs"),
        Field::number(
            "survival",
            "the share of the runs that did not fail in which it has not happened by the end of \
             the round",
        ),
        Field::number("lo", "the lower end of its 95 % interval (Wilson)"),
        Field::number("hi", "the upper end of its 95 % interval (Wilson)"),
    ];
    let text = "How long it takes until something first happens: one row per arm, point, round and \
                `first` outcome. The end of a run competes with what had not happened before; it \
                does not censor it.";
    Schema::new("survival", text, keyed(by_round(layout, fields)))
}

impl Schemas {
    /// Rows of `survival`.
    ///
    /// # Errors
    /// None that a caller can cause.
    pub fn survival(&self, summary: &Summary, point: u64) -> Result<Table, TableError> {
        let layout = &summary.layout;
        let mut rows: Vec<(&str, usize, &str, Standing)> = Vec::new();
        for arm in &summary.arms {
            let all: Vec<_> =
                arm.survival.iter().map(|s| (s.outcome, s.standing(layout.rounds))).collect();
            for round in 0..layout.rounds {
                let now =
                    all.iter().map(|(k, s)| (arm.name.as_str(), round, &layout.outcomes[*k], s));
                rows.extend(now.map(|(arm, round, name, s)| (arm, round, name.as_str(), s[round])));
            }
        }
        let mut columns = vec![
            Cells::Text(rows.iter().map(|r| r.0.to_string()).collect()),
            Cells::Integer(rows.iter().map(|_| integer(point)).collect()),
        ];
        columns.extend(round_columns(self.calendar, rows.iter().map(|r| r.1 as u32 + 1)));
        columns.extend([
            Cells::Text(rows.iter().map(|r| r.2.to_string()).collect()),
            Cells::Integer(rows.iter().map(|r| integer(r.3.at_risk)).collect()),
            Cells::Integer(rows.iter().map(|r| integer(r.3.events)).collect()),
            Cells::Number(rows.iter().map(|r| r.3.survival).collect()),
            Cells::Number(rows.iter().map(|r| r.3.lo).collect()),
            Cells::Number(rows.iter().map(|r| r.3.hi).collect()),
        ]);
        Table::new(&self.survival, columns)
    }
}
