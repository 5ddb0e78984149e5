"""History beside a thin line: what happened, and below it when, who, and what it earned."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from salesdesk.ui import theme
from salesdesk.ui.widgets.buttons import LinkButton
from salesdesk.ui.widgets.labels import label


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """``text`` with ``strong`` in bold behind it, ``below`` in grey; crossed out when undone."""

    text: str
    strong: str = ""
    below: str = ""
    undone: bool = False
    action: str = ""
    run: Callable[[], object] | None = None


class Timeline(QWidget):
    """``set_entries`` shows them from the top; build at most a few hundred, then "more"."""

    def __init__(self, name: str, accessible: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setAccessibleName(accessible)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(theme.L, 2, 0, 2)
        self._column.setSpacing(theme.S + 2)
        self._column.setAlignment(Qt.AlignmentFlag.AlignTop)

    def set_entries(
        self,
        entries: Sequence[TimelineEntry],
        more: str = "",
        run_more: Callable[[], object] | None = None,
    ) -> None:
        """Replace what is shown; ``more`` is the text of a last line that loads the rest."""
        while (item := self._column.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        for at, entry in enumerate(entries):
            self._column.addWidget(self._block(entry, at))
        if more:
            link = LinkButton(more, f"{self.objectName()}-more", run_more)
            self._column.addWidget(link, 0, Qt.AlignmentFlag.AlignLeft)

    def _block(self, entry: TimelineEntry, at: int) -> QWidget:
        block = QWidget()
        column = QVBoxLayout(block)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(1)
        words = escape(entry.text)
        if entry.strong:
            words += f" <b>{escape(entry.strong)}</b>"
        text = QLabel(f"<s>{words}</s>" if entry.undone else words)
        text.setTextFormat(Qt.TextFormat.RichText)
        text.setWordWrap(True)
        column.addWidget(text)
        spoken = f"{entry.text} {entry.strong}".strip()
        block.setAccessibleName(f"{spoken}, {entry.below}" if entry.below else spoken)
        if entry.below:
            column.addWidget(label(entry.below, "muted", wrap=True))
        if entry.action:
            link = LinkButton(entry.action, f"{self.objectName()}-action-{at}", entry.run)
            column.addWidget(link, 0, Qt.AlignmentFlag.AlignLeft)
        return block

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.fillRect(theme.S, 0, 2, self.height(), theme.current().line)
