"""Working time for the sample story: moments at which people really are at their desks."""

import random

from salesdesk.moments import SECOND
from salesdesk.services.calendars import WorkCalendar

MINUTE = 60 * SECOND
_MARGIN = 7


class WorkTime:
    """Random moments inside working hours, drawn from one seeded source."""

    def __init__(self, calendar: WorkCalendar, rng: random.Random) -> None:
        self.calendar = calendar
        self._rng = rng
        self._opens = calendar.opens + _MARGIN
        self._closes = calendar.closes - _MARGIN

    def on(self, day: int, latest: int | None = None) -> int:
        """A moment on a working day (the next one, if it is none), not after minute ``latest``."""
        day = self.calendar.next_working(day)
        closes = self._closes if latest is None else min(latest, self._closes)
        minute = self._rng.randint(self._opens, max(closes, self._opens))
        return self._exact(day, minute)

    def later(self, at: int, low: int, high: int) -> int:
        """A moment ``low..high`` working days after another one; on the same day it comes later."""
        days = self._rng.randint(low, high)
        if days == 0:
            return self.soon(at, 30, 240)
        return self.on(self.calendar.add_working_days(self._day(at), days))

    def soon(self, at: int, low: int, high: int) -> int:
        """``low..high`` minutes later, or the next working morning when all have gone home."""
        return self.at_work(at + self._rng.randint(low, high) * MINUTE)

    def between(self, first: int, last: int) -> int:
        """A working moment between two, nearer to the first; ``last`` itself when there is none."""
        share = self._rng.random() ** 1.5
        return min(self.at_work(first + int((last - first) * share)), last)

    def at_work(self, at: int) -> int:
        """The moment itself if people are at work then, else one of the next working morning."""
        day = self._day(at)
        local = self.calendar.zone.local(at)
        minute = local.hour * 60 + local.minute
        if self.calendar.is_working(day) and self._opens <= minute <= self._closes:
            return at
        if minute > self._closes:
            day += 1
        return self.on(day, self._opens + 90)

    def end_of(self, day: int) -> int:
        """The end of the working hours of a day."""
        return self.calendar.end_of_working_day(day)

    def _exact(self, day: int, minute: int) -> int:
        return self.calendar.at(day, minute) + self._rng.randint(0, 59) * SECOND

    def _day(self, at: int) -> int:
        return self.calendar.zone.day_of(at)
