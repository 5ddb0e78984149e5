"""Values of a pivot's dimensions to choose from, and pivots that are ready to begin with.

Values are texts, as filters have them: the key of a list's entry, a word, a text; ``0`` is nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from salesdesk.models.store import Reader
from salesdesk.names import folded
from salesdesk.services.board import like
from salesdesk.services.pivot_fields import LISTS, Dimension
from salesdesk.services.pivot_names import names_of
from salesdesk.services.pivot_spec import Axis, Raw, only_text
from salesdesk.text import N_, tr

NONE: Final = "0"
_MOST = 60
_ORDERED = frozenset(("pipeline", "source", "industry", "lost_reason", "task_kind", "service"))


def can_choose(dimension: Dimension) -> bool:
    """Whether single values of it can be asked for (of dates the period is)."""
    return dimension.kind in LISTS or dimension.kind in ("word", "text")


def raw_of(dimension: Dimension, value: str) -> Raw:
    """The key that a chosen value stands for."""
    if dimension.kind in LISTS:
        return int(value) or None if value.isascii() and value.isdecimal() else None
    return None if value == NONE else value


def value_of(raw: Raw) -> str:
    """A key as a value to choose."""
    return NONE if raw is None else str(raw)


def find(r: Reader, dimension: Dimension, typed: str) -> list[tuple[str, str]]:
    """Values whose names hold what was typed, at most sixty, then nothing."""
    nothing = names_of(r, Axis(dimension), [None]).labels[None]
    if dimension.kind == "word":
        found = [(word, tr(text)) for word, text in dimension.words.items()]
    elif dimension.kind in LISTS:
        found = _entries(r, dimension.kind, typed)
    else:
        found = [(text, text) for text in _texts(r, dimension)]
    words = folded(typed)
    return [one for one in [*found, (NONE, nothing)] if words in folded(one[1])][:_MOST]


def _entries(r: Reader, kind: str, typed: str) -> list[tuple[str, str]]:
    table, column = LISTS[kind], "title" if kind == "deal" else "name"
    order = "position, id" if kind in _ORDERED else f"{column}_key, id"
    keys = [
        row[0]
        for row in r.rows(
            f"SELECT id FROM {table} WHERE deleted_at IS NULL "
            f"AND replace({column}_key, 'ё', 'е') LIKE ? ESCAPE '\\' ORDER BY {order} LIMIT ?",
            (like(typed), _MOST),
        )
    ]
    names = names_of(r, Axis(Dimension("", "", kind, "")), keys).labels
    if kind == "stage":
        places = names_of(r, Axis(Dimension("", "", kind, "")), keys).places or {}
        keys.sort(key=lambda key: places.get(key, 0))
    return [(str(key), names[key]) for key in keys]


def _texts(r: Reader, dimension: Dimension) -> list[str]:
    """What stands in an own field, or the currencies of the deals."""
    field = dimension.key.rpartition(".")[2].removeprefix("f")
    if not field.isdecimal():
        sql = "SELECT DISTINCT currency FROM stage_total WHERE n > 0 ORDER BY 1"
        return [row[0] for row in r.rows(sql)]
    rows = r.rows(
        "SELECT DISTINCT value FROM field_value WHERE field_id = ? AND deleted_at IS NULL "
        "AND value IS NOT NULL ORDER BY 1 LIMIT 1000",
        (int(field),),
    )
    return [row[0] for row in rows]


def named(r: Reader, dimension: Dimension, values: Sequence[str]) -> list[str]:
    """The names of chosen values."""
    keys = [raw_of(dimension, value) for value in values]
    labels = names_of(r, Axis(dimension), [*keys, None]).labels
    return [labels[key] for key in keys]


# -- to begin with --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Example:
    """A pivot that is ready: its name (N_), its texts, and the days that it looks at best."""

    title: str
    texts: Mapping[str, str]
    days: str = "year"


def examples(r: Reader) -> list[Example]:
    """Pivots to begin with; the first is what one finds on coming for the first time."""
    counting = [
        row[0] for row in r.rows("SELECT id FROM pipeline WHERE deleted_at IS NULL AND counts = 1")
    ]
    every = r.value("SELECT count(*) FROM pipeline WHERE deleted_at IS NULL")
    sales = {"only.pipeline": only_text(counting)} if 0 < len(counting) < every else {}
    won = {"only.state": only_text(["won"]), "date": "closed"} | sales
    lost = {"only.state": only_text(["lost"]), "date": "closed"} | sales
    return [
        Example(N_("Won deals by month and person"),
                {"entity": "deal", "rows": "closed:month", "columns": "person", **won}),
        Example(N_("Amount won by client and quarter"),
                {"entity": "deal", "rows": "client", "columns": "closed:quarter",
                 "measure": "sum:amount", **won}),
        Example(N_("Shares of the sources in the deals of each quarter"),
                {"entity": "deal", "rows": "created:quarter", "columns": "source",
                 "measure": "share_row", **sales}),
        Example(N_("Reasons of refusals by person"),
                {"entity": "deal", "rows": "reason", "columns": "person", **lost}),
        Example(N_("Days in each stage, the median by person"),
                {"entity": "move", "rows": "left", "columns": "person",
                 "measure": "median:spent"}),
        Example(N_("Tasks by kind and state"),
                {"entity": "task", "rows": "kind", "columns": "state"}),
        Example(N_("Child deals by pipeline and by who sold"),
                {"entity": "child", "rows": "pipeline", "columns": "parent.person"}),
        Example(N_("Prices of contractors by service"),
                {"entity": "quote", "rows": "contractor", "columns": "service",
                 "measure": "mean:price"}),
    ]  # fmt: skip
