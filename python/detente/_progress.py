"""A bar of progress: in a notebook, at a terminal, or as lines in a log."""

from __future__ import annotations

import sys
import time
from typing import Any, Callable, Optional, Union

Look = Optional[Callable[[int, int], object]]
Progress = Union[bool, Callable[[int, int], object]]

#: Seconds between lines where there is no terminal.
LINES = 10.0


def look(progress: Progress) -> Look:
    """What is called with the runs that are done and those that there will be."""
    if callable(progress):
        return progress
    if not progress:
        return None
    return _notebook() or (_terminal() if sys.stderr.isatty() else _lines())


def _share(done: int, all: int) -> str:
    return f"{done:,} of {all:,} runs" if all else f"{done:,} runs"


def _notebook() -> Look:
    shell = sys.modules.get("IPython")
    shell = shell.get_ipython() if shell else None
    if shell is None or not hasattr(shell, "kernel"):
        return None
    from IPython.display import HTML, display

    handle: Any = None

    def show(done: int, all: int) -> None:
        nonlocal handle
        bar = HTML(f'<progress value="{done}" max="{max(all, 1)}"></progress> {_share(done, all)}')
        if handle is None:
            handle = display(bar, display_id=True)
        else:
            handle.update(bar)

    return show


def _terminal() -> Look:
    def show(done: int, all: int) -> None:
        end = "\n" if all and done >= all else ""
        print(f"\r{_share(done, all)}", end=end, file=sys.stderr, flush=True)

    return show


def _lines() -> Look:
    last = time.monotonic()

    def show(done: int, all: int) -> None:
        nonlocal last
        if time.monotonic() - last >= LINES:
            last = time.monotonic()
            print(_share(done, all), file=sys.stderr, flush=True)

    return show
