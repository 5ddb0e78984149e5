"""The board now: pipelines, columns, ids and cards. What the first paint reads; text queries alone.

A column's count and sums are kept by every move (``stage_total``), so that they cost the same
whatever the number of deals; cards are read a page at a time.
"""

from array import array
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from salesdesk.models.parts import HIGH, PART, PART_BITS
from salesdesk.models.store import Reader
from salesdesk.moments import DAY_SECONDS, SECOND, amount_of
from salesdesk.names import folded
from salesdesk.services.amounts import cents
from salesdesk.services.cards import (
    Age,
    BoardFilter,
    CardChild,
    CardField,
    ChipCounts,
    DealCard,
    PipelineInfo,
    SortKey,
    StageColumn,
    TaskState,
)

RATE_SCALE = 100_000_000
_ON_CARD = 2
_DAY = DAY_SECONDS * SECOND


def pipelines(r: Reader) -> list[PipelineInfo]:
    """All pipelines in their order."""
    return [
        PipelineInfo(row[0], row[1], bool(row[2]))
        for row in r.rows(
            "SELECT id, name, counts FROM pipeline WHERE deleted_at IS NULL ORDER BY position, id"
        )
    ]


def pipeline_of(r: Reader, stage_id: int) -> int:
    """The pipeline of a stage."""
    return int(r.value("SELECT pipeline_id FROM stage WHERE id = ?", (stage_id,)))


def currency(r: Reader) -> str:
    """The workspace's currency."""
    found = r.value("SELECT value FROM setting WHERE name = 'currency'")
    return found.strip('"') if found else "RUB"


def rates(r: Reader, home: str) -> dict[str, Decimal]:
    """Present rate of each currency in the workspace's own."""
    found = {home: Decimal(1)}
    for code, rate in r.rows(
        "SELECT currency, rate FROM rate WHERE deleted_at IS NULL "
        "ORDER BY valid_from IS NOT NULL, valid_from"
    ):
        found[code] = Decimal(rate) / RATE_SCALE
    return found


def columns(
    r: Reader, pipeline_id: int, chosen: BoardFilter | None = None, *, now: int = 0
) -> list[StageColumn]:
    """The columns of a pipeline with count, sum and weighted sum, of all deals or those chosen.

    An archived stage is none, unless a deal stands open in it (one that was restored).
    """
    home = currency(r)
    known = rates(r, home)
    totals: dict[int, list[tuple[Any, ...]]] = {}
    for row in _totals(r, pipeline_id, chosen, now):
        totals.setdefault(row[0], []).append(row[1:])
    found = []
    for row in r.rows(
        "SELECT id, name, kind, colour, probability, limit_days FROM stage "
        "WHERE pipeline_id = ? AND deleted_at IS NULL AND (NOT archived OR kind = 'open' "
        "AND EXISTS (SELECT 1 FROM deal d WHERE d.stage_id = stage.id AND d.deleted_at IS NULL)) "
        "ORDER BY position, id",
        (pipeline_id,),
    ):
        stage_id, name, kind, colour, probability, limit = row
        probability = {"won": 100, "lost": 0}.get(kind, probability)
        count, amount, weighted, unrated = _sum(totals.get(stage_id, []), probability, known)
        found.append(
            StageColumn(
                stage_id, name, kind, colour, probability, limit, count, amount, weighted, unrated
            )
        )
    return found


def _totals(
    r: Reader, pipeline_id: int, chosen: BoardFilter | None, now: int
) -> list[tuple[Any, ...]]:
    if chosen is None or chosen.is_whole():
        return r.rows(
            "SELECT t.stage_id, t.currency, t.n, t.amount, t.own_amount, t.own_weighted "
            "FROM stage s JOIN stage_total t ON t.stage_id = s.id WHERE s.pipeline_id = ?",
            (pipeline_id,),
        )
    where, params = _where(r, chosen, now)
    found = r.rows(
        f"SELECT d.stage_id, d.currency, count(*), {_sums(f'd.amount & {PART - 1}')}, "
        f"{_sums(f'd.amount >> {PART_BITS}')} FROM stage s "
        "JOIN deal d ON d.stage_id = s.id AND d.deleted_at IS NULL "
        f"WHERE s.pipeline_id = ?{where} GROUP BY d.stage_id, d.currency",
        (pipeline_id, *params),
    )
    high = [(row[0], row[1] + HIGH, 0, *row[6:]) for row in found if any(row[6:])]
    return [row[:6] for row in found] + high


