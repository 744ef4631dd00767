//! `datapackage.json`: what every file means and what made it.
//!
//! The format is Frictionless Data Package 1 with the profile `tabular-data-package`; what made the
//! package stands in an object of our own, `detente`, as the specification allows.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use crate::table::{Field, Kind, Label, Schema};

/// What made a folder of results. With it the folder can be made again.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Provenance {
    /// The version of the program.
    pub version: String,
    /// The scenario's name, such as `pyongyang-pact`.
    pub scenario: String,
    /// The scenario's title, for people.
    pub title: String,
    /// The hash of the scenario's text: see [`text_hash`].
    pub scenario_hash: String,
    /// The seed of all randomness; written as text, since many JSON readers round large integers.
    pub seed: u64,
    /// Monte Carlo runs per arm and point.
    pub runs: u64,
    /// The command as typed, without parts that cannot change results if equal bytes matter.
    pub command: String,
    /// Anything else worth keeping, as names and texts, in this order.
    pub notes: Vec<(String, String)>,
}

/// The hash by which a package names a scenario's text: `blake3:` and 64 hexadecimal digits.
pub fn text_hash(text: &str) -> String {
    format!("blake3:{}", blake3::hash(text.as_bytes()).to_hex())
}

/// A finished file.
#[derive(Debug, Clone)]
pub(super) struct Resource {
    pub(super) schema: Arc<Schema>,
    pub(super) rows: u64,
    pub(super) bytes: u64,
    pub(super) hash: String,
    /// Its place among the tables of the folder.
    pub(super) place: usize,
    /// What else is said of it, by name.
    pub(super) more: Vec<(String, Value)>,
}

impl Resource {
    /// The file's name.
    pub(super) fn file(&self) -> String {
        format!("{}.csv", self.schema.name())
    }
}

/// The text of the package.
pub(super) fn render(made_by: &Provenance, resources: &[Resource]) -> String {
    let package = json!({
        "profile": "tabular-data-package",
        "name": slug(&made_by.scenario),
        "title": made_by.title,
        "detente": provenance(made_by),
        "resources": resources.iter().map(resource).collect::<Vec<Value>>(),
    });
    format!("{package:#}\n")
}

fn provenance(made_by: &Provenance) -> Value {
    let mut object = Map::new();
    let mut add = |name: &str, value: Value| object.insert(name.to_owned(), value);
    add("version", json!(made_by.version));
    add("scenario", json!(made_by.scenario));
    add("scenario_hash", json!(made_by.scenario_hash));
    add("seed", json!(made_by.seed.to_string()));
    add("runs", json!(made_by.runs));
    add("command", json!(made_by.command));
    for (name, text) in &made_by.notes {
        add(name, json!(text));
    }
    Value::Object(object)
}

fn resource(resource: &Resource) -> Value {
    let schema = &resource.schema;
    let mut value = json!({
        "profile": "tabular-data-resource",
        "name": schema.name(),
        "path": resource.file(),
        "description": schema.description(),
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": resource.bytes,
        "hash": resource.hash,
        "rows": resource.rows,
        "dialect": {
            "delimiter": ",",
            "lineTerminator": "\n",
            "quoteChar": "\"",
            "doubleQuote": true,
            "header": true,
        },
        "schema": {
            "fields": schema.fields().iter().map(field).collect::<Vec<Value>>(),
            "missingValues": [""],
        },
    });
    for (kind, labels) in schema.labels() {
        value[*kind] = labels.iter().map(label).collect();
    }
    for (name, more) in &resource.more {
        value[name] = more.clone();
    }
    value
}

fn label(label: &Label) -> Value {
    let mut object = Map::new();
    object.insert("name".to_owned(), json!(label.name));
    for (key, text) in [("title", &label.title), ("unit", &label.unit)] {
        if !text.is_empty() {
            object.insert(key.to_owned(), json!(text));
        }
    }
    Value::Object(object)
}

fn field(field: &Field) -> Value {
    let mut object = Map::new();
    let mut add = |name: &str, value: Value| object.insert(name.to_owned(), value);
    add("name", json!(field.name));
    let kind = match field.kind {
        Kind::Text => "string",
        Kind::Integer => "integer",
        Kind::Number => "number",
        Kind::Truth => "boolean",
    };
    add("type", json!(kind));
    if let Some(title) = &field.title {
        add("title", json!(title));
    }
    add("description", json!(field.meaning));
    if field.kind == Kind::Truth {
        add("trueValues", json!(["1"]));
        add("falseValues", json!(["0"]));
    }
    if let Some(unit) = &field.unit {
        add("unit", json!(unit));
    }
    Value::Object(object)
}

/// A name the specification accepts: lower-case letters, digits, `.`, `_`, `-` and `/`.
fn slug(name: &str) -> String {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "._-/".contains(c);
    let lower = name.chars().map(|c| c.to_ascii_lowercase());
    let text: String = lower.map(|c| if plain(c) { c } else { '-' }).collect();
    if text.is_empty() { "results".to_owned() } else { text }
}

/// The plain `.csv` file names that a package of this program lists; none if `text` is anything
/// else. Only these may be removed from a folder.
pub(super) fn listed_files(text: &str) -> Vec<String> {
    let package: Value = serde_json::from_str(text).unwrap_or(Value::Null);
    if !package["detente"].is_object() {
        return Vec::new();
    }
    let resources = package["resources"].as_array().into_iter().flatten();
    let paths = resources.filter_map(|resource| resource["path"].as_str());
    let plain = |path: &&str| path.ends_with(".csv") && !path.contains(['/', '\\', '\0']);
    paths.filter(plain).map(str::to_owned).collect()
}
