//! How much planning may take: memory, steps and patience.

use std::cell::Cell;
use std::fmt;

use crate::model::MarkovError;

/// Bytes that a program may use where nothing else was said.
const MEMORY: u64 = 2 << 30;

/// No plan takes more, whatever the budget: a node takes at least 128 bytes, so that numbers of
/// nodes fit 30 bits.
const MOST: u64 = 1 << 37;

/// Operations that a plan may be put together from: a minute or two of work.
pub const MAX_STEPS: u64 = 1_000_000_000;

/// So many operations are put together between two looks at whether to stop.
const PATIENCE: u64 = 1 << 14;

/// What planning gets.
#[derive(Clone, Copy)]
pub struct Budget<'a> {
    /// The most bytes that graphs and tapes may take together at any time.
    pub bytes: u64,
    /// Whether to stop; asked many times a second.
    pub stop: &'a (dyn Fn() -> bool + Sync),
}

impl Default for Budget<'static> {
    /// 2 GiB, and nobody who stops it.
    fn default() -> Self {
        Budget { bytes: MEMORY, stop: &|| false }
    }
}

impl<'a> Budget<'a> {
    /// The same with another number of bytes.
    pub fn of(self, bytes: u64) -> Budget<'a> {
        Budget { bytes, ..self }
    }
}

impl fmt::Debug for Budget<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Budget").field("bytes", &self.bytes).finish_non_exhaustive()
    }
}

/// Why there is no plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlanError {
    /// It needs more bytes than the budget has.
    Memory {
        /// The budget, in bytes.
        bytes: u64,
        /// About how many it needs, as far as that can be said early; at least the budget.
        about: u64,
    },
    /// It is put together from too many operations.
    Steps {
        /// About how many it needs, as far as that can be said early.
        about: u64,
    },
    /// A game without a last round has no solution that was found.
    Markov(MarkovError),
    /// Somebody asked to stop.
    Stopped,
}

impl fmt::Display for PlanError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let way_out = "lower `reasoning` or `foresight`, use fewer options, tracks, events, types, \
                       or simpler payoffs";
        match self {
            PlanError::Memory { bytes, about } => {
                let (most, about) = (gigabytes(*bytes), gigabytes(*about));
                let needs = if about == most { "more".into() } else { format!("about {about}") };
                write!(
                    f,
                    "planning this scenario needs {needs} of memory where {most} may be used; \
                     {way_out}, or allow more with --memory"
                )
            }
            PlanError::Steps { about } => write!(
                f,
                "planning this scenario takes {:.0e} operations, at most {:.0e} are allowed; \
                 {way_out}",
                *about as f64, MAX_STEPS as f64
            ),
            PlanError::Markov(error) => error.fmt(f),
            PlanError::Stopped => f.write_str("stopped while planning"),
        }
    }
}

impl std::error::Error for PlanError {}

/// Bytes in words, two digits.
fn gigabytes(bytes: u64) -> String {
    let (size, unit) = match bytes {
        0..=999_999_999 => (bytes as f64 / (1 << 20) as f64, "MB"),
        _ => (bytes as f64 / (1_u64 << 30) as f64, "GB"),
    };
    if size < 10.0 { format!("{size:.1} {unit}") } else { format!("{size:.0} {unit}") }
}

/// What planning has taken so far. Once it [has ended](Meter::ended) nothing more is put together,
/// and whatever was is not used.
pub(super) struct Meter<'a> {
    budget: Budget<'a>,
    used: Cell<u64>,
    most: Cell<u64>,
    steps: Cell<u64>,
    ahead: Cell<Option<Ahead>>,
    end: Cell<Option<PlanError>>,
}

impl<'a> Meter<'a> {
    pub fn new(budget: Budget<'a>) -> Self {
        let zero = || Cell::new(0);
        let budget = budget.of(budget.bytes.min(MOST));
        Meter {
            budget,
            used: zero(),
            most: zero(),
            steps: zero(),
            ahead: Cell::new(None),
            end: Cell::new(None),
        }
    }

    /// Whether planning has ended early.
    pub fn ended(&self) -> bool {
        self.end.get().is_some()
    }

    /// Why planning has ended early, if it has.
    pub fn error(&self) -> Option<PlanError> {
        self.end.get()
    }

    /// The most bytes that were in use at any time.
    pub fn most(&self) -> u64 {
        self.most.get()
    }

    pub fn stop(&self, error: PlanError) {
        if !self.ended() {
            self.end.set(Some(error));
        }
    }

    /// One more operation is put together.
    pub fn step(&self) {
        let steps = self.steps.get() + 1;
        self.steps.set(steps);
        if steps.is_multiple_of(PATIENCE) {
            self.look();
            self.foresee();
        }
    }

    /// Looks at whether to stop.
    pub fn look(&self) {
        if (self.budget.stop)() {
            self.stop(PlanError::Stopped);
        }
    }

    /// Bytes are taken.
    pub fn take(&self, bytes: u64) {
        let used = self.used.get().saturating_add(bytes);
        self.used.set(used);
        self.most.set(self.most.get().max(used));
        if used > self.budget.bytes {
            self.stop(PlanError::Memory { bytes: self.budget.bytes, about: used });
        }
    }

    /// Bytes are given back.
    pub fn give(&self, bytes: u64) {
        self.used.set(self.used.get().saturating_sub(bytes));
    }

    /// Takes bytes for as long as what is returned is kept.
    pub fn hold(&'a self, bytes: u64) -> Held<'a> {
        self.take(bytes);
        Held { meter: self, bytes }
    }

    /// What is put together from now on comes so many times in all, until this is said again;
    /// returns what was said before.
    pub fn repeat(&self, times: u64) -> Option<Ahead> {
        let (bytes, steps) = (self.used.get(), self.steps.get());
        self.ahead.replace(Some(Ahead { bytes, steps, times }))
    }

    /// Back to what was said before.
    pub fn resume(&self, before: Option<Ahead>) {
        self.ahead.set(before);
    }

    /// Ends planning if what is still to come will be too much.
    fn foresee(&self) {
        let now = (self.used.get(), self.steps.get());
        let ahead = self.ahead.get().unwrap_or(Ahead { bytes: now.0, steps: now.1, times: 1 });
        let all = |now: u64, before: u64| {
            before.saturating_add(now.saturating_sub(before).saturating_mul(ahead.times))
        };
        let (bytes, steps) = (all(now.0, ahead.bytes), all(now.1, ahead.steps));
        if bytes > self.budget.bytes {
            self.stop(PlanError::Memory { bytes: self.budget.bytes, about: bytes });
        } else if steps > MAX_STEPS {
            self.stop(PlanError::Steps { about: steps });
        }
    }
}

/// What is put together several times, from where on and how often.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ahead {
    bytes: u64,
    steps: u64,
    times: u64,
}

impl fmt::Debug for Meter<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Meter").field("used", &self.used).finish_non_exhaustive()
    }
}

/// Bytes that are given back when this is dropped.
#[derive(Debug)]
pub(super) struct Held<'a> {
    meter: &'a Meter<'a>,
    bytes: u64,
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.meter.give(self.bytes);
    }
}
