//! The parts of a scenario that a claim names: what stands for it, what it rests on, with what a
//! statistic is said to move.

use crate::diagnostic::{Code, Diagnostic, nearest};
use crate::expr::{Axis, Names, Source, Symbol, Word};
use crate::model::Uncertainty;
use crate::scenario::build::Build;
use crate::scenario::draft::Draft;
use crate::scenario::keys::{Part, split};
use crate::scenario::override_keys::Wide;
use crate::scenario::read_context::short;
use crate::scenario::tree::Entry;
use crate::scenario::vary::trimmed;

/// The sections whose names are written with the section in front.
const SECTIONS: &[&str] = &[
    "actors",
    "groups",
    "parameters",
    "series",
    "state",
    "derived",
    "payoffs",
    "weights",
    "moves",
    "dynamics",
    "events",
    "types",
    "policies",
    "outcomes",
    "variants",
];

/// The least and the greatest value of a parameter.
type Range = (f64, f64);

impl Build<'_, '_> {
    /// The elements of `represented_by`, as they are written; unknown names are reported.
    pub(super) fn represented(&mut self, entry: Option<&Entry>, draft: &Draft) -> Vec<String> {
        let mut all = Vec::new();
        for item in entry.and_then(|e| self.desk.list(e)).unwrap_or_default() {
            let Some(source) = self.desk.source(item, "an element of the list") else { continue };
            self.part(source, draft);
            all.push(source.text().to_string());
        }
        all
    }

    /// One part: `tie[A, B]`, `moves.court`, `types.A.kind`, ...
    fn part(&mut self, source: &Source, draft: &Draft) {
        let text = source.text();
        let open = text.find('[').unwrap_or(text.len());
        let name = trimmed(source, 0, open);
        let mut indices = Vec::new();
        if open < text.len() {
            if !text.trim_end().ends_with(']') {
                let message = format!("`{}` has a bracket that is not closed", short(text));
                self.desk.error(Code::Claim, source.whole(), message);
                return;
            }
            let close = text.rfind(']').unwrap_or(text.len());
            indices = split(&source.slice(open + 1, close.max(open + 1)));
        }
        let words = dotted(&name);
        let [first, rest @ ..] = words.as_slice() else { return };
        if rest.is_empty() {
            self.bare(first, &indices);
            return;
        }
        if !SECTIONS.contains(&first.text.as_str()) {
            let message = format!("there is no section `{}`", short(&first.text));
            let help = nearest(&first.text, SECTIONS.iter().copied())
                .unwrap_or_else(|| format!("the sections are {}", SECTIONS.join(", ")));
            let wrong = Diagnostic::new(Code::UnknownName, first.span, message).help(help);
            self.desk.report.push(wrong);
            return;
        }
        let longest = if matches!(first.text.as_str(), "types" | "payoffs") { 2 } else { 1 };
        if let Some(extra) = rest.get(longest) {
            let message = format!("`{}` leads nowhere", short(&extra.text));
            self.desk.error(Code::UnknownName, extra.span, message);
            return;
        }
        self.prefixed(&first.text, rest, draft);
        self.indices(&indices, &[]);
    }

    /// An actor, group, parameter, state or derived quantity.
    fn bare(&mut self, word: &Word, indices: &[Word]) {
        let names = self.names;
        let axes = match names.symbols.get(&word.text) {
            Some(Symbol::Parameter(k)) => names.parameters[*k].shape.axes(),
            Some(Symbol::State(k)) => names.states[*k].shape.axes(),
            Some(Symbol::Series(k)) => names.series[*k].shape.axes(),
            Some(Symbol::Derived(k)) => names.derived[*k].indices.iter().map(|(_, a)| *a).collect(),
            Some(Symbol::Actor(_) | Symbol::Group(_) | Symbol::Set(_)) => Vec::new(),
            None => {
                let message = format!("there is nothing called `{}`", short(&word.text));
                let help = nearest(&word.text, names.known()).unwrap_or_else(|| {
                    "write the section in front of moves, events, payoffs, types, policies, \
                     outcomes and variants: `moves.court`"
                        .to_string()
                });
                let wrong = Diagnostic::new(Code::UnknownName, word.span, message).help(help);
                self.desk.report.push(wrong);
                return;
            }
        };
        let arity = axes.len();
        if !indices.is_empty() && indices.len() != arity {
            let message = format!("`{}` has {arity} indices, found {}", word.text, indices.len());
            self.desk.report.push(
                Diagnostic::new(Code::WrongIndices, word.span, message)
                    .help("or leave the brackets out"),
            );
        }
        self.indices(indices, &axes);
    }

