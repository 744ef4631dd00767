//! Numbers as people read them: the one place where a number becomes text for a page.
//!
//! Files hold numbers in full, as `output::number` writes them; pages leave digits out, all by
//! these rules:
//!
//! | what | function | digits | example |
//! |---|---|---|---|
//! | a value | [`short`] | four | `0.1235`, `12.5`, `123457` |
//! | an estimate, its interval | [`Scale`] | those that its error leaves | `0.312 [0.308, 0.316]` |
//! | a probability, a share, what an option is worth | [`rate`] | three | `0.312` |
//! | a probability or share in per cent | [`percent`] | three | `31.2 %` |
//! | a difference between values | [`change`] | three, with its sign | `+0.0339` |
//! | a rough size | [`about`] | two | `3.4` |
//! | a bound | [`at_most`] | two, rounded up | `at most 3.1e-16` |
//! | how many there are | [`count`] | all | `10,000 runs` |
//!
//! Digits are significant ones. Zeros at the end are left out, except in an estimate, where they
//! say how well it is known. No digit before the point is rounded away but in a bound. Powers of
//! ten begin below 10⁻⁴ and at 10⁹. What is not a number is `-`, infinity `inf`; 0 has no sign.

/// Sizes that are written without powers of ten.
const PLAIN: std::ops::Range<f64> = 1e-4..1e9;

/// A value: four significant digits.
pub fn short(x: f64) -> String {
    digits(x, 4)
}

/// A probability, a share, or what an actor expects of an option: three significant digits, which
/// leave room for many columns.
pub fn rate(x: f64) -> String {
    digits(x, 3)
}

/// A probability or a share in per cent, `31.2 %`.
pub fn percent(x: f64) -> String {
    format!("{} %", rate(100.0 * x))
}

/// A difference: three significant digits and its sign.
pub fn change(x: f64) -> String {
    signed(digits(x, 3))
}

/// A rough size: two significant digits.
pub fn about(x: f64) -> String {
    digits(x, 2)
}

/// A number as text with its sign: `+` before what is above 0.
pub fn signed(text: String) -> String {
    let above = text.starts_with(|c: char| c.is_ascii_digit()) && !is_zero(&text);
    if above { format!("+{text}") } else { text }
}

/// A number with at most `count` significant digits, and all of those before the point.
fn digits(x: f64, count: usize) -> String {
    let Some((mantissa, power)) = scientific(x, count) else { return special(x) };
    if !(-4..9).contains(&power) {
        return format!("{}e{power}", trimmed(&mantissa));
    }
    let places = (count as i32 - 1 - power).max(0);
    trimmed(&format!("{x:.*}", places as usize)).to_string()
}

/// The rounded mantissa of a number and its power of ten; none for 0 and what is not finite.
fn scientific(x: f64, count: usize) -> Option<(String, i32)> {
    if !x.is_finite() || x == 0.0 {
        return None;
    }
    let text = format!("{x:.*e}", count.saturating_sub(1));
    let (mantissa, power) = text.split_once('e')?;
    Some((mantissa.to_string(), power.parse().ok()?))
}

/// The power of ten of the first digit; none for 0 and what is not finite.
fn power(x: f64) -> Option<i32> {
    // so many digits that nothing is rounded up to the next power
    scientific(x, 17).map(|(_, power)| power)
}

/// 0, and what is not finite.
fn special(x: f64) -> String {
    match x {
        _ if x.is_nan() => "-",
        f64::INFINITY => "inf",
        f64::NEG_INFINITY => "-inf",
        _ => "0",
    }
    .to_string()
}

fn trimmed(text: &str) -> &str {
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { text }
}

fn is_zero(text: &str) -> bool {
    text.chars().all(|c| "-0.".contains(c))
}

/// How the numbers of one estimate are shown: to the digits that its error leaves.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Scale {
    /// There is no error: as [`short`] shows values.
    Value,
    /// With so many digits after the point.
    Places(usize),
    /// In powers of ten, the last digit at this one.
    Powers(i32),
}

impl Scale {
    /// The scale for a value with this error, half the width of its interval: one digit of the
    /// error, two if the first is 1 or 2, and at most six after the point.
    pub fn of(value: f64, error: f64) -> Scale {
        let Some(first) = power(error).filter(|_| error > 0.0) else { return Scale::Value };
        let two = format!("{error:e}").starts_with(['1', '2']);
        let last = first - i32::from(two);
        match value.abs().max(error) {
            size if PLAIN.contains(&size) => Scale::Places((-last).clamp(0, 6) as usize),
            _ => Scale::Powers(last),
        }
    }

    /// A number at this scale.
    pub fn show(self, x: f64) -> String {
        if !x.is_finite() {
            return special(x);
        }
        let text = match self {
            Scale::Value => short(x),
            Scale::Places(places) => format!("{x:.places$}"),
            Scale::Powers(last) => match power(x) {
                Some(first) if first >= last => {
                    format!("{x:.*e}", (first - last).min(6) as usize)
                }
                _ => "0".to_string(),
            },
        };
        if is_zero(&text) { text.trim_start_matches('-').to_string() } else { text }
    }

