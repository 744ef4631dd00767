//! One run in full.

use super::{Error, Scenario, settings};
use crate::experiment;
use crate::model::Simulation;
use crate::model::limits::ROUNDS;
use crate::reference::{self, RunTrace};
use crate::rng::Seed;
use crate::solve::never;

/// Which run to trace, of which arm.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Trace {
    run: u64,
    seed: Seed,
    variant: Option<String>,
    rounds: Option<u32>,
    set: Vec<(String, String)>,
}

notes! { Trace: variant seed rounds set; }

impl Trace {
    /// The run of this number, from 0, of the scenario as it is: the same that [`super::Run`] plays
    /// with the same seed.
    pub fn new(run: u64) -> Trace {
        Trace { run, ..Trace::default() }
    }
}

impl Scenario {
    /// Plays one run and says what everyone could do in it, what that was worth, and what came of
    /// it. A run that fails is traced up to its failure.
    ///
    /// # Errors
    /// [`Error::Unknown`] if there is no such variant, [`Error::Diagnostics`] if settings do not
    /// fit the scenario, [`Error::Play`] if there are no rounds or too many, [`Error::Request`] if
    /// a game without a last round is not solved.
    pub fn trace(&self, request: &Trace) -> Result<RunTrace, Error> {
        self.traced(request, |_, told| told)
    }

    /// What is made of a traced run and of what was played.
    pub(crate) fn traced<T>(
        &self,
        request: &Trace,
        make: impl FnOnce(&Simulation<'_>, RunTrace) -> T,
    ) -> Result<T, Error> {
        let changes = settings(self.model(), &request.set)?;
        let mut arm = self.arm(request.variant.as_deref(), &changes)?;
        arm.rounds = request.rounds.unwrap_or(arm.rounds);
        ROUNDS.check(u64::from(arm.rounds)).map_err(experiment::Error::Limit)?;
        if arm.is_stationary() {
            reference::markov(self.model(), &arm, &never)
                .map_err(|error| Error::Request(error.to_string()))?;
        }
        let game = Simulation { model: self.model(), arm: &arm, seed: request.seed };
        Ok(make(&game, reference::trace(&game, request.run)))
    }
}
