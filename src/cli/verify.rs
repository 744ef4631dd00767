//! `detente verify`: whether a folder holds all that was written, unchanged.

use serde_json::{Value, json};

use super::args::{Format, Verify};
use super::{Failed, print_stdout};
use detente::output::{self, Heap, PARTS, Verified};

/// So many files are named that are not as they should be.
const NAMED: usize = 20;

/// Checks a folder and says what it found.
///
/// # Errors
/// Status 1 if something is missing or has changed; 2 if the folder cannot be read.
pub fn verify(options: &Verify) -> Result<(), Failed> {
    let found = output::verify(&options.folder).map_err(Failed::usage)?;
    let shown = options.folder.display().to_string();
    print_stdout(&match options.format {
        Format::Text => text(&shown, &found),
        Format::Json => format!("{}\n", object(&shown, &found)),
    })?;
    if found.is_complete() { Ok(()) } else { Err(Failed::silent(1)) }
}

fn text(shown: &str, found: &Verified) -> String {
    let verdict = match found.is_complete() {
        true => "complete",
        false => "not complete",
    };
    let mut text = format!("{shown}: {verdict}\n");
    if let Some(package) = &found.package {
        let whole = found.files.len() - found.flaws().count();
        let all = found.files.len();
        text.push_str(&format!("  {whole} of {all} files are there as they were written\n"));
        if let Some(command) = package["detente"]["command"].as_str() {
            text.push_str(&format!("  made by: {}\n", detente::diagnostic::clip(command)));
        }
    } else if found.files.is_empty() && (found.begun || found.heaps.is_empty()) {
        text.push_str("  there is no datapackage.json: nothing was finished here\n");
    }
    for (file, flaw) in found.flaws().take(NAMED) {
        text.push_str(&format!("  {} {flaw}\n", detente::diagnostic::clip(file)));
    }
    if let Some(more) = found.flaws().count().checked_sub(NAMED).filter(|more| *more > 0) {
        text.push_str(&format!("  and {more} more files\n"));
    }
    for Heap { work, units, found } in &found.heaps {
        let short = work.get(..12).unwrap_or(work);
        text.push_str(&match units {
            0 => format!(
                "  {PARTS}: {found} parts of unfinished work {short}; the command that began it \
                 goes on\n"
            ),
            _ => format!("  {PARTS}: {found} of {units} parts of sweep {short}\n"),
        });
    }
    for unit in found.damaged.iter().take(NAMED) {
        text.push_str(&format!("  {PARTS}: unit {unit} is not as it was written\n"));
    }
    text
}

fn object(shown: &str, found: &Verified) -> Value {
    let file = |(name, flaw): &(String, Option<output::Flaw>)| {
        json!({
            "path": name,
            "state": flaw.as_ref().map_or("whole", |flaw| flaw.word()),
            "why": flaw.as_ref().map(ToString::to_string),
        })
    };
    let heap =
        |heap: &Heap| json!({ "sweep": heap.work, "units": heap.units, "found": heap.found });
    json!({
        "folder": shown,
        "complete": found.is_complete(),
        "made_by": found.package.as_ref().map(|package| &package["detente"]),
        "files": found.files.iter().map(file).collect::<Vec<_>>(),
        "parts": found.heaps.iter().map(heap).collect::<Vec<_>>(),
        "damaged_parts": found.damaged,
    })
}
