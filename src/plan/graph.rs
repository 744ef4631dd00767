//! Numbers that are not known yet, as nodes of one graph: equal operations on equal operands are
//! one node, operations on known numbers are carried out at once, and nothing is ever
//! re-associated, so that a node's value has the bits that plain evaluation would give it.
//!
//! Nodes belong to *regions*: the outermost one, and the bodies of loops (see [`Loop`]). A node
//! belongs to the innermost region among its operands, so what does not change in a loop is worked
//! out before it.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use super::budget::Meter;
use super::input::Input;
use super::tape::LOOKED_UP;
use crate::expr::Operation;
use crate::model::{IndexVec, SeatId};

/// A node, by number; nodes come after their operands.
pub(super) type Id = u32;

/// The outermost region.
pub(super) const ROOT: u32 = 0;
/// The region of numbers: no region of their own.
const NO_OPERAND: Id = u32::MAX;

/// What a node is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NodeKind {
    /// A number, by its bits.
    Number(u64),
    /// Something read from outside, by its number among [`Graph::inputs`].
    Input(u32),
    /// What a loop sets in each of its turns.
    Leaf(u32),
    /// An operation.
    Operation(Operation),
    /// A loop, by number.
    Loop(u32),
    /// One of the results of a loop.
    Result(u32),
    /// A call of another procedure, by number; its value is what the procedure returns.
    Call(u32),
    /// The first operand and a number of a table, by number: that of the option which a seat has
    /// chosen. The second operand is the number of the option.
    Lookup(u32),
}

/// A node of the graph.
#[derive(Debug, Clone, Copy)]
pub(super) struct Node {
    pub kind: NodeKind,
    pub operands: [Id; 4],
    pub region: u32,
    /// Where in the file the formula stands that it was first needed for, in bytes.
    pub offset: u32,
    /// Known to be 0 or 1.
    pub binary: bool,
    /// Known not to have a sign: +0, a positive number or not a number.
    unsigned: bool,
    /// Known not to be −0, to which adding 0 makes a difference.
    pub plain: bool,
}

/// A part of a procedure that is carried out again and again.
#[derive(Debug, Clone)]
pub(super) enum Loop {
    /// The search for a mutual reply.
    Equilibrium {
        /// The body.
        region: u32,
        /// What is replied to: set at the start, then moved towards the answer.
        play: Vec<Id>,
        /// Where it starts.
        start: Vec<Id>,
        /// The replies.
        answer: Vec<Id>,
        /// The flaw before the loop, as the body reads it, and after a turn.
        flaw: [Id; 3],
    },
    /// Every joint type, option and event outcome.
    Branches(Box<Branches>),
    /// One option of a seat is drawn: no body; results are 1 for the option drawn and 0 for the
    /// others, then its number.
    Choice {
        /// The seat.
        seat: SeatId,
        /// How likely each option is.
        mix: Vec<Id>,
    },
}

impl Loop {
    /// About how many numbers of nodes it holds.
    fn len(&self) -> usize {
        match self {
            Loop::Equilibrium { play, .. } => 3 * play.len(),
            Loop::Choice { mix, .. } => 2 * mix.len(),
            Loop::Branches(branches) => {
                let types: usize = branches.types.iter().map(Vec::len).sum();
                let options: usize = branches.chosen.iter().map(Vec::len).sum();
                let mixes: usize = branches.mixes.iter().flatten().map(Vec::len).sum();
                2 * types + 2 * options + mixes + 2 * branches.chances.len()
            }
        }
    }
}

/// The branches of exact anticipation.
#[derive(Debug, Clone)]
pub(super) struct Branches {
    /// The body that depends on types and options, and that which depends on events too.
    pub regions: [u32; 2],
    /// By private id and type, how likely it is.
    pub types: Vec<Vec<Id>>,
    /// By seat, type of its actor and option, how likely it is.
    pub mixes: IndexVec<SeatId, Vec<Vec<Id>>>,
    /// By seat, the private id of its actor.
    pub private_ids: IndexVec<SeatId, Option<usize>>,
    /// The leaves set to the types of a branch.
    pub truth: Vec<Vec<Id>>,
    /// The leaves set to the mixes that a branch is drawn from, by seat and option.
    pub mixed: IndexVec<SeatId, Vec<Id>>,
    /// The leaves set to the options of a branch, by seat and option.
    pub chosen: IndexVec<SeatId, Vec<Id>>,
    /// By hazard, how likely it is, and the leaf set to whether it happens.
    pub chances: Vec<Id>,
    pub decided: Vec<Id>,
    /// What a branch is worth.
    pub utility: Id,
}

