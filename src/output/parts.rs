//! Part files: the tables of one unit of a larger work, kept until all units are there.
//!
//! A part is a line that names the format, a line of JSON that says which unit of which work it is
//! and what the hash of the rest is, and the rows of its tables as they are in memory. It appears
//! under its name at once and whole; what a broken disk or a careless copy does to it afterwards
//! shows by the hash.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::{Value, json};

use super::begun::{self, Begun, Over};
use super::error::{OutputError, Problem};
use crate::table::{Cells, Kind, Schema, Table};

/// The folder of parts below that of a sweep or of shards.
pub const PARTS: &str = "parts";
/// The first line of a part.
const MAGIC: &str = "detente part 1\n";
/// The end of the name of a part.
const SUFFIX: &str = ".part.bin";
/// The longest head of a part that is looked at.
const LONGEST: u64 = 1 << 20;

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
    /// How many units the work was cut into; 0 where nobody knows beforehand.
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
        begun::try_out(&self.folder).or_else(|error| failed(Problem::NotWritable(error)))
    }

    /// [`Parts::create`] for those who will remove parts: not behind a link.
    ///
    /// # Errors
    /// Those of [`Parts::create`], and [`Problem::Link`].
    pub fn own(&self) -> Result<(), OutputError> {
        if fs::symlink_metadata(&self.folder).is_ok_and(|found| found.is_symlink()) {
            return Err(OutputError::new(&self.folder, Problem::Link));
        }
        self.create()
    }

    /// The file of a unit.
    pub fn path(&self, unit: u64) -> PathBuf {
        self.folder.join(format!("unit-{unit:08}{SUFFIX}"))
    }

    /// The units of all files in the folder, whatever is in them.
    ///
    /// # Errors
    /// [`Problem::Unreadable`] if the folder is there and cannot be.
    pub fn units(&self) -> Result<Vec<u64>, OutputError> {
        let failed = |error| OutputError::new(&self.folder, Problem::Unreadable(error));
        let entries = match fs::read_dir(&self.folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.map_err(failed)?,
        };
        let mut units = Vec::new();
        for entry in entries {
            let name = entry.map_err(failed)?.file_name().to_string_lossy().into_owned();
            units.extend(unit_of(&name));
        }
        units.sort_unstable();
        Ok(units)
    }

    /// Writes a part. Several processes may write the same one at the same time: they are equal,
    /// and one of them stays. A damaged one is replaced.
    ///
    /// # Errors
    /// [`Problem::Io`]; [`Problem::InTheWay`] where a part of another work has the name. Nothing is
    /// left of the part then.
    pub fn write(&self, head: &Head, notes: &Value, tables: &[Table]) -> Result<(), OutputError> {
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
        let failed = |error| OutputError::new(&target, Problem::Io(error));
        let name = format!("unit-{:08}{SUFFIX}", head.unit);
        let (mut begun, mut file) =
            Begun::new(&self.folder, &name).map_err(|(_, error)| failed(error))?;
        file.write_all(MAGIC.as_bytes())
            .and_then(|()| file.write_all(format!("{line}\n").as_bytes()))
            .and_then(|()| file.write_all(&rows))
            .map_err(failed)?;
        // Its hash shows whether a part came to the disk: there is no need to wait for it.
        match begun.name(Over::Never) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => match self.read(head)? {
                Found::Whole(_) => Ok(()),
                Found::Foreign(_) => Err(OutputError::new(&target, Problem::InTheWay)),
                Found::Damaged | Found::Missing => begun.name(Over::Always).map_err(failed),
            },
            named => named.map_err(failed),
        }
    }

    /// Reads the part of a unit and checks it.
    ///
    /// # Errors
    /// [`Problem::Unreadable`] if a file that is there cannot be read.
    pub fn read(&self, expected: &Head) -> Result<Found, OutputError> {
        let path = self.path(expected.unit);
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Found::Missing),
            Err(error) => return Err(OutputError::new(&path, Problem::Unreadable(error))),
        };
        Ok(match parse(bytes) {
            None => Found::Damaged,
            Some((head, part)) if head == *expected => Found::Whole(part),
            Some((head, _)) => Found::Foreign(head),
        })
    }

    /// What every part in the folder says it is, by unit; nothing of one that is damaged.
    ///
    /// # Errors
    /// [`Problem::Unreadable`] if the folder or a file in it cannot be read.
    pub fn heads(&self) -> Result<Vec<(u64, Option<Head>)>, OutputError> {
        let one = |unit: u64| {
            let path = self.path(unit);
            let bytes =
                fs::read(&path).map_err(|e| OutputError::new(&path, Problem::Unreadable(e)))?;
            let head = parse(bytes).map(|(head, _)| head).filter(|head| head.unit == unit);
            Ok((unit, head))
        };
        self.units()?.into_iter().map(one).collect()
    }

    /// Removes the part of a unit, whatever it is.
    ///
    /// # Errors
    /// [`Problem::Io`] if it cannot be removed.
    pub fn remove(&self, unit: u64) -> Result<(), OutputError> {
        let path = self.path(unit);
        fs::remove_file(&path).map_err(|error| OutputError::new(&path, Problem::Io(error)))
    }

    /// Removes the parts of a work, or all parts, what killed processes had begun, and the folder
    /// if nothing else is in it. For those who have the folder to themselves.
    ///
    /// # Errors
    /// [`Problem::Io`] if a part cannot be removed.
    pub fn clear(&self, work: Option<&str>) -> Result<(), OutputError> {
        for unit in self.units()? {
            let own = |work: &str| said_work(&self.path(unit)).is_some_and(|found| found == work);
            if work.is_none_or(own) {
                self.remove(unit)?;
            }
        }
        begun::clear_rests(&self.folder);
        let _ = fs::remove_dir(&self.folder);
        Ok(())
    }
}

/// The unit whose part has this name.
fn unit_of(name: &str) -> Option<u64> {
    let number = name.strip_prefix("unit-")?.strip_suffix(SUFFIX)?;
    let unit = number.parse::<u64>().ok()?;
    (number == format!("{unit:08}")).then_some(unit)
}

/// The work that a part says it belongs to, by its first lines.
fn said_work(path: &Path) -> Option<String> {
    let mut start = BufReader::new(File::open(path).ok()?.take(LONGEST));
    let (mut magic, mut line) = (String::new(), String::new());
    start.read_line(&mut magic).ok()?;
    start.read_line(&mut line).ok()?;
    let head: Value = serde_json::from_str(&line).ok()?;
    head["work"].as_str().filter(|_| magic == MAGIC).map(str::to_owned)
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
