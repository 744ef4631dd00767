//! Valid texts made wrong, in the ways that people and programs make them wrong.

use detente::rng::{Seed, Sequence};

/// What stands where a number should.
const NUMBERS: [&str; 30] = [
    "0",
    "-0",
    "-1",
    "2",
    "0.1",
    "1e308",
    "-1e308",
    "1.7976931348623157e308",
    "1e-320",
    "5e-324",
    "1e999",
    "-1e999",
    "nan",
    "NaN",
    "inf",
    "-inf",
    "1/0",
    "0/0",
    "9007199254740993",
    "4294967295",
    "4294967296",
    "9223372036854775807",
    "9223372036854775808",
    "18446744073709551616",
    "99999999999999999999999999",
    "1_000",
    "0x10",
    "1,5",
    "2024-01-03",
    "1e",
];

/// What stands anywhere.
const SCRAPS: [&str; 26] = [
    "\"", "'", "\"\"\"", "{", "}", "[", "]", "[[", "(", ")", ",", ";", ":", "=", "#", "\\",
    "\u{0}", "\u{feff}", "\u{202e}", "é", "😀", "null", "true", "self", "\r\n", "\t",
];

/// A mutator of texts; the same number makes the same changes.
pub struct Mutator {
    words: Sequence,
}

impl Mutator {
    pub fn new(number: u64) -> Mutator {
        Mutator { words: Sequence::new(Seed(number), Sequence::TRIALS) }
    }

    pub fn below(&mut self, n: usize) -> usize {
        self.words.below(n.max(1) as u64) as usize
    }

    fn one(&mut self, of: &[&'static str]) -> &'static str {
        of[self.below(of.len())]
    }

    /// A text with one to four changes; in every other one only numbers and words change, so that
    /// more of them can be read.
    pub fn text(&mut self, text: &str) -> String {
        let mut text = text.to_string();
        let kinds = if self.below(2) == 0 { 5 } else { 13 };
        for _ in 0..=self.below(4).min(self.below(4)) {
            text = self.change(&text, kinds);
        }
        text
    }

    /// Bytes with one bit, byte or end changed.
    pub fn bytes(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut bytes = bytes.to_vec();
        let at = self.below(bytes.len());
        match self.below(6) {
            0 | 1 => bytes[at] ^= 1 << self.below(8),
            2 => bytes.truncate(at),
            3 => bytes.insert(at, self.below(256) as u8),
            4 => {
                bytes.remove(at);
            }
            _ => bytes.extend_from_within(at..),
        }
        bytes
    }

    fn change(&mut self, text: &str, kinds: usize) -> String {
        let words = words(text);
        let numbers: Vec<(usize, usize)> = words
            .iter()
            .copied()
            .filter(|(from, to)| text[*from..*to].starts_with(|c: char| c.is_ascii_digit()))
            .collect();
        let lines: Vec<&str> = text.split_inclusive('\n').collect();
        let (line, other) = (self.below(lines.len()), self.below(lines.len()));
        match self.below(kinds) {
            0..=3 if !numbers.is_empty() => {
                let (from, to) = numbers[self.below(numbers.len())];
                replaced(text, from, to, self.one(&NUMBERS))
            }
            4 | 5 if words.len() > 1 => {
                let (a, b) = (words[self.below(words.len())], words[self.below(words.len())]);
                replaced(text, a.0, a.1, &text[b.0..b.1])
            }
            6 if !words.is_empty() => {
                let (from, to) = words[self.below(words.len())];
                self.nested(text, from, to)
            }
            7 => without(&lines, line).concat(),
            8 if !lines.is_empty() => {
                let mut lines = lines.clone();
                lines.insert(other, lines[line]);
                lines.concat()
            }
            9 if !lines.is_empty() => {
                let mut lines = lines;
                lines.swap(line, other);
                lines.concat()
            }
            10 => text[..self.place(text)].to_string(),
            11 if !words.is_empty() => {
                let (from, to) = words[self.below(words.len())];
                replaced(text, from, to, "")
            }
            _ => {
                let at = self.place(text);
                replaced(text, at, at, self.one(&SCRAPS))
            }
        }
    }

    /// A word within many brackets or signs, which may or may not be closed.
    fn nested(&mut self, text: &str, from: usize, to: usize) -> String {
        let depth = [3, 60, 3000][self.below(3)];
        let (open, close) =
            [("(", ")"), ("[", "]"), ("{", "}"), ("-", ""), ("abs(", ")"), ("not ", "")]
                [self.below(6)];
        let closed = if self.below(4) == 0 { 0 } else { depth };
        let word = &text[from..to];
        replaced(text, from, to, &(open.repeat(depth) + word + &close.repeat(closed)))
    }

    /// A place between characters.
    fn place(&mut self, text: &str) -> usize {
        let mut at = self.below(text.len() + 1);
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        at
    }
}

/// Where names and numbers stand.
fn words(text: &str) -> Vec<(usize, usize)> {
    let part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.');
    let mut all = Vec::new();
    let mut start = None;
    for (at, c) in text.char_indices().chain([(text.len(), ' ')]) {
        match (start, part(c)) {
            (None, true) => start = Some(at),
            (Some(from), false) => {
                all.push((from, at));
                start = None;
            }
            _ => {}
        }
    }
    all
}

fn replaced(text: &str, from: usize, to: usize, by: &str) -> String {
    [&text[..from], by, &text[to..]].concat()
}

fn without<'a>(lines: &[&'a str], line: usize) -> Vec<&'a str> {
    lines.iter().enumerate().filter(|(at, _)| *at != line).map(|(_, line)| *line).collect()
}
