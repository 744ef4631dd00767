//! `detente list`: the scenarios and games that can be named.

use comfy_table::{Table, presets};
use toml::de::DeTable;

use super::{Failed, print_stdout};
use detente::catalog;
use detente::catalog::shipped;
use detente::diagnostic::one_line;
use detente::solve::nfg;

const INSIDE: &str = "inside the program";
const UNREAD: &str = "(no title can be read)";

/// Prints name and title of every scenario, then of every game for `solve`, that a bare name
/// reaches: those of the current folder first, then those inside the program.
pub fn list() -> Result<(), Failed> {
    let mut rows: Vec<[String; 3]> = Vec::new();
    for path in catalog::named() {
        let text = catalog::read(&path).map(|found| found.text()).unwrap_or_default();
        if !is_part(&text) {
            rows.push([catalog::stem(&path), title(&text), path.display().to_string()]);
        }
    }
    for (name, text) in shipped::ALL {
        if !rows.iter().any(|row| row[0] == *name) {
            rows.push([(*name).to_string(), title(text), INSIDE.to_string()]);
        }
    }
    for (name, place) in catalog::games() {
        let place = place.map(|path| path.display().to_string());
        let found = catalog::game(place.as_deref().unwrap_or(&name));
        let title = found.ok().and_then(|game| nfg::read(&game.text()).ok()).map(|game| game.title);
        let place = place.unwrap_or_else(|| INSIDE.to_string());
        rows.push([name, title.map_or(UNREAD.to_string(), |title| one_line(&title)), place]);
    }
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header(["name", "title", "where"]);
    table.add_rows(rows);
    for column in table.column_iter_mut() {
        column.set_padding((0, 3));
    }
    print_stdout(&format!("{}\n", table.trim_fmt()))
}

/// The title of a scenario, read without judging the rest, so that a broken file is listed too.
fn title(text: &str) -> String {
    let titled = |table: &DeTable<'_>| -> Option<String> {
        let section = table.get("scenario")?.get_ref().as_table()?;
        section.get("title")?.get_ref().as_str().map(str::to_string)
    };
    let found = DeTable::parse(text).ok().and_then(|table| titled(table.get_ref()));
    found.map_or(UNREAD.to_string(), |title| one_line(&title))
}

/// Whether a text is what scenarios include: it can be read and has no `[scenario]`.
fn is_part(text: &str) -> bool {
    let part =
        |table: &DeTable<'_>| table.contains_key("format") && !table.contains_key("scenario");
    DeTable::parse(text).is_ok_and(|table| part(table.get_ref()))
}
