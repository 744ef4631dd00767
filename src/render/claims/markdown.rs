//! Claims as Markdown.

use super::{carriers, change, interval, intervals, region, scale, sentence, share};
use crate::number::{about, count, percent};
use crate::view::claims::{Claim, Estimate, Page, Verdict};

/// The page as one table of claims in file order, and one per switch and for the ranges if asked.
pub fn page(page: &Page) -> String {
    let tally = page.tally();
    let mut text = format!(
        "{} {}\n\nMade by `{}`, {} of each arm.\n",
        sentence(&tally),
        intervals(&tally, page.family_wise),
        page.made_by.command,
        count(page.made_by.runs, "run")
    );
    for note in &page.remarks {
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
    for found in &page.claims {
        let mut cells = claim(found);
        if shares {
            let own = page.robust.iter().find(|r| r.claim == found.name);
            cells.push(
                own.map_or(String::new(), |r| format!("{} supported", percent(r.supported.value))),
            );
        }
        text.push_str(&line(&cells));
    }
    text.push_str(&switches(page));
    if shares {
        text.push_str(&format!("\nOver all declared ranges: {}.\n\n", page.explored));
        text.push_str(&header(&[
            "claim",
            "supported",
            "contradicted",
            "no effect seen",
            "could show",
            "luck",
            "carried by",
            "contradicted where",
        ]));
        for row in &page.robust {
            text.push_str(&line(&[
                code(&row.claim),
                share(&row.supported),
                share(&row.contradicted),
                share(&row.no_effect_seen),
                about(row.detectable),
                percent(row.luck),
                carriers(row),
                row.region.as_ref().map_or_else(String::new, region),
            ]));
        }
    }
    text
}

fn claim(claim: &Claim) -> Vec<String> {
    let parts: Vec<String> = claim.represented_by.iter().map(|part| code(part)).collect();
    let found = &claim.statistic;
    let statistic = estimate(found);
    let test = if claim.has_test { code(&claim.test) } else { claim.reason.clone() };
    let verdict = claim.verdict.word();
    let verdict = match claim.verdict == Verdict::Inconclusive && !claim.reason.is_empty() {
        true => format!("{verdict}: {}", claim.reason),
        false => verdict.to_string(),
    };
    let random = claim.placebo_verdict.map_or(String::new(), |verdict| {
        format!("{}, {}", verdict.word(), scale(found).show(claim.placebo))
    });
    let part = &claim.strategic;
    let part = match (part.value.is_finite(), part.is_not_zero()) {
        (false, _) => String::new(),
        (true, true) => scale(part).show(part.value),
        (true, false) => format!("{}, not told from 0", scale(part).show(part.value)),
    };
    let place = [claim.source.as_str(), claim.place.as_str()];
    let place: Vec<&str> = place.into_iter().filter(|t| !t.is_empty()).collect();
    vec![
        code(&claim.name),
        claim.says.clone(),
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
    for row in page.switches.iter().filter(|row| row.moved || row.rests_on) {
        if row.switch != last {
            last = &row.switch;
            text.push_str(&format!("\nUnder {}:\n\n", code(last)));
            text.push_str(&header(&["claim", "rests on it", "moved", "change", "verdict"]));
        }
        let found = &row.change;
        let yes = |truth: bool| if truth { "yes" } else { "no" }.to_string();
        text.push_str(&line(&[
            code(&row.claim),
            yes(row.rests_on),
            yes(row.moved),
            estimate(found),
            change(row.before, row.after),
        ]));
    }
    text
}

/// A statistic with its interval.
fn estimate(found: &Estimate) -> String {
    format!("{} {}", scale(found).show(found.value), interval(found)).trim_end().to_string()
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
