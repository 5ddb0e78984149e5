"""What to tell the system's scheduler, so that the digest goes out without an open window."""

import os
import sys
from pathlib import Path

from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import QFileDialog, QPlainTextEdit

from salesdesk.errors import SalesDeskError
from salesdesk.moments import Zone
from salesdesk.services import digest_schedule, machine_locale
from salesdesk.services.digest_schedule import CRON, SYSTEMD, WINDOWS, Schedule
from salesdesk.text import N_, tr
from salesdesk.ui import theme
from salesdesk.ui.settings.section import Section, inline
from salesdesk.ui.widgets.buttons import Button
from salesdesk.ui.widgets.chips import ChipRow
from salesdesk.ui.widgets.labels import Card, label

_LINES = {CRON: 3, SYSTEMD: 18, WINDOWS: 7}
_HINTS = {
    CRON: N_("Run crontab -e and add this line. It asks the keyring of your session, so log in "
             "after a start of the computer."),
    SYSTEMD: N_("Save both files into ~/.config/systemd/user, then run: systemctl --user enable "
                "--now salesdesk-digest.timer. A time that was missed is made up for."),
    WINDOWS: N_("Paste these lines into PowerShell. The task runs while you are logged in; a time "
                "that was missed is made up for."),
}  # fmt: skip


class TimerCard(Card):
    """The line, the files or the task, with the program and the workspace as they are here."""

    def __init__(self, section: Section) -> None:
        super().__init__(tr("Without an open window"))
        self.section = section
        self._schedule: Schedule | None = None
        names = [(SYSTEMD, "systemd"), (CRON, "cron"), (WINDOWS, "Windows")]
        self.kind = ChipRow(names, "digest-scheduler", tr("Scheduler"))
        self.kind.set_value(WINDOWS if sys.platform == "win32" else SYSTEMD)
        self.kind.chosen.connect(lambda _key: self._show())
        self.copy = Button(tr("Copy"), "digest-schedule-copy", "chip", self._on_copy)
        self.save = Button(tr("Save…"), "digest-schedule-save", "chip", self._on_save)
        self.body.addWidget(inline(self.kind, 1, self.copy, self.save))
        self.lines = QPlainTextEdit()
        self.lines.setObjectName("digest-schedule")
        self.lines.setAccessibleName(tr("What the scheduler is told"))
        self.lines.setReadOnly(True)
        self.lines.setTabChangesFocus(True)
        self.lines.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.body.addWidget(self.lines)
        self.hint = label("", "muted", wrap=True)
        self.body.addWidget(self.hint)

    def fill(self, minute: int) -> None:
        """Show the lines for a time of day."""
        context = self.section.context
        try:
            self._schedule = digest_schedule.schedule(
                digest_schedule.program_here(), context.store.path.resolve(), context.language,
                minute, zone=context.store.zone, machine=Zone(machine_locale.zone()),
                now=context.now(),
            )  # fmt: skip
        except SalesDeskError as error:
            self._schedule = None
            self.hint.setText(error.text())
        self._show()

    def _show(self) -> None:
        there = self._schedule is not None
        for widget in (self.lines, self.copy, self.save):
            widget.setVisible(there)
        if self._schedule is None:
            return
        kind = self.kind.value()
        self.lines.setPlainText(self.text())
        self.lines.setFixedHeight(
            self.lines.fontMetrics().lineSpacing() * _LINES[kind] + 2 * theme.M
        )
        self.hint.setText(tr(_HINTS[kind]))

    def files(self) -> dict[str, str]:
        """The files of the kind that is chosen, by name."""
        assert self._schedule is not None
        kind = self.kind.value()
        if kind == SYSTEMD:
            return digest_schedule.systemd_units(self._schedule)
        if kind == WINDOWS:
            return {"salesdesk-digest.ps1": digest_schedule.windows_task(self._schedule)}
        user = os.getuid() if hasattr(os, "getuid") else 0
        return {"salesdesk-digest.cron": digest_schedule.cron_line(self._schedule, user)}

    def text(self) -> str:
        """All of it, as it is shown and copied."""
        found = self.files()
        if len(found) == 1:
            return next(iter(found.values()))
        return "\n".join(f"# {name}\n{content}" for name, content in found.items())

    def _on_copy(self) -> None:
        QGuiApplication.clipboard().setText(self.text())
        self.section.context.say(tr("Copied"))

    def _on_save(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, tr("Folder for the files"))
        if not chosen:
            return
        try:
            for name, content in self.files().items():
                # PowerShell reads other letters than English ones only behind this mark
                mark = "utf-8-sig" if name.endswith(".ps1") else "utf-8"
                Path(chosen, name).write_text(content, encoding=mark)
        except OSError:
            self.section.context.fail(SalesDeskError(
                N_("The files were not saved"),
                N_("{file} cannot be written; nothing was changed."), file=chosen,
            ))  # fmt: skip
            return
        self.section.context.say(tr("Saved in {folder}", folder=chosen))
