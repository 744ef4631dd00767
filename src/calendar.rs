//! Dates of rounds, in the proleptic Gregorian calendar: leap years are those of today in all
//! years, as in ISO 8601.

use std::fmt;

/// A day. Its text is that of ISO 8601, `2024-07-01`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date {
    year: i64,
    /// From 1.
    month: i64,
    /// From 1.
    day: i64,
}

/// How long a round is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    /// So many days.
    Days(i64),
    /// So many months.
    Months(i64),
}

/// The words of `round` that make a calendar.
const STEPS: [(&str, Step); 6] = [
    ("day", Step::Days(1)),
    ("week", Step::Days(7)),
    ("month", Step::Months(1)),
    ("quarter", Step::Months(3)),
    ("half-year", Step::Months(6)),
    ("year", Step::Months(12)),
];

/// The forms of a date, for messages.
pub const FORMS: &str = "`2024`, `2024-07`, `2024-07-01`, `2024-Q3` and `2024-H2`";

/// The last year that a date can have.
const LAST_YEAR: i64 = 9999;

/// The dates of rounds: the first day of round 1, and how long a round is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Calendar {
    first: Date,
    step: Step,
}

impl Date {
    /// The first day of what is written in one of the [`FORMS`]; nothing if the text has none of
    /// them.
    ///
    /// # Errors
    /// In words, if it has the form of a date and there is no such day.
    pub fn parse(text: &str) -> Result<Option<Date>, String> {
        let Some((year, rest)) = text.split_at_checked(4) else { return Ok(None) };
        let Some(year) = digits(year) else { return Ok(None) };
        let (month, day) = match rest.as_bytes() {
            [] => (1, 1),
            [b'-', b'Q', quarter @ b'0'..=b'9'] => (3 * i64::from(quarter - b'0') - 2, 1),
            [b'-', b'H', half @ b'0'..=b'9'] => (6 * i64::from(half - b'0') - 5, 1),
            [b'-', _, _] | [b'-', _, _, b'-', _, _] => {
                let day = if rest.len() > 3 { digits(&rest[4..]) } else { Some(1) };
                let (Some(month), Some(day)) = (digits(&rest[1..3]), day) else { return Ok(None) };
                (month, day)
            }
            _ => return Ok(None),
        };
        let sound = year >= 1 && (1..=12).contains(&month);
        if !sound || day < 1 || day > days_of(year, month) {
            return Err(format!("there is no date `{text}`"));
        }
        Ok(Some(Date { year, month, day }))
    }

    /// Days since 0000-03-01 (Hinnant, "chrono-compatible low-level date algorithms", 2013).
    fn number(self) -> i64 {
        let (year, month) = if self.month > 2 {
            (self.year, self.month - 3)
        } else {
            (self.year - 1, self.month + 9)
        };
        let leaps = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
        365 * year + leaps + (153 * month + 2) / 5 + self.day - 1
    }

    /// The day of that number.
    fn numbered(number: i64) -> Date {
        let era = number.div_euclid(146_097);
        let of_era = number.rem_euclid(146_097);
        let years = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * years + years / 4 - years / 100);
        let month = (5 * of_year + 2) / 153;
        let day = of_year - (153 * month + 2) / 5 + 1;
        let year = era * 400 + years;
        if month < 10 {
            Date { year, month: month + 3, day }
        } else {
            Date { year: year + 1, month: month - 9, day }
        }
    }

    /// So many months later; where that month is too short, its last day.
    fn months_later(self, months: i64) -> Date {
        let all = self.year * 12 + self.month - 1 + months;
        let (year, month) = (all.div_euclid(12), all.rem_euclid(12) + 1);
        Date { year, month, day: self.day.min(days_of(year, month)) }
    }
}

/// A text of nothing but digits as a number.
fn digits(text: &str) -> Option<i64> {
    let plain = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    text.parse().ok().filter(|_| plain)
}

