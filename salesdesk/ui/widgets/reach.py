"""A phone or an e-mail as a row: as its country writes it, edited in place, called, copied."""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication

from salesdesk.services.phones import Phone
from salesdesk.text import tr
from salesdesk.ui import formats
from salesdesk.ui.widgets.buttons import IconButton
from salesdesk.ui.widgets.fields import FieldRow
from salesdesk.ui.widgets.kinds import TextKind


@dataclass(frozen=True)
class ReachKind(TextKind):
    """A phone or an e-mail: what is kept (``of``) is ``shown`` otherwise than it was typed; what
    has just been typed stands as it is until it is kept."""

    longest: int = 200
    shown: str = ""
    of: str = ""

    def show(self, value: object) -> str:
        return self.shown if self.shown and value == self.of else str(value or formats.DASH)


def open_link(link: str) -> None:
    """Have the system call a number or write a letter."""
    QDesktopServices.openUrl(QUrl(link))


class ReachRow(FieldRow):
    """One phone or e-mail with what can be done with it."""

    def __init__(self, name: str, is_phone: bool, opens: Callable[[str], object]) -> None:
        super().__init__("", ReachKind(), name)
        self._opens = opens
        self._is_phone = is_phone
        self._phone: Phone | None = None
        self.use = IconButton(
            "phone" if is_phone else "mail", "", f"{name}-use", self._on_use, "quiet"
        )
        self.copy = IconButton("copy", "", f"{name}-copy", self._on_copy, "quiet")
        self.add_action(self.use)
        self.add_action(self.copy)

    def show_reach(
        self, title: str, value: str | None, phone: Phone | None, known: bool = True
    ) -> None:
        """Show it (again, in another language too); without a value there is nothing to call.
        ``known``: it looks like what it should be."""
        self._phone = phone
        shown = (value or "") if phone is None else phone.shown
        self.kind = ReachKind(shown=shown, of=value or "")
        self.set_value(value)
        self.set_label(title)
        for button in (self.use, self.copy):
            button.setVisible(bool(value))
        if self._is_phone:
            self.use.set_text(tr("Call {phone}", phone=shown))
            self.copy.set_text(tr("Copy the number"))
            doubt = tr("Not a phone number as we know them; kept as typed.")
        else:
            self.use.set_text(tr("Write to {address}", address=shown))
            self.copy.set_text(tr("Copy the address"))
            doubt = tr("Not an e-mail address as we know them; kept as typed.")
        if not self.editing():
            self.show_problem("" if known else doubt, gentle=True)

    def _on_use(self) -> None:
        self._opens(f"mailto:{self.value()}" if self._phone is None else self._phone.dial)

    def _on_copy(self) -> None:
        copied = str(self.value()) if self._phone is None else self._phone.copied
        QGuiApplication.clipboard().setText(copied)
