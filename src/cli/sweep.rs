//! `detente sweep`: many points of a space of assumptions on this machine.

use std::path::{Path, PathBuf};

use super::args::{Points, Sweep as Options};
use super::points::PointsFile;
use super::progress::ProgressBar;
use super::run::{note_outside, note_overruled, overrides};
use super::{Failed, note_unlocked, print_stderr, print_stdout};
use detente::catalog::files;
use detente::diagnostic::Excerpts;
use detente::experiment::{DesignKind, Manifest, Merged, Sweep, SweepError};
use detente::model::Model;
use detente::output::{Folder, MANIFEST, OutputError, PARTS, Parts, Provenance, verify};
use detente::view::sweep::Page;
use detente::{Scenario, render};

/// The points of a list, for who makes the sweep again.
const LIST: &str = "list.csv";
/// Larger files of plans are not read.
const LARGEST_PLAN: u64 = 256 << 20;

/// Plays what was asked for, or goes on with it, and writes the files.
///
/// # Errors
/// Status 1 if the scenario or what is varied is at fault, or if points or runs failed; 130 or 143
/// if it was stopped; 2 if files cannot be read or written, or the folder has something else.
pub fn sweep(options: &Options) -> Result<(), Failed> {
    let loaded = Scenario::find(&options.points.scenario)?;
    let manifest = manifest(&loaded, &options.points)?;
    let sweep = new(&manifest, loaded.model())?;
    sweep.admit(options.room.memory).map_err(Failed::usage)?;
    let path = options.out.clone().unwrap_or_else(|| default_folder(&loaded, &options.points));
    let shown = path.display();
    let Begun::Open(mut folder, parts) = begin(&path, &sweep, &manifest, &loaded, options)? else {
        print_stderr(&format!("the results in {shown} are complete; --force makes them again"));
        return Ok(());
    };
    let folders = [parts];
    let state = sweep.state(&folders).map_err(|error| failed(error, &manifest))?;
    if !state.foreign.is_empty() {
        return Err(failed(SweepError::Foreign(state.foreign), &manifest));
    }
    let all = sweep.runs();
    if state.runs > 0 {
        print_stderr(&format!("going on: {} of {all} runs are there", state.runs));
    }
    let fate = format!("finished parts are kept in {shown}, those that were played are lost");
    let bar = ProgressBar::new(all - state.runs, fate);
    let room = (options.threads.map(usize::from), options.room.memory);
    let played = sweep.play(&state.missing, &folders[0], room, &bar);
    bar.finish();
    let again = "the same command goes on from there";
    match played {
        Ok(false) => {}
        Ok(true) => {
            let done = sweep.state(&folders).map_err(|error| failed(error, &manifest))?.runs;
            return Err(Failed::stopped(format_args!(
                "stopped after {done} of {all} runs; they are kept in {shown}, and {again}"
            )));
        }
        Err(error) => {
            let mut failed = failed(error, &manifest);
            failed.text.push_str(&format!("\nwhat is finished is kept in {shown}; {again}"));
            return Err(failed);
        }
    }
    options.formats.apply(&mut folder);
    let merged = merge(&sweep, &manifest, loaded.model(), &folders, &mut folder, false)?;
    // The results are complete; parts that cannot be removed do not spoil them.
    let _ = folders[0].clear(Some(sweep.work()));
    drop(folder);
    print_stdout(&render::sweep::text(&Page::of(&sweep, &manifest, &merged)))?;
    print_stdout(&format!("results in {shown}\n"))?;
    report_failures(&merged)
}

enum Begun {
    Open(Folder, Parts),
    Complete,
}

/// Finds out whether the folder has this sweep already, and writes down that it has.
fn begin(
    path: &Path,
    sweep: &Sweep,
    manifest: &Manifest,
    loaded: &Scenario,
    options: &Options,
) -> Result<Begun, Failed> {
    let parts = Parts::new(path.join(PARTS));
    let known = path.join(MANIFEST).exists() && !options.force;
    if known && is_complete(path, manifest)? {
        return Ok(Begun::Complete);
    }
    if options.resume && !known {
        let text = format!("no sweep was begun in `{}`; leave --resume away", path.display());
        return Err(Failed::usage(text));
    }
    let folder = match known {
        true => Folder::resume(path),
        false => Folder::create(path, options.force),
    };
    let mut folder = folder.map_err(Failed::usage)?;
    note_unlocked(&folder);
    loaded.check_folder(&folder)?;
    if let Some(list) = list(manifest)? {
        folder.check(LIST, &list).map_err(Failed::usage)?;
    }
    parts.own().map_err(Failed::usage)?;
    if options.force {
        parts.clear(None).and_then(|()| parts.own()).map_err(Failed::usage)?;
    } else if !known {
        // Parts without a sweep are somebody's work, perhaps of shards. They are taken over if they
        // are of this sweep, down to the last one, and left alone otherwise.
        let state = sweep.state(std::slice::from_ref(&parts));
        let state = state.map_err(|error| failed(error, manifest))?;
        if let Some(other) = state.foreign.first().or(state.damaged.first()) {
            return Err(Failed::usage(format_args!(
                "`{}` is not of this sweep: merge what is in `{}` by its plan, choose another \
                 folder with --out, or begin anew with --force",
                other.display(),
                parts.folder().display()
            )));
        }
    }
    folder.retire().and_then(|()| keep_manifest(&mut folder, manifest)).map_err(Failed::usage)?;
    Ok(Begun::Open(folder, parts))
}

