//! Histories: what was done, read against a scenario.
//!
//! A history says of rounds what is known of them: which options of a seat may have been played,
//! which events happened or did not, what was measured. It is written in the names of the scenario
//! (`docs/history-format.md`), and everything that is wrong with it comes at once, each problem
//! with its place. Nothing here plays: who weighs runs by a history reads [`Seen`].

mod complete;
mod events;
mod heading;
mod map;
mod moves;
mod series;
mod sheet;
mod tracks;

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;

use crate::calendar::Calendar;
use crate::diagnostic::{
    Attached, Checked, Code, Diagnostic, Diagnostics, Report, Severity, Span, nearest, short,
};
use crate::expr::Expr;
use crate::model::{CellId, HazardId, IndexVec, Model, SeatId};
use crate::scenario::{Beside, ReadContext, Shelf};

use events::Events;
use heading::{Frame, Heading};
use moves::Moves;
use series::Series;
use tracks::{Pick, Tracks};

/// How much a history may hold: its rounds, each of them counted as the options of all seats, the
/// instances of all events, and [`ROUND`].
const MAX_SEEN: usize = 50_000_000;

/// As how much a round counts of which nothing is known.
const ROUND: usize = 100;

/// A record of what was done, resolved against a scenario: one history, or several of one kind.
#[derive(Debug, Clone)]
pub struct History {
    /// A line in plain words; may be empty.
    pub title: String,
    /// The scenario it says it is of; may be empty.
    pub scenario: String,
    /// The chance that a record of a seat is a uniform draw from its options, in \[0, 1).
    pub miscoding: f64,
    /// The histories, in the order of their first rows.
    pub cases: Vec<Case>,
    /// What was read and what was passed over.
    pub counts: Counts,
    /// What diagnostics call its text: a path, or `history`.
    pub label: String,
    /// Its text.
    pub text: String,
    /// The files that it names, in the order in which they are named.
    pub files: Vec<Attached>,
    /// What is odd about it, warnings and notes, in the order of its text and files.
    pub warnings: Vec<Diagnostic>,
}

/// One history.
#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    /// What the column `history` calls it; empty where there is one only.
    pub name: String,
    /// The dates of its rounds where it gives a start of its own, instead of the scenario's.
    pub start: Option<Calendar>,
    /// How many rounds it reaches, at least 1.
    pub rounds: u32,
    /// Values before round 1 that replace the scenario's, in the order of cells, each cell once;
    /// they may draw.
    pub initial: Vec<(CellId, Expr)>,
    /// What is known, by round from 1: `seen[t - 1]`; as many as `rounds`.
    pub seen: Vec<Seen>,
}

/// What is known of a round.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Seen {
    /// By seat, and then by its options in the order of `Seat::range`: whether it may have been
    /// played. `None`: every option may.
    pub seats: IndexVec<SeatId, Option<Vec<bool>>>,
    /// By hazard: known to have happened, or not to have; `None`: unknown.
    pub hazards: IndexVec<HazardId, Option<bool>>,
    /// Groups of hazards of which at least one is known to have happened, each ascending. No hazard
    /// is in two of them or is known by itself, and each has two hazards or more.
    pub any: Vec<Vec<HazardId>>,
    /// What was measured, in the order of rows.
    pub series: Vec<Measurement>,
    /// Where each of these stands.
    pub places: Places,
}

/// A variable that was measured with a normal error.
#[derive(Debug, Clone, PartialEq)]
pub struct Measurement {
    /// The variable, by number in `record::Layout`.
    pub variable: usize,
    /// What was measured, in the unit of the variable.
    pub value: f64,
    /// The standard deviation of the error, above 0, in the same unit.
    pub sd: f64,
    /// Where its row stands.
    pub place: Place,
}

/// Where the observations of a round stand, for messages.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Places {
    /// Seats, by their first row; none for a seat that is known by the absence of rows.
    pub seats: BTreeMap<SeatId, Place>,
    /// Hazards that are known, by their first row.
    pub hazards: BTreeMap<HazardId, Place>,
    /// By group of [`Seen::any`].
    pub any: Vec<Place>,
}

