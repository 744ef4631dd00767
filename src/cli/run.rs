//! `detente run`: Monte Carlo runs of a scenario and its variants, side by side.

use super::args::Run;
use super::render::Excerpts;
use super::tabulate::{Shown, tabulate};
use super::watch::{Onlooker, fate};
use super::{Failed, Loaded, clip, keep_scenario, load_scenario, say, tell};
use detente::diagnostic::{Code, Diagnostic, Span, nearest};
use detente::experiment::{self, Error, Report, RunSpec};
use detente::model::{Arm, Model, Outside, Override};
use detente::output::number;
use detente::record::Layout;
use detente::rng::Seed;
use detente::scenario;
use detente::summary::Quantity;

/// Arms times rounds times variables (and `first` outcomes) at most: each is summarised by itself,
/// in about 2 kB.
const POINTS: usize = 2_000_000;

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
    let loaded = load_scenario(&options.scenario)?;
    let spec = spec(&loaded, options)?;
    let shown = Shown {
        outcomes: outcomes(&loaded.model, &spec.layout(), options.outcomes.as_deref())?,
        seed: options.play.seed,
        rounds: rounds(&spec),
        files: options.out.is_some(),
        per_run: !options.no_per_run,
    };
    let mut folder = match &options.out {
        None => None,
        Some(path) => Some(loaded.folder(path, options.force)?),
    };
    if let Some(folder) = &mut folder {
        options.formats.apply(folder);
    }
    warn(&loaded);
    note_size(&spec);
    let all = options.runs.saturating_mul(spec.arms.len() as u64);
    let onlooker = Onlooker::new(all, fate(options.out.as_deref()));
    let report = experiment::run(&spec, folder.as_mut(), &onlooker);
    onlooker.finish();
    let report = report.map_err(failed)?;
    // Files first: what was played is kept even where the tables cannot be printed.
    let mut written = None;
    if let Some(mut folder) = folder {
        keep_scenario(&mut folder, &loaded.model, &loaded.text)?;
        written = Some(format!("results in {}\n", folder.path().display()));
        let played = (options.play.seed, report.runs);
        let made_by = loaded.provenance(played, command(&loaded, options), report.notes.clone());
        folder.finish(&made_by).map_err(Failed::usage)?;
    }
    say(&tabulate(&loaded.model, &report, &shown))?;
    match written {
        Some(text) => say(&text)?,
        None => tell("no files written; --out DIR keeps all results as CSV"),
    }
    aftermath(&loaded, options, &report)
}

fn spec<'a>(loaded: &'a Loaded, options: &Run) -> Result<RunSpec<'a>, Failed> {
    let model = &loaded.model;
    let changes = overrides(model, &options.play.set)?;
    let mut names: Vec<Option<&str>> = vec![None];
    if options.all_variants {
        names.extend(model.variants.iter().map(|v| Some(v.name.as_str())));
    }
    for name in options.variants.iter().filter(|name| *name != "base") {
        known_variant(model, name)?;
        if !names.contains(&Some(name)) {
            names.push(Some(name));
        }
    }
    let mut arms = Vec::with_capacity(names.len());
    for name in names {
        let mut arm = Arm::new(model, name, &changes)
            .map_err(|list| Failed::diagnostics(&loaded.label, &loaded.text, &list))?;
        arm.rounds = options.play.rounds.unwrap_or(arm.rounds);
        arms.push(arm);
    }
    let versus = match options.versus.as_deref() {
        None => 0,
        Some(name) => arms.iter().position(|arm| arm.name == name).ok_or_else(|| {
            let played: Vec<&str> = arms.iter().map(|arm| arm.name.as_str()).collect();
            let (name, played) = (clip(name), played.join(", "));
            Failed::usage(format_args!(
                "--versus names an arm that is played, one of {played}, not `{name}`"
            ))
        })?,
    };
    let mut spec = RunSpec {
        model,
        source: &loaded.text,
        arms,
        versus,
        runs: options.runs,
        seed: Seed(options.play.seed),
        independent: options.independent,
        per_run: !options.no_per_run,
        panel: None,
        threads: options.threads.map(usize::from),
        plain: options.plain,
    };
    let layout = spec.layout();
    let timed = layout.first.iter().filter(|first| **first).count();
    let followed = layout.variables.len() + timed;
    let points = (layout.rounds * followed).saturating_mul(spec.arms.len());
    if points > POINTS {
        let text = format!(
            "{} arms of {} rounds with {} variables and `first` outcomes do not fit into memory; \
             play fewer variants at a time or fewer rounds",
            spec.arms.len(),
            layout.rounds,
            followed
        );
        return Err(Failed::usage(text));
    }
    if options.panel {
        let asked = options.variables.as_deref().unwrap_or_default();
        spec.panel = Some(variables(&layout.variables, asked, &model.about.name)?);
    }
    Ok(spec)
}

