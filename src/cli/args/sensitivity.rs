//! Options of the commands that say which assumption matters.

use clap::Args;
use clap::builder::ValueParser;

use super::evidence::Kept;
use super::{Play, Room, count};
use detente::model::limits::THREADS;

/// Options of `sensitivity`.
#[derive(Debug, Args)]
pub struct Sensitivity {
    /// The scenario, by path or name
    pub scenario: String,
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
}
