//! What no other test can see: that saving work changes no result.

use std::fs;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::slice::from_ref;

use crate::diagnostic::Attached;
use crate::model::{Arm, Model, Simulation};
use crate::record::{Block, Layout};
use crate::reference;
use crate::rng::Seed;
use crate::scenario;

/// All scenario files below a folder.
fn scenarios(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder of scenarios") {
        let path = entry.expect("an entry").path();
        if path.is_dir() && !path.ends_with("histories") {
            found.extend(scenarios(&path));
        } else if path.extension().is_some_and(|e| e == "toml") {
            found.push(path);
        }
    }
    found
}

/// The tables that lie in the folder of a scenario.
fn tables_beside(path: &Path) -> Vec<Attached> {
    let entries = fs::read_dir(path.parent().expect("a folder")).expect("its files");
    let files = entries.map(|entry| entry.expect("an entry").path());
    files
        .filter(|file| file.extension().is_some_and(|e| e == "csv"))
        .map(|file| Attached {
            name: file.file_name().unwrap_or_default().to_string_lossy().into_owned(),
            text: fs::read_to_string(&file).expect("a table").into(),
        })
        .collect()
}

fn bits(values: &[f64]) -> Vec<u64> {
    values.iter().map(|x| x.to_bits()).collect()
}

fn assert_same(plain: &Block, quick: &Block, what: &str) {
    assert_eq!(bits(&plain.outcomes), bits(&quick.outcomes), "outcomes of {what}");
    assert_eq!(bits(&plain.variables), bits(&quick.variables), "variables of {what}");
    assert_eq!((&plain.played, &plain.choices), (&quick.played, &quick.choices), "{what}");
    assert_eq!((&plain.types, &plain.levels), (&quick.types, &quick.levels), "{what}");
    assert_eq!(plain.available, quick.available, "{what}");
    assert_eq!(plain.failures, quick.failures, "{what}");
    let rare = |block: &Block| (block.clamped, block.unconverged, block.residual.to_bits());
    assert_eq!(rare(plain), rare(quick), "{what}");
}

fn check_all_arms(model: &Model, rounds: u32, runs: usize) {
    let variants = model.variants.iter().map(|v| Some(v.name.as_str()));
    for variant in [None].into_iter().chain(variants) {
        let mut arm = Arm::new(model, variant, &[]).expect("shipped arms are sound");
        arm.rounds = arm.rounds.min(rounds);
        let game = Simulation { model, arm: &arm, seed: Seed(7) };
        let layout = Layout::of(model, from_ref(&arm));
        let plain = reference::play_plainly(&game, &layout, 0, runs);
        let quick = reference::play(&game, &layout, 0, runs);
        assert_same(&plain, &quick, &format!("{} {}", model.about.name, arm.name));
    }
}

#[test]
fn work_that_is_saved_changes_no_bit() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let all = scenarios(&folder);
    assert!(all.len() > 5, "{all:?}");
    for path in all {
        let text = fs::read(&path).expect("a scenario");
        let loaded = scenario::load_with(&text, Rc::new(tables_beside(&path)));
        let model = loaded.checked.value.expect("shipped scenarios are sound");
        let large = path.starts_with(folder.join("alliances"));
        let (rounds, runs) = if large { (u32::MAX, 2) } else { (6, 4) };
        check_all_arms(&model, rounds, runs);
    }
}
