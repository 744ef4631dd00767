//! Files that a scenario names: what they change, and what they cannot do.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use detente::experiment::Manifest;
use detente::output::text_hash;
use detente::{Run, Scenario, Trace};

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
        "--shards",
        "1",
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

/// What the only actor expects of `hold` in each of three rounds, looking two rounds ahead.
fn foreseen(rows: &str, missing: &str) -> Vec<f64> {
    let text = format!(
        r#"format = 1

[scenario]
name   = "well"
rounds = 3
round  = "month"
start  = "2024-11"

[actors]
A = "Ana"

[series.oil]
file    = "oil.csv"
source  = "assumed"
missing = "{missing}"

[payoffs.gain]
A = "oil"

[weights]
gain = 1

[decision]
precision = 1
foresight = 2

[outcomes]
sold = {{ total = "oil" }}
"#
    );
    let scenario = Scenario::parse_with(&text, &[("oil.csv", rows)]).expect("it is sound");
    let told = scenario.trace(&Trace::new(0)).expect("a run");
    told.rounds.iter().map(|round| round.seats[0].options[0].utility).collect()
}

#[test]
fn a_series_is_foreseen_as_worked_by_hand() {
    let all = "round,value\n1,1\n2,2\n3,4\n";
    assert_eq!(foreseen(all, "error"), [3.0, 6.0, 4.0]);
    let gap = "date,value\n2024-11,1\n2025-01-31,4\n";
    assert_eq!(foreseen(gap, "hold"), [2.0, 5.0, 4.0]);
    assert_eq!(foreseen(gap, "interpolate"), [3.5, 6.5, 4.0]);
    // a date before the start counts for what follows, rows after the end do no harm
    let wide = "date,value,note\n2024-09,0,before\n2025-01,4,\n2026-01,9,after\n";
    assert_eq!(foreseen(wide, "interpolate"), [5.0, 7.0, 4.0]);
}

/// Two traders; what stands in capitals is put in.
const MARKET: &str = r#"format = 1

[scenario]
name   = "market"
rounds = 4

[actors]
A = "Ana"
B = "Ben"

SECTIONS_HERE
[state.stock]
of      = "actor"
range   = [0, 9]
initial = "uniform(1, 3)"

[derived]
"worth[i]"    = "stock[i] * PRICE_HERE"
"trust[i, j]" = "PACT_HERE + 0.1 * worth[j]"

[payoffs.wealth]
A = "worth[A] * trust[A, B] + chose[B, sell]"
B = "worth[B] + trust[B, A] * happened[fire]"

[weights]
wealth = 1

[moves.sell]
by      = "actors"
when    = "stock[self] > 0.5"
effects = ["stock[self] -= 0.5 * worth[self] + uniform(0, 0.1)"]

[dynamics]
"stock[i]" = "stock[i] + 0.2 * worth[i]"

[events.fire]
probability = "clamp(0.1 + 0.2 * worth[A], 0, 1)"
effects     = ["stock[B] = 0.7"]

[decision]
precision    = 2
reasoning    = 2
foresight    = FORESIGHT_HERE
anticipation = "ANTICIPATION_HERE"

[outcomes]
ana = { final = "stock[A]" }
ben = { total = "stock[B]" }
"#;

/// A scenario with series, or with the same numbers in formulas that ask for the round.
fn market(series: bool, anticipation: &str, foresight: u32) -> Scenario {
    let (sections, price, pact) = match series {
        true => (
            "[series.price]\nof = \"actor\"\nfile = \"price.csv\"\nsource = \"assumed\"\n\
             [series.pact]\nof = \"directed dyad\"\nfile = \"pact.csv\"\nsource = \"assumed\"\n\
             missing = \"interpolate\"\n",
            "price[i]",
            "pact[i, j]",
        ),
        false => (
            "",
            "if(i == A, if(round <= 1, 0.5, if(round <= 2, 0.8, if(round <= 3, 0.1, 1.7))), 0.3)",
            "if(i == A, 0.25 + (1 - 0.25) * ((round - 1) / 3), 1)",
        ),
    };
    let text = MARKET
        .replace("SECTIONS_HERE", sections)
        .replace("PRICE_HERE", price)
        .replace("PACT_HERE", pact)
        .replace("FORESIGHT_HERE", &foresight.to_string())
        .replace("ANTICIPATION_HERE", anticipation);
    let price =
        "round,i,value\n1,A,0.5\n2,A,0.8\n3,A,0.1\n4,A,1.7\n1,B,0.3\n2,B,0.3\n3,B,0.3\n4,B,0.3\n";
    let pact = "round,i,j,value\n1,A,B,0.25\n4,A,B,1\n1,B,A,1\n4,B,A,1\n";
    let files: &[(&str, &str)] = match series {
        true => &[("price.csv", price), ("pact.csv", pact)],
        false => &[],
    };
    Scenario::parse_with(&text, files).expect("it is sound")
}

