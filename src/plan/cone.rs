//! What the numbers of a graph come from: a hash of the operations, and whether a draw is among
//! them.
//!
//! A node is named by the hash of what it is and of the names of what it reads, so that two nodes
//! of equal names, in the plans of two arms, are the same operations on the same inputs. What is
//! carried from round to round reads itself: cells that read each other in a circle
//! (a strongly connected component, Tarjan 1972) are named together, by where each starts and
//! what a round makes of it in terms of the others. Two such circles of one name agree in the
//! first round, and if they agree in a round they agree in the next.

use std::collections::BTreeMap;

use super::graph::{Graph, Id, Loop, NodeKind, ROOT};
use super::input::{Input, Within};
use super::open_inputs::OpenInputs;
use super::procedures::Procedures;
use super::reads::reads;
use super::whole::Class;
use crate::expr::Operation;

/// The first half of a BLAKE3 hash: two different cones of all plans that are ever compared have
/// the same with a probability of 2⁻¹²⁸ a pair.
pub(super) type Name = [u8; 16];

/// What a number comes from.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Mark {
    pub name: Name,
    /// Whether anything that is drawn is read.
    pub drawn: bool,
    /// Which open numbers are read, as bits: see [`super::reach::Slots`].
    pub open: u64,
}

/// Something to be hashed.
#[derive(Debug, Default)]
pub(super) struct Text(Vec<u8>);

impl Text {
    /// A text of its own kind.
    pub fn new(kind: u8) -> Text {
        Text(vec![kind])
    }

    fn again(&mut self, kind: u8) -> &mut Text {
        self.0.clear();
        self.0.push(kind);
        self
    }

    pub fn word(&mut self, word: u64) -> &mut Text {
        self.0.extend_from_slice(&word.to_le_bytes());
        self
    }

    pub fn name(&mut self, name: &Name) -> &mut Text {
        self.0.extend_from_slice(name);
        self
    }

    pub fn hash(&self) -> [u8; 32] {
        *blake3::hash(&self.0).as_bytes()
    }

    pub fn finish(&self) -> Name {
        let mut name = Name::default();
        name.copy_from_slice(&self.hash()[..16]);
        name
    }
}

/// The name of an input by itself: the same in the plans of all arms of a model.
pub(super) fn identity(input: Input, open_inputs: &OpenInputs) -> Name {
    let words: [u64; 4] = match input {
        Input::Round => [0, 0, 0, 0],
        Input::Series(cell, ahead) => [16, cell.into(), ahead.into(), 0],
        Input::Parameter(slot) => {
            let [kind, a, b] = open_inputs.words(slot);
            [1, kind, a, b]
        }
        Input::Steady(n) => [2, n.into(), 0, 0],
        Input::Cell(n) => [3, n.index() as u64, 0, 0],
        Input::Played(n) => [4, n.index() as u64, 0, 0],
        Input::Mixed(n) => [5, n.index() as u64, 0, 0],
        Input::Happened(n) => [6, n.index() as u64, 0, 0],
        Input::Spent(n) => [7, n.index() as u64, 0, 0],
        Input::Belief(p, o, k) => [8, p.into(), o.index() as u64, k.into()],
        Input::Truth(p, k) => [9, p.into(), k.into(), 0],
        Input::Level(a, l) => [10, a.index() as u64, l.into(), 0],
        Input::Chosen(n) => [17, n.index() as u64, 0, 0],
        Input::Drawn(n) => [18, n.index() as u64, 0, 0],
        Input::Uniform(draw) => {
            let within = match draw.within {
                Within::Initial => 11,
                Within::Effects => 12,
                Within::Dynamics => 13,
                Within::Events => 14,
                Within::EventEffects => 15,
            };
            [within, draw.ordinal.into(), draw.slot.into(), 0]
        }
    };
    let mut text = Text::new(b'i');
    for word in words {
        text.word(word);
    }
    text.finish()
}

