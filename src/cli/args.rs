//! What was typed: commands and options, before anything is read.

mod claims;
mod condition;
mod evidence;
mod plot;
mod report;
mod sensitivity;
mod solve;

pub use claims::{Claims, ClaimsFormat, FailOn};
pub use condition::Condition;
pub use evidence::{Fit, Forecast, Particles, Score, Weigh};
pub use plot::{Drawn, Plot, PlotFormat};
pub use report::Report;
pub use sensitivity::{Discover, FromPoints, Saltelli, Sensitivity};
pub use solve::Solve;

use std::path::PathBuf;

use clap::builder::{Styles, ValueParser};
use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use super::meta::Meta;
use detente::experiment::Memory;
use detente::model::limits::{POINTS, ROUNDS, RUNS as MOST_RUNS, SHARDS, THREADS};
use detente::rng::Seed;

/// Runs of each arm where none are asked for.
pub const RUNS: u64 = 10_000;
/// The most runs of an arm.
const MOST: u64 = MOST_RUNS.most;
/// The seed where none is given.
pub const SEED: u64 = Seed::DEFAULT.0;

/// Game-theoretic alliance scenarios: write a strategic situation in a text file, play it out many
/// times, and see what follows.
#[derive(Debug, Parser)]
#[command(
    name = "detente",
    version,
    propagate_version = false,
    styles = Styles::styled(),
    max_term_width = 100,
    after_help = "A scenario is named by path or by bare name: `pyongyang-pact` is looked for in \
                  scenarios/ below the current folder, then among the scenarios inside the \
                  program.\n\n\
                  Exit status: 0 done, 1 a scenario, a run or the contents of a folder are at \
                  fault, 2 wrong usage or a file that cannot be read or written, 130 after Ctrl-C, \
                  143 after SIGTERM."
)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// List the named scenarios and games with their titles
    List,
    /// Write a commented scenario to start from
    New(New),
    /// Report everything that is wrong with scenario files
    Check(Check),
    /// Show a scenario as a reader would want it, with every assumption
    Describe(Describe),
    /// Play a scenario many times and compare its variants
    Run(Run),
    /// Put the claims of a scenario to the test
    Claims(Claims),
    /// Open a page on which assumptions move: outcomes and claims follow at once
    Explore(Explore),
    /// Show one run round by round: options, utilities, choices, events
    Trace(Trace),
    /// Weigh a scenario by a history: how surprised it is, and by what
    Score(Box<Score>),
    /// Find which numbers of a scenario a history supports: estimates with intervals
    Fit(Box<Fit>),
    /// Say what follows from a history: play on from its end, or from an earlier round
    Forecast(Box<Forecast>),
    /// Condition a scenario on a history: what it teaches of parameters and private types
    Condition(Box<Condition>),
    /// Find equilibria of a game: a `.nfg` file, or a round of a scenario
    Solve(Box<Solve>),
    /// Play postures of actors against each other and solve the game between them
    Meta(Meta),
    /// Play a scenario at many points of a space of assumptions, on all cores
    Sweep(Sweep),
    /// Say which assumption matters to outcomes and claims, and how much is luck
    Sensitivity(Box<Sensitivity>),
    /// Say where in the space of a sweep a condition holds
    Discover(Box<Discover>),
    /// Draw figures of a folder of results
    Plot(Plot),
    /// Put folders of results of one scenario into one page that can be mailed
    Report(Report),
    /// Cut a sweep into shards for a cluster: one file that any machine can work from
    Plan(Plan),
    /// Play one shard of a plan
    Shard(Shard),
    /// Say which shards of a plan are done
    Status(Status),
    /// Put the shards of a plan together
    Merge(Merge),
    /// Say whether the files of a folder of results are all there and as they were written
    Verify(Verify),
    /// Explain a diagnostic code, or list all of them
    Explain(Explain),
    /// Print the JSON Schema of the scenario format
    Schema(Schema),
    /// Print a completion script for a shell
    Completions(Completions),
    /// Print the manual page
    Man,
}

