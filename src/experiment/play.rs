//! Runs on all cores, folded in order.

use std::collections::VecDeque;
use std::num::NonZero;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Mutex, PoisonError};
use std::thread;

use rayon::{ScopeFifo, ThreadPool, ThreadPoolBuildError};

use super::memory::Need;
use super::need::{HELP, block, carried_out};
use super::plans::{Ready, plans};
use super::{BLOCK, Error, Progress, RunSpec};
use crate::engine::Vectors;
use crate::model::Simulation;
use crate::model::limits::{ROUNDS, RUNS};
use crate::plan::{Budget, PlanError, Reach};
use crate::record::{Block, Layout};
use crate::reference;

/// Deep formulas and deep foresight are recursive.
const STACK: usize = 64 << 20;
/// Runs are played in parts of blocks, so that no thread waits for long.
pub(crate) const PART: usize = 64;
/// What runs recorded round by round is kept below about this size while it waits to be folded,
/// unless threads could then not play.
const WAITING_BYTES: usize = 128 << 20;

/// What is made of runs as they come in, in run order.
pub trait BlockSink: Send {
    /// What the plans of all arms say of their outcomes, before anything is played: by arm, then
    /// outcome.
    fn planned(&mut self, _: &[Vec<Reach>]) {}

    /// What an arm recorded round by round, in the next blocks.
    ///
    /// # Errors
    /// Those of [`BlockSink::runs`].
    fn rounds(&mut self, arm: usize, blocks: &[&Block]) -> Result<(), Error>;

    /// The next blocks of all arms, after each of them was shown to [`BlockSink::rounds`] and may
    /// have forgotten its rounds: `blocks[b][arm]`, all arms of a `b` holding the same runs.
    ///
    /// # Errors
    /// Whatever ends playing, such as a file that cannot be written.
    fn runs(&mut self, blocks: &[Vec<Block>]) -> Result<(), Error>;
}

/// Whoever needs outcomes only.
impl<F: FnMut(&[Vec<Block>]) -> Result<(), Error> + Send> BlockSink for F {
    fn rounds(&mut self, _: usize, _: &[&Block]) -> Result<(), Error> {
        Ok(())
    }

    fn runs(&mut self, blocks: &[Vec<Block>]) -> Result<(), Error> {
        self(blocks)
    }
}

/// Plays all runs of all arms and shows them to `fold`. Returns whether it was stopped before the
/// end.
///
/// Threads play parts of [`BLOCK`]s of one arm after the other, and no more of them ahead of `fold`
/// than keep them busy, so that memory does not grow with the number of runs; what is complete is
/// folded in order, by the same threads. What runs leave behind is what `layout` asks for: that of
/// [`RunSpec::layout`], or its [`Layout::outcomes_only`].
///
/// # Errors
/// Those of `fold`; [`Error::NoArms`]; [`Error::Limit`]; [`Error::Plan`] if arms are too large to
/// be planned; [`Error::Threads`] if threads cannot be started; [`Error::Memory`] before anything
/// is played.
pub fn play(
    spec: &RunSpec,
    layout: &Layout,
    watch: &dyn Progress,
    fold: impl BlockSink,
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
    watch: &dyn Progress,
    fold: impl BlockSink,
) -> Result<bool, Error> {
    let need = spec.playing(layout);
    need.check(spec.budget.memory, HELP)?;
    play_within(spec, layout, first, &need, watch, fold)
}

/// [`play_from`] where all that is taken, plans aside, is known.
///
/// # Errors
/// Those of [`play`].
pub(super) fn play_within(
    spec: &RunSpec,
    layout: &Layout,
    first: u64,
    need: &Need,
    watch: &dyn Progress,
    mut fold: impl BlockSink,
) -> Result<bool, Error> {
    let pool = pool(spec.threads)?;
    let games = spec.games();
    if games.is_empty() {
        return Err(Error::NoArms);
    }
    RUNS.check(spec.runs).map_err(Error::Limit)?;
    for arm in &spec.arms {
        ROUNDS.check(u64::from(arm.rounds)).map_err(Error::Limit)?;
    }
    let memory = spec.budget.memory;
    let budget = Budget { bytes: need.left(memory), stop: &|| watch.stop() };
    let made = match watch.plans(spec.model) {
        Some(kept) => kept.of(&games, &pool, budget),
        None => plans(&games, &pool, budget),
    };
    let mut plans = match made {
        Ok(plans) => plans,
        Err(PlanError::Stopped) => return Ok(true),
        Err(error) => return Err(error.into()),
    };
    carried_out(need, &plans, pool.current_num_threads()).check(memory, HELP)?;
    fold.planned(&plans.iter().map(Ready::reach).collect::<Vec<_>>());
    if spec.plain {
        plans.clear();
    }
    let player = Player {
        games: &games,
        plans,
        vectors: Vectors::best(),
        layout,
        runs: spec.runs,
        watch,
        extent: Extent { end: AtomicU64::new(u64::MAX), folded: Mutex::new(0) },
    };
    let (done, arriving) = channel();
    pool.in_place_scope_fifo(|scope| {
        // whatever ends this, nobody waits for parts any more
        let _ended = Ended(&player.extent);
        let mut conductor = Conductor {
            pool: &pool,
            scope,
            player: &player,
            ahead: ahead(layout, pool.current_num_threads()),
            first,
            arm: 0,
            begun: 0,
            waiting: VecDeque::new(),
            done,
            arriving,
        };
        conductor.conduct(fold)
    })
}

