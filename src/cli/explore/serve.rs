//! The server: a thread a connection, one replay at a time.

use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::Door;
use super::http::{self, Asked, Gate, Refused};
use crate::cli::{Failed, guard, print_stderr};
use detente::explore::{Ask, Explorer, Frame, Listener, Pick, Save};
use detente::output;
use detente::report::sha256;
use detente::{Error, render};

/// So many connections are served at the same time.
const MOST: usize = 64;
/// How often progress is told.
const BEAT: Duration = Duration::from_millis(100);
const JSON: &str = "application/json";
const TEXT: &str = "text/plain; charset=utf-8";
const LOOKS: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// What is served.
pub struct Server {
    explorer: Explorer,
    gate: Gate,
    door: Mutex<Option<Door>>,
    page: String,
    policy: String,
    /// The number of the newest replay: older ones stop.
    newest: AtomicU64,
    /// Whose turn it is.
    turn: Mutex<()>,
    open: AtomicUsize,
}

/// What went wrong, for the page.
enum Wrong {
    Refused(Refused),
    Asked(Box<Error>),
}

impl From<Error> for Wrong {
    fn from(error: Error) -> Wrong {
        Wrong::Asked(Box::new(error))
    }
}

impl From<Refused> for Wrong {
    fn from(refused: Refused) -> Wrong {
        Wrong::Refused(refused)
    }
}

impl Server {
    /// Of a scenario, for whoever passes the gate; the door goes with the first who does.
    pub fn new(explorer: Explorer, gate: Gate, door: Option<Door>) -> Arc<Server> {
        let page = include_str!("page.html");
        let style = format!("{LOOKS}{}", detente::figure::STYLE);
        let page = page.replace("/*style*/", &style).replace("/*script*/", SCRIPT);
        let policy = format!(
            "Content-Security-Policy: default-src 'none'; script-src '{}'; style-src '{}'; \
             connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'\r\n",
            sha256::source(SCRIPT),
            sha256::source(&style)
        );
        Arc::new(Server {
            explorer,
            gate,
            door: Mutex::new(door),
            page,
            policy,
            newest: AtomicU64::new(0),
            turn: Mutex::new(()),
            open: AtomicUsize::new(0),
        })
    }

    /// Serves for ever.
    ///
    /// # Errors
    /// Status 2 if the system gives no more connections.
    pub fn run(self: &Arc<Server>, listener: &TcpListener) -> Result<(), Failed> {
        for stream in listener.incoming() {
            // whoever was gone before it was their turn
            let Ok(mut stream) = stream else { continue };
            if self.open.fetch_add(1, Ordering::Relaxed) >= MOST {
                http::send(&mut stream, 503, TEXT, "", b"too many connections\n");
                self.open.fetch_sub(1, Ordering::Relaxed);
                continue;
            }
            let server = Arc::clone(self);
            let begun = thread::Builder::new().spawn(move || {
                server.serve(stream);
                server.open.fetch_sub(1, Ordering::Relaxed);
            });
            if begun.is_err() {
                self.open.fetch_sub(1, Ordering::Relaxed);
            }
        }
        Ok(())
    }

    fn serve(&self, mut stream: TcpStream) {
        if http::patient(&stream).is_err() {
            return;
        }
        let done = match self.gate.read(&mut stream) {
            Err(refused) => Err(refused.into()),
            Ok(Asked::Page) => {
                let kind = "text/html; charset=utf-8";
                http::send(&mut stream, 200, kind, &self.policy, self.page.as_bytes());
                return;
            }
            Ok(Asked::Verb(verb, body)) => {
                drop(self.door.lock().unwrap_or_else(PoisonError::into_inner).take());
                if verb == "replay" {
                    return self.replay(stream, &body);
                }
                self.verb(&verb, &body)
            }
        };
        match done {
            Ok(value) => http::send(&mut stream, 200, JSON, "", value.to_string().as_bytes()),
            Err(Wrong::Asked(error)) => {
                let told = told(&error).to_string();
                http::send(&mut stream, 422, JSON, "", told.as_bytes());
            }
            Err(Wrong::Refused(Refused(status, why))) => {
                http::send(&mut stream, status, TEXT, "", format!("{why}\n").as_bytes());
            }
        }
    }

