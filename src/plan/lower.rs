//! From graph to tape: what is not needed is left out, products that only feed one sum are joined
//! with it, and columns are used again as soon as nothing reads them.

use super::budget::Meter;
use super::graph::{Graph, Id, Loop, Node, NodeKind, ROOT};
use super::reads::{loop_leaves, loop_reads, operands, reads};
use super::tape::{
    Branching, Call, Choosing, Equilibrium, Instruction, Link, Operand, Step, Tape, Term,
};
use crate::expr::Operation;

/// No position: never read, or not placed yet.
const NEVER: usize = usize::MAX;

/// Writes the tape of a graph with these outputs.
pub(super) fn lower(graph: &Graph, outputs: &[Id], meter: &Meter) -> Tape {
    if meter.ended() {
        return Tape::default();
    }
    let mut lowering = Lowering::new(graph, outputs);
    meter.look();
    lowering.join(outputs);
    meter.look();
    let mut order = Vec::new();
    lowering.schedule(ROOT, &mut order);
    lowering.live(&order, outputs);
    lowering.write(&order, outputs, meter)
}

/// Bytes that writing a tape takes by node beside graph and tape: the tables of [`Lowering`] with
/// two counts of readers, the order of execution, and what expires in it.
pub(super) const SCRATCH: usize = 4
    + size_of::<Option<Joint>>()
    + size_of::<usize>()
    + size_of::<Option<Operand>>()
    + 3 * size_of::<u32>()
    + size_of::<Event>()
    + 2 * size_of::<u32>();

/// A node in the order of execution, or the borders of a loop.
enum Event {
    Node(Id),
    /// A loop begins: its columns are taken before its body.
    Begin(Id),
    /// The second body of branches begins and ends.
    Inner,
    /// A loop ends.
    End(Id),
}

/// How a node is a step of a chain.
#[derive(Clone, Copy)]
struct Joint {
    /// Which operand the chain comes from.
    from: usize,
    /// Whether that is a chain, or an operation to begin one with, that nothing else reads.
    goes_on: bool,
    /// Whether another operand is a product that is worked out within the chain.
    product: bool,
}

struct Lowering<'g> {
    graph: &'g Graph,
    needed: Vec<bool>,
    shared: Vec<bool>,
    /// By node, how it is a step of a chain, if it is.
    joints: Vec<Option<Joint>>,
    /// Nodes that exist only within the chains that read them.
    gone: Vec<bool>,
    /// By region, its nodes in order.
    by_region: Vec<Vec<Id>>,
    /// By region, where its loop ends in the order of execution.
    ends: Vec<usize>,
    /// By node, where it is last read.
    last: Vec<usize>,
    /// By node, where it is.
    at: Vec<Option<Operand>>,
    tape: Tape,
    free: Vec<u32>,
}

impl<'g> Lowering<'g> {
    fn new(graph: &'g Graph, outputs: &[Id]) -> Self {
        let count = graph.nodes.len();
        let mut lowering = Lowering {
            graph,
            needed: vec![false; count],
            shared: vec![false; count],
            joints: vec![None; count],
            gone: vec![false; count],
            by_region: vec![Vec::new(); graph.parents.len()],
            ends: vec![NEVER; graph.parents.len()],
            last: vec![0; count],
            at: vec![None; count],
            tape: Tape::default(),
            free: Vec::new(),
        };
        lowering.mark(outputs);
        for (id, node) in graph.nodes.iter().enumerate() {
            lowering.shared[id] = match node.kind {
                NodeKind::Number(_) => true,
                NodeKind::Input(input) => graph.inputs[input as usize].is_uniform(),
                NodeKind::Operation(_) => operands(node).all(|o| lowering.shared[o as usize]),
                _ => false,
            };
        }
        lowering
    }

    fn mark(&mut self, outputs: &[Id]) {
        let mut open = outputs.to_vec();
        while let Some(id) = open.pop() {
            if !std::mem::replace(&mut self.needed[id as usize], true) {
                reads(self.graph, id, &mut |o| open.push(o));
            }
        }
    }

