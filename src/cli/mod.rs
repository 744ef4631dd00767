//! The command line: one file per command, and what they share.
//!
//! Every command returns what goes to standard output, or writes it through [`print_stdout`];
//! whatever is wrong is a [`Failed`], which [`main`] prints to standard error and turns into the
//! exit status.

mod against;
mod args;
mod check;
mod claims;
mod cluster;
mod condition;
mod describe;
mod discover;
mod explain;
#[cfg(feature = "explore")]
mod explore;
mod fit;
mod forecast;
mod guard;
mod list;
mod meta;
mod new;
mod pages;
mod plot;
mod progress;
mod report;
mod run;
mod score;
mod sensitivity;
mod shard;
mod solve;
mod sweep;
mod trace;
mod verify;

use std::fmt;
use std::io::{self, ErrorKind, Write};
use std::path::Path;
use std::process::ExitCode;

use clap::error::ErrorKind as WordsKind;
use clap::{CommandFactory, FromArgMatches};

pub use args::DescribeFormat;
use args::{Cli, Command};
use detente::Scenario;
use detente::catalog::CatalogError;
use detente::diagnostic::Diagnostics;
use detente::output::{self, Folder, PARTS, Parts};

/// A folder for results of a scenario, which will hold its text too.
///
/// # Errors
/// Status 2 if results or something else is in the way, or the folder cannot be written to.
fn folder(scenario: &Scenario, path: &Path, force: bool) -> Result<Folder, Failed> {
    let folder = Folder::create(path, force).map_err(Failed::usage)?;
    let parts = Parts::new(path.join(PARTS));
    if !force && !parts.units().map_err(Failed::usage)?.is_empty() {
        return Err(Failed::usage(format_args!(
            "`{}` holds unfinished work of another command: choose another folder with --out, or \
             use --force",
            parts.folder().display()
        )));
    }
    note_unlocked(&folder);
    scenario.check_folder(&folder)?;
    Ok(folder)
}

/// Says where a folder is not protected from other commands.
fn note_unlocked(folder: &Folder) {
    if let Some(why) = folder.unlocked() {
        let shown = folder.path().display();
        print_stderr(&format!(
            "note: `{shown}` cannot be locked ({why}); let no other command write into it meanwhile"
        ));
    }
}

/// The word `error` as diagnostics begin with it.
fn error_word() -> &'static str {
    "\u{1b}[1m\u{1b}[91merror\u{1b}[0m"
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
        Failed { exit: 1, text: format!("{}: {text}", error_word()) }
    }

    /// The command was wrong, or a file cannot be read or written.
    pub fn usage(text: impl fmt::Display) -> Failed {
        Failed { exit: 2, text: format!("{}: {text}", error_word()) }
    }

    /// The user or a scheduler stopped it.
    pub fn stopped(text: impl fmt::Display) -> Failed {
        Failed { exit: progress::status(), text: text.to_string() }
    }

    /// A scenario or a setting is at fault, as these diagnostics say.
    pub fn wrong(diagnostics: &Diagnostics) -> Failed {
        Failed { exit: 1, text: diagnostics.render(true) }
    }

    /// Everything was said already.
    pub fn silent(exit: u8) -> Failed {
        Failed { exit, text: String::new() }
    }
}

impl From<CatalogError> for Failed {
    fn from(error: CatalogError) -> Failed {
        match error {
            CatalogError::NotFound(text) => Failed::usage(text),
            CatalogError::Unusable(text) => Failed::scenario(text),
        }
    }
}

impl From<Diagnostics> for Failed {
    fn from(list: Diagnostics) -> Failed {
        Failed::wrong(&list)
    }
}

