//! `include = ["actors.toml"]`: tables of other files, as if they stood before those of the
//! scenario itself.

use super::limits::{MAX_BYTES, MAX_ENTRIES};
use super::read_context::{ReadContext, short};
use super::tree::{self, Entry, Table, Value};
use crate::diagnostic::{Code, Diagnostic, Span};

/// What an included file cannot hold.
const OWN: &[&str] = &["scenario", "include"];

/// The tables of the files that a scenario includes and its own, in this order. `None` after a
/// report where a file is none.
pub(super) fn merged(root: Table, desk: &mut ReadContext) -> Option<Table> {
    let Some(include) = root.get("include") else { return Some(root) };
    let list = desk.list(include)?;
    if list.len() > MAX_ENTRIES {
        let text = format!("a scenario may include {MAX_ENTRIES} files, found {}", list.len());
        desk.error(Code::Limit, include.place(), text);
        return None;
    }
    let mut all = Table::default();
    let mut seen: Vec<(String, Span)> = Vec::new();
    let mut whole = true;
    for item in list {
        let Some(name) = desk.source(item, "include") else {
            whole = false;
            continue;
        };
        if let Some((_, first)) = seen.iter().find(|(known, _)| known == name.text()) {
            let text = format!("`{}` is included twice", short(name.text()));
            let twice = Diagnostic::new(Code::DuplicateName, name.whole(), text);
            desk.report.push(twice.label(*first, "the first").help("remove one of the two"));
            continue;
        }
        seen.push((name.text().to_string(), name.whole()));
        let Some((text, start)) = desk.file(name) else {
            whole = false;
            continue;
        };
        if text.len() > MAX_BYTES {
            let found = text.len();
            let message = format!("an included file may have {MAX_BYTES} bytes, found {found}");
            desk.error(Code::Limit, name.whole(), message);
            whole = false;
            continue;
        }
        let Some(part) = tree::read(&text, start, desk) else {
            whole = false;
            continue;
        };
        whole &= super::format(&part, Span::new(start, start), desk);
        for entry in part.entries.into_iter().filter(|entry| entry.name() != "format") {
            if OWN.contains(&entry.name()) {
                let text = format!("an included file has no `{}`", entry.name());
                let help = "it holds tables that scenarios share: actors, sources, parameters";
                let wrong = Diagnostic::new(Code::IllegalPlace, entry.place(), text);
                desk.report.push(wrong.help(help));
            } else {
                add(&mut all, entry, desk);
            }
        }
    }
    for entry in root.entries.into_iter().filter(|entry| entry.name() != "include") {
        add(&mut all, entry, desk);
    }
    whole.then_some(all)
}

/// Adds a section to those that were there before.
fn add(all: &mut Table, section: Entry, desk: &mut ReadContext) {
    let Some(before) = all.entries.iter_mut().find(|entry| entry.name() == section.name()) else {
        let Entry { key, item } = section;
        let mut section = Entry { key, item };
        if let Value::Table(table) = &mut section.item.value {
            table.entries.iter_mut().for_each(|entry| {
                if let Some(place) = replaces(entry) {
                    nothing(entry, place, desk);
                }
            });
        }
        all.entries.push(section);
        return;
    };
    match (&mut before.item.value, section.item.value) {
        (Value::Table(before), Value::Table(later)) => {
            later.entries.into_iter().for_each(|entry| define(before, entry, desk));
        }
        (Value::Table(_), value) => {
            // said where the section is read
            before.item.value = value;
            before.item.span = section.item.span;
        }
        _ => {}
    }
}

/// Adds a definition to those of the same section that were there before.
fn define(before: &mut Table, mut entry: Entry, desk: &mut ReadContext) {
    let replaces = replaces(&mut entry);
    match (before.entries.iter_mut().find(|known| known.name() == entry.name()), replaces) {
        (None, None) => before.entries.push(entry),
        (None, Some(place)) => {
            nothing(&entry, place, desk);
            before.entries.push(entry);
        }
        (Some(known), Some(_)) => *known = entry,
        (Some(known), None) => {
            let text = format!("`{}` is defined twice", short(entry.name()));
            let help = match entry.item.value {
                Value::Table(_) => "remove one, or add `replace = true` to the later one",
                _ => "remove one of the two",
            };
            let twice = Diagnostic::new(Code::DuplicateName, entry.place(), text);
            desk.report.push(twice.label(known.place(), "first defined here").help(help));
        }
    }
}

/// Takes `replace = true` from a definition: where it stands.
fn replaces(entry: &mut Entry) -> Option<Span> {
    let Value::Table(table) = &mut entry.item.value else { return None };
    let is = |e: &Entry| e.name() == "replace" && matches!(e.item.value, Value::Flag(_));
    let at = table.entries.iter().position(is)?;
    let taken = table.entries.remove(at);
    matches!(taken.item.value, Value::Flag(true)).then_some(taken.key.whole())
}

/// Reports a definition that replaces none.
fn nothing(entry: &Entry, place: Span, desk: &mut ReadContext) {
    let text = format!("there is no `{}` before it to be replaced", short(entry.name()));
    let help = "remove `replace`, or look for a misspelling";
    desk.report.push(Diagnostic::new(Code::BadValue, place, text).help(help));
}
