"""Every number of a pivot equals a slow independent recomputation, on random histories; what stands
behind a number adds up to it, and parts add up to their whole."""

import random
import tempfile
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from salesdesk.services import pivot, pivot_behind
from salesdesk.services.periods import Period
from salesdesk.services.pivot_catalog import ENTITIES, entity
from salesdesk.services.report_table import Query, Table
from tests.builders import empty_store
from tests.conftest import SOAK
from tests.histories import DAYS, FIRST, STEPS, Step, Team, moments, random_steps
from tests.oracle import pivot_oracle as oracle
from tests.oracle.adapter import world_of

BY = ("day", "week", "month", "quarter", "year")
_DEAL = ("person", "team", "pipeline", "stage", "state", "currency", "reason", "tag", "own")
_DATED = {"deal": ("created", "closed", "entered"), "child": ("created", "parent.created"),
          "task": ("created", "due", "done", "deal.created"),
          "move": ("at", "deal.closed")}  # fmt: skip
FIELDS = {
    "deal": _DEAL,
    "child": (*_DEAL, *(f"parent.{name}" for name in _DEAL)),
    "task": ("person", "team", "state", *(f"deal.{name}" for name in _DEAL)),
    "move": ("person", "team", "stage", "left", "pipeline", *(f"deal.{name}" for name in _DEAL)),
}
NUMBERS = {
    "deal": ("amount", "cost", "profit", "in_stage", "open_days", "open_tasks", "own"),
    "child": ("amount", "profit", "own"),
    "task": ("late", "took", "postponed"),
    "move": ("spent", "amount"),
}
HOW = ("count", "sum", "mean", "median", "share_row", "share_column", "share_total")
#: entity, row, second row (or none), column (or none), how, number, date, all time: by their places
Asked = tuple[int, int, int, int, int, int, int, bool]
ASKED = st.tuples(*[st.integers(0, 99)] * 7, st.booleans())


@settings(max_examples=200 if SOAK else 5)
@given(
    steps=st.lists(STEPS, min_size=10, max_size=40),
    now=moments(),
    span=st.tuples(st.integers(0, DAYS), st.integers(0, DAYS)),
    asked=st.lists(ASKED, min_size=6, max_size=6),
)
def test_every_number_equals_the_oracle(
    steps: list[Step], now: int, span: tuple[int, int], asked: list[Asked]
) -> None:
    _play_and_compare(steps, now, span, asked)


@pytest.mark.parametrize("seed", range(60 if SOAK else 2))
def test_long_histories_equal_the_oracle(seed: int) -> None:
    chance = random.Random(seed)
    span = (chance.randrange(DAYS), chance.randrange(DAYS))
    asked = [
        (*(chance.randrange(100) for _ in range(7)), chance.random() < 0.4)
        for _ in range(60 if SOAK else 30)
    ]
    now = chance.randrange(DAYS * 4, DAYS * 6)
    _play_and_compare(random_steps(2000 + seed, 80), now, span, asked)  # type: ignore[arg-type]


def _play_and_compare(
    steps: list[Step], now: int, span: tuple[int, int], asked: list[Asked]
) -> None:
    with tempfile.TemporaryDirectory() as folder, empty_store(Path(folder)) as store:
        team = Team(store, False)
        for step in steps:
            team.tell(step)
        field = _decorate(team, random.Random(len(steps)))
        when = team.at(now)
        with store.read() as r:
            facts = oracle.Facts(r, world_of(r), when)
            for one in asked:
                _compare(r, facts, _texts(one, field), Period(FIRST + min(span), FIRST + max(span)),
                         field)  # fmt: skip


