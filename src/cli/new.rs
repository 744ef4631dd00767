//! `detente new`: a scenario to start from.

use std::path::{Path, PathBuf};

use super::args::New;
use super::{Failed, print_stderr, print_stdout, write_file};
use detente::catalog;
use detente::catalog::shipped;
use detente::diagnostic::{Span, clip};
use detente::scenario::reserved_on_windows;

/// The starter, called `starter`.
const STARTER: &str = include_str!("starter.toml");
/// The longest name.
const LONGEST: usize = 100;

/// Writes `NAME.toml`: the starter, or a copy of another scenario, under the new name.
///
/// # Errors
/// Status 2 if the name cannot be the name of a file, if the file or a scenario of that name in the
/// program exists and `--force` is not given, if the other scenario cannot be found, or if the
/// system refuses to write.
pub fn new(options: &New) -> Result<(), Failed> {
    let path = target(&options.name)?;
    let name = catalog::stem(&path);
    if !options.force && shipped::ALL.iter().any(|(known, _)| *known == name) {
        let text = format!(
            "the program holds a scenario `{name}`, which a file of that name would hide; choose \
             another name (`detente new {name}-2 --from {name}`), or --force"
        );
        return Err(Failed::usage(text));
    }
    let text = match &options.from {
        None => STARTER.to_string(),
        Some(from) => {
            let found = catalog::find(from)?;
            String::from_utf8(found.bytes).map_err(|_| {
                Failed::scenario(format_args!("`{}` is not UTF-8 text", found.label))
            })?
        }
    };
    let text = match catalog::name_span(&text) {
        Some(Span { start, end }) => format!("{}\"{name}\"{}", &text[..start], &text[end..]),
        None => text,
    };
    if reserved_on_windows(&name) {
        let text = "which cannot be opened there; another name travels better";
        print_stderr(&format!("note: Windows reserves the file name `{name}`, {text}"));
    }
    write_file(&path, &text, options.force)?;
    let shown = path.display();
    print_stdout(&format!("{shown} written; next: detente check {shown}, detente run {shown}\n"))
}

/// The file that a name stands for.
fn target(name: &str) -> Result<PathBuf, Failed> {
    let path = Path::new(name.strip_suffix(".toml").unwrap_or(name));
    let stem = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
    if stem.is_empty() || stem.len() > LONGEST || stem.starts_with('-') || !stem.chars().all(plain)
    {
        let text = format!(
            "`{}` cannot be the name of a scenario: use letters, digits, hyphens and \
             underscores, at most {LONGEST} of them",
            clip(name)
        );
        return Err(Failed::usage(text));
    }
    Ok(path.with_file_name(format!("{stem}.toml")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_starter_is_sound_to_the_last_warning() {
        let checked = detente::scenario::load(STARTER.as_bytes());
        assert!(checked.diagnostics.is_empty(), "{:#?}", checked.diagnostics);
    }

    #[test]
    fn names_become_files() {
        assert_eq!(target("crisis").ok(), Some(PathBuf::from("crisis.toml")));
        assert_eq!(target("a/crisis.toml").ok(), Some(PathBuf::from("a/crisis.toml")));
        for bad in ["", "a b", "..", "-x", "a/", "é"] {
            let path = target(bad);
            assert!(path.is_err() || bad == "a/", "{bad}");
        }
    }
}
