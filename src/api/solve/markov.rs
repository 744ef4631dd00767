//! The stationary equilibrium of a scenario.

use super::Error;
use crate::api::{Scenario, settings};
use crate::reference;
use crate::solve::Halt;
use crate::view::markov::Page;

impl Scenario {
    /// The stationary logit Markov equilibrium of a variant, or of the scenario as it is, with
    /// these settings, names and values; unless `halt` says to stop.
    ///
    /// # Errors
    /// [`Error::Unknown`] or [`Error::Diagnostics`] if variant or settings do not fit,
    /// [`Error::Request`] if nobody looks ahead without end, [`Error::Fault`] if no equilibrium was
    /// found or it was stopped.
    pub fn stationary_until(
        &self,
        variant: Option<&str>,
        set: &[(String, String)],
        halt: &Halt,
    ) -> Result<Page, Error> {
        let changes = settings(self.model(), set)?;
        let arm = self.arm(variant, &changes)?;
        if !arm.is_stationary() {
            return Err(Error::Request(format!(
                "nobody in `{}` looks ahead without end; give --set decision.foresight=stationary, \
                 with a discount below 1, exact anticipation and reasoning in equilibrium",
                self.name()
            )));
        }
        let found = reference::markov(self.model(), &arm, &|| halt());
        let found = found.map_err(|error| Error::Fault(error.to_string()))?;
        Ok(Page::of(self.model(), &arm, &found))
    }
}
