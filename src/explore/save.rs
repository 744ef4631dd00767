//! What was explored, as a scenario of its own.

use serde::Deserialize;
use toml::Value;

use super::{Ask, Explorer};
use crate::api::{Error, Scenario};
use crate::catalog::{Found, name_span};
use crate::diagnostic::Span;

/// The longest name of a scenario or a variant.
const LONGEST: usize = 60;

/// What to keep.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Save {
    /// What is played.
    pub ask: Ask,
    /// The name of the new scenario.
    pub name: String,
    /// The variant that holds the settings.
    pub variant: String,
    /// Its title; may be empty.
    pub title: String,
}

/// Whether a word can be the name of a file in any folder and of a scenario.
fn plain(name: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    let first = name.starts_with(|c: char| c.is_ascii_alphanumeric());
    first && name.len() <= LONGEST && name.chars().all(fits)
}

impl Save {
    /// Whether its name can be that of a new file.
    ///
    /// # Errors
    /// [`Error::Request`] if not.
    pub fn named(&self) -> Result<(), Error> {
        if plain(&self.name) && !crate::scenario::reserved_on_windows(&self.name) {
            return Ok(());
        }
        Err(Error::Request(format!(
            "the name is up to {LONGEST} letters, digits, `-` and `_`, a letter or a digit first"
        )))
    }
}

impl Explorer {
    /// The text of a scenario with another name, and with the settings as a further variant where
    /// there are any; it is sound.
    ///
    /// # Errors
    /// [`Error::Request`] if a name cannot be one, if there is a variant of that name, or if the
    /// scenario names files, which would not lie beside the new one; [`Error::Diagnostics`] if the
    /// text or the settings are wrong.
    pub fn saved(&self, save: &Save) -> Result<String, Error> {
        let opened = self.open(&save.ask)?;
        save.named()?;
        let mut text = opened.text.clone();
        if let Some(Span { start, end }) = name_span(&text) {
            text.replace_range(start..end, &format!("\"{}\"", save.name));
        }
        let model = opened.scenario.model();
        if !save.ask.set.is_empty() {
            crate::api::settings(model, &save.ask.set)?;
            let known = model.variants.iter().any(|variant| variant.name == save.variant);
            if !plain(&save.variant) || known || save.variant == "base" {
                return Err(Error::Request(
                    "the variant needs a name that none has yet: letters, digits, `-` and `_`"
                        .to_string(),
                ));
            }
            text.push_str(&variant(save));
        }
        let found = Found { stem: save.name.clone(), ..self.found(&text) };
        match Scenario::examine(found) {
            (Some(_), _) => Ok(text),
            (None, diagnostics) => Err(Error::Diagnostics(diagnostics.errors())),
        }
    }
}

/// A section with the settings.
fn variant(save: &Save) -> String {
    let quoted = |text: &str| Value::String(text.to_string()).to_string();
    let value = |text: &str| match text.trim().parse::<f64>() {
        Ok(number) if number.is_finite() => format!("{number:?}"),
        _ => quoted(text),
    };
    let set = save.ask.set.iter().map(|(key, text)| format!("{} = {}", quoted(key), value(text)));
    let set: Vec<String> = set.collect();
    let title = match save.title.trim() {
        "" => String::new(),
        title => format!("title = {}\n", quoted(title)),
    };
    format!("\n[variants.{}]\n{title}set = {{ {} }}\n", save.variant, set.join(", "))
}