#[test]
fn engine_and_interpreter_read_series_alike_and_as_formulas_of_the_round() {
    for (anticipation, foresight) in [("mean", 1), ("mean", 3), ("exact", 1), ("exact", 2)] {
        let bits = |series: bool, plain: bool| {
            let request = Run::new(if plain { 24 } else { 200 }).seed(3).threads(1);
            let request = if plain { request.plain() } else { request };
            let scenario = market(series, anticipation, foresight);
            let runs = scenario.run(&request).expect("it is played");
            let tables = runs.tables().expect("tables");
            tables
                .iter()
                .map(|t| format!("{:?}", t.columns().collect::<Vec<_>>()))
                .collect::<String>()
        };
        let case = format!("{anticipation} {foresight}");
        assert_eq!(bits(true, false), bits(false, false), "{case}");
        assert_eq!(bits(true, true), bits(false, true), "{case}");
        let request = Run::new(24).seed(3).threads(1);
        let scenario = market(true, anticipation, foresight);
        let end = |request: &Run| {
            let runs = scenario.run(request).expect("it is played");
            ["ana", "ben"].map(|name| runs.outcome(name).expect("the outcome").mean.to_bits())
        };
        assert_eq!(end(&request), end(&request.clone().plain()), "{case}");
    }
}

const PEOPLE: &str = r#"format = 1

[actors]
A = "Ana"
B = "Ben"

[sources]
atlas = "Atlas"
other = "Not cited here"
"#;
const MOOD: &str = r#"format = 1

[parameters]
gift = { value = 0.2, range = [0, 1], source = "atlas" }
zest = { value = 3, range = [0, 9], source = "atlas" }

[state.mood]
of = "actor"
initial = "gift"

[dynamics]
"mood[i]" = "0.5 * mood[i] + normal(0, 0.1)"
"#;
const PLAY: &str = r#"[payoffs.mood]
A = "mood[A]"
B = "zest * mood[B]"

[weights]
mood = 1

[moves.cheer]
by = "actors"
effects = ["mood[self] += gift"]

[decision]
precision = 2

[outcomes]
end = { final = "mood[A] + mood[B]" }
"#;
const ABOUT: &str = "[scenario]\nname = \"tale\"\nrounds = 3\n\n";

fn tale(include: &str, own: &str, files: &[(&str, &str)]) -> Result<Scenario, String> {
    let text = format!("format = 1\n{include}\n{ABOUT}{own}{PLAY}");
    Scenario::parse_with(&text, files).map_err(|wrong| wrong.to_string())
}

#[test]
fn included_tables_stand_as_if_they_were_written_first() {
    let part = |text: &str| text.replace("format = 1\n", "");
    let whole = tale("", &(part(PEOPLE) + &part(MOOD)), &[]).expect("it is sound");
    let include = "include = [\"people.toml\", \"mood.toml\"]";
    let files = [("people.toml", PEOPLE), ("mood.toml", MOOD)];
    let parts = tale(include, "", &files).expect("it is sound");
    assert_eq!(mean(&parts), mean(&whole));
    let names: Vec<&str> = parts.files().iter().map(|file| file.name.as_str()).collect();
    assert_eq!(names, ["people.toml", "mood.toml"]);
    // what another scenario may need is not called unread here
    assert!(parts.warnings().is_empty(), "{:?}", parts.warnings());
    assert_eq!(whole.warnings().len(), 1);
    let page = |scenario: &Scenario| {
        let found = scenario.describe().expect("a description");
        let text = detente::render::describe::text(&found);
        let lines = text.lines().filter(|line| !line.trim().is_empty());
        lines.filter(|line| !line.contains("It reads")).map(str::to_string).collect::<Vec<_>>()
    };
    assert_eq!(page(&parts), page(&whole));
    let richer = MOOD.replace("0.2", "0.3");
    let other = tale(include, "", &[files[0], ("mood.toml", &richer)]).expect("it is sound");
    assert_ne!(other.hash(), parts.hash());
}

#[test]
fn a_later_definition_replaces_an_earlier_one_where_it_says_so() {
    let include = "include = [\"people.toml\", \"mood.toml\"]";
    let files = [("people.toml", PEOPLE), ("mood.toml", MOOD)];
    let gift = "value = 0.4, range = [0, 1], source = \"assumed\"";
    let own = |replace: &str| format!("[parameters]\ngift = {{ {gift}{replace} }}\n\n");
    let replaced = tale(include, &own(", replace = true"), &files).expect("it is sound");
    let labels: Vec<&str> =
        replaced.model().parameter_cells.iter().map(|cell| cell.label.as_str()).collect();
    assert_eq!(labels, ["gift", "zest"], "it stands where the first stood");
    let value = replaced.model().parameter_cells[0].value.decided();
    assert_eq!(value, Some(0.4));
    let twice = tale(include, &own(""), &files).expect_err("it is defined twice");
    assert!(twice.contains("error[E0010]: `gift` is defined twice"), "{twice}");
    assert!(twice.contains("first defined here") && twice.contains("mood.toml:4"), "{twice}");
    let nothing = own(", replace = true").replace("gift", "gitf");
    let wrong = tale(include, &nothing, &files).expect_err("there is nothing to replace");
    assert!(wrong.contains("there is no `gitf` before it to be replaced"), "{wrong}");
}

fn name(path: &Path) -> String {
    path.file_name().expect("a name").to_string_lossy().into_owned()
}
