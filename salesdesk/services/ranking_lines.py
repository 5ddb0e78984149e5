"""What an explanation answers with: a number, the lines that add up to it, the sum by stages."""

from dataclasses import dataclass
from decimal import Decimal

from salesdesk.services.periods import Period


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that a number counts, or (``counts`` false, value 0) shows and does not count.

    ``at`` is the moment of it: the reach, the entry, since when. Of lines that do not count:
    ``already`` is the moment of the reach that counted before (of ``already_by``, another person),
    ``ruling`` is ``void`` or ``credit`` (taken away: given to ``credited_to``) with its ``reason``
    and who ruled (``by``), ``undone`` a move that was taken back, ``deleted`` a deal that was,
    ``instead`` who got it because the person is not in the ranking, ``unrated`` a currency that has
    no rate.
    A line that counts because of a ruling has ``ruling`` ``credit``, its reason and who ruled.
    ``correction``: no thing, but what has changed since the month was closed, so that the lines add
    up to the number of then. ``amount``: of a line of gross profit, the deal's revenue, from which
    its costs were taken. ``person_id`` and ``person`` are there in lists of several people.
    """

    value: int | Decimal
    counts: bool = True
    at: int | None = None
    deal_id: int | None = None
    deal: str | None = None
    number: int | None = None
    task_id: int | None = None
    task: str | None = None
    move_id: int | None = None
    stage_id: int | None = None
    stage: str | None = None
    already: int | None = None
    already_by: str | None = None
    ruling: str | None = None
    reason: str | None = None
    credited_to: str | None = None
    by: str | None = None
    undone: bool = False
    deleted: bool = False
    instead: str | None = None
    unrated: str | None = None
    correction: bool = False
    amount: Decimal | None = None
    person_id: int | None = None
    person: str | None = None


@dataclass(frozen=True, slots=True)
class StageSum:
    """So many reaches of a stage, at so many points each (more lines when the points changed)."""

    stage_id: int
    stage: str
    count: int
    each: Decimal
    points: Decimal


@dataclass(frozen=True, slots=True)
class Explanation:
    """A number and the lines that add up to it, newest first; ``stages`` for points alone.

    With a ``limit`` asked for, ``more`` lines that count are left out (``total`` and ``stages``
    take them in all the same). ``since``: moves that earn nothing are listed from this moment on,
    earlier ones were not looked for (empty: all are listed). ``person_id`` is None for several
    people.
    """

    person_id: int | None
    person: str
    metric: str
    period: Period
    total: int | Decimal
    lines: tuple[Line, ...]
    stages: tuple[StageSum, ...] = ()
    more: int = 0
    since: int | None = None