/// A call of another procedure.
#[derive(Debug, Clone)]
pub(super) struct Call {
    /// The procedure, by number.
    pub procedure: usize,
    /// What it reads, in its order.
    pub given: Vec<Id>,
    /// It is left out, with result 0, where this is 0 for every run.
    pub guard: Id,
}

/// A graph under construction.
#[derive(Debug, Default)]
pub(super) struct Graph {
    pub nodes: Vec<Node>,
    pub inputs: Vec<Input>,
    pub loops: Vec<Loop>,
    pub calls: Vec<Call>,
    /// Numbers by option of a seat, and the seat.
    pub tables: Vec<(SeatId, [f64; LOOKED_UP])>,
    /// By region, the one around it.
    pub parents: Vec<u32>,
    known_inputs: BTreeMap<Input, Id>,
    /// Open addressing: node numbers plus one, 0 where free.
    table: Vec<u32>,
}

/// Builds a graph behind a shared reference, so that what is being built can be handed around.
///
/// Where the meter says that planning has ended early nothing is built any more: whatever is asked
/// for is node 0, and the graph is of no use.
#[derive(Debug)]
pub(super) struct Builder<'m> {
    graph: RefCell<Graph>,
    offset: Cell<u32>,
    meter: &'m Meter<'m>,
    /// Bytes taken of the meter.
    taken: Cell<u64>,
}

impl Drop for Builder<'_> {
    fn drop(&mut self) {
        self.meter.give(self.taken.get());
    }
}

/// About how many bytes a node takes in all: here, in the table of nodes (up to six entries
/// while the table doubles), while the tape is written (see `Lowering`: its tables by node, the
/// order of execution, and a list of what expires), and on the tape.
const NODE: u64 = (size_of::<Node>() + 6 * 4 + super::lower::SCRATCH + super::tape::STEP) as u64;
const _: () = assert!(NODE >= 128, "node numbers fit 30 bits: see `budget::MOST`");
/// The same for an input, with its entry in a tree.
const INPUT: u64 = 4 * size_of::<Input>() as u64;

fn hash(kind: NodeKind, operands: &[Id; 4]) -> usize {
    let (tag, bits) = match kind {
        NodeKind::Number(bits) => (1, bits),
        NodeKind::Input(n) => (2, u64::from(n)),
        NodeKind::Leaf(n) => (3, u64::from(n)),
        NodeKind::Operation(o) => (4, o as u64),
        NodeKind::Loop(n) => (5, u64::from(n)),
        NodeKind::Result(n) => (6, u64::from(n)),
        NodeKind::Call(n) => (7, u64::from(n)),
        NodeKind::Lookup(n) => (8, u64::from(n)),
    };
    let mut mixed = bits.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ tag;
    for operand in operands {
        mixed = (mixed ^ u64::from(*operand)).wrapping_mul(0xff51_afd7_ed55_8ccd);
        mixed ^= mixed >> 32;
    }
    mixed as usize
}

impl Graph {
    fn find_or_add(&mut self, kind: NodeKind, operands: [Id; 4], offset: u32) -> Id {
        self.make_room();
        let mask = self.table.len() - 1;
        let mut at = hash(kind, &operands) & mask;
        loop {
            match self.table[at] {
                0 => break,
                found => {
                    let node = &self.nodes[found as usize - 1];
                    if node.kind == kind && node.operands == operands {
                        return found - 1;
                    }
                }
            }
            at = (at + 1) & mask;
        }
        let id = self.push(kind, operands, offset);
        self.table[at] = id + 1;
        id
    }

    /// Makes the table large enough for all nodes there are, whoever added them, and one more to
    /// be put into it: less than half of it is taken, so that every search ends.
    fn make_room(&mut self) {
        let least = 2 * (self.nodes.len() + 1);
        if self.table.len() >= least {
            return;
        }
        let size = least.next_power_of_two().max(1 << 12);
        self.table = vec![0; size];
        for (id, node) in self.nodes.iter().enumerate() {
            let mut at = hash(node.kind, &node.operands) & (size - 1);
            while self.table[at] != 0 {
                at = (at + 1) & (size - 1);
            }
            self.table[at] = id as u32 + 1;
        }
    }

