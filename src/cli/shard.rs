//! `detente plan`, `shard`, `status`, `merge`: a sweep cut into pieces for a cluster.

use std::fs;
use std::path::{Path, PathBuf};

use super::args::{Merge, Plan, Shard, Status};
use super::progress::ProgressBar;
use super::sweep::{manifest, new, read_manifest, report_failures};
use super::{Failed, cluster, note_unlocked, print_stderr, print_stdout, write_file};
use detente::Scenario;
use detente::experiment::{Manifest, SweepError, ranges};
use detente::number::count;
use detente::output::{Folder, MANIFEST, PARTS, Parts};
use detente::render;
use detente::view::sweep::Page;

/// Writes the plan.
///
/// # Errors
/// Those of `sweep`, before anything is played; status 2 if the file is there or cannot be
/// written.
pub fn plan(options: &Plan) -> Result<(), Failed> {
    let loaded = Scenario::find(&options.points.scenario)?;
    let mut manifest = manifest(&loaded, &options.points)?;
    manifest.shards = options.shards;
    let sweep = new(&manifest, loaded.model())?;
    let shown = options.out.display();
    write_file(&options.out, &manifest.render(), options.force)?;
    let (shards, units) = (options.shards, sweep.units().count());
    let runs = sweep.runs();
    print_stdout(&format!(
        "{shown}: {}, {}, {} in {}, numbered from 0 to {}\n",
        count(sweep.points(), "point"),
        count(runs, "run"),
        count(units, "part"),
        count(shards, "shard"),
        shards - 1
    ))?;
    if units < shards {
        print_stderr(&format!("note: nothing to do for {}", count(shards - units, "shard")));
    }
    Ok(())
}

/// A plan with its scenario.
fn load(plan: &Path) -> Result<(Manifest, Scenario), Failed> {
    let manifest = read_manifest(plan)?;
    let label = format!("the scenario in {}", plan.display());
    let scenario = Scenario::loaded(&label, &manifest.text, manifest.load())?;
    Ok((manifest, scenario))
}

/// Plays the units of one shard that are not there yet.
///
/// # Errors
/// Status 130 or 143 if it was stopped; 2 if the index is none of the plan, parts of another plan
/// are in the way, or files cannot be written.
pub fn shard(options: &Shard) -> Result<(), Failed> {
    let (manifest, scenario) = load(&options.plan)?;
    let sweep = new(&manifest, scenario.model())?;
    let index = index(options, manifest.shards)?;
    let parts = Parts::new(options.out.join(PARTS));
    parts.create().map_err(Failed::usage)?;
    let state = sweep.state_of(index, &parts)?;
    if !options.force && !state.foreign.is_empty() {
        let text = format!("{}, or use --force", SweepError::Foreign(state.foreign));
        return Err(Failed::usage(text));
    }
    for path in &state.foreign {
        fs::remove_file(path).map_err(|error| {
            Failed::usage(format_args!("cannot remove `{}`: {error}", path.display()))
        })?;
    }
    let rest = state.missing;
    let kept = options.out.display();
    let fate = format!("finished parts are kept in {kept}, those that were played are lost");
    let bar = ProgressBar::new(rest.iter().map(|unit| sweep.runs_of(unit)).sum(), fate);
    let threads = options.threads.map(usize::from).or_else(cluster::threads);
    let room = (threads, options.room.memory);
    let stopped = sweep.play(&rest, &parts, room, &bar);
    bar.finish();
    let name = format!("shard {index} of {}", manifest.shards);
    if stopped? {
        let text =
            format!("stopped within {name}; what is finished is kept, played again it goes on");
        return Err(Failed::stopped(text));
    }
    let own = sweep.units().of_shard(index);
    let (parts, runs) = own.fold((0, 0), |(n, runs), unit| (n + 1, runs + sweep.runs_of(unit)));
    print_stdout(&format!(
        "{name}: {} in {}, {} of them played now\n",
        count(runs, "run"),
        count(parts, "part"),
        rest.len()
    ))
}

