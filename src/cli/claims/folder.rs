//! What an earlier `detente claims` left in a folder, read back.

use std::path::Path;

use serde_json::Value;

use detente::catalog::files;
use detente::output::{self, Provenance};
use detente::table::{Cells, Column, Field, Kind, Table};
use detente::view::claims::{self as view, MadeBy, Page};

/// Larger tables are not of claims.
const LARGEST: u64 = 64 << 20;

/// What was just made, as it is shown.
pub fn made_by(made_by: &Provenance) -> MadeBy {
    MadeBy {
        name: made_by.scenario.clone(),
        title: made_by.title.clone(),
        seed: made_by.seed,
        runs: made_by.runs,
        command: made_by.command.clone(),
        notes: made_by.notes.clone(),
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
    let mut tables = Vec::new();
    for name in view::TABLES {
        tables.extend(table(folder, &package, name)?);
    }
    if tables.iter().all(|table| table.schema().name() != "claims") {
        return Err(told(&"it lists no claims.csv; `detente claims --out DIR` writes one"));
    }
    let made_by = MadeBy {
        name: word(&made["scenario"]),
        title: word(&package["title"]),
        seed: word(&made["seed"]).parse().unwrap_or(0),
        runs: made["runs"].as_u64().unwrap_or(0),
        command: word(&made["command"]),
        notes: notes.map(|(name, text)| (name.clone(), word(text))).collect(),
    };
    Ok(Page::of(made_by, &tables))
}

/// A table of a package; none if the package does not list it.
fn table(folder: &Path, package: &Value, name: &str) -> Result<Option<Table>, String> {
    let path = folder.join(format!("{name}.csv"));
    let resources = package["resources"].as_array().into_iter().flatten();
    let Some(resource) = resources.clone().find(|r| r["name"] == name) else {
        return Ok(None);
    };
    let told = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    let bytes = files::bytes(&path, LARGEST).map_err(|e| told(&e))?;
    let mut reader = csv::Reader::from_reader(bytes.as_slice());
    let headers = reader.headers().map_err(|e| told(&e))?.clone();
    if headers.is_empty() {
        return Ok(None);
    }
    let known = resource["schema"]["fields"].as_array().cloned().unwrap_or_default();
    let column = |name: &str| {
        let found = known.iter().find(|f| f["name"] == name).map(|f| f["type"].as_str());
        let kind = match found.flatten() {
            Some("integer") => Kind::Integer,
            Some("number") => Kind::Number,
            Some("boolean") => Kind::Truth,
            _ => Kind::Text,
        };
        Column::new(Field::new(name, kind, name), Cells::empty(kind))
    };
    let mut columns: Vec<Column> = headers.iter().map(column).collect();
    for record in reader.records() {
        for (column, cell) in columns.iter_mut().zip(&record.map_err(|e| told(&e))?) {
            let name = &column.field.name;
            let wrong = || told(&format_args!("`{cell}` is no cell of column `{name}`"));
            match &mut column.cells {
                Cells::Text(list) => list.push(cell.to_string()),
                Cells::Integer(list) => list.push(cell.parse().map_err(|_| wrong())?),
                Cells::Number(list) if cell.is_empty() => list.push(f64::NAN),
                Cells::Number(list) => list.push(cell.parse().map_err(|_| wrong())?),
                Cells::Truth(list) if cell.is_empty() => list.push(None),
                Cells::Truth(list) => list.push(Some(cell == "1")),
            }
        }
    }
    Table::of(name, "As it was written.", columns).map(Some).map_err(|e| told(&e))
}
