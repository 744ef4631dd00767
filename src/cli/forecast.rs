//! `detente forecast`: what follows from a history.

use super::args::{Forecast, Format, Particles, Weigh};
use super::progress::{ProgressBar, fate};
use super::run::{outcomes, overrides};
use super::score::history;
use super::{Failed, given, print_stderr, print_stdout};
use detente::record::Layout;
use detente::view::run::{Files, Page, Shown};
use detente::{Scenario, render};

/// Filters, plays on, prints what `run` prints and writes its files.
///
/// # Errors
/// Status 1 if scenario or history is at fault or a record is impossible; 130 or 143 if stopped; 2
/// if something is unknown or files cannot be written.
pub fn forecast(options: &Forecast) -> Result<(), Failed> {
    let loaded = Scenario::find(&options.scenario)?;
    let history = history(&loaded, &options.weigh.history)?;
    overrides(loaded.model(), &options.weigh.play.set)?;
    let request = request(options);
    let after = options.after.iter().map(|text| loaded.round_named(&history, text));
    let after = after.collect::<Result<Vec<_>, _>>()?;
    let request = after.into_iter().fold(request, detente::Forecast::after);
    let kept = &options.kept;
    let (model, arm) = (loaded.model(), loaded.arm(None, &[])?);
    let layout = Layout::of(model, &[arm]);
    let shown = outcomes(model, &layout, options.outcomes.as_ref(), kept.format)?;
    let folder = match &kept.out {
        Some(path) => Some(super::folder(&loaded, path, kept.force)?),
        None => None,
    };
    let path = folder.as_ref().map(|folder| folder.path().display().to_string());
    let work = loaded.forecast_work(&history, &request)?;
    let bar = ProgressBar::new(work, fate(kept.out.as_deref()));
    let found = loaded.forecast_into(&history, &request, folder, &bar);
    bar.finish();
    let found = found?;
    let shown = Shown {
        outcomes: shown,
        seed: options.weigh.play.seed,
        rounds: found.rounds,
        files: match (&kept.out, options.no_per_run) {
            (None, _) => Files::Nothing,
            (Some(_), true) => Files::Estimates,
            (Some(_), false) => Files::EveryRun,
        },
    };
    let case = history.cases.first();
    let calendar = case.and_then(|case| case.start).or(model.names.calendar);
    let date =
        calendar.map_or(String::new(), |calendar| format!(" ({})", calendar.label(found.after)));
    let page = Page::of(model, &found.report, &shown);
    if kept.format == Format::Text {
        let loglik = found.likelihoods.first().map_or(0.0, |found| found.loglik());
        let rounds = found.likelihoods.iter().flat_map(|found| &found.rounds);
        let least = rounds.map(|turn| turn.effective).fold(f64::INFINITY, f64::min);
        let tired = match least < 20.0 && options.weigh.particles > 40 {
            true => format!("; in one round only {} particles count, so take more", least as u64),
            false => String::new(),
        };
        print_stdout(&format!(
            "forecast after round {}{date} of {}, whose log likelihood is {};\n\
             runs are particles, and intervals of means are as wide as filters differ{tired}\n",
            found.after,
            history.label,
            detente::number::short(loglik)
        ))?;
    }
    print_stdout(&match kept.format {
        Format::Text => render::run::text(&page),
        Format::Json => render::json(&page),
    })?;
    match path {
        Some(path) => print_stderr(&format!("results in {path}")),
        None => print_stderr("no files written; --out DIR keeps all results as CSV"),
    }
    Ok(())
}

fn request(options: &Forecast) -> detente::Forecast {
    use detente::Forecast as Request;
    let Weigh { particles, filters, play, .. } = &options.weigh;
    let Particles { seed, set, threads, room, plain } = play;
    let request = Request::new().particles(*particles).filters(*filters).seed(*seed);
    let request = request.memory(room.memory);
    let request = options.variants.iter().fold(request, |r, name| r.variant(name));
    let request = options.then.iter().fold(request, |r, name| r.then(name));
    let request = set.iter().fold(request, |r, (key, value)| r.set(key, value));
    let request = threads.iter().fold(request, |r, n| r.threads((*n).into()));
    let request = given(options.all_variants, request, Request::all_variants);
    let request = given(options.known_series, request, Request::known_series);
    let request = given(options.no_per_run, request, Request::no_per_run);
    given(*plain, request, Request::plain)
}