def _sums(part: str) -> str:
    """All of it, that of deals with a probability of their own, and that times their percent."""
    return (
        f"coalesce(sum({part}), 0), "
        f"coalesce(sum(CASE WHEN d.probability IS NOT NULL THEN {part} END), 0), "
        f"coalesce(sum(({part}) * d.probability), 0)"
    )


def _sum(
    rows: list[tuple[Any, ...]], probability: int, known: dict[str, Decimal]
) -> tuple[int, Decimal, Decimal, tuple[str, ...]]:
    count, amount, weighted = 0, Decimal(0), Decimal(0)
    unrated = []
    for kept, n, *sums in rows:
        count += n
        code = kept.removesuffix(HIGH)
        unit = 1 if code == kept else PART
        total, own_amount, own_weighted = (each * unit for each in sums)
        rate = known.get(code)
        if rate is None:
            if total and code not in unrated:
                unrated.append(code)
            continue
        amount += amount_of(total) * rate
        share = (total - own_amount) * probability + own_weighted
        weighted += amount_of(share) / 100 * rate
    return count, cents(amount), cents(weighted), tuple(sorted(unrated))


def _where(r: Reader, chosen: BoardFilter, now: int) -> tuple[str, list[Any]]:
    """The filter as SQL over d (deal) and s (stage)."""
    if chosen.is_whole():
        return "", []
    from salesdesk.services import filters

    return filters.where(chosen, now, r.zone)


def like(text: str) -> str:
    """A pattern that finds ``text`` anywhere in a folded column."""
    safe = folded(text).replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{safe}%"


_ORDER = {
    "position": "d.pos, d.id",
    "amount": "d.amount IS NULL, d.amount DESC, d.pos, d.id",
    "age": "d.since, d.pos, d.id",
    "task": "CASE WHEN d.next_due < {now} THEN 0 WHEN d.open_tasks = 0 THEN 1 "
    "WHEN d.next_due IS NOT NULL THEN 2 ELSE 3 END, d.next_due, d.pos, d.id",
}


def ids(
    r: Reader, stage_id: int, chosen: BoardFilter, sort: SortKey = "position", *, now: int
) -> "array[int]":
    """Keys of the deals of a column, in order."""
    order = _ORDER[sort].format(now=int(now))
    if chosen.is_whole():
        sql = (
            "SELECT d.id FROM deal d WHERE d.stage_id = ? AND d.deleted_at IS NULL "
            f"ORDER BY {order}"
        )
        return array("q", (row[0] for row in r.rows(sql, (stage_id,))))
    where, params = _where(r, chosen, now)
    rows = r.rows(
        "SELECT d.id FROM deal d JOIN stage s ON s.id = d.stage_id "
        f"WHERE d.stage_id = ? AND d.deleted_at IS NULL{where} ORDER BY {order}",
        (stage_id, *params),
    )
    return array("q", (row[0] for row in rows))


def first_ids(
    r: Reader, stage_id: int, limit: int, seen: frozenset[int] | None = None
) -> "array[int]":
    """The first keys of a column by position, of the deals that may be seen: the first picture."""
    where = ""
    if seen is not None:
        where = f" AND (owner_id IS NULL OR owner_id IN ({', '.join('?' * len(seen))}))"
    rows = r.rows(
        f"SELECT id FROM deal WHERE stage_id = ? AND deleted_at IS NULL{where} "
        "ORDER BY pos, id LIMIT ?",
        (stage_id, *sorted(seen or ()), limit),
    )
    return array("q", (row[0] for row in rows))


_WORDS = (
    "SELECT d.id, d.title_key || char(10) || coalesce(replace(c.name_key, 'ё', 'е'), '') "
    "FROM {deals} LEFT JOIN client c ON c.id = d.client_id "
)


def words(r: Reader, pipeline_id: int, ids: Iterable[int] | None = None) -> dict[int, str]:
    """By deal what the text of a filter is looked for in, folded: title and client's name."""
    if ids is not None:
        sql = _WORDS.format(deals="deal d") + "WHERE d.deleted_at IS NULL AND d.id IN ({ids})"
        return dict(r.rows_of(sql, ids))
    joined = "stage s JOIN deal d ON d.stage_id = s.id AND d.deleted_at IS NULL"
    sql = _WORDS.format(deals=joined) + "WHERE s.pipeline_id = ?"
    return dict(r.rows(sql, (pipeline_id,)))


