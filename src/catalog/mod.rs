//! From the name of a scenario to its bytes: files by path, files by name below `scenarios/`, and
//! the scenarios inside the library.

pub mod files;
pub mod shipped;

use std::fmt;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use toml::de::DeTable;

use crate::diagnostic::{Span, clip, nearest, nearest_name};
use crate::scenario::{self, Beside, Loaded};

/// The folder below the current one that is searched for named scenarios.
const FOLDER: &str = "scenarios";
/// Folders in it that hold histories of scenarios, and none.
const HISTORIES: &str = "histories";
/// How deep it is searched.
const DEPTH: usize = 8;
/// Larger files are not read at all; the library states its own, lower limit with a diagnostic.
const LARGEST: u64 = 64 << 20;
/// The same of games; the largest that can be solved is far below.
const LARGEST_GAME: u64 = 256 << 20;

/// Why there is no scenario of a name. Each holds a message that is complete.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CatalogError {
    /// There is none, there are two, or the file cannot be read.
    NotFound(String),
    /// The file is empty or too large to be a scenario.
    Unusable(String),
}

impl fmt::Display for CatalogError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (CatalogError::NotFound(text) | CatalogError::Unusable(text)) = self;
        f.write_str(text)
    }
}

impl std::error::Error for CatalogError {}

/// A scenario's bytes.
#[derive(Debug)]
pub struct Found {
    /// The path as it was typed or found, or `shipped:name`.
    pub label: String,
    /// The name its file gives it.
    pub stem: String,
    /// What the file holds.
    pub bytes: Vec<u8>,
    /// Where the files lie that it names.
    pub beside: Rc<dyn Beside>,
}

/// Files in the folder of a scenario or a history. What leads out of it is none of them.
#[derive(Debug)]
struct Folder {
    path: PathBuf,
    /// What names them.
    what: &'static str,
}

impl Folder {
    /// That of a file.
    fn of(path: &Path, what: &'static str) -> Folder {
        Folder { path: path.parent().unwrap_or(Path::new("")).to_path_buf(), what }
    }
}

impl Beside for Folder {
    fn read(&self, name: &str, most: usize) -> Result<Vec<u8>, String> {
        let Folder { path: folder, what } = self;
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        let path = folder.join(name);
        let real = |path: &Path| {
            path.canonicalize().map_err(|error| match error.kind() {
                ErrorKind::NotFound => format!("there is no such file beside the {what}"),
                _ => error.to_string(),
            })
        };
        if real(&path)?.parent() != Some(&real(folder)?) {
            return Err(format!("it is a link that leads out of the folder of the {what}"));
        }
        files::bytes(&path, most as u64).map_err(|error| error.to_string())
    }
}

/// Files inside the library.
#[derive(Debug)]
struct Inside;

impl Beside for Inside {
    fn read(&self, name: &str, _: usize) -> Result<Vec<u8>, String> {
        let found = shipped::FILES.iter().find(|(known, _)| *known == name);
        found.map(|(_, text)| text.as_bytes().to_vec()).ok_or_else(|| "there is none".to_string())
    }
}

impl Found {
    /// The text, with replacement characters where it is not UTF-8.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    /// What it says and everything that is wrong with it, its name included.
    pub fn load(&self) -> Loaded {
        let mut loaded = scenario::load_with(&self.bytes, Rc::clone(&self.beside));
        let model = loaded.checked.value.as_mut();
        if let Some(mut diagnostic) = model.and_then(|m| scenario::called(m, &self.stem)) {
            diagnostic.span = name_span(&self.text()).unwrap_or(diagnostic.span);
            let list = &mut loaded.checked.diagnostics;
            let at = list.partition_point(|d| d.span <= diagnostic.span);
            list.insert(at, diagnostic);
        }
        loaded
    }
}

/// Where the value of `name` stands under `[scenario]`, quotes included.
pub fn name_span(text: &str) -> Option<Span> {
    let table = DeTable::parse(text).ok()?;
    let section = table.get_ref().get("scenario")?.get_ref().as_table()?;
    let span = section.get("name")?.span();
    Some(Span::new(span.start, span.end))
}

/// A scenario inside the library, by name.
///
/// # Errors
/// [`CatalogError::NotFound`] if there is none, with the nearest name.
pub fn inside(name: &str) -> Result<Found, CatalogError> {
    let Some((_, text)) = shipped::ALL.iter().find(|(known, _)| *known == name) else {
        let near = nearest_name(name, shipped::ALL.iter().map(|(known, _)| *known));
        let help = near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
        let text = format!("there is no scenario `{}` inside the library{help}", clip(name));
        return Err(CatalogError::NotFound(text));
    };
    Ok(Found {
        label: format!("shipped:{name}"),
        stem: name.to_string(),
        bytes: text.as_bytes().to_vec(),
        beside: Rc::new(Inside),
    })
}

