//! Claims with their tests and what play at random gives.

use super::{Contents, heading, number, paragraph, tools};
use crate::markup::{Element, el};
use crate::number::{Scale, percent, short};
use crate::view::claims::{Claim, MadeBy, Page, Robust};

/// How claims came out, if a study put them to the test.
pub fn pages(contents: &Contents<'_>) -> Vec<Page> {
    let tested = contents.studies.iter().filter(|study| study.source.table("claims").is_some());
    let page = |study: &super::Study| {
        let made = &study.made_by;
        let made_by = MadeBy {
            name: made.scenario.clone(),
            title: made.title.clone(),
            seed: made.seed,
            runs: made.runs,
            command: made.command.clone(),
            notes: made.notes.clone(),
        };
        Page::of(made_by, &study.source.tables)
    };
    tested.map(page).collect()
}

/// The sections.
pub fn section(contents: &Contents<'_>) -> Vec<Element> {
    let mut all = Vec::new();
    // the filter is of one table
    if let Some(page) = pages(contents).first() {
        all.push(heading("claims", "Claims"));
        all.push(paragraph(format!(
            "A claim is a statement with a test: a statistic over the runs, compared with a \
             threshold. It is supported if the whole 95 % interval lies on the claimed side, \
             contradicted if it lies on the other. “At random” is the same statistic where every \
             actor chooses at random: a claim that holds there too says nothing about choices.{}",
            match page.family_wise {
                true => " Intervals are adjusted for the number of claims (Holm).",
                false => "",
            }
        )));
        if !page.explored.is_empty() {
            all.push(paragraph(format!("Over assumptions: {}.", page.explored)));
        }
        let verdicts = ["supported", "contradicted", "inconclusive", "unchecked"];
        let verdicts = verdicts.map(str::to_string).into();
        all.push(tools("claims-table", vec![("verdict", "all verdicts", verdicts)]));
        all.push(table(page));
        all.extend(page.remarks.iter().map(|remark| paragraph(remark.as_str())));
    }
    all
}

fn table(page: &Page) -> Element {
    let robust = !page.robust.is_empty();
    let mut heads = vec!["claim", "verdict", "statistic", "needs", "at random"];
    heads.extend(robust.then_some("holds over assumptions"));
    heads.push("from");
    let heads = heads.into_iter().map(|head| el("th").text(head));
    let rows = page.claims.iter().map(|claim| {
        let found = page.robust.iter().find(|row| row.claim == claim.name);
        row(claim, robust.then_some(found))
    });
    let table = el("table").with("id", "claims-table").with("class", "sortable");
    let table = table.child(el("thead").child(el("tr").children(heads)));
    el("div").with("class", "scroll").child(table.child(el("tbody").children(rows)))
}

fn row(claim: &Claim, robust: Option<Option<&Robust>>) -> Element {
    let verdict = claim.verdict.word();
    let mut says = el("td").text(claim.says.as_str()).child(el("br"));
    says = says.child(el("code").text(claim.name.as_str()));
    if claim.has_test {
        says = says.text(" ").child(el("code").with("class", "dim").text(claim.test.as_str()));
    }
    if let Some(region) = robust.flatten().and_then(|found| found.region.as_ref()) {
        let limits = region.limits.iter().map(|(name, upper, value)| {
            let word = if *upper { "at most" } else { "at least" };
            format!("{name} {word} {}", short(*value))
        });
        let limits = limits.collect::<Vec<_>>().join(", ");
        let told = format!(
            "The opposite holds mostly where {limits}: at {} of such points.",
            percent(region.density)
        );
        says = says.child(el("br")).child(el("small").text(told));
    }
    if !claim.reason.is_empty() {
        says = says.child(el("br")).child(el("small").text(claim.reason.as_str()));
    }
    let found = &claim.statistic;
    let digits = Scale::of(found.value, found.reach());
    let shown = match (found.value.is_finite(), found.is_bounded()) {
        (false, _) => "–".to_string(),
        (_, true) => {
            format!("{} {}", digits.show(found.value), digits.interval(found.lo, found.hi))
        }
        (_, false) => digits.show(found.value),
    };
    let needs = match claim.threshold.is_finite() {
        true => format!("{} {}", claim.comparison, short(claim.threshold)),
        false => "–".to_string(),
    };
    let random = match claim.placebo_verdict {
        Some(verdict) => format!("{}, {}", digits.show(claim.placebo), verdict.word()),
        None => "–".to_string(),
    };
    let source = match (claim.source.is_empty(), claim.place.is_empty()) {
        (false, false) => format!("{}, {}", claim.source, claim.place),
        _ => claim.source.clone(),
    };
    let mut row = el("tr")
        .with("data-verdict", verdict)
        .child(says)
        .child(el("td").with("class", class(verdict)).text(verdict))
        .child(number(found.value, shown))
        .child(el("td").text(needs))
        .child(number(claim.placebo, random));
    if let Some(found) = robust {
        row = row.child(match found {
            Some(found) => number(
                found.supported.value,
                format!(
                    "{} [{}, {}], opposite {}",
                    percent(found.supported.value),
                    percent(found.supported.lo),
                    percent(found.supported.hi),
                    percent(found.contradicted.value)
                ),
            ),
            None => number(f64::NAN, "–".to_string()),
        });
    }
    row.child(el("td").text(source))
}

fn class(verdict: &str) -> &'static str {
    match verdict {
        "supported" => "supported",
        "contradicted" => "contradicted",
        _ => "inconclusive",
    }
}
