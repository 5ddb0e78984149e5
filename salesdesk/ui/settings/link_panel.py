"""The picture of how pipelines are linked, beside the sentences or (without room) below them."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout

from salesdesk.text import tr
from salesdesk.ui import theme
from salesdesk.ui.settings.link_diagram import LinkDiagram
from salesdesk.ui.settings.rule_words import Found
from salesdesk.ui.widgets.labels import Card, SectionLabel, label

WIDTH = 308


class LinkPanel(QFrame):
    """``set_found(found, the pipeline chosen)``; see ``LinkDiagram``."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setObjectName(f"{name}-panel")
        title = tr("How the pipelines are linked")
        self.setAccessibleName(title)
        self.diagram = LinkDiagram(f"{name}-diagram")
        self.card = Card()
        self.card.body.addWidget(self.diagram)
        self.hint = label("", "small", wrap=True)
        self.card.body.addWidget(self.hint)
        self.area = QScrollArea()
        self.area.setObjectName(f"{name}-scroll")
        self.area.setAccessibleName(title)
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setWidgetResizable(True)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        inside = QFrame()
        inside.setProperty("role", "body")
        holder = QVBoxLayout(inside)
        holder.setContentsMargins(0, 0, 0, 0)
        holder.addWidget(self.card)
        holder.addStretch(1)
        self.area.setWidget(inside)
        self.column = QVBoxLayout(self)
        self.column.setSpacing(theme.S)
        self.column.addWidget(SectionLabel(title))
        self.column.addWidget(self.area, 1)
        self.stand_beside(True)

    def set_found(self, found: Found, home: int | None) -> None:
        """Show the links of a pipeline."""
        self.diagram.set_found(found.pipelines, found.stages, found.links, home)
        if self.diagram.links():
            self.hint.setText(
                tr("A line opens a deal, a dashed line moves the parent. Click one to come to "
                   "its rule.")
            )  # fmt: skip
        else:
            self.hint.setText(tr("No other pipeline is linked with this one yet."))
        self.hint.setVisible(home is not None)
        self._fit()

    def stand_beside(self, beside: bool) -> None:
        """At the right side, as high as the page; else below, as high as the picture."""
        self._beside = beside
        edge = theme.L if beside else 0
        self.column.setContentsMargins(edge, theme.M + 2 if beside else 0, edge, 0)
        self.setProperty("role", "beside" if beside else "")
        self.style().unpolish(self)
        self.style().polish(self)
        if beside:
            self.setFixedWidth(WIDTH)
        else:
            self.setMinimumWidth(0)
            self.setMaximumWidth(16_777_215)
        self._fit()

    def _fit(self) -> None:
        room = 16_777_215
        self.area.setMinimumHeight(0 if self._beside else self.card.sizeHint().height() + 8)
        self.area.setMaximumHeight(room if self._beside else self.card.sizeHint().height() + 8)
