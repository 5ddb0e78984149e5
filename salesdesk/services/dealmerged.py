"""What the history of a deal tells of the deals that were merged into it: that they were, and their
moves, which count nowhere any more but stay readable."""

from salesdesk.models.asking import OF_RECORDS
from salesdesk.models.store import Reader
from salesdesk.services.dealevents import Event, events

#: By the index of deals merged away: the + keeps SQLite from going through all that were deleted,
#: the CROSS JOIN from going through all deals.
_MERGED = (
    "WITH RECURSIVE gone(id, title) AS (SELECT id, title FROM deal WHERE merged_into_id = ? "
    "AND +deleted_at IS NOT NULL UNION SELECT d.id, d.title FROM gone CROSS JOIN deal d "
    "ON d.merged_into_id = gone.id WHERE +d.deleted_at IS NOT NULL) SELECT id, title FROM gone"
)
_WHEN = (
    "SELECT c.id, m.id, m.at, m.person_id, m.origin FROM change c JOIN txn t ON t.id = c.txn_id "
    f"JOIN command m ON m.id = t.command_id WHERE c.tbl = 'deal' AND c.{OF_RECORDS} "
    "AND c.row_id = ? AND c.field = 'merged_into_id' AND m.kind = 'deal.merge' AND m.undone = 0 "
    "ORDER BY c.id DESC LIMIT 1"
)
_TOLD = ("created", "move")


def with_merged(r: Reader, deal_id: int) -> list[Event]:
    """Everything that happened to a deal, the newest first, with what is told of those merged."""
    found = events(r, deal_id)
    merged = r.rows(_MERGED, (deal_id,))
    if not merged:
        return found
    for key, title in merged:
        for event in events(r, key):
            if event.kind in _TOLD:
                event.subject = title
                found.append(event)
        row = r.row(_WHEN, (key,))
        if row is not None:
            seq, command, at, by, origin = row
            found.append(Event(at, seq, "merged", command, by, origin, subject=title))
    found.sort(key=lambda event: (event.at, event.seq), reverse=True)
    return found
