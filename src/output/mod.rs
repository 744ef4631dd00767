//! Tables to files: CSV and a `datapackage.json` that explains them.
//!
//! A [`Folder`] is made and tried out before any work is done. It opens one [`TableWriter`] per
//! table; a writer takes the table in chunks and, once finished, gives the file its final name. At
//! the end the folder writes `datapackage.json`: every file with the meaning of its columns, and
//! what made them ([`Provenance`]).
//!
//! # The CSV dialect
//!
//! RFC 4180 in UTF-8 without a byte order mark, one header line, fields quoted only where they must
//! be. Lines end in `\n` alone: line-oriented tools take a `\r` for part of the last field, and
//! every CSV reader accepts `\n`. The package states the dialect, so a strict reader knows it too.
//!
//! * A number is the shortest text that reads back to the same double (see [`number`]).
//! * True is `1`, false is `0`.
//! * An empty field is no value: NaN, no truth value, or empty text.
//!
//! # What a failure leaves behind
//!
//! A file is written under a name of its own and gets its final name when complete, so a file under
//! its final name is never half a file, whatever stops the program. When a disk fills up, the
//! tables finished before stay, and the error names them. `datapackage.json` is written last and
//! goes before what it describes does: a folder that has one is complete if every file in it has
//! the size and hash that it says, which [`verify`] finds out.
//!
//! # Who else may be there
//!
//! A [`Folder`] is locked. What this program did not make is overwritten or removed by force alone,
//! and begun files have names that nobody else uses. [`Parts`] are shared by many processes: they
//! are made under such names too, and one that is there already stays.
//!
//! **Invariant.** No file holds a time, a host name or anything else that the results do not
//! depend on: the same provenance and tables give the same bytes.

mod begun;
mod command;
mod error;
mod folder;
mod lock;
mod number;
mod package;
#[cfg(feature = "parquet")]
mod parquet;
mod parts;
mod read;
mod verify;
mod writer;

pub use begun::write_file;
pub use command::CommandLine;
pub use error::{OutputError, Problem};
pub use folder::{Folder, MANIFEST};
pub use number::number;
pub use package::{Provenance, scenario_hash, text_hash};
pub use parts::{Found, Head, PARTS, Part, Parts};
pub use read::Results;
pub use verify::{Flaw, Heap, Verified, verify};
pub use writer::TableWriter;

#[cfg(test)]
mod tests;
