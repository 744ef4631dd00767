//! A budget of memory: what a command is going to take, by component, before it takes it.
//!
//! A [`Need`] is added up from sizes that are known beforehand (arms, rounds, runs, threads) and
//! held against a [`Memory`]; what does not fit is refused with an [`Excess`]. The budget decides
//! whether and with how many threads something is played, never what comes out.

use std::fmt;
use std::str::FromStr;

/// So much memory may be taken, in bytes. Written `512MB` or `4GB` (powers of 1000), `512MiB` or
/// `4GiB` (powers of 1024).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Memory(u64);

/// The units of [`Memory`].
const UNITS: [(&str, u64); 6] = [
    ("MB", 1_000_000),
    ("GB", 1_000_000_000),
    ("TB", 1_000_000_000_000),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
    ("TiB", 1 << 40),
];

impl Memory {
    /// The least budget: the program itself takes a good part of it.
    pub const LEAST: Memory = Memory(64_000_000);
    /// The greatest.
    const MOST: Memory = Memory(1 << 50);

    /// So many bytes, moved between [`Memory::LEAST`] and a petabyte.
    pub fn new(bytes: u64) -> Memory {
        Memory(bytes).clamp(Memory::LEAST, Memory::MOST)
    }

    /// In bytes.
    pub fn bytes(self) -> u64 {
        self.0
    }
}

impl Default for Memory {
    /// 2 GB.
    fn default() -> Memory {
        Memory(2_000_000_000)
    }
}

impl fmt::Display for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&size(self.0))
    }
}

impl FromStr for Memory {
    type Err = String;

    fn from_str(text: &str) -> Result<Memory, String> {
        let wanted = "write a size with its unit, for instance 512MB or 4GB";
        let text = text.trim();
        let end = text.find(|c: char| c.is_ascii_alphabetic()).ok_or(wanted)?;
        let (number, unit) = (text[..end].trim(), &text[end..]);
        let known = UNITS.iter().find(|(name, _)| name.eq_ignore_ascii_case(unit));
        let (_, unit) = known.ok_or(wanted)?;
        let plain = number.chars().all(|c| c.is_ascii_digit() || c == '.');
        let number = number.parse::<f64>().ok().filter(|n| plain && n.is_finite()).ok_or(wanted)?;
        let memory = Memory((number * *unit as f64) as u64);
        if memory < Memory::LEAST || memory > Memory::MOST {
            let (least, most) = (Memory::LEAST, Memory::MOST);
            return Err(format!("{memory} is not between {least} and {most}"));
        }
        Ok(memory)
    }
}

/// Bytes for people: `64 MB`, `1.9 GB`.
fn size(bytes: u64) -> String {
    let (unit, word) = match bytes {
        0..1_000_000_000 => (1e6, "MB"),
        1_000_000_000..1_000_000_000_000 => (1e9, "GB"),
        _ => (1e12, "TB"),
    };
    let number = bytes as f64 / unit;
    let digits = usize::from(word != "MB" && number < 100.0 && bytes as f64 % unit != 0.0);
    format!("{number:.digits$} {word}")
}

/// What something is going to take, by component.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Need(Vec<(&'static str, u64)>);

/// What the program takes before it plays anything, and for each byte of a scenario's text.
const PROGRAM: u64 = 24_000_000;
const TEXT: u64 = 24;
/// What a thread takes of its stack.
const THREAD: u64 = 500_000;

impl Need {
    /// What the program takes by itself, with a scenario of this text on so many threads.
    pub fn program(text: &str, threads: usize) -> Need {
        let own = PROGRAM + TEXT * text.len() as u64;
        Need(vec![("program", own.saturating_add(THREAD.saturating_mul(threads as u64)))])
    }

    /// The same with a component added: so many times so many bytes.
    #[must_use]
    pub fn with(mut self, what: &'static str, count: u64, each: u64) -> Need {
        self.0.push((what, count.saturating_mul(each)));
        self
    }

    /// Both together.
    #[must_use]
    pub fn and(mut self, other: &Need) -> Need {
        self.0.extend_from_slice(&other.0);
        self
    }

    /// The components in the order in which they were added, in bytes.
    pub fn parts(&self) -> &[(&'static str, u64)] {
        &self.0
    }

    /// All together, in bytes.
    pub fn total(&self) -> u64 {
        self.0.iter().fold(0, |sum, (_, bytes)| sum.saturating_add(*bytes))
    }

    /// What of a budget is left beside it, in bytes.
    pub fn left(&self, memory: Memory) -> u64 {
        memory.0.saturating_sub(self.total())
    }

    /// Whether it fits into a budget; `help` says what would take less.
    ///
    /// # Errors
    /// [`Excess`] if it does not.
    pub fn check(&self, memory: Memory, help: &'static str) -> Result<(), Excess> {
        if self.total() <= memory.0 {
            return Ok(());
        }
        Err(Excess { need: self.clone(), memory, help })
    }
}

/// Something that would take more memory than it may.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excess {
    /// What it would take.
    pub need: Need,
    /// What it may.
    pub memory: Memory,
    /// What would take less.
    pub help: &'static str,
}

impl fmt::Display for Excess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const NAMED: usize = 3;
        let total = self.need.total();
        let mut parts = self.need.0.clone();
        parts.sort_by_key(|(_, bytes)| std::cmp::Reverse(*bytes));
        parts.retain(|(_, bytes)| *bytes >= total / 50);
        let named = parts.iter().take(NAMED).map(|(what, n)| format!("{what} {}", size(*n)));
        let named: Vec<String> = named.collect();
        write!(
            f,
            "this takes about {} of memory, and {} are allowed: {}; {}, or allow more with \
             --memory",
            size(total),
            self.memory,
            named.join(", "),
            self.help
        )
    }
}

impl std::error::Error for Excess {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_and_shown() {
        let read = |text: &str| text.parse::<Memory>().map(Memory::bytes);
        assert_eq!(read("2GB"), Ok(2_000_000_000));
        assert_eq!(read(" 1.5 gb"), Ok(1_500_000_000));
        assert_eq!((read("512MB"), read("512MiB")), (Ok(512_000_000), Ok(536_870_912)));
        for wrong in ["", "2", "GB", "2G", "-2GB", "1e3MB", "nanGB", "infGB", "2 GB B", "1KB"] {
            assert!(read(wrong).is_err_and(|why| why.contains("512MB")), "{wrong}");
        }
        assert!(read("1MB").is_err_and(|why| why.starts_with("1 MB is not between 64 MB and ")));
        assert!(read("99999999TB").is_err());
        let shown = [Memory::default(), Memory(1_940_000_000), Memory(64_000_000)];
        assert_eq!(shown.map(|m| m.to_string()), ["2 GB", "1.9 GB", "64 MB"]);
    }

    #[test]
    fn what_does_not_fit_is_told_by_component() {
        let need = Need::default().with("trajectories", 5, 1_000_000_000).with("small", 1, 100);
        assert_eq!(
            (need.total(), need.clone().with("much", u64::MAX, 2).total()),
            (5_000_000_100, u64::MAX)
        );
        assert_eq!(need.check(Memory::new(6_000_000_000), "wait"), Ok(()));
        let told = need.check(Memory::default(), "play fewer rounds").map_err(|e| e.to_string());
        let words = "this takes about 5.0 GB of memory, and 2 GB are allowed: trajectories 5 GB; \
                     play fewer rounds, or allow more with --memory";
        assert_eq!(told, Err(words.to_string()));
    }
}
