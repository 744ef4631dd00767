//! Plans as text.

use std::fmt::Write as _;

use crate::view::plan::PlanDescription;

/// For a terminal.
pub fn text(page: &PlanDescription) -> String {
    let mut text = String::from("operations on one number a run, by phase of the base arm\n");
    for phase in &page.phases {
        let _ = writeln!(text, "\n{}: {}", phase.name, phase.total);
        for (kind, count) in &phase.operations {
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
    if let Some(listing) = &page.listing {
        let _ = write!(text, "\n{listing}");
    }
    text
}
