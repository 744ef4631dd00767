//! Pages: headings, paragraphs, tables and lists, as text for a terminal or as Markdown.

use comfy_table::{ColumnConstraint, ContentArrangement, Table, presets};

/// The width of a page of text, in columns.
pub const WIDTH: usize = 100;

/// A part of a page.
#[derive(Debug)]
pub enum Block {
    /// A paragraph.
    Paragraph(String),
    /// A table: heading and rows of cells.
    Table(Vec<&'static str>, Vec<Vec<String>>),
    /// A table of many columns whose last holds remarks; in text each row is an entry.
    Register(Vec<&'static str>, Vec<Vec<String>>),
    /// Entries, each with lines that explain it.
    List(Vec<(String, Vec<String>)>),
}

/// A part of a page under a heading.
#[derive(Debug)]
pub struct Section {
    /// The heading.
    pub title: String,
    /// What stands under it.
    pub blocks: Vec<Block>,
}

/// A text broken into lines of at most `width` columns; `first` and `rest` begin the first and the
/// other lines. Words are not broken.
pub fn wrap(text: &str, first: &str, rest: &str, width: usize) -> String {
    let mut out = String::from(first);
    let mut column = first.chars().count();
    let mut fresh = true;
    for word in text.split_whitespace() {
        let length = word.chars().count();
        if !fresh && column + 1 + length > width {
            out.push('\n');
            out.push_str(rest);
            column = rest.chars().count();
            fresh = true;
        }
        if !fresh {
            out.push(' ');
            column += 1;
        }
        out.push_str(word);
        column += length;
        fresh = false;
    }
    out.push('\n');
    out
}

/// A table without lines, at most `width` columns wide, every line indented. The first `whole`
/// columns are not broken.
pub fn grid(
    head: &[&str],
    rows: &[Vec<String>],
    whole: usize,
    indent: &str,
    width: usize,
) -> String {
    let mut table = Table::new();
    let room = u16::try_from(width.saturating_sub(indent.len())).unwrap_or(u16::MAX);
    table
        .load_style(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(room)
        .set_header(head.to_vec());
    table.add_rows(rows.to_vec());
    for (number, column) in table.column_iter_mut().enumerate() {
        column.set_padding((0, 2));
        if number < whole {
            column.set_constraint(ColumnConstraint::ContentWidth);
        }
    }
    let lines = table.trim_fmt();
    lines.lines().map(|line| format!("{indent}{}\n", line.trim_end())).collect()
}

/// A page as text for a terminal.
pub fn text(title: &str, sections: &[Section]) -> String {
    let mut out = format!("{title}\n{}\n", "=".repeat(title.chars().count().min(WIDTH)));
    for section in sections {
        out.push_str(&format!("\n{}\n", section.title.to_uppercase()));
        for block in &section.blocks {
            match block {
                Block::Paragraph(text) => out.push_str(&wrap(text, "  ", "  ", WIDTH)),
                Block::Table(head, rows) => out.push_str(&grid(head, rows, 1, "  ", WIDTH)),
                Block::Register(_, rows) => out.push_str(&register(rows)),
                Block::List(entries) => {
                    for (entry, lines) in entries {
                        out.push_str(&wrap(entry, "  ", "      ", WIDTH));
                        for line in lines {
                            out.push_str(&wrap(line, "    ", "        ", WIDTH));
                        }
                    }
                }
            }
        }
    }
    out
}

/// Rows as entries: the name and its value, what else is known, and the remark below.
fn register(rows: &[Vec<String>]) -> String {
    let mut out = String::new();
    for cells in rows {
        let Some(([name, value], rest)) = cells.split_first_chunk::<2>() else { continue };
        let Some((remark, middle)) = rest.split_last() else { continue };
        let known: Vec<&str> = middle.iter().map(String::as_str).filter(|c| *c != "-").collect();
        let known = known.join("; ");
        let head = format!("{name} = {value}{}{known}", if known.is_empty() { "" } else { "  | " });
        out.push_str(&wrap(&head, "  ", "      ", WIDTH));
        if remark != "-" {
            out.push_str(&wrap(remark, "      ", "      ", WIDTH));
        }
    }
    out
}

/// A page as Markdown.
pub fn markdown(title: &str, sections: &[Section]) -> String {
    let mut out = format!("# {}\n", plain(title));
    for section in sections {
        out.push_str(&format!("\n## {}\n", plain(&section.title)));
        for block in &section.blocks {
            out.push('\n');
            match block {
                Block::Paragraph(text) => out.push_str(&format!("{}\n", plain(text))),
                Block::Table(head, rows) | Block::Register(head, rows) => {
                    out.push_str(&row(head.iter().map(|h| (*h).to_string())));
                    out.push_str(&row(head.iter().map(|_| "---".to_string())));
                    for cells in rows {
                        out.push_str(&row(cells.iter().map(|c| plain(c).replace('|', "\\|"))));
                    }
                }
                Block::List(entries) => {
                    for (entry, lines) in entries {
                        out.push_str(&format!("* {}\n", plain(entry)));
                        for line in lines {
                            out.push_str(&format!("    * {}\n", plain(line)));
                        }
                    }
                }
            }
        }
    }
    out
}

fn row(cells: impl Iterator<Item = String>) -> String {
    format!("| {} |\n", cells.collect::<Vec<_>>().join(" | "))
}

/// A text in which Markdown reads no marks outside of code.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut code = false;
    for c in text.chars() {
        code ^= c == '`';
        if !code && matches!(c, '*' | '_' | '[' | ']' | '<' | '#') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_wrapped_between_words() {
        assert_eq!(wrap("aa bb cc", "> ", "  ", 7), "> aa bb\n  cc\n");
        assert_eq!(wrap("", "> ", "  ", 7), "> \n");
    }
}
