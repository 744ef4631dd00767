"""Scenarios against what was done."""

import pytest

import detente as dt

from conftest import ROOT

HISTORY = ROOT / "scenarios/alliances/histories/pyongyang-pact/after"


@pytest.fixture(scope="module")
def pact():
    return dt.load("pyongyang-pact")


def test_a_forecast_has_the_tables_of_a_run(program, pact, tmp_path):
    found = pact.forecast(HISTORY, particles=50, filters=2, seed=3)
    words = ["--particles", 50, "--filters", 2, "--seed", 3, "--out", tmp_path]
    program("forecast", "pyongyang-pact", "--history", HISTORY, *words)
    assert found.summary.to_dict() == dt.Runs.open(tmp_path).summary.to_dict()
    assert len(found.outcomes) == 100


def test_a_fit_has_estimates_and_profiles(pact):
    found = pact.fit(
        HISTORY, "sharpness", particles=50, filters=2, starts=1, evaluations=12, seed=3
    )
    assert found.estimates["name"] == ["sharpness"]
    assert set(found.profile("sharpness")["profile"]) == {"sharpness"}
    with pytest.raises(KeyError, match="sharpness"):
        found.profile("prize")


def test_what_is_no_history_is_told(pact, tmp_path):
    with pytest.raises(dt.ScenarioError, match="nothing"):
        pact.forecast(tmp_path / "nothing")
