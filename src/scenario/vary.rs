//! What a sweep varies, as it is written: `name = lo:hi:n`, `name = lo:hi log`, `name = a, b, c`.

use super::keys::split;
use super::read_context::short;
use crate::diagnostic::{Code, Diagnostic};
use crate::expr::{Source, Word};

/// The largest number of values of one thing that varies.
pub const MAX_VALUES: u64 = 1_000_000;

/// One thing that varies.
#[derive(Debug, Clone, PartialEq)]
pub struct Vary {
    /// What: a key that `--set` takes, or `variant`.
    pub key: String,
    /// Through which values.
    pub values: Values,
}

/// The values of something that varies.
#[derive(Debug, Clone, PartialEq)]
pub enum Values {
    /// From `lo` to `hi`, above it.
    Range {
        /// The least value.
        lo: f64,
        /// The greatest.
        hi: f64,
        /// How many values, evenly spaced, at least 2; absent: any value between.
        count: Option<u64>,
        /// Whether ratios are even instead of differences.
        log: bool,
        /// Whether values are whole numbers.
        integer: bool,
    },
    /// These, as settings are written.
    List(Vec<String>),
}

/// Reads one thing that varies. Whether it can be set to its values is not checked here.
///
/// # Errors
/// What is wrong, with its place in the text.
pub fn vary(text: &str) -> Result<Vary, Diagnostic> {
    let written = read(&Source::verbatim(text, 0))?;
    Ok(Vary { key: written.key.text().to_string(), values: written.values })
}

/// The same with places.
pub(super) struct Written {
    pub key: Source,
    pub values: Values,
    /// Where the values stand.
    pub place: Source,
    /// Where each value of a list stands, or the ends of the range.
    pub words: Vec<Word>,
}

const FORMS: &str = "the forms are `name = lo:hi:n`, `name = lo:hi`, both with `log` or `integer` \
                     behind them if wanted, and `name = a, b, c`";

fn fault(source: &Source, text: impl Into<String>) -> Diagnostic {
    Diagnostic::new(Code::Experiment, source.whole(), text)
}

pub(super) fn read(source: &Source) -> Result<Written, Diagnostic> {
    let text = source.text();
    let Some(at) = text.find('=') else {
        return Err(fault(source, "nothing is varied here").help(FORMS));
    };
    let (key, place) = (trimmed(source, 0, at), trimmed(source, at + 1, text.len()));
    if key.text().is_empty() || place.text().is_empty() {
        return Err(fault(source, "nothing is varied here").help(FORMS));
    }
    if !place.text().contains(':') {
        let words = split(&place);
        if words.iter().any(|word| word.text.is_empty()) {
            let text = format!("`{}` is not a list of values", short(place.text()));
            return Err(fault(&place, text).help(FORMS));
        }
        if let Some(word) = words.iter().find(|word| is_span(&word.text)) {
            let text = format!("`{}` is one value here, a difference", short(&word.text));
            let help = format!("a range is written with colons; {FORMS}");
            return Err(fault(&place, text).help(help));
        }
        if words.len() as u64 > MAX_VALUES {
            return Err(fault(&place, format!("there are more than {MAX_VALUES} values here")));
        }
        let values = Values::List(words.iter().map(|word| word.text.clone()).collect());
        return Ok(Written { key, values, place, words });
    }
    let (values, words) = range(&place)?;
    Ok(Written { key, values, place, words })
}

/// Whether a word looks like a range as people write it: `2-16`.
fn is_span(word: &str) -> bool {
    let number = |text: &str| text.trim().parse::<f64>().is_ok_and(f64::is_finite);
    word.split_once(['-', '–']).is_some_and(|(lo, hi)| number(lo) && number(hi))
}

