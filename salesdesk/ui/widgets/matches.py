"""The warning that what is being typed is there already: clients that match, and their open deals.

The question runs in the background while one types; the answer of the latest text is shown.
"""

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from salesdesk.services import duplicates
from salesdesk.services.duplicates import Match, Reason, Typed
from salesdesk.text import N_, ntr, tr
from salesdesk.ui import theme
from salesdesk.ui.context import Context
from salesdesk.ui.widgets import icons
from salesdesk.ui.widgets.labels import label
from salesdesk.ui.widgets.lines import LineItem, LineList

REASONS: dict[Reason, str] = {
    "tax": N_("the same tax number"),
    "phone": N_("the same phone"),
    "email": N_("the same e-mail"),
    "name": N_("the same name"),
    "near": N_("a similar name"),
}
_WAIT_MS = 80


def because(reasons: Sequence[Reason]) -> str:
    """Why something matches: ``the same phone, a similar name``."""
    return ", ".join(tr(REASONS[reason]) for reason in reasons)


class Matches(QWidget):
    """Hidden while nothing matches. ``client_wanted(id)`` and ``deal_wanted(id)`` when a line is
    chosen; ``found(matches)`` with each answer."""

    client_wanted = Signal(object)
    deal_wanted = Signal(object)
    found = Signal(object)

    def __init__(self, context: Context, name: str, clients: bool = True) -> None:
        """``clients``: a line for each client too, not only for its open deals."""
        super().__init__()
        self.setObjectName(name)
        self._context = context
        self._clients = clients
        self._ask: Callable[[], None] | None = None
        self.shown: list[Match] = []
        self._sign = QLabel()
        self.title = label("", "strong", wrap=True)
        self.list = LineList(f"{name}-list")
        self.list.opened.connect(self._on_opened)
        head = QHBoxLayout()
        head.setSpacing(theme.XS)
        head.addWidget(self._sign)
        head.addWidget(self.title, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, theme.XS, 0, 0)
        column.setSpacing(theme.XS)
        column.addLayout(head)
        column.addWidget(self.list)
        self._timer = QTimer(self, interval=_WAIT_MS, singleShot=True)
        self._timer.timeout.connect(self._on_time)
        self.hide()
        self._draw_sign()
        theme.changed.connect(self._draw_sign)

    def _draw_sign(self) -> None:
        now = theme.current()
        ratio = self.devicePixelRatioF()
        self._sign.setPixmap(icons.pixmap("warning", now.warning, theme.ICON, ratio))

    def look_for(self, typed: Typed) -> None:
        """Look for clients that what is typed duplicates, in a moment."""
        self._later(duplicates.likely, typed)

    def look_in_title(self, title: str) -> None:
        """Look for open deals of clients that the title of a deal names."""
        self._later(duplicates.in_title, title)

    def clear(self) -> None:
        """Nothing is being typed."""
        self._timer.stop()
        self.show_matches([])

    def _later(self, question: Callable[..., list[Match]], typed: Any) -> None:
        self._ask = lambda: self._context.read(
            question, typed, done=self.show_matches, key=self.objectName()
        )
        self._timer.start()

    def _on_time(self) -> None:
        if self._ask is not None:
            self._ask()

    def show_matches(self, matches: list[Match]) -> None:
        """Show these; none hides the warning."""
        lines: list[LineItem] = []
        self.shown = matches
        for match in matches[:3]:
            lines += self._lines(match)
        self.list.set_items(lines)
        self.title.setText(self._said(matches))
        self.list.setAccessibleName(self.title.text())
        self.setVisible(bool(lines))
        self.found.emit(matches)

    def _said(self, matches: list[Match]) -> str:
        with_deals = [match for match in matches if match.open_deals]
        if with_deals:
            return tr("An open deal with {name} exists", name=with_deals[0].name)
        return tr("This client may be there already")

    def _lines(self, match: Match) -> list[LineItem]:
        found = []
        if self._clients:
            count = len(match.open_deals)
            deals = ntr("{n} open deal", "{n} open deals", count) if count else ""
            below = " · ".join(filter(None, (because(match.reasons), match.company, deals)))
            found.append(LineItem(match.name, below=below, person=match.id, source=match))
        for deal in match.open_deals:
            whose = "" if self._clients else match.name
            below = " · ".join(filter(None, (whose, deal.stage, deal.owner or tr("Nobody"))))
            found.append(LineItem(f"#{deal.number} {deal.title}", below=below, source=deal))
        return found

    def _on_opened(self, item: LineItem) -> None:
        if isinstance(item.source, Match):
            self.client_wanted.emit(item.source.id)
        else:
            self.deal_wanted.emit(item.source.id)
