//! `detente solve` as its users meet it.

use std::fs;

use serde_json::Value;

use super::{detente, expect, folder};

fn json(folder: &std::path::Path, arguments: &[&str]) -> Value {
    let all: Vec<&str> = [&["solve"], arguments, &["--format", "json"]].concat();
    let found = detente(folder, &all);
    assert_eq!(found.status, Some(0), "{arguments:?}: {}", found.err);
    serde_json::from_str(&found.out).expect("one JSON object")
}

fn number(value: &Value) -> f64 {
    value.as_f64().expect("a number")
}

#[test]
fn textbook_games_are_inside_the_program() {
    let folder = folder("solve-textbook");
    let found = json(&folder, &["chicken.nfg"]);
    assert_eq!(found["concept"], "nash");
    assert_eq!(found["method"], "vertex-enumeration");
    assert_eq!(found["stop"], "complete");
    assert!(number(&found["seconds"]) >= 0.0);
    assert_eq!(found["game"]["players"][0]["strategies"][1], "dare");
    assert_eq!(found["equilibria"].as_array().map(Vec::len), Some(3));
    for equilibrium in found["equilibria"].as_array().into_iter().flatten() {
        assert!(number(&equilibrium["regret"]) <= 1e-9);
        assert_eq!(equilibrium["payoffs"].as_array().map(Vec::len), Some(2));
        assert_eq!(equilibrium["profile"][0].as_array().map(Vec::len), Some(2));
    }
    let found = json(&folder, &["prisoners-dilemma.nfg", "--concept", "strict-dominance"]);
    assert_eq!(found["survivors"], serde_json::json!([[1], [1]]));
    let pure = json(&folder, &["volunteers-dilemma.nfg", "--concept", "pure"]);
    assert_eq!(pure["equilibria"].as_array().map(Vec::len), Some(3));
    let all = json(&folder, &["volunteers-dilemma.nfg"]);
    assert_eq!(
        (&all["stop"], all["equilibria"].as_array().map(Vec::len)),
        (&"complete".into(), Some(7))
    );
}

/// Aumann (1974): welfare of 10.5 with a device, at most 9 without.
#[test]
fn a_mediator_helps_in_chicken() {
    let folder = folder("solve-correlated");
    let found = json(&folder, &["chicken.nfg", "--concept", "correlated"]);
    assert!((number(&found["value"]) - 10.5).abs() < 1e-8);
    assert!(number(&found["residual"]) <= 1e-9);
    assert_eq!(found["distribution"].as_array().map(Vec::len), Some(4));
    let row = json(&folder, &["chicken.nfg", "--concept", "correlated", "--maximise", "Row"]);
    assert!((number(&row["value"]) - 7.0).abs() < 1e-8);
    expect(
        &folder,
        &["solve", "chicken.nfg", "--concept", "correlated", "--maximise", "Rwo"],
        2,
        &[],
        &["the game has no player `Rwo`", "did you mean `Row`?"],
    );
}