impl Command {
    /// How much memory it may take; none for those that take next to nothing.
    pub fn memory(&self) -> Option<Memory> {
        let room = match self {
            Command::Check(options) => &options.room,
            Command::Describe(options) => &options.room,
            Command::Run(options) => &options.room,
            Command::Claims(options) => &options.room,
            Command::Explore(options) => &options.room,
            Command::Trace(options) => &options.room,
            Command::Score(options) => &options.weigh.play.room,
            Command::Fit(options) => &options.weigh.play.room,
            Command::Forecast(options) => &options.weigh.play.room,
            Command::Condition(options) => &options.play.room,
            Command::Solve(options) => &options.room,
            Command::Meta(options) => &options.room,
            Command::Sensitivity(options) => &options.room,
            Command::Sweep(options) => &options.room,
            Command::Shard(options) => &options.room,
            Command::Merge(options) => &options.room,
            _ => return None,
        };
        Some(room.memory)
    }
}

/// How much memory may be taken.
#[derive(Debug, Args)]
pub struct Room {
    /// How much memory may be taken, for instance 512MB or 4GB. What needs more is refused before
    /// it begins. Results do not depend on it
    #[arg(long, value_name = "SIZE", default_value = "2GB")]
    pub memory: Memory,
}

/// Options of `new`.
#[derive(Debug, Args)]
pub struct New {
    /// The name of the scenario; the file is NAME.toml in the current folder
    pub name: String,
    /// Copy this scenario instead of the starter
    #[arg(long, value_name = "SCENARIO")]
    pub from: Option<String>,
    /// Overwrite a file that exists
    #[arg(long)]
    pub force: bool,
}

/// Options of `check`.
#[derive(Debug, Args)]
pub struct Check {
    /// Scenarios, by path or name
    #[arg(value_name = "SCENARIO", required = true)]
    pub scenarios: Vec<String>,
    /// How to print diagnostics: for people, or as one JSON object per line on standard output
    #[arg(long, value_enum, default_value_t = MessageFormat::Human, value_name = "FORMAT")]
    pub message_format: MessageFormat,
    /// Treat warnings, numbers without a source among them, as errors
    #[arg(long)]
    pub strict: bool,
    /// Say for every payoff whether imagined rounds give its expectation, and where they do not
    #[arg(long)]
    pub anticipation: bool,
    /// How much memory.
    #[command(flatten)]
    pub room: Room,
}

/// How diagnostics are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum MessageFormat {
    /// Text with carets
    Human,
    /// JSON lines
    Json,
}

/// Options of `describe`.
#[derive(Debug, Args)]
pub struct Describe {
    /// The scenario, by path or name
    pub scenario: String,
    /// What to print
    #[arg(long, value_enum, default_value_t = DescribeFormat::Text)]
    pub format: DescribeFormat,
    /// Show what the engine carries out instead: sizes, or every operation
    #[arg(long, value_enum, num_args = 0..=1, default_missing_value = "sizes", value_name = "HOW")]
    pub plan: Option<PlanDetail>,
    /// How much memory.
    #[command(flatten)]
    pub room: Room,
}

/// How much of a plan `describe --plan` prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PlanDetail {
    /// Operations by phase and kind
    Sizes,
    /// Every operation, with the line of the file that asked for it
    Full,
}

/// What `describe` prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum DescribeFormat {
    /// Plain text for a terminal
    Text,
    /// Markdown for a report or an appendix
    Markdown,
    /// JSON for programs
    Json,
}

