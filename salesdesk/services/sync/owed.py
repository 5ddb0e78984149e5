"""What of deals has yet to be read, for it could not be read with them: a history of stages that
was not told, tasks and notes that were passed by before their deal was here."""

from collections.abc import Iterable
from typing import Literal

from salesdesk.models.books import Books
from salesdesk.services.records import Asks

What = Literal["moves", "within"]


def note(books: Books, remote_id: int, what: What, deals: Iterable[str]) -> None:
    """Keep that this of these deals (keys there) is to be read."""
    rows = [{"remote_id": remote_id, "what": what, "far_id": far} for far in deals]
    books.put("sync_owed", ("remote_id", "what", "far_id"), rows)


def noted(a: Asks, remote_id: int, what: What) -> list[tuple[int, str]]:
    """Rows of books (``sync_owed``) and their deals, the oldest first."""
    rows = a.rows(
        "SELECT id, far_id FROM sync_owed WHERE remote_id = ? AND what = ? ORDER BY id",
        (remote_id, what),
    )
    return [(row[0], row[1]) for row in rows]
