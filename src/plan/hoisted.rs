//! What depends on the open numbers of a plan alone is worked out before the first round.

use super::budget::Meter;
use super::graph::{Graph, Id, NodeKind};
use super::input::Input;
use super::lower::lower;
use super::tape::Tape;

/// Takes out of a graph what depends on its parameters alone: a tape of its own, whose outputs the
/// graph reads as [`Input::Steady`].
pub(super) fn take_out(graph: &mut Graph, outputs: &[Id], meter: &Meter) -> Tape {
    if meter.ended() {
        return Tape::default();
    }
    let count = graph.nodes.len();
    let (mut hoisted, mut known) = (vec![false; count], vec![false; count]);
    for (id, node) in graph.nodes.iter().enumerate() {
        let given = || node.operands.iter().filter(|o| (**o as usize) < id);
        match node.kind {
            NodeKind::Number(_) => known[id] = true,
            NodeKind::Input(number) => {
                hoisted[id] = matches!(graph.inputs[number as usize], Input::Parameter(_));
            }
            NodeKind::Operation(_) => {
                let all = given().all(|o| hoisted[*o as usize] || known[*o as usize]);
                hoisted[id] = all && given().any(|o| hoisted[*o as usize]);
            }
            _ => {}
        }
    }
    let mut needed = vec![false; count];
    let mut border = vec![false; count];
    let mut open = outputs.to_vec();
    outputs.iter().for_each(|id| border[*id as usize] = hoisted[*id as usize]);
    while let Some(id) = open.pop() {
        let at = id as usize;
        if std::mem::replace(&mut needed[at], true) || hoisted[at] {
            continue;
        }
        super::reads::reads(graph, id, &mut |read| {
            border[read as usize] |= hoisted[read as usize];
            open.push(read);
        });
    }
    let border: Vec<Id> = (0..count as Id).filter(|id| border[*id as usize]).collect();
    if border.is_empty() {
        return Tape::default();
    }
    let tape = lower(graph, &border, meter);
    for (number, id) in (0..).zip(border) {
        graph.inputs.push(Input::Steady(number));
        graph.nodes[id as usize].kind = NodeKind::Input(graph.inputs.len() as u32 - 1);
    }
    tape
}
