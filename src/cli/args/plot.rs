//! Options of `plot`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// Options of `plot`.
#[derive(Debug, Args)]
#[command(
    after_help = "Figures are SVG files, which every browser and most word processors show. \
                        For PDF or PNG convert them: `rsvg-convert -f pdf moves.svg -o moves.pdf`, \
                        `inkscape moves.svg --export-filename=moves.png`, or print from a browser."
)]
pub struct Plot {
    /// A folder of results: of run, claims, sweep, sensitivity, discover, score, fit or condition
    #[arg(value_name = "DIR")]
    pub folder: PathBuf,
    /// Draw this figure only; may be repeated. All that the folder allows where absent
    #[arg(long = "figure", value_name = "NAME")]
    pub figures: Vec<String>,
    /// What to write: pictures, or the numbers behind them
    #[arg(long, value_enum, default_value_t = PlotFormat::Svg)]
    pub format: PlotFormat,
    /// Where to: a folder, or a file where one figure is asked for; `figures` in DIR where absent
    #[arg(long, alias = "output", short_alias = 'o', short = 'o', value_name = "PATH")]
    pub out: Option<PathBuf>,
    /// Replace files that this command did not make
    #[arg(long)]
    pub force: bool,
    /// What is drawn.
    #[command(flatten)]
    pub wanted: Drawn,
}

/// Which parts of results are drawn.
#[derive(Debug, Default, Args)]
pub struct Drawn {
    /// Draw these variables, separated by commas: `tension[A,B]`, or `tension` for all its cells;
    /// those that arms or rounds move most where absent
    #[arg(long, value_name = "NAMES")]
    pub variables: Option<String>,
    /// Draw these outcomes, separated by commas; the first dozen where absent
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub outcomes: Vec<String>,
    /// Draw these arms, separated by commas; the first and those that differ most where absent
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub arms: Vec<String>,
    /// Which run the timeline shows
    #[arg(long, default_value_t = 0, value_name = "R",
          value_parser = clap::value_parser!(u64).range(0..1_000_000_000_000))]
    pub run: u64,
    /// Of which variant; the file as it is where absent
    #[arg(long, value_name = "VARIANT")]
    pub variant: Option<String>,
}

/// What `plot` writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PlotFormat {
    /// Pictures
    Svg,
    /// The numbers that are drawn
    Csv,
}
