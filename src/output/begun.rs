//! Files under names of their own until they are complete.
//!
//! A file is written as `.PROCESS-NUMBER.detente` beside its place, which no other process may
//! have opened, and gets its name when all of it is on the disk. Whatever stops the program, a file
//! under its final name is whole, and no file of anybody else is touched on the way.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::process;
use std::sync::atomic::{AtomicU64, Ordering};

/// The end of the names of begun files.
const SUFFIX: &str = ".detente";
/// Numbers of begun files that others may have taken before this process gives up.
const TRIES: u64 = 10_000;
/// Files are compared so many bytes at a time.
const CHUNK: usize = 1 << 16;

/// The next number of a begun file.
static NEXT: AtomicU64 = AtomicU64::new(0);

/// What becomes of a file that already has the name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Over {
    /// It stays, and the new one is refused.
    Never,
    /// It stays; the new one is refused unless it is the same.
    Same,
    /// The new one takes its place.
    Always,
}

/// A file under its own name, removed when dropped unless kept.
#[derive(Debug)]
pub(super) struct Begun {
    path: PathBuf,
    pub(super) target: PathBuf,
    kept: bool,
}

impl Begun {
    /// Open a file of one's own in `folder`, to be called `name`. The error comes with the path of
    /// the file that was to be.
    pub(super) fn new(folder: &Path, name: &str) -> Result<(Begun, File), (PathBuf, io::Error)> {
        let target = folder.join(name);
        match own(folder) {
            Ok((path, file)) => Ok((Begun { path, target, kept: false }, file)),
            Err(error) => Err((target, error)),
        }
    }

    /// Bring `file` to the disk and give it its name.
    ///
    /// # Errors
    /// [`ErrorKind::AlreadyExists`] as `over` says, or whatever the system refuses.
    pub(super) fn keep(&mut self, file: &File, over: Over) -> io::Result<()> {
        file.sync_all()?;
        self.name(over)
    }

    /// [`Begun::keep`] of a file whose loss would show.
    pub(super) fn name(&mut self, over: Over) -> io::Result<()> {
        if over == Over::Always {
            fs::rename(&self.path, &self.target)?;
            self.kept = true;
            return Ok(());
        }
        match fs::hard_link(&self.path, &self.target) {
            // The first name goes when this is dropped.
            Ok(()) => Ok(()),
            Err(_) if there(&self.target) => {
                let same = over == Over::Same && same(&self.path, &self.target)?;
                if same { Ok(()) } else { Err(ErrorKind::AlreadyExists.into()) }
            }
            // A file system without second names.
            Err(_) => {
                fs::rename(&self.path, &self.target)?;
                self.kept = true;
                Ok(())
            }
        }
    }
}

impl Drop for Begun {
    fn drop(&mut self) {
        if !self.kept {
            // Best effort: a rest is harmless, since no reader looks at it.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// A new file that nobody else has.
fn own(folder: &Path) -> io::Result<(PathBuf, File)> {
    let mut tries = 0;
    loop {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = folder.join(format!(".{}-{number}{SUFFIX}", process::id()));
        match OpenOptions::new().write(true).create_new(true).open(&path) {
            // The process of the same number on another machine, or an earlier one.
            Err(error) if error.kind() == ErrorKind::AlreadyExists && tries < TRIES => tries += 1,
            opened => return opened.map(|file| (path, file)),
        }
    }
}

/// Whether a name is one of those under which files are begun.
fn is_begun(name: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let numbers = name.strip_prefix('.').and_then(|rest| rest.strip_suffix(SUFFIX));
    numbers.and_then(|rest| rest.split_once('-')).is_some_and(|(a, b)| digits(a) && digits(b))
}

/// Remove what processes that were killed had begun. For those who have the folder to themselves.
pub(super) fn clear_rests(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let file = entry.file_type().is_ok_and(|kind| kind.is_file());
        if file && is_begun(&entry.file_name().to_string_lossy()) {
            // Best effort, as above.
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// Whether something has this name, a link that leads nowhere included.
pub(super) fn there(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok()
}

/// Bring names that were given in a folder to the disk, where the system can.
pub(super) fn sync_names(folder: &Path) {
    let _ = File::open(folder).and_then(|folder| folder.sync_all());
}

/// Write a byte to a file of one's own and take it back.
pub(super) fn try_out(folder: &Path) -> io::Result<()> {
    let (path, mut file) = own(folder)?;
    let answer = file.write_all(b"\n");
    drop(file);
    answer.and(fs::remove_file(&path))
}

/// Whether two files hold the same bytes; a link or a folder is no file here.
fn same(one: &Path, other: &Path) -> io::Result<bool> {
    let (a, b) = (fs::symlink_metadata(one)?, fs::symlink_metadata(other)?);
    if !b.is_file() || a.len() != b.len() {
        return Ok(false);
    }
    equal(File::open(one)?, File::open(other)?)
}

/// Whether a file holds these bytes; a link or a folder is no file here.
pub(super) fn holds(path: &Path, bytes: &[u8]) -> bool {
    let file = fs::symlink_metadata(path).is_ok_and(|m| m.is_file());
    file && File::open(path).and_then(|file| equal(file, bytes)).unwrap_or(false)
}

fn equal(one: impl Read, other: impl Read) -> io::Result<bool> {
    let (mut one, mut other) = (one.take(u64::MAX), other.take(u64::MAX));
    let (mut a, mut b) = (Vec::with_capacity(CHUNK), Vec::with_capacity(CHUNK));
    loop {
        a.clear();
        b.clear();
        one.by_ref().take(CHUNK as u64).read_to_end(&mut a)?;
        other.by_ref().take(CHUNK as u64).read_to_end(&mut b)?;
        if a != b || a.is_empty() {
            return Ok(a == b);
        }
    }
}

/// Write a single file: all of it or nothing. What has the name is replaced with `force` only; with
/// it a device or a pipe is written to and stays what it is.
///
/// # Errors
/// [`ErrorKind::AlreadyExists`] without `force`, or whatever the system refuses.
pub fn write_file(path: &Path, contents: &[u8], force: bool) -> io::Result<()> {
    let Some(name) = path.file_name() else {
        return Err(io::Error::new(ErrorKind::InvalidInput, "it has no name"));
    };
    if !force && there(path) {
        return Err(ErrorKind::AlreadyExists.into());
    }
    if fs::metadata(path).is_ok_and(|found| !found.is_file() && !found.is_dir()) {
        return File::options().write(true).open(path)?.write_all(contents);
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    let (mut begun, mut file) =
        Begun::new(folder, &name.to_string_lossy()).map_err(|(_, error)| error)?;
    // Names need not be text.
    begun.target = path.to_owned();
    file.write_all(contents)?;
    begun.keep(&file, if force { Over::Always } else { Over::Never })?;
    sync_names(folder);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_begun_files_are_told_from_others() {
        for own in [".4711-0.detente", ".1-12.detente"] {
            assert!(is_begun(own), "{own}");
        }
        for other in [".detente.lock", ".a-0.detente", "4711-0.detente", ".-.detente", ".1-2"] {
            assert!(!is_begun(other), "{other}");
        }
    }

    #[test]
    fn bytes_are_compared_to_the_end() {
        let long = vec![7; CHUNK + 1];
        assert!(equal(&long[..], &long[..]).unwrap());
        assert!(!equal(&long[..], &long[..CHUNK]).unwrap());
        assert!(equal(&b""[..], &b""[..]).unwrap());
    }
}
