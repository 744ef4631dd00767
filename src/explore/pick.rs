//! One run in full, by its number or by what it came to.

use std::sync::atomic::{AtomicU64, Ordering};

use serde::Deserialize;

use super::{Ask, Drawn, Explorer};
use crate::api::Error;
use crate::diagnostic::clip;
use crate::experiment::{self, Progress};
use crate::figure;
use crate::model::Simulation;
use crate::record::Block;
use crate::reference;
use crate::view::trace::{Only, Transcript};

/// The greatest number of a run.
const LAST: u64 = 1_000_000_000_000;

/// Which run to show.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Pick {
    /// What is played.
    pub ask: Ask,
    /// The arm.
    pub arm: String,
    /// The run, from 0; the first that fits where absent.
    pub run: Option<u64>,
    /// An outcome, and between which ends it lies, both included.
    pub outcome: String,
    /// The lower end.
    pub lo: f64,
    /// The upper end.
    pub hi: f64,
}

/// A run that was found.
#[derive(Debug)]
pub struct Picked {
    /// What happened in it.
    pub transcript: Transcript,
    /// The same, drawn.
    pub figure: Drawn,
}

/// Stops once a run is found.
struct Until<'a> {
    found: &'a AtomicU64,
    stop: &'a (dyn Fn() -> bool + Sync),
}

/// No run yet.
const NONE: u64 = u64::MAX;

impl Progress for Until<'_> {
    fn advanced(&self, _: u64) {}

    fn stop(&self) -> bool {
        self.found.load(Ordering::Relaxed) != NONE || (self.stop)()
    }
}

impl Explorer {
    /// A run that was picked, unless `stop` says so before it is found.
    ///
    /// # Errors
    /// Those of [`Explorer::replay`]; [`Error::Unknown`] if there is no such arm or outcome,
    /// [`Error::Request`] if no run fits.
    pub fn pick(&self, pick: &Pick, stop: &(dyn Fn() -> bool + Sync)) -> Result<Picked, Error> {
        let opened = self.open(&pick.ask)?;
        let [.., most] = self.tiers;
        let mut spec = pick.ask.spec(&opened.scenario, most, self.means())?;
        let names = spec.arms.iter().map(|arm| arm.name.as_str());
        let number = names.clone().position(|name| name == pick.arm);
        let number = number.ok_or_else(|| Error::no("arm", &pick.arm, names))?;
        spec.arms = vec![spec.arms.swap_remove(number)];
        spec.versus = 0;
        let run = match pick.run {
            Some(run) if run > LAST => {
                return Err(Error::Request(format!("runs have numbers up to {LAST}")));
            }
            Some(run) => run,
            None => first(&spec, pick, stop)?,
        };
        let game = Simulation { model: spec.model, arm: &spec.arms[0], seed: spec.seed };
        let told = reference::trace(&game, run);
        let transcript = Transcript::of(&opened.scenario, &game, told, &Only::default());
        let figure = Drawn::from(&figure::timeline(&transcript));
        Ok(Picked { transcript, figure })
    }
}

/// The first run whose outcome lies between the ends.
fn first(
    spec: &experiment::RunSpec,
    pick: &Pick,
    stop: &(dyn Fn() -> bool + Sync),
) -> Result<u64, Error> {
    let layout = spec.layout().outcomes_only();
    let known = layout.outcomes.iter().map(String::as_str);
    let outcome = known.clone().position(|name| name == pick.outcome);
    let outcome = outcome.ok_or_else(|| Error::no("outcome", &pick.outcome, known))?;
    let found = AtomicU64::new(NONE);
    let look = |blocks: &[Vec<Block>]| {
        for block in blocks.iter().flatten() {
            let mut values = block.outcome(outcome).iter();
            if let Some(at) = values.position(|x| *x >= pick.lo && *x <= pick.hi) {
                found.fetch_min(block.first + at as u64, Ordering::Relaxed);
                return Ok(());
            }
        }
        Ok(())
    };
    experiment::play(spec, &layout, &Until { found: &found, stop }, look)?;
    match found.into_inner() {
        NONE => Err(Error::Request(format!(
            "none of {} runs has `{}` there",
            spec.runs,
            clip(&pick.outcome)
        ))),
        run => Ok(run),
    }
}
