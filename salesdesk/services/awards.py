"""Awards: at a quarter's end the top three are proposed, a team lead confirms or changes them.

A quarter is known by its first month. The order is that of the ranking (domain.md section 4); where
all three months are closed, of what was frozen of them. Who shares a place shares the award: two
first places leave no second one. Nobody confirms a place of their own.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from salesdesk.errors import Invalid, NotFound, Refused
from salesdesk.models.store import Reader, Store, Transaction
from salesdesk.moments import month_of, month_start, month_text, points_int, points_of
from salesdesk.names import clean
from salesdesk.services import closing_frozen, pivot_dates, ranking, rights
from salesdesk.services.periods import of_day, of_months
from salesdesk.services.records import Asks
from salesdesk.text import N_

PLACES = 3
MONTHS = 3
#: So long after the end of a quarter its awards are reminded of (days).
REMINDED = 45
_NO_QUARTER = N_(
    "“{month}” is no first month of a quarter: those are January, April, July, October."
)
_NOT_OVER = N_("{quarter} is not over yet: its awards are given from {day} on.")
_GIVEN = N_("The awards of {quarter} are confirmed already; take them back first.")
_NONE = N_("There are no awards of {quarter}; nothing was changed.")
_NOBODY = N_("Nobody earned points in {quarter}, so there is nobody to award.")
_EMPTY = N_("An award needs somebody who gets it; nothing was changed.")
_TWICE = N_("{name} cannot have two places; nothing was changed.")
_GAP = N_("Places go 1, 2, 3 in order, and those who share one are followed by a gap (1, 1, 3); "
          "nothing was changed.")  # fmt: skip
_WHY = N_("The ranking says otherwise: say why; nothing was changed.")
_OWN = N_("Nobody confirms a place of their own: another team lead or an administrator does it.")
_STRANGER = N_("{name} was not in the ranking of {quarter}; nothing was changed.")


@dataclass(frozen=True, slots=True)
class Standing:
    """A person in the ranking of a quarter; ``here`` is whether they still work here."""

    place: int
    person_id: int
    person: str
    points: Decimal
    won: int
    revenue: Decimal
    here: bool = True


@dataclass(frozen=True, slots=True)
class Proposal:
    """The ranking of a quarter: who would get a place (``winners``), and everybody with points.
    ``closed``: the months are closed, so that nothing can change it any more."""

    first_month: int
    closed: bool
    standings: tuple[Standing, ...]
    currency: str

    @property
    def winners(self) -> tuple[Standing, ...]:
        """The first three places; who shares the third is among them."""
        return tuple(one for one in self.standings if one.place <= PLACES)


@dataclass(frozen=True, slots=True)
class Winner:
    """A place that was confirmed. ``reason`` where it is another than the ranking's."""

    id: int
    place: int
    person_id: int
    person: str
    points: Decimal
    reason: str | None


@dataclass(frozen=True, slots=True)
class Quarter:
    """The awards of a quarter, by place; ``at`` a moment, ``by`` who confirmed them."""

    first_month: int
    winners: tuple[Winner, ...]
    at: int
    by_id: int | None
    by: str | None

    @property
    def year(self) -> int:
        """The year of the quarter."""
        return self.first_month // 12


@dataclass(frozen=True, slots=True)
class Confirmed:
    """What confirming did: the command (for undo) and the records, by place."""

    command_id: int
    ids: tuple[int, ...]


def quarter_name(first_month: int) -> str:
    """``Q3 2026``, in the chosen language."""
    return pivot_dates.name(month_start(first_month), "quarter")


def quarter_of(month: int) -> int:
    """The first month of the quarter that a month lies in."""
    return month - month % MONTHS


def is_over(r: Asks, first_month: int, now: int) -> bool:
    """Whether a quarter is over, so that its awards may be given."""
    return bool(r.zone.day_of(now) >= month_start(first_month + MONTHS))


# --- questions -----------------------------------------------------------------------------------


def proposal(r: Reader, first_month: int, *, now: int) -> Proposal:
    """The order of a quarter. Raises Invalid for a month that begins none, Refused while it is not
    over."""
    _check_quarter(r, first_month, now)
    months = [closing_frozen.found(r, first_month + n, now) for n in range(MONTHS)]
    frozen = [month for month in months if month is not None]
    if len(frozen) == MONTHS:
        return Proposal(first_month, True, _frozen(r, frozen, now), frozen[-1].currency)
    answer = ranking.ranking(r, of_months(first_month, MONTHS), now=now)
    found = [
        (row.person_id, row.person, row.points, row.won, row.revenue)
        for row in answer.rows
        if row.person_id is not None
    ]
    return Proposal(first_month, False, _placed(r, found, now), answer.currency)


