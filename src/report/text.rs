//! The scenario's text, with what belongs together in one colour.

use super::heading;
use crate::markup::{Element, el};

/// The section.
pub fn section(text: &str) -> Element {
    let shown = text.lines().fold(el("pre"), line);
    let details = el("details")
        .child(el("summary").text(format!("Show all {} lines", text.lines().count())))
        .child(shown);
    el("section").child(heading("text", "The scenario's text")).child(details)
}

/// What a piece of a line is, by the class of its colour; empty for the rest.
type Class = &'static str;

/// A line of TOML behind others: comments, headings, keys. What is within a text of several
/// lines is not told from the rest; nothing but colour depends on it.
fn line(mut pre: Element, line: &str) -> Element {
    for (class, piece) in pieces(line) {
        pre = match class {
            // keys are as they are: a page of a large file has thousands
            "" | "k" => pre.text(piece),
            class => pre.child(el("span").with("class", class).text(piece)),
        };
    }
    pre.text("\n")
}

/// A line cut where its colour changes; the pieces are the line.
fn pieces(line: &str) -> Vec<(Class, &str)> {
    let start = line.trim_start();
    if start.starts_with('[') {
        let end = line.find(" #").unwrap_or(line.len());
        return vec![("h", &line[..end]), ("c", &line[end..])];
    }
    let mut all = Vec::new();
    let mut from = 0;
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-.\" ".contains(c);
    if let Some(end) = line.find(" = ").filter(|end| line[..*end].chars().all(plain)) {
        all.push(("k", &line[..end]));
        from = end;
    }
    let (mut quoted, mut begin) = (false, from);
    for (at, c) in line[from..].char_indices().map(|(at, c)| (from + at, c)) {
        match (c, quoted) {
            ('"', false) => {
                all.push(("", &line[begin..at]));
                (begin, quoted) = (at, true);
            }
            ('"', true) => {
                all.push(("", &line[begin..=at]));
                (begin, quoted) = (at + 1, false);
            }
            ('#', false) => {
                all.push(("", &line[begin..at]));
                all.push(("c", &line[at..]));
                return all;
            }
            _ => {}
        }
    }
    all.push(("", &line[begin..]));
    all
}

#[cfg(test)]
mod tests {
    use super::pieces;

    #[test]
    fn pieces_are_the_line() {
        for line in ["", "[a] # b", "x = \"a # b\" # c", "  # é", "\"ü", "a = { b = \"c\\\"d\" }"]
        {
            let joined: String = pieces(line).into_iter().map(|(_, piece)| piece).collect();
            assert_eq!(joined, line);
        }
        let told = pieces("gift = \"a\" # why");
        assert_eq!(told[0], ("k", "gift"));
        assert_eq!(told[2], ("", "\"a\""));
        assert_eq!(told[4], ("c", "# why"));
    }
}