impl From<detente::Error> for Failed {
    fn from(error: detente::Error) -> Failed {
        match error {
            detente::Error::Catalog(error) => error.into(),
            detente::Error::Diagnostics(list) => list.into(),
            detente::Error::Play(error) => run::failed(error),
            detente::Error::Meta(error) => meta::failed(error),
            detente::Error::Sweep(error) => error.into(),
            detente::Error::Evidence(error @ detente::evidence::Error::Stopped) => {
                Failed::stopped(error)
            }
            detente::Error::Fault(text) => Failed::scenario(text),
            detente::Error::Stopped(text) => Failed::stopped(text),
            other => Failed::usage(other),
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
pub fn print_stdout(text: &str) -> Result<(), Failed> {
    // whatever a file says: a terminal is not steered by it
    let steers = |c: char| c.is_control() && !matches!(c, '\n' | '\t' | '\r');
    let safe = if text.contains(steers) { text.replace(steers, "") } else { text.to_string() };
    let mut out = io::stdout().lock();
    match out.write_all(safe.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failed::usage(format_args!("cannot write to standard output: {error}")))
        }
        _ => Ok(()),
    }
}

/// Writes to standard error, with colours where they are welcome. There is nobody left to tell
/// when that fails.
fn print_stderr(text: &str) {
    let _ = writeln!(anstream::stderr().lock(), "{}", text.trim_end_matches('\n'));
}

/// A request with something added, if a flag is given.
fn given<T>(flag: bool, request: T, add: fn(T) -> T) -> T {
    if flag { add(request) } else { request }
}

/// Reads the command line, does what it says and returns the exit status.
pub fn main() -> ExitCode {
    let cli = match parsed() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are errors to clap, and go to standard output.
            match error.kind() {
                WordsKind::ValueValidation => {
                    let (said, wanted) = (
                        "invalid digit found in string",
                        "give a whole number that is not below 0",
                    );
                    print_stderr(&error.render().ansi().to_string().replace(said, wanted));
                }
                _ => {
                    let _ = error.print();
                }
            }
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    let memory = cli.command.memory();
    memory.into_iter().for_each(guard::start);
    let done = dispatch(cli.command);
    if let Err(failed) = &done
        && !failed.text.is_empty()
    {
        print_stderr(&failed.text);
    }
    if let Some(memory) = memory.filter(|_| guard::over()) {
        print_stderr(&guard::message(memory));
        return ExitCode::from(2);
    }
    done.map_or_else(|failed| ExitCode::from(failed.exit), |()| ExitCode::SUCCESS)
}

/// The command line. A number below 0 is a value, which is then found to be too small, and not an
/// option that nobody knows.
fn parsed() -> Result<Cli, clap::Error> {
    let negative = |arg: clap::Arg| match arg.get_action().takes_values() && !arg.is_positional() {
        true => arg.allow_negative_numbers(true),
        false => arg,
    };
    let command = Cli::command().mut_subcommands(|command| command.mut_args(negative));
    let found = command.try_get_matches_from(std::env::args_os())?;
    Cli::from_arg_matches(&found)
}

fn dispatch(command: Command) -> Result<(), Failed> {
    use Command::{Check, Describe, Plot, Report, Solve, Trace};
    let at_once = matches!(command, Check(_) | Describe(_) | Plot(_));
    if at_once || matches!(command, Report(_) | Solve(_) | Trace(_)) {
        progress::end_at_once();
    }
    match command {
        Command::List => list::list(),
        Command::New(options) => new::new(&options),
        Command::Check(options) => check::check(&options),
        Command::Describe(options) => describe::describe(&options),
        Command::Run(options) => {
            report::after((options.report, options.force), options.out.as_deref(), || {
                run::run(&options)
            })
        }
        Command::Claims(options) => {
            report::after((options.report, options.force), options.out.as_deref(), || {
                claims::claims(&options)
            })
        }
        #[cfg(feature = "explore")]
        Command::Explore(options) => explore::explore(&options),
        #[cfg(not(feature = "explore"))]
        Command::Explore(_) => Err(Failed::usage(
            "this program was built without the page; `cargo install --path . --features explore` \
             builds one with it",
        )),
        Command::Trace(options) => trace::trace(&options),
        Command::Score(options) => {
            report::after((options.report, options.kept.force), options.kept.out.as_deref(), || {
                score::score(&options)
            })
        }
        Command::Fit(options) => fit::fit(&options),
        Command::Forecast(options) => forecast::forecast(&options),
        Command::Condition(options) => condition::condition(&options),
        Command::Solve(options) => solve::solve(&options),
        Command::Meta(options) => meta::meta(&options),
        Command::Sensitivity(options) => {
            report::after((options.report, options.kept.force), options.kept.out.as_deref(), || {
                sensitivity::sensitivity(&options)
            })
        }
        Command::Discover(options) => discover::discover(&options),
        Command::Sweep(options) => {
            report::after((options.report, options.force), options.out.as_deref(), || {
                sweep::sweep(&options)
            })
        }
        Command::Report(options) => report::report(&options),
        Command::Plot(options) => plot::plot(&options),
        Command::Plan(options) => shard::plan(&options),
        Command::Shard(options) => shard::shard(&options),
        Command::Status(options) => shard::status(&options),
        Command::Merge(options) => shard::merge(&options),
        Command::Verify(options) => verify::verify(&options),
        Command::Explain(options) => explain::explain(options.code.as_deref()),
        Command::Schema(options) => {
            let schema = match options.history {
                true => detente::schema::history(),
                false => detente::schema::schema(),
            };
            print_stdout(&format!("{schema:#}\n"))
        }
        Command::Completions(options) => pages::completions(options.shell),
        Command::Man => pages::man(),
    }
}