def _decorate(team: Team, chance: random.Random) -> int:
    """Tags, and an own field with numbers; its key."""
    desk = team.desk
    tags = [desk.insert("tag", name=n, name_key=n.casefold()) for n in ("=1+1", "VIP")]
    field = desk.insert("custom_field", subject="deal", name="Weight'; --", name_key="weight",
                        kind="number")  # fmt: skip
    for deal in team.deals:
        for tag in tags:
            if chance.random() < 0.4:
                desk.insert("deal_tag", deal_id=deal, tag_id=tag)
        if chance.random() < 0.7:
            value = chance.choice(("0.1", "2", "1000000000000.123456", "-3.5"))
            desk.insert("field_value", field_id=field, subject_id=deal, value=value)
    return field


def _texts(asked: Asked, field: int) -> dict[str, str]:
    which, row, second, column, how, number, when, every = asked
    name = ("deal", "child", "task", "move")[which % 4]

    def called(key: str) -> str:
        return key.replace("own", f"f{field}")

    def axis(place: int) -> str:
        dates = [f"{one}:{by}" for one in _DATED[name] for by in BY]
        known = [*map(called, FIELDS[name]), *dates]
        return known[place * 7 % len(known)]

    axes = [axis(row)]
    if second % 3 == 0:
        axes.append(axis(second))
    columns = axis(column) if column % 2 else ""
    fields = [one.partition(":")[0] for one in (*axes, columns) if one]
    if len(set(fields)) < len(fields):
        axes, columns = axes[:1], ""
    measure = HOW[how % len(HOW)]
    if measure != "count" and not (measure.startswith("share") and number % 3 == 0):
        measure += f":{called(NUMBERS[name][number % len(NUMBERS[name])])}"
    texts = {"entity": name, "rows": ",".join(axes), "columns": columns, "measure": measure}
    texts |= {"date": _DATED[name][when % len(_DATED[name])], "all": "1" if every else ""}
    return {key: text for key, text in texts.items() if text}


def _compare(
    r: Any, facts: oracle.Facts, texts: dict[str, str], period: Period, field: int
) -> None:
    things = _things(facts, texts["entity"], field)
    if "all" not in texts:
        things = [one for one in things if _inside(facts, one, texts["date"], period)]
    columns = [texts["columns"]] if "columns" in texts else []
    wanted = oracle.pivot(things, texts["rows"].split(","), columns)
    query = Query(period, own=texts)
    table = pivot.read(r, query, now=facts.now)
    how, _, number = texts["measure"].partition(":")
    _cells(table, wanted, how, number, bool(columns))
    _behind(r, table, wanted, query, facts, number)


def _things(facts: oracle.Facts, name: str, field: int) -> list[oracle.Thing]:
    if name == "task":
        return oracle.tasks(facts, field)
    if name == "move":
        return oracle.moves(facts, field)
    return oracle.deals(facts, field, children=name == "child")


def _inside(facts: oracle.Facts, thing: Any, key: str, period: Period) -> bool:
    """Whether its date lies in the period, which ends now where it contains now."""
    day = thing.get(key)
    if day is None or not period.first_day <= day <= period.last_day:
        return False
    return facts.now >= _moment(facts, thing, key) or not period.contains(facts.today)


def _moment(facts: oracle.Facts, thing: Any, key: str) -> int:
    """The moment of a date of a thing."""
    if key == "at":
        return int(thing["moment"])
    column = {"created": "created_at", "closed": "closed_at", "entered": "since", "due": "due_at",
              "done": "closed_at"}  # fmt: skip
    whose, _, name = key.rpartition(".")
    name = name or key
    if "late" in thing["numbers"] and not whose:
        return int(facts.r.value(f"SELECT {column[name]} FROM task WHERE id = ?", (thing["id"],)))
    deal = thing["id"]
    if "spent" in thing["numbers"]:
        deal = facts.r.value("SELECT deal_id FROM stage_move WHERE id = ?", (deal,))
    elif "late" in thing["numbers"]:
        deal = facts.r.value("SELECT deal_id FROM task WHERE id = ?", (deal,))
    elif whose:
        deal = facts.deals[deal]["parent_id"]
    return int(facts.deals[deal][column[name]])


