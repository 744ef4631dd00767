//! `detente plot`: figures of a folder of results.

use std::path::{Path, PathBuf};

use super::args::{Drawn, Plot, PlotFormat};
use super::{Failed, print_stdout, write_file};
use detente::diagnostic::{clip, nearest};
use detente::figure::{self, About, Figure, Source, Wanted};
use detente::output::Results;
use detente::view::trace::Transcript;
use detente::{Scenario, Trace};

/// How files begin that this command made.
const OWN: [&str; 2] = ["<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<svg xmlns=", "figure,"];
/// The name of the figure of one run.
const TIMELINE: &str = "timeline";

/// Draws what was asked for and says which files were written.
///
/// # Errors
/// Status 1 if the folder holds nothing to draw or was changed; 2 if a figure is unknown or a file
/// cannot be read or written.
pub fn plot(options: &Plot) -> Result<(), Failed> {
    let results = Results::open(&options.folder).map_err(Failed::usage)?;
    let known = || figure::names().chain([TIMELINE]);
    for name in &options.figures {
        if !known().any(|known| known == name) {
            let list = known().collect::<Vec<_>>().join(", ");
            let help = nearest(name, known()).unwrap_or_else(|| format!("figures are {list}"));
            return Err(Failed::usage(format!("there is no figure `{}`; {help}", clip(name))));
        }
    }
    let source = source(&results)?;
    let mut figures = drawn(&source, options);
    figures.extend(timeline(&results, options)?);
    if let Some(name) = options.figures.iter().find(|n| figures.iter().all(|f| f.name != **n)) {
        let there = figure::all(&source, &Wanted::default());
        let there: Vec<&str> = there.iter().map(|figure| figure.name).collect();
        let there = match there.is_empty() {
            true => "none".to_string(),
            false => there.join(", "),
        };
        let shown = options.folder.display();
        return Err(Failed::scenario(format!(
            "the results in `{shown}` do not give the figure `{name}`; they give {there}"
        )));
    }
    if figures.is_empty() {
        let shown = options.folder.display();
        return Err(Failed::scenario(format!("there is nothing to draw in `{shown}`")));
    }
    let mut said = String::new();
    for (figure, path) in figures.iter().zip(paths(options, &figures)?) {
        let text = match options.format {
            PlotFormat::Svg => figure.svg(),
            PlotFormat::Csv => figure.csv(),
        };
        let force = options.force || own(&path);
        write_file(&path, &text, force)?;
        said.push_str(&format!("{}: {}\n", path.display(), figure.title));
    }
    print_stdout(&said)
}

/// The tables of a folder that figures are made of.
///
/// # Errors
/// Status 1 if one has changed since it was written.
pub fn source(results: &Results) -> Result<Source, Failed> {
    let made = &results.made_by;
    let about = About {
        scenario: made.scenario.clone(),
        title: made.title.clone(),
        seed: made.seed,
        runs: made.runs,
    };
    let mut tables = Vec::new();
    for name in results.tables() {
        if figure::TABLES.contains(&name.as_str()) {
            tables.extend(results.table(&name).map_err(Failed::scenario)?);
        }
    }
    Ok(Source { about, tables })
}

/// The figures of tables that were asked for.
fn drawn(source: &Source, options: &Plot) -> Vec<Figure> {
    let wanted = wanted(&options.wanted);
    match options.figures.is_empty() {
        true => figure::all(source, &wanted),
        false => {
            let names = options.figures.iter();
            names.filter_map(|name| figure::one(source, name, &wanted)).collect()
        }
    }
}

/// What is asked for, as the library takes it.
pub fn wanted(drawn: &Drawn) -> Wanted {
    Wanted {
        variables: split(drawn.variables.as_deref().unwrap_or("")),
        outcomes: drawn.outcomes.clone(),
        arms: drawn.arms.clone(),
    }
}

