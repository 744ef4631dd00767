//! Claims as tables for a terminal.

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};

use super::{carriers, change, interval, intervals, region, scale, sentence, share};
use crate::number::{about, count, percent, short};
use crate::view::claims::{Claim, Page, Switched, Verdict};

/// Names are cut to so many characters.
const NAME: usize = 40;
/// Lines of words are broken before this column.
const WIDTH: usize = 100;

/// What the columns of the table of switches say.
const SWITCHED: &str = "rests on it: the file says so. change: the statistic after the switch less \
                        that before it, run by run, with its 95 % interval.";
/// What the table of robustness says.
const CARRIED: &str = "over ranges: shares of points, with 95 % intervals. no effect seen: the \
                       runs decide neither way; could show: the effect that they would have shown \
                       at the median of these points. luck: its share in the variance of a run. \
                       carried by: shares of parameters in how far the mean statistic lies from \
                       the threshold, over all ranges (Shapley effects; those of all parameters \
                       add up to 100 %); at most three whose interval leaves out 0. contradicted \
                       mostly where: a box found in half of the points, held against the others.";

/// Everything `claims` prints.
pub fn page(page: &Page) -> String {
    let made_by = &page.made_by;
    let colon = if made_by.title.is_empty() { "" } else { ": " };
    let mut text = format!("{}{colon}{}\n", made_by.name, made_by.title);
    text.push_str(&format!(
        "{} arms with those of the placebo, {} each, seed {}\n",
        page.arms.map_or(String::new(), |n| n.to_string()),
        count(made_by.runs, "run"),
        made_by.seed
    ));
    for (title, rows) in groups(page) {
        if !rows.is_empty() {
            text.push_str(&format!("\n{title} ({})\n", rows.len()));
            text.push_str(&judged(&rows));
        }
    }
    let unchecked = page.claims.iter().filter(|claim| claim.verdict == Verdict::Unchecked);
    let unchecked: Vec<&Claim> = unchecked.collect();
    if !unchecked.is_empty() {
        text.push_str(&format!("\nunchecked ({})\n", unchecked.len()));
        for claim in unchecked {
            text.push_str(&wrapped(&format!("{}: {}", claim.name, claim.reason), 2));
        }
    }
    text.push_str(&switches(page));
    text.push_str(&robust(page));
    text.push('\n');
    let tally = page.tally();
    text.push_str(&wrapped(&sentence(&tally), 0));
    text.push_str(&wrapped(&intervals(&tally, page.family_wise), 0));
    text.push_str(&wrapped(
        "at random: the statistic if every seat plays at random, and its verdict. from choices: \
         the statistic less that at random, paired run by run; * its interval leaves out 0.",
        0,
    ));
    for (empty, legend) in [(page.switches.is_empty(), SWITCHED), (page.robust.is_empty(), CARRIED)]
    {
        if !empty {
            text.push_str(&wrapped(legend, 0));
        }
    }
    for note in &page.remarks {
        text.push_str(&wrapped(&format!("note: {note}"), 0));
    }
    text
}

