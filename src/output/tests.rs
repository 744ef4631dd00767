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
    // The lock, and a file of this process: nothing that looks like a result.
    assert!(place.names().iter().all(|name| name.contains(".detente")), "{:?}", place.names());
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
    drop(folder);
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
        assert!(matches!(folder.file(name, "", b"").unwrap_err().problem, Problem::BadName));
    }
    folder.file("note.txt", "a note", b"hello").unwrap();
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

#[test]
fn a_folder_is_one_command_s_alone() {
    let place = Place::new("alone");
    let folder = Folder::create(&place.0, false).unwrap();
    assert_eq!(folder.unlocked(), None);
    let error = Folder::create(&place.0, true).unwrap_err();
    let own = std::process::id().to_string();
    assert!(matches!(&error.problem, Problem::Busy(owner) if *owner == own), "{error}");
    drop(folder);
    assert!(place.names().is_empty());
    // What a killed process left locks nobody out, and goes; files of others stay.
    for name in [".detente.lock", ".4711-0.detente", "outcomes.csv.part", ".x-0.detente"] {
        fs::write(place.0.join(name), "").unwrap();
    }
    drop(Folder::create(&place.0, false).unwrap());
    assert_eq!(place.names(), [".x-0.detente", "outcomes.csv.part"]);
    fs::write(place.0.join(".detente.lock"), "my list of locks").unwrap();
    let error = Folder::create(&place.0, true).unwrap_err();
    assert!(matches!(error.problem, Problem::InTheWay), "{error}");
}

#[test]
fn many_threads_get_a_folder_one_by_one() {
    let place = Place::new("one-by-one");
    fs::create_dir_all(&place.0).unwrap();
    let inside = std::sync::atomic::AtomicUsize::new(0);
    let one = || {
        let mut done = 0;
        while done < 25 {
            match Folder::create(&place.0, true) {
                Ok(folder) => {
                    assert_eq!(inside.fetch_add(1, std::sync::atomic::Ordering::SeqCst), 0);
                    inside.fetch_sub(1, std::sync::atomic::Ordering::SeqCst);
                    drop(folder);
                    done += 1;
                }
                Err(error) => assert!(matches!(error.problem, Problem::Busy(_)), "{error}"),
            }
        }
    };
    std::thread::scope(|scope| (0..4).for_each(|_| drop(scope.spawn(one))));
    assert!(place.names().is_empty());
}

#[test]
fn the_old_package_goes_before_the_first_new_table_comes() {
    let place = Place::new("retired");
    let (outcomes, summary) = (schema("outcomes"), schema("summary"));
    let mut folder = Folder::create(&place.0, false).unwrap();
    folder.whole(&rows(&outcomes, "old")).unwrap();
    folder.whole(&rows(&summary, "old")).unwrap();
    folder.file("pact.toml", "the scenario", b"old").unwrap();
    folder.finish(&provenance()).unwrap();
    assert!(verify(&place.0).unwrap().is_complete());

    let mut folder = Folder::create(&place.0, true).unwrap();
    let mut writer = folder.table(&outcomes).unwrap();
    writer.write(&rows(&outcomes, "new")).unwrap();
    assert!(verify(&place.0).unwrap().is_complete(), "nothing is replaced yet");
    writer.finish().unwrap();
    // A process that is killed here leaves no package, and the next knows what was listed.
    drop(folder);
    assert!(!verify(&place.0).unwrap().is_complete());
    assert!(place.read("outcomes.csv").contains("new"));
    let mut folder = Folder::create(&place.0, true).unwrap();
    folder.whole(&rows(&outcomes, "new")).unwrap();
    folder.file("pact.toml", "the scenario", b"new").unwrap();
    folder.finish(&provenance()).unwrap();
    assert_eq!(place.names(), ["datapackage.json", "outcomes.csv", "pact.toml"]);
    // A scenario that somebody has changed is not overwritten, not even by force.
    fs::write(place.0.join("pact.toml"), "mine").unwrap();
    let mut folder = Folder::create(&place.0, true).unwrap();
    let error = folder.file("pact.toml", "the scenario", b"newer").unwrap_err();
    assert!(matches!(error.problem, Problem::InTheWay), "{error}");
}

