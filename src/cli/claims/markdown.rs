//! Claims as Markdown.

use super::sheet::{FAMILY_WISE, Page, ROBUST, Row, from_choices};
use super::text::carriers;
use detente::number::{count, fixed, places, three};

/// The page as one table of claims in file order, and one per switch and for the ranges if asked.
pub fn page(page: &Page) -> String {
    let tally = page.tally();
    let mut text = format!(
        "{} {}\n\nMade by `{}`, {} of each arm.\n",
        tally.sentence(),
        tally.intervals(page.note(FAMILY_WISE) == "true"),
        page.command,
        count(page.runs, "run")
    );
    for note in page.remarks() {
        text.push_str(&format!("\n{note}.\n"));
    }
    text.push('\n');
    let mut head =
        vec!["claim", "says", "where", "represented by", "tested by", "verdict", "statistic"];
    head.extend(["at random", "from choices"]);
    let shares = !page.robust.is_empty();
    if shares {
        head.push("ranges");
    }
    text.push_str(&header(&head));
    for row in page.claims.rows() {
        let mut cells = claim(&row);
        if shares {
            let own = page.robust.rows().find(|r| r.text("claim") == row.text("claim"));
            cells.push(own.map_or(String::new(), |r| {
                format!("{:.0} % supported", 100.0 * r.number("supported"))
            }));
        }
        text.push_str(&line(&cells));
    }
    text.push_str(&switches(page));
    if shares {
        text.push_str(&format!("\nOver all declared ranges: {}.\n\n", page.note(ROBUST)));
        text.push_str(&header(&[
            "claim",
            "supported",
            "contradicted",
            "no effect seen",
            "could show",
            "carried by",
        ]));
        for row in page.robust.rows() {
            let share = |name: &str| format!("{:.0} %", 100.0 * row.number(name));
            text.push_str(&line(&[
                code(row.text("claim")),
                share("supported"),
                share("contradicted"),
                share("no_effect_seen"),
                three(row.number("detectable")),
                carriers(&row),
            ]));
        }
    }
    text
}

fn claim(row: &Row<'_>) -> Vec<String> {
    let parts: Vec<String> =
        row.text("represented_by").split("; ").filter(|p| !p.is_empty()).map(code).collect();
    let (value, lo, hi) = (row.number("statistic"), row.number("lo"), row.number("hi"));
    let digits = places((hi - lo) / 2.0, value);
    let statistic = match lo.is_finite() && hi.is_finite() {
        true => {
            let (lo, hi) = (fixed(lo, digits), fixed(hi, digits));
            format!("{} [{lo}, {hi}]", fixed(value, digits))
        }
        false => fixed(value, places(0.0, value)),
    };
    let test = match row.text("method") {
        "unchecked" => row.text("reason").to_string(),
        _ => code(row.text("test")),
    };
    let verdict = match (row.text("verdict"), row.text("reason")) {
        (verdict @ "inconclusive", reason) if !reason.is_empty() => format!("{verdict}: {reason}"),
        (verdict, _) => verdict.to_string(),
    };
    let random = match row.text("placebo_verdict") {
        "" => String::new(),
        verdict => format!("{verdict}, {}", three(row.number("placebo_statistic"))),
    };
    let part = row.number("strategic");
    let part = match (part.is_finite(), from_choices(row)) {
        (false, _) => String::new(),
        (true, true) => three(part),
        (true, false) => format!("{}, not told from 0", three(part)),
    };
    let place = [row.text("source"), row.text("where")];
    let place: Vec<&str> = place.into_iter().filter(|t| !t.is_empty()).collect();
    vec![
        code(row.text("claim")),
        row.text("says").to_string(),
        place.join(", "),
        parts.join(", "),
        test,
        verdict,
        statistic,
        random,
        part,
    ]
}

fn switches(page: &Page) -> String {
    let mut text = String::new();
    let mut last = "";
    for row in page.switches.rows().filter(|row| row.truth("moved") || row.truth("rests_on")) {
        if row.text("switch") != last {
            last = row.text("switch");
            text.push_str(&format!("\nUnder {}:\n\n", code(last)));
            text.push_str(&header(&["claim", "rests on it", "moved", "change", "verdict"]));
        }
        let (lo, hi) = (row.number("lo"), row.number("hi"));
        let digits = places((hi - lo) / 2.0, row.number("change"));
        let (before, after) = (row.text("verdict"), row.text("switched_verdict"));
        let yes = |truth: bool| if truth { "yes" } else { "no" }.to_string();
        text.push_str(&line(&[
            code(row.text("claim")),
            yes(row.truth("rests_on")),
            yes(row.truth("moved")),
            format!(
                "{} [{}, {}]",
                fixed(row.number("change"), digits),
                fixed(lo, digits),
                fixed(hi, digits)
            ),
            if before == after { before.to_string() } else { format!("{before} to {after}") },
        ]));
    }
    text
}

fn code(text: &str) -> String {
    format!("`{text}`")
}

fn header(names: &[&str]) -> String {
    format!("| {} |\n|{}\n", names.join(" | "), "---|".repeat(names.len()))
}

fn line(cells: &[String]) -> String {
    let clean = |cell: &String| cell.replace('|', "\\|").replace('\n', " ");
    format!("| {} |\n", cells.iter().map(clean).collect::<Vec<_>>().join(" | "))
}