#[test]
fn other_concepts_answer_with_their_certificates() {
    let folder = folder("solve-concepts");
    let game = "matching-pennies-asymmetric.nfg";
    let found = json(&folder, &[game, "--concept", "qre", "--precision", "0.05,0"]);
    assert_eq!(found["points"].as_array().map(Vec::len), Some(2));
    assert!(number(&found["points"][0]["residual"]) < 1e-9);
    assert_eq!(found["points"][1]["profile"], serde_json::json!([[0.5, 0.5], [0.5, 0.5]]));
    let fit = json(&folder, &[game, "--concept", "qre", "--fit", "96,4;16,84"]);
    assert!(number(&fit["fit"]["lower"]) < number(&fit["fit"]["precision"]));
    let found = json(&folder, &["chicken.nfg", "--concept", "alpharank", "--alpha", "0.1"]);
    let sum: f64 = found["distribution"].as_array().into_iter().flatten().map(number).sum();
    assert!((sum - 1.0).abs() < 1e-12);
    for concept in ["regret-matching", "fictitious-play"] {
        let found = json(&folder, &["prisoners-dilemma.nfg", "--concept", concept]);
        assert!(number(&found["gap"]) <= 1e-4, "{concept}");
        assert_eq!(found["stop"], "converged", "{concept}");
    }
    let found = json(&folder, &["stag-hunt.nfg", "--concept", "replicator"]);
    assert!((number(&found["state"]["profile"][0][1]) - 1.0).abs() < 1e-6);
    let weak = json(&folder, &["chicken.nfg", "--concept", "weak-dominance"]);
    assert_eq!(weak["survivors"], serde_json::json!([[0, 1], [0, 1]]));
    let missing = ["solve", game, "--concept", "qre"];
    expect(&folder, &missing, 2, &[], &["say at which precisions with --precision"]);
    let foreign = ["solve", game, "--concept", "qre", "--method", "lemke-howson"];
    expect(&folder, &foreign, 2, &[], &["`lemke-howson` is no method for `qre`"]);
}

#[test]
fn a_round_of_a_scenario_is_a_game_and_can_be_written() {
    let folder = folder("solve-stage");
    let stage = ["chicken", "--round", "1", "--write", "round.nfg"];
    let found = json(&folder, &stage);
    let profile = &found["equilibria"][1]["profile"];
    // The mixed equilibrium of the scenario's header: each swerves with probability 0.8.
    assert!((number(&profile[0][0]) - 0.8).abs() < 1e-9, "{found}");
    let read = json(&folder, &["round.nfg"]);
    assert_eq!(read["equilibria"], found["equilibria"]);
    assert_eq!(read["game"], found["game"]);
    let again: Vec<&str> = [&["solve"], &stage[..]].concat();
    expect(&folder, &again, 2, &[], &["`round.nfg` exists; choose another name or use --force"]);
    let forced: Vec<&str> = [&again[..], &["--force"]].concat();
    expect(&folder, &forced, 0, &["3 equilibria"], &[]);
}

#[test]
fn a_scenario_without_a_last_round_is_solved_as_a_whole() {
    let folder = folder("solve-markov");
    let markov = ["security-dilemma", "--concept", "markov"];
    let found = json(&folder, &markov);
    assert_eq!((&found["concept"], &found["arm"]), (&"markov".into(), &"base".into()));
    let states = found["states"].as_array().expect("states");
    assert_eq!(states.len(), 2, "{found}");
    // the root of the equation in the scenario's header
    let arms = |state: &Value| number(&state["mixes"][0]["options"]["arm"]);
    assert!((arms(&states[0]) - 0.228_539_567).abs() < 1e-9, "{found}");
    assert!((arms(&states[1]) - 0.929_787_126).abs() < 1e-9, "{found}");
    let worth = |state: &Value| number(&state["values"]["A"]);
    assert!((worth(&states[1]) - worth(&states[0]) + 1.712_711_190).abs() < 1e-8, "{found}");
    // tension follows calm with 0.1 + 0.6 * 0.2285, and tension with 0.3 + 0.6 * 0.9298
    let (starts, lasts) = (0.1 + 0.6 * arms(&states[0]), 0.3 + 0.6 * arms(&states[1]));
    let tense = starts / (1.0 - lasts + starts);
    assert!((number(&states[1]["share"]) - tense).abs() < 1e-9, "{found}");
    assert!(number(&found["residual"]) <= 1e-10 && number(&found["drift"]) <= 1e-12, "{found}");
    let text: Vec<&str> = [&["solve"], &markov[..]].concat();
    let shown = ["2 states", "one equilibrium, found from 0", "A (main): arm 0.9298, hold 0.0702"];
    expect(&folder, &text, 0, &shown, &[]);
    let patient = [&text[..], &["--variant", "tense", "--set", "patience=0"]].concat();
    expect(&folder, &patient, 0, &["security-dilemma, tense", "arm 0.3543"], &[]);
    let refused = |arguments: &[&str], status: i32, text: &str| {
        let all: Vec<&str> = [&["solve", "--concept", "markov"], arguments].concat();
        expect(&folder, &all, status, &[], &[text]);
    };
    refused(&["security-dilemma", "--round", "1"], 2, "--round is for games; `markov`");
    refused(&["security-dilemma", "--steps", "5"], 2, "--steps is for --concept regret-matching");
    refused(&["security-dilemma", "--variant", "calm"], 2, "has no variant `calm`");
    refused(&["security-dilemma", "--set", "patience=1"], 1, "a discount below 1");
    refused(&["chicken"], 2, "nobody in `chicken` looks ahead without end");
    refused(&["chicken", "--set", "decision.foresight=stationary"], 1, "E0029");
    refused(&["chicken.nfg"], 2, "`markov` is about the states of a scenario");
    refused(&["chicken", "--method", "logit"], 2, "--method is for games");
}

