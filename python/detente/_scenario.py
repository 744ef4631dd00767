"""Scenarios and their verbs."""

from __future__ import annotations

import html
import json
import warnings
from collections.abc import Mapping, Sequence
from os import PathLike, fspath
from typing import Any, Optional, Union

from . import _detente
from ._game import Game
from ._progress import Progress, look
from ._results import Claims, Fit, Results, Runs, Sweep, Told
from ._table import Table

#: A number, or a formula or word as a scenario would have it.
Value = Union[str, float]
#: ``"all"``, or names.
Variants = Union[None, str, Sequence[str]]
#: What varies: by key a range ``(lo, hi)``, a range with so many steps ``(lo, hi, steps)`` or a
#: list of values; or texts as ``--vary`` takes them.
Vary = Union[None, Mapping[str, Union[tuple[Value, ...], list[Value]]], Sequence[str]]


def load(
    source: Union[str, PathLike[str]], files: Optional[Mapping[str, str]] = None
) -> Scenario:
    """A scenario by path, by name (of a file here or of one that comes along, :func:`shipped`), or
    from its text.

    A text, which is one that has several lines, may name files; ``files`` holds them by name.
    ``ScenarioError`` says everything that is wrong with it, in ``diagnostics`` too.
    """
    name = fspath(source)
    if "\n" not in name:
        return Scenario(_detente.Scenario.find(name))
    called = ("scenario", "scenario")
    return Scenario(_detente.Scenario.read(name, list((files or {}).items()), called))


def _text(value: Value) -> str:
    if isinstance(value, str):
        return value
    number = float(value)
    return str(int(number)) if number.is_integer() and abs(number) < 1e15 else repr(number)


def _variants(variants: Variants) -> dict[str, Any]:
    if variants == "all":
        return {"all_variants": True}
    return {"variants": [variants] if isinstance(variants, str) else variants and list(variants)}


def _vary(vary: Vary) -> Optional[list[str]]:
    if not isinstance(vary, Mapping):
        return [vary] if isinstance(vary, str) else vary and list(vary)

    def one(key: str, values: Union[tuple[Value, ...], list[Value]]) -> str:
        between = ":" if isinstance(values, tuple) else ","
        return f"{key}={between.join(_text(value) for value in values)}"

    return [one(key, values) for key, values in vary.items()]


def _names(names: Union[None, str, Sequence[str]]) -> Optional[list[str]]:
    return [names] if isinstance(names, str) else names and list(names)


