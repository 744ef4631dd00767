//! The command line: one file per command, and what they share.
//!
//! Every command returns what goes to standard output, or writes it through [`say`]; whatever is
//! wrong is a [`Failed`], which [`main`] prints to standard error and turns into the exit status.

mod args;
mod check;
mod claims;
mod cluster;
mod describe;
mod explain;
mod files;
mod find;
mod list;
mod meta;
mod new;
mod pages;
mod points;
mod render;
mod run;
mod schema;
mod shard;
mod shipped;
mod solve;
mod sweep;
mod tabulate;
mod trace;
mod verify;
mod watch;

use std::fmt;
use std::io::{self, ErrorKind, Write};
use std::path::Path;
use std::process::ExitCode;

use clap::Parser;

use args::{Cli, Command};
pub use args::{DescribeFormat, TraceFormat};
use detente::diagnostic::{Diagnostic, Severity};
use detente::model::Model;
use detente::output::{self, Folder, OutputError, Provenance, text_hash};
use render::Excerpts;

/// A scenario that was found, read and judged to be sound.
#[derive(Debug)]
pub struct Loaded {
    /// The path as it was typed, or `shipped:name`.
    pub label: String,
    /// The text of the file.
    pub text: String,
    /// What it says.
    pub model: Model,
    /// What is odd about it.
    pub warnings: Vec<Diagnostic>,
}

impl Loaded {
    /// A folder for results of this scenario, which will hold its text too.
    ///
    /// # Errors
    /// Status 2 if results or something else is in the way, or the folder cannot be written to.
    fn folder(&self, path: &Path, force: bool) -> Result<Folder, Failed> {
        let folder = Folder::create(path, force).map_err(Failed::usage)?;
        note_unlocked(&folder);
        let name = scenario_file(&self.model);
        folder.check(&name, self.text.as_bytes()).map_err(Failed::usage)?;
        Ok(folder)
    }

    /// What made results of this scenario. `command` is rebuilt from what can change them, so that
    /// threads and folders leave no trace in files.
    fn provenance(
        &self,
        (seed, runs): (u64, u64),
        command: String,
        notes: Vec<(String, String)>,
    ) -> Provenance {
        Provenance {
            version: env!("CARGO_PKG_VERSION").to_string(),
            scenario: self.model.about.name.clone(),
            title: self.model.about.title.clone(),
            scenario_hash: text_hash(&self.text),
            seed,
            runs,
            command,
            notes,
        }
    }
}

/// The file of a scenario's text among results: the name by which commands find it there.
fn scenario_file(model: &Model) -> String {
    format!("{}.toml", model.about.name)
}

/// Puts the text of a scenario beside its results, so that they can be made again alone.
///
/// # Errors
/// Status 2 if it cannot be written.
fn keep_scenario(folder: &mut Folder, model: &Model, text: &str) -> Result<(), Failed> {
    let what = "the scenario as it was played";
    let kept: Result<(), OutputError> = folder.file(&scenario_file(model), what, text.as_bytes());
    kept.map_err(Failed::usage)
}

/// Says where a folder is not protected from other commands.
fn note_unlocked(folder: &Folder) {
    if let Some(why) = folder.unlocked() {
        let shown = folder.path().display();
        tell(&format!(
            "note: `{shown}` cannot be locked ({why}); let no other command write into it meanwhile"
        ));
    }
}

/// Why a command did not do its work.
#[derive(Debug)]
pub struct Failed {
    /// The exit status: 1 where a scenario, a run or a folder's contents are at fault, 2 for wrong
    /// usage, reading and writing, 130 after Ctrl-C, 143 after SIGTERM.
    pub exit: u8,
    /// What to tell the user, complete, possibly of several lines and with colours; empty if
    /// everything was said.
    pub text: String,
}

impl Failed {
    /// A scenario or a run is at fault.
    pub fn scenario(text: impl fmt::Display) -> Failed {
        Failed { exit: 1, text: format!("{}: {text}", render::error_word()) }
    }

    /// The command was wrong, or a file cannot be read or written.
    pub fn usage(text: impl fmt::Display) -> Failed {
        Failed { exit: 2, text: format!("{}: {text}", render::error_word()) }
    }

