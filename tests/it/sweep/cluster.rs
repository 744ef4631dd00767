//! Shards on a real Slurm and on real workers of Dask and Ray, where these are installed.
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
    works(
        &here,
        &[&["plan", name, "--shards", SHARDS, "--out", "plan.json"], &OPTIONS[..]].concat(),
    );
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

/// The program, as a script that is killed in the middle of its work when it plays shard 2 for the
/// first time, as soon as a first part of it is there; `victims` are killed with it. Parts that it
/// still wrote after the first, where the machine was fast, are taken away: lost like it.
fn mortal(here: &Path, victims: &str) -> PathBuf {
    let path = here.join("mortal");
    let text = format!(
        "#!/bin/sh\n\
         case \"${{SLURM_ARRAY_TASK_ID:-}} $*\" in\n\
         '2 shard '*|*' shard '*' --index 2 '*)\n\
         if mkdir '{here}/died' 2>/dev/null; then\n\
             '{PROGRAM}' \"$@\" & \n\
             while [ ! -e '{here}/merged-parts/parts/unit-00000002.part.bin' ]; do :; done\n\
             kill -9 $!; wait $!\n\
             for unit in 14 26 38 50; do\n\
                 rm -f '{here}/merged-parts/parts/unit-000000'$unit.part.bin\n\
             done\n\
             kill -9 {victims}\n\
         fi;;\n\
         esac\n\
         exec '{PROGRAM}' \"$@\"\n",
        here = here.display()
    );
    fs::write(&path, text).expect("the script can be written");
    assert!(succeeds("chmod", &["+x", path.to_str().expect("UTF-8")]));
    path
}

/// Runs a Slurm command and returns what it prints.
fn slurm(conf: &Path, program: &str, arguments: &[&str]) -> String {
    let home = conf.parent().and_then(Path::parent).expect("the folder of the test");
    let output = Command::new(program)
        .args(arguments)
        .env("SLURM_CONF", conf)
        .env("DETENTE", home.join("mortal"))
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
        crate::support::skipped("job arrays: no Slurm, or not root");
        return;
    }
    let here = prepared("slurm");
    mortal(&here, "$$");
    let home = here.join("slurm");
    let start = Command::new(root().join("tests/slurm/start.sh"))
        .arg(&home)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn();
    let _daemons = Ended(start.expect("the script starts"));
    within(60, "Slurm takes jobs", || home.join("ready").exists());
    let conf = home.join("slurm.conf");
    let script = root().join("scripts/cluster/slurm.sh");
    let (plan, out) = (here.join("plan.json"), here.join("merged"));
    let submit = || {
        let words = [plan.as_os_str(), SHARDS.as_ref(), out.as_os_str()];
        let words = words.map(|word| word.to_str().expect("UTF-8"));
        slurm(&conf, script.to_str().expect("UTF-8"), &words)
    };
    assert!(submit().contains("shards 0-11, numbered from 0"));
    let idle = || slurm(&conf, "squeue", &["-h"]).trim().is_empty();
    within(120, "the array ends", idle);
    assert!(here.join("died").exists(), "no shard was killed");
    assert!(!out.join("datapackage.json").exists(), "merged without a shard");
    // The same command plays what is missing.
    let again = submit();
    assert!(again.contains("shards 2, numbered from 0"), "{again}");
    within(120, "the second array ends", idle);
    same(&here.join("whole"), &out);
    let logs = files(&here.join("merged-parts"));
    assert_eq!(logs.iter().filter(|(name, _)| name.starts_with("shard-")).count(), 13);
}

/// A Python with a package.
fn python(package: &str) -> Option<PathBuf> {
    let own = root().join("target/py/bin/python");
    let import = format!("import {package}");
    [PathBuf::from("python3"), own]
        .into_iter()
        .find(|python| python.to_str().is_some_and(|name| succeeds(name, &["-c", &import])))
}

/// Plays a sweep by a script on two workers one of which is killed, and compares the files with
/// those of this machine alone.
fn on_workers(python: PathBuf, script: &str) {
    let here = prepared(script);
    // The parent is the worker: it is lost, and its shard goes to another.
    let program = mortal(&here, "$PPID $$");
    let driver = Command::new(python)
        .arg(root().join(format!("scripts/cluster/{script}_sweep.py")))
        .args(["plan.json", "merged", "--workers", "2", "--program"])
        .arg(program)
        .env("RAY_raylet_start_wait_time_s", "120")
        .current_dir(&here)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    let mut driver = Ended(driver.expect("the driver starts"));
    let mut status = None;
    within(240, "the driver ends", || {
        status = driver.0.try_wait().expect("a status");
        status.is_some()
    });
    assert!(status.is_some_and(|s| s.success()), "{status:?}");
    assert!(here.join("died").exists(), "no worker was killed");
    same(&here.join("whole"), &here.join("merged"));
}

#[test]
fn dask_workers_make_the_same_files() {
    match python("distributed") {
        Some(python) => on_workers(python, "dask"),
        None => crate::support::skipped("Dask workers: no Python with distributed"),
    }
}

#[test]
fn ray_workers_make_the_same_files() {
    match python("ray") {
        Some(python) => on_workers(python, "ray"),
        None => crate::support::skipped("Ray workers: no Python with ray"),
    }
}
