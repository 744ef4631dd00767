//! The TOML of a scenario as a tree in which every key and value knows its place in the file.

use toml::de::{DeTable, DeValue};

use super::read_context::ReadContext;
use crate::diagnostic::{Code, Diagnostic, Report, Span, short};
use crate::expr::Source;

/// A value with its place; the place of a text includes its quotes.
#[derive(Debug, Clone)]
pub(crate) struct Item {
    pub value: Value,
    pub span: Span,
}

#[derive(Debug, Clone)]
pub(crate) enum Value {
    Text(Source),
    Number(f64),
    Flag(bool),
    List(Vec<Item>),
    Table(Table),
    /// Dates and times: nothing in a scenario is one.
    Date,
}

/// Entries in file order.
#[derive(Debug, Clone, Default)]
pub(crate) struct Table {
    pub entries: Vec<Entry>,
}

#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub key: Source,
    pub item: Item,
}

impl Entry {
    /// The key as text.
    pub fn name(&self) -> &str {
        self.key.text()
    }

    /// Where the key stands, without quotes.
    pub fn place(&self) -> Span {
        self.key.whole()
    }
}

impl Table {
    /// The entry of that key.
    pub fn get(&self, key: &str) -> Option<&Entry> {
        self.entries.iter().find(|e| e.name() == key)
    }
}

impl Item {
    /// What kind of value it is, in words.
    pub fn kind(&self) -> &'static str {
        match self.value {
            Value::Text(_) => "text",
            Value::Number(_) => "a number",
            Value::Flag(_) => "true or false",
            Value::List(_) => "a list",
            Value::Table(_) => "a table",
            Value::Date => "a date",
        }
    }
}

/// A text, and the place of its first byte.
#[derive(Clone, Copy)]
struct Page<'t> {
    text: &'t str,
    start: usize,
}

/// Reads TOML whose first byte has this place; `None` when the tree is not worth a further look.
pub(super) fn read(text: &str, start: usize, desk: &mut ReadContext) -> Option<Table> {
    let (what, report) = (desk.shelf.what, &mut desk.report);
    let (root, mut errors) = DeTable::parse_recoverable(text);
    errors.sort_by_key(|e| e.span().map_or(0, |s| s.start));
    if let (Some(error), false) = (errors.first(), text.lines().any(begins)) {
        let at = start + error.span().map_or(0, |s| s.start.min(text.len()));
        let help = format!("a {what} is written in TOML, and its first line is `format = 1`");
        let text = format!("this is not a {what}");
        report.push(Diagnostic::new(Code::Toml, Span::new(at, at), text).help(help));
        return None;
    }
    let (mut sound, mut lost) = (true, false);
    let mut covered: Vec<Span> = Vec::new();
    for error in errors.iter().take(Report::LIMIT) {
        let range = error.span().unwrap_or(0..0);
        let (from, to) = (range.start.min(text.len()), range.end.min(text.len()));
        let span = Span::new(start + from, start + to);
        // the parser reports some words twice: the first report is the better one
        let overlaps = |s: &Span| s.start <= span.start && span.start < s.end.max(s.start + 1);
        if covered.iter().any(overlaps) {
            continue;
        }
        let message = error.message().lines().collect::<Vec<_>>().join(", ");
        // behind an open quote or bracket the parser is lost: what follows is no news
        let open = ["inline table", "expected `,`", "expected `}`", "expected `]`"];
        if !sound && open.iter().any(|l| message.contains(l)) {
            lost = true;
        }
        if lost {
            continue;
        }
        let twice = message.contains("duplicate key");
        let unquoted = unquoted(text, from);
        // of a repeated table every key would be one, of a value without quotes every word
        covered.push(match (twice, &unquoted) {
            (true, _) => Span::new(span.start, start + table_end(text, from).max(to)),
            (false, Some(_)) => Span::new(span.start, start + line_end(text, from).max(to)),
            (false, None) => span,
        });
        if message.contains("recursion limit") || message.contains("recurse") {
            sound = false;
            report.push(Diagnostic::new(Code::Limit, span, "the file nests too deeply"));
            continue;
        }
        sound &= twice;
        let help = twice.then(|| "a key is given once; rename or remove one of the two".into());
        report.push(Diagnostic::new(Code::Toml, span, message).help_if(help.or(unquoted)));
    }
    sound.then(|| table(root.get_ref(), Page { text, start }))
}

/// Whether a line says of what format a scenario is.
fn begins(line: &str) -> bool {
    line.trim_start().strip_prefix("format").is_some_and(|rest| rest.trim_start().starts_with('='))
}

/// The end of the line that holds a byte.
fn line_end(text: &str, at: usize) -> usize {
    text[at..].find('\n').map_or(text.len(), |n| at + n)
}

/// The end of the table whose header holds a byte; the byte itself where it is in no header.
fn table_end(text: &str, at: usize) -> usize {
    let start = text[..at].rfind('\n').map_or(0, |n| n + 1);
    if !text[start..].trim_start().starts_with('[') {
        return at;
    }
    let first = line_end(text, at);
    text[first..].find("\n[").map_or(text.len(), |n| first + n)
}

