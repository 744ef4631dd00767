//! `detente explore`: what its page is told, and who is not told anything.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::time::Duration;

use detente::catalog;
use detente::explore::{AS_LOADED, Ask, Edit, Explorer, Frame, Listener, NOW, Pick, Pin, Save};
use detente::{Claims, Run};
use serde_json::{Value, json};

use crate::support::root;

const SCENARIO: &str = "tests/explore/guarantee.toml";

fn explorer() -> Explorer {
    let found = catalog::read(&root().join(SCENARIO)).expect("it can be read");
    Explorer::new(found).expect("it is sound").threads(2).tiers([64, 128, 256])
}

fn ask(value: Value) -> Ask {
    serde_json::from_value(value).expect("it is what a page asks")
}

/// Keeps so many frames, then wants no more.
struct Few(usize, Mutex<Vec<Frame>>);

impl Listener for Few {
    fn frame(&self, frame: Frame) {
        self.1.lock().expect("nobody panicked").push(frame);
    }

    fn stop(&self) -> bool {
        self.1.lock().expect("nobody panicked").len() >= self.0
    }
}

/// The first frames of a replay, as a page gets them.
fn frames(explorer: &Explorer, ask: &Ask, most: usize) -> Vec<Value> {
    let few = Few(most, Mutex::default());
    explorer.replay(ask, &few).expect("it is played");
    let frames = few.1.into_inner().expect("nobody panicked");
    frames.iter().map(|frame| json!(frame)).collect()
}

/// Mean and difference of every outcome of an arm.
fn numbers(arm: &Value) -> Vec<(String, f64, Option<f64>)> {
    let lines = arm["lines"].as_array().expect("a list");
    let one = |line: &Value| {
        let found = &line["estimates"];
        let name = line["name"].as_str().expect("a name").to_string();
        (name, found["mean"].as_f64().expect("a number"), found["difference"]["mean"].as_f64())
    };
    lines.iter().map(one).collect()
}

#[test]
fn a_frame_has_the_numbers_of_run_and_claims() {
    let explorer = explorer();
    let asked = ask(json!({
        "set": [["pledge", "0.2"]],
        "variants": ["no_guarantee"],
        "pins": [{ "name": "pin 1", "set": [["war", "3"]] }],
    }));
    let found = frames(&explorer, &asked, 6);
    let kinds: Vec<&str> = found.iter().map(|f| f["frame"].as_str().expect("a kind")).collect();
    assert_eq!(kinds, [["outcomes"; 3], ["claims"; 3]].concat());
    let runs: Vec<u64> = found.iter().map(|f| f["runs"].as_u64().expect("a number")).collect();
    assert_eq!(runs, [64, 128, 256, 64, 128, 256]);
    let page = &found[2]["page"];
    let names: Vec<&Value> =
        page["arms"].as_array().expect("arms").iter().map(|a| &a["name"]).collect();
    assert_eq!(names, [NOW, "no_guarantee", AS_LOADED, "pin 1"]);
    assert_eq!(page["versus"], AS_LOADED);
    let scenario = explorer.scenario();
    let mean = |run: Run, arm: &str, outcome: &str| {
        let runs = scenario.run(&run).expect("it is played");
        runs.arm(arm).expect("it is there").outcome(outcome).expect("it is there").mean
    };
    let arms = [
        (0, Run::new(256).set("pledge", "0.2"), "base"),
        (1, Run::new(256).set("pledge", "0.2").variant("no_guarantee"), "no_guarantee"),
        (2, Run::new(256), "base"),
        (3, Run::new(256).set("war", "3"), "base"),
    ];
    let loaded = numbers(&page["arms"][2]);
    for (number, run, arm) in arms {
        for ((name, found, difference), loaded) in
            numbers(&page["arms"][number]).iter().zip(&loaded)
        {
            assert_eq!(found.to_bits(), mean(run.clone(), arm, name).to_bits(), "{arm} {name}");
            let apart = difference.unwrap_or(0.0);
            assert!((apart - (found - loaded.1)).abs() < 1e-12, "{arm} {name}: {apart}");
        }
    }
    let verdicts = scenario.claims(&Claims::new(256).set("pledge", "0.2")).expect("judged");
    for claim in found[5]["claims"].as_array().expect("claims") {
        let judged = verdicts.claim(claim["name"].as_str().expect("a name")).expect("judged");
        assert_eq!(claim["verdict"], judged.verdict().word());
        let value = judged.tested.as_ref().map(|tested| tested.real.estimate.value);
        assert_eq!(claim["statistic"][0].as_f64(), value);
    }
    let figures = found[2]["figures"].as_array().expect("figures");
    assert!(
        figures.iter().any(|f| f["name"] == "differences" && f["svg"].to_string().contains("<svg"))
    );
    let command = found[2]["command"].as_str().expect("a command");
    assert!(command.contains("--variant no_guarantee --runs 256"), "{command}");
    assert!(command.contains("--set pledge=0.2"), "{command}");
}