/// Which runs are wanted.
struct Extent {
    /// From this run on nothing is wanted any more.
    end: AtomicU64,
    /// Up to this run the rounds of the first arm were folded: other arms have to follow.
    folded: Mutex<u64>,
}

impl Extent {
    fn end(&self) -> u64 {
        self.end.load(Ordering::Relaxed)
    }

    /// Gives up all runs from `first` on, unless other arms have to play them.
    fn give_up(&self, first: u64) {
        let folded = self.folded.lock().unwrap_or_else(PoisonError::into_inner);
        if first >= *folded {
            self.end.fetch_min(first, Ordering::Relaxed);
        }
    }

    /// The first arm is folded up to this run, or as far as nothing was given up; returns how far.
    fn fold(&self, to: u64) -> u64 {
        let mut folded = self.folded.lock().unwrap_or_else(PoisonError::into_inner);
        *folded = to.min(self.end());
        *folded
    }
}

/// Lets no run be played any more once it is dropped.
struct Ended<'a>(&'a Extent);

impl Drop for Ended<'_> {
    fn drop(&mut self) {
        self.0.end.store(0, Ordering::Relaxed);
    }
}

/// So many threads; all cores if not said.
///
/// # Errors
/// If threads cannot be started.
pub(crate) fn pool(threads: Option<usize>) -> Result<ThreadPool, ThreadPoolBuildError> {
    rayon::ThreadPoolBuilder::new().num_threads(self::threads(threads)).stack_size(STACK).build()
}

/// How many threads there will be.
pub(crate) fn threads(asked: Option<usize>) -> usize {
    let cores = || thread::available_parallelism().map_or(1, NonZero::get);
    asked.filter(|n| *n > 0).unwrap_or_else(cores)
}

/// How many blocks of one arm wait to be folded, those included that are being played: enough for
/// threads to go on while one is folded and written, and where blocks are large enough for all to
/// play; one where a single block is larger than all should be.
pub(super) fn ahead(layout: &Layout, threads: usize) -> usize {
    let block = usize::try_from(block(layout, BLOCK as u64)).unwrap_or(usize::MAX);
    let least = if block > WAITING_BYTES { 1 } else { threads.div_ceil(BLOCK / PART) + 1 };
    (threads + 2).min(WAITING_BYTES / block).max(least)
}

/// A block of one arm on its way.
struct Waiting {
    /// Its number among all that were begun.
    number: u64,
    arm: usize,
    /// Nothing where parts are not there yet or were given up.
    parts: Vec<Option<Block>>,
    missing: usize,
}

/// A part that was played or given up, or the panic that came instead.
struct Done {
    /// Of [`Waiting`].
    number: u64,
    part: usize,
    block: thread::Result<Option<Block>>,
}

/// Hands out parts of blocks and folds what comes back.
struct Conductor<'a, 'scope> {
    pool: &'a ThreadPool,
    scope: &'a ScopeFifo<'scope>,
    player: &'scope Player<'scope>,
    ahead: usize,
    /// The first run and the arm of the block that is begun next.
    first: u64,
    arm: usize,
    /// How many were begun.
    begun: u64,
    /// Those begun and not folded, in order.
    waiting: VecDeque<Waiting>,
    done: Sender<Done>,
    arriving: Receiver<Done>,
}

