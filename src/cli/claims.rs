//! `detente claims`: the claims of a scenario put to the test.

mod folder;

use super::args::{Claims, ClaimsFormat, FailOn};
use super::progress::{ProgressBar, fate};
use super::run::{note_changes, note_overruled, warn};
use super::{Failed, given, print_stderr, print_stdout};
use detente::claims::{self, Audience, Error, Report, RobustReport, Spec, Switch, SwitchReport};
use detente::diagnostic::{Code, Diagnostic, Excerpts, Span, clip, nearest};
use detente::experiment::{self, FailureReport};
use detente::model::Model;
use detente::output::{CommandLine, Provenance};
use detente::table::{Table, TableError};
use detente::view::claims::{self as view, Page};
use detente::{Ranges, Scenario, render, settings};

/// Everything that was found out.
struct Found {
    report: Report,
    switches: Option<SwitchReport>,
    /// And why so many runs were played at each point; empty if they were asked for.
    robust: Option<(RobustReport, String)>,
}

/// Judges claims, or shows what was judged before; prints the tables and writes the files.
///
/// # Errors
/// Status 1 if the scenario or a setting is at fault, if runs failed, or as `--fail-on` asks; 130
/// or 143 if it was stopped; 2 if a claim is unknown, or files cannot be read or written.
pub fn claims(options: &Claims) -> Result<(), Failed> {
    let Some(scenario) = options.scenario.as_deref() else {
        let folder = options.from.as_deref().unwrap_or(std::path::Path::new("."));
        let mut page = folder::read(folder).map_err(Failed::usage)?;
        if !options.claims.is_empty() {
            let names = read_claims(&page, &options.claims)?;
            page = page.keep(&names);
        }
        show(&page, options.format)?;
        return verdicts(&page, options.fail_on);
    };
    let loaded = Scenario::find(scenario)?;
    let request = request(options);
    let spec = loaded.claims_spec(&request)?;
    note_changes(loaded.model(), &spec.set);
    let switches = switches(loaded.model(), options)?;
    let robust = options.robust.map(|points| (points, options.robust_runs));
    claims::admit(&spec, switches.len(), robust).map_err(Failed::usage)?;
    let folder = match &options.out {
        None => None,
        Some(path) => Some(super::folder(&loaded, path, options.force)?),
    };
    warn(&loaded);
    let bar = ProgressBar::new(0, fate(options.out.as_deref()));
    let found = play(&loaded, (&request, &spec), &switches, options, &bar);
    bar.finish();
    let found = found?;
    let tables = tables(loaded.model(), &found).map_err(Failed::scenario)?;
    let made_by = provenance(&loaded, options, &found);
    let page = Page::of(folder::made_by(&made_by), &tables);
    if let Some(mut folder) = folder {
        let place = folder.path().display().to_string();
        tables.iter().try_for_each(|table| folder.whole(table)).map_err(Failed::usage)?;
        loaded.keep_text(&mut folder)?;
        folder.finish(&made_by).map_err(Failed::usage)?;
        print_stderr(&format!("results in {place}"));
    }
    show(&page, options.format)?;
    failures(&loaded, &found)?;
    verdicts(&page, options.fail_on)
}

/// What is asked for, as the library takes it.
fn request(options: &Claims) -> detente::Claims {
    use detente::Claims as Request;
    let play = &options.play;
    let request = Request::new(options.runs).seed(play.seed).memory(options.room.memory);
    let request = options.claims.iter().fold(request, |r, name| r.only(name));
    let request = play.set.iter().fold(request, |r, (key, value)| r.set(key, value));
    let request = play.rounds.iter().fold(request, |r, rounds| r.rounds(*rounds));
    let request = options.precision.iter().fold(request, |r, width| r.precision(*width));
    let request = options.threads.iter().fold(request, |r, n| r.threads((*n).into()));
    let request = given(options.independent, request, Request::independent);
    given(options.family_wise, request, Request::family_wise)
}

