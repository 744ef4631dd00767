//! What can be moved: numbers with their ranges, arms, and what is measured.

use serde::Serialize;

use super::Explorer;
use crate::experiment::SWITCH;
use crate::expr::{Node, quantile};
use crate::model::{Model, Uncertainty};

/// How much of an unbounded distribution a slider leaves out on either side.
const TAIL: f64 = 0.005;

/// Everything that a page needs to begin.
#[derive(Debug, Serialize)]
pub struct Controls {
    /// The scenario's name.
    pub name: String,
    /// Its title; may be empty.
    pub title: String,
    /// What it is about; may be empty.
    pub summary: String,
    /// The file that it was read from.
    pub label: String,
    /// What a round is called.
    pub round: String,
    /// The greatest number of rounds of a run.
    pub rounds: u32,
    /// The seed.
    pub seed: u64,
    /// Its text, with `\n` after each line.
    pub text: String,
    /// Numbers that can be set, in the order of the file.
    pub controls: Vec<Control>,
    /// The variants.
    pub variants: Vec<Arm>,
    /// What is measured.
    pub outcomes: Vec<Measured>,
    /// What is claimed.
    pub claims: Vec<Statement>,
}

/// A number that can be set.
#[derive(Debug, Serialize)]
pub struct Control {
    /// The key by which it is set.
    pub key: String,
    /// Its value in the file.
    pub value: f64,
    /// Between which values it is thought to lie; none where the file does not say.
    pub range: Option<(f64, f64)>,
    /// Whether it switches a mechanism on and off.
    pub switch: bool,
    /// Its unit; may be empty.
    pub unit: String,
    /// Where the number is from; may be empty.
    pub source: String,
    /// A remark; may be empty.
    pub note: String,
}

/// A variant.
#[derive(Debug, Serialize)]
pub struct Arm {
    /// Its name.
    pub name: String,
    /// A line in plain words; may be empty.
    pub title: String,
}

/// An outcome.
#[derive(Debug, Serialize)]
pub struct Measured {
    /// Its name.
    pub name: String,
    /// A line in plain words; may be empty.
    pub title: String,
    /// Its unit; may be empty.
    pub unit: String,
}

/// A claim.
#[derive(Debug, Serialize)]
pub struct Statement {
    /// Its name.
    pub name: String,
    /// The statement in plain words.
    pub says: String,
    /// The test as it is written; empty without one.
    pub test: String,
}

impl Explorer {
    /// What can be moved in the scenario as it was loaded.
    pub fn controls(&self) -> Controls {
        let (scenario, model) = (&self.loaded.scenario, self.loaded.scenario.model());
        let about = &model.about;
        let variants = model.variants.iter();
        let variants = variants.map(|v| Arm { name: v.name.clone(), title: v.title.clone() });
        let outcomes = model.outcomes.iter().map(|outcome| Measured {
            name: outcome.name.clone(),
            title: outcome.title.clone(),
            unit: outcome.unit.clone(),
        });
        let claims = model.claims.iter().map(|claim| Statement {
            name: claim.name.clone(),
            says: claim.says.clone(),
            test: claim.written.clone(),
        });
        Controls {
            name: scenario.name().to_string(),
            title: about.title.clone(),
            summary: about.summary.clone(),
            label: scenario.label().to_string(),
            round: if about.round.is_empty() { "round".to_string() } else { about.round.clone() },
            rounds: about.rounds,
            seed: self.seed.0,
            text: self.loaded.text.clone(),
            controls: controls(model),
            variants: variants.collect(),
            outcomes: outcomes.collect(),
            claims: claims.collect(),
        }
    }
}

/// Parameters whose cells are numbers and are not set by all types of an actor: one control a cell,
/// or one for all cells that vary together.
fn controls(model: &Model) -> Vec<Control> {
    let mut all = Vec::new();
    for (number, parameter) in model.parameters.iter().enumerate() {
        let own = model.parameter_cells.iter().enumerate().filter_map(|(id, cell)| {
            let free = cell.parameter == number && model.set_by_types(id).is_none();
            match cell.value.node {
                Node::Number(value) if free => Some((cell, value)),
                _ => None,
            }
        });
        let own: Vec<_> = own.collect();
        let one = |key: &str, value: f64, known: Option<&Uncertainty>, source: &str| Control {
            key: key.to_string(),
            value,
            range: known.and_then(range),
            switch: parameter.unit == SWITCH,
            unit: parameter.unit.clone(),
            source: cited(model, source),
            note: parameter.note.clone(),
        };
        match own.as_slice() {
            [(cell, value), ..] if parameter.together && own.iter().all(|own| own.1 == *value) => {
                let key = &model.names.parameters[number].name;
                all.push(one(key, *value, cell.uncertainty.as_ref(), &cell.source));
            }
            own => all.extend(own.iter().map(|(cell, value)| {
                one(&cell.label, *value, cell.uncertainty.as_ref(), &cell.source)
            })),
        }
    }
    all
}

/// A source by its title, where it is a work that the file lists.
fn cited(model: &Model, key: &str) -> String {
    let work = model.works.iter().find(|work| work.key == key && !work.title.is_empty());
    work.map_or_else(|| key.to_string(), |work| format!("{}: {}", work.key, work.title))
}

/// Between which values a slider goes; none for a range of one value.
fn range(known: &Uncertainty) -> Option<(f64, f64)> {
    let (lo, hi) = known.support();
    let at = |u: f64| quantile(known.distribution, known.given, u);
    let lo = if lo.is_finite() { lo } else { at(TAIL) };
    let hi = if hi.is_finite() { hi } else { at(1.0 - TAIL) };
    (lo < hi).then_some((lo, hi))
}
