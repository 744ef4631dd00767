//! The plotting scripts draw the results of a real run, and R gets its tables.
//!
//! They need Python with pandas and matplotlib, or R, for plots with ggplot2. Where these are not
//! installed, the tests say so and pass, unless `DETENTE_REQUIRE` is set: nobody should have to
//! install R to work on the program.

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
fn draws(program: &Path, script: &str, folder: &Path, pictures: &[&str]) -> String {
    let figures = folder.join(if script.ends_with(".R") { "figures-r" } else { "figures" });
    let mut command = Command::new(program);
    // Caches of fonts and the like belong into the build folder, not into somebody's home.
    command.env("MPLCONFIGDIR", Path::new(env!("CARGO_TARGET_TMPDIR")).join("matplotlib"));
    let output = command.arg(root().join(script)).arg(folder).output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{script} failed:\n{errors}");
    for name in pictures {
        let picture = figures.join(format!("{name}.png"));
        let bytes = fs::read(&picture).unwrap_or_default();
        let png = bytes.starts_with(b"\x89PNG\r\n\x1a\n");
        assert!(png, "{script} made no picture {}:\n{errors}", picture.display());
    }
    errors.into_owned()
}

/// A sweep of these words in a folder of its own.
fn sweep(test: &str, words: &[&str]) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(test);
    let _ = fs::remove_dir_all(&folder);
    let output = Command::new(env!("CARGO_BIN_EXE_detente"))
        .arg("sweep")
        .args(words)
        .arg("--out")
        .arg(&folder)
        .current_dir(root())
        .output()
        .expect("the program starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    folder
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
    let vary = ["--vary", "both_stag=2:6:3", "--vary", "decision.reasoning=1, equilibrium"];
    let start = ["stag-hunt", "--vary", "decision.precision=1:4", "--points", "30", "--runs", "20"];
    let folder = sweep("plots-sweep", &[&start[..], &vary[..]].concat());
    draws(&python, "scripts/plot_sweep.py", &folder, &["main-effects", "heatmap", "fan"]);
}

/// The stag hunt with a variant whose name other programs take for a missing value.
fn hunt_with_na() -> PathBuf {
    let text = fs::read_to_string(root().join("scenarios/textbook/stag-hunt.toml")).unwrap();
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("plots-na");
    fs::create_dir_all(&folder).unwrap();
    let file = folder.join("stag-hunt.toml");
    fs::write(&file, text + "\n[variants.NA]\nset = { both_stag = 6 }\n").unwrap();
    file
}

#[test]
fn a_variant_called_na_is_drawn() {
    let Some(python) = python() else { return };
    let file = hunt_with_na();
    let file = file.to_string_lossy();
    let vary = ["--vary", "decision.precision=1,2,4", "--runs", "20"];
    let beside = sweep("plots-na-arm", &[&[&file, "--variant", "NA"], &vary[..]].concat());
    let script = "import sys; sys.path.insert(0, 'scripts'); import pathlib, plot_sweep as s; \
                  t, axes, arm = s.load(pathlib.Path(sys.argv[1]), sys.argv[2] or None); \
                  print(arm, axes, sorted(set(t['arm'])), len(t), t['mean'].dtype)";
    let load = |folder: &Path, arm: &str| {
        let mut command = Command::new(&python);
        command.env("MPLCONFIGDIR", Path::new(env!("CARGO_TARGET_TMPDIR")).join("matplotlib"));
        let output = command.current_dir(root()).args(["-c", script]).arg(folder).arg(arm);
        let output = output.output().unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{errors}");
        String::from_utf8_lossy(&output.stdout).trim().to_string()
    };
    let text = load(&beside, "NA");
    assert!(text.starts_with("NA ['decision.precision'] ['NA'] "), "{text}");
    assert!(text.ends_with("float64"), "{text}");
    // The variant as an axis: both of its values are there.
    let varied =
        sweep("plots-na-axis", &[&[&file, "--vary", "variant=base,NA"], &vary[..]].concat());
    let text = load(&varied, "");
    assert!(text.contains("'variant'") && text.contains("['NA', 'base']"), "{text}");
}

#[test]
fn the_point_that_is_drawn_is_named() {
    let list = Path::new(env!("CARGO_TARGET_TMPDIR")).join("plots-points.csv");
    fs::write(&list, "point,decision.precision\n12,1\n5,2\n").unwrap();
    let file = hunt_with_na();
    let (file, list) = (file.to_string_lossy(), list.to_string_lossy());
    let words = [&*file, "--variant", "NA", "--design", &list, "--runs", "20"];
    let folder = sweep("plots-points", &words);
    let told = "drawn is point 12: decision.precision = 1";
    if let Some(python) = python() {
        let notes = draws(&python, "scripts/plot.py", &folder, &["differences"]);
        assert!(notes.contains(told) && notes.contains("--point N draws another"), "{notes}");
    }
    let r = Path::new("Rscript");
    if works(r, "-e", "library(ggplot2)") {
        let before = fs::read(folder.join("figures/differences.png")).ok();
        let notes = draws(r, "scripts/plot.R", &folder, &["differences"]);
        assert!(notes.contains(told), "{notes}");
        assert_eq!(fs::read(folder.join("figures/differences.png")).ok(), before);
    }
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

#[test]
fn r_gets_the_tables_of_the_program() {
    let program = Path::new("Rscript");
    if !works(program, "-e", "0") {
        crate::support::skipped("tables in R: no Rscript");
        return;
    }
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("tables-r");
    // what an earlier run of the test left would be in the way
    let _ = fs::remove_dir_all(&folder);
    let code = r#"
        source("scripts/detente.R")
        options(detente.program = Sys.getenv("PROGRAM"))
        r <- detente_run("chicken", runs = 100000, all_variants = TRUE, seed = 7,
                         out = Sys.getenv("OUT"))
        s <- detente("sweep", "chicken", vary = c("victory=4:5", "lambda=0.5,1"), points = 8,
                     runs = 9)
        stopifnot(nrow(s$points) == 8, all(c("victory", "lambda") %in% names(s$points)))
        wrong <- tryCatch(detente_run("chiken"), error = conditionMessage)
        stopifnot(grepl("chicken", wrong))
        own <- r$summary[r$summary$arm == "base" & r$summary$outcome == "yields_row", ]
        runs <- r$outcomes[r$outcomes$arm == "base", ]
        stopifnot(nrow(runs) == 100000, isTRUE(all.equal(mean(runs$yields_row), own$mean)))
        cat(own$n, format(own$mean, digits = 17))
    "#;
    let told = Command::new(program)
        .args(["-e", code])
        .env("PROGRAM", env!("CARGO_BIN_EXE_detente"))
        .env("OUT", &folder)
        .current_dir(root())
        .output()
        .unwrap();
    assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
    let told = String::from_utf8(told.stdout).unwrap();
    let (n, mean) = told.split_once(' ').unwrap();
    let summary = fs::read_to_string(folder.join("summary.csv")).unwrap();
    let known = summary.lines().find(|line| line.starts_with("base,0,yields_row,")).unwrap();
    let known: Vec<&str> = known.split(',').collect();
    assert_eq!((n, mean.parse::<f64>()), (known[3], known[4].parse::<f64>()));
}
