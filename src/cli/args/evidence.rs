//! Options of the commands that weigh histories.

use std::path::PathBuf;

use clap::Args;

use super::{Format, Room, SEED, setting};
use clap::builder::ValueParser;
use detente::model::limits::{ROUNDS, THREADS};

/// What every command that weighs a history takes.
#[derive(Debug, Args)]
pub struct Weigh {
    /// The history: a TOML file with its tables beside it, or a folder with history.toml
    #[arg(long, value_name = "HISTORY")]
    pub history: PathBuf,
    /// Particles of each filter; one is enough, and used, where nothing hidden matters
    #[arg(long, default_value_t = 1000, value_name = "N",
          value_parser = ValueParser::new(number::<{ detente::evidence::MOST_PARTICLES }>))]
    pub particles: usize,
    /// Independent filters: their spread is the Monte Carlo error
    #[arg(long, default_value_t = 4, value_name = "R",
          value_parser = ValueParser::new(number::<{ detente::evidence::MOST_FILTERS }>))]
    pub filters: usize,
    /// How they are played.
    #[command(flatten)]
    pub play: Particles,
}

/// How particles are played.
#[derive(Debug, Args)]
pub struct Particles {
    /// Where all random numbers come from; the same seed gives the same bytes
    #[arg(long, default_value_t = SEED, value_name = "X")]
    pub seed: u64,
    /// Set a parameter, an initial value or a decision setting in every arm: `gift=0.2`,
    /// `w[CHN]=0.9`, `decision.precision=4`; may be repeated
    #[arg(long = "set", value_name = "NAME=VALUE", value_parser = ValueParser::new(setting))]
    pub set: Vec<(String, String)>,
    /// How many threads; all cores where absent. Results do not depend on it
    #[arg(long, value_name = "K",
          value_parser = clap::value_parser!(u16).range(THREADS.signed()))]
    pub threads: Option<u16>,
    /// How much memory.
    #[command(flatten)]
    pub room: Room,
    /// Play the particles with the plain interpreter, which defines the results, instead of the
    /// engine: the same bytes, slowly
    #[arg(long)]
    pub plain: bool,
}

/// Where results of such a command go.
#[derive(Debug, Args)]
pub struct Kept {
    /// Write all results as CSV files into this folder
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Replace results that are in the folder
    #[arg(long, requires = "out")]
    pub force: bool,
    /// What to print
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
}

/// Options of `score`.
#[derive(Debug, Args)]
pub struct Score {
    /// The scenario, by path or name
    pub scenario: String,
    /// What is weighed.
    #[command(flatten)]
    pub weigh: Weigh,
    /// Also weigh this variant; may be repeated
    #[arg(long = "variant", value_name = "VARIANT")]
    pub variants: Vec<String>,
    /// Weigh all variants of the file
    #[arg(long, conflicts_with = "variants")]
    pub all_variants: bool,
    /// Start the baselines from the counts of this history instead of from nothing
    #[arg(long, value_name = "HISTORY")]
    pub baseline_from: Option<PathBuf>,
    /// Forecast from each of these rounds too, `6:18`, and score by what followed whether each move
    /// was made at least once within --ahead rounds
    #[arg(long, value_name = "FROM:TO", value_parser = ValueParser::new(rounds))]
    pub origins: Option<(u32, u32)>,
    /// How far forecasts from --origins reach, in rounds
    #[arg(long, value_name = "ROUNDS", value_delimiter = ',', requires = "origins",
          default_values_t = [1, 3, 6, 12],
          value_parser = clap::value_parser!(u32).range(ROUNDS.signed()))]
    pub ahead: Vec<u32>,
    /// How many of the least likely records are explained
    #[arg(long, default_value_t = detente::Score::SURPRISES, value_name = "K")]
    pub surprises: usize,
    /// Where results go.
    #[command(flatten)]
    pub kept: Kept,
    /// Write a report into the folder too: report.html, one file with figures, tables and all
    /// assumptions
    #[arg(long, requires = "out")]
    pub report: bool,
}

