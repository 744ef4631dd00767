//! The budget of memory while a command is at work.
//!
//! What a command takes is known beforehand but for what data decide: how far outcomes spread, how
//! many runs fail. The guard looks at what the process has, where the system says so (Linux), asks
//! for a stop when the budget is reached, as Ctrl-C does, and ends the program where that does not
//! help.

use std::fs;
use std::process;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use super::print_stderr;
use detente::experiment::Memory;

/// How often it looks.
const PAUSE: Duration = Duration::from_millis(10);

static OVER: AtomicBool = AtomicBool::new(false);

/// Begins to look.
pub fn start(memory: Memory) {
    let limit = memory.bytes();
    // a twentieth more is there for those who stop
    let last = limit + limit / 20;
    // without threads there is no guard
    let _ = thread::Builder::new().spawn(move || {
        while let Some(taken) = resident() {
            if taken > last {
                print_stderr(&message(memory));
                process::exit(2);
            }
            if taken > limit {
                OVER.store(true, Ordering::Relaxed);
            }
            thread::sleep(PAUSE);
        }
    });
}

/// Whether the budget was reached, so that everybody is to stop.
pub fn over() -> bool {
    OVER.load(Ordering::Relaxed)
}

/// What is said then.
pub fn message(memory: Memory) -> String {
    format!(
        "{}: stopped because {memory} of memory, all that is allowed, were taken; allow more with \
         --memory",
        super::error_word()
    )
}

/// Bytes of the process that are in memory; `None` where the system does not say.
fn resident() -> Option<u64> {
    let text = fs::read_to_string("/proc/self/status").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    Some(line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok()?.saturating_mul(1024))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_process_has_is_known_on_linux() {
        let taken = resident();
        assert!(!cfg!(target_os = "linux") || taken.is_some_and(|n| n > 1 << 20), "{taken:?}");
    }
}