    /// Verbs that are answered at once.
    fn verb(&self, verb: &str, body: &[u8]) -> Result<Value, Wrong> {
        match verb {
            "scenario" => Ok(json!(self.explorer.controls())),
            "check" => {
                let (diagnostics, text) = self.explorer.check(&read::<Ask>(body)?)?;
                Ok(json!({ "diagnostics": diagnostics, "text": text }))
            }
            "trace" => {
                let picked = self.explorer.pick(&read::<Pick>(body)?, &guard::over)?;
                let (run, text) = (picked.transcript.run, render::trace::text(&picked.transcript));
                Ok(json!({ "run": run, "text": text, "figures": [picked.figure] }))
            }
            "save" => {
                let save = read::<Save>(body)?;
                let text = self.explorer.saved(&save)?;
                write(&format!("{}.toml", save.name), &text)
            }
            "report" => {
                let save = read::<Save>(body)?;
                save.named()?;
                let text = self.explorer.report(&save.ask, &guard::over)?;
                write(&format!("{}.html", save.name), &text.unwrap_or_default())
            }
            _ => Err(Refused::new(404, "there is nothing here").into()),
        }
    }

    /// Frames as they come, one JSON object a line.
    fn replay(&self, mut stream: TcpStream, body: &[u8]) {
        let ask = match read::<Ask>(body) {
            Ok(ask) => ask,
            Err(Refused(status, why)) => {
                return http::send(&mut stream, status, TEXT, "", format!("{why}\n").as_bytes());
            }
        };
        let number = self.newest.fetch_add(1, Ordering::Relaxed) + 1;
        let turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let head = http::answer(200, "application/x-ndjson", None, "");
        let gone = AtomicBool::new(stream.write_all(head.as_bytes()).is_err());
        #[expect(clippy::disallowed_methods, reason = "when progress is told is no result")]
        let told = Instant::now();
        let reader = Reader { server: self, number, gone, line: Mutex::new((stream, told, 0)) };
        let done = self.explorer.replay(&ask, &reader);
        drop(turn);
        match done {
            Err(error) if !reader.stop() => reader.tell(&told_wrong(&error)),
            _ if reader.newer() => reader.tell(&json!({ "frame": "stopped" })),
            _ => {}
        }
        let (mut stream, ..) = reader.line.into_inner().unwrap_or_else(PoisonError::into_inner);
        http::end(&mut stream);
        if guard::over() {
            print_stderr(
                "error: stopped because all memory that is allowed was taken; allow more \
                          with --memory",
            );
            std::process::exit(2);
        }
    }
}

/// The page that reads the frames of a replay.
struct Reader<'a> {
    server: &'a Server,
    number: u64,
    gone: AtomicBool,
    /// The connection, when progress was told, and how many runs are done.
    line: Mutex<(TcpStream, Instant, u64)>,
}

impl Reader<'_> {
    /// Whether a newer replay was asked for.
    fn newer(&self) -> bool {
        self.server.newest.load(Ordering::Relaxed) != self.number
    }

    fn tell(&self, frame: &impl Serialize) {
        let Ok(mut text) = serde_json::to_string(frame) else { return };
        text.push('\n');
        let mut line = self.line.lock().unwrap_or_else(PoisonError::into_inner);
        if line.0.write_all(text.as_bytes()).is_err() {
            self.gone.store(true, Ordering::Relaxed);
        }
    }
}

impl Listener for Reader<'_> {
    fn frame(&self, frame: Frame) {
        self.tell(&frame);
    }

    fn stop(&self) -> bool {
        self.newer() || self.gone.load(Ordering::Relaxed) || guard::over()
    }

    fn advanced(&self, runs: u64) {
        let mut line = self.line.lock().unwrap_or_else(PoisonError::into_inner);
        line.2 += runs;
        if line.1.elapsed() < BEAT {
            return;
        }
        #[expect(clippy::disallowed_methods, reason = "when progress is told is no result")]
        let now = Instant::now();
        line.1 = now;
        let text = format!("{}\n", json!({ "frame": "progress", "runs": line.2 }));
        // whoever has left the page is noticed here
        if line.0.write_all(text.as_bytes()).is_err() {
            self.gone.store(true, Ordering::Relaxed);
        }
    }
}

/// Writes a file under a new name into the folder in which the program was started.
fn write(path: &str, text: &str) -> Result<Value, Wrong> {
    match output::write_file(Path::new(path), text.as_bytes(), false) {
        Ok(()) => {
            print_stderr(&format!("{path} written"));
            Ok(json!({ "saved": path }))
        }
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            Err(Error::Request(format!("`{path}` exists; choose another name")).into())
        }
        Err(error) => Err(Error::Request(format!("`{path}` cannot be written: {error}")).into()),
    }
}

/// What the page sent.
fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refused> {
    serde_json::from_slice(body).map_err(|error| Refused::new(400, error))
}

/// What is wrong, with places where it is a text.
fn told(error: &Error) -> Value {
    match error {
        Error::Diagnostics(list) => json!({
            "error": list.render(false).trim_end(),
            "diagnostics": list.json(),
        }),
        other => json!({ "error": other.to_string(), "diagnostics": [] }),
    }
}

fn told_wrong(error: &Error) -> Value {
    let mut told = told(error);
    told["frame"] = json!("wrong");
    told
}
