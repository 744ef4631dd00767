//! `detente describe --plan`: what the engine carries out.

use std::fmt::Write as _;

use crate::cli::Failed;
use crate::cli::args::PlanDetail;
use crate::cli::check::planning;
use detente::Scenario;
use detente::diagnostic::line_column;
use detente::experiment::Memory;
use detente::plan::Plan;

/// The plan of the base arm.
///
/// # Errors
/// As [`super::describe`].
pub fn plan(loaded: &Scenario, detail: PlanDetail, memory: Memory) -> Result<String, Failed> {
    let arm = loaded.arm(None, &[])?;
    let plan = Plan::new(loaded.model(), &arm, planning(loaded.text(), memory))
        .map_err(Failed::scenario)?;
    let mut text = String::from("operations on one number a run, by phase of the base arm\n");
    for phase in plan.phases() {
        let (name, total) = (&phase.name, phase.total());
        let _ = writeln!(text, "\n{name}: {total}");
        let mut kinds: Vec<_> = phase.operations.iter().collect();
        kinds.sort_by_key(|(kind, count)| (std::cmp::Reverse(**count), (*kind).clone()));
        for (kind, count) in kinds {
            let _ = writeln!(text, "  {count:>7}  {kind}");
        }
        for (count, what) in [
            (phase.shared, "once a round for all runs"),
            (phase.loops, "choices, loops and calls"),
            (phase.columns, "columns of the frame"),
        ] {
            if count > 0 {
                let _ = writeln!(text, "  {count:>7}  {what}");
            }
        }
    }
    if detail == PlanDetail::Full {
        let place = |byte: usize| {
            let (file, text, byte) = loaded.page(byte);
            let file = file.map_or_else(String::new, |name| format!("{name} "));
            format!("{file}line {}", line_column(text, byte).0)
        };
        let _ = write!(text, "\n{}", plan.listing(&place));
    }
    Ok(text)
}