    /// Actors, groups and elements of what the axes run over; where they are not known, of any set.
    fn indices(&mut self, indices: &[Word], axes: &[Axis]) {
        for (at, word) in indices.iter().enumerate() {
            let sets = 0..self.names.sets.len();
            let fits = |set: &usize| Part::of(&word.text, Some(*set), self.names).is_some();
            let set = match axes.get(at) {
                Some(axis) => axis.set(),
                None if Part::of(&word.text, None, self.names).is_some() => None,
                None => sets.into_iter().find(fits),
            };
            Part::find(word, set, self.names, self.desk);
        }
    }

    fn prefixed(&mut self, section: &str, rest: &[Word], draft: &Draft) {
        let [word, below @ ..] = rest else { return };
        let names = self.names;
        let (kind, known): (&str, Vec<&str>) = match section {
            "actors" => ("actor", names.actors.iter().map(String::as_str).collect()),
            "groups" => ("group", names.groups.iter().map(|(g, _)| g.as_str()).collect()),
            "parameters" => {
                ("parameter", names.parameters.iter().map(|q| q.name.as_str()).collect())
            }
            "state" | "dynamics" => {
                ("state", names.states.iter().map(|q| q.name.as_str()).collect())
            }
            "derived" => {
                ("derived quantity", names.derived.iter().map(|d| d.name.as_str()).collect())
            }
            "payoffs" | "weights" => {
                ("payoff component", names.components.iter().map(String::as_str).collect())
            }
            "moves" => ("move", names.moves.iter().map(|m| m.name.as_str()).collect()),
            "events" => ("event", names.events.iter().map(|e| e.name.as_str()).collect()),
            "types" => ("actor with types", typed(names)),
            "policies" => ("policy", draft.policies.iter().map(String::as_str).collect()),
            "outcomes" => ("outcome", draft.outcomes.iter().map(String::as_str).collect()),
            _ => ("variant", draft.variants.iter().map(String::as_str).chain(["base"]).collect()),
        };
        if !known.contains(&word.text.as_str()) {
            self.desk.unknown(kind, &short(&word.text), word.span, known);
            return;
        }
        let Some(last) = below.first() else { return };
        let (kind, known): (&str, Vec<&str>) = match names.actor(&word.text) {
            Some(actor) if section == "types" => {
                ("type", names.types[actor].iter().map(String::as_str).collect())
            }
            _ => {
                let groups = names.groups.iter().map(|(g, _)| g.as_str());
                let actors = names.actors.iter().map(String::as_str);
                ("actor or group", actors.chain(groups).chain(["default"]).collect())
            }
        };
        if !known.contains(&last.text.as_str()) {
            self.desk.unknown(kind, &short(&last.text), last.span, known);
        }
    }

    /// The parameters of `rests_on`, by number.
    pub(super) fn rests_on(&mut self, entry: Option<&Entry>) -> Vec<usize> {
        let mut all = Vec::new();
        for item in entry.and_then(|e| self.desk.list(e)).unwrap_or_default() {
            let Some(source) = self.desk.source(item, "an element of the list") else { continue };
            match self.names.symbols.get(source.text()) {
                Some(Symbol::Parameter(number)) => all.push(*number),
                _ => {
                    let known = self.names.parameters.iter().map(|q| q.name.as_str());
                    self.desk.unknown("parameter", &short(source.text()), source.whole(), known);
                }
            }
        }
        all
    }

