"""The backups of this workspace, and one right now."""

from typing import Any

from PySide6.QtWidgets import QApplication, QHBoxLayout, QWidget

from salesdesk.text import ntr, tr
from salesdesk.ui import formats, theme
from salesdesk.ui.context import Context
from salesdesk.ui.settings.section import Row, Rows, Section, card, heads, words
from salesdesk.ui.widgets.buttons import PrimaryButton
from salesdesk.ui.widgets.labels import ElidedLabel, label

_WHEN, _WHY, _SIZE = 200, 200, 100
_MOST = 60


class BackupsSection(Section):
    """A verified backup is made every day by itself; the list shows what there is."""

    def __init__(self, context: Context, title: str) -> None:
        super().__init__(
            context, title,
            tr("While SalesDesk is open it makes a verified backup once a day. It keeps those of "
               "12 days, 10 weeks and 9 months, and never takes more than a tenth of the free "
               "disk."),
        )  # fmt: skip
        self.now_button = PrimaryButton(tr("Back up now"), "settings-backup-now", self._back_up)
        self._passed_to: QWidget | None = None
        self.folder = ElidedLabel("", "muted")
        self.folder.setObjectName("settings-backup-folder")
        top = QHBoxLayout()
        top.setSpacing(theme.M)
        top.addWidget(self.now_button)
        top.addWidget(self.folder, 1)
        self.inside.addLayout(top)
        self.card = card()
        columns = [(tr("Made"), _WHEN), (tr("Why"), _WHY), (tr("Size"), _SIZE), (tr("File"), 0)]
        self.card.body.addWidget(heads(columns))
        self.rows = Rows(lambda _item: _BackupRow(), last=True)
        self.card.body.addWidget(self.rows)
        self.more = label("", "muted")
        self.more.setContentsMargins(16, 8, 16, 8)
        self.card.body.addWidget(self.more)
        self.inside.addWidget(self.card)

    def question(self, r: Any) -> Any:
        from salesdesk.services import workspaces

        path = self.context.store.path
        return workspaces.backup_folder(path), workspaces.backups_of(path)

    def fill(self, found: Any) -> None:
        folder, entries = found
        self.folder.set_text(str(folder))
        zone, now = self.context.store.zone, self.context.now()
        shown = [
            (str(each.path), (formats.moment(zone, each.at, now), _reason(each.reason),
                              _size(each.size), each.path.name))
            for each in entries[:_MOST]
        ]  # fmt: skip
        self.rows.set_items(shown)
        left = len(entries) - len(shown)
        older = ntr("And {n} older one", "And {n} older ones", left) if left else ""
        self.more.setText(older if entries else tr("There is no backup yet."))
        self.more.setVisible(bool(self.more.text()))

    def allowed(self, r: Any) -> bool:
        return True

    def _back_up(self) -> None:
        had = self.now_button.hasFocus()
        self.now_button.setEnabled(False)
        self._passed_to = QApplication.focusWidget() if had else None
        path, now = self.context.store.path, self.context.now()

        def make() -> str:
            from salesdesk.services import workspaces

            return workspaces.back_up(path, now).path.name

        self.context.background.ask(make, self._on_made, self._on_failed)

    def _end(self) -> None:
        """The button has the keyboard again, unless somebody has gone on with it."""
        self.now_button.setEnabled(True)
        if self._passed_to is not None and self._passed_to is QApplication.focusWidget():
            self.now_button.setFocus()

    def _on_made(self, name: str) -> None:
        self._end()
        self.context.say(tr("Backup made and verified: {file}", file=name))
        self.refresh()

    def _on_failed(self, error: Exception) -> None:
        self._end()
        self.context.fail(error)


class _BackupRow(Row):
    def __init__(self) -> None:
        super().__init__("settings-backup")
        self.texts = [words(width) for width in (_WHEN, _WHY, _SIZE, 0)]
        for text in self.texts:
            self.add(text, 0 if text is not self.texts[-1] else 1)

    def fill(self, item: Any) -> None:
        for widget, text in zip(self.texts, item, strict=True):
            widget.set_text(text)


def _reason(reason: str) -> str:
    return {
        "daily": tr("Every day"),
        "before-upgrade": tr("Before an upgrade"),
        "by-hand": tr("Asked for"),
    }.get(reason, reason)


def _size(size: int) -> str:
    from decimal import Decimal

    megabytes = Decimal(size) / 1_000_000
    if megabytes < Decimal("0.1"):
        return tr("{n} kB", n=formats.decimal(Decimal(max(size // 1000, 1))))
    return tr("{n} MB", n=formats.decimal(megabytes, 1))
