"""Avatars: initials in a coloured circle, as a widget and as a painter's function."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from salesdesk.names import initials
from salesdesk.ui import theme


def paint(
    painter: QPainter, where: QRectF, name: str | None, colour: int, look: theme.Theme | None = None
) -> None:
    """Draw an avatar into the square ``where``; ``colour`` is an index of the theme's avatars
    (``look``: of another theme than the one on the screen)."""
    now = theme.current() if look is None else look
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(now.avatar(colour) if name else now.track)
    painter.drawEllipse(where)
    painter.setPen(now.avatar_text if name else now.muted)
    painter.setFont(theme.font(max(round(where.height() * 0.41), 7), bold=True))
    painter.drawText(where, Qt.AlignmentFlag.AlignCenter, initials(name))
    painter.restore()


class Avatar(QWidget):
    """One person's avatar; the name is its tool tip."""

    def __init__(
        self, name: str | None = None, colour: int = 0, size: int = theme.AVATAR,
        parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self.setFixedSize(QSize(size, size))
        self.set_person(name, colour)

    def set_person(self, name: str | None, colour: int) -> None:
        """Show another person, or nobody."""
        self._name, self._colour = name, colour
        self.setToolTip(name or "")
        self.setAccessibleName(name or "")
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            paint(painter, QRectF(self.rect()), self._name, self._colour)
