"""The palette itself, over the window: a field, kinds, a list. Enter opens, Tab changes kind."""

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QObject, QRect, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QListView, QVBoxLayout, QWidget

from salesdesk.services import search
from salesdesk.services.search import Answer, Hit
from salesdesk.text import N_, tr, trp
from salesdesk.ui import shortcuts, theme
from salesdesk.ui.palette import recent, rows
from salesdesk.ui.palette.commands import commands, matching
from salesdesk.ui.palette.following import follow
from salesdesk.ui.palette.paint import LinePainter
from salesdesk.ui.widgets import icons
from salesdesk.ui.widgets.chips import ChipRow
from salesdesk.ui.widgets.keyboard import Keyboard
from salesdesk.ui.widgets.labels import label, line

if TYPE_CHECKING:
    from salesdesk.ui.main_window import MainWindow

_WIDTH, _HEIGHT = 720, 520
_TOP = 72
_KEY = "palette"
_OF_EACH, _OF_ONE = 5, 60
_COMMANDS_OF_EACH = 4
#: From this on a command is what was meant, and comes first (``search.fitting``).
_MEANT = 55.0
_START = 9
_GROUP = N_("Find anything")
_ALL = "all"
#: The page that shows a kind; tasks and notes are shown by their deals.
_PAGES = {"client": "clients", "contractor": "contractors", "person": "ranking"}


class _Glass(QWidget):
    """The magnifying glass before the field."""

    def __init__(self) -> None:
        super().__init__()
        self.setFixedSize(theme.ICON + 2, theme.ICON + 2)

    def paintEvent(self, event: QPaintEvent) -> None:
        icons.paint(QPainter(self), "search", self.rect().toRectF(), theme.current().muted)


class _Strip(QWidget):
    """A ground that nothing shines through: what is typed has nothing below it painted anew."""

    def __init__(self) -> None:
        super().__init__()
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(event.rect(), theme.current().raised)


class _List(QListView):
    """The lines; says in the middle what to do when there is none."""

    empty = ""

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self.viewport()) as ground:
            ground.fillRect(event.rect(), theme.current().raised)
        super().paintEvent(event)
        if self.empty:
            with QPainter(self.viewport()) as painter:
                painter.setPen(theme.current().muted)
                where = self.viewport().rect().adjusted(theme.XL, 0, -theme.XL, -theme.XL)
                flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
                painter.drawText(where, flags, self.empty)


