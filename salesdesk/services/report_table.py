"""What every report has in common: what is asked, the table it answers with, what is behind a cell.

A report is a module ``services/report_NAME.py`` with one ``REPORT``; ``report_catalog`` knows their
names. The page, the files and the command line show any of them by what stands here: they know no
report by name.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal

from salesdesk.models.store import Reader
from salesdesk.services.cards import BoardFilter
from salesdesk.services.levels import Level
from salesdesk.services.periods import Period
from salesdesk.text import N_, tr

#: What a column holds: ``days`` are a length of time in days (Fraction or Decimal), ``share`` a
#: fraction of 1, ``money`` a Decimal in the workspace's currency, ``amount`` one in the currency of
#: the row's column ``currency``, ``day`` and ``month`` ordinals (of the first day), ``moment`` µs.
Holds = Literal[
    "text", "count", "number", "days", "share", "money", "amount", "points", "day", "week",
    "month", "moment", "yes_no",
]  # fmt: skip
#: What a day, week or month that there is not is called, where it names a row.
NO_DATE = N_("No date")
DATED = frozenset(("day", "week", "month"))
Value = str | int | Decimal | Fraction | bool | None


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a report's own options: ``key`` in addresses, saved views and ``--KEY`` of the command
    line. ``values`` maps what may be chosen to its words (N_); empty: a whole number from
    ``least`` to ``most``. ``offered``: records to choose from beside that, their names by their
    keys (``offered_by``)."""

    key: str
    title: str
    default: str
    values: Mapping[str, str] = field(default_factory=dict)
    least: int = 0
    most: int = 0
    offered: Callable[[Reader], Mapping[str, str]] | None = None


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked of a report. None is everything; ``own`` are the report's own choices (those
    that are missing are the defaults). ``deals`` filters the deals that it counts."""

    period: Period
    by: str = "day"
    pipeline_id: int | None = None
    person_id: int | None = None
    team_id: int | None = None
    deals: BoardFilter = field(default_factory=BoardFilter)
    own: Mapping[str, str] = field(default_factory=dict)

    def whose(self) -> dict[str, Any]:
        """Whose deals, and which, as the questions behind reports take it."""
        return {"person_id": self.person_id, "team_id": self.team_id, "deals": self.deals}


@dataclass(frozen=True, slots=True)
class Column:
    """``key`` is its name in JSON and files and never changes. ``title`` is N_ text, or a name (of
    a stage, a person) where ``named``. ``about`` (N_) says in a sentence what it counts.
    ``opens``: its cells have something behind them. ``plan``: the key of the column with its plan
    (files colour its cells by it, however they are changed there). ``colour``: a stage's colour by
    name, for charts."""

    key: str
    title: str
    holds: Holds = "count"
    about: str = ""
    named: bool = False
    opens: bool = False
    plan: str = ""
    colour: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """``cells`` as the columns; ``key`` tells ``behind`` which row it is. ``levels`` and ``signs``
    by column key: a colour level, and a text that says what is special (already translated).
    ``deal_id``, ``client_id``: what the row itself opens, where it is one thing. ``narrows``: what
    a click on its label asks for, as a query would have it: ``{"person": 3}``, ``{"team": 2}``,
    ``{"pipeline": 1}``, or an own choice by its key (``{"rows": "people"}``). ``colour``: a stage's
    colour by name, for charts. ``nameless``: keys of columns whose text only says that there is
    none ("Nobody"); scripts are told null."""

    cells: tuple[Value, ...]
    key: tuple[Any, ...] = ()
    levels: Mapping[str, Level] = field(default_factory=dict)
    signs: Mapping[str, str] = field(default_factory=dict)
    deal_id: int | None = None
    client_id: int | None = None
    narrows: Mapping[str, int | str] = field(default_factory=dict)
    colour: str = ""
    nameless: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Chart:
    """How the table is drawn. ``label`` names the column along the axis, ``series`` the columns
    that are drawn. ``split``: the column whose values make the series (``series`` is then one).

    ``columns`` are stacked, ``groups`` stand side by side, ``bars`` lie (one a row), ``lines`` run
    over time, ``band`` is a line between the columns ``low`` and ``high``. Behind a lying bar the
    column ``pale`` is drawn in a paler colour, and the columns ``beside`` are told in grey. Days,
    weeks and months before ``since`` are not drawn.
    """

    kind: Literal["columns", "groups", "bars", "lines", "band"]
    label: str
    series: tuple[str, ...]
    split: str | None = None
    low: str | None = None
    high: str | None = None
    pale: str | None = None
    beside: tuple[str, ...] = ()
    since: int | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """The answer of a report. ``notes`` are sentences (already translated) for below the table:
    what was left out and why. ``currency`` is that of all ``money``. ``title`` (already
    translated) says what the table is of, where the report's own title does not."""

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    currency: str
    total: Row | None = None
    chart: Chart | None = None
    notes: tuple[str, ...] = ()
    title: str = ""

    def place(self, key: str) -> int:
        """Where a column stands."""
        return next(at for at, column in enumerate(self.columns) if column.key == key)


