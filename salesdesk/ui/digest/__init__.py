"""The digest on the screen: its picture, and sending it while the program runs."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from salesdesk.ui.context import Context

_SINCE = "digest/since"


def since_key(workspace_id: str) -> str:
    """Where this computer remembers since when it sends the digest of a workspace."""
    return f"{_SINCE}-{workspace_id}"


def begin(context: "Context") -> None:
    """Send what is due from now on, if that was chosen on this computer; else nothing is loaded."""
    from salesdesk.services.search import workspace_id

    if context.remember.text(since_key(context.ask(workspace_id)), "0") != "0":
        from salesdesk.ui.digest.desk import DigestDesk

        DigestDesk.of(context).start()
