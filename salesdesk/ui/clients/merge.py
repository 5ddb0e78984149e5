"""Merging two or more clients (or deals) into one: field by field, with a word on what follows."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QLineEdit,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from salesdesk.services import duplicates, mergefields, merging
from salesdesk.services.mergefields import MergeMember, MergePreview, Table
from salesdesk.services.merging import Merged
from salesdesk.text import N_, ntr, tr
from salesdesk.ui import shortcuts, theme
from salesdesk.ui.clients.merge_table import MergeTable
from salesdesk.ui.context import Context
from salesdesk.ui.widgets.buttons import Button, PrimaryButton
from salesdesk.ui.widgets.labels import label


class MergeView(QWidget):
    """``merged(table, id)`` when it is done, ``left()`` when it is not wanted, ``apart()`` when
    the clients were said to be no duplicates."""

    merged = Signal(str, object)
    left = Signal()
    apart = Signal()

    def __init__(self, context: Context, name: str = "merge") -> None:
        super().__init__()
        self.setObjectName(name)
        self._context = context
        self._table: Table = "client"
        self._ids: tuple[int, ...] = ()
        self._as_duplicates = False
        self.title = label("", "heading", wrap=True)
        self.told = label("", "muted", wrap=True)
        self.table = MergeTable(f"{name}-table")
        self.button = PrimaryButton("", f"{name}-ok", self.take)
        self.apart_button = Button("", f"{name}-apart", "plain", self._on_apart)
        self.drop_button = Button("", f"{name}-drop", "plain", self.leave_out)
        self.cancel_button = Button("", f"{name}-cancel", "plain", self.left.emit)
        self._build()
        self.table.stays_wanted.connect(self._on_stays)
        self.table.selectionModel().currentChanged.connect(lambda *_: self._show_drop())
        shortcuts.add(self, "Esc", N_("Close the panel"), self.left.emit, everywhere=False)
        shortcuts.add(self, "Ctrl+Return", N_("Merge"), self.take, N_("Clients"), everywhere=False)

    def _build(self) -> None:
        self._foot = QWidget()
        buttons = QHBoxLayout(self._foot)
        buttons.setContentsMargins(0, theme.S, 0, 0)
        buttons.setSpacing(theme.S)
        buttons.addWidget(self.apart_button)
        buttons.addWidget(self.drop_button)
        buttons.addStretch(1)
        buttons.addWidget(self.cancel_button)
        buttons.addWidget(self.button)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.L, theme.M, theme.L, theme.M)
        column.setSpacing(theme.S)
        column.addWidget(self.title)
        column.addWidget(self.told)
        column.addWidget(self.table)
        column.addWidget(self._foot)
        column.addStretch(1)

    def open(self, table: Table, ids: Sequence[int], as_duplicates: bool = False) -> None:
        """Show what merging these would do."""
        self._table, self._ids, self._as_duplicates = table, tuple(ids), as_duplicates
        self._read(None)

    def _read(self, stays: int | None) -> None:
        self._context.read(
            mergefields.preview, self._table, list(self._ids), stays,
            done=self._on_preview, failed=self._on_failed, key=self.objectName(),
        )  # fmt: skip

    def _on_preview(self, preview: MergePreview) -> None:
        self.table.show_preview(preview)
        self.table.fit_height(14)
        self._foot.setMaximumWidth(self.table.maximumWidth())
        self.retranslate()
        # Not while it is typed somewhere, nor when another page was opened meanwhile.
        typing = isinstance(QApplication.focusWidget(), QLineEdit | QPlainTextEdit)
        if self.isVisible() and not typing:
            self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_failed(self, _error: Exception) -> bool:
        """One of them is gone: there is nothing to merge here any more."""
        self.left.emit()
        return False

    def _on_stays(self, key: int) -> None:
        self._read(key)

    def retranslate(self) -> None:
        """Set every text anew."""
        preview = self.table.merge.preview
        count = len(self._ids)
        of_clients = self._table == "client"
        self.title.setText(
            ntr("Merge {n} client into one", "Merge {n} clients into one", count)
            if of_clients
            else ntr("Merge {n} deal into one", "Merge {n} deals into one", count)
        )
        self.told.setText("" if preview is None else self._follows(preview))
        self.table.setAccessibleName(self.title.text())
        self.button.set_text(tr("Merge"))
        self.button.setToolTip(shortcuts.hint(tr("Merge"), "Ctrl+Return"))
        self.cancel_button.set_text(tr("Cancel"))
        self.apart_button.set_text(tr("These are different clients"))
        self.apart_button.setVisible(self._as_duplicates)
        self._show_drop()
        self.table.viewport().update()
        self.table.horizontalHeader().viewport().update()

    def _current(self) -> MergeMember | None:
        """The record of the column with the keyboard."""
        preview, column = self.table.merge.preview, self.table.currentIndex().column()
        if preview is None or not 1 <= column <= len(preview.members):
            return None
        return preview.members[column - 1]

    def _show_drop(self) -> None:
        """Of three or more, one may be left out."""
        member = self._current()
        self.drop_button.setVisible(len(self._ids) > 2 and member is not None)
        if member is not None:
            name = member.name if len(member.name) <= 30 else f"{member.name[:29]}…"
            self.drop_button.set_text(tr("Leave out “{name}”", name=name))

    def leave_out(self) -> None:
        """Merge the others without the record of the column with the keyboard."""
        member = self._current()
        if member is not None and len(self._ids) > 2:
            self._ids = tuple(each for each in self._ids if each != member.id)
            self._read(None)

    def _follows(self, preview: MergePreview) -> str:
        """What goes where."""
        kept = next(each for each in preview.members if each.id == self.table.merge.stays)
        gone = [each for each in preview.members if each.id != kept.id]
        parts = []
        if preview.table == "client":
            deals = sum(each.deals for each in gone)
            parts.append(ntr("{n} deal", "{n} deals", deals) if deals else "")
        parts += [_number(gone, "tasks"), _number(gone, "notes"), _number(gone, "payments")]
        moved = ", ".join(part for part in parts if part)
        if preview.table == "deal":
            said = tr(
                "“{name}” keeps its stage and counts in the ranking; the moves of the others stay "
                "readable in its history.", name=kept.name,
            )  # fmt: skip
        else:
            said = tr("Phones, e-mails and links of the others lead to “{name}”.", name=kept.name)
        also = tr("Moved along: {what}.", what=moved) if moved else ""
        return " ".join(filter(None, (said, also, tr("Undo takes it back, weeks later too."))))

    # -- doing it ---------------------------------------------------------------------------------

    def take(self) -> None:
        """Merge them as chosen."""
        model = self.table.merge
        if model.preview is None or {m.id for m in model.preview.members} != set(self._ids):
            return
        others = [each.id for each in model.preview.members if each.id != model.stays]
        table = self._table
        verb = merging.merge_clients if table == "client" else merging.merge_deals
        self._context.write(
            verb, model.stays, others, choices=dict(model.choices),
            done=lambda merged: self._on_merged(table, merged), say=_said,
        )  # fmt: skip

    def _on_merged(self, table: str, merged: Merged) -> None:
        self.merged.emit(table, merged.id)

    def _on_apart(self) -> None:
        self._context.write(
            duplicates.keep_apart, list(self._ids), done=lambda _command: self.apart.emit(),
            say=lambda _command: tr("Kept apart"),
        )  # fmt: skip


def _number(members: Sequence[Any], what: str) -> str:
    count = sum(getattr(each, what) for each in members)
    if not count:
        return ""
    if what == "tasks":
        return ntr("{n} task", "{n} tasks", count)
    if what == "notes":
        return ntr("{n} note", "{n} notes", count)
    return ntr("{n} payment", "{n} payments", count)


def _said(merged: Merged) -> str:
    return tr("Merged into “{name}”", name=merged.name)