def parents(r: Reader, stage_id: int) -> set[int]:
    """Deals of a column that have child deals (their cards are taller)."""
    rows = r.rows(
        "SELECT DISTINCT c.parent_id FROM deal c CROSS JOIN deal p ON p.id = c.parent_id "
        "WHERE c.parent_id IS NOT NULL AND c.deleted_at IS NULL AND p.stage_id = ?",
        (stage_id,),
    )
    return {row[0] for row in rows}


def parents_of(r: Reader, deal_ids: Iterable[int]) -> list[int]:
    """The deals that have these as children, but those that are among them."""
    ids = set(deal_ids)
    rows = r.rows_of(
        "SELECT DISTINCT parent_id FROM deal WHERE parent_id IS NOT NULL AND id IN ({ids})",
        sorted(ids),
    )
    return sorted({row[0] for row in rows} - ids)


def deals_of(r: Reader, client_ids: Iterable[int]) -> list[int]:
    """The deals whose cards name these clients."""
    sql = "SELECT id FROM deal WHERE client_id IN ({ids}) AND deleted_at IS NULL"
    return [row[0] for row in r.rows_of(sql, sorted(client_ids))]


def described_by(r: Reader, value_ids: Iterable[int]) -> list[int]:
    """The deals that these values of own fields belong to."""
    sql = (
        "SELECT DISTINCT v.subject_id FROM field_value v JOIN custom_field f ON f.id = v.field_id "
        "WHERE f.subject = 'deal' AND v.id IN ({ids})"
    )
    return [row[0] for row in r.rows_of(sql, sorted(value_ids))]


#: Of a deal none of whose open tasks has a due moment: one that waits for nothing, by its title.
PLANNED_TASK = (
    "CASE WHEN d.next_due IS NULL AND d.open_tasks > 0 THEN (SELECT f.title FROM task f "
    "WHERE f.deal_id = d.id AND f.state = 'open' AND f.due_at IS NULL AND f.event IS NULL "
    "AND f.deleted_at IS NULL ORDER BY f.id LIMIT 1) END"
)
_CARDS = (
    "SELECT d.id, d.number, d.title, c.name, d.amount, d.currency, d.owner_id, p.name, "
    f"d.open_tasks, d.next_due, t.title, d.since, s.limit_days, s.kind, d.stage_id, {PLANNED_TASK} "
    "FROM deal d JOIN stage s ON s.id = d.stage_id LEFT JOIN client c ON c.id = d.client_id "
    "LEFT JOIN person p ON p.id = d.owner_id LEFT JOIN task t ON t.id = d.next_task_id "
    "WHERE d.deleted_at IS NULL AND d.id IN ({ids})"
)


def cards(r: Reader, deal_ids: Iterable[int], *, now: int) -> dict[int, DealCard]:
    """The cards of these deals; a deal that is not on the board any more is left out."""
    wanted = list(deal_ids)
    day_end = r.zone.start_of(r.zone.day_of(now) + 1)
    children, fields = _children(r, wanted, now), _own_fields(r, wanted)
    return {
        row[0]: _card(row, children.get(row[0], ()), fields.get(row[0], ()), now, day_end)
        for row in r.rows_of(_CARDS, wanted)
    }


def _children(r: Reader, wanted: list[int], now: int) -> dict[int, tuple[CardChild, ...]]:
    """The children of each deal: those that are open, the newest first, then the others."""
    found: dict[int, list[CardChild]] = {}
    rows = r.rows_of(
        "SELECT d.parent_id, d.id, p.name, s.name, s.kind, s.colour, d.next_due FROM deal d "
        "JOIN stage s ON s.id = d.stage_id JOIN pipeline p ON p.id = s.pipeline_id "
        "WHERE d.deleted_at IS NULL AND d.parent_id IN ({ids})",
        wanted,
    )
    rows.sort(key=lambda row: (row[4] != "open", -row[1]))
    for parent, _id, pipeline, stage, kind, colour, due in rows:
        late = due is not None and due < now
        found.setdefault(parent, []).append(CardChild(pipeline, stage, kind, colour, late))
    return {parent: tuple(children) for parent, children in found.items()}