def _cells(table: Table, wanted: oracle.Table, how: str, number: str, by_columns: bool) -> None:
    """Each cell, each margin, and no row or column too many."""
    shown = {row.key: row for row in table.rows}
    assert set(wanted.rows) <= set(shown)
    for key in set(shown) - set(wanted.rows):  # days without anything, between others
        assert all(not isinstance(cell, int) or cell == 0 for cell in shown[key].cells[1:])
    lines = [(row, shown[row], wanted.rows[row]) for row in wanted.rows]
    if table.total is not None:
        lines.append(((), table.total, wanted.whole))
    for key, row, inside in lines:
        last = _expected(how, number, inside, inside, wanted.whole, wanted.whole)
        _same(row.cells[-1], last, (key, how, number))
        for at, column in enumerate(table.columns):
            if by_columns and column.key.startswith("="):
                place = (pivot.key_of(column.key),)
                below = wanted.columns.get(place, {})
                cell = wanted.cells.get((key, place), {}) if key else below
                found = _expected(how, number, cell, inside, below, wanted.whole)
                _same(row.cells[at], found, (key, place, how, number))


def _expected(how: str, number: str, cell: Any, row: Any, column: Any, whole: Any) -> Any:
    if how.startswith("share"):
        below = {"share_row": row, "share_column": column, "share_total": whole}[how]
        return oracle.share(cell.values(), below.values(), number)
    return oracle.number(cell.values(), how, number)


def _same(found: Any, expected: Any, where: Any) -> None:
    if expected is None or found is None:
        assert found is expected, where
        return
    if isinstance(found, Decimal) and Fraction(found) != expected:  # a mean, rounded half up
        assert abs(Fraction(found) - expected) <= Fraction(1, 20_000), where
        return
    assert Fraction(found) == expected, where


def _behind(
    r: Any, table: Table, wanted: oracle.Table, query: Query, facts: oracle.Facts, number: str
) -> None:
    """A few numbers have the things behind them that they count."""
    key = "numbers"
    for row in [*table.rows[:3], *([table.total] if table.total else [])]:
        for column in table.columns[len(query.own["rows"].split(",")) :][-3:]:
            if row.key == pivot.WHOLE:
                inside = wanted.whole
            else:
                inside = wanted.rows.get(row.key, {})
            if column.key.startswith("="):
                place = (pivot.key_of(column.key),)
                inside = (
                    wanted.columns.get(place, {}) if row.key == pivot.WHOLE
                    else wanted.cells.get((row.key, place), {})
                )  # fmt: skip
            found = pivot_behind.behind(r, query, row.key, column.key, now=facts.now)
            counting = [Fraction(one.value) for one in found.things if one.counts]
            if number:
                values = [one[key][number] for one in inside.values()]
                known = sorted(Fraction(value) for value in values if value is not None)
                assert sorted(counting) == known
            else:
                assert len(counting) == len(inside)


def test_every_field_and_number_can_be_asked_for(tmp_path: Path) -> None:
    """Each dimension as row and as column, each number, of each entity: the SQL holds."""
    with empty_store(tmp_path) as store:
        team = Team(store, False)
        for step in random_steps(7, 40):
            team.tell(step)
        _decorate(team, random.Random(1))
        with store.read() as r:
            for name in ENTITIES:
                found = entity(r, name)
                keys = list(found.dimensions)
                for row, column in zip(keys[::2], [*keys[1::2], found.person], strict=False):
                    texts = {"entity": name, "rows": row, "columns": column, "all": "1"}
                    if row != column:
                        pivot.read(r, Query(Period(FIRST, FIRST), own=texts), now=team.at(200))
                for number in found.numbers:
                    for how in ("median", "share_row"):
                        texts = {"entity": name, "rows": found.person, "measure": f"{how}:{number}"}
                        pivot.read(r, Query(Period(FIRST, FIRST + 60), own=texts), now=team.at(200))
