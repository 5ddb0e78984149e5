"""The SQL of a filter, grown condition by condition; shared by the filters of all lists."""

from decimal import Decimal, InvalidOperation
from typing import Any

from salesdesk.moments import Zone
from salesdesk.services.board import like
from salesdesk.services.cards import NOBODY, FieldTest
from salesdesk.services.filter_words import EVER, NEVER, days_of, unreadable


class Condition:
    """A condition that grows: ``sql`` is ``" AND ..."`` with its ``params``."""

    def __init__(self) -> None:
        self.sql = ""
        self.params: list[Any] = []

    def add(self, sql: str, *params: Any) -> None:
        """One more thing that must hold."""
        self.sql += f" AND {sql}"
        self.params += params

    def one_of(self, column: str, ids: frozenset[int]) -> None:
        """The column is one of the ids; 0 among them stands for none."""
        some = sorted(ids - {NOBODY})
        sql = f"{column} IN ({', '.join('?' * len(some))})"
        self.add(f"({sql} OR {column} IS NULL)" if NOBODY in ids else sql, *some)

    def moments(self, column: str, text: str, today: int, zone: Zone) -> None:
        """The moment in the column lies within days (``filter_words``); nothing for no text."""
        days = days_of(text, today) if text else None
        if days is not None:
            first, last = days
            if first > EVER:
                self.add(f"{column} >= ?", zone.start_of(first))
            if last < NEVER:
                self.add(f"{column} < ?", zone.start_of(last + 1))
        elif text:
            self.add(f"{column} IS NULL")

    def tagged(self, deal: str, tags: frozenset[int]) -> None:
        """The deal has one of the tags."""
        self.add(
            f"EXISTS (SELECT 1 FROM deal_tag g WHERE g.deal_id = {deal} AND g.deleted_at IS NULL "
            f"AND g.tag_id IN ({', '.join('?' * len(tags))}))",
            *sorted(tags),
        )

    def field(self, subject: str, test: FieldTest) -> None:
        """An own field of the subject (a column with its key) passes the test."""
        sql = (
            f"EXISTS (SELECT 1 FROM field_value v WHERE v.subject_id = {subject} "
            "AND v.field_id = ? AND v.deleted_at IS NULL AND {how})"
        )
        if test.how == "is":
            marks = ", ".join("?" * len(test.values))
            self.add(sql.format(how=f"v.value IN ({marks})"), test.field_id, *test.values)
        elif test.how == "has":
            how = "folded(v.value) LIKE ? ESCAPE '\\'"
            self.add(sql.format(how=how), test.field_id, like(test.values[0]))
        else:
            first, last = test.values
            dated = any(end.count("-") == 2 for end in (first, last))
            column = "v.value" if dated else "CAST(v.value AS REAL)"
            for sign, end in ((">=", first), ("<=", last)):
                if end:
                    value = end if dated else _number(test.field_id, end)
                    self.add(sql.format(how=f"{column} {sign} ?"), test.field_id, value)


def _number(field_id: int, text: str) -> float:
    try:
        return float(Decimal(text))
    except (InvalidOperation, OverflowError):
        raise unreadable(f"f{field_id}", text) from None