def fields_on_cards(r: Reader) -> dict[int, tuple[str, str]]:
    """Name and kind of the own fields that show on cards, in their order."""
    return {
        row[0]: row[1:]
        for row in r.rows(
            "SELECT id, name, kind FROM custom_field WHERE subject = 'deal' AND on_card = 1 "
            "AND deleted_at IS NULL ORDER BY position, id"
        )
    }


def _own_fields(r: Reader, wanted: list[int]) -> dict[int, tuple[CardField, ...]]:
    """What cards say of own fields: of each deal the first two that have a value."""
    shown = fields_on_cards(r)
    if not shown:
        return {}
    places = {field: place for place, field in enumerate(shown)}
    values: dict[int, list[tuple[int, str]]] = {}
    for deal, field, value in r.rows_of(
        "SELECT subject_id, field_id, value FROM field_value WHERE deleted_at IS NULL "
        "AND value IS NOT NULL AND value <> '' AND subject_id IN ({ids})",
        wanted,
    ):
        if field in shown:
            values.setdefault(deal, []).append((field, value))
    return {
        deal: tuple(
            CardField(*shown[field], value)
            for field, value in sorted(given, key=lambda one: places[one[0]])[:_ON_CARD]
        )
        for deal, given in values.items()
    }


def with_own_fields(r: Reader, stage_id: int) -> set[int]:
    """Deals of a column whose cards tell own fields (they are taller)."""
    shown = fields_on_cards(r)
    if not shown:
        return set()
    marks = ", ".join("?" * len(shown))
    rows = r.rows(
        "SELECT d.id FROM deal d WHERE d.stage_id = ? AND d.deleted_at IS NULL AND EXISTS "
        f"(SELECT 1 FROM field_value v WHERE v.subject_id = d.id AND v.field_id IN ({marks}) "
        "AND v.deleted_at IS NULL AND v.value <> '')",
        (stage_id, *shown),
    )
    return {row[0] for row in rows}


def _card(
    row: tuple[Any, ...],
    children: tuple[CardChild, ...],
    fields: tuple[CardField, ...],
    now: int,
    day_end: int,
) -> DealCard:
    since, limit, kind = row[11], row[12], row[13]
    return DealCard(
        id=row[0],
        number=row[1],
        title=row[2],
        company=row[3],
        amount=None if row[4] is None else amount_of(row[4]),
        currency=row[5],
        owner_id=row[6],
        owner=row[7],
        owner_colour=row[6] or 0,
        task_state=task_state(row[8], row[9], row[15] is None, now, day_end),
        next_task=row[10] if row[15] is None else row[15],
        next_due=row[9],
        days_in_stage=max(0, (now - since) // _DAY) if since is not None else 0,
        age=age(since, limit, now) if kind == "open" else "fresh",
        stage_id=row[14],
        children=children,
        fields=fields,
    )


def task_state(open_tasks: int, due: int | None, waits: bool, now: int, day_end: int) -> TaskState:
    """The worst state of a deal's open tasks, from their number and the nearest due moment;
    ``waits``: without one, whether each of them waits for an event."""
    if not open_tasks:
        return "none"
    if due is None:
        return "waiting" if waits else "planned"
    if due < now:
        return "overdue"
    return "today" if due < day_end else "planned"


def age(since: int | None, limit_days: int | None, now: int) -> Age:
    """Whether a deal has stood in its stage beyond the limit (stuck) or half of it (warn)."""
    if since is None or limit_days is None:
        return "fresh"
    stood = now - since
    if stood > limit_days * _DAY:
        return "stuck"
    return "warn" if stood * 2 >= limit_days * _DAY else "fresh"


def chip_counts(r: Reader, pipeline_id: int, chosen: BoardFilter, *, now: int) -> ChipCounts:
    """How many open deals (of the owners chosen) are overdue, without a task, or stuck."""
    where, params = _where(r, BoardFilter(owner_ids=chosen.owner_ids, seen=chosen.seen), now)
    row = r.row(
        "SELECT coalesce(sum(d.next_due < ?), 0), coalesce(sum(d.open_tasks = 0), 0), "
        "coalesce(sum(d.since < ? - s.limit_days * ?), 0) FROM stage s "
        "JOIN deal d ON d.stage_id = s.id AND d.deleted_at IS NULL "
        f"WHERE s.pipeline_id = ? AND s.kind = 'open'{where}",
        (now, now, _DAY, pipeline_id, *params),
    )
    return ChipCounts(*row) if row else ChipCounts()
