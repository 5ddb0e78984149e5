"""Days on which nobody works: the country's, copied year by year, and the team's own.

A year is copied once; a later update of the library, or another country, changes no year gone by.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import MAXYEAR, date
from functools import cache

from salesdesk.errors import Invalid, NotFound
from salesdesk.models.store import Store, Transaction
from salesdesk.names import clean
from salesdesk.services import settings
from salesdesk.services.calendars import country_days_off, year_days
from salesdesk.services.people import require_admin
from salesdesk.services.records import Asks, Saved
from salesdesk.text import N_, language

COUNTRY, TEAM = "country", "team"
_WEEKEND = (5, 6)


@dataclass(frozen=True, slots=True)
class DayOff:
    """A day off; ``origin`` is ``country`` or ``team``."""

    id: int
    day: int
    name: str
    origin: str


def days_off(r: Asks, first_day: int, last_day: int) -> list[DayOff]:
    """The days off ``first_day..last_day``, both included, weekends among them."""
    return [
        DayOff(*row)
        for row in r.rows(
            "SELECT id, day, name, origin FROM day_off WHERE deleted_at IS NULL "
            "AND day BETWEEN ? AND ? ORDER BY day, origin",
            (first_day, last_day),
        )
    ]


def names_now(r: Asks, year: int) -> dict[int, str]:
    """What the holidays of a country's copied year are called in the language of now, by day, as
    far as the library knows; the copy keeps the names of when it was made. Background work: the
    first question costs a second."""
    country = known_years(r).get(year, "")
    if not country:
        return {}
    here = settings.get(r, settings.COUNTRY) == country
    region = settings.get(r, settings.SUBDIVISION) if here else ""
    try:
        found = _of_country(country, year, region)
    except Invalid:  # copied from a library that knew the country
        return {}
    return {day: name for day, name in found.items() if name}


def known_years(r: Asks) -> dict[int, str]:
    """The years whose working days were copied, with the country."""
    return dict(r.rows("SELECT year, country FROM calendar_year WHERE deleted_at IS NULL"))


def add(
    store: Store, day: int, name: str, *, person: int | None, now: int, origin: str = "window"
) -> Saved:
    """The team does not work on a day; raises ``Invalid`` when it does not anyway by its own."""
    with store.command("day_off.add", now=now, person=person, origin=origin) as tx:
        require_admin(tx, person)
        key = write(tx, day, name)
    return Saved(tx.command_id, key)


def write(tx: Transaction, day: int, name: str) -> int:
    """Add a day off of the team's own inside a transaction; returns the id."""
    taken = tx.value(
        "SELECT id FROM day_off WHERE day = ? AND origin = ? AND deleted_at IS NULL", (day, TEAM)
    )
    if taken is not None:
        raise Invalid(N_("{day} is a day off already."), day=date.fromordinal(day).isoformat())
    return tx.insert("day_off", [{"day": day, "name": clean(name), "origin": TEAM}])[0]


def rename(
    store: Store,
    day_off_id: int,
    name: str,
    *,
    person: int | None,
    now: int,
    origin: str = "window",
) -> Saved:
    """Call a day off of the team's own something else; raises ``NotFound`` for one that is gone."""
    with store.command("day_off.change", now=now, person=person, origin=origin) as tx:
        require_admin(tx, person)
        found = tx.value(
            "SELECT id FROM day_off WHERE id = ? AND origin = ? AND deleted_at IS NULL",
            (day_off_id, TEAM),
        )
        if found is None:
            raise NotFound(N_("There is no such day off any more; nothing was changed."))
        tx.update("day_off", [{"id": day_off_id, "name": clean(name)}])
    return Saved(tx.command_id, day_off_id)


def copy_of_country(
    store: Store, year: int, *, person: int | None, now: int, origin: str = "window"
) -> int:
    """Copy the working days of the country for a year that has none yet; returns the command id.

    Raises ``Invalid`` without a country, and for a year that was copied already.
    """
    with store.command("day_off.copy", now=now, person=person, origin=origin) as tx:
        require_admin(tx, person)
        country, region = settings.get(tx, settings.COUNTRY), settings.get(tx, settings.SUBDIVISION)
        if not country:
            raise Invalid(N_("Choose a country first: without one Saturday and Sunday are off."))
        if not ensure_years(tx, [year], country, region):
            raise Invalid(N_("The working days of {year} are there already."), year=year)
    return tx.command_id


def remove(
    store: Store, day_off_id: int, *, person: int | None, now: int, origin: str = "window"
) -> Saved:
    """The day is worked again, be it the team's own or the country's."""
    with store.command("day_off.remove", now=now, person=person, origin=origin) as tx:
        require_admin(tx, person)
        if not tx.update("day_off", [{"id": day_off_id, "deleted_at": now}]):
            raise NotFound(N_("There is no such day off any more; nothing was changed."))
    return Saved(tx.command_id, day_off_id)


def worked_weekends(r: Asks, year: int) -> list[int]:
    """The days of the weekend that are worked in a copied year."""
    country = known_years(r).get(year)
    if country is None:
        return []
    days = year_days(year)
    off = {each.day for each in days_off(r, days[0], days[-1])}
    rests = _rests(country)
    return [day for day in days if date.fromordinal(day).weekday() in rests and day not in off]


