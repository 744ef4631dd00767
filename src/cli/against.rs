//! `detente run --against`: two scenarios side by side, run by run.

use super::args::{Format, Run};
use super::progress::{ProgressBar, fate};
use super::run::{report_failures, request, warn};
use super::{Failed, print_stderr, print_stdout};
use detente::Scenario;
use detente::diagnostic::{clip, nearest};
use detente::experiment::{Report, Shared};
use detente::render;
use detente::summary::Taken;
use detente::view::run::{Files, Page, Shown};

/// Plays the same runs of both, prints what the outcomes they share are in each and writes the
/// files.
///
/// # Errors
/// As `run`; status 2 if the two share no outcome or one that is named is not shared.
pub fn against(options: &Run, loaded: &Scenario, other: &str) -> Result<(), Failed> {
    let other = Scenario::find(other)?;
    let shared = Shared::of(loaded.model(), other.model());
    let named = named(options, &shared)?;
    let request = request(options);
    // what is wrong with the request is said before a folder is made
    let rounds = loaded.run_spec(&request)?.arms.iter().map(|arm| arm.rounds).max().unwrap_or(0);
    let folder = match &options.out {
        None => None,
        Some(path) => {
            let mut folder = super::folder(loaded, path, options.force)?;
            options.formats.apply(&mut folder);
            Some(folder)
        }
    };
    warn(loaded);
    warn(&other);
    let bar = ProgressBar::new(options.runs.saturating_mul(2), fate(options.out.as_deref()));
    let found = loaded.against_into(&other, &request, folder, &bar);
    bar.finish();
    let found = found?;
    let shown = Shown {
        outcomes: shown(&found.report, named.as_deref(), options.format),
        seed: options.play.seed,
        rounds,
        files: options.out.as_ref().map_or(Files::Nothing, |_| Files::Estimates),
    };
    let page = Page::of(loaded.model(), &found.report, &shown);
    let page = page.against(other.name(), found.shared);
    print_stdout(&match options.format {
        Format::Text => render::run::text(&page),
        Format::Json => render::json(&page),
    })?;
    match &options.out {
        Some(path) => print_stderr(&format!("results in {}", path.display())),
        None => print_stderr("no files written; --out DIR keeps all results as CSV"),
    }
    report_failures(loaded, options, &found.report)
}

/// The outcomes that are named, if some are: all of them are shared.
fn named(options: &Run, shared: &Shared) -> Result<Option<Vec<String>>, Failed> {
    let Some(asked) = options.outcomes.as_ref().filter(|asked| !asked.is_empty()) else {
        return Ok(None);
    };
    let asked: Vec<String> = asked.iter().map(|name| name.trim().to_string()).collect();
    for name in &asked {
        // what is made of a `first` outcome is named behind a colon
        let base = name.split(':').next().unwrap_or_default();
        if shared.outcomes.iter().all(|known| known != base) {
            let known = shared.outcomes.iter().map(String::as_str);
            let help = nearest(base, known).unwrap_or_else(|| "--outcomes shows all".to_string());
            let text = format!("the two scenarios share no outcome `{}`; {help}", clip(name));
            return Err(Failed::usage(text));
        }
    }
    Ok(Some(asked))
}

/// Which outcomes the tables show, by number: those named, all, or the first dozen.
fn shown(report: &Report, named: Option<&[String]>, format: Format) -> Vec<usize> {
    let outcomes = &report.results.outcomes;
    let number = |name: &String| outcomes.iter().position(|outcome| outcome.name == *name);
    match named {
        Some(names) => names.iter().filter_map(number).collect(),
        None => {
            let own = outcomes.iter().filter(|o| matches!(o.taken, Taken::AsItIs(_))).count();
            let some = if format == Format::Json { own } else { own.min(super::run::DOZEN) };
            (0..some).collect()
        }
    }
}
