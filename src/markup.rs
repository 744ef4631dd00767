//! Elements of SVG and HTML, with every text escaped.
//!
//! A title that somebody wrote into a scenario file reaches a page as [`Element::text`] or as a
//! value of an attribute and in no other way, so it cannot become markup. Contents that are not
//! escaped (the script and the style of the page) are `&'static str`: texts of this program.

use std::fmt;

pub use crate::diagnostic::plain;

/// An element with its attributes and contents.
#[derive(Debug, Clone, PartialEq)]
pub struct Element {
    tag: &'static str,
    attributes: Vec<(&'static str, String)>,
    contents: Vec<Content>,
}

#[derive(Debug, Clone, PartialEq)]
enum Content {
    Element(Element),
    Text(String),
    Own(&'static str),
}

/// Elements that have no contents and no end tag in HTML, and marks of SVG.
const ALONE: [&str; 10] =
    ["br", "circle", "col", "hr", "input", "line", "meta", "path", "polygon", "rect"];

/// An element without attributes and contents.
pub fn el(tag: &'static str) -> Element {
    Element { tag, attributes: Vec::new(), contents: Vec::new() }
}

impl Element {
    /// The same with an attribute.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Element {
        self.attributes.push((name, value.into()));
        self
    }

    /// The same with a coordinate: two places after the point.
    #[must_use]
    pub fn at(self, name: &'static str, value: f64) -> Element {
        self.with(name, coordinate(value))
    }

    /// The same with a text behind its contents.
    #[must_use]
    pub fn text(mut self, text: impl Into<String>) -> Element {
        self.contents.push(Content::Text(text.into()));
        self
    }

    /// The same with a text of this program, which is not escaped: a script or a style.
    #[must_use]
    pub fn own(mut self, text: &'static str) -> Element {
        self.contents.push(Content::Own(text));
        self
    }

    /// The same with an element behind its contents.
    #[must_use]
    pub fn child(mut self, child: Element) -> Element {
        self.contents.push(Content::Element(child));
        self
    }

    /// The same without attributes of which a condition on name and value holds, in all of it.
    #[must_use]
    pub fn without(mut self, idle: &dyn Fn(&str, &str) -> bool) -> Element {
        self.attributes.retain(|(name, value)| !idle(name, value));
        let contents = self.contents.into_iter().map(|content| match content {
            Content::Element(element) => Content::Element(element.without(idle)),
            other => other,
        });
        self.contents = contents.collect();
        self
    }

    /// The same with elements behind its contents.
    #[must_use]
    pub fn children(mut self, children: impl IntoIterator<Item = Element>) -> Element {
        self.contents.extend(children.into_iter().map(Content::Element));
        self
    }
}

impl fmt::Display for Element {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{}", self.tag)?;
        for (name, value) in &self.attributes {
            write!(f, " {name}=\"{}\"", escaped(value, true))?;
        }
        if self.contents.is_empty() && ALONE.contains(&self.tag) {
            return f.write_str("/>");
        }
        f.write_str(">")?;
        for content in &self.contents {
            match content {
                Content::Element(element) => write!(f, "{element}")?,
                Content::Text(text) => f.write_str(&escaped(text, false))?,
                Content::Own(text) => f.write_str(text)?,
            }
        }
        write!(f, "</{}>", self.tag)?;
        // blocks of a figure or a page stand on lines of their own, so that texts can be compared
        let block = ["g", "tr", "div", "section", "figure", "p", "h2", "style", "svg", "li"];
        if block.contains(&self.tag) { f.write_str("\n") } else { Ok(()) }
    }
}

/// A text in which nothing is markup. Control characters, which XML does not have, are left out.
/// Quotes end nothing but the value of an attribute.
fn escaped(text: &str, attribute: bool) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in plain(text).chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' if attribute => safe.push_str("&quot;"),
            '\'' if attribute => safe.push_str("&#39;"),
            _ => safe.push(c),
        }
    }
    safe
}

/// A coordinate: at most two places after the point.
pub fn coordinate(value: f64) -> String {
    let text = format!("{:.2}", if value.is_finite() { value } else { 0.0 });
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".to_string() } else { text.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_is_said_becomes_markup() {
        let hostile = "</text><script>alert(\"1\")</script>\u{1b}[31m\u{7}&'\u{202e}x\u{0}";
        let made = el("text").with("data-name", hostile).text(hostile).to_string();
        let text = "&lt;/text&gt;&lt;script&gt;alert(\"1\")&lt;/script&gt;[31m&amp;'x";
        let value = text.replace('"', "&quot;").replace('\'', "&#39;");
        assert_eq!(made, format!("<text data-name=\"{value}\">{text}</text>"));
    }

    #[test]
    fn coordinates_are_short() {
        let told = [0.0, -0.001, 1.0, 12.345, 12.3, f64::NAN].map(coordinate);
        assert_eq!(told, ["0", "0", "1", "12.35", "12.3", "0"]);
    }
}
