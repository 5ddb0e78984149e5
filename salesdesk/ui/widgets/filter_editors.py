"""What opens to choose one part of a filter: several of a list, a range, days, a text.

Every editor takes effect while it is open: ``chosen(text)``, an empty text for nothing.
"""

from collections.abc import Sequence
from datetime import date

from PySide6.QtCore import QEvent, QObject, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QKeyEvent, QShowEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLineEdit, QListWidget, QWidget
from PySide6.QtWidgets import QListWidgetItem as Line
from shiboken6 import isValid

from salesdesk.moments import plain
from salesdesk.text import tr, trp
from salesdesk.ui import formats, theme
from salesdesk.ui.widgets import icons
from salesdesk.ui.widgets.buttons import Button
from salesdesk.ui.widgets.filter_parts import DAYS, Part
from salesdesk.ui.widgets.labels import label, set_role
from salesdesk.ui.widgets.popup import Popover

_VALUE = int(Qt.ItemDataRole.UserRole)
_ROW = 28
_SHOWN = 9
_WAIT_MS = 60
_FIELD = 128
_WIDTH = 248


class Editor(Popover):
    """Chooses a part of a filter."""

    chosen = Signal(str)

    def __init__(self, part: Part, text: str, name: str, parent: QWidget) -> None:
        super().__init__(name, part.label, parent)
        self.part = part
        self.text = text
        self.body.setContentsMargins(theme.M, theme.M, theme.M, theme.M)
        self.body.setSpacing(theme.S)
        self.body.addWidget(label(part.label, "section"))

    def take(self, text: str) -> None:
        """Tell, if it is another choice."""
        if text != self.text:
            self.text = text
            self.chosen.emit(text)

    def _field(self, name: str, accessible: str, text: str, width: int) -> QLineEdit:
        field = QLineEdit(text)
        field.setObjectName(f"{self.objectName()}-{name}")
        field.setAccessibleName(accessible)
        field.setPlaceholderText(accessible)
        field.setFixedWidth(width)
        return field


def editor(part: Part, text: str, name: str, parent: QWidget) -> Editor:
    """The editor of a part (not of a flag)."""
    kinds = {"many": Many, "range": Range, "days": Days, "words": Words}
    return kinds[part.kind](part, text, name, parent)


class Many(Editor):
    """Several of a list, found by typing; Space, Enter or a click takes and leaves one."""

    def __init__(self, part: Part, text: str, name: str, parent: QWidget) -> None:
        super().__init__(part, text, name, parent)
        self._values = dict.fromkeys(part.values(text))
        self._found, self._wants, self._leaves = True, False, False
        self.field = self._field("search", tr("Type to search"), "", _WIDTH)
        self.field.setProperty("look", "search")
        self.field.installEventFilter(self)
        self.list = QListWidget()
        self.list.setObjectName(f"{name}-list")
        self.list.setProperty("role", "palette")
        self.list.setAccessibleName(part.label)
        self.list.setFixedWidth(_WIDTH)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.itemClicked.connect(self._toggle)
        self.body.addWidget(self.field)
        self.body.addWidget(self.list)
        self._timer = QTimer(self, interval=_WAIT_MS, singleShot=True)
        self._timer.timeout.connect(self._find)
        self.field.textChanged.connect(lambda _text: self._timer.start())
        lines = _SHOWN if part.look is not None else 0
        self._find()
        self.list.setFixedHeight(min(max(self.list.count(), lines, 1), _SHOWN) * _ROW + 2)

    def showEvent(self, event: QShowEvent) -> None:
        self.field.setFocus(Qt.FocusReason.PopupFocusReason)

    def _find(self) -> None:
        """Look for what was typed."""
        typed = self.field.text().strip()
        self._found = self.part.look is None
        if self.part.look is None:
            self._show(typed, self.part.find(typed) if self.part.find is not None else [])
            return
        if not self.list.count():
            self._fill([])
        self.part.look(typed, lambda found: self._on_found(typed, found))

    def _on_found(self, typed: str, found: Sequence[tuple[str, str]]) -> None:
        """Found in the background, unless something else has been typed since."""
        if isValid(self) and typed == self.field.text().strip():
            self._found = True
            self._show(typed, found)
            if self._wants:
                self._enter()
            if self._leaves:
                self.close()

    def _show(self, typed: str, there: Sequence[tuple[str, str]]) -> None:
        """What was found; where nothing was typed the chosen ones stand first."""
        found = list(there)
        if not typed and self.part.names is not None:
            mine = list(self._values)
            first = list(zip(mine, self.part.names(mine), strict=True))
            found = first + [each for each in found if each[0] not in self._values]
        self._fill(found)

    def _fill(self, found: Sequence[tuple[str, str]]) -> None:
        self.list.clear()
        for value, text in found:
            item = Line(text)
            item.setData(_VALUE, value)
            self._mark(item)
            item.setSizeHint(QSize(0, _ROW))
            self.list.addItem(item)
        if not found:
            said = tr("Nothing found") if self._found else tr("Searching…")
            self.list.addItem(Line(said))
            self.list.item(0).setFlags(Qt.ItemFlag.NoItemFlags)
        self.list.setCurrentRow(0)

    def _mark(self, item: Line) -> None:
        """A tick before what is chosen, and a word for a screen reader."""
        chosen, look = item.data(_VALUE) in self._values, theme.current()
        ratio = self.devicePixelRatioF()
        item.setIcon(
            icons.icon(
                "check", look.accent if chosen else QColor(Qt.GlobalColor.transparent), ratio=ratio
            )
        )
        said = tr("{name}, chosen", name=item.text()) if chosen else item.text()
        item.setData(int(Qt.ItemDataRole.AccessibleTextRole), said)

    def _toggle(self, item: Line) -> None:
        value = item.data(_VALUE)
        if value is None:  # a word that nothing was found
            return
        if value in self._values:
            del self._values[value]
        else:
            self._values[value] = None
        self._mark(item)
        self.take(self.part.joined(self._values))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            key, item = event.key(), self.list.currentItem()
            if key == Qt.Key.Key_Escape and self._wants:
                self._leaves = True  # once the line that Enter asked for is found and taken
                return True
            step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(key), 0)
            if step and self.list.count():
                row = min(max(self.list.currentRow() + step, 0), self.list.count() - 1)
                self.list.setCurrentRow(row)
                return True
            blank = key == Qt.Key.Key_Space and not self.field.text()
            if item is not None and (blank or key in (Qt.Key.Key_Return, Qt.Key.Key_Enter)):
                if self._timer.isActive():
                    self._timer.stop()
                    self._find()
                self._enter()
                return True
        return super().eventFilter(watched, event)

    def _enter(self) -> None:
        """The line that stands out is taken or left, once what was typed has been looked for."""
        item = self.list.currentItem()
        self._wants = not self._found
        if self._found and item is not None:
            self._toggle(item)


