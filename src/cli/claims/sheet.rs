//! Tables as renderers read them, whether they were just made or come from an earlier folder.

use std::path::Path;

use serde_json::Value;

use detente::catalog::files;
use detente::diagnostic::nearest;
use detente::output::{self, Provenance};
use detente::table::{Cells, Kind, Table};

/// The note that says whether verdicts are adjusted for the number of claims.
pub const FAMILY_WISE: &str = "family_wise";
/// The note that says how the space of assumptions was explored.
pub const ROBUST: &str = "robust";
/// How the names of remarks begin.
pub const NOTE: &str = "note_";

/// A table as texts.
#[derive(Debug, Default)]
pub struct Sheet {
    /// Name and kind of each column.
    pub fields: Vec<(String, Kind)>,
    rows: Vec<Vec<String>>,
}

/// A row of a sheet.
#[derive(Debug, Clone, Copy)]
pub struct Row<'s> {
    sheet: &'s Sheet,
    cells: &'s [String],
}

impl<'s> Row<'s> {
    /// The cell of that column; empty where there is none.
    pub fn text(&self, name: &str) -> &'s str {
        let at = self.sheet.fields.iter().position(|(field, _)| field == name);
        at.and_then(|at| self.cells.get(at)).map_or("", String::as_str)
    }

    /// The number of that column; not a number where there is none.
    pub fn number(&self, name: &str) -> f64 {
        self.text(name).parse().unwrap_or(f64::NAN)
    }

    /// Whether the column holds true.
    pub fn truth(&self, name: &str) -> bool {
        self.text(name) == "1"
    }

    /// All cells in order.
    pub fn cells(&self) -> &'s [String] {
        self.cells
    }
}

/// Larger tables are not of claims.
const LARGEST: u64 = 64 << 20;

impl Sheet {
    /// All rows in order.
    pub fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        self.rows.iter().map(|cells| Row { sheet: self, cells })
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    fn of(table: &Table) -> Sheet {
        let fields = table.schema().fields().iter().map(|f| (f.name.clone(), f.kind)).collect();
        let cell = |cells: &Cells, row: usize| match cells {
            Cells::Text(list) => list[row].clone(),
            Cells::Integer(list) => list[row].to_string(),
            Cells::Number(list) if list[row].is_nan() => String::new(),
            Cells::Number(list) => list[row].to_string(),
            Cells::Truth(list) => list[row].map_or(String::new(), |t| u8::from(t).to_string()),
        };
        let rows = 0..table.rows();
        let rows = rows.map(|row| table.columns().map(|(_, cells)| cell(cells, row)).collect());
        Sheet { fields, rows: rows.collect() }
    }

    fn read(folder: &Path, package: &Value, name: &str) -> Result<Sheet, String> {
        let path = folder.join(format!("{name}.csv"));
        let resources = package["resources"].as_array().into_iter().flatten();
        let Some(resource) = resources.clone().find(|r| r["name"] == name) else {
            return Ok(Sheet::default());
        };
        let told = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
        let bytes = files::bytes(&path, LARGEST).map_err(|e| told(&e))?;
        let mut reader = csv::Reader::from_reader(bytes.as_slice());
        let headers = reader.headers().map_err(|e| told(&e))?.clone();
        let known = resource["schema"]["fields"].as_array().cloned().unwrap_or_default();
        let kind = |name: &str| {
            let found = known.iter().find(|f| f["name"] == name).map(|f| f["type"].as_str());
            match found.flatten() {
                Some("integer") => Kind::Integer,
                Some("number") => Kind::Number,
                Some("boolean") => Kind::Truth,
                _ => Kind::Text,
            }
        };
        let fields = headers.iter().map(|h| (h.to_string(), kind(h))).collect();
        let mut rows = Vec::new();
        for record in reader.records() {
            rows.push(record.map_err(|e| told(&e))?.iter().map(str::to_string).collect());
        }
        Ok(Sheet { fields, rows })
    }
}

/// Everything that is shown.
#[derive(Debug, Default)]
pub struct Page {
    /// The scenario's name.
    pub name: String,
    /// Its title.
    pub title: String,
    /// The seed.
    pub seed: String,
    /// Runs of each arm.
    pub runs: u64,
    /// The command that made it.
    pub command: String,
    /// Names and texts of what else there is to know.
    pub notes: Vec<(String, String)>,
    /// One row per claim.
    pub claims: Sheet,
    /// One row per switch and tested claim.
    pub switches: Sheet,
    /// One row per tested claim.
    pub robust: Sheet,
}

impl Page {
    /// What was just made.
    pub fn of(made_by: &Provenance, tables: &[Table]) -> Page {
        let sheet = |name: &str| {
            let found = tables.iter().find(|t| t.schema().name() == name);
            found.map(Sheet::of).unwrap_or_default()
        };
        Page {
            name: made_by.scenario.clone(),
            title: made_by.title.clone(),
            seed: made_by.seed.to_string(),
            runs: made_by.runs,
            command: made_by.command.clone(),
            notes: made_by.notes.clone(),
            claims: sheet("claims"),
            switches: sheet("switches"),
            robust: sheet("robust"),
        }
    }

