//! Files of points, and settings that contradict each other: what is played is what was meant.

use std::fs;
use std::path::Path;

use super::{folder, refuses, said, scenario, works};

/// Writes a file of points and asks for a sweep of them; the status and what is said.
fn sweep(here: &Path, text: &[u8]) -> (Option<i32>, String) {
    fs::write(here.join("list.csv"), text).expect("the file can be written");
    let out = here.join("x");
    let _ = fs::remove_dir_all(&out);
    said(here, &["sweep", "swept.toml", "--design", "list.csv", "--runs", "4", "--out", "x"])
}

fn refused(here: &Path, text: &str, words: &[&str]) {
    let (status, told) = sweep(here, text.as_bytes());
    assert_eq!(status, Some(1), "{text:?}: {told}");
    for word in words {
        assert!(told.contains(word), "{text:?}: no `{word}` in {told}");
    }
    assert!(!here.join("x").exists(), "{text:?}: something was begun");
}

#[test]
fn a_cell_that_is_no_number_is_shown_at_its_place() {
    let here = folder("cells");
    scenario(&here);
    refused(&here, "gain,cost\n1,0.5\n2024-01-03,0.5\n", &["`2024-01-03`", "list.csv:3:1", "date"]);
    refused(&here, "gain,cost\n1,0.5\n1,01/03/2024\n", &["list.csv:3:3", "looks like a date"]);
    refused(&here, "gain,cost\n1,2 * 3\n", &["`2 * 3` is not a number", "list.csv:2:3"]);
    refused(&here, "gain,cost\n1,abc\n", &["`abc` is not a number", "list.csv:2:3"]);
    refused(&here, "gain,cost\n1,\"0,5\"\n", &["list.csv:2:3", "write a point"]);
    for word in ["NaN", "NA", "inf", "1e999", "1_000", "0x10", "5%"] {
        let text = format!("cost,gain\n0.5,1\n0.5,{word}\n");
        refused(&here, &text, &[&format!("`{word}` is not a number"), "list.csv:3:5"]);
    }
    refused(&here, "decision.precision\n1\n-1\n", &["at least 0", "list.csv:3:1"]);
    refused(&here, "decision.precision\n1\n3 - 1\n", &["is not a number", "list.csv:3:1"]);
    refused(&here, "decision.reasoning\n1\n2.5\n", &["whole number", "list.csv:3:1"]);
    refused(&here, "variant\ndear\ndare\n", &["no variant `dare`", "list.csv:3:1", "dear"]);
    refused(&here, "types.A.truth,gain\nkind,1\nknid,1\n", &["knid", "list.csv:3:1"]);
    // Every cell is looked at, not the first thousand alone.
    let many: String = (0..3000).map(|k| format!("{}\n", 1 + k % 7)).collect();
    refused(&here, &format!("decision.reasoning\n{many}21\n1\n"), &["list.csv:3002:1"]);
}

#[test]
fn a_file_that_is_no_table_of_points_is_refused() {
    let here = folder("tables");
    scenario(&here);
    refused(&here, "gain;cost\n1;0,5\n", &["semicolons", "list.csv:1:1"]);
    refused(&here, "gain\tcost\n1\t0.5\n", &["tabs"]);
    refused(&here, "gain,cost\n1,0.5\n1,0.5,2\n1\n", &["3 cells", "list.csv:3:1", "list.csv:4:1"]);
    refused(&here, "gain,cost\n1,\n,0.5\n", &["`cost` has no value", "list.csv:3:1"]);
    refused(&here, "gain,gain\n1,1\n", &["is there twice", "list.csv:1:6"]);
    refused(&here, ",gain\n0,1\n", &["no name", "row.names = FALSE"]);
    refused(&here, "stock[A,gain\n0,1\n", &["quotes"]);
    refused(&here, "gain\n", &["no points"]);
    refused(&here, "", &["no points"]);
    refused(&here, "point,gain\n1,1\n1,2\n", &["point 1 stands here twice", "list.csv:3:1"]);
    for id in ["-1", "1.5", "x", "9007199254740992"] {
        refused(&here, &format!("point,gain\n{id},1\n"), &["not the number of a point"]);
    }
    let wide: Vec<u8> = "\u{feff}gain\n1\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let (status, told) = sweep(&here, &wide);
    assert!(status == Some(1) && told.contains("UTF-16"), "{told}");
    let (status, told) = sweep(&here, b"gain\n\xff\n");
    assert!(status == Some(1) && told.contains("UTF-8"), "{told}");
    let endless = ["sweep", "swept.toml", "--design", "/dev/zero", "--out", "x"];
    if cfg!(unix) {
        refuses(&here, &endless, 2, &["no regular file"]);
    }
}

