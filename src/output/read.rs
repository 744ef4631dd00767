//! Tables of a folder, read back.

use std::fmt::Display;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::package::{PACKAGE, is_plain};
use crate::table::{Cells, Column, Field, Kind, Table};

/// The tables that a finished folder lists.
#[derive(Debug, Clone)]
pub struct Package {
    folder: PathBuf,
    listed: Vec<Value>,
}

impl Package {
    /// That of a folder. Whether its files are as they were written is asked by [`super::verify`].
    ///
    /// # Errors
    /// Why it cannot be read, with its path.
    pub fn open(folder: impl Into<PathBuf>) -> Result<Package, String> {
        let folder = folder.into();
        let path = folder.join(PACKAGE);
        let told = |error: &dyn Display| format!("`{}`: {error}", path.display());
        let text = fs::read(&path).map_err(|error| told(&error))?;
        let mut package: Value = serde_json::from_slice(&text).map_err(|error| told(&error))?;
        match package["resources"].take() {
            Value::Array(listed) if package["detente"].is_object() => {
                Ok(Package { folder, listed })
            }
            _ => Err(told(&"detente did not make it")),
        }
    }

    /// The names of its tables, in the order in which it lists them.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let tables = self.listed.iter().filter(|resource| resource["schema"].is_object());
        tables.filter_map(|resource| resource["name"].as_str())
    }

    /// A table with all its rows and what is said of its columns; nothing if none has that name.
    ///
    /// # Errors
    /// What is wrong with its file, with its path.
    pub fn table(&self, name: &str) -> Result<Option<Table>, String> {
        let tables = self.listed.iter().filter(|resource| resource["schema"].is_object());
        let Some(resource) = tables.into_iter().find(|resource| resource["name"] == name) else {
            return Ok(None);
        };
        let file = resource["path"].as_str().filter(|file| is_plain(file)).unwrap_or_default();
        let path = self.folder.join(file);
        let told = |error: &dyn Display| format!("`{}`: {error}", path.display());
        let mut columns = columns(resource);
        rows(&path, &mut columns).map_err(|error| told(&error))?;
        let about = resource["description"].as_str().unwrap_or_default();
        Table::of(name, about, columns).map(Some).map_err(|error| told(&error))
    }
}

/// The columns of a table, without cells.
fn columns(resource: &Value) -> Vec<Column> {
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let column = |field: &Value| {
        let kind = match field["type"].as_str() {
            Some("integer") => Kind::Integer,
            Some("number") => Kind::Number,
            Some("boolean") => Kind::Truth,
            _ => Kind::Text,
        };
        let made = Field::new(word(&field["name"]), kind, word(&field["description"]));
        let made = made.with_title(word(&field["title"])).with_unit(word(&field["unit"]));
        Column::new(made, Cells::empty(kind))
    };
    resource["schema"]["fields"].as_array().into_iter().flatten().map(column).collect()
}

/// Appends the rows of a file.
fn rows(path: &Path, columns: &mut [Column]) -> Result<(), String> {
    let mut reader = csv::Reader::from_path(path).map_err(|error| error.to_string())?;
    let header = reader.headers().map_err(|error| error.to_string())?;
    if !header.iter().eq(columns.iter().map(|column| column.field.name.as_str())) {
        return Err("its columns are not those that the package lists".to_string());
    }
    let mut record = csv::StringRecord::new();
    while reader.read_record(&mut record).map_err(|error| error.to_string())? {
        for (column, cell) in columns.iter_mut().zip(&record) {
            let name = &column.field.name;
            let wrong = || format!("`{cell}` is no cell of column `{name}`");
            match &mut column.cells {
                Cells::Text(list) => list.push(cell.to_owned()),
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
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
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
        let package = Package::open(&path).unwrap();
        assert_eq!(package.names().collect::<Vec<_>>(), ["rows"]);
        assert_eq!(package.table("rows").unwrap(), Some(table));
        assert_eq!(package.table("note.txt").unwrap(), None);
        fs::write(path.join("rows.csv"), "who,n,x,ever\nA,one,1,1\n").unwrap();
        let wrong = package.table("rows").unwrap_err();
        assert!(wrong.contains("rows.csv") && wrong.contains("`one`"), "{wrong}");
        fs::remove_dir_all(&path).unwrap();
        assert!(Package::open(&path).unwrap_err().contains("datapackage.json"));
    }
}
