"""The list of clients as a table, and how a client's name is drawn: a mark with initials."""

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QWidget

from salesdesk.services.clientlist import ClientRow
from salesdesk.services.clientnames import initials
from salesdesk.ui import theme
from salesdesk.ui.clients.model import ClientModel
from salesdesk.ui.widgets import avatar
from salesdesk.ui.widgets.paged import PagedPainter, PagedTable

_MARK = 22
_WIDTHS = {"name": 230, "company": 150, "phone": 150, "email": 156, "open": 84, "won": 84,
           "revenue": 120, "active": 124}  # fmt: skip
#: Columns that go first when the panel takes their room.
_WEAK = ("email", "won", "company", "active", "phone", "open")


def paint_mark(painter: QPainter, where: QRectF, name: str, kind: str, key: int) -> None:
    """Initials: a person's in a disc, a company's in a rounded square."""
    if kind == "contact":
        avatar.paint(painter, where, name, key)
        return
    now = theme.current()
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.mix(now.surface, now.avatar(key), 0.22))
    painter.drawRoundedRect(where, theme.RADIUS, theme.RADIUS)
    painter.setPen(now.text)
    painter.setFont(theme.font(max(round(where.height() * 0.41), 7), bold=True))
    painter.drawText(where, Qt.AlignmentFlag.AlignCenter, initials(name))
    painter.restore()


class _Painter(PagedPainter[ClientRow]):
    """Draws a cell, a mark before the name."""

    def begin(self, painter: QPainter, line: ClientRow, column: str, inside: QRect) -> int:
        if column != "name":
            return 0
        top = inside.top() + (inside.height() - _MARK) / 2
        paint_mark(painter, QRectF(inside.left(), top, _MARK, _MARK), line.name, line.kind, line.id)
        return _MARK + theme.S

    def look(self, line: ClientRow, column: str) -> tuple[QColor, bool]:
        now = theme.current()
        if column == "name":
            return now.text, True
        strong = column in ("phone", "revenue") or (column == "open" and line.open_deals > 0)
        return now.text if strong else now.muted, False


class ClientTable(PagedTable[ClientRow]):
    """``opened(index)`` by Enter or a double click; a click selects (the page opens the panel)."""

    def __init__(self, model: ClientModel, parent: QWidget | None = None) -> None:
        super().__init__("clients-table", model, _WIDTHS, _WEAK, parent)
        self.setItemDelegate(_Painter(self))
        self.setSelectionMode(self.SelectionMode.ExtendedSelection)