#[test]
fn a_number_that_moves_again_needs_no_new_plan() {
    let explorer = explorer();
    frames(&explorer, &Ask::default(), 1);
    let moved = |value: &str| ask(json!({ "set": [["pledge", value], ["war", "4"]] }));
    frames(&explorer, &moved("0.1"), 1);
    let before = explorer.plans();
    assert!(before.0 > 0);
    frames(&explorer, &moved("0.9"), 1);
    frames(&explorer, &ask(json!({ "set": [["war", "9"]] })), 1);
    assert_eq!(explorer.plans(), before);
    frames(&explorer, &ask(json!({ "set": [["hazard", "0.2"]] })), 1);
    assert!(explorer.plans().1 > before.1, "another number takes another plan");
}

#[test]
fn an_edit_is_compared_with_the_text_as_loaded() {
    let explorer = explorer();
    let text = explorer.controls().text;
    let line = text.lines().position(|line| line.starts_with("hazard ")).expect("it is there");
    let rest = text.split('\n').count() - line - 1;
    let edit = |middle: &str| Ask {
        edit: Some(Edit { head: line, tail: rest, middle: Some(middle.to_string()) }),
        ..Ask::default()
    };
    let louder = edit("hazard = { value = 0.2, range = [0.02, 0.2], source = \"assumed\" }");
    let found = frames(&explorer, &louder, 2);
    assert_eq!(found[1]["frame"], "edited");
    let by = numbers(&found[1]["page"]["arms"][1]);
    let clash = by.iter().find(|(name, ..)| name == "clash").expect("it is there");
    assert!(clash.2.is_some_and(|difference| difference > 0.1), "{by:?}");
    let wrong = edit("hazard = { value = hazzard }");
    let (list, shown) = explorer.check(&wrong).expect("it is an edit");
    assert!(!list.is_empty() && shown.contains('^'), "{shown}");
    let few = Few(9, Mutex::default());
    let refused = explorer.replay(&wrong, &few).expect_err("it cannot be played");
    assert!(refused.to_string().contains('^'), "{refused}");
    assert!(few.1.into_inner().expect("nobody panicked").is_empty());
}

#[test]
fn a_bar_leads_to_a_run_that_ends_there() {
    let explorer = explorer();
    let pick = Pick {
        arm: "base".into(),
        outcome: "pressure".into(),
        lo: 5.5,
        hi: 6.5,
        ..Pick::default()
    };
    let told = explorer.pick(&pick, &|| false).expect("there is one").transcript;
    let pressure = told.outcomes.iter().find(|(name, _)| name == "pressure").expect("it is there");
    assert_eq!(pressure.1, 6.0);
    for (wrong, why) in [
        (Pick { lo: 99.0, hi: 100.0, ..pick.clone() }, "none of 256 runs"),
        (Pick { outcome: "presure".into(), ..pick.clone() }, "did you mean `pressure`?"),
        (Pick { arm: "bse".into(), ..pick.clone() }, "did you mean `base`?"),
        (Pick { run: Some(u64::MAX), ..pick }, "numbers up to"),
    ] {
        let error = explorer.pick(&wrong, &|| false).expect_err("there is none").to_string();
        assert!(error.contains(why), "{error}");
    }
}

#[test]
fn what_was_explored_becomes_a_report() {
    let explorer = explorer().tiers([32, 32, 32]);
    let asked = ask(json!({ "set": [["pledge", "0.2"]], "variants": ["no_guarantee"] }));
    let page = explorer.report(&asked, &|| false).expect("it is made").expect("nobody stops it");
    for part in ["<!DOCTYPE html>", "--set pledge=0.2", "detente claims", "as loaded", "<svg"] {
        assert!(page.contains(part), "{part}");
    }
    assert!(explorer.report(&asked, &|| true).expect("it is stopped").is_none());
}

