"""Sums by day and month, kept in the transaction that changes them."""

import functools
from collections import defaultdict
from typing import Any

from salesdesk.models import derive
from salesdesk.models.day_changes import MODULUS, MOST_ROWS
from salesdesk.models.derive import DealState
from salesdesk.models.parts import HIGH, parts
from salesdesk.models.transaction import Transaction
from salesdesk.moments import month_of

Row = tuple[Any, ...]
#: The kind of the row that tells whether a day's (or month's) other rows have changed.
STAMP = 0
_MODULUS = MODULUS
#: A scope of winnings is the pipeline's, times this, plus the code of the currency.
CURRENCIES = 2**20
_TALLY = (
    "INSERT INTO {table} ({unit}, person_id, kind, scope_id, plus, minus) VALUES (?,?,?,?,?,?) "
    "ON CONFLICT ({unit}, person_id, kind, scope_id) DO UPDATE SET "
    "plus = {table}.plus + excluded.plus, minus = {table}.minus + excluded.minus"
)
_TALLY_DAY = _TALLY.format(table="tally_day", unit="day")
_TALLY_MONTH = _TALLY.format(table="tally_month", unit="month")
_STAMP = (
    "INSERT INTO {table} ({unit}, person_id, kind, scope_id, plus, minus) VALUES (?,0,0,0,?,0) "
    "ON CONFLICT ({unit}, person_id, kind, scope_id) DO UPDATE SET "
    f"plus = ({{table}}.plus + excluded.plus) % {_MODULUS}"
)
_STAMP_DAY = _STAMP.format(table="tally_day", unit="day")
_STAMP_MONTH = _STAMP.format(table="tally_month", unit="month")
_WON_SUM = (
    "INSERT INTO won_sum (day, person_id, scope_id, currency, n, amount, cost) "
    "VALUES (?,?,?,?,?,?,?) ON CONFLICT (day, person_id, scope_id, currency) DO UPDATE SET "
    "n = won_sum.n + excluded.n, amount = won_sum.amount + excluded.amount, "
    "cost = won_sum.cost + excluded.cost"
)
_STAGE_TOTAL = (
    "INSERT INTO stage_total (stage_id, currency, n, amount, own_amount, own_weighted) "
    "VALUES (?,?,?,?,?,?) ON CONFLICT (stage_id, currency) DO UPDATE SET "
    "n = stage_total.n + excluded.n, amount = stage_total.amount + excluded.amount, "
    "own_amount = stage_total.own_amount + excluded.own_amount, "
    "own_weighted = stage_total.own_weighted + excluded.own_weighted"
)


