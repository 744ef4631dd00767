//! Options of `solve`.

use std::path::PathBuf;
use std::str::FromStr;

use clap::Args;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser, ValueParser};

use crate::cli::args::{Format, Room, setting};
use detente::model::limits::ROUNDS;
use detente::{Concept, Method};

/// Options of `solve`.
#[derive(Debug, Args)]
pub struct Solve {
    /// A game file (`.nfg`), a tree (path of an `.efg` file), or a scenario by path or name:
    /// together with --round, or with --concept stability or markov without
    pub game: String,
    /// What is looked for
    #[arg(long, default_value = "nash", value_name = "CONCEPT",
          value_parser = one_of(Concept::ALL))]
    pub concept: Concept,
    /// How; the default is the most complete method that suits the game
    #[arg(long, value_name = "METHOD", value_parser = one_of(Method::ALL))]
    pub method: Option<Method>,
    /// What to print
    #[arg(long, value_enum, default_value_t = Format::Text, value_name = "FORMAT")]
    pub format: Format,
    /// How much memory.
    #[command(flatten)]
    pub room: Room,
    /// Stop after so many seconds with the best found so far
    #[arg(long, value_name = "S", value_parser = ValueParser::new(seconds))]
    pub time_limit: Option<f64>,
    /// For correlated equilibria: make this as large as possible, `welfare` (the sum of payoffs),
    /// the payoff of a player, or `none`; `welfare` where absent
    #[arg(long, value_name = "WHOSE", visible_alias = "maximize")]
    pub maximise: Option<String>,
    /// The same as small as possible
    #[arg(long, value_name = "WHOSE", visible_alias = "minimize", conflicts_with = "maximise")]
    pub minimise: Option<String>,
    /// For qre: points of the branch at these precisions, separated by commas
    #[arg(long, value_name = "L", value_delimiter = ',', value_parser = ValueParser::new(positive))]
    pub precision: Vec<f64>,
    /// For qre: precision multiplies payoffs divided by the largest range of any player's payoffs
    #[arg(long)]
    pub scaled: bool,
    /// For qre: the precision that makes these choices most likely; counts by strategy, players
    /// separated by semicolons: `30,10;12,28`
    #[arg(long, value_name = "COUNTS", conflicts_with = "precision",
          value_parser = ValueParser::new(counts))]
    pub fit: Option<Counts>,
    /// For alpharank: intensity of selection; the limit of strong selection where absent
    #[arg(long, value_name = "A", value_parser = ValueParser::new(positive))]
    pub alpha: Option<f64>,
    /// For alpharank: the size of each population; 50 where absent
    #[arg(long, value_name = "M", value_parser = clap::value_parser!(u32).range(2..=1_000_000))]
    pub population: Option<u32>,
    /// For alpharank in the limit: how likely a worse mutant takes over; the limit of small
    /// probabilities where absent
    #[arg(long, value_name = "P", conflicts_with = "alpha",
          value_parser = ValueParser::new(positive))]
    pub mistakes: Option<f64>,
    /// For alpharank and replicator: one population plays a symmetric game against itself
    #[arg(long)]
    pub single_population: bool,
    /// For replicator: until this time, in units of 1 / payoff; 10,000 / range where absent
    #[arg(long, value_name = "T", value_parser = ValueParser::new(positive))]
    pub until: Option<f64>,
    /// For replicator: shares at the start, written like --fit; all alike where absent
    #[arg(long, value_name = "SHARES", value_parser = ValueParser::new(counts))]
    pub start: Option<Counts>,
    /// For regret-matching and fictitious-play: the most rounds; 100,000 where absent
    #[arg(long, value_name = "N", value_parser =
          clap::value_parser!(u64).range(1..=1_000_000_000))]
    pub steps: Option<u64>,
    /// For regret-matching and fictitious-play: stop when nobody could gain more, as a share of the
    /// range of its payoffs; 0.0001 where absent
    #[arg(long, value_name = "G", value_parser = ValueParser::new(positive))]
    pub gap: Option<f64>,
    /// For nash: payoffs and regret of this profile, written like --fit, instead of a search
    #[arg(long, value_name = "PROFILE", value_parser = ValueParser::new(counts))]
    pub check: Option<Counts>,
    /// Also write the game to this file, as `.nfg`; of a tree also as `.efg`
    #[arg(long, value_name = "FILE")]
    pub write: Option<PathBuf>,
    /// Replace the file if it exists
    #[arg(long, requires = "write")]
    pub force: bool,
    /// Of a scenario: the game of this round
    #[arg(long, value_name = "T", value_parser = clap::value_parser!(u32).range(ROUNDS.signed()))]
    pub round: Option<u32>,
    /// Of a scenario: under this variant
    #[arg(long, alias = "arm", value_name = "VARIANT")]
    pub variant: Option<String>,
    /// Of a scenario: these actors play, separated by commas; the others keep to what they would
    /// choose. All who have a choice where absent
    #[arg(long, value_name = "ACTORS", value_delimiter = ',', requires = "round")]
    pub actors: Vec<String>,
    /// Of a scenario: the state that this run has reached, written run:R
    #[arg(long, value_name = "run:R", default_value = "run:0",
          value_parser = ValueParser::new(run))]
    pub at: u64,
    /// Of a scenario: where all random numbers come from
    #[arg(long, default_value_t = detente::rng::Seed::DEFAULT.0, value_name = "X")]
    pub seed: u64,
    /// Of a scenario: set a parameter, an initial value or a decision setting; may be repeated
    #[arg(long = "set", value_name = "NAME=VALUE", value_parser = ValueParser::new(setting))]
    pub set: Vec<(String, String)>,
}

/// Numbers by player and strategy.
#[derive(Debug, Clone)]
pub struct Counts(pub Vec<Vec<f64>>);

/// One of these words, each with what it means.
fn one_of<T>(all: &'static [(T, &str, &str)]) -> impl TypedValueParser<Value = T>
where
    T: FromStr<Err = detente::Error> + Clone + Send + Sync + 'static,
{
    let values = all.iter().map(|(_, word, help)| PossibleValue::new(*word).help(help.trim()));
    PossibleValuesParser::new(values).try_map(|word| word.parse())
}

fn seconds(text: &str) -> Result<f64, String> {
    let good = |s: &f64| *s >= 0.0 && *s <= 1e9;
    text.parse().ok().filter(good).ok_or_else(|| "write seconds, for instance 2.5".to_string())
}

fn positive(text: &str) -> Result<f64, String> {
    let good = |x: &f64| x.is_finite() && *x >= 0.0;
    text.parse().ok().filter(good).ok_or_else(|| "write a number from 0 on".to_string())
}

fn counts(text: &str) -> Result<Counts, String> {
    let player = |part: &str| part.split(',').map(|x| positive(x.trim())).collect();
    let all: Result<Vec<Vec<f64>>, String> = text.split(';').map(player).collect();
    let help = "write numbers by strategy, players separated by semicolons: 30,10;12,28";
    all.map(Counts).map_err(|_| help.to_string())
}

fn run(text: &str) -> Result<u64, String> {
    let digits = text.strip_prefix("run:").unwrap_or("");
    let good = |r: &u64| *r < 1_000_000_000_000;
    digits.parse().ok().filter(good).ok_or_else(|| "write run:R, for instance run:0".to_string())
}
