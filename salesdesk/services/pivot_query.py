"""The things that a pivot counts: one query, composed from the catalogue alone, and their values.

Rows are not grouped by SQLite (which sorts for that): a million of them are counted here sooner.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from itertools import chain
from typing import Any

from salesdesk.models.asking import keys_in
from salesdesk.models.store import Reader
from salesdesk.moments import money_of
from salesdesk.services import own_fields, pivot_dates
from salesdesk.services.cards import BoardFilter
from salesdesk.services.pivot_fields import Number
from salesdesk.services.pivot_spec import Axis, Raw, Spec
from salesdesk.services.report_parts import Money, asked
from salesdesk.services.report_table import Query

#: All moments.
_EVER = 1 << 61
_PART = 5
#: Kinds of dimensions whose keys may be any text.
_FREE = frozenset(("text", "number", "iso"))
_BLANK = " "
#: The columns of a task that a query names.
_COLUMN = re.compile(r"\bt\.(\w+)")
Value = int | Decimal | None
Keys = tuple[Raw, ...]


@dataclass(frozen=True, slots=True)
class Fact:
    """A thing, where it stands, and its number (None: it has none, or one without a rate)."""

    key: int
    keys: Keys
    value: Value
    rated: bool = True
    shown: tuple[Any, ...] = ()


class Source:
    """Asks for the things of a pivot; ``money`` knows afterwards which currencies had no rate."""

    def __init__(self, r: Reader, spec: Spec, query: Query, now: int) -> None:
        self._r, self._spec, self._query, self._now = r, spec, query, now
        self._today: int = r.zone.day_of(now)
        self._joins: set[str] = set()
        #: The period comes first: most of a table lies outside of it.
        self._where: list[str] = []
        self._params: list[Any] = []
        self.money = Money(r)
        self._folds = [_fold(axis) for axis in spec.axes]
        self._left: list[tuple[Axis, frozenset[Raw]]] = []
        self._limit()

    # -- what is asked for ------------------------------------------------------------------------

    def _limit(self) -> None:
        self._limit_days()
        self._where.append(self._spec.entity.where)
        self._limit_whose()
        for axis, keys in self._spec.only:
            if axis.dimension.kind == "iso":
                self._left.append((axis, keys))
            else:
                self.only(axis, keys)

    def _limit_days(self) -> None:
        spec, period = self._spec, self._query.period
        if spec.all_time:
            return
        when = self._use(spec.date.sql, spec.date.joins)
        if spec.date.kind == "day":
            self._where.append(f"{when} BETWEEN ? AND ?")
            self._params += [period.first_day, period.last_day]
        else:
            start, stop = period.moments(self._r.zone, self._now)
            # Much of a table is read sooner from one end to the other than through its index.
            plus = "+" if spec.entity.moves and self._is_much(start, stop) else ""
            self._where.append(f"{plus}{when} >= ? AND {plus}{when} < ?")
            self._params += [start, stop]

    def _is_much(self, start: int, stop: int) -> bool:
        """Whether so much of the time in which deals moved is asked for."""
        first = self._r.value("SELECT min(at) FROM stage_move")
        last = self._r.value("SELECT max(at) FROM stage_move")
        return first is not None and (min(stop, last) - max(start, first)) * _PART > last - first

    def _limit_whose(self) -> None:
        """Person, team and pipeline; the filter of deals; and what a role may see."""
        r, query, found = self._r, self._query, self._spec.entity
        deals = query.deals
        person = found.dimension(found.person)
        whose = asked(r, replace(query, deals=BoardFilter()), self._now)
        if whose.persons is not None:  # whoever is not asked for need not be looked up
            people = whose.of_persons(self._use(person.sql, person.joins))
            self._where.append(people.removeprefix(" AND "))
        if query.pipeline_id is not None:
            pipeline = found.dimension(found.pipeline)
            self._where.append(f"{self._use(pipeline.sql, pipeline.joins)} = ?")
            self._params.append(query.pipeline_id)
        if found.name == "task" and deals.seen is not None:
            seen = keys_in(deals.seen)
            self._where.append(
                f"(t.assignee_id IN ({seen}) OR t.supervisor_id IN ({seen}) "
                f"OR d.owner_id IN ({seen}) "
                "OR coalesce(t.assignee_id, t.supervisor_id, d.owner_id) IS NULL)"
            )
            self._joins.add("d")
            deals = replace(deals, seen=None)
        among = asked(r, replace(query, deals=deals), self._now)
        sql = among.of_deals(found.deal)
        if sql:
            self._where.append(sql.removeprefix(" AND "))
            self._params += among.given

    def only(self, axis: Axis, keys: Iterable[Raw]) -> None:
        """Only things with one of these keys."""
        known = sorted((key for key in keys if key is not None), key=str)
        sql = self.sql_of(axis)
        found = [f"{sql} IN ({', '.join('?' * len(known))})"] if known else []
        if None in keys:
            found.append(f"{sql} IS NULL")
        self._where.append(f"({' OR '.join(found) or '0'})")
        self._params += known

    def sql_of(self, axis: Axis) -> str:
        """The key of a dimension in SQL; what it needs is joined."""
        dimension = axis.dimension
        column = self._use(dimension.sql, dimension.joins)
        if not axis.by or dimension.kind == "iso":
            return column
        same = dimension.key == self._spec.date.key and not self._spec.all_time
        period = self._query.period if same else None
        return pivot_dates.sql(column, dimension.kind, axis.by, self._r.zone, period)

    def _use(self, sql: str, joins: Iterable[str]) -> str:
        self._joins.update(joins)
        found = sql.replace("{now}", str(int(self._now))).replace("{today}", str(int(self._today)))
        return found.replace("{tomorrow}", str(int(self._r.zone.start_of(self._today + 1))))

    # -- the rows ---------------------------------------------------------------------------------

    def keys(self) -> Iterable[Keys]:
        """Where each thing stands, and no more."""
        selected = [self.sql_of(axis) for axis in self._spec.axes]
        if self._left or any(self._folds):
            return (fact.keys for fact in self.facts(None))
        return self._rows(selected)

    def counts(self) -> Mapping[Keys, int]:
        """How many things stand where.

        Keys that hold no blank come as one long text: a row each costs twice as much.
        """
        axes = self._spec.axes
        if self._left or any(axis.dimension.kind in _FREE for axis in axes):
            return Counter(self.keys())
        line = f" || '{_BLANK}' || ".join(f"coalesce({self.sql_of(axis)}, '')" for axis in axes)
        places: Counter[str] = Counter()
        for (text,) in self._rows([f"group_concat({line})"]):
            places.update(() if text is None else text.split(","))
        whole = [axis.dimension.kind != "word" for axis in axes]
        return {
            tuple(
                None if not part else int(part) if is_whole else part
                for part, is_whole in zip(place.split(_BLANK), whole, strict=True)
            ): n
            for place, n in places.items()
        }

    def values(self, number: Number) -> Iterable[tuple[Keys, Value]]:
        """Where each thing stands, and its number."""
        selected = [self.sql_of(axis) for axis in self._spec.axes]
        if self._left or any(self._folds):
            return ((fact.keys, fact.value) for fact in self.facts(number))
        n = len(selected)
        read, columns = self._reader(number)
        rows = self._rows([*selected, *columns])
        if read is _plain:
            return ((row[:n], row[n]) for row in rows)
        if number.currency and not number.profit and not number.as_text:
            home = self.money.currency
            return ((row[:n], row[n] if row[n + 1] == home else read(row[n:])[0]) for row in rows)
        return ((row[:n], read(row[n:])[0]) for row in rows)

    def facts(self, number: Number | None, *, shown: bool = False) -> Iterator[Fact]:
        """Each thing with its number. A thing that stands in several places comes several times."""
        keys = [self.sql_of(axis) for axis in self._spec.axes]
        read, values = self._reader(number)
        left = [(_fold(axis), wanted) for axis, wanted in self._left]
        extra = [self.sql_of(axis) for axis, _wanted in self._left]
        listed = [self._use(sql, ()) for sql in self._spec.entity.shown] if shown else []
        first, last = 1 + len(keys), 1 + len(keys) + len(values)
        rest = last + len(extra)
        for row in self._rows([self._spec.entity.key, *keys, *values, *extra, *listed]):
            given = zip(left, row[last:rest], strict=True)
            if any(fold is not None and fold(raw) not in wanted for (fold, wanted), raw in given):
                continue
            places = zip(row[1:first], self._folds, strict=True)
            where = tuple(raw if fold is None else fold(raw) for raw, fold in places)
            value, rated = read(row[first:last])
            yield Fact(row[0], where, value, rated, row[rest:])

    def _rows(self, selected: list[str]) -> Iterable[tuple[Any, ...]]:
        found = self._spec.entity
        joins = " ".join(sql for name, sql in found.joins.items() if name in self._joins)
        needed = [sql for name, sql in found.before.items() if name in self._joins]
        before = f"WITH {', '.join(needed)} " if needed else ""
        head = f"{before}SELECT {', '.join(selected)} FROM"
        tail = f"{joins} WHERE {' AND '.join(self._where)}"
        given = [*self._span() * 2 * len(needed), *self._params]
        if found.parts.each and found.parts.columns.issuperset(_COLUMN.findall(head + tail)):
            return chain.from_iterable(
                self._r.rows(f"{head} {base} {tail} AND {of_part}", given)
                for base, of_part in found.parts.each
            )
        return self._r.rows(f"{head} {found.base} {tail}", given)

    def _span(self) -> tuple[int, int]:
        """The moments that can come."""
        spec = self._spec
        if spec.all_time or spec.date.key != spec.entity.date:
            return -_EVER, _EVER
        return self._query.period.moments(self._r.zone, self._now)

    # -- numbers ----------------------------------------------------------------------------------

    def _reader(self, number: Number | None) -> tuple["_Read", list[str]]:
        """What makes a value of the columns that it asks for."""
        if number is None:
            return _one, []
        value = self._use(number.sql, number.joins)
        if not number.currency:
            return (_decimal if number.as_text else _plain), [value]
        columns = [value, number.currency, self._use(number.at, ())]
        if number.profit:
            return self._profits(), [*columns, "d.cost", "d.id"]
        return (lambda row: self._converted(number, row)), columns

    def _converted(self, number: Number, row: tuple[Any, ...]) -> tuple[Value, bool]:
        value, code, at = row
        if number.as_text and value is not None:
            text = _decimal((value,))[0]
            value = None if text is None else money_of(Decimal(text))
        if value is None:
            return None, True
        if code == self.money.currency:
            return value, True
        found = self.money.at(value, code, self._day(number, at))
        return found, found is not None

    def _day(self, number: Number, at: int | None) -> int:
        if at is None:
            return self._today
        return at if number.at_is_day else int(self._r.zone.day_of(at))

    def _profits(self) -> "_Read":
        """Amount less own cost less the costs of the child deals, each at the rate of the day."""
        children: dict[int, list[tuple[int, str]]] = defaultdict(list)
        for parent, cost, code in self._r.rows(
            "SELECT parent_id, cost, currency FROM deal WHERE parent_id IS NOT NULL "
            "AND deleted_at IS NULL AND cost IS NOT NULL"
        ):
            children[parent].append((cost, code))

        def read(row: tuple[Any, ...]) -> tuple[Value, bool]:
            amount, code, at, cost, deal = row
            if amount is None and cost is None and deal not in children:
                return None, True
            day = self._today if at is None else self._r.zone.day_of(at)
            found = self.money.at(amount, code, day)
            if found is None:
                return None, False
            for one, its in [(cost, code), *children.get(deal, ())]:
                found -= self.money.at(one, its, day) or 0
            return found, True

        return read


_Read = Callable[[tuple[Any, ...]], tuple[Value, bool]]


def _one(_row: tuple[Any, ...]) -> tuple[Value, bool]:
    return 1, True


def _plain(row: tuple[Any, ...]) -> tuple[Value, bool]:
    return row[0], True


def _decimal(row: tuple[Any, ...]) -> tuple[Value, bool]:
    """An own field: text that is no number (an import may bring any) is none."""
    found = own_fields.own_value("number", row[0])
    return (found if isinstance(found, Decimal) and found.is_finite() else None), True


def _fold(axis: Axis) -> Callable[[Raw], Raw] | None:
    """Dates that are kept as text find their week or month here."""
    if axis.dimension.kind != "iso":
        return None

    def fold(raw: Raw) -> Raw:
        try:
            return pivot_dates.first_of(date.fromisoformat(str(raw)).toordinal(), axis.by)
        except ValueError:
            return raw

    return fold
