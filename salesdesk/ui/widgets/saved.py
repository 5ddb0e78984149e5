"""The filters that were saved under a name: chosen, kept, renamed, shared, removed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QListWidget, QWidget
from PySide6.QtWidgets import QListWidgetItem as Line

from salesdesk.services import saved_filters
from salesdesk.services.saved_filters import SavedFilter
from salesdesk.text import tr
from salesdesk.ui import theme
from salesdesk.ui.context import Context
from salesdesk.ui.widgets.buttons import Button, IconButton
from salesdesk.ui.widgets.chips import Chip
from salesdesk.ui.widgets.labels import label
from salesdesk.ui.widgets.popup import Popover

_ROW = 28
_SHOWN = 9
_WIDTH = 280
_KEPT = int(Qt.ItemDataRole.UserRole)


@dataclass(frozen=True, slots=True)
class SavedWords:
    """How a page speaks of what it saves (already translated)."""

    title: str
    hint: str
    name: str
    save_as: str
    saved: Callable[[str], str]
    removed: Callable[[str], str]


def _filter_words() -> SavedWords:
    return SavedWords(
        title=tr("Saved filters"), hint=tr("Choose a filter, then save it here under a name."),
        name=tr("Name of the filter"), save_as=tr("Save this filter as…"),
        saved=lambda name: tr("Saved the filter “{name}”", name=name),
        removed=lambda name: tr("Removed the filter “{name}”", name=name),
    )  # fmt: skip


class SavedFilters(Popover):
    """The saved filters of a page; ``chosen(texts)``. ``texts`` is the filter of now, to be kept.

    Enter or a click chooses; below the list the current one is renamed, shared or removed.
    """

    chosen = Signal(object)

    def __init__(
        self,
        context: Context,
        page: str,
        texts: Mapping[str, str],
        parent: QWidget,
        words: SavedWords | None = None,
    ) -> None:
        self._words = _filter_words() if words is None else words
        super().__init__("saved-filters", self._words.title, parent)
        self._context, self._page, self._texts = context, page, dict(texts)
        self._renaming: SavedFilter | None = None
        self.body.setContentsMargins(theme.M, theme.M, theme.M, theme.M)
        self.body.setSpacing(theme.S)
        self.body.addWidget(label(self._words.title, "section"))
        self.hint = label(self._words.hint, "muted", True)
        self.hint.setFixedWidth(_WIDTH)
        self.list = QListWidget()
        self.list.setObjectName("saved-list")
        self.list.setProperty("role", "palette")
        self.list.setAccessibleName(self._words.title)
        self.list.setFixedWidth(_WIDTH)
        self.list.itemClicked.connect(self._choose)
        self.list.itemActivated.connect(self._choose)
        self.list.currentItemChanged.connect(lambda *_: self._show_current())
        self.name = QLineEdit()
        self.name.setObjectName("saved-name")
        self.name.setAccessibleName(self._words.name)
        self.name.setPlaceholderText(self._words.save_as)
        self.name.returnPressed.connect(self._on_save)
        self.shared = Chip(tr("For everybody"), "saved-shared")
        self.save = Button(tr("Save"), "saved-save", "plain", self._on_save)
        self.body.addWidget(self.hint)
        self.body.addWidget(self.list)
        self._add_tools()
        row = QHBoxLayout()
        row.setSpacing(theme.S)
        row.addWidget(self.shared)
        row.addStretch(1)
        row.addWidget(self.save)
        self.body.addWidget(self.name)
        self.body.addLayout(row)
        self._fill()

    def _add_tools(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(theme.XS)
        self.rename = IconButton("edit", tr("Rename"), "saved-rename", self._on_rename, "quiet")
        self.share = IconButton("user", tr("Share"), "saved-share", self._on_share, "quiet")
        self.remove = IconButton("trash", tr("Remove"), "saved-remove", self._on_remove, "quiet")
        self.whose = label("", "muted")
        row.addWidget(self.whose, 1)
        for button in (self.rename, self.share, self.remove):
            row.addWidget(button)
        self.body.addLayout(row)

    def showEvent(self, event: QShowEvent) -> None:
        (self.list if self.list.count() else self.name).setFocus()

    def _fill(self) -> None:
        context = self._context
        found = context.ask(saved_filters.saved_filters, self._page, context.person_id)
        self.list.clear()
        for each in found:
            item = Line(each.name)
            item.setData(_KEPT, each)
            item.setSizeHint(QSize(0, _ROW))
            self.list.addItem(item)
            if dict(each.texts) == self._texts:
                self.list.setCurrentItem(item)
        if found and self.list.currentRow() < 0:
            self.list.setCurrentRow(0)
        self.list.setVisible(bool(found))
        self.list.setFixedHeight(min(max(len(found), 1), _SHOWN) * _ROW + 2)
        self.hint.setVisible(not found and not self._texts)
        self.save.setEnabled(bool(self._texts))
        self._show_current()
        self.adjustSize()

    def _current(self) -> SavedFilter | None:
        item = self.list.currentItem()
        kept: SavedFilter | None = item.data(_KEPT) if item is not None else None
        return kept

    def _show_current(self) -> None:
        here = self._current()
        for widget in (self.rename, self.share, self.remove, self.whose):
            widget.setVisible(here is not None)
        if here is not None:
            self.whose.setText(tr("For everybody") if here.is_shared else tr("Only mine"))
            self.share.set_text(tr("Only mine") if here.is_shared else tr("For everybody"))
            self.share.setEnabled(self._context.person_id is not None)

    def _choose(self, item: Line) -> None:
        kept: SavedFilter = item.data(_KEPT)
        self.close()
        self.chosen.emit(dict(kept.texts))

    # -- keeping ------------------------------------------------------------------------------

    def _on_save(self) -> None:
        name = self.name.text().strip()
        if not name:
            self.name.setFocus()
            return
        if self._renaming is not None:
            self._context.write(
                saved_filters.rename, self._renaming.id, name,
                say=lambda _command: tr("Renamed to “{name}”", name=name),
            )  # fmt: skip
        else:
            shared = self.shared.isChecked() or self._context.person_id is None
            self._context.write(
                saved_filters.save, self._page, name, self._texts, shared=shared,
                say=lambda _saved: self._words.saved(name),
            )  # fmt: skip
        self.close()

    def _on_rename(self) -> None:
        """The name is typed in the field below; Enter keeps it."""
        self._renaming = self._current()
        if self._renaming is not None:
            self.name.setText(self._renaming.name)
            self.name.setFocus()
            self.name.selectAll()
            self.save.set_text(tr("Rename"))
            self.save.setEnabled(True)
            self.shared.hide()

    def _on_share(self) -> None:
        here = self._current()
        if here is not None:
            said = tr("“{name}” is only mine now", name=here.name)
            if not here.is_shared:
                said = tr("“{name}” is for everybody now", name=here.name)
            self._context.write(
                saved_filters.share, here.id, not here.is_shared, say=lambda _command: said
            )
            self.close()

    def _on_remove(self) -> None:
        here = self._current()
        if here is not None:
            self._context.write(
                saved_filters.delete, here.id,
                say=lambda _command: self._words.removed(here.name),
            )  # fmt: skip
            self.close()
