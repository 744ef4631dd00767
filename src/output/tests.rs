//! The folder and its writers against real file systems.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::*;
use crate::table::{Cells, Field, Schema, Table};

/// A fresh folder of this test alone, removed afterwards.
struct Place(PathBuf);

impl Place {
    fn new(test: &str) -> Place {
        let name = format!("detente-output-{}-{test}", std::process::id());
        let path = std::env::temp_dir().join(name);
        let _ = fs::remove_dir_all(&path);
        Place(path)
    }

    fn names(&self) -> Vec<String> {
        let name = |entry: io::Result<fs::DirEntry>| entry.unwrap().file_name();
        let mut names: Vec<String> =
            fs::read_dir(&self.0).unwrap().map(|e| name(e).into_string().unwrap()).collect();
        names.sort();
        names
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.0.join(name)).unwrap()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn schema(name: &str) -> Arc<Schema> {
    let fields = vec![
        Field::text("arm", "the arm"),
        Field::integer("run", "the run, from 0"),
        Field::number("tension", "how tense it is").with_unit("points"),
        Field::truth("war", "whether there was war"),
    ];
    Schema::new(name, "one row per arm and run", fields).unwrap()
}

fn rows(schema: &Arc<Schema>, arm: &str) -> Table {
    let cells = vec![
        Cells::Text(vec![arm.into(), arm.into(), "a \"b\", c".into()]),
        Cells::Integer(vec![0, 1, -2]),
        Cells::Number(vec![0.25, f64::NAN, 1e-300]),
        Cells::Truth(vec![Some(true), None, Some(false)]),
    ];
    Table::new(schema, cells).unwrap()
}

fn provenance() -> Provenance {
    Provenance {
        version: "0.1.0".into(),
        scenario: "Pyongyang pact".into(),
        title: "The pact".into(),
        scenario_hash: text_hash("text"),
        seed: u64::MAX,
        runs: 3,
        command: "detente run pyongyang-pact".into(),
        notes: vec![("arms".into(), "base".into())],
    }
}

#[test]
fn chunks_become_one_file() {
    let place = Place::new("chunks");
    let mut folder = Folder::create(&place.0, false).unwrap();
    let schema = schema("outcomes");
    let mut writer = folder.table(&schema).unwrap();
    writer.write(&rows(&schema, "base")).unwrap();
    writer.write(&rows(&schema, "aid")).unwrap();
    assert_eq!(place.names(), ["outcomes.csv.part"]);
    writer.finish().unwrap();
    let expected = "arm,run,tension,war\nbase,0,0.25,1\nbase,1,,\n\"a \"\"b\"\", c\",-2,1e-300,0\n\
                    aid,0,0.25,1\naid,1,,\n\"a \"\"b\"\", c\",-2,1e-300,0\n";
    assert_eq!(place.read("outcomes.csv"), expected);
    folder.finish(&provenance()).unwrap();
    assert_eq!(place.names(), ["datapackage.json", "outcomes.csv"]);
}

#[test]
fn the_package_describes_the_files() {
    let place = Place::new("package");
    let mut folder = Folder::create(place.0.join("deep/er"), false).unwrap();
    // Finished in the other order: the package keeps the order in which they were begun.
    let (first, second) = (schema("outcomes"), schema("summary"));
    let mut one = folder.table(&first).unwrap();
    folder.whole(&rows(&second, "base")).unwrap();
    one.write(&rows(&first, "base")).unwrap();
    one.finish().unwrap();
    assert_eq!(folder.finished(), ["outcomes.csv", "summary.csv"]);
    let path = folder.path().to_owned();
    folder.finish(&provenance()).unwrap();
    let text = fs::read_to_string(path.join("datapackage.json")).unwrap();
    let package: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(package["profile"], "tabular-data-package");
    assert_eq!(package["name"], "pyongyang-pact");
    assert_eq!(package["detente"]["seed"], "18446744073709551615");
    assert_eq!(package["detente"]["arms"], "base");
    let outcomes = &package["resources"][0];
    assert_eq!(outcomes["path"], "outcomes.csv");
    let data = fs::read(path.join("outcomes.csv")).unwrap();
    assert_eq!(outcomes["bytes"], data.len());
    assert_eq!(outcomes["rows"], 3);
    assert_eq!(outcomes["hash"], text_hash(std::str::from_utf8(&data).unwrap()));
    let types: Vec<_> = (0..4).map(|k| outcomes["schema"]["fields"][k]["type"].clone()).collect();
    assert_eq!(types, ["string", "integer", "number", "boolean"]);
    assert_eq!(outcomes["schema"]["fields"][2]["unit"], "points");
}

#[test]
fn results_are_overwritten_only_by_force() {
    let place = Place::new("force");
    let mut folder = Folder::create(&place.0, false).unwrap();
    folder.whole(&rows(&schema("outcomes"), "old")).unwrap();
    folder.whole(&rows(&schema("differences"), "old")).unwrap();
    folder.finish(&provenance()).unwrap();
    fs::write(place.0.join("mine.csv"), "a\n").unwrap();

    let error = Folder::create(&place.0, false).unwrap_err();
    assert!(matches!(error.problem, Problem::Exists));
    assert!(error.to_string().contains("datapackage.json` exists"), "{error}");

    let mut folder = Folder::create(&place.0, true).unwrap();
    folder.whole(&rows(&schema("outcomes"), "new")).unwrap();
    folder.finish(&provenance()).unwrap();
    // The table only the old package knew is gone; the file it did not know stays.
    assert_eq!(place.names(), ["datapackage.json", "mine.csv", "outcomes.csv"]);
    assert!(place.read("outcomes.csv").contains("new"));
}

#[test]
fn a_writer_that_is_dropped_leaves_nothing() {
    let place = Place::new("dropped");
    let mut folder = Folder::create(&place.0, false).unwrap();
    let schema = schema("outcomes");
    let mut writer = folder.table(&schema).unwrap();
    writer.write(&rows(&schema, "base")).unwrap();
    drop(writer);
    assert!(place.names().is_empty());
}

#[test]
fn mistakes_are_refused() {
    let place = Place::new("mistakes");
    let mut folder = Folder::create(&place.0, false).unwrap();
    let outcomes = schema("outcomes");
    let mut writer = folder.table(&outcomes).unwrap();
    let error = writer.write(&rows(&schema("summary"), "base")).unwrap_err();
    assert!(matches!(error.problem, Problem::OtherSchema));
    assert!(matches!(folder.table(&outcomes).unwrap_err().problem, Problem::Twice));
    for name in ["", "..", "a/b", "/a"] {
        assert!(matches!(folder.file(name, b"").unwrap_err().problem, Problem::BadName));
    }
    folder.file("note.txt", b"hello").unwrap();
    assert_eq!(place.read("note.txt"), "hello");
    assert!(matches!(folder.finish(&provenance()).unwrap_err().problem, Problem::NoTables));
}

#[test]
fn a_file_is_not_a_folder() {
    let place = Place::new("not-a-folder");
    fs::write(&place.0, "").unwrap();
    let error = Folder::create(&place.0, true).unwrap_err();
    assert!(matches!(error.problem, Problem::NotAFolder));
    fs::remove_file(&place.0).unwrap();
}

/// A full disk, played by a link from the temporary name to the device that is always full.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_keeps_what_was_finished() {
    let full = Path::new("/dev/full");
    if !full.exists() {
        eprintln!("skipped: no /dev/full here");
        return;
    }
    let place = Place::new("full");
    let mut folder = Folder::create(&place.0, false).unwrap();
    folder.whole(&rows(&schema("summary"), "base")).unwrap();
    std::os::unix::fs::symlink(full, place.0.join("outcomes.csv.part")).unwrap();
    let schema = schema("outcomes");
    let mut writer = folder.table(&schema).unwrap();
    let failure = (0..10_000).find_map(|_| writer.write(&rows(&schema, "base")).err()).unwrap();
    let text = failure.to_string();
    assert!(text.contains("outcomes.csv`: No space left"), "{text}");
    assert!(text.ends_with("finished before and kept: summary.csv"), "{text}");
    assert!(writer.write(&rows(&schema, "base")).is_err());
    assert!(writer.finish().is_err());
    assert_eq!(place.names(), ["summary.csv"]);
}

