"""The window: rail, header, pages made when first shown, undo, toasts, what it remembers."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QEvent, QObject, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QMouseEvent, QPaintEvent, QShowEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QMainWindow,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from salesdesk.text import N_, tr
from salesdesk.ui import addresses, compiled, shortcuts, theme
from salesdesk.ui.addresses import Address, Trail
from salesdesk.ui.context import Context, Note, Problem
from salesdesk.ui.page import Page, PageSpec
from salesdesk.ui.widgets.buttons import IconButton
from salesdesk.ui.widgets.rail import Rail

if TYPE_CHECKING:
    from salesdesk.ui.widgets.toast import Floats

_COUNT_AFTER_MS = 150
#: What the first picture does not need begins so long after it (and at the latest without one).
_AFTER_MS = 10
_FINDABLE_AFTER_MS = 1_500
_SYNC_AFTER_MS = 250
_KEEP_AFTER_MS = 1_000
_LATEST_MS = 3_000


class MainWindow(QMainWindow):
    """The frame around the pages. ``specs`` are only the pages that exist.

    ``leave_wanted`` comes when another workspace is to be opened in the place of this one.
    """

    leave_wanted = Signal()

    def __init__(self, context: Context, specs: Sequence[PageSpec]) -> None:
        super().__init__()
        self.context = context
        self._specs = {spec.key: spec for spec in specs}
        self._pages: dict[str, Page] = {}
        self._headers: dict[str, QWidget] = {}
        self._open = ""
        self._on_screen = False
        self._undo_buttons: list[tuple[IconButton, IconButton]] = []
        self._trail = Trail()
        self._going = False
        self.setObjectName("main-window")
        self.setWindowTitle("SalesDesk")
        self._centre = QWidget(self)
        self.rail = Rail(specs, self._open_who, self.open_palette, self._centre)
        self._build()
        self._floats: Floats | None = None
        self._counting = QTimer(self)
        self._counting.setSingleShot(True)
        self._counting.setInterval(_COUNT_AFTER_MS)
        self._counting.timeout.connect(self.rail.refresh_counts)
        self._connect()
        self._add_shortcuts()
        self.retranslate()
        self._restore()
        self._first_painted = False
        QTimer.singleShot(_LATEST_MS, self, self._after_first_paint)

    def _build(self) -> None:
        self._right = QWidget(self._centre)
        self._header = QFrame(self._right)
        self._header.setProperty("role", "header")
        self._header.setFixedHeight(theme.HEADER_HEIGHT)
        self._header_stack = QStackedWidget(self._header)
        self.back = IconButton("chevron-left", "", "back", lambda: self.walk(-1), "quiet")
        self.ahead = IconButton("chevron-right", "", "forward", lambda: self.walk(1), "quiet")
        head = QHBoxLayout(self._header)
        head.setContentsMargins(theme.S, 0, 0, 1)
        head.setSpacing(0)
        head.addWidget(self.back)
        head.addWidget(self.ahead)
        head.addWidget(self._header_stack, 1)
        self._stack = QStackedWidget(self._right)
        column = QVBoxLayout(self._right)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._header)
        column.addWidget(self._stack, 1)
        row = QHBoxLayout(self._centre)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.rail)
        row.addWidget(self._right, 1)
        self.setCentralWidget(self._centre)

    def _connect(self) -> None:
        context = self.context
        self.rail.chosen.connect(self.open_page)
        self.rail.collapse_changed.connect(self._on_collapsed)
        context.said.connect(self._on_said)
        context.problem.connect(self._on_problem)
        context.page_asked.connect(self.open_page)
        context.address_asked.connect(self.go_to)
        context.language_changed.connect(self.retranslate)
        context.person_changed.connect(self._show_who)
        context.who_asked.connect(self._choose_person)
        context.rights_changed.connect(self._offer)
        context.undo_changed.connect(self._refresh_undo)
        context.bus.changed.connect(lambda _changes: self._counting.start())
        context.person_changed.connect(self._counting.start)
        context.person_changed.connect(self._forget_what_was_said)

    def _add_shortcuts(self) -> None:
        shortcuts.add(self, "Ctrl+K", N_("Find anything"), self.open_palette)
        shortcuts.add(self, "Ctrl+Z", N_("Undo"), self._on_undo)
        shortcuts.add(self, "Ctrl+Shift+Z", N_("Redo"), self._on_redo)
        shortcuts.add(self, "Alt+Left", N_("Back"), lambda: self.walk(-1))
        shortcuts.add(self, "Alt+Right", N_("Forward"), lambda: self.walk(1))
        shortcuts.add(self, "Ctrl+L", N_("Copy the address of the page, or go to one"), self.ask)
        shortcuts.add(self, "?", N_("This list"), self.show_shortcuts)
        shortcuts.add(self, "Ctrl+\\", N_("Collapse or expand the rail"), self._on_toggle_rail)
        for at, spec in enumerate(self._specs.values(), 1):
            if at <= 10:
                self._add_page_key(at % 10, spec.key)  # 0 is the tenth
        if self._specs:
            last = min(len(self._specs), 10) % 10
            keys = "Ctrl+1" if last == 1 else f"Ctrl+1…{last}"
            shortcuts.listed(self, keys, N_("Open a page of the rail"))

    def _add_page_key(self, at: int, key: str) -> None:
        shortcuts.add(self, f"Ctrl+{at}", "", lambda: self.open_page(key))

    # Pages

    def open_page(self, key: str, item: object = None) -> None:
        """Show a page, making it when it is shown for the first time."""
        if key not in self._specs:
            return
        if not self._specs[key].offered(self.context):
            title = self._specs[key].title()
            self.context.say(tr("“{page}” is for team leads and administrators.", page=title))
            return
        if key != self._open:
            if self._open:
                self._pages[self._open].left()
            page = self.page(key)
            theme.dress(page)
            theme.dress(self._headers[key])
            self._stack.setCurrentWidget(page)
            self._header_stack.setCurrentWidget(self._headers[key])
            self._open = key
            self.rail.show_page(key)
            self.setWindowTitle(f"{self._specs[key].title()} — SalesDesk")
            self.context.remember.set("window/page", key)
            page.activated()
            focus: QWidget | None = self.focusWidget()
            if focus is None or not page.isAncestorOf(focus):
                page.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            self.rail.show_page(key)
        if item is not None:
            self._pages[key].show_item(item)
        self._note(key, step=True)

    @property
    def specs(self) -> list[PageSpec]:
        """The pages of the rail, in order."""
        return list(self._specs.values())

    def has_page(self, key: str) -> bool:
        """Whether there is a page of this key, and the person is offered it."""
        return key in self._specs and self._specs[key].offered(self.context)

    def page(self, key: str) -> Page:
        """The page of this key, made now if need be; raises ``KeyError`` for one that is none."""
        if key not in self._pages:
            page = self._made(key)
            page.setObjectName(f"page-{key}")
            page.setAccessibleName(self._specs[key].title())
            self._pages[key] = page
            self._headers[key] = self._header_of(page)
            self._stack.addWidget(page)
            self._header_stack.addWidget(self._headers[key])
            page.address_changed.connect(lambda step: self._note(key, step))
        return self._pages[key]

    def _made(self, key: str) -> Page:
        self.context.nest = self._stack
        try:
            return self._specs[key].factory(self.context)
        finally:
            self.context.nest = None

    @property
    def open_key(self) -> str:
        """The key of the page that is shown."""
        return self._open

    def _header_of(self, page: Page) -> QWidget:
        header = QWidget(self._header_stack)
        row = QHBoxLayout(header)
        row.setContentsMargins(theme.XS, 0, theme.M, 0)
        row.setSpacing(theme.S)
        for widget in page.header_widgets():
            row.addWidget(widget)
        row.addStretch(1)
        if page.shows_undo():
            undo = IconButton("undo", "", "undo", self._on_undo)
            redo = IconButton("redo", "", "redo", self._on_redo)
            self._undo_buttons.append((undo, redo))
            row.addWidget(undo)
            row.addWidget(redo)
            self._refresh_undo()
        for widget in page.header_actions():
            row.addWidget(widget)
        return header

    # Addresses

    def address(self) -> Address:
        """Where the window stands."""
        return Address(self._open, dict(self._pages[self._open].address()))

    def go_to(self, text: str) -> None:
        """Come to an address; says so when there is no such page."""
        wanted = addresses.read(text)
        if wanted.page in self._specs:
            self._arrive(wanted)
            self._note(wanted.page, step=True)
        else:
            self.context.say(tr("“{address}” is no address of a page.", address=text.strip()))

    def walk(self, by: int) -> None:
        """Back (-1) or forward (1) through the pages, filters and deals that were open."""
        wanted = self._trail.go(by)
        if wanted is not None:
            self._arrive(wanted)
            self._show_trail()

    def _arrive(self, wanted: Address) -> None:
        self._going = True
        try:
            self.open_page(wanted.page)
            self._pages[wanted.page].go_to(wanted.parts)
        finally:
            self._going = False

    def _note(self, key: str, step: bool) -> None:
        """A page tells that its address is another; one that is not shown tells it when it is."""
        if key != self._open:
            return
        here = self.address()
        self.context.remember.set(f"{key}/address", str(here))
        if not self._going:
            self._trail.visit(here, step)
        self._show_trail()

    def _show_trail(self) -> None:
        self.back.setEnabled(self._trail.can_go(-1))
        self.ahead.setEnabled(self._trail.can_go(1))

    def ask(self) -> None:
        """Show the address, to be copied or changed."""
        from salesdesk.ui.widgets.goto import GoTo

        GoTo(str(self.address()), self.go_to, self).open_under(self.back)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The two side buttons of a mouse walk, wherever it is."""
        if event.type() == QEvent.Type.MouseButtonPress and isinstance(event, QMouseEvent):
            by = {Qt.MouseButton.BackButton: -1, Qt.MouseButton.ForwardButton: 1}
            if event.button() in by:
                self.walk(by[event.button()])
                return True
        return super().eventFilter(watched, event)

    # Undo

    def _on_undo(self) -> None:
        if self.context.can_undo():
            self.floats.toast.dismiss()
            self.context.undo()

    def _on_redo(self) -> None:
        if self.context.can_redo():
            self.floats.toast.dismiss()
            self.context.redo()

    def _refresh_undo(self) -> None:
        undo_text, redo_text = tr("Undo"), tr("Redo")
        for undo, redo in self._undo_buttons:
            undo.setEnabled(self.context.can_undo())
            redo.setEnabled(self.context.can_redo())
            undo.set_text(undo_text, shortcuts.hint(undo_text, "Ctrl+Z"))
            redo.set_text(redo_text, shortcuts.hint(redo_text, "Ctrl+Shift+Z"))

    # Toast, errors

    @property
    def floats(self) -> "Floats":
        """Toast and error bar, made when there is something to say."""
        if self._floats is None:
            from salesdesk.ui.widgets.toast import Floats

            self._floats = Floats(self._centre)
        return self._floats

    def _on_said(self, note: Note) -> None:
        self.floats.say(note)

    def _on_problem(self, problem: Problem) -> None:
        self.floats.fail(problem)

    def _forget_what_was_said(self) -> None:
        """Another person sits here: what went wrong before is not theirs."""
        if self._floats is not None:
            self._floats.toast.dismiss()
            self._floats.errors.hide()

    # Words, who, theme

    def retranslate(self) -> None:
        """Set every text anew, here and on every page that was made."""
        self._show_who()
        self._refresh_undo()
        self.back.set_text(tr("Back"), shortcuts.hint(tr("Back"), "Alt+Left"))
        self.ahead.set_text(tr("Forward"), shortcuts.hint(tr("Forward"), "Alt+Right"))
        self._show_trail()
        if self._floats is not None:
            self._floats.retranslate()
        for key, page in self._pages.items():
            page.setAccessibleName(self._specs[key].title())
            page.retranslate()
        if self._open:
            self.setWindowTitle(f"{self._specs[self._open].title()} — SalesDesk")

    def _show_who(self) -> None:
        self.rail.retranslate(self.context.person_name, self.context.role)

    def show_shortcuts(self) -> None:
        """The list under ``?``; once more takes it away."""
        from salesdesk.ui.widgets.help import ShortcutList

        shown = self.findChild(ShortcutList)
        if shown is not None:
            shown.close()
            return
        overlay = ShortcutList(self, self._make_a_page)
        overlay.show()
        overlay.raise_()
        overlay.setFocus()

    def _make_a_page(self) -> bool:
        """Make a page that was not shown yet; False when there is none."""
        for key, spec in self._specs.items():
            if key not in self._pages and spec.offered(self.context):
                self.page(key)
                return True
        return False

    def open_palette(self) -> None:
        """Find anything (Ctrl+K); once more takes it away."""
        from salesdesk.ui.palette.palette import Palette

        Palette.toggle(self)

    def _keep_findable(self) -> None:
        from salesdesk.ui.palette.following import follow

        follow(self.context)

    def _show_sync(self) -> None:
        """How the sync stands, at the foot of the rail."""
        from salesdesk.ui.sync.status import SyncStatus

        SyncStatus(self.context, self.rail)

    def _offer(self) -> None:
        """Pages that are not for the person who works here are not in the rail; who stands on one
        comes to the first."""
        for key, spec in self._specs.items():
            if spec.needs:
                self.rail.offer(key, spec.offered(self.context))
        if self._open and not self._specs[self._open].offered(self.context):
            self.open_page(next(iter(self._specs)))

    def _choose_person(self, person_id: int | None) -> None:
        """The list of people over the window; there is nobody to choose in an empty workspace."""
        from salesdesk.ui.widgets.choose_person import choose

        choose(self, self.context, person_id)

    def _open_who(self) -> None:
        from salesdesk.ui.widgets.popup import show_under
        from salesdesk.ui.widgets.who import who_menu

        show_under(who_menu(self), self.rail.who)

    # Rail and memory

    def _on_toggle_rail(self) -> None:
        self.rail.set_collapsed(not self.rail.collapsed)
        self._on_collapsed(self.rail.collapsed)

    def _on_collapsed(self, collapsed: bool) -> None:
        self.context.remember.set("window/rail_collapsed", collapsed)

    def _restore(self) -> None:
        remember = self.context.remember
        self.setMinimumSize(QSize(760, 480))
        if not self.restoreGeometry(remember.blob("window/geometry")):
            self.resize(1440, 900)
        self.rail.set_collapsed(remember.flag("window/rail_collapsed"))
        wanted = remember.text("window/page")
        known = wanted in self._specs and self._specs[wanted].offered(self.context)
        first = wanted if known else next(iter(self._specs), "")
        self._offer()
        if first:
            self.open_page(first)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        handle = self.windowHandle()
        if handle is not None and not self._on_screen:
            self._on_screen = True
            handle.installEventFilter(self)
            # Another pixel ratio wants other icons; they are drawn anew as for another theme.
            handle.screenChanged.connect(lambda _screen: theme.changed.emit())

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._first_painted:
            QTimer.singleShot(_AFTER_MS, self, self._after_first_paint)

    def _after_first_paint(self) -> None:
        """Begin with what the first picture did not wait for."""
        if self._first_painted:
            return
        self._first_painted = True
        self.context.picture_is_there()
        self._counting.start()
        QTimer.singleShot(_SYNC_AFTER_MS, self, self._show_sync)
        QTimer.singleShot(_KEEP_AFTER_MS, self, compiled.keep)
        QTimer.singleShot(_FINDABLE_AFTER_MS, self, self._keep_findable)

    def closeEvent(self, event: QCloseEvent) -> None:
        for page in self._pages.values():
            page.closing()
        self.context.remember.set("window/geometry", QByteArray(self.saveGeometry()))
        self.context.remember.save()
        super().closeEvent(event)