#[test]
fn what_is_asked_in_vain_is_refused() {
    let explorer = explorer();
    let pin = |name: &str| Pin { name: name.into(), ..Pin::default() };
    let refused = [
        (Ask { variants: vec!["none".into()], ..Ask::default() }, "has no variant `none`"),
        (ask(json!({ "set": [["plegde", "1"]] })), "did you mean `pledge`?"),
        (ask(json!({ "edit": { "head": 9999, "tail": 0 } })), "more lines than the text has"),
        (Ask { pins: vec![pin("a"), pin("a")], ..Ask::default() }, "two arms are called `a`"),
        (Ask { pins: vec![pin("")], ..Ask::default() }, "1 to 40 characters"),
        (
            Ask { pins: (0..9).map(|k| pin(&k.to_string())).collect(), ..Ask::default() },
            "8 settings",
        ),
    ];
    for (ask, why) in refused {
        let error = explorer.replay(&ask, &Few(1, Mutex::default())).expect_err("it is wrong");
        assert!(error.to_string().contains(why), "{error}");
    }
    let save = |name: &str, variant: &str| Save {
        ask: ask(json!({ "set": [["pledge", "0.2"]] })),
        name: name.into(),
        variant: variant.into(),
        title: "a \"title\"\n[claims]".into(),
    };
    for name in ["", "..", "a/b", "/tmp", "a\\b", "C:x", ".x", "-x", "con", "ä", "x.toml"] {
        assert!(explorer.saved(&save(name, "mine")).is_err(), "{name}");
    }
    for variant in ["", "no_guarantee", "base", "a b"] {
        assert!(explorer.saved(&save("mine", variant)).is_err(), "{variant}");
    }
    assert!(save("../x", "mine").named().is_err());
    let text = explorer.saved(&save("mine", "weaker")).expect("it is sound");
    let scenario = detente::Scenario::parse(&text).expect("it is sound");
    let variant = scenario.model().variants.last().expect("it is there");
    assert_eq!((variant.name.as_str(), scenario.name()), ("weaker", "mine"));
    assert!(variant.title.contains("[claims]"), "a title stays a title");
}

/// The program, serving from a folder of its own.
struct Served {
    child: Child,
    folder: PathBuf,
    host: String,
    token: String,
}

fn folder(test: &str) -> PathBuf {
    let path = std::env::temp_dir().join(format!("detente-explore-{}-{test}", std::process::id()));
    let _ = fs::remove_dir_all(&path);
    fs::create_dir_all(&path).expect("the folder can be made");
    fs::copy(root().join(SCENARIO), path.join("guarantee.toml")).expect("it can be copied");
    path
}

