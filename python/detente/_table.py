"""Tables."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any, NamedTuple, Optional

from . import _detente

if TYPE_CHECKING:
    import pandas

#: So many rows are shown.
SHOWN = 20


class Field(NamedTuple):
    """What a column is."""

    name: str
    #: ``text``, ``integer``, ``number`` or ``truth``.
    kind: str
    title: Optional[str]
    unit: Optional[str]
    meaning: str


class Table:
    """Named columns of equal length: text, whole numbers, doubles or truths.

    It is an Arrow C stream, so that ``polars.DataFrame(table)``, ``pyarrow.table(table)`` and a
    query of DuckDB take it as it is. Fields carry title, unit and meaning as metadata.
    """

    def __init__(self, core: _detente.Table) -> None:
        self._core = core

    @property
    def name(self) -> str:
        """What it is called: its file in a folder of results, without ``.csv``."""
        return self._core.name

    @property
    def description(self) -> str:
        """What it holds and what a row stands for."""
        return self._core.description

    @property
    def fields(self) -> list[Field]:
        """Its columns, in order."""
        return [Field(*field) for field in self._core.fields]

    @property
    def columns(self) -> list[str]:
        """The names of its columns, in order."""
        return [field.name for field in self.fields]

    def __len__(self) -> int:
        """How many rows there are."""
        return len(self._core)

    def __getitem__(self, column: str) -> list[Any]:
        """The cells of a column, top to bottom; ``None`` is no value."""
        return self._core.cells(column)

    def to_dict(self) -> dict[str, list[Any]]:
        """Cells by column, top to bottom; ``None`` is no value."""
        return {name: self[name] for name in self.columns}

    def to_pandas(self) -> pandas.DataFrame:
        """A data frame. No value is NaN among numbers and ``None`` or ``<NA>`` elsewhere; units
        are in ``frame.attrs["units"]``.
        """
        import numpy
        import pandas

        columns: dict[str, Any] = {}
        for field in self.fields:
            raw = self._core.raw(field.name)
            if raw is not None:
                kind = numpy.int64 if field.kind == "integer" else numpy.float64
                columns[field.name] = numpy.frombuffer(raw, kind)
            elif field.kind == "truth":
                columns[field.name] = pandas.array(self[field.name], dtype="boolean")
            else:
                columns[field.name] = self[field.name]
        frame = pandas.DataFrame(columns)
        frame.attrs["units"] = {f.name: f.unit for f in self.fields if f.unit}
        return frame

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """The Arrow C stream, of one batch."""
        return self._core.__arrow_c_stream__(requested_schema)

    def _rows(self) -> list[list[str]]:
        def shown(cell: Any) -> str:
            return "" if cell is None else f"{cell:.4g}" if isinstance(cell, float) else str(cell)

        columns = [self._core.cells(name, SHOWN) for name in self.columns]
        return [[shown(cell) for cell in row] for row in zip(*columns)]

    def __repr__(self) -> str:
        rows = [self.columns, *self._rows()]
        widths = [max(map(len, column)) for column in zip(*rows)]
        lines = ["  ".join(c.ljust(w) for c, w in zip(row, widths)).rstrip() for row in rows]
        return "\n".join([*lines, *self._rest()])

    def _repr_html_(self) -> str:
        def cell(kind: str, text: str, about: str = "") -> str:
            about = f' title="{html.escape(about)}"' if about else ""
            return f"<{kind}{about}>{html.escape(text)}</{kind}>"

        def head(field: Field) -> str:
            unit = f" ({field.unit})" if field.unit else ""
            return cell("th", field.name + unit, field.title or field.meaning)

        rows = "".join(f"<tr>{''.join(cell('td', c) for c in row)}</tr>" for row in self._rows())
        rest = "".join(f"<p>{html.escape(line)}</p>" for line in self._rest())
        return (
            f"<table><caption>{html.escape(self.description)}</caption><thead><tr>"
            f"{''.join(head(field) for field in self.fields)}</tr></thead>"
            f"<tbody>{rows}</tbody></table>{rest}"
        )

    def _rest(self) -> list[str]:
        return [f"{len(self)} rows"] if len(self) > SHOWN else []
