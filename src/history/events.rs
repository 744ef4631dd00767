//! `events.csv`: what is known to have happened, and not to have.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::sheet::Sheet;
use super::{Place, Reader, Seen};
use crate::diagnostic::{Code, Diagnostic, Span, short};
use crate::expr::{Axis, MAX_AXES, Shape, Word};
use crate::model::{ElementId, EventId, HazardId};
use crate::scenario::Row;

/// The columns of indices.
const INDICES: [&str; MAX_AXES] = ["i", "j", "k", "l"];

/// An event at indices, as far as a row gives them.
type At = (EventId, Vec<Option<ElementId>>);

/// What rows say of the events of a round.
#[derive(Default)]
pub(super) struct Known {
    single: BTreeMap<HazardId, (bool, Place)>,
    any: Vec<(Rc<[HazardId]>, Place)>,
    /// Rows that were read, so that one that is there twice is read once.
    seen: BTreeSet<(At, bool)>,
}

/// Hazards of which at least one happened, ascending.
type Group = (Vec<HazardId>, Place);

/// What rows say of events, by history and round.
pub(super) type Events = BTreeMap<(usize, u32), Known>;

impl Reader<'_> {
    /// Reads the table of events.
    pub(super) fn read_events(&mut self) {
        let Some(name) = self.heading.events.take() else { return };
        let Some(sheet) = self.sheet(&name, &["event", "happened"], &INDICES) else { return };
        let column = |name| sheet.csv.column(&[name]);
        let (Some(event), Some(happened)) = (column("event"), column("happened")) else { return };
        let indices = INDICES.map(column);
        let mut met = BTreeMap::new();
        for row in &sheet.csv.rows {
            if self.is_lost() {
                break;
            }
            self.event_row(&sheet, row, (event, indices, happened), &mut met);
        }
        self.counts.events = sheet.csv.rows.len();
    }

    fn event_row(
        &mut self,
        sheet: &Sheet,
        row: &Row,
        (event, indices, happened): (usize, [Option<usize>; MAX_AXES], usize),
        met: &mut BTreeMap<At, Rc<[HazardId]>>,
    ) {
        let at = self.at(sheet, row);
        let word = sheet.csv.word(row, event);
        let found = self.model.names.events.find_id(|known| known.name == word.text);
        if found.is_none() && self.first_time("event", &word.text) {
            let known = self.model.names.events.iter().map(|known| known.name.as_str());
            self.desk.unknown("event", &short(&word.text), word.span, known);
        }
        let said = match sheet.csv.text(row, happened) {
            "1" => Some(true),
            "0" => Some(false),
            other => {
                let text = format!("`happened` is 1 or 0, found `{}`", short(other));
                let help = "of what is not known nothing is said: leave the row away";
                let wrong = Diagnostic::new(Code::BadValue, sheet.csv.span(row, happened), text);
                self.desk.report.push(wrong.help(help));
                None
            }
        };
        let (Some((case, round)), Some(event), Some(said)) = (at, found, said) else { return };
        let words = indices.map(|column| sheet.cell(row, column));
        let Some(at) = self.indices(event, &words) else { return };
        let span = words.iter().flatten().fold(word.span, |span, word| span.to(word.span));
        let key = (event, at);
        let fresh =
            self.happened.entry((case, round)).or_default().seen.insert((key.clone(), said));
        if !fresh {
            return;
        }
        let hazards = match met.get(&key) {
            Some(hazards) => Rc::clone(hazards),
            None => {
                let Some(found) = self.matching(&key, span) else { return };
                met.insert(key, Rc::clone(&found));
                found
            }
        };
        let place = sheet.place(span);
        if said && self.model.events[event].ends && round < self.cases[case].frame.rounds {
            let text = format!("`{}` ends a run, and the history goes on", word.text);
            let help = format!("a history in which it happened has `rounds = {round}`");
            self.desk.report.push(Diagnostic::new(Code::Record, span, text).help(help));
            return;
        }
        self.know((case, round), (hazards, said), place);
    }

    /// What the cells of indices of a row stand for.
    fn indices(
        &mut self,
        event: EventId,
        words: &[Option<Word>; MAX_AXES],
    ) -> Option<Vec<Option<ElementId>>> {
        let names = &self.model.names;
        let axes = names.events[event].each.axes();
        let mut all = Vec::with_capacity(axes.len());
        for (position, word) in words.iter().enumerate() {
            match (axes.get(position), word) {
                (None, None) => {}
                (Some(_), None) => all.push(None),
                (Some(axis), Some(word)) => {
                    let found = names.find(axis.set(), &word.text);
                    let known = || axis.elements(names).into_iter().map(|e| names.element(e));
                    let Some(found) = found.filter(|e| axis.place(names, *e).is_some()) else {
                        let what = match axis.set() {
                            Some(_) => format!("element of `{}`", axis.word(names)),
                            None if axis == &Axis::Actors => "actor".to_string(),
                            None => format!("member of `{}`", axis.word(names)),
                        };
                        self.desk.unknown(&what, &short(&word.text), word.span, known());
                        return None;
                    };
                    all.push(Some(found));
                }
                (None, Some(word)) => {
                    let name = &names.events[event].name;
                    let text = match axes.len() {
                        0 => format!("`{name}` has no index"),
                        1 => format!("`{name}` has one index"),
                        n => format!("`{name}` has {n} indices"),
                    };
                    let wrong = Diagnostic::new(Code::WrongIndices, word.span, text);
                    self.desk.report.push(wrong.help("leave the cell empty"));
                    return None;
                }
            }
        }
        Some(all)
    }

    /// The hazards that a row is about, ascending; `None` after a report where there is none.
    fn matching(&mut self, (event, at): &At, span: Span) -> Option<Rc<[HazardId]>> {
        let names = &self.model.names;
        let (each, first) = (names.events[*event].each, names.events[*event].first);
        let fits = |cell: &[ElementId]| {
            let all = |cell: &mut dyn Iterator<Item = &ElementId>| {
                cell.zip(at).all(|(own, said)| said.is_none_or(|said| said == *own))
            };
            all(&mut cell.iter()) || (each == Shape::Dyad && all(&mut cell.iter().rev()))
        };
        let cells = each.indices(names);
        let hazards = cells.iter().enumerate().filter(|(_, cell)| fits(cell));
        let hazards = hazards.map(|(number, _)| HazardId::new(first.index() + number));
        let exists = |hazard: &HazardId| self.model.hazards[*hazard].probability.is_some();
        let found: Rc<[HazardId]> = hazards.filter(exists).collect();
        if !found.is_empty() {
            return Some(found);
        }
        let name = &names.events[*event].name;
        let (text, help) = match at.as_slice() {
            [Some(a), Some(b)] if a == b && each.is_pair() => {
                ("this pair has the same actor twice".to_string(), "a pair has two actors")
            }
            _ => (format!("`{name}` cannot happen here"), "leave the row away"),
        };
        self.desk.report.push(Diagnostic::new(Code::Record, span, text).help(help));
        None
    }

    /// Notes what a row says of hazards.
    fn know(&mut self, at: (usize, u32), (hazards, said): (Rc<[HazardId]>, bool), place: Place) {
        let known = self.happened.entry(at).or_default();
        if said && hazards.len() > 1 {
            known.any.push((hazards, place));
            return;
        }
        for hazard in hazards.iter() {
            let (first, other) =
                known.single.entry(*hazard).or_insert_with(|| (said, place.clone()));
            if *first != said {
                let label = &self.model.hazards[*hazard].label;
                let text = format!("`{label}` happened and did not happen in round {}", at.1);
                let wrong = Diagnostic::new(Code::Contradiction, place.span, text);
                let (there, help) = (other.span, "one of the two rows is wrong");
                self.desk.report.push(wrong.label(there, "the other row").help(help));
            }
        }
    }

    /// Puts what is known of the events of a round where it belongs.
    pub(super) fn settle(&mut self, at: (usize, u32), seen: &mut Seen) {
        let Some(Known { mut single, any, .. }) = self.happened.remove(&at) else { return };
        let mut open: Vec<Group> = Vec::with_capacity(any.len());
        for (hazards, place) in any {
            open.push((hazards.to_vec(), place));
        }
        // what one row settles, another may follow from
        loop {
            let before = (single.len(), open.len());
            let mut left = Vec::with_capacity(open.len());
            for (mut hazards, place) in open {
                let is = |hazard: &HazardId, wanted| {
                    single.get(hazard).is_some_and(|(said, _)| *said == wanted)
                };
                if hazards.iter().any(|hazard| is(hazard, true)) {
                    continue;
                }
                hazards.retain(|hazard| !is(hazard, false));
                match hazards.as_slice() {
                    [] => {
                        let text = "none of these events happened, say other rows".to_string();
                        let wrong = Diagnostic::new(Code::Contradiction, place.span, text);
                        self.desk.report.push(wrong.help("one of the rows is wrong"));
                    }
                    [only] => {
                        single.insert(*only, (true, place));
                    }
                    _ => left.push((hazards, place)),
                }
            }
            open = left;
            if before == (single.len(), open.len()) {
                break;
            }
        }
        for (hazard, (said, place)) in single {
            seen.hazards[hazard] = Some(said);
            seen.places.hazards.insert(hazard, place);
        }
        let mut groups = self.apart(open);
        groups.sort_by(|(a, _), (b, _)| a.cmp(b));
        (seen.any, seen.places.any) = groups.into_iter().unzip();
    }

    /// Groups without those that others imply; such as overlap are reported.
    fn apart(&mut self, mut open: Vec<Group>) -> Vec<Group> {
        open.sort_by_key(|(hazards, place)| (hazards.len(), place.span));
        let mut owner: BTreeMap<HazardId, usize> = BTreeMap::new();
        let mut kept: Vec<Group> = Vec::new();
        for (hazards, place) in open {
            let mut shared: BTreeMap<usize, usize> = BTreeMap::new();
            for group in hazards.iter().filter_map(|hazard| owner.get(hazard)) {
                *shared.entry(*group).or_default() += 1;
            }
            if shared.iter().any(|(group, count)| kept[*group].0.len() == *count) {
                continue;
            }
            if let Some((group, _)) = shared.first_key_value() {
                let text = "this row and another each say that one of several events happened, and \
                            share some of them";
                let wrong = Diagnostic::new(Code::Record, place.span, text);
                let help = "name the events that happened, or leave one of the rows away";
                let other = kept[*group].1.span;
                self.desk.report.push(wrong.label(other, "the other row").help(help));
                continue;
            }
            hazards.iter().for_each(|hazard| {
                owner.insert(*hazard, kept.len());
            });
            kept.push((hazards, place));
        }
        kept
    }
}
