//! Diagnostics as text with carets, and as JSON.

use std::ops::Range;

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use serde_json::{Value, json};

use super::attached::starts;
use super::{Attached, Diagnostic, Report, Severity, Span};

/// Of a longer line only the surroundings of the words at fault are shown.
const WIDTH: usize = 120;
/// So many characters are shown before them.
const BEFORE: usize = 40;
/// Places so many lines apart are shown in one excerpt.
const GAP: usize = 4;

/// What a diagnostic of that severity is called.
fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

/// How many errors, warnings and notes there are in a file: `5 errors, 1 warning in FILE`.
pub fn closing(label: &str, list: &[Diagnostic]) -> String {
    let count = |severity: Severity| list.iter().filter(|d| d.severity() == severity).count();
    let part = |n: usize, word: &str| match n {
        0 => None,
        1 => Some(format!("1 {word}")),
        _ => Some(format!("{n} {word}s")),
    };
    let kinds = [Severity::Error, Severity::Warning, Severity::Note];
    let parts = kinds.into_iter().filter_map(|kind| part(count(kind), word(kind)));
    let parts: Vec<String> = parts.collect();
    let parts = if parts.is_empty() { "no problem".to_string() } else { parts.join(", ") };
    let more = if list.len() >= Report::LIMIT { "; there may be more" } else { "" };
    format!("{parts} in {label}{more}")
}

/// A scenario of which excerpts are shown: its text and the files that it names.
#[derive(Debug)]
pub struct Excerpts<'a> {
    pages: Vec<Page<'a>>,
}

/// One text.
#[derive(Debug)]
struct Page<'a> {
    label: String,
    text: &'a str,
    /// The place of its first byte.
    start: usize,
    /// Where each line begins.
    lines: Vec<usize>,
}

/// A stretch of one line that is pointed at.
struct Place<'a> {
    /// The page, by number.
    page: usize,
    /// The line, from 0.
    line: usize,
    /// Bytes within the line.
    span: Range<usize>,
    primary: bool,
    text: &'a str,
}

/// A line as far as it is shown, and how many bytes of it are left out before.
struct Cut {
    text: String,
    from: usize,
    /// Bytes that stand for what is left out before.
    mark: usize,
}

impl<'a> Excerpts<'a> {
    /// Looks up where lines begin, once for all diagnostics of the scenario. `label` is the path of
    /// its text; the files lie beside it.
    pub fn new(label: &str, text: &'a str, files: &'a [Attached]) -> Self {
        let folder = label.rfind(['/', '\\', ':']).map_or("", |end| &label[..=end]);
        let starts = starts(text.len(), files);
        let beside = files
            .iter()
            .zip(starts)
            .map(|(file, start)| Page::new(format!("{folder}{}", file.name), &file.text, start));
        Excerpts {
            pages: std::iter::once(Page::new(label.to_string(), text, 0)).chain(beside).collect(),
        }
    }

    /// The page of a place, by number.
    fn page(&self, byte: usize) -> usize {
        self.pages.partition_point(|page| page.start <= byte).saturating_sub(1)
    }

    /// A diagnostic as it is shown to people, with ANSI colours or without.
    pub fn render(&self, diagnostic: &Diagnostic, colours: bool) -> String {
        let level = match diagnostic.severity() {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
            Severity::Note => Level::NOTE,
        };
        let title = level.primary_title(diagnostic.message.as_str()).id(diagnostic.code.as_str());
        let mut group = Group::with_title(title);
        let primary = self.place(diagnostic.span, true, "");
        let labels = diagnostic.labels.iter().map(|l| self.place(l.span, false, &l.text));
        if diagnostic.span == Span::default() {
            // No word is at fault, but the file as a whole.
            group = group.element(Origin::path(self.pages[0].label.as_str()));
        } else {
            for places in &together(primary, labels.collect()) {
                group = self.excerpt(group, places);
            }
        }
        if let Some(help) = &diagnostic.help {
            group = group.element(Level::HELP.message(help.as_str()));
        }
        let renderer = if colours { Renderer::styled() } else { Renderer::plain() };
        self.with_column(renderer.render(&[group]), diagnostic.span)
    }

