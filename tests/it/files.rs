//! Files that a scenario names: what they change, and what they cannot do.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use detente::experiment::Manifest;
use detente::output::text_hash;
use detente::{Run, Scenario};

const WEALTH: &str = "i,value,lo,hi,source\nA,1.5,1,2,atlas\nB,2.5,,,\n";
const TIES: &str = "i,j,value\nA,B,0.25\nB,A,0.75\n";

/// A scenario that reads two files, or the same numbers in its own text.
fn text(files: bool) -> String {
    let (wealth, ties) = match files {
        true => ("{ file = \"wealth.csv\" }", "{ file = \"ties.csv\" }"),
        false => ("{ A = 1.5, B = 2.5 }", "{ \"A,B\" = 0.25, \"B,A\" = 0.75 }"),
    };
    format!(
        r#"format = 1

[scenario]
name   = "border"
rounds = 3

[sources]
atlas = "Atlas"

[actors]
A = "Ana"
B = "Ben"

[parameters]
wealth = {{ of = "actor", value = {wealth}, range = [0, 9], source = "assumed" }}
ties   = {{ of = "directed dyad", value = {ties}, range = [0, 1], source = "atlas" }}

[state.mood]
of      = "actor"
initial = "normal(wealth[i], 0.1)"

[payoffs.mood]
A = "mood[A] * ties[A, B]"
B = "mood[B] * ties[B, A]"

[weights]
mood = 1

[moves.cheer]
by      = "actors"
effects = ["mood[self] += 0.1 * wealth[self]"]

[decision]
precision = 2

[outcomes]
end = {{ final = "mood[A] + mood[B]" }}
"#
    )
}

fn with(wealth: &str) -> Scenario {
    let files = [("wealth.csv", wealth), ("ties.csv", TIES)];
    Scenario::parse_with(&text(true), &files).expect("the scenario is sound")
}

fn mean(scenario: &Scenario) -> u64 {
    let runs = scenario.run(&Run::new(200).seed(7).threads(1)).expect("it is played");
    runs.outcome("end").expect("the outcome").mean.to_bits()
}

/// A folder of its own that goes with the test.
struct Place(PathBuf);