#[test]
fn files_of_other_programs_are_read() {
    let here = folder("others");
    scenario(&here);
    let plain = "point,gain,cost\n5,1,0.5\n2,1.25,0.001\n";
    assert_eq!(sweep(&here, plain.as_bytes()).0, Some(0));
    let table = |name: &str| fs::read_to_string(here.join("x").join(name)).expect("a table");
    let expected = (table("points.csv"), table("summary.csv"));
    assert_eq!(expected.0, plain);
    let spreadsheet = "\u{feff}\"point\",\"gain\",\"cost\"\r\n5,1.0,5e-1\r\n\r\n2,+1.25,.001\r\n";
    assert_eq!(sweep(&here, spreadsheet.as_bytes()).0, Some(0));
    assert_eq!((table("points.csv"), table("summary.csv")), expected);
    // What the program wrote is a file of points, too.
    assert_eq!(sweep(&here, expected.0.as_bytes()).0, Some(0));
    assert_eq!(table("summary.csv"), expected.1);
}

#[test]
fn points_keep_their_numbers_in_all_tables() {
    let here = folder("numbers");
    let name = scenario(&here);
    // At the first point every run fails, since its prior is none.
    let text = "point,faith,gain\n40,1.5,1\n7,0.5,1\n1000000,0.5,0.5\n";
    fs::write(here.join("list.csv"), text).expect("the file can be written");
    let more = ["--variant", "dear", "--per-run", "--independent"];
    let all = |design: &str, out: &str| {
        let words = ["sweep", name, "--design", design, "--runs", "20", "--out", out];
        said(&here, &[&words[..], &more[..]].concat())
    };
    let (status, told) = all("list.csv", "x");
    assert!(status == Some(1) && told.contains("(faith=0.5, gain=1)"), "{told}");
    let rows = |out: &str, table: &str| -> Vec<String> {
        let text = fs::read_to_string(here.join(out).join(table)).expect("a table");
        text.lines().skip(1).map(str::to_string).collect()
    };
    let ids = |table: &str| {
        let mut all: Vec<String> = Vec::new();
        for row in rows("x", table) {
            all.push(row.split(',').nth(1).unwrap_or_default().to_string());
        }
        all.dedup();
        all
    };
    assert_eq!(ids("summary.csv"), ["40", "7", "1000000"]);
    assert_eq!(ids("differences.csv"), ["40", "7", "1000000"]);
    assert_eq!(ids("outcomes.csv"), ["40", "7", "1000000"]);
    assert_eq!(ids("failures.csv"), ["40"]);
    // A row alone gives what it gave among others: its random numbers follow its number.
    fs::write(here.join("one.csv"), "point,faith,gain\n1000000,0.5,0.5\n").expect("written");
    assert_eq!(all("one.csv", "y").0, Some(0));
    let last: Vec<String> =
        rows("x", "outcomes.csv").into_iter().filter(|row| row.contains(",1000000,")).collect();
    assert_eq!(rows("y", "outcomes.csv"), last);
    // The first rows of a file, and the command that says so.
    let some =
        ["sweep", name, "--design", "list.csv", "--points", "2", "--runs", "4", "--out", "z"];
    let _ = said(&here, &some);
    assert_eq!(rows("z", "points.csv"), ["40,1.5,1", "7,0.5,1"]);
    let package = fs::read_to_string(here.join("z/datapackage.json")).expect("a package");
    assert!(package.contains("--design list.csv --points 2"), "{package}");
}

