"""Scenarios: where they come from, what they say, what is wrong with them."""

import pickle
import warnings

import pytest

import detente as dt

from conftest import ROOT, SMALL


def test_a_scenario_comes_by_name_path_and_text(small):
    file = ROOT / "scenarios" / "textbook" / "chicken.toml"
    by_path, by_text = dt.load(file), dt.load(file.read_text())
    assert SMALL in dt.shipped()
    assert small.hash == by_path.hash == by_text.hash
    assert small.name == by_path.name == by_text.name == SMALL
    assert small.title.startswith("Chicken")
    assert "yields_row" in small.outcomes["name"]
    row = small.parameters["parameter"].index("lambda")
    assert small.parameters["value"][row] == 1 and "5" in small.parameters["uncertainty"][row]
    assert SMALL in small._repr_html_() and "yields_row" in small._repr_html_()


def test_faults_have_places_and_ways_out():
    text = dt.load(SMALL).text.replace('precision = "lambda"', 'precision = "lamda"')
    with pytest.raises(dt.ScenarioError, match="lamda") as caught:
        dt.load(text)
    (fault,) = [d for d in caught.value.diagnostics if d["severity"] == "error"]
    line = text.splitlines()[fault["line"] - 1]
    assert line[fault["column"] - 1 :].startswith("lamda") and "lambda" in fault["help"]


def test_what_is_unknown_is_an_error_that_names_what_is_near(small):
    with pytest.raises(dt.ScenarioError, match="chicken") as caught:
        dt.load("chiken")
    assert caught.value.diagnostics == []
    with pytest.raises(dt.ScenarioError, match="lambda"):
        small.set(lamda=2)
    with pytest.raises(dt.ScenarioError, match="it has|its variants|did you mean"):
        small.run(10, variants="comitted")
    with pytest.raises(dt.ScenarioError, match="memory"):
        small.run(10, memory="much")
    with pytest.raises(TypeError, match="seed"):
        small.run(10, seed="one")
    with pytest.raises(OverflowError):
        small.run(-1)


def test_settings_add_up_and_leave_the_scenario_alone(small):
    changed = small.set(victory=4.5).set({"lambda": 2})
    assert changed.settings == {"victory": "4.5", "lambda": "2"} and small.settings == {}
    means = [s.run(500, seed=1)["summary"]["mean"] for s in (small, changed)]
    assert means[0] != means[1]
    with pytest.warns(UserWarning, match="declares"):
        small.set(victory=50)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        small.set(victory=4)


def test_a_scenario_is_pickled_by_its_text(small):
    again = pickle.loads(pickle.dumps(small.set(victory=4.5)))
    assert again.name == small.name and again.hash == small.hash
    assert again.settings == {"victory": "4.5"}
    one, two = (s.run(100, seed=3).summary.to_dict() for s in (small.set(victory=4.5), again))
    assert one == two


def test_a_scenario_goes_to_other_processes(small):
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        there = pool.submit(mean_of, small).result()
    assert there == mean_of(small)


def mean_of(scenario):
    return scenario.run(100, seed=5).summary["mean"][0]
