//! `detente explore`: one page on this machine, on which assumptions move and claims turn.
//!
//! The page is served on 127.0.0.1 alone. What it may do is said by [`Gate`]: the right `Host`, the
//! right `Origin`, and a token of 128 random bits that stands in the fragment of the address, which
//! no server sees and no log holds. No request names a file; the one thing that is written is what
//! a click on "save" writes, under a new name in the folder in which the program was started.

mod http;
mod serve;

use std::fs;
use std::io::{self, Read, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::args::Explore;
use super::run::warn;
use super::{Failed, print_stderr, print_stdout};
use detente::catalog;
use detente::explore::Explorer;
use http::Gate;
use serve::Server;

/// Serves the page until the program is ended.
///
/// # Errors
/// Status 1 if the scenario is at fault, 2 if it cannot be found or the port is taken.
pub fn explore(options: &Explore) -> Result<(), Failed> {
    let explorer = Explorer::new(catalog::find(&options.scenario)?)?;
    let explorer = explorer.memory(options.room.memory).seed(options.seed);
    let explorer = options.threads.iter().fold(explorer, |e, n| e.threads((*n).into()));
    warn(explorer.scenario());
    let port = options.port.unwrap_or(0);
    let listener = TcpListener::bind(("127.0.0.1", port)).map_err(|error| {
        Failed::usage(format_args!(
            "port {port} cannot be used ({error}); without --port the system chooses a free one"
        ))
    })?;
    let found = listener.local_addr();
    let port = found.map_err(|error| Failed::usage(format_args!("no port: {error}")))?.port();
    let token = token().map_err(|error| {
        Failed::usage(format_args!("the system gives no random numbers: {error}"))
    })?;
    let host = format!("127.0.0.1:{port}");
    let address = format!("http://{host}/#{token}");
    let door = match options.no_browser {
        true => None,
        false => Door::open(&address),
    };
    let path = door.as_ref().map(|door| door.0.clone());
    end_with(path.clone());
    let name = explorer.scenario().name().to_string();
    match &path {
        Some(path) => {
            print_stderr(&format!("exploring {name} on {host}; Ctrl-C ends it"));
            browse(path);
        }
        None => {
            print_stderr(&format!("exploring {name}; open this address, Ctrl-C ends it"));
            print_stdout(&format!("{address}\n"))?;
        }
    }
    Server::new(explorer, Gate { host, token }, door).run(&listener)
}

/// 128 random bits, in hexadecimal digits.
fn token() -> io::Result<String> {
    let mut bits = [0; 16];
    fill(&mut bits)?;
    Ok(bits.iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(unix)]
fn fill(bits: &mut [u8]) -> io::Result<()> {
    fs::File::open("/dev/urandom")?.read_exact(bits)
}

/// Where there is no such file, the keys by which the standard library guards its hash maps, which
/// come from the system.
#[cfg(not(unix))]
fn fill(bits: &mut [u8]) -> io::Result<()> {
    use std::hash::{BuildHasher, RandomState};
    for eight in bits.chunks_exact_mut(8) {
        eight.copy_from_slice(&RandomState::new().hash_one(0_u8).to_le_bytes());
    }
    Ok(())
}

/// A file that leads the browser to the page and that nobody else can read: a command line, where
/// the address would stand else, is shown by `ps`. It goes as soon as the page was there.
#[derive(Debug)]
struct Door(PathBuf);

impl Door {
    /// Writes it; none where that is not possible.
    fn open(address: &str) -> Option<Door> {
        let name = format!("detente-{}.html", token().ok()?);
        let path = std::env::temp_dir().join(name);
        let text = format!(
            "<!doctype html><meta charset=\"utf-8\"><title>detente explore</title>\n\
             <meta http-equiv=\"refresh\" content=\"0; url={address}\">\n\
             <p><a href=\"{address}\">The page</a></p>\n"
        );
        let written = private(&path).and_then(|mut file| file.write_all(text.as_bytes()));
        let door = Door(path);
        written.ok().map(|()| door)
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

/// A new file that only its owner reads.
fn private(path: &Path) -> io::Result<fs::File> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Ctrl-C and SIGTERM end the program and take the file away.
fn end_with(door: Option<PathBuf>) {
    // where the system has no such signal, Ctrl-C ends the program as it always does
    let _ = ctrlc::set_handler(move || {
        door.iter().for_each(|path| drop(fs::remove_file(path)));
        std::process::exit(130);
    });
}

/// Opens a file in the browser; says where it is, should that not succeed.
fn browse(path: &Path) {
    let mut command = Command::new(match std::env::consts::OS {
        "macos" => "open",
        "windows" => "explorer",
        _ => "xdg-open",
    });
    command.arg(path).stdin(Stdio::null()).stdout(Stdio::null());
    let begun = command.stderr(Stdio::null()).spawn();
    let shown = path.display();
    let what = match begun {
        Ok(_) => "if no browser opens, open",
        Err(_) => "no browser was found; open",
    };
    print_stderr(&format!("{what} {shown}, or start again with --no-browser"));
}
