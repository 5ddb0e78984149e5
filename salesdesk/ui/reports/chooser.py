"""The list of reports by groups, with the saved views: opened under the name of the present one."""

from typing import Any

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import QListWidget, QWidget
from PySide6.QtWidgets import QListWidgetItem as Line

from salesdesk.names import folded
from salesdesk.services import report_catalog, saved_filters
from salesdesk.text import tr
from salesdesk.ui import shortcuts, theme
from salesdesk.ui.context import Context
from salesdesk.ui.widgets.labels import label, line
from salesdesk.ui.widgets.popup import Popover
from salesdesk.ui.widgets.search import type_ahead

PAGE = "reports"
_WIDTH = 320
_ROW, _HEAD = 28, 30
_MOST = 590
_VALUE = int(Qt.ItemDataRole.UserRole)
_ABOUT = _VALUE + 1


def warm(_reader: Any) -> None:
    """Know all reports before the list is opened: importing them takes a while."""
    for name in report_catalog.NAMES:
        if report_catalog.is_there(name):
            report_catalog.report(name)


class Chooser(Popover):
    """``report_chosen(name)`` and ``view_chosen(texts)``; the one of the keyboard says below what
    it is about."""

    report_chosen = Signal(str)
    view_chosen = Signal(object)

    def __init__(self, context: Context, current: str, parent: QWidget) -> None:
        super().__init__("reports-chooser", tr("Reports"), parent)
        self._context, self._current = context, current
        self.body.setContentsMargins(theme.S, theme.S, theme.S, theme.S)
        self.field = type_ahead("reports-chooser-field", tr("Reports"))
        self.field.installEventFilter(self)
        self.list = QListWidget()
        self.list.setObjectName("reports-chooser-list")
        self.list.setProperty("role", "palette")
        self.list.setAccessibleName(tr("Reports"))
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setFixedWidth(_WIDTH)
        self.list.setMouseTracking(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.about = label("", "muted", wrap=True)
        self.about.setFixedWidth(_WIDTH - theme.S)
        self.about.setContentsMargins(theme.XS, theme.XS, 0, 0)
        self.about.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self.about.setFixedHeight(self.about.fontMetrics().lineSpacing() * 3 + theme.XS)
        for widget in (self.field, self.list, line(), self.about):
            self.body.addWidget(widget)
        self.field.textChanged.connect(self._fill)
        self.list.itemClicked.connect(self._take)
        self.list.itemEntered.connect(self.list.setCurrentItem)
        self.list.currentItemChanged.connect(lambda *_: self._tell())
        self._known = self._groups()
        self._fill("")
        whole = sum(_HEAD + _ROW * len(lines) for _, lines in self._known)
        self.list.setFixedHeight(min(whole + 2, _MOST))

    def _groups(self) -> list[tuple[str, list[tuple[str, str, Any]]]]:
        """Groups with their lines: text, what it is about, value."""
        found = []
        for title, names in report_catalog.GROUPS:
            here = [report_catalog.report(n) for n in names if report_catalog.is_there(n)]
            lines: list[tuple[str, str, Any]] = []
            lines += [(tr(each.title), tr(each.about), each.name) for each in here]
            found.append((tr(title), lines))
        context = self._context
        kept = context.ask(saved_filters.saved_filters, PAGE, context.person_id)
        whose = (tr("Saved view, only mine"), tr("Saved view, for everybody"))
        saved: list[tuple[str, str, Any]] = []
        saved += [(each.name, whose[each.is_shared], dict(each.texts)) for each in kept]
        found.append((tr("Saved"), saved))
        return [(title, lines) for title, lines in found if lines]

    def _fill(self, typed: str) -> None:
        words = folded(typed).split()
        other = folded("".join(map(shortcuts.other_layout, typed))).split()
        self.list.clear()
        for title, lines in self._known:
            fits = [
                each
                for each in lines
                if all(w in folded(f"{title} {each[0]}") for w in words)
                or all(w in folded(f"{title} {each[0]}") for w in other)
            ]
            if fits:
                self._head(title)
            for text, about, value in fits:
                item = Line(text)
                item.setData(_VALUE, value)
                item.setData(_ABOUT, about)
                item.setSizeHint(QSize(0, _ROW))
                self.list.addItem(item)
                if value == self._current and not typed:
                    self.list.setCurrentItem(item)
        if self.list.currentRow() < 0:
            self._walk(1)

    def _head(self, title: str) -> None:
        item = Line(title.upper())
        item.setFlags(Qt.ItemFlag.NoItemFlags)
        item.setSizeHint(QSize(0, _HEAD))
        item.setFont(theme.font(theme.SMALL, bold=True))
        item.setData(int(Qt.ItemDataRole.AccessibleTextRole), title)
        bottom = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom
        item.setTextAlignment(bottom)
        self.list.addItem(item)

    def _tell(self) -> None:
        item = self.list.currentItem()
        self.about.setText(str(item.data(_ABOUT) or "") if item is not None else "")

    def showEvent(self, event: QShowEvent) -> None:
        self.field.setFocus()
        self.list.scrollToItem(self.list.currentItem())

    def _walk(self, step: int) -> None:
        """To the next line that can be chosen."""
        at = self.list.currentRow()
        while 0 <= (at := at + step) < self.list.count():
            if self.list.item(at).flags() & Qt.ItemFlag.ItemIsSelectable:
                self.list.setCurrentRow(at)
                return

    def _take(self, item: Line | None) -> None:
        value = item.data(_VALUE) if item is not None else None
        if value is None:
            return
        self.close()
        if isinstance(value, str):
            self.report_chosen.emit(value)
        else:
            self.view_chosen.emit(value)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            steps = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}
            if event.key() in steps:
                self._walk(steps[Qt.Key(event.key())])
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._take(self.list.currentItem())
                return True
        return super().eventFilter(watched, event)