    /// `w[CHN]` with its declared range, or `w[CHN] = 0.3:0.8`: key, cells, range.
    pub(super) fn over(&mut self, entry: &Entry, draft: &Draft) -> Option<Over> {
        let source = self.desk.source(&entry.item, entry.name())?;
        let text = source.text();
        let at = text.find('=');
        let key = trimmed(source, 0, at.unwrap_or(text.len()));
        let wide: Wide = self.wide(&key)?;
        if wide.state {
            let message = format!("`{}` is a state, not a parameter", short(key.text()));
            self.desk.report.push(
                Diagnostic::new(Code::Claim, wide.span, message)
                    .help("make its initial value a parameter and name that"),
            );
            return None;
        }
        let range = match at {
            Some(at) => self.explicit(&trimmed(source, at + 1, text.len())),
            None => self.declared(&wide, draft),
        };
        let cells = wide.cells.iter().map(|(cell, _)| *cell).collect();
        range.map(|range| (key.text().to_string(), cells, range))
    }

    fn explicit(&mut self, values: &Source) -> Option<Range> {
        let ends: Vec<Option<f64>> =
            values.text().split(':').map(|t| t.trim().parse().ok()).collect();
        match ends.as_slice() {
            [Some(lo), Some(hi)] if lo.is_finite() && hi.is_finite() && lo < hi => Some((*lo, *hi)),
            _ => {
                let message = format!("`{}` is not a range of values", short(values.text()));
                self.desk.report.push(
                    Diagnostic::new(Code::Claim, values.whole(), message)
                        .help("a range is `lo:hi` with lo below hi"),
                );
                None
            }
        }
    }

    /// The range that all these cells declare.
    fn declared(&mut self, wide: &Wide, draft: &Draft) -> Option<Range> {
        let Wide { number: parameter, span, .. } = *wide;
        let first = self.names.parameters[parameter].first;
        let ranges = draft.parameters.get(parameter).into_iter().flat_map(|drafted| {
            wide.cells.iter().map(|(cell, _)| {
                let own = drafted.own.get(&(cell - first)).and_then(|own| own.uncertainty);
                own.or(drafted.about.uncertainty).as_ref().map(Uncertainty::support)
            })
        });
        let mut ranges: Vec<Option<Range>> = ranges.collect();
        ranges.dedup();
        let range = ranges.pop().flatten().filter(|_| ranges.is_empty());
        if let Some((lo, hi)) = range
            && lo.is_finite()
            && hi.is_finite()
            && lo < hi
        {
            return Some((lo, hi));
        }
        let name = &self.names.parameters[parameter].name;
        let message = match ranges.is_empty() {
            true => format!("`{name}` declares no range with two ends"),
            false => format!("the cells of `{name}` declare several ranges"),
        };
        self.desk.report.push(
            Diagnostic::new(Code::Claim, span, message)
                .help(format!("give the range here: `{name} = 0.3:0.8`")),
        );
        None
    }
}

/// A parameter over a range: the key as written, its cells, the range.
type Over = (String, Vec<usize>, Range);

/// The actors that have types.
fn typed(names: &Names) -> Vec<&str> {
    let all = names.actors.iter().zip(&names.types);
    all.filter(|(_, types)| !types.is_empty()).map(|(a, _)| a.as_str()).collect()
}

/// The words of `types.CHN.responsible`.
fn dotted(name: &Source) -> Vec<Word> {
    let mut at = 0;
    let word = |piece: &str| {
        let span = name.span(at, at + piece.len());
        at += piece.len() + 1;
        Word { text: piece.to_string(), span }
    };
    name.text().split('.').map(word).collect()
}
