//! What the engine carries out for a scenario.

use serde::Serialize;

use crate::api::{Error, Scenario};
use crate::diagnostic::line_column;
use crate::experiment::Memory;
use crate::plan::Plan;

/// The operations of a plan.
#[derive(Debug, Serialize)]
pub struct PlanDescription {
    /// Parts of a run, in their order.
    pub phases: Vec<Phase>,
    /// Every operation with the line of the text that asked for it, if it was asked for.
    pub listing: Option<String>,
}

/// A part of a run.
#[derive(Debug, Serialize)]
pub struct Phase {
    /// The part, in words.
    pub name: String,
    /// Operations on one number a run.
    pub total: usize,
    /// The same by kind, the most frequent first.
    pub operations: Vec<(String, usize)>,
    /// Operations once a round for all runs.
    pub shared: usize,
    /// Choices, loops and calls.
    pub loops: usize,
    /// Columns of the frame.
    pub columns: usize,
}

impl PlanDescription {
    /// Describes a plan of an arm of a scenario, with every operation if it is to be `full`.
    pub fn of(scenario: &Scenario, plan: &Plan, full: bool) -> PlanDescription {
        let phases = plan.phases().into_iter().map(|phase| {
            let total = phase.total();
            let mut operations: Vec<(String, usize)> = phase.operations.into_iter().collect();
            operations.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
            let (shared, loops, columns) = (phase.shared, phase.loops, phase.columns);
            Phase { name: phase.name, total, operations, shared, loops, columns }
        });
        let place = |byte: usize| {
            let (file, text, byte) = scenario.page(byte);
            let file = file.map_or_else(String::new, |name| format!("{name} "));
            format!("{file}line {}", line_column(text, byte).0)
        };
        let listing = full.then(|| plan.listing(&place));
        PlanDescription { phases: phases.collect(), listing }
    }
}

impl Scenario {
    /// What the engine carries out for the scenario as it is, with every operation if it is to be
    /// `full`.
    ///
    /// # Errors
    /// [`Error::Diagnostics`] if the scenario as it is cannot be played, [`Error::Play`] if
    /// planning takes too much.
    pub fn plan_description(&self, full: bool) -> Result<PlanDescription, Error> {
        let plan = self.plan(&self.arm(None, &[])?, Memory::default(), &|| false)?;
        Ok(PlanDescription::of(self, &plan, full))
    }
}
