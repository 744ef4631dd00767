//! Claims as JSON.

use serde_json::{Map, Value, json};

use super::sheet::{Page, Sheet};
use detente::table::Kind;

/// The page as one object; rows have the columns of the files.
pub fn page(page: &Page) -> String {
    let tally = page.tally();
    let mut all = json!({
        "scenario": page.name,
        "title": page.title,
        "seed": page.seed,
        "runs": page.runs,
        "command": page.command,
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
        "claims": rows(&page.claims),
    });
    if let Value::Object(object) = &mut all {
        for (name, sheet) in [("switches", &page.switches), ("robust", &page.robust)] {
            if !sheet.is_empty() {
                object.insert(name.to_string(), rows(sheet));
            }
        }
        let notes = page.notes.iter().map(|(name, text)| (name.clone(), json!(text)));
        object.insert("notes".to_string(), Value::Object(notes.collect()));
    }
    format!("{all:#}\n")
}

fn rows(sheet: &Sheet) -> Value {
    let row = |cells: &[String]| {
        let cells = sheet.fields.iter().zip(cells);
        let one =
            |((name, kind), cell): (&(String, Kind), &String)| (name.clone(), value(*kind, cell));
        Value::Object(cells.map(one).collect::<Map<String, Value>>())
    };
    Value::Array(sheet.rows().map(|r| row(r.cells())).collect())
}

fn value(kind: Kind, cell: &str) -> Value {
    match kind {
        Kind::Text => json!(cell),
        Kind::Integer => cell.parse::<i64>().map_or(Value::Null, |n| json!(n)),
        Kind::Number => cell.parse::<f64>().map_or(Value::Null, |x| json!(x)),
        Kind::Truth if cell.is_empty() => Value::Null,
        Kind::Truth => json!(cell == "1"),
    }
}
