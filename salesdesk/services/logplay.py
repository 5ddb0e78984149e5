"""The lines of the log about one record, played from the first to the last: what each command found
and what it left, so that an event tells the values of its own time."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from salesdesk.models.store import Reader

#: A line: id, table, record, field (None: it was made), old, new, command.
Row = tuple[Any, ...]


class Step(NamedTuple):
    """What one command did to a record: its lines by field, and the values before and after."""

    seq: int
    command_id: int
    fields: dict[str | None, Row]
    before: dict[str, Any]
    after: dict[str, Any]


def by_record(log: Sequence[Row]) -> dict[int, list[Row]]:
    """The lines of each record, in their order."""
    lines: dict[int, list[Row]] = {}
    for row in sorted(log):
        lines.setdefault(row[2], []).append(row)
    return lines


def present(
    r: Reader, table: str, columns: Sequence[str], ids: Sequence[int]
) -> dict[int, dict[str, Any]]:
    """The columns of records as they are now."""
    rows = r.rows_of(f"SELECT id, {', '.join(columns)} FROM {table} WHERE id IN ({{ids}})", ids)
    return {row[0]: dict(zip(columns, row[1:], strict=True)) for row in rows}


def steps(rows: Sequence[Row], now: dict[str, Any]) -> Iterator[Step]:
    """Each command that touched a record, in their order; ``now`` are its columns as they are."""
    state = dict(now)
    for row in reversed(rows):  # back to what it was at first
        if row[3] in state:
            state[row[3]] = row[4]
    by_command: dict[int, list[Row]] = {}
    for row in rows:
        by_command.setdefault(row[6], []).append(row)
    for command, group in by_command.items():
        before = dict(state)
        for row in group:
            if row[3] in state:
                state[row[3]] = row[5]
        fields = {row[3]: row for row in group}
        yield Step(group[0][0], command, fields, before, dict(state))
