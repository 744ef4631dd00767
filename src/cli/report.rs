//! `detente report`: one page of folders of results.

use std::path::{Path, PathBuf};

use super::args::{Drawn, Report};
use super::plot::{source, transcript, wanted};
use super::{Failed, print_stdout, write_file};
use detente::Scenario;
use detente::output::Results;
use detente::report::{Contents, Study, page};

/// How files begin that this command made.
const OWN: &str = "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"/>\
                   <meta http-equiv=\"Content-Security-Policy\"";
/// The name of the file where none is given.
const NAME: &str = "report.html";

/// Puts the report together, writes it and says where it is.
///
/// # Errors
/// Status 1 if results have changed since they were written, or are of several scenarios; 2 if
/// something cannot be read or written.
pub fn report(options: &Report) -> Result<(), Failed> {
    let first = options.folders.first().map(PathBuf::as_path).unwrap_or(Path::new("."));
    let out = options.out.clone().unwrap_or_else(|| first.join(NAME));
    let text = made(&options.folders, &options.wanted)?;
    write_file(&out, &text, options.force || own(&out))?;
    print_stdout(&format!("report in {}\n", out.display()))
}

/// A command, and a report of its folder behind it where that is asked for.
///
/// # Errors
/// Those of the command; status 2 where a file of somebody else has the report's name.
pub fn after(
    (asked, force): (bool, bool),
    folder: Option<&Path>,
    command: impl FnOnce() -> Result<(), Failed>,
) -> Result<(), Failed> {
    let Some(folder) = folder.filter(|_| asked) else { return command() };
    let out = folder.join(NAME);
    if out.exists() && !own(&out) && !force {
        let shown = out.display();
        let text = format!("`{shown}` is no report of this program; --force replaces it");
        return Err(Failed::usage(text));
    }
    let done = command();
    // a command that was stopped, or that some runs failed of, leaves what a report can be made of
    if done.is_err() && Results::open(folder).is_err() {
        return done;
    }
    let text = made(&[folder.to_owned()], &Drawn::default())?;
    write_file(&out, &text, true)?;
    super::print_stderr(&format!("report in {}", out.display()));
    done
}

/// The report of folders.
fn made(folders: &[PathBuf], drawn: &Drawn) -> Result<String, Failed> {
    let (mut studies, mut text, mut described, mut run) = (Vec::new(), String::new(), None, None);
    let mut known = String::new();
    for folder in folders {
        let results = Results::open(folder).map_err(Failed::usage)?;
        let hash = results.made_by.scenario_hash.clone();
        if !known.is_empty() && !hash.is_empty() && hash != known {
            let shown = folder.display();
            return Err(Failed::scenario(format!(
                "the results in `{shown}` are of another scenario, or of another state of its \
                 file, than those before; make a report of each"
            )));
        }
        if described.is_none()
            && let Some(path) = results.scenario().map_err(Failed::scenario)?
        {
            let scenario = Scenario::find(&path.to_string_lossy())?;
            described = Some(scenario.describe()?);
            text = scenario.text().to_string();
            run = transcript(&results, drawn)?;
        }
        if !hash.is_empty() {
            known = hash;
        }
        let source = source(&results)?;
        studies.push(Study { made_by: results.made_by, source });
    }
    Ok(page(&Contents {
        studies,
        scenario: described.as_ref().map(|told| (told, text.as_str())),
        run: run.as_ref(),
        wanted: wanted(drawn),
    }))
}

/// Whether a file is one that this command made.
fn own(path: &Path) -> bool {
    std::fs::read_to_string(path).is_ok_and(|text| text.starts_with(OWN))
}
