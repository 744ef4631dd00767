//! Nothing is lost and nothing false said of a folder, whoever else writes into it.

use std::fs;
use std::path::Path;
use std::process::{Child, Command};
use std::time::Duration;

use serde_json::Value;

use super::{command, files, folder, refuses, said, same, scenario, works};

/// A sweep of a moment.
const SHORT: [&str; 6] = ["sweep", "swept.toml", "--vary", "gain=0:1:300", "--runs", "100"];
const PLAN: [&str; 8] =
    ["plan", "swept.toml", "--vary", "gain=0:1:300", "--runs", "100", "--shards", "1"];
/// A run that nobody waits for.
const ENDLESS: [&str; 5] = ["run", "swept.toml", "--runs", "900000000", "--no-per-run"];

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn write(path: &Path, text: &str) {
    fs::write(path, text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
}

fn json(folder: &Path, status: i32, of: &str) -> Value {
    let (found, text) = said(folder, &["verify", of, "--format", "json"]);
    assert_eq!(found, Some(status), "{text}");
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// Starts the program and waits until it has begun a file, or parts, in the folder.
fn playing(here: &Path, arguments: &[&str], out: &str) -> Child {
    let mut child =
        command(here, &[arguments, &["--out", out]].concat()).spawn().expect("it starts");
    let begun = || {
        let names = |folder: &Path| -> Vec<String> {
            let entries = fs::read_dir(folder).into_iter().flatten().flatten();
            entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
        };
        // Several: the first is the trial whether the folder can be written to.
        let tables = names(&here.join(out)).iter().filter(|n| n.ends_with(".detente")).count();
        let parts = names(&here.join(out).join("parts"));
        tables > 2 || parts.iter().any(|name| name.starts_with("unit-"))
    };
    while !begun() {
        assert!(child.try_wait().expect("a status").is_none(), "it ended before it began");
        std::thread::sleep(Duration::from_millis(5));
    }
    child
}

fn signal(child: &Child, name: &str) {
    let status = Command::new("kill").args([name, &child.id().to_string()]).status();
    assert!(status.is_ok_and(|status| status.success()));
}

#[test]
fn a_folder_has_one_command_at_a_time() {
    let here = folder("alone");
    let name = scenario(&here);
    let mut first = playing(&here, &ENDLESS, "x");
    let again = ["run", name, "--runs", "10", "--out", "x"];
    for more in [&[][..], &["--force"]] {
        let words = ["another command (process", "writes into `x`"];
        refuses(&here, &[&again[..], more].concat(), 2, &words);
    }
    for other in [&SHORT[..], &["claims", "pyongyang-pact"], &["meta", "pyongyang-pact"]] {
        refuses(&here, &[other, &["--out", "x"]].concat(), 2, &["another command"]);
    }
    // What a killed process leaves locks nobody out.
    first.kill().expect("it can be killed");
    first.wait().expect("it ends");
    assert!(!files(&here.join("x")).is_empty(), "a killed process takes nothing with it");
    works(&here, &again);
    works(&here, &["run", name, "--runs", "10", "--out", "y"]);
    same(&here.join("x"), &here.join("y"));
    // Of two sweeps one plays, and the other says so at once.
    let long = ["sweep", name, "--uncertain", "--points", "4096", "--runs", "200"];
    let mut sweep = playing(&here, &[&long[..], &["--threads", "1"]].concat(), "z");
    refuses(&here, &[&long[..], &["--out", "z"]].concat(), 2, &["another command"]);
    sweep.kill().expect("it can be killed");
    sweep.wait().expect("it ends");
}

#[test]
fn signals_have_exit_codes_of_their_own() {
    let here = folder("signals");
    scenario(&here);
    let long = ["sweep", "swept.toml", "--uncertain", "--points", "100000", "--runs", "1000"];
    for (number, (name, status)) in [("-INT", 130), ("-TERM", 143)].into_iter().enumerate() {
        for (what, arguments) in [("run", &ENDLESS[..]), ("sweep", &long[..])] {
            let out = format!("{what}-{number}");
            let child = playing(&here, arguments, &out);
            signal(&child, name);
            let output = child.wait_with_output().expect("it ends");
            let text = String::from_utf8_lossy(&output.stderr).into_owned();
            assert_eq!(output.status.code(), Some(status), "{what} {name}: {text}");
            assert!(text.contains("stopped after"), "{text}");
        }
    }
    // A run that was stopped is complete in what it says.
    works(&here, &["verify", "run-0"]);
    let help = works(&here, &["--help"]);
    assert!(help.contains("130 after Ctrl-C") && help.contains("143 after SIGTERM"), "{help}");
}

#[cfg(unix)]
#[test]
fn files_of_others_and_what_links_lead_to_stay() {
    use std::os::unix::fs::symlink;
    let here = folder("others");
    let name = scenario(&here);
    write(&here.join("precious"), "precious");
    fs::create_dir_all(here.join("x")).expect("it can be made");
    symlink("../precious", here.join("x/outcomes.csv.part")).expect("a link");
    write(&here.join("x/summary.csv.part"), "mine");
    write(&here.join("x/writable.part"), "mine");
    let run = ["run", name, "--runs", "10", "--out", "x"];
    works(&here, &run);
    // A link in the place of a result is a result that is replaced, not what it leads to.
    fs::remove_file(here.join("x/outcomes.csv")).expect("it is there");
    symlink("../precious", here.join("x/outcomes.csv")).expect("a link");
    refuses(&here, &run, 2, &["--force"]);
    works(&here, &[&run[..], &["--force"]].concat());
    assert_eq!(read(&here.join("precious")), "precious");
    assert!(read(&here.join("x/outcomes.csv")).starts_with("arm,"));
    for file in ["summary.csv.part", "writable.part"] {
        assert_eq!(read(&here.join("x").join(file)), "mine");
    }
    // A folder in the place of a result is found before anything is played.
    fs::remove_file(here.join("x/moves.csv")).expect("it is there");
    fs::create_dir(here.join("x/moves.csv")).expect("it can be made");
    refuses(&here, &[&run[..], &["--force"]].concat(), 2, &["moves.csv` is in the way"]);
    // A link that leads nowhere is taken all the same.
    fs::create_dir_all(here.join("y")).expect("it can be made");
    symlink("nowhere", here.join("y/swept.toml")).expect("a link");
    refuses(&here, &["run", name, "--runs", "10", "--out", "y"], 2, &["swept.toml` exists"]);
}

#[test]
fn a_scenario_beside_its_results_is_safe() {
    let here = folder("beside");
    let name = scenario(&here);
    let before = read(&here.join(name));
    works(&here, &["run", name, "--runs", "10", "--out", "."]);
    works(&here, &["verify", "."]);
    // Results of another scenario take those of the first, and leave its text.
    works(&here, &["run", "stag-hunt", "--runs", "10", "--out", ".", "--force"]);
    assert_eq!(read(&here.join(name)), before);
    works(&here, &["verify", "."]);
    // Another scenario of the same name does not overwrite it, not even by force.
    fs::create_dir(here.join("other")).expect("it can be made");
    write(&here.join("other/swept.toml"), &before.replace("rounds = 3", "rounds = 4"));
    write(&here.join(name), &before.replace("rounds = 3", "rounds = 5"));
    let run = ["run", "other/swept.toml", "--runs", "10", "--out", ".", "--force"];
    refuses(&here, &run, 2, &["swept.toml` is in the way"]);
    assert!(read(&here.join(name)).contains("rounds = 5"));
}

#[test]
fn finished_shards_are_taken_over_or_left_alone() {
    let here = folder("taken-over");
    scenario(&here);
    works(&here, &[&SHORT[..], &["--out", "whole"]].concat());
    works(&here, &[&PLAN[..], &["-o", "p.json"]].concat());
    works(&here, &[&PLAN[..], &["--seed", "3", "-o", "q.json"]].concat());
    for (plan, out) in [("p.json", "x"), ("q.json", "y")] {
        works(&here, &["shard", plan, "--index", "0", "--out", out]);
    }
    // The same sweep goes on from them, and has nothing left to play.
    let text = works(&here, &[&SHORT[..], &["--out", "x"]].concat());
    assert!(text.contains("going on: 30000 of 30000 runs are there"), "{text}");
    same(&here.join("whole"), &here.join("x"));
    // Another does not touch them, before it has played anything.
    let kept = files(&here.join("y/parts"));
    let sweep = [&SHORT[..], &["--out", "y"]].concat();
    refuses(&here, &sweep, 2, &["is not of this sweep", "--force"]);
    assert!(kept == files(&here.join("y/parts")), "parts were changed");
    assert!(!here.join("y/sweep.json").exists());
    // Nor does it if it was begun before they came.
    fs::create_dir(here.join("z")).expect("it can be made");
    fs::copy(here.join("whole/sweep.json"), here.join("z/sweep.json")).expect("a copy");
    works(&here, &["shard", "q.json", "--index", "0", "--out", "z"]);
    let sweep = [&SHORT[..], &["--out", "z"]].concat();
    refuses(&here, &sweep, 2, &["of another sweep", "move them away"]);
    assert!(kept == files(&here.join("z/parts")), "parts were changed");
    works(&here, &[&sweep[..], &["--force"]].concat());
    same(&here.join("whole"), &here.join("z"));
}

#[cfg(unix)]
#[test]
fn parts_behind_a_link_are_not_removed() {
    let here = folder("linked");
    scenario(&here);
    fs::create_dir_all(here.join("elsewhere")).expect("it can be made");
    write(&here.join("elsewhere/unit-00000000.part.bin"), "somebody's");
    fs::create_dir_all(here.join("x")).expect("it can be made");
    std::os::unix::fs::symlink("../elsewhere", here.join("x/parts")).expect("a link");
    let sweep = [&SHORT[..], &["--out", "x"]].concat();
    for more in [&[][..], &["--force"]] {
        refuses(&here, &[&sweep[..], more].concat(), 2, &["parts` is a link"]);
    }
    assert_eq!(read(&here.join("elsewhere/unit-00000000.part.bin")), "somebody's");
}

#[test]
fn complete_is_proven() {
    let here = folder("proven");
    let name = scenario(&here);
    let sweep = [&SHORT[..], &["--out", "x"]].concat();
    works(&here, &sweep);
    let found = json(&here, 0, "x");
    assert_eq!(found["complete"], true);
    let paths: Vec<&str> =
        found["files"].as_array().expect("files").iter().flat_map(|f| f["path"].as_str()).collect();
    let wanted = ["points.csv", "summary.csv", "failures.csv", "sweep.json", "swept.toml"];
    assert_eq!(paths, ["points.csv", "summary.csv", "failures.csv", "swept.toml", "sweep.json"]);
    assert!(works(&here, &sweep).contains("the results in x are complete"));
    for file in wanted {
        let path = here.join("x").join(file);
        let whole = fs::read(&path).expect("a file");
        let mut turned = whole.clone();
        turned[whole.len() / 2] ^= 1;
        // A sweep.json that cannot be read, or is of another sweep, is said to be that.
        let words: &[&str] =
            if file == "sweep.json" { &[] } else { &["are not as they were written", file] };
        for (bytes, state) in [(Some(&turned[..]), "changed"), (Some(&whole[1..]), "size")] {
            fs::write(&path, bytes.unwrap_or_default()).expect("it can be written");
            let found = json(&here, 1, "x");
            let flawed = found["files"].as_array().expect("files").iter();
            let flawed: Vec<&Value> = flawed.filter(|f| f["state"] != "whole").collect();
            assert!(flawed.len() == 1 && flawed[0]["path"] == file, "{flawed:?}");
            assert_eq!(flawed[0]["state"], state);
            refuses(&here, &sweep, 2, words);
        }
        fs::remove_file(&path).expect("it is there");
        refuses(&here, &["verify", "x"], 1, &["not complete", file, "is missing"]);
        if file != "sweep.json" {
            refuses(&here, &sweep, 2, &[file, "is missing", "--force"]);
        }
        fs::write(&path, whole).expect("it can be written");
    }
    works(&here, &["verify", "x"]);
    // Some parts and the results of another command do not make a sweep.
    works(&here, &[&PLAN[..7], &["300", "-o", "p.json"]].concat());
    fs::create_dir(here.join("y")).expect("it can be made");
    fs::copy(here.join("x/sweep.json"), here.join("y/sweep.json")).expect("a copy");
    let run = ["run", name, "--runs", "10", "--out", "y"];
    refuses(&here, &run, 2, &["sweep.json` exists"]);
    works(&here, &[&run[..], &["--force"]].concat());
    let sweep = [&SHORT[..], &["--out", "y"]].concat();
    refuses(&here, &sweep, 2, &["results of another command beside this sweep"]);
}

#[test]
fn parts_are_verified() {
    let here = folder("parts");
    scenario(&here);
    works(&here, &[&PLAN[..7], &["4", "-o", "p.json"]].concat());
    let shard = |index: &str| works(&here, &["shard", "p.json", "--index", index, "--out", "x"]);
    ["0", "1", "2"].iter().for_each(|index| drop(shard(index)));
    let found = json(&here, 1, "x");
    let (units, some) = (&found["parts"][0]["units"], &found["parts"][0]["found"]);
    assert!(some.as_u64() < units.as_u64() && some.as_u64() > Some(0), "{found}");
    shard("3");
    let text = works(&here, &["verify", "x"]);
    assert!(text.contains("x: complete") && text.contains("parts of sweep"), "{text}");
    let part = here.join("x/parts/unit-00000000.part.bin");
    let mut bytes = fs::read(&part).expect("a part");
    *bytes.last_mut().expect("a byte") ^= 1;
    fs::write(&part, bytes).expect("it can be written");
    refuses(&here, &["verify", "x"], 1, &["unit 0 is not as it was written"]);
}

#[test]
fn hostile_packages_are_answered() {
    let here = folder("hostile");
    write(&here.join("secret"), "secret");
    let x = here.join("x");
    fs::create_dir(&x).expect("it can be made");
    let listing = |resource: &str| {
        format!("{{\"detente\": {{\"scenario\": \"s\"}}, \"resources\": [{resource}]}}")
    };
    let hash = "blake3:".to_string() + &"0".repeat(64);
    let one = |path: &str| {
        format!("{{\"name\": \"a\", \"path\": \"{path}\", \"bytes\": 6, \"hash\": \"{hash}\"}}")
    };
    let package = x.join("datapackage.json");
    refuses(&here, &["verify", "x"], 1, &["there is no datapackage.json"]);
    for (text, words) in [
        (String::new(), "no package of results"),
        ("\u{0}".repeat(64), "no package of results"),
        ("[".repeat(1 << 20), "no package of results"),
        ("{}".to_string(), "detente did not make it"),
        (listing(""), "it lists no files"),
        (listing("{}"), "is not a file of this folder"),
        (listing("7"), "is not a file of this folder"),
        (listing(&one("../secret")), "is not a file of this folder"),
        (listing(&one("/dev/zero")), "is not a file of this folder"),
        (listing(&one("..")), "is not a file of this folder"),
        (listing(&one("")), "is not a file of this folder"),
        (listing(&one("none")), "none is missing"),
        (listing(&one("folder")), "folder is no regular file"),
        (listing(&one("zero")), "zero is no regular file"),
        (listing("{\"path\": \"plain\"}"), "without size and hash"),
        (listing(&one("plain")), "plain has changed"),
        (listing(&one("long")), "long has 7 bytes instead of 6"),
    ] {
        write(&package, &text);
        fs::create_dir_all(x.join("folder")).expect("it can be made");
        write(&x.join("plain"), "secret");
        write(&x.join("long"), "secrets");
        #[cfg(unix)]
        let _ = std::os::unix::fs::symlink("/dev/zero", x.join("zero"));
        if cfg!(unix) || !text.contains("zero") {
            refuses(&here, &["verify", "x"], 1, &["not complete", words]);
            refuses(&here, &["claims", "--from", "x"], 2, &["error: "]);
        }
    }
    fs::remove_file(&package).expect("it is there");
    fs::create_dir(&package).expect("it can be made");
    refuses(&here, &["verify", "x"], 1, &["datapackage.json is no regular file"]);
    refuses(&here, &["verify", "nowhere"], 2, &["cannot read `nowhere`"]);
    refuses(&here, &["verify", "secret"], 2, &["is not a folder"]);
}

#[test]
fn verdicts_are_shown_of_unchanged_files_only() {
    let here = folder("verdicts");
    let claims = ["claims", "pyongyang-pact", "--runs", "64", "--claims", "pact_deters"];
    let known = works(&here, &["describe", "pyongyang-pact", "--format", "json"]);
    let known: Value = serde_json::from_str(&known).expect("it is JSON");
    let name = known["claims"][0]["name"].as_str().expect("a claim").to_string();
    let claims = [&claims[..5], &[name.as_str(), "--out", "x"]].concat();
    works(&here, &claims);
    let found = json(&here, 0, "x");
    assert_eq!(found["files"][1]["path"], "pyongyang-pact.toml");
    works(&here, &["claims", "--from", "x"]);
    let table = here.join("x/claims.csv");
    let text = read(&table);
    let turned =
        text.replace(",supported,", ",contradicted,").replace(",inconclusive,", ",supported,");
    write(&table, &turned);
    refuses(&here, &["claims", "--from", "x"], 2, &["claims.csv"]);
    write(&table, &text);
    works(&here, &["claims", "--from", "x"]);
}

#[test]
fn a_list_of_points_is_kept_and_repeats_the_sweep() {
    let here = folder("list");
    let name = scenario(&here);
    write(&here.join("mine.csv"), "gain,cost\n1.0,0.5\n0.5,0.25\n");
    works(&here, &["sweep", name, "--design", "mine.csv", "--runs", "10", "--out", "x"]);
    fs::remove_file(here.join("mine.csv")).expect("it is there");
    let package: Value =
        serde_json::from_str(&read(&here.join("x/datapackage.json"))).expect("it is JSON");
    let words = package["detente"]["command"].as_str().expect("a text");
    let words: Vec<&str> = words.split(' ').skip(1).chain(["--out", "../y"]).collect();
    works(&here.join("x"), &words);
    same(&here.join("x"), &here.join("y"));
    assert_eq!(read(&here.join("y/list.csv")), "gain,cost\n1.0,0.5\n0.5,0.25\n");
}

/// A part of what `scripts/faults.py` makes, and that the document has its table.
#[cfg(unix)]
#[test]
fn faults_leave_what_the_document_says() {
    if !Command::new("python3").arg("--version").output().is_ok_and(|o| o.status.success()) {
        eprintln!("skipped: there is no python3");
        return;
    }
    let script = crate::support::root().join("scripts/faults.py");
    let output = Command::new("python3")
        .arg(script)
        .args(["--quick", "--only", "run,sweep,shard,plan", "--program"])
        .arg(env!("CARGO_BIN_EXE_detente"))
        .output()
        .expect("the script starts");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{}{}", text(&output.stdout), text(&output.stderr));
    let document = read(&crate::support::root().join("docs/faults.md"));
    let table = text(&output.stdout);
    let rows: Vec<&str> = table.lines().collect();
    assert_eq!(rows.len(), 6, "{table}");
    for row in rows.iter().filter(|row| !row.contains("skipped: ")) {
        assert!(document.contains(row), "docs/faults.md does not say: {row}");
    }
}

/// What the specification of data packages asks, read from its text.
#[test]
fn packages_follow_the_specification() {
    let here = folder("specification");
    let name = scenario(&here);
    works(&here, &["run", name, "--runs", "10", "--out", "x"]);
    works(&here, &["run", name, "--runs", "10", "--all-variants", "--out", "x", "--force"]);
    let package: Value =
        serde_json::from_str(&read(&here.join("x/datapackage.json"))).expect("it is JSON");
    assert_eq!(package["profile"], "data-package");
    let plain = |text: &str| {
        !text.is_empty()
            && text.chars().all(|c| matches!(c, 'a'..='z' | '0'..='9' | '-' | '.' | '_' | '/'))
    };
    assert!(plain(package["name"].as_str().expect("a name")));
    let resources = package["resources"].as_array().expect("resources");
    let mut names: Vec<&str> = resources.iter().flat_map(|r| r["name"].as_str()).collect();
    assert!(names.len() == resources.len() && names.iter().all(|name| plain(name)), "{names:?}");
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), resources.len());
    for resource in resources {
        let path = resource["path"].as_str().expect("a path");
        let bytes = fs::metadata(here.join("x").join(path)).expect("a file").len();
        assert_eq!(resource["bytes"].as_u64(), Some(bytes));
        let hash = resource["hash"].as_str().expect("a hash");
        let (method, digits) = hash.split_once(':').expect("method and digits");
        assert!(method == "blake3" && digits.chars().all(|c| c.is_ascii_hexdigit()));
        assert!(resource["mediatype"].as_str().is_some_and(|kind| kind.contains('/')));
        let table = resource["profile"] == "tabular-data-resource";
        assert_eq!(table, path.ends_with(".csv"));
        assert_eq!(table, resource["schema"]["fields"].is_array());
    }
    let text = resources.iter().find(|r| r["path"] == "swept.toml").expect("the scenario");
    assert_eq!(text["hash"], package["detente"]["scenario_hash"]);
}
