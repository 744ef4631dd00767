"""Results: the program's numbers, the program's bytes."""

import csv
import json

import pytest

import detente as dt

from conftest import ROOT, SMALL, contents


def test_numbers_are_those_that_are_known(small):
    known = json.loads((ROOT / "tests/textbook/chicken.expected.json").read_text())
    check = known["cases"][0]["checks"][0]
    assert check["quantity"] == "p:1:ROW:swerve"
    table = small.run(4000, seed=1).summary
    row = table["outcome"].index("yields_row")
    lo, hi = table["lo"][row], table["hi"][row]
    width = (hi - lo) / 2
    assert 0 < width < 0.02 and abs(table["mean"][row] - check["value"]) < 2 * width


def test_a_run_is_kept_as_the_program_writes_it(program, runs, tmp_path):
    program(
        "run", SMALL, "--all-variants", "--runs", 200, "--seed", 7, "--out", tmp_path / "program"
    )
    kept = runs.save(tmp_path / "python")
    assert contents(kept) == contents(tmp_path / "program")
    assert "datapackage.json" in contents(kept) and "outcomes.csv" in contents(kept)
    assert program("verify", kept)
    assert dt.Runs.open(kept).summary.to_dict() == runs.summary.to_dict()


def test_tables_hold_what_the_files_hold(runs):
    with open(runs.folder / "summary.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(runs.summary) == len(rows) and runs.summary.columns == list(rows[0])
    means = [float(row["mean"]) for row in rows]
    assert runs.summary["mean"] == means and runs.summary["arm"] == [row["arm"] for row in rows]
    assert set(runs.tables) >= {"summary", "outcomes", "differences", "histogram", "moves"}
    assert len(runs.outcomes) == 200 * len(set(runs.summary["arm"]))
    with pytest.raises(KeyError, match="panel"):
        _ = runs.panel


def test_what_the_program_shows_is_shown(program, runs):
    shown = program("run", SMALL, "--all-variants", "--runs", 200, "--seed", 7, "--outcomes")
    assert "yields_row" in runs.text and repr(runs) == runs.text
    assert runs.text.splitlines()[:8] == shown.splitlines()[:8]
    assert {arm["name"] for arm in runs.data["arms"]} == set(runs.summary["arm"])
    assert "<pre>" in runs._repr_html_()


def test_results_are_not_written_over(runs, tmp_path):
    runs.save(tmp_path / "kept")
    with pytest.raises(FileExistsError, match="another folder"):
        runs.save(tmp_path / "kept")


def test_a_temporary_folder_goes_with_its_results(small):
    results = small.run(10)
    folder = results.folder
    assert folder.exists()
    del results
    assert not folder.exists()


def test_a_panel_and_uncertain_runs(small):
    found = small.run(64, panel=[], rounds=3, per_run=False, seed=1)
    assert "outcomes" not in found.tables and len(found.panel) == 64 * 3
    mixed = small.run(512, uncertain=True, points=64, per_run=False)
    assert all(0 <= share <= 1 for share in mixed["uncertain"]["luck"] if share is not None)


def test_claims_are_judged_and_kept_as_the_program_does(program, tmp_path):
    claim = "new_military_alliance_deters"
    scenario = dt.load("pyongyang-pact")
    found = scenario.claims(64, seed=2, robust=8, robust_rows=2, only=[claim])
    words = ["--runs", 64, "--seed", 2, "--robust", 8, "--robust-rows", 2, "--claims", claim]
    words += ["--format", "json", "--out", tmp_path / "program"]
    told = json.loads(program("claims", "pyongyang-pact", *words))
    assert found.claims["claim"] == [claim] and len(found["robust-points"]) >= 8
    assert found.data == told
    assert contents(found.save(tmp_path / "python")) == contents(tmp_path / "program")


def test_sweeps_are_kept_as_the_program_writes_them(program, small, tmp_path):
    vary = {"victory": (3.5, 5.0), "lambda": [0.5, 1, 2]}
    found = small.sweep(vary, points=24, runs=20, design="lhs", seed=4)
    words = ["--vary", "victory=3.5:5", "--vary", "lambda=0.5,1,2", "--points", 24, "--runs", 20]
    words += ["--design", "lhs", "--seed", 4, "--out", tmp_path / "program"]
    program("sweep", SMALL, *words)
    assert contents(found.save(tmp_path / "python")) == contents(tmp_path / "program")
    assert len(found.points) == 24 and set(found.points["lambda"]) == {0.5, 1, 2}


def test_boxes_are_discovered_in_a_sweep(small):
    sweep = small.sweep({"victory": (3.5, 5.0), "lambda": (0.0, 5.0)}, points=128, runs=50)
    boxes = sweep.discover("yields_row > 0.85", boxes=1)
    assert "lambda" in boxes["boxes"]["factor"]
    assert boxes.data["points"] == 128 and len(boxes["peeling"]) > 1


def test_what_matters_is_found(small):
    found = small.sensitivity(["yields_row"], rows=64, runs=8)
    assert found.tables and "lambda" in found.text
    assert found.data


def test_a_run_is_told(program, small):
    told = small.trace(3, seed=2)
    assert told.text == program("trace", SMALL, "--run", 3, "--seed", 2)
    assert told.data["run"] == 3
