//! What an earlier `detente claims` left in a folder, read back.

use std::path::Path;

use detente::output::{Provenance, Results};
use detente::view::claims::{self as view, MadeBy, Page};

/// What was just made, as it is shown.
pub fn made_by(made_by: &Provenance) -> MadeBy {
    MadeBy {
        name: made_by.scenario.clone(),
        title: made_by.title.clone(),
        seed: made_by.seed,
        runs: made_by.runs,
        command: made_by.command.clone(),
        notes: made_by.notes.clone(),
    }
}

/// What an earlier command left in a folder.
///
/// # Errors
/// What cannot be read, is not as it was written, or is not a folder of `detente claims`.
pub fn read(folder: &Path) -> Result<Page, String> {
    let results = Results::open(folder)?;
    let mut tables = Vec::new();
    for name in view::TABLES {
        tables.extend(results.table(name)?);
    }
    if tables.iter().all(|table| table.schema().name() != "claims") {
        let shown = folder.join("datapackage.json");
        return Err(format!(
            "{}: it lists no claims.csv; `detente claims --out DIR` writes one",
            shown.display()
        ));
    }
    Ok(Page::of(made_by(&results.made_by), &tables))
}
