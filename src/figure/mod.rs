//! Figures: tables of results in, SVG out.
//!
//! ```text
//! figure::Source { about, tables }  ──▶  figure::all  ──▶  [Figure]  ──▶  Figure::svg
//! ```
//!
//! A [`Figure`] is drawn from the rows of the table behind it ([`Figure::rows`]), which hold every
//! number that it shows. It knows its title and how it is to be read, carries the scenario, N and
//! the seed, and turns its colours with the page. What happens or does not is drawn as a share of
//! runs with its interval, a number as quantiles.

mod claims;
mod data;
mod differences;
mod discover;
mod evidence;
mod moves;
mod outcomes;
mod scale;
mod sensitivity;
mod sheet;
mod style;
mod survival;
mod sweep;
mod timeline;
mod trajectories;

use crate::markup::Element;
use crate::number::{self, count};
use crate::table::Table;

pub(crate) use data::{arm, at_one_point, column, in_words, title, zero_or_one};
pub(crate) use differences::apart;
pub use style::STYLE;
pub(crate) use timeline::address;
pub use timeline::timeline;

/// What made the results that are drawn.
#[derive(Debug, Clone, Default)]
pub struct About {
    /// The scenario's name.
    pub scenario: String,
    /// Its title; may be empty.
    pub title: String,
    /// The seed.
    pub seed: u64,
    /// Runs of each arm; 0 where nothing was played.
    pub runs: u64,
}

impl About {
    /// The last line of a figure: scenario, N and seed.
    fn caption(&self, n: &str) -> String {
        let scenario = match (self.title.as_str(), self.scenario.as_str()) {
            ("", name) => name.to_string(),
            (title, "") => title.to_string(),
            (title, name) => format!("{title} ({name})"),
        };
        let seed = format!("seed {}", self.seed);
        let parts = [scenario.as_str(), n, &seed];
        parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ")
    }

    /// `10,000 runs of each arm`.
    fn runs(&self) -> String {
        format!("{} of each arm", count(self.runs, "run"))
    }
}

/// Results to draw: what made them, and their tables with the labels of names.
#[derive(Debug, Clone, Default)]
pub struct Source {
    /// What made them.
    pub about: About,
    /// Tables by their names: those of a folder of results, or of results at hand.
    pub tables: Vec<Table>,
}

impl Source {
    /// A table by its name, if it has rows.
    pub fn table(&self, name: &str) -> Option<&Table> {
        self.tables.iter().find(|table| table.schema().name() == name && table.rows() > 0)
    }
}

/// What is drawn of it.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Variables, such as `tension[A,B]` or `tension` for all its cells; those that differ most
    /// where none are named.
    pub variables: Vec<String>,
    /// Outcomes; the first dozen where none are named.
    pub outcomes: Vec<String>,
    /// Arms; the first and those that differ most where none are named.
    pub arms: Vec<String>,
}

/// A cell of the table behind a figure.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// A name or a word.
    Text(String),
    /// A number; not-a-number where there is none.
    Number(f64),
}

impl Cell {
    /// As people read it.
    pub fn shown(&self) -> String {
        match self {
            Cell::Text(text) => text.clone(),
            Cell::Number(value) => number::short(*value),
        }
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Cell {
        Cell::Text(text.to_string())
    }
}

impl From<f64> for Cell {
    fn from(value: f64) -> Cell {
        Cell::Number(value)
    }
}

/// A figure, with the table behind it.
#[derive(Debug, Clone)]
pub struct Figure {
    /// Its name, as `detente plot --figure` takes it, or `timeline`.
    pub name: &'static str,
    /// What it shows.
    pub title: String,
    /// How to read it.
    pub says: String,
    /// Scenario, N and seed.
    pub caption: String,
    svg: Element,
    /// The columns of the table behind it.
    pub columns: Vec<&'static str>,
    /// Its rows: every number that is drawn.
    pub rows: Vec<Vec<Cell>>,
}

impl Figure {
    /// A file of its own.
    pub fn svg(&self) -> String {
        let svg = self.svg.clone().with("width", "960");
        let text = svg.child(sheet::style()).to_string();
        format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{text}")
    }

    /// The rows behind it as CSV.
    pub fn csv(&self) -> String {
        let line = |name: &str, cells: &[String]| {
            let cells = cells.iter().map(|cell| match cell.contains([',', '"', '\n', '\r']) {
                true => format!("\"{}\"", cell.replace('"', "\"\"")),
                false => cell.clone(),
            });
            format!("{name},{}\n", cells.collect::<Vec<_>>().join(","))
        };
        let columns: Vec<String> = self.columns.iter().map(|name| (*name).to_string()).collect();
        let mut text = line("figure", &columns);
        for row in &self.rows {
            let cell = |cell: &Cell| match cell {
                Cell::Text(text) => text.clone(),
                Cell::Number(value) if value.is_nan() => String::new(),
                Cell::Number(value) => format!("{value}"),
            };
            text.push_str(&line(self.name, &row.iter().map(cell).collect::<Vec<_>>()));
        }
        text
    }

    /// A part of a page that has [`STYLE`].
    pub fn inline(&self) -> &Element {
        &self.svg
    }
}

/// The tables of which figures and reports are made.
pub const TABLES: [&str; 20] = [
    "boxes",
    "calibration",
    "claims",
    "differences",
    "histogram",
    "indices",
    "moves",
    "parameters",
    "peeling",
    "points",
    "profiles",
    "robust",
    "robust-boxes",
    "scores",
    "summary",
    "survival",
    "switches",
    "trajectory",
    "uncertain",
    "variance",
];

/// A maker of figures.
type Maker = fn(&Source, &Wanted) -> Option<Figure>;

/// The figures by name, and how each is made; one is left out where its tables are not there.
const MAKERS: [(&str, Maker); 14] = [
    ("differences", differences::differences),
    ("outcomes", outcomes::outcomes),
    ("trajectories", trajectories::trajectories),
    ("moves", moves::moves),
    ("survival", survival::survival),
    ("claims", claims::claims),
    ("switches", claims::switches),
    ("sensitivity", sensitivity::sensitivity),
    ("sweep", sweep::sweep),
    ("discover", discover::discover),
    ("score", evidence::score),
    ("calibration", evidence::calibration),
    ("profiles", evidence::profiles),
    ("posterior", evidence::posterior),
];

/// The names of figures that are made of tables.
pub fn names() -> impl Iterator<Item = &'static str> {
    MAKERS.iter().map(|(name, _)| *name)
}

/// The figure of this name, if the results have its tables.
pub fn one(source: &Source, name: &str, wanted: &Wanted) -> Option<Figure> {
    MAKERS.iter().find(|(known, _)| *known == name).and_then(|(_, make)| make(source, wanted))
}

/// All figures that the tables of results allow.
pub fn all(source: &Source, wanted: &Wanted) -> Vec<Figure> {
    MAKERS.iter().filter_map(|(_, make)| make(source, wanted)).collect()
}
