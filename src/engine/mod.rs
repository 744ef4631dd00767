//! Plans played in blocks of runs: [`WIDTH`] runs side by side, one column for each number.
//!
//! [`play`] carries out the tapes of a [`Plan`] round after round and leaves a [`Block`], the same
//! that the plain interpreter would leave, to the last bit. Runs that differ take the same steps:
//! what one of them does not need is worked out and not used. The engine reads no file, clock or
//! environment.

mod chain;
mod chunk;
mod lanes;
mod machine;

pub use lanes::{Vectors, WIDTH};

use crate::plan::Plan;
use crate::record::{Block, Layout};
use crate::rng::Seed;
use chunk::Chunk;

/// Plays `runs` consecutive runs from number `first` on.
///
/// A run that fails is recorded with the round in which it did; its other fields are left empty,
/// because what is not finite, and why, is told by the plain interpreter on the same run.
pub fn play(
    plan: &Plan,
    vectors: Vectors,
    seed: Seed,
    layout: &Layout,
    first: u64,
    runs: usize,
) -> Block {
    let mut block = Block::new(layout, first, runs);
    let mut chunk = Chunk::new(plan, vectors, seed);
    for from in (0..runs).step_by(WIDTH) {
        chunk.play(layout, &mut block, from);
    }
    block
}

/// Carries out multiplications and additions on a few columns, `count` operations on [`WIDTH`]
/// numbers each, and returns how many were carried out: what the machine can do at best, for
/// benchmarks.
pub fn exercise(vectors: Vectors, count: usize) -> usize {
    lanes::exercise(vectors, count)
}
