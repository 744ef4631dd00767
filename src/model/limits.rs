//! How much may be asked for: one place for what the command line, files of plans, experiments of a
//! scenario and callers of the library may say.

use std::ops::RangeInclusive;

/// A number that may be asked for, with its least and its greatest value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// What it is, as messages call it.
    pub what: &'static str,
    /// The least that may be asked for.
    pub least: u64,
    /// The most that may be asked for.
    pub most: u64,
}

/// Runs of each arm.
pub const RUNS: Limit = Limit { what: "runs", least: 1, most: 1_000_000_000 };
/// Rounds of a run.
pub const ROUNDS: Limit = Limit { what: "rounds", least: 1, most: 10_000 };
/// Points of a sweep.
pub const POINTS: Limit = Limit { what: "points", least: 1, most: 1 << 32 };
/// Shards of a sweep.
pub const SHARDS: Limit = Limit { what: "shards", least: 1, most: 1_000_000 };
/// Threads.
pub const THREADS: Limit = Limit { what: "threads", least: 1, most: 1_024 };

impl Limit {
    /// The number, if it may be asked for.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub fn check(&self, number: u64) -> Result<u64, String> {
        if self.unsigned().contains(&number) {
            return Ok(number);
        }
        let Limit { what, least, most } = self;
        Err(format!("`{what}` is a whole number from {least} to {most}, found {number}"))
    }

    /// All that may be asked for.
    pub const fn unsigned(&self) -> RangeInclusive<u64> {
        self.least..=self.most
    }

    /// The same for who counts with signed numbers.
    pub const fn signed(&self) -> RangeInclusive<i64> {
        self.least as i64..=self.most as i64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_asked_for_has_two_ends() {
        for limit in [RUNS, ROUNDS, POINTS, SHARDS, THREADS] {
            assert_eq!(limit.check(limit.least), Ok(limit.least));
            assert_eq!(limit.check(limit.most), Ok(limit.most));
            for wrong in [limit.least - 1, limit.most + 1, u64::MAX] {
                let why = limit.check(wrong).expect_err("it is too much or too little");
                assert!(why.contains(limit.what) && why.contains(&wrong.to_string()), "{why}");
            }
            assert_eq!(*limit.signed().end() as u64, limit.most);
        }
    }
}