/// `lo:hi:n` or `lo:hi`, perhaps with `log` and `integer`.
fn range(place: &Source) -> Result<(Values, Vec<Word>), Diagnostic> {
    let text = place.text();
    let wrong = || fault(place, format!("`{}` is not a range of values", short(text)));
    let numbers = text.trim_end_matches(|c: char| c.is_ascii_lowercase() || c == ' ');
    let (mut log, mut integer) = (false, false);
    for word in text[numbers.len()..].split_ascii_whitespace() {
        match word {
            "log" => log = true,
            "integer" => integer = true,
            _ => return Err(wrong().help(FORMS)),
        }
    }
    let pieces: Vec<&str> = numbers.split(':').map(str::trim).collect();
    let (lo, hi, count) = match pieces.as_slice() {
        [lo, hi] => (lo, hi, None),
        [lo, hi, count] => (lo, hi, Some(count)),
        _ => return Err(wrong().help(FORMS)),
    };
    let number = |text: &str| text.parse::<f64>().ok().filter(|x| x.is_finite());
    let (Some(least), Some(most)) = (number(lo), number(hi)) else {
        return Err(wrong().help(FORMS));
    };
    let counted = count.map(|n| n.parse::<u64>().ok().filter(|n| (2..=MAX_VALUES).contains(n)));
    let (Some(counted), true) = (counted.map_or(Some(None), |n| n.map(Some)), least < most) else {
        return Err(wrong().help("`lo:hi:n` has lo below hi and n at least 2"));
    };
    if log && least <= 0.0 {
        return Err(wrong().help("on a log scale lo is above 0"));
    }
    let whole = |x: f64| x.fract() == 0.0 && x.abs() < 9e15;
    if integer && !(whole(least) && whole(most)) {
        return Err(wrong().help("on a scale of whole numbers lo and hi are whole"));
    }
    if integer && counted.is_some_and(|n| n as f64 > most - least + 1.0) {
        return Err(wrong().help("there are fewer whole numbers between lo and hi than n"));
    }
    let word = |text: &str| Word { text: text.to_string(), span: place.whole() };
    let values = Values::Range { lo: least, hi: most, count: counted, log, integer };
    Ok((values, vec![word(lo), word(hi)]))
}

pub(super) fn trimmed(source: &Source, start: usize, end: usize) -> Source {
    let text = source.text().get(start..end).unwrap_or_default();
    let front = text.len() - text.trim_start().len();
    let back = text.trim_end().len().max(front);
    source.slice(start + front, start + back)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(text: &str) -> Values {
        vary(text).unwrap().values
    }

    #[test]
    fn ranges_and_lists() {
        let range = |lo, hi, count, log, integer| Values::Range { lo, hi, count, log, integer };
        assert_eq!(values("gift=0:1:5"), range(0.0, 1.0, Some(5), false, false));
        assert_eq!(values("gift = -1e-3 : 2"), range(-1e-3, 2.0, None, false, false));
        assert_eq!(values("p=1:16:5 log"), range(1.0, 16.0, Some(5), true, false));
        assert_eq!(values("p=1:9 log integer"), range(1.0, 9.0, None, true, true));
        let list = |words: &[&str]| Values::List(words.iter().map(|w| w.to_string()).collect());
        assert_eq!(values("variant = base, no_pact"), list(&["base", "no_pact"]));
        assert_eq!(values("w[CHN] = 0.5"), list(&["0.5"]));
        assert_eq!(values("x = -1, 1e-3, a-1"), list(&["-1", "1e-3", "a-1"]));
        assert_eq!(vary("tie[A, B] = 1, 2").unwrap().key, "tie[A, B]");
    }

    #[test]
    fn what_is_not_a_range_is_refused() {
        let refused = [
            "gift",
            "gift=",
            "=1:2",
            "x=1:2:3:4",
            "x=a:b",
            "x=2:1",
            "x=1:1:5",
            "x=0:1:1",
            "x=0:1 log",
            "x=0.5:3 integer",
            "x=1:3:9 integer",
            "x=1:2 lin",
            "x=1,,2",
            "x=2-16",
            "x=0.5, 1 - 2",
            "x=1:inf",
        ];
        for text in refused {
            assert!(vary(text).is_err(), "{text}");
        }
    }
}
