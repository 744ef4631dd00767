//! Runs on all cores, folded in order.

use std::num::NonZero;

use rayon::prelude::*;

use super::{BLOCK, Error, RunSpec, Watch};
use crate::engine::{self, Vectors};
use crate::plan::Plan;
use crate::record::{Block, Layout};
use crate::reference::{self, Game};

/// Deep formulas and deep foresight are recursive.
pub(super) const STACK: usize = 64 << 20;
/// Runs are played in parts of blocks, so that at the end of a window no thread waits for long.
const PART: usize = 64;
/// Blocks (of one arm) a thread gets per window.
const BLOCKS_PER_THREAD: usize = 2;
/// A window's blocks are kept below this size where a single block of all arms allows it.
const WINDOW_BYTES: usize = 64 << 20;

/// Plays all runs of all arms and shows them to `fold` in run order: `blocks[b][arm]`, all arms of
/// a `b` holding the same runs. Returns whether it was stopped before the end.
///
/// Runs are played in windows of a multiple of [`BLOCK`]: while one is played, the one before is
/// folded, so at most two windows are in memory; of so many arms that two would be large, one. What
/// runs leave behind is what `layout` asks for: that of [`RunSpec::layout`], or its
/// [`Layout::outcomes_only`].
///
/// # Errors
/// Those of `fold`; [`Error::Threads`] if threads cannot be started.
pub fn play(
    spec: &RunSpec,
    layout: &Layout,
    watch: &dyn Watch,
    fold: impl FnMut(&[Vec<Block>]) -> Result<(), Error> + Send,
) -> Result<bool, Error> {
    play_from(spec, layout, 0, watch, fold)
}

/// [`play`] without the runs before `first`, which is a multiple of [`BLOCK`]: more runs of what
/// was played before.
///
/// # Errors
/// Those of [`play`].
pub fn play_from(
    spec: &RunSpec,
    layout: &Layout,
    first: u64,
    watch: &dyn Watch,
    fold: impl FnMut(&[Vec<Block>]) -> Result<(), Error> + Send,
) -> Result<bool, Error> {
    let threads = spec.threads.filter(|n| *n > 0).unwrap_or_else(cores);
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .stack_size(STACK)
        .build()
        .map_err(|error| Error::Threads(error.to_string()))?;
    pool.install(|| windows(spec, layout, first, threads, watch, fold))
}

pub(super) fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, NonZero::get)
}

fn windows(
    spec: &RunSpec,
    layout: &Layout,
    first: u64,
    threads: usize,
    watch: &dyn Watch,
    mut fold: impl FnMut(&[Vec<Block>]) -> Result<(), Error> + Send,
) -> Result<bool, Error> {
    let games = spec.games();
    let length = window(layout, games.len(), threads);
    let large = block_bytes(layout, games.len()) > WINDOW_BYTES;
    let plans = match spec.plain {
        true => Vec::new(),
        false => games.par_iter().map(|game| Plan::new(game.model, game.arm)).collect(),
    };
    let vectors = Vectors::best();
    let player = Player { games: &games, plans, vectors, layout, runs: spec.runs, watch };
    let mut next: u64 = first / PART as u64;
    let mut finished = Window::default();
    loop {
        let from = next;
        next = player.parts().min(from.saturating_add(length));
        if finished.stopped || from == next {
            fold(&finished.blocks)?;
            return Ok(finished.stopped);
        }
        if large {
            // given back before the next window fills
            let folded = std::mem::take(&mut finished);
            fold(&folded.blocks)?;
            drop(folded);
            finished = player.window(from, next);
            continue;
        }
        let (folded, played) = rayon::join(|| fold(&finished.blocks), || player.window(from, next));
        folded?;
        finished = played;
    }
}

/// How many parts (of all arms) make a window.
fn window(layout: &Layout, arms: usize, threads: usize) -> u64 {
    let bytes = block_bytes(layout, arms);
    let wanted = threads.saturating_mul(BLOCKS_PER_THREAD).div_ceil(arms.max(1));
    (wanted.min(WINDOW_BYTES / bytes).max(1) * (BLOCK / PART)) as u64
}

/// How many bytes a block of all arms takes, at least 1.
fn block_bytes(layout: &Layout, arms: usize) -> usize {
    let per_run = layout.rounds * (layout.variables.len() * 8 + layout.seats * 2);
    per_run.saturating_mul(BLOCK).saturating_mul(arms).max(1)
}

/// Consecutive parts, each of all arms.
#[derive(Default)]
struct Window {
    blocks: Vec<Vec<Block>>,
    /// Whether the rest was given up.
    stopped: bool,
}

struct Player<'a> {
    games: &'a [Game<'a>],
    /// The plans of the games; none where the plain interpreter plays.
    plans: Vec<Plan>,
    vectors: Vectors,
    layout: &'a Layout,
    runs: u64,
    watch: &'a dyn Watch,
}

impl Player<'_> {
    /// How many parts there are.
    fn parts(&self) -> u64 {
        self.runs.div_ceil(PART as u64)
    }

    /// Plays the parts from number `from` up to, not including, `to`. When told to stop, those that
    /// are complete up to there are kept.
    fn window(&self, from: u64, to: u64) -> Window {
        let arms = self.games.len();
        let items = usize::try_from(to - from).unwrap_or(0) * arms;
        let played: Vec<Option<Block>> = (0..items)
            .into_par_iter()
            .with_max_len(1)
            .map(|item| self.part(from + (item / arms) as u64, item % arms))
            .collect();
        let mut window = Window::default();
        let mut played = played.into_iter();
        loop {
            let all: Option<Vec<Block>> = match played.next() {
                None => return window,
                Some(first) => {
                    std::iter::once(first).chain(played.by_ref().take(arms - 1)).collect()
                }
            };
            match all {
                Some(blocks) => window.blocks.push(blocks),
                None => {
                    window.stopped = true;
                    return window;
                }
            }
        }
    }

    fn part(&self, number: u64, arm: usize) -> Option<Block> {
        if self.watch.stop() {
            return None;
        }
        let first = number * PART as u64;
        let runs = (self.runs - first).min(PART as u64);
        let (game, count) = (&self.games[arm], runs as usize);
        let block = match self.plans.get(arm) {
            None => reference::play(game, self.layout, first, count),
            Some(plan) => {
                let block = engine::play(plan, self.vectors, game.seed, self.layout, first, count);
                explained(game, self.layout, block)
            }
        };
        self.watch.advanced(runs);
        Some(block)
    }
}

/// The engine says which runs failed and when; the interpreter, on the same run, says why.
pub(super) fn explained(game: &Game, layout: &Layout, mut block: Block) -> Block {
    for failure in &mut block.failures {
        let again = reference::play(game, layout, failure.run, 1);
        if let Some(told) = again.failures.into_iter().next() {
            *failure = told;
        }
    }
    block
}
