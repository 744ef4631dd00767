//! Tables, and the folders that they are read from.

use std::path::PathBuf;
use std::sync::Arc;

use detente::output;
use detente::table::{Cells, Column, Field, Kind, Table as Inner};
use pyo3::exceptions::PyKeyError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyCapsule, PyDict, PyList};

use crate::arrow;
use crate::errors::refused;

/// A table: columns with names, kinds, meanings and units.
#[pyclass(frozen, module = "detente._detente")]
pub struct Table {
    inner: Arc<Inner>,
}

/// Of one column: name, kind, title, unit, meaning.
type Told = (String, String, Option<String>, Option<String>, String);

impl Table {
    fn column(&self, name: &str) -> PyResult<&Cells> {
        let missing = || PyKeyError::new_err(name.to_string());
        self.inner.column(name).ok_or_else(missing)
    }
}

#[pymethods]
impl Table {
    /// A table of text and numbers, given column by column: name, unit, meaning, and cells that are
    /// all `str` or all `float`.
    #[staticmethod]
    fn of(name: &str, about: &str, columns: Vec<Bound<'_, PyAny>>) -> PyResult<Table> {
        let made = columns.iter().map(|column| {
            let (name, unit, meaning): (String, String, String) = (
                column.get_item(0)?.extract()?,
                column.get_item(1)?.extract()?,
                column.get_item(2)?.extract()?,
            );
            let cells = column.get_item(3)?;
            let (kind, cells) = match cells.extract::<Vec<String>>() {
                Ok(texts) => (Kind::Text, Cells::Text(texts)),
                Err(_) => (Kind::Number, Cells::Number(cells.extract()?)),
            };
            Ok(Column::new(Field::new(name, kind, meaning).with_unit(unit), cells))
        });
        let columns = made.collect::<PyResult<Vec<Column>>>()?;
        let inner = Inner::of(name, about, columns).map_err(|error| refused(error.to_string()))?;
        Ok(Table { inner: Arc::new(inner) })
    }

    /// What it is called.
    #[getter]
    fn name(&self) -> &str {
        self.inner.schema().name()
    }

    /// What it holds and what a row stands for.
    #[getter]
    fn description(&self) -> &str {
        self.inner.schema().description()
    }

    /// By column: name, kind, title, unit, meaning.
    #[getter]
    fn fields(&self) -> Vec<Told> {
        let told = |field: &Field| {
            let (title, unit) = (field.title.clone(), field.unit.clone());
            (field.name.clone(), field.kind.to_string(), title, unit, field.meaning.clone())
        };
        self.inner.schema().fields().iter().map(told).collect()
    }

    fn __len__(&self) -> usize {
        self.inner.rows()
    }

    /// The first cells of a column, all of them if `most` is left out; `None` is no value.
    #[pyo3(signature = (name, most=None))]
    fn cells<'py>(
        &self,
        py: Python<'py>,
        name: &str,
        most: Option<usize>,
    ) -> PyResult<Bound<'py, PyList>> {
        let most = most.unwrap_or(usize::MAX);
        match self.column(name)? {
            Cells::Text(all) => {
                let cell = |text: &'_ String| Some(text.clone()).filter(|text| !text.is_empty());
                PyList::new(py, all.iter().take(most).map(cell).collect::<Vec<_>>())
            }
            Cells::Integer(all) => PyList::new(py, all.iter().take(most)),
            Cells::Number(all) => {
                let cell = |x: &f64| Some(*x).filter(|x| !x.is_nan());
                PyList::new(py, all.iter().take(most).map(cell).collect::<Vec<_>>())
            }
            Cells::Truth(all) => PyList::new(py, all.iter().take(most)),
        }
    }

    /// The cells of a column of numbers as bytes, eight each in this machine's order: doubles, or
    /// whole numbers with a sign; nothing of other columns.
    fn raw<'py>(&self, py: Python<'py>, name: &str) -> PyResult<Option<Bound<'py, PyBytes>>> {
        let bytes: Vec<u8> = match self.column(name)? {
            Cells::Integer(all) => all.iter().flat_map(|x| x.to_ne_bytes()).collect(),
            Cells::Number(all) => all.iter().flat_map(|x| x.to_ne_bytes()).collect(),
            Cells::Text(_) | Cells::Truth(_) => return Ok(None),
        };
        Ok(Some(PyBytes::new(py, &bytes)))
    }

    /// The Arrow C stream of the table: one batch. What a consumer asks for in `requested_schema`
    /// is left to it.
    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        drop(requested_schema);
        let stream = arrow::Stream::of(Arc::clone(&self.inner));
        PyCapsule::new_with_value(py, stream, arrow::STREAM)
    }
}

/// The tables of a folder of results.
#[pyclass(frozen, module = "detente._detente")]
pub struct Package {
    inner: output::Results,
}

#[pymethods]
impl Package {
    #[new]
    fn new(folder: PathBuf) -> PyResult<Package> {
        Ok(Package { inner: output::Results::open(&folder).map_err(refused)? })
    }

    /// What its tables are called.
    #[getter]
    fn names(&self) -> Vec<String> {
        self.inner.tables()
    }

    /// A table; nothing if none has that name.
    fn table(&self, py: Python<'_>, name: String) -> PyResult<Option<Table>> {
        let found = py.detach(|| self.inner.table(&name)).map_err(refused)?;
        Ok(found.map(|inner| Table { inner: Arc::new(inner) }))
    }
}

/// Names and texts as a dict.
pub fn texts<'py, 'a>(
    py: Python<'py>,
    all: impl Iterator<Item = (&'a str, &'a str)>,
) -> PyResult<Bound<'py, PyDict>> {
    let made = PyDict::new(py);
    for (name, text) in all {
        made.set_item(name, text)?;
    }
    Ok(made)
}