/// The claims that were tested, by what the verdict is and where it comes from.
fn groups(page: &Page) -> [(&'static str, Vec<&Claim>); 5] {
    let all = |verdict: Verdict| page.claims.iter().filter(move |c| c.verdict == verdict);
    let of = |verdict: Verdict, shared: bool| {
        all(verdict).filter(|claim| claim.same_at_random() == shared).collect()
    };
    [
        (
            "supported, and play at random does not give the verdict: choices carry it",
            of(Verdict::Supported, false),
        ),
        (
            "supported, but play at random gives the verdict too: start, drift, chance may do",
            of(Verdict::Supported, true),
        ),
        (
            "contradicted, and play at random does not give the verdict: choices carry it",
            of(Verdict::Contradicted, false),
        ),
        (
            "contradicted, but play at random gives the verdict too: start, drift, chance may do",
            of(Verdict::Contradicted, true),
        ),
        ("inconclusive", all(Verdict::Inconclusive).collect()),
    ]
}

fn judged(claims: &[&Claim]) -> String {
    let mut table = sheet(&["claim", "statistic", "", "needs", "at random", "", "from choices"]);
    for claim in claims {
        table.add_row(cells(claim));
    }
    align(&mut table, &[1, 3, 4, 6]);
    let mut lines = table.lines();
    let mut text = lines.next().map_or(String::new(), |line| line.trim_end().to_string() + "\n");
    for (line, claim) in lines.zip(claims) {
        text.push_str(line.trim_end());
        text.push('\n');
        let steps: Vec<String> = claim.steps.iter().map(|step| short(*step)).collect();
        if !steps.is_empty() {
            text.push_str(&wrapped(&format!("{}: {}", claim.test, steps.join(", ")), 4));
        }
        if !claim.reason.is_empty() {
            text.push_str(&wrapped(&claim.reason, 4));
        }
    }
    text
}

fn cells(claim: &Claim) -> Vec<String> {
    let shown = scale(&claim.statistic);
    let part = &claim.strategic;
    let star = if part.is_not_zero() { "*" } else { "" };
    vec![
        name(&claim.name),
        shown.show(claim.statistic.value),
        interval(&claim.statistic),
        format!("{} {}", claim.comparison, short(claim.threshold)),
        shown.show(claim.placebo),
        claim.placebo_verdict.map_or("", Verdict::word).to_string(),
        match part.value.is_finite() {
            true => format!("{}{star}", scale(part).show(part.value)),
            false => String::new(),
        },
    ]
}

fn switches(page: &Page) -> String {
    let mut text = String::new();
    let mut names: Vec<&str> = Vec::new();
    for row in &page.switches {
        if !names.contains(&row.switch.as_str()) {
            names.push(&row.switch);
        }
    }
    for switch in names {
        let own = || page.switches.iter().filter(|row| row.switch == switch);
        let moved: Vec<&Switched> = own().filter(|row| row.moved).collect();
        text.push_str(&format!("\n{switch} moves {} of {} claims\n", moved.len(), own().count()));
        let mut table = sheet(&["claim", "rests on it", "statistic", "change", "", "verdict"]);
        for row in &moved {
            let scale = scale(&row.change);
            table.add_row(vec![
                name(&row.claim),
                if row.rests_on { "yes" } else { "" }.to_string(),
                scale.show(row.statistic),
                scale.show(row.change.value),
                interval(&row.change),
                change(row.before, row.after),
            ]);
        }
        if !moved.is_empty() {
            align(&mut table, &[2, 3]);
            text.push_str(&lines(&table));
        }
        let still: Vec<&str> =
            own().filter(|row| row.rests_on && !row.moved).map(|row| row.claim.as_str()).collect();
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
    text.push_str(&wrapped(&format!("over all declared ranges: {}", page.explored), 0));
    let header = ["claim", "supported", "contradicted", "no effect seen", "could show", "luck"];
    let mut table = sheet(&header);
    for row in &page.robust {
        table.add_row(vec![
            name(&row.claim),
            share(&row.supported),
            share(&row.contradicted),
            share(&row.no_effect_seen),
            about(row.detectable),
            percent(row.luck),
        ]);
    }
    align(&mut table, &[1, 2, 3, 4, 5]);
    let mut lines = table.lines();
    text.push_str(&lines.next().map_or(String::new(), |line| line.trim_end().to_string() + "\n"));
    for (line, row) in lines.zip(&page.robust) {
        text.push_str(line.trim_end());
        text.push('\n');
        let carried = match row.carriers.is_empty() {
            true => format!("no parameter is named: {}", carriers(row)),
            false => format!("carried by {}", carriers(row)),
        };
        text.push_str(&wrapped(&carried, 4));
        if let Some(found) = &row.region {
            text.push_str(&wrapped(&format!("contradicted mostly where {}", region(found)), 4));
        }
    }
    text
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
