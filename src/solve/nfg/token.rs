//! The words of a game file.

use super::NfgError;
use crate::diagnostic::Span;

/// A word, with what it stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Token<'a> {
    /// `{`
    Open,
    /// `}`
    Close,
    /// What stands between quotation marks, without escapes.
    Text(String),
    /// A number or a keyword: anything else without blanks.
    Word(&'a str),
    /// The end of the file.
    End,
}

/// The words of a text, one after the other, with one word of lookahead.
#[derive(Debug)]
pub struct Tokens<'a> {
    text: &'a str,
    at: usize,
    next: Option<(Token<'a>, Span)>,
    last: Span,
}

impl<'a> Tokens<'a> {
    /// From the first word on; a byte order mark is skipped.
    pub fn new(text: &'a str) -> Self {
        let at = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        Tokens { text, at, next: None, last: Span::new(at, at) }
    }

    /// The place of the word that was read last.
    pub fn last(&self) -> Span {
        self.last
    }

    /// The next word.
    pub fn next(&mut self) -> Result<(Token<'a>, Span), NfgError> {
        let found = match self.next.take() {
            Some(found) => found,
            None => self.scan()?,
        };
        self.last = found.1;
        Ok(found)
    }

    /// The next word, which stays where it is.
    pub fn peek(&mut self) -> Result<(Token<'a>, Span), NfgError> {
        if self.next.is_none() {
            self.next = Some(self.scan()?);
        }
        Ok(self.next.clone().unwrap_or((Token::End, self.last)))
    }

    /// An opening brace.
    pub fn open(&mut self, what: &str) -> Result<Span, NfgError> {
        match self.next()? {
            (Token::Open, span) => Ok(span),
            (_, span) => Err(NfgError::new(span, "`{` is expected here", format!("write {what}"))),
        }
    }

    /// Whether a closing brace is next, which is then read.
    pub fn close(&mut self) -> Result<bool, NfgError> {
        match self.peek()? {
            (Token::Close, _) => self.next().map(|_| true),
            (Token::End, span) => {
                Err(NfgError::new(span, "the file ends within braces", "write the missing `}`"))
            }
            _ => Ok(false),
        }
    }

    /// A text in quotation marks.
    pub fn string(&mut self, what: &str) -> Result<String, NfgError> {
        match self.next()? {
            (Token::Text(text), _) => Ok(text),
            (_, span) => Err(NfgError::new(
                span,
                "a quotation mark is expected here",
                format!("write {what}"),
            )),
        }
    }

    fn scan(&mut self) -> Result<(Token<'a>, Span), NfgError> {
        let blank = |c: char| c.is_whitespace() || c == ',';
        let rest = &self.text[self.at..];
        let start = self.at + (rest.len() - rest.trim_start_matches(blank).len());
        let rest = &self.text[start..];
        let one = Span::new(start, start + 1);
        let (token, span) = match rest.as_bytes().first() {
            None => (Token::End, Span::new(start, start)),
            Some(b'{') => (Token::Open, one),
            Some(b'}') => (Token::Close, one),
            Some(b'"') => {
                let (text, end) = self.quoted(start)?;
                (Token::Text(text), Span::new(start, end))
            }
            Some(_) => {
                let stop = |c: char| blank(c) || matches!(c, '{' | '}' | '"');
                let length = rest.find(stop).unwrap_or(rest.len());
                (Token::Word(&rest[..length]), Span::new(start, start + length))
            }
        };
        self.at = span.end;
        Ok((token, span))
    }

    /// The text from a quotation mark to the next that is not escaped, and where it ends.
    fn quoted(&self, start: usize) -> Result<(String, usize), NfgError> {
        let mut text = String::new();
        // Backslashes stand for themselves, but before a quotation mark two are one.
        let mut run: usize = 0;
        for (at, c) in self.text[start + 1..].char_indices() {
            match c {
                '"' => {
                    text.truncate(text.len() - run.div_ceil(2));
                    if run.is_multiple_of(2) {
                        return Ok((text, start + 1 + at + 1));
                    }
                    text.push('"');
                    run = 0;
                }
                other => {
                    run = if other == '\\' { run + 1 } else { 0 };
                    text.push(other);
                }
            }
        }
        let span = Span::new(start, start + 1);
        Err(NfgError::new(span, "this quotation mark is never closed", "write the missing `\"`"))
    }
}
