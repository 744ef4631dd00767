//! `detente completions` and `detente man`: what packagers install beside the program.

use clap::CommandFactory;
use clap_complete::Shell;
use clap_mangen::Man;

use super::args::Cli;
use super::{Failed, print_stdout};

/// Prints the completion script of a shell.
pub fn completions(shell: Shell) -> Result<(), Failed> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "detente", &mut script);
    print_stdout(&String::from_utf8_lossy(&script))
}

/// Prints the manual: the page of the program, followed by those of its commands.
pub fn man() -> Result<(), Failed> {
    let mut command = Cli::command();
    command.build();
    let mut page = Vec::new();
    let rendered = Man::new(command.clone()).render(&mut page);
    let parts = command.get_subcommands().cloned().map(|part| {
        let mut body = Vec::new();
        let title = format!(".SH \"COMMAND: {}\"\n", part.get_name().to_uppercase());
        body.extend_from_slice(title.as_bytes());
        let man = Man::new(part);
        man.render_synopsis_section(&mut body)?;
        man.render_description_section(&mut body)?;
        man.render_options_section(&mut body)?;
        Ok(body)
    });
    let parts: Result<Vec<Vec<u8>>, std::io::Error> = parts.collect();
    let (Ok(()), Ok(parts)) = (rendered, parts) else {
        return Err(Failed::usage("the manual page cannot be made"));
    };
    page.extend(parts.concat());
    // Sections of commands are subsections of the one page.
    let text = String::from_utf8_lossy(&page).into_owned();
    let (head, tail) = text.split_once(".SH \"COMMAND").unwrap_or((&text, ""));
    let tail =
        tail.replace("\n.SH SYNOPSIS", "\n.SS Synopsis").replace("\n.SH DESCRIPTION", "\n.PP");
    let tail = tail.replace("\n.SH OPTIONS", "\n.SS Options");
    let mark = if tail.is_empty() { "" } else { ".SH \"COMMAND" };
    print_stdout(&format!("{head}{mark}{tail}"))
}