class Range(Editor):
    """From and to, of numbers; takes effect on Enter or when a field is left."""

    def __init__(self, part: Part, text: str, name: str, parent: QWidget) -> None:
        super().__init__(part, text, name, parent)
        low, _, high = text.partition("..")
        ends = [formats.decimal(formats.read_decimal(end)) if end else "" for end in (low, high)]
        self.low = self._field("from", tr("from"), ends[0], _FIELD)
        self.high = self._field("to", tr("up to"), ends[1], _FIELD)
        row = QHBoxLayout()
        row.setSpacing(theme.S)
        for widget in (self.low, label("–", "muted"), self.high):
            row.addWidget(widget)
        self.body.addLayout(row)
        self.problem = label(tr("Both ends are included."), "muted", wrap=True)
        self.body.addWidget(self.problem)
        for field in (self.low, self.high):
            field.editingFinished.connect(self._on_done)
            field.returnPressed.connect(self.close)

    def showEvent(self, event: QShowEvent) -> None:
        self.low.setFocus(Qt.FocusReason.PopupFocusReason)

    def _on_done(self) -> None:
        try:
            low, high = (self._read(field.text()) for field in (self.low, self.high))
        except ValueError as error:
            self.problem.setText(str(error))
            set_role(self.problem, "problem")
            return
        self.take(f"{low}..{high}" if low or high else "")

    def _read(self, text: str) -> str:
        if not text.strip():
            return ""
        return plain(formats.read_decimal(text, grouped=self.part.amounts))


class Days(Editor):
    """Days by name, or from and to; takes effect at once."""

    def __init__(self, part: Part, text: str, name: str, parent: QWidget) -> None:
        super().__init__(part, text, name, parent)
        named = QGridLayout()
        named.setSpacing(theme.XS)
        self.buttons: dict[str, QWidget] = {}
        for at, key in enumerate(part.days):
            button = Button(trp("filter", DAYS[key]), f"{name}-{key}", "chip")
            button.setCheckable(True)
            button.setChecked(key == text)
            button.clicked.connect(lambda _on=False, key=key: self._choose(key))
            named.addWidget(button, at // 2, at % 2)
            self.buttons[key] = button
        self.body.addLayout(named)
        first, _, last = text.partition("..") if text not in DAYS else ("", "", "")
        self.first = self._field("first", tr("First day"), self._day(first), _FIELD)
        self.last = self._field("last", tr("Last day"), self._day(last), _FIELD)
        row = QHBoxLayout()
        row.setSpacing(theme.S)
        for widget in (self.first, label("–", "muted"), self.last):
            row.addWidget(widget)
        self.body.addLayout(row)
        self.problem = label(tr("The last day is included."), "muted", wrap=True)
        self.body.addWidget(self.problem)
        for field in (self.first, self.last):
            field.editingFinished.connect(self._on_done)
            field.returnPressed.connect(self.close)

    def showEvent(self, event: QShowEvent) -> None:
        next(iter(self.buttons.values()), self.first).setFocus(Qt.FocusReason.PopupFocusReason)

    def _day(self, text: str) -> str:
        return formats.day(date.fromisoformat(text).toordinal()) if text else ""

    def _choose(self, key: str) -> None:
        self.close()
        self.take(key)

    def _on_done(self) -> None:
        if not (self.first.isModified() or self.last.isModified()):
            return
        try:
            ends = [self._read(field.text()) for field in (self.first, self.last)]
        except ValueError as error:
            self.problem.setText(str(error))
            set_role(self.problem, "problem")
            return
        if all(ends):
            ends.sort()
        self.take("..".join(ends) if any(ends) else "")

    def _read(self, text: str) -> str:
        if not text.strip():
            return ""
        return date.fromordinal(formats.read_day(text, self.part.today)).isoformat()


class Words(Editor):
    """A text that the field has in it."""

    def __init__(self, part: Part, text: str, name: str, parent: QWidget) -> None:
        super().__init__(part, text, name, parent)
        self.field = self._field("text", tr("Contains"), text.removeprefix("~"), _WIDTH)
        self.body.addWidget(self.field)
        self.field.editingFinished.connect(self._on_done)
        self.field.returnPressed.connect(self.close)

    def showEvent(self, event: QShowEvent) -> None:
        self.field.setFocus(Qt.FocusReason.PopupFocusReason)

    def _on_done(self) -> None:
        typed = self.field.text().strip()
        self.take(f"~{typed}" if typed else "")
