//! Part files: the tables of one unit of a larger work, kept until all units are there.
//!
//! A part is a line that names the format, a line of JSON that says which unit of which work it is
//! and what the hash of the rest is, and the rows of its tables as they are in memory. It appears
//! under its name at once and whole; what a broken disk or a careless copy does to it afterwards
//! shows by the hash.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::{Value, json};

use super::error::{OutputError, Problem};
use crate::table::{Cells, Kind, Schema, Table};

/// The first line of a part.
const MAGIC: &str = "detente part 1\n";
/// The end of the name of a part.
const SUFFIX: &str = ".part.bin";

/// A folder of part files.
#[derive(Debug, Clone)]
pub struct Parts {
    folder: PathBuf,
}

/// What a part is, as its head says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// The work it belongs to: a hash of everything that decides its results.
    pub work: String,
    /// The number of the unit.
    pub unit: u64,
    /// How many units the work was cut into.
    pub units: u64,
}

/// A part as it was found.
#[derive(Debug, Clone, PartialEq)]
pub enum Found {
    /// There is no such file.
    Missing,
    /// It is there and not what was written: cut short, changed, or something else.
    Damaged,
    /// It is whole and belongs to another work, or to one that was cut differently.
    Foreign(Head),
    /// It is whole.
    Whole(Part),
}

/// What a whole part holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// Counts that the tables do not show.
    pub notes: Value,
    rows: Vec<u8>,
}

impl Parts {
    /// The parts in a folder, which need not exist yet.
    pub fn new(folder: impl Into<PathBuf>) -> Parts {
        Parts { folder: folder.into() }
    }

    /// Where they are.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Makes the folder and tries it out.
    ///
    /// # Errors
    /// [`Problem::NotAFolder`], [`Problem::Io`] or [`Problem::NotWritable`].
    pub fn create(&self) -> Result<(), OutputError> {
        let failed = |problem| Err(OutputError::new(&self.folder, problem));
        if self.folder.exists() && !self.folder.is_dir() {
            return failed(Problem::NotAFolder);
        }
        if let Err(error) = fs::create_dir_all(&self.folder) {
            return failed(Problem::Io(error));
        }
        super::folder::try_out(&self.folder).or_else(|error| failed(Problem::NotWritable(error)))
    }

    /// The file of a unit.
    pub fn path(&self, unit: u64) -> PathBuf {
        self.folder.join(format!("unit-{unit:08}{SUFFIX}"))
    }

    /// The units of all files in the folder, whatever is in them.
    ///
    /// # Errors
    /// [`Problem::Io`] if the folder is there and cannot be read.
    pub fn units(&self) -> Result<Vec<u64>, OutputError> {
        let failed = |error| OutputError::new(&self.folder, Problem::Io(error));
        let entries = match fs::read_dir(&self.folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.map_err(failed)?,
        };
        let mut units = Vec::new();
        for entry in entries {
            let name = entry.map_err(failed)?.file_name().to_string_lossy().into_owned();
            let number = name.strip_prefix("unit-").and_then(|rest| rest.strip_suffix(SUFFIX));
            units.extend(number.and_then(|number| number.parse::<u64>().ok()));
        }
        units.sort_unstable();
        Ok(units)
    }

    /// Writes a part. Several processes may write the same one at the same time, if their tags
    /// differ: the last one stays, and they are equal.
    ///
    /// # Errors
    /// [`Problem::Io`]; nothing is left of the part then.
    pub fn write(
        &self,
        head: &Head,
        notes: &Value,
        tables: &[Table],
        tag: &str,
    ) -> Result<(), OutputError> {
        let target = self.path(head.unit);
        let mut rows = Vec::new();
        tables.iter().for_each(|table| encode(table, &mut rows));
        let line = json!({
            "work": head.work,
            "unit": head.unit,
            "units": head.units,
            "notes": notes,
            "bytes": rows.len(),
            "hash": hash(notes, &rows),
        });
        let mut name = target.clone().into_os_string();
        name.push(format!(".{tag}"));
        let begun = PathBuf::from(name);
        let written = fs::File::create(&begun)
            .and_then(|mut file| {
                file.write_all(MAGIC.as_bytes())?;
                file.write_all(format!("{line}\n").as_bytes())?;
                file.write_all(&rows)
            })
            .and_then(|()| fs::rename(&begun, &target));
        written.map_err(|error| {
            let _ = fs::remove_file(&begun);
            OutputError::new(&target, Problem::Io(error))
        })
    }

