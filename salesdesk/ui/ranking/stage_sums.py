"""Stage, deals, points each, points: how a sum of points comes about. One painted widget."""

from collections.abc import Sequence

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from salesdesk.services.ranking_explain import StageSum
from salesdesk.text import tr
from salesdesk.ui import formats, theme

_ROW = 28
#: Widths of the columns of numbers, from the right.
_POINTS, _EACH, _DEALS = 46, 36, 50
_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)


class StageTable(QWidget):
    """A line a stage; those that earn nothing stand back."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("ranking-stages")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._sums: Sequence[StageSum] = ()
        theme.changed.connect(self.update)

    def set_sums(self, sums: Sequence[StageSum]) -> None:
        """Show other sums."""
        self._sums = sums
        self.setAccessibleName(", ".join(f"{s.stage} {formats.decimal(s.points)}" for s in sums))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(200, _ROW * (len(self._sums) + 1))

    def minimumSizeHint(self) -> QSize:
        return QSize(120, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            look = theme.current()
            painter.setFont(theme.font(theme.SMALL, bold=True))
            painter.setPen(look.muted)
            self._row(painter, 0, (tr("Stage"), tr("Deals"), "×", tr("Points")))
            plain = theme.font(theme.BODY, tabular=True)
            quiet = theme.font(theme.SECONDARY, tabular=True)
            for place, each in enumerate(self._sums, 1):
                painter.setFont(plain)
                painter.setPen(look.text if each.points else look.muted)
                cells = (each.stage, formats.whole(each.count), "", formats.decimal(each.points))
                self._row(painter, place, cells)
                painter.setFont(quiet)
                painter.setPen(look.muted)
                self._row(painter, place, ("", "", formats.decimal(each.each), ""))
                painter.fillRect(0, place * _ROW, self.width(), 1, look.line)
            painter.fillRect(0, self.height() - 1, self.width(), 1, look.line)

    def _row(self, painter: QPainter, place: int, cells: tuple[str, str, str, str]) -> None:
        top, right = place * _ROW, self.width()
        for text, width in zip(reversed(cells[1:]), (_POINTS, _EACH, _DEALS), strict=True):
            painter.drawText(QRect(right - width, top, width, _ROW), _RIGHT, text)
            right -= width
        room = right - theme.XS
        name = painter.fontMetrics().elidedText(cells[0], Qt.TextElideMode.ElideRight, room)
        painter.drawText(QRect(0, top, room, _ROW), _LEFT, name)
