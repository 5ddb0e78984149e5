"""What a closed month would say if it were counted today, and what has caused the difference.

Numbers of people, their plans and norms, and the team they were in. The commands are found through
what the number counted when the month was closed and counts now; where nothing of that has changed
(points for all time, a rate, a stage that counts as something else) through the configuration.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from salesdesk.models.store import Reader
from salesdesk.moments import amount_of
from salesdesk.services import closing_behind, closing_causes, closing_frozen, ranking
from salesdesk.services.audit import Entry
from salesdesk.services.closing_causes import Item
from salesdesk.services.closing_frozen import Frozen, Target
from salesdesk.services.metric_names import MONEY, in_units
from salesdesk.services.ranking_rows import METRICS, RankingRow

#: Every number of a row that is compared.
NUMBERS = (*METRICS, "postponements", "points", *MONEY)
What = Literal["number", "plan", "norm", "team"]
Value = int | Decimal | str | None


@dataclass(frozen=True, slots=True)
class ItemChange:
    """A deal (or task) that a number counts otherwise than when the month was closed."""

    title: str
    was: int | Decimal
    now: int | Decimal
    deal_id: int | None = None
    task_id: int | None = None
    stage: str | None = None


@dataclass(frozen=True, slots=True)
class Correction:
    """What differs from a closed month. ``what`` is ``number`` (``metric``), ``plan`` or ``norm``
    of a metric, or ``team`` (then ``closed`` and ``now`` are names). None: there was or is none.
    ``kind`` is the kind of task that a plan of actions is of.

    ``taken`` is up to which number a later closed month has taken the correction in. ``causes`` are
    the commands since the closing that it comes from, as far as they can be found; ``items`` the
    deals and tasks.
    """

    what: What
    person_id: int | None
    person: str
    metric: str
    closed: Value
    now: Value
    team_id: int | None = None
    taken: Decimal | None = None
    causes: tuple[Entry, ...] = ()
    items: tuple[ItemChange, ...] = ()
    kind: str | None = None

    @property
    def difference(self) -> int | Decimal | None:
        """Now less closed; None where they are no numbers."""
        if isinstance(self.closed, str) or isinstance(self.now, str):
            return None
        return (self.now or 0) - (self.closed or 0)

    @property
    def left(self) -> int | Decimal | None:
        """What no later month has taken in yet."""
        if self.taken is None or isinstance(self.now, str):
            return self.difference
        return (self.now or 0) - self.taken


@dataclass(frozen=True, slots=True)
class NumberChange:
    """A number of a person that is another today."""

    person_id: int
    person: str
    metric: str
    closed: int | Decimal
    now: int | Decimal


def changed_numbers(r: Reader, frozen: Frozen, now: int) -> list[NumberChange]:
    """The numbers of a closed month that would be others today, in the order of its rows."""
    rows = {row.person_id: row for row in ranking.live(r, frozen.period, now=now).rows}
    found = []
    people = [row.person_id for row in frozen.rows]
    for person in [*people, *(key for key in rows if key not in set(people))]:
        assert person is not None
        was, becomes = frozen.row_of(person), rows.get(person)
        for metric in NUMBERS:
            pair = _value(was, metric), _value(becomes, metric)
            if pair[0] != pair[1]:
                name = (was or becomes or frozen.total).person
                found.append(NumberChange(person, name, metric, *pair))
    return found


def _value(row: RankingRow | None, metric: str) -> int | Decimal:
    return 0 if row is None else row.value(metric)


def has_moved(r: Reader, frozen: Frozen, now: int) -> bool:
    """Whether any number of a closed month would be another today."""
    return bool(changed_numbers(r, frozen, now))


def outstanding(r: Reader, frozen: Frozen, now: int) -> list[NumberChange]:
    """The changed numbers that no later closed month has taken in: ``closed`` is then up to where
    they have been accounted for. A number that went back to what was frozen counts, too."""
    return outstanding_of(r, frozen, changed_numbers(r, frozen, now), now)


def outstanding_of(
    r: Reader, frozen: Frozen, changed: Iterable[NumberChange], now: int
) -> list[NumberChange]:
    """The same where the changed numbers are known already."""
    found = {(one.person_id, one.metric): one for one in changed}
    for later in closing_frozen.every(r, now):
        for taken in later.taken:
            key = taken.person_id, taken.metric
            if taken.closed_id == frozen.id and key not in found:
                value = _value(frozen.row_of(key[0]), key[1])
                found[key] = NumberChange(key[0], taken.person, key[1], value, value)
    answer = []
    for one in found.values():
        at = closing_frozen.accounted(r, frozen, one.person_id, one.metric, _LATEST)
        if at != one.now:
            answer.append(NumberChange(one.person_id, one.person, one.metric, at, one.now))
    return answer


_LATEST = 1 << 62


# --- the whole list ----------------------------------------------------------------------------


def corrections(r: Reader, month: int, *, now: int) -> tuple[Correction, ...]:
    """Everything that differs from a closed month; nothing for one that is open."""
    frozen = closing_frozen.found(r, month, now)
    if frozen is None:
        return ()
    since = closing_causes.Since.of(r, frozen.id, frozen.stop)
    return (
        *_numbers(r, frozen, since, now),
        *_targets(r, frozen, since, "plan"),
        *_targets(r, frozen, since, "norm"),
        *_teams(r, frozen, since),
    )


def _numbers(r: Reader, frozen: Frozen, since: closing_causes.Since, now: int) -> list[Correction]:
    changed = changed_numbers(r, frozen, now)
    if not changed:
        return []
    then = closing_frozen.behind(r, frozen)
    today = {
        metric: closing_behind.behind_one(
            r, frozen.period, {one.person_id for one in changed}, metric, now=now
        )
        for metric in {one.metric for one in changed}
    }
    found = []
    for one in changed:
        counted = {one.metric: today[one.metric][one.person_id]}
        items = _items(then.get(one.person_id, {}), counted, one.metric)
        taken = closing_frozen.accounted(r, frozen, one.person_id, one.metric, _LATEST)
        found.append(
            Correction(
                "number", one.person_id, one.person, one.metric, one.closed, one.now,
                taken=taken if taken != one.closed else None,
                causes=since.of_number(one.person_id, one.metric, items),
                items=_named(r, one.metric, items),
            )
        )  # fmt: skip
    return found


def _items(was: closing_behind.Behind, becomes: closing_behind.Behind, metric: str) -> list[Item]:
    """What counts otherwise: (deal or task, stage, value then, value now)."""
    then, today = closing_behind.values(was, metric), closing_behind.values(becomes, metric)
    keys = sorted(then.keys() | today.keys())
    pairs = [(key, then.get(key, 0), today.get(key, 0)) for key in keys]
    return [(*key, before, after) for key, before, after in pairs if before != after]


def _named(r: Reader, metric: str, items: Iterable[Item]) -> tuple[ItemChange, ...]:
    known = list(items)
    of_tasks = metric in closing_behind.OF_TASKS
    table = "task" if of_tasks else "deal"
    titles: dict[int, str] = dict(
        r.rows_of(f"SELECT id, title FROM {table} WHERE id IN ({{ids}})", {i[0] for i in known})
    )
    stages: dict[int, str] = dict(
        r.rows_of("SELECT id, name FROM stage WHERE id IN ({ids})", {i[1] for i in known})
    )
    return tuple(
        ItemChange(
            titles.get(key, ""), in_units(metric, was), in_units(metric, becomes),
            None if of_tasks else key, key if of_tasks else None, stages.get(stage),
        )
        for key, stage, was, becomes in known
    )  # fmt: skip


# --- plans, norms, teams -----------------------------------------------------------------------


def targets(r: Any, table: str, month: int) -> tuple[Target, ...]:
    """The plans, or the norms, that stand for a month now."""
    kind = "kind_id" if table == "plan" else "NULL"
    return tuple(
        Target(metric, person, team, amount_of(value), of_month is None, of_kind)
        for metric, person, team, value, of_month, of_kind in r.rows(
            f"SELECT metric, person_id, team_id, value, month, {kind} FROM {table} "
            "WHERE deleted_at IS NULL AND (month = ? OR month IS NULL) "
            f"ORDER BY metric, person_id, team_id, month, {kind}, id",
            (month,),
        )
    )


def _targets(
    r: Reader, frozen: Frozen, since: closing_causes.Since, table: Literal["plan", "norm"]
) -> list[Correction]:
    def by_key(found: Iterable[Target]) -> dict[tuple[Any, ...], Decimal]:
        return {(t.metric, t.person_id, t.team_id, t.always, t.kind_id): t.value for t in found}

    was = by_key(frozen.plans if table == "plan" else frozen.norms)
    becomes = by_key(targets(r, table, frozen.month))
    names = {row.person_id: row.person for row in frozen.rows}
    names |= dict(r.rows("SELECT id, name FROM person"))
    teams: dict[int, str] = dict(r.rows("SELECT id, name FROM team"))
    kinds: dict[int, str] = dict(r.rows("SELECT id, name FROM task_kind"))
    changed = [key for key in {**was, **becomes} if was.get(key) != becomes.get(key)]
    return [
        Correction(
            table, key[1], names.get(key[1], "") if key[1] else teams.get(key[2], ""), key[0],
            was.get(key), becomes.get(key), key[2], kind=kinds.get(key[4]),
            causes=since.of_target(table, (*key[:3], key[4]), None if key[3] else frozen.month),
        )
        for key in changed
    ]  # fmt: skip


def _teams(r: Reader, frozen: Frozen, since: closing_causes.Since) -> list[Correction]:
    teams: dict[int, str] = dict(r.rows("SELECT id, name FROM team WHERE deleted_at IS NULL"))
    now: dict[int, int | None] = dict(r.rows("SELECT id, team_id FROM person"))
    found = []
    for row in frozen.rows:
        assert row.person_id is not None
        team = now.get(row.person_id)
        if team != row.team_id:
            found.append(
                Correction(
                    "team", row.person_id, row.person, "team", row.team or "",
                    teams.get(team or 0, ""), team, causes=since.of_team(row.person_id),
                )
            )  # fmt: skip
    return found
