//! `detente sweep`: many points of a space of assumptions on this machine.

use std::fs;
use std::path::{Path, PathBuf};
use std::process;
use std::time::SystemTime;

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};

use super::args::{Points, Sweep as Options};
use super::render::Excerpts;
use super::run::{known_variant, note_outside, note_overruled, overrides};
use super::tabulate::short;
use super::watch::Onlooker;
use super::{Failed, Loaded, clip, files, load_scenario, say, tell};
use detente::diagnostic::nearest;
use detente::experiment::{Axis, DesignKind, Manifest, Merged, Sweep, SweepError, Value};
use detente::model::Model;
use detente::output::{Folder, Parts, Provenance, number, text_hash};

/// The file that says what a folder's sweep is.
pub const MANIFEST: &str = "sweep.json";
/// The folder of parts below that of the results.
pub const PARTS: &str = "parts";
/// Points of a design without a number of its own.
const POINTS: u64 = 256;
/// Runs of each arm at each point where none are asked for.
const RUNS: u64 = 100;
/// How many outcomes the table shows.
const SHOWN: usize = 12;
/// Larger files of plans are not read.
const LARGEST_PLAN: u64 = 256 << 20;
/// Larger files of points are not read.
const LARGEST_LIST: u64 = 64 << 20;

/// Plays what was asked for, or goes on with it, and writes the files.
///
/// # Errors
/// Status 1 if the scenario or what is varied is at fault, if points or runs failed or the user
/// stopped; 2 if files cannot be read or written, or the folder has another sweep.
pub fn sweep(options: &Options) -> Result<(), Failed> {
    let loaded = load_scenario(&options.points.scenario)?;
    let manifest = manifest(&loaded, &options.points)?;
    let sweep = new(&manifest, &loaded.model)?;
    sweep.admit(options.room.memory).map_err(Failed::usage)?;
    let path = options.out.clone().unwrap_or_else(|| default_folder(&loaded, &options.points));
    let shown = path.display();
    let parts = Parts::new(path.join(PARTS));
    if begin(&path, &manifest, &parts, options)? == Begun::Complete {
        tell(&format!("the results in {shown} are complete; --force makes them again"));
        return Ok(());
    }
    parts.create().map_err(Failed::usage)?;
    let folders = [parts];
    let state = sweep.state(&folders).map_err(|error| failed(error, &manifest))?;
    let all = sweep.runs();
    if state.runs > 0 {
        tell(&format!("going on: {} of {all} runs are there", state.runs));
    }
    let fate = format!("finished parts are kept in {shown}, those that were played are lost");
    let onlooker = Onlooker::new(all - state.runs, fate);
    let room = (options.threads.map(usize::from), options.room.memory);
    let played = sweep.play(&state.missing, &folders[0], &tag(), room, &onlooker);
    onlooker.finish();
    let again = "the same command goes on from there";
    match played {
        Ok(false) => {}
        Ok(true) => {
            let done = sweep.state(&folders).map_err(|error| failed(error, &manifest))?.runs;
            let text = format!(
                "stopped after {done} of {all} runs; they are kept in {shown}, and {again}"
            );
            return Err(Failed { exit: 1, text });
        }
        Err(error) => {
            let mut failed = failed(error, &manifest);
            failed.text.push_str(&format!("\nwhat is finished is kept in {shown}; {again}"));
            return Err(failed);
        }
    }
    let mut folder = Folder::create(&path, true).map_err(Failed::usage)?;
    options.formats.apply(&mut folder);
    let merged = merge(&sweep, &manifest, &loaded.model, &folders, folder, false)?;
    // The results are complete; parts that cannot be removed do not spoil them.
    let _ = folders[0].clear();
    say(&tabulate(&sweep, &manifest, &merged))?;
    say(&format!("results in {shown}\n"))?;
    aftermath(&merged)
}

#[derive(PartialEq, Eq)]
enum Begun {
    Open,
    Complete,
}

/// Finds out whether the folder has this sweep already, and writes down that it has.
fn begin(
    path: &Path,
    manifest: &Manifest,
    parts: &Parts,
    options: &Options,
) -> Result<Begun, Failed> {
    let file = path.join(MANIFEST);
    if file.exists() && !options.force {
        let earlier = read_manifest(&file)?;
        let differences = manifest.differences(&earlier);
        if !differences.is_empty() {
            let text = format!(
                "`{}` has another sweep:\n  {}\nchoose another folder with --out, or begin anew \
                 with --force",
                path.display(),
                differences.join("\n  ")
            );
            return Err(Failed::usage(text));
        }
        return Ok(match path.join("datapackage.json").exists() {
            true => Begun::Complete,
            false => Begun::Open,
        });
    }
    if options.resume {
        let text = format!("no sweep was begun in `{}`; leave --resume away", path.display());
        return Err(Failed::usage(text));
    }
    let folder = Folder::create(path, options.force).map_err(Failed::usage)?;
    parts.clear().map_err(Failed::usage)?;
    if options.force {
        // A folder without a description is not complete, whatever else is in it.
        let _ = fs::remove_file(path.join("datapackage.json"));
    }
    folder.file(MANIFEST, manifest.render().as_bytes()).map_err(Failed::usage)?;
    Ok(Begun::Open)
}