impl Place {
    fn new(name: &str) -> Place {
        let path =
            std::env::temp_dir().join(format!("detente-files-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).expect("a folder");
        Place(path)
    }

    /// The same with the scenario and its files.
    fn filled(name: &str) -> Place {
        let place = Place::new(name);
        place.write("border.toml", &text(true));
        place.write("wealth.csv", WEALTH);
        place.write("ties.csv", TIES);
        place
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.0.join(name), text).expect("the file can be written");
    }

    fn detente(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_detente"));
        command.current_dir(&self.0).args(arguments).output().expect("the program starts")
    }

    fn fine(&self, arguments: &[&str]) -> String {
        let output = self.detente(arguments);
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{arguments:?}: {told}");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    fn refused(&self, arguments: &[&str], words: &str) {
        let output = self.detente(arguments);
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && told.contains(words), "{arguments:?}: {told}");
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn a_file_says_what_a_table_says() {
    let plain = mean(&Scenario::parse(&text(false)).expect("the scenario is sound"));
    assert_eq!(mean(&with(WEALTH)), plain);
    let windows = format!("\u{feff}{}", WEALTH.replace('\n', "\r\n"));
    assert_eq!(mean(&with(&windows)), plain);
    assert_eq!(mean(&with("value,note,actor\n2.5,\"a, b\",B\n 1.5 ,,A")), plain);
    assert_ne!(mean(&with("i,value\nA,1.25\nB,2.5\n")), plain);
}

#[test]
fn cells_have_ranges_and_sources_of_their_own() {
    let scenario = with(WEALTH);
    let model = scenario.model();
    let said = |label: &str| {
        let cell = model.parameter_cells.iter().find(|c| c.label == label).expect("the cell");
        (cell.uncertainty.map(|own| own.support()), cell.source.as_str())
    };
    assert_eq!(said("wealth[A]"), (Some((1.0, 2.0)), "atlas"));
    assert_eq!(said("wealth[B]"), (Some((0.0, 9.0)), "assumed"));
    let place = Place::filled("ranges");
    place.fine(&["sweep", "border.toml", "--uncertain", "--points", "64", "--out", "out"]);
    let points = fs::read_to_string(place.0.join("out/points.csv")).expect("points");
    let mut table = csv::Reader::from_reader(points.as_bytes());
    let header = table.headers().expect("a header").clone();
    let column = header.iter().position(|name| name == "wealth[A]").expect("the column");
    let drawn = table.records().map(|row| row.expect("a row")[column].parse::<f64>());
    assert!(drawn.into_iter().all(|x| (1.0..=2.0).contains(&x.expect("a number"))));
}

#[test]
fn the_hash_covers_the_files_and_stays_where_there_are_none() {
    let plain = Scenario::parse(&text(false)).expect("the scenario is sound");
    assert_eq!(plain.hash(), text_hash(plain.text()));
    let (one, other) = (with(WEALTH), with(&WEALTH.replace("1.5", "1.25")));
    assert_eq!(one.text(), other.text());
    assert_ne!(one.hash(), other.hash());
    assert_ne!(one.hash(), text_hash(one.text()));
    let hex = |text: &str| text_hash(text).replace("blake3:", "");
    let list =
        format!("{}\n{}  wealth.csv\n{}  ties.csv\n", hex(one.text()), hex(WEALTH), hex(TIES));
    assert_eq!(one.hash(), text_hash(&list));
}

#[test]
fn plans_carry_the_files() {
    let place = Place::filled("plan");
    place.fine(&[
        "plan",
        "border.toml",
        "--vary",
        "wealth[A] = 1:2:3",
        "--runs",
        "20",
        "--out",
        "plan.json",
    ]);
    fs::remove_file(place.0.join("wealth.csv")).expect("the file can go");
    place.fine(&["shard", "plan.json", "--index", "0", "--out", "parts"]);
    let text = fs::read_to_string(place.0.join("plan.json")).expect("the plan");
    let manifest = Manifest::parse(&text).expect("a manifest");
    assert_eq!(manifest.files.len(), 2);
    assert_eq!(manifest.scenario_hash(), with(WEALTH).hash());
    let changed = Manifest { files: Vec::new(), ..manifest.clone() };
    assert_ne!(changed.id(), manifest.id());
    assert!(changed.load().checked.value.is_none());
}

#[test]
fn results_can_be_made_again_from_their_folder() {
    let place = Place::filled("again");
    let run = ["run", "border.toml", "--runs", "50", "--out", "out"];
    place.fine(&run);
    place.fine(&["verify", "out"]);
    let again = ["run", "out/border.toml", "--runs", "50", "--out", "second"];
    place.fine(&again);
    let all = |folder: &str| {
        let entries = fs::read_dir(place.0.join(folder)).expect("the folder");
        let mut all: Vec<(String, Vec<u8>)> = entries
            .map(|entry| entry.expect("an entry").path())
            .filter(|path| path.is_file() && !path.ends_with(".detente.lock"))
            .map(|path| (name(&path), fs::read(&path).expect("the file")))
            .collect();
        all.sort();
        all
    };
    let (one, other) = (all("out"), all("second"));
    let names: Vec<&str> = one.iter().map(|(name, _)| name.as_str()).collect();
    assert!(names.contains(&"wealth.csv") && names.contains(&"border.toml"), "{names:?}");
    assert_eq!(one, other);
}

#[test]
fn results_never_replace_a_file_that_may_be_the_only_copy() {
    let place = Place::filled("copy");
    place.fine(&["run", "border.toml", "--runs", "10", "--out", "out"]);
    // somebody's own table under the same name
    fs::create_dir_all(place.0.join("other")).expect("a folder");
    place.write("other/wealth.csv", "mine");
    let into = ["run", "border.toml", "--runs", "10", "--force", "--out", "other"];
    place.refused(&into, "wealth.csv");
    assert_eq!(fs::read(place.0.join("other/wealth.csv")).ok().as_deref(), Some(&b"mine"[..]));
    // results beside the scenario itself, then without the files
    place.fine(&["run", "border.toml", "--runs", "10", "--force", "--out", "."]);
    place.write("border.toml", &text(false));
    place.detente(&["run", "border.toml", "--runs", "10", "--force", "--out", "."]);
    assert!(place.0.join("wealth.csv").exists());
}

#[test]
fn a_text_without_a_folder_has_no_files() {
    let wrong = Scenario::parse(&text(true)).expect_err("no files were given").to_string();
    assert!(wrong.contains("error[E0042]") && wrong.contains("wealth.csv"), "{wrong}");
    assert!(detente::scenario::load(text(true).as_bytes()).value.is_none());
}

#[test]
fn links_and_large_files_are_refused() {
    let place = Place::filled("links");
    place.write("wealth.csv", &"A,1\n".repeat(5 << 20));
    place.refused(&["check", "border.toml"], "larger than");
    fs::remove_file(place.0.join("wealth.csv")).expect("the file can go");
    fs::create_dir_all(place.0.join("wealth.csv")).expect("a folder");
    place.refused(&["check", "border.toml"], "it is a folder");
    fs::remove_dir(place.0.join("wealth.csv")).expect("the folder can go");
    #[cfg(unix)]
    {
        let outside = Place::new("outside");
        outside.write("wealth.csv", WEALTH);
        let link = place.0.join("wealth.csv");
        std::os::unix::fs::symlink(outside.0.join("wealth.csv"), &link).expect("a link");
        place.refused(&["check", "border.toml"], "leads out of the folder");
        fs::remove_file(&link).expect("the link can go");
        place.write("real.csv", WEALTH);
        std::os::unix::fs::symlink("real.csv", &link).expect("a link");
        place.fine(&["check", "border.toml"]);
    }
}

#[test]
fn files_are_named_where_a_scenario_is_described() {
    let place = Place::filled("named");
    let told = place.fine(&["check", "border.toml"]);
    assert!(told.contains("2 files (wealth.csv, ties.csv)"), "{told}");
    let told = place.fine(&["describe", "border.toml"]);
    assert!(told.contains("It reads `wealth.csv`, `ties.csv`."), "{told}");
    place.write("wealth.csv", "i,value\nA,1\nB,x\n");
    place.refused(&["check", "border.toml"], "wealth.csv:3:3");
    let json = place.detente(&["check", "border.toml", "--message-format", "json"]);
    let json = String::from_utf8_lossy(&json.stdout).into_owned();
    assert!(json.contains("\"file\":\"wealth.csv\",\"line\":3,\"column\":3"), "{json}");
}

fn name(path: &Path) -> String {
    path.file_name().expect("a name").to_string_lossy().into_owned()
}