/// How many days a month has.
fn days_of(year: i64, month: i64) -> i64 {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

impl Calendar {
    /// The dates of rounds that are called `round`, the first of which begins at `start`; nothing
    /// if one of them is a mere label.
    ///
    /// # Errors
    /// In words, if `start` has the form of a date and there is no such day, or if the last of
    /// `rounds` lies behind the year 9999.
    pub fn of(round: &str, start: &str, rounds: u32) -> Result<Option<Calendar>, String> {
        let Some((_, step)) = STEPS.iter().find(|(word, _)| *word == round) else {
            return Ok(None);
        };
        let Some(first) = Date::parse(start)? else { return Ok(None) };
        let calendar = Calendar { first, step: *step };
        if calendar.date(rounds).year > LAST_YEAR {
            return Err(format!("round {rounds} would lie behind the year {LAST_YEAR}"));
        }
        Ok(Some(calendar))
    }

    /// The first day of a round, from 1. Months are counted from the start: with a start on the
    /// 31st a round begins on the last day of a shorter month.
    pub fn date(&self, round: u32) -> Date {
        let past = i64::from(round) - 1;
        match self.step {
            Step::Days(days) => Date::numbered(self.first.number() + past * days),
            Step::Months(months) => self.first.months_later(past * months),
        }
    }

    /// The round, from 1, that holds a day; nothing for a day before the first.
    pub fn round(&self, day: Date) -> Option<u32> {
        u32::try_from(self.rounds_on(day)).ok().filter(|round| *round > 0)
    }

    /// The same, with 0 for the round before the first, -1 for the one before that, and so on.
    pub fn rounds_on(&self, day: Date) -> i64 {
        let past = match self.step {
            Step::Days(days) => (day.number() - self.first.number()).div_euclid(days),
            Step::Months(months) => {
                let apart = (day.year - self.first.year) * 12 + day.month - self.first.month;
                let begun = self.first.months_later(apart) <= day;
                (apart - i64::from(!begun)).div_euclid(months)
            }
        };
        past + 1
    }

    /// A round as people name it: `2024-08`, `2017-Q4`, `2030-H2`, `1915`; its first day where
    /// rounds are days or weeks, or do not begin with such a month, quarter, half-year or year.
    pub fn label(&self, round: u32) -> String {
        let date = self.date(round);
        let Date { year, month, .. } = date;
        match self.step {
            _ if self.first.day != 1 => date.to_string(),
            Step::Months(1) => format!("{year:04}-{month:02}"),
            Step::Months(3) if month % 3 == 1 => format!("{year:04}-Q{}", month / 3 + 1),
            Step::Months(6) if month % 6 == 1 => format!("{year:04}-H{}", month / 6 + 1),
            Step::Months(12) if month == 1 => format!("{year:04}"),
            _ => date.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calendar(round: &str, start: &str) -> Calendar {
        Calendar::of(round, start, 1).ok().flatten().expect("a calendar")
    }

    /// `tests/data/dates.txt` comes from Python's `datetime`: what rounds are called, the start,
    /// a round, its first day, and the day before the next round.
    #[test]
    fn dates_are_those_of_another_program() {
        let table = include_str!("../tests/data/dates.txt");
        let mut count = 0;
        for line in table.lines().filter(|line| !line.starts_with('#')) {
            let [unit, start, round, first, last] =
                line.split(' ').collect::<Vec<_>>().try_into().expect("five words a line");
            let calendar = calendar(unit, start);
            let round: u32 = round.parse().expect("a round");
            assert_eq!(calendar.date(round).to_string(), first, "{line}");
            for day in [first, last] {
                let day = Date::parse(day).ok().flatten().expect("a date");
                assert_eq!(calendar.round(day), Some(round), "{line}");
            }
            count += 1;
        }
        assert!(count > 300, "{count}");
    }

    #[test]
    fn labels_are_no_dates_and_impossible_days_are_errors() {
        for text in ["", "spring", "2024-7", "2024-Q12", "24-07", "2024/07", "１９１４", "+914"]
        {
            assert_eq!(Date::parse(text), Ok(None), "{text}");
        }
        for text in ["2024-13", "2023-02-29", "2024-Q0", "2024-Q5", "2024-H3", "0000", "2024-00"] {
            assert!(Date::parse(text).is_err(), "{text}");
        }
        assert_eq!(Calendar::of("stage", "2024-13", 1), Ok(None));
        assert_eq!(Calendar::of("month", "", 1), Ok(None));
        assert!(Calendar::of("year", "9000", 1_000).is_ok_and(|found| found.is_some()));
        assert!(Calendar::of("year", "9000", 1_001).is_err());
    }

    #[test]
    fn rounds_are_called_as_the_start_is_written() {
        let named = |unit, start, round| calendar(unit, start).label(round);
        assert_eq!(named("month", "2024-07", 7), "2025-01");
        assert_eq!(named("quarter", "2017-Q3", 3), "2018-Q1");
        assert_eq!(named("quarter", "2017-02", 2), "2017-05-01");
        assert_eq!(named("half-year", "2030-H1", 2), "2030-H2");
        assert_eq!(named("year", "1914", 5), "1918");
        assert_eq!(named("month", "2024-01-31", 2), "2024-02-29");
        assert_eq!(named("week", "2024-12-30", 2), "2025-01-06");
        let before = Date::parse("2024-06-30").ok().flatten().expect("a date");
        assert_eq!(calendar("month", "2024-07").round(before), None);
    }
}