/// What is played, by `run` and by `trace`.
#[derive(Debug, Args)]
pub struct Play {
    /// Rounds of a run, instead of those of the file
    #[arg(long, value_name = "T",
          value_parser = clap::value_parser!(u32).range(ROUNDS.signed()))]
    pub rounds: Option<u32>,
    /// Where all random numbers come from; the same seed gives the same bytes
    #[arg(long, default_value_t = SEED, value_name = "X")]
    pub seed: u64,
    /// Set a parameter, an initial value or a decision setting in every arm: `gift=0.2`,
    /// `w[CHN]=0.9`, `decision.precision=4`; may be repeated
    #[arg(long = "set", value_name = "NAME=VALUE", value_parser = ValueParser::new(setting))]
    pub set: Vec<(String, String)>,
}

/// Options of `run`.
#[derive(Debug, Args)]
pub struct Run {
    /// The scenario, by path or name
    pub scenario: String,
    /// Also play this variant, side by side with the file as it is; may be repeated
    #[arg(long = "variant", value_name = "VARIANT")]
    pub variants: Vec<String>,
    /// Play all variants of the file
    #[arg(long, conflicts_with = "variants")]
    pub all_variants: bool,
    /// Compare with this arm instead of the file as it is, `base`
    #[arg(long, value_name = "ARM")]
    pub versus: Option<String>,
    /// Compare with another scenario, by path or name: the outcomes that both have, run by run,
    /// the file as it is or one variant in both
    #[arg(long, value_name = "SCENARIO",
          conflicts_with_all = ["all_variants", "versus", "panel", "independent"])]
    pub against: Option<String>,
    /// Runs of each arm
    #[arg(long, default_value_t = RUNS, value_name = "N",
          value_parser = ValueParser::new(count::<MOST>))]
    pub runs: u64,
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
    /// Write all results as CSV files into this folder
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Replace results that are in the folder
    #[arg(long, requires = "out")]
    pub force: bool,
    /// Write a report into the folder too: report.html, one file with figures, tables and all
    /// assumptions
    #[arg(long, requires = "out")]
    pub report: bool,
    /// Show all outcomes in the tables, or those named, separated by commas; the first dozen where
    /// absent. Files hold all of them in any case
    #[arg(long, value_name = "NAMES", num_args = 0..=1, value_delimiter = ',')]
    pub outcomes: Option<Vec<String>>,
    /// What to print; JSON has all outcomes unless some are named
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
    /// Leave out outcomes.csv, which has one row per run
    #[arg(long)]
    pub no_per_run: bool,
    /// Write panel.csv too: one row per arm, run and round, with what every seat chose
    #[arg(long, requires = "out")]
    pub panel: bool,
    /// Recorded variables that panel.csv holds besides, separated by commas: `trust[A,B]`, or
    /// `trust` for all its cells; none where absent
    #[arg(long, value_name = "NAMES", requires = "panel")]
    pub variables: Option<String>,
    /// In which formats tables are written.
    #[command(flatten)]
    pub formats: Formats,
    /// Give each arm random numbers of its own instead of sharing them run by run
    #[arg(long)]
    pub independent: bool,
    /// Play as many runs again at points of everything that the file declares uncertain: what
    /// follows from assumptions, and what from luck
    #[arg(long, conflicts_with_all = ["against", "versus"])]
    pub uncertain: bool,
    /// The same at points drawn from a CSV file by its column `weight`, such as the posterior.csv
    /// of `condition`
    #[arg(long, value_name = "FILE", conflicts_with_all = ["uncertain", "against", "versus"])]
    pub weights: Option<String>,
    /// At how many points; 256 where absent. The runs are shared among them
    #[arg(long, value_name = "P", value_parser = clap::value_parser!(u64).range(2..=1_000_000))]
    pub points: Option<u64>,
    /// Play with the plain interpreter, which defines the results, instead of the engine: the same
    /// bytes, slowly
    #[arg(long)]
    pub plain: bool,
}

