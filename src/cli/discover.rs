//! `detente discover`: where a condition holds.

use super::args::{Discover, Format};
use super::progress::end_at_once;
use super::{Failed, note_unlocked, print_stderr, print_stdout};
use detente::output::Folder;
use detente::render;

/// Looks for boxes, prints them and writes the files.
///
/// # Errors
/// Status 1 if the points are at fault; 2 if something is unknown or cannot be read or written.
pub fn discover(options: &Discover) -> Result<(), Failed> {
    end_at_once();
    let Discover { alpha, mass_min, kept, .. } = options;
    let request = detente::Discover::new(&options.when).objective(options.objective);
    let request = request.shares(*alpha, *mass_min).boxes(options.boxes.into());
    let request = request.seed(options.seed);
    let request = options.variant.iter().fold(request, |r, name| r.arm(name));
    let request = options.difference.iter().fold(request, |r, name| r.difference(name));
    let request = options.step.iter().fold(request, |r, step| r.step(*step));
    let folder = match &kept.out {
        Some(path) => Some(Folder::create(path, kept.force).map_err(Failed::usage)?),
        None => None,
    };
    folder.iter().for_each(note_unlocked);
    let found = request.look(&options.path)?;
    if let Some(folder) = folder {
        let path = folder.path().display().to_string();
        found.write_into(folder)?;
        print_stderr(&format!("results in {path}"));
    }
    print_stdout(&match kept.format {
        Format::Text => render::discover::text(&found, options.freeze.as_deref()),
        Format::Json => render::json(&found),
    })
}
