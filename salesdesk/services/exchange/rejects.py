"""Rows that an import refuses: why, and a file of them to mend and import again.

The problems are short ``N_`` texts; the edge translates them, scripts see them in English.
"""

import csv
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from salesdesk.errors import Reason, SalesDeskError
from salesdesk.services.exchange.cells import safe_cell
from salesdesk.text import N_, tr

NOT_A_DATE = N_("not a date")
NOT_A_NUMBER = N_("not a number")
NOT_A_PERCENTAGE = N_("not a percentage from 0 to 100")
NOT_A_CURRENCY = N_("not a currency")
NOT_A_STATE = N_("not a state of a task")
NOT_A_ROLE = N_("not a role (manager, team_lead, admin)")
NOT_A_RATING = N_("not a rating from 1 to 5")
EMPTY = N_("empty")
TOTALS = N_("a line of totals, not a deal")
DAMAGED = N_("has damaged characters")
MORE_CELLS = N_("more cells than the heading")
LONG_CELL = N_("too long a text")
OPEN_QUOTE = N_("a quotation mark is not closed")
OWN_ANCESTOR = N_("the deal would be a parent of itself")
CLOSED_BEFORE_CREATED = N_("closed before it was created")
SAME_ID = N_("the same external id as another row, with other values")
SAME_NAME = N_("the same name as another row, without an external id to tell them apart")

_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Reject:
    """A row that was not imported: its number, the heading of its first bad cell, that cell's
    text, and the problem (an ``N_`` text). ``column`` is empty when the whole row is at fault.
    """

    row: int
    column: str
    value: str
    problem: str


def shortened(text: str) -> str:
    """``text`` for showing, cut where it would be too long."""
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def write_rejects(
    path: Path,
    headings: Sequence[str],
    rejects: Iterable[Reject],
    cells: Mapping[int, Sequence[str]],
    delimiter: str = ";",
) -> int:
    """Write the refused rows as CSV (UTF-8 with BOM) and return how many.

    The columns of the original file follow after row, column, value and reason, so that the mended
    file can be imported by the same mapping. ``cells`` are the original cells by row number. Raises
    ``SalesDeskError`` when the file cannot be written; an existing file stays then.
    """
    waiting = path.with_name(path.name + ".part")
    count = 0
    try:
        with waiting.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file, delimiter=delimiter)
            first = [tr("Row"), tr("Column"), tr("Value"), tr("Reason")]
            writer.writerow([safe_cell(text) for text in [*first, *headings]])
            for reject in sorted(rejects, key=lambda one: one.row):
                texts = [reject.column, reject.value, tr(reject.problem)]
                texts += cells.get(reject.row, ())
                writer.writerow([reject.row, *map(safe_cell, texts)])
                count += 1
        os.replace(waiting, path)
    except OSError as error:
        waiting.unlink(missing_ok=True)
        raise SalesDeskError(
            N_("Not saved"),
            N_("The file {path} cannot be written: {reason}."),
            path=path,
            reason=Reason(error),
        ) from error
    return count
