"""What is asked of a pivot, and the same as texts by name (an address, a saved pivot, a script)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from salesdesk.errors import Invalid
from salesdesk.models.store import Reader
from salesdesk.services.pivot_catalog import ENTITIES, entity
from salesdesk.services.pivot_fields import BY, Dimension, Entity, Number
from salesdesk.text import N_

#: How a number is put together.
HOW: Final = ("count", "sum", "mean", "median", "share_row", "share_column", "share_total")
CHARTS: Final = ("auto", "columns", "groups", "lines", "bars", "none")
ROWS_AT_MOST, COLUMNS_AT_MOST = 500, 60
_SUMMED = ("sum", "mean", "median")
Raw = int | str | None


@dataclass(frozen=True, slots=True)
class Axis:
    """A dimension that rows or columns go by; of a date how finely."""

    dimension: Dimension
    by: str = ""

    @property
    def text(self) -> str:
        """As an address has it: ``person``, ``closed:month``."""
        return f"{self.dimension.key}:{self.by}" if self.by else self.dimension.key


@dataclass(frozen=True, slots=True)
class Spec:
    """A pivot. ``number`` is None where things are counted; ``date``: the one the period is of.
    ``only``: of these dimensions only these keys."""

    entity: Entity
    rows: tuple[Axis, ...]
    columns: Axis | None
    how: str
    number: Number | None
    date: Dimension
    only: tuple[tuple[Axis, frozenset[Raw]], ...] = ()
    chart: str = "auto"
    all_time: bool = False
    texts: Mapping[str, str] = field(default_factory=dict)

    @property
    def axes(self) -> tuple[Axis, ...]:
        """The rows', then the columns'."""
        return self.rows if self.columns is None else (*self.rows, self.columns)

    @property
    def is_share(self) -> bool:
        """Whether its numbers are shares of a sum."""
        return self.how.startswith("share")

    @property
    def overlaps(self) -> bool:
        """Whether one thing may stand in several rows or columns."""
        return any(axis.dimension.several for axis in self.axes)


def spec_of(r: Reader, texts: Mapping[str, str]) -> Spec:
    """The pivot of texts by name: ``entity=deal``, ``rows=closed:month,person``,
    ``columns=stage``, ``measure=sum:amount``, ``date=closed``, ``only.state=["won"]``,
    ``chart=lines``, ``all=1``. What is missing is counted deals by person.

    Raises Invalid or NotFound, with the word that is not understood.
    """
    found = entity(r, texts.get("entity") or ENTITIES[0])
    words = [word for word in texts.get("rows", "").split(",") if word]
    rows = tuple(_axis(found, word) for word in words) or (_axis(found, found.person),)
    if len(rows) > 2:
        raise Invalid(N_("A pivot has rows of one or two fields, not more."))
    columns = _axis(found, texts["columns"]) if texts.get("columns") else None
    named = [axis.text for axis in (*rows, *((columns,) if columns else ()))]
    if len(set(named)) < len(named):
        raise Invalid(N_("A pivot cannot have the same field twice."))
    how, number = _measure(found, texts.get("measure", ""))
    when = found.dimension(texts.get("date") or found.date)
    if not when.is_date or when.kind == "iso":
        raise Invalid(N_("A period cannot be of “{name}”."), name=when.key)
    chart = texts.get("chart") or "auto"
    if chart not in CHARTS:
        raise Invalid(N_("There is no chart “{name}”."), name=chart)
    return Spec(
        found, rows, columns, how, number, when, _only(found, texts), chart,
        texts.get("all") == "1", dict(texts),
    )  # fmt: skip


def _axis(found: Entity, word: str) -> Axis:
    key, _, by = word.partition(":")
    dimension = found.dimension(key)
    if dimension.is_date:
        by = by or "month"
        if by not in BY:
            raise Invalid(
                N_("A pivot goes by day, week, month, quarter or year, not by “{by}”."), by=by
            )
        return Axis(dimension, by)
    if by:
        raise Invalid(N_("A pivot knows no field “{name}” here."), name=word)
    return Axis(dimension)


def _measure(found: Entity, word: str) -> tuple[str, Number | None]:
    how, _, key = word.partition(":")
    how = how or "count"
    if how not in HOW:
        raise Invalid(N_("A pivot cannot measure “{name}”."), name=how)
    if how in _SUMMED and not key:
        raise Invalid(N_("Say which number to measure."))
    return how, found.number(key) if key and how != "count" else None


def _only(found: Entity, texts: Mapping[str, str]) -> tuple[tuple[Axis, frozenset[Raw]], ...]:
    wanted = []
    for name, text in sorted(texts.items()):
        if name.startswith("only."):
            wanted.append((_axis(found, name.removeprefix("only.")), frozenset(_keys(name, text))))
    return tuple(wanted)


def _keys(name: str, text: str) -> list[Raw]:
    try:
        read: Any = json.loads(text)
    except ValueError:
        read = None
    fits = isinstance(read, list) and all(
        one is None or (isinstance(one, int | str) and not isinstance(one, bool)) for one in read
    )
    if not fits:
        raise Invalid(N_("The filter “{name}” cannot be read: {text}"), name=name, text=text)
    found: list[Raw] = read
    return found


def only_text(keys: list[Raw]) -> str:
    """Keys of a dimension as ``only.…`` has them."""
    return json.dumps(keys, ensure_ascii=False)