    fn push(&mut self, kind: NodeKind, operands: [Id; 4], offset: u32) -> Id {
        let given = operands.iter().filter(|o| **o != NO_OPERAND);
        let region = given.map(|o| self.nodes[*o as usize].region).max().unwrap_or(ROOT);
        let (binary, unsigned, plain) = self.traits(kind, &operands);
        let plain = plain || unsigned;
        self.nodes.push(Node { kind, operands, region, offset, binary, unsigned, plain });
        self.nodes.len() as u32 - 1
    }

    /// Whether a node is 0 or 1, whether it has no sign, and whether it is never −0, as far as
    /// that is known.
    fn traits(&self, kind: NodeKind, operands: &[Id; 4]) -> (bool, bool, bool) {
        use Operation::*;
        let known = |at: usize| &self.nodes[operands[at] as usize];
        match kind {
            NodeKind::Number(bits) => {
                let value = f64::from_bits(bits);
                let binary = bits == 0 || value == 1.0;
                (binary, !value.is_sign_negative(), value != 0.0)
            }
            NodeKind::Operation(operation) => match operation {
                Equal | NotEqual | Less | AtMost | Flaw => (true, true, true),
                Exp | Logistic | Abs => (false, true, true),
                Multiply | Weigh | Minimum | Maximum => {
                    let (a, b) = (known(0), known(1));
                    (
                        a.binary && b.binary,
                        a.unsigned && b.unsigned,
                        a.plain && b.plain && operation == Select,
                    )
                }
                Add => {
                    let (a, b) = (known(0), known(1));
                    (false, a.unsigned && b.unsigned, a.plain || b.plain)
                }
                Divide => (false, known(0).unsigned && known(1).unsigned, false),
                Subtract => {
                    let one = self.number(operands[0]) == Some(1.0);
                    (one && known(1).binary, one && known(1).binary, known(0).plain)
                }
                Select => {
                    let (a, b) = (known(1), known(2));
                    (
                        a.binary && b.binary,
                        a.unsigned && b.unsigned,
                        a.plain && b.plain && operation == Select,
                    )
                }
                _ => (false, false, false),
            },
            // a sum with +0 or a number that is not 0 is never −0
            NodeKind::Lookup(_) => (false, false, known(0).plain),
            _ => (false, false, false),
        }
    }

    /// The number that a node is, if it is known.
    pub fn number(&self, id: Id) -> Option<f64> {
        match self.nodes.get(id as usize)?.kind {
            NodeKind::Number(bits) => Some(f64::from_bits(bits)),
            _ => None,
        }
    }
}

impl<'m> Builder<'m> {
    pub fn new(meter: &'m Meter<'m>) -> Self {
        let graph = Graph { parents: vec![ROOT], ..Graph::default() };
        let (offset, taken) = (Cell::new(0), Cell::new(0));
        Builder { graph: RefCell::new(graph), offset, meter, taken }
    }

    /// Takes the graph out; what it took of the meter is given back when the builder is dropped.
    pub fn finish(&self) -> Graph {
        self.graph.take()
    }

    /// What planning takes.
    pub fn meter(&self) -> &'m Meter<'m> {
        self.meter
    }

    /// Whether planning has ended early.
    pub fn ended(&self) -> bool {
        self.meter.ended()
    }

    /// Bytes are taken for as long as the graph is there.
    fn take(&self, bytes: u64) {
        self.taken.set(self.taken.get() + bytes);
        self.meter.take(bytes);
    }

    /// Room for so many numbers of nodes in lists of the graph, which are copied once to the tape.
    fn take_list(&self, count: usize) {
        self.take(NODE + 8 * count as u64);
    }

    /// New nodes stand at this offset of the file from now on; returns the one before.
    pub fn stand_at(&self, offset: usize) -> usize {
        let offset = u32::try_from(offset).unwrap_or(u32::MAX);
        self.offset.replace(offset) as usize
    }

    pub fn number(&self, value: f64) -> Id {
        self.add(NodeKind::Number(value.to_bits()), [NO_OPERAND; 4])
    }