#[test]
fn a_given_profile_is_checked() {
    let folder = folder("solve-check");
    let found = json(&folder, &["chicken.nfg", "--check", "1,1;1,1"]);
    assert_eq!((&found["method"], &found["stop"]), (&"check".into(), &"complete".into()));
    let gain = number(&found["checked"]["gain"]);
    // yield earns (6 + 2) / 2 = 4, dare 7 / 2, both alike 3.75
    let share: f64 = 0.25 / 7.0;
    let regret = number(&found["checked"]["regret"]);
    assert!(gain == 0.25 && (share..=share.next_up()).contains(&regret), "{found}");
    let told = ["the profile", "1. regret at most 0.036", "a gain of at most 0.25"];
    expect(&folder, &["solve", "chicken.nfg", "--check", "1,1;1,1"], 0, &told, &[]);
    let bad = ["solve", "chicken.nfg", "--check", "1,1"];
    expect(&folder, &bad, 2, &[], &["--check has numbers for 2 strategies, the players have 2, 2"]);
    let none = ["solve", "chicken.nfg", "--check", "0,0;1,0"];
    expect(&folder, &none, 2, &[], &["--check needs a number above 0 for each player"]);
}

#[test]
fn what_is_no_round_is_refused() {
    let folder = folder("solve-refused");
    let refused = |arguments: &[&str], text: &str| {
        let all: Vec<&str> = [&["solve"], arguments].concat();
        expect(&folder, &all, 2, &[], &[text]);
    };
    refused(&["chicken"], "say which round with --round");
    refused(&["chicken", "--round", "2"], "`chicken` has 1 rounds, not 2");
    refused(&["chicken", "--round", "1", "--actors", "RWO"], "did you mean `ROW`?");
    refused(&["chicken", "--round", "1", "--actors", "ROW,ROW"], "`ROW` is named twice");
    refused(&["chicken", "--round", "1", "--variant", "x"], "has no variant `x`");
    // The name that the option had before.
    refused(&["chicken", "--round", "1", "--arm", "x"], "has no variant `x`");
    refused(&["chicken", "--round", "1", "--at", "3"], "write run:R");
    refused(&["chicken.nfg", "--round", "1"], "a game file has no rounds");
    refused(&["pyongyang-pact", "--round", "1"], "name fewer players with --actors");
    refused(&["nothing.nfg"], "there is no file `nothing.nfg`");
    refused(&["chickn.nfg"], "did you mean `chicken.nfg`?");
    refused(&["chicken.nfg", "--precision", "1"], "--precision is for --concept qre");
    refused(&["chicken.nfg", "--steps", "5"], "--steps is for --concept regret-matching and");
}

