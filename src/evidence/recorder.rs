//! Particles as blocks of runs, for whoever summarises.

use super::population::Population;
use crate::experiment::PART;
use crate::ids::ids;
use crate::math;
use crate::model::{Model, OptionId};
use crate::record::{Block, Failure, Layout, Quantity};

/// What particles leave behind, as if they were runs.
pub(super) struct Recorder<'a> {
    model: &'a Model,
    layout: &'a Layout,
    /// Parts of [`PART`] runs each.
    pub blocks: Vec<Block>,
    count: usize,
}

impl<'a> Recorder<'a> {
    /// Room for so many particles.
    pub fn new(model: &'a Model, layout: &'a Layout, count: usize) -> Recorder<'a> {
        let part = |first: usize| Block::new(layout, first as u64, PART.min(count - first));
        let blocks = (0..count).step_by(PART).map(part).collect();
        Recorder { model, layout, blocks, count }
    }

    /// Records a round, from 1: run n shows particle `from[n]`, if it has played the round to its
    /// end.
    pub fn round(&mut self, round: u32, population: &dyn Population, from: &[usize]) {
        let layout = self.layout;
        let rounds = population.rounds();
        let shown: Vec<Option<usize>> =
            from.iter().map(|n| Some(*n).filter(|n| rounds[*n] == round)).collect();
        let at = round as usize - 1;
        for variable in 0..layout.variables.len() {
            let values = population.read(Quantity::Variable(variable));
            for (block, shown) in self.blocks.iter_mut().zip(shown.chunks(PART)) {
                let first = (at * layout.variables.len() + variable) * block.runs;
                let out = block.variables[first..].iter_mut().zip(shown);
                out.for_each(|(out, n)| *out = n.map_or(*out, |n| values[n]));
            }
        }
        for (seat, of) in self.model.seats.enumerate().take(layout.seats) {
            let values = population.read(Quantity::Choice(seat));
            for (block, shown) in self.blocks.iter_mut().zip(shown.chunks(PART)) {
                let first = (at * layout.seats + seat.index()) * block.runs;
                let number = |n: usize| (of.first.index() as f64 + values[n]) as u16;
                let out = block.choices[first..].iter_mut().zip(shown);
                out.for_each(|(out, n)| *out = n.map_or(*out, number));
            }
        }
        for option in ids(OptionId::new(0)..OptionId::new(layout.options.len())) {
            let values = population.read(Quantity::Open(option));
            for (block, shown) in self.blocks.iter_mut().zip(shown.chunks(PART)) {
                let open = shown.iter().flatten().filter(|n| values[**n] > 0.0).count();
                block.available[at * layout.options.len() + option.index()] += open as u32;
            }
        }
        let clamped = population.read(Quantity::Clamped);
        let residual = population.read(Quantity::Residual);
        for (block, shown) in self.blocks.iter_mut().zip(shown.chunks(PART)) {
            for n in shown.iter().flatten() {
                block.clamped += clamped[*n] as u64;
                if residual[*n] != 0.0 {
                    block.unconverged += 1;
                    block.residual = math::maximum(block.residual, residual[*n]);
                }
            }
        }
    }

    /// Records what is known at the end.
    pub fn conclude(&mut self, population: &dyn Population) {
        let layout = self.layout;
        let (rounds, failed) = (population.rounds(), population.failed());
        let outcomes: Vec<Vec<f64>> =
            (0..layout.outcomes.len()).map(|outcome| population.outcome(outcome)).collect();
        let types: Vec<Vec<u16>> =
            (0..layout.types.len()).map(|private| population.types(private)).collect();
        let levels: Vec<Vec<u16>> =
            layout.levels.iter().map(|(actor, _)| population.levels(*actor)).collect();
        for n in 0..self.count {
            let (block, column) = (&mut self.blocks[n / PART], n % PART);
            block.played[column] = rounds[n];
            for (number, of) in types.iter().enumerate() {
                block.types[number * block.runs + column] = of[n];
            }
            for (number, of) in levels.iter().enumerate() {
                block.levels[number * block.runs + column] = of[n];
            }
            if let Some(round) = failed[n] {
                let reason = "a value is not a number".to_string();
                block.failures.push(Failure { round, reason, ..Failure::unsaid(n as u64) });
                continue;
            }
            for (number, of) in outcomes.iter().enumerate() {
                block.outcomes[number * block.runs + column] = of[n];
            }
        }
    }
}