/// Whether the folder has all results of this sweep, and not one that was changed.
///
/// # Errors
/// Status 2 if it has another sweep, or results that are not as they were written.
fn is_complete(path: &Path, manifest: &Manifest) -> Result<bool, Failed> {
    let shown = path.display();
    let way = "choose another folder with --out, or begin anew with --force";
    let earlier = read_manifest(&path.join(MANIFEST))?;
    let differences = manifest.differences(&earlier);
    if !differences.is_empty() {
        let list = differences.join("\n  ");
        return Err(Failed::usage(format_args!("`{shown}` has another sweep:\n  {list}\n{way}")));
    }
    let found = verify(path).map_err(Failed::usage)?;
    let flaws: Vec<String> = found.flaws().map(|(file, flaw)| format!("{file} {flaw}")).collect();
    if !flaws.is_empty() {
        let list = flaws.join("\n  ");
        let text =
            format!("the results in `{shown}` are not as they were written:\n  {list}\n{way}");
        return Err(Failed::usage(text));
    }
    if found.package.is_some() && !found.lists(MANIFEST) {
        let text = format!("`{shown}` has the results of another command beside this sweep; {way}");
        return Err(Failed::usage(text));
    }
    Ok(found.package.is_some())
}

/// Writes down what is played.
fn keep_manifest(folder: &mut Folder, manifest: &Manifest) -> Result<(), OutputError> {
    let one = Manifest { shards: 1, ..manifest.clone() };
    let what = "everything that decides the results of the sweep";
    folder.file(MANIFEST, what, one.render().as_bytes())
}

/// The points of a list as a CSV file; nothing for other designs.
fn list(manifest: &Manifest) -> Result<Option<Vec<u8>>, Failed> {
    let Some(columns) = &manifest.list else { return Ok(None) };
    let mut writer = csv::Writer::from_writer(Vec::new());
    let written = writer.write_record(columns.iter().map(|(key, _)| key)).and_then(|()| {
        let rows = columns.iter().map(|(_, values)| values.len()).min().unwrap_or(0);
        (0..rows).try_for_each(|row| writer.write_record(columns.iter().map(|(_, all)| &all[row])))
    });
    let failed = |error: &dyn std::fmt::Display| Failed::usage(format_args!("{LIST}: {error}"));
    written.map_err(|error| failed(&error))?;
    writer.into_inner().map(Some).map_err(|error| failed(&error))
}

fn default_folder(loaded: &Scenario, points: &Points) -> PathBuf {
    let last = points.experiment.as_deref().unwrap_or("sweep");
    PathBuf::from(format!("{}-{last}", loaded.model().about.name))
}

/// Reads a plan or the manifest of a folder.
///
/// # Errors
/// Status 2 if it cannot be read or is none.
pub fn read_manifest(file: &Path) -> Result<Manifest, Failed> {
    let shown = file.display();
    let text = files::text(file, LARGEST_PLAN)
        .map_err(|error| Failed::usage(format_args!("cannot read `{shown}`: {error}")))?;
    Manifest::parse(&text).map_err(|why| Failed::usage(format_args!("`{shown}`: {why}")))
}

/// What was asked for, with nothing left open.
///
/// # Errors
/// Status 1 if it does not fit the scenario; 2 if a file cannot be read or a name is unknown.
pub fn manifest(loaded: &Scenario, options: &Points) -> Result<Manifest, Failed> {
    let (mut request, mut file) = (request(options), None);
    let word = match (&options.design, &options.experiment) {
        (Some(word), _) => Some(word.as_str()),
        (None, Some(name)) => Some(loaded.experiment(name)?.design.as_str()),
        (None, None) => None,
    };
    if let Some(word) = word {
        request = match DesignKind::named(word) {
            Some(design) => request.design(design),
            None => {
                let mut read = PointsFile::read(word)?;
                let request = request.list(read.take());
                file = Some(read);
                request
            }
        };
    }
    let mut manifest = loaded.manifest(&request)?;
    let model = loaded.model();
    overrides(model, &manifest.set)?;
    let sweep = Sweep::new(&manifest, model).map_err(|error| match (error, &file) {
        (SweepError::Faults(list), Some(file)) => file.faults(&list),
        (error, _) => failed(error, &manifest),
    })?;
    let space = sweep.space();
    note_outside(model.outside(&[space.ends()], &[]));
    note_outside(space.outside());
    note_overruled(model, &[space.cells()]);
    let found = sweep.points();
    manifest.points = found;
    Ok(manifest)
}

