//! Limits that protect the host. Real scenarios stay far below each of them.

use super::read_context::ReadContext;
use super::tree::{Entry, Table};
use crate::diagnostic::{Code, Diagnostic, Span};
use crate::model::limits::ROUNDS;

/// Bytes of a file.
pub const MAX_BYTES: usize = 4 << 20;
/// Bytes of all files that a scenario names.
pub const MAX_FILES: usize = 16 << 20;
/// Actors.
pub const MAX_ACTORS: usize = 100;
/// Entries of any section without a limit of its own.
pub const MAX_ENTRIES: usize = 1_000;
/// Elements of all sets.
pub const MAX_ELEMENTS: usize = 10_000;
/// States.
pub const MAX_STATES: usize = 64;
/// Types of one actor.
pub const MAX_TYPES: usize = 20;
/// Cells of all parameters, and of all states.
pub const MAX_CELLS: usize = 200_000;
/// Numbers in all series, by cell and round.
pub const MAX_SERIES: usize = 2_000_000;
/// Cells that the keys of all tables by index, variants, types and postures fit, each key for
/// itself.
pub const MAX_FITTED: usize = 2_000_000;
/// Options of all seats.
pub const MAX_OPTIONS: usize = 4_000;
/// Instances of all events.
pub const MAX_HAZARDS: usize = 20_000;
/// Rounds of a run.
pub const MAX_ROUNDS: u64 = ROUNDS.most;
/// Levels of reasoning.
pub const MAX_LEVEL: u64 = 20;
/// The last stage of a round.
pub const MAX_STAGE: u64 = 9;
/// Mean of a Poisson distribution of levels.
pub const MAX_POISSON: f64 = 10.0;
/// Rounds of foresight.
pub const MAX_FORESIGHT: u64 = 50;

/// Reports an exceeded limit and stops the judgement of formulas.
pub(super) fn exceeded(desk: &mut ReadContext, span: Span, found: usize, most: usize, what: &str) {
    desk.halt = true;
    let text = format!("a scenario may have {most} {what}, found {found}");
    desk.report
        .push(Diagnostic::new(Code::Limit, span, text).help("split the scenario, or use groups"));
}

/// The entries of a section, none if it is absent; too many are an error.
pub(super) fn section<'t>(
    root: &'t Table,
    key: &'static str,
    most: usize,
    desk: &mut ReadContext,
) -> &'t [Entry] {
    let Some(entry) = root.get(key) else {
        return &[];
    };
    let Some(table) = desk.table(entry) else {
        desk.halt = true;
        return &[];
    };
    if table.entries.len() > most {
        let what = format!("entries in [{key}]");
        exceeded(desk, entry.place(), table.entries.len(), most, &what);
    }
    &table.entries[..table.entries.len().min(most)]
}
