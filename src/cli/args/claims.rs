//! Options of `claims`.

use std::path::PathBuf;

use clap::builder::ValueParser;
use clap::{Args, ValueEnum};

use super::{Play, RUNS, Room, count, setting};
use detente::Sensitivity;
use detente::model::limits::THREADS;

/// Options of `claims`.
#[derive(Debug, Args)]
pub struct Claims {
    /// The scenario, by path or name
    #[arg(required_unless_present = "from", conflicts_with = "from")]
    pub scenario: Option<String>,
    /// Runs of each arm that a claim reads
    #[arg(long, default_value_t = RUNS, value_name = "N",
          value_parser = ValueParser::new(count::<100_000_000>))]
    pub runs: u64,
    /// What is played.
    #[command(flatten)]
    pub play: Play,
    /// Judge these claims only, separated by commas
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub claims: Vec<String>,
    /// Adjust intervals and verdicts for the number of claims (Holm)
    #[arg(long)]
    pub family_wise: bool,
    /// Double the runs until every interval is decided or narrower than this, six times at most
    #[arg(long, value_name = "WIDTH", value_parser = ValueParser::new(width))]
    pub precision: Option<f64>,
    /// Judge every claim again with this set, over variants too, and list which claims move; may
    /// be repeated
    #[arg(long = "switch", value_name = "NAME=VALUE", value_parser = ValueParser::new(setting))]
    pub switches: Vec<(String, String)>,
    /// Judge every claim at so many points of all declared ranges at once
    #[arg(long, value_name = "POINTS",
          value_parser = clap::value_parser!(u64).range(4..=1_000_000))]
    pub robust: Option<u64>,
    /// Runs of each arm at each of these points; where absent, so many as decide the base case with
    /// a power of 0.9, from 100 on and within 2,000,000 over all points and arms
    #[arg(long, value_name = "N", requires = "robust",
          value_parser = clap::value_parser!(u64).range(20..=1_000_000))]
    pub robust_runs: Option<u64>,
    /// With --robust, rows of walks through the ranges, of 8 runs at each point, that say which
    /// parameters carry the claims; 0 leaves that out
    #[arg(long, default_value_t = Sensitivity::ROWS, value_name = "N", requires = "robust",
          value_parser = ValueParser::new(walks))]
    pub robust_rows: u64,
    /// Give each arm random numbers of its own instead of sharing them run by run
    #[arg(long)]
    pub independent: bool,
    /// Exit with status 1 if a claim is contradicted, or contradicted or inconclusive
    #[arg(long, value_enum, value_name = "VERDICT")]
    pub fail_on: Option<FailOn>,
    /// What to print
    #[arg(long, value_enum, default_value_t = ClaimsFormat::Text)]
    pub format: ClaimsFormat,
    /// Show the tables of an earlier --out folder without playing anything
    #[arg(long, value_name = "DIR", conflicts_with_all = ["out", "switches", "robust"])]
    pub from: Option<PathBuf>,
    /// How many threads; all cores where absent. Results do not depend on it
    #[arg(long, value_name = "K",
          value_parser = clap::value_parser!(u16).range(THREADS.signed()))]
    pub threads: Option<u16>,
    /// How much memory.
    #[command(flatten)]
    pub room: Room,
    /// Write the tables as CSV files into this folder
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Replace results that are in the folder
    #[arg(long, requires = "out")]
    pub force: bool,
    /// Write a report into the folder too: report.html, one file with figures, tables and all
    /// assumptions
    #[arg(long, requires = "out")]
    pub report: bool,
}

/// Which verdicts make `claims` fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FailOn {
    /// A claim that is contradicted
    Contradicted,
    /// A claim that is contradicted or inconclusive
    Inconclusive,
}

/// What `claims` prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ClaimsFormat {
    /// Tables for a terminal
    Text,
    /// Markdown for a report or an appendix
    Markdown,
    /// JSON for programs
    Json,
}

/// A width of intervals.
fn width(text: &str) -> Result<f64, String> {
    match text.trim().parse::<f64>() {
        Ok(width) if width > 0.0 && width.is_finite() => Ok(width),
        _ => Err("a width is a number above 0".to_string()),
    }
}

/// A number of rows: none, or enough for an interval.
fn walks(text: &str) -> Result<u64, String> {
    match text.trim().parse::<u64>() {
        Ok(rows) if rows != 1 && rows <= Sensitivity::MOST_ROWS => Ok(rows),
        _ => Err(format!("0, or a number of rows from 2 to {}", Sensitivity::MOST_ROWS)),
    }
}