#[test]
fn settings_that_contradict_each_other_are_refused() {
    let here = folder("contradictions");
    let name = scenario(&here);
    let run = |sets: &[&str], status: i32, words: &[&str]| {
        let sets = sets.iter().flat_map(|set| ["--set", set]);
        let all: Vec<&str> = ["run", name, "--runs", "3"].into_iter().chain(sets).collect();
        refuses(&here, &all, status, words);
    };
    run(&["gain=0.6", "gain=0.9"], 1, &["E0026", "`gain` is set twice"]);
    run(&["stock[A]=1", "stock[ A ]=2"], 1, &["set the same cell"]);
    run(&["decision.precision=1", "decision.precision=2"], 1, &["is set twice"]);
    run(&["types.A.truth=kind", "types.A.truth=keen"], 1, &["is set twice"]);
    // As in a variant the more specific key wins.
    run(&["stock=1", "stock[A]=2"], 0, &[]);
    run(&["decision.A.precision=1", "decision.precision=2"], 0, &[]);
    let sweep = |words: &[&str], told: &[&str]| {
        let all = [&["sweep", name, "--runs", "3", "--out", "x"], words].concat();
        refuses(&here, &all, 1, told);
    };
    sweep(&["--vary", "gain=1,2", "--vary", "gain=3,4"], &["varies twice"]);
    sweep(&["--vary", "stock[A]=1,2", "--vary", "stock[ A ]=3,4"], &["vary the same number"]);
    sweep(&["--vary", "gain=1,2", "--set", "gain=3"], &["also set to one value"]);
    sweep(
        &["--vary", "decision.precision=1,2", "--set", "decision.precision=3"],
        &["also set to one value"],
    );
    run(&["stock=0/0"], 1, &["E0037"]);
    run(&["gain=0/0"], 1, &["E0037"]);
}

#[test]
fn what_types_set_cannot_vary() {
    let here = folder("types");
    scenario(&here);
    let text = fs::read_to_string(here.join("swept.toml")).expect("the scenario");
    let both = text.replace(
        "prior = { default = \"faith\" }",
        "prior = { default = \"faith\" }\n\
                             set = { gain = \"3 * edge\" }",
    );
    assert_ne!(text, both);
    fs::write(here.join("swept.toml"), &both).expect("written");
    let vary = ["sweep", "swept.toml", "--runs", "3", "--out", "x", "--vary"];
    let words = ["varies without effect", "every type of A sets it"];
    refuses(&here, &[&vary[..], &["gain=1,2"]].concat(), 1, &words);
    fs::write(here.join("list.csv"), "gain\n1\n").expect("written");
    let list = ["sweep", "swept.toml", "--design", "list.csv", "--out", "x"];
    refuses(&here, &list, 1, &words);
    works(&here, &[&vary[..], &["edge=0.1,0.2"]].concat());
    let named = "\n[experiments.idle]\nvary = [\"gain = 0.5:2:3\"]\n";
    fs::write(here.join("swept.toml"), format!("{both}{named}")).expect("written");
    refuses(&here, &["check", "swept.toml"], 1, &["in the experiment `idle`", words[0]]);
}

#[test]
fn formulas_are_held_to_declared_ranges() {
    let here = folder("ranges");
    let name = scenario(&here);
    let told = |words: &[&str]| works(&here, &[&["run", name, "--runs", "3"], words].concat());
    assert!(told(&["--set", "gain=2 * 3"]).contains("`gain` is set to 6; the file declares 0.5"));
    let note = "`cost` is set to 1.5; the file declares 0 to 1";
    assert!(told(&["--set", "cost=faith * 3"]).contains(note));
    assert!(!told(&["--set", "cost=faith"]).contains("declares"));
    let vary = ["sweep", name, "--runs", "3", "--out", "x", "--vary", "cost=0.5, faith * 3"];
    assert!(works(&here, &vary).contains(note));
}
