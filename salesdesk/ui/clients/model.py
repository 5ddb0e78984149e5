"""The table of clients: keys of all of them, lines read a page at a time, in the background."""

from collections.abc import Callable

from PySide6.QtCore import QObject

from salesdesk.moments import Zone
from salesdesk.services.clientlist import ClientRow
from salesdesk.text import tr, trp
from salesdesk.ui import formats
from salesdesk.ui.clients import words
from salesdesk.ui.widgets.paged import PAGE, PagedModel

__all__ = ["COLUMNS", "PAGE", "ClientModel"]

COLUMNS = ("name", "company", "phone", "email", "open", "won", "revenue", "active")


class ClientModel(PagedModel[ClientRow]):
    """The lines of clients (see ``PagedModel``)."""

    columns = COLUMNS
    right = frozenset(("open", "won", "revenue"))
    tips = frozenset(("name", "company", "email"))

    def __init__(self, zone: Zone, ask: Callable[[list[int]], object], parent: QObject) -> None:
        super().__init__(ask, parent)
        self._zone = zone
        self.now = 0
        self.currency = "RUB"

    def title(self, column: str) -> str:
        return {
            "name": tr("Client"), "company": tr("Company"), "phone": tr("Phone"),
            "email": tr("E-mail"), "open": trp("deals", "Open"), "won": trp("deals", "Won"),
            "revenue": trp("deals", "Brought"), "active": tr("Activity"),
        }[column]  # fmt: skip

    def text(self, line: ClientRow, column: str) -> str:
        if column == "open":
            return formats.whole(line.open_deals) if line.open_deals else ""
        if column == "won":
            return formats.whole(line.won_deals) if line.won_deals else ""
        if column == "revenue":
            return formats.money(line.revenue, self.currency) if line.revenue else ""
        if column == "active":
            return words.ago(self._zone, line.active_at, self.now)
        return getattr(line, column) or ""