fn default_folder(loaded: &Loaded, points: &Points) -> PathBuf {
    let last = points.experiment.as_deref().unwrap_or("sweep");
    PathBuf::from(format!("{}-{last}", loaded.model.about.name))
}

/// A word that no other process uses for files it has begun.
#[expect(clippy::disallowed_methods, reason = "the names of begun files are no results")]
pub fn tag() -> String {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    format!("{}-{}", process::id(), now.map_or(0, |time| time.subsec_nanos()))
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
pub fn manifest(loaded: &Loaded, options: &Points) -> Result<Manifest, Failed> {
    let model = &loaded.model;
    let mut manifest = Manifest::new(&model.about.name, &loaded.text, options.play.seed);
    let mut design = options.design.clone();
    let mut points = options.points;
    manifest.runs = options.runs.unwrap_or(RUNS);
    if let Some(name) = &options.experiment {
        let experiment = experiment(model, name)?;
        manifest.vary = experiment.vary.clone();
        manifest.uncertain = experiment.uncertain;
        design = design.or_else(|| Some(experiment.design.clone()));
        points = points.or(experiment.points);
        manifest.runs = options.runs.or(experiment.runs).unwrap_or(RUNS);
    }
    manifest.vary.extend(options.vary.iter().cloned());
    manifest.uncertain |= options.uncertain;
    manifest.set = options.play.set.clone();
    overrides(model, &manifest.set)?;
    manifest.rounds = options.play.rounds;
    manifest.independent = options.independent;
    manifest.per_run = options.per_run;
    if options.all_variants {
        manifest.variants = model.variants.iter().map(|v| v.name.clone()).collect();
    }
    for name in options.variants.iter().filter(|name| *name != "base") {
        known_variant(model, name)?;
        if !manifest.variants.contains(name) {
            manifest.variants.push(name.clone());
        }
    }
    manifest.design = match design.as_deref() {
        None if manifest.uncertain || manifest.vary.iter().any(|text| open(text)) => {
            DesignKind::Sobol
        }
        None => DesignKind::Grid,
        Some(word) => match DesignKind::named(word) {
            Some(design) => design,
            None => {
                manifest.list = Some(read_list(word)?);
                DesignKind::List
            }
        },
    };
    manifest.points = match manifest.design {
        DesignKind::Grid => points.unwrap_or(u64::MAX),
        _ => points.unwrap_or(POINTS),
    };
    let sweep = new(&manifest, model)?;
    let ends = [sweep.space().ends()];
    note_outside(model, &ends);
    note_overruled(model, &ends);
    let found = sweep.points();
    manifest.points = found;
    Ok(manifest)
}

/// Whether something varies between two ends.
fn open(text: &str) -> bool {
    use detente::scenario::{Values, vary};
    vary(text).is_ok_and(|vary| matches!(vary.values, Values::Range { count: None, .. }))
}

fn experiment<'a>(model: &'a Model, name: &str) -> Result<&'a detente::model::Experiment, Failed> {
    if let Some(found) = model.experiments.iter().find(|e| e.name == name) {
        return Ok(found);
    }
    let known: Vec<&str> = model.experiments.iter().map(|e| e.name.as_str()).collect();
    let help = nearest(name, known.iter().copied()).unwrap_or_else(|| match known.len() {
        0 => "it has none".to_string(),
        _ => format!("its experiments are {}", known.join(", ")),
    });
    let scenario = &model.about.name;
    Err(Failed::usage(format_args!("`{scenario}` has no experiment `{}`; {help}", clip(name))))
}

