//! `detente meta`: postures against postures.

use std::path::PathBuf;

use clap::builder::ValueParser;
use clap::{Args, ValueEnum};

use super::args::{Play, Room, count};
use super::progress::{Patience, ProgressBar, fate};
use super::run::overrides;
use super::{Failed, print_stderr, print_stdout};
use detente::meta::{self, Explored, MetaError, MetaSpec, StopReason, Verdict};
use detente::model::limits::THREADS;
use detente::output::{CommandLine, Folder};
use detente::rng::Seed;
use detente::solve::nfg;
use detente::view::meta::Page;
use detente::{Scenario, render};

/// Options of `meta`.
#[derive(Debug, Args)]
pub struct Meta {
    /// The scenario, by path or name
    pub scenario: String,
    /// The variant in which postures are played; the file as it is where absent
    #[arg(long, value_name = "VARIANT")]
    pub variant: Option<String>,
    /// Runs of every joint posture to begin with, in whole blocks of 256
    #[arg(long, default_value_t = 256, value_name = "N",
          value_parser = ValueParser::new(count::<1_000_000>))]
    pub runs: u64,
    /// The most runs of all joint postures together
    #[arg(long, default_value_t = 100_000, value_name = "N",
          value_parser = ValueParser::new(count::<1_000_000_000>))]
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
    #[arg(long, value_enum, default_value_t = MetaFormat::Text)]
    pub format: MetaFormat,
}

/// What `meta` prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum MetaFormat {
    /// Plain text for a terminal
    Text,
    /// JSON for programs
    Json,
}

/// Plays all joint postures, solves the game of their utilities and prints what was found.
///
/// # Errors
/// Status 1 if the scenario is at fault or the user stopped; 2 if an option is, or files cannot be
/// written.
pub fn meta(options: &Meta) -> Result<(), Failed> {
    let loaded = Scenario::find(&options.scenario)?;
    let variant = options.variant.as_deref().filter(|name| *name != "base");
    if let Some(name) = variant {
        loaded.known_variant(name)?;
    }
    let changes = overrides(loaded.model(), &options.play.set)?;
    loaded.arm(variant, &changes)?;
    let spec = MetaSpec {
        model: loaded.model(),
        source: loaded.text(),
        variant,
        changes: &changes,
        rounds: options.play.rounds,
        runs: options.runs,
        budget: options.budget,
        seed: Seed(options.play.seed),
        threads: options.threads.map(usize::from),
        memory: options.room.memory,
    };
    let mut folder = match &options.out {
        Some(path) => Some(super::folder(&loaded, path, options.force)?),
        None => None,
    };
    let bar = ProgressBar::new(options.budget, fate(options.out.as_deref()));
    let explored = meta::explore(&spec, &bar);
    bar.finish();
    let explored = explored.map_err(|error| failed(&loaded, error))?;
    if explored.sample.runs(explored.sample.profiles() - 1) == 0 {
        return Err(Failed::stopped("stopped before every joint posture was played"));
    }
    let title = title(&loaded, options);
    let patience = Patience::new(&bar);
    let verdict = meta::verdict(&explored, &title, spec.seed, &|| patience.is_over())
        .map_err(|e| failed(&loaded, e))?;
    if let Some(folder) = folder.take() {
        write(folder, &loaded, options, &explored, &verdict)?;
    }
    let page = Page::of(&explored, &verdict);
    print_stdout(&match options.format {
        MetaFormat::Text => render::meta::text(&page),
        MetaFormat::Json => render::meta::json(&page),
    })?;
    if options.out.is_none() {
        print_stderr("no files written; --out DIR keeps the payoff table as CSV and as game.nfg");
    }
    match explored.enough {
        StopReason::Stopped => Err(Failed::stopped("stopped; the results hold what was finished")),
        _ => Ok(()),
    }
}

fn failed(loaded: &Scenario, error: MetaError) -> Failed {
    match error {
        MetaError::Arm(list) => Failed::wrong(&loaded.diagnostics(list)),
        MetaError::TooLarge { .. } | MetaError::Play(_) => Failed::usage(error),
        MetaError::NoPostures | MetaError::Game(_) => Failed::scenario(error),
        MetaError::Stopped => Failed::stopped(error),
    }
}

fn title(loaded: &Scenario, options: &Meta) -> String {
    let name = &loaded.model().about.name;
    match &options.variant {
        Some(variant) => format!("postures of {name}, {variant}"),
        None => format!("postures of {name}"),
    }
}

fn write(
    mut folder: Folder,
    loaded: &Scenario,
    options: &Meta,
    explored: &Explored,
    verdict: &Verdict,
) -> Result<(), Failed> {
    for table in meta::tables(explored, verdict).map_err(Failed::scenario)? {
        folder.whole(&table).map_err(Failed::usage)?;
    }
    let (what, game) = ("the game between the postures", nfg::write(&verdict.game));
    folder.file("game.nfg", what, game.as_bytes()).map_err(Failed::usage)?;
    loaded.keep_text(&mut folder)?;
    let notes = vec![
        ("runs_of_all".to_string(), explored.sample.total().to_string()),
        ("enough".to_string(), explored.enough.as_str().to_string()),
    ];
    let made_by =
        loaded.provenance((options.play.seed, options.runs), command(loaded, options), notes);
    let path = folder.path().display().to_string();
    folder.finish(&made_by).map_err(Failed::usage)?;
    print_stderr(&format!("results in {path}"));
    Ok(())
}

/// The command that makes the same results.
fn command(loaded: &Scenario, options: &Meta) -> String {
    let mut command = CommandLine::new("meta", loaded.name());
    options.variant.iter().for_each(|variant| command.word("--variant", variant));
    command.word("--runs", &options.runs.to_string());
    command.word("--budget", &options.budget.to_string());
    command.word("--seed", &options.play.seed.to_string());
    options.play.rounds.iter().for_each(|rounds| command.word("--rounds", &rounds.to_string()));
    for (key, value) in &options.play.set {
        command.word("--set", &format!("{key}={value}"));
    }
    command.text()
}