/// What the marks of a graph depend on.
pub(super) struct Ground<'a> {
    pub open_inputs: &'a OpenInputs,
    pub procedures: &'a Procedures,
    /// What is known of an input by itself; of one that is carried from round to round: at the
    /// start.
    pub base: &'a dyn Fn(Input) -> Mark,
    /// Which node gives an input in the next round.
    pub next: BTreeMap<Input, Id>,
    /// By node, what is known of its value; empty: nothing.
    pub classes: Vec<Class>,
}

/// Nothing on the stack yet.
const NEW: u32 = 0;

struct Search<'a> {
    graph: &'a Graph,
    ground: &'a Ground<'a>,
    /// By leaf: which list of its loop it stands in, and where.
    leaves: BTreeMap<Id, [u64; 2]>,
    marks: Vec<Mark>,
    /// By node: when it was found, from 1; then the earliest node on the stack that it leads to.
    found: Vec<u32>,
    low: Vec<u32>,
    on_stack: Vec<bool>,
    stack: Vec<Id>,
    text: Text,
    read: Vec<Id>,
}

/// By node that the roots read: its mark.
pub(super) fn marks(graph: &Graph, ground: &Ground, roots: &[Id]) -> Vec<Mark> {
    let count = graph.nodes.len();
    let mut search = Search {
        graph,
        ground,
        leaves: leaves(graph),
        marks: vec![Mark::default(); count],
        found: vec![NEW; count],
        low: vec![0; count],
        on_stack: vec![false; count],
        stack: Vec::new(),
        text: Text::default(),
        read: Vec::new(),
    };
    let mut time = 0;
    for root in roots {
        if search.found[*root as usize] == NEW {
            search.from(*root, &mut time);
        }
    }
    search.marks
}

/// By leaf of a loop: which list of the loop it stands in, and where.
fn leaves(graph: &Graph) -> BTreeMap<Id, [u64; 2]> {
    let mut found = BTreeMap::new();
    let mut list = |kind: u64, ids: &mut dyn Iterator<Item = &Id>| {
        for (at, id) in (0..).zip(ids) {
            found.insert(*id, [kind, at]);
        }
    };
    for body in &graph.loops {
        match body {
            Loop::Equilibrium { play, flaw, .. } => {
                list(0, &mut play.iter());
                list(1, &mut flaw[1..2].iter());
            }
            Loop::Branches(branches) => {
                list(2, &mut branches.truth.iter().flatten());
                list(3, &mut branches.mixed.iter().flatten());
                list(4, &mut branches.chosen.iter().flatten());
                list(5, &mut branches.decided.iter());
            }
            Loop::Choice { .. } => {}
        }
    }
    found
}

