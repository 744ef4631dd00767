//! How much memory plans take, in bytes.

use std::mem::size_of;

use super::tape::{Instruction, LOOKED_UP, Operand, Step, Tape, Term};
use super::{Input, Plan};

/// A column of a frame: eight runs.
const COLUMN: usize = 64;

impl Tape {
    fn bytes(&self) -> usize {
        let instructions = self.prologue.len() + self.instructions.len();
        instructions * size_of::<Instruction>()
            + self.places.len() * 4
            + self.shared.len() * 8
            + self.terms.len() * size_of::<Term>()
            + self.tables.len() * LOOKED_UP * 8
            + self.steps.iter().map(step).sum::<usize>()
            + self.inputs.len() * size_of::<(Input, Operand)>()
            + self.outputs.len() * size_of::<Operand>()
    }

    fn frame(&self) -> usize {
        self.columns * COLUMN + self.shared.len() * 8
    }
}

/// A step with what it points to.
fn step(step: &Step) -> usize {
    const WORD: usize = 4;
    let all = |steps: &[Step]| steps.iter().map(self::step).sum::<usize>();
    let within = match step {
        Step::Run(_) => 0,
        Step::Equilibrium(e) => all(&e.body) + (e.play.len() + e.start.len()) * WORD * 2 + 200,
        Step::Branches(b) => {
            let mixes = b.mixes.iter().flatten().map(Vec::len).sum::<usize>();
            b.bodies.iter().map(|body| all(body)).sum::<usize>() + mixes * WORD * 6 + 400
        }
        Step::Call(call) => call.given.len() * WORD + 80,
        Step::Choose(choose) => choose.mix.len() * WORD * 2 + 100,
    };
    size_of::<Step>() + within
}

impl Plan {
    fn tapes(&self) -> impl Iterator<Item = &Tape> {
        [&self.begin, &self.round.tape, &self.steady].into_iter().chain(&self.procedures)
    }

    /// What the plan takes.
    pub fn bytes(&self) -> usize {
        let open = self.open.as_ref().map_or(0, |open| open.0.bytes());
        self.tapes().map(Tape::bytes).sum::<usize>() + open
    }

    /// What a thread takes to carry it out: a frame for each tape. Procedures that call each other
    /// are given one more.
    pub fn frames(&self) -> usize {
        2 * self.tapes().map(Tape::frame).sum::<usize>() + self.cells * COLUMN
    }
}
