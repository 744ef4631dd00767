//! The lock of a folder: one command at a time writes into it.
//!
//! The kernel holds the lock and lets it go with the process, so a file that a killed process left
//! locks nobody out. Shards, which share a folder from many machines, take none.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::error::{OutputError, Problem};

/// The name of the file that is locked.
const LOCK: &str = ".detente.lock";
/// How it begins.
const MARK: &str = "detente ";
/// How often another process may take the file away between opening and locking.
const TRIES: usize = 100;

/// A lock that is held, or a folder that cannot be locked.
#[derive(Debug)]
pub(super) struct Lock {
    path: PathBuf,
    _file: File,
    /// Why the file system gave no lock.
    pub(super) none: Option<String>,
}

impl Lock {
    /// Lock a folder that is there.
    ///
    /// # Errors
    /// [`Problem::Busy`]; [`Problem::InTheWay`] where another file has the name of the lock;
    /// [`Problem::NotWritable`].
    pub(super) fn take(folder: &Path) -> Result<Lock, OutputError> {
        let path = folder.join(LOCK);
        let failed = |error| OutputError::new(folder, Problem::NotWritable(error));
        for _ in 0..TRIES {
            let mut file = match open(&path) {
                Ok(Some(file)) => file,
                Ok(None) => return Err(OutputError::new(&path, Problem::InTheWay)),
                // It went with its lock.
                Err(error) if error.kind() == ErrorKind::NotFound => continue,
                Err(error) => return Err(failed(error)),
            };
            let mut text = String::new();
            let _ = (&file).take(64).read_to_string(&mut text);
            if !text.is_empty() && !text.starts_with(MARK) {
                return Err(OutputError::new(&path, Problem::InTheWay));
            }
            match file.try_lock() {
                Ok(()) if named(&file, &path) => {
                    // Only for the message to others; a full disk may refuse it.
                    let _ = sign(&mut file);
                    return Ok(Lock { path, _file: file, none: None });
                }
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => {
                    let owner = text.strip_prefix(MARK).unwrap_or_default().trim().to_owned();
                    return Err(OutputError::new(folder, Problem::Busy(owner)));
                }
                Err(TryLockError::Error(error)) => {
                    return Ok(Lock { path, _file: file, none: Some(error.to_string()) });
                }
            }
        }
        Err(OutputError::new(folder, Problem::Busy(String::new())))
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // While it is held, so that the name never leads to a file that another process has locked.
        if cfg!(unix) {
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// The file of the lock, which may be there already; nothing if something else has its name.
fn open(path: &Path) -> io::Result<Option<File>> {
    let mut options = OpenOptions::new();
    options.read(true).write(true);
    match options.clone().create_new(true).open(path) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            if !fs::symlink_metadata(path)?.is_file() {
                return Ok(None);
            }
            options.open(path).map(Some)
        }
        opened => opened.map(Some),
    }
}

fn sign(file: &mut File) -> io::Result<()> {
    file.set_len(0)?;
    file.seek(SeekFrom::Start(0))?;
    writeln!(file, "{MARK}{}", std::process::id())
}

/// Whether the name still leads to this file.
#[cfg(unix)]
fn named(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    match (file.metadata(), fs::symlink_metadata(path)) {
        (Ok(own), Ok(found)) => (own.dev(), own.ino()) == (found.dev(), found.ino()),
        _ => false,
    }
}

/// Elsewhere the file is never taken away.
#[cfg(not(unix))]
fn named(_: &File, _: &Path) -> bool {
    true
}
