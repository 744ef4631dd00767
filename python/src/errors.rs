//! What the library refuses, as an exception.

use pyo3::prelude::*;

pyo3::create_exception!(
    detente,
    ScenarioError,
    pyo3::exceptions::PyValueError,
    "What cannot be done, and why.\n\n\
     `diagnostics` lists the faults of a text, each a dict: code, severity, message, file, line, \
     column, end_line, end_column, labels, help. It is empty where no text is at fault."
);

/// The exception for an error of the library.
pub fn raised(py: Python<'_>, error: &detente::Error) -> PyErr {
    let list = match error {
        detente::Error::Diagnostics(list) => list.json(),
        _ => Vec::new(),
    };
    let raised = refused(error.to_string());
    let told = parsed(py, &serde_json::Value::Array(list).to_string());
    match told.and_then(|list| raised.value(py).setattr("diagnostics", list)) {
        Ok(()) => raised,
        Err(error) => error,
    }
}

/// The exception for something that no text is at fault for.
pub fn refused(text: String) -> PyErr {
    ScenarioError::new_err(text)
}

/// A text of JSON as Python's objects.
pub fn parsed<'py>(py: Python<'py>, json: &str) -> PyResult<Bound<'py, PyAny>> {
    py.import("json")?.call_method1("loads", (json,))
}
