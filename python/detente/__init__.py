"""Game-theoretic alliance scenarios: play them out many times and see what follows.

>>> import detente as dt
>>> s = dt.load("pyongyang-pact")
>>> r = s.run(1000, variants="all")
>>> r.summary.to_pandas()

A :class:`Scenario` is a text that is sound; its methods are the verbs of the program and take the
same words. Results are folders of tables, :class:`Results`, the same bytes that the program writes;
a :class:`Table` goes to pandas, polars, DuckDB and whatever else reads Arrow.

Work is done with the interpreter free and ends within 0.2 s of Ctrl-C. Results depend on neither
threads nor machine.
"""

from ._detente import ScenarioError, shipped
from ._game import Answer, Game
from ._results import Claims, Fit, Results, Runs, Sweep, Told
from ._scenario import Scenario, load
from ._table import Field, Table

__all__ = [
    "Answer",
    "Claims",
    "Field",
    "Fit",
    "Game",
    "Results",
    "Runs",
    "Scenario",
    "ScenarioError",
    "Sweep",
    "Table",
    "Told",
    "load",
    "shipped",
]
