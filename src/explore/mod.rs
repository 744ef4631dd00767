//! A scenario replayed while its assumptions move: what `detente explore` shows.
//!
//! An [`Explorer`] holds a scenario as it was loaded. An [`Ask`] says how it is to be played now:
//! its text with an edit, settings, variants, and settings that were pinned to compare with.
//! [`Explorer::replay`] plays that with [`TIERS`] runs, few first, and gives what came of each tier
//! as a [`Frame`]. Plans are kept from one replay to the next, so that a number that moves is
//! played at once. The numbers of a frame are those that `detente run` and `detente claims` give
//! for as many runs.

mod ask;
mod controls;
mod pick;
mod replay;
mod report;
mod save;

use std::rc::Rc;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;

use crate::api::{Error, Scenario};
use crate::catalog::Found;
use crate::diagnostic::Attached;
use crate::experiment::{KeptPlans, Memory};
use crate::rng::Seed;
use crate::scenario::Beside;

pub use ask::{Ask, Edit, Pin};
pub use controls::{Arm, Control, Controls, Measured, Statement};
pub use pick::{Pick, Picked};
pub use replay::{Drawn, Frame, Judged, Listener};
pub use save::Save;

/// So many runs of each arm are played one after the other.
pub const TIERS: [u64; 3] = [256, 1024, 4096];
/// The arm that is the text of now under the settings of now, where either is not as it was loaded.
pub const NOW: &str = "now";
/// The arm that is the scenario as it was loaded.
pub const AS_LOADED: &str = "as loaded";

/// So many texts are kept with their plans.
const TEXTS: usize = 4;

/// A text that is sound, and the plans of its arms.
#[derive(Debug)]
struct Opened {
    text: String,
    scenario: Scenario,
    plans: KeptPlans,
}

/// A scenario that is explored. Many threads may ask it at the same time.
#[derive(Debug)]
pub struct Explorer {
    label: String,
    stem: String,
    files: Vec<Attached>,
    loaded: Arc<Opened>,
    /// Texts that were edited, the newest last.
    edited: Mutex<Vec<Arc<Opened>>>,
    threads: Option<usize>,
    memory: Memory,
    seed: Seed,
    tiers: [u64; 3],
}

impl Explorer {
    /// Of a scenario as it was found. What files it names are read now and never again.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn new(found: Found) -> Result<Explorer, Error> {
        let (label, stem) = (found.label.clone(), found.stem.clone());
        let text = found.text().replace("\r\n", "\n");
        let found = Found { bytes: text.clone().into_bytes(), ..found };
        let (scenario, diagnostics) = Scenario::examine(found);
        let scenario = scenario.ok_or(Error::Diagnostics(diagnostics))?;
        // an arm that cannot be made has its own report
        scenario.arm(None, &[])?;
        let files = scenario.files().to_vec();
        let loaded = Arc::new(Opened { text, scenario, plans: KeptPlans::default() });
        Ok(Explorer {
            label,
            stem,
            files,
            loaded,
            edited: Mutex::default(),
            threads: None,
            memory: Memory::default(),
            seed: Seed::default(),
            tiers: TIERS,
        })
    }

    /// On so many threads instead of all cores.
    #[must_use]
    pub fn threads(self, threads: usize) -> Explorer {
        Explorer { threads: Some(threads), ..self }
    }

    /// So much memory may be taken by what is played.
    #[must_use]
    pub fn memory(self, memory: Memory) -> Explorer {
        Explorer { memory, ..self }
    }

    /// Where all random numbers come from, instead of 20240619.
    #[must_use]
    pub fn seed(self, seed: u64) -> Explorer {
        Explorer { seed: Seed(seed), ..self }
    }

    /// So many runs of each arm are played one after the other, instead of [`TIERS`].
    #[must_use]
    pub fn tiers(self, tiers: [u64; 3]) -> Explorer {
        Explorer { tiers, ..self }
    }

    /// The scenario as it was loaded.
    pub fn scenario(&self) -> &Scenario {
        &self.loaded.scenario
    }

    /// How many plans of the text as it was loaded are kept, and how many were made.
    pub fn plans(&self) -> (usize, u64) {
        self.loaded.plans.count()
    }

    /// Everything that is wrong or odd about an edited text: each as `detente check` gives it in
    /// JSON, and all as text with carets.
    ///
    /// # Errors
    /// [`Error::Request`] if the edit does not fit the text.
    pub fn check(&self, ask: &Ask) -> Result<(Vec<Value>, String), Error> {
        let text = ask.text(&self.loaded.text)?;
        let (_, found) = Scenario::examine(self.found(&text));
        Ok((found.json(), if found.is_empty() { String::new() } else { found.render(false) }))
    }

    fn found(&self, text: &str) -> Found {
        let beside: Rc<dyn Beside> = Rc::new(self.files.clone());
        let (label, stem) = (self.label.clone(), self.stem.clone());
        Found { label, stem, bytes: text.as_bytes().to_vec(), beside }
    }

    /// The scenario of an edited text.
    fn open(&self, ask: &Ask) -> Result<Arc<Opened>, Error> {
        let text = ask.text(&self.loaded.text)?;
        if text == self.loaded.text {
            return Ok(Arc::clone(&self.loaded));
        }
        let known = |list: &[Arc<Opened>]| list.iter().find(|o| o.text == text).map(Arc::clone);
        if let Some(opened) = known(&self.edited.lock().unwrap_or_else(PoisonError::into_inner)) {
            return Ok(opened);
        }
        let (scenario, diagnostics) = Scenario::examine(self.found(&text));
        let scenario = scenario.ok_or_else(|| Error::Diagnostics(diagnostics.errors()))?;
        let opened = Arc::new(Opened { text, scenario, plans: KeptPlans::default() });
        let mut list = self.edited.lock().unwrap_or_else(PoisonError::into_inner);
        if list.len() >= TEXTS {
            list.remove(0);
        }
        list.push(Arc::clone(&opened));
        Ok(opened)
    }
}
