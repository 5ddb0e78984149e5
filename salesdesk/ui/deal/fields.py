"""The rows of fields: the main ones, and the rest behind "More fields"."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from salesdesk.moments import Zone
from salesdesk.services.dealview import Choices, DealView, Named
from salesdesk.services.phones import Phone
from salesdesk.text import tr
from salesdesk.ui import formats, theme
from salesdesk.ui.awaiting import field_name
from salesdesk.ui.context import Context
from salesdesk.ui.deal import words
from salesdesk.ui.deal.kinds import ProbabilityKind, TagsKind, options_of, own_kind, own_shown
from salesdesk.ui.deal.pick import ClientPicker, Picked, PickRow, Shown
from salesdesk.ui.deal.standing import changeable
from salesdesk.ui.widgets.buttons import IconButton, LinkButton
from salesdesk.ui.widgets.fields import LABEL_WIDTH, FieldRow
from salesdesk.ui.widgets.kinds import ChoiceKind, DateKind, MoneyKind
from salesdesk.ui.widgets.labels import label, set_role
from salesdesk.ui.widgets.popup import Option

_MORE = "deal/more_fields"


@dataclass(frozen=True, slots=True)
class Change:
    """A field that a person set: a column of the deal, ``tags``, or an own field by its id."""

    name: str
    value: Any
    own_id: int | None = None


class FieldList(QWidget):
    """``changed(Change)`` when a field was set; ``client_picked(column, Picked)`` for a client."""

    changed = Signal(object)
    client_picked = Signal(str, object)

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context
        self._zone: Zone = context.store.zone
        self._deal: DealView | None = None
        self._choices: Choices | None = None
        self.rows: dict[str, FieldRow] = {}
        self._own: dict[int, FieldRow] = {}
        self.phone = PhoneRow()
        self._main = _column()
        self._rest = _column()
        self._more = QWidget()
        self._more.setLayout(self._rest)
        self.more_button = LinkButton("", "deal-more", self._on_more)
        self.more_button.setStyleSheet("padding: 0;")
        self._add_main()
        self._add_rest()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(self._main)
        column.addWidget(self._more)
        column.addWidget(self.more_button, 0, Qt.AlignmentFlag.AlignLeft)
        self._more.setVisible(context.remember.flag(_MORE))

    def _add_main(self) -> None:
        self._add(self._main, "client_id", PickRow("", "deal-company", self._company_picker))
        self._add(self._main, "contact_id", PickRow("", "deal-contact", self._contact_picker))
        self._main.addWidget(self.phone)
        self._add_choice(self._main, "source_id", "deal-source", "sources", "source")
        self._add_day(self._main, "expected_day", "deal-close")
        self._add_choice(self._main, "lost_reason_id", "deal-lost", "lost_reasons", "lost_reason")
        self._add(self._main, "in_stage", _told("deal-in-stage"))

    def _add_rest(self) -> None:
        self._add(self._rest, "cost", FieldRow("", MoneyKind("RUB"), "deal-cost"))
        self._add(self._rest, "currency", FieldRow("", ChoiceKind(self._currencies),
                                                   "deal-currency"))  # fmt: skip
        self._add_day(self._rest, "start_day", "deal-start")
        self._add(self._rest, "probability", FieldRow("", ProbabilityKind(0), "deal-probability"))
        self._add(self._rest, "tags", FieldRow("", TagsKind(), "deal-tags", ()))
        self._add_choice(self._rest, "industry_id", "deal-industry", "industries", "industry")
        self._add(self._rest, "created", _told("deal-created"))
        self._add(self._rest, "external_id", _told("deal-external"))

    def _add(self, column: QVBoxLayout, name: str, row: FieldRow) -> None:
        self.rows[name] = row
        row.committed.connect(lambda value: self._on_committed(row, Change(name, value)))
        column.addWidget(row)

    def _on_committed(self, row: FieldRow, change: Change) -> None:
        row.show_problem("")
        self.changed.emit(change)

    def _add_day(self, column: QVBoxLayout, name: str, row: str) -> None:
        self._add(column, name, FieldRow("", DateKind(self._today), row))

    def _add_choice(self, column: QVBoxLayout, name: str, row: str, which: str, shown: str) -> None:
        def options() -> list[Option]:
            if self._deal is None or self._choices is None:
                return []
            given: tuple[Named, ...] = getattr(self._choices, which)
            return options_of(given, (getattr(self._deal, name), getattr(self._deal, shown)))

        self._add(column, name, FieldRow("", ChoiceKind(options), row))

    # -- what is shown ------------------------------------------------------------------------

    def show_deal(self, deal: DealView, choices: Choices) -> None:
        """Show the fields of a deal; what is being typed stays."""
        self._deal, self._choices = deal, choices
        rows = self.rows
        rows["cost"].kind = MoneyKind(deal.currency)
        rows["probability"].kind = ProbabilityKind(deal.stage_probability)
        rows["client_id"].set_value(words.company(deal))
        rows["contact_id"].set_value(deal.contact or formats.DASH)
        for name in (
            "source_id", "expected_day", "lost_reason_id", "cost", "currency", "start_day",
            "probability", "tags", "industry_id", "external_id",
        ):  # fmt: skip
            rows[name].set_value(getattr(deal, name))
        self._show_stage(deal)
        rows["lost_reason_id"].setVisible(deal.stage_kind == "lost")
        rows["created"].set_value(self._created(deal))
        rows["external_id"].setVisible(deal.external_id is not None)
        self._show_own(deal)
        for row in (*rows.values(), *self._own.values()):
            here = changeable(self._context, deal)
            row.set_editable(here and not isinstance(row.kind, Told))

    def _show_stage(self, deal: DealView) -> None:
        row = self.rows["in_stage"]
        row.set_value(words.in_stage(deal))
        value = row.findChild(QWidget, "deal-in-stage-value")
        role = "problem" if deal.age == "stuck" else ""
        if value is not None and (value.property("role") or "") != role:
            set_role(value, role)

    def _created(self, deal: DealView) -> str:
        now = self._context.now()
        at = "" if deal.created_at is None else formats.moment(self._zone, deal.created_at, now)
        return f"{at} · #{deal.number}" if at else f"#{deal.number}"

    def _show_own(self, deal: DealView) -> None:
        if [field.id for field in deal.fields] != list(self._own):
            for row in self._own.values():
                row.hide()
                row.deleteLater()
            self._own.clear()
            for field in deal.fields:
                self._add_own(field.id)
        for field in deal.fields:
            row = self._own[field.id]
            row.kind = own_kind(field, deal.currency, self._today)
            row.set_value(own_shown(field))
            row.set_label(field.name)

    def _add_own(self, field_id: int) -> None:
        row = FieldRow("", Shown(), f"deal-own-{field_id}")
        row.committed.connect(lambda value: self._on_committed(row, Change("own", value, field_id)))
        self._own[field_id] = row
        self._rest.addWidget(row)

    def retranslate(self) -> None:
        """Set every label anew."""
        for name, row in self.rows.items():
            row.set_label(field_name(name))
        self.phone.retranslate()
        self._show_more()
        if self._deal is not None and self._choices is not None:
            self.show_deal(self._deal, self._choices)

    # -- editing ------------------------------------------------------------------------------

    def editing(self) -> FieldRow | None:
        """The row that is being edited."""
        rows = (*self.rows.values(), *self._own.values())
        return next((row for row in rows if row.editing()), None)

    def point_out(self, names: tuple[str, ...]) -> None:
        """Show the fields that a stage asks for, and go to the first of them."""
        found = [row for name in names if (row := self._row(name)) is not None]
        if any(self._more.isAncestorOf(row) for row in found) and self._more.isHidden():
            self._on_more()
        for row in found:
            row.show_problem(tr("The stage asks for this."))
        if found:
            value = found[0].findChild(QWidget, f"{found[0].objectName()}-value")
            if value is not None:
                value.setFocus(Qt.FocusReason.OtherFocusReason)

    def clear_problems(self) -> None:
        """Take the hints of ``point_out`` away."""
        for row in (*self.rows.values(), *self._own.values()):
            if not row.editing():
                row.show_problem("")

    def _row(self, name: str) -> FieldRow | None:
        known = self.rows.get(words.field_key(name))
        if known is not None or self._deal is None:
            return known
        wanted = next((field.id for field in self._deal.fields if field.name == name), None)
        return None if wanted is None else self._own.get(wanted)

    def _today(self) -> int:
        return self._zone.day_of(self._context.now())

    def _currencies(self) -> list[Option]:
        known = self._choices.currencies if self._choices is not None else ()
        here = () if self._deal is None else (self._deal.currency,)
        return [
            Option(code, f"{code} {formats.sign(code)}" if formats.sign(code) != code else code)
            for code in dict.fromkeys((*known, *here))
        ]

    def _company_picker(self) -> ClientPicker:
        return self._client_picker("client_id", "company", "deal-companies")

    def _contact_picker(self) -> ClientPicker:
        return self._client_picker("contact_id", "contact", "deal-contacts")

    def _client_picker(self, column: str, kind: str, name: str) -> ClientPicker:
        deal = self._deal
        company = deal.client_id if deal is not None and kind == "contact" else None
        has_one = deal is not None and getattr(deal, column) is not None
        picker = ClientPicker(self._context, kind, name, field_name(column), company, has_one, self)
        picker.picked.connect(lambda picked: self._on_client(column, picked))
        return picker

    def _on_client(self, column: str, picked: Picked) -> None:
        is_new = picked.id is None and picked.name
        if self._deal is None or (picked.id == getattr(self._deal, column) and not is_new):
            return
        self.client_picked.emit(column, picked)

    def _on_more(self) -> None:
        self._more.setVisible(self._more.isHidden())
        self._context.remember.set(_MORE, not self._more.isHidden())
        self._show_more()

    def _show_more(self) -> None:
        hidden = self._more.isHidden()
        self.more_button.set_text(tr("More fields") if hidden else tr("Fewer fields"))


class Told(Shown):
    """A value that only the program sets."""


def _told(name: str) -> FieldRow:
    return FieldRow("", Told(), name, editable=False)


def _column() -> QVBoxLayout:
    made = QVBoxLayout()
    made.setContentsMargins(0, 0, 0, 0)
    made.setSpacing(0)
    return made


def call(uri: str) -> None:
    """Have the system call a number (``tel:``)."""
    QDesktopServices.openUrl(QUrl(uri))


class PhoneRow(QWidget):
    """The contact's phone: a link that calls, and a button that copies. Hidden without a phone."""

    def __init__(self, dial: Callable[[str], object] = call) -> None:
        super().__init__()
        self.setObjectName("deal-phone")
        self._dial = dial
        self._phone: Phone | None = None
        self._label = label("", "muted")
        self._label.setFixedWidth(LABEL_WIDTH)
        self.link = LinkButton("", "deal-phone-call", self._on_call)
        self.link.setStyleSheet("padding: 0;")
        self.copy_button = IconButton("copy", "", "deal-phone-copy", self._on_copy, "quiet")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.XS)
        row.addWidget(self._label)
        row.addWidget(self.link)
        row.addWidget(self.copy_button)
        row.addStretch(1)
        self.setFixedHeight(24)
        self.hide()

    def set_phone(self, phone: Phone | None) -> None:
        """Show a number as its country writes it, or hide the row."""
        self._phone = phone
        shown = "" if phone is None else phone.shown
        self.link.set_text(shown, tr("Call {phone}", phone=shown))
        self.link.setToolTip(tr("Call {phone}", phone=shown))
        self.setVisible(phone is not None)

    def retranslate(self) -> None:
        """Set the texts anew."""
        self._label.setText(field_name("phone"))
        self.copy_button.set_text(tr("Copy the number"))
        self.set_phone(self._phone)

    def _on_call(self) -> None:
        if self._phone is not None:
            self._dial(self._phone.dial)

    def _on_copy(self) -> None:
        if self._phone is not None:
            QGuiApplication.clipboard().setText(self._phone.copied)
