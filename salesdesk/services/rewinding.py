"""What fields of records were: the log read backwards from the present.

The last line at or before the moment of a command that stands, else what the first line replaced,
else the present value. What the command that made a record wrote holds since the record began.
Undone commands are as if they had never been.
"""

from collections import defaultdict
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from typing import Any, NamedTuple

from salesdesk.models.asking import OF_RECORDS
from salesdesk.models.store import Reader

#: Of so many records the log is read directly, without asking first which of them it names.
FEW = 500
_EVER, _NEVER = -(2**63), 2**63 - 1


def rewound(
    r: Reader, table: str, fields: tuple[str, ...], ids: Iterable[int], as_of: int
) -> dict[int, dict[str, Any]]:
    """Fields of records as they were, of those records alone that the log has lines about after
    the moment (the others are as they are)."""
    wanted = set(ids)
    if len(wanted) <= FEW:
        return replayed(r, table, fields, sorted(wanted), as_of)
    marks = ", ".join("?" * len(fields))
    touched = {
        row[0]
        for row in r.rows(
            "SELECT DISTINCT c.row_id FROM txn t JOIN change c "
            "ON c.id BETWEEN t.first_change AND t.last_change "
            f"WHERE t.at > ? AND c.tbl = ? AND c.field IN ({marks})",
            (as_of, table, *fields),
        )
    }
    return replayed(r, table, fields, sorted(touched & wanted), as_of)


def replayed(
    r: Reader, table: str, fields: tuple[str, ...], ids: Iterable[int], as_of: int
) -> dict[int, dict[str, Any]]:
    """The same for a few records, from all lines of the log about them; only what the log tells of
    is in the answer."""
    past: dict[int, dict[str, Any]] = defaultdict(dict)
    makers: dict[int, int] = {}
    decided: set[tuple[int, str]] = set()
    for row, field, old, new, command, at, stands in r.rows_of(
        "SELECT c.row_id, c.field, c.old, c.new, m.id, t.at, "
        "m.undone = 0 AND m.origin <> 'undo' FROM change c JOIN txn t ON t.id = c.txn_id "
        "JOIN command m ON m.id = t.command_id WHERE c.tbl = ? AND c.row_id IN ({ids}) "
        f"AND c.{OF_RECORDS} ORDER BY c.id",
        list(ids),
        (table,),
    ):
        if field is None:
            makers[row] = command
        elif field not in fields:
            continue
        elif stands and (at <= as_of or command == makers.get(row)):
            past[row][field] = new
            decided.add((row, field))
        elif (row, field) not in decided and field not in past[row]:
            past[row][field] = old
    return past


class FieldSpan(NamedTuple):
    """A field of a record had another value than now in ``[since, until)``."""

    row: int
    field: str
    since: int
    until: int
    value: Any


def field_spans(
    r: Reader, table: str, fields: tuple[str, ...], ids: AbstractSet[int] | None = None
) -> list[FieldSpan]:
    """When fields had which values, of the records (or those of ``ids``) that the log has lines
    about: what ``rewound`` tells for each moment, for all of them at once."""
    marks = ", ".join("?" * len(fields))
    lines = [
        row
        for row in r.rows(
            "SELECT c.row_id, c.field, c.old, c.new, m.id, t.at, "
            "m.undone = 0 AND m.origin <> 'undo' FROM change c JOIN txn t ON t.id = c.txn_id "
            f"JOIN command m ON m.id = t.command_id WHERE c.tbl = ? AND c.{OF_RECORDS} "
            f"AND c.field IN ({marks}) ORDER BY c.id",
            (table, *fields),
        )
        if ids is None or row[0] in ids
    ]
    makers: dict[int, int] = dict(
        r.rows_of(
            "SELECT c.row_id, t.command_id FROM change c JOIN txn t ON t.id = c.txn_id "
            "WHERE c.tbl = ? AND c.row_id IN ({ids}) "
            f"AND c.{OF_RECORDS} AND c.field IS NULL ORDER BY c.id",
            sorted({row[0] for row in lines}),
            (table,),
        )
    )
    steps: dict[tuple[int, str], list[tuple[int, Any]]] = {}
    for row, field, old, new, command, at, stands in lines:
        values = steps.setdefault((row, field), [(_EVER, old)])
        if stands:
            since = _EVER if command == makers.get(row) else at
            while values and values[-1][0] >= since:
                values.pop()
            values.append((since, new))
    found = []
    for (row, field), values in steps.items():
        ends = [*(since for since, _ in values[1:]), _NEVER]
        for (since, value), until in zip(values, ends, strict=True):
            found.append(FieldSpan(row, field, since, until, value))
    return found
