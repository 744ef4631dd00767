//! `detente meta`: postures against postures.

use std::path::PathBuf;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Instant;

use clap::Args;
use clap::builder::ValueParser;

use super::args::{Format, Play, Room, count};
use super::progress::{Patience, ProgressBar, fate};
use super::run::note_changes;
use super::sensitivity::duration;
use super::{Failed, print_stderr, print_stdout};
use detente::experiment::{BLOCK, Progress};
use detente::meta::{MetaError, StopReason};
use detente::model::limits::THREADS;
use detente::{Scenario, number, render};

/// Options of `meta`.
#[derive(Debug, Args)]
pub struct Meta {
    /// The scenario, by path or name
    pub scenario: String,
    /// The variant in which postures are played; the file as it is where absent
    #[arg(long, value_name = "VARIANT")]
    pub variant: Option<String>,
    /// Runs of every joint posture to begin with, in whole blocks of 256
    #[arg(long, default_value_t = detente::Meta::RUNS, value_name = "N",
          value_parser = ValueParser::new(count::<{ detente::Meta::MOST_RUNS }>))]
    pub runs: u64,
    /// The most runs of all joint postures together
    #[arg(long, default_value_t = detente::Meta::BUDGET, value_name = "N",
          value_parser = ValueParser::new(count::<{ detente::Meta::MOST_BUDGET }>))]
    pub budget: u64,
    /// What is played.
    #[command(flatten)]
    pub play: Play,
    /// How many threads; all cores where absent. Results do not depend on it
    #[arg(long, value_name = "K",
          value_parser = clap::value_parser!(u16).range(THREADS.signed()))]
    pub threads: Option<u16>,
    /// How much memory.
    #[command(flatten)]
    pub room: Room,
    /// Write payoffs.csv, equilibria.csv, standings.csv and game.nfg into this folder
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Replace results that are in the folder
    #[arg(long, requires = "out")]
    pub force: bool,
    /// What to print
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
}

/// Plays all joint postures, solves the game of their utilities and prints what was found.
///
/// # Errors
/// Status 1 if the scenario is at fault or the user stopped; 2 if an option is, or files cannot be
/// written.
pub fn meta(options: &Meta) -> Result<(), Failed> {
    let loaded = Scenario::find(&options.scenario)?;
    let request = request(options);
    let spec = loaded.meta_spec(&request)?;
    note_changes(loaded.model(), &spec.changes);
    let mut folder = match &options.out {
        Some(path) => Some(super::folder(&loaded, path, options.force)?),
        None => None,
    };
    let bar = ProgressBar::new(options.budget, fate(options.out.as_deref()));
    let timed = Timed::new(&loaded, options, &bar);
    let explored = loaded.explore(&spec, &timed);
    bar.finish();
    let patience = Patience::new(&bar);
    let page = loaded.postures(&request, explored?, &|| patience.is_over())?;
    if let Some(folder) = folder.take() {
        let path = folder.path().display().to_string();
        page.write_into(folder)?;
        print_stderr(&format!("results in {path}"));
    }
    print_stdout(&match options.format {
        Format::Text => render::meta::text(&page),
        Format::Json => render::meta::json(&page),
    })?;
    if options.out.is_none() {
        print_stderr("no files written; --out DIR keeps the payoff table as CSV and as game.nfg");
    }
    match page.explored().enough {
        StopReason::Stopped => Err(Failed::stopped("stopped; the results hold what was finished")),
        _ => Ok(()),
    }
}

/// What is asked for, as the library takes it.
fn request(options: &Meta) -> detente::Meta {
    let request = detente::Meta::new().runs(options.runs).budget(options.budget);
    let request = request.seed(options.play.seed).memory(options.room.memory);
    let request = options.variant.iter().fold(request, |r, name| r.variant(name));
    let request = options.threads.iter().fold(request, |r, n| r.threads((*n).into()));
    let request = options.play.rounds.iter().fold(request, |r, rounds| r.rounds(*rounds));
    options.play.set.iter().fold(request, |r, (key, value)| r.set(key, value))
}

/// Says beforehand how much there is to do, and how long it takes once the first runs were played.
struct Timed<'a> {
    bar: &'a ProgressBar,
    /// Runs to begin with, and at most.
    runs: (u64, u64),
    played: AtomicU64,
    /// When the first runs were played, and how many.
    since: OnceLock<(Instant, u64)>,
    said: AtomicBool,
}

/// So long runs are played before it is said how long all of them take.
const TRIAL: f64 = 0.5;

impl<'a> Timed<'a> {
    fn new(loaded: &Scenario, options: &Meta, bar: &'a ProgressBar) -> Timed<'a> {
        let postures = loaded.model().postures_by_actor();
        let of = |n: u64, list: &Vec<usize>| n.saturating_mul(list.len() as u64);
        let profiles = postures.iter().map(|(_, list)| list).fold(1, of);
        let each = options.runs.next_multiple_of(BLOCK as u64);
        let (first, most) = (profiles.saturating_mul(each), options.budget);
        // what cannot be played is told by who plays
        if !postures.is_empty() && first <= most {
            print_stderr(&format!(
                "{}, {} to begin with, {} at most",
                number::count(profiles, "joint posture"),
                number::count(first, "run"),
                number::count(most, "run")
            ));
        }
        let (played, since, said) = (AtomicU64::new(0), OnceLock::new(), AtomicBool::new(false));
        Timed { bar, runs: (first, most), played, since, said }
    }
}

impl Progress for Timed<'_> {
    #[expect(clippy::disallowed_methods, reason = "how long it takes is no result")]
    fn advanced(&self, runs: u64) {
        self.bar.advanced(runs);
        let played = self.played.fetch_add(runs, Ordering::Relaxed) + runs;
        let (since, before) = self.since.get_or_init(|| (Instant::now(), played));
        let seconds = since.elapsed().as_secs_f64();
        if seconds < TRIAL || played == *before || self.said.swap(true, Ordering::Relaxed) {
            return;
        }
        let each = seconds / (played - before) as f64;
        let long = |runs: u64| duration(each * runs.saturating_sub(played) as f64);
        let (first, most) = self.runs;
        let text = format!("about {} to begin with, {} at most", long(first), long(most));
        self.bar.say(&text);
    }

    fn stop(&self) -> bool {
        self.bar.stop()
    }
}

/// How a failure is reported.
pub fn failed(error: MetaError) -> Failed {
    match error {
        MetaError::TooLarge { .. } | MetaError::Play(_) => Failed::usage(error),
        MetaError::NoPostures | MetaError::Arm(_) | MetaError::Game(_) => Failed::scenario(error),
        MetaError::Stopped { .. } => Failed::stopped(error),
    }
}
