"""Tables in the hands of others."""

import math

import pytest

import detente as dt


def test_pandas_takes_a_table(runs):
    frame = runs.summary.to_pandas()
    assert list(frame.columns) == runs.summary.columns and len(frame) == len(runs.summary)
    assert frame["mean"].tolist() == runs.summary["mean"]
    assert frame["arm"].tolist() == runs.summary["arm"]
    outcomes = runs.outcomes.to_pandas()
    means = outcomes.groupby("arm")["yields_row"].mean()
    row = runs.summary["outcome"].index("yields_row")
    assert math.isclose(means["base"], frame["mean"][row])
    assert outcomes["run"].dtype == "int64"


def test_polars_takes_a_table(runs):
    polars = pytest.importorskip("polars")
    frame = polars.DataFrame(runs.summary)
    assert frame.columns == runs.summary.columns
    assert frame.to_dict(as_series=False) == runs.summary.to_dict()
    assert polars.DataFrame(runs.outcomes).to_dict(as_series=False) == runs.outcomes.to_dict()


def test_arrow_has_nulls_and_metadata(runs):
    pyarrow = pytest.importorskip("pyarrow")
    table = pyarrow.table(runs.summary)
    table.validate(full=True)
    assert table.to_pydict() == runs.summary.to_dict()
    told = {field.name: field.metadata for field in table.schema}
    assert all(b"description" in metadata for metadata in told.values())
    moves = pyarrow.table(runs["moves"])
    assert moves.to_pydict() == runs["moves"].to_dict()
    reader = pyarrow.RecordBatchReader.from_stream(runs.summary)
    assert reader.read_all().num_rows == len(runs.summary)
    # a stream that nobody reads is let go
    for _ in range(100):
        runs.summary.__arrow_c_stream__()


def test_every_kind_of_cell_goes_through(small):
    polars = pytest.importorskip("polars")
    sweep = small.sweep({"victory": (3.5, 5.0)}, points=64, runs=20)
    boxes = sweep.discover("yields_row > 0.8", boxes=1)["boxes"]
    kinds = {field.kind for field in boxes.fields}
    assert kinds == {"text", "number", "truth"}
    assert polars.DataFrame(boxes).to_dict(as_series=False) == boxes.to_dict()
    empty = small.run(10)["failures"]
    assert len(empty) == 0 and polars.DataFrame(empty).shape == (0, len(empty.columns))
    assert len(empty.to_pandas()) == 0


def test_tables_are_shown(runs):
    assert "yields_row" in repr(runs.summary)
    assert f"{len(runs.outcomes)} rows" in repr(runs.outcomes)
    shown = runs.summary._repr_html_()
    assert shown.startswith("<table>") and "<caption>" in shown and "<script" not in shown
    hostile = dt.load(HOSTILE)
    assert "<script" not in hostile._repr_html_() + hostile.outcomes._repr_html_()
    assert "<script" not in hostile.run(4)._repr_html_()


HOSTILE = """
format = 1
[scenario]
name = "hostile"
title = "<script>alert(1)</script>"
rounds = 1
[actors]
A = {}
[moves.go]
by = "actors"
title = "<script>alert(2)</script>"
[moves.stay]
by = "actors"
[payoffs.joy]
default = "chose[self, go]"
[weights]
joy = 1
[decision]
rule = "logit"
precision = 1
[outcomes]
goes = { ever = "chose[A, go]", title = "<script>alert(3)</script>" }
"""