    /// The ends of an interval, `[0.308, 0.316]`.
    pub fn interval(self, lo: f64, hi: f64) -> String {
        format!("[{}, {}]", self.show(lo), self.show(hi))
    }
}

/// `1 run`, `10,000 runs`, `2 histories`.
pub fn count(n: u64, word: &str) -> String {
    let digits = n.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    let stem = word.strip_suffix('y').filter(|stem| !stem.ends_with(['a', 'e', 'i', 'o', 'u']));
    match stem {
        _ if n == 1 => format!("{text} {word}"),
        Some(stem) => format!("{text} {stem}ies"),
        None => format!("{text} {word}s"),
    }
}

/// A bound for people: `0` where it is exactly that, else `at most 3.1e-16`, never below `x`.
pub fn at_most(x: f64) -> String {
    match x {
        0.0 => "0".to_string(),
        _ => format!("at most {}", upwards(x)),
    }
}

/// A number above 0 with two digits, rounded up.
fn upwards(x: f64) -> String {
    let near = format!("{x:.1e}");
    let read = |text: &str| text.parse::<f64>().unwrap_or(f64::INFINITY);
    let digits = match near.split_once('e') {
        Some((tenths, power)) if read(&near) < x => {
            read(&format!("{:.1}e{power}", read(tenths) + 0.1))
        }
        _ => read(&near),
    };
    if PLAIN.contains(&digits) { format!("{digits}") } else { format!("{digits:e}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_keep_four_digits() {
        let cases = [
            (0.0, "0"),
            (-0.0, "0"),
            (1.0, "1"),
            (0.123456, "0.1235"),
            (-12.5, "-12.5"),
            (123456.78, "123457"),
            (0.00012346, "0.0001235"),
            (0.000099999, "0.0001"),
            (0.000012346, "1.235e-5"),
            (1e-9, "1e-9"),
            (9999.96, "10000"),
            (999_999_999.7, "1e9"),
            (1.23456e15, "1.235e15"),
            (1e308, "1e308"),
            (f64::NAN, "-"),
            (f64::INFINITY, "inf"),
            (f64::NEG_INFINITY, "-inf"),
        ];
        for (value, expected) in cases {
            assert_eq!(short(value), expected);
        }
    }

    #[test]
    fn rates_and_differences_keep_three() {
        assert_eq!(rate(1.0 / 3.0), "0.333");
        assert_eq!(percent(0.00012345), "0.0123 %");
        assert_eq!(percent(1.0), "100 %");
        assert_eq!(change(0.033_91), "+0.0339");
        assert_eq!(change(-0.25), "-0.25");
        assert_eq!(change(0.0), "0");
        assert_eq!(about(3.35), "3.4");
        assert_eq!(signed("0.00".to_string()), "0.00");
        assert_eq!(signed("-".to_string()), "-");
    }

    #[test]
    fn estimates_have_the_digits_of_their_error() {
        let show = |x: f64, error: f64| Scale::of(x, error).show(x);
        for (x, error, text) in [
            (0.312_34, 0.004, "0.312"),
            (0.312_34, 0.021, "0.312"),
            (0.312_34, 0.04, "0.31"),
            (1234.5, 20.0, "1234"),
            (-0.000_01, 0.02, "0.000"),
            (0.5, 0.04, "0.50"),
            (0.5, 1e-12, "0.500000"),
            (4.0, 0.0, "4"),
            (4.0, f64::NAN, "4"),
            (f64::NAN, 0.1, "-"),
            (3.04e-5, 2e-6, "3.04e-5"),
            (1.5e10, 3e8, "1.50e10"),
        ] {
            assert_eq!(show(x, error), text);
        }
        let small = Scale::of(3.04e-5, 4e-5);
        assert_eq!(small.interval(-1e-5, 7e-5), "[-1e-5, 7e-5]");
        assert_eq!(small.interval(-1e-6, 7e-5), "[0, 7e-5]");
    }

    #[test]
    fn counts_read_well() {
        assert_eq!(count(1, "run"), "1 run");
        assert_eq!(count(10_000, "run"), "10,000 runs");
        assert_eq!(count(1_234_567, "round"), "1,234,567 rounds");
    }

    #[test]
    fn bounds_are_never_below_what_they_bound() {
        for (x, text) in [
            (0.0, "0"),
            (3.04e-16, "at most 3.1e-16"),
            (3.0e-16, "at most 3e-16"),
            (9.91e-9, "at most 1e-8"),
            (0.000_301, "at most 0.00031"),
            (0.25, "at most 0.25"),
            (1234.0, "at most 1300"),
            (f64::MIN_POSITIVE, "at most 2.3e-308"),
        ] {
            assert_eq!(at_most(x), text);
        }
    }
}
