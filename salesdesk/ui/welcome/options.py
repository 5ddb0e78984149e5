"""What a new workspace can be given: time zones, currencies, countries, and a guess at them."""

from dataclasses import dataclass

from salesdesk.services.machine_locale import Guess

Pairs = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Options:
    """Pairs (code, text) in the chosen language, and what this machine suggests."""

    guess: Guess
    zones: Pairs
    currencies: Pairs
    countries: Pairs


def read() -> Options:
    """Asks libraries that take a while to come: for the background."""
    from zoneinfo import available_timezones

    from salesdesk.services import machine_locale
    from salesdesk.ui import countries

    guess = machine_locale.guess()
    zones = sorted(name for name in available_timezones() if "/" in name or name == "UTC")
    zones = [name for name in zones if not name.startswith(("Etc/", "SystemV/", "posix/"))]
    if guess.zone not in zones:
        zones.insert(0, guess.zone)
    return Options(guess, [(name, name.replace("_", " ")) for name in zones],
                   countries.currencies(), countries.countries())  # fmt: skip
