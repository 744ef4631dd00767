//! `datapackage.json`: what every file means and what made it.
//!
//! The format is Frictionless Data Package 1: tables, and beside them plain files such as the
//! scenario's text, each with its size and hash. What made the package stands in an object of our
//! own, `detente`, as the specification allows.

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
    /// The hash of the scenario: see [`scenario_hash`].
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

/// The hash by which a package names a scenario. Without files it is that of the text; else that of
/// a list of hashes in hexadecimal digits: of the text, then of each file with two spaces and its
/// name behind it, a line each.
pub fn scenario_hash<'a>(text: &str, files: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    joined(&text_hash(text), files.map(|(name, file)| (name, text_hash(file))))
}

/// The same from the hashes of the text and of the files.
pub(super) fn joined<'a>(text: &str, files: impl Iterator<Item = (&'a str, String)>) -> String {
    let hex = |hash: &str| hash.trim_start_matches("blake3:").to_string();
    let lines: String = files.map(|(name, hash)| format!("{}  {name}\n", hex(&hash))).collect();
    match lines.is_empty() {
        true => text.to_string(),
        false => text_hash(&format!("{}\n{lines}", hex(text))),
    }
}

/// What the package says of a file that the scenario names.
pub(super) const ATTACHED: &str = "a file that the scenario names";

/// The name of the description of all files.
pub(super) const PACKAGE: &str = "datapackage.json";

/// A finished file.
#[derive(Debug, Clone)]
pub(super) struct Resource {
    /// The file's name.
    pub(super) file: String,
    pub(super) bytes: u64,
    pub(super) hash: String,
    /// Its place among the files of the folder.
    pub(super) place: usize,
    what: What,
    /// What else is said of it, by name.
    more: Vec<(String, Value)>,
}

/// What a file is.
#[derive(Debug, Clone)]
enum What {
    /// The rows of a table.
    Table { schema: Arc<Schema>, rows: u64 },
    /// Anything else, in words.
    Plain(String),
}

impl Resource {
    /// A table as CSV, of which `more` is said in the package.
    pub(super) fn table(
        schema: &Arc<Schema>,
        rows: u64,
        (bytes, hash): (u64, String),
        place: usize,
        more: Vec<(String, Value)>,
    ) -> Resource {
        let what = What::Table { schema: Arc::clone(schema), rows };
        Resource { file: format!("{}.csv", schema.name()), bytes, hash, place, what, more }
    }

    /// A file that is not a table.
    pub(super) fn plain(
        file: &str,
        what: &str,
        bytes: u64,
        hash: String,
        place: usize,
    ) -> Resource {
        let what = What::Plain(what.to_owned());
        Resource { file: file.to_owned(), bytes, hash, place, what, more: Vec::new() }
    }

    /// Whether it is a table as CSV.
    pub(super) fn is_table(&self) -> bool {
        matches!(self.what, What::Table { .. })
    }
}

/// Whether a name is that of a file in the folder itself.
pub(super) fn is_plain(name: &str) -> bool {
    !name.chars().all(|c| c == '.') && !name.contains(['/', '\\', '\0'])
}

/// Whether a file is one from which results are made, which its owner may keep in the same folder.
pub(super) fn is_input(name: &str) -> bool {
    name.ends_with(".toml") || name == "list.csv"
}

/// The text of the package.
pub(super) fn render(made_by: &Provenance, resources: &[Resource]) -> String {
    let profile = match resources.iter().all(Resource::is_table) {
        true => "tabular-data-package",
        false => "data-package",
    };
    let package = json!({
        "profile": profile,
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

fn plain(Resource { file, bytes, hash, .. }: &Resource, what: &str) -> Value {
    let format = file.rsplit_once('.').map_or("", |(_, format)| format);
    json!({
        "profile": "data-resource",
        "name": slug(file),
        "path": file,
        "description": what,
        "format": format,
        "mediatype": match format {
            "toml" => "application/toml",
            "json" => "application/json",
            "csv" => "text/csv",
            "parquet" => "application/vnd.apache.parquet",
            _ => "text/plain",
        },
        "bytes": bytes,
        "hash": hash,
    })
}

fn resource(resource: &Resource) -> Value {
    let Resource { file, bytes, hash, .. } = resource;
    let (schema, rows) = match &resource.what {
        What::Table { schema, rows } => (schema, rows),
        What::Plain(what) => return plain(resource, what),
    };
    let mut value = json!({
        "profile": "tabular-data-resource",
        "name": schema.name(),
        "path": file,
        "description": schema.description(),
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": bytes,
        "hash": hash,
        "rows": rows,
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

/// A file of an earlier package.
#[derive(Debug, Clone)]
pub(super) struct Listed {
    pub(super) file: String,
    pub(super) hash: String,
    /// Whether results are made from it.
    pub(super) input: bool,
}

/// The plain files that a package of this program lists; none if `text` is anything else. Only
/// these may be removed from a folder.
pub(super) fn listed_files(text: &str) -> Vec<Listed> {
    let package: Value = serde_json::from_str(text).unwrap_or(Value::Null);
    if !package["detente"].is_object() {
        return Vec::new();
    }
    let resources = package["resources"].as_array().into_iter().flatten();
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let all = resources.map(|resource| {
        let (file, hash) = (word(&resource["path"]), word(&resource["hash"]));
        let input = is_input(&file) || resource["description"] == ATTACHED;
        Listed { file, hash, input }
    });
    all.filter(|listed| is_plain(&listed.file)).collect()
}
