//! A folder of results, read back.

use std::io::Read;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::package::{PACKAGE, Provenance, is_plain};
use super::verify::open;
use crate::table::{Cells, Column, Field, Kind, Label, Labels, Schema, Table};

/// Larger tables are not read.
const LARGEST: u64 = 512 << 20;

/// What an earlier command left in a folder: its package, and tables when they are asked for.
#[derive(Debug)]
pub struct Results {
    folder: PathBuf,
    package: Value,
    /// What made them.
    pub made_by: Provenance,
}

impl Results {
    /// Opens a folder by its `datapackage.json`.
    ///
    /// # Errors
    /// What is wrong with the folder, and which commands write one.
    pub fn open(folder: &Path) -> Result<Results, String> {
        let path = folder.join(PACKAGE);
        let shown = path.display();
        let told = |what: String| format!("{what}; name a folder that a command wrote with --out");
        let file = open(&path).map_err(|flaw| told(format!("`{shown}` {flaw}")))?;
        let mut text = String::new();
        file.take(LARGEST)
            .read_to_string(&mut text)
            .map_err(|error| told(format!("cannot read `{shown}`: {error}")))?;
        let package: Value = serde_json::from_str(&text)
            .map_err(|error| format!("`{shown}` is no package of results: {error}"))?;
        let made = &package["detente"];
        if !made.is_object() {
            return Err(format!("`{shown}` was not written by this program"));
        }
        let own = ["version", "scenario", "scenario_hash", "seed", "runs", "command"];
        let notes = made.as_object().into_iter().flatten();
        let notes = notes.filter(|(name, _)| !own.contains(&name.as_str()));
        let made_by = Provenance {
            version: word(&made["version"]),
            scenario: word(&made["scenario"]),
            title: word(&package["title"]),
            scenario_hash: word(&made["scenario_hash"]),
            seed: word(&made["seed"]).parse().unwrap_or(0),
            runs: made["runs"].as_u64().unwrap_or(0),
            command: word(&made["command"]),
            notes: notes.map(|(name, text)| (name.clone(), word(text))).collect(),
        };
        Ok(Results { folder: folder.to_owned(), package, made_by })
    }

    /// Where it is.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The names of its tables.
    pub fn tables(&self) -> Vec<String> {
        let tables = self.resources().filter(|r| !r["schema"].is_null());
        tables.map(|resource| word(&resource["name"])).collect()
    }

    /// The text of the scenario, and where it lies, if it is in the folder.
    ///
    /// # Errors
    /// What has changed or cannot be read.
    pub fn scenario(&self) -> Result<Option<PathBuf>, String> {
        let own = format!("{}.toml", self.made_by.scenario);
        let listed = self.resources().any(|r| word(&r["path"]) == own);
        if !listed || !is_plain(&own) {
            return Ok(None);
        }
        self.whole(&own)?;
        Ok(Some(self.folder.join(own)))
    }

    fn resources(&self) -> impl Iterator<Item = &Value> + Clone {
        self.package["resources"].as_array().into_iter().flatten()
    }

    /// The bytes of a listed file, which must be those that were written.
    fn whole(&self, file: &str) -> Result<Vec<u8>, String> {
        let path = self.folder.join(file);
        let told = |what: &dyn std::fmt::Display| format!("`{}` {what}", path.display());
        let opened = open(&path).map_err(|flaw| told(&flaw))?;
        let mut bytes = Vec::new();
        opened
            .take(LARGEST + 1)
            .read_to_end(&mut bytes)
            .map_err(|error| told(&format!("cannot be read: {error}")))?;
        if bytes.len() as u64 > LARGEST {
            return Err(told(&format!("is larger than {} MB", LARGEST >> 20)));
        }
        let resource = self.resources().find(|r| word(&r["path"]) == file);
        let hash = format!("blake3:{}", blake3::hash(&bytes).to_hex());
        match resource.is_some_and(|r| word(&r["hash"]) == hash) {
            true => Ok(bytes),
            false => Err(told(&"has changed: it would not show what was computed")),
        }
    }

