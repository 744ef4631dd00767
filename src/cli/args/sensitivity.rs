//! Options of the commands that say which assumption matters.

use std::path::PathBuf;

use clap::builder::ValueParser;
use clap::{Args, ValueEnum};

use super::evidence::Kept;
use super::{Play, Room, SEED, count};
use detente::GivenMethod;
use detente::model::limits::THREADS;
use detente::sensitivity::prim::Objective;

/// Options of `sensitivity`.
#[derive(Debug, Args)]
pub struct Sensitivity {
    /// The scenario, by path or name; not with --from
    #[arg(required_unless_present = "from")]
    pub scenario: Option<String>,
    /// Points that are there already.
    #[command(flatten)]
    pub given: FromPoints,
    /// Take what varies from this experiment of the file
    #[arg(long, value_name = "NAME")]
    pub experiment: Option<String>,
    /// What varies, `gift=0:1` for instance, as in `sweep`; may be repeated. Where absent every
    /// parameter that the file gives a range or a distribution
    #[arg(long, value_name = "NAME=VALUES")]
    pub vary: Vec<String>,
    /// Besides --vary, every parameter that the file gives a range or a distribution
    #[arg(long)]
    pub uncertain: bool,
    /// Explain these outcomes, separated by commas; all where neither outcomes nor claims are named
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub outcomes: Vec<String>,
    /// Explain how outcomes differ between this variant and the file as it is, run by run; may be
    /// repeated
    #[arg(long, value_name = "VARIANT")]
    pub difference: Vec<String>,
    /// Explain the outcomes of this variant; the file as it is where absent
    #[arg(long, value_name = "VARIANT")]
    pub variant: Option<String>,
    /// Explain how far claims lie from their thresholds: all, or those named, separated by commas
    #[arg(long, value_name = "NAMES", num_args = 0..=1, value_delimiter = ',')]
    pub claims: Option<Vec<String>>,
    /// Move several assumptions together: `parameter` all cells of each, or `NAME=PATTERN` those
    /// whose name fits, with `*` for any text; may be repeated
    #[arg(long, value_name = "GROUP")]
    pub group: Vec<String>,
    /// First-order and total indices from pairs of points, instead of Shapley effects and total
    /// indices from walks
    #[arg(long)]
    pub pairs: bool,
    /// Rows of the design: a walk changes one assumption after the other
    #[arg(long, default_value_t = detente::Sensitivity::ROWS, value_name = "N",
          value_parser = ValueParser::new(count::<{ detente::Sensitivity::MOST_ROWS }>))]
    pub rows: u64,
    /// Runs of each arm at each point, at least 2
    #[arg(long, default_value_t = detente::Sensitivity::RUNS, value_name = "N",
          value_parser = ValueParser::new(count::<{ detente::Sensitivity::MOST_RUNS }>))]
    pub runs: u64,
    /// Double the rows (from a power of two on) until the widest interval of the first ten shares
    /// of everything that is explained is below this, `0.1` for instance
    #[arg(long, value_name = "W", conflicts_with = "from",
          value_parser = ValueParser::new(width))]
    pub until: Option<f64>,
    /// With --until, at most so many runs of all arms
    #[arg(long, default_value_t = detente::Sensitivity::BUDGET, value_name = "N",
          requires = "until",
          value_parser = ValueParser::new(count::<{ detente::Sensitivity::MOST_BUDGET }>))]
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
    /// Where results go.
    #[command(flatten)]
    pub kept: Kept,
    /// Write a report into the folder too: report.html, one file with figures, tables and all
    /// assumptions
    #[arg(long, requires = "out")]
    pub report: bool,
}

