//! The first screen: what was asked and what came out, in sentences.

use std::collections::BTreeMap;

use super::{Contents, Study, claims, heading};
use crate::figure::{apart, arm, at_one_point, column, in_words, title as title_of, zero_or_one};
use crate::markup::{Element, el};
use crate::number::{Scale, count, percent, rate, short};
use crate::view::claims::Page;

/// So many differences are told.
const TOLD: usize = 5;

/// Everything above the figures.
pub fn first_screen(contents: &Contents<'_>, title: &str) -> Vec<Element> {
    let mut all = vec![el("h1").text(title), el("p").with("class", "dim").text(made(contents))];
    if let Some((told, _)) = contents.scenario.filter(|(told, _)| !told.summary.is_empty()) {
        all.push(el("p").with("class", "lead").text(told.summary.trim()));
    }
    all.push(links(contents));
    let mut found: Vec<Element> = contents.studies.iter().flat_map(differences).collect();
    found.extend(contents.studies.iter().flat_map(history));
    found.extend(luck(contents));
    found.extend(claims::pages(contents).iter().flat_map(verdicts));
    if !found.is_empty() {
        all.push(heading("short", "In short"));
        all.push(list(found));
    }
    let lines = arms(contents);
    if !lines.is_empty() {
        all.push(el("h3").text("What is compared"));
        all.push(list(lines));
    }
    all
}

fn list(items: Vec<Element>) -> Element {
    el("ul").children(items)
}

fn item(text: impl Into<String>) -> Element {
    el("li").text(text)
}

/// Which commands made it, on how many runs.
fn made(contents: &Contents<'_>) -> String {
    let mut told: Vec<String> = Vec::new();
    for Study { made_by, source } in &contents.studies {
        let points = source.table("points").map(|table| table.rows() as u64);
        let verb = made_by.command.split(' ').nth(1).unwrap_or("results");
        let n = match points {
            Some(points) => {
                format!("{}, {} at each", count(points, "point"), count(made_by.runs, "run"))
            }
            None if made_by.runs == 0 => "nothing was played".to_string(),
            None => format!("{} of each arm", count(made_by.runs, "run")),
        };
        told.push(format!("{verb}: {n}, seed {}", made_by.seed));
    }
    format!("A report by detente. {}.", told.join("; "))
}

fn links(contents: &Contents<'_>) -> Element {
    let mut all = vec![("short", "In short"), ("figures", "Figures")];
    if contents.studies.iter().any(|study| study.source.table("claims").is_some()) {
        all.push(("claims", "Claims"));
    }
    all.extend(contents.run.map(|_| ("run", "One run")));
    if contents.scenario.is_some() {
        all.extend([("assumptions", "Assumptions"), ("text", "The text")]);
    }
    all.push(("provenance", "How this was made"));
    let link = |(id, text): (&str, &str)| el("a").with("href", format!("#{id}")).text(text);
    el("nav").children(all.into_iter().map(link))
}

/// The arms of the first study that has several.
fn arms(contents: &Contents<'_>) -> Vec<Element> {
    let of = |study: &Study| {
        let table = study.source.table("summary")?;
        let (rows, _) = at_one_point(table);
        let mut names: Vec<String> = Vec::new();
        for row in rows {
            let name = column(table, "arm").text(row);
            if !names.iter().any(|known| known == name) {
                names.push(name.to_string());
            }
        }
        let line = |name: &String| {
            el("li").child(el("code").text(name)).text(format!(": {}", arm(table, name)))
        };
        (names.len() > 1).then(|| names.iter().map(line).collect::<Vec<Element>>())
    };
    contents.studies.iter().find_map(of).unwrap_or_default()
}

/// A difference in units of the spread of its outcome.
struct Difference<'a> {
    size: f64,
    outcome: &'a str,
    arm: &'a str,
    value: (f64, f64, f64),
    /// The means in the arm and in the one it is compared with, and whether they are shares.
    means: (f64, f64),
    share: bool,
}