    /// A table with its columns, titles and units as the package describes them; none if the
    /// package does not list it.
    ///
    /// # Errors
    /// What has changed since it was written or cannot be read, with its file.
    pub fn table(&self, name: &str) -> Result<Option<Table>, String> {
        let found = self.resources().find(|r| r["name"] == name && !r["schema"].is_null());
        let Some(resource) = found else { return Ok(None) };
        let file = word(&resource["path"]);
        if !is_plain(&file) {
            return Err(format!("`{file}` is not a file of this folder"));
        }
        let bytes = self.whole(&file)?;
        let path = self.folder.join(&file);
        let told = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
        let mut reader = csv::Reader::from_reader(bytes.as_slice());
        let headers = reader.headers().map_err(|e| told(&e))?.clone();
        if headers.is_empty() {
            return Ok(None);
        }
        let known = resource["schema"]["fields"].as_array().cloned().unwrap_or_default();
        let mut columns: Vec<Column> = headers.iter().map(|name| column(&known, name)).collect();
        let mut record = csv::StringRecord::new();
        while reader.read_record(&mut record).map_err(|e| told(&e))? {
            for (column, cell) in columns.iter_mut().zip(&record) {
                push(column, cell).map_err(|e| told(&e))?;
            }
        }
        let (fields, cells) = columns.into_iter().map(|c| (c.field, c.cells)).unzip();
        let schema = Schema::new(name, word(&resource["description"]), fields);
        let schema = schema.map_err(|e| told(&e))?.labelled(&labels(resource));
        Table::new(&schema, cells).map(Some).map_err(|e| told(&e))
    }
}

fn word(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_string()
}

/// A column without cells, as the package describes it.
fn column(known: &[Value], name: &str) -> Column {
    let nothing = Value::Null;
    let found = known.iter().find(|field| field["name"] == name).unwrap_or(&nothing);
    let kind = match found["type"].as_str() {
        Some("integer") => Kind::Integer,
        Some("number") => Kind::Number,
        Some("boolean") => Kind::Truth,
        _ => Kind::Text,
    };
    let field = Field::new(name, kind, word(&found["description"]));
    let field = field.with_title(word(&found["title"])).with_unit(word(&found["unit"]));
    Column::new(field, Cells::empty(kind))
}

/// Puts a cell below the others of its column.
fn push(column: &mut Column, cell: &str) -> Result<(), String> {
    let name = &column.field.name;
    let wrong = || format!("`{cell}` is no cell of column `{name}`");
    match &mut column.cells {
        Cells::Text(list) => list.push(cell.to_string()),
        Cells::Integer(list) => list.push(cell.parse().map_err(|_| wrong())?),
        Cells::Number(list) if cell.is_empty() => list.push(f64::NAN),
        Cells::Number(list) => list.push(cell.parse().map_err(|_| wrong())?),
        Cells::Truth(list) => list.push(match cell {
            "" => None,
            "0" => Some(false),
            "1" => Some(true),
            _ => return Err(wrong()),
        }),
    }
    Ok(())
}

/// What names that stand in cells mean.
fn labels(resource: &Value) -> Vec<Labels> {
    let of = |kind: &'static str| {
        let all = resource[kind].as_array().into_iter().flatten();
        let label = |value: &Value| Label {
            name: word(&value["name"]),
            title: word(&value["title"]),
            unit: word(&value["unit"]),
        };
        (kind, all.map(label).collect())
    };
    ["arms", "outcomes", "variables"].map(of).into()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::output::{Folder, Provenance};

    #[test]
    fn what_was_written_is_read_back() {
        let path = std::env::temp_dir().join(format!("detente-read-{}", std::process::id()));
        let columns = vec![
            Column::new(
                Field::text("who", "an actor").with_title("Actor"),
                Cells::Text(vec!["A, B".into(), String::new(), "\"C\"\n".into()]),
            ),
            Column::new(Field::integer("n", "a count"), Cells::Integer(vec![i64::MIN, 0, 7])),
            Column::new(
                Field::number("x", "a number").with_unit("share"),
                Cells::Number(vec![0.1 + 0.2, f64::NEG_INFINITY, -0.0]),
            ),
            Column::new(
                Field::truth("ever", "a truth"),
                Cells::Truth(vec![Some(true), None, Some(false)]),
            ),
        ];
        let table = Table::of("rows", "Rows of all kinds.", columns).unwrap();
        let mut folder = Folder::scratch(&path).unwrap();
        folder.whole(&table).unwrap();
        folder.file("note.txt", "no table", b"note").unwrap();
        folder.finish(&Provenance::default()).unwrap();
        let results = Results::open(&path).unwrap();
        assert_eq!(results.tables(), ["rows"]);
        assert_eq!(results.table("rows").unwrap(), Some(table));
        assert_eq!(results.table("note.txt").unwrap(), None);
        fs::write(path.join("rows.csv"), "who,n,x,ever\nA,1,1,1\n").unwrap();
        let wrong = results.table("rows").unwrap_err();
        assert!(wrong.contains("rows.csv") && wrong.contains("has changed"), "{wrong}");
        fs::remove_dir_all(&path).unwrap();
        assert!(Results::open(&path).unwrap_err().contains("datapackage.json"));
    }
}
