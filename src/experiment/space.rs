//! What a sweep varies, and from points of the unit cube to arms.

mod free;
mod named;
mod scale;
#[cfg(test)]
mod tests;

use std::cmp::Reverse;
use std::collections::BTreeSet;

use crate::diagnostic::{Diagnostic, Span};
use crate::expr::{Expr, Node};
use crate::model::{Arm, CellId, Model, Outside, Override};
use crate::scenario::{self, Values, Vary};
pub use free::Free;
use scale::Along;
pub use scale::Value;

/// The unit of parameters that switch a mechanism on and off.
pub const SWITCH: &str = "switch";
/// So many values of a decision setting are tried out before anything is played.
const TRIED: usize = 1000;

/// The space of a sweep: its axes.
///
/// What varies because it is uncertain stands for other values in the file: variants are applied
/// above it, so that a counterfactual stays one at every point. What is varied by name is applied
/// above variants, like `--set`, in every arm.
#[derive(Clone, Debug)]
pub struct Space<'a> {
    model: &'a Model,
    axes: Vec<Axis>,
    fixed: Vec<Override>,
    /// Whether the axes are columns of a list, whose values come from a file of data.
    listed: bool,
}

/// One thing that varies.
#[derive(Clone, Debug)]
pub struct Axis {
    /// Its name in results: the key by which it is set.
    pub name: String,
    /// Its unit of measurement, if it has one.
    pub unit: String,
    /// Whether it varies because the file declares it uncertain.
    pub uncertain: bool,
    target: Target,
    along: Along,
}

#[derive(Clone, Debug)]
enum Target {
    /// Cells of a parameter.
    Parameter(Vec<usize>),
    /// Initial values of state cells.
    Initial(Vec<CellId>),
    /// A key for [`scenario::settings`], with what one of its values changes.
    Setting(Override),
    /// The variant.
    Variant,
}

/// Cells with one number for each.
fn all_at<C: Copy>(cells: &[C], value: f64) -> Vec<(C, Expr)> {
    cells.iter().map(|cell| (*cell, number(value))).collect()
}

impl Target {
    /// A change of the same cells.
    fn change(&self) -> Override {
        match self {
            Target::Parameter(cells) => Override::Parameter(all_at(cells, 0.0)),
            Target::Initial(cells) => Override::Initial(all_at(cells, 0.0)),
            Target::Setting(change) => change.clone(),
            Target::Variant => Override::Parameter(Vec::new()),
        }
    }
}

/// Something that cannot be varied.
#[derive(Clone, Debug)]
pub struct Fault {
    /// The key, if it could be read.
    pub key: String,
    /// Of a list: the row of the value at fault, from 0.
    pub row: Option<u64>,
    /// What was asked for, as it was written; of a list, a key with one of its values.
    pub text: String,
    /// What is wrong with it; its span counts in the text.
    pub diagnostic: Diagnostic,
}

impl Axis {
    /// How many values it has; none if it takes any in a range.
    pub fn levels(&self) -> Option<u64> {
        self.along.levels()
    }

    /// Whether its values are numbers.
    pub fn is_number(&self) -> bool {
        self.along.is_number()
    }

    /// Whether it is a decision setting or a real type, not a number of the scenario.
    pub fn is_setting(&self) -> bool {
        matches!(self.target, Target::Setting(_))
    }

    /// Whether it is the choice among variants.
    pub fn is_variant(&self) -> bool {
        matches!(self.target, Target::Variant)
    }
}

