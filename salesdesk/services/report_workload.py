"""The report on workload: open tasks by person and the day on which they are due, as things stand.

The days may lie ahead. Overdue tasks stand on the day they were due, today's are those still to
come today. Tasks of deleted deals are in no list.
"""

from typing import Any

from salesdesk.models.store import Reader
from salesdesk.services import report_parts as parts
from salesdesk.services.board import currency
from salesdesk.services.levels import Level
from salesdesk.services.periods import bucket_start
from salesdesk.services.ranking_setup import Member, Setup
from salesdesk.services.report_parts import WHOLE, Fact
from salesdesk.services.report_table import Behind, Chart, Column, Query, Report, Row, Table
from salesdesk.text import N_, ntr

_NUMBERS = (
    Column("open", N_("Open tasks"), about=N_("Open tasks that are due then"), opens=True),
    Column("overdue", N_("Overdue"), about=N_("Those due before now"), opens=True),
    Column("today", N_("Today"), about=N_("Those still due today"), opens=True),
    Column("ahead", N_("Ahead"), about=N_("Those due after today"), opens=True),
)
_OPEN = (
    "FROM task t LEFT JOIN deal d ON d.id = t.deal_id LEFT JOIN stage s ON s.id = d.stage_id "
    "WHERE t.state = 'open' AND t.deleted_at IS NULL AND (t.deal_id IS NULL OR "
    "d.deleted_at IS NULL)"
)


def _read(r: Reader, query: Query, *, now: int) -> Table:
    setup = parts.asked(r, query, now).setup
    people = {one.id: one for one in setup.people}
    sums = parts.summed(_facts(r, query, now), len(_NUMBERS))
    rows = [
        _row(setup, people.get(line[1]), line, numbers)
        for line, numbers in sums.items()
        if line != WHOLE
    ]
    rows.sort(key=lambda row: (row.key[0], row.key[1] is None, str(row.cells[1]).casefold(),
                               row.key[1] or 0))  # fmt: skip
    columns = (
        parts.step_column(query.by), Column("person", N_("Person"), "text"),
        Column("team", N_("Team"), "text"), *_NUMBERS,
    )  # fmt: skip
    return Table(
        columns, tuple(rows), currency(r), Row((None, None, None, *sums[WHOLE]), WHOLE),
        Chart("columns", "period", ("open",), split="person"), _notes(r, query, now),
    )  # fmt: skip


def _row(setup: Setup, one: Member | None, key: tuple[Any, ...], numbers: list[int]) -> Row:
    team = None if one is None else setup.team_named(one)
    name = parts.label("person", None if one is None else one.name)
    levels: dict[str, Level] = {"overdue": "over"} if numbers[1] else {}
    return Row(
        (key[0], name, parts.label("team", team), *numbers), key, levels,
        narrows={} if one is None else {"person": one.id},
        nameless=("person", "team") if one is None else () if team else ("team",),
    )  # fmt: skip


def _scope(r: Reader, query: Query, now: int) -> tuple[str, list[Any]]:
    """Whose tasks, and of which deals; tasks without a deal are left out by a filter of deals."""
    about = parts.asked(r, query, now)
    sql, params = about.of_persons("t.assignee_id") + about.among, list(about.given)
    if about.among:
        sql += " AND d.id IS NOT NULL"
    if query.pipeline_id is not None:
        sql += " AND s.pipeline_id = ?"
        params.append(query.pipeline_id)
    return sql, params


def _facts(r: Reader, query: Query, now: int) -> list[Fact]:
    """A fact an open task that is due in the period."""
    sql, params = _scope(r, query, now)
    today = r.zone.day_of(now)
    period = query.period
    facts = []
    for task, deal, person, due in r.rows(
        f"SELECT t.id, t.deal_id, t.assignee_id, t.due_at {_OPEN} AND t.due_at >= ? "
        f"AND t.due_at < ?{sql}",
        (r.zone.start_of(period.first_day), r.zone.start_of(period.last_day + 1), *params),
    ):
        day = r.zone.day_of(due)
        late, soon = due < now, due >= now and day == today
        adds = (1, int(late), int(soon), int(not late and not soon))
        facts.append(Fact((bucket_start(day, query.by), person), adds, deal, due, "", task))
    return facts


def _notes(r: Reader, query: Query, now: int) -> tuple[str, ...]:
    """What is open and lies in no day of the period."""
    sql, params = _scope(r, query, now)
    before = r.zone.start_of(query.period.first_day)
    dateless, earlier = r.row(
        "SELECT coalesce(sum(t.due_at IS NULL), 0), coalesce(sum(t.due_at < ?), 0) "
        f"{_OPEN}{sql} AND (t.due_at IS NULL OR t.due_at < ?)",
        (min(before, now), *params, min(before, now)),
    ) or (0, 0)
    notes = []
    if earlier:
        notes.append(ntr("{n} overdue task was due before this period.",
                         "{n} overdue tasks were due before this period.", earlier))  # fmt: skip
    if dateless:
        notes.append(ntr("{n} open task has no due moment.",
                         "{n} open tasks have no due moment.", dateless))  # fmt: skip
    return tuple(notes)


def _behind(r: Reader, query: Query, key: tuple[Any, ...], column: str, *, now: int) -> Behind:
    place = parts.place(_NUMBERS, column)
    return parts.behind(r, _facts(r, query, now), key, place)


REPORT = Report(
    "workload",
    N_("Workload"),
    N_("Open, overdue and today's tasks by person and day"),
    frozenset({"by", "pipeline", "person", "team", "deals"}),
    _read,
    _behind,
    looks_ahead=True,
    first_period="month",
)
