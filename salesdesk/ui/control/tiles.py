"""The tiles over the list: a number each, whose list a press shows."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QSizePolicy, QWidget

from salesdesk.text import tr
from salesdesk.ui import shortcuts, theme
from salesdesk.ui.control import words
from salesdesk.ui.formats import whole
from salesdesk.ui.widgets import icons

_HEIGHT = 58
_NUMBER = 22


class Tile(QAbstractButton):
    """A number and what it counts; the one whose list is shown has the accent's edge."""

    def __init__(self, key: str) -> None:
        super().__init__()
        self.key = key
        self.count: int | None = None
        self.place = 0
        self.setObjectName(f"control-tile-{key}")
        self.setCheckable(True)
        self.setFixedHeight(_HEIGHT)
        self.setMinimumWidth(72)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        theme.changed.connect(self.update)

    def set_count(self, count: int) -> None:
        """Show another number."""
        if count != self.count:
            self.count = count
            self.retranslate()
            self.update()

    def retranslate(self) -> None:
        """Say what it counts anew."""
        text = words.title(self.key)
        self.setAccessibleName(text if self.count is None else f"{text}: {whole(self.count)}")
        self.setToolTip(shortcuts.hint(text, str(self.place)))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(130, _HEIGHT)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme.current()
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            strong = self.isChecked() or self.hasFocus()
            painter.setPen(QPen(look.accent if strong else look.line, 1.5 if strong else 1))
            painter.setBrush(look.hover if self.underMouse() and not strong else look.surface)
            box = QRectF(self.rect()).adjusted(0.75, 0.75, -0.75, -0.75)
            painter.drawRoundedRect(box, theme.RADIUS_CARD, theme.RADIUS_CARD)
            inside = self.rect().adjusted(theme.M, theme.S, -theme.XS, -theme.S - 1)
            if self.count is None:
                return
            colour = {"bad": look.bad, "warning": look.warning, "good": look.good}.get(
                words.tone(self.key, self.count), look.text if self.count else look.muted
            )
            number = theme.font(_NUMBER, tabular=True, bold=True)
            painter.setFont(number)
            painter.setPen(colour)
            left = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
            painter.drawText(inside.adjusted(0, -3, 0, 0), left, whole(self.count))
            if not self.count and self.key not in ("done", "tomorrow"):
                where = QRectF(inside.right() - 15, inside.top() + 1, 14, 14)
                icons.paint(painter, "check", where, look.good)
            painter.setFont(theme.font(theme.SECONDARY))
            painter.setPen(look.accent if self.isChecked() else look.muted)
            below = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom)
            text = painter.fontMetrics().elidedText(
                words.short(self.key), Qt.TextElideMode.ElideRight, inside.width()
            )
            painter.drawText(inside, below, text)


class Tiles(QWidget):
    """A row of tiles; ``chosen(key)`` when one is pressed."""

    chosen = Signal(str)

    def __init__(self, keys: Sequence[str], all_keys: Sequence[str]) -> None:
        super().__init__()
        self.setObjectName("control-tiles")
        self.tiles = {key: Tile(key) for key in all_keys}
        self.keys: tuple[str, ...] = ()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.S)
        for key, tile in self.tiles.items():
            row.addWidget(tile)
            tile.clicked.connect(lambda _on=False, key=key: self._on_clicked(key))
        self.set_keys(keys)

    def set_keys(self, keys: Sequence[str]) -> None:
        """Which tiles there are, in the order of ``all_keys``."""
        self.keys = tuple(key for key in self.tiles if key in keys)
        for key, tile in self.tiles.items():
            tile.place = self.keys.index(key) + 1 if key in self.keys else 0
            tile.setVisible(key in self.keys)
        self.retranslate()

    def set_counts(self, counts: dict[str, int]) -> None:
        """The numbers, by key."""
        for key, count in counts.items():
            self.tiles[key].set_count(count)

    def choose(self, key: str) -> None:
        """Mark the tile whose list is shown (none for another list)."""
        for each, tile in self.tiles.items():
            tile.setChecked(each == key)

    def press(self, place: int) -> None:
        """Press the n-th tile that is shown, from 1 on."""
        if place <= len(self.keys):
            self.tiles[self.keys[place - 1]].click()

    def retranslate(self) -> None:
        """Set every text anew."""
        self.setAccessibleName(tr("What awaits"))
        for tile in self.tiles.values():
            tile.retranslate()

    def _on_clicked(self, key: str) -> None:
        self.choose(key)
        self.chosen.emit(key)