    /// Finds chains: operations each of which goes on from one that nothing else reads, and
    /// products that are added to a chain or taken from it.
    fn join(&mut self, outputs: &[Id]) {
        let mut readers = vec![0_u32; self.graph.nodes.len()];
        for id in self.ids() {
            reads(self.graph, id, &mut |o| readers[o as usize] += 1);
        }
        // what loops or callers read is read by more than operations
        outputs.iter().for_each(|o| readers[*o as usize] += 2);
        for body in &self.graph.loops {
            loop_reads(body, &mut |o| readers[o as usize] += 2);
        }
        let mut left = readers.clone();
        for id in self.ids().filter(|id| !self.shared[*id as usize]) {
            let node = &self.graph.nodes[id as usize];
            let entrances = self.entrances(node);
            let near = |operand: usize| {
                let part = node.operands[operand] as usize;
                let here = self.graph.nodes[part].region == node.region;
                (here && !self.shared[part]).then_some(part)
            };
            let product = match node.kind {
                NodeKind::Operation(Operation::Add) => [1, 0].as_slice(),
                NodeKind::Operation(Operation::Subtract) => &[1],
                _ => &[],
            };
            let product = product.iter().copied().find(|operand| {
                near(*operand).is_some_and(|part| self.is_product(part, readers[part]))
            });
            let begins = |operand: &usize| {
                near(*operand).is_some_and(|part| {
                    let known = &self.graph.nodes[part];
                    readers[part] == 1 && !self.entrances(known).is_empty()
                })
            };
            let entrance = match product {
                Some(operand) => Some(1 - operand).filter(begins),
                None => entrances.iter().copied().find(begins),
            };
            let from = entrance.or(product.map(|operand| 1 - operand));
            let looks_up = matches!(node.kind, NodeKind::Lookup(_));
            if entrance.is_none() && product.is_none() && !looks_up {
                continue;
            }
            let from = from.unwrap_or(0);
            let joint = Joint { from, goes_on: entrance.is_some(), product: product.is_some() };
            if let Some(operand) = entrance {
                left[node.operands[operand] as usize] = 0;
                self.gone[node.operands[operand] as usize] = true;
            }
            if let Some(operand) = product {
                let part = node.operands[operand] as usize;
                left[part] -= 1;
                self.gone[part] = left[part] == 0;
            }
            self.joints[id as usize] = Some(joint);
        }
    }