class Palette(QWidget):
    """Covers the window; Esc, Ctrl+K again or a click beside it takes it away.

    ``answered(typed)``: the list shows what was found for it.
    """

    answered = Signal(str)

    def __init__(self, window: "MainWindow") -> None:
        super().__init__(window)
        self._window, self._context = window, window.context
        self.setObjectName("palette")
        self.setAccessibleName(tr("Find anything"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._keyboard = Keyboard(window)
        self._commands = commands(window)
        self._recent = recent.recent(self._context)
        self._build()
        self.field.textChanged.connect(self._ask)
        self.kinds.chosen.connect(lambda _kind: self._ask())
        self.list.clicked.connect(lambda index: self._open(index.row()))
        self.list.entered.connect(lambda index: self._choose(index.row()))
        self.field.installEventFilter(self)
        window.installEventFilter(self)
        for keys, text in (("Tab", N_("Another kind")), ("Return", N_("Open what is found")),
                           ("Up", N_("Up and down the list"))):  # fmt: skip
            shortcuts.listed(self, keys, text, _GROUP)
        follow(self._context)
        self._context.read(search.warm, self._context.seen, done=lambda _words: None)
        self._fit()
        self._ask()

    @classmethod
    def toggle(cls, window: "MainWindow") -> None:
        """Open it over the window, or close the one that is open."""
        shown = [each for each in window.findChildren(cls) if each.isVisible()]
        if shown:
            shown[0].close()
            return
        made = cls(window)
        made.show()
        made.raise_()
        made.field.setFocus(Qt.FocusReason.ShortcutFocusReason)

    # -- what it is made of ---------------------------------------------------------------------

    def _build(self) -> None:
        self.card = QFrame(self)
        self.card.setObjectName("palette-card")
        self.card.setProperty("role", "popover")
        self.field = QLineEdit()
        self.field.setObjectName("palette-field")
        self.field.setAccessibleName(tr("Find anything"))
        self.field.setPlaceholderText(tr("A deal, a client, a phone, a task, a command…"))
        self.field.setProperty("look", "palette")
        self.kinds = ChipRow(self._kind_texts(), "palette-kind", tr("What to find"))
        self.list = self._made_list()
        self.note = label("", "muted")
        self.note.setObjectName("palette-note")
        self.hint = label(self._hints(), "small")
        top = _Strip()
        head, foot = QHBoxLayout(top), QHBoxLayout()
        head.setContentsMargins(theme.M, theme.XS, theme.S, theme.XS)
        head.setSpacing(theme.M)
        head.addWidget(_Glass())
        head.addWidget(self.field, 1)
        chips = QHBoxLayout()
        chips.setContentsMargins(theme.L, 0, theme.L, theme.M)
        chips.addWidget(self.kinds)
        chips.addStretch(1)
        foot.setContentsMargins(theme.L + theme.XS, theme.S, theme.L, theme.S)
        foot.addWidget(self.note, 1)
        foot.addWidget(self.hint)
        column = QVBoxLayout(self.card)
        column.setContentsMargins(1, theme.S, 1, 1)
        column.setSpacing(0)
        edge = QHBoxLayout()
        edge.setContentsMargins(theme.S, 0, theme.S, 0)
        edge.addWidget(top)
        for part in (edge, chips, line(), self.list, line(), foot):
            if isinstance(part, QHBoxLayout):
                column.addLayout(part)
            else:
                column.addWidget(part, 1 if part is self.list else 0)

    def _made_list(self) -> _List:
        made = _List()
        made.setObjectName("palette-list")
        made.setAccessibleName(tr("What was found"))
        made.setProperty("role", "palette")
        made.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        made.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        made.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        made.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        made.setMouseTracking(True)
        # Filled by its own painting: else all that lies below is painted anew with each key.
        made.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        made.setViewportMargins(0, theme.XS, 0, theme.XS)
        self.lines = rows.Lines(made)
        made.setModel(self.lines)
        context = self._context
        made.setItemDelegate(LinePainter(self.lines, context.store.zone, context.now(), made))
        return made

    def _kind_texts(self) -> list[tuple[str, str]]:
        kinds = [kind for kind in rows.KIND_NAMES if kind == "command" or self._reachable(kind)]
        return [(_ALL, tr("All")), *((kind, tr(rows.KIND_NAMES[kind])) for kind in kinds)]

    @staticmethod
    def _hints() -> str:
        keys = (
            ("↑ ↓", trp("palette", "choose")),
            (tr("Enter"), trp("palette", "open")),
            ("Tab", trp("palette", "another kind")),
            (tr("Esc"), trp("palette", "close")),
        )
        return "     ".join(f"{key}  {text}" for key, text in keys)

    # -- asking ---------------------------------------------------------------------------------

    def _ask(self, _typed: str = "") -> None:
        typed, kind = self.field.text().strip(), self.kinds.value()
        if not typed:
            kinds = self._recent if kind == _ALL else [s for s in self._recent if s.kind == kind]
            self._context.read(
                search.recall, kinds, people=self._context.seen, done=self._show_start, key=_KEY
            )
            return
        if kind == "command":
            self._context.background.forget(_KEY)
            self._show_answer(Answer(typed))
            return
        self._context.read(
            search.search, typed, people=self._context.seen, recent=self._recent,
            kinds=self._reachable_kinds() if kind == _ALL else (kind,),
            limit=_OF_EACH if kind == _ALL else _OF_ONE, done=self._show_answer, key=_KEY,
        )  # fmt: skip

    def _show_start(self, found: tuple[Hit, ...]) -> None:
        kind = self.kinds.value()
        offered = self._commands if kind == "command" else self._commands[:_START]
        can = [hit for hit in found if self._goal(hit) is not None]
        lines = rows.of_start(can, offered if kind in (_ALL, "command") else ())
        self._show("", lines, tr("Type to search") if not lines else "", "")

    def _show_answer(self, answer: Answer) -> None:
        kind = self.kinds.value()
        fits = matching(self._commands, answer.typed) if kind in (_ALL, "command") else []
        most = _COMMANDS_OF_EACH if kind == _ALL else _OF_ONE
        best = answer.groups[0].hits[0].score if answer.groups else 0.0
        foremost = bool(fits) and (answer.is_guess or fits[0][0] >= max(_MEANT, best))
        lines = rows.of_answer(answer, fits, most, foremost)
        empty = "" if lines else tr(
            "Nothing is found for “{typed}”. Try a part of a name, a phone or a number.",
            typed=answer.typed,
        )  # fmt: skip
        self._show(answer.typed, lines, empty, _note(answer))

    def _show(self, typed: str, lines: list[rows.Line], empty: str, note: str) -> None:
        self.list.empty = empty
        self.lines.show(lines)
        self.note.setText(note)
        self._choose(self.lines.next(-1, 1))
        self.list.scrollToTop()
        self.answered.emit(typed)

    # -- choosing and opening -------------------------------------------------------------------

    def _choose(self, row: int) -> None:
        if row >= 0 and self.lines.lines[row].can_be_chosen:
            self.list.setCurrentIndex(self.lines.index(row))

    def _walk(self, step: int) -> None:
        row = self.lines.next(self.list.currentIndex().row(), step)
        self._choose(row)
        if row == 1:
            self.list.scrollToTop()  # the heading above it is seen, too

    def _open(self, row: int) -> None:
        if not 0 <= row < len(self.lines.lines):
            return
        chosen = self.lines.lines[row]
        if chosen.kind and chosen.more:
            self._take_kind(chosen.kind)
        elif chosen.command is not None:
            run = chosen.command.run
            self.close()
            run()
        elif chosen.hit is not None:
            goal = self._goal(chosen.hit)
            if goal is not None:
                recent.note(self._context, chosen.hit.kind, chosen.hit.id)
                self.close()
                self._context.go(*goal)

    def _goal(self, hit: Hit) -> tuple[str, int] | None:
        """The page and the item that show a record."""
        client = ("clients", hit.client_id) if hit.client_id else None
        deal = ("board", hit.deal_id) if hit.deal_id else None
        goals: dict[str, tuple[str, int] | None] = {
            "deal": ("board", hit.id), "client": ("clients", hit.id),
            "contractor": ("contractors", hit.id), "person": ("ranking", hit.id),
            "task": deal or client or ("tasks", hit.id), "note": deal or client,
        }  # fmt: skip
        goal = goals[hit.kind]
        return goal if goal is not None and self._window.has_page(goal[0]) else None

    def _reachable(self, kind: str) -> bool:
        return self._window.has_page(_PAGES.get(kind, "board"))

    def _reachable_kinds(self) -> tuple[str, ...]:
        return tuple(kind for kind in search.KINDS if self._reachable(kind))

    # -- keys, mouse, size ----------------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.field and event.type() == QEvent.Type.KeyPress:
            return isinstance(event, QKeyEvent) and self._on_key(event)
        if watched is self._window and event.type() == QEvent.Type.Resize:
            self._fit()
        return False

    def _on_key(self, event: QKeyEvent) -> bool:
        key = event.key()
        walks = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}
        if key in walks:
            self._walk(walks[Qt.Key(key)])
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._open(self.list.currentIndex().row())
        elif key == Qt.Key.Key_Tab:
            self._next_kind(1)
        elif key == Qt.Key.Key_Backtab:
            self._next_kind(-1)
        elif key == Qt.Key.Key_Escape:
            self.close()
        elif key in (Qt.Key.Key_PageDown, Qt.Key.Key_PageUp):
            for _ in range(8):
                self._walk(1 if key == Qt.Key.Key_PageDown else -1)
        else:
            return False
        return True

    def _next_kind(self, step: int) -> None:
        keys = [key for key, _ in self._kind_texts()]
        at = keys.index(self.kinds.value())
        self._take_kind(keys[(at + step) % len(keys)])

    def _take_kind(self, kind: str) -> None:
        self.kinds.set_value(kind)
        self._ask()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not self._on_key(event):
            self.field.setFocus()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if not self.card.geometry().contains(event.position().toPoint()):
            self.close()

    def closeEvent(self, event: Any) -> None:
        self._context.background.forget(_KEY)
        self._keyboard.give_back()

    def _fit(self) -> None:
        self.setGeometry(self._window.rect())
        width = min(_WIDTH, self.width() - 2 * theme.XL)
        top = min(_TOP, max(theme.XL, self.height() // 10))
        height = min(_HEIGHT, self.height() - top - theme.XL)
        self.card.setGeometry(QRect((self.width() - width) // 2, top, width, height))

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            veil = QColor(theme.current().toast)
            veil.setAlpha(110)
            painter.fillRect(self.rect(), veil)


def _note(answer: Answer) -> str:
    """What is to be said of all that was found."""
    if answer.is_partial:
        return tr("Much is new: not all of it can be found yet")
    if answer.is_guess:
        return tr("Similar words")
    return tr("Found for “{meant}”", meant=answer.meant) if answer.meant else ""
