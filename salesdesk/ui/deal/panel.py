"""The panel of one deal, beside the board: everything about it, edited in place.

What is shown is read in the background and read again when this deal changes, whoever changed it;
what is being typed stays. Each edit is one command on the writer thread.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QRect, QSize, Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QHBoxLayout,
    QMenu,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from salesdesk.errors import NotFound
from salesdesk.services import dealhistory, dealpast, dealview
from salesdesk.services.dealhistory import LATER, HistoryPage
from salesdesk.services.dealview import FIRST_LINES, Choices, OpenedDeal
from salesdesk.services.survivors import survivor
from salesdesk.text import N_, tr
from salesdesk.ui import shortcuts, theme
from salesdesk.ui.context import Context
from salesdesk.ui.deal import menus, standing
from salesdesk.ui.deal.actions import ActionRow
from salesdesk.ui.deal.differs import Differs
from salesdesk.ui.deal.edits import Edits
from salesdesk.ui.deal.fields import FieldList
from salesdesk.ui.deal.history import HistorySection
from salesdesk.ui.deal.inplace import INSET, InPlace, OwnerButton
from salesdesk.ui.deal.linked import LinkedSection
from salesdesk.ui.deal.marks import MarkRow, PastBanner
from salesdesk.ui.deal.payments import PAID_KEY, PaymentSection
from salesdesk.ui.deal.quotes import QuoteSection
from salesdesk.ui.deal.sections import NoteSection
from salesdesk.ui.deal.tasks import TaskSection
from salesdesk.ui.widgets.buttons import IconButton
from salesdesk.ui.widgets.kinds import MoneyKind, TextKind
from salesdesk.ui.widgets.labels import label
from salesdesk.ui.widgets.popup import Option, Picker, show_under
from salesdesk.ui.widgets.revealing import Revealing

MIN_WIDTH, WIDTH, MAX_WIDTH = 300, 340, 460
_SOON_MS, _CALM_MS, _MINUTE_MS, _BELOW_MS = 0, 200, 60_000, 50
_MORE_LINES = 200


class DealPanel(QFrame):
    """``open_deal(id)`` shows a deal. ``closed()`` when it was closed; ``deal_opened(id)`` when a
    linked deal was pressed (the panel shows it by itself; the host may select its card)."""

    closed = Signal()
    deal_opened = Signal(int)

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.context = context
        self.setObjectName("deal-panel")
        self.setProperty("role", "panel")
        self.setMinimumWidth(MIN_WIDTH)
        self.setMaximumWidth(MAX_WIDTH)
        self.deal_id: int | None = None
        self.as_of: int | None = None
        self._opened: OpenedDeal | None = None
        self._lines = FIRST_LINES
        self._stale = False
        #: What fields can be set to, and the day for which that was read.
        self._known: tuple[int, Choices] | None = None
        self._wanted = ""
        self._key = f"deal-panel-{id(self)}"
        self._history_key = f"{self._key}-history"
        self.title = InPlace(TextKind(required=True), "deal-title", "title")
        self.close_button = IconButton("close", "", "deal-close", self.close_panel, "quiet")
        self.more_button = IconButton("more", "", "deal-menu", self._on_menu, "quiet")
        self.amount = InPlace(MoneyKind("RUB"), "deal-amount", "big")
        self.owner = OwnerButton("deal-owner")
        self.marks = MarkRow(self._show_payments)
        self.differs = Differs(context)
        self.past = PastBanner(context.store.zone, self.back_to_now)
        self.pills = ActionRow(context)
        self.fields = FieldList(context)
        self.tasks = TaskSection(context)
        self.quotes = QuoteSection(context)
        self.payments = PaymentSection(context)
        self.linked = LinkedSection(context)
        self.notes = NoteSection(context)
        self.history = HistorySection(context)
        self.edits = Edits(context, self)
        self._build()
        self._connect()
        self.retranslate()
        self.hide()

    def sizeHint(self) -> QSize:
        return QSize(WIDTH, super().sizeHint().height())

    # -- how it is put together -----------------------------------------------------------------

    def _build(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(theme.L - INSET, theme.M, theme.S, 0)
        head.setSpacing(2)
        head.addWidget(self.title, 1)
        head.addWidget(self.more_button, 0, Qt.AlignmentFlag.AlignTop)
        head.addWidget(self.close_button, 0, Qt.AlignmentFlag.AlignTop)
        self.gone = label("", "muted", wrap=True)
        self.gone.hide()
        inside = self._inside = QWidget()
        inside.setProperty("role", "body")
        self._body = body = QVBoxLayout(inside)
        body.setContentsMargins(theme.L, theme.XS, theme.L, theme.L)
        body.setSpacing(theme.M)
        parts = (
            self.gone, self.pills, self.fields, self.tasks, self.quotes, self.payments, self.linked,
            self.notes, self.history,
        )  # fmt: skip
        for part in parts:
            body.addWidget(part)
        body.addStretch(1)
        self.area = QScrollArea()
        self.area.setObjectName("deal-scroll")
        self.area.setWidgetResizable(True)
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setWidget(inside)
        Revealing(self.area, self.tasks.form, self.payments.form, self.notes.form)
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 0, 0, 0)
        column.setSpacing(theme.XS)
        column.addLayout(head)
        column.addLayout(self._money_row())
        column.addWidget(self.marks)
        column.addWidget(self.differs)
        column.addWidget(self.past)
        column.addWidget(self.area, 1)
        bar = self.area.verticalScrollBar()
        bar.rangeChanged.connect(self._fit_body)
        shortcuts.add(self, "Esc", N_("Close the panel"), self._on_escape, everywhere=False)
        shortcuts.add(self, "T", "", self.tasks.add, everywhere=False)  # listed by the board
        told = N_("The next payment of the deal was paid today")
        shortcuts.add(self, PAID_KEY, told, self.payments.pay_next, N_("Deal"), everywhere=False)

    def _money_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setContentsMargins(theme.L - INSET, 0, theme.L - INSET, theme.XS)
        row.setSpacing(theme.XS)
        row.addWidget(self.amount, 1)
        row.addWidget(self.owner, 0, Qt.AlignmentFlag.AlignVCenter)
        return row

    def _fit_body(self, _least: int, most: int) -> None:
        """The scroll bar takes its room from the margin: lines break the same with and without."""
        bar = self.area.verticalScrollBar().sizeHint().width() if most else 0
        self._body.setContentsMargins(theme.L, theme.XS, theme.L - bar, theme.L)

    def _connect(self) -> None:
        self.edits.refused.connect(self._on_refused)
        self.title.committed.connect(lambda value: self.edits.change("title", value))
        self.amount.committed.connect(lambda value: self.edits.change("amount", value))
        self.owner.clicked.connect(self._on_owner)
        self.pills.task_wanted.connect(self.tasks.add)
        self.pills.note_wanted.connect(self.notes.add)
        self.tasks.form.left.connect(self.pills.task.setFocus)
        self.notes.left.connect(self.pills.note.setFocus)
        self.pills.restore_wanted.connect(self.edits.restore)
        self.pills.refused.connect(self.fields.point_out)
        self.pills.moved.connect(self.fields.clear_problems)
        self.fields.changed.connect(self.edits.set_field)
        self.fields.client_picked.connect(self.edits.set_client)
        for part in (self.linked, self.marks):
            part.opened.connect(self._on_linked)
        self.history.more_wanted.connect(self._on_more)
        self.history.then_wanted.connect(self._on_then)
        self.history.view.walked.connect(self._show_line)
        self.context.bus.changed.connect(self._on_changed)
        self.context.language_changed.connect(self.retranslate)
        self.context.rights_changed.connect(self._on_rights)
        self._soon = QTimer(self, singleShot=True)
        self._soon.timeout.connect(self._ask)
        self._below = QTimer(self, interval=_BELOW_MS, singleShot=True)
        self._below.timeout.connect(self._show_below)
        self._waiting: list[tuple[QWidget, Callable[[], None]]] = []
        self._minutes = QTimer(self, interval=_MINUTE_MS)
        self._minutes.timeout.connect(self._on_minute)
        self._minutes.start()

    def retranslate(self) -> None:
        """Set every text anew."""
        self.setAccessibleName(tr("Deal"))
        self.title.set_spoken(tr("Title"))
        self.amount.set_spoken(tr("Amount"))
        self.close_button.set_text(tr("Close"), shortcuts.hint(tr("Close"), "Esc"))
        self.more_button.set_text(tr("More"))
        self.gone.setText(tr("This deal is deleted."))
        self.pills.retranslate()
        self.fields.retranslate()
        self.tasks.retranslate()
        self.quotes.retranslate()
        self.payments.retranslate()
        self.history.retranslate()
        self.past.retranslate()
        if self._opened is not None:
            self._show(self._opened)

    # -- what is shown ------------------------------------------------------------------------

    def open_deal(self, deal_id: int, as_of: int | None = None) -> None:
        """Show a deal (or what it was merged into); with ``as_of`` as it stood at that moment, only
        to be looked at."""
        if as_of is None:
            deal_id = self.context.ask(survivor, "deal", deal_id)
        if (deal_id, as_of) != (self.deal_id, self.as_of):
            self.deal_id, self.as_of = deal_id, as_of
            self._lines = FIRST_LINES
            self._cancel_edits()
        self.show()
        self._ask()

    def back_to_now(self) -> None:
        """Show the deal as it is now."""
        if self.deal_id is not None:
            self.open_deal(self.deal_id)
            self.area.setFocus(Qt.FocusReason.OtherFocusReason)

    def add_task(self, deal_id: int) -> None:
        """Show a deal with the form that adds a task."""
        self._wanted = "task"
        self.open_deal(deal_id)

    def add_note(self, deal_id: int) -> None:
        """Show a deal with the field that adds a note."""
        self._wanted = "note"
        self.open_deal(deal_id)

    def close_panel(self) -> None:
        """Hide it and tell."""
        self._cancel_edits()
        self.deal_id = self.as_of = None
        self._opened = self.edits.deal = None
        self.context.background.forget(self._key)
        self.hide()
        self.closed.emit()

    def _ask(self) -> None:
        self._stale = False
        if self.deal_id is None:
            return
        question: Any = dealview.opened
        given: dict[str, Any] = {"now": self.context.now(), "lines": self._lines}
        if self.as_of is not None:
            question = dealpast.opened
            given["as_of"] = self.as_of
        else:
            shown = self._opened.deal if self._opened is not None else None
            given["later"] = shown is None or shown.id != self.deal_id
            if self._known is not None and self._known[0] == self.context.today():
                given["known"] = self._known[1]
        self.context.read(
            question, self.deal_id, **given,
            done=self._on_read, failed=self._on_failed, key=self._key,
        )  # fmt: skip

    def _on_read(self, opened: OpenedDeal) -> None:
        deal = opened.deal
        if (deal.id, deal.as_of) != (self.deal_id, self.as_of):
            return
        self.context.background.forget(self._history_key)
        shown = self._opened.deal if self._opened is not None else None
        another = shown is None or (shown.id, shown.as_of) != (deal.id, deal.as_of)
        self._opened = opened
        if not self._soon.isActive() and not self._stale:
            self._known = (self.context.today(), opened.choices)
        self.edits.deal = deal if deal.as_of is None else None
        self._show(opened, another)
        if another:
            self.area.verticalScrollBar().setValue(0)
        wanted, self._wanted = self._wanted, ""
        if wanted == "task":
            self.tasks.add()
        elif wanted == "note":
            self.notes.add()

    def _on_failed(self, error: Exception) -> bool:
        """There is nothing to show. That a deal went whose making was taken back needs no word."""
        if self.as_of is not None and self._opened is not None:
            self.as_of = self._opened.deal.as_of  # there was no such past; what is shown stays
            return False
        was_shown = self._opened is not None and self._opened.deal.id == self.deal_id
        self.close_panel()
        return was_shown and isinstance(error, NotFound)

    def _show(self, opened: OpenedDeal, another: bool = False) -> None:
        deal = opened.deal
        self.setUpdatesEnabled(False)
        self.amount.kind = MoneyKind(deal.currency)
        self.title.set_value(deal.title)
        self.amount.set_value(deal.amount)
        self.owner.set_person(deal.owner, deal.owner_id or 0, tr("Responsible"))
        self.gone.setVisible(deal.deleted)
        here = standing.changeable(self.context, deal)
        for part in (self.title, self.amount):
            part.set_editable(here)
        self.owner.setEnabled(here)
        self.marks.show_deal(deal)
        self.differs.show_deal(deal.id if deal.as_of is None else None)
        self.past.show_moment(deal.as_of, self.context.now())
        self._show_parts(opened, another)
        self.setUpdatesEnabled(True)

    def _show_parts(self, opened: OpenedDeal, another: bool) -> None:
        """Fill the sections; of another deal, what lies below the edge of the panel follows when
        the panel has been painted."""
        deal, choices = opened.deal, opened.choices
        shows: list[tuple[Any, Callable[[], None]]] = [
            (self.pills, lambda: self.pills.show_deal(deal, choices)),
            (self.fields, lambda: self._show_fields(opened)),
            (self.tasks, lambda: self.tasks.show_deal(deal, choices)),
            (self.quotes, lambda: self.quotes.show_deal(deal)),
            (self.payments, lambda: self.payments.show_deal(deal, choices)),
            (self.linked, lambda: self.linked.show_deal(deal)),
            (self.notes, lambda: self.notes.show_deal(deal)),
        ]
        told = opened.history
        if told is not LATER:
            shows.append((self.history, lambda: self.history.show_page(told, deal.as_of, another)))
        elif another:
            self.history.hide()
        room = self.area.viewport().height() if another else 1 << 20
        self._below.stop()
        while shows and room > 0:
            part, show = shows.pop(0)
            self._show_part(part, show)
            if not part.isHidden():
                # Lines that were only just made count for nothing in the hint of their size.
                lines = len(part.rows) if part in (self.tasks, self.payments) else 0
                room -= max(part.sizeHint().height(), lines * theme.XL) + theme.M
        self._waiting = shows
        for part, _show in shows:
            part.hide()
        if shows or told is LATER:
            self._below.start()

    def _show_fields(self, opened: OpenedDeal) -> None:
        self.fields.show_deal(opened.deal, opened.choices)
        self.fields.phone.set_phone(opened.phone)

    def _show_part(self, part: QWidget, show: Callable[[], None]) -> None:
        """Fill a section; those that are always there come back, the others decide themselves."""
        if part in (self.fields, self.tasks, self.history):
            part.show()
        show()

    def _show_below(self) -> None:
        waiting, self._waiting = self._waiting, []
        for part, show in waiting:
            self._show_part(part, show)
        opened = self._opened
        if opened is not None and opened.history is LATER:
            self.context.read(
                dealhistory.history, opened.deal.id, limit=self._lines,
                done=lambda page: self._on_history(opened, page), key=self._history_key,
            )  # fmt: skip

    def _on_history(self, opened: OpenedDeal, page: HistoryPage) -> None:
        """A long history follows what it is the history of."""
        if self._opened is opened:
            self._opened = replace(opened, history=page)
            self._show_part(self.history, lambda: self.history.show_page(page, None, True))

    def _on_changed(self, changes: Any) -> None:
        """Something was written: read again if it may stand here."""
        if (standing.AROUND | {"rate"}) & changes.tables.keys():
            self._known = None
        if self.deal_id is None:
            return
        mine = standing.concerns(self._opened, self.deal_id, changes.tables)
        if not mine and not standing.AROUND & changes.tables.keys():
            return
        if not self.isVisible():
            self._stale = True
        elif mine:
            self._soon.start(_SOON_MS)
        elif not self._soon.isActive():
            self._soon.start(_CALM_MS)

    def _on_rights(self) -> None:
        """Somebody else works here, or they may do other things than before."""
        if self._opened is not None and self.isVisible():
            self._show(self._opened)

    def _on_minute(self) -> None:
        """Tasks become overdue and days pass while nothing is written."""
        if self.isVisible():
            self._ask()

    def showEvent(self, event: object) -> None:
        if self._stale:
            self._ask()

    def _show_payments(self) -> None:
        """The chips at the head lead to the payments."""
        self.area.ensureWidgetVisible(self.payments, 0, self.area.viewport().height() // 3)
        row = next(iter(self.payments.rows.values()), None)
        if row is not None and row.isEnabled():
            row.text.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_then(self, moment: int) -> None:
        if self.deal_id is not None:
            self.open_deal(self.deal_id, moment)

    def _on_more(self) -> None:
        self._lines += _MORE_LINES
        self._ask()

    def _show_line(self, line: QRect) -> None:
        """Keep the line of the history in sight that the keys walk to."""
        top = self.history.view.mapTo(self._inside, line.topLeft())
        self.area.ensureVisible(top.x(), top.y() + line.height() // 2, 0, line.height())

    # -- keys -----------------------------------------------------------------------------------

    def _on_escape(self) -> None:
        """Leave what is open, then what is being typed; with nothing of that, close."""
        if (popup := QApplication.activePopupWidget()) is not None:
            popup.close()
            return
        row = self.fields.editing()
        for part in (self.title, self.amount, row):
            if part is not None and part.editing():
                part.cancel()
                return
        if self.as_of is not None:
            self.back_to_now()
        elif not self.tasks.form.isHidden():
            self.tasks.form.leave()
        elif not self.payments.form.isHidden():
            self.payments.form.leave()
        elif self.notes.writing():
            self.notes.leave()
        else:
            self.close_panel()

    def _cancel_edits(self) -> None:
        row = self.fields.editing()
        for part in (self.title, self.amount, row):
            if part is not None:
                part.cancel()
        self.fields.clear_problems()

    # -- what is written --------------------------------------------------------------------------

    def _on_refused(self) -> None:
        """Show again what is true."""
        if self._opened is not None:
            self._show(self._opened)

    def _on_owner(self) -> None:
        if self._opened is None:
            return
        options = [Option(None, tr("Nobody"))]
        options += [Option(each.id, each.name) for each in self._opened.choices.people]
        owner = self._opened.deal.owner_id
        picker = Picker(options, "deal-owners", tr("Responsible"), owner, self)
        picker.picked.connect(self._on_owner_picked)
        show_under(picker, self.owner, right=True)

    def _on_owner_picked(self, person: int | None) -> None:
        if self._opened is not None and person != self._opened.deal.owner_id:
            known = {each.id: each.name for each in self._opened.choices.people}
            self.edits.assign(person, known.get(person or 0, tr("Nobody")))

    def _on_linked(self, deal_id: int) -> None:
        self.open_deal(deal_id)
        self.deal_opened.emit(deal_id)

    def _on_menu(self) -> None:
        show_under(self.menu_of_deal(), self.more_button, right=True)

    def menu_of_deal(self) -> QMenu:
        """What else can be done with the deal."""
        return menus.of_deal(self.context, self._opened, self.edits, self)