#[test]
fn work_that_goes_on_overwrites_what_comes_out_the_same() {
    let place = Place::new("same");
    let outcomes = schema("outcomes");
    let mut folder = Folder::create(&place.0, false).unwrap();
    folder.whole(&rows(&outcomes, "base")).unwrap();
    drop(folder);
    let mut folder = Folder::resume(&place.0).unwrap();
    folder.whole(&rows(&outcomes, "base")).unwrap();
    drop(folder);
    let mut folder = Folder::resume(&place.0).unwrap();
    let error = folder.whole(&rows(&outcomes, "other")).unwrap_err();
    assert!(matches!(error.problem, Problem::InTheWay), "{error}");
    drop(folder);
    assert!(place.read("outcomes.csv").contains("base"));
    assert_eq!(place.names(), ["outcomes.csv"]);
}

#[test]
fn a_single_file_is_whole_or_not_there() {
    let place = Place::new("single");
    fs::create_dir_all(&place.0).unwrap();
    let path = place.0.join("plan.json");
    write_file(&path, b"one", false).unwrap();
    assert_eq!(write_file(&path, b"two", false).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
    assert_eq!(place.read("plan.json"), "one");
    write_file(&path, b"two", true).unwrap();
    assert_eq!((place.read("plan.json").as_str(), place.names().len()), ("two", 1));
    assert!(write_file(&place.0, b"x", true).is_err());
    assert!(write_file(&place.0.join("no/such"), b"x", true).is_err());
    if Path::new("/dev/null").exists() {
        write_file(Path::new("/dev/null"), b"x", true).unwrap();
        assert!(!fs::metadata("/dev/null").unwrap().is_file(), "a device became a file");
    }
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(place.0.join("nowhere"), place.0.join("link")).unwrap();
        assert!(write_file(&place.0.join("link"), b"x", false).is_err());
        assert!(!place.0.join("nowhere").exists());
    }
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
    let tables = std::slice::from_ref(&table);
    parts.write(&head("a", 1), &notes, tables).unwrap();
    // The same part again is no harm, that of another work is not overwritten.
    parts.write(&head("a", 1), &notes, tables).unwrap();
    let error = parts.write(&head("b", 1), &notes, tables).unwrap_err();
    assert!(matches!(error.problem, Problem::InTheWay), "{error}");
    assert_eq!(place.names(), ["unit-00000001.part.bin"]);
    assert_eq!(parts.units().unwrap(), [1]);
    let Found::Whole(part) = parts.read(&head("a", 1)).unwrap() else { panic!("not whole") };
    assert_eq!(part.notes, notes);
    let read = part.tables(std::slice::from_ref(&schema)).unwrap();
    // NaN is not equal to itself.
    assert_eq!(format!("{read:?}"), format!("{:?}", [&table]));
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
    // A damaged part is replaced.
    parts.write(&head("a", 1), &notes, tables).unwrap();
    assert!(matches!(parts.read(&head("a", 1)).unwrap(), Found::Whole(_)));
    assert_eq!(parts.heads().unwrap(), [(1, Some(head("a", 1)))]);
    fs::write(place.0.join("mine"), "").unwrap();
    parts.clear(Some("b")).unwrap();
    assert_eq!(place.names(), ["mine", "unit-00000001.part.bin"]);
    parts.clear(Some("a")).unwrap();
    assert_eq!(place.names(), ["mine"]);
    fs::remove_file(place.0.join("mine")).unwrap();
    parts.clear(None).unwrap();
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
    let inner: serde_json::Value = serde_json::from_str(package.value.as_ref().unwrap()).unwrap();
    let outer: serde_json::Value = serde_json::from_str(&place.read("datapackage.json")).unwrap();
    assert_eq!(inner["resources"][0], outer["resources"][0]);
    assert_eq!(outer["resources"][1]["path"], "outcomes.parquet");
    assert!(verify(&place.0).unwrap().is_complete());
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
