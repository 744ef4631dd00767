//! The files that a scenario names, and places within them.

use std::sync::Arc;

/// A file that a scenario names, as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attached {
    /// The name by which the scenario calls it.
    pub name: String,
    /// What it holds.
    pub text: Arc<str>,
}

/// The place of the first byte of every file, in the order of the list. Places in a scenario count
/// through its text and then through its files, each one byte behind the end of what is before it.
pub fn starts(text: usize, files: &[Attached]) -> impl Iterator<Item = usize> {
    files.iter().scan(text + 1, |next, file| {
        let start = *next;
        *next += file.text.len() + 1;
        Some(start)
    })
}

/// The file in which a byte of a scenario lies, `None` for the text itself, and the byte within it.
pub fn locate(text: &str, files: &[Attached], byte: usize) -> (Option<usize>, usize) {
    let found = starts(text.len(), files).enumerate().take_while(|(_, start)| *start <= byte);
    match found.last() {
        Some((file, start)) => (Some(file), byte - start),
        None => (None, byte),
    }
}

/// The line and the column, both from 1, of a byte of a text; columns count characters.
pub fn line_column(text: &str, byte: usize) -> (usize, usize) {
    let mut at = byte.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    let before = &text[..at];
    let line = before.matches('\n').count() + 1;
    let start = before.rfind('\n').map_or(0, |n| n + 1);
    (line, before[start..].chars().count() + 1)
}

/// A byte of a scenario as `line:column`, both from 1, with the name of the file before it where
/// it is not in the text itself: `gdp.csv:3:7`.
pub fn place(text: &str, files: &[Attached], byte: usize) -> String {
    let (file, byte) = locate(text, files, byte);
    let (name, text) = match file {
        Some(file) => (format!("{}:", files[file].name), &*files[file].text),
        None => (String::new(), text),
    };
    let (line, column) = line_column(text, byte);
    format!("{name}{line}:{column}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_columns_count_from_one() {
        assert_eq!(line_column("ab\ncd", 0), (1, 1));
        assert_eq!(line_column("ab\ncd", 4), (2, 2));
        assert_eq!(line_column("é=1", 2), (1, 2));
        assert_eq!(line_column("é", 1), (1, 1));
        assert_eq!(line_column("a", 99), (1, 2));
    }

    #[test]
    fn places_count_through_text_and_files() {
        let file = |name: &str, text: &str| Attached { name: name.into(), text: text.into() };
        let files = [file("a.csv", "x\nyz"), file("empty", ""), file("b", "γδ")];
        let place = |byte| place("ab\nγδx\n", &files, byte);
        assert_eq!(place(0), "1:1");
        assert_eq!(place(6), "2:2");
        assert_eq!(place(9), "3:1");
        assert_eq!(place(10), "a.csv:1:1");
        assert_eq!(place(13), "a.csv:2:2");
        assert_eq!(place(14), "a.csv:2:3");
        assert_eq!(place(15), "empty:1:1");
        assert_eq!(place(16), "b:1:1");
        assert_eq!(place(18), "b:1:2");
        assert_eq!(place(999), "b:1:3");
        assert_eq!(super::place("a", &[], 999), "1:2");
    }
}
