//! Characters to tokens.

use super::source::Source;
use crate::diagnostic::{Code, Diagnostic, Span};

/// The smallest pieces of a formula.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    Number(f64),
    Word(String),
    /// What stands between single quotes.
    Quoted(String),
    /// An operator or bracket, as it is written.
    Sign(&'static str),
    End,
}

/// All signs, longer ones first so that `<=` is not read as `<` and `=`.
const SIGNS: &[&str] = &[
    "==", "!=", "<=", ">=", "<>", "+=", "-=", "**", "+", "-", "*", "/", "^", "<", ">", "(", ")",
    "[", "]", ",", ":", "#", "@", "=",
];

/// Splits a formula into tokens; the last one is [`Token::End`].
pub(super) fn tokens(source: &Source) -> Result<Vec<(Token, Span)>, Diagnostic> {
    let text = source.text();
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let start = at;
        let token = match bytes[at] {
            b' ' | b'\t' | b'\n' | b'\r' => {
                at += 1;
                continue;
            }
            c if c.is_ascii_digit() || (c == b'.' && digit(bytes, at + 1)) => {
                at = number_end(bytes, at);
                number(source, start, at)?
            }
            c if c.is_ascii_alphabetic() || c == b'_' => {
                while at < bytes.len() && (bytes[at].is_ascii_alphanumeric() || bytes[at] == b'_') {
                    at += 1;
                }
                Token::Word(text[start..at].to_string())
            }
            b'\'' => {
                let Some(length) = text[at + 1..].find('\'') else {
                    let text = "a text that begins with `'` does not end";
                    let place = source.span(at, at + 1);
                    return Err(Diagnostic::new(Code::FormulaSyntax, place, text));
                };
                at += length + 2;
                Token::Quoted(text[start + 1..at - 1].to_string())
            }
            _ => match SIGNS.iter().find(|s| text[at..].starts_with(**s)) {
                Some(sign) => {
                    at += sign.len();
                    Token::Sign(sign)
                }
                None => return Err(stray(source, at)),
            },
        };
        found.push((token, source.span(start, at)));
    }
    found.push((Token::End, source.span(text.len(), text.len())));
    Ok(found)
}

fn digit(bytes: &[u8], at: usize) -> bool {
    bytes.get(at).is_some_and(u8::is_ascii_digit)
}

/// One past the last byte of the number that starts at `at`: digits, point, exponent.
fn number_end(bytes: &[u8], mut at: usize) -> usize {
    while digit(bytes, at) || (bytes.get(at) == Some(&b'_') && digit(bytes, at + 1)) {
        at += 1;
    }
    if bytes.get(at) == Some(&b'.') && digit(bytes, at + 1) {
        at += 1;
        while digit(bytes, at) {
            at += 1;
        }
    }
    if matches!(bytes.get(at), Some(b'e' | b'E')) {
        let signed = matches!(bytes.get(at + 1), Some(b'+' | b'-'));
        let first = at + 1 + usize::from(signed);
        if digit(bytes, first) {
            at = first;
            while digit(bytes, at) {
                at += 1;
            }
        }
    }
    at
}

fn number(source: &Source, start: usize, end: usize) -> Result<Token, Diagnostic> {
    let written = source.text()[start..end].replace('_', "");
    match written.parse::<f64>() {
        Ok(value) if value.is_finite() => Ok(Token::Number(value)),
        _ => Err(Diagnostic::new(
            Code::FormulaSyntax,
            source.span(start, end),
            format!("`{written}` is not a number a double can hold"),
        )),
    }
}

fn stray(source: &Source, at: usize) -> Diagnostic {
    let rest = &source.text()[at..];
    let character = rest.chars().next().unwrap_or(' ');
    let help = match character {
        '&' => Some("write `and`"),
        '|' => Some("write `or`"),
        '!' => Some("write `not`, or `!=` for a comparison"),
        '%' if rest[1..].trim_start().starts_with(|c: char| c.is_alphanumeric() || c == '(') => {
            Some("what is left of a division is `mod(a, b)`")
        }
        '%' => Some("write a share as a number: 5 % is 0.05"),
        '?' => Some("write `if(c, a, b)`"),
        '"' => Some("a text within a formula stands between single quotes"),
        '{' | '}' => Some("use round brackets"),
        '\u{2212}' | '\u{2013}' => Some("write the minus sign as `-`"),
        _ => None,
    };
    let span = source.span(at, at + character.len_utf8());
    Diagnostic::new(Code::FormulaSyntax, span, format!("`{character}` has no meaning in a formula"))
        .help_if(help.map(str::to_string))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<Token> {
        let list = tokens(&Source::verbatim(text, 0));
        list.map(|l| l.into_iter().map(|(t, _)| t).collect()).unwrap_or_default()
    }

    #[test]
    fn numbers_words_and_signs() {
        assert_eq!(
            words("1.5e-3*x_1>=2"),
            [
                Token::Number(1.5e-3),
                Token::Sign("*"),
                Token::Word("x_1".into()),
                Token::Sign(">="),
                Token::Number(2.0),
                Token::End
            ]
        );
        assert_eq!(words("2e")[0], Token::Number(2.0));
    }

    #[test]
    fn strays_are_refused_with_a_repair() {
        let found = tokens(&Source::verbatim("a & b", 7));
        let diagnostic = found.err();
        assert_eq!(diagnostic.as_ref().map(|d| d.span), Some(Span::new(9, 10)));
        assert_eq!(diagnostic.and_then(|d| d.help), Some("write `and`".into()));
        assert!(tokens(&Source::verbatim("1e999", 0)).is_err());
    }
}
