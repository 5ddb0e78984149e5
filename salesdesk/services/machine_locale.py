"""What this machine says of its user: language, country, time zone, currency."""

import os
import sys
from dataclasses import dataclass

_FALLBACK_CURRENCY = "USD"


@dataclass(frozen=True, slots=True)
class Guess:
    """What a new workspace here would begin with; ``country`` is empty where no calendar is
    known."""

    zone: str
    currency: str
    country: str


def guess(country_given: str | None = None) -> Guess:
    """From the machine's locale and time zone; with a country only the rest is guessed."""
    wanted = country_given or _with_calendar(country())
    return Guess(zone(), currency(wanted) or _FALLBACK_CURRENCY, wanted)


def _with_calendar(code: str) -> str:
    """The country if there is a calendar of it."""
    if not code:
        return ""
    import holidays

    return code if code in holidays.list_supported_countries() else ""


def language() -> str:
    """``ru`` on a Russian machine, else ``en``."""
    return "ru" if locale_name().lower().startswith("ru") else "en"


def locale_name() -> str:
    """Such as ``ru_RU``; empty when the machine does not say."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(name, "").partition(".")[0].partition("@")[0]
        if value:
            return "" if value in ("C", "POSIX") else value.replace("-", "_")
    if sys.platform == "win32":
        import ctypes
        import locale

        return locale.windows_locale.get(ctypes.windll.kernel32.GetUserDefaultUILanguage(), "")
    return ""


def zone() -> str:
    """The machine's time zone (IANA); UTC when it does not say."""
    import tzlocal

    try:
        tzlocal.reload_localzone()  # it may have been another when it was asked for before
        return tzlocal.get_localzone_name() or "UTC"
    except (OSError, ValueError, LookupError):
        return "UTC"


def country() -> str:
    """The two letters of the machine's country, from its locale, else its time zone; may be
    empty."""
    territory = locale_name().partition("_")[2][:2].upper()
    if len(territory) == 2 and territory.isalpha():
        return territory
    from babel.core import get_global

    found = get_global("zone_territories").get(zone(), "")
    return str(found) if len(found) == 2 and found.isalpha() and found not in ("001", "ZZ") else ""


def currency(of_country: str) -> str:
    """The currency of a country today; empty when there is none to name."""
    if not of_country:
        return ""
    from babel.core import get_global

    found = get_global("territory_currencies").get(of_country, [])
    present = [code for code, _start, end, tender in found if end is None and tender]
    return str(present[0]) if present else ""
