//! Numbers fitted to a history: estimates, likelihoods, what was recovered.

use crate::api::Fitted;
use crate::evidence::fit;

pub use crate::evidence::fit::{Held, Moves, Recovered};

/// What is shown of a fit.
#[derive(Debug)]
pub struct Page {
    /// The scenario's name and title.
    pub name: String,
    /// May be empty.
    pub title: String,
    /// The history's title; may be empty.
    pub history: String,
    /// How many rounds all histories have together.
    pub rounds: u64,
    /// The first and the last round that were fitted, if not all.
    pub train: Option<(u32, u32)>,
    /// Where random numbers came from.
    pub seed: u64,
    /// Whether declared distributions counted.
    pub map: bool,
    /// By arm.
    pub arms: Vec<Arm>,
    /// What was found again in simulated histories: how many, how many could not be fitted, and by
    /// name.
    pub recovery: Option<(usize, usize, Vec<(String, Recovered)>)>,
    /// Sections for the scenario's file.
    pub variants: String,
}

/// An arm.
#[derive(Debug)]
pub struct Arm {
    /// `base` or the name of the variant.
    pub name: String,
    /// Whether the likelihood is exact.
    pub exact: bool,
    /// What was free.
    pub lines: Vec<Line>,
    /// The log likelihood at the estimates with its standard error, and at the file's values.
    pub loglik: (f64, f64),
    /// The same at the file's values.
    pub file: (f64, f64),
    /// Akaike's criterion.
    pub aic: Option<f64>,
    /// Records of seats that were fitted.
    pub moves: Option<Moves>,
    /// What was not fitted.
    pub held: Option<Held>,
    /// Names of numbers that go together, with their correlation.
    pub correlated: Vec<(String, String, f64)>,
    /// How many points were weighed.
    pub evaluations: usize,
}

/// A number.
#[derive(Debug)]
pub struct Line {
    /// Its key.
    pub name: String,
    /// Its unit; may be empty.
    pub unit: String,
    /// Its range.
    pub range: (f64, f64),
    /// What the record says of it.
    pub found: fit::Estimate,
}

impl Page {
    /// What is shown of it.
    pub fn of(fitted: &Fitted) -> Page {
        let about = &fitted.scenario().model().about;
        let history = fitted.history();
        let name = |i: usize| fitted.free()[i].name.clone();
        let recovery = fitted.recovery().map(|found| {
            let totals = found.totals.iter().enumerate().map(|(i, own)| (name(i), own.clone()));
            (found.replicates.len(), found.failed, totals.collect())
        });
        Page {
            name: about.name.clone(),
            title: about.title.clone(),
            history: history.title.clone(),
            rounds: history.cases.iter().map(|case| u64::from(case.rounds)).sum(),
            train: fitted.train(),
            seed: fitted.seed().0,
            map: fitted.fits().iter().any(|fit| fit.prior.is_some()),
            arms: fitted.fits().iter().map(|fit| arm(fitted, fit)).collect(),
            recovery,
            variants: fitted.variants(),
        }
    }
}

fn arm(fitted: &Fitted, fit: &fit::Fit) -> Arm {
    let free = fitted.free();
    let line = |(free, found): (&crate::experiment::Free, &fit::Estimate)| Line {
        name: free.name.clone(),
        unit: free.unit.clone(),
        range: (free.lo, free.hi),
        found: found.clone(),
    };
    let pair = |(i, j, r): &(usize, usize, f64)| (free[*i].name.clone(), free[*j].name.clone(), *r);
    Arm {
        name: fit.arm.clone(),
        exact: fit.exact,
        lines: free.iter().zip(&fit.estimates).map(line).collect(),
        loglik: fit.loglik,
        file: fit.file,
        aic: fit.aic,
        moves: fit.moves,
        held: fit.held,
        correlated: fit.correlated.iter().map(pair).collect(),
        evaluations: fit.evaluations,
    }
}
