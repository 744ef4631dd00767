//! `detente check`: everything that is wrong with scenario files.

use super::args::{Check, MessageFormat};
use super::{Failed, guard, print_stderr, print_stdout};
use detente::diagnostic::{Diagnostic, Severity};
use detente::experiment::Memory;
use detente::model::{Arm, Model};
use detente::render::describe::in_short;
use detente::view::describe::anticipation;
use detente::{Scenario, catalog};

/// Checks every file, reports all that is wrong, and says of a sound one what it holds.
///
/// # Errors
/// Status 1 if a file has errors (or warnings, when strict), 2 if one cannot be read. The other
/// files are checked all the same.
pub fn check(options: &Check) -> Result<(), Failed> {
    let mut exit = 0;
    let mut warnings = 0;
    for name in &options.scenarios {
        let status = match one(name, options, &mut warnings) {
            Ok(()) => 0,
            Err(failed) => {
                if !failed.text.is_empty() {
                    print_stderr(&failed.text);
                }
                failed.exit
            }
        };
        exit = exit.max(status);
    }
    if options.strict && warnings > 0 && options.message_format == MessageFormat::Human {
        let all = match warnings {
            1 => "1 warning counts as a failure".to_string(),
            n => format!("{n} warnings count as failures"),
        };
        print_stderr(&format!("--strict: {all}"));
    }
    if exit == 0 { Ok(()) } else { Err(Failed::silent(exit)) }
}

/// Checks a file and adds the number of its warnings to `warnings`.
fn one(name: &str, options: &Check, warnings: &mut usize) -> Result<(), Failed> {
    let (scenario, found) = Scenario::examine(catalog::find(name)?);
    *warnings += found.iter().filter(|d| d.severity() == Severity::Warning).count();
    match options.message_format {
        MessageFormat::Human if found.is_empty() => {}
        MessageFormat::Human => print_stderr(&found.render(true)),
        MessageFormat::Json => {
            let lines = found.json().into_iter().map(|d| format!("{d}\n"));
            print_stdout(&lines.collect::<String>())?;
        }
    }
    let at_fault = |d: &Diagnostic| match d.severity() {
        Severity::Error => true,
        Severity::Warning => options.strict,
        Severity::Note => false,
    };
    match scenario {
        Some(scenario) if !found.iter().any(at_fault) => {
            if options.message_format == MessageFormat::Human {
                let (label, model) = (scenario.label(), scenario.model());
                // an arm that cannot be made has its own report
                if let Ok(arm) = Arm::new(model, None, &[]) {
                    plans(&scenario, &arm, options.room.memory)?;
                }
                print_stdout(&format!("{label}: {}\n", holds(model)))?;
                print_stdout(&foreseen(&scenario, options.anticipation)?)?;
            }
            Ok(())
        }
        _ => Err(Failed::silent(1)),
    }
}

/// Whether an arm can be planned within so much memory, as every command that plays many runs does
/// first.
///
/// # Errors
/// Status 1 if that takes too much.
pub fn plans(loaded: &Scenario, arm: &Arm, memory: Memory) -> Result<(), Failed> {
    let plan = loaded.plan(arm, memory, &guard::over);
    plan.map(drop).map_err(|e| Failed::scenario(format_args!("{}: {e}", loaded.label())))
}

/// How many lines about anticipation are shown unasked.
const FEW: usize = 6;

/// Whether mean anticipation equals the expectation, payoff by payoff where they are few or asked
/// for.
fn foreseen(loaded: &Scenario, all: bool) -> Result<String, Failed> {
    let arm = loaded.arm(None, &[])?;
    let found = in_short(&anticipation(loaded, &arm));
    if found.summary.is_empty() {
        return Ok(String::new());
    }
    let mut text = found.summary;
    if all || (!found.exact && found.lines.len() <= FEW) {
        text.push('\n');
        text.extend(found.lines.iter().map(|line| format!("  {line}\n")));
    } else if found.exact {
        text.push('\n');
    } else {
        text.push_str("; --anticipation shows which and why\n");
    }
    Ok(text)
}

/// What a scenario holds, in one line.
fn holds(model: &Model) -> String {
    let count = |n: usize, word: &str| match n {
        1 => format!("1 {word}"),
        _ => format!("{n} {word}s"),
    };
    let files: Vec<&str> = model.files.iter().map(|file| file.name.as_str()).collect();
    let mut parts = vec![
        count(model.actor_count(), "actor"),
        count(model.seats.len(), "seat"),
        count(model.options.len(), "option"),
        count(model.cells.len(), "state cell"),
        count(model.events.len(), "event"),
        count(model.outcomes.len(), "outcome"),
        count(model.variants.len(), "variant"),
        count(model.claims.len(), "claim"),
    ];
    if !files.is_empty() {
        parts.push(format!("{} ({})", count(files.len(), "file"), files.join(", ")));
    }
    parts.join(", ")
}