/// Options of `explore`.
#[derive(Debug, Args)]
#[cfg_attr(not(feature = "explore"), expect(dead_code, reason = "it says how to get it"))]
pub struct Explore {
    /// The scenario, by path or name
    pub scenario: String,
    /// The port on 127.0.0.1; a free one where absent
    #[arg(long, value_name = "PORT", value_parser = clap::value_parser!(u16).range(1..))]
    pub port: Option<u16>,
    /// Print the address of the page instead of opening a browser
    #[arg(long)]
    pub no_browser: bool,
    /// Where all random numbers come from; the same seed gives the same numbers
    #[arg(long, default_value_t = SEED, value_name = "X")]
    pub seed: u64,
    /// How many threads; all cores where absent. Results do not depend on it
    #[arg(long, value_name = "K",
          value_parser = clap::value_parser!(u16).range(THREADS.signed()))]
    pub threads: Option<u16>,
    /// How much memory.
    #[command(flatten)]
    pub room: Room,
}

/// Options of `trace`.
#[derive(Debug, Args)]
pub struct Trace {
    /// The scenario, by path or name
    pub scenario: String,
    /// Which run, from 0
    #[arg(long, default_value_t = 0, value_name = "R",
          value_parser = clap::value_parser!(u64).range(0..1_000_000_000_000))]
    pub run: u64,
    /// A variant instead of the file as it is
    #[arg(long, value_name = "VARIANT")]
    pub variant: Option<String>,
    /// What is played.
    #[command(flatten)]
    pub play: Play,
    /// Show this round only; outcomes are left out of the text
    #[arg(long, value_name = "N",
          value_parser = clap::value_parser!(u32).range(ROUNDS.signed()))]
    pub round: Option<u32>,
    /// Show a line for each choice, event that happened and belief that moved, with what was seen
    #[arg(long, conflicts_with = "format")]
    pub brief: bool,
    /// Show this actor only: its choices and payoffs, the beliefs it holds or that are about it,
    /// and quantities that belong to it or to nobody; may be repeated
    #[arg(long = "actor", value_name = "ACTOR")]
    pub actors: Vec<String>,
    /// What to print
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
    /// How much memory.
    #[command(flatten)]
    pub room: Room,
}

/// What a command prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Plain text for a terminal
    Text,
    /// JSON for programs
    Json,
}

/// What a sweep plays, for `sweep` and for `plan`.
#[derive(Debug, Args)]
pub struct Points {
    /// The scenario, by path or name
    pub scenario: String,
    /// Take what varies, the design, points and runs from this experiment of the file; options
    /// given besides count more
    #[arg(long, value_name = "NAME")]
    pub experiment: Option<String>,
    /// What varies: `gift=0:1:5` five values, `gift=0:1` any between, either with `log` or
    /// `integer` behind, or `variant=base,no_pact`; any key that --set takes; may be repeated
    #[arg(long, value_name = "NAME=VALUES")]
    pub vary: Vec<String>,
    /// Vary every parameter that the file gives a range or a distribution, switches aside
    #[arg(long)]
    pub uncertain: bool,
    /// How points are laid out: grid, lhs (Latin hypercube), sobol, random, or a CSV file with one
    /// point a row, its number in a column `point` if wanted; a grid where all values are counted,
    /// else sobol
    #[arg(long, value_name = "DESIGN")]
    pub design: Option<String>,
    /// How many points; of a grid or a file, the first so many. All of them where absent, else 256
    #[arg(long, value_name = "N",
          value_parser = clap::value_parser!(u64).range(POINTS.unsigned()))]
    pub points: Option<u64>,
    /// Runs of each arm at each point; 100 where absent
    #[arg(long, value_name = "N", value_parser = ValueParser::new(count::<MOST>))]
    pub runs: Option<u64>,
    /// Also play this variant at each point; may be repeated
    #[arg(long = "variant", value_name = "VARIANT")]
    pub variants: Vec<String>,
    /// Play all variants of the file at each point
    #[arg(long, conflicts_with = "variants")]
    pub all_variants: bool,
    /// What is played.
    #[command(flatten)]
    pub play: Play,
    /// Give each point random numbers of its own instead of sharing them run by run
    #[arg(long)]
    pub independent: bool,
    /// Keep the outcomes of every run in outcomes.csv
    #[arg(long)]
    pub per_run: bool,
}

