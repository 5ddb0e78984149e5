"""The trial run: what would come of a file by a mapping, without writing anything. No Qt here.

One look at the file gives it all: counts, rejected rows, what each field holds, and the first cards
of every stage.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from salesdesk.names import key
from salesdesk.services import board, pipelines
from salesdesk.services.cards import STAGE_COLOURS
from salesdesk.services.exchange import importer
from salesdesk.services.exchange.columns import Columns, read_columns
from salesdesk.services.exchange.dates import DateColumn, When
from salesdesk.services.exchange.mapping import Mapping, StageRule
from salesdesk.services.exchange.rejects import Reject
from salesdesk.services.exchange.table import Table
from salesdesk.services.writer import Reader
from salesdesk.ui.collecting import without_collector
from salesdesk.ui.imports.draft import STAGED, settled, stage_rows

#: Cards shown of each stage.
FIRST = 2
PEOPLE = ("owner", "by", "assignee", "supervisor")
CLIENTS = ("company", "contact")
_CLOSED = {"won": "green", "lost": "red"}


@dataclass(frozen=True, slots=True)
class FieldFound:
    """What the rows hold for a field. ``different`` counts texts (0 when nobody asks), ``new``
    those of them that are not known yet (-1 when that is not known), ``dates`` is how dates are
    written, ``bad`` counts refused cells."""

    rows: int
    empty: int
    different: int = 0
    new: int = -1
    dates: str = ""
    numbers: bool = False
    bad: int = 0


@dataclass(frozen=True, slots=True)
class FirstCard:
    """A deal as the board will show it; ``days`` in the stage, ``None`` when it ended."""

    title: str
    client: str
    amount: Decimal | None
    currency: str
    owner: str
    days: int | None


@dataclass(frozen=True, slots=True)
class StagePreview:
    """A column of the board after the import: only what comes out of this file."""

    name: str
    colour: str
    count: int
    cards: tuple[FirstCard, ...]


@dataclass(frozen=True, slots=True)
class Trial:
    """What an import would do. ``mapping`` is the one asked for, with its stages settled;
    ``first`` is the stage that it makes the first of a pipeline."""

    mapping: Mapping
    rows: int
    created: int
    updated: int
    unchanged: int
    rejected: tuple[Reject, ...]
    deals: int = 0
    moves: int = 0
    clients: int = 0
    people: tuple[str, ...] = ()
    new_stages: tuple[str, ...] = ()
    found: dict[str, FieldFound] = field(default_factory=dict)
    stages: tuple[StageRule, ...] = ()
    preview: tuple[StagePreview, ...] = ()
    first: str = ""

    @property
    def writes(self) -> int:
        """Rows that would change something."""
        return self.created + self.updated


@without_collector()
def try_out(r: Reader, table: Table, mapping: Mapping, pipeline: str | None, now: int) -> Trial:
    """Read all rows and plan the import. Raises MappingError for a mapping that does not fit."""
    mapping = settled(table, mapping)
    columns = read_columns(table, mapping)
    plan = importer.plan_of(r, columns, importer.Request(now, pipeline))
    summary = plan.summary()
    rejected = sorted([*columns.rejects, *plan.rejects], key=lambda one: one.row)
    people = tuple(summary.get("created_people", ()))
    stages = tuple(summary.get("created_stages", ()))
    clients = int(summary.get("created_clients", 0))
    return Trial(
        mapping, table.read, plan.created, plan.updated, plan.unchanged, tuple(rejected),
        int(summary.get("created_deals", 0)), int(summary.get("created_moves", 0)), clients,
        people, stages, _found(columns, rejected, people, stages, clients),
        tuple(stage_rows(table, mapping)),
        _preview(r, columns, rejected, pipeline, now),
        _first(r, columns, pipeline, stages),
    )  # fmt: skip


# -- what each field holds ------------------------------------------------------------------------


def _found(
    columns: Columns,
    rejected: list[Reject],
    people: tuple[str, ...],
    stages: tuple[str, ...],
    clients: int,
) -> dict[str, FieldFound]:
    bad: dict[str, int] = {}
    for reject in rejected:
        bad[reject.column] = bad.get(reject.column, 0) + 1
    fresh = {key(name) for name in people}
    found: dict[str, FieldFound] = {}
    for name, column in columns.fields.items():
        refused = bad.get(column.headings[0], 0) if column.headings else 0
        dates = column.found if isinstance(column.found, DateColumn) else None
        different, new = 0, -1
        if name in (*PEOPLE, *CLIENTS, "stage", "external_id", "deal", "pipeline"):
            names = {key(text): text for text in set(column.values) if isinstance(text, str)}
            different = len(names)
            if name in PEOPLE:
                new = len(names.keys() & fresh)
            elif name == "stage":
                different, new = _stages(columns, names), len(stages)
            elif name in CLIENTS and len(set(CLIENTS) & columns.fields.keys()) == 1:
                new = clients
        found[name] = FieldFound(
            len(columns.table.rows), column.empty, different, new,
            dates.label if dates else "", column.found is not None and dates is None, refused,
        )  # fmt: skip
    return found


def _stages(columns: Columns, names: dict[str, str]) -> int:
    """How many stages the values of a file stand for."""
    rules = {key(rule.value): rule.stage for rule in columns.mapping.stages}
    return len({key(rules.get(known, text)) for known, text in names.items()})


# -- the first cards ------------------------------------------------------------------------------


def _preview(
    r: Reader, columns: Columns, rejected: list[Reject], pipeline: str | None, now: int
) -> tuple[StagePreview, ...]:
    """The columns of the board with what this file puts there; empty ones are left out."""
    kind = columns.mapping.kind
    if kind not in STAGED or not columns.mapping.feeds("stage"):
        return ()
    refused = {reject.row for reject in rejected}
    rows = [row for row in columns.good if columns.table.rows[row][0] not in refused]
    order = _order(r, columns, pipeline)
    places = _last_rows(columns, rows) if kind == "moves" else rows
    standing: dict[str, list[int]] = {}
    values = columns.texts("stage")
    rules = {key(rule.value): key(rule.stage) for rule in columns.mapping.stages}
    first = next(iter(order), "")
    for row in places:
        value = values[row]
        known = key(value) if value else ""
        standing.setdefault(rules.get(known, known) if value else first, []).append(row)
    maker = _Cards(r, columns, now)
    return tuple(
        StagePreview(name, colour, len(standing[known]), tuple(
            maker.card(row, is_open) for row in standing[known][:FIRST]
        ))
        for known, (name, colour, is_open) in order.items()
        if known in standing
    )  # fmt: skip


def _there(r: Reader, columns: Columns, pipeline: str | None) -> list[pipelines.Stage]:
    """The stages that the pipeline has."""
    wanted = key(pipeline or columns.mapping.pipeline or "")
    there = next((one for one in pipelines.pipelines(r) if key(one.name) == wanted), None)
    return [] if there is None else pipelines.stages(r, there.id)


def _first(r: Reader, columns: Columns, pipeline: str | None, made: tuple[str, ...]) -> str:
    """The open stage with which a pipeline begins that has none yet."""
    if "pipeline" in columns.mapping.columns or _there(r, columns, pipeline):
        return ""
    ends = {key(one.stage) for one in columns.mapping.stages if one.kind in ("won", "lost")}
    return next((name for name in made if key(name) not in ends), "")


def _order(r: Reader, columns: Columns, pipeline: str | None) -> dict[str, tuple[str, str, bool]]:
    """The stages as they will stand: known ones, then those of the file, won and lost last."""
    stages = _there(r, columns, pipeline)
    found = {key(s.name): (s.name, s.colour, s.kind) for s in stages}
    values = dict.fromkeys(text for text in columns.texts("stage") if text)
    rules = {key(rule.value): rule for rule in columns.mapping.stages}
    more = [rules.get(key(value)) or StageRule(value, value) for value in values]
    for rule in (*columns.mapping.stages, *more):
        if key(rule.stage) not in found:
            found[key(rule.stage)] = (rule.stage, "", rule.kind or "open")
    still = [one for one in found.items() if one[1][2] == "open"]
    ended = [one for one in found.items() if one[1][2] != "open"]
    return {
        known: (name, colour or _CLOSED.get(kind) or STAGE_COLOURS[place % 7], kind == "open")
        for place, (known, (name, colour, kind)) in enumerate([*still, *ended])
    }


def _last_rows(columns: Columns, rows: Iterable[int]) -> list[int]:
    """Of a log of moves: the row that leaves each deal where it stands."""
    dates, deals = columns.dates("at"), columns.texts("deal")
    last: dict[str, tuple[Any, int]] = {}
    for row in rows:
        when, deal = dates[row], deals[row]
        if when is None or deal is None:
            continue
        at = when.at.timestamp() if when.at.tzinfo else when.at.replace(tzinfo=None)
        known = last.get(deal)
        if known is None or not _before(at, known[0]):
            last[deal] = (at, row)
    return [row for _, row in last.values()]


def _before(one: Any, other: Any) -> bool:
    """Whether a moment is earlier; of different kinds none is."""
    return type(one) is type(other) and bool(one < other)


class _Cards:
    """Cards of rows, as the board would show them."""

    def __init__(self, r: Reader, columns: Columns, now: int) -> None:
        self._columns = columns
        self._today = r.zone.day_of(now)
        self._home = board.currency(r)
        moves = columns.mapping.kind == "moves"
        self._text = {
            name: columns.texts(name)
            for name in ("title", "external_id", "deal", "company", "contact", "owner")
        }
        entered = ("at",) if moves else ("stage_entered_at", "created_at")
        self._entered = [columns.dates(name) for name in entered]
        self._amounts = columns.amounts("amount")
        self._currencies = columns.currencies()

    def card(self, row: int, is_open: bool) -> FirstCard:
        """The card of one row."""
        text = {name: values[row] or "" for name, values in self._text.items()}
        when: When | None = next((dates[row] for dates in self._entered if dates[row]), None)
        day = self._today if when is None else when.at.toordinal()
        return FirstCard(
            text["title"] or text["external_id"] or text["deal"], text["company"] or
            text["contact"], self._amounts[row], self._currencies[row] or self._home,
            text["owner"], max(0, self._today - day) if is_open else None,
        )  # fmt: skip