class Scenario:
    """A sound scenario, and what is set in it. It does not change; it can be pickled.

    Where a verb takes ``seed``, ``threads`` or ``memory``: all random numbers follow from the seed
    (20240619 unless said); results do not depend on threads (all cores unless said) nor on memory
    (``"2GB"`` unless said), which is refused beforehand where it is not enough. ``progress`` is
    ``True`` for a bar, or a function of the runs done and of all runs.
    """

    def __init__(
        self, core: _detente.Scenario, settings: Optional[Mapping[str, str]] = None
    ) -> None:
        self._core = core
        self._settings = dict(settings or {})
        self._described: Optional[dict[str, Any]] = None

    def __reduce__(self) -> tuple[Any, ...]:
        core = self._core
        return (_again, (core.text, core.files, (core.label, core.name), self._settings))

    @property
    def name(self) -> str:
        """What it is called."""
        return self._core.name

    @property
    def title(self) -> str:
        """Its title; empty without one."""
        return self._core.title

    @property
    def text(self) -> str:
        """The text of its file."""
        return self._core.text

    @property
    def files(self) -> dict[str, str]:
        """The texts of the files that it names."""
        return self._core.files

    @property
    def hash(self) -> str:
        """The hash by which results name it."""
        return self._core.hash

    @property
    def warnings(self) -> list[dict[str, Any]]:
        """What is odd about it, as diagnostics."""
        return self._core.warnings

    @property
    def settings(self) -> dict[str, str]:
        """What :meth:`set` has set."""
        return dict(self._settings)

    def set(self, values: Optional[Mapping[str, Value]] = None, /, **more: Value) -> Scenario:
        """The same with parameters, initial values or decision settings set in every arm:
        ``s.set(pledge=0.25)``, ``s.set({"w[CHN]": 0.9, "decision.precision": 4})``. Texts are
        formulas. A number that the file does not declare possible is taken with a warning.
        """
        new = {key: _text(value) for key, value in {**(values or {}), **more}.items()}
        settings = {**self._settings, **new}
        for remark in self._core.check(list(settings.items())):
            warnings.warn(remark, stacklevel=2)
        return Scenario(self._core, settings)

    def describe(self) -> dict[str, Any]:
        """Everything that it says: what ``detente describe --format json`` prints."""
        if self._described is None:
            self._described = json.loads(self._core.describe()[1])
        return self._described

    @property
    def parameters(self) -> Table:
        """Its assumptions: a row for each cell of a parameter, with value, unit, declared
        uncertainty and source.
        """
        rows = [(p, c) for p in self.describe()["parameters"] for c in p["cells"]]

        def value(cell: dict[str, Any]) -> float:
            return float("nan") if cell["value"] is None else cell["value"]

        def own(parameter: dict[str, Any], cell: dict[str, Any], what: str) -> str:
            return cell.get(what) or parameter[what] or ""

        columns = [
            ("parameter", "", "the key that sets it", [c["label"] for _, c in rows]),
            ("value", "", "in the scenario as it is", [value(c) for _, c in rows]),
            ("unit", "", "its unit", [p["unit"] for p, _ in rows]),
            ("uncertainty", "", "a range or distribution", [own(*r, "uncertainty") for r in rows]),
            ("source", "", "where it is from", [own(*r, "source") for r in rows]),
            ("note", "", "a remark", [p["note"] for p, _ in rows]),
        ]
        return Table(_detente.Table.of("parameters", "The assumptions of the scenario.", columns))

    @property
    def outcomes(self) -> Table:
        """What is measured of a run: name, title, how it is taken, formula."""
        return self._listed("outcomes", ["name", "title", "measure", "formula"])

    @property
    def variants(self) -> Table:
        """Its counterfactual arms: name and title."""
        return self._listed("variants", ["name", "title"])

    def run(
        self,
        runs: int = 10_000,
        *,
        variants: Variants = None,
        versus: Optional[str] = None,
        rounds: Optional[int] = None,
        panel: Optional[Sequence[str]] = None,
        per_run: bool = True,
        uncertain: bool = False,
        points: Optional[int] = None,
        independent: bool = False,
        seed: Optional[int] = None,
        threads: Optional[int] = None,
        memory: Optional[str] = None,
        progress: Progress = False,
    ) -> Runs:
        """Plays so many runs of the scenario as it is and of variants beside it.

        All arms meet the same luck unless ``independent``; they are compared, run by run, with
        ``base`` or the arm ``versus``. ``per_run=False`` leaves out the table ``outcomes``, which
        has arms x runs rows; ``panel`` names variables of which the table ``panel`` holds arms x
        runs x rounds rows. ``uncertain`` plays as many runs again at ``points`` of the declared
        ranges, for what follows from assumptions and what from luck: table ``uncertain``.
        """
        ask = {
            **_variants(variants),
            "runs": runs,
            "versus": versus,
            "rounds": rounds,
            "panel": None if panel is None else _names(panel),
            "per_run": per_run,
            "uncertain": uncertain,
            "points": points,
            "independent": independent,
        }
        return self._play(Runs, self._core.run, ask, (seed, threads, memory), progress)

    def claims(
        self,
        runs: int = 10_000,
        *,
        only: Union[None, str, Sequence[str]] = None,
        robust: Optional[int] = None,
        robust_rows: Optional[int] = None,
        family_wise: bool = False,
        rounds: Optional[int] = None,
        seed: Optional[int] = None,
        threads: Optional[int] = None,
        memory: Optional[str] = None,
        progress: Progress = False,
    ) -> Claims:
        """Puts its claims to the test with so many runs of each arm; ``robust`` judges them at so
        many points of all declared ranges too, and says what carries them by so many
        ``robust_rows`` of walks (256 unless said, 0 for none).
        """
        ask = {
            "runs": runs,
            "only": _names(only),
            "robust": robust,
            "robust_rows": robust_rows,
            "family_wise": family_wise,
            "rounds": rounds,
        }
        return self._play(Claims, self._core.claims, ask, (seed, threads, memory), progress)

    def sweep(
        self,
        vary: Vary = None,
        *,
        uncertain: bool = False,
        experiment: Optional[str] = None,
        design: Optional[str] = None,
        points: Optional[int] = None,
        runs: Optional[int] = None,
        variants: Variants = None,
        rounds: Optional[int] = None,
        per_run: bool = False,
        independent: bool = False,
        seed: Optional[int] = None,
        threads: Optional[int] = None,
        memory: Optional[str] = None,
        progress: Progress = False,
    ) -> Sweep:
        """Plays points of a space of assumptions: 256 of them with 100 runs of each arm unless
        said.

        ``vary`` is ``{"gift": (0, 1), "w[CHN]": [0.2, 0.8]}``: a tuple is a range, perhaps with a
        number of steps, a list its values. ``uncertain`` varies everything that is declared
        uncertain; ``experiment`` takes one of the scenario. ``design`` is ``grid``, ``sobol``,
        ``lhs`` or ``random``.
        """
        ask = {
            **_variants(variants),
            "vary": _vary(vary),
            "uncertain": uncertain,
            "experiment": experiment,
            "design": design,
            "points": points,
            "runs": runs,
            "rounds": rounds,
            "per_run": per_run,
            "independent": independent,
        }
        return self._play(Sweep, self._core.sweep, ask, (seed, threads, memory), progress)

    def evaluate(
        self,
        X: Any,
        names: Optional[Sequence[str]] = None,
        *,
        outcomes: Union[None, str, Sequence[str]] = None,
        variant: Optional[str] = None,
        runs: Optional[int] = None,
        rounds: Optional[int] = None,
        independent: bool = False,
        seed: Optional[int] = None,
        threads: Optional[int] = None,
        memory: Optional[str] = None,
        progress: Progress = False,
    ) -> Any:
        """Means of outcomes over so many runs (100 unless said) at points: what samplers and
        optimisers call.

        ``X`` has the shape (points, keys), or (keys,) for one point; ``names`` are the keys, as
        :meth:`set` takes them, or the columns of ``X`` where that is a data frame. The answer is an
        array of doubles of shape (points, outcomes), all outcomes in the order of the scenario or
        those that are named; one that is named by a plain text has no axis of its own. NaN is no
        value in any run.

        All points meet the same luck unless ``independent``, so that differences between points
        are due to what was changed.
        """
        import numpy

        if names is None:
            if not hasattr(X, "columns"):
                raise TypeError("names are missing: the keys that the columns of X set")
            names = [str(name) for name in X.columns]
        keys = list(names)
        given = numpy.asarray(X, dtype=numpy.float64)
        points = numpy.ascontiguousarray(numpy.atleast_2d(given))
        if points.ndim != 2 or points.shape[1] != len(keys):
            raise ValueError(f"X has the shape {given.shape}; there are {len(keys)} names")
        wanted = _names(outcomes)
        width = len(wanted) if wanted else len(self._core.names[0])
        if len(points):
            ask = {
                "outcomes": wanted,
                "variant": variant,
                "runs": runs,
                "rounds": rounds,
                "independent": independent,
            }
            ask = self._ask(ask, (seed, threads, memory))
            means = self._core.evaluate((keys, points.tobytes()), ask, look(progress))
        else:
            means = b""
        found = numpy.frombuffer(means).reshape(-1, width)
        found = found[:, 0] if isinstance(outcomes, str) else found
        return found[0] if given.ndim == 1 else found.copy()

    def sensitivity(
        self,
        outcomes: Union[None, str, Sequence[str]] = None,
        *,
        differences: Union[None, str, Sequence[str]] = None,
        claims: Optional[Sequence[str]] = None,
        vary: Vary = None,
        uncertain: bool = False,
        experiment: Optional[str] = None,
        groups: Optional[Sequence[str]] = None,
        variant: Optional[str] = None,
        pairs: bool = False,
        rows: Optional[int] = None,
        runs: Optional[int] = None,
        rounds: Optional[int] = None,
        seed: Optional[int] = None,
        threads: Optional[int] = None,
        memory: Optional[str] = None,
        progress: Progress = False,
    ) -> Results:
        """Which assumption matters to outcomes (all unless said), to ``differences`` that variants
        make, or to ``claims`` (all, if the list is empty): Shapley effects and total indices, as
        shares of the variance, or first-order and total indices of ``pairs``. 256 ``rows`` of 8
        ``runs`` at each point unless said; varies what is declared uncertain, or ``vary``.
        """
        ask = {
            "outcomes": _names(outcomes),
            "differences": _names(differences),
            "claims": None if claims is None else list(claims),
            "vary": _vary(vary),
            "uncertain": uncertain,
            "experiment": experiment,
            "groups": _names(groups),
            "variant": variant,
            "pairs": pairs,
            "rows": rows,
            "runs": runs,
            "rounds": rounds,
        }
        return self._play(Results, self._core.sensitivity, ask, (seed, threads, memory), progress)

    def trace(
        self,
        run: int = 0,
        *,
        variant: Optional[str] = None,
        rounds: Optional[int] = None,
        seed: Optional[int] = None,
    ) -> Told:
        """One run in full, the same that :meth:`run` plays: what everyone could do, what that was
        worth, and what came of it.
        """
        ask = {"variant": variant, "rounds": rounds}
        return Told(*self._core.trace(run, self._ask(ask, (seed, None, None))))

    def game(
        self,
        round: int = 1,
        actors: Union[None, str, Sequence[str]] = None,
        *,
        run: int = 0,
        variant: Optional[str] = None,
        seed: Optional[int] = None,
    ) -> Game:
        """A round, from 1, at the state that a run has reached, as a game between actors, all who
        have a choice unless said; the others keep to what they would choose.
        """
        ask = {"actors": _names(actors), "run": run, "variant": variant}
        return Game(self._core.game(round, self._ask(ask, (seed, None, None))))

    def fit(
        self,
        history: Union[str, PathLike[str]],
        free: Union[str, Sequence[str]],
        *,
        variants: Variants = None,
        particles: Optional[int] = None,
        filters: Optional[int] = None,
        starts: Optional[int] = None,
        evaluations: Optional[int] = None,
        train: Optional[tuple[int, int]] = None,
        recover: Optional[int] = None,
        map: bool = False,
        seed: Optional[int] = None,
        threads: Optional[int] = None,
        memory: Optional[str] = None,
        progress: Progress = False,
    ) -> Fit:
        """Which numbers a history supports: estimates with intervals from profile likelihoods.

        ``history`` is a TOML file or a folder with ``history.toml``. ``free`` names keys whose
        range the file declares, or ``"key = lo:hi"``, perhaps with ``log`` behind it. ``map`` adds
        the log density of declared distributions; ``train`` are the rounds that are fitted, from 1;
        ``recover`` fits so many simulated histories too.
        """
        ask = {
            **_variants(variants),
            "free": _names(free),
            "particles": particles,
            "filters": filters,
            "starts": starts,
            "evaluations": evaluations,
            "train": train,
            "recover": recover,
            "map": map,
        }

        def play(to: Any, ask: dict[str, Any], tell: Any) -> tuple[str, str]:
            return self._core.fit((fspath(history), to), ask, tell)

        return self._play(Fit, play, ask, (seed, threads, memory), progress)

    def forecast(
        self,
        history: Union[str, PathLike[str]],
        *,
        after: Optional[int] = None,
        variants: Variants = None,
        then: Union[None, str, Sequence[str]] = None,
        known_series: bool = False,
        particles: Optional[int] = None,
        filters: Optional[int] = None,
        seed: Optional[int] = None,
        threads: Optional[int] = None,
        memory: Optional[str] = None,
        progress: Progress = False,
    ) -> Runs:
        """What follows from a history, from its end or after an earlier round: the tables of runs,
        of which each is a particle of a filter. ``then`` are variants that come into force in the
        next round, in arms called ``then:NAME``.
        """
        ask = {
            **_variants(variants),
            "after": after,
            "then": _names(then),
            "known_series": known_series,
            "particles": particles,
            "filters": filters,
        }

        def play(to: Any, ask: dict[str, Any], tell: Any) -> tuple[str, str]:
            return self._core.forecast((fspath(history), to), ask, tell)

        return self._play(Runs, play, ask, (seed, threads, memory), progress)

    def __repr__(self) -> str:
        set = "".join(f", {key}={value}" for key, value in self._settings.items())
        return f"<Scenario {self.name!r}: {self.title}{set}>"

    def _repr_html_(self) -> str:
        outcomes, variants = self._core.names
        told = [
            f"<b>{html.escape(self.name)}</b> {html.escape(self.title)}",
            f"{self._core.rounds} rounds at most",
            f"outcomes: {html.escape(', '.join(outcomes))}",
            f"variants: {html.escape(', '.join(variants) or 'none')}",
        ]
        if self._settings:
            pairs = ", ".join(f"{key} = {value}" for key, value in self._settings.items())
            told.append(f"set: {html.escape(pairs)}")
        return "<br>".join(told)

    def _listed(self, what: str, keys: list[str]) -> Table:
        rows = self.describe()[what]
        columns = [(key, "", key, [str(row[key]) for row in rows]) for key in keys]
        return Table(_detente.Table.of(what, f"The {what} of the scenario.", columns))

    def _ask(self, ask: dict[str, Any], around: tuple[Any, Any, Any]) -> dict[str, Any]:
        seed, threads, memory = around
        set = list(self._settings.items())
        return {**ask, "set": set, "seed": seed, "threads": threads, "memory": memory}

    def _play(self, kind: Any, play: Any, ask: dict[str, Any], around: Any, progress: Any) -> Any:
        asked, tell = self._ask(ask, around), look(progress)
        return kind._made(lambda to: play(to, asked, tell))


def _again(
    text: str, files: dict[str, str], called: tuple[str, str], settings: dict[str, str]
) -> Scenario:
    return Scenario(_detente.Scenario.read(text, list(files.items()), called), settings)
