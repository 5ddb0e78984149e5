"""New workspaces from a template: its words in one language, and the country's working days.

A template is a configuration document (``configuration``) whose texts may stand in ``[words]``,
once in every language: ``"@call"`` means the word ``call`` in the language of the workspace. What
the templates share, words and short lists, stands in ``common.toml``.
"""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from salesdesk.errors import Invalid, NotFound
from salesdesk.models.migrate import create_workspace
from salesdesk.models.store import Store, Transaction
from salesdesk.moments import Zone
from salesdesk.services import settings
from salesdesk.services.calendars import country_days_off
from salesdesk.services.carrying import ARROW
from salesdesk.services.configuration_import import apply
from salesdesk.services.days_off import ensure_years
from salesdesk.services.template_names import TEMPLATES
from salesdesk.text import LANGUAGES, N_, resource

__all__ = ["TEMPLATES", "content", "ensure_years", "make_workspace", "template_document"]


def make_workspace(
    path: Path,
    template: str,
    *,
    zone: str,
    currency: str,
    country: str,
    language: str,
    now: int,
    subdivision: str = "",
    origin: str = "window",
) -> Store:
    """Make a workspace file at ``path`` and open it.

    ``template`` is a key of ``TEMPLATES``; ``zone`` an IANA name, ``currency`` and ``country`` ISO
    codes (an empty country: weekends off), ``language`` that of the names. Raises ``NotFound``,
    ``Invalid`` or what ``create_workspace`` raises; a file is left behind only when all went well.
    """
    document = template_document(template, language)
    own = {
        "zone": zone, "currency": currency, "country": country, "subdivision": subdivision,
    }  # fmt: skip
    for name, value in own.items():
        settings.checked(name, value)
    if country:
        country_days_off(country.upper(), _year(zone, now), subdivision or None)
    create_workspace(path)
    try:
        store = Store.open(path)
        try:
            _fill(store, document, own, language, now, origin)
        except BaseException:
            store.close()
            raise
    except BaseException:
        for suffix in ("", "-wal", "-shm"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)
        raise
    return store


def _fill(
    store: Store,
    document: Mapping[str, Any],
    own: Mapping[str, str],
    language: str,
    now: int,
    origin: str,
) -> None:
    with store.command("init", now=now, origin=origin) as tx:
        every = {spec.name: settings.as_text(spec.default) for spec in settings.SPECS}
        settings.write(tx, {**every, **own}, making=True)
        _years_around(tx, own, language)
        apply(tx, document)


def _years_around(tx: Transaction, own: Mapping[str, str], language: str) -> None:
    """The working days of the last, the present and the next year."""
    year = _year(own["zone"], tx.now)
    ensure_years(
        tx, range(year - 1, year + 2), own["country"].upper(), own["subdivision"], language
    )


def _year(zone: str, now: int) -> int:
    return Zone(zone).local(now).year


def template_document(template: str, language: str) -> dict[str, Any]:
    """The configuration document of a template in a language; raises ``NotFound``."""
    if template not in TEMPLATES:
        raise NotFound(
            N_("There is no template “{name}”; there are {templates}."),
            name=template,
            templates=", ".join(TEMPLATES),
        )
    if language not in LANGUAGES:
        raise Invalid(N_("There are no names in the language “{language}”."), language=language)
    if template == "empty":
        return {}
    common, own = content("common"), content(template)
    words = {name: word[language] for name, word in {**common["words"], **own["words"]}.items()}
    document: dict[str, Any] = worded({**common["document"], **own["document"]}, words)
    return document


def content(name: str) -> dict[str, Any]:
    """The file of a template (or ``common``): its ``words`` and its ``document``."""
    return tomllib.loads(resource("templates", f"{name}.toml").read_text("utf-8"))


def worded(value: Any, words: Mapping[str, str]) -> Any:
    """The value with every ``@word`` in it replaced by the word, behind an arrow, too."""
    if isinstance(value, str):
        before, arrow, name = value.rpartition("@")
        return before + words[name] if arrow and (not before or before.endswith(ARROW)) else value
    if isinstance(value, list):
        return [worded(entry, words) for entry in value]
    if isinstance(value, dict):
        return {name: worded(entry, words) for name, entry in value.items()}
    return value
