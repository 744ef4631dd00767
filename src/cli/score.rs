//! `detente score`: how surprised a scenario is by a history.

use std::path::Path;

use super::args::{Format, Particles, Score, Weigh};
use super::progress::{ProgressBar, fate};
use super::run::overrides;
use super::{Failed, given, print_stderr, print_stdout};
use detente::diagnostic::{Diagnostics, Severity};
use detente::evidence::Origins;
use detente::history::History;
use detente::view::score::Page;
use detente::{Scenario, render};

/// Weighs what was asked for, prints it and writes the files.
///
/// # Errors
/// Status 1 if scenario or history is at fault or a record is impossible; 130 or 143 if stopped; 2
/// if something is unknown or files cannot be written.
pub fn score(options: &Score) -> Result<(), Failed> {
    let loaded = Scenario::find(&options.scenario)?;
    let history = history(&loaded, &options.weigh.history)?;
    let before = options.baseline_from.as_ref().map(|path| loaded.history(path)).transpose()?;
    overrides(loaded.model(), &options.weigh.play.set)?;
    let request = request(options);
    let kept = &options.kept;
    let folder = match &kept.out {
        Some(path) => Some(super::folder(&loaded, path, kept.force)?),
        None => None,
    };
    let work = loaded.score_work(&history, &request)?;
    let bar = ProgressBar::new(work, fate(kept.out.as_deref()));
    let scored = loaded.score_watched((&history, before.as_ref()), &request, &bar);
    bar.finish();
    let scored = scored?;
    if let Some(folder) = folder {
        let path = folder.path().display().to_string();
        scored.write_into(folder)?;
        print_stderr(&format!("results in {path}"));
    }
    print_stdout(&match kept.format {
        Format::Text => render::score::text(&Page::of(&scored)),
        Format::Json => render::json(&scored),
    })?;
    let none = scored.scores().iter().all(|score| score.foresight.is_empty());
    if options.origins.is_some() && none {
        print_stderr("note: the record says of no move whether it was made: no forecast is scored");
    }
    match scored.impossible() {
        Some(list) => Err(Failed::wrong(&list)),
        None => Ok(()),
    }
}

/// The history that was named; what is odd about it is told.
///
/// # Errors
/// Status 1 with everything that is wrong with it.
pub fn history(loaded: &Scenario, path: &Path) -> Result<History, Failed> {
    let history = loaded.history(path)?;
    let mut list = history.warnings.clone();
    list.retain(|d| d.severity() != Severity::Error);
    if !list.is_empty() {
        let told: Diagnostics = history.diagnostics(list);
        print_stderr(&told.render(true));
    }
    Ok(history)
}

fn request(options: &Score) -> detente::Score {
    use detente::Score as Request;
    let Weigh { particles, filters, play, .. } = &options.weigh;
    let Particles { seed, set, threads, room, plain } = play;
    let request = Request::new().particles(*particles).filters(*filters).seed(*seed);
    let request = request.memory(room.memory).surprises(options.surprises);
    let request = match options.origins {
        None => request,
        Some((first, last)) => {
            let mut ahead = options.ahead.clone();
            ahead.sort_unstable();
            ahead.dedup();
            request.origins(Origins { origins: first..=last, ahead })
        }
    };
    let request = options.variants.iter().fold(request, |r, name| r.variant(name));
    let request = set.iter().fold(request, |r, (key, value)| r.set(key, value));
    let request = threads.iter().fold(request, |r, n| r.threads((*n).into()));
    let request = given(options.all_variants, request, Request::all_variants);
    given(*plain, request, Request::plain)
}
