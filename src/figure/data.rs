//! Tables as figures read them.

use super::{Source, Wanted};
use crate::number::count;
use crate::table::{Cells, Table};

/// A column; without values where the table does not have it.
#[derive(Debug, Clone, Copy)]
pub struct Column<'a>(Option<&'a Cells>);

/// A column by name.
pub fn column<'a>(table: &'a Table, name: &str) -> Column<'a> {
    Column(table.column(name))
}

impl<'a> Column<'a> {
    /// Whether the table has it.
    pub fn is_there(self) -> bool {
        self.0.is_some()
    }

    /// A text; empty where there is none.
    pub fn text(self, row: usize) -> &'a str {
        match self.0 {
            Some(Cells::Text(list)) => list.get(row).map_or("", String::as_str),
            _ => "",
        }
    }

    /// A number; not-a-number where there is none.
    pub fn number(self, row: usize) -> f64 {
        match self.0 {
            Some(Cells::Number(list)) => list.get(row).copied().unwrap_or(f64::NAN),
            Some(Cells::Integer(list)) => list.get(row).map_or(f64::NAN, |n| *n as f64),
            Some(Cells::Truth(list)) => match list.get(row).copied().flatten() {
                Some(truth) => f64::from(u8::from(truth)),
                None => f64::NAN,
            },
            _ => f64::NAN,
        }
    }
}

/// What a name is called: its title where the scenario has one, else the name in words.
pub fn title(table: &Table, kind: &str, name: &str) -> String {
    let label = label(table, kind, name).map_or("", |label| label.title.as_str());
    if label.is_empty() { in_words(name) } else { label.to_string() }
}

/// The unit of a name; empty without one.
pub fn unit<'a>(table: &'a Table, kind: &str, name: &str) -> &'a str {
    label(table, kind, name).map_or("", |label| label.unit.as_str())
}

fn label<'a>(table: &'a Table, kind: &str, name: &str) -> Option<&'a crate::table::Label> {
    let labels = table.schema().labels().iter().find(|(known, _)| *known == kind);
    labels.and_then(|(_, all)| all.iter().find(|label| label.name == name))
}

/// What an arm is called.
pub fn arm(table: &Table, name: &str) -> String {
    match (label(table, "arms", name), name) {
        (Some(label), _) if !label.title.is_empty() => label.title.clone(),
        (_, "base") => "the file as it is".to_string(),
        _ => in_words(name),
    }
}

/// How arms are called where there is little room: by their titles if all of them fit, else by
/// their names, with a note that says which is which.
pub fn arms_within(
    table: &Table,
    arms: &[&str],
    size: f64,
    room: f64,
) -> (Vec<String>, Option<String>) {
    let titles: Vec<String> = arms.iter().map(|name| arm(table, name)).collect();
    if titles.iter().all(|title| super::style::width(title, size) <= room) {
        return (titles, None);
    }
    let names = arms.iter().map(|name| match *name {
        "base" => "as it is".to_string(),
        name => super::style::cut(&in_words(name), size, room),
    });
    let told = arms.iter().zip(&titles).filter(|(name, _)| **name != "base");
    let told: Vec<String> =
        told.map(|(name, title)| format!("{}: {title}", in_words(name))).collect();
    (names.collect(), Some(format!("{}.", told.join("; "))))
}

/// A name of a file in words: `war_ever` as `war ever`, `tie[A,B]` as `tie: A, B`. A made name of a
/// `first` outcome says what it is.
pub fn in_words(name: &str) -> String {
    let name =
        name.replace(":ever", " happens").replace(":restricted", " (last round where never)");
    match name.split_once('[') {
        Some((stem, rest)) => {
            let inside = rest.trim_end_matches(']').replace(',', ", ");
            format!("{}: {}", stem.replace('_', " "), inside.replace('_', " "))
        }
        None => name.replace('_', " "),
    }
}

/// The different texts of a column of some rows, in their order.
pub fn different<'a>(column: Column<'a>, rows: &[usize]) -> Vec<&'a str> {
    let mut seen = std::collections::BTreeSet::new();
    rows.iter().map(|row| column.text(*row)).filter(|text| seen.insert(*text)).collect()
}

/// The rows of one point: all where there is one, else those of the first, and a note that says so.
pub fn at_one_point(table: &Table) -> (Vec<usize>, Option<String>) {
    let point = column(table, "point");
    let all = 0..table.rows();
    let Some(first) = all.clone().map(|row| point.number(row)).find(|p| p.is_finite()) else {
        return (all.collect(), None);
    };
    let of_it: Vec<usize> = all.filter(|row| point.number(*row) == first).collect();
    let several = of_it.len() < table.rows();
    let note = several.then(|| format!("Drawn is point {first} of the sweep."));
    (of_it, note)
}