/// What to do about a value that TOML cannot read and that may be a formula, or a share in per
/// cent.
fn unquoted(text: &str, at: usize) -> Option<String> {
    let start = text[..at].rfind('\n').map_or(0, |n| n + 1);
    let before = text[start..at].trim_end();
    let value = text[at..line_end(text, at)].split('#').next().unwrap_or_default().trim();
    let may_be = value.starts_with(|c: char| c.is_ascii_alphanumeric() || "_-(".contains(c));
    if !may_be || !before.ends_with(['=', '[', ',']) || before.starts_with('[') {
        return None;
    }
    let share = value.split_once('%').filter(|(_, rest)| rest.is_empty() || rest.starts_with(','));
    if let Some(number) = share.and_then(|(number, _)| number.trim().parse::<f64>().ok()) {
        return Some(format!("a share is a number: `{}`", number / 100.0));
    }
    let alone = before.ends_with('=') && !before.contains('{');
    let example = if alone { format!(": `\"{}\"`", short(value)) } else { String::new() };
    Some(format!("formulas and texts stand between quotes{example}"))
}

fn table(source: &DeTable<'_>, page: Page<'_>) -> Table {
    let entry = |(key, value): (&toml::Spanned<toml::de::DeString<'_>>, &toml::Spanned<_>)| Entry {
        key: place(key.get_ref(), key.span(), page),
        item: item(value, page),
    };
    Table { entries: source.iter().map(entry).collect() }
}

fn item(source: &toml::Spanned<DeValue<'_>>, page: Page<'_>) -> Item {
    let range = source.span();
    let value = match source.get_ref() {
        DeValue::String(string) => Value::Text(place(string, range.clone(), page)),
        DeValue::Integer(integer) => {
            let exact = i64::from_str_radix(integer.as_str(), integer.radix()).map(|n| n as f64);
            Value::Number(exact.unwrap_or_else(|_| parsed(integer.as_str())))
        }
        DeValue::Float(float) => Value::Number(parsed(float.as_str())),
        DeValue::Boolean(flag) => Value::Flag(*flag),
        DeValue::Datetime(_) => Value::Date,
        DeValue::Array(list) => Value::List(list.iter().map(|i| item(i, page)).collect()),
        DeValue::Table(inner) => Value::Table(table(inner, page)),
    };
    Item { value, span: Span::new(page.start + range.start, page.start + range.end) }
}

fn parsed(number: &str) -> f64 {
    number.parse().unwrap_or(f64::NAN)
}

/// A text and the place of each of its bytes, found in the file at `range` with its quotes.
fn place(content: &str, range: std::ops::Range<usize>, page: Page<'_>) -> Source {
    let raw = page.text.get(range.clone()).unwrap_or_default();
    let first = page.start + range.start;
    let opening = ["'''", "\"\"\"", "'", "\""].into_iter().find(|q| raw.starts_with(q));
    let Some(quote) = opening.filter(|q| raw.len() >= 2 * q.len()) else {
        return Source::verbatim(content, first);
    };
    let mut start = quote.len();
    let inner = &raw[start..raw.len() - quote.len()];
    let break_length = [("\r\n", 2), ("\n", 1)].iter().find(|(b, _)| inner.starts_with(b));
    if let (3, Some((_, length))) = (quote.len(), break_length) {
        start += length;
    }
    let inner = &raw[start..raw.len() - quote.len()];
    if inner == content {
        return Source::verbatim(content, first + start);
    }
    Source::mapped(content, places(inner, first + start))
}

/// Per byte of the text that `raw` stands for, its place in the file; and the place of the end.
fn places(raw: &str, base: usize) -> Vec<usize> {
    let bytes = raw.as_bytes();
    let mut list = Vec::with_capacity(raw.len() + 1);
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        if byte != b'\\' {
            list.push(base + at);
            at += 1;
            continue;
        }
        let digits = match bytes.get(at + 1) {
            Some(b'x') => 2,
            Some(b'u') => 4,
            Some(b'U') => 8,
            Some(b' ' | b'\t' | b'\n' | b'\r') => {
                // a backslash at the end of a line swallows the white space that follows
                at += 1;
                while matches!(bytes.get(at), Some(b' ' | b'\t' | b'\n' | b'\r')) {
                    at += 1;
                }
                continue;
            }
            _ => 0,
        };
        let width = raw
            .get(at + 2..at + 2 + digits)
            .and_then(|hex| u32::from_str_radix(hex, 16).ok())
            .and_then(char::from_u32)
            .map_or(1, char::len_utf8);
        list.extend(std::iter::repeat_n(base + at, width));
        at += 2 + digits;
    }
    list.push(base + at);
    list
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text_of(file: &str) -> Source {
        let table = read(file, 0, &mut ReadContext::default()).unwrap_or_default();
        match table.entries.into_iter().next().map(|e| e.item.value) {
            Some(Value::Text(source)) => source,
            _ => Source::verbatim("", 0),
        }
    }

    #[test]
    fn places_survive_quotes_and_escapes() {
        assert_eq!(text_of("a = 'x + y'").span(4, 5), Span::new(9, 10));
        assert_eq!(text_of("a = \"x + y\"").span(4, 5), Span::new(9, 10));
        assert_eq!(text_of("a = \"\\u0041\\t+ y\"").span(4, 5), Span::new(15, 16));
        assert_eq!(text_of("a = '''\nx + y'''").span(0, 1), Span::new(8, 9));
        assert_eq!(text_of("a = \"\"\"\nx + \\\n  y\"\"\"").span(4, 5), Span::new(16, 17));
    }

    #[test]
    fn overlapping_syntax_errors_are_one() {
        let mut desk = ReadContext::default();
        assert!(read("a = 1..2\nb = 'open\n", 0, &mut desk).is_none());
        assert!((1..=3).contains(&desk.report.len()));
    }
}
