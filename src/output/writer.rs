//! One CSV file, written as its rows come.

use std::fs::File;
use std::io::{self, Write};
use std::sync::Arc;

use super::begun::Begun;
use super::error::{OutputError, Problem};
use super::folder::Finished;
use super::number::write_number;
use super::package::Resource;
use crate::table::{Cells, Schema, Table};

/// Bytes gathered before they go to the operating system.
const BUFFER: usize = 1 << 16;

/// Writes one table, chunk by chunk, in memory that does not grow with the number of rows.
///
/// The file has its final name only after [`TableWriter::finish`]; a writer that is dropped before
/// removes what it had written.
#[derive(Debug)]
pub struct TableWriter {
    schema: Arc<Schema>,
    csv: Option<csv::Writer<Counted>>,
    begun: Begun,
    rows: u64,
    place: usize,
    finished: Finished,
    cell: Vec<u8>,
    more: Vec<(String, serde_json::Value)>,
    #[cfg(feature = "parquet")]
    pub(super) parquet: Option<super::parquet::ParquetWriter>,
}

impl TableWriter {
    /// Begin the file of `schema` with its header line. `place` is the table's place among the
    /// folder's files.
    pub(super) fn begin(
        schema: &Arc<Schema>,
        place: usize,
        finished: Finished,
    ) -> Result<TableWriter, OutputError> {
        let (begun, file) = Begun::new(finished.folder(), &format!("{}.csv", schema.name()))
            .map_err(|(path, error)| finished.refused(&path, error))?;
        let csv = csv::WriterBuilder::new()
            .terminator(csv::Terminator::Any(b'\n'))
            .buffer_capacity(BUFFER)
            .from_writer(Counted::new(file));
        let (schema, csv) = (Arc::clone(schema), Some(csv));
        let mut writer = TableWriter {
            schema,
            csv,
            begun,
            rows: 0,
            place,
            finished,
            cell: Vec::new(),
            more: Vec::new(),
            #[cfg(feature = "parquet")]
            parquet: None,
        };
        writer.header().map_err(|error| writer.failed(error))?;
        Ok(writer)
    }

    /// Append the rows of `chunk`, whose schema must be the one the file was begun with.
    ///
    /// # Errors
    ///
    /// [`Problem::OtherSchema`] with nothing written; [`Problem::Io`], after which the file cannot
    /// be finished.
    pub fn write(&mut self, chunk: &Table) -> Result<(), OutputError> {
        let same = Arc::ptr_eq(&self.schema, chunk.schema()) || self.schema == *chunk.schema();
        if !same {
            return Err(self.finished.error(&self.begun.target, Problem::OtherSchema));
        }
        #[cfg(feature = "parquet")]
        if let Some(parquet) = &mut self.parquet {
            let target = &self.begun.target;
            let failed = |error| self.finished.error(target, Problem::Io(error));
            parquet.write(chunk).map_err(failed)?;
        }
        self.append(chunk).map_err(|error| self.failed(error))
    }

    /// Say something more of the table in the package, under a name of its own.
    pub fn describe(&mut self, name: &str, value: serde_json::Value) {
        self.more.push((name.to_owned(), value));
    }

    /// Complete the file and give it its final name.
    ///
    /// # Errors
    ///
    /// [`Problem::Exists`], [`Problem::InTheWay`] or [`Problem::Io`]; the file is removed then.
    pub fn finish(mut self) -> Result<(), OutputError> {
        let found = self.complete().map_err(|error| self.failed(error))?;
        let more = std::mem::take(&mut self.more);
        let resource = Resource::table(&self.schema, self.rows, found, self.place, more);
        #[cfg(feature = "parquet")]
        if let Some(parquet) = self.parquet.take() {
            self.finished.keep_open(resource.clone(), parquet);
        }
        self.finished.add(resource);
        Ok(())
    }

    fn header(&mut self) -> io::Result<()> {
        let names = self.schema.fields().iter().map(|field| field.name.as_bytes());
        open(&mut self.csv)?.write_record(names).map_err(io::Error::from)
    }

    fn append(&mut self, chunk: &Table) -> io::Result<()> {
        let csv = open(&mut self.csv)?;
        for row in 0..chunk.rows() {
            for (_, cells) in chunk.columns() {
                write_cell(csv, cells, row, &mut self.cell)?;
            }
            csv.write_record(None::<&[u8]>)?;
        }
        self.rows += chunk.rows() as u64;
        Ok(())
    }

    /// Bring everything to the disk, then rename: a name never promises more than is there.
    fn complete(&mut self) -> io::Result<(u64, String)> {
        let csv = self.csv.take().ok_or_else(closed)?;
        let counted = csv.into_inner().map_err(|error| error.into_error())?;
        self.finished.keep(&mut self.begun, &counted.file)?;
        Ok(counted.found())
    }

    /// Close the file after an error, so that neither a later call nor the drop writes again.
    fn failed(&mut self, error: io::Error) -> OutputError {
        if let Some(csv) = self.csv.take() {
            // Its result would only repeat the error that is being reported.
            let _ = csv.into_inner();
        }
        self.finished.refused(&self.begun.target, error)
    }
}

fn open(csv: &mut Option<csv::Writer<Counted>>) -> io::Result<&mut csv::Writer<Counted>> {
    csv.as_mut().ok_or_else(closed)
}

fn closed() -> io::Error {
    io::Error::other("closed after an earlier error")
}

fn write_cell(
    csv: &mut csv::Writer<Counted>,
    cells: &Cells,
    row: usize,
    text: &mut Vec<u8>,
) -> io::Result<()> {
    text.clear();
    match cells {
        Cells::Text(column) => return Ok(csv.write_field(&column[row])?),
        // Writing to a vector cannot fail.
        Cells::Integer(column) => drop(write!(text, "{}", column[row])),
        Cells::Number(column) => write_number(text, column[row]),
        Cells::Truth(column) => match column[row] {
            Some(true) => text.push(b'1'),
            Some(false) => text.push(b'0'),
            None => {}
        },
    }
    Ok(csv.write_field(&*text)?)
}

/// A file that counts and hashes what is written to it, so that nothing is read again for the
/// package.
#[derive(Debug)]
pub(super) struct Counted {
    pub(super) file: File,
    hasher: blake3::Hasher,
    bytes: u64,
}

impl Counted {
    pub(super) fn new(file: File) -> Counted {
        Counted { file, hasher: blake3::Hasher::new(), bytes: 0 }
    }

    /// How many bytes were written, and their hash.
    pub(super) fn found(&self) -> (u64, String) {
        (self.bytes, format!("blake3:{}", self.hasher.finalize().to_hex()))
    }
}

impl Write for Counted {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let written = self.file.write(buffer)?;
        // `written` is at most the buffer's length by the contract of `write`.
        self.hasher.update(buffer.get(..written).unwrap_or(buffer));
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
