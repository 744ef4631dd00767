//! What can reach an outcome: whether anything random does, and by which operations it comes about.

use std::collections::BTreeMap;

use super::RoundTape;
use super::cone::{Ground, Mark, Name, Text, identity, marks};
use super::context::PlanIndex;
use super::graph::{Graph, Id};
use super::input::Input;
use super::open_inputs::Point;
use super::procedures::Procedures;
use super::tape::Tape;
use super::whole::{Class, classes};
use crate::model::{Arm, Carried, CellId, IndexVec, Markov, Measure};

/// What can reach an outcome of an arm, known before anything is played. Both say something of runs
/// that have a value: a run may fail, or the outcome be empty, in one arm and not in the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reach {
    /// Whether anything random can change its value: a choice drawn from a mix, an event or a draw
    /// of a formula, types or levels that nature draws; directly, through what is carried from
    /// round to round, or through the length of the run. Where it is false, every run that has a
    /// value has the same, whatever the seed. True when in doubt.
    pub drawn: bool,
    /// A hash of all that the outcome comes from: its measure, the operations on numbers and draws
    /// (by address) that lead to it through all rounds, initial values, types, and the length of
    /// the run. Two arms of one model whose signatures of an outcome are equal give it the same
    /// bits in every run with shared random numbers, so that their paired difference is exactly 0.
    /// Signatures that differ say nothing.
    pub signature: [u8; 32],
}

/// What is known of an outcome while numbers are open.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reached {
    /// Whether a draw other than of types that may be open is read.
    drawn: bool,
    /// See [`Slots`].
    open: u64,
    signature: [u8; 32],
}

/// What a plan for several arms may leave open, as bits: its numbers by slot, then by private
/// id how likely types are and what is believed at first. The last bit stands for
/// all that have no bit of their own.
#[derive(Debug, Clone, Copy)]
pub(super) struct Slots {
    numbers: usize,
}

impl Slots {
    fn bit(at: usize) -> u64 {
        1 << at.min(63)
    }

    fn chances(self, private_id: usize) -> usize {
        self.numbers + 2 * private_id
    }

    fn priors(self, private_id: usize) -> usize {
        self.numbers + 2 * private_id + 1
    }
}

impl Reached {
    /// At a point of a plan that leaves numbers open.
    pub fn at(&self, numbers: usize, point: &Point) -> Reach {
        let slots = Slots { numbers };
        let reads = |at: usize| self.open & Slots::bit(at) != 0;
        let mut drawn = self.drawn;
        let mut text = Text::new(b'@');
        for name in self.signature.chunks_exact(8) {
            text.word(name.iter().fold(0, |word, byte| word << 8 | u64::from(*byte)));
        }
        for (at, value) in point.numbers.iter().enumerate().filter(|(at, _)| reads(*at)) {
            text.word(at as u64).word(value.to_bits());
        }
        for (private_id, chances) in point.chances.iter().enumerate() {
            if reads(slots.chances(private_id)) {
                drawn |= !certain(chances);
                text.word(private_id as u64);
                chances.iter().for_each(|p| _ = text.word(p.to_bits()));
            }
        }
        for (private_id, rows) in point.priors.iter().enumerate() {
            if reads(slots.priors(private_id)) {
                text.word(private_id as u64);
                rows.iter().flatten().for_each(|p| _ = text.word(p.to_bits()));
            }
        }
        let signature = if self.open == 0 { self.signature } else { text.hash() };
        Reach { drawn, signature }
    }
}

/// Whether one of several is drawn for sure.
fn certain(chances: &[f64]) -> bool {
    chances.iter().all(|p| *p == 0.0 || *p == 1.0)
}

/// What is known of an input of an arm by itself; of one that is carried from round to round, but
/// for state cells, before the first.
fn base(index: &PlanIndex, input: Input) -> Mark {
    let (arm, several) = (index.arm, index.open_inputs.several);
    let slots = Slots { numbers: index.open_inputs.count() };
    let name = identity(input, index.open_inputs);
    let with = |numbers: &[f64]| {
        let mut text = Text::new(b'v');
        text.name(&name);
        numbers.iter().for_each(|x| _ = text.word(x.to_bits()));
        text.finish()
    };
    let still = Mark { name, drawn: false, open: 0 };
    match input {
        Input::Parameter(slot) => Mark { open: Slots::bit(slot as usize), ..still },
        Input::Belief(private_id, observer, number) => {
            let at = private_id as usize;
            if several {
                return Mark { open: Slots::bit(slots.priors(at)), ..still };
            }
            let prior = arm.priors[at][observer][number as usize];
            Mark { name: with(&[prior]), ..still }
        }
        Input::Truth(private_id, number) => {
            let (at, number) = (private_id as usize, number as usize);
            let sure = |real: usize| with(&[f64::from(u8::from(real == number))]);
            let chances = &arm.chances[at];
            match arm.true_types[at] {
                Some(real) => Mark { name: sure(real), ..still },
                None if several => Mark { open: Slots::bit(slots.chances(at)), ..still },
                None if certain(chances) => {
                    let real = chances.iter().position(|p| *p == 1.0).unwrap_or(0);
                    Mark { name: sure(real), ..still }
                }
                None => Mark { name: with(chances), drawn: true, open: 0 },
            }
        }
        Input::Level(actor, _) => {
            let levels = index.levels(actor);
            Mark { name: with(&levels), drawn: !certain(&levels), open: 0 }
        }
        Input::Uniform(_) => Mark { drawn: true, ..still },
        _ => still,
    }
}

