//! What is asked for: a `dict` whose entries are put into a request of the library.

use detente::experiment::Memory;
use pyo3::conversion::FromPyObjectOwned;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::errors::refused;

/// A setting: its key and its value as a scenario would have it.
pub type Setting = (String, String);

/// A request as Python makes it. What is `None` counts as not said.
#[derive(Debug)]
pub struct Ask<'a, 'py>(pub &'a Bound<'py, PyDict>);

impl<'py> Ask<'_, 'py> {
    /// What is said under a name.
    ///
    /// # Errors
    /// `TypeError` or `OverflowError` if it is of another type.
    pub fn get<T: FromPyObjectOwned<'py>>(&self, name: &str) -> PyResult<Option<T>> {
        match self.0.get_item(name)?.filter(|value| !value.is_none()) {
            None => Ok(None),
            Some(value) => value.extract::<T>().map(Some).map_err(|error| named(error, name, self)),
        }
    }

    /// A request with what is said under a name, if anything is.
    ///
    /// # Errors
    /// Those of [`Ask::get`].
    pub fn with<R, T: FromPyObjectOwned<'py>>(
        &self,
        request: R,
        name: &str,
        add: impl Fn(R, T) -> R,
    ) -> PyResult<R> {
        Ok(self.get::<T>(name)?.into_iter().fold(request, add))
    }

    /// A request with all of a list.
    ///
    /// # Errors
    /// Those of [`Ask::get`].
    pub fn each<R, T: FromPyObjectOwned<'py>>(
        &self,
        request: R,
        name: &str,
        add: impl Fn(R, T) -> R,
    ) -> PyResult<R> {
        Ok(self.get::<Vec<T>>(name)?.into_iter().flatten().fold(request, add))
    }

    /// A request with a mark, where it is true.
    ///
    /// # Errors
    /// Those of [`Ask::get`].
    pub fn flag<R>(&self, request: R, name: &str, add: impl Fn(R) -> R) -> PyResult<R> {
        let given = self.get::<bool>(name)?.unwrap_or(false);
        Ok(if given { add(request) } else { request })
    }

    /// How much memory may be taken.
    ///
    /// # Errors
    /// `ScenarioError` if it is no size.
    pub fn memory(&self) -> PyResult<Memory> {
        match self.get::<String>("memory")? {
            None => Ok(Memory::default()),
            Some(text) => text.parse().map_err(|why| refused(format!("memory={text:?}: {why}"))),
        }
    }

    /// A word among those that the library knows.
    ///
    /// # Errors
    /// `ScenarioError` with the nearest ones.
    pub fn word<T: std::str::FromStr<Err = detente::Error>>(
        &self,
        name: &str,
    ) -> PyResult<Option<T>> {
        let word = self.get::<String>(name)?;
        let parsed = word.map(|word| word.parse::<T>()).transpose();
        parsed.map_err(|error| crate::errors::raised(self.0.py(), &error))
    }
}

/// The same exception, which says what it is about.
fn named(error: impl Into<PyErr>, name: &str, ask: &Ask) -> PyErr {
    let (error, py) = (error.into(), ask.0.py());
    let text = format!("{name}: {}", error.value(py));
    PyErr::from_type(error.get_type(py), text)
}

/// A request with what all of them have: `seed`, `set`, `threads`, `memory`.
macro_rules! common {
    ($ask:expr, $request:expr) => {{
        let request = $ask.with($request, "seed", |r, seed: u64| r.seed(seed))?;
        let request =
            $ask.each(request, "set", |r, (key, value): crate::ask::Setting| r.set(key, value))?;
        let request = $ask.with(request, "threads", |r, threads: usize| r.threads(threads))?;
        request.memory($ask.memory()?)
    }};
}

/// The same with `variants` and `all_variants`.
macro_rules! armed {
    ($ask:expr, $request:expr) => {{
        let request = $ask.each($request, "variants", |r, name: String| r.variant(name))?;
        $ask.flag(request, "all_variants", |r| r.all_variants())?
    }};
}

pub(crate) use {armed, common};
