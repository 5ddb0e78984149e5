"""Who works here: a calm list over the window, at the first start of a machine and when people on
a shared computer change places; a person with a PIN is asked for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRectF,
    QSize,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from salesdesk.names import folded
from salesdesk.services import pins
from salesdesk.text import ntr, tr
from salesdesk.ui import shortcuts, theme
from salesdesk.ui.context import Context
from salesdesk.ui.widgets import avatar
from salesdesk.ui.widgets.buttons import Button
from salesdesk.ui.widgets.keyboard import Keyboard
from salesdesk.ui.widgets.labels import label

_Index = QModelIndex | QPersistentModelIndex
_ROLE = Qt.ItemDataRole
_WIDTH = 380
_ROW = 44
_ROWS = 7
_AVATAR = 28


@dataclass(frozen=True, slots=True)
class Someone:
    """A line of the list."""

    id: int
    name: str
    role: str
    team: str
    has_pin: bool

    def below(self) -> str:
        """Role and team, in small letters below the name."""
        from salesdesk.services.people import role_name

        return " · ".join(part for part in (role_name(self.role), self.team) if part)


def everybody(r: Any, day: int) -> list[Someone]:
    """Who works here on a day, by name."""
    rows = r.rows(
        "SELECT p.id, p.name, p.role, coalesce(t.name, ''), p.pin_hash IS NOT NULL FROM person p "
        "LEFT JOIN team t ON t.id = p.team_id AND t.deleted_at IS NULL WHERE p.deleted_at IS NULL "
        "AND coalesce(p.first_day, 0) <= ? AND coalesce(p.last_day, ?) >= ?",
        (day, day, day),
    )
    found = [Someone(row[0], row[1], row[2], row[3], bool(row[4])) for row in rows]
    return sorted(found, key=lambda one: (folded(one.name), one.id))


class _People(QAbstractListModel):
    """The people whose names hold what was typed."""

    def __init__(self, people: Sequence[Someone]) -> None:
        super().__init__()
        self._all = [(folded(f"{one.name} {one.team}"), one) for one in people]
        self.shown = list(people)

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.shown)

    def data(self, index: _Index, role: int = _ROLE.DisplayRole) -> Any:
        one = self.shown[index.row()]
        if role == _ROLE.DisplayRole:
            return one.name
        if role == _ROLE.AccessibleTextRole:
            return f"{one.name}, {one.below()}"
        return QSize(0, _ROW) if role == _ROLE.SizeHintRole else None

    def filter(self, typed: str) -> None:
        """Keep who has every typed word, in either keyboard layout."""
        words = folded(typed).split()
        other = folded("".join(shortcuts.other_layout(char) for char in typed)).split()
        self.beginResetModel()
        self.shown = [
            one
            for text, one in self._all
            if all(word in text for word in words) or all(word in text for word in other)
        ]
        self.endResetModel()


class _Painter(QStyledItemDelegate):
    """An avatar, the name, role and team below it."""

    def __init__(self, view: "PersonList") -> None:
        super().__init__(view)
        self._view = view

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        now, one, box = theme.current(), self._view.model_.shown[index.row()], option.rect
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        state = option.state
        chosen = bool(state & QStyle.StateFlag.State_Selected)
        over = bool(state & QStyle.StateFlag.State_MouseOver)
        if chosen or over:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(now.accent_soft if chosen else now.hover)
            painter.drawRoundedRect(box.adjusted(0, 1, 0, -1), theme.RADIUS, theme.RADIUS)
        top = box.top() + (box.height() - _AVATAR) / 2
        circle = QRectF(box.left() + theme.S, top, _AVATAR, _AVATAR)
        avatar.paint(painter, circle, one.name, one.id)
        left = box.left() + theme.S + _AVATAR + theme.M
        wide = box.right() - left - theme.S
        painter.setPen(now.text)
        painter.setFont(theme.font(bold=True))
        name = painter.fontMetrics().elidedText(one.name, Qt.TextElideMode.ElideRight, wide)
        painter.drawText(left, box.top() + 19, name)
        painter.setPen(now.muted)
        painter.setFont(theme.font(theme.SMALL))
        below = painter.fontMetrics().elidedText(one.below(), Qt.TextElideMode.ElideRight, wide)
        painter.drawText(left, box.top() + 35, below)
        painter.restore()

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return QSize(0, _ROW)


class PersonList(QListView):
    """People to choose from."""

    def __init__(self, people: Sequence[Someone]) -> None:
        super().__init__()
        self.setObjectName("who-list")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setMouseTracking(True)
        self.setUniformItemSizes(True)
        self.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.model_ = _People(people)
        self.setModel(self.model_)
        self.setItemDelegate(_Painter(self))
        self.setFixedHeight(min(max(len(people), 1), _ROWS) * _ROW + 2)

    def someone(self) -> Someone | None:
        """Whoever the keys stand on."""
        index = self.currentIndex()
        return self.model_.shown[index.row()] if index.isValid() else None


class PersonChooser(QWidget):
    """Covers the window until somebody is chosen, or "later". ``chosen(id)`` comes after the right
    PIN where there is one. ``asked`` is somebody whose PIN is asked for at once."""

    chosen = Signal(int)

    def __init__(
        self,
        window: QWidget,
        context: Context,
        people: Sequence[Someone],
        asked: Someone | None = None,
    ) -> None:
        super().__init__(window)
        self.setObjectName("who-chooser")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._window = window
        self._context = context
        self._keyboard = Keyboard(window)
        self._waits = QTimer(self)
        self._waits.setInterval(1000)
        self._waits.timeout.connect(self._on_second)
        self._left = 0
        self._wanted: Someone | None = None
        self._build(people)
        self.retranslate()
        window.installEventFilter(self)
        context.language_changed.connect(self.retranslate)
        row = next((at for at, one in enumerate(people) if one.id == context.person_id), 0)
        self.list.setCurrentIndex(self.list.model_.index(row))
        if asked is not None:
            self._ask(asked)

    def _build(self, people: Sequence[Someone]) -> None:
        self._card = QFrame(self)
        self._card.setProperty("role", "popover")
        self._card.setFixedWidth(_WIDTH)
        self.title = label("", "heading")
        self.hint = label("", "muted", wrap=True)
        self.search = self._line("who-search")
        self.search.setProperty("look", "search")
        self.search.textChanged.connect(self._on_typed)
        self._many = len(people) > _ROWS
        if not self._many:
            self.search.hide()  # shown here, without a parent yet, it would be a window
        self.list = PersonList(people)
        self.list.clicked.connect(lambda _index: self._pick())
        self.list.installEventFilter(self)
        self.pin = self._line("who-pin")
        self.pin.setEchoMode(QLineEdit.EchoMode.Password)
        self.pin.setMaxLength(pins.MOST)
        self.pin.hide()
        self.wrong = label("", "problem", wrap=True)
        self.wrong.setObjectName("who-wrong")
        self.wrong.hide()
        self.back = Button("", "who-back", "plain", self._on_back)
        self.back.hide()
        self.later = Button("", "who-later", "link", self.close)
        self.go = Button("", "who-choose", "primary", self._pick)
        ends = QHBoxLayout()
        ends.addWidget(self.back)
        ends.addWidget(self.later)
        ends.addStretch(1)
        ends.addWidget(self.go)
        self._column = column = QVBoxLayout(self._card)
        column.setContentsMargins(theme.XL, theme.XL, theme.XL, theme.L)
        column.setSpacing(theme.M)
        for widget in (self.title, self.hint, self.search, self.list, self.pin, self.wrong):
            column.addWidget(widget)
        column.addSpacing(theme.XS)
        column.addLayout(ends)

    def _line(self, name: str) -> QLineEdit:
        made = QLineEdit()
        made.setObjectName(name)
        made.installEventFilter(self)
        return made

    def retranslate(self) -> None:
        """Set every text anew."""
        self.setAccessibleName(tr("Who works here?"))
        self.list.setAccessibleName(tr("People"))
        self.search.setPlaceholderText(tr("Type to search"))
        self.search.setAccessibleName(tr("Search people"))
        self.pin.setPlaceholderText(tr("PIN"))
        self.pin.setAccessibleName(tr("PIN"))
        self.back.set_text(tr("Back"))
        self.later.set_text(tr("Later") if self._context.person_id is None else tr("Cancel"))
        self.go.set_text(tr("Continue"))
        if self._wanted is None:
            self.title.setText(tr("Who works here?"))
            self.hint.setText(
                tr("Your deals, your tasks and what you do carry this name. The foot of the rail "
                   "changes it.")
            )  # fmt: skip
        else:
            self.title.setText(self._wanted.name)
            self.hint.setText(tr("This name is kept by a PIN. Forgotten? An administrator can "
                                 "remove it."))  # fmt: skip
        self._fit()

    # -- choosing -------------------------------------------------------------------------------

    def _on_typed(self, typed: str) -> None:
        self.list.model_.filter(typed)
        if self.list.model_.rowCount():
            self.list.setCurrentIndex(self.list.model_.index(0))

    def _pick(self) -> None:
        if self._wanted is not None:
            self._try()
            return
        one = self.list.someone()
        if one is None:
            return
        if one.has_pin and one.id != self._context.person_id:
            self._ask(one)
        else:
            self._choose(one)

    def _ask(self, one: Someone) -> None:
        self._wanted = one
        self._show_pin(True)
        self.pin.clear()
        self.pin.setFocus()
        self._wait(tries_of(self._context).left(one.id, self._context.now()))

    def _on_back(self) -> None:
        self._wanted = None
        self._waits.stop()
        self.wrong.hide()
        self._show_pin(False)
        self.go.setEnabled(True)
        self.list.setFocus()

    def _show_pin(self, shown: bool) -> None:
        self.list.setVisible(not shown)
        self.later.setVisible(not shown)
        self.search.setVisible(not shown and self._many)
        self.pin.setVisible(shown)
        self.back.setVisible(shown)
        self.retranslate()

    def _try(self) -> None:
        one = self._wanted
        if one is None or self._left > 0 or not self.pin.text():
            return
        tries = tries_of(self._context)
        if self._context.ask(pins.is_right, one.id, self.pin.text()):
            tries.forget(one.id)
            self._choose(one)
            return
        tries.note(one.id, self._context.now())
        self.pin.clear()
        self.wrong.setText(tr("This is not the PIN of {name}.", name=one.name))
        self.wrong.show()
        self._wait(tries.left(one.id, self._context.now()))
        self._fit()

    def _wait(self, seconds: int) -> None:
        self._left = seconds
        self.go.setEnabled(seconds <= 0)
        self.pin.setEnabled(seconds <= 0)
        if seconds > 0:
            self._say_left()
            self._waits.start()

    def _on_second(self) -> None:
        self._left -= 1
        if self._left > 0:
            self._say_left()
            return
        self._waits.stop()
        self._wait(0)
        self.wrong.hide()
        self.pin.setFocus()
        self._fit()

    def _say_left(self) -> None:
        self.wrong.setText(
            ntr("Wrong PIN. Try again in {n} second.", "Wrong PIN. Try again in {n} seconds.",
                self._left)
        )  # fmt: skip
        self.wrong.show()
        self._fit()

    def _choose(self, one: Someone) -> None:
        self.close()
        self.chosen.emit(one.id)

    # -- the window's moments ---------------------------------------------------------------------

    def _fit(self) -> None:
        self.setGeometry(self._window.rect())
        self._column.activate()
        self._card.adjustSize()
        at = self._card.rect()
        at.moveCenter(self.rect().center())
        self._card.setGeometry(at)

    def showEvent(self, event: object) -> None:
        self._fit()
        if self._wanted is None:
            (self.search if self.search.isVisibleTo(self) else self.list).setFocus()
        else:
            self.pin.setFocus()

    def closeEvent(self, event: QEvent) -> None:
        self._waits.stop()
        self._keyboard.give_back()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._window and event.type() == QEvent.Type.Resize:
            self._fit()
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            return watched is not self._window and self._on_key(watched, event)
        return False

    def _on_key(self, watched: QObject, event: QKeyEvent) -> bool:
        key = event.key()
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._pick()
            return True
        if watched is self.search and key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            step = 1 if key == Qt.Key.Key_Down else -1
            row = self.list.currentIndex().row() + step
            if 0 <= row < self.list.model_.rowCount():
                self.list.setCurrentIndex(self.list.model_.index(row))
            return True
        return False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            if self._wanted is not None:
                self._on_back()
            else:
                self.close()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        event.accept()

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            veil = QColor(theme.current().background)
            veil.setAlpha(205)
            painter.fillRect(self.rect(), veil)


class Tries:
    """Wrong PINs of this run of the program: how many in a row, and when the last one was."""

    def __init__(self) -> None:
        self._wrong: dict[int, tuple[int, int]] = {}

    def note(self, person_id: int, now: int) -> None:
        """A wrong one."""
        self._wrong[person_id] = self._wrong.get(person_id, (0, 0))[0] + 1, now

    def forget(self, person_id: int) -> None:
        """The right one."""
        self._wrong.pop(person_id, None)

    def left(self, person_id: int, now: int) -> int:
        """Seconds that are left to wait."""
        wrong, at = self._wrong.get(person_id, (0, 0))
        return max(0, pins.wait_after(wrong) - max(0, now - at) // 1_000_000)


_TRIES: dict[str, Tries] = {}


def tries_of(context: Context) -> Tries:
    """The wrong tries in this workspace since the program was started."""
    return _TRIES.setdefault(str(context.store.path), Tries())


def choose(window: QWidget, context: Context, at: int | None = None) -> PersonChooser | None:
    """Open the list over the window; ``at`` asks for the PIN of one person. Nothing to choose, or
    somebody without a PIN: no list."""
    shown = window.findChild(PersonChooser)
    if shown is not None:
        shown.close()
    people = context.ask(everybody, context.today())
    one = next((each for each in people if each.id == at), None)
    if not people or (one is not None and not one.has_pin):
        if one is not None:
            work_as(context, one.id)
        return None
    chooser = PersonChooser(window, context, people, one)
    chooser.chosen.connect(lambda person_id: work_as(context, person_id))
    chooser.show()
    chooser.raise_()
    return chooser


def work_as(context: Context, person_id: int) -> None:
    """From now on this person works here; the computer remembers it."""
    from salesdesk.services import machine, people

    someone = context.ask(people.person_of, person_id)
    context.set_person(someone.id, someone.name, someone.role)
    try:
        machine.remember_person(context.store.path, someone.id)
    except OSError:
        context.say(tr("This computer cannot remember who works here."))
        return
    context.say(tr("{name} works on this computer now", name=someone.name))
