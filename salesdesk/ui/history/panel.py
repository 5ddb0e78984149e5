"""The page: everything that happened, filtered; beside it the command that was chosen, unfolded."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget
from shiboken6 import isValid

from salesdesk.services import chronicle
from salesdesk.services.audit import ORIGINS
from salesdesk.services.chronicle import NOBODY, Choice, Told
from salesdesk.text import tr, trp
from salesdesk.ui import theme
from salesdesk.ui.context import Context
from salesdesk.ui.history.detail import Detail
from salesdesk.ui.history.rows import CommandList, Commands
from salesdesk.ui.history.words import KINDS, PERIODS
from salesdesk.ui.page import Page, number_in
from salesdesk.ui.widgets.buttons import ComboButton
from salesdesk.ui.widgets.empty import EmptyState
from salesdesk.ui.widgets.labels import label
from salesdesk.ui.widgets.switcher import Switcher

if TYPE_CHECKING:
    from salesdesk.ui.widgets.saved import SavedFilters

PAGE = 60
_TYPING_MS = 180
_GATHER_MS = 150
_SEARCH_WIDTH = 190


class HistoryPage(Page):
    """The list at the left grows as it is scrolled; the command chosen is unfolded at the right."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self._visible = False
        self._stale = True
        self._reading = False
        self._asked: Choice | None = None
        self.title = label("", "heading")
        self.person = Switcher("history-person")
        self.origin = Switcher("history-origin")
        self.kind = Switcher("history-kind")
        self.period = Switcher("history-period")
        self.search = QLineEdit()
        self.search.setObjectName("history-search")
        self.search.setProperty("look", "search")
        self.search.setFixedWidth(_SEARCH_WIDTH)
        self.search.setClearButtonEnabled(True)
        self.saved = ComboButton("", "history-saved", "chip")
        self.saved.set_opens(self._saved_list)
        self.model = Commands(context.store.zone, context.now)
        self.list = CommandList(self.model)
        self.empty = EmptyState("history-empty", "", "", self._show_all, "history")
        self.detail = Detail(context)
        self.detail.hide()
        self._build()
        self._typing = QTimer(self, interval=_TYPING_MS, singleShot=True)
        self._typing.timeout.connect(self._on_choice)
        self._gather = QTimer(self, interval=_GATHER_MS, singleShot=True)
        self._gather.timeout.connect(self._refresh)
        self._connect()
        self.retranslate()

    def _build(self) -> None:
        left = QVBoxLayout()
        left.setContentsMargins(0, 0, 0, 0)
        left.addWidget(self.list, 1)
        left.addWidget(self.empty, 1)
        self.empty.hide()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addLayout(left, 1)
        row.addWidget(self.detail)

    def _connect(self) -> None:
        context = self.context
        for switcher in self._switchers():
            switcher.chosen.connect(lambda _value: self._on_choice())
        self.search.textEdited.connect(lambda _text: self._typing.start())
        self.search.returnPressed.connect(self.list.setFocus)
        self.model.more_wanted.connect(self._more)
        self.list.chosen.connect(self._unfold)
        self.list.opened.connect(self._unfold)
        self.detail.closed.connect(self._on_closed)
        self.detail.command_wanted.connect(self.show_item)
        context.bus.changed.connect(self._on_changed)
        context.rights_changed.connect(self._on_rights)
        theme.changed.connect(self.list.viewport().update)

    def _switchers(self) -> tuple[Switcher, ...]:
        return self.person, self.kind, self.origin, self.period

    # -- the page as the window sees it -----------------------------------------------------------

    def header_widgets(self) -> list[QWidget]:
        return [self.title, *self._switchers(), self.search, self.saved]

    def activated(self) -> None:
        self._visible = True
        self._fill_people()
        if self._stale:
            self._refresh()
        self.list.setFocus()

    def left(self) -> None:
        self._visible = False

    def show_item(self, item: object) -> None:
        """A command, by its id."""
        if isinstance(item, int):
            self._unfold(item)
            row = self.model.row_of(item)
            if row >= 0:
                self.list.setCurrentIndex(self.model.index(row))
                self.list.scrollTo(self.model.index(row))

    def texts(self) -> dict[str, str]:
        """The filter by name, as it is saved and stands in the address."""
        parts = {
            "who": self.person.value, "kind": self.kind.value, "from": self.origin.value,
            "when": self.period.value, "text": self.search.text().strip(),
        }  # fmt: skip
        return {name: str(value) for name, value in parts.items() if value not in (None, "", "any")}

    def set_texts(self, parts: Mapping[str, str]) -> None:
        """Filter by this, without telling."""
        who = parts.get("who", "")
        self.person.set_value(int(who) if who.isdecimal() else None)
        self.kind.set_value(parts.get("kind", ""))
        self.origin.set_value(parts.get("from", ""))
        self.period.set_value(parts.get("when", "any"))
        self.search.setText(parts.get("text", ""))

    def address(self) -> Mapping[str, str]:
        unfolded = self.detail.command_id if self.detail.isVisibleTo(self) else None
        return self.texts() | ({} if unfolded is None else {"command": str(unfolded)})

    def go_to(self, parts: Mapping[str, str]) -> None:
        self.set_texts(parts)
        self._refresh()
        command = number_in(parts, "command")
        if command:
            self.show_item(command)
        elif self.detail.isVisibleTo(self):
            self.detail.close_panel()

    def retranslate(self) -> None:
        self.title.setText(tr("History"))
        self.list.setAccessibleName(tr("History"))
        self.search.setPlaceholderText(tr("Deal or client"))
        self.search.setAccessibleName(tr("Deal or client"))
        self.saved.set_text(trp("filters", "Saved"), tr("Saved filters"))
        self.saved.setToolTip(tr("Saved filters"))
        self._fill_people()
        self.kind.set_options(
            [("", tr("Everything")), *((key, tr(name)) for key, name, _kinds in KINDS)], tr("What")
        )
        self.origin.set_options(
            [
                ("", tr("From anywhere")),
                *((key, _titled(tr(name))) for key, name in ORIGINS.items()),
            ],
            tr("From where"),
        )
        self.period.set_options([(key, tr(name)) for key, name, _days in PERIODS], tr("When"))
        self._show_empty()
        self.detail.retranslate()
        self.list.scheduleDelayedItemsLayout()
        self.list.viewport().update()

    # -- what is asked ----------------------------------------------------------------------------

    def choice(self) -> Choice:
        """What the filters say."""
        kinds = next((each[2] for each in KINDS if each[0] == self.kind.value), ())
        days = next((each[2] for each in PERIODS if each[0] == self.period.value), None)
        zone = self.context.store.zone
        first = None if days is None else zone.start_of(self.context.today() - days)
        return Choice(
            self.person.value, self.origin.value or None, kinds, first,
            text=self.search.text(), people=self.context.seen,
        )  # fmt: skip

    def _fill_people(self) -> None:
        seen = self.context.seen
        rows = self.context.ask(
            lambda r: r.rows("SELECT id, name FROM person WHERE deleted_at IS NULL ORDER BY name")
        )
        known = [(key, name) for key, name in rows if seen is None or key in seen]
        nobody = (NOBODY, tr("Nobody in particular"))
        self.person.set_options([(None, tr("Everybody")), *known, nobody], tr("Who"))

    def _on_choice(self) -> None:
        self._refresh()
        self.address_changed.emit(True)

    def _show_all(self) -> None:
        self._choose({})

    def _choose(self, texts: Mapping[str, str]) -> None:
        self.set_texts(texts)
        self._on_choice()

    def _saved_list(self) -> "SavedFilters":
        from salesdesk.ui.widgets.saved import SavedFilters

        popover = SavedFilters(self.context, "history", self.texts(), self)
        popover.chosen.connect(self._choose)
        return popover

    # -- reading ----------------------------------------------------------------------------------

    def _refresh(self) -> None:
        """Read the newest commands anew."""
        if not self._visible:
            self._stale = True
            return
        self._stale = False
        choice = self.choice()
        if choice != self._asked:
            self._asked = choice
            self.list.scrollToTop()
            self.model.clear()

        def done(page: list[Told]) -> None:
            if isValid(self) and choice == self._asked:
                self._show_first(page)

        self.context.read(chronicle.page, choice, limit=PAGE, done=done, key="history")

    def _show_first(self, page: list[Told]) -> None:
        self._reading = False
        bar = self.list.verticalScrollBar()
        at = bar.value()
        kept = self.detail.command_id if self.detail.isVisibleTo(self) else None
        if self.model.show_first(page, len(page) < PAGE):
            row = self.model.row_of(kept)
            if row >= 0:
                self.list.setCurrentIndex(self.model.index(row))
            bar.setValue(at)
        self._show_empty()

    def _show_empty(self) -> None:
        nothing = self.model.rowCount() == 0 and self._asked is not None
        free = self._asked is None or self._asked == Choice(people=self._asked.people)
        words = tr(
            "Nothing has happened yet. Whatever is done shows up here, and can be taken back."
        )
        if free:
            self.empty.set_texts(words)
        else:
            self.empty.set_texts(tr("Nothing like this has happened."), tr("Show everything"))
        self.empty.setVisible(nothing)
        self.list.setVisible(not nothing)

    def _more(self) -> None:
        """The list was scrolled to its end."""
        before, choice = self.model.last_id(), self._asked
        if self._reading or before is None or choice is None:
            return
        self._reading = True

        def done(page: list[Told]) -> None:
            if not isValid(self):
                return
            self._reading = False
            if choice == self._asked and before == self.model.last_id():
                self.model.add(page, len(page) < PAGE)

        self.context.read(chronicle.page, choice, before=before, limit=PAGE, done=done,
                          key="history-more")  # fmt: skip

    def _unfold(self, command_id: int) -> None:
        if command_id != self.detail.command_id or not self.detail.isVisibleTo(self):
            self.detail.open_command(command_id)
            self.address_changed.emit(False)

    def _on_closed(self) -> None:
        self.list.setFocus()
        self.address_changed.emit(False)

    def _on_changed(self, _changes: Any) -> None:
        self._stale = True
        if self._visible:
            self._gather.start()
            if self.detail.isVisibleTo(self):
                self.detail.refresh()

    def _on_rights(self) -> None:
        self._fill_people()
        self._on_changed(None)


def _titled(text: str) -> str:
    return text[:1].upper() + text[1:]