/// Above so many rows of a panel a note says how many there will be.
const MANY_ROWS: u64 = 100_000_000;

/// Says how large a very large panel will be.
fn note_size(spec: &RunSpec) {
    let rounds: u64 = spec.arms.iter().map(|arm| u64::from(arm.rounds)).sum();
    let rows = rounds.saturating_mul(spec.runs);
    if spec.panel.is_some() && rows > MANY_ROWS {
        tell(&format!("note: panel.csv will have up to {rows} rows, one per arm, run and round"));
    }
}

/// Variables by number: those named, separated by commas, or all cells of what is named without
/// indices.
///
/// # Errors
/// Status 2, with the nearest known name.
fn variables(known: &[String], asked: &str, scenario: &str) -> Result<Vec<usize>, Failed> {
    let base = |name: &str| name.split('[').next().unwrap_or_default().to_string();
    let mut chosen = Vec::new();
    for name in names(asked) {
        let plain: String = name.chars().filter(|c| !c.is_whitespace()).collect();
        let of = |variable: &str| variable == plain || base(variable) == plain;
        let before = chosen.len();
        chosen.extend((0..known.len()).filter(|v| of(&known[*v])));
        if chosen.len() == before {
            let all = known.iter().cloned().chain(known.iter().map(|v| base(v)));
            let all: Vec<String> = all.collect();
            let near = nearest(&plain, all.iter().map(String::as_str));
            let help = near.unwrap_or_else(|| {
                let mut words: Vec<String> = known.iter().map(|v| base(v)).collect();
                words.dedup();
                format!("it records {}", words.join(", "))
            });
            let text = format!("`{scenario}` has no variable `{}`; {help}", clip(name));
            return Err(Failed::usage(text));
        }
    }
    let mut seen = vec![false; known.len()];
    chosen.retain(|v| !std::mem::replace(&mut seen[*v], true));
    Ok(chosen)
}

