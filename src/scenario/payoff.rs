//! Which formula pays which actor.

use super::keys::{Cells, fits};
use super::read_context::{ReadContext, Written};
use super::tree::Entry;
use crate::diagnostic::{Code, Diagnostic};
use crate::expr::{Names, Shape};

/// Per actor the formula of a component; an actor without one is an error.
pub(super) fn by_actor<'c>(
    cells: &'c Cells,
    what: &str,
    entry: &Entry,
    names: &Names,
    desk: &mut ReadContext,
) -> Vec<Option<&'c Written>> {
    let mut missing = Vec::new();
    if let Cells::Table(lines, _) = cells {
        for (actor, name) in names.actors.enumerate() {
            if !lines.iter().any(|l| fits(&l.parts, Shape::Actor, &[actor.into()], names)) {
                missing.push(name.as_str());
            }
        }
    }
    if let (false, false) = (missing.is_empty(), desk.gaps.contains(what)) {
        let text = format!("`{}` has no formula for {}", entry.name(), missing.join(", "));
        desk.report.push(
            Diagnostic::new(Code::Uncovered, entry.place(), text)
                .help("give the actor, its group, or `default = 0`"),
        );
    }
    // the cells that are missing are known now
    desk.gaps.insert(what.to_string());
    cells.resolve(Shape::Actor, what, names, desk)
}