    /// Lines around places that lie close to each other, in the order of lines.
    fn excerpt<'g>(&'g self, group: Group<'g>, places: &[Place<'g>]) -> Group<'g> {
        let Some(page) = places.first().map(|p| &self.pages[p.page]) else { return group };
        let lines = places.iter().map(|p| p.line);
        let (Some(top), Some(bottom)) = (lines.clone().min(), lines.max()) else { return group };
        let mut source = String::new();
        let mut annotations = Vec::with_capacity(places.len());
        for line in top..=bottom {
            let here: Vec<&Place> = places.iter().filter(|p| p.line == line).collect();
            let cut = page.cut(line, &here);
            for place in here {
                let shift = |at: usize| {
                    let at = (at.saturating_sub(cut.from) + cut.mark).min(cut.text.len());
                    source.len() + boundary(&cut.text, at)
                };
                let span = shift(place.span.start)..shift(place.span.end);
                let kind =
                    if place.primary { AnnotationKind::Primary } else { AnnotationKind::Context };
                let annotation = kind.span(span);
                annotations.push(match place.text {
                    "" => annotation,
                    text => annotation.label(text),
                });
            }
            source.push_str(&cut.text);
            source.push('\n');
        }
        let snippet = Snippet::source(source).line_start(top + 1).annotations(annotations);
        group.element(snippet.path(page.label.as_str()))
    }

    /// The text with the true column of a place. The renderer counts columns in what it is shown,
    /// which is wrong for a line that is cut.
    fn with_column(&self, shown: String, span: Span) -> String {
        let page = &self.pages[self.page(span.start)];
        let (line, column) = page.line_column(span.start);
        let before = format!("{}:{line}:", page.label);
        let Some(at) = shown.find(&before).map(|at| at + before.len()) else { return shown };
        let rest = shown[at..].trim_start_matches(|c: char| c.is_ascii_digit());
        format!("{}{column}{rest}", &shown[..at])
    }

    fn place<'l>(&self, span: Span, primary: bool, text: &'l str) -> Place<'l> {
        let number = self.page(span.start);
        let page = &self.pages[number];
        let start = boundary(page.text, span.start - page.start);
        let line = page.line_of(start);
        let (first, shown) = (page.lines[line], page.line(line));
        let from = (start - first).min(shown.len());
        let to = boundary(page.text, span.end.max(span.start) - page.start) - first;
        Place { page: number, line, span: from..to.clamp(from, shown.len()), primary, text }
    }

    /// A diagnostic for programs.
    pub fn json(&self, diagnostic: &Diagnostic) -> Value {
        let number = self.page(diagnostic.span.start);
        let page = &self.pages[number];
        let (line, column) = page.line_column(diagnostic.span.start);
        let (end_line, end_column) = page.line_column(diagnostic.span.end);
        let labels = diagnostic.labels.iter().map(|label| {
            let other = self.page(label.span.start);
            let (line, column) = self.pages[other].line_column(label.span.start);
            let mut shown = json!({ "line": line, "column": column, "text": label.text });
            if other != number {
                shown["file"] = json!(self.pages[other].label);
            }
            shown
        });
        json!({
            "code": diagnostic.code.as_str(),
            "severity": word(diagnostic.severity()),
            "message": diagnostic.message,
            "file": page.label,
            "line": line,
            "column": column,
            "end_line": end_line,
            "end_column": end_column,
            "labels": labels.collect::<Vec<Value>>(),
            "help": diagnostic.help,
        })
    }
}

impl<'a> Page<'a> {
    fn new(label: String, text: &'a str, start: usize) -> Self {
        let breaks = text.bytes().enumerate().filter(|(_, b)| *b == b'\n').map(|(at, _)| at + 1);
        Page { label, text, start, lines: std::iter::once(0).chain(breaks).collect() }
    }