impl Search<'_> {
    /// Tarjan's search from a node, with a stack of its own: graphs are deep.
    fn from(&mut self, root: Id, time: &mut u32) {
        // nodes on the way, with what they still lead to as a range of the pool
        let mut way: Vec<(Id, usize, usize)> = Vec::new();
        let mut pool: Vec<Id> = Vec::new();
        let mut enter = |search: &mut Self, id: Id, pool: &mut Vec<Id>| {
            *time += 1;
            let at = id as usize;
            (search.found[at], search.low[at], search.on_stack[at]) = (*time, *time, true);
            search.stack.push(id);
            let start = pool.len();
            search.leads_to(id, &mut |next| pool.push(next));
            (id, start, start)
        };
        way.push(enter(self, root, &mut pool));
        while let Some((id, start, at)) = way.last_mut() {
            if let Some(next) = pool.get(*at).copied() {
                *at += 1;
                if self.found[next as usize] == NEW {
                    let entered = enter(self, next, &mut pool);
                    way.push(entered);
                } else if self.on_stack[next as usize] {
                    let id = *id as usize;
                    self.low[id] = self.low[id].min(self.found[next as usize]);
                }
                continue;
            }
            let (id, start) = (*id, *start);
            way.pop();
            pool.truncate(start);
            if let Some((before, ..)) = way.last() {
                let before = *before as usize;
                self.low[before] = self.low[before].min(self.low[id as usize]);
            }
            if self.low[id as usize] == self.found[id as usize] {
                let first = self.stack.iter().rposition(|other| *other == id).unwrap_or(0);
                let members = self.stack.split_off(first);
                members.iter().for_each(|member| self.on_stack[*member as usize] = false);
                self.name(members);
            }
        }
    }

    /// What the value of a node comes from: what it reads, without uniform numbers that cannot
    /// change it, and for what is carried the node that gives it.
    fn leads_to(&self, id: Id, visit: &mut impl FnMut(Id)) {
        match self.next(id) {
            Some(next) => visit(next),
            None => self.reads(id, visit),
        }
    }

    fn reads(&self, id: Id, visit: &mut impl FnMut(Id)) {
        match self.shortcut(id) {
            Some(read) => visit(read),
            None => reads(self.graph, id, visit),
        }
    }

    /// The one operand that decides the value of a node, where that is known: an event of chance 0
    /// or 1 is the same for every uniform number, and noise without spread adds nothing.
    fn shortcut(&self, id: Id) -> Option<Id> {
        let node = &self.graph.nodes[id as usize];
        let [a, b, ..] = node.operands;
        match node.kind {
            NodeKind::Operation(Operation::Less) if self.is_uniform(a) => {
                let class = self.ground.classes.get(b as usize)?;
                (*class <= Class::Whole).then_some(b)
            }
            NodeKind::Operation(Operation::Add) if self.graph.nodes[a as usize].plain => {
                let product = &self.graph.nodes[b as usize];
                let [x, y, ..] = product.operands;
                let nothing = product.kind == NodeKind::Operation(Operation::Multiply)
                    && self.graph.number(x) == Some(0.0);
                let noise = &self.graph.nodes.get(y as usize).filter(|_| nothing)?;
                let normal = noise.kind == NodeKind::Operation(Operation::NormalQuantile)
                    && self.is_uniform(noise.operands[0]);
                (normal || self.is_uniform(y)).then_some(a)
            }
            _ => None,
        }
    }

    fn is_uniform(&self, id: Id) -> bool {
        matches!(self.input(id), Some(Input::Uniform(_)))
    }

    fn input(&self, id: Id) -> Option<Input> {
        match self.graph.nodes[id as usize].kind {
            NodeKind::Input(number) => Some(self.graph.inputs[number as usize]),
            _ => None,
        }
    }

    /// The node that gives a node of the next round, if it is carried.
    fn next(&self, id: Id) -> Option<Id> {
        self.ground.next.get(&self.input(id)?).copied()
    }

    /// Names nodes that lead to each other, or one that does not lead to itself. Whatever else
    /// they lead to has its name.
    fn name(&mut self, mut members: Vec<Id>) {
        if let [one] = members.as_slice()
            && self.next(*one).is_none_or(|next| next != *one)
        {
            self.marks[*one as usize] = self.mark(*one, None);
            return;
        }
        // nodes come after what they read
        members.sort_unstable();
        let (mut drawn, mut open) = (false, 0);
        let mut carried: Vec<(Input, Id)> = Vec::new();
        for id in &members {
            let mark = self.mark(*id, Some(&Name::default()));
            (drawn, open) = (drawn | mark.drawn, open | mark.open);
            self.marks[*id as usize] = mark;
            carried.extend(self.input(*id).zip(self.next(*id)));
        }
        carried.sort_unstable();
        let mut all = Text::new(b'w');
        for (input, next) in &carried {
            let start = (self.ground.base)(*input).name;
            all.name(&identity(*input, self.ground.open_inputs)).name(&start);
            all.name(&self.marks[*next as usize].name);
        }
        let all = all.finish();
        for id in members {
            let Mark { name, .. } = self.mark(id, Some(&all));
            self.marks[id as usize] = Mark { name, drawn, open };
        }
    }

    /// The mark of a node whose operands have theirs; of one that is carried in a circle, as part
    /// of the circle of a name.
    fn mark(&mut self, id: Id, circle: Option<&Name>) -> Mark {
        if let Some(input) = self.input(id) {
            let mut mark = (self.ground.base)(input);
            if let Some(next) = self.next(id) {
                let own = identity(input, self.ground.open_inputs);
                let text = self.text.again(b'x').name(&own);
                match circle {
                    Some(circle) => text.name(circle),
                    None => {
                        let next = &self.marks[next as usize];
                        (mark.drawn, mark.open) = (mark.drawn | next.drawn, mark.open | next.open);
                        text.name(&mark.name).name(&next.name)
                    }
                };
                mark.name = text.finish();
            }
            return mark;
        }
        if let Some(decides) = self.shortcut(id) {
            let mark = self.marks[decides as usize];
            let is_sum = self.graph.nodes[id as usize].kind == NodeKind::Operation(Operation::Add);
            let name = if is_sum { mark.name } else { self.sure(&mark.name) };
            return Mark { name, ..mark };
        }
        let mut drawn = self.write(id);
        let mut open = 0;
        let mut read = std::mem::take(&mut self.read);
        read.clear();
        reads(self.graph, id, &mut |operand| read.push(operand));
        for operand in &read {
            let mark = &self.marks[*operand as usize];
            self.text.name(&mark.name);
            (drawn, open) = (drawn | mark.drawn, open | mark.open);
        }
        self.read = read;
        Mark { name: self.text.finish(), drawn, open }
    }

    /// The name of what happens or not, for sure.
    fn sure(&mut self, chance: &Name) -> Name {
        self.text.again(b's').name(chance).finish()
    }

    /// Begins the text of a node with what it is; returns whether it draws.
    fn write(&mut self, id: Id) -> bool {
        let Search { graph, ground, text, leaves, .. } = self;
        match graph.nodes[id as usize].kind {
            NodeKind::Number(bits) => text.again(b'n').word(bits),
            // inputs are named before
            NodeKind::Input(_) => text,
            NodeKind::Leaf(_) => {
                let region = graph.nodes[id as usize].region;
                let [list, at] = leaves.get(&id).copied().unwrap_or([u64::MAX, id.into()]);
                text.again(b'l').word(depth(graph, region)).word(list).word(at)
            }
            NodeKind::Operation(operation) => text.again(b'o').word(operation as u64),
            NodeKind::Result(number) => text.again(b'r').word(number.into()),
            NodeKind::Lookup(number) => {
                let (seat, table) = &graph.tables[number as usize];
                let text = text.again(b't').word(seat.index() as u64);
                table.iter().fold(text, |text, x| text.word(x.to_bits()))
            }
            NodeKind::Call(number) => {
                let procedure = graph.calls[number as usize].procedure;
                text.again(b'p').name(&ground.procedures.names[procedure])
            }
            NodeKind::Loop(number) => return self.write_loop(number as usize),
        };
        false
    }

    fn write_loop(&mut self, number: usize) -> bool {
        let Search { graph, ground, text, .. } = self;
        match &graph.loops[number] {
            Loop::Equilibrium { play, .. } => {
                text.again(b'e').word(play.len() as u64);
            }
            Loop::Branches(branches) => {
                text.again(b'b').word(branches.types.len() as u64);
                let rows = branches.types.iter().chain(branches.mixes.iter().flatten());
                rows.for_each(|row| _ = text.word(row.len() as u64));
                for (id, types) in branches.private_ids.iter().zip(&branches.mixes) {
                    text.word(id.map_or(u64::MAX, |id| id as u64));
                    text.word(types.len() as u64);
                }
                text.word(branches.chances.len() as u64);
            }
            Loop::Choice { seat, mix } => {
                text.again(b'c').word(seat.index() as u64).word(mix.len() as u64);
                let class = |id: &Id| ground.classes.get(*id as usize).copied();
                return !mix.iter().all(|id| class(id).is_some_and(|c| c <= Class::Whole));
            }
        }
        false
    }
}

/// How many loops a region lies in.
fn depth(graph: &Graph, mut region: u32) -> u64 {
    let mut depth = 0;
    while region != ROOT {
        region = graph.parents[region as usize];
        depth += 1;
    }
    depth
}
