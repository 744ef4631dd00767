//! Options of `report`, and of commands that write one.

use std::path::PathBuf;

use clap::Args;

use super::Drawn;

/// Options of `report`.
#[derive(Debug, Args)]
pub struct Report {
    /// Folders of results of one scenario: of run, claims, sweep, sensitivity, discover, score, fit
    /// or condition
    #[arg(value_name = "DIR", required = true)]
    pub folders: Vec<PathBuf>,
    /// The file of the report; `report.html` in the first folder where absent
    #[arg(long, alias = "output", short_alias = 'o', short = 'o', value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Replace a file that this command did not make
    #[arg(long)]
    pub force: bool,
    /// What is drawn.
    #[command(flatten)]
    pub wanted: Drawn,
}
