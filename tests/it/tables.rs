//! What the tables of a run hold besides estimates: types, levels, options that could be chosen,
//! the panel, intervals by round, titles and units.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use detente::experiment::{RunSpec, Unwatched, run};
use detente::model::{Arm, Binary, Model, Simulation};
use detente::output::{Folder, Provenance, number};
use detente::record::Layout;
use detente::reference;
use detente::rng::Seed;
use detente::stats::{Z95, wilson};
use serde_json::Value as Json;

/// Types, a level that only a variant draws, options with conditions, flags of every sort, an end
/// by chance.
const BORDER: &str = r#"
format = 1

[scenario]
name      = "border"
title     = "A border between two"
rounds    = 6
round     = "quarter"
start     = "2030-Q3"
stop_when = "dead"

[actors]
A = { name = "first" }
B = { name = "second" }

[parameters]
nerve = { value = 0, source = "assumed" }
drift = { value = 0.3, unit = "points", source = "assumed" }

[state.open]
kind    = "flag"
title   = "The border is open"
initial = 0

[state.dead]
kind    = "flag"
initial = 0

[state.worn]
kind    = "flag"
initial = 0

[state.torn]
kind    = "flag"
initial = 0

[state.mood]
of      = "actor"
title   = "Mood"
unit    = "points"
initial = "normal(0, 0.5)"

[state.still]
initial = 3

[derived]
shut    = "not open"
heated  = "mood[A] > mood[B]"
mixture = "worn and open"

[payoffs.mood]
A = "mood[A] + chose[A, press]"
B = "mood[B] - open"

[weights]
mood = 1

[moves.press]
by      = ["A"]
toward  = "others"
when    = "nerve > 0.5 or open"
effects = ["worn += 0.3", "torn = 0"]

[moves.lift]
by      = ["B"]
when    = "not open"
effects = ["open = 1", "torn = 1"]

[dynamics]
"mood[i]" = "mood[i] + normal(0, drift)"

[events.lapse]
title       = "The border closes again"
when        = "open"
probability = 0.4
effects     = ["open = 0"]

[events.end]
probability = 0.1
effects     = ["dead = 1"]

[types.A]
bold = { prior = 0.6, set = { nerve = 1 } }
meek = { prior = 0.4, set = { nerve = 0 } }

[decision]
rule      = "logit"
precision = 2

[outcomes]
opened  = { ever = "open", title = "The border opens" }
pressed = { total = "chose[A, press]", title = "Pressure", unit = "times" }

[variants.deep]
title = "The second thinks in levels"
set   = { "decision.B.reasoning" = "poisson(1.5)" }
"#;

const RUNS: u64 = 300;

fn model() -> Model {
    let checked = detente::scenario::load(BORDER.as_bytes());
    checked.value.unwrap_or_else(|| panic!("the scenario loads: {:?}", checked.diagnostics))
}

fn spec(model: &Model, threads: usize, plain: bool) -> RunSpec<'_> {
    let arm = |variant| Arm::new(model, variant, &[]).expect("an arm");
    let arms = vec![arm(None), arm(Some("deep"))];
    let layout = Layout::of(model, &arms);
    let wanted = ["open", "mood[B]"].map(|name| {
        layout.variables.iter().position(|variable| variable == name).expect("the variable")
    });
    RunSpec {
        model,
        source: BORDER,
        arms,
        runs: RUNS,
        seed: Seed(11),
        independent: false,
        per_run: true,
        panel: Some(wanted.to_vec()),
        threads: Some(threads),
        versus: 0,
        plain,
        budget: Default::default(),
    }
}

/// The files of a run by name.
fn files(name: &str, spec: &RunSpec) -> BTreeMap<String, String> {
    let unique = format!("detente-tables-{name}-{}", std::process::id());
    let path: PathBuf = std::env::temp_dir().join(unique);
    let _ = fs::remove_dir_all(&path);
    let mut folder = Folder::create(&path, false).expect("a folder");
    run(spec, Some(&mut folder), &Unwatched).expect("a run");
    folder.finish(&Provenance::default()).expect("a package");
    let read = |path: &Path| fs::read_to_string(path).expect("text");
    let entries = fs::read_dir(&path).expect("the folder").map(|e| e.expect("an entry").path());
    let found = entries.map(|path| {
        (path.file_name().expect("a name").to_string_lossy().into_owned(), read(&path))
    });
    let found = found.collect();
    let _ = fs::remove_dir_all(&path);
    found
}

