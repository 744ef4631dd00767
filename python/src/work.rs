//! Work of the library, done while the interpreter is free and Ctrl-C is heard.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::thread;
use std::time::Duration;

use detente::Error;
use detente::experiment::{Audience, Progress};
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;

use crate::errors::raised;

/// Formulas that are deep are read recursively.
const STACK: usize = 64 << 20;
/// How often Ctrl-C is looked for.
const PAUSE: Duration = Duration::from_millis(25);
/// Progress is told every so many pauses.
const TOLD: u32 = 4;
/// So long work may take to hear that it is to stop; then it is left to itself.
const GRACE: Duration = Duration::from_millis(120);

/// Who looks on: counts of runs, and whether to stop.
#[derive(Default)]
pub struct Watch {
    done: AtomicU64,
    all: AtomicU64,
    stop: AtomicBool,
}

impl Watch {
    /// Whether to stop.
    pub fn over(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
}

impl Progress for Watch {
    fn advanced(&self, runs: u64) {
        self.done.fetch_add(runs, Ordering::Relaxed);
    }

    fn stop(&self) -> bool {
        self.over()
    }
}

impl Audience for Watch {
    fn expects(&self, runs: u64) {
        self.all.fetch_add(runs, Ordering::Relaxed);
    }
}

/// Does work on a thread of its own. `look`, if there is one, is called with how many runs are done
/// and how many there will be, some times a second and at the end; an exception of it ends the
/// work, as Ctrl-C does.
///
/// # Errors
/// `KeyboardInterrupt`; the exception of `look`; `ScenarioError` for what the library refuses.
pub fn carry<T: Send + 'static>(
    py: Python<'_>,
    look: Option<&Py<PyAny>>,
    work: impl FnOnce(&Watch) -> Result<T, Error> + Send + 'static,
) -> PyResult<T> {
    let watch = Arc::new(Watch::default());
    let own = Arc::clone(&watch);
    let (sender, mut receiver) = sync_channel(1);
    let begun = thread::Builder::new().stack_size(STACK).spawn(move || {
        // nobody is there to receive it after Ctrl-C
        let _ = sender.send(work(&own));
    });
    begun.map_err(|error| PyRuntimeError::new_err(format!("no thread can be started: {error}")))?;
    let tell = || -> PyResult<()> {
        let Some(look) = look else { return Ok(()) };
        let count = |number: &AtomicU64| number.load(Ordering::Relaxed);
        look.call1(py, (count(&watch.done), count(&watch.all))).map(drop)
    };
    for turn in 1_u32.. {
        let own = &mut receiver;
        match py.detach(move || own.recv_timeout(PAUSE)) {
            Ok(done) => {
                tell()?;
                return done.map_err(|error| raised(py, &error));
            }
            Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) => {}
        }
        let heard = py.check_signals();
        let heard = if turn % TOLD == 0 { heard.and_then(|()| tell()) } else { heard };
        if let Err(interrupted) = heard {
            watch.stop.store(true, Ordering::Relaxed);
            let own = &mut receiver;
            // what comes is of a work that was given up
            let _ = py.detach(move || own.recv_timeout(GRACE));
            return Err(interrupted);
        }
    }
    Err(PyRuntimeError::new_err("detente is at fault: it panicked, with the message above"))
}
