"""The soft shadow under what floats above a page.

A widget of its own right below the one it belongs to. (Qt's shadow effect draws and blurs the whole
widget anew whenever anything below it is painted: half a millisecond for each column of the board.)
"""

from PySide6.QtCore import QEvent, QObject, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QWidget

from salesdesk.ui import theme

_SPREAD = 12
_DROP = 4
_EVENTS = (
    QEvent.Type.Show, QEvent.Type.Hide, QEvent.Type.Move, QEvent.Type.Resize,
    QEvent.Type.ZOrderChange,
)  # fmt: skip


class Shadow(QWidget):
    """Follows ``of``, a rounded widget that lies free above its siblings."""

    def __init__(self, of: QWidget) -> None:
        super().__init__(of.parentWidget())
        self._of = of
        self._picture: QPixmap | None = None
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setVisible(of.isVisible())
        of.installEventFilter(self)
        theme.changed.connect(self._forget)

    def _forget(self) -> None:
        self._picture = None
        self.update()

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if event.type() in _EVENTS:
            self.setGeometry(around(self._of.geometry()))
            self.setVisible(self._of.isVisible())
            self.stackUnder(self._of)
        return False

    def paintEvent(self, _event: QPaintEvent) -> None:
        ratio = self.devicePixelRatioF()
        if self._picture is None or self._picture.devicePixelRatio() != ratio:
            self._picture = _corners(ratio)
        with QPainter(self) as p:
            _stretch(p, self.rect(), self._picture)


def around(box: QRect) -> QRect:
    """What the shadow of a box covers."""
    return box.adjusted(-_SPREAD, -_SPREAD, _SPREAD, _SPREAD).translated(0, _DROP)


def _side() -> int:
    """The width of a corner of the picture."""
    return _SPREAD + theme.RADIUS_CARD + _SPREAD


def _corners(ratio: float) -> QPixmap:
    """The shadow of a small box: four corners, and a pixel between them to be stretched."""
    size = 2 * _side() + 1
    found = QPixmap(round(size * ratio), round(size * ratio))
    found.setDevicePixelRatio(ratio)
    found.fill(Qt.GlobalColor.transparent)
    layers = 2 * _SPREAD
    colour = QColor(theme.current().shadow)
    # So much of each layer that all together are as dark as the colour.
    colour.setAlphaF(1 - (1 - colour.alphaF()) ** (1 / layers))
    with QPainter(found) as p:
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        p.setPen(Qt.PenStyle.NoPen)
        p.setBrush(colour)
        for layer in range(layers):
            box = QRectF(0, 0, size, size).adjusted(layer, layer, -layer, -layer)
            radius = max(theme.RADIUS_CARD + _SPREAD - layer, 1)
            p.drawRoundedRect(box, radius, radius)
    return found


def _stretch(p: QPainter, area: QRect, picture: QPixmap) -> None:
    """Draw the picture's edges along the edges of ``area``; what lies inside stays free."""
    side, ratio = _side(), picture.devicePixelRatio()
    wide, high = area.width() - 2 * side, area.height() - 2 * side
    if wide < 0 or high < 0:
        return
    last = side + 1
    columns = ((0, side, 0, side), (side, wide, side, 1), (side + wide, side, last, side))
    rows = ((0, side, 0, side), (side, high, side, 1), (side + high, side, last, side))
    for column, (left, width, source_left, source_width) in enumerate(columns):
        for row, (top, height, source_top, source_height) in enumerate(rows):
            if (column, row) != (1, 1):
                target = QRectF(area.left() + left, area.top() + top, width, height)
                source = QRectF(source_left * ratio, source_top * ratio,
                                source_width * ratio, source_height * ratio)  # fmt: skip
                p.drawPixmap(target, picture, source)
