"""The form of a new client; clients that are likely the same are shown while one types."""

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from salesdesk.services.clients import ClientKind, NewClient, tax_doubt
from salesdesk.services.duplicates import Typed
from salesdesk.services.phones import is_email
from salesdesk.text import tr, trp
from salesdesk.ui import theme
from salesdesk.ui.clients import words
from salesdesk.ui.context import Context
from salesdesk.ui.widgets.buttons import PrimaryButton
from salesdesk.ui.widgets.chips import ChipRow
from salesdesk.ui.widgets.labels import label
from salesdesk.ui.widgets.matches import Matches
from salesdesk.ui.widgets.popup import Popover

_WIDTH = 340


class NewClientForm(Popover):
    """``wanted(NewClient)`` on Enter; ``client_wanted(id)`` and ``deal_wanted(id)`` when one that
    is there already is chosen instead."""

    wanted = Signal(object)
    client_wanted = Signal(object)
    deal_wanted = Signal(object)

    def __init__(
        self,
        context: Context,
        kind: ClientKind = "company",
        company: tuple[int, str] | None = None,
        parent: QWidget | None = None,
    ) -> None:
        """``company``: the new contact person belongs to it."""
        super().__init__("new-client", tr("New client"), parent)
        self._context = context
        self._company = company
        self._region = context.ask(_region)
        self.setFixedWidth(_WIDTH)
        self.body.setContentsMargins(theme.M, theme.M, theme.M, theme.M)
        self.body.setSpacing(theme.S)
        title = tr("New client")
        if company is not None:
            title = tr("New contact person of {company}", company=company[1])
        self.body.addWidget(label(title, "strong", wrap=True))
        kinds = [("company", words.kind("company")), ("contact", words.kind("contact"))]
        self.kinds = ChipRow(kinds, "new-client-kind", tr("Kind"))
        self.kinds.set_value(kind)
        self.kinds.chosen.connect(self._on_kind)
        self.body.addWidget(self.kinds)
        self.kinds.setVisible(company is None)
        self.name = self._field("name", trp("client", "Name"))
        self.company = self._field("company", tr("Company (a new one too)"))
        self.phone = self._field("phone", tr("Phone"))
        self.email = self._field("email", tr("E-mail"))
        self.tax = self._field("tax", tr("Tax number"))
        self.doubt = label("", "muted", wrap=True)
        self.doubt.hide()
        self.body.addWidget(self.doubt)
        self.matches = Matches(context, "new-client-matches")
        self.matches.client_wanted.connect(self._on_client)
        self.matches.deal_wanted.connect(self._on_deal)
        self.matches.found.connect(lambda _found: self.adjustSize())
        self.body.addWidget(self.matches)
        self.button = PrimaryButton(tr("Create"), "new-client-create", self.take)
        self.button.setEnabled(False)
        self.body.addWidget(self.button, 0, Qt.AlignmentFlag.AlignRight)
        self._on_kind(self.kinds.value())

    def _field(self, name: str, text: str) -> QLineEdit:
        field = QLineEdit()
        field.setObjectName(f"new-client-{name}")
        field.setAccessibleName(text)
        field.setPlaceholderText(text)
        field.returnPressed.connect(self.take)
        field.textChanged.connect(self._on_typed)
        self.body.addWidget(field)
        return field

    def open_under(self, anchor: QWidget) -> None:
        """Open under the right end of ``anchor``."""
        self.adjustSize()
        corner = anchor.mapToGlobal(QPoint(anchor.width(), anchor.height() + theme.XS))
        self.move(corner - QPoint(self.width(), 0))
        self.show()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.name.setFocus()

    def _on_kind(self, kind: str) -> None:
        self.company.setVisible(kind == "contact" and self._company is None)
        self.adjustSize()
        self._on_typed()

    def _on_typed(self) -> None:
        self.button.setEnabled(bool(self.name.text().strip()))
        self._show_doubt()
        self.matches.look_for(
            Typed(
                self.name.text(), _filled(self.phone), _filled(self.email), self.tax.text() or None,
                self.kinds.value(),
            )
        )  # fmt: skip

    def _show_doubt(self) -> None:
        """What looks mistyped; nothing is refused for it."""
        doubts = []
        email = self.email.text().strip()
        if email and not is_email(email):
            doubts.append(tr("Not an e-mail address as we know them; kept as typed."))
        number = tax_doubt(self.tax.text(), self._region)
        if number and (len(self.tax.text().strip()) >= 10 or not self.tax.hasFocus()):
            doubts.append(tr(number))
        self.doubt.setText("\n".join(doubts))
        self.doubt.setVisible(bool(doubts))
        self.adjustSize()

    def take(self) -> None:
        """Make the client."""
        name = self.name.text().strip()
        if not name:
            return
        kind: ClientKind = "contact" if self.kinds.value() == "contact" else "company"
        new = NewClient(
            kind, name, company_id=None if self._company is None else self._company[0],
            company=self.company.text() if kind == "contact" else "",
            phones=_filled(self.phone), emails=_filled(self.email),
            tax_number=self.tax.text().strip() or None,
        )  # fmt: skip
        self.close()
        self.wanted.emit(new)

    def _on_client(self, client: int) -> None:
        self.close()
        self.client_wanted.emit(client)

    def _on_deal(self, deal: int) -> None:
        self.close()
        self.deal_wanted.emit(deal)


def _filled(field: QLineEdit) -> tuple[str, ...]:
    text = field.text().strip()
    return (text,) if text else ()


def _region(r: object) -> str:
    from salesdesk.services import phones

    return phones.region_of(r)
