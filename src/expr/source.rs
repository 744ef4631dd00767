//! Where the characters of a formula stand in the file.

use crate::diagnostic::Span;

/// The text of a formula together with the place of each of its bytes in the scenario file.
#[derive(Debug, Clone, PartialEq)]
pub struct Source {
    text: String,
    places: Places,
}

#[derive(Debug, Clone, PartialEq)]
enum Places {
    /// The text stands in the file letter by letter, from this byte on.
    Verbatim(usize),
    /// The text was written with escapes: per byte of text (and one past the end) its place.
    Mapped(Vec<usize>),
}

impl Source {
    /// A text that stands in the file as it is, from byte `start` on.
    pub fn verbatim(text: impl Into<String>, start: usize) -> Self {
        Source { text: text.into(), places: Places::Verbatim(start) }
    }

    /// A text written with escapes: `places[k]` is the place in the file of byte k of the text and
    /// the last entry, one more than there are bytes, the place behind it. A list of another length
    /// falls back to its first entry.
    pub fn mapped(text: impl Into<String>, places: Vec<usize>) -> Self {
        let text = text.into();
        if places.len() == text.len() + 1 {
            Source { text, places: Places::Mapped(places) }
        } else {
            let start = places.first().copied().unwrap_or(0);
            Source { text, places: Places::Verbatim(start) }
        }
    }

    /// The formula itself.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The span in the file of the bytes `start..end` of the formula.
    pub fn span(&self, start: usize, end: usize) -> Span {
        match &self.places {
            Places::Verbatim(base) => Span::new(base + start, base + end),
            Places::Mapped(places) => {
                let last = places.len() - 1;
                Span::new(places[start.min(last)], places[end.min(last)])
            }
        }
    }

    /// The span of the whole formula.
    pub fn whole(&self) -> Span {
        self.span(0, self.text.len())
    }

    /// The part of the formula from byte `start` up to `end`, with its places.
    pub fn slice(&self, start: usize, end: usize) -> Source {
        let text = self.text.get(start..end).unwrap_or_default();
        match &self.places {
            Places::Verbatim(base) => Source::verbatim(text, base + start),
            Places::Mapped(places) => {
                Source::mapped(text, places.get(start..=end).unwrap_or_default().to_vec())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_follow_the_file() {
        let plain = Source::verbatim("a + b", 10);
        assert_eq!(plain.span(4, 5), Span::new(14, 15));
        assert_eq!(plain.slice(4, 5).whole(), Span::new(14, 15));
        let mapped = Source::mapped("ab", vec![3, 9, 10]);
        assert_eq!(mapped.span(1, 2), Span::new(9, 10));
    }
}