/// The rows of a CSV file, by column. A column `point`, as `points.csv` has, is left out.
fn read_list(word: &str) -> Result<Vec<(String, Vec<String>)>, Failed> {
    let failed = |why: String| {
        let words: Vec<&str> = DesignKind::ALL.iter().map(|(word, _)| *word).collect();
        let help = match Path::new(word).exists() {
            true => String::new(),
            false => match nearest(word, words.iter().copied()) {
                Some(help) => format!("; {help}"),
                None => format!("; a design is a CSV file or one of {}", words.join(", ")),
            },
        };
        Failed::usage(format_args!("cannot read the points of `{}`: {why}{help}", clip(word)))
    };
    let bytes = files::bytes(Path::new(word), LARGEST_LIST).map_err(|e| failed(e.to_string()))?;
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(bytes.as_slice());
    let header = reader.headers().map_err(|error| failed(error.to_string()))?.clone();
    let mut columns: Vec<(String, Vec<String>)> =
        header.iter().map(|key| (key.to_string(), Vec::new())).collect();
    for record in reader.records() {
        let record = record.map_err(|error| failed(error.to_string()))?;
        for ((key, values), value) in columns.iter_mut().zip(record.iter()) {
            if value.is_empty() {
                let row = values.len() + 1;
                return Err(failed(format!("row {row} has no value for `{key}`")));
            }
            values.push(value.to_string());
        }
    }
    columns.retain(|(key, _)| key != "point");
    match columns.first() {
        Some((_, values)) if !values.is_empty() => Ok(columns),
        _ => Err(failed("it has no points".to_string())),
    }
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
            let place = if manifest.list.is_some() { "the list" } else { "--vary" };
            let mut text = String::new();
            for fault in list {
                text.push_str(&Excerpts::new(place, &fault.text).styled(&fault.diagnostic));
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
    mut folder: Folder,
    partial: bool,
) -> Result<Merged, Failed> {
    let merged =
        sweep.merge(folders, &mut folder, partial).map_err(|error| failed(error, manifest))?;
    let one = Manifest { shards: 1, ..manifest.clone() };
    folder.file(MANIFEST, one.render().as_bytes()).map_err(Failed::usage)?;
    let mut notes = merged.notes();
    if merged.points < sweep.points() {
        let text = format!("{} of {} points were complete", merged.points, sweep.points());
        notes.push(("partial".to_string(), text));
    }
    let provenance = Provenance {
        version: manifest.version.clone(),
        scenario: manifest.scenario.clone(),
        title: model.about.title.clone(),
        scenario_hash: text_hash(&manifest.text),
        seed: manifest.seed,
        runs: manifest.runs,
        command: manifest.command(),
        notes,
    };
    folder.finish(&provenance).map_err(Failed::usage)?;
    Ok(merged)
}

/// What is printed about results: where the means of outcomes are least and greatest.
pub fn tabulate(sweep: &Sweep, manifest: &Manifest, merged: &Merged) -> String {
    let axes = sweep.space().axes();
    let names: Vec<&str> = axes.iter().take(4).map(|axis| axis.name.as_str()).collect();
    let more = match axes.len() {
        0..=4 => String::new(),
        n => format!(" and {} more", n - 4),
    };
    let mut text = format!(
        "{}: {} points of {}{more}\n{}, {} runs at each point, seed {}\n",
        manifest.scenario,
        merged.points,
        names.join(", "),
        manifest.design.word(),
        manifest.runs,
        manifest.seed
    );
    let mut arms: Vec<&str> = merged.extremes.iter().map(|e| e.arm.as_str()).collect();
    arms.dedup();
    for arm in arms {
        let own = merged.extremes.iter().filter(|e| e.arm == arm);
        text.push_str(&format!("\n{arm}\n"));
        let mut table = Table::new();
        table.load_style(presets::NOTHING);
        table.set_content_arrangement(ContentArrangement::Disabled);
        table.set_header(["outcome", "least mean", "at point", "greatest mean", "at point"]);
        for extreme in own.take(SHOWN) {
            let mut row = vec![extreme.outcome.clone()];
            match &extreme.ends {
                None => row.push("no value".to_string()),
                Some(ends) => {
                    for (mean, point) in ends {
                        row.extend([number((mean * 1e4).round() / 1e4), place(sweep, *point)]);
                    }
                }
            }
            row.resize(5, String::new());
            table.add_row(row);
        }
        for (place, column) in table.column_iter_mut().enumerate() {
            column.set_padding((if place == 0 { 2 } else { 0 }, 2));
            column.set_cell_alignment(match place {
                0 => CellAlignment::Left,
                _ => CellAlignment::Right,
            });
        }
        text.extend(table.lines().map(|line| line.trim_end().to_string() + "\n"));
    }
    let outcomes = merged.extremes.len();
    if outcomes > SHOWN {
        text.push_str("\nsummary.csv has all outcomes at all points, points.csv the points\n");
    }
    text.push('\n');
    text
}

/// The number of a point, with its values where few things vary.
fn place(sweep: &Sweep, point: u64) -> String {
    const FEW: usize = 2;
    let axes = sweep.space().axes();
    if axes.len() > FEW {
        return point.to_string();
    }
    let values = sweep.values(point);
    let one = |(axis, value): (&Axis, &Value)| match value {
        Value::Number(x) => format!("{}={}", axis.name, short(*x)),
        Value::Text(text) => format!("{}={text}", axis.name),
    };
    let all: Vec<String> = axes.iter().zip(&values).map(one).collect();
    format!("{point} ({})", all.join(", "))
}

/// Says what went wrong at single points and runs.
///
/// # Errors
/// Status 1 if something did.
pub fn aftermath(merged: &Merged) -> Result<(), Failed> {
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