/// Rows as texts by column.
type Row = BTreeMap<String, String>;

fn rows(files: &BTreeMap<String, String>, name: &str) -> Vec<Row> {
    let mut reader = csv::Reader::from_reader(files.get(name).expect("the file").as_bytes());
    reader.deserialize().map(|row| row.expect("a row")).collect()
}

fn counted(row: &Row, column: &str) -> u64 {
    row[column].parse().unwrap_or_else(|_| panic!("{column} of {row:?}"))
}

#[test]
fn the_same_bytes_by_any_number_of_threads_and_by_the_interpreter() {
    let model = model();
    let one = files("one", &spec(&model, 1, false));
    assert!(one.contains_key("panel.csv"));
    for (threads, plain) in [(3, false), (2, true)] {
        let other = files("other", &spec(&model, threads, plain));
        for (name, text) in &one {
            assert!(other.get(name) == Some(text), "{name}: {threads} threads, plain: {plain}");
        }
    }
}

#[test]
fn outcomes_tell_types_levels_and_rounds() {
    let model = model();
    let spec = spec(&model, 2, false);
    let files = files("types", &spec);
    let header = "arm,point,run,rounds_played,type[A],level[B],opened,pressed\n";
    assert!(files["outcomes.csv"].starts_with(header), "{}", &files["outcomes.csv"][..80]);
    let mut levels = BTreeMap::new();
    for row in rows(&files, "outcomes.csv") {
        let (arm, run) = (usize::from(row["arm"] == "deep"), counted(&row, "run"));
        let told = reference::trace(&spec.games()[arm], run);
        assert_eq!(row["type[A]"], told.true_types[0].1, "{row:?}");
        assert_eq!(counted(&row, "rounds_played"), told.rounds.len() as u64, "{row:?}");
        assert_eq!(arm == 0, row["level[B]"].is_empty(), "{row:?}");
        if arm == 1 {
            *levels.entry(row["level[B]"].clone()).or_insert(0) += 1;
        }
    }
    // Poisson shares at mean 1.5: 0.223, 0.335, 0.251; 4 standard errors of 300 runs are 0.11.
    for (level, share) in [("0", 0.223), ("1", 0.335), ("2", 0.251)] {
        let found = f64::from(levels[level]) / RUNS as f64;
        assert!((found - share).abs() < 0.11, "level {level}: {found}");
    }
}

#[test]
fn the_panel_tells_every_round() {
    let model = model();
    let spec = spec(&model, 2, false);
    let files = files("panel", &spec);
    let header = "arm,point,run,round,chose[A],chose[B],open,mood[B]\n";
    assert!(files["panel.csv"].starts_with(header), "{}", &files["panel.csv"][..80]);
    let panel = rows(&files, "panel.csv");
    let mut at = panel.iter();
    for first in (0..RUNS).step_by(256) {
        for game in spec.games() {
            for run in first..RUNS.min(first + 256) {
                let told = reference::trace(&game, run);
                for round in &told.rounds {
                    let row = at.next().expect("a row for every round");
                    let key = (row["arm"].as_str(), counted(row, "run"), counted(row, "round"));
                    assert_eq!(key, (game.arm.name.as_str(), run, u64::from(round.round)));
                    for (seat, column) in round.seats.iter().zip(["chose[A]", "chose[B]"]) {
                        assert_eq!(row[column], seat.options[seat.chosen].label);
                    }
                    let cell = |name| round.cells.iter().find(|c| c.label == name).expect("it");
                    for name in ["open", "mood[B]"] {
                        assert_eq!(row[name], number(cell(name).after));
                    }
                }
            }
        }
    }
    assert!(at.next().is_none() && panel.iter().any(|row| row["chose[A]"] == "press B"));
}

