"""Short words for tests of the import: a file as text, a mapping as TOML, what came of it."""

from datetime import UTC, datetime
from pathlib import Path

from salesdesk.models.store import Store
from salesdesk.moments import moment_of
from salesdesk.services.exchange import importer
from salesdesk.services.exchange.importer import ImportResult
from salesdesk.services.exchange.mapping import parse_mapping
from salesdesk.services.exchange.reader import read_table

NOW = moment_of(datetime(2024, 6, 1, 9, tzinfo=UTC))

DEALS = """
as = "deals"
pipeline = "Sales"
[columns]
external_id = "id"
title = "title"
owner = "owner"
stage = "stage"
created_at = "created"
closed_at = "closed"
stage_entered_at = "entered"
amount = "amount"
[stages]
New = { stage = "New" }
Talk = { stage = "Talk", milestone = "meeting_held", probability = 30 }
Won = { stage = "Won", kind = "won" }
Lost = { stage = "Lost", kind = "lost" }
"""
HEAD = "id,title,owner,stage,created,closed,entered,amount\n"
MOVES = """
as = "moves"
pipeline = "Sales"
[columns]
deal = "case"
stage = "stage"
at = "at"
"""


def bring(
    store: Store,
    folder: Path,
    text: str,
    mapping: str = DEALS,
    *,
    now: int = NOW,
    dry_run: bool = False,
    all_or_nothing: bool = False,
) -> ImportResult:
    """Import a file of this text."""
    path = folder / "file.csv"
    path.write_text(text, encoding="utf-8")
    steps = importer.import_table(
        store, read_table(path), parse_mapping(mapping), person=None, now=now, dry_run=dry_run,
        all_or_nothing=all_or_nothing, slice_seconds=1.0,
    )  # fmt: skip
    result = importer.run(steps)
    assert result.created + result.updated + result.unchanged + len(result.rejected) == result.read
    return result


def moves_of(store: Store, external: str) -> list[tuple[str, str]]:
    """The standing moves of a deal: (stage, local moment)."""
    with store.read() as r:
        rows = r.rows(
            "SELECT s.name, m.at FROM stage_move m JOIN stage s ON s.id = m.to_stage_id "
            "JOIN deal d ON d.id = m.deal_id WHERE d.external_id = ? AND d.deleted_at IS NULL "
            "AND m.undone = 0 AND m.superseded = 0 ORDER BY m.at, m.seq",
            (external,),
        )
    return [(name, store.zone.local(at).strftime("%Y-%m-%d %H:%M")) for name, at in rows]


def standing(store: Store, external: str) -> tuple[str, str | None]:
    """Stage and responsible person of a deal now."""
    with store.read() as r:
        row = r.row(
            "SELECT s.name, p.name FROM deal d JOIN stage s ON s.id = d.stage_id "
            "LEFT JOIN person p ON p.id = d.owner_id "
            "WHERE d.external_id = ? AND d.deleted_at IS NULL",
            (external,),
        )
    assert row is not None
    return row[0], row[1]


def owners_of(store: Store, external: str) -> list[tuple[str | None, str]]:
    """Who was responsible from when on."""
    with store.read() as r:
        rows = r.rows(
            "SELECT p.name, s.start FROM span s JOIN deal d ON d.id = s.deal_id "
            "LEFT JOIN person p ON p.id = s.owner_id WHERE d.external_id = ? ORDER BY s.start",
            (external,),
        )
    found: list[tuple[str | None, str]] = []
    for name, at in rows:
        if not found or found[-1][0] != name:
            found.append((name, store.zone.local(at).strftime("%Y-%m-%d")))
    return found


def everything(store: Store) -> dict[str, list[tuple[object, ...]]]:
    """All rows that services answer from, but the log."""
    tables = ("deal", "stage_move", "owner_change", "person", "stage", "pipeline", "client",
              "span", "reach", "hold", "won_line", "stage_total")  # fmt: skip
    with store.read() as r:
        return {table: r.rows(f"SELECT * FROM {table} ORDER BY 1, 2, 3") for table in tables}
