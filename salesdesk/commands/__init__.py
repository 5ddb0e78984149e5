"""The commands of the command line, by name: where each stands and what it does in a line.

A module has, for each of its commands, ``NAME_arguments(parser)`` and ``run_NAME(session,
options)``, which returns an ``Answer``. It is imported only when its command is named.
"""

import argparse
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from salesdesk.errors import SalesDeskError
from salesdesk.text import N_, tr


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command answers: the document for ``--json``, the text for people.

    With ``error`` the exit status is 1, its sentence goes to standard error and into the document.
    """

    document: Mapping[str, Any] = field(default_factory=dict)
    text: str | Callable[[], str] = ""
    error: SalesDeskError | None = None


@dataclass(frozen=True, slots=True)
class Command:
    """Where a command stands, and what it does."""

    module: str
    help: str


class WrongUsage(Exception):
    """The arguments make no sense; ``usage`` is the line that shows how they would."""

    def __init__(self, message: str, usage: str = "") -> None:
        self.usage = usage
        super().__init__(message)


def add_json(parser: argparse.ArgumentParser) -> None:
    """``--json`` after the command too; without it the one before the command holds."""
    parser.add_argument(
        "--json",
        action="store_true",
        default=argparse.SUPPRESS,
        help=tr("answer with one JSON document and nothing else"),
    )


_HERE = "salesdesk.commands"
COMMANDS: dict[str, Command] = {
    "demo": Command(
        f"{_HERE}.windows", N_("open the window on a fresh copy of the sample workspace")
    ),
    "init": Command(f"{_HERE}.files", N_("make a workspace")),
    "import": Command(f"{_HERE}.bring", N_("import a CSV or XLSX file")),
    "export": Command(f"{_HERE}.take", N_("export a table to CSV or XLSX")),
    "board": Command(f"{_HERE}.desk", N_("show the columns of a pipeline, now or on a past day")),
    "move": Command(f"{_HERE}.desk", N_("move a deal to a stage")),
    "undo": Command(f"{_HERE}.log", N_("take back the latest commands")),
    "history": Command(f"{_HERE}.log", N_("list what was done, or all changes of a deal")),
    "tasks": Command(f"{_HERE}.desk", N_("list tasks")),
    "ranking": Command(f"{_HERE}.numbers", N_("the ranking of a period")),
    "month": Command(f"{_HERE}.months", N_("close a month, its corrections and bonuses")),
    "report": Command(f"{_HERE}.reports", N_("a report of a period")),
    "pivot": Command(f"{_HERE}.pivot", N_("any question: deals, tasks, moves by any fields")),
    "awards": Command(f"{_HERE}.awards", N_("the first three of each quarter")),
    "digest": Command(f"{_HERE}.digest", N_("the ranking that is sent out by itself")),
    "sync": Command(f"{_HERE}.sync", N_("keep in step with Bitrix24 or amoCRM")),
    "backup": Command(f"{_HERE}.files", N_("make a verified backup")),
    "restore": Command(f"{_HERE}.files", N_("put a workspace back from a backup")),
    "check": Command(f"{_HERE}.files", N_("verify the file and what must always hold in it")),
    "config": Command(f"{_HERE}.configuring", N_("write or read the whole configuration")),
    "screenshot": Command(f"{_HERE}.windows", N_("save a picture of a page")),
}
