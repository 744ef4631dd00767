//! Which formula left a cell without a finite value.

use crate::expr::value;
use crate::model::{CellId, HazardId, OptionId};
use crate::rules::{CellEffect, Phase, Round};

/// Where the effect, rule or event effect stands that left a cell without a finite value.
pub(super) fn culprit(round: &Round<f64>, phase: Phase, cell: CellId) -> usize {
    let index = round.start.index;
    match phase {
        Phase::Start | Phase::AfterMoves => {
            let entries = &index.by_options[cell];
            let guilty = |e: &&CellEffect<OptionId>| {
                round.chosen[e.source] != 0.0 && !round.amount(e).1.is_finite()
            };
            offset(entries, entries.iter().find(guilty))
        }
        Phase::AfterDynamics => {
            index.model.cells[cell].next.as_ref().map_or(0, |rule| rule.span.start)
        }
        Phase::End => {
            let (entries, here) = (&index.by_hazards[cell], round.at(Phase::AfterDynamics));
            let guilty = |e: &&CellEffect<HazardId>| {
                let amount: f64 = value(&e.effect.value, &here);
                round.happened(e.source) != 0.0 && !amount.is_finite()
            };
            offset(entries, entries.iter().find(guilty))
        }
    }
}

/// Where the formula of the guilty effect begins, or that of the first.
fn offset<S>(entries: &[CellEffect<S>], guilty: Option<&CellEffect<S>>) -> usize {
    guilty.or(entries.first()).map_or(0, |entry| entry.effect.value.span.start)
}