@dataclass(frozen=True, slots=True)
class Thing:
    """One of the deals, moves, tasks, clients or payments behind a number. ``value`` is what it
    adds; ``about`` (already translated) says more: a stage, a reason; ``at`` is a moment."""

    title: str
    value: int | Decimal | Fraction = 1
    about: str = ""
    at: int | None = None
    deal_id: int | None = None
    task_id: int | None = None
    client_id: int | None = None
    contractor_id: int | None = None
    counts: bool = True


@dataclass(frozen=True, slots=True)
class Behind:
    """What a cell counts; where its number is a sum, the things that count add up to it.

    ``more`` are things not listed (their number), when there are too many to show.
    """

    things: tuple[Thing, ...]
    holds: Holds = "count"
    more: int = 0


@dataclass(frozen=True, slots=True)
class Report:
    """A report. ``takes``: which of ``by``, ``pipeline``, ``person``, ``team``, ``deals`` it looks
    at. ``looks_ahead``: it is about what is to come (its period may lie in the future).
    ``one_pipeline``: it is about one, the first that counts where none is asked for;
    ``first_pipeline``: it can be about all, but is opened with that one.
    ``behind(r, query, row key, column key, now=...)``."""

    name: str
    title: str
    about: str
    takes: frozenset[str]
    read: Callable[..., Table]
    behind: Callable[..., Behind] | None = None
    own: tuple[Choice, ...] = ()
    looks_ahead: bool = False
    #: How far the period reaches when the report is first opened: ``month``, ``quarter``, ``year``,
    #: ``twelve`` (months ahead).
    first_period: str = "month"
    one_pipeline: bool = False
    first_pipeline: bool = False
    #: It answers for now, whatever the period.
    timeless: bool = False

    def chosen(self, query: Query, key: str) -> str:
        """What was chosen of an own option, or its default; unknown words are the default."""
        choice = next(one for one in self.own if one.key == key)
        given = query.own.get(key, choice.default)
        whole = given.isascii() and given.isdecimal()
        if choice.offered is not None and whole:
            return given
        if choice.values:
            return given if given in choice.values else choice.default
        return given if whole and choice.least <= int(given) <= choice.most else choice.default


#: How many things behind a number are listed at most.
MOST_THINGS = 1000


def read(r: Reader, report: Report, query: Query, *, now: int) -> Table:
    """The table of a report as it stands at ``now``."""
    return report.read(r, query, now=now)


def offered_by(r: Reader, choice: Choice) -> dict[str, str]:
    """What may be chosen, in words of the chosen language: the fixed values, then the records."""
    found = {key: tr(words) for key, words in choice.values.items()}
    return found if choice.offered is None else {**found, **choice.offered(r)}
