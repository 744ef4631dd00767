//! The folder results go to.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::begun::{self, Begun, Over, there};
use super::error::{OutputError, Problem};
use super::lock::Lock;
use super::package::{self, Listed, PACKAGE, Provenance, Resource};
use super::writer::TableWriter;
use crate::table::{Schema, Table};

/// The description of results that are being replaced, until their successors are complete.
const STALE: &str = ".detente.stale";
/// The file that says what the sweep of a folder is.
pub const MANIFEST: &str = "sweep.json";

/// The folder itself, shared by its writers: locked until the last of them is gone.
#[derive(Debug)]
struct Place {
    path: PathBuf,
    lock: Lock,
    over: Over,
    /// What an earlier package lists and this one may replace.
    stale: Vec<Listed>,
    /// Whether no earlier package is left.
    retired: Mutex<bool>,
    /// Whether files are brought to the disk before they get their names.
    durable: bool,
}

impl Place {
    /// What becomes of a file that has this name.
    fn over(&self, name: &str) -> Over {
        let known = self.stale.iter().find(|listed| listed.file == name);
        let input = package::is_input(name) || known.is_some_and(|listed| listed.input);
        // What results are made from may be the only copy: it is replaced if it was written by an
        // earlier command and nobody has changed it since.
        let own = |hash: &String| {
            !input || fs::read(self.path.join(name)).is_ok_and(|bytes| hash_of(&bytes) == *hash)
        };
        match self.over {
            Over::Always if !input => Over::Always,
            _ if known.is_some_and(|listed| own(&listed.hash)) => Over::Always,
            Over::Never => Over::Never,
            Over::Same | Over::Always => Over::Same,
        }
    }

    /// Take away the description of earlier results, before the first of them is replaced: from
    /// then on the folder is not complete until it has a new one.
    fn retire(&self) -> io::Result<()> {
        let mut retired = self.retired.lock().unwrap_or_else(PoisonError::into_inner);
        if !*retired {
            match fs::rename(self.path.join(PACKAGE), self.path.join(STALE)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => self.sync_names(),
            }
            *retired = true;
        }
        Ok(())
    }

    /// Bring names to the disk, unless nothing here outlives a crash anyway.
    fn sync_names(&self) {
        if self.durable {
            begun::sync_names(&self.path);
        }
    }
}

/// The files of a folder that are complete, shared by the folder and its writers so that the
/// error of any of them can name what is safe.
#[derive(Debug, Clone)]
pub(super) struct Finished {
    place: Arc<Place>,
    tables: Arc<Mutex<Vec<Resource>>>,
    /// Parquet files that wait for what the package says.
    #[cfg(feature = "parquet")]
    open: Arc<Mutex<Vec<(Resource, super::parquet::ParquetWriter)>>>,
}

impl Finished {
    fn new(place: Place) -> Finished {
        Finished {
            place: Arc::new(place),
            tables: Arc::default(),
            #[cfg(feature = "parquet")]
            open: Arc::default(),
        }
    }

    /// The folder.
    pub(super) fn folder(&self) -> &Path {
        &self.place.path
    }

