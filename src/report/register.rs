//! The register of assumptions: every number of the scenario with its range and source, and how
//! much it matters where that is known.

use super::{Study, heading, number, paragraph, tools};
use crate::figure::column;
use crate::markup::{Element, el};
use crate::number::{count, rate, short};
use crate::view::describe::{Description, Parameter, ParameterCell};

/// The section.
pub fn section(told: &Description, studies: &[Study]) -> Element {
    let all = told.parameters.iter().flat_map(|p| p.cells.iter().map(move |cell| (p, cell)));
    let all: Vec<(&Parameter, &ParameterCell)> = all.collect();
    let kind = |(parameter, cell): &(&Parameter, &ParameterCell)| kind(source(parameter, cell));
    let assumed = all.iter().filter(|one| kind(one) == "assumed").count();
    let kinds = ["sourced", "assumed", "no source"].map(str::to_string).into();
    let heads = ["assumption", "value", "range", "matters", "source", "remark"];
    let heads = heads.map(|head| el("th").text(head));
    let rows = all.iter().map(|(parameter, cell)| row(parameter, cell, matters(studies, cell)));
    let table = el("table").with("id", "register-table").with("class", "sortable");
    let table = table.child(el("thead").child(el("tr").children(heads)));
    let table = table.child(el("tbody").children(rows));
    let says = format!(
        "{} in the scenario's file; {} of them stand on nothing but an assumption. “Matters” is \
         the greatest share that the results here give it in what an outcome, or the distance of a \
         claim from its threshold, varies by (Shapley); 0 where none is told from chance, empty \
         where nothing was looked at. A click on a heading sorts.",
        count(all.len() as u64, "number"),
        assumed
    );
    el("section")
        .child(heading("assumptions", "Assumptions"))
        .child(paragraph(says))
        .child(tools("register-table", vec![("kind", "all sources", kinds)]))
        .child(el("div").with("class", "scroll").child(table))
        .children(sources(told))
}

fn source<'a>(parameter: &'a Parameter, cell: &'a ParameterCell) -> &'a str {
    cell.source.as_deref().unwrap_or(&parameter.source)
}

fn kind(source: &str) -> &'static str {
    match source {
        "" => "no source",
        "assumed" => "assumed",
        _ => "sourced",
    }
}

fn row(parameter: &Parameter, cell: &ParameterCell, matters: Option<f64>) -> Element {
    let value = match (&cell.formula, cell.value) {
        (_, Some(value)) => number(value, short(value)),
        (Some(formula), None) => {
            el("td").with("data-value", super::NONE).child(el("code").text(formula.as_str()))
        }
        (None, None) => number(f64::NAN, "by type".to_string()),
    };
    let range = cell.uncertainty.as_ref().or(parameter.uncertainty.as_ref());
    let range = range.map_or("certain", String::as_str);
    let source = source(parameter, cell);
    let name = el("td").child(el("code").text(cell.label.as_str()));
    let name = match parameter.unit.is_empty() {
        true => name,
        false => name.child(el("br")).child(el("small").text(parameter.unit.as_str())),
    };
    el("tr")
        .with("data-kind", kind(source))
        .child(name)
        .child(value)
        .child(el("td").text(range))
        .child(matters.map_or(number(f64::NAN, String::new()), |m| number(m, rate(m))))
        .child(el("td").text(if source.is_empty() { "none" } else { source }))
        .child(el("td").text(parameter.note.as_str()))
}

/// The greatest effect of an assumption that results show; none where nothing was looked at.
fn matters(studies: &[Study], cell: &ParameterCell) -> Option<f64> {
    let mut most = None;
    let mut seen = |value: f64| {
        if value.is_finite() && most.is_none_or(|known| value > known) {
            most = Some(value);
        }
    };
    for study in studies {
        if let Some(table) = study.source.table("indices") {
            let word = if column(table, "shapley").is_there() { "shapley" } else { "first" };
            let (factor, value) = (column(table, "factor"), column(table, word));
            let low = column(table, &format!("{word}_lo"));
            for row in (0..table.rows()).filter(|row| factor.text(*row) == cell.label) {
                seen(if low.number(row) > 0.0 { value.number(row) } else { 0.0 });
            }
        }
        if let Some(table) = study.source.table("robust") {
            for place in 1..=3 {
                let of = |name: &str| column(table, &format!("{name}_{place}"));
                let (name, share, lo) = (of("parameter"), of("share"), of("lo"));
                for row in (0..table.rows()).filter(|row| name.text(*row) == cell.label) {
                    seen(if lo.number(row) > 0.0 { share.number(row) } else { 0.0 });
                }
            }
            if cell.uncertainty.is_some() {
                seen(0.0);
            }
        }
    }
    most
}

/// The works that are named.
fn sources(told: &Description) -> Vec<Element> {
    if told.sources.is_empty() {
        return Vec::new();
    }
    let item = |work: &crate::view::describe::Work| {
        let parts = [&work.author, &work.year, &work.title, &work.place];
        let parts: Vec<&str> =
            parts.into_iter().map(String::as_str).filter(|part| !part.is_empty()).collect();
        let name = el("code").text(work.key.as_str());
        el("li").child(name).text(format!(" {}", parts.join(", ")))
    };
    vec![el("h3").text("Sources"), el("ul").children(told.sources.iter().map(item))]
}
