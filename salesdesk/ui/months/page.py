"""The page of months: closing one, opening it again, its corrections and its bonuses."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from salesdesk.services.closing import Doubt, Month
from salesdesk.services.closing_corrections import Correction
from salesdesk.text import tr
from salesdesk.ui import formats, theme
from salesdesk.ui import month_words as words
from salesdesk.ui.context import Context
from salesdesk.ui.months import query, sheets
from salesdesk.ui.months.detail import MonthDetail
from salesdesk.ui.months.list import MonthList
from salesdesk.ui.months.query import Answer, Asked
from salesdesk.ui.page import Page, number_in
from salesdesk.ui.reading import Reading
from salesdesk.ui.saving import Makes, save
from salesdesk.ui.widgets.buttons import Button, ComboButton
from salesdesk.ui.widgets.labels import label
from salesdesk.ui.widgets.popup import menu, show_under
from salesdesk.ui.widgets.reason import ReasonForm

_LIST_WIDTH = 196
#: Changes in these tables alone change nothing here.
_INDIFFERENT = frozenset(("note", "client", "client_contact", "tag", "deal_tag", "saved_filter"))
#: Where a doubt is done away with: page and item.
_MENDED: dict[str, tuple[str, object]] = {
    "no_plan": ("settings", "plans"),
    "no_rate": ("settings", "lists"),
    "no_steps": ("settings", "bonus"),
}


class MonthsPage(Page):
    """The months at the left, the one that was chosen beside them."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self._month: int | None = None
        self._answer: Answer | None = None
        zone = context.store.zone
        self.title = label("", "heading")
        self.ranking_button = Button("", "months-ranking", "chip", self._show_ranking)
        self.export_button = ComboButton("", "months-export", "chip")
        self.export_button.set_opens(self._export_menu)
        self.list = MonthList(zone)
        self.detail = MonthDetail(zone)
        self.reading = Reading(
            self, context, lambda: Asked(self._month), query.read, self._show,
            indifferent=_INDIFFERENT, calm=120, minutes=True,
        )  # fmt: skip
        self._build()
        self.list.opened.connect(self._on_month)
        self.detail.close_wanted.connect(self._close)
        self.detail.reopen_wanted.connect(self._ask_reason)
        self.detail.opened.connect(self._open)
        context.rights_changed.connect(self._show_again)
        self.retranslate()

    def _build(self) -> None:
        holder = QWidget()
        holder.setProperty("role", "body")
        column = QVBoxLayout(holder)
        column.setContentsMargins(theme.S, theme.S, theme.S, theme.S)
        column.addWidget(self.list)
        column.addStretch(1)
        self.months = _scrolled(holder, "months-scroll")
        side = QFrame()
        side.setProperty("role", "rail")  # the ground and the line of the rail beside it
        side.setFixedWidth(_LIST_WIDTH)
        inside = QVBoxLayout(side)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.addWidget(self.months)
        self.area = _scrolled(self.detail, "months-area")
        self.detail.hide()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(side)
        row.addWidget(self.area, 1)

    # -- the page as the window sees it -----------------------------------------------------------

    def header_widgets(self) -> list[QWidget]:
        return [self.title]

    def header_actions(self) -> list[QWidget]:
        return [self.ranking_button, self.export_button]

    def activated(self) -> None:
        self.reading.seen()
        self.list.setFocus()

    def show_item(self, item: object) -> None:
        if isinstance(item, int):
            self._choose(item)

    def address(self) -> Mapping[str, str]:
        return {} if self._month is None else {"month": str(self._month)}

    def go_to(self, parts: Mapping[str, str]) -> None:
        self._month = number_in(parts, "month") or None
        self.reading.refresh()

    def retranslate(self) -> None:
        self.title.setText(tr("Months"))
        self.ranking_button.set_text(tr("Ranking of the month"))
        self.export_button.set_text(tr("Export"))
        self.list.setAccessibleName(tr("Months"))
        self.months.setAccessibleName(tr("Months"))
        self.area.setAccessibleName(tr("Month"))
        self.detail.retranslate()
        self._show_again()

    # -- what is shown ------------------------------------------------------------------------

    def _choose(self, month: int) -> None:
        if month != self._month:
            self._month = month
            self.reading.refresh()
            self.address_changed.emit(True)

    def _on_month(self, month: Month) -> None:
        self._choose(month.month)

    def _show(self, answer: Answer) -> None:
        self._answer = answer
        self._show_again()

    def _show_again(self) -> None:
        answer = self._answer
        if answer is None:
            return
        now = self.context.now()
        self.list.show_months(answer.months, answer.shown.month, now)
        self.detail.show_answer(answer, now, self.context.may("admin"))
        self.detail.show()
        self.export_button.setVisible(answer.sheet is not None)

    # -- closing and opening ------------------------------------------------------------------

    def _close(self) -> None:
        from salesdesk.services import closing

        if self._answer is None:
            return
        month = self._answer.shown.month
        self._month = month
        taken = self.detail.take
        said = tr("{month} is closed", month=formats.month(month))
        self.context.write(
            closing.close, month, take=taken.isHidden() or taken.isChecked(),
            say=lambda _saved: said, done=self._on_written,
        )  # fmt: skip

    def _on_written(self, _result: Any) -> None:
        self.reading.refresh()  # at once, not when the changes have calmed down

    def _ask_reason(self) -> None:
        assert self._answer is not None
        month = self._answer.shown.month
        form = ReasonForm(
            "months-reopening", tr("Open {month} again", month=formats.month(month)),
            tr("Open again"), tr("Its numbers are counted anew from then on. The history keeps the "
                                 "reason."), self,
        )  # fmt: skip
        form.given.connect(lambda reason: self._reopen(month, reason))
        show_under(form, self.detail.reopen)

    def _reopen(self, month: int, reason: str) -> None:
        from salesdesk.services import closing

        said = tr("{month} is open again", month=formats.month(month))
        self._month = month
        self.context.write(
            closing.reopen, month, reason=reason, say=lambda _command: said, done=self._on_written
        )

    # -- where lines lead ---------------------------------------------------------------------

    def _open(self, source: object) -> None:
        if isinstance(source, Correction):
            self._open_correction(source)
        elif isinstance(source, Doubt):
            self._open_doubt(source)
        elif isinstance(source, int):
            self._show_ranking()

    def _open_correction(self, one: Correction) -> None:
        deal = next((item.deal_id for item in one.items if item.deal_id is not None), None)
        if deal is not None:
            self.context.go("board", deal)
        elif one.causes:
            self.context.go("history", one.causes[-1].id)

    def _open_doubt(self, one: Doubt) -> None:
        if one.kind == "no_amount":
            self.context.go("board", one.ids[0])
        elif one.kind in _MENDED:
            self.context.go(*_MENDED[one.kind])
        elif one.ids:
            self._choose(one.ids[0])

    def _show_ranking(self) -> None:
        if self._answer is None:
            return
        period = self._answer.ranking.period
        first, last = (date.fromordinal(day) for day in (period.first_day, period.last_day))
        self.context.go_to(f"ranking?days={first}..{last}")

    # -- files --------------------------------------------------------------------------------

    def _export_menu(self) -> Any:
        answer = self._answer
        assert answer is not None and answer.sheet is not None
        sheet, name = answer.sheet, words.corrections_name(answer.shown.month)
        tables: list[tuple[str, str, str, Makes]] = [
            ("bonus", tr("Bonuses"), words.sheet_name(sheet), lambda: sheets.bonus_sheet(sheet)),
            ("corrections", tr("Corrections"), name, lambda: sheets.corrections_sheet(
                name, answer.corrections, answer.ranking.currency)),
        ]  # fmt: skip
        entries = [
            (f"{key}{ending}", f"{title}, {ending[1:].upper()}…", self._saves(file + ending, makes))
            for key, title, file, makes in tables
            for ending in (".xlsx", ".csv")
        ]
        return menu(entries, "months-export-menu", self.export_button)

    def _saves(self, file: str, makes: Makes) -> Callable[[], object]:
        name = file.replace(formats.NO_BREAK, " ")
        return lambda: save(self.context, self.export_button, name, makes)


def _scrolled(widget: QWidget, name: str) -> QScrollArea:
    """A widget that scrolls upwards and downwards alone."""
    area = QScrollArea()
    area.setObjectName(name)
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setWidget(widget)
    return area
