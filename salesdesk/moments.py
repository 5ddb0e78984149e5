"""Moments, days and money as the database keeps them, and back.

A *moment* is an ``int``: microseconds since 1970-01-01 UTC. A *day* is an ``int``: the proleptic
ordinal (``date.toordinal()``) of the local day in the workspace's zone. A *month* is
``year * 12 + month - 1``. Money is an ``int`` in ten-thousandths, points in millionths.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

SECOND = 1_000_000
DAY_SECONDS = 86_400
MONEY_SCALE = 10_000
POINTS_SCALE = 1_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def moment_of(at: datetime) -> int:
    """The moment of an aware ``datetime``."""
    return (at - _EPOCH) // _MICROSECOND


def datetime_of(moment: int) -> datetime:
    """The aware UTC ``datetime`` of a moment."""
    return _EPOCH + timedelta(microseconds=moment)


def money_of(amount: Decimal) -> int:
    """``amount`` as the database keeps it, rounded half up once."""
    return int((amount * MONEY_SCALE).quantize(Decimal(1), ROUND_HALF_UP))


def amount_of(money: int) -> Decimal:
    """The decimal of a money integer (exact)."""
    return Decimal(money) / MONEY_SCALE


def points_int(points: Decimal) -> int:
    """``points`` as the database keeps them."""
    return int((points * POINTS_SCALE).quantize(Decimal(1), ROUND_HALF_UP))


def points_of(points: int) -> Decimal:
    """The decimal of a points integer (exact)."""
    return Decimal(points) / POINTS_SCALE


def plain(value: Decimal) -> str:
    """Decimal as plain text without an exponent or trailing zeros: ``110.3``, ``7``, ``0``."""
    text = format(value.normalize(), "f")
    return "0" if text == "-0" else text


def month_of(day: int) -> int:
    """The month number of a day."""
    d = date.fromordinal(day)
    return d.year * 12 + d.month - 1


def month_start(month: int) -> int:
    """The first day of a month number."""
    return date(month // 12, month % 12 + 1, 1).toordinal()


def month_text(month: int) -> str:
    """A month number as scripts and files write it: ``2026-11``."""
    return f"{month // 12}-{month % 12 + 1:02}"


def months_between(first_day: int, last_day: int) -> Iterator[int]:
    """Month numbers touched by the days ``first_day..last_day``, both included."""
    return iter(range(month_of(first_day), month_of(last_day) + 1))


class Zone:
    """The workspace's time zone, with fast day arithmetic.

    Days are found through a small cache of day starts, so that ``day_of`` costs a division for
    moments of the same offset and never loses a DST change.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.info = ZoneInfo(name)
        self._starts: dict[int, int] = {}

    def local(self, moment: int) -> datetime:
        """The local aware ``datetime`` of a moment."""
        return datetime_of(moment).astimezone(self.info)

    def start_of(self, day: int) -> int:
        """The first moment of a local day."""
        found = self._starts.get(day)
        if found is None:
            found = self.moment(datetime.combine(date.fromordinal(day), time()))
            self._starts[day] = found
        return found

    def day_of(self, moment: int) -> int:
        """The local day of a moment."""
        guess = 719_163 + moment // (DAY_SECONDS * SECOND)
        while self.start_of(guess + 1) <= moment:
            guess += 1
        while self.start_of(guess) > moment:
            guess -= 1
        return guess

    def moment(self, local: datetime) -> int:
        """The moment of a naive local time.

        One that comes twice is the first of the two; one that never comes is the first moment
        after the gap (domain.md section 2).
        """
        at = local.replace(tzinfo=self.info, fold=0)
        utc = at.astimezone(UTC)
        if utc.astimezone(self.info).replace(tzinfo=None) == local:
            return moment_of(utc)
        return self._after_gap(local)

    def _after_gap(self, local: datetime) -> int:
        before = local.replace(tzinfo=self.info, fold=0).utcoffset()
        after = local.replace(tzinfo=self.info, fold=1).utcoffset()
        assert before is not None and after is not None
        low = moment_of((local - max(before, after)).replace(tzinfo=UTC))
        high = moment_of((local - min(before, after)).replace(tzinfo=UTC))
        old = datetime_of(low).astimezone(self.info).utcoffset()
        while low + 1 < high:
            middle = (low + high) // 2
            if datetime_of(middle).astimezone(self.info).utcoffset() == old:
                low = middle
            else:
                high = middle
        return high