/// Names separated by commas, but for commas in brackets.
fn split(text: &str) -> Vec<String> {
    let (mut names, mut depth) = (vec![String::new()], 0);
    for c in text.chars() {
        match c {
            '[' => depth += 1,
            ']' => depth -= 1,
            _ => {}
        }
        match names.last_mut() {
            Some(name) if c != ',' || depth > 0 => name.push(c),
            _ => names.push(String::new()),
        }
    }
    names.iter().map(|name| name.trim().to_string()).filter(|name| !name.is_empty()).collect()
}

/// The figure of one run, where it was asked for, or results of `run` are drawn as a whole.
fn timeline(results: &Results, options: &Plot) -> Result<Option<Figure>, Failed> {
    let asked = options.figures.iter().any(|name| name == TIMELINE);
    let whole = options.figures.is_empty() && results.tables().iter().any(|t| t == "moves");
    if !asked && !whole {
        return Ok(None);
    }
    let told = transcript(results, &options.wanted)?;
    Ok(told.map(|told| figure::timeline(&told)))
}

/// One run of the scenario that made the results, played as they were; none where the scenario is
/// not in the folder.
///
/// # Errors
/// Status 1 if the scenario was changed; 2 if the variant is unknown.
pub fn transcript(results: &Results, drawn: &Drawn) -> Result<Option<Transcript>, Failed> {
    let Some(path) = results.scenario().map_err(Failed::scenario)? else { return Ok(None) };
    let scenario = Scenario::find(&path.to_string_lossy())?;
    let request = Trace::new(drawn.run).seed(results.made_by.seed);
    let request = drawn.variant.iter().fold(request, |r, name| r.variant(name));
    let words = words(&results.made_by.command);
    let mut request = request;
    for pair in words.windows(2) {
        match (pair[0].as_str(), pair[1].split_once('=')) {
            ("--set", Some((key, value))) => request = request.set(key, value),
            ("--rounds", None) => {
                request = pair[1].parse().into_iter().fold(request, Trace::rounds);
            }
            _ => {}
        }
    }
    Ok(Some(Transcript::played(&scenario, &request)?))
}

/// The words of a command as a shell reads them, where quotes are single.
fn words(command: &str) -> Vec<String> {
    let (mut all, mut quoted, mut chars) = (vec![String::new()], false, command.chars());
    while let Some(c) = chars.next() {
        match (c, all.last_mut()) {
            ('\'', _) => quoted = !quoted,
            ('\\', Some(word)) if !quoted => word.extend(chars.next()),
            (' ', _) if !quoted => all.push(String::new()),
            (c, Some(word)) => word.push(c),
            _ => {}
        }
    }
    all
}

/// Where each figure goes.
///
/// # Errors
/// Status 2 if a file is named for several figures, or the folder cannot be made.
fn paths(options: &Plot, figures: &[Figure]) -> Result<Vec<PathBuf>, Failed> {
    let ending = match options.format {
        PlotFormat::Svg => "svg",
        PlotFormat::Csv => "csv",
    };
    let folder = options.out.clone().unwrap_or_else(|| options.folder.join("figures"));
    if folder.extension().is_some_and(|end| end == ending) {
        return match figures.len() {
            1 => Ok(vec![folder]),
            n => Err(Failed::usage(format!(
                "`{}` is one file for {n} figures; name a folder, or one figure by --figure",
                folder.display()
            ))),
        };
    }
    std::fs::create_dir_all(&folder).map_err(|error| {
        Failed::usage(format!("cannot make the folder `{}`: {error}", folder.display()))
    })?;
    Ok(figures.iter().map(|figure| folder.join(format!("{}.{ending}", figure.name))).collect())
}

/// Whether a file is one that this command made.
fn own(path: &Path) -> bool {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    OWN.iter().any(|begin| text.starts_with(begin))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_keep_their_brackets() {
        assert_eq!(split("a, tie[A,B],,b"), ["a", "tie[A,B]", "b"]);
        assert!(split("").is_empty());
    }

    #[test]
    fn commands_are_read_as_a_shell_does() {
        let told = words("detente run 'it'\\''s' --set 'a=1 + 2' --rounds 3");
        assert_eq!(told, ["detente", "run", "it's", "--set", "a=1 + 2", "--rounds", "3"]);
    }
}
