//! Tables as Apache Parquet.

use std::fmt;
use std::io;
use std::path::Path;
use std::sync::Arc;

use parquet::basic::{Compression, LogicalType, Repetition, Type as Physical};
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, DataType, DoubleType, Int64Type};
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::types::Type;

use super::begun::Begun;
use super::folder::Finished;
use super::package::Resource;
use super::writer::Counted;
use crate::table::{Cells, Kind, Schema, Table};

/// Rows that are gathered before they are written as a group.
const ROWS: usize = 1 << 16;
/// The key under which a file holds its package.
const KEY: &str = "datapackage";

/// One Parquet file, written as its rows come. It has its final name when it is closed.
pub(super) struct ParquetWriter {
    schema: Arc<Schema>,
    file: SerializedFileWriter<Counted>,
    begun: Begun,
    waiting: Vec<Table>,
    rows: usize,
}

impl fmt::Debug for ParquetWriter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ParquetWriter").field("table", &self.schema.name()).finish()
    }
}

impl ParquetWriter {
    /// Begin the file of `schema` in `folder`.
    pub(super) fn begin(folder: &Path, schema: &Arc<Schema>) -> io::Result<ParquetWriter> {
        let name = format!("{}.parquet", schema.name());
        let (begun, handle) = Begun::new(folder, &name).map_err(|(_, error)| error)?;
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_created_by(format!("detente version {}", env!("CARGO_PKG_VERSION")))
            .build();
        let file = SerializedFileWriter::new(
            Counted::new(handle),
            Arc::new(columns(schema).map_err(io::Error::other)?),
            Arc::new(properties),
        )
        .map_err(io::Error::other)?;
        let schema = Arc::clone(schema);
        Ok(ParquetWriter { schema, file, begun, waiting: Vec::new(), rows: 0 })
    }

    /// Append rows.
    pub(super) fn write(&mut self, chunk: &Table) -> io::Result<()> {
        self.rows += chunk.rows();
        self.waiting.push(chunk.clone());
        if self.rows >= ROWS { self.group() } else { Ok(()) }
    }

    /// Complete the file with the text of its package; it is file `place` of the folder.
    pub(super) fn close(
        mut self,
        package: String,
        finished: &Finished,
        place: usize,
    ) -> io::Result<Resource> {
        self.group()?;
        self.file.append_key_value_metadata(KeyValue::new(KEY.to_string(), package));
        let counted = self.file.into_inner().map_err(io::Error::other)?;
        finished.keep(&mut self.begun, &counted.file)?;
        let (name, what) = (self.schema.name(), "the same table as Apache Parquet");
        let (bytes, hash) = counted.found();
        Ok(Resource::plain(&format!("{name}.parquet"), what, bytes, hash, place))
    }

    /// Write what was gathered.
    fn group(&mut self) -> io::Result<()> {
        if self.rows == 0 {
            return Ok(());
        }
        let table = Table::stacked(&self.schema, &self.waiting).map_err(io::Error::other)?;
        self.waiting.clear();
        self.rows = 0;
        let mut group = self.file.next_row_group().map_err(io::Error::other)?;
        for (_, cells) in table.columns() {
            column(&mut group, cells).map_err(io::Error::other)?;
        }
        group.close().map_err(io::Error::other)?;
        Ok(())
    }
}

/// The columns of a table: whole numbers always have a value, others may have none.
fn columns(schema: &Schema) -> parquet::errors::Result<Type> {
    let mut fields = Vec::with_capacity(schema.fields().len());
    for field in schema.fields() {
        let (physical, logical) = match field.kind {
            Kind::Text => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
            Kind::Integer => (Physical::INT64, None),
            Kind::Number => (Physical::DOUBLE, None),
            Kind::Truth => (Physical::BOOLEAN, None),
        };
        let needed = match field.kind {
            Kind::Integer => Repetition::REQUIRED,
            Kind::Text | Kind::Number | Kind::Truth => Repetition::OPTIONAL,
        };
        let column = Type::primitive_type_builder(&field.name, physical)
            .with_repetition(needed)
            .with_logical_type(logical)
            .build()?;
        fields.push(Arc::new(column));
    }
    Type::group_type_builder(schema.name()).with_fields(fields).build()
}

/// Writes one column of a group.
fn column(
    group: &mut SerializedRowGroupWriter<'_, Counted>,
    cells: &Cells,
) -> parquet::errors::Result<()> {
    match cells {
        Cells::Text(all) => {
            let some = |text: &String| (!text.is_empty()).then(|| ByteArray::from(text.as_str()));
            values::<ByteArrayType>(group, all.iter().map(some))
        }
        Cells::Number(all) => {
            values::<DoubleType>(group, all.iter().map(|x| (!x.is_nan()).then_some(*x)))
        }
        Cells::Truth(all) => values::<BoolType>(group, all.iter().copied()),
        Cells::Integer(all) => {
            let Some(mut writer) = group.next_column()? else { return Ok(()) };
            writer.typed::<Int64Type>().write_batch(all, None, None)?;
            writer.close()
        }
    }
}

fn values<T: DataType>(
    group: &mut SerializedRowGroupWriter<'_, Counted>,
    cells: impl Iterator<Item = Option<T::T>>,
) -> parquet::errors::Result<()> {
    let (mut present, mut levels) = (Vec::new(), Vec::new());
    for cell in cells {
        levels.push(i16::from(cell.is_some()));
        present.extend(cell);
    }
    let Some(mut writer) = group.next_column()? else { return Ok(()) };
    writer.typed::<T>().write_batch(&present, Some(&levels), None)?;
    writer.close()
}
