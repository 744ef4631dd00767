//! `detente sweep`: many points of a space of assumptions on this machine.

use std::path::{Path, PathBuf};

use super::args::{Format, Points, Sweep as Options};
use super::progress::ProgressBar;
use super::run::{note_outside, note_overruled, overrides};
use super::{Failed, given, note_unlocked, print_stderr, print_stdout};
use detente::catalog::files;
use detente::experiment::{DesignKind, Manifest, Merged, Sweep, SweepError};
use detente::model::Model;
use detente::output::{Folder, MANIFEST, PARTS, Parts, verify};
use detente::view::sweep::Page;
use detente::{Scenario, render};

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
    let state = sweep.state(&folders)?;
    if !state.foreign.is_empty() {
        return Err(SweepError::Foreign(state.foreign).into());
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
            let done = sweep.state(&folders)?.runs;
            return Err(Failed::stopped(format_args!(
                "stopped after {done} of {all} runs; they are kept in {shown}, and {again}"
            )));
        }
        Err(error) => {
            let mut failed = Failed::from(error);
            failed.text.push_str(&format!("\nwhat is finished is kept in {shown}; {again}"));
            return Err(failed);
        }
    }
    options.formats.apply(&mut folder);
    let merged = loaded.merge_into(&sweep, &manifest, &folders, &mut folder, false)?;
    // The results are complete; parts that cannot be removed do not spoil them.
    let _ = folders[0].clear(Some(sweep.work()));
    drop(folder);
    let page = Page::of(&sweep, &manifest, &merged);
    let place = format!("results in {shown}\n");
    match options.format {
        Format::Text => print_stdout(&(render::sweep::text(&page) + &place))?,
        Format::Json => {
            print_stdout(&render::json(&page))?;
            print_stderr(&place);
        }
    }
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
    loaded.check_sweep(&folder, manifest)?;
    parts.own().map_err(Failed::usage)?;
    if options.force {
        parts.clear(None).and_then(|()| parts.own()).map_err(Failed::usage)?;
    } else if !known {
        // Parts without a sweep are somebody's work, perhaps of shards. They are taken over if they
        // are of this sweep, down to the last one, and left alone otherwise.
        let state = sweep.state(std::slice::from_ref(&parts))?;
        if let Some(other) = state.foreign.first().or(state.damaged.first()) {
            return Err(Failed::usage(format_args!(
                "`{}` is not of this sweep: merge what is in `{}` by its plan, choose another \
                 folder with --out, or begin anew with --force",
                other.display(),
                parts.folder().display()
            )));
        }
    }
    loaded.begin_sweep(&mut folder, manifest)?;
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
    let manifest = loaded.manifest(&request(options))?;
    let model = loaded.model();
    overrides(model, &manifest.set)?;
    let sweep = new(&manifest, model)?;
    let space = sweep.space();
    note_outside(model.outside(&[space.ends()], &[]));
    note_outside(space.outside());
    note_overruled(model, &[space.cells()]);
    drop(sweep);
    Ok(manifest)
}

/// What is asked for, as the library takes it.
fn request(options: &Points) -> detente::Sweep {
    use detente::Sweep as Request;
    let Points { play, variants, .. } = options;
    let request = Request::new().seed(play.seed);
    let request = options.vary.iter().fold(request, |r, text| r.vary(text));
    let request = variants.iter().fold(request, |r, name| r.variant(name));
    let request = play.set.iter().fold(request, |r, (key, value)| r.set(key, value));
    let request = options.experiment.iter().fold(request, |r, name| r.experiment(name));
    let request = options.points.iter().fold(request, |r, points| r.points(*points));
    let request = options.runs.iter().fold(request, |r, runs| r.runs(*runs));
    let request = play.rounds.iter().fold(request, |r, rounds| r.rounds(*rounds));
    let request = options.design.iter().fold(request, |r, word| match DesignKind::named(word) {
        Some(design) => r.design(design),
        None => r.file(word),
    });
    let request = given(options.uncertain, request, Request::uncertain);
    let request = given(options.all_variants, request, Request::all_variants);
    let request = given(options.independent, request, Request::independent);
    given(options.per_run, request, Request::per_run)
}

/// The sweep of a manifest.
///
/// # Errors
/// Status 1 with everything that does not fit the scenario.
pub fn new<'a>(manifest: &'a Manifest, model: &'a Model) -> Result<Sweep<'a>, Failed> {
    Sweep::new(manifest, model).map_err(|error| match error {
        SweepError::Faults(list) => manifest.placed(list).into(),
        other => other.into(),
    })
}

impl From<SweepError> for Failed {
    fn from(error: SweepError) -> Failed {
        match error {
            SweepError::Table(_) | SweepError::Settings(_) => Failed::scenario(error),
            other => Failed::usage(other),
        }
    }
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
