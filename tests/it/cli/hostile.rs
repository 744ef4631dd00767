//! Input that is wrong on purpose, and places that cannot be written to.

use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use super::{answer, command, detente, expect, folder};

/// A hostile file is answered within this time, on a busy machine too.
const PATIENCE: Duration = Duration::from_secs(10);

#[test]
fn hostile_files_are_answered_at_once() {
    let here = folder("hostile");
    let head = "format = 1\n[scenario]\nname = \"x\"\nrounds = 1\n";
    let formula = |text: String| {
        format!("{head}[actors]\nA = {{}}\n[derived]\nd = \"{text}\"\n").into_bytes()
    };
    let actors: String = (0..10_000).map(|k| format!("A{k} = {{}}\n")).collect();
    let lists = "[".repeat(1 << 20);
    let files: &[(&str, Vec<u8>, i32)] = &[
        ("parentheses", formula("(".repeat(1 << 20)), 1),
        ("minuses", formula("-".repeat(1 << 20)), 1),
        ("lists", format!("{head}x = {lists}\n").into(), 1),
        ("dots", format!("{head}{}a = 1\n", "a.".repeat(1 << 19)).into(), 1),
        ("actors", format!("{head}[actors]\n{actors}").into(), 1),
        ("long", format!("{head}[nonsense]\nx = \"{}\"\n", "y".repeat(1 << 20)).into(), 1),
        ("large", vec![b'#'; 5 << 20], 1),
        ("latin", b"format = 1 # caf\xe9\n".to_vec(), 1),
        ("zeros", vec![0; 4096], 1),
        ("empty", Vec::new(), 1),
    ];
    for (name, bytes, status) in files {
        let file = format!("{name}.toml");
        fs::write(here.join(&file), bytes).expect("it can be written");
        answered(&here, &file, *status);
    }
    answered(&here, ".", 2);
    answered(&here, "missing.toml", 2);
    // what is no file may never end
    for device in ["/dev/null", "/dev/zero"].into_iter().filter(|path| Path::new(path).exists()) {
        answered(&here, device, 2);
    }
}

fn answered(here: &Path, name: &str, status: i32) {
    #[expect(clippy::disallowed_methods, reason = "how long an answer takes is what is tested")]
    let start = Instant::now();
    for verb in ["check", "run"] {
        let found = detente(here, &[verb, name]);
        assert_eq!(found.status, Some(status), "{verb} {name}: {:.2000}", found.err);
        assert!(!found.err.is_empty(), "{verb} {name} says nothing");
        let widest = found.err.lines().map(|line| line.chars().count()).max();
        assert!(widest < Some(300), "{verb} {name}: a line of {widest:?} characters");
    }
    assert!(start.elapsed() < PATIENCE, "{name} took {:?}", start.elapsed());
}

#[test]
fn a_closed_pipe_is_quiet() {
    let here = folder("pipe");
    for arguments in [
        &["schema"][..],
        &["man"],
        &["list"],
        &["explain"],
        &["completions", "bash"],
        &["check", "pyongyang-pact"],
        &["describe", "stag-hunt"],
        &["trace", "pyongyang-pact"],
    ] {
        let mut child = command(&here, arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        drop(child.stdout.take());
        let mut err = String::new();
        let pipe = child.stderr.as_mut().expect("it is piped");
        pipe.read_to_string(&mut err).expect("it can be read");
        assert_eq!((child.wait().expect("it ends").code(), err.as_str()), (Some(0), ""));
    }
}

#[test]
fn a_full_disk_and_a_read_only_folder_are_reported() {
    let here = folder("full");
    if let Ok(full) = fs::OpenOptions::new().write(true).open("/dev/full") {
        let output = command(&here, &["list"]).stdout(full).output().expect("it starts");
        let found = answer(output);
        assert_eq!(found.status, Some(2));
        assert!(found.err.contains("cannot write to standard output"), "{}", found.err);
    }
    fs::write(here.join("file"), "").expect("it can be written");
    let run = |out| ["run", "stag-hunt", "--runs", "64", "--out", out];
    expect(&here, &run("file"), 2, &[], &["not a folder"]);
    expect(&here, &run("file/below"), 2, &[], &["error"]);
    if Path::new("/proc/self").exists() {
        expect(&here, &run("/proc/none"), 2, &[], &["/proc/none"]);
    }
}