/// The names of claims of a folder.
fn read_claims<'a>(page: &Page, names: &'a [String]) -> Result<Vec<&'a str>, Failed> {
    let names: Vec<&str> = names.iter().map(|name| name.trim()).collect();
    let known: Vec<&str> = page.claims.iter().map(|claim| claim.name.as_str()).collect();
    if let Some(name) = names.iter().find(|name| !known.contains(*name)) {
        let help = nearest(name, known).map_or(String::new(), |help| format!("; {help}"));
        return Err(Failed::usage(format_args!("there is no claim `{}`{help}", clip(name))));
    }
    Ok(names)
}

fn switches(model: &Model, options: &Claims) -> Result<Vec<Switch>, Failed> {
    let one = |pair: &(String, String)| {
        let set = settings(model, std::slice::from_ref(pair))?;
        note_overruled(model, &set);
        Ok(Switch { name: format!("{}={}", pair.0, pair.1), set })
    };
    options.switches.iter().map(one).collect()
}

fn play(
    loaded: &Scenario,
    (request, spec): (&detente::Claims, &Spec<'_>),
    switches: &[Switch],
    options: &Claims,
    watch: &dyn Audience,
) -> Result<Found, Failed> {
    let told = |error| failed(loaded, error);
    let report = claims::judge(spec, watch).map_err(told)?;
    let spec = Spec { runs: report.runs, precision: None, ..spec.clone() };
    let switches = match switches {
        [] => None,
        list => Some(claims::switches(&spec, list, watch).map_err(told)?),
    };
    let robust = options.robust.map(|points| {
        let (runs, why) = match options.robust_runs {
            Some(runs) => (runs, String::new()),
            None => claims::robust_runs(&spec, &report, points),
        };
        let ranges = Ranges { points, runs, rows: options.robust_rows };
        match loaded.robust(request, ranges, watch) {
            Err(detente::Error::Claims(error)) => Err(told(error)),
            other => Ok((other?, why)),
        }
    });
    let robust = robust.transpose()?;
    Ok(Found { report, switches, robust })
}

fn failed(loaded: &Scenario, error: Error) -> Failed {
    match error {
        Error::Arm(list) => Failed::wrong(&loaded.diagnostics(list)),
        Error::Play(experiment::Error::Table(_) | experiment::Error::NoArms) | Error::Certain => {
            Failed::scenario(error)
        }
        Error::Stopped => Failed::stopped(format_args!("{error}; no verdict was reached")),
        Error::Play(_) | Error::Design(_) => Failed::usage(error),
    }
}

fn tables(model: &Model, found: &Found) -> Result<Vec<Table>, TableError> {
    let mut all = vec![claims::tables::claims(model, &found.report)?];
    if let Some(report) = &found.switches {
        all.push(claims::tables::switches(model, report)?);
    }
    if let Some((report, _)) = &found.robust {
        all.push(claims::tables::robust(model, report)?);
        all.push(claims::tables::robust_boxes(model, report)?);
        all.push(claims::tables::robust_points(model, report)?);
    }
    Ok(all)
}

/// What made the results, with what the tables cannot say among the notes.
fn provenance(loaded: &Scenario, options: &Claims, found: &Found) -> Provenance {
    let report = &found.report;
    let mut notes = vec![
        (view::ARMS.to_string(), report.arms.to_string()),
        (view::FAMILY_WISE.to_string(), report.family_wise.to_string()),
    ];
    if let Some((robust, why)) = &found.robust {
        let (lost, fault) = &robust.unplayable;
        let mut text = format!(
            "{} points of {} parameters, {} runs of each arm at each",
            robust.points,
            robust.axes.len(),
            robust.runs
        );
        if !why.is_empty() {
            text.push_str(&format!(": {why}"));
        }
        if *lost > 0 {
            text.push_str(&format!("; {lost} more points could not be played: {fault}"));
        }
        let (rows, runs) = robust.walks;
        if rows > 0 {
            text.push_str(&format!("; what carries claims by {rows} rows of walks, {runs} runs"));
        }
        if rows > 0 && rows < options.robust_rows {
            text.push_str(&format!(" (of {} rows, stopped)", options.robust_rows));
        }
        notes.push((view::ROBUST.to_string(), text));
    }
    let numbered = report.notes.iter().enumerate();
    notes.extend(numbered.map(|(k, note)| (format!("{}{}", view::NOTE, k + 1), note.clone())));
    let played = (options.play.seed, report.runs);
    loaded.provenance(played, command(options, &loaded.model().about.name), notes)
}

/// The command that gives the same tables again; threads and folders leave no trace.
fn command(options: &Claims, scenario: &str) -> String {
    let mut command = CommandLine::new("claims", scenario);
    command.word("--runs", &options.runs.to_string());
    options.play.rounds.iter().for_each(|rounds| command.word("--rounds", &rounds.to_string()));
    command.word("--seed", &options.play.seed.to_string());
    for (key, value) in &options.play.set {
        command.word("--set", &format!("{key}={value}"));
    }
    if !options.claims.is_empty() {
        command.word("--claims", &options.claims.join(","));
    }
    options.precision.iter().for_each(|width| command.word("--precision", &width.to_string()));
    for (key, value) in &options.switches {
        command.word("--switch", &format!("{key}={value}"));
    }
    if let Some(points) = options.robust {
        command.word("--robust", &points.to_string());
        options.robust_runs.iter().for_each(|n| command.word("--robust-runs", &n.to_string()));
        command.word("--robust-rows", &options.robust_rows.to_string());
    }
    command.flag("--family-wise", options.family_wise);
    command.flag("--independent", options.independent);
    command.text()
}

fn show(page: &Page, format: ClaimsFormat) -> Result<(), Failed> {
    print_stdout(&match format {
        ClaimsFormat::Text => render::claims::text(page),
        ClaimsFormat::Markdown => render::claims::markdown(page),
        ClaimsFormat::Json => render::claims::json(page),
    })
}

/// Says which runs failed.
fn failures(loaded: &Scenario, found: &Found) -> Result<(), Failed> {
    let mut all: Vec<&FailureReport> = found.report.failures.iter().collect();
    let mut failed = found.report.failed;
    if let Some(report) = &found.switches {
        failed += report.failed;
        all.extend(&report.failures);
    }
    if let Some((report, _)) = &found.robust {
        failed += report.failed;
        all.extend(&report.failures);
    }
    if failed == 0 {
        return Ok(());
    }
    let excerpts = Excerpts::new(loaded.label(), loaded.text(), loaded.files());
    let mut text = String::new();
    for failure in all.into_iter().take(5) {
        let message = format!(
            "`{}` in run {} of {}, round {}: {}",
            failure.cell, failure.run, failure.arm, failure.round, failure.reason
        );
        let span = Span::new(failure.byte, failure.byte + 1);
        text.push_str(&excerpts.render(&Diagnostic::new(Code::NotFinite, span, message), true));
        text.push_str("\n\n");
    }
    let runs = if failed == 1 { "run" } else { "runs" };
    text.push_str(&format!("{failed} {runs} failed and are left out"));
    Err(Failed { exit: 1, text })
}

/// Whether the verdicts are what the user asked for.
fn verdicts(page: &Page, fail_on: Option<FailOn>) -> Result<(), Failed> {
    let tally = page.tally();
    let wrong = match fail_on {
        None => 0,
        Some(FailOn::Contradicted) => tally.contradicted,
        Some(FailOn::Inconclusive) => tally.contradicted + tally.inconclusive,
    };
    match (wrong, fail_on) {
        (0, _) | (_, None) => Ok(()),
        (n, Some(FailOn::Contradicted)) => {
            Err(Failed { exit: 1, text: format!("contradicted claims: {n}") })
        }
        (n, Some(FailOn::Inconclusive)) => {
            Err(Failed { exit: 1, text: format!("contradicted or inconclusive claims: {n}") })
        }
    }
}
