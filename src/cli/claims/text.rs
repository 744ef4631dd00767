//! Claims as tables for a terminal.

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};

use super::sheet::{FAMILY_WISE, Page, ROBUST, Row, from_choices};
use detente::number::{count, fixed, places, three};

/// Names are cut to so many characters.
const NAME: usize = 40;
/// Lines of words are broken before this column.
const WIDTH: usize = 100;

/// What the columns of the table of switches say.
const SWITCHED: &str = "rests on it: the file says so. change: the statistic after the switch less \
                        that before it, run by run, with its 95 % interval.";
/// What the last column of the table of robustness says.
const CARRIED: &str = "carried by: the rank correlation over points between a parameter and how \
                       far the statistic is on the claim's side of its threshold; +1 or -1 would \
                       decide it alone. Shown where the interval leaves out 0. no effect seen: the \
                       runs decide neither way. could show: the effect that they would have shown \
                       at the median of these points.";

/// Everything `claims` prints.
pub fn page(page: &Page) -> String {
    let colon = if page.title.is_empty() { "" } else { ": " };
    let mut text = format!("{}{colon}{}\n", page.name, page.title);
    text.push_str(&format!(
        "{} arms with those of the placebo, {} each, seed {}\n",
        page.note("arms"),
        count(page.runs, "run"),
        page.seed
    ));
    for (title, rows) in groups(page) {
        if !rows.is_empty() {
            text.push_str(&format!("\n{title} ({})\n", rows.len()));
            text.push_str(&judged(&rows));
        }
    }
    let unchecked: Vec<Row> =
        page.claims.rows().filter(|row| row.text("verdict") == "unchecked").collect();
    if !unchecked.is_empty() {
        text.push_str(&format!("\nunchecked ({})\n", unchecked.len()));
        for row in unchecked {
            text.push_str(&wrapped(&format!("{}: {}", row.text("claim"), row.text("reason")), 2));
        }
    }
    text.push_str(&switches(page));
    text.push_str(&robust(page));
    text.push('\n');
    let tally = page.tally();
    text.push_str(&wrapped(&tally.sentence(), 0));
    text.push_str(&wrapped(&tally.intervals(page.note(FAMILY_WISE) == "true"), 0));
    text.push_str(&wrapped(
        "at random: the statistic if every seat plays at random, and its verdict. from choices: \
         the statistic less that at random, paired run by run; * its interval leaves out 0.",
        0,
    ));
    for (sheet, legend) in [(&page.switches, SWITCHED), (&page.robust, CARRIED)] {
        if !sheet.is_empty() {
            text.push_str(&wrapped(legend, 0));
        }
    }
    for note in page.remarks() {
        text.push_str(&wrapped(&format!("note: {note}"), 0));
    }
    text
}

/// The claims that were tested, by what the verdict is and where it comes from.
fn groups(page: &Page) -> [(&'static str, Vec<Row<'_>>); 5] {
    let of = |verdict: &str, shared: bool| -> Vec<Row<'_>> {
        let all = page.claims.rows().filter(|row| row.text("verdict") == verdict);
        all.filter(|row| (row.text("placebo_verdict") == verdict) == shared).collect()
    };
    let all = |verdict: &str| {
        page.claims.rows().filter(|row| row.text("verdict") == verdict).collect::<Vec<_>>()
    };
    [
        (
            "supported, and play at random does not give the verdict: choices carry it",
            of("supported", false),
        ),
        (
            "supported, but play at random gives the verdict too: start, drift, chance may do",
            of("supported", true),
        ),
        (
            "contradicted, and play at random does not give the verdict: choices carry it",
            of("contradicted", false),
        ),
        (
            "contradicted, but play at random gives the verdict too: start, drift, chance may do",
            of("contradicted", true),
        ),
        ("inconclusive", all("inconclusive")),
    ]
}

