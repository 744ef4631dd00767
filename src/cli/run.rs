//! `detente run`: Monte Carlo runs of a scenario and its variants, side by side.

use super::args::{Format, Run};
use super::progress::{ProgressBar, fate};
use super::{Failed, given, print_stderr, print_stdout};
use detente::Scenario;
use detente::diagnostic::{Code, Diagnostic, Excerpts, Severity, Span, clip, nearest};
use detente::experiment::{self, Error, Mixture, Report, RunSpec};
use detente::model::{Model, Outside, Override};
use detente::output::{Folder, number};
use detente::record::Layout;
use detente::render;
use detente::summary::Quantity;
use detente::view::run::{Files, Page, Shown};

/// Plays what was asked for, prints a table per arm and writes the files.
///
/// # Errors
/// Status 1 if the scenario or an override is at fault or runs failed; 130 or 143 if stopped;
/// 2 if a variant is unknown or files cannot be written, which is tried out before anything is
/// played.
pub fn run(options: &Run) -> Result<(), Failed> {
    #[cfg(feature = "parquet")]
    if options.formats.parquet && options.out.is_none() {
        return Err(Failed::usage("--parquet needs a folder: --out DIR"));
    }
    if options.points.is_some() && !options.uncertain && options.weights.is_none() {
        return Err(Failed::usage("--points is of --uncertain or --weights: add one of them"));
    }
    let loaded = Scenario::find(&options.scenario)?;
    if let Some(other) = &options.against {
        return super::against::against(options, &loaded, other);
    }
    let request = request(options);
    let spec = loaded.run_spec(&request)?;
    overrides(loaded.model(), &options.play.set)?;
    let shown = Shown {
        outcomes: outcomes(
            loaded.model(),
            &spec.layout(),
            options.outcomes.as_ref(),
            options.format,
        )?,
        seed: options.play.seed,
        rounds: rounds(&spec),
        files: match (&options.out, options.no_per_run) {
            (None, _) => Files::Nothing,
            (Some(_), true) => Files::Estimates,
            (Some(_), false) => Files::EveryRun,
        },
    };
    let mut folder = match &options.out {
        None => None,
        Some(path) => Some(super::folder(&loaded, path, options.force)?),
    };
    if let Some(folder) = &mut folder {
        options.formats.apply(folder);
    }
    warn(&loaded);
    note_size(&spec);
    let all = options.runs.saturating_mul(spec.arms.len() as u64);
    let all = all.saturating_add(loaded.mixture_runs(&request)?);
    let bar = ProgressBar::new(all, fate(options.out.as_deref()));
    let report = experiment::run(&spec, folder.as_mut(), &bar);
    let mixture = mixture(&loaded, &request, (&report, folder.as_mut()), &bar);
    bar.finish();
    let (report, mixture) = (report.map_err(failed)?, mixture?);
    // Files first: what was played is kept even where the tables cannot be printed.
    let mut written = None;
    if let Some(folder) = folder {
        written = Some(format!("results in {}\n", folder.path().display()));
        loaded.finish_run(folder, &report, &request)?;
    }
    let mut page = Page::of(loaded.model(), &report, &shown);
    if let Some(mixture) = &mixture {
        page = page.beside(&report, mixture, options.weights.is_some());
    }
    print_stdout(&match options.format {
        Format::Text => render::run::text(&page),
        Format::Json => render::json(&page),
    })?;
    match written {
        Some(text) if options.format == Format::Text => print_stdout(&text)?,
        Some(text) => print_stderr(&text),
        None => print_stderr("no files written; --out DIR keeps all results as CSV"),
    }
    report_failures(&loaded, options, &report)
}