/// Options of `fit`.
#[derive(Debug, Args)]
pub struct Fit {
    /// The scenario, by path or name
    pub scenario: String,
    /// What is weighed.
    #[command(flatten)]
    pub weigh: Weigh,
    /// What is free, separated by commas: parameters and initial values as --set names them, by
    /// themselves where the file declares a range, or with one, `decision.precision = 0.5:16`,
    /// with `log` behind it if wanted; may be repeated
    #[arg(long = "free", value_name = "NAME,...", required = true)]
    pub free: Vec<String>,
    /// Add the log density of the declared distributions: the most probable numbers
    #[arg(long)]
    pub map: bool,
    /// Searches begin at the file's values and at so many points less one
    #[arg(long, default_value_t = detente::evidence::fit::STARTS, value_name = "K",
          value_parser = ValueParser::new(number::<{ detente::evidence::fit::MOST_STARTS }>))]
    pub starts: usize,
    /// About how many points are weighed before the maximum has to be found; profiles come on top.
    /// 2,000 for each number where the likelihood is exact, else 100 and 100 more for each
    #[arg(long, value_name = "E",
          value_parser = ValueParser::new(number::<{ detente::evidence::fit::MOST_EVALUATIONS }>))]
    pub evaluations: Option<usize>,
    /// Fit these rounds, `1:8`, and score the others
    #[arg(long, value_name = "A:B", value_parser = ValueParser::new(rounds))]
    pub train: Option<(u32, u32)>,
    /// Simulate so many histories at the file's values, fit each, and say how well it went
    #[arg(long, default_value_t = 0, value_name = "R")]
    pub recover: u64,
    /// Also fit this variant; may be repeated
    #[arg(long = "variant", value_name = "VARIANT")]
    pub variants: Vec<String>,
    /// Fit all variants of the file
    #[arg(long, conflicts_with = "variants")]
    pub all_variants: bool,
    /// Where results go. A fit that was broken off goes on in its folder.
    #[command(flatten)]
    pub kept: Kept,
}

impl Fit {
    /// What is free, one by one.
    pub fn names(&self) -> Vec<String> {
        names(&self.free)
    }
}

/// What stands between commas; those within brackets belong to a name.
pub(super) fn names(texts: &[String]) -> Vec<String> {
    let mut all = Vec::new();
    for text in texts {
        let (mut depth, mut name) = (0_i32, String::new());
        for c in text.chars() {
            depth += i32::from(c == '[') - i32::from(c == ']');
            match c {
                ',' if depth <= 0 => all.push(std::mem::take(&mut name)),
                _ => name.push(c),
            }
        }
        all.push(name);
    }
    all.iter().map(|name| name.trim().to_string()).filter(|name| !name.is_empty()).collect()
}

/// Options of `forecast`.
#[derive(Debug, Args)]
pub struct Forecast {
    /// The scenario, by path or name
    pub scenario: String,
    /// What is weighed.
    #[command(flatten)]
    pub weigh: Weigh,
    /// The last round that is known, by number or date; that of the history where absent. An
    /// earlier one is for testing
    #[arg(long, value_name = "T")]
    pub after: Option<String>,
    /// Also forecast with this variant in force from the first round on; may be repeated
    #[arg(long = "variant", value_name = "VARIANT")]
    pub variants: Vec<String>,
    /// Also forecast with all variants in force from the first round on
    #[arg(long, conflicts_with = "variants")]
    pub all_variants: bool,
    /// Also forecast with this variant in force from the next round on: what if that happens now;
    /// may be repeated
    #[arg(long, value_name = "VARIANT")]
    pub then: Vec<String>,
    /// Use what series say of rounds that are not known yet, instead of their last value
    #[arg(long)]
    pub known_series: bool,
    /// Show all outcomes in the tables, or those named, separated by commas; the first dozen where
    /// absent. Files hold all of them in any case
    #[arg(long, value_name = "NAMES", num_args = 0..=1, value_delimiter = ',')]
    pub outcomes: Option<Vec<String>>,
    /// Leave out outcomes.csv, which has one row per particle
    #[arg(long)]
    pub no_per_run: bool,
    /// Where results go.
    #[command(flatten)]
    pub kept: Kept,
}

/// Two rounds, `6:18`, or one.
fn rounds(text: &str) -> Result<(u32, u32), String> {
    let (first, last) = text.split_once(':').unwrap_or((text, text));
    let number = |text: &str| text.trim().parse::<u32>().ok().filter(|n| *n > 0);
    let wanted = "write two rounds, the first no later than the second: 6:18";
    let (first, last) = number(first).zip(number(last)).ok_or(wanted)?;
    if first > last { Err(wanted.to_string()) } else { Ok((first, last)) }
}

/// A whole number from 1 to `MOST`.
pub fn number<const MOST: usize>(text: &str) -> Result<usize, String> {
    let found = text.replace('_', "").parse::<usize>();
    match found {
        Ok(n) if (1..=MOST).contains(&n) => Ok(n),
        _ => Err(format!("write a whole number from 1 to {MOST}")),
    }
}
