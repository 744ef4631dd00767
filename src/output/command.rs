//! Commands of the program as they stand in packages: what plays the same again in the folder of
//! the results.

/// A command that is put together.
#[derive(Debug, Clone)]
pub struct CommandLine(Vec<String>);

impl CommandLine {
    /// `detente VERB SCENARIO`.
    pub fn new(verb: &str, scenario: &str) -> CommandLine {
        CommandLine(vec!["detente".to_string(), verb.to_string(), quoted(scenario)])
    }

    /// Adds an option with its value.
    pub fn word(&mut self, option: &str, value: &str) {
        self.0.extend([option.to_string(), quoted(value)]);
    }

    /// Adds an option without a value, if it is given.
    pub fn flag(&mut self, option: &str, given: bool) {
        self.0.extend(given.then(|| option.to_string()));
    }

    /// All of it in one line.
    pub fn text(&self) -> String {
        self.0.join(" ")
    }
}

/// A word as a shell takes it for one.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-+.,:/=@%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_string();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn words_are_quoted_where_a_shell_would_change_them() {
        assert_eq!(quoted("gift=0.2"), "gift=0.2");
        assert_eq!(quoted("w[CHN]=0.9"), "'w[CHN]=0.9'");
        assert_eq!(quoted("it's"), "'it'\\''s'");
        assert_eq!(quoted(""), "''");
    }
}