    /// The user or a scheduler stopped it.
    pub fn stopped(text: impl fmt::Display) -> Failed {
        Failed { exit: watch::status(), text: text.to_string() }
    }

    /// A scenario is at fault, as these diagnostics say.
    pub fn diagnostics(label: &str, text: &str, list: &[Diagnostic]) -> Failed {
        let excerpts = Excerpts::new(label, text);
        let mut all: String = list.iter().map(|d| excerpts.styled(d) + "\n\n").collect();
        all.push_str(&render::closing(label, list));
        Failed { exit: 1, text: all }
    }

    /// Everything was said already.
    pub fn silent(exit: u8) -> Failed {
        Failed { exit, text: String::new() }
    }
}

/// Finds, reads and judges a scenario.
///
/// # Errors
/// Status 2 if there is none of that name or it cannot be read; 1 with its diagnostics if it has
/// errors.
pub fn load_scenario(name: &str) -> Result<Loaded, Failed> {
    let found = find::find(name)?;
    let (model, diagnostics) = found.load();
    let text = found.text();
    let errors = |d: &&Diagnostic| d.severity() == Severity::Error;
    match model {
        Some(model) if !diagnostics.iter().any(|d| errors(&d)) => {
            Ok(Loaded { label: found.label, text, model, warnings: diagnostics })
        }
        _ => {
            let list: Vec<Diagnostic> = diagnostics.iter().filter(errors).cloned().collect();
            Err(Failed::diagnostics(&found.label, &text, &list))
        }
    }
}

/// Writes a file that stands for itself: all of it or nothing.
///
/// # Errors
/// Status 2 if it exists, unless it may be replaced, or cannot be written.
fn write_file(path: &Path, text: &str, force: bool) -> Result<(), Failed> {
    let shown = path.display();
    output::write_file(path, text.as_bytes(), force).map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => {
            Failed::usage(format_args!("`{shown}` exists; choose another name or use --force"))
        }
        _ => Failed::usage(format_args!("cannot write `{shown}`: {error}")),
    })
}

/// Writes to standard output. A closed pipe is success: the reader has seen enough.
///
/// # Errors
/// Status 2 when the system refuses, a full disk for instance.
pub fn say(text: &str) -> Result<(), Failed> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failed::usage(format_args!("cannot write to standard output: {error}")))
        }
        _ => Ok(()),
    }
}

/// A word as messages repeat it: what is very long is cut.
fn clip(word: &str) -> String {
    const MOST: usize = 200;
    match word.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}...", &word[..end]),
        None => word.to_string(),
    }
}

/// Writes to standard error, with colours where they are welcome. There is nobody left to tell
/// when that fails.
fn tell(text: &str) {
    let _ = writeln!(anstream::stderr().lock(), "{}", text.trim_end_matches('\n'));
}

/// Reads the command line, does what it says and returns the exit status.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are errors to clap, and go to standard output.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    match dispatch(cli.command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failed) => {
            if !failed.text.is_empty() {
                tell(&failed.text);
            }
            ExitCode::from(failed.exit)
        }
    }
}

fn dispatch(command: Command) -> Result<(), Failed> {
    match command {
        Command::List => list::list(),
        Command::New(options) => new::new(&options),
        Command::Check(options) => check::check(&options),
        Command::Describe(options) => {
            let loaded = load_scenario(&options.scenario)?;
            match options.plan {
                Some(detail) => say(&describe::plan(&loaded, detail)?),
                None => say(&describe::describe(&loaded, options.format)?),
            }
        }
        Command::Run(options) => run::run(&options),
        Command::Claims(options) => claims::claims(&options),
        Command::Trace(options) => trace::trace(&options),
        Command::Solve(options) => solve::solve(&options),
        Command::Meta(options) => meta::meta(&options),
        Command::Sweep(options) => sweep::sweep(&options),
        Command::Plan(options) => shard::plan(&options),
        Command::Shard(options) => shard::shard(&options),
        Command::Status(options) => shard::status(&options),
        Command::Merge(options) => shard::merge(&options),
        Command::Verify(options) => verify::verify(&options),
        Command::Explain(options) => explain::explain(options.code.as_deref()),
        Command::Schema => say(&format!("{:#}\n", schema::schema())),
        Command::Completions(options) => pages::completions(options.shell),
        Command::Man => pages::man(),
    }
}