impl Conductor<'_, '_> {
    fn conduct(&mut self, mut fold: impl BlockSink) -> Result<bool, Error> {
        let arms = self.player.games.len();
        // by part, then arm: the blocks that are shown to `runs` together
        let mut together: Vec<Vec<Block>> = Vec::new();
        let mut stopped = false;
        loop {
            self.fill();
            let Some(Waiting { arm, parts, .. }) = self.next() else { return Ok(stopped) };
            if arm == 0 {
                together = parts.iter().map(|_| Vec::new()).collect();
            }
            // when told to stop, the parts that are complete up to there in all arms are kept
            let count = parts.len();
            let mut whole: Vec<Block> = parts.into_iter().map_while(|part| part).collect();
            if let Some(last) = whole.last().filter(|_| arm == 0 && self.player.follows()) {
                let end = self.player.extent.fold(last.first + last.runs as u64);
                whole.retain(|block| block.first < end);
            }
            stopped |= whole.len() < count;
            together.truncate(whole.len());
            if together.is_empty() {
                return Ok(stopped);
            }
            together.iter_mut().zip(whole).for_each(|(arms, block)| arms.push(block));
            let own: Vec<&Block> = together.iter().filter_map(|arms| arms.get(arm)).collect();
            self.pool.install(|| fold.rounds(arm, &own))?;
            together.iter_mut().filter_map(|arms| arms.get_mut(arm)).for_each(Block::forget_rounds);
            if arm + 1 == arms {
                self.fill();
                self.pool.install(|| fold.runs(&together))?;
                if stopped {
                    return Ok(true);
                }
            }
        }
    }

    /// Begins as many blocks as may wait.
    fn fill(&mut self) {
        while self.waiting.len() < self.ahead && self.begin() {}
    }

    /// Hands out the parts of the next block; false if there is none.
    fn begin(&mut self) -> bool {
        let player = self.player;
        let runs = self.first..player.runs.min(self.first.saturating_add(BLOCK as u64));
        if runs.is_empty() || runs.start >= player.extent.end() {
            return false;
        }
        let (number, arm) = (self.begun, self.arm);
        let mut missing = 0;
        for first in runs.clone().step_by(PART) {
            let (done, part) = (self.done.clone(), missing);
            let runs = first..runs.end.min(first + PART as u64);
            self.scope.spawn_fifo(move |_| {
                let block = catch_unwind(AssertUnwindSafe(|| player.part(runs, arm)));
                // nobody is there to receive it once playing has ended
                let _ = done.send(Done { number, part, block });
            });
            missing += 1;
        }
        let parts = (0..missing).map(|_| None).collect();
        self.waiting.push_back(Waiting { number, arm, parts, missing });
        self.begun += 1;
        self.arm += 1;
        if self.arm == player.games.len() {
            (self.arm, self.first) = (0, runs.end);
        }
        true
    }

    /// The next block in order, once all its parts are there.
    fn next(&mut self) -> Option<Waiting> {
        while self.waiting.front()?.missing > 0 {
            // invariant: one sender is kept here
            let Ok(Done { number, part, block }) = self.arriving.recv() else { return None };
            let block = block.unwrap_or_else(|panic| resume_unwind(panic));
            let at = (number - self.waiting.front()?.number) as usize;
            let waiting = &mut self.waiting[at];
            waiting.parts[part] = block;
            waiting.missing -= 1;
        }
        self.waiting.pop_front()
    }
}

struct Player<'a> {
    games: &'a [Simulation<'a>],
    /// The plans of the games; none where the plain interpreter plays.
    plans: Vec<Ready>,
    vectors: Vectors,
    layout: &'a Layout,
    runs: u64,
    watch: &'a dyn Progress,
    extent: Extent,
}

impl Player<'_> {
    /// Whether rounds are folded before all arms are there, so that the other arms have to complete
    /// what was folded of the first.
    fn follows(&self) -> bool {
        !self.layout.variables.is_empty()
    }

    /// Whether runs from `first` on are not wanted, be it that somebody has just asked to stop.
    fn idle(&self, first: u64) -> bool {
        if self.watch.stop() {
            self.extent.give_up(first);
        }
        first >= self.extent.end()
    }

    /// Plays some runs of an arm; nothing if told to stop before their end.
    fn part(&self, runs: Range<u64>, arm: usize) -> Option<Block> {
        let (first, count) = (runs.start, (runs.end - runs.start) as usize);
        let stop = || self.idle(first);
        if stop() {
            return None;
        }
        let (game, layout, runs) = (&self.games[arm], self.layout, (first, count));
        let block = match self.plans.get(arm) {
            None => reference::play_until(game, layout, runs, &stop)?,
            Some(plan) => {
                let seed = game.seed;
                let block = plan.play(self.vectors, seed, layout, runs, &stop)?;
                explained(game, layout, block, &stop)?
            }
        };
        self.watch.advanced(count as u64);
        Some(block)
    }
}

/// The engine says which runs failed and when; the interpreter, on the same run, says why. Nothing
/// if `stop` says so.
pub(crate) fn explained(
    game: &Simulation,
    layout: &Layout,
    mut block: Block,
    stop: &dyn Fn() -> bool,
) -> Option<Block> {
    for failure in &mut block.failures {
        let again = reference::play_until(game, layout, (failure.run, 1), stop)?;
        if let Some(told) = again.failures.into_iter().next() {
            *failure = told;
        }
    }
    Some(block)
}
