//! Which formula left a cell without a finite value.

use crate::expr::value;
use crate::rules::{CellEffect, Phase, Round};

/// Where the effect, rule or event effect stands that left a cell without a finite value.
pub(super) fn culprit(round: &Round<f64>, phase: Phase, cell: usize) -> usize {
    let index = round.start.index;
    let place = |entry: &CellEffect| entry.effect.value.span.start;
    let first = |entries: &[CellEffect], guilty: Option<&CellEffect>| {
        guilty.or(entries.first()).map_or(0, place)
    };
    match phase {
        Phase::Start | Phase::AfterMoves => {
            let entries = &index.by_options[cell];
            let guilty =
                |e: &&CellEffect| round.chosen[e.source] != 0.0 && !round.amount(e).1.is_finite();
            first(entries, entries.iter().find(guilty))
        }
        Phase::AfterDynamics => {
            index.model.cells[cell].next.as_ref().map_or(0, |rule| rule.span.start)
        }
        Phase::End => {
            let (entries, here) = (&index.by_hazards[cell], round.at(Phase::AfterDynamics));
            let guilty = |e: &&CellEffect| {
                let amount: f64 = value(&e.effect.value, &here);
                round.happened(e.source) != 0.0 && !amount.is_finite()
            };
            first(entries, entries.iter().find(guilty))
        }
    }
}
