//! `detente fit`: which numbers a history supports.

use super::args::{Fit, Format, Particles, Weigh};
use super::progress::{ProgressBar, fate};
use super::run::overrides;
use super::score::history;
use super::{Failed, given, note_unlocked, print_stderr, print_stdout};
use detente::view::fit::Page;
use detente::{Scenario, render};

/// Fits what was asked for, prints it and writes the files.
///
/// # Errors
/// Status 1 if scenario or history is at fault; 130 or 143 if stopped; 2 if something is unknown,
/// cannot be answered or written.
pub fn fit(options: &Fit) -> Result<(), Failed> {
    let loaded = Scenario::find(&options.scenario)?;
    let history = history(&loaded, &options.weigh.history)?;
    overrides(loaded.model(), &options.weigh.play.set)?;
    let request = request(options);
    let kept = &options.kept;
    let opened = match &kept.out {
        None => None,
        Some(path) => {
            let Some(opened) = loaded.begin_fit(&history, &request, path, kept.force)? else {
                print_stderr(&format!("`{}` has this fit already, complete", path.display()));
                return Ok(());
            };
            note_unlocked(&opened.0);
            Some(opened)
        }
    };
    let bar = ProgressBar::new(0, fate(kept.out.as_deref()));
    let begun = opened.as_ref().map(|(_, begun)| begun);
    let fitted = loaded.fit_watched(&history, &request, begun, &bar);
    bar.finish();
    let fitted = fitted.map_err(|error| {
        let mut failed = Failed::from(error);
        if let (Some(path), 130 | 143) = (&kept.out, failed.exit) {
            let shown = path.display();
            failed.text.push_str(&format!(
                "\nwhat was found is kept in {shown}; the same command goes on from there"
            ));
        }
        failed
    })?;
    if let Some((folder, begun)) = opened {
        let path = folder.path().display().to_string();
        fitted.write_into(folder)?;
        begun.clear();
        print_stderr(&format!("results in {path}"));
    }
    print_stdout(&match kept.format {
        Format::Text => render::fit::text(&Page::of(&fitted)),
        Format::Json => render::json(&fitted),
    })
}

fn request(options: &Fit) -> detente::Fit {
    use detente::Fit as Request;
    let Weigh { particles, filters, play, .. } = &options.weigh;
    let Particles { seed, set, threads, room, plain } = play;
    let request = Request::new().particles(*particles).filters(*filters).seed(*seed);
    let request = request.memory(room.memory).starts(options.starts).recover(options.recover);
    let request = options.names().into_iter().fold(request, Request::free);
    let request = options.variants.iter().fold(request, |r, name| r.variant(name));
    let request = set.iter().fold(request, |r, (key, value)| r.set(key, value));
    let request = threads.iter().fold(request, |r, n| r.threads((*n).into()));
    let request = options.evaluations.iter().fold(request, |r, n| r.evaluations(*n));
    let request = options.train.iter().fold(request, |r, rounds| r.train(*rounds));
    let request = given(options.map, request, Request::map);
    let request = given(options.all_variants, request, Request::all_variants);
    given(*plain, request, Request::plain)
}
