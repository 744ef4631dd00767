//! The progress bar, and Ctrl-C.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock};

use detente::claims::Audience;
use detente::experiment::Watch;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

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

/// Somebody at a terminal who sees progress and may press Ctrl-C.
#[derive(Debug)]
pub struct Onlooker {
    bar: ProgressBar,
}

impl Onlooker {
    /// A bar for so many runs, drawn only if standard error is a terminal. The first Ctrl-C asks
    /// for a stop at the next block, as SIGTERM does, the second ends the program at once.
    pub fn new(runs: u64) -> Onlooker {
        let bar = ProgressBar::with_draw_target(Some(runs), ProgressDrawTarget::stderr_with_hz(8));
        let template = "{bar:32} {percent:>3} %  {human_pos} of {human_len} runs  \
                        {per_sec}  {eta} left";
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style.progress_chars("━╸ "));
        }
        // Where the system has no such signal, Ctrl-C ends the program as it always does.
        let _ = ctrlc::set_handler(move || {
            if STATUS.swap(CTRL_C, Ordering::Relaxed) == CTRL_C {
                std::process::exit(130);
            }
        });
        let term = signal_hook::consts::SIGTERM;
        let _ = signal_hook::flag::register_usize(term, Arc::clone(&STATUS), TERM);
        Onlooker { bar }
    }

    /// Takes the bar away.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

impl Watch for Onlooker {
    fn advanced(&self, runs: u64) {
        self.bar.inc(runs);
    }

    fn stop(&self) -> bool {
        STATUS.load(Ordering::Relaxed) != 0
    }
}

impl Audience for Onlooker {
    fn expects(&self, runs: u64) {
        self.bar.inc_length(runs);
    }
}