class Sums:
    """Differences of sums, collected over a transaction and added at its end."""

    def __init__(self, tx: Transaction) -> None:
        self.tx = tx
        self._zone = tx.zone
        self._tally: dict[Row, list[int]] = defaultdict(lambda: [0, 0])
        self._won: dict[Row, list[int]] = defaultdict(lambda: [0, 0, 0])
        self._stages: dict[Row, list[int]] = defaultdict(lambda: [0, 0, 0, 0])

    def count(self, gone: dict[str, list[Row]], come: dict[str, list[Row]]) -> None:
        """Take in derived rows that go and come."""
        begun = self.tx.begun
        for sign, rows in ((-1, gone), (1, come)):
            for row in rows["hold"]:
                if begun is not None:
                    begun.append((sign, row[2], row[1], row[3], row[4], row[0]))
                if row[1] != derive.CROSS:
                    self._hold(sign, row[1], row[2], row[3], row[4], row[5])
            for row in rows["span"]:
                if row[4] is not None:
                    self._hold(sign, derive.STAND, row[1], row[4], row[3], row[2])
            for row in rows["reach"]:
                if row[2] != derive.NOBODY:
                    self._tally[(row[4], row[2], derive.REACH, row[1])][0] += sign
            for row in rows["won_line"]:
                self._win(sign, row)

    def _hold(
        self, sign: int, kind: int, start: int, person: int, scope: int, stop: int | None
    ) -> None:
        self._tally[(self._zone.day_of(start), person, kind, scope)][0] += sign
        if stop is not None:
            end = stop - 1 if kind in derive.OVERLAPS else stop
            self._tally[(self._zone.day_of(end), person, kind, scope)][1] += sign

    def _win(self, sign: int, line: Row) -> None:
        """Take in a won line: deal, day, person, pipeline, currency, count, amount, cost."""
        day, person, pipeline, currency, n, amount, cost = line[1:]
        scope = pipeline * CURRENCIES + currency_code(currency)
        self._tally[(day, person, derive.WINS, scope)][0] += sign
        money = [*zip(parts(amount), parts(cost), strict=True)]
        for kind, mark, count, pair in zip(
            (derive.WORTH_HIGH, derive.WORTH), (HIGH, ""), (0, n), money, strict=True
        ):
            if mark and pair == (0, 0):
                continue
            total = self._won[(day, person, pipeline, currency + mark)]
            worth = self._tally[(day, person, kind, scope)]
            total[0] += sign * count
            for place, part in enumerate(pair):
                total[1 + place] += sign * part
                worth[place] += sign * part

    def stage_total(self, deal: int, row: Row, state: DealState) -> None:
        """Take in where a deal stands; ``row`` is the deal with its old derived columns."""
        if deal not in self.tx.new_deals:
            before = self.tx.deals_before.get(deal, {})
            old = {"amount": row[1], "currency": row[3], "probability": row[4],
                   "deleted_at": row[5], **before}  # fmt: skip
            self._stand(-1, row[8], old)
        new = {"amount": row[1], "currency": row[3], "probability": row[4], "deleted_at": row[5]}
        self._stand(1, state.stage, new)
        # A deal may be refreshed once more in the same transaction: it is known now.
        self.tx.new_deals.discard(deal)
        self.tx.deals_before.pop(deal, None)

    def _stand(self, sign: int, stage: int | None, deal: dict[str, Any]) -> None:
        if stage is None or deal["deleted_at"] is not None:
            return
        self._stages[(stage, deal["currency"])][0] += sign
        for mark, part in zip((HIGH, ""), parts(deal["amount"] or 0), strict=True):
            if not part:
                continue
            total = self._stages[(stage, deal["currency"] + mark)]
            total[1] += sign * part
            if deal["probability"] is not None:
                total[2] += sign * part
                total[3] += sign * part * deal["probability"]

    def write(self) -> None:
        """Add the differences to the tables."""
        days = [(*key, *value) for key, value in self._tally.items() if value != [0, 0]]
        months: dict[Row, list[int]] = defaultdict(lambda: [0, 0])
        of_day: dict[int, int] = {}
        for day, person, kind, scope, plus, minus in days:
            month = of_day.get(day)
            if month is None:
                month = of_day[day] = month_of(day)
            total = months[(month, person, kind, scope)]
            total[0] += plus
            total[1] += minus
        self.tx.derived(_TALLY_DAY, sorted(days))
        stamps = _stamps(days)
        self.tx.derived(_STAMP_DAY, stamps)
        self._tell(days, stamps)
        changed = [(*key, *value) for key, value in months.items() if value != [0, 0]]
        self.tx.derived(_TALLY_MONTH, sorted(changed))
        self.tx.derived(_STAMP_MONTH, _stamps(changed))
        self.tx.derived(
            _WON_SUM, [(*key, *value) for key, value in self._won.items() if any(value)]
        )
        self.tx.derived(
            _STAGE_TOTAL, [(*key, *value) for key, value in self._stages.items() if any(value)]
        )

    def _tell(self, rows: list[Row], stamps: list[Row]) -> None:
        """Leave the differences with the transaction, for those who keep a day's sums."""
        told = self.tx.day_changes
        if len(rows) > MOST_ROWS:  # too much to be worth it; this says so
            told[0] = (0, rows)
            return
        for minus_day, stamp in stamps:
            known, found = told.get(-minus_day, (0, []))
            told[-minus_day] = ((known + stamp) % _MODULUS, found)
        for day, *row in rows:
            if day in told:
                told[day][1].append(tuple(row))


def _stamps(rows: list[Row]) -> list[Row]:
    """What the differences add to the stamp of their day (or month), the row of kind ``STAMP``.

    The stamp is a sum over all rows of the day, weighted by what they are about, modulo a prime: it
    tells whoever keeps sums in memory that nothing in that day has changed. It follows from the
    rows alone, so that a rebuild yields the same. Stamps stand under the negative number of their
    day, all together on a page or two.
    """
    found: dict[int, int] = defaultdict(int)
    for unit, person, kind, scope, plus, minus in rows:
        weight = _weight(kind, person, scope)
        found[unit] = (found[unit] + plus * weight + minus * (weight * 31 + 7)) % _MODULUS
    return sorted((-unit, stamp) for unit, stamp in found.items() if stamp)


@functools.lru_cache(maxsize=65_536)
def _weight(kind: int, person: int, scope: int) -> int:
    weight = ((kind * 1_000_003 + person) * 2_147_483_647 + scope) * 0x9E37_79B9_7F4A_7C15
    return pow(weight % _MODULUS, 3, _MODULUS)


def currency_code(currency: str) -> int:
    """A number of 20 bits for a currency of three capital letters; 0 for any other text."""
    if len(currency) != 3 or not (currency.isascii() and currency.isalpha() and currency.isupper()):
        return 0
    return sum((ord(letter) - 64) << (5 * place) for place, letter in enumerate(currency))
