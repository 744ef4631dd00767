//! `detente describe`: a scenario as a reader would want it.

mod planned;

use super::args::Describe;
use super::{DescribeFormat, Failed, print_stdout};
use detente::view::describe::Description;
use detente::{Scenario, render};

/// Prints a scenario as a reader would want it, or the plan of its base arm.
///
/// # Errors
/// Status 1 if the scenario is at fault, or planning it takes too much memory.
pub fn describe(options: &Describe) -> Result<(), Failed> {
    let loaded = Scenario::find(&options.scenario)?;
    if let Some(detail) = options.plan {
        return print_stdout(&planned::plan(&loaded, detail, options.room.memory)?);
    }
    let found = Description::of(&loaded)?;
    print_stdout(&match options.format {
        DescribeFormat::Text => render::describe::text(&found),
        DescribeFormat::Markdown => render::describe::markdown(&found),
        DescribeFormat::Json => render::json(&found),
    })
}
