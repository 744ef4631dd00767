//! Linear programs, with a limit of time that is asked for.

use std::time::Duration;

use microlp::{
    ComparisonOp, OptimizationDirection, Problem, SolveOptions, SolveOutcome, Tolerances, Variable,
};

use super::{Halt, Stop};

/// How long the solver works before it is asked again whether to go on.
const SLICE: Duration = Duration::from_millis(100);

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
    /// # Errors
    /// Why there are none: told to stop, or no optimum that can be computed.
    pub fn solve(&self, halt: &Halt) -> Result<Vec<f64>, Stop> {
        let mut tolerances = Tolerances::default();
        tolerances.feasibility = FEASIBILITY;
        let mut options = SolveOptions::default();
        options.tolerances = tolerances;
        options.time_limit = Some(SLICE);
        let mut outcome = self.problem.solve_with(options).map_err(|_| Stop::Stalled)?;
        loop {
            match outcome {
                SolveOutcome::Solution(solution) => {
                    return Ok(self.variables.iter().map(|v| solution.var_value(*v)).collect());
                }
                SolveOutcome::Interrupted(_) if halt() => return Err(Stop::TimeLimit),
                going @ SolveOutcome::Interrupted(_) => {
                    outcome = going.resume().map_err(|_| Stop::Stalled)?;
                }
            }
        }
    }
}