    /// The number that a node is, if it is known.
    pub fn known(&self, id: Id) -> Option<f64> {
        self.graph.borrow().number(id)
    }

    pub fn is_binary(&self, id: Id) -> bool {
        self.graph.borrow().nodes[id as usize].binary
    }

    fn is_plain(&self, id: Id) -> bool {
        self.graph.borrow().nodes[id as usize].plain
    }

    pub fn input(&self, input: Input) -> Id {
        if self.ended() {
            return self.nothing();
        }
        let known = self.graph.borrow().known_inputs.get(&input).copied();
        known.unwrap_or_else(|| {
            self.take(NODE + INPUT);
            let mut graph = self.graph.borrow_mut();
            let number = graph.inputs.len() as u32;
            graph.inputs.push(input);
            let id = graph.push(NodeKind::Input(number), [NO_OPERAND; 4], 0);
            graph.known_inputs.insert(input, id);
            if input.is_binary() {
                let node = &mut graph.nodes[id as usize];
                (node.binary, node.unsigned, node.plain) = (true, true, true);
            }
            id
        })
    }

    fn add(&self, kind: NodeKind, operands: [Id; 4]) -> Id {
        if self.ended() {
            return self.nothing();
        }
        let mut graph = self.graph.borrow_mut();
        let before = graph.nodes.len();
        let id = graph.find_or_add(kind, operands, self.offset.get());
        let grown = graph.nodes.len() > before;
        drop(graph);
        if grown {
            self.take(NODE);
        }
        id
    }

    /// A node that stands for all others once planning has ended.
    fn nothing(&self) -> Id {
        let mut graph = self.graph.borrow_mut();
        if graph.nodes.is_empty() {
            graph.push(NodeKind::Number(0), [NO_OPERAND; 4], 0);
        }
        0
    }

    /// What a cell of a series is so many rounds after a round: an input, since a round is the one
    /// that the tape is given, or so many after it.
    pub fn series(&self, round: Id, cell: u32, after: u32) -> Id {
        let (mut id, mut ahead) = (round, after);
        while !self.ended() {
            let node = self.graph.borrow().nodes[id as usize];
            let [x, y, ..] = node.operands;
            match node.kind {
                NodeKind::Input(_) => return self.input(Input::Series(cell, ahead)),
                NodeKind::Operation(Operation::Add) => {
                    let (next, more) = match (self.known(x), self.known(y)) {
                        (None, Some(more)) => (x, more),
                        (Some(more), None) => (y, more),
                        _ => break,
                    };
                    (id, ahead) = (next, ahead + more as u32);
                }
                _ => break,
            }
        }
        self.number(f64::NAN)
    }

    /// An operation on nodes, carried out at once where they are known.
    pub fn operation(&self, operation: Operation, given: &[Id]) -> Id {
        self.meter.step();
        if self.ended() {
            return self.nothing();
        }
        let mut operands = [NO_OPERAND; 4];
        operands[..given.len()].copy_from_slice(given);
        let mut numbers = [0.0; 4];
        let mut all = true;
        for (number, id) in numbers.iter_mut().zip(given) {
            match self.known(*id) {
                Some(value) => *number = value,
                None => all = false,
            }
        }
        if all {
            return self.number(operation.apply(numbers));
        }
        if let Some(id) = self.simplify(operation, given) {
            return id;
        }
        match self.rewrite(operation, given) {
            Some((operation, given)) => self.operation(operation, &given),
            None => self.add(NodeKind::Operation(operation), operands),
        }
    }

    /// The same number by an operation without a change of sign: a + (−b) is a − b, and −(c b) is
    /// (−c) b, to the last bit.
    fn rewrite(&self, operation: Operation, given: &[Id]) -> Option<(Operation, [Id; 2])> {
        use Operation::*;
        let parts = |id: Id, of: Operation| {
            let node = &self.graph.borrow().nodes[id as usize];
            (node.kind == NodeKind::Operation(of)).then_some(node.operands)
        };
        let negated = |at: usize| given.get(at).and_then(|id| parts(*id, Negate)).map(|o| o[0]);
        match operation {
            Add => match (negated(0), negated(1)) {
                (_, Some(b)) => Some((Subtract, [given[0], b])),
                (Some(a), None) => Some((Subtract, [given[1], a])),
                _ => None,
            },
            Subtract => negated(1).map(|b| (Add, [given[0], b])),
            Negate => {
                let [x, y, ..] = parts(given[0], Multiply)?;
                let factor = self.known(x)?;
                Some((Multiply, [self.number(-factor), y]))
            }
            _ => None,
        }
    }

