//! `detente describe`: a scenario as a reader would want it.

use super::args::{Describe, PlanDetail};
use super::{DescribeFormat, Failed, guard, print_stdout};
use detente::view::plan::PlanDescription;
use detente::{Scenario, render};

/// Prints a scenario as a reader would want it, or the plan of its base arm.
///
/// # Errors
/// Status 1 if the scenario is at fault, or planning it takes too much memory.
pub fn describe(options: &Describe) -> Result<(), Failed> {
    let loaded = Scenario::find(&options.scenario)?;
    if let Some(detail) = options.plan {
        let plan = loaded.plan(&loaded.arm(None, &[])?, options.room.memory, &guard::over)?;
        let page = PlanDescription::of(&loaded, &plan, detail == PlanDetail::Full);
        return print_stdout(&render::plan::text(&page));
    }
    let found = loaded.describe()?;
    print_stdout(&match options.format {
        DescribeFormat::Text => render::describe::text(&found),
        DescribeFormat::Markdown => render::describe::markdown(&found),
        DescribeFormat::Json => render::json(&found),
    })
}
