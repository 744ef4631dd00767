//! The folder results go to.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::error::{OutputError, Problem};
use super::package::{self, Provenance, Resource};
use super::writer::{Part, TableWriter};
use crate::table::{Schema, Table};

/// The name of the description of all files.
const PACKAGE: &str = "datapackage.json";

/// The tables of a folder that are complete, shared by the folder and its writers so that the
/// error of any of them can name what is safe.
#[derive(Debug, Clone, Default)]
pub(super) struct Finished {
    tables: Arc<Mutex<Vec<Resource>>>,
    /// Parquet files that wait for what the package says.
    #[cfg(feature = "parquet")]
    open: Arc<Mutex<Vec<(Resource, super::parquet::ParquetWriter)>>>,
}

impl Finished {
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
        list.push(resource);
        list.sort_by_key(|resource| resource.place);
    }

    /// An error that names the complete tables.
    pub(super) fn error(&self, path: &Path, problem: Problem) -> OutputError {
        let kept = self.lock().iter().map(Resource::file).collect();
        OutputError { path: path.to_owned(), problem, kept }
    }
}

/// A folder that takes the tables of one command.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    force: bool,
    begun: Vec<String>,
    finished: Finished,
    #[cfg(feature = "parquet")]
    parquet: bool,
}

impl Folder {
    /// Make the folder with its parents, or take one that is there, and try it out by writing to
    /// it. To be called before any simulation: hours of work must not end in "permission denied".
    ///
    /// Results that are there already (`datapackage.json` and every `.csv` file) are left alone
    /// unless `force` is set. With `force` each file is replaced when its successor is complete.
    ///
    /// # Errors
    ///
    /// [`Problem::Exists`] naming the first such file, [`Problem::NotAFolder`],
    /// [`Problem::NotWritable`], or [`Problem::Io`] when the folder cannot be made or read.
    pub fn create(path: impl Into<PathBuf>, force: bool) -> Result<Folder, OutputError> {
        let path = path.into();
        if path.exists() && !path.is_dir() {
            return Err(OutputError::new(&path, Problem::NotAFolder));
        }
        let io = |error| OutputError::new(&path, Problem::Io(error));
        fs::create_dir_all(&path).map_err(io)?;
        if !force && let Some(file) = first_result(&path).map_err(io)? {
            return Err(OutputError::new(&path.join(file), Problem::Exists));
        }
        try_out(&path).map_err(|error| OutputError::new(&path, Problem::NotWritable(error)))?;
        Ok(Folder {
            path,
            force,
            begun: Vec::new(),
            finished: Finished::default(),
            #[cfg(feature = "parquet")]
            parquet: false,
        })
    }

    /// Writes every table that is begun from now on as Apache Parquet too: `NAME.parquet` beside
    /// `NAME.csv`, with the same columns, and what the package says of it in the file itself.
    #[cfg(feature = "parquet")]
    pub fn also_parquet(&mut self) {
        self.parquet = true;
    }

    /// Where the folder is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The names of the tables' files that are complete, in the order they were begun.
    pub fn finished(&self) -> Vec<String> {
        self.finished.lock().iter().map(Resource::file).collect()
    }

    /// Begin the file of one table. Several may be open at once, on several threads.
    ///
    /// # Errors
    ///
    /// [`Problem::Twice`], [`Problem::Exists`] or [`Problem::Io`].
    pub fn table(&mut self, schema: &Arc<Schema>) -> Result<TableWriter, OutputError> {
        let name = format!("{}.csv", schema.name());
        let target = self.path.join(&name);
        if self.begun.contains(&name) {
            return Err(self.finished.error(&target, Problem::Twice));
        }
        self.check_free(&target)?;
        let (place, finished) = (self.begun.len(), self.finished.clone());
        #[cfg_attr(not(feature = "parquet"), expect(unused_mut, reason = "set by the feature"))]
        let mut writer = TableWriter::begin(&self.path, schema, place, finished)?;
        #[cfg(feature = "parquet")]
        if self.parquet {
            let begun = super::parquet::ParquetWriter::begin(&self.path, schema);
            let failed = |error| self.finished.error(&target, Problem::Io(error));
            writer.parquet = Some(begun.map_err(failed)?);
        }
        self.begun.push(name);
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

    /// Write a file that is not a table; the package does not list it.
    ///
    /// # Errors
    ///
    /// [`Problem::BadName`] unless `name` is a plain file name; [`Problem::Exists`] or
    /// [`Problem::Io`].
    pub fn file(&self, name: &str, contents: &[u8]) -> Result<(), OutputError> {
        let target = self.path.join(name);
        let dots = name.chars().all(|c| c == '.');
        if dots || name.contains(['/', '\\', '\0']) {
            return Err(self.finished.error(&target, Problem::BadName));
        }
        self.check_free(&target)?;
        self.replace(name, contents)
    }

    /// Write `datapackage.json` for all finished tables: the last file, so that a folder which has
    /// one is complete. With `force`, tables that an earlier package of this program listed and
    /// this one does not are removed, since nothing would tell them from the new results.
    ///
    /// # Errors
    ///
    /// [`Problem::NoTables`] or [`Problem::Io`]; the tables stay in either case.
    pub fn finish(self, made_by: &Provenance) -> Result<(), OutputError> {
        let target = self.path.join(PACKAGE);
        let resources = self.finished.lock().clone();
        if resources.is_empty() {
            return Err(self.finished.error(&target, Problem::NoTables));
        }
        self.check_free(&target)?;
        let stale = match fs::read_to_string(&target) {
            Ok(text) if self.force => package::listed_files(&text),
            _ => Vec::new(),
        };
        #[cfg(feature = "parquet")]
        for (resource, parquet) in self.finished.opened() {
            let text = package::render(made_by, std::slice::from_ref(&resource));
            let failed = |error| self.finished.error(&target, Problem::Io(error));
            parquet.close(text).map_err(failed)?;
        }
        self.replace(PACKAGE, package::render(made_by, &resources).as_bytes())?;
        let new: Vec<String> = resources.iter().map(Resource::file).collect();
        for file in stale.iter().filter(|file| !new.contains(file)) {
            // The new results are complete; a rest that cannot be removed does not spoil them.
            let _ = fs::remove_file(self.path.join(file));
        }
        Ok(())
    }

    fn check_free(&self, target: &Path) -> Result<(), OutputError> {
        if !self.force && target.exists() {
            return Err(self.finished.error(target, Problem::Exists));
        }
        Ok(())
    }

    fn replace(&self, name: &str, contents: &[u8]) -> Result<(), OutputError> {
        let failed = |path: &Path, error| self.finished.error(path, Problem::Io(error));
        let (mut part, mut file) =
            Part::begin(&self.path, name).map_err(|(path, error)| failed(&path, error))?;
        file.write_all(contents)
            .and_then(|()| part.keep(&file))
            .map_err(|error| failed(&self.path.join(name), error))
    }
}

/// The first file by name that holds results of an earlier command.
fn first_result(folder: &Path) -> io::Result<Option<String>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if name == PACKAGE || name.ends_with(".csv") {
            found.push(name);
        }
    }
    Ok(found.into_iter().min())
}

/// Write a byte and take it back. Another process that tries out the same folder at the same time
/// may have taken it back already.
pub(super) fn try_out(folder: &Path) -> io::Result<()> {
    let probe = folder.join("writable.part");
    let answer = File::create(&probe).and_then(|mut file| file.write_all(b"\n"));
    let removed = match fs::remove_file(&probe) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed,
    };
    answer.and(removed)
}
