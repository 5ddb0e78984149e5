"""Countries whose working days are known, and currencies, named in the chosen language."""

from functools import cache

from salesdesk.text import language


def country_name(code: str) -> str:
    """The name of a country; its code when there is none."""
    return _names(language()).get(code, code)


def countries() -> list[tuple[str, str]]:
    """(code, name) of every country that has a calendar, by name."""
    names = _names(language())
    found = [(code, names.get(code, code)) for code in _known()]
    return sorted(found, key=lambda each: each[1].casefold())


@cache
def _known() -> tuple[str, ...]:
    import holidays

    return tuple(code for code in holidays.list_supported_countries() if len(code) == 2)


@cache
def _names(tongue: str) -> dict[str, str]:
    from babel import Locale

    return {str(code): str(name) for code, name in Locale(tongue).territories.items()}


def currencies() -> list[tuple[str, str]]:
    """(code, "code · name") of every currency that is tender somewhere today, by code."""
    from babel import Locale

    names = Locale(language()).currencies
    return [(code, f"{code} · {names.get(code, code)}") for code in _tender()]


@cache
def _tender() -> tuple[str, ...]:
    from babel.core import get_global

    found = {
        code
        for each in get_global("territory_currencies").values()
        for code, _start, end, tender in each
        if end is None and tender
    }
    return tuple(sorted(found))
