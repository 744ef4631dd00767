"""Scenarios as functions of what is assumed."""

import numpy
import pytest

import detente as dt


def test_means_are_those_of_runs(small):
    X = numpy.array([[3.5, 0.5], [4.0, 1.0], [5.0, 2.0]])
    Y = small.evaluate(X, ["victory", "lambda"], runs=64, seed=9)
    outcomes = small.outcomes["name"]
    assert Y.shape == (3, len(outcomes)) and Y.dtype == numpy.float64
    for x, y in zip(X, Y):
        runs = small.set({"victory": x[0], "lambda": x[1]}).run(64, seed=9)
        means = dict(zip(runs.summary["outcome"], runs.summary["mean"]))
        assert [means[name] for name in outcomes] == pytest.approx(y.tolist(), abs=1e-12)


def test_shapes_follow_what_is_asked_for(small):
    keys, X = ["victory"], [[3.5], [4.5]]
    both = small.evaluate(X, keys, outcomes=["yields_col", "yields_row"], runs=16)
    one = small.evaluate(X, keys, outcomes="yields_row", runs=16)
    assert both.shape == (2, 2) and one.shape == (2,) and (both[:, 1] == one).all()
    point = small.evaluate([3.5], keys, outcomes="yields_row", runs=16)
    assert float(point) == one[0]
    assert small.evaluate(numpy.empty((0, 1)), keys).shape == (0, len(small.outcomes))
    with pytest.raises(ValueError, match="names"):
        small.evaluate([[1.0, 2.0]], keys)
    with pytest.raises(dt.ScenarioError, match="victory"):
        small.evaluate([[1.0]], ["victori"])
    with pytest.raises(dt.ScenarioError, match="yields_row"):
        small.evaluate(X, keys, outcomes="yield_row")
    with pytest.raises(dt.ScenarioError):
        small.evaluate([[float("nan")]], keys)


def test_variants_and_frames(small):
    import pandas

    frame = pandas.DataFrame({"victory": [3.5, 4.5]})
    base = small.evaluate(frame, outcomes="yields_row", runs=32, seed=2)
    variant = small.variants["name"][0]
    other = small.evaluate(frame, outcomes="yields_row", variant=variant, runs=32, seed=2)
    runs = small.set(victory=4.5).run(32, variants=variant, seed=2).summary
    row = [*zip(runs["arm"], runs["outcome"])].index((variant, "yields_row"))
    assert other[1] == pytest.approx(runs["mean"][row], abs=1e-12)
    assert base.shape == other.shape == (2,)


def test_salib_runs_on_it(small):
    pytest.importorskip("SALib")
    from SALib.analyze import sobol
    from SALib.sample import sobol as sample

    names = ["victory", "lambda", "collision"]
    problem = {"num_vars": 3, "names": names, "bounds": [[3.5, 5], [0, 5], [-20, -1]]}
    X = sample.sample(problem, 64, calc_second_order=False, seed=1)
    Y = small.evaluate(X, names, outcomes="yields_row", runs=64)
    found = sobol.analyze(problem, Y, calc_second_order=False, seed=1)
    total = dict(zip(names, found["ST"]))
    assert max(total, key=total.get) == "lambda" and total["lambda"] > 0.5
