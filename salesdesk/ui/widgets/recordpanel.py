"""The panel of one record beside a list: a title, a menu, a way to close, a body that scrolls."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QHBoxLayout,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from salesdesk.text import N_, tr
from salesdesk.ui import shortcuts, theme
from salesdesk.ui.context import Context
from salesdesk.ui.reading import Reading
from salesdesk.ui.widgets.buttons import IconButton
from salesdesk.ui.widgets.inplace import INSET, InPlace
from salesdesk.ui.widgets.kinds import TextKind


class RecordPanel(QFrame):
    """``closed()``; ``record_opened(id)`` when it shows another one; ``deal_wanted(id)``.

    ``name`` begins the object names; ``widths`` are the least, the usual and the greatest one. A
    panel of its own sets ``reading``, places its parts by ``lay_out`` and says what Escape leaves.
    """

    closed = Signal()
    record_opened = Signal(object)
    deal_wanted = Signal(object)

    reading: Reading[Any, Any]

    def __init__(
        self, context: Context, name: str, widths: tuple[int, int, int], parent: QWidget | None
    ) -> None:
        super().__init__(parent)
        self.setObjectName(f"{name}-panel")
        self.setProperty("role", "panel")
        least, self._wide, most = widths
        self.setMinimumWidth(least)
        self.setMaximumWidth(most)
        self.context = context
        self.record_id: int | None = None
        self._name = name
        self.title = InPlace(TextKind(required=True), f"{name}-title", "title")
        self.more_button = IconButton("more", "", f"{name}-menu", self._on_menu, "quiet")
        self.close_button = IconButton("close", "", f"{name}-close", self.close_panel, "quiet")

    def sizeHint(self) -> QSize:
        return QSize(self._wide, 600)

    def lay_out(self, parts: Sequence[QWidget]) -> None:
        """The head, and below it the parts, which scroll."""
        head = QHBoxLayout()
        head.setContentsMargins(theme.L - INSET, theme.M, theme.M, 0)
        head.setSpacing(theme.XS)
        head.addWidget(self.title, 1)
        head.addWidget(self.more_button, 0, Qt.AlignmentFlag.AlignTop)
        head.addWidget(self.close_button, 0, Qt.AlignmentFlag.AlignTop)
        inside = QWidget()
        inside.setProperty("role", "body")
        self._body = QVBoxLayout(inside)
        self._body.setContentsMargins(theme.L, 0, theme.L, theme.L)
        self._body.setSpacing(theme.M)
        for part in parts:
            self._body.addWidget(part)
        self._body.addStretch(1)
        self.area = QScrollArea()
        self.area.setObjectName(f"{self._name}-scroll")
        self.area.setWidgetResizable(True)
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setWidget(inside)
        self.area.verticalScrollBar().rangeChanged.connect(self._fit_body)
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 0, 0, 0)
        column.setSpacing(theme.XS)
        column.addLayout(head)
        column.addWidget(self.area, 1)
        shortcuts.add(self, "Esc", N_("Close the panel"), self._on_escape, everywhere=False)

    def _fit_body(self, _least: int, most: int) -> None:
        """The scroll bar takes its room from the margin: lines break the same with and without."""
        bar = self.area.verticalScrollBar().sizeHint().width() if most else 0
        self._body.setContentsMargins(theme.L, 0, theme.L - bar, theme.L)

    def retranslate(self) -> None:
        """Set every text anew."""
        self.more_button.set_text(tr("More"))
        self.close_button.set_text(tr("Close"), shortcuts.hint(tr("Close"), "Esc"))

    def open_record(self, key: int) -> None:
        """Show a record; it is read in the background."""
        if key != self.record_id:
            self.record_id = key
            self.leave_edits()
        self.show()
        self.reading.refresh()

    def close_panel(self) -> None:
        """Hide it and tell."""
        self.leave_edits()
        self.record_id = None
        self.forget()
        self.hide()
        self.closed.emit()

    def showEvent(self, event: object) -> None:
        self.reading.seen()

    def _on_escape(self) -> None:
        """Leave what is open, then what is being typed; with nothing of that, close."""
        popup = QApplication.activePopupWidget()
        if popup is not None:
            popup.close()
        elif self.title.editing():
            self.title.cancel()
        elif not self.leave_one():
            self.close_panel()

    # -- what a panel of its own says -------------------------------------------------------------

    def forget(self) -> None:
        """Nothing is shown any more."""

    def leave_one(self) -> bool:
        """Leave the field that is being edited, if one is; whether one was."""
        return False

    def leave_edits(self) -> None:
        """Leave everything that is being edited."""
        self.title.cancel()
        self.leave_one()

    def _on_menu(self) -> None:
        """Show what else can be done with the record."""
