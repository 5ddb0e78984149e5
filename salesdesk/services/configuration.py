"""The whole configuration as one readable TOML file, out and in.

Importing what was exported changes nothing; everything else it does is one command, undone at once.
"""

import re
import tomllib
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from salesdesk.errors import Invalid
from salesdesk.models.store import Store, Transaction
from salesdesk.services.configuration_entry import ConfigurationRefused, shown
from salesdesk.services.configuration_export import document
from salesdesk.services.configuration_import import apply
from salesdesk.services.configuration_lines import located
from salesdesk.services.people import require_admin
from salesdesk.services.records import Asks
from salesdesk.text import N_

__all__ = ["ConfigurationRefused", "Imported", "export_configuration", "import_configuration"]

_HEAD = (
    "# Configuration of a SalesDesk workspace. Everything goes by its name; what is left out\n"
    "# stays as it is. Amounts, points and plans are texts, so that no digit is lost.\n\n"
)


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did: the command, empty when nothing differed, and records by table."""

    command_id: int | None
    changed: dict[str, int] = field(default_factory=dict)


class _Nothing(Exception):
    """Rolls a transaction back that changed nothing."""


def export_configuration(r: Asks) -> str:
    """Settings, people, teams, pipelines, rules, plans, norms, lists, rates and days as TOML."""
    import tomli_w

    return _HEAD + tomli_w.dumps(document(r))


def import_configuration(
    store: Store, content: str, *, person: int | None, now: int, origin: str = "cli"
) -> Imported:
    """Take in a file, all or nothing.

    Raises ``Invalid`` when it is no TOML, ``ConfigurationRefused`` with a sentence a mistake, and
    ``Refused`` for whoever may not configure.
    """
    wanted = parsed(content)
    try:
        with store.command("configuration.import", now=now, person=person, origin=origin) as tx:
            require_admin(tx, person)
            apply(tx, wanted)
            changed = _changed(tx)
            if not changed:
                raise _Nothing
    except _Nothing:
        return Imported(None)
    return Imported(tx.command_id, changed)


def parsed(content: str) -> dict[str, Any]:
    """The document of a TOML text, whose tables know their lines; raises ``Invalid`` that says
    where it cannot be read."""
    try:
        document = tomllib.loads(content)
    except RecursionError as error:
        raise Invalid(
            N_("The configuration file is nested too deeply. Nothing was changed.")
        ) from error
    except ValueError as error:
        raise _unread(content, str(error)) from error
    found: dict[str, Any] = located(document, content)
    return found


def _unread(content: str, said: str) -> Invalid:
    lines = content.splitlines()
    place = re.search(r"line (\d+), column (\d+)", said)
    if place is None:
        return Invalid(
            N_("The configuration file ends too early, at line {line}. Nothing was changed."),
            line=len(lines),
        )  # fmt: skip
    line = int(place.group(1))
    return Invalid(
        N_("The configuration file cannot be read at line {line}, column {column}: {text}. "
           "Nothing was changed."),
        line=line, column=place.group(2),
        text=shown(lines[line - 1].strip() if line <= len(lines) else ""),
    )  # fmt: skip


def _changed(tx: Transaction) -> dict[str, int]:
    return dict(Counter({table: len(ids) for table, ids in tx.tables.items() if ids}))