/// A scenario by path or by bare name.
///
/// A name without separators and without `.toml` is looked for as `NAME.toml` in this folder,
/// then below `scenarios/`, then among the scenarios inside the program, then taken as a path.
///
/// # Errors
/// [`CatalogError::NotFound`] if there is none, the nearest known name with it; if several files of
/// that name exist; if the file cannot be read. [`CatalogError::Unusable`] if it is empty.
pub fn find(name: &str) -> Result<Found, CatalogError> {
    let bare = !name.contains(['/', '\\']) && !name.ends_with(".toml") && !name.is_empty();
    if bare {
        let beside = PathBuf::from(format!("{name}.toml"));
        if beside.is_file() {
            return read(&beside);
        }
        let mut own = named().into_iter().filter(|path| stem(path) == name);
        if let Some(first) = own.next() {
            if let Some(second) = own.next() {
                let text = format!(
                    "`{name}` is the name of two files, {} and {}; give the path",
                    first.display(),
                    second.display()
                );
                return Err(CatalogError::NotFound(text));
            }
            return read(&first);
        }
        if let Ok(found) = inside(name) {
            return Ok(found);
        }
        if !Path::new(name).exists() {
            return Err(unknown(name));
        }
    }
    read(Path::new(name))
}

/// There is no such scenario, neither by name nor by path; the nearest that there is.
fn unknown(name: &str) -> CatalogError {
    let path = Path::new(name);
    let bare = path.parent().is_none_or(|p| p.as_os_str().is_empty()) && !name.ends_with(".toml");
    // What stands beside the path is named by path, the rest by name.
    let mut known: Vec<(String, String)> = beside(path)
        .into_iter()
        .map(|found| {
            let stem = stem(&found);
            (stem.clone(), if bare { stem } else { found.display().to_string() })
        })
        .collect();
    let own = named().into_iter().map(|path| stem(&path));
    let shipped = shipped::ALL.iter().map(|(name, _)| (*name).to_string());
    known.extend(own.chain(shipped).map(|name| (name.clone(), name)));
    let wanted = if name.ends_with(".toml") || !bare { stem(path) } else { name.to_string() };
    let found = nearest_name(&wanted, known.iter().map(|(stem, _)| stem.as_str()));
    let found = found.and_then(|near| known.iter().find(|(stem, _)| stem == near));
    let help = match found {
        Some((_, shown)) => format!("did you mean `{shown}`?"),
        None => "`detente list` shows those that can be named".to_string(),
    };
    let what = if bare { "scenario" } else { "file" };
    CatalogError::NotFound(format!("there is no {what} `{}`; {help}", clip(name)))
}

/// The scenario files in the folder of a path, in order.
fn beside(path: &Path) -> Vec<PathBuf> {
    let folder = path.parent().unwrap_or(Path::new(""));
    let place = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let entries = fs::read_dir(place).into_iter().flatten().flatten();
    let files = entries.map(|entry| folder.join(entry.file_name()));
    let mut found: Vec<PathBuf> =
        files.filter(|file| file.extension().is_some_and(|e| e == "toml")).collect();
    found.sort();
    found
}

/// The scenario files below `scenarios/` in the current folder, in order. What is called
/// `history.toml` or `NAME.history.toml` is none.
pub fn named() -> Vec<PathBuf> {
    let is_history = |path: &PathBuf| {
        let name = file_name(path);
        name == "history.toml" || name.ends_with(".history.toml")
    };
    let mut all = below("toml");
    all.retain(|path| !is_history(path));
    all
}

/// Name and place of every game that a bare name reaches: those below `scenarios/` first, then
/// those inside the program, which have no place.
pub fn games() -> Vec<(String, Option<PathBuf>)> {
    let mut games: Vec<(String, Option<PathBuf>)> =
        below("nfg").into_iter().map(|path| (file_name(&path), Some(path))).collect();
    for (name, _) in shipped::GAMES {
        let name = format!("{name}.nfg");
        if !games.iter().any(|(known, _)| *known == name) {
            games.push((name, None));
        }
    }
    games
}

/// A game file by path, or by name below `scenarios/` or inside the library.
///
/// # Errors
/// [`CatalogError::NotFound`] if there is none, with the nearest name, or it cannot be read;
/// [`CatalogError::Unusable`] if it is larger than 256 MB.
pub fn game(name: &str) -> Result<Found, CatalogError> {
    let path = Path::new(name);
    if !path.exists() && !name.contains(['/', '\\']) {
        let below = below("nfg");
        if let Some(found) = below.iter().find(|file| file.file_name() == Some(name.as_ref())) {
            return game_file(found);
        }
        let known = shipped::GAMES.iter().find(|(known, _)| format!("{known}.nfg") == name);
        if let Some((stem, text)) = known {
            let (label, stem) = (format!("shipped:{name}"), (*stem).to_string());
            let bytes = text.as_bytes().to_vec();
            return Ok(Found { label, stem, bytes, beside: Rc::new(Inside) });
        }
    }
    game_file(path)
}