    /// The operands from which a chain can come into an operation.
    fn entrances(&self, node: &Node) -> &'static [usize] {
        use Operation::*;
        match node.kind {
            NodeKind::Operation(Add | Subtract | Multiply) => &[0, 1],
            NodeKind::Operation(Divide | Maximum) | NodeKind::Lookup(_) => &[0],
            NodeKind::Operation(Clamp)
                if node.operands[1..3].iter().all(|o| self.shared[*o as usize]) =>
            {
                &[0]
            }
            _ => &[],
        }
    }

    /// Whether a node is a product to be worked out where it is added: one that nothing else
    /// reads, or one of which a factor is the same for all runs, so that it costs no column.
    fn is_product(&self, id: usize, readers: u32) -> bool {
        let node = &self.graph.nodes[id];
        let cheap = || node.operands[..2].iter().any(|o| self.shared[*o as usize]);
        let fits = match node.kind {
            NodeKind::Operation(Operation::Multiply) => readers == 1 || cheap(),
            NodeKind::Operation(Operation::Weigh) => readers == 1,
            _ => false,
        };
        fits && self.joints[id].is_none()
    }

    fn ids(&self) -> impl Iterator<Item = Id> + use<> {
        let needed = self.needed.clone();
        (0..needed.len()).filter(move |id| needed[*id]).map(|id| id as Id)
    }

    /// The nodes of a region and of the loops in it, in order of execution.
    fn schedule(&mut self, region: u32, order: &mut Vec<Event>) {
        if region == ROOT {
            for id in self.ids() {
                let at = id as usize;
                let node = &self.graph.nodes[at];
                let quiet = matches!(
                    node.kind,
                    NodeKind::Number(_)
                        | NodeKind::Input(_)
                        | NodeKind::Leaf(_)
                        | NodeKind::Result(_)
                );
                if !quiet && !self.shared[at] && !self.gone[at] {
                    self.by_region[node.region as usize].push(id);
                }
            }
        }
        for id in std::mem::take(&mut self.by_region[region as usize]) {
            let NodeKind::Loop(number) = self.graph.nodes[id as usize].kind else {
                order.push(Event::Node(id));
                continue;
            };
            order.push(Event::Begin(id));
            match &self.graph.loops[number as usize] {
                Loop::Equilibrium { region, .. } => {
                    self.schedule(*region, order);
                    self.ends[*region as usize] = order.len();
                }
                Loop::Branches(branches) => {
                    let [outer, inner] = branches.regions;
                    self.schedule(outer, order);
                    order.push(Event::Inner);
                    self.schedule(inner, order);
                    self.ends[inner as usize] = order.len();
                    self.ends[outer as usize] = order.len();
                }
                Loop::Choice { .. } => {}
            }
            order.push(Event::End(id));
        }
    }

    /// Where a value that is read at a position of a region is needed to the last: in a loop that
    /// it does not change in, to the end of that loop.
    fn needed_until(&self, value: Id, position: usize, mut region: u32) -> usize {
        let home = self.graph.nodes[value as usize].region;
        let mut until = position;
        while region != home && region != ROOT {
            until = self.ends[region as usize];
            region = self.graph.parents[region as usize];
        }
        until
    }

    fn read(&mut self, value: Id, position: usize, region: u32) {
        let until = self.needed_until(value, position, region);
        let last = &mut self.last[value as usize];
        if *last != NEVER {
            *last = (*last).max(until);
        }
    }

    /// Where every value is last read.
    fn live(&mut self, order: &[Event], outputs: &[Id]) {
        let graph = self.graph;
        for (position, event) in order.iter().enumerate() {
            match event {
                Event::Node(id) => {
                    let region = graph.nodes[*id as usize].region;
                    for operand in self.sources(*id) {
                        self.read(operand, position, region);
                    }
                }
                Event::End(id) => {
                    let NodeKind::Loop(number) = graph.nodes[*id as usize].kind else { continue };
                    let region = graph.nodes[*id as usize].region;
                    let mut all = Vec::new();
                    loop_reads(&graph.loops[number as usize], &mut |o| all.push(o));
                    loop_leaves(&graph.loops[number as usize], &mut |o| all.push(o));
                    for value in all {
                        let inside = graph.nodes[value as usize].region;
                        match inside <= region {
                            true => self.read(value, position, region),
                            // made within the loop: until its end
                            false => self.read(value, position, inside),
                        }
                    }
                }
                Event::Begin(_) | Event::Inner => {}
            }
        }
        for output in outputs {
            self.last[*output as usize] = NEVER;
        }
        // what is set before the first round has a column of its own
        for id in self.ids() {
            if let NodeKind::Input(number) = graph.nodes[id as usize].kind
                && graph.inputs[number as usize].stays()
            {
                self.last[id as usize] = NEVER;
            }
        }
        // the results of an equilibrium are left where its play is
        for id in self.ids() {
            let node = &graph.nodes[id as usize];
            if let NodeKind::Result(number) = node.kind
                && let Some(leaf) = self.alias(node.operands[0], number)
            {
                let until = self.last[id as usize];
                let last = &mut self.last[leaf as usize];
                *last = if until == NEVER || *last == NEVER { NEVER } else { until.max(*last) };
            }
        }
    }

    /// The leaf in whose column a result of a loop is found.
    fn alias(&self, owner: Id, result: u32) -> Option<Id> {
        let NodeKind::Loop(number) = self.graph.nodes[owner as usize].kind else { return None };
        match &self.graph.loops[number as usize] {
            Loop::Equilibrium { play, flaw, .. } => {
                let result = result as usize;
                match result.checked_sub(play.len()) {
                    None => Some(play[result]),
                    Some(1) => Some(flaw[1]),
                    Some(_) => None,
                }
            }
            Loop::Branches(_) | Loop::Choice { .. } => None,
        }
    }

    /// The steps of the chain that ends with a node, in order.
    fn chain(&self, id: Id) -> Vec<Id> {
        let mut chain = vec![id];
        let mut at = id;
        while let Some(Joint { from, goes_on: true, .. }) = self.joints[at as usize] {
            at = self.graph.nodes[at as usize].operands[from];
            chain.push(at);
        }
        chain.reverse();
        chain
    }

    /// What a step of a chain does, and what it reads besides the chain.
    fn link(&self, id: Id) -> (Link, Vec<Id>) {
        use Operation::*;
        let node = &self.graph.nodes[id as usize];
        let joint = self.joints[id as usize];
        let from = joint.map_or(0, |joint| joint.from);
        let other = node.operands[1 - from.min(1)];
        if joint.is_some_and(|joint| joint.product) {
            let product = &self.graph.nodes[other as usize];
            let weighs = product.kind == NodeKind::Operation(Weigh);
            let link = match (node.kind == NodeKind::Operation(Subtract), weighs) {
                (false, false) => Link::AddProduct,
                (true, false) => Link::SubtractProduct,
                (false, true) => Link::AddWeighed,
                (true, true) => Link::SubtractWeighed,
            };
            let [a, b, ..] = product.operands;
            let turn = self.shared[a as usize] && !weighs;
            return (link, if turn { vec![b, a] } else { vec![a, b] });
        }
        let link = match node.kind {
            NodeKind::Operation(Add) => Link::Add,
            NodeKind::Operation(Subtract) if from == 0 => Link::Subtract,
            NodeKind::Operation(Subtract) => Link::From,
            NodeKind::Operation(Multiply) => Link::Multiply,
            NodeKind::Operation(Divide) => Link::Divide,
            NodeKind::Operation(Maximum) => Link::Maximum,
            NodeKind::Operation(Clamp) => return (Link::Clamp, node.operands[1..3].to_vec()),
            // the option chosen is read where it was chosen
            _ => return (Link::Lookup, Vec::new()),
        };
        (link, vec![other])
    }

    /// Whether an operation is carried out as a chain of steps.
    fn is_chain(&self, id: Id) -> bool {
        match self.joints[id as usize] {
            None => false,
            Some(joint) => {
                joint.goes_on || matches!(self.graph.nodes[id as usize].kind, NodeKind::Lookup(_))
            }
        }
    }

    /// Where the chain of a node begins.
    fn start(&self, first: Id) -> Id {
        let from = self.joints[first as usize].map_or(0, |joint| joint.from);
        self.graph.nodes[first as usize].operands[from]
    }

    /// What the instruction of a node reads: operands, with chains and products opened.
    fn sources(&self, id: Id) -> Vec<Id> {
        let node = &self.graph.nodes[id as usize];
        if let NodeKind::Call(number) = node.kind {
            let call = &self.graph.calls[number as usize];
            return call.given.iter().chain([&call.guard]).copied().collect();
        }
        if self.joints[id as usize].is_none() {
            return operands(node).collect();
        }
        let chain = self.chain(id);
        let mut sources = vec![self.start(chain[0])];
        sources.extend(chain.into_iter().flat_map(|step| self.link(step).1));
        sources
    }

    fn take(&mut self) -> u32 {
        self.free.pop().unwrap_or_else(|| {
            self.tape.columns += 1;
            self.tape.columns as u32 - 1
        })
    }

    fn column_for(&mut self, id: Id) -> u32 {
        let column = self.take();
        self.at[id as usize] = Some(Operand::column(column));
        column
    }

    fn find(&self, id: Id) -> Operand {
        self.at[id as usize].unwrap_or(Operand::column(0))
    }

    fn instruction(&mut self, id: Id, into: u32) -> Instruction {
        let mut from = [Operand::column(0); 4];
        for (operand, source) in from.iter_mut().zip(self.sources(id)) {
            *operand = self.find(source);
        }
        let first = self.tape.terms.len() as u32;
        if self.is_chain(id) {
            for step in self.chain(id) {
                let term = self.term(step);
                self.tape.terms.push(term);
            }
        }
        let terms = (first, self.tape.terms.len() as u32 - first);
        let node = &self.graph.nodes[id as usize];
        let operation = match (self.joints[id as usize].map(|_| self.link(id).0), node.kind) {
            (Some(Link::AddProduct), _) => Operation::MultiplyAdd,
            (Some(Link::SubtractProduct), _) => Operation::MultiplySubtract,
            (Some(Link::AddWeighed), _) => Operation::WeighAdd,
            (Some(Link::SubtractWeighed), _) => Operation::WeighSubtract,
            (_, NodeKind::Operation(operation)) => operation,
            _ => Operation::Add,
        };
        Instruction { operation, into, from, terms }
    }

    fn term(&mut self, step: Id) -> Term {
        let (link, read) = self.link(step);
        let mut factors = [Operand::column(0); 2];
        for (factor, id) in factors.iter_mut().zip(read) {
            *factor = self.find(id);
        }
        if let NodeKind::Lookup(number) = self.graph.nodes[step as usize].kind {
            let (seat, table) = self.graph.tables[number as usize];
            self.tape.tables.push(table);
            let number = self.tape.tables.len() as u32 - 1;
            factors = [Operand::column(seat.index() as u32), Operand::column(number)];
        }
        Term { link, factors }
    }

    /// Numbers and operations that are the same for all runs, and the columns of inputs.
    fn begin(&mut self) {
        for id in self.ids() {
            let at = id as usize;
            match self.graph.nodes[at].kind {
                NodeKind::Input(number) if !self.shared[at] => {
                    let column = self.column_for(id);
                    let input = self.graph.inputs[number as usize];
                    self.tape.inputs.push((input, Operand::column(column)));
                }
                _ if !self.shared[at] => {}
                kind => {
                    let operand = Operand::shared(self.tape.shared.len() as u32);
                    self.at[at] = Some(operand);
                    self.tape.shared.push(match kind {
                        NodeKind::Number(bits) => f64::from_bits(bits),
                        _ => 0.0,
                    });
                    match kind {
                        NodeKind::Input(number) => {
                            let input = self.graph.inputs[number as usize];
                            self.tape.inputs.push((input, operand));
                        }
                        NodeKind::Operation(_) => {
                            let step = self.instruction(id, operand.at() as u32);
                            self.tape.prologue.push(step);
                        }
                        _ => {}
                    }
                }
            }
        }
    }

    /// The nodes whose columns are free after an event of the order: those of all events one after
    /// the other, and by event where its own end.
    fn expiring(&self, order: &[Event]) -> (Vec<Id>, Vec<u32>) {
        let expires = |id: &Id| {
            let (node, last) = (&self.graph.nodes[*id as usize], self.last[*id as usize]);
            let aliased = match node.kind {
                NodeKind::Result(number) => self.alias(node.operands[0], number).is_some(),
                _ => false,
            };
            let ends = last != NEVER && last < order.len();
            (ends && !self.shared[*id as usize] && !aliased).then_some((*id, last))
        };
        let mut ends = vec![0_u32; order.len()];
        self.ids().filter_map(|id| expires(&id)).for_each(|(_, last)| ends[last] += 1);
        let mut sum = 0;
        for end in &mut ends {
            // where those of an event begin, until they are put there
            sum += std::mem::replace(end, sum);
        }
        let mut all = vec![0; sum as usize];
        for (id, last) in self.ids().filter_map(|id| expires(&id)) {
            all[ends[last] as usize] = id;
            ends[last] += 1;
        }
        (all, ends)
    }

    fn write(mut self, order: &[Event], outputs: &[Id], meter: &Meter) -> Tape {
        self.begin();
        let (expiring, ends) = self.expiring(order);
        let mut open: Vec<Vec<Step>> = vec![Vec::new()];
        let mut first = 0;
        for (event, end) in order.iter().zip(ends) {
            meter.step();
            if meter.ended() {
                return Tape::default();
            }
            self.event(event, &mut open);
            for id in &expiring[std::mem::replace(&mut first, end as usize)..end as usize] {
                if let Some(operand) = self.at[*id as usize].filter(|o| !o.is_shared()) {
                    self.free.push(operand.at() as u32);
                }
            }
        }
        self.tape.steps = open.pop().unwrap_or_default();
        self.tape.outputs = outputs.iter().map(|id| self.find(*id)).collect();
        self.tape
    }

    fn event(&mut self, event: &Event, open: &mut Vec<Vec<Step>>) {
        let push = |open: &mut Vec<Vec<Step>>, step| {
            if let Some(steps) = open.last_mut() {
                steps.push(step);
            }
        };
        match event {
            Event::Node(id) => {
                if let NodeKind::Call(number) = self.graph.nodes[*id as usize].kind {
                    let call = self.call(*id, number as usize);
                    return push(open, Step::Call(Box::new(call)));
                }
                let into = self.column_for(*id);
                let at = self.tape.instructions.len();
                let instruction = self.instruction(*id, into);
                self.tape.instructions.push(instruction);
                self.tape.offsets.push(self.graph.nodes[*id as usize].offset);
                match open.last_mut().and_then(|steps| steps.last_mut()) {
                    Some(Step::Run(range)) if range.end == at => range.end += 1,
                    _ => push(open, Step::Run(at..at + 1)),
                }
            }
            Event::Begin(id) => {
                self.open_loop(*id);
                open.push(Vec::new());
            }
            Event::Inner => open.push(Vec::new()),
            Event::End(id) => {
                let step = self.close_loop(*id, open);
                push(open, step);
            }
        }
    }

    fn results(&self, owner: Id) -> Vec<(Id, u32)> {
        let mut found = Vec::new();
        for id in owner + 1..self.graph.nodes.len() as Id {
            match self.graph.nodes[id as usize] {
                Node { kind: NodeKind::Result(number), operands, .. } if operands[0] == owner => {
                    found.push((id, number));
                }
                _ => break,
            }
        }
        found
    }

    fn call(&mut self, id: Id, number: usize) -> Call {
        let call = &self.graph.calls[number];
        let given = call.given.iter().map(|g| self.find(*g)).collect();
        let guard = self.find(call.guard);
        let results = self.results(id).into_iter();
        let into = results.map(|(id, _)| self.needed[id as usize].then(|| self.column_for(id)));
        let into = into.collect();
        Call { procedure: call.procedure, given, guard, into }
    }

    /// Takes the columns of a loop's leaves and results.
    fn open_loop(&mut self, id: Id) {
        let NodeKind::Loop(number) = self.graph.nodes[id as usize].kind else { return };
        let mut leaves = Vec::new();
        loop_leaves(&self.graph.loops[number as usize], &mut |leaf| leaves.push(leaf));
        for leaf in leaves {
            if self.needed[leaf as usize] {
                self.column_for(leaf);
            }
        }
        for (result, number) in self.results(id) {
            match self.alias(id, number) {
                Some(leaf) => self.at[result as usize] = self.at[leaf as usize],
                None => {
                    self.column_for(result);
                }
            }
        }
    }

    fn close_loop(&mut self, id: Id, open: &mut Vec<Vec<Step>>) -> Step {
        let NodeKind::Loop(number) = self.graph.nodes[id as usize].kind else {
            // invariant: only loops have an end
            unreachable!("only loops are closed")
        };
        let body = open.pop().unwrap_or_default();
        let find = |id: &Id| self.find(*id);
        let column = |id: &Id| self.at[*id as usize].map(|o| o.at() as u32);
        let columns = |rows: &[Vec<Id>]| -> Vec<Vec<Option<u32>>> {
            rows.iter().map(|row| row.iter().map(column).collect()).collect()
        };
        let results = self.results(id);
        let result = |number: usize| self.find(results[number].0).at() as u32;
        match &self.graph.loops[number as usize] {
            Loop::Equilibrium { play, start, answer, flaw, .. } => {
                Step::Equilibrium(Box::new(Equilibrium {
                    body,
                    play: play.iter().map(|id| find(id).at() as u32).collect(),
                    start: start.iter().map(find).collect(),
                    answer: answer.iter().map(find).collect(),
                    flaw: (find(&flaw[0]), find(&flaw[1]).at() as u32, find(&flaw[2])),
                    residual: result(play.len()),
                }))
            }
            Loop::Choice { seat, mix } => Step::Choose(Box::new(Choosing {
                seat: *seat,
                mix: mix.iter().map(find).collect(),
                chosen: (0..mix.len()).map(result).collect(),
                picked: result(mix.len()),
            })),
            Loop::Branches(branches) => {
                let outer = open.pop().unwrap_or_default();
                let rows = |rows: &[Vec<Id>]| -> Vec<Vec<Operand>> {
                    rows.iter().map(|row| row.iter().map(find).collect()).collect()
                };
                Step::Branches(Box::new(Branching {
                    bodies: [outer, body],
                    guard: find(&branches.guard),
                    types: rows(&branches.types),
                    mixes: branches.mixes.iter().map(|types| rows(types)).collect(),
                    private_ids: branches.private_ids.clone(),
                    truth: columns(&branches.truth),
                    mixed: columns(&branches.mixed).into(),
                    chosen: columns(&branches.chosen).into(),
                    chances: branches.chances.iter().map(find).collect(),
                    decided: branches.decided.iter().map(column).collect(),
                    utility: find(&branches.utility),
                    sum: result(0),
                }))
            }
        }
    }
}
