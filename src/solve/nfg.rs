//! Game files of Gambit's `.nfg` format: reader and writer.
//!
//! The format is described in the Gambit documentation ("The strategic game (.nfg) file format"):
//! a header, then either payoffs profile by profile, or a list of outcomes and the outcome of each
//! profile (0 stands for payoffs of 0). Both versions and both ways to declare strategies, by name
//! and by number, are read.

use std::fmt;

use super::{Game, GameError, Player, exact};
use crate::diagnostic::{Span, short};

pub(super) mod token;

use token::{Token, Tokens};

/// What is wrong with a game file, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NfgError {
    /// The place in the text.
    pub span: Span,
    /// One short sentence.
    pub message: String,
    /// What to write instead.
    pub help: String,
}

impl NfgError {
    pub(super) fn new(span: Span, message: impl Into<String>, help: impl Into<String>) -> NfgError {
        NfgError { span, message: message.into(), help: help.into() }
    }

    /// Line and column of the place, both from 1; columns count characters.
    pub fn position(&self, text: &str) -> (usize, usize) {
        let mut end = self.span.start.min(text.len());
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        let before = &text[..end];
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
        (line, column)
    }
}

impl fmt::Display for NfgError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; {}", self.message, self.help)
    }
}

impl std::error::Error for NfgError {}

/// What a file declares of the strategies of a player.
enum Declared {
    Names(Vec<String>),
    Count(usize),
}

impl Declared {
    fn size(&self) -> usize {
        match self {
            Declared::Names(names) => names.len(),
            Declared::Count(count) => *count,
        }
    }

    fn names(self) -> Vec<String> {
        match self {
            Declared::Names(names) => names,
            Declared::Count(count) => (1..=count).map(|s| s.to_string()).collect(),
        }
    }
}

/// Reads a game.
///
/// Nothing is stored for profiles that are declared but not given, so a short file cannot ask for
/// much memory.
///
/// # Errors
/// The first thing that is wrong with the text, with its place.
pub fn read(text: &str) -> Result<Game, NfgError> {
    let mut tokens = Tokens::new(text);
    header(&mut tokens)?;
    let title = tokens.string("the title of the game in quotation marks")?;
    let names = player_names(&mut tokens)?;
    let start = tokens.peek()?.1;
    let declared = strategies(&mut tokens)?;
    let whole = start.to(tokens.last());
    if declared.len() != names.len() {
        return Err(NfgError::new(
            whole,
            format!("strategies of {} players, but {} names", declared.len(), names.len()),
            "declare the strategies of every player",
        ));
    }
    let sizes: Vec<usize> = declared.iter().map(Declared::size).collect();
    let expected = Game::size(&sizes).map_err(|error| refused(whole, &error))?;
    if let (Token::Text(_), _) = tokens.peek()? {
        tokens.next()?;
    }
    let payoffs = match tokens.peek()? {
        (Token::Open, _) => by_outcome(&mut tokens, names.len(), expected)?,
        _ => by_profile(&mut tokens, expected)?,
    };
    let make = |(name, declared): (String, Declared)| Player { name, strategies: declared.names() };
    let players = names.into_iter().zip(declared).map(make).collect();
    Game::new(title, players, payoffs).map_err(|error| refused(whole, &error))
}

fn refused(span: Span, error: &GameError) -> NfgError {
    NfgError::new(span, error.to_string(), "a smaller game can be solved")
}

fn header(tokens: &mut Tokens) -> Result<(), NfgError> {
    let help = "the file begins with `NFG 1 R`, or `NFG 1 D`";
    for (what, allowed) in [("NFG", &["NFG"][..]), ("version 1", &["1"]), ("R", &["R", "D"])] {
        match tokens.next()? {
            (Token::Word(word), _) if allowed.contains(&word) => {}
            (_, span) => {
                return Err(NfgError::new(span, format!("`{what}` is expected here"), help));
            }
        }
    }
    Ok(())
}

pub(super) fn player_names(tokens: &mut Tokens) -> Result<Vec<String>, NfgError> {
    tokens.open("the names of the players in braces, `{ \"A\" \"B\" }`")?;
    let mut names = Vec::new();
    while !tokens.close()? {
        names.push(tokens.string("the name of a player in quotation marks")?);
    }
    Ok(names)
}

/// Either numbers of strategies, `{ 2 3 }`, or their names, `{ { "a" "b" } { "c" "d" "e" } }`.
fn strategies(tokens: &mut Tokens) -> Result<Vec<Declared>, NfgError> {
    tokens.open("the strategies in braces, `{ 2 2 }` or `{ { \"a\" \"b\" } { \"c\" \"d\" } }`")?;
    let mut all = Vec::new();
    while !tokens.close()? {
        match tokens.next()? {
            (Token::Open, _) => {
                let mut names = Vec::new();
                while !tokens.close()? {
                    names.push(tokens.string("the name of a strategy in quotation marks")?);
                }
                all.push(Declared::Names(names));
            }
            (Token::Word(word), span) => {
                let count = word.parse().map_err(|_| {
                    let message = format!("`{}` is not a number of strategies", short(word));
                    NfgError::new(span, message, "write a whole number, or names in braces")
                })?;
                all.push(Declared::Count(count));
            }
            (_, span) => {
                let message = "a number of strategies, or their names in braces, is expected here";
                return Err(NfgError::new(span, message, "write `{ 2 2 }` for two each"));
            }
        }
    }
    Ok(all)
}