#[cfg(unix)]
#[test]
fn a_read_only_folder_is_found_out_at_once() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::new("read-only");
    fs::create_dir_all(&place.0).unwrap();
    let mode = |bits| fs::set_permissions(&place.0, fs::Permissions::from_mode(bits)).unwrap();
    mode(0o555);
    if fs::write(place.0.join("probe"), "").is_ok() {
        eprintln!("skipped: this user can write to read-only folders");
        return;
    }
    let error = Folder::create(&place.0, false).unwrap_err();
    mode(0o755);
    assert!(matches!(error.problem, Problem::NotWritable(_)), "{error}");
}

#[test]
fn parts_are_whole_damaged_foreign_or_missing() {
    let place = Place::new("parts");
    let parts = Parts::new(&place.0);
    parts.create().unwrap();
    let head = |work: &str, unit| Head { work: work.into(), unit, units: 3 };
    let schema = schema("outcomes");
    let table = rows(&schema, "base");
    let notes = serde_json::json!({ "failed_runs": 2 });
    parts.write(&head("a", 1), &notes, std::slice::from_ref(&table), "tag").unwrap();
    assert_eq!(place.names(), ["unit-00000001.part.bin"]);
    assert_eq!(parts.units().unwrap(), [1]);
    let Found::Whole(part) = parts.read(&head("a", 1)).unwrap() else { panic!("not whole") };
    assert_eq!(part.notes, notes);
    let read = part.tables(std::slice::from_ref(&schema)).unwrap();
    // NaN is not equal to itself.
    assert_eq!(format!("{read:?}"), format!("{:?}", [table]));
    assert!(part.tables(&[Arc::clone(&schema), schema]).is_none());
    assert_eq!(parts.read(&head("a", 0)).unwrap(), Found::Missing);
    assert_eq!(parts.read(&head("b", 1)).unwrap(), Found::Foreign(head("a", 1)));
    let bytes = fs::read(parts.path(1)).unwrap();
    for length in 0..bytes.len() {
        fs::write(parts.path(1), &bytes[..length]).unwrap();
        assert_eq!(parts.read(&head("a", 1)).unwrap(), Found::Damaged, "{length} bytes");
    }
    let mut turned = bytes.clone();
    *turned.last_mut().unwrap() ^= 1;
    fs::write(parts.path(1), turned).unwrap();
    assert_eq!(parts.read(&head("a", 1)).unwrap(), Found::Damaged);
    parts.clear().unwrap();
    assert!(!place.0.exists());
}

