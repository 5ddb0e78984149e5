"""The row above the list: search, kind, source, industry, silence, order."""

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from salesdesk.services.clientlist import SORTS, ClientFilter, ClientSort
from salesdesk.services.dealview import Named
from salesdesk.text import N_, ntr, tr, trp
from salesdesk.ui import formats, shortcuts, theme
from salesdesk.ui.clients import words
from salesdesk.ui.context import Context
from salesdesk.ui.remember import Remember
from salesdesk.ui.widgets.buttons import ComboButton, LinkButton
from salesdesk.ui.widgets.chips import ChipRow
from salesdesk.ui.widgets.flow import FlowLayout
from salesdesk.ui.widgets.labels import label
from salesdesk.ui.widgets.popup import Option, Picker

_QUIET = (14, 30, 60, 90, 180)
_SORT = "clients/sort"
Lists = tuple[tuple[Named, ...], tuple[Named, ...]]


class ClientFilters(QWidget):
    """``changed(step)`` when something else is wanted (typing on is no step); ``left()``: Down or
    Enter in the search."""

    changed = Signal(bool)
    left = Signal()

    def __init__(self, context: Context, lists: Callable[[], Lists]) -> None:
        super().__init__()
        self.setObjectName("clients-filters")
        self._remember: Remember = context.remember
        self._lists = lists
        kept = self._remember.text(_SORT, "name")
        sort: ClientSort = next((each for each in SORTS if each == kept), "name")
        self._chosen = ClientFilter(sort=sort)
        self.field = QLineEdit()
        self.field.setObjectName("clients-search")
        self.field.setProperty("look", "search")
        self.field.setClearButtonEnabled(True)
        self.field.setMaximumWidth(420)
        self.field.installEventFilter(self)
        self.field.textChanged.connect(self._on_typed)
        self.kinds = ChipRow([("", ""), ("company", ""), ("contact", "")], "clients-kind", "")
        self.kinds.chosen.connect(self._on_kind)
        self.source = self._combo("source", self._sources)
        self.industry = self._combo("industry", self._industries)
        self.quiet = self._combo("quiet", self._silences)
        self.sort = self._combo("sort", self._sorts)
        self.clear_button = LinkButton("", "clients-clear", self.clear)
        self.count = label("", "muted")
        self._build()
        shortcuts.add(self, "/", N_("Search clients"), self.focus_field, N_("Clients"))

    def _combo(self, name: str, opens: Callable[[], Picker]) -> ComboButton:
        made = ComboButton("", f"clients-{name}", "chip")
        made.set_opens(opens)
        return made

    def _build(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(theme.S)
        top.addWidget(self.field, 1)
        top.addStretch(0)
        top.addWidget(self.count, 0, Qt.AlignmentFlag.AlignRight)
        top.setStretch(1, 1)
        pills = QWidget()
        flow = FlowLayout(pills, theme.S)
        for widget in (self.kinds, self.source, self.industry, self.quiet, self.sort,
                       self.clear_button):  # fmt: skip
            flow.addWidget(widget)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.L, theme.M, theme.L, theme.S)
        column.setSpacing(theme.S)
        column.addLayout(top)
        column.addWidget(pills)

    # -- what is chosen ---------------------------------------------------------------------------

    def chosen(self) -> ClientFilter:
        """What the list is to show."""
        return self._chosen

    def choose(self, chosen: ClientFilter) -> None:
        """Show what an address names, without telling."""
        self._chosen = chosen
        self.field.blockSignals(True)
        self.field.setText(chosen.text)
        self.field.blockSignals(False)
        self.kinds.set_value(chosen.kind or "")
        self._show()

    def clear(self) -> None:
        """Filter nothing; the order stays."""
        self.choose(ClientFilter(sort=self._chosen.sort))
        self.changed.emit(True)

    def focus_field(self) -> None:
        """Begin to search."""
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.field.selectAll()

    def _set(self, step: bool = True, **values: object) -> None:
        self._chosen = replace(self._chosen, **values)  # type: ignore[arg-type]
        self._show()
        self.changed.emit(step)

    def _on_typed(self, text: str) -> None:
        self._set(step=False, text=text)

    def _on_kind(self, kind: str) -> None:
        self._set(kind=kind or None)

    # -- lists ------------------------------------------------------------------------------------

    def _picker(self, name: str, title: str, options: list[Option], current: object) -> Picker:
        picker = Picker(options, f"clients-{name}-list", title, current, self)
        picker.picked.connect(lambda value: self._on_picked(name, value))
        return picker

    def _sources(self) -> Picker:
        options = [Option(None, tr("Any source")), *_options(self._lists()[0])]
        return self._picker("source_id", tr("First contact"), options, self._chosen.source_id)

    def _industries(self) -> Picker:
        options = [Option(None, tr("Any industry")), *_options(self._lists()[1])]
        return self._picker("industry_id", tr("Industry"), options, self._chosen.industry_id)

    def _silences(self) -> Picker:
        options = [Option(None, tr("Any activity"))]
        options += [Option(days, _silence(days)) for days in _QUIET]
        return self._picker("quiet_days", tr("Activity"), options, self._chosen.quiet_days)

    def _sorts(self) -> Picker:
        options = [Option(each, tr(words.SORTS[each])) for each in SORTS]
        return self._picker("sort", tr("Order"), options, self._chosen.sort)

    def _on_picked(self, name: str, value: object) -> None:
        if name == "sort":
            self._remember.set(_SORT, str(value))
        self._set(True, **{name: value})

    # -- words ------------------------------------------------------------------------------------

    def retranslate(self) -> None:
        """Set every text anew."""
        self.field.setPlaceholderText(tr("Name, digits of a phone, e-mail or tax number"))
        self.field.setAccessibleName(tr("Search clients"))
        self.field.setToolTip(shortcuts.hint(tr("Search clients"), "/"))
        self.kinds.setAccessibleName(tr("Kind"))
        self.kinds.set_texts({"": trp("clients", "All"), "company": tr("Companies"),
                              "contact": tr("Contact persons")})  # fmt: skip
        self.clear_button.set_text(tr("Show all"))
        self._show()

    def show_count(self, count: int) -> None:
        """How many there are."""
        self.count.setText(
            ntr("{n} client", "{n} clients", count).replace(str(count), formats.whole(count), 1)
        )

    def _show(self) -> None:
        chosen = self._chosen
        sources, industries = self._lists()
        self._say(self.source, tr("First contact"), _named(sources, chosen.source_id))
        self._say(self.industry, tr("Industry"), _named(industries, chosen.industry_id))
        silence = None if chosen.quiet_days is None else _silence(chosen.quiet_days)
        self._say(self.quiet, tr("Activity"), silence)
        text = tr(words.SORTS[chosen.sort])
        self.sort.set_text(text, tr("Order: {how}", how=text))
        self.sort.updateGeometry()
        self.clear_button.setVisible(not chosen.is_empty())

    @staticmethod
    def _say(button: ComboButton, title: str, value: str | None) -> None:
        button.set_text(value or title, f"{title}: {value or tr('any')}")
        button.set_tone("accent" if value else "")
        button.updateGeometry()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            if event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self.left.emit()
                return True
            if event.key() == Qt.Key.Key_Escape:
                self.field.clear()
                self.left.emit()
                return True
        return super().eventFilter(watched, event)


def _silence(days: int) -> str:
    return ntr("Nothing for {n} day", "Nothing for {n} days", days)


def _options(given: tuple[Named, ...]) -> list[Option]:
    return [Option(each.id, each.name) for each in given]


def _named(given: tuple[Named, ...], wanted: int | None) -> str | None:
    if wanted is None:
        return None
    return next((each.name for each in given if each.id == wanted), "?")
