//! Options of `condition`.

use std::path::PathBuf;

use clap::Args;
use clap::builder::ValueParser;

use super::evidence::{Kept, Particles, names, number};
use detente::evidence::condition::{DRAWS, MOST_DRAWS, PARTICLES};

/// Options of `condition`.
#[derive(Debug, Args)]
pub struct Condition {
    /// The scenario, by path or name
    pub scenario: String,
    /// The history: a TOML file with its tables beside it, or a folder with history.toml
    #[arg(long, value_name = "HISTORY")]
    pub history: PathBuf,
    /// Free every parameter that the file gives a range or a distribution, switches aside; so it is
    /// where nothing is freed by name
    #[arg(long)]
    pub uncertain: bool,
    /// Free this: `prize` or `w[CHN]` over what the file declares, `prize=0:4` evenly between two
    /// ends, `decision.precision=0.5:16 log` evenly in its logarithm; separated by commas, and may
    /// be repeated
    #[arg(long, value_name = "NAME[=LO:HI],...")]
    pub free: Vec<String>,
    /// How many draws from the posterior; made a multiple of 8
    #[arg(long, default_value_t = DRAWS, value_name = "P",
          value_parser = ValueParser::new(number::<{ *MOST_DRAWS.end() }>))]
    pub draws: usize,
    /// Particles of each filter to begin with; they are doubled until a filter is sure enough, and
    /// one is enough where nothing hidden matters
    #[arg(long, default_value_t = PARTICLES, value_name = "N",
          value_parser = ValueParser::new(number::<{ detente::evidence::MOST_PARTICLES }>))]
    pub particles: usize,
    /// Also condition this variant, and weigh it against the scenario as it is; may be repeated
    #[arg(long = "variant", value_name = "VARIANT")]
    pub variants: Vec<String>,
    /// Condition all variants of the file
    #[arg(long, conflicts_with = "variants")]
    pub all_variants: bool,
    /// How particles are played.
    #[command(flatten)]
    pub play: Particles,
    /// Where results go. If the same command was stopped before its end, it goes on there.
    #[command(flatten)]
    pub kept: Kept,
}

impl Condition {
    /// What is free, one by one.
    pub fn names(&self) -> Vec<String> {
        names(&self.free)
    }
}
