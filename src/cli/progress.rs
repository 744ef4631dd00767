//! The progress bar, and Ctrl-C.

use std::io::IsTerminal;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Mutex, OnceLock};
use std::time::{Duration, Instant};

use super::guard;
use detente::experiment::{Audience, Progress};
use detente::number;
use indicatif::{ProgressDrawTarget, ProgressStyle};

use super::print_stderr;

/// After Ctrl-C, as shells count it: 128 and the number of the signal.
const CTRL_C: usize = 130;
/// After SIGTERM, by which `kill`, schedulers and containers ask for an end.
const TERM: usize = 143;

/// The exit status that a signal asked for; 0 while none did.
static STATUS: LazyLock<Arc<AtomicUsize>> = LazyLock::new(Arc::default);

/// The exit status of a command that was stopped.
pub fn status() -> u8 {
    u8::try_from(STATUS.load(Ordering::Relaxed)).ok().filter(|status| *status > 0).unwrap_or(1)
}

/// Lets Ctrl-C end the program at once, with the status that shells give it: for commands that have
/// nothing to keep. Without this nothing would, where whoever started it ignores the signal.
pub fn end_at_once() {
    // where the system has no such signal, Ctrl-C ends the program as it always does
    let _ = ctrlc::set_handler(|| std::process::exit(CTRL_C as i32));
}

/// Somebody at a terminal who sees progress and may press Ctrl-C.
#[derive(Debug)]
pub struct ProgressBar {
    bar: indicatif::ProgressBar,
    /// Where standard error is no terminal: when a line was written last.
    lines: Option<Mutex<Instant>>,
}

/// So long after a line the next one is written where there is no terminal.
const EVERY: Duration = Duration::from_secs(10);

impl ProgressBar {
    /// A bar for so many runs, drawn only if standard error is a terminal. The first Ctrl-C asks
    /// for a stop, as SIGTERM does, which is heard within a second; the second ends the program at
    /// once and says what that costs: `fate` is what is kept and what is lost.
    pub fn new(runs: u64, fate: impl Into<String>) -> ProgressBar {
        let bar = indicatif::ProgressBar::with_draw_target(
            Some(runs),
            ProgressDrawTarget::stderr_with_hz(8),
        );
        let template = "{bar:32} {percent:>3} %  {human_pos} of {human_len} runs  \
                        {per_sec}  {eta} left";
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style.progress_chars("━╸ "));
        }
        let fate = fate.into();
        // Where the system has no such signal, Ctrl-C ends the program as it always does.
        let _ = ctrlc::set_handler(move || {
            if STATUS.swap(CTRL_C, Ordering::Relaxed) == CTRL_C {
                print_stderr(&format!("ended at once: {fate}"));
                std::process::exit(status().into());
            }
            print_stderr("stopping; Ctrl-C once more ends the program at once");
        });
        let term = signal_hook::consts::SIGTERM;
        let _ = signal_hook::flag::register_usize(term, Arc::clone(&STATUS), TERM);
        ProgressBar { bar, lines: lines() }
    }

    /// Says something while the bar is there.
    pub fn say(&self, text: &str) {
        self.bar.suspend(|| print_stderr(text));
    }

    /// Where there is no terminal: a line every ten seconds, for logs of schedulers.
    fn line(&self) {
        let Some(last) = &self.lines else { return };
        // another thread is writing
        let Ok(mut last) = last.try_lock() else { return };
        if last.elapsed() < EVERY {
            return;
        }
        let (done, all) = (self.bar.position(), self.bar.length().unwrap_or(0));
        let share = (100 * done.min(all)).checked_div(all).unwrap_or(0);
        print_stderr(&format!(
            "progress: {share} %, {} of {}",
            number::count(done, "run").trim_end_matches(" runs"),
            number::count(all, "run")
        ));
        *last = now();
    }

    /// Takes the bar away.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

/// The beginning, where standard error is no terminal.
fn lines() -> Option<Mutex<Instant>> {
    (!std::io::stderr().is_terminal()).then(|| Mutex::new(now()))
}

#[expect(clippy::disallowed_methods, reason = "how often progress is told is no result")]
fn now() -> Instant {
    Instant::now()
}

impl Progress for ProgressBar {
    fn advanced(&self, runs: u64) {
        self.bar.inc(runs);
        self.line();
    }

    fn stop(&self) -> bool {
        STATUS.load(Ordering::Relaxed) != 0 || guard::over()
    }
}

impl Audience for ProgressBar {
    fn expects(&self, runs: u64) {
        self.bar.inc_length(runs);
    }
}

/// So long after a stop the rest may still take, so that what was finished is shown if that is
/// quick.
const QUICK: Duration = Duration::from_millis(500);

/// How long the rest of a command may go on once a stop was asked for.
#[derive(Debug)]
pub struct Patience<'a> {
    bar: &'a ProgressBar,
    since: OnceLock<Instant>,
}

impl<'a> Patience<'a> {
    /// Endless as long as nobody asks for a stop.
    pub fn new(bar: &'a ProgressBar) -> Patience<'a> {
        Patience { bar, since: OnceLock::new() }
    }

    /// Whether it is over.
    #[expect(clippy::disallowed_methods, reason = "when to give up is no result")]
    pub fn is_over(&self) -> bool {
        self.bar.stop() && self.since.get_or_init(Instant::now).elapsed() > QUICK
    }
}

/// What the second Ctrl-C costs a command that writes only once everything is played.
pub fn fate(out: Option<&std::path::Path>) -> String {
    match out {
        None => "nothing was written, what was played is lost".to_string(),
        Some(path) => {
            let shown = path.display();
            format!("the new results in {shown} are not complete, what was played is lost")
        }
    }
}