#[test]
fn moves_count_where_an_option_could_be_chosen() {
    let model = model();
    let files = files("moves", &spec(&model, 2, false));
    let (panel, runs) = (rows(&files, "panel.csv"), rows(&files, "outcomes.csv"));
    let bold = |arm: &str, run: &str| {
        let row = runs.iter().find(|r| r["arm"] == arm && r["run"] == run).expect("the run");
        row["type[A]"] == "bold"
    };
    let mut partly = 0;
    for row in rows(&files, "moves.csv") {
        let round = counted(&row, "round");
        let here = |r: &&Row| r["arm"] == row["arm"] && counted(r, "round") == round;
        let was_open = |r: &Row| {
            let before = |b: &&Row| {
                let run = b["arm"] == r["arm"] && b["run"] == r["run"];
                run && counted(b, "round") + 1 == round
            };
            panel.iter().find(before).is_some_and(|b| b["open"] == "1")
        };
        let available = panel.iter().filter(here).filter(|r| match row["move"].as_str() {
            "press" => bold(&r["arm"], &r["run"]) || was_open(r),
            "lift" => !was_open(r),
            _ => true,
        });
        let available = available.count() as u64;
        assert_eq!(counted(&row, "available"), available, "{row:?}");
        let label = format!("{} {}", row["move"], row["target"]);
        let column = format!("chose[{}]", row["actor"]);
        let n = panel.iter().filter(here).count() as u64;
        let chosen = panel.iter().filter(here).filter(|r| r[&column] == label.trim());
        let chosen = chosen.count() as u64;
        assert_eq!(counted(&row, "n"), n);
        assert_eq!(row["share"], number(chosen as f64 / n as f64));
        let (lo, hi) = wilson(chosen, n, Z95);
        assert_eq!((&row["lo"], &row["hi"]), (&number(lo), &number(hi)));
        partly += usize::from(0 < available && available < n);
    }
    assert!(partly > 10, "conditions matter: {partly}");
}

#[test]
fn trajectories_have_intervals_by_kind_and_leave_constants_out() {
    let model = model();
    let files = files("trajectory", &spec(&model, 2, false));
    let trajectory = rows(&files, "trajectory.csv");
    let panel = rows(&files, "panel.csv");
    for row in trajectory.iter().filter(|r| ["open", "mood[B]"].contains(&r["variable"].as_str())) {
        let here = |r: &&Row| r["arm"] == row["arm"] && r["round"] == row["round"];
        let values: Vec<f64> =
            panel.iter().filter(here).map(|r| r[&row["variable"]].parse().unwrap()).collect();
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        let (lo, hi): (f64, f64) = (row["lo"].parse().unwrap(), row["hi"].parse().unwrap());
        if row["variable"] == "open" {
            let ones = values.iter().filter(|x| **x == 1.0).count() as u64;
            assert_eq!((lo, hi), wilson(ones, values.len() as u64, Z95));
        } else {
            let squares: f64 = values.iter().map(|x| (x - mean) * (x - mean)).sum();
            let se = (squares / (n - 1.0) / n).sqrt();
            // The quantile lies between those of 100 and of infinitely many degrees of freedom.
            let reach = (hi - lo) / 2.0 / se;
            assert!((1.9599..1.985).contains(&reach), "{row:?}: {reach}");
            assert!(((hi + lo) / 2.0 - mean).abs() < 1e-12);
        }
    }
    let package: Json = serde_json::from_str(&files["datapackage.json"]).expect("a package");
    let resource = |name: &str| {
        let all = package["resources"].as_array().expect("resources");
        all.iter().find(|r| r["name"] == name).expect("the table")
    };
    let constant = serde_json::json!([{ "name": "still", "value": 3.0 }]);
    assert_eq!(resource("trajectory")["constant"], constant);
    assert!(trajectory.iter().all(|row| row["variable"] != "still"));
    let known = serde_json::json!([
        { "name": "open", "title": "The border is open" },
        { "name": "mood[A]", "title": "Mood [A]", "unit": "points" },
        { "name": "mood[B]", "title": "Mood [B]", "unit": "points" },
        { "name": "happened[lapse]", "title": "The border closes again" },
    ]);
    assert_eq!(resource("trajectory")["variables"], known);
    let arms = serde_json::json!([{ "name": "deep", "title": "The second thinks in levels" }]);
    for table in ["outcomes", "summary", "histogram", "differences", "trajectory", "moves", "panel"]
    {
        assert_eq!(resource(table)["arms"], arms, "{table}");
    }
    assert_eq!(resource("summary")["outcomes"][1]["unit"], "times");
    let fields = resource("outcomes")["schema"]["fields"].as_array().expect("fields").clone();
    let pressed = fields.iter().find(|f| f["name"] == "pressed").expect("the column");
    assert_eq!((&pressed["title"], &pressed["unit"]), (&"Pressure".into(), &"times".into()));
}