fn judged(rows: &[Row<'_>]) -> String {
    let mut table = sheet(&["claim", "statistic", "", "needs", "at random", "", "from choices"]);
    for row in rows {
        table.add_row(cells(row));
    }
    align(&mut table, &[1, 3, 4, 6]);
    let mut lines = table.lines();
    let mut text = lines.next().map_or(String::new(), |line| line.trim_end().to_string() + "\n");
    for (line, row) in lines.zip(rows) {
        text.push_str(line.trim_end());
        text.push('\n');
        let steps: Vec<String> =
            row.text("steps").split("; ").filter_map(|step| step.parse().ok()).map(three).collect();
        if !steps.is_empty() {
            text.push_str(&wrapped(&format!("{}: {}", row.text("test"), steps.join(", ")), 4));
        }
        if !row.text("reason").is_empty() {
            text.push_str(&wrapped(row.text("reason"), 4));
        }
    }
    text
}

fn cells(row: &Row<'_>) -> Vec<String> {
    let (value, lo, hi) = (row.number("statistic"), row.number("lo"), row.number("hi"));
    let (digits, interval) = interval(value, lo, hi);
    let random = row.number("placebo_statistic");
    let part = row.number("strategic");
    let reach = (row.number("strategic_hi") - row.number("strategic_lo")) / 2.0;
    let star = if from_choices(row) { "*" } else { "" };
    vec![
        name(row.text("claim")),
        fixed(value, digits),
        interval,
        format!("{} {}", row.text("comparison"), three(row.number("threshold"))),
        fixed(random, digits),
        row.text("placebo_verdict").to_string(),
        match part.is_finite() {
            true => format!("{}{star}", fixed(part, places(reach, part))),
            false => String::new(),
        },
    ]
}

/// An interval, and with how many decimals its value is shown.
fn interval(value: f64, lo: f64, hi: f64) -> (usize, String) {
    if !(lo.is_finite() && hi.is_finite()) {
        return (places(0.0, value), String::new());
    }
    let digits = places((hi - lo) / 2.0, value);
    (digits, format!("[{}, {}]", fixed(lo, digits), fixed(hi, digits)))
}

fn switches(page: &Page) -> String {
    let mut text = String::new();
    let mut names: Vec<&str> = Vec::new();
    for row in page.switches.rows() {
        if !names.contains(&row.text("switch")) {
            names.push(row.text("switch"));
        }
    }
    for switch in names {
        let own = || page.switches.rows().filter(|row| row.text("switch") == switch);
        let moved: Vec<Row> = own().filter(|row| row.truth("moved")).collect();
        text.push_str(&format!("\n{switch} moves {} of {} claims\n", moved.len(), own().count()));
        let mut table = sheet(&["claim", "rests on it", "statistic", "change", "", "verdict"]);
        for row in &moved {
            let change = row.number("change");
            let (digits, interval) = interval(change, row.number("lo"), row.number("hi"));
            let (before, after) = (row.text("verdict"), row.text("switched_verdict"));
            table.add_row(vec![
                name(row.text("claim")),
                if row.truth("rests_on") { "yes" } else { "" }.to_string(),
                fixed(row.number("statistic"), digits),
                fixed(change, digits),
                interval,
                if before == after { before.to_string() } else { format!("{before} to {after}") },
            ]);
        }
        if !moved.is_empty() {
            align(&mut table, &[2, 3]);
            text.push_str(&lines(&table));
        }
        let still: Vec<&str> = own()
            .filter(|row| row.truth("rests_on") && !row.truth("moved"))
            .map(|row| row.text("claim"))
            .collect();
        if !still.is_empty() {
            let line = format!("said to rest on it and not moved: {}", still.join(", "));
            text.push_str(&wrapped(&line, 2));
        }
    }
    text
}

fn robust(page: &Page) -> String {
    if page.robust.is_empty() {
        return String::new();
    }
    let mut text = "\n".to_string();
    text.push_str(&wrapped(&format!("over all declared ranges: {}", page.note(ROBUST)), 0));
    let header =
        ["claim", "supported", "contradicted", "no effect seen", "could show", "carried by"];
    let mut table = sheet(&header);
    for row in page.robust.rows() {
        let share = |name: &str| format!("{:.0} %", 100.0 * row.number(name));
        table.add_row(vec![
            name(row.text("claim")),
            share("supported"),
            share("contradicted"),
            share("no_effect_seen"),
            three(row.number("detectable")),
            carriers(&row),
        ]);
    }
    align(&mut table, &[1, 2, 3, 4]);
    text + &lines(&table)
}

/// The parameters that separate, as far as their intervals leave out 0.
pub fn carriers(row: &Row<'_>) -> String {
    let one = |place: usize| {
        let number = |name: &str| row.number(&format!("{name}_{place}"));
        let sure = number("lo") > 0.0 || number("hi") < 0.0;
        let found = row.text(&format!("parameter_{place}"));
        sure.then(|| format!("{found} {:+.2}", number("correlation")))
    };
    let all: Vec<String> = (1..=detente::claims::NAMED).filter_map(one).collect();
    if all.is_empty() { "no parameter stands out".to_string() } else { all.join(", ") }
}

fn name(text: &str) -> String {
    if text.chars().count() <= NAME {
        return text.to_string();
    }
    text.chars().take(NAME - 1).chain(['…']).collect()
}

fn sheet(header: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(header.iter().map(|h| (*h).to_string()).collect::<Vec<_>>());
    table
}

fn align(table: &mut Table, right: &[usize]) {
    for (number, column) in table.column_iter_mut().enumerate() {
        column.set_padding((if number == 0 { 2 } else { 0 }, 2));
        let side = if right.contains(&number) { CellAlignment::Right } else { CellAlignment::Left };
        column.set_cell_alignment(side);
    }
}

fn lines(table: &Table) -> String {
    table.lines().map(|line| line.trim_end().to_string() + "\n").collect()
}

/// Words in lines that end before [`WIDTH`], indented; of what is indented later lines two more.
fn wrapped(text: &str, indent: usize) -> String {
    let mut all = String::new();
    let mut line = " ".repeat(indent);
    let mut empty = true;
    for word in text.split_whitespace() {
        if !empty && line.chars().count() + 1 + word.chars().count() > WIDTH {
            all.push_str(&line);
            all.push('\n');
            line = " ".repeat(if indent == 0 { 0 } else { indent + 2 });
            empty = true;
        }
        if !empty {
            line.push(' ');
        }
        line.push_str(word);
        empty = false;
    }
    all.push_str(&line);
    all.push('\n');
    all
}