#[cfg(feature = "parquet")]
#[test]
fn parquet_holds_the_same_rows_and_the_package() {
    use ::parquet::file::reader::{FileReader, SerializedFileReader};
    let place = Place::new("parquet");
    let mut folder = Folder::create(&place.0, false).unwrap();
    folder.also_parquet();
    let schema = schema("outcomes");
    let mut writer = folder.table(&schema).unwrap();
    writer.write(&rows(&schema, "base")).unwrap();
    writer.write(&rows(&schema, "aid")).unwrap();
    writer.finish().unwrap();
    folder.finish(&provenance()).unwrap();
    assert_eq!(place.names(), ["datapackage.json", "outcomes.csv", "outcomes.parquet"]);
    let file = fs::File::open(place.0.join("outcomes.parquet")).unwrap();
    let reader = SerializedFileReader::new(file).unwrap();
    let facts = reader.metadata().file_metadata();
    let pairs = facts.key_value_metadata().unwrap();
    let package = pairs.iter().find(|pair| pair.key == "datapackage").unwrap();
    assert_eq!(package.value, Some(place.read("datapackage.json")));
    let text: Vec<String> =
        reader.get_row_iter(None).unwrap().map(|row| row.unwrap().to_string()).collect();
    assert_eq!(text.len(), 6);
    assert_eq!(text[0], "{arm: \"base\", run: 0, tension: 0.25, war: true}");
    assert_eq!(text[1], "{arm: \"base\", run: 1, tension: null, war: null}");
}

#[test]
fn many_may_try_out_a_folder_at_the_same_time() {
    let place = Place::new("together");
    let parts = Parts::new(&place.0);
    std::thread::scope(|scope| {
        let one = || (0..200).try_for_each(|_| parts.create());
        let all: Vec<_> = (0..8).map(|_| scope.spawn(one)).collect();
        for handle in all {
            handle.join().unwrap().unwrap();
        }
    });
}
