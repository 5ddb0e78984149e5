"""Deals that were taken over while their history of stages could not be read, until it was.

They are kept beside the streams, a page of deals in a row: ``cursor`` holds their keys there.
"""

import json
from collections.abc import Sequence

from salesdesk.models.books import Books
from salesdesk.services.records import Asks

_NAME = "untold:"


def note(books: Books, remote_id: int, deals: Sequence[str]) -> None:
    """Keep that the histories of these deals are to be read."""
    if not deals:
        return
    number = books.value("SELECT coalesce(max(id), 0) + 1 FROM sync_stream")
    row = {
        "remote_id": remote_id, "name": f"{_NAME}{number}", "cursor": json.dumps(list(deals)),
        "read": 0, "first_done": 1, "total": None, "complete_at": None,
    }  # fmt: skip
    books.insert("sync_stream", [row])


def noted(a: Asks, remote_id: int) -> list[tuple[int, list[str]]]:
    """Rows of books (``sync_stream``) and the deals in them, the oldest first."""
    rows = a.rows(
        "SELECT id, cursor FROM sync_stream WHERE remote_id = ? AND substr(name, 1, ?) = ? "
        "ORDER BY id",
        (remote_id, len(_NAME), _NAME),
    )
    return [(key, json.loads(text)) for key, text in rows]