    /// A line as far as it is shown.
    fn cut(&self, line: usize, places: &[&Place<'_>]) -> Cut {
        let all = self.line(line);
        if all.len() <= WIDTH {
            return Cut { text: all.to_string(), from: 0, mark: 0 };
        }
        let start = places.iter().map(|p| p.span.start).min().unwrap_or(0);
        let end = places.iter().map(|p| p.span.end).max().unwrap_or(0);
        let from = if end <= WIDTH { 0 } else { boundary(all, start.saturating_sub(BEFORE)) };
        let to = boundary(all, (from + WIDTH).min(all.len()));
        let before = if from > 0 { "..." } else { "" };
        let after = if to < all.len() { "..." } else { "" };
        Cut { text: format!("{before}{}{after}", &all[from..to]), from, mark: before.len() }
    }

    /// The text of a line, from 0, without its end.
    fn line(&self, line: usize) -> &'a str {
        let start = self.lines[line];
        let end = self.lines.get(line + 1).map_or(self.text.len(), |next| next - 1);
        self.text[start..end].trim_end_matches('\r')
    }

    /// The line, from 0, of a byte.
    fn line_of(&self, byte: usize) -> usize {
        self.lines.partition_point(|start| *start <= byte).saturating_sub(1)
    }

    /// The line and the column, from 1, of a place; columns count characters.
    fn line_column(&self, byte: usize) -> (usize, usize) {
        let byte = boundary(self.text, byte.saturating_sub(self.start));
        let line = self.line_of(byte);
        (line + 1, self.text[self.lines[line]..byte].chars().count() + 1)
    }
}

/// The places in groups that lie close to each other, that of the primary one first.
fn together<'a>(primary: Place<'a>, labels: Vec<Place<'a>>) -> Vec<Vec<Place<'a>>> {
    let mut groups = vec![vec![primary]];
    for place in labels {
        let near = |group: &&mut Vec<Place>| {
            group.iter().any(|p| p.page == place.page && p.line.abs_diff(place.line) <= GAP)
        };
        match groups.iter_mut().find(near) {
            Some(group) => group.push(place),
            None => groups.push(vec![place]),
        }
    }
    groups
}

/// The nearest place at or before `at` where a character of `text` begins.
fn boundary(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Code;

    fn plain(text: &str, start: usize, end: usize) -> String {
        let diagnostic = Diagnostic::new(Code::UnknownName, Span::new(start, end), "no such name");
        Excerpts::new("a.toml", text, &[]).render(&diagnostic.help("try another"), false)
    }

    #[test]
    fn the_caret_stands_under_the_word() {
        let wanted = "error[E0012]: no such name\n \
                      --> a.toml:2:5\n  |\n2 | b = xyz\n  |     ^^^\n  |\n  = help: try another";
        assert_eq!(plain("a = 1\nb = xyz\n", 10, 13), wanted);
    }

    #[test]
    fn a_long_line_is_cut_around_the_caret() {
        let text = format!("a = \"{}bad{}\"", "x".repeat(500_000), "y".repeat(500_000));
        let shown = plain(&text, 500_005, 500_008);
        assert!(shown.contains("a.toml:1:500006"), "{shown}");
        assert!(shown.contains("xxbadyy"), "{shown}");
        let widest = shown.lines().map(str::len).max();
        assert!(widest < Some(WIDTH + 20), "{shown}");
        let mut lines = shown.lines().skip_while(|line| !line.contains("xxbadyy"));
        let (line, caret) = (lines.next().unwrap_or(""), lines.next().unwrap_or(""));
        assert_eq!(line.find("bad"), caret.find("^^^"), "{shown}");
    }

    #[test]
    fn places_outside_the_text_or_inside_a_character_do_no_harm() {
        for (start, end) in [(0, 1), (1, 2), (2, 1), (99, 120), (3, 400)] {
            for text in ["é\r\nü", "", "\n", "aé"] {
                assert!(plain(text, start, end).contains("no such name"));
            }
        }
    }
}