/// A file as a game.
///
/// # Errors
/// As [`game`].
pub fn game_file(path: &Path) -> Result<Found, CatalogError> {
    let label = path.display().to_string();
    let bytes = files::bytes(path, LARGEST_GAME).map_err(|error| match error.kind() {
        ErrorKind::NotFound => {
            let known: Vec<String> = games().into_iter().map(|(name, _)| name).collect();
            let help = nearest(&file_name(path), known.iter().map(String::as_str))
                .unwrap_or_else(|| "`detente list` shows the games that can be named".to_string());
            CatalogError::NotFound(format!("there is no file `{}`; {help}", clip(&label)))
        }
        ErrorKind::FileTooLarge => {
            let most = LARGEST_GAME >> 20;
            CatalogError::Unusable(format!("`{label}` is larger than {most} MB"))
        }
        _ => CatalogError::NotFound(format!("cannot read `{label}`: {error}")),
    })?;
    Ok(Found { stem: stem(path), label, bytes, beside: Rc::new(Inside) })
}

/// The files of an ending below `scenarios/` in the current folder, in order.
pub fn below(ending: &str) -> Vec<PathBuf> {
    fn walk(folder: &Path, depth: usize, ending: &str, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            // A link to a folder is no folder here, so that links cannot lead in circles.
            let Ok(kind) = entry.file_type() else { continue };
            let path = entry.path();
            if kind.is_dir() && depth > 0 {
                if entry.file_name() != HISTORIES {
                    walk(&path, depth - 1, ending, found);
                }
            } else if !kind.is_dir() && path.extension().is_some_and(|e| e == ending) {
                found.push(path);
            }
        }
    }
    let mut found = Vec::new();
    walk(Path::new(FOLDER), DEPTH, ending, &mut found);
    found.sort();
    found
}

/// The name of a file.
pub fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// The name of a file without its ending.
pub fn stem(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

/// A file as a scenario.
///
/// # Errors
/// [`CatalogError::NotFound`] if it cannot be read, [`CatalogError::Unusable`] if it is empty or
/// larger than 64 MB.
pub fn read(path: &Path) -> Result<Found, CatalogError> {
    let label = path.to_string_lossy().into_owned();
    if path.is_dir() {
        let text = format!("`{label}` is a folder; name a scenario file");
        return Err(CatalogError::NotFound(text));
    }
    let bytes = match files::bytes(path, LARGEST) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == ErrorKind::NotFound => return Err(unknown(&label)),
        Err(error) if error.kind() == ErrorKind::FileTooLarge => {
            let text =
                format!("`{label}` is larger than {} MB, too large for a scenario", LARGEST >> 20);
            return Err(CatalogError::Unusable(text));
        }
        Err(error) => {
            return Err(CatalogError::NotFound(format!("cannot read `{label}`: {error}")));
        }
    };
    if bytes.iter().all(u8::is_ascii_whitespace) {
        let help = "`detente new NAME` writes a scenario to start from";
        return Err(CatalogError::Unusable(format!("`{label}` is empty; {help}")));
    }
    let beside = Rc::new(Folder::of(path, "scenario"));
    Ok(Found { stem: stem(path), label, bytes, beside })
}

/// The text of a history: a file, or `history.toml` in a folder.
///
/// # Errors
/// [`CatalogError::NotFound`] if it cannot be read, [`CatalogError::Unusable`] if it is larger than
/// 64 MB.
pub fn history(path: &Path) -> Result<Found, CatalogError> {
    let path = if path.is_dir() { path.join("history.toml") } else { path.to_path_buf() };
    let label = path.to_string_lossy().into_owned();
    let bytes = files::bytes(&path, LARGEST).map_err(|error| match error.kind() {
        ErrorKind::NotFound => {
            let known: Vec<String> =
                beside(&path).iter().map(|found| found.display().to_string()).collect();
            let help = nearest(&label, known.iter().map(String::as_str)).unwrap_or_else(|| {
                "a history is a TOML file, or a folder with `history.toml`".to_string()
            });
            CatalogError::NotFound(format!("there is no file `{}`; {help}", clip(&label)))
        }
        ErrorKind::FileTooLarge => {
            let most = LARGEST >> 20;
            CatalogError::Unusable(format!("`{label}` is larger than {most} MB"))
        }
        _ => CatalogError::NotFound(format!("cannot read `{label}`: {error}")),
    })?;
    let beside = Rc::new(Folder::of(&path, "history"));
    Ok(Found { stem: stem(&path), label, bytes, beside })
}
