//! `detente solve`: equilibria of a game, which is a file or the stage game of a scenario.

mod concepts;
mod dynamics;
mod input;
mod need;
pub mod options;
mod stage;

use std::time::{Duration, Instant};

use super::{Failed, guard, print_stdout};
use detente::render;
use detente::solve::Stop;
use detente::view::solve::{Found, Page};
pub use input::title;
use options::{Solve, SolveFormat, word};

/// What a concept answers.
struct Answer {
    /// The method that found it.
    method: String,
    stop: Stop,
    notes: Vec<String>,
    found: Found,
}

/// Reads the game, solves it and prints what was found.
///
/// # Errors
/// Status 1 if the file or scenario is at fault, 2 if the method does not suit the game or a file
/// cannot be read or written.
pub fn solve(options: &Solve) -> Result<(), Failed> {
    let clock = Clock::start(options.time_limit);
    let game = input::game(options, &|| clock.over())?;
    need::game(&game, options)?;
    if let Some(path) = &options.write {
        input::write(&game, path, options.force)?;
    }
    let started = clock.seconds();
    let answer = concepts::answer(&game, options, &|| clock.over())?;
    let Answer { method, stop, notes, found } = answer;
    let page = Page {
        game: &game,
        concept: word(options.concept),
        method,
        stop,
        seconds: clock.seconds() - started,
        notes,
        found,
    };
    print_stdout(&match options.format {
        SolveFormat::Text => render::solve::text(&page),
        SolveFormat::Json => render::solve::json(&page),
    })
}

/// How long solving takes and may take.
struct Clock {
    start: Instant,
    limit: Duration,
}

#[expect(clippy::disallowed_methods, reason = "a limit of time needs a clock")]
impl Clock {
    fn start(limit: Option<f64>) -> Clock {
        let limit = limit.map_or(Duration::MAX, Duration::from_secs_f64);
        Clock { start: Instant::now(), limit }
    }

    fn over(&self) -> bool {
        self.start.elapsed() >= self.limit || guard::over()
    }

    fn seconds(&self) -> f64 {
        self.start.elapsed().as_secs_f64()
    }
}
