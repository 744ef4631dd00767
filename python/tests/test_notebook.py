"""The notebook that goes with docs/python.md runs from top to bottom."""

import pytest

from conftest import ROOT


def test_the_tour_runs(tmp_path):
    nbformat = pytest.importorskip("nbformat")
    nbclient = pytest.importorskip("nbclient")
    book = nbformat.read(ROOT / "python" / "tour.ipynb", as_version=4)
    client = nbclient.NotebookClient(book, timeout=120, kernel_name="python3")
    client.execute(cwd=str(tmp_path))
    outputs = [out for cell in book.cells if cell.cell_type == "code" for out in cell.outputs]
    shown = "".join(out.get("data", {}).get("text/html", "") for out in outputs)
    assert "<table" in shown and "war_ever" in shown
    assert not [out for out in outputs if out.output_type == "error"]
