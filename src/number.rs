//! Numbers as people read them: the one place where a number becomes text for a page.
//!
//! Files hold numbers in full, as `output::number` writes them; here digits are left out. Three
//! ways of being short have grown, and pages still differ by them:
//!
//! | | pages | 123456.78 | 0.00001234 | from | not a number |
//! |---|---|---|---|---|---|
//! | [`four`] digits | descriptions, transcripts | `123500` | `1.234e-5` | 10⁹ | `-` |
//! | [`three`] digits | runs, claims, sweeps | `123457` | `0.000012` | 10⁹ | nothing |
//! | [`six_places`] | games | `123456.78` | `0.000012` | 10¹⁵ | `NaN` |
//!
//! `from` is where powers of ten begin. A transcript takes [`digits`] with two and three as
//! well, means of sweeps are shown by [`four_places`], and the game between postures shows three
//! places whatever the size. To make them one is a step of its own: people see it.

/// A number with at most four significant digits.
pub fn four(value: f64) -> String {
    digits(value, 4)
}

/// A number with at most `count` significant digits, trailing zeros left out.
pub fn digits(value: f64, count: usize) -> String {
    if !value.is_finite() {
        return if value.is_nan() { "-".to_string() } else { value.to_string() };
    }
    if value == 0.0 {
        return "0".to_string();
    }
    let scientific = format!("{value:.*e}", count.saturating_sub(1));
    let Some((mantissa, exponent)) = scientific.split_once('e') else { return scientific };
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if !(-4..9).contains(&exponent) {
        return format!("{}e{exponent}", trimmed(mantissa));
    }
    let places = i32::try_from(count).unwrap_or(4) - 1 - exponent;
    if places <= 0 {
        // the digits beyond the count are rounded away, as in the mantissa
        return scientific.parse::<f64>().map_or(scientific, |rounded| format!("{rounded:.0}"));
    }
    trimmed(&format!("{value:.*}", usize::try_from(places).unwrap_or(0))).to_string()
}

fn trimmed(text: &str) -> &str {
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { text }
}

/// How many decimals show an error of this size: one digit of it, two if the first is 1 or 2; three
/// digits of the value where there is no error.
pub fn places(error: f64, value: f64) -> usize {
    let two = scaled(error).is_some_and(|(first, _)| first < 3.0);
    let (size, digits) = if error > 0.0 { (error, 1 + usize::from(two)) } else { (value, 3) };
    decimals(size, digits).min(6)
}

/// How many decimals show so many significant digits of a number.
fn decimals(size: f64, digits: usize) -> usize {
    let Some((_, power)) = scaled(size) else { return 0 };
    // A number with its first digit at 10^power has its last one at 10^(power - digits + 1).
    usize::try_from(digits as i32 - 1 - power).unwrap_or(0)
}

/// A number as `x * 10^power` with x from 1 up to 10; none for 0 and what is not finite.
fn scaled(size: f64) -> Option<(f64, i32)> {
    if !size.is_finite() || size == 0.0 {
        return None;
    }
    let (mut x, mut power) = (size.abs(), 0);
    while x >= 10.0 {
        (x, power) = (x / 10.0, power + 1);
    }
    while x < 1.0 {
        (x, power) = (x * 10.0, power - 1);
    }
    Some((x, power))
}

/// A number with so many decimals, in powers of ten where it would be too long; no minus before 0.
pub fn fixed(x: f64, places: usize) -> String {
    if !x.is_finite() {
        return String::new();
    }
    if x.abs() >= 1e9 || (x != 0.0 && x.abs() < 1e-6) {
        return format!("{x:.2e}");
    }
    let text = format!("{x:.places$}");
    let zero = text.chars().all(|c| "-0.".contains(c));
    if zero { text.trim_start_matches('-').to_string() } else { text }
}

/// A number with three significant digits, all of those before the point, without zeros at its end.
pub fn three(x: f64) -> String {
    let text = fixed(x, decimals(x, 3).min(6));
    if text.contains('.') && !text.contains('e') {
        return text.trim_end_matches('0').trim_end_matches('.').to_string();
    }
    text
}

/// `1 run`, `10,000 runs`.
pub fn count(n: u64, word: &str) -> String {
    let digits = n.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    let plural = if n == 1 { "" } else { "s" };
    format!("{text} {word}{plural}")
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
    if (1e-3..1e3).contains(&digits) { format!("{digits}") } else { format!("{digits:e}") }
}

/// A number with up to six digits after the point; with an exponent where that would show nothing
/// of it, or digits that it has not.
pub fn six_places(x: f64) -> String {
    if x != 0.0 && !(1e-6..1e15).contains(&x.abs()) {
        return format!("{:e}", format!("{x:.5e}").parse().unwrap_or(x));
    }
    let text = format!("{x:.6}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".to_string() } else { text.to_string() }
}

/// A number rounded to four digits after the point, written as files write numbers: with an
/// exponent from 10¹⁶ on, and nothing where it is not a number.
pub fn four_places(x: f64) -> String {
    let rounded = (x * 1e4).round() / 1e4;
    match rounded.abs() {
        size if size.is_nan() => String::new(),
        f64::INFINITY => if rounded > 0.0 { "INF" } else { "-INF" }.to_string(),
        size if size >= 1e16 => format!("{rounded:e}"),
        _ => format!("{rounded}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_four_digits() {
        let cases = [
            (0.0, "0"),
            (1.0, "1"),
            (0.123456, "0.1235"),
            (-12.5, "-12.5"),
            (123456.0, "123500"),
            (0.00012346, "0.0001235"),
            (1e-9, "1e-9"),
            (9999.96, "10000"),
            (f64::NAN, "-"),
        ];
        for (value, expected) in cases {
            assert_eq!(four(value), expected);
        }
    }

    #[test]
    fn numbers_have_sensible_digits() {
        assert_eq!(fixed(0.312_34, places(0.004, 0.312)), "0.312");
        assert_eq!(fixed(0.312_34, places(0.021, 0.312)), "0.312");
        assert_eq!(fixed(0.312_34, places(0.04, 0.312)), "0.31");
        assert_eq!(fixed(1234.5, places(20.0, 1234.5)), "1234");
        assert_eq!(fixed(-0.000_01, 2), "0.00");
        assert_eq!(three(0.5), "0.5");
        assert_eq!(three(12.3456), "12.3");
        assert_eq!(three(1234.56), "1235");
        assert_eq!(three(0.0), "0");
        assert_eq!(three(f64::NAN), "");
        assert_eq!(fixed(4.0, places(0.0, 4.0)), "4.00");
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
            (0.0301, "at most 0.031"),
            (0.25, "at most 0.25"),
            (f64::MIN_POSITIVE, "at most 2.3e-308"),
        ] {
            assert_eq!(at_most(x), text);
        }
    }

    #[test]
    fn numbers_of_any_size_are_six_places() {
        for (x, text) in
            [(0.25, "0.25"), (-1.0, "-1"), (0.0, "0"), (1e308, "1e308"), (1.5e-9, "1.5e-9")]
        {
            assert_eq!(six_places(x), text);
        }
    }
}
