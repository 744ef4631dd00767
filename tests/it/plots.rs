//! The plotting scripts draw the results of a real run.
//!
//! They need Python with pandas and matplotlib, or R with ggplot2. Where these are not installed,
//! the tests say so and pass, unless `DETENTE_REQUIRE` is set: nobody should have to install R to
//! work on the program.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The pictures both scripts make of any run.
const PICTURES: [&str; 4] = ["trajectories", "outcomes", "differences", "moves"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Whether `program` exists and runs `code` given by `flag` without complaint.
fn works(program: &Path, flag: &str, code: &str) -> bool {
    let mut command = Command::new(program);
    command.arg(flag).arg(code).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// The small results in a folder of this test's own, so that tests can run side by side.
fn results_for(test: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("plots-{test}"));
    // What an earlier run of the test left would hide a picture that is missing now.
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    for entry in fs::read_dir(crate::support::small_results()).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "csv" || extension == "json") {
            fs::copy(&path, folder.join(path.file_name().unwrap())).unwrap();
        }
    }
    folder
}

/// Results of a scenario with a `first` outcome, likewise.
fn timed_results_for(test: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("plots-timed-{test}"));
    let _ = fs::remove_dir_all(&folder);
    let output = Command::new(env!("CARGO_BIN_EXE_detente"))
        .args(["run", "shadow-of-the-future", "--all-variants", "--runs", "100", "--out"])
        .arg(&folder)
        .current_dir(root())
        .output()
        .expect("the program starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    folder
}

/// A Python with what the scripts need, if there is one.
fn python() -> Option<PathBuf> {
    let candidates = [PathBuf::from("python3"), root().join("target/py/bin/python")];
    let found = candidates.into_iter().find(|path| works(path, "-c", "import pandas, matplotlib"));
    if found.is_none() {
        crate::support::skipped("plots in Python: no python3 with pandas and matplotlib");
    }
    found
}

/// Run a script on the folder and look whether all pictures are there.
fn draws(program: &Path, script: &str, folder: &Path, pictures: &[&str]) {
    let mut command = Command::new(program);
    // Caches of fonts and the like belong into the build folder, not into somebody's home.
    command.env("MPLCONFIGDIR", Path::new(env!("CARGO_TARGET_TMPDIR")).join("matplotlib"));
    let output = command.arg(root().join(script)).arg(folder).output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{script} failed:\n{errors}");
    for name in pictures {
        let picture = folder.join("figures").join(format!("{name}.png"));
        let bytes = fs::read(&picture).unwrap_or_default();
        let png = bytes.starts_with(b"\x89PNG\r\n\x1a\n");
        assert!(png, "{script} made no picture {}:\n{errors}", picture.display());
    }
}

#[test]
fn python_draws_all_pictures() {
    let Some(python) = python() else { return };
    let folder = results_for("python");
    draws(&python, "scripts/plot.py", &folder, &PICTURES);
    // Names have their titles and units, and stand for themselves where there are none.
    let code = "import sys; sys.path.insert(0, 'scripts'); from pathlib import Path; \
                from plot import Labels; labels = Labels(Path(sys.argv[1])); \
                print(labels.of('arms', 'lambda_0'), labels.of('arms', 'base'), sep='|')";
    let output = Command::new(&python).args(["-c", code]).arg(&folder).current_dir(root()).output();
    let told = String::from_utf8_lossy(&output.unwrap().stdout).into_owned();
    assert_eq!(told.trim(), "Coin tosses|base");
    // Without a package names do.
    fs::remove_file(folder.join("datapackage.json")).unwrap();
    draws(&python, "scripts/plot.py", &folder, &PICTURES);
    draws(&python, "scripts/plot.py", &timed_results_for("python"), &["survival", "differences"]);
}

#[test]
fn python_draws_sweeps() {
    let Some(python) = python() else { return };
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("plots-sweep");
    let _ = fs::remove_dir_all(&folder);
    let vary = ["--vary", "both_stag=2:6:3", "--vary", "decision.reasoning=1, equilibrium"];
    let status = Command::new(env!("CARGO_BIN_EXE_detente"))
        .args(["sweep", "stag-hunt", "--vary", "decision.precision=1:4"])
        .args(vary)
        .args(["--points", "30", "--runs", "20", "--out"])
        .arg(&folder)
        .current_dir(root())
        .output()
        .expect("the program starts");
    assert!(status.status.success(), "{}", String::from_utf8_lossy(&status.stderr));
    draws(&python, "scripts/plot_sweep.py", &folder, &["main-effects", "heatmap", "fan"]);
}

#[test]
fn r_draws_all_pictures() {
    let program = Path::new("Rscript");
    if !works(program, "-e", "library(ggplot2)") {
        crate::support::skipped("plots in R: no Rscript with ggplot2");
        return;
    }
    draws(program, "scripts/plot.R", &results_for("r"), &PICTURES);
    draws(program, "scripts/plot.R", &timed_results_for("r"), &["survival", "differences"]);
}
