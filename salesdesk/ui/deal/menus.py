"""The menu of a deal: what can be done with it beside its fields."""

from typing import Any

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu, QWidget

from salesdesk.services.dealview import OpenedDeal
from salesdesk.text import tr
from salesdesk.ui.addresses import Address
from salesdesk.ui.context import Context
from salesdesk.ui.deal import standing
from salesdesk.ui.deal.edits import Edits
from salesdesk.ui.widgets.popup import menu


def of_deal(context: Context, opened: OpenedDeal | None, edits: Edits, parent: QWidget) -> QMenu:
    """What else can be done with the deal that is shown, by whoever works here."""

    def copy(text: str) -> None:
        QGuiApplication.clipboard().setText(text)
        context.say(tr("Copied: {text}", text=text))

    if opened is None:
        return menu([], "deal-menu-list", parent)
    deal = opened.deal
    # The address as the window's own field for addresses takes it.
    link = str(Address("board", {"deal": str(deal.id)}))
    entries: list[Any] = [
        ("copy-link", tr("Copy the link"), lambda: copy(link)),
        ("copy-number", tr("Copy the number"), lambda: copy(f"#{deal.number}")),
        None,
    ]
    if not standing.sees(context, deal.owner_id):
        return menu(entries[:-1], "deal-menu-list", parent)
    if deal.deleted:
        entries.append(("restore", tr("Restore the deal"), edits.restore))
    elif deal.as_of is None:
        entries.append(("delete", tr("Delete the deal"), edits.delete))
    return menu(entries, "deal-menu-list", parent)
