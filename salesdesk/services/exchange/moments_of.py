"""Dates of a file as moments of the workspace (domain.md section 2)."""

from salesdesk.moments import Zone, moment_of
from salesdesk.services.exchange.dates import When


class Moments:
    """Turns dates read into moments; remembers, because files repeat their dates."""

    def __init__(self, zone: Zone) -> None:
        self.zone = zone
        self._known: dict[When, int] = {}

    def of(self, when: When | None) -> int | None:
        """The moment of a date; a date without a time is the start of its day."""
        if when is None:
            return None
        known = self._known.get(when)
        if known is None:
            at = when.at
            known = moment_of(at) if at.tzinfo is not None else self.zone.moment(at)
            if not when.has_time and at.tzinfo is None:
                known = self.zone.start_of(at.toordinal())
            self._known[when] = known
        return known

    def after(self, when: When | None, created: int | None) -> int | None:
        """The same, but a bare date is never before a creation on that same day."""
        found = self.of(when)
        if found is None or when is None or when.has_time or created is None or found >= created:
            return found
        return created if self.zone.day_of(created) == when.at.toordinal() else found

    @staticmethod
    def day(when: When | None) -> int | None:
        """The local day of a date."""
        return None if when is None else when.at.toordinal()
