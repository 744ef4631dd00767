//! A Rust source prepared for rules that look at code, at comments, or at tests.

/// A source file in three views of the same lines.
pub struct Source {
    /// The path from the project's folder, with `/`.
    pub path: String,
    /// The lines as they are.
    pub raw: Vec<String>,
    /// The same lines with comments and the contents of literals blanked.
    pub code: Vec<String>,
    /// Whether each line belongs to tests.
    pub test: Vec<bool>,
}

impl Source {
    /// Prepare `text`, found at `path`.
    pub fn new(path: &str, text: &str) -> Source {
        let masked = mask(text);
        let raw: Vec<String> = text.lines().map(str::to_owned).collect();
        let mut code: Vec<String> = masked.lines().map(str::to_owned).collect();
        code.resize(raw.len(), String::new());
        let test = test_lines(path, &code);
        Source { path: path.to_owned(), raw, code, test }
    }

    /// The module of the library this file belongs to, for a file below `src`.
    pub fn module(&self) -> Option<&str> {
        let rest = self.path.strip_prefix("src/")?;
        Some(rest.split('/').next()?.trim_end_matches(".rs"))
    }

    /// Whether the file is part of the binary and not of the library.
    pub fn in_binary(&self) -> bool {
        matches!(self.module(), Some("main" | "cli"))
    }

    /// The masked text as one string, for rules that look across lines.
    pub fn joined(&self) -> String {
        self.code.join("\n")
    }
}

/// Blank comments and the contents of text and character literals, keeping every line break.
fn mask(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while at < chars.len() {
        let end = match chars[at] {
            '/' if chars.get(at + 1) == Some(&'/') => line_end(&chars, at),
            '/' if chars.get(at + 1) == Some(&'*') => block_end(&chars, at),
            '"' => text_end(&chars, at),
            'r' if starts_word(&chars, at) => raw_end(&chars, at).unwrap_or(at),
            '\'' => char_end(&chars, at).unwrap_or(at),
            _ => at,
        };
        if end == at {
            out.push(chars[at]);
            at += 1;
            continue;
        }
        let literal = chars[at] != '/';
        for (k, c) in chars[at..end].iter().enumerate() {
            let edge = literal && (k == 0 || at + k + 1 == end);
            out.push(match c {
                '\n' => '\n',
                _ if edge => '"',
                _ => ' ',
            });
        }
        at = end;
    }
    out
}

fn line_end(chars: &[char], at: usize) -> usize {
    chars[at..].iter().position(|c| *c == '\n').map_or(chars.len(), |k| at + k)
}

/// The end of a block comment; they nest.
fn block_end(chars: &[char], at: usize) -> usize {
    let (mut depth, mut k) = (0_usize, at);
    while k + 1 < chars.len() {
        match (chars[k], chars[k + 1]) {
            ('/', '*') => depth += 1,
            ('*', '/') => depth -= 1,
            _ => {
                k += 1;
                continue;
            }
        }
        k += 2;
        if depth == 0 {
            return k;
        }
    }
    chars.len()
}

fn text_end(chars: &[char], at: usize) -> usize {
    let mut k = at + 1;
    while k < chars.len() {
        match chars[k] {
            '\\' => k += 2,
            '"' => return k + 1,
            _ => k += 1,
        }
    }
    chars.len()
}

/// Whether no identifier runs into the character at `at`; the `b` of `br"..."` does not count.
fn starts_word(chars: &[char], at: usize) -> bool {
    let part = |k: usize| chars[k].is_alphanumeric() || chars[k] == '_';
    match at {
        0 => true,
        _ if !part(at - 1) => true,
        _ => chars[at - 1] == 'b' && (at == 1 || !part(at - 2)),
    }
}

/// The end of `r"..."` or `r#"..."#` if one starts here.
fn raw_end(chars: &[char], at: usize) -> Option<usize> {
    let hashes = chars[at + 1..].iter().take_while(|c| **c == '#').count();
    let open = at + 1 + hashes;
    if chars.get(open) != Some(&'"') {
        return None;
    }
    let closes = |k: usize| chars[k] == '"' && (1..=hashes).all(|h| chars.get(k + h) == Some(&'#'));
    let close = (open + 1..chars.len()).find(|k| closes(*k));
    Some(close.map_or(chars.len(), |k| k + 1 + hashes))
}

/// The end of a character literal if this quote starts one and not a lifetime.
fn char_end(chars: &[char], at: usize) -> Option<usize> {
    match chars.get(at + 1)? {
        '\\' => {
            let close = chars.get(at + 3..)?.iter().position(|c| *c == '\'')?;
            Some(at + 4 + close)
        }
        _ if chars.get(at + 2) == Some(&'\'') => Some(at + 3),
        _ => None,
    }
}

/// Which lines are tests: whole files of tests, and `#[cfg(test)]` blocks.
fn test_lines(path: &str, code: &[String]) -> Vec<bool> {
    let whole =
        !path.starts_with("src/") || path.ends_with("/tests.rs") || path.contains("/tests/");
    let mut test = vec![whole; code.len()];
    let mut line = 0;
    while line < code.len() {
        if !code[line].contains("#[cfg(test)]") {
            line += 1;
            continue;
        }
        let end = item_end(code, line);
        test[line..=end].fill(true);
        line = end + 1;
    }
    test
}

/// The last line of the item that begins at or after the attribute on `line`.
fn item_end(code: &[String], line: usize) -> usize {
    let mut depth = 0_i32;
    for (k, text) in code.iter().enumerate().skip(line) {
        for c in text.replace("#[cfg(test)]", "").chars() {
            match c {
                '{' => depth += 1,
                '}' => depth -= 1,
                ';' if depth == 0 => return k,
                _ => {}
            }
            if c == '}' && depth <= 0 {
                return k;
            }
        }
    }
    code.len() - 1
}