fn by_profile(tokens: &mut Tokens, expected: usize) -> Result<Vec<f64>, NfgError> {
    let mut payoffs = Vec::new();
    loop {
        match tokens.next()? {
            (Token::End, _) if payoffs.len() == expected => return Ok(payoffs),
            (Token::End, span) => {
                let message = format!("the file ends after {} payoffs", payoffs.len());
                return Err(NfgError::new(span, message, wanted(expected)));
            }
            (_, span) if payoffs.len() == expected => {
                let message = "more payoffs than profiles times players";
                return Err(NfgError::new(span, message, wanted(expected)));
            }
            (Token::Word(word), span) => payoffs.push(number(word, span)?),
            (_, span) => {
                return Err(NfgError::new(span, "a payoff is expected here", wanted(expected)));
            }
        }
    }
}

fn wanted(expected: usize) -> String {
    format!("profiles times players are {expected} payoffs, those of the first profile first")
}

fn by_outcome(tokens: &mut Tokens, players: usize, expected: usize) -> Result<Vec<f64>, NfgError> {
    tokens.open("the outcomes in braces")?;
    let mut outcomes: Vec<Vec<f64>> = vec![vec![0.0; players]];
    while !tokens.close()? {
        let opened = tokens.open("an outcome in braces, `{ \"name\" 1, 2 }`")?;
        if let (Token::Text(_), _) = tokens.peek()? {
            tokens.next()?;
        }
        let mut payoffs = Vec::new();
        while !tokens.close()? {
            let (token, span) = tokens.next()?;
            let Token::Word(word) = token else {
                let help = "an outcome is a name and a payoff for each player";
                return Err(NfgError::new(span, "a payoff is expected here", help));
            };
            payoffs.push(number(word, span)?);
        }
        if payoffs.len() != players {
            let message = format!("{} payoffs for {players} players", payoffs.len());
            let span = opened.to(tokens.last());
            return Err(NfgError::new(span, message, "give one to each player"));
        }
        outcomes.push(payoffs);
    }
    let profiles = expected / players;
    let mut payoffs = Vec::new();
    for profile in 0..profiles {
        let (token, span) = tokens.next()?;
        let outcome = match token {
            Token::Word(word) => word.parse::<usize>().ok().and_then(|at| outcomes.get(at)),
            _ => None,
        };
        let Some(outcome) = outcome else {
            let message = format!("the outcome of profile {} is expected here", profile + 1);
            let help = format!("write a whole number from 0 (nothing) to {}", outcomes.len() - 1);
            return Err(NfgError::new(span, message, help));
        };
        payoffs.extend(outcome);
    }
    match tokens.next()? {
        (Token::End, _) => Ok(payoffs),
        (_, span) => {
            let help = format!("there are {profiles} profiles");
            Err(NfgError::new(span, "more outcomes than profiles", help))
        }
    }
}

/// A decimal number or a ratio of two.
pub(super) fn number(word: &str, span: Span) -> Result<f64, NfgError> {
    let decimal = |part: &str| -> Option<f64> {
        let digits = |c: char| c.is_ascii_digit() || matches!(c, '.' | '+' | '-' | 'e' | 'E');
        if part.chars().all(digits) { part.parse().ok() } else { None }
    };
    let found = match word.split_once('/') {
        Some((above, below)) => {
            let quotient = decimal(above).zip(decimal(below)).map(|(a, b)| a / b);
            // whole numbers that are too long for this may have a ratio that is not
            let long = quotient.is_some_and(|q| !q.is_finite() || q == 0.0);
            if long { exact::ratio(above, below).or(quotient) } else { quotient }
        }
        None => decimal(word),
    };
    match found {
        Some(found) if found.is_finite() => Ok(found),
        Some(_) => {
            let message = format!("`{}` is not a finite number", short(word));
            Err(NfgError::new(span, message, "payoffs are finite"))
        }
        None => {
            let message = format!("`{}` is not a number", short(word));
            Err(NfgError::new(span, message, "write it like `-3`, `0.25`, `1e6` or `1/3`"))
        }
    }
}

/// The text of a game file, in the version with payoffs. Numbers have as many digits as it takes
/// to read them back exactly.
pub fn write(game: &Game) -> String {
    let list = |names: Vec<String>| format!("{{ {} }}", names.join(" "));
    let players = game.players();
    let names = list(players.iter().map(|p| quoted(&p.name)).collect());
    let strategies = |p: &Player| list(p.strategies.iter().map(|s| quoted(s)).collect());
    let strategies = list(players.iter().map(strategies).collect());
    let mut text = format!("NFG 1 R {} {names}\n{strategies}\n\n", quoted(&game.title));
    for profile in 0..game.profiles() {
        let payoffs = (0..players.len()).map(|p| decimal(game.payoff(profile, p)));
        text.push_str(&payoffs.collect::<Vec<_>>().join(" "));
        text.push('\n');
    }
    text
}

/// A text in quotation marks: those within it are escaped, and backslashes where they would escape
/// one. Gambit reads and writes the same, but for names with a backslash before such a place.
pub(super) fn quoted(text: &str) -> String {
    let mut all = String::from("\"");
    let mut run = 0;
    for c in text.chars() {
        if c == '"' {
            all.extend(std::iter::repeat_n('\\', run + 1));
        }
        run = if c == '\\' { run + 1 } else { 0 };
        all.push(c);
    }
    all.extend(std::iter::repeat_n('\\', run));
    all.push('"');
    all
}

/// The shortest text that reads back as the same number.
pub(super) fn decimal(x: f64) -> String {
    let size = x.abs();
    if size != 0.0 && !(1e-5..1e15).contains(&size) { format!("{x:e}") } else { format!("{x}") }
}

#[cfg(test)]
mod tests;
