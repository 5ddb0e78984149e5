"""The panel at the right side of a page: title, cross, a body that scrolls."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from salesdesk.text import N_, tr
from salesdesk.ui import shortcuts, theme
from salesdesk.ui.widgets.buttons import IconButton
from salesdesk.ui.widgets.labels import label


class SidePanel(QFrame):
    """Fill ``body`` (scrolls) and ``foot`` (stays); the cross and Esc hide it: ``closed``."""

    closed = Signal()

    def __init__(
        self, name: str, accessible: str, width: int = theme.PANEL_WIDTH,
        parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self.setObjectName(name)
        self.setAccessibleName(accessible)
        self.setProperty("role", "panel")
        self.setFixedWidth(width)
        self.title = label("", "title", wrap=True)
        self.close_button = IconButton("close", tr("Close"), f"{name}-close", self.close_panel,
                                       "quiet")  # fmt: skip
        head = QHBoxLayout()
        head.setContentsMargins(theme.L, theme.M, theme.M, theme.XS)
        head.addWidget(self.title, 1)
        head.addWidget(self.close_button, 0, Qt.AlignmentFlag.AlignTop)
        inside = QWidget()
        inside.setProperty("role", "body")
        self.body = QVBoxLayout(inside)
        self.body.setContentsMargins(theme.L, theme.XS, theme.L, theme.L)
        self.body.setSpacing(theme.S)
        self.body.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.area = QScrollArea()
        self.area.setObjectName(f"{name}-scroll")
        self.area.setAccessibleName(accessible)
        self.area.setWidgetResizable(True)
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setWidget(inside)
        self.foot = QVBoxLayout()
        self.foot.setContentsMargins(theme.L, 0, theme.L, theme.M)
        self.foot.setSpacing(theme.S)
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self.area, 1)
        column.addLayout(self.foot)
        shortcuts.add(self, "Esc", N_("Close the panel"), self.close_panel, everywhere=False)

    def set_title(self, text: str) -> None:
        """What the panel is about."""
        self.title.setText(text)

    def close_panel(self) -> None:
        """Hide it and tell."""
        self.hide()
        self.closed.emit()

    def retranslate(self) -> None:
        """Set the cross's text anew."""
        self.close_button.set_text(tr("Close"), shortcuts.hint(tr("Close"), "Esc"))