/// Which outcomes are drawn: those that are wanted, or the first dozen; and a note on the others.
pub fn outcomes<'a>(
    wanted: &Wanted,
    all: &[&'a str],
    most: usize,
) -> (Vec<&'a str>, Option<String>) {
    if !wanted.outcomes.is_empty() {
        let named = |name: &String| all.iter().find(|known| *known == name).copied();
        return (wanted.outcomes.iter().filter_map(named).collect(), None);
    }
    // made of a `first` outcome, which has its own figure
    let own: Vec<&str> = all.iter().copied().filter(|name| !name.contains(':')).collect();
    let shown: Vec<&str> = own.iter().copied().take(most).collect();
    let left = own.len() - shown.len();
    let note = (left > 0).then(|| {
        let more = count(left as u64, "more outcome");
        format!("{more} in the tables; --outcomes NAME,NAME draws those named.")
    });
    (shown, note)
}

/// At most so many arms: those that are wanted, or the first and those that lie farthest from it by
/// `distance`; in the order of the table, with a note on the others.
pub fn arms<'a>(
    wanted: &Wanted,
    all: &[&'a str],
    most: usize,
    distance: impl Fn(&str) -> f64,
) -> (Vec<&'a str>, Option<String>) {
    if !wanted.arms.is_empty() {
        let named = |name: &&&str| wanted.arms.iter().any(|wanted| wanted == *name);
        return (all.iter().filter(named).copied().take(8).collect(), None);
    }
    if all.len() <= most {
        return (all.to_vec(), None);
    }
    let mut far: Vec<(f64, &str)> = all.iter().skip(1).map(|arm| (distance(arm), *arm)).collect();
    far.sort_by(|a, b| b.0.total_cmp(&a.0));
    let kept: Vec<&str> = far.iter().take(most - 1).map(|(_, arm)| *arm).collect();
    let shown = |arm: &&&str| **arm == all[0] || kept.contains(*arm);
    let note = format!(
        "Of {} the first and the {} that differ most from it are drawn; --arms names others.",
        count(all.len() as u64, "arm"),
        most - 1
    );
    (all.iter().filter(shown).copied().collect(), Some(note))
}

/// Whether numbers of runs with this mean, deviation and count can be 0 and 1 only: among values
/// from 0 to 1 these alone vary so much.
pub fn zero_or_one(n: f64, mean: f64, sd: f64) -> bool {
    let most = mean * (1.0 - mean) * n / (n - 1.0);
    let inside = (0.0..=1.0).contains(&mean);
    // the deviation of one run is not known
    inside && (n < 2.0 || (sd * sd - most).abs() < 1e-9)
}

/// Ticks of rounds: about so many, called by their dates where rounds have them.
pub fn round_ticks(rounds: &[(f64, String)], about: usize) -> Vec<(f64, String)> {
    let dated = rounds.iter().any(|(_, date)| !date.is_empty());
    let step = rounds.len().div_ceil(about.max(1)).max(1);
    let monthly = rounds.iter().all(|(_, date)| date.ends_with("-01"));
    let yearly = rounds.iter().all(|(_, date)| date.ends_with("-01-01"));
    let label = |(round, date): &(f64, String)| match (dated, yearly, monthly) {
        (false, ..) => format!("{round}"),
        (_, true, _) => date.get(..4).unwrap_or(date).to_string(),
        (_, _, true) => date.get(..7).unwrap_or(date).to_string(),
        _ => date.clone(),
    };
    rounds.iter().step_by(step).map(|at| (at.0, label(at))).collect()
}

/// What the axis of rounds is called.
pub fn round_unit(ticks: &[(f64, String)]) -> &'static str {
    let number = |(_, label): &(f64, String)| label.parse::<f64>().is_ok_and(|n| n < 1000.0);
    if ticks.iter().all(number) { "round" } else { "" }
}

/// All rounds of some rows, in order, with their dates.
pub fn rounds(table: &Table, rows: &[usize]) -> Vec<(f64, String)> {
    let (round, date) = (column(table, "round"), column(table, "date"));
    let mut all: Vec<(f64, String)> = Vec::new();
    for row in rows {
        let number = round.number(*row);
        if let Err(place) = all.binary_search_by(|known| known.0.total_cmp(&number)) {
            all.insert(place, (number, date.text(*row).to_string()));
        }
    }
    all
}

/// A table of the source, its rows at one point.
pub fn rows_of<'a>(
    source: &'a Source,
    name: &str,
) -> Option<(&'a Table, Vec<usize>, Option<String>)> {
    let table = source.table(name)?;
    let (rows, note) = at_one_point(table);
    Some((table, rows, note))
}