def _check_quarter(r: Asks, first_month: int, now: int) -> None:
    if first_month % MONTHS:
        raise Invalid(_NO_QUARTER, month=month_text(first_month))
    if not is_over(r, first_month, now):
        day = of_day(month_start(first_month + MONTHS)).label()
        raise Refused(_NOT_OVER, quarter=quarter_name(first_month), day=day)


_Line = tuple[int, str, Decimal, int, Decimal]


def _frozen(r: Reader, months: Iterable[closing_frozen.Frozen], now: int) -> tuple[Standing, ...]:
    """The sums of what was frozen."""
    names: dict[int, str] = {}
    sums: dict[int, list[Decimal]] = defaultdict(lambda: [Decimal(0)] * 3)
    for month in months:
        for row in month.rows:
            if row.person_id is not None:
                names[row.person_id] = row.person
                own = sums[row.person_id]
                more = (row.points, Decimal(row.won), row.revenue)
                sums[row.person_id] = [a + b for a, b in zip(own, more, strict=True)]
    return _placed(
        r, [(key, names[key], own[0], int(own[1]), own[2]) for key, own in sums.items()], now
    )


def _placed(r: Reader, lines: list[_Line], now: int) -> tuple[Standing, ...]:
    """Everybody with points in order; equal points, wins and revenue share a place."""
    today = r.zone.day_of(now)
    here = {
        row[0]
        for row in r.rows(
            "SELECT id FROM person WHERE deleted_at IS NULL "
            "AND (last_day IS NULL OR last_day >= ?)",
            (today,),
        )
    }
    order = sorted(
        (line for line in lines if line[2] > 0),
        key=lambda line: (-line[2], -line[3], -line[4], line[1].casefold(), line[0]),
    )
    found: list[Standing] = []
    for at, line in enumerate(order, 1):
        same = found and (found[-1].points, found[-1].won, found[-1].revenue) == line[2:]
        place = found[-1].place if same else at
        found.append(Standing(place, *line, here=line[0] in here))
    return tuple(found)


def hall(r: Asks) -> list[Quarter]:
    """All awards, the latest quarter first."""
    rows = r.rows(
        "SELECT a.first_month, a.id, a.place, a.person_id, p.name, a.points, a.reason, a.at, "
        "a.confirmed_by_id, b.name FROM award a JOIN person p ON p.id = a.person_id "
        "LEFT JOIN person b ON b.id = a.confirmed_by_id WHERE a.deleted_at IS NULL "
        "ORDER BY a.first_month DESC, a.place, p.name_key, a.id"
    )
    found: dict[int, list[tuple[object, ...]]] = defaultdict(list)
    for row in rows:
        found[row[0]].append(row)
    return [_quarter(month, lines) for month, lines in found.items()]


def _quarter(month: int, rows: Sequence[tuple[object, ...]]) -> Quarter:
    winners = tuple(
        Winner(row[1], row[2], row[3], row[4], points_of(row[5]), row[6])  # type: ignore[arg-type]
        for row in rows
    )
    return Quarter(month, winners, *rows[0][7:10])  # type: ignore[arg-type]


def of_quarter(r: Asks, first_month: int) -> Quarter | None:
    """The awards of a quarter; None while there are none."""
    return next((one for one in hall(r) if one.first_month == first_month), None)


def open_quarters(r: Asks, *, now: int) -> list[int]:
    """Quarters that are over, in which somebody reached something, and that have no awards yet:
    their first months, the latest first."""
    first = r.value("SELECT min(at) FROM reach WHERE person_id <> 0")
    if first is None:
        return []
    given = {row[0] for row in r.rows("SELECT first_month FROM award WHERE deleted_at IS NULL")}
    month = quarter_of(month_of(r.zone.day_of(now))) - MONTHS
    oldest = quarter_of(month_of(r.zone.day_of(first)))
    found = []
    while month >= oldest:
        if month not in given and _anything(r, month):
            found.append(month)
        month -= MONTHS
    return found


def _anything(r: Asks, first_month: int) -> bool:
    start, stop = of_months(first_month, MONTHS).moments(r.zone)
    sql = "SELECT 1 FROM reach WHERE at >= ? AND at < ? AND person_id <> 0 LIMIT 1"
    return r.value(sql, (start, stop)) is not None


