//! Shards on a real Slurm and on real Dask workers, where these are installed.
//!
//! Where they are not, the tests say so and pass: nobody should have to run a cluster to work on
//! the program. One worker is killed in the middle of its work; the files are the same after it is
//! played again.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::{files, folder, said, same, scenario, works};
use crate::support::root;

const PROGRAM: &str = env!("CARGO_BIN_EXE_detente");
const SHARDS: &str = "12";
const OPTIONS: [&str; 6] = ["--uncertain", "--points", "1200", "--runs", "60", "--per-run"];

/// Whether a command can be started and succeeds.
fn succeeds(program: &str, arguments: &[&str]) -> bool {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// A folder with a plan and the files of the same sweep on this machine.
fn prepared(test: &str) -> PathBuf {
    let here = folder(test);
    let name = scenario(&here);
    said(&here, &[&["sweep", name, "--out", "whole"], &OPTIONS[..]].concat());
    works(&here, &[&["plan", name, "--shards", SHARDS, "-o", "plan.json"], &OPTIONS[..]].concat());
    here
}

/// Waits until something holds, at most so many seconds.
fn within(seconds: u32, what: &str, mut holds: impl FnMut() -> bool) {
    for _ in 0..seconds * 20 {
        if holds() {
            return;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("{what}: not within {seconds} seconds");
}

/// A process that ends when the test does.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        // SIGTERM, so that it can end what it started.
        succeeds("kill", &[&self.0.id().to_string()]);
        let _ = self.0.wait();
    }
}

/// Runs a Slurm command and returns what it prints.
fn slurm(conf: &Path, program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program)
        .args(arguments)
        .env("SLURM_CONF", conf)
        .env("DETENTE", PROGRAM)
        .env("SBATCH", "--cpus-per-task=1")
        .output()
        .expect("the command starts");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{program}: {}", text(&output.stderr));
    text(&output.stdout)
}

#[test]
fn a_slurm_array_makes_the_same_files() {
    let installed = ["slurmctld", "slurmd", "munged", "sbatch", "setpriv"];
    if !installed.iter().all(|name| succeeds("which", &[name])) || !succeeds("test", &["-O", "/"]) {
        eprintln!("notice: no Slurm, or not root: the test of job arrays is skipped");
        return;
    }
    let here = prepared("slurm");
    let home = here.join("slurm");
    let start = Command::new(root().join("tests/slurm/start.sh"))
        .arg(&home)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn();
    let _daemons = Ended(start.expect("the script starts"));
    within(40, "Slurm takes jobs", || home.join("ready").exists());
    let conf = home.join("slurm.conf");
    let script = root().join("scripts/cluster/slurm.sh");
    let (plan, out) = (here.join("plan.json"), here.join("merged"));
    let submit = || {
        let words = [plan.as_os_str(), SHARDS.as_ref(), out.as_os_str()];
        let words = words.map(|word| word.to_str().expect("UTF-8"));
        slurm(&conf, script.to_str().expect("UTF-8"), &words)
    };
    let said = submit();
    let job = said.split("job ").nth(1).and_then(|rest| rest.split_whitespace().next());
    let job = job.expect("the number of the array").to_string();
    // One shard is killed while it plays.
    let victim = format!("{job}_2");
    within(30, "the shard runs", || {
        slurm(&conf, "squeue", &["-h", "-r", "-t", "RUNNING", "-o", "%i"]).contains(&victim)
    });
    slurm(&conf, "scancel", &["--signal=KILL", "--full", &victim]);
    let idle = || slurm(&conf, "squeue", &["-h"]).trim().is_empty();
    within(60, "the array ends", idle);
    if !out.join("datapackage.json").exists() {
        // The merge did not run after a killed shard; the same command plays what is missing.
        submit();
        within(60, "the second array ends", idle);
    }
    same(&here.join("whole"), &out);
    let logs = files(&here.join("merged-parts"))
        .into_iter()
        .filter(|(name, _)| name.starts_with("shard-"));
    assert!(logs.count() >= 12);
}

/// A Python with the package `distributed`.
fn python() -> Option<PathBuf> {
    let own = root().join("target/py/bin/python");
    let imports = ["-c", "import distributed"];
    [PathBuf::from("python3"), own]
        .into_iter()
        .find(|python| python.to_str().is_some_and(|name| succeeds(name, &imports)))
}

/// Processes whose command line contains this text, from /proc.
fn processes(text: &str) -> Vec<String> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let ids = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
    ids.filter(|id| {
        let line = fs::read(format!("/proc/{id}/cmdline")).unwrap_or_default();
        String::from_utf8_lossy(&line).replace('\0', " ").contains(text)
    })
    .collect()
}

#[test]
fn dask_workers_make_the_same_files() {
    let Some(python) = python() else {
        eprintln!("notice: no Python with distributed: the test of Dask workers is skipped");
        return;
    };
    let here = prepared("dask");
    let mut driver = Command::new(python)
        .arg(root().join("scripts/cluster/dask_sweep.py"))
        .args(["plan.json", "merged", "--workers", "2", "--program", PROGRAM])
        .current_dir(&here)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the driver starts");
    // The parent of a shard in work is a worker: it is killed, its shard goes to another.
    let shard = format!("{PROGRAM} shard {}", here.join("plan.json").display());
    let mut killed = false;
    for _ in 0..1200 {
        if driver.try_wait().expect("a status").is_some() {
            break;
        }
        if !killed && let Some(id) = processes(&shard).first() {
            let status = fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
            let parent = status.lines().find_map(|line| line.strip_prefix("PPid:"));
            if let Some(parent) = parent.map(str::trim).filter(|id| *id != "1") {
                killed = succeeds("kill", &["-9", parent]);
            }
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    let status = driver.try_wait().expect("a status");
    if status.is_none() {
        let _ = driver.kill();
    }
    assert!(status.is_some_and(|s| s.success()), "{status:?}");
    assert!(killed || cfg!(not(target_os = "linux")), "no worker was seen at work");
    same(&here.join("whole"), &here.join("merged"));
}
