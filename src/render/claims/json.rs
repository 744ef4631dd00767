//! Claims as JSON.

use serde_json::{Value, json};

use crate::table::{Cells, Table};
use crate::view::claims::{Page, TABLES};

/// The page as one object; rows have the columns of the files.
pub fn page(page: &Page) -> String {
    let (made_by, tally) = (&page.made_by, page.tally());
    let table = |name: &str| page.tables.iter().find(|t| t.schema().name() == name);
    let mut all = json!({
        "scenario": made_by.name,
        "title": made_by.title,
        "seed": made_by.seed.to_string(),
        "runs": made_by.runs,
        "command": made_by.command,
        "tally": {
            "claims": tally.claims,
            "tested": tally.tested(),
            "supported": tally.supported,
            "contradicted": tally.contradicted,
            "inconclusive": tally.inconclusive,
            "unchecked": tally.unchecked,
            "same_at_random": tally.shared,
            "strategic": tally.strategic,
        },
        "claims": table("claims").map_or_else(|| json!([]), rows),
    });
    if let Value::Object(object) = &mut all {
        for name in &TABLES[1..] {
            if let Some(table) = table(name).filter(|table| table.rows() > 0) {
                object.insert(name.replace('-', "_"), rows(table));
            }
        }
        let notes = made_by.notes.iter().map(|(name, text)| (name.clone(), json!(text)));
        object.insert("notes".to_string(), Value::Object(notes.collect()));
    }
    format!("{all:#}\n")
}

fn rows(table: &Table) -> Value {
    let row = |number: usize| {
        let cells = table.columns();
        cells.map(|(field, cells)| (field.name.clone(), value(cells, number))).collect()
    };
    Value::Array((0..table.rows()).map(|number| Value::Object(row(number))).collect())
}

fn value(cells: &Cells, row: usize) -> Value {
    match cells {
        Cells::Text(list) => json!(list.get(row)),
        Cells::Integer(list) => json!(list.get(row)),
        Cells::Number(list) => json!(list.get(row)),
        Cells::Truth(list) => json!(list.get(row)),
    }
}
