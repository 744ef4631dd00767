//! `detente condition`: what a history teaches of parameters and private types.

use super::args::{Condition, Format, Particles};
use super::progress::{ProgressBar, fate};
use super::run::overrides;
use super::score::history;
use super::{Failed, given, note_unlocked, print_stderr, print_stdout};
use detente::view::condition::Page;
use detente::{Scenario, evidence, render};

/// Conditions the scenario, prints what was found and writes the files.
///
/// # Errors
/// Status 1 if scenario or history is at fault or the history is impossible; 130 or 143 if stopped;
/// 2 if something is unknown or files cannot be written.
pub fn condition(options: &Condition) -> Result<(), Failed> {
    let loaded = Scenario::find(&options.scenario)?;
    let history = history(&loaded, &options.history)?;
    overrides(loaded.model(), &options.play.set)?;
    let request = request(options);
    let kept = &options.kept;
    let (folder, parts) = match &kept.out {
        Some(path) => {
            let found = loaded.condition_folder(&history, &request, (path, kept.force))?;
            note_unlocked(&found.0);
            (Some(found.0), Some(found.1))
        }
        None => (None, None),
    };
    if let Some(parts) = parts.as_ref().filter(|parts| parts.units().is_ok_and(|u| !u.is_empty())) {
        print_stderr(&format!("going on from what is kept in {}", parts.folder().display()));
    }
    let keeps = "what is kept is as far as all draws were moved; the same command goes on";
    let bar = ProgressBar::new(
        0,
        match parts {
            Some(_) => keeps.to_string(),
            None => fate(None),
        },
    );
    let found = loaded.condition_watched(&history, &request, parts.as_ref(), &bar);
    bar.finish();
    let found = found.map_err(|error| match (error, &parts) {
        (detente::Error::Evidence(evidence::Error::Stopped), Some(parts)) => {
            let place = parts.folder().display();
            Failed::stopped(format_args!(
                "stopped; what is finished is kept in {place}, and the same command goes on there"
            ))
        }
        (error, _) => error.into(),
    })?;
    if let Some(folder) = folder {
        let path = folder.path().display().to_string();
        found.write_into(folder)?;
        // the results are complete; parts that cannot be removed do not spoil them
        let _ = parts.map(|parts| parts.clear(None));
        print_stderr(&format!("results in {path}"));
    }
    print_stdout(&match kept.format {
        Format::Text => render::condition::text(&Page::of(&found)),
        Format::Json => render::json(&found),
    })
}

fn request(options: &Condition) -> detente::Condition {
    use detente::Condition as Request;
    let Condition { draws, particles, play, .. } = options;
    let Particles { seed, set, threads, room, plain } = play;
    let request = Request::new().draws(*draws).particles(*particles).seed(*seed);
    let request = request.memory(room.memory);
    let request = options.names().into_iter().fold(request, Request::free);
    let request = options.variants.iter().fold(request, |r, name| r.variant(name));
    let request = set.iter().fold(request, |r, (key, value)| r.set(key, value));
    let request = threads.iter().fold(request, |r, n| r.threads((*n).into()));
    let request = given(options.uncertain, request, Request::uncertain);
    let request = given(options.all_variants, request, Request::all_variants);
    given(*plain, request, Request::plain)
}
