//! What is carried out: operations on columns, in order, with columns for their results.

use std::ops::Range;

use super::input::Input;
use crate::expr::Operation;
use crate::model::{IndexVec, SeatId};

/// Where a number is read: a column of a frame (one number a run) or a number that is the same for
/// all runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Operand(u32);

const SHARED: u32 = 1 << 31;

/// About how many bytes an operation takes on a tape, its position and its terms included.
pub(super) const STEP: usize = size_of::<Instruction>() + size_of::<u32>() + 2 * size_of::<Term>();

impl Operand {
    /// A column, by its index in the frame.
    pub fn column(at: u32) -> Self {
        Operand(at)
    }

    /// A number that is the same for all runs, by its index among them.
    pub fn shared(at: u32) -> Self {
        Operand(at | SHARED)
    }

    /// Whether it is the same for all runs.
    #[inline(always)]
    pub fn is_shared(self) -> bool {
        self.0 & SHARED != 0
    }

    /// Its index among the columns of the frame or the shared numbers.
    #[inline(always)]
    pub fn at(self) -> usize {
        (self.0 & !SHARED) as usize
    }
}

/// One operation.
#[derive(Debug, Clone, Copy)]
pub struct Instruction {
    /// What is done.
    pub operation: Operation,
    /// The column (or, in a tape's prologue, the shared number) that takes the result; never one
    /// of the operands.
    pub into: u32,
    /// Its operands; those beyond its arity mean nothing.
    pub from: [Operand; 4],
    /// Where [`Tape::terms`] hold what is done, in order, to the first operand in place of the
    /// operation, and how many terms these are; none for a plain operation.
    pub terms: (u32, u32),
}

/// What a step of a chain does to the number s that the steps before have come to, with operands
/// x and y.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Link {
    /// s + x
    Add,
    /// s − x
    Subtract,
    /// x − s
    From,
    /// s x
    Multiply,
    /// s / x
    Divide,
    /// The larger of s and x.
    Maximum,
    /// s moved into \[x, y\]; both are the same for all runs.
    Clamp,
    /// s + x y, rounded twice; x is a column.
    AddProduct,
    /// s − x y, rounded twice; x is a column.
    SubtractProduct,
    /// s + x y, but s + 0 where the weight x is 0, whatever y is.
    AddWeighed,
    /// s − x y, but s − 0 where the weight x is 0, whatever y is.
    SubtractWeighed,
    /// s and a number of table y among [`Tape::tables`]: that of the option which seat x has
    /// chosen. The places of x and y are these two numbers.
    Lookup,
}

/// A step of a chain.
#[derive(Debug, Clone, Copy)]
pub struct Term {
    /// What is done.
    pub link: Link,
    /// What with; the second means nothing where one is enough.
    pub factors: [Operand; 2],
}

/// How many options a seat may have for what they do to be looked up.
pub const LOOKED_UP: usize = 16;

/// A stretch of a tape.
#[derive(Debug, Clone)]
pub enum Step {
    /// Operations, by their index among [`Tape::instructions`].
    Run(Range<usize>),
    /// The search for a mutual reply.
    Equilibrium(Box<Equilibrium>),
    /// Every joint type, option and event outcome.
    Branches(Box<Branching>),
    /// Another procedure.
    Call(Box<Call>),
    /// One option of a seat is drawn.
    Choose(Box<Choosing>),
}

/// One option of a seat is drawn: the first whose cumulative probability exceeds the seat's uniform
/// number; if rounding leaves none, the last of positive probability.
#[derive(Debug, Clone)]
pub struct Choosing {
    /// The seat.
    pub seat: SeatId,
    /// How likely each option is.
    pub mix: Vec<Operand>,
    /// The columns set to 1 for the option drawn and to 0 for the others.
    pub chosen: Vec<u32>,
    /// The column of its number within the seat.
    pub picked: u32,
}

/// Mutual replies by damped iteration: the body turns `play` into `answer`, and `play` moves
/// towards it until the difference is small; `play` is left as the result.
#[derive(Debug, Clone)]
pub struct Equilibrium {
    /// From a play to its replies.
    pub body: Vec<Step>,
    /// Columns of what is replied to.
    pub play: Vec<u32>,
    /// Where it starts.
    pub start: Vec<Operand>,
    /// The replies.
    pub answer: Vec<Operand>,
    /// The flaw before the loop, the column of the flaw so far, and the flaw after a turn.
    pub flaw: (Operand, u32, Operand),
    /// Column of the residual where the iteration did not converge, else 0.
    pub residual: u32,
}

