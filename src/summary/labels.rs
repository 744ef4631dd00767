//! Titles and units of outcomes, variables and arms, for people who read tables.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::tables::Schemas;
use crate::model::Model;
use crate::table::{Label, Labels, Schema, TableError};

impl Schemas {
    /// The same tables with the titles and units that a model gives to outcomes, state cells and
    /// events, and to the variants among these arms.
    ///
    /// # Errors
    /// None that a caller can cause.
    pub fn labelled(mut self, model: &Model, arms: &[String]) -> Result<Schemas, TableError> {
        let all = [arms_of(model, arms), outcomes_of(model), variables_of(model)];
        let [arms, outcomes, variables] = all;
        self.outcomes = titled(&self.outcomes, &outcomes)?;
        let named = [arms.clone(), outcomes];
        for schema in [&mut self.summary, &mut self.histogram, &mut self.differences] {
            *schema = schema.labelled(&named);
        }
        for schema in [&mut self.outcomes, &mut self.moves, &mut self.failures] {
            *schema = schema.labelled(std::slice::from_ref(&arms));
        }
        self.trajectory = self.trajectory.labelled(&[arms, variables]);
        Ok(self)
    }
}

/// A table whose columns are called by these names, with their titles and units.
pub(super) fn titled(schema: &Schema, labels: &Labels) -> Result<Arc<Schema>, TableError> {
    let known: BTreeMap<&str, &Label> = labels.1.iter().map(|l| (l.name.as_str(), l)).collect();
    let fields = schema.fields().iter().cloned().map(|field| match known.get(&*field.name) {
        Some(label) => field.with_title(&label.title).with_unit(&label.unit),
        None => field,
    });
    Schema::new(schema.name(), schema.description(), fields.collect())
}

/// The titles of the variants among some arms.
pub(super) fn arms_of(model: &Model, arms: &[String]) -> Labels {
    let titled = model.variants.iter().filter(|variant| arms.contains(&variant.name));
    let label = |name: &str, title: &str| Label {
        name: name.to_string(),
        title: title.to_string(),
        unit: String::new(),
    };
    ("arms", titled.map(|variant| label(&variant.name, &variant.title)).collect())
}

fn outcomes_of(model: &Model) -> Labels {
    let all = model.outcomes.iter().map(|outcome| Label {
        name: outcome.name.clone(),
        title: outcome.title.clone(),
        unit: outcome.unit.clone(),
    });
    ("outcomes", all.collect())
}

/// Titles and units of state cells, titles of event instances, each with its actors behind.
pub(super) fn variables_of(model: &Model) -> Labels {
    let title = |title: &str, label: &str| match label.split_once('[') {
        Some((_, actors)) if !title.is_empty() => format!("{title} [{actors}"),
        _ => title.to_string(),
    };
    let cells = model.cells.iter().map(|cell| {
        let state = &model.states[cell.state];
        let title = title(&state.title, &cell.label);
        Label { name: cell.label.clone(), title, unit: state.unit.clone() }
    });
    let events = model.hazards.iter().map(|hazard| {
        let name = format!("happened[{}]", hazard.label.replace('[', ",").replace(']', ""));
        let title = title(&model.events[hazard.event].title, &hazard.label);
        Label { name, title, unit: String::new() }
    });
    ("variables", cells.chain(events).collect())
}
