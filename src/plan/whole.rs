//! Which numbers of a round are whole whatever is drawn: a choice among weights that are whole, or
//! an event whose chance is, comes out the same for every uniform number in (0, 1).

use super::graph::{Graph, Id, Loop, Node, NodeKind};
use super::input::Input;
use crate::expr::Operation;
use crate::model::{CellId, IndexVec};

/// What is known of a number, the least first; each holds for what is less.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Class {
    /// 0 of any sign, or not a number.
    Zero,
    /// A whole number, infinite, or not a number: never strictly between 0 and 1.
    Whole,
    /// Any number.
    Any,
}

/// What is assumed of the cells of a round is proved or dropped so many times at most; then
/// nothing is assumed.
const PASSES: usize = 8;

/// By node of the graph of a round: its class. Cells are what they are at the start (`starts`) as
/// long as the round hands on the same; `next` says which node it hands on.
pub(super) fn classes(
    graph: &Graph,
    starts: &IndexVec<CellId, Class>,
    next: &[(Input, Id)],
) -> Vec<Class> {
    let mut cells = starts.clone();
    for _ in 0..PASSES {
        let found = pass(graph, &cells);
        let mut kept = true;
        for (input, id) in next {
            let (Input::Cell(cell), after) = (input, found[*id as usize]) else { continue };
            if let Some(before) = cells.get_mut(cell.index()).filter(|c| **c < after) {
                (*before, kept) = (after, false);
            }
        }
        if kept {
            return found;
        }
    }
    pass(graph, &IndexVec::new())
}

fn pass(graph: &Graph, cells: &IndexVec<CellId, Class>) -> Vec<Class> {
    let mut found: Vec<Class> = Vec::with_capacity(graph.nodes.len());
    for node in &graph.nodes {
        let class = match node.kind {
            NodeKind::Number(bits) => of_number(f64::from_bits(bits)),
            NodeKind::Input(number) => match graph.inputs[number as usize] {
                Input::Cell(cell) => cells.get(cell).copied().unwrap_or(Class::Any),
                // what was chosen and what happened is 0 or 1 in the round that is played
                Input::Played(_) | Input::Happened(_) | Input::Spent(_) => Class::Whole,
                Input::Round | Input::Truth(..) | Input::Level(..) => Class::Whole,
                _ => Class::Any,
            },
            NodeKind::Operation(operation) => of_operation(graph, &found, operation, node),
            NodeKind::Lookup(number) => {
                let (_, table) = &graph.tables[number as usize];
                let most = table.iter().map(|x| of_number(*x)).max().unwrap_or(Class::Any);
                most.max(found[node.operands[0] as usize])
            }
            NodeKind::Result(_) => match graph.nodes[node.operands[0] as usize].kind {
                NodeKind::Loop(number) => match graph.loops[number as usize] {
                    Loop::Choice { .. } => Class::Whole,
                    _ => Class::Any,
                },
                _ => Class::Any,
            },
            NodeKind::Leaf(_) | NodeKind::Loop(_) | NodeKind::Call(_) => Class::Any,
        };
        found.push(if node.binary { class.min(Class::Whole) } else { class });
    }
    found
}

fn of_number(value: f64) -> Class {
    match value {
        _ if value == 0.0 || value.is_nan() => Class::Zero,
        _ if value.is_infinite() || value.fract() == 0.0 => Class::Whole,
        _ => Class::Any,
    }
}

fn of_operation(graph: &Graph, found: &[Class], operation: Operation, node: &Node) -> Class {
    use Operation::*;
    let [a, b, c, _] = node.operands;
    let class = |id: Id| found[id as usize];
    let binary = |id: Id| graph.nodes[id as usize].binary;
    // exactly 0, as what is 0 or 1 is a number
    let never = |id: Id| class(id) == Class::Zero && binary(id);
    let known = |id: Id, fits: fn(f64) -> bool| graph.number(id).is_some_and(fits);
    match operation {
        Equal | NotEqual | AtMost | Flaw | Floor | Sign => Class::Whole,
        Less if known(a, |x| x >= 0.0) && class(b) == Class::Zero => Class::Zero,
        Less if known(b, |x| x <= 0.0) && class(a) == Class::Zero => Class::Zero,
        Less => Class::Whole,
        Negate | Abs => class(a),
        Subtract if a == b => Class::Zero,
        Add | Subtract | Minimum | Maximum => class(a).max(class(b)),
        Multiply | Weigh if class(a).min(class(b)) == Class::Zero => Class::Zero,
        Multiply | Weigh => class(a).max(class(b)),
        Divide if a == b || class(a) <= Class::Whole && binary(b) => Class::Whole,
        Select | Branch if never(a) => class(c),
        Select => class(b).max(class(c)),
        Branch | Clamp if class(a).max(class(b)).max(class(c)) <= Class::Whole => Class::Whole,
        _ => Class::Any,
    }
}
