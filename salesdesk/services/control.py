"""The team lead's control desk: the morning's and the evening's questions, in one reading.

``desk`` answers the whole page; ``page`` reads more lines of its list. What the numbers mean stands
in ``control_numbers``, what the lists hold in ``control_lists``, whose they are in
``control_scope``.
"""

from array import array
from collections import Counter, defaultdict
from dataclasses import dataclass, field

from salesdesk.models.derive import POSTPONED
from salesdesk.models.store import Reader
from salesdesk.names import key
from salesdesk.services import absences
from salesdesk.services.absences import Away
from salesdesk.services.control_lists import Listed, Row, ids, rows, stuck_ids
from salesdesk.services.control_numbers import Counted, Numbers, Person, counted
from salesdesk.services.control_scope import DAY, Whose, names

#: Lines that are read with the desk; more when they come into sight.
FIRST = 60
#: The stuck deals shown at the side, the habitual postponers, and their reasons.
STUCK, POSTPONERS, REASONS = 4, 5, 3
#: Days in which postponements are counted.
HABIT_DAYS = 30


@dataclass(frozen=True, slots=True)
class Asked:
    """What the page is about: whose work, morning or evening, which list, of one person alone, and
    who looks (``me``)."""

    whose: Whose
    evening: bool = False
    listed: Listed = field(default_factory=Listed)
    person_id: int | None = None
    me: int | None = None

    @property
    def listed_whose(self) -> Whose:
        """Whose tasks and deals the list holds and the tiles count."""
        return self.whose.only(self.person_id)


@dataclass(frozen=True, slots=True)
class Load:
    """A person and their numbers; nobody has neither id nor name."""

    person_id: int | None
    name: str
    numbers: Numbers


@dataclass(frozen=True, slots=True)
class StageColumn:
    """An open stage, in whose column times are compared with its limit."""

    id: int
    pipeline_id: int
    pipeline: str
    name: str
    colour: str
    limit_days: int | None


@dataclass(frozen=True, slots=True)
class Habit:
    """How often someone's tasks were put off lately: times, tasks, and the usual reasons."""

    person_id: int
    name: str
    times: int
    tasks: int
    reasons: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Desk:
    """The whole page at a moment; ``ids`` are all of the list, ``first`` its first lines."""

    asked: Asked
    now: int
    loads: tuple[Load, ...]
    counted: Counted
    stages: tuple[StageColumn, ...]
    stuck: tuple[Row, ...]
    habits: tuple[Habit, ...]
    away: tuple[Away, ...]
    ids: "array[int]"
    first: tuple[Row, ...]

    def count(self, kind: str) -> int:
        """The number on a tile."""
        return self.counted.total(kind, self.asked.listed_whose)


def desk(r: Reader, asked: Asked, *, now: int) -> Desk:
    """Everything that the page shows."""
    found = counted(r, asked.whose, now=now, evening=asked.evening, me=asked.me)
    listed = ids(r, asked.listed, asked.listed_whose, now=now, me=asked.me)
    stuck = stuck_ids(r, asked.listed_whose, now=now, most=STUCK)
    return Desk(
        asked,
        now,
        tuple(_loads(r, asked, found, now)),
        found,
        tuple(_stages(r)),
        tuple(rows(r, Listed("stuck"), stuck, now=now)),
        tuple(habits(r, asked.whose, now=now)),
        tuple(absences.away(r, asked.whose.people, now=now)),
        listed,
        tuple(rows(r, asked.listed, listed[:FIRST], now=now)),
    )


def page(r: Reader, asked: Asked, wanted: "array[int]", *, now: int) -> list[Row]:
    """More lines of the list."""
    return rows(r, asked.listed, wanted, now=now)


def _loads(r: Reader, asked: Asked, found: Counted, now: int) -> list[Load]:
    """Who works here today and everybody with a number, those most behind first; nobody last."""
    from salesdesk.services import people

    today = r.zone.day_of(now)
    called = {one.id: one.name for one in people.people(r, on_day=today)}
    here = [one for one in called if asked.whose.has(one)]
    other = [one for one in found.numbers if one is not None and one not in called]
    called.update(names(r, other))
    everybody: dict[Person, Numbers] = {one: found.of(one) for one in (*here, *other)}
    loads = [Load(one, called.get(one or 0, ""), numbers) for one, numbers in everybody.items()]
    loads.sort(key=lambda load: (_rank(load.numbers, asked.evening), key(load.name)))
    if None in found.numbers:
        loads.append(Load(None, "", found.numbers[None]))
    return loads


def _rank(numbers: Numbers, evening: bool) -> tuple[int, int]:
    if evening:
        return -numbers.left, -numbers.tomorrow
    return -numbers.overdue, -numbers.opened


def _stages(r: Reader) -> list[StageColumn]:
    return [
        StageColumn(*row)
        for row in r.rows(
            "SELECT s.id, s.pipeline_id, p.name, s.name, s.colour, s.limit_days FROM stage s "
            "JOIN pipeline p ON p.id = s.pipeline_id WHERE s.kind = 'open' "
            "AND s.deleted_at IS NULL AND p.deleted_at IS NULL AND s.archived = 0 "
            "ORDER BY p.position, p.id, s.position, s.id"
        )
    ]


def habits(r: Reader, whose: Whose, *, now: int) -> list[Habit]:
    """Whose tasks were put off most often in the last 30 days, the most first.

    A postponement belongs to the person who had the task then, as in the ranking.
    """
    since = now - HABIT_DAYS * DAY
    points: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for person, task, at in r.rows(
        "SELECT person_id, item_id, start FROM hold INDEXED BY ix_hold_start "
        f"WHERE start > ? AND start <= ? AND kind = {POSTPONED}{whose.where('person_id')}",
        (since, now),
    ):
        points[person].append((task, at))
    times = {person: len(found) for person, found in points.items()}
    called = names(r, list(times))
    order = sorted(times, key=lambda one: (-times[one], key(called.get(one, "")), one))
    order = order[:POSTPONERS]
    reasons = _reasons(r, {one: set(points[one]) for one in order})
    return [
        Habit(
            one, called.get(one, ""), times[one], len({task for task, _ in points[one]}),
            tuple(reasons[one]),
        )
        for one in order
    ]  # fmt: skip


def _reasons(
    r: Reader, points: dict[int, set[tuple[int, int]]]
) -> dict[int, list[tuple[str, int]]]:
    """The reasons given most often, by person; written alike but for case they are one.

    ``points`` are the (task, moment) of the postponements of each person.
    """
    given: dict[tuple[int, int], list[str]] = defaultdict(list)
    for task, at, reason in r.rows_of(
        "SELECT task_id, at, reason FROM task_change WHERE undone = 0 AND postponement = 1 "
        "AND reason IS NOT NULL AND task_id IN ({ids})",
        sorted({task for found in points.values() for task, _ in found}),
    ):
        given[task, at].append(reason)
    found: dict[int, list[tuple[str, int]]] = {}
    for person, whens in points.items():
        said = [reason for when in whens for reason in given[when]]
        spelt = {key(reason): reason for reason in sorted(said)}
        usual = sorted(Counter(map(key, said)).items(), key=lambda pair: (-pair[1], pair[0]))
        found[person] = [(spelt[folded], n) for folded, n in usual[:REASONS]]
    return found
