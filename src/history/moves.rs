//! `moves.csv`: what actors did, as sets of options.

use std::collections::{BTreeMap, BTreeSet};

use super::complete::Complete;
use super::map::{Meaning, Stands};
use super::sheet::Sheet;
use super::tracks::{Pick, Track, action, actor};
use super::{Place, Reader};
use crate::diagnostic::{Code, Diagnostic, Span, short};
use crate::expr::Word;
use crate::model::{ActorId, ElementId, SeatId};
use crate::scenario::Row;

/// What a row says of a track in a round: one of these was played.
pub(super) struct Said {
    picks: Vec<Pick>,
    place: Place,
}

/// What rows say, by history, round and track.
pub(super) type Moves = BTreeMap<(usize, u32, usize), Vec<Said>>;

/// The columns of a table of moves.
struct Columns {
    actor: usize,
    action: usize,
    targets: [Option<usize>; 2],
    track: Option<usize>,
}

/// A row that is read: who did it, and where its words stand.
struct Told<'s> {
    sheet: &'s Sheet,
    row: &'s Row,
    actor: (ActorId, Word),
    targets: [Option<Word>; 2],
    track: Option<Word>,
    /// The move as it is written.
    word: Word,
}

impl Reader<'_> {
    /// Reads the table of moves.
    pub(super) fn read_moves(&mut self) {
        let Some(name) = self.heading.moves.take() else { return };
        let sheet = self.sheet(&name, &["actor", "move"], &["target", "target2", "track"]);
        let Some(sheet) = sheet else { return };
        let column = |name| sheet.csv.column(&[name]);
        let (Some(actor), Some(action)) = (column("actor"), column("move")) else { return };
        let targets = [column("target"), column("target2")];
        let columns = Columns { actor, action, targets, track: column("track") };
        for row in &sheet.csv.rows {
            if self.is_lost() {
                break;
            }
            self.move_row(&sheet, row, &columns);
        }
        self.counts.moves = sheet.csv.rows.len();
        self.report_several();
    }

    fn move_row(&mut self, sheet: &Sheet, row: &Row, columns: &Columns) {
        let word = sheet.csv.word(row, columns.action);
        let meaning = match self.heading.map.find(&word.text) {
            Some(Stands::Ignore) => {
                self.counts.unmapped += 1;
                return;
            }
            Some(Stands::Moves(meaning)) => Some(meaning.clone()),
            None => self.plain(&word),
        };
        let at = self.at(sheet, row);
        let name = sheet.csv.word(row, columns.actor);
        let known = self.model.names.actor(&name.text);
        if known.is_none() && self.first_time("actor", &name.text) {
            actor(&name, self.model, self.desk);
        }
        let (Some(meaning), Some((case, round)), Some(actor)) = (meaning, at, known) else {
            return;
        };
        let [first, second] = columns.targets.map(|column| sheet.cell(row, column));
        let first = match meaning.target {
            Some(target) => Some(target).filter(|target| !target.text.is_empty()),
            None => first,
        };
        let track = meaning.track.or_else(|| sheet.cell(row, columns.track));
        let actor = (actor, name);
        let told = Told { sheet, row, actor, targets: [first, second], track, word };
        let mut by_track: BTreeMap<usize, Vec<Pick>> = BTreeMap::new();
        for wanted in &meaning.moves {
            let Some((track, pick)) = self.pick(*wanted, &told) else { return };
            by_track.entry(track).or_default().push(pick);
        }
        if by_track.len() > 1 {
            let text = format!("`{}` stands for moves on several tracks", short(&told.word.text));
            let wrong = Diagnostic::new(Code::Record, told.word.span, text);
            let help = "a row is about one track: give the code moves of one";
            self.desk.report.push(wrong.help(help));
            return;
        }
        let place = sheet.place(told.actor.1.span.to(told.word.span));
        for (track, picks) in by_track {
            let said = Said { picks, place: place.clone() };
            self.said.entry((case, round, track)).or_default().push(said);
        }
    }

    /// What a word that is no code stands for: the move of that name.
    fn plain(&mut self, word: &Word) -> Option<Meaning> {
        let known =
            word.text == "hold" || self.model.names.moves.iter().any(|m| m.name == word.text);
        if !known && !self.first_time("move", &word.text) {
            return None;
        }
        let found = action(word, self.model, &self.heading.map.known(), self.desk)?;
        Some(Meaning { moves: vec![found], ..Meaning::default() })
    }

    /// The track of a move and what it names there; `None` after a report.
    fn pick(&mut self, wanted: Option<usize>, told: &Told<'_>) -> Option<(usize, Pick)> {
        let track = match wanted {
            None => self.held(told)?,
            Some(action) => self.played(action, told)?,
        };
        let pick = Pick { action: wanted, targets: self.targets(wanted, track, told)? };
        if !self.known.contains(&(track, pick.clone())) {
            let own = self.tracks().list[track];
            let options = own.options(self.model);
            if !options.iter().any(|option| own.fits(self.model, option, &pick)) {
                self.no_such_option(wanted, own, told);
                return None;
            }
            self.known.insert((track, pick.clone()));
        }
        Some((track, pick))
    }

    /// The track on which an actor held.
    fn held(&mut self, told: &Told<'_>) -> Option<usize> {
        let (actor, name) = &told.actor;
        if let Some(track) = &told.track {
            return self.heading.tracks.find((*actor, track), self.model, self.desk);
        }
        let own = self.tracks().of_actor(*actor);
        let (text, help) = match own.as_slice() {
            [(only, _)] => return Some(*only),
            [] => (format!("{} has no moves, so it always holds", name.text), None),
            several => {
                let words: Vec<String> = several
                    .iter()
                    .map(|(_, track)| format!("`{}`", self.model.tracks[track.number]))
                    .collect();
                let text =
                    format!("{} moves on {} tracks: on which did it hold?", name.text, words.len());
                (text, Some(format!("a column `track` says so: {}", words.join(" or "))))
            }
        };
        self.desk.report.push(Diagnostic::new(Code::Record, told.word.span, text).help_if(help));
        None
    }

    /// The track on which an actor played a move.
    fn played(&mut self, action: usize, told: &Told<'_>) -> Option<usize> {
        let (actor, name) = &told.actor;
        let model = self.model;
        let number = model.moves[action].track;
        let shown = &model.names.moves[action].name;
        let Some(found) = self.tracks().by_move.get(&(*actor, action)).copied() else {
            let text = format!("{} never plays `{shown}`", name.text);
            let own = self.tracks().by_move.keys().filter(|(who, _)| who == actor);
            let names: Vec<String> =
                own.map(|(_, m)| format!("`{}`", model.names.moves[*m].name)).collect();
            let help = match names.is_empty() {
                true => "it has no moves".to_string(),
                false => format!("its moves are {}", short_list(&names)),
            };
            let wrong = Diagnostic::new(Code::Record, told.word.span, text);
            self.desk.report.push(wrong.label(name.span, "who").help(help));
            return None;
        };
        if let Some(track) = &told.track
            && track.text != model.tracks[number]
        {
            self.heading.tracks.find((*actor, track), model, self.desk)?;
            let text = format!("`{shown}` is not on the track `{}`", short(&track.text));
            let help = format!("it is on `{}`", model.tracks[number]);
            self.desk.report.push(Diagnostic::new(Code::Record, track.span, text).help(help));
            return None;
        }
        Some(found)
    }

    /// The targets that a row names.
    fn targets(
        &mut self,
        wanted: Option<usize>,
        track: usize,
        told: &Told<'_>,
    ) -> Option<Vec<Option<ElementId>>> {
        let names = &self.model.names;
        let (name, sets) = match wanted {
            None => ("hold", &[][..]),
            Some(action) => {
                let found = &names.moves[action];
                (found.name.as_str(), found.targets.as_slice())
            }
        };
        let mut all = Vec::with_capacity(sets.len());
        for (position, word) in told.targets.iter().enumerate() {
            match (sets.get(position), word) {
                (Some(_), None) => all.push(None),
                (Some(set), Some(word)) => match names.find(*set, &word.text) {
                    Some(found) => all.push(Some(found)),
                    None => {
                        let known = self.possible(wanted, track, position);
                        let known = known.iter().map(|e| names.element(*e));
                        self.desk.unknown("target", &short(&word.text), word.span, known);
                        return None;
                    }
                },
                (None, None) => {}
                (None, Some(word)) => {
                    let text = match sets.len() {
                        0 => format!("`{name}` has no target"),
                        _ => format!("`{name}` has one target"),
                    };
                    let wrong = Diagnostic::new(Code::Record, word.span, text);
                    self.desk.report.push(wrong.help("leave the cell empty"));
                    return None;
                }
            }
        }
        Some(all)
    }

    /// What a move can be played toward.
    fn possible(&self, wanted: Option<usize>, track: usize, position: usize) -> Vec<ElementId> {
        let own = self.tracks().list[track];
        let options = own.options(self.model);
        let acts = options.iter().filter_map(|option| own.act(self.model, option));
        let all = acts.filter(|act| Some(act.action) == wanted);
        let all: BTreeSet<ElementId> =
            all.filter_map(|act| act.targets.get(position).copied()).collect();
        all.into_iter().collect()
    }

    fn no_such_option(&mut self, wanted: Option<usize>, own: Track, told: &Told<'_>) {
        let names = &self.model.names;
        let actor = &names.actors[own.actor];
        let action = wanted.map_or("hold", |action| names.moves[action].name.as_str());
        let words: Vec<&Word> = told.targets.iter().flatten().collect();
        let toward: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
        let text = format!("{actor} never plays `{action}` toward {}", short(&toward.join(", ")));
        let span = words.iter().map(|w| w.span).reduce(Span::to).unwrap_or(told.word.span);
        let options = own.options(self.model);
        let acts = options.iter().filter_map(|option| own.act(self.model, option));
        let all: BTreeSet<Vec<&str>> = acts
            .filter(|act| Some(act.action) == wanted)
            .map(|act| act.targets.iter().map(|t| names.element(*t)).collect())
            .collect();
        let all: Vec<String> = all.iter().map(|t| format!("`{}`", t.join(", "))).collect();
        let help = format!("it plays it toward {}", short_list(&all));
        let row = told.sheet.csv.whole(told.row, &[]);
        let wrong = Diagnostic::new(Code::Record, if words.is_empty() { row } else { span }, text);
        self.desk.report.push(wrong.help(help));
    }

    /// Says of how many seats and rounds several rows tell, where the first are.
    fn report_several(&mut self) {
        let differ = |said: &&Vec<Said>| said.iter().any(|s| s.picks != said[0].picks);
        let several: Vec<&Vec<Said>> = self.said.values().filter(differ).collect();
        self.counts.several = several.len();
        let Some(first) = several.iter().min_by_key(|said| said[0].place.span) else { return };
        let text = match several.len() {
            1 => "one seat has several records of one round".to_string(),
            n => format!("{n} seats and rounds have several records each, the first of them here"),
        };
        let help = match self.heading.map.most {
            Some(_) => "the move that most of them name counts, and ties go by `most`",
            None => "one of the options that they name was played",
        };
        let other = first.iter().find(|said| said.picks != first[0].picks);
        let mut note = Diagnostic::new(Code::Several, first[0].place.span, text).help(help);
        if let Some(other) = other {
            note = note.label(other.place.span, "another one");
        }
        self.desk.report.push(note);
    }

    /// Warns of tracks with rows of which none says `hold`, and with rounds without a row that are
    /// not said to tell anything.
    pub(super) fn report_never_held(&mut self) {
        let rounds: usize = self.cases.iter().map(|case| case.frame.rounds as usize).sum();
        let mut first: BTreeMap<usize, &Place> = BTreeMap::new();
        let mut told: BTreeMap<usize, usize> = BTreeMap::new();
        let mut held = BTreeSet::new();
        for ((_, _, track), said) in &self.said {
            *told.entry(*track).or_default() += 1;
            for said in said {
                let place = first.entry(*track).or_insert(&said.place);
                if said.place.span < place.span {
                    *place = &said.place;
                }
                if said.picks.iter().any(|pick| pick.action.is_none()) {
                    held.insert(*track);
                }
            }
        }
        for (track, place) in first {
            let whole = told.get(&track) == Some(&rounds);
            if whole || held.contains(&track) || self.heading.complete[track].is_some() {
                continue;
            }
            let label = self.heading.tracks.list[track].label(self.model);
            let text = format!("{} is seen to move and never to hold", label.replace(',', " on "));
            let help = format!(
                "if it held where nothing is listed: `\"{label}\" = \"all\"` under [complete]"
            );
            self.desk.report.push(Diagnostic::new(Code::NeverHeld, place.span, text).help(help));
        }
    }

    /// Of a history and a round, what is known of a seat, by its options, and the first row that
    /// tells of it. `None` where every option may have been played.
    pub(super) fn set(
        &mut self,
        (case, round): (usize, u32),
        seat: SeatId,
        tracks: &[usize],
    ) -> (Option<Vec<bool>>, Option<Place>) {
        let (model, mut place) = (self.model, None);
        let own = &model.seats[seat];
        let options = model.options.slice(own.range());
        let mut set = vec![true; options.len()];
        let mut keep = |fits: &dyn Fn(usize) -> bool| {
            set.iter_mut().enumerate().for_each(|(at, may)| *may &= fits(at));
        };
        for number in tracks {
            let track = self.heading.tracks.list[*number];
            match (self.said.get(&(case, round, *number)), &self.heading.complete[*number]) {
                (Some(said), _) => {
                    let first = said.iter().map(|s| &s.place).min_by_key(|place| place.span);
                    place = place.or(first.cloned());
                    let picks = winners(said, self.heading.map.most.as_deref());
                    keep(&|at| picks.iter().any(|pick| track.fits(model, &options[at], pick)));
                }
                (None, Some(Complete::All)) => {
                    keep(&|at| track.act(model, &options[at]).is_none());
                }
                (None, Some(Complete::Moves(list))) => {
                    let listed = |action: usize| list.contains(&action);
                    keep(&|at| !track.act(model, &options[at]).is_some_and(|a| listed(a.action)));
                }
                (None, None) => {}
            }
        }
        let all = set.iter().all(|may| *may);
        ((!all).then_some(set), place.filter(|_| !all))
    }
}