/// Plays points of other numbers where that is asked for, and puts what they gave into the folder.
///
/// # Errors
/// Those of a run; 130 or 143 if stopped before the end: half of the points say nothing.
fn mixture(
    loaded: &Scenario,
    request: &detente::Run,
    (report, folder): (&Result<Report, Error>, Option<&mut Folder>),
    bar: &ProgressBar,
) -> Result<Option<Mixture>, Failed> {
    let whole = report.as_ref().is_ok_and(|report| !report.interrupted);
    if !request.is_mixture() || report.is_err() {
        return Ok(None);
    }
    let found = if whole { loaded.mixture(request, bar)? } else { None };
    let Some(found) = found else {
        return Err(Failed::stopped("stopped before all points were played; nothing is complete"));
    };
    if let Some(folder) = folder {
        loaded.keep_mixture(folder, request, &found)?;
    }
    Ok(Some(found))
}

/// What is asked for, as the library takes it.
pub fn request(options: &Run) -> detente::Run {
    use detente::Run as Request;
    let Run { play, variants, .. } = options;
    let request = Request::new(options.runs).seed(play.seed).memory(options.room.memory);
    let request = variants.iter().fold(request, |r, name| r.variant(name));
    let request = play.set.iter().fold(request, |r, (key, value)| r.set(key, value));
    let request = options.versus.iter().fold(request, |r, arm| r.versus(arm));
    let request = play.rounds.iter().fold(request, |r, rounds| r.rounds(*rounds));
    let request = options.threads.iter().fold(request, |r, n| r.threads((*n).into()));
    let request = match options.panel {
        true => request.panel(&options.variables),
        false => request,
    };
    let request = options.weights.iter().fold(request, |r, path| r.weights(path));
    let request = options.points.iter().fold(request, |r, points| r.points(*points));
    let request = given(options.uncertain, request, Request::uncertain);
    let request = given(options.all_variants, request, Request::all_variants);
    let request = given(options.independent, request, Request::independent);
    let request = given(options.no_per_run, request, Request::no_per_run);
    given(options.plain, request, Request::plain)
}

/// Above so many rows of a panel a note says how many there will be.
const MANY_ROWS: u64 = 100_000_000;

/// Says how large a very large panel will be.
fn note_size(spec: &RunSpec) {
    let rounds: u64 = spec.arms.iter().map(|arm| u64::from(arm.rounds)).sum();
    let rows = rounds.saturating_mul(spec.runs);
    if spec.panel.is_some() && rows > MANY_ROWS {
        print_stderr(&format!(
            "note: panel.csv will have up to {rows} rows, one per arm, run and round"
        ));
    }
}

/// How many outcomes the tables show unasked.
pub const DOZEN: usize = 12;

/// Which outcomes are shown, by number among [`Quantity::all`]: the first dozen, all, as in JSON,
/// or those that were named.
pub fn outcomes(
    model: &Model,
    layout: &Layout,
    asked: Option<&Vec<String>>,
    format: Format,
) -> Result<Vec<usize>, Failed> {
    let all = model.outcomes.len();
    let Some(asked) = asked else {
        let most = if format == Format::Text { DOZEN } else { all };
        return Ok((0..all.min(most)).collect());
    };
    if asked.is_empty() {
        return Ok((0..all).collect());
    }
    let quantities = Quantity::all(layout);
    let mut shown = Vec::with_capacity(asked.len());
    for name in asked.iter().map(|name| name.trim()).filter(|name| !name.is_empty()) {
        let Some(number) = quantities.iter().position(|q| q.name == name) else {
            let known = quantities.iter().map(|q| q.name.as_str());
            let help = nearest(name, known.clone()).unwrap_or_else(|| match all {
                0..=DOZEN => format!("its outcomes are {}", known.collect::<Vec<_>>().join(", ")),
                _ => "`detente describe` lists its outcomes".to_string(),
            });
            let scenario = &model.about.name;
            let text = format!("`{scenario}` has no outcome `{}`; {help}", clip(name));
            return Err(Failed::usage(text));
        };
        if !shown.contains(&number) {
            shown.push(number);
        }
    }
    if shown.is_empty() {
        return Err(Failed::usage("write --outcomes alone, or with names: --outcomes NAME,NAME"));
    }
    Ok(shown)
}

