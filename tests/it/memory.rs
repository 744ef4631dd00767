//! The budget of memory: kept, refused before it is broken, and without a trace in results.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

/// A scenario with many variables, outcomes and variants, in a folder of its own.
fn made(test: &str, [actors, rounds, outcomes, variants]: [usize; 4]) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("detente-memory-{}-{test}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("the folder can be made");
    let mut text =
        format!("format = 1\n[scenario]\nname = \"large\"\nrounds = {rounds}\n[actors]\n");
    let line = |text: &mut String, line: String| writeln!(text, "{line}").expect("it is memory");
    (0..actors).for_each(|a| line(&mut text, format!("A{a} = {{ name = \"Actor {a}\" }}")));
    text.push_str(
        r#"
[parameters.g]
value = 0.3
range = [0, 1]
source = "assumed"
[state.t]
of = "actor"
initial = "normal(0, 1)"
[state.b]
of = "directed dyad"
initial = 0.1
[dynamics]
"t[i]" = "0.9 * t[i] + normal(0, g)"
"b[i, j]" = "0.9 * b[i, j] + 0.1 * t[i]"
[payoffs.gain]
default = "g * chose[self, act]"
[weights]
gain = 1
[moves.act]
by = "actors"
[decision]
rule = "logit"
precision = 2
[outcomes]
"#,
    );
    let all = 0..outcomes;
    all.for_each(|o| line(&mut text, format!("o{o} = {{ final = \"t[A{}] + {o}\" }}", o % actors)));
    // the values of a constant are kept, and cost nothing to resample
    line(&mut text, "fixed = { final = \"g\" }".to_string());
    for v in 0..variants {
        line(&mut text, format!("[variants.v{v}]\ntitle = \"v\"\nset = {{ g = 0.{} }}", v + 10));
    }
    for c in 0..20 {
        let test = format!("quantile(fixed, 0.{}) > {c}", c + 10);
        line(&mut text, format!("[claims.c{c}]\nsays = \"c\"\ntest = \"{test}\""));
    }
    fs::write(folder.join("large.toml"), text).expect("it can be written");
    folder
}

/// What became of a command: its status, what it said, and the most memory it had, in bytes.
struct Done {
    status: Option<i32>,
    text: String,
    peak: u64,
}

fn run(folder: &Path, arguments: &str) -> Done {
    let said = folder.join("said.txt");
    let file = fs::File::create(&said).expect("a file");
    let mut child = Command::new(env!("CARGO_BIN_EXE_detente"))
        .current_dir(folder)
        .args(arguments.split(' '))
        .stdin(Stdio::null())
        .stdout(file.try_clone().expect("a file"))
        .stderr(file)
        .spawn()
        .expect("the program starts");
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    let ended = loop {
        let text = fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let found = line.and_then(|l| l.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok());
        peak = found.map_or(peak, |kb| kb * 1024);
        if let Some(ended) = child.try_wait().expect("it can be waited for") {
            break ended;
        }
        std::thread::sleep(Duration::from_millis(2));
    };
    let text = fs::read_to_string(said).expect("what it said");
    Done { status: ended.code(), text, peak }
}

/// What a command that is refused would take, in bytes.
fn estimate(folder: &Path, arguments: &str) -> u64 {
    let Done { status, text, .. } = run(folder, &format!("{arguments} --memory 64MB"));
    assert_eq!(status, Some(2), "{arguments}: {text}");
    for word in ["this takes about", "64 MB are allowed", "--memory"] {
        assert!(text.contains(word), "no `{word}` in: {text}");
    }
    let words: Vec<&str> = text.split_whitespace().collect();
    let at = words.iter().position(|word| *word == "about").expect("an estimate");
    let unit = if words[at + 2] == "GB" { 1e9 } else { 1e6 };
    (words[at + 1].parse::<f64>().expect("a number") * unit) as u64
}

