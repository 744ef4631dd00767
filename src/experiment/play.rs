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

/// What is made of runs as they come in, in run order.
pub trait Fold: Send {
    /// What an arm recorded round by round, in the next blocks.
    fn rounds(&mut self, arm: usize, blocks: &[&Block]);

    /// The next blocks of all arms, after each of them was shown to [`Fold::rounds`] and may have
    /// forgotten its rounds: `blocks[b][arm]`, all arms of a `b` holding the same runs.
    ///
    /// # Errors
    /// Whatever ends playing, such as a file that cannot be written.
    fn runs(&mut self, blocks: &[Vec<Block>]) -> Result<(), Error>;
}

/// Whoever needs outcomes only.
impl<F: FnMut(&[Vec<Block>]) -> Result<(), Error> + Send> Fold for F {
    fn rounds(&mut self, _: usize, _: &[&Block]) {}

    fn runs(&mut self, blocks: &[Vec<Block>]) -> Result<(), Error> {
        self(blocks)
    }
}

/// Plays all runs of all arms and shows them to `fold`. Returns whether it was stopped before the
/// end.
///
/// Runs are played in windows of a multiple of [`BLOCK`]: while one is played, the one before is
/// folded, so at most two windows are in memory. Of so many arms that this would be much, one arm
/// of a window at a time. What runs leave behind is what `layout` asks for: that of
/// [`RunSpec::layout`], or its [`Layout::outcomes_only`].
///
/// # Errors
/// Those of `fold`; [`Error::Threads`] if threads cannot be started.
pub fn play(
    spec: &RunSpec,
    layout: &Layout,
    watch: &dyn Watch,
    fold: impl Fold,
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
    fold: impl Fold,
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
    mut fold: impl Fold,
) -> Result<bool, Error> {
    let games = spec.games();
    let large = block_bytes(layout, games.len()) > WINDOW_BYTES;
    // how many arms of a window are in memory at once
    let length = window(layout, if large { 1 } else { games.len() }, threads);
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
        if large {
            let stopped = watch.stop();
            if stopped || from == next {
                return Ok(stopped);
            }
            let blocks = player.by_arm(from, next, &mut fold);
            fold.runs(&blocks)?;
            continue;
        }
        let mut all = || -> Result<(), Error> {
            for arm in 0..games.len() {
                let own: Vec<&Block> = finished.blocks.iter().map(|arms| &arms[arm]).collect();
                fold.rounds(arm, &own);
            }
            fold.runs(&finished.blocks)
        };
        if finished.stopped || from == next {
            all()?;
            return Ok(finished.stopped);
        }
        let (folded, played) = rayon::join(all, || player.window(from, next));
        folded?;
        finished = played;
    }
}

/// How many parts (of so many arms) make a window.
fn window(layout: &Layout, arms: usize, threads: usize) -> u64 {
    let bytes = block_bytes(layout, arms);
    let wanted = threads.saturating_mul(BLOCKS_PER_THREAD).div_ceil(arms.max(1));
    (wanted.min(WINDOW_BYTES / bytes).max(1) * (BLOCK / PART)) as u64
}

/// How many bytes a block of so many arms takes, at least 1.
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

    /// Plays the parts from number `from` up to, not including, `to`, one arm after the other, and
    /// shows the rounds of each to `fold` before the next is played.
    fn by_arm(&self, from: u64, to: u64, fold: &mut impl Fold) -> Vec<Vec<Block>> {
        let parts = usize::try_from(to - from).unwrap_or(0);
        let mut all: Vec<Vec<Block>> = vec![Vec::new(); parts];
        for arm in 0..self.games.len() {
            let mut own: Vec<Block> = (0..parts)
                .into_par_iter()
                .with_max_len(1)
                .map(|part| self.whole_part(from + part as u64, arm))
                .collect();
            fold.rounds(arm, &own.iter().collect::<Vec<&Block>>());
            own.iter_mut().for_each(Block::forget_rounds);
            all.iter_mut().zip(own).for_each(|(arms, block)| arms.push(block));
        }
        all
    }

    fn part(&self, number: u64, arm: usize) -> Option<Block> {
        (!self.watch.stop()).then(|| self.whole_part(number, arm))
    }

    fn whole_part(&self, number: u64, arm: usize) -> Block {
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
        block
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