    /// Reads the part of a unit and checks it.
    ///
    /// # Errors
    /// [`Problem::Io`] if a file that is there cannot be read.
    pub fn read(&self, expected: &Head) -> Result<Found, OutputError> {
        let path = self.path(expected.unit);
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Found::Missing),
            Err(error) => return Err(OutputError::new(&path, Problem::Io(error))),
        };
        Ok(match parse(bytes) {
            None => Found::Damaged,
            Some((head, part)) if head == *expected => Found::Whole(part),
            Some((head, _)) => Found::Foreign(head),
        })
    }

    /// Removes all parts, finished and begun, and the folder if nothing else is in it.
    ///
    /// # Errors
    /// [`Problem::Io`] if a part cannot be removed.
    pub fn clear(&self) -> Result<(), OutputError> {
        let failed = |error| OutputError::new(&self.folder, Problem::Io(error));
        let entries = match fs::read_dir(&self.folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            entries => entries.map_err(failed)?,
        };
        for entry in entries {
            let entry = entry.map_err(failed)?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.starts_with("unit-") && name.contains(SUFFIX) {
                fs::remove_file(entry.path()).map_err(failed)?;
            }
        }
        let _ = fs::remove_dir(&self.folder);
        Ok(())
    }
}

impl Part {
    /// The rows of its tables, which were written with these schemas in this order; none if they
    /// were not.
    pub fn tables(&self, schemas: &[Arc<Schema>]) -> Option<Vec<Table>> {
        let mut rest = self.rows.as_slice();
        let tables = schemas.iter().map(|schema| decode(schema, &mut rest)).collect();
        if rest.is_empty() { tables } else { None }
    }
}

fn hash(notes: &Value, rows: &[u8]) -> String {
    let mut hasher = blake3::Hasher::new();
    hasher.update(notes.to_string().as_bytes());
    hasher.update(rows);
    hasher.finalize().to_hex().to_string()
}

fn parse(mut bytes: Vec<u8>) -> Option<(Head, Part)> {
    let start = MAGIC.len();
    let length = bytes.get(start..)?.iter().position(|b| *b == b'\n')?;
    if !bytes.starts_with(MAGIC.as_bytes()) {
        return None;
    }
    let line: Value = serde_json::from_slice(&bytes[start..start + length]).ok()?;
    let head = Head {
        work: line["work"].as_str()?.to_string(),
        unit: line["unit"].as_u64()?,
        units: line["units"].as_u64()?,
    };
    let rows = bytes.split_off(start + length + 1);
    let notes = line["notes"].clone();
    let whole = line["bytes"].as_u64() == Some(rows.len() as u64)
        && line["hash"].as_str() == Some(&hash(&notes, &rows));
    whole.then_some((head, Part { notes, rows }))
}

fn encode(table: &Table, out: &mut Vec<u8>) {
    let number = |out: &mut Vec<u8>, n: usize| out.extend((n as u64).to_le_bytes());
    number(out, table.rows());
    for (_, cells) in table.columns() {
        match cells {
            Cells::Text(all) => all.iter().for_each(|text| {
                number(out, text.len());
                out.extend(text.as_bytes());
            }),
            Cells::Integer(all) => all.iter().for_each(|x| out.extend(x.to_le_bytes())),
            Cells::Number(all) => all.iter().for_each(|x| out.extend(x.to_le_bytes())),
            Cells::Truth(all) => out.extend(all.iter().map(|x| match x {
                None => 2,
                Some(truth) => u8::from(*truth),
            })),
        }
    }
}

fn take<'a>(rest: &mut &'a [u8], count: usize) -> Option<&'a [u8]> {
    let (first, after) = rest.split_at_checked(count)?;
    *rest = after;
    Some(first)
}

fn word(rest: &mut &[u8]) -> Option<[u8; 8]> {
    take(rest, 8)?.try_into().ok()
}

fn count(rest: &mut &[u8]) -> Option<usize> {
    usize::try_from(u64::from_le_bytes(word(rest)?)).ok()
}

fn decode(schema: &Arc<Schema>, rest: &mut &[u8]) -> Option<Table> {
    let rows = count(rest)?;
    let mut columns = Vec::with_capacity(schema.fields().len());
    for field in schema.fields() {
        columns.push(match field.kind {
            Kind::Text => {
                let text = |rest: &mut &[u8]| {
                    let length = count(rest)?;
                    String::from_utf8(take(rest, length)?.to_vec()).ok()
                };
                Cells::Text((0..rows).map(|_| text(rest)).collect::<Option<_>>()?)
            }
            Kind::Integer => {
                let all = (0..rows).map(|_| word(rest).map(i64::from_le_bytes));
                Cells::Integer(all.collect::<Option<_>>()?)
            }
            Kind::Number => {
                let all = (0..rows).map(|_| word(rest).map(f64::from_le_bytes));
                Cells::Number(all.collect::<Option<_>>()?)
            }
            Kind::Truth => Cells::Truth(
                take(rest, rows)?.iter().map(|b| (*b < 2).then_some(*b == 1)).collect(),
            ),
        });
    }
    Table::new(schema, columns).ok()
}
