"""Giving oneself a PIN: typed twice, in a popover at the foot of the rail."""

from PySide6.QtWidgets import QLineEdit

from salesdesk.errors import SalesDeskError
from salesdesk.services import pins
from salesdesk.text import tr
from salesdesk.ui.context import Context
from salesdesk.ui.widgets.buttons import Button
from salesdesk.ui.widgets.labels import label
from salesdesk.ui.widgets.popup import Popover

_WIDTH = 240


class PinPopover(Popover):
    """Two fields and a button; says what is wrong in place."""

    def __init__(self, context: Context) -> None:
        super().__init__("pin", tr("PIN"))
        self._context = context
        self.setFixedWidth(_WIDTH)
        digits = f"{pins.LEAST}–{pins.MOST}"
        self.first = self._line("pin-first", tr("New PIN, {n} digits", n=digits))
        self.again = self._line("pin-again", tr("The same again"))
        self.wrong = label("", "problem", wrap=True)
        self.wrong.setObjectName("pin-wrong")
        self.wrong.hide()
        self.keep = Button(tr("Keep this PIN"), "pin-keep", "primary", self._keep)
        words = tr("Asked when someone switches to your name in this workspace. It guards against "
                   "slips only.")  # fmt: skip
        self.body.addWidget(label(words, "muted", wrap=True))
        for widget in (self.first, self.again, self.wrong, self.keep):
            self.body.addWidget(widget)
        self.first.returnPressed.connect(self.again.setFocus)
        self.again.returnPressed.connect(self._keep)

    def _line(self, name: str, text: str) -> QLineEdit:
        made = QLineEdit()
        made.setObjectName(name)
        made.setAccessibleName(text)
        made.setPlaceholderText(text)
        made.setEchoMode(QLineEdit.EchoMode.Password)
        made.setMaxLength(pins.MOST)
        return made

    def showEvent(self, event: object) -> None:
        self.first.setFocus()

    def _keep(self) -> None:
        person = self._context.person_id
        if self.first.text() != self.again.text():
            self._say(tr("The two are not the same."))
            return
        if person is None:
            self.close()
            return
        # Methods, not functions: closed meanwhile, it is not called any more.
        self._context.write(
            pins.set_pin, person, self.first.text(), failed=self._on_failed, done=self._on_kept,
            say=lambda _command: tr("Your PIN is kept"),
        )  # fmt: skip

    def _on_kept(self, _command: object) -> None:
        self.close()

    def _on_failed(self, error: Exception) -> bool:
        if not isinstance(error, SalesDeskError):
            return False
        self._say(error.text())
        return True

    def _say(self, text: str) -> None:
        self.wrong.setText(text)
        self.wrong.show()
        self.again.clear()
        self.first.setFocus()
        self.adjustSize()
