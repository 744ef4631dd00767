//! The progress bar, and Ctrl-C.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use super::guard;
use detente::claims::Audience;
use detente::experiment::Watch;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::tell;

/// The exit status of a program that Ctrl-C has ended.
const INTERRUPTED: i32 = 130;

/// Somebody at a terminal who sees progress and may press Ctrl-C.
#[derive(Debug)]
pub struct Onlooker {
    bar: ProgressBar,
    stop: Arc<AtomicBool>,
}

impl Onlooker {
    /// A bar for so many runs, drawn only if standard error is a terminal. The first Ctrl-C asks
    /// for a stop, which is heard within a second; the second ends the program at once and says
    /// what that costs: `fate` is what is kept and what is lost.
    pub fn new(runs: u64, fate: impl Into<String>) -> Onlooker {
        let bar = ProgressBar::with_draw_target(Some(runs), ProgressDrawTarget::stderr_with_hz(8));
        let template = "{bar:32} {percent:>3} %  {human_pos} of {human_len} runs  \
                        {per_sec}  {eta} left";
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style.progress_chars("━╸ "));
        }
        let stop = Arc::new(AtomicBool::new(false));
        let (flag, fate) = (Arc::clone(&stop), fate.into());
        // Where the system has no such signal, Ctrl-C ends the program as it always does.
        let _ = ctrlc::set_handler(move || {
            if flag.swap(true, Ordering::Relaxed) {
                tell(&format!("ended at once: {fate}"));
                std::process::exit(INTERRUPTED);
            }
            tell("stopping; Ctrl-C once more ends the program at once");
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

/// So long after a stop the rest may still take, so that what was finished is shown if that is
/// quick.
const QUICK: Duration = Duration::from_millis(500);

/// How long the rest of a command may go on once a stop was asked for.
#[derive(Debug)]
pub struct Patience<'a> {
    onlooker: &'a Onlooker,
    since: OnceLock<Instant>,
}

impl<'a> Patience<'a> {
    /// Endless as long as nobody asks for a stop.
    pub fn new(onlooker: &'a Onlooker) -> Patience<'a> {
        Patience { onlooker, since: OnceLock::new() }
    }

    /// Whether it is over.
    #[expect(clippy::disallowed_methods, reason = "when to give up is no result")]
    pub fn is_over(&self) -> bool {
        self.onlooker.stop() && self.since.get_or_init(Instant::now).elapsed() > QUICK
    }
}

/// What the second Ctrl-C costs a command that writes only once everything is played.
pub fn fate(out: Option<&std::path::Path>) -> String {
    match out {
        None => "nothing was written, what was played is lost".to_string(),
        Some(path) => {
            let shown = path.display();
            format!("the results in {shown} are not complete, what was played is lost")
        }
    }
}
