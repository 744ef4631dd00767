"""Games in normal form."""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike, fspath
from typing import TYPE_CHECKING, Any, Optional, Union

from . import _detente
from ._results import Told

if TYPE_CHECKING:
    import numpy

Profile = Sequence[Sequence[float]]


class Answer(Told):
    """What was found in a game."""

    @property
    def equilibria(self) -> list[dict[str, Any]]:
        """Each with ``profile`` (by player, then strategy: a probability), ``payoffs`` by player,
        ``regret`` (a share of the range of the player's own payoffs) and ``gain`` (in payoffs).
        """
        return self.data.get("equilibria", [])


class Game:
    """A game in normal form: a round of a scenario, or a file in Gambit's format ``.nfg``."""

    def __init__(self, core: _detente.Game) -> None:
        self._core = core

    @classmethod
    def open(cls, name: Union[str, PathLike[str]]) -> Game:
        """By path, or by the name of one that comes along."""
        return cls(_detente.Game.find(fspath(name)))

    @classmethod
    def parse(cls, text: str) -> Game:
        """From a text in Gambit's format ``.nfg``."""
        return cls(_detente.Game.parse(text))

    @property
    def title(self) -> str:
        """What it is about."""
        return self._core.title

    @property
    def players(self) -> dict[str, list[str]]:
        """The strategies of each player, in order."""
        return dict(self._core.players)

    @property
    def payoffs(self) -> numpy.ndarray:
        """Payoffs, an array of shape (players, strategies of the first, of the second, ..)."""
        import numpy

        sizes = [len(strategies) for _, strategies in self._core.players]
        flat = numpy.frombuffer(self._core.payoffs).reshape(len(sizes), -1)
        return numpy.stack([own.reshape(sizes, order="F") for own in flat])

    def to_nfg(self) -> str:
        """The game in Gambit's format ``.nfg``."""
        return self._core.to_nfg()

    def solve(
        self,
        concept: str = "nash",
        *,
        method: Optional[str] = None,
        maximise: Optional[str] = None,
        minimise: Optional[str] = None,
        precision: Optional[Sequence[float]] = None,
        scaled: bool = False,
        fit: Optional[Profile] = None,
        alpha: Optional[float] = None,
        population: Optional[int] = None,
        mistakes: Optional[float] = None,
        single_population: bool = False,
        until: Optional[float] = None,
        start: Optional[Profile] = None,
        steps: Optional[int] = None,
        gap: Optional[float] = None,
        check: Optional[Profile] = None,
        memory: Optional[str] = None,
    ) -> Answer:
        """Looks for a concept: ``nash``, ``pure``, ``strict-dominance``, ``weak-dominance``,
        ``correlated``, ``coarse-correlated``, ``qre``, ``regret-matching``, ``fictitious-play``,
        ``alpharank`` or ``replicator``. Options are those of ``detente solve``; one that the
        concept does not read is an error. Profiles are given by player, then strategy;
        ``precision`` is in 1 / payoff.
        """
        ask = {name: value for name, value in locals().items() if name != "self"}
        return Answer(*self._core.solve(ask))

    def __repr__(self) -> str:
        sizes = " x ".join(str(len(strategies)) for strategies in self.players.values())
        return f"<Game {self.title!r}: {', '.join(self.players)}; {sizes}>"
