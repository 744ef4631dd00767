//! `detente sensitivity`: which assumption matters.

use std::path::Path;
use std::time::Instant;

use super::args::{Format, FromPoints, Saltelli, Sensitivity};
use super::progress::{ProgressBar, fate};
use super::run::overrides;
use super::{Failed, given, print_stderr, print_stdout};
use detente::number::count;
use detente::{Given, GivenIndices, GivenMethod, Prepared, Scenario, render};

/// Plays the design, prints what matters and writes the files.
///
/// # Errors
/// Status 1 if the scenario or what is varied is at fault; 130 or 143 if stopped; 2 if something is
/// unknown or files cannot be written.
pub fn sensitivity(options: &Sensitivity) -> Result<(), Failed> {
    if let Some(from) = &options.given.from {
        return given_points(options, from);
    }
    let scenario = options.scenario.as_deref().unwrap_or_default();
    let loaded = Scenario::find(scenario)?;
    overrides(loaded.model(), &options.play.set)?;
    let kept = &options.kept;
    let folder = match &kept.out {
        Some(path) => Some(super::folder(&loaded, path, kept.force)?),
        None => None,
    };
    let bar = ProgressBar::new(0, fate(kept.out.as_deref()));
    let prepared = loaded.sensitivity_of(&request(options), &bar)?;
    for (claim, why) in prepared.refused() {
        print_stderr(&format!("note: claim `{claim}` is left out: {why}"));
    }
    announce(&prepared, &bar, options)?;
    let found = prepared.play(&bar);
    bar.finish();
    let found = found?;
    if let Some(folder) = folder {
        let path = folder.path().display().to_string();
        found.write_into(folder)?;
        print_stderr(&format!("results in {path}"));
    }
    print_stdout(&match kept.format {
        Format::Text => render::sensitivity::text(&found),
        Format::Json => render::json(&found),
    })?;
    if found.is_stopped() {
        let rows = found.found().first().map_or(0, |found| found.indices.rows);
        let asked = found.size().rows;
        let text =
            format!("stopped; the results hold the {rows} of {asked} rows that were finished");
        return Err(Failed::stopped(text));
    }
    Ok(())
}

/// Looks at points that are there.
fn given_points(options: &Sensitivity, from: &Path) -> Result<(), Failed> {
    let FromPoints { value, method, classical, layout, levels, .. } = &options.given;
    let usual = if *classical { GivenMethod::Sobol } else { GivenMethod::First };
    let request = Given::new().method(method.unwrap_or(usual)).levels(*levels);
    let request = request.seed(options.play.seed);
    let request = value.iter().fold(request, |r, name| r.value(name));
    let request = options.outcomes.iter().fold(request, |r, name| r.value(name));
    let request = options.variant.iter().fold(request, |r, name| r.arm(name));
    let request = options.difference.iter().fold(request, |r, name| r.difference(name));
    let request = given(*layout == Saltelli::First, request, Given::first_only);
    let found = request.look(from)?;
    print_stdout(&match (options.kept.format, found.as_slice()) {
        (Format::Text, _) => render::discover::given(&found),
        (Format::Json, [one]) => render::json(&one.json()),
        (Format::Json, all) => {
            render::json(&all.iter().map(GivenIndices::json).collect::<Vec<_>>())
        }
    })
}

/// Says how much there is to do, then about how long it takes, by a row that is played for nothing
/// once its plan is made.
#[expect(clippy::disallowed_methods, reason = "how long it takes is no result")]
fn announce(prepared: &Prepared, bar: &ProgressBar, options: &Sensitivity) -> Result<(), Failed> {
    let size = prepared.size();
    print_stderr(&format!(
        "{} of {}, {}, {} each: {}",
        count(size.rows, "row"),
        count(size.points, "point"),
        count(size.arms, "arm"),
        count(size.runs, "run"),
        count(size.all(), "run")
    ));
    prepared.rehearse(0, bar)?;
    let start = Instant::now();
    prepared.rehearse(1, bar)?;
    let threads = options
        .threads
        .map_or_else(|| std::thread::available_parallelism().map_or(1, usize::from), usize::from);
    let each = start.elapsed().as_secs_f64() / threads as f64;
    let most = match options.until {
        Some(_) => {
            let most = prepared.most_rows();
            let long = duration(each * most as f64);
            format!(", at most {long} ({})", count(most, "row"))
        }
        None => String::new(),
    };
    let long = duration(each * size.rows as f64);
    print_stderr(&format!("about {long} on {}{most}", count(threads as u64, "thread")));
    Ok(())
}

/// `80 s`, `12 min`, `3 h`.
pub fn duration(seconds: f64) -> String {
    match seconds {
        s if s < 1.0 => "a second".to_string(),
        s if s < 180.0 => format!("{s:.0} s"),
        s if s < 10_800.0 => format!("{:.0} min", s / 60.0),
        s => format!("{:.0} h", s / 3600.0),
    }
}

fn request(options: &Sensitivity) -> detente::Sensitivity {
    use detente::Sensitivity as Request;
    let play = &options.play;
    let request = Request::new().seed(play.seed).rows(options.rows).runs(options.runs);
    let request = request.memory(options.room.memory);
    let request = options.experiment.iter().fold(request, |r, name| r.experiment(name));
    let request = options.vary.iter().fold(request, |r, text| r.vary(text));
    let request = options.outcomes.iter().fold(request, |r, name| r.outcome(name));
    let request = options.difference.iter().fold(request, |r, name| r.difference(name));
    let request = options.variant.iter().fold(request, |r, name| r.variant(name));
    let request = options.claims.iter().fold(request, |r, names| r.claims(names.clone()));
    let request = options.group.iter().fold(request, |r, text| r.group(text));
    let request = options.until.iter().fold(request, |r, width| r.until(*width));
    let request = request.budget(options.budget);
    let request = options.threads.iter().fold(request, |r, n| r.threads((*n).into()));
    let request = play.rounds.iter().fold(request, |r, rounds| r.rounds(*rounds));
    let request = play.set.iter().fold(request, |r, (key, value)| r.set(key, value));
    let request = given(options.uncertain, request, Request::uncertain);
    given(options.pairs, request, Request::pairs)
}