/// In which formats tables are written.
#[derive(Debug, Args)]
pub struct Formats {
    /// Write every table as Apache Parquet too
    #[cfg(feature = "parquet")]
    #[arg(long)]
    pub parquet: bool,
}

impl Formats {
    /// Opens a folder for tables in these formats.
    #[cfg_attr(
        not(feature = "parquet"),
        expect(unused_variables, reason = "CSV is written always")
    )]
    pub fn apply(&self, folder: &mut detente::output::Folder) {
        #[cfg(feature = "parquet")]
        if self.parquet {
            folder.also_parquet();
        }
    }
}

/// Options of `sweep`.
#[derive(Debug, Args)]
pub struct Sweep {
    /// What is played.
    #[command(flatten)]
    pub points: Points,
    /// How many threads; all cores where absent. Results do not depend on it
    #[arg(long, value_name = "K",
          value_parser = clap::value_parser!(u16).range(THREADS.signed()))]
    pub threads: Option<u16>,
    /// How much memory.
    #[command(flatten)]
    pub room: Room,
    /// The folder of the results; SCENARIO-sweep, or SCENARIO-EXPERIMENT, where absent. If the same
    /// sweep was begun in it, the sweep goes on
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Go on only: refuse to begin a sweep anew
    #[arg(long, conflicts_with = "force")]
    pub resume: bool,
    /// Begin anew, and replace results that are in the folder
    #[arg(long)]
    pub force: bool,
    /// Write a report into the folder too: report.html, one file with figures, tables and all
    /// assumptions
    #[arg(long, requires = "out")]
    pub report: bool,
    /// What to print once all is played
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
    /// In which formats.
    #[command(flatten)]
    pub formats: Formats,
}

/// Options of `plan`.
#[derive(Debug, Args)]
pub struct Plan {
    /// What is played.
    #[command(flatten)]
    pub points: Points,
    /// Into how many shards
    #[arg(long, value_name = "K", value_parser = clap::value_parser!(u64).range(SHARDS.unsigned()))]
    pub shards: u64,
    /// The file of the plan
    #[arg(long, alias = "output", short_alias = 'o', value_name = "FILE")]
    pub out: PathBuf,
    /// Overwrite a file that exists
    #[arg(long)]
    pub force: bool,
}

/// Options of `shard`.
#[derive(Debug, Args)]
pub struct Shard {
    /// The file of the plan
    pub plan: PathBuf,
    /// Which shard, from 0; `auto` reads the index variable of Slurm, PBS, Torque, Grid Engine,
    /// LSF, HTCondor, AWS Batch, Kubernetes or HyperQueue
    #[arg(long, value_name = "I")]
    pub index: String,
    /// Added to the index: for arrays that are submitted in pieces, or -1 for arrays that count
    /// from 1
    #[arg(long, default_value_t = 0, value_name = "N", allow_hyphen_values = true)]
    pub offset: i64,
    /// The folder of parts, for all shards the same, or one for each
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// How many threads; those the scheduler gave, or all cores, where absent
    #[arg(long, value_name = "K",
          value_parser = clap::value_parser!(u16).range(THREADS.signed()))]
    pub threads: Option<u16>,
    /// Replace parts of other plans that have the names of this shard's parts
    #[arg(long)]
    pub force: bool,
    /// How much memory.
    #[command(flatten)]
    pub room: Room,
}

/// Options of `status`.
#[derive(Debug, Args)]
pub struct Status {
    /// The file of the plan, or the sweep.json of a sweep
    pub plan: PathBuf,
    /// The folders of parts
    #[arg(value_name = "DIR", required = true)]
    pub folders: Vec<PathBuf>,
    /// Print the shards that are not done, as schedulers take them (0,3-5), and nothing else
    #[arg(long)]
    pub missing: bool,
}

