//! Whether the files of a folder are all there and as they were written.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

use serde_json::Value;

use super::error::{OutputError, Problem};
use super::folder::MANIFEST;
use super::package::{ATTACHED, PACKAGE, is_plain, joined};
use super::parts::{PARTS, Parts};

/// Larger packages are not read.
const LARGEST: u64 = 64 << 20;

/// What was found in a folder.
#[derive(Debug)]
pub struct Verified {
    /// The text of `datapackage.json`, if there is one that can be read.
    pub package: Option<Value>,
    /// Every file that the package lists, in its order, and what is wrong with it; the package
    /// itself, if it cannot be read.
    pub files: Vec<(String, Option<Flaw>)>,
    /// The parts of shards or of a sweep that was not finished, by the work they belong to.
    pub heaps: Vec<Heap>,
    /// The units whose parts are not what was written.
    pub damaged: Vec<u64>,
    /// Whether it is the folder of a sweep, finished or not.
    pub begun: bool,
}

/// The parts of one work, of one cut.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heap {
    /// The hash that names the work.
    pub work: String,
    /// Into how many units it was cut; 0 where nobody knows beforehand.
    pub units: u64,
    /// How many whole parts of it are there.
    pub found: u64,
}

/// What is wrong with a file.
#[derive(Debug)]
pub enum Flaw {
    /// It is not there.
    Missing,
    /// It is a folder or a device.
    NotAFile,
    /// The system refused to read it.
    Unreadable(io::Error),
    /// It has another size.
    Size {
        /// In bytes, as the package says.
        expected: u64,
        /// In bytes, as it is.
        found: u64,
    },
    /// It has the size that it should have and other contents.
    Changed,
    /// The package says no size or no hash of it.
    Unproven,
    /// It is not in the folder.
    Elsewhere,
    /// It is not the scenario that the package names.
    OtherScenario,
    /// It is no data package of this program; why.
    NoPackage(String),
}

impl std::fmt::Display for Flaw {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Flaw::Missing => f.write_str("is missing"),
            Flaw::NotAFile => f.write_str("is no regular file"),
            Flaw::Unreadable(error) => write!(f, "cannot be read: {error}"),
            Flaw::Size { expected, found } => {
                write!(f, "has {found} bytes instead of {expected}")
            }
            Flaw::Changed => f.write_str("has changed: its hash is another"),
            Flaw::Unproven => f.write_str("is listed without size and hash"),
            Flaw::Elsewhere => f.write_str("is not a file of this folder"),
            Flaw::OtherScenario => f.write_str("is not the scenario that made the results"),
            Flaw::NoPackage(why) => write!(f, "is no package of results: {why}"),
        }
    }
}

impl Flaw {
    /// One word for programs.
    pub fn word(&self) -> &'static str {
        match self {
            Flaw::Missing => "missing",
            Flaw::NotAFile => "not-a-file",
            Flaw::Unreadable(_) => "unreadable",
            Flaw::Size { .. } => "size",
            Flaw::Changed => "changed",
            Flaw::Unproven => "unproven",
            Flaw::Elsewhere => "elsewhere",
            Flaw::OtherScenario => "other-scenario",
            Flaw::NoPackage(_) => "no-package",
        }
    }
}

impl Heap {
    /// Whether no unit is missing.
    pub fn is_whole(&self) -> bool {
        self.units > 0 && self.found == self.units
    }
}

impl Verified {
    /// Whether all that belongs into the folder is there as it was written: every file of its
    /// package or, where it holds parts only, every part of one work.
    pub fn is_complete(&self) -> bool {
        match (&self.package, &self.heaps[..]) {
            (Some(_), _) => self.flaws().next().is_none(),
            // the parts of a sweep that has no package yet are no results
            (None, [heap]) if !self.begun => {
                self.files.is_empty() && self.damaged.is_empty() && heap.is_whole()
            }
            (None, _) => false,
        }
    }

    /// The files with which something is wrong.
    pub fn flaws(&self) -> impl Iterator<Item = (&str, &Flaw)> {
        self.files.iter().filter_map(|(file, flaw)| Some((file.as_str(), flaw.as_ref()?)))
    }

    /// Whether the package lists this file.
    pub fn lists(&self, name: &str) -> bool {
        self.package.is_some() && self.files.iter().any(|(file, _)| file == name)
    }
}