#[cfg(target_os = "linux")]
#[test]
fn estimates_bound_what_is_taken() {
    let wide = made("wide", [10, 50, 2, 3]);
    let many = made("many", [2, 2, 900, 0]);
    let claims = made("claims", [2, 1, 1, 0]);
    let cases = [
        (&wide, "run large.toml --all-variants --runs 160 --threads 2"),
        (&many, "run large.toml --runs 5000 --threads 2"),
        (&claims, "claims large.toml --runs 120000 --threads 2"),
    ];
    for (folder, arguments) in cases {
        let expected = estimate(folder, arguments);
        let budget = expected / 1_000_000 + 10;
        let done = run(folder, &format!("{arguments} --memory {budget}MB"));
        assert_eq!(done.status, Some(0), "{arguments}: {}", done.text);
        let told = format!("{arguments}: {} of {expected} estimated", done.peak);
        assert!(done.peak <= expected, "{told}");
        assert!(done.peak >= expected / 3, "{told}");
        println!("{told}");
    }
    [wide, many, claims].iter().for_each(|folder| drop(fs::remove_dir_all(folder)));
}

#[test]
fn what_is_too_large_is_refused_by_every_command() {
    let folder = made("refused", [12, 500, 3, 19]);
    let cases = [
        ("run large.toml --all-variants --out r", "trajectories"),
        ("claims large.toml --runs 90000000 --out r", "values of claims"),
        ("claims large.toml --robust 1000000 --memory 64MB --out r", "points"),
        (
            "sweep large.toml --vary g=0:1:2 --runs 100000 --memory 64MB --out r --all-variants",
            "this takes",
        ),
    ];
    for (arguments, word) in cases {
        let Done { status, text, .. } = run(&folder, arguments);
        assert_eq!(status, Some(2), "{arguments}: {text}");
        assert!(text.contains(word), "no `{word}` in: {text}");
        assert!(!folder.join("r").exists(), "{arguments} left a folder");
    }
    for wrong in ["12", "1GX", "1MB"] {
        let Done { status, text, .. } = run(&folder, &format!("run large.toml --memory {wrong}"));
        assert_eq!(status, Some(2), "{text}");
    }
    drop(fs::remove_dir_all(folder));
}

#[test]
fn results_do_not_depend_on_the_budget() {
    let folder = made("same", [3, 4, 3, 2]);
    let cases = [
        "run large.toml --all-variants --runs 600 --out",
        "claims large.toml --runs 600 --out",
        "sweep large.toml --vary g=0:1:3 --runs 9000 --variant v0 --out",
    ];
    for arguments in cases {
        let files = ["200MB", "3GB"].map(|memory| {
            let done = run(&folder, &format!("{arguments} {memory} --memory {memory}"));
            assert_eq!(done.status, Some(0), "{arguments}: {}", done.text);
            let entries = fs::read_dir(folder.join(memory)).expect("a folder").flatten();
            let mut all: Vec<(String, Vec<u8>)> = entries
                .filter(|e| e.path().is_file())
                .map(|e| {
                    let name = e.file_name().to_string_lossy().into_owned();
                    (name, fs::read(e.path()).expect("a file"))
                })
                .collect();
            all.sort();
            drop(fs::remove_dir_all(folder.join(memory)));
            all
        });
        assert!(!files[0].is_empty() && files[0] == files[1], "{arguments}");
    }
    drop(fs::remove_dir_all(folder));
}

#[cfg(target_os = "linux")]
#[test]
fn a_sweep_of_few_points_does_not_grow_with_runs() {
    let folder = made("few", [2, 1, 2, 0]);
    let peak = |runs: u64| {
        let arguments =
            format!("sweep large.toml --vary g=0:1:2 --threads 2 --runs {runs} --out r{runs}");
        let done = run(&folder, &arguments);
        assert_eq!(done.status, Some(0), "{arguments}: {}", done.text);
        done.peak
    };
    let (few, many) = (peak(9_000), peak(180_000));
    println!("{few} bytes for 9,000 runs, {many} for 180,000");
    assert!(many < few + 12_000_000, "{few} bytes for 9,000 runs, {many} for 180,000");
    drop(fs::remove_dir_all(folder));
}
