//! Commands and options that are announced and do not exist yet.

use clap::Error;
use clap::error::{ContextKind, ContextValue, ErrorKind};

/// Planned commands, and what does a part of their work today.
const COMMANDS: &[(&str, &str)] = &[
    ("claims", CLAIMS),
    ("sweep", SWEEP),
    ("plan", SWEEP),
    ("shard", SWEEP),
    ("status", SWEEP),
    ("merge", SWEEP),
];

/// Planned options, and the planned commands that will have them.
const OPTIONS: &[(&str, &str)] = &[
    ("--robust", "claims"),
    ("--experiment", "sweep"),
    ("--vary", "sweep"),
    ("--uncertain", "sweep"),
    ("--design", "sweep"),
    ("--points", "sweep"),
    ("--resume", "sweep"),
    ("--shards", "plan"),
    ("--index", "shard"),
    ("--missing", "status"),
];

const CLAIMS: &str = "`detente check` reads the claims of a file, `detente run --all-variants` \
                      prints the differences between its arms";
const SWEEP: &str = "`detente run --set NAME=VALUE` plays one point at a time";

/// What to say where a usage error is about something that is planned.
pub fn said(error: &Error) -> Option<String> {
    let word = |kind: ContextKind| match error.get(kind) {
        Some(ContextValue::String(word)) => Some(word.as_str()),
        _ => None,
    };
    match error.kind() {
        ErrorKind::InvalidSubcommand => {
            let word = word(ContextKind::InvalidSubcommand)?;
            let (name, instead) = COMMANDS.iter().find(|(name, _)| *name == word)?;
            Some(format!("`detente {name}` is planned and does not exist yet; {instead}"))
        }
        ErrorKind::UnknownArgument => {
            let word = word(ContextKind::InvalidArg)?;
            let (name, of) = OPTIONS.iter().find(|(name, _)| *name == word)?;
            let (_, instead) = COMMANDS.iter().find(|(command, _)| command == of)?;
            Some(format!(
                "`{name}` belongs to `detente {of}`, which is planned and does not exist yet; \
                 {instead}"
            ))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory, Parser};

    use super::super::args::Cli;
    use super::*;

    #[test]
    fn what_is_planned_does_not_exist() {
        for command in Cli::command().get_subcommands() {
            assert!(COMMANDS.iter().all(|(name, _)| *name != command.get_name()));
            for option in command.get_arguments().filter_map(|a| a.get_long()) {
                assert!(OPTIONS.iter().all(|(name, _)| &name[2..] != option), "{option}");
            }
        }
        assert!(OPTIONS.iter().all(|(_, of)| COMMANDS.iter().any(|(name, _)| name == of)));
    }

    #[test]
    fn what_is_planned_is_said() {
        let about = |words: &[&str]| Cli::try_parse_from(words).err().and_then(|e| said(&e));
        let text = about(&["detente", "claims", "x", "--robust", "3"]).unwrap_or_default();
        assert!(text.contains("`detente claims` is planned"), "{text}");
        let text = about(&["detente", "run", "x", "--vary", "a=0:1:3"]).unwrap_or_default();
        assert!(text.contains("`--vary` belongs to `detente sweep`"), "{text}");
        assert_eq!(about(&["detente", "nonsense"]), None);
        assert_eq!(about(&["detente", "run", "x", "--nonsense"]), None);
    }
}
