"""Results: folders of tables."""

from __future__ import annotations

import html
import json
import shutil
import tempfile
import weakref
from os import PathLike
from pathlib import Path
from typing import Any, Callable, Optional, TypeVar, Union

from . import _detente
from ._table import Table

#: Files by which a folder is known to hold results.
RESULTS = ("datapackage.json", "sweep.json")

Own = TypeVar("Own", bound="Results")


class Told:
    """Something to read, with the same for programs."""

    def __init__(self, text: str, data: str) -> None:
        self._text, self._json = text, data

    @property
    def text(self) -> str:
        """What the program prints."""
        return self._text

    @property
    def data(self) -> dict[str, Any]:
        """What the program prints with ``--format json``."""
        return json.loads(self._json)

    def __repr__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(self.text)}</pre>"


class Results(Told):
    """A folder of results: tables, the scenario, and what made them.

    The folder is a temporary one that goes with this object; :meth:`save` keeps it.
    ``Results.open(folder)`` takes one that was kept, by Python or by the program.
    """

    def __init__(self, folder: Path, text: str, data: str) -> None:
        super().__init__(text, data)
        self._folder = folder
        self._package = _detente.Package(folder)
        self._known: dict[str, Table] = {}

    @classmethod
    def open(cls: type[Own], folder: Union[str, PathLike[str]]) -> Own:
        """Results that were kept in a folder."""
        path = Path(folder)
        package = (path / "datapackage.json").read_text(encoding="utf-8")
        made = json.loads(package)
        tables = ", ".join(_detente.Package(path).names)
        return cls(path, f"{made.get('title') or made.get('name')}\n{tables}", package)

    @classmethod
    def _made(cls: type[Own], make: Callable[[Path], tuple[str, str]]) -> Own:
        folder = Path(tempfile.mkdtemp(prefix="detente-"))
        try:
            made = cls(folder, *make(folder))
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        weakref.finalize(made, shutil.rmtree, folder, True)
        return made

    @property
    def folder(self) -> Path:
        """Where the tables are."""
        return self._folder

    @property
    def tables(self) -> list[str]:
        """The names of the tables."""
        return self._package.names

    def __getitem__(self, name: str) -> Table:
        """A table by name, read when it is asked for."""
        if name not in self._known:
            found = self._package.table(name)
            if found is None:
                raise KeyError(f"there is no table {name!r}; there are {', '.join(self.tables)}")
            self._known[name] = Table(found)
        return self._known[name]

    def save(self, folder: Union[str, PathLike[str]]) -> Path:
        """Keeps everything in a new folder: the files that the program writes, byte for byte.

        ``FileExistsError`` if results are in it already.
        """
        to = Path(folder)
        to.mkdir(parents=True, exist_ok=True)
        there = [f.name for f in sorted(to.iterdir()) if f.name in RESULTS or f.suffix == ".csv"]
        if there:
            raise FileExistsError(f"{to / there[0]} is there already; choose another folder")
        package = json.loads((self._folder / "datapackage.json").read_text(encoding="utf-8"))
        for resource in package["resources"]:
            shutil.copyfile(self._folder / resource["path"], to / resource["path"])
        # a folder that has a package is complete
        shutil.copyfile(self._folder / "datapackage.json", to / "datapackage.json")
        return to


class Runs(Results):
    """What runs came to, by arm: ``base`` is the scenario as it is, others are its variants."""

    @property
    def summary(self) -> Table:
        """Estimates with intervals: a row for each arm and outcome."""
        return self["summary"]

    @property
    def outcomes(self) -> Table:
        """A row for each arm and run, a column for each outcome."""
        return self["outcomes"]

    @property
    def differences(self) -> Table:
        """Arms compared run by run: a row for each arm but the first, and outcome."""
        return self["differences"]

    @property
    def histogram(self) -> Table:
        """Counts in bins that all arms share."""
        return self["histogram"]

    @property
    def trajectory(self) -> Table:
        """Means and quantiles of variables: a row for each arm, variable and round."""
        return self["trajectory"]

    @property
    def moves(self) -> Table:
        """Shares of options: a row for each arm, round, seat and option."""
        return self["moves"]

    @property
    def panel(self) -> Table:
        """The variables that were asked for: a row for each arm, run and round."""
        return self["panel"]


class Sweep(Results):
    """What came of many points of a space of assumptions."""

    @property
    def points(self) -> Table:
        """What varies: a row for each point."""
        return self["points"]

    @property
    def summary(self) -> Table:
        """Estimates with intervals: a row for each point, arm and outcome."""
        return self["summary"]

    def discover(
        self,
        when: str,
        *,
        arm: Optional[str] = None,
        difference: Optional[str] = None,
        step: Optional[int] = None,
        boxes: Optional[int] = None,
        seed: Optional[int] = None,
    ) -> Results:
        """Boxes of what varies in which a condition on means of outcomes mostly holds.

        ``when``: ``"war_ever > 0.1"``, several joined by ``" and "``; of ``arm`` instead of the
        scenario as it is, or of the ``difference`` of an arm from it. ``boxes`` at most, 3 unless
        said. Tables ``boxes`` and ``peeling``; densities and coverages are shares.
        """
        ask = {"arm": arm, "difference": difference, "step": step, "boxes": boxes, "seed": seed}
        return Results._made(lambda to: _detente.discover((self.folder, to), when, ask))


class Claims(Results):
    """What runs say of the claims of a scenario."""

    @property
    def claims(self) -> Table:
        """A row for each claim: its verdict and what it rests on."""
        return self["claims"]

    @property
    def robust(self) -> Table:
        """A row for each claim, over all declared ranges."""
        return self["robust"]


class Fit(Results):
    """Which numbers a history supports."""

    @property
    def estimates(self) -> Table:
        """A row for each arm and number: estimate and interval."""
        return self["estimates"]

    def profile(self, name: str) -> Table:
        """The profile likelihood of a number that was free: the rows of the table ``profiles`` that
        are about it.
        """
        table = self["profiles"]
        rows = [at for at, own in enumerate(table["profile"]) if own == name]
        if not rows:
            known = ", ".join(sorted(set(table["profile"])))
            raise KeyError(f"{name!r} was not free; there are profiles of {known}")
        columns = []
        for field in table.fields:
            cells = table[field.name]
            none = "" if field.kind == "text" else float("nan")
            own = [none if cells[at] is None else cells[at] for at in rows]
            columns.append((field.name, field.unit or "", field.meaning, own))
        return Table(_detente.Table.of("profile", table.description, columns))