/// What is asked for, as the library takes it; how points are laid out aside.
fn request(options: &Points) -> detente::Sweep {
    let mut request = detente::Sweep::new().seed(options.play.seed);
    for text in &options.vary {
        request = request.vary(text);
    }
    for name in &options.variants {
        request = request.variant(name);
    }
    for (key, value) in &options.play.set {
        request = request.set(key, value);
    }
    if let Some(name) = &options.experiment {
        request = request.experiment(name);
    }
    if let Some(points) = options.points {
        request = request.points(points);
    }
    if let Some(runs) = options.runs {
        request = request.runs(runs);
    }
    if let Some(rounds) = options.play.rounds {
        request = request.rounds(rounds);
    }
    request = super::given(options.uncertain, request, detente::Sweep::uncertain);
    request = super::given(options.all_variants, request, detente::Sweep::all_variants);
    request = super::given(options.independent, request, detente::Sweep::independent);
    request = super::given(options.per_run, request, detente::Sweep::per_run);
    request
}

/// The sweep of a manifest.
///
/// # Errors
/// Status 1 with everything that does not fit the scenario.
pub fn new<'a>(manifest: &'a Manifest, model: &'a Model) -> Result<Sweep<'a>, Failed> {
    Sweep::new(manifest, model).map_err(|error| failed(error, manifest))
}

/// How a sweep that cannot be played is reported.
pub fn failed(error: SweepError, manifest: &Manifest) -> Failed {
    match error {
        SweepError::Faults(list) => {
            let mut text = String::new();
            for fault in list {
                let place = match (fault.row, &manifest.list) {
                    (Some(row), _) => format!("the list, row {}", row + 1),
                    (None, Some(_)) => "the list".to_string(),
                    (None, None) => "--vary".to_string(),
                };
                text.push_str(
                    &Excerpts::new(&place, &fault.text, &[]).render(&fault.diagnostic, true),
                );
                text.push_str("\n\n");
            }
            Failed { exit: 1, text }
        }
        SweepError::Table(_) | SweepError::Settings(_) => Failed::scenario(error),
        other => Failed::usage(other),
    }
}

/// Puts parts together and finishes the folder.
///
/// # Errors
/// Status 2 if parts are missing or files cannot be written.
pub fn merge(
    sweep: &Sweep,
    manifest: &Manifest,
    model: &Model,
    folders: &[Parts],
    folder: &mut Folder,
    partial: bool,
) -> Result<Merged, Failed> {
    let merged = sweep.merge(folders, folder, partial).map_err(|error| failed(error, manifest))?;
    keep_manifest(folder, manifest).map_err(Failed::usage)?;
    let what = "the scenario as it was played";
    let file = format!("{}.toml", manifest.scenario);
    folder.file(&file, what, manifest.text.as_bytes()).map_err(Failed::usage)?;
    for (name, text) in &manifest.files {
        folder.attach(name, text.as_bytes()).map_err(Failed::usage)?;
    }
    if let Some(list) = list(manifest)? {
        folder.file(LIST, "the points as they were given", &list).map_err(Failed::usage)?;
    }
    let mut notes = merged.notes();
    if merged.points < sweep.points() {
        let text = format!("{} of {} points were complete", merged.points, sweep.points());
        notes.push(("partial".to_string(), text));
    }
    let provenance = Provenance {
        version: manifest.version.clone(),
        scenario: manifest.scenario.clone(),
        title: model.about.title.clone(),
        scenario_hash: manifest.scenario_hash(),
        seed: manifest.seed,
        runs: manifest.runs,
        command: manifest.command(),
        notes,
    };
    folder.complete(&provenance).map_err(Failed::usage)?;
    Ok(merged)
}

/// Says what went wrong at single points and runs.
///
/// # Errors
/// Status 1 if something did.
pub fn report_failures(merged: &Merged) -> Result<(), Failed> {
    if merged.failed_runs == 0 {
        return Ok(());
    }
    let mut text = format!("{} runs failed and are left out", merged.failed_runs);
    if merged.failed_points > 0 {
        text.push_str(&format!(", all those of {} points among them", merged.failed_points));
    }
    text.push_str("; failures.csv says why");
    Err(Failed { exit: 1, text })
}
