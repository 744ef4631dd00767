//! Why results could not be written.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// What went wrong with which file, and what is safe nevertheless.
#[derive(Debug)]
pub struct OutputError {
    /// The file or folder that could not be made.
    pub path: PathBuf,
    /// Why not.
    pub problem: Problem,
    /// The names of the result files that were finished before and stay in the folder.
    pub kept: Vec<String>,
}

/// The reason of an [`OutputError`].
#[derive(Debug)]
pub enum Problem {
    /// The file is there already and overwriting was not allowed.
    Exists,
    /// Something that is not to be overwritten, not even when overwriting was allowed.
    InTheWay,
    /// Another process writes into the folder; its number, if it is known.
    Busy(String),
    /// The folder is a link, and files of others would be removed behind it.
    Link,
    /// The path of the folder leads to something that is not a folder.
    NotAFolder,
    /// The folder takes no files.
    NotWritable(io::Error),
    /// The operating system refused to read.
    Unreadable(io::Error),
    /// The operating system refused to write.
    Io(io::Error),
    /// A chunk of rows does not have the schema the file was begun with.
    OtherSchema,
    /// Two tables of one folder have the same name.
    Twice,
    /// The name is not a plain file name.
    BadName,
    /// A package was asked for before any table was finished.
    NoTables,
}

impl OutputError {
    /// A failure before anything was finished.
    pub(super) fn new(path: &Path, problem: Problem) -> OutputError {
        OutputError { path: path.to_owned(), problem, kept: Vec::new() }
    }
}

impl fmt::Display for OutputError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.display();
        match &self.problem {
            Problem::Exists => write!(
                f,
                "`{path}` exists and would be overwritten; choose another folder or use --force"
            )?,
            Problem::InTheWay => write!(
                f,
                "`{path}` is in the way and would be overwritten, and it is no result of the same \
                 work; move it away, or choose another folder"
            )?,
            Problem::Busy(owner) => {
                let who = match owner.is_empty() {
                    true => String::new(),
                    false => format!(" (process {owner})"),
                };
                write!(
                    f,
                    "another command{who} writes into `{path}`; wait until it is done, or choose \
                     another folder"
                )?;
            }
            Problem::Link => write!(
                f,
                "`{path}` is a link, and parts behind it would be removed; remove the link, or \
                 name another folder"
            )?,
            Problem::NotAFolder => write!(f, "`{path}` is not a folder; choose another path")?,
            Problem::NotWritable(error) => write!(f, "no files can be made in `{path}`: {error}")?,
            Problem::Unreadable(error) => write!(f, "cannot read `{path}`: {error}")?,
            Problem::Io(error) => write!(f, "cannot write `{path}`: {error}")?,
            Problem::OtherSchema => write!(f, "the rows given for `{path}` have other columns")?,
            Problem::Twice => write!(f, "`{path}` was begun twice")?,
            Problem::BadName => write!(f, "`{path}` is not a plain file name")?,
            Problem::NoTables => write!(f, "no finished table to describe in `{path}`")?,
        }
        if self.kept.is_empty() {
            return Ok(());
        }
        write!(f, "; finished before and kept: {}", self.kept.join(", "))
    }
}

impl std::error::Error for OutputError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.problem {
            Problem::NotWritable(error) | Problem::Unreadable(error) | Problem::Io(error) => {
                Some(error)
            }
            _ => None,
        }
    }
}
