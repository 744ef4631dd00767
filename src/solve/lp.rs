//! Linear programs, with a limit of time that is asked for.

use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use microlp::{
    ComparisonOp, OptimizationDirection, Problem, SolveOptions, SolveOutcome, Tolerances, Variable,
};

use super::{Halt, Stop};

/// How long is waited for the solver before it is asked again whether to go on.
const PATIENCE: Duration = Duration::from_millis(20);

/// The tightest feasibility the solver offers.
const FEASIBILITY: f64 = 1e-10;

/// A linear program over variables that are at least 0.
pub struct Program {
    problem: Problem,
    variables: Vec<Variable>,
}

/// How a row compares with its right-hand side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Row {
    AtLeast,
    Equal,
}

impl Program {
    /// Maximise the sum of variables times these numbers.
    pub fn maximise(objective: &[f64]) -> Program {
        let mut problem = Problem::new(OptimizationDirection::Maximize);
        let add = |c: &f64| problem.add_var(*c, (0.0, f64::INFINITY));
        let variables = objective.iter().map(add).collect();
        Program { problem, variables }
    }

    /// A constraint with the numbers of variables and their coefficients.
    pub fn row(&mut self, terms: &[(usize, f64)], row: Row, side: f64) {
        let terms = terms.iter().filter(|(_, c)| *c != 0.0);
        let terms: Vec<(Variable, f64)> = terms.map(|(v, c)| (self.variables[*v], *c)).collect();
        let how = match row {
            Row::AtLeast => ComparisonOp::Ge,
            Row::Equal => ComparisonOp::Eq,
        };
        self.problem.add_constraint(terms.as_slice(), how, side);
    }

    /// The values of the variables at an optimum.
    ///
    /// The solver is never interrupted, since where it goes on depends on where it was stopped, and
    /// results must not depend on a clock. It works in a thread of its own; when told to stop,
    /// nobody waits for that any more, and it ends with its work or with the program.
    ///
    /// # Errors
    /// Why there are none: told to stop, or no optimum that can be computed.
    pub fn solve(&self, halt: &Halt) -> Result<Vec<f64>, Stop> {
        let (problem, variables) = (self.problem.clone(), self.variables.clone());
        let (done, arriving) = mpsc::channel();
        let work = move || {
            // nobody is there to receive it once the program was given up
            let _ = done.send(optimum(&problem, &variables));
        };
        thread::Builder::new().spawn(work).map_err(|_| Stop::Stalled)?;
        loop {
            match arriving.recv_timeout(PATIENCE) {
                Ok(found) => return found.ok_or(Stop::Stalled),
                Err(RecvTimeoutError::Timeout) if halt() => return Err(Stop::TimeLimit),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Err(Stop::Stalled),
            }
        }
    }
}

fn optimum(problem: &Problem, variables: &[Variable]) -> Option<Vec<f64>> {
    let mut tolerances = Tolerances::default();
    tolerances.feasibility = FEASIBILITY;
    let mut options = SolveOptions::default();
    options.tolerances = tolerances;
    match problem.solve_with(options).ok()? {
        SolveOutcome::Solution(found) => {
            Some(variables.iter().map(|v| found.var_value(*v)).collect())
        }
        SolveOutcome::Interrupted(_) => None,
    }
}