/// Checks every file of a folder of results against its package, and every part of a folder of
/// parts against its own hash. Reads no file that is not in the folder.
///
/// # Errors
/// [`Problem::NotAFolder`]; [`Problem::Unreadable`] if the folder, or that of the parts, cannot be
/// read.
pub fn verify(folder: &Path) -> Result<Verified, OutputError> {
    if !folder.is_dir() {
        let missing = || io::Error::from(io::ErrorKind::NotFound);
        let problem = match folder.exists() {
            true => Problem::NotAFolder,
            false => Problem::Unreadable(missing()),
        };
        return Err(OutputError::new(folder, problem));
    }
    fs::read_dir(folder).map_err(|e| OutputError::new(folder, Problem::Unreadable(e)))?;
    let (mut heaps, mut damaged) = (Vec::<Heap>::new(), Vec::new());
    for (unit, head) in Parts::new(folder.join(PARTS)).heads()? {
        let Some(head) = head else {
            damaged.push(unit);
            continue;
        };
        match heaps.iter_mut().find(|h| h.work == head.work && h.units == head.units) {
            Some(heap) => heap.found += 1,
            None => heaps.push(Heap { work: head.work, units: head.units, found: 1 }),
        }
    }
    let (package, files) = match read(&folder.join(PACKAGE)) {
        Ok(package) => {
            let files = files(folder, &package);
            (Some(package), files)
        }
        Err(Flaw::Missing) => (None, Vec::new()),
        Err(flaw) => (None, vec![(PACKAGE.to_owned(), Some(flaw))]),
    };
    let begun = folder.join(MANIFEST).exists();
    Ok(Verified { package, files, heaps, damaged, begun })
}

/// A package of this program that lists something.
fn read(path: &Path) -> Result<Value, Flaw> {
    let file = open(path)?;
    let mut text = Vec::new();
    file.take(LARGEST + 1).read_to_end(&mut text).map_err(Flaw::Unreadable)?;
    let no = |why: &str| Flaw::NoPackage(why.to_owned());
    if text.len() as u64 > LARGEST {
        return Err(no("it is too large"));
    }
    let package: Value =
        serde_json::from_slice(&text).map_err(|error| Flaw::NoPackage(error.to_string()))?;
    if !package["detente"].is_object() {
        return Err(no("detente did not make it"));
    }
    match package["resources"].as_array() {
        Some(list) if !list.is_empty() => Ok(package),
        _ => Err(no("it lists no files")),
    }
}

/// A file, which a link may lead to; nothing else, since a device may have no end.
pub(super) fn open(path: &Path) -> Result<File, Flaw> {
    match fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(Flaw::Missing),
        Err(error) => return Err(Flaw::Unreadable(error)),
        Ok(found) if !found.is_file() => return Err(Flaw::NotAFile),
        Ok(_) => {}
    }
    File::open(path).map_err(Flaw::Unreadable)
}

fn files(folder: &Path, package: &Value) -> Vec<(String, Option<Flaw>)> {
    let made = &package["detente"];
    let scenario = made["scenario"].as_str().map(|name| format!("{name}.toml"));
    let resources = package["resources"].as_array().into_iter().flatten();
    let attached = resources.clone().filter(|resource| resource["description"] == ATTACHED);
    let attached = attached.filter_map(|resource| {
        Some((resource["path"].as_str()?, resource["hash"].as_str()?.to_string()))
    });
    let whole = |text: &Value| joined(text.as_str().unwrap_or_default(), attached.clone());
    let one = |resource: &Value| {
        let Some(name) = resource["path"].as_str() else {
            // A package that lists a file without a name cannot be kept.
            return (resource["name"].to_string(), Some(Flaw::Elsewhere));
        };
        let is_scenario = scenario.as_deref() == Some(name);
        let flaw = match check(folder, name, resource) {
            Err(flaw) => Some(flaw),
            Ok(()) if is_scenario && made["scenario_hash"] != whole(&resource["hash"]) => {
                Some(Flaw::OtherScenario)
            }
            Ok(()) => None,
        };
        (name.to_owned(), flaw)
    };
    resources.map(one).collect()
}

fn check(folder: &Path, name: &str, resource: &Value) -> Result<(), Flaw> {
    if !is_plain(name) {
        return Err(Flaw::Elsewhere);
    }
    let (Some(expected), Some(hash)) = (resource["bytes"].as_u64(), resource["hash"].as_str())
    else {
        return Err(Flaw::Unproven);
    };
    let file = open(&folder.join(name))?;
    let found = file.metadata().map_err(Flaw::Unreadable)?.len();
    if found != expected {
        return Err(Flaw::Size { expected, found });
    }
    let mut hasher = blake3::Hasher::new();
    io::copy(&mut file.take(expected), &mut hasher).map_err(Flaw::Unreadable)?;
    match hash == format!("blake3:{}", hasher.finalize().to_hex()) {
        true => Ok(()),
        false => Err(Flaw::Changed),
    }
}