/// The differences that matter most: the largest in units of the outcome's spread, one of each
/// outcome, of those whose interval leaves out 0.
fn differences(study: &Study) -> Vec<Element> {
    let (Some(table), Some(summary)) =
        (study.source.table("differences"), study.source.table("summary"))
    else {
        return Vec::new();
    };
    let mut estimates = BTreeMap::new();
    let (rows, _) = at_one_point(summary);
    let of = ["n", "mean", "sd", "min", "max"].map(|name| column(summary, name));
    for row in rows {
        let key = (column(summary, "arm").text(row), column(summary, "outcome").text(row));
        estimates.insert(key, of.map(|column| column.number(row)));
    }
    let of = ["mean", "lo", "hi"].map(|name| column(table, name));
    let (rows, _) = at_one_point(table);
    let mut all: Vec<Difference<'_>> = Vec::new();
    for row in rows {
        let [mean, lo, hi] = of.map(|column| column.number(row));
        let (outcome, arm) = (column(table, "outcome").text(row), column(table, "arm").text(row));
        let versus = column(table, "versus").text(row);
        let pair = (estimates.get(&(arm, outcome)), estimates.get(&(versus, outcome)));
        let (Some(one), Some(other)) = pair else { continue };
        let sd = if one[2] > other[2] { one[2] } else { other[2] };
        if outcome.contains(':') || !apart((mean, lo, hi)) || sd.is_nan() || sd <= 0.0 {
            continue;
        }
        let zero_one = |e: &[f64; 5]| e[3] >= 0.0 && e[4] <= 1.0 && zero_or_one(e[0], e[1], e[2]);
        let (means, share) = ((one[1], other[1]), zero_one(one) && zero_one(other));
        let size = mean.abs() / sd;
        all.push(Difference { size, outcome, arm, value: (mean, lo, hi), means, share });
    }
    all.sort_by(|a, b| b.size.total_cmp(&a.size));
    let told = all.len();
    let mut shown: Vec<&Difference<'_>> = Vec::new();
    for one in &all {
        if shown.len() < TOLD && shown.iter().all(|known| known.outcome != one.outcome) {
            shown.push(one);
        }
    }
    let mut lines: Vec<Element> = shown.into_iter().map(|one| sentence(table, one)).collect();
    let tested = table.rows();
    lines.push(item(match told {
        0 => format!(
            "None of the {} shows: every interval holds 0.",
            count(tested as u64, "difference")
        ),
        _ => format!(
            "These are the largest of {told} differences whose interval leaves out 0, of {tested} \
             in all. If no arm changed anything, about {} would by luck.",
            short((0.05 * tested as f64).round())
        ),
    }));
    lines
}

/// A difference in words.
fn sentence(table: &crate::table::Table, one: &Difference<'_>) -> Element {
    let (mean, lo, hi) = one.value;
    let (now, before) = one.means;
    let outcome = title_of(table, "outcomes", one.outcome);
    let way = if mean > 0.0 { "higher" } else { "lower" };
    let first = el("li").child(el("strong").text(arm(table, one.arm)));
    if one.share {
        let digits = Scale::of(100.0 * mean, 50.0 * (hi - lo));
        return first.text(format!(
            ": “{outcome}” in {} of the runs instead of {}, {} percentage points {way} {}.",
            percent(now),
            percent(before),
            digits.show(100.0 * mean.abs()),
            ends(&digits, (100.0 * lo, 100.0 * hi)),
        ));
    }
    let digits = Scale::of(mean, (hi - lo) / 2.0);
    first.text(format!(
        ": “{outcome}” is {way} by {} {}, {} instead of {} on average. That is {} times the \
         spread between runs.",
        digits.show(mean.abs()),
        ends(&digits, (lo, hi)),
        digits.show(now),
        digits.show(before),
        rate(one.size),
    ))
}

/// An interval without its sign, the smaller end first.
fn ends(digits: &Scale, (lo, hi): (f64, f64)) -> String {
    match hi < 0.0 {
        true => digits.interval(-hi, -lo),
        false => digits.interval(lo, hi),
    }
}

/// How much is luck, as far as the results say.
fn luck(contents: &Contents<'_>) -> Vec<Element> {
    for study in &contents.studies {
        if let Some(table) = study.source.table("variance") {
            let (of, luck) = (column(table, "of"), column(table, "luck"));
            let told = |row: usize| {
                let share = luck.number(row).clamp(0.0, 1.0);
                format!("{} of “{}”", percent(share), in_words(of.text(row)))
            };
            let rows = (0..table.rows()).filter(|row| luck.number(*row).is_finite()).take(3);
            let all: Vec<String> = rows.map(told).collect();
            if !all.is_empty() {
                return vec![item(format!(
                    "Luck: of the differences between single runs, luck alone makes {}; \
                     assumptions make the rest.",
                    all.join(", ")
                ))];
            }
        }
        if let Some(table) = study.source.table("uncertain") {
            let (of, luck) = (column(table, "outcome"), column(table, "luck"));
            let rows = (0..table.rows()).filter(|row| luck.number(*row).is_finite()).take(3);
            let all: Vec<String> = rows
                .map(|row| {
                    format!(
                        "{} of “{}”",
                        percent(luck.number(row).clamp(0.0, 1.0)),
                        in_words(of.text(row))
                    )
                })
                .collect();
            if !all.is_empty() {
                return vec![item(format!(
                    "Luck: over all declared ranges, luck makes {} of what differs between runs; \
                     assumptions make the rest.",
                    all.join(", ")
                ))];
            }
        }
    }
    if contents.studies.iter().any(|study| study.source.table("differences").is_some()) {
        return vec![item(
            "Luck: all runs have the same assumptions, so what differs between runs of one arm is \
             luck alone. How much other assumptions would change is not looked at here; “detente \
             sensitivity” and “detente run --uncertain” say it.",
        )];
    }
    Vec::new()
}