/// A row of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The name of the file.
    pub file: Arc<str>,
    /// The line, from 1.
    pub line: usize,
    /// The cells at issue, in bytes from the start of the history's text and on through its files.
    pub span: Span,
}

/// What was read and what was passed over.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Counts {
    /// Rows of `moves`.
    pub moves: usize,
    /// Rows of `events`.
    pub events: usize,
    /// Rows of `series`, without those that were passed over.
    pub series: usize,
    /// Seats and rounds of which several different rows tell.
    pub several: usize,
    /// Rows of `moves` whose code `[map]` passes over.
    pub unmapped: usize,
    /// The variables that `ignore` passes over, in the order of their first rows, and how many rows
    /// each has.
    pub ignored: Vec<(String, usize)>,
}

/// A history as it was read.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// The history, absent if there was an error, and all diagnostics in the order of the text and
    /// its files, their spans in bytes from the start of the text.
    pub checked: Checked<History>,
    /// The files that it names, in the order in which they are named.
    pub files: Vec<Attached>,
}

impl History {
    /// Diagnostics that point into its text or its files.
    pub fn diagnostics(&self, list: Vec<Diagnostic>) -> Diagnostics {
        Diagnostics::of_file(&self.label, &self.text, &self.files, list)
    }
}

impl Seen {
    /// Nothing, of a round of a scenario.
    fn nothing(model: &Model) -> Seen {
        Seen {
            seats: IndexVec::filled(None, model.seats.len()),
            hazards: IndexVec::filled(None, model.hazards.len()),
            ..Seen::default()
        }
    }

    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        self.seats.iter().all(Option::is_none)
            && self.hazards.iter().all(Option::is_none)
            && self.any.is_empty()
            && self.series.is_empty()
    }
}

/// Reads a history of a scenario and the files that it names. What diagnostics call it is `history`
/// until somebody says better.
pub fn load(model: &Model, bytes: &[u8], beside: Rc<dyn Beside>) -> Loaded {
    let shelf = Shelf::history(beside, bytes.len());
    let mut desk = ReadContext { shelf, ..ReadContext::default() };
    let value = read(model, bytes, &mut desk);
    let diagnostics = desk.report.finish();
    let files = desk.shelf.files;
    let wrong = diagnostics.iter().any(|d| d.severity() == Severity::Error);
    let value = value.filter(|_| !wrong).map(|history| History {
        files: files.clone(),
        warnings: diagnostics.clone(),
        ..history
    });
    Loaded { checked: Checked { value, diagnostics }, files }
}

fn read(model: &Model, bytes: &[u8], desk: &mut ReadContext) -> Option<History> {
    let text = crate::scenario::text_of(bytes, desk)?;
    let root = crate::scenario::root_of(text, desk)?;
    let heading = heading::read(&root, model, desk)?;
    let mut reader = Reader::new(model, heading, desk);
    reader.read_moves();
    reader.read_events();
    reader.read_series();
    reader.finish(text)
}

/// A history while its tables are read.
struct Reader<'r> {
    model: &'r Model,
    heading: Heading,
    desk: &'r mut ReadContext,
    /// Whether files name several histories; not known before the first is read.
    named: Option<bool>,
    /// In the order of their first rows.
    cases: Vec<Draft>,
    by_name: BTreeMap<String, usize>,
    /// What options are known to exist: track and what a row may name.
    known: BTreeSet<(usize, Pick)>,
    said: Moves,
    happened: Events,
    measured: Series,
    /// Words that mean nothing, each with what it should have been: they are reported once.
    strange: BTreeSet<(&'static str, String)>,
    counts: Counts,
}

/// A history of which rows were read.
struct Draft {
    name: String,
    frame: Frame,
}

