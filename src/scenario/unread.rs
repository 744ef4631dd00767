//! Warnings about what nothing reads and what has no source.

use super::data::file;
use super::limits::{MAX_ENTRIES, section};
use super::read_context::ReadContext;
use super::tree::{Table, Value};
use crate::diagnostic::{Code, Diagnostic, Span};
use crate::model::{Model, Setting};

/// Reports them; `desk` knows every word of every formula and every source that is cited. What
/// stands in an included file may be for another scenario that includes it.
pub(super) fn warnings(root: &Table, model: &Model, desk: &mut ReadContext) {
    let unread = |kind: &str, name: &str, span: Span, desk: &mut ReadContext| {
        if !desk.mentions.contains(name) && desk.shelf.is_own(span) {
            let text = format!("nothing reads the {kind} `{name}`");
            desk.report.push(
                Diagnostic::new(Code::Unread, span, text)
                    .help("remove it, or look for a misspelling where it was meant"),
            );
        }
    };
    for (quantity, about) in model.names.series.iter().zip(&model.series) {
        unread("series", &quantity.name, about.span, desk);
        if about.source.is_empty() {
            let text = format!("the series `{}` has no source", quantity.name);
            let help = "add `source = \"...\"`, a key of [sources] or `assumed`";
            desk.report.push(Diagnostic::new(Code::Unsourced, about.span, text).help(help));
        }
    }
    for (quantity, about) in model.names.parameters.iter().zip(&model.parameters) {
        unread("parameter", &quantity.name, about.span, desk);
    }
    for (definition, entry) in
        model.names.derived.iter().zip(section(root, "derived", MAX_ENTRIES, desk))
    {
        unread("derived quantity", &definition.name, entry.place(), desk);
    }
    for entry in section(root, "groups", MAX_ENTRIES, desk) {
        unread("group", entry.name(), entry.place(), desk);
    }
    for entry in section(root, "sources", MAX_ENTRIES, desk) {
        if !desk.cited.contains(entry.name()) && desk.shelf.is_own(entry.place()) {
            let text = format!("nothing cites the source `{}`", entry.name());
            let help = "cite it where its numbers are used, or remove it";
            let diagnostic = Diagnostic::new(Code::Unread, entry.place(), text).help(help);
            desk.report.push(diagnostic);
        }
    }
    for entry in section(root, "policies", MAX_ENTRIES, desk) {
        if desk.shelf.is_own(entry.place()) {
            policy(entry.name(), entry.place(), model, desk);
        }
    }
    unsourced(root, model, desk);
}

/// A policy that neither the file nor a variant nor a posture names.
fn policy(name: &str, span: Span, model: &Model, desk: &mut ReadContext) {
    use crate::model::Override;
    let number = model.policies.iter().position(|p| p.name == name);
    let names = |setting: &Setting| matches!(setting, Setting::Policy(p) if Some(*p) == number);
    let postures = model.postures.iter().flat_map(|p| &p.set);
    let overridden = model.variants.iter().flat_map(|v| &v.set).chain(postures).any(|o| match o {
        Override::Decision(item) => names(&item.setting),
        _ => false,
    });
    if !overridden && !model.decisions.iter().any(|item| names(&item.setting)) {
        let text = format!("nobody follows the policy `{name}`");
        let help = format!(
            "`policy = \"{name}\"` under [decision], in a variant or in a posture names it"
        );
        desk.report.push(Diagnostic::new(Code::Unread, span, text).help(help));
    }
}

/// Parameters without source or without range. A formula over others needs neither.
fn unsourced(root: &Table, model: &Model, desk: &mut ReadContext) {
    for (number, (entry, about)) in
        section(root, "parameters", MAX_ENTRIES, desk).iter().zip(&model.parameters).enumerate()
    {
        let mut cells = model.parameter_cells.iter().filter(|cell| cell.parameter == number);
        let value = match &entry.item.value {
            Value::Table(table) => table.get("value").map(|e| &e.item),
            _ => Some(&entry.item),
        };
        let formula = match value.map(|item| &item.value) {
            Some(Value::Table(_)) if value.is_some_and(|v| file(v, &model.names).is_some()) => {
                false
            }
            Some(Value::Text(_)) => true,
            Some(Value::Table(table)) => {
                table.entries.iter().all(|e| matches!(e.item.value, Value::Text(_)))
            }
            _ => false,
        };
        if formula {
            continue;
        }
        let sourced = cells.clone().all(|cell| !cell.source.is_empty());
        let missing = match (sourced, cells.all(|cell| cell.uncertainty.is_some())) {
            (false, false) => "neither a source nor a range",
            (false, true) => "no source",
            (true, false) => "no range",
            (true, true) => continue,
        };
        let text = format!("the parameter `{}` has {missing}", entry.name());
        desk.report.push(Diagnostic::new(Code::Unsourced, about.span, text).help(
            "add `source = \"...\"` (a key of [sources] or `assumed`) and `range = [lo, hi]`",
        ));
    }
}