impl<'a> Space<'a> {
    /// What varies when these things do and, if `uncertain`, everything that is declared uncertain
    /// besides: every parameter cell whose value is a number and whose parameter has a range or a
    /// distribution, each on its own unless they move together. Left out are cells that are varied
    /// by name or set by `fixed` or by all types of an actor, ranges of one value, and switches
    /// ([`SWITCH`]): a mechanism that is half there is no assumption about the world; what a
    /// mechanism does is asked by name.
    ///
    /// `fixed` holds in every arm, above variants.
    ///
    /// # Errors
    /// Everything that cannot be varied.
    pub fn new(
        model: &'a Model,
        vary: &[String],
        uncertain: bool,
        fixed: &[Override],
    ) -> Result<Space<'a>, Vec<Fault>> {
        let mut space = Space { model, axes: Vec::new(), fixed: fixed.to_vec(), listed: false };
        let mut faults = Vec::new();
        for text in vary {
            match scenario::vary(text) {
                Ok(Vary { key, values }) => space.add(text, key, Along::of(values), &mut faults),
                Err(diagnostic) => {
                    let (key, text) = (String::new(), text.clone());
                    faults.push(Fault { key, row: None, text, diagnostic });
                }
            }
        }
        if uncertain {
            space.add_uncertain();
        }
        if faults.is_empty() { Ok(space) } else { Err(faults) }
    }

    /// Columns of settings, by row: the keys that `--set` takes and their values. What is a number
    /// elsewhere is a decimal number here and no formula, so that no date is taken for a
    /// difference; variants, types and decision settings may be words.
    ///
    /// # Errors
    /// Everything that cannot be set, by row.
    pub fn list(
        model: &'a Model,
        columns: &[&(String, Vec<String>)],
        fixed: &[Override],
    ) -> Result<Space<'a>, Vec<Fault>> {
        let mut space = Space { model, axes: Vec::new(), fixed: fixed.to_vec(), listed: true };
        let mut faults = Vec::new();
        for (key, values) in columns {
            let text = format!("{key} = {}", values.first().map_or("", String::as_str));
            space.add(&text, key.clone(), Along::of(Values::List(values.clone())), &mut faults);
        }
        if faults.is_empty() { Ok(space) } else { Err(faults) }
    }

    /// Leaves of what varies because it is uncertain only what is named: `prize`, with all its
    /// cells, or `w[CHN]`. What varies by name stays.
    ///
    /// # Errors
    /// The first name that nothing uncertain has.
    pub fn retain(&mut self, names: &[String]) -> Result<(), String> {
        let of = |axis: &Axis, name: &str| {
            axis.name == name || axis.name.split('[').next() == Some(name)
        };
        let uncertain = || self.axes.iter().filter(|axis| axis.uncertain);
        let missing = names.iter().find(|name| !uncertain().any(|axis| of(axis, name)));
        if let Some(name) = missing {
            return Err(name.clone());
        }
        self.axes.retain(|axis| !axis.uncertain || names.iter().any(|name| of(axis, name)));
        Ok(())
    }

    /// The axes, in the order of coordinates.
    pub fn axes(&self) -> &[Axis] {
        &self.axes
    }

    /// The least and the greatest numbers that named axes give to parameters.
    pub fn ends(&self) -> Override {
        let named = self.axes.iter().filter(|axis| !axis.uncertain);
        let found = named.filter_map(|axis| match &axis.target {
            Target::Parameter(cells) => Some((cells.first()?, axis.along.samples(TRIED))),
            _ => None,
        });
        let ends = found.flat_map(|(cell, values)| {
            let numbers = || values.iter().map(|(_, v)| v.number()).filter(|x| x.is_finite());
            let (least, most) = (numbers().reduce(f64::min), numbers().reduce(f64::max));
            let different = most.filter(|most| Some(*most) != least);
            least.into_iter().chain(different).map(|x| (*cell, number(x)))
        });
        Override::Parameter(ends.collect())
    }

    /// All parameter cells that named axes set.
    pub fn cells(&self) -> Override {
        let named = self.axes.iter().filter(|axis| !axis.uncertain);
        Override::Parameter(
            named
                .flat_map(|axis| match axis.target.change() {
                    Override::Parameter(list) => list,
                    _ => Vec::new(),
                })
                .collect(),
        )
    }

    /// Values of named axes that are formulas and give what the file does not declare possible,
    /// with the other parameters as in the file.
    pub fn outside(&self) -> Vec<Outside> {
        let mut all = Vec::new();
        let named = |axis: &&Axis| !self.listed && !axis.is_variant() && !axis.uncertain;
        for axis in self.axes.iter().filter(named) {
            let words = axis.along.all().into_iter().filter(|value| !value.text().is_empty());
            for value in words.take(TRIED) {
                let pair = (axis.name.clone(), value.to_string());
                let changes = scenario::settings(self.model, &[pair]).unwrap_or_default();
                let found = self.model.outside(&changes, &self.fixed);
                all.extend(found.into_iter().take(1));
            }
        }
        all
    }

    /// Whether the variant is among what varies.
    pub fn varies_variant(&self) -> bool {
        self.axes.iter().any(Axis::is_variant)
    }

    /// Arms of these variants in which every level of reasoning is drawn that is drawn at some
    /// point; those that cannot be made are left out.
    pub fn drawing(&self, variants: &[Option<&str>]) -> Vec<Arm> {
        let middle = self.at(&[]);
        let mut points = vec![middle.clone()];
        for (at, axis) in self.axes.iter().enumerate() {
            let drawn = |value: &Value| axis.is_setting() && value.text().contains("poisson");
            let values = axis.along.samples(TRIED).into_iter().map(|(_, value)| value);
            let own: Vec<Value> = match axis.is_variant() {
                true => values.collect(),
                false => values.filter(drawn).take(1).collect(),
            };
            points.extend(own.into_iter().map(|value| {
                let mut point = middle.clone();
                point[at] = value;
                point
            }));
        }
        let arm = |variant: &Option<&str>, point: &Vec<Value>| self.arm(point, *variant).ok();
        variants.iter().flat_map(|v| points.iter().filter_map(move |p| arm(v, p))).collect()
    }

    /// The values at a point of the unit cube, by axis. Coordinates that are missing count as 1/2.
    pub fn at(&self, point: &[f64]) -> Vec<Value> {
        let coordinates = point.iter().copied().chain(std::iter::repeat(0.5));
        self.axes.iter().zip(coordinates).map(|(axis, u)| axis.along.at(u)).collect()
    }

    /// The arm of a variant at a point with these values. Where the variant itself varies, that of
    /// the point counts.
    ///
    /// # Errors
    /// Those of [`Arm::new`] and [`scenario::settings`]: what is wrong with the point.
    pub fn arm(&self, values: &[Value], variant: Option<&str>) -> Result<Arm, Vec<Diagnostic>> {
        self.arm_with(values, variant, &[])
    }

    /// The same with overrides that count more than everything else.
    ///
    /// # Errors
    /// Those of [`Space::arm`].
    pub fn arm_with(
        &self,
        values: &[Value],
        variant: Option<&str>,
        more: &[Override],
    ) -> Result<Arm, Vec<Diagnostic>> {
        let (mut below, mut above) = (Vec::new(), Vec::new());
        let mut variant = variant;
        for (axis, value) in self.axes.iter().zip(values) {
            match (&axis.target, value) {
                (Target::Variant, value) => variant = Some(value.text()).filter(|v| *v != "base"),
                (Target::Parameter(cells), Value::Number(x)) if axis.uncertain => {
                    let change = (cells.len(), Override::Parameter(all_at(cells, *x)));
                    below.push(change);
                }
                (Target::Parameter(cells), Value::Number(x)) => {
                    above.push((cells.len(), Override::Parameter(all_at(cells, *x))));
                }
                (Target::Initial(cells), Value::Number(x)) => {
                    above.push((cells.len(), Override::Initial(all_at(cells, *x))));
                }
                (Target::Parameter(_) | Target::Initial(_) | Target::Setting(_), value) => {
                    let pair = (axis.name.clone(), value.to_string());
                    let list = scenario::settings(self.model, &[pair])?;
                    above.extend(list.into_iter().map(|change| (change.breadth(), change)));
                }
            }
        }
        // A key for one cell counts more than one for many, whatever stands first.
        above.sort_by_key(|(cells, _)| Reverse(*cells));
        let below: Vec<Override> = below.into_iter().map(|(_, change)| change).collect();
        let above = self.fixed.iter().cloned().chain(above.into_iter().map(|(_, change)| change));
        let above = above.chain(more.iter().cloned());
        let above: Vec<Override> = above.collect();
        let arm = Arm::with(self.model, &below, variant, &above)?;
        let decides = above.iter().any(|change| matches!(change, Override::Decision(_)));
        match decides.then(|| scenario::unaffordable(self.model, &arm)).flatten() {
            Some(unaffordable) => Err(vec![unaffordable]),
            None => Ok(arm),
        }
    }

    fn unit(&self, target: &Target) -> String {
        let model = self.model;
        let unit = match target {
            Target::Parameter(list) => list
                .first()
                .map(|cell| &model.parameters[model.parameter_cells[*cell].parameter].unit),
            Target::Initial(list) => {
                list.first().map(|cell| &model.states[model.cells[*cell].state].unit)
            }
            Target::Setting(_) | Target::Variant => None,
        };
        unit.cloned().unwrap_or_default()
    }

    fn add_uncertain(&mut self) {
        let model = self.model;
        let mut taken = BTreeSet::new();
        for axis in &self.axes {
            if let Target::Parameter(cells) = &axis.target {
                taken.extend(cells.iter().copied());
            }
        }
        for change in &self.fixed {
            if let Override::Parameter(list) = change {
                taken.extend(cells(list));
            }
        }
        for (number, parameter) in model.parameters.iter().enumerate() {
            if parameter.unit == SWITCH {
                continue;
            }
            let own = model.parameter_cells.iter().enumerate();
            let own = own.filter(|(id, cell)| {
                let written = matches!(cell.value.node, Node::Number(_));
                let free = !taken.contains(id) && model.set_by_types(*id).is_none();
                cell.parameter == number && written && free
            });
            let own: Vec<usize> = own.map(|(id, _)| id).collect();
            let groups: Vec<Vec<usize>> = match parameter.together {
                true if own.is_empty() => Vec::new(),
                true => vec![own],
                false => own.into_iter().map(|cell| vec![cell]).collect(),
            };
            for cells in groups {
                // cells that move together have one range
                let Some(known) = model.parameter_cells[cells[0]].uncertainty else { continue };
                let along = Along::Uncertain(known);
                if along.is_one_value() {
                    continue;
                }
                let name = match (cells.as_slice(), parameter.together) {
                    ([cell], false) => model.parameter_cells[*cell].label.clone(),
                    _ => model.names.parameters[number].name.clone(),
                };
                let (unit, target) = (parameter.unit.clone(), Target::Parameter(cells));
                self.axes.push(Axis { name, unit, uncertain: true, target, along });
            }
        }
    }
}

fn number(x: f64) -> Expr {
    Expr { node: Node::Number(x), span: Span::default() }
}

fn cells<C: Copy>(list: &[(C, Expr)]) -> Vec<C> {
    list.iter().map(|(cell, _)| *cell).collect()
}
