//! Numbers that are free: axes over ranges that the file declares or the request gives.

use super::scale::Along;
use super::{Fault, Space, Target};
use crate::diagnostic::{Code, Diagnostic, Span};
use crate::expr::{Distribution, Node};
use crate::model::{Arm, Decision, DecisionItem, Model, Override, Setting, Uncertainty};
use crate::scenario::{self, Values};

/// A number that is free: its range, and what the file thinks of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Free {
    /// The key by which it is set.
    pub name: String,
    /// Its unit of measurement; may be empty.
    pub unit: String,
    /// The least value.
    pub lo: f64,
    /// The greatest value, above it.
    pub hi: f64,
    /// Whether positions in the range are even in ratios instead of differences.
    pub log: bool,
    /// The distribution that the file declares, or uniform over the range.
    pub prior: Uncertainty,
}

impl Free {
    /// The position of a value in the range, from 0 to 1.
    pub fn position(&self, value: f64) -> f64 {
        use crate::math::{clamp, log};
        let share = match self.log {
            false => (value - self.lo) / (self.hi - self.lo),
            true => (log(value) - log(self.lo)) / (log(self.hi) - log(self.lo)),
        };
        clamp(share, 0.0, 1.0)
    }

    /// The value at a position.
    pub fn value(&self, position: f64) -> f64 {
        match position {
            0.0 => self.lo,
            1.0 => self.hi,
            _ => {
                let (lo, hi, log) = (self.lo, self.hi, self.log);
                Along::Range { lo, hi, log, integer: false }.at(position).number()
            }
        }
    }
}

impl<'a> Space<'a> {
    /// The space of numbers that are free, in order: keys that `--set` takes, each by itself where
    /// the file declares its range, or `key = lo:hi`, perhaps with `log` behind it.
    ///
    /// # Errors
    /// Everything that cannot be free: no range, words, whole numbers, and all that cannot vary.
    pub fn free(
        model: &'a Model,
        keys: &[String],
        fixed: &[Override],
    ) -> Result<(Space<'a>, Vec<Free>), Vec<Fault>> {
        let (mut free, mut faults) = (Vec::new(), Vec::new());
        for text in keys {
            match one(model, text) {
                Ok(found) => free.push(found),
                Err(diagnostic) => {
                    let (key, text) = (String::new(), text.clone());
                    faults.push(Fault { key, row: None, text, diagnostic });
                }
            }
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        let ranges = free.iter().map(|f: &Free| {
            let log = if f.log { " log" } else { "" };
            format!("{} = {}:{}{log}", f.name, f.lo, f.hi)
        });
        let space = Space::new(model, &ranges.collect::<Vec<_>>(), false, fixed)?;
        for (free, axis) in free.iter_mut().zip(&space.axes) {
            free.unit.clone_from(&axis.unit);
        }
        Ok((space, free))
    }

    /// By axis, its value in an arm; `None` where it has no single one: cells or actors that
    /// differ, a formula of types, a draw, a setting that is no number.
    pub fn held(&self, arm: &Arm) -> Vec<Option<f64>> {
        self.axes.iter().map(|axis| held(self.model, &axis.target, arm)).collect()
    }
}

fn fault(text: &str, message: String) -> Diagnostic {
    Diagnostic::new(Code::Experiment, Span::new(0, text.len().max(1)), message)
}

fn one(model: &Model, text: &str) -> Result<Free, Diagnostic> {
    if text.contains('=') {
        let vary = scenario::vary(text)?;
        let Values::Range { lo, hi, count: None, log, integer: false } = vary.values else {
            let message = format!("`{}` is no range of numbers", vary.key);
            return Err(fault(text, message).help("write `name = lo:hi`, or `name = lo:hi log`"));
        };
        let declared = declared(model, &vary.key).ok().flatten();
        let uniform = Uncertainty { distribution: Distribution::Uniform, given: [lo, hi, 0.0] };
        let prior = declared.filter(|known| known.distribution != Distribution::Uniform);
        let (name, unit) = (vary.key, String::new());
        return Ok(Free { name, unit, lo, hi, log, prior: prior.unwrap_or(uniform) });
    }
    let name = text.trim().to_string();
    let help = format!("give it one here: `{name} = lo:hi`");
    let Some(prior) = declared(model, &name)? else {
        let message = format!("`{name}` has no range in the file");
        return Err(fault(text, message).help(help));
    };
    let (lo, hi) = prior.support();
    if prior.distribution == Distribution::Bernoulli || hi <= lo {
        let message = format!("`{name}` is no number between two others");
        return Err(fault(text, message).help(help));
    }
    if !(hi - lo).is_finite() {
        let message = format!("the distribution of `{name}` has no ends");
        return Err(fault(text, message).help(help));
    }
    Ok(Free { name, unit: String::new(), lo, hi, log: false, prior })
}

/// What the file declares of the parameter cells that a key sets.
fn declared(model: &Model, key: &str) -> Result<Option<Uncertainty>, Diagnostic> {
    let found = scenario::settings(model, &[(key.to_string(), "0".to_string())]);
    let list = match found {
        Ok(list) => list,
        // whether the key exists at all shows when it varies
        Err(mut list) if list.iter().any(|d| d.span.end == 0) => {
            let mut diagnostic = list.remove(0);
            diagnostic.span = Span::new(0, key.len().max(1));
            diagnostic.labels.clear();
            return Err(diagnostic);
        }
        Err(_) => return Ok(None),
    };
    let [Override::Parameter(cells)] = list.as_slice() else { return Ok(None) };
    let mut all = cells.iter().map(|(cell, _)| model.parameter_cells[*cell].uncertainty);
    let first = all.next().flatten();
    if all.any(|other| other != first) {
        let text = format!("the cells of `{key}` have different ranges");
        return Err(fault(key, text).help(format!("name one cell, or write `{key} = lo:hi`")));
    }
    Ok(first)
}

fn held(model: &Model, target: &Target, arm: &Arm) -> Option<f64> {
    let same = |values: Vec<f64>| {
        let first = *values.first()?;
        values.iter().all(|value| *value == first).then_some(first)
    };
    match target {
        Target::Parameter(cells) => {
            let typed = |cell: &usize| arm.typed.iter().any(|typed| typed.cell == *cell);
            let values = cells.iter().map(|cell| arm.parameters[*cell]);
            if cells.iter().any(typed) { None } else { same(values.collect()) }
        }
        Target::Initial(cells) => {
            let values = cells.iter().map(|cell| match arm.initial[*cell].node {
                Node::Number(x) => Some(x),
                _ => None,
            });
            same(values.collect::<Option<_>>()?)
        }
        Target::Setting(Override::Decision(DecisionItem { actor, setting })) => {
            let actors = model.actors().filter(|id| actor.is_none_or(|own| own == *id));
            let moving = actors.filter(|id| model.seats.iter().any(|seat| seat.actor == *id));
            let values = moving.map(|id| of_decision(&arm.decisions[id], setting, arm));
            same(values.collect::<Option<_>>()?)
        }
        Target::Setting(_) | Target::Variant => None,
    }
}

/// A decision's precision or discount, if it is a number or one parameter.
fn of_decision(decision: &Decision, setting: &Setting, arm: &Arm) -> Option<f64> {
    let formula = match setting {
        Setting::Precision(_) => decision.precision.as_ref(),
        Setting::Discount(_) => decision.discount.as_ref(),
        _ => None,
    };
    match formula?.node {
        Node::Number(x) => Some(x),
        Node::Parameter(cell) => Some(arm.parameters[cell]),
        _ => None,
    }
}
