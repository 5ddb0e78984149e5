"""Who judges what a transaction writes.

What each person may do is a rule of the business and lives in the services; the store only asks it
before each write, so that no verb can forget to. Without services (migrations, recovery of a file)
nobody judges.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from salesdesk.models.transaction import Transaction


class Watch(Protocol):
    """Sees each write before it happens and raises Refused for one that the person may not do."""

    def inserting(self, table: str, ids: Sequence[int], rows: Sequence[dict[str, Any]]) -> None:
        """New rows; ``ids`` are the keys that they will have."""

    def changing(self, table: str, fields: Sequence[str], rows: Sequence[dict[str, Any]]) -> None:
        """Rows (each with ``id``) whose ``fields`` are set."""

    def claiming(self, subject: str, ids: Sequence[int]) -> None:
        """Records (``deal``, ``task``, ``client``) that the command is about, written or not."""


Judge = Callable[["Transaction"], Watch | None]
_judges: list[Judge] = []


def set_judge(judge: Judge) -> None:
    """From now on ``judge`` is asked when a command opens. It raises Refused for a command that the
    person may not run at all, and answers who watches its writes (nobody: all are allowed)."""
    _judges[:] = [judge]


def watch_of(tx: "Transaction") -> Watch | None:
    """Who watches the writes of this transaction."""
    return _judges[0](tx) if _judges else None
