//! A plan in words: how many operations it has, and which.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::{Instruction, Link, Operand, Plan, Step, Tape};

/// How many operations a part of a plan has, each carried out on one number a run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListedTape {
    /// The part, in words.
    pub name: String,
    /// Columns of its frame; parts of one tape share them.
    pub columns: usize,
    /// Operations by name, those in loops counted once.
    pub operations: BTreeMap<String, usize>,
    /// Operations on numbers that are the same for all runs.
    pub shared: usize,
    /// Loops and calls of procedures.
    pub loops: usize,
}

impl ListedTape {
    /// All operations on columns.
    pub fn total(&self) -> usize {
        self.operations.values().sum()
    }
}

impl Plan {
    /// The parts of the plan with their sizes: initial values, deliberation, the rest of a round,
    /// procedures.
    pub fn phases(&self) -> Vec<ListedTape> {
        let mut phases = vec![phase("initial values", &self.begin, &self.begin.steps)];
        let steps = &self.round.tape.steps;
        let chosen = |step: &Step| matches!(step, Step::Choose(_));
        let (thought, rest) = steps.split_at(steps.iter().position(chosen).unwrap_or(0));
        phases.push(phase("deliberation (steps 1 and 2)", &self.round.tape, thought));
        let mut acting = phase("choice to payoffs (steps 3 to 8)", &self.round.tape, rest);
        acting.shared = 0;
        phases.push(acting);
        for (number, tape) in self.procedures.iter().enumerate() {
            phases.push(phase(&format!("procedure {number}"), tape, &tape.steps));
        }
        phases
    }

    /// Every operation in order. `located` gives the words for an offset in the file, in bytes.
    pub fn listing(&self, located: &dyn Fn(usize) -> String) -> String {
        let mut text = String::new();
        let procedures = self.procedures.iter().enumerate();
        let named = procedures.map(|(number, tape)| (format!("procedure {number}"), tape));
        let fixed = [("initial values", &self.begin), ("round", &self.round.tape)];
        let all = fixed.map(|(name, tape)| (name.to_string(), tape)).into_iter().chain(named);
        for (name, tape) in all {
            let _ = writeln!(text, "{name}: {} columns", tape.columns);
            for (input, operand) in &tape.inputs {
                let _ = writeln!(text, "  {} <- {input:?}", word(tape, *operand));
            }
            write_steps(&mut text, tape, &tape.steps, 1, located);
        }
        text
    }
}

fn phase(name: &str, tape: &Tape, steps: &[Step]) -> ListedTape {
    let shared = tape.prologue.len();
    let mut phase = ListedTape {
        name: name.to_string(),
        columns: tape.columns,
        shared,
        ..ListedTape::default()
    };
    count(tape, steps, &mut phase);
    phase
}

fn count(tape: &Tape, steps: &[Step], phase: &mut ListedTape) {
    for step in steps {
        match step {
            Step::Run(range) => {
                for instruction in &tape.instructions[range.clone()] {
                    let times = instruction.terms.1.max(1) as usize;
                    *phase.operations.entry(name(instruction)).or_default() += times;
                }
            }
            Step::Choose(_) => phase.loops += 1,
            Step::Call(_) => phase.loops += 1,
            Step::Equilibrium(step) => {
                phase.loops += 1;
                count(tape, &step.body, phase);
            }
            Step::Branches(step) => {
                phase.loops += 1;
                step.bodies.iter().for_each(|body| count(tape, body, phase));
            }
        }
    }
}

fn name(instruction: &Instruction) -> String {
    match instruction.terms.1 {
        0 => format!("{:?}", instruction.operation),
        _ => "Chain".to_string(),
    }
}

fn word(tape: &Tape, operand: Operand) -> String {
    match operand.is_shared() {
        false => format!("c{}", operand.at()),
        true => match tape.shared.get(operand.at()) {
            Some(value) if *value != 0.0 => format!("{value}"),
            _ => format!("s{}", operand.at()),
        },
    }
}

fn write_steps(
    text: &mut String,
    tape: &Tape,
    steps: &[Step],
    depth: usize,
    located: &dyn Fn(usize) -> String,
) {
    let space = "  ".repeat(depth);
    let words = |list: &[Operand]| -> String {
        list.iter().map(|o| word(tape, *o)).collect::<Vec<_>>().join(" ")
    };
    let column = |into: &Option<u32>| into.map_or("_".to_string(), |c| format!("c{c}"));
    for step in steps {
        let _ = match step {
            Step::Run(range) => {
                for at in range.clone() {
                    let instruction = &tape.instructions[at];
                    let given = match instruction.terms {
                        (_, 0) => words(&instruction.from[..instruction.operation.arity()]),
                        terms => chain(tape, instruction, terms),
                    };
                    let (into, kind) = (instruction.into, name(instruction));
                    let where_ = located(tape.offsets[at] as usize);
                    let _ = writeln!(text, "{space}c{into} = {kind} {given}  # {where_}");
                }
                Ok(())
            }
            Step::Choose(step) => {
                let (seat, mix) = (step.seat.index(), words(&step.mix));
                writeln!(text, "{space}c{} = choose seat {seat}: {mix}", step.picked)
            }
            Step::Call(call) => {
                let columns: Vec<String> = call.into.iter().map(column).collect();
                let (into, number) = (columns.join(" "), call.procedure);
                writeln!(text, "{space}{into} = procedure {number}: {}", words(&call.given))
            }
            Step::Equilibrium(step) => {
                let _ = writeln!(text, "{space}until {} replies agree:", step.play.len());
                write_steps(text, tape, &step.body, depth + 1, located);
                Ok(())
            }
            Step::Branches(step) => {
                let _ = writeln!(text, "{space}c{} = for every type and option:", step.sum);
                write_steps(text, tape, &step.bodies[0], depth + 1, located);
                let _ = writeln!(text, "{space}  and every outcome of events:");
                write_steps(text, tape, &step.bodies[1], depth + 2, located);
                Ok(())
            }
        };
    }
}

/// The start of a chain and what is done to it, step by step.
fn chain(tape: &Tape, instruction: &Instruction, (first, count): (u32, u32)) -> String {
    let mut text = word(tape, instruction.from[0]);
    for term in &tape.terms[first as usize..(first + count) as usize] {
        let [x, y] = term.factors;
        let (a, b) = (word(tape, x), word(tape, y));
        let _ = match term.link {
            Link::Add => write!(text, " + {a}"),
            Link::Subtract => write!(text, " - {a}"),
            Link::From => write!(text, ", from {a}"),
            Link::Multiply => write!(text, ", times {a}"),
            Link::Divide => write!(text, ", by {a}"),
            Link::Maximum => write!(text, ", at least {a}"),
            Link::Clamp => write!(text, ", within {a} {b}"),
            Link::AddProduct => write!(text, " + {a} {b}"),
            Link::SubtractProduct => write!(text, " - {a} {b}"),
            Link::AddWeighed => write!(text, " + weigh({a}, {b})"),
            Link::SubtractWeighed => write!(text, " - weigh({a}, {b})"),
            Link::Lookup => write!(text, " + table {} of seat {}", y.at(), x.at()),
        };
    }
    text
}
