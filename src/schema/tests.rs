//! The schema against the scenarios: what they use, it must know.

use super::*;
use crate::catalog::shipped;

/// Keys of a document that its schema does not allow, by path. Understands as much of JSON Schema
/// as the schema here uses.
fn strangers(schema: &Value, value: &Value, path: &str, found: &mut Vec<String>) {
    if let Some(choices) = schema["anyOf"].as_array() {
        let tries = choices.iter().map(|choice| {
            let mut own = Vec::new();
            strangers(choice, value, path, &mut own);
            own
        });
        if let Some(best) = tries.min_by_key(Vec::len) {
            found.extend(best);
        }
        return;
    }
    if let Some(word) = schema.get("const").filter(|word| *word != value) {
        found.push(format!("{path} is not {word}"));
    }
    if let Some(words) = schema["enum"].as_array().filter(|words| !words.contains(value)) {
        found.push(format!("{path} is none of {words:?}"));
    }
    if !of_kind(&schema["type"], value) {
        found.push(format!("{path} is not {}", schema["type"]));
    }
    if let Some(items) = value.as_array() {
        for (number, item) in items.iter().enumerate() {
            strangers(&schema["items"], item, &format!("{path}[{number}]"), found);
        }
    }
    for key in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        if value.get(key).is_none() {
            found.push(format!("{path} lacks {key}"));
        }
    }
    for (key, inner) in value.as_object().into_iter().flatten() {
        let path = format!("{path}.{key}");
        match schema["properties"].get(key).or(schema.get("additionalProperties")) {
            Some(Value::Bool(false)) => found.push(format!("{path} is not known")),
            Some(rule) => strangers(rule, inner, &path, found),
            None => {}
        }
    }
}

fn of_kind(kind: &Value, value: &Value) -> bool {
    let is = |word: &Value| match word.as_str() {
        Some("string") => value.is_string(),
        Some("number") => value.is_number(),
        Some("integer") => value.is_i64(),
        Some("boolean") => value.is_boolean(),
        Some("array") => value.is_array(),
        Some("object") => value.is_object(),
        _ => true,
    };
    kind.as_array().map_or_else(|| is(kind), |kinds| kinds.iter().any(is))
}

fn complaints(text: &str) -> Vec<String> {
    let document: Value = toml::from_str(text).expect("the scenario is TOML");
    let mut found = Vec::new();
    strangers(&schema(), &document, "", &mut found);
    found
}

#[test]
fn histories_fit_their_schema() {
    let complaints = |text: &str| {
        let document: Value = toml::from_str(text).expect("the history is TOML");
        let mut found = Vec::new();
        strangers(&history(), &document, "", &mut found);
        found
    };
    for text in [
        include_str!("../../tests/histories/sets.history.toml"),
        include_str!("../../tests/histories/cases.history.toml"),
        include_str!("../../tests/histories/codes.history.toml"),
    ] {
        assert_eq!(complaints(text), Vec::<String>::new(), "{text}");
    }
    let wrong = "format = 1\n[history]\nmove = \"x.csv\"\n[complete]\nA = \"some\"\n";
    let found = complaints(wrong);
    assert!(found.iter().any(|said| said.contains("history.move is not known")), "{found:?}");
    assert!(found.iter().any(|said| said.contains("lacks rounds")), "{found:?}");
    assert!(found.iter().any(|said| said.starts_with(".complete.A")), "{found:?}");
}

#[test]
fn every_scenario_fits_the_schema() {
    for (name, text) in shipped::ALL {
        assert_eq!(complaints(text), Vec::<String>::new(), "{name}");
    }
    assert_eq!(complaints(include_str!("../cli/starter.toml")), Vec::<String>::new());
}

#[test]
fn a_misspelt_key_does_not_fit() {
    let flagship = shipped::ALL.iter().find(|(name, _)| *name == "pyongyang-pact");
    let (_, text) = flagship.expect("the flagship");
    let broken = text.replace("precision    =", "precsion     =");
    assert_ne!(broken, *text);
    assert_eq!(complaints(&broken), [".decision.precsion is not \"object\""]);
}

#[test]
fn sections_are_those_of_the_format() {
    let empty = "format = 1\nnonsense = 1\n";
    let checked = crate::scenario::load(empty.as_bytes());
    assert!(checked.has_errors());
    let known = schema();
    let known: Vec<&String> =
        known["properties"].as_object().into_iter().flat_map(Map::keys).collect();
    for section in known.iter().skip(2) {
        let text = format!("format = 1\n[scenario]\nname = \"a\"\nrounds = 1\n[{section}]\n");
        let found = crate::scenario::load(text.as_bytes()).diagnostics;
        let unknown = |d: &crate::diagnostic::Diagnostic| {
            d.code == crate::diagnostic::Code::UnknownKey && d.message.contains(section.as_str())
        };
        assert!(!found.iter().any(unknown), "{section}: {found:#?}");
    }
}