fn index(options: &Shard, shards: u64) -> Result<u64, Failed> {
    let (given, from) = match options.index.as_str() {
        "auto" => cluster::index().ok_or_else(|| {
            Failed::usage(
                "no job array here: none of the schedulers that --index auto knows has set the \
                 variable of its index; give --index a number",
            )
        })?,
        text => match text.parse::<i64>() {
            Ok(number) => (number, "--index"),
            Err(_) => {
                let text =
                    format!("`{text}` is not the number of a shard; write 0, 1, ... or auto");
                return Err(Failed::usage(text));
            }
        },
    };
    let index = given.saturating_add(options.offset);
    u64::try_from(index).ok().filter(|index| *index < shards).ok_or_else(|| {
        let hint = match index == i64::try_from(shards).unwrap_or(i64::MAX) {
            true => "; for an array that counts from 1, add --offset -1",
            false => "",
        };
        let offset = match options.offset {
            0 => String::new(),
            n => format!(" with an offset of {n}"),
        };
        let last = shards - 1;
        Failed::usage(format_args!(
            "there is no shard {index} ({from} says {given}{offset}); shards are numbered from 0 \
             to {last}{hint}"
        ))
    })
}

fn folders(list: &[PathBuf]) -> Result<Vec<Parts>, Failed> {
    let mut all = Vec::with_capacity(list.len());
    for path in list {
        if !path.is_dir() {
            return Err(Failed::usage(format_args!("`{}` is not a folder", path.display())));
        }
        all.push(Parts::new(path.join(PARTS)));
    }
    Ok(all)
}

/// Says which shards are done.
///
/// # Errors
/// Status 1 if some are not, without --missing; 2 if files cannot be read or are of another sweep.
pub fn status(options: &Status) -> Result<(), Failed> {
    let (manifest, scenario) = load(&options.plan)?;
    let sweep = new(&manifest, scenario.model())?;
    let state = sweep.state(&folders(&options.folders)?)?;
    let shards = sweep.shards_of(&state.missing);
    if options.missing {
        return print_stdout(&format!("{}\n", ranges(&shards)));
    }
    let all = sweep.runs();
    let units = sweep.units().count();
    let mut text = format!(
        "{} of {} shards, {} of {units} parts, {} of {all} runs are there\n",
        manifest.shards - shards.len() as u64,
        manifest.shards,
        units - state.missing.len(),
        state.runs
    );
    if !shards.is_empty() {
        let word = if shards.len() == 1 { "shard" } else { "shards" };
        text.push_str(&format!("missing: {word} {}\n", ranges(&shards)));
    }
    for (what, list) in [("damaged", &state.damaged), ("of another sweep", &state.foreign)] {
        for path in list {
            text.push_str(&format!("{what}: {}\n", path.display()));
        }
    }
    print_stdout(&text)?;
    if shards.is_empty() { Ok(()) } else { Err(Failed::silent(1)) }
}

/// Puts shards together.
///
/// # Errors
/// Status 2 if parts are missing or of another sweep, or files cannot be written; 1 if points or
/// runs failed.
pub fn merge(options: &Merge) -> Result<(), Failed> {
    let (manifest, scenario) = load(&options.plan)?;
    let sweep = new(&manifest, scenario.model())?;
    sweep.admit_merge(options.room.memory).map_err(Failed::usage)?;
    let sources = folders(&options.folders)?;
    let shown = options.out.display();
    // A folder whose sweep was interrupted is no result yet.
    let begun = options.out.join(MANIFEST);
    let open = !options.force
        && begun.exists()
        && !options.out.join("datapackage.json").exists()
        && manifest.differences(&read_manifest(&begun)?).is_empty();
    let folder = match open {
        true => Folder::resume(&options.out),
        false => Folder::create(&options.out, options.force),
    };
    let mut folder = folder.map_err(Failed::usage)?;
    note_unlocked(&folder);
    options.formats.apply(&mut folder);
    let merged = scenario.merge_into(&sweep, &manifest, &sources, &mut folder, options.partial)?;
    drop(folder);
    print_stdout(&render::sweep::text(&Page::of(&sweep, &manifest, &merged)))?;
    print_stdout(&format!("results in {shown}\n"))?;
    report_failures(&merged)
}
