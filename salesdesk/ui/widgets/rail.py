"""The rail at the left: name, pages with their counts, who works here; it collapses to icons."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QButtonGroup, QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from salesdesk.names import initials
from salesdesk.text import N_, tr
from salesdesk.ui import shortcuts, theme
from salesdesk.ui.page import PageSpec
from salesdesk.ui.widgets import icons
from salesdesk.ui.widgets.buttons import Button, IconButton
from salesdesk.ui.widgets.labels import label

#: As in ``services.people``, which the first paint does not wait for.
_ROLES = {"manager": N_("Manager"), "team_lead": N_("Team lead"), "admin": N_("Administrator")}


class NavButton(QPushButton):
    """A page of the rail: icon, title, and a red pill with a count."""

    def __init__(self, spec: PageSpec, keys: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.spec, self._keys = spec, keys
        self._count = 0
        self._collapsed = False
        self.setObjectName(f"nav-{spec.key}")
        self.setProperty("look", "nav")
        self.setCheckable(True)
        self.setAutoExclusive(False)
        self.setIconSize(QSize(theme.ICON, theme.ICON))
        self.redraw()
        self.retranslate()

    def retranslate(self) -> None:
        """Set title, tool tip and spoken name anew."""
        title = self.spec.title()
        self.setText("" if self._collapsed else f"  {title}")
        self.setToolTip(shortcuts.hint(title, self._keys) if self._keys else title)
        self.setAccessibleName(f"{title}, {self._count}" if self._count else title)

    def redraw(self) -> None:
        """Tint the icon for the theme of now."""
        now = theme.current()
        ratio = self.devicePixelRatioF()
        self.setIcon(icons.icon(self.spec.icon, now.muted, now.accent, ratio=ratio))

    def set_count(self, count: int) -> None:
        """The number in the pill; 0 shows none."""
        if count != self._count:
            self._count = count
            self.retranslate()
            self.update()

    def set_collapsed(self, collapsed: bool) -> None:
        """Show the icon alone."""
        self._collapsed = collapsed
        self.retranslate()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._count:
            return
        now = theme.current()
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setFont(theme.font(theme.SMALL, bold=True, tabular=True))
            text = str(self._count) if self._count < 1000 else "999+"
            height = 14.0 if self._collapsed else 18.0
            width = max(height, painter.fontMetrics().horizontalAdvance(text) + 10.0)
            right, top = self.width() - 10 - width, (self.height() - height) / 2
            if self._collapsed:
                text, width, height = "", 8.0, 8.0
                right, top = self.width() - 14.0, 5.0
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(now.bad_soft if text else now.bad)
            where = QRectF(right, top, width, height)
            painter.drawRoundedRect(where, height / 2, height / 2)
            painter.setPen(now.bad)
            painter.drawText(where, Qt.AlignmentFlag.AlignCenter, text)


class FindButton(QPushButton):
    """Opens the palette; the keys stand at the right."""

    KEYS = "Ctrl+K"

    def __init__(self, run: Callable[[], object]) -> None:
        super().__init__()
        self._collapsed = False
        self.setObjectName("rail-find")
        self.setProperty("look", "nav")
        self.setIconSize(QSize(theme.ICON, theme.ICON))
        self.clicked.connect(lambda: run())  # noqa: PLW0108 - without the bool
        self.redraw()

    def retranslate(self) -> None:
        """Set title, tool tip and spoken name anew."""
        self.setText("" if self._collapsed else "  " + tr("Find"))
        self.setToolTip(shortcuts.hint(tr("Find anything"), self.KEYS))
        self.setAccessibleName(tr("Find anything"))

    def redraw(self) -> None:
        """Tint the icon for the theme of now."""
        ratio = self.devicePixelRatioF()
        self.setIcon(icons.icon("search", theme.current().muted, ratio=ratio))

    def set_collapsed(self, collapsed: bool) -> None:
        """Show the icon alone."""
        self._collapsed = collapsed
        self.retranslate()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._collapsed:
            return
        with QPainter(self) as painter:
            painter.setFont(theme.font(theme.SMALL))
            painter.setPen(theme.current().muted)
            right = self.rect().adjusted(0, 0, -10, 0)
            side = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(right, side, self.KEYS.replace("+", " "))


class Rail(QFrame):
    """``chosen(key)`` when a page is picked; ``who`` opens the menu of the one who works here,
    ``find`` the palette."""

    chosen = Signal(str)
    collapse_changed = Signal(bool)

    def __init__(
        self,
        specs: Sequence[PageSpec],
        who: Callable[[], object],
        find: Callable[[], object] = lambda: None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("rail")
        self.setProperty("role", "rail")
        self.collapsed = False
        self.title = label("SalesDesk", "title")
        self.toggle = IconButton("rail", "", "rail-toggle", self._on_toggle, "quiet")
        self.finder = FindButton(find)
        self.who = Button("", "rail-who", "who", who)
        self._group = QButtonGroup(self)
        self._buttons = {spec.key: NavButton(spec, f"Ctrl+{at % 10}" if at <= 10 else "")
                         for at, spec in enumerate(specs, 1) if not spec.within}  # fmt: skip
        self._within = {spec.key: spec.within or spec.key for spec in specs}
        self._head = QHBoxLayout()
        self._head.setContentsMargins(10, 0, 2, 0)
        self._head.addWidget(self.title, 1)
        self._head.addWidget(self.toggle)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 14, 9, theme.M)
        column.setSpacing(2)
        column.addLayout(self._head)
        column.addSpacing(10)
        column.addWidget(self.finder)
        column.addSpacing(theme.XS)
        for key, button in self._buttons.items():
            self._group.addButton(button)
            button.clicked.connect(lambda _on=False, key=key: self.chosen.emit(key))
            column.addWidget(button)
        column.addStretch(1)
        self.foot = QVBoxLayout()  # for what is there only sometimes (how the sync stands)
        column.addLayout(self.foot)
        column.addWidget(self.who)
        self.setFixedWidth(theme.RAIL_WIDTH)
        theme.changed.connect(self._redraw)
        self.retranslate("", "")

    def retranslate(self, name: str, role: str) -> None:
        """Set every text anew; ``name`` and ``role`` (its key) of the one who works here."""
        self.setAccessibleName(tr("Pages"))
        turn = tr("Expand the rail") if self.collapsed else tr("Collapse the rail")
        self.toggle.set_text(turn, shortcuts.hint(turn, "Ctrl+\\"))
        words = " · ".join(part for part in (name, tr(_ROLES.get(role, ""))) if part) or tr(
            "Who works here?"
        )
        self.who.set_text(self._who_text(name, words), words)
        self.who.setToolTip(words)
        self._name, self._role = name, role
        self.finder.retranslate()
        for button in self._buttons.values():
            button.retranslate()

    def _who_text(self, name: str, words: str) -> str:
        """One line if there is room, else two; initials in a collapsed rail."""
        if self.collapsed:
            return initials(name)
        room = theme.RAIL_WIDTH - 2 * (10 + 10)
        wide = QFontMetrics(theme.font(theme.SMALL)).horizontalAdvance(words)
        return words if wide <= room else words.replace(" · ", "\n", 1)

    def offer(self, key: str, on: bool) -> None:
        """Show a page among the others, or hide it from whom it is not for."""
        if key in self._buttons:
            self._buttons[key].setVisible(on)

    def show_page(self, key: str) -> None:
        """Mark the page that is open, or the one that it belongs to."""
        button = self._buttons.get(self._within.get(key, key))
        if button is not None:
            button.setChecked(True)

    def refresh_counts(self) -> None:
        """Ask every page for its count."""
        for button in self._buttons.values():
            if button.spec.badge is not None:
                button.spec.badge(button.set_count)

    def set_collapsed(self, collapsed: bool) -> None:
        """Icons alone, or icons with titles."""
        self.collapsed = collapsed
        self.title.setVisible(not collapsed)
        self._head.setContentsMargins(*((4, 0, 4, 0) if collapsed else (10, 0, 2, 0)))
        self.setFixedWidth(theme.RAIL_COLLAPSED if collapsed else theme.RAIL_WIDTH)
        self.finder.set_collapsed(collapsed)
        for button in self._buttons.values():
            button.set_collapsed(collapsed)
        self.who.set_look("initials" if collapsed else "who")
        self.retranslate(self._name, self._role)

    def _on_toggle(self) -> None:
        self.set_collapsed(not self.collapsed)
        self.collapse_changed.emit(self.collapsed)

    def _redraw(self) -> None:
        self.finder.redraw()
        for button in self._buttons.values():
            button.redraw()