#[test]
fn what_is_0_or_1_is_known_from_formulas() {
    let model = model();
    let arm = |variant| Arm::new(&model, variant, &[]).expect("an arm");
    let layout = Layout::of(&model, &[arm(None)]);
    let binary: Vec<&str> = layout
        .variables
        .iter()
        .zip(&layout.binary)
        .filter_map(|(name, binary)| binary.then_some(name.as_str()))
        .collect();
    // `worn` gets a fraction; `torn` gets 0 and 1 at once, which are averaged.
    let expected = ["open", "dead", "shut", "heated", "happened[lapse]", "happened[end]"];
    assert_eq!(binary, expected);
    // A start between 0 and 1 is told by the arm.
    let set = [("open".to_string(), "0.5".to_string())];
    let changes = detente::scenario::settings(&model, &set).expect("a setting");
    let half = Arm::new(&model, None, &changes).expect("an arm");
    let known = Binary::of(&model, std::slice::from_ref(&half));
    let cell = |name: &str| model.cells.find_id(|c| c.label == name).expect("the cell");
    assert!(!known.cell(cell("open")) && known.cell(cell("dead")));
    // No run gives another value to what is known to have two.
    let game = Simulation { model: &model, arm: &arm(Some("deep")), seed: Seed(3) };
    let block = reference::play(&game, &layout, 0, 200);
    for (variable, _) in layout.binary.iter().enumerate().filter(|(_, binary)| **binary) {
        for round in 0..layout.rounds {
            let values = block.variable(&layout, round, variable).iter().zip(&block.played);
            let played = values.filter(|(_, played)| **played as usize > round);
            assert!(played.clone().all(|(x, _)| *x == 0.0 || *x == 1.0), "{variable} {round}");
        }
    }
}

/// Over all scenarios: what is known to be 0 or 1 is, and flags that are not known to be are few.
#[test]
fn what_is_known_to_be_0_or_1_is_so_in_every_scenario() {
    let mut covered = 0;
    for path in crate::support::files("scenarios", ".toml") {
        let text = fs::read_to_string(&path).expect("a readable scenario");
        let Some(model) = detente::scenario::load(text.as_bytes()).value else { continue };
        let mut arm = Arm::new(&model, None, &[]).expect("an arm");
        arm.rounds = arm.rounds.min(12);
        let layout = Layout::of(&model, std::slice::from_ref(&arm));
        let plan = detente::plan::Plan::new(&model, &arm, Default::default()).expect("a plan");
        let vectors = detente::engine::Vectors::best();
        let block = detente::engine::play(&plan, vectors, Seed(2), &layout, 0, 64);
        for (variable, _) in layout.binary.iter().enumerate().filter(|(_, binary)| **binary) {
            covered += 1;
            for round in 0..layout.rounds {
                for (x, played) in
                    block.variable(&layout, round, variable).iter().zip(&block.played)
                {
                    let name = &layout.variables[variable];
                    let known = *played as usize <= round || *x == 0.0 || *x == 1.0;
                    assert!(known, "{}: {name} is {x}", path.display());
                }
            }
        }
    }
    assert!(covered > 50, "{covered}");
}