impl Served {
    fn new(test: &str) -> Served {
        let folder = folder(test);
        let mut command = Command::new(env!("CARGO_BIN_EXE_detente"));
        command.args(["explore", "guarantee.toml", "--no-browser"]).current_dir(&folder);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().expect("the program starts");
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().expect("it is piped"))
            .read_line(&mut line)
            .expect("a line");
        let (host, token) = line.trim().split_once("/#").expect("an address");
        let host = host.strip_prefix("http://").expect("an address").to_string();
        Served { child, folder, host, token: token.to_string() }
    }

    /// Sends a text and gives the connection.
    fn send(&self, text: &str) -> TcpStream {
        let mut stream = TcpStream::connect(&self.host).expect("somebody listens");
        stream.set_read_timeout(Some(Duration::from_secs(120))).expect("it can be set");
        stream.write_all(text.as_bytes()).expect("it is sent");
        stream
    }

    fn request(&self, verb: &str, body: &str) -> String {
        format!(
            "POST /api/{verb} HTTP/1.1\r\nHost: {}\r\nOrigin: http://{}\r\nX-Detente-Token: {}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            self.host,
            self.host,
            self.token,
            body.len()
        )
    }

    /// The whole answer to a text.
    fn answer(&self, text: &str) -> String {
        let mut answer = String::new();
        self.send(text).read_to_string(&mut answer).expect("an answer");
        answer
    }

    fn status(&self, text: &str) -> String {
        let answer = self.answer(text);
        answer.get(9..12).unwrap_or_default().to_string()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

#[test]
fn only_the_page_is_answered() {
    let served = Served::new("gate");
    let own = served.request("scenario", "{}");
    assert_eq!(served.status(&own), "200");
    let host = format!("Host: {}", served.host);
    let refused = [
        (own.replace(&host, "Host: evil.example"), "421"),
        (own.replace(&host, &host.replace("127.0.0.1", "localhost")), "421"),
        (own.replace("Origin: http://", "Origin: https://"), "403"),
        (own.replace(&format!("X-Detente-Token: {}\r\n", served.token), ""), "401"),
        (own.replace(&served.token, &"0".repeat(32)), "401"),
        (own.replace("Content-Length: 2", "Content-Length: 65536"), "413"),
        (own.replace("/api/scenario", "/api/../guarantee.toml"), "404"),
        (own.replace("POST /api/scenario", "GET /guarantee.toml"), "404"),
        (own.replace("POST", "OPTIONS"), "405"),
        ("nonsense\r\n\r\n".to_string(), "400"),
    ];
    for (request, status) in refused {
        assert_eq!(served.status(&request), status, "{request}");
    }
    let large = served.request("check", &"x".repeat(100_000));
    assert_eq!(served.status(&large), "413");
    let page = served.answer(&format!("GET / HTTP/1.1\r\n{host}\r\n\r\n"));
    assert!(page.contains("default-src 'none'") && !page.contains("unsafe"), "{page}");
    assert!(!page.to_lowercase().contains("access-control-"), "{page}");
    assert!(!page.contains("The patron stays out"), "the page without the token says nothing");
    assert!(!page.contains(&served.token));
}

#[test]
fn what_is_asked_later_ends_what_is_being_played() {
    let served = Served::new("later");
    let mut first = BufReader::new(served.send(&served.request("replay", "{}"))).lines();
    let told = first.by_ref().map(|line| line.expect("a line")).find(|line| line.starts_with('{'));
    assert!(told.is_some(), "frames begin");
    let moved = r#"{"set": [["pledge", "0.3"]]}"#;
    let mut second = BufReader::new(served.send(&served.request("replay", moved))).lines();
    let frame = second.by_ref().map(|line| line.expect("a line")).find(|l| l.contains("outcomes"));
    assert!(frame.is_some_and(|line| line.contains(r#""runs":256"#)), "the newer one is played");
    let last = first.map(|line| line.expect("a line")).last().expect("an end");
    assert_eq!(last, r#"{"frame":"stopped"}"#);
    drop(second);
    // whoever has left is noticed, so that another takes the turn
    let third = BufReader::new(served.send(&served.request("replay", "{}"))).lines();
    let frame = third.map(|line| line.expect("a line")).find(|line| line.contains("outcomes"));
    assert!(frame.is_some());
}

#[test]
fn mistakes_are_shown_with_carets_and_saving_hides_no_file() {
    let served = Served::new("save");
    let body = r#"{"edit": {"head": 3, "tail": 60, "middle": "nmae = 1"}}"#;
    let answer = served.answer(&served.request("check", body));
    assert!(answer.contains('^') && answer.contains("\"severity\":\"error\""), "{answer}");
    assert_eq!(served.status(&served.request("check", "{")), "400");
    assert_eq!(served.status(&served.request("check", r#"{"path": "x"}"#)), "400");
    let save = r#"{"name": "mine", "variant": "low", "ask": {"set": [["pledge", "0.2"]]}}"#;
    let answer = served.answer(&served.request("save", save));
    assert!(answer.ends_with(r#"{"saved":"mine.toml"}"#), "{answer}");
    let text = fs::read_to_string(served.folder.join("mine.toml")).expect("it was written");
    assert!(text.contains("[variants.low]") && text.contains("name   = \"mine\""), "{text}");
    let again = served.answer(&served.request("save", save));
    assert!(again.contains("422") && again.contains("exists"), "{again}");
    for name in ["guarantee", "../out", "/etc/out", "a/b"] {
        let body = json!({ "name": name, "variant": "low" }).to_string();
        assert_eq!(served.status(&served.request("save", &body)), "422", "{name}");
    }
    let mut names: Vec<String> = fs::read_dir(&served.folder)
        .expect("it is there")
        .map(|entry| entry.expect("it is there").file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    assert_eq!(names, ["guarantee.toml", "mine.toml"]);
}

#[cfg(unix)]
#[test]
fn the_browser_is_led_by_a_file_that_nobody_else_reads() {
    use std::os::unix::fs::PermissionsExt;
    let here = folder("door");
    let tool = here.join("xdg-open");
    fs::write(&tool, "#!/bin/sh\necho \"$1\" > opened.tmp && /bin/mv opened.tmp opened\n")
        .expect("written");
    fs::set_permissions(&tool, fs::Permissions::from_mode(0o755)).expect("set");
    let mut command = Command::new(env!("CARGO_BIN_EXE_detente"));
    command.args(["explore", "guarantee.toml"]).current_dir(&here).stdin(Stdio::null());
    command.stdout(Stdio::piped()).stderr(Stdio::null());
    command.env("PATH", &here).env("TMPDIR", &here);
    let child = command.spawn().expect("the program starts");
    let opened = here.join("opened");
    for _ in 0..600 {
        if opened.exists() {
            break;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    let door = fs::read_to_string(&opened).expect("the browser was opened");
    let door = Path::new(door.trim());
    let mode = fs::metadata(door).expect("it is there").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let page = fs::read_to_string(door).expect("its owner reads it");
    let address = page.split("url=").nth(1).and_then(|rest| rest.split('"').next()).expect("a url");
    let (host, token) =
        address.strip_prefix("http://").expect("it").split_once("/#").expect("a token");
    assert_eq!(token.len(), 32);
    let (host, token) = (host.to_string(), token.to_string());
    assert!(!door.to_string_lossy().contains(&token), "a command line shows no token");
    let mut served = Served { child, folder: here, host, token };
    assert_eq!(served.status(&served.request("scenario", "{}")), "200");
    assert!(!door.exists(), "it goes with the first who passes");
    let number = served.child.id().to_string();
    let sent = Command::new("kill").args(["-INT", &number]).status().expect("a signal");
    assert!(sent.success());
    assert_eq!(served.child.wait().expect("it ends").code(), Some(130));
}