/// Names separated by commas, except commas inside brackets.
fn names(text: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0_usize;
    let parts = text.split(move |c| {
        match c {
            '[' => depth += 1,
            ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        c == ',' && depth == 0
    });
    parts.map(str::trim).filter(|name| !name.is_empty())
}

/// Whether the scenario has a variant.
///
/// # Errors
/// Status 2, with the nearest known name.
pub fn known_variant(model: &Model, name: &str) -> Result<(), Failed> {
    if model.variant(name).is_some() {
        return Ok(());
    }
    let known: Vec<&str> = model.variants.iter().map(|v| v.name.as_str()).collect();
    let help = nearest(name, known.iter().copied()).unwrap_or_else(|| match known.len() {
        0 => "it has none".to_string(),
        _ => format!("its variants are {}", known.join(", ")),
    });
    let scenario = &model.about.name;
    Err(Failed::usage(format_args!("`{scenario}` has no variant `{}`; {help}", clip(name))))
}

/// How many outcomes the tables show unasked.
const DOZEN: usize = 12;

/// Which outcomes the tables show, by number among [`Quantity::all`]: the first dozen, all, or
/// those that were named.
fn outcomes(
    model: &Model,
    layout: &Layout,
    asked: Option<&[String]>,
) -> Result<Vec<usize>, Failed> {
    let all = model.outcomes.len();
    let Some(asked) = asked else { return Ok((0..all.min(DOZEN)).collect()) };
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
    let changes = settings(model, set)?;
    note_outside(model.outside(&changes, &[]));
    note_overruled(model, &changes);
    Ok(changes)
}

/// Says which numbers the file does not declare possible; they are taken all the same.
pub fn note_outside(found: Vec<Outside>) {
    for Outside { label, value, declared: (least, most) } in found {
        let (value, least, most) = (number(value), number(least), number(most));
        let text =
            format!("note: `{label}` is set to {value}; the file declares {least} to {most}");
        tell(&text);
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
        tell(&text);
    }
}

/// What `--set` or `--switch` changes.
///
/// # Errors
/// Status 1 with diagnostics that point into the settings as they were typed.
pub fn settings(model: &Model, set: &[(String, String)]) -> Result<Vec<Override>, Failed> {
    if let Ok(changes) = scenario::settings(model, set) {
        return Ok(changes);
    }
    let mut text = String::new();
    for (place, pair) in set.iter().enumerate() {
        // Each alone, since a diagnostic does not say to which setting it belongs; then together
        // with those before, which it may contradict.
        let alone = scenario::settings(model, std::slice::from_ref(pair));
        let mut list = alone.err().unwrap_or_default();
        if text.is_empty() && list.is_empty() {
            list = scenario::settings(model, &set[..=place]).err().unwrap_or_default();
        }
        let (key, value) = pair;
        let typed = format!("{key}={value}");
        let excerpts = Excerpts::new("--set", &typed);
        for mut diagnostic in list {
            let shift = key.len() + 1;
            let Span { start, end } = diagnostic.span;
            diagnostic.span = match end {
                0 => Span::new(0, key.len()),
                _ => Span::new(start + shift, end + shift),
            };
            diagnostic.labels.clear();
            text.push_str(&excerpts.styled(&diagnostic));
            text.push_str("\n\n");
        }
    }
    Err(Failed { exit: 1, text })
}

/// Says that the scenario has warnings; `check` shows them.
pub fn warn(loaded: &Loaded) {
    let name = loaded.label.strip_prefix("shipped:").unwrap_or(&loaded.label);
    match loaded.warnings.len() {
        0 => {}
        1 => tell(&format!("1 warning in {}: `detente check {name}` shows it", loaded.label)),
        n => tell(&format!("{n} warnings in {}: `detente check {name}` shows them", loaded.label)),
    }
}

/// The greatest number of rounds of any arm.
fn rounds(spec: &RunSpec<'_>) -> u32 {
    spec.arms.iter().map(|arm| arm.rounds).max().unwrap_or(0)
}

fn failed(error: Error) -> Failed {
    match error {
        Error::Table(_) | Error::Plan(_) | Error::NoArms => Failed::scenario(error),
        Error::Limit(_) | Error::Threads(_) | Error::Output(_) => Failed::usage(error),
    }
}

/// The command that plays the same again in the folder of the results, where the scenario is, or
/// wherever its name leads to it.
fn command(loaded: &Loaded, options: &Run) -> String {
    let name = quoted(&loaded.model.about.name);
    let mut words = vec!["detente".to_string(), "run".to_string(), name];
    if options.all_variants {
        words.push("--all-variants".to_string());
    }
    for variant in &options.variants {
        words.extend(["--variant".to_string(), quoted(variant)]);
    }
    if let Some(versus) = &options.versus {
        words.extend(["--versus".to_string(), quoted(versus)]);
    }
    words.extend(["--runs".to_string(), options.runs.to_string()]);
    if let Some(rounds) = options.play.rounds {
        words.extend(["--rounds".to_string(), rounds.to_string()]);
    }
    words.extend(["--seed".to_string(), options.play.seed.to_string()]);
    for (key, value) in &options.play.set {
        words.extend(["--set".to_string(), quoted(&format!("{key}={value}"))]);
    }
    if options.no_per_run {
        words.push("--no-per-run".to_string());
    }
    if options.independent {
        words.push("--independent".to_string());
    }
    if options.panel {
        words.push("--panel".to_string());
    }
    if let Some(variables) = &options.variables {
        words.extend(["--variables".to_string(), quoted(variables)]);
    }
    words.join(" ")
}

/// A word as a shell takes it for one.
pub fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-+.,:/=@%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_string();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}

/// Says what went wrong while runs were played.
fn aftermath(loaded: &Loaded, options: &Run, report: &Report) -> Result<(), Failed> {
    if report.failed > 0 {
        let excerpts = Excerpts::new(&loaded.label, &loaded.text);
        let mut text = String::new();
        for failure in &report.failures {
            let message = format!(
                "`{}` in run {} of {}, round {}: {}",
                failure.cell, failure.run, failure.arm, failure.round, failure.reason
            );
            let span = Span::new(failure.byte, failure.byte + 1);
            text.push_str(&excerpts.styled(&Diagnostic::new(Code::NotFinite, span, message)));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_where_a_shell_would_change_them() {
        assert_eq!(quoted("gift=0.2"), "gift=0.2");
        assert_eq!(quoted("w[CHN]=0.9"), "'w[CHN]=0.9'");
        assert_eq!(quoted("it's"), "'it'\\''s'");
        assert_eq!(quoted(""), "''");
    }

    #[test]
    fn variables_are_named_whole_or_by_their_first_word() {
        let known = ["x[A]", "x[B]", "tie[A,B]", "utility[A]"].map(str::to_string);
        let found = |asked: &str| variables(&known, asked, "s").map_err(|failed| failed.text);
        assert_eq!(found("tie[A, B],x"), Ok(vec![2, 0, 1]));
        assert_eq!(found("x[B], x ,,utility"), Ok(vec![1, 0, 3]));
        assert_eq!(found(""), Ok(vec![]));
        let text = found("tei").unwrap_err();
        assert!(text.contains("`s` has no variable `tei`") && text.contains("tie"), "{text}");
        let text = found("quite_other").unwrap_err();
        assert!(text.contains("it records x, tie, utility"), "{text}");
    }
}