    /// Give a complete file its name.
    pub(super) fn keep(&self, begun: &mut Begun, file: &fs::File) -> io::Result<()> {
        let name = begun.target.file_name().unwrap_or_default().to_string_lossy().into_owned();
        self.place.retire()?;
        match self.place.durable {
            true => begun.keep(file, self.place.over(&name)),
            false => begun.name(self.place.over(&name)),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Resource>> {
        // A push cannot leave the list half changed, so a poisoned lock is still good.
        self.tables.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keep the Parquet file of a complete table until its description is known.
    #[cfg(feature = "parquet")]
    pub(super) fn keep_open(&self, table: Resource, file: super::parquet::ParquetWriter) {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).push((table, file));
    }

    /// The Parquet files that wait for their description.
    #[cfg(feature = "parquet")]
    fn opened(&self) -> Vec<(Resource, super::parquet::ParquetWriter)> {
        std::mem::take(&mut *self.open.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Note a complete table. The list stays in the order in which the tables were begun.
    pub(super) fn add(&self, resource: Resource) {
        let mut list = self.lock();
        // A sweep says at its beginning and at its end what it is.
        list.retain(|known| known.file != resource.file);
        list.push(resource);
        list.sort_by_key(|resource| resource.place);
    }

    /// An error that names the complete files.
    pub(super) fn error(&self, path: &Path, problem: Problem) -> OutputError {
        let kept = self.lock().iter().map(|resource| resource.file.clone()).collect();
        OutputError { path: path.to_owned(), problem, kept }
    }

    /// What the system said when a file was written or given its name.
    pub(super) fn refused(&self, path: &Path, error: io::Error) -> OutputError {
        let problem = match error.kind() {
            io::ErrorKind::AlreadyExists if self.place.over == Over::Never => Problem::Exists,
            io::ErrorKind::AlreadyExists => Problem::InTheWay,
            _ => Problem::Io(error),
        };
        self.error(path, problem)
    }
}

/// A folder that takes the tables of one command, and nobody else's while it does.
#[derive(Debug)]
pub struct Folder {
    begun: Vec<String>,
    finished: Finished,
    #[cfg(feature = "parquet")]
    parquet: bool,
}

impl Folder {
    /// Make the folder with its parents, or take one that is there, lock it and try it out by
    /// writing to it. To be called before any simulation: hours of work must not end in
    /// "permission denied".
    ///
    /// Results that are there already (`datapackage.json`, `sweep.json` and every `.csv` file) are
    /// left alone unless `force` is set. With `force` each file is replaced when its successor is
    /// complete, and `datapackage.json` goes before the first of them does.
    ///
    /// # Errors
    ///
    /// [`Problem::Exists`] naming the first such file, [`Problem::Busy`], [`Problem::NotAFolder`],
    /// [`Problem::NotWritable`], or [`Problem::Io`] when the folder cannot be made or read.
    pub fn create(path: impl Into<PathBuf>, force: bool) -> Result<Folder, OutputError> {
        Folder::open(path.into(), if force { Over::Always } else { Over::Never })
    }

    /// [`Folder::create`] for work that was begun in the folder and goes on: files that are there
    /// stay, and writing one again is an error unless it comes out the same.
    ///
    /// # Errors
    ///
    /// Those of [`Folder::create`] but the first.
    pub fn resume(path: impl Into<PathBuf>) -> Result<Folder, OutputError> {
        Folder::open(path.into(), Over::Same)
    }

    /// [`Folder::create`] of a folder that goes with the process that made it: nothing waits for
    /// the disk.
    ///
    /// # Errors
    ///
    /// Those of [`Folder::create`].
    pub fn scratch(path: impl Into<PathBuf>) -> Result<Folder, OutputError> {
        Folder::made(path.into(), Over::Never, false)
    }

    fn open(path: PathBuf, over: Over) -> Result<Folder, OutputError> {
        Folder::made(path, over, true)
    }

    fn made(path: PathBuf, over: Over, durable: bool) -> Result<Folder, OutputError> {
        if path.exists() && !path.is_dir() {
            return Err(OutputError::new(&path, Problem::NotAFolder));
        }
        let io = |error| OutputError::new(&path, Problem::Io(error));
        fs::create_dir_all(&path).map_err(io)?;
        let lock = Lock::take(&path)?;
        if over == Over::Never
            && let Some(file) = first_result(&path).map_err(io)?
        {
            return Err(OutputError::new(&path.join(file), Problem::Exists));
        }
        begun::try_out(&path)
            .map_err(|error| OutputError::new(&path, Problem::NotWritable(error)))?;
        if lock.none.is_none() {
            begun::clear_rests(&path);
        }
        let stale = if over == Over::Never { Vec::new() } else { stale(&path, over) };
        let place = Place { path, lock, over, stale, retired: Mutex::new(false), durable };
        Ok(Folder {
            begun: Vec::new(),
            finished: Finished::new(place),
            #[cfg(feature = "parquet")]
            parquet: false,
        })
    }

    /// Why the folder is not locked against other processes, where its file system has no locks.
    pub fn unlocked(&self) -> Option<&str> {
        self.finished.place.lock.none.as_deref()
    }

    /// Take away the description of earlier results: they are not complete any more.
    ///
    /// # Errors
    ///
    /// [`Problem::Io`].
    pub fn retire(&self) -> Result<(), OutputError> {
        let failed = |error| self.finished.error(&self.path().join(PACKAGE), Problem::Io(error));
        self.finished.place.retire().map_err(failed)
    }

    /// Writes every table that is begun from now on as Apache Parquet too: `NAME.parquet` beside
    /// `NAME.csv`, with the same columns, and what the package says of it in the file itself.
    #[cfg(feature = "parquet")]
    pub fn also_parquet(&mut self) {
        self.parquet = true;
    }

    /// Where the folder is.
    pub fn path(&self) -> &Path {
        self.finished.folder()
    }

    /// The names of the files that are complete, in the order they were begun.
    pub fn finished(&self) -> Vec<String> {
        self.finished.lock().iter().map(|resource| resource.file.clone()).collect()
    }

    /// Begin the file of one table. Several may be open at once, on several threads.
    ///
    /// # Errors
    ///
    /// [`Problem::Twice`], [`Problem::Exists`], [`Problem::InTheWay`] or [`Problem::Io`].
    pub fn table(&mut self, schema: &Arc<Schema>) -> Result<TableWriter, OutputError> {
        let name = format!("{}.csv", schema.name());
        let place = self.number(&name)?;
        self.check_free(&name)?;
        let finished = self.finished.clone();
        #[cfg_attr(not(feature = "parquet"), expect(unused_mut, reason = "set by the feature"))]
        let mut writer = TableWriter::begin(schema, place, finished)?;
        #[cfg(feature = "parquet")]
        if self.parquet {
            let name = format!("{}.parquet", schema.name());
            self.check_free(&name)?;
            let begun = super::parquet::ParquetWriter::begin(self.path(), schema);
            let target = self.path().join(&name);
            writer.parquet = Some(begun.map_err(|error| self.finished.refused(&target, error))?);
        }
        Ok(writer)
    }

    /// Write a table that is at hand as a whole.
    ///
    /// # Errors
    ///
    /// Those of [`Folder::table`], [`TableWriter::write`] and [`TableWriter::finish`].
    pub fn whole(&mut self, table: &Table) -> Result<(), OutputError> {
        let mut writer = self.table(table.schema())?;
        writer.write(table)?;
        writer.finish()
    }

    /// Whether [`Folder::file`] would find the name taken, to be asked before any work.
    ///
    /// # Errors
    ///
    /// Those of [`Folder::file`] but [`Problem::Io`].
    pub fn check(&self, name: &str, contents: &[u8]) -> Result<(), OutputError> {
        let target = self.path().join(name);
        if !package::is_plain(name) {
            return Err(self.finished.error(&target, Problem::BadName));
        }
        if begun::holds(&target, contents) { Ok(()) } else { self.check_free(name) }
    }

    /// Write a file that is not a table; the package lists it with what it is. A file that is there
    /// with the same contents is left as it is.
    ///
    /// # Errors
    ///
    /// [`Problem::BadName`] unless `name` is a plain file name; [`Problem::Exists`],
    /// [`Problem::InTheWay`] or [`Problem::Io`].
    pub fn file(&mut self, name: &str, what: &str, contents: &[u8]) -> Result<(), OutputError> {
        self.check(name, contents)?;
        if !begun::holds(&self.path().join(name), contents) {
            self.write(name, contents)?;
        }
        let place = match self.begun.iter().position(|begun| begun == name) {
            Some(place) => place,
            None => self.number(name)?,
        };
        let resource = Resource::plain(name, what, contents.len() as u64, hash_of(contents), place);
        self.finished.add(resource);
        Ok(())
    }

    /// Write a file that the scenario names, as [`Folder::file`] does. It may be the only copy of
    /// itself: one of that name that no earlier command wrote is never replaced by another.
    ///
    /// # Errors
    ///
    /// Those of [`Folder::file`].
    pub fn attach(&mut self, name: &str, contents: &[u8]) -> Result<(), OutputError> {
        self.check_attached(name, contents)?;
        self.file(name, package::ATTACHED, contents)
    }

    /// Whether [`Folder::attach`] would find the name taken, to be asked before any work.
    ///
    /// # Errors
    ///
    /// Those of [`Folder::check`].
    pub fn check_attached(&self, name: &str, contents: &[u8]) -> Result<(), OutputError> {
        let target = self.path().join(name);
        let known = self.finished.place.stale.iter().any(|listed| listed.file == name);
        let free = fs::symlink_metadata(&target).is_err() || begun::holds(&target, contents);
        match free || known {
            true => self.check(name, contents),
            false => Err(self.finished.error(&target, Problem::InTheWay)),
        }
    }

    /// Write `datapackage.json` for all finished files: the last file, so that a folder which has
    /// one is complete. Files that an earlier package of this program listed and this one does not
    /// are removed, since nothing would tell them from the new results; scenarios stay.
    ///
    /// # Errors
    ///
    /// [`Problem::NoTables`] or [`Problem::Io`]; the tables stay in either case.
    pub fn finish(self, made_by: &Provenance) -> Result<(), OutputError> {
        self.complete(made_by)
    }

    /// [`Folder::finish`] for those who have more to do while the folder is theirs.
    ///
    /// # Errors
    ///
    /// Those of [`Folder::finish`].
    pub fn complete(&self, made_by: &Provenance) -> Result<(), OutputError> {
        let target = self.path().join(PACKAGE);
        #[cfg(feature = "parquet")]
        for (table, parquet) in self.finished.opened() {
            let text = package::render(made_by, std::slice::from_ref(&table));
            let path = self.path().join(table.file.replace(".csv", ".parquet"));
            let resource = parquet.close(text, &self.finished, table.place);
            self.finished.add(resource.map_err(|error| self.finished.refused(&path, error))?);
        }
        let mut resources = self.finished.lock().clone();
        // begun first by a sweep and last by those who put parts together
        resources.sort_by_key(|resource| resource.file == MANIFEST);
        if !resources.iter().any(Resource::is_table) {
            return Err(self.finished.error(&target, Problem::NoTables));
        }
        self.retire()?;
        // Before there is a package: what stands beside it afterwards belongs to it.
        let new: Vec<&str> = resources.iter().map(|resource| resource.file.as_str()).collect();
        remove(self.path(), &self.finished.place.stale, &new);
        self.finished.place.sync_names();
        self.write(PACKAGE, package::render(made_by, &resources).as_bytes())?;
        self.finished.place.sync_names();
        Ok(())
    }

    /// The number of a file that is begun.
    fn number(&mut self, name: &str) -> Result<usize, OutputError> {
        if self.begun.iter().any(|begun| begun == name) {
            return Err(self.finished.error(&self.path().join(name), Problem::Twice));
        }
        self.begun.push(name.to_owned());
        Ok(self.begun.len() - 1)
    }

    fn check_free(&self, name: &str) -> Result<(), OutputError> {
        let target = self.path().join(name);
        let Ok(found) = fs::symlink_metadata(&target) else { return Ok(()) };
        match self.finished.place.over(name) {
            Over::Never => Err(self.finished.error(&target, Problem::Exists)),
            // Whether a table comes out the same shows when it is there.
            Over::Same if !package::is_input(name) && !found.is_dir() => Ok(()),
            Over::Always if !found.is_dir() => Ok(()),
            _ => Err(self.finished.error(&target, Problem::InTheWay)),
        }
    }

    fn write(&self, name: &str, contents: &[u8]) -> Result<(), OutputError> {
        let failed = |path: &Path, error| self.finished.refused(path, error);
        let (mut begun, mut file) =
            Begun::new(self.path(), name).map_err(|(path, error)| failed(&path, error))?;
        file.write_all(contents)
            .and_then(|()| self.finished.keep(&mut begun, &file))
            .map_err(|error| failed(&self.path().join(name), error))
    }
}

/// The hash of a file, as a package writes it.
fn hash_of(contents: &[u8]) -> String {
    format!("blake3:{}", blake3::hash(contents).to_hex())
}

/// What earlier packages list and may be replaced: the one that is there, with force, and one whose
/// replacement was interrupted. Of two the older was replaced, but for what is left of it.
fn stale(folder: &Path, over: Over) -> Vec<Listed> {
    let listed = |name: &str| match fs::read_to_string(folder.join(name)) {
        Ok(text) => package::listed_files(&text),
        Err(_) => Vec::new(),
    };
    if there(&folder.join(PACKAGE)) {
        let now = listed(PACKAGE);
        let names: Vec<&str> = now.iter().map(|listed| listed.file.as_str()).collect();
        remove(folder, &listed(STALE), &names);
        return if over == Over::Always { now } else { Vec::new() };
    }
    listed(STALE)
}

/// Remove the results of an earlier package that are not among the new ones, then what is left of
/// the package itself. The new results are complete; a rest that cannot be removed does not spoil
/// them.
fn remove(folder: &Path, stale: &[Listed], new: &[&str]) {
    let old = stale.iter().filter(|listed| !new.contains(&listed.file.as_str()));
    for listed in old.filter(|listed| !listed.input) {
        let _ = fs::remove_file(folder.join(&listed.file));
    }
    let _ = fs::remove_file(folder.join(STALE));
}

/// The first file by name that holds results of an earlier command, or says what a sweep is.
fn first_result(folder: &Path) -> io::Result<Option<String>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if name == PACKAGE || name == MANIFEST || name.ends_with(".csv") {
            found.push(name);
        }
    }
    Ok(found.into_iter().min())
}
