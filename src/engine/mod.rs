//! Plans played in blocks of runs: [`WIDTH`] runs side by side, one column for each number.
//!
//! [`play`] carries out the tapes of a [`Plan`] round after round and leaves a [`Block`], the same
//! that the plain interpreter would leave, to the last bit. Runs that differ take the same steps:
//! what one of them does not need is worked out and not used. The engine reads no file, clock or
//! environment.

mod batch_runner;
mod chain;
mod lanes;
mod machine;

pub use lanes::{Vectors, WIDTH};

use crate::plan::{Plan, Point};
use crate::record::{Block, Layout};
use crate::rng::Seed;
pub use batch_runner::Particles;
use batch_runner::{BatchRunner, Lane};

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
    let played = play_until(plan, vectors, seed, layout, (first, runs), &|| false);
    // nobody stops it
    played.unwrap_or_else(|| Block::new(layout, first, runs))
}

/// [`play`] unless `stop`, which is asked many times a second, says so before the end; the runs are
/// the number of the first and how many.
pub fn play_until(
    plan: &Plan,
    vectors: Vectors,
    seed: Seed,
    layout: &Layout,
    (first, runs): (u64, usize),
    stop: &dyn Fn() -> bool,
) -> Option<Block> {
    let mut blocks = [Block::new(layout, first, runs)];
    let mut chunk = BatchRunner::new(plan, vectors, seed, stop);
    let lane = |column: usize| Lane { block: 0, column, run: first + column as u64, point: 0 };
    for from in (0..runs).step_by(WIDTH) {
        let lanes: Vec<Lane> = (from..runs.min(from + WIDTH)).map(lane).collect();
        if !chunk.play(layout, &mut blocks, &lanes, &[]) {
            return None;
        }
    }
    let [block] = blocks;
    Some(block)
}

/// Consecutive runs of one point, for [`play_points`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Job {
    /// The point, by its number in the list of points.
    pub point: usize,
    /// The number of the first run.
    pub first: u64,
    /// How many runs.
    pub runs: usize,
}

/// Plays runs of several points of a plan made with [`Plan::varying`], side by side: [`WIDTH`] runs
/// at a time whatever their points, so that points of few runs cost what runs of one point cost.
///
/// Returns a block for each job, in order: the same bits as [`play`] with a plan of the point's arm
/// alone. Random numbers depend on seed and run, so equal runs of different points share theirs.
/// Failures as in [`play`]. Runs of a point that is not in the list are not played.
pub fn play_points(
    plan: &Plan,
    vectors: Vectors,
    seed: Seed,
    layout: &Layout,
    points: &[Point],
    jobs: &[Job],
) -> Vec<Block> {
    // nobody stops it
    play_points_until(plan, vectors, seed, layout, (points, jobs), &|| false).unwrap_or_default()
}

/// [`play_points`] unless `stop`, which is asked many times a second, says so before the end.
pub fn play_points_until(
    plan: &Plan,
    vectors: Vectors,
    seed: Seed,
    layout: &Layout,
    (points, jobs): (&[Point], &[Job]),
    stop: &dyn Fn() -> bool,
) -> Option<Vec<Block>> {
    let mut blocks: Vec<Block> =
        jobs.iter().map(|job| Block::new(layout, job.first, job.runs)).collect();
    let mut chunk = BatchRunner::new(plan, vectors, seed, stop);
    let mut lanes: Vec<Lane> = Vec::with_capacity(WIDTH);
    let known = |job: &Job| job.point < points.len();
    for (block, job) in jobs.iter().enumerate().filter(|(_, job)| known(job)) {
        for column in 0..job.runs {
            let run = job.first + column as u64;
            lanes.push(Lane { block, column, run, point: job.point });
            if lanes.len() == WIDTH {
                if !chunk.play(layout, &mut blocks, &lanes, points) {
                    return None;
                }
                lanes.clear();
            }
        }
    }
    chunk.play(layout, &mut blocks, &lanes, points).then_some(blocks)
}

/// Carries out multiplications and additions on a few columns, `count` operations on [`WIDTH`]
/// numbers each, and returns how many were carried out: what the machine can do at best, for
/// benchmarks.
pub fn exercise(vectors: Vectors, count: usize) -> usize {
    lanes::exercise(vectors, count)
}