    /// What an earlier command left in a folder.
    ///
    /// # Errors
    /// What cannot be read, is not as it was written, or is not a folder of `detente claims`.
    pub fn read(folder: &Path) -> Result<Page, String> {
        let path = folder.join("datapackage.json");
        let told = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
        let found = output::verify(folder).map_err(|error| told(&error))?;
        if let Some((file, flaw)) = found.flaws().next() {
            let shown = folder.join(file);
            return Err(format!(
                "`{}` {flaw}; the verdicts would not be those that were reached",
                shown.display()
            ));
        }
        let package = found.package.ok_or_else(|| told(&"there is none"))?;
        let made = &package["detente"];
        let word = |value: &Value| value.as_str().unwrap_or_default().to_string();
        let own = ["version", "scenario", "scenario_hash", "seed", "runs", "command"];
        let notes = made.as_object().into_iter().flatten();
        let notes = notes.filter(|(name, _)| !own.contains(&name.as_str()));
        let sheet = |name: &str| Sheet::read(folder, &package, name);
        let page = Page {
            name: word(&made["scenario"]),
            title: word(&package["title"]),
            seed: word(&made["seed"]),
            runs: made["runs"].as_u64().unwrap_or(0),
            command: word(&made["command"]),
            notes: notes.map(|(name, text)| (name.clone(), word(text))).collect(),
            claims: sheet("claims")?,
            switches: sheet("switches")?,
            robust: sheet("robust")?,
        };
        match page.claims.fields.is_empty() {
            true => Err(told(&"it lists no claims.csv; `detente claims --out DIR` writes one")),
            false => Ok(page),
        }
    }

    /// Keeps these claims only.
    ///
    /// # Errors
    /// A claim that is not among them.
    pub fn keep(&mut self, names: &[String]) -> Result<(), String> {
        let names: Vec<&str> = names.iter().map(|n| n.trim()).collect();
        let known: Vec<&str> = self.claims.rows().map(|row| row.text("claim")).collect();
        if let Some(name) = names.iter().find(|name| !known.contains(*name)) {
            let help = nearest(name, known).map_or(String::new(), |help| format!("; {help}"));
            return Err(format!("there is no claim `{}`{help}", detente::diagnostic::clip(name)));
        }
        for sheet in [&mut self.claims, &mut self.switches, &mut self.robust] {
            let at = sheet.fields.iter().position(|(field, _)| field == "claim").unwrap_or(0);
            sheet.rows.retain(|cells| cells.get(at).is_some_and(|c| names.contains(&c.as_str())));
        }
        Ok(())
    }

    /// The note of that name; empty where there is none.
    pub fn note(&self, name: &str) -> &str {
        self.notes.iter().find(|(n, _)| n == name).map_or("", |(_, text)| text)
    }

    /// Remarks for readers.
    pub fn remarks(&self) -> impl Iterator<Item = &str> {
        let own = self.notes.iter().filter(|(name, _)| name.starts_with(NOTE));
        own.map(|(_, text)| text.as_str())
    }

    /// How the claims came out.
    pub fn tally(&self) -> Tally {
        let mut tally = Tally::default();
        for row in self.claims.rows() {
            tally.claims += 1;
            let verdict = row.text("verdict");
            match verdict {
                "supported" => tally.supported += 1,
                "contradicted" => tally.contradicted += 1,
                "inconclusive" => tally.inconclusive += 1,
                _ => tally.unchecked += 1,
            }
            let decided = matches!(verdict, "supported" | "contradicted");
            tally.shared += usize::from(decided && verdict == row.text("placebo_verdict"));
            tally.strategic += usize::from(from_choices(&row));
        }
        tally
    }
}

/// Whether the interval of the part that choices have in a statistic leaves out 0.
pub fn from_choices(row: &Row<'_>) -> bool {
    row.number("strategic_lo") > 0.0 || row.number("strategic_hi") < 0.0
}

/// How many claims came out how.
#[derive(Debug, Default, Clone, Copy)]
pub struct Tally {
    /// All claims.
    pub claims: usize,
    /// Supported ones.
    pub supported: usize,
    /// Contradicted ones.
    pub contradicted: usize,
    /// Tested ones that the runs do not decide.
    pub inconclusive: usize,
    /// Untested ones.
    pub unchecked: usize,
    /// Decided ones with the same verdict at random.
    pub shared: usize,
    /// Tested ones whose strategic part is distinguishable from 0.
    pub strategic: usize,
}

impl Tally {
    /// How many were tested.
    pub fn tested(&self) -> usize {
        self.claims - self.unchecked
    }

    /// How many are decided.
    pub fn decided(&self) -> usize {
        self.supported + self.contradicted
    }

    /// The tally in a sentence or two.
    pub fn sentence(&self) -> String {
        format!(
            "{} claims, {} tested: {} supported, {} contradicted, {} inconclusive; {} unchecked. \
             With players who choose at random {} of the {} verdicts are the same; choices change \
             the statistic (interval leaves out 0) in {} of {}.",
            self.claims,
            self.tested(),
            self.supported,
            self.contradicted,
            self.inconclusive,
            self.unchecked,
            self.shared,
            self.decided(),
            self.strategic,
            self.tested(),
        )
    }

    /// What intervals are good for.
    pub fn intervals(&self, family_wise: bool) -> String {
        match family_wise {
            true => format!(
                "Intervals and verdicts are adjusted for {} tests (Holm); those of the placebo \
                 and of its difference are not.",
                self.tested()
            ),
            false => format!(
                "Intervals are 95 %, each for its claim alone: of {} tests without any effect \
                 about {:.0} would be decided by luck; --family-wise adjusts.",
                self.tested(),
                0.05 * self.tested() as f64
            ),
        }
    }
}