    /// The operand that an operation returns to the last bit, where that is known.
    fn simplify(&self, operation: Operation, given: &[Id]) -> Option<Id> {
        use Operation::*;
        let is = |at: usize, value: f64| {
            self.known(given[at]).is_some_and(|v| v.to_bits() == value.to_bits())
        };
        match operation {
            Multiply | Weigh if is(0, 1.0) => Some(given[1]),
            Weigh if is(0, 0.0) => Some(given[0]),
            Multiply | Divide if is(1, 1.0) => Some(given[0]),
            Add if is(0, 0.0) && self.is_plain(given[1]) => Some(given[1]),
            Add if is(1, 0.0) && self.is_plain(given[0]) => Some(given[0]),
            Subtract if is(1, 0.0) => Some(given[0]),
            Maximum if is(0, f64::NEG_INFINITY) => Some(given[1]),
            Maximum if is(1, f64::NEG_INFINITY) => Some(given[0]),
            Select | Branch => match self.known(given[0]) {
                Some(1.0) => Some(given[1]),
                Some(0.0) => Some(given[2]),
                _ if given[1] == given[2] && operation == Select => Some(given[1]),
                _ => None,
            },
            Flaw if is(0, 1.0) || is(1, 0.0) => Some(given[0]),
            Flaw if self.known(given[2]).is_some_and(f64::is_finite) => Some(given[0]),
            _ => None,
        }
    }

    /// A new region inside another.
    pub fn region(&self, parent: u32) -> u32 {
        let mut graph = self.graph.borrow_mut();
        graph.parents.push(parent);
        graph.parents.len() as u32 - 1
    }

    /// Something that a loop sets: a node of its own in a region.
    pub fn leaf(&self, region: u32, binary: bool) -> Id {
        if self.ended() {
            return self.nothing();
        }
        self.take(NODE);
        let mut graph = self.graph.borrow_mut();
        let number = graph.nodes.len() as u32;
        let id = graph.push(NodeKind::Leaf(number), [NO_OPERAND; 4], 0);
        let node = &mut graph.nodes[id as usize];
        (node.region, node.binary) = (region, binary);
        (node.unsigned, node.plain) = (binary, binary);
        id
    }

    /// A loop and its results; it belongs to the region around its body.
    pub fn looped(&self, body: Loop, results: usize) -> Vec<Id> {
        if self.ended() {
            return vec![self.nothing(); results];
        }
        self.take((results as u64 + 1).saturating_mul(NODE));
        self.take_list(body.len());
        let mut graph = self.graph.borrow_mut();
        let region = match &body {
            Loop::Equilibrium { region, .. } => *region,
            Loop::Branches(branches) => branches.regions[0],
            Loop::Choice { .. } => ROOT,
        };
        let parent = graph.parents[region as usize];
        let number = graph.loops.len() as u32;
        graph.loops.push(body);
        let id = graph.push(NodeKind::Loop(number), [NO_OPERAND; 4], 0);
        graph.nodes[id as usize].region = parent;
        (0..results as u32)
            .map(|result| {
                let operands = [id, NO_OPERAND, NO_OPERAND, NO_OPERAND];
                let found = graph.push(NodeKind::Result(result), operands, 0);
                graph.nodes[found as usize].region = parent;
                found
            })
            .collect()
    }

    /// The choice of a seat: by option 1 or 0, then the number of the option.
    pub fn choice(&self, seat: SeatId, mix: Vec<Id>) -> (Vec<Id>, Id) {
        let count = mix.len();
        let mut results = self.looped(Loop::Choice { seat, mix }, count + 1);
        let picked = results.pop().unwrap_or_default();
        if self.ended() {
            return (results, picked);
        }
        let mut graph = self.graph.borrow_mut();
        for id in &results {
            let node = &mut graph.nodes[*id as usize];
            (node.binary, node.unsigned, node.plain) = (true, true, true);
        }
        (results, picked)
    }