/// Options of `sensitivity --from`.
#[derive(Debug, Args)]
pub struct FromPoints {
    /// Play nothing: look at the points of this CSV file, or of the folder of a finished sweep
    #[arg(long, value_name = "PATH", conflicts_with_all = ["scenario", "vary", "claims", "out"])]
    pub from: Option<PathBuf>,
    /// With --from a file: the column that holds the value
    #[arg(long, value_name = "COLUMN", requires = "from")]
    pub value: Option<String>,
    /// With --from: by which estimators
    #[arg(long, value_name = "METHOD", requires = "from",
          value_parser = ValueParser::new(method))]
    pub method: Option<GivenMethod>,
    /// With --from: the estimators of Saltelli on his design (`--method sobol`), as SALib has them
    #[arg(long, requires = "from")]
    pub classical: bool,
    /// With --method sobol: whether rows hold A, AB, BA, B (`second`) or A, AB, B (`first`)
    #[arg(long, value_enum, default_value_t = Saltelli::Second)]
    pub layout: Saltelli,
    /// With --method morris: how many levels the design has
    #[arg(long, default_value_t = 4, value_name = "L",
          value_parser = clap::value_parser!(u32).range(2..=1000))]
    pub levels: u32,
}

/// In which rows a design of Saltelli stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Saltelli {
    /// A, AB by factor, B
    First,
    /// A, AB by factor, BA by factor, B
    Second,
}

/// A width of intervals of shares.
fn width(text: &str) -> Result<f64, String> {
    match text.trim().parse::<f64>() {
        Ok(width) if width > 0.0 && width < 1.0 => Ok(width),
        _ => Err("a width is a number above 0 and below 1".to_string()),
    }
}

fn method(word: &str) -> Result<GivenMethod, String> {
    word.parse::<GivenMethod>().map_err(|error| error.to_string())
}

/// Options of `discover`.
#[derive(Debug, Args)]
pub struct Discover {
    /// The folder of a finished sweep, or a CSV file with a point a row
    #[arg(value_name = "PATH")]
    pub path: PathBuf,
    /// What is looked for, as a condition on means of outcomes, or on columns of a file:
    /// `war_ever > 0.1`; several joined by ` and `
    #[arg(long, value_name = "CONDITION")]
    pub when: String,
    /// Of a sweep, look at this arm instead of the file as it is
    #[arg(long, value_name = "VARIANT", conflicts_with = "difference")]
    pub variant: Option<String>,
    /// Of a sweep, look at how this arm differs from the file as it is
    #[arg(long, value_name = "VARIANT")]
    pub difference: Option<String>,
    /// How: boxes by peeling and pasting
    #[arg(long, value_enum, default_value_t = DiscoverMethod::Prim)]
    pub method: DiscoverMethod,
    /// By which steps are chosen: gain in density by point lost, that times points kept, density
    #[arg(long, value_name = "WORD", default_value = "lenient1",
          value_parser = ValueParser::new(objective))]
    pub objective: Objective,
    /// The share of the points of a box that a peel takes off
    #[arg(long, default_value_t = 0.05, value_name = "SHARE")]
    pub alpha: f64,
    /// The least share of all points that a box may hold
    #[arg(long, default_value_t = 0.05, value_name = "SHARE")]
    pub mass_min: f64,
    /// Take this step of the trajectory, from 0, instead of the one that cross-validation chooses
    #[arg(long = "box", value_name = "N")]
    pub step: Option<usize>,
    /// At most so many boxes, one after the other
    #[arg(long, default_value_t = 3, value_name = "N",
          value_parser = clap::value_parser!(u16).range(1..=100))]
    pub boxes: u16,
    /// Where resamples come from
    #[arg(long, default_value_t = SEED, value_name = "X")]
    pub seed: u64,
    /// Also print the first box as an experiment of this name, to be put into the scenario
    #[arg(long, value_name = "NAME")]
    pub freeze: Option<String>,
    /// Where results go.
    #[command(flatten)]
    pub kept: Kept,
}

/// How conditions are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum DiscoverMethod {
    /// Boxes (Friedman and Fisher 1999)
    Prim,
}

fn objective(word: &str) -> Result<Objective, String> {
    let known = Objective::ALL.iter().find(|(own, _)| *own == word);
    let words: Vec<&str> = Objective::ALL.iter().map(|(word, _)| *word).collect();
    known.map(|(_, o)| *o).ok_or_else(|| format!("write one of {}", words.join(", ")))
}
