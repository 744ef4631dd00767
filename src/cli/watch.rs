//! The progress bar, and Ctrl-C.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::guard;
use detente::claims::Audience;
use detente::experiment::Watch;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Somebody at a terminal who sees progress and may press Ctrl-C.
#[derive(Debug)]
pub struct Onlooker {
    bar: ProgressBar,
    stop: Arc<AtomicBool>,
}

impl Onlooker {
    /// A bar for so many runs, drawn only if standard error is a terminal. The first Ctrl-C asks
    /// for a stop at the next block, the second ends the program at once.
    pub fn new(runs: u64) -> Onlooker {
        let bar = ProgressBar::with_draw_target(Some(runs), ProgressDrawTarget::stderr_with_hz(8));
        let template = "{bar:32} {percent:>3} %  {human_pos} of {human_len} runs  \
                        {per_sec}  {eta} left";
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style.progress_chars("━╸ "));
        }
        let stop = Arc::new(AtomicBool::new(false));
        let flag = Arc::clone(&stop);
        // Where the system has no such signal, Ctrl-C ends the program as it always does.
        let _ = ctrlc::set_handler(move || {
            if flag.swap(true, Ordering::Relaxed) {
                std::process::exit(2);
            }
        });
        Onlooker { bar, stop }
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
        self.stop.load(Ordering::Relaxed) || guard::over()
    }
}

impl Audience for Onlooker {
    fn expects(&self, runs: u64) {
        self.bar.inc_length(runs);
    }
}