/// What rows of one track and round name, each once: all of it, or with `most` the move that most
/// rows name.
fn winners<'s>(said: &'s [Said], most: Option<&[Option<usize>]>) -> BTreeSet<&'s Pick> {
    let all = || said.iter().flat_map(|said| &said.picks);
    let Some(order) = most else { return all().collect() };
    let mut rows: BTreeMap<Option<usize>, usize> = BTreeMap::new();
    for said in said {
        let moves: BTreeSet<Option<usize>> = said.picks.iter().map(|pick| pick.action).collect();
        moves.into_iter().for_each(|action| *rows.entry(action).or_default() += 1);
    }
    // of equally many the first of the list; what is not in it comes after, in the order of the
    // file, and `hold` last
    let rank = |action: &Option<usize>| {
        let listed = order.iter().position(|known| known == action).unwrap_or(order.len());
        (listed, action.unwrap_or(usize::MAX))
    };
    let best = rows.iter().min_by_key(|(action, count)| (usize::MAX - **count, rank(action)));
    let best = best.map(|(action, _)| *action);
    all().filter(|pick| Some(pick.action) == best).collect()
}

/// The first of a list, and how many more there are.
fn short_list(list: &[String]) -> String {
    const FEW: usize = 12;
    let shown = list[..list.len().min(FEW)].join(", ");
    match list.len().saturating_sub(FEW) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}
