"""What an undo would leave as it is, and why: others have built on it since.

Asked before the undo is done; reads only, and says the same as ``history`` does when it settles.
"""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from salesdesk.models.asking import OF_RECORDS
from salesdesk.models.store import Reader
from salesdesk.services import history
from salesdesk.services.chronicle import Subject, named
from salesdesk.services.fieldwords import FIELDS
from salesdesk.services.history_references import claims

#: Records of one command that are looked at; an import of more is told to be only looked through.
LOOKED_AT = 2000


@dataclass(frozen=True, slots=True)
class Stays:
    """Something that an undo leaves: a record (``field`` empty), or one field of it (its marked
    name), because of command ``by_id``, of that kind, by that person, at that moment."""

    subject: Subject
    field: str
    by_id: int
    kind: str
    person: str | None
    at: int


@dataclass(frozen=True, slots=True)
class Preview:
    """What would stay; ``records`` is how many the command touched, ``looked_at`` how many of them
    were looked at."""

    stays: tuple[Stays, ...]
    records: int
    looked_at: int


def preview(r: Reader, command_id: int, *, limit: int = 50) -> Preview:
    """What taking back this command would leave, at most ``limit`` lines."""
    touched = history.touched(r, command_id)
    total = sum(len(ids) for ids in touched.values())
    room = LOOKED_AT
    found: list[tuple[str, int, str, int]] = []
    for table, ids in touched.items():
        looked, room = ids[:room], max(0, room - len(ids))
        if looked:
            found += _records(r, table, looked, command_id)
            found += _fields(r, table, looked, command_id)
    found = found[:limit]
    return Preview(tuple(_told(r, found)), total, min(total, LOOKED_AT))


def _records(
    r: Reader, table: str, ids: list[int], command: int
) -> list[tuple[str, int, str, int]]:
    """Records that the command made and that others have changed or refer to since."""
    made = [
        row[0]
        for row in r.rows_of(
            "SELECT c.row_id FROM change c JOIN txn t ON t.id = c.txn_id WHERE c.tbl = ? "
            f"AND t.command_id = {command:d} AND c.{OF_RECORDS} AND c.field IS NULL "
            "AND c.row_id IN ({ids})",
            ids,
            (table,),
        )
    ]
    if not made:
        return []
    latest: dict[int, int] = {}
    for key, other in claims(r, table, made):
        if other != command:
            latest[key] = max(other, latest.get(key, 0))
    return [(table, key, "", other) for key, other in sorted(latest.items())]


def _fields(r: Reader, table: str, ids: list[int], command: int) -> list[tuple[str, int, str, int]]:
    """Fields that the command set and another standing one has set again since."""
    mine: set[tuple[int, str]] = set()
    since: dict[tuple[int, str], int] = {}
    for row, column, other, stands in r.rows_of(
        "SELECT c.row_id, c.field, m.id, m.undone = 0 AND m.origin <> 'undo' FROM change c "
        "JOIN txn t ON t.id = c.txn_id JOIN command m ON m.id = t.command_id "
        f"WHERE c.tbl = ? AND c.{OF_RECORDS} AND c.field IS NOT NULL AND c.row_id IN ({{ids}}) "
        "ORDER BY c.id",
        ids,
        (table,),
    ):
        if other == command:
            mine.add((row, column))
        elif stands and (row, column) in mine and column in FIELDS.get(table, {}):
            since[row, column] = other
    return [(table, row, column, other) for (row, column), other in sorted(since.items())]


def _told(r: Reader, found: list[tuple[str, int, str, int]]) -> list[Stays]:
    subjects = named(r, [(table, key) for table, key, _column, _other in found])
    commands: dict[int, tuple[Any, ...]] = defaultdict(lambda: ("", None, 0))
    for row in r.rows_of(
        "SELECT c.id, c.kind, p.name, c.at FROM command c LEFT JOIN person p ON p.id = c.person_id "
        "WHERE c.id IN ({ids})",
        {other for _table, _key, _column, other in found},
    ):
        commands[row[0]] = row[1:]
    return [
        Stays(subject, FIELDS[table][column][0] if column else "", other, *commands[other])
        for subject, (table, _key, column, other) in zip(subjects, found, strict=True)
    ]