def reminder(r: Asks, person: int | None, *, now: int) -> int | None:
    """The quarter that ended lately and whose awards wait for this person; None where nothing does
    (for whoever may not confirm them always)."""
    today = r.zone.day_of(now)
    month = quarter_of(month_of(today)) - MONTHS
    if today - month_start(month + MONTHS) >= REMINDED or not rights.may(r, person, "lead"):
        return None
    given = r.value("SELECT 1 FROM award WHERE first_month = ? AND deleted_at IS NULL", (month,))
    return None if given or not _anything(r, month) else month


def confirms_own(r: Asks, person: int | None, people: Iterable[int]) -> bool:
    """Whether someone would confirm a place of their own, though somebody else may do it."""
    return person in set(people) and rights.led_by_another(r, person or 0)


# --- verbs ---------------------------------------------------------------------------------------


def confirm(
    store: Store,
    first_month: int,
    places: Sequence[tuple[int, int]] | None = None,
    *,
    reason: str = "",
    person: int | None,
    now: int,
    origin: str = "window",
) -> Confirmed:
    """Give the awards of a quarter: the places of the ranking, or others (``(place, person)``,
    fewer than three perhaps) with the reason.

    Raises Refused for whoever may not, for a quarter that is not over or has its awards, and for
    a place of one's own while somebody else may confirm it; Invalid for places that are none or
    differ from the ranking without a reason.
    """
    with store.command("award.confirm", now=now, person=person, origin=origin) as tx:
        rights.require(tx, person, "lead")
        # Nothing has been written in this transaction, and nobody else writes meanwhile.
        with store.read() as r:
            found = proposal(r, first_month, now=now)
        quarter = quarter_name(first_month)
        if of_quarter(tx, first_month) is not None:
            raise Refused(_GIVEN, quarter=quarter)
        if not found.standings:
            raise Refused(_NOBODY, quarter=quarter)
        proposed = [(one.place, one.person_id) for one in found.winners]
        wanted = sorted(proposed if places is None else places)
        _check(tx, wanted, found, person)
        why = clean(reason)
        differs = set(wanted) != set(proposed)
        if differs and not why:
            raise Invalid(_WHY)
        ids = tx.insert("award", _rows(found, wanted, set(proposed), why, person, now))
        tx.set_detail(name=quarter)
    return Confirmed(tx.command_id, tuple(ids))


def _rows(
    found: Proposal, wanted: list[tuple[int, int]], proposed: set[tuple[int, int]], why: str,
    person: int | None, now: int,
) -> list[dict[str, object]]:  # fmt: skip
    """The records; the reason stands with the places that differ, with all where one is missing."""
    points = {one.person_id: one.points for one in found.standings}
    others = set(wanted) - proposed
    told = others or (set(wanted) if set(wanted) != proposed else set())
    return [
        {
            "person_id": who, "first_month": found.first_month,
            "last_month": found.first_month + MONTHS - 1, "place": place,
            "points": points_int(points[who]),
            "reason": (why or None) if (place, who) in told else None,
            "confirmed_by_id": person, "at": now,
        }
        for place, who in wanted
    ]  # fmt: skip


def _check(
    tx: Transaction, wanted: list[tuple[int, int]], found: Proposal, person: int | None
) -> None:
    if not wanted:
        raise Invalid(_EMPTY)
    known = {one.person_id: one.person for one in found.standings}
    people = [who for _, who in wanted]
    for who in people:
        name = tx.value("SELECT name FROM person WHERE id = ?", (who,))
        if name is None:
            raise NotFound(N_("There is no such person; nothing was changed."))
        if people.count(who) > 1:
            raise Invalid(_TWICE, name=name)
        if who not in known:
            raise Invalid(_STRANGER, name=name, quarter=quarter_name(found.first_month))
    order = [place for place, _ in wanted]
    usual = [1 + sum(other < place for other in order) for place in order]
    if order != usual or order[-1] > PLACES:
        raise Invalid(_GAP)
    if confirms_own(tx, person, people):
        raise Refused(_OWN)


def withdraw(
    store: Store, first_month: int, *, person: int | None, now: int, origin: str = "window"
) -> int:
    """Take the awards of a quarter back, so that they may be given anew; returns the command.

    Raises NotFound where there are none, Refused for whoever may not.
    """
    with store.command("award.withdraw", now=now, person=person, origin=origin) as tx:
        rights.require(tx, person, "lead")
        found = of_quarter(tx, first_month)
        if found is None:
            raise NotFound(_NONE, quarter=quarter_name(first_month))
        tx.delete("award", [one.id for one in found.winners])
        tx.set_detail(name=quarter_name(first_month))
    return tx.command_id