/// The branches of exact anticipation; columns that nothing reads are absent.
#[derive(Debug, Clone)]
pub struct Branching {
    /// What depends on types and options; then what depends on events too.
    pub bodies: [Vec<Step>; 2],
    /// Nobody asks for the sum where this is 0.
    pub guard: Operand,
    /// By private id and type, how likely it is.
    pub types: Vec<Vec<Operand>>,
    /// By seat, type of its actor and option, how likely it is.
    pub mixes: IndexVec<SeatId, Vec<Vec<Operand>>>,
    /// By seat, the private id of its actor.
    pub private_ids: IndexVec<SeatId, Option<usize>>,
    /// Columns set to the types of a branch.
    pub truth: Vec<Vec<Option<u32>>>,
    /// Columns set to the mixes from which a branch is drawn, by seat and option.
    pub mixed: IndexVec<SeatId, Vec<Option<u32>>>,
    /// Columns set to the options of a branch, by seat and option.
    pub chosen: IndexVec<SeatId, Vec<Option<u32>>>,
    /// By hazard, how likely it is.
    pub chances: Vec<Operand>,
    /// Columns set to whether it happens in the branch.
    pub decided: Vec<Option<u32>>,
    /// What a branch is worth.
    pub utility: Operand,
    /// The column of the expectation.
    pub sum: u32,
}

/// A call of another procedure, left out with results of 0 where the guard is 0 for all runs.
#[derive(Debug, Clone)]
pub struct Call {
    /// Its number among [`super::Plan::procedures`].
    pub procedure: usize,
    /// What it is given, in the order of its tape's inputs.
    pub given: Vec<Operand>,
    /// Whether any run needs it.
    pub guard: Operand,
    /// The columns of its results; absent where nothing reads them.
    pub into: Vec<Option<u32>>,
}

/// A procedure, ready to be carried out on blocks of runs.
#[derive(Debug, Clone, Default)]
pub struct Tape {
    /// How many columns its frame has.
    pub columns: usize,
    /// Numbers that are the same for all runs, as they are before inputs are set and the prologue
    /// is carried out.
    pub shared: Vec<f64>,
    /// Operations on shared numbers.
    pub prologue: Vec<Instruction>,
    /// Operations on columns.
    pub instructions: Vec<Instruction>,
    /// By instruction, where the formula stands in the file that it was first needed for, in bytes.
    pub offsets: Vec<u32>,
    /// Steps of chains.
    pub terms: Vec<Term>,
    /// Numbers by option of a seat.
    pub tables: Vec<[f64; LOOKED_UP]>,
    /// The order of things.
    pub steps: Vec<Step>,
    /// What it reads, and where that is put.
    pub inputs: Vec<(Input, Operand)>,
    /// What comes out.
    pub outputs: Vec<Operand>,
}

impl Tape {
    /// About how many bytes it takes.
    pub fn bytes(&self) -> u64 {
        fn list(count: usize, size: usize) -> u64 {
            (count as u64).saturating_mul(size as u64)
        }
        fn steps(all: &[Step]) -> u64 {
            let inside = all.iter().map(|step| match step {
                Step::Run(_) => 0,
                Step::Equilibrium(found) => steps(&found.body) + list(found.play.len(), 12),
                Step::Branches(found) => {
                    let mixes: usize = found.mixes.iter().flatten().map(Vec::len).sum();
                    let options: usize = found.chosen.iter().map(Vec::len).sum();
                    let counts = mixes + 4 * options + 2 * found.chances.len();
                    found.bodies.iter().map(|body| steps(body)).sum::<u64>() + list(counts, 8)
                }
                Step::Call(found) => list(found.given.len() + 2 * found.into.len(), 4) + 64,
                Step::Choose(found) => list(found.mix.len(), 8) + 64,
            });
            inside.sum::<u64>() + list(all.len(), size_of::<Step>())
        }
        list(self.shared.len(), 8)
            + list(self.prologue.len() + self.instructions.len(), size_of::<Instruction>())
            + list(self.offsets.len() + self.outputs.len(), 4)
            + list(self.terms.len(), size_of::<Term>())
            + list(self.tables.len(), size_of::<[f64; LOOKED_UP]>())
            + list(self.inputs.len(), size_of::<(Input, Operand)>())
            + steps(&self.steps)
    }
}
