"""Likely duplicates as a list to work through: groups at the left, the merge of one beside them."""

from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from salesdesk.services import duplicates
from salesdesk.services.duplicates import Group
from salesdesk.text import ntr, tr
from salesdesk.ui import theme
from salesdesk.ui.clients.merge import MergeView
from salesdesk.ui.context import Context
from salesdesk.ui.reading import Reading
from salesdesk.ui.widgets.buttons import LinkButton
from salesdesk.ui.widgets.empty import EmptyState
from salesdesk.ui.widgets.labels import label
from salesdesk.ui.widgets.lines import LineItem, LineList
from salesdesk.ui.widgets.matches import because

_WIDTH = 300
_TABLES = ("client", "client_contact", "client_apart", "deal")
Asked = tuple[frozenset[int] | None, int]


def _groups(r: Any, asked: Asked, *, now: int) -> list[Group]:
    return duplicates.groups(r, asked[0], now=now)


class DuplicatesView(QWidget):
    """``left()``: back to the list; ``counted(n)``: how many groups there are."""

    left = Signal()
    counted = Signal(int)

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.setObjectName("duplicates")
        self._context = context
        self._groups: list[Group] = []
        self._at = 0
        self.back = LinkButton("", "duplicates-back", self.left.emit)
        self.title = label("", "heading", wrap=True)
        self.list = LineList("duplicates-list")
        self.list.opened.connect(self._on_opened)
        self.merge = MergeView(context, "duplicates-merge")
        self.merge.left.connect(self.left)
        self.empty = EmptyState("duplicates-empty", "", "-", self.left.emit, icon="clients")
        self._build()
        self.reading: Reading[Asked, list[Group]] = Reading(
            self, context, self._asked, _groups, self._on_groups, tables=_TABLES, calm=300
        )

    def _build(self) -> None:
        inside = QWidget()
        inside.setProperty("role", "body")
        lines = QVBoxLayout(inside)
        lines.setContentsMargins(theme.S, 0, theme.S, theme.M)
        lines.setAlignment(Qt.AlignmentFlag.AlignTop)
        lines.addWidget(self.list)
        area = QScrollArea()
        area.setObjectName("duplicates-scroll")
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(inside)
        self._side = QFrame()
        self._side.setProperty("role", "rail")
        self._side.setFixedWidth(_WIDTH)
        column = QVBoxLayout(self._side)
        column.setContentsMargins(theme.M, theme.M, 1, 0)
        column.setSpacing(theme.S)
        column.addWidget(self.back, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self.title)
        column.addWidget(area, 1)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self._side)
        row.addWidget(self.merge, 1)
        row.addWidget(self.empty, 1)
        self.merge.hide()
        self.empty.hide()

    def _asked(self) -> Asked:
        return self._context.seen, self._context.today()

    def open(self) -> None:
        """Look for duplicates, and show the first group."""
        self._at = 0
        self.reading.refresh()

    def retranslate(self) -> None:
        """Set every text anew."""
        self.back.set_text(tr("← All clients"))
        count = len(self._groups)
        self.title.setText(
            ntr("{n} likely duplicate", "{n} likely duplicates", count) if count else
            tr("Likely duplicates")
        )  # fmt: skip
        self.list.setAccessibleName(tr("Likely duplicates"))
        self.empty.set_texts(
            tr("No likely duplicates: no two clients share a name, phone, e-mail or tax number."),
            tr("Back to the clients"),
        )
        self._show_groups()
        self.merge.retranslate()

    def _show_groups(self) -> None:
        """The groups, the one that is being worked on in bold."""
        self.list.set_items(
            [_item(group, place == self._at) for place, group in enumerate(self._groups)]
        )

    def _on_groups(self, groups: list[Group]) -> None:
        self._groups = groups
        self._at = min(self._at, max(len(groups) - 1, 0))
        self.retranslate()
        self.counted.emit(len(groups))
        self.merge.setVisible(bool(groups))
        self.empty.setVisible(not groups)
        if groups:
            self._show(self._at)

    def _on_opened(self, item: LineItem) -> None:
        self._show(self._groups.index(item.source))

    def _show(self, at: int) -> None:
        self._at = at
        self._show_groups()
        model = self.list.model()
        self.list.setCurrentIndex(model.index(at, 0))
        members = [member.id for member in self._groups[at].members]
        self.merge.open("client", members, as_duplicates=True)


def _item(group: Group, now: bool) -> LineItem:
    first = group.members[0]
    others = ", ".join(member.name for member in group.members[1:])
    below = f"{others} · {because(group.reasons)}"
    text, strong = ("", first.name) if now else (first.name, "")
    return LineItem(text, strong, below, str(len(group.members)), source=group)