    /// Where a node is 1 or 0 as an option is chosen or not: the seat, the node of the number of
    /// the option chosen, and the number of the option within the seat. `None` also for seats of
    /// more options than can be looked up.
    pub fn choice_of(&self, id: Id) -> Option<((SeatId, Id), usize)> {
        let graph = self.graph.borrow();
        let node = &graph.nodes[id as usize];
        let NodeKind::Result(option) = node.kind else { return None };
        let owner = node.operands[0];
        let NodeKind::Loop(number) = graph.nodes[owner as usize].kind else { return None };
        match &graph.loops[number as usize] {
            Loop::Choice { seat, mix } if mix.len() <= LOOKED_UP => {
                let option = option as usize;
                (option < mix.len()).then_some(((*seat, owner + 1 + mix.len() as u32), option))
            }
            _ => None,
        }
    }

    /// A sum that is known not to be −0, and the number of the option that a seat has chosen.
    /// `None` if the sum may be −0: what is not chosen would have added a zero to it.
    pub fn lookup(
        &self,
        sum: Id,
        (seat, picked): (SeatId, Id),
        table: [f64; LOOKED_UP],
    ) -> Option<Id> {
        if self.ended() || !self.is_plain(sum) {
            return None;
        }
        self.take(2 * size_of::<[f64; LOOKED_UP]>() as u64);
        let number = {
            let tables = &mut self.graph.borrow_mut().tables;
            tables.push((seat, table));
            tables.len() as u32 - 1
        };
        Some(self.add(NodeKind::Lookup(number), [sum, picked, NO_OPERAND, NO_OPERAND]))
    }

    /// A call; it belongs to the innermost region among what it is given.
    pub fn call(&self, call: Call) -> Id {
        if self.ended() {
            return self.nothing();
        }
        self.take_list(call.given.len());
        let mut graph = self.graph.borrow_mut();
        let given = call.given.iter().chain([&call.guard]);
        let region = given.map(|id| graph.nodes[*id as usize].region).max().unwrap_or(ROOT);
        let number = graph.calls.len() as u32;
        graph.calls.push(call);
        let id = graph.push(NodeKind::Call(number), [NO_OPERAND; 4], 0);
        graph.nodes[id as usize].region = region;
        id
    }
}

#[cfg(test)]
mod tests {
    use super::super::budget::Budget;
    use super::*;
    use crate::model::CellId;

    /// Inputs fill a graph without an entry in the table; operations after them still find one, and
    /// equal ones are one node.
    #[test]
    fn every_search_ends_however_many_nodes_came_before() {
        let meter = Meter::new(Budget::default());
        for inputs in [0, 1, 2047, 2048, 4095, 4096, 4097, 8192, 70_000] {
            let b = Builder::new(&meter);
            let all: Vec<Id> = (0..inputs).map(|n| b.input(Input::Cell(CellId::new(n)))).collect();
            let leaves: Vec<Id> = (0..inputs).map(|_| b.leaf(ROOT, false)).collect();
            let sums = |b: &Builder| -> Vec<Id> {
                all.iter()
                    .zip(&leaves)
                    .map(|(x, y)| b.operation(Operation::Add, &[*x, *y]))
                    .collect()
            };
            let (first, second) = (sums(&b), sums(&b));
            assert_eq!(first, second);
            let graph = b.finish();
            assert_eq!(graph.nodes.len(), 3 * inputs);
            assert!(graph.table.iter().filter(|id| **id != 0).count() * 2 <= graph.table.len());
        }
    }

    #[test]
    fn nothing_is_built_beyond_the_budget() {
        let meter = Meter::new(Budget { bytes: 100 * NODE, ..Budget::default() });
        let b = Builder::new(&meter);
        let ids: Vec<Id> = (0..10_000).map(|n| b.number(f64::from(n))).collect();
        assert!(meter.ended() && ids[9_999] == 0);
        // what is asked for afterwards is there, and worth nothing
        assert_eq!(b.choice(SeatId::new(0), vec![0; 3]).0.len(), 3);
        assert_eq!(b.lookup(0, (SeatId::new(0), 0), [0.0; LOOKED_UP]), None);
        assert!((100..=101).contains(&b.finish().nodes.len()));
    }
}