impl<'r> Reader<'r> {
    fn new(model: &'r Model, heading: Heading, desk: &'r mut ReadContext) -> Reader<'r> {
        Reader {
            model,
            heading,
            desk,
            named: None,
            cases: Vec::new(),
            by_name: BTreeMap::new(),
            known: BTreeSet::new(),
            said: Moves::new(),
            happened: Events::new(),
            measured: Series::new(),
            strange: BTreeSet::new(),
            counts: Counts::default(),
        }
    }

    /// Whether it is the first time that a word is not what it should be; a table repeats itself.
    fn first_time(&mut self, what: &'static str, word: &str) -> bool {
        self.strange.insert((what, word.to_string()))
    }

    /// Whether so much is wrong that further rows need not be read.
    fn is_lost(&self) -> bool {
        self.desk.report.len() >= Report::LIMIT
    }

    /// Where actors move.
    fn tracks(&self) -> &Tracks {
        &self.heading.tracks
    }

    /// Puts the rows together; `None` after a report.
    fn finish(mut self, text: &str) -> Option<History> {
        self.without_rows();
        if self.cases.is_empty() {
            self.case("");
        }
        self.report_never_held();
        if !self.has_room() || self.desk.report.has_errors() {
            return None;
        }
        let mut by_seat: IndexVec<SeatId, Vec<usize>> =
            IndexVec::filled(Vec::new(), self.model.seats.len());
        for (number, track) in self.tracks().list.iter().enumerate() {
            by_seat[track.seat].push(number);
        }
        let drafts = std::mem::take(&mut self.cases);
        let mut cases = Vec::with_capacity(drafts.len());
        for (number, Draft { name, frame }) in drafts.into_iter().enumerate() {
            let rounds = 1..=frame.rounds;
            let seen = rounds.map(|round| self.seen((number, round), &by_seat)).collect();
            let initial = frame.initial.into_iter().collect();
            cases.push(Case { name, start: frame.start, rounds: frame.rounds, initial, seen });
        }
        let Heading { title, scenario, miscoding, .. } = self.heading;
        Some(History {
            title,
            scenario,
            miscoding,
            cases,
            counts: self.counts,
            label: "history".to_string(),
            text: text.to_string(),
            files: Vec::new(),
            warnings: Vec::new(),
        })
    }

    /// Histories that have a table of their own and no row: odd where others have rows.
    fn without_rows(&mut self) {
        let own = self.heading.cases.iter().map(|(name, _, span)| (name.clone(), *span));
        let own: Vec<(String, Span)> = own.collect();
        let read: Vec<String> = self.cases.iter().map(|case| case.name.clone()).collect();
        for (name, span) in own.into_iter().filter(|(name, _)| !read.contains(name)) {
            if !read.is_empty() {
                let text = format!("no row is of the history `{}`", short(&name));
                let help = nearest(&name, read.iter().map(String::as_str));
                self.desk.report.push(Diagnostic::new(Code::Unread, span, text).help_if(help));
            }
            self.case(&name);
        }
    }

    /// What is known of a round of a history.
    fn seen(&mut self, at: (usize, u32), by_seat: &IndexVec<SeatId, Vec<usize>>) -> Seen {
        let mut seen = Seen::nothing(self.model);
        for (seat, tracks) in by_seat.enumerate() {
            let (set, place) = self.set(at, seat, tracks);
            seen.seats[seat] = set;
            seen.places.seats.extend(place.map(|place| (seat, place)));
        }
        self.settle(at, &mut seen);
        seen.series = self.measured.remove(&at).unwrap_or_default();
        seen
    }

    /// Whether what is known can be held in memory; else it is reported.
    fn has_room(&mut self) -> bool {
        let rounds: usize = self.cases.iter().map(|case| case.frame.rounds as usize).sum();
        let width = self.model.options.len() + self.model.hazards.len() + ROUND;
        let most = MAX_SEEN / width;
        if rounds <= most {
            return true;
        }
        let text = format!("histories of this scenario may have {most} rounds, found {rounds}");
        let limit = Diagnostic::new(Code::Limit, Span::new(0, 0), text);
        self.desk.report.push(limit.help("split the history"));
        false
    }
}
