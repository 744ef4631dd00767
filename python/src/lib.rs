//! What the package `detente` for Python is made of: the library, one function per verb, called
//! with the interpreter free.
//!
//! Requests come as a `dict` ([`ask`]), work is done on a thread of its own while Ctrl-C is heard
//! ([`work`]), results go into a folder that Python reads tables from ([`table`]), and tables leave
//! as Arrow C streams ([`arrow`]).

mod arrow;
mod ask;
mod errors;
mod game;
mod history;
mod scenario;
mod space;
mod table;
mod work;

/// The module `detente._detente`.
#[pyo3::pymodule]
mod _detente {
    #[pymodule_export]
    use super::errors::ScenarioError;
    #[pymodule_export]
    use super::game::Game;
    #[pymodule_export]
    use super::scenario::{Scenario, shipped};
    #[pymodule_export]
    use super::space::discover;
    #[pymodule_export]
    use super::table::{Package, Table};
}