/// Options of `merge`.
#[derive(Debug, Args)]
pub struct Merge {
    /// The file of the plan, or the sweep.json of a sweep
    pub plan: PathBuf,
    /// The folders of parts
    #[arg(value_name = "DIR", required = true)]
    pub folders: Vec<PathBuf>,
    /// The folder of the results
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// Take the points that are complete, if not all are
    #[arg(long)]
    pub partial: bool,
    /// How much memory.
    #[command(flatten)]
    pub room: Room,
    /// In which formats.
    #[command(flatten)]
    pub formats: Formats,
    /// Replace results that are in the folder
    #[arg(long)]
    pub force: bool,
}

/// Options of `verify`.
#[derive(Debug, Args)]
pub struct Verify {
    /// The folder: results of run, claims, sweep, merge or meta, or the parts of shards
    #[arg(value_name = "DIR")]
    pub folder: PathBuf,
    /// What to print
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
}

/// Options of `explain`.
#[derive(Debug, Args)]
pub struct Explain {
    /// A code such as E0012, or in short E12 or 12; all codes are listed where absent
    pub code: Option<String>,
}

/// Options of `schema`.
#[derive(Debug, Args)]
pub struct Schema {
    /// That of history files
    #[arg(long)]
    pub history: bool,
}

/// Options of `completions`.
#[derive(Debug, Args)]
pub struct Completions {
    /// The shell
    #[arg(value_enum)]
    pub shell: Shell,
}

/// How many runs: a whole number from 1 to `MOST`, with `_` among its digits where wanted.
pub fn count<const MOST: u64>(text: &str) -> Result<u64, String> {
    let digits = text.replace('_', "");
    match digits.parse::<u64>() {
        Ok(n) if (1..=MOST).contains(&n) => Ok(n),
        Ok(n) => Err(format!("{n} is not between 1 and {MOST}")),
        Err(_) if digits.strip_prefix('-').is_some_and(|n| n.parse::<u64>().is_ok()) => {
            Err(format!("{digits} is not between 1 and {MOST}"))
        }
        Err(_) => {
            let plain = text.chars().all(|c| c.is_ascii_digit() || ",_' ".contains(c));
            let digits = text.replace([',', '_', '\'', ' '], "");
            let known = digits.parse::<u64>().is_ok_and(|n| plain && (1..=MOST).contains(&n));
            let shown = if known { digits.as_str() } else { "10000" };
            Err(format!("write a whole number without separators, for instance {shown}"))
        }
    }
}

/// `name=value` in its two parts.
pub fn setting(text: &str) -> Result<(String, String), String> {
    let wanted = "write it as name=value, for instance --set gift=0.2";
    let (key, value) = text.split_once('=').ok_or(wanted)?;
    let (key, value) = (key.trim(), value.trim());
    if key.is_empty() || value.is_empty() {
        return Err(wanted.to_string());
    }
    Ok((key.to_string(), value.to_string()))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_commands_fit_together() {
        Cli::command().debug_assert();
    }

    #[test]
    fn runs_are_a_whole_number() {
        let count = count::<MOST>;
        assert_eq!((count("10000"), count("10_000")), (Ok(10_000), Ok(10_000)));
        assert!(count("10,000").is_err_and(|why| why.ends_with(" 10000")));
        assert!(count("1e3").is_err_and(|why| why.ends_with(" 10000")));
        assert!(count("0").is_err() && count("x").is_err() && count("2000000000").is_err());
    }

    #[test]
    fn a_setting_is_a_name_and_a_value() {
        let gift = ("gift".to_string(), "0.2".to_string());
        assert_eq!(setting("gift = 0.2"), Ok(gift));
        assert!(setting("gift").is_err());
        assert!(setting("=1").is_err());
        assert!(setting("gift=").is_err());
    }
}