/// Which claims stand, and how firmly.
fn verdicts(page: &Page) -> Vec<Element> {
    let tally = page.tally();
    let mut all = vec![item(format!(
        "Claims: of {}, {} supported, {} contradicted; {} not decided by the runs.",
        count(tally.tested() as u64, "tested claim"),
        are(tally.supported),
        are(tally.contradicted),
        are(tally.inconclusive),
    ))];
    if tally.decided() > 0 {
        all.push(item(format!(
            "Of the {}, {} the same where every actor chooses at random: {} nothing about their \
             choices.",
            count(tally.decided() as u64, "decided claim"),
            match tally.shared {
                0 => "none comes out".to_string(),
                1 => "1 comes out".to_string(),
                n => format!("{n} come out"),
            },
            if tally.shared == 1 { "it says" } else { "such claims say" },
        )));
    }
    let firm = |least: f64| page.robust.iter().filter(|row| row.supported.value >= least).count();
    if !page.robust.is_empty() {
        all.push(item(format!(
            "Over other assumptions ({}): {} at nine points in ten or more, {} at half of them or \
             more.",
            page.explored.split(',').next().unwrap_or("all declared ranges"),
            match firm(0.9) {
                1 => "1 claim holds".to_string(),
                n => format!("{n} claims hold"),
            },
            firm(0.5),
        )));
    }
    all
}

/// `3 are`, `1 is`.
fn are(n: usize) -> String {
    if n == 1 { "1 is".to_string() } else { format!("{n} are") }
}

/// How a history was met.
fn history(study: &Study) -> Vec<Element> {
    let Some(table) = study.source.table("scores") else { return Vec::new() };
    let (arm_of, own, uniform) =
        (column(table, "arm"), column(table, "log_score"), column(table, "uniform"));
    let first = arm_of.text(0);
    let rows = (0..table.rows()).filter(|row| arm_of.text(*row) == first);
    let rows: Vec<usize> = rows.filter(|row| !own.number(*row).is_nan()).collect();
    if rows.is_empty() {
        return Vec::new();
    }
    let n = rows.len() as f64;
    let mean = rows.iter().map(|row| own.number(*row)).sum::<f64>() / n;
    let other = rows.iter().map(|row| crate::math::log(uniform.number(*row))).sum::<f64>() / n;
    let better = if mean > other { "better than" } else { "no better than" };
    let mut all = vec![item(format!(
        "The history: {} with a mean log score of {}; {better} guessing ({}), where 0 would be \
         foresight.",
        count(rows.len() as u64, "record"),
        rate(mean),
        rate(other)
    ))];
    let mut ranked: Vec<(f64, usize)> =
        rows.iter().map(|row| (column(table, "probability").number(*row), *row)).collect();
    ranked.sort_by(|a, b| a.0.total_cmp(&b.0));
    let told = ranked.iter().take(3).map(|(probability, row)| {
        let date = column(table, "date").text(*row);
        let when = match date {
            "" => format!("round {}", column(table, "round").number(*row)),
            date => date.to_string(),
        };
        let (actor, observed) =
            (column(table, "actor").text(*row), column(table, "observed").text(*row));
        format!("{actor} {} ({when}, probability {})", in_words(observed), rate(*probability))
    });
    all.push(item(format!("It was surprised most by: {}.", told.collect::<Vec<_>>().join("; "))));
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_of_what_is_lower_are_turned() {
        let digits = Scale::of(-3.0, 0.5);
        assert_eq!(ends(&digits, (-3.5, -2.5)), "[2.5, 3.5]");
        assert_eq!((are(1), are(2)), ("1 is".to_string(), "2 are".to_string()));
    }
}