def work_on(
    store: Store, day: int, *, person: int | None, now: int, origin: str = "window"
) -> Saved:
    """A day off is worked: a Saturday in exchange for another day, say.

    Raises ``Invalid`` for a day that is worked anyway, and for one of a year whose working days
    were not copied yet though there is a country.
    """
    with store.command("day_off.work", now=now, person=person, origin=origin) as tx:
        require_admin(tx, person)
        year = date.fromordinal(day).year
        if year not in known_years(tx):
            if settings.get(tx, settings.COUNTRY):
                raise Invalid(N_("Copy the working days of {year} first."), year=year)
            copy_year(tx, year, "", _weekends(year))
        gone = [each.id for each in days_off(tx, day, day)]
        if not gone:
            shown = date.fromordinal(day).isoformat()
            raise Invalid(N_("{day} is worked anyway; nothing was changed."), day=shown)
        tx.delete("day_off", gone)
    return Saved(tx.command_id, gone[0])


def rest_on(
    store: Store, day: int, *, person: int | None, now: int, origin: str = "window"
) -> Saved:
    """A day of the weekend is off again; raises ``Invalid`` for one that is off already."""
    with store.command("day_off.rest", now=now, person=person, origin=origin) as tx:
        require_admin(tx, person)
        if days_off(tx, day, day):
            shown = date.fromordinal(day).isoformat()
            raise Invalid(N_("{day} is a day off already."), day=shown)
        [key] = tx.insert("day_off", [{"day": day, "name": "", "origin": COUNTRY}])
    return Saved(tx.command_id, key)


def keep_up(store: Store, *, now: int, person: int | None = None) -> int | None:
    """Copy the working days of this year and of the next if they are not there yet, so that due
    days and plans know their holidays; returns the command id, None when nothing was missing.

    It is nobody's doing: whoever is there when a year comes near brings them in. A country that
    the library does not know (any more) is left to the settings, which say so.
    """
    with store.read() as r:
        country, region = settings.get(r, settings.COUNTRY), settings.get(r, settings.SUBDIVISION)
        this_year = store.zone.local(now).year
        near = {this_year, min(this_year + 1, MAXYEAR)}
        missing = near - known_years(r).keys()
    if not country or not missing:
        return None
    try:
        for year in missing:
            _of_country(country, year, region)
    except Invalid:  # chosen when the library knew it
        return None
    with store.command("day_off.copy", now=now, person=None, origin="rule") as tx:
        ensure_years(tx, missing, country, region)
    return tx.command_id


def ensure_years(
    tx: Transaction,
    years: Iterable[int],
    country: str,
    subdivision: str = "",
    words: str | None = None,
) -> list[int]:
    """Copy the country's working days of those years that are not there yet; returns them.

    Without a country Saturday and Sunday are off, and nothing is copied. Raises ``Invalid`` for a
    country without a calendar. ``words`` is the language of the holidays' names (``en``, ``ru``).
    """
    if not country:
        return []
    there = known_years(tx)
    missing = sorted({year for year in years if year not in there})
    for year in missing:
        copy_year(tx, year, country, _of_country(country, year, subdivision, words))
    return missing


def copy_year(tx: Transaction, year: int, country: str, off: Mapping[int, str]) -> None:
    """Take over the days off of a year, exactly as given."""
    days = year_days(year)
    old = {
        row[1]: row
        for row in tx.rows(
            "SELECT id, day, name FROM day_off WHERE origin = ? AND deleted_at IS NULL "
            "AND day BETWEEN ? AND ?",
            (COUNTRY, days[0], days[-1]),
        )
    }
    tx.delete("day_off", [old[day][0] for day in sorted(old.keys() - off.keys())])
    both = sorted(old.keys() & off.keys())
    tx.update("day_off", [{"id": old[day][0], "name": off[day]} for day in both])
    tx.insert(
        "day_off",
        [
            {"day": day, "name": off[day], "origin": COUNTRY}
            for day in sorted(off.keys() - old.keys())
        ],
    )
    found = tx.row("SELECT id FROM calendar_year WHERE year = ?", (year,))
    if found is None:
        tx.insert("calendar_year", [{"year": year, "country": country}])
    else:
        tx.update("calendar_year", [{"id": found[0], "country": country, "deleted_at": None}])


def copy_again(tx: Transaction, country: str, subdivision: str) -> None:
    """Another country: copy its working days of this year and of those after it again."""
    this_year = tx.zone.local(tx.now).year
    years = sorted(year for year in known_years(tx) if year >= this_year) or [this_year]
    for year in years:
        off = _of_country(country, year, subdivision) if country else _weekends(year)
        copy_year(tx, year, country, off)


@cache
def _rests(country: str) -> frozenset[int]:
    """The weekdays that a country rests on, Monday 0."""
    if not country:
        return frozenset(_WEEKEND)
    import holidays

    try:
        return frozenset(holidays.country_holidays(country).weekend)
    except NotImplementedError:  # copied from a library that knew the country
        return frozenset(_WEEKEND)


def _weekends(year: int) -> dict[int, str]:
    return {day: "" for day in year_days(year) if date.fromordinal(day).weekday() in _WEEKEND}


def _of_country(
    country: str, year: int, subdivision: str, words: str | None = None
) -> dict[int, str]:
    """The days off, named in a language (that of the texts) where the library has them in it."""
    chosen = {"ru": "ru", "en": "en_US"}[words or language()]
    return country_days_off(country, year, subdivision or None, chosen)
