"""The sync on the screen: a quiet line at the foot of the rail, the page, connecting, and the
worker that goes on beside the window."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from salesdesk.ui.context import Context


def begin(context: "Context") -> None:
    """Sync from now on, if a CRM is connected; else nothing is loaded."""
    if context.ask(lambda r: r.value("SELECT 1 FROM sync_remote WHERE state <> 'off'")):
        from salesdesk.ui.sync.running import SyncDesk

        SyncDesk.of(context).start()