/// The numbers are those of `tests/published/elmira.json`.
#[test]
fn states_of_a_scenario_are_stable_or_not() {
    let folder = folder("solve-stability");
    let stability = ["elmira", "--concept", "stability"];
    let found = json(&folder, &stability);
    assert_eq!(found["graph"]["players"], serde_json::json!(["MOE", "UNI", "LOC"]));
    assert_eq!(found["graph"]["states"][4]["moves"], serde_json::json!([[6], [7, 9], [1]]));
    assert_eq!(found["stability"][0][2]["gmr"], true);
    assert_eq!(found["stability"][0][2]["seq"], false);
    assert_eq!(found["equilibria"]["nash"], serde_json::json!([5, 8, 9]));
    assert_eq!(found["equilibria"]["smr"], serde_json::json!([1, 4, 5, 8, 9]));
    let told = [
        "elmira: MOE, UNI, LOC (9 states)",
        "    1  R GMR SMR SEQ  R GMR SMR SEQ  GMR SMR        GMR SMR        at the start",
        "   R    5, 8, 9",
    ];
    expect(&folder, &[&["solve"], &stability[..]].concat(), 0, &told, &[]);
    let set = ["--set", "modified=1", "--set", "rank[UNI,4]=1"];
    let found = json(&folder, &[&stability[..], &set].concat());
    assert_eq!(found["graph"]["states"].as_array().map(Vec::len), Some(5));
}

#[test]
fn what_is_no_graph_model_is_refused() {
    let folder = folder("solve-no-graph");
    let refused = |arguments: &[&str], status: i32, text: &[&str]| {
        let all: Vec<&str> = [&["solve"], arguments, &["--concept", "stability"]].concat();
        expect(&folder, &all, status, &[], text);
    };
    let told = ["E0017", "`chose` cannot stand in a graph model", "let the move set a state"];
    refused(&["chicken"], 1, &told);
    refused(&["richardson-arms-race"], 2, &["nobody has a move"]);
    refused(&["chicken.nfg"], 2, &["a game file has none"]);
    refused(&["elmira", "--round", "1"], 2, &["--round is for games"]);
    refused(&["elmira", "--at", "run:1"], 2, &["--at is for games"]);
    refused(&["elmira", "--precision", "1"], 2, &["`stability` does not read it"]);
    refused(&["elmira", "--method", "logit"], 2, &["`logit` is no method for `stability`"]);
    refused(&["elmira", "--time-limit", "0"], 2, &["the time was over"]);
    refused(&["elmira", "--variant", "x"], 2, &["has no variant `x`"]);
    expect(&folder, &["solve", "elmira", "--set", "modified=1"], 2, &[], &["with --round"]);
}

#[test]
fn a_broken_game_file_is_shown_at_its_place() {
    let folder = folder("solve-broken");
    let text = "NFG 1 R \"g\" { \"a\" \"b\" } { 2 2 }\n1 2 3 NaN 5 6 7 8\n";
    fs::write(folder.join("bad.nfg"), text).expect("the file can be written");
    let shown =
        ["`NaN` is not a number", "bad.nfg:2:7", "1 2 3 NaN 5 6 7 8", "help: write it like"];
    expect(&folder, &["solve", "bad.nfg"], 1, &[], &shown);
    let text = "NFG 1 R \"g\" { \"a\" \"b\" \"c\" } { 1000 1000 1000 }\n1 2 3\n";
    fs::write(folder.join("huge.nfg"), text).expect("the file can be written");
    expect(&folder, &["solve", "huge.nfg"], 1, &[], &["3000000000 payoffs are too many"]);
    fs::write(folder.join("bytes.nfg"), [0xff, 0xfe, 0x00, 0x7b]).expect("it can be written");
    expect(&folder, &["solve", "bytes.nfg"], 1, &[], &["`NFG` is expected here"]);
}

#[test]
fn the_time_is_kept() {
    let folder = folder("solve-time");
    let found = json(&folder, &["shapley-cycle.nfg", "--time-limit", "0"]);
    assert_eq!(found["stop"], "time-limit");
    let bad = ["solve", "chicken.nfg", "--time-limit=-1"];
    expect(&folder, &bad, 2, &[], &["--time-limit"]);
}
