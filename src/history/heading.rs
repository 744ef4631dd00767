//! `[history]`: what a history says about itself.

use std::collections::BTreeMap;

use super::Reader;
use super::complete;
use super::map::Map;
use super::tracks::Tracks;
use crate::calendar::{Calendar, FORMS};
use crate::diagnostic::{Code, Diagnostic, Span, short};
use crate::expr::{Expr, Source};
use crate::model::limits::ROUNDS;
use crate::model::{CellId, Model};
use crate::scenario::{Entry, Fields, ReadContext, Table, initial_values};

/// How many rounds a history reaches and where they start.
#[derive(Debug, Clone)]
pub(super) struct Frame {
    pub rounds: u32,
    pub start: Option<Calendar>,
    pub initial: BTreeMap<CellId, Expr>,
}

/// All that the text says.
pub(super) struct Heading {
    pub title: String,
    pub scenario: String,
    pub miscoding: f64,
    pub moves: Option<Source>,
    pub events: Option<Source>,
    pub series: Option<Source>,
    /// What holds for a history without a table of its own.
    pub frame: Frame,
    /// By name, histories that have one, in file order.
    pub cases: Vec<(String, Frame, Span)>,
    /// Variables to pass over, with `*` for any characters.
    pub ignore: Vec<Source>,
    pub tracks: Tracks,
    /// By track.
    pub complete: Vec<Option<complete::Complete>>,
    pub map: Map,
}

/// Reads the text of a history; `None` after a report.
pub(super) fn read(root: &Table, model: &Model, desk: &mut ReadContext) -> Option<Heading> {
    let mut fields = Fields::new(root, Span::new(0, 0), "a history");
    fields.take("format");
    let section = fields.need("history", desk).cloned();
    fields.take("complete");
    fields.take("map");
    fields.finish(desk);
    let tracks = Tracks::of(model);
    let complete = complete::read(root, &tracks, model, desk);
    let map = Map::read(root, model, desk);
    let section = section?;
    let table = desk.table(&section)?;
    let mut fields = Fields::new(table, section.place(), "[history]");
    let scenario = scenario(fields.take("scenario"), model, desk);
    let title = desk.text(fields.take("title"));
    desk.text(fields.take("note"));
    let mut file = |key, desk: &mut ReadContext| {
        let entry = fields.take(key)?;
        desk.source(&entry.item, key).cloned()
    };
    let (moves, events, series) = (file("moves", desk), file("events", desk), file("series", desk));
    let miscoding = fields.take("miscoding").and_then(|e| miscoding(e, desk)).unwrap_or(0.0);
    let ignore = fields.take("ignore").map(|e| texts(e, desk)).unwrap_or_default();
    let cases = fields.take("cases").and_then(|e| desk.table(e));
    let frame = frame(&mut fields, None, model, desk);
    fields.finish(desk);
    let frame = frame?;
    let cases = cases.map(|table| own(table, &frame, model, desk)).unwrap_or_default();
    Some(Heading {
        title,
        scenario,
        miscoding,
        moves,
        events,
        series,
        frame,
        cases,
        ignore,
        tracks,
        complete,
        map,
    })
}

/// `[history.cases.NAME]`: what differs from `[history]`.
fn own(
    table: &Table,
    common: &Frame,
    model: &Model,
    desk: &mut ReadContext,
) -> Vec<(String, Frame, Span)> {
    let mut all = Vec::with_capacity(table.entries.len());
    for entry in &table.entries {
        let Some(table) = desk.table(entry) else { continue };
        let what = format!("the history `{}`", short(entry.name()));
        let mut fields = Fields::new(table, entry.place(), what);
        let frame = frame(&mut fields, Some(common), model, desk);
        fields.finish(desk);
        all.extend(frame.map(|frame| (entry.name().to_string(), frame, entry.place())));
    }
    all
}

/// `rounds`, `start` and `initial`, of which a history's own table replaces what is common.
fn frame(
    fields: &mut Fields<'_>,
    common: Option<&Frame>,
    model: &Model,
    desk: &mut ReadContext,
) -> Option<Frame> {
    let entry = match common {
        None => fields.need("rounds", desk),
        Some(_) => fields.take("rounds"),
    };
    let rounds = match (entry, common) {
        (Some(entry), _) => desk.limited(entry, ROUNDS).and_then(|n| u32::try_from(n).ok()),
        (None, common) => common.map(|common| common.rounds),
    };
    let start = fields.take("start");
    let mut initial = common.map(|common| common.initial.clone()).unwrap_or_default();
    if let Some(table) = fields.take("initial").and_then(|e| desk.table(e)) {
        initial.extend(initial_values(model, table, desk));
    }
    let rounds = rounds?;
    let start = match start {
        Some(entry) => Some(calendar(entry, rounds, model, desk)?),
        None => common.and_then(|common| common.start),
    };
    Some(Frame { rounds, start, initial })
}

/// The dates of rounds from a start.
fn calendar(entry: &Entry, rounds: u32, model: &Model, desk: &mut ReadContext) -> Option<Calendar> {
    let source = desk.source(&entry.item, "start")?;
    let (text, round) = (source.text(), &model.about.round);
    let (said, help) = match Calendar::of(round, text, rounds) {
        Ok(Some(calendar)) => return Some(calendar),
        Err(reason) => (reason, format!("dates are written {FORMS}")),
        Ok(None) if Calendar::of("day", text, 1).is_ok_and(|c| c.is_some()) => {
            let help = "rounds have dates where the scenario's `round` is `day`, `week`, `month`, \
                        `quarter`, `half-year` or `year`";
            (format!("a round of the scenario is `{round}`, which has no date"), help.to_string())
        }
        Ok(None) => {
            (format!("`{}` is not a date", short(text)), format!("dates are written {FORMS}"))
        }
    };
    desk.report.push(Diagnostic::new(Code::Date, source.whole(), said).help(help));
    None
}

/// The scenario that it says it is of; that it is another one is a note.
fn scenario(entry: Option<&Entry>, model: &Model, desk: &mut ReadContext) -> String {
    let said = desk.text(entry);
    let stem = said.rsplit(['/', '\\']).next().unwrap_or_default();
    let stem = stem.strip_suffix(".toml").unwrap_or(stem);
    let name = &model.about.name;
    if let (Some(entry), false) = (entry, said.is_empty() || name.is_empty() || stem == name) {
        let text = format!("the history is of `{}`, and is read against `{name}`", short(stem));
        desk.report.push(Diagnostic::new(Code::OtherScenario, entry.item.span, text));
    }
    said
}

/// A chance below 1.
fn miscoding(entry: &Entry, desk: &mut ReadContext) -> Option<f64> {
    let found = desk.number(&entry.item, "miscoding")?;
    if (0.0..1.0).contains(&found) {
        return Some(found);
    }
    let text = format!("`miscoding` is at least 0 and below 1, found {found}");
    desk.error(Code::BadValue, entry.item.span, text);
    None
}

/// A list of texts.
fn texts(entry: &Entry, desk: &mut ReadContext) -> Vec<Source> {
    let list = desk.list(entry).unwrap_or_default();
    list.iter().filter_map(|item| desk.source(item, entry.name()).cloned()).collect()
}

impl Reader<'_> {
    /// The dates of the rounds of a history, if they have any.
    pub(super) fn calendar(&self, case: usize) -> Option<Calendar> {
        self.cases[case].frame.start.or(self.model.names.calendar)
    }
}