/// What `--set` changes, with notes on what may not be meant.
///
/// # Errors
/// Status 1 with diagnostics that point into the settings as they were typed.
pub fn overrides(model: &Model, set: &[(String, String)]) -> Result<Vec<Override>, Failed> {
    let changes = detente::settings(model, set)?;
    note_changes(model, &changes);
    Ok(changes)
}

/// Notes on what may not be meant among settings.
pub fn note_changes(model: &Model, changes: &[Override]) {
    note_outside(model.outside(changes, &[]));
    note_overruled(model, changes);
}

/// Says which numbers the file does not declare possible; they are taken all the same.
pub fn note_outside(found: Vec<Outside>) {
    for Outside { label, value, declared: (least, most) } in found {
        let (value, least, most) = (number(value), number(least), number(most));
        let text =
            format!("note: `{label}` is set to {value}; the file declares {least} to {most}");
        print_stderr(&text);
    }
}

/// Says which settings are without effect.
pub fn note_overruled(model: &Model, changes: &[Override]) {
    let mut all = model.overruled(changes);
    all.dedup();
    for (label, actor) in all {
        let text = format!(
            "note: `{label}` is set without effect: every type of {actor} sets it, and types count \
             more"
        );
        print_stderr(&text);
    }
}

/// Says that the scenario has warnings; `check` shows them.
pub fn warn(loaded: &Scenario) {
    let name = loaded.label().strip_prefix("shipped:").unwrap_or(loaded.label());
    match loaded.warnings().iter().filter(|d| d.severity() == Severity::Warning).count() {
        0 => {}
        1 => print_stderr(&format!(
            "1 warning in {}: `detente check {name}` shows it",
            loaded.label()
        )),
        n => print_stderr(&format!(
            "{n} warnings in {}: `detente check {name}` shows them",
            loaded.label()
        )),
    }
}

/// The greatest number of rounds of any arm.
fn rounds(spec: &RunSpec<'_>) -> u32 {
    spec.arms.iter().map(|arm| arm.rounds).max().unwrap_or(0)
}

/// How a run that cannot be played is reported.
pub fn failed(error: Error) -> Failed {
    match error {
        Error::Table(_) | Error::Plan(_) | Error::NoArms => Failed::scenario(error),
        Error::Limit(_) | Error::Threads(_) | Error::Output(_) | Error::Memory(_) => {
            Failed::usage(error)
        }
    }
}

/// Says what went wrong while runs were played.
pub fn report_failures(loaded: &Scenario, options: &Run, report: &Report) -> Result<(), Failed> {
    if report.failed > 0 {
        let excerpts = Excerpts::new(loaded.label(), loaded.text(), loaded.files());
        let mut text = String::new();
        for failure in &report.failures {
            let message = format!(
                "`{}` in run {} of {}, round {}: {}",
                failure.cell, failure.run, failure.arm, failure.round, failure.reason
            );
            let span = Span::new(failure.byte, failure.byte + 1);
            text.push_str(&excerpts.render(&Diagnostic::new(Code::NotFinite, span, message), true));
            text.push_str("\n\n");
        }
        let all = report.runs.saturating_mul(report.results.arms.len() as u64);
        text.push_str(&format!("{} of {all} runs failed and are left out", report.failed));
        if options.out.is_some() {
            text.push_str("; failures.csv lists them all");
        }
        if report.interrupted {
            return Err(Failed::stopped(text));
        }
        return Err(Failed { exit: 1, text });
    }
    if report.interrupted {
        let again = if options.out.is_some() { ", with --force," } else { "" };
        let text = format!(
            "stopped after {} of {} runs of each arm; the results hold what was finished. The same \
             command{again} plays all of them",
            report.runs, report.requested
        );
        return Err(Failed::stopped(text));
    }
    Ok(())
}