/// The name of a procedure and of the order of what it is given, where somebody asks.
pub(super) fn procedure(
    graph: &Graph,
    values: &[Id],
    tape: &Tape,
    index: &PlanIndex,
    procedures: &Procedures,
) -> Name {
    let open_inputs = index.open_inputs;
    if !open_inputs.reach {
        return Name::default();
    }
    // what it is given is known where it is called
    let base = |input| Mark { name: identity(input, open_inputs), drawn: false, open: 0 };
    let (next, classes) = (BTreeMap::new(), Vec::new());
    let ground = Ground { open_inputs, procedures, base: &base, next, classes };
    let mut text = Text::new(b'f');
    let marks = marks(graph, &ground, values);
    values.iter().for_each(|id| _ = text.name(&marks[*id as usize].name));
    tape.inputs.iter().for_each(|(input, _)| _ = text.name(&identity(*input, open_inputs)));
    text.finish()
}

/// What tells states of a game without a last round apart, in order.
pub(super) fn state_inputs(carried: &Carried) -> Vec<Input> {
    let cells = carried.cells.iter().map(|cell| Input::Cell(*cell));
    let played = carried.played.iter().map(|option| Input::Played(*option));
    let happened = carried.happened.iter().map(|hazard| Input::Happened(*hazard));
    let spent = carried.spent.iter().map(|hazard| Input::Spent(*hazard));
    cells.chain(played).chain(happened).chain(spent).collect()
}

/// The name of what was found in a game without a last round.
pub(super) fn table(found: &Markov, index: &PlanIndex) -> Name {
    let mut text = Text::new(b'k');
    for (key, state) in &found.states {
        key.iter().for_each(|word| _ = text.word(*word));
        let row = found.mixes[*state].iter().chain(&found.values[*state]);
        row.for_each(|x| _ = text.word(x.to_bits()));
    }
    let inputs = state_inputs(&found.carried);
    inputs.into_iter().for_each(|input| _ = text.name(&identity(input, index.open_inputs)));
    text.finish()
}

/// What is known of a state cell before the first round.
#[derive(Debug, Clone, Copy)]
pub(super) struct Beginning {
    mark: Mark,
    class: Class,
}

/// By state cell, what is known before the first round.
pub(super) type Beginnings = IndexVec<CellId, Beginning>;

/// By state cell, what its initial value comes from; empty where nobody asks.
pub(super) fn beginnings(
    graph: &Graph,
    cells: &IndexVec<CellId, Id>,
    index: &PlanIndex,
) -> Beginnings {
    if !index.open_inputs.reach {
        return IndexVec::new();
    }
    let classes = classes(graph, &IndexVec::new(), &[]);
    let base = |input| base(index, input);
    let (open_inputs, procedures) = (index.open_inputs, &Procedures::default());
    let next = BTreeMap::new();
    let ground = Ground { open_inputs, procedures, base: &base, next, classes };
    let marks = marks(graph, &ground, cells);
    let each = cells.iter().map(|id| *id as usize);
    each.map(|id| Beginning { mark: marks[id], class: ground.classes[id] }).collect()
}

/// By outcome, what can reach it in the graph of a round with its outputs; empty where nobody asks.
pub(super) fn outcomes(
    (graph, outputs): (&Graph, &[Id]),
    round: &RoundTape,
    beginnings: &Beginnings,
    index: &PlanIndex,
    procedures: &Procedures,
) -> Vec<Reached> {
    if !index.open_inputs.reach {
        return Vec::new();
    }
    let goes_on = outputs[round.goes_on];
    let next: Vec<(Input, Id)> =
        round.next.iter().map(|(input, output)| (*input, outputs[*output])).collect();
    let starts: IndexVec<CellId, Class> = beginnings.iter().map(|start| start.class).collect();
    let classes = classes(graph, &starts, &next);
    let base = |input| match input {
        Input::Cell(cell) => beginnings[cell].mark,
        other => base(index, other),
    };
    let next = next.into_iter().collect();
    let ground = Ground { open_inputs: index.open_inputs, procedures, base: &base, next, classes };
    let values = &outputs[round.measured.clone()];
    let roots: Vec<Id> = values.iter().copied().chain([goes_on]).collect();
    let marks = marks(graph, &ground, &roots);
    let length = marks[goes_on as usize];
    let each = index.model.outcomes.iter().zip(values);
    each.map(|(outcome, value)| {
        let known = graph.number(*value);
        let free = known.is_some_and(|x| without_length(outcome.measure, x, index.arm));
        let length = if free { Mark::default() } else { length };
        let mark = marks[*value as usize];
        let mut text = Text::new(b'm');
        text.word(outcome.measure as u64).name(&mark.name).name(&length.name);
        Reached {
            drawn: mark.drawn | length.drawn,
            open: mark.open | length.open,
            signature: text.hash(),
        }
    })
    .collect()
}

/// Whether a number that is the same in all rounds measures the same however many there are, to
/// the last bit.
fn without_length(measure: Measure, value: f64, arm: &Arm) -> bool {
    // whole numbers as long as their sums are exact
    let exact = value.fract() == 0.0 && value.abs() * f64::from(arm.rounds) < 9e15;
    match measure {
        Measure::Mean => exact,
        Measure::Total => value == 0.0,
        Measure::Final | Measure::Max | Measure::Min | Measure::First | Measure::Ever => true,
    }
}
