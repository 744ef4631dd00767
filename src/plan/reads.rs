//! What nodes and loops of a graph read.

use super::graph::{Call, Graph, Id, Loop, Node, NodeKind};

/// The operands of a node.
pub(super) fn operands(node: &Node) -> impl Iterator<Item = Id> + '_ {
    let count = match node.kind {
        NodeKind::Operation(operation) => operation.arity(),
        NodeKind::Lookup(_) => 2,
        NodeKind::Result(_) => 1,
        _ => 0,
    };
    node.operands[..count].iter().copied()
}

/// Everything that a node needs.
pub(super) fn reads(graph: &Graph, id: Id, visit: &mut impl FnMut(Id)) {
    let node = &graph.nodes[id as usize];
    operands(node).for_each(&mut *visit);
    match node.kind {
        NodeKind::Loop(number) => loop_reads(&graph.loops[number as usize], visit),
        NodeKind::Call(number) => {
            let Call { given, guard, .. } = &graph.calls[number as usize];
            given.iter().chain([guard]).copied().for_each(visit);
        }
        _ => {}
    }
}

/// Everything that a loop needs, from before it and from its body.
pub(super) fn loop_reads(body: &Loop, visit: &mut impl FnMut(Id)) {
    match body {
        Loop::Equilibrium { play, start, answer, flaw, .. } => {
            let all = play.iter().chain(start).chain(answer).chain(flaw);
            all.copied().for_each(visit);
        }
        Loop::Branches(branches) => {
            let rows = branches.types.iter().chain(branches.mixes.iter().flatten()).flatten();
            let rest = [&branches.utility, &branches.guard];
            rows.chain(&branches.chances).chain(rest).copied().for_each(visit);
        }
        Loop::Choice { mix, .. } => mix.iter().copied().for_each(visit),
    }
}

/// The leaves that a loop sets.
pub(super) fn loop_leaves(body: &Loop, visit: &mut impl FnMut(Id)) {
    match body {
        Loop::Equilibrium { play, flaw, .. } => {
            play.iter().chain([&flaw[1]]).copied().for_each(visit);
        }
        Loop::Branches(branches) => {
            let rows = branches.truth.iter().chain(&branches.mixed).chain(&branches.chosen);
            rows.flatten().for_each(|id| visit(*id));
            branches.decided.iter().for_each(|id| visit(*id));
        }
        Loop::Choice { .. } => {}
    }
}