/// Runs the program with a scenario in a folder of its own; status, what it says, and the folder.
fn detente(name: &str, arguments: &[&str]) -> (bool, String, PathBuf) {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("tables-{name}"));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("a folder");
    fs::write(folder.join("border.toml"), BORDER).expect("a file");
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_detente"))
        .args(arguments)
        .current_dir(&folder)
        .output()
        .expect("the program starts");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    (output.status.success(), said, folder)
}

fn first_line(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    text.lines().next().unwrap_or_default().to_string()
}

#[test]
fn the_program_writes_panels_of_what_is_named() {
    let run = ["run", "border.toml", "--runs", "9", "--out", "out"];
    let panel = [run.as_slice(), &["--panel", "--variables", "mood, happened[end]"]].concat();
    let (done, said, folder) = detente("panel", &panel);
    assert!(done, "{said}");
    let header = "arm,point,run,round,chose[A],chose[B],mood[A],mood[B],happened[end]";
    assert_eq!(first_line(&folder.join("out/panel.csv")), header);
    let package = fs::read_to_string(folder.join("out/datapackage.json")).expect("a package");
    assert!(package.contains("--panel --variables 'mood, happened[end]'"), "{package}");
    for (more, reason) in [
        (vec!["--panel", "--variables", "mod"], "`border` has no variable `mod`; did you mean"),
        (vec!["--variables", "mood"], "--panel"),
    ] {
        let (done, said, folder) = detente("refused", &[run.as_slice(), &more].concat());
        assert!(!done && said.contains(reason), "{said}");
        assert!(!folder.join("out/outcomes.csv").exists());
    }
    let (done, _, folder) = detente("without", &run);
    assert!(done && !folder.join("out/panel.csv").exists());
}

#[test]
fn sweeps_tell_the_levels_that_some_point_draws() {
    let sweep = ["sweep", "border.toml", "--runs", "4", "--per-run", "--out", "out"];
    let vary = ["--vary", "decision.A.reasoning=1,poisson(2)", "--vary", "drift=0:1:2"];
    let (done, said, folder) = detente("sweep", &[sweep.as_slice(), &vary].concat());
    assert!(done, "{said}");
    let header = "arm,point,run,rounds_played,type[A],level[A],opened,pressed";
    assert_eq!(first_line(&folder.join("out/outcomes.csv")), header);
    let text = |name| fs::read_to_string(folder.join("out").join(name)).expect("a file");
    let mut files = BTreeMap::from([("outcomes.csv".to_string(), text("outcomes.csv"))]);
    files.insert("points.csv".to_string(), text("points.csv"));
    let points = rows(&files, "points.csv");
    for row in rows(&files, "outcomes.csv") {
        let point = points.iter().find(|p| p["point"] == row["point"]).expect("the point");
        let drawn = point["decision.A.reasoning"].starts_with("poisson");
        assert_eq!(drawn, !row["level[A]"].is_empty(), "{row:?}");
        assert!(["bold", "meek"].contains(&row["type[A]"].as_str()));
    }
}

#[test]
fn rounds_have_their_dates_beside_them() {
    let model = model();
    let files = files("dates", &spec(&model, 1, false));
    let quarters =
        ["2030-07-01", "2030-10-01", "2031-01-01", "2031-04-01", "2031-07-01", "2031-10-01"];
    for name in ["trajectory.csv", "moves.csv", "panel.csv"] {
        let mut table = csv::Reader::from_reader(files[name].as_bytes());
        let header = table.headers().expect("a header").clone();
        let column = |name| header.iter().position(|h| h == name).expect("the column");
        let (round, date) = (column("round"), column("date"));
        assert_eq!(date, round + 1, "{name}");
        let mut seen = std::collections::BTreeSet::new();
        for row in table.records().map(|row| row.expect("a row")) {
            let number: usize = row[round].parse().expect("a round");
            assert_eq!(&row[date], quarters[number - 1], "{name}");
            seen.insert(number);
        }
        assert_eq!(seen.len(), 6, "{name}");
    }
}
